//! Routing decisions and IntentPackets as text: the body of an event, and what a person or agent hands in.
//!
//! A decision is plain lines: a label ends in a colon and stands alone, what it is about follows. It is
//! written in the one form that nearly all existing tickets have. Readers take more: labels as headings or
//! with text behind them, near names, bullets in the place of labels, sentences in the place of a word.

use super::fault::Fault;
use crate::model::event::{Event, Kind};
use crate::model::routing::{Decision, Packet, Part};
use crate::model::text::trim_blank_lines;
use crate::model::undo;

const DECISION: &str = "Routing decision";
const REASON: &str = "Reason";
const EVIDENCE: &str = "Evidence checked";
const NEXT: &str = "Next action";
const PACKET: &str = "IntentPacket";

/// What a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Reason,
    Evidence,
    Next,
    Packet,
    Part(Part),
}

/// Names of sections besides those that are written, in the form [`plain`] gives.
const NEAR: [(&str, Label); 22] = [
    ("reasons", Label::Reason),
    ("evidence", Label::Evidence),
    ("next actions", Label::Next),
    ("intent packet", Label::Packet),
    ("intent packet summary", Label::Packet),
    ("intentpacket for implementation", Label::Packet),
    ("preflight / implementation intent", Label::Packet),
    ("implementation intent", Label::Part(Part::Intent)),
    ("binding decisions", Label::Part(Part::Binding)),
    ("binding invariants", Label::Part(Part::Binding)),
    ("invariants", Label::Part(Part::Binding)),
    ("design direction / binding decisions", Label::Part(Part::Binding)),
    ("requirements", Label::Part(Part::Requirements)),
    ("acceptance criteria", Label::Part(Part::Requirements)),
    ("latitude", Label::Part(Part::Latitude)),
    ("escalation conditions", Label::Part(Part::Escalate)),
    ("validation plan", Label::Part(Part::Validation)),
    ("code map", Label::Part(Part::CodeMap)),
    ("current code", Label::Part(Part::CodeMap)),
    ("critical risks", Label::Part(Part::Risks)),
    ("risks", Label::Part(Part::Risks)),
    ("reviewer focus", Label::Part(Part::Risks)),
];

/// A name in lower case, with one space between words and around a slash, without marks around it.
fn plain(name: &str) -> String {
    let name = name.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '#' | '*' | '`'));
    let spaced = name.to_lowercase().replace('/', " / ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn named(name: &str) -> Option<Label> {
    let name = plain(name);
    let own =
        [(REASON, Label::Reason), (EVIDENCE, Label::Evidence), (NEXT, Label::Next), (PACKET, Label::Packet)];
    let parts = Part::ALL.map(|part| (part.label(), Label::Part(part)));
    let written = own.iter().chain(&parts).find(|(label, _)| plain(label) == name);
    let near = || NEAR.iter().find(|(label, _)| *label == name);
    let is_map = || name.starts_with("current code") && name.contains("map");
    let map = || is_map().then_some(Label::Part(Part::CodeMap));
    written.or_else(near).map(|(_, label)| *label).or_else(map)
}

/// The label a line begins with, and what follows its colon: a heading, or a line that starts with the label
/// and a colon.
fn label(line: &str) -> Option<(Label, &str)> {
    if line.starts_with(char::is_whitespace) {
        return None;
    }
    if line.starts_with('#') {
        return named(line.trim_end_matches([':', '：'])).map(|label| (label, ""));
    }
    // Said once without a colon, at the head of a packet.
    if line == "IntentPacket for implementation" {
        return Some((Label::Packet, ""));
    }
    let (name, rest) = line.split_once([':', '：'])?;
    let rest = rest.trim_start_matches('*').trim();
    // A packet's line has nothing behind it: what has is a sentence about packets.
    named(name).filter(|label| *label != Label::Packet || rest.is_empty()).map(|label| (label, rest))
}

/// The section a bullet begins, and its text: `- Label: text`.
fn bullet(line: &str) -> Option<(Part, &str)> {
    let text = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))?;
    // Said as the beginning of its sentence.
    let is_escalation = text.starts_with("Escalate if ");
    if is_escalation && !text.starts_with("Escalate if:") {
        return Some((Part::Escalate, text));
    }
    let (name, rest) = text.split_once([':', '：'])?;
    match named(name)? {
        Label::Part(part) => Some((part, rest.trim_start_matches('*').trim())),
        Label::Reason | Label::Evidence | Label::Next | Label::Packet => None,
    }
}

/// Whether a line would be taken for the beginning of a section, so that no text can hold it.
pub fn begins_section(line: &str) -> bool {
    label(line).is_some()
}

/// The word behind `Routing decision:`, when a line has it. Text that is no word is taken whole.
fn decided(line: &str) -> Option<String> {
    let line =
        line.trim_start_matches(|letter: char| letter.is_whitespace() || matches!(letter, '-' | '*' | '#'));
    let start = line.get(..DECISION.len()).filter(|start| start.eq_ignore_ascii_case(DECISION))?;
    let rest = line[start.len()..].trim_start_matches('*');
    let rest = rest.strip_prefix(" update").unwrap_or(rest);
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix('：'))?.trim();
    let bare = rest.trim_matches(|letter: char| matches!(letter, '`' | '*' | '。') || letter.is_whitespace());
    let end = bare.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
    let word = &bare[..end.unwrap_or(bare.len())];
    Some(if word.contains('_') { word.to_owned() } else { bare.to_owned() })
}

/// Where a text goes while lines are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before anything that counts.
    Nowhere,
    Reason,
    Evidence,
    Next,
    /// A section outside a packet that only a packet or the end of a decision has.
    Escalate,
    /// In a packet, before its first label.
    Opening,
    Part(Part),
}

/// What a body says: a decision, a packet, or both.
pub fn read(body: &str) -> Option<Decision> {
    let lines: Vec<&str> = body.lines().collect();
    let at = lines.iter().position(|line| decided(line).is_some());
    let packet = packet_start(&lines);
    if at.is_none() && packet.is_none() {
        return None;
    }
    let mut reader = Reader::default();
    let head = packet.map_or(lines.len(), |(start, _)| start);
    if let Some(at) = at {
        reader.decision.word = decided(lines[at]).unwrap_or_default();
        let from = (at + 1).min(head);
        lines[from..head].iter().for_each(|line| reader.outside(line));
    }
    if let Some((_, first)) = packet {
        reader.packet(&lines[first..]);
    }
    Some(reader.finish())
}

/// The line where a packet starts, and the first line that is inside it. Without a line that names it, older
/// packets start with their intent, when another section follows.
fn packet_start(lines: &[&str]) -> Option<(usize, usize)> {
    let is = |wanted: Label| move |line: &&str| label(line).is_some_and(|(found, _)| found == wanted);
    if let Some(at) = lines.iter().position(is(Label::Packet)) {
        return Some((at, at + 1));
    }
    let at = lines.iter().position(is(Label::Part(Part::Intent)))?;
    let others = [Part::Binding, Part::Requirements];
    let follows = |line: &&str| matches!(label(line), Some((Label::Part(part), _)) if others.contains(&part));
    lines[at + 1..].iter().any(follows).then_some((at, at))
}

#[derive(Default)]
struct Reader<'a> {
    decision: Decision,
    place: Option<Place>,
    lines: Vec<&'a str>,
    packet: Packet,
    has_packet: bool,
}

impl<'a> Reader<'a> {
    fn outside(&mut self, line: &'a str) {
        match label(line) {
            Some((Label::Reason, rest)) => self.enter(Place::Reason, rest),
            Some((Label::Evidence, rest)) => self.enter(Place::Evidence, rest),
            Some((Label::Next, rest)) => self.enter(Place::Next, rest),
            Some((Label::Part(Part::Escalate), rest)) => self.enter(Place::Escalate, rest),
            Some((Label::Part(_) | Label::Packet, _)) | None => self.lines.push(line),
        }
    }

    fn packet(&mut self, lines: &[&'a str]) {
        self.enter(Place::Opening, "");
        self.has_packet = true;
        let has_labels = lines.iter().any(|line| matches!(label(line), Some((Label::Part(_), _))));
        for line in lines {
            match label(line) {
                Some((Label::Part(part), rest)) => self.enter(Place::Part(part), rest),
                Some((Label::Next, rest)) => self.enter(Place::Next, rest),
                _ => match bullet(line).filter(|_| !has_labels) {
                    Some((part, rest)) => self.enter(Place::Part(part), rest),
                    None => self.lines.push(line),
                },
            }
        }
    }

    fn enter(&mut self, place: Place, rest: &'a str) {
        self.leave();
        self.place = Some(place);
        self.lines.extend(Some(rest).filter(|rest| !rest.is_empty()));
    }

    /// Puts the lines read so far where they belong; a section that comes twice goes on.
    fn leave(&mut self) {
        let text = self.lines.join("\n");
        let text = trim_blank_lines(&text);
        self.lines.clear();
        let decision = &mut self.decision;
        let slot = match self.place.take().unwrap_or(Place::Nowhere) {
            Place::Nowhere => return,
            Place::Reason => &mut decision.reason,
            Place::Evidence => &mut decision.evidence,
            Place::Next => &mut decision.next,
            Place::Escalate => &mut decision.escalate,
            // What stands before the first label says what it is about.
            Place::Opening if text.is_empty() => return,
            Place::Opening => self.packet.sections.entry(Part::Intent).or_default(),
            Place::Part(part) => self.packet.sections.entry(part).or_default(),
        };
        if !slot.is_empty() && !text.is_empty() {
            slot.push_str("\n\n");
        }
        slot.push_str(text);
    }

    fn finish(mut self) -> Decision {
        self.leave();
        self.decision.packet = self.has_packet.then_some(self.packet);
        self.decision
    }
}

/// The body of a decision's event.
pub fn write(decision: &Decision) -> String {
    let packet = decision.packet.as_ref().map(|packet| format!("\n{}", write_packet(packet)));
    let sections = [
        (REASON, decision.reason.as_str()),
        (EVIDENCE, &decision.evidence),
        (PACKET, packet.as_deref().unwrap_or_default()),
        (NEXT, &decision.next),
        // A packet says itself when to come back.
        (Part::Escalate.label(), if packet.is_some() { "" } else { &decision.escalate }),
    ];
    let sections = sections.into_iter().filter(|(_, text)| !text.is_empty());
    let blocks = sections.map(|(label, text)| format!("\n\n{label}:\n{text}"));
    format!("{DECISION}: {}{}", decision.word, blocks.collect::<String>())
}

/// The sections of a packet, each below its label.
pub fn write_packet(packet: &Packet) -> String {
    let section = |(part, text): (&Part, &String)| format!("{}:\n{text}", part.label());
    packet.sections.iter().map(section).collect::<Vec<_>>().join("\n\n")
}

/// A packet with every section and nothing in them, to be filled in.
pub fn template() -> String {
    Part::ALL.map(|part| format!("{}:\n- ", part.label())).join("\n\n")
}

/// A packet that somebody hands in; `IntentPacket:` above it may be left out.
///
/// # Errors
/// When a section stands there twice, or something that is no part of a packet.
pub fn packet(text: &str) -> Result<Packet, Fault> {
    let lines: Vec<&str> = text.lines().collect();
    let first = packet_line(&lines);
    let bad = |index: usize, why: &str| Err(Fault::BadLine(index + 1, why.to_owned()));
    let mut seen = Vec::new();
    for (at, line) in lines.iter().enumerate().skip(first) {
        match label(line) {
            Some((Label::Part(part), _)) if seen.contains(&part) => {
                return bad(at, &format!("'{}' stands there a second time", part.label()));
            }
            Some((Label::Part(part), _)) => seen.push(part),
            Some((Label::Packet, _)) => return bad(at, "a packet inside the packet"),
            Some((Label::Reason | Label::Evidence | Label::Next, _)) => {
                return bad(at, "that belongs to the decision around the packet, which has its own options");
            }
            None => {}
        }
    }
    let mut reader = Reader::default();
    reader.packet(&lines[first..]);
    Ok(reader.finish().packet.unwrap_or_default())
}

/// The first line inside the packet: that after the line that names it, when nothing stands above that.
fn packet_line(lines: &[&str]) -> usize {
    let first = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or(0);
    match lines.get(first).and_then(|line| label(line)) {
        Some((Label::Packet, _)) => first + 1,
        _ => 0,
    }
}

/// A decision of a thread, and the number of its event from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// The event's number.
    pub number: usize,
    /// What it says.
    pub decision: Decision,
}

/// Every decision and packet of a thread that was not taken back, in order: decisions and plans may hold both, changes of the state
/// repeat a decision.
pub fn of_thread(events: &[Event]) -> Vec<Routed> {
    let retracted = undo::retracted(events);
    let is_retracted = |event: &Event| event.id.is_some_and(|id| retracted.contains_key(&id));
    let read = |(index, event): (usize, &Event)| {
        let decision = match event.kind {
            _ if is_retracted(event) => None,
            Kind::Decision | Kind::Plan => read(&event.body),
            Kind::StateChanged => read(&event.body).filter(|decision| !decision.word.is_empty()),
            _ => None,
        };
        decision.map(|decision| Routed { number: index + 1, decision })
    };
    events.iter().enumerate().filter_map(read).collect()
}

/// The decision that counts: the last one.
pub fn last_decision(routed: &[Routed]) -> Option<&Routed> {
    routed.iter().rev().find(|routed| !routed.decision.word.is_empty())
}

/// The packet that counts: the last one, and the event it stands in.
pub fn last_packet(routed: &[Routed]) -> Option<(usize, &Packet)> {
    routed.iter().rev().find_map(|routed| Some((routed.number, routed.decision.packet.as_ref()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sections(decision: &Decision) -> Vec<(Part, &str)> {
        let packet = decision.packet.as_ref().expect("a packet");
        packet.sections.iter().map(|(part, text)| (*part, text.as_str())).collect()
    }

    #[test]
    fn a_decision_is_written_in_the_form_of_existing_tickets() {
        let sections = [(Part::Validation, "- run it".to_owned()), (Part::Intent, "- do it".to_owned())];
        let mut decision = Decision {
            word: "implementation_ready".to_owned(),
            reason: "- done".to_owned(),
            evidence: "- body".to_owned(),
            next: "- start".to_owned(),
            escalate: String::new(),
            packet: Some(Packet { sections: sections.into() }),
        };
        let body = "Routing decision: implementation_ready\n\nReason:\n- done\n\nEvidence checked:\n- body\n\nIntentPacket:\n\nIntent:\n- do it\n\nValidation:\n- run it\n\nNext action:\n- start";
        assert_eq!(write(&decision), body);
        assert_eq!(read(body), Some(decision.clone()));
        decision.packet = None;
        decision.escalate = "- it grows".to_owned();
        assert!(write(&decision).ends_with("\n\nNext action:\n- start\n\nEscalate if:\n- it grows"));
        assert_eq!(read(&write(&decision)), Some(decision));
    }

    #[test]
    fn words_are_found_however_they_are_decorated() {
        for (line, word) in [
            ("Routing decision: `implementation_ready`", "implementation_ready"),
            ("Routing decision: implementation_ready。", "implementation_ready"),
            ("Routing decision: implementation_ready（再設計）", "implementation_ready"),
            ("**Routing decision:** spike_needed / queued_waiting_capacity", "spike_needed"),
            ("- Routing decision: blocked_by_dependency", "blocked_by_dependency"),
            (
                "Routing decision update: still_waiting_due_surface_overlap",
                "still_waiting_due_surface_overlap",
            ),
            ("Routing decision: accept for implementation", "accept for implementation"),
            ("routing decision：`wait_x`", "wait_x"),
        ] {
            let found =
                read(&format!("Said before.\n\n{line}\n\nReason:\nso")).map(|it| (it.word, it.reason));
            assert_eq!(found, Some((word.to_owned(), "so".to_owned())), "{line}");
        }
        for line in ["Routing decision と plan を記録", "The routing decision: x", "Routing decisions: x", ""]
        {
            assert_eq!(read(line), None, "{line}");
        }
        assert_eq!(read("Routing decision:\n\nGo on.").map(|found| found.word), Some(String::new()));
    }

    #[test]
    fn packets_are_found_in_every_form_they_have() {
        let near = "IntentPacket for implementation\n\nIntent: all at once\n\nInvariants:\n- b\n\nRequirements/acceptance criteria:\nr\n\n**Validation plan:**\n- v\n\nCurrent code/docs map:\n- m\nReviewer focus:\n- f\nNext action:\n- n";
        let found = read(near).unwrap();
        let expected = [
            (Part::Intent, "all at once"),
            (Part::Binding, "- b"),
            (Part::Requirements, "r"),
            (Part::Validation, "- v"),
            (Part::CodeMap, "- m"),
            (Part::Risks, "- f"),
        ];
        assert_eq!(sections(&found), expected);
        assert_eq!((found.next.as_str(), found.word.as_str()), ("- n", ""));
        let bullets = "IntentPacket:\n- Intent: i\n- Validation: `a`,\n  `b`\n- Escalate if it grows";
        let expected = [
            (Part::Intent, "i"),
            (Part::Escalate, "Escalate if it grows"),
            (Part::Validation, "`a`,\n  `b`"),
        ];
        assert_eq!(sections(&read(bullets).unwrap()), expected);
        let opening = "IntentPacket:\n- no label\n\nValidation:\n- Intent: not here";
        let expected = [(Part::Intent, "- no label"), (Part::Validation, "- Intent: not here")];
        assert_eq!(sections(&read(opening).unwrap()), expected);
        let headings = "## Intent\n\ni\n\n## Requirements\n\n- r";
        assert_eq!(sections(&read(headings).unwrap()), [(Part::Intent, "i"), (Part::Requirements, "- r")]);
        for text in ["- IntentPacket: said", "IntentPacket: and more", "Intent:\n- alone", "## Intent"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_handed_in_is_a_packet_and_nothing_else() {
        let found = packet("\nIntentPacket:\n\nIntent:\n- i\n").unwrap();
        assert_eq!(found.sections, [(Part::Intent, "- i".to_owned())].into());
        assert_eq!(packet(&template()).unwrap().empty(), Part::ALL);
        let line = |text: &str| match packet(text) {
            Err(Fault::BadLine(line, _)) => line,
            other => panic!("{other:?}"),
        };
        assert_eq!(line("Intent:\n- a\nValidation:\n- b\nIntent:\n- c"), 5);
        assert_eq!(line("Intent:\n- a\nNext action:\n- b"), 3);
        assert_eq!(line("Intent:\n- a\nIntentPacket:"), 3);
        assert_eq!(packet("").unwrap(), Packet::default());
    }

    fn text() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just("- Validation: x".to_owned()),
            Just("  Intent:".to_owned()),
            Just("Intent".to_owned()),
            Just("IntentPacket".to_owned()),
            Just("Routing decision: other".to_owned()),
            Just("---".to_owned()),
            Just(String::new()),
            "[-#*` :/a-zA-Z日]{0,16}",
        ];
        let text = proptest::collection::vec(line, 1..5).prop_map(|lines| lines.join("\n"));
        let text = text.prop_map(|text| trim_blank_lines(&text).to_owned());
        text.prop_filter("a section's text", |text| !text.is_empty() && !text.lines().any(begins_section))
    }

    fn maybe() -> impl Strategy<Value = String> {
        prop_oneof![Just(String::new()), text()]
    }

    proptest! {
        #[test]
        fn a_decision_is_read_as_it_was_written(
            word in "(implementation_ready|blocked_x|waiting)[a-z_]{0,6}",
            texts in (text(), maybe(), maybe(), maybe()),
            parts in proptest::option::of(proptest::collection::btree_map(0..8_usize, text(), 1..9)),
        ) {
            let (reason, evidence, next, escalate) = texts;
            let packet = parts.map(|parts| Packet {
                sections: parts.into_iter().map(|(part, text)| (Part::ALL[part], text)).collect(),
            });
            let escalate = if packet.is_some() { String::new() } else { escalate };
            let decision = Decision { word, reason, evidence, next, escalate, packet };
            prop_assert_eq!(read(&write(&decision)), Some(decision.clone()));
            if let Some(inner) = decision.packet {
                prop_assert_eq!(super::packet(&write_packet(&inner)), Ok(inner));
            }
        }
    }
}
