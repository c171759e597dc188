//! Operations on the ref: `yoi.history/1`; commits and artifacts of a ticket.

use serde::Serialize;

use crate::model::moment::Moment;
use crate::ops::commits::Linked;
use crate::ops::history::{Entry, History};

use super::ticket::{ArtifactView, CommitView};

/// The operations, the newest first.
#[derive(Debug, Serialize)]
pub struct HistoryView {
    /// `yoi.history/1`.
    pub schema: &'static str,
    /// How many there are.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// The operations.
    pub operations: Vec<OperationView>,
}

/// One operation.
#[derive(Debug, Serialize)]
pub struct OperationView {
    /// The commit on the ref.
    pub commit: String,
    /// Who acted.
    pub author: String,
    /// When, UTC.
    pub at: String,
    /// What happened.
    pub subject: String,
    /// The difference, one unified diff for each file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patches: Vec<String>,
}

impl OperationView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 4] = ["commit", "author", "at", "subject"];

    /// From an operation.
    pub fn new(entry: &Entry) -> Self {
        OperationView {
            commit: entry.operation.commit.clone(),
            author: entry.operation.author.clone(),
            at: Moment::from_seconds(entry.operation.seconds).to_string(),
            subject: entry.operation.subject.clone(),
            patches: entry.patches.clone(),
        }
    }
}

impl HistoryView {
    /// From what `history` answers.
    pub fn new(history: &History) -> Self {
        HistoryView {
            schema: "yoi.history/1",
            total: history.total,
            truncated: history.entries.len() < history.total,
            operations: history.entries.iter().map(OperationView::new).collect(),
        }
    }
}

/// The commits of a ticket.
#[derive(Debug, Serialize)]
pub struct CommitsView {
    /// `yoi.commits/1`.
    pub schema: &'static str,
    /// How many there are.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// The commits: those linked by hand in the order in which they were linked, then the others, the oldest first.
    pub commits: Vec<CommitView>,
}

impl CommitsView {
    /// From linked commits.
    pub fn new(linked: &[Linked]) -> Self {
        let commits: Vec<CommitView> = linked.iter().map(CommitView::new).collect();
        CommitsView { schema: "yoi.commits/1", total: commits.len(), truncated: false, commits }
    }
}

/// The artifacts of a ticket.
#[derive(Debug, Serialize)]
pub struct ArtifactsView {
    /// `yoi.artifacts/1`.
    pub schema: &'static str,
    /// How many there are.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// The artifacts, in order of name.
    pub artifacts: Vec<ArtifactView>,
}

impl ArtifactsView {
    /// From names and sizes.
    pub fn new(artifacts: &std::collections::BTreeMap<String, u64>) -> Self {
        let artifacts = ArtifactView::all(artifacts);
        ArtifactsView { schema: "yoi.artifacts/1", total: artifacts.len(), truncated: false, artifacts }
    }
}
