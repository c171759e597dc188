//! The rules: what may be done to a ticket, and what is written when it is.
//!
//! Each function is pure. It gets the ticket as it stands, what it must know besides, and a
//! [`Stamp`]; it answers with a [`Change`] or a [`Refusal`]. When a write loses a race it is called
//! again with the newer ticket.

use super::change::{Change, Draft, Heading, Stamp, Text};
use super::commit;
use super::event::{Event, Kind};
use super::id::TicketId;
use super::limit;
use super::readiness::Blocker;
use super::refusal::Refusal;
use super::relation::{self, Relation};
use super::state::State;
use super::text;
use super::thread::{self, Verdict};
use super::ticket::{Field, Ticket, Value};

mod edit;
pub mod landing;
mod moves;
mod plan;
mod route;
mod start;
mod talk;
pub mod undo;

pub use edit::{Edit, edit};
pub use moves::{Closing, Move, Outcome, Policy, Take, close, make_move, reopen};
pub use plan::{plan, refuse_apart};
pub use route::{Routing, route};
pub use start::{Start, start};
pub use talk::{report, review};

/// What a new ticket shall be.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// What it is about.
    pub title: String,
    /// Where it starts.
    pub state: State,
    /// Who works on it.
    pub assignee: Option<String>,
    /// How urgent it is.
    pub priority: Option<String>,
    /// Free words.
    pub labels: Vec<String>,
    /// The body; `None` takes the default of the language.
    pub body: Option<String>,
}

impl NewTicket {
    /// The same, with every text checked.
    ///
    /// # Errors
    /// When a text is empty, too long or can't be stored, or when tickets don't start in that state.
    pub fn checked(self) -> Result<NewTicket, Refusal> {
        if !matches!(self.state, State::Planning | State::Ready | State::Queued) {
            return Err(Refusal::BadText {
                what: "state",
                why: format!("a ticket starts as planning, ready or queued, not as {}", self.state),
            });
        }
        Ok(NewTicket {
            title: text::line("title", &self.title)?,
            state: self.state,
            assignee: checked_line("assignee", self.assignee)?,
            priority: checked_line("priority", self.priority)?,
            labels: self.labels.iter().map(|label| text::line("label", label)).collect::<Result<_, _>>()?,
            body: self.body.map(|body| text::prose("body", &body, limit::TEXT)).transpose()?,
        })
    }

    /// Its fields, in the order of a new `item.md`.
    pub fn fields(&self, stamp: &Stamp) -> Vec<(Field, Value)> {
        let now = Value::Text(stamp.moment().to_string());
        let text = |value: &Option<String>| value.clone().map_or(Value::Absent, Value::Text);
        let mut fields = vec![
            (Field::Title, Value::Text(self.title.clone())),
            (Field::State, Value::Text(self.state.word().to_owned())),
            (Field::CreatedAt, now.clone()),
            (Field::UpdatedAt, now.clone()),
            (Field::Assignee, text(&self.assignee)),
        ];
        if self.state == State::Queued {
            fields.push((Field::QueuedBy, Value::Text(stamp.actor.clone())));
            fields.push((Field::QueuedAt, now));
        }
        if self.priority.is_some() {
            fields.push((Field::Priority, text(&self.priority)));
        }
        if !self.labels.is_empty() {
            fields.push((Field::Labels, Value::List(self.labels.clone())));
        }
        fields
    }
}

fn checked_line(what: &'static str, value: Option<String>) -> Result<Option<String>, Refusal> {
    value.map(|value| text::line(what, &value)).transpose()
}

/// The event every ticket starts with; it names the state of one that doesn't start in planning.
pub fn created(state: State) -> Draft {
    let draft = Draft::new(Kind::Create, Text::Created).headed(Heading::Created);
    if state == State::Planning { draft } else { draft.with("state", state.word()) }
}

/// Says something: a comment, a plan, a decision, a report.
///
/// # Errors
/// When the text is empty, too long or can't be stored.
pub fn comment(kind: Kind, words: &str) -> Result<Change, Refusal> {
    let words = text::prose("text", words, limit::TEXT)?;
    let summary = match &kind {
        Kind::Comment => "commented".to_owned(),
        other => format!("{} added", other.word().replace('_', " ")),
    };
    Ok(Change { events: vec![Draft::new(kind, Text::Words(words))], summary, ..Change::default() })
}

/// The other end of a relation: an existing ticket.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its id.
    pub id: TicketId,
    /// Its title, for the thread.
    pub title: String,
}

/// Relates a ticket to another. `ways` holds the relations of the kind's order, at least those that can be reached
/// from the target.
///
/// # Errors
/// When it is there already, points at the ticket itself, or closes a circle.
pub fn relate(
    id: TicketId,
    present: &[Relation],
    ways: &mut relation::Ways,
    relation: (relation::Kind, &Target, Option<&str>),
    stamp: &Stamp,
) -> Result<Change, Refusal> {
    let (kind, target, note) = relation;
    if id == target.id {
        return Err(Refusal::SelfRelation { id });
    }
    if present.iter().any(|other| (other.kind, other.target) == (kind, target.id)) {
        return Err(Refusal::AlreadyRelated { id, kind, target: target.id });
    }
    let note = note.map(|note| text::prose("note", note, limit::SUMMARY)).transpose()?;
    refuse_cycle(id, kind, target.id, ways)?;
    let mut relations = present.to_vec();
    relations.push(Relation {
        ticket_id: id,
        kind,
        target: target.id,
        note: note.clone(),
        author: stamp.actor.clone(),
        at: stamp.moment().to_string(),
    });
    relation::sort(&mut relations);
    let draft = relation_draft("add", kind, target, note).headed(Heading::RelationAdded);
    Ok(Change {
        events: vec![draft],
        relations: Some(relations),
        summary: format!("{kind} {} added", target.id),
        ..Change::default()
    })
}

fn refuse_cycle(
    id: TicketId,
    kind: relation::Kind,
    target: TicketId,
    ways: &mut relation::Ways,
) -> Result<(), Refusal> {
    let (Some(order), Some((from, to))) = (kind.order(), kind.leads(id, target)) else { return Ok(()) };
    match ways.path(order, to, from) {
        Some(way_back) => Err(Refusal::Cycle { order, path: [vec![from], way_back].concat() }),
        None => {
            ways.add(id, kind, target);
            Ok(())
        }
    }
}

/// Takes a relation away.
///
/// # Errors
/// When there is none.
pub fn unrelate(
    id: TicketId,
    present: &[Relation],
    kind: relation::Kind,
    target: &Target,
) -> Result<Change, Refusal> {
    let kept: Vec<Relation> =
        present.iter().filter(|other| (other.kind, other.target) != (kind, target.id)).cloned().collect();
    if kept.len() == present.len() {
        return Err(Refusal::NotRelated { id, kind, target: target.id });
    }
    let draft = relation_draft("remove", kind, target, None).headed(Heading::RelationRemoved);
    Ok(Change {
        events: vec![draft],
        relations: Some(kept),
        summary: format!("{kind} {} removed", target.id),
        ..Change::default()
    })
}

fn relation_draft(op: &str, kind: relation::Kind, target: &Target, note: Option<String>) -> Draft {
    let named = format!("{} {}", target.id, target.title);
    Draft::new(Kind::Relation, Text::Relation { kind, target: named.trim_end().to_owned(), note })
        .with("op", op)
        .with("kind", kind.word())
        .with("target", target.id.as_str())
}

/// A commit as the thread names it.
#[derive(Debug, Clone)]
pub struct CommitName {
    /// The full id.
    pub full: String,
    /// A short id.
    pub short: String,
    /// The first line of its message.
    pub subject: String,
    /// Its author's address, and when it was written in seconds since 1970-01-01T00:00:00Z: with the
    /// subject they find it again after a rebase.
    pub written: Option<(String, i64)>,
}

/// The full ids of the commits linked by hand, in order; an unlink takes the link away.
pub fn linked_commits(events: &[Event]) -> Vec<String> {
    let mut linked: Vec<String> = Vec::new();
    let events = super::undo::standing(events);
    for event in events.iter().filter(|event| event.kind == Kind::CommitLink) {
        let Some(commit) = event.attribute("commit") else { continue };
        linked.retain(|known| known != commit);
        if event.attribute("op") != Some("remove") {
            linked.push(commit.to_owned());
        }
    }
    linked
}

/// What shall become of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linking {
    /// It is made.
    Link,
    /// It is taken away.
    Unlink {
        /// Whether the commit belongs to the ticket for another reason than a link by hand.
        belongs: bool,
    },
}

/// Links a commit to a ticket, or takes the link away, whatever made it.
///
/// # Errors
/// When it is linked already, or doesn't belong to the ticket.
pub fn link(
    id: TicketId,
    events: &[Event],
    commit: &CommitName,
    linking: Linking,
    note: Option<&str>,
) -> Result<Change, Refusal> {
    let is_linked = linked_commits(events).contains(&commit.full);
    let add = match linking {
        Linking::Link if is_linked => {
            return Err(Refusal::AlreadyLinked { id, commit: commit.short.clone() });
        }
        Linking::Unlink { belongs: false } if !is_linked => {
            return Err(Refusal::NotLinked { id, commit: commit.short.clone() });
        }
        Linking::Link => true,
        Linking::Unlink { .. } => false,
    };
    let note = note.map(|note| text::prose("note", note, limit::SUMMARY)).transpose()?;
    let (op, heading, done) = match add {
        true => ("add", Heading::CommitLinked, "linked"),
        false => ("remove", Heading::CommitUnlinked, "unlinked"),
    };
    let words = Text::Commit { short: commit.short.clone(), subject: commit.subject.clone(), note };
    let mut draft = Draft::new(Kind::CommitLink, words)
        .headed(heading)
        .with("op", op)
        .with("commit", commit.full.as_str());
    // An address that can't stand in a header is left out; the link itself does without.
    let written = commit.written.as_ref();
    let written = written.and_then(|(mail, time)| Some((text::header_value("mail", mail).ok()?, time)));
    if let Some((mail, time)) = written {
        draft = draft.with("mail", mail).with("time", time.to_string());
    }
    Ok(Change {
        events: vec![draft],
        summary: format!("commit {} {done}", commit.short),
        ..Change::default()
    })
}

/// Refuses a move to queued or inprogress while other tickets have to be done first.
///
/// # Errors
/// When one has.
pub fn refuse_blocked(id: TicketId, to: State, blockers: &[Blocker]) -> Result<(), Refusal> {
    let keeps = |blocker: &&Blocker| match to {
        State::Queued => blocker.keeps_from_queue(),
        _ => blocker.is_unresolved(),
    };
    let blockers: Vec<Blocker> = blockers.iter().filter(keeps).copied().collect();
    if blockers.is_empty() { Ok(()) } else { Err(Refusal::Blocked { id, to, blockers }) }
}
