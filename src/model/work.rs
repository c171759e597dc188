//! Snapshots of a ticket's work: what a branch held when it was pushed.
//!
//! A snapshot tells every clone what to look for on the target branches, also those that never had the
//! branch: the commits themselves may be squashed, rebased or cherry-picked on their way.

use super::commit::AuthorKey;

/// A commit of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCommit {
    /// Its full id.
    pub id: String,
    /// What its difference hashes to, wherever it is applied; `None` for an empty difference.
    pub patch_id: Option<String>,
    /// Who wrote what when.
    pub key: AuthorKey,
}

/// What a branch held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// The branch, without `refs/heads/`.
    pub branch: String,
    /// Where it left the target branch: a full id; `None` when they have nothing in common.
    pub base: Option<String>,
    /// Its last commit.
    pub tip: String,
    /// The hash of the difference between base and tip, as of a commit; `None` when there is none.
    pub range_patch_id: Option<String>,
    /// Its own commits, merges aside, the oldest first.
    pub commits: Vec<WorkCommit>,
}

/// A snapshot as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// When, as it is written.
    pub at: String,
    /// Who pushed.
    pub author: String,
    /// What the branch held.
    pub work: Work,
}

/// The last snapshot of each branch, in the order in which the branches were first recorded.
pub fn latest(records: Vec<Recorded>) -> Vec<Work> {
    let mut found: Vec<Recorded> = Vec::new();
    for record in records {
        match found.iter_mut().find(|known| known.work.branch == record.work.branch) {
            Some(known) if known.at <= record.at => *known = record,
            Some(_) => {}
            None => found.push(record),
        }
    }
    found.into_iter().map(|record| record.work).collect()
}
