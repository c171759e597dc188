//! git's hooks: putting ours in, taking them out, and telling how they are.
//!
//! From git 2.54 on they stand in the repository's configuration (`settings`); before, as a marked block
//! in each hook file (`file`), in the folder git runs hooks from (`folder`). Files of others keep every
//! byte of theirs, and what would be read by others, such as a folder of the work tree, is never written:
//! `advice` has the line to add there by hand. What a hook does is left to the program it calls.

mod advice;
mod file;
mod folder;
mod probe;
mod settings;
mod text;

use std::path::{Path, PathBuf};

use crate::host::Host;

use super::{Store, StoreError, git};
use advice::Advice;
use folder::Folder;
use settings::Configured;

/// The first git that runs hooks named in its configuration.
const CONFIGURED_SINCE: (u32, u32) = (2, 54);
/// The file in this program's own folder that tells that hooks were put in.
const INSTALLED: &str = "hooks";
/// The first git that can name the hook folder as it is asked here.
const OLDEST: (u32, u32) = (2, 31);

/// A moment at which git calls a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A commit's message was written.
    CommitMsg,
    /// A commit was made.
    PostCommit,
    /// A merge or pull brought something in.
    PostMerge,
    /// Commits were replaced by others.
    PostRewrite,
    /// A push begins.
    PrePush,
}

impl Event {
    /// All that are used.
    pub const ALL: [Event; 5] =
        [Event::CommitMsg, Event::PostCommit, Event::PostMerge, Event::PostRewrite, Event::PrePush];

    /// git's name of it, which is that of the hook file.
    pub fn name(self) -> &'static str {
        match self {
            Event::CommitMsg => "commit-msg",
            Event::PostCommit => "post-commit",
            Event::PostMerge => "post-merge",
            Event::PostRewrite => "post-rewrite",
            Event::PrePush => "pre-push",
        }
    }

    /// Whether git says something on the hook's standard input.
    fn has_input(self) -> bool {
        match self {
            Event::PostRewrite | Event::PrePush => true,
            Event::CommitMsg | Event::PostCommit | Event::PostMerge => false,
        }
    }
}

/// How a hook is there, or what was done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In git's configuration.
    Config,
    /// In a hook file.
    File,
    /// By hand: nothing is written there by this program.
    Manual,
    /// Not at all.
    Missing,
    /// There, but not as this version writes it.
    Outdated,
    /// There, but git can't run it.
    Damaged,
    /// There, but switched off in git's configuration.
    Off,
    /// It was taken out.
    Removed,
    /// It could not be written.
    Failed,
}

impl How {
    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            How::Config => "config",
            How::File => "file",
            How::Manual => "manual",
            How::Missing => "missing",
            How::Outdated => "outdated",
            How::Damaged => "damaged",
            How::Off => "off",
            How::Removed => "removed",
            How::Failed => "failed",
        }
    }
}

/// One hook, as it is now.
#[derive(Debug, Clone)]
pub struct Hook {
    /// When git calls it.
    pub event: Event,
    /// How it is there.
    pub how: How,
    /// A file, or a name in git's configuration.
    pub place: String,
    /// The version of its text, where there is one.
    pub version: Option<u32>,
    /// More about it.
    pub why: Option<String>,
    /// What to add by hand, there.
    pub line: Option<String>,
}

impl Hook {
    fn new(event: Event, how: How, place: &Path) -> Self {
        Hook::named(event, how, place.display().to_string())
    }

    fn named(event: Event, how: How, place: String) -> Self {
        Hook { event, how, place, version: None, why: None, line: None }
    }

    fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    fn with_version(mut self, version: u32) -> Self {
        self.version = Some(version);
        self
    }
}

/// What is known before anything is done.
struct Surroundings {
    is_configurable: bool,
    git: String,
    configured: Configured,
    folder: Folder,
    /// What the hooks call when `git-yoi` is not on their PATH; empty when that can't be told.
    program: Vec<u8>,
    /// The number of this process.
    id: u32,
}

impl Store {
    /// Puts every hook in, or renews it, and tells how each is there now. Done again, it changes nothing.
    ///
    /// # Errors
    /// When git can't be asked, or not one hook could be written.
    pub fn install_hooks(&self, host: &Host) -> Result<Vec<Hook>, StoreError> {
        let _turn = self.turn();
        let hooks = self.put_hooks(host)?;
        // Remembered, so that one that goes missing is missed. What can't be remembered is not.
        let _ = std::fs::write(self.own_dir().join(INSTALLED), "");
        Ok(hooks)
    }

    /// Whether this program put hooks in here and did not take them out again.
    pub fn hooks_were_installed(&self) -> bool {
        self.own_dir().join(INSTALLED).is_file()
    }

    fn put_hooks(&self, host: &Host) -> Result<Vec<Hook>, StoreError> {
        let found = self.surroundings(host)?;
        if found.is_configurable {
            for event in Event::ALL {
                settings::set(self, &found.configured, event, &found.program)?;
            }
            let configured = self.configured()?;
            let mut hooks = Event::ALL.map(|event| settings::judge(&configured, event)).to_vec();
            let removed =
                self.own_folders(&found.folder).into_iter().flat_map(|folder| file::clear(&folder, host.id));
            for left in removed.filter(|left| left.how == How::Failed) {
                let hook = hooks.iter_mut().find(|hook| hook.event == left.event);
                if let (Some(hook), Some(why)) = (hook, left.why) {
                    hook.why = Some(format!("the block in '{}' stays: {why}", left.place));
                }
            }
            return Ok(hooks);
        }
        let hooks = match &found.folder.refusal {
            Some(why) => Event::ALL.map(|event| self.by_hand(&found, event, why)).to_vec(),
            None => self.write_files(&found)?,
        };
        for event in Event::ALL {
            settings::unset(self, &found.configured, event)?;
        }
        Ok(hooks)
    }

    /// Takes every hook out again; what was there before is as it was. Tells what was done with each.
    ///
    /// # Errors
    /// When git can't be asked or its configuration can't be written.
    pub fn uninstall_hooks(&self, host: &Host) -> Result<Vec<Hook>, StoreError> {
        let _turn = self.turn();
        // It need not be there.
        let _ = std::fs::remove_file(self.own_dir().join(INSTALLED));
        let found = self.surroundings(host)?;
        let mut cleared: Vec<Hook> = self
            .own_folders(&found.folder)
            .into_iter()
            .flat_map(|folder| file::clear(&folder, host.id))
            .collect();
        let mut hooks = Vec::new();
        for event in Event::ALL {
            let is_unset = settings::unset(self, &found.configured, event)?;
            let at = cleared.iter().position(|hook| hook.event == event);
            let by_hand = self.advice(&found, event);
            hooks.push(match at {
                Some(at) => cleared.swap_remove(at),
                None if is_unset => Hook::named(event, How::Removed, settings::name(event)),
                None if by_hand.is_done => {
                    Hook::new(event, How::Manual, &by_hand.place).because("added by hand, it stays")
                }
                None => Hook::new(event, How::Missing, &found.folder.path.join(event.name())),
            });
        }
        Ok(hooks)
    }

    /// How each hook is there.
    ///
    /// # Errors
    /// When git can't be asked.
    pub fn hooks(&self, host: &Host) -> Result<Vec<Hook>, StoreError> {
        let found = self.surroundings(host)?;
        Ok(Event::ALL.map(|event| self.hook(&found, event)).to_vec())
    }

    fn hook(&self, found: &Surroundings, event: Event) -> Hook {
        let is_set = found.configured.has(event);
        if found.is_configurable && is_set {
            return settings::judge(&found.configured, event);
        }
        let hook = match &found.folder.refusal {
            Some(why) => self.by_hand(found, event, why),
            None => file::judge(&found.folder.path.join(event.name()), event)
                .unwrap_or_else(|why| self.by_hand(found, event, &why)),
        };
        // What is to be added by hand is not there yet.
        if hook.how != How::Missing && hook.line.is_none() {
            return hook;
        }
        let advice = self.advice(found, event);
        if advice.is_done {
            return Hook::new(event, How::Manual, &advice.place);
        }
        if found.is_configurable {
            return Hook::named(event, How::Missing, settings::name(event));
        }
        let unread = || format!("{} doesn't read {}", found.git, settings::name(event));
        Hook { how: How::Missing, why: hook.why.clone().or_else(|| is_set.then(unread)), ..hook }
    }

    fn surroundings(&self, host: &Host) -> Result<Surroundings, StoreError> {
        let git = git::run(&self.cwd, ["--version"])?.trim().replacen("git version ", "git ", 1);
        let version = version(&git);
        if version < OLDEST {
            let (major, minor) = OLDEST;
            return Err(StoreError::Unsupported(format!("hooks need git {major}.{minor}; this is {git}")));
        }
        let configured = self.configured()?;
        let folder = folder::find(self, &configured)?;
        let is_configurable = version >= CONFIGURED_SINCE;
        Ok(Surroundings { is_configurable, git, configured, folder, program: program(host), id: host.id })
    }

    /// The folders in which hook files of ours may be: where git looks now, unless that is others', and
    /// where it looked before somebody set core.hooksPath.
    fn own_folders(&self, folder: &Folder) -> Vec<PathBuf> {
        let usual = self.common_dir().join("hooks");
        let mut folders: Vec<PathBuf> =
            folder.refusal.is_none().then(|| folder.path.clone()).into_iter().collect();
        if !folders.iter().any(|folder| folder::real(folder) == folder::real(&usual))
            && !folder::is_in_work_tree(self, &usual)
        {
            folders.push(usual);
        }
        folders
    }

    fn write_files(&self, found: &Surroundings) -> Result<Vec<Hook>, StoreError> {
        let folder = &found.folder.path;
        let is_new = folder::make(folder)?;
        let writer = file::Writer { program: &found.program, is_folder_new: is_new, id: found.id };
        let mut hooks = Vec::new();
        let mut failed = Vec::new();
        for event in Event::ALL {
            let path = folder.join(event.name());
            let advice = self.advice(found, event);
            if advice.is_done {
                hooks.push(Hook::new(event, How::Manual, &advice.place));
                continue;
            }
            hooks.push(match file::install(&path, event, &writer) {
                Ok(Ok(hook)) => hook,
                Ok(Err(why)) => self.by_hand(found, event, &why),
                Err(error) => {
                    let hook = Hook::new(event, How::Failed, &path).because(error.to_string());
                    failed.push(error);
                    hook
                }
            });
        }
        // What was moved aside may still be run, and would call the program a second time.
        file::clear_moved(folder, found.id);
        if is_new {
            folder::remove_empty(folder);
        }
        match failed.pop() {
            Some(error) if failed.len() + 1 == Event::ALL.len() => Err(error),
            _ => Ok(hooks),
        }
    }

    /// A hook that somebody adds by hand.
    fn by_hand(&self, found: &Surroundings, event: Event, why: &str) -> Hook {
        if found.folder.is_off {
            return Hook::new(event, How::Off, &found.folder.path).because(why);
        }
        let Advice { place, line, is_done } = self.advice(found, event);
        let hook = Hook::new(event, How::Manual, &place);
        if is_done { hook } else { Hook { line: Some(line), ..hook.because(why) } }
    }

    fn advice(&self, found: &Surroundings, event: Event) -> Advice {
        advice::of(event, &found.folder.path.join(event.name()), self.work_dir())
    }
}

/// The numbers in `git 2.47.3`; nothing that is no number is new.
fn version(git: &str) -> (u32, u32) {
    let mut numbers = git.trim_start_matches("git ").split(|character: char| !character.is_ascii_digit());
    let mut next = || numbers.next().and_then(|digits| digits.parse().ok()).unwrap_or(0);
    (next(), next())
}

/// Where this program is, by a name that outlives an update: as PATH has it, if that is the same.
fn program(host: &Host) -> Vec<u8> {
    let Some(own) = host.program.as_deref().filter(|own| own.is_absolute() && own.is_file()) else {
        return Vec::new();
    };
    let real = folder::real(own);
    let listed = host.var_os("PATH").into_iter().flat_map(std::env::split_paths);
    let mut named = listed.map(|folder| folder.join("git-yoi")).filter(|path| path.is_absolute());
    let stable = named.find(|path| path.is_file() && folder::real(path) == real);
    stable.as_deref().unwrap_or(own).as_os_str().as_encoded_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gits_versions_are_read_whatever_follows_them() {
        for (said, read) in [
            ("git 2.47.3", (2, 47)),
            ("git 2.39.5 (Apple Git-154)", (2, 39)),
            ("git 2.55.GIT", (2, 55)),
            ("git 2.54.0.windows.1", (2, 54)),
            ("git 3.0.rc1", (3, 0)),
            ("git", (0, 0)),
            ("something else", (0, 0)),
        ] {
            assert_eq!(version(said), read, "{said}");
        }
    }
}
