//! Writing beside a `git gc` that spares nothing.
//!
//! `git gc --prune=now` looks which objects are reachable, and later removes every loose object that was not: also one
//! that came, and became reachable, in between. What git itself fetches then is safe in packs: those are kept while a
//! mark of that name is beside them, and pruning never touches packs at all. So while a gc is at work objects are
//! written as a pack, marked until the ref points at them; and when one began while loose objects were written, they
//! are written again, as a pack. That is looked at twice: before the ref moves, so that who is killed right after it has
//! lost nothing, and after it. A gc that begins after the ref moved finds them reachable.

use std::fs;
use std::time::Duration;

use super::leftover::{age, is_running};
use super::{ObjectId, Store, durable};

/// git takes a gc that began longer ago than this for dead.
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

impl Store {
    /// Whether a `git gc` is at work, as git itself tells: by a file it makes before anything else and removes last.
    pub(super) fn is_collecting(&self) -> bool {
        let path = self.common_dir().join("gc.pid");
        let Ok(text) = fs::read_to_string(&path) else { return false };
        let is_old = fs::metadata(&path).is_ok_and(|file| age(&file) > LONGEST);
        let (process, host) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let here = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let is_dead =
            host == here.trim() && process.parse().is_ok_and(|process| is_running(process) == Some(false));
        !is_old && !is_dead
    }

    /// Whether loose objects that were just written may go before anything points at them.
    pub(super) fn may_be_collected(&self, written: &[ObjectId]) -> bool {
        !written.is_empty() && self.is_collecting()
    }

    /// Whether loose objects that were just written, and are pointed at by now, may go or are gone.
    pub(super) fn are_in_danger(&self, written: &[ObjectId]) -> bool {
        let folder = self.repo.objects.store_ref().path();
        let is_there = |id: &ObjectId| durable::loose_path(folder, id).exists() || self.repo.has_object(id);
        self.may_be_collected(written) || !written.iter().all(is_there)
    }
}
