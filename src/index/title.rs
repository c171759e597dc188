//! Tickets in the order of their titles: of a list that is sorted by title only the beginning is read.

use std::collections::HashSet;

use rusqlite::{CachedStatement, Connection, params};

use crate::model::fold::fold;
use crate::model::query::Query;
use crate::model::state::State;
use crate::model::summary::Summary;

use super::read::Selection;
use super::{Index, damaged, patch, posting, row};

/// What is made before rows are put in.
pub(super) const TABLES: &str = "
CREATE TABLE title(
    title BLOB, ticket INTEGER, -- the beginning of the folded title
    PRIMARY KEY(title, ticket)
) WITHOUT ROWID;
";

/// So many bytes of a title are kept: tickets whose titles begin alike are compared by the whole of them.
const LENGTH: usize = 24;

/// Fewer tickets than this are read and sorted as fast.
const FEW: usize = 1000;

/// So many times more tickets are looked at than would be if those that match were spread evenly.
const PATIENCE: usize = 4;

/// What a ticket is ordered by.
pub(super) fn key(title: &str) -> Vec<u8> {
    let mut key = fold(title).into_bytes();
    key.truncate(LENGTH);
    key
}

/// Writes all titles, which have to be in order.
pub(super) fn fill(connection: &Connection, titles: &[(&[u8], i64)]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare("INSERT INTO title VALUES(?1, ?2)")?;
    for (title, number) in titles {
        insert.execute(params![title, number])?;
    }
    Ok(())
}

/// Puts a ticket in its place, if that is another one.
pub(super) fn replace(
    connection: &Connection,
    number: i64,
    old: Option<&[u8]>,
    new: Option<&[u8]>,
) -> rusqlite::Result<()> {
    if old == new {
        return Ok(());
    }
    if let Some(title) = old {
        let mut statement =
            connection.prepare_cached("DELETE FROM title WHERE title = ?1 AND ticket = ?2")?;
        statement.execute(params![title, number])?;
    }
    if let Some(title) = new {
        connection.prepare_cached("INSERT INTO title VALUES(?1, ?2)")?.execute(params![title, number])?;
    }
    Ok(())
}

impl Index {
    /// The first tickets by title that are in one of the states and have all the words. `None` where reading all
    /// of them is the shorter way.
    pub(super) fn by_title(
        &self,
        query: &Query,
        states: &[State],
        words: &[(u8, String)],
        most: usize,
    ) -> rusqlite::Result<Option<Selection>> {
        let known = self.known()?;
        let total = self.number(states, words)?;
        let even = most.saturating_mul(known) / total.max(1);
        if total < FEW || even.saturating_mul(PATIENCE) >= total {
            return Ok(None);
        }
        let mut walk = Walk {
            states: states.iter().map(|state| row::state_code(*state)).collect(),
            place: self.connection.prepare_cached(patch::PLACE)?,
            row: self.connection.prepare_cached(patch::ROW)?,
            left: even * PATIENCE,
        };
        let order = if query.reverse { " DESC" } else { "" };
        let mut statement = self
            .connection
            .prepare_cached(&format!("SELECT title, ticket FROM title ORDER BY title{order}"))?;
        let mut rows = statement.query(())?;
        let (mut tickets, mut group, mut title) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let next = rows.next()?;
            let next = match &next {
                Some(row) => Some((row.get_ref(0)?.as_blob().map_err(|_| damaged())?, row.get::<_, i64>(1)?)),
                None => None,
            };
            // Tickets whose titles begin alike are put in order together.
            if next.as_ref().is_none_or(|(next, _)| *next != title.as_slice()) {
                query.arrange(&mut group);
                tickets.append(&mut group);
                if tickets.len() >= most || next.is_none() {
                    break;
                }
            }
            let Some((next, number)) = next else { break };
            title.clear();
            title.extend_from_slice(next);
            let Some(found) = walk.read(number)? else { return Ok(None) };
            group.extend(found.filter(|ticket| query.matches(ticket)));
        }
        tickets.truncate(most);
        Ok(Some(Selection { tickets, total, known, unreadable: self.unreadable()? }))
    }

    /// How many tickets are in one of the states and have all the words.
    fn number(&self, states: &[State], words: &[(u8, String)]) -> rusqlite::Result<usize> {
        let mut total = 0;
        for state in states {
            let code = row::state_code(*state);
            total += match words {
                [] => self.amount(code)?,
                [(kind, word)] => posting::count(&self.connection, (*kind, word, code))?,
                words => posting::shared(&self.connection, words, code)?.len(),
            };
        }
        Ok(total)
    }
}

/// Looking at tickets one by one.
struct Walk<'c> {
    states: HashSet<u8>,
    place: CachedStatement<'c>,
    row: CachedStatement<'c>,
    /// So many are looked at.
    left: usize,
}

impl Walk<'_> {
    /// A ticket, if it is in one of the states; nothing at all when there is no patience left.
    fn read(&mut self, number: i64) -> rusqlite::Result<Option<Option<Summary>>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let place = patch::place_by(&mut self.place, number)?.flatten();
        let Some(place) = place.filter(|(state, ..)| self.states.contains(state)) else {
            return Ok(Some(None));
        };
        patch::row_by(&mut self.row, place)?.ok_or_else(damaged).map(|found| Some(Some(found)))
    }
}
