//! `thread.md`: entries tile the file, and appending changes nothing that was there. What follows a NUL
//! is the body to append, else the whole text is.
#![no_main]

use git_yoi::format::language::Language;
use git_yoi::format::thread;
use git_yoi::model::change::{Draft, Stamp, Text};
use git_yoi::model::event::Kind;
use git_yoi::model::text::trim_blank_lines;
use libfuzzer_sys::fuzz_target;

/// The latest time an id can hold: 48 bits of milliseconds.
const LAST_MILLIS: u64 = (1 << 48) - 1;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (old, words) = text.split_once('\0').unwrap_or((text, text));
    let before = thread::parse(old);
    tile(old, &before);

    let draft = || Draft::new(Kind::Comment, Text::Words(words.to_owned()));
    let stamp = Stamp { actor: "some body".to_owned(), millis: 1_700_000_000_000 };
    let (new, ids) = thread::append(old, &[draft(), draft()], &stamp, Language::English, || 1);
    assert!(new.starts_with(old), "old bytes changed");
    let after = thread::parse(&new);
    tile(&new, &after);
    assert_eq!(after.len(), before.len() + 2);
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(old.event, new.event);
        assert_eq!(old.line, new.line);
    }
    let mut latest = before.iter().filter_map(|entry| entry.event.id).map(|id| id.timestamp_ms()).max();
    for (entry, id) in after[before.len()..].iter().zip(&ids) {
        assert_eq!(entry.event.id, Some(*id));
        assert_eq!(entry.event.author, "some body");
        assert_eq!(entry.event.body, trim_blank_lines(words));
        assert!(entry.is_terminated);
        assert!(id.timestamp_ms() >= latest.map_or(0, |latest| (latest + 1).min(LAST_MILLIS)));
        latest = Some(id.timestamp_ms());
    }
});

/// Entries follow each other without gap up to the end, each at the line it names.
fn tile(text: &str, entries: &[thread::Entry]) {
    for (index, entry) in entries.iter().enumerate() {
        let end = entries.get(index + 1).map_or(text.len(), |next| next.bytes.start);
        assert!(entry.bytes.start < entry.bytes.end);
        assert_eq!(entry.bytes.end, end);
        assert!(text[entry.bytes.clone()].starts_with("<!-- event:"));
        assert_eq!(text[..entry.bytes.start].matches('\n').count() + 1, entry.line);
    }
}
