//! How much one version of the tickets has that another has not.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::{fault, layout, thread};
use crate::model::id::TicketId;

use super::history::{BlobChange, tree_changes};
use super::{ObjectId, Store, StoreError};

/// Events and tickets that travelled, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    /// Events.
    pub events: usize,
    /// Tickets that differ.
    pub tickets: usize,
    /// Tickets among them that were not there before.
    pub new_tickets: usize,
}

impl Amount {
    /// This, and then that.
    pub fn and(self, other: Amount) -> Amount {
        Amount {
            events: self.events + other.events,
            tickets: self.tickets.max(other.tickets),
            new_tickets: self.new_tickets + other.new_tickets,
        }
    }

    /// Whether it is nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Amount::default()
    }
}

impl Store {
    /// What `after` has that `before` has not; both are commits, `None` is a version without tickets.
    ///
    /// # Errors
    /// When an object can't be read.
    pub fn amount(&self, before: Option<&str>, after: Option<&str>) -> Result<Amount, StoreError> {
        Ok(self.amount_within(before, after, usize::MAX)?.unwrap_or_default())
    }

    /// The same; `None` when more than `most` files differ, which takes long to read.
    ///
    /// # Errors
    /// As [`Store::amount`].
    pub fn amount_within(
        &self,
        before: Option<&str>,
        after: Option<&str>,
        most: usize,
    ) -> Result<Option<Amount>, StoreError> {
        let id = |hex: &str| {
            ObjectId::from_hex(hex.as_bytes()).map_err(|_| StoreError::UnknownRevision(hex.to_owned()))
        };
        let root = |tip: Option<&str>| tip.map(|hex| self.tree_of(id(hex)?)).transpose();
        let (before, after) = (root(before)?, root(after)?);
        let walker = self.snapshot_at(None)?;
        let mut tickets: BTreeMap<TicketId, bool> = BTreeMap::new();
        let mut amount = Amount::default();
        let changes = tree_changes(&walker, before, after)?;
        if changes.len() > most {
            return Ok(None);
        }
        for change in changes {
            let mut names = change.path.rsplit('/');
            let name = names.next().unwrap_or_default();
            if let layout::Entry::File(id, file) = layout::entry(name, false) {
                let is_new = file == layout::ITEM && change.before.is_none();
                *tickets.entry(id).or_default() |= is_new;
                if file == layout::THREAD {
                    amount.events += self.new_events(&walker, &change)?;
                }
            }
        }
        amount.tickets = tickets.len();
        amount.new_tickets = tickets.values().filter(|is_new| **is_new).count();
        Ok(Some(amount))
    }

    /// How many events the thread has now that it had not. Events without an id are counted only.
    fn new_events(
        &self,
        walker: &super::snapshot::Snapshot,
        change: &BlobChange,
    ) -> Result<usize, StoreError> {
        let events = |side: Option<(gix::objs::tree::EntryKind, ObjectId)>| {
            let Some((_, blob)) = side else { return Ok(Vec::new()) };
            let bytes = walker.read_blob(&change.path, blob)?;
            // A thread that is no text has no events.
            Ok(fault::utf8(&bytes).map(thread::events).unwrap_or_default())
        };
        let (before, after) = (events(change.before)?, events(change.after)?);
        let known: BTreeSet<_> = before.iter().filter_map(|event| event.id).collect();
        let nameless =
            |events: &[crate::model::event::Event]| events.iter().filter(|event| event.id.is_none()).count();
        let named = after.iter().filter_map(|event| event.id).filter(|id| !known.contains(id)).count();
        Ok(named + nameless(&after).saturating_sub(nameless(&before)))
    }
}
