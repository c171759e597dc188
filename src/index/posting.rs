//! Which tickets have a word: lists of places, kept in pieces.
//!
//! A list holds the tickets of one state that have one word, the last changed first. A piece of it is some hundred
//! tickets in one row: going through a list reads a hundredth of the rows it would have one by one, and a change
//! rewrites one piece. A piece's key is no later than its first ticket and later than the last ticket of the piece
//! before; the first piece's comes before everything.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::damaged;

/// What is made before rows are put in.
pub(super) const TABLES: &str = "
CREATE TABLE word(
    kind INTEGER, word TEXT,      -- super::word
    state INTEGER,
    age INTEGER, ticket INTEGER,  -- where the piece begins
    number INTEGER NOT NULL,      -- how many tickets are in it
    spots BLOB NOT NULL,          -- which: super::posting
    PRIMARY KEY(kind, word, state, age, ticket)
) WITHOUT ROWID;
";

/// Where a ticket is within its state: age, number.
pub(super) type Spot = (i64, i64);

/// What a list is of: the kind of the word, the word, the state.
pub(super) type List = (u8, String, u8);

/// Where the first piece of a list begins.
const START: Spot = (i64::MIN, i64::MIN);

/// The most bytes in a piece: with its key it fits into a quarter of a page, where SQLite keeps it whole.
const LENGTH: usize = 900;

/// Writes lists where there are none. They have to be in order, and each list as well.
pub(super) struct Writer<'c> {
    insert: rusqlite::Statement<'c>,
}

impl<'c> Writer<'c> {
    pub(super) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Writer { insert: connection.prepare("INSERT INTO word VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")? })
    }

    /// Writes a list.
    pub(super) fn list(
        &mut self,
        (kind, word, state): (u8, &str, u8),
        spots: impl IntoIterator<Item = Spot>,
    ) -> rusqlite::Result<()> {
        let mut piece = Packer::default();
        let mut begin = START;
        for spot in spots {
            if piece.bytes.len() + Packer::MOST > LENGTH {
                let full = std::mem::take(&mut piece);
                self.piece((kind, word, state), begin, &full)?;
                begin = spot;
            }
            piece.push(spot);
        }
        if piece.number == 0 { Ok(()) } else { self.piece((kind, word, state), begin, &piece) }
    }

    fn piece(
        &mut self,
        (kind, word, state): (u8, &str, u8),
        (age, ticket): Spot,
        piece: &Packer,
    ) -> rusqlite::Result<()> {
        self.insert.execute(params![kind, word, state, age, ticket, piece.number, piece.bytes]).map(drop)
    }
}

/// What is to change in lists: of each ticket in them, how many times more it is there.
#[derive(Default)]
pub(super) struct Changes(BTreeMap<List, BTreeMap<Spot, i32>>);

impl Changes {
    /// Notes that a ticket has a word, or no more, somewhere.
    pub(super) fn note(&mut self, (kind, word, state): (u8, &str, u8), spot: Spot, is_there: bool) {
        let list = self.0.entry((kind, word.to_owned(), state)).or_default();
        *list.entry(spot).or_default() += if is_there { 1 } else { -1 };
    }

    /// Makes them.
    pub(super) fn apply(self, connection: &Connection) -> rusqlite::Result<()> {
        for (list, changes) in self.0 {
            let changes: Vec<(Spot, bool)> =
                changes.into_iter().filter(|(_, by)| *by != 0).map(|(spot, by)| (spot, by > 0)).collect();
            let mut rest = changes.as_slice();
            while let Some(((first, _), more)) = rest.split_first() {
                let mut piece = Piece::around(connection, &list, *first)?;
                let end = if more.is_empty() { None } else { piece.end(connection, &list)? };
                let here = rest.partition_point(|(spot, _)| end.is_none_or(|end| *spot < end));
                piece.change(&rest[..here])?;
                piece.write(connection, &list)?;
                rest = &rest[here..];
            }
        }
        Ok(())
    }
}

/// A piece of a list that is being changed.
struct Piece {
    begin: Spot,
    is_there: bool,
    spots: Vec<Spot>,
}

impl Piece {
    /// The piece in which a place is, or would be.
    fn around(connection: &Connection, list: &List, (age, ticket): Spot) -> rusqlite::Result<Self> {
        let (kind, word, state) = list;
        let mut statement = connection.prepare_cached(
            "SELECT age, ticket, spots FROM word
             WHERE kind = ?1 AND word = ?2 AND state = ?3 AND (age, ticket) <= (?4, ?5)
             ORDER BY age DESC, ticket DESC LIMIT 1",
        )?;
        let read = |row: &rusqlite::Row| {
            let mut spots = Vec::new();
            let bytes = row.get_ref(2)?.as_blob().map_err(|_| damaged())?;
            unpack(bytes, |spot| spots.push(spot)).ok_or_else(damaged)?;
            Ok(Piece { begin: (row.get(0)?, row.get(1)?), is_there: true, spots })
        };
        let found = statement.query_row(params![kind, word, state, age, ticket], read).optional()?;
        Ok(found.unwrap_or(Piece { begin: START, is_there: false, spots: Vec::new() }))
    }

    /// Where the next piece begins.
    fn end(&self, connection: &Connection, (kind, word, state): &List) -> rusqlite::Result<Option<Spot>> {
        let mut statement = connection.prepare_cached(
            "SELECT age, ticket FROM word
             WHERE kind = ?1 AND word = ?2 AND state = ?3 AND (age, ticket) > (?4, ?5)
             ORDER BY age, ticket LIMIT 1",
        )?;
        let (age, ticket) = self.begin;
        let spot = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?));
        statement.query_row(params![kind, word, state, age, ticket], spot).optional()
    }

    /// Takes tickets out and puts others in. What is not as it was thought to be is damage.
    fn change(&mut self, changes: &[(Spot, bool)]) -> rusqlite::Result<()> {
        let mut old = std::mem::take(&mut self.spots).into_iter().peekable();
        for (spot, is_there) in changes {
            while let Some(before) = old.next_if(|known| known < spot) {
                self.spots.push(before);
            }
            let was_there = old.next_if_eq(spot).is_some();
            if was_there == *is_there {
                return Err(damaged());
            }
            self.spots.extend(is_there.then_some(*spot));
        }
        self.spots.extend(old);
        Ok(())
    }

    /// Writes it in the place of what was there; in halves, as long as it is too large.
    fn write(&self, connection: &Connection, (kind, word, state): &List) -> rusqlite::Result<()> {
        let (age, ticket) = self.begin;
        if self.spots.is_empty() {
            if !self.is_there {
                return Ok(());
            }
            let mut statement = connection.prepare_cached(
                "DELETE FROM word WHERE kind = ?1 AND word = ?2 AND state = ?3 AND age = ?4 AND ticket = ?5",
            )?;
            return statement.execute(params![kind, word, state, age, ticket]).map(drop);
        }
        let mut statement =
            connection.prepare_cached("INSERT OR REPLACE INTO word VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        let mut open = vec![(self.begin, self.spots.as_slice())];
        while let Some(((age, ticket), spots)) = open.pop() {
            let mut packer = Packer::default();
            spots.iter().for_each(|spot| packer.push(*spot));
            if packer.bytes.len() > LENGTH {
                let (left, right) = spots.split_at(spots.len() / 2);
                open.extend([((age, ticket), left), (right[0], right)]);
                continue;
            }
            statement.execute(params![kind, word, state, age, ticket, packer.number, packer.bytes])?;
        }
        Ok(())
    }
}

/// How many tickets are in a list.
pub(super) fn count(connection: &Connection, (kind, word, state): (u8, &str, u8)) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(
        "SELECT coalesce(sum(number), 0) FROM word WHERE kind = ?1 AND word = ?2 AND state = ?3",
    )?;
    let number: i64 = statement.query_row(params![kind, word, state], |row| row.get(0))?;
    Ok(usize::try_from(number).unwrap_or(0))
}

/// Goes through a list, piece by piece, as long as `take` wants another piece.
fn each(
    connection: &Connection,
    (kind, word, state): (u8, &str, u8),
    mut take: impl FnMut(&[u8]) -> Option<bool>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT spots FROM word WHERE kind = ?1 AND word = ?2 AND state = ?3 ORDER BY age, ticket",
    )?;
    let mut rows = statement.query(params![kind, word, state])?;
    while let Some(row) = rows.next()? {
        let bytes = row.get_ref(0)?.as_blob().map_err(|_| damaged())?;
        if !take(bytes).ok_or_else(damaged)? {
            break;
        }
    }
    Ok(())
}

/// The first places in a list.
pub(super) fn first(
    connection: &Connection,
    list: (u8, &str, u8),
    most: usize,
) -> rusqlite::Result<Vec<Spot>> {
    let mut found = Vec::new();
    each(connection, list, |bytes| {
        unpack(bytes, |spot| found.push(spot))?;
        Some(found.len() < most)
    })?;
    found.truncate(most);
    Ok(found)
}

/// The places that are in all lists of some words in a state.
pub(super) fn shared(
    connection: &Connection,
    words: &[(u8, String)],
    state: u8,
) -> rusqlite::Result<Vec<Spot>> {
    let Some(((kind, word), more)) = words.split_first() else { return Ok(Vec::new()) };
    let mut found = first(connection, (*kind, word, state), usize::MAX)?;
    for (kind, word) in more {
        let (mut next, mut kept) = (0, 0);
        each(connection, (*kind, word, state), |bytes| {
            unpack(bytes, |spot| {
                while found.get(next).is_some_and(|known| *known < spot) {
                    next += 1;
                }
                if found.get(next) == Some(&spot) {
                    found[kept] = spot;
                    (next, kept) = (next + 1, kept + 1);
                }
            })?;
            Some(next < found.len())
        })?;
        found.truncate(kept);
    }
    Ok(found)
}

/// Places as bytes: of each how it differs from the one before. One byte says how many bytes follow for the age and
/// how many for the number, then they come, the lowest first.
#[derive(Default)]
struct Packer {
    bytes: Vec<u8>,
    number: i64,
    last: Spot,
}

impl Packer {
    /// The most bytes of one place.
    const MOST: usize = 17;

    fn push(&mut self, spot: Spot) {
        let differences = [spot.0.wrapping_sub(self.last.0), spot.1.wrapping_sub(self.last.1)];
        // The sign goes to the end: small numbers of either sign are short.
        let parts = differences.map(|difference| ((difference << 1) ^ (difference >> 63)) as u64);
        let [age, ticket] = parts.map(|part| (u64::BITS - part.leading_zeros()).div_ceil(u8::BITS) as usize);
        self.bytes.push((age | ticket << 4) as u8);
        self.bytes.extend_from_slice(&parts[0].to_le_bytes()[..age]);
        self.bytes.extend_from_slice(&parts[1].to_le_bytes()[..ticket]);
        self.number += 1;
        self.last = spot;
    }
}

/// Reads places; `None` when the bytes are damaged.
fn unpack(bytes: &[u8], mut take: impl FnMut(Spot)) -> Option<()> {
    let (mut rest, mut last): (_, Spot) = (bytes, (0, 0));
    while let Some((lengths, more)) = rest.split_first() {
        let (age, more) = difference(more, usize::from(lengths & 15))?;
        let (ticket, more) = difference(more, usize::from(lengths >> 4))?;
        last = (last.0.wrapping_add(age), last.1.wrapping_add(ticket));
        take(last);
        rest = more;
    }
    Some(())
}

/// Reads a number of so many bytes.
fn difference(bytes: &[u8], length: usize) -> Option<(i64, &[u8])> {
    let value = match (bytes.first_chunk::<8>(), length) {
        (_, 0) => 0,
        // Eight bytes at once, and away with those that are others'.
        (Some(eight), 1..=8) => u64::from_le_bytes(*eight) & (u64::MAX >> (u64::BITS as usize - 8 * length)),
        (None, 1..8) => {
            let mut eight = [0; 8];
            eight[..length].copy_from_slice(bytes.get(..length)?);
            u64::from_le_bytes(eight)
        }
        _ => return None,
    };
    Some(((value >> 1) as i64 ^ -((value & 1) as i64), &bytes[length..]))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn spot() -> impl Strategy<Value = Spot> {
        let age = prop_oneof![-40_i64..40, any::<i64>(), Just(i64::MAX), Just(i64::MIN)];
        (age, prop_oneof![0_i64..9, any::<i64>()])
    }

    fn database() -> Connection {
        let connection = Connection::open_in_memory().expect("a database");
        connection.execute_batch(TABLES).expect("tables");
        connection
    }

    fn list_of(connection: &Connection, word: &str) -> Vec<Spot> {
        let found = first(connection, (1, word, 2), usize::MAX).expect("a list");
        assert_eq!(count(connection, (1, word, 2)).expect("a number"), found.len());
        found
    }

    #[test]
    fn damaged_places_are_not_read() {
        let mut packer = Packer::default();
        packer.push((-1_782_398_643, 1_782_398_643_212));
        packer.push((i64::MAX, i64::MIN));
        let first = 1 + 4 + 6;
        for end in (1..packer.bytes.len()).filter(|end| *end != first) {
            assert_eq!(unpack(&packer.bytes[..end], |_| ()), None, "{end}");
        }
        assert_eq!(unpack(&[0xff; 12], |_| ()), None);
    }

    proptest! {
        #[test]
        fn a_list_is_what_was_put_in_less_what_was_taken_out(
            begun in proptest::collection::btree_set(spot(), 0..600),
            turns in proptest::collection::vec(proptest::collection::btree_set(spot(), 0..200), 0..5),
            other in proptest::collection::btree_set(spot(), 0..300),
        ) {
            let connection = database();
            let mut writer = Writer::new(&connection).expect("a writer");
            writer.list((1, "a", 2), begun.iter().copied()).expect("a list");
            writer.list((1, "b", 2), other.iter().copied()).expect("a list");
            drop(writer);
            let mut wanted = begun;
            for turn in turns {
                let mut changes = Changes::default();
                // Each is taken out and put in again, besides.
                for spot in &turn {
                    let was_there = wanted.contains(spot);
                    changes.note((1, "a", 2), *spot, !was_there);
                    changes.note((1, "a", 2), *spot, was_there);
                    changes.note((1, "a", 2), *spot, !was_there);
                    if was_there { wanted.remove(spot) } else { wanted.insert(*spot) };
                }
                changes.apply(&connection).expect("changes");
                prop_assert_eq!(list_of(&connection, "a"), wanted.iter().copied().collect::<Vec<_>>());
            }
            prop_assert_eq!(list_of(&connection, "b"), other.iter().copied().collect::<Vec<_>>());
            let words = [(1, "a".to_owned()), (1, "b".to_owned())];
            let both: Vec<Spot> = wanted.intersection(&other).copied().collect();
            prop_assert_eq!(shared(&connection, &words, 2).expect("both"), both);
            let some: Vec<Spot> = wanted.iter().take(5).copied().collect();
            prop_assert_eq!(first(&connection, (1, "a", 2), 5).expect("some"), some);
            let whole: BTreeSet<Spot> = wanted;
            let mut changes = Changes::default();
            whole.iter().for_each(|spot| changes.note((1, "a", 2), *spot, false));
            changes.apply(&connection).expect("changes");
            let left: i64 = connection
                .query_row("SELECT count(*) FROM word WHERE word = 'a'", (), |row| row.get(0))
                .expect("a number");
            prop_assert_eq!(left, 0);
        }

        #[test]
        fn what_is_not_as_it_was_thought_to_be_is_damage(known in spot(), is_there in any::<bool>()) {
            let connection = database();
            let mut changes = Changes::default();
            changes.note((1, "a", 2), known, true);
            changes.apply(&connection).expect("changes");
            let mut changes = Changes::default();
            let other = (known.0, known.1.wrapping_add(1));
            changes.note((1, "a", 2), if is_there { known } else { other }, is_there);
            prop_assert!(changes.apply(&connection).is_err());
        }
    }
}
