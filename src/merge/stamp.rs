//! When a side set something: the latest of its new events about it.

use std::collections::{BTreeMap, BTreeSet};

use ulid::Ulid;

use super::thread::Piece;
use crate::model::claim;
use crate::model::event::{Event, Kind};
use crate::model::moment::Moment;
use crate::model::state::State;
use crate::model::ticket::{Field, Value};

/// The place of an event in time: its id or, without one, what its header says; then its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp {
    pub(super) millis: u64,
    id: Option<Ulid>,
    bytes: String,
}

impl Stamp {
    pub(super) fn new(piece: &Piece) -> Self {
        Stamp { millis: millis(&piece.event), id: piece.event.id, bytes: piece.core.to_owned() }
    }
}

/// The time of an event, in milliseconds; 0 when it names none.
pub(super) fn millis(event: &Event) -> u64 {
    event.id.map_or_else(|| since_epoch(event.moment()), |id| id.timestamp_ms())
}

/// A moment in milliseconds; 0 for none, and for one before 1970.
pub(super) fn since_epoch(moment: Option<Moment>) -> u64 {
    let seconds = moment.and_then(|moment| u64::try_from(moment.seconds()).ok());
    seconds.unwrap_or(0).saturating_mul(1000)
}

/// What a side's new events say about fields.
#[derive(Debug, Clone, Default)]
pub(super) struct News {
    fields: BTreeMap<String, Stamp>,
    close: Option<Stamp>,
    /// What a side's fields would be without the claims that another side's made void; `None` is the value
    /// of the base.
    instead: BTreeMap<&'static str, Option<Value>>,
}

impl News {
    /// What new events say, those aside that don't count.
    pub(super) fn new<'p, 'a: 'p>(
        pieces: impl IntoIterator<Item = &'p Piece<'a>>,
        void: &BTreeSet<Ulid>,
    ) -> Self {
        let mut news = News::default();
        for piece in pieces {
            if piece.event.id.is_some_and(|id| void.contains(&id)) {
                continue;
            }
            let stamp = Stamp::new(piece);
            for field in fields(&piece.event) {
                let latest = news.fields.entry(field.to_owned()).or_insert_with(|| stamp.clone());
                *latest = stamp.clone().max(latest.clone());
            }
            if piece.event.kind.closes() {
                news.close = news.close.take().max(Some(stamp));
            }
        }
        news
    }

    /// The latest event about a key of the front matter, or about `body`.
    pub(super) fn of(&self, key: &str) -> Option<Stamp> {
        let key = if matches!(key, "workflow_state" | "status") { Field::State.key() } else { key };
        self.fields.get(key).cloned()
    }

    /// Makes the fields that claims set follow from the events that count, for a side that was written before
    /// all claims were known.
    pub(super) fn tell_instead<'p, 'a: 'p>(&mut self, pieces: impl IntoIterator<Item = &'p Piece<'a>>) {
        self.instead = [Field::State, Field::Assignee].map(|field| (field.key(), None)).into();
        for piece in pieces {
            for (key, value) in &mut self.instead {
                let (stamp, set) = (Stamp::new(piece), set(&piece.event, key));
                let is_latest = self.fields.get(*key).is_some_and(|counting| *counting == stamp);
                if is_latest && set.is_some() {
                    *value = set;
                }
            }
        }
    }

    /// The value a field has instead of the one that is written: that of the base for `Some(None)`.
    pub(super) fn instead(&self, key: &str) -> Option<&Option<Value>> {
        self.instead.get(key)
    }

    /// The latest close.
    pub(super) fn close(&self) -> Option<Stamp> {
        self.close.clone()
    }

    /// Whether no field was set and the ticket not closed.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.close.is_none()
    }
}

/// The fields that an event is about.
fn fields(event: &Event) -> Vec<&str> {
    match &event.kind {
        Kind::StateChanged if event.attribute(claim::ASSIGNEE).is_some() => {
            vec![Field::State.key(), Field::Assignee.key()]
        }
        Kind::StateChanged => vec![Field::State.key()],
        Kind::Field => event.attribute("field").into_iter().collect(),
        Kind::ItemEdit => vec![Field::Title.key(), super::item::BODY],
        kind if kind.closes() => vec![Field::State.key()],
        Kind::Create
        | Kind::Comment
        | Kind::Plan
        | Kind::Decision
        | Kind::ImplementationReport
        | Kind::IntakeSummary
        | Kind::Review
        | Kind::Close
        | Kind::Land
        | Kind::Revert
        | Kind::Reland
        | Kind::Unland
        | Kind::Relation
        | Kind::Claim
        | Kind::Conflict
        | Kind::CommitLink
        | Kind::Undo
        | Kind::Migration
        | Kind::Other(_) => Vec::new(),
    }
}

/// The value an event gives to a field, where it says so.
fn set(event: &Event, key: &str) -> Option<Value> {
    let text = |value: &str| if value.is_empty() { Value::Absent } else { Value::Text(value.to_owned()) };
    match &event.kind {
        Kind::StateChanged if key == Field::State.key() => event.attribute("to").map(text),
        Kind::StateChanged => event.attribute(claim::ASSIGNEE).map(text),
        kind if kind.closes() && key == Field::State.key() => {
            Some(Value::Text(State::Closed.word().to_owned()))
        }
        // A value that is too odd for a header, and none, both leave no attribute.
        Kind::Field if event.attribute("field") == Some(key) => {
            Some(event.attribute("to").map_or(Value::Absent, text))
        }
        _ => None,
    }
}
