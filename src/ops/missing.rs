//! Commits that belong to no ticket.

use crate::format::message;
use crate::model::commit::Commit;
use crate::model::id::TicketId;
use crate::store::StoreError;

use super::Problem;
use super::links::Links;
use super::session::Session;

/// What was found in a range.
#[derive(Debug, Clone)]
pub struct Missing {
    /// The range, as it was typed.
    pub range: String,
    /// How many commits were looked at, merges left out.
    pub looked_at: usize,
    /// Those without a ticket, the newest first.
    pub commits: Vec<Ticketless>,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// A commit without a ticket.
#[derive(Debug, Clone)]
pub struct Ticketless {
    /// The commit.
    pub commit: Commit,
    /// Tickets its message names that don't exist.
    pub unknown: Vec<TicketId>,
    /// What stands in its trailer and is no full id.
    pub strange: Vec<String>,
}

/// The commits of a range that belong to no ticket. Merges are left out: git and forges make them. What a
/// branch is called doesn't count: it may be gone tomorrow.
///
/// # Errors
/// When this clone can't tell which commits are in the range, or the tickets can't be read.
pub fn missing(session: &Session, range: &str) -> anyhow::Result<Missing> {
    let trailer = &session.settings.trailer;
    let is_shallow = session.store.is_shallow();
    let bad = |error: StoreError| match error {
        StoreError::GitFailed(why) => Problem::BadRange { range: range.to_owned(), why, is_shallow }.into(),
        other => anyhow::Error::from(other),
    };
    let commits = session.store.typed_range(range, trailer).map_err(bad)?.commits;
    let edges = session.store.shallow_edges();
    if commits.iter().any(|commit| edges.contains(&commit.id)) {
        return Err(Problem::ShallowRange(range.to_owned()).into());
    }
    let snapshot = session.snapshot()?;
    let mut links = Links::read(session, &snapshot, false)?;
    let looked_at = commits.len();
    let mut found = Vec::new();
    for commit in commits {
        if !links.is_held(&commit)? {
            let unknown = links.unknown(&commit);
            let strange = message::strange_names(&commit.message, trailer);
            found.push(Ticketless { commit, unknown, strange });
        }
    }
    Ok(Missing {
        range: range.to_owned(),
        looked_at,
        commits: found,
        unreadable: links.unreadable,
        damaged: links.damaged,
    })
}
