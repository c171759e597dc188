//! What a user can do wrong, besides what the rules refuse.

use std::fmt;
use std::path::PathBuf;

use crate::format::fault::Fault;
use crate::model::id::{SuffixFault, TicketId};

/// Why an operation could not even be judged.
#[derive(Debug)]
pub enum Problem {
    /// No ticket by that name.
    UnknownTicket(String),
    /// Several tickets by that name; each with its title.
    AmbiguousTicket {
        /// What was typed.
        typed: String,
        /// The tickets it could be.
        candidates: Vec<(TicketId, String)>,
    },
    /// What was typed can't name a ticket.
    BadTicketName {
        /// What was typed.
        typed: String,
        /// Why it can't.
        fault: SuffixFault,
    },
    /// `@` was typed, and the current branch is no ticket's.
    NoBranchTicket(Option<String>),
    /// A file of a ticket can't be read as what it should be.
    BadFile {
        /// The ticket.
        id: TicketId,
        /// The file's name.
        name: String,
        /// What is wrong with it.
        fault: Fault,
    },
    /// A ticket has no artifact of that name.
    NoArtifact {
        /// The ticket.
        id: TicketId,
        /// The name.
        name: String,
    },
    /// A ticket has no IntentPacket.
    NoPacket(TicketId),
    /// A name can't be an artifact's.
    BadArtifactName {
        /// The name.
        name: String,
        /// Why it can't.
        why: &'static str,
    },
    /// A file of the user can't be read or written.
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The folder to export to holds something.
    NotEmpty(PathBuf),
    /// There are no tickets in a folder.
    NothingToImport(PathBuf),
    /// Tickets that can't be imported or exported; nothing was written.
    BadTickets(Vec<BadTicket>),
    /// No remote takes part, of these.
    NoRemote(Vec<String>),
    /// No free id was found.
    NoFreeId,
    /// What was typed stands for no range of commits.
    BadRange {
        /// What was typed.
        range: String,
        /// What git said.
        why: String,
        /// Whether the history of this clone ends early.
        is_shallow: bool,
    },
    /// What was typed is no commit of the tickets.
    NoOperation(String),
    /// Nothing was done in that name.
    NothingOf(String),
    /// What was typed is neither a commit of the tickets nor a time.
    NoVersion(String),
    /// There were no tickets at that time.
    NoTicketsYet(String),
    /// A range goes further back than the history of this clone.
    ShallowRange(String),
    /// What was typed stands for no range of lines.
    BadLines(Vec<String>),
    /// A branch is checked out in another folder.
    CheckedOut {
        /// The branch.
        branch: String,
        /// The folder.
        path: PathBuf,
    },
    /// A branch is there already, so it can't begin somewhere else.
    BranchExists(String),
    /// The repository is bare: no branch can be checked out here.
    NoWorkTree,
    /// No ticket can be started now.
    NothingToStart,
    /// The repository has no commit yet.
    NoCommit,
    /// Something of a ticket's work would be lost; what, each in a sentence.
    NotClean {
        /// The ticket.
        id: TicketId,
        /// What would be lost.
        why: Vec<String>,
    },
    /// A file has no lines.
    Binary(PathBuf),
    /// Two words, of which one should be a file and the other a commit.
    WhichFile {
        /// The words.
        words: [String; 2],
        /// Both name a commit; else neither does.
        are_commits: bool,
    },
}

/// A ticket that can't be imported or exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadTicket {
    /// The name of its folder.
    pub name: String,
    /// Why.
    pub why: String,
}

impl Problem {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Problem::UnknownTicket(_) => "unknown_ticket",
            Problem::AmbiguousTicket { .. } => "ambiguous_ticket",
            Problem::BadTicketName { .. } => "bad_ticket_name",
            Problem::NoBranchTicket(_) => "no_branch_ticket",
            Problem::BadFile { .. } => "bad_file",
            Problem::NoArtifact { .. } => "no_artifact",
            Problem::NoPacket(_) => "no_packet",
            Problem::BadArtifactName { .. } => "bad_artifact_name",
            Problem::File { .. } => "file_error",
            Problem::NotEmpty(_) => "not_empty",
            Problem::NothingToImport(_) => "nothing_to_import",
            Problem::BadTickets(_) => "bad_tickets",
            Problem::NoRemote(_) => "no_remote",
            Problem::NoFreeId => "no_free_id",
            Problem::BadRange { .. } => "bad_range",
            Problem::ShallowRange(_) => "shallow_range",
            Problem::NoOperation(_) | Problem::NoVersion(_) | Problem::NoTicketsYet(_) => "unknown_revision",
            Problem::NothingOf(_) => "nothing_to_undo",
            Problem::BadLines(_) => "usage",
            Problem::CheckedOut { .. } => "checked_out",
            Problem::BranchExists(_) => "branch_exists",
            Problem::NoWorkTree => "no_work_tree",
            Problem::NothingToStart => "nothing_to_start",
            Problem::NoCommit => "no_commit",
            Problem::NotClean { .. } => "not_clean",
            Problem::Binary(_) => "binary_file",
            Problem::WhichFile { are_commits: true, .. } => "usage",
            Problem::WhichFile { are_commits: false, .. } => "unknown_revision",
        }
    }

    /// What is said of operations and versions that are not there.
    fn history_words(&self) -> String {
        match self {
            Problem::NoOperation(typed) => format!("'{}' is no commit of the tickets", typed.escape_debug()),
            Problem::NothingOf(actor) => format!("nothing was done by '{}'", actor.escape_debug()),
            Problem::NoVersion(typed) => {
                format!("'{}' is neither a commit of the tickets nor a time", typed.escape_debug())
            }
            Problem::NoTicketsYet(typed) => {
                format!("there were no tickets yet at '{}'", typed.escape_debug())
            }
            other => other.code().to_owned(),
        }
    }

    pub(super) fn file(path: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        Problem::File { path: path.into(), why: error.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::UnknownTicket(typed) => write!(f, "no ticket '{}'", typed.escape_debug()),
            Problem::AmbiguousTicket { typed, candidates } => {
                write!(f, "'{}' could be {} tickets", typed.escape_debug(), candidates.len())
            }
            Problem::BadTicketName { typed, fault } => {
                write!(f, "no ticket '{}': {fault}", typed.escape_debug())
            }
            Problem::NoBranchTicket(Some(branch)) => {
                write!(
                    f,
                    "'@' names the current branch's ticket, and '{}' has none in its name",
                    branch.escape_debug()
                )
            }
            Problem::NoBranchTicket(None) => {
                write!(f, "'@' names the current branch's ticket, and no branch is checked out")
            }
            Problem::BadFile { id, name, fault } => write!(f, "{id}/{name} can't be read: {fault}"),
            Problem::NoArtifact { id, name } => write!(f, "{id} has no artifact '{}'", name.escape_debug()),
            Problem::NoPacket(id) => write!(f, "{id} has no IntentPacket"),
            Problem::BadArtifactName { name, why } => {
                write!(f, "'{}' can't be the name of an artifact: {why}", name.escape_debug())
            }
            Problem::File { path, why } => write!(f, "'{}': {why}", path.display()),
            Problem::NotEmpty(path) => write!(f, "'{}' is not empty", path.display()),
            Problem::NothingToImport(path) => write!(f, "no tickets in '{}'", path.display()),
            Problem::BadTickets(bad) => {
                write!(f, "{} can't be taken, so nothing was written", count(bad.len(), "ticket"))
            }
            Problem::NoRemote(names) if names.is_empty() => write!(f, "this repository has no remote"),
            Problem::NoRemote(_) => write!(f, "no remote takes part in carrying tickets"),
            Problem::NoFreeId => write!(f, "no free ticket id near the present time"),
            Problem::BadRange { range, why, .. } => {
                write!(f, "'{}' is no range of commits in this clone: {why}", range.escape_debug())
            }
            Problem::NoOperation(_)
            | Problem::NothingOf(_)
            | Problem::NoVersion(_)
            | Problem::NoTicketsYet(_) => f.write_str(&self.history_words()),
            Problem::ShallowRange(range) => {
                write!(f, "'{}' goes further back than the history of this clone", range.escape_debug())
            }
            Problem::BadLines(ranges) => {
                write!(f, "'{}' is no range of lines", ranges.join("', '").escape_debug())
            }
            Problem::CheckedOut { branch, path } => {
                write!(f, "'{}' is checked out in '{}'", branch.escape_debug(), path.display())
            }
            Problem::BranchExists(branch) => {
                write!(f, "the branch '{}' is there already", branch.escape_debug())
            }
            Problem::NoWorkTree => write!(f, "this repository is bare: there is no work tree to switch"),
            Problem::NothingToStart => write!(f, "no ticket can be started now"),
            Problem::NoCommit => write!(f, "this repository has no commit yet, and a worktree needs one"),
            Problem::NotClean { id, .. } => {
                write!(f, "the work on {id} is not all on a target branch, so nothing was done")
            }
            Problem::Binary(path) => write!(f, "'{}' is a binary file", path.display()),
            Problem::WhichFile { words: [one, other], are_commits } => {
                let (one, other) = (one.escape_debug(), other.escape_debug());
                match are_commits {
                    true => write!(f, "'{one}' and '{other}' both name a commit"),
                    false => write!(f, "neither '{one}' nor '{other}' names a commit"),
                }
            }
        }
    }
}

impl std::error::Error for Problem {}

/// `1 ticket`, `2 tickets`.
pub fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
