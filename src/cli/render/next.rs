//! What can start now, on a screen.

use crate::model::moment::Moment;
use crate::model::readiness::{Clash, Obstacle};
use crate::model::state::State;
use crate::ops::next::{Candidate, Explained, Routing};
use crate::ui::color::{Painter, Style};
use crate::ui::moment;
use crate::ui::sanitize::line;
use crate::ui::table::{Cell, Table};

use super::{id_cell, plan};

/// Tickets that can start, one a line: id, priority, day they were queued, what is to be decided, title.
pub fn list(tickets: &[Candidate], painter: &Painter, width: Option<usize>) -> String {
    let mut table = Table::new();
    for Candidate { ticket, routing } in tickets {
        let queued = ticket.queued_at.as_deref().and_then(Moment::parse).or(ticket.created_at);
        let day = queued.map(|at| moment::local(at.seconds())).unwrap_or_default();
        table.push(vec![
            id_cell(&ticket.id, ticket.suffix, painter),
            Cell::plain(&line(ticket.priority.as_deref().unwrap_or("-"))),
            Cell::styled(day.get(..10).unwrap_or(&day), Style::Dim),
            Cell::styled(&mark(routing), if routing.is_due { Style::Warning } else { Style::Dim }),
            Cell::plain(&line(&ticket.title)),
        ]);
    }
    table.render(painter, width)
}

pub(super) fn mark(routing: &Routing) -> String {
    match &routing.word {
        None => "not routed".to_owned(),
        Some(_) if routing.is_due => "route again".to_owned(),
        Some(word) => line(word).into_owned(),
    }
}

/// Why a ticket can start or can't.
pub fn explained(explained: &Explained, painter: &Painter) -> String {
    let id = painter.paint(Style::Identifier, explained.id.as_str());
    let can = match explained.obstacles.is_empty() {
        true => painter.paint(Style::Good, "can start now"),
        false => painter.paint(Style::Warning, "can't start now"),
    };
    let mut out = format!("{id} \"{}\" {can}\n", line(&explained.title));
    for obstacle in &explained.obstacles {
        out.push_str(&format!("  {}\n", why(obstacle, explained)));
    }
    if let Some(word) = &explained.routing.word {
        let again = if explained.routing.is_due { "; route again: what held it back is over" } else { "" };
        out.push_str(&format!("  last routing decision: {}{again}\n", line(word)));
    } else if explained.state == State::Queued {
        out.push_str("  nobody has routed it yet\n");
    }
    for (word, other, state) in &explained.notices {
        let state = state.map_or("missing", State::word);
        out.push_str(&format!("  note: {} {other} ({state})\n", word.replace('_', " ")));
    }
    for (record, state) in &explained.advice {
        let note = record.note.as_deref().and_then(|note| note.lines().next());
        let note = note.map(|note| format!(": {}", line(note))).unwrap_or_default();
        out.push_str(&format!("  plan: {}{note}\n", plan::about(record, *state)));
    }
    out
}

fn why(obstacle: &Obstacle, explained: &Explained) -> String {
    let id = explained.id;
    match obstacle {
        Obstacle::State(State::Planning) => format!("it is planning: git yoi state {id} ready -m <summary>"),
        Obstacle::State(State::Ready | State::Queued) => {
            format!("it is ready, not queued: git yoi queue {id}")
        }
        Obstacle::State(State::InProgress) => "it is in progress already".to_owned(),
        Obstacle::State(state) => format!("it is {state} already"),
        Obstacle::Blocker(blocker) => {
            let state = blocker.state.map_or("missing", State::word);
            format!("it waits for {} ({state}), by {}", blocker.id, blocker.via.word().replace('_', " "))
        }
        Obstacle::Taken(assignee) => format!("it is assigned to {}", line(assignee)),
        Obstacle::Clash(Clash { id, kind, note }) => {
            let note = note.as_deref().and_then(|note| note.lines().next());
            let note = note.map(|note| format!(": {}", line(note))).unwrap_or_default();
            format!("{} {id}, which is in progress{note}", kind.word().replace('_', " "))
        }
    }
}
