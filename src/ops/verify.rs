//! Whether the history of the tickets is sound, and who signed what was said.
//!
//! The history is walked commit by commit, as a server's guard would look at a push of all of it: nothing that
//! only grows may be gone against any parent, an event is by the author of its commit, a merge is the one that
//! git-yoi makes of its parents. Signatures are told event by event.

use std::collections::BTreeMap;

use ulid::Ulid;

use crate::format::message;
use crate::model::commit::Commit;
use crate::model::id::TicketId;
use crate::store::StoreError;
use crate::store::graph::Limit;
use crate::store::signature::{Signature, Verdict};
use crate::store::verify::Step;

use super::guard::{self, Policy};
use super::session::Session;

/// More commits than any history has, as git counts them.
const ALL: usize = 2_000_000_000;

/// An event, and who stands for it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The ticket.
    pub ticket: TicketId,
    /// Its id; events of older tools have none.
    pub event: Option<Ulid>,
    /// Its kind.
    pub kind: String,
    /// The commit that brought it; none for what was imported, and what no commit brought as it says.
    pub commit: Option<String>,
    /// Who is said to have written it: the author of the commit, else of the event.
    pub author: String,
    /// `good`, `other` (a good signature, not of the author), `unsigned`, `unknown`, `bad`, `expired`, `revoked`,
    /// `unchecked`, or `unnamed` where no commit names it.
    pub status: &'static str,
    /// Whose key it is.
    pub signer: Option<String>,
}

impl Row {
    /// Whether somebody should look: a signature that is there and doesn't hold.
    pub fn is_bad(&self) -> bool {
        matches!(self.status, "other" | "bad" | "revoked")
    }
}

/// A commit that honest tools don't make.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The commit.
    pub commit: String,
    /// The ticket it is about, where it is about one.
    pub ticket: Option<TicketId>,
    /// What is wrong.
    pub why: String,
}

/// What a walk through the whole history found.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    /// How many commits there are.
    pub commits: usize,
    /// What is wrong, the oldest first.
    pub faults: Vec<Fault>,
}

/// Walks the whole history of the tickets. New tickets may come with events of anybody, as imports do.
///
/// # Errors
/// When the history can't be read.
pub fn walk(session: &Session, progress: &mut dyn FnMut(usize, usize)) -> anyhow::Result<Walk> {
    session.snapshot()?;
    let policy = Policy { allow_import: true, ..Policy::default() };
    let mut judge = |step: &Step| guard::fault(step, &policy).map_or(Ok(()), Err);
    let (found, commits) = session.store.verify_history(&mut judge, progress)?;
    let fault = |error| match error {
        StoreError::BadCommit { commit, id, why } => Some(Fault { commit, ticket: id, why }),
        _ => None,
    };
    Ok(Walk { commits, faults: found.into_iter().filter_map(fault).collect() })
}

/// An event that commits name.
type Name = (TicketId, Ulid);

/// The events that commits name, with their kinds; and for each the commit that brought it.
type Named<'c> = (Vec<(Name, String)>, BTreeMap<Name, &'c Commit>);

/// The events of a ticket in the order of its thread, or those that all commits name, the oldest first.
///
/// # Errors
/// When there is no such ticket, or the history can't be read.
pub fn verify(session: &Session, typed: Option<&str>) -> anyhow::Result<Vec<Row>> {
    let snapshot = session.snapshot()?;
    let ticket = typed.map(|typed| session.find(&snapshot, typed)).transpose()?;
    let only = ticket.as_ref().map(|ticket| ticket.files.id);
    let tip = snapshot.tip().unwrap_or_default();
    let limit = Limit { most: ALL, since: None };
    let range = session.store.range(&[&tip], &[], limit, &session.settings.trailer)?;
    let (order, commits) = named(session, &range.commits, only)?;
    let ids: Vec<String> = commits.values().map(|commit| commit.id.clone()).collect();
    let signatures = session.store.signatures(&ids, None)?;
    let row = |ticket, event: Option<Ulid>, kind: &str, author: &str| {
        let commit = event.and_then(|event| commits.get(&(ticket, event)));
        let signature = commit.and_then(|commit| signatures.get(&commit.id));
        Row {
            ticket,
            event,
            kind: kind.to_owned(),
            commit: commit.map(|commit| commit.id.clone()),
            author: commit.map_or(author, |commit| &commit.author).to_owned(),
            status: commit.map_or("unnamed", |_| status(signature)),
            signer: signature.map(|signature| signature.signer.clone()).filter(|signer| !signer.is_empty()),
        }
    };
    Ok(match ticket {
        Some(ticket) => {
            let id = ticket.files.id;
            let events = ticket.events.iter();
            events.map(|event| row(id, event.id, event.kind.word(), &event.author)).collect()
        }
        None => order.iter().map(|((id, event), kind)| row(*id, Some(*event), kind, "")).collect(),
    })
}

/// The events that commits name, the oldest first; and for each the commit that brought it. A name alone proves
/// nothing.
fn named<'c>(session: &Session, commits: &'c [Commit], only: Option<TicketId>) -> anyhow::Result<Named<'c>> {
    let (mut order, mut found) = (Vec::new(), BTreeMap::new());
    for commit in commits.iter().rev() {
        for (id, event, kind) in message::events(&commit.message) {
            let name = (id, event);
            if only.is_some_and(|only| only != id) || found.contains_key(&name) {
                continue;
            }
            let words = format!("id: {event}");
            if session.store.brought(&commit.id, &commit.parents, &id, &words)? {
                found.insert(name, commit);
                order.push((name, kind));
            }
        }
    }
    Ok((order, found))
}

fn status(signature: Option<&Signature>) -> &'static str {
    match signature {
        None => Verdict::Unchecked.word(),
        Some(signature) if signature.verdict == Verdict::Good && !signature.is_of_author() => "other",
        Some(signature) => signature.verdict.word(),
    }
}
