//! The merges of a history: what each brought, and which can be the landing of a ticket.

use std::collections::HashMap;

use super::History;
use super::graph::Graph;
use super::subject::Subject;

/// What a merge brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Load {
    /// Commits of one line.
    Work,
    /// Commits of its own line, and other merges that brought work.
    Mixed,
    /// Only other merges that brought work: a branch on which work was collected.
    Collection,
    /// Only commits that seem to keep tickets; `ticket:` may also be an area of the code.
    Records,
    /// Nothing new.
    Nothing,
}

/// A merge that can be reached from a target branch.
#[derive(Debug, Clone)]
pub(super) struct Merge {
    /// Its place in the history.
    pub(super) place: usize,
    /// When it was committed.
    pub(super) at: i64,
    /// What its subject says.
    pub(super) subject: Subject,
    /// What it brought.
    pub(super) load: Load,
    /// Places of the commits of its own line, the oldest first: no merges, and commits that seem to keep tickets
    /// only where there are no others.
    pub(super) work: Vec<usize>,
}

/// All merges, in order of time.
pub(super) struct Merges {
    pub(super) list: Vec<Merge>,
    /// Where in the list the merge at a place of the history is.
    indexes: HashMap<usize, usize>,
}

impl Merges {
    /// The merge at a place of the history, as its index in the list.
    pub(super) fn at(&self, place: usize) -> Option<usize> {
        self.indexes.get(&place).copied()
    }

    /// Those committed from one moment to another, both included, as indexes.
    pub(super) fn between(&self, from: i64, to: i64) -> std::ops::Range<usize> {
        let start = self.list.partition_point(|merge| merge.at < from);
        let end = self.list.partition_point(|merge| merge.at <= to);
        start..end.max(start)
    }

    /// The merge that carries this one to where it counts: what was merged into the branch of another ticket
    /// came in with that branch.
    pub(super) fn carrier(&self, graph: &Graph, mut index: usize) -> Option<usize> {
        while self.list[index].subject.is_inner() {
            index = self.at(graph.owner[self.list[index].place]?)?;
        }
        Some(index)
    }
}

/// Looks at every merge that can be reached.
pub(super) fn classify(history: &History, graph: &Graph) -> Merges {
    let is_target = |name: &str| history.targets.iter().any(|target| target.name == name);
    let mut list: Vec<Merge> = Vec::with_capacity(graph.merges.len());
    let mut brings_work: HashMap<usize, bool> = HashMap::new();
    let mut joined: HashMap<usize, Vec<usize>> = HashMap::new();
    // Merges inside a line come after the one that merged it: from the back each is known when it is asked for.
    for place in graph.merges.iter().rev() {
        let commit = &history.commits[*place];
        let subject = Subject::read(&commit.key.subject, is_target);
        let (mut work, mut records, mut has_merges) = (Vec::new(), Vec::new(), false);
        for own in graph.own(*place) {
            work.extend(joined.get(own).into_iter().flatten());
            let commit = &history.commits[*own];
            if commit.is_merge() {
                has_merges |= brings_work.get(own).copied().unwrap_or(false);
            } else if history.is_record(commit) {
                records.push(*own);
            } else {
                work.push(*own);
            }
        }
        let is_joined = subject.is_of_one_branch() && !subject.is_sync;
        if is_joined {
            joined.insert(*place, work.clone());
        }
        brings_work.insert(*place, !subject.is_sync && (has_merges || (!work.is_empty() && !is_joined)));
        let load = match (work.is_empty(), has_merges) {
            (false, false) => Load::Work,
            (false, true) => Load::Mixed,
            (true, true) => Load::Collection,
            (true, false) if records.is_empty() => Load::Nothing,
            (true, false) => Load::Records,
        };
        let work = if load == Load::Records { records } else { work };
        list.push(Merge { place: *place, at: commit.committed, subject, load, work });
    }
    list.sort_by(|one, other| {
        (one.at, &history.commits[one.place].id).cmp(&(other.at, &history.commits[other.place].id))
    });
    let indexes = list.iter().enumerate().map(|(index, merge)| (merge.place, index)).collect();
    Merges { list, indexes }
}
