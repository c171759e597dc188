//! Finding and opening the repository.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gix::bstr::ByteSlice;
use gix::sec::trust::Mapping;

use crate::host::Host;

use super::difference::Known;
use super::environment;
use super::lookup::Lookup;
use super::pack::Keep;
use super::{StoreError, reference};

/// Packs may come and go while a write waits for its turn; gix gives up when it runs out of slots.
fn slots() -> gix::odb::store::init::Slots {
    gix::odb::store::init::Slots::AsNeededByDiskState { multiplier: 2.0, minimum: 256 }
}

/// An opened repository.
pub struct Store {
    pub(super) repo: gix::Repository,
    /// Where objects are looked up before the repository is asked.
    pub(super) lookup: Lookup,
    pub(super) backend: reference::Backend,
    /// The ref that holds the tickets.
    pub(super) tickets: String,
    /// Where the user stands: git is run there.
    pub(super) cwd: PathBuf,
    /// The number of the process, to name folders of its own.
    pub(super) process: u32,
    /// What marks packs that nothing points at yet.
    pub(super) keeps: RefCell<Vec<Keep>>,
    /// What the user should hear of beside the answer.
    pub(super) told: Arc<Mutex<Vec<String>>>,
    /// What differs between two versions of the tickets, as it was last found.
    pub(super) differences: Known,
}

impl Store {
    /// Opens the repository git itself would use here: `GIT_DIR`, or the one at or above the working
    /// directory; linked worktrees, submodules and bare repositories included.
    ///
    /// # Errors
    /// When there is none, it belongs to somebody else, or it is of a kind this program can't read.
    pub fn open(host: &Host) -> Result<Self, StoreError> {
        environment::refuse_unsupported(host)?;
        Store::open_at(host)
    }

    /// The same in a hook of a repository that is pushed to, where git keeps new objects elsewhere.
    pub(super) fn open_to_receive(host: &Host) -> Result<Self, StoreError> {
        environment::refuse_other_refs(host)?;
        Store::open_at(host)
    }

    fn open_at(host: &Host) -> Result<Self, StoreError> {
        let mut overrides = environment::config_parameters(host)?;
        // The only ref this program moves has a log wherever it is: the way back after a mishap.
        overrides.push("core.logAllRefUpdates=always".to_owned());
        let options = gix::open::Options::default()
            .permissions(permissions())
            .lossy_config(true)
            .bail_if_untrusted(true)
            .object_store_slots(slots())
            .cli_overrides(overrides);
        let trust = Mapping { full: options.clone(), reduced: options };
        let mut repo = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            &host.cwd,
            gix::discover::upwards::Options { match_ceiling_dir_or_error: false, ..Default::default() },
            trust,
        )
        .map_err(|error| open_error(&host.cwd, &error))?
        .to_thread_local();
        refuse_beyond_ceiling(host, &repo)?;
        refuse_bare(host, &repo)?;
        let lookup = Lookup::install(&mut repo);
        let backend = reference::Backend::of(&repo)?;
        let tickets = super::place::here(&repo)?;
        Ok(Store {
            repo,
            lookup,
            backend,
            tickets,
            cwd: host.cwd.clone(),
            process: host.id,
            keeps: RefCell::default(),
            told: Arc::default(),
            differences: Known::default(),
        })
    }

    /// Another handle on the same repository, for another thread, which reads many objects.
    pub(super) fn twin(&self) -> Store {
        let mut repo = self.repo.clone();
        Store {
            lookup: Lookup::without(&mut repo),
            repo,
            backend: self.backend,
            tickets: self.tickets.clone(),
            cwd: self.cwd.clone(),
            process: self.process,
            keeps: RefCell::default(),
            told: Arc::clone(&self.told),
            differences: Known::default(),
        }
    }

    /// The same with packs opened anew: what the system maps of them is given back when this handle goes. A twin
    /// where they can't be.
    pub(super) fn anew(&self) -> Store {
        let twin = self.twin();
        let options = gix::odb::store::init::Options { slots: slots(), ..Default::default() };
        let opened = {
            let known = self.repo.objects.store_ref();
            let replaced = &mut known.replacements();
            gix::odb::Store::at_opts(known.path().to_owned(), known.object_hash(), replaced, options)
        };
        let Ok(opened) = opened else { return twin };
        let mut shared = twin.repo.into_sync();
        shared.objects = gix::parallel::OwnShared::new(opened);
        Store { repo: shared.to_thread_local(), ..twin }
    }

    /// What the user should hear of beside the answer, as it comes up.
    pub fn told(&self) -> Arc<Mutex<Vec<String>>> {
        Arc::clone(&self.told)
    }

    /// The folder that all worktrees of the repository share.
    pub fn common_dir(&self) -> &Path {
        self.repo.common_dir()
    }

    /// The top of the work tree, if there is one.
    pub fn work_dir(&self) -> Option<&Path> {
        self.repo.workdir()
    }

    /// The top of the main work tree, also from a linked one; `None` in a bare repository.
    pub fn main_work_dir(&self) -> Option<PathBuf> {
        let common = self.repo.common_dir().canonicalize().ok()?;
        if common.file_name().is_some_and(|name| name == ".git") {
            return common.parent().map(Path::to_path_buf);
        }
        // A submodule's repository is elsewhere, and so is one that `--separate-git-dir` made.
        let own = self.repo.git_dir().canonicalize().ok()?;
        self.repo.workdir().filter(|_| own == common)?.canonicalize().ok()
    }

    /// The folder for what this program keeps beside the repository; all of it can be deleted.
    pub fn own_dir(&self) -> PathBuf {
        self.repo.common_dir().join("yoi")
    }

    /// The number of the process, to name files of its own.
    pub fn process(&self) -> u32 {
        self.process
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

/// git doesn't look into the folders of `GIT_CEILING_DIRECTORIES` themselves; gix does.
fn refuse_beyond_ceiling(host: &Host, repo: &gix::Repository) -> Result<(), StoreError> {
    let Some(ceilings) = host.var_os("GIT_CEILING_DIRECTORIES") else { return Ok(()) };
    let found = repo.workdir().unwrap_or(repo.git_dir());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (found, here) = (real(found), real(&host.cwd));
    let is_beyond = std::env::split_paths(ceilings).filter(|ceiling| ceiling.is_absolute()).any(|ceiling| {
        let ceiling = real(&ceiling);
        here != ceiling && here.starts_with(&ceiling) && ceiling.starts_with(&found)
    });
    if is_beyond && host.var_os("GIT_DIR").is_none() {
        return Err(StoreError::NoRepository(host.cwd.clone()));
    }
    Ok(())
}

/// git opens a bare repository that it merely came across only when `safe.bareRepository` lets it.
fn refuse_bare(host: &Host, repo: &gix::Repository) -> Result<(), StoreError> {
    let is_found = repo.workdir().is_none() && host.var_os("GIT_DIR").is_none();
    let setting = repo.config_snapshot().string("safe.bareRepository");
    if is_found && setting.is_some_and(|value| value == "explicit") {
        let what = "safe.bareRepository is 'explicit': name the bare repository with --git-dir or GIT_DIR";
        return Err(StoreError::Unsupported(what.to_owned()));
    }
    Ok(())
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
