//! The branches on which work has landed.

use crate::model::text;
use crate::ops::session::Session;
use crate::store::graph::Branch;

use super::names_ticket;

/// A target branch, and the refs that show how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name, the same in every clone.
    pub name: String,
    /// Whole names of the refs and the commits they point at: those of remotes first, because what others
    /// recorded was seen there.
    pub refs: Vec<(String, String)>,
}

/// The target branches, the one that decides about states first: those the project names, else the main branch
/// of the remote, else that of a bare repository, else the one `init.defaultBranch` names, else `main` or
/// `master`, else the only branch that is no ticket's.
///
/// # Errors
/// When the branches can't be listed.
pub fn targets(session: &Session) -> anyhow::Result<Vec<Target>> {
    let store = &session.store;
    let mut named = session.settings.target_branches.clone();
    // A name that can't stand in an event's header can't be recorded.
    named.retain(|name| text::header_value("target", name).is_ok());
    let is_named = !session.settings.target_branches.is_empty();
    if !is_named {
        named.extend(store.remote_main_branch());
        // What others clone from says by its HEAD what their main branch is.
        let is_bare = store.work_dir().is_none();
        named.extend(is_bare.then(|| store.branch()).flatten());
        named.extend(store.setting("init.defaultBranch"));
        named.extend(["main", "master"].map(str::to_owned));
    }
    // Only these are looked up: a repository may have very many branches.
    let mut branches = store.branches_named(&named)?;
    if !is_named {
        let first = named.iter().find(|name| branches.iter().any(|branch| branch.name == **name)).cloned();
        if first.is_none() {
            branches = store.branches()?;
        }
        named = first.or_else(|| only_branch(&branches)).into_iter().collect();
    }
    let target = |name: String| {
        let mut refs: Vec<&Branch> = branches.iter().filter(|branch| branch.name == name).collect();
        refs.sort_by_key(|branch| (branch.remote.is_none(), branch.reference.clone()));
        let refs = refs.into_iter().map(|branch| (branch.reference.clone(), branch.tip.clone())).collect();
        Target { name, refs }
    };
    Ok(named.into_iter().map(target).collect())
}

/// The name of the only branch that is no ticket's.
fn only_branch(branches: &[Branch]) -> Option<String> {
    let mut names = branches.iter().map(|branch| &branch.name).filter(|name| !names_ticket(name));
    let first = names.next()?;
    let is_whole = text::header_value("target", first).is_ok();
    (is_whole && names.all(|name| name == first)).then(|| first.clone())
}

/// Why nothing can land here, in words: there are branches, and none of them is a target. `None` when there is
/// a target, or not one commit yet.
///
/// # Errors
/// As [`targets`].
pub fn without_target(session: &Session) -> anyhow::Result<Option<String>> {
    let targets = targets(session)?;
    if targets.iter().any(|target| !target.refs.is_empty()) || session.store.branches()?.is_empty() {
        return Ok(None);
    }
    let names: Vec<String> =
        targets.iter().map(|target| format!("'{}'", target.name.escape_debug())).collect();
    Ok(Some(match names.as_slice() {
        [] => "which branch work lands on is not known".to_owned(),
        names => format!("no target branch is here: {}", names.join(", ")),
    }))
}
