//! Texts without what readers don't tell apart: case, width, and the ways to write one letter.
//!
//! Two texts that fold to the same are the same to lists and searches. Folding goes letter by letter, so that
//! where a folded letter came from stays known, and a word folds alike wherever it stands.

use std::ops::ControlFlow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A folded letter, and the bytes of the text it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// The letter: NFKC, lower case.
    pub folded: char,
    /// Whether it was a capital; of one that folds to several letters, only the first was.
    pub is_capital: bool,
    /// Where what it came from begins.
    pub start: usize,
    /// Where what it came from ends.
    pub end: usize,
}

/// The text folded.
pub fn fold(text: &str) -> String {
    // What is left of most texts, and quickly done.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    each(text, |letter| folded.push(letter.folded));
    folded
}

/// Gives each folded letter of a text in order.
pub fn each(text: &str, mut give: impl FnMut(Letter)) {
    let _ = try_each(text, |letter| {
        give(letter);
        ControlFlow::Continue(())
    });
}

/// The same until somebody has enough.
pub fn try_each(text: &str, mut give: impl FnMut(Letter) -> ControlFlow<()>) -> ControlFlow<()> {
    let mut letters = text.char_indices().peekable();
    while let Some((start, first)) = letters.next() {
        let mut end = start + first.len_utf8();
        let mut is_alone = true;
        while let Some((at, next)) = letters.next_if(|(_, next)| continues(*next)) {
            end = at + next.len_utf8();
            is_alone = false;
        }
        if first.is_ascii() && is_alone {
            let folded = first.to_ascii_lowercase();
            give(Letter { folded, is_capital: first.is_ascii_uppercase(), start, end })?;
            continue;
        }
        for letter in text[start..end].nfkc().filter(|letter| !is_unseen(*letter)) {
            for (index, lower) in letter.to_lowercase().enumerate() {
                let is_capital = index == 0 && letter.is_uppercase();
                // The small sigma has a second form, for the ends of words.
                let folded = if lower == 'ς' { 'σ' } else { lower };
                give(Letter { folded, is_capital, start, end })?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// Whether a letter belongs to the one before it: marks, the second half of a half-width letter with a voice
/// mark, the vowel and the end of a syllable in Hangul that is written in parts.
fn continues(letter: char) -> bool {
    !letter.is_ascii()
        && (is_combining_mark(letter) || matches!(letter, '\u{ff9e}' | '\u{ff9f}' | '\u{1160}'..='\u{11ff}'))
}

/// Whether nobody sees the letter: hyphens that may show, joiners, marks of direction, variants of a glyph.
fn is_unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0100}'..='\u{e01ef}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_take_for_the_same_folds_to_the_same() {
        for (one, other) in [
            ("CAFÉ", "cafe\u{301}"),
            ("ｶﾞｲﾄﾞ", "ガイド"),
            ("ＡＢＣ１２", "abc12"),
            ("ΣΟΦΟΣ", "σοφος"),
            ("σοφός", "ΣΟΦΌΣ"),
            ("ﬁn", "FIN"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("葛\u{e0100}飾", "葛飾"),
            ("co\u{ad}operate", "Cooperate"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("cafe"), fold("café"));
    }

    #[test]
    fn a_letter_knows_where_it_came_from() {
        let mut found = Vec::new();
        let text = "aE\u{301}㌔";
        each(text, |letter| found.push((letter.folded, letter.is_capital, &text[letter.start..letter.end])));
        assert_eq!(
            found,
            [('a', false, "a"), ('é', true, "E\u{301}"), ('キ', false, "㌔"), ('ロ', false, "㌔")]
        );
    }
}
