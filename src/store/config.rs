//! Settings: the project's own from `.yoi/workspace.toml`, the person's from git's configuration.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use gix::bstr::ByteSlice;
use gix::refs::FullName;

use crate::format::fault;
use crate::format::language::Language;
use crate::format::setting::{self, Kind, Setting};
use crate::format::settings::{self, Settings};
use crate::model::limit;
use crate::model::near::near;

use super::{Store, StoreError, git, place};

/// The keys that are as if they were not set where their value can't be used.
pub const DROPPED: [&str; 5] =
    ["yoi.trailer", "yoi.catchUp", "yoi.autoJoin", "yoi.pushTimeout", "yoi.prompt"];

/// Which of git's files a setting is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The repository's.
    Local,
    /// The person's.
    Global,
}

impl Scope {
    fn option(self) -> &'static str {
        match self {
            Scope::Local => "--local",
            Scope::Global => "--global",
        }
    }
}

/// The last value of each key in git's configuration, with git's word for where it stands: `file:.git/config`,
/// `command line:`. Keys are as git prints them.
pub type Origins = BTreeMap<String, (String, String)>;

/// Asks git for its whole configuration.
///
/// # Errors
/// When git can't read it.
pub fn origins(cwd: &Path) -> Result<Origins, StoreError> {
    let output = git::output(cwd, ["config", "--show-origin", "--null", "--list"], None)?;
    if !output.status.success() {
        return Err(git::failed(&output));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut parts = text.split('\0');
    let mut found = Origins::new();
    while let (Some(origin), Some(entry)) = (parts.next(), parts.next()) {
        // A key without a value is true.
        let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
        found.insert(key.to_owned(), (value.to_owned(), origin.to_owned()));
    }
    Ok(found)
}

/// The value as it is written, or what may stand there instead.
///
/// # Errors
/// In words, what may stand there.
pub fn check(setting: &Setting, value: &str) -> Result<String, String> {
    let value = setting.check(value)?;
    match setting.kind {
        Kind::Reference => match place::fault(&value) {
            Some(why) => Err(why.to_owned()),
            None => Ok(value),
        },
        Kind::Branches => {
            let names = names(&value);
            let is_bad = |name: &&String| FullName::try_from(format!("refs/heads/{name}")).is_err();
            match names.iter().find(is_bad) {
                Some(bad) => Err(format!("'{}' is no name of a branch", bad.escape_debug())),
                None => Ok(names.join(",")),
            }
        }
        _ => Ok(value),
    }
}

/// Writes a setting to one of git's files, in place of all values it has there.
///
/// # Errors
/// When git can't write the file.
pub fn write(cwd: &Path, scope: Scope, key: &str, value: &str) -> Result<(), StoreError> {
    git::run(cwd, ["config", scope.option(), "--replace-all", key, value]).map(drop)
}

/// Takes a setting out of one of git's files. Says whether it was there.
///
/// # Errors
/// When git can't write the file.
pub fn remove(cwd: &Path, scope: Scope, key: &str) -> Result<bool, StoreError> {
    let output = git::output(cwd, ["config", scope.option(), "--unset-all", key], None)?;
    match output.status.code() {
        Some(0) => Ok(true),
        Some(NOT_THERE) => Ok(false),
        _ => Err(git::failed(&output)),
    }
}

/// The exit code of `git config --unset-all` where there is no such key.
const NOT_THERE: i32 = 5;

fn names(list: &str) -> Vec<String> {
    list.split([',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

impl Store {
    /// Where the shared settings are, in git's words.
    pub fn shared_origin(&self) -> String {
        match self.repo.workdir() {
            Some(_) => format!("file:{}", settings::PATH),
            None => format!("blob:HEAD:{}", settings::PATH),
        }
    }

    /// A value of git's configuration.
    pub fn setting(&self, key: &str) -> Option<String> {
        let value = self.repo.config_snapshot().string(key)?;
        value.to_str().ok().map(str::to_owned)
    }

    /// A truth value of git's configuration; what is none is as if it were not set.
    pub fn switch(&self, key: &str) -> Option<bool> {
        self.repo.config_snapshot().boolean(key)
    }

    /// The settings of this project and person, and warnings about what in them is not understood.
    ///
    /// Shared settings come from the work tree, in a bare repository from HEAD; git's `yoi.*` wins.
    ///
    /// # Errors
    /// When git can't be asked.
    pub fn settings(&self) -> Result<(Settings, Vec<String>), StoreError> {
        let (mut settings, mut warnings) = match self.shared_settings()? {
            Shared::None => (Settings::default(), Vec::new()),
            Shared::Unusable(why) => (Settings::default(), vec![ignored(&why)]),
            Shared::Text(bytes) => match fault::utf8(&bytes).and_then(settings::parse) {
                Ok(read) => read,
                Err(fault) => (Settings::default(), vec![ignored(&fault.to_string())]),
            },
        };
        self.personal(&mut settings, &mut warnings);
        Ok((settings, warnings))
    }

    fn personal(&self, settings: &mut Settings, warnings: &mut Vec<String>) {
        if let Some(language) = self.setting("yoi.language") {
            settings.language = Language::from_setting(&language);
            if !Language::is_known(&language) {
                warnings.push(format!("yoi.language is '{}'; English is used", language.escape_debug()));
            }
        }
        for (key, field) in [
            ("yoi.branchTemplate", &mut settings.branch_template),
            ("yoi.worktreeDir", &mut settings.worktree_dir),
        ] {
            if let Some(value) = self.setting(key) {
                *field = value;
            }
        }
        if let Some(trailer) = self.setting("yoi.trailer").filter(|trailer| setting::is_trailer(trailer)) {
            settings.trailer = trailer;
        }
        for (key, field) in [
            ("yoi.requireReview", &mut settings.policy.require_review),
            ("yoi.requireLanding", &mut settings.policy.require_landing),
        ] {
            match self.repo.config_snapshot().try_boolean(key) {
                Ok(Some(value)) => *field = value,
                Ok(None) => {}
                // A guard that somebody asked for and misspelt is better kept than dropped.
                Err(_) => {
                    warnings.push(format!("{key} is neither true nor false; taken for true"));
                    *field = true;
                }
            }
        }
        if let Some(names) = self.setting("yoi.targetBranches") {
            settings.target_branches = self::names(&names);
        }
        settings.catch_up = self.switch("yoi.catchUp").unwrap_or(true);
        warnings.extend(self.useless_settings());
        warnings.extend(self.unknown_settings());
    }

    /// Keys of git's `[yoi]` section that mean nothing.
    fn unknown_settings(&self) -> Vec<String> {
        let config = self.repo.config_snapshot();
        let sections = config.plumbing().sections_by_name("yoi").into_iter().flatten();
        let own = sections.filter(|section| section.header().subsection_name().is_none());
        let names =
            own.flat_map(|section| section.value_names().map(|name| name.to_string()).collect::<Vec<_>>());
        let known = || setting::ALL.iter().filter_map(|setting| setting.key.strip_prefix("yoi."));
        let is_known = |name: &String| known().any(|known| known.eq_ignore_ascii_case(name));
        let mut unknown: Vec<String> = names.filter(|name| !is_known(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        let told = |name: String| {
            let meant = near(&name, known()).map(|key| format!("; did you mean yoi.{key}?"));
            format!("unknown setting yoi.{}{}", name.escape_debug(), meant.unwrap_or_default())
        };
        unknown.into_iter().map(told).collect()
    }

    /// Personal settings whose value can't be used, so that it is as if they were not set.
    fn useless_settings(&self) -> Vec<String> {
        let is_dropped = |setting: &&Setting| DROPPED.contains(&setting.key);
        let told = |setting: &Setting| {
            let value = self.repo.config_snapshot().string(setting.key)?.to_str_lossy().into_owned();
            let why = match setting.kind {
                Kind::Switch => self.repo.config_snapshot().try_boolean(setting.key).is_err(),
                _ => setting.check(&value).is_err(),
            };
            let expected = setting.expected();
            why.then(|| {
                format!("{} is '{}', which is not used: {expected}", setting.key, value.escape_debug())
            })
        };
        setting::ALL.iter().filter(is_dropped).filter_map(told).collect()
    }

    fn shared_settings(&self) -> Result<Shared, StoreError> {
        let Some(top) = self.repo.workdir() else { return self.settings_at_head() };
        let path = top.join(settings::PATH);
        let Ok(metadata) = std::fs::metadata(&path) else { return Ok(Shared::None) };
        // A clone can bring a link to anything along: to a device that never ends, say.
        if !metadata.is_file() {
            return Ok(Shared::Unusable("it is no plain file".to_owned()));
        }
        let mut bytes = Vec::new();
        let read =
            File::open(&path).and_then(|file| file.take(limit::TEXT as u64 + 1).read_to_end(&mut bytes));
        Ok(match read {
            Err(error) => Shared::Unusable(error.to_string()),
            Ok(_) if bytes.len() > limit::TEXT => Shared::Unusable(too_long()),
            Ok(_) => Shared::Text(bytes),
        })
    }

    fn settings_at_head(&self) -> Result<Shared, StoreError> {
        let fail = |error: gix::Error| StoreError::from_gix("can't read HEAD", &error);
        let name = match self.branch() {
            Some(branch) => format!("refs/heads/{branch}"),
            None => return Ok(Shared::None),
        };
        let Some(head) = self.read_ref(&name)? else { return Ok(Shared::None) };
        let tree = self.object("HEAD", head)?.peel_to_tree().map_err(fail)?;
        let Some(entry) = tree.lookup_entry_by_path(settings::PATH).map_err(fail)? else {
            return Ok(Shared::None);
        };
        let size = self.object_size(settings::PATH, entry.object_id())?;
        if size > limit::TEXT as u64 {
            return Ok(Shared::Unusable(too_long()));
        }
        Ok(Shared::Text(entry.object().map_err(fail)?.detach().data))
    }
}

/// What was found where the shared settings are.
enum Shared {
    None,
    Text(Vec<u8>),
    Unusable(String),
}

fn too_long() -> String {
    format!("it is longer than {} bytes", limit::TEXT)
}

fn ignored(why: &str) -> String {
    format!("{} is ignored: {why}", settings::PATH)
}
