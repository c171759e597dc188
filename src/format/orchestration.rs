//! `orchestration-plan.jsonl`: one compact JSON object a line, appended.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::model::change::Stamp;
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::plan::{Accepted, Entry, Kind, Record};

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    id: String,
    ticket_id: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    related_ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_plan: Option<AcceptedRow>,
    author: String,
    at: String,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AcceptedRow {
    summary: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_plan: Option<String>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// A line of the plan: its number from 1, and the record or what is wrong with it.
pub type Line = (usize, Result<Record, Fault>);

/// Reads every line that is not blank; a bad line hides no other.
pub fn parse(text: &str) -> Vec<Line> {
    let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| (index + 1, record(line))).collect()
}

fn record(line: &str) -> Result<Record, Fault> {
    let bad = |why: String| Fault::BadJson(why);
    let row: Row = serde_json::from_str(line).map_err(|error| bad(error.to_string()))?;
    let inner = row.accepted_plan.iter().flat_map(|plan| plan.unknown.keys());
    if let Some(key) = row.unknown.keys().chain(inner).next() {
        return Err(bad(format!("unknown key '{}'", key.escape_debug())));
    }
    let kind =
        Kind::parse(&row.kind).ok_or_else(|| bad(format!("unknown kind '{}'", row.kind.escape_debug())))?;
    if kind.needs_related() && row.related_ticket.is_none() {
        return Err(bad(format!("'{kind}' without related_ticket")));
    }
    if kind == Kind::WaitingCapacityNote && row.note.is_none() {
        return Err(bad(format!("'{kind}' without note")));
    }
    if (kind == Kind::AcceptedPlan) != row.accepted_plan.is_some() {
        return Err(bad("'accepted_plan' as kind and as key go together".to_owned()));
    }
    let no_id = || bad(format!("'{}' is no ticket id", row.ticket_id.escape_debug()));
    Ok(Record {
        ticket_id: TicketId::parse(&row.ticket_id).ok_or_else(no_id)?,
        id: row.id,
        kind,
        related_ticket: row.related_ticket,
        note: row.note,
        accepted_plan: row.accepted_plan.map(accepted),
        author: row.author,
        at: row.at,
    })
}

fn accepted(row: AcceptedRow) -> Accepted {
    Accepted { summary: row.summary, branch: row.branch, worktree: row.worktree, role_plan: row.role_plan }
}

/// The id of the next record of a file: its time, and its number in the file.
pub fn next_id(text: &str, at: Moment) -> String {
    let lines = text.split('\n').filter(|line| !line.trim().is_empty()).count();
    format!("orch-plan-{}-{}", at.compact(), lines + 1)
}

/// The record of a ticket's entry, to be appended to that text.
pub fn record_of(text: &str, ticket_id: TicketId, entry: &Entry, stamp: &Stamp) -> Record {
    Record {
        id: next_id(text, stamp.moment()),
        ticket_id,
        kind: entry.kind,
        related_ticket: entry.related_ticket.map(|id| id.to_string()),
        note: entry.note.clone(),
        accepted_plan: entry.accepted_plan.clone(),
        author: stamp.actor.clone(),
        at: stamp.moment().to_string(),
    }
}

/// Appends a record; the lines that are there stay as they are.
///
/// # Errors
/// When the record can't be written as JSON.
pub fn append(text: &str, record: &Record) -> Result<String, Fault> {
    let row = Row {
        id: record.id.clone(),
        ticket_id: record.ticket_id.to_string(),
        kind: record.kind.word().to_owned(),
        related_ticket: record.related_ticket.clone(),
        note: record.note.clone(),
        accepted_plan: record.accepted_plan.clone().map(|plan| AcceptedRow {
            summary: plan.summary,
            branch: plan.branch,
            worktree: plan.worktree,
            role_plan: plan.role_plan,
            unknown: Map::new(),
        }),
        author: record.author.clone(),
        at: record.at.clone(),
        unknown: Map::new(),
    };
    let line = serde_json::to_string(&row).map_err(|error| Fault::BadJson(error.to_string()))?;
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    Ok(format!("{text}{gap}{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "{\"id\":\"orch-plan-20260613-141646-1\",\"ticket_id\":\"00001KSKBP9YG\",\"kind\":\"accepted_plan\",\"accepted_plan\":{\"summary\":\"s\",\"branch\":\"b\",\"worktree\":\"w\",\"role_plan\":\"r\"},\"author\":\"o\",\"at\":\"2026-06-13T14:16:46Z\"}\n";

    #[test]
    fn a_record_is_written_as_it_was_read() {
        let (number, record) = parse(LINE).remove(0);
        let record = record.unwrap();
        assert_eq!(number, 1);
        assert_eq!(append("", &record), Ok(LINE.to_owned()));
        assert_eq!(append("x", &record), Ok(format!("x\n{LINE}")));
        let at = Moment::parse(&record.at).unwrap();
        assert_eq!(next_id("", at), record.id);
        assert_eq!(next_id(LINE, at), "orch-plan-20260613-141646-2");
    }

    #[test]
    fn a_bad_line_is_named_and_hides_no_other() {
        let bad = LINE.replace("accepted_plan\",", "before\",");
        let text = format!("{LINE}\n{{\n{bad}{LINE}");
        let lines: Vec<(usize, bool)> =
            parse(&text).iter().map(|(line, record)| (*line, record.is_ok())).collect();
        assert_eq!(lines, [(1, true), (3, false), (4, false), (5, true)]);
    }
}
