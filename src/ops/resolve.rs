//! Which ticket somebody means.

use crate::model::commit::ticket_of_branch;
use crate::model::id::Suffix;
use crate::store::Store;
use crate::store::snapshot::{Files, Snapshot};

use super::{Problem, stored};

/// The ticket of the current branch.
pub const CURRENT: &str = "@";

/// Finds the ticket: a full id, a unique end of one, or `@`.
///
/// # Errors
/// When there is none, or several.
pub fn resolve(store: &Store, snapshot: &Snapshot, typed: &str) -> anyhow::Result<Files> {
    let suffix = if typed == CURRENT { current(store)? } else { parse(typed)? };
    let mut found = snapshot.ending(&suffix)?;
    if found.is_empty() {
        found = left(snapshot, &suffix)?;
    }
    match found.len() {
        0 if typed == CURRENT => Err(Problem::UnknownTicket(suffix.as_str().to_owned()).into()),
        0 => Err(Problem::UnknownTicket(typed.to_owned()).into()),
        1 => Ok(found.remove(0)),
        _ => Err(ambiguous(snapshot, typed, &found).into()),
    }
}

/// The tickets that had such an id before a merge gave them another one.
fn left(snapshot: &Snapshot, suffix: &Suffix) -> anyhow::Result<Vec<Files>> {
    let moved = snapshot.moved()?;
    let homes = moved.iter().filter(|(id, _)| suffix.matches(id)).flat_map(|(_, homes)| homes);
    let mut found = Vec::new();
    for home in homes {
        found.extend(snapshot.ticket(home)?);
    }
    Ok(found)
}

fn parse(typed: &str) -> Result<Suffix, Problem> {
    Suffix::parse(typed).map_err(|fault| Problem::BadTicketName { typed: typed.to_owned(), fault })
}

fn current(store: &Store) -> Result<Suffix, Problem> {
    let branch = store.branch();
    match branch.as_deref().and_then(ticket_of_branch) {
        Some(id) => parse(id.as_str()),
        None => Err(Problem::NoBranchTicket(branch)),
    }
}

fn ambiguous(snapshot: &Snapshot, typed: &str, found: &[Files]) -> Problem {
    let title =
        |files: &Files| stored::ticket(snapshot, files).map(|ticket| ticket.title).unwrap_or_default();
    Problem::AmbiguousTicket {
        typed: typed.to_owned(),
        candidates: found.iter().map(|files| (files.id, title(files))).collect(),
    }
}
