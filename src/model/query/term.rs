//! Conditions on a ticket: closed lists of what can be asked, without the words somebody typed.

use std::collections::BTreeSet;

use crate::model::fold::fold;
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::readiness::Gate;
use crate::model::state::State;
use crate::model::summary::Summary;

/// Conditions of which one must hold; or, excluded, of which none may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// None may hold.
    pub is_excluded: bool,
    /// The conditions, never none.
    pub any: Vec<Term>,
}

/// A condition on a ticket. Texts are folded: see [`fold`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The title or the id holds this.
    Text(String),
    /// The title holds this.
    Title(String),
    /// It is in this state.
    State(State),
    /// It is in any state but closed.
    Open,
    /// It is done or closed.
    Resolved,
    /// It is not resolved, and waits for another ticket that is not.
    Blocked,
    /// This is what it waits for next.
    Gate(Gate),
    /// It has a label like that.
    Label(Pattern),
    /// Somebody like that works on it.
    Assignee(Pattern),
    /// Somebody like that made it.
    Author(Pattern),
    /// It has a priority like that.
    Priority(Pattern),
    /// It has a readiness like that.
    Readiness(Pattern),
    /// It has a risk flag like that.
    Risk(Pattern),
    /// It was made then.
    Created(Span),
    /// It last changed then.
    Updated(Span),
    /// Something was written in its thread then.
    Event(Span),
    /// It is one of these.
    Among(BTreeSet<TicketId>),
}

/// What a field, or a word of a list, must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// This, folded.
    Is(String),
    /// It begins like this, folded.
    Begins(String),
    /// There is one.
    Any,
    /// There is none.
    Absent,
}

/// A span of time. A ticket whose time is not known is in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Not before this moment.
    pub from: Option<Moment>,
    /// Before this moment.
    pub before: Option<Moment>,
}

impl Clause {
    /// That one condition.
    pub fn of(term: Term) -> Self {
        Clause { is_excluded: false, any: vec![term] }
    }

    /// Whether it holds for a ticket.
    pub fn holds(&self, summary: &Summary) -> bool {
        self.any.iter().any(|term| term.holds(summary)) != self.is_excluded
    }

    /// Whether it asks for closed tickets by name, or for any state that may be closed: then the usual
    /// restriction to open ones makes no sense.
    pub fn names_state(&self) -> bool {
        let names = |term: &Term| {
            matches!(term, Term::State(_) | Term::Open | Term::Resolved | Term::Gate(Gate::Closed))
        };
        !self.is_excluded && self.any.iter().any(names)
    }
}

impl Term {
    /// Whether it holds for a ticket.
    pub fn holds(&self, summary: &Summary) -> bool {
        match self {
            Term::Text(text) => {
                fold(&summary.title).contains(text) || fold(summary.id.as_str()).contains(text)
            }
            Term::Title(text) => fold(&summary.title).contains(text),
            Term::State(state) => summary.state == *state,
            Term::Open => summary.state.is_active(),
            Term::Resolved => summary.state.is_resolved(),
            Term::Blocked => summary.is_blocked(),
            Term::Gate(gate) => summary.gate == *gate,
            Term::Label(pattern) => pattern.fits(&summary.labels),
            Term::Assignee(pattern) => pattern.fits(summary.assignee.as_slice()),
            Term::Author(pattern) => pattern.fits(summary.creator.as_slice()),
            Term::Priority(pattern) => pattern.fits(summary.priority.as_slice()),
            Term::Readiness(pattern) => pattern.fits(summary.readiness.as_slice()),
            Term::Risk(pattern) => pattern.fits(&summary.risk_flags),
            Term::Created(span) => span.holds(summary.created_at),
            Term::Updated(span) => span.holds(summary.updated_at),
            Term::Event(span) => summary.events_at.iter().any(|at| span.holds(Some(*at))),
            Term::Among(ids) => ids.contains(&summary.id),
        }
    }

    /// Whether only the thread tells.
    pub fn needs_thread(&self) -> bool {
        matches!(self, Term::Author(_) | Term::Event(_))
    }
}

impl Pattern {
    /// Whether one of these is like it; of no values only [`Pattern::Absent`] holds.
    pub fn fits(&self, values: &[String]) -> bool {
        match self {
            Pattern::Is(text) => values.iter().any(|value| fold(value) == *text),
            Pattern::Begins(text) => values.iter().any(|value| fold(value).starts_with(text)),
            Pattern::Any => !values.is_empty(),
            Pattern::Absent => values.is_empty(),
        }
    }
}

impl Span {
    /// Whether a moment is in it.
    pub fn holds(&self, moment: Option<Moment>) -> bool {
        let Some(moment) = moment else { return false };
        self.from.is_none_or(|from| from <= moment) && self.before.is_none_or(|before| moment < before)
    }
}
