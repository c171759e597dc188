//! Looking for landings in a history that was written without this tool. Nothing is written here.

use std::collections::BTreeSet;

use crate::format::{layout, orchestration};
use crate::model::commit::Commit;
use crate::model::history::{self, Facts, Finding, History, Tip};
use crate::model::id::TicketId;
use crate::store::graph::Limit;
use crate::store::snapshot::{Files, Snapshot};

use super::session::Session;
use super::stored;

/// Where an older tool keeps tickets in the work tree.
const KEPT: &str = ".yoi/tickets/";

/// The most commits that are looked at.
const MOST_COMMITS: usize = 200_000;

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Tickets with a landing or links, in order of id.
    pub findings: Vec<Finding>,
    /// How many tickets were looked at.
    pub tickets: usize,
    /// How many commits were looked at.
    pub commits: usize,
    /// Whether the history goes further back than was looked at.
    pub is_cut: bool,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// What there is to look at.
#[derive(Debug, Clone, Default)]
pub struct Material {
    /// What each readable ticket says about its work, in order of id.
    pub tickets: Vec<Facts>,
    /// The history of the target branches, the newest first.
    pub commits: Vec<Commit>,
    /// Branches that exist, local ones and those of remotes.
    pub branches: Vec<Tip>,
    /// Commits that name tickets and changed nothing but files of tickets.
    pub records: BTreeSet<String>,
    /// As in [`Found`].
    pub is_cut: bool,
    /// As in [`Found`].
    pub unreadable: Vec<(TicketId, String)>,
    /// As in [`Found`].
    pub damaged: Vec<String>,
}

/// Finds landings and links of every ticket in the history of the target branches, the main one first.
///
/// # Errors
/// As [`gather`].
pub fn find(session: &Session, targets: &[Tip]) -> anyhow::Result<Found> {
    let material = gather(session, targets)?;
    Ok(Found {
        findings: among(&material, targets),
        tickets: material.tickets.len(),
        commits: material.commits.len(),
        is_cut: material.is_cut,
        unreadable: material.unreadable,
        damaged: material.damaged,
    })
}

/// Finds landings and links in what was gathered.
pub fn among(material: &Material, targets: &[Tip]) -> Vec<Finding> {
    let history = History {
        commits: &material.commits,
        targets,
        branches: &material.branches,
        records: &material.records,
    };
    history::find(&history, &material.tickets)
}

/// Reads what there is to look at: one walk over the history, one reading of each ticket.
///
/// # Errors
/// When the tickets can't be listed, or git can't walk from one of the tips.
pub fn gather(session: &Session, targets: &[Tip]) -> anyhow::Result<Material> {
    let mut material = Material::default();
    read_tickets(session, &mut material)?;
    let tips: Vec<&str> = targets.iter().map(|target| target.commit.as_str()).collect();
    if tips.is_empty() {
        return Ok(material);
    }
    let limit = Limit { most: MOST_COMMITS, since: None };
    let range = session.store.range(&tips, &[], limit, &session.settings.trailer)?;
    material.is_cut = range.is_cut || session.store.is_shallow();
    material.commits = range.commits;
    // Only of those that name a ticket it matters what they changed.
    let naming = material.commits.iter().filter(|commit| !history::tickets_of(commit).is_empty());
    material.records =
        naming.filter(|commit| is_record(session, commit)).map(|commit| commit.id.clone()).collect();
    let branches = session.store.branches()?.into_iter();
    material.branches = branches.map(|branch| Tip { name: branch.name, commit: branch.tip }).collect();
    Ok(material)
}

/// Whether a commit changed files of tickets in the work tree, where an older tool kept them, and nothing else.
fn is_record(session: &Session, commit: &Commit) -> bool {
    let before = commit.parents.first().map(String::as_str);
    let paths = session.store.changed_paths(before, &commit.id).filter(|_| !commit.is_merge());
    paths.is_some_and(|paths| !paths.is_empty() && paths.iter().all(|path| path.starts_with(KEPT)))
}

fn read_tickets(session: &Session, material: &mut Material) -> anyhow::Result<()> {
    let snapshot = session.snapshot()?;
    let (tickets, damaged) = snapshot.readable()?;
    material.damaged = damaged.iter().map(ToString::to_string).collect();
    for files in &tickets {
        match read(&snapshot, files) {
            Ok(facts) => material.tickets.push(facts),
            Err(error) => material.unreadable.push((files.id, error.to_string())),
        }
    }
    Ok(())
}

/// A ticket with a plan that can't be read still has its thread.
fn read(snapshot: &Snapshot, files: &Files) -> anyhow::Result<Facts> {
    let stored = stored::read(snapshot, files)?;
    let plan = stored::text(snapshot, files, layout::PLAN).ok().flatten().unwrap_or_default();
    let records: Vec<_> =
        orchestration::parse(&plan).into_iter().filter_map(|(_, record)| record.ok()).collect();
    Ok(Facts::read(&stored.ticket, &stored.events, &records))
}
