//! `relations.json`: a set of (kind, target), adds and removes against the base.
//!
//! Rows are joined as they stand, so keys this version doesn't know come along.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::model::relation::Kind;

/// A row's place in the file: its kind's place, kind and target as written, and its number among equals.
type Key = (usize, String, String, usize);

#[derive(Debug, Default)]
struct File {
    rows: BTreeMap<Key, Value>,
    unknown: Map<String, Value>,
}

/// What a side did to something that is there or not; the greater counts.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Deed {
    Nothing,
    Removed,
    /// Added or set anew: its time, and all of it.
    Set(String, String),
}

/// The relations of both, or `None` when a file is none this version can read.
///
/// A relation that one side removed is gone, unless the other wrote it anew. Of two versions of one the
/// later counts.
pub(super) fn merge(base: Option<&[u8]>, one: &[u8], other: &[u8]) -> Option<String> {
    let base = base.and_then(read).unwrap_or_default();
    let (one, other) = (read(one)?, read(other)?);
    let keys: BTreeSet<&Key> = [&base, &one, &other].iter().flat_map(|file| file.rows.keys()).collect();
    let mut rows = Vec::new();
    for key in keys {
        rows.extend(joined(base.rows.get(key), one.rows.get(key), other.rows.get(key)).cloned());
    }
    let mut out = Map::new();
    out.insert("version".to_owned(), Value::from(1));
    out.insert("relations".to_owned(), Value::Array(rows));
    let new: BTreeSet<&String> = one.unknown.keys().chain(other.unknown.keys()).collect();
    let new = new.into_iter().filter(|key| !base.unknown.contains_key(*key));
    for key in base.unknown.keys().chain(new) {
        let value = joined(base.unknown.get(key), one.unknown.get(key), other.unknown.get(key));
        out.extend(value.map(|value| (key.clone(), value.clone())));
    }
    Some(serde_json::to_string_pretty(&out).ok()? + "\n")
}

/// Whether this version can read the file.
pub(super) fn is_readable(bytes: &[u8]) -> bool {
    read(bytes).is_some()
}

fn read(bytes: &[u8]) -> Option<File> {
    let Value::Object(mut unknown) = serde_json::from_slice(bytes).ok()? else { return None };
    let is_known = unknown.remove("version").and_then(|version| version.as_u64()) == Some(1);
    let Value::Array(list) = unknown.remove("relations").filter(|_| is_known)? else { return None };
    let mut rows = BTreeMap::new();
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in list {
        let word = |key| row.get(key)?.as_str().map(str::to_owned);
        let (kind, target) = (word("kind")?, word("target")?);
        let place = Kind::ALL.iter().position(|known| known.word() == kind).unwrap_or(Kind::ALL.len());
        let count = seen.entry((kind.clone(), target.clone())).or_insert(0);
        rows.insert((place, kind, target, *count), row);
        *count += 1;
    }
    Some(File { rows, unknown })
}

fn joined<'a>(
    base: Option<&'a Value>,
    one: Option<&'a Value>,
    other: Option<&'a Value>,
) -> Option<&'a Value> {
    let deed = |side: Option<&Value>| match side {
        same if same == base => Deed::Nothing,
        None => Deed::Removed,
        Some(value) => {
            let at = value.get("at").and_then(Value::as_str).unwrap_or_default();
            Deed::Set(at.to_owned(), value.to_string())
        }
    };
    let (left, right) = (deed(one), deed(other));
    if left > right { one } else { other }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rows: &[&str]) -> String {
        let rows: Vec<String> = rows
            .iter()
            .map(|row| {
                let parts: Vec<&str> = row.split(' ').collect();
                format!(
                    "{{\"kind\":\"{}\",\"target\":\"{}\",\"at\":\"{}\",\"odd\":1}}",
                    parts[0], parts[1], parts[2]
                )
            })
            .collect();
        format!("{{\"version\":1,\"relations\":[{}]}}", rows.join(","))
    }

    fn both_ways(base: &[&str], one: &[&str], other: &[&str]) -> Vec<String> {
        let [base, one, other] = [base, one, other].map(file);
        let merge = |one: &str, other: &str| merge(Some(base.as_bytes()), one.as_bytes(), other.as_bytes());
        let merged = merge(&one, &other).unwrap();
        assert_eq!(Some(&merged), merge(&other, &one).as_ref());
        let merged: Value = serde_json::from_str(&merged).unwrap();
        let word = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let rows = merged["relations"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["odd"] == 1));
        rows.iter().map(|row| [word(row, "kind"), word(row, "target"), word(row, "at")].join(" ")).collect()
    }

    #[test]
    fn adds_and_removes_of_both_sides_count() {
        let base = ["related A 1", "related B 1"];
        let merged = both_ways(
            &base,
            &["related B 1", "depends_on C 2"],
            &["related A 1", "related B 1", "likes X 3"],
        );
        assert_eq!(merged, ["depends_on C 2", "related B 1", "likes X 3"]);
    }

    #[test]
    fn what_was_written_anew_stays_and_the_later_version_counts() {
        assert_eq!(both_ways(&["related A 1"], &[], &["related A 2"]), ["related A 2"]);
        assert_eq!(both_ways(&["related A 1"], &["related A 3"], &["related A 2"]), ["related A 3"]);
        assert_eq!(both_ways(&[], &["related A 3", "related A 3"], &["related A 3"]).len(), 2);
    }

    #[test]
    fn a_file_of_another_form_is_not_joined() {
        for bad in ["", "[]", "{\"version\":2,\"relations\":[]}", "{\"version\":1,\"relations\":[{}]}"] {
            assert_eq!(merge(None, bad.as_bytes(), file(&[]).as_bytes()), None, "{bad}");
        }
    }
}
