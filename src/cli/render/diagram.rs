//! The graph of tickets in the languages of programs that draw.
//!
//! Titles are text of others: what could end a label or begin something else is written so that it can't.

use std::fmt::Write;

use crate::model::graph::{Graph, Node};
use crate::model::id::TicketId;
use crate::model::readiness::Gate;
use crate::model::relation::Kind;
use crate::model::state::State;
use crate::ui::sanitize::line;

/// What stands in a ticket's box: id, state, title.
fn label(id: &TicketId, node: &Node) -> [String; 3] {
    let state = node.state.map_or("missing", State::word);
    let blocked = if node.gate == Some(Gate::Blocked) { " (blocked)" } else { "" };
    [id.to_string(), format!("{state}{blocked}"), line(&node.title).into_owned()]
}

/// Whether a relation makes one wait for the other.
fn makes_wait(kind: Kind) -> bool {
    matches!(kind, Kind::DependsOn | Kind::Blocks)
}

/// As Graphviz reads it.
pub fn dot(graph: &Graph) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut out = String::from("digraph tickets {\n  rankdir=LR;\n  node [shape=box];\n");
    for (id, node) in &graph.nodes {
        let style = match node.state {
            None => ", style=dashed",
            Some(state) if state.is_resolved() => ", color=gray, fontcolor=gray",
            Some(_) if node.gate == Some(Gate::Blocked) => ", color=red",
            Some(_) => "",
        };
        let lines = label(id, node).map(|text| quoted(&text)).join("\\n");
        let _ = writeln!(out, "  \"{id}\" [label=\"{lines}\"{style}];");
    }
    for (source, kind, target) in &graph.edges {
        let style = if makes_wait(*kind) { "" } else { ", style=dashed" };
        let _ = writeln!(out, "  \"{source}\" -> \"{target}\" [label=\"{kind}\"{style}];");
    }
    out + "}\n"
}

/// As Mermaid reads it.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (id, node) in &graph.nodes {
        let lines = label(id, node).map(|text| coded(&text)).join("<br/>");
        let class = match node.state {
            None => ":::missing",
            Some(state) if state.is_resolved() => ":::over",
            Some(_) if node.gate == Some(Gate::Blocked) => ":::blocked",
            Some(_) => "",
        };
        let _ = writeln!(out, "  t{id}[\"{lines}\"]{class}");
    }
    for (source, kind, target) in &graph.edges {
        let arrow = if makes_wait(*kind) { "-->" } else { "-.->" };
        let _ = writeln!(out, "  t{source} {arrow}|{kind}| t{target}");
    }
    out.push_str("  classDef blocked stroke:#c00\n  classDef over color:#888,stroke:#888\n");
    out + "  classDef missing stroke-dasharray:4\n"
}

/// Text with everything but letters, digits and harmless signs as numbered characters.
fn coded(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            ' ' | '.' | ',' | '-' | '_' | '(' | ')' | '/' | '?' | '!' | '\'' => out.push(letter),
            letter if letter.is_alphanumeric() => out.push(letter),
            letter => {
                let _ = write!(out, "#{};", u32::from(letter));
            }
        }
    }
    out
}
