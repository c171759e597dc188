//! Moves between states: who may go where, and what the thread then says.

use super::{
    Blocker, Change, Draft, Event, Field, Heading, Kind, Refusal, Stamp, State, Text, Ticket, TicketId,
    Value, Verdict, limit, refuse_apart, refuse_blocked, text, thread,
};
use crate::model::claim::{self, Standing};
use crate::model::readiness::Clash;

/// What the project demands of a ticket before it is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// The last review must approve.
    pub require_review: bool,
    /// The work must be on a target branch.
    pub require_landing: bool,
}

/// A move somebody asks for.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    /// Where to.
    pub to: State,
    /// Where the caller believes the ticket is.
    pub expected: Option<State>,
    /// The only state the command takes tickets from.
    pub only_from: Option<State>,
    /// Why; the intake summary of a move to ready.
    pub words: Option<&'a str>,
    /// What the ticket waits for; looked at for moves to queued and inprogress.
    pub blockers: &'a [Blocker],
    /// What the plan says against starting now; looked at for moves from queued to inprogress.
    pub clashes: &'a [Clash],
    /// Who takes the ticket with a move from queued to inprogress, and how well others know.
    pub take: Take<'a>,
    /// What the project demands.
    pub policy: Policy,
}

/// Who takes a ticket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Take<'a> {
    /// Who is to have it; nobody is named without.
    pub assignee: Option<&'a str>,
    /// How well others know; `None` where there are no others.
    pub standing: Option<Standing>,
}

/// Moves a ticket along the table, closing and reopening aside.
///
/// # Errors
/// When the table has no such move, when a guard refuses, or when a needed text is missing.
pub fn make_move(ticket: &Ticket, events: &[Event], wanted: &Move, stamp: &Stamp) -> Result<Change, Refusal> {
    let (id, from, to) = (ticket.id, ticket.state, wanted.to);
    refuse_moved(ticket, events, wanted.expected)?;
    if from == to {
        return Err(Refusal::SameState { id, state: to });
    }
    let by_command = from.moves().iter().any(|(state, command)| *state == to && *command != "close");
    if !by_command || from == State::Closed || wanted.only_from.is_some_and(|only| only != from) {
        return Err(Refusal::IllegalMove { id, from, to });
    }
    guard(ticket, events, wanted)?;
    refuse_loser(ticket, events, to, &stamp.actor)?;
    let mut change = Change { summary: format!("{from} -> {to}"), ..Change::default() };
    if to == State::Ready {
        let summary = needed("intake summary", wanted.words)?;
        change.events.push(Draft::new(Kind::IntakeSummary, Text::Words(summary)));
    }
    let mut event = moved(from, to, reason(from, to), move_text(wanted, from, stamp)?);
    if let Some(assignee) = next_assignee(ticket, events, wanted)? {
        event = event.with(claim::ASSIGNEE, assignee.as_str());
        let value = if assignee.is_empty() { Value::Absent } else { Value::Text(assignee) };
        change.fields.push((Field::Assignee, value));
    }
    if let (State::Queued, State::InProgress, Some(standing)) = (from, to, wanted.take.standing) {
        event = event.with(claim::CLAIM, standing.word());
    }
    change.events.push(event);
    change.fields.push((Field::State, Value::Text(to.word().to_owned())));
    if (from, to) == (State::Ready, State::Queued) {
        change.fields.push((Field::QueuedBy, Value::Text(stamp.actor.clone())));
        change.fields.push((Field::QueuedAt, Value::Text(stamp.moment().to_string())));
    }
    Ok(change)
}

/// Who has the ticket after a move, where that changes; empty for nobody.
fn next_assignee(ticket: &Ticket, events: &[Event], wanted: &Move) -> Result<Option<String>, Refusal> {
    let old = ticket.assignee.as_deref();
    Ok(match (ticket.state, wanted.to) {
        (State::Queued, State::InProgress) => {
            wanted.take.assignee.map(|name| text::header_value("assignee", name)).transpose()?
        }
        (State::InProgress, State::Queued) => old.map(|_| String::new()),
        (State::InProgress, State::Planning) => is_claimed(ticket, events).then(String::new),
        _ => None,
    })
}

/// Whether the ticket has its assignee by a claim, the present one or the last: a claim ends where planning
/// begins again. Somebody who was chosen by hand stays.
fn is_claimed(ticket: &Ticket, events: &[Event]) -> bool {
    let claims = claim::claims(events);
    ticket.assignee.is_some() && claims.who().map(|claim| &claim.by) == ticket.assignee.as_ref()
}

/// Whoever took a ticket that another had taken first can't speak for it.
fn refuse_loser(ticket: &Ticket, events: &[Event], to: State, actor: &str) -> Result<(), Refusal> {
    if ticket.state != State::InProgress || !matches!(to, State::Queued | State::Done) {
        return Ok(());
    }
    let claims = claim::claims(events);
    match (claims.lost_by(actor), &claims.holder) {
        (Some(_), Some(holder)) => Err(Refusal::Taken {
            id: ticket.id,
            by: holder.by.clone(),
            at: Some(holder.at.clone()),
            is_lost: true,
        }),
        _ => Ok(()),
    }
}

fn refuse_moved(ticket: &Ticket, events: &[Event], expected: Option<State>) -> Result<(), Refusal> {
    let (id, found) = (ticket.id, ticket.state);
    let by = || {
        let last = events.iter().rev().find(|event| event.kind == Kind::StateChanged)?;
        Some(last.author.clone()).filter(|author| !author.is_empty())
    };
    match expected {
        Some(expected) if expected != found => Err(Refusal::StateMoved { id, expected, found, by: by() }),
        _ => Ok(()),
    }
}

fn guard(ticket: &Ticket, events: &[Event], wanted: &Move) -> Result<(), Refusal> {
    let id = ticket.id;
    match (ticket.state, wanted.to) {
        (State::Ready, State::Queued) => refuse_blocked(id, wanted.to, wanted.blockers),
        (State::Queued, State::InProgress) => {
            refuse_blocked(id, wanted.to, wanted.blockers)?;
            refuse_apart(id, wanted.clashes)
        }
        (State::InProgress, State::Done) => {
            if holds_back(wanted.policy, events) {
                return Err(Refusal::ReviewRequired { id });
            }
            if wanted.policy.require_landing && !thread::is_landed(events) {
                return Err(Refusal::LandingRequired { id });
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Whether the project wants an approving review, and the last one is none.
pub(super) fn holds_back(policy: Policy, events: &[Event]) -> bool {
    policy.require_review && thread::last_verdict(events) != Some(Verdict::Approve)
}

/// The one word that says why, as the existing tickets have it.
fn reason(from: State, to: State) -> &'static str {
    match (from, to) {
        (_, State::Ready) => "intake_ready",
        (State::InProgress, State::Queued) => "released",
        (_, State::Queued) => "queued",
        (State::Done, State::InProgress) | (State::Closed, State::Planning) => "reopened",
        (_, State::InProgress) => "accepted",
        (_, State::Done) => "done",
        (_, State::Planning) => "returned_to_planning",
        (_, State::Closed) => "closed",
    }
}

/// What the `state_changed` event says. Going back needs somebody's words: what is missing, or why.
fn move_text(wanted: &Move, from: State, stamp: &Stamp) -> Result<Text, Refusal> {
    let words = |what| needed(what, wanted.words).map(Text::Words);
    match (from, wanted.to) {
        (_, State::Ready) => Ok(Text::Ready),
        (_, State::Planning) | (State::InProgress, State::Queued) | (State::Done, State::InProgress) => {
            words("reason")
        }
        (_, to) => match wanted.words {
            Some(_) => words("reason"),
            None if to == State::Queued => Ok(Text::Queued(stamp.actor.clone())),
            None => Ok(Text::Became(to)),
        },
    }
}

fn needed(what: &'static str, words: Option<&str>) -> Result<String, Refusal> {
    text::prose(what, words.unwrap_or_default(), limit::SUMMARY)
}

pub(super) fn moved(from: State, to: State, reason: &str, text: Text) -> Draft {
    Draft::new(Kind::StateChanged, text)
        .with("from", from.word())
        .with("to", to.word())
        .with("reason", reason)
        .with("field", "state")
}

/// How a ticket ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// What it asked for was done.
    Done,
    /// It will not be done.
    WontFix,
    /// Another ticket says the same.
    DuplicateOf(TicketId),
    /// Another ticket takes its place.
    SupersededBy(TicketId),
}

impl Outcome {
    /// The word in the close event.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::WontFix => "wontfix",
            Outcome::DuplicateOf(_) => "duplicate",
            Outcome::SupersededBy(_) => "superseded",
        }
    }
}

/// A close somebody asks for.
#[derive(Debug, Clone)]
pub struct Closing<'a> {
    /// The resolution.
    pub words: &'a str,
    /// How it ended, when the caller says so.
    pub outcome: Option<Outcome>,
    /// Where the caller believes the ticket is.
    pub expected: Option<State>,
}

/// Closes a ticket, from any state but closed.
///
/// # Errors
/// When it is closed already or the resolution can't be stored.
pub fn close(ticket: &Ticket, events: &[Event], closing: &Closing) -> Result<Change, Refusal> {
    refuse_moved(ticket, events, closing.expected)?;
    if ticket.state == State::Closed {
        return Err(Refusal::SameState { id: ticket.id, state: State::Closed });
    }
    let words = text::prose("resolution", closing.words, limit::TEXT)?;
    let (from, to) = (ticket.state, State::Closed);
    let mut close =
        Draft::new(Kind::Close, Text::Words(words.clone())).headed(Heading::Closed).with("status", to.word());
    if let Some(outcome) = closing.outcome {
        close = close.with("resolution", outcome.word());
    }
    Ok(Change {
        events: vec![moved(from, to, reason(from, to), Text::Closed), close],
        fields: vec![(Field::State, Value::Text(to.word().to_owned()))],
        resolution: Some(words),
        summary: format!("{from} -> {to}"),
        ..Change::default()
    })
}

/// Takes a done ticket back to inprogress, a closed one back to planning, where nobody has it any more.
///
/// # Errors
/// When it is neither, or the reason can't be stored.
pub fn reopen(
    ticket: &Ticket,
    events: &[Event],
    words: &str,
    expected: Option<State>,
) -> Result<Change, Refusal> {
    let (id, from) = (ticket.id, ticket.state);
    refuse_moved(ticket, events, expected)?;
    let to = if from == State::Done { State::InProgress } else { State::Planning };
    if !matches!(from, State::Done | State::Closed) {
        return Err(Refusal::NotOver { id, state: from });
    }
    let words = needed("reason", Some(words))?;
    let mut event = moved(from, to, reason(from, to), Text::Words(words));
    let mut fields = vec![(Field::State, Value::Text(to.word().to_owned()))];
    if to == State::Planning && is_claimed(ticket, events) {
        event = event.with(claim::ASSIGNEE, "");
        fields.push((Field::Assignee, Value::Absent));
    }
    Ok(Change { events: vec![event], fields, summary: format!("{from} -> {to}"), ..Change::default() })
}
