//! What somebody asks of a list of tickets: conditions, order, number.

use std::cmp::Reverse;

use super::id::TicketId;
use super::moment::Moment;
use super::readiness::Gate;
use super::state::State;
use super::summary::Summary;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// A condition on a ticket. Texts are in lower case.
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
    /// This is what it waits for next.
    Gate(Gate),
    /// This one made it.
    Author(String),
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
        Query { states: states.to_vec(), terms: Vec::new(), sort: Sort::Id, reverse: false, most: None }
    }

    /// The states a ticket may be in.
    pub fn states(&self) -> Vec<State> {
        let wanted = |state: &State| match self.states.as_slice() {
            [] => state.is_active(),
            states => states.contains(state),
        };
        State::ALL.into_iter().filter(wanted).collect()
    }

    /// Whether it asks for what only threads tell: who made a ticket.
    pub fn needs_creator(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Author(_)))
    }

    /// Whether a ticket is in one of the states and fulfils every condition.
    pub fn matches(&self, summary: &Summary) -> bool {
        let is_in_state = match self.states.as_slice() {
            [] => summary.state.is_active(),
            states => states.contains(&summary.state),
        };
        is_in_state && self.terms.iter().all(|term| term.holds(summary))
    }

    /// Puts tickets in the order asked for, and leaves no more than were asked for.
    pub fn arrange(&self, tickets: &mut Vec<Summary>) {
        match self.sort {
            Sort::Updated => tickets.sort_by_key(by_update),
            Sort::Created => tickets.sort_by_key(|ticket| Reverse((ticket.created_at, ticket.id))),
            Sort::Id => tickets.sort_by_key(|ticket| ticket.id),
            Sort::Title => tickets.sort_by_cached_key(|ticket| (ticket.title.to_lowercase(), ticket.id)),
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

    /// Whether it holds for a ticket.
    pub fn holds(&self, summary: &Summary) -> bool {
        let is = |field: &Option<String>, wanted: &str| {
            field.as_deref().unwrap_or_default().to_lowercase() == wanted
        };
        let has = |list: &[String], wanted: &str| list.iter().any(|word| word.to_lowercase() == wanted);
        match self {
            Term::Text(text) => {
                summary.title.to_lowercase().contains(text)
                    || summary.id.as_str().to_lowercase().contains(text)
            }
            Term::State(word) => summary.state.word() == word,
            Term::Label(label) => has(&summary.labels, label),
            Term::Assignee(name) => is(&summary.assignee, name),
            Term::Priority(priority) => is(&summary.priority, priority),
            Term::Readiness(readiness) => is(&summary.readiness, readiness),
            Term::Risk(flag) => has(&summary.risk_flags, flag),
            Term::Gate(gate) => summary.gate == *gate,
            Term::Author(name) => is(&summary.creator, name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ticket::Ticket;

    fn summary(number: u64, state: State, title: &str, labels: &[&str]) -> Summary {
        Summary::of(&Ticket {
            id: TicketId::from_millis(number),
            title: title.to_owned(),
            state,
            created_at: None,
            updated_at: Some(Moment::from_seconds(100 - i64::try_from(number).unwrap_or(0))),
            assignee: Some("Alice".to_owned()),
            readiness: None,
            risk_flags: Vec::new(),
            queued_by: None,
            queued_at: None,
            priority: None,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            unknown: Vec::new(),
            body: String::new(),
        })
    }

    fn ask(words: &str, sort: Sort, most: Option<usize>) -> Vec<u64> {
        let terms = words.split_whitespace().map(Term::parse).collect();
        let query = Query { states: Vec::new(), terms, sort, reverse: false, most };
        let mut all = vec![
            summary(1, State::Queued, "b", &["Bug"]),
            summary(2, State::Planning, "C", &["bug", "ui"]),
            summary(3, State::Closed, "a", &["bug"]),
            summary(4, State::Ready, "a", &[]),
        ];
        all.retain(|summary| query.matches(summary));
        query.arrange(&mut all);
        all.iter().map(|summary| summary.id.millis()).collect()
    }

    #[test]
    fn every_condition_must_hold_and_closed_tickets_are_left_out() {
        assert_eq!(ask("", Sort::Id, None), [1, 2, 4]);
        assert_eq!(ask("label:BUG", Sort::Id, None), [1, 2]);
        assert_eq!(ask("label:bug label:ui assignee:alice", Sort::Id, None), [2]);
        assert_eq!(ask("priority:", Sort::Id, None), [1, 2, 4]);
        assert_eq!(ask("c", Sort::Id, None), [2]);
    }

    #[test]
    fn tickets_come_in_the_order_asked_for_and_no_more_than_that() {
        assert_eq!(ask("", Sort::Updated, None), [1, 2, 4]);
        assert_eq!(ask("", Sort::Title, Some(2)), [4, 1]);
        assert_eq!(ask("", Sort::State, None), [2, 4, 1]);
    }
}
