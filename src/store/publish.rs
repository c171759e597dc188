//! Writing: one commit on the ref for each operation, published by compare-and-swap.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use gix::objs::tree::EntryKind;

use crate::format::layout;
use crate::host::{Host, failpoint};
use crate::model::id::TicketId;

use super::identity;
use super::lock::WriteLock;
use super::object::Patient;
use super::pack::{Packed, Sink};
use super::reference::Swap;
use super::snapshot::{self, Snapshot, damaged};
use super::{ObjectId, Store, StoreError};

/// How long others may keep moving the ref before we give up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait while nobody moves the ref: then a lock was left behind.
const STUCK: Duration = Duration::from_secs(3);

/// A file of the ref and its new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The path on the ref.
    pub path: String,
    /// The new content.
    pub content: Vec<u8>,
}

/// What shall be written, and what the ref's log shall say about it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The files that change.
    pub edits: Vec<Edit>,
    /// The first line of the commit's message.
    pub subject: String,
    /// Trailers of the message, in order.
    pub trailers: Vec<(&'static str, String)>,
    /// Who acts: the author of the commit.
    pub actor: String,
    /// When, in milliseconds since 1970-01-01T00:00:00Z.
    pub millis: u64,
    /// Every clone would write this alike: then author, committer and times say nothing of who did.
    pub is_derived: bool,
}

/// Author and committer.
type Signatures = (gix::actor::Signature, gix::actor::Signature);

/// What is tried to be written, and on what.
struct Attempt<'a> {
    snapshot: &'a Snapshot<'a>,
    proposal: &'a Proposal,
    signatures: Signatures,
}

impl Attempt<'_> {
    fn commit(&self, tree: ObjectId) -> gix::objs::Commit {
        let (author, committer) = self.signatures.clone();
        gix::objs::Commit {
            tree,
            parents: self.snapshot.tip.into_iter().collect(),
            author,
            committer,
            encoding: None,
            message: message(self.proposal).into(),
            extra_headers: Vec::new(),
        }
    }
}

/// Objects that were written; nothing points at them yet.
struct Composed {
    commit: ObjectId,
    /// Those of them that are files of their own.
    loose: Vec<ObjectId>,
    /// The bytes of the commit, if somebody signed it: nobody can make it again.
    signed: Option<Vec<u8>>,
}

/// What a judge decides about the present version.
pub enum Judged<T> {
    /// Write this.
    Publish(Proposal, T),
    /// There is nothing to write.
    Nothing(T),
}

/// Files of many tickets, on their way into one pack. Until they are published nothing of them is in the
/// repository.
pub struct Batch<'s> {
    store: &'s Store,
    sink: Option<Sink<'s>>,
    tickets: Vec<Placed>,
}

/// The files of one ticket, by their paths on the ref.
struct Placed {
    id: TicketId,
    files: Vec<(Box<str>, ObjectId)>,
}

impl Batch<'_> {
    /// Takes the files of a ticket.
    ///
    /// # Errors
    /// When they can't be written.
    pub fn add(&mut self, id: TicketId, files: Vec<(String, Packed)>) -> Result<(), StoreError> {
        let mut placed = Placed { id, files: Vec::with_capacity(files.len()) };
        for (name, packed) in files {
            placed.files.push((layout::path(&id, &name).into(), packed.id));
            if let Some(sink) = &mut self.sink {
                sink.packed(packed)?;
            }
        }
        self.tickets.push(placed);
        Ok(())
    }

    /// Writes files of a ticket.
    ///
    /// # Errors
    /// As [`Batch::add`].
    pub fn write(&mut self, id: TicketId, edits: Vec<Edit>) -> Result<(), StoreError> {
        let Some(sink) = &mut self.sink else {
            return Err(StoreError::Other("can't write: the pack is complete".to_owned()));
        };
        let mut placed = Placed { id, files: Vec::with_capacity(edits.len()) };
        for Edit { path, content } in edits {
            placed.files.push((path.into(), sink.blob(&content)?));
        }
        self.tickets.push(placed);
        Ok(())
    }

    /// Begins anew, with nothing in it: for files that depend on the version they are written on.
    ///
    /// # Errors
    /// When nothing can be written to the repository.
    pub fn renew(&mut self, host: &Host) -> Result<(), StoreError> {
        *self = self.store.batch(host)?;
        Ok(())
    }

    /// The tickets.
    pub fn ids(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.tickets.iter().map(|placed| placed.id)
    }

    /// Takes tickets out again.
    pub fn remove(&mut self, ids: &BTreeSet<TicketId>) {
        self.tickets.retain(|placed| !ids.contains(&placed.id));
    }
}

impl Store {
    /// A batch to gather files in, and what compresses them for it.
    ///
    /// # Errors
    /// When nothing can be written to the repository.
    pub fn batch(&self, host: &Host) -> Result<Batch<'_>, StoreError> {
        let sink = Sink::packing(self, host.entropy.bits())?;
        Ok(Batch { store: self, sink: Some(sink), tickets: Vec::new() })
    }

    /// Lets a judge look at the present version and writes what it decides.
    ///
    /// When others move the ref meanwhile the judge is asked again, about the newer version. Gives the
    /// judge's answer and the new commit, if one was written.
    ///
    /// # Errors
    /// What the judge says; and when the tickets are of a newer format, nobody can be named as the
    /// author, or the repository can't be written.
    pub fn publish<T, E: From<StoreError>>(
        &self,
        host: &Host,
        mut judge: impl FnMut(&Snapshot) -> Result<Judged<T>, E>,
    ) -> Result<(T, Option<String>), E> {
        self.publish_with(host, None, |snapshot, _| judge(snapshot))
    }

    /// The same for many files that are written already. The judge may take tickets out of the batch again.
    ///
    /// # Errors
    /// As [`Store::publish`]. Then nothing is left of the batch.
    pub fn publish_batch<'s, T, E: From<StoreError>>(
        &'s self,
        host: &Host,
        batch: &mut Batch<'s>,
        mut judge: impl FnMut(&Snapshot, &mut Batch<'s>) -> Result<Judged<T>, E>,
    ) -> Result<(T, Option<String>), E> {
        self.publish_with(host, Some(batch), |snapshot, batch| match batch {
            Some(batch) => judge(snapshot, batch),
            None => Err(StoreError::Other("there is nothing to write".to_owned()).into()),
        })
    }

    fn publish_with<'s, T, E: From<StoreError>>(
        &'s self,
        host: &Host,
        mut batch: Option<&mut Batch<'s>>,
        mut judge: impl FnMut(&Snapshot, Option<&mut Batch<'s>>) -> Result<Judged<T>, E>,
    ) -> Result<(T, Option<String>), E> {
        let mut turn = self.turn();
        let mut patience = Patience { started: Instant::now(), stuck: None };
        loop {
            let snapshot = self.snapshot_to_write()?;
            let version = snapshot.format()?;
            if version > layout::VERSION {
                return Err(StoreError::NewerFormat(version).into());
            }
            let (proposal, answer) = match judge(&snapshot, batch.as_deref_mut())? {
                Judged::Nothing(answer) => return Ok((answer, None)),
                Judged::Publish(proposal, answer) => (proposal, answer),
            };
            let signatures = self.signers(host, &proposal)?;
            let attempt = Attempt { snapshot: &snapshot, proposal: &proposal, signatures };
            match self.write(host, &mut turn, &attempt, batch.as_deref_mut())? {
                Written::Published(commit) => return Ok((answer, Some(commit.to_string()))),
                Written::Lost(said) if patience.is_over(snapshot.tip) => {
                    return Err(self.stuck(said).into());
                }
                Written::Lost(_) => thread::sleep(jitter(host)),
            }
        }
    }

    fn write<'s>(
        &'s self,
        host: &Host,
        turn: &mut WriteLock,
        attempt: &Attempt,
        mut batch: Option<&mut Batch<'s>>,
    ) -> Result<Written, StoreError> {
        let durability = self.durability();
        let composed = self.compose(host, attempt, batch.as_deref_mut())?;
        failpoint::step("all objects are written");
        let save = |batch: Option<&Batch>| {
            let files = batch.map_or(&[][..], |batch| &batch.tickets);
            self.compose_again(host, attempt, files, &composed)
        };
        // Before the ref says so, too: who is killed right after it moved saves nothing any more.
        let is_saved = self.may_be_collected(&composed.loose);
        if is_saved {
            save(batch.as_deref())?;
        }
        let (old, log) = (attempt.snapshot.tip, format!("yoi: {}", attempt.proposal.subject));
        match self.swap_in_turn(turn, old, composed.commit, &log, &attempt.signatures.1)? {
            Swap::Lost(said) => Ok(Written::Lost(said)),
            Swap::Done => {
                failpoint::step("the ref is moved");
                if !is_saved && self.are_in_danger(&composed.loose) {
                    save(batch.as_deref())?;
                }
                self.keeps.borrow_mut().clear();
                self.settle_ref(durability)?;
                self.tidy_up();
                Ok(Written::Published(composed.commit))
            }
        }
    }

    /// Writes the commit that a judge decides about the present version, and leaves the ref where it is: others
    /// shall have it first. Nothing when there is nothing to write.
    ///
    /// # Errors
    /// As [`Store::publish`].
    pub fn propose<T, E: From<StoreError>>(
        &self,
        host: &Host,
        judge: impl FnOnce(&Snapshot) -> Result<Judged<T>, E>,
    ) -> Result<(T, Option<String>), E> {
        let snapshot = self.snapshot_to_write()?;
        let version = snapshot.format()?;
        if version > layout::VERSION {
            return Err(StoreError::NewerFormat(version).into());
        }
        let (proposal, answer) = match judge(&snapshot)? {
            Judged::Nothing(answer) => return Ok((answer, None)),
            Judged::Publish(proposal, answer) => (proposal, answer),
        };
        let signatures = self.signers(host, &proposal)?;
        let attempt = Attempt { snapshot: &snapshot, proposal: &proposal, signatures };
        // Nothing will point at it for as long as others take.
        let sink = Sink::packing(self, host.entropy.bits())?;
        let composed = self.compose_into(sink, &attempt, &[])?;
        failpoint::step("a proposal is written");
        Ok((answer, Some(composed.commit.to_string())))
    }

    fn signers(&self, host: &Host, proposal: &Proposal) -> Result<Signatures, StoreError> {
        Ok(match proposal.is_derived {
            true => identity::derived(proposal.millis),
            false => {
                let user = self.identity(host)?;
                identity::signatures(host, &user, &proposal.actor, proposal.millis)
            }
        })
    }

    /// Writes the objects of a proposal.
    fn compose<'s>(
        &'s self,
        host: &Host,
        attempt: &Attempt,
        mut batch: Option<&mut Batch<'s>>,
    ) -> Result<Composed, StoreError> {
        // A batch that lost a race has its files in the repository by then; only trees are to be written again.
        let sink = match batch.as_mut().and_then(|batch| batch.sink.take()) {
            Some(sink) => sink,
            None => Sink::new(self, host.entropy.bits(), attempt.proposal.edits.len())?,
        };
        let files = batch.as_ref().map_or(&[][..], |batch| &batch.tickets);
        self.compose_into(sink, attempt, files)
    }

    fn compose_into(
        &self,
        mut sink: Sink,
        attempt: &Attempt,
        files: &[Placed],
    ) -> Result<Composed, StoreError> {
        let tree = self.write_tree(attempt.snapshot, &attempt.proposal.edits, files, &mut sink)?;
        let commit = attempt.commit(tree);
        let durability = self.durability();
        match !attempt.proposal.is_derived && self.signs() {
            // git refuses to make a commit of a tree that is not there yet.
            true => {
                let mut loose = sink.finish()?;
                self.settle_objects(&loose, durability)?;
                let commit = self.signed(&commit)?;
                loose.push(commit);
                let signed = Some(self.object("the signed commit", commit)?.data.clone());
                Ok(Composed { commit, loose, signed })
            }
            false => {
                let commit = sink.value(&commit)?;
                let loose = sink.finish()?;
                self.settle_objects(&loose, durability)?;
                Ok(Composed { commit, loose, signed: None })
            }
        }
    }

    /// Writes the same objects into a pack, where no `git gc` that began meanwhile takes them away.
    fn compose_again(
        &self,
        host: &Host,
        attempt: &Attempt,
        files: &[Placed],
        composed: &Composed,
    ) -> Result<(), StoreError> {
        let mut sink = Sink::packing(self, host.entropy.bits())?;
        let tree = self.write_tree(attempt.snapshot, &attempt.proposal.edits, files, &mut sink)?;
        match &composed.signed {
            Some(bytes) => sink.commit(bytes)?,
            None => sink.value(&attempt.commit(tree))?,
        };
        sink.finish().map(drop)
    }

    fn write_tree(
        &self,
        snapshot: &Snapshot,
        edits: &[Edit],
        batch: &[Placed],
        sink: &mut Sink,
    ) -> Result<ObjectId, StoreError> {
        let tree = match snapshot.root()? {
            None => gix::objs::Tree::empty(),
            Some(root) => {
                let object = self.object("the root of the tickets", root)?;
                snapshot::decode("the root of the tickets", &object)?.into()
            }
        };
        let finder = Patient(&self.repo.objects);
        let mut editor = gix::objs::tree::Editor::new(tree, &finder, self.repo.object_hash());
        let first = (snapshot.tip.is_none())
            .then(|| Edit { path: layout::FORMAT.to_owned(), content: layout::format_line().into_bytes() });
        for edit in first.iter().chain(edits) {
            let blob = sink.blob(&edit.content)?;
            let parts = edit.path.split('/').map(<&gix::bstr::BStr>::from);
            editor.upsert(parts, EntryKind::Blob, blob).map_err(|error| damaged(&edit.path, &error))?;
        }
        for placed in batch {
            for (path, blob) in &placed.files {
                let parts = path.split('/').map(<&gix::bstr::BStr>::from);
                editor.upsert(parts, EntryKind::Blob, *blob).map_err(|error| damaged(path, &error))?;
            }
        }
        editor.write(|tree| sink.value(tree))
    }

    /// Makes the ref, empty, when there is none. Says whether it made it.
    ///
    /// # Errors
    /// As [`Store::publish`].
    pub fn create_ref(&self, host: &Host, actor: &str) -> Result<bool, StoreError> {
        let millis = host.clock.now_millis();
        let judge = |snapshot: &Snapshot| {
            let proposal = Proposal {
                edits: Vec::new(),
                subject: "tickets: created".to_owned(),
                trailers: Vec::new(),
                actor: actor.to_owned(),
                millis,
                is_derived: false,
            };
            Ok::<_, StoreError>(match snapshot.exists() {
                true => Judged::Nothing(false),
                false => Judged::Publish(proposal, true),
            })
        };
        self.publish(host, judge).map(|(is_new, _)| is_new)
    }
}

/// How long a write has been losing, and to what.
struct Patience {
    started: Instant,
    /// The version nobody moves on from, and since when.
    stuck: Option<(Option<ObjectId>, Instant)>,
}

impl Patience {
    fn is_over(&mut self, tip: Option<ObjectId>) -> bool {
        let now = Instant::now();
        let (_, since) =
            *self.stuck.insert(self.stuck.filter(|(known, _)| *known == tip).unwrap_or((tip, now)));
        since.elapsed() > STUCK || self.started.elapsed() > PATIENCE
    }
}

enum Written {
    Published(ObjectId),
    Lost(String),
}

fn jitter(host: &Host) -> Duration {
    let bits = u64::try_from(host.entropy.bits() & 0xff).unwrap_or(0);
    Duration::from_micros(500 + bits * 100)
}

fn message(proposal: &Proposal) -> String {
    let mut message = format!("{}\n", proposal.subject.replace(['\n', '\r'], " "));
    if !proposal.trailers.is_empty() {
        message.push('\n');
    }
    for (key, value) in &proposal.trailers {
        message.push_str(&format!("{key}: {value}\n"));
    }
    message
}
