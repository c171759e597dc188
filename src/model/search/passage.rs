//! The texts of a ticket, each with the place it stands at.

use std::fmt;

use crate::model::event::Kind;

/// The parts of a ticket that can be searched alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Its title.
    Title,
    /// Its body.
    Body,
    /// Its events, and how it was resolved.
    Thread,
    /// Its free artifacts.
    Artifacts,
    /// The subjects of its commits, as it records them.
    Commits,
}

impl Part {
    /// All parts.
    pub const ALL: [Part; 5] = [Part::Title, Part::Body, Part::Thread, Part::Artifacts, Part::Commits];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Part::Title => "title",
            Part::Body => "body",
            Part::Thread => "thread",
            Part::Artifacts => "artifacts",
            Part::Commits => "commits",
        }
    }
}

/// A place in a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The title.
    Title,
    /// The body.
    Body,
    /// An event.
    Event {
        /// Its number, from 1.
        number: usize,
        /// What it records.
        kind: Kind,
        /// Who wrote it.
        author: String,
        /// When, as its header says.
        at: String,
    },
    /// How it was resolved, where no event says so.
    Resolution,
    /// The artifact of that name, without `artifacts/`.
    Artifact(String),
    /// The commit of that id, or how the id begins.
    Commit(String),
}

impl Place {
    /// The part it belongs to.
    pub fn part(&self) -> Part {
        match self {
            Place::Title => Part::Title,
            Place::Body => Part::Body,
            Place::Event { .. } | Place::Resolution => Part::Thread,
            Place::Artifact(_) => Part::Artifacts,
            Place::Commit(_) => Part::Commits,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Title => f.write_str("title"),
            Place::Body => f.write_str("body"),
            Place::Event { number, kind, .. } => write!(f, "event {number} {kind}"),
            Place::Resolution => f.write_str("resolution"),
            Place::Artifact(name) => write!(f, "artifacts/{name}"),
            Place::Commit(id) => write!(f, "commit {}", crate::model::commit::short(id)),
        }
    }
}

/// A text of a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub text: String,
}
