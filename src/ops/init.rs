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
    /// How many tickets are on it.
    pub tickets: usize,
    /// Former values of the ref are kept in a log.
    pub has_reflog: bool,
}

/// Makes the ref when there is none; does nothing else, however often it is called.
///
/// # Errors
/// When the repository can't be written.
pub fn init(session: &Session) -> anyhow::Result<Setup> {
    let is_new = !session.store.snapshot()?.exists() && {
        let actor = session.actor()?;
        session.store.create_ref(session.host, &actor)?
    };
    let snapshot = session.snapshot()?;
    Ok(Setup {
        reference: REF,
        is_new,
        tickets: snapshot.all()?.len(),
        has_reflog: session.store.has_reflog(),
    })
}
