//! Free artifacts: files kept with a ticket.

use std::collections::BTreeMap;

use ulid::Ulid;

use crate::format::{item, layout};
use crate::model::event::Kind;
use crate::model::limit;
use crate::model::refusal::Refusal;
use crate::model::ticket::{Field, Value};
use crate::store::StoreError;
use crate::store::publish::{Judged, Proposal};
use crate::store::snapshot::Snapshot;

use super::session::{Echo, Session, edit, trailers};
use super::{Problem, resolve, stored};

/// Checks the name somebody gives an artifact.
///
/// # Errors
/// When the name could leave the artifacts' folder, can't be stored everywhere, or is one of our own.
pub fn checked_name(name: &str) -> Result<(), Problem> {
    let own = layout::is_own_artifact(name).then_some("git-yoi keeps that file itself");
    match layout::artifact_fault(name).or(own) {
        Some(why) => Err(Problem::BadArtifactName { name: name.to_owned(), why }),
        None => Ok(()),
    }
}

/// Keeps a file with a ticket. A file of that name is replaced only when asked to.
///
/// # Errors
/// When the name or the size is refused, one is there already, or as [`Session::change`].
pub fn add(session: &Session, typed: &str, name: &str, bytes: &[u8], replace: bool) -> anyhow::Result<Echo> {
    checked_name(name)?;
    if bytes.len() > limit::ARTIFACT {
        return Err(Refusal::TooLong { what: "artifact", size: bytes.len(), most: limit::ARTIFACT }.into());
    }
    let path = format!("{}{name}", layout::ARTIFACTS);
    let judge = |snapshot: &Snapshot| -> anyhow::Result<Judged<Echo>> {
        if !snapshot.exists() {
            return Err(StoreError::NotInitialised.into());
        }
        let stamp = session.stamp()?;
        let stored = session.find(snapshot, typed)?;
        let id = stored.files.id;
        let present = snapshot.names(&stored.files)?;
        let clash = |other: &String| {
            let (left, right) = (other.to_lowercase(), path.to_lowercase());
            left == right || left.starts_with(&format!("{right}/")) || right.starts_with(&format!("{left}/"))
        };
        // Names that differ in case only, or a file where a folder is, can't both be exported.
        if let Some(other) = present.keys().find(|other| **other != path && clash(other)) {
            let other = other.trim_start_matches(layout::ARTIFACTS).to_owned();
            return Err(Refusal::ArtifactClash { id, name: name.to_owned(), other }.into());
        }
        if present.contains_key(&path) && !replace {
            return Err(Refusal::ArtifactExists { id, name: name.to_owned() }.into());
        }
        if snapshot.read(&stored.files, &path)?.as_deref() == Some(bytes) {
            return Err(Refusal::NothingToChange { id }.into());
        }
        let now = vec![(Field::UpdatedAt, Value::Text(stamp.moment().to_string()))];
        let item = item::update(&stored.item_text, &now, None)
            .map_err(|fault| stored::bad(id, layout::ITEM, fault))?;
        let summary =
            format!("artifact {name} {}", if present.contains_key(&path) { "replaced" } else { "added" });
        let none: &[(Ulid, Kind)] = &[];
        let proposal = Proposal {
            edits: vec![edit(&id, layout::ITEM, item), edit(&id, &path, bytes)],
            subject: format!("{id}: {summary}"),
            trailers: trailers([(&id, none)]),
            actor: stamp.actor,
            millis: stamp.millis,
        };
        let (title, state) = (stored.ticket.title, stored.ticket.state);
        let echo =
            Echo { id, title, state, summary, events: Vec::new(), commit: None, unblocked: Vec::new() };
        Ok(Judged::Publish(proposal, echo))
    };
    let (mut echo, commit) = session.store.publish(session.host, judge)?;
    echo.commit = commit;
    Ok(echo)
}

/// The content of an artifact; relations and plan can be read this way too.
///
/// # Errors
/// When there is no such ticket or artifact.
pub fn get(session: &Session, typed: &str, name: &str) -> anyhow::Result<Vec<u8>> {
    let snapshot = session.snapshot()?;
    let files = resolve::resolve(&session.store, &snapshot, typed)?;
    let bytes = snapshot.read(&files, &format!("{}{name}", layout::ARTIFACTS))?;
    Ok(bytes.ok_or_else(|| Problem::NoArtifact { id: files.id, name: name.to_owned() })?)
}

/// The names of a ticket's artifacts and their sizes in bytes, relations and plan included.
///
/// # Errors
/// When there is no such ticket.
pub fn list(session: &Session, typed: &str) -> anyhow::Result<BTreeMap<String, u64>> {
    let snapshot = session.snapshot()?;
    let files = resolve::resolve(&session.store, &snapshot, typed)?;
    let names = snapshot.names(&files)?.into_iter();
    let artifacts =
        names.filter_map(|(name, size)| Some((name.strip_prefix(layout::ARTIFACTS)?.to_owned(), size)));
    let hidden = [layout::GITKEEP, layout::NO_GITKEEP].map(|name| name.trim_start_matches(layout::ARTIFACTS));
    Ok(artifacts.filter(|(name, _)| !hidden.contains(&name.as_str())).collect())
}
