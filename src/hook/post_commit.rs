//! `post-commit`: the first commit on a queued ticket's branch starts the ticket.

use crate::ops::Session;
use crate::ops::naming;

/// Starts the branch's ticket, and looks whether the commit landed something.
pub(super) fn run(session: &Session) -> anyhow::Result<()> {
    match naming::start_by_commit(session) {
        Ok(None) => {}
        Ok(Some(echo)) => {
            super::note(session.host, &format!("{} \"{}\": {}", echo.id, echo.title, echo.summary));
        }
        // The commit is made: a gate that refuses is worth a word, no more.
        Err(error) => super::note(session.host, &format!("warning: not started: {error:#}")),
    }
    super::catch_up(session)
}
