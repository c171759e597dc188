//! What somebody who looked into a thread remembers of it: what `status` and `next` show of a ticket.
//!
//! Threads that have to be read for the index are looked into then. Of other tickets nothing is known until somebody
//! has shown one; it is forgotten when anything about the ticket changes.

use rusqlite::{Connection, OptionalExtension, params};

use crate::format::routing;
use crate::model::claim;
use crate::model::event::Event;
use crate::model::id::TicketId;
use crate::model::rule::{Policy, landing};
use crate::model::state::State;
use crate::model::ticket::Ticket;

use super::{Index, key};

/// What is made before rows are put in.
pub(super) const TABLES: &str = "
CREATE TABLE look(
    ticket INTEGER PRIMARY KEY,
    is_calm INTEGER NOT NULL, -- nobody needs to look at it
    is_held INTEGER NOT NULL, -- it is queued, and the last decision about it holds it back
    decision TEXT             -- the word of the last decision about it
);
";

/// What is made afterwards.
pub(super) const ORDERS: &str = "CREATE INDEX look_held ON look(ticket) WHERE is_held;";

/// What a thread says of its ticket to somebody who looks over many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Nobody needs to look at it.
    pub is_calm: bool,
    /// It is queued, and the last decision about it holds it back.
    pub is_held: bool,
    /// The word of the last decision about it.
    pub decision: Option<String>,
}

impl Look {
    /// Of a ticket and the events of its thread.
    pub fn of(ticket: &Ticket, events: &[Event]) -> Self {
        let routed = routing::of_thread(events);
        let last = routing::last_decision(&routed);
        // The policy decides what is said, not whether anything is.
        let held_back = landing::attention(ticket, events, Policy::default());
        Look {
            is_calm: held_back.is_none() && claim::claims(events).attention().is_none(),
            is_held: ticket.state == State::Queued
                && last.is_some_and(|last| last.decision.class().holds_back()),
            decision: last.map(|last| last.decision.word.clone()),
        }
    }

    /// Remembers it in the place of what was known.
    pub(super) fn put(&self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        connection.prepare_cached("INSERT OR REPLACE INTO look VALUES(?1, ?2, ?3, ?4)")?.execute(params![
            number,
            self.is_calm,
            self.is_held,
            self.decision
        ])?;
        Ok(())
    }
}

/// Forgets what was known of a ticket.
pub(super) fn forget(connection: &Connection, number: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM look WHERE ticket = ?1")?.execute([number]).map(drop)
}

impl Index {
    /// What is known of a ticket's thread in the version that was reached; the inner `None` when nobody looked.
    pub fn look(&self, id: &TicketId) -> Option<Option<Look>> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT is_calm, is_held, decision FROM look WHERE ticket = ?1")?;
            let look = |row: &rusqlite::Row| {
                Ok(Look { is_calm: row.get(0)?, is_held: row.get(1)?, decision: row.get(2)? })
            };
            statement.query_row([key::number(id)], look).optional()
        };
        self.told(read())
    }

    /// Remembers what somebody saw in threads of the version that was reached. Nobody waits for that: when somebody
    /// else writes, or nobody can, it is not remembered.
    pub fn remember(&self, seen: &[(TicketId, Look)]) {
        let Some(tip) = self.reading.borrow().clone().filter(|_| self.can_write && !seen.is_empty()) else {
            return;
        };
        if let Err(error) = self.try_remember(&tip, seen) {
            self.give_up(&error);
        }
    }

    fn try_remember(&self, tip: &str, seen: &[(TicketId, Look)]) -> rusqlite::Result<()> {
        self.leave()?;
        self.connection.busy_timeout(std::time::Duration::ZERO)?;
        let begun = self.begin();
        self.connection.busy_timeout(super::PATIENCE)?;
        if !begun? {
            return Ok(());
        }
        let write = || {
            if self.version()?.is_some_and(|version| version.tip == tip) {
                seen.iter().try_for_each(|(id, look)| look.put(&self.connection, key::number(id)))?;
            }
            Ok(())
        };
        let written = write();
        crate::host::failpoint::step("an index remembers what was seen");
        self.connection.execute_batch(if written.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
        self.shorten_log();
        written
    }
}
