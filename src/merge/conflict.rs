//! The event that keeps what a merge could not join.

use super::stamp;
use super::thread::Thread;
use crate::format::language::Language;
use crate::format::thread;
use crate::model::change::{Draft, Stamp, Text};
use crate::model::derived;
use crate::model::event::Kind;
use crate::model::text;

/// A version of something that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dropped {
    /// What it is a version of: a key of the front matter, `body`, `resolution` or `thread`.
    pub(super) field: String,
    pub(super) text: String,
    /// When an event set it.
    pub(super) millis: Option<u64>,
}

impl Dropped {
    /// The event with this version whole. It follows from the version and its time alone, so whoever
    /// merges, and however often, writes the same event.
    ///
    /// `None` for a version without any text. The event stands one millisecond behind the event that set the version; `otherwise` is the time of a
    /// version that no event set.
    pub(super) fn event(&self, otherwise: u64) -> Option<String> {
        let text = Some(text::trim_blank_lines(&self.text)).filter(|text| !text.is_empty())?;
        let millis = self.millis.map_or(otherwise, |millis| millis.saturating_add(1));
        // A key can be anything that stands before a colon, a value of a header can't.
        let field = text::header_value("field", &self.field).unwrap_or_else(|_| "front_matter".to_owned());
        Some(write(&field, text, text, millis))
    }
}

/// The event that ends a code fence which the event before it leaves open: without it, a line of the next
/// one could close that fence, and readers would take the next header for text inside it.
pub(super) fn barrier(core: &str, millis: u64) -> String {
    write("thread", "The event before this one leaves a code fence open.", core, millis)
}

fn write(field: &str, text: &str, source: &str, millis: u64) -> String {
    let id = derived::event_id(millis, &[Kind::Conflict.word(), field, source]);
    let draft = Draft::new(Kind::Conflict, Text::Words(text.to_owned())).with("field", field);
    let stamp = Stamp { actor: derived::AUTHOR.to_owned(), millis: id.timestamp_ms() };
    thread::append("", &[draft], &stamp, Language::English, || id.random()).0
}

/// The time of versions that no event set: that of the latest event of the base or, without any, that of
/// the earliest event of the sides.
pub(super) fn time(base: &Thread, one: &Thread, other: &Thread) -> u64 {
    let times = |thread: &Thread| -> Vec<u64> {
        thread.pieces.iter().map(|piece| stamp::millis(&piece.event)).filter(|millis| *millis > 0).collect()
    };
    let sides = || times(one).into_iter().chain(times(other)).min();
    times(base).into_iter().max().or_else(sides).unwrap_or(0)
}
