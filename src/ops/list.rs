//! Listing tickets.

use crate::model::query::Query;

use super::session::Session;
use super::survey::{self, Survey};

/// Lists tickets.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn list(session: &Session, query: &Query) -> anyhow::Result<Survey> {
    survey::select(session, &session.snapshot()?, query)
}
