//! The orchestration plan: what is recorded, by whom it is heeded.

use std::collections::BTreeSet;

use crate::format::{layout, orchestration, thread};
use crate::index::{Index, Line};
use crate::model::id::TicketId;
use crate::model::plan::{self, Accepted, Entry, Record};
use crate::model::query::Query;
use crate::model::readiness::{self, Clash};
use crate::model::rule;
use crate::model::state::State;
use crate::store::snapshot::{Files, Snapshot};

use super::session::{Echo, Session};
use super::{relations, resolve, stored, survey};

/// An entry somebody asks for, with tickets as typed.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// What it says.
    pub kind: plan::Kind,
    /// The other ticket.
    pub related: Option<&'a str>,
    /// Why.
    pub note: Option<&'a str>,
    /// What was accepted.
    pub accepted: Option<Accepted>,
}

/// Records an entry of a ticket's plan.
///
/// # Errors
/// When a ticket doesn't exist, a part is missing or can't be stored, or as [`Session::change`].
pub fn add(session: &Session, typed: &str, request: &Request) -> anyhow::Result<Echo> {
    let root = root(session);
    session.change(typed, |snapshot, stored, _| {
        let related = request.related.map(|other| resolve::resolve(&session.store, snapshot, other));
        let entry = Entry {
            kind: request.kind,
            related_ticket: related.transpose()?.map(|files| files.id),
            note: request.note.map(str::to_owned),
            accepted_plan: request.accepted.clone(),
        };
        Ok(rule::plan(stored.files.id, entry, root.as_deref())?)
    })
}

/// The folder that recorded paths are relative to: that of the main work tree.
pub fn root(session: &Session) -> Option<String> {
    session.store.main_work_dir()?.to_str().map(str::to_owned)
}

/// A record as it stands among the tickets.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What is recorded.
    pub record: Record,
    /// Its id, made different from that of every other record of the ticket.
    pub name: String,
    /// The title of its ticket.
    pub title: String,
    /// Where the other ticket stands; `None` when there is none.
    pub related_state: Option<State>,
    /// Whether it still says something about what to do next.
    pub is_open: bool,
}

/// Records of plans.
#[derive(Debug, Clone, Default)]
pub struct Plans {
    /// The records, by ticket, in the order they were made.
    pub records: Vec<Listed>,
    /// What can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
}

/// Lists the records of one ticket, or those of every ticket; with `is_open`, those that are not over.
///
/// # Errors
/// When there is no such ticket or the tickets can't be listed. A file or line that can't be read hides no
/// other.
pub fn list(session: &Session, typed: Option<&str>, is_open: bool) -> anyhow::Result<Plans> {
    let snapshot = session.snapshot()?;
    let tickets = match typed {
        Some(typed) => vec![resolve::resolve(&session.store, &snapshot, typed)?],
        None => planned(session, &snapshot)?,
    };
    let mut plans = Plans::default();
    for files in tickets {
        if let Err(error) = collect(session, &snapshot, &files, is_open, &mut plans) {
            plans.unreadable.push((files.id, error.to_string()));
        }
    }
    plans.records.sort_by_key(|listed| listed.record.ticket_id);
    plans.unreadable.sort_by_key(|(id, _)| *id);
    Ok(plans)
}

/// Where a ticket stands, and its title; nothing of one that can't be read.
fn glance(session: &Session, snapshot: &Snapshot, id: &TicketId) -> (Option<State>, String) {
    match session.ask_index(snapshot, |index| Some(index.of(&[*id])?.pop())) {
        Some(Some(ticket)) => (Some(ticket.state), ticket.title),
        Some(None) => (None, String::new()),
        None => (relations::state(snapshot, id), relations::title(snapshot, id)),
    }
}

/// The tickets that may have records, in no order.
fn planned(session: &Session, snapshot: &Snapshot) -> anyhow::Result<Vec<Files>> {
    let Some(planned) = session.ask_index(snapshot, Index::planned) else {
        return Ok(snapshot.with_artifacts()?);
    };
    let found: Result<Vec<_>, _> = planned.iter().map(|id| snapshot.ticket(id)).collect();
    Ok(found?.into_iter().flatten().collect())
}

fn collect(
    session: &Session,
    snapshot: &Snapshot,
    files: &Files,
    is_open: bool,
    plans: &mut Plans,
) -> anyhow::Result<()> {
    let text = stored::text(snapshot, files, layout::PLAN)?.unwrap_or_default();
    let lines = orchestration::parse(&text);
    if lines.is_empty() {
        return Ok(());
    }
    let (own, title) = glance(session, snapshot, &files.id);
    let mut records = Vec::with_capacity(lines.len());
    for (number, line) in lines {
        match line {
            Ok(record) => records.push(record),
            Err(fault) => {
                let why = format!("{}, line {number}: {fault}", layout::PLAN);
                plans.unreadable.push((files.id, why));
            }
        }
    }
    let standing = standing(snapshot, files, &records)?;
    for (name, record) in plan::names(&records).into_iter().zip(&records) {
        let related = record.related_ticket.as_deref().and_then(TicketId::parse);
        let related_state = related.and_then(|other| glance(session, snapshot, &other).0);
        let listed = Listed {
            is_open: record.is_open(own, related_state) && standing.contains(record),
            record: record.clone(),
            name,
            title: title.clone(),
            related_state,
        };
        if listed.is_open || !is_open {
            plans.records.push(listed);
        }
    }
    Ok(())
}

/// Those of a ticket's records that were not taken back with a start. The thread is read only where one could be.
fn standing(snapshot: &Snapshot, files: &Files, records: &[Record]) -> anyhow::Result<Vec<Record>> {
    if !records.iter().any(|record| record.kind == plan::Kind::AcceptedPlan) {
        return Ok(records.to_vec());
    }
    let thread = stored::text(snapshot, files, layout::THREAD)?.unwrap_or_default();
    Ok(plan::standing(records.to_vec(), &thread::events(&thread)))
}

/// A ticket's records, in order; a line that can't be read hides no other, `doctor` names it.
///
/// # Errors
/// When the file can't be read.
pub fn of(snapshot: &Snapshot, files: &Files) -> anyhow::Result<Vec<Record>> {
    let text = stored::text(snapshot, files, layout::PLAN)?.unwrap_or_default();
    Ok(orchestration::parse(&text).into_iter().filter_map(|(_, record)| record.ok()).collect())
}

/// What the plans of all tickets say against starting this one now.
///
/// # Errors
/// When the tickets can't be listed, or the ticket's own plan can't be read.
pub fn clashes(session: &Session, snapshot: &Snapshot, files: &Files) -> anyhow::Result<Vec<Clash>> {
    let running = Running::read(session, snapshot)?;
    Ok(running.clashes(files.id, &of(snapshot, files)?))
}

/// The tickets in progress, and what their plans say.
pub struct Running {
    ids: BTreeSet<TicketId>,
    records: Vec<Record>,
}

impl Running {
    /// Reads the plans of all tickets in progress; one that can't be read says nothing, `doctor` names it.
    ///
    /// # Errors
    /// When the tickets can't be listed.
    pub fn read(session: &Session, snapshot: &Snapshot) -> anyhow::Result<Self> {
        if let Some((running, planned)) = session.ask_index(snapshot, Index::running) {
            return Running::of(snapshot, running, |id| planned.contains(id));
        }
        let survey = survey::select(session, snapshot, &Query::in_states(&[State::InProgress]))?;
        Running::of(snapshot, survey.tickets.iter().map(|ticket| ticket.id), |_| true)
    }

    /// The same without notes and authors, and without the tickets that no plan names: nothing is read.
    pub fn sketched(line: &Line) -> Self {
        let records = line.running_planned.values().flatten().cloned().collect();
        Running { ids: line.running.iter().copied().collect(), records }
    }

    /// The same of tickets that are known to be in progress; of those that are not planned none has a record.
    ///
    /// # Errors
    /// When a tree can't be read.
    pub fn of(
        snapshot: &Snapshot,
        ids: impl IntoIterator<Item = TicketId>,
        is_planned: impl Fn(&TicketId) -> bool,
    ) -> anyhow::Result<Self> {
        let ids: BTreeSet<TicketId> = ids.into_iter().collect();
        let mut records = Vec::new();
        for id in ids.iter().filter(|id| is_planned(id)) {
            if let Some(files) = snapshot.ticket(id)? {
                records.extend(self::of(snapshot, &files).unwrap_or_default());
            }
        }
        Ok(Running { ids, records })
    }

    /// The tickets that their plans name.
    pub fn named(&self) -> impl Iterator<Item = TicketId> + '_ {
        self.records.iter().filter_map(|record| TicketId::parse(record.related_ticket.as_deref()?))
    }

    /// Whether nothing is in progress.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// What the plans say against starting a ticket now; `own` are its records.
    pub fn clashes(&self, id: TicketId, own: &[Record]) -> Vec<Clash> {
        readiness::clashes(id, own.iter().chain(&self.records), |other| self.ids.contains(other))
    }
}
