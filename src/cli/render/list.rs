//! A table of tickets, told row by row: what [`Table`](crate::ui::table::Table) does for rows that are all there,
//! without holding them.

use std::io::{self, Write};

use crate::model::glance::{Columns, Glance, Taker};
use crate::model::id;
use crate::ui::color::{Painter, Style};
use crate::ui::moment::Days;
use crate::ui::sanitize::line;
use crate::ui::table;

use super::state_style;

/// Writes a table as its rows are told.
pub struct Rows<'w> {
    out: &'w mut dyn Write,
    painter: &'w Painter,
    /// The width rows must fit in; `None` where nothing is shortened.
    width: Option<usize>,
    /// Where the columns of state, day and title begin.
    starts: [usize; 3],
    days: Days,
    text: String,
    title: String,
    outcome: io::Result<()>,
}

impl<'w> Rows<'w> {
    /// A table that is written to `out`.
    pub fn new(out: &'w mut dyn Write, painter: &'w Painter, width: Option<usize>) -> Self {
        Rows {
            out,
            painter,
            width,
            starts: [0; 3],
            days: Days::default(),
            text: String::new(),
            title: String::new(),
            outcome: Ok(()),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(self) -> io::Result<()> {
        self.outcome?;
        self.out.flush()
    }

    fn write(&mut self, row: &Glance) {
        let (text, painter) = (&mut self.text, self.painter);
        text.clear();
        let (front, end) = row.id.as_str().split_at(id::LENGTH - row.suffix.min(id::LENGTH));
        painter.paint_to(text, Style::Dim, front);
        painter.paint_to(text, Style::IdentifierSuffix, end);
        let mut column = id::LENGTH;
        let mut blanks = |text: &mut String, start: usize, width: usize| {
            text.extend(std::iter::repeat_n(' ', start - column));
            column = start + width;
        };
        let state = row.state.word();
        blanks(text, self.starts[0], state.len());
        painter.paint_to(text, state_style(row.state), state);
        if let Some(at) = row.updated_at {
            let day = self.days.of(at.seconds());
            blanks(text, self.starts[1], table::width(day));
            painter.paint_to(text, Style::Dim, day);
        }
        set_title(&mut self.title, row);
        if !self.title.is_empty() {
            blanks(text, self.starts[2], 0);
            let room = self.width.map(|width| width.saturating_sub(self.starts[2]));
            match room.filter(|room| table::width(&self.title) > *room) {
                Some(room) => text.push_str(&table::shorten(&self.title, room)),
                None => text.push_str(&self.title),
            }
        }
        text.push('\n');
    }
}

/// The title and the labels as one line.
fn set_title(title: &mut String, row: &Glance) {
    title.clear();
    title.push_str(&line(row.title));
    let mut before = " [";
    for label in row.labels.each() {
        title.push_str(before);
        title.push_str(&line(label));
        before = ", ";
    }
    if before == ", " {
        title.push(']');
    }
    title.truncate(title.trim_end().len());
}

impl Taker for Rows<'_> {
    fn begin(&mut self, columns: &Columns) -> bool {
        let states = columns.states.iter().map(|state| state.word().len()).max().unwrap_or(0);
        let day = if columns.has_times { Days::WIDTH } else { 0 };
        let state_at = id::LENGTH + table::GAP;
        let day_at = state_at + states + table::GAP;
        self.starts = [state_at, day_at, day_at + day + table::GAP];
        true
    }

    fn take(&mut self, row: &Glance) -> bool {
        self.write(row);
        self.outcome = self.out.write_all(self.text.as_bytes());
        self.outcome.is_ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::id::TicketId;
    use crate::model::moment::Moment;
    use crate::model::state::State;
    use crate::model::summary::Summary;

    fn ticket(number: u64, state: State, at: Option<i64>, title: &str, labels: &[&str]) -> Summary {
        Summary {
            id: TicketId::from_millis(1_782_398_643_212 + number),
            suffix: 4 + number as usize % 9,
            title: title.to_owned(),
            state,
            created_at: None,
            updated_at: at.map(Moment::from_seconds),
            assignee: None,
            readiness: None,
            risk_flags: Vec::new(),
            queued_by: None,
            queued_at: None,
            priority: None,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            blockers: Vec::new(),
            gate: crate::model::readiness::Gate::Closed,
            verdict: None,
            creator: None,
            events_at: Vec::new(),
        }
    }

    #[test]
    fn rows_that_are_told_look_like_those_of_a_table() {
        let long = "long ".repeat(30);
        let tickets = [
            ticket(1, State::Planning, Some(1_782_405_060), "a title", &["x", "y"]),
            ticket(2, State::InProgress, Some(1_700_000_000), "\u{1b}[31mred\n 漢字", &["l\ta"]),
            ticket(3, State::Closed, None, "without a time", &[]),
            ticket(4, State::Done, Some(-1), "", &[]),
            ticket(5, State::Ready, Some(i64::MAX), &long, &["z"]),
            ticket(6, State::Ready, Some(0), "ends in blanks  ", &[]),
            ticket(7, State::Queued, Some(1_743_296_400), &"漢".repeat(60), &[" "]),
        ];
        for from in 0..tickets.len() {
            let tickets = &tickets[from..];
            for painter in [Painter::plain(), Painter::new(true)] {
                for width in [None, Some(80), Some(30), Some(3)] {
                    let mut told = Vec::new();
                    let mut rows = Rows::new(&mut told, &painter, width);
                    assert!(rows.begin(&Columns::of(tickets)));
                    assert!(tickets.iter().all(|ticket| rows.take(&Glance::from(ticket))));
                    rows.finish().unwrap();
                    let wanted = super::super::list(tickets, &painter, width);
                    assert_eq!(String::from_utf8(told).unwrap(), wanted);
                }
            }
        }
    }
}
