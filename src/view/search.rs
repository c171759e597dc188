//! What was found: `yoi.search/1`.

use serde::Serialize;

use crate::model::search::hit::Snippet;
use crate::model::search::passage::Place;
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
    /// The line where each word stands first.
    pub places: Vec<PlaceView>,
}

/// A place where a word was found.
#[derive(Debug, Serialize)]
pub struct PlaceView {
    /// `title`, `body`, `event 3 review`, `resolution`, `artifacts/notes.md`, `commit 9b2cae32`.
    pub place: String,
    /// The event, where the place is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventView>,
    /// The line around it.
    pub snippet: String,
    /// Where the words are in the snippet: first and behind the last, in characters.
    pub highlights: Vec<[usize; 2]>,
}

/// The event a word was found in.
#[derive(Debug, Serialize)]
pub struct EventView {
    /// Its number, from 1.
    pub number: usize,
    /// What it records.
    pub kind: String,
    /// Who wrote it.
    pub author: String,
    /// When, as its header says.
    pub at: String,
}

impl PlaceView {
    fn new(snippet: &Snippet) -> Self {
        let event = match &snippet.place {
            Place::Event { number, kind, author, at } => Some(EventView {
                number: *number,
                kind: kind.to_string(),
                author: author.clone(),
                at: at.clone(),
            }),
            Place::Title | Place::Body | Place::Resolution | Place::Artifact(_) | Place::Commit(_) => None,
        };
        let letters = |end: usize| snippet.text[..end].chars().count();
        PlaceView {
            place: snippet.place.to_string(),
            event,
            snippet: snippet.text.clone(),
            highlights: snippet
                .found
                .iter()
                .map(|found| [letters(found.start), letters(found.end)])
                .collect(),
        }
    }
}

impl SearchView {
    /// From what `search` answers.
    pub fn new(found: &Found) -> Self {
        let hits = found.hits.iter().map(|hit| HitView {
            row: RowView::new(&hit.ticket),
            places: hit.snippets.iter().map(PlaceView::new).collect(),
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
