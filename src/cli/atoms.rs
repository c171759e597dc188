//! `--format`: text with `%(name)` for the fields of a row, as in `git for-each-ref`.

use serde_json::Value;

use crate::ui::sanitize;

use super::failure::UsageError;

/// A piece of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Text(String),
    /// The field of that name.
    Field(String),
}

/// Reads a format: `%(name)` is a field, `%%` a percent sign, `%xx` the character with that hexadecimal
/// number.
///
/// # Errors
/// When a field is unknown or a `%` stands for nothing.
pub fn parse(format: &str, known: &[&str]) -> Result<Vec<Piece>, UsageError> {
    let mut pieces = Vec::new();
    let mut rest = format;
    while let Some(start) = rest.find('%') {
        push_text(&mut pieces, &rest[..start]);
        let after = &rest[start + 1..];
        if let Some(inner) = after.strip_prefix('(') {
            let end = inner.find(')').ok_or_else(|| UsageError(format!("'%({inner}' is not closed")))?;
            let name = &inner[..end];
            if !known.contains(&name) {
                return Err(UsageError(format!("no field '{name}'; there are {}", known.join(", "))));
            }
            pieces.push(Piece::Field(name.to_owned()));
            rest = &inner[end + 1..];
        } else if let Some(after) = after.strip_prefix('%') {
            push_text(&mut pieces, "%");
            rest = after;
        } else {
            let code = after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            let code = code
                .filter(u8::is_ascii)
                .ok_or_else(|| UsageError("a '%' that stands for nothing".to_owned()))?;
            push_text(&mut pieces, char::from(code).encode_utf8(&mut [0; 4]));
            rest = &after[2..];
        }
    }
    push_text(&mut pieces, rest);
    Ok(pieces)
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Text(last)) => last.push_str(text),
        _ => pieces.push(Piece::Text(text.to_owned())),
    }
}

/// The format of porcelain rows: fields between tabs.
pub fn porcelain(fields: &[&str]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            pieces.push(Piece::Text("\t".to_owned()));
        }
        pieces.push(Piece::Field((*field).to_owned()));
    }
    pieces
}

/// Fills a format with a row's fields; what is absent is empty, lists are joined by commas.
///
/// Control characters in a field are made visible, so a row stays one row of so many fields.
pub fn fill(format: &[Piece], row: &Value) -> String {
    let mut out = String::new();
    for piece in format {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Field(name) => out.push_str(&sanitize::line(&text(row.get(name)))),
        }
    }
    out
}

fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| text(Some(item))).collect::<Vec<_>>().join(", "),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_and_escapes_are_filled_in() {
        let row = json!({"id": "X", "labels": ["a", "b"], "title": "one\ttwo"});
        let format =
            parse("%(id)%09%(labels)%%%(title)%(state)", &["id", "labels", "title", "state"]).unwrap();
        assert_eq!(fill(&format, &row), "X\ta, b%one^Itwo");
        assert_eq!(fill(&porcelain(&["id", "labels"]), &row), "X\ta, b");
    }

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for bad in ["%(id", "%(nope)", "%", "%zz", "%ff"] {
            assert!(parse(bad, &["id"]).is_err(), "{bad}");
        }
    }
}
