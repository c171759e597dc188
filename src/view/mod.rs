//! The JSON contract: serialisable counterparts of what `ops` answers.
//!
//! One document an answer, with `"schema": "yoi.<kind>/<version>"`. Keys are snake_case; what is not
//! there is absent rather than null; lists carry `total` and `truncated`. Fields are only ever added.

pub mod change;
pub mod doctor;
pub mod history;
pub mod list;
pub mod search;
pub mod ticket;

use serde::Serialize;

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
    /// The ticket.
    pub id: String,
    /// Why.
    pub message: String,
}

impl UnreadableView {
    /// From pairs of ticket and reason.
    pub fn all(unreadable: &[(crate::model::id::TicketId, String)]) -> Vec<Self> {
        unreadable
            .iter()
            .map(|(id, message)| UnreadableView { id: id.to_string(), message: message.clone() })
            .collect()
    }
}
