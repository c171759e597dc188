//! Reports, reviews, and what a ticket has to show for its work.

use crate::model::commit::ticket_of_branch;
use crate::model::evidence::{self, Freshness, Row};
use crate::model::id::TicketId;
use crate::model::rule::{self, CommitName};
use crate::model::state::State;
use crate::model::thread::Verdict;
use crate::store::graph::Branch;

use super::session::{Echo, Session};
use super::stored::Stored;
use super::{landing, transition};

/// Says what was done, on which commits, and how commands that were run ended. Without commits it is about the
/// last one of the ticket's branch, if it has one here.
///
/// # Errors
/// When there is no such commit, a text can't be stored, or as [`Session::change`].
pub fn report(
    session: &Session,
    typed: &str,
    words: &str,
    commits: &[String],
    validations: &[(String, bool)],
) -> anyhow::Result<Echo> {
    let named = commits.iter().map(|commit| name(session, commit)).collect::<anyhow::Result<Vec<_>>>()?;
    session.change(typed, |_, stored, _| {
        let mut named = named.clone();
        if named.is_empty() {
            named.extend(tip(session, stored.files.id)?);
        }
        Ok(rule::report(words, &named, validations)?)
    })
}

/// Approves the work as of a commit, or asks for changes; without a commit, as of the last one of the ticket's
/// branch. Work that landed and waited for approval only is done with it.
///
/// # Errors
/// As [`report`].
pub fn review(
    session: &Session,
    typed: &str,
    verdict: Verdict,
    words: &str,
    commit: Option<&str>,
) -> anyhow::Result<Echo> {
    let mut was = State::Planning;
    let policy = session.settings.policy;
    let named = commit.map(|commit| name(session, commit)).transpose()?;
    let echo = session.change(typed, |_, stored, _| {
        was = stored.ticket.state;
        let named = match &named {
            Some(named) => Some(named.clone()),
            None => tip(session, stored.files.id)?,
        };
        let change = rule::review(verdict, words, named.as_ref())?;
        Ok(match verdict {
            Verdict::Approve => rule::landing::complete(change, &stored.ticket, &stored.events, policy),
            Verdict::RequestChanges => change,
        })
    })?;
    Ok(transition::with_unblocked(session, echo, was))
}

fn name(session: &Session, typed: &str) -> anyhow::Result<CommitName> {
    let commit = session.store.commit(typed)?;
    Ok(CommitName { full: commit.full, short: commit.short, subject: commit.subject, written: None })
}

/// The last commit of the ticket's branch: of the one that is checked out, else of one here, else of one of a
/// remote.
fn tip(session: &Session, id: TicketId) -> anyhow::Result<Option<CommitName>> {
    let here = session.store.branch();
    let mut branches = branches(session, id)?;
    branches.sort_by_key(|branch| (Some(&branch.name) != here.as_ref(), branch.remote.is_some()));
    branches.first().map(|branch| name(session, &branch.tip)).transpose()
}

/// The branches whose names hold a ticket's id, those of remotes included, target branches aside.
fn branches(session: &Session, id: TicketId) -> anyhow::Result<Vec<Branch>> {
    let targets = landing::targets(session)?;
    let mut branches = session.store.branches()?;
    branches.retain(|branch| {
        ticket_of_branch(&branch.name) == Some(id)
            && session.store.has(&branch.tip)
            && targets.iter().all(|target| target.name != branch.name)
    });
    Ok(branches)
}

/// What a ticket has to show for its work.
///
/// # Errors
/// When the branches can't be listed.
pub fn evidence(session: &Session, stored: &Stored) -> anyhow::Result<Vec<Row>> {
    let branches = branches(session, stored.files.id)?;
    let policy = session.settings.policy;
    Ok(evidence::evidence(&stored.events, policy, |commit| freshness(session, &branches, commit)))
}

fn freshness(session: &Session, branches: &[Branch], commit: &str) -> Freshness {
    let store = &session.store;
    if branches.is_empty() {
        return Freshness::Unknown;
    }
    let is_newer =
        |tip: &str| tip != commit && store.has(commit) && store.is_ancestor(commit, tip) == Some(true);
    if let Some(newer) = branches.iter().find(|branch| is_newer(&branch.tip)) {
        return Freshness::Stale(newer.tip.clone());
    }
    if branches.iter().any(|branch| branch.tip == commit) {
        return Freshness::Fresh;
    }
    // It is not in this clone, or the branch was rewritten since: to the same change, perhaps.
    let change = |tip: &str| {
        let targets = landing::targets(session).ok()?;
        let tips: Vec<String> =
            targets.into_iter().flat_map(|target| target.refs).map(|(_, tip)| tip).collect();
        let base = store.merge_base(tip, &tips)?;
        store.range_patch_id(&base, tip).ok()?
    };
    if !store.has(commit) {
        return Freshness::Unknown;
    }
    match change(commit) {
        Some(known) if branches.iter().any(|branch| change(&branch.tip).as_ref() == Some(&known)) => {
            Freshness::Fresh
        }
        _ => Freshness::Stale(branches[0].tip.clone()),
    }
}
