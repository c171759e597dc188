//! Bytes and values: how tickets are written in files, and how files are read.
//!
//! Readers are lenient and lossless: what they don't know they keep, what git-yoi did not write stays
//! byte for byte as it was. Writers append to threads and change only the lines that change. Nothing
//! here does input or output. The formats are described in `docs/format.md`.

pub mod escape;
pub mod fault;
pub mod front_matter;
pub mod header;
pub mod item;
pub mod language;
pub mod layout;
pub mod message;
pub mod orchestration;
pub mod place;
pub mod relations;
pub mod routing;
pub mod setting;
pub mod settings;
pub mod thread;
pub mod work;
pub mod yaml;
