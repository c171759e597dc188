//! Routing decisions: what one must say, and what is planned with it.

use super::{Blocker, Change, Draft, Kind, Refusal, Text, TicketId, limit, plan, text};
use crate::model::plan as orchestration;
use crate::model::routing::{Class, Classification, Decision, Packet, Part};

/// A routing decision somebody makes.
#[derive(Debug, Clone)]
pub struct Routing {
    /// What was decided.
    pub classification: Classification,
    /// Why; one point each.
    pub reasons: Vec<String>,
    /// What was looked at.
    pub evidence: Vec<String>,
    /// What comes next.
    pub next: Vec<String>,
    /// When to come back and ask; with a packet they join those it names.
    pub escalate: Vec<String>,
    /// The contract; what is decided as ready has one.
    pub packet: Option<Packet>,
    /// The tickets that hold it back, besides those it waits for by their relations.
    pub on: Vec<TicketId>,
}

/// Records a decision. One that holds the ticket back is recorded in its plan as well: which tickets hold it
/// back, or that it waits. The state stays what it is. `begins_section` says which lines a reader of the thread
/// would take for the beginning of a section.
///
/// # Errors
/// When a reason or a section is missing, a text can't be stored, or parts don't belong together.
pub fn route(
    id: TicketId,
    routing: Routing,
    blockers: &[Blocker],
    begins_section: impl Fn(&str) -> bool,
) -> Result<Change, Refusal> {
    let Routing { classification, reasons, evidence, next, escalate, packet, on } = routing;
    let class = classification.class();
    let points = |what, given: &[String]| points(what, given, &begins_section);
    let mut decision = Decision {
        word: classification.word().to_owned(),
        reason: points("reason", &reasons)?,
        evidence: points("evidence", &evidence)?,
        next: points("next action", &next)?,
        escalate: points("escalation", &escalate)?,
        packet: None,
    };
    if decision.reason.is_empty() {
        return Err(Refusal::Empty { what: "reason" });
    }
    if class == Class::ImplementationReady || packet.is_some() {
        let escalate = std::mem::take(&mut decision.escalate);
        decision.packet = Some(checked(packet.unwrap_or_default(), escalate, &begins_section)?);
    }
    let plan = if class.holds_back() {
        held_back(id, class, &reasons.join("\n"), blockers, &on)?
    } else if on.is_empty() {
        Vec::new()
    } else {
        let why = format!("{classification} doesn't hold the ticket back, so no other ticket does");
        return Err(Refusal::BadText { what: "decision", why });
    };
    let draft = Draft::new(Kind::Decision, Text::Routing(Box::new(decision)));
    let summary = format!("routing decision: {classification}");
    Ok(Change { events: vec![draft], plan, summary, ..Change::default() })
}

/// The points of a section as a list; one that is a list already stays.
fn points(
    what: &'static str,
    given: &[String],
    begins_section: &impl Fn(&str) -> bool,
) -> Result<String, Refusal> {
    let mut lines = Vec::new();
    for point in given {
        let point = text::prose(what, point, limit::SUMMARY)?;
        let is_list = point.starts_with("- ") || point.starts_with("* ");
        for (number, line) in point.lines().enumerate() {
            lines.push(match number {
                _ if is_list || line.trim().is_empty() => line.to_owned(),
                0 => format!("- {line}"),
                _ => format!("  {line}"),
            });
        }
    }
    let text = lines.join("\n");
    refuse_sections(what, &text, begins_section)?;
    Ok(text)
}

fn refuse_sections(
    what: &'static str,
    text: &str,
    begins_section: &impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    match text.lines().find(|line| begins_section(line)) {
        Some(line) => Err(Refusal::SectionInText { what, line: line.to_owned() }),
        None => Ok(()),
    }
}

/// The packet with every text checked and the conditions of the decision joined to its own.
fn checked(
    packet: Packet,
    escalate: String,
    begins_section: &impl Fn(&str) -> bool,
) -> Result<Packet, Refusal> {
    let mut packet = packet;
    if !escalate.is_empty() {
        let own = packet.sections.entry(Part::Escalate).or_default();
        *own = if own.is_empty() { escalate } else { format!("{own}\n{escalate}") };
    }
    let (missing, empty) = (packet.missing(), packet.empty());
    if !(missing.is_empty() && empty.is_empty()) {
        return Err(Refusal::BadPacket { missing, empty });
    }
    for text in packet.sections.values_mut() {
        *text = text::prose("IntentPacket", text, limit::TEXT)?;
        refuse_sections("IntentPacket", text, begins_section)?;
    }
    Ok(packet)
}

/// What is planned with a decision that holds a ticket back: a record for each ticket that does, or a note.
fn held_back(
    id: TicketId,
    class: Class,
    why: &str,
    blockers: &[Blocker],
    on: &[TicketId],
) -> Result<Vec<orchestration::Entry>, Refusal> {
    let is_blocked = class == Class::Blocked;
    let open = blockers.iter().filter(|blocker| is_blocked && blocker.is_unresolved());
    let mut others: Vec<TicketId> = open.map(|blocker| blocker.id).chain(on.iter().copied()).collect();
    others.sort_unstable();
    others.dedup();
    let kind = if is_blocked { orchestration::Kind::BlockedBy } else { orchestration::Kind::After };
    let entry = |kind, related_ticket| {
        let entry =
            orchestration::Entry { kind, related_ticket, note: Some(why.to_owned()), accepted_plan: None };
        plan::checked(id, entry, None)
    };
    if others.is_empty() {
        return Ok(vec![entry(orchestration::Kind::WaitingCapacityNote, None)?]);
    }
    others.into_iter().map(|other| entry(kind, Some(other))).collect()
}
