//! What a ticket's thread says its fields are: they can be made again from it.

use super::event::{Event, Kind};
use super::moment::Moment;
use super::state::State;
use super::undo;

/// What the events of a thread say, in the order of the thread; nothing where no event says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Projection<'e> {
    /// When the ticket was made.
    pub created: Option<Moment>,
    /// The state the last move led to. A close counts as a move to closed: early ones were written after a move to
    /// done, or after none.
    pub state: Option<State>,
    /// The time of the newest event.
    pub newest: Option<Moment>,
    /// The last queueing that counts. A ticket that was released goes back to the queue without being queued
    /// anew.
    pub queueing: Option<&'e Event>,
    /// The last close that was not taken back.
    pub close: Option<&'e Event>,
    /// It was closed once, be that taken back or not.
    pub was_closed: bool,
}

/// Reads the events of a thread.
pub fn project<'e>(events: impl IntoIterator<Item = &'e Event> + Clone) -> Projection<'e> {
    let retracted = undo::retracted(events.clone());
    let counts = |event: &Event| !event.id.is_some_and(|id| retracted.contains_key(&id));
    let mut found = Projection::default();
    for event in events {
        found.newest = found.newest.max(event.moment());
        if event.kind == Kind::Create {
            found.created = found.created.or(event.moment());
        }
        if event.kind.closes() {
            found.state = Some(State::Closed);
            found.was_closed = true;
            found.close = Some(event).filter(|event| counts(event)).or(found.close);
        } else if event.kind == Kind::StateChanged {
            found.state = event.attribute("to").and_then(state).or(found.state);
            if is_queueing(event) && counts(event) && !undo::compensates(event) {
                found.queueing = Some(event);
            }
        }
    }
    found
}

fn is_queueing(event: &Event) -> bool {
    event.attribute("to") == Some(State::Queued.word())
        && event.attribute("from") != Some(State::InProgress.word())
}

/// The state a word of a thread means: `intake` is what planning was called at first.
pub fn state(word: &str) -> Option<State> {
    State::parse(normal(word))
}

/// The word of today for a state's word of a thread.
pub fn normal(word: &str) -> &str {
    if word == "intake" { State::Planning.word() } else { word }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    fn event(number: u128, kind: Kind, attributes: &[(&str, &str)]) -> Event {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Event {
            kind,
            author: "a".to_owned(),
            at: format!("2026-01-02T03:04:{number:02}Z"),
            id: Some(Ulid::from_parts(1_700_000_000_000, number)),
            attributes: attributes.collect(),
            heading: None,
            body: format!("body {number}"),
        }
    }

    fn moved(number: u128, from: &str, to: &str) -> Event {
        event(number, Kind::StateChanged, &[("from", from), ("to", to)])
    }

    fn undone(number: u128, taken: u128) -> Event {
        let taken = Ulid::from_parts(1_700_000_000_000, taken).to_string();
        event(number, Kind::Undo, &[("events", &taken)])
    }

    #[test]
    fn the_last_word_of_each_kind_counts() {
        let events = [
            event(1, Kind::Create, &[]),
            moved(2, "planning", "intake"),
            moved(3, "ready", "queued"),
            moved(4, "queued", "inprogress"),
            moved(5, "inprogress", "queued"),
            moved(6, "queued", "nowhere"),
        ];
        let found = project(&events);
        assert_eq!((found.state, found.was_closed), (Some(State::Queued), false));
        assert_eq!((found.created, found.newest), (events[0].moment(), events[5].moment()));
        assert_eq!((found.queueing, found.close), (Some(&events[2]), None));
        assert_eq!(project(&events[1..2]).state, Some(State::Planning));
        assert_eq!(project(&[]), Projection::default());
    }

    #[test]
    fn a_close_and_a_queueing_that_were_taken_back_give_way_to_the_one_before() {
        let close = |number| event(number, Kind::Close, &[]);
        let back = |number, from, to| {
            let mut event = moved(number, from, to);
            event.attributes.push((undo::UNDOES.to_owned(), "abc".to_owned()));
            event
        };
        let events = [
            moved(1, "ready", "queued"),
            close(2),
            moved(3, "closed", "ready"),
            moved(4, "ready", "queued"),
            close(5),
            undone(6, 5),
            back(7, "closed", "queued"),
            undone(8, 4),
            back(9, "queued", "ready"),
        ];
        let found = project(&events);
        assert_eq!((found.state, found.was_closed), (Some(State::Ready), true));
        assert_eq!((found.close, found.queueing), (Some(&events[1]), Some(&events[0])));
        // Taken back, the taking back counts no more.
        let again = [&events[..], &[undone(10, 6)]].concat();
        assert_eq!(project(&again).close, Some(&events[4]));
        let first = [close(1), undone(2, 1)];
        assert_eq!((project(&first).close, project(&first).was_closed), (None, true));
    }
}
