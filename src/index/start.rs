//! Queued tickets that wait for nothing, in the order in which they are to be started; and what says more of when a
//! ticket may start: which tickets have a plan, which were held back.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::plan::{self, Record};
use crate::model::priority;
use crate::model::readiness::Gate;
use crate::model::relation;
use crate::model::state::State;
use crate::model::summary::Summary;

use super::look::{self, Look};
use super::{Index, damaged, key, patch, row, ticket};

/// What is made before rows are put in.
pub(super) const TABLES: &str = "
CREATE TABLE start(
    rank INTEGER, word TEXT, -- how urgent it is: model::priority
    since INTEGER,           -- the second since when it waits; not known: the largest number
    ticket INTEGER,          -- of several, the oldest first
    assignee TEXT,
    PRIMARY KEY(rank, word, since, ticket DESC)
) WITHOUT ROWID;
CREATE TABLE plan(ticket INTEGER PRIMARY KEY, is_readable INTEGER NOT NULL); -- it has a file of the plan
CREATE TABLE record(
    ticket INTEGER, position INTEGER, -- the ticket whose file has it, and where
    source INTEGER NOT NULL, kind INTEGER NOT NULL, related TEXT,
    PRIMARY KEY(ticket, position)
) WITHOUT ROWID;
";

/// What is made afterwards.
pub(super) const ORDERS: &str =
    "CREATE INDEX start_taken ON start(assignee, ticket) WHERE assignee IS NOT NULL;";

/// When a queued ticket is to be started.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    rank: u32,
    word: String,
    since: i64,
    assignee: Option<String>,
}

impl Turn {
    /// Of a queued ticket; `None` of others.
    pub(super) fn of(summary: &Summary) -> Option<Self> {
        if summary.state != State::Queued {
            return None;
        }
        let (rank, word) = priority::rank(summary.priority.as_deref());
        Some(Turn {
            rank,
            word,
            since: since(summary).map_or(i64::MAX, Moment::seconds),
            assignee: summary.assignee.clone(),
        })
    }

    /// Lines a ticket up.
    pub(super) fn insert(&self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached("INSERT INTO start VALUES(?1, ?2, ?3, ?4, ?5)")?
            .execute(params![self.rank, self.word, self.since, number, self.assignee])
            .map(drop)
    }

    /// Takes a ticket out of the line.
    pub(super) fn remove(&self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        connection
            .prepare_cached("DELETE FROM start WHERE rank = ?1 AND word = ?2 AND since = ?3 AND ticket = ?4")?
            .execute(params![self.rank, self.word, self.since, number])
            .map(drop)
    }
}

/// Since when a ticket waits to be started.
fn since(summary: &Summary) -> Option<Moment> {
    summary.queued_at.as_deref().and_then(Moment::parse).or(summary.created_at)
}

/// What a ticket's own files say of when it may start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Notes {
    /// The records of the plan, if it has such a file; the inner `None` when that is no text.
    pub(super) plan: Option<Option<Vec<Record>>>,
    /// What its thread says, where that was read.
    pub(super) look: Option<Look>,
}

impl Notes {
    /// Puts them in the place of what was known.
    pub(super) fn replace(&self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        if connection.prepare_cached("DELETE FROM plan WHERE ticket = ?1")?.execute([number])? > 0 {
            connection.prepare_cached("DELETE FROM record WHERE ticket = ?1")?.execute([number])?;
        }
        if self.look.is_none() {
            look::forget(connection, number)?;
        }
        self.insert(connection, number)
    }

    /// Puts them where nothing was known.
    pub(super) fn insert(&self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        if let Some(records) = &self.plan {
            connection
                .prepare_cached("INSERT INTO plan VALUES(?1, ?2)")?
                .execute((number, records.is_some()))?;
        }
        for (position, record) in self.plan.iter().flatten().flatten().enumerate() {
            connection.prepare_cached("INSERT INTO record VALUES(?1, ?2, ?3, ?4, ?5)")?.execute(params![
                number,
                i64::try_from(position).unwrap_or(i64::MAX),
                key::number(&record.ticket_id),
                kind_code(record.kind),
                record.related_ticket,
            ])?;
        }
        self.look.as_ref().map_or(Ok(()), |look| look.put(connection, number))
    }
}

/// Who stands in line, and what may keep some of them from being started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// How many tickets are queued and wait for nothing.
    pub total: usize,
    /// Those of them that are somebody's, and whose.
    pub taken: Vec<(TicketId, String)>,
    /// What the plans of queued tickets say, be they in line or not.
    pub planned: Planned,
    /// Of the tickets that those plans name or are of, and of those with the next plans, the ones in progress.
    pub running: Vec<TicketId>,
    /// What the plans of tickets in progress say.
    pub running_planned: Planned,
}

/// Records of the plan by the ticket that has them: of a record its ticket, its kind and the other ticket, no more.
pub type Planned = BTreeMap<TicketId, Vec<Record>>;

/// Records as in [`Planned`], with where the other tickets stand.
pub type Stated = Vec<(Record, Option<State>)>;

/// A queued ticket that the last decision about it held back, and what may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The ticket.
    pub ticket: Summary,
    /// What its plan says; `None` when that can't be read.
    pub planned: Option<Stated>,
}

fn kind_code(kind: plan::Kind) -> u8 {
    plan::Kind::ALL.iter().position(|other| *other == kind).and_then(|at| u8::try_from(at).ok()).unwrap_or(0)
}

/// What matters of a record: its ticket, its kind and the other ticket.
fn record(row: &Row) -> rusqlite::Result<Record> {
    let kind = plan::Kind::ALL.get(usize::from(row.get::<_, u8>(2)?)).ok_or_else(damaged)?;
    Ok(Record {
        id: String::new(),
        ticket_id: key::id(row.get(1)?),
        kind: *kind,
        related_ticket: row.get(3)?,
        note: None,
        accepted_plan: None,
        author: String::new(),
        at: String::new(),
    })
}

impl Index {
    /// Who stands in line.
    pub fn line(&self) -> Option<Line> {
        let read = || {
            let connection = &self.connection;
            let total: i64 =
                connection.prepare_cached("SELECT count(*) FROM start")?.query_row((), |row| row.get(0))?;
            let mut taken =
                connection.prepare_cached("SELECT ticket, assignee FROM start WHERE assignee IS NOT NULL")?;
            let taken = taken.query_map((), |row| Ok((key::id(row.get(0)?), row.get(1)?)))?;
            let (planned, running_planned) =
                (self.planned_in(State::Queued)?, self.planned_in(State::InProgress)?);
            Ok(Line {
                total: usize::try_from(total).unwrap_or(0),
                taken: taken.collect::<rusqlite::Result<_>>()?,
                running: self.running_of(planned.values().chain(running_planned.values()).flatten())?,
                planned,
                running_planned,
            })
        };
        self.told(read())
    }

    /// Of the tickets that records are of or name, those in progress.
    fn running_of<'r>(&self, records: impl Iterator<Item = &'r Record>) -> rusqlite::Result<Vec<TicketId>> {
        let mut named = BTreeSet::new();
        for record in records {
            named.insert(record.ticket_id);
            named.extend(record.related_ticket.as_deref().and_then(TicketId::parse));
        }
        let mut running = Vec::new();
        for id in named {
            let state = patch::state(&self.connection, &id)?;
            running.extend((state == Some(State::InProgress)).then_some(id));
        }
        Ok(running)
    }

    /// The tickets in progress, and those of them that have records of the plan.
    pub fn running(&self) -> Option<(Vec<TicketId>, BTreeSet<TicketId>)> {
        let read = || {
            let running = "SELECT ticket FROM row WHERE state = ?1";
            let running = self.ids(running, [row::state_code(State::InProgress)])?;
            Ok((running, self.planned_in(State::InProgress)?.into_keys().collect()))
        };
        self.told(read())
    }

    /// The first of those in line for whom `is_wanted` says so, at most so many.
    pub fn first_in_line(&self, most: usize, is_wanted: impl Fn(&TicketId) -> bool) -> Option<Vec<TicketId>> {
        let read = || {
            let mut statement = self
                .connection
                .prepare_cached("SELECT ticket FROM start ORDER BY rank, word, since, ticket DESC")?;
            let mut rows = statement.query(())?;
            let mut found = Vec::new();
            while found.len() < most {
                let Some(row) = rows.next()? else { break };
                found.extend(Some(key::id(row.get(0)?)).filter(&is_wanted));
            }
            Ok(found)
        };
        self.told(read())
    }

    /// The tickets with a file of the plan, in order of id.
    pub fn planned(&self) -> Option<Vec<TicketId>> {
        self.told(self.ids("SELECT ticket FROM plan ORDER BY ticket DESC", ()))
    }

    fn planned_in(&self, state: State) -> rusqlite::Result<Planned> {
        let mut statement = self.connection.prepare_cached(
            "SELECT ticket, source, kind, related FROM record CROSS JOIN place USING(ticket)
             WHERE state = ?1 ORDER BY ticket, position",
        )?;
        let mut rows = statement.query([row::state_code(state)])?;
        let mut found = Planned::new();
        while let Some(row) = rows.next()? {
            found.entry(key::id(row.get(0)?)).or_default().push(record(row)?);
        }
        Ok(found)
    }

    /// The queued tickets that wait for no other one and that the last decision about them holds back, if other
    /// tickets can have been the reason: in order of id.
    pub fn held(&self) -> Option<Vec<Held>> {
        let read = || {
            let ids = self.ids(
                "SELECT ticket FROM look WHERE is_held AND (
                     EXISTS(SELECT 1 FROM plan WHERE plan.ticket = look.ticket)
                     OR EXISTS(SELECT 1 FROM relation WHERE source = look.ticket AND kind = ?1)
                     OR EXISTS(SELECT 1 FROM relation WHERE target = look.ticket AND kind = ?2))
                 ORDER BY ticket DESC",
                (ticket::kind_code(relation::Kind::DependsOn), ticket::kind_code(relation::Kind::Blocks)),
            )?;
            let mut found = self.try_of(&ids)?;
            found.retain(|ticket| ticket.gate == Gate::CanStart);
            found.into_iter().map(|ticket| Ok(Held { planned: self.plan_of(&ticket.id)?, ticket })).collect()
        };
        self.told(read())
    }

    /// What a ticket's plan says; the inner `None` when that can't be read.
    pub fn plan(&self, id: &TicketId) -> Option<Option<Stated>> {
        self.told(self.plan_of(id))
    }

    /// What a ticket's plan says; `None` when that can't be read.
    fn plan_of(&self, id: &TicketId) -> rusqlite::Result<Option<Stated>> {
        let number = key::number(id);
        let mut statement =
            self.connection.prepare_cached("SELECT is_readable FROM plan WHERE ticket = ?1")?;
        match statement.query_row([number], |row| row.get(0)).optional()? {
            None => return Ok(Some(Vec::new())),
            Some(false) => return Ok(None),
            Some(true) => {}
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT ticket, source, kind, related FROM record WHERE ticket = ?1 ORDER BY position",
        )?;
        let mut rows = statement.query([number])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let record = record(row)?;
            let related = record.related_ticket.as_deref().and_then(TicketId::parse);
            let state = related.map(|other| patch::state(&self.connection, &other)).transpose()?;
            found.push((record, state.flatten()));
        }
        Ok(Some(found))
    }

    /// The oldest ticket that is not closed: the inner `None` when all that can be read are.
    pub fn oldest_open(&self) -> Option<Option<TicketId>> {
        let question = "SELECT ticket FROM place WHERE state <> ?1 ORDER BY ticket DESC LIMIT 1";
        let found = self.ids(question, [row::state_code(State::Closed)]);
        self.told(found.map(|found| found.into_iter().next()))
    }

    /// The tickets that a question gives in its first column.
    pub(super) fn ids(
        &self,
        question: &str,
        values: impl rusqlite::Params,
    ) -> rusqlite::Result<Vec<TicketId>> {
        let mut statement = self.connection.prepare_cached(question)?;
        let numbers = statement.query_map(values, |row| row.get(0))?;
        numbers.map(|number| number.map(key::id)).collect()
    }
}
