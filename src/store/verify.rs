//! Looking at tickets of others before they become ours: well-formed, and nothing lost that only grows.
//!
//! Each new commit is compared with each of its parents, so that a merge which drops what one side said is
//! found. A merge that git-yoi made is made again instead, without writing: it may move a ticket to another
//! id, and is right if it has the same name. What can be reached from the old tip is not looked at.
//!
//! A version that only lacks what we have is no fault: merging brings it back. A commit that takes away what
//! its own parent has is one.

use std::collections::{BTreeMap, BTreeSet};

use gix::bstr::ByteSlice;

use crate::format::layout;
use crate::merge::{self, Files};
use crate::model::event::Event;
use crate::model::id::TicketId;
use crate::model::limit;

use super::compare::{Comparer, Differing, Fault};
use super::lineage::Lineage;
use super::snapshot::Snapshot;
use super::unite::Fetched;
use super::{ObjectId, Store, StoreError, git, identity};

/// One of the new commits, and what it did.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Its full id.
    pub commit: String,
    /// How many parents it has.
    pub parents: usize,
    /// The name and the address of its author.
    pub author: (String, String),
    /// The same of its committer.
    pub committer: (String, String),
    /// It is the merge that git-yoi makes of its parents.
    pub is_own_merge: bool,
    /// The tickets it changed, against every one of its parents. None are told of an own merge.
    pub tickets: BTreeMap<TicketId, Gain>,
    /// It changed files that are no ticket's.
    pub changes_top: bool,
}

impl Step {
    /// Whether the author's name is what becomes of an actor's when a commit is made.
    pub fn is_by(&self, actor: &str) -> bool {
        let name = identity::plain(actor);
        // An actor of whom git would keep nothing gives way to the committer.
        if name.is_empty() { self.author.0 == self.committer.0 } else { self.author.0 == name }
    }

    /// Whether git-yoi stands for author and committer.
    pub fn is_derived(&self) -> bool {
        let (name, mail) = identity::DERIVED;
        let is_ours = |who: &(String, String)| who.0 == name && who.1 == mail;
        is_ours(&self.author) && is_ours(&self.committer)
    }
}

/// What a commit did to a ticket.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gain {
    /// The ticket was not there before.
    pub is_new: bool,
    /// Its files that are new or changed.
    pub names: BTreeSet<String>,
    /// The events it gained.
    pub events: Vec<Event>,
    /// `item.md` before and after, where it changed.
    pub item: Option<(Option<Vec<u8>>, Vec<u8>)>,
    /// The ticket has fields and a thread.
    pub is_whole: bool,
}

/// What somebody else has to say about a commit.
pub type Judge<'j> = dyn FnMut(&Step) -> Result<(), (Option<TicketId>, String)> + 'j;

impl Store {
    /// Whether a fetched version may become ours.
    ///
    /// # Errors
    /// [`StoreError::BadCommit`] when it may not; others when something can't be read.
    pub fn verify(&self, fetched: &Fetched) -> Result<(), StoreError> {
        let bad = |_| StoreError::UnknownRevision(fetched.tip.clone());
        let theirs = ObjectId::from_hex(fetched.tip.as_bytes()).map_err(bad)?;
        self.verify_fetched(self.read_ref(&self.tickets)?, theirs)
    }

    /// Looks at what `theirs` has more than `ours`.
    ///
    /// Without ours there is nothing that could be lost: the version as a whole is looked at. When there are
    /// too many commits to look at each, so are the two ends.
    ///
    /// # Errors
    /// [`StoreError::BadCommit`] for what honest tools don't make; others when something can't be read.
    pub(super) fn verify_fetched(&self, ours: Option<ObjectId>, theirs: ObjectId) -> Result<(), StoreError> {
        let Some(ours) = ours else { return Verifier::new(self).ends(None, theirs) };
        match self.new_commits(Some(ours), theirs, limit::COMMITS)? {
            Some(commits) => self.verify_commits(&commits, &mut |_| Ok(())),
            None => Verifier::new(self).ends(self.ticket_base(ours, theirs)?, theirs),
        }
    }

    /// The commits that can be reached from `new` and not from `old`, parents first; `None` when there are
    /// more than that many.
    pub(super) fn new_commits(
        &self,
        old: Option<ObjectId>,
        new: ObjectId,
        most: usize,
    ) -> Result<Option<Vec<ObjectId>>, StoreError> {
        let count = format!("--max-count={}", most.saturating_add(1));
        let new = new.to_string();
        let old = old.map(|old| format!("^{old}"));
        let mut arguments =
            vec!["--no-replace-objects", "rev-list", "--topo-order", "--reverse", &count, &new];
        arguments.extend(old.as_deref());
        let text = git::run(&self.cwd, arguments)?;
        let commits: Vec<ObjectId> =
            text.lines().filter_map(|hex| ObjectId::from_hex(hex.as_bytes()).ok()).collect();
        Ok((commits.len() <= most).then_some(commits))
    }

    /// Looks at every commit of the tickets' history, as if each had just been fetched, and asks a judge about
    /// it. Tells every fault, and how many commits there are.
    ///
    /// `progress` hears how many commits were looked at, and of how many.
    ///
    /// # Errors
    /// When something can't be read.
    pub fn verify_history(
        &self,
        judge: &mut Judge,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(Vec<StoreError>, usize), StoreError> {
        let Some(tip) = self.read_ref(&self.tickets)? else { return Err(StoreError::NotInitialised) };
        let lineage = self.lineage(tip)?;
        let commits = &lineage.commits;
        let mut faults = Vec::new();
        for (index, commit) in commits.iter().enumerate() {
            // What one commit may differ in bounds the walk; a long history may differ in more.
            let mut verifier = Verifier { lineage: Some(&lineage), ..Verifier::new(self) };
            let step = verifier.step(*commit);
            match step.and_then(|step| judge(&step).map_err(|(id, why)| bad(*commit, id, why))) {
                Ok(()) => {}
                Err(fault @ StoreError::BadCommit { .. }) => faults.push(fault),
                Err(other) => return Err(other),
            }
            progress(index + 1, commits.len());
        }
        Ok((faults, commits.len()))
    }

    /// Looks at each commit, and asks a judge about it. Parents come before their children.
    pub(super) fn verify_commits(&self, commits: &[ObjectId], judge: &mut Judge) -> Result<(), StoreError> {
        let mut verifier = Verifier::new(self);
        for commit in commits {
            let step = verifier.step(*commit)?;
            judge(&step).map_err(|(id, why)| bad(*commit, id, why))?;
        }
        Ok(())
    }
}

struct Verifier<'s> {
    store: &'s Store,
    comparer: Comparer<'s>,
    /// The whole history, where it was read.
    lineage: Option<&'s Lineage>,
}

impl<'s> Verifier<'s> {
    fn new(store: &'s Store) -> Self {
        Verifier { store, comparer: Comparer::new(store), lineage: None }
    }

    /// Looks at a version as if it were one commit on top of another.
    fn ends(&mut self, before: Option<ObjectId>, after: ObjectId) -> Result<(), StoreError> {
        let is_all_new = before.is_none();
        let (before, after) = (self.store.snapshot_at(before)?, self.store.snapshot_at(Some(after))?);
        let differing = self.compare(&before, &after)?;
        if is_all_new { Ok(()) } else { self.gains(&before, &after, &differing).map(drop) }
    }

    fn step(&mut self, commit: ObjectId) -> Result<Step, StoreError> {
        let what = format!("commit {commit}");
        let fail = |error: gix::Error| super::snapshot::damaged(&what, &error);
        let object = self.store.object(&what, commit)?.try_into_commit().map_err(fail)?;
        let who = |signature: gix::actor::SignatureRef| {
            (signature.name.to_str_lossy().into_owned(), signature.email.to_str_lossy().into_owned())
        };
        let parents: Vec<ObjectId> = object.parent_ids().map(gix::Id::detach).collect();
        let mut step = Step {
            commit: commit.to_string(),
            parents: parents.len(),
            author: who(object.author().map_err(fail)?),
            committer: who(object.committer().map_err(fail)?),
            ..Step::default()
        };
        if let ([one, other], true) = (parents.as_slice(), step.is_derived()) {
            step.is_own_merge =
                self.store.remerged(self.lineage, [*one, *other]).is_ok_and(|merge| merge == commit);
        }
        if step.is_own_merge {
            return Ok(step);
        }
        let after = self.store.snapshot_at(Some(commit))?;
        if !after.is_of_tickets() {
            return Err(bad(commit, None, "it holds no tickets: 'format' is missing".to_owned()));
        }
        let parents = self.store.known_parents(parents.into_iter());
        let mut sides = Vec::new();
        for parent in parents.into_iter().map(Some).chain((step.parents == 0).then_some(None)) {
            let before = self.store.snapshot_at(parent)?;
            let differing = self.compare(&before, &after)?;
            step.changes_top |= parent.is_some() && !differing.top.is_empty();
            sides.push(self.gains(&before, &after, &differing)?);
        }
        step.tickets = in_all(sides);
        Ok(step)
    }

    fn compare(&mut self, before: &Snapshot, after: &Snapshot) -> Result<Differing, StoreError> {
        let (Some(commit), Some(root)) = (after.tip, after.root()?) else { return Ok(Differing::default()) };
        let differing = match self.comparer.compare(before.root()?, root) {
            Ok(differing) => differing,
            Err(Fault::Told(id, why)) => return Err(bad(commit, id, why)),
            Err(Fault::Unreadable(error)) => return Err(error),
        };
        if differing.top.contains(layout::FORMAT) {
            let (was, is) = (before.format()?, after.format().map_err(|error| told(commit, error))?);
            if is > layout::VERSION {
                return Err(bad(commit, None, format!("format {is} is newer than this program")));
            }
            if is < was || is == 0 {
                return Err(bad(commit, None, format!("format {is} is older than what was there")));
            }
        }
        if differing.top.contains(layout::ALIASES) {
            let read = |snapshot: &Snapshot| -> Result<Vec<u8>, StoreError> {
                let blob = snapshot.find_file(layout::ALIASES)?;
                Ok(blob
                    .map(|blob| snapshot.read_blob(layout::ALIASES, blob))
                    .transpose()?
                    .unwrap_or_default())
            };
            let (was, is) = (read(before)?, read(after)?);
            if let Some(line) = merge::lost_alias(&was, &is) {
                let why = format!("the alias '{}' is gone", line.escape_debug());
                return Err(bad(commit, None, why));
            }
        }
        Ok(differing)
    }

    /// What tickets gained; nothing may be lost.
    fn gains(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        differing: &Differing,
    ) -> Result<BTreeMap<TicketId, Gain>, StoreError> {
        let commit = after.tip.unwrap_or_else(|| ObjectId::null(self.store.repo.object_hash()));
        let mut gains = BTreeMap::new();
        for (id, names) in &differing.tickets {
            let (was, _) = contents(before, id, names)?;
            let (is, is_whole) = contents(after, id, names)?;
            if let Some(loss) = merge::loss(&was, &is) {
                return Err(bad(commit, Some(*id), loss.to_string()));
            }
            let item = is.get(layout::ITEM).filter(|item| was.get(layout::ITEM) != Some(item));
            gains.insert(
                *id,
                Gain {
                    is_new: before.ticket_files(id)?.is_none(),
                    names: names.clone(),
                    events: merge::added_events(&was, &is),
                    item: item.map(|item| (was.get(layout::ITEM).cloned(), item.clone())),
                    is_whole,
                },
            );
        }
        Ok(gains)
    }
}

/// The files of a ticket whose content says whether something was lost, of those that differ; and whether it
/// has fields and a thread.
fn contents(
    snapshot: &Snapshot,
    id: &TicketId,
    differing: &BTreeSet<String>,
) -> Result<(Files, bool), StoreError> {
    const TOGETHER: [&str; 3] = [layout::ITEM, layout::RESOLUTION, layout::THREAD];
    let mut found = Files::new();
    let Some(files) = snapshot.ticket_files(id)? else { return Ok((found, false)) };
    let is_told = TOGETHER.iter().any(|name| differing.contains(*name));
    let others = differing.iter().map(String::as_str);
    let others = others.filter(|name| name.ends_with(".jsonl") || *name == layout::RELATIONS);
    for name in TOGETHER.into_iter().filter(|_| is_told).chain(others) {
        if let Some(bytes) = snapshot.read(&files, name)? {
            found.insert(name.to_owned(), bytes);
        }
    }
    let has = |name: &str| files.has(name);
    Ok((found, has(layout::ITEM) && has(layout::THREAD)))
}

/// What is new against every parent.
fn in_all(sides: Vec<BTreeMap<TicketId, Gain>>) -> BTreeMap<TicketId, Gain> {
    let mut sides = sides.into_iter();
    let mut all = sides.next().unwrap_or_default();
    for side in sides {
        all.retain(|id, _| side.contains_key(id));
        for (id, gain) in &mut all {
            let Some(other) = side.get(id) else { continue };
            gain.is_new &= other.is_new;
            gain.names.retain(|name| other.names.contains(name));
            gain.events.retain(|event| other.events.contains(event));
        }
    }
    all
}

fn bad(commit: ObjectId, id: Option<TicketId>, why: String) -> StoreError {
    StoreError::BadCommit { commit: commit.to_string(), id, why }
}

/// What can't be read in a commit is a fault of that commit, unless the repository itself is damaged.
fn told(commit: ObjectId, error: StoreError) -> StoreError {
    match error {
        StoreError::Unsupported(why) => bad(commit, None, why),
        other => other,
    }
}
