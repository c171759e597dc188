//! Hooks in git's configuration: `hook.yoi-<event>.event` and `.command`, which git knows since 2.54.
//!
//! They stand in the repository's own file. git dies of an event without a command, so the command is
//! the first to come and the last to go.

use std::ffi::OsStr;
use std::path::Path;

use gix::bstr::{BStr, BString, ByteSlice};

use super::{Event, Hook, How, git, text};
use crate::store::{Store, StoreError};

/// What git's configuration says about hooks, in the order git reads it.
pub(super) struct Configured {
    entries: Vec<Entry>,
}

struct Entry {
    scope: String,
    key: String,
    value: BString,
}

impl Configured {
    /// The last value of a key, and the scope it is from.
    pub(super) fn last(&self, key: &str) -> Option<(&str, &BStr)> {
        let entry = self.entries.iter().rfind(|entry| entry.key == key)?;
        Some((&entry.scope, entry.value.as_bstr()))
    }

    /// Whether anything in the repository's own file makes this hook run.
    pub(super) fn has(&self, event: Event) -> bool {
        !self.own(event, "event").is_empty() || !self.own(event, "command").is_empty()
    }

    /// The values in the repository's own file.
    fn own(&self, event: Event, key: &str) -> Vec<&BStr> {
        let key = format!("{}.{key}", name(event));
        let own = self.entries.iter().filter(|entry| entry.scope == "local" && entry.key == key);
        own.map(|entry| entry.value.as_bstr()).collect()
    }

    fn is_off(&self, key: &str) -> bool {
        let words = ["false", "no", "off", "0", ""];
        let value = self.last(key).map(|(_, value)| value);
        value.is_some_and(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes())))
    }
}

/// The name of a hook in git's configuration.
pub(super) fn name(event: Event) -> String {
    format!("hook.yoi-{}", event.name())
}

impl Store {
    /// Asks git for all that its configuration says about hooks.
    pub(super) fn configured(&self) -> Result<Configured, StoreError> {
        let question = ["config", "--null", "--show-scope", "--get-regexp", r"^(core\.hookspath|hook\..*)$"];
        let output = git::output(&self.cwd, question, None)?;
        // git says 1 for an answer without a line.
        let is_empty = output.status.code() == Some(1) && output.stderr.is_empty();
        if !output.status.success() && !is_empty {
            return Err(git::failed(&output));
        }
        let mut fields = output.stdout.split(|byte| *byte == 0);
        let mut entries = Vec::new();
        while let (Some(scope), Some(entry)) = (fields.next(), fields.next()) {
            // A key without '=' has no value, which git takes for true.
            let (key, value) = entry.split_once_str("\n").unwrap_or((entry, b"true"));
            entries.push(Entry {
                scope: scope.to_str_lossy().into_owned(),
                key: key.to_str_lossy().into_owned(),
                value: value.into(),
            });
        }
        Ok(Configured { entries })
    }
}

/// Sets a hook, unless it is set like that.
pub(super) fn set(
    store: &Store,
    configured: &Configured,
    event: Event,
    program: &[u8],
) -> Result<(), StoreError> {
    let command = text::command(event, program);
    for (key, value) in [("command", command.as_slice()), ("event", event.name().as_bytes())] {
        if configured.own(event, key) != [value.as_bstr()] {
            let value = gix::path::from_bstr(value.as_bstr())
                .map_err(|_| StoreError::Unsupported("this program's path is not UTF-8".to_owned()))?;
            change(store, &["--replace-all", &format!("{}.{key}", name(event))], Some(&value))?;
        }
    }
    Ok(())
}

/// Unsets a hook and says whether it was set. A switch that somebody set beside it stays.
pub(super) fn unset(store: &Store, configured: &Configured, event: Event) -> Result<bool, StoreError> {
    for key in ["event", "command"] {
        if !configured.own(event, key).is_empty() {
            change(store, &["--unset-all", &format!("{}.{key}", name(event))], None)?;
        }
    }
    Ok(configured.has(event))
}

fn change(store: &Store, words: &[&str], value: Option<&Path>) -> Result<(), StoreError> {
    let words = ["config", "--local"].into_iter().chain(words.iter().copied()).map(OsStr::new);
    git::run(&store.cwd, words.chain(value.map(Path::as_os_str)))?;
    Ok(())
}

/// How a hook is set.
pub(super) fn judge(configured: &Configured, event: Event) -> Hook {
    let hook = |how| Hook::named(event, how, name(event));
    let commands = configured.own(event, "command");
    if commands.is_empty() {
        return hook(How::Damaged).because("it has no command, and git stops at that");
    }
    if !configured.own(event, "event").contains(&event.name().into()) {
        return hook(How::Damaged).because("its event is not set");
    }
    let current = commands.last().and_then(|command| text::program_of_command(command, event));
    let Some(program) = current else {
        return hook(How::Outdated).because("its command is not as this version writes it");
    };
    let switches = [format!("{}.enabled", name(event)), format!("hook.{}.enabled", event.name())];
    if let Some(switch) = switches.iter().find(|key| configured.is_off(key)) {
        return hook(How::Off).because(format!("{switch} is false"));
    }
    super::file::with_program(hook(How::Config), &program, text::VERSION)
}
