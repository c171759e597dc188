//! What git's hooks call: `git yoi hook <name>`.
//!
//! A hook never makes git's own command fail: whatever goes wrong ends in a note or in silence, and in time.
//! It writes to standard error only, because git mixes what hooks print into its own answers. Nothing
//! depends on hooks having run: every command of git-yoi looks again at what they might have missed.

mod commit_msg;
mod post_commit;
mod pre_push;

use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::host::Host;
use crate::ops::Session;
use crate::ops::landing::{self, Effort};
use crate::ops::uniting;
use crate::ui::{sanitize, stream};

/// The hooks of git that git-yoi knows.
pub const NAMES: [&str; 5] = ["commit-msg", "post-commit", "post-merge", "post-rewrite", "pre-push"];

/// Set by a hook for the programs it starts: a hook inside a hook does nothing.
const INSIDE: &str = "YOI_IN_HOOK";

/// Set by people who want no hooks for a while.
const OFF: &str = "YOI_HOOKS_OFF";

/// Set by the installer, which only tries whether the hook can be run.
const PROBE: &str = "YOI_HOOK_PROBE";

/// How long a hook may take in a repository where something hangs. It is far more than one needs.
const LOCAL: Duration = Duration::from_secs(2);

/// The same before a push, where whole branches may have to be hashed.
const PUSHING: Duration = Duration::from_secs(5);

/// Does what a hook is for. Gives nothing back: whatever happened, git goes on.
pub fn run(host: &Host, name: &str, arguments: &[OsString]) {
    let is_set = |name: &str| host.var(name).is_some();
    if !NAMES.contains(&name) {
        return note(host, &format!("there is no hook '{name}'"));
    }
    if is_set(INSIDE) || is_set(OFF) || is_set(PROBE) {
        return;
    }
    let watch = Watch::begin(if name == "pre-push" { PUSHING } else { LOCAL });
    // No repository, no tickets, nobody to act: nothing a commit or a push should hear about.
    let Ok(session) = Session::open(host, None) else { return };
    if session.snapshot().is_err() {
        return;
    }
    let outcome = match name {
        "commit-msg" => commit_msg::run(&session, arguments),
        "post-commit" => post_commit::run(&session),
        "pre-push" => pre_push::run(&session, arguments, &watch),
        _ => catch_up(&session),
    };
    if let Err(error) = outcome {
        note(host, &format!("{name}: {error:#}"));
    }
}

/// Ends the process when it takes too long: git waits for it.
struct Watch(Arc<Mutex<Instant>>);

impl Watch {
    fn begin(limit: Duration) -> Self {
        let until = Arc::new(Mutex::new(Instant::now() + limit));
        let shared = Arc::clone(&until);
        std::thread::spawn(move || {
            while let Some(left) = left(&shared) {
                std::thread::sleep(left);
            }
            landing::abandon();
            std::process::exit(0);
        });
        Watch(until)
    }

    /// Sets another end.
    fn end_at(&self, end: Instant) {
        if let Ok(mut until) = self.0.lock() {
            *until = end;
        }
    }
}

/// How long is left, if anything is.
fn left(until: &Mutex<Instant>) -> Option<Duration> {
    let until = *until.lock().ok()?;
    Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
}

/// Says something to whoever typed git's command.
fn note(host: &Host, line: &str) {
    stream::note(host, &format!("yoi: {}", sanitize::line(line)));
}

/// Merges fetched tickets, and records landings as far as that is quickly done.
fn catch_up(session: &Session) -> anyhow::Result<()> {
    if !session.settings.catch_up {
        return Ok(());
    }
    for arrival in uniting::merge_fetched(session)? {
        if let Some(sentence) = arrival.sentence() {
            note(session.host, &sentence);
        }
    }
    for entry in landing::catch_up(session, Effort::HOOK, false)?.entries {
        note(session.host, &format!("{} \"{}\": {}", entry.finding.ticket, entry.title, entry.sentence()));
        for (id, title) in &entry.unblocked {
            note(session.host, &format!("unblocked: {id} \"{title}\""));
        }
    }
    Ok(())
}
