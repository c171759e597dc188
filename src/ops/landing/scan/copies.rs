//! Work whose own commits did not come: copies of them, one commit for all, its content, or words.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::id::TicketId;
use crate::model::landing::record;
use crate::model::landing::{self, Graph, How, Landing, Match};
use crate::model::work::Work;
use crate::ops::landing::{Effort, works};
use crate::ops::session::Session;
use crate::store::graph::{Branch, Limit};

use super::{Candidate, MOST_AT_FIRST, Scan, Step};

impl Scan<'_, '_> {
    /// Adds what branches hold that the target doesn't have: it may have come as copies.
    pub(super) fn live_work(
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
        let own = self.session.store.changed_paths(Some(base), &work.tip);
        own.is_none_or(|own| !own.is_disjoint(came))
    }

    fn may_hash(&mut self, commits: usize) -> bool {
        let may = commits <= self.effort.patch_ids;
        // A command would not do more either.
        self.scanned.is_complete &= may || commits > Effort::COMMAND.patch_ids;
        may
    }

    /// Landings of work whose own commits are not there: copies, one commit for all, or words.
    pub(super) fn copies(
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
                Match::Whole(landings) => found.extend(landings.into_iter().map(|landing| (*id, landing))),
                Match::Part | Match::None => unmatched.push(*id),
            }
        }
        let has_works = unmatched.iter().any(|id| !candidates[id].works.is_empty());
        let patch_ids = if has_works { self.patch_ids(graph)? } else { Some(HashMap::new()) };
        // Weaker signs are not asked before the stronger ones: the next command asks them in order.
        let Some(patch_ids) = patch_ids else { return Ok(found) };
        for id in unmatched {
            let landings = self.copy(step, id, &candidates[&id], graph, &patch_ids)?;
            found.extend(landings.into_iter().map(|landing| (id, landing)));
        }
        Ok(found)
    }

    /// What the differences of these commits hash to; `None` when that is left for later.
    fn patch_ids(&mut self, graph: &Graph) -> anyhow::Result<Option<HashMap<String, String>>> {
        let commits = graph.commits();
        let single: Vec<&str> =
            commits.iter().filter(|commit| !commit.is_merge()).map(|commit| commit.id.as_str()).collect();
        if !self.may_hash(single.len()) {
            return Ok(self.scanned.is_complete.then(HashMap::new));
        }
        Ok(Some(self.session.store.patch_ids(&single)?))
    }

    fn copy(
        &mut self,
        step: &Step,
        id: TicketId,
        candidate: &Candidate,
        graph: &Graph,
        patch_ids: &HashMap<String, String>,
    ) -> anyhow::Result<Vec<Landing>> {
        let works = &candidate.works;
        match landing::by_commits(works, graph, patch_ids) {
            Match::Whole(landings) => return Ok(landings),
            Match::Part => {
                let landings = self.in_parts(step, works)?;
                if !landings.is_empty() {
                    return Ok(landings);
                }
            }
            Match::None => {}
        }
        let squashes = landing::by_whole_difference(works, graph, patch_ids);
        if !squashes.is_empty() {
            return Ok(squashes);
        }
        match self.contained(step, candidate, graph) {
            Some(Tried::Landed(landing)) => return Ok(vec![landing]),
            Some(Tried::Later) => return Ok(Vec::new()),
            None => {}
        }
        Ok(landing::by_words(id, works, graph).into_iter().collect())
    }

    /// Commits that came one after the other: all since the work began are looked at.
    fn in_parts(&self, step: &Step, works: &[Work]) -> anyhow::Result<Vec<Landing>> {
        for work in works {
            let Some(base) = work.base.as_ref().filter(|base| self.session.store.has(base)) else { continue };
            let limit = Limit { most: MOST_AT_FIRST, since: None };
            let range = self.range(step.new, std::slice::from_ref(base), limit)?;
            let graph = Graph::new(range, step.new);
            if let Match::Whole(landings) =
                landing::by_commits(std::slice::from_ref(work), &graph, &HashMap::new())
            {
                return Ok(landings);
            }
        }
        Ok(Vec::new())
    }

    /// Work whose content is on the target although no commit shows it: merging it would change nothing. It
    /// came with the first commit after which that is so.
    ///
    /// A target that has the work's commits says nothing: merging them changes nothing there, also when they
    /// were reverted. Nor does one on which the same work landed before.
    fn contained(&mut self, step: &Step, candidate: &Candidate, graph: &Graph) -> Option<Tried> {
        let store = &self.session.store;
        let newest = graph.line().last()?;
        let is_possible = |work: &&Work| {
            work.range_patch_id.is_some() && store.has(&work.tip) && graph.get(&work.tip).is_none()
        };
        let mut works = candidate.works.iter().filter(is_possible).peekable();
        works.peek()?;
        let came = came(self.session, graph);
        for work in works {
            if !self.may_meet(work, came.as_ref()) {
                continue;
            }
            if !self.effort.merges {
                self.scanned.is_complete = false;
                return Some(Tried::Later);
            }
            let is_news = store.is_ancestor(&work.tip, newest) == Some(false)
                && !self.landed_before(step, candidate, work)
                && store.is_contained(newest, &work.tip) == Some(true);
            if !is_news {
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
            let landing = Landing { how: How::Content, brought: vec![commit.clone()], commit };
            return Some(Tried::Landed(landing));
        }
        None
    }

    /// Whether a recorded landing, standing or not, held all of this work; also when that can't be told.
    fn landed_before(&self, step: &Step, candidate: &Candidate, work: &Work) -> bool {
        let records = record::records(&candidate.stored.events).into_iter();
        let mut records = records.filter(|record| record.target == step.target.name);
        records.any(|record| self.session.store.is_contained(&record.commit, &work.tip) != Some(false))
    }
}

/// What came of trying merges.
enum Tried {
    Landed(Landing),
    /// It is left to a command.
    Later,
}

/// The files that differ between where a range begins and where it ends; `None` when that can't be told.
fn came(session: &Session, graph: &Graph) -> Option<HashSet<String>> {
    let before = graph.get(graph.line().first()?)?.parents.first();
    session.store.changed_paths(before.map(String::as_str), graph.line().last()?)
}
