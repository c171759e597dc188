//! The graph of tickets as a tree on a screen.

use crate::model::graph::{Graph, Line, Node, Turn};
use crate::model::readiness::Gate;
use crate::model::relation::Kind;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize::line;

use super::state_style;

/// How many levels hang on each other before a tree goes on below.
const DEEPEST: usize = 24;

/// Each ticket above those it waits for.
pub fn tree(graph: &Graph, painter: &Painter) -> String {
    let mut out = String::new();
    for drawn in graph.tree(DEEPEST) {
        out.push_str(&row(&drawn, graph.nodes.get(&drawn.id).unwrap_or(&Node::MISSING), painter));
    }
    out
}

fn row(drawn: &Line, node: &Node, painter: &Painter) -> String {
    let mut front = String::new();
    if let Some((own, above)) = drawn.rails.split_last() {
        above.iter().for_each(|more| front.push_str(if *more { "│  " } else { "   " }));
        front.push_str(if *own { "├─ " } else { "└─ " });
    }
    let link = drawn.link.map(|(kind, says_so)| format!("{} ", link(kind, says_so))).unwrap_or_default();
    let id = painter.paint(Style::Identifier, drawn.id.as_str());
    let state = match node.state {
        Some(state) => painter.paint(state_style(state), state.word()),
        None => painter.paint(Style::Warning, "missing"),
    };
    let gate = if node.gate == Some(Gate::Blocked) { " (blocked)" } else { "" };
    let turn = match drawn.turn {
        Turn::Open => "",
        Turn::Above => " (see above)",
        Turn::Circle => " (circle: it waits for this one too)",
        Turn::Below => " (see there)",
    };
    let turn = if drawn.turn == Turn::Circle { painter.paint(Style::Warning, turn) } else { turn.to_owned() };
    let title = line(&node.title);
    let front = painter.paint(Style::Dim, &format!("{front}{link}"));
    format!("{front}{id} {state}{gate} {title}{turn}\n").replace(" \n", "\n")
}

/// How a ticket hangs on the one above it.
fn link(kind: Kind, says_so: bool) -> String {
    let word = if says_so { kind.word() } else { kind.inverse() };
    word.replace('_', " ")
}
