//! Saying something in a thread: comments, plans, decisions, reports, reviews.

use crate::model::event::Kind;
use crate::model::rule;
use crate::model::thread::Verdict;

use super::session::{Echo, Session};

/// Adds a comment, plan, decision or implementation report.
///
/// # Errors
/// When the text can't be stored, or as [`Session::change`].
pub fn comment(session: &Session, typed: &str, kind: &Kind, words: &str) -> anyhow::Result<Echo> {
    session.change(typed, |_, _, _| Ok(rule::comment(kind.clone(), words)?))
}

/// Approves the work, or asks for changes.
///
/// # Errors
/// As [`comment`].
pub fn review(session: &Session, typed: &str, verdict: Verdict, words: &str) -> anyhow::Result<Echo> {
    session.change(typed, |_, _, _| Ok(rule::review(verdict, words)?))
}
