//! Relations between tickets, their inverses, the orders they make, and the cycles they must not form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::id::TicketId;

/// What one ticket is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It waits for the target.
    DependsOn,
    /// The target waits for it.
    Blocks,
    /// Worth reading together.
    Related,
    /// It replaces the target.
    Supersedes,
    /// It says the same as the target.
    DuplicateOf,
}

impl Kind {
    /// All kinds, in the order they are written.
    pub const ALL: [Kind; 5] =
        [Kind::DependsOn, Kind::Blocks, Kind::Related, Kind::Supersedes, Kind::DuplicateOf];

    /// The word on the ref.
    pub fn word(self) -> &'static str {
        match self {
            Kind::DependsOn => "depends_on",
            Kind::Blocks => "blocks",
            Kind::Related => "related",
            Kind::Supersedes => "supersedes",
            Kind::DuplicateOf => "duplicate_of",
        }
    }

    /// What the source is, seen from the target.
    pub fn inverse(self) -> &'static str {
        match self {
            Kind::DependsOn => "dependency_of",
            Kind::Blocks => "blocked_by",
            Kind::Related => "related",
            Kind::Supersedes => "superseded_by",
            Kind::DuplicateOf => "duplicated_by",
        }
    }

    /// Reads the word, with `_` or with `-`.
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.replace('-', "_");
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One relation, stored with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// The source: the ticket it is stored with.
    pub ticket_id: TicketId,
    /// What the source is to the target.
    pub kind: Kind,
    /// The target, which may not exist.
    pub target: TicketId,
    /// Why.
    pub note: Option<String>,
    /// Who said so.
    pub author: String,
    /// When, as the file says it.
    pub at: String,
}

/// Puts relations in the order they are written: by kind, then by target.
pub fn sort(relations: &mut [Relation]) {
    relations.sort_by_key(|relation| (relation.kind, relation.target));
}

/// An order that relations make among tickets. A circle in it makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// A ticket waits for another.
    Waiting,
    /// A ticket gives way to another, which is the one to go on with.
    Replacing,
}

impl Order {
    /// The kinds that make this order: the one whose source waits or gives way, and the one whose target does.
    pub fn kinds(self) -> [Kind; 2] {
        match self {
            Order::Waiting => [Kind::DependsOn, Kind::Blocks],
            Order::Replacing => [Kind::DuplicateOf, Kind::Supersedes],
        }
    }
}

impl Kind {
    /// The order it makes, if it makes one.
    pub fn order(self) -> Option<Order> {
        match self {
            Kind::DependsOn | Kind::Blocks => Some(Order::Waiting),
            Kind::Supersedes | Kind::DuplicateOf => Some(Order::Replacing),
            Kind::Related => None,
        }
    }

    /// Of the two ends of a relation, given as source and target, the one that waits or gives way, and then the
    /// one waited for or given way to; `None` for kinds without an order.
    pub fn leads<T>(self, source: T, target: T) -> Option<(T, T)> {
        match self {
            Kind::DependsOn | Kind::DuplicateOf => Some((source, target)),
            Kind::Blocks | Kind::Supersedes => Some((target, source)),
            Kind::Related => None,
        }
    }
}

/// The ways that relations of many tickets make: who must be done before whom, and who gives way to whom.
#[derive(Debug, Default)]
pub struct Ways(BTreeMap<(Order, TicketId), BTreeSet<TicketId>>);

impl Ways {
    /// From all relations; the kinds without an order are passed over.
    pub fn new<'a>(relations: impl IntoIterator<Item = &'a Relation>) -> Self {
        let mut ways = Ways::default();
        for relation in relations {
            ways.add(relation.ticket_id, relation.kind, relation.target);
        }
        ways
    }

    /// Adds one relation.
    pub fn add(&mut self, source: TicketId, kind: Kind, target: TicketId) {
        if let (Some(order), Some((from, to))) = (kind.order(), kind.leads(source, target)) {
            self.0.entry((order, from)).or_default().insert(to);
        }
    }

    /// The way from one ticket to another along "waits for" or "gives way to", both ends included.
    pub fn path(&self, order: Order, from: TicketId, to: TicketId) -> Option<Vec<TicketId>> {
        let mut came_from: BTreeMap<TicketId, TicketId> = BTreeMap::new();
        let mut open = vec![from];
        let mut seen = BTreeSet::from([from]);
        while let Some(here) = open.pop() {
            if here == to {
                let mut path = vec![to];
                while let Some(previous) =
                    path.last().filter(|id| **id != from).and_then(|id| came_from.get(id))
                {
                    path.push(*previous);
                }
                path.reverse();
                return Some(path);
            }
            for next in self.0.get(&(order, here)).into_iter().flatten() {
                if seen.insert(*next) {
                    came_from.insert(*next, here);
                    open.push(*next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> TicketId {
        TicketId::from_millis(number)
    }

    #[test]
    fn a_way_is_found_whichever_way_its_relations_are_stored() {
        for order in [Order::Waiting, Order::Replacing] {
            let [forward, backward] = order.kinds();
            let mut ways = Ways::default();
            ways.add(id(1), forward, id(2));
            ways.add(id(3), backward, id(2));
            ways.add(id(3), Kind::Related, id(1));
            assert_eq!(ways.path(order, id(3), id(1)), None);
            ways.add(id(3), forward, id(1));
            assert_eq!(ways.path(order, id(1), id(3)), Some(vec![id(1), id(2), id(3)]));
            assert_eq!(ways.path(order, id(3), id(2)), Some(vec![id(3), id(1), id(2)]));
            let other = if order == Order::Waiting { Order::Replacing } else { Order::Waiting };
            assert_eq!(ways.path(other, id(1), id(2)), None, "the orders are apart");
        }
    }

    #[test]
    fn a_long_chain_is_walked_without_recursion() {
        let mut ways = Ways::default();
        for number in 0..100_000 {
            ways.add(id(number), Kind::DependsOn, id(number + 1));
        }
        assert_eq!(ways.path(Order::Waiting, id(0), id(100_000)).map(|path| path.len()), Some(100_001));
    }
}
