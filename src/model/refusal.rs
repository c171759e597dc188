//! Why a rule says no.
//!
//! A refusal is a value: the front ends turn it into words, an exit code and a hint. Nothing was
//! written when one is returned.

use std::fmt;

use super::id::TicketId;
use super::readiness::{Blocker, Clash};
use super::relation;
use super::routing::Part;
use super::state::State;

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The table has no such move.
    IllegalMove {
        /// The ticket.
        id: TicketId,
        /// Where it stands.
        from: State,
        /// Where it should have gone.
        to: State,
    },
    /// It stands there already.
    SameState {
        /// The ticket.
        id: TicketId,
        /// Where it stands.
        state: State,
    },
    /// The caller expected another state.
    StateMoved {
        /// The ticket.
        id: TicketId,
        /// What the caller expected.
        expected: State,
        /// Where it stands.
        found: State,
        /// Who moved it last, when the thread says so.
        by: Option<String>,
    },
    /// Only done and closed tickets are reopened.
    NotOver {
        /// The ticket.
        id: TicketId,
        /// Where it stands.
        state: State,
    },
    /// The caller had read an older version.
    Stale {
        /// The ticket.
        id: TicketId,
        /// The version the caller named.
        expected: String,
        /// The version there is.
        found: String,
    },
    /// Other tickets have to be done first.
    Blocked {
        /// The ticket.
        id: TicketId,
        /// Where it should have gone.
        to: State,
        /// What it waits for.
        blockers: Vec<Blocker>,
    },
    /// The plan wants it not to run beside tickets in progress.
    Apart {
        /// The ticket.
        id: TicketId,
        /// The tickets in progress, and what the plan says.
        clashes: Vec<Clash>,
    },
    /// Somebody else has it.
    Taken {
        /// The ticket.
        id: TicketId,
        /// Who has it.
        by: String,
        /// Since when, as the thread says it.
        at: Option<String>,
        /// The actor took it too, and was later.
        is_lost: bool,
    },
    /// The project wants an approving review first.
    ReviewRequired {
        /// The ticket.
        id: TicketId,
    },
    /// The project wants the work on a target branch first.
    LandingRequired {
        /// The ticket.
        id: TicketId,
    },
    /// A text that is needed has nothing in it.
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// A text is too long.
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// A text holds what can't be stored.
    BadText {
        /// Which text.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// An IntentPacket lacks sections that must be there.
    BadPacket {
        /// The sections that are not there.
        missing: Vec<Part>,
        /// The sections that say nothing.
        empty: Vec<Part>,
    },
    /// A text has a line that would begin another section of a decision.
    SectionInText {
        /// Which text.
        what: &'static str,
        /// The line.
        line: String,
    },
    /// A ticket can't be related to itself.
    SelfRelation {
        /// The ticket.
        id: TicketId,
    },
    /// The relation is there already.
    AlreadyRelated {
        /// The source.
        id: TicketId,
        /// The kind.
        kind: relation::Kind,
        /// The target.
        target: TicketId,
    },
    /// There is no such relation.
    NotRelated {
        /// The source.
        id: TicketId,
        /// The kind.
        kind: relation::Kind,
        /// The target.
        target: TicketId,
    },
    /// The relation would close a circle.
    Cycle {
        /// What goes round.
        order: relation::Order,
        /// The way round, both ends equal.
        path: Vec<TicketId>,
    },
    /// An operation can't be taken back.
    NotUndoable {
        /// The short id of its commit.
        commit: String,
        /// Why.
        why: String,
    },
    /// Nothing would change.
    NothingToChange {
        /// The ticket.
        id: TicketId,
    },
    /// An artifact of that name is there already.
    ArtifactExists {
        /// The ticket.
        id: TicketId,
        /// The name.
        name: String,
    },
    /// An artifact's name and another's can't stand side by side on every file system.
    ArtifactClash {
        /// The ticket.
        id: TicketId,
        /// The name that was asked for.
        name: String,
        /// The one that is there.
        other: String,
    },
    /// The commit is linked already.
    AlreadyLinked {
        /// The ticket.
        id: TicketId,
        /// The commit.
        commit: String,
    },
    /// The commit is not linked.
    NotLinked {
        /// The ticket.
        id: TicketId,
        /// The commit.
        commit: String,
    },
}

impl Refusal {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::IllegalMove { .. } | Refusal::NotOver { .. } => "illegal_move",
            Refusal::SameState { .. } => "same_state",
            Refusal::StateMoved { .. } => "state_moved",
            Refusal::Stale { .. } => "stale",
            Refusal::Blocked { .. } => "blocked",
            Refusal::Apart { .. } => "kept_apart",
            Refusal::Taken { .. } => "taken",
            Refusal::ReviewRequired { .. } => "review_required",
            Refusal::LandingRequired { .. } => "landing_required",
            Refusal::Empty { .. } => "empty_text",
            Refusal::TooLong { .. } => "too_long",
            Refusal::BadText { .. } => "bad_text",
            Refusal::BadPacket { .. } => "bad_packet",
            Refusal::SectionInText { .. } => "bad_text",
            Refusal::SelfRelation { .. } => "self_relation",
            Refusal::AlreadyRelated { .. } => "already_related",
            Refusal::NotRelated { .. } => "not_related",
            Refusal::Cycle { .. } => "cycle",
            Refusal::NotUndoable { .. } => "not_undoable",
            Refusal::NothingToChange { .. } => "nothing_to_change",
            Refusal::ArtifactExists { .. } => "artifact_exists",
            Refusal::ArtifactClash { .. } => "artifact_clash",
            Refusal::AlreadyLinked { .. } => "already_linked",
            Refusal::NotLinked { .. } => "not_linked",
        }
    }

    /// Whether the words themselves are at fault, whatever the tickets say.
    pub fn is_bad_input(&self) -> bool {
        matches!(
            self,
            Refusal::Empty { .. }
                | Refusal::TooLong { .. }
                | Refusal::BadText { .. }
                | Refusal::BadPacket { .. }
                | Refusal::SectionInText { .. }
                | Refusal::SelfRelation { .. }
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::IllegalMove { id, from, to } => illegal_move(f, id, *from, *to),
            Refusal::SameState { id, state } => write!(f, "{id} is {state} already"),
            Refusal::NotOver { id, state } => {
                let legal = legal_moves(*state);
                write!(f, "{id} is {state}, only done and closed tickets are reopened; legal moves: {legal}")
            }
            Refusal::StateMoved { id, expected, found, by: Some(by) } => {
                write!(f, "{id} is {found}, not {expected}: moved by {by}")
            }
            Refusal::StateMoved { id, expected, found, by: None } => {
                write!(f, "{id} is {found}, not {expected}")
            }
            Refusal::Stale { id, expected, found } => {
                write!(f, "{id} changed since '{expected}': it is at {found} now")
            }
            Refusal::Blocked { id, to, blockers } => blocked(f, id, *to, blockers),
            Refusal::Apart { id, clashes } => apart(f, id, clashes),
            Refusal::Taken { id, by, at, is_lost } => {
                let by = by.escape_debug();
                match (is_lost, at) {
                    (true, _) => write!(f, "{id} is {by}'s, whose claim was accepted first; yours was not"),
                    (false, Some(at)) => write!(f, "{id} is taken: {by} has it since {at}"),
                    (false, None) => write!(f, "{id} is taken: {by} has it"),
                }
            }
            Refusal::ReviewRequired { id } => {
                write!(f, "{id} can't be done: this project requires that the last review approves")
            }
            Refusal::LandingRequired { id } => {
                write!(f, "{id} can't be done: this project requires that its work is on a target branch")
            }
            Refusal::Empty { what } => write!(f, "the {what} is empty"),
            Refusal::TooLong { what, size, most } => {
                write!(f, "the {what} has {size} bytes; at most {most} fit")
            }
            Refusal::BadText { what, why } => write!(f, "the {what} can't be stored: {why}"),
            Refusal::BadPacket { missing, empty } => bad_packet(f, missing, empty),
            Refusal::SectionInText { what, line } => {
                let line = line.escape_debug();
                write!(f, "the {what} can't be stored: its line '{line}' would begin another section")
            }
            Refusal::SelfRelation { id } => write!(f, "{id} can't be related to itself"),
            Refusal::AlreadyRelated { id, kind, target } => write!(f, "{id} {kind} {target} already"),
            Refusal::NotRelated { id, kind, target } => {
                write!(f, "there is no relation {id} {kind} {target}")
            }
            Refusal::Cycle { order, path } => cycle(f, *order, path),
            Refusal::NotUndoable { commit, why } => {
                write!(f, "{commit} can't be taken back: {why}")
            }
            Refusal::NothingToChange { id } => write!(f, "nothing to change in {id}"),
            Refusal::ArtifactExists { id, name } => write!(f, "{id} has an artifact '{name}' already"),
            Refusal::ArtifactClash { id, name, other } => {
                let (name, other) = (name.escape_debug(), other.escape_debug());
                write!(
                    f,
                    "{id} has an artifact '{other}', and not every file system can hold '{name}' beside it"
                )
            }
            Refusal::AlreadyLinked { id, commit } => write!(f, "{commit} is linked to {id} already"),
            Refusal::NotLinked { id, commit } => write!(f, "{commit} is not linked to {id}"),
        }
    }
}

fn illegal_move(f: &mut fmt::Formatter<'_>, id: &TicketId, from: State, to: State) -> fmt::Result {
    // Closing and reopening are moves of their own; other legal moves may be another command's.
    let is_other_command = from.may_become(to) && to != State::Closed && from != State::Closed;
    let cannot = if is_other_command { "isn't taken by this command to" } else { "can't become" };
    write!(f, "{id} is {from} and {cannot} {to}; legal moves: {}", legal_moves(from))
}

fn legal_moves(from: State) -> String {
    let legal: Vec<String> =
        from.moves().iter().map(|(state, command)| format!("{state} ({command})")).collect();
    legal.join(", ")
}

fn blocked(f: &mut fmt::Formatter<'_>, id: &TicketId, to: State, blockers: &[Blocker]) -> fmt::Result {
    write!(f, "{id} can't become {to}, it waits for ")?;
    for (index, blocker) in blockers.iter().enumerate() {
        let state = blocker.state.map_or("missing", State::word);
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{} via {} (state: {state})", blocker.id, blocker.via.word())?;
    }
    Ok(())
}

fn bad_packet(f: &mut fmt::Formatter<'_>, missing: &[Part], empty: &[Part]) -> fmt::Result {
    let named = |parts: &[Part]| {
        parts.iter().map(|part| format!("'{}:'", part.label())).collect::<Vec<String>>().join(", ")
    };
    write!(f, "the IntentPacket is not complete: ")?;
    match (missing, empty) {
        (missing, []) => write!(f, "it lacks {}", named(missing)),
        ([], empty) => write!(f, "it has nothing below {}", named(empty)),
        (missing, empty) => {
            write!(f, "it lacks {}, and has nothing below {}", named(missing), named(empty))
        }
    }
}

fn apart(f: &mut fmt::Formatter<'_>, id: &TicketId, clashes: &[Clash]) -> fmt::Result {
    write!(f, "{id} can't start now, by the plan: ")?;
    for (index, clash) in clashes.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{} {}, which is in progress", clash.kind, clash.id)?;
    }
    Ok(())
}

fn cycle(f: &mut fmt::Formatter<'_>, order: relation::Order, path: &[TicketId]) -> fmt::Result {
    match order {
        relation::Order::Waiting => write!(f, "that would make tickets wait for each other: ")?,
        relation::Order::Replacing => write!(f, "that would make tickets take each other's place: ")?,
    }
    let names: Vec<&str> = path.iter().map(TicketId::as_str).collect();
    write!(f, "{}", names.join(" -> "))
}

impl std::error::Error for Refusal {}
