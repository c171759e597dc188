//! Routing decisions.

use crate::format::routing;
use crate::model::id::TicketId;
use crate::model::readiness::Blocker;
use crate::model::routing::{Class, Classification, Packet};
use crate::model::rule::{self, Routing};
use crate::store::snapshot::Snapshot;

use super::session::{Echo, Session};
use super::stored::{self, Stored};
use super::{relations, resolve};

/// A decision somebody makes, with tickets as typed.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// What was decided.
    pub classification: Classification,
    /// Why.
    pub reasons: &'a [String],
    /// What was looked at.
    pub evidence: &'a [String],
    /// What comes next.
    pub next: &'a [String],
    /// When to come back and ask.
    pub escalate: &'a [String],
    /// The contract.
    pub packet: Option<Packet>,
    /// The tickets that hold it back.
    pub on: &'a [String],
}

/// Records a decision, and what the plan says with it, in one write. Gives also what the ticket waits for.
///
/// # Errors
/// When a ticket doesn't exist, a part is missing or can't be stored, or as [`Session::change`].
pub fn route(session: &Session, typed: &str, request: &Request) -> anyhow::Result<(Echo, Vec<Blocker>)> {
    let mut waits_for = Vec::new();
    let echo = session.change(typed, |snapshot, stored, _| {
        waits_for = blockers(session, snapshot, stored)?;
        let find = |typed: &String| -> anyhow::Result<TicketId> {
            Ok(resolve::resolve(&session.store, snapshot, typed)?.id)
        };
        let routing = Routing {
            classification: request.classification.clone(),
            reasons: request.reasons.to_vec(),
            evidence: request.evidence.to_vec(),
            next: request.next.to_vec(),
            escalate: request.escalate.to_vec(),
            packet: request.packet.clone(),
            on: request.on.iter().map(find).collect::<Result<_, _>>()?,
        };
        Ok(rule::route(stored.files.id, routing, &waits_for, routing::begins_section)?)
    })?;
    waits_for.retain(Blocker::is_unresolved);
    Ok((echo, waits_for))
}

/// What a decision has to know of the tickets it waits for; its own relations must be readable.
fn blockers(session: &Session, snapshot: &Snapshot, stored: &Stored) -> anyhow::Result<Vec<Blocker>> {
    stored::relations(snapshot, &stored.files)?;
    let id = stored.files.id;
    Ok(relations::blockers(snapshot, id, &relations::touching(session, snapshot, id)?))
}

/// The packet that counts now, as text to go on from: a decision made again begins with it.
///
/// # Errors
/// When there is no such ticket or it can't be read.
pub fn draft(session: &Session, typed: &str) -> anyhow::Result<String> {
    let snapshot = session.snapshot()?;
    let stored = session.find(&snapshot, typed)?;
    let routed = routing::of_thread(&stored.events);
    Ok(match routing::last_packet(&routed) {
        Some((_, packet)) => routing::write_packet(packet),
        None => routing::template(),
    })
}

/// Whether a decision of that kind needs a packet.
pub fn needs_packet(classification: &Classification) -> bool {
    classification.class() == Class::ImplementationReady
}
