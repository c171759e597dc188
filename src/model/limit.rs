//! How large things may be, in bytes.
//!
//! The first three are the limits of the existing format; the others keep one ticket from making
//! every reader slow.

/// A title, a reason, a name: one line.
pub const LINE: usize = 1024;
/// An intake summary, the text of a state change, the note of a relation.
pub const SUMMARY: usize = 16 * 1024;
/// The body of any other event, of a ticket, of a resolution.
pub const TEXT: usize = 1024 * 1024;
/// A free artifact.
pub const ARTIFACT: usize = 64 * 1024 * 1024;
/// What a reader takes into memory for one file of a ticket.
pub const READ: u64 = 256 * 1024 * 1024;
/// A path on the ref.
pub const PATH: usize = 8192;
/// The commits of others that are looked at one by one before they are merged.
pub const COMMITS: usize = 10_000;
/// The files and folders that are looked at in commits of others, all together: a few small trees that hold
/// each other can name any number of them.
pub const ENTRIES: usize = 4_000_000;
/// The files of one ticket: nobody attaches so many, and a few small trees that hold each other can name more
/// than any memory holds.
pub const FILES: usize = 100_000;
/// The events of a thread that others made: each takes many times the memory of its shortest header.
pub const EVENTS: usize = 200_000;
