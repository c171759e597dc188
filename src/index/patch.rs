//! Bringing an index from one version to another: the tickets that differ, and what follows for others.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Statement, params};

use crate::model::id::{self, TicketId};
use crate::model::readiness::{self, Blocker, Gate, Via};
use crate::model::relation::Kind;
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::store::snapshot::Snapshot;

use super::pass::{self, Changed};
use super::posting::Changes;
use super::start::{Notes, Turn};
use super::ticket::{self, Read};
use super::{Index, Reach, Version, build, damaged, key, read, row, title, word};

/// Takes over what differs between the version the index tells of and a snapshot.
pub(super) fn patch(index: &Index, snapshot: &Snapshot, to: &Version) -> rusqlite::Result<Reach> {
    pass::patch(index, snapshot, to, ticket::read, |connection, changed| {
        Patch::new(connection).apply(changed)
    })
}

/// What has to be looked at again when all changed tickets are in their places.
pub(super) struct Patch<'c> {
    connection: &'c Connection,
    /// Tickets whose blockers may be others, or stand elsewhere.
    waiters: BTreeSet<TicketId>,
    /// Tickets whose ids may need fewer or more letters to be told apart.
    neighbours: BTreeSet<TicketId>,
    /// What changes in the lists of words.
    words: Changes,
    /// By how much the numbers of tickets of a state and gate change.
    amounts: BTreeMap<(u8, u8), i64>,
}

/// Where a ticket is in the tables: state, age, number.
pub(super) type Place = (u8, i64, i64);

impl<'c> Patch<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Patch {
            connection,
            waiters: BTreeSet::new(),
            neighbours: BTreeSet::new(),
            words: Changes::default(),
            amounts: BTreeMap::new(),
        }
    }

    pub(super) fn apply(mut self, changed: &[Changed<Read>]) -> rusqlite::Result<()> {
        for (id, read) in changed {
            self.change(id, read.as_ref())?;
        }
        for id in std::mem::take(&mut self.waiters) {
            self.judge(&id)?;
        }
        for id in std::mem::take(&mut self.neighbours) {
            self.tell_apart(&id)?;
        }
        self.words.apply(self.connection)?;
        for ((state, gate), by) in self.amounts.into_iter().filter(|(_, by)| *by != 0) {
            let mut statement = self.connection.prepare_cached(
                "INSERT INTO amount VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET number = number + ?3",
            )?;
            statement.execute(params![state, gate, by])?;
        }
        Ok(())
    }

    fn change(&mut self, id: &TicketId, read: Option<&Read>) -> rusqlite::Result<()> {
        let number = key::number(id);
        let known = ticket(self.connection, number)?;
        let old = known.as_ref().and_then(Option::as_ref);
        let fields = read.and_then(|read| read.fields.as_ref());
        self.change_relations(id, read)?;
        match read {
            Some(read) => read.notes.replace(self.connection, number)?,
            None => Notes::default().replace(self.connection, number)?,
        }
        if old.map(|old| old.state) != fields.map(|fields| fields.state) {
            self.waiters.extend(waiting_for(self.connection, id)?);
        }
        title::replace(
            self.connection,
            number,
            old.map(|old| title::key(&old.title)).as_deref(),
            fields.map(|fields| fields.title.as_slice()),
        )?;
        if known == Some(None) {
            self.connection.prepare_cached("DELETE FROM unreadable WHERE ticket = ?1")?.execute([number])?;
        }
        if read.is_some() && fields.is_none() {
            self.connection.prepare_cached("INSERT INTO unreadable VALUES(?1)")?.execute([number])?;
        }
        self.move_ticket(id, &known, read)?;
        self.replace(number, old, fields)?;
        if fields.is_some() && old.is_none() {
            self.neighbours.insert(*id);
            self.waiters.insert(*id);
        }
        Ok(())
    }

    /// Puts a ticket where it is now, or away.
    fn move_ticket(
        &mut self,
        id: &TicketId,
        known: &Option<Option<Summary>>,
        read: Option<&Read>,
    ) -> rusqlite::Result<()> {
        let number = key::number(id);
        let fields = read.and_then(|read| read.fields.as_ref());
        let place = (fields.map(|fields| row::state_code(fields.state)), fields.map(|fields| fields.age));
        match (known, read) {
            (Some(_), None) => {
                self.connection.prepare_cached("DELETE FROM place WHERE ticket = ?1")?.execute([number])?;
                self.neighbours.extend(beside(self.connection, id)?);
            }
            (None, None) => {}
            (Some(old), Some(_)) => {
                let old = old.as_ref().map(place_of);
                if (old.map(|(state, ..)| state), old.map(|(_, age, _)| age)) != place {
                    self.connection
                        .prepare_cached("UPDATE place SET state = ?2, age = ?3 WHERE ticket = ?1")?
                        .execute(params![number, place.0, place.1])?;
                }
            }
            (None, Some(_)) => {
                self.connection
                    .prepare_cached("INSERT INTO place VALUES(?1, ?2, ?3, ?4)")?
                    .execute(params![number, key::backwards(id), place.0, place.1])?;
                self.neighbours.extend(beside(self.connection, id)?);
                self.neighbours.insert(*id);
            }
        }
        Ok(())
    }

    /// Replaces the relations of a ticket's file, and remembers who waits because of the old or the new ones.
    fn change_relations(&mut self, owner: &TicketId, read: Option<&Read>) -> rusqlite::Result<()> {
        let number = key::number(owner);
        let mut statement = self.connection.prepare_cached(
            "SELECT owner, position, source, kind, target, note, author, at FROM relation
             WHERE owner = ?1 ORDER BY position",
        )?;
        let mut old = Vec::new();
        read::collect(statement.query([number])?, &mut old)?;
        let new = read.map_or(&[][..], |read| &read.relations);
        if old == new {
            return Ok(());
        }
        if !old.is_empty() {
            self.connection.prepare_cached("DELETE FROM relation WHERE owner = ?1")?.execute([number])?;
        }
        build::insert_relations(self.connection, owner, new)?;
        let either = old.iter().chain(new);
        self.waiters.extend(either.filter_map(readiness::waits).map(|(waiter, ..)| waiter));
        Ok(())
    }

    /// Whether a ticket is known, and where it is if it can be read.
    fn known(&self, number: i64) -> rusqlite::Result<Option<Option<Place>>> {
        place(self.connection, number)
    }

    fn row(&self, (state, age, number): Place) -> rusqlite::Result<Summary> {
        row(self.connection, (state, age, number))?.ok_or_else(damaged)
    }

    /// Replaces the row of a ticket, and what follows from it. What other tickets have to do with it stays.
    fn replace(
        &mut self,
        number: i64,
        old: Option<&Summary>,
        new: Option<&ticket::Fields>,
    ) -> rusqlite::Result<()> {
        let connection = self.connection;
        let place = new.map(|new| (row::state_code(new.state), new.age, number));
        let old_place = old.map(place_of);
        if let Some((state, age, number)) = old_place.filter(|old| Some(*old) != place) {
            connection
                .prepare_cached("DELETE FROM row WHERE state = ?1 AND age = ?2 AND ticket = ?3")?
                .execute((state, age, number))?;
        }
        if let (Some(old), Some(place)) = (old, old_place) {
            word::of_fields(old).iter().for_each(|(kind, word)| self.note_word((*kind, word), place, false));
            self.note_gate(old.gate, place, false);
        }
        let mut turn = None;
        if let (Some(new), Some(place)) = (new, place) {
            let blockers = old.map_or(&[][..], |old| &old.blockers);
            let gate = match new.state {
                State::InProgress => new.gate,
                state => readiness::gate(state, blockers, &[]),
            };
            let suffix = old.map_or(id::SHORTEST_SUFFIX, |old| old.suffix);
            let mut whole = row::head(suffix, gate, new.verdict, blockers);
            whole.extend_from_slice(&new.tail);
            connection
                .prepare_cached("INSERT OR REPLACE INTO row VALUES(?1, ?2, ?3, ?4)")?
                .execute(params![place.0, place.1, place.2, whole])?;
            new.words.iter().for_each(|(kind, word)| self.note_word((*kind, word), place, true));
            self.note_gate(gate, place, true);
            turn = new.turn.as_ref().filter(|_| gate == Gate::CanStart);
        }
        let old_turn = old.filter(|old| old.gate == Gate::CanStart).and_then(Turn::of);
        if old_turn.as_ref() != turn {
            old_turn.map_or(Ok(()), |turn| turn.remove(connection, number))?;
            turn.map_or(Ok(()), |turn| turn.insert(connection, number))?;
        }
        Ok(())
    }

    fn note_word(&mut self, (kind, word): (u8, &str), (state, age, number): Place, is_there: bool) {
        self.words.note((kind, word, state), (age, number), is_there);
    }

    /// Notes that a ticket waits for something, or no more.
    fn note_gate(&mut self, gate: Gate, place: Place, is_there: bool) {
        if let Some(word) = word::of_gate(gate) {
            self.note_word(word, place, is_there);
        }
        *self.amounts.entry((place.0, row::gate_code(gate))).or_default() += if is_there { 1 } else { -1 };
    }

    /// Looks again at what a ticket waits for.
    fn judge(&mut self, id: &TicketId) -> rusqlite::Result<()> {
        let Some(Some(place)) = self.known(key::number(id))? else { return Ok(()) };
        let mut summary = self.row(place)?;
        let (blockers, gate) = (blockers(self.connection, id)?, summary.gate);
        if blockers == summary.blockers {
            return Ok(());
        }
        summary.wait_for(blockers);
        self.rewrite(&summary, place)?;
        if summary.gate != gate {
            self.note_gate(gate, place, false);
            self.note_gate(summary.gate, place, true);
            if let Some(turn) = Turn::of(&summary) {
                match summary.gate {
                    Gate::CanStart => turn.insert(self.connection, place.2)?,
                    _ if gate == Gate::CanStart => turn.remove(self.connection, place.2)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Looks again at how many letters tell a ticket's id from all others.
    fn tell_apart(&self, id: &TicketId) -> rusqlite::Result<()> {
        let Some(Some(place)) = self.known(key::number(id))? else { return Ok(()) };
        let mut summary = self.row(place)?;
        let suffix = id::suffix_beside(id, &beside(self.connection, id)?);
        if suffix != summary.suffix {
            summary.suffix = suffix;
            self.rewrite(&summary, place)?;
        }
        Ok(())
    }

    fn rewrite(&self, summary: &Summary, (state, age, number): Place) -> rusqlite::Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("UPDATE row SET row = ?4 WHERE state = ?1 AND age = ?2 AND ticket = ?3")?;
        statement.execute(params![state, age, number, row::whole(summary)]).map(drop)
    }
}

/// Whether a ticket is known, and where it is if it can be read.
pub(super) fn place(connection: &Connection, number: i64) -> rusqlite::Result<Option<Option<Place>>> {
    let mut statement = connection.prepare_cached(PLACE)?;
    place_by(&mut statement, number)
}

/// Whether a ticket is known, and its row if it can be read.
pub(super) fn ticket(connection: &Connection, number: i64) -> rusqlite::Result<Option<Option<Summary>>> {
    let mut statement = connection.prepare_cached(
        "SELECT state, age, row FROM place LEFT JOIN row USING(state, age, ticket) WHERE ticket = ?1",
    )?;
    let mut rows = statement.query([number])?;
    let Some(found) = rows.next()? else { return Ok(None) };
    let (state, age): (Option<u8>, Option<i64>) = (found.get(0)?, found.get(1)?);
    let Some((state, age)) = state.zip(age) else { return Ok(Some(None)) };
    let state = row::state(state).ok_or_else(damaged)?;
    let bytes = found.get_ref(2)?.as_blob().map_err(|_| damaged())?;
    let summary = row::read(key::id(number), state, key::updated_at(age), bytes);
    summary.ok_or_else(damaged).map(|summary| Some(Some(summary)))
}

/// How a ticket's place is asked for.
pub(super) const PLACE: &str = "SELECT state, age FROM place WHERE ticket = ?1";

/// The same for many tickets.
pub(super) fn place_by(statement: &mut Statement, number: i64) -> rusqlite::Result<Option<Option<Place>>> {
    let found: Option<(Option<u8>, Option<i64>)> =
        statement.query_row([number], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.map(|(state, age)| state.zip(age).map(|(state, age)| (state, age, number))))
}

/// The row at a place.
pub(super) fn row(connection: &Connection, (state, age, number): Place) -> rusqlite::Result<Option<Summary>> {
    let mut statement = connection.prepare_cached(ROW)?;
    row_by(&mut statement, (state, age, number))
}

/// How the row at a place is asked for.
pub(super) const ROW: &str = "SELECT row FROM row WHERE state = ?1 AND age = ?2 AND ticket = ?3";

/// The same for many places.
pub(super) fn row_by(
    statement: &mut Statement,
    (state, age, number): Place,
) -> rusqlite::Result<Option<Summary>> {
    let mut rows = statement.query((state, age, number))?;
    let Some(found) = rows.next()? else { return Ok(None) };
    let bytes = found.get_ref(0)?.as_blob().map_err(|_| damaged())?;
    let state = row::state(state).ok_or_else(damaged)?;
    row::read(key::id(number), state, key::updated_at(age), bytes).ok_or_else(damaged).map(Some)
}

fn place_of(summary: &Summary) -> Place {
    (row::state_code(summary.state), key::age(summary.updated_at), key::number(&summary.id))
}

/// The tickets that wait for a ticket.
pub(super) fn waiting_for(connection: &Connection, id: &TicketId) -> rusqlite::Result<BTreeSet<TicketId>> {
    let mut statement = connection.prepare_cached(
        "SELECT source FROM relation WHERE target = ?1 AND kind = ?2
         UNION SELECT target FROM relation WHERE source = ?1 AND kind = ?3",
    )?;
    let kinds = (ticket::kind_code(Kind::DependsOn), ticket::kind_code(Kind::Blocks));
    let numbers = statement.query_map((key::number(id), kinds.0, kinds.1), |row| row.get(0))?;
    numbers.map(|number| number.map(key::id)).collect()
}

/// What a ticket waits for, and where that stands.
fn blockers(connection: &Connection, id: &TicketId) -> rusqlite::Result<Vec<Blocker>> {
    let mut statement = connection.prepare_cached(
        "SELECT target, 0 FROM relation WHERE source = ?1 AND kind = ?2
         UNION SELECT source, 1 FROM relation WHERE target = ?1 AND kind = ?3",
    )?;
    let kinds = (ticket::kind_code(Kind::DependsOn), ticket::kind_code(Kind::Blocks));
    let mut rows = statement.query((key::number(id), kinds.0, kinds.1))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(0)?;
        let via = if row.get::<_, u8>(1)? == 0 { Via::DependsOn } else { Via::BlockedBy };
        let state = match place(connection, number)? {
            Some(Some((code, ..))) => Some(row::state(code).ok_or_else(damaged)?),
            Some(None) | None => None,
        };
        found.push(Blocker { id: key::id(number), via, state });
    }
    found.sort_unstable_by_key(|blocker: &Blocker| (blocker.id, blocker.via));
    Ok(found)
}

/// The tickets whose ids, read from the end, stand just before and just after an id.
fn beside(connection: &Connection, id: &TicketId) -> rusqlite::Result<Vec<TicketId>> {
    let mut found = Vec::new();
    for question in [
        "SELECT ticket FROM place WHERE backwards < ?1 ORDER BY backwards DESC LIMIT 1",
        "SELECT ticket FROM place WHERE backwards > ?1 ORDER BY backwards LIMIT 1",
    ] {
        let mut statement = connection.prepare_cached(question)?;
        let number: Option<i64> = statement.query_row([key::backwards(id)], |row| row.get(0)).optional()?;
        found.extend(number.map(key::id));
    }
    Ok(found)
}

/// The state of a ticket that can be read.
pub(super) fn state(connection: &Connection, id: &TicketId) -> rusqlite::Result<Option<State>> {
    match place(connection, key::number(id))? {
        Some(Some((code, ..))) => row::state(code).ok_or_else(damaged).map(Some),
        Some(None) | None => Ok(None),
    }
}
