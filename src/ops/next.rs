//! What can start now, and why the rest can't.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::format::{layout, routing, thread};
use crate::index::{Held, Index};
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::plan::{self, Record};
use crate::model::priority;
use crate::model::query::{Query, Sort};
use crate::model::readiness::{self, Blocker, Gate, Obstacle};
use crate::model::relation::{Kind, Relation};
use crate::model::routing::Class;
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::store::snapshot::{Files, Snapshot};

use super::plans::{self, Running};
use super::session::Session;
use super::survey::Survey;
use super::{relations, stored, survey};

/// So many tickets are looked up one by one.
const FEW: usize = 100;

/// What was decided about a ticket, and whether that is to be done again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routing {
    /// The word of the last decision, or the sentence in its place.
    pub word: Option<String>,
    /// It was held back, and everything that held it is over.
    pub is_due: bool,
}

/// A ticket that can start.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The ticket at a glance.
    pub ticket: Summary,
    /// What was decided about it.
    pub routing: Routing,
}

/// What can start now.
#[derive(Debug, Clone, Default)]
pub struct Next {
    /// The tickets, the most urgent first, then those queued longest.
    pub tickets: Vec<Candidate>,
    /// How many can start, shown or not.
    pub total: usize,
    /// How many are queued.
    pub queued: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// The tickets somebody can start now: queued, free, and nothing in their way. At most `most`.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn next(session: &Session, most: usize) -> anyhow::Result<Next> {
    let snapshot = session.snapshot()?;
    if let Some(next) = from_index(session, &snapshot, most)? {
        return Ok(next);
    }
    let found = survey::select(session, &snapshot, &candidates())?;
    among(session, &snapshot, found, most)
}

/// How many tickets somebody can start now.
///
/// # Errors
/// As [`next`].
pub(super) fn total(session: &Session, snapshot: &Snapshot) -> anyhow::Result<usize> {
    if let Some(next) = from_index(session, snapshot, 0)? {
        return Ok(next.total);
    }
    Ok(among(session, snapshot, survey::select(session, snapshot, &candidates())?, 0)?.total)
}

/// The same as [`next`], where the index tells who stands in line: few tickets are read. `None` where it doesn't.
///
/// # Errors
/// As [`next`].
pub(super) fn from_index(
    session: &Session,
    snapshot: &Snapshot,
    most: usize,
) -> anyhow::Result<Option<Next>> {
    let Some(line) = session.ask_index(snapshot, Index::line) else { return Ok(None) };
    let actor = session.actor().ok();
    let taken = line.taken.iter().filter(|(_, owner)| actor.as_ref() != Some(owner));
    let mut kept: BTreeSet<TicketId> = taken.map(|(id, _)| *id).collect();
    let running = Running::sketched(&line);
    let own = |id: &TicketId| line.planned.get(id).map_or(&[][..], Vec::as_slice);
    let doubtful: BTreeSet<TicketId> = running.named().chain(line.planned.keys().copied()).collect();
    let apart = doubtful.into_iter().filter(|id| !running.clashes(*id, own(id)).is_empty());
    let apart = survey::of(session, snapshot, &apart.collect::<Vec<_>>())?;
    kept.extend(apart.iter().filter(|ticket| ticket.gate == Gate::CanStart).map(|ticket| ticket.id));
    let first = session.ask_index(snapshot, |index| index.first_in_line(most, |id| !kept.contains(id)));
    let Some(first) = first else { return Ok(None) };
    let queued = Query { most: Some(0), sort: Sort::Updated, ..Query::in_states(&[State::Queued]) };
    let found = survey::select(session, snapshot, &queued)?;
    Ok(Some(Next {
        tickets: candidates_of(session, snapshot, survey::of(session, snapshot, &first)?),
        total: line.total.saturating_sub(kept.len()),
        queued: found.total,
        unreadable: found.unreadable,
        damaged: found.damaged,
    }))
}

fn candidates_of(session: &Session, snapshot: &Snapshot, tickets: Vec<Summary>) -> Vec<Candidate> {
    let candidate = |ticket: Summary| {
        let told = session.ask_index(snapshot, |index| routing_told(index, &ticket));
        let routing = told.or_else(|| routing_of(snapshot, &ticket).ok()).unwrap_or_default();
        Candidate { ticket, routing }
    };
    tickets.into_iter().map(candidate).collect()
}

/// What was decided about a ticket, where the index knows; nothing is read.
fn routing_told(index: &Index, ticket: &Summary) -> Option<Routing> {
    let Some(word) = index.look(&ticket.id)??.decision else { return Some(Routing::default()) };
    let records = index.plan(&ticket.id)??;
    let planned = records.iter().map(|(record, state)| (record, *state));
    let is_due = readiness::route_again(ticket.state, Some(Class::of(&word)), &ticket.blockers, planned);
    Some(Routing { word: Some(word), is_due })
}

/// What has to be known of to say what can start.
pub(super) fn candidates() -> Query {
    Query::in_states(&[State::Queued, State::InProgress])
}

/// The same as [`next`], of tickets that were looked up by [`candidates`].
pub(super) fn among(
    session: &Session,
    snapshot: &Snapshot,
    found: Survey,
    most: usize,
) -> anyhow::Result<Next> {
    let (mut queued, running): (Vec<Summary>, Vec<Summary>) =
        found.tickets.into_iter().partition(|ticket| ticket.state == State::Queued);
    let count = queued.len();
    let running = Running::of(snapshot, running.iter().map(|ticket| ticket.id), |_| true)?;
    let actor = session.actor().ok();
    queued.retain(|ticket| ticket.gate == Gate::CanStart && is_free(ticket, actor.as_deref()));
    if !running.is_empty() {
        queued.retain(|ticket| !is_kept_apart(snapshot, &running, ticket.id));
    }
    queued.sort_by_cached_key(|ticket| {
        let since = ticket.queued_at.as_deref().and_then(Moment::parse).or(ticket.created_at);
        (priority::rank(ticket.priority.as_deref()), Reverse(since.is_some()), since, ticket.id)
    });
    let total = queued.len();
    queued.truncate(most);
    Ok(Next {
        tickets: candidates_of(session, snapshot, queued),
        total,
        queued: count,
        unreadable: found.unreadable,
        damaged: found.damaged,
    })
}

fn is_free(ticket: &Summary, actor: Option<&str>) -> bool {
    readiness::obstacles(ticket.state, &ticket.blockers, ticket.assignee.as_deref(), actor, &[]).is_empty()
}

/// A plan that can't be read keeps nothing apart; `doctor` names it.
fn is_kept_apart(snapshot: &Snapshot, running: &Running, id: TicketId) -> bool {
    let own = snapshot.ticket(&id).ok().flatten();
    let own = own.and_then(|files| plans::of(snapshot, &files).ok()).unwrap_or_default();
    !running.clashes(id, &own).is_empty()
}

/// The queued tickets that were held back by tickets that are over now: somebody has to decide again.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read is left out.
pub fn due(session: &Session) -> anyhow::Result<Vec<Summary>> {
    let snapshot = session.snapshot()?;
    if let Some(due) = due_from_index(session, &snapshot) {
        return Ok(due);
    }
    let found = survey::select(session, &snapshot, &Query::in_states(&[State::Queued]))?.tickets;
    due_among(&snapshot, &found)
}

/// The same where the index tells which tickets were held back, without reading one; `None` where it doesn't.
pub(super) fn due_from_index(session: &Session, snapshot: &Snapshot) -> Option<Vec<Summary>> {
    let held = session.ask_index(snapshot, Index::held)?;
    let is_due = |held: &Held| {
        let planned = held.planned.iter().flatten().map(|(record, state)| (record, *state));
        // Any decision that holds back does so alike.
        let last = Some(Class::Waiting);
        held.planned.is_some()
            && readiness::route_again(held.ticket.state, last, &held.ticket.blockers, planned)
    };
    Some(held.into_iter().filter(is_due).map(|held| held.ticket).collect())
}

/// The same of tickets that were looked up; those that are not queued are passed over. Threads are read only of
/// tickets that other tickets can have held back: by a relation, or by a record of the plan.
pub(super) fn due_among(snapshot: &Snapshot, tickets: &[Summary]) -> anyhow::Result<Vec<Summary>> {
    let free: Vec<&Summary> = tickets
        .iter()
        .filter(|ticket| ticket.state == State::Queued && !ticket.blockers.iter().any(Blocker::is_unresolved))
        .collect();
    let mut planned = BTreeSet::new();
    if free.iter().filter(|ticket| ticket.blockers.is_empty()).count() > FEW {
        // One walk over all folders is cheaper than looking into one for each ticket.
        let all = snapshot.readable()?.0;
        planned.extend(all.iter().filter(|files| has_plan(snapshot, files)).map(|files| files.id));
    } else {
        for ticket in free.iter().filter(|ticket| ticket.blockers.is_empty()) {
            planned
                .extend(snapshot.ticket(&ticket.id)?.filter(|files| has_plan(snapshot, files)).map(|f| f.id));
        }
    }
    let held = free.into_iter().filter(|ticket| !ticket.blockers.is_empty() || planned.contains(&ticket.id));
    let due = held.filter(|ticket| routing_of(snapshot, ticket).is_ok_and(|routing| routing.is_due));
    Ok(due.cloned().collect())
}

/// A plan that can't be read counts: reading it again tells.
fn has_plan(snapshot: &Snapshot, files: &Files) -> bool {
    plans::of(snapshot, files).map_or(true, |records| !records.is_empty())
}

fn routing_of(snapshot: &Snapshot, ticket: &Summary) -> anyhow::Result<Routing> {
    let Some(files) = snapshot.ticket(&ticket.id)? else { return Ok(Routing::default()) };
    let text = stored::text(snapshot, &files, layout::THREAD)?.unwrap_or_default();
    let routed = routing::of_thread(&thread::events(&text));
    judge(snapshot, &files, ticket.state, &ticket.blockers, &routed)
}

/// What was decided about a ticket, from its decisions and its plan.
///
/// # Errors
/// When its plan can't be read.
pub(super) fn judge(
    snapshot: &Snapshot,
    files: &Files,
    state: State,
    blockers: &[Blocker],
    routed: &[routing::Routed],
) -> anyhow::Result<Routing> {
    let Some(last) = routing::last_decision(routed) else { return Ok(Routing::default()) };
    let records = plans::of(snapshot, files)?;
    let planned = records.iter().map(|record| (record, related_state(snapshot, record)));
    let is_due = readiness::route_again(state, Some(last.decision.class()), blockers, planned);
    Ok(Routing { word: Some(last.decision.word.clone()), is_due })
}

fn related_state(snapshot: &Snapshot, record: &Record) -> Option<State> {
    let related = record.related_ticket.as_deref().and_then(TicketId::parse)?;
    relations::state(snapshot, &related)
}

/// Why a ticket can start or can't.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The ticket.
    pub id: TicketId,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: State,
    /// What it waits for next.
    pub gate: Gate,
    /// Everything that keeps it from being started; nothing when it can start.
    pub obstacles: Vec<Obstacle>,
    /// What its plan advises: records that are not over, with where the other ticket stands.
    pub advice: Vec<(Record, Option<State>)>,
    /// What was decided about it.
    pub routing: Routing,
    /// Tickets that take its place or say the same, and those it does so for: how it stands to them, and where
    /// they stand.
    pub notices: Vec<(&'static str, TicketId, Option<State>)>,
}

/// Says why a ticket can start now or can't: every reason.
///
/// # Errors
/// When there is no such ticket, or it, its relations or its plan can't be read.
pub fn explain(session: &Session, typed: &str) -> anyhow::Result<Explained> {
    let snapshot = session.snapshot()?;
    let ticket = session.find(&snapshot, typed)?;
    let (id, state) = (ticket.files.id, ticket.ticket.state);
    stored::relations(&snapshot, &ticket.files)?;
    let related = relations::touching(session, &snapshot, id)?;
    let blockers = relations::blockers(&snapshot, id, &related);
    let own = plans::of(&snapshot, &ticket.files)?;
    let clashes =
        if state.is_resolved() { Vec::new() } else { Running::read(session, &snapshot)?.clashes(id, &own) };
    let actor = session.actor().ok();
    let assignee = ticket.ticket.assignee.as_deref();
    let routed = routing::of_thread(&ticket.events);
    let routing = judge(&snapshot, &ticket.files, state, &blockers, &routed)?;
    let advice = plan::standing(own, &ticket.events)
        .into_iter()
        .map(|record| (related_state(&snapshot, &record), record));
    let advice = advice.filter(|(related, record)| record.is_open(Some(state), *related));
    Ok(Explained {
        id,
        state,
        gate: readiness::gate(state, &blockers, &ticket.events),
        obstacles: readiness::obstacles(state, &blockers, assignee, actor.as_deref(), &clashes),
        advice: advice.map(|(related, record)| (record, related)).collect(),
        routing,
        notices: notices(&snapshot, id, &related),
        title: ticket.ticket.title,
    })
}

/// What relations say of a ticket that makes nobody wait and should be known before it is started.
fn notices(
    snapshot: &Snapshot,
    id: TicketId,
    relations: &[Relation],
) -> Vec<(&'static str, TicketId, Option<State>)> {
    let notice = |relation: &Relation| {
        let is_own = relation.ticket_id == id;
        let other = if is_own { relation.target } else { relation.ticket_id };
        let word = if is_own { relation.kind.word() } else { relation.kind.inverse() };
        match relation.kind {
            Kind::Supersedes | Kind::DuplicateOf => Some((word, other, relations::state(snapshot, &other))),
            Kind::DependsOn | Kind::Blocks | Kind::Related => None,
        }
    };
    relations.iter().filter_map(notice).collect()
}
