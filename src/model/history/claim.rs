//! Which ticket gets which merge: every claim with its evidence, the best evidence first.

use std::collections::{BTreeMap, BTreeSet};

use super::super::commit::{Commit, ticket_of_branch};
use super::super::id::TicketId;
use super::graph::Graph;
use super::merge::{Load, Merge, Merges};
use super::subject::{slug, words};
use super::{Confidence, Facts, Finding, History, How, Landing, Link, Signal};

/// Seconds by which a merge may follow the moment at which its ticket was done.
const SLACK: i64 = 5 * 60;
/// Seconds after the end in which the words of a branch still count.
const LATE: i64 = 24 * 60 * 60;

/// A merge that may be the landing of a ticket. The order is that of the evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    signal: Signal,
    confidence: Confidence,
    fit: Fit,
    ticket: usize,
    merge: usize,
    /// The merge that brought the work, when another one carried it on.
    source: usize,
}

/// How well a merge fits among those with the same evidence, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// It is from before the ticket or from after its end.
    is_outside: bool,
    load: Load,
    /// Pieces of evidence, counted down.
    pieces: i64,
    /// Seconds from the merge to the end of the work.
    distance: i64,
}

/// Gives each ticket at most one merge, and tells which commits belong to it.
pub(super) fn settle(history: &History, graph: &Graph, merges: &Merges, tickets: &[Facts]) -> Vec<Finding> {
    let scene = Scene { history, graph, merges, tickets };
    let mut claims = scene.claims();
    claims.sort();
    let mut settled = Settled::default();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for claim in &claims {
        let is_free = claim.signal.is_by_id() || !taken.contains(&claim.merge);
        if is_free && !settled.landed.contains_key(&claim.ticket) {
            taken.insert(claim.merge);
            settled.landed.insert(claim.ticket, claim.clone());
        }
    }
    for claim in claims {
        if claim.is_sure_by_name() && settled.landed.contains_key(&claim.ticket) && taken.insert(claim.merge)
        {
            settled.earlier.entry(claim.ticket).or_default().push(claim);
        }
    }
    scene.findings(&settled)
}

/// Which ticket got which merge.
#[derive(Default)]
struct Settled {
    /// The landing of each ticket.
    landed: BTreeMap<usize, Claim>,
    /// Other merges of the same tickets: work that came in several parts.
    earlier: BTreeMap<usize, Vec<Claim>>,
}

impl Claim {
    /// Whether the merge names the ticket or its planned branch, at the right time.
    fn is_sure_by_name(&self) -> bool {
        let is_planned = self.signal == Signal::BranchSlug && self.fit.pieces != 0;
        (self.signal.is_by_id() || is_planned) && !self.fit.is_outside && self.fit.load < Load::Collection
    }
}

struct Scene<'a> {
    history: &'a History<'a>,
    graph: &'a Graph<'a>,
    merges: &'a Merges,
    tickets: &'a [Facts],
}

impl Scene<'_> {
    fn claims(&self) -> Vec<Claim> {
        let mut claims = self.by_id();
        for (ticket, facts) in self.tickets.iter().enumerate() {
            self.by_citation(ticket, facts, &mut claims);
            self.by_slug(ticket, facts, &mut claims);
            self.by_time(ticket, facts, &mut claims);
        }
        claims
    }

    fn claim(
        &self,
        ticket: usize,
        merge: usize,
        signal: Signal,
        confidence: Confidence,
        pieces: i64,
    ) -> Claim {
        let (facts, found) = (&self.tickets[ticket], &self.merges.list[merge]);
        let is_late = facts.ended().is_some_and(|end| found.at > end + SLACK);
        let distance = facts.ended().map_or(i64::MAX - found.at.max(0), |end| (end - found.at).abs());
        let is_outside = found.at < facts.created || is_late;
        let fit = Fit { is_outside, load: found.load, pieces: -pieces, distance };
        Claim { signal, confidence, fit, ticket, merge, source: merge }
    }

    /// Merges and commits that name tickets by their ids.
    fn by_id(&self) -> Vec<Claim> {
        let known: BTreeMap<TicketId, usize> =
            self.tickets.iter().enumerate().map(|(index, facts)| (facts.id, index)).collect();
        let mut found: BTreeMap<(usize, usize, usize, Signal), i64> = BTreeMap::new();
        let mut add = |id: TicketId, source: usize, signal: Signal| {
            if let (Some(ticket), Some(merge)) = (known.get(&id), self.merges.carrier(self.graph, source)) {
                let is_own_branch = self.merges.list[source].subject.receiving_ticket() == Some(id);
                let source = if is_own_branch { merge } else { source };
                *found.entry((*ticket, merge, source, signal)).or_default() += 1;
            }
        };
        for (index, merge) in self.merges.list.iter().enumerate() {
            if merge.subject.is_sync {
                continue;
            }
            let branch = merge.subject.branch.as_deref().and_then(ticket_of_branch);
            for id in &merge.subject.ids {
                add(*id, index, if branch == Some(*id) { Signal::BranchId } else { Signal::SubjectId });
            }
            for place in &merge.work {
                let named = self.history.tickets_of(&self.history.commits[*place]);
                named.into_iter().for_each(|id| add(id, index, Signal::CommitMessage));
            }
        }
        for branch in self.history.branches {
            let Some(tip) = self.graph.place(&branch.commit) else { continue };
            let merge = self.graph.owner[tip].filter(|merge| self.graph.own(*merge).last() == Some(&tip));
            let merge = merge.and_then(|merge| self.merges.at(merge));
            if let (Some(id), Some(merge)) = (ticket_of_branch(&branch.name), merge)
                && !self.merges.list[merge].subject.is_sync
            {
                add(id, merge, Signal::BranchId);
            }
        }
        let claim = |((ticket, merge, source, signal), pieces)| {
            let pieces = if signal == Signal::CommitMessage { pieces } else { 1 };
            Claim { source, ..self.claim(ticket, merge, signal, Confidence::High, pieces) }
        };
        found.into_iter().map(claim).collect()
    }

    /// Merges that the thread cites, and those that brought commits it cites, while it was worked on.
    fn by_citation(&self, ticket: usize, facts: &Facts, claims: &mut Vec<Claim>) {
        let mut found: BTreeMap<(usize, Signal), i64> = BTreeMap::new();
        for citation in &facts.citations {
            let Some(place) = self.graph.resolve(&citation.digits) else { continue };
            let commit = &self.history.commits[place];
            let (merge, signal) = match (commit.is_merge(), self.graph.owner[place]) {
                (true, _) => (place, Signal::CitedMerge),
                (false, Some(owner)) if !self.history.is_record(commit) => (owner, Signal::CitedCommit),
                (false, _) => continue,
            };
            let Some(index) = self.merges.at(merge) else { continue };
            let merge = &self.merges.list[index];
            // A merge of collected work may well be cited, and so may a commit made where it was collected.
            let is_fit = match merge.load {
                Load::Work | Load::Records => true,
                Load::Mixed => signal == Signal::CitedMerge,
                Load::Collection | Load::Nothing => false,
            };
            if is_fit
                && self.may_claim(facts, merge)
                && !merge.subject.is_sync
                && is_while(facts, merge.at, SLACK)
            {
                *found.entry((index, signal)).or_default() += 1;
            }
        }
        let claim = |((merge, signal), pieces)| self.claim(ticket, merge, signal, Confidence::High, pieces);
        claims.extend(found.into_iter().map(claim));
    }

    /// Merges with the words of a branch that was recorded for the ticket.
    fn by_slug(&self, ticket: usize, facts: &Facts, claims: &mut Vec<Claim>) {
        let planned = facts.planned.iter().map(|name| (name, true));
        let names: Vec<(&String, Vec<String>, bool)> = planned
            .chain(facts.named.iter().map(|name| (name, false)))
            .map(|(name, is_planned)| (name, slug(name), is_planned))
            .collect();
        if names.is_empty() {
            return;
        }
        let from = facts.started.unwrap_or(facts.created);
        let to = facts.ended().map_or(i64::MAX, |end| end + LATE);
        for index in self.merges.between(from, to) {
            let merge = &self.merges.list[index];
            let fits = |(name, slug, _): &&(&String, Vec<String>, bool)| {
                merge.subject.branch.as_ref() == Some(*name)
                    || if merge.subject.is_sync {
                        *slug == merge.subject.words
                    } else {
                        is_same(slug, &merge.subject.words)
                    }
            };
            let Some((_, _, is_planned)) = names.iter().find(fits) else { continue };
            if !self.may_claim(facts, merge) {
                continue;
            }
            let is_sure = *is_planned || is_while(facts, merge.at, SLACK);
            let confidence = if is_sure { Confidence::High } else { Confidence::Low };
            claims.push(self.claim(ticket, index, Signal::BranchSlug, confidence, i64::from(*is_planned)));
        }
    }

    /// Merges from the time in which the ticket was worked on.
    fn by_time(&self, ticket: usize, facts: &Facts, claims: &mut Vec<Claim>) {
        let (Some(start), Some(end)) = (facts.started, facts.ended()) else { return };
        let names = facts.planned.iter().chain(&facts.named).map(|name| slug(name));
        let names: Vec<Vec<String>> = names.chain([words(&facts.title)]).collect();
        for index in self.merges.between(start, end.saturating_add(SLACK)) {
            let merge = &self.merges.list[index];
            if merge.subject.is_sync || !self.may_claim(facts, merge) {
                continue;
            }
            let signal = match merge.load {
                Load::Work | Load::Records
                    if names.iter().any(|name| shares_half(name, &merge.subject.words)) =>
                {
                    Signal::SimilarWords
                }
                // People close tickets whenever they tidy up; only done says that the work was just in.
                Load::Work if facts.done.is_some() => Signal::TimeWindow,
                Load::Work | Load::Records | Load::Mixed | Load::Collection | Load::Nothing => continue,
            };
            claims.push(self.claim(ticket, index, signal, Confidence::Low, 1));
        }
    }

    /// Whether nothing about the merge says that it is another ticket's, or none's.
    fn may_claim(&self, facts: &Facts, merge: &Merge) -> bool {
        let ids = &merge.subject.ids;
        merge.load != Load::Nothing
            && !merge.subject.is_inner()
            && (ids.is_empty() || ids.contains(&facts.id))
    }
}

/// Whether a moment is from the time in which the ticket was worked on; without a start since it was made,
/// without an end until now.
fn is_while(facts: &Facts, at: i64, slack: i64) -> bool {
    at >= facts.started.unwrap_or(facts.created)
        && facts.ended().is_none_or(|end| at <= end.saturating_add(slack))
}

/// Whether all words of a branch are in a subject, or all of the subject's are most of the branch's.
fn is_same(slug: &[String], subject: &[String]) -> bool {
    let is_in =
        |part: &[String], whole: &[String]| part.len() >= 2 && part.iter().all(|word| whole.contains(word));
    is_in(slug, subject) || (is_in(subject, slug) && 2 * subject.len() > slug.len())
}

/// Whether half of the words of the shorter one are in the other.
fn shares_half(one: &[String], other: &[String]) -> bool {
    let one: BTreeSet<&String> = one.iter().collect();
    let other: BTreeSet<&String> = other.iter().collect();
    let shared = one.intersection(&other).count();
    shared > 0 && 2 * shared >= one.len().min(other.len())
}

impl Scene<'_> {
    /// What is said of each ticket in the end.
    fn findings(&self, settled: &Settled) -> Vec<Finding> {
        let landed = &settled.landed;
        let direct = self.direct();
        let mut owned: BTreeSet<usize> = BTreeSet::new();
        let mut found: Vec<(usize, Option<Landing>, Vec<usize>)> = Vec::new();
        for (ticket, facts) in self.tickets.iter().enumerate() {
            let (landing, brought) = match (landed.get(&ticket), direct.get(&facts.id)) {
                (Some(claim), direct) if claim.signal.is_by_id() || direct.is_none() => {
                    self.merged(claim, landed)
                }
                (_, Some(commits)) => self.straight(commits),
                (_, None) => {
                    found.push((ticket, None, Vec::new()));
                    continue;
                }
            };
            owned.extend(&brought);
            found.push((ticket, Some(landing), brought));
        }
        let earlier = settled.earlier.values().flatten();
        owned.extend(earlier.flat_map(|claim| &self.merges.list[claim.source].work));
        let finding = |(ticket, landing, brought): (usize, Option<Landing>, Vec<usize>)| {
            let facts: &Facts = &self.tickets[ticket];
            let mut links: Vec<Link> = Vec::new();
            if let Some(landing) = &landing {
                let (confidence, signal) = (landing.confidence, landing.signal);
                links.extend(brought.iter().map(|place| self.link(*place, confidence, signal)));
            }
            for claim in settled.earlier.get(&ticket).into_iter().flatten() {
                let work = self.merges.list[claim.source].work.iter();
                links.extend(work.map(|place| self.link(*place, claim.confidence, claim.signal)));
            }
            links.extend(self.cited(facts, &owned));
            Finding { ticket_id: facts.id, landing, links }
        };
        let mut findings: Vec<Finding> = found.into_iter().map(finding).collect();
        findings.retain(|finding| finding.landing.is_some() || !finding.links.is_empty());
        findings.sort_by_key(|finding| finding.ticket_id);
        findings
    }

    fn link(&self, place: usize, confidence: Confidence, signal: Signal) -> Link {
        Link { commit: self.history.commits[place].id.clone(), confidence, signal }
    }

    /// Commits on the target branches themselves that name tickets, the oldest first.
    fn direct(&self) -> BTreeMap<TicketId, Vec<usize>> {
        let mut found: BTreeMap<TicketId, Vec<usize>> = BTreeMap::new();
        for (place, commit) in self.history.commits.iter().enumerate() {
            if self.graph.is_reached[place] && self.graph.owner[place].is_none() && !commit.is_merge() {
                let named = self.history.tickets_of(commit).into_iter();
                named.for_each(|id| found.entry(id).or_default().push(place));
            }
        }
        for places in found.values_mut() {
            places.sort_by_key(|place| self.graph.position[*place]);
        }
        found
    }

    /// A landing by a merge, and the places of what it brought.
    fn merged(&self, claim: &Claim, landed: &BTreeMap<usize, Claim>) -> (Landing, Vec<usize>) {
        let merge = &self.merges.list[claim.merge];
        let id = self.tickets[claim.ticket].id;
        let mut brought = self.merges.list[claim.source].work.clone();
        if brought.is_empty() {
            let others = landed.values().filter(|other| other.ticket != claim.ticket);
            let others: BTreeSet<usize> = others.map(|other| self.merges.list[other.merge].place).collect();
            self.collect(merge.place, id, &others, &mut brought);
        }
        let is_shared =
            landed.values().any(|other| other.source == claim.source && other.ticket != claim.ticket);
        let names = |place: &usize| self.history.tickets_of(&self.history.commits[*place]).contains(&id);
        if is_shared && brought.iter().any(names) {
            brought.retain(names);
        }
        let landing = Landing {
            commit: self.history.commits[merge.place].id.clone(),
            how: How::Merge,
            at: merge.at,
            brought: self.ids(&brought),
            confidence: claim.confidence,
            signal: claim.signal,
        };
        (landing, brought)
    }

    /// What the merges inside a merge brought, those aside that are other tickets'.
    fn collect(&self, merge: usize, id: TicketId, others: &BTreeSet<usize>, found: &mut Vec<usize>) {
        let mut open = vec![merge];
        while let Some(place) = open.pop() {
            let Some(index) = self.merges.at(place) else { continue };
            let merge = &self.merges.list[index];
            found.extend(&merge.work);
            let inside = self.graph.own(place).iter().filter(|own| {
                let inner = self.merges.at(**own).map(|index| &self.merges.list[index].subject);
                let is_own = |ids: &Vec<TicketId>| ids.is_empty() || ids.contains(&id);
                inner.is_some_and(|inner| !inner.is_sync && is_own(&inner.ids)) && !others.contains(own)
            });
            open.extend(inside);
        }
        found.sort_by_key(|place| self.graph.position[*place]);
    }

    /// A landing without a merge.
    fn straight(&self, commits: &[usize]) -> (Landing, Vec<usize>) {
        let all: Vec<&Commit> = commits.iter().map(|place| &self.history.commits[*place]).collect();
        let last = all[all.len() - 1];
        let how = match all.len() {
            1 => How::Squash,
            _ if all.iter().all(|commit| commit.committed == commit.key.seconds) => How::FastForward,
            _ => How::Rebase,
        };
        let landing = Landing {
            commit: last.id.clone(),
            how,
            at: last.committed,
            brought: self.ids(commits),
            confidence: Confidence::High,
            signal: Signal::CommitMessage,
        };
        (landing, commits.to_vec())
    }

    fn ids(&self, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| self.history.commits[*place].id.clone()).collect()
    }

    /// Commits that the thread cites, written while it was worked on, and that no landing brought.
    fn cited(&self, facts: &Facts, owned: &BTreeSet<usize>) -> Vec<Link> {
        let mut places = Vec::new();
        for place in facts.citations.iter().filter_map(|citation| self.graph.resolve(&citation.digits)) {
            let commit = &self.history.commits[place];
            let is_work = !commit.is_merge() && !self.history.is_record(commit);
            let is_own = is_work && facts.started.is_some() && is_while(facts, commit.committed, SLACK);
            if is_own && !owned.contains(&place) && !places.contains(&place) {
                places.push(place);
            }
        }
        places.into_iter().map(|place| self.link(place, Confidence::High, Signal::CitedCommit)).collect()
    }
}
