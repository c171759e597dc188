//! What somebody looks for: words, the beginnings of words, phrases.

use std::ops::{ControlFlow, Range};

use super::segment::{self, Kind, Segment};

/// A word or a phrase to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    pieces: Vec<Segment>,
    /// Whether the last word may go on.
    is_open: bool,
}

/// A token that a text with the needle has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token, or how it begins.
    pub text: String,
    /// Whether it is only how the token begins.
    pub is_prefix: bool,
}

impl Needle {
    /// Of some text; `is_open` lets its last word go on. `None` when there is no word in it.
    pub fn new(text: &str, is_open: bool) -> Option<Self> {
        let pieces = segment::segments(text);
        (!pieces.is_empty()).then_some(Needle { pieces, is_open })
    }

    /// The tokens that every text with the needle has.
    pub fn tokens(&self) -> Vec<Token> {
        let mut found = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let is_last = index + 1 == self.pieces.len();
            match piece.kind {
                Kind::Word => {
                    let text = segment::cut(&piece.text).to_owned();
                    let is_prefix = self.is_open && is_last && text.len() == piece.text.len();
                    found.push(Token { text, is_prefix });
                }
                Kind::Run => {
                    let mut all = Vec::new();
                    // It is folded already: letters that folding parted would be joined by folding again.
                    segment::pairs(&piece.text, |pair| all.push(pair.to_owned()));
                    // The last letter is in the pair before it; alone, it begins a token wherever it stands.
                    if all.len() > 1 {
                        all.pop();
                    }
                    let is_prefix = all.len() == 1 && piece.run_len() == 1;
                    found.extend(all.into_iter().map(|text| Token { text, is_prefix }));
                }
            }
        }
        found.dedup();
        found
    }

    /// Whether every text that has the tokens has the needle, too.
    pub fn is_told_by_tokens(&self) -> bool {
        match self.pieces.as_slice() {
            [piece] => match piece.kind {
                Kind::Word => segment::cut(&piece.text).len() == piece.text.len(),
                Kind::Run => piece.run_len() <= 2,
            },
            _ => false,
        }
    }

    /// Where the needle is in a text, the first place first: bytes of the text.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        scan(text, &[self], |_, place| {
            found.push(place);
            ControlFlow::Continue(())
        });
        found
    }

    /// Whether the needle is in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let mut is_found = false;
        scan(text, &[self], |_, _| {
            is_found = true;
            ControlFlow::Break(())
        });
        is_found
    }
}

/// Gives every place of some needles in a text: which needle, and where in bytes of the text. The places of each
/// needle come in order, until somebody has enough. The text is read once, and only its longest piece is kept.
pub fn scan(text: &str, needles: &[&Needle], mut give: impl FnMut(usize, Range<usize>) -> ControlFlow<()>) {
    let mut matchers: Vec<Matcher> = needles.iter().map(|needle| Matcher::new(needle)).collect();
    let mut before = 0;
    let _ = segment::try_each(text, |segment| {
        // Two pieces that come from one character, such as ㏂, overlap: nothing is between them.
        let gap = text.get(before..segment.place.start).unwrap_or_default();
        before = segment.place.end;
        for (index, matcher) in matchers.iter_mut().enumerate() {
            matcher.take(segment, gap, &mut |place| give(index, place))?;
        }
        ControlFlow::Continue(())
    });
}

/// How much of a needle has been found so far.
struct Matcher<'n> {
    needle: &'n Needle,
    /// For each number of pieces, less one: where the phrase begins of which the last so many pieces of the text
    /// are the first so many, if there is one. Only one can be, and what is whole is not kept.
    begun: Vec<Option<usize>>,
}

impl<'n> Matcher<'n> {
    fn new(needle: &'n Needle) -> Self {
        Matcher { needle, begun: vec![None; needle.pieces.len() - 1] }
    }

    /// Looks at the next piece of a text, and what is between it and the one before.
    fn take(
        &mut self,
        segment: &Segment,
        gap: &str,
        give: &mut dyn FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let pieces = &self.needle.pieces;
        let last = pieces.len() - 1;
        if last == 0 {
            return self.take_alone(segment, give);
        }
        let mut whole = None;
        if self.begun.iter().any(Option::is_some) {
            if !is_joined(gap) {
                self.begun.fill(None);
            }
            // From the longest on: each takes the place that the longer one has left.
            for index in (1..=last).rev() {
                let begun = self.begun[index - 1].take().filter(|_| self.fits(index, segment));
                match begun {
                    Some(start) if index == last => whole = Some(start..self.end(segment)),
                    begun if index < last => self.begun[index] = begun,
                    _ => {}
                }
            }
        }
        self.begun[0] = self.fits(0, segment).then(|| self.start(segment));
        whole.map_or(ControlFlow::Continue(()), give)
    }

    /// Whether a piece of the text can be that piece of a phrase.
    fn fits(&self, index: usize, segment: &Segment) -> bool {
        let (piece, last) = (&self.needle.pieces[index], self.needle.pieces.len() - 1);
        piece.kind == segment.kind
            && match piece.kind {
                Kind::Word => is_word(piece, segment, self.needle.is_open && index == last),
                Kind::Run if index == 0 => segment.text.ends_with(&piece.text),
                Kind::Run if index == last => segment.text.starts_with(&piece.text),
                Kind::Run => segment.text == piece.text,
            }
    }

    /// Where a phrase begins whose first piece this is.
    fn start(&self, segment: &Segment) -> usize {
        match segment.kind {
            Kind::Word => segment.place.start,
            Kind::Run => segment.letter(segment.run_len() - self.needle.pieces[0].run_len()).start,
        }
    }

    /// Where a phrase ends whose last piece this is.
    fn end(&self, segment: &Segment) -> usize {
        match segment.kind {
            Kind::Word => segment.place.end,
            Kind::Run => segment.letter(self.needle.pieces[self.needle.pieces.len() - 1].run_len() - 1).end,
        }
    }

    /// Looks for a needle of one piece.
    fn take_alone(
        &self,
        segment: &Segment,
        give: &mut dyn FnMut(Range<usize>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let piece = &self.needle.pieces[0];
        if piece.kind != segment.kind {
            return ControlFlow::Continue(());
        }
        match piece.kind {
            Kind::Word if is_word(piece, segment, self.needle.is_open) => give(segment.place.clone()),
            Kind::Word => ControlFlow::Continue(()),
            Kind::Run => {
                let (mut first, mut counted) = (0, 0);
                for (at, _) in segment.text.match_indices(&piece.text) {
                    first += segment.text[counted..at].chars().count();
                    counted = at;
                    let last = first + piece.run_len() - 1;
                    give(segment.letter(first).start..segment.letter(last).end)?;
                }
                ControlFlow::Continue(())
            }
        }
    }
}

/// Whether two pieces with this between them are in one paragraph.
fn is_joined(gap: &str) -> bool {
    let mut lines = gap.split('\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_some() && line.trim().is_empty() {
            return false;
        }
    }
    true
}

/// Whether a word of the text, or a part of it, is the one looked for.
fn is_word(piece: &Segment, segment: &Segment, is_open: bool) -> bool {
    let fits = |text: &str| match is_open {
        true => text.starts_with(&piece.text),
        false => text == piece.text,
    };
    fits(&segment.text) || segment.parts().any(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(needle: &str, text: &str, expected: &[&str]) {
        let (word, is_open) = needle.strip_suffix('*').map_or((needle, false), |word| (word, true));
        let needle = Needle::new(word, is_open).unwrap();
        let found: Vec<&str> = needle.find(text).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, expected, "{word} in {text}");
    }

    #[test]
    fn words_are_found_whole_or_as_parts_of_names() {
        check("registry", "The REGISTRY, a RuntimeRegistry", &["REGISTRY", "RuntimeRegistry"]);
        check("registry", "registries", &[]);
        check("regist*", "registries unregistered", &["registries"]);
        check("runtimeregistry", "RuntimeRegistry", &["RuntimeRegistry"]);
        check("list.rs", "in src/ops/list.rs:12", &["list.rs"]);
    }

    #[test]
    fn phrases_are_words_in_a_row_within_a_paragraph() {
        check(
            "orchestrator routing",
            "the Orchestrator\nrouting. routing orchestrator",
            &["Orchestrator\nrouting"],
        );
        check("orchestrator routing", "orchestrator\n\nrouting", &[]);
        check("orchestrator rout*", "orchestrator routes", &["orchestrator routes"]);
    }

    #[test]
    fn letters_that_folding_parts_stay_parted_in_tokens() {
        let text = "ﾩㅙ義";
        let mut known = Vec::new();
        segment::tokens(text, |token| known.push(token.to_owned()));
        let tokens = Needle::new(text, false).unwrap().tokens();
        assert!(tokens.iter().all(|token| known.contains(&token.text)), "{tokens:?} of {known:?}");
    }

    #[test]
    fn runs_are_found_wherever_they_stand() {
        check("設計", "再設計書と設計", &["設計", "設計"]);
        check("設", "建設", &["設"]);
        check("実行環境", "実行 環境", &[]);
        check("Registryの基", "RuntimeRegistryの基盤", &["RuntimeRegistryの基"]);
        check("の設計 Ticket", "Xの設計: ticket", &["の設計: ticket"]);
        check("ガイド", "ｶﾞｲﾄﾞ本", &["ｶﾞｲﾄﾞ"]);
        check("aﾞ", "xaﾞ aﾞ", &["aﾞ"]);
        check("0点 x", "㍘ x", &["㍘ x"]);
    }

    #[test]
    fn tokens_are_what_an_index_is_asked_for() {
        let tokens = |text: &str, is_open| -> Vec<String> {
            let tokens = Needle::new(text, is_open).unwrap().tokens();
            tokens.into_iter().map(|token| token.text + if token.is_prefix { "*" } else { "" }).collect()
        };
        assert_eq!(tokens("orchestrator routing", false), ["orchestrator", "routing"]);
        assert_eq!(tokens("Rout", true), ["rout*"]);
        assert_eq!(tokens("設", false), ["設*"]);
        assert_eq!(tokens("設計", false), ["設計"]);
        assert_eq!(tokens("実行環境", false), ["実行", "行環", "環境"]);
        assert!(Needle::new("->", false).is_none());
    }

    /// The same places by the plain definition: all pieces of the text side by side, and a look at each start.
    fn find_plainly(needle: &Needle, text: &str) -> Vec<Range<usize>> {
        let all = segment::segments(text);
        let last = needle.pieces.len() - 1;
        let mut found = Vec::new();
        for window in all.windows(needle.pieces.len()) {
            if let ([piece], [segment]) = (needle.pieces.as_slice(), window) {
                match piece.kind {
                    _ if piece.kind != segment.kind => {}
                    Kind::Word => {
                        let is_found = is_word(piece, segment, needle.is_open);
                        found.extend(is_found.then(|| segment.place.clone()));
                    }
                    Kind::Run => found.extend(segment.text.match_indices(&piece.text).map(|(at, _)| {
                        let first = segment.text[..at].chars().count();
                        segment.letter(first).start..segment.letter(first + piece.run_len() - 1).end
                    })),
                }
                continue;
            }
            let gap = |pair: &[Segment]| {
                is_joined(text.get(pair[0].place.end..pair[1].place.start).unwrap_or_default())
            };
            let fits = |(index, (piece, segment)): (usize, (&Segment, &Segment))| match piece.kind {
                _ if piece.kind != segment.kind => false,
                Kind::Word => is_word(piece, segment, needle.is_open && index == last),
                Kind::Run if index == 0 => segment.text.ends_with(&piece.text),
                Kind::Run if index == last => segment.text.starts_with(&piece.text),
                Kind::Run => segment.text == piece.text,
            };
            if !window.windows(2).all(gap) || !needle.pieces.iter().zip(window).enumerate().all(fits) {
                continue;
            }
            let (first, end) = (&window[0], &window[last]);
            let begin = match first.kind {
                Kind::Word => first.place.start,
                Kind::Run => first.letter(first.run_len() - needle.pieces[0].run_len()).start,
            };
            let finish = match end.kind {
                Kind::Word => end.place.end,
                Kind::Run => end.letter(needle.pieces[last].run_len() - 1).end,
            };
            found.push(begin..finish);
        }
        found
    }

    /// Texts of letters that are cut, joined and folded in every way there is.
    fn text() -> impl Strategy<Value = String> {
        let letters = [
            "a", "b", "A", "B", "1", "é", "e\u{301}", "ß", "Σ", "ς", "設", "計", "の", "ｶ", "ﾞ", "ガ", "한",
            "\u{1112}", "\u{1161}", "ก", "\u{e31}", " ", "\n", "-", "_", "、", "\u{ad}", "İ", "㌔", "ﬁ",
            "㏂", "㍘", "𠮷", "🎉", "ﾩ", "ㅙ",
        ];
        proptest::collection::vec(proptest::sample::select(letters.to_vec()), 0..14)
            .prop_map(|letters| letters.concat())
    }

    /// Pieces that are like each other: they make phrases that begin again before they end.
    fn few() -> impl Strategy<Value = String> {
        let words = ["a ", "a ", "b ", "aB ", "a\n", "\n\n", "設", "設計 ", "計 ", "㏂"];
        proptest::sample::select(words.to_vec()).prop_map(str::to_owned)
    }

    proptest! {
        #[test]
        fn a_text_with_a_needle_has_its_tokens(text in text(), looked_for in text(), is_open: bool) {
            let Some(needle) = Needle::new(&looked_for, is_open) else { return Ok(()) };
            let mut tokens = Vec::new();
            segment::tokens(&text, |token| tokens.push(token.to_owned()));
            let has = |wanted: &Token| tokens.iter().any(|token| match wanted.is_prefix {
                true => token.starts_with(&wanted.text),
                false => *token == wanted.text,
            });
            let has_all = needle.tokens().iter().all(has);
            let found = needle.find(&text);
            prop_assert!(found.is_empty() || has_all, "{found:?}");
            if needle.is_told_by_tokens() {
                prop_assert_eq!(!found.is_empty(), has_all);
            }
            for place in found {
                prop_assert!(text.get(place).is_some_and(|part| !part.is_empty()));
            }
        }

        #[test]
        fn a_text_read_once_has_the_places_of_the_plain_definition(
            text in text(),
            parts in proptest::collection::vec(few(), 0..8),
            looked_for in proptest::collection::vec(few(), 1..4),
            is_open: bool,
        ) {
            let text = format!("{} {text}", parts.concat());
            for looked_for in [looked_for.concat(), text.clone()] {
                let Some(needle) = Needle::new(&looked_for, is_open) else { continue };
                let expected = find_plainly(&needle, &text);
                prop_assert_eq!(needle.is_in(&text), !expected.is_empty());
                prop_assert_eq!(needle.find(&text), expected);
            }
        }

        #[test]
        fn a_text_is_found_in_itself(text in text()) {
            let Some(needle) = Needle::new(&text, false) else { return Ok(()) };
            let is_one_paragraph = !text.contains("\n\n") && !text.contains("\n");
            prop_assert!(needle.is_in(&text) || !is_one_paragraph);
        }
    }
}
