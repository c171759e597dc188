//! Commits that are on a ticket's branch and not on a target branch yet.

use std::collections::{HashMap, HashSet};

use crate::model::commit::{Commit, ticket_of_branch};
use crate::model::id::TicketId;
use crate::store::graph::{Branch, Limit};

use super::landing::targets;
use super::session::Session;

/// The most commits that are looked at, those of all branches together.
const MOST: usize = 2000;

/// The commits on branches whose names hold a ticket's id, without those on a target branch, merges, and
/// those whose messages name a ticket themselves. A commit on several tickets' branches counts for the
/// one that has the fewest: the others were begun on top of it.
///
/// # Errors
/// When the branches can't be listed or git fails.
pub fn own_commits(session: &Session) -> anyhow::Result<Vec<(TicketId, Commit)>> {
    let mut branches = session.store.branches()?;
    // A branch without a commit is git's to complain about.
    branches.retain(|branch| session.store.has(&branch.tip));
    let targets = targets(session)?;
    let targets: Vec<&str> =
        targets.iter().flat_map(|target| &target.refs).map(|(_, tip)| tip.as_str()).collect();
    let named = branches.iter().filter_map(|branch| Some((ticket_of_branch(&branch.name)?, branch)));
    let named: Vec<(TicketId, &Branch)> = named.collect();
    if named.is_empty() || targets.is_empty() {
        return Ok(Vec::new());
    }
    let tips: Vec<&str> = named.iter().map(|(_, branch)| branch.tip.as_str()).collect();
    let limit = Limit { most: MOST, since: None };
    let range = session.store.range(&tips, &targets, limit, &session.settings.trailer)?;
    let by_id: HashMap<&str, &Commit> =
        range.commits.iter().map(|commit| (commit.id.as_str(), commit)).collect();
    let mut lines: Vec<(TicketId, HashSet<&str>)> =
        named.iter().map(|(ticket, branch)| (*ticket, behind(&branch.tip, &by_id))).collect();
    lines.sort_by_key(|(ticket, line)| (line.len(), *ticket));
    let owner = |commit: &Commit| lines.iter().find(|(_, line)| line.contains(commit.id.as_str()));
    let nameless = range.commits.iter().filter(|commit| {
        !commit.is_merge() && commit.mentions.tickets.is_empty() && commit.mentions.closes.is_empty()
    });
    Ok(nameless.filter_map(|commit| Some((owner(commit)?.0, commit.clone()))).collect())
}

/// The commits that can be reached from a tip, among those that are looked at.
fn behind<'c>(tip: &str, by_id: &HashMap<&'c str, &'c Commit>) -> HashSet<&'c str> {
    let mut open: Vec<&str> = vec![tip];
    let mut found = HashSet::new();
    while let Some(id) = open.pop() {
        let Some((id, commit)) = by_id.get_key_value(id) else { continue };
        if found.insert(*id) {
            open.extend(commit.parents.iter().map(String::as_str));
        }
    }
    found
}
