//! The graph of tickets and their relations.

use std::collections::BTreeMap;

use crate::model::graph::{Graph, Node};
use crate::model::id::TicketId;
use crate::model::query::Query;
use crate::model::relation::Relation;
use crate::model::state::State;

use super::doctor::circles;
use super::session::Session;
use super::{relations, resolve, survey};

/// The graph, or a part of it.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Tickets and relations.
    pub graph: Graph,
    /// Tickets that wait for each other: a way round for each group, from a ticket back to it.
    pub circles: Vec<Vec<TicketId>>,
    /// How many groups more there are.
    pub more_circles: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// The graph around a ticket, or that of all tickets: what still matters, or with `is_all` everything.
///
/// # Errors
/// When there is no such ticket or the tickets can't be listed; one that can't be read hides no other.
pub fn graph(session: &Session, typed: Option<&str>, is_all: bool) -> anyhow::Result<Drawn> {
    let snapshot = session.snapshot()?;
    let center = typed.map(|typed| resolve::resolve(&session.store, &snapshot, typed)).transpose()?;
    let relations = relations::all(session, &snapshot)?;
    let found = survey::select(session, &snapshot, &Query::in_states(&State::ALL))?;
    let node = |ticket: crate::model::summary::Summary| {
        (ticket.id, Node { title: ticket.title, state: Some(ticket.state), gate: Some(ticket.gate) })
    };
    let tickets: BTreeMap<TicketId, Node> = found.tickets.into_iter().map(node).collect();
    let whole = Graph::new(&relations, &tickets);
    let graph = match center {
        Some(files) => {
            let mut part = whole.around(files.id);
            part.nodes.extend(tickets.get(&files.id).map(|node| (files.id, node.clone())));
            part
        }
        None if is_all => whole,
        None => whole.open(),
    };
    let is_in =
        |relation: &&Relation| graph.edges.contains(&(relation.ticket_id, relation.kind, relation.target));
    let shown: Vec<Relation> = relations.iter().filter(is_in).cloned().collect();
    let (circles, more_circles) = circles::circles(&shown);
    Ok(Drawn { graph, circles, more_circles, unreadable: found.unreadable, damaged: found.damaged })
}
