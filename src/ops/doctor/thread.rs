//! `thread.md`: event by event, and what is between them.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use ulid::Ulid;

use super::findings::{InFile, quoted};
use super::moves;
use crate::format::thread::{self, Entry};
use crate::format::{escape, header};
use crate::model::derived;
use crate::model::event::{Event, Kind};
use crate::model::thread::Verdict;

/// A header with nothing wrong about it.
const WHOLE: &str = "<!-- event: comment -->";

/// Looks at a thread. Gives its events.
pub(super) fn check(text: &str, out: &mut InFile) -> Vec<Entry> {
    let entries = thread::parse(text);
    let before = entries.first().map_or(text, |first| &text[..first.bytes.start]);
    if entries.is_empty() {
        out.warning("no_events", None, "no event in it".to_owned());
    } else if let Some(line) = before.lines().position(|line| !line.trim().is_empty()) {
        out.warning("text_before_events", Some(line + 1), "text before the first event".to_owned());
    }
    for line in broken_headers(text) {
        let why = "begins like an event's header and is none, so no reader sees an event here".to_owned();
        out.error("broken_header", Some(line), why);
    }
    for entry in &entries {
        event(entry, out);
    }
    ids(&entries, text, out);
    moves::check(&entries, out);
    entries
}

/// The numbers, from 1, of lines that begin like a header and are none. Those in a code fence are text:
/// where fences are the reader knows, so it is asked what it would see if the headers were whole.
fn broken_headers(text: &str) -> Vec<usize> {
    let is_broken = |line: &str| line.starts_with(escape::OPENER) && !header::is_header(line);
    let lines = || text.split('\n').enumerate();
    let mut broken: Vec<usize> =
        lines().filter(|(_, line)| is_broken(line)).map(|(index, _)| index + 1).collect();
    if broken.is_empty() {
        return broken;
    }
    let mut repaired = String::with_capacity(text.len());
    for (_, line) in lines() {
        repaired.push_str(if is_broken(line) { WHOLE } else { line });
        repaired.push('\n');
    }
    let starts: Vec<usize> = thread::parse(&repaired).iter().map(|entry| entry.line).collect();
    broken.retain(|line| starts.binary_search(line).is_ok());
    broken
}

fn event(entry: &Entry, out: &mut InFile) {
    let (event, line) = (&entry.event, Some(entry.line));
    if event.at.trim().is_empty() {
        out.error("event_without_at", line, format!("{} without 'at'", name(event)));
    } else if event.moment().is_none() {
        let why = format!("'at' is {}, not of the form YYYY-MM-DDTHH:MM:SSZ", quoted(&event.at));
        out.warning("bad_time", line, why);
    }
    if !entry.is_terminated {
        out.warning("unterminated_event", line, format!("{} is not ended by a '---' line", name(event)));
    }
    let has_author = !event.author.trim().is_empty();
    if !has_author && !matches!(event.kind, Kind::StateChanged | Kind::IntakeSummary) {
        out.warning("event_without_author", line, format!("{} without 'author'", name(event)));
    }
    match &event.kind {
        Kind::Review => review(event, line, out),
        Kind::StateChanged => {
            let lacks = |name: &&str| event.attribute(name).is_none_or(|value| value.trim().is_empty());
            let lacking = ["from", "to", "reason"].into_iter().filter(lacks);
            for what in lacking.chain((!has_author).then_some("author")) {
                out.error("incomplete_state_change", line, format!("state_changed without '{what}'"));
            }
        }
        Kind::IntakeSummary => {
            let lacks_text = event.body.trim().is_empty();
            let lacking = (!has_author).then_some("'author'").into_iter().chain(lacks_text.then_some("text"));
            for what in lacking {
                out.error("incomplete_intake_summary", line, format!("intake_summary without {what}"));
            }
        }
        Kind::Other(word) => {
            let why = match event.kind.closes() {
                true => "unknown kind 'closed', which is read as 'close'".to_owned(),
                false => format!("unknown kind {}", quoted(word)),
            };
            out.warning("unknown_kind", line, why);
        }
        Kind::Create
        | Kind::Comment
        | Kind::Plan
        | Kind::Decision
        | Kind::ImplementationReport
        | Kind::Close
        | Kind::Land
        | Kind::Revert
        | Kind::Reland
        | Kind::Unland
        | Kind::Relation
        | Kind::Field
        | Kind::Claim
        | Kind::Conflict
        | Kind::CommitLink
        | Kind::Undo
        | Kind::ItemEdit
        | Kind::Migration => {}
    }
}

fn review(event: &Event, line: Option<usize>, out: &mut InFile) {
    let why = match event.attribute("status") {
        Some(word) if Verdict::parse(word).is_some() => return,
        Some(word) => format!("the verdict {} is neither approve nor request_changes", quoted(word)),
        None => "review without a verdict".to_owned(),
    };
    out.warning("review_without_verdict", line, why);
}

/// The kind of an event, for the start of a message.
fn name(event: &Event) -> String {
    match &event.kind {
        Kind::Other(word) => quoted(word),
        known => known.word().to_owned(),
    }
}

/// Ids that stand twice, or that don't follow each other.
fn ids(entries: &[Entry], text: &str, out: &mut InFile) {
    let bytes = |entry: &Entry| text[entry.bytes.clone()].trim_end();
    let mut first: BTreeMap<Ulid, &Entry> = BTreeMap::new();
    let mut latest = None;
    for entry in entries {
        let (line, Some(id)) = (Some(entry.line), entry.event.id) else { continue };
        match first.entry(id) {
            Slot::Occupied(earlier) if bytes(earlier.get()) == bytes(entry) => {
                let why = format!("the same event as on line {}", earlier.get().line);
                out.warning("duplicate_event", line, why);
            }
            Slot::Occupied(earlier) => {
                let why = format!("another event with the id {id} is on line {}", earlier.get().line);
                out.error("conflicting_events", line, why);
            }
            Slot::Vacant(slot) => {
                slot.insert(entry);
                if !is_derived(&entry.event) && latest.is_some_and(|latest| id < latest) {
                    let why = format!("the id {id} is earlier than that of an event before it");
                    out.warning("ids_backwards", line, why);
                }
            }
        }
        latest = latest.max(Some(id));
    }
}

/// Whether the event follows from something older, whose time its id then has, however late it was noticed.
fn is_derived(event: &Event) -> bool {
    matches!(event.kind, Kind::Land | Kind::Revert | Kind::Reland | Kind::Unland)
        || event.author == derived::AUTHOR
}
