//! The history of the ref: which operation changed which ticket.

use std::collections::BTreeMap;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;

use crate::model::id::TicketId;
use crate::model::limit;

use super::snapshot::{Snapshot, damaged};
use super::{ObjectId, Store, StoreError};

/// One operation: a commit on the ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The full id of the commit.
    pub commit: String,
    /// Who acted.
    pub author: String,
    /// When, in seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// The first line of its message.
    pub subject: String,
}

/// A file that an operation changed, before and after; `None` where it was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path on the ref.
    pub path: String,
    /// Its content before.
    pub before: Option<Vec<u8>>,
    /// Its content after.
    pub after: Option<Vec<u8>>,
}

/// A file that an operation changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameChange {
    /// Its path on the ref.
    pub path: String,
    /// It was not there before.
    pub is_new: bool,
    /// It says what it said: only its mode is another.
    pub is_same: bool,
}

/// A ticket's files in one version, to compare.
type Shape = Option<super::snapshot::Files>;

impl Store {
    /// The operations on the ref, or on one ticket, the newest first; at most `most`. The number is how many
    /// there are: counted to the end with `count_all`, else at most one more than are given.
    ///
    /// # Errors
    /// When a commit or a tree can't be read.
    pub fn log(
        &self,
        only: Option<&TicketId>,
        most: usize,
        count_all: bool,
    ) -> Result<(Vec<Operation>, usize), StoreError> {
        let fail = |error: gix::Error| damaged("the history of the tickets", &error);
        let Some(tip) = self.snapshot()?.tip else { return Ok((Vec::new(), 0)) };
        let newest = gix::revision::walk::Sorting::ByCommitTime(Default::default());
        let walk = self.repo.rev_walk([tip]).sorting(newest).all().map_err(fail)?;
        let (mut found, mut total) = (Vec::new(), 0);
        let mut shapes = BTreeMap::new();
        for info in walk {
            if total > most && !count_all {
                break;
            }
            let info = info.map_err(fail)?;
            let parents = self.known_parents(info.parent_ids().map(gix::Id::detach));
            if let Some(id) = only
                && !self.touches(id, info.id().detach(), &parents, &mut shapes)?
            {
                continue;
            }
            total += 1;
            if total <= most {
                found.push(self.operation(info.id().detach())?);
            }
        }
        Ok((found, total))
    }

    /// The parents of a commit, without those that a shallow clone doesn't have.
    pub(super) fn known_parents(&self, parents: impl Iterator<Item = ObjectId>) -> Vec<ObjectId> {
        let is_shallow = self.repo.is_shallow().unwrap_or(false);
        parents.filter(|parent| !is_shallow || self.is_there(parent)).collect()
    }

    /// Whether the ticket differs between a commit and each of its parents.
    fn touches(
        &self,
        id: &TicketId,
        commit: ObjectId,
        parents: &[ObjectId],
        shapes: &mut BTreeMap<ObjectId, Shape>,
    ) -> Result<bool, StoreError> {
        let here = self.shape(id, commit, shapes)?;
        shapes.remove(&commit);
        if parents.is_empty() {
            return Ok(here.is_some());
        }
        for parent in parents {
            if self.shape(id, *parent, shapes)? == here {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn shape(
        &self,
        id: &TicketId,
        commit: ObjectId,
        shapes: &mut BTreeMap<ObjectId, Shape>,
    ) -> Result<Shape, StoreError> {
        if let Some(known) = shapes.get(&commit) {
            return Ok(known.clone());
        }
        let shape = self.snapshot_at(Some(commit))?.ticket(id)?;
        shapes.insert(commit, shape.clone());
        Ok(shape)
    }

    fn operation(&self, id: ObjectId) -> Result<Operation, StoreError> {
        let fail = |error: gix::Error| damaged(&format!("commit {id}"), &error);
        let commit = self.commit_object(id)?;
        let author = commit.author().map_err(fail)?;
        Ok(Operation {
            commit: id.to_string(),
            author: author.name.to_str_lossy().into_owned(),
            seconds: commit.time().map_err(fail)?.seconds,
            subject: commit.message().map_err(fail)?.summary().to_str_lossy().into_owned(),
        })
    }

    pub(super) fn operation_by_id(&self, hex: &str) -> Result<Operation, StoreError> {
        self.operation(super::version::id(hex)?)
    }

    /// The files an operation changed against its first parent, in order of path.
    ///
    /// # Errors
    /// When an object can't be read.
    pub fn changed_files(&self, operation: &Operation) -> Result<Vec<FileChange>, StoreError> {
        let (before, after) = self.sides(operation)?;
        self.differing_files(&before, &after)
    }

    /// The same without what the files say.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn changed_names(&self, operation: &Operation) -> Result<Vec<NameChange>, StoreError> {
        let (before, after) = self.sides(operation)?;
        let blob = |side: &Option<(EntryKind, ObjectId)>| side.map(|(_, blob)| blob);
        let name = |change: BlobChange| NameChange {
            is_new: change.before.is_none(),
            is_same: blob(&change.before) == blob(&change.after),
            path: change.path,
        };
        Ok(tree_changes(&after, before.root()?, after.root()?)?.into_iter().map(name).collect())
    }

    /// The versions before and after an operation, by its first parent.
    fn sides(&self, operation: &Operation) -> Result<(Snapshot<'_>, Snapshot<'_>), StoreError> {
        let id = super::version::id(&operation.commit)?;
        let commit = self.commit_object(id)?;
        let parent = self.known_parents(commit.parent_ids().map(gix::Id::detach)).first().copied();
        Ok((self.snapshot_at(parent)?, self.snapshot_at(Some(id))?))
    }

    /// The files that differ between two versions, in order of path.
    ///
    /// # Errors
    /// When an object can't be read.
    pub fn differing_files(
        &self,
        before: &Snapshot,
        after: &Snapshot,
    ) -> Result<Vec<FileChange>, StoreError> {
        let mut changes = Vec::new();
        differences(after, before.root()?, after.root()?, &mut changes)?;
        changes.into_iter().map(|change| read_change(after, change)).collect()
    }
}

/// The files that differ between two trees.
pub(super) fn tree_changes(
    snapshot: &Snapshot,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
) -> Result<Vec<BlobChange>, StoreError> {
    let mut changes = Vec::new();
    differences(snapshot, before, after, &mut changes)?;
    Ok(changes)
}

/// The paths of the files that differ between two trees.
pub(super) fn changed_paths(
    snapshot: &Snapshot,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
) -> Result<Vec<String>, StoreError> {
    Ok(tree_changes(snapshot, before, after)?.into_iter().map(|change| change.path).collect())
}

/// A file that differs between two trees: what it is, and its object, on either side.
pub(super) struct BlobChange {
    pub(super) path: String,
    pub(super) before: Option<(EntryKind, ObjectId)>,
    pub(super) after: Option<(EntryKind, ObjectId)>,
}

fn read_change(snapshot: &Snapshot, change: BlobChange) -> Result<FileChange, StoreError> {
    let read = |side: Option<(EntryKind, ObjectId)>| {
        side.map(|(_, blob)| snapshot.read_blob(&change.path, blob)).transpose()
    };
    Ok(FileChange { before: read(change.before)?, after: read(change.after)?, path: change.path.clone() })
}

/// The entries of two folders by name: what each is on either side.
type Sides = std::collections::btree_map::IntoIter<String, [Option<(EntryKind, ObjectId)>; 2]>;

/// Walks two trees side by side and goes only where they differ, however deep that is; the number of files
/// is bounded.
fn differences(
    snapshot: &Snapshot,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
    found: &mut Vec<BlobChange>,
) -> Result<(), StoreError> {
    let pick = |side: Option<(EntryKind, ObjectId)>, is_tree: bool| {
        side.filter(|(kind, _)| (*kind == EntryKind::Tree) == is_tree)
    };
    let mut seen = 0_usize;
    let mut open: Vec<(String, Sides)> = vec![(String::new(), sides(snapshot, "", before, after)?)];
    while let Some((prefix, entries)) = open.last_mut() {
        let Some((name, [before, after])) = entries.next() else {
            open.pop();
            continue;
        };
        if before == after {
            continue;
        }
        let path = format!("{prefix}{name}");
        seen += 1;
        if path.len() > limit::PATH || seen > limit::ENTRIES {
            return Err(StoreError::Damaged(format!(
                "the trees differ in more than {} places, or more deeply than paths of {} bytes",
                limit::ENTRIES,
                limit::PATH
            )));
        }
        let blobs = (pick(before, false), pick(after, false));
        let folder = |side| pick(side, true).map(|(_, id)| id);
        if let folders @ ((Some(_), _) | (_, Some(_))) = (folder(before), folder(after)) {
            let below = format!("{path}/");
            let entries = sides(snapshot, &below, folders.0, folders.1)?;
            open.push((below, entries));
        }
        if blobs != (None, None) {
            found.push(BlobChange { path, before: blobs.0, after: blobs.1 });
        }
    }
    Ok(())
}

fn sides(
    snapshot: &Snapshot,
    prefix: &str,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
) -> Result<Sides, StoreError> {
    let mut sides: BTreeMap<String, [Option<(EntryKind, ObjectId)>; 2]> = BTreeMap::new();
    for (side, tree) in [before, after].into_iter().enumerate() {
        for entry in tree.map_or(Ok(Vec::new()), |tree| snapshot.entries(prefix, tree))? {
            sides.entry(entry.name).or_default()[side] = Some((entry.kind, entry.id));
        }
    }
    Ok(sides.into_iter())
}
