//! Threads: reading every event of a `thread.md`, and appending new ones.
//!
//! Borders. A header line with an `id:` always starts an event: whoever wrote it escaped everything
//! else, so in its body every other header is real too. In the body of an event without one, from
//! older tools, a header starts an event unless it stands inside a code fence that is closed before
//! the next header with an `id:` or the end of the file. So a fence somebody forgot to close can't
//! swallow events.

use std::collections::HashMap;
use std::ops::Range;

use ulid::Ulid;

use super::escape;
use super::header;
use super::language::Language;
use crate::model::change::{Draft, Stamp};
use crate::model::derived::AUTHOR;
use crate::model::event::{Event, Kind};
use crate::model::rule::landing::Derived;
use crate::model::text::trim_blank_lines;

/// An event and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The event.
    pub event: Event,
    /// The number of its header line, from 1.
    pub line: usize,
    /// Whether a `---` line ends it.
    pub is_terminated: bool,
    /// Its bytes, from its header to the next header.
    pub bytes: Range<usize>,
}

/// Reads every event of a thread, in the order of the file. Text before the first header is no event.
pub fn parse(text: &str) -> Vec<Entry> {
    let lines = Lines::new(text);
    let starts = headers(&lines);
    let mut entries = Vec::with_capacity(starts.len());
    for (index, &start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(lines.len());
        entries.push(entry(&lines, start..end));
    }
    entries
}

/// The events alone.
pub fn events(text: &str) -> Vec<Event> {
    parse(text).into_iter().map(|entry| entry.event).collect()
}

/// The events that a later version of a thread has more, where it is the earlier one with events put at its
/// end and that can be told without reading the earlier one: a header with an `id` changes nothing before it.
pub fn appended(before: &str, after: &str) -> Option<Vec<Event>> {
    let added = after.strip_prefix(before)?;
    let is_whole = before.is_empty() || before.ends_with('\n');
    let first = added.trim_start_matches('\n').lines().next().unwrap_or_default();
    let is_escaped = header::is_header(first) && has_id(first);
    (added.is_empty() || (is_whole && is_escaped)).then(|| events(added))
}

/// The lines of a text, each a range of bytes without its line end.
struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(index, _)| index + 1));
        if starts.last() == Some(&text.len()) {
            starts.pop();
        }
        Lines { text, starts }
    }

    fn len(&self) -> usize {
        self.starts.len()
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }

    fn get(&self, line: usize) -> &'a str {
        let whole = &self.text[self.start(line)..self.start(line + 1)];
        whole.strip_suffix('\n').unwrap_or(whole)
    }

    fn span(&self, lines: Range<usize>) -> &'a str {
        &self.text[self.start(lines.start)..self.start(lines.end)]
    }
}

/// The numbers of the lines that start an event.
fn headers(lines: &Lines) -> Vec<usize> {
    let closings = closings(lines);
    let mut found = Vec::new();
    let mut is_escaped = Some(true);
    let mut line = 0;
    while line < lines.len() {
        if header::is_header(lines.get(line)) {
            found.push(line);
            is_escaped = None;
        } else if let Some(end) = closings.get(&line) {
            // Whoever wrote an event with an id escaped what its body holds: there fences hide nothing.
            let header = found.last().map_or("", |header| lines.get(*header));
            if !*is_escaped.get_or_insert_with(|| has_id(header)) {
                line = *end;
            }
        }
        line += 1;
    }
    found
}

/// An open code fence: its letter and how many of them.
#[derive(Clone, Copy)]
struct Fence {
    letter: char,
    length: usize,
}

impl Fence {
    /// Whether a fence with that text behind it opens a block: backticks in it make it inline code.
    fn opens(self, info: &str) -> bool {
        self.letter == '~' || !info.contains('`')
    }

    /// A run of three or more backticks or tildes after at most three spaces, and what follows it.
    fn run(line: &str) -> Option<(Self, &str)> {
        let text = line.trim_start_matches(' ');
        let letter = text.chars().next().filter(|letter| matches!(letter, '`' | '~'))?;
        let rest = text.trim_start_matches(letter);
        let length = text.len() - rest.len();
        (line.len() - text.len() <= 3 && length >= 3).then_some((Fence { letter, length }, rest))
    }
}

/// For every line that opens a fence, the line that closes it, if one does before the next header with
/// an id.
///
/// Read backwards, so that a file of fences nobody closed is read in one go too. Of the closing lines
/// further down, those matter that are longer than every one before them.
fn closings(lines: &Lines) -> HashMap<usize, usize> {
    let mut found = HashMap::new();
    let mut closers: [Vec<(usize, usize)>; 2] = [Vec::new(), Vec::new()];
    for line in (0..lines.len()).rev() {
        let text = lines.get(line);
        if header::is_header(text) && closers.iter().any(|closers| !closers.is_empty()) && has_id(text) {
            closers.iter_mut().for_each(Vec::clear);
            continue;
        }
        let Some((fence, rest)) = Fence::run(text) else { continue };
        // The nearest is the last of the list, and the shortest.
        let closers = &mut closers[usize::from(fence.letter == '~')];
        if fence.opens(rest) {
            let longer = closers.partition_point(|(length, _)| *length >= fence.length);
            found.extend(longer.checked_sub(1).map(|index| (line, closers[index].1)));
        }
        if rest.trim().is_empty() {
            let shorter = closers.partition_point(|(length, _)| *length > fence.length);
            closers.truncate(shorter);
            closers.push((fence.length, line));
        }
    }
    found
}

/// Whether a header says the id of its event.
fn has_id(header: &str) -> bool {
    own_id(&header::attributes(header)).is_some()
}

fn own_id(attributes: &[(String, String)]) -> Option<Ulid> {
    let (_, text) = attributes.iter().rev().find(|(key, _)| key == "id")?;
    Ulid::from_string(text).ok().filter(|id| id.to_string() == *text)
}

fn entry(lines: &Lines, span: Range<usize>) -> Entry {
    let mut attributes = header::attributes(lines.get(span.start));
    let id = own_id(&attributes);
    let mut take = |name: &str| {
        let value = attributes.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        attributes.retain(|(key, _)| key != name);
        value.unwrap_or_default()
    };
    let (kind, author, at) = (take("event"), take("author"), take("at"));
    if id.is_some() {
        take("id");
    }
    let (heading, body_start) = heading(lines, span.start + 1..span.end);
    let (body, is_terminated) = body(lines, body_start..span.end);
    let body = match id {
        Some(_) => escape::unescape(body),
        // The last line end of a file written elsewhere; our own bodies come back to the byte.
        None => body.strip_suffix('\r').unwrap_or(body).into(),
    };
    Entry {
        event: Event {
            kind: Kind::from_word(&kind),
            author,
            at,
            id,
            attributes,
            heading,
            body: body.into_owned(),
        },
        line: span.start + 1,
        is_terminated,
        bytes: lines.start(span.start)..lines.start(span.end),
    }
}

/// The one `## ` line directly after the header, blank lines aside, and where the body starts.
fn heading(lines: &Lines, span: Range<usize>) -> (Option<String>, usize) {
    let first = span.clone().find(|line| !lines.get(*line).trim().is_empty());
    let heading = first.and_then(|line| Some((line, lines.get(line).strip_prefix("## ")?)));
    match heading {
        Some((line, text)) => (Some(text.trim().to_owned()), line + 1),
        None => (None, span.start),
    }
}

/// The body without its terminator: the last line that is not blank, if it is `---`.
fn body<'a>(lines: &Lines<'a>, span: Range<usize>) -> (&'a str, bool) {
    let last = span.clone().rev().find(|line| !lines.get(*line).trim().is_empty());
    match last.filter(|line| lines.get(*line).trim() == "---") {
        Some(line) => (trim_blank_lines(lines.span(span.start..line)), true),
        None => (trim_blank_lines(lines.span(span)), false),
    }
}

/// The latest time an id can hold: 48 bits of milliseconds.
const LAST_MILLIS: u64 = (1 << 48) - 1;

/// Appends events to a thread; the bytes that are there stay as they are.
///
/// Gives the new text and the ids of the new events. Each id's time is the stamp's or, if that is not
/// later than every event of the thread, one millisecond after the latest, so ids order events as they
/// were caused. `random` gives the other 80 bits of each id.
pub fn append(
    text: &str,
    drafts: &[Draft],
    stamp: &Stamp,
    language: Language,
    mut random: impl FnMut() -> u128,
) -> (String, Vec<Ulid>) {
    let entries = parse(text);
    let mut out = terminated(text, &entries);
    let mut latest = entries.iter().filter_map(|entry| entry.event.id).map(|id| id.timestamp_ms()).max();
    let mut ids = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let millis = latest.map_or(stamp.millis, |latest| stamp.millis.max(latest + 1).min(LAST_MILLIS));
        latest = Some(millis);
        let id = Ulid::from_parts(millis, random());
        push_event(&mut out, draft, stamp, language, id);
        ids.push(id);
    }
    (out, ids)
}

/// Appends events that every clone derives alike: their ids and times are given, their language is
/// English.
pub fn append_derived(text: &str, events: &[Derived]) -> String {
    let mut out = terminated(text, &parse(text));
    for event in events {
        let seconds = u64::try_from(event.at.seconds()).unwrap_or(0);
        let stamp = Stamp { actor: AUTHOR.to_owned(), millis: seconds * 1000 };
        push_event(&mut out, &event.draft, &stamp, Language::English, event.id);
    }
    out
}

/// A thread with every event ended by a `---` line, and else as it was; `None` when there is nothing to do, or when
/// a reader would find other events then.
pub fn ended(text: &str) -> Option<String> {
    let entries = parse(text);
    if entries.iter().all(|entry| entry.is_terminated) {
        return None;
    }
    let mut out = text[..entries.first()?.bytes.start].to_owned();
    for (index, entry) in entries.iter().enumerate() {
        out.push_str(&text[entry.bytes.clone()]);
        if entry.is_terminated {
            continue;
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(if out.ends_with("\n\n") { "---\n" } else { "\n---\n" });
        out.push_str(if index + 1 < entries.len() { "\n" } else { "" });
    }
    let after = parse(&out);
    let is_same = after.iter().map(|entry| &entry.event).eq(entries.iter().map(|entry| &entry.event));
    (is_same && after.iter().all(|entry| entry.is_terminated)).then_some(out)
}

/// The text, its last event ended.
fn terminated(text: &str, entries: &[Entry]) -> String {
    let mut out = String::with_capacity(text.len() + 512);
    out.push_str(text);
    if entries.last().is_some_and(|last| !last.is_terminated) {
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str("\n---\n");
    }
    out
}

fn push_event(out: &mut String, draft: &Draft, stamp: &Stamp, language: Language, id: Ulid) {
    if !out.is_empty() {
        if !out.ends_with('\n') {
            out.push('\n');
        }
        out.push('\n');
    }
    let (at, id) = (stamp.moment().to_string(), id.to_string());
    let mut attributes = vec![("event", draft.kind.word()), ("author", &stamp.actor), ("at", &at)];
    attributes.extend(draft.attributes.iter().map(|(key, value)| (*key, value.as_str())));
    attributes.push(("id", &id));
    out.push_str(&header::write(attributes));
    out.push_str("\n\n## ");
    out.push_str(&language.heading(draft.heading, &draft.kind));
    out.push_str("\n\n");
    out.push_str(&escape::escape(&language.text(&draft.text)));
    out.push_str("\n\n---\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::change::Text;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<String> {
        parse(text).iter().map(|entry| format!("{} {}", entry.line, entry.event.kind)).collect()
    }

    fn stamp(millis: u64) -> Stamp {
        Stamp { actor: "a b".to_owned(), millis }
    }

    fn comment(words: &str) -> Draft {
        Draft::new(Kind::Comment, Text::Words(words.to_owned()))
    }

    #[test]
    fn every_part_of_an_event_is_read() {
        let text = "<!-- event: review author: hare at: 2026-06-05T15:56:29Z status: approve -->\n\n## Review: approve\n\n## Own heading\n\ntext\n\n\n---\n";
        let entries = parse(text);
        assert_eq!(entries.len(), 1);
        let event = &entries[0].event;
        assert_eq!(event.kind, Kind::Review);
        assert_eq!((event.author.as_str(), event.at.as_str()), ("hare", "2026-06-05T15:56:29Z"));
        assert_eq!(event.attribute("status"), Some("approve"));
        assert_eq!(event.heading.as_deref(), Some("Review: approve"));
        assert_eq!(event.body, "## Own heading\n\ntext");
        assert!(entries[0].is_terminated);
        assert_eq!(entries[0].bytes, 0..text.len());
    }

    #[test]
    fn a_missing_terminator_or_heading_hides_nothing() {
        let text = "<!-- event: create author: a at: t -->\nbody\n<!-- event: plan author: a at: t -->\n\n---\nrule\n---\n\n---\n<!-- event: close author: a at: t -->";
        assert_eq!(kinds(text), ["1 create", "3 plan", "10 close"]);
        let entries = parse(text);
        assert_eq!(entries[0].event.body, "body");
        assert_eq!(entries[1].event.body, "---\nrule\n---");
        let terminated: Vec<bool> = entries.iter().map(|entry| entry.is_terminated).collect();
        assert_eq!(terminated, [false, true, false]);
    }

    #[test]
    fn headers_in_a_closed_fence_are_text_and_in_an_open_one_are_not() {
        let fenced = "<!-- event: a -->\n```md\n<!-- event: b -->\n\n---\n\n<!-- event: c -->\n```\n\n---\n\n<!-- event: d -->\n";
        assert_eq!(kinds(fenced), ["1 a", "12 d"]);
        let open = "<!-- event: a -->\n```md\n<!-- event: b -->\n---\n<!-- event: d -->\n~~~\n";
        assert_eq!(kinds(open), ["1 a", "3 b", "5 d"]);
    }

    #[test]
    fn a_header_with_an_id_starts_an_event_whatever_fence_is_open() {
        let id = Ulid::from_parts(1, 1);
        let text =
            format!("<!-- event: a -->\n```\n---\n<!-- event: b id: {id} -->\n```\n<!-- event: c -->\n```\n");
        assert_eq!(kinds(&text), ["1 a", "4 b", "6 c"]);
        let bad = "<!-- event: a -->\n```\n---\n<!-- event: b id: nothing -->\n```\n";
        assert_eq!(kinds(bad), ["1 a"]);
    }

    #[test]
    fn appended_events_follow_each_other_as_the_format_says() {
        let (text, first) = append("", &[comment("one")], &stamp(5_000), Language::English, || 1);
        let (text, second) =
            append(&text, &[comment("two\n---"), comment("three")], &stamp(4_000), Language::English, || 2);
        assert_eq!(
            text,
            "<!-- event: comment author: \"a b\" at: 1970-01-01T00:00:05Z id: 00000004W80000000000000001 -->\n\n\
             ## Comment\n\none\n\n---\n\n\
             <!-- event: comment author: \"a b\" at: 1970-01-01T00:00:04Z id: 00000004W90000000000000002 -->\n\n\
             ## Comment\n\ntwo\n\\---\n\n---\n\n\
             <!-- event: comment author: \"a b\" at: 1970-01-01T00:00:04Z id: 00000004WA0000000000000002 -->\n\n\
             ## Comment\n\nthree\n\n---\n"
        );
        assert!(first[0] < second[0] && second[0] < second[1]);
        assert_eq!(events(&text)[1].body, "two\n---");
    }

    #[test]
    fn an_unterminated_event_is_terminated_before_the_next() {
        let old = "<!-- event: create author: a at: t -->\n\nbody";
        let (text, _) = append(old, &[comment("new")], &stamp(1), Language::English, || 1);
        assert!(
            text.starts_with("<!-- event: create author: a at: t -->\n\nbody\n\n---\n\n<!-- event: comment")
        );
    }

    #[test]
    fn every_event_is_ended_and_none_changes() {
        let head = "<!-- event: create author: a at: t -->";
        let text = format!("note\n{head}\n\nbody\n{head}\n{head}\n\n```\ncode\n\n{head}\n\nlast");
        let mended = ended(&text).unwrap();
        assert_eq!(
            mended,
            format!(
                "note\n{head}\n\nbody\n\n---\n\n{head}\n\n---\n\n{head}\n\n```\ncode\n\n---\n\n{head}\n\nlast\n\n---\n"
            )
        );
        assert_eq!(events(&mended), events(&text));
        assert_eq!(ended(&mended), None);
        assert_eq!(ended("no event\n"), None);
    }

    #[test]
    fn a_file_of_nothing_but_open_fences_is_read_in_one_go() {
        let text = format!("<!-- event: a -->\n{}", "```x\n~~~~ `\n".repeat(200_000));
        assert_eq!(kinds(&text), ["1 a"]);
        // Each shorter than the one before: none tells anything about the next.
        let shrinking: String = (3..4000).rev().map(|length| format!("{}x\n", "`".repeat(length))).collect();
        assert_eq!(kinds(&format!("<!-- event: a -->\n{shrinking}")), ["1 a"]);
    }

    #[test]
    fn a_carriage_return_at_the_end_is_part_of_our_bodies_and_a_line_end_in_others() {
        let (text, _) = append("", &[comment("a\r")], &stamp(1), Language::English, || 1);
        assert_eq!(events(&text)[0].body, "a\r");
        assert_eq!(events("<!-- event: a -->\r\n\r\nb\r\nc\r\n\r\n---\r\n")[0].body, "b\r\nc");
    }

    #[test]
    fn the_nearest_line_that_is_long_enough_closes_a_fence() {
        let text = "<!-- event: a -->\n````\n```\n<!-- event: b -->\n`````\n<!-- event: c -->\n```\n<!-- event: d -->\n~~~\n";
        assert_eq!(kinds(text), ["1 a", "6 c", "8 d"]);
    }

    #[test]
    fn what_was_put_at_the_end_is_told_without_reading_the_rest() {
        let stamp = stamp(5_000);
        let before = "<!-- event: a author: b at: t -->\n\n```\n";
        let (after, _) = append(before, &[comment("one")], &stamp, Language::English, || 1);
        assert_eq!(appended(before, &after).map(|events| events.len()), None);
        let (later, _) = append(&after, &[comment("two\n```")], &stamp, Language::English, || 2);
        let added = appended(&after, &later).unwrap();
        assert_eq!(added, events(&later)[2..]);
        assert_eq!(appended(&later, &later), Some(Vec::new()));
        assert_eq!(appended(&later, &after), None);
        assert_eq!(appended(&later, &format!("{later}\n<!-- event: a -->\n")), None);
        assert_eq!(appended(&later, &format!("{later}words\n")), None);
    }

    proptest! {
        #[test]
        fn appending_keeps_every_old_event_and_adds_the_new(
            old in proptest::collection::vec(
                "(<!-- event: [a-z]{1,5} author: [a-z]{1,3} at: t -->|```|~~~|---|## h|text|)", 0..20),
            words in "[ -~\\n]{0,30}x[`~\\-<! a-z:\\\\\\n]{0,40}x") {
            let old = old.join("\n");
            let before = parse(&old);
            let (text, ids) = append(&old, &[comment(&words)], &stamp(7), Language::English, || 9);
            let after = parse(&text);
            prop_assert!(text.starts_with(&old));
            prop_assert_eq!(after.len(), before.len() + 1);
            for (left, right) in before.iter().zip(&after) {
                prop_assert_eq!(&left.event, &right.event);
            }
            if let Some(mended) = ended(&text) {
                prop_assert_eq!(events(&mended), events(&text));
                prop_assert_eq!(ended(&mended), None);
            }
            let last = &after[after.len() - 1].event;
            prop_assert_eq!(last.id, Some(ids[0]));
            prop_assert_eq!(last.body.as_str(), trim_blank_lines(&words));
        }
    }
}
