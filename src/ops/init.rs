//! Setting a repository up, and undoing that.

use crate::store::remote::{Refspec, Remote};
use crate::store::unite::United;

use super::hooks::{self, Action, Report};
use super::session::Session;
use super::{sync, uniting};

/// What `init` found and did.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The ref that holds the tickets.
    pub reference: String,
    /// It was made now.
    pub is_new: bool,
    /// It was made now from the tickets of this remote.
    pub joined: Option<String>,
    /// How many tickets are on it.
    pub tickets: usize,
    /// Former values of the ref are kept in a log.
    pub has_reflog: bool,
    /// The remote that was set up; `None` when there is none, or several and none was named.
    pub remote: Option<Connected>,
    /// Remotes of which none was named.
    pub choices: Vec<String>,
    /// How git's hooks are now, or why they could not be installed; nothing when they were not to be.
    pub hooks: Option<Result<Report, String>>,
}

/// How a remote is set up now.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Its name.
    pub name: String,
    /// Whether it has tickets; `None` when there was no need to ask, else why it could not be asked.
    pub has_tickets: Option<Result<bool, String>>,
    /// What was merged of it into tickets that were here before.
    pub united: Option<United>,
    /// It is left as it is, because pushes to it are mirrors.
    pub is_mirror: bool,
    /// The ref that holds them there, where it is another than here.
    pub elsewhere: Option<String>,
    /// What became of its refspec.
    pub refspec: Refspec,
    /// An ordinary push sends tickets to it.
    pub is_opted_in: bool,
    /// Something was changed now.
    pub is_new: bool,
}

impl Connected {
    /// Whether an ordinary fetch brings its tickets.
    pub fn fetches(&self) -> bool {
        self.refspec != Refspec::LeftOut
    }
}

/// Makes the ref when there is none, from the tickets of a remote if it has any, and lets ordinary fetches
/// and pushes carry tickets. Where all of that is done already nothing is done, and nobody asked. Then installs
/// git's hooks, if they are wanted: the tickets can do without, so that this fails is no error.
///
/// # Errors
/// When there is no such remote, its tickets can't be used, or the repository can't be written.
pub fn init(session: &Session, named: Option<&str>, wants_hooks: bool) -> anyhow::Result<Setup> {
    let store = &session.store;
    let remote = match named {
        Some(name) => Some(store.remote(name)?),
        None => store.main_remote(),
    };
    store.move_in(session.host)?;
    let had_tickets = store.snapshot()?.exists();
    let mut connected = None;
    let (mut is_new, mut joined) = (false, None);
    if let Some(remote) = &remote {
        let found = connect(session, remote, named.is_some(), had_tickets)?;
        if !had_tickets && matches!(found.united, Some(United::Forward)) {
            (is_new, joined) = (true, Some(remote.name.clone()));
        }
        connected = Some(found);
    }
    if !had_tickets && joined.is_none() {
        is_new = store.create_ref(session.host, &session.actor()?)?;
    }
    let tickets = session.snapshot()?.all()?.len();
    let install = || hooks::run(session, Action::Install).map_err(|error| format!("{error:#}"));
    let choices = if remote.is_none() { store.remotes() } else { Vec::new() };
    Ok(Setup {
        reference: store.reference().to_owned(),
        is_new,
        joined,
        tickets,
        has_reflog: store.has_reflog(),
        remote: connected,
        choices: choices.into_iter().map(|remote| remote.name).collect(),
        hooks: wants_hooks.then(install),
    })
}

fn connect(
    session: &Session,
    remote: &Remote,
    is_named: bool,
    had_tickets: bool,
) -> anyhow::Result<Connected> {
    let (store, host) = (&session.store, session.host);
    let mut remote = remote.clone();
    let is_done = had_tickets && remote.is_set_up() && !(is_named && remote.opt_in == Some(false));
    let asked = (!is_done).then(|| {
        let terms = sync::terms_of_commands(session);
        store.ask_anywhere(host, &remote, terms).map_err(|error| error.to_string())
    });
    let mut united = None;
    if let Some(Ok(Some((reference, _)))) = &asked {
        if *reference != remote.reference {
            store.settle_place(&mut remote, reference)?;
        }
        if let Some(fetched) = store.bring(host, &remote, sync::terms_of_commands(session))? {
            united = Some(uniting::take(session, &fetched)?);
        }
    }
    let has_tickets = asked.map(|asked| asked.map(|found| found.is_some()));
    let remote = &remote;
    let mut connected = Connected {
        name: remote.name.clone(),
        has_tickets,
        united,
        is_mirror: remote.is_mirror,
        elsewhere: (remote.reference != store.reference()).then(|| remote.reference.clone()),
        refspec: if remote.brings_tickets() { Refspec::Present } else { Refspec::LeftOut },
        is_opted_in: remote.takes_part(),
        is_new: false,
    };
    if !remote.is_mirror && !is_done {
        let done = store.register(remote, is_named)?;
        connected.refspec = done.refspec;
        connected.is_opted_in = done.is_opted_in;
        connected.is_new = done.is_new || done.refspec == Refspec::Added;
    }
    Ok(connected)
}

/// What `deinit` undid.
#[derive(Debug, Clone)]
pub struct Undone {
    /// The ref the tickets stay on.
    pub reference: String,
    /// Remotes whose settings were taken back.
    pub remotes: Vec<String>,
    /// Fetched tickets were forgotten.
    pub fetched: usize,
    /// What was done with the hooks.
    pub hooks: Report,
    /// How many tickets stay.
    pub tickets: usize,
}

impl Undone {
    /// Whether there was anything to undo.
    pub fn is_anything(&self) -> bool {
        !self.remotes.is_empty() || self.fetched > 0 || self.hooks.summary() != "missing"
    }
}

/// Takes back everything that setting up did, but for the tickets.
///
/// # Errors
/// When git can't be asked, or something can't be written.
pub fn deinit(session: &Session) -> anyhow::Result<Undone> {
    let store = &session.store;
    let tickets = store.snapshot()?;
    let tickets = if tickets.exists() { tickets.all()?.len() } else { 0 };
    let fetched = store.fetched()?.len();
    let hooks = hooks::run(session, Action::Uninstall)?;
    let remotes = store.unregister()?;
    store.remove_own_dir()?;
    Ok(Undone { reference: store.reference().to_owned(), remotes, fetched, hooks, tickets })
}
