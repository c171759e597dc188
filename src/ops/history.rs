//! The history of tickets: each operation on the ref, and what it changed.

use similar::TextDiff;

use crate::store::history::{FileChange, Operation};

use super::resolve;
use super::session::Session;

/// An operation and, when asked for, what it changed, as unified diffs.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The operation.
    pub operation: Operation,
    /// The difference, one text for each file.
    pub patches: Vec<String>,
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
            patches = changes.iter().filter(is_wanted).map(patch).collect();
        }
        entries.push(Entry { operation, patches });
    }
    Ok(History { entries, total })
}

fn patch(change: &FileChange) -> String {
    let name = |side: &Option<Vec<u8>>, letter: char| match side {
        Some(_) => format!("{letter}/{}", change.path),
        None => "/dev/null".to_owned(),
    };
    let (before, after) = (name(&change.before, 'a'), name(&change.after, 'b'));
    let text = |side: &Option<Vec<u8>>| String::from_utf8(side.clone().unwrap_or_default()).ok();
    match (text(&change.before), text(&change.after)) {
        (Some(old), Some(new)) => TextDiff::from_lines(&old, &new)
            .unified_diff()
            .context_radius(3)
            .header(&before, &after)
            .to_string(),
        _ => format!("Binary files {before} and {after} differ\n"),
    }
}
