//! Moving the tickets' ref where refs are files: lock, compare, log, rename, as git does it.
//!
//! gix can do that, too. But its lock is empty for a moment, its log comes piece by piece, and where there are packed
//! refs it locks those as well: a process that is killed leaves behind what nobody can tell from a lock of somebody at
//! work, half a line, and a repository in which git can pack no refs. Here the lock appears with the new value in it,
//! the log's line is one write, and no other file is locked; [`super::leftover`] knows the lock again.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::host::failpoint;

use super::reference::Swap;
use super::{ObjectId, Store, StoreError, nameless};

/// How long to wait for somebody who holds the lock, and how often to look: as git does by default.
const WAIT: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_millis(3);

/// How often a file is tried whose folder goes away: git removes folders of refs it has emptied.
const TRIES: usize = 5;

/// The lock this process holds.
static HELD: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Removes the lock this process holds, before it ends in the middle of something.
pub(super) fn abandon() {
    if let Some(path) = HELD.lock().ok().and_then(|mut held| held.take()) {
        // The next writer would take it away.
        let _ = fs::remove_file(path);
    }
}

/// A lock on a ref; it goes when this is dropped.
struct Lock {
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, with the new value in it; nothing while somebody else has it.
    fn take(path: &Path, value: ObjectId) -> io::Result<Option<Self>> {
        let text = format!("{value}\n");
        let began = Instant::now();
        loop {
            if nested(path, || nameless::claim(path, text.as_bytes(), false))?.is_some() {
                if let Ok(mut held) = HELD.lock() {
                    *held = Some(path.to_owned());
                }
                return Ok(Some(Lock { path: path.to_owned() }));
            }
            if began.elapsed() >= WAIT {
                return Ok(None);
            }
            thread::sleep(LOOK);
        }
    }

    /// Makes it the ref.
    fn publish(self, path: &Path) -> io::Result<()> {
        let renamed = match fs::rename(&self.path, path) {
            // An empty folder is no ref.
            Err(error) if error.kind() == ErrorKind::IsADirectory => {
                fs::remove_dir(path).and_then(|()| fs::rename(&self.path, path))
            }
            outcome => outcome,
        };
        renamed?;
        if let Ok(mut held) = HELD.lock() {
            *held = None;
        }
        std::mem::forget(self);
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        abandon();
    }
}

impl Store {
    /// Swaps the ref in its file: it must have the old value, or not exist when that is `None`.
    pub(super) fn swap_ref_file(
        &self,
        old: Option<ObjectId>,
        new: ObjectId,
        message: &str,
        committer: &gix::actor::Signature,
    ) -> Result<Swap, StoreError> {
        let fail = |error: io::Error| StoreError::from_io("can't move the tickets' ref", &error);
        let path = self.common_dir().join(&self.tickets);
        let lock_path = self.ref_lock();
        let Some(lock) = Lock::take(&lock_path, new).map_err(fail)? else {
            return Ok(Swap::Lost(format!("'{}' is there", lock_path.display())));
        };
        failpoint::step("the ref is locked");
        if self.read_ref_file(&self.tickets)? != old {
            return Ok(Swap::Lost(format!("{} has moved on", self.tickets)));
        }
        let from = old.unwrap_or_else(|| ObjectId::null(new.kind()));
        let mut line = format!("{from} {new} ").into_bytes();
        let mut time = gix::date::parse::TimeBuf::default();
        committer.to_ref(&mut time).write_to(&mut line).map_err(fail)?;
        line.extend_from_slice(format!("\t{}\n", message.replace(['\n', '\r'], " ")).as_bytes());
        append(&self.common_dir().join("logs").join(&self.tickets), &line).map_err(fail)?;
        failpoint::step("the log is written");
        lock.publish(&path).map_err(fail)?;
        Ok(Swap::Done)
    }
}

/// Adds a line to a log in one write.
fn append(path: &Path, line: &[u8]) -> io::Result<()> {
    let open = || File::options().create(true).append(true).open(path);
    let opened = match nested(path, open) {
        // An empty folder is no log.
        Err(error) if error.kind() == ErrorKind::IsADirectory => fs::remove_dir(path).and_then(|()| open()),
        outcome => outcome,
    };
    let mut log = opened?;
    let length = log.metadata()?.len();
    log.write_all(line).inspect_err(|_| {
        // Half a line would become a part of the next one; nobody else writes while the ref is locked.
        let _ = log.set_len(length);
    })
}

/// Does something with a file, and makes the folders it is in if need be.
fn nested<T>(path: &Path, act: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let mut tries = 0;
    loop {
        tries += 1;
        match (act(), path.parent()) {
            (Err(error), Some(folder)) if error.kind() == ErrorKind::NotFound && tries < TRIES => {
                fs::create_dir_all(folder)?;
            }
            (outcome, _) => return outcome,
        }
    }
}
