//! git-yoi: tickets as Markdown threads on a git ref.
//!
//! The library behind the program `git-yoi`. `ARCHITECTURE.md` is the map; imports point down only.

pub mod cli;
pub mod format;
pub mod hook;
pub mod host;
pub mod index;
pub mod merge;
pub mod model;
pub mod ops;
pub mod store;
pub mod ui;
pub mod view;
