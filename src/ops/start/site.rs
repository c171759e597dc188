//! The branch and the worktree of a start: chosen and checked first, then made, and taken away when the rest
//! fails.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::model::branch;
use crate::model::commit::ticket_of_branch;
use crate::model::id::TicketId;
use crate::model::plan::{self, Accepted};
use crate::model::refusal::Refusal;
use crate::ops::session::Session;
use crate::ops::stored::Stored;
use crate::ops::{Problem, landing};
use crate::store::worktree::Head;

use super::{Place, Wanted};

/// What keeps the folder of worktrees out of the main work tree's status.
const IGNORE: &str = ".gitignore";
/// Everything, this file included.
const EVERYTHING: &str = "*\n";

/// A branch.
pub(super) struct Branch {
    pub(super) name: String,
    /// The commit it begins at; `None` in a repository without one.
    pub(super) base: Option<String>,
    pub(super) is_new: bool,
}

/// A worktree.
pub(super) struct Worktree {
    pub(super) path: PathBuf,
    pub(super) relative: String,
    pub(super) is_new: bool,
}

/// Where the work goes on.
pub(super) struct Site {
    pub(super) branch: Option<Branch>,
    pub(super) worktree: Option<Worktree>,
    /// What is checked out here, when that changes.
    switch_from: Option<Head>,
}

/// Chooses branch and worktree. Nothing is made yet.
pub(super) fn choose(
    session: &Session,
    stored: &Stored,
    known: Option<&Accepted>,
    wanted: &Wanted,
) -> anyhow::Result<Site> {
    if wanted.place == Place::Nothing {
        return Ok(Site { branch: None, worktree: None, switch_from: None });
    }
    let store = &session.store;
    if wanted.place == Place::Here && store.work_dir().is_none() {
        return Err(Problem::NoWorkTree.into());
    }
    let branch = choose_branch(session, stored, known, wanted)?;
    let elsewhere = store.worktrees()?.into_iter().find(|tree| tree.branch.as_deref() == Some(&branch.name));
    match &wanted.place {
        Place::Nothing | Place::Here => {
            let head = store.checked_out();
            let is_here = matches!(&head, Some(Head::Branch(name, _)) if *name == branch.name);
            match elsewhere {
                Some(tree) if !is_here => {
                    Err(Problem::CheckedOut { branch: branch.name, path: tree.path }.into())
                }
                _ => {
                    Ok(Site { branch: Some(branch), worktree: None, switch_from: head.filter(|_| !is_here) })
                }
            }
        }
        Place::Worktree(path) => {
            if branch.base.is_none() {
                return Err(Problem::NoCommit.into());
            }
            let mut worktree = choose_worktree(session, &branch.name, known, path.as_deref())?;
            match elsewhere {
                Some(tree) if tree.path == worktree.path || (path.is_none() && !tree.is_main) => {
                    worktree = located(session, &tree.path, false)?;
                }
                Some(tree) => {
                    return Err(Problem::CheckedOut { branch: branch.name, path: tree.path }.into());
                }
                None if holds_something(&worktree.path) => {
                    return Err(Problem::NotEmpty(worktree.path).into());
                }
                None => {}
            }
            Ok(Site { branch: Some(branch), worktree: Some(worktree), switch_from: None })
        }
    }
}

fn choose_branch(
    session: &Session,
    stored: &Stored,
    known: Option<&Accepted>,
    wanted: &Wanted,
) -> anyhow::Result<Branch> {
    let store = &session.store;
    let id = stored.files.id;
    // Somebody else wrote the plan: only a name that could be given here is taken from it.
    let planned = known.and_then(|plan| branch::checked(plan.branch.as_deref()?, id).ok());
    let name = match (wanted.branch, wanted.slug) {
        (Some(name), _) => branch::checked(name, id)?,
        (None, Some(slug)) => {
            branch::name(&session.settings.branch_template, id, branch::checked_slug(slug)?)?
        }
        (None, None) => match planned.or_else(|| only_branch(session, stored)) {
            Some(name) => name,
            None => branch::name(&session.settings.branch_template, id, &branch::slug(&stored.ticket.title))?,
        },
    };
    if let Some(tip) = store.branch_tip(&name)? {
        if wanted.base.is_some() {
            return Err(Problem::BranchExists(name).into());
        }
        return Ok(Branch { name, base: Some(tip), is_new: false });
    }
    let base = match wanted.base {
        Some(base) => Some(store.commit(base)?.full),
        None => usual_base(session, &name)?,
    };
    Ok(Branch { name, base, is_new: true })
}

/// The one branch here that is the ticket's.
fn only_branch(session: &Session, stored: &Stored) -> Option<String> {
    let branches = session.store.branches().ok()?;
    let own = branches.into_iter().filter(|branch| branch.remote.is_none());
    let mut own = own.filter(|branch| ticket_of_branch(&branch.name) == Some(stored.files.id));
    let first = own.next()?;
    own.next().is_none().then_some(first.name)
}

/// Where a new branch begins: at a remote's branch of the same name, else at the target branch, whichever of
/// it is ahead, else at what is checked out.
fn usual_base(session: &Session, name: &str) -> anyhow::Result<Option<String>> {
    let store = &session.store;
    if let Some(remote) = store.branches_named(&[name.to_owned()])?.into_iter().next() {
        return Ok(Some(remote.tip));
    }
    if let Some(target) = landing::targets(session)?.into_iter().next() {
        let (here, there): (Vec<_>, Vec<_>) =
            target.refs.into_iter().partition(|(reference, _)| reference.starts_with("refs/heads/"));
        let mut best = here.into_iter().next().map(|(_, tip)| tip);
        for (_, tip) in there {
            let is_ahead = best.as_ref().is_none_or(|best| store.is_ancestor(best, &tip) == Some(true));
            best = if is_ahead { Some(tip) } else { best };
        }
        if best.is_some() {
            return Ok(best);
        }
    }
    Ok(store.commit("HEAD").ok().map(|commit| commit.full))
}

fn choose_worktree(
    session: &Session,
    branch: &str,
    known: Option<&Accepted>,
    path: Option<&Path>,
) -> anyhow::Result<Worktree> {
    let root = session.store.main_folder();
    let path = match path {
        Some(path) => session.host.cwd.join(path),
        None => {
            let planned = planned_worktree(known, branch);
            match planned.filter(|path| branch::is_plain_path(path)) {
                Some(planned) => root.join(planned),
                None => {
                    let name = branch.rsplit('/').next().unwrap_or(branch);
                    root.join(&session.settings.worktree_dir).join(name)
                }
            }
        }
    };
    located(session, &real(&path), true)
}

/// The worktree that the accepted plan names for a branch; for any, where it names none.
fn planned_worktree<'a>(known: Option<&'a Accepted>, branch: &str) -> Option<&'a str> {
    let plan = known.filter(|plan| plan.branch.as_deref().is_none_or(|planned| planned == branch))?;
    plan.worktree.as_deref()
}

/// The planned worktree that a start without a path passes over: a plan comes from others, and only a folder
/// below the main work tree is taken from it.
pub(super) fn passed_over(known: Option<&Accepted>, site: &Site, place: &Place) -> Option<String> {
    let (branch, worktree) = (site.branch.as_ref()?, site.worktree.as_ref()?);
    let planned = planned_worktree(known, &branch.name).filter(|_| *place == Place::Worktree(None))?;
    (planned != worktree.relative && !branch::is_plain_path(planned)).then(|| planned.to_owned())
}

/// What of the settings no start can use, and why.
pub(super) fn faults(session: &Session) -> Vec<String> {
    let settings = &session.settings;
    let template = branch::name(&settings.branch_template, TicketId::from_millis(0), "slug").map(drop);
    let folder = session.store.main_folder().join(&settings.worktree_dir).join("slug");
    // It is written down as well.
    let folder = located(session, &real(&folder), true)
        .and_then(|found| Ok(plan::worktree(&found.relative, None).map(drop)?));
    let told = [
        (
            "branch_template",
            settings.branch_template.escape_debug().to_string(),
            template.map_err(Into::into),
        ),
        ("worktree_dir", settings.worktree_dir.escape_debug().to_string(), folder),
    ];
    let fault = |(key, value, outcome): (&str, String, anyhow::Result<()>)| {
        Some(format!("yoi.{key} is '{value}', which no start can use: {}", outcome.err()?))
    };
    told.into_iter().filter_map(fault).collect()
}

/// A worktree at an absolute path without links in it, with its path as others have it.
fn located(session: &Session, path: &Path, is_new: bool) -> anyhow::Result<Worktree> {
    let what = "path of the worktree";
    let bad = |why: &str| Refusal::BadText { what, why: why.to_owned() };
    let root = session.store.main_folder();
    let text = |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| bad("it is not UTF-8"));
    let relative = plan::worktree(&text(path)?, Some(&text(&root)?))?;
    let is_odd = |part: &str| part.starts_with('-') || part.eq_ignore_ascii_case(".git");
    if relative.split('/').any(is_odd) {
        return Err(bad("a part of it is '.git' or begins with '-'").into());
    }
    Ok(Worktree { path: path.to_owned(), relative, is_new })
}

/// The path without links and dots, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => {
                out.push(part);
                out = out.canonicalize().unwrap_or(out);
            }
        }
    }
    out
}

fn holds_something(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => path.symlink_metadata().is_ok(),
    }
}

/// What was made, to be taken away again.
#[derive(Default)]
pub(super) struct Made {
    branch: Option<(String, String)>,
    folder: Option<PathBuf>,
    worktree: Option<PathBuf>,
    switch_from: Option<Head>,
}

impl Site {
    /// Makes what is not there. When a part can't be made, the others go again.
    pub(super) fn make(&self, session: &Session) -> anyhow::Result<Made> {
        let mut made = Made::default();
        match self.make_parts(session, &mut made) {
            Ok(()) => Ok(made),
            Err(error) => Err(match made.undo(session) {
                Ok(()) => error,
                Err(left) => error.context(format!("not all that was made is gone: {left:#}")),
            }),
        }
    }

    fn make_parts(&self, session: &Session, made: &mut Made) -> anyhow::Result<()> {
        let store = &session.store;
        let Some(branch) = &self.branch else { return Ok(()) };
        if let (true, Some(base)) = (branch.is_new, &branch.base) {
            store.make_branch(&branch.name, base)?;
            made.branch = Some((branch.name.clone(), base.clone()));
        }
        if let Some(worktree) = self.worktree.as_ref().filter(|worktree| worktree.is_new) {
            made.folder = hidden_folder(session, worktree)?;
            store.add_worktree(&worktree.path, &branch.name)?;
            made.worktree = Some(worktree.path.clone());
        }
        if let Some(before) = &self.switch_from {
            store.switch_to(&Head::Branch(branch.name.clone(), branch.base.is_none()))?;
            made.switch_from = Some(before.clone());
        }
        Ok(())
    }
}

/// Makes the folder of worktrees where it is a part of the main work tree, with what keeps it out of its
/// status. Gives it if it is new.
fn hidden_folder(session: &Session, worktree: &Worktree) -> anyhow::Result<Option<PathBuf>> {
    let root = session.store.main_folder();
    let folder = worktree.path.parent().filter(|folder| **folder != *root && folder.starts_with(&root));
    let Some(folder) = folder.filter(|folder| !folder.exists()) else { return Ok(None) };
    let fail = |error: &std::io::Error| Problem::file(folder, error);
    fs::create_dir_all(folder).map_err(|error| fail(&error))?;
    crate::host::failpoint::step("a folder for worktrees is made");
    fs::write(folder.join(IGNORE), EVERYTHING).map_err(|error| fail(&error))?;
    Ok(Some(folder.to_owned()))
}

/// Removes a folder of worktrees in which nothing is left but what hides it.
pub(in crate::ops) fn remove_hidden(folder: &Path) {
    let ignore = folder.join(IGNORE);
    let is_ours = fs::read_to_string(&ignore).is_ok_and(|text| text == EVERYTHING);
    let count = fs::read_dir(folder).map(Iterator::count).unwrap_or(0);
    if is_ours && count == 1 {
        // An empty folder is in nobody's way.
        let _ = fs::remove_file(&ignore).and_then(|()| fs::remove_dir(folder));
    }
}

impl Made {
    pub(super) fn has_switched(&self) -> bool {
        self.switch_from.is_some()
    }

    /// Takes away what was made, if it is as it was made.
    pub(super) fn undo(self, session: &Session) -> anyhow::Result<()> {
        let store = &session.store;
        if let Some(before) = &self.switch_from {
            store.switch_to(before)?;
        }
        if let Some(worktree) = &self.worktree {
            store.remove_worktree(worktree, true)?;
        }
        if let Some(folder) = &self.folder {
            remove_hidden(folder);
        }
        if let Some((name, base)) = &self.branch
            && store.branch_tip(name)?.as_ref() == Some(base)
        {
            store.remove_branch(&store.main_folder(), name)?;
        }
        Ok(())
    }
}
