//! The orchestration plan: `yoi.plan/1`.

use serde::Serialize;

use crate::model::plan::Accepted;
use crate::model::state::State;
use crate::ops::plans::{Listed, Plans};

use super::UnreadableView;

/// Records of plans.
#[derive(Debug, Serialize)]
pub struct PlansView {
    /// `yoi.plan/1`.
    pub schema: &'static str,
    /// How many there are.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// The records.
    pub records: Vec<RecordView>,
    /// What can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

/// A record.
#[derive(Debug, Serialize)]
pub struct RecordView {
    /// Its id, with `~2` and so on behind it where the ticket has an earlier record of that id.
    pub name: String,
    /// Its id as it is stored.
    pub id: String,
    /// The ticket it is stored with.
    pub ticket_id: String,
    /// That ticket's title.
    pub title: String,
    /// What it says.
    pub kind: &'static str,
    /// The other ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_ticket: Option<String>,
    /// Where the other one stands; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_state: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_plan: Option<AcceptedView>,
    /// Whether it still says something about what to do next.
    pub open: bool,
    /// Who recorded it.
    pub author: String,
    /// When, UTC.
    pub at: String,
}

/// What was accepted.
#[derive(Debug, Serialize)]
pub struct AcceptedView {
    /// What will be done.
    pub summary: String,
    /// On which branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// In which worktree: relative to the main work tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// Who does what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_plan: Option<String>,
}

impl AcceptedView {
    /// From an accepted plan.
    pub fn new(plan: &Accepted) -> Self {
        AcceptedView {
            summary: plan.summary.clone(),
            branch: plan.branch.clone(),
            worktree: plan.worktree.clone(),
            role_plan: plan.role_plan.clone(),
        }
    }
}

impl RecordView {
    /// The names of the plain fields, for `--format`.
    pub const ATOMS: [&'static str; 11] = [
        "name",
        "id",
        "ticket_id",
        "title",
        "kind",
        "related_ticket",
        "related_state",
        "note",
        "open",
        "author",
        "at",
    ];

    fn new(listed: &Listed) -> Self {
        let record = &listed.record;
        RecordView {
            name: listed.name.clone(),
            id: record.id.clone(),
            ticket_id: record.ticket_id.to_string(),
            title: listed.title.clone(),
            kind: record.kind.word(),
            related_ticket: record.related_ticket.clone(),
            related_state: listed.related_state.map(State::word),
            note: record.note.clone(),
            accepted_plan: record.accepted_plan.as_ref().map(AcceptedView::new),
            open: listed.is_open,
            author: record.author.clone(),
            at: record.at.clone(),
        }
    }
}

impl PlansView {
    /// From what `plan list` answers.
    pub fn new(plans: &Plans) -> Self {
        PlansView {
            schema: "yoi.plan/1",
            total: plans.records.len(),
            truncated: false,
            records: plans.records.iter().map(RecordView::new).collect(),
            unreadable: UnreadableView::all(&plans.unreadable, &[]),
        }
    }
}
