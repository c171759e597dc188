//! Done, and clean: the worktrees and branches of a ticket whose work is on the target branch go away.
//!
//! Nothing goes that is nowhere else: all is looked at before anything is done.

use std::path::PathBuf;

use crate::model::commit::{short, ticket_of_branch};
use crate::model::id::TicketId;
use crate::model::landing::record;
use crate::model::state::State;

use super::session::{Echo, Session};
use super::start::remove_hidden;
use super::stored::Stored;
use super::transition::{self, Request};
use super::{Problem, landing};

/// What went away.
#[derive(Debug, Clone, Default)]
pub struct Cleaned {
    /// The ticket.
    pub id: Option<TicketId>,
    /// Worktrees.
    pub worktrees: Vec<PathBuf>,
    /// Branches, and their last commits.
    pub branches: Vec<(String, String)>,
    /// The user stood in one of the worktrees; this is the main folder.
    pub stood_in: Option<PathBuf>,
}

/// Makes a ticket done.
///
/// # Errors
/// When it is not in progress, the project's policy refuses, or as [`Session::change`].
pub fn done(
    session: &Session,
    typed: &str,
    words: Option<&str>,
    expected: Option<State>,
) -> anyhow::Result<Echo> {
    let only_from = Some(State::InProgress);
    let request = Request { to: State::Done, expected, only_from, words, takes: false };
    transition::make_move(session, typed, &request)
}

/// Makes a ticket done, if it is not, and removes its worktrees and branches here.
///
/// # Errors
/// When something would be lost, which is named, or as [`done`]. Then nothing was done.
pub fn done_and_clean(
    session: &Session,
    typed: &str,
    words: Option<&str>,
    expected: Option<State>,
) -> anyhow::Result<(Option<Echo>, Cleaned)> {
    let snapshot = session.snapshot()?;
    let stored = session.find(&snapshot, typed)?;
    let sites = look(session, &stored)?;
    let echo = match stored.ticket.state {
        State::Done | State::Closed if expected.is_none_or(|expected| expected == stored.ticket.state) => {
            None
        }
        _ => Some(done(session, stored.files.id.as_str(), words, expected)?),
    };
    let cleaned = remove(session, sites)?;
    Ok((echo, Cleaned { id: Some(stored.files.id), ..cleaned }))
}

/// A branch of the ticket, and the worktree it is checked out in.
struct Site {
    branch: String,
    tip: String,
    worktree: Option<(PathBuf, bool)>,
}

/// The branches of a ticket, all of which can go.
fn look(session: &Session, stored: &Stored) -> anyhow::Result<Vec<Site>> {
    let store = &session.store;
    let id = stored.files.id;
    let targets = landing::targets(session)?;
    let branches = store.branches()?.into_iter().filter(|branch| {
        branch.remote.is_none()
            && ticket_of_branch(&branch.name) == Some(id)
            && targets.iter().all(|target| target.name != branch.name)
    });
    let worktrees = store.worktrees()?;
    let (mut sites, mut why) = (Vec::new(), Vec::new());
    for branch in branches {
        let name = branch.name.escape_debug().to_string();
        let worktree = worktrees.iter().find(|tree| tree.branch.as_deref() == Some(&branch.name));
        if let Some(tree) = worktree {
            let path = tree.path.display();
            if tree.is_main {
                why.push(format!(
                    "'{name}' is checked out in '{path}', which stays: switch to another branch"
                ));
            } else if tree.is_locked {
                why.push(format!("'{path}' is locked"));
            } else if !tree.is_gone
                && let Some(unsaved) = store.unsaved(&tree.path)?
            {
                why.push(format!("'{path}': {unsaved}"));
            }
        }
        if let Some(unmerged) = unmerged(session, stored, &branch.tip, &targets)? {
            why.push(format!("'{name}': {unmerged}"));
        }
        sites.push(Site {
            branch: branch.name,
            tip: branch.tip,
            worktree: worktree.map(|tree| (tree.path.clone(), tree.is_gone)),
        });
    }
    if why.is_empty() { Ok(sites) } else { Err(Problem::NotClean { id, why }.into()) }
}

/// What of a branch is on no target branch, in words. A squashed or rebased branch counts as merged when the
/// ticket's landing is recorded and nothing was committed since.
fn unmerged(
    session: &Session,
    stored: &Stored,
    tip: &str,
    targets: &[landing::Target],
) -> anyhow::Result<Option<String>> {
    let store = &session.store;
    let tips: Vec<String> =
        targets.iter().flat_map(|target| &target.refs).map(|(_, tip)| tip.clone()).collect();
    if tips.iter().any(|target| store.is_ancestor(tip, target) == Some(true)) {
        return Ok(None);
    }
    let own = store.own_commits(tip, &tips)?;
    let trailer = &session.settings.trailer;
    for landed in record::records(&stored.events).iter().filter(|record| record.stands && !record.is_guess) {
        let Some(commit) = store.look_up(&landed.commit, trailer)? else { continue };
        let is_contained = || tips.iter().any(|target| store.is_contained(target, tip) == Some(true));
        let last = own.iter().map(|(_, committed)| *committed).max().unwrap_or_default();
        // Within one second it can't be told what came first: then what it holds has to be there.
        if last < commit.committed || (last == commit.committed && is_contained()) {
            return Ok(None);
        }
    }
    let first = own.first().map_or(tip, |(id, _)| id.as_str());
    let more = if own.len() > 1 { format!(" and {} more", own.len() - 1) } else { String::new() };
    Ok(Some(format!("{}{more} is on no target branch", short(first))))
}

fn remove(session: &Session, sites: Vec<Site>) -> anyhow::Result<Cleaned> {
    let store = &session.store;
    let here = session.host.cwd.canonicalize().unwrap_or_else(|_| session.host.cwd.clone());
    let main = store.main_folder();
    let mut cleaned = Cleaned::default();
    for site in sites {
        let is_the_same = store.branch_tip(&site.branch)?.as_ref() == Some(&site.tip);
        if let Some((path, is_gone)) = site.worktree {
            let stood_in = here.starts_with(path.canonicalize().unwrap_or_else(|_| path.clone()));
            match is_gone {
                true => store.forget_gone_worktrees()?,
                // git looks once more, and refuses if something came since.
                false => store.remove_worktree(&path, false)?,
            }
            if let Some(folder) = path.parent().filter(|folder| folder.starts_with(&main)) {
                remove_hidden(folder);
            }
            if stood_in {
                cleaned.stood_in = Some(main.clone());
            }
            cleaned.worktrees.push(path);
        }
        if is_the_same {
            store.remove_branch(&main, &site.branch)?;
            cleaned.branches.push((site.branch, site.tip));
        }
    }
    Ok(cleaned)
}
