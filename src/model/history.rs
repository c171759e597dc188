//! Landings in a history that was written without this tool: which merge brought which ticket's work in.
//!
//! It reads what people and other tools left behind: ids in subjects and branch names, branches that plans and
//! threads name, commits that threads cite, and at last the times alone. Every finding says how sure it is and
//! what it comes from. What is no evidence: lists of conflicts, commits that only keep tickets, merges that
//! bring a main branch up to date. It writes nothing and never reads a difference.

use std::collections::BTreeSet;

use super::commit::Commit;
use super::event::Kind;
use super::id::TicketId;
use super::landing::How;

mod claim;
mod facts;
mod graph;
mod merge;
mod subject;
#[cfg(test)]
mod tests;

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The history or the thread names it.
    High,
    /// It fits, and nothing fits better.
    Low,
}

impl Confidence {
    /// The word in events and answers.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Low => "low",
        }
    }
}

/// What a finding comes from, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// A merge names a branch that holds the id, or such a branch still exists.
    BranchId,
    /// The subject of a merge holds the id.
    SubjectId,
    /// The commits themselves name the ticket, in a trailer or in their subjects.
    CommitMessage,
    /// The thread cites the merge.
    CitedMerge,
    /// The thread cites commits that the merge brought.
    CitedCommit,
    /// The merge has the words of the branch that was recorded for the ticket.
    BranchSlug,
    /// The merge shares words with branch or title, while the ticket was worked on.
    SimilarWords,
    /// It is the last merge before the ticket was done.
    TimeWindow,
}

impl Signal {
    /// All signals, the strongest first.
    pub const ALL: [Signal; 8] = [
        Signal::BranchId,
        Signal::SubjectId,
        Signal::CommitMessage,
        Signal::CitedMerge,
        Signal::CitedCommit,
        Signal::BranchSlug,
        Signal::SimilarWords,
        Signal::TimeWindow,
    ];

    /// The words in events and answers.
    pub fn words(self) -> &'static str {
        match self {
            Signal::BranchId => "id in branch name",
            Signal::SubjectId => "id in merge subject",
            Signal::CommitMessage => "id in commit message",
            Signal::CitedMerge => "cited merge",
            Signal::CitedCommit => "cited commit",
            Signal::BranchSlug => "branch slug",
            Signal::SimilarWords => "similar words",
            Signal::TimeWindow => "time window",
        }
    }

    /// Whether the history itself names the ticket by its id: several tickets may then share one merge.
    pub fn is_by_id(self) -> bool {
        matches!(self, Signal::BranchId | Signal::SubjectId | Signal::CommitMessage)
    }
}

/// A branch and the commit it is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The name, without `refs/heads/` or a remote.
    pub name: String,
    /// The full id of the commit.
    pub commit: String,
}

/// The history to look through.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// Its commits, in any order. Parents that are missing end it there.
    pub commits: &'a [Commit],
    /// The target branches, the main one first.
    pub targets: &'a [Tip],
    /// Branches that still exist: their names may hold ids.
    pub branches: &'a [Tip],
    /// Full ids of commits that changed files of tickets and nothing else, whatever their subjects say.
    pub records: &'a BTreeSet<String>,
}

impl History<'_> {
    /// Whether a commit only keeps tickets, as its subject or what it changed says.
    fn is_record(&self, commit: &Commit) -> bool {
        subject::is_record(&commit.key.subject) || self.records.contains(&commit.id)
    }

    /// The tickets that a commit names as its own.
    fn tickets_of(&self, commit: &Commit) -> BTreeSet<TicketId> {
        if self.records.contains(&commit.id) { BTreeSet::new() } else { tickets_of(commit) }
    }
}

/// The tickets that a commit names; none when its subject says that it only keeps tickets, or that it takes
/// something back.
pub fn tickets_of(commit: &Commit) -> BTreeSet<TicketId> {
    if subject::is_record(&commit.key.subject) || commit.mentions.reverted_subject.is_some() {
        return BTreeSet::new();
    }
    let mentions = &commit.mentions;
    let named = subject::named(&commit.key.subject);
    mentions.tickets.iter().chain(&mentions.closes).copied().chain(named).collect()
}

/// A commit that a thread cites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The digits as written: the start of an id, at least seven.
    pub digits: String,
    /// What kind of event cites it first.
    pub kind: Kind,
}

/// What is known of a ticket besides the history. Times are seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The ticket.
    pub id: TicketId,
    /// Its title.
    pub title: String,
    /// When it was made.
    pub created: i64,
    /// When work first began.
    pub started: Option<i64>,
    /// When work was last done, coming from inprogress.
    pub done: Option<i64>,
    /// When it was last closed.
    pub closed: Option<i64>,
    /// Branches and worktrees of accepted plans.
    pub planned: Vec<String>,
    /// Branches that the thread names.
    pub named: Vec<String>,
    /// Commits that the thread cites, in its order, each once.
    pub citations: Vec<Citation>,
}

impl Facts {
    /// When its work was over: done, else closed.
    pub fn ended(&self) -> Option<i64> {
        self.done.or(self.closed)
    }
}

/// How a ticket's work came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// The full id of the commit that brought it in: a merge, or the last of its own commits.
    pub commit: String,
    /// How it came in.
    pub how: How,
    /// When that was committed.
    pub at: i64,
    /// Full ids of the commits it brought, the oldest first, without merges and commits that keep tickets.
    pub brought: Vec<String>,
    /// How sure this is.
    pub confidence: Confidence,
    /// What it comes from.
    pub signal: Signal,
}

/// A commit that belongs to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its full id.
    pub commit: String,
    /// How sure this is.
    pub confidence: Confidence,
    /// What it comes from.
    pub signal: Signal,
}

/// What was found of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The ticket.
    pub ticket_id: TicketId,
    /// How it came in, where that was found.
    pub landing: Option<Landing>,
    /// Its commits: what the landing brought, then others that the thread cites.
    pub links: Vec<Link>,
}

/// Finds landings and links; tickets without any are left out. The answer depends on the values only, not on
/// their order: tickets are answered in order of id.
pub fn find(history: &History, tickets: &[Facts]) -> Vec<Finding> {
    let graph = graph::Graph::new(history);
    let merges = merge::classify(history, &graph);
    claim::settle(history, &graph, &merges, tickets)
}
