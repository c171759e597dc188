//! Sending tickets along with an ordinary push: to remotes that take part, in time, and without a question.

use std::time::{Duration, Instant};

use crate::format::setting::MOST_SECONDS;
use crate::store::memory::{About, Remembered};
use crate::store::remote::Remote;
use crate::store::talk::Terms;

use super::session::Session;
use super::sync::{self, Pushed};

/// How long it may take, when nothing else is set.
const LIMIT: Duration = Duration::from_secs(5);

/// The same when git may ask, and somebody types.
const ASKING_LIMIT: Duration = Duration::from_secs(60);

/// How often it is tried.
const TRIES: usize = 4;

/// For how long the same refusal is not told again, in milliseconds.
const QUIET: u64 = 24 * 60 * 60 * 1000;

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The remote has our tickets.
    Sent {
        /// It had something else before, which was merged.
        is_merged: bool,
    },
    /// It has not.
    NotSent {
        /// Why.
        why: String,
        /// It was not told lately.
        is_news: bool,
    },
}

/// Whether somebody who pushes to that ref of a remote pushes the tickets, or takes them away.
pub fn carries_tickets(session: &Session, remote: &Remote, reference: &str) -> bool {
    reference == remote.reference || reference == session.store.reference()
}

/// The remote of a push, by the name and address that git tells its hook; nothing when it takes no part, or has
/// what there is. Then nobody is asked anything, but for once a day.
pub fn wanted(session: &Session, name: &str, address: &str, began: Instant) -> Option<Remote> {
    let store = &session.store;
    if !session.can_write() {
        return None;
    }
    let remote = store.pushed_remote(name, address).filter(Remote::takes_part)?;
    let ours = store.snapshot().ok()?.tip()?;
    let theirs = store.kept(&remote).ok()?.map(|fetched| fetched.tip);
    (theirs.as_ref() != Some(&ours) || has_lost(session, &remote, &ours, began)).then_some(remote)
}

/// Whether a remote lacks what it once had. A mirror, say, can take its tickets away, and nothing here shows
/// it: so a remote that nobody asked for a day is asked.
fn has_lost(session: &Session, remote: &Remote, ours: &str, began: Instant) -> bool {
    let store = &session.store;
    let now = session.host.clock.now_millis();
    let met = store.remembered(About::Met, &remote.name);
    if met.as_ref().is_some_and(|met| now.abs_diff(met.millis) < QUIET) {
        return false;
    }
    // Also when there is no answer: that is not waited for again with the next push.
    store.remember(About::Met, &remote.name, Some(Remembered { millis: now, what: String::new() }));
    if met.is_none() {
        return false;
    }
    match store.ask(session.host, remote, Terms::since(began, limit(session), false)) {
        Ok(None) => true,
        // What is not here is newer: a fetch brings it.
        Ok(Some(theirs)) => {
            theirs != ours && store.has(&theirs) && store.is_ancestor(&theirs, ours) == Some(true)
        }
        Err(_) => false,
    }
}

fn may_ask(session: &Session) -> bool {
    session.store.setting("yoi.prompt").is_some_and(|value| value == "ask")
}

/// How long sending may take: `yoi.pushTimeout`, in seconds.
pub fn limit(session: &Session) -> Duration {
    let usual = if may_ask(session) { ASKING_LIMIT } else { LIMIT };
    let typed = session.store.setting("yoi.pushTimeout").and_then(|text| text.trim().parse::<f64>().ok());
    let usable = typed.filter(|seconds| *seconds > 0.0 && *seconds <= MOST_SECONDS);
    usable.map_or(usual, Duration::from_secs_f64)
}

/// Sends, and merges first what the remote has besides; the limit counts from when it began.
pub fn send(session: &Session, remote: &Remote, began: Instant, limit: Duration) -> Outcome {
    let terms = Terms::since(began, limit, may_ask(session));
    let why = match sync::push(session, remote, terms, TRIES) {
        Ok(Pushed::Sent(carried)) => {
            session.store.remember(About::Refusal, &remote.name, None);
            return Outcome::Sent { is_merged: carried.is_merged };
        }
        Ok(Pushed::Refused(why)) => why,
        Err(error) => format!("{error:#}"),
    };
    let now = session.host.clock.now_millis();
    let known = session.store.remembered(About::Refusal, &remote.name);
    let is_news = known.is_none_or(|known| known.what != why || now.abs_diff(known.millis) >= QUIET);
    if is_news {
        let what = Remembered { millis: now, what: why.clone() };
        session.store.remember(About::Refusal, &remote.name, Some(what));
    }
    Outcome::NotSent { why, is_news }
}
