//! How commits come to name their ticket, and how the first of them starts it.

use std::path::Path;

use crate::format::message;
use crate::model::commit::ticket_of_branch;
use crate::model::id::{Suffix, TicketId};
use crate::model::state::State;
use crate::model::text::trim_blank_lines;
use crate::store::snapshot::Snapshot;

use super::session::{Echo, Session};
use super::transition::{self, Request};
use super::{landing, relations};

/// What was done to a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// Tickets whose trailer was added.
    pub added: Vec<TicketId>,
    /// What the message names as tickets, and is none here.
    pub unknown: Vec<Unknown>,
}

/// A name that stands for no ticket here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// As it was typed.
    pub name: String,
    /// The ticket whose id ends like that: only whole ids are found again.
    pub meant: Option<TicketId>,
}

/// Adds a trailer for the branch's ticket to the message in a file, and those of commits that are squashed.
///
/// A message that git would refuse as empty or unchanged stays as it is, so that git still refuses it; so do
/// those of merges, and of commits that are to be squashed into others.
///
/// # Errors
/// When the file can't be read or written.
pub fn name_tickets(session: &Session, file: &Path) -> anyhow::Result<Named> {
    let store = &session.store;
    let trailer = session.settings.trailer.as_str();
    let bytes = std::fs::read(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let comment = store.setting("core.commentString").or_else(|| store.setting("core.commentChar"));
    // With `auto` git takes another one only where the message itself has lines that begin with this.
    let comment = comment.filter(|comment| comment != "auto");
    // Without an editor git takes every line for text.
    let written = match session.host.var("GIT_EDITOR") {
        Some(":") => trim_blank_lines(&text).to_owned(),
        _ => message::without_comments(&text, comment.as_deref().unwrap_or("#")),
    };
    let snapshot = session.snapshot()?;
    let unknown = unknown(&snapshot, &written, trailer)?;
    let mut named = Named { added: Vec::new(), unknown };
    if !is_own_message(session, &written) {
        return Ok(named);
    }
    let present = message::read(&written, trailer).tickets;
    named.added = wanted(session, &snapshot)?.into_iter().filter(|id| !present.contains(id)).collect();
    if !named.added.is_empty() {
        let trailers: Vec<String> = named.added.iter().map(|id| format!("{trailer}: {id}")).collect();
        store.add_trailers(file, &trailers)?;
        for id in &named.added {
            if snapshot.ticket(id)?.is_none() {
                named.unknown.push(Unknown { name: id.to_string(), meant: None });
            }
        }
    }
    Ok(named)
}

/// Whether somebody wrote this message for a commit of its own.
fn is_own_message(session: &Session, written: &str) -> bool {
    let store = &session.store;
    let subject = message::subject(written);
    let is_passing = ["fixup!", "squash!", "amend!"].iter().any(|word| subject.starts_with(word));
    let template = store.setting("commit.template").and_then(|path| store.template(&path));
    let is_template = template.is_some_and(|template| message::without_comments(&template, "#") == written);
    !written.is_empty() && !is_passing && !is_template && !store.is_merging()
}

/// The tickets the next commit belongs to: that of the branch, and those of commits it squashes.
fn wanted(session: &Session, snapshot: &Snapshot) -> anyhow::Result<Vec<TicketId>> {
    let mut found: Vec<TicketId> = branch_ticket(session, snapshot)?.into_iter().collect();
    if let Some(squashed) = session.store.squash_message() {
        for id in message::read(&squashed, &session.settings.trailer).tickets {
            if !found.contains(&id) {
                found.push(id);
            }
        }
    }
    Ok(found)
}

/// The ticket of the branch that is checked out: one that is here, or that a branch of the configured form
/// names.
fn branch_ticket(session: &Session, snapshot: &Snapshot) -> anyhow::Result<Option<TicketId>> {
    let Some(branch) = session.store.branch() else { return Ok(None) };
    let Some(id) = ticket_of_branch(&branch) else { return Ok(None) };
    if landing::targets(session)?.iter().any(|target| target.name == branch) {
        return Ok(None);
    }
    let template = &session.settings.branch_template;
    let start = template.split_once("{id}").map_or("", |(start, _)| start);
    let is_formed = !start.is_empty() && branch.starts_with(start);
    Ok(Some(id).filter(|id| is_formed || matches!(snapshot.ticket(id), Ok(Some(_)))))
}

/// What a message names as tickets, and is none here.
fn unknown(snapshot: &Snapshot, written: &str, trailer: &str) -> anyhow::Result<Vec<Unknown>> {
    let mentions = message::read(written, trailer);
    let mut found = Vec::new();
    for id in mentions.tickets.iter().chain(&mentions.closes) {
        if snapshot.ticket(id)?.is_none() {
            found.push(Unknown { name: id.to_string(), meant: None });
        }
    }
    for name in message::strange_names(written, trailer) {
        // Somebody typed the end of an id: the whole one is what others will find.
        let ending = Suffix::parse(&name).ok().map(|suffix| snapshot.ending(&suffix)).transpose()?;
        let meant = match ending.unwrap_or_default().as_slice() {
            [one] => Some(one.id),
            _ => None,
        };
        found.push(Unknown { name, meant });
    }
    Ok(found)
}

/// Moves the branch's ticket from queued to inprogress. Gives nothing when there is no such ticket.
///
/// # Errors
/// When a gate refuses the move, or the repository can't be written.
pub fn start_by_commit(session: &Session) -> anyhow::Result<Option<Echo>> {
    let Some(branch) = session.store.branch() else { return Ok(None) };
    let Some(id) = ticket_of_branch(&branch) else { return Ok(None) };
    let snapshot = session.snapshot()?;
    if relations::state(&snapshot, &id) != Some(State::Queued) {
        return Ok(None);
    }
    if landing::targets(session)?.iter().any(|target| target.name == branch) {
        return Ok(None);
    }
    let expected = Some(State::Queued);
    let request = Request { to: State::InProgress, expected, only_from: expected, words: None, takes: true };
    transition::make_move(session, id.as_str(), &request).map(Some)
}
