//! The state changes of a thread: words, table, chain. What older tools and hands left is a warning.

use super::findings::{InFile, quoted};
use crate::format::thread::Entry;
use crate::model::event::Kind;
use crate::model::projection::{normal, state};
use crate::model::state::State;
use crate::model::undo::compensates;

/// Looks at the state changes in the order of the thread. Where the first one starts is free: tickets
/// could be made in any state.
pub(super) fn check(entries: &[Entry], out: &mut InFile) {
    let mut before: Option<&str> = None;
    let mut is_closed = false;
    for entry in entries {
        is_closed |= entry.event.kind.closes();
        if entry.event.kind != Kind::StateChanged {
            continue;
        }
        let line = Some(entry.line);
        let [from, to] = ["from", "to"].map(|name| entry.event.attribute(name));
        for (name, word) in [("from", from), ("to", to)] {
            if let Some(word) = word.filter(|word| !word.trim().is_empty() && state(word).is_none()) {
                out.warning(
                    "unknown_state",
                    line,
                    format!("'{name}' is {}, which is no state", quoted(word)),
                );
            }
        }
        if let (Some(before), Some(from)) = (before, from)
            && normal(before) != normal(from)
            && !(is_closed && from == State::Closed.word())
        {
            let why = format!("from {}, but the change before led to {}", quoted(from), quoted(before));
            out.warning("broken_chain", line, why);
        }
        // What takes a move back goes the other way, which no table need allow.
        if let (Some(from), Some(to), false) = (from, to, compensates(&entry.event))
            && state(from).zip(state(to)).is_some_and(|(from, to)| !from.may_become(to))
        {
            out.warning("forbidden_move", line, format!("no ticket may go from {from} to {to}"));
        }
        before = to;
        is_closed = false;
    }
}
