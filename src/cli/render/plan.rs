//! The orchestration plan on a screen.

use crate::model::plan::{Kind, Record};
use crate::model::state::State;
use crate::ops::plans::Listed;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize::line;

/// Records below the tickets they belong to.
pub fn list(records: &[Listed], painter: &Painter) -> String {
    let mut out = String::new();
    let mut last = None;
    for listed in records {
        let id = listed.record.ticket_id;
        if last.replace(id) != Some(id) {
            let gap = if out.is_empty() { "" } else { "\n" };
            let id = painter.paint(Style::Identifier, id.as_str());
            out.push_str(&format!("{gap}{id} {}\n", line(&listed.title)));
        }
        out.push_str(&record(listed, painter));
    }
    out
}

fn record(listed: &Listed, painter: &Painter) -> String {
    let about = about(&listed.record, listed.related_state);
    let style = if listed.is_open { Style::Active } else { Style::Dim };
    let over = if listed.is_open { "" } else { " (over)" };
    let name = format!("{} by {}", line(&listed.name), line(&listed.record.author));
    let mut out = format!("  {}{over}  {}\n", painter.paint(style, &about), painter.paint(Style::Dim, &name));
    let mut add = |label: &str, text: &str| {
        for (number, words) in text.lines().enumerate() {
            let label = if number == 0 { label } else { "" };
            out.push_str(&format!("    {label}{}\n", line(words)));
        }
    };
    if let Some(plan) = &listed.record.accepted_plan {
        add("", &plan.summary);
        for (label, text) in
            [("branch: ", &plan.branch), ("worktree: ", &plan.worktree), ("roles: ", &plan.role_plan)]
        {
            add(label, text.as_deref().unwrap_or_default());
        }
    }
    add("", listed.record.note.as_deref().unwrap_or_default());
    out
}

/// What a record says, in one line.
pub fn about(record: &Record, related_state: Option<State>) -> String {
    let kind = record.kind.word().replace('_', " ");
    match (&record.related_ticket, record.kind) {
        (_, Kind::AcceptedPlan) => "accepted".to_owned(),
        (_, Kind::WaitingCapacityNote) => "waits for capacity".to_owned(),
        (Some(other), _) => {
            let state = related_state.map_or("missing", State::word);
            format!("{kind} {} ({state})", line(other))
        }
        (None, _) => kind,
    }
}
