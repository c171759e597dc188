//! The branches on which work has landed.

use crate::model::text;
use crate::ops::session::Session;
use crate::store::graph::Branch;

/// A target branch, and the refs that show how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its name, the same in every clone.
    pub name: String,
    /// Whole names of the refs and the commits they point at: those of remotes first, because what others
    /// recorded was seen there.
    pub refs: Vec<(String, String)>,
}

/// The target branches that exist here, the one that decides about states first: those the project names,
/// else the main branch of the remote, else the one `init.defaultBranch` names.
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
        named.extend(store.setting("init.defaultBranch"));
        named.extend(["main", "master"].map(str::to_owned));
    }
    // Only these are looked up: a repository may have very many branches.
    let branches = store.branches_named(&named)?;
    if !is_named {
        let first = named.iter().find(|name| branches.iter().any(|branch| branch.name == **name)).cloned();
        named = first.into_iter().collect();
    }
    let target = |name: String| {
        let mut refs: Vec<&Branch> = branches.iter().filter(|branch| branch.name == name).collect();
        refs.sort_by_key(|branch| (branch.remote.is_none(), branch.reference.clone()));
        let refs = refs.into_iter().map(|branch| (branch.reference.clone(), branch.tip.clone())).collect();
        Target { name, refs }
    };
    Ok(named.into_iter().map(target).collect())
}
