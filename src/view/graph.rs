//! The graph of tickets: `yoi.graph/1`.

use serde::Serialize;

use crate::model::readiness::Gate;
use crate::model::state::State;
use crate::ops::graph::Drawn;

use super::UnreadableView;

/// Tickets and their relations.
#[derive(Debug, Serialize)]
pub struct GraphView {
    /// `yoi.graph/1`.
    pub schema: &'static str,
    /// How many tickets there are in it.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// The tickets.
    pub nodes: Vec<NodeView>,
    /// The relations.
    pub edges: Vec<EdgeView>,
    /// Tickets that wait for each other: for each group a way round, from a ticket back to it.
    pub circles: Vec<Vec<String>>,
    /// How many groups more there are.
    pub more_circles: usize,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

/// A ticket.
#[derive(Debug, Serialize)]
pub struct NodeView {
    /// Its id.
    pub id: String,
    /// Its title; empty when there is no such ticket.
    pub title: String,
    /// Where it stands; absent when there is no such ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// What can be done next, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<&'static str>,
    /// The tickets of the graph that it still waits for.
    pub blocked_by: Vec<String>,
}

/// A relation, as it is stored.
#[derive(Debug, Serialize)]
pub struct EdgeView {
    /// The source.
    pub from: String,
    /// What it is to the target.
    pub kind: &'static str,
    /// The target.
    pub to: String,
}

impl EdgeView {
    /// The names of the fields, for rows.
    pub const ATOMS: [&'static str; 3] = ["from", "kind", "to"];
}

impl GraphView {
    /// From what `graph` answers.
    pub fn new(drawn: &Drawn) -> Self {
        let blocked_by = drawn.graph.blocked_by();
        let nodes = drawn.graph.nodes.iter().map(|(id, node)| NodeView {
            id: id.to_string(),
            title: node.title.clone(),
            state: node.state.map(State::word),
            gate: node.gate.map(Gate::word),
            blocked_by: blocked_by.get(id).into_iter().flatten().map(ToString::to_string).collect(),
        });
        let edges = drawn.graph.edges.iter().map(|(source, kind, target)| EdgeView {
            from: source.to_string(),
            kind: kind.word(),
            to: target.to_string(),
        });
        let circles = drawn.circles.iter().map(|way| way.iter().map(ToString::to_string).collect());
        GraphView {
            schema: "yoi.graph/1",
            total: drawn.graph.nodes.len(),
            truncated: false,
            nodes: nodes.collect(),
            edges: edges.collect(),
            circles: circles.collect(),
            more_circles: drawn.more_circles,
            unreadable: UnreadableView::all(&drawn.unreadable, &drawn.damaged),
        }
    }
}
