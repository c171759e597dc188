//! Free artifacts: files kept with a ticket.

use std::collections::BTreeMap;

use crate::format::layout;
use crate::model::change::Change;
use crate::model::limit;
use crate::model::refusal::Refusal;

use super::session::{Echo, Session};
use super::{Problem, resolve};

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
    session.change(typed, |snapshot, stored, _| {
        let id = stored.files.id;
        let present = snapshot.names(&stored.files)?;
        if let Some(other) = present.keys().find(|other| clashes(other, &path)) {
            let other = other.trim_start_matches(layout::ARTIFACTS).to_owned();
            return Err(Refusal::ArtifactClash { id, name: name.to_owned(), other }.into());
        }
        let is_there = present.contains_key(&path);
        if is_there && !replace {
            return Err(Refusal::ArtifactExists { id, name: name.to_owned() }.into());
        }
        if snapshot.read(&stored.files, &path)?.as_deref() == Some(bytes) {
            return Err(Refusal::NothingToChange { id }.into());
        }
        let done = if is_there { "replaced" } else { "added" };
        Ok(Change {
            artifact: Some((name.to_owned(), bytes.to_vec())),
            summary: format!("artifact {name} {done}"),
            ..Change::default()
        })
    })
}

/// Whether two names can't stand side by side everywhere: they differ in case only, or one is a folder
/// where the other is a file.
fn clashes(other: &str, path: &str) -> bool {
    let (left, right) = (other.to_lowercase(), path.to_lowercase());
    let is_below = left.starts_with(&format!("{right}/")) || right.starts_with(&format!("{left}/"));
    other != path && (left == right || is_below)
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
