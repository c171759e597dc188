//! What can start: `yoi.next/1`, `yoi.explain/1`.

use serde::Serialize;

use crate::model::readiness::Obstacle;
use crate::model::state::State;
use crate::ops::next::{Candidate, Explained, Next};

use super::UnreadableView;
use super::list::RowView;

/// What can start now.
#[derive(Debug, Serialize)]
pub struct NextView {
    /// `yoi.next/1`.
    pub schema: &'static str,
    /// How many can start.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// How many are queued, startable or not.
    pub queued: usize,
    /// Those shown, the most urgent first.
    pub tickets: Vec<CandidateView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

/// A ticket that can start.
#[derive(Debug, Serialize)]
pub struct CandidateView {
    /// The fields, as in a list.
    #[serde(flatten)]
    pub row: RowView,
    /// The word of the last routing decision; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// It was held back, and everything that held it is over.
    pub route_again: bool,
}

impl CandidateView {
    /// The names of the plain fields, for `--format`.
    pub const ATOMS: [&'static str; 14] = [
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
        "routing",
        "route_again",
    ];

    fn new(candidate: &Candidate) -> Self {
        CandidateView {
            row: RowView::new(&candidate.ticket),
            routing: candidate.routing.word.clone(),
            route_again: candidate.routing.is_due,
        }
    }
}

impl NextView {
    /// From what `next` answers.
    pub fn new(next: &Next) -> Self {
        NextView {
            schema: "yoi.next/1",
            total: next.total,
            truncated: next.tickets.len() < next.total,
            queued: next.queued,
            tickets: next.tickets.iter().map(CandidateView::new).collect(),
            unreadable: UnreadableView::all(&next.unreadable, &next.damaged),
        }
    }
}

/// Why a ticket can start or can't.
#[derive(Debug, Serialize)]
pub struct ExplainView {
    /// `yoi.explain/1`.
    pub schema: &'static str,
    /// The ticket.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: &'static str,
    /// What can be done next.
    pub gate: &'static str,
    /// Whether it can start now.
    pub can_start: bool,
    /// What keeps it from that.
    pub reasons: Vec<ReasonView>,
    /// What its plan advises.
    pub advice: Vec<AdviceView>,
    /// Tickets that take its place or say the same, and those it does so for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<AdviceView>,
    /// The word of the last routing decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// It was held back, and everything that held it is over.
    pub route_again: bool,
}

/// Something that keeps a ticket from being started.
#[derive(Debug, Serialize)]
pub struct ReasonView {
    /// `needs_intake`, `needs_queue`, `in_progress`, `done`, `closed`, `blocked`, `assigned` or `kept_apart`.
    pub reason: &'static str,
    /// The other ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it stands; absent when there is no such ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// `depends_on` or `blocked_by`; of the plan `conflicts_with` or `do_not_parallelize`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<&'static str>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Why, where somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a plan advises, or a relation that makes nobody wait.
#[derive(Debug, Serialize)]
pub struct AdviceView {
    /// What the record or the relation says.
    pub kind: &'static str,
    /// The other ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where it stands; absent when there is no such ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl ReasonView {
    /// The names of the fields, for rows.
    pub const ATOMS: [&'static str; 6] = ["reason", "id", "state", "via", "assignee", "note"];

    fn new(obstacle: &Obstacle) -> Self {
        let reason = obstacle.word();
        let bare = ReasonView { reason, id: None, state: None, via: None, assignee: None, note: None };
        match obstacle {
            Obstacle::State(_) => bare,
            Obstacle::Blocker(blocker) => ReasonView {
                id: Some(blocker.id.to_string()),
                state: blocker.state.map(State::word),
                via: Some(blocker.via.word()),
                ..bare
            },
            Obstacle::Taken(assignee) => ReasonView { assignee: Some(assignee.clone()), ..bare },
            Obstacle::Clash(clash) => ReasonView {
                id: Some(clash.id.to_string()),
                state: Some(State::InProgress.word()),
                via: Some(clash.kind.word()),
                note: clash.note.clone(),
                ..bare
            },
        }
    }
}

impl ExplainView {
    /// From what `next --explain` answers.
    pub fn new(explained: &Explained) -> Self {
        let advice = explained.advice.iter().map(|(record, state)| AdviceView {
            kind: record.kind.word(),
            id: record.related_ticket.clone(),
            state: state.map(State::word),
            note: record.note.clone(),
        });
        let notices = explained.notices.iter().map(|(word, id, state)| AdviceView {
            kind: word,
            id: Some(id.to_string()),
            state: state.map(State::word),
            note: None,
        });
        ExplainView {
            schema: "yoi.explain/1",
            id: explained.id.to_string(),
            title: explained.title.clone(),
            state: explained.state.word(),
            gate: explained.gate.word(),
            can_start: explained.obstacles.is_empty(),
            reasons: explained.obstacles.iter().map(ReasonView::new).collect(),
            advice: advice.collect(),
            notices: notices.collect(),
            routing: explained.routing.word.clone(),
            route_again: explained.routing.is_due,
        }
    }
}
