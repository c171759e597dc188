//! Three-way merges of tickets: (base, one side, the other) to what both sides said.
//!
//! Pure, and the same for everybody: nothing asks which side is ours. A side is looked at as what it
//! changed against the base; what two sides changed is joined by rules that know no order, so the result
//! doesn't depend on who merges, how often, or in which order. `docs/merge.md` has the rules and says
//! where a law has limits. No event that a side has is ever lost.
//!
//! [`ticket()`] merges the files of one ticket, [`tree()`] everything on the ref that differs. Both also take
//! files that only one side changed, and answer with that side's bytes, unless it took away what only
//! grows. Reading trees and writing the result is left to `store`, telling people to the front ends.

use std::collections::BTreeMap;

mod alias;
mod conflict;
mod item;
mod lines;
mod loss;
mod note;
mod register;
mod relations;
mod stamp;
mod text;
mod thread;
mod ticket;
mod tree;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod sample;

pub use alias::moved;
pub use loss::{Loss, added_events, loss, lost_alias};
pub use note::{Note, What};
pub use ticket::{only_adds, ticket};
pub use tree::{Merged, Tree, renames, tree};

/// Files by name, with their content. A ticket's files have the names of `format::layout`: `item.md`,
/// `artifacts/x`.
pub type Files = BTreeMap<String, Vec<u8>>;
