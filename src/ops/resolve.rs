//! Which ticket somebody means.

use crate::model::id::{Suffix, TicketId};
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
    match found.len() {
        0 => Err(Problem::UnknownTicket(typed.to_owned()).into()),
        1 => Ok(found.remove(0)),
        _ => Err(ambiguous(snapshot, typed, &found).into()),
    }
}

fn parse(typed: &str) -> Result<Suffix, Problem> {
    Suffix::parse(typed).map_err(|fault| Problem::BadTicketName { typed: typed.to_owned(), fault })
}

fn current(store: &Store) -> Result<Suffix, Problem> {
    let branch = store.branch();
    match branch.as_deref().and_then(of_branch) {
        Some(id) => parse(id.as_str()),
        None => Err(Problem::NoBranchTicket(branch)),
    }
}

/// The ticket a branch name holds: the first part that is a full id, in any case of letters.
pub fn of_branch(branch: &str) -> Option<TicketId> {
    let parts = branch.split(|letter: char| !letter.is_ascii_alphanumeric());
    parts.filter_map(|part| TicketId::parse(&part.to_ascii_uppercase())).next()
}

fn ambiguous(snapshot: &Snapshot, typed: &str, found: &[Files]) -> Problem {
    let title =
        |files: &Files| stored::ticket(snapshot, files).map(|ticket| ticket.title).unwrap_or_default();
    Problem::AmbiguousTicket {
        typed: typed.to_owned(),
        candidates: found.iter().map(|files| (files.id, title(files))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_names_its_ticket_by_the_full_id() {
        let id = TicketId::parse("00001KVZKSV6C");
        for branch in ["work/00001KVZKSV6C-slug", "impl/00001kvzksv6c", "ticket-00001KVZKSV6C-a-b"] {
            assert_eq!(of_branch(branch), id, "{branch}");
        }
        for branch in ["main", "work/KSV6C-slug", "work/000001KVZKSV6C-slug"] {
            assert_eq!(of_branch(branch), None, "{branch}");
        }
    }
}
