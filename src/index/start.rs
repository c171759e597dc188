//! Queued tickets that wait for nothing, in the order in which they are to be started; and what says more of when a
//! ticket may start: which tickets have a plan, which were held back.

use rusqlite::{Connection, params};

use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::priority;
use crate::model::state::State;
use crate::model::summary::Summary;

use super::{Index, key, row};

/// What is made before rows are put in.
pub(super) const TABLES: &str = "
CREATE TABLE start(
    rank INTEGER, word TEXT, -- how urgent it is: model::priority
    since INTEGER,           -- the second since when it waits; not known: the largest number
    ticket INTEGER,          -- of several, the oldest first
    assignee TEXT,
    PRIMARY KEY(rank, word, since, ticket DESC)
) WITHOUT ROWID;
CREATE TABLE plan(ticket INTEGER PRIMARY KEY); -- it has a file with records of the plan
CREATE TABLE held(ticket INTEGER PRIMARY KEY); -- it is queued, and the last decision about it holds it back
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Notes {
    /// It has a file with records of the plan.
    pub(super) has_plan: bool,
    /// It is queued, and the last decision about it holds it back.
    pub(super) is_held: bool,
}

impl Notes {
    /// Puts them in the place of what was known.
    pub(super) fn replace(self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        connection.prepare_cached("DELETE FROM plan WHERE ticket = ?1")?.execute([number])?;
        connection.prepare_cached("DELETE FROM held WHERE ticket = ?1")?.execute([number])?;
        self.insert(connection, number)
    }

    /// Puts them where nothing was known.
    pub(super) fn insert(self, connection: &Connection, number: i64) -> rusqlite::Result<()> {
        if self.has_plan {
            connection.prepare_cached("INSERT INTO plan VALUES(?1)")?.execute([number])?;
        }
        if self.is_held {
            connection.prepare_cached("INSERT INTO held VALUES(?1)")?.execute([number])?;
        }
        Ok(())
    }
}

/// Who stands in line, and what may keep some of them from being started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// How many tickets are queued and wait for nothing.
    pub total: usize,
    /// Those of them that are somebody's, and whose.
    pub taken: Vec<(TicketId, String)>,
    /// Queued tickets with a file of the plan, be they in line or not.
    pub planned: Vec<TicketId>,
    /// The tickets in progress.
    pub running: Vec<TicketId>,
    /// Those of them with a file of the plan.
    pub planned_running: Vec<TicketId>,
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
            let in_progress = row::state_code(State::InProgress);
            let running = "SELECT ticket FROM row WHERE state = ?1";
            let planned = "SELECT ticket FROM plan NATURAL JOIN place WHERE state = ?1";
            Ok(Line {
                total: usize::try_from(total).unwrap_or(0),
                taken: taken.collect::<rusqlite::Result<_>>()?,
                planned: self.ids(planned, [row::state_code(State::Queued)])?,
                running: self.ids(running, [in_progress])?,
                planned_running: self.ids(planned, [in_progress])?,
            })
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

    /// The queued tickets that the last decision about them holds back, in order of id.
    pub fn held(&self) -> Option<Vec<TicketId>> {
        self.told(self.ids("SELECT ticket FROM held ORDER BY ticket DESC", ()))
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
