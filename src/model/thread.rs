//! Questions about a thread: what its events say together.

use std::collections::BTreeSet;

use ulid::Ulid;

use super::claim;
use super::event::{Event, Kind};
use super::landing::record;
use super::state::State;
use super::undo;

fn is_void(event: &Event, void: &BTreeSet<Ulid>) -> bool {
    event.id.is_some_and(|id| void.contains(&id))
}

/// What a review concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The work may land.
    Approve,
    /// The work must change first.
    RequestChanges,
}

impl Verdict {
    /// The word in a review's `status` attribute.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Approve => "approve",
            Verdict::RequestChanges => "request_changes",
        }
    }

    /// Reads the word; others are no verdict.
    pub fn parse(word: &str) -> Option<Self> {
        [Verdict::Approve, Verdict::RequestChanges].into_iter().find(|verdict| verdict.word() == word)
    }
}

/// The state the last `state_changed` names, with the state it came from, both as written.
pub fn last_move(events: &[Event]) -> Option<(Option<&str>, Option<&str>)> {
    let void = claim::claims(events).void;
    let counts = |event: &&Event| event.kind == Kind::StateChanged && !is_void(event, &void);
    let event = events.iter().rev().find(counts)?;
    Some((event.attribute("from"), event.attribute("to")))
}

/// The verdict of the last review, if there is one and it is a known one.
pub fn last_verdict(events: &[Event]) -> Option<Verdict> {
    let events = undo::standing(events);
    let review = events.iter().rev().find(|event| event.kind == Kind::Review)?;
    review.attribute("status").and_then(Verdict::parse)
}

/// Whether the ticket's work is on a target branch: a landing that nothing took back.
pub fn is_landed(events: &[Event]) -> bool {
    record::stands(events, None)
}

/// The events of the present round of work: those after the last move to inprogress that counts.
pub fn since_start(events: &[Event]) -> &[Event] {
    start(events).map_or(&[], |index| &events[index + 1..])
}

/// Whether anybody ever worked on the ticket.
pub fn has_started(events: &[Event]) -> bool {
    start(events).is_some()
}

fn start(events: &[Event]) -> Option<usize> {
    let void = claim::claims(events).void;
    events.iter().rposition(|event| {
        event.kind == Kind::StateChanged
            && event.attribute("to") == Some(State::InProgress.word())
            && !is_void(event, &void)
    })
}
