//! `relations.json`: the relations stored with their source.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::model::id::TicketId;
use crate::model::relation::{Kind, Relation};

/// The only version there is.
const VERSION: u64 = 1;

#[derive(Debug, Serialize, Deserialize)]
struct File {
    version: u64,
    relations: Vec<Row>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Row {
    ticket_id: String,
    kind: String,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    author: String,
    at: String,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Relations as a file has them, and what it does against the rules without being unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relations {
    /// The relations, in the order of the file.
    pub relations: Vec<Relation>,
    /// Complaints, each a sentence for people.
    pub complaints: Vec<String>,
}

/// Reads the relations of a ticket.
///
/// # Errors
/// When the file is no JSON of the known shape and version, or names what can't be an id or a kind.
pub fn parse(text: &str) -> Result<Relations, Fault> {
    let file = read(text)?;
    let mut found = Relations::default();
    found.complaints.extend(file.unknown.keys().map(|key| format!("unknown key '{}'", key.escape_debug())));
    for row in &file.relations {
        found.relations.push(relation(row)?);
        found
            .complaints
            .extend(row.unknown.keys().map(|key| format!("unknown key '{}'", key.escape_debug())));
    }
    Ok(found)
}

fn read(text: &str) -> Result<File, Fault> {
    let file: File = serde_json::from_str(text).map_err(|error| Fault::BadJson(error.to_string()))?;
    if file.version != VERSION {
        return Err(Fault::BadJson(format!("version {} instead of {VERSION}", file.version)));
    }
    Ok(file)
}

fn relation(row: &Row) -> Result<Relation, Fault> {
    let id = |text: &str| {
        let bad = || Fault::BadJson(format!("'{}' is no ticket id", text.escape_debug()));
        TicketId::parse(text).ok_or_else(bad)
    };
    let unknown = || Fault::BadJson(format!("unknown kind '{}'", row.kind.escape_debug()));
    Ok(Relation {
        ticket_id: id(&row.ticket_id)?,
        kind: Kind::ALL.into_iter().find(|kind| kind.word() == row.kind).ok_or_else(unknown)?,
        target: id(&row.target)?,
        note: row.note.clone(),
        author: row.author.clone(),
        at: row.at.clone(),
    })
}

/// Writes relations; keys this version doesn't know stay with the relations of `old` they stood with.
///
/// # Errors
/// When `old` can't be read: it is not replaced by what may hold less.
pub fn write(old: Option<&str>, relations: &[Relation]) -> Result<String, Fault> {
    let old = match old {
        Some(text) => read(text)?,
        None => File { version: VERSION, relations: Vec::new(), unknown: Map::new() },
    };
    let mut left: Vec<Option<&Row>> = old.relations.iter().map(Some).collect();
    let row = |relation: &Relation| {
        let (kind, target) = (relation.kind.word(), relation.target.as_str());
        let is_same = |row: &Row| row.kind == kind && row.target == target;
        let known = left.iter_mut().find(|row| row.is_some_and(is_same)).and_then(Option::take);
        Row {
            ticket_id: relation.ticket_id.to_string(),
            kind: kind.to_owned(),
            target: target.to_owned(),
            note: relation.note.clone(),
            author: relation.author.clone(),
            at: relation.at.clone(),
            unknown: known.map(|row| row.unknown.clone()).unwrap_or_default(),
        }
    };
    let relations = relations.iter().map(row).collect();
    let file = File { version: VERSION, relations, unknown: old.unknown };
    let text = serde_json::to_string_pretty(&file).map_err(|error| Fault::BadJson(error.to_string()))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "{\n  \"version\": 1,\n  \"relations\": [\n    {\n      \"ticket_id\": \"00001KSKBP9YG\",\n      \"kind\": \"related\",\n      \"target\": \"00001KV0723PC\",\n      \"note\": \"日本 \\\"x\\\"\",\n      \"author\": \"a\",\n      \"at\": \"2026-06-13T13:56:37Z\"\n    }\n  ]\n}\n";

    #[test]
    fn a_file_is_written_as_it_was_read() {
        let read = parse(FILE).unwrap();
        assert_eq!(read.complaints, Vec::<String>::new());
        assert_eq!(write(None, &read.relations), Ok(FILE.to_owned()));
        assert_eq!(write(Some(FILE), &read.relations), Ok(FILE.to_owned()));
    }

    #[test]
    fn unknown_keys_are_kept_and_told() {
        let odd = FILE.replace("\"author\": \"a\"", "\"author\": \"a\",\n      \"weight\": 3");
        let read = parse(&odd).unwrap();
        assert_eq!(read.complaints, ["unknown key 'weight'"]);
        assert!(write(Some(&odd), &read.relations).unwrap().contains("\"weight\": 3"));
    }

    #[test]
    fn what_is_no_relation_is_named() {
        for (from, to) in [
            ("\"version\": 1", "\"version\": 2"),
            ("00001KV0723PC", "../x"),
            ("\"related\"", "\"likes\""),
            ("\"author\": \"a\",", ""),
            ("}\n  ]", "}"),
        ] {
            let bad = FILE.replace(from, to);
            assert!(matches!(parse(&bad), Err(Fault::BadJson(_))), "{to}");
            assert!(to.contains("likes") || to.contains("..") || write(Some(&bad), &[]).is_err(), "{to}");
        }
    }
}
