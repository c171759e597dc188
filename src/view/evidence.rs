//! What a ticket has to show for its work: `yoi.evidence/1`, and a part of `yoi.ticket/1`.

use serde::Serialize;

use crate::model::evidence::{Row, Status};
use crate::ops::show::Shown;

/// The evidence of one ticket.
#[derive(Debug, Serialize)]
pub struct EvidenceView {
    /// `yoi.evidence/1`.
    pub schema: &'static str,
    /// The ticket.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: &'static str,
    /// What can be done next.
    pub gate: &'static str,
    /// The criteria, in the order of the work.
    pub evidence: Vec<CriterionView>,
    /// The criteria that are not met.
    pub missing: Vec<&'static str>,
}

/// A criterion.
#[derive(Debug, Serialize)]
pub struct CriterionView {
    /// `report`, `review`, `validation` or `landing`.
    pub criterion: &'static str,
    /// `good`, `missing`, `failed`, `changes_requested`, `stale` or `reverted`.
    pub status: &'static str,
    /// Whether the project demands it before a ticket is done.
    pub required: bool,
    /// Who said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The full id of the commit it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// More, in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub words: String,
}

impl CriterionView {
    /// From a row of the table.
    pub fn new(row: &Row) -> Self {
        CriterionView {
            criterion: row.criterion.word(),
            status: row.status.word(),
            required: row.is_required,
            by: row.by.clone(),
            at: row.at.clone(),
            commit: row.commit.clone(),
            words: row.words.clone(),
        }
    }
}

impl EvidenceView {
    /// From what `show` answers.
    pub fn new(shown: &Shown) -> Self {
        let missing = shown.evidence.iter().filter(|row| row.status != Status::Good);
        EvidenceView {
            schema: "yoi.evidence/1",
            id: shown.ticket.id.to_string(),
            title: shown.ticket.title.clone(),
            state: shown.ticket.state.word(),
            gate: shown.gate.word(),
            evidence: shown.evidence.iter().map(CriterionView::new).collect(),
            missing: missing.map(|row| row.criterion.word()).collect(),
        }
    }
}
