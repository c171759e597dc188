//! Whole lists, row by row: nothing is held but the row that is being told.

use rusqlite::{Rows, Statement};

use crate::model::glance::{Columns, Glance, Taker};
use crate::model::query::{Query, Sort};
use crate::model::state::State;

use super::read::in_state;
use super::{Index, damaged, key, row, word};

/// How a list that was told row by row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// How many rows were told.
    pub rows: usize,
    /// How many tickets there are, be they readable or not.
    pub known: usize,
}

/// The tickets of a state, from the last changed on.
struct Cursor<'s> {
    state: State,
    rows: Rows<'s>,
    /// Age and number of the row the cursor stands on.
    at: Option<(i64, i64)>,
}

impl Index {
    /// Whether [`Index::each`] can tell the list a query asks for: everything in some states, the last changed
    /// first.
    pub fn can_tell(query: &Query) -> bool {
        let is_plain = query.clauses.iter().all(|clause| word::of_states(clause).is_some());
        is_plain && query.most.is_none() && query.sort == Sort::Updated && !query.reverse
    }

    /// Tells the tickets a query asks for, one after another, until the taker has enough. `None` when the index
    /// can't go on; what was told by then was right.
    pub fn each(&self, query: &Query, taker: &mut dyn Taker) -> Option<Told> {
        self.told(self.try_each(query, taker))
    }

    fn try_each(&self, query: &Query, taker: &mut dyn Taker) -> rusqlite::Result<Told> {
        let mut states = query.states();
        for wanted in query.clauses.iter().filter_map(word::of_states) {
            states.retain(|state| wanted.contains(state));
        }
        let mut statements: Vec<(State, Statement)> = Vec::new();
        for state in states {
            statements.push((state, self.connection.prepare(in_state())?));
        }
        let mut cursors = Vec::new();
        for (state, statement) in &mut statements {
            let rows = statement.query((row::state_code(*state), -1))?;
            let mut cursor = Cursor { state: *state, rows, at: None };
            cursor.step()?;
            cursors.extend(cursor.at.is_some().then_some(cursor));
        }
        let has_times = cursors.iter().any(|cursor| cursor.at.is_some_and(|(age, _)| age != key::NEVER));
        let columns = Columns { states: cursors.iter().map(|cursor| cursor.state).collect(), has_times };
        let mut told = Told { rows: 0, known: self.known()? };
        if !taker.begin(&columns) {
            return Ok(told);
        }
        while let Some(cursor) =
            cursors.iter_mut().filter(|cursor| cursor.at.is_some()).min_by_key(|cursor| cursor.at)
        {
            if !cursor.tell(taker)? {
                break;
            }
            told.rows += 1;
            cursor.step()?;
        }
        Ok(told)
    }
}

impl Cursor<'_> {
    fn step(&mut self) -> rusqlite::Result<()> {
        self.at = match self.rows.next()? {
            Some(row) => Some((row.get(0)?, row.get(1)?)),
            None => None,
        };
        Ok(())
    }

    /// Tells the row it stands on; says whether more is wanted.
    fn tell(&mut self, taker: &mut dyn Taker) -> rusqlite::Result<bool> {
        use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
        let (Some((age, number)), Some(row)) = (self.at, self.rows.get()) else { return Ok(false) };
        let bytes = row.get_ref(2)?.as_blob().map_err(|_| damaged())?;
        let glance: Option<Glance> = row::glance(key::id(number), self.state, key::updated_at(age), bytes);
        Ok(taker.take(&glance.ok_or_else(damaged)?))
    }
}
