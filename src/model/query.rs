//! What somebody asks of a list of tickets: conditions, order, number.

use std::cmp::Reverse;

use super::fold::fold;
use super::id::TicketId;
use super::moment::Moment;
use super::state::State;
use super::summary::Summary;

pub mod parse;
pub mod term;
pub mod time;

pub use term::{Clause, Pattern, Span, Term};

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// States to show; empty shows every one but closed.
    pub states: Vec<State>,
    /// Conditions, all of which must hold.
    pub clauses: Vec<Clause>,
    /// In which order.
    pub sort: Sort,
    /// The other way round.
    pub reverse: bool,
    /// At most so many; `None` shows all.
    pub most: Option<usize>,
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

impl Query {
    /// Everything that is in one of these states, by id; no states stand for all but closed.
    pub fn in_states(states: &[State]) -> Self {
        Query { states: states.to_vec(), clauses: Vec::new(), sort: Sort::Id, reverse: false, most: None }
    }

    /// The states a ticket may be in.
    pub fn states(&self) -> Vec<State> {
        let wanted = |state: &State| match self.states.as_slice() {
            [] => state.is_active(),
            states => states.contains(state),
        };
        State::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether it asks for what only threads tell: who made a ticket, when something was written.
    pub fn needs_threads(&self) -> bool {
        self.clauses.iter().flat_map(|clause| &clause.any).any(Term::needs_thread)
    }

    /// Whether a ticket is in one of the states and fulfils every condition.
    pub fn matches(&self, summary: &Summary) -> bool {
        let is_in_state = match self.states.as_slice() {
            [] => summary.state.is_active(),
            states => states.contains(&summary.state),
        };
        is_in_state && self.clauses.iter().all(|clause| clause.holds(summary))
    }

    /// Puts tickets in the order asked for, and leaves no more than were asked for.
    pub fn arrange(&self, tickets: &mut Vec<Summary>) {
        match self.sort {
            Sort::Updated => tickets.sort_by_key(by_update),
            Sort::Created => tickets.sort_by_key(|ticket| Reverse((ticket.created_at, ticket.id))),
            Sort::Id => tickets.sort_by_key(|ticket| ticket.id),
            Sort::Title => tickets.sort_by_cached_key(|ticket| (fold(&ticket.title), ticket.id)),
            Sort::State => {
                tickets.sort_by_key(|ticket| (ticket.state, Reverse(ticket.updated_at), ticket.id));
            }
            Sort::Priority => {
                tickets.sort_by_cached_key(|ticket| {
                    (ticket.priority.is_none(), ticket.priority.clone(), ticket.id)
                });
            }
        }
        if self.reverse {
            tickets.reverse();
        }
        tickets.truncate(self.most.unwrap_or(usize::MAX));
    }
}

fn by_update(ticket: &Summary) -> Reverse<(Option<Moment>, TicketId)> {
    Reverse((ticket.updated_at, ticket.id))
}
