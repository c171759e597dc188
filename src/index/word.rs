//! Words that lists are filtered by: for each, the tickets that have it.

use std::collections::BTreeSet;

use crate::model::fold::fold;
use crate::model::id::TicketId;
use crate::model::query::{Clause, Pattern, Query, Term};
use crate::model::readiness::Gate;
use crate::model::state::State;
use crate::model::summary::Summary;

const LABEL: u8 = 0;
const ASSIGNEE: u8 = 1;
const PRIORITY: u8 = 2;
const READINESS: u8 = 3;
const RISK: u8 = 4;
const GATE: u8 = 5;

/// The word of a gate; those that are over have none, they are too many.
pub(super) fn of_gate(gate: Gate) -> Option<(u8, &'static str)> {
    (gate != Gate::Closed).then(|| (GATE, gate.word()))
}

/// The words of a ticket's fields, each with its kind.
pub(super) fn of_fields(summary: &Summary) -> Vec<(u8, String)> {
    let mut found: Vec<(u8, String)> = Vec::new();
    let texts =
        [(ASSIGNEE, &summary.assignee), (PRIORITY, &summary.priority), (READINESS, &summary.readiness)];
    for (kind, text) in texts {
        found.extend(text.iter().map(|text| (kind, fold(text))));
    }
    for (kind, list) in [(LABEL, &summary.labels), (RISK, &summary.risk_flags)] {
        found.extend(list.iter().map(|word| (kind, fold(word))));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The word that exactly those tickets have for which a clause holds; `None` when there is no such word.
pub(super) fn exact(clause: &Clause) -> Option<(u8, String)> {
    let ([term], false) = (clause.any.as_slice(), clause.is_excluded) else { return None };
    let (kind, pattern) = match term {
        Term::Label(pattern) => (LABEL, pattern),
        Term::Assignee(pattern) => (ASSIGNEE, pattern),
        Term::Priority(pattern) => (PRIORITY, pattern),
        Term::Readiness(pattern) => (READINESS, pattern),
        Term::Risk(pattern) => (RISK, pattern),
        Term::Gate(gate) => return of_gate(*gate).map(|(kind, word)| (kind, word.to_owned())),
        Term::Text(_)
        | Term::Title(_)
        | Term::State(_)
        | Term::Open
        | Term::Resolved
        | Term::Blocked
        | Term::Author(_)
        | Term::Created(_)
        | Term::Updated(_)
        | Term::Event(_)
        | Term::Among(_) => return None,
    };
    match pattern {
        Pattern::Is(word) => Some((kind, word.clone())),
        Pattern::Begins(_) | Pattern::Any | Pattern::Absent => None,
    }
}

/// The tickets that a query names one by one, if it does: the fewest, where it does so several times.
pub(super) fn among(query: &Query) -> Option<&BTreeSet<TicketId>> {
    let named = query.clauses.iter().filter_map(|clause| match (clause.is_excluded, clause.any.as_slice()) {
        (false, [Term::Among(ids)]) => Some(ids),
        _ => None,
    });
    named.min_by_key(|ids| ids.len())
}

/// The states in which a clause holds, where it asks for nothing else.
pub(super) fn of_states(clause: &Clause) -> Option<Vec<State>> {
    let mut wanted = Vec::new();
    for term in &clause.any {
        match term {
            Term::State(state) => wanted.push(*state),
            Term::Open => wanted.extend(State::ALL.into_iter().filter(|state| state.is_active())),
            Term::Resolved => wanted.extend(State::ALL.into_iter().filter(|state| state.is_resolved())),
            _ => return None,
        }
    }
    Some(State::ALL.into_iter().filter(|state| wanted.contains(state) != clause.is_excluded).collect())
}
