//! Relations of many tickets: inverses, blockers, who waits for whom.

use std::collections::BTreeSet;

use crate::model::id::TicketId;
use crate::model::readiness::{self, Blocker, Via};
use crate::model::relation::{Kind, Order, Relation, Ways};
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::model::ticket::Ticket;
use crate::store::snapshot::Snapshot;

use super::session::Session;
use super::{stored, survey};

/// Every relation there is. Files that can't be read are passed over; `doctor` names them.
///
/// # Errors
/// When the tickets can't be listed.
pub fn all(session: &Session, snapshot: &Snapshot) -> anyhow::Result<Vec<Relation>> {
    if let Some(found) = session.ask_index(snapshot, |index| index.relations(None)) {
        return Ok(found);
    }
    let mut found = Vec::new();
    for files in snapshot.with_artifacts()? {
        found.extend(stored::relations(snapshot, &files).unwrap_or_default());
    }
    Ok(found)
}

/// The relations a ticket has to others and others have to it: to judge by.
///
/// # Errors
/// When the tickets can't be listed.
pub fn touching(session: &Session, snapshot: &Snapshot, id: TicketId) -> anyhow::Result<Vec<Relation>> {
    if let Some(found) = session.ask_index(snapshot, |index| index.relations(Some(&id))) {
        return Ok(found);
    }
    let mut found = all(session, snapshot)?;
    found.retain(|relation| relation.ticket_id == id || relation.target == id);
    Ok(found)
}

/// The same in folders that can be read: to show, not to judge by.
///
/// # Errors
/// When the root of the tickets can't be read.
pub fn shown(session: &Session, snapshot: &Snapshot, id: TicketId) -> anyhow::Result<Vec<Relation>> {
    if let Some(found) = session.ask_index(snapshot, |index| index.relations(Some(&id))) {
        return Ok(found);
    }
    let (tickets, _) = snapshot.readable()?;
    let all = tickets.iter().flat_map(|files| stored::relations(snapshot, files).unwrap_or_default());
    Ok(all.filter(|relation| relation.ticket_id == id || relation.target == id).collect())
}

/// What a ticket waits for, resolved or not: targets of its `depends_on`, sources of `blocks` it. The
/// relations given are those that touch it; others don't matter.
pub fn blockers(snapshot: &Snapshot, id: TicketId, relations: &[Relation]) -> Vec<Blocker> {
    blockers_in(id, relations, |id| state(snapshot, id))
}

/// The same, where it is known already in which state others are.
pub(super) fn blockers_in(
    id: TicketId,
    relations: &[Relation],
    state: impl Fn(&TicketId) -> Option<State>,
) -> Vec<Blocker> {
    let mut found: BTreeSet<(TicketId, Via)> = BTreeSet::new();
    let own = relations.iter().filter_map(readiness::waits).filter(|(waiter, ..)| *waiter == id);
    found.extend(own.map(|(_, awaited, via)| (awaited, via)));
    found.into_iter().map(|(id, via)| Blocker { id, via, state: state(&id) }).collect()
}

/// Where a ticket stands; `None` when there is no such ticket or it can't be read.
pub fn state(snapshot: &Snapshot, id: &TicketId) -> Option<State> {
    ticket(snapshot, id).map(|ticket| ticket.state)
}

/// A ticket's title, empty when there is none to be read.
pub fn title(snapshot: &Snapshot, id: &TicketId) -> String {
    ticket(snapshot, id).map(|ticket| ticket.title).unwrap_or_default()
}

/// A ticket's fields; `None` when there is no such ticket or it can't be read.
pub(super) fn ticket(snapshot: &Snapshot, id: &TicketId) -> Option<Ticket> {
    let files = snapshot.ticket(id).ok()??;
    stored::ticket(snapshot, &files).ok()
}

/// Who waits for whom, or gives way to whom, as far as it can be reached from a ticket: what it waits for, what that
/// waits for, and so on.
///
/// # Errors
/// When the tickets can't be listed.
pub fn ways_from(
    session: &Session,
    snapshot: &Snapshot,
    order: Order,
    from: TicketId,
) -> anyhow::Result<Ways> {
    if let Some(ways) = session.ask_index(snapshot, |index| index.ways_from(order, &from)) {
        return Ok(ways);
    }
    Ok(Ways::new(&all(session, snapshot)?))
}

/// What a rule has to know before one ticket is related to another: the ways by which a circle could close.
///
/// # Errors
/// When the tickets can't be listed.
pub fn ways_back(
    session: &Session,
    snapshot: &Snapshot,
    source: TicketId,
    kind: Kind,
    target: TicketId,
) -> anyhow::Result<Ways> {
    match (kind.order(), kind.leads(source, target)) {
        (Some(order), Some((_, end))) => ways_from(session, snapshot, order, end),
        // This one may go both ways.
        _ => Ok(Ways::default()),
    }
}

/// The tickets that waited for this one and now wait for nothing any more, with their titles.
///
/// # Errors
/// When the tickets can't be listed.
pub fn unblocked_by(
    session: &Session,
    snapshot: &Snapshot,
    id: TicketId,
) -> anyhow::Result<Vec<(TicketId, String)>> {
    if let Some(waiting) = session.ask_index(snapshot, |index| index.waiting_for(&id)) {
        let free = |summary: &Summary| !summary.state.is_resolved() && !summary.is_blocked();
        let found = survey::of(session, snapshot, &waiting)?.into_iter().filter(free);
        return Ok(found.map(|summary| (summary.id, summary.title)).collect());
    }
    let relations = all(session, snapshot)?;
    let waiting: BTreeSet<TicketId> = relations
        .iter()
        .filter_map(readiness::waits)
        .filter_map(|(waiter, awaited, _)| (awaited == id).then_some(waiter))
        .collect();
    let mut unblocked = Vec::new();
    for waiter in waiting {
        let is_open = state(snapshot, &waiter).is_some_and(|state| !state.is_resolved());
        if is_open && !blockers(snapshot, waiter, &relations).iter().any(Blocker::is_unresolved) {
            unblocked.push((waiter, title(snapshot, &waiter)));
        }
    }
    Ok(unblocked)
}
