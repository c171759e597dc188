//! The index as a session uses it: opened once, made when it is worth it, asked before the ref is read.

use std::path::PathBuf;

use crate::index::threads::Threads;
use crate::index::{self, Ahead, Derived, Index, Look, Reach};
use crate::model::id::TicketId;
use crate::store::snapshot::Snapshot;

use super::session::Session;

/// With so many folders of tickets an index is made: some three hundred tickets. Fewer are read as fast.
const WORTH_IT: usize = 256;

/// Where a session keeps its index.
#[derive(Default)]
pub struct Shelf<'h> {
    /// What was seen in threads, to be remembered.
    seen: Vec<(TicketId, Look)>,
    tickets: Held<Index>,
    threads: Held<Threads>,
    /// Told how far the making of an index is.
    progress: Option<Box<dyn Fn(usize, usize) + 'h>>,
}

#[derive(Default)]
enum Held<D> {
    /// Nobody asked for it yet.
    #[default]
    Unopened,
    /// There is none, and it is not worth while or not possible to make one.
    Nothing,
    /// It is open.
    Open(Box<D>),
}

impl<D> Held<D> {
    fn of(opened: Option<D>) -> Self {
        opened.map_or(Held::Nothing, |opened| Held::Open(Box::new(opened)))
    }
}

impl<'h> Session<'h> {
    /// Asks the index about a version of the tickets. `None` when there is none that knows: then the ref is to be
    /// read. Makes one when that is worth while.
    pub(super) fn ask_index<T>(
        &self,
        snapshot: &Snapshot,
        question: impl FnOnce(&Index) -> Option<T>,
    ) -> Option<T> {
        self.ask(snapshot, |shelf| &mut shelf.tickets, question)
    }

    /// Asks what threads tell, likewise.
    pub(super) fn ask_threads<T>(
        &self,
        snapshot: &Snapshot,
        question: impl FnOnce(&Threads) -> Option<T>,
    ) -> Option<T> {
        self.ask(snapshot, |shelf| &mut shelf.threads, question)
    }

    fn ask<D: Derived, T>(
        &self,
        snapshot: &Snapshot,
        place: impl for<'s> Fn(&'s mut Shelf<'h>) -> &'s mut Held<D>,
        question: impl FnOnce(&D) -> Option<T>,
    ) -> Option<T> {
        let mut shelf = self.index.borrow_mut();
        if let Held::Unopened = place(&mut shelf) {
            let folders = || snapshot.leaves().map_or(0, |leaves| leaves.len());
            *place(&mut shelf) = match D::open(&self.store) {
                Some(index) => Held::of(Some(index)),
                None if self.can_write() && folders() >= WORTH_IT => self.made(snapshot, &shelf),
                None => Held::Nothing,
            };
        }
        let Held::Open(index) = place(&mut shelf) else { return None };
        match index.reach(snapshot) {
            Reach::Done => {}
            Reach::NotNow => return None,
            Reach::Never => *place(&mut shelf) = self.made(snapshot, &shelf),
        }
        let Held::Open(index) = place(&mut shelf) else { return None };
        question(index)
    }

    fn made<D: Derived>(&self, snapshot: &Snapshot, shelf: &Shelf) -> Held<D> {
        let progress = |done, total| {
            if let Some(tell) = &shelf.progress {
                tell(done, total);
            }
        };
        Held::of(D::build(&self.store, snapshot, &progress))
    }

    /// Notes what was seen in a ticket's thread: [`Session::keep_looks`] remembers it.
    pub(super) fn note_look(&self, id: TicketId, look: Look) {
        self.index.borrow_mut().seen.push((id, look));
    }

    /// Remembers what was seen in threads of a version, where the index tells of it and nobody has to wait.
    pub(super) fn keep_looks(&self, snapshot: &Snapshot) {
        let mut shelf = self.index.borrow_mut();
        let seen = std::mem::take(&mut shelf.seen);
        if let Held::Open(index) = &shelf.tickets
            && index.is_reading(snapshot)
        {
            index.remember(&seen);
        }
    }

    /// Says who is told how far the making of an index is: of how many folders of tickets how many are read.
    pub fn tell_progress(&self, tell: impl Fn(usize, usize) + 'h) {
        self.index.borrow_mut().progress = Some(Box::new(tell));
    }

    /// Brings the index of lists up to date after a write, if there is one; a later command does what can't be done
    /// now. What threads tell is brought along by whoever asks for it.
    pub(super) fn keep_index(&self) {
        self.keep_index_of(None, "");
    }

    /// Whether there is an index to be kept.
    pub(super) fn has_index(&self) -> bool {
        match self.index.borrow().tickets {
            Held::Unopened => index::path(&self.store).exists(),
            Held::Nothing => false,
            Held::Open(_) => true,
        }
    }

    /// The same after a write that led to a commit, where it is known what it changed.
    pub(super) fn keep_index_of(&self, ahead: Option<Ahead>, commit: &str) {
        let mut shelf = self.index.borrow_mut();
        if let Held::Unopened = shelf.tickets {
            shelf.tickets = Held::of(Index::open(&self.store));
        }
        let Held::Open(index) = &shelf.tickets else { return };
        let root = ahead.as_ref().and_then(|_| self.store.tree_named(commit));
        let followed = ahead.zip(root).map(|(ahead, root)| index.follow(&ahead, commit, root));
        if followed != Some(Reach::Done)
            && let Ok(snapshot) = self.store.snapshot()
        {
            index.reach(&snapshot);
        }
    }

    /// How the index is. Nothing is changed.
    ///
    /// # Errors
    /// When there are no tickets.
    pub fn find_index(&self) -> anyhow::Result<Found> {
        let snapshot = self.snapshot()?;
        let version = |(is_fresh, tickets, bytes)| Version { is_fresh, tickets, bytes };
        let tickets = Index::open(&self.store).and_then(|index| index.version_found(&snapshot));
        let threads = Threads::open(&self.store).and_then(|threads| threads.version_found(&snapshot));
        let path = index::path(&self.store);
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let path = folder.map_or(path, |folder| folder.join(index::FILE));
        Ok(Found { path, version: tickets.map(version), threads: threads.map(version) })
    }

    /// Makes the index of the present version anew, however few tickets there are.
    ///
    /// # Errors
    /// When there are no tickets.
    pub fn make_index(&self) -> anyhow::Result<Found> {
        self.remove_index()?;
        let snapshot = self.snapshot()?;
        let mut shelf = self.index.borrow_mut();
        shelf.tickets = self.made(&snapshot, &shelf);
        shelf.threads = self.made(&snapshot, &shelf);
        drop(shelf);
        self.find_index()
    }

    /// Forgets what is open: its files may be others by now.
    pub(super) fn forget_index(&self) {
        let mut shelf = self.index.borrow_mut();
        (shelf.tickets, shelf.threads) = (Held::Unopened, Held::Unopened);
    }

    /// Removes the index.
    ///
    /// # Errors
    /// When there are no tickets.
    pub fn remove_index(&self) -> anyhow::Result<Found> {
        let mut shelf = self.index.borrow_mut();
        (shelf.tickets, shelf.threads) = (Held::Nothing, Held::Nothing);
        drop(shelf);
        index::remove(&self.store);
        self.find_index()
    }
}

/// How the index is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its file, be it there or not.
    pub path: PathBuf,
    /// What it tells of; none when there is no index that can be used.
    pub version: Option<Version>,
    /// The same of the part that is made when somebody asks for what threads tell.
    pub threads: Option<Version>,
}

/// What an index tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// It tells of the tickets as they are now.
    pub is_fresh: bool,
    /// How many tickets it knows.
    pub tickets: usize,
    /// The size of its file in bytes.
    pub bytes: u64,
}
