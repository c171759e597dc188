//! Names and places on the ref: what lies where it belongs, and what doesn't.

use std::collections::{BTreeMap, BTreeSet};

use super::Reader;
use super::findings::{Findings, InFile, quoted};
use crate::format::layout;
use crate::model::id::{LENGTH, TicketId};
use crate::store::ObjectId;
use crate::store::snapshot::{Listed, Mode};

/// How much memory the names of all artifacts may take, in bytes, roughly: a few small trees that hold
/// each other can name any number of files.
const MOST_NAMES: usize = 256 * 1024 * 1024;
/// The longest path of a folder below an artifacts' folder that is followed, in bytes.
const LONGEST_PATH: usize = 1024;

/// The files of a ticket by name, artifacts included; `None` for what is no file.
pub(super) type Files = BTreeMap<String, Option<ObjectId>>;

/// What lies on the ref.
#[derive(Default)]
pub(super) struct Tree {
    /// The `format` file.
    pub(super) format: Option<ObjectId>,
    /// Every ticket, wherever it is filed.
    pub(super) tickets: BTreeMap<TicketId, Files>,
    /// Files of tickets that are marked as programs, by ticket and name.
    pub(super) programs: Vec<(TicketId, String, ObjectId)>,
    /// Folders that may hold tickets can't be read.
    pub(super) is_partial: bool,
}

/// Walks over everything on the ref.
pub(super) fn walk(reader: &Reader, findings: &mut Findings) -> Tree {
    let mut walker = Walker { reader, findings, tree: Tree::default(), leaves: BTreeSet::new(), names: 0 };
    walker.root();
    walker.tree
}

struct Walker<'a> {
    reader: &'a Reader<'a>,
    findings: &'a mut Findings,
    tree: Tree,
    /// Folders of tickets that were looked at.
    leaves: BTreeSet<ObjectId>,
    /// Bytes that the names of artifacts take so far.
    names: usize,
}

impl Walker<'_> {
    fn root(&mut self) {
        for entry in self.entries("", None) {
            match (entry.name.as_str(), entry.mode) {
                (layout::TICKETS, Mode::Folder) => self.tickets(entry.object),
                (layout::TICKETS, _) => self.foreign(layout::TICKETS),
                (name, Mode::Folder) => self.unknown(name),
                (name, mode) if !self.is_file(None, name, mode) => {}
                (layout::FORMAT, _) => self.tree.format = Some(entry.object),
                (layout::ALIASES, _) => {}
                (name, _) => self.unknown(name),
            }
        }
    }

    fn unknown(&mut self, name: &str) {
        let why = "unknown to this program, which keeps it as it is".to_owned();
        self.findings.on_ref(Some(name)).warning("unknown_root_entry", None, why);
    }

    fn tickets(&mut self, folder: ObjectId) {
        for first in self.entries(layout::TICKETS, Some(folder)) {
            let path = format!("{}/{}", layout::TICKETS, first.name);
            if first.mode != Mode::Folder || !is_shard(&first.name) {
                self.foreign(&path);
                continue;
            }
            for second in self.entries(&path, Some(first.object)) {
                let path = format!("{path}/{}", second.name);
                if second.mode == Mode::Folder && is_shard(&second.name) {
                    self.leaf(&path, (&first.name, &second.name), second.object);
                } else {
                    self.foreign(&path);
                }
            }
        }
    }

    fn foreign(&mut self, path: &str) {
        let why = "neither a ticket's file nor a folder of tickets".to_owned();
        self.findings.on_ref(Some(path)).error("foreign_entry", None, why);
    }

    /// A folder of tickets. One that is there twice under different names is looked at once.
    fn leaf(&mut self, path: &str, shard: (&str, &str), folder: ObjectId) {
        if !self.leaves.insert(folder) {
            let why = "the same folder stands in another place too".to_owned();
            self.findings.on_ref(Some(path)).error("foreign_entry", None, why);
            return;
        }
        let mut here: BTreeMap<TicketId, Files> = BTreeMap::new();
        for entry in self.entries(path, Some(folder)) {
            match layout::entry(&entry.name, entry.mode == Mode::Folder) {
                layout::Entry::File(id, name) => {
                    let blob = self.is_file(Some(id), name, entry.mode).then_some(entry.object);
                    self.note_program(id, name, &entry);
                    self.check_name(id, name, name);
                    here.entry(id).or_default().insert(name.to_owned(), blob);
                }
                layout::Entry::Artifacts(id) => {
                    let mut files = std::mem::take(here.entry(id).or_default());
                    self.artifacts(id, entry.object, &mut files);
                    here.insert(id, files);
                }
                layout::Entry::Foreign => self.foreign(&format!("{path}/{}", entry.name)),
            }
        }
        for (id, files) in here {
            self.file_under(id, files, path, id.shard() == shard);
        }
    }

    /// Keeps the files of a ticket; of those in two places the ones in the right place count.
    fn file_under(&mut self, id: TicketId, files: Files, path: &str, is_right: bool) {
        let right = layout::folder(&id);
        if !is_right {
            let why = format!("filed in {} instead of {right}", quoted(path));
            self.findings.on_ticket(id).error("wrong_shard", None, why);
        }
        if self.tree.tickets.contains_key(&id) {
            let why = format!("the id stands in {} and in another place", quoted(path));
            self.findings.on_ticket(id).error("duplicate_id", None, why);
            if !is_right {
                return;
            }
        }
        self.tree.tickets.insert(id, files);
    }

    fn artifacts(&mut self, id: TicketId, folder: ObjectId, files: &mut Files) {
        let mut open = vec![(layout::ARTIFACTS.to_owned(), folder)];
        while let Some((prefix, folder)) = open.pop() {
            if self.names >= MOST_NAMES || prefix.len() > LONGEST_PATH {
                let why = format!("too many or too deep: {} was not looked into", quoted(&prefix));
                self.findings.in_file(id, layout::ARTIFACTS).error("too_many_artifacts", None, why);
                continue;
            }
            for entry in self.entries_of(Some(id), &prefix, Some(folder)) {
                let name = format!("{prefix}{}", entry.name);
                self.names += name.len() + std::mem::size_of::<(String, ObjectId)>();
                self.check_name(id, &name, &entry.name);
                if entry.mode == Mode::Folder {
                    open.push((name + "/", entry.object));
                } else {
                    let blob = self.is_file(Some(id), &name, entry.mode).then_some(entry.object);
                    self.note_program(id, &name, &entry);
                    files.insert(name, blob);
                }
            }
        }
    }

    /// One part of a path: a name with a slash in it is as bad as `..`.
    fn check_name(&mut self, id: TicketId, name: &str, part: &str) {
        if let Some(why) = layout::unsafe_fault(part) {
            let why = format!("the name {} is unsafe: {why}", quoted(part));
            self.findings.in_file(id, name).error("unsafe_path", None, why);
        }
    }

    fn note_program(&mut self, id: TicketId, name: &str, entry: &Listed) {
        if entry.mode == Mode::Executable {
            self.tree.programs.push((id, name.to_owned(), entry.object));
        }
    }

    /// Whether an entry is a file that readers read.
    fn is_file(&mut self, id: Option<TicketId>, name: &str, mode: Mode) -> bool {
        let mut out = match id {
            Some(id) => self.findings.in_file(id, name),
            None => self.findings.on_ref(Some(name)),
        };
        match mode {
            Mode::File => true,
            Mode::Folder => false,
            Mode::Executable => {
                program(&mut out);
                true
            }
            Mode::Link => {
                out.error("symbolic_link", None, "a symbolic link, which no reader follows".to_owned());
                false
            }
            Mode::Submodule => {
                out.error("submodule", None, "a commit of another repository, not a file".to_owned());
                false
            }
        }
    }

    fn entries(&mut self, path: &str, folder: Option<ObjectId>) -> Vec<Listed> {
        self.entries_of(None, path, folder)
    }

    /// The entries of a folder whose names can be read.
    fn entries_of(&mut self, id: Option<TicketId>, path: &str, folder: Option<ObjectId>) -> Vec<Listed> {
        let mut out = match id {
            Some(id) => self.findings.in_file(id, path),
            None => self.findings.on_ref(Some(path).filter(|path| !path.is_empty())),
        };
        let mut entries = (self.reader.list)(folder).unwrap_or_else(|error| {
            self.tree.is_partial |= id.is_none();
            out.error("damaged_object", None, error.to_string());
            Vec::new()
        });
        let mut names = BTreeSet::new();
        entries.retain(|entry| {
            if !entry.is_utf8 {
                let why = format!("the name {} is not UTF-8, so no reader looks at it", quoted(&entry.name));
                out.error("name_not_utf8", None, why);
            } else if !names.insert(entry.name.clone()) {
                out.error("duplicate_entry", None, format!("{} stands twice in it", quoted(&entry.name)));
            }
            entry.is_utf8
        });
        entries
    }
}

/// Tells of a file that is marked as a program.
pub(super) fn program(out: &mut InFile) {
    out.warning("executable_file", None, "marked as a program, which nothing here is".to_owned());
}

/// Whether ids can end with this character.
fn is_shard(name: &str) -> bool {
    name.len() == 1 && TicketId::parse(&format!("{name:0>LENGTH$}")).is_some()
}
