//! Finding words in everything tickets say.

use std::cmp::Reverse;

use crate::index::text::Candidates;
use crate::model::id::TicketId;
use crate::model::query::{Clause, Query, Sort, Term};
use crate::model::search::hit::{self, Snippet, Sought};
use crate::model::summary::Summary;
use crate::store::snapshot::Snapshot;

use super::session::Session;
use super::{full_text, passages, survey};

/// What to find.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is looked for; at least one thing is wanted.
    pub sought: Sought,
    /// Which tickets are looked at, and how many are shown. Its order counts only when `is_ranked` is not set.
    pub query: Query,
    /// The best first: those with more of what is wanted in their title, then the last changed.
    pub is_ranked: bool,
    /// The lines are wanted.
    pub wants_snippets: bool,
    /// How many there are is wanted: else it is enough to know that there are more.
    pub wants_total: bool,
}

/// A ticket in which everything was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The ticket.
    pub ticket: Summary,
    /// The line where each thing stands first.
    pub snippets: Vec<Snippet>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The tickets, the best first.
    pub hits: Vec<Hit>,
    /// How many were found, shown or not.
    pub total: usize,
    /// There may be more, which nobody counted.
    pub has_more: bool,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Finds the tickets that hold everything that is wanted, in any of their texts, and nothing unwanted. The index
/// is brought up to date first; where it can't be, the texts of all tickets are read. `progress` is told how many
/// tickets of how many are indexed.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn search(
    session: &Session,
    request: &Request,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Found> {
    let snapshot = session.snapshot()?;
    let candidates = full_text::candidates(session, &snapshot, &request.sought, progress);
    among(session, &snapshot, request, candidates.as_ref())
}

/// The same without the index.
///
/// # Errors
/// As [`search`].
pub fn search_all(session: &Session, request: &Request) -> anyhow::Result<Found> {
    among(session, &session.snapshot()?, request, None)
}

/// Looks at the candidates, or at all tickets.
fn among(
    session: &Session,
    snapshot: &Snapshot,
    request: &Request,
    candidates: Option<&Candidates>,
) -> anyhow::Result<Found> {
    let mut query = Query { most: None, ..request.query.clone() };
    if request.is_ranked {
        (query.sort, query.reverse) = (Sort::Id, false);
    }
    query.clauses.extend(candidates.map(|candidates| {
        let ids = candidates.found.iter().chain(&candidates.faulty).copied();
        Clause::of(Term::Among(ids.collect()))
    }));
    let survey = survey::select(session, snapshot, &query)?;
    let mut found = Found { unreadable: survey.unreadable, damaged: survey.damaged, ..Found::default() };
    let mut tickets = survey.tickets;
    if request.is_ranked {
        rank(&mut tickets, &request.sought, request.query.reverse);
    }
    let most = request.query.most.unwrap_or(usize::MAX);
    let is_known = |id: &TicketId| {
        candidates.is_some_and(|candidates| candidates.is_exact && !candidates.faulty.contains(id))
    };
    for ticket in tickets {
        let id = ticket.id;
        let is_shown = found.hits.len() < most;
        if is_known(&id) && !(is_shown && request.wants_snippets) {
            found.total += 1;
            found.hits.extend(is_shown.then_some(Hit { ticket, snippets: Vec::new() }));
            continue;
        }
        if !is_shown && !request.wants_total {
            found.has_more = true;
            break;
        }
        match look_into(snapshot, &id, &request.sought) {
            Ok(Some(snippets)) => {
                found.total += 1;
                found.hits.extend(is_shown.then_some(Hit { ticket, snippets }));
            }
            Ok(None) => {}
            Err(error) => found.unreadable.push((id, error.to_string())),
        }
    }
    found.unreadable.sort();
    Ok(found)
}

/// The best first.
fn rank(tickets: &mut [Summary], sought: &Sought, is_reversed: bool) {
    tickets.sort_by_cached_key(|ticket| {
        Reverse((hit::in_title(&ticket.title, sought), ticket.updated_at, ticket.id))
    });
    if is_reversed {
        tickets.reverse();
    }
}

fn look_into(snapshot: &Snapshot, id: &TicketId, sought: &Sought) -> anyhow::Result<Option<Vec<Snippet>>> {
    let Some(files) = snapshot.ticket(id)? else { return Ok(None) };
    Ok(hit::look(&passages::read(snapshot, &files)?, sought))
}
