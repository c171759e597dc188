//! Taking over tickets from a directory with one folder for each: one commit, all or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::format::{fault, item, layout, thread};
use crate::model::event::Kind;
use crate::model::id::TicketId;
use crate::model::limit;
use crate::store::publish::{Batch, Judged, Proposal};
use crate::store::snapshot::{Files, Snapshot};

use super::Problem;
use super::problem::{BadTicket, count};
use super::session::Session;
use super::stored;

mod gathering;

/// What an import did.
#[derive(Debug, Clone, Default)]
pub struct Imported {
    /// Tickets that are new.
    pub new: usize,
    /// Tickets that were there already, as they are.
    pub unchanged: usize,
    /// Tickets that were passed over, and why.
    pub skipped: Vec<BadTicket>,
    /// Things in the directory that are no tickets.
    pub ignored: Vec<String>,
    /// The commit, when anything was new.
    pub commit: Option<String>,
}

/// A folder with a ticket, read.
struct Folder {
    id: TicketId,
    /// Files by their name in the folder, the plain `.gitkeep` aside.
    files: BTreeMap<String, Vec<u8>>,
}

/// Imports every ticket of a directory in yoi's layout. Tickets that are there already stay as they
/// are. With `keep_going` bad tickets are passed over; without, one keeps all from being written.
///
/// What is read goes into a pack at once, so that memory is bounded by the number of tickets and not by their
/// size; nothing of it is in the repository until all of it is. `progress` is told how many folders of how
/// many are done.
///
/// # Errors
/// When the directory can't be read or holds no tickets, when a ticket is bad, or the repository can't
/// be written.
pub fn import(
    session: &Session,
    directory: &Path,
    keep_going: bool,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Imported> {
    let mut outcome = Imported::default();
    let found = folders(directory, &mut outcome)?;
    if found.is_empty() && outcome.skipped.is_empty() {
        return Err(Problem::NothingToImport(directory.to_owned()).into());
    }
    let snapshot = session.store.snapshot()?;
    let examined = snapshot.tip();
    let mut batch = session.store.batch(session.host)?;
    gathering::gather(session, &snapshot, &found, &mut batch, &mut outcome, progress)?;
    drop(found);
    let judge = |snapshot: &Snapshot, batch: &mut Batch| -> anyhow::Result<Judged<Imported>> {
        let mut outcome = outcome.clone();
        if snapshot.tip() != examined {
            settle_races(snapshot, directory, batch, &mut outcome)?;
        }
        outcome.new = batch.ids().count();
        if !keep_going && !outcome.skipped.is_empty() {
            return Err(Problem::BadTickets(outcome.skipped).into());
        }
        if outcome.new == 0 {
            return Ok(Judged::Nothing(outcome));
        }
        let stamp = session.stamp()?;
        let proposal = Proposal {
            edits: Vec::new(),
            subject: format!("{}: imported", count(outcome.new, "ticket")),
            trailers: Vec::new(),
            actor: stamp.actor,
            millis: stamp.millis,
            is_derived: false,
        };
        Ok(Judged::Publish(proposal, outcome))
    };
    let (mut outcome, commit) = session.store.publish_batch(session.host, &mut batch, judge)?;
    outcome.commit = commit;
    Ok(outcome)
}

/// Looks again at tickets that somebody else may have brought meanwhile.
fn settle_races(
    snapshot: &Snapshot,
    directory: &Path,
    batch: &mut Batch,
    outcome: &mut Imported,
) -> anyhow::Result<()> {
    let mut settled = BTreeSet::new();
    for id in batch.ids() {
        let Some(present) = snapshot.ticket(&id)? else { continue };
        settled.insert(id);
        match read_folder(id.as_str(), &directory.join(id.as_str())) {
            Ok(folder) => compare(snapshot, &present, &folder, outcome)?,
            Err(why) => outcome.skipped.push(BadTicket { name: id.to_string(), why }),
        }
    }
    batch.remove(&settled);
    Ok(())
}

/// The ticket folders of a directory, in order of name. Hidden folders and those without `item.md` are
/// no tickets, as in yoi.
fn folders(directory: &Path, outcome: &mut Imported) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let fail = |error: std::io::Error| Problem::file(directory, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        if name.starts_with('.') {
            continue;
        }
        let is_folder = entry.file_type().map_err(fail)?.is_dir();
        if is_folder && path.join(layout::ITEM).symlink_metadata().is_ok() {
            found.push((name, path));
        } else if entry.file_type().map_err(fail)?.is_symlink() && TicketId::parse(&name).is_some() {
            outcome.skipped.push(BadTicket { name, why: "it is a link, not a folder".to_owned() });
        } else {
            outcome.ignored.push(name);
        }
    }
    found.sort();
    outcome.ignored.sort();
    Ok(found)
}

fn read_folder(name: &str, path: &Path) -> Result<Folder, String> {
    let id = TicketId::parse(name).ok_or("the folder's name is no ticket id")?;
    let mut files = BTreeMap::new();
    read_files(path, "", &mut files)?;
    let mut folded = BTreeMap::new();
    for file in files.keys() {
        if let Some(other) = folded.insert(file.to_lowercase(), file) {
            let (file, other) = (file.escape_debug(), other.escape_debug());
            return Err(format!("'{file}' and '{other}' differ in case only"));
        }
    }
    for required in [layout::ITEM, layout::THREAD] {
        let bytes = files.get(required).ok_or_else(|| format!("{required} is missing"))?;
        let text = fault::utf8(bytes).map_err(|fault| format!("{required}: {fault}"))?;
        if required == layout::ITEM {
            let item = item::parse(id, text).map_err(|fault| format!("{required}: {fault}"))?;
            if item.ticket.title.trim().is_empty() {
                return Err(format!("{required}: 'title' is missing or empty"));
            }
        }
    }
    if files.contains_key(layout::NO_GITKEEP) {
        return Err(format!("{} is a name that git-yoi itself uses", layout::NO_GITKEEP));
    }
    match files.get(layout::GITKEEP) {
        Some(content) if content.is_empty() => drop(files.remove(layout::GITKEEP)),
        Some(_) => {}
        None => drop(files.insert(layout::NO_GITKEEP.to_owned(), Vec::new())),
    }
    Ok(Folder { id, files })
}

/// Reads every file below a folder. Nothing but plain files and folders is taken: a link could point
/// anywhere.
fn read_files(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{prefix}: {error}");
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name =
            entry.file_name().into_string().map_err(|_| format!("{prefix}: a file name is not UTF-8"))?;
        let path = format!("{prefix}{name}");
        if let Some(why) = layout::unsafe_fault(&name) {
            return Err(format!("'{}': {why}", path.escape_debug()));
        }
        let kind = entry.file_type().map_err(fail)?;
        if kind.is_dir() && (!prefix.is_empty() || format!("{name}/") == layout::ARTIFACTS) {
            read_files(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() {
            let size = entry.metadata().map_err(fail)?.len();
            if size > limit::ARTIFACT as u64 {
                return Err(format!("{path} has {size} bytes; at most {} fit", limit::ARTIFACT));
            }
            files.insert(path, fs::read(entry.path()).map_err(fail)?);
        } else {
            return Err(format!("{path} is neither a plain file nor in the folder of artifacts"));
        }
    }
    Ok(())
}

/// Counts a ticket that is there already.
fn compare(
    snapshot: &Snapshot,
    present: &Files,
    folder: &Folder,
    outcome: &mut Imported,
) -> anyhow::Result<()> {
    if is_contained(snapshot, present, folder)? {
        outcome.unchanged += 1;
    } else {
        let why = "it is here already and differs; the one here is kept".to_owned();
        outcome.skipped.push(BadTicket { name: folder.id.to_string(), why });
    }
    Ok(())
}

/// Whether everything in the folder is here: the same bytes or, for the files git-yoi itself goes on
/// writing, the same thread gone on.
fn is_contained(snapshot: &Snapshot, present: &Files, folder: &Folder) -> anyhow::Result<bool> {
    let thread = snapshot.read(present, layout::THREAD)?.unwrap_or_default();
    let imported = folder.files.get(layout::THREAD).map(Vec::as_slice).unwrap_or_default();
    let has_gone_on = thread.len() > imported.len()
        && thread.starts_with(imported)
        && is_edited_here_only(snapshot, present, folder, imported.len())?;
    let names = snapshot.names(present)?;
    if !has_gone_on && !names.keys().eq(folder.files.keys()) {
        return Ok(false);
    }
    let written =
        [layout::ITEM, layout::THREAD, layout::RESOLUTION, layout::RELATIONS, layout::PLAN, layout::WORK];
    for (name, content) in &folder.files {
        let may_differ = has_gone_on && names.contains_key(name) && written.contains(&name.as_str());
        if !may_differ
            && name != layout::NO_GITKEEP
            && snapshot.read(present, name)?.as_ref() != Some(content)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether title and body are those of the folder, unless somebody edited them here: a change by hand in
/// the folder, which leaves no event, is not to be dropped.
fn is_edited_here_only(
    snapshot: &Snapshot,
    present: &Files,
    folder: &Folder,
    imported: usize,
) -> anyhow::Result<bool> {
    let here = stored::read(snapshot, present)?;
    let text = folder.files.get(layout::ITEM).map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
    let Ok(there) = item::parse(folder.id, &text) else { return Ok(false) };
    let mut since =
        thread::parse(&here.thread_text).into_iter().filter(|entry| entry.bytes.start >= imported);
    let is_edited = since.any(|entry| entry.event.kind == Kind::Field);
    let (here, there) = (here.ticket, there.ticket);
    Ok(is_edited || (here.title == there.title && here.body == there.body))
}
