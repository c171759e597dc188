//! What a merge did that somebody may want to know.

use ulid::Ulid;

/// One thing that a merge did to a file that both sides changed, or that one of them lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file: its name in the ticket, or its path at the top of the ref.
    pub file: String,
    /// What was done.
    pub what: What,
}

/// What a merge did to a file. None of it says which side: the result is the same either way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// What both sides changed or added stands in it together.
    Joined,
    /// Both sides set a field; the later one counts, the other stays in its event.
    Decided {
        /// The key of the field, or `resolution`.
        field: String,
    },
    /// Both sides moved the ticket to different states; the later move counts.
    MovedApart,
    /// Several took the ticket at once; the claim that was accepted first counts.
    Claimed {
        /// Who has the ticket.
        by: String,
        /// Who took it too.
        lost: Vec<String>,
    },
    /// Two versions could not be joined; the one that was not kept stands whole in a `conflict` event.
    Overlapped {
        /// The key of the field, `body`, `resolution` or `thread`.
        field: String,
    },
    /// Two versions could not be joined; both are kept, one under this name.
    KeptBoth {
        /// The name of the second file.
        second: String,
    },
    /// A side lacked the file, or lines or events of it that the base has; they stay.
    Restored,
    /// Two events with this id say different things; both are kept.
    SameId {
        /// The id.
        id: Ulid,
    },
    /// Two tickets had the same id; one moved, with everything that names it.
    Moved {
        /// Its id before.
        from: String,
        /// Its id now.
        to: String,
    },
}

impl What {
    /// Whether a person should look: something was set aside rather than joined.
    pub fn needs_attention(&self) -> bool {
        match self {
            What::Joined | What::Decided { .. } | What::Restored => false,
            What::MovedApart
            | What::Claimed { .. }
            | What::Overlapped { .. }
            | What::KeptBoth { .. }
            | What::SameId { .. }
            | What::Moved { .. } => true,
        }
    }
}
