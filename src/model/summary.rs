//! What is known of a ticket at a glance: one row of a list.

use super::event::Event;
use super::id::{self, TicketId};
use super::moment::Moment;
use super::readiness::{self, Blocker, Gate};
use super::state::State;
use super::thread::{self, Verdict};
use super::ticket::Ticket;

/// A ticket at a glance: its fields without the body, and what follows from its thread and from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: TicketId,
    /// How many characters of its id's end tell it from every other ticket.
    pub suffix: usize,
    /// What it is about.
    pub title: String,
    /// Where it stands.
    pub state: State,
    /// When it was made, where the file says so in the known form.
    pub created_at: Option<Moment>,
    /// When it last changed, likewise.
    pub updated_at: Option<Moment>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// What intake thinks of it.
    pub readiness: Option<String>,
    /// What may go wrong.
    pub risk_flags: Vec<String>,
    /// Who queued it.
    pub queued_by: Option<String>,
    /// When it was queued, as the file says it.
    pub queued_at: Option<String>,
    /// How urgent it is.
    pub priority: Option<String>,
    /// Free words.
    pub labels: Vec<String>,
    /// The tickets it waits for, resolved or not, in order of id.
    pub blockers: Vec<Blocker>,
    /// What it waits for next.
    pub gate: Gate,
    /// What the last review said; known of tickets in progress only.
    pub verdict: Option<Verdict>,
    /// Who made it; known only while somebody asks for it: it is in the thread.
    pub creator: Option<String>,
    /// When its events were written; likewise.
    pub events_at: Vec<Moment>,
}

impl Summary {
    /// Of a ticket with nothing known but its own fields.
    pub fn of(ticket: &Ticket) -> Self {
        let mut summary = Summary {
            id: ticket.id,
            suffix: id::SHORTEST_SUFFIX,
            title: ticket.title.clone(),
            state: ticket.state,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            assignee: ticket.assignee.clone(),
            readiness: ticket.readiness.clone(),
            risk_flags: ticket.risk_flags.clone(),
            queued_by: ticket.queued_by.clone(),
            queued_at: ticket.queued_at.clone(),
            priority: ticket.priority.clone(),
            labels: ticket.labels.clone(),
            blockers: Vec::new(),
            gate: Gate::Closed,
            verdict: None,
            creator: None,
            events_at: Vec::new(),
        };
        summary.judge(&[]);
        summary
    }

    /// Whether its gate depends on its thread.
    pub fn needs_thread(&self) -> bool {
        self.state == State::InProgress
    }

    /// Takes from the thread what it says of the round of work, for a ticket that needs it.
    pub fn judge(&mut self, events: &[Event]) {
        self.gate = readiness::gate(self.state, &self.blockers, events);
        self.verdict = if self.needs_thread() { thread::last_verdict(events) } else { None };
    }

    /// Sets what it waits for. Has no say in the gate of a ticket that needs its thread.
    pub fn wait_for(&mut self, blockers: Vec<Blocker>) {
        self.blockers = blockers;
        if !self.needs_thread() {
            self.gate = readiness::gate(self.state, &self.blockers, &[]);
        }
    }

    /// Whether another ticket has to be done before anybody can work on it.
    pub fn is_blocked(&self) -> bool {
        !self.state.is_resolved() && self.blockers.iter().any(Blocker::is_unresolved)
    }
}

/// Who made a ticket: the author of its first `create` event, else of its first event.
pub fn creator(events: &[Event]) -> Option<String> {
    let made = events.iter().find(|event| event.kind == super::event::Kind::Create);
    let author = &made.or(events.first())?.author;
    (!author.is_empty()).then(|| author.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Kind;
    use crate::model::readiness::Via;

    fn event(kind: Kind, author: &str) -> Event {
        Event {
            kind,
            author: author.to_owned(),
            at: String::new(),
            id: None,
            attributes: Vec::new(),
            heading: None,
            body: String::new(),
        }
    }

    #[test]
    fn who_made_a_ticket_stands_in_its_thread() {
        let events = [event(Kind::Comment, "b"), event(Kind::Create, "a")];
        assert_eq!(creator(&events).as_deref(), Some("a"));
        assert_eq!(creator(&events[..1]).as_deref(), Some("b"));
        assert_eq!(creator(&[event(Kind::Create, "")]), None);
    }

    #[test]
    fn a_gate_follows_the_blockers_unless_the_thread_decides() {
        let ticket = |state| Ticket {
            id: TicketId::from_millis(1),
            title: String::new(),
            state,
            created_at: None,
            updated_at: None,
            assignee: None,
            readiness: None,
            risk_flags: Vec::new(),
            queued_by: None,
            queued_at: None,
            priority: None,
            labels: Vec::new(),
            unknown: Vec::new(),
            body: String::new(),
        };
        let blocker = |state| Blocker { id: TicketId::from_millis(2), via: Via::DependsOn, state };
        let mut queued = Summary::of(&ticket(State::Queued));
        assert_eq!((queued.gate, queued.is_blocked()), (Gate::CanStart, false));
        queued.wait_for(vec![blocker(None)]);
        assert_eq!((queued.gate, queued.is_blocked()), (Gate::Blocked, true));
        queued.wait_for(vec![blocker(Some(State::Done))]);
        assert_eq!((queued.gate, queued.is_blocked()), (Gate::CanStart, false));
        let mut running = Summary::of(&ticket(State::InProgress));
        running.judge(&[event(Kind::ImplementationReport, "a")]);
        running.wait_for(vec![blocker(None)]);
        assert_eq!((running.gate, running.is_blocked()), (Gate::AwaitingReport, true));
    }
}
