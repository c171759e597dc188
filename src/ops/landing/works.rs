//! A ticket's work: what was recorded of it, and what its branches hold here and now.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::format::{layout, work};
use crate::model::commit::{Commit, ticket_of_branch};
use crate::model::id::TicketId;
use crate::model::landing::{self, Graph};
use crate::model::work::{Recorded, Work, WorkCommit, latest};
use crate::ops::session::{self, Session};
use crate::ops::stored;
use crate::store::graph::{Branch, Limit};
use crate::store::publish::{Judged, Proposal};
use crate::store::snapshot::{Files, Snapshot};

use super::targets::targets;

/// The most commits of a branch that are looked at.
const MOST: usize = 2000;

/// The most commits whose differences are hashed for a snapshot; those beyond are recorded without.
const MOST_PATCHES: usize = 500;

/// Whether a ticket has recorded work.
pub(super) fn has_recorded(snapshot: &Snapshot, files: &Files) -> bool {
    !recorded_in(snapshot, files).is_empty()
}

/// The last snapshot of each of a ticket's branches.
pub(super) fn recorded(snapshot: &Snapshot, id: TicketId) -> Vec<Work> {
    let files = snapshot.ticket(&id).ok().flatten();
    files.map(|files| recorded_in(snapshot, &files)).unwrap_or_default()
}

fn recorded_in(snapshot: &Snapshot, files: &Files) -> Vec<Work> {
    let text = stored::text(snapshot, files, layout::WORK).ok().flatten();
    latest(work::parse(&text.unwrap_or_default()))
}

/// Branches that hold a ticket's id in their names, target branches aside.
pub(super) fn branches_of_tickets<'b>(
    branches: &'b [Branch],
    targets: &[String],
) -> Vec<(TicketId, &'b Branch)> {
    let work = branches.iter().filter(|branch| !targets.contains(&branch.name));
    work.filter_map(|branch| Some((ticket_of_branch(&branch.name)?, branch))).collect()
}

/// What a branch that has reached the target brought, as far as that can be told from history: commits that
/// name the ticket, that a merge brought in from the side, or that the branch's own log has.
pub(super) fn landed(
    session: &Session,
    ticket: TicketId,
    branch: &Branch,
    is_alone: bool,
    graph: &Graph,
) -> Option<Work> {
    graph.get(&branch.tip)?;
    let carrier = graph.carrier(&branch.tip)?.to_owned();
    let mut reached: HashSet<&str> = HashSet::new();
    let mut open = vec![branch.tip.as_str()];
    while let Some(commit) = open.pop().and_then(|id| graph.get(id)) {
        let is_side = graph.carrier(&commit.id) == Some(&carrier) || carrier == branch.tip;
        if is_side && reached.insert(&commit.id) {
            open.extend(commit.parents.iter().map(String::as_str));
        }
    }
    let mut own: Vec<&Commit> = reached.iter().filter_map(|id| graph.get(id)).collect();
    own.retain(|commit| landing::is_own(commit, ticket));
    let is_named = |commit: &&Commit| commit.mentions.tickets.contains(&ticket);
    if own.iter().any(is_named) {
        own.retain(is_named);
    } else {
        // Nothing tells the branch's commits from those of the target, or of the branch it was begun on, but
        // its own log. One of a remote has none: then it must at least be the only one there.
        let log = log_of(session, branch);
        let is_only = branch.remote.is_some() && carrier != branch.tip && is_alone;
        own.retain(|commit| is_only || log.contains(&commit.id));
    }
    own.sort_by_key(|commit| graph.rank(&commit.id));
    (!own.is_empty()).then(|| of_commits(branch, own.into_iter()))
}

/// The commits that were made on a local branch, as its log tells: being brought up to date makes none.
fn log_of(session: &Session, branch: &Branch) -> HashSet<String> {
    if branch.remote.is_some() {
        return HashSet::new();
    }
    let is_work = |(id, why): &(String, String)| match why.strip_prefix("rebase") {
        Some(rest) => rest.rsplit_once(" onto ").is_some_and(|(_, onto)| !onto.starts_with(id.as_str())),
        None => ["commit", "cherry-pick", "revert", "am"].iter().any(|word| why.starts_with(word)),
    };
    session.store.former_tips(&branch.reference).into_iter().filter(is_work).map(|(id, _)| id).collect()
}

fn of_commits<'c>(branch: &Branch, commits: impl Iterator<Item = &'c Commit>) -> Work {
    let commits =
        commits.map(|commit| WorkCommit { id: commit.id.clone(), patch_id: None, key: commit.key.clone() });
    Work {
        branch: branch.name.clone(),
        base: None,
        tip: branch.tip.clone(),
        range_patch_id: None,
        commits: commits.collect(),
    }
}

/// What branches hold that the target doesn't have, by the branches' tips. Differences are not hashed yet.
///
/// # Errors
/// When git fails.
pub(super) fn ahead(
    session: &Session,
    branches: &[(TicketId, &Branch)],
    targets: &[String],
) -> anyhow::Result<Vec<(TicketId, Work)>> {
    let tips: Vec<&str> = branches.iter().map(|(_, branch)| branch.tip.as_str()).collect();
    if tips.is_empty() {
        return Ok(Vec::new());
    }
    let limit = Limit { most: MOST, since: None };
    let excluded: Vec<&str> = targets.iter().map(String::as_str).collect();
    let range = session.store.range(&tips, &excluded, limit, &session.settings.trailer)?;
    let known: HashMap<&str, &Commit> =
        range.commits.iter().map(|commit| (commit.id.as_str(), commit)).collect();
    let order: HashMap<&str, usize> =
        range.commits.iter().enumerate().map(|(index, commit)| (commit.id.as_str(), index)).collect();
    let mut found = Vec::new();
    for (ticket, branch) in branches {
        let mut reached: BTreeMap<usize, &Commit> = BTreeMap::new();
        let mut open = vec![branch.tip.as_str()];
        while let Some(id) = open.pop() {
            let Some(commit) = known.get(id) else { continue };
            if reached.insert(order[id], commit).is_none() {
                open.extend(commit.parents.iter().map(String::as_str));
            }
        }
        let own = reached.values().rev().filter(|commit| landing::is_own(commit, *ticket)).copied();
        let mut work = of_commits(branch, own);
        let parents = reached.values().flat_map(|commit| &commit.parents);
        let outside: BTreeSet<&String> = parents.filter(|id| !known.contains_key(id.as_str())).collect();
        // With a single way out there is no doubt about where it left the target.
        if let [base] = outside.into_iter().collect::<Vec<_>>().as_slice() {
            work.base = Some((*base).clone());
        }
        if !work.commits.is_empty() {
            found.push((*ticket, work));
        }
    }
    Ok(found)
}

/// Adds what the differences of some work hash to.
///
/// # Errors
/// When git fails.
pub(super) fn hash(session: &Session, work: &mut Work, targets: &[String]) -> anyhow::Result<()> {
    let store = &session.store;
    let ids: Vec<&str> =
        work.commits.iter().rev().take(MOST_PATCHES).map(|commit| commit.id.as_str()).collect();
    let patches = store.patch_ids(&ids)?;
    for commit in &mut work.commits {
        commit.patch_id = patches.get(&commit.id).cloned();
    }
    if work.base.is_none() {
        work.base = store.merge_base(&work.tip, targets);
    }
    if let Some(base) = &work.base {
        work.range_patch_id = store.range_patch_id(base, &work.tip)?;
    }
    Ok(())
}

/// A snapshot that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapped {
    /// The ticket.
    pub ticket: TicketId,
    /// The branch.
    pub branch: String,
    /// How many commits it has of its own.
    pub commits: usize,
}

/// Records what pushed branches, by name and commit, hold: for tickets whose ids their names hold.
///
/// # Errors
/// When the repository can't be read or written.
pub fn record_work(session: &Session, pushed: &[(String, String)]) -> anyhow::Result<Vec<Snapped>> {
    let snapshot = session.store.snapshot()?;
    if !snapshot.exists() || !session.can_write() {
        return Ok(Vec::new());
    }
    let targets = targets(session)?;
    let names: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
    // Where the deciding target branch is, here and on every remote.
    let places = targets.first().map(|target| target.refs.iter().map(|(_, tip)| tip.clone()));
    let places: Vec<String> = places.into_iter().flatten().collect();
    let branches: Vec<Branch> = pushed.iter().map(|(name, tip)| local(name, tip)).collect();
    let mut of_tickets = branches_of_tickets(&branches, &names);
    of_tickets.retain(|(id, _)| super::is_open(&snapshot, *id));
    let mut works = ahead(session, &of_tickets, &places)?;
    for (id, work) in &mut works {
        let is_known = recorded(&snapshot, *id).iter().any(|known| {
            known.branch == work.branch && known.tip == work.tip && known.commits.len() == work.commits.len()
        });
        match is_known {
            true => work.commits.clear(),
            false => hash(session, work, &places)?,
        }
    }
    works.retain(|(_, work)| !work.commits.is_empty());
    if works.is_empty() {
        return Ok(Vec::new());
    }
    write_down(session, &works)?;
    let snapped = works.iter().map(|(id, work)| Snapped {
        ticket: *id,
        branch: work.branch.clone(),
        commits: work.commits.len(),
    });
    Ok(snapped.collect())
}

fn local(name: &str, tip: &str) -> Branch {
    let reference = format!("refs/heads/{name}");
    Branch { reference, remote: None, name: name.to_owned(), tip: tip.to_owned() }
}

fn write_down(session: &Session, works: &[(TicketId, Work)]) -> anyhow::Result<()> {
    let judge = |snapshot: &Snapshot| -> anyhow::Result<Judged<()>> {
        let stamp = session.stamp()?;
        let mut texts: BTreeMap<TicketId, String> = BTreeMap::new();
        for (id, work) in works {
            let Some(files) = snapshot.ticket(id)? else { continue };
            let old = stored::text(snapshot, &files, layout::WORK)?.unwrap_or_default();
            let text = texts.remove(id).unwrap_or(old);
            let (at, author) = (stamp.moment().to_string(), stamp.actor.clone());
            let record = Recorded { at, author, work: work.clone() };
            let text = work::append(&text, &record).map_err(|fault| stored::bad(*id, layout::WORK, fault))?;
            texts.insert(*id, text);
        }
        let edits = texts.iter().map(|(id, text)| session::edit(id, layout::WORK, text.as_str())).collect();
        let branches: Vec<&str> = works.iter().map(|(_, work)| work.branch.as_str()).collect();
        let proposal = Proposal {
            edits,
            subject: format!("work: {}", branches.join(", ")),
            trailers: texts.keys().map(|id| ("Ticket", id.to_string())).collect(),
            actor: stamp.actor,
            millis: stamp.millis,
            is_derived: false,
        };
        Ok(Judged::Publish(proposal, ()))
    };
    session.store.publish(session.host, judge)?;
    Ok(())
}
