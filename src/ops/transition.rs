//! Moving tickets between states.

use crate::model::change::Change;
use crate::model::claim::Standing;
use crate::model::relation;
use crate::model::rule::{self, Closing, Move, Outcome, Take, Target};
use crate::model::state::State;
use crate::store::snapshot::Snapshot;

use super::session::{Echo, Planned, Session};
use super::stored::{self, Stored};
use super::{plans, relations, resolve};

/// A move somebody asks for.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Where to.
    pub to: State,
    /// Where the caller believes the ticket is.
    pub expected: Option<State>,
    /// The only state the command takes tickets from.
    pub only_from: Option<State>,
    /// Why; the intake summary of a move to ready.
    pub words: Option<&'a str>,
    /// Whether the actor becomes the assignee of a ticket that is taken from the queue.
    pub takes: bool,
}

/// Moves a ticket; closing and reopening have their own functions.
///
/// # Errors
/// When the table has no such move or a guard refuses, or as [`Session::change`].
pub fn make_move(session: &Session, typed: &str, request: &Request) -> anyhow::Result<Echo> {
    let mut was = State::Planning;
    // Others don't know before the next push.
    let standing = super::claiming::arbiter(session).map(|_| Standing::Local);
    let echo = session.change(typed, |snapshot, stored, stamp| {
        was = stored.ticket.state;
        let take = Take { assignee: request.takes.then_some(stamp.actor.as_str()), standing };
        let needs_blockers = matches!(request.to, State::Queued | State::InProgress);
        let blockers = if needs_blockers { blockers(session, snapshot, stored)? } else { Vec::new() };
        let clashes = match request.to {
            State::InProgress => plans::clashes(session, snapshot, &stored.files)?,
            State::Planning | State::Ready | State::Queued | State::Done | State::Closed => Vec::new(),
        };
        let wanted = Move {
            to: request.to,
            expected: request.expected,
            only_from: request.only_from,
            words: request.words,
            blockers: &blockers,
            clashes: &clashes,
            take,
            policy: session.settings.policy,
        };
        let change = rule::make_move(&stored.ticket, &stored.events, &wanted, stamp)?;
        Ok(match request.to {
            State::InProgress => {
                rule::landing::finish(change, &stored.ticket, &stored.events, session.settings.policy)
            }
            State::Planning | State::Ready | State::Queued | State::Done | State::Closed => change,
        })
    })?;
    Ok(with_unblocked(session, echo, was))
}

/// What a ticket waits for, for a rule to judge by.
///
/// # Errors
/// When the tickets can't be listed, or the ticket's own relations can't be read.
pub(super) fn blockers(
    session: &Session,
    snapshot: &Snapshot,
    stored: &Stored,
) -> anyhow::Result<Vec<crate::model::readiness::Blocker>> {
    // A ticket whose own relations can't be read is not moved as if it had none.
    stored::relations(snapshot, &stored.files)?;
    Ok(relations::blockers(
        snapshot,
        stored.files.id,
        &relations::touching(session, snapshot, stored.files.id)?,
    ))
}

/// How a ticket ended, as somebody typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// What it asked for was done.
    Done,
    /// It will not be done.
    WontFix,
    /// The ticket named says the same.
    DuplicateOf(String),
    /// The ticket named takes its place.
    SupersededBy(String),
}

/// Closes a ticket; a duplicate or a superseded one is related to the other ticket in the same write.
///
/// # Errors
/// When it is closed already, the resolution can't be stored, or as [`Session::change`].
pub fn close(
    session: &Session,
    typed: &str,
    words: &str,
    ending: Option<&Ending>,
    expected: Option<State>,
) -> anyhow::Result<Echo> {
    let mut was = State::Planning;
    let echo = session.change_several(typed, |snapshot, stored, stamp| {
        was = stored.ticket.state;
        let outcome = ending.map(|ending| outcome(session, snapshot, ending)).transpose()?;
        let change = rule::close(&stored.ticket, &stored.events, &Closing { words, outcome, expected })?;
        let mut planned = vec![(stored, change)];
        match outcome {
            Some(Outcome::DuplicateOf(other)) => {
                let target = target(snapshot, other);
                let (stored, change) = &mut planned[0];
                let add = related(session, snapshot, stored, relation::Kind::DuplicateOf, &target, stamp)?;
                change.events.splice(0..0, add.events);
                change.relations = add.relations;
            }
            Some(Outcome::SupersededBy(other)) => {
                planned.extend(supersede(session, snapshot, &planned[0], other, stamp)?)
            }
            Some(Outcome::Done | Outcome::WontFix) | None => {}
        }
        Ok(planned)
    })?;
    Ok(with_unblocked(session, echo, was))
}

fn outcome(session: &Session, snapshot: &Snapshot, ending: &Ending) -> anyhow::Result<Outcome> {
    let find = |typed: &str| resolve::resolve(&session.store, snapshot, typed).map(|files| files.id);
    Ok(match ending {
        Ending::Done => Outcome::Done,
        Ending::WontFix => Outcome::WontFix,
        Ending::DuplicateOf(typed) => Outcome::DuplicateOf(find(typed)?),
        Ending::SupersededBy(typed) => Outcome::SupersededBy(find(typed)?),
    })
}

fn target(snapshot: &Snapshot, id: crate::model::id::TicketId) -> Target {
    Target { id, title: relations::title(snapshot, &id) }
}

/// The change that relates a ticket to another; nothing when they are related already.
fn related(
    session: &Session,
    snapshot: &Snapshot,
    stored: &Stored,
    kind: relation::Kind,
    target: &Target,
    stamp: &crate::model::change::Stamp,
) -> anyhow::Result<Change> {
    let present = stored::relations(snapshot, &stored.files)?;
    let mut ways = relations::ways_back(session, snapshot, stored.files.id, kind, target.id)?;
    match rule::relate(stored.files.id, &present, &mut ways, (kind, target, None), stamp) {
        Err(crate::model::refusal::Refusal::AlreadyRelated { .. }) => Ok(Change::default()),
        answer => Ok(answer?),
    }
}

fn supersede(
    session: &Session,
    snapshot: &Snapshot,
    closed: &Planned,
    other: crate::model::id::TicketId,
    stamp: &crate::model::change::Stamp,
) -> anyhow::Result<Option<Planned>> {
    let files = snapshot.ticket(&other)?;
    let Some(files) = files else { return Ok(None) };
    let stored = stored::read(snapshot, &files)?;
    let target = target(snapshot, closed.0.files.id);
    let change = related(session, snapshot, &stored, relation::Kind::Supersedes, &target, stamp)?;
    Ok((!change.events.is_empty()).then_some((stored, change)))
}

/// Takes a done ticket back to inprogress, a closed one back to planning.
///
/// # Errors
/// When it is neither, or as [`Session::change`].
pub fn reopen(session: &Session, typed: &str, words: &str, expected: Option<State>) -> anyhow::Result<Echo> {
    session.change(typed, |_, stored, _| Ok(rule::reopen(&stored.ticket, &stored.events, words, expected)?))
}

/// Adds what can go on now that the ticket is done or closed, and was neither before.
pub(super) fn with_unblocked(session: &Session, mut echo: Echo, was: State) -> Echo {
    if echo.state.is_resolved() && !was.is_resolved() {
        // The write is done: what can't be read now must not make it look as if it had failed.
        let unblocked =
            session.snapshot().and_then(|snapshot| relations::unblocked_by(session, &snapshot, echo.id));
        echo.unblocked = unblocked.unwrap_or_default();
    }
    echo
}
