//! Events: the entries of a ticket's thread.

use std::fmt;

use ulid::Ulid;

use super::moment::Moment;

/// What an event records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The ticket was made.
    Create,
    /// Something was said.
    Comment,
    /// How it shall be done.
    Plan,
    /// What was decided; routing decisions are these.
    Decision,
    /// What was done.
    ImplementationReport,
    /// What intake found out.
    IntakeSummary,
    /// The state changed.
    StateChanged,
    /// Somebody approved or asked for changes.
    Review,
    /// The ticket was closed.
    Close,
    /// Its work reached a target branch.
    Land,
    /// Its landing was reverted.
    Revert,
    /// A reverted landing was brought back.
    Reland,
    /// Its landing vanished from the target branch.
    Unland,
    /// A relation was added or removed.
    Relation,
    /// A field of the ticket changed.
    Field,
    /// Somebody took the ticket.
    Claim,
    /// A merge met two values and kept both.
    Conflict,
    /// A commit was linked or unlinked.
    CommitLink,
    /// An operation was taken back.
    Undo,
    /// Written by older tools: title or body were edited.
    ItemEdit,
    /// Written by older tools: the ticket came from an older form.
    Migration,
    /// A kind this version doesn't know; kept as it is.
    Other(String),
}

impl Kind {
    const KNOWN: [(Kind, &'static str); 21] = [
        (Kind::Create, "create"),
        (Kind::Comment, "comment"),
        (Kind::Plan, "plan"),
        (Kind::Decision, "decision"),
        (Kind::ImplementationReport, "implementation_report"),
        (Kind::IntakeSummary, "intake_summary"),
        (Kind::StateChanged, "state_changed"),
        (Kind::Review, "review"),
        (Kind::Close, "close"),
        (Kind::Land, "land"),
        (Kind::Revert, "revert"),
        (Kind::Reland, "reland"),
        (Kind::Unland, "unland"),
        (Kind::Relation, "relation"),
        (Kind::Field, "field"),
        (Kind::Claim, "claim"),
        (Kind::Conflict, "conflict"),
        (Kind::CommitLink, "commit_link"),
        (Kind::Undo, "undo"),
        (Kind::ItemEdit, "item_edit"),
        (Kind::Migration, "migration"),
    ];

    /// The word in an event's header.
    pub fn word(&self) -> &str {
        match self {
            Kind::Other(word) => word,
            known => Kind::KNOWN.iter().find(|(kind, _)| kind == known).map_or("", |(_, word)| word),
        }
    }

    /// Reads the word of a header; unknown words are kept.
    pub fn from_word(word: &str) -> Self {
        Kind::KNOWN
            .iter()
            .find(|(_, known)| *known == word)
            .map_or_else(|| Kind::Other(word.to_owned()), |(kind, _)| kind.clone())
    }

    /// Whether this event closed the ticket; `closed` is how one was written by hand.
    pub fn closes(&self) -> bool {
        matches!(self, Kind::Close) || matches!(self, Kind::Other(word) if word == "closed")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// One entry of a thread, as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it records.
    pub kind: Kind,
    /// Who wrote it; empty when the header doesn't say.
    pub author: String,
    /// When, as the header says it.
    pub at: String,
    /// Its own id; events of older tools have none.
    pub id: Option<Ulid>,
    /// The other attributes of the header, in order.
    pub attributes: Vec<(String, String)>,
    /// The heading below the header, without `## `.
    pub heading: Option<String>,
    /// The text, without escapes and without blank lines at either end.
    pub body: String,
}

impl Event {
    /// An attribute of the header by name; the last one counts.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// When it was written, where the header's time is well formed.
    pub fn moment(&self) -> Option<Moment> {
        Moment::parse(&self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_from_its_own_word() {
        for (kind, word) in Kind::KNOWN {
            assert_eq!(Kind::from_word(word), kind);
            assert_eq!(kind.word(), word);
        }
        assert_eq!(Kind::from_word("fix").word(), "fix");
    }
}
