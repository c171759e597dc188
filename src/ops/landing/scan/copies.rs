//! Work whose own commits did not come: copies of them, one commit for all, its content, or words.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::model::id::TicketId;
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
}

/// The files that differ between where a range begins and where it ends; `None` when that can't be told.
fn came(session: &Session, graph: &Graph) -> Option<HashSet<String>> {
    let before = graph.get(graph.line().first()?)?.parents.first();
    session.store.changed_paths(before.map(String::as_str), graph.line().last()?)
}
