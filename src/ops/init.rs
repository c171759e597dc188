//! Setting a repository up.

use crate::store::REF;

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
}

/// Makes the ref when there is none, from the tickets of the remote that is named, if it has any; does
/// nothing else, however often it is called.
///
/// # Errors
/// When there is no such remote, it can't be reached, or the repository can't be written.
pub fn init(session: &Session, remote: Option<&str>) -> anyhow::Result<Setup> {
    let (mut is_new, mut joined) = (false, None);
    if !session.store.snapshot()?.exists() {
        let actor = session.actor()?;
        if let Some(remote) = remote {
            joined = session.store.join(session.host, remote, &actor)?.then(|| remote.to_owned());
        }
        is_new = joined.is_some() || session.store.create_ref(session.host, &actor)?;
    }
    let snapshot = session.snapshot()?;
    Ok(Setup {
        reference: REF,
        is_new,
        joined,
        tickets: snapshot.all()?.len(),
        has_reflog: session.store.has_reflog(),
    })
}
