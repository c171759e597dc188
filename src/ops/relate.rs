//! Adding and removing relations.

use crate::model::id::TicketId;
use crate::model::relation::Kind;
use crate::model::rule::{self, Target};

use super::session::{Echo, Session};
use super::{relations, resolve, stored};

/// Relates a ticket to another that exists.
///
/// # Errors
/// When it is there already, would close a circle, or as [`Session::change`].
pub fn relate(
    session: &Session,
    typed: &str,
    kind: Kind,
    target: &str,
    note: Option<&str>,
) -> anyhow::Result<Echo> {
    session.change(typed, |snapshot, source, stamp| {
        let target = resolve::resolve(&session.store, snapshot, target)?.id;
        let target = Target { id: target, title: relations::title(snapshot, &target) };
        let present = stored::relations(snapshot, &source.files)?;
        let mut ways = relations::ways_back(session, snapshot, source.files.id, kind, target.id)?;
        Ok(rule::relate(source.files.id, &present, &mut ways, (kind, &target, note), stamp)?)
    })
}

/// Takes a relation away. The target may be gone; then its full id names it.
///
/// # Errors
/// When there is no such relation, or as [`Session::change`].
pub fn unrelate(session: &Session, typed: &str, kind: Kind, target: &str) -> anyhow::Result<Echo> {
    session.change(typed, |snapshot, source, _| {
        let id = match TicketId::parse(&target.to_ascii_uppercase()) {
            Some(id) => id,
            None => resolve::resolve(&session.store, snapshot, target)?.id,
        };
        let target = Target { id, title: relations::title(snapshot, &id) };
        let present = stored::relations(snapshot, &source.files)?;
        Ok(rule::unrelate(source.files.id, &present, kind, &target)?)
    })
}
