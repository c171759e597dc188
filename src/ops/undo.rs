//! Taking back what an operation did, by a new operation.

use std::collections::{BTreeMap, BTreeSet};

use similar::TextDiff;

use crate::format::layout;
use crate::format::place::{self, Owner};
use crate::model::change::{Change, Draft, Stamp};
use crate::model::commit::short;
use crate::model::derived::AUTHOR;
use crate::model::event::{Event, Kind};
use crate::model::id::TicketId;
use crate::model::readiness;
use crate::model::refusal::Refusal;
use crate::model::relation::{self, Relation};
use crate::model::rule::undo::{self, Deed, Present};
use crate::model::state::State;
use crate::model::undo as taken_back;
use crate::store::history::Operation;
use crate::store::snapshot::Snapshot;

use super::session::{Planned, Session, Take};
use super::stored::{self, Stored};
use super::{Problem, relations, resolve};

/// An operation on as many tickets as this is taken back ticket by ticket; fewer are gathered first.
const MANY: usize = 100;

/// What somebody wants taken back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    /// A commit of the tickets; `None` for the last operation of the acting person.
    pub operation: Option<&'a str>,
    /// Only the last operation on this ticket.
    pub ticket: Option<&'a str>,
    /// Why.
    pub why: Option<&'a str>,
    /// Write nothing.
    pub is_dry: bool,
}

/// What was taken back, or would be.
#[derive(Debug, Clone)]
pub struct Undone {
    /// The operation.
    pub operation: Operation,
    /// The tickets, each with what happens to it.
    pub tickets: Vec<Taken>,
    /// The new commit on the ref; `None` when nothing was written.
    pub commit: Option<String>,
}

/// What happens to one ticket.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The ticket.
    pub id: TicketId,
    /// Its title then.
    pub title: String,
    /// Where it stands then.
    pub state: State,
    /// What happens.
    pub summary: String,
    /// The events that are written: their kinds, and their attributes in order.
    pub events: Vec<(Kind, Vec<(&'static str, String)>)>,
}

/// Takes an operation back.
///
/// # Errors
/// When there is no such operation, when something later depends on it, when others went on from it after it
/// was pushed, or as [`Session::change`].
pub fn undo(session: &Session, request: &Request) -> anyhow::Result<Undone> {
    let operation = operation(session, request)?;
    let origin = session.store.origin(&operation)?;
    let refuse = |why: &str| not_undoable(&operation, why.to_owned());
    if origin.parents > 1 {
        return Err(refuse("a merge has nothing of its own to take back").into());
    }
    if origin.is_derived {
        return Err(refuse("it follows from commits of the code; revert those").into());
    }
    let changed = changed(session, &operation)?;
    let Some(first) = changed.keys().next() else {
        return Err(refuse("it changed no ticket").into());
    };
    refuse_shared(session, &operation, changed.keys())?;
    let mut tickets = Vec::new();
    if request.is_dry {
        let (snapshot, stamp) = (session.snapshot()?, session.stamp()?);
        plan(session, &snapshot, &operation, &changed, request.why, &stamp, &mut |stored, change| {
            tickets.push(taken(&stored, &change));
            Ok(())
        })?;
        return Ok(Undone { tickets, operation, commit: None });
    }
    // Each time it is asked: others may have written meanwhile.
    let mut rule = |snapshot: &Snapshot, stamp: &Stamp, take: &mut Take| {
        tickets.clear();
        plan(session, snapshot, &operation, &changed, request.why, stamp, &mut |stored, change| {
            tickets.push(taken(&stored, &change));
            take(stored, change)
        })
    };
    let commit = match changed.len() < MANY {
        true => {
            let echo = session.change_several(first.as_str(), |snapshot, _, stamp| {
                let mut planned: Vec<Planned> = Vec::new();
                rule(snapshot, stamp, &mut |stored, change| {
                    planned.push((stored, change));
                    Ok(())
                })?;
                Ok(planned)
            })?;
            echo.commit
        }
        false => session.change_many(rule)?,
    };
    Ok(Undone { operation, tickets, commit })
}

fn not_undoable(operation: &Operation, why: String) -> Refusal {
    Refusal::NotUndoable { commit: short(&operation.commit).to_owned(), why }
}

fn operation(session: &Session, request: &Request) -> anyhow::Result<Operation> {
    if let Some(name) = request.operation {
        let found = session.store.ticket_commit(name)?;
        return Ok(found.ok_or_else(|| Problem::NoOperation(name.to_owned()))?);
    }
    let snapshot = session.snapshot()?;
    let only = request.ticket.map(|typed| resolve::resolve(&session.store, &snapshot, typed)).transpose()?;
    let actor = session.actor()?;
    let found = session.store.last_operation_of(&actor, only.map(|files| files.id).as_ref())?;
    Ok(found.ok_or(Problem::NothingOf(actor))?)
}

/// The tickets an operation changed, each with the names of its files that differ.
type Changed = BTreeMap<TicketId, BTreeSet<String>>;

fn changed(session: &Session, operation: &Operation) -> anyhow::Result<Changed> {
    let mut found = Changed::new();
    for change in session.store.changed_names(operation)? {
        // A file that is no program any more says what it said.
        if let Ok(Owner::Ticket(id, file)) = place::owner(&change.path, false) {
            let names = found.entry(id).or_default();
            names.extend((!change.is_same).then(|| place::name(&change.path, file)));
        }
    }
    Ok(found)
}

/// Refuses to take back what others have and went on from.
fn refuse_shared<'i>(
    session: &Session,
    operation: &Operation,
    ids: impl Iterator<Item = &'i TicketId>,
) -> anyhow::Result<()> {
    let Some(remote) = session.store.remote_with(&operation.commit)? else { return Ok(()) };
    let ids: Vec<TicketId> = ids.copied().collect();
    for later in session.store.operations_after(operation, &ids)? {
        if later.author != operation.author && later.author != AUTHOR {
            let (who, what) = (&later.author, &later.subject);
            let why = format!("it was pushed to '{remote}', and {who} went on from it: {what}");
            return Err(not_undoable(operation, why).into());
        }
    }
    Ok(())
}

fn taken(stored: &Stored, change: &Change) -> Taken {
    let event = |draft: &Draft| (draft.kind.clone(), draft.attributes.clone());
    Taken {
        id: stored.files.id,
        title: change.title().unwrap_or(&stored.ticket.title).to_owned(),
        state: change.state().unwrap_or(stored.ticket.state),
        summary: change.summary.clone(),
        events: change.events.iter().map(event).collect(),
    }
}

/// Gives each ticket with its change, one after the other: an operation may have changed any number.
fn plan(
    session: &Session,
    snapshot: &Snapshot,
    operation: &Operation,
    changed: &Changed,
    why: Option<&str>,
    stamp: &Stamp,
    take: &mut Take,
) -> anyhow::Result<()> {
    let (before, after) = (session.store.snapshot_before(operation)?, session.store.snapshot_of(operation)?);
    let all = relations::all(session, snapshot)?;
    let mut ways = relation::Ways::new(&all);
    let waiting = waiting(&all);
    for (id, names) in changed {
        let deed = deed(operation, &before, &after, *id)?;
        refuse_files(&deed, names)?;
        let missing = || not_undoable(operation, format!("{id} has another id by now"));
        let files = snapshot.ticket(id)?.ok_or_else(missing)?;
        let stored = stored::read(snapshot, &files)?;
        refuse_started_since(snapshot, &deed, &waiting)?;
        let own = stored::relations(snapshot, &files)?;
        let resolution = stored::text(snapshot, &files, layout::RESOLUTION)?;
        let body = deed.before.as_ref().map_or("", |ticket| ticket.body.as_str());
        let diff = TextDiff::from_lines(stored.ticket.body.as_str(), body).unified_diff().to_string();
        let mut present = Present {
            ticket: &stored.ticket,
            events: &stored.events,
            relations: &own,
            resolution: resolution.as_deref(),
            ways: &mut ways,
            title: &|id| relations::title(snapshot, id),
            body_diff: diff,
        };
        let change = undo::undo(&deed, &mut present, why, stamp)?;
        take(stored, change)?;
    }
    Ok(())
}

/// A ticket as a version has it: with its relations and its resolution.
type Read = (Stored, Vec<Relation>, Option<String>);

/// What the operation did to a ticket.
fn deed(operation: &Operation, before: &Snapshot, after: &Snapshot, id: TicketId) -> anyhow::Result<Deed> {
    let read = |snapshot: &Snapshot| -> anyhow::Result<Option<Read>> {
        let Some(files) = snapshot.ticket(&id)? else { return Ok(None) };
        let stored = stored::read(snapshot, &files)?;
        let relations = stored::relations(snapshot, &files)?;
        let resolution = stored::text(snapshot, &files, layout::RESOLUTION)?;
        Ok(Some((stored, relations, resolution)))
    };
    let gone = || not_undoable(operation, format!("{id} can't be read in it"));
    let (is, is_related, is_resolved) = read(after)?.ok_or_else(gone)?;
    let was = match read(before) {
        // What made a ticket readable can't be taken back: nobody knows what it said before.
        Err(error) if matches!(error.downcast_ref(), Some(Problem::BadFile { .. })) => {
            Some((is.clone(), is_related.clone(), is_resolved.clone()))
        }
        read => read?,
    };
    let known: BTreeSet<_> =
        was.iter().flat_map(|(stored, ..)| stored.events.iter().filter_map(|event| event.id)).collect();
    let new = is.events.iter().filter(|event| event.id.is_some_and(|id| !known.contains(&id)));
    let (was, was_related, was_resolved) = match was {
        Some((stored, relations, resolution)) => (Some(stored.ticket), relations, resolution),
        None => (None, Vec::new(), None),
    };
    let own = format!("{id}: ");
    let what = operation.subject.split_once(&own).map_or(operation.subject.as_str(), |(_, what)| what);
    Ok(Deed {
        commit: operation.commit.clone(),
        what: what.to_owned(),
        before: was,
        events: new.cloned().collect(),
        after: is.ticket,
        thread: is.events,
        relations: [was_related, is_related],
        resolutions: [was_resolved, is_resolved],
    })
}

/// Refuses what can't be taken back because files of a ticket stay, and nothing says that they don't count.
fn refuse_files(deed: &Deed, names: &BTreeSet<String>) -> Result<(), Refusal> {
    let refuse = |why: String| Err(Refusal::NotUndoable { commit: short(&deed.commit).to_owned(), why });
    if deed.before.is_none() {
        return Ok(());
    }
    let moves = deed.before.as_ref().is_some_and(|before| before.state != deed.after.state);
    for name in names {
        match name.as_str() {
            layout::ITEM | layout::THREAD | layout::RESOLUTION | layout::RELATIONS => {}
            // The plan that was accepted with a start says nothing once the start is taken back.
            layout::PLAN if moves => {}
            layout::PLAN => {
                return refuse("a record of the plan stays; add one that says otherwise".to_owned());
            }
            other if other.starts_with(layout::ARTIFACTS) => {
                return refuse(format!("a file stays with its ticket: {}", other.escape_debug()));
            }
            other => return refuse(format!("it changed {}", other.escape_debug())),
        }
    }
    Ok(())
}

/// Refuses to make a ticket unfinished again when one that waited for it was started since.
fn refuse_started_since(snapshot: &Snapshot, deed: &Deed, waiting: &Waiting) -> anyhow::Result<()> {
    let Some(before) = &deed.before else { return Ok(()) };
    if before.state.is_resolved() || !deed.after.state.is_resolved() {
        return Ok(());
    }
    let id = deed.after.id;
    let done = deed.events.iter().filter_map(|event| event.id).max();
    for waiting in waiting.get(&id).into_iter().flatten() {
        let Some(files) = snapshot.ticket(waiting)? else { continue };
        let Ok(stored) = stored::read(snapshot, &files) else { continue };
        let standing = taken_back::standing(&stored.events);
        let is_start = |event: &&Event| {
            event.kind == Kind::StateChanged
                && event.attribute("to") == Some(State::InProgress.word())
                && event.id.max(done) == event.id
        };
        if stored.ticket.state.is_active()
            && stored.ticket.state > State::Queued
            && let Some(start) = standing.iter().find(is_start)
        {
            let why = format!("{waiting} waited for {id} and was started since by {}", start.author);
            return Err(Refusal::NotUndoable { commit: short(&deed.commit).to_owned(), why }.into());
        }
    }
    Ok(())
}

/// Who waits for each ticket.
type Waiting = BTreeMap<TicketId, BTreeSet<TicketId>>;

fn waiting(all: &[Relation]) -> Waiting {
    let mut found = Waiting::new();
    for (waiting, awaited, _) in all.iter().filter_map(readiness::waits) {
        found.entry(awaited).or_default().insert(waiting);
    }
    found
}
