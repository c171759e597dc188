//! The orchestration plan: notes on the order in which tickets are worked on.

use std::fmt;

use super::id::TicketId;

/// What a record of the plan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Before the related ticket.
    Before,
    /// After the related ticket.
    After,
    /// Waits for the related ticket.
    BlockedBy,
    /// The related ticket waits for it.
    Blocks,
    /// Touches the same places as the related ticket.
    ConflictsWith,
    /// Not at the same time as the related ticket.
    DoNotParallelize,
    /// Waits until somebody is free.
    WaitingCapacityNote,
    /// Accepted, with a branch and a plan.
    AcceptedPlan,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 8] = [
        Kind::Before,
        Kind::After,
        Kind::BlockedBy,
        Kind::Blocks,
        Kind::ConflictsWith,
        Kind::DoNotParallelize,
        Kind::WaitingCapacityNote,
        Kind::AcceptedPlan,
    ];

    /// The word on the ref.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Before => "before",
            Kind::After => "after",
            Kind::BlockedBy => "blocked_by",
            Kind::Blocks => "blocks",
            Kind::ConflictsWith => "conflicts_with",
            Kind::DoNotParallelize => "do_not_parallelize",
            Kind::WaitingCapacityNote => "waiting_capacity_note",
            Kind::AcceptedPlan => "accepted_plan",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a record of this kind names another ticket.
    pub fn needs_related(self) -> bool {
        !matches!(self, Kind::WaitingCapacityNote | Kind::AcceptedPlan)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What will be done.
    pub summary: String,
    /// On which branch.
    pub branch: Option<String>,
    /// In which worktree.
    pub worktree: Option<String>,
    /// Who does what.
    pub role_plan: Option<String>,
}

/// One record of a ticket's orchestration plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `orch-plan-YYYYMMDD-HHMMSS-N`.
    pub id: String,
    /// The ticket it is stored with.
    pub ticket_id: TicketId,
    /// What it says.
    pub kind: Kind,
    /// The other ticket, which may not exist.
    pub related_ticket: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// What was accepted; only with [`Kind::AcceptedPlan`].
    pub accepted_plan: Option<Accepted>,
    /// Who said so.
    pub author: String,
    /// When, as the file says it.
    pub at: String,
}
