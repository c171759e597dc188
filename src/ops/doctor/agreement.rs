//! Whether a ticket's files agree: fields, thread and resolution.

use super::findings::{Findings, quoted};
use super::moves;
use crate::format::layout;
use crate::format::thread::Entry;
use crate::model::event::{Event, Kind};
use crate::model::state::State;
use crate::model::text::trim_blank_lines;
use crate::model::ticket::Ticket;

/// The resolution of a ticket.
#[derive(Clone, Copy)]
pub(super) enum Resolution<'a> {
    Missing,
    Unreadable,
    Text(&'a str),
}

/// Compares what the files of a ticket say.
pub(super) fn check(ticket: &Ticket, entries: &[Entry], resolution: Resolution, findings: &mut Findings) {
    state(ticket, entries, findings);
    updated(ticket, entries, findings);
    queued(ticket, entries, findings);
    closing(ticket, entries, resolution, findings);
}

/// The fields say where the thread led. A close counts as a move to closed: early ones were written
/// after a move to done, or after none.
fn state(ticket: &Ticket, entries: &[Entry], findings: &mut Findings) {
    let led_to = |entry: &Entry| match entry.event.kind {
        Kind::StateChanged => entry.event.attribute("to").and_then(moves::state),
        _ => entry.event.kind.closes().then_some(State::Closed),
    };
    let Some(last) = entries.iter().filter_map(led_to).next_back() else { return };
    if last != ticket.state {
        let why = format!("the state is {}, but the thread led to {last}", ticket.state);
        findings.in_file(ticket.id, layout::ITEM).warning("state_mismatch", None, why);
    }
}

fn updated(ticket: &Ticket, entries: &[Entry], findings: &mut Findings) {
    let newest = entries.iter().filter_map(|entry| entry.event.moment()).max();
    if let (Some(updated), Some(newest)) = (ticket.updated_at, newest)
        && updated < newest
    {
        let why = format!("updated at {updated}, but the newest event is of {newest}");
        findings.in_file(ticket.id, layout::ITEM).warning("stale_updated_at", None, why);
    }
}

/// `queued_by` and `queued_at` are those of the last queueing. One that was released goes back to the
/// queue without being queued anew.
fn queued(ticket: &Ticket, entries: &[Entry], findings: &mut Findings) {
    let is_queueing = |event: &&Event| {
        event.kind == Kind::StateChanged
            && event.attribute("to") == Some(State::Queued.word())
            && event.attribute("from") != Some(State::InProgress.word())
    };
    let Some(last) = entries.iter().map(|entry| &entry.event).rfind(is_queueing) else { return };
    let fields = [("queued_by", &ticket.queued_by, &last.author), ("queued_at", &ticket.queued_at, &last.at)];
    for (name, field, said) in fields {
        let why = match field {
            Some(field) if field == said => continue,
            Some(field) => format!("'{name}' is {}, but the thread says {}", quoted(field), quoted(said)),
            None => format!("'{name}' is missing, but the thread says {}", quoted(said)),
        };
        findings.in_file(ticket.id, layout::ITEM).warning("queued_mismatch", None, why);
    }
}

/// State, close event and resolution go together; a reopened ticket keeps the last two.
fn closing(ticket: &Ticket, entries: &[Entry], resolution: Resolution, findings: &mut Findings) {
    let is_closed = ticket.state == State::Closed;
    let close = entries.iter().map(|entry| &entry.event).rfind(|event| event.kind.closes());
    if is_closed && close.is_none() {
        let why = "the state is closed, but no event closed the ticket".to_owned();
        findings.in_file(ticket.id, layout::THREAD).warning("closed_without_event", None, why);
    }
    let mut out = findings.in_file(ticket.id, layout::RESOLUTION);
    match (resolution, close) {
        (Resolution::Missing, _) if is_closed => {
            out.warning("closed_without_resolution", None, "missing, though the ticket is closed".to_owned());
        }
        (Resolution::Text(_) | Resolution::Unreadable, None) if !is_closed => {
            let why = format!("the ticket is {}, and no event closed it", ticket.state);
            out.warning("resolution_without_close", None, why);
        }
        (Resolution::Text(text), Some(close)) if trim_blank_lines(text) != close.body => {
            let why = "differs from the text of the last close".to_owned();
            out.warning("resolution_mismatch", None, why);
        }
        (Resolution::Missing | Resolution::Unreadable | Resolution::Text(_), _) => {}
    }
}
