//! A lock that makes writers of one clone take turns.
//!
//! It is there for fairness only: without it everything is still right, because the ref is swapped by
//! compare-and-swap, but writers would undo each other's work. So a lock that can't be had, because the
//! file system has none or somebody sits on it, is passed over after a while.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(2);

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
        WriteLock { _file: file.ok().filter(locked) }
    }
}

fn locked(file: &File) -> bool {
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return true,
            Err(TryLockError::Error(_)) => return false,
            Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => return false,
            Err(TryLockError::WouldBlock) => thread::sleep(STEP),
        }
    }
}
