//! Uniting the tickets with those fetched from a remote: a fast-forward, or a merge commit that is the same
//! wherever it is made.
//!
//! What to do with files that differ is said by `merge`; this module finds them, and writes what comes out.
//! A file that only one side changed is taken without being read.

use std::collections::{BTreeMap, BTreeSet};

use gix::objs::tree::EntryKind;

use crate::format::layout;
use crate::host::{Host, failpoint};
use crate::merge::{self, Note, Tree};
use crate::model::commit::short;
use crate::model::id::TicketId;

use super::history::{BlobChange, tree_changes};
use super::lineage::Lineage;
use super::object::Patient;
use super::pack::Sink;
use super::reference::Swap;
use super::snapshot::{self, Snapshot, damaged};
use super::{ObjectId, Store, StoreError, git, identity};

/// Where the tickets of remotes are kept after a fetch.
pub const FETCHED: &str = "refs/yoi/remotes/";

/// How often the ref may move under a merge before it is left to the next command.
const TRIES: usize = 5;

/// Tickets as a remote had them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The whole name of the ref.
    pub reference: String,
    /// The remote.
    pub remote: String,
    /// The commit it points at.
    pub tip: String,
}

/// What a merge did, with the ticket it did it to.
pub type Notes = Vec<(Option<TicketId>, Note)>;

/// How fetched tickets came to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum United {
    /// They were already.
    Known,
    /// Ours had not moved on: they are now what was fetched.
    Forward,
    /// Both had moved on and were merged.
    Merged {
        /// The merge, its full id.
        commit: String,
        /// What the merge did.
        notes: Notes,
    },
}

/// A version to move to.
struct Made {
    tip: ObjectId,
    /// What of it was just written as files of their own.
    loose: Vec<ObjectId>,
    /// The base and the two sides, if it was merged.
    merge: Option<(Option<ObjectId>, [ObjectId; 2])>,
}

impl Store {
    /// What was fetched from remotes.
    ///
    /// # Errors
    /// When the refs can't be listed.
    pub fn fetched(&self) -> Result<Vec<Fetched>, StoreError> {
        let found = self.refs_below(FETCHED)?.into_iter().filter_map(|(reference, tip)| {
            let remote = reference.strip_prefix(FETCHED)?.strip_suffix("/tickets")?.to_owned();
            Some(Fetched { reference, remote, tip: tip.to_string() })
        });
        Ok(found.collect())
    }

    /// Makes the tickets hold everything that a fetched version holds.
    ///
    /// # Errors
    /// When that version is not one of tickets this program writes, [`StoreError::BadCommit`] when it takes away
    /// what only grows, when something in it can't be read, or the ref can't be moved. Then nothing has changed.
    pub fn unite(&self, host: &Host, fetched: &Fetched) -> Result<United, StoreError> {
        let bad = |_| StoreError::UnknownRevision(fetched.tip.clone());
        let theirs = ObjectId::from_hex(fetched.tip.as_bytes()).map_err(bad)?;
        let snapshot = self.snapshot_at(Some(theirs))?;
        if !snapshot.is_of_tickets() {
            return Err(StoreError::Unsupported(format!("{} holds no tickets", fetched.reference)));
        }
        let version = snapshot.format()?;
        if version > layout::VERSION {
            return Err(StoreError::NewerFormat(version));
        }
        // That this can be read says that it is for tickets.
        let ours = self.snapshot_to_write()?.tip;
        self.verify_fetched(ours, theirs)?;
        let mut turn = self.turn();
        let mut said = String::new();
        for _ in 0..TRIES {
            let ours = self.read_ref(&self.tickets)?;
            let (tip, united) = self.united(host, ours, theirs)?;
            let Some(Made { tip, loose, merge }) = tip else { return Ok(united) };
            failpoint::step("a merge is written");
            let save = |(base, parents)| {
                let sink = |_| Sink::packing(self, host.entropy.bits());
                self.merge_into(base, parents, sink)?.2.finish()
            };
            // Before the ref says so, too: who is killed right after it moved saves nothing any more.
            let saved = merge.filter(|_| self.may_be_collected(&loose)).map(save).transpose()?;
            let (_, committer) = identity::derived(host.clock.now_millis());
            let log = format!("yoi: merged {}", fetched.remote);
            match self.swap_in_turn(&mut turn, ours, tip, &log, &committer)? {
                Swap::Done => {
                    failpoint::step("the ref is moved");
                    if let Some(merge) = merge.filter(|_| saved.is_none() && self.are_in_danger(&loose)) {
                        save(merge)?;
                    }
                    self.keeps.borrow_mut().clear();
                    self.settle_ref(self.durability())?;
                    return Ok(united);
                }
                Swap::Lost(why) => said = why,
            }
        }
        Err(self.stuck(said))
    }

    /// The new tip, if there is one to move to.
    fn united(
        &self,
        host: &Host,
        ours: Option<ObjectId>,
        theirs: ObjectId,
    ) -> Result<(Option<Made>, United), StoreError> {
        let forward = || (Some(Made { tip: theirs, loose: Vec::new(), merge: None }), United::Forward);
        let Some(ours) = ours else { return Ok(forward()) };
        if ours == theirs {
            return Ok((None, United::Known));
        }
        let base = self.ticket_base(ours, theirs)?;
        if base == Some(theirs) {
            return Ok((None, United::Known));
        }
        if base == Some(ours) && self.takes_nothing_away(ours, theirs)? {
            return Ok(forward());
        }
        let version = self.snapshot_at(Some(ours))?.format()?;
        if version > layout::VERSION {
            return Err(StoreError::NewerFormat(version));
        }
        let (commit, notes, loose) = self.merge(host, base, ours, theirs)?;
        // It went on from ours, and what it lacks has only moved: there is nothing to restore.
        if base == Some(ours) && self.tree_of(commit)? == self.tree_of(theirs)? {
            return Ok(forward());
        }
        let made = Made { tip: commit, loose, merge: Some((base, [ours, theirs])) };
        Ok((Some(made), United::Merged { commit: commit.to_string(), notes }))
    }

    /// Whether a version that goes on from ours keeps everything we have. One that doesn't is merged, which
    /// restores it.
    fn takes_nothing_away(&self, ours: ObjectId, theirs: ObjectId) -> Result<bool, StoreError> {
        let sides = Sides {
            base: self.snapshot_at(Some(ours))?,
            one: self.snapshot_at(Some(theirs))?,
            other: self.snapshot_at(Some(ours))?,
        };
        let one = changed(&sides.one, sides.base.root()?, sides.one.root()?)?;
        if one.files.values().any(|change| change.after.is_none()) {
            return Ok(false);
        }
        for id in one.tickets.keys() {
            if !sides.only_adds(id, &one, &Changed::default())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Where two versions parted: of several places the one with the smallest id, so that everybody takes the
    /// same. `None` when they have nothing in common.
    pub(super) fn ticket_base(&self, one: ObjectId, other: ObjectId) -> Result<Option<ObjectId>, StoreError> {
        let (one, other) = (one.to_string(), other.to_string());
        let output =
            git::output(&self.cwd, ["--no-replace-objects", "merge-base", "--all", &one, &other], None)?;
        match output.status.code() {
            Some(0) => {}
            // No common history; or it lies beyond what a shallow clone has, which comes to the same.
            Some(1) => return Ok(None),
            _ => return Err(git::failed(&output)),
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut bases: Vec<ObjectId> =
            text.lines().filter_map(|hex| ObjectId::from_hex(hex.as_bytes()).ok()).collect();
        bases.sort_unstable();
        Ok(bases.first().copied())
    }

    /// The same, asked of a history that was read already where it knows both.
    fn known_base(
        &self,
        lineage: Option<&Lineage>,
        [one, other]: [ObjectId; 2],
    ) -> Result<Option<ObjectId>, StoreError> {
        match lineage.and_then(|lineage| lineage.bases(one, other)) {
            Some(bases) => Ok(bases.first().copied()),
            None => self.ticket_base(one, other),
        }
    }

    fn merge(
        &self,
        host: &Host,
        base: Option<ObjectId>,
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<(ObjectId, Notes, Vec<ObjectId>), StoreError> {
        let sink = |expected| Sink::new(self, host.entropy.bits(), expected);
        let (commit, notes, sink) = self.merge_into(base, [ours, theirs], sink)?;
        let loose = sink.finish()?;
        self.settle_objects(&loose, self.durability())?;
        Ok((commit, notes, loose))
    }

    /// The commit that a merge of two versions makes, told without writing anything.
    pub(super) fn remerged(
        &self,
        lineage: Option<&Lineage>,
        parents: [ObjectId; 2],
    ) -> Result<ObjectId, StoreError> {
        let base = self.known_base(lineage, parents)?;
        let (commit, ..) = self.merge_into(base, parents, |_| Ok(Sink::dry(self)))?;
        Ok(commit)
    }

    /// Merges into a sink that is made for about so many files.
    fn merge_into<'s>(
        &'s self,
        base: Option<ObjectId>,
        mut parents: [ObjectId; 2],
        sink: impl FnOnce(usize) -> Result<Sink<'s>, StoreError>,
    ) -> Result<(ObjectId, Notes, Sink<'s>), StoreError> {
        parents.sort_unstable();
        let sides = Sides {
            base: self.snapshot_at(base)?,
            one: self.snapshot_at(Some(parents[0]))?,
            other: self.snapshot_at(Some(parents[1]))?,
        };
        let (edits, notes) = sides.edits()?;
        let written = edits.iter().filter(|edit| matches!(edit.1, Wanted::Content(_))).count();
        let mut sink = sink(written)?;
        let tree = self.edit_tree(&sides.one, edits, &mut sink)?;
        let times = [self.committed(parents[0])?, self.committed(parents[1])?];
        let seconds = u64::try_from(times[0].max(times[1])).unwrap_or(0);
        let (author, committer) = identity::derived(seconds * 1000);
        let names = parents.map(|parent| parent.to_string());
        let commit = gix::objs::Commit {
            tree,
            parents: parents.into_iter().collect(),
            author,
            committer,
            encoding: None,
            message: format!("merge {} {}\n", short(&names[0]), short(&names[1])).into(),
            extra_headers: Vec::new(),
        };
        let commit = sink.value(&commit)?;
        Ok((commit, notes, sink))
    }

    fn committed(&self, commit: ObjectId) -> Result<i64, StoreError> {
        let what = format!("commit {commit}");
        let fail = |error: gix::Error| damaged(&what, &error);
        let object = self.object(&what, commit)?.try_into_commit().map_err(fail)?;
        Ok(object.time().map_err(fail)?.seconds)
    }

    fn edit_tree(
        &self,
        start: &Snapshot,
        edits: BTreeMap<String, Wanted>,
        sink: &mut Sink,
    ) -> Result<ObjectId, StoreError> {
        let root = start.root()?.ok_or_else(|| StoreError::Damaged("a version without a tree".to_owned()))?;
        let object = self.object("the root of the tickets", root)?;
        let tree: gix::objs::Tree = snapshot::decode("the root of the tickets", &object)?.into();
        let finder = Patient(&self.repo.objects);
        let mut editor = gix::objs::tree::Editor::new(tree, &finder, self.repo.object_hash());
        for (path, wanted) in &edits {
            let parts = path.split('/').map(<&gix::bstr::BStr>::from);
            let blob = match wanted {
                Wanted::Nothing => {
                    editor.remove(parts).map_err(|error| damaged(path, &error))?;
                    continue;
                }
                Wanted::Blob(blob) => *blob,
                Wanted::Content(content) => sink.blob(content)?,
            };
            editor.upsert(parts, EntryKind::Blob, blob).map_err(|error| damaged(path, &error))?;
        }
        editor.write(|tree| sink.value(tree))
    }
}

/// What shall stand at a path.
enum Wanted {
    Nothing,
    Blob(ObjectId),
    Content(Vec<u8>),
}

/// The versions that are merged; `one` is the one that is edited.
struct Sides<'s> {
    base: Snapshot<'s>,
    one: Snapshot<'s>,
    other: Snapshot<'s>,
}

/// The paths that differ from the base, by ticket; those of no ticket by themselves.
#[derive(Default)]
struct Changed {
    tickets: BTreeMap<TicketId, Vec<BlobChange>>,
    files: BTreeMap<String, BlobChange>,
}

impl Changed {
    /// Whether a ticket lost a file against the base: what is missing is restored, so it has to be looked at.
    fn lacks(&self, id: &TicketId) -> bool {
        self.tickets.get(id).is_some_and(|changes| changes.iter().any(|change| change.after.is_none()))
    }
}

impl Sides<'_> {
    /// What has to change in `one`, and what to tell about it.
    fn edits(&self) -> Result<(BTreeMap<String, Wanted>, Notes), StoreError> {
        let one = changed(&self.one, self.base.root()?, self.one.root()?)?;
        let other = changed(&self.other, self.base.root()?, self.other.root()?)?;
        let all: BTreeSet<TicketId> = one.tickets.keys().chain(other.tickets.keys()).copied().collect();
        let is_both = |id: &TicketId| one.tickets.contains_key(id) && other.tickets.contains_key(id);
        let mut read: BTreeSet<TicketId> = BTreeSet::new();
        for id in &all {
            // What one side changed is taken as it is only if it took nothing away.
            if is_both(id) || !self.only_adds(id, &one, &other)? {
                read.insert(*id);
            }
        }
        let is_taken = |id: &TicketId| {
            let has = |snapshot: &Snapshot| matches!(snapshot.ticket(id), Ok(Some(_)));
            has(&self.one) || has(&self.other)
        };
        let mut trees = self.trees(&read, &one, &other)?;
        let has_aliases = |changed: &Changed| changed.files.contains_key(layout::ALIASES);
        let are_moved = has_aliases(&one) || has_aliases(&other);
        if are_moved || !merge::renames(&trees[0], &trees[1], &trees[2], is_taken).is_empty() {
            read = all;
            trees = self.trees(&read, &one, &other)?;
        }
        let merged = merge::tree(&trees[0], &trees[1], &trees[2], is_taken);
        let mut edits = BTreeMap::new();
        for (id, changes) in other.tickets.iter().filter(|(id, _)| !read.contains(id)) {
            for change in changes {
                taken(&format!("{id}: {}", change.path), change, &mut edits)?;
            }
        }
        for change in other.files.values().filter(|change| !trees[1].files.contains_key(&change.path)) {
            taken(&change.path, change, &mut edits)?;
        }
        for id in &read {
            for name in trees[1].tickets.get(id).into_iter().flat_map(|files| files.keys()) {
                edits.insert(layout::path(id, name), Wanted::Nothing);
            }
        }
        for (id, files) in merged.tree.tickets {
            for (name, content) in files {
                edits.insert(layout::path(&id, &name), Wanted::Content(content));
            }
        }
        edits.extend(merged.tree.files.into_iter().map(|(path, content)| (path, Wanted::Content(content))));
        Ok((edits, merged.notes))
    }

    /// Whether the one side that changed a ticket took nothing away from it.
    fn only_adds(&self, id: &TicketId, one: &Changed, other: &Changed) -> Result<bool, StoreError> {
        let Some(before) = self.base.contents(id)? else { return Ok(true) };
        let (changed, side) =
            if one.tickets.contains_key(id) { (one, &self.one) } else { (other, &self.other) };
        Ok(!changed.lacks(id) && merge::only_adds(&before, &side.contents(id)?.unwrap_or_default()))
    }

    /// Base and sides, with what has to be looked at.
    fn trees(
        &self,
        ids: &BTreeSet<TicketId>,
        one: &Changed,
        other: &Changed,
    ) -> Result<[Tree; 3], StoreError> {
        let both = one.files.keys().filter(|path| other.files.contains_key(*path));
        let lost = one.files.values().chain(other.files.values()).filter(|change| change.after.is_none());
        let paths: BTreeSet<&String> = both.chain(lost.map(|change| &change.path)).collect();
        let own = [layout::ALIASES, layout::FORMAT].map(str::to_owned);
        let paths: BTreeSet<&String> = paths.into_iter().chain(&own).collect();
        let load = |snapshot: &Snapshot| -> Result<Tree, StoreError> {
            let mut tree = Tree::default();
            for id in ids {
                if let Some(files) = snapshot.contents(id)? {
                    tree.tickets.insert(*id, files);
                }
            }
            for path in &paths {
                if let Some(blob) = snapshot.find_file(path)? {
                    tree.files.insert((*path).clone(), snapshot.read_blob(path, blob)?);
                }
            }
            Ok(tree)
        };
        Ok([load(&self.base)?, load(&self.one)?, load(&self.other)?])
    }
}

/// Takes what only the other side changed.
fn taken(what: &str, change: &BlobChange, edits: &mut BTreeMap<String, Wanted>) -> Result<(), StoreError> {
    if let Some((kind, blob)) = change.after {
        if kind != EntryKind::Blob {
            return Err(StoreError::Unsupported(format!("'{what}' is no plain file")));
        }
        edits.insert(change.path.clone(), Wanted::Blob(blob));
    }
    Ok(())
}

fn changed(
    snapshot: &Snapshot,
    before: Option<ObjectId>,
    after: Option<ObjectId>,
) -> Result<Changed, StoreError> {
    let mut found = Changed::default();
    for change in tree_changes(snapshot, before, after)? {
        match ticket_of(&change.path) {
            Some(id) => found.tickets.entry(id).or_default().push(change),
            None => drop(found.files.insert(change.path.clone(), change)),
        }
    }
    Ok(found)
}

/// The ticket a path belongs to: it stands in the folder for its id.
fn ticket_of(path: &str) -> Option<TicketId> {
    let mut parts = path.splitn(5, '/');
    let (tickets, first, second, name) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let id = match layout::entry(name, parts.next().is_some()) {
        layout::Entry::File(id, _) | layout::Entry::Artifacts(id) => id,
        layout::Entry::Foreign => return None,
    };
    (tickets == layout::TICKETS && id.shard() == (first, second)).then_some(id)
}

impl Snapshot<'_> {
    /// Every file of a ticket with its content.
    fn contents(&self, id: &TicketId) -> Result<Option<merge::Files>, StoreError> {
        let Some(files) = self.ticket_files(id)? else { return Ok(None) };
        let mut found = merge::Files::new();
        for (name, blob) in self.blobs(&files)? {
            found.insert(name.clone(), self.read_blob(&format!("{id}/{name}"), blob)?);
        }
        Ok(Some(found))
    }

    /// A file at the top, or in a folder that is no ticket's.
    pub(super) fn find_file(&self, path: &str) -> Result<Option<ObjectId>, StoreError> {
        let Some(root) = self.root()? else { return Ok(None) };
        let object = self.store.object("the root of the tickets", root)?;
        let tree = object.try_into_tree().map_err(|error| damaged("the root of the tickets", &error))?;
        let entry = tree.lookup_entry_by_path(path).map_err(|error| damaged(path, &error))?;
        Ok(entry.filter(|entry| entry.mode().is_blob()).map(|entry| entry.object_id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_ticket_in_whose_place_it_stands() {
        let id = TicketId::parse("00001KVZKSV6C");
        for path in ["tickets/6/C/00001KVZKSV6C.item.md", "tickets/6/C/00001KVZKSV6C/a/b"] {
            assert_eq!(ticket_of(path), id, "{path}");
        }
        for path in ["format", "tickets/6/D/00001KVZKSV6C.item.md", "other/6/C/00001KVZKSV6C.item.md"] {
            assert_eq!(ticket_of(path), None, "{path}");
        }
    }
}
