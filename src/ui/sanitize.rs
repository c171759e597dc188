//! Makes untrusted text safe to show on a terminal.
//!
//! This module owns the list of characters that can move the cursor, start an escape sequence,
//! reorder or hide what a person reads. It promises that its output has none of them, that nothing
//! vanishes without a trace (each one is shown by name instead, but for the `\r` of a `\r\n`), and
//! that doing it twice is the same as doing it once. Zero-width joiner and non-joiner stay: scripts
//! and emoji need them. Colour is put around the result by others.

use std::borrow::Cow;
use std::fmt::Write;

/// The text made fit for one line: titles, names, table cells.
///
/// Line ends and tabs are shown as `^J`, `^M` and `^I`, so the result is always a single line.
pub fn line(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    match text.find(is_hostile) {
        None => Cow::Borrowed(text),
        Some(first) => Cow::Owned(rewrite(text, first, |_| false)),
    }
}

/// The text made fit for several lines: like [`line()`], but `\n` and `\t` stay and `\r\n` becomes `\n`.
pub fn block(text: &str) -> Cow<'_, str> {
    let is_layout = |character| matches!(character, '\n' | '\t');
    match text.find(|character| is_hostile(character) && !is_layout(character)) {
        None => Cow::Borrowed(text),
        Some(first) => Cow::Owned(rewrite(text, first, is_layout)),
    }
}

/// JSON in which no hostile character stands as it is: JSON's own escapes stand for them, so the document
/// says the same. Line ends between values stay.
pub fn json(document: &str) -> Cow<'_, str> {
    let is_bad = |character: char| !character.is_ascii() && is_hostile(character);
    if !document.contains(is_bad) && !document.contains('\u{7f}') {
        return Cow::Borrowed(document);
    }
    let mut safe = String::with_capacity(document.len() + 16);
    for character in document.chars() {
        if is_bad(character) || character == '\u{7f}' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// Whether [`line()`] would leave the text as it is.
pub fn is_clean(text: &str) -> bool {
    !text.contains(is_hostile)
}

/// Whether the text has nothing but the visible letters of ASCII and blanks: most texts, and quickly told.
fn is_plain(text: &str) -> bool {
    text.bytes().fold(true, |is_plain, byte| is_plain & (b' '..=b'~').contains(&byte))
}

/// Copies the text up to `first` and shows each hostile character after it by name.
///
/// `is_layout` says which of them stay because they only lay the text out.
fn rewrite(text: &str, first: usize, is_layout: impl Fn(char) -> bool) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    safe.push_str(&text[..first]);
    let mut characters = text[first..].chars().peekable();
    while let Some(character) = characters.next() {
        if !is_hostile(character) || is_layout(character) {
            safe.push(character);
        } else if character == '\r' && is_layout('\n') && characters.peek() == Some(&'\n') {
            // The line end of other systems: the `\n` that follows says it all.
        } else {
            push_name(&mut safe, character);
        }
    }
    safe
}

/// Adds the visible name of a hostile character: `^[` for the ASCII controls, `<U+XXXX>` for others.
fn push_name(safe: &mut String, character: char) {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii_control() => {
            safe.push('^');
            safe.push(char::from(byte ^ 0x40));
        }
        _ => {
            write!(safe, "<U+{:04X}>", u32::from(character)).expect("writing to a string doesn't fail");
        }
    }
}

/// Whether the character can act on the terminal, or deceive a reader by being unseen.
fn is_hostile(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, Arabic letter mark, zero-width space, direction marks.
        | '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        // Line and paragraph separators, bidirectional embeddings and overrides.
        | '\u{2028}'..='\u{202e}'
        // Invisible operators, bidirectional isolates, deprecated format characters.
        | '\u{2060}'..='\u{206f}'
        // Byte order mark, interlinear annotation, tags.
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "plain", "Ünïcödé 漢字 👩\u{200d}💻 \u{200c}", "a<U+0000>b"] {
            assert!(matches!(line(text), Cow::Borrowed(same) if same == text));
            assert!(matches!(block(text), Cow::Borrowed(same) if same == text));
            assert!(is_clean(text));
        }
        assert!(matches!(block("a\n\tb\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn ascii_controls_are_shown_in_caret_notation() {
        assert_eq!(line("\u{1b}[31mred\u{7}\0\u{7f}"), "^[[31mred^G^@^?");
        assert_eq!(line("a\nb\tc\rd\r\n"), "a^Jb^Ic^Md^M^J");
    }

    #[test]
    fn other_hostile_characters_are_shown_by_code_point() {
        assert_eq!(line("\u{80}\u{9b}\u{9f}"), "<U+0080><U+009B><U+009F>");
        assert_eq!(line("a\u{202e}b\u{2066}c\u{200f}d"), "a<U+202E>b<U+2066>c<U+200F>d");
        assert_eq!(line("\u{e0041}\u{feff}\u{ad}\u{2028}"), "<U+E0041><U+FEFF><U+00AD><U+2028>");
    }

    #[test]
    fn every_hostile_character_is_found_and_no_other_control_remains() {
        let hostile =
            (0..=0x10_ffff).filter_map(char::from_u32).filter(|character| is_hostile(*character)).count();
        assert_eq!(hostile, 32 + 33 + 5 + 7 + 16 + 1 + 3 + 128);
        assert!((0..=0x10_ffff).filter_map(char::from_u32).all(|one| !one.is_control() || is_hostile(one)));
    }

    #[test]
    fn a_block_keeps_lines_and_tabs_and_drops_the_return_before_a_newline() {
        assert_eq!(block("a\r\n\tb\r\nc"), "a\n\tb\nc");
        assert_eq!(block("over\rwrite\r"), "over^Mwrite^M");
        assert_eq!(block("\r\r\n"), "^M\n");
        assert_eq!(block("x\u{1b}]0;title\u{7}\ny"), "x^[]0;title^G\ny");
    }

    #[test]
    fn sanitizing_twice_changes_nothing_more() {
        for text in ["\r\r\n\u{1b}", "\u{202e}\n\t\u{7f}", "a\r\nb", "\u{fffa}\u{2060}"] {
            assert_eq!(line(&line(text)), line(text));
            assert_eq!(block(&block(text)), block(text));
            assert!(is_clean(&line(text)));
            assert!(!is_clean(text));
        }
    }
}
