//! Lists of tickets: `yoi.list/1`.

use serde::Serialize;

use crate::model::summary::Summary;
use crate::ops::survey::Survey;

use super::UnreadableView;

/// The fields of a ticket.
#[derive(Debug, Serialize)]
pub struct RowView {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: &'static str,
    /// What it is about.
    pub title: String,
    /// When it was made, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When it last changed, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// How urgent it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Free words.
    pub labels: Vec<String>,
    /// What intake thinks of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<String>,
    /// What may go wrong.
    pub risk_flags: Vec<String>,
    /// Who queued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_by: Option<String>,
    /// When it was queued, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<String>,
}

impl RowView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 12] = [
        "id",
        "state",
        "title",
        "created_at",
        "updated_at",
        "assignee",
        "priority",
        "labels",
        "readiness",
        "risk_flags",
        "queued_by",
        "queued_at",
    ];

    /// From a ticket.
    pub fn new(ticket: &Summary) -> Self {
        RowView {
            id: ticket.id.to_string(),
            state: ticket.state.word(),
            title: ticket.title.clone(),
            created_at: ticket.created_at.map(|at| at.to_string()),
            updated_at: ticket.updated_at.map(|at| at.to_string()),
            assignee: ticket.assignee.clone(),
            priority: ticket.priority.clone(),
            labels: ticket.labels.clone(),
            readiness: ticket.readiness.clone(),
            risk_flags: ticket.risk_flags.clone(),
            queued_by: ticket.queued_by.clone(),
            queued_at: ticket.queued_at.clone(),
        }
    }
}

/// A list of tickets.
#[derive(Debug, Serialize)]
pub struct ListView {
    /// `yoi.list/1`.
    pub schema: &'static str,
    /// How many match.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// Those shown.
    pub tickets: Vec<RowView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

impl ListView {
    /// From what `list` answers.
    pub fn new(listed: &Survey) -> Self {
        ListView {
            schema: "yoi.list/1",
            total: listed.total,
            truncated: listed.tickets.len() < listed.total,
            tickets: listed.tickets.iter().map(RowView::new).collect(),
            unreadable: UnreadableView::all(&listed.unreadable, &listed.damaged),
        }
    }
}
