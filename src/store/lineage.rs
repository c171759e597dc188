//! The whole history of the tickets in memory: which commit comes from which. Where two versions parted is told
//! without starting a git for each merge.

use std::collections::{BinaryHeap, HashMap};

use super::{ObjectId, Store, StoreError, git};

/// The commits that can be reached from one, each with its parents.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    /// Parents before their children.
    pub(super) commits: Vec<ObjectId>,
    places: HashMap<ObjectId, usize>,
    parents: Vec<Vec<usize>>,
}

/// Reached from the one commit, from the other, and below a place where both parted.
const ONE: u8 = 1;
const OTHER: u8 = 2;
const BELOW: u8 = 4;

impl Lineage {
    /// From lines of a commit's id and those of its parents, parents' lines first. Parents without a line of their own
    /// lie beyond what a shallow clone has.
    fn read(text: &str) -> Self {
        let mut lineage = Lineage::default();
        for line in text.lines() {
            let mut ids = line.split(' ').filter_map(|hex| ObjectId::from_hex(hex.as_bytes()).ok());
            let Some(commit) = ids.next() else { continue };
            let parents = ids.filter_map(|parent| lineage.places.get(&parent).copied()).collect();
            lineage.places.insert(commit, lineage.commits.len());
            lineage.commits.push(commit);
            lineage.parents.push(parents);
        }
        lineage
    }

    /// Where two commits parted, as `git merge-base --all` tells it, in order of their ids; `None` when one of them is
    /// not known here.
    pub(super) fn bases(&self, one: ObjectId, other: ObjectId) -> Option<Vec<ObjectId>> {
        let (one, other) = (*self.places.get(&one)?, *self.places.get(&other)?);
        let mut marks: HashMap<usize, u8> = HashMap::new();
        *marks.entry(one).or_default() |= ONE;
        *marks.entry(other).or_default() |= OTHER;
        // A child comes out before its parents do, so what comes out is marked by all that it is reached from.
        let mut open: BinaryHeap<usize> = marks.keys().copied().collect();
        let mut undecided = open.len();
        let mut found = Vec::new();
        while let Some(here) = open.pop().filter(|_| undecided > 0) {
            let mut mark = marks[&here];
            undecided -= usize::from(mark & BELOW == 0);
            if mark == ONE | OTHER {
                found.push(self.commits[here]);
                mark |= BELOW;
            }
            for parent in &self.parents[here] {
                let known = marks.entry(*parent).or_default();
                let (before, now) = (*known, *known | mark);
                *known = now;
                if before == 0 {
                    open.push(*parent);
                    undecided += usize::from(now & BELOW == 0);
                } else {
                    undecided -= usize::from(before & BELOW == 0 && now & BELOW != 0);
                }
            }
        }
        found.sort_unstable();
        Some(found)
    }
}

impl Store {
    /// Every commit that can be reached from one.
    ///
    /// # Errors
    /// When git can't list them.
    pub(super) fn lineage(&self, tip: ObjectId) -> Result<Lineage, StoreError> {
        let tip = tip.to_string();
        let words = ["--no-replace-objects", "rev-list", "--topo-order", "--reverse", "--parents", &tip];
        Ok(Lineage::read(&git::run(&self.cwd, words)?))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn id(number: usize) -> ObjectId {
        ObjectId::from_hex(format!("{number:040x}").as_bytes()).unwrap()
    }

    /// A history: for each commit its parents, which come before it.
    fn lineage(parents: &[Vec<usize>]) -> Lineage {
        let line = |(number, parents): (usize, &Vec<usize>)| {
            let parents = parents.iter().map(|parent| format!(" {}", id(*parent)));
            format!("{}{}\n", id(number), parents.collect::<String>())
        };
        Lineage::read(&parents.iter().enumerate().map(line).collect::<String>())
    }

    /// What is reached from a commit, itself included.
    fn reached(parents: &[Vec<usize>], from: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([from]);
        let mut open = vec![from];
        while let Some(here) = open.pop() {
            open.extend(parents[here].iter().copied().filter(|parent| found.insert(*parent)));
        }
        found
    }

    /// The definition: reached from both, and from no other that is.
    fn plainly(parents: &[Vec<usize>], one: usize, other: usize) -> Vec<ObjectId> {
        let (one, other) = (reached(parents, one), reached(parents, other));
        let both: BTreeSet<usize> = one.intersection(&other).copied().collect();
        let is_below =
            |here: &usize| both.iter().any(|above| above != here && reached(parents, *above).contains(here));
        both.iter().filter(|here| !is_below(here)).map(|here| id(*here)).collect()
    }

    #[test]
    fn two_sides_that_took_each_other_in_parted_in_two_places() {
        let parents = [vec![], vec![0], vec![0], vec![1, 2], vec![2, 1], vec![3], vec![4]];
        let lineage = lineage(&parents);
        assert_eq!(lineage.bases(id(5), id(6)), Some(vec![id(1), id(2)]));
        assert_eq!(lineage.bases(id(5), id(5)), Some(vec![id(5)]));
        assert_eq!(lineage.bases(id(1), id(6)), Some(vec![id(1)]));
        assert_eq!(lineage.bases(id(1), id(9)), None);
    }

    #[test]
    fn what_a_shallow_clone_lacks_is_no_parent() {
        let text = format!("{} {}\n{} {} {}\n", id(1), id(8), id(2), id(1), id(9));
        let lineage = Lineage::read(&text);
        assert_eq!(lineage.bases(id(2), id(1)), Some(vec![id(1)]));
        assert_eq!(Lineage::read(&format!("{}\n{}\n", id(1), id(2))).bases(id(1), id(2)), Some(vec![]));
    }

    proptest! {
        #[test]
        fn where_two_commits_parted_is_what_the_definition_says(
            wanted in prop::collection::vec(prop::collection::vec(0..1000_usize, 0..3), 2..24),
            one in 0..1000_usize,
            other in 0..1000_usize,
        ) {
            let parents: Vec<Vec<usize>> = wanted.iter().enumerate().map(|(number, parents)| {
                let known: BTreeSet<usize> =
                    parents.iter().filter(|_| number > 0).map(|parent| parent % number.max(1)).collect();
                known.into_iter().collect()
            }).collect();
            let (one, other) = (one % parents.len(), other % parents.len());
            prop_assert_eq!(lineage(&parents).bases(id(one), id(other)), Some(plainly(&parents, one, other)));
        }
    }
}
