//! The history of tickets: each operation on the ref, and what it changed.

use crate::store::history::{FileChange, Operation};

use super::patch::{self, Patch};
use super::resolve;
use super::session::Session;
use super::version;

/// An operation and, when asked for, what it changed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The operation.
    pub operation: Operation,
    /// The difference, file by file.
    pub patches: Vec<Patch>,
}

/// What happened.
#[derive(Debug, Clone)]
pub struct History {
    /// The operations, the newest first.
    pub entries: Vec<Entry>,
    /// How many there are, shown or not; at least one more than shown when not all were counted.
    pub total: usize,
}

/// What to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// At most so many; `None` gives all.
    pub most: Option<usize>,
    /// With what changed in the files.
    pub with_patches: bool,
    /// Count those that are not given, too.
    pub count_all: bool,
}

/// The operations on all tickets or on one, the newest first.
///
/// # Errors
/// When there is no such ticket, or the history can't be read.
pub fn history(session: &Session, typed: Option<&str>, wanted: &Wanted) -> anyhow::Result<History> {
    let snapshot = session.snapshot()?;
    let id = typed
        .map(|typed| resolve::resolve(&session.store, &snapshot, typed))
        .transpose()?
        .map(|files| files.id);
    let most = wanted.most.unwrap_or(usize::MAX);
    let (operations, total) = session.store.log(id.as_ref(), most, wanted.count_all)?;
    let mut entries = Vec::with_capacity(operations.len());
    for operation in operations {
        let mut patches = Vec::new();
        if wanted.with_patches {
            let changes = session.store.changed_files(&operation)?;
            let is_wanted = |change: &&FileChange| id.is_none_or(|id| change.path.contains(id.as_str()));
            patches = changes.iter().filter(is_wanted).map(patch::patch).collect();
        }
        entries.push(Entry { operation, patches });
    }
    Ok(History { entries, total })
}

/// What changed in a ticket between two versions; without a second one, until now.
///
/// # Errors
/// When there is no such ticket or version.
pub fn diff(session: &Session, typed: &str, from: &str, to: Option<&str>) -> anyhow::Result<Vec<Patch>> {
    let (_, before) = version::find(session, from)?;
    let after = match to {
        Some(to) => version::find(session, to)?.1,
        None => session.snapshot()?,
    };
    let id = match resolve::resolve(&session.store, &after, typed) {
        Ok(files) => files.id,
        // A ticket that was not there yet, or is not any more, as when it moved to another id.
        Err(error) => resolve::resolve(&session.store, &before, typed).map_err(|_| error)?.id,
    };
    let only = id.as_str();
    let files = session.store.differing_files(&before, &after)?;
    Ok(files.iter().filter(|change| change.path.contains(only)).map(patch::patch).collect())
}
