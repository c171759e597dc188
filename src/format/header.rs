//! The one-line comment that starts an event: `<!-- event: … author: … at: … -->`.

use std::fmt::Write;

use super::escape::OPENER;

const CLOSER: &str = "-->";

/// Whether a line, without its line end, is an event header: at column 0, closed on the same line.
pub fn is_header(line: &str) -> bool {
    inside(line).is_some()
}

fn inside(line: &str) -> Option<&str> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let rest = line.strip_prefix("<!-- ")?;
    if !line.starts_with(OPENER) {
        return None;
    }
    rest.strip_suffix(CLOSER)?.strip_suffix(' ')
}

/// Attributes of a header in order, duplicates included; words without a colon are passed over.
///
/// A bare author may hold spaces, as in some old tickets: it reaches up to ` at: `.
pub fn attributes(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = inside(line).unwrap_or_default().trim_start();
    while !rest.is_empty() {
        let end = rest.find([':', ' ']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(after) = after.strip_prefix(':') else {
            rest = after.trim_start();
            continue;
        };
        let (value, after) = value(key, after.trim_start());
        found.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    found
}

fn value<'a>(key: &str, text: &'a str) -> (String, &'a str) {
    if let Some(quoted) = text.strip_prefix('"') {
        return unquote(quoted);
    }
    let mut end = text.find(char::is_whitespace).unwrap_or(text.len());
    if key == "author" {
        end = text.find(" at: ").unwrap_or(end).max(end);
    }
    (text[..end].trim_end().to_owned(), &text[end..])
}

/// Reads up to the closing quote; without one, the value runs to the end.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return (value, &text[index + 1..]),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

/// Writes a header with these attributes, without a line end.
///
/// Values must be checked before: no line ends, no `-->`.
pub fn write<'a>(attributes: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut line = String::from("<!--");
    for (key, value) in attributes {
        let _ = write!(line, " {key}: ");
        push_value(&mut line, value);
    }
    line.push_str(" -->");
    line
}

fn push_value(line: &mut String, value: &str) {
    let is_bare = !value.is_empty() && !value.contains(|c: char| c.is_whitespace() || c == '"' || c == '\\');
    if is_bare && !value.contains(CLOSER) {
        line.push_str(value);
        return;
    }
    line.push('"');
    for letter in value.chars() {
        if matches!(letter, '"' | '\\') {
            line.push('\\');
        }
        line.push(letter);
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(line: &str) -> Vec<(String, String)> {
        attributes(line)
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn quoted_bare_and_old_values_are_read() {
        let line =
            r#"<!-- event: review author: "a \"b\" \\ c" at: 2026-06-05T21:07:04Z status: approve -->"#;
        let expected = [
            ("event", "review"),
            ("author", r#"a "b" \ c"#),
            ("at", "2026-06-05T21:07:04Z"),
            ("status", "approve"),
        ];
        assert_eq!(read(line), pairs(&expected));
        let old = "<!-- event: create author: yoi ticket at: 2026-06-05T21:07:04Z -->";
        let expected = [("event", "create"), ("author", "yoi ticket"), ("at", "2026-06-05T21:07:04Z")];
        assert_eq!(read(old), pairs(&expected));
        let odd = "<!-- event: x stray author: reviewer:a-b c: \"open -->";
        assert_eq!(read(odd), pairs(&[("event", "x"), ("author", "reviewer:a-b"), ("c", "open")]));
    }

    #[test]
    fn only_a_whole_line_at_column_0_is_a_header() {
        assert!(is_header("<!-- event: a -->"));
        assert!(is_header("<!-- event: a -->\r"));
        for line in [
            " <!-- event: a -->",
            "<!-- event: a --> b",
            "<!-- event: a",
            "<!-- other: a -->",
            "<!-- event:-->",
        ] {
            assert!(!is_header(line), "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_header_is_read_as_it_was_written(values in proptest::collection::vec("[^\\r\\n]{0,12}", 1..5)) {
            let values: Vec<String> = values.into_iter().map(|value| value.replace("-->", "")).collect();
            let keys = ["event", "author", "at", "status", "id"];
            let written = write(keys.iter().copied().zip(values.iter().map(String::as_str)));
            prop_assume!(is_header(&written));
            let expected: Vec<(String, String)> =
                keys.iter().map(|key| (*key).to_owned()).zip(values.iter().cloned()).collect();
            prop_assert_eq!(attributes(&written), expected);
        }
    }
}
