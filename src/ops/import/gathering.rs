//! Reading, checking and compressing the folders, on every processor; what is new goes into the batch.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::model::id::TicketId;
use crate::ops::problem::BadTicket;
use crate::ops::session::Session;
use crate::store::StoreError;
use crate::store::pack::{Deflater, Packed};
use crate::store::publish::Batch;
use crate::store::snapshot::{Files, Snapshot};

use super::{Folder, Imported, compare, read_folder};

/// More threads than this wait for the disk and for each other.
const MOST_THREADS: usize = 8;
/// How many tickets may be done and wait to be written.
const WAITING: usize = 32;

/// What became of a folder.
enum Read {
    /// It is new.
    New(TicketId, Vec<(String, Packed)>),
    /// There is a ticket of that id.
    Present(Folder),
    /// It can't be taken.
    Bad(BadTicket),
}

/// Reads the folders that were found. New tickets go into the batch; those that are there are compared; bad ones
/// are told.
pub(super) fn gather(
    session: &Session,
    snapshot: &Snapshot,
    found: &[(String, PathBuf)],
    batch: &mut Batch,
    outcome: &mut Imported,
    progress: &mut dyn FnMut(usize, usize),
) -> anyhow::Result<()> {
    let all = snapshot.all()?;
    let known: BTreeMap<TicketId, Files> = all.into_iter().map(|files| (files.id, files)).collect();
    let mut bad = Vec::new();
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(found.len());
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(WAITING);
        for _ in 0..threads {
            let (sender, deflater) = (sender.clone(), session.store.deflater());
            let (next, known) = (&next, &known);
            scope.spawn(move || work(found, next, known, deflater, &sender));
        }
        drop(sender);
        let mut done = 0;
        for read in receiver {
            match read? {
                Read::New(id, files) => batch.add(id, files)?,
                Read::Present(folder) => compare(snapshot, &known[&folder.id], &folder, outcome)?,
                Read::Bad(ticket) => bad.push(ticket),
            }
            done += 1;
            progress(done, found.len());
        }
        Ok::<(), anyhow::Error>(())
    })?;
    outcome.skipped.append(&mut bad);
    // Threads finish in any order; people read them in one.
    outcome.skipped.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(())
}

/// Takes one folder after another until there is none left or nobody wants them any more.
fn work(
    found: &[(String, PathBuf)],
    next: &AtomicUsize,
    known: &BTreeMap<TicketId, Files>,
    mut deflater: Deflater,
    sender: &SyncSender<Result<Read, StoreError>>,
) {
    while let Some((name, path)) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
        if sender.send(read(name, path, known, &mut deflater)).is_err() {
            return;
        }
    }
}

fn read(
    name: &str,
    path: &Path,
    known: &BTreeMap<TicketId, Files>,
    deflater: &mut Deflater,
) -> Result<Read, StoreError> {
    match read_folder(name, path) {
        Err(why) => Ok(Read::Bad(BadTicket { name: name.to_owned(), why })),
        Ok(folder) if known.contains_key(&folder.id) => Ok(Read::Present(folder)),
        Ok(folder) => {
            let files = folder.files.into_iter();
            let packed = files.map(|(name, content)| Ok((name, deflater.blob(&content)?)));
            Ok(Read::New(folder.id, packed.collect::<Result<_, StoreError>>()?))
        }
    }
}
