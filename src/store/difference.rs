//! The tickets of a version folder by folder, and those that differ between two versions.
//!
//! Tickets are filed in up to 1,024 folders, the leaves. Folders with the same id are the same, so what is
//! compared is what changed; and folders can be read by several threads.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering as Memory};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use gix::bstr::ByteSlice;
use gix::objs::tree::{EntryKind, EntryRef};

use crate::format::layout;
use crate::model::id::{self, TicketId};

use super::snapshot::{self, Files, Snapshot};
use super::{ObjectId, StoreError};

/// The most threads that read: more only wait for the one that takes what they read.
const MOST_THREADS: usize = 4;

/// So many folders are read with packs opened once: of large packs more and more would stay in memory.
const AT_ONCE: usize = 24;

/// So many things are worth another thread.
const WORTH_A_THREAD: usize = 50;

/// So many things a thread takes at once.
const TURN: usize = 10;

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS)
}

/// A folder of tickets.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The letters its tickets' ids end with.
    ends: (String, String),
    tree: ObjectId,
}

impl Leaf {
    fn path(&self) -> String {
        format!("{}/{}/{}", layout::TICKETS, self.ends.0, self.ends.1)
    }
}

impl Snapshot<'_> {
    /// The folders of tickets.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn leaves(&self) -> Result<Vec<Leaf>, StoreError> {
        self.tickets()?.map_or(Ok(Vec::new()), |tickets| self.leaves_of(tickets))
    }

    fn leaves_of(&self, tickets: ObjectId) -> Result<Vec<Leaf>, StoreError> {
        let mut found = Vec::new();
        for first in self.folders(layout::TICKETS, tickets)? {
            for second in self.folders(&format!("{}/{}", layout::TICKETS, first.name), first.id)? {
                found.push(Leaf { ends: (first.name.clone(), second.name), tree: second.id });
            }
        }
        Ok(found)
    }

    /// Reads every folder of tickets, with several threads: `read` is given a folder's tickets, `take` what it
    /// made of them, in no order.
    ///
    /// # Errors
    /// What `read` says first, or when a tree can't be read or holds a ticket that belongs elsewhere.
    pub fn each_leaf<T: Send>(
        &self,
        read: impl Fn(&Snapshot, &[Files]) -> Result<T, StoreError> + Sync,
        mut take: impl FnMut(T),
    ) -> Result<(), StoreError> {
        let (leaves, next) = (self.leaves()?, AtomicUsize::new(0));
        let threads = threads();
        let (sender, receiver) = mpsc::sync_channel(2 * threads);
        let (leaves, next, read) = (&leaves, &next, &read);
        thread::scope(|scope| {
            for _ in 0..threads {
                let (mut twin, sender) = (self.twin(), sender.clone());
                scope.spawn(move || {
                    while next.load(Memory::Relaxed) < leaves.len() {
                        if leaves.len() > AT_ONCE {
                            twin = twin.anew();
                        }
                        let snapshot = twin.snapshot();
                        for _ in 0..AT_ONCE {
                            let Some(leaf) = leaves.get(next.fetch_add(1, Memory::Relaxed)) else { return };
                            let made = snapshot.in_leaf(leaf).and_then(|files| read(&snapshot, &files));
                            let is_over = made.is_err();
                            if sender.send(made).is_err() || is_over {
                                return;
                            }
                        }
                    }
                });
            }
            drop(sender);
            let mut taken = 0;
            for made in receiver {
                take(made?);
                taken += 1;
            }
            match taken == leaves.len() {
                true => Ok(()),
                false => Err(StoreError::Other("not every folder of tickets was read".to_owned())),
            }
        })
    }

    /// The tickets in a folder, in order of id.
    fn in_leaf(&self, leaf: &Leaf) -> Result<Vec<Files>, StoreError> {
        let mut found = BTreeMap::new();
        self.collect(&leaf.path(), leaf.tree, |_| true, &mut found)?;
        found.keys().try_for_each(|id| leaf.holds(id))?;
        Ok(found.into_values().filter(|files: &Files| files.has(layout::ITEM)).collect())
    }

    /// The tickets in which anything differs from another version, named by its tree; with their files in this
    /// version, `None` for those that it doesn't have.
    ///
    /// # Errors
    /// When a tree can't be read or holds a ticket that belongs elsewhere.
    pub fn changed_since(&self, root: &str) -> Result<Vec<(TicketId, Option<Files>)>, StoreError> {
        let differences = self.differences_since(root)?;
        Ok(differences.iter().map(|one| (one.id, one.files.clone())).collect())
    }

    /// The same, and what their folders of artifacts were. Several ask one after another; it is found once.
    ///
    /// # Errors
    /// As [`Snapshot::changed_since`].
    pub(super) fn differences_since(&self, root: &str) -> Result<Arc<Vec<Difference>>, StoreError> {
        let bad = || StoreError::Other(format!("'{root}' is no object id"));
        let before = ObjectId::from_hex(root.as_bytes()).map_err(|_| bad())?;
        let after = self.root()?;
        let known = self.store().differences.lock().ok().and_then(|known| known.clone());
        if let Some((_, _, found)) = known.filter(|(from, to, _)| (*from, *to) == (before, after)) {
            return Ok(found);
        }
        let found = Arc::new(self.differences(before)?);
        if let Ok(mut known) = self.store().differences.lock() {
            *known = Some((before, after, Arc::clone(&found)));
        }
        Ok(found)
    }

    fn differences(&self, root: ObjectId) -> Result<Vec<Difference>, StoreError> {
        let before = self.folders("the root of the tickets", root)?;
        let before = before.into_iter().find(|entry| entry.name == layout::TICKETS).map(|entry| entry.id);
        let after = self.tickets()?;
        if before == after {
            return Ok(Vec::new());
        }
        let ends = |path: &str, tree: Option<ObjectId>| -> Result<BTreeMap<String, ObjectId>, StoreError> {
            let tickets = tree.map_or(Ok(Vec::new()), |tree| self.folders(path, tree))?;
            Ok(tickets.into_iter().map(|entry| (entry.name, entry.id)).collect())
        };
        let mut pairs = Vec::new();
        for (first, (before, after)) in paired(ends(layout::TICKETS, before)?, ends(layout::TICKETS, after)?)
        {
            let path = format!("{}/{first}", layout::TICKETS);
            for (second, (before, after)) in paired(ends(&path, before)?, ends(&path, after)?) {
                let leaf = |tree| Leaf { ends: (first.clone(), second.clone()), tree };
                pairs.push((before.map(leaf), after.map(leaf)));
            }
        }
        let found = self.each_of(&pairs, |snapshot, (before, after)| snapshot.compare(before, after))?;
        Ok(found.into_iter().flatten().collect())
    }

    fn compare(&self, before: &Option<Leaf>, after: &Option<Leaf>) -> Result<Vec<Difference>, StoreError> {
        let object = |leaf: &Option<Leaf>| {
            let read = |leaf: &Leaf| self.store().object("a folder of tickets", leaf.tree);
            leaf.as_ref().map(read).transpose()
        };
        let (old, new) = (object(before)?, object(after)?);
        let (mut found, mut ids) = (Vec::new(), BTreeSet::new());
        let empty = gix::objs::TreeRef::empty();
        let old = old.as_ref().map(|tree| snapshot::decode("a folder of tickets", tree)).transpose()?;
        let new = new.as_ref().map(|tree| snapshot::decode("a folder of tickets", tree)).transpose()?;
        let old = old.as_ref().unwrap_or(&empty);
        let new = new.as_ref().unwrap_or(&empty);
        differing(&old.entries, &new.entries, |entry| {
            ids.extend(entry.filename.to_str().ok().and_then(|name| ticket_of(name, entry)));
        });
        let mut files = gathered(&new.entries, &ids);
        let mut files_before = gathered(&old.entries, &ids);
        for id in ids {
            before.iter().chain(after).try_for_each(|leaf| leaf.holds(&id))?;
            found.push(Difference {
                id,
                files: files.remove(&id).filter(|files| files.has(layout::ITEM)),
                folder_before: files_before.remove(&id).and_then(|files| files.folder),
            });
        }
        Ok(found)
    }

    /// Makes something of each of many things, with several threads where there are enough; in their order.
    ///
    /// # Errors
    /// What `make` says of one of them.
    pub fn each_of<I: Sync, T: Send>(
        &self,
        items: &[I],
        make: impl Fn(&Snapshot, &I) -> Result<T, StoreError> + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let threads = threads().min(items.len() / WORTH_A_THREAD);
        if threads < 2 {
            return items.iter().map(|item| make(self, item)).collect();
        }
        self.store().lookup.stop();
        let (next, make) = (&AtomicUsize::new(0), &make);
        let work = move |snapshot: &Snapshot| {
            let mut made = Vec::new();
            loop {
                let begin = next.fetch_add(TURN, Memory::Relaxed);
                let Some(turn) =
                    items.get(begin..items.len().min(begin + TURN)).filter(|turn| !turn.is_empty())
                else {
                    return Ok(made);
                };
                made.push((
                    begin,
                    turn.iter().map(|item| make(snapshot, item)).collect::<Result<Vec<T>, _>>()?,
                ));
            }
        };
        let mut made = Vec::new();
        thread::scope(|scope| {
            let twins: Vec<_> = (1..threads).map(|_| self.twin()).collect();
            let others: Vec<_> =
                twins.into_iter().map(|twin| scope.spawn(move || work(&twin.snapshot()))).collect();
            let own = work(self);
            for other in others {
                let bad = |_| StoreError::Other("a thread that reads has ended".to_owned());
                made.extend(other.join().map_err(bad)??);
            }
            made.extend(own?);
            Ok::<(), StoreError>(())
        })?;
        made.sort_unstable_by_key(|(begin, _)| *begin);
        Ok(made.into_iter().flat_map(|(_, made)| made).collect())
    }
}

/// A ticket in which something differs between two versions.
#[derive(Debug, Clone)]
pub(super) struct Difference {
    pub(super) id: TicketId,
    /// Its files in the later one, if it has the ticket.
    pub(super) files: Option<Files>,
    /// Its folder of artifacts in the earlier one.
    pub(super) folder_before: Option<ObjectId>,
}

/// The trees of two versions, and what differs between them.
pub(super) type Known = Mutex<Option<(ObjectId, Option<ObjectId>, Arc<Vec<Difference>>)>>;

/// The files of some tickets in a folder.
fn gathered(entries: &[EntryRef], ids: &BTreeSet<TicketId>) -> BTreeMap<TicketId, Files> {
    let names: BTreeSet<String> = ids.iter().map(ToString::to_string).collect();
    let mut found = BTreeMap::new();
    for entry in entries {
        // Most are others', which their first letters tell.
        let Some(name) = entry.filename.get(..id::LENGTH).and_then(|name| name.to_str().ok()) else {
            continue;
        };
        if names.contains(name)
            && let Ok(name) = entry.filename.to_str()
        {
            snapshot::place(name, entry.mode.kind(), entry.oid, |id| ids.contains(id), &mut found);
        }
    }
    found
}

impl Leaf {
    /// A ticket that is filed elsewhere than where it belongs is found by some and not by others.
    fn holds(&self, id: &TicketId) -> Result<(), StoreError> {
        let (first, second) = id.shard();
        match (first, second) == (self.ends.0.as_str(), self.ends.1.as_str()) {
            true => Ok(()),
            false => Err(StoreError::Damaged(format!("{id} is in {}, where it doesn't belong", self.path()))),
        }
    }
}

fn ticket_of(name: &str, entry: &EntryRef) -> Option<TicketId> {
    match layout::entry(name, entry.mode.kind() == EntryKind::Tree) {
        layout::Entry::File(id, _) | layout::Entry::Artifacts(id) => Some(id),
        layout::Entry::Foreign => None,
    }
}

/// What differs of two folders of folders: the name, and the folder on each side.
fn paired(
    before: BTreeMap<String, ObjectId>,
    mut after: BTreeMap<String, ObjectId>,
) -> BTreeMap<String, (Option<ObjectId>, Option<ObjectId>)> {
    let mut pairs = BTreeMap::new();
    for (name, old) in before {
        match after.remove(&name) {
            Some(new) if new == old => {}
            new => drop(pairs.insert(name, (Some(old), new))),
        }
    }
    pairs.extend(after.into_iter().map(|(name, new)| (name, (None, Some(new)))));
    pairs
}

/// Names each entry that is in one of two folders only, or is not the same in both. Folders that are not in git's
/// order may get more of their entries named than differ, never fewer.
fn differing<'a>(
    mut old: &'a [EntryRef<'a>],
    mut new: &'a [EntryRef<'a>],
    mut name: impl FnMut(&EntryRef<'a>),
) {
    loop {
        match (old.split_first(), new.split_first()) {
            (None, None) => return,
            (Some((one, rest)), None) => {
                name(one);
                old = rest;
            }
            (None, Some((other, rest))) => {
                name(other);
                new = rest;
            }
            (Some((one, old_rest)), Some((other, new_rest))) => {
                if one == other {
                    (old, new) = (old_rest, new_rest);
                    continue;
                }
                let order = one.cmp(other);
                if order != Ordering::Greater {
                    name(one);
                    old = old_rest;
                }
                if order != Ordering::Less {
                    name(other);
                    new = new_rest;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gix::objs::tree::EntryMode;

    fn named(old: &[(&'static str, u8)], new: &[(&'static str, u8)]) -> Vec<String> {
        let ids: Vec<ObjectId> = (0..4).map(|byte| ObjectId::Sha1([byte; 20])).collect();
        let entry = |(name, id): &(&'static str, u8)| EntryRef {
            mode: EntryMode::from(EntryKind::Blob),
            filename: (*name).into(),
            oid: &ids[usize::from(*id)],
        };
        let old: Vec<EntryRef> = old.iter().map(entry).collect();
        let new: Vec<EntryRef> = new.iter().map(entry).collect();
        let mut found = BTreeSet::new();
        differing(&old, &new, |entry| found.extend([entry.filename.to_string()]));
        found.into_iter().collect()
    }

    #[test]
    fn only_what_differs_is_named() {
        assert_eq!(
            named(&[("a", 0), ("b", 0), ("d", 0)], &[("a", 0), ("b", 1), ("c", 0), ("d", 0)]),
            ["b", "c"]
        );
        assert_eq!(named(&[("a", 0)], &[]), ["a"]);
        assert_eq!(named(&[], &[("a", 0)]), ["a"]);
        assert!(named(&[("a", 0), ("b", 2)], &[("a", 0), ("b", 2)]).is_empty());
    }

    #[test]
    fn what_differs_is_named_in_folders_without_order_too() {
        let found = named(&[("b", 0), ("a", 1)], &[("a", 0), ("b", 0)]);
        assert!(found.contains(&"a".to_owned()), "{found:?}");
    }
}
