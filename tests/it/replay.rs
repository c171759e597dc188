//! Readiness over real histories: what was recorded when tickets were queued and started, beside what the rule
//! would have said from the relations known then.

use std::collections::BTreeMap;
use std::path::Path;

use git_yoi::format::{orchestration, relations, routing, thread};
use git_yoi::model::event::{Event, Kind};
use git_yoi::model::id::TicketId;
use git_yoi::model::moment::Moment;
use git_yoi::model::plan::Record;
use git_yoi::model::readiness::{self, Blocker, Gate, Via};
use git_yoi::model::relation::{self, Relation};
use git_yoi::model::routing::Class;
use git_yoi::model::state::State;

use crate::corpus;

/// A ticket with its past.
struct Past {
    events: Vec<Event>,
    relations: Vec<Relation>,
    plan: Vec<Record>,
}

type Pasts = BTreeMap<TicketId, Past>;

fn pasts(root: &Path) -> Pasts {
    let read = |folder: &Path, name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let past = |folder: &Path| {
        let relations = read(folder, "artifacts/relations.json");
        let plan = orchestration::parse(&read(folder, "artifacts/orchestration-plan.jsonl"));
        Past {
            events: thread::events(&read(folder, "thread.md")),
            relations: relations::parse(&relations).map(|read| read.relations).unwrap_or_default(),
            plan: plan.into_iter().filter_map(|(_, record)| record.ok()).collect(),
        }
    };
    corpus::tickets(root).into_iter().map(|(id, folder)| (id, past(&folder))).collect()
}

/// The state an event moved a ticket to; `intake` is an older word for planning.
fn moved_to(event: &Event) -> Option<State> {
    match event.kind {
        Kind::StateChanged => word(event.attribute("to")?),
        ref kind if kind.closes() => Some(State::Closed),
        _ => None,
    }
}

fn word(word: &str) -> Option<State> {
    if word == "intake" { Some(State::Planning) } else { State::parse(word) }
}

/// Where a ticket stood at a moment; what happened in that second has happened. `None` where there is no such
/// ticket at hand.
fn state_at(pasts: &Pasts, id: &TicketId, at: Moment) -> Option<State> {
    let events = &pasts.get(id)?.events;
    let before = events.iter().filter(|event| event.moment().is_some_and(|moment| moment <= at));
    let moved = before.filter_map(moved_to).next_back();
    let first = || events.iter().find_map(|event| word(event.attribute("from")?));
    moved.or_else(first).or(Some(State::Planning))
}

/// What a ticket waited for at a moment, and whether every blocker's past is at hand.
fn blockers_at(pasts: &Pasts, id: TicketId, at: Moment) -> (Vec<Blocker>, bool) {
    let known = |relation: &&Relation| Moment::parse(&relation.at).is_some_and(|moment| moment <= at);
    let of = |relation: &Relation| match relation.kind {
        relation::Kind::DependsOn if relation.ticket_id == id => Some((relation.target, Via::DependsOn)),
        relation::Kind::Blocks if relation.target == id => Some((relation.ticket_id, Via::BlockedBy)),
        _ => None,
    };
    let all = pasts.values().flat_map(|past| &past.relations).filter(known).filter_map(of);
    let blockers: Vec<Blocker> =
        all.map(|(id, via)| Blocker { id, via, state: state_at(pasts, &id, at) }).collect();
    let is_known = blockers.iter().all(|blocker| pasts.contains_key(&blocker.id));
    (blockers, is_known)
}

/// How often the rule agreed with what was recorded.
#[derive(Default)]
struct Tally {
    checked: usize,
    agreed: usize,
    /// Those that waited for any ticket, done by then or not.
    waiting: usize,
    /// With a blocker that is not at hand: nothing can be said.
    unknown: usize,
    differences: Vec<String>,
}

impl Tally {
    fn add(&mut self, is_known: bool, waits: bool, difference: Option<String>) {
        self.waiting += usize::from(waits);
        match (is_known, difference) {
            (false, _) => self.unknown += 1,
            (true, None) => (self.checked, self.agreed) = (self.checked + 1, self.agreed + 1),
            (true, Some(difference)) => {
                self.checked += 1;
                self.differences.push(difference);
            }
        }
    }

    fn tell(&self, what: &str) {
        let Tally { checked, agreed, waiting, unknown, differences } = self;
        corpus::say(&format!(
            "{agreed} of {checked} {what} agree, {waiting} of them wait for tickets; {unknown} more hang on tickets that are not at hand"
        ));
        differences.iter().for_each(|difference| corpus::say(&format!("  {difference}")));
    }

    #[track_caller]
    fn holds(&self, least: f64) {
        assert!(
            self.checked > 0 && self.agreed as f64 >= least * self.checked as f64,
            "{:?}",
            self.differences
        );
    }
}

fn named(blockers: &[Blocker]) -> String {
    let open = blockers.iter().filter(|blocker| blocker.is_unresolved());
    let open = open.map(|blocker| format!("{} {}", blocker.id, blocker.state.map_or("missing", State::word)));
    open.collect::<Vec<String>>().join(", ")
}

#[test]
fn readiness_agrees_with_what_was_recorded_when_tickets_were_queued_and_started() {
    let Some(root) = corpus::find() else { return };
    let pasts = pasts(&root);
    let (mut queues, mut starts, mut apart, mut held) =
        (Tally::default(), Tally::default(), Tally::default(), Tally::default());
    for (id, past) in &pasts {
        let routed = routing::of_thread(&past.events);
        for (index, event) in past.events.iter().enumerate() {
            let Some(at) = event.moment() else { continue };
            let (blockers, is_known) = blockers_at(&pasts, *id, at);
            let waits = !blockers.is_empty();
            let told = |what: &str| format!("{id} {what} at {at}: {}", named(&blockers));
            match moved_to(event) {
                Some(State::Queued) if event.attribute("from") == Some("ready") => {
                    let gate = readiness::gate(State::Ready, &blockers, &[]);
                    queues.add(is_known, waits, (gate != Gate::NeedsQueue).then(|| told("was queued")));
                }
                Some(State::InProgress) if event.attribute("from") == Some("queued") => {
                    let gate = readiness::gate(State::Queued, &blockers, &[]);
                    starts.add(is_known, waits, (gate != Gate::CanStart).then(|| told("was started")));
                    let records = pasts.values().flat_map(|past| &past.plan);
                    let records =
                        records.filter(|record| Moment::parse(&record.at).is_some_and(|moment| moment < at));
                    let is_running =
                        |other: &TicketId| state_at(&pasts, other, at) == Some(State::InProgress);
                    let clashes = readiness::clashes(*id, records, is_running);
                    let difference = || format!("{id} was started at {at} beside {}", clashes[0].id);
                    apart.add(true, waits, (!clashes.is_empty()).then(difference));
                }
                _ => {}
            }
            let decided = routed.iter().find(|routed| routed.number == index + 1);
            if decided.is_some_and(|routed| routed.decision.class() == Class::Blocked) {
                let is_blocked = blockers.iter().any(Blocker::is_unresolved);
                let why = || format!("{id} was called blocked at {at}, and waits for no ticket");
                held.add(is_known, waits, (!is_blocked).then(why));
            }
        }
    }
    queues.tell("queued tickets");
    starts.tell("started tickets");
    apart.tell("starts with the plan");
    held.tell("decisions that a ticket is blocked");
    queues.holds(0.95);
    starts.holds(0.95);
    apart.holds(0.95);
}
