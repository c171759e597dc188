//! Front matter: the `key: value` lines between the two `---` lines of `item.md`, edited in place.

use std::collections::HashSet;

use super::fault::Fault;
use super::yaml;
use crate::model::ticket::{Field, Value};

/// A file cut at its front matter. Nothing of the text is lost: opener, lines, closer, body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrontMatter<'a> {
    /// The keys with their text, in the order of the file.
    pub keys: Vec<Key<'a>>,
    /// Everything after the closing `---` line.
    pub body: &'a str,
    /// The front matter's lines, line ends included, without the two `---` lines.
    lines: Vec<&'a str>,
}

/// A key of the front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key<'a> {
    /// Its name.
    pub name: &'a str,
    /// What follows the colon on its line.
    pub text: &'a str,
    /// Indented lines and list items below it.
    pub continuation: Vec<&'a str>,
    /// The number of its line in the file, from 1.
    pub line: usize,
}

impl<'a> FrontMatter<'a> {
    /// Cuts a file.
    ///
    /// # Errors
    /// When the first line is not `---`, no later one is, or a line between them has no key.
    pub fn parse(text: &'a str) -> Result<Self, Fault> {
        let mut lines = text.split_inclusive('\n');
        let opener = lines.next().filter(|line| content(line) == "---").ok_or(Fault::NoOpener)?;
        let mut offset = opener.len();
        let mut kept = Vec::new();
        loop {
            let line = lines.next().ok_or(Fault::NoCloser)?;
            offset += line.len();
            if content(line) == "---" {
                break;
            }
            kept.push(line);
        }
        Ok(FrontMatter { keys: keys(&kept)?, body: &text[offset..], lines: kept })
    }

    /// The last key of that name.
    pub fn key(&self, name: &str) -> Option<&Key<'a>> {
        self.keys.iter().rev().find(|key| key.name == name)
    }

    /// The lines of each key, with the comments and blank lines below it, and first those before any key;
    /// joined they are the front matter. `\r\n` becomes `\n`.
    pub fn blocks(&self) -> (String, Vec<(&'a str, String)>) {
        let mut head = String::new();
        let mut blocks: Vec<(&str, String)> = Vec::new();
        for line in &self.lines {
            let line = content(line);
            if let Some(name) = key_name(line) {
                blocks.push((name, String::new()));
            }
            let block = blocks.last_mut().map_or(&mut head, |(_, block)| block);
            block.push_str(line);
            block.push('\n');
        }
        (head, blocks)
    }

    /// The file with these fields set and everything else as it was. Lines of a field that is there are
    /// replaced, new fields go to the end; `\r\n` becomes `\n` in the front matter.
    pub fn with(&self, fields: &[(Field, Value)]) -> String {
        let mut out = String::from("---\n");
        let mut written = vec![false; fields.len()];
        let mut is_replaced = false;
        for line in &self.lines {
            let line = content(line);
            if let Some(name) = key_name(line) {
                let place = fields.iter().position(|(field, _)| field.key() == name);
                is_replaced = place.is_some();
                if let Some(index) = place {
                    push_field(&mut out, &fields[index]);
                    written[index] = true;
                    continue;
                }
            } else if is_replaced && is_continuation(line) {
                continue;
            }
            out.push_str(line);
            out.push('\n');
        }
        for (field, _) in fields.iter().zip(written).filter(|(_, written)| !written) {
            push_field(&mut out, field);
        }
        out.push_str("---\n");
        out
    }
}

impl FrontMatter<'_> {
    /// The file without what counts for nothing: of a key that stands several times only the last one stays.
    /// `None` when each stands once.
    pub fn without_doubles(&self) -> Option<String> {
        let (head, blocks) = self.blocks();
        let mut seen = HashSet::new();
        let kept =
            blocks.iter().rev().filter(|(name, _)| seen.insert(*name)).map(|(_, block)| block.as_str());
        let kept: Vec<&str> = kept.collect();
        if kept.len() == blocks.len() {
            return None;
        }
        let text: String = kept.into_iter().rev().collect();
        Some(format!("---\n{head}{text}---\n{}", self.body))
    }
}

fn push_field(out: &mut String, (field, value): &(Field, Value)) {
    out.push_str(field.key());
    out.push_str(": ");
    out.push_str(&yaml::write(value));
    out.push('\n');
}

/// A new front matter with these fields.
pub fn write(fields: &[(Field, Value)]) -> String {
    let mut out = String::from("---\n");
    fields.iter().for_each(|field| push_field(&mut out, field));
    out.push_str("---\n");
    out
}

fn content(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

fn is_continuation(line: &str) -> bool {
    line.starts_with([' ', '\t']) || line == "-" || line.starts_with("- ")
}

/// The key of a line that is no comment, no continuation and not blank.
fn key_name(line: &str) -> Option<&str> {
    if is_continuation(line) || line.starts_with('#') {
        return None;
    }
    let (name, rest) = line.split_once(':')?;
    (rest.is_empty() || rest.starts_with([' ', '\t'])).then(|| name.trim()).filter(|name| !name.is_empty())
}

fn keys<'a>(lines: &[&'a str]) -> Result<Vec<Key<'a>>, Fault> {
    let mut keys: Vec<Key> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let line = content(line);
        let number = index + 2;
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        if is_continuation(line) {
            let key = keys
                .last_mut()
                .ok_or_else(|| Fault::BadLine(number, "an indented line below no key".into()))?;
            key.continuation.push(line);
            continue;
        }
        let name = key_name(line).ok_or_else(|| Fault::BadLine(number, "no 'key: value'".into()))?;
        let text = line.split_once(':').map_or("", |(_, text)| text);
        keys.push(Key { name, text, continuation: Vec::new(), line: number });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "---\n# note\ntitle: \"a\"\nlabels:\n- x\n  - y\nother:   1 # kept\nstate: 'planning'\n---\nbody\n---\n";

    #[test]
    fn only_the_lines_of_a_set_field_change() {
        let front = FrontMatter::parse(FILE).unwrap();
        assert_eq!(front.body, "body\n---\n");
        assert_eq!(front.key("labels").unwrap().continuation, ["- x", "  - y"]);
        let fields = [
            (Field::Labels, Value::List(vec!["z".into()])),
            (Field::State, Value::Text("ready".into())),
            (Field::QueuedBy, Value::Text("it's me".into())),
        ];
        assert_eq!(
            front.with(&fields),
            "---\n# note\ntitle: \"a\"\nlabels: ['z']\nother:   1 # kept\nstate: 'ready'\nqueued_by: 'it''s me'\n---\n"
        );
    }

    #[test]
    fn of_a_key_that_stands_twice_the_last_one_stays() {
        let text = "---\n# note\ntitle: a\nlabels:\n- x\ntitle: b\nlabels: [y]\nother: 1\n---\nbody\n";
        let without = FrontMatter::parse(text).unwrap().without_doubles().unwrap();
        assert_eq!(without, "---\n# note\ntitle: b\nlabels: [y]\nother: 1\n---\nbody\n");
        assert_eq!(FrontMatter::parse(&without).unwrap().without_doubles(), None);
    }

    #[test]
    fn blocks_are_the_front_matter_cut_at_its_keys() {
        let front = FrontMatter::parse(FILE).unwrap();
        let (head, blocks) = front.blocks();
        assert_eq!(head, "# note\n");
        assert_eq!(blocks[1], ("labels", "labels:\n- x\n  - y\n".to_owned()));
        let joined: String = blocks.iter().map(|(_, block)| block.as_str()).collect();
        assert_eq!(front.with(&[]), format!("---\n{head}{joined}---\n"));
    }

    #[test]
    fn line_ends_of_windows_are_read_and_made_uniform() {
        let front = FrontMatter::parse("---\r\ntitle: 'a'\r\n---\r\nbody\r\n").unwrap();
        assert_eq!(front.key("title").unwrap().text, " 'a'");
        assert_eq!(front.with(&[]), "---\ntitle: 'a'\n---\n");
        assert_eq!(front.body, "body\r\n");
    }

    #[test]
    fn a_file_without_front_matter_is_named() {
        assert_eq!(FrontMatter::parse("title: a\n"), Err(Fault::NoOpener));
        assert_eq!(FrontMatter::parse("---\ntitle: a\n"), Err(Fault::NoCloser));
        assert!(matches!(FrontMatter::parse("---\nnothing\n---\n"), Err(Fault::BadLine(2, _))));
        assert!(matches!(FrontMatter::parse("---\n  a: b\n---\n"), Err(Fault::BadLine(2, _))));
    }
}
