//! Settings: the project's own from `.yoi/workspace.toml`, the person's from git's configuration.

use gix::bstr::ByteSlice;

use crate::format::fault::{self, Fault};
use crate::format::settings::{self, Settings};
use crate::model::limit;

use super::{Store, StoreError};

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
        let (mut settings, warnings) = match self.shared_settings()? {
            None => (Settings::default(), Vec::new()),
            Some(bytes) => match fault::utf8(&bytes).and_then(settings::parse) {
                Ok(read) => read,
                Err(fault) => (Settings::default(), vec![ignored(&fault)]),
            },
        };
        self.personal(&mut settings);
        Ok((settings, warnings))
    }

    fn personal(&self, settings: &mut Settings) {
        if let Some(language) = self.setting("yoi.language") {
            settings.language = crate::format::language::Language::from_setting(&language);
        }
        if let Some(template) = self.setting("yoi.branchTemplate") {
            settings.branch_template = template;
        }
        if let Some(folder) = self.setting("yoi.worktreeDir") {
            settings.worktree_dir = folder;
        }
        if let Some(trailer) = self.setting("yoi.trailer") {
            settings.trailer = trailer;
        }
        if let Some(required) = self.switch("yoi.requireReview") {
            settings.policy.require_review = required;
        }
        if let Some(required) = self.switch("yoi.requireLanding") {
            settings.policy.require_landing = required;
        }
    }

    fn shared_settings(&self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.repo.workdir() {
            Some(top) => {
                Ok(std::fs::read(top.join(settings::PATH)).ok().filter(|bytes| bytes.len() <= limit::TEXT))
            }
            None => self.settings_at_head(),
        }
    }

    fn settings_at_head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let fail = |error: gix::Error| StoreError::from_gix("can't read HEAD", &error);
        let name = match self.branch() {
            Some(branch) => format!("refs/heads/{branch}"),
            None => return Ok(None),
        };
        let Some(head) = self.read_ref(&name)? else { return Ok(None) };
        let tree = self.repo.find_commit(head).and_then(|commit| commit.tree()).map_err(fail)?;
        let Some(entry) = tree.lookup_entry_by_path(settings::PATH).map_err(fail)? else { return Ok(None) };
        let size = entry.id().header().map_err(fail)?.size();
        if size > limit::TEXT as u64 {
            return Ok(None);
        }
        Ok(Some(entry.object().map_err(fail)?.detach().data))
    }
}

fn ignored(fault: &Fault) -> String {
    format!("{} is ignored: {fault}", settings::PATH)
}
