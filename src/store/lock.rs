//! A lock that makes writers of one clone take turns.
//!
//! It is there for fairness only: without it everything is still right, because the ref is swapped by
//! compare-and-swap, but writers would undo each other's work. So a lock that can't be had, because the
//! file system has none or somebody sits on it, is passed over after a while.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// Held until it is dropped.
#[derive(Debug)]
pub(super) struct WriteLock {
    _file: Option<File>,
}

impl WriteLock {
    /// Waits for the lock in a folder, which is made if need be.
    pub(super) fn wait(folder: &Path) -> Self {
        let file = std::fs::create_dir_all(folder)
            .and_then(|()| File::options().create(true).append(true).open(folder.join("lock")));
        WriteLock { _file: file.ok().and_then(locked) }
    }
}

/// The file once it is locked. The system hands the lock on in turn, so the waiting is left to it, on a
/// thread of its own: that one can be left behind when it takes too long.
fn locked(file: File) -> Option<File> {
    match file.try_lock() {
        Ok(()) => return Some(file),
        Err(TryLockError::Error(_)) => return None,
        Err(TryLockError::WouldBlock) => {}
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let outcome = file.lock();
        // Nobody listens any more when the patience is over.
        drop(sender.send(outcome.is_ok().then_some(file)));
    });
    receiver.recv_timeout(PATIENCE).ok().flatten()
}
