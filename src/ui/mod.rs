//! What a person sees and types: colour, tables, Markdown, pager, editor, progress and dates.
//!
//! This layer owns how text reaches a terminal and how text comes back from an editor. It promises
//! that nothing here depends on tickets or git: settings arrive as plain values, already read by
//! the caller. What to say, and in which order, is left to the commands.
//!
//! Ticket text is untrusted. [`table::Cell`], [`markdown::render`] and [`progress::Progress`] clean
//! what they are given; everyone else passes such text through [`sanitize`] first.

pub mod color;
pub mod editor;
pub mod manual;
pub mod markdown;
pub mod moment;
pub mod pager;
pub mod progress;
pub mod sanitize;
pub mod stream;
pub mod table;

#[cfg(test)]
mod testing;
