//! A file that appears under its name when it is complete, and otherwise was never there.
//!
//! Where the system can (Linux, most file systems), the file has no name while it is written: whatever ends the
//! process, a kill included, takes it along. Elsewhere it has a name that `git gc` knows as one of a passing file,
//! and its writer keeps a lock on it: a file of that kind which nobody has locked is cleared away by the next
//! writer.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::StoreError;

/// How names of passing files begin; git clears such files away when they are old.
const PREFIX: &str = "tmp_pack_yoi_";
const LOOSE: &str = "tmp_obj_yoi_";

/// How the mark begins that keeps a pack of ours while nothing points at it, and how its name ends.
const MARK: &str = "git-yoi ";
pub(super) const KEEP: &str = "keep";

/// A file without a name, or with a passing one.
pub(super) struct Nameless {
    pub(super) file: File,
    /// The passing name, where it needs one.
    path: Option<PathBuf>,
}

impl Nameless {
    /// A new file in a folder; the name tells it from others where it needs one.
    pub(super) fn create(folder: &Path, name: &str) -> Result<Self, StoreError> {
        match unnamed(folder, false) {
            Some(file) => Ok(Nameless { file, path: None }),
            None => Nameless::named(folder, name),
        }
    }

    /// A new file for a loose object, read-only.
    pub(super) fn loose(folder: &Path, name: &str) -> io::Result<Self> {
        if let Some(file) = unnamed(folder, true) {
            return Ok(Nameless { file, path: None });
        }
        let path = folder.join(format!("{LOOSE}{name}"));
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        let mut permissions = file.metadata()?.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions)?;
        Ok(Nameless { file, path: Some(path) })
    }

    fn named(folder: &Path, name: &str) -> Result<Self, StoreError> {
        for left in left_behind(folder) {
            // Somebody else may clear it away at the same time.
            let _ = fs::remove_file(left);
        }
        let path = folder.join(format!("{PREFIX}{name}"));
        let fail = |error: io::Error| StoreError::from_io("can't write a pack", &error);
        let file = File::options().read(true).write(true).create_new(true).open(&path).map_err(fail)?;
        // Where there are no locks, an old file is told by its age alone, by git.
        let _ = file.try_lock();
        Ok(Nameless { file, path: Some(path) })
    }

    /// Gives the file its name. A file of that name that is there already stays: in a pack's folder it has the
    /// same content.
    pub(super) fn publish(self, path: &Path) -> io::Result<()> {
        let outcome = match &self.path {
            Some(passing) => fs::rename(passing, path),
            None => give_name(&self.file, path),
        };
        match outcome {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            outcome => outcome,
        }
    }
}

impl io::Write for Nameless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Nameless {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Gone already when it was published.
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes a file with that content, which nobody ever sees without; nothing where there is one. It can be locked before
/// it is seen.
pub(super) fn claim(path: &Path, content: &[u8], is_locked: bool) -> io::Result<Option<File>> {
    let fill = |mut file: File| {
        if is_locked {
            let _ = file.try_lock();
        }
        file.write_all(content).map(|()| file)
    };
    let taken = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Ok(None),
        _ => Err(error),
    };
    if let Some(file) = path.parent().and_then(|folder| unnamed(folder, false)) {
        let file = fill(file)?;
        match link(&file, path) {
            Ok(()) => return Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            // It can't be given a name here.
            Err(_) => {}
        }
    }
    let file = match File::options().read(true).write(true).create_new(true).open(path) {
        Err(error) => return taken(error),
        Ok(file) => file,
    };
    fill(file).map(Some).inspect_err(|_| {
        // What holds nothing is in the way.
        let _ = fs::remove_file(path);
    })
}

/// A mark beside a pack that git's housekeeping heeds: nothing may point at the pack yet, and it stays all the same.
/// It goes when this is dropped.
#[derive(Debug)]
pub(super) struct Keep {
    path: PathBuf,
    /// Locked as long as its maker lives.
    _file: File,
}

impl Keep {
    /// Marks a pack that is about to appear; nothing where somebody else has marked it.
    pub(super) fn mark(path: PathBuf, process: u32) -> io::Result<Option<Self>> {
        // Where there are no locks a mark that is left behind has to be found by a person.
        let text = format!("{MARK}{process}\n");
        Ok(claim(&path, text.as_bytes(), true)?.map(|file| Keep { path, _file: file }))
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        // Who finds it will see that nobody holds it.
        let _ = fs::remove_file(&self.path);
    }
}

/// Files of writers that are no more.
pub(super) fn left_behind(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let passing = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(PREFIX) || (path.extension().is_some_and(|end| end == KEEP) && is_mark(path))
    });
    let is_nobodys = |path: &PathBuf| File::open(path).is_ok_and(|file| file.try_lock().is_ok());
    passing.filter(is_nobodys).collect()
}

/// Whether a mark is one of ours; others mark packs, too.
fn is_mark(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.starts_with(MARK.as_bytes()))
}

#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, is_read_only: bool) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDWR | OFlags::TMPFILE | OFlags::CLOEXEC;
    let mut mode = Mode::RUSR | Mode::RGRP | Mode::ROTH;
    // The umask takes away what it takes from files of git.
    mode.set(Mode::WUSR | Mode::WGRP | Mode::WOTH, !is_read_only);
    rustix::fs::open(folder, flags, mode).ok().map(File::from)
}

#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    use std::os::fd::AsRawFd;
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    rustix::fs::linkat(CWD, own, CWD, path, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from)
}

#[cfg(target_os = "linux")]
fn give_name(file: &File, path: &Path) -> io::Result<()> {
    match link(file, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => copy(file, path),
        outcome => outcome,
    }
}

/// Where the file can't be given a name its content is: without `/proc`, or across file systems.
#[cfg(target_os = "linux")]
fn copy(file: &File, path: &Path) -> io::Result<()> {
    use std::io::Seek;
    let passing = path.with_extension("tmp");
    let mut from = file.try_clone()?;
    from.rewind()?;
    let copied = File::create_new(&passing).and_then(|mut to| {
        io::copy(&mut from, &mut to)?;
        to.set_permissions(file.metadata()?.permissions())?;
        to.sync_data()
    });
    let outcome = copied.and_then(|()| fs::rename(&passing, path));
    if outcome.is_err() {
        // It may not have come to be.
        let _ = fs::remove_file(&passing);
    }
    outcome
}

#[cfg(not(target_os = "linux"))]
fn unnamed(_folder: &Path, _is_read_only: bool) -> Option<File> {
    None
}

/// Never asked here: every file has a passing name.
#[cfg(not(target_os = "linux"))]
fn link(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Never asked here: every file has a passing name.
#[cfg(not(target_os = "linux"))]
fn give_name(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_there_once_it_is_published() {
        for make in [Nameless::create, Nameless::named] {
            let folder = tempfile::tempdir().unwrap();
            let mut file = make(folder.path(), "a").unwrap();
            file.file.write_all(b"text").unwrap();
            file.publish(&folder.path().join("done")).unwrap();
            assert_eq!(names(folder.path()), ["done"]);
            assert_eq!(fs::read(folder.path().join("done")).unwrap(), b"text");
        }
    }

    #[test]
    fn a_file_that_is_given_up_was_never_there() {
        for make in [Nameless::create, Nameless::named] {
            let folder = tempfile::tempdir().unwrap();
            drop(make(folder.path(), "a").unwrap());
            assert_eq!(names(folder.path()), [""; 0]);
        }
    }

    #[test]
    fn what_a_dead_writer_left_is_cleared_away_and_what_a_living_one_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tmp_pack_yoi_dead"), "x").unwrap();
        fs::write(folder.path().join("tmp_pack_of_git"), "x").unwrap();
        let living = Nameless::named(folder.path(), "living").unwrap();
        let _other = Nameless::named(folder.path(), "other").unwrap();
        assert_eq!(names(folder.path()), ["tmp_pack_of_git", "tmp_pack_yoi_living", "tmp_pack_yoi_other"]);
        drop(living);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_can_not_be_named_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Nameless::create(folder.path(), "a").unwrap();
        file.file.write_all(b"text").unwrap();
        copy(&file.file, &folder.path().join("done.pack")).unwrap();
        assert_eq!(names(folder.path()), ["done.pack"]);
        assert_eq!(fs::read(folder.path().join("done.pack")).unwrap(), b"text");
    }
}
