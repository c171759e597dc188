//! Housekeeping: gix never tidies the object database, so git is asked to.

use std::process::{Command, Stdio};

use super::Store;

/// git looks into one of the 256 folders of loose objects and takes more than this for "many".
const MANY: usize = 27;

/// More packs than this are many, to git as well.
const PACKS: usize = 50;

/// The folders of loose objects; names are spread evenly, so that one of them tells of all.
const FOLDERS: usize = 256;

impl Store {
    /// Clears away what killed writers left, and starts `git maintenance run --auto` in the background when loose
    /// objects or packs pile up. git decides itself whether there is anything to do (`gc.auto`, `gc.autoPackLimit`), and
    /// locks out a second run.
    pub(super) fn tidy_up(&self) {
        self.clear_left_behind();
        if self.sampled(MANY + 1) > MANY || self.packs() > PACKS {
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

    /// About how many loose objects there are, when these are more than git lets pile up by default: then
    /// nobody tidies here.
    pub fn piled_up(&self) -> Option<usize> {
        Some(self.sampled(usize::MAX)).filter(|sampled| *sampled > MANY).map(|sampled| sampled * FOLDERS)
    }

    /// The packs that git would make one of.
    fn packs(&self) -> usize {
        let folder = self.repo.objects.store_ref().path().join("pack");
        let names = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        let (mut packs, mut kept) = (0usize, 0);
        for name in names {
            packs += usize::from(name.as_encoded_bytes().ends_with(b".pack"));
            kept += usize::from(name.as_encoded_bytes().ends_with(b".keep"));
        }
        packs.saturating_sub(kept)
    }

    /// The objects in one of the folders, counted up to so many.
    fn sampled(&self, most: usize) -> usize {
        let folder = self.repo.objects.store_ref().path().join("17");
        std::fs::read_dir(folder).map_or(0, |entries| entries.take(most).count())
    }
}
