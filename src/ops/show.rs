//! Reading one ticket, with everything that belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::layout;
use crate::format::routing::{self, Routed};
use crate::model::claim::{self, Claims};
use crate::model::event::Event;
use crate::model::evidence::Row;
use crate::model::id::TicketId;
use crate::model::readiness::{self, Blocker, Gate};
use crate::model::relation::{Kind, Relation};
use crate::model::routing::Packet;
use crate::model::rule::landing;
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::model::ticket::Ticket;
use crate::store::history::Operation;
use crate::store::snapshot::Snapshot;

use super::commits::{self, Linked};
use super::session::Session;
use super::stored::{self, Stored};
use super::{evidence, next, relations, resolve, version};

/// A ticket and everything that belongs to it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its fields and body.
    pub ticket: Ticket,
    /// Its events.
    pub events: Vec<Event>,
    /// A word that changes with the ticket.
    pub version: String,
    /// What it waits for next.
    pub gate: Gate,
    /// The tickets it waits for.
    pub blockers: Vec<Blocker>,
    /// Its relations to other tickets.
    pub outgoing: Vec<(Relation, Other)>,
    /// Other tickets' relations to it.
    pub incoming: Vec<(Relation, Other)>,
    /// Commits that belong to it.
    pub commits: Vec<Linked>,
    /// Its artifacts and their sizes in bytes, its own bookkeeping aside.
    pub artifacts: BTreeMap<String, u64>,
    /// It was held back, and everything that held it is over: somebody has to decide again.
    pub is_due: bool,
    /// Its routing decisions and IntentPackets, in order.
    pub routed: Vec<Routed>,
    /// Its resolution.
    pub resolution: Option<String>,
    /// Who took it, and who took it too.
    pub claims: Claims,
    /// What it has to show for its work.
    pub evidence: Vec<Row>,
    /// What somebody should look at.
    pub attention: Option<String>,
    /// What could not be read, a sentence each.
    pub warnings: Vec<String>,
    /// The version that is shown, when it is not the present one.
    pub as_of: Option<Operation>,
}

impl Shown {
    /// The routing decision that counts: the last one.
    pub fn last_decision(&self) -> Option<&Routed> {
        routing::last_decision(&self.routed)
    }

    /// The IntentPacket that counts, the last one, and the number of its event from 1.
    pub fn last_packet(&self) -> Option<(usize, &Packet)> {
        routing::last_packet(&self.routed)
    }
}

/// The ticket at the other end of a relation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Other {
    /// Its title; empty when it can't be read.
    pub title: String,
    /// Where it stands; `None` when there is no such ticket.
    pub state: Option<State>,
}

/// Reads a ticket.
///
/// # Errors
/// When there is none by that name, or its fields or thread can't be read.
pub fn show(session: &Session, typed: &str) -> anyhow::Result<Shown> {
    in_version(session, &session.snapshot()?, typed)
}

/// Reads a ticket as it was, at a time or in a commit of the tickets' ref.
///
/// Its relations, what it waits for and its title are those of then. Whether a commit of the code is on a
/// branch is told of now.
///
/// # Errors
/// As [`show`], and when there is no such version.
pub fn show_at(session: &Session, typed: &str, at: &str) -> anyhow::Result<Shown> {
    let (operation, snapshot) = version::find(session, at)?;
    Ok(Shown { as_of: Some(operation), ..in_version(session, &snapshot, typed)? })
}

fn in_version(session: &Session, snapshot: &Snapshot, typed: &str) -> anyhow::Result<Shown> {
    let stored = session.find(snapshot, typed)?;
    let id = stored.files.id;
    let mut warnings = Vec::new();
    if let Err(error) = stored::relations(snapshot, &stored.files) {
        warnings.push(error.to_string());
    }
    let commits = commits::find(session, snapshot, &stored).unwrap_or_else(|error| {
        warnings.push(format!("its commits can't be listed: {error}"));
        Vec::new()
    });
    let evidence = evidence::evidence(session, &stored).unwrap_or_else(|error| {
        warnings.push(format!("its branches can't be listed: {error}"));
        Vec::new()
    });
    let claims = claim::claims(&stored.events);
    for home in snapshot.moved()?.get(&id).into_iter().flatten() {
        warnings.push(format!("another ticket had the id {id} until a merge; it is {home} now"));
    }
    let all = relations::shown(session, snapshot, id)?;
    let others = others(session, snapshot, id, &all);
    let other = |id: &TicketId| others.get(id).cloned().unwrap_or_default();
    let blockers = relations::blockers_in(id, &all, |id| other(id).state);
    let outgoing = all.iter().filter(|relation| relation.ticket_id == id);
    let incoming = all.iter().filter(|relation| relation.target == id && relation.ticket_id != id);
    let resolution = stored::text(snapshot, &stored.files, layout::RESOLUTION).unwrap_or_else(|error| {
        warnings.push(error.to_string());
        None
    });
    let routed = routing::of_thread(&stored.events);
    let state = stored.ticket.state;
    let is_due = next::judge(snapshot, &stored.files, state, &blockers, &routed)
        .map(|routing| routing.is_due)
        .unwrap_or_else(|error| {
            warnings.push(error.to_string());
            false
        });
    Ok(Shown {
        gate: readiness::gate(stored.ticket.state, &blockers, &stored.events),
        version: stored.files.version(),
        outgoing: outgoing.map(|relation| (relation.clone(), other(&relation.target))).collect(),
        incoming: incoming.map(|relation| (relation.clone(), other(&relation.ticket_id))).collect(),
        commits,
        artifacts: artifacts(snapshot, &stored)?,
        is_due,
        routed,
        attention: attention(session, &stored, &claims),
        claims,
        evidence,
        resolution,
        blockers,
        warnings,
        as_of: None,
        ticket: stored.ticket,
        events: stored.events,
    })
}

/// What somebody should look at, in words.
pub(super) fn attention(session: &Session, stored: &Stored, claims: &Claims) -> Option<String> {
    let landing = landing::attention(&stored.ticket, &stored.events, session.settings.policy);
    let both: Vec<String> = claims.attention().into_iter().chain(landing).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

/// The tickets at the other ends of relations: those that exist and can be read.
fn others(
    session: &Session,
    snapshot: &Snapshot,
    id: TicketId,
    relations: &[Relation],
) -> BTreeMap<TicketId, Other> {
    let end =
        |relation: &Relation| if relation.ticket_id == id { relation.target } else { relation.ticket_id };
    let ids: Vec<TicketId> = relations.iter().map(end).collect::<BTreeSet<_>>().into_iter().collect();
    if ids.is_empty() {
        return BTreeMap::new();
    }
    if let Some(found) = session.ask_index(snapshot, |index| index.of(&ids)) {
        let other =
            |summary: Summary| (summary.id, Other { title: summary.title, state: Some(summary.state) });
        return found.into_iter().map(other).collect();
    }
    let read = |id: TicketId| {
        let ticket = relations::ticket(snapshot, &id)?;
        Some((id, Other { title: ticket.title, state: Some(ticket.state) }))
    };
    ids.into_iter().filter_map(read).collect()
}

fn artifacts(snapshot: &Snapshot, stored: &Stored) -> anyhow::Result<BTreeMap<String, u64>> {
    let names = snapshot.names(&stored.files)?.into_iter();
    let free =
        names.filter_map(|(name, size)| Some((name.strip_prefix(layout::ARTIFACTS)?.to_owned(), size)));
    Ok(free.filter(|(name, _)| !layout::is_own_artifact(name)).collect())
}

/// The ticket as it is stored, or as it was: `item.md`, a blank line, `thread.md`.
///
/// # Errors
/// When there is none by that name, no such version, or a file can't be read. Nothing is parsed.
pub fn raw(session: &Session, typed: &str, at: Option<&str>) -> anyhow::Result<Vec<u8>> {
    let snapshot = match at {
        Some(at) => version::find(session, at)?.1,
        None => session.snapshot()?,
    };
    let files = resolve::resolve(&session.store, &snapshot, typed)?;
    let mut out = snapshot.read(&files, layout::ITEM)?.unwrap_or_default();
    if !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    out.push(b'\n');
    out.extend(snapshot.read(&files, layout::THREAD)?.unwrap_or_default());
    Ok(out)
}

/// Names of relations seen from the ticket: how it relates, or how others relate to it.
pub fn label(relation: &Relation, is_outgoing: bool) -> &'static str {
    let kind: Kind = relation.kind;
    if is_outgoing { kind.word() } else { kind.inverse() }
}
