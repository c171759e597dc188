//! What somebody looks for: words, the beginnings of words, phrases.

use std::ops::Range;

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

/// A text in pieces.
pub struct Haystack<'t> {
    text: &'t str,
    segments: Vec<Segment>,
}

impl<'t> Haystack<'t> {
    /// Cuts a text into pieces.
    pub fn new(text: &'t str) -> Self {
        Haystack { text, segments: segment::segments(text) }
    }

    /// The text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Whether two pieces that follow each other are in one paragraph.
    fn is_joined(&self, index: usize) -> bool {
        // Two pieces that come from one character, such as ㏂, overlap: nothing is between them.
        let gap = self.segments[index].place.end..self.segments[index + 1].place.start;
        let gap = self.text.get(gap).unwrap_or_default();
        let mut lines = gap.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_some() && line.trim().is_empty() {
                return false;
            }
        }
        true
    }
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
                    let is_prefix = all.len() == 1 && piece.letters.len() == 1;
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
                Kind::Run => piece.letters.len() <= 2,
            },
            _ => false,
        }
    }

    /// Where the needle is in a text, the first place first: bytes of the text.
    pub fn find(&self, hay: &Haystack) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for start in 0..(hay.segments.len() + 1).saturating_sub(self.pieces.len()) {
            match self.pieces.as_slice() {
                [piece] => self.find_alone(piece, &hay.segments[start], &mut found),
                pieces => found.extend(self.find_phrase(pieces, hay, start)),
            }
        }
        found
    }

    /// Whether the needle is in a text.
    pub fn is_in(&self, hay: &Haystack) -> bool {
        !self.find(hay).is_empty()
    }

    fn find_alone(&self, piece: &Segment, segment: &Segment, found: &mut Vec<Range<usize>>) {
        if piece.kind != segment.kind {
            return;
        }
        match piece.kind {
            Kind::Word if self.is_word(piece, segment, self.is_open) => found.push(segment.place.clone()),
            Kind::Word => {}
            Kind::Run => {
                for (at, _) in segment.text.match_indices(&piece.text) {
                    let first = segment.text[..at].chars().count();
                    let last = first + piece.letters.len() - 1;
                    found.push(segment.letters[first].start..segment.letters[last].end);
                }
            }
        }
    }

    /// The phrase that begins at a piece of the text, if it does.
    fn find_phrase(&self, pieces: &[Segment], hay: &Haystack, start: usize) -> Option<Range<usize>> {
        let last = pieces.len() - 1;
        for (index, piece) in pieces.iter().enumerate() {
            let segment = &hay.segments[start + index];
            let fits = piece.kind == segment.kind
                && (index == 0 || hay.is_joined(start + index - 1))
                && match piece.kind {
                    Kind::Word => self.is_word(piece, segment, self.is_open && index == last),
                    Kind::Run if index == 0 => segment.text.ends_with(&piece.text),
                    Kind::Run if index == last => segment.text.starts_with(&piece.text),
                    Kind::Run => segment.text == piece.text,
                };
            if !fits {
                return None;
            }
        }
        let (first, end) = (&hay.segments[start], &hay.segments[start + last]);
        let begin = match pieces[0].kind {
            Kind::Word => first.place.start,
            Kind::Run => first.letters[first.letters.len() - pieces[0].letters.len()].start,
        };
        let finish = match pieces[last].kind {
            Kind::Word => end.place.end,
            Kind::Run => end.letters[pieces[last].letters.len() - 1].end,
        };
        Some(begin..finish)
    }

    /// Whether a word of the text, or a part of it, is the one looked for.
    fn is_word(&self, piece: &Segment, segment: &Segment, is_open: bool) -> bool {
        let fits = |text: &str| match is_open {
            true => text.starts_with(&piece.text),
            false => text == piece.text,
        };
        fits(&segment.text) || segment.parts().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(needle: &str, text: &str, expected: &[&str]) {
        let (word, is_open) = needle.strip_suffix('*').map_or((needle, false), |word| (word, true));
        let needle = Needle::new(word, is_open).unwrap();
        let found: Vec<&str> =
            needle.find(&Haystack::new(text)).into_iter().map(|place| &text[place]).collect();
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
            let found = needle.find(&Haystack::new(&text));
            prop_assert!(found.is_empty() || has_all, "{found:?}");
            if needle.is_told_by_tokens() {
                prop_assert_eq!(!found.is_empty(), has_all);
            }
            for place in found {
                prop_assert!(text.get(place).is_some_and(|part| !part.is_empty()));
            }
        }

        #[test]
        fn a_text_is_found_in_itself(text in text()) {
            let Some(needle) = Needle::new(&text, false) else { return Ok(()) };
            let is_one_paragraph = !text.contains("\n\n") && !text.contains("\n");
            prop_assert!(needle.is_in(&Haystack::new(&text)) || !is_one_paragraph);
        }
    }
}
