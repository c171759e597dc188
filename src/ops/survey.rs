//! What is known of many tickets at a glance. Everything that looks at more than one ticket asks here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::format::layout;
use crate::format::thread;
use crate::index::Selection;
use crate::model::id::{self, TicketId};
use crate::model::moment::Moment;
use crate::model::query::{Query, Term};
use crate::model::readiness::{self, Blocker, Gate, Via};
use crate::model::relation::Relation;
use crate::model::state::State;
use crate::model::summary::{self, Summary};
use crate::store::snapshot::{Files, Snapshot};

use super::session::Session;
use super::stored;

/// Tickets at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Those asked for, in the order asked for.
    pub tickets: Vec<Summary>,
    /// How many match, shown or not.
    pub total: usize,
    /// How many tickets there are, be they readable or not.
    pub known: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// The tickets a query asks for.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn select(session: &Session, snapshot: &Snapshot, query: &Query) -> anyhow::Result<Survey> {
    let told = without_threads(session, snapshot, query);
    let told = told.and_then(|query| session.ask_index(snapshot, |index| index.select(&query)));
    match told.and_then(|selection| from_index(snapshot, selection)) {
        Some(survey) => Ok(survey),
        None => from_snapshot(snapshot, query),
    }
}

/// The same query, asking for nothing that only threads tell: the tickets of which they tell it are named one by
/// one. `None` when no index knows.
fn without_threads<'q>(session: &Session, snapshot: &Snapshot, query: &'q Query) -> Option<Cow<'q, Query>> {
    if !query.needs_threads() {
        return Some(Cow::Borrowed(query));
    }
    let mut query = query.clone();
    for clause in query.clauses.iter_mut().filter(|clause| clause.any.iter().any(Term::needs_thread)) {
        let told = |term: &Term| match term {
            Term::Author(pattern) => session.ask_threads(snapshot, |threads| threads.made_by(pattern)),
            Term::Event(span) => session.ask_threads(snapshot, |threads| threads.with_event(*span)),
            _ => None,
        };
        let (threads, mut rest): (Vec<Term>, Vec<Term>) =
            std::mem::take(&mut clause.any).into_iter().partition(Term::needs_thread);
        let named = threads.iter().map(told).collect::<Option<Vec<_>>>()?;
        rest.push(Term::Among(named.into_iter().flatten().collect()));
        clause.any = rest;
    }
    Some(Cow::Owned(query))
}

/// What the index told; `None` when a ticket it could not read can be read.
fn from_index(snapshot: &Snapshot, selection: Selection) -> Option<Survey> {
    Some(Survey {
        tickets: selection.tickets,
        total: selection.total,
        known: selection.known,
        unreadable: why_unreadable(snapshot, selection.unreadable)?,
        damaged: Vec::new(),
    })
}

/// Why some tickets can't be read; `None` when one of them can.
pub(super) fn why_unreadable(snapshot: &Snapshot, ids: Vec<TicketId>) -> Option<Vec<(TicketId, String)>> {
    let why = |id: TicketId| {
        let read = snapshot.ticket(&id).ok()??;
        Some((id, stored::ticket(snapshot, &read).err()?.to_string()))
    };
    ids.into_iter().map(why).collect()
}

/// Some tickets, in the order given; those that don't exist or can't be read are left out.
///
/// # Errors
/// When the tickets can't be listed.
pub fn of(session: &Session, snapshot: &Snapshot, ids: &[TicketId]) -> anyhow::Result<Vec<Summary>> {
    if let Some(found) = session.ask_index(snapshot, |index| index.of(ids)) {
        return Ok(found);
    }
    let all = from_snapshot(snapshot, &Query::in_states(&State::ALL))?;
    let mut found: HashMap<TicketId, Summary> =
        all.tickets.into_iter().map(|summary| (summary.id, summary)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The answers to several queries about one version. Where no index tells, the tickets are read once for all.
///
/// # Errors
/// As [`select`].
pub fn select_all(session: &Session, snapshot: &Snapshot, queries: &[Query]) -> anyhow::Result<Vec<Survey>> {
    let simple = queries.iter().map(|query| without_threads(session, snapshot, query));
    let told = simple.collect::<Option<Vec<_>>>().and_then(|queries| {
        session.ask_index(snapshot, |index| {
            queries.iter().map(|query| index.select(query)).collect::<Option<Vec<_>>>()
        })
    });
    let told = told.and_then(|found| {
        found.into_iter().map(|selection| from_index(snapshot, selection)).collect::<Option<Vec<_>>>()
    });
    if let Some(surveys) = told {
        return Ok(surveys);
    }
    let all = everything(snapshot, queries.iter().any(Query::needs_threads))?;
    Ok(queries.iter().map(|query| all.narrowed(query)).collect())
}

/// How many tickets wait for what, and some of them at a glance: those that exist and can be read, in the order
/// given.
///
/// # Errors
/// As [`select`].
pub fn amounts(
    session: &Session,
    snapshot: &Snapshot,
    ids: &[TicketId],
) -> anyhow::Result<(BTreeMap<Gate, usize>, Vec<Summary>)> {
    let told = session.ask_index(snapshot, |index| Some((index.amounts()?, index.of(ids)?)));
    let mut numbers = BTreeMap::new();
    if let Some((amounts, found)) = told {
        for (_, gate, number) in amounts {
            *numbers.entry(gate).or_default() += number;
        }
        return Ok((numbers, found));
    }
    let all = everything(snapshot, false)?.tickets;
    for ticket in &all {
        *numbers.entry(ticket.gate).or_default() += 1;
    }
    let found = ids.iter().filter_map(|id| all.iter().find(|ticket| ticket.id == *id).cloned());
    Ok((numbers, found.collect()))
}

/// The answer as the files on the ref have it, without any help.
///
/// # Errors
/// As [`select`].
pub fn from_snapshot(snapshot: &Snapshot, query: &Query) -> anyhow::Result<Survey> {
    Ok(everything(snapshot, query.needs_threads())?.narrowed(query))
}

impl Survey {
    /// Of all tickets those that a query asks for.
    fn narrowed(&self, query: &Query) -> Survey {
        let mut tickets: Vec<Summary> =
            self.tickets.iter().filter(|summary| query.matches(summary)).cloned().collect();
        for ticket in &mut tickets {
            (ticket.creator, ticket.events_at) = (None, Vec::new());
        }
        let total = tickets.len();
        query.arrange(&mut tickets);
        Survey {
            tickets,
            total,
            known: self.known,
            unreadable: self.unreadable.clone(),
            damaged: self.damaged.clone(),
        }
    }
}

/// Every ticket, by id.
fn everything(snapshot: &Snapshot, wants_threads: bool) -> anyhow::Result<Survey> {
    let (all, faults) = snapshot.readable()?;
    let mut survey = Survey {
        known: all.len(),
        damaged: faults.iter().map(ToString::to_string).collect(),
        ..Survey::default()
    };
    let ids: Vec<TicketId> = all.iter().map(|files| files.id).collect();
    let mut states: HashMap<TicketId, State> = HashMap::with_capacity(all.len());
    let mut relations = Vec::new();
    for (files, suffix) in all.iter().zip(id::shortest_suffixes(&ids)) {
        relations.extend(stored::relations(snapshot, files).unwrap_or_default());
        match stored::ticket(snapshot, files) {
            Ok(ticket) => {
                states.insert(files.id, ticket.state);
                let mut summary = Summary { suffix, ..Summary::of(&ticket) };
                read_thread(snapshot, files, &mut summary, wants_threads);
                survey.tickets.push(summary);
            }
            Err(error) => survey.unreadable.push((files.id, error.to_string())),
        }
    }
    let mut waiting = waiting(&relations);
    for summary in &mut survey.tickets {
        let blockers = waiting.remove(&summary.id).unwrap_or_default().into_iter();
        let blockers = blockers.map(|(id, via)| Blocker { id, via, state: states.get(&id).copied() });
        summary.wait_for(blockers.collect());
    }
    survey.total = survey.tickets.len();
    Ok(survey)
}

/// Reads the thread where something depends on it; one that can't be read counts as empty here.
fn read_thread(snapshot: &Snapshot, files: &Files, summary: &mut Summary, wants_threads: bool) {
    if !summary.needs_thread() && !wants_threads {
        return;
    }
    let text = stored::text(snapshot, files, layout::THREAD).ok().flatten().unwrap_or_default();
    let events = thread::events(&text);
    summary.judge(&events);
    if wants_threads {
        summary.creator = summary::creator(&events);
        summary.events_at = events.iter().filter_map(|event| Moment::parse(&event.at)).collect();
    }
}

/// Who waits for whom: targets of `depends_on`, sources of `blocks`.
fn waiting(relations: &[Relation]) -> BTreeMap<TicketId, BTreeSet<(TicketId, Via)>> {
    let mut found: BTreeMap<TicketId, BTreeSet<(TicketId, Via)>> = BTreeMap::new();
    for (waiter, awaited, via) in relations.iter().filter_map(readiness::waits) {
        found.entry(waiter).or_default().insert((awaited, via));
    }
    found
}
