//! Finding words in everything tickets say.

use crate::format::layout;
use crate::model::id::TicketId;
use crate::model::query::{Query, Sort};
use crate::model::summary::Summary;
use crate::store::snapshot::Snapshot;

use super::session::Session;
use super::{stored, survey};

/// Artifacts larger than this, in bytes, are not searched.
const LARGEST_ARTIFACT: u64 = 1024 * 1024;
/// Letters of a line shown on each side of what was found.
const AROUND: usize = 60;

/// A ticket in which every word was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The ticket.
    pub ticket: Summary,
    /// Where, and the line; the first place of each word.
    pub places: Vec<Place>,
}

/// A place where a word was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `title`, `body`, `event 3 review`, `artifacts/notes.md`.
    pub name: String,
    /// The line around the word.
    pub snippet: String,
    /// Where the word is in the snippet, in bytes.
    pub found: (usize, usize),
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The tickets, the best first.
    pub hits: Vec<Hit>,
    /// How many there are, shown or not.
    pub total: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Finds the tickets that hold every word, in title, body, thread or artifacts, whatever the case of
/// letters. Those with more of the words in their title come first, then the last changed.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn search(session: &Session, words: &[String], query: &Query) -> anyhow::Result<Found> {
    let snapshot = session.snapshot()?;
    let words: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let every = Query { sort: Sort::Id, reverse: false, most: None, ..query.clone() };
    let survey = survey::select(session, &snapshot, &every)?;
    let mut found = Found { unreadable: survey.unreadable, damaged: survey.damaged, ..Found::default() };
    for ticket in survey.tickets {
        let id = ticket.id;
        match look_into(&snapshot, ticket, &words) {
            Ok(Some(hit)) => found.hits.push(hit),
            Ok(None) => {}
            Err(error) => found.unreadable.push((id, error.to_string())),
        }
    }
    found.unreadable.sort();
    found.total = found.hits.len();
    found.hits.sort_by_cached_key(|hit| {
        let in_title = hit.places.iter().filter(|place| place.name == "title").count();
        std::cmp::Reverse((in_title, hit.ticket.updated_at, hit.ticket.id))
    });
    found.hits.truncate(query.most.unwrap_or(usize::MAX));
    Ok(found)
}

fn look_into(snapshot: &Snapshot, ticket: Summary, words: &[String]) -> anyhow::Result<Option<Hit>> {
    let Some(files) = snapshot.ticket(&ticket.id)? else { return Ok(None) };
    let stored = stored::read(snapshot, &files)?;
    let mut texts = vec![
        ("title".to_owned(), stored.ticket.title.clone()),
        ("body".to_owned(), stored.ticket.body.clone()),
    ];
    for (index, event) in stored.events.iter().enumerate() {
        texts.push((format!("event {} {}", index + 1, event.kind), event.body.clone()));
    }
    for (name, size) in snapshot.names(&files)? {
        let is_free = name.strip_prefix(layout::ARTIFACTS).is_some_and(|name| !layout::is_own_artifact(name));
        if is_free && size <= LARGEST_ARTIFACT {
            let bytes = snapshot.read(&files, &name)?.unwrap_or_default();
            texts.extend(String::from_utf8(bytes).ok().map(|text| (name, text)));
        }
    }
    let places: Option<Vec<Place>> = words.iter().map(|word| first_place(&texts, word)).collect();
    Ok(places.map(|mut places| {
        places.dedup_by(|later, earlier| (&later.name, &later.snippet) == (&earlier.name, &earlier.snippet));
        Hit { ticket, places }
    }))
}

/// The text without the case of its letters, letter by letter: `str::to_lowercase` also looks at what
/// stands beside a letter, and would not find a word in another place.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn first_place(texts: &[(String, String)], word: &str) -> Option<Place> {
    texts.iter().find_map(|(name, text)| {
        if !fold(text).contains(word) {
            return None;
        }
        text.lines().find_map(|line| snippet(line, word)).map(|(snippet, found)| Place {
            name: name.clone(),
            snippet,
            found,
        })
    })
}

/// The part of a line around a word, and where the word is in it. Lower case may change a letter's
/// length in bytes, so letters are compared one by one.
fn snippet(line: &str, word: &str) -> Option<(String, (usize, usize))> {
    let letters: Vec<(usize, char)> = line.char_indices().collect();
    let start = (0..letters.len()).find(|index| starts_with(&letters[*index..], word).is_some())?;
    let length = starts_with(&letters[start..], word)?;
    let from = start.saturating_sub(AROUND);
    let to = (start + length + AROUND).min(letters.len());
    let at = |index: usize| letters.get(index).map_or(line.len(), |(offset, _)| *offset);
    let mut text = String::new();
    if from > 0 {
        text.push('…');
    }
    let lead = text.len();
    text.push_str(&line[at(from)..at(to)]);
    if to < letters.len() {
        text.push('…');
    }
    let shift = |index: usize| lead + at(index) - at(from);
    Some((text, (shift(start), shift(start + length))))
}

/// How many letters of a line make up the word it begins with, if it begins with it.
fn starts_with(letters: &[(usize, char)], word: &str) -> Option<usize> {
    let mut rest = word;
    for (count, (_, letter)) in letters.iter().enumerate() {
        if rest.is_empty() {
            return Some(count);
        }
        for lower in letter.to_lowercase() {
            rest = rest.strip_prefix(lower)?;
        }
    }
    rest.is_empty().then_some(letters.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_marked_in_its_line() {
        let line = format!("{} RuntimeRegistryの基盤 {}", "x".repeat(80), "y".repeat(80));
        let (text, (from, to)) = snippet(&line, "registryの").unwrap();
        assert_eq!(&text[from..to], "Registryの");
        assert!(text.starts_with('…') && text.ends_with('…'));
        assert_eq!(snippet("İx", "x").map(|(_, place)| place), Some((2, 3)));
        assert_eq!(snippet("abc", "d"), None);
    }
}
