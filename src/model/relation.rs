//! Relations between tickets, their inverses, and the cycles they must not form.

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

/// The waiting relations of many tickets: who must be done before whom.
#[derive(Debug, Default)]
pub struct Waits(BTreeMap<TicketId, BTreeSet<TicketId>>);

impl Waits {
    /// From all relations; the kinds that make nobody wait are passed over.
    pub fn new<'a>(relations: impl IntoIterator<Item = &'a Relation>) -> Self {
        let mut waits = Waits::default();
        for relation in relations {
            waits.add(relation.ticket_id, relation.kind, relation.target);
        }
        waits
    }

    /// Adds one relation.
    pub fn add(&mut self, source: TicketId, kind: Kind, target: TicketId) {
        match kind {
            Kind::DependsOn => self.0.entry(source).or_default().insert(target),
            Kind::Blocks => self.0.entry(target).or_default().insert(source),
            Kind::Related | Kind::Supersedes | Kind::DuplicateOf => false,
        };
    }

    /// Adds that one ticket leads to another, whatever the relation is.
    pub fn lead(&mut self, source: TicketId, target: TicketId) {
        self.0.entry(source).or_default().insert(target);
    }

    /// The way from one ticket to another along "waits for", both ends included.
    pub fn path(&self, from: TicketId, to: TicketId) -> Option<Vec<TicketId>> {
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
            for next in self.0.get(&here).into_iter().flatten() {
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
        let mut waits = Waits::default();
        waits.add(id(1), Kind::DependsOn, id(2));
        waits.add(id(3), Kind::Blocks, id(2));
        waits.add(id(3), Kind::Related, id(1));
        assert_eq!(waits.path(id(3), id(1)), None);
        waits.add(id(3), Kind::DependsOn, id(1));
        assert_eq!(waits.path(id(1), id(3)), Some(vec![id(1), id(2), id(3)]));
        assert_eq!(waits.path(id(3), id(2)), Some(vec![id(3), id(1), id(2)]));
    }

    #[test]
    fn a_long_chain_is_walked_without_recursion() {
        let mut waits = Waits::default();
        for number in 0..100_000 {
            waits.add(id(number), Kind::DependsOn, id(number + 1));
        }
        assert_eq!(waits.path(id(0), id(100_000)).map(|path| path.len()), Some(100_001));
    }
}
