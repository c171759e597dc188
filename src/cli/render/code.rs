//! Commits and lines of code with their tickets, as words on a screen. All text is sanitised here.

use crate::model::commit::Commit;
use crate::model::id::LENGTH;
use crate::ops::blame::{Blamed, Line};
use crate::ops::links::Held;
use crate::ops::log::Logged;
use crate::ops::missing::Ticketless;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize::{block, line};
use crate::ui::table::{Cell, Table};
use crate::ui::{moment, sanitize};

/// The end of a ticket's id that names it.
fn suffix(held: &Held) -> &str {
    &held.id.as_str()[LENGTH - held.suffix..]
}

/// The day a commit was written, by the local clock.
fn day(commit: &Commit) -> String {
    let moment = moment::local(commit.key.seconds);
    moment.get(..10).unwrap_or(&moment).to_owned()
}

/// A commit of the log in one line: short id, day, author, subject, and its tickets.
pub fn logged(logged: &Logged, painter: &Painter) -> String {
    let commit = &logged.commit;
    let mut out = format!(
        "{} {} {} {}",
        painter.paint(Style::Code, commit.short()),
        painter.paint(Style::Dim, &day(commit)),
        line(&commit.author),
        line(&commit.key.subject)
    );
    for (index, held) in logged.tickets.iter().enumerate() {
        out.push_str(if index == 0 { "  " } else { " " });
        let id = painter.paint(Style::Identifier, suffix(held));
        out.push_str(&format!("[{}]", format!("{id} {}", line(&held.title)).trim_end()));
    }
    out
}

/// A commit without a ticket in one line, with what it names in vain.
pub fn ticketless(found: &Ticketless, painter: &Painter) -> String {
    let commit = &found.commit;
    let mut out = format!("{} {}", painter.paint(Style::Code, commit.short()), line(&commit.key.subject));
    for id in &found.unknown {
        out.push_str(&format!(" (names {id}: no such ticket)"));
    }
    for name in &found.strange {
        out.push_str(&format!(" (names '{}': no full id)", line(name)));
    }
    out
}

/// A file, line by line.
pub fn blamed(blamed: &Blamed, painter: &Painter) -> String {
    let digits = blamed.lines.iter().map(|line| line.number).max().unwrap_or(0).to_string().len();
    let mut table = Table::new();
    for line in &blamed.lines {
        table.push(origin(blamed, line, digits));
    }
    let origins = table.render(painter, None);
    let mut out = String::new();
    for (origin, line) in origins.lines().zip(&blamed.lines) {
        out.push_str(origin);
        // The line end of other systems is no text.
        match line.text.strip_suffix('\r').unwrap_or(&line.text) {
            "" => {}
            text => out.extend([" ", &block(text)]),
        }
        out.push('\n');
    }
    out
}

/// Where a line comes from: commit, tickets, author, day, number.
fn origin(blamed: &Blamed, line: &Line, digits: usize) -> Vec<Cell> {
    let tickets = blamed.tickets(line).iter().map(suffix).collect::<Vec<_>>().join(",");
    let (short, author, day) = match blamed.commit(line) {
        Some(commit) => {
            let edge = if line.is_boundary { "^" } else { "" };
            (format!("{edge}{}", commit.short()), commit.author.clone(), day(commit))
        }
        None => ("00000000".to_owned(), "not committed".to_owned(), String::new()),
    };
    vec![
        Cell::styled(&short, Style::Code),
        Cell::styled(if tickets.is_empty() { "-" } else { &tickets }, Style::Identifier),
        Cell::plain(&format!("({}", sanitize::line(&author))),
        Cell::styled(&day, Style::Dim),
        Cell::plain(&format!("{:>digits$})", line.number)),
    ]
}
