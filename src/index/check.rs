//! Whether an index is sound: read from beginning to end, which nobody else does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::read::Selection;
use super::{Derived, Index, is_damage, text, threads};
use crate::model::query::Query;
use crate::model::relation::Relation;
use crate::store::Store;
use crate::store::snapshot::Snapshot;

/// How long to wait for a writer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The files of what is derived, each with its name.
pub fn files(store: &Store) -> [(&'static str, PathBuf); 3] {
    [super::FILE, threads::FILE, text::FILE].map(|name| (name, store.own_dir().join(name)))
}

/// What is wrong with a file; `None` when nothing is, when there is no file, or when it can't be looked at now.
/// Nothing is changed.
pub fn damage(path: &Path) -> Option<String> {
    if !path.is_file() {
        return None;
    }
    match try_check(path) {
        Ok(said) if said == "ok" => None,
        Ok(said) => Some(said),
        Err(error) => is_damage(&error).then(|| error.to_string()),
    }
}

fn try_check(path: &Path) -> rusqlite::Result<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0))
}

/// What the index says of every ticket, where it tells of this very version; `None` where it doesn't.
pub fn content(store: &Store, snapshot: &Snapshot, all: &Query) -> Option<(Selection, Vec<Relation>)> {
    let index = Index::open(store)?;
    let (is_fresh, ..) = index.version_found(snapshot)?;
    index.leave().ok()?;
    if !is_fresh {
        return None;
    }
    index.connection.execute_batch("BEGIN").ok()?;
    Some((index.try_select(all).unwrap_or_default(), index.relations(None).unwrap_or_default()))
}

/// Removes all of them. Says whether they are gone.
pub fn discard(store: &Store) -> bool {
    super::remove(store);
    text::discard(&store.own_dir());
    files(store).iter().all(|(_, path)| !path.exists())
}
