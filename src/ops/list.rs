//! Listing tickets.

use crate::index::{Index, Told};
use crate::model::glance::{Columns, Glance, Taker};
use crate::model::query::Query;
use crate::store::snapshot::Snapshot;

use super::session::Session;
use super::survey::{self, Survey};

/// Lists tickets.
///
/// # Errors
/// When the tickets can't be listed; one that can't be read hides no other.
pub fn list(session: &Session, query: &Query) -> anyhow::Result<Survey> {
    survey::select(session, &session.snapshot()?, query)
}

/// Tells a list row by row: the same as [`list()`], without holding it where the index can tell it. The survey has
/// no tickets, but all else.
///
/// # Errors
/// As [`list()`].
pub fn each(session: &Session, query: &Query, taker: &mut dyn Taker) -> anyhow::Result<Survey> {
    let snapshot = session.snapshot()?;
    let mut after = After { taker, told: 0, wants_more: true };
    if Index::can_tell(query)
        && let Some(survey) = from_index(session, &snapshot, query, &mut after)
    {
        return Ok(survey);
    }
    let survey = survey::select(session, &snapshot, query)?;
    after.all(&survey);
    Ok(Survey { tickets: Vec::new(), ..survey })
}

fn from_index(session: &Session, snapshot: &Snapshot, query: &Query, after: &mut After) -> Option<Survey> {
    session.ask_index(snapshot, |index| {
        // What it could not read is looked at again before anything is told.
        let unreadable = survey::why_unreadable(snapshot, index.unreadable_tickets()?)?;
        let Told { rows, known } = index.each(query, after)?;
        Some(Survey { total: rows, known, unreadable, ..Survey::default() })
    })
}

/// Hands rows on, and knows how many: whoever has to begin again tells those that come after.
struct After<'t> {
    taker: &'t mut dyn Taker,
    told: usize,
    wants_more: bool,
}

impl After<'_> {
    fn all(&mut self, survey: &Survey) {
        let told = self.told;
        if told == 0 && !self.begin(&Columns::of(&survey.tickets)) {
            return;
        }
        for ticket in survey.tickets.iter().skip(told) {
            if !self.wants_more || !self.take(&Glance::from(ticket)) {
                return;
            }
        }
    }
}

impl Taker for After<'_> {
    fn begin(&mut self, columns: &Columns) -> bool {
        self.wants_more = self.taker.begin(columns);
        self.wants_more
    }

    fn take(&mut self, row: &Glance) -> bool {
        self.told += 1;
        self.wants_more = self.taker.take(row);
        self.wants_more
    }
}
