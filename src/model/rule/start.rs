//! Starting: taking a ticket from the queue, with the plan of where the work goes on.

use super::{Change, Event, Move, Refusal, Stamp, State, Ticket, make_move, plan};
use crate::model::claim;
use crate::model::plan::{Accepted, Entry, Kind};

/// A start somebody asks for.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// The move, with what speaks against it.
    pub wanted: Move<'a>,
    /// Where the work goes on; recorded unless `known` says the same.
    pub plan: Accepted,
    /// The plan that was accepted last.
    pub known: Option<&'a Accepted>,
    /// The folder of the main work tree, as [`worktree`](crate::model::plan::worktree) wants it.
    pub root: Option<&'a str>,
}

/// Takes a ticket from the queue and records the plan. Whoever has it already may start again, for another
/// branch or worktree say: then only a plan that differs is written.
///
/// # Errors
/// When somebody else has it, or as [`make_move`].
pub fn start(ticket: &Ticket, events: &[Event], start: &Start, stamp: &Stamp) -> Result<Change, Refusal> {
    let again = ticket.state == State::InProgress;
    let mut change = if again {
        refuse_taken(ticket, events, &stamp.actor)?;
        Change { summary: "inprogress already".to_owned(), ..Change::default() }
    } else {
        make_move(ticket, events, &start.wanted, stamp)?
    };
    let names = |plan: &Accepted| (plan.branch.clone(), plan.worktree.clone());
    let is_told = start.known.is_some_and(|known| names(known) == names(&start.plan));
    let is_empty = names(&start.plan) == (None, None);
    if !(is_told || again && is_empty) {
        let accepted_plan = Some(start.plan.clone());
        let entry = Entry { kind: Kind::AcceptedPlan, related_ticket: None, note: None, accepted_plan };
        change.plan.extend(plan(ticket.id, entry, start.root)?.plan);
    }
    Ok(change)
}

/// Refuses a ticket in progress that is not the actor's.
fn refuse_taken(ticket: &Ticket, events: &[Event], actor: &str) -> Result<(), Refusal> {
    let claims = claim::claims(events);
    let holder = claims.holder.as_ref();
    let by = ticket.assignee.as_deref().or(holder.map(|claim| claim.by.as_str()));
    match by {
        Some(by) if by == actor => Ok(()),
        Some(by) => Err(Refusal::Taken {
            id: ticket.id,
            by: by.to_owned(),
            at: holder.filter(|claim| claim.by == by).map(|claim| claim.at.clone()),
            is_lost: claims.lost_by(actor).is_some(),
        }),
        None => Err(Refusal::SameState { id: ticket.id, state: ticket.state }),
    }
}
