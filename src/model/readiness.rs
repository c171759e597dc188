//! What a ticket waits for: its blockers, and the one word every surface shows.

use super::event::{Event, Kind as EventKind};
use super::id::TicketId;
use super::plan::{self, Record};
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

/// A ticket in progress that the orchestration plan keeps another one from running beside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clash {
    /// The ticket in progress.
    pub id: TicketId,
    /// What the plan says: `conflicts_with` or `do_not_parallelize`.
    pub kind: plan::Kind,
    /// Why, when the record says so.
    pub note: Option<String>,
}

/// What the plan says against starting a ticket now, in order of id, each ticket and kind once.
///
/// Such a record counts both ways: `records` are the ticket's own and those of the tickets in progress (more
/// do no harm); `is_running` says of which tickets work is going on.
pub fn clashes<'a>(
    id: TicketId,
    records: impl IntoIterator<Item = &'a Record>,
    is_running: impl Fn(&TicketId) -> bool,
) -> Vec<Clash> {
    let clash = |record: &Record| {
        let keeps_apart = matches!(record.kind, plan::Kind::ConflictsWith | plan::Kind::DoNotParallelize);
        let related = record.related_ticket.as_deref().and_then(TicketId::parse);
        let other = match related.filter(|_| keeps_apart)? {
            other if record.ticket_id == id => other,
            other if other == id => record.ticket_id,
            _ => return None,
        };
        (other != id && is_running(&other)).then(|| Clash {
            id: other,
            kind: record.kind,
            note: record.note.clone(),
        })
    };
    let mut found: Vec<Clash> = records.into_iter().filter_map(clash).collect();
    found.sort();
    found.dedup_by_key(|clash| (clash.id, clash.kind));
    found
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
    /// All gates.
    pub const ALL: [Gate; 10] = [
        Gate::CanStart,
        Gate::NeedsIntake,
        Gate::NeedsQueue,
        Gate::Blocked,
        Gate::AwaitingReport,
        Gate::AwaitingReview,
        Gate::ChangesRequested,
        Gate::AwaitingLanding,
        Gate::AwaitingClose,
        Gate::Closed,
    ];

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

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> TicketId {
        TicketId::from_millis(number)
    }

    fn record(ticket: u64, kind: plan::Kind, related: u64, note: &str) -> Record {
        Record {
            id: String::new(),
            ticket_id: id(ticket),
            kind,
            related_ticket: Some(id(related).to_string()),
            note: Some(note.to_owned()),
            accepted_plan: None,
            author: String::new(),
            at: String::new(),
        }
    }

    #[test]
    fn a_plan_keeps_tickets_apart_both_ways_while_the_other_runs() {
        use plan::Kind::{After, ConflictsWith, DoNotParallelize};
        let records = [
            record(1, ConflictsWith, 2, "own"),
            record(2, ConflictsWith, 1, "theirs"),
            record(3, DoNotParallelize, 1, "theirs"),
            record(1, ConflictsWith, 4, "not running"),
            record(1, After, 5, "only advice"),
            record(1, ConflictsWith, 1, "itself"),
            record(2, ConflictsWith, 3, "others"),
        ];
        let found = clashes(id(1), &records, |other| *other != id(4));
        let expected = [(id(2), ConflictsWith, "own"), (id(3), DoNotParallelize, "theirs")];
        let expected = expected.map(|(id, kind, note)| Clash { id, kind, note: Some(note.to_owned()) });
        assert_eq!(found, expected);
        assert_eq!(clashes(id(6), &records, |_| true), []);
    }
}
