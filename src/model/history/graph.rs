//! The shape of a history: which merge brought which commit.

use std::collections::{BinaryHeap, HashMap};

use super::super::commit::Commit;
use super::History;

/// Which merge brought which commit. Commits are named by their place in the history's list.
pub(super) struct Graph<'a> {
    /// The place of each commit by its id.
    places: HashMap<&'a str, usize>,
    /// For each merge, the commits of the line it merged, the oldest first: not those of lines that were
    /// themselves merged into that line.
    pub(super) own: HashMap<usize, Vec<usize>>,
    /// For each commit, the merge whose line it is on; `None` on a target branch itself.
    pub(super) owner: Vec<Option<usize>>,
    /// Whether a commit can be reached from a target branch.
    pub(super) is_reached: Vec<bool>,
    /// A number for each reached commit; ancestors have smaller ones.
    pub(super) position: Vec<usize>,
    /// The reached merges; one always before those on the lines that it merged.
    pub(super) merges: Vec<usize>,
    /// All ids with their places, in order of id.
    sorted: Vec<(&'a str, usize)>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(history: &History<'a>) -> Self {
        let commits = history.commits;
        let named = commits.iter().enumerate().map(|(place, commit)| (commit.id.as_str(), place));
        let mut sorted: Vec<(&str, usize)> = named.collect();
        sorted.sort_unstable();
        let mut graph = Graph {
            places: sorted.iter().copied().collect(),
            own: HashMap::new(),
            owner: vec![None; commits.len()],
            is_reached: vec![false; commits.len()],
            position: vec![0; commits.len()],
            merges: Vec::new(),
            sorted,
        };
        for target in history.targets {
            graph.walk(commits, &target.commit);
        }
        graph.number(commits);
        graph
    }

    /// Goes along first parents and then, the oldest merge first, into what each merge brought. What an older
    /// part of the line holds is known by then, so nothing is counted for a merge that only repeats it.
    fn walk(&mut self, commits: &[Commit], tip: &str) {
        let mut open: Vec<(usize, Option<usize>)> =
            self.place(tip).map(|tip| (tip, None)).into_iter().collect();
        while let Some((start, owner)) = open.pop() {
            let mut line = Vec::new();
            let mut next = Some(start);
            while let Some(place) = next.filter(|place| !self.is_reached[*place]) {
                self.is_reached[place] = true;
                self.owner[place] = owner;
                line.push(place);
                next = commits[place].parents.first().and_then(|parent| self.place(parent));
            }
            for place in line.iter().filter(|place| commits[**place].is_merge()) {
                self.merges.push(*place);
                // The last one pushed is looked at first: the newest merge and the last parent come first here.
                let others = commits[*place].parents[1..].iter().rev();
                open.extend(others.filter_map(|id| self.place(id)).map(|parent| (parent, Some(*place))));
            }
            if let Some(owner) = owner {
                self.own.entry(owner).or_default().extend(line.into_iter().rev());
            }
        }
    }

    /// Numbers the reached commits from the newest down, children before their parents whatever clocks say.
    fn number(&mut self, commits: &[Commit]) {
        let reached = || (0..commits.len()).filter(|place| self.is_reached[*place]);
        let parents = |place: usize| commits[place].parents.iter().filter_map(|parent| self.place(parent));
        let mut children = vec![0usize; commits.len()];
        for parent in reached().flat_map(parents) {
            children[parent] += 1;
        }
        let key = |place: usize| (commits[place].committed, commits[place].id.as_str(), place);
        let mut open: BinaryHeap<(i64, &str, usize)> =
            reached().filter(|place| children[*place] == 0).map(key).collect();
        let mut position = vec![0; commits.len()];
        let mut next = commits.len();
        while let Some((_, _, place)) = open.pop() {
            next -= 1;
            position[place] = next;
            for parent in parents(place) {
                children[parent] -= 1;
                if children[parent] == 0 {
                    open.push(key(parent));
                }
            }
        }
        self.position = position;
    }

    /// The place of a commit; `None` when the history doesn't hold it.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The reached commit whose id begins with these digits, when there is just one commit like that.
    pub(super) fn resolve(&self, digits: &str) -> Option<usize> {
        let from = self.sorted.partition_point(|(id, _)| *id < digits);
        let mut fitting = self.sorted[from..].iter().take_while(|(id, _)| id.starts_with(digits));
        let (_, place) = fitting.next()?;
        (fitting.next().is_none() && self.is_reached[*place]).then_some(*place)
    }

    /// The commits of the line a merge brought, the oldest first.
    pub(super) fn own(&self, merge: usize) -> &[usize] {
        self.own.get(&merge).map_or(&[], Vec::as_slice)
    }
}
