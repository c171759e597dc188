//! Settings: the project's own from `.yoi/workspace.toml`, the person's from git's configuration.

use std::fs::File;
use std::io::Read;

use gix::bstr::ByteSlice;

use crate::format::fault;
use crate::format::language::Language;
use crate::format::settings::{self, Settings};
use crate::model::limit;

use super::{Store, StoreError};

/// The keys of git's `[yoi]` section.
const PERSONAL: [&str; 13] = [
    "ref",
    "remoteRef",
    "language",
    "branchTemplate",
    "worktreeDir",
    "trailer",
    "requireReview",
    "requireLanding",
    "targetBranches",
    "catchUp",
    "autoJoin",
    "pushTimeout",
    "prompt",
];

impl Store {
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
            ("yoi.trailer", &mut settings.trailer),
        ] {
            if let Some(value) = self.setting(key) {
                *field = value;
            }
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
            settings.target_branches = names.split([',', ' ']).map(str::to_owned).collect();
            settings.target_branches.retain(|name| !name.is_empty());
        }
        settings.catch_up = self.switch("yoi.catchUp").unwrap_or(true);
        warnings.extend(self.unknown_settings());
    }

    /// Keys of git's `[yoi]` section that mean nothing.
    fn unknown_settings(&self) -> Vec<String> {
        let config = self.repo.config_snapshot();
        let sections = config.plumbing().sections_by_name("yoi").into_iter().flatten();
        let own = sections.filter(|section| section.header().subsection_name().is_none());
        let names =
            own.flat_map(|section| section.value_names().map(|name| name.to_string()).collect::<Vec<_>>());
        let is_known = |name: &String| PERSONAL.iter().any(|known| known.eq_ignore_ascii_case(name));
        let mut unknown: Vec<String> = names.filter(|name| !is_known(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        unknown.into_iter().map(|name| format!("unknown setting yoi.{}", name.escape_debug())).collect()
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
        let tree = self.repo.find_commit(head).and_then(|commit| commit.tree()).map_err(fail)?;
        let Some(entry) = tree.lookup_entry_by_path(settings::PATH).map_err(fail)? else {
            return Ok(Shared::None);
        };
        let size = entry.id().header().map_err(fail)?.size();
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
