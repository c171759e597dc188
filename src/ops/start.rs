//! Starting a ticket: a branch and a worktree for it, and the claim; all of it, or nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::model::change::{Change, Stamp};
use crate::model::claim::Standing;
use crate::model::plan::{self, Accepted};
use crate::model::refusal::Refusal;
use crate::model::rule::{self, Move, Start, Take};
use crate::model::state::State;
use crate::store::snapshot::Snapshot;

use super::claiming::{self, Known};
use super::session::{Echo, Session};
use super::stored::Stored;
use super::{next, plans, transition};

mod site;

pub(super) use site::remove_hidden;

/// Where the work shall go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: no branch is made.
    Nothing,
    /// On a branch, here.
    Here,
    /// On a branch in a worktree of its own, at this path or at the usual one.
    Worktree(Option<PathBuf>),
}

/// A start somebody asks for.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    /// Where the work shall go on.
    pub place: Place,
    /// The branch; else that of the accepted plan, of an earlier start, or one by the project's template.
    pub branch: Option<&'a str>,
    /// The commit a new branch begins at; else the tip of the target branch.
    pub base: Option<&'a str>,
    /// The short name in the branch; else made from the title.
    pub slug: Option<&'a str>,
    /// Why, for the thread and the plan.
    pub words: Option<&'a str>,
    /// Where the caller believes the ticket is.
    pub expected: Option<State>,
}

/// What a start did.
#[derive(Debug, Clone)]
pub struct Started {
    /// What was written.
    pub echo: Echo,
    /// How well others know of it.
    pub known: Known,
    /// The branch, and the commit it begins at if it is new; `None` for one without a commit yet.
    pub branch: Option<(String, Option<String>)>,
    /// Whether it is checked out here now and was not before.
    pub is_switched: bool,
    /// The worktree: where it is, its path as others have it, and whether it is new.
    pub worktree: Option<(PathBuf, String, bool)>,
    /// The worktree of the accepted plan, where it is none that is taken from a plan.
    pub passed_over: Option<String>,
}

/// Starts a ticket. What was made for it is taken away again when anything fails; what was there stays.
///
/// # Errors
/// When a gate refuses, somebody else has it or was faster, or branch or worktree can't be made.
pub fn start(session: &Session, typed: &str, wanted: &Wanted) -> anyhow::Result<Started> {
    let arbiter = claiming::arbiter(session);
    let unreachable = claiming::look(session, arbiter.as_ref());
    let snapshot = session.snapshot()?;
    let stored = session.find(&snapshot, typed)?;
    let id = stored.files.id;
    // Nothing is made for a ticket that can't be started.
    judge(session, &snapshot, &stored, (&session.stamp()?, None), wanted, None)?;
    let known = accepted(&snapshot, &stored)?;
    let site = site::choose(session, &stored, known.as_ref(), wanted)?;
    let passed_over = site::passed_over(known.as_ref(), &site, &wanted.place);
    let plan = Accepted {
        summary: wanted.words.unwrap_or(&stored.ticket.title).to_owned(),
        branch: site.branch.as_ref().map(|branch| branch.name.clone()),
        worktree: site.worktree.as_ref().map(|worktree| worktree.relative.clone()),
        role_plan: None,
    };
    let made = site.make(session)?;
    let rule = |snapshot: &Snapshot, stored: Stored, stamp: &Stamp, standing| {
        let change = judge(session, snapshot, &stored, (stamp, standing), wanted, Some(&plan))?;
        Ok(vec![(stored, change)])
    };
    match claiming::change(session, id.as_str(), arbiter.as_ref(), unreachable, rule) {
        Ok((echo, known)) => {
            let is_switched = made.has_switched();
            let branch = site.branch.map(|branch| (branch.name, branch.base.filter(|_| branch.is_new)));
            let worktree = site.worktree.map(|worktree| (worktree.path, worktree.relative, worktree.is_new));
            Ok(Started { echo, known, branch, is_switched, worktree, passed_over })
        }
        Err(error) => Err(match made.undo(session) {
            Ok(()) => error,
            Err(left) => error.context(format!("what was made for {id} is not all gone: {left:#}")),
        }),
    }
}

/// What of the settings no start can use, and why: whoever starts a ticket is told then.
pub(super) fn unusable_settings(session: &Session) -> Vec<String> {
    site::faults(session)
}

/// Starts the first ticket that can be had, the most urgent first; where somebody is faster, the one after it.
/// `None` when there is none.
///
/// # Errors
/// As [`start`], but for refusals.
pub fn start_next(session: &Session, wanted: &Wanted) -> anyhow::Result<Option<Started>> {
    // What others took is known before a ticket is chosen; who can't be reached is told by the start.
    let _ = claiming::look(session, claiming::arbiter(session).as_ref());
    let mut refused = BTreeSet::new();
    loop {
        let found = next::next(session, refused.len() + 1)?.tickets;
        let Some(ticket) = found.iter().map(|found| found.ticket.id).find(|id| !refused.contains(id)) else {
            return Ok(None);
        };
        match start(session, ticket.as_str(), wanted) {
            Err(error) if error.downcast_ref::<Refusal>().is_some_and(|refusal| !refusal.is_bad_input()) => {
                refused.insert(ticket);
            }
            outcome => return outcome.map(Some),
        }
    }
}

/// What is written for a start as things stand, or why it may not be; without a plan only that.
fn judge(
    session: &Session,
    snapshot: &Snapshot,
    stored: &Stored,
    (stamp, standing): (&Stamp, Option<Standing>),
    wanted: &Wanted,
    plan: Option<&Accepted>,
) -> anyhow::Result<Change> {
    let policy = session.settings.policy;
    let blockers = transition::blockers(session, snapshot, stored)?;
    let clashes = plans::clashes(session, snapshot, &stored.files)?;
    let known = accepted(snapshot, stored)?;
    let root = session.store.main_folder();
    let nothing =
        || Accepted { summary: stored.ticket.title.clone(), branch: None, worktree: None, role_plan: None };
    let start = Start {
        wanted: Move {
            to: State::InProgress,
            expected: wanted.expected,
            only_from: Some(State::Queued),
            words: wanted.words,
            blockers: &blockers,
            clashes: &clashes,
            take: Take { assignee: Some(&stamp.actor), standing },
            policy,
        },
        plan: plan.cloned().unwrap_or_else(nothing),
        known: known.as_ref(),
        root: root.to_str(),
    };
    let change = rule::start(&stored.ticket, &stored.events, &start, stamp)?;
    Ok(rule::landing::finish(change, &stored.ticket, &stored.events, policy))
}

/// The plan that was accepted last, and not with a start that was taken back.
fn accepted(snapshot: &Snapshot, stored: &Stored) -> anyhow::Result<Option<Accepted>> {
    let records = plan::standing(plans::of(snapshot, &stored.files)?, &stored.events);
    Ok(records.into_iter().rev().find_map(|record| record.accepted_plan))
}
