//! Carrying tickets to and from remotes: fetch, merge, push, and look whether they are the same.

use std::thread;
use std::time::Duration;

use crate::merge::Note;
use crate::model::id::TicketId;
use crate::store::amount::Amount;
use crate::store::memory::{About, Remembered};
use crate::store::remote::Remote;
use crate::store::talk::Terms;
use crate::store::transport::Sent;
use crate::store::unite::{Fetched, United};
use crate::store::{Store, StoreError};

use super::problem::Problem;
use super::session::Session;
use super::{claiming, uniting};

/// How often a command tries while others keep writing to the remote.
const TRIES: usize = 12;

/// How long a remote may take over one question of a command, when nobody can be asked for a password.
const LIMIT: Duration = Duration::from_secs(120);

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Fetch and merge.
    Fetch,
    /// Push; what the remote has besides is merged first.
    Push,
    /// Both, and look whether the remote then has the same.
    Both,
}

/// What became of the tickets of one remote.
#[derive(Debug, Clone)]
pub struct Synced {
    /// The remote.
    pub remote: String,
    /// What happened, or why nothing did.
    pub outcome: Result<Carried, Failed>,
}

/// Why the tickets of a remote stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// A stable word for programs.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// What was carried.
#[derive(Debug, Clone, Default)]
pub struct Carried {
    /// What is here now and was not.
    pub came: Amount,
    /// What the remote has now and had not; `None` when nothing was to be sent.
    pub went: Option<Amount>,
    /// What merging did.
    pub notes: Vec<(Option<TicketId>, Note)>,
    /// A merge was made.
    pub is_merged: bool,
    /// What happened to the remote's tickets besides growing.
    pub loss: Option<Loss>,
    /// The commit of our tickets.
    pub tip: Option<String>,
    /// The remote was read again and has the same.
    pub is_equal: bool,
    /// Nothing was done, only looked. Then it may not be known how much there is to carry.
    pub preview: Option<Preview>,
}

/// What would be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview {
    /// The remote has something that is not here.
    pub would_fetch: bool,
    /// Something here is not on the remote, as far as that can be told.
    pub would_push: bool,
}

/// What happened to the tickets of a remote that should only grow. Ours stay, and go there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It has none any more.
    Gone,
    /// It is back at an earlier version.
    Rewound,
    /// It has another history.
    Rewritten,
}

impl Loss {
    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Loss::Gone => "gone",
            Loss::Rewound => "rewound",
            Loss::Rewritten => "rewritten",
        }
    }
}

/// The terms on which a command that somebody typed talks to a remote: with a person there, git may ask.
pub fn terms_of_commands(session: &Session) -> Terms {
    let is_forbidden = session.store.setting("yoi.prompt").is_some_and(|value| value == "never");
    match session.host.terminal.stdin && session.host.terminal.stderr && !is_forbidden {
        true => Terms::patient(true),
        false => Terms::within(LIMIT, false),
    }
}

/// Carries tickets between here and a remote, or every remote that takes part. What was fetched before ought to
/// be merged already: it is forgotten where a remote has gone back.
///
/// # Errors
/// When there is no such remote, none takes part, or there is nothing here to push. What goes wrong with one
/// remote is told in its outcome and keeps no other from its turn.
pub fn run(session: &Session, named: Option<&str>, way: Way, is_dry: bool) -> anyhow::Result<Vec<Synced>> {
    let store = &session.store;
    let remotes = match named {
        Some(name) => vec![store.remote(name)?],
        None => store.remotes().into_iter().filter(Remote::takes_part).collect(),
    };
    if remotes.is_empty() {
        return Err(Problem::NoRemote(store.remotes().into_iter().map(|remote| remote.name).collect()).into());
    }
    if !session.can_write() {
        return Err(StoreError::NewerFormat(store.snapshot()?.format()?).into());
    }
    if way == Way::Push {
        session.snapshot()?;
    }
    let one = |remote: &Remote| match (is_dry, way) {
        (true, _) => preview(session, remote),
        (false, Way::Fetch) => fetch(session, remote, terms_of_commands(session)),
        (false, Way::Push) => {
            push(session, remote, terms_of_commands(session), TRIES).and_then(|pushed| match pushed {
                Pushed::Sent(carried) => Ok(carried),
                Pushed::Refused(why) => Err(Refused(why).into()),
            })
        }
        (false, Way::Both) => both(session, remote),
    };
    let synced = remotes.iter().map(|remote| {
        let outcome = one(remote).map_err(|error| Failed {
            code: match (error.downcast_ref::<StoreError>(), error.is::<Refused>()) {
                (Some(fault), _) => fault.code(),
                (None, true) => "remote_refused",
                (None, false) => "error",
            },
            message: format!("{error:#}"),
        });
        Synced { remote: remote.name.clone(), outcome }
    });
    Ok(synced.collect())
}

/// A remote that takes no tickets.
#[derive(Debug)]
struct Refused(String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

fn tip(store: &Store) -> anyhow::Result<Option<String>> {
    Ok(store.snapshot()?.tip())
}

/// Looks what there would be to do, and does nothing.
fn preview(session: &Session, remote: &Remote) -> anyhow::Result<Carried> {
    let store = &session.store;
    let ours = tip(store)?;
    let theirs = store.ask(session.host, remote, terms_of_commands(session))?;
    let holds = |old: &Option<String>, new: &Option<String>| match (old, new) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(old), Some(new)) => {
            old == new || store.has(old) && store.has(new) && store.is_ancestor(old, new) == Some(true)
        }
    };
    let preview =
        Preview { would_fetch: !holds(&theirs, &ours), would_push: !holds(&ours, &theirs) && ours.is_some() };
    let mut carried = Carried { tip: ours.clone(), preview: Some(preview), ..Carried::default() };
    if preview.would_push && !preview.would_fetch {
        carried.went = Some(store.amount(theirs.as_deref(), ours.as_deref())?);
    }
    Ok(carried)
}

fn fetch(session: &Session, remote: &Remote, terms: Terms) -> anyhow::Result<Carried> {
    let store = &session.store;
    let ours = tip(store)?;
    let mut carried = Carried::default();
    receive(session, remote, terms, &mut carried)?;
    met(session, remote);
    carried.tip = tip(store)?;
    carried.came = store.amount(ours.as_deref(), carried.tip.as_deref())?;
    Ok(carried)
}

/// Fetches and merges.
fn receive(
    session: &Session,
    remote: &Remote,
    terms: Terms,
    carried: &mut Carried,
) -> anyhow::Result<Option<Fetched>> {
    let store = &session.store;
    let before = store.kept(remote)?;
    let fetched = store.bring(session.host, remote, terms)?;
    carried.loss = carried.loss.or_else(|| loss(store, before.as_ref(), fetched.as_ref()));
    if let Some(fetched) = &fetched
        && let United::Merged { notes, .. } = uniting::take(session, fetched)?
    {
        carried.is_merged = true;
        carried.notes.extend(notes);
    }
    Ok(fetched)
}

/// Fetches and merges, when that is all.
///
/// # Errors
/// When the remote can't be reached, or what it has can't be merged.
pub(super) fn receive_all(session: &Session, remote: &Remote, terms: Terms) -> anyhow::Result<()> {
    receive(session, remote, terms, &mut Carried::default()).map(drop)
}

fn loss(store: &Store, before: Option<&Fetched>, after: Option<&Fetched>) -> Option<Loss> {
    let before = &before?.tip;
    let Some(Fetched { tip: after, .. }) = after else { return Some(Loss::Gone) };
    // What was there before may be gone from here too: then it can't be told.
    if before == after || !store.has(before) || store.is_ancestor(before, after) != Some(false) {
        return None;
    }
    match store.is_ancestor(after, before) {
        Some(true) => Some(Loss::Rewound),
        Some(false) | None => Some(Loss::Rewritten),
    }
}

/// How a push ended.
#[derive(Debug)]
pub enum Pushed {
    /// The remote has our tickets.
    Sent(Carried),
    /// It takes none, and says why.
    Refused(String),
}

/// Pushes; when others were faster, fetches, merges and tries again, so often.
///
/// # Errors
/// When the remote can't be reached in time, or its tickets can't be merged.
pub fn push(session: &Session, remote: &Remote, terms: Terms, tries: usize) -> anyhow::Result<Pushed> {
    let store = &session.store;
    let ours = tip(store)?;
    let mut carried = Carried::default();
    for turn in 0..tries {
        let known = store.kept(remote)?.map(|fetched| fetched.tip);
        let Some(here) = tip(store)? else { return Err(StoreError::NotInitialised.into()) };
        let accepted = accept(session, known.as_deref(), &here)?;
        let sent = accepted.clone().unwrap_or(here);
        match store.send(session.host, remote, &sent, terms)? {
            Sent::Done => {
                met(session, remote);
                adopt(session, remote, accepted.as_deref())?;
                let known = known.filter(|known| store.has(known));
                carried.went = Some(store.amount(known.as_deref(), Some(&sent))?);
                carried.came = store.amount(ours.as_deref(), Some(&sent))?;
                carried.tip = Some(sent);
                return Ok(Pushed::Sent(carried));
            }
            Sent::Refused(why) => return Ok(Pushed::Refused(why)),
            Sent::Behind if turn + 1 < tries && !terms.is_over() => {
                receive(session, remote, terms, &mut carried)?;
                rest(session, turn);
            }
            Sent::Behind => break,
        }
    }
    Err(StoreError::Busy(format!("'{}' was written by others each time", remote.name)).into())
}

fn both(session: &Session, remote: &Remote) -> anyhow::Result<Carried> {
    let store = &session.store;
    let ours = tip(store)?;
    let mut carried = Carried::default();
    let mut went: Option<Amount> = None;
    for turn in 0..TRIES {
        let fetched = receive(session, remote, terms_of_commands(session), &mut carried)?;
        let theirs = fetched.map(|fetched| fetched.tip);
        let Some(mut here) = tip(store)? else { return Err(StoreError::NotInitialised.into()) };
        if theirs.as_ref() != Some(&here) {
            let accepted = accept(session, theirs.as_deref(), &here)?;
            here = accepted.clone().unwrap_or(here);
            match store.send(session.host, remote, &here, terms_of_commands(session))? {
                Sent::Done => {
                    adopt(session, remote, accepted.as_deref())?;
                    let sent = store.amount(theirs.as_deref(), Some(&here))?;
                    went = Some(went.map_or(sent, |before| before.and(sent)));
                }
                Sent::Refused(why) => return Err(Refused(why).into()),
                Sent::Behind => {
                    rest(session, turn);
                    continue;
                }
            }
        }
        let now = store.ask(session.host, remote, terms_of_commands(session))?;
        if now.as_ref() == tip(store)?.as_ref() {
            met(session, remote);
            carried.came = store.amount(ours.as_deref(), Some(&here))?;
            carried.went = Some(went.unwrap_or_default());
            (carried.tip, carried.is_equal) = (now, true);
            return Ok(carried);
        }
        // Somebody wrote meanwhile, there or here.
        rest(session, turn);
    }
    Err(StoreError::Busy(format!("'{}' was written by others each time", remote.name)).into())
}

/// Remembers that a remote was asked or told just now.
fn met(session: &Session, remote: &Remote) {
    let now = Remembered { millis: session.host.clock.now_millis(), what: String::new() };
    session.store.remember(About::Met, &remote.name, Some(now));
}

/// What is pushed instead of our tickets, because it accepts the claims among them; nothing when there are none,
/// or when claims can't be accepted now: they are still carried.
fn accept(session: &Session, theirs: Option<&str>, here: &str) -> anyhow::Result<Option<String>> {
    let theirs = theirs.filter(|theirs| session.store.has(theirs));
    let accepted = claiming::accept(session, theirs)?;
    // Nothing may be sent that somebody wrote here meanwhile and that was not looked at.
    Ok(accepted.filter(|commit| session.store.is_ancestor(here, commit) == Some(true)))
}

/// Makes what the remote took ours.
fn adopt(session: &Session, remote: &Remote, accepted: Option<&str>) -> anyhow::Result<()> {
    accepted.map_or(Ok(()), |commit| claiming::adopt(session, remote, commit))
}

/// Waits a little, longer from turn to turn, and by chance: two that collided should not collide again.
pub(super) fn rest(session: &Session, turn: usize) {
    let most = 20u64 << turn.min(5);
    let chance = u64::try_from(session.host.entropy.bits() % u128::from(most)).unwrap_or(0);
    thread::sleep(Duration::from_millis(5 + chance));
}
