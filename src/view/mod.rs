//! The JSON contract: serialisable counterparts of what `ops` answers.
//!
//! One document an answer, with `"schema": "yoi.<kind>/<version>"`. Keys are snake_case; what is not
//! there is absent rather than null; lists carry `total` and `truncated`. Fields are only ever added.

pub mod change;
pub mod code;
pub mod config;
pub mod doctor;
pub mod evidence;
pub mod graph;
pub mod history;
pub mod hooks;
pub mod index;
pub mod land;
pub mod list;
pub mod next;
pub mod plan;
pub mod routing;
pub mod search;
pub mod start;
pub mod status;
pub mod sync;
pub mod ticket;
pub mod undo;
pub mod verify;

use serde::Serialize;

use crate::model::id::TicketId;

/// An error, on stderr under `--json`.
#[derive(Debug, Serialize)]
pub struct ErrorView {
    /// `yoi.error/1`.
    pub schema: &'static str,
    /// A stable word.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
    /// What to type next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The tickets an ambiguous name could be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
}

/// Something that could not be read, in an answer that goes on without it.
#[derive(Debug, Serialize)]
pub struct UnreadableView {
    /// The ticket; absent when a whole folder of tickets can't be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Why.
    pub message: String,
}

impl UnreadableView {
    /// From pairs of ticket and reason, and what is wrong with whole folders.
    pub fn all(unreadable: &[(TicketId, String)], damaged: &[String]) -> Vec<Self> {
        let tickets = unreadable.iter().map(|(id, why)| (Some(id.to_string()), why));
        let folders = damaged.iter().map(|why| (None, why));
        tickets.chain(folders).map(|(id, why)| UnreadableView { id, message: why.clone() }).collect()
    }
}
