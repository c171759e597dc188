//! How things stand, on a screen.

use crate::model::id;
use crate::model::readiness::{Blocker, Gate};
use crate::model::state::State;
use crate::ops::status::{Contact, Current, Item, Part, Section, Short, Standing, Status};
use crate::store::amount::Amount;
use crate::ui::color::{Painter, Style};
use crate::ui::moment;
use crate::ui::sanitize::line;
use crate::ui::table::{Cell, Table};

use super::{id_cell, next, state_style};

/// The lines of a screen that is not tall, less the prompt.
const LINES: usize = 23;

/// The branch, the sections that are not empty, the remotes. With `fits`, no more rows than a screen has.
pub fn status(status: &Status, fits: bool, now: u64, painter: &Painter, width: Option<usize>) -> String {
    let mut out = current(&status.current, status.actor.as_deref(), painter);
    let sections: Vec<&Section> = status.sections.iter().filter(|section| section.total > 0).collect();
    if sections.is_empty() {
        let words = match status.known {
            0 => "no tickets yet: git yoi create <title>",
            _ => "nothing waits here: git yoi list",
        };
        out.push_str(&format!("{words}\n"));
    }
    let fixed = out.lines().count() + sections.len() + status.remotes.len();
    let mut rows: Vec<usize> = sections.iter().map(|section| section.items.len()).collect();
    while fits && fixed + rows.iter().sum::<usize>() > LINES {
        // The longest one gives a row, the last of several.
        let Some(longest) = rows.iter_mut().rev().max_by_key(|number| **number).filter(|number| **number > 1)
        else {
            break;
        };
        *longest -= 1;
    }
    for (section, rows) in sections.iter().zip(rows) {
        out.push_str(&heading(section, rows, painter));
        let mut table = Table::new();
        for item in &section.items[..rows] {
            let (detail, style) = detail(section.part, item);
            table.push(vec![
                Cell::plain(""),
                id_cell(&item.ticket.id, item.ticket.suffix, painter),
                Cell::styled(&detail, style),
                Cell::plain(&line(&item.ticket.title)),
            ]);
        }
        out.push_str(&table.render(painter, width));
    }
    for contact in &status.remotes {
        out.push_str(&format!("{}\n", remote(contact, now, painter)));
    }
    out
}

fn current(current: &Current, actor: Option<&str>, painter: &Painter) -> String {
    let place = match &current.branch {
        Some(branch) => format!("on {}", line(branch)),
        None => "on no branch".to_owned(),
    };
    let Some(item) = &current.item else {
        let why = match current.named {
            Some(id) => format!("its ticket {id} is not here"),
            None => "no ticket".to_owned(),
        };
        return format!("{place}: {why}\n");
    };
    let ticket = &item.ticket;
    let (front, end) = ticket.id.as_str().split_at(id::LENGTH - ticket.suffix);
    let id = format!("{}{}", painter.paint(Style::Dim, front), painter.paint(Style::IdentifierSuffix, end));
    let state = painter.paint(state_style(ticket.state), ticket.state.word());
    let whose = match ticket.assignee.as_deref() {
        None => "nobody's".to_owned(),
        Some(assignee) if Some(assignee) == actor => "yours".to_owned(),
        Some(assignee) => line(assignee).into_owned(),
    };
    let gate = ticket.gate.word().replace('_', " ");
    let mut out = format!("{place}: {id} \"{}\" {state}, {gate}, {whose}\n", line(&ticket.title));
    if ticket.is_blocked() {
        out.push_str(&format!("  {}\n", blockers(&ticket.blockers)));
    }
    if let Some(words) = &item.attention {
        out.push_str(&format!("  {}\n", painter.paint(Style::Warning, &line(words))));
    }
    out
}

fn heading(section: &Section, rows: usize, painter: &Painter) -> String {
    let name = match section.part {
        Part::Attention => "needs attention",
        Part::Work => "your work",
        Part::Assigned => "assigned to you",
        Part::AwaitingReview => "to review",
        Part::AwaitingLanding => "approved, to land",
        Part::RouteAgain => "route again",
        Part::NeedsQueue => "to queue",
        Part::NeedsIntake => "needs intake",
        Part::Running => "in progress",
        Part::CanStart => "can start",
        Part::Blocked => "blocked",
        Part::AwaitingClose => "done, to close",
    };
    let total = match rows < section.total {
        true => format!("{rows} of {}", section.total),
        false => section.total.to_string(),
    };
    let command = painter.paint(Style::Dim, &section.command);
    format!("{} ({total})  {command}\n", painter.paint(Style::Emphasis, name))
}

/// What to know of a ticket before its title.
fn detail(part: Part, item: &Item) -> (String, Style) {
    let ticket = &item.ticket;
    let gate = ticket.gate.word().replace('_', " ");
    let urgency = || line(ticket.priority.as_deref().unwrap_or("-")).into_owned();
    match part {
        Part::Attention => (line(item.attention.as_deref().unwrap_or_default()).into_owned(), Style::Warning),
        Part::Work | Part::Assigned if ticket.is_blocked() => (blockers(&ticket.blockers), Style::Dim),
        Part::Work | Part::Assigned => (gate, Style::Dim),
        Part::AwaitingReview | Part::AwaitingLanding | Part::Running => {
            let assignee = line(ticket.assignee.as_deref().unwrap_or("nobody"));
            (format!("{assignee}, {gate}"), Style::Dim)
        }
        Part::Blocked => (blockers(&ticket.blockers), Style::Dim),
        Part::CanStart => {
            let mark = item.routing.as_ref().map(next::mark).unwrap_or_default();
            let urgent = ticket.priority.as_deref().map(|priority| format!("{}, ", line(priority)));
            (format!("{}{mark}", urgent.unwrap_or_default()), Style::Dim)
        }
        Part::RouteAgain | Part::NeedsQueue | Part::NeedsIntake | Part::AwaitingClose => {
            (urgency(), Style::Dim)
        }
    }
}

/// What a ticket waits for.
fn blockers(blockers: &[Blocker]) -> String {
    let open: Vec<&Blocker> = blockers.iter().filter(|blocker| blocker.is_unresolved()).collect();
    let more = match open.len() {
        0 | 1 => String::new(),
        number => format!(" and {} more", number - 1),
    };
    let words = |blocker: &&Blocker| {
        let state = blocker.state.map_or("missing", State::word);
        format!("waits for {} ({state}){more}", blocker.id)
    };
    open.first().map(words).unwrap_or_default()
}

fn remote(contact: &Contact, now: u64, painter: &Painter) -> String {
    let amount = |amount: &Option<Amount>| match amount {
        None => "much".to_owned(),
        Some(amount) => {
            let (events, tickets) = (amount.events, amount.tickets);
            let (one, other) = (if events == 1 { "" } else { "s" }, if tickets == 1 { "" } else { "s" });
            format!("{events} event{one} in {tickets} ticket{other}")
        }
    };
    let (ahead, behind) = (amount(&contact.ahead), amount(&contact.behind));
    let (words, style) = match contact.standing {
        Standing::Unknown => ("tickets never sent: git yoi sync".to_owned(), Style::Warning),
        Standing::Same => ("has the same tickets".to_owned(), Style::Good),
        Standing::Ahead => (format!("{ahead} not sent: git yoi sync"), Style::Warning),
        Standing::Behind => (format!("{behind} not merged here: git yoi sync"), Style::Warning),
        Standing::Apart => {
            (format!("{ahead} not sent, {behind} not merged here: git yoi sync"), Style::Warning)
        }
    };
    let seconds = |millis: u64| i64::try_from(millis / 1000).unwrap_or(i64::MAX);
    let met = match contact.met {
        Some(met) => format!("last met {}", moment::relative(seconds(met), seconds(now))),
        None => "never met".to_owned(),
    };
    let refused =
        contact.refused.as_deref().map(|why| format!("; refused: {}", line(why))).unwrap_or_default();
    format!("{}: {} ({met}{refused})", line(&contact.name), painter.paint(style, &words))
}

/// One line for a prompt; nothing when there is nothing to say.
pub fn short(short: &Short) -> String {
    let mut words = Vec::new();
    if let Some(ticket) = &short.current {
        let end = &ticket.id.as_str()[id::LENGTH - ticket.suffix..];
        words.push(format!("@{end}:{}", ticket.gate.word()));
    }
    let named = [
        (Gate::CanStart, "start"),
        (Gate::AwaitingReview, "review"),
        (Gate::AwaitingLanding, "land"),
        (Gate::NeedsQueue, "queue"),
        (Gate::NeedsIntake, "intake"),
        (Gate::AwaitingClose, "close"),
    ];
    for (gate, name) in named {
        match short.numbers.get(&gate) {
            None | Some(0) => {}
            Some(number) => words.push(format!("{name}:{number}")),
        }
    }
    if short.is_unsynced {
        words.push("unsynced".to_owned());
    }
    if words.is_empty() { String::new() } else { format!("{}\n", words.join(" ")) }
}
