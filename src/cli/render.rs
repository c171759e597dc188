//! Tickets as words on a screen. All text from tickets is sanitised here.

pub mod code;
pub mod config;
pub mod diagram;
pub mod evidence;
pub mod graph;
pub mod list;
pub mod next;
pub mod patch;
pub mod plan;
pub mod status;
pub mod undo;

use crate::format::routing::Routed;
use crate::merge::What;
use crate::model::commit::short;
use crate::model::event::{Event, Kind};
use crate::model::evidence::COMMIT;
use crate::model::id::{self, TicketId};
use crate::model::readiness::Gate;
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::model::undo as retraction;
use crate::ops::commits::Linked;
use crate::ops::session::Echo;
use crate::ops::show::{self, Other, Shown};
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize::line;
use crate::ui::table::{Cell, Table};
use crate::ui::{markdown, moment};

/// What a write did, in one line, and one for each ticket that can go on now.
pub fn echo(echo: &Echo, painter: &Painter) -> String {
    let id = painter.paint(Style::Identifier, echo.id.as_str());
    let mut out = format!("{id} \"{}\": {}\n", line(&echo.title), line(&echo.summary));
    for (id, title) in &echo.unblocked {
        out.push_str(&format!("{} {id} \"{}\"\n", painter.paint(Style::Good, "unblocked:"), line(title)));
    }
    out
}

/// What a merge did to a file, in words.
pub fn merged(what: &What) -> String {
    match what {
        What::Joined => "both changes are in it".to_owned(),
        What::Decided { field } => format!("both set {field}; the later counts"),
        What::MovedApart => "moved to different states; the later move counts".to_owned(),
        What::Claimed { by, lost } => {
            format!("{by} has it; {} took it too, and was later", lost.join(", "))
        }
        What::Overlapped { field } => {
            format!("two versions of {field}; the later counts, the other is in the thread")
        }
        What::KeptBoth { second } => format!("two versions; the second is kept as {second}"),
        What::Restored => "was missing on one side; it stays".to_owned(),
        What::SameId { id } => format!("two events have the id {id}; both are kept"),
        What::Moved { from, to } => format!("two tickets had the id {from}; one is {to} now"),
    }
}

/// The rule by which a merge did something to a file, a stable word.
pub fn rule(what: &What) -> &'static str {
    match what {
        What::Joined => "joined",
        What::Decided { .. } => "later_counts",
        What::MovedApart => "later_move_counts",
        What::Claimed { .. } => "first_claim_counts",
        What::Overlapped { .. } => "conflict_kept",
        What::KeptBoth { .. } => "both_kept",
        What::Restored => "restored",
        What::SameId { .. } => "same_id",
        What::Moved { .. } => "moved",
    }
}

pub(super) fn state_style(state: State) -> Style {
    match state {
        State::Planning | State::Ready => Style::Waiting,
        State::Queued | State::InProgress => Style::Active,
        State::Done => Style::Good,
        State::Closed => Style::Dim,
    }
}

/// An id with the end that names it emphasised.
pub(super) fn id_cell(id: &TicketId, suffix: usize, painter: &Painter) -> Cell {
    let (front, end) = id.as_str().split_at(id::LENGTH - suffix);
    let painted =
        format!("{}{}", painter.paint(Style::Dim, front), painter.paint(Style::IdentifierSuffix, end));
    Cell::painted(id.to_string(), painted)
}

/// A list of tickets, one a line: id, state, day of the last change, title, labels.
pub fn list(tickets: &[Summary], painter: &Painter, width: Option<usize>) -> String {
    let mut table = Table::new();
    for ticket in tickets {
        table.push(row(ticket, painter));
    }
    table.render(painter, width)
}

fn row(ticket: &Summary, painter: &Painter) -> Vec<Cell> {
    let day = ticket.updated_at.map(|at| moment::local(at.seconds())).unwrap_or_default();
    let mut title = line(&ticket.title).into_owned();
    if !ticket.labels.is_empty() {
        title.push_str(&format!(" [{}]", line(&ticket.labels.join(", "))));
    }
    vec![
        id_cell(&ticket.id, ticket.suffix, painter),
        Cell::styled(ticket.state.word(), state_style(ticket.state)),
        Cell::styled(day.get(..10).unwrap_or(&day), Style::Dim),
        Cell::plain(&title),
    ]
}

/// A whole ticket: fields, body, thread.
pub fn ticket(shown: &Shown, painter: &Painter) -> String {
    let ticket = &shown.ticket;
    let mut out = format!(
        "{} {}\n",
        painter.paint(Style::Identifier, ticket.id.as_str()),
        painter.paint(Style::Heading, &line(&ticket.title))
    );
    out.push_str(&fields(shown, painter));
    if !ticket.body.trim().is_empty() {
        out.push_str(&format!("\n{}\n", markdown::render(ticket.body.trim_end(), painter)));
    }
    let retracted = retraction::retracted(&shown.events);
    for (index, event) in shown.events.iter().enumerate() {
        let is_undone = event.id.is_some_and(|id| retracted.contains_key(&id));
        out.push_str(&self::event(index + 1, event, is_undone, painter));
    }
    out
}

fn fields(shown: &Shown, painter: &Painter) -> String {
    let ticket = &shown.ticket;
    let mut rows: Vec<(&str, String)> = vec![("state", state(shown, painter))];
    rows.extend(
        shown.attention.as_ref().map(|what| ("attention", painter.paint(Style::Warning, &line(what)))),
    );
    let day = |at: Option<crate::model::moment::Moment>| at.map(|at| moment::local(at.seconds()));
    let optional = [
        ("created", day(ticket.created_at)),
        ("updated", day(ticket.updated_at)),
        ("assignee", ticket.assignee.clone()),
        ("priority", ticket.priority.clone()),
        ("labels", joined(&ticket.labels)),
        ("readiness", ticket.readiness.clone()),
        ("risk flags", joined(&ticket.risk_flags)),
        ("queued by", ticket.queued_by.clone()),
    ];
    let holder = shown.claims.holder.as_ref().filter(|claim| claim.is_pending());
    rows.extend(holder.map(|_| ("claim", "made here, not known to others yet".to_owned())));
    rows.extend(evidence::stale(&shown.evidence).map(|stale| ("review", stale)));
    rows.extend(optional.into_iter().filter_map(|(name, value)| Some((name, line(&value?).into_owned()))));
    rows.extend(
        shown.outgoing.iter().map(|(relation, other)| {
            (show::label(relation, true), related(&relation.target, other, painter))
        }),
    );
    rows.extend(shown.incoming.iter().map(|(relation, other)| {
        (show::label(relation, false), related(&relation.ticket_id, other, painter))
    }));
    rows.extend(routing(shown).map(|words| ("routing", words)));
    rows.extend(shown.commits.iter().map(|commit| ("commit", commit_line(commit, painter))));
    rows.extend(
        shown.artifacts.iter().map(|(name, size)| ("artifact", format!("{} ({size} bytes)", line(name)))),
    );
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 1;
    let lines = rows.into_iter().map(|(name, value)| {
        let label = format!("{:<width$}", format!("{}:", name.replace('_', " ")));
        format!("{} {value}\n", painter.paint(Style::Dim, &label))
    });
    lines.collect()
}

/// The last decision, and where the packet is that counts.
fn routing(shown: &Shown) -> Option<String> {
    let decided = shown.last_decision();
    let packet = shown.last_packet();
    let packet = packet.map(|(number, _)| format!("IntentPacket in event {number}"));
    match (decided, packet) {
        (Some(Routed { number, decision }), packet) => {
            let packet = packet.map(|words| format!("; {words}")).unwrap_or_default();
            let again = if shown.is_due { "; route again: what held it back is over" } else { "" };
            Some(format!("{} (event {number}{packet}){again}", line(&decision.word)))
        }
        (None, packet) => packet,
    }
}

fn joined(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| words.join(", "))
}

fn state(shown: &Shown, painter: &Painter) -> String {
    let state = painter.paint(state_style(shown.ticket.state), shown.ticket.state.word());
    match shown.gate {
        Gate::Closed => state,
        gate => format!("{state} ({})", gate.word().replace('_', " ")),
    }
}

fn related(id: &TicketId, other: &Other, painter: &Painter) -> String {
    let state = other.state.map_or("missing", State::word);
    format!("{} {} ({state})", painter.paint(Style::Identifier, id.as_str()), line(&other.title))
}

/// A commit of a ticket in one line: what this clone has of it, and how it came to the ticket.
pub fn commit_line(linked: &Linked, painter: &Painter) -> String {
    let subject = match linked.known() {
        Some(commit) => commit.key.subject.as_str(),
        // What the ticket recorded: a short id, which stands there already, and the subject.
        None => linked.recorded.split_once("` ").map_or(linked.recorded.as_str(), |(_, subject)| subject),
    };
    let mut out = format!("{} {}", painter.paint(Style::Code, &line(short(&linked.full))), line(subject));
    match &linked.rewritten_as {
        Some(commit) => {
            out.push_str(&format!(" (rewritten as {})", painter.paint(Style::Code, commit.short())));
        }
        None if linked.commit.is_none() => out.push_str(" (not in this clone)"),
        None if !linked.is_reachable => out.push_str(" (on no branch)"),
        None => {}
    }
    let via: Vec<&str> = linked.via.iter().map(|via| via.word()).collect();
    out + &painter.paint(Style::Dim, &format!(" [{}]", via.join(", ")))
}

/// Words that don't count any more, struck out.
fn struck(body: &str, painter: &Painter) -> String {
    let strike = |text: &str| match text.trim() {
        "" => "\n".to_owned(),
        text if painter.enabled() => format!("{}\n", painter.paint(Style::Struck, &line(text))),
        text => format!("~~{}~~\n", line(text)),
    };
    let lines: String = body.lines().map(strike).collect();
    format!("\n{lines}")
}

fn event(number: usize, event: &Event, is_undone: bool, painter: &Painter) -> String {
    let when = event.moment().map_or_else(|| line(&event.at).into_owned(), |at| moment::local(at.seconds()));
    let title = event.heading.as_deref().unwrap_or(event.kind.word());
    let mut head = format!("── {number} ── {} · {} · {when}", line(title), line(&event.author));
    if let (Some(from), Some(to)) = (event.attribute("from"), event.attribute("to")) {
        head.push_str(&format!(" · {} → {}", line(from), line(to)));
    }
    if let Some(outcome) = event.attribute("resolution") {
        head.push_str(&format!(" · {}", line(outcome)));
    }
    if let (Some(target), Some(how)) = (event.attribute("target"), event.attribute("how")) {
        let by = short(event.attribute("commit").unwrap_or_default());
        head.push_str(&format!(" · {} · {} {}", line(target), line(how), line(by)));
    }
    if let (true, Some(commit)) = (is_about_work(event), event.attribute(COMMIT)) {
        head.push_str(&format!(" · {}", line(short(commit))));
    }
    if is_undone {
        head.push_str(" · undone");
    }
    let mut out = format!("\n{}\n", painter.paint(Style::Heading, &head));
    if is_undone {
        out.push_str(&struck(&event.body, painter));
    } else if !event.body.is_empty() {
        out.push_str(&format!("\n{}\n", markdown::render(&event.body, painter)));
    }
    out
}

fn is_about_work(event: &Event) -> bool {
    matches!(event.kind, Kind::ImplementationReport | Kind::Review)
}
