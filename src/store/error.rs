//! What can go wrong with a repository, told so that a person knows what to do.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::commit::short;
use crate::model::id::TicketId;

use super::leftover::Lock;

/// Why the repository did not do what was asked. Nothing was published when one is returned.
#[derive(Debug)]
pub enum StoreError {
    /// No repository at or above a folder.
    NoRepository(PathBuf),
    /// The repository belongs to somebody else and is not in `safe.directory`.
    Untrusted(PathBuf),
    /// The repository, or the environment, asks for something this program can't do.
    Unsupported(String),
    /// Nobody can be named as the author.
    NoIdentity(&'static str),
    /// There are no tickets in this repository.
    NotInitialised,
    /// The tickets were written by a newer program.
    NewerFormat(u32),
    /// The file system said no.
    Denied(String),
    /// An object is missing or damaged.
    Damaged(String),
    /// A commit of others that honest tools don't make.
    BadCommit {
        /// The commit, its full id.
        commit: String,
        /// The ticket it does that to.
        id: Option<TicketId>,
        /// What is wrong.
        why: String,
    },
    /// A file of a ticket is larger than a reader takes.
    TooLarge {
        /// Which file.
        what: String,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        most: u64,
    },
    /// Others kept moving the ref, or its lock did not come free.
    Busy(String),
    /// A lock on a ref or on settings did not come free.
    Locked(Lock),
    /// No commit by that name.
    UnknownRevision(String),
    /// No remote by that name.
    UnknownRemote(String),
    /// A remote gave no answer in that time.
    NoAnswer(Duration),
    /// The commit can't be signed, and the user wants it signed.
    NotSigned(String),
    /// The git program can't be started.
    NoGit(io::Error),
    /// The git program failed.
    GitFailed(String),
    /// Anything else the repository said.
    Other(String),
}

impl StoreError {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            StoreError::NoRepository(_) => "no_repository",
            StoreError::Untrusted(_) => "untrusted_repository",
            StoreError::Unsupported(_) => "unsupported_repository",
            StoreError::NoIdentity(_) => "no_identity",
            StoreError::NotInitialised => "not_initialised",
            StoreError::NewerFormat(_) => "newer_format",
            StoreError::Denied(_) => "denied",
            StoreError::Damaged(_) => "damaged",
            StoreError::BadCommit { .. } => "bad_commit",
            StoreError::TooLarge { .. } => "too_large",
            StoreError::Busy(_) | StoreError::Locked(_) => "busy",
            StoreError::UnknownRevision(_) => "unknown_revision",
            StoreError::UnknownRemote(_) => "unknown_remote",
            StoreError::NoAnswer(_) => "no_answer",
            StoreError::NotSigned(_) => "not_signed",
            StoreError::NoGit(_) => "no_git",
            StoreError::GitFailed(_) => "git_failed",
            StoreError::Other(_) => "repository_error",
        }
    }

    /// From an error of gix, with what was being done.
    pub(super) fn from_gix(doing: &str, error: &gix::Error) -> Self {
        let said = format!("{doing}: {}", chain(error));
        if error.is_permission_denied() || error.iter_errors().any(is_denied) {
            StoreError::Denied(said)
        } else if error.is_corrupted() {
            StoreError::Damaged(said)
        } else {
            StoreError::Other(said)
        }
    }

    /// From an error of the operating system, with what was being done.
    pub(super) fn from_io(doing: &str, error: &io::Error) -> Self {
        let said = format!("{doing}: {error}");
        if is_denied(error) { StoreError::Denied(said) } else { StoreError::Other(said) }
    }
}

fn is_denied(error: &(dyn std::error::Error + 'static)) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let denied = [PermissionDenied, ReadOnlyFilesystem, StorageFull, QuotaExceeded];
    error.downcast_ref::<io::Error>().is_some_and(|error| denied.contains(&error.kind()))
}

fn chain(error: &gix::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    for part in error.iter_errors() {
        let part = part.to_string();
        if !part.is_empty() && !said.iter().any(|known| known.contains(&part)) {
            said.push(part);
        }
    }
    said.join(": ")
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::NoRepository(path) => write!(f, "no git repository at or above '{}'", path.display()),
            StoreError::Untrusted(path) => {
                write!(f, "the repository at '{}' belongs to somebody else", path.display())
            }
            StoreError::Unsupported(what) | StoreError::Other(what) => write!(f, "{what}"),
            StoreError::NoIdentity(what) => write!(f, "nobody to name as the author: {what} is not set"),
            StoreError::NotInitialised => write!(f, "this repository has no tickets yet"),
            StoreError::NewerFormat(version) => write!(
                f,
                "the tickets have format {version}, which this version can read in part and never writes"
            ),
            StoreError::Denied(what) => write!(f, "can't write to the repository: {what}"),
            StoreError::Damaged(what) => write!(f, "an object is missing or damaged: {what}"),
            StoreError::BadCommit { commit, id, why } => {
                let id = id.map(|id| format!("{id}: ")).unwrap_or_default();
                write!(f, "commit {}: {id}{why}", short(commit))
            }
            StoreError::TooLarge { what, size, most } => {
                write!(f, "'{what}' has {size} bytes; at most {most} are read")
            }
            StoreError::Busy(what) => write!(f, "the tickets are being written by others: {what}"),
            StoreError::Locked(lock) => write!(f, "a lock is in the way: {lock}"),
            StoreError::UnknownRevision(name) => write!(f, "no commit '{}'", name.escape_debug()),
            StoreError::UnknownRemote(name) => write!(f, "no remote '{}'", name.escape_debug()),
            StoreError::NoAnswer(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
            StoreError::NotSigned(what) => {
                write!(f, "nothing was written, because the commit can't be signed: {what}")
            }
            StoreError::NoGit(error) => write!(f, "can't start git: {error}"),
            StoreError::GitFailed(what) => write!(f, "git failed: {what}"),
        }
    }
}

impl std::error::Error for StoreError {}
