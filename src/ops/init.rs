//! Setting a repository up.

use crate::store::REF;

use super::hooks::{self, Action, Report};
use super::session::Session;

/// What `init` found and did.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The ref that holds the tickets.
    pub reference: &'static str,
    /// It was made now.
    pub is_new: bool,
    /// It was made now from the tickets of this remote.
    pub joined: Option<String>,
    /// How many tickets are on it.
    pub tickets: usize,
    /// Former values of the ref are kept in a log.
    pub has_reflog: bool,
    /// How git's hooks are now, or why they could not be installed; nothing when they were not to be.
    pub hooks: Option<Result<Report, String>>,
}

/// Makes the ref when there is none, from the tickets of the remote that is named, if it has any; does
/// nothing else, however often it is called. Then installs git's hooks, if they are wanted: the tickets can
/// do without, so that this fails is no error.
///
/// # Errors
/// When there is no such remote, it can't be reached, or the repository can't be written.
pub fn init(session: &Session, remote: Option<&str>, wants_hooks: bool) -> anyhow::Result<Setup> {
    let (mut is_new, mut joined) = (false, None);
    if !session.store.snapshot()?.exists() {
        let actor = session.actor()?;
        if let Some(remote) = remote {
            joined = session.store.join(session.host, remote, &actor)?.then(|| remote.to_owned());
        }
        is_new = joined.is_some() || session.store.create_ref(session.host, &actor)?;
    }
    let snapshot = session.snapshot()?;
    let tickets = snapshot.all()?.len();
    let install = || hooks::run(session, Action::Install).map_err(|error| format!("{error:#}"));
    Ok(Setup {
        reference: REF,
        is_new,
        joined,
        tickets,
        has_reflog: session.store.has_reflog(),
        hooks: wants_hooks.then(install),
    })
}
