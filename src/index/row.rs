//! A ticket at a glance as bytes: what lists read, in one piece.
//!
//! The head holds what follows from other tickets and from the thread and is replaced alone; the tail holds
//! the fields. Id, state and last change are the key of the row and not in it.

use crate::model::glance::{Glance, Labels};
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::readiness::{Blocker, Gate, Via};
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::model::thread::Verdict;

const VERDICTS: [Option<Verdict>; 3] = [None, Some(Verdict::Approve), Some(Verdict::RequestChanges)];
const VIAS: [Via; 2] = [Via::DependsOn, Via::BlockedBy];
/// Stands for no such ticket.
const NO_STATE: u8 = 255;
/// The bytes of a blocker.
const BLOCKER: usize = 10;
/// The flags of texts, and the one of when it was made.
const TEXTS: u8 = 0b1_1111;
const CREATED: u8 = 1 << 5;

/// The number of a state in the tables.
pub(super) fn state_code(state: State) -> u8 {
    code(&State::ALL, &state)
}

/// The state of such a number.
pub(super) fn state(code: u8) -> Option<State> {
    State::ALL.get(usize::from(code)).copied()
}

fn code<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|other| other == one).and_then(|index| u8::try_from(index).ok()).unwrap_or(NO_STATE)
}

/// The number of a gate in the tables.
pub(super) fn gate_code(gate: Gate) -> u8 {
    code(&Gate::ALL, &gate)
}

/// The gate of such a number.
pub(super) fn gate(code: u8) -> Option<Gate> {
    Gate::ALL.get(usize::from(code)).copied()
}

/// The bytes of a head.
pub(super) fn head(suffix: usize, gate: Gate, verdict: Option<Verdict>, blockers: &[Blocker]) -> Vec<u8> {
    let mut out = Vec::with_capacity(4 + blockers.len() * 10);
    out.push(u8::try_from(suffix).unwrap_or(u8::MAX));
    out.push(gate_code(gate));
    out.push(code(&VERDICTS, &verdict));
    push_length(&mut out, blockers.len());
    for blocker in blockers {
        out.extend(blocker.id.millis().to_le_bytes());
        out.push(code(&VIAS, &blocker.via));
        out.push(blocker.state.map_or(NO_STATE, state_code));
    }
    out
}

/// The bytes of a tail.
pub(super) fn tail(summary: &Summary) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + summary.title.len());
    let texts =
        [&summary.assignee, &summary.readiness, &summary.queued_by, &summary.queued_at, &summary.priority];
    let flags =
        texts.iter().enumerate().fold(0, |flags, (index, text)| flags | (u8::from(text.is_some()) << index));
    out.push(flags | if summary.created_at.is_some() { CREATED } else { 0 });
    push_text(&mut out, &summary.title);
    texts.into_iter().flatten().for_each(|text| push_text(&mut out, text));
    if let Some(at) = summary.created_at {
        out.extend(at.seconds().to_le_bytes());
    }
    for list in [&summary.risk_flags, &summary.labels] {
        push_length(&mut out, list.len());
        list.iter().for_each(|word| push_text(&mut out, word));
    }
    out
}

/// The bytes of a row.
pub(super) fn whole(summary: &Summary) -> Vec<u8> {
    let mut out = head(summary.suffix, summary.gate, summary.verdict, &summary.blockers);
    out.extend(tail(summary));
    out
}

/// Reads a row; `None` when it is damaged.
pub(super) fn read(id: TicketId, state: State, updated_at: Option<Moment>, bytes: &[u8]) -> Option<Summary> {
    let mut reader = Reader(bytes);
    let suffix = usize::from(reader.byte()?);
    let gate = gate(reader.byte()?)?;
    let verdict = *VERDICTS.get(usize::from(reader.byte()?))?;
    let mut blockers = Vec::new();
    for _ in 0..reader.length()? {
        blockers.push(reader.blocker()?);
    }
    let flags = reader.byte()?;
    let title = reader.text()?;
    let mut text = |index: u8| match flags >> index & 1 {
        0 => Some(None),
        _ => reader.text().map(Some),
    };
    let (assignee, readiness) = (text(0)?, text(1)?);
    let (queued_by, queued_at, priority) = (text(2)?, text(3)?, text(4)?);
    let created_at = match flags & CREATED {
        0 => None,
        _ => Some(Moment::from_seconds(i64::from_le_bytes(reader.eight()?))),
    };
    let (risk_flags, labels) = (reader.list()?, reader.list()?);
    Some(Summary {
        id,
        suffix,
        title,
        state,
        created_at,
        updated_at,
        assignee,
        readiness,
        risk_flags,
        queued_by,
        queued_at,
        priority,
        labels,
        blockers,
        gate,
        verdict,
        creator: None,
        events_at: Vec::new(),
    })
}

/// Reads of a row what a table shows; `None` when it is damaged.
pub(super) fn glance(
    id: TicketId,
    state: State,
    updated_at: Option<Moment>,
    bytes: &[u8],
) -> Option<Glance<'_>> {
    let mut reader = Reader(bytes);
    let suffix = usize::from(reader.byte()?);
    reader.take(2)?;
    let blockers = reader.length()?;
    reader.take(blockers.checked_mul(BLOCKER)?)?;
    let flags = reader.byte()?;
    let title = reader.slice()?;
    for _ in 0..(flags & TEXTS).count_ones() {
        let length = reader.length()?;
        reader.take(length)?;
    }
    if flags & CREATED != 0 {
        reader.eight()?;
    }
    for _ in 0..reader.length()? {
        let length = reader.length()?;
        reader.take(length)?;
    }
    let (number, words) = (reader.length()?, reader.0);
    // None of them may be damaged.
    for _ in 0..number {
        reader.slice()?;
    }
    let labels = Labels::Packed(number, words, |words| {
        let mut reader = Reader(words);
        Some((reader.slice()?, reader.0))
    });
    Some(Glance { id, suffix, state, updated_at, title, labels })
}

fn push_length(out: &mut Vec<u8>, mut length: usize) {
    while length >= 0x80 {
        out.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
}

fn push_text(out: &mut Vec<u8>, text: &str) {
    push_length(out, text.len());
    out.extend(text.as_bytes());
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn eight(&mut self) -> Option<[u8; 8]> {
        self.take(8)?.try_into().ok()
    }

    fn length(&mut self) -> Option<usize> {
        let mut length = 0;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.byte()?;
            length |= usize::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(length);
            }
        }
        None
    }

    fn text(&mut self) -> Option<String> {
        self.slice().map(str::to_owned)
    }

    fn slice(&mut self) -> Option<&'a str> {
        let length = self.length()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn list(&mut self) -> Option<Vec<String>> {
        let length = self.length()?;
        // A damaged length must not take memory that is not needed.
        (0..length).map(|_| self.text()).collect()
    }

    fn blocker(&mut self) -> Option<Blocker> {
        let id = TicketId::from_millis(u64::from_le_bytes(self.eight()?));
        let via = *VIAS.get(usize::from(self.byte()?))?;
        let state = match self.byte()? {
            NO_STATE => None,
            code => Some(state(code)?),
        };
        Some(Blocker { id, via, state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        let id = TicketId::from_millis(1_782_398_643_212);
        let blocker = |millis, via, state| Blocker { id: TicketId::from_millis(millis), via, state };
        Summary {
            id,
            suffix: 5,
            title: "日本 ".repeat(40),
            state: State::Queued,
            created_at: Some(Moment::from_seconds(-3)),
            updated_at: Some(Moment::from_seconds(7)),
            assignee: Some(String::new()),
            readiness: None,
            risk_flags: vec!["a".to_owned()],
            queued_by: Some("me".to_owned()),
            queued_at: None,
            priority: Some("P1".to_owned()),
            labels: vec!["x".to_owned(), String::new()],
            blockers: vec![
                blocker(1, Via::DependsOn, None),
                blocker(u64::MAX, Via::BlockedBy, Some(State::Done)),
            ],
            gate: Gate::Blocked,
            verdict: Some(Verdict::RequestChanges),
            creator: None,
            events_at: Vec::new(),
        }
    }

    #[test]
    fn a_row_is_read_as_it_was_written_and_only_whole() {
        let wanted = summary();
        let bytes = whole(&wanted);
        let read = |bytes: &[u8]| read(wanted.id, wanted.state, wanted.updated_at, bytes);
        assert_eq!(read(&bytes), Some(wanted.clone()));
        let seen = |bytes: &[u8]| {
            let seen = glance(wanted.id, wanted.state, wanted.updated_at, bytes);
            seen.map(|seen| seen == Glance::from(&wanted))
        };
        assert_eq!(seen(&bytes), Some(true));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end]), None, "{end}");
            assert_eq!(seen(&bytes[..end]), None, "{end}");
        }
    }
}
