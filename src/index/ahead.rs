//! A write that an index takes over without reading it back: what was written is known.

use crate::format::layout;
use crate::model::id::TicketId;
use crate::model::limit;
use crate::store::publish::Edit;
use crate::store::snapshot::{Files, Snapshot};

use super::pass::{self, Changed};
use super::patch::Patch;
use super::ticket::{self, Read};
use super::{Index, Reach, Version};

/// The tickets that a write changes, as they are when it is done.
pub struct Ahead {
    /// The commit the write is made on.
    from: String,
    tickets: Vec<Changed<Read>>,
}

impl Ahead {
    /// Of a write on a version: the files of each ticket in it, and what is written to them. `None` when they have
    /// to be read afterwards.
    pub fn of<'a>(
        snapshot: &Snapshot,
        tickets: impl IntoIterator<Item = (&'a Files, &'a [Edit])>,
    ) -> Option<Self> {
        let mut ahead = Ahead { from: snapshot.tip()?, tickets: Vec::new() };
        for (files, edits) in tickets {
            if edits.iter().any(|edit| edit.content.len() > limit::TEXT) {
                return None;
            }
            let edited = |name: &str| {
                let path = layout::path(&files.id, name);
                edits.iter().find(|edit| edit.path == path).map(|edit| edit.content.as_slice())
            };
            let read = ticket::read_edited(snapshot, files, &edited).ok()?;
            ahead.tickets.push((files.id, Some(read)));
        }
        let is_twice = |id: &TicketId| ahead.tickets.iter().filter(|(other, _)| other == id).count() > 1;
        (!ahead.tickets.iter().any(|(id, _)| is_twice(id))).then_some(ahead)
    }
}

impl Index {
    /// Takes over a write that led to a commit with that tree.
    pub fn follow(&self, ahead: &Ahead, tip: &str, root: String) -> Reach {
        self.try_follow(ahead, &Version { tip: tip.to_owned(), root }).unwrap_or_else(|error| {
            self.give_up(&error);
            Reach::NotNow
        })
    }

    fn try_follow(&self, ahead: &Ahead, to: &Version) -> rusqlite::Result<Reach> {
        self.leave()?;
        if !self.can_write {
            return Ok(Reach::NotNow);
        }
        let is_from = |version: &Version| version.tip == ahead.from;
        pass::take_over(self, is_from, to, |connection| Patch::new(connection).apply(&ahead.tickets))
    }
}
