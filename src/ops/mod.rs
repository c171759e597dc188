//! Use cases: one function for each thing a user can do. Nothing here prints.
//!
//! A [`session::Session`] holds the opened repository, its settings and the acting person. Functions
//! read a snapshot or make a change, and answer with plain values for `view` and `cli` to show.

pub mod artifact;
pub mod blame;
pub mod branch_work;
pub mod claiming;
pub mod cleaning;
pub mod commits;
pub mod create;
pub mod doctor;
pub mod edit;
pub mod evidence;
pub mod export;
mod full_text;
pub mod graph;
pub mod guard;
pub mod history;
pub mod hooks;
pub mod import;
pub mod indexing;
pub mod init;
pub mod joining;
pub mod land_history;
pub mod landing;
pub mod links;
pub mod list;
pub mod log;
pub mod missing;
pub mod naming;
pub mod next;
pub mod passages;
pub mod patch;
pub mod plans;
pub mod problem;
pub mod relate;
pub mod relations;
pub mod resolve;
pub mod route;
pub mod search;
pub mod sending;
pub mod session;
pub mod settings;
pub mod show;
pub mod start;
pub mod status;
pub mod stored;
pub mod survey;
pub mod sync;
pub mod talk;
pub mod transition;
pub mod undo;
pub mod uniting;
pub mod verify;
pub mod version;

pub use problem::Problem;
pub use session::Session;
