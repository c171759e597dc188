//! Everything on the ref that differs: tickets, and the files at the top.

use std::collections::{BTreeMap, BTreeSet};

use ulid::Ulid;

use super::Files;
use super::alias::{self, Aliases};
use super::note::{Note, What};
use super::register::decide;
use super::thread::Thread;
use super::ticket::{loose, ticket};
use crate::format::layout;
use crate::model::event::{Event, Kind};
use crate::model::id::TicketId;

/// What stands on the ref, or the part of it that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The files of tickets.
    pub tickets: BTreeMap<TicketId, Files>,
    /// All other files, by their path.
    pub files: Files,
}

/// A merged tree, and what there is to say about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// The tickets and files that were handed over, merged. One that is not here any more has moved.
    pub tree: Tree,
    /// What was done, with the ticket it was done to.
    pub notes: Vec<(Option<TicketId>, Note)>,
}

/// The tickets that a merge gives another id: from where, and to where.
///
/// If there are any, hand over to [`tree()`] every ticket that differs from the base on either side, also those
/// that only one side changed: they may name one that moves. `is_taken` says of an id whether either
/// side has a ticket there.
pub fn renames(
    base: &Tree,
    one: &Tree,
    other: &Tree,
    is_taken: impl Fn(&TicketId) -> bool,
) -> Vec<(TicketId, TicketId)> {
    let mut sides = Sides::new(base, one, other);
    sides.rename(&is_taken);
    sides.moved.iter().flatten().map(|(from, to)| (*from, *to)).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Merges all that differs. Hand over each ticket that both sides changed, `aliases` and `format`, and any
/// other file that both changed; see [`renames`] for when more is needed, and [`ticket()`] for which files.
pub fn tree(base: &Tree, one: &Tree, other: &Tree, is_taken: impl Fn(&TicketId) -> bool) -> Merged {
    let mut sides = Sides::new(base, one, other);
    sides.rename(&is_taken);
    sides.rewrite();
    let mut out = Merged::default();
    for (from, to) in sides.moved.iter().flatten().collect::<BTreeSet<_>>() {
        let what = What::Moved { from: from.to_string(), to: to.to_string() };
        out.notes.push((Some(*to), Note { file: layout::ALIASES.to_owned(), what }));
    }
    let [old, left, right] = &sides.trees;
    let none = Files::new();
    for id in left.tickets.keys().chain(right.tickets.keys()).collect::<BTreeSet<_>>() {
        let [old, left, right] = [old, left, right].map(|tree| tree.tickets.get(id).unwrap_or(&none));
        let (files, notes) = ticket(old, left, right);
        out.tree.tickets.insert(*id, files);
        out.notes.extend(notes.into_iter().map(|note| (Some(*id), note)));
    }
    let mut formats = [const { None }; 3];
    for (tree, format) in sides.trees.iter_mut().zip(&mut formats) {
        tree.files.remove(layout::ALIASES);
        *format = tree.files.remove(layout::FORMAT);
    }
    let [old, left, right] = &sides.trees;
    let (files, notes) = loose(&old.files, &left.files, &right.files);
    out.tree.files = files;
    out.notes.extend(notes.into_iter().map(|note| (None, note)));
    let aliases = sides.aliases.write().map(String::into_bytes);
    for (name, content) in [(layout::ALIASES, aliases), (layout::FORMAT, newest_format(formats))] {
        out.tree.files.extend(content.map(|content| (name.to_owned(), content)));
    }
    out
}

/// Of base and sides: the side's `format` that changed or, when both did, that of the higher version.
fn newest_format(formats: [Option<Vec<u8>>; 3]) -> Option<Vec<u8>> {
    let version = |bytes: &[u8]| layout::parse_format(std::str::from_utf8(bytes).ok()?).ok();
    let ranked = |bytes: Vec<u8>| (version(&bytes), bytes);
    let [base, one, other] = formats.map(|format| format.map(ranked));
    match (one, other) {
        (Some(one), Some(other)) => decide(&base, (None::<()>, Some(one)), (None, Some(other))).kept(),
        (only, None) | (None, only) => only,
    }
    .map(|(_, bytes)| bytes)
}

const BASE: usize = 0;
const SIDES: [usize; 2] = [1, 2];

/// The base and both sides while tickets move in them.
struct Sides {
    trees: [Tree; 3],
    aliases: Aliases,
    /// What moved in each tree.
    moved: [BTreeMap<TicketId, TicketId>; 3],
}

impl Sides {
    fn new(base: &Tree, one: &Tree, other: &Tree) -> Self {
        let mut aliases = Aliases::read(&base.files);
        aliases.extend(Aliases::read(&one.files));
        aliases.extend(Aliases::read(&other.files));
        let trees = [base.clone(), one.clone(), other.clone()];
        Sides { trees, aliases, moved: Default::default() }
    }

    /// Brings all three under the same ids: first those that one side knows already, then those of tickets
    /// that were made on both sides with the same id.
    fn rename(&mut self, is_taken: &dyn Fn(&TicketId) -> bool) {
        for (creation, ids) in self.aliases.homes() {
            let Some(home) = ids.last() else { continue };
            for tree in 0..self.trees.len() {
                for from in ids.iter().filter(|id| *id != home) {
                    if self.creation(tree, from) == Some(creation) {
                        self.make_room(*home, creation, is_taken);
                        self.relocate(tree, *from, creation, *home);
                    }
                }
            }
        }
        let [base, one, other] = &self.trees;
        let both = one.tickets.keys().filter(|id| other.tickets.contains_key(*id));
        let both: Vec<TicketId> = both.filter(|id| !base.tickets.contains_key(*id)).copied().collect();
        for id in both {
            let [one, other] = SIDES.map(|side| self.creation(side, &id));
            if let (Some(one), Some(other)) = (one, other)
                && one != other
            {
                self.evict(id, one.max(other), is_taken);
            }
        }
    }

    fn creation(&self, tree: usize, id: &TicketId) -> Option<Ulid> {
        alias::creation(self.trees[tree].tickets.get(id)?)
    }

    /// Moves whatever other ticket a tree has at that id.
    fn make_room(&mut self, home: TicketId, creation: Ulid, is_taken: &dyn Fn(&TicketId) -> bool) {
        for tree in 0..self.trees.len() {
            if let Some(present) = self.creation(tree, &home).filter(|present| *present != creation) {
                self.evict(home, present, is_taken);
            }
        }
    }

    /// Gives a ticket a new id in every tree that has it here.
    fn evict(&mut self, from: TicketId, creation: Ulid, is_taken: &dyn Fn(&TicketId) -> bool) {
        let homes = self.aliases.homes();
        let is_free = |id: &TicketId| {
            !is_taken(id)
                && !self.trees.iter().any(|tree| tree.tickets.contains_key(id))
                && !homes.values().any(|ids| ids.contains(id))
        };
        let to = alias::new_home(from, creation, |id| !is_free(id));
        for tree in 0..self.trees.len() {
            if self.creation(tree, &from) == Some(creation) {
                self.relocate(tree, from, creation, to);
            }
        }
    }

    /// Files a ticket under another id. One that stands in the way and can't be told apart keeps its place;
    /// the same ticket, there already, takes in what this one has.
    fn relocate(&mut self, tree: usize, from: TicketId, creation: Ulid, to: TicketId) {
        let tickets = &mut self.trees[tree].tickets;
        let Some(files) = tickets.get(&from).cloned() else { return };
        let moved = match tickets.get(&to) {
            None => files,
            Some(present) if alias::creation(present) == Some(creation) => {
                ticket(&Files::new(), &files, present).0
            }
            Some(_) => return,
        };
        tickets.remove(&from);
        tickets.insert(to, moved);
        self.moved[tree].insert(from, to);
        self.aliases.add(from, creation, to);
    }

    /// Lets what names a moved ticket name its new id, in each tree that had it under the old one. What
    /// stood in the base before there was such a ticket stays.
    fn rewrite(&mut self) {
        let base = self.trees[BASE].clone();
        let renamed_in_base = self.moved[BASE].clone();
        for (tree, moved) in self.trees.iter_mut().zip(&self.moved) {
            // A ticket moves to a greater id, maybe one that another just left.
            for (from, to) in moved.iter().rev() {
                let none = Files::new();
                for (id, files) in &mut tree.tickets {
                    let old = base.tickets.get(id).filter(|_| !renamed_in_base.contains_key(from));
                    rename_in(files, old.unwrap_or(&none), *from, *to);
                }
            }
        }
    }
}

/// Renames a ticket in the files of one, in what these have beyond the old ones.
fn rename_in(files: &mut Files, old: &Files, from: TicketId, to: TicketId) {
    let (quoted, new) = (format!("\"{from}\""), format!("\"{to}\""));
    for (name, content) in files.iter_mut() {
        let Ok(text) = std::str::from_utf8(content) else { continue };
        let before = old.get(name).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let renamed = match name.as_str() {
            layout::THREAD => rename_in_thread(text, before, from, to),
            layout::RELATIONS if !before.contains(&quoted) => text.replace(&quoted, &new),
            layout::PLAN => {
                let known: BTreeSet<&str> = before.split_inclusive('\n').collect();
                let lines = text.split_inclusive('\n');
                let line = |line: &str| {
                    if known.contains(line) { line.to_owned() } else { line.replace(&quoted, &new) }
                };
                lines.map(line).collect()
            }
            _ => continue,
        };
        *content = renamed.into_bytes();
    }
}

/// Relation events that name the ticket name it by its new id, in header and text.
fn rename_in_thread(text: &str, before: &str, from: TicketId, to: TicketId) -> String {
    let (old, thread) = (Thread::read(before), Thread::read(text));
    let named =
        |event: &Event| event.kind == Kind::Relation && event.attribute("target") == Some(from.as_str());
    let cores: BTreeSet<&str> =
        thread.since(&old).filter(|piece| named(&piece.event)).map(|piece| piece.core).collect();
    let mut out = thread.preamble.to_owned();
    for piece in &thread.pieces {
        match cores.contains(piece.core) {
            true => out.push_str(&piece.raw.replace(from.as_str(), to.as_str())),
            false => out.push_str(piece.raw),
        }
    }
    out
}
