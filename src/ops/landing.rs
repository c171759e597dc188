//! Finding landings and recording them: how a ticket moves on when its work reaches a target branch.
//!
//! Where each target branch stood is remembered; what came since is looked at once. Events are recorded
//! first and the place after that: whoever is interrupted finds the same again and writes the same bytes.

use std::collections::BTreeSet;

use crate::format::{layout, thread};
use crate::model::commit::{self, ticket_of_branch};
use crate::model::event::Kind;
use crate::model::id::TicketId;
use crate::model::landing::record;
use crate::model::rule::landing::{self, Derivation, Discovery, Finding};
use crate::model::state::State;
use crate::store::cursor::Cursors;
use crate::store::snapshot::{Files, Snapshot};

use super::problem::count;
use super::relations;
use super::session::Session;
use super::stored::{self, Stored};

mod look_back;
mod publish;
mod scan;
mod targets;
mod works;

pub use look_back::{LookedBack, look_back};
pub use targets::{Target, targets, without_target};
pub use works::{Snapped, record_work};

/// How much may be spent on looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// The most commits whose differences are hashed.
    pub patch_ids: usize,
    /// Whether merges are tried out.
    pub merges: bool,
    /// The most tickets that are looked at.
    pub tickets: usize,
}

impl Effort {
    /// What a command spends.
    pub const COMMAND: Effort = Effort { patch_ids: 2000, merges: true, tickets: usize::MAX };
    /// What a hook spends: what takes longer is left for the next command.
    pub const HOOK: Effort = Effort { patch_ids: 10, merges: false, tickets: 200 };
}

/// Something that was found and what it did to a ticket.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was found.
    pub finding: Finding,
    /// The ticket's title.
    pub title: String,
    /// Where it stood.
    pub from: State,
    /// What is written.
    pub derivation: Derivation,
    /// Tickets that can go on now, with their titles.
    pub unblocked: Vec<(TicketId, String)>,
}

/// What a look at the target branches brought.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    /// What was found, in the order in which it happened.
    pub entries: Vec<Entry>,
    /// Whether nothing was left for later.
    pub is_complete: bool,
    /// How many commits were looked at.
    pub commits: usize,
}

/// Looks at what came to the target branches since the last look, and records what it means for tickets. With
/// `is_dry` nothing is written.
///
/// # Errors
/// When the repository can't be read, or something was found and can't be written.
pub fn catch_up(session: &Session, effort: Effort, is_dry: bool) -> anyhow::Result<Looked> {
    let store = &session.store;
    let snapshot = store.snapshot()?;
    let nothing = Looked { is_complete: true, ..Looked::default() };
    if !snapshot.exists() || !session.can_write() {
        return Ok(nothing);
    }
    let mut cursors = store.cursors();
    let targets = targets(session)?;
    // A commit that was looked at has the tree that was looked at.
    let tree = match cursors.tip == snapshot.tip() {
        true => cursors.tree.clone(),
        false => store.tickets_tree(&snapshot),
    };
    let is_at_rest = |(name, tip): &(String, String)| cursors.refs.get(name) == Some(tip);
    if cursors.tree == tree && targets.iter().flat_map(|target| &target.refs).all(is_at_rest) {
        return Ok(nothing);
    }
    let fresh = renew(session, &snapshot, &mut cursors)?;
    (cursors.tree, cursors.tip) = (tree, snapshot.tip());
    let scanned = scan::scan(session, &snapshot, &targets, &cursors, &fresh, effort)?;
    let looked = Looked { entries: Vec::new(), is_complete: scanned.is_complete, commits: scanned.commits };
    if is_dry {
        return Ok(Looked { entries: scanned.entries, ..looked });
    }
    let entries = publish::publish(session, scanned.entries)?;
    if scanned.is_complete {
        // What was merged of remotes stays remembered beside it.
        cursors.refs.retain(|name, _| name.starts_with(crate::store::unite::FETCHED));
        cursors.refs.extend(targets.into_iter().flat_map(|target| target.refs));
        // What can't be remembered is looked at again.
        let _ = store.keep_cursors(&cursors);
    }
    Ok(Looked { entries, ..looked })
}

/// Brings the set of tickets with open work up to date; gives those whose recorded work is new.
fn renew(
    session: &Session,
    snapshot: &Snapshot,
    cursors: &mut Cursors,
) -> anyhow::Result<BTreeSet<TicketId>> {
    let touched = cursors.tree.as_ref().and_then(|tree| session.store.touched_since(tree, snapshot));
    let Some(touched) = touched else {
        let all = snapshot.with_work()?;
        let open = all.iter().filter(|files| is_open(snapshot, files.id));
        cursors.working = open.map(|files| files.id).collect();
        return Ok(BTreeSet::new());
    };
    let ids: Vec<TicketId> = touched.states.union(&touched.works).copied().collect();
    let working = &cursors.working;
    let is_working = |snapshot: &Snapshot, id: &TicketId| {
        let has_traces = |files: &Files| works::has_recorded(snapshot, files) || has_landed(snapshot, files);
        let has_work = touched.works.contains(id) || working.contains(id);
        let has_work = has_work || touched.files.get(id).is_some_and(has_traces);
        Ok(has_work && is_open(snapshot, *id))
    };
    let found = snapshot.each_of(&ids, is_working)?;
    for (id, is_working) in ids.into_iter().zip(found) {
        match is_working {
            true => cursors.working.insert(id),
            false => cursors.working.remove(&id),
        };
    }
    Ok(touched.works.intersection(&cursors.working).copied().collect())
}

/// Whether a ticket's thread tells of landings: they may go away and come back.
fn has_landed(snapshot: &Snapshot, files: &Files) -> bool {
    let text = stored::text(snapshot, files, layout::THREAD).ok().flatten().unwrap_or_default();
    // Most threads don't have the word, and parsing takes longer than looking for it.
    text.contains(Kind::Land.word()) && !record::records(&thread::events(&text)).is_empty()
}

fn is_open(snapshot: &Snapshot, id: TicketId) -> bool {
    relations::state(snapshot, &id).is_some_and(|state| state != State::Closed)
}

/// Applies a finding to a ticket as it would stand after it; `None` when its thread says it already.
fn apply(
    session: &Session,
    snapshot: &Snapshot,
    stored: &mut Stored,
    finding: &Finding,
) -> anyhow::Result<Option<Entry>> {
    let policy = session.settings.policy;
    let mut failed = None;
    let derivation = landing::derive(&stored.ticket, &stored.events, finding, policy, || {
        let id = stored.files.id;
        let found =
            relations::touching(session, snapshot, id).map(|all| relations::blockers(snapshot, id, &all));
        found.unwrap_or_else(|error| {
            failed = Some(error);
            Vec::new()
        })
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let Some(derivation) = derivation else { return Ok(None) };
    let from = stored.ticket.state;
    stored.thread_text = thread::append_derived(&stored.thread_text, &derivation.events);
    stored.events = thread::events(&stored.thread_text);
    stored.ticket.state = derivation.state.unwrap_or(from);
    let discovery = derivation.discovery.clone().unwrap_or_else(|| finding.discovery.clone());
    Ok(Some(Entry {
        finding: Finding { discovery, ..finding.clone() },
        title: stored.ticket.title.clone(),
        from,
        derivation,
        unblocked: Vec::new(),
    }))
}

/// Whether a branch's name holds a ticket's id.
pub fn names_ticket(branch: &str) -> bool {
    ticket_of_branch(branch).is_some()
}

/// Gives up what is being written: whoever ends the process now leaves no lock behind.
pub fn abandon() {
    crate::store::abandon();
}

impl Entry {
    /// What happened, in words.
    pub fn sentence(&self) -> String {
        let finding = &self.finding;
        let target = &finding.target;
        let by = commit::short(&finding.commit);
        let what = match &finding.discovery {
            Discovery::Land(brought) => {
                format!("landed on {target} with {by} ({}, {})", finding.how, count(brought.len(), "commit"))
            }
            Discovery::Revert(_) => format!("reverted on {target} by {by}"),
            Discovery::Reland(_) => format!("landed again on {target} with {by}"),
            Discovery::Unland(_) => format!("its landing {by} vanished from {target}"),
            Discovery::Link => format!("{by} is its commit"),
        };
        if let Some(guess) = finding.guess {
            return format!("{what}; {} confidence: {}", guess.confidence, guess.signal);
        }
        match (self.derivation.state, self.derivation.held_back) {
            (Some(to), _) => format!("{what}; {} -> {to}", self.from),
            (None, Some(held_back)) => format!("{what}; still {}: {}", self.from, held_back.words()),
            (None, None) => what,
        }
    }
}

/// A ticket that can be read; what can't be is left alone, `doctor` names it.
fn readable(snapshot: &Snapshot, id: &TicketId) -> Option<Stored> {
    let files = snapshot.ticket(id).ok()??;
    stored::read(snapshot, &files).ok()
}
