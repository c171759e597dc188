//! Tickets, events, states and the rules between them: pure values and functions.
//!
//! Nothing here reads a file, a clock or a repository. A rule takes what it needs to know and answers
//! with a [`change::Change`] or a [`refusal::Refusal`]; how that becomes bytes is `format`'s business,
//! how it is stored is `store`'s.

pub mod branch;
pub mod change;
pub mod claim;
pub mod commit;
pub mod derived;
pub mod event;
pub mod evidence;
pub mod fold;
pub mod glance;
pub mod graph;
pub mod history;
pub mod id;
pub mod landing;
pub mod limit;
pub mod link;
pub mod moment;
pub mod near;
pub mod plan;
pub mod priority;
pub mod projection;
pub mod query;
pub mod readiness;
pub mod refusal;
pub mod relation;
pub mod routing;
pub mod rule;
pub mod search;
pub mod state;
pub mod summary;
pub mod text;
pub mod thread;
pub mod ticket;
pub mod undo;
pub mod work;
