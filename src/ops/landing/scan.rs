//! Looking through the commits that came to the target branches.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::Index;
use crate::model::commit::{self, Commit};
use crate::model::id::TicketId;
use crate::model::landing::record::{self};
use crate::model::landing::{self, Graph, Landing};
use crate::model::rule::landing::{Discovery, Finding};
use crate::model::state::State;
use crate::model::work::Work;
use crate::ops::session::Session;
use crate::ops::stored::Stored;
use crate::store::cursor::Cursors;
use crate::store::graph::{Branch, Limit};
use crate::store::snapshot::Snapshot;

use super::{Effort, Entry, Target, works};

mod copies;
mod undo;

/// The most commits of a range that are looked at.
const MOST: usize = 20_000;

/// The most commits that are looked at when nothing was looked at before.
const MOST_AT_FIRST: usize = 2000;

/// How much earlier than a ticket its commits may be, when clocks disagree: a day, in seconds.
const SLACK: i64 = 86_400;

/// What a scan brought.
pub(super) struct Scanned {
    /// What was found, in order.
    pub(super) entries: Vec<Entry>,
    /// Whether nothing was left for later.
    pub(super) is_complete: bool,
    /// How many commits were looked at.
    pub(super) commits: usize,
}

/// A ticket that something could be found out about, as it would stand after what was found already.
pub(super) struct Candidate {
    stored: Stored,
    /// Recorded and live work, without what the target had before.
    works: Vec<Work>,
    /// A branch of it here has commits that are nowhere on the target.
    is_ahead: bool,
}

struct Scan<'a, 'h> {
    session: &'a Session<'h>,
    snapshot: &'a Snapshot<'a>,
    branches: Vec<Branch>,
    /// Tickets with recorded work that are not closed.
    working: BTreeSet<TicketId>,
    effort: Effort,
    tickets: BTreeMap<TicketId, Stored>,
    scanned: Scanned,
}

/// One ref of a target branch that moved.
struct Step<'a> {
    target: &'a Target,
    is_first_target: bool,
    old: Option<&'a str>,
    new: &'a str,
    excluded: Vec<String>,
}

/// Looks through what came to each target branch since its cursor, and through all of the history of those
/// tickets whose work was recorded since.
pub(super) fn scan(
    session: &Session,
    snapshot: &Snapshot,
    targets: &[Target],
    cursors: &Cursors,
    fresh: &BTreeSet<TicketId>,
    effort: Effort,
) -> anyhow::Result<Scanned> {
    let scanned = Scanned { entries: Vec::new(), is_complete: true, commits: 0 };
    let is_at_rest = |(name, tip): &(String, String)| cursors.refs.get(name) == Some(tip);
    if fresh.is_empty() && targets.iter().flat_map(|target| &target.refs).all(is_at_rest) {
        return Ok(scanned);
    }
    let branches = session.store.branches()?;
    let working = cursors.working.clone();
    let mut scan = Scan { session, snapshot, branches, working, effort, tickets: BTreeMap::new(), scanned };
    for (index, target) in targets.iter().enumerate() {
        let known = target.refs.iter().filter_map(|(name, _)| cursors.refs.get(name).cloned());
        let mut excluded: Vec<String> = known.filter(|id| session.store.has(id)).collect();
        for (name, new) in &target.refs {
            let old = cursors.refs.get(name).map(String::as_str).filter(|old| *old != new);
            if cursors.refs.get(name) == Some(new) {
                continue;
            }
            let is_first_target = index == 0;
            scan.step(&Step { target, is_first_target, old, new, excluded: excluded.clone() })?;
            excluded.push(new.clone());
        }
        scan.fresh_work(target, index == 0, fresh)?;
    }
    Ok(scan.scanned)
}

impl Scan<'_, '_> {
    fn range(&self, new: &str, excluded: &[String], limit: Limit) -> anyhow::Result<Vec<Commit>> {
        let excluded: Vec<&str> = excluded.iter().map(String::as_str).collect();
        let trailer = &self.session.settings.trailer;
        Ok(self.session.store.range(&[new], &excluded, limit, trailer)?.commits)
    }

    fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        let limit = match step.excluded.is_empty() {
            true => Limit { most: MOST_AT_FIRST, since: self.oldest_open()? },
            false => Limit { most: MOST, since: None },
        };
        let mut range = self.range(step.new, &step.excluded, limit)?;
        if let Some(old) = self.rewritten(step, &range) {
            self.vanished(step, old)?;
            // What both histories hold came again: it is looked at from where they parted.
            let base = self.session.store.parted(old, step.new, MOST);
            let others = step.excluded.iter().filter(|id| *id != old).cloned();
            range = self.range(step.new, &others.chain(base).collect::<Vec<_>>(), limit)?;
        }
        self.scanned.commits += range.len();
        if range.is_empty() {
            return Ok(());
        }
        // Where history was cut off nobody can tell what else came: other clones will.
        if self.is_cut_off(&range) {
            self.scanned.is_complete = false;
            return Ok(());
        }
        let graph = Graph::new(range, step.new);
        let mut candidates = self.candidates(step, &graph)?;
        let landings = self.landings(step, &graph, &mut candidates)?;
        self.in_order(step, &graph, &candidates, &landings)
    }

    /// Whether a branch has commits that the target doesn't have.
    fn is_unmerged(&self, branch: &Branch, step: &Step) -> bool {
        self.session.store.is_ancestor(&branch.tip, step.new) == Some(false)
    }

    /// Whether a shallow clone's history ends among these commits.
    fn is_cut_off(&self, range: &[Commit]) -> bool {
        let ends = self.session.store.shallow_ends();
        !ends.is_empty() && range.iter().any(|commit| ends.contains(&commit.id))
    }

    /// When the oldest ticket that is not closed was made, some time before that; nothing when all are.
    fn oldest_open(&self) -> anyhow::Result<Option<i64>> {
        let told = self.session.ask_index(self.snapshot, Index::oldest_open);
        let oldest = match told {
            Some(oldest) => oldest,
            None => {
                let all = self.snapshot.all()?;
                all.iter().map(|files| files.id).find(|id| super::is_open(self.snapshot, *id))
            }
        };
        let seconds = oldest.map(|id| i64::try_from(id.millis() / 1000).unwrap_or(i64::MAX));
        // Without one, only reverts could still matter.
        Ok(Some(seconds.map_or(i64::from(u32::MAX), |seconds| seconds.saturating_sub(SLACK))))
    }

    /// A ticket as it stands after what was found already.
    fn ticket(&mut self, id: TicketId) -> Option<&mut Stored> {
        if !self.tickets.contains_key(&id) {
            self.tickets.insert(id, super::readable(self.snapshot, &id)?);
        }
        self.tickets.get_mut(&id)
    }

    /// The tickets that these commits may be about, with their work.
    fn candidates(&mut self, step: &Step, graph: &Graph) -> anyhow::Result<BTreeMap<TicketId, Candidate>> {
        let mut ids: BTreeSet<TicketId> = self.working.clone();
        for commit in graph.commits() {
            let mentions = &commit.mentions;
            ids.extend(mentions.merged.iter().chain(&mentions.closes).chain(&mentions.tickets));
            for reverted in &commit.mentions.reverts {
                ids.extend(self.named_by(reverted, graph, 0)?);
            }
        }
        let branches = std::mem::take(&mut self.branches);
        let named = works::branches_of_tickets(&branches, std::slice::from_ref(&step.target.name));
        ids.extend(named.iter().map(|(id, _)| *id));
        if ids.len() > self.effort.tickets {
            self.scanned.is_complete = false;
            ids.clear();
        }
        let mut found = BTreeMap::new();
        for id in ids {
            let Some(stored) = self.ticket(id).cloned() else { continue };
            let mut recorded = works::recorded(self.snapshot, id);
            recorded.retain(|work| !work.commits.is_empty());
            let live = named.iter().filter(|(ticket, _)| *ticket == id);
            let mut is_ahead = false;
            for (_, branch) in live {
                if branch.remote.is_none() {
                    // The branch itself knows better than an older snapshot of it.
                    recorded.retain(|work| work.branch != branch.name || work.tip == branch.tip);
                    is_ahead |= graph.get(&branch.tip).is_none() && self.is_unmerged(branch, step);
                }
                let is_recorded = recorded.iter().any(|work| work.tip == branch.tip);
                if !is_recorded {
                    let is_there = |other: &Branch| other.tip == branch.tip && other.name != branch.name;
                    let is_alone = !branches.iter().any(is_there);
                    recorded.extend(works::landed(self.session, id, branch, is_alone, graph));
                }
            }
            found.insert(id, Candidate { stored, works: recorded, is_ahead });
        }
        self.branches = branches;
        Ok(found)
    }

    /// Finds where each candidate's work landed among these commits.
    fn landings(
        &mut self,
        step: &Step,
        graph: &Graph,
        candidates: &mut BTreeMap<TicketId, Candidate>,
    ) -> anyhow::Result<Vec<(TicketId, Landing)>> {
        let mut found = Vec::new();
        let mut open = Vec::new();
        for (id, candidate) in candidates.iter() {
            if candidate.stored.ticket.state == State::Closed {
                continue;
            }
            let mut by_ancestry = landing::by_ancestry(*id, &candidate.works, graph);
            let is_there = |work: &Work| graph.get(&work.tip).is_some();
            if candidate.is_ahead && !candidate.works.iter().any(is_there) {
                // A merge brought a part of a branch that goes on.
                by_ancestry.clear();
            }
            for landing in undo::returned(candidate, &step.target.name, graph) {
                if !by_ancestry.iter().any(|known| known.commit == landing.commit) {
                    by_ancestry.push(landing);
                }
            }
            match by_ancestry.is_empty() {
                true => open.push(*id),
                false => found.extend(by_ancestry.into_iter().map(|landing| (*id, landing))),
            }
        }
        open.retain(|id| {
            let events = &candidates[id].stored.events;
            // Done and landed here: copies of it are nothing new.
            !(candidates[id].stored.ticket.state == State::Done
                && record::stands(events, Some(&step.target.name)))
        });
        self.live_work(step, graph, candidates, &open)?;
        found.extend(self.copies(step, graph, candidates, &open)?);
        Ok(found)
    }

    /// Puts landings and reverts into the order in which they happened.
    fn in_order(
        &mut self,
        step: &Step,
        graph: &Graph,
        candidates: &BTreeMap<TicketId, Candidate>,
        landings: &[(TicketId, Landing)],
    ) -> anyhow::Result<()> {
        let mut commits = graph.commits();
        commits.sort_by_key(|commit| graph.rank(&commit.id));
        for commit in commits {
            let is_undoing =
                !commit.mentions.reverts.is_empty() || commit.mentions.reverted_subject.is_some();
            if is_undoing {
                for id in candidates.keys() {
                    self.undone(step, graph, *id, commit)?;
                }
            }
            for (id, landing) in landings.iter().filter(|(_, landing)| landing.commit == commit.id) {
                let discovery = Discovery::Land(self.lines(landing, graph, &candidates[id])?);
                self.found(step, *id, discovery, commit, landing.how.word())?;
            }
        }
        Ok(())
    }

    /// Looks through all history since their work began, for tickets whose work came to be known only now.
    fn fresh_work(
        &mut self,
        target: &Target,
        is_first_target: bool,
        fresh: &BTreeSet<TicketId>,
    ) -> anyhow::Result<()> {
        let mut candidates = BTreeMap::new();
        for id in fresh {
            let mut works = works::recorded(self.snapshot, *id);
            works.retain(|work| !work.commits.is_empty());
            let Some(stored) = self.ticket(*id).cloned().filter(|_| !works.is_empty()) else { continue };
            candidates.insert(*id, Candidate { stored, works, is_ahead: false });
        }
        let works = candidates.values().flat_map(|candidate| &candidate.works);
        let written = works.flat_map(|work| &work.commits).map(|commit| commit.key.seconds);
        let Some(oldest) = written.min() else { return Ok(()) };
        let limit = Limit { most: MOST, since: Some(oldest.saturating_sub(SLACK).max(0)) };
        let works = candidates.values().flat_map(|candidate| &candidate.works);
        let bases: Option<BTreeSet<String>> = works.map(|work| work.base.clone()).collect();
        let bases = bases.filter(|bases| bases.iter().all(|base| self.session.store.has(base)));
        let begin: Vec<String> =
            bases.and_then(|bases| self.session.store.common_base(&bases)).into_iter().collect();
        for (_, new) in &target.refs {
            let range = self.range(new, &begin, limit)?;
            if range.is_empty() || self.is_cut_off(&range) {
                continue;
            }
            let step = Step { target, is_first_target, old: None, new, excluded: Vec::new() };
            let graph = Graph::new(range, new);
            let landings = self.landings(&step, &graph, &mut candidates)?;
            self.in_order(&step, &graph, &candidates, &landings)?;
        }
        Ok(())
    }

    /// What a landing brought, by short id and subject, also what came before these commits.
    fn lines(
        &self,
        landing: &Landing,
        graph: &Graph,
        candidate: &Candidate,
    ) -> anyhow::Result<Vec<(String, String)>> {
        let mut lines = Vec::new();
        for id in &landing.brought {
            let own = candidate.works.iter().flat_map(|work| &work.commits).find(|commit| commit.id == *id);
            let subject = match (graph.get(id), own) {
                (Some(commit), _) => Some(commit.key.subject.clone()),
                (None, Some(own)) => Some(own.key.subject.clone()),
                (None, None) => {
                    let found = self.session.store.code_commit(id, &self.session.settings.trailer)?;
                    found.map(|commit| commit.key.subject)
                }
            };
            lines.push((commit::short(id).to_owned(), subject.unwrap_or_default()));
        }
        Ok(lines)
    }

    /// Keeps a finding if it says something new.
    fn found(
        &mut self,
        step: &Step,
        id: TicketId,
        discovery: Discovery,
        commit: &Commit,
        how: &str,
    ) -> anyhow::Result<()> {
        let finding = Finding {
            ticket: id,
            discovery,
            target: step.target.name.clone(),
            is_first_target: step.is_first_target,
            commit: commit.id.clone(),
            subject: commit.key.subject.clone(),
            committed: commit.committed,
            how: how.to_owned(),
            guess: None,
        };
        let (session, snapshot) = (self.session, self.snapshot);
        let Some(stored) = self.ticket(id) else { return Ok(()) };
        let entry = super::apply(session, snapshot, stored, &finding)?;
        self.scanned.entries.extend(entry);
        Ok(())
    }
}
