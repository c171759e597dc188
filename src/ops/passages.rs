//! The texts of a ticket that searches look into.

use crate::format::{layout, work};
use crate::model::link;
use crate::model::search::passage::{Passage, Place};
use crate::model::work::latest;
use crate::store::snapshot::{Files, Snapshot};

use super::stored::{self, Stored};

/// Artifacts larger than this, in bytes, are not searched.
const LARGEST_ARTIFACT: u64 = 1024 * 1024;

/// The texts of a ticket: title, body, events, resolution, free artifacts that are text, and the subjects of
/// the commits that the ticket names. In this order the first place of a word is looked for.
///
/// # Errors
/// When a file of the ticket can't be read.
pub fn read(snapshot: &Snapshot, files: &Files) -> anyhow::Result<Vec<Passage>> {
    let stored = stored::read(snapshot, files)?;
    let resolution = stored::text(snapshot, files, layout::RESOLUTION)?;
    let mut passages = own(&stored, resolution);
    let mut snapshots = Vec::new();
    for (name, size) in snapshot.artifact_sizes(files)? {
        let Some(short) = name.strip_prefix(layout::ARTIFACTS) else { continue };
        if name == layout::WORK {
            snapshots = work::parse(&stored::text(snapshot, files, &name)?.unwrap_or_default());
        } else if !layout::is_own_artifact(short) && size <= LARGEST_ARTIFACT {
            let bytes = snapshot.read(files, &name)?.unwrap_or_default();
            let text = String::from_utf8(bytes).ok();
            passages.extend(text.map(|text| Passage { place: Place::Artifact(short.to_owned()), text }));
        }
    }
    let named = link::named(&stored.events, &latest(snapshots));
    let subjects = named.into_iter().filter(|named| named.via.is_some() && !named.subject().is_empty());
    passages.extend(subjects.map(|named| {
        let text = named.subject().to_owned();
        Passage { place: Place::Commit(named.commit), text }
    }));
    Ok(passages)
}

/// What `item.md`, `thread.md` and `resolution.md` say.
fn own(stored: &Stored, resolution: Option<String>) -> Vec<Passage> {
    let passage = |place, text: &str| Passage { place, text: text.to_owned() };
    let mut passages =
        vec![passage(Place::Title, &stored.ticket.title), passage(Place::Body, &stored.ticket.body)];
    passages.extend(stored.events.iter().enumerate().map(|(index, event)| {
        let place = Place::Event {
            number: index + 1,
            kind: event.kind.clone(),
            author: event.author.clone(),
            at: event.at.clone(),
        };
        passage(place, &event.body)
    }));
    // Closing writes the resolution into the thread, too; older tools did not.
    let is_told = |text: &str| stored.events.iter().any(|event| event.body.contains(text.trim()));
    passages.extend(
        resolution.filter(|text| !is_told(text)).map(|text| Passage { place: Place::Resolution, text }),
    );
    passages
}
