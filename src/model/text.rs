//! What text from people must be before it is written down.
//!
//! Nothing is silently shortened or rewritten: text either passes, with line ends made uniform and
//! blank lines at its ends dropped, or is refused by name.

use super::limit;
use super::refusal::Refusal;

/// A single line: a title, a label, a name.
///
/// # Errors
/// When it is empty, too long, or holds a control character.
pub fn line(what: &'static str, text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Empty { what });
    }
    within(what, text, limit::LINE)?;
    match text.chars().find(|letter| letter.is_control()) {
        Some(letter) => {
            Err(Refusal::BadText { what, why: format!("it holds the control character {:?}", letter) })
        }
        None => Ok(text.to_owned()),
    }
}

/// A value in an event's header: a single line without `-->`, which would end the header.
///
/// # Errors
/// As [`line()`], and when it holds `-->`.
pub fn header_value(what: &'static str, text: &str) -> Result<String, Refusal> {
    let text = line(what, text)?;
    if text.contains("-->") {
        return Err(Refusal::BadText { what, why: "it holds \"-->\"".to_owned() });
    }
    Ok(text)
}

/// Text of many lines: a body, a comment, a resolution.
///
/// `\r\n` becomes `\n`; blank lines at either end go.
///
/// # Errors
/// When nothing is left, when it is longer than `most` bytes, or when it holds NUL.
pub fn prose(what: &'static str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.replace("\r\n", "\n");
    let text = trim_blank_lines(&text);
    if text.is_empty() {
        return Err(Refusal::Empty { what });
    }
    within(what, text, most)?;
    if text.contains('\0') {
        return Err(Refusal::BadText { what, why: "it holds a NUL byte".to_owned() });
    }
    Ok(text.to_owned())
}

/// The text without blank lines before and after, and without the last line's end.
pub fn trim_blank_lines(text: &str) -> &str {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            break;
        }
        start += line.len();
    }
    let kept = &text[start..];
    let mut end = kept.len();
    for line in kept.split_inclusive('\n').rev() {
        if !line.trim().is_empty() {
            break;
        }
        end -= line.len();
    }
    kept[..end].strip_suffix('\n').unwrap_or(&kept[..end])
}

fn within(what: &'static str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.len() > most {
        return Err(Refusal::TooLong { what, size: text.len(), most });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_go_at_the_ends_only() {
        assert_eq!(trim_blank_lines("\n \n  a\n\nb \n\n \n"), "  a\n\nb ");
        assert_eq!(trim_blank_lines("\n\n"), "");
        assert_eq!(trim_blank_lines("a"), "a");
    }

    #[test]
    fn text_that_can_not_be_stored_is_refused_by_name() {
        assert_eq!(line("title", " \t"), Err(Refusal::Empty { what: "title" }));
        assert!(matches!(line("title", "a\nb"), Err(Refusal::BadText { .. })));
        assert!(matches!(line("title", &"x".repeat(1025)), Err(Refusal::TooLong { size: 1025, .. })));
        assert!(matches!(header_value("actor", "a --> b"), Err(Refusal::BadText { .. })));
        assert!(matches!(prose("comment", "a\0b", 10), Err(Refusal::BadText { .. })));
        assert_eq!(prose("comment", "\r\na\r\nb\r\n", 10), Ok("a\nb".to_owned()));
    }
}
