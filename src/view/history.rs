//! Operations on the ref: `yoi.history/1`; commits and artifacts of a ticket.

use serde::Serialize;

use crate::model::moment::Moment;
use crate::ops::commits::Linked;
use crate::ops::history::{Entry, History};
use crate::ops::patch::{Change, Line, Patch};

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
    /// The difference word by word.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileView>,
}

/// What changed in one file.
#[derive(Debug, Serialize)]
pub struct FileView {
    /// Its path on the ref.
    pub path: String,
    /// `new`, `gone`, `changed` or `binary`.
    pub change: &'static str,
    /// The lines that changed, with what is around them: what is gone as `[-…-]`, what came as `{+…+}`; a line
    /// `@@ <number> @@` where lines were left out.
    pub words: Vec<String>,
    /// How many more lines there are.
    pub omitted: usize,
}

impl FileView {
    /// From a difference.
    pub fn new(patch: &Patch) -> Self {
        let change = match patch {
            Patch { is_binary: true, .. } => "binary",
            Patch { is_new: true, .. } => "new",
            Patch { is_gone: true, .. } => "gone",
            Patch { .. } => "changed",
        };
        let words = patch.lines.iter().map(words).collect();
        FileView { path: patch.path.clone(), change, words, omitted: patch.omitted }
    }
}

/// A line of a difference without colours, as `git diff --word-diff=plain` has it.
fn words(line: &Line) -> String {
    match line {
        Line::Gap(number) => format!("@@ {number} @@"),
        Line::Words(parts) => parts.iter().map(|(change, text)| marked(*change, text)).collect(),
    }
}

/// A part of a line, marked with what became of it.
pub fn marked(change: Change, text: &str) -> String {
    match change {
        _ if text.is_empty() => String::new(),
        Change::Kept => text.to_owned(),
        Change::Removed => format!("[-{text}-]"),
        Change::Added => format!("{{+{text}+}}"),
    }
}

/// What changed in a ticket between two versions: `yoi.diff/1`.
#[derive(Debug, Serialize)]
pub struct DiffView {
    /// `yoi.diff/1`.
    pub schema: &'static str,
    /// How many files differ.
    pub total: usize,
    /// Always false: all are shown, each up to a number of lines.
    pub truncated: bool,
    /// The files.
    pub files: Vec<FileView>,
}

impl DiffView {
    /// From differences.
    pub fn new(patches: &[Patch]) -> Self {
        let files: Vec<FileView> = patches.iter().map(FileView::new).collect();
        DiffView { schema: "yoi.diff/1", total: files.len(), truncated: false, files }
    }
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
            patches: entry.patches.iter().map(|patch| patch.unified.clone()).collect(),
            files: entry.patches.iter().map(FileView::new).collect(),
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
