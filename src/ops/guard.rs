//! The guard of a server: what may be pushed to the tickets' ref.
//!
//! `store` looks at each new commit: well-formed, and nothing lost that only grows. Here is who may say what:
//! an event has the author of the commit that brings it, and a signature, where one is asked for, is the
//! author's. What git-yoi derives has nobody's signature; it is held to what can be derived.

use std::path::PathBuf;

use crate::format::item;
use crate::format::layout;
use crate::host::Host;
use crate::model::claim;
use crate::model::commit::short;
use crate::model::derived::AUTHOR;
use crate::model::event::{Event, Kind};
use crate::model::id::TicketId;
use crate::model::ticket::Ticket;
use crate::store::incoming::{self, Barred, Incoming, Update};
use crate::store::signature::Verdict;
use crate::store::verify::{Gain, Step};
use crate::store::{StoreError, probe};

/// The refs that are ours to guard.
const OURS: &str = "refs/yoi/";

/// The kinds of events that follow from commits of the code, and name one. Besides these a `claim` follows from
/// the claim that it accepts.
const DERIVED: [Kind; 6] =
    [Kind::Land, Kind::Revert, Kind::Reland, Kind::Unland, Kind::StateChanged, Kind::CommitLink];

/// What a server asks for.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// New tickets may come with events of others.
    pub allow_import: bool,
    /// Every commit of a person is signed by its author.
    pub require_signed: bool,
    /// A file of allowed signers in place of the one git is set up with.
    pub allowed_signers: Option<PathBuf>,
    /// The most commits of one push.
    pub most: usize,
}

/// Says why a push may not come in; nothing when it may. Refs of others are no business of ours.
///
/// # Errors
/// When what is pushed can't be looked at.
pub fn refusal(host: &Host, updates: &[Update], policy: &Policy) -> anyhow::Result<Option<String>> {
    let place = incoming::reference(host)?;
    let is_ours = |update: &&Update| update.reference.starts_with(OURS) || update.reference == place;
    let ours: Vec<&Update> = updates.iter().filter(is_ours).collect();
    if ours.is_empty() {
        return Ok(None);
    }
    let incoming = Incoming::open(host)?;
    let (tickets, others): (Vec<_>, Vec<_>) = ours.into_iter().partition(|one| one.reference == place);
    if let Some(other) = others.iter().find(|one| !probe::is_harmless(&incoming.store, one)) {
        let name = other.reference.escape_debug();
        return Ok(Some(format!("{name} is a ref of one clone; {place} alone is pushed")));
    }
    for update in tickets {
        if let Some(why) = examine(&incoming, update, policy)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

fn examine(incoming: &Incoming, update: &Update, policy: &Policy) -> anyhow::Result<Option<String>> {
    let mut signed = Vec::new();
    let mut judge = |step: &Step| {
        let fault = fault(step, policy);
        if !step.is_own_merge && !step.is_derived() {
            signed.push(step.commit.clone());
        }
        fault.map_or(Ok(()), Err)
    };
    let barred = match incoming.examine(update, policy.most, &mut judge) {
        Ok(barred) => barred,
        Err(error @ StoreError::BadCommit { .. }) => return Ok(Some(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    if let Some(barred) = barred {
        return Ok(Some(match barred {
            Barred::Deleted => format!("{} is not deleted", update.reference),
            Barred::NoCommit => format!("{} would point at no commit", update.reference),
            Barred::Rewound => "it lacks tickets that are here; fetch and merge them first".to_owned(),
            Barred::TooMany(most) => format!("more than {most} commits at once"),
        }));
    }
    if !policy.require_signed {
        return Ok(None);
    }
    let found = incoming.store.signatures(&signed, policy.allowed_signers.as_deref())?;
    let mut faults = signed.iter().filter_map(|commit| {
        let signature = found.get(commit);
        let why = match signature {
            Some(signature) if signature.is_of_author() => return None,
            None => "its signature can't be checked".to_owned(),
            Some(signature) => match signature.verdict {
                Verdict::Unsigned => "it is not signed".to_owned(),
                Verdict::Good => {
                    format!("{} signed what {} is the author of", signature.signer, signature.mail)
                }
                Verdict::Unknown => "it is signed with a key that is not known here".to_owned(),
                Verdict::Unchecked => "its signature can't be checked here".to_owned(),
                other => format!("its signature is {}", other.word()),
            },
        };
        Some(format!("commit {}: {why}", short(commit)))
    });
    Ok(faults.next())
}

/// Why a commit is not what its author may make; with the ticket it is about.
pub(super) fn fault(step: &Step, policy: &Policy) -> Option<(Option<TicketId>, String)> {
    if step.is_own_merge {
        return None;
    }
    if step.is_derived() {
        return derived_fault(step);
    }
    if step.author.0 == AUTHOR {
        return Some((None, format!("{AUTHOR} is nobody's name")));
    }
    let is_import = policy.allow_import && step.tickets.values().all(|gain| gain.is_new);
    step.tickets.iter().find_map(|(id, gain)| {
        let why = if !gain.is_whole {
            Some(format!("{} or {} is missing", layout::ITEM, layout::THREAD))
        } else if is_import {
            None
        } else {
            gain.events.iter().find_map(|event| event_fault(step, event))
        };
        Some((Some(*id), why?))
    })
}

fn event_fault(step: &Step, event: &Event) -> Option<String> {
    let (kind, author) = (event.kind.word().escape_debug(), event.author.escape_debug());
    let Some(id) = event.id else {
        return Some(format!("the event '{kind}' has no id; --allow-import lets tickets of others in"));
    };
    if event.moment().is_none() {
        return Some(format!("the event {id} has no time"));
    }
    let committer = step.author.0.escape_debug();
    (!step.is_by(&event.author))
        .then(|| format!("the event {id} is by '{author}', and the commit by '{committer}'"))
}

/// Why a commit that git-yoi is the author of can't have been derived.
fn derived_fault(step: &Step) -> Option<(Option<TicketId>, String)> {
    if step.parents != 1 {
        return Some((None, "it is not the merge that git-yoi makes of its parents".to_owned()));
    }
    if step.changes_top {
        return Some((None, "git-yoi derives nothing but events of tickets".to_owned()));
    }
    step.tickets.iter().find_map(|(id, gain)| Some((Some(*id), underived(id, gain)?)))
}

fn underived(id: &TicketId, gain: &Gain) -> Option<String> {
    let is_ours = |name: &String| [layout::ITEM, layout::THREAD].contains(&name.as_str());
    if gain.is_new || !gain.names.iter().all(is_ours) {
        return Some("git-yoi derives nothing but events and states".to_owned());
    }
    let is_derived = |event: &Event| {
        let from_code = DERIVED.contains(&event.kind) && event.attribute("commit").is_some();
        let is_kind = from_code || claim::is_acceptance(id, event);
        let is_timed = event.id.zip(event.moment()).is_some_and(|(id, at)| {
            i64::try_from(id.timestamp_ms() / 1000).is_ok_and(|seconds| seconds == at.seconds())
        });
        is_kind && is_timed && event.author == AUTHOR
    };
    if let Some(event) = gain.events.iter().find(|event| !is_derived(event)) {
        let kind = event.kind.word().escape_debug();
        return Some(format!("an event '{kind}' like this is not derived"));
    }
    let (before, after) = gain.item.as_ref()?;
    if gain.events.iter().all(|event| event.kind == Kind::Claim) && !gain.events.is_empty() {
        return Some("git-yoi changes no field when it accepts a claim".to_owned());
    }
    let read = |bytes: &[u8]| -> Option<Ticket> {
        let text = std::str::from_utf8(bytes).ok()?;
        Some(item::parse(*id, text).ok()?.ticket)
    };
    let (before, mut after) = (before.as_deref().and_then(read), read(after));
    if let (Some(before), Some(after)) = (&before, &mut after) {
        (after.state, after.updated_at) = (before.state, before.updated_at);
    }
    let is_other = before != after || gain.events.is_empty();
    is_other.then(|| "git-yoi derives no other fields than state and updated_at".to_owned())
}
