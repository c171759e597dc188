//! What a ticket has to show for its work, as a table.

use crate::model::commit::short;
use crate::model::evidence::{Row, Status};
use crate::model::moment::Moment;
use crate::ops::show::Shown;
use crate::ui::color::{Painter, Style};
use crate::ui::moment;
use crate::ui::sanitize::line;
use crate::ui::table::{Cell, Table};

/// The table, and below it what is missing.
pub fn table(shown: &Shown, painter: &Painter, width: Option<usize>) -> String {
    let mut out = format!(
        "{} {}\n",
        painter.paint(Style::Identifier, shown.ticket.id.as_str()),
        painter.paint(Style::Heading, &line(&shown.ticket.title))
    );
    let mut table = Table::new();
    for row in &shown.evidence {
        table.push(cells(row));
    }
    out.push_str(&table.render(painter, width));
    let missing = shown.evidence.iter().filter(|row| row.status != Status::Good);
    let missing: Vec<String> = missing
        .map(|row| format!("{}{}", row.criterion.word(), if row.is_required { " (required)" } else { "" }))
        .collect();
    let last = match missing.is_empty() {
        true => painter.paint(Style::Good, "nothing is missing"),
        false => format!("{} {}", painter.paint(Style::Warning, "missing:"), missing.join(", ")),
    };
    out.push_str(&format!("{last}\n"));
    out
}

fn cells(row: &Row) -> Vec<Cell> {
    let style = match row.status {
        Status::Good => Style::Good,
        Status::Missing => Style::Dim,
        Status::Failed | Status::ChangesRequested | Status::Stale | Status::Reverted => Style::Warning,
    };
    let commit = row.commit.as_deref().map(short).unwrap_or_default();
    let at = row.at.as_deref().unwrap_or_default();
    let at = Moment::parse(at).map_or_else(|| line(at).into_owned(), |at| moment::local(at.seconds()));
    vec![
        Cell::plain(row.criterion.word()),
        Cell::styled(&row.status.word().replace('_', " "), style),
        Cell::styled(&line(commit), Style::Code),
        Cell::plain(&line(row.by.as_deref().unwrap_or_default())),
        Cell::styled(&at, Style::Dim),
        Cell::plain(&line(&row.words)),
    ]
}

/// A review that the branch went on from, in words; nothing for others.
pub fn stale(rows: &[Row]) -> Option<String> {
    let row = rows.iter().find(|row| row.status == Status::Stale)?;
    let commit = row.commit.as_deref().map(short).unwrap_or_default();
    Some(format!("stale: it approves {}, and {}", line(commit), line(&row.words)))
}
