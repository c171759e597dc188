//! Landings: how it is known that a ticket's work reached a target branch.
//!
//! No single sign is enough: work is merged, squashed, rebased, cherry-picked or edited on its way. So
//! signs are looked for in an order, and the first that is found decides. Everything here is computed from
//! commits and snapshots alone, never from the clock or the observer: every clone finds the same.
//!
//! An empty branch is no work: without a commit of its own nothing lands.

use std::collections::{HashMap, HashSet};

use super::commit::{AuthorKey, Commit};
use super::id::TicketId;
use super::work::Work;

pub mod record;

/// How work came to a target branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// The branch was moved on to the work.
    FastForward,
    /// A merge brought it.
    Merge,
    /// Copies of all its commits.
    Rebase,
    /// One commit with the same difference.
    Squash,
    /// Merging it would change nothing: its content is there.
    Content,
    /// One commit whose message holds the subjects of all its commits.
    SquashMessage,
    /// A commit says that it closes the ticket.
    Closes,
}

impl How {
    /// All of them.
    pub const ALL: [How; 7] = [
        How::FastForward,
        How::Merge,
        How::Rebase,
        How::Squash,
        How::Content,
        How::SquashMessage,
        How::Closes,
    ];

    /// The word in a `land` event.
    pub fn word(self) -> &'static str {
        match self {
            How::FastForward => "ff",
            How::Merge => "merge",
            How::Rebase => "rebase",
            How::Squash => "squash",
            How::Content => "content",
            How::SquashMessage => "squash-message",
            How::Closes => "closes",
        }
    }
}

/// A landing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// How the work came.
    pub how: How,
    /// The commit of the target branch, on its line of first parents, that brought it.
    pub commit: String,
    /// The commits it brought, the oldest first.
    pub brought: Vec<String>,
}

/// Commits that came to a target branch, with the one that brought each.
#[derive(Debug, Default)]
pub struct Graph {
    commits: HashMap<String, Commit>,
    /// Where in the range a commit stands; the oldest is 0.
    order: HashMap<String, usize>,
    /// The commit on the line of first parents that brought a commit.
    carriers: HashMap<String, String>,
    /// The line of first parents, the oldest first.
    line: Vec<String>,
    children: HashMap<String, Vec<String>>,
    /// The commits with each key, the oldest first.
    keys: HashMap<AuthorKey, Vec<String>>,
}

impl Graph {
    /// From a range of history, the newest first, that ends at `tip`.
    pub fn new(range: Vec<Commit>, tip: &str) -> Self {
        let count = range.len();
        let order = range.iter().enumerate().map(|(index, commit)| (commit.id.clone(), count - 1 - index));
        let order: HashMap<String, usize> = order.collect();
        let mut keys: HashMap<AuthorKey, Vec<String>> = HashMap::new();
        for commit in range.iter().rev().filter(|commit| !commit.is_merge()) {
            keys.entry(commit.key.clone()).or_default().push(commit.id.clone());
        }
        let mut children: HashMap<String, Vec<String>> = HashMap::new();
        for commit in &range {
            for parent in &commit.parents {
                children.entry(parent.clone()).or_default().push(commit.id.clone());
            }
        }
        let commits = range.into_iter().map(|commit| (commit.id.clone(), commit)).collect();
        let mut graph = Graph { commits, order, keys, children, ..Graph::default() };
        graph.attribute(tip);
        graph
    }

    /// Walks the line of first parents; every other commit belongs to the first on it that reaches it.
    fn attribute(&mut self, tip: &str) {
        let mut next = Some(tip.to_owned());
        while let Some(commit) = next.take().and_then(|id| self.commits.get(&id)) {
            self.line.push(commit.id.clone());
            self.carriers.insert(commit.id.clone(), commit.id.clone());
            next = commit.parents.first().cloned();
        }
        self.line.reverse();
        for carrier in self.line.clone() {
            let mut open = self.parents(&carrier);
            while let Some(id) = open.pop() {
                if self.commits.contains_key(&id) && !self.carriers.contains_key(&id) {
                    open.extend(self.parents(&id));
                    self.carriers.insert(id, carrier.clone());
                }
            }
        }
    }

    fn parents(&self, id: &str) -> Vec<String> {
        self.commits.get(id).map(|commit| commit.parents.clone()).unwrap_or_default()
    }

    /// A commit of the range.
    pub fn get(&self, id: &str) -> Option<&Commit> {
        self.commits.get(id)
    }

    /// The commit on the line of first parents that brought a commit.
    pub fn carrier(&self, id: &str) -> Option<&str> {
        self.carriers.get(id).map(String::as_str)
    }

    /// The line of first parents, the oldest first.
    pub fn line(&self) -> &[String] {
        &self.line
    }

    /// Every commit, the oldest first.
    pub fn commits(&self) -> Vec<&Commit> {
        let mut all: Vec<&Commit> = self.commits.values().collect();
        all.sort_by_key(|commit| self.order[&commit.id]);
        all
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Where the commit that brought a commit stands, then where it stands itself.
    pub fn rank(&self, id: &str) -> (usize, usize) {
        let own = self.order.get(id).copied().unwrap_or(0);
        (self.carrier(id).and_then(|carrier| self.order.get(carrier)).copied().unwrap_or(own), own)
    }

    /// Commits that can be reached from some and were brought by one commit, merges and other tickets' commits
    /// aside, the oldest first.
    fn side(&self, from: &[String], carrier: &str, ticket: TicketId) -> Vec<String> {
        let mut open = from.to_vec();
        let mut seen: HashSet<String> = HashSet::new();
        while let Some(id) = open.pop() {
            if self.carrier(&id) == Some(carrier) && id != carrier && seen.insert(id.clone()) {
                open.extend(self.parents(&id));
            }
        }
        let own = seen.into_iter().filter(|id| self.get(id).is_some_and(|commit| is_own(commit, ticket)));
        self.sorted(own)
    }

    /// The last commit of the line that a commit is on, before it was merged: whoever knows only an older part
    /// of a branch finds the same.
    fn end_of_line(&self, start: &str, carrier: &str) -> String {
        let mut end = start.to_owned();
        loop {
            let is_here = |id: &&String| self.carrier(id) == Some(carrier) && *id != carrier;
            let mut children = self.children.get(&end).into_iter().flatten().filter(is_here);
            match (children.next(), children.next()) {
                (Some(child), None) if self.parents(child).first() == Some(&end) => end = child.clone(),
                _ => return end,
            }
        }
    }

    fn sorted(&self, ids: impl IntoIterator<Item = String>) -> Vec<String> {
        let mut ids: Vec<String> = ids.into_iter().collect();
        ids.sort_by_key(|id| self.rank(id));
        ids.dedup();
        ids
    }
}

/// Whether a commit can be a ticket's own: no merge, and no other ticket's.
pub fn is_own(commit: &Commit, ticket: TicketId) -> bool {
    let named = &commit.mentions.tickets;
    !commit.is_merge() && (named.is_empty() || named.contains(&ticket))
}

/// Landings that the shape of history shows: the work's last commit is there, or a merge names its branch.
pub fn by_ancestry(ticket: TicketId, works: &[Work], graph: &Graph) -> Vec<Landing> {
    let mut found: Vec<Landing> = Vec::new();
    for work in works.iter().filter(|work| !work.commits.is_empty()) {
        let Some(carrier) = graph.carrier(&work.tip) else { continue };
        if carrier == work.tip {
            let own = work.commits.iter().map(|commit| commit.id.clone());
            found.push(Landing { how: How::FastForward, commit: work.tip.clone(), brought: own.collect() });
        } else {
            let brought = graph.side(&[graph.end_of_line(&work.tip, carrier)], carrier, ticket);
            found.push(Landing { how: How::Merge, commit: carrier.to_owned(), brought });
        }
    }
    for merge in graph.commits().into_iter().filter(|commit| commit.mentions.merged.contains(&ticket)) {
        let Some(carrier) = graph.carrier(&merge.id).filter(|_| merge.is_merge()) else { continue };
        let brought = graph.side(&merge.parents[1..], carrier, ticket);
        if !brought.is_empty() {
            found.push(Landing { how: How::Merge, commit: carrier.to_owned(), brought });
        }
    }
    found.sort_by_key(|landing| graph.rank(&landing.commit));
    found.dedup_by(|later, earlier| later.commit == earlier.commit);
    found
}

/// How much of some work is on the target branch, commit by commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Nothing of it.
    None,
    /// Some of its commits.
    Part,
    /// All of them, once or several times.
    Whole(Vec<Landing>),
}

/// Finds the work's commits one by one: themselves, or copies with the same author, time and subject, or with
/// the same difference. Each commit stands for one of them only.
pub fn by_commits(works: &[Work], graph: &Graph, patch_ids: &HashMap<String, String>) -> Match {
    let by_patch = copies(patch_ids, graph);
    let mut best = Match::None;
    for work in works.iter().filter(|work| !work.commits.is_empty()) {
        let mut taken: HashSet<String> = HashSet::new();
        let mut found = Vec::new();
        // What was reverted can come again: each complete set is a landing.
        loop {
            let (brought, is_copy) = one_set(work, graph, &by_patch, &taken);
            if brought.len() < work.commits.len() {
                if !brought.is_empty() && found.is_empty() {
                    best = Match::Part;
                }
                break;
            }
            taken.extend(brought.iter().cloned());
            // A single commit with another author or time is what a squash of one commit leaves.
            let how = if is_copy || work.commits.len() > 1 { How::Rebase } else { How::Squash };
            let brought = graph.sorted(brought);
            let newest = brought.last().and_then(|id| graph.carrier(id)).map(str::to_owned);
            let Some(commit) = newest else { break };
            found.push(Landing { how, commit, brought });
        }
        if !found.is_empty() {
            return Match::Whole(found);
        }
    }
    best
}

/// A commit of the target for each of the work's, the oldest that is not taken yet; and whether one is known by
/// more than its difference.
fn one_set(
    work: &Work,
    graph: &Graph,
    by_patch: &HashMap<&str, Vec<&str>>,
    taken: &HashSet<String>,
) -> (Vec<String>, bool) {
    let (mut brought, mut is_copy): (Vec<String>, bool) = (Vec::new(), false);
    for commit in &work.commits {
        let is_free = |id: &&String| !taken.contains(*id) && !brought.contains(*id);
        let itself = graph.get(&commit.id).map(|found| &found.id).filter(is_free);
        let copy = || graph.keys.get(&commit.key)?.iter().find(is_free);
        let known = itself.or_else(copy).cloned();
        is_copy |= known.is_some();
        let same = || {
            let ids = by_patch.get(commit.patch_id.as_deref()?)?;
            ids.iter().map(|id| (*id).to_owned()).find(|id| is_free(&id))
        };
        if let Some(id) = known.or_else(same) {
            brought.push(id);
        }
    }
    (brought, is_copy)
}

/// The commits with each patch id, the oldest first.
fn copies<'a>(patch_ids: &'a HashMap<String, String>, graph: &Graph) -> HashMap<&'a str, Vec<&'a str>> {
    let mut found: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, patch) in patch_ids.iter().filter(|(id, _)| graph.carrier(id).is_some()) {
        found.entry(patch).or_default().push(id);
    }
    found.values_mut().for_each(|ids| ids.sort_by_key(|id| graph.rank(id)));
    found
}

/// The commits whose difference is that of all the work together.
pub fn by_whole_difference(
    works: &[Work],
    graph: &Graph,
    patch_ids: &HashMap<String, String>,
) -> Vec<Landing> {
    let by_patch = copies(patch_ids, graph);
    let mut wanted = works.iter().filter_map(|work| work.range_patch_id.as_deref());
    let ids = wanted.find_map(|patch| by_patch.get(patch)).cloned().unwrap_or_default();
    ids.into_iter().filter_map(|id| one_commit(How::Squash, id, graph)).collect()
}

fn one_commit(how: How, id: &str, graph: &Graph) -> Option<Landing> {
    let commit = graph.carrier(id)?.to_owned();
    Some(Landing { how, commit, brought: vec![id.to_owned()] })
}

/// A commit whose message tells: it names the ticket and holds the subjects of all the work's commits, or it
/// says that it closes the ticket.
pub fn by_words(ticket: TicketId, works: &[Work], graph: &Graph) -> Option<Landing> {
    let commits = graph.commits();
    let naming =
        commits.iter().filter(|commit| is_own(commit, ticket) && !commit.mentions.tickets.is_empty());
    for commit in naming {
        if works.iter().any(|work| !work.commits.is_empty() && holds_subjects(&commit.message, work)) {
            return one_commit(How::SquashMessage, &commit.id, graph);
        }
    }
    let closing = commits.iter().find(|commit| commit.mentions.closes.contains(&ticket))?;
    one_commit(How::Closes, &closing.id, graph)
}

/// Whether a message has a line for each of the work's subjects.
fn holds_subjects(message: &str, work: &Work) -> bool {
    let plain = |line: &str| line.trim_start_matches(['*', '-', ' ', '\t']).trim_end().to_owned();
    let mut lines: Vec<String> = message.lines().map(plain).collect();
    work.commits.iter().all(|commit| {
        let found = lines.iter().position(|line| *line == plain(&commit.key.subject));
        found.map(|index| lines.swap_remove(index)).is_some()
    })
}

#[cfg(test)]
mod tests;
