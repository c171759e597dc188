//! What `land` answers: `yoi.land/1`.

use serde::Serialize;

use crate::model::rule::landing::Discovery;
use crate::ops::landing::{Entry, Looked};

/// What was found on the target branches.
#[derive(Debug, Serialize)]
pub struct LandView {
    /// `yoi.land/1`.
    pub schema: &'static str,
    /// Whether it was recorded.
    pub recorded: bool,
    /// How many commits were looked at.
    pub commits: usize,
    /// How many things were found.
    pub total: usize,
    /// Whether the history goes further back than was looked at.
    pub truncated: bool,
    /// What was found, in the order in which it happened.
    pub found: Vec<FoundView>,
}

/// Something that was found.
#[derive(Debug, Serialize)]
pub struct FoundView {
    /// The ticket.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `land`, `revert`, `reland`, `unland` or `link`.
    pub what: &'static str,
    /// The target branch.
    pub target: String,
    /// The commit that did it, its full id.
    pub commit: String,
    /// How it was found out.
    pub how: String,
    /// Commits that came, by their first eight digits.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brought: Vec<String>,
    /// `high` or `low`, for what was found in old history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<&'static str>,
    /// The sign that led to it, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<&'static str>,
    /// Where the ticket stood.
    pub from: &'static str,
    /// Where it stands now.
    pub to: &'static str,
    /// Why the state stays as it is although the work landed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_back: Option<&'static str>,
    /// Tickets that can go on now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unblocked: Vec<String>,
}

impl LandView {
    /// From what a look answers.
    pub fn new(looked: &Looked, is_dry: bool, is_cut: bool) -> Self {
        LandView {
            schema: "yoi.land/1",
            recorded: !is_dry,
            commits: looked.commits,
            total: looked.entries.len(),
            truncated: is_cut,
            found: looked.entries.iter().map(FoundView::new).collect(),
        }
    }
}

impl FoundView {
    fn new(entry: &Entry) -> Self {
        let finding = &entry.finding;
        let written = entry.derivation.events.first().map(|event| &event.draft);
        let (what, brought) = match &finding.discovery {
            Discovery::Land(brought) => ("land", brought.as_slice()),
            Discovery::Revert(_) => ("revert", [].as_slice()),
            Discovery::Reland(_) => ("reland", [].as_slice()),
            Discovery::Unland(_) => ("unland", [].as_slice()),
            Discovery::Link => ("link", [].as_slice()),
        };
        // A landing whose commit had vanished comes back as a reland.
        let is_back = written.is_some_and(|draft| draft.kind == crate::model::event::Kind::Reland);
        FoundView {
            id: finding.ticket.to_string(),
            title: entry.title.clone(),
            what: if is_back { "reland" } else { what },
            target: finding.target.clone(),
            commit: finding.commit.clone(),
            how: finding.how.clone(),
            brought: brought.iter().map(|(short, _)| short.clone()).collect(),
            confidence: finding.guess.map(|guess| guess.confidence),
            signal: finding.guess.map(|guess| guess.signal),
            from: entry.from.word(),
            to: entry.derivation.state.unwrap_or(entry.from).word(),
            held_back: entry.derivation.held_back.map(|held_back| held_back.words()),
            unblocked: entry.unblocked.iter().map(|(id, _)| id.to_string()).collect(),
        }
    }
}
