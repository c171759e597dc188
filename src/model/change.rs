//! What a rule wants written: new events, fields, texts. Still no bytes.

use super::event::Kind;
use super::moment::Moment;
use super::plan;
use super::relation::{self, Relation};
use super::routing::Decision;
use super::state::State;
use super::thread::Verdict;
use super::ticket::{Field, Value};

/// Who does something, and when.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The acting person or agent.
    pub actor: String,
    /// The clock, in milliseconds since 1970-01-01T00:00:00Z.
    pub millis: u64,
}

impl Stamp {
    /// The moment as the ref writes it.
    pub fn moment(&self) -> Moment {
        Moment::from_millis(self.millis)
    }
}

/// The heading of an event; written in the project's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heading {
    /// A ticket was made.
    Created,
    /// A comment, plan, decision and so on: the heading its kind always has.
    OfKind,
    /// A review, with what it concluded.
    Review(Verdict),
    /// A ticket was closed.
    Closed,
    /// A field changed.
    FieldChanged,
    /// A relation was added.
    RelationAdded,
    /// A relation was removed.
    RelationRemoved,
    /// A commit was linked.
    CommitLinked,
    /// A commit was unlinked.
    CommitUnlinked,
    /// Work reached a target branch.
    Landed,
    /// A landing was reverted.
    Reverted,
    /// A landing was brought back.
    Relanded,
    /// A landing vanished.
    Unlanded,
    /// A commit was found to be the ticket's.
    CommitFound,
    /// An operation was taken back, or done again.
    Undone {
        /// It was an undo that was taken back.
        is_redo: bool,
    },
}

/// The text of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// Somebody's own words.
    Words(String),
    /// A ticket was made.
    Created,
    /// A ticket became ready.
    Ready,
    /// A ticket was queued by somebody.
    Queued(String),
    /// A ticket was closed.
    Closed,
    /// The state changed, and nobody said why.
    Became(State),
    /// A field changed from one value to another.
    FieldChanged {
        /// Which field.
        field: Field,
        /// Its value before, on one line.
        from: Option<String>,
        /// Its value now, on one line.
        to: Option<String>,
    },
    /// An operation was taken back: what it had done, and why that is.
    Undone {
        /// What it had done, in the words of its commit.
        what: String,
        /// It was an undo that was taken back.
        is_redo: bool,
        /// Why.
        note: Option<String>,
    },
    /// The body changed; the difference as unified diff.
    BodyChanged(String),
    /// A relation was added or removed.
    Relation {
        /// What the source is to the target.
        kind: relation::Kind,
        /// The target and its title.
        target: String,
        /// Why.
        note: Option<String>,
    },
    /// A commit was linked or unlinked: its short id and subject, and why.
    Commit {
        /// The short id.
        short: String,
        /// The first line of its message.
        subject: String,
        /// Why.
        note: Option<String>,
    },
    /// A routing decision.
    Routing(Box<Decision>),
    /// Commits by short id and subject, one a line, and how many more there are.
    Commits {
        /// Short ids and subjects.
        lines: Vec<(String, String)>,
        /// How many are not listed.
        more: usize,
    },
}

/// An event that shall be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it records.
    pub kind: Kind,
    /// Attributes of the header besides kind, author, time and id, in order.
    pub attributes: Vec<(&'static str, String)>,
    /// The heading.
    pub heading: Heading,
    /// The text.
    pub text: Text,
}

impl Draft {
    /// An event with the heading of its kind and no attributes of its own.
    pub fn new(kind: Kind, text: Text) -> Self {
        Draft { kind, attributes: Vec::new(), heading: Heading::OfKind, text }
    }

    /// The same with another heading.
    pub fn headed(mut self, heading: Heading) -> Self {
        self.heading = heading;
        self
    }

    /// The same with one more attribute.
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((key, value.into()));
        self
    }
}

/// What shall change in one ticket.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Events to append, in order.
    pub events: Vec<Draft>,
    /// Fields to set; `updated_at` follows by itself.
    pub fields: Vec<(Field, Value)>,
    /// The new body.
    pub body: Option<String>,
    /// The new resolution.
    pub resolution: Option<String>,
    /// All relations, when they change.
    pub relations: Option<Vec<Relation>>,
    /// Records to append to the orchestration plan, in order.
    pub plan: Vec<plan::Entry>,
    /// An artifact to keep: its name below the artifacts, and its content.
    pub artifact: Option<(String, Vec<u8>)>,
    /// What happened, for the ref's log and for the answer.
    pub summary: String,
}

impl Change {
    /// Whether nothing would be written.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.fields.is_empty()
            && self.body.is_none()
            && self.resolution.is_none()
            && self.relations.is_none()
            && self.plan.is_empty()
            && self.artifact.is_none()
    }
    /// The title it sets, if it sets one.
    pub fn title(&self) -> Option<&str> {
        self.fields.iter().rev().find_map(|(field, value)| match (field, value) {
            (Field::Title, Value::Text(title)) => Some(title.as_str()),
            _ => None,
        })
    }

    /// The state it sets, if it sets one.
    pub fn state(&self) -> Option<State> {
        self.fields.iter().rev().find_map(|(field, value)| match (field, value) {
            (Field::State, Value::Text(word)) => State::parse(word),
            _ => None,
        })
    }
}
