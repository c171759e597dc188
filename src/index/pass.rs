//! Passes over the tickets: each makes tables in a file of its own, which is made, brought from one version to
//! another and thrown away by itself.

use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use crate::format::layout;
use crate::model::id::TicketId;
use crate::store::StoreError;
use crate::store::snapshot::{Files, Snapshot};

use super::{Index, Reach, Version};

/// How a pass is made.
pub(super) struct Pass {
    /// The name of its file.
    pub(super) file: &'static str,
    /// The name of the file that whoever makes it locks.
    pub(super) lock: &'static str,
    /// Its name in the table `pass`.
    pub(super) name: &'static str,
    /// The number of its tables: another one in the file means that it is made anew.
    pub(super) version: i64,
    /// Makes a file of a version. `None` when that can't be done now.
    pub(super) build: Build,
    /// Takes over what differs between the version the file tells of and another one.
    pub(super) patch: fn(&Index, &Snapshot, &Version) -> rusqlite::Result<Reach>,
}

/// Makes a file of a version, and tells how many of how many folders of tickets are read.
pub(super) type Build = fn(&Path, &Snapshot, &dyn Fn(usize, usize)) -> Option<()>;

/// The table each file has: which version the other tables tell of.
const TABLE: &str = "
CREATE TABLE pass(
    name TEXT PRIMARY KEY, -- which tables
    tip TEXT NOT NULL,     -- the commit on the ref that they tell of
    root TEXT NOT NULL,    -- its tree
    format INTEGER NOT NULL
) WITHOUT ROWID;
";

/// With so many tickets changed, many pages are changed more than once.
const MANY: usize = 100;

/// Sixteen mebibytes of pages.
const BIG_CACHE: &str = "PRAGMA cache_size = -16384";

/// Reads every ticket of a version, by several threads, and hands them over in no order. `None` when a ticket's files
/// can't be had now.
pub(super) fn read_all<T: Send>(
    snapshot: &Snapshot,
    read: fn(&Snapshot, &Files) -> Result<T, StoreError>,
    mut hand: impl FnMut(T),
    progress: &dyn Fn(usize, usize),
) -> Option<Version> {
    if snapshot.format().ok()? != layout::VERSION {
        return None;
    }
    let version = Version { tip: snapshot.tip()?, root: snapshot.root_name().ok()?? };
    let (mut done, total) = (0, snapshot.leaves().ok()?.len());
    let read = |snapshot: &Snapshot, files: &[Files]| {
        files.iter().map(|files| read(snapshot, files)).collect::<Result<Vec<T>, _>>()
    };
    let take = |read: Vec<T>| {
        read.into_iter().for_each(&mut hand);
        done += 1;
        progress(done, total);
    };
    snapshot.each_leaf(read, take).ok()?;
    Some(version)
}

/// Writes a new file that nobody knows of yet: `fill` makes the tables.
pub(super) fn write(
    path: &Path,
    pass: &Pass,
    version: &Version,
    fill: impl FnOnce(&Transaction) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut connection = Connection::open(path)?;
    // Nobody knows of the file before it is finished.
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE",
    )?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(TABLE)?;
    fill(&transaction)?;
    transaction.execute(
        "INSERT INTO pass VALUES(?1, ?2, ?3, ?4)",
        params![pass.name, version.tip, version.root, layout::VERSION],
    )?;
    transaction.pragma_update(None, "user_version", pass.version)?;
    transaction.commit()?;
    connection.execute_batch(
        "PRAGMA locking_mode = NORMAL; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL",
    )?;
    connection.close().map_err(|(_, error)| error)
}

/// A ticket that differs between two versions, as it is in the later one; `None` when it is gone.
pub(super) type Changed<T> = (TicketId, Option<T>);

/// Takes over what differs between the version a file tells of and a snapshot: `read` reads the tickets, `apply`
/// changes the tables.
pub(super) fn patch<T: Send>(
    index: &Index,
    snapshot: &Snapshot,
    to: &Version,
    read: fn(&Snapshot, &Files) -> Result<T, StoreError>,
    apply: impl FnOnce(&Connection, &[Changed<T>]) -> rusqlite::Result<()>,
) -> rusqlite::Result<Reach> {
    let Some(from) = index.version()? else { return Ok(Reach::Never) };
    // Everything is read before the turn to write is taken: others wait for no more than the writing.
    let Ok(changes) = snapshot.changed_since(&from.root) else { return Ok(Reach::Never) };
    let read = |snapshot: &Snapshot, (id, files): &(TicketId, Option<Files>)| match files {
        Some(files) => read(snapshot, files).map(|read| (*id, Some(read))),
        None => Ok((*id, None)),
    };
    let Ok(changed) = snapshot.each_of(&changes, read) else {
        return Ok(Reach::NotNow);
    };
    if changed.len() > MANY {
        // Else each page is written as often as it falls out of the small cache.
        index.connection.execute_batch(BIG_CACHE)?;
    }
    take_over(index, |now| *now == from, to, |connection| apply(connection, &changed))
}

/// Changes the tables of a file, if it tells of the version that the changes begin at.
pub(super) fn take_over(
    index: &Index,
    is_from: impl Fn(&Version) -> bool,
    to: &Version,
    apply: impl FnOnce(&Connection) -> rusqlite::Result<()>,
) -> rusqlite::Result<Reach> {
    if !index.begin()? {
        return Ok(Reach::NotNow);
    }
    if !index.version()?.as_ref().is_some_and(is_from) {
        index.connection.execute_batch("ROLLBACK")?;
        return Ok(Reach::NotNow);
    }
    let patched = apply(&index.connection).and_then(|()| {
        let mut statement = index
            .connection
            .prepare_cached("UPDATE pass SET tip = ?2, root = ?3, format = ?4 WHERE name = ?1")?;
        statement.execute(params![index.pass.name, to.tip, to.root, layout::VERSION]).map(drop)
    });
    crate::host::failpoint::step("an index is changed");
    index.connection.execute_batch(if patched.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    crate::host::failpoint::step("the change of an index is kept");
    if patched.is_ok() {
        index.shorten_log();
    }
    patched.map(|()| Reach::Done)
}
