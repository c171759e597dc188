//! Relations of many tickets: inverses, blockers, who waits for whom.

use std::collections::BTreeMap;

use crate::model::id::TicketId;
use crate::model::readiness::{Blocker, Via};
use crate::model::relation::{Kind, Relation, Waits};
use crate::model::state::State;
use crate::store::snapshot::Snapshot;

use super::stored;

/// Every relation there is. Files that can't be read are passed over; `doctor` names them.
///
/// # Errors
/// When the tickets can't be listed.
pub fn all(snapshot: &Snapshot) -> anyhow::Result<Vec<Relation>> {
    let mut found = Vec::new();
    for files in snapshot.with_artifacts()? {
        found.extend(stored::relations(snapshot, &files).unwrap_or_default());
    }
    Ok(found)
}

/// Every relation in folders that can be read: to show, not to judge by.
///
/// # Errors
/// When the root of the tickets can't be read.
pub fn readable(snapshot: &Snapshot) -> anyhow::Result<Vec<Relation>> {
    let (tickets, _) = snapshot.readable()?;
    Ok(tickets.iter().flat_map(|files| stored::relations(snapshot, files).unwrap_or_default()).collect())
}

/// What a ticket waits for, resolved or not: targets of its `depends_on`, sources of `blocks` it.
pub fn blockers(snapshot: &Snapshot, id: TicketId, relations: &[Relation]) -> Vec<Blocker> {
    let mut found: BTreeMap<(TicketId, Via), ()> = BTreeMap::new();
    for relation in relations {
        if relation.kind == Kind::DependsOn && relation.ticket_id == id {
            found.insert((relation.target, Via::DependsOn), ());
        }
        if relation.kind == Kind::Blocks && relation.target == id {
            found.insert((relation.ticket_id, Via::BlockedBy), ());
        }
    }
    let keys = found.into_keys();
    keys.map(|(id, via)| Blocker { id, via, state: state(snapshot, &id) }).collect()
}

/// Where a ticket stands; `None` when there is no such ticket or it can't be read.
pub fn state(snapshot: &Snapshot, id: &TicketId) -> Option<State> {
    let files = snapshot.ticket(id).ok()??;
    stored::ticket(snapshot, &files).ok().map(|ticket| ticket.state)
}

/// A ticket's title, empty when there is none to be read.
pub fn title(snapshot: &Snapshot, id: &TicketId) -> String {
    let files = snapshot.ticket(id).ok().flatten();
    files
        .and_then(|files| stored::ticket(snapshot, &files).ok())
        .map(|ticket| ticket.title)
        .unwrap_or_default()
}

/// Who waits for whom among all tickets.
pub fn waits(relations: &[Relation]) -> Waits {
    Waits::new(relations)
}

/// The tickets that waited for this one and now wait for nothing any more, with their titles.
///
/// # Errors
/// When the tickets can't be listed.
pub fn unblocked_by(snapshot: &Snapshot, id: TicketId) -> anyhow::Result<Vec<(TicketId, String)>> {
    let relations = all(snapshot)?;
    let mut waiting: Vec<TicketId> = relations
        .iter()
        .filter_map(|relation| match relation.kind {
            Kind::DependsOn if relation.target == id => Some(relation.ticket_id),
            Kind::Blocks if relation.ticket_id == id => Some(relation.target),
            _ => None,
        })
        .collect();
    waiting.sort_unstable();
    waiting.dedup();
    waiting.retain(|waiter| {
        let is_open = state(snapshot, waiter).is_some_and(|state| !state.is_resolved());
        is_open && !blockers(snapshot, *waiter, &relations).iter().any(Blocker::is_unresolved)
    });
    Ok(waiting.into_iter().map(|waiter| (waiter, title(snapshot, &waiter))).collect())
}
