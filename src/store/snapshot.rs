//! One version of the tickets, to read from. It never changes and takes no lock.
//!
//! Making one reads the ref and nothing else: whoever needs no more than its name opens no pack.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use gix::bstr::ByteSlice;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;

use crate::format::{fault, layout};
use crate::merge;
use crate::model::id::{Suffix, TicketId};
use crate::model::limit;

use super::{ObjectId, Store, StoreError};

/// A version of the tickets.
pub struct Snapshot<'s> {
    pub(super) store: &'s Store,
    /// The commit, when there are tickets at all.
    pub(super) tip: Option<ObjectId>,
    parts: OnceCell<Parts>,
    /// Trees on the way to single tickets: several are asked for one after another.
    trees: RefCell<HashMap<ObjectId, Rc<[u8]>>>,
}

/// So many trees are kept, some ten kilobytes each at most.
const TREES: usize = 16;

/// What the root of a version holds.
#[derive(Debug, Clone, Copy, Default)]
struct Parts {
    /// The tree of the commit.
    root: Option<ObjectId>,
    /// The blob that names the format's version.
    format: Option<ObjectId>,
    /// The blob with the ids that tickets left.
    aliases: Option<ObjectId>,
    /// The tree with the tickets.
    tickets: Option<ObjectId>,
}

/// The files of one ticket: their names in an exported directory, and their blobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The ticket.
    pub id: TicketId,
    /// Files that are no artifacts, by name.
    files: BTreeMap<String, ObjectId>,
    /// The folder of the artifacts, when there is one.
    pub(super) folder: Option<ObjectId>,
}

impl Files {
    fn new(id: TicketId) -> Self {
        Files { id, files: BTreeMap::new(), folder: None }
    }

    /// Whether there is a file of that name, artifacts aside.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// A word that changes when anything about the ticket does: of use to compare versions only.
    pub fn version(&self) -> String {
        let blobs = self.files.values().chain(&self.folder);
        let mixed = blobs.flat_map(|id| id.as_bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("{mixed:016x}")
    }
}

impl Store {
    /// The tickets as they are now.
    ///
    /// # Errors
    /// When the ref or its commit can't be read.
    pub fn snapshot(&self) -> Result<Snapshot<'_>, StoreError> {
        let snapshot = self.snapshot_at(self.read_ref(&self.tickets)?)?;
        // Somebody chose the name: it may be one of code.
        if self.is_elsewhere() && snapshot.exists() && !snapshot.is_of_tickets() {
            return Err(StoreError::Unsupported(format!(
                "{} holds no tickets: yoi.ref names it",
                self.tickets
            )));
        }
        Ok(snapshot)
    }

    /// The tickets as they are now, to write on.
    ///
    /// # Errors
    /// As [`Store::snapshot`]; and when the ref points at something else: a tree with neither a format nor
    /// tickets.
    pub(super) fn snapshot_to_write(&self) -> Result<Snapshot<'_>, StoreError> {
        let snapshot = self.snapshot()?;
        let parts = snapshot.parts()?;
        if snapshot.exists() && parts.format.is_none() && parts.tickets.is_none() {
            return Err(StoreError::Unsupported(format!("{} holds no tickets", self.tickets)));
        }
        Ok(snapshot)
    }

    pub(super) fn snapshot_at(&self, tip: Option<ObjectId>) -> Result<Snapshot<'_>, StoreError> {
        Ok(Snapshot { store: self, tip, parts: OnceCell::new(), trees: RefCell::default() })
    }

    pub(super) fn tree_of(&self, commit: ObjectId) -> Result<ObjectId, StoreError> {
        let what = format!("commit {commit}");
        let fail = |error: gix::Error| damaged(&what, &error);
        let object = self.object(&what, commit)?.try_into_commit().map_err(fail)?;
        object.tree_id().map(gix::Id::detach).map_err(fail)
    }
}

/// A version of the tickets with a handle of its own on the repository: threads can't share one.
pub struct Twin {
    store: Store,
    tip: Option<ObjectId>,
    parts: OnceCell<Parts>,
}

impl Twin {
    /// The same version, with packs opened anew.
    pub(super) fn anew(&self) -> Self {
        Twin { store: self.store.anew(), tip: self.tip, parts: self.parts.clone() }
    }

    /// The version.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot { store: &self.store, tip: self.tip, parts: self.parts.clone(), trees: RefCell::default() }
    }
}

/// Errors of objects that ought to be there.
pub(super) fn damaged(what: &str, error: &gix::Error) -> StoreError {
    match StoreError::from_gix(what, error) {
        StoreError::Other(said) => StoreError::Damaged(said),
        other => other,
    }
}

/// What an entry of a folder on the ref is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A folder.
    Folder,
    /// A plain file.
    File,
    /// A file that may be run.
    Executable,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

/// An entry of a folder on the ref, whatever it is.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its name; what is not UTF-8 in it is replaced.
    pub name: String,
    /// The name is given as it is.
    pub is_utf8: bool,
    /// What it is.
    pub mode: Mode,
    /// Its object.
    pub object: ObjectId,
}

/// What is directly in a ticket's folder of artifacts.
pub struct Folder {
    ticket: TicketId,
    entries: Vec<Entry>,
}

impl Folder {
    /// Whether there is a file of that name, `artifacts/` included.
    pub fn has(&self, name: &str) -> bool {
        self.blob(name).is_some()
    }

    fn blob(&self, name: &str) -> Option<ObjectId> {
        let name = name.strip_prefix(layout::ARTIFACTS)?;
        let is_file = |entry: &&Entry| matches!(entry.kind, EntryKind::Blob | EntryKind::BlobExecutable);
        self.entries.iter().filter(is_file).find(|entry| entry.name == name).map(|entry| entry.id)
    }
}

/// An entry of a tree.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) kind: EntryKind,
    pub(super) id: ObjectId,
}

impl<'s> Snapshot<'s> {
    /// What the root holds, read when it is first asked for.
    fn parts(&self) -> Result<&Parts, StoreError> {
        if let Some(parts) = self.parts.get() {
            return Ok(parts);
        }
        let root = self.tip.map(|tip| self.store.tree_of(tip)).transpose()?;
        let mut parts = Parts { root, ..Parts::default() };
        for entry in root.map_or(Ok(Vec::new()), |root| self.entries("the root of the tickets", root))? {
            match (entry.name.as_str(), entry.kind) {
                (layout::FORMAT, EntryKind::Blob) => parts.format = Some(entry.id),
                (layout::ALIASES, EntryKind::Blob) => parts.aliases = Some(entry.id),
                (layout::TICKETS, EntryKind::Tree) => parts.tickets = Some(entry.id),
                _ => {}
            }
        }
        Ok(self.parts.get_or_init(|| parts))
    }

    /// The tree of the commit.
    pub(super) fn root(&self) -> Result<Option<ObjectId>, StoreError> {
        Ok(self.parts()?.root)
    }

    /// The tree with the tickets.
    pub(super) fn tickets(&self) -> Result<Option<ObjectId>, StoreError> {
        Ok(self.parts()?.tickets)
    }

    pub(super) fn store(&self) -> &'s Store {
        self.store
    }

    /// The tree of the commit, as hexadecimal digits.
    ///
    /// # Errors
    /// When the commit can't be read.
    pub fn root_name(&self) -> Result<Option<String>, StoreError> {
        Ok(self.root()?.map(|root| root.to_string()))
    }

    /// Whether there are tickets at all, be it none yet.
    pub fn exists(&self) -> bool {
        self.tip.is_some()
    }

    /// Whether this was made for tickets: it names a format.
    pub fn is_of_tickets(&self) -> bool {
        self.parts().is_ok_and(|parts| parts.format.is_some())
    }

    /// The commit, as hexadecimal digits.
    pub fn tip(&self) -> Option<String> {
        self.tip.map(|tip| tip.to_string())
    }

    /// The version of the format; a ref without one is taken for the first.
    ///
    /// # Errors
    /// When the `format` file can't be read or names no version.
    pub fn format(&self) -> Result<u32, StoreError> {
        let Some(blob) = self.parts()?.format else { return Ok(layout::VERSION) };
        // The blob this program writes is known by its id: nothing needs to be read.
        let own =
            gix::objs::compute_hash(blob.kind(), gix::objs::Kind::Blob, layout::format_line().as_bytes());
        if own.is_ok_and(|own| own == blob) {
            return Ok(layout::VERSION);
        }
        let bytes = self.read_blob(layout::FORMAT, blob)?;
        let bad = |fault| {
            StoreError::Unsupported(format!(
                "{} is not for this program: {}: {fault}",
                self.store.reference(),
                layout::FORMAT
            ))
        };
        fault::utf8(&bytes).and_then(layout::parse_format).map_err(bad)
    }

    /// Where tickets that had to leave an id live now, by the id they left.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn moved(&self) -> Result<BTreeMap<TicketId, BTreeSet<TicketId>>, StoreError> {
        let Some(blob) = self.parts()?.aliases else { return Ok(BTreeMap::new()) };
        let bytes = self.read_blob(layout::ALIASES, blob)?;
        Ok(merge::moved(&String::from_utf8_lossy(&bytes)))
    }

    /// Every ticket, in order of id.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn all(&self) -> Result<Vec<Files>, StoreError> {
        let (found, faults) = self.readable()?;
        faults.into_iter().next().map_or(Ok(found), Err)
    }

    /// Every ticket in a folder that can be read, in order of id, and what is wrong with the other folders.
    ///
    /// # Errors
    /// When the root of the tickets can't be read.
    pub fn readable(&self) -> Result<(Vec<Files>, Vec<StoreError>), StoreError> {
        let (mut found, mut faults) = (BTreeMap::new(), Vec::new());
        let Some(tickets) = self.tickets()? else { return Ok((Vec::new(), faults)) };
        for first in
            self.entries(layout::TICKETS, tickets)?.iter().filter(|entry| entry.kind == EntryKind::Tree)
        {
            let path = format!("{}/{}", layout::TICKETS, first.name);
            let leaves = match self.entries(&path, first.id) {
                Ok(leaves) => leaves,
                Err(error) => {
                    faults.push(error);
                    continue;
                }
            };
            for second in leaves.iter().filter(|entry| entry.kind == EntryKind::Tree) {
                let path = format!("{path}/{}", second.name);
                faults.extend(self.collect(&path, second.id, |_| true, &mut found).err());
            }
        }
        found.retain(|_, files: &mut Files| files.files.contains_key(layout::ITEM));
        Ok((found.into_values().collect(), faults))
    }

    /// Every ticket that has artifacts: those that can have relations. Cheaper than [`Snapshot::all`].
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn with_artifacts(&self) -> Result<Vec<Files>, StoreError> {
        let mut found = Vec::new();
        let Some(tickets) = self.tickets()? else { return Ok(found) };
        for first in self.folders(layout::TICKETS, tickets)? {
            let path = format!("{}/{}", layout::TICKETS, first.name);
            for second in self.folders(&path, first.id)? {
                let mut leaf = BTreeMap::new();
                self.collect(&format!("{path}/{}", second.name), second.id, |_| true, &mut leaf)?;
                found.extend(
                    leaf.into_values().filter(|files| files.folder.is_some() && files.has(layout::ITEM)),
                );
            }
        }
        Ok(found)
    }

    /// The folders in a tree.
    pub(super) fn folders(&self, path: &str, tree: ObjectId) -> Result<Vec<Entry>, StoreError> {
        let object = self.store.object(path, tree)?;
        let decoded = decode(path, &object)?;
        let trees = decoded.entries.iter().filter(|entry| entry.mode.is_tree());
        let named = trees.filter_map(|entry| {
            let name = entry.filename.to_str().ok()?.to_owned();
            Some(Entry { name, kind: EntryKind::Tree, id: entry.oid.to_owned() })
        });
        Ok(named.collect())
    }

    /// The tickets whose id ends like that.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn ending(&self, suffix: &Suffix) -> Result<Vec<Files>, StoreError> {
        let mut found = match self.leaf(suffix.shard())? {
            Some((path, leaf)) => self.gathered(&path, leaf, |id| suffix.matches(id), "")?,
            None => BTreeMap::new(),
        };
        found.retain(|_, files: &mut Files| files.files.contains_key(layout::ITEM));
        Ok(found.into_values().collect())
    }

    /// The tickets in the folder of a ticket, itself among them: those whose ids end most like its own.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn beside(&self, id: &TicketId) -> Result<Vec<TicketId>, StoreError> {
        let mut found = BTreeMap::new();
        if let Some((path, leaf)) = self.leaf(id.shard())? {
            self.collect(&path, leaf, |_| true, &mut found)?;
        }
        found.retain(|_, files: &mut Files| files.has(layout::ITEM));
        Ok(found.into_keys().collect())
    }

    /// One ticket.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn ticket(&self, id: &TicketId) -> Result<Option<Files>, StoreError> {
        Ok(self.ticket_files(id)?.filter(|files| files.files.contains_key(layout::ITEM)))
    }

    /// The files of one ticket, also of one that lacks what every ticket has.
    pub(super) fn ticket_files(&self, id: &TicketId) -> Result<Option<Files>, StoreError> {
        let Some((path, leaf)) = self.leaf(id.shard())? else { return Ok(None) };
        Ok(self.gathered(&path, leaf, |other| other == id, id.as_str())?.remove(id))
    }

    /// The same version, for another thread.
    pub fn twin(&self) -> Twin {
        Twin { store: self.store.twin(), tip: self.tip, parts: self.parts.clone() }
    }

    /// A ticket's files by name, artifacts included.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn blobs(&self, files: &Files) -> Result<BTreeMap<String, ObjectId>, StoreError> {
        let mut all = files.files.clone();
        all.extend(self.artifacts(files)?);
        Ok(all)
    }

    /// The names of a ticket's files, artifacts included, with their sizes in bytes.
    ///
    /// # Errors
    /// When a tree or a blob's size can't be read.
    pub fn names(&self, files: &Files) -> Result<BTreeMap<String, u64>, StoreError> {
        self.blobs(files)?
            .into_iter()
            .map(|(name, id)| self.store.object_size(&name, id).map(|size| (name, size)))
            .collect()
    }

    /// The names of a ticket's artifacts, `artifacts/` included, with their sizes in bytes.
    ///
    /// # Errors
    /// When a tree or a blob's size can't be read.
    pub fn artifact_sizes(&self, files: &Files) -> Result<BTreeMap<String, u64>, StoreError> {
        let artifacts = self.artifacts(files)?.into_iter();
        artifacts.map(|(name, id)| self.store.object_size(&name, id).map(|size| (name, size))).collect()
    }

    /// A file of a ticket by name; `None` when it has none of that name.
    ///
    /// # Errors
    /// When it can't be read or is larger than a reader takes.
    pub fn read(&self, files: &Files, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let blob = match name.strip_prefix(layout::ARTIFACTS) {
            Some(artifact) => self.artifact(files, artifact)?,
            None => files.files.get(name).copied(),
        };
        let label = || format!("{}/{name}", files.id);
        blob.map(|id| self.read_blob(&label(), id)).transpose()
    }

    /// What is directly in a ticket's folder of artifacts.
    ///
    /// # Errors
    /// When the tree can't be read.
    pub fn folder(&self, files: &Files) -> Result<Folder, StoreError> {
        let entries = files.folder.map_or(Ok(Vec::new()), |tree| self.entries(layout::ARTIFACTS, tree))?;
        Ok(Folder { ticket: files.id, entries })
    }

    /// A file in that folder by name, `artifacts/` included; `None` when there is none of that name.
    ///
    /// # Errors
    /// When it can't be read or is larger than a reader takes.
    pub fn read_in(&self, folder: &Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let label = || format!("{}/{name}", folder.ticket);
        folder.blob(name).map(|id| self.read_blob(&label(), id)).transpose()
    }

    /// A ticket's artifacts by name, `artifacts/` included.
    pub(super) fn artifacts(&self, files: &Files) -> Result<BTreeMap<String, ObjectId>, StoreError> {
        let (mut found, mut seen) = (BTreeMap::new(), 0_usize);
        let mut open: Vec<(String, ObjectId)> =
            files.folder.map(|folder| (layout::ARTIFACTS.to_owned(), folder)).into_iter().collect();
        while let Some((prefix, tree)) = open.pop() {
            for entry in self.entries(&prefix, tree)? {
                let name = format!("{prefix}{}", entry.name);
                seen += 1;
                if seen > limit::FILES || name.len() > limit::PATH {
                    return Err(StoreError::Damaged(format!(
                        "{} has more than {} artifacts, or more deeply than paths of {} bytes",
                        files.id,
                        limit::FILES,
                        limit::PATH
                    )));
                }
                match entry.kind {
                    EntryKind::Tree => open.push((name + "/", entry.id)),
                    EntryKind::Blob | EntryKind::BlobExecutable => drop(found.insert(name, entry.id)),
                    EntryKind::Link | EntryKind::Commit => {}
                }
            }
        }
        Ok(found)
    }

    fn artifact(&self, files: &Files, path: &str) -> Result<Option<ObjectId>, StoreError> {
        let Some(mut tree) = files.folder else { return Ok(None) };
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let entry = self.entries(path, tree)?.into_iter().find(|entry| entry.name == part);
            match (entry, parts.peek()) {
                (Some(Entry { kind: EntryKind::Tree, id, .. }), Some(_)) => tree = id,
                (Some(Entry { kind: EntryKind::Blob | EntryKind::BlobExecutable, id, .. }), None) => {
                    return Ok(Some(id));
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The folder with the tickets of a shard, and its path.
    fn leaf(&self, (first, second): (&str, &str)) -> Result<Option<(String, ObjectId)>, StoreError> {
        let Some(tickets) = self.tickets()? else { return Ok(None) };
        let path = format!("{}/{first}", layout::TICKETS);
        let Some(shard) = self.subtree(layout::TICKETS, tickets, first)? else { return Ok(None) };
        let leaf = self.subtree(&path, shard, second)?;
        Ok(leaf.map(|leaf| (format!("{path}/{second}"), leaf)))
    }

    fn subtree(&self, path: &str, tree: ObjectId, name: &str) -> Result<Option<ObjectId>, StoreError> {
        let data = self.kept(path, tree)?;
        for entry in TreeRefIter::from_bytes(&data, tree.kind()) {
            let entry = entry.map_err(|error| damaged(path, &error))?;
            if entry.filename == name && entry.mode.is_tree() {
                return Ok(Some(entry.oid.to_owned()));
            }
        }
        Ok(None)
    }

    /// The content of a tree on the way to a ticket: it is kept for the next one.
    fn kept(&self, path: &str, tree: ObjectId) -> Result<Rc<[u8]>, StoreError> {
        if let Some(data) = self.trees.borrow().get(&tree) {
            return Ok(Rc::clone(data));
        }
        let object = self.store.object(path, tree)?;
        if object.kind != gix::objs::Kind::Tree {
            return Err(StoreError::Damaged(format!("{path} is a {}, not a folder", object.kind)));
        }
        let data: Rc<[u8]> = object.data.as_slice().into();
        let mut trees = self.trees.borrow_mut();
        if trees.len() >= TREES {
            trees.clear();
        }
        trees.insert(tree, Rc::clone(&data));
        Ok(data)
    }

    /// The files of those tickets in a folder whose names pass: what comes before the first letter that is no part
    /// of an id.
    fn gathered(
        &self,
        path: &str,
        leaf: ObjectId,
        is_wanted: impl Fn(&TicketId) -> bool,
        begins: &str,
    ) -> Result<BTreeMap<TicketId, Files>, StoreError> {
        let data = self.kept(path, leaf)?;
        let mut found = BTreeMap::new();
        for entry in TreeRefIter::from_bytes(&data, leaf.kind()) {
            let entry = entry.map_err(|error| damaged(path, &error))?;
            if !entry.filename.starts_with(begins.as_bytes()) {
                continue;
            }
            if let Ok(name) = entry.filename.to_str() {
                place(name, entry.mode.kind(), entry.oid, &is_wanted, &mut found);
            }
        }
        Ok(found)
    }

    pub(super) fn collect(
        &self,
        path: &str,
        leaf: ObjectId,
        is_wanted: impl Fn(&TicketId) -> bool,
        found: &mut BTreeMap<TicketId, Files>,
    ) -> Result<(), StoreError> {
        let object = self.store.object(path, leaf)?;
        let decoded = decode(path, &object)?;
        for entry in &decoded.entries {
            if let Ok(name) = entry.filename.to_str() {
                place(name, entry.mode.kind(), entry.oid, &is_wanted, found);
            }
        }
        Ok(())
    }

    /// The entries of a tree; names that are not UTF-8 are passed over, no file of ours has one.
    pub(super) fn entries(&self, path: &str, tree: ObjectId) -> Result<Vec<Entry>, StoreError> {
        let object = self.store.object(path, tree)?;
        let decoded = decode(path, &object)?;
        let named = decoded.entries.iter().filter_map(|entry| {
            let name = entry.filename.to_str().ok()?.to_owned();
            Some(Entry { name, kind: entry.mode.kind(), id: entry.oid.to_owned() })
        });
        Ok(named.collect())
    }

    /// Every entry of a folder, of the root for `None`, also those that no other reader looks at.
    ///
    /// # Errors
    /// When the tree can't be read.
    pub fn list(&self, folder: Option<ObjectId>) -> Result<Vec<Listed>, StoreError> {
        let Some(tree) = folder.or(self.root()?) else { return Ok(Vec::new()) };
        let object = self.store.object(&format!("tree {tree}"), tree)?;
        let decoded = decode(&format!("tree {tree}"), &object)?;
        let listed = decoded.entries.iter().map(|entry| Listed {
            name: entry.filename.to_str_lossy().into_owned(),
            is_utf8: entry.filename.to_str().is_ok(),
            mode: match entry.mode.kind() {
                EntryKind::Tree => Mode::Folder,
                EntryKind::Blob => Mode::File,
                EntryKind::BlobExecutable => Mode::Executable,
                EntryKind::Link => Mode::Link,
                EntryKind::Commit => Mode::Submodule,
            },
            object: entry.oid.to_owned(),
        });
        Ok(listed.collect())
    }

    /// The content of a file by its object; `what` is its name in errors.
    ///
    /// # Errors
    /// When it can't be read or is larger than a reader takes.
    pub fn read_blob(&self, what: &str, blob: ObjectId) -> Result<Vec<u8>, StoreError> {
        let size = self.store.object_size(what, blob)?;
        if size > limit::READ {
            return Err(StoreError::TooLarge { what: what.to_owned(), size, most: limit::READ });
        }
        let found = self.store.object(what, blob)?;
        if found.kind != gix::objs::Kind::Blob {
            return Err(StoreError::Damaged(format!("{what} is a {}, not a file", found.kind)));
        }
        Ok(found.detach().data)
    }
}

/// Puts an entry of a folder of tickets to the files of its ticket.
pub(super) fn place(
    name: &str,
    kind: EntryKind,
    id: &gix::oid,
    is_wanted: impl Fn(&TicketId) -> bool,
    found: &mut BTreeMap<TicketId, Files>,
) {
    if matches!(kind, EntryKind::Link | EntryKind::Commit) {
        return;
    }
    match layout::entry(name, kind == EntryKind::Tree) {
        layout::Entry::File(ticket, name) if is_wanted(&ticket) => {
            let files = found.entry(ticket).or_insert_with(|| Files::new(ticket));
            files.files.insert(name.to_owned(), id.to_owned());
        }
        layout::Entry::Artifacts(ticket) if is_wanted(&ticket) => {
            found.entry(ticket).or_insert_with(|| Files::new(ticket)).folder = Some(id.to_owned());
        }
        _ => {}
    }
}

pub(super) fn decode<'a>(what: &str, object: &'a gix::Object) -> Result<gix::objs::TreeRef<'a>, StoreError> {
    let bad = || StoreError::Damaged(format!("{what} is a {}, not a folder", object.kind));
    if object.kind != gix::objs::Kind::Tree {
        return Err(bad());
    }
    gix::objs::TreeRef::from_bytes(&object.data, object.id.kind()).map_err(|error| damaged(what, &error))
}
