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
    let Stored { ticket, events, thread_text, .. } = stored::read(snapshot, files)?;
    // The events say it again; a thread may be long.
    drop(thread_text);
    let sizes = snapshot.artifact_sizes(files)?;
    let work = match sizes.iter().any(|(name, _)| name == layout::WORK) {
        true => work::parse(&stored::text(snapshot, files, layout::WORK)?.unwrap_or_default()),
        false => Vec::new(),
    };
    let named = link::named(&events, &latest(work));
    // Closing writes the resolution into the thread, too; older tools did not.
    let resolution = stored::text(snapshot, files, layout::RESOLUTION)?;
    let resolution = resolution.filter(|text| !events.iter().any(|event| event.body.contains(text.trim())));

    let mut passages = vec![
        Passage { place: Place::Title, text: ticket.title },
        Passage { place: Place::Body, text: ticket.body },
    ];
    passages.extend(events.into_iter().enumerate().map(|(index, event)| {
        let place = Place::Event { number: index + 1, kind: event.kind, author: event.author, at: event.at };
        Passage { place, text: event.body }
    }));
    passages.extend(resolution.map(|text| Passage { place: Place::Resolution, text }));
    for (name, size) in sizes {
        let Some(short) = name.strip_prefix(layout::ARTIFACTS) else { continue };
        if !layout::is_own_artifact(short) && size <= LARGEST_ARTIFACT {
            let bytes = snapshot.read(files, &name)?.unwrap_or_default();
            let text = String::from_utf8(bytes).ok();
            passages.extend(text.map(|text| Passage { place: Place::Artifact(short.to_owned()), text }));
        }
    }
    let subjects = named.into_iter().filter(|named| named.via.is_some() && !named.subject().is_empty());
    passages.extend(subjects.map(|named| {
        let text = named.subject().to_owned();
        Passage { place: Place::Commit(named.commit), text }
    }));
    Ok(passages)
}
