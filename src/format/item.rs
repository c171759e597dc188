//! `item.md`: a ticket's fields and body.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::front_matter::{self, FrontMatter, Key};
use super::yaml::{self, Scalar};
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::state::State;
use crate::model::ticket::{Field, Ticket, Value};

/// A ticket and what its `item.md` does against the rules without being unreadable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The ticket.
    pub ticket: Ticket,
    /// Complaints, each a sentence for people.
    pub complaints: Vec<String>,
}

/// Reads an `item.md`.
///
/// # Errors
/// When it has no front matter, the front matter can't be read, or the state is unknown.
pub fn parse(id: TicketId, text: &str) -> Result<Item, Fault> {
    let front = FrontMatter::parse(text)?;
    let mut reader = Reader { front: &front, complaints: Vec::new() };
    let ticket = Ticket {
        id,
        title: reader.required(Field::Title)?,
        state: reader.state()?,
        created_at: reader.moment(Field::CreatedAt)?,
        updated_at: reader.moment(Field::UpdatedAt)?,
        assignee: reader.text(Field::Assignee.key())?,
        readiness: reader.text(Field::Readiness.key())?,
        risk_flags: reader.list(Field::RiskFlags)?,
        queued_by: reader.text(Field::QueuedBy.key())?,
        queued_at: reader.text(Field::QueuedAt.key())?,
        priority: reader.text(Field::Priority.key())?,
        labels: reader.list(Field::Labels)?,
        unknown: reader.unknown(),
        body: front
            .body
            .strip_prefix("\r\n")
            .or(front.body.strip_prefix('\n'))
            .unwrap_or(front.body)
            .to_owned(),
    };
    reader.duplicates();
    Ok(Item { ticket, complaints: reader.complaints })
}

struct Reader<'f, 'a> {
    front: &'f FrontMatter<'a>,
    complaints: Vec<String>,
}

impl Reader<'_, '_> {
    fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        let Some(key) = self.front.key(name) else { return Ok(None) };
        let scalar = scalar(key)?;
        if matches!(scalar, Scalar::Plain(_)) {
            self.complaints.push(format!("'{name}' is a bare number or truth value, not a string"));
        }
        Ok(scalar.text())
    }

    fn required(&mut self, field: Field) -> Result<String, Fault> {
        let text = self.text(field.key())?.unwrap_or_default();
        if text.trim().is_empty() {
            self.complaints.push(format!("'{}' is missing or empty", field.key()));
        }
        Ok(text)
    }

    fn moment(&mut self, field: Field) -> Result<Option<Moment>, Fault> {
        let text = self.required(field)?;
        let moment = Moment::parse(&text);
        if moment.is_none() && !text.trim().is_empty() {
            self.complaints.push(format!("'{}' is no time of the form YYYY-MM-DDTHH:MM:SSZ", field.key()));
        }
        Ok(moment)
    }

    /// `state`, else the older `workflow_state`, else the oldest `status`, else planning.
    fn state(&mut self) -> Result<State, Fault> {
        for name in ["state", "workflow_state"] {
            if let Some(word) = self.text(name)? {
                return State::parse(&word).ok_or(Fault::UnknownState(word));
            }
        }
        self.complaints.push("'state' is missing or empty".to_owned());
        let is_closed = self.text("status")?.as_deref() == Some("closed");
        Ok(if is_closed { State::Closed } else { State::Planning })
    }

    fn list(&mut self, field: Field) -> Result<Vec<String>, Fault> {
        let Some(key) = self.front.key(field.key()) else { return Ok(Vec::new()) };
        let items = list(key)?;
        if items.iter().any(|item| !matches!(item, Scalar::Text(_))) {
            self.complaints.push(format!("'{}' holds something else than strings", field.key()));
        }
        Ok(items.into_iter().filter_map(Scalar::text).collect())
    }

    fn unknown(&self) -> Vec<(String, String)> {
        let is_known = |name: &str| Field::ALL.iter().any(|field| field.key() == name);
        let keys = self.front.keys.iter().filter(|key| !is_known(key.name));
        keys.map(|key| (key.name.to_owned(), unknown_text(key))).collect()
    }

    fn duplicates(&mut self) {
        let mut seen = BTreeSet::new();
        for key in &self.front.keys {
            if !seen.insert(key.name) {
                self.complaints
                    .push(format!("'{}' stands twice; the last one counts", key.name.escape_debug()));
            }
        }
    }
}

/// The value of a key that has one value.
///
/// # Errors
/// When it has several lines or is no scalar.
pub fn scalar(key: &Key) -> Result<Scalar, Fault> {
    let bad = |why: String| Fault::BadLine(key.line, format!("'{}' is {why}", key.name));
    if !key.continuation.is_empty() {
        return Err(bad("spread over several lines".to_owned()));
    }
    yaml::scalar(key.text).map_err(bad)
}

/// The items of a key whose value is a list.
///
/// # Errors
/// When it is none.
pub fn list(key: &Key) -> Result<Vec<Scalar>, Fault> {
    let bad = |why: String| Fault::BadLine(key.line, format!("'{}' is {why}", key.name));
    match key.text.trim() {
        flow if flow.starts_with('[') && key.continuation.is_empty() => yaml::flow_list(flow).map_err(bad),
        text if !key.continuation.is_empty() && (text.is_empty() || text.starts_with('#')) => {
            block_list(key).map_err(bad)
        }
        _ => match scalar(key)? {
            Scalar::Null => Ok(Vec::new()),
            Scalar::Text(_) | Scalar::Plain(_) => Err(bad("no list".to_owned())),
        },
    }
}

fn block_list(key: &Key) -> Result<Vec<Scalar>, String> {
    let item = |line: &&str| match line.trim_start().strip_prefix('-') {
        Some(item) => yaml::scalar(item),
        None => Err("no list".to_owned()),
    };
    key.continuation.iter().map(item).collect()
}

/// A value this version doesn't know: its text if it is a scalar, else as it stands.
fn unknown_text(key: &Key) -> String {
    match scalar(key) {
        Ok(scalar) => scalar.text().unwrap_or_default(),
        Err(_) => [vec![key.text.trim()], key.continuation.clone()].concat().join("\n").trim().to_owned(),
    }
}

/// A new `item.md`.
pub fn write(fields: &[(Field, Value)], body: &str) -> String {
    format!("{}\n{}\n", front_matter::write(fields), body.trim_end_matches('\n'))
}

/// The file with these fields and, if given, this body; everything else stays as it was. Of a field that is
/// given several times the last one counts.
///
/// # Errors
/// When the front matter can't be read.
pub fn update(text: &str, fields: &[(Field, Value)], body: Option<&str>) -> Result<String, Fault> {
    let front = FrontMatter::parse(text)?;
    let is_last = |(index, (field, _)): &(usize, &(Field, Value))| {
        !fields[index + 1..].iter().any(|(later, _)| later == field)
    };
    let last = fields.iter().enumerate().filter(is_last).map(|(_, field)| field.clone());
    let mut out = front.with(&last.collect::<Vec<_>>());
    match body {
        None => out.push_str(front.body),
        Some(body) => {
            if front.body.is_empty() || front.body.starts_with(['\n', '\r']) {
                out.push('\n');
            }
            out.push_str(body.trim_end_matches('\n'));
            out.push('\n');
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> TicketId {
        TicketId::from_millis(1)
    }

    fn file(front: &str) -> String {
        format!(
            "---\ntitle: 'T'\nstate: 'queued'\ncreated_at: '2026-06-25T14:44:03Z'\nupdated_at: \"2026-06-25T14:44:03Z\"\n{front}---\n\nbody\n"
        )
    }

    #[test]
    fn a_field_that_is_set_twice_stands_once() {
        let state = |word: &str| (Field::State, Value::Text(word.to_owned()));
        let text = update(&file(""), &[state("inprogress"), state("done")], None).unwrap();
        assert_eq!(text, file("").replace("queued", "done"));
    }

    #[test]
    fn every_field_is_read() {
        let text = file(
            "assignee: null\nreadiness: 'spike_needed'\nrisk_flags: ['a', 'b']\npriority: 'P1'\nlabels:\n  - x\n  - 'y z'\nlegacy: {a: b}\nqueued_by: me\n",
        );
        let item = parse(id(), &text).unwrap();
        assert_eq!(item.complaints, Vec::<String>::new());
        let ticket = item.ticket;
        assert_eq!((ticket.title.as_str(), ticket.state), ("T", State::Queued));
        assert_eq!(ticket.created_at, Moment::parse("2026-06-25T14:44:03Z"));
        assert_eq!((ticket.assignee, ticket.readiness.as_deref()), (None, Some("spike_needed")));
        assert_eq!(
            (ticket.risk_flags, ticket.labels),
            (vec!["a".into(), "b".into()], vec!["x".into(), "y z".into()])
        );
        assert_eq!((ticket.priority.as_deref(), ticket.queued_by.as_deref()), (Some("P1"), Some("me")));
        assert_eq!(ticket.unknown, [("legacy".to_owned(), "{a: b}".to_owned())]);
        assert_eq!(ticket.body, "body\n");
    }

    #[test]
    fn what_is_against_the_rules_but_readable_is_complained_about() {
        let item = parse(id(), "---\ntitle: 7\nstatus: closed\ntitle: x\ncreated_at: now\n---\n").unwrap();
        assert_eq!((item.ticket.title.as_str(), item.ticket.state), ("x", State::Closed));
        assert_eq!(item.complaints.len(), 4, "{:?}", item.complaints);
    }

    #[test]
    fn what_can_not_be_read_is_named() {
        let fault = |text: &str| parse(id(), text).unwrap_err();
        assert_eq!(fault("---\ntitle: a\nstate: intake\n---\n"), Fault::UnknownState("intake".into()));
        assert!(matches!(fault(&file("labels: x\n")), Fault::BadLine(6, _)));
        assert!(matches!(fault(&file("assignee: 'open\n")), Fault::BadLine(6, _)));
        assert!(matches!(fault(&file("assignee:\n  a: b\n")), Fault::BadLine(6, _)));
    }

    #[test]
    fn a_body_is_replaced_and_the_rest_kept() {
        let text = "---\ntitle: \"a\"\n---\n\nold\n";
        assert_eq!(update(text, &[], Some("new")), Ok("---\ntitle: \"a\"\n---\n\nnew\n".into()));
        assert_eq!(update("---\n---\nold", &[], Some("new")), Ok("---\n---\nnew\n".into()));
        assert_eq!(update(text, &[], None), Ok(text.into()));
    }
}
