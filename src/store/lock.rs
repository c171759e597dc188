//! A lock that makes writers of one clone take turns, and tells who has the turn.
//!
//! It is there for fairness: without it everything is still right, because the ref is swapped by
//! compare-and-swap, but writers would undo each other's work. So a lock that can't be had, because the
//! file system has none or somebody sits on it, is passed over after a while.
//!
//! The system takes the lock back when its holder ends, however it ends; what the holder wrote into the file stays
//! when it was killed. So whoever gets the turn and finds a note knows who died in the middle of theirs, and which
//! value the ref was to have: [`super::leftover`] clears up after it.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::ObjectId;

const PATIENCE: Duration = Duration::from_secs(10);

/// The name of the file in this program's own folder.
const FILE: &str = "lock";

/// A note is a line or two; more than this is none.
const LONGEST: u64 = 256;

/// Held until it is dropped.
#[derive(Debug)]
pub(super) struct WriteLock {
    file: Option<File>,
    process: u32,
    /// Who was killed while it had the turn, until it is cleared up after it.
    pub(super) dead: Option<Note>,
}

/// What a holder wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// The number of its process.
    pub(super) process: u32,
    /// The value it was about to give to the ref.
    pub(super) value: Option<String>,
}

impl WriteLock {
    /// Waits for the lock in a folder, which is made if need be. `process` is the number of this one.
    pub(super) fn wait(folder: &Path, process: u32) -> Self {
        let file = std::fs::create_dir_all(folder)
            .and_then(|()| File::options().create(true).read(true).append(true).open(folder.join(FILE)));
        let mut lock = WriteLock { file: file.ok().and_then(locked), process, dead: None };
        lock.dead = lock.file.as_mut().and_then(read);
        if lock.dead.is_none() {
            lock.note(None);
        }
        lock
    }

    /// Writes down who has the turn, and the value the ref is about to get.
    pub(super) fn note(&mut self, value: Option<&ObjectId>) {
        let Some(file) = &mut self.file else { return };
        let mut text = format!("{}\n", self.process);
        if let Some(value) = value {
            text.push_str(&format!("{value}\n"));
        }
        // Without a note a lock that is left behind is one of somebody unknown.
        let _ = file.set_len(0).and_then(|()| file.write_all(text.as_bytes()));
    }
}

impl Drop for WriteLock {
    fn drop(&mut self) {
        if let (Some(file), None) = (&self.file, &self.dead) {
            // Who finds the note will look for what was left, and find nothing.
            let _ = file.set_len(0);
        }
    }
}

/// Who has the turn now, as far as it was written down.
pub(super) fn holder(folder: &Path) -> Option<Note> {
    read(&mut File::open(folder.join(FILE)).ok()?)
}

fn read(file: &mut File) -> Option<Note> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(LONGEST).read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    let process = lines.next()?.parse().ok()?;
    Some(Note { process, value: lines.next().map(str::to_owned) })
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_turn_is_written_down_and_gone_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        let value = ObjectId::from_bytes_or_panic(&[7; 20]);
        let mut lock = WriteLock::wait(folder.path(), 12);
        let note =
            |value: Option<&ObjectId>| Some(Note { process: 12, value: value.map(ToString::to_string) });
        assert_eq!((holder(folder.path()), &lock.dead), (note(None), &None));
        lock.note(Some(&value));
        assert_eq!(holder(folder.path()), note(Some(&value)));
        drop(lock);
        assert_eq!(holder(folder.path()), None);
        assert_eq!(WriteLock::wait(folder.path(), 13).dead, None);
    }

    #[test]
    fn a_note_of_one_that_was_killed_is_kept_until_it_is_cleared_up() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "12\nab\n").unwrap();
        let dead = Note { process: 12, value: Some("ab".to_owned()) };
        assert_eq!(WriteLock::wait(folder.path(), 13).dead, Some(dead.clone()));
        let mut lock = WriteLock::wait(folder.path(), 14);
        assert_eq!(lock.dead.take(), Some(dead));
        drop(lock);
        assert_eq!(WriteLock::wait(folder.path(), 15).dead, None);
        std::fs::write(folder.path().join(FILE), "no number\n").unwrap();
        assert_eq!(WriteLock::wait(folder.path(), 16).dead, None);
    }
}
