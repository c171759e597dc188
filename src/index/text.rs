//! Which tickets have which words: `text.db`, an index for full-text searches.
//!
//! SQLite's FTS5 keeps for each token the tickets that have it, and nothing else: no texts, no places. The tokens
//! are ours, see [`segment::tokens`]; the `ascii` tokenizer takes them as they are, where `unicode61` would know
//! letters of one version of Unicode only. So an answer names candidates, and the texts have the last word.
//!
//! It is filled in batches, in order of id: `upto` is the last ticket that is in it. Another tree than the one it
//! was made from costs what differs. A file of its own keeps long work on texts from holding up anything else;
//! readers never wait for a writer.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::model::id::TicketId;
use crate::model::search::hit::{Sought, Wanted};
use crate::model::search::segment;

/// The file in this program's own folder.
pub(super) const FILE: &str = "text.db";
/// Rises whenever the tables or the tokens change: then everything is made anew.
const SCHEMA: i64 = 1;
/// The most tickets of one transaction.
const BATCH: usize = 1000;
/// The most bytes of tokens of one transaction, about.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of tokens of one ticket. One that has more is one that a search reads itself: SQLite keeps all
/// tokens of a row in memory.
const MOST_TOKENS: usize = 16 * 1024 * 1024;
/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);
/// What `upto` says when every ticket is in the index: behind every id.
const DONE: &str = "done";

const TABLES: &str = "
    DROP TABLE IF EXISTS state;
    DROP TABLE IF EXISTS ticket;
    DROP TABLE IF EXISTS text;
    CREATE TABLE state (tree TEXT NOT NULL, upto TEXT NOT NULL);
    CREATE TABLE ticket (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, is_faulty INTEGER NOT NULL);
    CREATE INDEX faulty ON ticket (id) WHERE is_faulty;
    CREATE VIRTUAL TABLE text USING fts5 (
        tokens, content='', contentless_delete=1, detail=none, tokenize='ascii'
    );";

/// Why the index of texts can't be used now.
#[derive(Debug)]
pub struct IndexError {
    what: String,
    /// Whether the index itself is in doubt, rather than what it stands on: then it had better be made anew.
    pub is_doubtful: bool,
}

impl IndexError {
    /// Of something that is no fault of the index.
    fn other(what: &str) -> Self {
        IndexError { what: what.to_owned(), is_doubtful: false }
    }

    /// Of content that can't be ours.
    fn doubtful(what: &str) -> Self {
        IndexError { what: what.to_owned(), is_doubtful: true }
    }
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the index can't be used: {}", self.what)
    }
}

impl std::error::Error for IndexError {}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let surroundings = [
            Code::DatabaseBusy,
            Code::DatabaseLocked,
            Code::PermissionDenied,
            Code::ReadOnly,
            Code::OperationInterrupted,
            Code::SystemIoFailure,
            Code::DiskFull,
            Code::CannotOpen,
            Code::FileLockingProtocolFailed,
            Code::OutOfMemory,
            Code::NoLargeFileSupport,
        ];
        let is_doubtful = error.sqlite_error_code().is_none_or(|code| !surroundings.contains(&code));
        IndexError { what: error.to_string(), is_doubtful }
    }
}

/// The index.
pub struct TextIndex {
    connection: Connection,
}

/// The texts of a ticket; `None` when there is no such ticket, an error when it can't be read.
pub type Texts = Result<Option<Vec<String>>, ()>;

/// Where the texts come from.
pub struct Source<'a> {
    /// The tree of the tickets, in hexadecimal digits.
    pub tree: &'a str,
    /// Every ticket, in order.
    pub all: &'a dyn Fn() -> Option<Vec<TicketId>>,
    /// The tickets that differ from those of another tree; `None` when nobody can tell.
    pub changed: &'a dyn Fn(&str) -> Option<BTreeSet<TicketId>>,
    /// The texts of a ticket; `None` when there is no such ticket.
    ///
    /// # Errors
    /// When it can't be read: then a search has to look at it itself.
    pub texts: &'a dyn Fn(&TicketId) -> Texts,
}

/// The tickets that may be what was looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Those that have the tokens, in no order.
    pub found: Vec<TicketId>,
    /// Those that could not be read when they were indexed.
    pub faulty: Vec<TicketId>,
    /// Whether those found are all right as they are.
    pub is_exact: bool,
}

/// How far the index is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    tree: String,
    upto: String,
}

impl State {
    fn is_done(&self) -> bool {
        self.upto == DONE
    }

    /// Whether a ticket is in the index already, if there is one. Ids sort before [`DONE`].
    fn has(&self, id: &TicketId) -> bool {
        id.as_str() <= self.upto.as_str()
    }
}

/// A ticket ready to be indexed: its tokens, `None` when it is gone; or that it can't be read.
type Prepared = (TicketId, Result<Option<String>, ()>);

impl TextIndex {
    /// Opens the index in that folder. What is damaged or of another version is made anew.
    ///
    /// # Errors
    /// When it can't be opened, or not be written where it has to be.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        match TextIndex::open_once(folder) {
            Err(error) if is_damaged(&error) => {
                discard(folder);
                Ok(TextIndex::open_once(folder)?)
            }
            other => Ok(other?),
        }
    }

    fn open_once(folder: &Path) -> rusqlite::Result<Self> {
        let path = folder.join(FILE);
        let is_new = !path.exists();
        if is_new {
            // What can't be made is told by opening.
            let _ = fs::create_dir_all(folder);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        if version(&connection)? != SCHEMA {
            // Where memory can't be shared between processes, SQLite stays with its old journal.
            connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
            let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if version(&change)? != SCHEMA {
                change.execute_batch(TABLES)?;
                change.pragma_update(None, "user_version", SCHEMA)?;
            }
            change.commit()?;
        }
        Ok(TextIndex { connection })
    }

    /// The candidates among the tickets of a tree; `None` when the index is not there yet.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn find(&mut self, tree: &str, sought: &Sought) -> Result<Option<Candidates>, IndexError> {
        // One transaction: what is read stays of one version.
        let view = self.connection.transaction()?;
        if !state(&view)?.is_some_and(|state| state.tree == tree && state.is_done()) {
            return Ok(None);
        }
        let mut statement = view.prepare(
            "SELECT ticket.id FROM text JOIN ticket ON ticket.number = text.rowid WHERE text MATCH ?1",
        )?;
        let found = ids(statement.query([question(sought)])?)?;
        let mut statement = view.prepare("SELECT id FROM ticket WHERE is_faulty")?;
        let faulty = ids(statement.query([])?)?;
        let is_exact = sought.wanted.iter().chain(&sought.unwanted).all(Wanted::is_told_by_tokens);
        Ok(Some(Candidates { found, faulty, is_exact }))
    }

    /// Brings the index to the tree of the source. What is done stays done when this is interrupted.
    /// `progress` is told how many tickets of how many are in it.
    ///
    /// # Errors
    /// When it can't be written, or the source can't tell its tickets.
    pub fn refresh(
        &mut self,
        source: &Source,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), IndexError> {
        // Whole after a loss of power, if perhaps older: nobody has to wait for the disk at each batch.
        self.connection.pragma_update(None, "synchronous", "NORMAL")?;
        let mut all = None;
        loop {
            let state = state(&self.connection)?;
            match state {
                Some(state) if state.tree != source.tree => match (source.changed)(&state.tree) {
                    Some(changed) => self.patch(&state, changed, source)?,
                    None => self.begin(source)?,
                },
                Some(state) if state.is_done() => return Ok(()),
                Some(state) => {
                    if all.is_none() {
                        all = Some((source.all)().ok_or_else(|| IndexError::other("no list of tickets"))?);
                    }
                    self.extend(&state, all.as_deref().unwrap_or_default(), source, progress)?;
                }
                None => self.begin(source)?,
            }
        }
    }

    /// Empties the index.
    fn begin(&mut self, source: &Source) -> Result<(), IndexError> {
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute_batch(TABLES)?;
        change.execute("INSERT INTO state (tree, upto) VALUES (?1, '')", [source.tree])?;
        Ok(change.commit()?)
    }

    /// Takes over what differs between two trees, as far as it is in the index already.
    fn patch(
        &mut self,
        before: &State,
        changed: BTreeSet<TicketId>,
        source: &Source,
    ) -> Result<(), IndexError> {
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if state(&change)?.as_ref() == Some(before) {
            for id in changed.into_iter().filter(|id| before.has(id)) {
                put(&change, &prepare(id, source))?;
            }
            change.execute("UPDATE state SET tree = ?1", [source.tree])?;
        }
        Ok(change.commit()?)
    }

    /// Adds the next tickets.
    fn extend(
        &mut self,
        before: &State,
        all: &[TicketId],
        source: &Source,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), IndexError> {
        let start = all.partition_point(|id| before.has(id));
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for id in all[start..].iter().take(BATCH) {
            let prepared = prepare(*id, source);
            bytes += prepared.1.as_ref().map_or(0, |tokens| tokens.as_ref().map_or(0, String::len));
            batch.push(prepared);
            if bytes > BATCH_BYTES {
                break;
            }
        }
        let end = start + batch.len();
        // Read before, so that nobody waits for it; somebody else may have been faster.
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if state(&change)?.as_ref() == Some(before) {
            for prepared in &batch {
                put(&change, prepared)?;
            }
            if end == all.len() {
                change.execute("INSERT INTO text (text) VALUES ('optimize')", [])?;
                change.execute("UPDATE state SET upto = ?1", [DONE])?;
            } else {
                change.execute("UPDATE state SET upto = ?1", [all[end - 1].as_str()])?;
            }
        }
        change.commit()?;
        progress(end, all.len());
        Ok(())
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn state(connection: &Connection) -> rusqlite::Result<Option<State>> {
    let read = |row: &rusqlite::Row| Ok(State { tree: row.get(0)?, upto: row.get(1)? });
    connection.query_row("SELECT tree, upto FROM state", [], read).optional()
}

fn ids(mut rows: rusqlite::Rows) -> Result<Vec<TicketId>, IndexError> {
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let id = TicketId::parse(row.get_ref(0)?.as_str().unwrap_or_default());
        found.push(id.ok_or_else(|| IndexError::doubtful("a row without an id"))?);
    }
    Ok(found)
}

/// Whether the file is not one that SQLite can read, or not ours.
fn is_damaged(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SchemaChanged)
    )
}

/// Removes the index of a folder: it is made anew.
pub fn discard(folder: &Path) {
    for end in ["", "-wal", "-shm", "-journal"] {
        let path: PathBuf = folder.join(format!("{FILE}{end}"));
        let _ = fs::remove_file(path);
    }
}

/// The tokens of a ticket, each once.
fn prepare(id: TicketId, source: &Source) -> Prepared {
    let tokens = match (source.texts)(&id) {
        Ok(Some(texts)) => tokens(&texts, MOST_TOKENS).map(Some).ok_or(()),
        Ok(None) => Ok(None),
        Err(()) => Err(()),
    };
    (id, tokens)
}

/// The tokens of some texts, each once, with blanks between them; `None` when they are longer than `most` bytes.
fn tokens(texts: &[String], most: usize) -> Option<String> {
    let mut seen: HashSet<Box<str>> = HashSet::new();
    let mut tokens = String::new();
    for text in texts {
        let read = segment::try_tokens(text, |token| {
            if !seen.contains(token) {
                seen.insert(token.into());
                tokens.push_str(token);
                tokens.push(' ');
            }
            match tokens.len() <= most {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        if read.is_break() {
            return None;
        }
    }
    Some(tokens)
}

/// Puts a ticket in the place of what was known of it.
fn put(connection: &Connection, (id, tokens): &Prepared) -> rusqlite::Result<()> {
    let known: Option<i64> = connection
        .prepare_cached("SELECT number FROM ticket WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        connection.prepare_cached("DELETE FROM text WHERE rowid = ?1")?.execute([number])?;
    }
    if matches!(tokens, Ok(None)) {
        connection.prepare_cached("DELETE FROM ticket WHERE id = ?1")?.execute([id.as_str()])?;
        return Ok(());
    }
    let is_faulty = tokens.is_err();
    let number = match known {
        Some(number) => {
            connection
                .prepare_cached("UPDATE ticket SET is_faulty = ?2 WHERE number = ?1")?
                .execute(params![number, is_faulty])?;
            number
        }
        None => {
            connection
                .prepare_cached("INSERT INTO ticket (id, is_faulty) VALUES (?1, ?2)")?
                .execute(params![id.as_str(), is_faulty])?;
            connection.last_insert_rowid()
        }
    };
    if let Ok(Some(tokens)) = tokens {
        connection
            .prepare_cached("INSERT INTO text (rowid, tokens) VALUES (?1, ?2)")?
            .execute(params![number, tokens])?;
    }
    Ok(())
}

/// What is looked for, in the language of FTS5.
fn question(sought: &Sought) -> String {
    let all = |wanted: &Wanted| {
        let tokens = wanted.needle.tokens().into_iter();
        // Tokens have letters and digits only: no quote needs an escape.
        let tokens =
            tokens.map(|token| format!("\"{}\"{}", token.text, if token.is_prefix { " *" } else { "" }));
        tokens.collect::<Vec<String>>().join(" AND ")
    };
    let mut question = sought.wanted.iter().map(all).collect::<Vec<String>>().join(" AND ");
    for unwanted in sought.unwanted.iter().filter(|unwanted| unwanted.is_told_by_tokens()) {
        question = format!("({question}) NOT ({})", all(unwanted));
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_of_too_many_tokens_is_left_to_who_searches() {
        let texts = ["one two one two".to_owned(), "Two three".to_owned()];
        assert_eq!(tokens(&texts, 14).as_deref(), Some("one two three "));
        assert_eq!(tokens(&texts, 13), None);
    }
}
