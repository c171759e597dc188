//! Tickets that had to take another id, and the names they had before.
//!
//! A ticket is known by its `create` event, whatever its id. `aliases` has a line for each id that a ticket
//! left: `<old id> <id of the create event> <new id>`.

use std::collections::{BTreeMap, BTreeSet};

use ulid::Ulid;

use super::Files;
use super::stamp;
use super::thread::Thread;
use crate::format::layout;
use crate::model::derived;
use crate::model::event::Kind;
use crate::model::id::TicketId;

/// How far from its old id a ticket may move before the search for a free one begins, in milliseconds.
const SPREAD: u128 = 1 << 16;

/// The lines of an `aliases` file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Aliases(BTreeSet<String>);

impl Aliases {
    pub(super) fn read(files: &Files) -> Self {
        let text = files.get(layout::ALIASES).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
        Aliases(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
    }

    pub(super) fn add(&mut self, from: TicketId, creation: Ulid, to: TicketId) {
        self.0.insert(format!("{from} {creation} {to}"));
    }

    pub(super) fn extend(&mut self, other: Aliases) {
        self.0.extend(other.0);
    }

    /// The file; `None` when it has no line.
    pub(super) fn write(&self) -> Option<String> {
        let lines: String = self.0.iter().map(|line| format!("{line}\n")).collect();
        Some(lines).filter(|lines| !lines.is_empty())
    }

    /// For each ticket that moved, all its ids; it lives at the last. A ticket moves to greater ids only.
    pub(super) fn homes(&self) -> BTreeMap<Ulid, BTreeSet<TicketId>> {
        let mut homes: BTreeMap<Ulid, BTreeSet<TicketId>> = BTreeMap::new();
        for line in &self.0 {
            let mut words = line.split(' ');
            let from = words.next().and_then(TicketId::parse);
            let creation = words.next().and_then(|word| Ulid::from_string(word).ok());
            let to = words.next().and_then(TicketId::parse);
            if let (Some(from), Some(creation), Some(to)) = (from, creation, to) {
                homes.entry(creation).or_default().extend([from, to]);
            }
        }
        homes
    }
}

/// Where tickets that had to leave an id live now, by the id they left. The id itself belongs to the ticket
/// that stayed.
pub fn moved(text: &str) -> BTreeMap<TicketId, BTreeSet<TicketId>> {
    let aliases = Aliases(text.lines().map(str::to_owned).collect());
    let mut moved: BTreeMap<TicketId, BTreeSet<TicketId>> = BTreeMap::new();
    for ids in aliases.homes().values() {
        let Some(home) = ids.last() else { continue };
        for id in ids.iter().filter(|id| *id != home) {
            moved.entry(*id).or_default().insert(*home);
        }
    }
    moved
}

/// The id of the event that made a ticket, or one that follows from it where it has none.
pub(super) fn creation(files: &Files) -> Option<Ulid> {
    let text = std::str::from_utf8(files.get(layout::THREAD)?).ok()?;
    let thread = Thread::read(text);
    let piece = thread.pieces.iter().find(|piece| piece.event.kind == Kind::Create)?;
    let derive = || derived::event_id(stamp::millis(&piece.event), &[Kind::Create.word(), piece.core]);
    Some(piece.event.id.unwrap_or_else(derive))
}

/// The id a ticket moves to: it follows from its `create` event, so that it is nearly always the same
/// whatever else is merged, and is the next free one from there.
pub(super) fn new_home(from: TicketId, creation: Ulid, is_taken: impl Fn(&TicketId) -> bool) -> TicketId {
    let ahead = 1 + u64::try_from(creation.random() % SPREAD).unwrap_or(0);
    let first = from.millis().saturating_add(ahead);
    let mut ids = (first..u64::MAX).chain(0..first).map(TicketId::from_millis);
    ids.find(|id| !is_taken(id)).unwrap_or(from)
}
