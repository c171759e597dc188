//! What a killed process leaves in the repository: locks on refs and settings, half-written files.
//!
//! A lock of ours is known by the note its maker left beside the writers' own lock ([`super::lock`]): who gets the turn
//! after one that was killed takes that one's lock on the ref away. A lock of anybody else is left where it is and
//! named, with its age and what to do.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::host::failpoint;

use super::lock::{self, Note, WriteLock};
use super::reference::{Backend, Swap};
use super::{ObjectId, Store, StoreError, nameless};

/// A lock that is younger than this is somebody's at work.
const YOUNG: Duration = Duration::from_secs(3);

/// No line of a ref's log is longer.
const LONGEST_LINE: u64 = 1 << 16;

/// A file of a process that is gone is cleared away when it is older than this.
const OLD: Duration = Duration::from_secs(600);

/// A file that keeps others from writing, and what is known of who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The file.
    pub path: PathBuf,
    /// How long it has been there.
    pub age: Duration,
    /// Who made it.
    pub owner: Owner,
}

/// Who made a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A git-yoi, by the number of its process, and whether it is at work; `None` where that can't be told.
    Ours(u32, Option<bool>),
    /// Anybody: git writes no name into its locks.
    Unknown,
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.path.display().to_string();
        write!(f, "'{}' has been there for {} s, ", place.escape_debug(), self.age.as_secs())?;
        match self.owner {
            Owner::Ours(process, Some(true)) => write!(f, "of git-yoi, process {process}, which is running"),
            Owner::Ours(process, Some(false)) => write!(f, "of git-yoi, process {process}, which is gone"),
            Owner::Ours(process, None) => write!(f, "of git-yoi, process {process}"),
            Owner::Unknown => write!(f, "of an unknown process"),
        }?;
        match self.owner {
            Owner::Ours(_, Some(true)) => Ok(()),
            _ => write!(f, "; if no git is at work in this repository, remove that file"),
        }
    }
}

impl Store {
    /// The lock that git and this program take to move the tickets' ref, where refs are files.
    pub(super) fn ref_lock(&self) -> PathBuf {
        let common = self.common_dir();
        let common = common.canonicalize().unwrap_or_else(|_| common.to_owned());
        common.join(format!("{}.lock", self.tickets))
    }

    /// The turn to write; see [`super::lock`].
    pub(super) fn turn(&self) -> WriteLock {
        WriteLock::wait(&self.own_dir(), self.process)
    }

    /// Swaps the tickets' ref as [`Store::swap_ref`] does, after clearing up behind one that was killed doing so.
    pub(super) fn swap_in_turn(
        &self,
        turn: &mut WriteLock,
        old: Option<ObjectId>,
        new: ObjectId,
        message: &str,
        committer: &gix::actor::Signature,
    ) -> Result<Swap, StoreError> {
        if let Some(dead) = turn.dead.take() {
            self.clear_up(&dead);
        }
        turn.note(Some(&new));
        failpoint::step("what the ref will be is noted");
        self.swap_ref(old, new, message, committer)
    }

    /// Takes away the lock on the ref of one that was killed in its turn. What somebody else may have made stays.
    fn clear_up(&self, dead: &Note) {
        let Some(value) = dead.value.as_deref().filter(|_| self.backend == Backend::Files) else { return };
        let path = self.ref_lock();
        // A lock that isn't there, or can't be read, is nothing to clear up; the swap says what is wrong. Who locks
        // for another value is at work.
        if read(&path).is_none_or(|content| content.trim_end() != value) {
            return;
        }
        self.mend_log();
        // Somebody else may have been faster, or nobody may; then the swap says so.
        if fs::remove_file(&path).is_ok() {
            let (place, process) = (path.display().to_string(), dead.process);
            let place = place.escape_debug();
            self.tell(format!("removed '{place}', left by a git-yoi that was killed (process {process})"));
        }
    }

    /// Takes away the beginning of a line that one that was killed wrote into the ref's log; the next line would be a
    /// part of it. Nobody else writes there while the lock is.
    fn mend_log(&self) {
        let path = self.common_dir().join("logs").join(&self.tickets);
        let Ok(mut log) = File::options().read(true).write(true).open(path) else { return };
        let Ok(length) = log.seek(SeekFrom::End(0)) else { return };
        let mut end = Vec::new();
        let start = length.saturating_sub(LONGEST_LINE);
        let read = log.seek(SeekFrom::Start(start)).and_then(|_| log.read_to_end(&mut end));
        let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at as u64 + 1);
        if read.is_ok() && (whole > 0 || start == 0) {
            // Where it can't be written the log has one odd line.
            let _ = log.set_len(start + whole);
        }
    }

    /// Why the ref can't be moved: its lock, if that is what has been in the way for a while.
    pub(super) fn stuck(&self, said: String) -> StoreError {
        self.lock_at(&self.ref_lock()).map_or(StoreError::Busy(said), StoreError::Locked)
    }

    fn lock_at(&self, path: &Path) -> Option<Lock> {
        let file = fs::symlink_metadata(path).ok()?;
        // The note tells of the lock that has its value in it; any other is somebody else's.
        let is_of =
            |note: &Note| read(path).is_some_and(|content| note.value.as_deref() == Some(content.trim_end()));
        let owner = match lock::holder(&self.own_dir()).filter(is_of) {
            Some(note) => Owner::Ours(note.process, is_running(note.process)),
            None => Owner::Unknown,
        };
        Some(Lock { path: path.to_owned(), age: age(&file), owner })
    }

    /// Locks that keep tickets from being written, fetched or set up and are too old to be those of somebody at work.
    pub fn old_locks(&self) -> Vec<Lock> {
        let common = self.common_dir();
        let common = common.canonicalize().unwrap_or_else(|_| common.to_owned());
        let mut paths = vec![self.ref_lock()];
        paths.extend(["packed-refs.lock", "config.lock", "shallow.lock"].map(|name| common.join(name)));
        paths.push(common.join("reftable/tables.list.lock"));
        gather(&common.join("refs/yoi"), 6, &mut paths);
        paths.sort();
        paths.dedup();
        let locks = paths.iter().filter_map(|path| self.lock_at(path));
        locks.filter(|lock| lock.age >= YOUNG).collect()
    }

    /// Files that killed processes left behind: packs on their way, marks that keep packs, files of this program's own
    /// folder.
    pub fn left_behind(&self) -> Vec<PathBuf> {
        let packs = nameless::left_behind(&self.repo.objects.store_ref().path().join("pack"));
        let mut found: Vec<PathBuf> = packs.into_iter().flat_map(with_pack).collect();
        found.extend(self.own_left_behind());
        found
    }

    /// Files in this program's own folder that are made to become one of that name, by whatever process.
    pub fn made_beside(&self, name: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.own_dir()).into_iter().flatten().flatten();
        let is_of = |path: &PathBuf| {
            let end = path.file_name().and_then(|file| file.to_str()?.strip_prefix(name)?.strip_prefix('.'));
            end.is_some_and(|end| end.parse::<u32>().is_ok())
        };
        entries.map(|entry| entry.path()).filter(is_of).collect()
    }

    /// Files in this program's own folder that were to replace others, of processes that are gone.
    fn own_left_behind(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.own_dir()).into_iter().flatten().flatten();
        let is_left = |entry: &fs::DirEntry| {
            let name = entry.file_name();
            let process = passing(&name.to_string_lossy());
            process.is_some_and(|process| is_running(process) != Some(true))
                && entry.metadata().is_ok_and(|file| age(&file) > OLD)
        };
        entries.filter(is_left).map(|entry| entry.path()).collect()
    }

    /// Clears away what [`Store::left_behind`] finds.
    pub fn clear_left_behind(&self) {
        for path in self.left_behind() {
            // Somebody else may clear it away at the same time.
            let _ = fs::remove_file(path);
        }
    }

    /// Something to tell the user beside the answer.
    fn tell(&self, words: String) {
        if let Ok(mut told) = self.told.lock() {
            told.push(words);
        }
    }
}

/// The lock that a git said was in its way.
pub(super) fn told(said: &str) -> Option<Lock> {
    const EXISTS: &str = ": File exists";
    let line = said.lines().find(|line| line.contains(EXISTS))?;
    let path = match line.split_once("Unable to create '") {
        Some((_, rest)) => PathBuf::from(rest.split_once('\'')?.0),
        None => {
            let rest = line.split_once("could not lock config file ")?.1;
            PathBuf::from(format!("{}.lock", rest.split_once(EXISTS)?.0))
        }
    };
    let file = fs::symlink_metadata(&path).ok()?;
    Some(Lock { path, age: age(&file), owner: Owner::Unknown })
}

/// What a lock holds.
fn read(path: &Path) -> Option<String> {
    let mut content = String::new();
    File::open(path).ok()?.take(256).read_to_string(&mut content).ok()?;
    Some(content)
}

pub(super) fn age(file: &Metadata) -> Duration {
    let made = file.modified().unwrap_or_else(|_| SystemTime::now());
    made.elapsed().unwrap_or_default()
}

/// The process that a passing file of our own is named after: `remotes.12`, `index.db.12-wal`.
fn passing(name: &str) -> Option<u32> {
    let rest = ["remotes.", "index.db.", "threads.db."].iter().find_map(|start| name.strip_prefix(start))?;
    rest.split('-').next()?.parse().ok()
}

/// Whether a process is running; `None` where the system doesn't tell.
pub(super) fn is_running(process: u32) -> Option<bool> {
    let all = Path::new("/proc");
    if !all.join("self").exists() {
        return None;
    }
    match fs::metadata(all.join(process.to_string())) {
        Ok(_) => Some(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

/// A file left behind, before it the pack that it marks, if that never got its index: nobody would know whose it is
/// without the mark. While such a pack is young, another writer may be about to complete the very same one.
fn with_pack(path: PathBuf) -> Vec<PathBuf> {
    let pack = path.with_extension("pack");
    let is_mark = path.extension().is_some_and(|end| end == nameless::KEEP);
    if !is_mark || path.with_extension("idx").exists() {
        return vec![path];
    }
    match fs::metadata(&pack) {
        Ok(file) if age(&file) > OLD => vec![pack, path],
        Ok(_) => Vec::new(),
        Err(_) => vec![path],
    }
}

/// The locks below a folder of refs, so many folders deep.
fn gather(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && depth > 0 {
            gather(&entry.path(), depth - 1, paths);
        } else if !is_folder && entry.path().extension().is_some_and(|end| end == "lock") {
            paths.push(entry.path());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn files_named_after_a_process_are_told_from_others() {
        for (name, process) in [
            ("remotes.7", Some(7)),
            ("index.db.12", Some(12)),
            ("index.db.12-wal", Some(12)),
            ("index.db", None),
            ("index.db-wal", None),
            ("index.lock", None),
            ("cursors", None),
            ("remotes.old", None),
            ("text.db", None),
        ] {
            assert_eq!(passing(name), process, "{name}");
        }
    }

    #[test]
    fn a_pack_that_never_got_its_index_goes_with_its_mark() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.keep", "b.keep", "b.pack", "c.keep", "c.pack", "d.keep", "d.pack", "d.idx"] {
            fs::write(path(name), "").unwrap();
        }
        for name in ["c.pack", "d.pack"] {
            let old = SystemTime::now() - 2 * OLD;
            File::options().write(true).open(path(name)).unwrap().set_modified(old).unwrap();
        }
        let goes = |name: &str| with_pack(path(name));
        assert_eq!(goes("a.keep"), [path("a.keep")]);
        assert!(goes("b.keep").is_empty());
        assert_eq!(goes("c.keep"), [path("c.pack"), path("c.keep")]);
        assert_eq!(goes("d.keep"), [path("d.keep")]);
        assert_eq!(goes("tmp_pack_yoi_1"), [path("tmp_pack_yoi_1")]);
    }

    #[test]
    fn a_lock_is_told_with_its_age_and_who_made_it() {
        let lock = |owner| Lock { path: "a\u{1b}.lock".into(), age: Duration::from_millis(14_900), owner };
        let begin = "'a\\u{1b}.lock' has been there for 14 s, of ";
        let end = "; if no git is at work in this repository, remove that file";
        assert_eq!(lock(Owner::Unknown).to_string(), format!("{begin}an unknown process{end}"));
        let ours = |is_running| lock(Owner::Ours(12, is_running)).to_string();
        assert_eq!(ours(Some(true)), format!("{begin}git-yoi, process 12, which is running"));
        assert_eq!(ours(Some(false)), format!("{begin}git-yoi, process 12, which is gone{end}"));
        assert_eq!(ours(None), format!("{begin}git-yoi, process 12{end}"));
    }

    #[test]
    fn a_lock_that_git_names_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.lock");
        fs::write(&path, "").unwrap();
        let config = folder.path().join("config");
        let said = [
            format!("error: could not lock config file {}: File exists", config.display()),
            format!("x\nfatal: Unable to create '{}': File exists.\n\nAnother git", path.display()),
        ];
        for said in said {
            assert_eq!(told(&said).map(|lock| lock.path), Some(path.clone()), "{said}");
        }
        let gone = path.display().to_string().replace("config", "gone");
        assert_eq!(told(&format!("Unable to create '{gone}': File exists.")), None);
        assert_eq!(told("fatal: destination 'x': File exists"), None);
    }
}
