//! What a ticket waits for: its blockers, and the one word every surface shows.

use super::event::{Event, Kind as EventKind};
use super::id::TicketId;
use super::plan::{self, Record};
use super::relation::{self, Relation};
use super::routing::Class;
use super::state::State;
use super::thread::{self, Verdict};
use super::undo;

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

/// Who waits because of a relation, for whom, and how that came; `None` for kinds that make nobody wait.
pub fn waits(relation: &Relation) -> Option<(TicketId, TicketId, Via)> {
    let via = match relation.kind {
        relation::Kind::DependsOn => Via::DependsOn,
        relation::Kind::Blocks => Via::BlockedBy,
        _ => return None,
    };
    let (waiter, awaited) = relation.kind.leads(relation.ticket_id, relation.target)?;
    Some((waiter, awaited, via))
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

/// Something that keeps a ticket from being started now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// It is not queued.
    State(State),
    /// Another ticket has to be done first.
    Blocker(Blocker),
    /// It is somebody else's.
    Taken(String),
    /// The plan keeps it from running beside a ticket in progress.
    Clash(Clash),
}

impl Obstacle {
    /// A stable word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Obstacle::State(State::Planning) => "needs_intake",
            Obstacle::State(State::Ready | State::Queued) => "needs_queue",
            Obstacle::State(State::InProgress) => "in_progress",
            Obstacle::State(State::Done) => "done",
            Obstacle::State(State::Closed) => "closed",
            Obstacle::Blocker(_) => "blocked",
            Obstacle::Taken(_) => "assigned",
            Obstacle::Clash(_) => "kept_apart",
        }
    }
}

/// Everything that keeps somebody from starting a ticket now; nothing when it can start. `by` is who would.
pub fn obstacles(
    state: State,
    blockers: &[Blocker],
    assignee: Option<&str>,
    by: Option<&str>,
    clashes: &[Clash],
) -> Vec<Obstacle> {
    let mut found = Vec::new();
    if state != State::Queued {
        found.push(Obstacle::State(state));
    }
    if state.is_resolved() {
        return found;
    }
    let open = blockers.iter().filter(|blocker| blocker.is_unresolved());
    found.extend(open.map(|blocker| Obstacle::Blocker(*blocker)));
    let other = assignee.filter(|assignee| by != Some(assignee));
    found.extend(other.map(|assignee| Obstacle::Taken(assignee.to_owned())));
    found.extend(clashes.iter().cloned().map(Obstacle::Clash));
    found
}

/// Whether a queued ticket that was held back should be decided about again: every ticket it was held back by is
/// over. `last` is what the last decision came to; `planned` are its plan's records with where the other tickets
/// stand. A ticket that no other one holds back waits for somebody's word, which nobody can see here.
///
/// It follows from the tickets alone, so every clone sees the same, and nothing of it can be out of date.
pub fn route_again<'a>(
    state: State,
    last: Option<Class>,
    blockers: &[Blocker],
    planned: impl IntoIterator<Item = (&'a Record, Option<State>)>,
) -> bool {
    if state != State::Queued || !last.is_some_and(Class::holds_back) {
        return false;
    }
    let holds = |(record, state): (&Record, Option<State>)| match record.kind {
        plan::Kind::BlockedBy | plan::Kind::After => Some(!state.is_some_and(State::is_resolved)),
        plan::Kind::ConflictsWith | plan::Kind::DoNotParallelize => Some(state == Some(State::InProgress)),
        plan::Kind::Before
        | plan::Kind::Blocks
        | plan::Kind::WaitingCapacityNote
        | plan::Kind::AcceptedPlan => None,
    };
    let held: Vec<bool> =
        blockers.iter().map(Blocker::is_unresolved).chain(planned.into_iter().filter_map(holds)).collect();
    !held.is_empty() && held.iter().all(|holds| !holds)
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
        State::InProgress => in_progress(thread::since_start(&undo::standing(events))),
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
    fn a_ticket_can_start_when_nothing_stands_in_its_way() {
        let blocker = |state| Blocker { id: id(2), via: Via::DependsOn, state: Some(state) };
        let (open, over) = (blocker(State::InProgress), blocker(State::Done));
        assert_eq!(obstacles(State::Queued, &[over], None, None, &[]), []);
        assert_eq!(obstacles(State::Queued, &[], Some("ada"), Some("ada"), &[]), []);
        let clash = Clash { id: id(3), kind: plan::Kind::ConflictsWith, note: None };
        let found = obstacles(State::Ready, &[over, open], Some("ada"), None, std::slice::from_ref(&clash));
        let expected = [
            Obstacle::State(State::Ready),
            Obstacle::Blocker(open),
            Obstacle::Taken("ada".to_owned()),
            Obstacle::Clash(clash.clone()),
        ];
        assert_eq!(found, expected);
        let found = obstacles(State::Closed, &[open], Some("ada"), None, &[clash]);
        assert_eq!(found, [Obstacle::State(State::Closed)]);
    }

    #[test]
    fn what_was_held_back_is_decided_again_when_all_that_held_it_is_over() {
        let blocker = |state| Blocker { id: id(2), via: Via::DependsOn, state };
        let over = blocker(Some(State::Closed));
        let again = |last, blockers: &[Blocker], planned: &[(plan::Kind, Option<State>)]| {
            let records: Vec<(Record, Option<State>)> =
                planned.iter().map(|(kind, state)| (record(1, *kind, 2, ""), *state)).collect();
            let planned = records.iter().map(|(record, state)| (record, *state));
            route_again(State::Queued, Some(last), blockers, planned)
        };
        let after = |state| (plan::Kind::After, state);
        assert!(again(Class::Blocked, &[over], &[]));
        assert!(again(Class::Waiting, &[], &[after(Some(State::Done))]));
        assert!(again(Class::Waiting, &[], &[(plan::Kind::ConflictsWith, Some(State::Queued))]));
        assert!(!again(Class::Blocked, &[over], &[after(Some(State::Queued))]));
        assert!(!again(Class::Blocked, &[over, blocker(None)], &[]));
        assert!(!again(Class::Blocked, &[], &[(plan::Kind::WaitingCapacityNote, None)]));
        assert!(!again(Class::ImplementationReady, &[over], &[]));
        assert!(!route_again(State::Ready, Some(Class::Blocked), &[over], []));
        assert!(!route_again(State::Queued, None, &[over], []));
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
