//! Edits of a ticket's own fields; each leaves a `field` event behind.

use super::{Change, Draft, Field, Heading, Kind, Refusal, Text, Ticket, Value, limit, text};

/// What somebody wants changed; `None` leaves a field alone.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// The new title.
    pub title: Option<String>,
    /// The new body, and the difference to the old one as unified diff.
    pub body: Option<(String, String)>,
    /// The new assignee; `Some(None)` takes the old one away.
    pub assignee: Option<Option<String>>,
    /// The new priority, likewise.
    pub priority: Option<Option<String>>,
    /// The new readiness, likewise.
    pub readiness: Option<Option<String>>,
    /// Labels to add.
    pub add_labels: Vec<String>,
    /// Labels to take away.
    pub remove_labels: Vec<String>,
    /// Risk flags to add.
    pub add_risks: Vec<String>,
    /// Risk flags to take away.
    pub remove_risks: Vec<String>,
}

/// Changes fields and body of a ticket.
///
/// # Errors
/// When a text can't be stored or nothing would change.
pub fn edit(ticket: &Ticket, wanted: &Edit) -> Result<Change, Refusal> {
    let mut change = Change::default();
    if let Some(title) = &wanted.title {
        let title = text::line("title", title)?;
        set(&mut change, Field::Title, Value::Text(ticket.title.clone()), Value::Text(title));
    }
    for (field, old, new) in [
        (Field::Assignee, &ticket.assignee, &wanted.assignee),
        (Field::Priority, &ticket.priority, &wanted.priority),
        (Field::Readiness, &ticket.readiness, &wanted.readiness),
    ] {
        let Some(new) = new else { continue };
        let new = new.as_ref().map(|value| text::line(field.key(), value)).transpose()?;
        set(&mut change, field, optional(old.clone()), optional(new));
    }
    for (field, what, old, add, remove) in [
        (Field::Labels, "label", &ticket.labels, &wanted.add_labels, &wanted.remove_labels),
        (Field::RiskFlags, "risk flag", &ticket.risk_flags, &wanted.add_risks, &wanted.remove_risks),
    ] {
        let new = edited_list(what, old, add, remove)?;
        set(&mut change, field, Value::List(old.clone()), Value::List(new));
    }
    edit_body(&mut change, ticket, wanted)?;
    if change.events.is_empty() {
        return Err(Refusal::NothingToChange { id: ticket.id });
    }
    let edited: Vec<&str> = change
        .events
        .iter()
        .filter_map(|event| event.attributes.first())
        .map(|(_, field)| field.as_str())
        .collect();
    change.summary = format!("edited {}", edited.join(", "));
    Ok(change)
}

fn edit_body(change: &mut Change, ticket: &Ticket, wanted: &Edit) -> Result<(), Refusal> {
    let Some((body, diff)) = &wanted.body else { return Ok(()) };
    let body = text::prose("body", body, limit::TEXT)?;
    if body != text::trim_blank_lines(&ticket.body) {
        let draft = Draft::new(Kind::Field, Text::BodyChanged(diff.clone()));
        change.events.push(draft.headed(Heading::FieldChanged).with("field", "body"));
        change.body = Some(body);
    }
    Ok(())
}

fn optional(value: Option<String>) -> Value {
    value.map_or(Value::Absent, Value::Text)
}

fn edited_list(
    what: &'static str,
    old: &[String],
    add: &[String],
    remove: &[String],
) -> Result<Vec<String>, Refusal> {
    let mut new: Vec<String> = old.iter().filter(|word| !remove.contains(word)).cloned().collect();
    for word in add {
        let word = text::line(what, word)?;
        if !new.contains(&word) {
            new.push(word);
        }
    }
    Ok(new)
}

pub(super) fn set(change: &mut Change, field: Field, old: Value, new: Value) {
    if old == new {
        return;
    }
    let (from, to) = (on_one_line(&old), on_one_line(&new));
    let mut draft = Draft::new(Kind::Field, Text::FieldChanged { field, from: from.clone(), to: to.clone() })
        .headed(Heading::FieldChanged)
        .with("field", field.key());
    for (key, value) in [("from", from), ("to", to)] {
        // A value that can't stand in a header stands in the text below it.
        if let Some(value) = value.filter(|value| !value.contains("-->") && !value.contains(char::is_control))
        {
            draft = draft.with(key, value);
        }
    }
    change.events.push(draft);
    change.fields.push((field, new));
}

fn on_one_line(value: &Value) -> Option<String> {
    match value {
        Value::Absent => None,
        Value::Text(text) => Some(text.clone()),
        Value::List(words) if words.is_empty() => None,
        Value::List(words) => Some(words.join(", ")),
    }
}
