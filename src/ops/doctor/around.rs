//! What lies around the tickets and follows from them or from setting up: hooks, settings of remotes, the index, the
//! cursors. No remote is asked.

use super::findings::Findings;
use super::remotes;
use crate::index::check;
use crate::model::query::Query;
use crate::model::relation::Relation;
use crate::model::state::State;
use crate::ops::session::Session;
use crate::ops::{stored, survey};
use crate::store::hooks::{Hook, How};
use crate::store::snapshot::Snapshot;

/// Looks at hooks, remotes and cursors.
///
/// # Errors
/// When git can't be asked.
pub(super) fn check(session: &Session, findings: &mut Findings) -> anyhow::Result<()> {
    hooks(session, findings);
    remotes::settings(session, findings)?;
    if let Some(why) = session.store.cursors_fault() {
        findings.on_ref(None).warning("damaged_cursors", None, why);
    }
    Ok(())
}

/// Hooks that were put in and are gone, damaged or old. Whoever never had any is told nothing; nor is who switched
/// them off.
fn hooks(session: &Session, findings: &mut Findings) {
    // A git that can't be asked about hooks has none of ours.
    let Ok(hooks) = session.store.hooks(session.host) else { return };
    let is_there = |hook: &Hook| matches!(hook.how, How::Config | How::File | How::Outdated | How::Damaged);
    let were_installed = session.store.hooks_were_installed() || hooks.iter().any(is_there);
    let mut out = findings.on_ref(None);
    for hook in hooks {
        let why = hook.why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let (name, place) = (hook.event.name(), hook.place.escape_debug().to_string());
        match hook.how {
            How::Missing if were_installed => {
                out.warning("missing_hook", None, format!("the hook {name} is gone from '{place}'{why}"));
            }
            How::Damaged => {
                out.warning("damaged_hook", None, format!("git can't run the hook {name} in '{place}'{why}"));
            }
            How::Outdated => {
                let why = format!("the hook {name} in '{place}' is of another version{why}");
                out.warning("outdated_hook", None, why);
            }
            How::Missing | How::Config | How::File | How::Manual | How::Off | How::Removed | How::Failed => {}
        }
    }
}

/// Whether the index is sound and says what the tickets say. One of another version of the tickets is brought up
/// to date by whoever asks it.
pub(super) fn index(session: &Session, snapshot: &Snapshot, findings: &mut Findings) {
    let mut out = findings.on_ref(None);
    for (what, path) in check::files(&session.store) {
        if let Some(why) = check::damage(&path) {
            out.warning("damaged_index", None, format!("{what} is damaged: {why}"));
            return;
        }
    }
    let all = Query::in_states(&State::ALL);
    let Some((known, relations)) = check::content(&session.store, snapshot, &all) else { return };
    let Ok(read) = survey::from_snapshot(snapshot, &all) else { return };
    let is_same = known.tickets == read.tickets && known.unreadable.len() == read.unreadable.len();
    let files = snapshot.with_artifacts().unwrap_or_default();
    let read_relations =
        files.iter().flat_map(|files| stored::relations(snapshot, files).unwrap_or_default());
    let relations = in_order(relations) == in_order(read_relations.collect());
    // A folder that can't be read is another matter.
    if read.damaged.is_empty() && !(is_same && relations) {
        let why = "index.db says other things than the tickets".to_owned();
        out.warning("damaged_index", None, why);
    }
}

fn in_order(mut relations: Vec<Relation>) -> Vec<Relation> {
    relations.sort_by_key(|one| (one.ticket_id, one.kind, one.target, one.at.clone()));
    relations
}
