//! Listing tickets: filters, order, count.

use std::collections::HashMap;

use crate::model::id::{self, TicketId};
use crate::model::state::State;
use crate::model::ticket::Ticket;

use super::session::Session;
use super::stored;

/// What to list.
#[derive(Debug, Clone)]
pub struct Query {
    /// States to show; empty shows every one but closed.
    pub states: Vec<State>,
    /// Conditions, all of which must hold.
    pub terms: Vec<Term>,
    /// In which order.
    pub sort: Sort,
    /// The other way round.
    pub reverse: bool,
    /// At most so many; `None` shows all.
    pub most: Option<usize>,
}

/// A condition on a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The title or the id holds this, whatever the case of letters.
    Text(String),
    /// It is in this state.
    State(String),
    /// It has this label.
    Label(String),
    /// It has this assignee.
    Assignee(String),
    /// It has this priority.
    Priority(String),
    /// It has this readiness.
    Readiness(String),
    /// It has this risk flag.
    Risk(String),
}

impl Term {
    /// Reads `state:x`, `label:x`, `assignee:x`, `priority:x`, `readiness:x`, `risk:x`; other words are text.
    pub fn parse(word: &str) -> Self {
        let value = |text: &str| text.to_lowercase();
        match word.split_once(':') {
            Some(("state", text)) => Term::State(value(text)),
            Some(("label", text)) => Term::Label(value(text)),
            Some(("assignee", text)) => Term::Assignee(value(text)),
            Some(("priority", text)) => Term::Priority(value(text)),
            Some(("readiness", text)) => Term::Readiness(value(text)),
            Some(("risk", text)) => Term::Risk(value(text)),
            _ => Term::Text(value(word)),
        }
    }

    fn holds(&self, ticket: &Ticket) -> bool {
        let is = |field: &Option<String>, wanted: &str| {
            field.as_deref().unwrap_or_default().to_lowercase() == wanted
        };
        let has = |list: &[String], wanted: &str| list.iter().any(|word| word.to_lowercase() == wanted);
        match self {
            Term::Text(text) => {
                ticket.title.to_lowercase().contains(text) || ticket.id.as_str().to_lowercase().contains(text)
            }
            Term::State(word) => ticket.state.word() == word,
            Term::Label(label) => has(&ticket.labels, label),
            Term::Assignee(name) => is(&ticket.assignee, name),
            Term::Priority(priority) => is(&ticket.priority, priority),
            Term::Readiness(readiness) => is(&ticket.readiness, readiness),
            Term::Risk(flag) => has(&ticket.risk_flags, flag),
        }
    }
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// The last changed first.
    Updated,
    /// The newest first.
    Created,
    /// By id, the oldest first.
    Id,
    /// By title.
    Title,
    /// By state, in the order of the workflow.
    State,
    /// By priority, those without one last.
    Priority,
}

/// The tickets that match.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// Those to show.
    pub tickets: Vec<Ticket>,
    /// For each of them, how many characters of its id's end tell it from every other ticket.
    pub suffixes: Vec<usize>,
    /// How many match, shown or not.
    pub total: usize,
    /// How many tickets there are.
    pub known: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Lists tickets.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn list(session: &Session, query: &Query) -> anyhow::Result<Listed> {
    let snapshot = session.snapshot()?;
    let mut listed = Listed::default();
    let (all, faults) = snapshot.readable()?;
    listed.damaged = faults.iter().map(ToString::to_string).collect();
    let ids: Vec<TicketId> = all.iter().map(|files| files.id).collect();
    for files in all {
        match stored::ticket(&snapshot, &files) {
            Ok(ticket) if matches(&ticket, query) => listed.tickets.push(ticket),
            Ok(_) => {}
            Err(error) => listed.unreadable.push((files.id, error.to_string())),
        }
    }
    listed.total = listed.tickets.len();
    listed.known = ids.len();
    sort(&mut listed.tickets, query.sort);
    if query.reverse {
        listed.tickets.reverse();
    }
    listed.tickets.truncate(query.most.unwrap_or(usize::MAX));
    let lengths: HashMap<TicketId, usize> = ids.iter().copied().zip(id::shortest_suffixes(&ids)).collect();
    listed.suffixes = listed.tickets.iter().map(|ticket| lengths[&ticket.id]).collect();
    Ok(listed)
}

/// Whether a ticket is in one of the states and fulfils every condition.
pub(super) fn matches(ticket: &Ticket, query: &Query) -> bool {
    let is_in_state = match query.states.as_slice() {
        [] => ticket.state.is_active(),
        states => states.contains(&ticket.state),
    };
    is_in_state && query.terms.iter().all(|term| term.holds(ticket))
}

fn sort(tickets: &mut [Ticket], by: Sort) {
    use std::cmp::Reverse;
    match by {
        Sort::Updated => tickets.sort_by_key(|ticket| Reverse((ticket.updated_at, ticket.id))),
        Sort::Created => tickets.sort_by_key(|ticket| Reverse((ticket.created_at, ticket.id))),
        Sort::Id => tickets.sort_by_key(|ticket| ticket.id),
        Sort::Title => tickets.sort_by_cached_key(|ticket| (ticket.title.to_lowercase(), ticket.id)),
        Sort::State => tickets.sort_by_key(|ticket| (ticket.state, Reverse(ticket.updated_at), ticket.id)),
        Sort::Priority => {
            tickets
                .sort_by_cached_key(|ticket| (ticket.priority.is_none(), ticket.priority.clone(), ticket.id));
        }
    }
}
