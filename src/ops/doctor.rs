//! Looking for everything that is wrong with the tickets, without changing anything.
//!
//! Whatever is wrong is a finding, and the rest is still looked at: a damaged object, a file that is not
//! UTF-8, a ticket that can't be read. An error is something a reader stumbles over or would have to
//! guess; a warning is something it can live with, such as the irregular histories of older tools.
//! `tree` looks at names and places, `ticket` at one ticket's files, `circles` at all tickets
//! together. However folders are nested or shared, and whatever a thread holds, the time is bounded by
//! what is stored and the number of findings by the number of tickets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::format::{fault, layout};
use crate::model::id::TicketId;
use crate::model::relation::Relation;
use crate::store::leftover::Lock;
use crate::store::snapshot::{Listed, Snapshot};
use crate::store::{ObjectId, StoreError};

use super::landing;
use super::session::Session;
use super::start;
use super::uniting;
use findings::{Findings, InFile};
use fix::Mend;

mod advice;
mod agreement;
mod around;
pub(super) mod circles;
mod findings;
pub mod fix;
mod item;
mod moves;
mod plan;
mod relations;
pub mod remotes;
mod repair;
#[cfg(test)]
mod tests;
mod thread;
mod ticket;
mod tree;

pub use advice::advice;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A reader stumbles over it, or has to guess.
    Error,
    /// Odd, and readers can live with it.
    Warning,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for programs.
    pub code: &'static str,
    /// The ticket it is about; `None` when it is about the ref or the repository.
    pub id: Option<TicketId>,
    /// The file, by its name in the ticket's folder, else by its path on the ref.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// What is wrong, for people. Nothing in it came from a ticket unescaped.
    pub message: String,
}

/// Everything that was found.
#[derive(Debug, Clone)]
pub struct Report {
    /// How many tickets there are.
    pub tickets: usize,
    /// What is wrong, in order of id, file and line; what is about no ticket comes first.
    pub findings: Vec<Finding>,
    /// The remotes that were looked at.
    pub remotes: Vec<remotes::Examined>,
}

/// Which remotes to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// None.
    None,
    /// Each that takes part, or the one that would.
    Each,
    /// This one.
    One(&'a str),
}

impl Report {
    /// How many findings are errors.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// How many findings are warnings.
    pub fn warnings(&self) -> usize {
        self.findings.len() - self.errors()
    }
}

/// Looks at every ticket and at what is around them. Where remotes are to be looked at, there need be no tickets.
///
/// # Errors
/// When there are no tickets at all, no such remote, or the repository can't be read for reasons that are no
/// damage.
pub fn doctor(session: &Session, which: Which) -> anyhow::Result<Report> {
    look(session, which, None)
}

/// Looks, and gathers what could be mended.
fn look(session: &Session, which: Which, mends: Option<&mut Vec<Mend>>) -> anyhow::Result<Report> {
    let mut findings = Findings::default();
    let remotes = match which {
        Which::None => Vec::new(),
        Which::Each => remotes::examine(session, None, &mut findings)?,
        Which::One(name) => remotes::examine(session, Some(name), &mut findings)?,
    };
    around::check(session, &mut findings)?;
    let warnings = [session.warnings.clone(), start::unusable_settings(session)].concat();
    surroundings(&warnings, lacks_reflog(session), &mut findings);
    clutter(session.store.piled_up(), &session.store.left_behind(), &mut findings);
    locks(&session.store.old_locks(), &mut findings);
    // Branches that can't be listed are no fault of the tickets.
    without_target(landing::without_target(session).ok().flatten(), &mut findings);
    refusals(&uniting::refused(session)?, &mut findings);
    let snapshot = match session.snapshot() {
        Ok(snapshot) => snapshot,
        Err(error) => match error.downcast_ref::<StoreError>() {
            Some(StoreError::Damaged(_)) => {
                findings.on_ref(None).error("damaged_object", None, error.to_string());
                return Ok(Report { tickets: 0, findings: findings.into_sorted(), remotes });
            }
            Some(StoreError::NotInitialised) if which != Which::None => {
                return Ok(Report { tickets: 0, findings: findings.into_sorted(), remotes });
            }
            _ => return Err(error),
        },
    };
    around::index(session, &snapshot, &mut findings);
    let tickets = examine_snapshot(&snapshot, &mut findings, mends);
    Ok(Report { tickets, findings: findings.into_sorted(), remotes })
}

/// Looks at everything on the ref in one version.
fn examine_snapshot(snapshot: &Snapshot, findings: &mut Findings, mends: Option<&mut Vec<Mend>>) -> usize {
    let reader =
        Reader { list: &|folder| snapshot.list(folder), read: &|what, blob| snapshot.read_blob(what, blob) };
    examine(&reader, findings, mends)
}

/// git keeps no logs in bare repositories, and its other ref storages keep them where we don't look.
fn lacks_reflog(session: &Session) -> bool {
    let storage = session.store.setting("extensions.refStorage");
    let is_plain = storage.is_none_or(|name| name == "files");
    is_plain
        && session.store.work_dir().is_some()
        && session.snapshot().is_ok()
        && !session.store.has_reflog()
}

fn surroundings(warnings: &[String], lacks_reflog: bool, findings: &mut Findings) {
    let mut out = findings.on_ref(None);
    for warning in warnings {
        out.warning("settings", None, warning.clone());
    }
    if lacks_reflog {
        let why = "no log of the ref's former values is kept; the next write starts one";
        out.warning("no_reflog", None, why.to_owned());
    }
}

/// What lies in the repository that tidying up would make smaller.
fn clutter(piled_up: Option<usize>, left_behind: &[PathBuf], findings: &mut Findings) {
    let mut out = findings.on_ref(None);
    if let Some(objects) = piled_up {
        let why = format!("about {objects} loose objects have piled up: git maintenance run");
        out.warning("loose_objects", None, why);
    }
    for path in left_behind {
        let why = format!(
            "'{}' is left of a write that was killed; the next write clears it away",
            path.display().to_string().escape_debug()
        );
        out.warning("left_behind", None, why);
    }
}

/// Locks that nobody has held for so long.
fn locks(locks: &[Lock], findings: &mut Findings) {
    for lock in locks {
        findings.on_ref(None).warning("stale_lock", None, lock.to_string());
    }
}

/// Work that can't land, as nobody said where.
fn without_target(why: Option<String>, findings: &mut Findings) {
    if let Some(why) = why {
        let why = format!("{why}: git config yoi.targetBranches <branch>");
        findings.on_ref(None).warning("no_target_branch", None, why);
    }
}

/// Fetched tickets that may not become ours: the remote, and why.
fn refusals(refused: &[(String, String)], findings: &mut Findings) {
    for (remote, why) in refused {
        let why = format!("fetched tickets of '{}' are refused: {why}", remote.escape_debug());
        findings.on_ref(None).error("refused_tickets", None, why);
    }
}

type Answer<T> = Result<T, StoreError>;

/// Where folders and files come from: one version of the ref.
struct Reader<'a> {
    /// The entries of a folder, of the root for `None`.
    list: &'a dyn Fn(Option<ObjectId>) -> Answer<Vec<Listed>>,
    /// The content of a file, and what to call it in errors.
    read: &'a dyn Fn(&str, ObjectId) -> Answer<Vec<u8>>,
}

/// Looks at everything on the ref, and gathers what could be mended. Gives the number of tickets.
fn examine(reader: &Reader, findings: &mut Findings, mut mends: Option<&mut Vec<Mend>>) -> usize {
    let tree = tree::walk(reader, findings);
    if tree.format.is_some() || !tree.is_partial {
        format(reader, tree.format, findings);
    }
    let mut relations: Vec<Relation> = Vec::new();
    let mut seen = BTreeSet::new();
    let is_ticket = |files: &tree::Files| files.get(layout::ITEM).is_some_and(Option::is_some);
    // A ticket in a folder that can't be read may well exist.
    let exists = |id: &TicketId| tree.is_partial || tree.tickets.get(id).is_some_and(is_ticket);
    for (id, files) in &tree.tickets {
        let texts = texts(reader, *id, files, &mut seen, findings);
        let names = files.keys().map(String::as_str).collect();
        let ticket = ticket::Ticket { id: *id, names, texts };
        relations.extend(ticket::check(&ticket, &exists, findings));
        if let Some(mends) = mends.as_deref_mut() {
            mends.extend(fix::mend(ticket, &exists));
        }
    }
    if let Some(mends) = mends {
        mends.extend(fix::modes(reader, &tree.programs));
    }
    circles::check(&relations, findings);
    tree.tickets.values().filter(|files| is_ticket(files)).count()
}

fn format(reader: &Reader, blob: Option<ObjectId>, findings: &mut Findings) {
    let mut out = findings.on_ref(Some(layout::FORMAT));
    let Some(blob) = blob else {
        out.warning("no_format", None, "missing: nothing says of which format the tickets are".to_owned());
        return;
    };
    let Some(text) = text(reader, blob, &mut out) else { return };
    match layout::parse_format(&text) {
        Err(fault) => out.error("bad_format", Some(1), fault.to_string()),
        Ok(version) if version > layout::VERSION => {
            let why =
                format!("version {version} is newer than this program, which writes {}", layout::VERSION);
            out.error("newer_format", Some(1), why);
        }
        Ok(_) => {}
    }
}

/// Reads the files of a ticket that are looked into, and of the others only whether they can be read.
fn texts(
    reader: &Reader,
    id: TicketId,
    files: &tree::Files,
    seen: &mut BTreeSet<ObjectId>,
    findings: &mut Findings,
) -> BTreeMap<&'static str, String> {
    let mut texts = BTreeMap::new();
    for (name, blob) in files {
        let Some(blob) = *blob else { continue };
        let mut out = findings.in_file(id, name);
        match ticket::TEXTS.into_iter().find(|known| known == name) {
            Some(known) => drop(text(reader, blob, &mut out).map(|text| texts.insert(known, text))),
            // Many names may share one large object: it is read once.
            None if seen.insert(blob) => drop(bytes(reader, blob, &mut out)),
            None => {}
        }
    }
    texts
}

fn text(reader: &Reader, blob: ObjectId, out: &mut InFile) -> Option<String> {
    let bytes = bytes(reader, blob, out)?;
    if let Err(fault) = fault::utf8(&bytes) {
        out.error("not_utf8", None, fault.to_string());
        return None;
    }
    String::from_utf8(bytes).ok()
}

fn bytes(reader: &Reader, blob: ObjectId, out: &mut InFile) -> Option<Vec<u8>> {
    match (reader.read)(&format!("object {blob}"), blob) {
        Ok(bytes) => Some(bytes),
        Err(StoreError::TooLarge { size, most, .. }) => {
            out.error("too_large", None, format!("{size} bytes, of which no reader takes more than {most}"));
            None
        }
        Err(error) => {
            out.error("damaged_object", None, error.to_string());
            None
        }
    }
}
