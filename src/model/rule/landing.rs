//! What is written when landings, reverts and the like are found.
//!
//! These events are derived: everything in them comes from the commits involved, so whoever derives them
//! writes the same bytes. They are in English whatever the project's language, for the same reason.

use ulid::Ulid;

use super::moves::{Policy, holds_back, moved};
use super::{
    Blocker, Change, Draft, Event, Field, Heading, Kind, State, Text, Ticket, TicketId, Value, Verdict,
    commit, thread,
};
use crate::model::derived;
use crate::model::landing::record::{self, LANDING, Record};
use crate::model::moment::Moment;

/// The most commits a `land` event lists; the rest is counted.
const MOST_LINES: usize = 200;

/// What was found out about a ticket's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discovery {
    /// It reached the target branch; the commits it brought, as short ids and subjects.
    Land(Vec<(String, String)>),
    /// The landing of this commit was reverted.
    Revert(String),
    /// The landing of this commit, reverted before, was brought back.
    Reland(String),
    /// The landing of this commit vanished from the target branch.
    Unland(String),
    /// A commit is the ticket's; no landing brought it.
    Link,
}

/// Something found out, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The ticket.
    pub ticket: TicketId,
    /// What was found out.
    pub discovery: Discovery,
    /// The target branch.
    pub target: String,
    /// Whether it is the target branch that decides about the state.
    pub is_first_target: bool,
    /// The full id of the commit that did it.
    pub commit: String,
    /// Its subject.
    pub subject: String,
    /// When it was committed, in seconds since 1970-01-01T00:00:00Z.
    pub committed: i64,
    /// How it was found out.
    pub how: String,
    /// What it was guessed from, for what was found in a history that was written without this program.
    pub guess: Option<Guess>,
}

/// What a finding in old history comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guess {
    /// How sure it is: `high` or `low`.
    pub confidence: &'static str,
    /// The sign that led to it.
    pub signal: &'static str,
}

/// An event that every clone derives alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// What it says.
    pub draft: Draft,
    /// Its id.
    pub id: Ulid,
    /// Its time.
    pub at: Moment,
}

/// What a finding changes in a ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Derivation {
    /// What the finding is for this thread: a landing may be one that comes back.
    pub discovery: Option<Discovery>,
    /// The events to append, in order.
    pub events: Vec<Derived>,
    /// The state the ticket then has.
    pub state: Option<State>,
    /// Why the state stays as it is although the work landed.
    pub held_back: Option<HeldBack>,
}

/// Why landed work doesn't make a ticket done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// The project wants an approving review, and the last one is none.
    Review,
    /// Other tickets have to be done first.
    Blocked,
    /// Nobody put it into the queue.
    NotQueued,
}

impl HeldBack {
    /// What has to be done, in words.
    pub fn words(self) -> &'static str {
        match self {
            HeldBack::Review => "the last review has to approve first",
            HeldBack::Blocked => "tickets it waits for are not done",
            HeldBack::NotQueued => "it was never started",
        }
    }
}

/// The events a finding adds to a ticket; `None` when the thread says it already.
///
/// `blockers` is asked only for a ticket that is still queued.
pub fn derive(
    ticket: &Ticket,
    events: &[Event],
    finding: &Finding,
    policy: Policy,
    blockers: impl FnOnce() -> Vec<Blocker>,
) -> Option<Derivation> {
    let records = record::records(events);
    let (finding, kind) = settle(finding, events, &records)?;
    let draft = draft(&finding, kind.clone());
    let mut derivation = Derivation { discovery: Some(finding.discovery.clone()), ..Derivation::default() };
    let steps = steps(ticket, events, &finding, policy, &records, blockers);
    let moves = match steps {
        Ok(moves) => moves,
        Err(held_back) => {
            derivation.held_back = held_back;
            Vec::new()
        }
    };
    // What was guessed and what was seen are two events, should both ever be written.
    let how = if finding.guess.is_some() { format!("{} guess", finding.how) } else { finding.how.clone() };
    derivation.events.push(derive_event(&finding, draft, kind.word(), &how, 0));
    for (offset, (from, to, reason)) in (1..).zip(moves) {
        let event = moved(from, to, reason, Text::Became(to)).with("commit", finding.commit.as_str());
        derivation.events.push(derive_event(&finding, event, Kind::StateChanged.word(), reason, offset));
        derivation.state = Some(to);
    }
    Some(derivation)
}

/// What the finding is for this thread: nothing new, itself, or a landing that comes back.
fn settle(finding: &Finding, events: &[Event], records: &[Record]) -> Option<(Finding, Kind)> {
    let of = |record: &&Record, commit: &str| record.target == finding.target && record.commit == commit;
    let find = |commit: &str| records.iter().find(|record| of(record, commit));
    let did = |kind: Kind| {
        let told = events.iter().filter(|event| event.kind == kind);
        told.filter(|event| {
            event.attribute("commit") == Some(&finding.commit)
                && event.attribute("target") == Some(&finding.target)
        })
        .count()
    };
    // A commit reverts or brings back once, however often it is looked at.
    let kind = match &finding.discovery {
        Discovery::Land(brought) => match find(&finding.commit) {
            // A guess is no obstacle to what is seen.
            Some(record) if record.is_guess && finding.guess.is_none() => Kind::Land,
            Some(record) if record.stands || !record.reverts.is_empty() => return None,
            // It had vanished with the branch's former history, and that history is back.
            Some(_) => Kind::Reland,
            // What a reverted revert brings has the same difference as the landing it brings back.
            None if did(Kind::Reland) > 0 || is_known(brought, finding, records) => return None,
            None => Kind::Land,
        },
        Discovery::Revert(landing) => {
            find(landing).filter(|record| record.stands && did(Kind::Revert) == 0)?;
            Kind::Revert
        }
        Discovery::Unland(landing) => {
            find(landing).filter(|record| record.stands)?;
            Kind::Unland
        }
        Discovery::Reland(landing) => {
            find(landing).filter(|record| !record.stands && did(Kind::Reland) == 0)?;
            Kind::Reland
        }
        Discovery::Link => {
            let named = events.iter().filter(|event| event.kind == Kind::CommitLink);
            let is_named = named.into_iter().any(|event| event.attribute("commit") == Some(&finding.commit));
            if is_named || records.iter().any(|record| record.holds(&finding.commit)) {
                return None;
            }
            Kind::CommitLink
        }
    };
    // The same thing can happen again: a branch goes back and forth.
    // A landing that was only guessed before is told for the first time.
    let again = if kind == Kind::Land { 0 } else { did(kind.clone()) };
    let mut finding = finding.clone();
    if let (Discovery::Land(_), Kind::Reland) = (&finding.discovery, &kind) {
        finding.discovery = Discovery::Reland(finding.commit.clone());
    }
    if again > 0 {
        finding.how = format!("{}-{}", finding.how, again + 1);
    }
    Some((finding, kind))
}

/// Whether all commits that came are recorded as landed there already, by another commit.
fn is_known(brought: &[(String, String)], finding: &Finding, records: &[Record]) -> bool {
    let known = |short: &String| {
        let counts = |record: &&Record| {
            // What vanished with a branch's history can come again by another commit.
            let is_there = record.stands || !record.reverts.is_empty();
            is_there && record.target == finding.target && (!record.is_guess || finding.guess.is_some())
        };
        let mut records = records.iter().filter(counts);
        records.any(|record| record.brought.contains(short))
    };
    !brought.is_empty() && brought.iter().all(|(short, _)| known(short))
}

/// The moves a finding causes, or why there is none.
fn steps(
    ticket: &Ticket,
    events: &[Event],
    finding: &Finding,
    policy: Policy,
    records: &[Record],
    blockers: impl FnOnce() -> Vec<Blocker>,
) -> Result<Vec<(State, State, &'static str)>, Option<HeldBack>> {
    // What is only guessed moves nothing.
    if !finding.is_first_target || finding.guess.is_some() {
        return Err(None);
    }
    let is_lost = |landing: &str, reason| {
        let others =
            records.iter().filter(|record| record.commit != landing && record.target == finding.target);
        let is_last = others.filter(|record| record.stands).count() == 0;
        match ticket.state {
            State::Done if is_last => Ok(vec![(State::Done, State::InProgress, reason)]),
            _ => Err(None),
        }
    };
    match &finding.discovery {
        Discovery::Link => Err(None),
        Discovery::Revert(landing) => is_lost(landing, "reverted"),
        Discovery::Unland(landing) => is_lost(landing, "unlanded"),
        Discovery::Land(_) | Discovery::Reland(_) => {
            let is_approved = thread::last_verdict(events) == Some(Verdict::Approve);
            let reason = if is_approved { "merged_reviewed" } else { "merged" };
            let done = (State::InProgress, State::Done, reason);
            match ticket.state {
                State::Done | State::Closed => Err(None),
                State::Planning | State::Ready => Err(Some(HeldBack::NotQueued)),
                State::Queued if blockers().iter().any(Blocker::is_unresolved) => {
                    Err(Some(HeldBack::Blocked))
                }
                State::Queued if holds_back(policy, events) => Err(Some(HeldBack::Review)),
                State::InProgress if holds_back(policy, events) => Err(Some(HeldBack::Review)),
                // The work is there, so somebody started it.
                State::Queued => Ok(vec![(State::Queued, State::InProgress, "accepted"), done]),
                State::InProgress => Ok(vec![done]),
            }
        }
    }
}

fn draft(finding: &Finding, kind: Kind) -> Draft {
    let own = (commit::short(&finding.commit).to_owned(), finding.subject.clone());
    let (heading, lines, landing) = match &finding.discovery {
        Discovery::Land(brought) => (Heading::Landed, brought.clone(), None),
        Discovery::Revert(landing) => (Heading::Reverted, vec![own], Some(landing)),
        Discovery::Reland(landing) => (Heading::Relanded, vec![own], Some(landing)),
        Discovery::Unland(landing) => (Heading::Unlanded, vec![own], Some(landing)),
        Discovery::Link => (Heading::CommitFound, vec![own], None),
    };
    let more = lines.len().saturating_sub(MOST_LINES);
    let lines = lines.into_iter().take(MOST_LINES).collect();
    let mut draft = Draft::new(kind, Text::Commits { lines, more }).headed(heading);
    if let Discovery::Link = finding.discovery {
        draft = draft.with("op", "add").with("commit", finding.commit.as_str());
    } else {
        draft = draft
            .with("commit", finding.commit.as_str())
            .with("target", finding.target.as_str())
            .with("how", finding.how.as_str());
    }
    if let Some(landing) = landing {
        draft = draft.with(LANDING, landing.as_str());
    }
    match finding.guess {
        Some(guess) => draft.with("confidence", guess.confidence).with("signal", guess.signal),
        None => draft,
    }
}

/// The event with its id: the commit's time, and a hash of what it is about.
fn derive_event(finding: &Finding, draft: Draft, kind: &str, how: &str, offset: u64) -> Derived {
    let ticket = finding.ticket.to_string();
    let parts = [kind, &ticket, &finding.target, &finding.commit, how];
    let seconds = u64::try_from(finding.committed).unwrap_or(0);
    let millis = seconds.saturating_mul(1000).saturating_add(offset);
    Derived { draft, id: derived::event_id(millis, &parts), at: Moment::from_millis(millis) }
}

/// Adds to the start of a ticket whose work landed already that it is done with it.
pub fn finish(mut start: Change, ticket: &Ticket, events: &[Event], policy: Policy) -> Change {
    let is_start = ticket.state == State::Queued && record::is_pending(events);
    if is_start && !holds_back(policy, events) {
        let (from, to) = (State::InProgress, State::Done);
        let is_approved = thread::last_verdict(events) == Some(Verdict::Approve);
        let reason = if is_approved { "merged_reviewed" } else { "merged" };
        start.events.push(moved(from, to, reason, Text::Became(to)));
        start.fields.push((Field::State, Value::Text(to.word().to_owned())));
        start.summary = format!("{} -> {to}: its work has landed", start.summary);
    }
    start
}

/// Adds to an approving review what it was waited for: work that landed is done now.
pub fn complete(mut review: Change, ticket: &Ticket, events: &[Event], policy: Policy) -> Change {
    if ticket.state == State::InProgress && policy.require_review && record::is_pending(events) {
        let (from, to) = (State::InProgress, State::Done);
        review.events.push(moved(from, to, "merged_reviewed", Text::Became(to)));
        review.fields.push((Field::State, Value::Text(to.word().to_owned())));
        review.summary = format!("{}; {from} -> {to}", review.summary);
    }
    review
}

/// What somebody should look at because of landings, in words; nothing when all is as it should be.
pub fn attention(ticket: &Ticket, events: &[Event], policy: Policy) -> Option<String> {
    let records = record::records(events);
    let standing = records.iter().rev().find(|record| record.stands);
    match (ticket.state, standing) {
        (State::Closed, None) if records.iter().any(|record| !record.reverts.is_empty()) => {
            Some("closed, but its work was reverted".to_owned())
        }
        (State::Closed | State::Done, _) | (_, None) => None,
        _ if !record::is_pending(events) => None,
        (State::Planning | State::Ready, Some(record)) => {
            Some(format!("landed on {}, but {}", record.target, HeldBack::NotQueued.words()))
        }
        (State::Queued, Some(record)) => {
            Some(format!("landed on {}, but it is still queued; starting it makes it done", record.target))
        }
        (State::InProgress, Some(record)) if holds_back(policy, events) => {
            Some(format!("landed on {}, but {}", record.target, HeldBack::Review.words()))
        }
        (State::InProgress, Some(record)) => Some(format!("landed on {}, but it is not done", record.target)),
    }
}

/// The fields a derivation sets.
pub fn fields(ticket: &Ticket, derivation: &Derivation) -> Vec<(Field, Value)> {
    let state = derivation.state.map(|state| (Field::State, Value::Text(state.word().to_owned())));
    let last = derivation.events.iter().map(|event| event.at).max();
    // A landing found late doesn't make a ticket look older than it is.
    let updated = last.filter(|at| ticket.updated_at.is_none_or(|known| known < *at));
    let updated = updated.map(|at| (Field::UpdatedAt, Value::Text(at.to_string())));
    state.into_iter().chain(updated).collect()
}

#[cfg(test)]
mod tests;
