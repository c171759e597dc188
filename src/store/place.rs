//! Which ref holds the tickets, here and on a remote.
//!
//! [`DEFAULT`] unless git's configuration says otherwise: `yoi.ref` names the ref of this repository,
//! `yoi.remoteRef` that of its remotes (without it the same as here), and `remote.<name>.yoiRef` that of one
//! remote. They are for hosts that keep branches and tags only, where [`BRANCH`] is the place to go. A clone
//! can't bring these settings along.

use gix::bstr::ByteSlice;
use gix::refs::FullName;

use super::{Store, StoreError};

/// The ref that holds the tickets where nothing else is set.
pub const DEFAULT: &str = "refs/yoi/tickets";

/// The branch to use on hosts that keep no other refs: whoever joins looks for it there, too.
pub const BRANCH: &str = "refs/heads/yoi/tickets";

/// Where refs mean something to git, or to this program, and are not for tickets.
const TAKEN: [&str; 9] = [
    "refs/remotes/",
    "refs/tags/",
    "refs/replace/",
    "refs/bisect/",
    "refs/worktree/",
    "refs/rewritten/",
    "refs/prefetch/",
    super::unite::FETCHED,
    super::probe::FOLDER,
];

/// The ref of this repository, by its settings.
pub(super) fn here(repo: &gix::Repository) -> Result<String, StoreError> {
    let set = set(repo, "yoi.ref")?;
    // Told at once, wherever it is noticed: tickets would go elsewhere than somebody means.
    self::set(repo, "yoi.remoteRef")?;
    Ok(set.unwrap_or_else(|| DEFAULT.to_owned()))
}

fn set(repo: &gix::Repository, key: &str) -> Result<Option<String>, StoreError> {
    let Some(value) = repo.config_snapshot().string(key) else { return Ok(None) };
    let value = value.to_str_lossy().into_owned();
    match fault(&value) {
        None => Ok(Some(value)),
        Some(why) => Err(StoreError::Unsupported(format!("{key} is '{}': {why}", value.escape_debug()))),
    }
}

/// Why tickets can't be kept on a ref of that name.
pub(super) fn fault(name: &str) -> Option<&'static str> {
    let parts = name.split('/').count();
    if FullName::try_from(name).is_err() || !name.starts_with("refs/") || parts < 3 {
        return Some("that is no full name of a ref, such as refs/heads/yoi/tickets");
    }
    // A refspec for it must say one thing only.
    if name.contains(['*', '"', '\\']) {
        return Some("a refspec can't name it");
    }
    TAKEN.iter().any(|folder| name.starts_with(folder)).then_some("that place is for other refs")
}

/// Whether tickets can be kept on a ref of that name.
pub(super) fn is_usable(name: &str) -> bool {
    fault(name).is_none()
}

impl Store {
    /// The whole name of the ref that holds the tickets here.
    pub fn reference(&self) -> &str {
        &self.tickets
    }

    /// Whether somebody chose that name.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.tickets != DEFAULT
    }

    /// The whole name of the ref that holds the tickets on a remote.
    ///
    /// # Errors
    /// When the settings name none that can be used.
    pub(super) fn reference_on(&self, remote: &str) -> Result<String, StoreError> {
        let own = set(&self.repo, &format!("remote.{remote}.yoiRef"))?;
        let all = set(&self.repo, "yoi.remoteRef")?;
        Ok(own.or(all).unwrap_or_else(|| self.tickets.clone()))
    }

    /// Takes over the tickets of the usual ref where somebody chose another one that is not there yet. Gives
    /// whether that was so.
    ///
    /// # Errors
    /// When the refs can't be read or written.
    pub fn move_in(&self, host: &crate::host::Host) -> Result<bool, StoreError> {
        if !self.is_elsewhere() || self.read_ref(&self.tickets)?.is_some() {
            return Ok(false);
        }
        let Some(tip) = self.read_ref(DEFAULT)? else { return Ok(false) };
        let (_, committer) = super::identity::derived(host.clock.now_millis());
        let log = format!("yoi: begins with {DEFAULT}");
        let swapped = self.swap_in_turn(&mut self.turn(), None, tip, &log, &committer)?;
        Ok(matches!(swapped, super::reference::Swap::Done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_go_to_refs_that_git_can_name_and_nobody_else_uses() {
        for name in [DEFAULT, BRANCH, "refs/meta/yoi", "refs/heads/tickets"] {
            assert_eq!(fault(name), None, "{name}");
        }
        for name in [
            "",
            "HEAD",
            "main",
            "refs/tickets",
            "refs/heads/",
            "refs/heads/a b",
            "refs/heads/a..b",
            "refs/heads/-/../x",
            "refs/heads/a*",
            "refs/heads/a\nb",
            "refs/tags/tickets",
            "refs/remotes/origin/yoi",
            "refs/replace/x",
            "refs/yoi/remotes/origin/tickets",
            "refs/yoi/probe/x",
        ] {
            assert!(fault(name).is_some(), "{name}");
        }
    }
}
