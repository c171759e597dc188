//! A clone that was never set up: whether its remote has tickets, asked once.

use std::time::Duration;

use crate::store::memory::{About, Remembered};
use crate::store::talk::Terms;

use super::init::{self, Setup};
use super::session::Session;

/// How long such a look may take: nobody asked for it.
const LIMIT: Duration = Duration::from_secs(3);

/// How long a remote that could not be asked is left alone, in milliseconds.
const LATER: u64 = 24 * 60 * 60 * 1000;

/// What a look found.
#[derive(Debug)]
pub enum Found {
    /// Nothing, or nothing to look for.
    Nothing,
    /// This remote has tickets.
    Tickets(String),
    /// They were joined, as `yoi.autoJoin` wants it.
    Joined(Box<Setup>),
}

/// Looks whether the remote of a clone without tickets has some. The answer is remembered, so that it is asked
/// once. What goes wrong is as if there were none.
pub fn look(session: &Session) -> Found {
    let store = &session.store;
    if store.snapshot().map_or(true, |snapshot| snapshot.exists()) {
        return Found::Nothing;
    }
    let Some(remote) = store.main_remote() else { return Found::Nothing };
    // Whoever set it up, or switched it off, knows.
    if remote.is_mirror || remote.opt_in.is_some() || remote.brings_tickets() {
        return Found::Nothing;
    }
    let now = session.host.clock.now_millis();
    let known = store.remembered(About::Tickets, &remote.name);
    let known = known.filter(|known| known.what != "unknown" || now.abs_diff(known.millis) < LATER);
    let what = known.map(|known| known.what).unwrap_or_else(|| {
        let what = match store.ask_anywhere(session.host, &remote, Terms::within(LIMIT, false)) {
            Ok(Some(_)) => "some",
            Ok(None) => "none",
            Err(_) => "unknown",
        };
        store.remember(About::Tickets, &remote.name, Some(Remembered { millis: now, what: what.to_owned() }));
        what.to_owned()
    });
    if what != "some" {
        return Found::Nothing;
    }
    if store.switch("yoi.autoJoin") == Some(true)
        && let Ok(setup) = init::init(session, Some(&remote.name), true)
    {
        return Found::Joined(Box::new(setup));
    }
    Found::Tickets(remote.name)
}
