//! What was taken back: which events of a thread no longer count.
//!
//! Nothing leaves a thread. An `undo` event names the events of one operation, and these count no more; it is
//! itself taken back by a later one that names it, and then they count again. Events that only set fields,
//! states and relations back carry the attribute [`UNDOES`]: they are there for older readers and for merges,
//! and count for nothing else.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ulid::Ulid;

use super::event::{Event, Kind};

/// The attribute that names the operation that is taken back: the full id of its commit on the ref.
pub const UNDOES: &str = "undoes";

/// The attribute that names the events that count no more, separated by commas.
pub const EVENTS: &str = "events";

/// The reason of moves that set a state back.
pub const REASON: &str = "undone";

/// The events an `undo` event names. It can only name what was there before it.
pub fn named(event: &Event) -> impl Iterator<Item = Ulid> + '_ {
    let own = event.id;
    let words = event.attribute(EVENTS).filter(|_| event.kind == Kind::Undo).unwrap_or_default();
    let ids = words.split(',').filter_map(|word| Ulid::from_string(word.trim()).ok());
    ids.filter(move |id| own.is_some_and(|own| *id < own))
}

/// The events that count no more, each with the `undo` event that says so.
pub fn retracted<'e>(events: impl IntoIterator<Item = &'e Event>) -> BTreeMap<Ulid, Ulid> {
    let mut undos: Vec<(Ulid, &Event)> = events
        .into_iter()
        .filter(|event| event.kind == Kind::Undo)
        .filter_map(|event| Some((event.id?, event)))
        .collect();
    // A later one decides about an earlier one, whatever the order of the file.
    undos.sort_by_key(|(id, _)| std::cmp::Reverse(*id));
    let mut found = BTreeMap::new();
    for (id, event) in undos {
        if !found.contains_key(&id) {
            named(event).for_each(|taken| {
                found.insert(taken, id);
            });
        }
    }
    found
}

/// Whether an event is there only to take another back.
pub fn compensates(event: &Event) -> bool {
    event.kind == Kind::Undo || event.attribute(UNDOES).is_some()
}

/// The events that count: without those that were taken back, and those that took them back.
pub fn standing(events: &[Event]) -> Cow<'_, [Event]> {
    if !events.iter().any(compensates) {
        return Cow::Borrowed(events);
    }
    let retracted = retracted(events);
    let is_standing =
        |event: &&Event| !compensates(event) && !event.id.is_some_and(|id| retracted.contains_key(&id));
    Cow::Owned(events.iter().filter(is_standing).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: Kind, number: u128, names: &[u128]) -> Event {
        let id = |number: u128| Ulid::from_parts(1_700_000_000_000, number);
        let names: Vec<String> = names.iter().map(|number| id(*number).to_string()).collect();
        Event {
            kind,
            author: "a".to_owned(),
            at: "2026-01-02T03:04:05Z".to_owned(),
            id: Some(id(number)),
            attributes: vec![(EVENTS.to_owned(), names.join(","))],
            heading: None,
            body: String::new(),
        }
    }

    fn counting(events: &[Event]) -> Vec<u128> {
        standing(events).iter().filter_map(|event| event.id).map(|id| id.random()).collect()
    }

    #[test]
    fn what_was_taken_back_counts_again_when_that_is_taken_back() {
        let mut events = vec![event(Kind::Comment, 1, &[]), event(Kind::Review, 2, &[])];
        assert_eq!(counting(&events), [1, 2]);
        events.push(event(Kind::Undo, 3, &[2]));
        assert_eq!(counting(&events), [1]);
        events.push(event(Kind::Undo, 4, &[3]));
        assert_eq!(counting(&events), [1, 2]);
        events.push(event(Kind::Undo, 5, &[4]));
        assert_eq!(counting(&events), [1]);
        // In any order of the file.
        events.reverse();
        assert_eq!(counting(&events), [1]);
    }

    #[test]
    fn an_undo_names_only_what_was_before_it() {
        let events =
            [event(Kind::Undo, 1, &[1, 2, 3]), event(Kind::Comment, 2, &[]), event(Kind::Comment, 3, &[3])];
        assert_eq!(counting(&events), [2, 3]);
    }
}
