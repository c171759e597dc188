//! Questions about a thread: what its events say together.

use super::event::{Event, Kind};
use super::landing::record;
use super::state::State;

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
    let event = events.iter().rev().find(|event| event.kind == Kind::StateChanged)?;
    Some((event.attribute("from"), event.attribute("to")))
}

/// The verdict of the last review, if there is one and it is a known one.
pub fn last_verdict(events: &[Event]) -> Option<Verdict> {
    let review = events.iter().rev().find(|event| event.kind == Kind::Review)?;
    review.attribute("status").and_then(Verdict::parse)
}

/// Whether the ticket's work is on a target branch: a landing that nothing took back.
pub fn is_landed(events: &[Event]) -> bool {
    record::stands(events, None)
}

/// The events of the present round of work: those after the last move to inprogress.
pub fn since_start(events: &[Event]) -> &[Event] {
    let started = events.iter().rposition(|event| {
        event.kind == Kind::StateChanged && event.attribute("to") == Some(State::InProgress.word())
    });
    started.map_or(&[], |index| &events[index + 1..])
}
