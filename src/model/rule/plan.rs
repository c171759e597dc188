//! The orchestration plan: what may be recorded, and what it keeps from starting.

use super::{Change, Refusal, TicketId, limit, text};
use crate::model::plan::{Accepted, Entry, Kind};
use crate::model::readiness::Clash;

/// Records an entry of a ticket's plan; `root` as in [`worktree`](crate::model::plan::worktree). The thread
/// gains no event: the record itself says who and when.
///
/// # Errors
/// When a part is missing or belongs to another kind, points at the ticket itself, or can't be stored.
pub fn plan(id: TicketId, entry: Entry, root: Option<&str>) -> Result<Change, Refusal> {
    let entry = checked(id, entry, root)?;
    let about = match (entry.kind, entry.related_ticket) {
        (Kind::AcceptedPlan, _) => "plan accepted".to_owned(),
        (kind, Some(other)) => format!("plan: {kind} {other}"),
        (kind, None) => format!("plan: {kind}"),
    };
    Ok(Change { plan: vec![entry], summary: about, ..Change::default() })
}

/// The same entry, with every part checked.
pub(super) fn checked(id: TicketId, entry: Entry, root: Option<&str>) -> Result<Entry, Refusal> {
    let Entry { kind, related_ticket, note, accepted_plan } = entry;
    let bad = |why: String| Refusal::BadText { what: "record of the plan", why };
    match related_ticket {
        Some(other) if other == id => return Err(Refusal::SelfRelation { id }),
        None if kind.needs_related() => {
            return Err(bad(format!("{kind} is about another ticket, and none is named")));
        }
        Some(_) if !kind.needs_related() => {
            return Err(bad(format!("{kind} is about this ticket alone, and another is named")));
        }
        _ => {}
    }
    if kind == Kind::WaitingCapacityNote && note.is_none() {
        return Err(bad(format!("{kind} needs a note")));
    }
    if (kind == Kind::AcceptedPlan) != accepted_plan.is_some() {
        return Err(bad("what was accepted goes with accepted_plan, and with nothing else".to_owned()));
    }
    Ok(Entry {
        kind,
        related_ticket,
        note: note.map(|note| text::prose("note", &note, limit::SUMMARY)).transpose()?,
        accepted_plan: accepted_plan.map(|plan| Accepted::checked(plan, root)).transpose()?,
    })
}

/// Refuses a start beside tickets in progress that the plan keeps apart.
///
/// # Errors
/// When there are such tickets.
pub fn refuse_apart(id: TicketId, clashes: &[Clash]) -> Result<(), Refusal> {
    if clashes.is_empty() { Ok(()) } else { Err(Refusal::Apart { id, clashes: clashes.to_vec() }) }
}
