//! Answering questions from the index.

use std::ops::Range;

use rusqlite::Row;

use crate::model::id::TicketId;
use crate::model::query::{Query, Sort};
use crate::model::relation::{Kind, Order, Relation, Ways};
use crate::model::state::State;
use crate::model::summary::Summary;

use super::{Index, damaged, key, patch, posting, row, word};

/// The tickets a query asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// In the order asked for, no more than asked for.
    pub tickets: Vec<Summary>,
    /// How many match.
    pub total: usize,
    /// How many tickets there are, be they readable or not.
    pub known: usize,
    /// Those that can't be read, in order of id: why, the ref tells.
    pub unreadable: Vec<TicketId>,
}

/// Tickets that were found and are not read yet.
#[derive(Default)]
struct Found {
    /// Age, number and state of each, and where its row is among the rows; empty where that is not read.
    spots: Vec<(i64, i64, State, Range<usize>)>,
    /// The bytes of rows, one after another.
    rows: Vec<u8>,
}

/// Of so many tickets one may be named, where they are looked up one by one.
const MANY: usize = 4;

impl Index {
    /// The tickets a query asks for, of the version that was reached; `None` when the index can't tell.
    pub fn select(&self, query: &Query) -> Option<Selection> {
        if query.needs_threads() {
            return None;
        }
        self.told(self.try_select(query))
    }

    pub(super) fn told<T>(&self, answer: rusqlite::Result<T>) -> Option<T> {
        answer.inspect_err(|error| self.give_up(error)).ok()
    }

    pub(super) fn try_select(&self, query: &Query) -> rusqlite::Result<Selection> {
        if let Some(ids) = word::among(query) {
            // Rows one by one cost more than rows in their order.
            if ids.len() <= self.known()? / MANY {
                return self.select_among(query, &ids.iter().copied().collect::<Vec<_>>());
            }
        }
        let mut states = query.states();
        let mut words = Vec::new();
        let mut rest = Vec::new();
        for clause in &query.clauses {
            match (word::of_states(clause), word::exact(clause)) {
                (Some(wanted), _) => states.retain(|state| wanted.contains(state)),
                (None, Some(word)) => words.push(word),
                (None, None) => rest.push(clause),
            }
        }
        if let (true, Some(most), Sort::Title) = (rest.is_empty(), query.most, query.sort)
            && let Some(selection) = self.by_title(query, &states, &words, most)?
        {
            return Ok(selection);
        }
        let in_order = query.sort == Sort::Updated;
        // As many as are shown need to be read, where nothing but their number depends on the others.
        let enough = query.most.filter(|_| in_order && rest.is_empty() && !query.reverse);
        let mut found = Found::default();
        let mut total = 0;
        for state in states {
            total += match words.as_slice() {
                [] => self.in_state(state, enough, &mut found)?,
                words => self.with_words(state, words, enough, &mut found)?,
            };
        }
        let mut tickets = self.read_found(found, enough)?;
        if !rest.is_empty() {
            tickets.retain(|ticket| query.matches(ticket));
            total = tickets.len();
        }
        match in_order && !query.reverse {
            true => tickets.truncate(query.most.unwrap_or(usize::MAX)),
            false => query.arrange(&mut tickets),
        }
        Ok(Selection { tickets, total, known: self.known()?, unreadable: self.unreadable()? })
    }

    /// Those of some tickets that a query asks for: only their rows are read.
    fn select_among(&self, query: &Query, ids: &[TicketId]) -> rusqlite::Result<Selection> {
        let mut tickets = self.try_of(ids)?;
        tickets.retain(|ticket| query.matches(ticket));
        let total = tickets.len();
        query.arrange(&mut tickets);
        Ok(Selection { tickets, total, known: self.known()?, unreadable: self.unreadable()? })
    }

    /// Finds the last changed tickets in a state; tells how many there are in all.
    fn in_state(&self, state: State, enough: Option<usize>, found: &mut Found) -> rusqlite::Result<usize> {
        let code = row::state_code(state);
        let mut statement = self.connection.prepare_cached(in_state())?;
        let limit = enough.and_then(|most| i64::try_from(most).ok()).unwrap_or(-1);
        let mut rows = statement.query((code, limit))?;
        let before = found.spots.len();
        while let Some(row) = rows.next()? {
            let begin = found.rows.len();
            found.rows.extend_from_slice(row.get_ref(2)?.as_blob().map_err(|_| damaged())?);
            found.spots.push((row.get(0)?, row.get(1)?, state, begin..found.rows.len()));
        }
        let number = found.spots.len() - before;
        if enough.is_some_and(|most| number >= most) { self.amount(code) } else { Ok(number) }
    }

    /// Reads the last changed of those found.
    fn read_found(&self, mut found: Found, enough: Option<usize>) -> rusqlite::Result<Vec<Summary>> {
        // It is some lists in this order, one after another.
        found.spots.sort_by_key(|(age, number, ..)| (*age, *number));
        found.spots.truncate(enough.unwrap_or(usize::MAX));
        let mut tickets = Vec::with_capacity(found.spots.len());
        for (age, number, state, at) in found.spots {
            let ticket = match at.is_empty() {
                true => patch::row(&self.connection, (row::state_code(state), age, number))?,
                false => row::read(key::id(number), state, key::updated_at(age), &found.rows[at]),
            };
            tickets.push(ticket.ok_or_else(damaged)?);
        }
        Ok(tickets)
    }

    pub(super) fn amount(&self, state: u8) -> rusqlite::Result<usize> {
        let mut statement =
            self.connection.prepare_cached("SELECT coalesce(sum(number), 0) FROM amount WHERE state = ?1")?;
        statement.query_row([state], |row| row.get::<_, i64>(0)).map(count)
    }

    /// Finds the last changed tickets in a state that have all the words; tells how many there are in all.
    fn with_words(
        &self,
        state: State,
        words: &[(u8, String)],
        enough: Option<usize>,
        found: &mut Found,
    ) -> rusqlite::Result<usize> {
        let code = row::state_code(state);
        let (spots, number) = match (words, enough) {
            ([(kind, word)], Some(most)) => {
                let list = (*kind, word.as_str(), code);
                (posting::first(&self.connection, list, most)?, posting::count(&self.connection, list)?)
            }
            (words, _) => {
                let spots = posting::shared(&self.connection, words, code)?;
                let number = spots.len();
                (spots, number)
            }
        };
        let shown = spots.into_iter().take(enough.unwrap_or(usize::MAX));
        found.spots.extend(shown.map(|(age, number)| (age, number, state, 0..0)));
        Ok(number)
    }

    pub(super) fn known(&self) -> rusqlite::Result<usize> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT coalesce(sum(number), 0) FROM amount) + (SELECT count(*) FROM unreadable)",
        )?;
        statement.query_row((), |row| row.get::<_, i64>(0)).map(count)
    }

    /// The tickets that can't be read, in order of id.
    pub fn unreadable_tickets(&self) -> Option<Vec<TicketId>> {
        self.told(self.unreadable())
    }

    pub(super) fn unreadable(&self) -> rusqlite::Result<Vec<TicketId>> {
        let mut statement =
            self.connection.prepare_cached("SELECT ticket FROM unreadable ORDER BY ticket DESC")?;
        let numbers = statement.query_map((), |row| row.get(0))?;
        numbers.map(|number| number.map(key::id)).collect()
    }

    /// Some tickets, in the order given; those that don't exist or can't be read are left out.
    pub fn of(&self, ids: &[TicketId]) -> Option<Vec<Summary>> {
        self.told(self.try_of(ids))
    }

    pub(super) fn try_of(&self, ids: &[TicketId]) -> rusqlite::Result<Vec<Summary>> {
        let read = |id: &TicketId| patch::ticket(&self.connection, key::number(id)).map(Option::flatten);
        let found: rusqlite::Result<Vec<Option<Summary>>> = ids.iter().map(read).collect();
        Ok(found?.into_iter().flatten().collect())
    }

    /// How many tickets there are of each state and gate.
    pub fn amounts(&self) -> Option<Vec<(State, crate::model::readiness::Gate, usize)>> {
        let read = || {
            let mut statement =
                self.connection.prepare_cached("SELECT state, gate, number FROM amount WHERE number > 0")?;
            let mut rows = statement.query(())?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let state = row::state(row.get(0)?).ok_or_else(damaged)?;
                let gate = row::gate(row.get(1)?).ok_or_else(damaged)?;
                found.push((state, gate, count(row.get(2)?)));
            }
            Ok(found)
        };
        self.told(read())
    }

    /// Every relation, or those that touch a ticket at either end; ordered by the ticket that has them.
    pub fn relations(&self, touching: Option<&TicketId>) -> Option<Vec<Relation>> {
        let read = || {
            let columns = "SELECT owner, position, source, kind, target, note, author, at FROM relation";
            let mut found = Vec::new();
            match touching {
                None => {
                    let question = format!("{columns} ORDER BY owner DESC, position");
                    let mut statement = self.connection.prepare_cached(&question)?;
                    collect(statement.query(())?, &mut found)?;
                }
                Some(id) => {
                    let question = format!(
                        "{columns} WHERE source = ?1 UNION {columns} WHERE target = ?1 ORDER BY owner DESC, position"
                    );
                    let mut statement = self.connection.prepare_cached(&question)?;
                    collect(statement.query([key::number(id)])?, &mut found)?;
                }
            }
            Ok(found)
        };
        self.told(read())
    }

    /// Who waits for whom, or gives way to whom, as far as it can be reached from a ticket.
    pub fn ways_from(&self, order: Order, from: &TicketId) -> Option<Ways> {
        let walk = || {
            let mut ways = Ways::default();
            let mut statement = self.connection.prepare_cached(
                "SELECT target, 1 FROM relation WHERE source = ?1 AND kind = ?2
                 UNION SELECT source, 0 FROM relation WHERE target = ?1 AND kind = ?3",
            )?;
            let kinds = order.kinds();
            let codes = kinds.map(super::ticket::kind_code);
            let mut seen = std::collections::BTreeSet::from([key::number(from)]);
            let mut open = vec![key::number(from)];
            while let Some(number) = open.pop() {
                let mut rows = statement.query((number, codes[0], codes[1]))?;
                while let Some(row) = rows.next()? {
                    let next: i64 = row.get(0)?;
                    let (here, there) = (key::id(number), key::id(next));
                    match row.get::<_, u8>(1)? {
                        1 => ways.add(here, kinds[0], there),
                        _ => ways.add(there, kinds[1], here),
                    }
                    if seen.insert(next) {
                        open.push(next);
                    }
                }
            }
            Ok(ways)
        };
        self.told(walk())
    }

    /// The tickets that wait for a ticket, in order of id.
    pub fn waiting_for(&self, id: &TicketId) -> Option<Vec<TicketId>> {
        self.told(patch::waiting_for(&self.connection, id)).map(|ids| ids.into_iter().collect())
    }

    /// Where a ticket stands: `Some(None)` when there is no such ticket or it can't be read.
    pub fn state(&self, id: &TicketId) -> Option<Option<State>> {
        self.told(patch::state(&self.connection, id))
    }
}

/// The rows of a state, the last changed first.
pub(super) fn in_state() -> &'static str {
    "SELECT age, ticket, row FROM row WHERE state = ?1 ORDER BY age, ticket LIMIT ?2"
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

pub(super) fn collect(mut rows: rusqlite::Rows, found: &mut Vec<Relation>) -> rusqlite::Result<()> {
    while let Some(row) = rows.next()? {
        found.push(relation(row)?);
    }
    Ok(())
}

fn relation(row: &Row) -> rusqlite::Result<Relation> {
    let kind = Kind::ALL.get(usize::from(row.get::<_, u8>(3)?)).ok_or_else(damaged)?;
    Ok(Relation {
        ticket_id: key::id(row.get(2)?),
        kind: *kind,
        target: key::id(row.get(4)?),
        note: row.get(5)?,
        author: row.get(6)?,
        at: row.get(7)?,
    })
}
