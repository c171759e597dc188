//! Who signed what was said: `yoi.verify/1`.

use serde::Serialize;

use crate::ops::verify::{Fault, Row, Walk};

/// Events and their signatures.
#[derive(Debug, Serialize)]
pub struct VerifyView {
    /// `yoi.verify/1`.
    pub schema: &'static str,
    /// How many there are.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// How many have a signature that doesn't hold.
    pub bad: usize,
    /// How many commits of the history were looked at; absent when one ticket was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<usize>,
    /// What is wrong with the history, the oldest first; absent likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faults: Option<Vec<FaultView>>,
    /// The events.
    pub events: Vec<SignedView>,
}

/// A commit that honest tools don't make.
#[derive(Debug, Serialize)]
pub struct FaultView {
    /// The commit.
    pub commit: String,
    /// The ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// What is wrong.
    pub why: String,
}

impl FaultView {
    fn new(fault: &Fault) -> Self {
        FaultView {
            commit: fault.commit.clone(),
            ticket: fault.ticket.map(|id| id.to_string()),
            why: fault.why.clone(),
        }
    }
}

/// One event.
#[derive(Debug, Serialize)]
pub struct SignedView {
    /// How it is with the signature.
    pub status: &'static str,
    /// The ticket.
    pub ticket: String,
    /// The event's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The event's kind.
    pub kind: String,
    /// The commit that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Who signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Who is said to have written it.
    pub author: String,
}

impl SignedView {
    /// The names of the fields, for `--format` and porcelain.
    pub const ATOMS: [&'static str; 7] = ["status", "ticket", "event", "kind", "commit", "signer", "author"];

    fn new(row: &Row) -> Self {
        SignedView {
            status: row.status,
            ticket: row.ticket.to_string(),
            event: row.event.map(|event| event.to_string()),
            kind: row.kind.clone(),
            commit: row.commit.clone(),
            signer: row.signer.clone(),
            author: row.author.clone(),
        }
    }
}

impl VerifyView {
    /// From what `verify` answers.
    pub fn new(rows: &[Row], walk: Option<&Walk>) -> Self {
        VerifyView {
            commits: walk.map(|walk| walk.commits),
            faults: walk.map(|walk| walk.faults.iter().map(FaultView::new).collect()),
            schema: "yoi.verify/1",
            total: rows.len(),
            truncated: false,
            bad: rows.iter().filter(|row| row.is_bad()).count(),
            events: rows.iter().map(SignedView::new).collect(),
        }
    }
}
