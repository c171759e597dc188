//! Tickets and their relations as a graph, and the order in which it is drawn as a tree.

use std::collections::{BTreeMap, BTreeSet};

use super::id::TicketId;
use super::readiness::Gate;
use super::relation::{Kind, Order, Relation};
use super::state::State;

/// A ticket in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its title; empty when there is no such ticket or it can't be read.
    pub title: String,
    /// Where it stands; `None` when there is no such ticket or it can't be read.
    pub state: Option<State>,
    /// What it waits for next, likewise.
    pub gate: Option<Gate>,
}

impl Node {
    /// A ticket that isn't there.
    pub const MISSING: Node = Node { title: String::new(), state: None, gate: None };

    /// Whether others still wait for it; one that isn't there is waited for.
    pub fn is_open(&self) -> bool {
        !self.state.is_some_and(State::is_resolved)
    }
}

/// A relation: who says it, what, and about whom.
pub type Edge = (TicketId, Kind, TicketId);

/// Tickets and their relations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The tickets.
    pub nodes: BTreeMap<TicketId, Node>,
    /// The relations, in order, each once.
    pub edges: BTreeSet<Edge>,
}

/// Which of an edge's ends waits for the other, if any: the waiting one, the one waited for.
pub fn waits((source, kind, target): Edge) -> Option<(TicketId, TicketId)> {
    kind.leads(source, target).filter(|_| kind.order() == Some(Order::Waiting))
}

impl Graph {
    /// All relations, between the tickets given; ends that are not among them are missing ones.
    pub fn new<'a>(
        relations: impl IntoIterator<Item = &'a Relation>,
        tickets: &BTreeMap<TicketId, Node>,
    ) -> Self {
        let edges =
            relations.into_iter().map(|relation| (relation.ticket_id, relation.kind, relation.target));
        let mut graph = Graph { nodes: BTreeMap::new(), edges: edges.collect() };
        for id in graph.edges.iter().flat_map(|(source, _, target)| [*source, *target]) {
            graph.nodes.entry(id).or_insert_with(|| tickets.get(&id).cloned().unwrap_or(Node::MISSING));
        }
        graph
    }

    /// The part that still matters: relations of which the ticket that waits, or else the one that says it, is
    /// not done or closed.
    pub fn open(&self) -> Self {
        let keeps = |edge: &Edge| {
            let of = waits(*edge).map_or(edge.0, |(waiting, _)| waiting);
            self.nodes[&of].is_open()
        };
        self.with_edges(self.edges.iter().copied().filter(keeps).collect())
    }

    /// What hangs together with a ticket: whoever waits for it and whatever it waits for, on and on, and what
    /// else is said by or about these tickets.
    pub fn around(&self, id: TicketId) -> Self {
        let mut beside: BTreeMap<TicketId, Vec<TicketId>> = BTreeMap::new();
        for (waiting, other) in self.edges.iter().copied().filter_map(waits) {
            beside.entry(waiting).or_default().push(other);
            beside.entry(other).or_default().push(waiting);
        }
        let mut near = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(here) = open.pop() {
            open.extend(beside.get(&here).into_iter().flatten().filter(|there| near.insert(**there)));
        }
        let is_near = |(source, _, target): &Edge| near.contains(source) || near.contains(target);
        let mut part = self.with_edges(self.edges.iter().copied().filter(is_near).collect());
        part.nodes.entry(id).or_insert_with(|| self.nodes.get(&id).cloned().unwrap_or(Node::MISSING));
        part
    }

    fn with_edges(&self, edges: BTreeSet<Edge>) -> Self {
        let ends: BTreeSet<TicketId> =
            edges.iter().flat_map(|(source, _, target)| [*source, *target]).collect();
        let nodes = self.nodes.iter().filter(|(id, _)| ends.contains(id));
        Graph { nodes: nodes.map(|(id, node)| (*id, node.clone())).collect(), edges }
    }

    /// For each ticket, the open ones it waits for.
    pub fn blocked_by(&self) -> BTreeMap<TicketId, BTreeSet<TicketId>> {
        let mut found: BTreeMap<TicketId, BTreeSet<TicketId>> = BTreeMap::new();
        let open =
            self.edges.iter().copied().filter_map(waits).filter(|(_, other)| self.nodes[other].is_open());
        open.for_each(|(waiting, other)| {
            found.entry(waiting).or_default().insert(other);
        });
        found
    }
}

/// How a line of the tree goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// What it waits for stands below.
    Open,
    /// It stands above already, with what it waits for.
    Above,
    /// It is one of those above that wait for this: a circle.
    Circle,
    /// It stands further below as a tree of its own: this one is deep enough.
    Below,
}

/// A line of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// For each level above the line's own: whether more of it follows below.
    pub rails: Vec<bool>,
    /// How it hangs on the line above it that it belongs to; `None` at the top. `true` when that one says so,
    /// `false` when this one does.
    pub link: Option<(Kind, bool)>,
    /// The ticket.
    pub id: TicketId,
    /// How it goes on.
    pub turn: Turn,
}

/// A ticket whose own lines are drawn.
struct Level {
    id: TicketId,
    next: usize,
}

impl Graph {
    /// The graph as a tree: each ticket with what it waits for below it. It is drawn in full once; takes time and
    /// gives lines in proportion to tickets and relations. At most `deepest` levels hang on each other: what is
    /// deeper follows as a tree of its own.
    pub fn tree(&self, deepest: usize) -> Vec<Line> {
        let mut below: BTreeMap<TicketId, Vec<(Kind, bool, TicketId)>> = BTreeMap::new();
        let mut waited_for = BTreeSet::new();
        for edge in self.edges.iter().copied() {
            let (source, kind, target) = edge;
            match waits(edge) {
                Some((waiting, other)) => {
                    waited_for.insert(other);
                    below.entry(waiting).or_default().push((kind, waiting == source, other));
                }
                None => below.entry(source).or_default().push((kind, true, target)),
            }
        }
        below.values_mut().for_each(|links| links.sort_by_key(|(kind, _, id)| (*kind, *id)));
        // Who is only named by others ("related") hangs there and is no tree of its own.
        let named: BTreeSet<TicketId> = self.edges.iter().map(|(_, _, target)| *target).collect();
        let is_top =
            |id: &TicketId| !waited_for.contains(id) && (below.contains_key(id) || !named.contains(id));
        let tops = self.nodes.keys().copied().filter(is_top);
        let rest = self.nodes.keys().copied().filter(|id| below.contains_key(id));
        let mut drawing = Drawing { below: &below, drawn: BTreeSet::new(), lines: Vec::new(), deepest };
        tops.chain(rest).for_each(|id| drawing.draw(id));
        drawing.lines
    }
}

struct Drawing<'a> {
    below: &'a BTreeMap<TicketId, Vec<(Kind, bool, TicketId)>>,
    drawn: BTreeSet<TicketId>,
    lines: Vec<Line>,
    deepest: usize,
}

impl Drawing<'_> {
    fn draw(&mut self, top: TicketId) {
        if !self.drawn.insert(top) {
            return;
        }
        self.lines.push(Line { rails: Vec::new(), link: None, id: top, turn: Turn::Open });
        let mut levels = vec![Level { id: top, next: 0 }];
        let mut path = BTreeSet::from([top]);
        while let Some(level) = levels.last_mut() {
            let links = self.below.get(&level.id).map_or(&[][..], Vec::as_slice);
            let Some((kind, says_so, id)) = links.get(level.next).copied() else {
                path.remove(&level.id);
                levels.pop();
                continue;
            };
            level.next += 1;
            let more =
                |level: &Level| self.below.get(&level.id).is_some_and(|links| level.next < links.len());
            let rails: Vec<bool> = levels.iter().map(more).collect();
            let is_leaf = !self.below.contains_key(&id);
            let makes_wait = matches!(kind, Kind::DependsOn | Kind::Blocks);
            let turn = match () {
                () if path.contains(&id) && makes_wait => Turn::Circle,
                () if is_leaf => Turn::Open,
                () if self.drawn.contains(&id) => Turn::Above,
                // What is only related doesn't hang here with all it waits for.
                () if !makes_wait || levels.len() >= self.deepest => Turn::Below,
                () => Turn::Open,
            };
            if turn == Turn::Open && !is_leaf {
                self.drawn.insert(id);
                path.insert(id);
                levels.push(Level { id, next: 0 });
            }
            self.lines.push(Line { rails, link: Some((kind, says_so)), id, turn });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> TicketId {
        TicketId::from_millis(number)
    }

    fn graph(edges: &[(u64, Kind, u64)]) -> Graph {
        let relation = |(source, kind, target): &(u64, Kind, u64)| Relation {
            ticket_id: id(*source),
            kind: *kind,
            target: id(*target),
            note: None,
            author: String::new(),
            at: String::new(),
        };
        let relations: Vec<Relation> = edges.iter().map(relation).collect();
        let state = |number: u64| Some(if number % 10 == 9 { State::Done } else { State::Queued });
        let node = |number: u64| Node { title: number.to_string(), state: state(number), gate: None };
        let tickets = (0..100).map(|number| (id(number), node(number))).collect();
        Graph::new(&relations, &tickets)
    }

    /// Depth, ticket and turn of each line.
    fn drawn(graph: &Graph, deepest: usize) -> Vec<(usize, TicketId, Turn)> {
        graph.tree(deepest).into_iter().map(|line| (line.rails.len(), line.id, line.turn)).collect()
    }

    #[test]
    fn each_ticket_is_drawn_in_full_once() {
        use Kind::{Blocks, DependsOn, Related};
        let graph = graph(&[(1, DependsOn, 3), (2, DependsOn, 3), (4, Blocks, 3), (1, Related, 5)]);
        let expected = [
            (0, id(1), Turn::Open),
            (1, id(3), Turn::Open),
            (2, id(4), Turn::Open),
            (1, id(5), Turn::Open),
            (0, id(2), Turn::Open),
            (1, id(3), Turn::Above),
        ];
        assert_eq!(drawn(&graph, 32), expected);
        let lines = graph.tree(32);
        assert_eq!((&lines[2].rails, lines[2].link), (&vec![true, false], Some((Blocks, false))));
    }

    #[test]
    fn a_circle_is_drawn_once_and_marked() {
        use Kind::DependsOn;
        let graph = graph(&[(1, DependsOn, 2), (2, DependsOn, 3), (3, DependsOn, 1)]);
        let expected = [
            (0, id(1), Turn::Open),
            (1, id(2), Turn::Open),
            (2, id(3), Turn::Open),
            (3, id(1), Turn::Circle),
        ];
        assert_eq!(drawn(&graph, 32), expected);
    }

    #[test]
    fn what_is_too_deep_follows_below() {
        use Kind::DependsOn;
        let graph = graph(&[(1, DependsOn, 2), (2, DependsOn, 3), (3, DependsOn, 4)]);
        let expected = [
            (0, id(1), Turn::Open),
            (1, id(2), Turn::Open),
            (2, id(3), Turn::Below),
            (0, id(3), Turn::Open),
            (1, id(4), Turn::Open),
        ];
        assert_eq!(drawn(&graph, 2), expected);
    }

    #[test]
    fn large_graphs_are_drawn_in_proportion_to_their_size() {
        // Twenty layers of 100, each ticket waiting for every one of the next: paths without number.
        let mut edges = BTreeSet::new();
        for layer in 0..20 {
            for (a, b) in (0..100).flat_map(|a| (0..100).map(move |b| (a, b))) {
                edges.insert((id(layer * 100 + a), Kind::DependsOn, id(layer * 100 + 100 + b)));
            }
        }
        let nodes = (0..2100).map(|number| (id(number), Node::MISSING)).collect();
        let graph = Graph { nodes, edges };
        assert_eq!(graph.tree(64).len(), 200_000 + 100);
    }

    #[test]
    fn only_what_matters_or_hangs_together_is_left() {
        use Kind::{DependsOn, Related, Supersedes};
        let whole = graph(&[
            (1, DependsOn, 9),
            (9, DependsOn, 19),
            (2, DependsOn, 1),
            (7, DependsOn, 8),
            (1, Related, 7),
            (29, Supersedes, 2),
        ]);
        let edges = |graph: &Graph| graph.edges.iter().map(|(a, _, b)| (*a, *b)).collect::<Vec<_>>();
        let pair = |(a, b): (u64, u64)| (id(a), id(b));
        assert_eq!(edges(&whole.open()), [(1, 9), (1, 7), (2, 1), (7, 8)].map(pair));
        assert_eq!(edges(&whole.around(id(1))), [(1, 9), (1, 7), (2, 1), (9, 19), (29, 2)].map(pair));
        assert_eq!(edges(&whole.around(id(8))), [(1, 7), (7, 8)].map(pair));
        assert_eq!(whole.around(id(50)).nodes.len(), 1);
        assert_eq!(whole.blocked_by()[&id(2)], BTreeSet::from([id(1)]));
        assert_eq!(whole.blocked_by().get(&id(1)), None);
    }
}
