//! What can be mended in one ticket without guessing: fields that its thread tells, values that every reader reads
//! alike, and events that nothing ends.
//!
//! What is mended follows from the ticket alone, so every clone mends it alike. No event is written for it: fields
//! are what the events say, and a mended one says no more than they do. A version that is not read better than the
//! one before is no repair.

use std::collections::BTreeMap;

use super::ticket::Ticket;
use crate::format::front_matter::FrontMatter;
use crate::format::yaml::Scalar;
use crate::format::{item, layout, thread};
use crate::model::event::Event;
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::projection::{Projection, project};
use crate::model::state::State;
use crate::model::text::trim_blank_lines;
use crate::model::ticket::{Field, Value};

/// The files of a ticket that change, with their new content; nothing when there is nothing to mend.
pub(super) fn repair(ticket: &Ticket) -> BTreeMap<&'static str, String> {
    let mut out = BTreeMap::new();
    let thread = ticket.texts.get(layout::THREAD);
    let events: Vec<Event> = thread.map(|text| thread::events(text)).unwrap_or_default();
    let said = project(&events);
    if let Some(text) = thread.and_then(|text| thread::ended(text)) {
        out.insert(layout::THREAD, text);
    }
    let Some(before) = ticket.texts.get(layout::ITEM) else { return out };
    let after = mended(ticket.id, before, &said);
    let state = item::parse(ticket.id, after.as_ref().unwrap_or(before)).map(|item| item.ticket.state);
    out.extend(after.map(|text| (layout::ITEM, text)));
    if let (Ok(state), Some(close)) = (state, said.close) {
        let is_missing = state == State::Closed && !ticket.names.contains(layout::RESOLUTION);
        let present = ticket.texts.get(layout::RESOLUTION);
        if is_missing || present.is_some_and(|text| trim_blank_lines(text) != close.body) {
            out.insert(layout::RESOLUTION, format!("{}\n", close.body));
        }
    }
    out
}

/// `item.md` with what can be mended in it; `None` when that is nothing, or not enough for it to be read.
fn mended(id: TicketId, before: &str, said: &Projection) -> Option<String> {
    let front = FrontMatter::parse(before).ok()?;
    let single = front.without_doubles();
    let text = single.as_deref().unwrap_or(before);
    let front = FrontMatter::parse(text).ok()?;
    let fields = fields(id, text, &front, said);
    if single.is_none() && fields.is_empty() {
        return None;
    }
    let after = item::update(text, &fields, None).ok()?;
    let is_better = item::parse(id, &after).is_ok() && after != before;
    is_better.then_some(after)
}

/// The fields to set.
fn fields(id: TicketId, text: &str, front: &FrontMatter, said: &Projection) -> Vec<(Field, Value)> {
    let mut out = Vec::new();
    let present = |field: Field| front.key(field.key()).map(item::scalar);
    let word = |field: Field| present(field).and_then(Result::ok).and_then(Scalar::text).unwrap_or_default();
    for field in Field::ALL {
        let value = match field {
            Field::State => state(id, text, &word(field), said),
            Field::CreatedAt => created(id, &word(field), said),
            Field::UpdatedAt => updated(&word(field), said),
            Field::QueuedBy => said.queueing.map(|event| event.author.clone()),
            Field::QueuedAt => said.queueing.map(|event| event.at.clone()),
            Field::Labels | Field::RiskFlags => {
                out.extend(list(front, field).map(|value| (field, Value::List(value))));
                continue;
            }
            Field::Title | Field::Assignee | Field::Readiness | Field::Priority => None,
        };
        // A bare number or truth value is read as the text it is written as.
        let bare = match present(field) {
            Some(Ok(Scalar::Plain(text))) => Some(text),
            _ => None,
        };
        let value = value.filter(|value| *value != word(field)).or(bare);
        out.extend(value.map(|value| (field, Value::Text(value))));
    }
    out
}

/// The state that the thread led to; where it tells of none, the one that readers take for want of a better.
fn state(id: TicketId, text: &str, word: &str, said: &Projection) -> Option<String> {
    let read = || item::parse(id, text).ok().map(|item| item.ticket.state);
    let wanted = said.state.or_else(|| read().filter(|_| word.trim().is_empty()))?;
    Some(wanted.word().to_owned())
}

/// The time of the event that made the ticket, where the field has none; else that of its id, if nothing is there.
fn created(id: TicketId, word: &str, said: &Projection) -> Option<String> {
    if Moment::parse(word).is_some() {
        return None;
    }
    let of_id = || word.trim().is_empty().then(|| Moment::from_millis(id.millis()));
    said.created.or_else(of_id).map(|moment| moment.to_string())
}

/// The time of the newest event, where the field has none or an earlier one.
fn updated(word: &str, said: &Projection) -> Option<String> {
    let newest = said.newest?;
    let is_stale = Moment::parse(word).is_none_or(|updated| updated < newest);
    is_stale.then(|| newest.to_string())
}

/// A list that holds bare numbers or truth values, or nothing, as readers read it.
fn list(front: &FrontMatter, field: Field) -> Option<Vec<String>> {
    let scalars = item::list(front.key(field.key())?).ok()?;
    let is_odd = scalars.iter().any(|scalar| !matches!(scalar, Scalar::Text(_)));
    is_odd.then(|| scalars.into_iter().filter_map(Scalar::text).collect())
}
