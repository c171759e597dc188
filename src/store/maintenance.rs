//! Housekeeping: gix never tidies the object database, so git is asked to.

use std::process::{Command, Stdio};

use super::Store;

/// git looks into one of the 256 folders of loose objects and takes more than this for "many".
const MANY: usize = 27;

impl Store {
    /// Starts `git maintenance run --auto` in the background when loose objects pile up. git decides
    /// itself whether there is anything to do (`gc.auto`), and locks out a second run.
    pub(super) fn tidy_up(&self) {
        let folder = self.repo.objects.store_ref().path().join("17");
        let is_many = std::fs::read_dir(folder).is_ok_and(|entries| entries.take(MANY + 1).count() > MANY);
        if is_many {
            let started = Command::new("git")
                .args(["maintenance", "run", "--auto", "--quiet"])
                .current_dir(&self.cwd)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            // Nothing is lost when it can't be started; the next write asks again.
            drop(started);
        }
    }
}
