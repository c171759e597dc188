//! Texts as pieces: words, and runs of letters of languages that are written without blanks.

use std::ops::{ControlFlow, Range};

use unicode_normalization::char::is_combining_mark;

use crate::model::fold::{self, Letter};

/// Letters of a word that an index keeps; longer ones are told apart by their texts.
pub const LONGEST: usize = 64;

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word: letters and digits between other characters.
    Word,
    /// Letters of a language written without blanks: any part of it can be a word.
    Run,
}

/// A piece of a text, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: Kind,
    /// Its letters, folded.
    pub text: String,
    /// Where it is in the text, in bytes.
    pub place: Range<usize>,
    /// For each letter of a run, how many bytes behind the beginning of the place those begin and end that it
    /// came from. Empty for words.
    letters: Vec<(u32, u32)>,
    /// Where the second and each later part of a word that is written `likeThis` begins, in bytes of the folded
    /// text. Empty when it has no parts.
    parts: Vec<u32>,
}

impl Segment {
    fn new() -> Self {
        Segment { kind: Kind::Word, text: String::new(), place: 0..0, letters: Vec::new(), parts: Vec::new() }
    }

    /// How many letters a run has; 0 for words.
    pub fn run_len(&self) -> usize {
        self.letters.len()
    }

    /// Where a letter of a run came from, in bytes of the text.
    pub fn letter(&self, index: usize) -> Range<usize> {
        let (start, end) = self.letters[index];
        let at = |offset: u32| self.place.start + usize::try_from(offset).unwrap_or(usize::MAX);
        at(start)..at(end)
    }

    /// The parts of a word that is written `likeThis`.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let at = |at: &u32| usize::try_from(*at).unwrap_or(usize::MAX);
        let starts = self.parts.first().map(|_| 0).into_iter().chain(self.parts.iter().map(at));
        let ends = self.parts.iter().map(at).chain([self.text.len()]);
        starts.zip(ends).map(|(start, end)| &self.text[start..end])
    }
}

/// The pieces of a text, in order.
pub fn segments(text: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    each(text, |segment| found.push(segment.clone()));
    found
}

/// Gives each piece of a text in order, from one place in memory.
pub fn each(text: &str, mut give: impl FnMut(&Segment)) {
    let _ = try_each(text, |segment| {
        give(segment);
        ControlFlow::Continue(())
    });
}

/// The same until somebody has enough. A text of any length takes the memory of its longest piece.
pub fn try_each(text: &str, mut give: impl FnMut(&Segment) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut open = Open { segment: Segment::new(), last: [None; 2] };
    fold::try_each(text, |letter| {
        // A mark belongs to the letter before it, whatever the mark is used for elsewhere.
        let is_mark = !letter.folded.is_ascii() && is_combining_mark(letter.folded);
        let kind = match is_mark && !open.segment.text.is_empty() {
            true => Some(open.segment.kind),
            false => kind(letter.folded),
        };
        if !open.segment.text.is_empty() && kind != Some(open.segment.kind) {
            give(open.close())?;
            open.clear();
        }
        if let Some(kind) = kind {
            open.push(kind, letter);
        }
        ControlFlow::Continue(())
    })?;
    match open.segment.text.is_empty() {
        true => ControlFlow::Continue(()),
        false => give(open.close()),
    }
}

/// A letter of a word, as far as its parts depend on it.
#[derive(Clone, Copy)]
struct Shape {
    /// Where it begins in the folded text.
    at: u32,
    is_capital: bool,
    is_small: bool,
}

/// A piece that grows.
struct Open {
    segment: Segment,
    /// The last two letters of a word, the last one behind.
    last: [Option<Shape>; 2],
}

impl Open {
    fn push(&mut self, kind: Kind, letter: Letter) {
        let segment = &mut self.segment;
        if segment.text.is_empty() {
            segment.kind = kind;
            segment.place.start = letter.start;
        }
        segment.place.end = letter.end;
        match kind {
            Kind::Word => {
                let at = short(segment.text.len());
                let is_small = !letter.is_capital && letter.folded.is_alphabetic();
                self.shape(Some(Shape { at, is_capital: letter.is_capital, is_small }));
            }
            Kind::Run => {
                let start = segment.place.start;
                segment.letters.push((short(letter.start - start), short(letter.end - start)));
            }
        }
        self.segment.text.push(letter.folded);
    }

    /// Parts begin at a capital that has a small letter beside it: digits alone part nothing. So a letter is
    /// judged when the one behind it is known, or that there is none.
    fn shape(&mut self, next: Option<Shape>) {
        if let [Some(before), Some(letter)] = self.last
            && letter.is_capital
            && (before.is_small || next.is_some_and(|next| next.is_small))
        {
            self.segment.parts.push(letter.at);
        }
        self.last = [self.last[1], next];
    }

    fn close(&mut self) -> &Segment {
        if self.segment.kind == Kind::Word {
            self.shape(None);
        }
        &self.segment
    }

    fn clear(&mut self) {
        self.segment.text.clear();
        self.segment.letters.clear();
        self.segment.parts.clear();
        self.last = [None; 2];
    }
}

/// A place within a piece. Texts that are read are shorter than [`READ`](crate::model::limit::READ), so it fits.
fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What a letter belongs to; `None` stands between pieces.
fn kind(letter: char) -> Option<Kind> {
    if letter.is_ascii() {
        return letter.is_ascii_alphanumeric().then_some(Kind::Word);
    }
    if !letter.is_alphanumeric() && !is_combining_mark(letter) {
        return None;
    }
    let is_run = matches!(
        letter,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
            | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}'
            | '\u{3031}'..='\u{3035}' | '\u{303b}' | '\u{3041}'..='\u{318e}' | '\u{31a0}'..='\u{31bf}'
            | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
            | '\u{1aff0}'..='\u{1b2ff}' | '\u{20000}'..='\u{3ffff}'
    );
    Some(if is_run { Kind::Run } else { Kind::Word })
}

/// Gives the tokens by which an index finds a text, one after the other, some more than once: words and their
/// parts; of runs every two neighbours, and the last letter alone.
pub fn tokens(text: &str, mut give: impl FnMut(&str)) {
    let _ = try_tokens(text, |token| {
        give(token);
        ControlFlow::Continue(())
    });
}

/// The same until somebody has enough.
pub fn try_tokens(text: &str, mut give: impl FnMut(&str) -> ControlFlow<()>) -> ControlFlow<()> {
    try_each(text, |segment| match segment.kind {
        Kind::Word => {
            give(cut(&segment.text))?;
            segment.parts().try_for_each(|part| give(cut(part)))
        }
        Kind::Run => try_pairs(&segment.text, &mut give),
    })
}

/// Every two neighbours of a run, and its last letter alone: so each letter begins a token.
pub(super) fn pairs(run: &str, mut give: impl FnMut(&str)) {
    let _ = try_pairs(run, |pair| {
        give(pair);
        ControlFlow::Continue(())
    });
}

fn try_pairs(run: &str, mut give: impl FnMut(&str) -> ControlFlow<()>) -> ControlFlow<()> {
    let starts = run.char_indices().map(|(at, _)| at);
    let mut ends = run.char_indices().map(|(at, letter)| at + letter.len_utf8()).skip(1);
    for start in starts {
        match ends.next() {
            Some(end) => give(&run[start..end])?,
            None => give(&run[start..])?,
        }
    }
    ControlFlow::Continue(())
}

/// A word as an index keeps it.
pub fn cut(word: &str) -> &str {
    word.char_indices().nth(LONGEST).map_or(word, |(end, _)| &word[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut found = Vec::new();
        tokens(text, |token| found.push(token.to_owned()));
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn words_and_the_parts_of_names_are_tokens() {
        check("Sort the Registry.", "sort the registry");
        check("RuntimeRegistry", "runtimeregistry runtime registry");
        check("JSONParser2Go", "jsonparser2go json parser2 go");
        check("orch_plan-2026/src", "orch plan 2026 src");
        check("HTTP v2 00001KVZKSV6C", "http v2 00001kvzksv6c");
        check("Straße Ünïcode naïve", "straße ünïcode naïve");
        check("İstanbul हिन्दी", "i\u{307}stanbul हिन्दी");
        check("->… 🎉", "");
    }

    #[test]
    fn runs_are_cut_into_pairs_and_a_last_letter() {
        check("設計", "設計 計");
        check("実行環境を", "実行 行環 環境 境を を");
        check("Registryの基盤、設", "registry の基 基盤 盤 設");
        check("ｶﾞｲﾄﾞ", "ガイ イド ド");
        check("한국어", "한국 국어 어");
    }

    #[test]
    fn pieces_know_where_they_are() {
        let text = "The E\u{301}tude の㌔";
        let places: Vec<&str> = segments(text).into_iter().map(|segment| &text[segment.place]).collect();
        assert_eq!(places, ["The", "E\u{301}tude", "の㌔"]);
        let run = &segments(text)[2];
        assert_eq!(run.text, "のキロ");
        assert_eq!(
            (0..run.run_len()).map(|index| &text[run.letter(index)]).collect::<Vec<_>>(),
            ["の", "㌔", "㌔"]
        );
    }

    #[test]
    fn a_word_of_any_length_has_a_short_token() {
        let word = "x".repeat(500);
        check(&word, &"x".repeat(LONGEST));
        assert_eq!(cut("設計"), "設計");
    }
}
