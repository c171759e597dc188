//! Reading a ticket from the ref for the index.

use crate::format::{fault, item, layout, orchestration, relations, thread};
use crate::model::id::TicketId;
use crate::model::readiness::Gate;
use crate::model::relation::{Kind, Relation};
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::model::thread::Verdict;
use crate::store::StoreError;
use crate::store::snapshot::{Files, Snapshot};

use super::look::Look;
use super::start::{Notes, Turn};
use super::{key, row, title, word};

/// A ticket as the index has it.
pub(super) struct Read {
    /// The ticket.
    pub(super) id: TicketId,
    /// Its fields; none when they can't be read.
    pub(super) fields: Option<Fields>,
    /// The relations its file has.
    pub(super) relations: Vec<Relation>,
    /// What they say of when it may start.
    pub(super) notes: Notes,
}

/// What a row is made of.
pub(super) struct Fields {
    pub(super) state: State,
    pub(super) age: i64,
    /// As the thread tells it, without regard to other tickets.
    pub(super) gate: Gate,
    pub(super) verdict: Option<Verdict>,
    pub(super) tail: Vec<u8>,
    /// When it is to be started, if it is queued.
    pub(super) turn: Option<Turn>,
    /// The beginning of its title, to order by.
    pub(super) title: Vec<u8>,
    /// Its words, but for the gate's.
    pub(super) words: Vec<(u8, String)>,
}

/// The number of a kind of relation in the tables.
pub(super) fn kind_code(kind: Kind) -> u8 {
    Kind::ALL.iter().position(|other| *other == kind).and_then(|index| u8::try_from(index).ok()).unwrap_or(0)
}

/// Reads a ticket.
///
/// # Errors
/// When a file can't be had now: what will be there another time must not be remembered as missing. A file that
/// is there and can't be understood, or is too large, is no error.
pub(super) fn read(snapshot: &Snapshot, files: &Files) -> Result<Read, StoreError> {
    read_edited(snapshot, files, &|_| None)
}

/// The new content of a file by name, where it has one.
type Edited<'e> = dyn Fn(&str) -> Option<&'e [u8]> + 'e;

/// Reads a ticket as it is when some of its files have another content.
///
/// # Errors
/// As [`read`].
pub(super) fn read_edited(snapshot: &Snapshot, files: &Files, edited: &Edited) -> Result<Read, StoreError> {
    let folder = snapshot.folder(files)?;
    let text = |name: &str| match edited(name) {
        Some(bytes) => as_text(Ok(Some(bytes.to_vec()))),
        None => as_text(snapshot.read_in(&folder, name)),
    };
    let relations = text(layout::RELATIONS)?;
    let relations = relations.and_then(|text| relations::parse(&text).ok()).map(|read| read.relations);
    let mut notes = Notes::default();
    if folder.has(layout::PLAN) || edited(layout::PLAN).is_some() {
        let records = |text: String| {
            orchestration::parse(&text).into_iter().filter_map(|(_, record)| record.ok()).collect()
        };
        notes.plan = Some(text(layout::PLAN)?.map(records));
    }
    let fields = fields(snapshot, files, edited, &mut notes)?;
    Ok(Read { id: files.id, fields, relations: relations.unwrap_or_default(), notes })
}

fn fields(
    snapshot: &Snapshot,
    files: &Files,
    edited: &Edited,
    notes: &mut Notes,
) -> Result<Option<Fields>, StoreError> {
    let text = |name: &str| match edited(name) {
        Some(bytes) => as_text(Ok(Some(bytes.to_vec()))),
        None => as_text(snapshot.read(files, name)),
    };
    let Some(item) = text(layout::ITEM)? else { return Ok(None) };
    let Ok(item) = item::parse(files.id, &item) else { return Ok(None) };
    let mut summary = Summary::of(&item.ticket);
    if summary.needs_thread() || summary.state == State::Queued {
        let events = thread::events(&text(layout::THREAD)?.unwrap_or_default());
        summary.judge(&events);
        notes.look = Some(Look::of(&item.ticket, &events));
    }
    Ok(Some(Fields {
        state: summary.state,
        age: key::age(summary.updated_at),
        gate: summary.gate,
        verdict: summary.verdict,
        tail: row::tail(&summary),
        title: title::key(&summary.title),
        turn: Turn::of(&summary),
        words: word::of_fields(&summary),
    }))
}

/// A file as text; `None` when there is none that can be one.
fn as_text(read: Result<Option<Vec<u8>>, StoreError>) -> Result<Option<String>, StoreError> {
    match read {
        Ok(bytes) => Ok(bytes
            .filter(|bytes| fault::utf8(bytes).is_ok())
            .and_then(|bytes| String::from_utf8(bytes).ok())),
        Err(StoreError::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
