//! Finding and opening the repository.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::sec::trust::Mapping;

use crate::host::Host;

use super::environment;
use super::{StoreError, reference};

/// An opened repository.
pub struct Store {
    pub(super) repo: gix::Repository,
    pub(super) backend: reference::Backend,
    /// Where the user stands: git is run there.
    pub(super) cwd: PathBuf,
}

impl Store {
    /// Opens the repository git itself would use here: `GIT_DIR`, or the one at or above the working
    /// directory; linked worktrees, submodules and bare repositories included.
    ///
    /// # Errors
    /// When there is none, it belongs to somebody else, or it is of a kind this program can't read.
    pub fn open(host: &Host) -> Result<Self, StoreError> {
        environment::refuse_unsupported(host)?;
        let options = gix::open::Options::default()
            .permissions(permissions())
            .lossy_config(true)
            .bail_if_untrusted(true)
            .cli_overrides(environment::config_parameters(host)?);
        let trust = Mapping { full: options.clone(), reduced: options };
        let repo = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            &host.cwd,
            Default::default(),
            trust,
        )
        .map_err(|error| open_error(&host.cwd, &error))?
        .to_thread_local();
        let backend = reference::Backend::of(&repo)?;
        Ok(Store { repo, backend, cwd: host.cwd.clone() })
    }

    /// The folder that all worktrees of the repository share.
    pub fn common_dir(&self) -> &Path {
        self.repo.common_dir()
    }

    /// The top of the work tree, if there is one.
    pub fn work_dir(&self) -> Option<&Path> {
        self.repo.workdir()
    }

    /// The folder for what this program keeps beside the repository; all of it can be deleted.
    pub fn own_dir(&self) -> PathBuf {
        self.repo.common_dir().join("yoi")
    }

    /// The branch that is checked out, without `refs/heads/`.
    pub fn branch(&self) -> Option<String> {
        if let reference::Backend::Git = self.backend {
            let answer = super::git::run(&self.cwd, ["symbolic-ref", "--quiet", "--short", "HEAD"]).ok()?;
            return Some(answer.trim_end().to_owned());
        }
        let name = self.repo.head_name().ok()??;
        Some(name.shorten().to_str().ok()?.to_owned())
    }
}

/// Everything git itself looks at, but for attributes: no file content is ever filtered here.
fn permissions() -> gix::open::Permissions {
    let mut permissions = gix::open::Permissions::all();
    permissions.attributes = gix::open::permissions::Attributes::isolated();
    permissions
}

fn open_error(cwd: &Path, error: &gix::Error) -> StoreError {
    let said = StoreError::from_gix("can't open the repository", error);
    if error.is_not_found() {
        return StoreError::NoRepository(cwd.to_owned());
    }
    if error.is_permission_denied() {
        return StoreError::Untrusted(cwd.to_owned());
    }
    StoreError::Unsupported(match said {
        StoreError::Denied(text) | StoreError::Damaged(text) | StoreError::Other(text) => text,
        other => other.to_string(),
    })
}
