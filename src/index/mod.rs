//! A derived index of the tickets, in `yoi/index.db` of the folder that all worktrees share.
//!
//! It makes nothing possible that the ref doesn't: without it every answer is the same, and slower. So whatever
//! is wrong with it (another version, damage, a file system that can't be written) is no error of a command:
//! functions here answer with `None`, and whoever asked reads the ref. It can be deleted at any time.
//!
//! An index tells of one version of the ref, named by commit and tree. Another version is reached by changing
//! what differs between the two trees, so the cost grows with what changed. A reader reads within one
//! transaction and never waits for a writer.

mod ahead;
mod build;
pub mod check;
mod key;
mod look;
mod pass;
mod patch;
mod posting;
mod read;
mod row;
mod schema;
mod start;
mod stream;
pub mod text;
pub mod threads;
mod ticket;
mod title;
mod word;

use std::cell::RefCell;
use std::fs::{File, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use crate::format::layout;
use crate::store::Store;
use crate::store::snapshot::Snapshot;

use pass::Pass;

pub use ahead::Ahead;
pub use look::Look;
pub use read::Selection;
pub use start::{Held, Line, Planned, Stated};
pub use stream::Told;

/// How long a writer waits for another one: what is not written now is written later.
const PATIENCE: Duration = Duration::from_millis(200);

/// A log of more bytes is long: some fifteen writes where there are very many tickets.
const LOG: u64 = 400 << 10;

/// The pass that lists ask: it never waits for the others.
static TICKETS: Pass = Pass {
    file: FILE,
    lock: "index.lock",
    name: "tickets",
    version: schema::VERSION,
    build: build::build,
    patch: patch::patch,
};

/// An index that was opened.
pub struct Index {
    pass: &'static Pass,
    connection: Connection,
    path: PathBuf,
    /// The file that was opened: another one may have taken its place.
    file: Option<Metadata>,
    can_write: bool,
    /// The version the open transaction reads, by its commit.
    reading: RefCell<Option<String>>,
}

/// Whether an index tells of the version that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It does.
    Done,
    /// It can't now: somebody else writes, or nobody can.
    NotNow,
    /// It can't get there from where it is: it has to be made anew.
    Never,
}

/// What an index tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Version {
    tip: String,
    root: String,
}

/// The name of its file.
pub const FILE: &str = "index.db";

/// The file of the index, be it there or not.
pub fn path(store: &Store) -> PathBuf {
    file_of(&TICKETS, store)
}

fn file_of(pass: &Pass, store: &Store) -> PathBuf {
    store.own_dir().join(pass.file)
}

/// What is derived from the tickets and asked before they are read.
pub trait Derived: Sized {
    /// Opens it; `None` when there is none that can be used.
    fn open(store: &Store) -> Option<Self>;

    /// Makes it tell of a version, by changing what differs, and reads that from now on.
    fn reach(&self, snapshot: &Snapshot) -> Reach;

    /// Makes it of a version. `None` when that can't be done now, or somebody else is at it. `progress` is told how
    /// many folders of tickets of how many are read.
    fn build(store: &Store, snapshot: &Snapshot, progress: &dyn Fn(usize, usize)) -> Option<Self>;
}

impl Derived for Index {
    fn open(store: &Store) -> Option<Self> {
        Index::open_pass(&TICKETS, store)
    }

    fn reach(&self, snapshot: &Snapshot) -> Reach {
        self.go_to(snapshot)
    }

    fn build(store: &Store, snapshot: &Snapshot, progress: &dyn Fn(usize, usize)) -> Option<Self> {
        build_pass(&TICKETS, store, snapshot, progress)
    }
}

impl Index {
    fn open_pass(pass: &'static Pass, store: &Store) -> Option<Self> {
        let path = file_of(pass, store);
        let file = std::fs::metadata(&path).ok()?;
        let index = connect(pass, &path, file)?;
        match index.is_ours() {
            Ok(true) => Some(index),
            Ok(false) => {
                discard(&path);
                None
            }
            Err(error) => {
                index.give_up(&error);
                None
            }
        }
    }

    fn is_ours(&self) -> rusqlite::Result<bool> {
        let version: i64 = self.connection.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        Ok(version == self.pass.version)
    }

    fn go_to(&self, snapshot: &Snapshot) -> Reach {
        let Some(tip) = snapshot.tip() else { return Reach::NotNow };
        if self.reading.borrow().as_ref() == Some(&tip) {
            return Reach::Done;
        }
        let reached = self.try_reach(snapshot, &tip).unwrap_or_else(|error| {
            self.give_up(&error);
            if is_damage(&error) { Reach::Never } else { Reach::NotNow }
        });
        if reached == Reach::Done {
            *self.reading.borrow_mut() = Some(tip);
        }
        reached
    }

    fn try_reach(&self, snapshot: &Snapshot, tip: &str) -> rusqlite::Result<Reach> {
        self.leave()?;
        self.connection.execute_batch("BEGIN")?;
        if self.version()?.is_some_and(|version| version.tip == tip) {
            return Ok(Reach::Done);
        }
        self.connection.execute_batch("COMMIT")?;
        let Ok(Some(root)) = snapshot.root_name() else { return Ok(Reach::NotNow) };
        if !self.can_write || snapshot.format().ok() != Some(layout::VERSION) {
            return Ok(Reach::NotNow);
        }
        let reached = (self.pass.patch)(self, snapshot, &Version { tip: tip.to_owned(), root })?;
        if reached != Reach::Done {
            return Ok(reached);
        }
        self.connection.execute_batch("BEGIN")?;
        // Somebody else may have gone on to another version already.
        let is_there = self.version()?.is_some_and(|version| version.tip == tip);
        Ok(if is_there { Reach::Done } else { Reach::NotNow })
    }

    /// Whether what is read now is that version.
    pub fn is_reading(&self, snapshot: &Snapshot) -> bool {
        self.reading.borrow().is_some() && *self.reading.borrow() == snapshot.tip()
    }

    /// Whether it tells of a version, how many tickets it knows, and the size of its file in bytes.
    pub fn version_found(&self, snapshot: &Snapshot) -> Option<(bool, usize, u64)> {
        self.found(snapshot, self.known().ok()?)
    }

    fn found(&self, snapshot: &Snapshot, tickets: usize) -> Option<(bool, usize, u64)> {
        let version = self.version().ok()??;
        let bytes = std::fs::metadata(&self.path).map_or(0, |file| file.len());
        Some((Some(version.tip) == snapshot.tip(), tickets, bytes))
    }

    /// Ends what is being read.
    fn leave(&self) -> rusqlite::Result<()> {
        *self.reading.borrow_mut() = None;
        if self.connection.is_autocommit() { Ok(()) } else { self.connection.execute_batch("ROLLBACK") }
    }

    fn version(&self) -> rusqlite::Result<Option<Version>> {
        let mut statement = self.connection.prepare_cached("SELECT tip, root FROM pass WHERE name = ?1")?;
        let version =
            statement.query_row([self.pass.name], |row| Ok(Version { tip: row.get(0)?, root: row.get(1)? }));
        version.optional()
    }

    /// Begins to write; `false` when it can't be written, or the file is not the index any more.
    fn begin(&self) -> rusqlite::Result<bool> {
        match self.connection.execute_batch("BEGIN IMMEDIATE") {
            Ok(()) => {}
            Err(error) if is_busy(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
        if is_same(&self.path, self.file.as_ref()) {
            return Ok(true);
        }
        self.connection.execute_batch("ROLLBACK")?;
        Ok(false)
    }

    /// Empties the log of writes when it is long. Every process reads the whole of it, and what one has brought from it
    /// into the file the next doesn't know of. Waits for nobody: while somebody reads, the next write does it.
    fn shorten_log(&self) {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        if std::fs::metadata(log).is_ok_and(|log| log.len() > LOG) {
            // It can be done another time.
            let _ = self.connection.busy_timeout(Duration::ZERO);
            let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()));
            let _ = self.connection.busy_timeout(PATIENCE);
        }
    }

    /// Whatever is wrong with it: a damaged file is removed, so that a good one is made.
    fn give_up(&self, error: &rusqlite::Error) {
        // The transaction may be gone already.
        let _ = self.leave();
        if is_damage(error) && is_same(&self.path, self.file.as_ref()) {
            discard(&self.path);
        }
    }
}

fn connect(pass: &'static Pass, path: &Path, file: Metadata) -> Option<Index> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let attempts = [flags | OpenFlags::SQLITE_OPEN_READ_WRITE, flags | OpenFlags::SQLITE_OPEN_READ_ONLY];
    for (number, flags) in attempts.into_iter().enumerate() {
        let Ok(connection) = Connection::open_with_flags(path, flags) else { continue };
        if settle(&connection).is_err() {
            continue;
        }
        let can_write = number == 0 && connection.is_readonly("main").is_ok_and(|is_readonly| !is_readonly);
        let (path, file) = (path.to_owned(), Some(file));
        return Some(Index { pass, connection, path, file, can_write, reading: RefCell::default() });
    }
    None
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    // What the last process leaves in the log is read by the next one: ending costs nothing. See [`Index::shorten_log`].
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Else a statement is prepared again whenever it is given other values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL")
}

/// Removes the files of an index. What can't be removed is not used all the same.
fn discard(path: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}

#[cfg(unix)]
fn is_same(path: &Path, file: Option<&Metadata>) -> bool {
    use std::os::unix::fs::MetadataExt;
    let now = std::fs::metadata(path);
    let place = |file: &Metadata| (file.dev(), file.ino());
    matches!((now, file), (Ok(now), Some(file)) if place(&now) == place(file))
}

#[cfg(not(unix))]
fn is_same(path: &Path, file: Option<&Metadata>) -> bool {
    file.is_some() && path.is_file()
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::ReadOnly)
    )
}

fn is_damage(error: &rusqlite::Error) -> bool {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => matches!(
            failure.code,
            ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::ConstraintViolation
                | ErrorCode::Unknown
        ),
        // Values of another kind than the tables have.
        rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..) => true,
        _ => false,
    }
}

/// The error for a row that can't be what was written.
fn damaged() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    rusqlite::Error::SqliteFailure(code, None)
}

/// Removes what is derived of a repository, but for the words of texts.
pub fn remove(store: &Store) {
    for pass in [&TICKETS, &threads::THREADS] {
        discard(&file_of(pass, store));
    }
}

fn build_pass(
    pass: &'static Pass,
    store: &Store,
    snapshot: &Snapshot,
    progress: &dyn Fn(usize, usize),
) -> Option<Index> {
    let folder = store.own_dir();
    let path = file_of(pass, store);
    std::fs::create_dir_all(&folder).ok()?;
    let lock = File::options().create(true).append(true).open(folder.join(pass.lock)).ok()?;
    lock.try_lock().ok()?;
    // Somebody else may have made it since.
    if let Some(index) = Index::open_pass(pass, store) {
        match index.go_to(snapshot) {
            Reach::Done => return Some(index),
            Reach::NotNow => return None,
            Reach::Never => {}
        }
    }
    let temporary = folder.join(format!("{}.{}", pass.file, store.process()));
    // Only who has the lock makes one: what lies there is of one that was killed.
    for left in store.made_beside(pass.file) {
        discard(&left);
    }
    discard(&temporary);
    let built = (pass.build)(&temporary, snapshot, progress);
    crate::host::failpoint::step("an index is made beside its place");
    let placed = built.is_some() && put_in_place(&temporary, &path);
    crate::host::failpoint::step("an index is in its place");
    discard(&temporary);
    let index = placed.then(|| Index::open_pass(pass, store)).flatten();
    index.filter(|index| index.go_to(snapshot) == Reach::Done)
}

/// Gives a finished file its name. What has the name is another version, damaged or out of reach.
fn put_in_place(temporary: &Path, path: &Path) -> bool {
    // A log that belonged to a former file must not be taken for one of this file.
    discard(path);
    crate::host::failpoint::step("the old index is removed");
    match std::fs::hard_link(temporary, path) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
        // A file system without links.
        Err(_) => std::fs::rename(temporary, path).is_ok(),
    }
}
