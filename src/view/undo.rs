//! What was taken back: `yoi.undo/1`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::moment::Moment;
use crate::ops::undo::{Taken, Undone};

/// What `undo` did, or would do.
#[derive(Debug, Serialize)]
pub struct UndoView {
    /// `yoi.undo/1`.
    pub schema: &'static str,
    /// Nothing was written.
    pub dry_run: bool,
    /// The operation that was taken back.
    pub operation: UndoneView,
    /// The commit on the ref that takes it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How many tickets it changes.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// The tickets.
    pub tickets: Vec<TakenView>,
}

/// An operation on the ref.
#[derive(Debug, Serialize)]
pub struct UndoneView {
    /// Its commit.
    pub commit: String,
    /// Who acted.
    pub author: String,
    /// When, UTC.
    pub at: String,
    /// What happened.
    pub subject: String,
}

/// What happens to a ticket.
#[derive(Debug, Serialize)]
pub struct TakenView {
    /// The ticket.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands then.
    pub state: &'static str,
    /// What changes.
    pub what: String,
    /// The events that are written.
    pub events: Vec<DraftView>,
}

/// An event that is written.
#[derive(Debug, Serialize)]
pub struct DraftView {
    /// What it records.
    pub kind: String,
    /// Its attributes.
    pub attributes: BTreeMap<&'static str, String>,
}

impl UndoView {
    /// From what `undo` answers.
    pub fn new(undone: &Undone, is_dry: bool) -> Self {
        let operation = &undone.operation;
        UndoView {
            schema: "yoi.undo/1",
            dry_run: is_dry,
            operation: UndoneView {
                commit: operation.commit.clone(),
                author: operation.author.clone(),
                at: Moment::from_seconds(operation.seconds).to_string(),
                subject: operation.subject.clone(),
            },
            commit: undone.commit.clone(),
            total: undone.tickets.len(),
            truncated: false,
            tickets: undone.tickets.iter().map(taken).collect(),
        }
    }
}

fn taken(taken: &Taken) -> TakenView {
    TakenView {
        id: taken.id.to_string(),
        title: taken.title.clone(),
        state: taken.state.word(),
        what: taken.summary.clone(),
        events: taken
            .events
            .iter()
            .map(|(kind, attributes)| DraftView {
                kind: kind.to_string(),
                attributes: attributes.iter().cloned().collect(),
            })
            .collect(),
    }
}
