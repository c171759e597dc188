//! Claims that hold: a change that others get to know before it is ours.
//!
//! Where a remote takes part, a claim is a push: the commit is made on top of what the remote has, and pushed
//! before the ref here moves. The remote takes one of two that are pushed at once; the other is thrown away,
//! was never written here, and is judged anew on what came. So nothing has to be taken back, and nobody sees
//! two owners. Where the remote can't be reached the claim is written here and marked; `accept` makes it
//! known with the next push, if nobody else's was.

use std::time::Duration;

use crate::format::{layout, thread};
use crate::model::change::{Draft, Stamp, Text};
use crate::model::claim::{self, Claim, Standing};
use crate::model::derived;
use crate::model::event::Kind;
use crate::model::id::TicketId;
use crate::model::query::Query;
use crate::model::rule::landing::Derived;
use crate::model::state::State;
use crate::store::publish::{Judged, Proposal};
use crate::store::remote::Remote;
use crate::store::snapshot::Snapshot;
use crate::store::talk::Terms;
use crate::store::transport::Sent;
use crate::store::unite::Fetched;
use crate::store::{Store, StoreError};

use super::session::{self, Echo, Planned, Session};
use super::stored::{self, Stored};
use super::{survey, sync, uniting};

/// How often a claim is tried while others write to the remote all the time.
const TRIES: usize = 60;

/// How long a remote may take over one question, when nobody can be asked for a password.
const LIMIT: Duration = Duration::from_secs(30);

/// How well others know of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// No remote takes part.
    Alone,
    /// This remote has it.
    Shared(String),
    /// This remote doesn't have it, and why.
    Local(String, String),
}

/// The remote that decides between claims: `origin` if it takes part, else the first by name that does.
pub fn arbiter(session: &Session) -> Option<Remote> {
    let mut remotes: Vec<Remote> = session.store.remotes().into_iter().filter(Remote::takes_part).collect();
    let origin = remotes.iter().position(|remote| remote.name == "origin");
    (!remotes.is_empty()).then(|| remotes.swap_remove(origin.unwrap_or(0)))
}

fn terms(session: &Session) -> Terms {
    let usual = sync::terms_of_commands(session);
    if usual.may_ask() { usual } else { Terms::within(LIMIT, false) }
}

/// Brings the tickets of the arbiter, so that what others took is known before anything is made for a claim.
/// Says why it can't be reached, if it can't.
pub fn look(session: &Session, arbiter: Option<&Remote>) -> Option<String> {
    let fetched = sync::receive_all(session, arbiter?, terms(session));
    fetched.err().map(|error| format!("{error:#}"))
}

/// Changes a ticket with a claim; the rule is told how well others will know of it, and asked again whenever
/// others were faster. `unreachable` is why [`look`] failed.
///
/// # Errors
/// What the rule refuses; when others write to the remote all the time; or as [`Session::change`].
pub fn change(
    session: &Session,
    typed: &str,
    arbiter: Option<&Remote>,
    unreachable: Option<String>,
    mut rule: impl FnMut(&Snapshot, Stored, &Stamp, Option<Standing>) -> anyhow::Result<Vec<Planned>>,
) -> anyhow::Result<(Echo, Known)> {
    let Some(remote) = arbiter else {
        let echo =
            session.change_several(typed, |snapshot, stored, stamp| rule(snapshot, stored, stamp, None))?;
        return Ok((echo, Known::Alone));
    };
    let why = match unreachable {
        Some(why) => why,
        None => match share(session, typed, remote, &mut rule)? {
            Shared::Done(echo) => return Ok((echo, Known::Shared(remote.name.clone()))),
            Shared::Failed(why) => why,
        },
    };
    let local = Some(Standing::Local);
    let echo =
        session.change_several(typed, |snapshot, stored, stamp| rule(snapshot, stored, stamp, local))?;
    Ok((echo, Known::Local(remote.name.clone(), why)))
}

/// What says how a ticket shall change with a claim of that standing.
type Rule<'r> = dyn FnMut(&Snapshot, Stored, &Stamp, Option<Standing>) -> anyhow::Result<Vec<Planned>> + 'r;

enum Shared {
    Done(Echo),
    /// The remote didn't take it, and not because others were faster.
    Failed(String),
}

fn share(session: &Session, typed: &str, remote: &Remote, rule: &mut Rule) -> anyhow::Result<Shared> {
    let store = &session.store;
    for turn in 0..TRIES {
        let judge = |snapshot: &Snapshot| {
            let shared = Some(Standing::Shared);
            session
                .judge(snapshot, typed, &mut |snapshot, stored, stamp| rule(snapshot, stored, stamp, shared))
        };
        let (mut echo, commit) = store.propose(session.host, judge)?;
        let Some(commit) = commit else { return Ok(Shared::Done(echo)) };
        match store.send(session.host, remote, &commit, terms(session)) {
            Ok(Sent::Done) if has(session, remote, &commit) => {
                adopt(session, remote, &commit)?;
                echo.commit = Some(commit);
                return Ok(Shared::Done(echo));
            }
            Ok(Sent::Done | Sent::Behind) => {}
            Ok(Sent::Refused(why)) => return Ok(Shared::Failed(why)),
            // It may have come through although nobody said so.
            Err(error) => {
                let is_there = sync::receive_all(session, remote, terms(session)).is_ok()
                    && store.kept(remote)?.is_some_and(|kept| is_part(store, &commit, &kept.tip));
                if !is_there {
                    return Ok(Shared::Failed(error.to_string()));
                }
                echo.commit = Some(commit);
                return Ok(Shared::Done(echo));
            }
        }
        if let Err(error) = sync::receive_all(session, remote, terms(session)) {
            return Ok(Shared::Failed(format!("{error:#}")));
        }
        sync::rest(session, turn);
    }
    Err(StoreError::Busy(format!("'{}' was written by others each time", remote.name)).into())
}

/// Whether the remote has a commit that it said it took. One that can't be asked any more has said so.
fn has(session: &Session, remote: &Remote, commit: &str) -> bool {
    let store = &session.store;
    match store.ask(session.host, remote, terms(session)) {
        Ok(Some(tip)) if tip == commit => true,
        Ok(_) => match store.bring(session.host, remote, terms(session)) {
            Ok(kept) => kept.is_some_and(|kept| is_part(store, commit, &kept.tip)),
            Err(_) => true,
        },
        Err(_) => true,
    }
}

fn is_part(store: &Store, commit: &str, tip: &str) -> bool {
    store.has(tip) && store.is_ancestor(commit, tip) == Some(true)
}

/// Makes what the remote took our own.
pub(super) fn adopt(session: &Session, remote: &Remote, commit: &str) -> anyhow::Result<()> {
    let fetched =
        Fetched { reference: remote.tracking(), remote: remote.name.clone(), tip: commit.to_owned() };
    uniting::take(session, &fetched).map(drop)
}

/// A version of our tickets that says of each claim in it that it was accepted, for claims that the remote
/// doesn't have yet; `None` when there is none. It is to be pushed, and to become ours only then: the remote
/// takes it only if it has nothing newer than `theirs`, so nobody else's claim came between.
///
/// # Errors
/// When the tickets can't be read or written.
pub(super) fn accept(session: &Session, theirs: Option<&str>) -> anyhow::Result<Option<String>> {
    let judge = |snapshot: &Snapshot| -> anyhow::Result<Judged<()>> {
        let mut edits = Vec::new();
        let mut told = Vec::new();
        let mut millis = 0;
        for id in touched(session, theirs, snapshot)? {
            let Some(stored) = snapshot.ticket(&id)?.and_then(|files| stored::read(snapshot, &files).ok())
            else {
                continue;
            };
            let holder = claim::claims(&stored.events).holder.filter(|claim| !claim.is_known);
            let Some(claim) = holder.filter(|_| stored.ticket.state == State::InProgress) else { continue };
            let event = accepted(id, &claim);
            millis = millis.max(event.id.timestamp_ms());
            told.push((id, [(event.id, Kind::Claim)]));
            let text = thread::append_derived(&stored.thread_text, &[event]);
            edits.push(session::edit(&id, layout::THREAD, text));
        }
        let Some((first, _)) = told.first() else { return Ok(Judged::Nothing(())) };
        let subject = match told.len() {
            1 => format!("{first}: claim accepted"),
            more => format!("{more} tickets: claims accepted"),
        };
        let trailers = session::trailers(told.iter().map(|(id, events)| (id, events.as_slice())));
        let actor = derived::AUTHOR.to_owned();
        Ok(Judged::Publish(Proposal { edits, subject, trailers, actor, millis, is_derived: true }, ()))
    };
    Ok(session.store.propose(session.host, judge)?.1)
}

/// The event that accepts a claim. Everything in it comes from the claim, so whoever carries it writes the same.
fn accepted(ticket: TicketId, claim: &Claim) -> Derived {
    let of = claim.id.to_string();
    let millis = claim.id.timestamp_ms() + 1;
    let draft = Draft::new(Kind::Claim, Text::Words(format!("The claim of {} was accepted.", claim.by)));
    Derived {
        draft: draft.with("by", claim.by.as_str()).with(claim::OF, of.as_str()),
        id: claim::acceptance(&ticket, claim.id),
        at: crate::model::moment::Moment::from_millis(millis),
    }
}

/// The tickets in which something changed since the remote's version; all where it has none.
fn touched(session: &Session, theirs: Option<&str>, snapshot: &Snapshot) -> anyhow::Result<Vec<TicketId>> {
    let tree = theirs.and_then(|tip| session.store.tree_named(tip));
    let touched = tree.and_then(|tree| session.store.touched_since(&tree, snapshot));
    if let Some(touched) = touched {
        return Ok(touched.states.into_iter().collect());
    }
    let runs = survey::select(session, snapshot, &Query::in_states(&[State::InProgress]))?;
    Ok(runs.tickets.into_iter().map(|ticket| ticket.id).collect())
}
