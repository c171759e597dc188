//! Merging tickets that were fetched, before anything is asked of them.

use crate::merge::Note;
use crate::model::id::TicketId;
use crate::store::StoreError;
use crate::store::cursor::Cursors;
use crate::store::unite::{Fetched, United};

use super::session::Session;

/// Fetched tickets that were merged, or can't be.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The remote they came from.
    pub remote: String,
    /// What became of them, or why they were left alone.
    pub outcome: Result<United, String>,
}

impl Arrival {
    /// What happened, in words; nothing when there is nothing to tell.
    pub fn sentence(&self) -> Option<String> {
        let remote = &self.remote;
        match &self.outcome {
            Ok(United::Known) => None,
            Ok(United::Forward) => Some(format!("tickets of '{remote}' taken over")),
            Ok(United::Merged { .. }) => Some(format!("tickets of '{remote}' merged")),
            Err(why) => Some(format!("warning: tickets of '{remote}' are not merged: {why}")),
        }
    }

    /// What a merge set aside for somebody to look at, with the ticket.
    pub fn attention(&self) -> Vec<(Option<TicketId>, &Note)> {
        match &self.outcome {
            Ok(United::Merged { notes, .. }) => {
                let notes = notes.iter().filter(|(_, note)| note.what.needs_attention());
                notes.map(|(id, note)| (*id, note)).collect()
            }
            Ok(United::Known | United::Forward) | Err(_) => Vec::new(),
        }
    }
}

/// Merges what was fetched since the last look. One ref is read for each remote when nothing was.
///
/// # Errors
/// When the refs can't be listed. What can't be merged is told in its arrival and hides nothing else.
pub fn merge_fetched(session: &Session) -> anyhow::Result<Vec<Arrival>> {
    let store = &session.store;
    let fetched = store.fetched()?;
    if fetched.is_empty() || !session.can_write() {
        return Ok(Vec::new());
    }
    let mut cursors = store.cursors();
    let is_new = |cursors: &Cursors, reference: &str, tip: &str| {
        cursors.refs.get(reference).is_none_or(|known| known != tip)
    };
    let mut arrivals = Vec::new();
    let before = cursors.clone();
    for fetched in &fetched {
        // What may not become ours is told once; doctor tells it again.
        let is_refused = cursors.refused.get(&fetched.reference) == Some(&fetched.tip);
        if is_refused || !is_new(&cursors, &fetched.reference, &fetched.tip) {
            continue;
        }
        let outcome = store.unite(session.host, fetched);
        match &outcome {
            Ok(_) => {
                cursors.refs.insert(fetched.reference.clone(), fetched.tip.clone());
                cursors.refused.remove(&fetched.reference);
            }
            Err(StoreError::BadCommit { .. }) => {
                cursors.refused.insert(fetched.reference.clone(), fetched.tip.clone());
            }
            // What has to do with this clone may go better next time.
            Err(_) => {}
        }
        let outcome = outcome.map_err(|error| error.to_string());
        arrivals.push(Arrival { remote: fetched.remote.clone(), outcome });
    }
    if cursors != before {
        // What can't be remembered is looked at again.
        let _ = store.keep_cursors(&cursors);
    }
    Ok(arrivals)
}

/// Merges what was just fetched, whatever was looked at before.
///
/// # Errors
/// When it can't be merged; then nothing has changed.
pub fn take(session: &Session, fetched: &Fetched) -> anyhow::Result<United> {
    let united = session.store.unite(session.host, fetched)?;
    let mut cursors = session.store.cursors();
    let known = cursors.refs.insert(fetched.reference.clone(), fetched.tip.clone());
    if known.as_ref() != Some(&fetched.tip) {
        // What can't be remembered is looked at again.
        let _ = session.store.keep_cursors(&cursors);
    }
    Ok(united)
}

/// Fetched tickets that may not become ours, and why: looked at again, so that it can be told again.
///
/// # Errors
/// When the refs can't be listed.
pub fn refused(session: &Session) -> anyhow::Result<Vec<(String, String)>> {
    let cursors = session.store.cursors();
    let mut found = Vec::new();
    for fetched in session.store.fetched()? {
        if cursors.refused.get(&fetched.reference) != Some(&fetched.tip) {
            continue;
        }
        if let Err(error @ StoreError::BadCommit { .. }) = session.store.verify(&fetched) {
            found.push((fetched.remote, error.to_string()));
        }
    }
    Ok(found)
}
