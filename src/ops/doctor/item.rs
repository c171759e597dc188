//! `item.md`: its front matter key by key.

use std::collections::BTreeMap;

use super::findings::{InFile, quoted};
use crate::format::fault::Fault;
use crate::format::front_matter::{FrontMatter, Key};
use crate::format::item;
use crate::format::yaml::{self, Scalar};
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::ticket::{Field, Ticket};

const REQUIRED: [Field; 4] = [Field::Title, Field::State, Field::CreatedAt, Field::UpdatedAt];
/// Keys of older forms, which yoi takes for errors. It counts `labels` to them; git-yoi uses that one.
const OBSOLETE: [&str; 7] =
    ["id", "slug", "status", "workflow_state", "kind", "action_required", "attention_required"];
/// By how many seconds a ticket's id and its `created_at` may differ.
const TOLERANCE: u64 = 60;

/// Looks at the front matter. Gives the fields, when they can be read.
pub(super) fn check(id: TicketId, text: &str, out: &mut InFile) -> Option<Ticket> {
    let front = match FrontMatter::parse(text) {
        Ok(front) => front,
        Err(fault) => {
            unreadable(&fault, out);
            return None;
        }
    };
    keys(&front, out);
    for field in Field::ALL {
        values(&front, field, out);
    }
    match item::parse(id, text) {
        Ok(item) => {
            times(&item.ticket, &front, out);
            Some(item.ticket)
        }
        Err(fault @ Fault::UnknownState(_)) => {
            let line = line(&front, Field::State).or(front.key("workflow_state").map(|key| key.line));
            out.error("invalid_state", line, fault.to_string());
            None
        }
        Err(fault) => {
            unreadable(&fault, out);
            None
        }
    }
}

fn unreadable(fault: &Fault, out: &mut InFile) {
    match fault {
        Fault::BadLine(line, why) => out.error("unreadable_item", Some(*line), why.clone()),
        other => out.error("unreadable_item", None, other.to_string()),
    }
}

fn line(front: &FrontMatter, field: Field) -> Option<usize> {
    front.key(field.key()).map(|key| key.line)
}

/// Keys that are there twice or not used any more.
fn keys(front: &FrontMatter, out: &mut InFile) {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for key in &front.keys {
        if let Some(first) = lines.insert(key.name, key.line) {
            let why = format!("{} stands on line {first} too; the last one counts", quoted(key.name));
            out.error("duplicate_key", Some(key.line), why);
        }
        if OBSOLETE.contains(&key.name) {
            out.error("obsolete_key", Some(key.line), format!("'{}' is not used any more", key.name));
        }
    }
}

/// Values that are missing or of another type.
fn values(front: &FrontMatter, field: Field, out: &mut InFile) {
    let (name, key) = (field.key(), front.key(field.key()));
    let at = key.map(|key| key.line);
    let is_list = matches!(field, Field::Labels | Field::RiskFlags);
    let scalars = match key {
        None => Vec::new(),
        Some(key) if is_list => list(key),
        Some(key) => match yaml::scalar(key.text) {
            Ok(scalar) => vec![scalar],
            // The reader tells what can't be read at all.
            Err(_) => return,
        },
    };
    let is_wrong = |scalar: &Scalar| match scalar {
        Scalar::Text(_) => false,
        Scalar::Plain(_) => true,
        Scalar::Null => is_list,
    };
    if scalars.iter().any(is_wrong) {
        let wanted = if is_list { "a list of strings" } else { "a string" };
        out.error("wrong_type", at, format!("'{name}' is not {wanted}; put the value in quotes"));
    }
    let text = scalars.into_iter().find_map(Scalar::text).unwrap_or_default();
    if REQUIRED.contains(&field) && text.trim().is_empty() {
        out.error("missing_field", at, format!("'{name}' is missing or empty"));
    }
}

/// The elements of a list in either style; nothing for `null` and for what is no list.
fn list(key: &Key) -> Vec<Scalar> {
    if key.text.trim().starts_with('[') {
        return yaml::flow_list(key.text).unwrap_or_default();
    }
    let elements = key.continuation.iter().filter_map(|line| line.trim_start().strip_prefix('-'));
    elements.filter_map(|element| yaml::scalar(element).ok()).collect()
}

fn times(ticket: &Ticket, front: &FrontMatter, out: &mut InFile) {
    for field in [Field::CreatedAt, Field::UpdatedAt, Field::QueuedAt] {
        let Some(key) = front.key(field.key()) else { continue };
        let text = yaml::scalar(key.text).ok().and_then(Scalar::text).unwrap_or_default();
        if !text.trim().is_empty() && Moment::parse(&text).is_none() {
            let why = format!("'{}' is {}, not of the form YYYY-MM-DDTHH:MM:SSZ", key.name, quoted(&text));
            out.warning("bad_time", Some(key.line), why);
        }
    }
    let Some(created) = ticket.created_at else { return };
    let made = Moment::from_millis(ticket.id.millis());
    let difference = created.seconds().abs_diff(made.seconds());
    if difference > TOLERANCE {
        let why = format!("created at {created}, but the id stands for {made}");
        out.warning("created_at_mismatch", line(front, Field::CreatedAt), why);
    }
}
