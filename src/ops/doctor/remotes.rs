//! Looking at remotes: whether they keep such refs, have the same tickets, and are set up.

use crate::store::StoreError;
use crate::store::hooks::How;
use crate::store::probe::Probed;
use crate::store::remote::Remote;

use super::Findings;
use crate::ops::hooks::{self, Action};
use crate::ops::problem::Problem;
use crate::ops::session::Session;
use crate::ops::sync;

/// What was found out about a remote. What is wrong with it is among the findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its name.
    pub name: String,
    /// The ref that holds tickets there.
    pub reference: String,
    /// The ref that it was tried with.
    pub probe: String,
    /// That ref was removed again.
    pub is_removed: bool,
    /// Ordinary pushes and fetches carry its tickets.
    pub is_set_up: bool,
    /// Whether it keeps such refs; `None` when it could not be asked.
    pub keeps: Option<bool>,
    /// How its tickets are beside those here; `None` when it could not be asked, or nobody has any.
    pub tickets: Option<Standing>,
}

/// How the tickets of a remote are beside ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The same.
    Same,
    /// There are none.
    None,
    /// Some of ours are not there.
    Lacks,
    /// It has some that are not here.
    HasMore,
    /// Both.
    Apart,
}

impl Standing {
    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Same => "same",
            Standing::None => "none",
            Standing::Lacks => "lacks",
            Standing::HasMore => "has_more",
            Standing::Apart => "apart",
        }
    }
}

/// Looks at the remote that is named, or at each that takes part; where none does, at the one that would.
pub(super) fn examine(
    session: &Session,
    named: Option<&str>,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Examined>> {
    let store = &session.store;
    let mut remotes = match named {
        Some(name) => vec![store.remote(name)?],
        None => store.remotes().into_iter().filter(Remote::takes_part).collect(),
    };
    if remotes.is_empty() {
        remotes.extend(store.main_remote());
    }
    if remotes.is_empty() {
        return Err(Problem::NoRemote(store.remotes().into_iter().map(|remote| remote.name).collect()).into());
    }
    if remotes.iter().any(Remote::takes_part) {
        hook(session, findings)?;
    }
    remotes.iter().map(|remote| one(session, remote, findings)).collect()
}

fn one(session: &Session, remote: &Remote, findings: &mut Findings) -> anyhow::Result<Examined> {
    let mut examined = Examined {
        name: remote.name.clone(),
        reference: remote.reference.clone(),
        probe: String::new(),
        is_removed: false,
        is_set_up: set_up(session, remote, findings)?,
        keeps: None,
        tickets: None,
    };
    let name = remote.name.escape_debug();
    let mut out = findings.on_ref(None);
    let terms = || sync::terms_of_commands(session);
    let (probe, probed) = match session.store.probe(session.host, remote, terms()) {
        Ok(found) => found,
        Err(error @ (StoreError::GitFailed(_) | StoreError::NoAnswer(_))) => {
            out.error("remote_unreachable", None, format!("'{name}' can't be tried: {error}"));
            return Ok(examined);
        }
        Err(error) => return Err(error.into()),
    };
    examined.keeps = Some(matches!(probed, Probed::Kept | Probed::Stays(_)));
    match probed {
        Probed::Kept => examined.is_removed = true,
        Probed::Refused(why) => {
            let why = format!("'{name}' does not take {probe}: {why}");
            out.error("remote_refuses", None, why);
        }
        Probed::Lost => {
            let why = format!("'{name}' said that it took {probe}, and does not have it");
            out.error("remote_loses", None, why);
        }
        Probed::Stays(why) => {
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            let why = format!("'{name}' keeps {probe}, which was to be removed{why}");
            out.warning("probe_stays", None, why);
        }
    }
    examined.probe = probe;
    let Some(standing) = standing(session, remote)? else { return Ok(examined) };
    match standing {
        Standing::Same | Standing::HasMore => {}
        Standing::None => {
            out.warning("not_sent", None, format!("'{name}' has no tickets on {}", remote.reference));
        }
        Standing::Lacks | Standing::Apart => {
            out.warning("not_sent", None, format!("'{name}' lacks something that is here"));
        }
    }
    examined.tickets = Some(standing);
    Ok(examined)
}

fn standing(session: &Session, remote: &Remote) -> anyhow::Result<Option<Standing>> {
    let store = &session.store;
    let theirs = store.ask(session.host, remote, sync::terms_of_commands(session))?;
    let ours = store.snapshot()?.tip();
    let holds = |new: &str, old: &str| {
        new == old || store.has(old) && store.has(new) && store.is_ancestor(old, new) == Some(true)
    };
    Ok(Some(match (theirs, ours) {
        (None, None) => return Ok(None),
        (None, Some(_)) => Standing::None,
        (Some(_), None) => Standing::HasMore,
        (Some(theirs), Some(ours)) => match (holds(&ours, &theirs), holds(&theirs, &ours)) {
            (true, true) => Standing::Same,
            (true, false) => Standing::Lacks,
            (false, true) => Standing::HasMore,
            // What nobody fetched yet can't be compared: most often it only went on.
            (false, false) if !store.has(&theirs) => match store.kept(remote)?.map(|known| known.tip) {
                Some(known) if known == ours => Standing::HasMore,
                _ => Standing::Apart,
            },
            (false, false) => Standing::Apart,
        },
    }))
}

/// What of the settings of remotes no longer says what `init` made of them. No remote is asked.
pub(super) fn settings(session: &Session, findings: &mut Findings) -> anyhow::Result<()> {
    for remote in session.store.remotes() {
        let name = remote.name.escape_debug();
        let mut out = findings.on_ref(None);
        if is_half_set_up(&remote) {
            let why = format!("git fetch brings tickets of '{name}', and git push sends it none");
            out.warning("not_opted_in", None, why);
        }
        if !remote.takes_part() {
            continue;
        }
        match session.store.refspecs_for_tickets(&remote)? {
            0 if remote.is_set_up() => {}
            0 => out.warning("no_refspec", None, format!("git fetch brings no tickets of '{name}'")),
            1 => {}
            more => {
                let why =
                    format!("remote.{name}.fetch has {more} refspecs for tickets; git clone fails on two");
                out.warning("many_refspecs", None, why);
            }
        }
    }
    Ok(())
}

/// Whether tickets are fetched from a remote of which nobody said whether they are sent there.
fn is_half_set_up(remote: &Remote) -> bool {
    remote.brings_tickets() && remote.opt_in.is_none() && !remote.is_mirror
}

/// Whether ordinary pushes and fetches carry the tickets of a remote that was asked for.
fn set_up(session: &Session, remote: &Remote, findings: &mut Findings) -> anyhow::Result<bool> {
    if !remote.takes_part() {
        if !is_half_set_up(remote) {
            let why = format!("git push sends no tickets to '{}'", remote.name.escape_debug());
            findings.on_ref(None).warning("not_opted_in", None, why);
        }
        return Ok(false);
    }
    Ok(remote.is_set_up() || session.store.refspecs_for_tickets(remote)? > 0)
}

/// Whether the hook that sends tickets is still where it was put.
fn hook(session: &Session, findings: &mut Findings) -> anyhow::Result<()> {
    let report = hooks::run(session, Action::Status)?;
    let push = report.hooks.iter().find(|hook| hook.event.name() == "pre-push");
    // What was put in and is gone or damaged is told with the others.
    let is_told = session.store.hooks_were_installed();
    let gone = push.filter(|hook| match hook.how {
        How::Off => true,
        How::Missing | How::Damaged | How::Failed => !is_told,
        How::Config | How::File | How::Manual | How::Outdated | How::Removed => false,
    });
    if let Some(hook) = gone {
        let why = format!("git push sends no tickets: the hook pre-push is {}", hook.how.word());
        findings.on_ref(None).warning("no_push_hook", None, why);
    }
    Ok(())
}
