//! Finding words in everything tickets say.

use std::cmp::Reverse;

use crate::model::id::TicketId;
use crate::model::query::{Query, Sort};
use crate::model::search::hit::{self, Snippet, Sought};
use crate::model::summary::Summary;
use crate::store::snapshot::Snapshot;

use super::session::Session;
use super::{passages, survey};

/// What to find.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is looked for; at least one thing is wanted.
    pub sought: Sought,
    /// Which tickets are looked at, and how many are shown. Its order counts only when `is_ranked` is not set.
    pub query: Query,
    /// The best first: those with more of what is wanted in their title, then the last changed.
    pub is_ranked: bool,
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
    /// How many there are, shown or not.
    pub total: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Finds the tickets that hold everything that is wanted, in any of their texts, and nothing unwanted.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn search(session: &Session, request: &Request) -> anyhow::Result<Found> {
    let snapshot = session.snapshot()?;
    let mut every = Query { most: None, ..request.query.clone() };
    if request.is_ranked {
        (every.sort, every.reverse) = (Sort::Id, false);
    }
    let survey = survey::select(session, &snapshot, &every)?;
    let mut found = Found { unreadable: survey.unreadable, damaged: survey.damaged, ..Found::default() };
    let mut tickets = survey.tickets;
    if request.is_ranked {
        rank(&mut tickets, &request.sought, request.query.reverse);
    }
    let most = request.query.most.unwrap_or(usize::MAX);
    for ticket in tickets {
        let id = ticket.id;
        match look_into(&snapshot, &id, &request.sought) {
            Ok(Some(snippets)) => {
                found.total += 1;
                if found.hits.len() < most {
                    found.hits.push(Hit { ticket, snippets });
                }
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
