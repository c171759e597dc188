//! The tables of what threads tell, filled and changed.
//!
//! `ticket` is the number of a ticket: [`key::number`]. What is kept of a ticket is replaced as a whole.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::store::snapshot::Snapshot;

use super::super::pass::{self, Changed};
use super::super::{Index, Reach, Version, damaged, key};
use super::ticket::{self, Read};

/// The number of these tables.
pub(super) const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE person(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE thread(
    ticket INTEGER PRIMARY KEY,
    creator INTEGER,       -- a person
    times BLOB NOT NULL    -- the seconds of its rows in event, eight bytes each, little end first
);
CREATE TABLE event(at INTEGER, ticket INTEGER, PRIMARY KEY(at, ticket)) WITHOUT ROWID;
CREATE TABLE mention(ticket INTEGER, start INTEGER, PRIMARY KEY(ticket, start)) WITHOUT ROWID;
CREATE TABLE work(ticket INTEGER, change INTEGER, PRIMARY KEY(ticket, change)) WITHOUT ROWID;
CREATE TABLE missing(ticket INTEGER, name TEXT, PRIMARY KEY(ticket, name)) WITHOUT ROWID;
CREATE TABLE faulty(ticket INTEGER PRIMARY KEY);
";

/// What is made afterwards: that is faster than keeping it up row by row.
const ORDERS: &str = "
CREATE INDEX thread_creator ON thread(creator);
CREATE INDEX mention_start ON mention(start);
CREATE INDEX work_change ON work(change);
";

/// Reads every thread of a version and writes a new file.
pub(super) fn build(path: &Path, snapshot: &Snapshot, progress: &dyn Fn(usize, usize)) -> Option<()> {
    let mut tickets = Vec::new();
    let version = pass::read_all(snapshot, ticket::read, |read| tickets.push(read), progress)?;
    tickets.sort_unstable_by_key(|ticket| key::number(&ticket.id));
    let fill = |transaction: &Transaction| {
        transaction.execute_batch(TABLES)?;
        let mut tables = Tables { connection: transaction, people: HashMap::new() };
        tickets.iter().try_for_each(|read| tables.insert(read))?;
        // In their order: each page is written once.
        let mut events: Vec<(i64, i64)> = tickets.iter().flat_map(events).collect();
        events.sort_unstable();
        events.into_iter().try_for_each(|event| tables.insert_event(event))?;
        transaction.execute_batch(ORDERS)
    };
    pass::write(path, &super::THREADS, &version, fill).ok()
}

/// Takes over what differs between the version the tables tell of and a snapshot.
pub(super) fn patch(index: &Index, snapshot: &Snapshot, to: &Version) -> rusqlite::Result<Reach> {
    pass::patch(index, snapshot, to, ticket::read, |connection, changed| {
        let mut tables = Tables { connection, people: HashMap::new() };
        changed.iter().try_for_each(|changed| tables.replace(changed))
    })
}

fn events(read: &Read) -> impl Iterator<Item = (i64, i64)> + '_ {
    let number = key::number(&read.id);
    read.times.iter().map(move |at| (*at, number))
}

struct Tables<'c> {
    connection: &'c Connection,
    /// The numbers of people, by name.
    people: HashMap<String, i64>,
}

impl Tables<'_> {
    fn replace(&mut self, (id, read): &Changed<Read>) -> rusqlite::Result<()> {
        let number = key::number(id);
        let before = self.remove(number)?;
        let after = read.as_ref().map_or(&[][..], |read| &read.times);
        // Threads grow at their ends: most of it stays.
        for at in before.iter().filter(|at| after.binary_search(at).is_err()) {
            self.connection
                .prepare_cached("DELETE FROM event WHERE at = ?1 AND ticket = ?2")?
                .execute((at, number))?;
        }
        let new = after.iter().filter(|at| !before.contains(at));
        new.map(|at| (*at, number)).try_for_each(|event| self.insert_event(event))?;
        read.iter().try_for_each(|read| self.insert(read))
    }

    /// Removes everything but the events, and tells when those were written.
    fn remove(&self, number: i64) -> rusqlite::Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached("SELECT times FROM thread WHERE ticket = ?1")?;
        let times: Option<Vec<u8>> = statement.query_row([number], |row| row.get(0)).optional()?;
        let Some(times) = times else { return Ok(Vec::new()) };
        let (times, rest) = times.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(damaged());
        }
        for table in ["thread", "mention", "work", "missing", "faulty"] {
            let question = format!("DELETE FROM {table} WHERE ticket = ?1");
            self.connection.prepare_cached(&question)?.execute([number])?;
        }
        Ok(times.iter().map(|at| i64::from_le_bytes(*at)).collect())
    }

    /// Inserts everything but the events.
    fn insert(&mut self, read: &Read) -> rusqlite::Result<()> {
        let number = key::number(&read.id);
        let creator = read.creator.as_deref().map(|name| self.person(name)).transpose()?;
        let times: Vec<u8> = read.times.iter().flat_map(|at| at.to_le_bytes()).collect();
        self.connection
            .prepare_cached("INSERT INTO thread VALUES(?1, ?2, ?3)")?
            .execute(params![number, creator, times])?;
        for start in &read.starts {
            self.connection.prepare_cached("INSERT INTO mention VALUES(?1, ?2)")?.execute((number, start))?;
        }
        for change in &read.changes {
            self.connection.prepare_cached("INSERT INTO work VALUES(?1, ?2)")?.execute((number, change))?;
        }
        for name in &read.missing {
            self.connection.prepare_cached("INSERT INTO missing VALUES(?1, ?2)")?.execute((number, name))?;
        }
        if read.is_faulty {
            self.connection.prepare_cached("INSERT INTO faulty VALUES(?1)")?.execute([number])?;
        }
        Ok(())
    }

    fn insert_event(&self, (at, number): (i64, i64)) -> rusqlite::Result<()> {
        self.connection.prepare_cached("INSERT INTO event VALUES(?1, ?2)")?.execute((at, number)).map(drop)
    }

    /// The number of a person, who gets one when there is none.
    fn person(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.people.get(name) {
            return Ok(*number);
        }
        let mut statement = self.connection.prepare_cached("SELECT number FROM person WHERE name = ?1")?;
        let known: Option<i64> = statement.query_row([name], |row| row.get(0)).optional()?;
        let number = match known {
            Some(number) => number,
            None => {
                let mut statement = self.connection.prepare_cached("INSERT INTO person(name) VALUES(?1)")?;
                statement.insert([name])?
            }
        };
        self.people.insert(name.to_owned(), number);
        Ok(number)
    }
}
