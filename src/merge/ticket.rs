//! All files of one ticket.

use std::collections::BTreeSet;

use super::conflict::{self, Dropped};
use super::note::{Note, What};
use super::register::{Decision, decide};
use super::stamp::{News, Stamp};
use super::thread::{self, Thread};
use super::{Files, item, lines, relations, text};
use crate::format::layout;
use crate::format::thread::events;
use crate::model::{claim, derived};

/// How much of a content's name tells two versions of a file apart; more where that is taken.
const NAME_LENGTHS: [usize; 3] = [12, 24, 64];
/// The longest name of a file that every file system can store, in bytes.
const LONGEST_NAME: usize = 255;

/// Merges the files of one ticket. A side that has none of them says nothing.
///
/// Hand over `item.md`, `resolution.md` and `thread.md` of all three together: the thread says which value
/// is the later one. Other files may be left out when only one side changed them. A file that a side
/// lacks is not deleted by that.
pub fn ticket(base: &Files, one: &Files, other: &Files) -> (Files, Vec<Note>) {
    let mut merge =
        Merge { base, one, other, out: Files::new(), notes: Vec::new(), seconds: BTreeSet::new() };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let texts = [base, one, other].map(|files| utf8(files, layout::THREAD));
    let [old, left, right] = texts.map(|text| Thread::read(text.unwrap_or_default()));
    let (news, contest) = news(&old, [&left, &right]);
    merge.notes.extend(contest.map(|what| Note { file: layout::THREAD.to_owned(), what }));
    let mut dropped = Vec::new();
    for name in names.iter().filter(|name| **name != layout::THREAD) {
        merge.file(name, &news, &mut dropped);
    }
    let preamble = decide(&old.preamble, (None::<Stamp>, left.preamble), (None, right.preamble));
    if let Decision::Contested { dropped: (_, text), .. } = &preamble {
        let field = "thread".to_owned();
        merge
            .notes
            .push(Note { file: layout::THREAD.to_owned(), what: What::Overlapped { field: field.clone() } });
        dropped.push(Dropped { field, text: (*text).to_owned(), millis: None });
    }
    let otherwise = conflict::time(&old, &left, &right);
    let events: Vec<String> = dropped.iter().filter_map(|dropped| dropped.event(otherwise)).collect();
    let is_text = |files: &Files, text: Option<&str>| files.contains_key(layout::THREAD) == text.is_some();
    if is_text(one, texts[1]) && is_text(other, texts[2]) {
        if names.contains(&layout::THREAD.to_owned()) || !events.is_empty() {
            merge.thread(&old, [&left, &right], preamble.kept(), &events);
        }
    } else {
        merge.plain(layout::THREAD, |bytes| std::str::from_utf8(bytes).is_ok());
        // There is no thread to put them in.
        for event in events {
            let name = derived::content_name(event.as_bytes());
            merge.out.insert(format!("conflict.{}.md", &name[..NAME_LENGTHS[0]]), event.into_bytes());
        }
    }
    merge.finish()
}

/// What the new events of both sides say, and whose claim counts, when claims met.
fn news(old: &Thread, sides: [&Thread; 2]) -> ([News; 2], Option<What>) {
    let takes = |side: &&Thread| side.since(old).any(|piece| claim::is_claim(&piece.event));
    if !sides.iter().any(takes) {
        return (sides.map(|side| News::new(side.since(old), &BTreeSet::new())), None);
    }
    let (text, _) = thread::merge(old, sides[0], sides[1], "", &[]);
    let all = claim::claims(&events(&text));
    let mut is_contested = false;
    let news = sides.map(|side| {
        let own = claim::claims(&events(side.text()));
        let ids: BTreeSet<_> = side.pieces.iter().filter_map(|piece| piece.event.id).collect();
        let void: BTreeSet<_> = all.void.intersection(&ids).copied().collect();
        let mut news = News::new(side.since(old), &void);
        if void != own.void {
            is_contested = true;
            news.tell_instead(side.since(old));
        }
        news
    });
    let who = all.who().filter(|_| is_contested && !all.lost.is_empty());
    let what = who.map(|winner| What::Claimed {
        by: winner.by.clone(),
        lost: all.lost.iter().map(|claim| claim.by.clone()).collect(),
    });
    (news, what)
}

/// Whether a side that alone changed a ticket took nothing away that only grows, so that its files can be
/// taken as they are.
///
/// More than bytes at the end of a thread is looked at: a line that closes a code fence can turn an event
/// before it into text.
pub fn only_adds(base: &Files, side: &Files) -> bool {
    ticket(base, base, side).0 == *side
}

fn utf8<'a>(files: &'a Files, name: &str) -> Option<&'a str> {
    std::str::from_utf8(files.get(name)?).ok()
}

/// Merges files that belong to no ticket: text by lines, and both versions where that can't be.
pub(super) fn loose(base: &Files, one: &Files, other: &Files) -> (Files, Vec<Note>) {
    let mut merge =
        Merge { base, one, other, out: Files::new(), notes: Vec::new(), seconds: BTreeSet::new() };
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names.iter().for_each(|name| merge.free(name));
    merge.finish()
}

/// A file in the base, if it is there, and on both sides.
type Versions<'a> = (Option<&'a [u8]>, &'a [u8], &'a [u8]);

struct Merge<'a> {
    base: &'a Files,
    one: &'a Files,
    other: &'a Files,
    out: Files,
    notes: Vec<Note>,
    /// Versions that get a name of their own: the name they had, and their content.
    seconds: BTreeSet<(String, Vec<u8>)>,
}

impl<'a> Merge<'a> {
    fn file(&mut self, name: &str, news: &[News; 2], dropped: &mut Vec<Dropped>) {
        let Some((base, one, other)) = self.versions(name) else { return };
        if name.ends_with(".jsonl") {
            let (merged, what) = lines::merge(base.unwrap_or_default(), one, other);
            what.into_iter().for_each(|what| self.note(name, what));
            self.out.insert(name.to_owned(), merged);
            return;
        }
        let is_told = matches!(name, layout::ITEM | layout::RESOLUTION);
        for (side, bytes, news) in [(one, other, &news[0]), (other, one, &news[1])] {
            if Some(side) == base && (!is_told || news.is_empty()) {
                self.out.insert(name.to_owned(), bytes.to_vec());
                return;
            }
        }
        match name {
            layout::ITEM => self.item(news, dropped),
            layout::RESOLUTION => self.resolution(news, dropped),
            layout::RELATIONS => match relations::merge(base, one, other) {
                Some(text) => {
                    self.note(name, What::Joined);
                    self.out.insert(name.to_owned(), text.into_bytes());
                }
                None => self.plain(name, relations::is_readable),
            },
            _ => self.free(name),
        }
    }

    /// The file as all three have it; `None` when there is nothing to merge, and that is dealt with.
    fn versions(&mut self, name: &str) -> Option<Versions<'a>> {
        let get = |files: &'a Files| files.get(name).map(Vec::as_slice);
        let base = get(self.base);
        let only = match (get(self.one), get(self.other)) {
            (Some(one), Some(other)) if one != other => return Some((base, one, other)),
            (Some(both), Some(_)) => both,
            (Some(only), None) | (None, Some(only)) => {
                if base.is_some() {
                    self.note(name, What::Restored);
                }
                only
            }
            (None, None) => return None,
        };
        self.out.insert(name.to_owned(), only.to_vec());
        None
    }

    fn item(&mut self, news: &[News; 2], dropped: &mut Vec<Dropped>) {
        let texts = [self.base, self.one, self.other].map(|files| utf8(files, layout::ITEM));
        let outcome = match texts {
            [base, Some(one), Some(other)] => {
                let side = |text, news| item::Side { text, news };
                item::merge(base, side(one, &news[0]), side(other, &news[1]))
            }
            _ => None,
        };
        let Some(outcome) = outcome else {
            return self.plain(layout::ITEM, |bytes| std::str::from_utf8(bytes).is_ok_and(item::is_readable));
        };
        outcome.notes.into_iter().for_each(|what| self.note(layout::ITEM, what));
        dropped.extend(outcome.dropped);
        self.out.insert(layout::ITEM.to_owned(), outcome.text.into_bytes());
    }

    /// The text of the later close; the other stands in its close event.
    fn resolution(&mut self, news: &[News; 2], dropped: &mut Vec<Dropped>) {
        let [base, one, other] = [self.base, self.one, self.other].map(|files| files.get(layout::RESOLUTION));
        let decision = decide(&base, (news[0].close(), one), (news[1].close(), other));
        let field = "resolution".to_owned();
        if let Decision::Contested { dropped: (stamp, value), .. } = &decision {
            if stamp.is_some() {
                self.note(layout::RESOLUTION, What::Decided { field });
            } else if let Some(value) = value {
                self.note(layout::RESOLUTION, What::Overlapped { field: field.clone() });
                let text = String::from_utf8_lossy(value).into_owned();
                dropped.push(Dropped { field, text, millis: None });
            }
        }
        self.out.extend(decision.kept().map(|text| (layout::RESOLUTION.to_owned(), text.clone())));
    }

    fn thread(&mut self, base: &Thread, sides: [&Thread; 2], preamble: &str, events: &[String]) {
        let (text, notes) = thread::merge(base, sides[0], sides[1], preamble, events);
        notes.into_iter().for_each(|what| self.note(layout::THREAD, what));
        self.out.insert(layout::THREAD.to_owned(), text.into_bytes());
    }

    /// A file that nothing is known about: by lines where both are text, else both versions.
    fn free(&mut self, name: &str) {
        let Some((base, one, other)) = self.versions(name) else { return };
        if let Some(only) = [(one, other), (other, one)].iter().find(|(side, _)| base == Some(side)) {
            self.out.insert(name.to_owned(), only.1.to_vec());
            return;
        }
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        let merged = match (text(base.unwrap_or_default()), text(one), text(other)) {
            (Some(base), Some(one), Some(other)) => text::merge(base, one, other),
            _ => None,
        };
        match merged {
            Some(merged) => {
                self.note(name, What::Joined);
                self.out.insert(name.to_owned(), merged.into_bytes());
            }
            None => self.plain(name, |_| true),
        }
    }

    /// Both versions of a file. The one that can be read keeps the name, also when only the other side changed
    /// the file; then the one with greater bytes.
    fn plain(&mut self, name: &str, is_readable: impl Fn(&[u8]) -> bool) {
        let Some((base, one, other)) = self.versions(name) else { return };
        let rank = |bytes: &'a [u8]| (is_readable(bytes), bytes);
        let is_same = is_readable(one) == is_readable(other);
        let base = base.filter(|_| is_same).map(rank);
        let decision = decide(&base, (None::<Stamp>, Some(rank(one))), (None, Some(rank(other))));
        if let Decision::Contested { dropped: (_, Some((_, second))), .. } = &decision {
            self.seconds.insert((name.to_owned(), second.to_vec()));
        }
        self.out.extend(decision.kept().map(|(_, bytes)| (name.to_owned(), bytes.to_vec())));
    }

    fn note(&mut self, name: &str, what: What) {
        self.notes.push(Note { file: name.to_owned(), what });
    }

    /// Gives second versions their names, and files that stand where a folder is.
    fn finish(mut self) -> (Files, Vec<Note>) {
        let is_folder = |name: &str| {
            let inside = format!("{name}/");
            self.out.range(inside.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inside))
        };
        let clashing: Vec<String> = self.out.keys().filter(|name| is_folder(name)).cloned().collect();
        for name in clashing {
            self.seconds.extend(self.out.remove(&name).map(|content| (name.clone(), content)));
        }
        for (name, content) in std::mem::take(&mut self.seconds) {
            let second = second_name(&self.out, &name, &content);
            self.out.insert(second.clone(), content);
            self.notes.push(Note { file: name, what: What::KeptBoth { second } });
        }
        self.notes.sort();
        self.notes.dedup();
        (self.out, self.notes)
    }
}

/// The name of a second version: that of the first, and the start of its content's name, so that it is
/// the same whoever merges.
fn second_name(files: &Files, name: &str, content: &[u8]) -> String {
    let digits = derived::content_name(content);
    let (folder, last) =
        name.rsplit_once('/').map_or(("", name), |(_, last)| (&name[..name.len() - last.len()], last));
    let named = |length: usize| {
        let mut end = last.len().min(LONGEST_NAME - 1 - length);
        while !last.is_char_boundary(end) {
            end -= 1;
        }
        format!("{folder}{}.{}", &last[..end], &digits[..length])
    };
    let is_free = |name: &String| files.get(name).is_none_or(|present| present == content);
    let mut found = NAME_LENGTHS.map(named).into_iter().find(is_free);
    let mut longer = named(NAME_LENGTHS[2]);
    while found.is_none() {
        longer.push('+');
        found = Some(longer.clone()).filter(is_free);
    }
    found.unwrap_or(longer)
}
