//! Whether a ticket's files agree: fields, thread and resolution.

use super::findings::{Findings, InFile, quoted};
use crate::format::layout;
use crate::format::thread::Entry;
use crate::model::event::Event;
use crate::model::projection::{Projection, project};
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
    let said = project(entries.iter().map(|entry| &entry.event));
    let mut out = findings.in_file(ticket.id, layout::ITEM);
    if let Some(last) = said.state.filter(|last| *last != ticket.state) {
        let why = format!("the state is {}, but the thread led to {last}", ticket.state);
        out.warning("state_mismatch", None, why);
    }
    if let (Some(updated), Some(newest)) = (ticket.updated_at, said.newest)
        && updated < newest
    {
        let why = format!("updated at {updated}, but the newest event is of {newest}");
        out.warning("stale_updated_at", None, why);
    }
    if let Some(last) = said.queueing {
        queued(ticket, last, &mut out);
    }
    closing(ticket, &said, resolution, findings);
}

/// `queued_by` and `queued_at` are those of the last queueing.
fn queued(ticket: &Ticket, last: &Event, out: &mut InFile) {
    let fields = [("queued_by", &ticket.queued_by, &last.author), ("queued_at", &ticket.queued_at, &last.at)];
    for (name, field, said) in fields {
        let why = match field {
            Some(field) if field == said => continue,
            Some(field) => format!("'{name}' is {}, but the thread says {}", quoted(field), quoted(said)),
            None => format!("'{name}' is missing, but the thread says {}", quoted(said)),
        };
        out.warning("queued_mismatch", None, why);
    }
}

/// State, close event and resolution go together; a reopened ticket keeps the last two, and so does one whose
/// close was taken back.
fn closing(ticket: &Ticket, said: &Projection, resolution: Resolution, findings: &mut Findings) {
    let is_closed = ticket.state == State::Closed;
    if is_closed && !said.was_closed {
        let why = "the state is closed, but no event closed the ticket".to_owned();
        findings.in_file(ticket.id, layout::THREAD).warning("closed_without_event", None, why);
    }
    let mut out = findings.in_file(ticket.id, layout::RESOLUTION);
    match (resolution, said.close) {
        (Resolution::Missing, _) if is_closed => {
            out.warning("closed_without_resolution", None, "missing, though the ticket is closed".to_owned());
        }
        (Resolution::Text(_) | Resolution::Unreadable, None) if !is_closed && !said.was_closed => {
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
