//! What threads tell of many tickets: who made them, when events were written, which commits they name.
//!
//! A pass of its own, in `yoi/threads.db`: it has to read every thread, so it is made when somebody first asks, and
//! brought along when somebody asks again; no list and no write waits for it. Of commits it holds no more than is
//! needed to find the tickets that may name one: those tickets are then read.

mod tables;
mod ticket;

use crate::model::commit::AuthorKey;
use crate::model::id::TicketId;
use crate::model::query::{Pattern, Span};
use crate::store::Store;
use crate::store::snapshot::Snapshot;

use super::pass::Pass;
use super::{Derived, Index, Reach, build_pass, key};

/// The pass.
pub(super) static THREADS: Pass = Pass {
    file: FILE,
    lock: "threads.lock",
    name: "threads",
    version: tables::VERSION,
    build: tables::build,
    patch: tables::patch,
};

/// The name of its file.
pub const FILE: &str = "threads.db";

/// What threads tell, opened.
pub struct Threads(Index);

impl Derived for Threads {
    fn open(store: &Store) -> Option<Self> {
        Index::open_pass(&THREADS, store).map(Threads)
    }

    fn reach(&self, snapshot: &Snapshot) -> Reach {
        self.0.go_to(snapshot)
    }

    fn build(store: &Store, snapshot: &Snapshot, progress: &dyn Fn(usize, usize)) -> Option<Self> {
        build_pass(&THREADS, store, snapshot, progress).map(Threads)
    }
}

impl Threads {
    /// Whether it tells of a version, how many tickets it knows, and the size of its file in bytes.
    pub fn version_found(&self, snapshot: &Snapshot) -> Option<(bool, usize, u64)> {
        let known =
            self.0.connection.query_row("SELECT count(*) FROM thread", (), |row| row.get::<_, i64>(0));
        self.0.found(snapshot, usize::try_from(known.ok()?).unwrap_or(0))
    }

    /// The tickets that somebody like that made, in no order; also those whose fields can't be read. A ticket whose
    /// thread doesn't tell or can't be understood was made by nobody.
    pub fn made_by(&self, pattern: &Pattern) -> Option<Vec<TicketId>> {
        let read = || {
            let mut found = Vec::new();
            if pattern.fits(&[]) {
                found.extend(self.0.ids("SELECT ticket FROM thread WHERE creator IS NULL", ())?);
            }
            let mut statement = self.0.connection.prepare_cached("SELECT number, name FROM person")?;
            let mut people = statement.query(())?;
            while let Some(person) = people.next()? {
                let (number, name): (i64, String) = (person.get(0)?, person.get(1)?);
                if pattern.fits(&[name]) {
                    found.extend(self.0.ids("SELECT ticket FROM thread WHERE creator = ?1", [number])?);
                }
            }
            Ok(found)
        };
        self.0.told(read())
    }

    /// The tickets with an event that was written in a span of time, in no order.
    pub fn with_event(&self, span: Span) -> Option<Vec<TicketId>> {
        let from = span.from.map_or(i64::MIN, |from| from.seconds());
        let before = span.before.map_or(i64::MAX, |before| before.seconds());
        let question = "SELECT DISTINCT ticket FROM event WHERE at >= ?1 AND at < ?2";
        self.0.told(self.0.ids(question, (from, before)))
    }

    /// The tickets that may name a commit: none that does is left out.
    pub fn naming(&self, commit: &str, key: &AuthorKey) -> Option<Vec<TicketId>> {
        let read = || {
            let question = "SELECT ticket FROM work WHERE change = ?1";
            let mut found = self.0.ids(question, [ticket::change(key)])?;
            if let Some(start) = ticket::start(commit) {
                found.extend(self.0.ids("SELECT ticket FROM mention WHERE start = ?1", [start])?);
            }
            Ok(found)
        };
        self.0.told(read())
    }

    /// The tickets that can't be understood, which whoever asks for commits has to look at himself, in order of id.
    pub fn faulty(&self) -> Option<Vec<TicketId>> {
        self.0.told(self.0.ids("SELECT ticket FROM faulty ORDER BY ticket DESC", ()))
    }

    /// The commits that tickets name and that were not in this clone when the ticket was read, with the ticket.
    pub fn missing(&self) -> Option<Vec<(TicketId, String)>> {
        let read = || {
            let mut statement = self.0.connection.prepare_cached("SELECT ticket, name FROM missing")?;
            let rows = statement.query_map((), |row| Ok((key::id(row.get(0)?), row.get(1)?)))?;
            rows.collect()
        };
        self.0.told(read())
    }
}
