//! Saying something in a thread: comments, plans, decisions, reports, reviews.

use crate::model::event::Kind;
use crate::model::rule;
use crate::model::state::State;
use crate::model::thread::Verdict;

use super::session::{Echo, Session};
use super::transition;

/// Adds a comment, plan, decision or implementation report.
///
/// # Errors
/// When the text can't be stored, or as [`Session::change`].
pub fn comment(session: &Session, typed: &str, kind: &Kind, words: &str) -> anyhow::Result<Echo> {
    session.change(typed, |_, _, _| Ok(rule::comment(kind.clone(), words)?))
}

/// Approves the work, or asks for changes. Work that landed and waited for approval only is done with it.
///
/// # Errors
/// As [`comment`].
pub fn review(session: &Session, typed: &str, verdict: Verdict, words: &str) -> anyhow::Result<Echo> {
    let mut was = State::Planning;
    let policy = session.settings.policy;
    let echo = session.change(typed, |_, stored, _| {
        was = stored.ticket.state;
        let change = rule::review(verdict, words)?;
        Ok(match verdict {
            Verdict::Approve => rule::landing::complete(change, &stored.ticket, &stored.events, policy),
            Verdict::RequestChanges => change,
        })
    })?;
    Ok(transition::with_unblocked(session, echo, was))
}
