//! Routing decisions: parts of `yoi.ticket/1`, and `yoi.packet/1`.

use serde::Serialize;

use crate::model::event::Event;
use crate::model::routing::Packet;
use crate::ops::show::Shown;

/// A routing decision; texts are Markdown.
#[derive(Debug, Serialize)]
pub struct RoutingView {
    /// The word, or the sentence in its place, as the thread has it.
    pub classification: String,
    /// What it comes to: one of the eight words, `waiting` or `other`.
    pub class: &'static str,
    /// The number of its event, from 1.
    pub event: usize,
    /// Who decided.
    pub author: String,
    /// When, UTC.
    pub at: String,
    /// Why.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What was looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// What comes next.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// When to come back and ask.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub escalate: String,
}

/// An IntentPacket.
#[derive(Debug, Serialize)]
pub struct PacketView {
    /// `yoi.packet/1`, where it stands alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<&'static str>,
    /// The ticket, where it stands alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The number of its event, from 1.
    pub event: usize,
    /// Who wrote it.
    pub author: String,
    /// When, UTC.
    pub at: String,
    /// Its sections, in order.
    pub sections: Vec<SectionView>,
    /// The words of the sections that must be there and are not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<&'static str>,
}

/// A section of a packet.
#[derive(Debug, Serialize)]
pub struct SectionView {
    /// A stable word for it.
    pub section: &'static str,
    /// Its label.
    pub label: &'static str,
    /// Its text, Markdown.
    pub text: String,
}

impl RoutingView {
    /// The last decision of a ticket.
    pub fn last(shown: &Shown) -> Option<Self> {
        let routed = shown.last_decision()?;
        let decision = &routed.decision;
        let (author, at) = written(&shown.events, routed.number);
        Some(RoutingView {
            classification: decision.word.clone(),
            class: decision.class().word(),
            event: routed.number,
            author,
            at,
            reason: decision.reason.clone(),
            evidence: decision.evidence.clone(),
            next: decision.next.clone(),
            escalate: decision.escalate.clone(),
        })
    }
}

impl PacketView {
    /// The last packet of a ticket, as a part of it.
    pub fn last(shown: &Shown) -> Option<Self> {
        let (number, packet) = shown.last_packet()?;
        Some(PacketView { schema: None, id: None, ..PacketView::of(shown, number, packet) })
    }

    /// A packet that stands alone.
    pub fn of(shown: &Shown, number: usize, packet: &Packet) -> Self {
        let (author, at) = written(&shown.events, number);
        let sections = packet.sections.iter().map(|(part, text)| SectionView {
            section: part.word(),
            label: part.label(),
            text: text.clone(),
        });
        PacketView {
            schema: Some("yoi.packet/1"),
            id: Some(shown.ticket.id.to_string()),
            event: number,
            author,
            at,
            sections: sections.collect(),
            missing: packet.missing().into_iter().map(|part| part.word()).collect(),
        }
    }
}

fn written(events: &[Event], number: usize) -> (String, String) {
    let event = number.checked_sub(1).and_then(|index| events.get(index));
    event.map(|event| (event.author.clone(), event.at.clone())).unwrap_or_default()
}
