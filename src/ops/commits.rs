//! Commits linked to tickets by hand.

use crate::model::event::{Event, Kind};
use crate::model::rule::{self, CommitName};
use crate::store::revision::Commit;
use crate::store::{Store, StoreError};

use super::session::{Echo, Session};

/// A commit linked to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Its full id.
    pub full: String,
    /// What this clone knows of it; `None` when it is not in this clone.
    pub commit: Option<Commit>,
    /// What the thread said of it when it was linked.
    pub recorded: String,
}

/// Links a commit to a ticket, or takes the link away.
///
/// # Errors
/// When there is no such commit, it is linked already or not linked, or as [`Session::change`].
pub fn link(
    session: &Session,
    typed: &str,
    commit: &str,
    add: bool,
    note: Option<&str>,
) -> anyhow::Result<Echo> {
    let found = match session.store.commit(commit) {
        // A commit that is gone from this clone can still be unlinked by its full id.
        Err(StoreError::UnknownRevision(_)) if !add && is_full_id(commit) => None,
        answer => Some(answer?),
    };
    let name = match found {
        Some(found) => CommitName { full: found.full, short: found.short, subject: found.subject },
        None => CommitName { full: commit.to_owned(), short: commit[..8].to_owned(), subject: String::new() },
    };
    session.change(typed, |_, stored, _| Ok(rule::link(stored.files.id, &stored.events, &name, add, note)?))
}

fn is_full_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The commits linked to a ticket, in the order in which they were linked.
///
/// # Errors
/// When the ticket or a commit can't be read.
pub fn list(session: &Session, typed: &str) -> anyhow::Result<Vec<Linked>> {
    let snapshot = session.snapshot()?;
    let stored = session.find(&snapshot, typed)?;
    resolve(&session.store, &rule::linked_commits(&stored.events), &stored.events)
}

pub(super) fn resolve(store: &Store, full_ids: &[String], events: &[Event]) -> anyhow::Result<Vec<Linked>> {
    let mut found = Vec::with_capacity(full_ids.len());
    for full in full_ids {
        let mut links = events.iter().rev().filter(|event| event.kind == Kind::CommitLink);
        let link = links.find(|event| event.attribute("commit") == Some(full));
        let recorded = link.and_then(|event| event.body.lines().next()).unwrap_or_default().to_owned();
        found.push(Linked { full: full.clone(), commit: store.commit_by_id(full)?, recorded });
    }
    Ok(found)
}
