//! What a ticket waits for: its blockers, and the one word every surface shows.

use super::event::{Event, Kind as EventKind};
use super::id::TicketId;
use super::state::State;
use super::thread::{self, Verdict};

/// How a blocker came to block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// The ticket says that it depends on the blocker.
    DependsOn,
    /// The blocker says that it blocks the ticket.
    BlockedBy,
}

impl Via {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Via::DependsOn => "depends_on",
            Via::BlockedBy => "blocked_by",
        }
    }
}

/// A ticket that another one waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blocker {
    /// The ticket waited for.
    pub id: TicketId,
    /// How it came to block.
    pub via: Via,
    /// Where it stands; `None` when there is no such ticket, which blocks too.
    pub state: Option<State>,
}

impl Blocker {
    /// Whether anybody still waits for it.
    pub fn is_unresolved(&self) -> bool {
        !self.state.is_some_and(State::is_resolved)
    }

    /// Whether it keeps a ticket out of the queue: unresolved, and not itself queued or in progress.
    pub fn keeps_from_queue(&self) -> bool {
        self.is_unresolved() && !matches!(self.state, Some(State::Queued | State::InProgress))
    }
}

/// What can be done with a ticket next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Queued and free: somebody can start.
    CanStart,
    /// Intake has to clarify it.
    NeedsIntake,
    /// A person has to queue it.
    NeedsQueue,
    /// Another ticket has to be done first.
    Blocked,
    /// Somebody works on it.
    AwaitingReport,
    /// The work is reported and not reviewed.
    AwaitingReview,
    /// The last review asked for changes.
    ChangesRequested,
    /// Approved, not landed.
    AwaitingLanding,
    /// Done, not closed.
    AwaitingClose,
    /// Over.
    Closed,
}

impl Gate {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Gate::CanStart => "can_start",
            Gate::NeedsIntake => "needs_intake",
            Gate::NeedsQueue => "needs_queue",
            Gate::Blocked => "blocked",
            Gate::AwaitingReport => "awaiting_report",
            Gate::AwaitingReview => "awaiting_review",
            Gate::ChangesRequested => "changes_requested",
            Gate::AwaitingLanding => "awaiting_landing",
            Gate::AwaitingClose => "awaiting_close",
            Gate::Closed => "closed",
        }
    }
}

/// The one function that says what a ticket waits for.
pub fn gate(state: State, blockers: &[Blocker], events: &[Event]) -> Gate {
    match state {
        State::Planning => Gate::NeedsIntake,
        State::Ready if blockers.iter().any(Blocker::keeps_from_queue) => Gate::Blocked,
        State::Ready => Gate::NeedsQueue,
        State::Queued if blockers.iter().any(Blocker::is_unresolved) => Gate::Blocked,
        State::Queued => Gate::CanStart,
        State::InProgress => in_progress(thread::since_start(events)),
        State::Done => Gate::AwaitingClose,
        State::Closed => Gate::Closed,
    }
}

fn in_progress(events: &[Event]) -> Gate {
    let report = events.iter().rposition(|event| event.kind == EventKind::ImplementationReport);
    let review = events.iter().rposition(|event| event.kind == EventKind::Review);
    match (report, review) {
        (None, None) => Gate::AwaitingReport,
        (Some(report), Some(review)) if report > review => Gate::AwaitingReview,
        (Some(_), None) => Gate::AwaitingReview,
        (_, Some(_)) => match thread::last_verdict(events) {
            Some(Verdict::Approve) => Gate::AwaitingLanding,
            Some(Verdict::RequestChanges) => Gate::ChangesRequested,
            None => Gate::AwaitingReview,
        },
    }
}
