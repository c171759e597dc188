//! What `start` and `done` answer besides the change: `yoi.change/1` with more fields.

use serde::Serialize;

use crate::ops::claiming::Known;
use crate::ops::cleaning::Cleaned;
use crate::ops::session::Echo;
use crate::ops::start::Started;

use super::change::ChangeView;

/// What a start did.
#[derive(Debug, Serialize)]
pub struct StartView {
    /// The change of the ticket.
    #[serde(flatten)]
    pub change: ChangeView,
    /// How well others know of the claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimView>,
    /// The branch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The commit a new branch begins at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The worktree, an absolute path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// The same as it is recorded: relative to the main work tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worktree_recorded: Option<String>,
}

/// How well others know of a claim.
#[derive(Debug, Serialize)]
pub struct ClaimView {
    /// `shared` or `local`.
    pub standing: &'static str,
    /// The remote that decides.
    pub remote: String,
    /// Why it doesn't know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl ClaimView {
    fn new(known: &Known) -> Option<Self> {
        let (standing, remote, why) = match known {
            Known::Alone => return None,
            Known::Shared(remote) => ("shared", remote, None),
            Known::Local(remote, why) => ("local", remote, Some(why.clone())),
        };
        Some(ClaimView { standing, remote: remote.clone(), why })
    }
}

impl StartView {
    /// From what a start answers.
    pub fn new(started: &Started) -> Self {
        let worktree = started.worktree.as_ref();
        StartView {
            change: ChangeView::new(&started.echo),
            claim: ClaimView::new(&started.known),
            branch: started.branch.as_ref().map(|(name, _)| name.clone()),
            base: started.branch.as_ref().and_then(|(_, base)| base.clone()),
            worktree: worktree.map(|(path, ..)| path.to_string_lossy().into_owned()),
            worktree_recorded: worktree.map(|(_, relative, _)| relative.clone()),
        }
    }
}

/// What `done` did.
#[derive(Debug, Serialize)]
pub struct DoneView {
    /// The schema of a `done` that only cleaned; else that of the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<&'static str>,
    /// The ticket, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The change of the ticket, if it was not done already.
    #[serde(flatten)]
    pub change: Option<ChangeView>,
    /// Worktrees that are gone, absolute paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_worktrees: Vec<String>,
    /// Branches that are gone, and their last commits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed_branches: Vec<RemovedView>,
}

/// A branch that is gone.
#[derive(Debug, Serialize)]
pub struct RemovedView {
    /// Its name.
    pub branch: String,
    /// The full id of its last commit.
    pub commit: String,
}

impl DoneView {
    /// From what `done` answers.
    pub fn new(echo: Option<&Echo>, cleaned: &Cleaned) -> Self {
        let paths = cleaned.worktrees.iter().map(|path| path.to_string_lossy().into_owned());
        let branches = cleaned.branches.iter();
        DoneView {
            schema: echo.is_none().then_some("yoi.change/1"),
            id: cleaned.id.filter(|_| echo.is_none()).map(|id| id.to_string()),
            change: echo.map(ChangeView::new),
            removed_worktrees: paths.collect(),
            removed_branches: branches
                .map(|(branch, commit)| RemovedView { branch: branch.clone(), commit: commit.clone() })
                .collect(),
        }
    }
}
