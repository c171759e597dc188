//! Saying something in a thread: comments, plans, decisions, reports.

use crate::model::event::Kind;
use crate::model::rule;

use super::session::{Echo, Session};

/// Adds a comment, plan, decision or implementation report.
///
/// # Errors
/// When the text can't be stored, or as [`Session::change`].
pub fn comment(session: &Session, typed: &str, kind: &Kind, words: &str) -> anyhow::Result<Echo> {
    session.change(typed, |_, _, _| Ok(rule::comment(kind.clone(), words)?))
}
