//! Writing down what was found: one commit on the ref for each commit of a target branch.
//!
//! Author, committer and times come from that commit, so that clones which derive the same from the same
//! tickets make the same commit.

use crate::format::{item, layout};
use crate::model::derived::AUTHOR;
use crate::model::event::Kind;
use crate::model::id::TicketId;
use crate::model::rule::landing::{self, Finding};
use crate::ops::relations;
use crate::ops::session::{self, Session};
use crate::ops::stored::{self, Stored};
use crate::store::publish::{Edit, Judged, Proposal};
use crate::store::snapshot::Snapshot;

use super::Entry;

/// Writes entries down, those of one commit together. What the thread says by now already is left out.
pub(super) fn publish(session: &Session, entries: Vec<Entry>) -> anyhow::Result<Vec<Entry>> {
    let mut written = Vec::new();
    let findings: Vec<Finding> = entries.into_iter().map(|entry| entry.finding).collect();
    // What was found in old history is one operation.
    if findings.iter().any(|finding| finding.guess.is_some()) {
        return Ok(session.store.publish(session.host, |snapshot| judge(session, snapshot, &findings))?.0);
    }
    for group in findings.chunk_by(|one, other| one.commit == other.commit && one.target == other.target) {
        let (mut entries, commit) =
            session.store.publish(session.host, |snapshot| judge(session, snapshot, group))?;
        if commit.is_some() {
            tell_unblocked(session, &mut entries);
            written.append(&mut entries);
        }
    }
    Ok(written)
}

fn judge(session: &Session, snapshot: &Snapshot, group: &[Finding]) -> anyhow::Result<Judged<Vec<Entry>>> {
    let mut tickets: Vec<Stored> = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    for finding in group {
        let known = tickets.iter().position(|stored| stored.files.id == finding.ticket);
        let index = match known {
            Some(index) => index,
            None => {
                let Some(stored) = super::readable(snapshot, &finding.ticket) else { continue };
                tickets.push(stored);
                tickets.len() - 1
            }
        };
        entries.extend(super::apply(session, snapshot, &mut tickets[index], finding)?);
    }
    if entries.is_empty() {
        return Ok(Judged::Nothing(entries));
    }
    let mut edits = Vec::new();
    for stored in &tickets {
        edits.extend(edits_of(snapshot, stored, &entries)?);
    }
    let events = |id: TicketId| -> Vec<(ulid::Ulid, Kind)> {
        let own = entries.iter().filter(|entry| entry.finding.ticket == id);
        let events = own.flat_map(|entry| &entry.derivation.events);
        events.map(|event| (event.id, event.draft.kind.clone())).collect()
    };
    let named: Vec<(TicketId, Vec<(ulid::Ulid, Kind)>)> =
        tickets.iter().map(|stored| (stored.files.id, events(stored.files.id))).collect();
    let latest =
        entries.iter().flat_map(|entry| &entry.derivation.events).map(|event| event.at.seconds()).max();
    let proposal = Proposal {
        edits,
        subject: subject(&entries),
        trailers: session::trailers(
            named.iter().filter(|(_, events)| !events.is_empty()).map(|(id, events)| (id, events.as_slice())),
        ),
        actor: AUTHOR.to_owned(),
        millis: u64::try_from(latest.unwrap_or(0)).unwrap_or(0) * 1000,
        is_derived: true,
    };
    Ok(Judged::Publish(proposal, entries))
}

fn edits_of(snapshot: &Snapshot, changed: &Stored, entries: &[Entry]) -> anyhow::Result<Vec<Edit>> {
    let id = changed.files.id;
    let own: Vec<&Entry> = entries.iter().filter(|entry| entry.finding.ticket == id).collect();
    let Some(before) = super::readable(snapshot, &id).filter(|_| !own.is_empty()) else {
        return Ok(Vec::new());
    };
    let fields: Vec<_> =
        own.iter().flat_map(|entry| landing::fields(&before.ticket, &entry.derivation)).collect();
    let item = item::update(&before.item_text, &fields, None)
        .map_err(|fault| stored::bad(id, layout::ITEM, fault))?;
    let thread = session::edit(&id, layout::THREAD, changed.thread_text.as_str());
    Ok(vec![session::edit(&id, layout::ITEM, item), thread])
}

fn subject(entries: &[Entry]) -> String {
    let mut ids: Vec<TicketId> = entries.iter().map(|entry| entry.finding.ticket).collect();
    ids.dedup();
    let finding = &entries[0].finding;
    let what = match &finding.discovery {
        landing::Discovery::Land(_) => "landed on",
        landing::Discovery::Revert(_) => "reverted on",
        landing::Discovery::Reland(_) => "landed again on",
        landing::Discovery::Unland(_) => "vanished from",
        landing::Discovery::Link => "commits found on",
    };
    let who = if ids.len() == 1 { ids[0].to_string() } else { format!("{} tickets", ids.len()) };
    format!("{who}: {what} {}", finding.target)
}

/// Adds what can go on now that tickets are done.
fn tell_unblocked(session: &Session, entries: &mut [Entry]) {
    for entry in entries.iter_mut() {
        let is_done = entry.derivation.state.is_some_and(|state| state.is_resolved());
        if is_done && !entry.from.is_resolved() {
            // The write is done: what can't be read now must not make it look as if it had failed.
            let unblocked = session
                .snapshot()
                .and_then(|snapshot| relations::unblocked_by(session, &snapshot, entry.finding.ticket));
            entry.unblocked = unblocked.unwrap_or_default();
        }
    }
}
