//! What was found: `yoi.search/1`.

use serde::Serialize;

use crate::ops::search::Found;

use super::UnreadableView;
use super::list::RowView;

/// The tickets in which every word was found.
#[derive(Debug, Serialize)]
pub struct SearchView {
    /// `yoi.search/1`.
    pub schema: &'static str,
    /// How many there are.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// Those shown, the best first.
    pub hits: Vec<HitView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

/// A ticket, and where the words are.
#[derive(Debug, Serialize)]
pub struct HitView {
    /// The ticket's fields.
    #[serde(flatten)]
    pub row: RowView,
    /// The first place of each word.
    pub places: Vec<PlaceView>,
}

/// A place where a word was found.
#[derive(Debug, Serialize)]
pub struct PlaceView {
    /// `title`, `body`, `event 3 review`, `artifacts/notes.md`.
    pub place: String,
    /// The line around it.
    pub snippet: String,
}

impl SearchView {
    /// From what `search` answers.
    pub fn new(found: &Found) -> Self {
        let hits = found.hits.iter().map(|hit| HitView {
            row: RowView::new(&hit.ticket),
            places: hit
                .places
                .iter()
                .map(|place| PlaceView { place: place.name.clone(), snippet: place.snippet.clone() })
                .collect(),
        });
        SearchView {
            schema: "yoi.search/1",
            total: found.total,
            truncated: found.hits.len() < found.total,
            hits: hits.collect(),
            unreadable: UnreadableView::all(&found.unreadable, &found.damaged),
        }
    }
}
