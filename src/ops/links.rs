//! From commits to their tickets, for many commits at once.
//!
//! What threads and snapshots of work say is gathered in one pass over all tickets; what messages say is
//! read off each commit. This is the only place that looks through all tickets for commits.

use std::collections::HashMap;

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
pub struct Links<'s> {
    snapshot: &'s Snapshot<'s>,
    /// Every ticket, and how much of its id's end names it.
    suffixes: HashMap<TicketId, usize>,
    titles: HashMap<TicketId, String>,
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

/// What a decision of people is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    Id(String),
    Key(AuthorKey),
}

impl<'s> Links<'s> {
    /// Looks through every ticket. With `branches`, commits on a ticket's branch belong to it as well.
    ///
    /// # Errors
    /// When the tickets can't be listed; one that can't be read hides no other.
    pub fn read(session: &Session, snapshot: &'s Snapshot<'s>, branches: bool) -> anyhow::Result<Self> {
        let (all, faults) = snapshot.readable()?;
        let ids: Vec<TicketId> = all.iter().map(|files| files.id).collect();
        let mut links = Links {
            snapshot,
            suffixes: ids.iter().copied().zip(id::shortest_suffixes(&ids)).collect(),
            titles: HashMap::new(),
            by_id: HashMap::new(),
            by_key: HashMap::new(),
            by_start: HashMap::new(),
            decided: HashMap::new(),
            unreadable: Vec::new(),
            damaged: faults.iter().map(ToString::to_string).collect(),
        };
        for files in &all {
            if let Err(error) = links.add(session, files) {
                links.unreadable.push((files.id, error.to_string()));
            }
        }
        if branches {
            for (ticket, commit) in branch_work::own_commits(session)? {
                links.by_id.entry(commit.id).or_default().push((ticket, Via::Branch));
            }
        }
        Ok(links)
    }

    fn add(&mut self, session: &Session, files: &Files) -> anyhow::Result<()> {
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
                let commit = session.store.look_up(&named.commit, &session.settings.trailer)?;
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
    pub fn of(&mut self, commit: &Commit) -> Vec<Held> {
        let said = commit.mentions.tickets.iter().chain(&commit.mentions.closes);
        let said = said.map(|ticket| (*ticket, Via::Trailer));
        let begun = self.by_start.get(commit.short()).into_iter().flatten();
        let begun = begun.filter(|(_, subject)| *subject == commit.key.subject);
        let mut found: Vec<(TicketId, Via)> =
            said.chain(begun.map(|(ticket, _)| (*ticket, Via::Landed))).collect();
        found.extend(self.by_id.get(&commit.id).into_iter().flatten());
        found.extend(self.by_key.get(&commit.key).into_iter().flatten());
        found.retain(|(ticket, _)| self.suffixes.contains_key(ticket) && !self.is_hidden(*ticket, commit));
        found.sort_unstable();
        found.dedup();
        let mut held: Vec<Held> = Vec::new();
        for (id, via) in found {
            match held.last_mut().filter(|held| held.id == id) {
                Some(held) => held.via.push(via),
                None => held.push(Held {
                    id,
                    title: self.title(id),
                    suffix: self.suffixes.get(&id).copied().unwrap_or(id::LENGTH),
                    via: vec![via],
                }),
            }
        }
        held
    }

    /// Tickets a commit's message names that are none.
    pub fn unknown(&self, commit: &Commit) -> Vec<TicketId> {
        let said = commit.mentions.tickets.iter().chain(&commit.mentions.closes);
        said.filter(|ticket| !self.suffixes.contains_key(ticket)).copied().collect()
    }

    /// Whether people took the commit away from the ticket, and nobody linked it since.
    fn is_hidden(&self, ticket: TicketId, commit: &Commit) -> bool {
        let by_id = self.decided.get(&(ticket, Subject::Id(commit.id.clone())));
        let by_key = self.decided.get(&(ticket, Subject::Key(commit.key.clone())));
        by_id.max(by_key).is_some_and(|(_, is_linked)| !is_linked)
    }

    fn title(&mut self, id: TicketId) -> String {
        let snapshot = self.snapshot;
        self.titles.entry(id).or_insert_with(|| relations::title(snapshot, &id)).clone()
    }
}

/// Whether a thread can hold events that name commits: most don't, and need not be parsed.
fn names_commits(thread: &[u8]) -> bool {
    let words = [b"commit_link".as_slice(), b"land"];
    words.iter().any(|word| thread.windows(word.len()).any(|part| part == *word))
}
