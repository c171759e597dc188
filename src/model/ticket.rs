//! A ticket's own fields: what `item.md` says.

use super::id::TicketId;
use super::moment::Moment;
use super::state::State;

/// The fields of a ticket's front matter that git-yoi writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What it is about, one line.
    Title,
    /// Where it stands.
    State,
    /// When it was made.
    CreatedAt,
    /// When anything about it last changed.
    UpdatedAt,
    /// Who works on it.
    Assignee,
    /// What intake thinks of it.
    Readiness,
    /// What may go wrong.
    RiskFlags,
    /// Who queued it.
    QueuedBy,
    /// When it was queued.
    QueuedAt,
    /// How urgent it is.
    Priority,
    /// Free words.
    Labels,
}

impl Field {
    /// All fields, in the order a new ticket has them.
    pub const ALL: [Field; 11] = [
        Field::Title,
        Field::State,
        Field::CreatedAt,
        Field::UpdatedAt,
        Field::Assignee,
        Field::Readiness,
        Field::RiskFlags,
        Field::QueuedBy,
        Field::QueuedAt,
        Field::Priority,
        Field::Labels,
    ];

    /// The key in the front matter.
    pub fn key(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::State => "state",
            Field::CreatedAt => "created_at",
            Field::UpdatedAt => "updated_at",
            Field::Assignee => "assignee",
            Field::Readiness => "readiness",
            Field::RiskFlags => "risk_flags",
            Field::QueuedBy => "queued_by",
            Field::QueuedAt => "queued_at",
            Field::Priority => "priority",
            Field::Labels => "labels",
        }
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: the bare word `null`.
    Absent,
    /// One line of text.
    Text(String),
    /// Several words.
    List(Vec<String>),
}

/// A ticket as its `item.md` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id: the name it is filed under.
    pub id: TicketId,
    /// What it is about.
    pub title: String,
    /// Where it stands.
    pub state: State,
    /// When it was made, where the file says so in the known form.
    pub created_at: Option<Moment>,
    /// When it last changed, likewise.
    pub updated_at: Option<Moment>,
    /// Who works on it.
    pub assignee: Option<String>,
    /// What intake thinks of it.
    pub readiness: Option<String>,
    /// What may go wrong.
    pub risk_flags: Vec<String>,
    /// Who queued it.
    pub queued_by: Option<String>,
    /// When it was queued, as the file says it.
    pub queued_at: Option<String>,
    /// How urgent it is.
    pub priority: Option<String>,
    /// Free words.
    pub labels: Vec<String>,
    /// Keys this version doesn't know, with their text.
    pub unknown: Vec<(String, String)>,
    /// The body, Markdown.
    pub body: String,
}
