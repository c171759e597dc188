//! The repository: the only code that names gix or runs git.
//!
//! A [`Store`] is an opened repository. Reading goes through a [`snapshot::Snapshot`], one fixed
//! version of the ref, and takes no lock. Writing goes through [`publish`]: blobs, the few trees on
//! their paths, one commit, then a compare-and-swap of the ref. A crash at any point leaves the old
//! or the new version, never something between.

pub mod amount;
pub mod code;
mod collecting;
mod compare;
pub mod config;
pub mod cursor;
pub mod difference;
pub mod durable;
pub mod environment;
pub mod error;
pub mod git;
pub mod graph;
pub mod history;
pub mod hooks;
pub mod identity;
pub mod incoming;
pub mod leftover;
mod lineage;
pub mod lock;
mod lookup;
mod loose;
pub mod maintenance;
pub mod memory;
pub mod message;
mod nameless;
mod object;
pub mod open;
pub mod pack;
mod pack_index;
pub mod place;
pub mod probe;
pub mod publish;
pub mod reference;
pub mod remote;
pub mod revision;
pub mod signature;
pub mod snapshot;
pub mod stream;
mod swap;
pub mod talk;
pub mod transport;
pub mod unite;
pub mod verify;
pub mod version;
pub mod worktree;

pub use error::StoreError;
pub use open::Store;

/// An object id of the repository, as the rest of the program names it.
pub type ObjectId = gix::ObjectId;

/// Removes the locks this process holds, before it ends in the middle of something.
pub fn abandon() {
    swap::abandon();
    gix::tempfile::registry::cleanup_tempfiles();
}
