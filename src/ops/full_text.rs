//! Asking the index of texts, and bringing it up to date.

use crate::index::text::{self, Candidates, IndexError, Source, TextIndex};
use crate::model::search::hit::Sought;
use crate::store::snapshot::Snapshot;

use super::passages;
use super::session::Session;

/// The tickets that may be what is looked for; `None` when the index can't tell.
pub(super) fn candidates(
    session: &Session,
    snapshot: &Snapshot,
    sought: &Sought,
    progress: &mut dyn FnMut(usize, usize),
) -> Option<Candidates> {
    let folder = session.store.own_dir();
    match ask(&folder, snapshot, sought, progress) {
        Ok(candidates) => candidates,
        Err(error) => {
            if error.is_doubtful {
                text::discard(&folder);
            }
            None
        }
    }
}

fn ask(
    folder: &std::path::Path,
    snapshot: &Snapshot,
    sought: &Sought,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Option<Candidates>, IndexError> {
    let Ok(Some(tree)) = snapshot.root_name() else { return Ok(None) };
    let mut index = TextIndex::open(folder)?;
    if let Some(candidates) = index.find(&tree, sought)? {
        return Ok(Some(candidates));
    }
    let source = Source {
        tree: &tree,
        all: &|| snapshot.all().ok().map(|all| all.into_iter().map(|files| files.id).collect()),
        changed: &|before| {
            let changed = snapshot.changed_since(before).ok()?;
            Some(changed.into_iter().map(|(id, _)| id).collect())
        },
        texts: &|id| {
            let files = snapshot.ticket(id).map_err(drop)?;
            let read = files.map(|files| passages::read(snapshot, &files)).transpose().map_err(drop)?;
            Ok(read.map(|passages| passages.into_iter().map(|passage| passage.text).collect()))
        },
    };
    index.refresh(&source, progress)?;
    // Somebody with another version of the tickets may have been faster; then the texts are read.
    index.find(&tree, sought)
}
