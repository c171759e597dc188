//! The six states of a ticket and the table of moves between them.

use std::fmt;

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Being clarified.
    Planning,
    /// Clear; waits for a person to queue it.
    Ready,
    /// May be routed.
    Queued,
    /// Accepted; somebody works on it.
    InProgress,
    /// Landed.
    Done,
    /// Over, with a resolution.
    Closed,
}

impl State {
    /// All states, in the order of the workflow.
    pub const ALL: [State; 6] =
        [State::Planning, State::Ready, State::Queued, State::InProgress, State::Done, State::Closed];

    /// The word on the ref and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            State::Planning => "planning",
            State::Ready => "ready",
            State::Queued => "queued",
            State::InProgress => "inprogress",
            State::Done => "done",
            State::Closed => "closed",
        }
    }

    /// Reads the word; nothing else is a state.
    pub fn parse(word: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Done or closed: nobody waits for it any more.
    pub fn is_resolved(self) -> bool {
        matches!(self, State::Done | State::Closed)
    }

    /// Anything but closed.
    pub fn is_active(self) -> bool {
        self != State::Closed
    }

    /// The moves out of this state: where to, and the command that makes the move.
    pub fn moves(self) -> &'static [(State, &'static str)] {
        match self {
            State::Planning => &[(State::Ready, "state ready"), (State::Closed, "close")],
            State::Ready => {
                &[(State::Queued, "queue"), (State::Planning, "state planning"), (State::Closed, "close")]
            }
            State::Queued => {
                &[(State::InProgress, "start"), (State::Planning, "state planning"), (State::Closed, "close")]
            }
            State::InProgress => &[
                (State::Done, "done"),
                (State::Queued, "release"),
                (State::Planning, "state planning"),
                (State::Closed, "close"),
            ],
            State::Done => &[(State::InProgress, "reopen"), (State::Closed, "close")],
            State::Closed => &[(State::Planning, "reopen")],
        }
    }

    /// Whether the table has a move from here to there.
    pub fn may_become(self, to: State) -> bool {
        self.moves().iter().any(|(target, _)| *target == to)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_these_moves_and_no_others() {
        let mut table = String::new();
        for from in State::ALL {
            let targets: Vec<&str> =
                State::ALL.into_iter().filter(|to| from.may_become(*to)).map(State::word).collect();
            table.push_str(&format!("{from}: {}\n", targets.join(" ")));
        }
        assert_eq!(
            table,
            "planning: ready closed\nready: planning queued closed\nqueued: planning inprogress closed\n\
             inprogress: planning queued done closed\ndone: inprogress closed\nclosed: planning\n"
        );
    }
}
