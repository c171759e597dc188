//! The folder git runs hook files from, and whether it is this repository's alone.

use std::fs;
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;

use super::git;
use super::settings::Configured;
use crate::store::{Store, StoreError};

/// Where git looks for hook files.
pub(super) struct Folder {
    /// The folder; it need not exist.
    pub(super) path: PathBuf,
    /// Why nothing is written there.
    pub(super) refusal: Option<String>,
    /// git runs no hook files at all.
    pub(super) is_off: bool,
}

/// Asks git for the folder.
pub(super) fn find(store: &Store, configured: &Configured) -> Result<Folder, StoreError> {
    let usual = store.common_dir().join("hooks");
    let setting = configured.last("core.hookspath");
    if setting.is_some_and(|(_, value)| value.is_empty()) {
        let refusal = Some("core.hooksPath is empty".to_owned());
        return Ok(Folder { path: usual, refusal, is_off: true });
    }
    let question = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
    let output = git::output(&store.cwd, question, None)?;
    if !output.status.success() {
        return Err(git::failed(&output));
    }
    let answer = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    let path = gix::path::from_bstr(answer.as_bstr())
        .map_err(|_| StoreError::Unsupported("the path of the hook folder is not UTF-8".to_owned()))?
        .into_owned();
    let named = setting.map(|(_, value)| format!("core.hooksPath is '{}'", value.to_str_lossy()));
    let named = named.unwrap_or_else(|| format!("the hook folder is '{}'", path.display()));
    let is_off = path.exists() && !path.is_dir();
    let refusal = match setting {
        _ if is_off => Some(format!("{named}, no folder")),
        Some((scope, _)) if !matches!(scope, "local" | "worktree") => Some(match scope {
            "command" => format!("{named} for this one command"),
            _ => format!("{named} for other repositories too"),
        }),
        _ if is_in_work_tree(store, &path) => Some(format!("{named}, in a work tree")),
        _ => None,
    };
    Ok(Folder { path, refusal, is_off })
}

/// Whether a folder is among files that are checked out, here or in another repository, and so may be
/// everybody's.
pub(super) fn is_in_work_tree(store: &Store, folder: &Path) -> bool {
    let folder = real(folder);
    let is_inside = |outer: &Path| folder.starts_with(real(outer));
    if is_inside(store.common_dir()) || is_inside(store.repo.git_dir()) {
        return false;
    }
    // A repository of its own may lie in somebody's work tree, so the nearest one counts.
    let top = folder.ancestors().find(|above| above.join(".git").exists());
    store.work_dir().is_some_and(is_inside) || top.is_some_and(|top| !folder.starts_with(top.join(".git")))
}

/// A path without links and detours, as far as it exists.
pub(super) fn real(path: &Path) -> PathBuf {
    for above in path.ancestors() {
        if let Ok(found) = above.canonicalize() {
            return match path.strip_prefix(above) {
                Ok(rest) if !rest.as_os_str().is_empty() => found.join(rest),
                _ => found,
            };
        }
    }
    path.to_owned()
}

/// Makes the folder, and says whether it was missing. The folder above must be there.
pub(super) fn make(folder: &Path) -> Result<bool, StoreError> {
    if folder.is_dir() {
        return Ok(false);
    }
    let doing = format!("can't make '{}'", folder.display());
    fs::create_dir(folder).map_err(|error| StoreError::from_io(&doing, &error))?;
    Ok(true)
}

/// Removes the folder if nothing is in it.
pub(super) fn remove_empty(folder: &Path) {
    // A folder that is not empty, or not ours to remove, stays.
    let _ = fs::remove_dir(folder);
}
