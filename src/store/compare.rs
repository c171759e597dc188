//! Comparing two trees of tickets as somebody who trusts only the first: every entry that is new or differs
//! must be one that may stand there, and none may be missing.
//!
//! What is the same in both is not looked at, so the time depends on what changed. Trees may be nested and
//! shared in any way: a budget of entries bounds the walk.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use gix::bstr::{BStr, BString, ByteSlice};

use crate::format::escape;
use crate::format::layout;
use crate::format::place::{self, Owner};
use crate::model::id::TicketId;
use crate::model::limit;

use super::snapshot::decode;
use super::{ObjectId, Store, StoreError};

/// The modes of folders and of plain files: there are no others.
const FOLDER: u16 = 0o040_000;
const FILE: u16 = 0o100_644;

/// What differs between two trees.
#[derive(Debug, Default)]
pub(super) struct Differing {
    /// For each ticket the names of its files that are new or changed.
    pub(super) tickets: BTreeMap<TicketId, BTreeSet<String>>,
    /// Files at the top.
    pub(super) top: BTreeSet<String>,
}

/// What is wrong with a tree, and which ticket it concerns.
#[derive(Debug)]
pub(super) enum Fault {
    /// Something that may not be there, or is missing.
    Told(Option<TicketId>, String),
    /// It can't be looked at.
    Unreadable(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Unreadable(error)
    }
}

/// Compares trees, with what is left of a budget.
pub(super) struct Comparer<'s> {
    store: &'s Store,
    left: usize,
    /// The sizes of files that were looked at: the same file can stand in many places.
    sizes: HashMap<ObjectId, Option<u64>>,
}

/// An entry of a tree: its mode and object.
type Entry = (u16, ObjectId);

/// Folders that differ: the path, ended by a slash, and both trees.
type Open = (String, Option<ObjectId>, ObjectId);

impl<'s> Comparer<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Comparer { store, left: limit::ENTRIES, sizes: HashMap::new() }
    }

    /// What differs. Without a tree before, everything is new.
    pub(super) fn compare(&mut self, before: Option<ObjectId>, after: ObjectId) -> Result<Differing, Fault> {
        let mut found = Differing::default();
        if before == Some(after) {
            return Ok(found);
        }
        let mut open: Vec<Open> = vec![(String::new(), before, after)];
        while let Some((prefix, before, after)) = open.pop() {
            self.folder(&prefix, before, after, &mut open, &mut found)?;
        }
        Ok(found)
    }

    fn folder(
        &mut self,
        prefix: &str,
        before: Option<ObjectId>,
        after: ObjectId,
        open: &mut Vec<Open>,
        found: &mut Differing,
    ) -> Result<(), Fault> {
        let old: BTreeMap<BString, Entry> = match before {
            Some(tree) => self.entries(prefix, tree)?.into_iter().collect(),
            None => BTreeMap::new(),
        };
        let new = self.entries(prefix, after)?;
        if let Some(pair) = new.windows(2).find(|pair| key(&pair[0]) >= key(&pair[1])) {
            return Err(told(prefix, pair[1].0.as_bstr(), "the folder is not in order"));
        }
        let names: HashSet<&BString> = new.iter().map(|(name, _)| name).collect();
        if let Some(gone) = old.keys().find(|name| !names.contains(name)) {
            return Err(told(prefix, gone.as_bstr(), "is gone"));
        }
        let is_same = |name: &BString, entry: &Entry| old.get(name) == Some(entry);
        if new.iter().all(|(name, entry)| is_same(name, entry)) {
            return Ok(());
        }
        // A version without one before it may hold what merges brought side by side.
        let mut folded: BTreeMap<String, usize> = BTreeMap::new();
        if !old.is_empty() {
            new.iter().for_each(|(name, _)| *folded.entry(fold(name)).or_default() += 1);
        }
        for (name, entry) in new.iter().filter(|(name, entry)| !is_same(name, entry)) {
            let is_new = !old.contains_key(name);
            if is_new && folded.get(&fold(name)).is_some_and(|count| *count > 1) {
                return Err(told(prefix, name.as_bstr(), "another name there differs in case only"));
            }
            self.entry(prefix, name.as_bstr(), old.get(name).copied(), *entry, open, found)?;
        }
        Ok(())
    }

    /// Looks at one entry that is new or differs.
    fn entry(
        &mut self,
        prefix: &str,
        name: &BStr,
        before: Option<Entry>,
        (mode, object): Entry,
        open: &mut Vec<Open>,
        found: &mut Differing,
    ) -> Result<(), Fault> {
        let fail = |why: &str| Err(told(prefix, name, why));
        let Ok(text) = name.to_str() else { return fail("its name is not UTF-8") };
        let is_folder = match mode {
            FOLDER => true,
            FILE => false,
            _ => return fail(&format!("its mode is {mode:06o}; plain files and folders alone may be there")),
        };
        if before.is_some_and(|(before, _)| (before == FOLDER) != is_folder) {
            return fail("a file and a folder changed places");
        }
        let path = format!("{prefix}{text}");
        let owner = match place::owner(&path, is_folder) {
            Ok(owner) => owner,
            Err(why) => return fail(why),
        };
        if is_folder {
            open.push((format!("{path}/"), before.map(|(_, tree)| tree), object));
            return Ok(());
        }
        let named = match owner {
            Owner::Ticket(id, file) => {
                let named = place::name(&path, file);
                let names = found.tickets.entry(id).or_default();
                names.insert(named.clone());
                if names.len() > limit::FILES {
                    return fail(&format!("the ticket has more than {} files", limit::FILES));
                }
                named
            }
            Owner::Ref => {
                found.top.insert(path.clone());
                path.clone()
            }
        };
        let most = place::most_bytes(&named);
        match self.size(&path, object)? {
            None => fail("it is no file"),
            Some(size) if size > most => fail(&format!("it has {size} bytes; at most {most} may be there")),
            Some(size) if named == layout::THREAD && self.has_too_many_events(&path, object, size)? => {
                fail(&format!("it has more than {} events", limit::EVENTS))
            }
            Some(_) => Ok(()),
        }
    }

    /// Whether a thread has more events than a reader takes into memory. Most are too short for that to be asked.
    fn has_too_many_events(&self, path: &str, object: ObjectId, size: u64) -> Result<bool, StoreError> {
        if size < (limit::EVENTS * escape::OPENER.len()) as u64 {
            return Ok(false);
        }
        let thread = self.store.object(path, object)?;
        let starts = thread.data.find_iter(escape::OPENER);
        let begins_a_line = |at: &usize| *at == 0 || thread.data[at - 1] == b'\n';
        Ok(starts.filter(begins_a_line).nth(limit::EVENTS).is_some())
    }

    fn size(&mut self, path: &str, object: ObjectId) -> Result<Option<u64>, StoreError> {
        if let Some(known) = self.sizes.get(&object) {
            return Ok(*known);
        }
        let size = self.store.blob_size(path, object)?;
        self.sizes.insert(object, size);
        Ok(size)
    }

    fn entries(&mut self, prefix: &str, tree: ObjectId) -> Result<Vec<(BString, Entry)>, Fault> {
        let what = format!("tree {tree}");
        let object = self.store.object(&what, tree)?;
        let decoded = match decode(&what, &object) {
            Ok(decoded) => decoded,
            Err(error) => return Err(Fault::Told(None, format!("'{}': {error}", shown(prefix)))),
        };
        self.left = match self.left.checked_sub(decoded.entries.len()) {
            Some(left) => left,
            None => return Err(Fault::Told(None, format!("more than {} files differ", limit::ENTRIES))),
        };
        let entries = decoded.entries.iter();
        Ok(entries
            .map(|entry| (entry.filename.to_owned(), (entry.mode.value(), entry.oid.to_owned())))
            .collect())
    }
}

/// What git orders entries by: a folder as if its name ended in a slash.
fn key((name, (mode, _)): &(BString, Entry)) -> Vec<u8> {
    let mut key = name.to_vec();
    if *mode == FOLDER {
        key.push(b'/');
    }
    key
}

fn fold(name: &BString) -> String {
    name.to_str_lossy().to_lowercase()
}

/// What is wrong with an entry.
fn told(prefix: &str, name: &BStr, why: &str) -> Fault {
    let path = format!("{prefix}{}", name.to_str_lossy());
    let id = [false, true].into_iter().find_map(|is_folder| match place::owner(&path, is_folder) {
        Ok(Owner::Ticket(id, _)) => Some(id),
        Ok(Owner::Ref) | Err(_) => None,
    });
    Fault::Told(id, format!("'{}': {why}", shown(&path)))
}

/// A path for a message: of one that would fill the screen, where it begins.
fn shown(path: &str) -> String {
    const MOST: usize = 300;
    if path.len() <= MOST {
        return path.escape_debug().to_string();
    }
    let end = path.char_indices().map(|(at, _)| at).take_while(|at| *at <= MOST).last().unwrap_or(0);
    format!("{}… ({} bytes)", path[..end].escape_debug(), path.len())
}

impl Store {
    /// The size of a blob in bytes; `None` for another kind of object.
    fn blob_size(&self, what: &str, id: ObjectId) -> Result<Option<u64>, StoreError> {
        let blob = gix::objs::Kind::Blob;
        if let Some((kind, size)) = self.lookup.header(&id) {
            return Ok((kind == blob).then_some(size));
        }
        if let Ok(header) = self.repo.find_header(id) {
            return Ok((header.kind() == blob).then_some(header.size()));
        }
        let object = self.object(what, id)?;
        Ok((object.kind == blob).then_some(object.data.len() as u64))
    }
}
