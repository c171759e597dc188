//! From commits to their tickets, for many commits at once.
//!
//! What threads and snapshots of work say of commits is gathered from every ticket, or, where the index tells which
//! tickets may name a commit, from those; what messages say is read off each commit.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::format::{layout, thread, work};
use crate::model::commit::{AuthorKey, Commit, short};
use crate::model::id::{self, TicketId};
use crate::model::link::{self, Named, Via};
use crate::model::work::latest;
use crate::store::snapshot::{Files, Snapshot};

use super::session::Session;
use super::{branch_work, relations, stored};

/// A ticket that a commit belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The ticket.
    pub id: TicketId,
    /// Its title.
    pub title: String,
    /// How many characters of its id's end tell it from every other ticket.
    pub suffix: usize,
    /// How it is known that the commit belongs to it.
    pub via: Vec<Via>,
}

/// Which commits belong to which tickets.
pub struct Links<'s, 'h> {
    session: &'s Session<'h>,
    snapshot: &'s Snapshot<'s>,
    known: Known,
    /// Titles, and how much of the ids' ends names the tickets, of those that were shown.
    shown: HashMap<TicketId, (String, usize)>,
    by_id: HashMap<String, Vec<(TicketId, Via)>>,
    by_key: HashMap<AuthorKey, Vec<(TicketId, Via)>>,
    /// By the digits an id begins with; the subject must be the same, too.
    by_start: HashMap<String, Vec<(TicketId, String)>>,
    /// What people said last about a commit, and when: the higher the later.
    decided: HashMap<(TicketId, Subject), (usize, bool)>,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Which tickets were read.
enum Known {
    /// All there are: how much of their ids' ends names them.
    All(HashMap<TicketId, usize>),
    /// Those that somebody asked for, be there such a ticket or not; the index tells which may name a commit.
    Some(HashMap<TicketId, bool>),
}

/// What a decision of people is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    Id(String),
    Key(AuthorKey),
}

impl<'s, 'h> Links<'s, 'h> {
    /// Gets ready to tell. With `branches`, commits on a ticket's branch belong to it as well.
    ///
    /// # Errors
    /// When the tickets can't be listed; one that can't be read hides no other.
    pub fn read(
        session: &'s Session<'h>,
        snapshot: &'s Snapshot<'s>,
        branches: bool,
    ) -> anyhow::Result<Self> {
        let mut links = Links {
            session,
            snapshot,
            known: Known::Some(HashMap::new()),
            shown: HashMap::new(),
            by_id: HashMap::new(),
            by_key: HashMap::new(),
            by_start: HashMap::new(),
            decided: HashMap::new(),
            unreadable: Vec::new(),
            damaged: Vec::new(),
        };
        match session.ask_threads(snapshot, |threads| Some((threads.faulty()?, threads.missing()?))) {
            Some((faulty, missing)) => {
                // What was fetched since may be what a commit was before it was rebased.
                let come = missing.into_iter().filter(|(_, commit)| session.store.has(commit));
                let ids: BTreeSet<TicketId> = come.map(|(id, _)| id).chain(faulty).collect();
                ids.into_iter().for_each(|id| links.look_at(id));
            }
            None => links.read_all()?,
        }
        if branches {
            for (ticket, commit) in branch_work::own_commits(session)? {
                links.by_id.entry(commit.id).or_default().push((ticket, Via::Branch));
            }
        }
        Ok(links)
    }

    /// Reads every ticket that was not read yet.
    fn read_all(&mut self) -> anyhow::Result<()> {
        let (all, faults) = self.snapshot.readable()?;
        let ids: Vec<TicketId> = all.iter().map(|files| files.id).collect();
        self.damaged = faults.iter().map(ToString::to_string).collect();
        let known = Known::All(ids.iter().copied().zip(id::shortest_suffixes(&ids)).collect());
        let Known::Some(read) = std::mem::replace(&mut self.known, known) else { return Ok(()) };
        for files in all.iter().filter(|files| !read.contains_key(&files.id)) {
            self.add_or_tell(files);
        }
        Ok(())
    }

    /// Reads a ticket if it was not read yet and there is one.
    fn look_at(&mut self, id: TicketId) {
        let Known::Some(read) = &mut self.known else { return };
        let Entry::Vacant(place) = read.entry(id) else { return };
        let files = self.snapshot.ticket(&id).ok().flatten();
        place.insert(files.is_some());
        if let Some(files) = files {
            self.add_or_tell(&files);
        }
    }

    fn add_or_tell(&mut self, files: &Files) {
        if let Err(error) = self.add(files) {
            self.unreadable.push((files.id, error.to_string()));
        }
    }

    /// Whether there is a ticket; nobody knows of one that was not asked for.
    fn exists(&self, id: &TicketId) -> bool {
        match &self.known {
            Known::All(all) => all.contains_key(id),
            Known::Some(read) => read.get(id).copied().unwrap_or(false),
        }
    }

    /// A ticket's title, and how much of its id's end names it.
    fn describe(&self, id: TicketId) -> (String, usize) {
        if let Known::All(suffixes) = &self.known {
            let suffix = suffixes.get(&id).copied().unwrap_or(id::LENGTH);
            return (relations::title(self.snapshot, &id), suffix);
        }
        let told = self.session.ask_index(self.snapshot, |index| index.of(&[id])?.pop());
        told.map(|summary| (summary.title, summary.suffix)).unwrap_or_else(|| {
            let mut others = self.snapshot.beside(&id).unwrap_or_default();
            others.retain(|other| *other != id);
            (relations::title(self.snapshot, &id), id::suffix_beside(&id, &others))
        })
    }

    /// Sees to it that every ticket was read that a commit may belong to.
    fn look_for(&mut self, commit: &Commit) -> anyhow::Result<()> {
        if let Known::All(_) = self.known {
            return Ok(());
        }
        let told = self.session.ask_threads(self.snapshot, |threads| threads.naming(&commit.id, &commit.key));
        let Some(named) = told else { return self.read_all() };
        let said = commit.mentions.tickets.iter().chain(&commit.mentions.closes).copied();
        let on_branch = self.by_id.get(&commit.id).into_iter().flatten().map(|(id, _)| *id);
        let ids: Vec<TicketId> = named.into_iter().chain(said).chain(on_branch).collect();
        ids.into_iter().for_each(|id| self.look_at(id));
        Ok(())
    }

    fn add(&mut self, files: &Files) -> anyhow::Result<()> {
        let bytes = self.snapshot.read(files, layout::THREAD)?.unwrap_or_default();
        let events = if names_commits(&bytes) {
            thread::events(&stored::text(self.snapshot, files, layout::THREAD)?.unwrap_or_default())
        } else {
            Vec::new()
        };
        let text = stored::text(self.snapshot, files, layout::WORK)?.unwrap_or_default();
        if events.is_empty() && text.is_empty() {
            return Ok(());
        }
        for (index, decision) in link::decisions(&events).into_iter().enumerate() {
            let subject = Subject::Id(decision.commit);
            self.decided.insert((files.id, subject), (index, decision.is_linked));
        }
        for mut named in link::named(&events, &latest(work::parse(&text))) {
            if named.key.is_none() && named.is_full() {
                let trailer = &self.session.settings.trailer;
                let commit = self.session.store.look_up(&named.commit, trailer)?;
                named.key = commit.map(|commit| commit.key);
            }
            self.add_named(files.id, named);
        }
        Ok(())
    }

    fn add_named(&mut self, ticket: TicketId, named: Named) {
        let subject = named.subject().to_owned();
        let decided = self.decided.get(&(ticket, Subject::Id(named.commit.clone()))).copied();
        if let (Some(key), Some(decided)) = (&named.key, decided) {
            let last = self.decided.entry((ticket, Subject::Key(key.clone()))).or_insert(decided);
            *last = decided.max(*last);
        }
        let Some(via) = named.via else { return };
        if !named.is_full() {
            if decided.is_some_and(|(_, is_linked)| !is_linked) {
                return;
            }
            self.by_start.entry(short(&named.commit).to_owned()).or_default().push((ticket, subject));
            return;
        }
        self.by_id.entry(named.commit).or_default().push((ticket, via));
        if let Some(key) = named.key {
            self.by_key.entry(key).or_default().push((ticket, via));
        }
    }

    /// The tickets a commit belongs to.
    ///
    /// # Errors
    /// When the tickets can't be listed.
    pub fn of(&mut self, commit: &Commit) -> anyhow::Result<Vec<Held>> {
        let mut held: Vec<Held> = Vec::new();
        for (id, via) in self.found(commit)? {
            match held.last_mut().filter(|held| held.id == id) {
                Some(held) => held.via.push(via),
                None => {
                    let known = self.shown.get(&id).cloned();
                    let (title, suffix) = known.unwrap_or_else(|| self.describe(id));
                    self.shown.insert(id, (title.clone(), suffix));
                    held.push(Held { id, title, suffix, via: vec![via] });
                }
            }
        }
        Ok(held)
    }

    /// Whether a commit belongs to a ticket.
    ///
    /// # Errors
    /// When the tickets can't be listed.
    pub fn is_held(&mut self, commit: &Commit) -> anyhow::Result<bool> {
        Ok(!self.found(commit)?.is_empty())
    }

    /// The tickets a commit belongs to, in order of id.
    fn found(&mut self, commit: &Commit) -> anyhow::Result<Vec<(TicketId, Via)>> {
        self.look_for(commit)?;
        let said = commit.mentions.tickets.iter().chain(&commit.mentions.closes);
        let said = said.map(|ticket| (*ticket, Via::Trailer));
        let begun = self.by_start.get(commit.short()).into_iter().flatten();
        let begun = begun.filter(|(_, subject)| *subject == commit.key.subject);
        let mut found: Vec<(TicketId, Via)> =
            said.chain(begun.map(|(ticket, _)| (*ticket, Via::Landed))).collect();
        found.extend(self.by_id.get(&commit.id).into_iter().flatten());
        found.extend(self.by_key.get(&commit.key).into_iter().flatten());
        found.retain(|(ticket, _)| self.exists(ticket) && !self.is_hidden(*ticket, commit));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Tickets a commit's message names that are none; of a commit whose tickets were asked for.
    pub fn unknown(&self, commit: &Commit) -> Vec<TicketId> {
        let said = commit.mentions.tickets.iter().chain(&commit.mentions.closes);
        said.filter(|ticket| !self.exists(ticket)).copied().collect()
    }

    /// Whether people took the commit away from the ticket, and nobody linked it since.
    fn is_hidden(&self, ticket: TicketId, commit: &Commit) -> bool {
        let by_id = self.decided.get(&(ticket, Subject::Id(commit.id.clone())));
        let by_key = self.decided.get(&(ticket, Subject::Key(commit.key.clone())));
        by_id.max(by_key).is_some_and(|(_, is_linked)| !is_linked)
    }
}

/// Whether a thread can hold events that name commits: most don't, and need not be parsed.
fn names_commits(thread: &[u8]) -> bool {
    let words = [b"commit_link".as_slice(), b"land"];
    words.iter().any(|word| thread.windows(word.len()).any(|part| part == *word))
}
