//! What takes landings back: reverts, and branches that are rewritten.

use crate::model::commit::{Commit, Undo};
use crate::model::id::TicketId;
use crate::model::landing::record::{self, Effect, Record};
use crate::model::landing::{Graph, How, Landing};
use crate::model::rule::landing::Discovery;
use crate::store::graph::Limit;

use super::{Candidate, MOST, Scan, Step};

impl Scan<'_, '_> {
    /// The tickets that a reverted commit, or what it reverted in its turn, was about.
    pub(super) fn named_by(&self, id: &str, graph: &Graph, depth: usize) -> anyhow::Result<Vec<TicketId>> {
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

    /// Records what a commit does to a ticket's landings, if it does anything.
    pub(super) fn undone(
        &mut self,
        step: &Step,
        graph: &Graph,
        id: TicketId,
        commit: &Commit,
    ) -> anyhow::Result<()> {
        let Some(stored) = self.ticket(id) else { return Ok(()) };
        let mut records = record::records(&stored.events);
        records.retain(|record| record.target == step.target.name);
        for record in records {
            // What was reverted before it came was something else.
            let is_here = graph.get(&record.commit).is_some();
            if is_here && graph.rank(&commit.id) <= graph.rank(&record.commit) {
                continue;
            }
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

    /// Where a ref was whose former history is gone, as far as this clone can tell.
    pub(super) fn rewritten<'s>(&self, step: &Step<'s>, range: &[Commit]) -> Option<&'s str> {
        let store = &self.session.store;
        let old = step.old.filter(|old| store.has(old) && !store.is_shallow())?;
        let is_continued = range.iter().any(|commit| commit.parents.iter().any(|parent| parent == old));
        (!is_continued && store.is_ancestor(old, step.new) == Some(false)).then_some(old)
    }

    /// Landings that went away with a branch's former history.
    pub(super) fn vanished(&mut self, step: &Step, old: &str) -> anyhow::Result<()> {
        let limit = Limit { most: MOST, since: None };
        let gone = self.range(old, &[step.new.to_owned()], limit)?;
        let mut ids = self.working.clone();
        ids.extend(
            gone.iter().flat_map(|commit| commit.mentions.tickets.iter().chain(&commit.mentions.merged)),
        );
        for id in ids {
            let Some(stored) = self.ticket(id) else { continue };
            let records = record::records(&stored.events);
            let undone = records.iter().filter(|record| record.target == step.target.name && !record.stands);
            for record in undone {
                // A revert that went away takes nothing back any more.
                let revert = record.reverts.last().and_then(|id| gone.iter().find(|commit| commit.id == *id));
                if let Some(commit) = revert.filter(|commit| !self.is_elsewhere(step, &commit.id)) {
                    self.found(step, id, Discovery::Reland(record.commit.clone()), commit, "rewritten")?;
                }
            }
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
}

/// Landings that had vanished with a branch's former history and are back with it.
pub(super) fn returned(candidate: &Candidate, target: &str, graph: &Graph) -> Vec<Landing> {
    let records = record::records(&candidate.stored.events).into_iter();
    let gone =
        records.filter(|record| record.target == target && !record.stands && record.reverts.is_empty());
    let back = gone.filter(|record| graph.carrier(&record.commit) == Some(record.commit.as_str()));
    let landing = |record: Record| {
        let how = How::ALL.into_iter().find(|how| how.word() == record.how)?;
        Some(Landing { how, brought: vec![record.commit.clone()], commit: record.commit })
    };
    back.filter_map(landing).collect()
}
