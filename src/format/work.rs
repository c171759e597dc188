//! `work.jsonl`: snapshots of a ticket's work, one compact JSON object a line, appended.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::model::commit::AuthorKey;
use crate::model::work::{Recorded, Work, WorkCommit};

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    at: String,
    author: String,
    branch: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    tip: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    range_patch_id: Option<String>,
    commits: Vec<CommitRow>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CommitRow {
    commit: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_id: Option<String>,
    mail: String,
    time: i64,
    subject: String,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// Reads every line that can be read; a bad line hides no other.
pub fn parse(text: &str) -> Vec<Recorded> {
    lines(text).into_iter().filter_map(|(_, line)| line.ok()).collect()
}

/// A line: its number from 1, and the record or what is wrong with it.
pub type Line = (usize, Result<Recorded, Fault>);

/// Reads every line that is not blank.
pub fn lines(text: &str) -> Vec<Line> {
    let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| (index + 1, record(line))).collect()
}

fn record(line: &str) -> Result<Recorded, Fault> {
    let row: Row = serde_json::from_str(line).map_err(|error| Fault::BadJson(error.to_string()))?;
    let commits = row.commits.into_iter().map(|row| WorkCommit {
        id: row.commit,
        patch_id: row.patch_id,
        key: AuthorKey { mail: row.mail, seconds: row.time, subject: row.subject },
    });
    let work = Work {
        branch: row.branch,
        base: row.base,
        tip: row.tip,
        range_patch_id: row.range_patch_id,
        commits: commits.collect(),
    };
    Ok(Recorded { at: row.at, author: row.author, work })
}

/// Appends a record; the lines that are there stay as they are.
///
/// # Errors
/// When the record can't be written as JSON.
pub fn append(text: &str, record: &Recorded) -> Result<String, Fault> {
    let work = record.work.clone();
    let commits = work.commits.into_iter().map(|commit| CommitRow {
        commit: commit.id,
        patch_id: commit.patch_id,
        mail: commit.key.mail,
        time: commit.key.seconds,
        subject: commit.key.subject,
        unknown: Map::new(),
    });
    let row = Row {
        at: record.at.clone(),
        author: record.author.clone(),
        branch: work.branch,
        base: work.base,
        tip: work.tip,
        range_patch_id: work.range_patch_id,
        commits: commits.collect(),
        unknown: Map::new(),
    };
    let line = serde_json::to_string(&row).map_err(|error| Fault::BadJson(error.to_string()))?;
    let mut out = text.to_owned();
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
    out.push_str(&line);
    out.push('\n');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(branch: &str, at: &str, tip: &str) -> Recorded {
        let key = AuthorKey { mail: "a@example.org".to_owned(), seconds: -5, subject: "s \"q\"".to_owned() };
        let commit = WorkCommit { id: tip.to_owned(), patch_id: Some("p".to_owned()), key };
        let work = Work {
            branch: branch.to_owned(),
            base: None,
            tip: tip.to_owned(),
            range_patch_id: Some("r".to_owned()),
            commits: vec![commit],
        };
        Recorded { at: at.to_owned(), author: "a".to_owned(), work }
    }

    #[test]
    fn records_are_read_as_they_were_written() {
        let text = append("", &recorded("b", "2026-01-01T00:00:00Z", "1")).unwrap();
        let text = append(&text, &recorded("b", "2026-01-02T00:00:00Z", "2")).unwrap();
        assert_eq!(
            text.lines().next(),
            Some(
                r#"{"at":"2026-01-01T00:00:00Z","author":"a","branch":"b","tip":"1","range_patch_id":"r","commits":[{"commit":"1","patch_id":"p","mail":"a@example.org","time":-5,"subject":"s \"q\""}]}"#
            )
        );
        let expected =
            [recorded("b", "2026-01-01T00:00:00Z", "1"), recorded("b", "2026-01-02T00:00:00Z", "2")];
        assert_eq!(parse(&text), expected);
    }

    #[test]
    fn a_bad_line_hides_no_other_and_the_last_record_of_a_branch_counts() {
        let mut text = append("", &recorded("b", "2026-01-02T00:00:00Z", "2")).unwrap();
        text.push_str("{\n\n");
        let text = append(&text, &recorded("b", "2026-01-01T00:00:00Z", "1")).unwrap();
        let text = append(&text, &recorded("c", "2026-01-01T00:00:00Z", "3")).unwrap();
        assert!(lines(&text)[1].1.is_err());
        let tips: Vec<String> =
            crate::model::work::latest(parse(&text)).into_iter().map(|work| work.tip).collect();
        assert_eq!(tips, ["2", "3"]);
    }
}
