//! What was looked at already: where each target branch stood when landings were last looked for, and which
//! tickets have work that may still land.
//!
//! A file in this program's own folder. It can be deleted at any time: then more is looked at again, and what is
//! found is what was found before. So a damaged one counts as none, and one that can't be written is no fault.
//!
//! It is written in place, with a checksum: a file that takes the place of another is written to disk at once by some
//! file systems, which costs more than all the rest of a write.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;

use gix::objs::tree::EntryKind;

use crate::format::layout;
use crate::host::failpoint;
use crate::model::id::TicketId;

use super::snapshot::{Files, Snapshot};
use super::{ObjectId, Store, StoreError};

/// So many folders of tickets are few.
const FEW: usize = 64;

/// The first line of the file.
const FIRST: &str = "yoi-cursors 2";

/// What stands before the checksum (CRC-32) of all before it.
const END: &str = "\nend ";

/// What was looked at already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursors {
    /// The tree of the tickets that `working` was made from.
    pub tree: Option<String>,
    /// The commit of that tree, of a format this program writes: whoever finds the ref there needs no object.
    pub tip: Option<String>,
    /// Tickets with recorded work that are not closed.
    pub working: BTreeSet<TicketId>,
    /// Commits by whole name of the ref.
    pub refs: BTreeMap<String, String>,
    /// Fetched commits that may not become ours, by whole name of the ref: somebody was told.
    pub refused: BTreeMap<String, String>,
}

impl Store {
    /// Reads the cursors; none when there is no file or it is damaged.
    pub fn cursors(&self) -> Cursors {
        let text = std::fs::read_to_string(self.own_dir().join("cursors")).unwrap_or_default();
        parse(&text).unwrap_or_default()
    }

    /// What is wrong with the cursors; nothing when there are none.
    pub fn cursors_fault(&self) -> Option<String> {
        let bytes = std::fs::read(self.own_dir().join("cursors")).ok()?;
        let read = String::from_utf8(bytes).ok().and_then(|text| parse(&text));
        let why = match read {
            None => "can't be read and count as none",
            Some(cursors) => {
                let found = cursors.tip.as_deref().and_then(|tip| self.tree_named(tip));
                let is_same = found.is_none() || found == cursors.tree;
                (!is_same).then_some("name a commit and the tree of another")?
            }
        };
        Some(format!("the cursors {why}: all branches are looked at again"))
    }

    /// Removes the cursors: then all is looked at again. Says whether they are gone.
    pub fn forget_cursors(&self) -> bool {
        let path = self.own_dir().join("cursors");
        // Whether there was one is told by looking.
        let _ = std::fs::remove_file(&path);
        !path.exists()
    }

    /// Writes the cursors. Says whether that worked.
    pub fn keep_cursors(&self, cursors: &Cursors) -> bool {
        let text = write(cursors);
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        let folder = self.own_dir();
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| options.open(folder.join("cursors")))
            .and_then(|mut file| {
                file.write_all(text.as_bytes())?;
                failpoint::step("the cursors are written");
                // What is behind the end of shorter ones is not read.
                file.set_len(text.len() as u64)
            });
        failpoint::step("the cursors are kept");
        written.is_ok()
    }

    /// The tree of the present tickets, as [`Cursors::tree`] has it.
    pub fn tickets_tree(&self, snapshot: &Snapshot) -> Option<String> {
        snapshot.root_name().ok()?
    }

    /// The tree of a version of the tickets, by the full id of its commit; `None` when this clone lacks it.
    pub fn tree_named(&self, commit: &str) -> Option<String> {
        let id = ObjectId::from_hex(commit.as_bytes()).ok().filter(|id| self.is_there(id))?;
        self.tree_of(id).ok().map(|tree| tree.to_string())
    }

    /// The tickets whose state or recorded work may differ between an earlier tree and a snapshot. `None` when
    /// the earlier tree can't be read any more.
    pub fn touched_since(&self, tree: &str, snapshot: &Snapshot) -> Option<Touched> {
        let before = ObjectId::from_hex(tree.as_bytes()).ok()?;
        if !self.is_there(&before) {
            return None;
        }
        let mut touched = Touched::default();
        let Ok(differences) = snapshot.differences_since(tree) else {
            return touched_paths(before, snapshot);
        };
        for one in differences.iter() {
            touched.states.insert(one.id);
            let folder = one.files.as_ref().and_then(|files| files.folder);
            if folder != one.folder_before && self.work_in(folder) != self.work_in(one.folder_before) {
                touched.works.insert(one.id);
            }
            touched.files.extend(one.files.clone().map(|files| (one.id, files)));
        }
        Some(touched)
    }

    /// The file with recorded work in a folder of artifacts.
    fn work_in(&self, folder: Option<ObjectId>) -> Option<ObjectId> {
        let name = layout::WORK.strip_prefix(layout::ARTIFACTS)?;
        let tree = self.look_for(folder?).ok()??.try_into_tree().ok()?;
        let entry = tree.find_entry(name)?;
        entry.mode().is_blob().then(|| entry.object_id())
    }
}

/// The same where a ticket is not where it belongs: it is found by its paths.
fn touched_paths(before: ObjectId, snapshot: &Snapshot) -> Option<Touched> {
    let changes = super::history::changed_paths(snapshot, Some(before), snapshot.root().ok()?).ok()?;
    let mut touched = Touched::default();
    for path in changes {
        let mut parts = path.rsplitn(3, '/');
        let (file, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if let layout::Entry::File(id, layout::ITEM) = layout::entry(file, false) {
            touched.states.insert(id);
        } else if let (Some(id), true) =
            (TicketId::parse(folder), layout::WORK.ends_with(&format!("/{file}")))
        {
            touched.works.insert(id);
        }
    }
    for id in touched.states.union(&touched.works) {
        touched.files.extend(snapshot.ticket(id).ok()?.map(|files| (*id, files)));
    }
    Some(touched)
}

/// Tickets in which something changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Tickets whose fields or threads changed.
    pub states: BTreeSet<TicketId>,
    /// Tickets whose recorded work changed.
    pub works: BTreeSet<TicketId>,
    /// The files of those that are there.
    pub files: BTreeMap<TicketId, Files>,
}

fn parse(text: &str) -> Option<Cursors> {
    // The last line tells that the file is whole. Behind it may be the rest of a longer one.
    let (text, end) = text.split_once(END)?;
    let sum = end.get(..8).filter(|_| end.as_bytes().get(8) == Some(&b'\n'))?;
    if u32::from_str_radix(sum, 16).ok()? != crc32fast::hash(text.as_bytes()) {
        return None;
    }
    let mut lines = text.lines();
    if lines.next() != Some(FIRST) {
        return None;
    }
    let mut cursors = Cursors::default();
    for line in lines {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["tip", tip] => cursors.tip = Some((*tip).to_owned()),
            ["tree", tree] => cursors.tree = Some((*tree).to_owned()),
            ["work", id] => drop(cursors.working.insert(TicketId::parse(id)?)),
            ["ref", name, id] => drop(cursors.refs.insert((*name).to_owned(), (*id).to_owned())),
            ["bad", name, id] => drop(cursors.refused.insert((*name).to_owned(), (*id).to_owned())),
            _ => return None,
        }
    }
    Some(cursors)
}

fn write(cursors: &Cursors) -> String {
    let mut out = format!("{FIRST}\n");
    if let Some(tip) = &cursors.tip {
        let _ = writeln!(out, "tip {tip}");
    }
    if let Some(tree) = &cursors.tree {
        let _ = writeln!(out, "tree {tree}");
    }
    for id in &cursors.working {
        let _ = writeln!(out, "work {id}");
    }
    for (name, id) in &cursors.refs {
        let _ = writeln!(out, "ref {name} {id}");
    }
    for (name, id) in &cursors.refused {
        let _ = writeln!(out, "bad {name} {id}");
    }
    // The end of the last line belongs to what tells the end.
    out.pop();
    let sum = crc32fast::hash(out.as_bytes());
    let _ = writeln!(out, "{END}{sum:08x}");
    out
}

impl Snapshot<'_> {
    /// The tickets that have recorded work.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn with_work(&self) -> Result<Vec<Files>, StoreError> {
        let of = |snapshot: &Snapshot, all: &[Files]| {
            let work =
                |files: &Files| snapshot.has_work(files).map(|has_work| has_work.then(|| files.clone()));
            all.iter().filter_map(|files| work(files).transpose()).collect::<Result<Vec<_>, _>>()
        };
        let mut found = Vec::new();
        // Few folders are read before another thread has begun.
        if self.leaves()?.len() < FEW {
            return of(self, &self.with_artifacts()?);
        }
        if self.each_leaf(of, |some| found.extend(some)).is_err() {
            // A ticket that is filed where it doesn't belong hides no other.
            return of(self, &self.with_artifacts()?);
        }
        found.sort_unstable_by_key(|files| files.id);
        Ok(found)
    }

    fn has_work(&self, files: &Files) -> Result<bool, StoreError> {
        let Some(folder) = files.folder else { return Ok(false) };
        let name = layout::WORK.strip_prefix(layout::ARTIFACTS).unwrap_or(layout::WORK);
        let mut entries = self.entries("artifacts", folder)?.into_iter();
        Ok(entries.any(|entry| entry.name == name && entry.kind == EntryKind::Blob))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_read_as_they_were_written_and_only_whole() {
        let id = TicketId::from_millis(1_782_398_643_212);
        let cursors = Cursors {
            tree: Some("ab".to_owned()),
            tip: Some("12".to_owned()),
            working: BTreeSet::from([id]),
            refs: BTreeMap::from([("refs/heads/main".to_owned(), "cd".to_owned())]),
            refused: BTreeMap::from([("refs/yoi/remotes/a/tickets".to_owned(), "ef".to_owned())]),
        };
        let text = write(&cursors);
        assert_eq!(parse(&text), Some(cursors));
        for end in 0..text.len() - 1 {
            assert_eq!(parse(&text[..end]), None, "{end}");
        }
        assert_eq!(parse(&text.replace("refs/heads/main", "refs/heads/mann")), None);
        assert_eq!(parse(&text.replace("ab", "abcd")), None);
        assert_eq!(parse(&format!("{text}ork 12\nend 12\n")), parse(&text));
        assert_eq!(parse(&write(&Cursors::default())), Some(Cursors::default()));
    }
}
