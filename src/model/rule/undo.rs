//! Taking back what one operation did to a ticket: never by removing, always by something new.

use std::collections::BTreeSet;

use ulid::Ulid;

use super::moves::moved;
use super::{
    Change, Draft, Event, Field, Heading, Kind, Refusal, State, Target, Text, Ticket, TicketId, Value, edit,
    refuse_cycle, relation_draft,
};
use crate::model::change::Stamp;
use crate::model::claim::ASSIGNEE;
use crate::model::relation::{self, Relation};
use crate::model::text;
use crate::model::undo::{self, EVENTS, REASON, UNDOES};

/// What one operation did to a ticket.
#[derive(Debug, Clone)]
pub struct Deed {
    /// The full id of the operation's commit.
    pub commit: String,
    /// What it did, in the words of its commit.
    pub what: String,
    /// The ticket before it; `None` when it made the ticket.
    pub before: Option<Ticket>,
    /// The ticket after it.
    pub after: Ticket,
    /// The thread after it.
    pub thread: Vec<Event>,
    /// The events it wrote.
    pub events: Vec<Event>,
    /// The ticket's relations before and after.
    pub relations: [Vec<Relation>; 2],
    /// The resolution before and after.
    pub resolutions: [Option<String>; 2],
}

/// The ticket as it is now.
pub struct Present<'a> {
    /// Its fields and body.
    pub ticket: &'a Ticket,
    /// Its thread.
    pub events: &'a [Event],
    /// Its relations.
    pub relations: &'a [Relation],
    /// Its resolution.
    pub resolution: Option<&'a str>,
    /// Every relation there is that makes an order.
    pub ways: &'a mut relation::Ways,
    /// The titles of tickets that its relations name.
    pub title: &'a dyn Fn(&TicketId) -> String,
    /// The body's difference from now to how it was, as unified diff.
    pub body_diff: String,
}

/// Takes a deed back. An `undo` event names the events that count no more; fields, state and relations are
/// set back by events of their own kinds.
///
/// # Errors
/// When something later depends on it.
pub fn undo(deed: &Deed, present: &mut Present, why: Option<&str>, stamp: &Stamp) -> Result<Change, Refusal> {
    let later = later(deed, present.events);
    let mut change = Change::default();
    let is_redo = deed.events.iter().any(|event| event.kind == Kind::Undo);
    match &deed.before {
        None => unmake(deed, present, &later, &mut change)?,
        Some(before) => {
            refuse_relied_on(deed, &later, present.events)?;
            set_state_back(deed, before, present, &later, &mut change)?;
            set_resolution_back(deed, present, &mut change);
            set_fields_back(deed, before, present, &mut change)?;
            set_relations_back(deed, present, stamp, &mut change)?;
        }
    }
    for draft in &mut change.events {
        draft.attributes.push((UNDOES, deed.commit.clone()));
    }
    let ids: Vec<String> = deed.events.iter().filter_map(|event| event.id).map(|id| id.to_string()).collect();
    let words = Text::Undone { what: deed.what.clone(), is_redo, note: why.map(str::to_owned) };
    let mut event = Draft::new(Kind::Undo, words).headed(Heading::Undone { is_redo });
    event = event.with(UNDOES, deed.commit.as_str());
    if !ids.is_empty() && deed.before.is_some() {
        event = event.with(EVENTS, ids.join(","));
    }
    change.events.insert(0, event);
    change.summary = summary(&deed.what, is_redo);
    Ok(change)
}

fn summary(what: &str, is_redo: bool) -> String {
    let bare = what.strip_prefix("undone: ").or_else(|| what.strip_prefix("redone: ")).unwrap_or(what);
    format!("{}: {bare}", if is_redo { "redone" } else { "undone" })
}

fn refuse<T>(deed: &Deed, why: String) -> Result<T, Refusal> {
    Err(Refusal::NotUndoable { commit: crate::model::commit::short(&deed.commit).to_owned(), why })
}

/// The events that count and came after the deed.
fn later(deed: &Deed, now: &[Event]) -> Vec<Event> {
    let known: BTreeSet<Ulid> = deed.thread.iter().filter_map(|event| event.id).collect();
    let is_later = |event: &&Event| match event.id {
        Some(id) => !known.contains(&id),
        None => !deed.thread.contains(event),
    };
    let standing = undo::standing(now);
    standing.iter().filter(is_later).cloned().collect()
}

fn told(event: &Event) -> String {
    format!("{} by {}", event.kind.word().replace('_', " "), event.author)
}

/// A ticket that was made stays, and is closed.
fn unmake(deed: &Deed, present: &Present, later: &[Event], change: &mut Change) -> Result<(), Refusal> {
    let id = present.ticket.id;
    if let Some(event) = later.first() {
        return refuse(deed, format!("{id} went on since: {}", told(event)));
    }
    if present.ticket.state != State::Closed {
        let text = Text::Undone { what: deed.what.clone(), is_redo: false, note: None };
        change.events.push(moved(present.ticket.state, State::Closed, REASON, Text::Closed));
        change.events.push(
            Draft::new(Kind::Close, text.clone())
                .headed(Heading::Closed)
                .with("status", State::Closed.word())
                .with("resolution", REASON),
        );
        change.fields.push((Field::State, Value::Text(State::Closed.word().to_owned())));
        change.resolution = Some(format!("Undone: {}", deed.what));
    }
    Ok(())
}

/// What others concluded from words can't lose them.
fn refuse_relied_on(deed: &Deed, later: &[Event], now: &[Event]) -> Result<(), Refusal> {
    let to = |event: &Event, states: &[State]| {
        event.kind == Kind::StateChanged
            && states.iter().any(|state| event.attribute("to") == Some(state.word()))
    };
    for event in &deed.events {
        let relies = |other: &&Event| match event.kind {
            Kind::Review => to(other, &[State::Done, State::Closed]),
            Kind::ImplementationReport => other.kind == Kind::Review,
            Kind::Decision => to(other, &[State::InProgress]),
            Kind::CommitLink => {
                other.kind == Kind::CommitLink && other.attribute("commit") == event.attribute("commit")
            }
            _ => false,
        };
        if let Some(other) = later.iter().find(relies) {
            return refuse(deed, format!("what came after depends on it: {}", told(other)));
        }
    }
    let names: BTreeSet<Ulid> = deed.events.iter().flat_map(undo::named).collect();
    let own: BTreeSet<Ulid> = deed.events.iter().filter_map(|event| event.id).collect();
    let is_twin = |event: &&Event| {
        event.id.is_some_and(|id| !own.contains(&id)) && undo::named(event).any(|id| names.contains(&id))
    };
    let in_force = undo::retracted(now);
    let twins = now.iter().filter(|event| !event.id.is_some_and(|id| in_force.contains_key(&id)));
    match twins.filter(|event| event.kind == Kind::Undo).find(is_twin) {
        Some(twin) => refuse(deed, format!("{} took the same back", twin.author)),
        None => Ok(()),
    }
}

fn set_state_back(
    deed: &Deed,
    before: &Ticket,
    present: &Present,
    later: &[Event],
    change: &mut Change,
) -> Result<(), Refusal> {
    let (from, to, now) = (deed.after.state, before.state, present.ticket.state);
    if from == to {
        return Ok(());
    }
    if let Some(event) = later.iter().find(|event| event.kind == Kind::StateChanged || event.kind.closes()) {
        let to = event.attribute("to").or_else(|| event.attribute("status")).unwrap_or_default();
        return refuse(deed, format!("{} moved it on to {to}", event.author));
    }
    if now != from {
        return refuse(deed, format!("{} is {now} by now", present.ticket.id));
    }
    let mut event = moved(from, to, REASON, Text::Became(to));
    if to == State::InProgress
        && let Some(assignee) = &before.assignee
        && text::header_value("assignee", assignee).is_ok()
    {
        // Whoever takes it back doesn't take the ticket.
        event = event.with(ASSIGNEE, assignee.as_str());
    }
    change.events.push(event);
    change.fields.push((Field::State, Value::Text(to.word().to_owned())));
    Ok(())
}

/// A resolution that was not there before stays until the next close, as after a reopen.
fn set_resolution_back(deed: &Deed, present: &Present, change: &mut Change) {
    let [was, is] = &deed.resolutions;
    if was != is && is.as_deref() == present.resolution {
        change.resolution = was.as_deref().map(|text| text.trim_end_matches('\n').to_owned());
    }
}

fn set_fields_back(
    deed: &Deed,
    before: &Ticket,
    present: &Present,
    change: &mut Change,
) -> Result<(), Refusal> {
    let (after, now) = (&deed.after, present.ticket);
    let some = |text: &Option<String>| text.clone().map_or(Value::Absent, Value::Text);
    let text = |text: &String| Value::Text(text.clone());
    for (field, [was, is, now]) in [
        (Field::Title, [before, after, now].map(|ticket| text(&ticket.title))),
        (Field::Assignee, [before, after, now].map(|ticket| some(&ticket.assignee))),
        (Field::Priority, [before, after, now].map(|ticket| some(&ticket.priority))),
        (Field::Readiness, [before, after, now].map(|ticket| some(&ticket.readiness))),
        (Field::QueuedBy, [before, after, now].map(|ticket| some(&ticket.queued_by))),
        (Field::QueuedAt, [before, after, now].map(|ticket| some(&ticket.queued_at))),
    ] {
        if was == is {
            continue;
        }
        if now != is {
            return refuse(deed, format!("{} was set again since", field.key()));
        }
        match field {
            // Who queued it goes with the move, without an event of its own.
            Field::QueuedBy | Field::QueuedAt => change.fields.push((field, was)),
            _ => edit::set(change, field, now, was),
        }
    }
    for (field, [was, is, now]) in [
        (Field::Labels, [before, after, now].map(|ticket| ticket.labels.clone())),
        (Field::RiskFlags, [before, after, now].map(|ticket| ticket.risk_flags.clone())),
    ] {
        let added: Vec<&String> = is.iter().filter(|word| !was.contains(word)).collect();
        let mut back: Vec<String> = now.iter().filter(|word| !added.contains(word)).cloned().collect();
        back.extend(was.iter().filter(|word| !is.contains(word) && !now.contains(word)).cloned());
        edit::set(change, field, Value::List(now), Value::List(back));
    }
    if before.body != after.body {
        if now.body != after.body {
            return refuse(deed, "the body was edited again since".to_owned());
        }
        let draft = Draft::new(Kind::Field, Text::BodyChanged(present.body_diff.clone()));
        change.events.push(draft.headed(Heading::FieldChanged).with("field", "body"));
        change.body = Some(before.body.clone());
    }
    Ok(())
}

fn set_relations_back(
    deed: &Deed,
    present: &mut Present,
    stamp: &Stamp,
    change: &mut Change,
) -> Result<(), Refusal> {
    let [was, is] = &deed.relations;
    let key = |relation: &Relation| (relation.kind, relation.target);
    let has = |list: &[Relation], wanted: &Relation| list.iter().any(|other| key(other) == key(wanted));
    let mut now = present.relations.to_vec();
    for added in is.iter().filter(|relation| !has(was, relation)) {
        if !now.iter().any(|relation| relation == added) {
            return refuse(deed, format!("{} {} was changed since", added.kind, added.target));
        }
        now.retain(|relation| key(relation) != key(added));
        let target = Target { id: added.target, title: (present.title)(&added.target) };
        let draft = relation_draft("remove", added.kind, &target, None);
        change.events.push(draft.headed(Heading::RelationRemoved));
    }
    for removed in was.iter().filter(|relation| !has(is, relation)) {
        if has(&now, removed) {
            return refuse(deed, format!("{} {} was added again since", removed.kind, removed.target));
        }
        refuse_cycle(present.ticket.id, removed.kind, removed.target, present.ways)?;
        let target = Target { id: removed.target, title: (present.title)(&removed.target) };
        let draft = relation_draft("add", removed.kind, &target, removed.note.clone());
        change.events.push(draft.headed(Heading::RelationAdded));
        // Its own time would lose against a merge with a side that never had it taken away.
        let (author, at) = (stamp.actor.clone(), stamp.moment().to_string());
        now.push(Relation { author, at, ..removed.clone() });
    }
    if now != present.relations {
        relation::sort(&mut now);
        change.relations = Some(now);
    }
    Ok(())
}
