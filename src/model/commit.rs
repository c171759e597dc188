//! Commits of the code, as far as tickets are concerned.

use super::id::TicketId;

/// What stays the same when a commit is rebased, cherry-picked or amended by others: its author's address,
/// when it was written, and its subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuthorKey {
    /// The author's mail address.
    pub mail: String,
    /// When it was written, in seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// The subject of the message.
    pub subject: String,
}

/// A commit of the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The full id.
    pub id: String,
    /// Full ids of the parents, in order.
    pub parents: Vec<String>,
    /// Who wrote what when.
    pub key: AuthorKey,
    /// The author's name.
    pub author: String,
    /// When it was committed, in seconds since 1970-01-01T00:00:00Z.
    pub committed: i64,
    /// The whole message.
    pub message: String,
    /// What the message says about tickets and other commits.
    pub mentions: Mentions,
}

impl Commit {
    /// Whether it joins several lines of work.
    pub fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// The id as threads name it: eight digits, the same in every clone.
    pub fn short(&self) -> &str {
        short(&self.id)
    }
}

/// The first eight digits of a commit's id.
pub fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// What a commit's message says about tickets and other commits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Tickets it names in a trailer line, wherever in the message that line is.
    pub tickets: Vec<TicketId>,
    /// Tickets it says it finishes: `Closes:`, `Fixes:`, `Ticket-Done:`.
    pub closes: Vec<TicketId>,
    /// Full ids of commits it says it reverts.
    pub reverts: Vec<String>,
    /// The subject it says it reverts, when the message is made like that.
    pub reverted_subject: Option<Undo>,
    /// Tickets whose branches the subject of a merge says were merged.
    pub merged: Vec<TicketId>,
}

/// What the subject of a revert says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// A commit with this subject was reverted.
    Revert(String),
    /// The revert of a commit with this subject was itself reverted.
    Reapply(String),
}

/// The ticket a branch name holds: the first part that is a full id, in any case of letters.
pub fn ticket_of_branch(branch: &str) -> Option<TicketId> {
    let parts = branch.split(|letter: char| !letter.is_ascii_alphanumeric());
    parts.filter_map(|part| TicketId::parse(&part.to_ascii_uppercase())).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_names_its_ticket_by_the_full_id() {
        let id = TicketId::parse("00001KVZKSV6C");
        for branch in ["work/00001KVZKSV6C-slug", "impl/00001kvzksv6c", "ticket-00001KVZKSV6C-a-b"] {
            assert_eq!(ticket_of_branch(branch), id, "{branch}");
        }
        for branch in ["main", "work/KSV6C-slug", "work/000001KVZKSV6C-slug"] {
            assert_eq!(ticket_of_branch(branch), None, "{branch}");
        }
    }
}
