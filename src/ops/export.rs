//! Writing tickets out, one folder for each, as yoi has them.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use crate::format::layout;
use crate::store::StoreError;
use crate::store::snapshot::{Files, Snapshot};

use super::problem::BadTicket;
use super::session::Session;
use super::{Problem, resolve};

/// What an export did.
#[derive(Debug, Clone, Default)]
pub struct Exported {
    /// How many tickets were written.
    pub tickets: usize,
    /// How many files.
    pub files: usize,
    /// Tickets that were passed over, and why.
    pub skipped: Vec<BadTicket>,
    /// Folders beside the directory that an export left which was interrupted.
    pub left_behind: Vec<PathBuf>,
}

/// More threads than this wait for the disk and for each other.
const MOST_THREADS: usize = 8;

/// Writes all tickets, or those named, into a new or empty directory. The directory appears when all is
/// written: until then everything is in a folder beside it.
///
/// # Errors
/// When the directory holds something or can't be written, also when its disk is full; and, without `keep_going`, when a ticket
/// can't be read or would leave its folder.
pub fn export(
    session: &Session,
    directory: &Path,
    only: &[String],
    keep_going: bool,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<Exported> {
    let snapshot = session.snapshot()?;
    let tickets = match only {
        [] => snapshot.all()?,
        named => find_each(session, &snapshot, named)?,
    };
    refuse_used(directory)?;
    let staging = Staging::beside(directory, session.host.id)?;
    let mut outcome = Exported { left_behind: staging.left_behind(), ..Exported::default() };
    let next = AtomicUsize::new(0);
    let mut stopped = None;
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(tickets.len());
    thread::scope(|scope| {
        let (sender, receiver) = channel();
        for _ in 0..threads {
            let (sender, twin) = (sender.clone(), snapshot.twin());
            let (tickets, next, folder) = (&tickets, &next, &staging.path);
            scope.spawn(move || {
                let snapshot = twin.snapshot();
                while let Some(files) = tickets.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let written = export_ticket(&snapshot, files, folder);
                    if sender.send((files, written)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        for (index, (files, written)) in receiver.into_iter().enumerate() {
            match written {
                Ok(written) => {
                    outcome.tickets += 1;
                    outcome.files += written;
                }
                Err(Fault::Place(problem)) => {
                    // No other ticket would fare better.
                    next.store(tickets.len(), Ordering::Relaxed);
                    stopped.get_or_insert(problem);
                }
                Err(Fault::Ticket(why)) => {
                    outcome.skipped.push(BadTicket { name: files.id.to_string(), why });
                    let partial = staging.path.join(files.id.as_str());
                    drop(fs::remove_dir_all(partial));
                }
            }
            progress(index + 1, tickets.len());
        }
    });
    if let Some(problem) = stopped {
        return Err(problem.into());
    }
    // Threads finish in any order; people read them in one.
    outcome.skipped.sort_by(|one, other| one.name.cmp(&other.name));
    if !keep_going && !outcome.skipped.is_empty() {
        return Err(Problem::BadTickets(outcome.skipped).into());
    }
    staging.publish(directory)?;
    Ok(outcome)
}

/// Why a ticket was not written.
enum Fault {
    /// Something is wrong with the ticket; others can be written.
    Ticket(String),
    /// Something is wrong with the place: it is full, or can't be written.
    Place(Problem),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Ticket(error.to_string())
    }
}

/// The tickets that are named, each once.
fn find_each(session: &Session, snapshot: &Snapshot, named: &[String]) -> anyhow::Result<Vec<Files>> {
    let mut found: Vec<Files> = Vec::new();
    for typed in named {
        let files = resolve::resolve(&session.store, snapshot, typed)?;
        if found.iter().all(|other| other.id != files.id) {
            found.push(files);
        }
    }
    Ok(found)
}

fn refuse_used(directory: &Path) -> Result<(), Problem> {
    match fs::read_dir(directory) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(Problem::NotEmpty(directory.to_owned())),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Problem::file(directory, &error)),
    }
}

/// The folder everything is written to first; removed when it is dropped. Its writer keeps a lock on it, so
/// that others can tell it from one that was left behind.
struct Staging {
    path: PathBuf,
    prefix: String,
    _lock: Option<fs::File>,
}

impl Staging {
    fn beside(directory: &Path, process: u32) -> Result<Self, Problem> {
        let real = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let name = real.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.partial-");
        let path = real.with_file_name(format!("{prefix}{process}"));
        fs::create_dir_all(&path).map_err(|error| Problem::file(&path, &error))?;
        let lock = fs::File::open(&path).ok().filter(|folder| folder.try_lock().is_ok());
        Ok(Staging { path, prefix, _lock: lock })
    }

    /// Folders of exports to the same directory whose writers are no more.
    fn left_behind(&self) -> Vec<PathBuf> {
        let entries = self.path.parent().map(fs::read_dir).into_iter().flatten().flatten().flatten();
        let similar = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&self.prefix));
        let is_nobodys = |path: &PathBuf| {
            *path != self.path && fs::File::open(path).is_ok_and(|folder| folder.try_lock().is_ok())
        };
        similar.map(|entry| entry.path()).filter(is_nobodys).collect()
    }

    /// An empty directory that is there stays the same directory: somebody may stand in it.
    fn publish(self, directory: &Path) -> Result<(), Problem> {
        let fail = |error: std::io::Error| Problem::file(directory, &error);
        if !directory.exists() {
            return fs::rename(&self.path, directory).map_err(fail);
        }
        for entry in fs::read_dir(&self.path).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            fs::rename(entry.path(), directory.join(entry.file_name())).map_err(fail)?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Gone already when it was published.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn export_ticket(snapshot: &Snapshot, files: &Files, directory: &Path) -> Result<usize, Fault> {
    let folder = directory.join(files.id.as_str());
    let blobs = snapshot.blobs(files)?;
    let mut made = BTreeSet::new();
    let mut written = 0;
    for (name, blob) in blobs.iter().filter(|(name, _)| *name != layout::NO_GITKEEP) {
        if let Some(why) = layout::unsafe_path_fault(name) {
            let problem = Problem::BadArtifactName { name: name.clone(), why };
            return Err(Fault::Ticket(problem.to_string()));
        }
        let content = snapshot.read_blob(&format!("{}/{name}", files.id), *blob)?;
        write_new(&folder.join(name), &content, &mut made)?;
        written += 1;
    }
    if !blobs.contains_key(layout::GITKEEP) && !blobs.contains_key(layout::NO_GITKEEP) {
        write_new(&folder.join(layout::GITKEEP), b"", &mut made)?;
        written += 1;
    }
    Ok(written)
}

/// Writes a file that isn't there yet: names that one file system takes for the same overwrite nothing. The
/// folders that were made are kept in mind.
fn write_new(path: &Path, content: &[u8], made: &mut BTreeSet<PathBuf>) -> Result<(), Fault> {
    let fail = |error: std::io::Error| match error.kind() {
        // The name is one that this file system takes for another, or doesn't take.
        ErrorKind::AlreadyExists
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::InvalidFilename
        | ErrorKind::InvalidInput => Fault::Ticket(Problem::file(path, &error).to_string()),
        _ => Fault::Place(Problem::file(path, &error)),
    };
    if let Some(folder) = path.parent().filter(|folder| !made.contains(*folder)) {
        fs::create_dir_all(folder).map_err(fail)?;
        made.insert(folder.to_owned());
    }
    let mut file = fs::File::create_new(path).map_err(fail)?;
    std::io::Write::write_all(&mut file, content).map_err(fail)
}
