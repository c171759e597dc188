//! What a later version of a ticket lacks of an earlier one, and what it has more.
//!
//! An honest version keeps every event, every line of what only grows, and every file. Fields, texts and
//! free artifacts may change.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use super::thread::Thread;
use super::{Files, item, relations, ticket};
use crate::format::{self, layout};
use crate::model::event::Event;

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// A file is gone.
    File(String),
    /// An event is gone or not the same: its kind and, where it has one, its id.
    Event(String),
    /// A line is gone from a file that only grows.
    Line(String),
    /// A file can't be read any more as what it should be.
    Unreadable(String),
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loss::File(name) => write!(f, "{} is gone", name.escape_debug()),
            Loss::Event(event) => write!(f, "the event {} is gone or changed", event.escape_debug()),
            Loss::Line(name) => write!(f, "a line of {} is gone or changed", name.escape_debug()),
            Loss::Unreadable(name) => write!(f, "{} can't be read", name.escape_debug()),
        }
    }
}

/// The first thing that is missing in the later of two versions; `None` when nothing is. Files that are the
/// same in both can be left out, but `item.md`, `resolution.md` and `thread.md` come together.
pub fn loss(before: &Files, after: &Files) -> Option<Loss> {
    if let Some(name) = before.keys().find(|name| !after.contains_key(*name)) {
        return Some(Loss::File(name.clone()));
    }
    for (name, is_readable) in READERS {
        let reads = |files: &Files| files.get(name).map(|bytes| is_readable(bytes));
        if reads(after) == Some(false) && reads(before) != Some(false) {
            return Some(Loss::Unreadable(name.to_owned()));
        }
    }
    let (mut before, mut after) = (Cow::Borrowed(before), Cow::Borrowed(after));
    if appended(&before, &after).is_some() {
        before.to_mut().remove(layout::THREAD);
        after.to_mut().remove(layout::THREAD);
    }
    let (before, after) = (&*before, &*after);
    let kept = ticket(before, before, after).0;
    if kept == *after {
        return None;
    }
    if let Some(event) = lost_event(before, after) {
        return Some(Loss::Event(event));
    }
    let changed = kept.iter().find(|(name, bytes)| after.get(*name) != Some(bytes)).map(|(name, _)| name);
    let name = changed.cloned().unwrap_or_default();
    Some(if name.ends_with(".jsonl") { Loss::Line(name) } else { Loss::Unreadable(name) })
}

/// A file that must stay readable, and what says whether it is.
type Reader = (&'static str, fn(&[u8]) -> bool);

const READERS: [Reader; 3] = [
    (layout::THREAD, |bytes| std::str::from_utf8(bytes).is_ok()),
    (layout::ITEM, |bytes| std::str::from_utf8(bytes).is_ok_and(item::is_readable)),
    (layout::RELATIONS, relations::is_readable),
];

fn thread(files: &Files) -> Thread<'_> {
    let bytes = files.get(layout::THREAD).map(Vec::as_slice).unwrap_or_default();
    Thread::read(std::str::from_utf8(bytes).unwrap_or_default())
}

fn lost_event(before: &Files, after: &Files) -> Option<String> {
    let (before, after) = (thread(before), thread(after));
    let lost = before.since(&after).next().map(|piece| &piece.event)?;
    Some(match lost.id {
        Some(id) => format!("{id} {}", lost.kind),
        None => format!("{} of {}", lost.kind, lost.at),
    })
}

/// The new events, where a thread only gained some at its end: long threads need not be read for that.
fn appended(before: &Files, after: &Files) -> Option<Vec<Event>> {
    let [before, after] = [before, after].map(|files| std::str::from_utf8(files.get(layout::THREAD)?).ok());
    format::thread::appended(before?, after?)
}

/// The events that the later of two versions has more, each once.
pub fn added_events(before: &Files, after: &Files) -> Vec<Event> {
    if let Some(events) = appended(before, after) {
        return events;
    }
    let (before, after) = (thread(before), thread(after));
    after.since(&before).map(|piece| piece.event.clone()).collect()
}

/// The first line of an `aliases` file that a later one lacks.
pub fn lost_alias(before: &[u8], after: &[u8]) -> Option<String> {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let kept: HashSet<&str> = after.lines().collect();
    before.lines().find(|line| !line.trim().is_empty() && !kept.contains(line)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "<!-- event: create author: a at: 2026-01-02T03:04:05Z -->\n\n## Created\n\nx\n\n---\n";

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn said(id: u128, words: &str) -> String {
        let id = ulid::Ulid::from_parts(1_700_000_000_000, id);
        let at = "2026-01-02T03:04:05Z";
        format!("\n<!-- event: comment author: a at: {at} id: {id} -->\n\n## Comment\n\n{words}\n\n---\n")
    }

    #[test]
    fn what_only_grows_may_grow_and_not_shrink() {
        let (one, two) = (said(1, "one"), said(2, "two"));
        let thread = |text: &str| files(&[("thread.md", text)]);
        let both = format!("{HEAD}{one}{two}");
        let before = thread(&format!("{HEAD}{one}"));
        assert_eq!(loss(&before, &thread(&both)), None);
        assert_eq!(added_events(&before, &thread(&both)).len(), 1);
        // In another place it is an event all the same.
        let between = thread(&format!("{HEAD}{two}{one}"));
        assert_eq!((loss(&before, &between), added_events(&before, &between).len()), (None, 1));
        let words = |after: &Files| loss(&before, after).map(|loss| loss.to_string()).unwrap_or_default();
        let id = "01HF7YAT000000000000000001";
        assert_eq!(words(&thread(HEAD)), format!("the event {id} comment is gone or changed"));
        assert_eq!(
            words(&thread(&format!("{HEAD}{}", said(1, "other")))),
            format!("the event {id} comment is gone or changed")
        );
        assert_eq!(words(&thread(&one)), "the event create of 2026-01-02T03:04:05Z is gone or changed");
        assert_eq!(words(&files(&[])), "thread.md is gone");
        let lines = |text: &str| files(&[("artifacts/work.jsonl", text)]);
        assert_eq!(loss(&lines("{}\n"), &lines("{}\n{\"a\":1}\n")), None);
        assert_eq!(
            loss(&lines("{}\n"), &lines("{\"a\":1}\n")),
            Some(Loss::Line("artifacts/work.jsonl".to_owned()))
        );
    }

    #[test]
    fn a_fence_that_swallows_an_event_takes_it_away() {
        let open = "<!-- event: a author: b at: 2026-01-02T03:04:05Z -->\n\n```\n";
        let before = files(&[("thread.md", &format!("{open}{HEAD}"))]);
        let after = files(&[("thread.md", &format!("{open}{HEAD}\n```\n"))]);
        assert!(matches!(loss(&before, &after), Some(Loss::Event(_))));
    }

    #[test]
    fn fields_may_change_and_must_stay_readable() {
        let item = |text: &str| files(&[("item.md", text)]);
        let before = item("---\ntitle: 'a'\nstate: 'planning'\n---\n\nbody\n");
        assert_eq!(loss(&before, &item("---\ntitle: 'b'\nstate: 'done'\n---\n\nother\n")), None);
        assert_eq!(loss(&before, &item("b")), Some(Loss::Unreadable("item.md".to_owned())));
        assert_eq!(loss(&item("b"), &item("c")), None);
        assert_eq!(lost_alias(b"a b c\n", b"a b c\nd e f\n"), None);
        assert_eq!(lost_alias(b"a b c\n", b"d e f\n"), Some("a b c".to_owned()));
    }
}
