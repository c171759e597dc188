//! A ticket as it stands in one version of the ref: values, and the bytes they were read from.

use crate::format::{fault, item, layout, relations, thread};
use crate::model::event::Event;
use crate::model::id::TicketId;
use crate::model::relation::Relation;
use crate::model::ticket::Ticket;
use crate::store::snapshot::{Files, Snapshot};

use super::Problem;

/// A ticket with its thread.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Where its files are.
    pub files: Files,
    /// Its fields and body.
    pub ticket: Ticket,
    /// Its events, in the order of the thread.
    pub events: Vec<Event>,
    /// `item.md` as it is.
    pub item_text: String,
    /// `thread.md` as it is.
    pub thread_text: String,
}

/// Reads a ticket's fields and body, not its thread.
///
/// # Errors
/// When the file can't be read.
pub fn ticket(snapshot: &Snapshot, files: &Files) -> anyhow::Result<Ticket> {
    let text = text(snapshot, files, layout::ITEM)?.unwrap_or_default();
    Ok(item::parse(files.id, &text).map_err(|fault| bad(files.id, layout::ITEM, fault))?.ticket)
}

/// Reads a ticket and its thread.
///
/// # Errors
/// When a file can't be read.
pub fn read(snapshot: &Snapshot, files: &Files) -> anyhow::Result<Stored> {
    let item_text = text(snapshot, files, layout::ITEM)?.unwrap_or_default();
    let thread_text = text(snapshot, files, layout::THREAD)?.unwrap_or_default();
    let item = item::parse(files.id, &item_text).map_err(|fault| bad(files.id, layout::ITEM, fault))?;
    let events = thread::events(&thread_text);
    Ok(Stored { files: files.clone(), ticket: item.ticket, events, item_text, thread_text })
}

/// A ticket's own relations.
///
/// # Errors
/// When the file can't be read.
pub fn relations(snapshot: &Snapshot, files: &Files) -> anyhow::Result<Vec<Relation>> {
    let Some(text) = text(snapshot, files, layout::RELATIONS)? else { return Ok(Vec::new()) };
    let read = relations::parse(&text).map_err(|fault| bad(files.id, layout::RELATIONS, fault))?;
    Ok(read.relations)
}

/// A file of a ticket as text.
///
/// # Errors
/// When it can't be read or is not UTF-8.
pub fn text(snapshot: &Snapshot, files: &Files, name: &str) -> anyhow::Result<Option<String>> {
    let Some(bytes) = snapshot.read(files, name)? else { return Ok(None) };
    fault::utf8(&bytes).map_err(|fault| bad(files.id, name, fault))?;
    Ok(String::from_utf8(bytes).ok())
}

/// The error for a file that is not what it should be.
pub(super) fn bad(id: TicketId, name: &str, fault: fault::Fault) -> Problem {
    Problem::BadFile { id, name: name.to_owned(), fault }
}
