//! Looking through the commits that came to the target branches.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::model::commit::{Commit, Undo};
use crate::model::id::TicketId;
use crate::model::landing::record::{self, Effect, Record};
use crate::model::landing::{self, Graph, How, Landing, Match};
use crate::model::rule::landing::{Discovery, Finding};
use crate::model::state::State;
use crate::model::work::Work;
use crate::ops::session::Session;
use crate::ops::stored::Stored;
use crate::store::cursor::Cursors;
use crate::store::graph::{Branch, Limit};
use crate::store::snapshot::Snapshot;

use super::{Effort, Entry, Target, works};

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
struct Candidate {
    stored: Stored,
    /// Recorded and live work, without what the target had before.
    works: Vec<Work>,
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

/// The files that differ between where a range begins and where it ends; `None` when that can't be told.
fn came(session: &Session, graph: &Graph) -> Option<HashSet<String>> {
    let before = graph.get(graph.line().first()?)?.parents.first()?;
    session.store.changed_paths(before, graph.line().last()?)
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
        let range = self.range(step.new, &step.excluded, limit)?;
        self.scanned.commits += range.len();
        self.vanished(step, &range)?;
        if range.is_empty() {
            return Ok(());
        }
        let graph = Graph::new(range, step.new);
        let mut candidates = self.candidates(step, &graph)?;
        let landings = self.landings(step, &graph, &mut candidates)?;
        self.in_order(step, &graph, &candidates, &landings)
    }

    /// When the oldest ticket that is not closed was made, some time before that; nothing when all are.
    fn oldest_open(&self) -> anyhow::Result<Option<i64>> {
        let all = self.snapshot.all()?;
        let oldest = all.iter().find(|files| super::is_open(self.snapshot, files.id));
        let seconds = oldest.map(|files| i64::try_from(files.id.millis() / 1000).unwrap_or(i64::MAX));
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
            ids.extend(commit.mentions.merged.iter().chain(&commit.mentions.closes));
            for reverted in &commit.mentions.reverts {
                ids.extend(self.named_by(reverted, graph, 0)?);
            }
        }
        let branches = std::mem::take(&mut self.branches);
        let named = works::branches_of_tickets(&branches, std::slice::from_ref(&step.target.name));
        ids.extend(named.iter().map(|(id, _)| *id));
        let mut found = BTreeMap::new();
        for id in ids {
            let Some(stored) = self.ticket(id).cloned() else { continue };
            let mut recorded = works::recorded(self.snapshot, id);
            recorded.retain(|work| !work.commits.is_empty());
            let live = named.iter().filter(|(ticket, _)| *ticket == id);
            for (_, branch) in live {
                let is_recorded = recorded.iter().any(|work| work.tip == branch.tip);
                if !is_recorded {
                    recorded.extend(works::landed(self.session, id, branch, graph));
                }
            }
            found.insert(id, Candidate { stored, works: recorded });
        }
        self.branches = branches;
        Ok(found)
    }

    /// The tickets that a reverted commit, or what it reverted in its turn, was about.
    fn named_by(&self, id: &str, graph: &Graph, depth: usize) -> anyhow::Result<Vec<TicketId>> {
        let trailer = &self.session.settings.trailer;
        let commit = match graph.get(id) {
            Some(commit) => Some(commit.clone()),
            None => self.session.store.code_commit(id, trailer)?,
        };
        let Some(commit) = commit.filter(|_| depth < 5) else { return Ok(Vec::new()) };
        let mentions = &commit.mentions;
        let mut ids: Vec<TicketId> =
            [&mentions.tickets, &mentions.merged, &mentions.closes].into_iter().flatten().copied().collect();
        if let Some(first) =
            commit.parents.first().filter(|first| commit.is_merge() && self.session.store.has(first))
        {
            let limit = Limit { most: 200, since: None };
            let brought = self.range(id, std::slice::from_ref(first), limit)?;
            ids.extend(brought.iter().flat_map(|commit| &commit.mentions.tickets));
        }
        for reverted in &mentions.reverts {
            ids.extend(self.named_by(reverted, graph, depth + 1)?);
        }
        Ok(ids)
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
            let by_ancestry = landing::by_ancestry(*id, &candidate.works, graph);
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

    /// Adds what branches hold that the target doesn't have: it may have come as copies.
    fn live_work(
        &mut self,
        step: &Step,
        graph: &Graph,
        candidates: &mut BTreeMap<TicketId, Candidate>,
        open: &[TicketId],
    ) -> anyhow::Result<()> {
        let named = works::branches_of_tickets(&self.branches, std::slice::from_ref(&step.target.name));
        let unknown: Vec<(TicketId, &Branch)> = named
            .into_iter()
            .filter(|(id, branch)| {
                let is_recorded =
                    |candidate: &Candidate| candidate.works.iter().any(|work| work.tip == branch.tip);
                open.contains(id)
                    && graph.get(&branch.tip).is_none()
                    && !candidates.get(id).is_none_or(is_recorded)
            })
            .collect();
        let target = [step.new.to_owned()];
        let came = came(self.session, graph);
        for (id, mut work) in works::ahead(self.session, &unknown, &target)? {
            if self.may_meet(&work, came.as_ref()) && self.may_hash(work.commits.len()) {
                works::hash(self.session, &mut work, &target)?;
            }
            if let Some(candidate) = candidates.get_mut(&id) {
                candidate.works.retain(|known| known.branch != work.branch);
                candidate.works.push(work);
            }
        }
        Ok(())
    }

    /// Whether some work changes a file that what came changes too: without one, nothing of it came.
    fn may_meet(&self, work: &Work, came: Option<&HashSet<String>>) -> bool {
        let (Some(base), Some(came)) = (&work.base, came) else { return true };
        let own = self.session.store.changed_paths(base, &work.tip);
        own.is_none_or(|own| !own.is_disjoint(came))
    }

    fn may_hash(&mut self, commits: usize) -> bool {
        let may = commits <= self.effort.patch_ids;
        // A command would not do more either.
        self.scanned.is_complete &= may || commits > Effort::COMMAND.patch_ids;
        may
    }

    /// Landings of work whose own commits are not there: copies, one commit for all, or words.
    fn copies(
        &mut self,
        step: &Step,
        graph: &Graph,
        candidates: &BTreeMap<TicketId, Candidate>,
        open: &[TicketId],
    ) -> anyhow::Result<Vec<(TicketId, Landing)>> {
        let mut found = Vec::new();
        let mut unmatched = Vec::new();
        for id in open {
            let works = &candidates[id].works;
            match landing::by_commits(works, graph, &HashMap::new()) {
                Match::Whole(landing) => found.push((*id, landing)),
                Match::Part | Match::None => unmatched.push(*id),
            }
        }
        let has_works = unmatched.iter().any(|id| !candidates[id].works.is_empty());
        let patch_ids = if has_works { self.patch_ids(graph)? } else { HashMap::new() };
        for id in unmatched {
            let landing = self.copy(step, id, &candidates[&id].works, graph, &patch_ids)?;
            found.extend(landing.map(|landing| (id, landing)));
        }
        Ok(found)
    }

    fn patch_ids(&mut self, graph: &Graph) -> anyhow::Result<HashMap<String, String>> {
        let commits = graph.commits();
        let single: Vec<&str> =
            commits.iter().filter(|commit| !commit.is_merge()).map(|commit| commit.id.as_str()).collect();
        if !self.may_hash(single.len()) {
            return Ok(HashMap::new());
        }
        Ok(self.session.store.patch_ids(&single)?)
    }

    fn copy(
        &mut self,
        step: &Step,
        id: TicketId,
        works: &[Work],
        graph: &Graph,
        patch_ids: &HashMap<String, String>,
    ) -> anyhow::Result<Option<Landing>> {
        match landing::by_commits(works, graph, patch_ids) {
            Match::Whole(landing) => return Ok(Some(landing)),
            Match::Part => {
                if let Some(landing) = self.in_parts(step, works)? {
                    return Ok(Some(landing));
                }
            }
            Match::None => {}
        }
        if let Some(landing) = landing::by_whole_difference(works, graph, patch_ids) {
            return Ok(Some(landing));
        }
        if let Some(landing) = self.contained(works, graph) {
            return Ok(Some(landing));
        }
        Ok(landing::by_words(id, works, graph))
    }

    /// Commits that came one after the other: all since the work began are looked at.
    fn in_parts(&self, step: &Step, works: &[Work]) -> anyhow::Result<Option<Landing>> {
        for work in works {
            let Some(base) = work.base.as_ref().filter(|base| self.session.store.has(base)) else { continue };
            let limit = Limit { most: MOST_AT_FIRST, since: None };
            let range = self.range(step.new, std::slice::from_ref(base), limit)?;
            let graph = Graph::new(range, step.new);
            if let Match::Whole(landing) =
                landing::by_commits(std::slice::from_ref(work), &graph, &HashMap::new())
            {
                return Ok(Some(landing));
            }
        }
        Ok(None)
    }

    /// Work whose content is on the target although no commit shows it: merging it would change nothing. It
    /// came with the first commit after which that is so.
    fn contained(&mut self, works: &[Work], graph: &Graph) -> Option<Landing> {
        let store = &self.session.store;
        let newest = graph.line().last()?;
        let is_possible = |work: &&Work| {
            work.range_patch_id.is_some() && store.has(&work.tip) && graph.get(&work.tip).is_none()
        };
        let mut candidates = works.iter().filter(is_possible).peekable();
        candidates.peek()?;
        let came = came(self.session, graph);
        for work in candidates {
            if !self.may_meet(work, came.as_ref()) {
                continue;
            }
            if !self.effort.merges {
                self.scanned.is_complete = false;
                return None;
            }
            if store.is_contained(newest, &work.tip) != Some(true) {
                continue;
            }
            let line = graph.line();
            let (mut without, mut with) = (None, line.len() - 1);
            while with > without.map_or(0, |index: usize| index + 1) {
                let middle = (without.map_or(0, |index| index + 1) + with) / 2;
                match store.is_contained(&line[middle], &work.tip) {
                    Some(true) => with = middle,
                    Some(false) | None => without = Some(middle),
                }
            }
            let commit = line[with].clone();
            return Some(Landing { how: How::Content, brought: vec![commit.clone()], commit });
        }
        None
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
                let brought = landing.brought.iter().filter_map(|id| graph.get(id));
                let lines = brought.map(|brought| (brought.short().to_owned(), brought.key.subject.clone()));
                let discovery = Discovery::Land(lines.collect());
                self.found(step, *id, discovery, commit, landing.how.word())?;
            }
        }
        Ok(())
    }

    /// Records what a commit does to a ticket's landings, if it does anything.
    fn undone(&mut self, step: &Step, graph: &Graph, id: TicketId, commit: &Commit) -> anyhow::Result<()> {
        let Some(stored) = self.ticket(id) else { return Ok(()) };
        let mut records = record::records(&stored.events);
        records.retain(|record| record.target == step.target.name);
        for record in records {
            let titles = match &commit.mentions.reverted_subject {
                Some(Undo::Revert(_) | Undo::Reapply(_)) if commit.mentions.reverts.is_empty() => {
                    self.titles(&record, graph)?
                }
                _ => Vec::new(),
            };
            let discovery = match record::effect(&record, commit, &titles) {
                Some(Effect::Revert) => Discovery::Revert(record.commit.clone()),
                Some(Effect::Reland) => Discovery::Reland(record.commit.clone()),
                None => continue,
            };
            let how = if commit.mentions.reverts.is_empty() { "subject" } else { "commit" };
            self.found(step, id, discovery, commit, how)?;
        }
        Ok(())
    }

    /// What a revert may call a landing's commit: its subject, and the paragraph a forge puts below it.
    fn titles(&self, record: &Record, graph: &Graph) -> anyhow::Result<Vec<String>> {
        let trailer = &self.session.settings.trailer;
        let commit = match graph.get(&record.commit) {
            Some(commit) => Some(commit.clone()),
            None => self.session.store.code_commit(&record.commit, trailer)?,
        };
        let Some(commit) = commit else { return Ok(Vec::new()) };
        let second = commit.message.split("\n\n").nth(1).unwrap_or_default().trim().to_owned();
        Ok([commit.key.subject, second].into_iter().filter(|title| !title.is_empty()).collect())
    }

    /// Landings that went away with a branch's former history.
    fn vanished(&mut self, step: &Step, range: &[Commit]) -> anyhow::Result<()> {
        let store = &self.session.store;
        let Some(old) = step.old.filter(|old| store.has(old) && !store.is_shallow()) else { return Ok(()) };
        let is_continued = range.iter().any(|commit| commit.parents.iter().any(|parent| parent == old));
        if is_continued || store.is_ancestor(old, step.new) != Some(false) {
            return Ok(());
        }
        let limit = Limit { most: MOST, since: None };
        let gone = self.range(old, &[step.new.to_owned()], limit)?;
        let mut ids = self.working.clone();
        ids.extend(
            gone.iter().flat_map(|commit| commit.mentions.tickets.iter().chain(&commit.mentions.merged)),
        );
        for id in ids {
            let Some(stored) = self.ticket(id) else { continue };
            let records = record::records(&stored.events);
            for record in
                records.into_iter().filter(|record| record.target == step.target.name && record.stands)
            {
                let Some(commit) = gone.iter().find(|commit| commit.id == record.commit) else { continue };
                if !self.is_elsewhere(step, &record.commit) {
                    let discovery = Discovery::Unland(record.commit.clone());
                    self.found(step, id, discovery, commit, "rewritten")?;
                }
            }
        }
        Ok(())
    }

    /// Whether another ref of the target branch has a commit; also when that can't be told.
    fn is_elsewhere(&self, step: &Step, commit: &str) -> bool {
        let others = step.target.refs.iter().filter(|(_, tip)| tip != step.new);
        others.into_iter().any(|(_, tip)| self.session.store.is_ancestor(commit, tip) != Some(false))
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
            candidates.insert(*id, Candidate { stored, works });
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
            if range.is_empty() {
                continue;
            }
            let step = Step { target, is_first_target, old: None, new, excluded: Vec::new() };
            let graph = Graph::new(range, new);
            let landings = self.landings(&step, &graph, &mut candidates)?;
            self.in_order(&step, &graph, &candidates, &landings)?;
        }
        Ok(())
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
