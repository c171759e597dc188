//! Mending what can be mended without guessing. What is on the ref is mended by one commit, which `undo` takes back;
//! what lies around it follows from it or from setting up, and is made again.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::findings::Findings;
use super::ticket::{self, Ticket};
use super::{Finding, Reader, Report, Which, examine_snapshot, look, repair};
use crate::model::id::TicketId;
use crate::ops::hooks::{self, Action};
use crate::ops::problem::count;
use crate::ops::session::{Session, edit};
use crate::store::publish::{Edit, Judged, Proposal};
use crate::store::snapshot::Snapshot;
use crate::store::{ObjectId, StoreError};

/// A ticket that can be mended.
#[derive(Debug, Clone)]
pub(super) struct Mend {
    id: TicketId,
    edits: Vec<Edit>,
    repaired: Vec<Finding>,
}

/// What was mended, and what is left.
#[derive(Debug, Clone)]
pub struct Fixed {
    /// What is left, or would be.
    pub left: Report,
    /// What was mended, or would be: on the ref in order of ticket, file and line, then what lies around it.
    pub repaired: Vec<Finding>,
    /// The commit on the ref that did it; `None` when there was nothing to mend there, or nothing was written.
    pub commit: Option<String>,
    /// Nothing was written.
    pub is_dry: bool,
    /// Why something that can be mended could not be now.
    pub failed: Vec<String>,
}

/// Looks at everything as [`super::doctor`] does, and mends what can be mended.
///
/// # Errors
/// As [`super::doctor`], and when the repository can't be written.
pub fn fix(session: &Session, which: Which, is_dry: bool) -> anyhow::Result<Fixed> {
    let mut mends = Vec::new();
    // Remotes are asked once, in the end.
    let before = look(session, Which::None, Some(&mut mends));
    let found = match (before, which) {
        (Ok(report), _) => report.findings,
        // Remotes can be looked at before there are tickets.
        (Err(error), Which::Each | Which::One(_)) if is_uninitialised(&error) => Vec::new(),
        (Err(error), _) => return Err(error),
    };
    if is_dry {
        return would(session, which, found, mends);
    }
    let (mut repaired, commit) = match mends.is_empty() || !session.can_write() {
        true => (Vec::new(), None),
        false => publish(session)?,
    };
    let failed = around(session, which, &found);
    let session = session.again()?;
    let left = super::doctor(&session, which)?;
    let is_around = |finding: &&Finding| finding.id.is_none() && finding.file.is_none();
    let now: Vec<&Finding> = left.findings.iter().filter(is_around).collect();
    let gone = found.iter().filter(is_around).filter(|finding| !now.contains(finding));
    repaired.extend(gone.cloned());
    Ok(Fixed { left, repaired, commit, is_dry, failed })
}

fn is_uninitialised(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<StoreError>(), Some(StoreError::NotInitialised))
}

/// What would be mended.
fn would(session: &Session, which: Which, found: Vec<Finding>, mends: Vec<Mend>) -> anyhow::Result<Fixed> {
    let mends = if session.can_write() { mends } else { Vec::new() };
    let mut repaired = told(&mends);
    repaired
        .extend(found.into_iter().filter(|finding| finding.id.is_none() && is_mended(finding.code, which)));
    let mut left = super::doctor(session, which)?;
    let mut open = repaired.clone();
    left.findings.retain(|finding| match open.iter().position(|other| other == finding) {
        Some(at) => {
            open.swap_remove(at);
            false
        }
        None => true,
    });
    Ok(Fixed { left, repaired, commit: None, is_dry: true, failed: Vec::new() })
}

fn told(mends: &[Mend]) -> Vec<Finding> {
    let mut all: Vec<Finding> = mends.iter().flat_map(|mend| mend.repaired.clone()).collect();
    all.sort_by(|one, other| (one.id, &one.file, one.line).cmp(&(other.id, &other.file, other.line)));
    all
}

/// Writes what can be mended of the present version: one commit.
fn publish(session: &Session) -> anyhow::Result<(Vec<Finding>, Option<String>)> {
    let actor = session.actor()?;
    let repaired = RefCell::new(Vec::new());
    let judge = |snapshot: &Snapshot| {
        let mut mends = Vec::new();
        examine_snapshot(snapshot, &mut Findings::default(), Some(&mut mends));
        *repaired.borrow_mut() = told(&mends);
        let ids: BTreeSet<TicketId> = mends.iter().map(|mend| mend.id).collect();
        let Some(first) = ids.first() else { return Ok::<_, StoreError>(Judged::Nothing(())) };
        let what = what(&repaired.borrow());
        let subject = match ids.len() {
            1 => format!("{first}: {what}"),
            more => format!("{}: {what}", count(more, "ticket")),
        };
        // A file that is mended is a plain one then, too.
        let mut edits: BTreeMap<String, Edit> = BTreeMap::new();
        for edit in mends.into_iter().flat_map(|mend| mend.edits) {
            edits.entry(edit.path.clone()).or_insert(edit);
        }
        let proposal = Proposal {
            edits: edits.into_values().collect(),
            subject,
            trailers: ids.iter().map(|id| ("Ticket", id.to_string())).collect(),
            actor: actor.clone(),
            millis: session.host.clock.now_millis(),
            is_derived: false,
        };
        Ok(Judged::Publish(proposal, ()))
    };
    let ((), commit) = session.store.publish(session.host, judge)?;
    session.keep_index();
    Ok((repaired.into_inner(), commit))
}

/// What is mended, for the log of the ref: the codes.
fn what(repaired: &[Finding]) -> String {
    let codes: BTreeSet<&str> = repaired.iter().map(|finding| finding.code).collect();
    format!("repaired {}", codes.into_iter().collect::<Vec<_>>().join(", "))
}

/// Mends one ticket in mind, and looks at it again: what is gone then is what the mending mends. `None` when that
/// is nothing, or when something else would be wrong then.
pub(super) fn mend(ticket: Ticket, exists: &dyn Fn(&TicketId) -> bool) -> Option<Mend> {
    let id = ticket.id;
    let files = repair::repair(&ticket);
    if files.is_empty() {
        return None;
    }
    let look = |ticket: &Ticket| {
        let mut findings = Findings::default();
        ticket::check(ticket, exists, &mut findings);
        findings.into_sorted()
    };
    let before = look(&ticket);
    let Ticket { mut names, mut texts, .. } = ticket;
    names.extend(files.keys());
    texts.extend(files.iter().map(|(name, text)| (*name, text.clone())));
    let after = look(&Ticket { id, names, texts });
    let repaired = gone(before, after)?;
    let edits = files.into_iter().map(|(name, text)| edit(&id, name, text)).collect();
    (!repaired.is_empty()).then_some(Mend { id, edits, repaired })
}

/// The findings that are gone; `None` when there are new ones. Lines may have moved, and messages may name lines.
fn gone(before: Vec<Finding>, after: Vec<Finding>) -> Option<Vec<Finding>> {
    let mut left: BTreeMap<(&'static str, Option<String>), Vec<String>> = BTreeMap::new();
    for finding in after {
        left.entry((finding.code, finding.file)).or_default().push(finding.message);
    }
    let mut gone: Vec<Finding> = Vec::new();
    let mut moved: Vec<Finding> = Vec::new();
    for finding in before {
        let same = left.get_mut(&(finding.code, finding.file.clone()));
        let at = same.as_ref().and_then(|same| same.iter().position(|message| *message == finding.message));
        match (same, at) {
            (Some(same), Some(at)) => drop(same.swap_remove(at)),
            (Some(_), None) => moved.push(finding),
            (None, _) => gone.push(finding),
        }
    }
    for finding in moved {
        match left.get_mut(&(finding.code, finding.file.clone())).and_then(Vec::pop) {
            Some(_) => {}
            None => gone.push(finding),
        }
    }
    left.values().all(Vec::is_empty).then_some(gone)
}

/// Files of tickets that are marked as programs: they are written again as plain ones.
pub(super) fn modes(reader: &Reader, programs: &[(TicketId, String, ObjectId)]) -> Vec<Mend> {
    let mend = |(id, name, blob): &(TicketId, String, ObjectId)| {
        let content = (reader.read)(&format!("object {blob}"), *blob).ok()?;
        let mut findings = Findings::default();
        super::tree::program(&mut findings.in_file(*id, name));
        Some(Mend { id: *id, edits: vec![edit(id, name, content)], repaired: findings.into_sorted() })
    };
    programs.iter().filter_map(mend).collect()
}

/// Whether what lies around the tickets can be mended.
fn is_mended(code: &str, which: Which) -> bool {
    match code {
        "missing_hook" | "damaged_hook" | "outdated_hook" | "damaged_index" | "damaged_cursors"
        | "no_refspec" | "many_refspecs" | "left_behind" => true,
        // Sending is for people to allow: they do by naming the remote.
        "not_opted_in" => matches!(which, Which::One(_)),
        _ => false,
    }
}

/// Mends what lies around the tickets. Gives what could not be.
fn around(session: &Session, which: Which, found: &[Finding]) -> Vec<String> {
    let store = &session.store;
    let has = |codes: &[&str]| found.iter().any(|finding| codes.contains(&finding.code));
    let mut failed = Vec::new();
    let mut tried = |what: &str, outcome: anyhow::Result<()>| {
        failed.extend(outcome.err().map(|error| format!("{what}: {error:#}")));
    };
    if has(&["missing_hook", "damaged_hook", "outdated_hook"]) {
        tried("the hooks", hooks::run(session, Action::Install).map(drop));
    }
    if has(&["damaged_index"]) {
        crate::index::check::discard(store);
        session.forget_index();
    }
    if has(&["damaged_cursors"]) {
        store.forget_cursors();
    }
    if has(&["left_behind"]) {
        store.clear_left_behind();
    }
    if has(&["no_refspec", "many_refspecs"]) {
        for remote in store.remotes().iter().filter(|remote| remote.takes_part()) {
            tried(&format!("refspecs of '{}'", remote.name), store.mend_refspecs(remote).map_err(Into::into));
        }
    }
    if let Which::One(name) = which {
        let allowed = store.remote(name).and_then(|remote| match remote.takes_part() || remote.is_mirror {
            true => Ok(()),
            false => store.register(&remote, true).map(drop),
        });
        tried(&format!("settings of '{name}'"), allowed.map_err(Into::into));
    }
    failed
}
