//! The commits of one ticket, however they came to it, and links made by hand.
//!
//! A rebase gives a commit another id. What stays the same, its author's address, the time it was written
//! and its subject, tells that two ids stand for one change: they are listed once.

use std::collections::{HashMap, HashSet};

use crate::format::{layout, work};
use crate::model::commit::{AuthorKey, Commit, short};
use crate::model::id::TicketId;
use crate::model::link::{self, Named, Via};
use crate::model::rule::{self, CommitName, Linking};
use crate::model::work::latest;
use crate::store::code::Wanted;
use crate::store::snapshot::Snapshot;
use crate::store::{Store, StoreError};

use super::branch_work;
use super::session::{Echo, Session};
use super::stored::{self, Stored};

/// How far clocks may disagree: a commit may seem older than its ticket by so many seconds.
const CLOCKS: i64 = 24 * 60 * 60;
/// The most commits whose differences are hashed to find a reworded one again.
const MOST_HASHED: usize = 50;

/// A commit that belongs to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// Its full id, or the digits it begins with where no more is known.
    pub full: String,
    /// What this clone knows of it; `None` when it is not in this clone.
    pub commit: Option<Commit>,
    /// What the ticket says of it, Markdown.
    pub recorded: String,
    /// How it is known to belong to the ticket.
    pub via: Vec<Via>,
    /// Whether this clone has it on a branch.
    pub is_reachable: bool,
    /// The commit on a branch that it became.
    pub rewritten_as: Option<Commit>,
    /// Other commits that make the same change.
    pub also: Vec<String>,
}

impl Linked {
    /// Whether a commit is this one, or makes the same change.
    pub fn is(&self, id: &str) -> bool {
        let rewritten = self.rewritten_as.as_ref();
        self.full == id
            || rewritten.is_some_and(|commit| commit.id == id)
            || self.also.iter().any(|other| other == id)
    }

    fn begins(&self, digits: &str) -> bool {
        let rewritten = self.rewritten_as.iter().map(|commit| commit.id.as_str());
        let ids = rewritten.chain([self.full.as_str()]).chain(self.also.iter().map(String::as_str));
        ids.into_iter().any(|id| id.starts_with(digits))
    }

    /// What this clone has of it: the commit itself, else the one it became.
    pub fn known(&self) -> Option<&Commit> {
        self.commit.as_ref().or(self.rewritten_as.as_ref())
    }
}

/// Links a commit to a ticket, or takes the link away, whatever made it.
///
/// # Errors
/// When there is no such commit, it is linked already or not linked, or as [`Session::change`].
pub fn link(
    session: &Session,
    typed: &str,
    commit: &str,
    add: bool,
    note: Option<&str>,
) -> anyhow::Result<Echo> {
    if add {
        let name = name(session, &session.store.commit(commit)?.full)?;
        return session.change(typed, |_, stored, _| {
            Ok(rule::link(stored.files.id, &stored.events, &name, Linking::Link, note)?)
        });
    }
    session.change(typed, |snapshot, stored, _| {
        let found = find(session, snapshot, stored)?;
        let row = row(&session.store, &found, commit)?;
        let full = match (row, is_known(&session.store, commit)) {
            (Some(row), _) => row.full.clone(),
            (None, Some(full)) => full,
            (None, None) if link::is_full_id(commit) => commit.to_owned(),
            (None, None) => return Err(StoreError::UnknownRevision(commit.to_owned()).into()),
        };
        let name = match row.filter(|row| row.commit.is_none()) {
            Some(row) => recorded_name(row),
            None => name(session, &full)?,
        };
        let linking = Linking::Unlink { belongs: row.is_some() };
        Ok(rule::link(stored.files.id, &stored.events, &name, linking, note)?)
    })
}

fn is_known(store: &Store, typed: &str) -> Option<String> {
    store.commit(typed).ok().map(|commit| commit.full)
}

/// The commit of a ticket that somebody means: by any name git knows, or by the digits it begins with.
fn row<'f>(store: &Store, found: &'f [Linked], typed: &str) -> anyhow::Result<Option<&'f Linked>> {
    if typed.len() >= 4 && link::is_hexadecimal(typed) {
        let mut rows = found.iter().filter(|linked| linked.begins(typed));
        if let (Some(row), None) = (rows.next(), rows.next()) {
            return Ok(Some(row));
        }
    }
    let full = is_known(store, typed).unwrap_or_else(|| typed.to_owned());
    Ok(found.iter().find(|linked| linked.is(&full)))
}

/// A commit of this clone as the thread names it; one that is gone is named by its id alone.
fn name(session: &Session, full: &str) -> anyhow::Result<CommitName> {
    let Some(found) = session.store.commit_by_id(full)? else {
        let short = short(full).to_owned();
        return Ok(CommitName { full: full.to_owned(), short, subject: String::new(), written: None });
    };
    let whole = session.store.look_up(full, &session.settings.trailer)?;
    let written = whole.map(|commit| (commit.key.mail, commit.key.seconds));
    Ok(CommitName { full: found.full, short: found.short, subject: found.subject, written })
}

fn recorded_name(row: &Linked) -> CommitName {
    let named = Named {
        commit: row.full.clone(),
        via: None,
        recorded: row.recorded.clone(),
        key: None,
        patch_id: None,
    };
    let known = row.known().map(|commit| (commit.key.mail.clone(), commit.key.seconds));
    CommitName {
        full: row.full.clone(),
        short: short(&row.full).to_owned(),
        subject: named.subject().to_owned(),
        written: known,
    }
}

/// The commits of a ticket: those linked by hand in the order in which they were linked, then the others,
/// the oldest first.
///
/// # Errors
/// When the ticket or a commit can't be read.
pub fn list(session: &Session, typed: &str) -> anyhow::Result<Vec<Linked>> {
    let snapshot = session.snapshot()?;
    let stored = session.find(&snapshot, typed)?;
    find(session, &snapshot, &stored)
}

/// What the ticket itself names: in its thread, and in the snapshots of its work.
pub(super) fn named(snapshot: &Snapshot, stored: &Stored) -> anyhow::Result<Vec<Named>> {
    let text = stored::text(snapshot, &stored.files, layout::WORK)?.unwrap_or_default();
    Ok(link::named(&stored.events, &latest(work::parse(&text))))
}

pub(super) fn find(session: &Session, snapshot: &Snapshot, stored: &Stored) -> anyhow::Result<Vec<Linked>> {
    let search = Search {
        store: &session.store,
        trailer: &session.settings.trailer,
        tips: session.store.tips()?,
        ticket: stored.files.id,
    };
    let mut named = named(snapshot, stored)?;
    let mut decisions = link::decisions(&stored.events);
    for (digits, full) in search.complete(&mut named)? {
        let same = decisions.iter_mut().filter(|known| known.commit == digits);
        same.for_each(|known| known.commit.clone_from(&full));
    }
    let mut changes = Changes::default();
    for named in named {
        changes.add_named(&search, named)?;
    }
    for commit in search.saying()? {
        changes.add(&search, commit, Via::Trailer);
    }
    for (ticket, commit) in branch_work::own_commits(session)?.into_iter().rev() {
        if ticket == search.ticket {
            changes.add(&search, commit, Via::Branch);
        }
    }
    search.mark_reachable(&mut changes)?;
    search.find_again(&mut changes)?;
    let is_hidden = |change: &Change| {
        let last = decisions.iter().rev().find(|known| change.ids().any(|id| id == known.commit));
        last.is_some_and(|last| !last.is_linked)
    };
    let shown = changes.list.into_iter().filter(|change| !is_hidden(change)).map(Change::linked);
    let mut shown: Vec<Linked> = shown.collect();
    shown.sort_by_key(|linked| match linked.via.contains(&Via::Linked) {
        true => (false, 0, false),
        false => match linked.known() {
            Some(commit) => (true, commit.key.seconds, commit.is_merge()),
            None => (true, i64::MAX, false),
        },
    });
    Ok(shown)
}

/// Where the commits of a ticket are looked for.
struct Search<'s> {
    store: &'s Store,
    trailer: &'s str,
    tips: Vec<String>,
    ticket: TicketId,
}

impl Search<'_> {
    fn look_up(&self, id: &str) -> Result<Option<Commit>, StoreError> {
        self.store.look_up(id, self.trailer)
    }

    /// Replaces the digits that commits begin with by their full ids, and tells which.
    fn complete(&self, named: &mut [Named]) -> anyhow::Result<Vec<(String, String)>> {
        let cut = named.iter().filter(|named| !named.is_full() && link::is_hexadecimal(&named.commit));
        let full = self.store.full_ids(&cut.map(|named| named.commit.as_str()).collect::<Vec<_>>())?;
        let mut replaced = Vec::new();
        for named in named {
            let Some(full) = full.get(&named.commit) else { continue };
            // Eight digits may stand for something else in this clone: then the subject differs.
            if self.look_up(full)?.is_some_and(|commit| commit.key.subject == named.subject()) {
                replaced.push((std::mem::replace(&mut named.commit, full.clone()), full.clone()));
            }
        }
        Ok(replaced)
    }

    /// The commits that name the ticket in their messages.
    fn saying(&self) -> anyhow::Result<Vec<Commit>> {
        let since = i64::try_from(self.ticket.millis() / 1000).unwrap_or(i64::MAX).saturating_sub(CLOCKS);
        let wanted = Wanted::Saying(self.ticket.as_str());
        let mut found = self.store.reachable(&self.tips, since, wanted, self.trailer)?;
        found.retain(|commit| {
            commit.mentions.tickets.contains(&self.ticket) || commit.mentions.closes.contains(&self.ticket)
        });
        // The oldest first: of several written in one second that one came first.
        found.reverse();
        Ok(found)
    }

    fn mark_reachable(&self, changes: &mut Changes) -> anyhow::Result<()> {
        let present = changes.list.iter().flat_map(|change| &change.copies);
        let present = present.filter(|copy| !copy.is_reachable && copy.commit.is_some());
        let unsure: Vec<&str> = present.map(|copy| copy.id.as_str()).collect();
        let unreachable = self.store.unreachable(&unsure, &self.tips)?;
        for copy in changes.list.iter_mut().flat_map(|change| &mut change.copies) {
            copy.is_reachable = copy.commit.is_some() && !unreachable.contains(&copy.id);
        }
        Ok(())
    }

    /// Finds what became of the commits that are on no branch any more.
    fn find_again(&self, changes: &mut Changes) -> anyhow::Result<()> {
        let lost: Vec<usize> =
            (0..changes.list.len()).filter(|index| changes.list[*index].is_lost()).collect();
        let keys: Vec<AuthorKey> = lost.iter().filter_map(|index| changes.list[*index].key.clone()).collect();
        let Some(oldest) = keys.iter().map(|key| key.seconds).min() else { return Ok(()) };
        let mails: HashSet<&str> = keys.iter().map(|key| key.mail.as_str()).collect();
        let mails: Vec<&str> = mails.into_iter().collect();
        let since = oldest.saturating_sub(CLOCKS);
        let found = self.store.reachable(&self.tips, since, Wanted::By(&mails), self.trailer)?;
        let mut by_key: HashMap<&AuthorKey, Vec<&Commit>> = HashMap::new();
        for commit in &found {
            by_key.entry(&commit.key).or_default().push(commit);
        }
        for index in lost {
            let Some(key) = changes.list[index].key.clone() else { continue };
            let mut same: Vec<&Commit> = by_key.get(&key).cloned().unwrap_or_default();
            if same.is_empty() {
                same = self.reworded(&changes.list[index], &key, &found)?;
            }
            for commit in same {
                changes.join(index, commit);
            }
        }
        Ok(())
    }

    /// Commits written by the same person in the same second that make the same difference: the message
    /// was changed.
    fn reworded<'c>(
        &self,
        change: &Change,
        key: &AuthorKey,
        found: &'c [Commit],
    ) -> anyhow::Result<Vec<&'c Commit>> {
        let is_near = |commit: &&Commit| {
            !commit.is_merge() && (&commit.key.mail, commit.key.seconds) == (&key.mail, key.seconds)
        };
        let near: Vec<&Commit> = found.iter().filter(is_near).take(MOST_HASHED).collect();
        if near.is_empty() {
            return Ok(near);
        }
        let present = change.copies.iter().find(|copy| copy.commit.is_some()).map(|copy| copy.id.as_str());
        let ids: Vec<&str> = near.iter().map(|commit| commit.id.as_str()).chain(present).collect();
        let hashes = self.store.patch_ids(&ids)?;
        let wanted = change.patch_id.as_ref().or_else(|| hashes.get(present?));
        let is_same = |commit: &&Commit| wanted.is_some() && hashes.get(&commit.id) == wanted;
        Ok(near.into_iter().filter(is_same).collect())
    }
}

/// One id of a change.
struct Copy {
    id: String,
    commit: Option<Commit>,
    is_reachable: bool,
}

/// A change, under all the ids it is known by.
struct Change {
    copies: Vec<Copy>,
    key: Option<AuthorKey>,
    patch_id: Option<String>,
    recorded: String,
    via: Vec<Via>,
}

impl Change {
    fn ids(&self) -> impl Iterator<Item = &str> {
        self.copies.iter().map(|copy| copy.id.as_str())
    }

    fn is_lost(&self) -> bool {
        !self.copies.iter().any(|copy| copy.is_reachable)
    }

    fn say(&mut self, via: impl IntoIterator<Item = Via>) {
        self.via.extend(via);
        self.via.sort_unstable();
        self.via.dedup();
    }

    /// As it is shown: under the first id, with the one it became where that one is on no branch.
    fn linked(self) -> Linked {
        let mut copies = self.copies.into_iter();
        let first = copies.next().expect("a change has at least the id it was added with");
        let mut rest: Vec<Copy> = copies.collect();
        let became = rest.iter().position(|copy| copy.is_reachable).filter(|_| !first.is_reachable);
        let rewritten_as = became.and_then(|index| rest.remove(index).commit);
        Linked {
            full: first.id,
            commit: first.commit,
            recorded: self.recorded,
            via: self.via,
            is_reachable: first.is_reachable,
            rewritten_as,
            also: rest.into_iter().map(|copy| copy.id).collect(),
        }
    }
}

/// The changes found so far.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    by_id: HashMap<String, usize>,
    by_key: HashMap<AuthorKey, Vec<usize>>,
}

impl Changes {
    fn add_named(&mut self, search: &Search, named: Named) -> anyhow::Result<()> {
        let commit = search.look_up(&named.commit)?;
        let key = commit.as_ref().map(|commit| commit.key.clone()).or(named.key);
        let index = self.place(search, &named.commit, commit, key, false);
        let change = &mut self.list[index];
        change.say(named.via);
        if change.recorded.is_empty() {
            change.recorded = named.recorded;
        }
        change.patch_id = change.patch_id.take().or(named.patch_id);
        Ok(())
    }

    /// Adds a commit that is on a branch.
    fn add(&mut self, search: &Search, commit: Commit, via: Via) {
        let (id, key) = (commit.id.clone(), commit.key.clone());
        let index = self.place(search, &id, Some(commit), Some(key), true);
        self.list[index].say([via]);
    }

    /// The change that an id stands for, known already or new.
    fn place(
        &mut self,
        search: &Search,
        id: &str,
        commit: Option<Commit>,
        key: Option<AuthorKey>,
        is_reachable: bool,
    ) -> usize {
        if let Some(index) = self.by_id.get(id) {
            let copy = self.list[*index].copies.iter_mut().find(|copy| copy.id == id);
            copy.into_iter().for_each(|copy| copy.is_reachable |= is_reachable);
            return *index;
        }
        let candidates = key.as_ref().and_then(|key| self.by_key.get(key)).cloned().unwrap_or_default();
        let is_same = |index: &usize| {
            let mut present = self.list[*index].copies.iter().filter(|copy| copy.commit.is_some());
            commit.is_none() || present.all(|copy| !is_one_line(search.store, &copy.id, id))
        };
        let index = candidates.into_iter().find(is_same).unwrap_or(self.list.len());
        if index == self.list.len() {
            if let Some(key) = &key {
                self.by_key.entry(key.clone()).or_default().push(index);
            }
            let (via, recorded) = (Vec::new(), String::new());
            self.list.push(Change { copies: Vec::new(), key, patch_id: None, recorded, via });
        }
        self.by_id.insert(id.to_owned(), index);
        self.list[index].copies.push(Copy { id: id.to_owned(), commit, is_reachable });
        index
    }

    /// Adds what a change became.
    fn join(&mut self, index: usize, commit: &Commit) {
        if !self.by_id.contains_key(&commit.id) {
            self.by_id.insert(commit.id.clone(), index);
            let copy = Copy { id: commit.id.clone(), commit: Some(commit.clone()), is_reachable: true };
            self.list[index].copies.push(copy);
        }
    }
}

/// Whether one commit was made on top of the other: then they are two changes, however alike they look.
fn is_one_line(store: &Store, one: &str, other: &str) -> bool {
    store.is_ancestor(one, other) == Some(true) || store.is_ancestor(other, one) == Some(true)
}
