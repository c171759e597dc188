//! The one integration binary: each module is a theme, each test a sentence that is true when it passes.
#![allow(clippy::unwrap_used)]

mod access;
mod answers;
mod artifacts;
mod bad_input;
mod clones;
mod code;
mod commits;
mod corpus;
mod crash;
mod damage;
mod everyday;
mod exchange;
mod finding;
mod fixture;
mod history_landing;
mod hook_events;
mod hooks;
mod hostile;
mod importing;
mod irregular;
mod joining;
mod landing;
mod landing_more;
mod manual;
mod places;
mod plant;
mod races;
mod relating;
mod settings;
mod store;
mod terminal;
mod tidy;
mod uniting;
mod workflow;
mod world;
