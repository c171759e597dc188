//! The part of YAML that front matter uses: scalars and lists of scalars, one key a line.

use crate::model::ticket::Value;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// Nothing, `null` or `~`.
    Null,
    /// Text in quotes, or a plain word that YAML takes for text.
    Text(String),
    /// A plain word that YAML takes for a number or a truth value.
    Plain(String),
}

impl Scalar {
    /// The text, however it was written; `None` for null.
    pub fn text(self) -> Option<String> {
        match self {
            Scalar::Null => None,
            Scalar::Text(text) | Scalar::Plain(text) => Some(text),
        }
    }
}

/// Reads one scalar and nothing but a comment after it.
///
/// # Errors
/// When a quote is not closed, an escape is unknown, or something follows.
pub fn scalar(text: &str) -> Result<Scalar, String> {
    let text = text.trim();
    let (value, rest) = match text.chars().next() {
        Some('\'') => single_quoted(&text[1..]).map(|(value, rest)| (Scalar::Text(value), rest))?,
        Some('"') => double_quoted(&text[1..]).map(|(value, rest)| (Scalar::Text(value), rest))?,
        Some('{') => return Err("a nested mapping".to_owned()),
        Some('|' | '>') => return Err("a block of text; write it on one line in quotes".to_owned()),
        Some('&' | '*' | '!' | '%' | '@' | '`') => return Err("a YAML tag, anchor or directive".to_owned()),
        _ => (plain(text), ""),
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(value)
    } else {
        Err("text after the closing quote".to_owned())
    }
}

fn plain(text: &str) -> Scalar {
    let text = match text.find(" #") {
        Some(comment) => text[..comment].trim_end(),
        None if text.starts_with('#') => "",
        None => text,
    };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Scalar::Plain(text.to_owned()),
        _ if text.parse::<f64>().is_ok() => Scalar::Plain(text.to_owned()),
        _ => Scalar::Text(text.to_owned()),
    }
}

fn single_quoted(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('\'').ok_or("a quote that is not closed")?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => return Ok((value, rest)),
        }
    }
}

fn double_quoted(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &text[index + 1..])),
            '\\' => {
                let (at, escaped) = letters.next().ok_or("a quote that is not closed")?;
                let digits = match escaped {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    _ => 0,
                };
                value.push(unescape(escaped, text.get(at + 1..at + 1 + digits))?);
                for _ in 0..digits {
                    letters.next();
                }
            }
            other => value.push(other),
        }
    }
    Err("a quote that is not closed".to_owned())
}

fn unescape(escaped: char, digits: Option<&str>) -> Result<char, String> {
    let letter = match escaped {
        '"' | '\\' | '/' | ' ' => escaped,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'u' | 'U' => {
            let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
            return code
                .and_then(char::from_u32)
                .ok_or_else(|| "an escape that names no character".to_owned());
        }
        other => return Err(format!("the unknown escape \\{}", other.escape_default())),
    };
    Ok(letter)
}

/// Reads a list in flow style, `['a', 'b']`, and nothing but a comment after it.
///
/// # Errors
/// When it is not closed or holds something else than scalars.
pub fn flow_list(text: &str) -> Result<Vec<Scalar>, String> {
    let mut rest = text.trim().strip_prefix('[').ok_or("no list")?.trim_start();
    let mut items = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(']') {
            let after = after.trim();
            let is_end = after.is_empty() || after.starts_with('#');
            return if is_end { Ok(items) } else { Err("text after the list".to_owned()) };
        }
        let (item, after) = flow_item(rest)?;
        items.push(item);
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.starts_with(']') => after,
            None => return Err("a list that is not closed".to_owned()),
        };
    }
}

fn flow_item(text: &str) -> Result<(Scalar, &str), String> {
    match text.chars().next() {
        Some('\'') => single_quoted(&text[1..]).map(|(value, rest)| (Scalar::Text(value), rest)),
        Some('"') => double_quoted(&text[1..]).map(|(value, rest)| (Scalar::Text(value), rest)),
        Some('[' | '{') => Err("a list in a list".to_owned()),
        _ => {
            let end = text.find([',', ']']).ok_or("a list that is not closed")?;
            Ok((plain(text[..end].trim()), &text[end..]))
        }
    }
}

/// Writes a value as a new front matter has it: text in single quotes, `null` bare, lists in flow style.
pub fn write(value: &Value) -> String {
    match value {
        Value::Absent => "null".to_owned(),
        Value::Text(text) => quoted(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item.trim())).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    if !text.contains(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            control if control.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn scalars_are_read_however_they_are_quoted() {
        for (written, text) in [
            ("'it''s'", "it's"),
            ("\"a \\\"b\\\" \\u3042\\n\" # c", "a \"b\" あ\n"),
            ("plain: words # comment", "plain: words"),
            ("2026-06-25T14:44:03Z", "2026-06-25T14:44:03Z"),
        ] {
            assert_eq!(scalar(written), Ok(Scalar::Text(text.to_owned())), "{written}");
        }
        for null in ["", "null", "~", "# nothing"] {
            assert_eq!(scalar(null), Ok(Scalar::Null), "{null}");
        }
        assert_eq!(scalar("17"), Ok(Scalar::Plain("17".to_owned())));
        for bad in ["'open", "\"open", "\"\\q\"", "'a' b", "{a: b}", "| ", "&x", "\"\\u12"] {
            assert!(scalar(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lists_are_read_in_flow_style() {
        let text = |items: Vec<Scalar>| items.into_iter().filter_map(Scalar::text).collect::<Vec<_>>();
        assert_eq!(
            flow_list("['a', \"b, c\", d ] # e").map(text),
            Ok(vec!["a".into(), "b, c".into(), "d".into()])
        );
        assert_eq!(flow_list("[]"), Ok(vec![]));
        for bad in ["[", "['a'", "[a] b", "[[a]]", "['a' 'b']"] {
            assert!(flow_list(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn text_is_read_as_it_was_written(text in "[^\\r\\n]{0,40}", items in proptest::collection::vec("[^\\r\\n]{0,9}", 0..4)) {
            prop_assert_eq!(scalar(&write(&Value::Text(text.clone()))), Ok(Scalar::Text(text)));
            let items: Vec<String> = items.iter().map(|item| item.trim().to_owned()).collect();
            let read = flow_list(&write(&Value::List(items.clone())));
            prop_assert_eq!(read, Ok(items.into_iter().map(Scalar::Text).collect()));
        }
    }
}
