//! `item.md`: what can be read can be updated, and only what was updated differs afterwards.
#![no_main]

use git_yoi::format::item;
use git_yoi::model::id::TicketId;
use git_yoi::model::state::State;
use git_yoi::model::ticket::{Field, Ticket, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let id = TicketId::from_millis(1_700_000_000_000);
    let Ok(read) = item::parse(id, text) else { return };
    let update = |fields: &[(Field, Value)], body: Option<&str>| {
        item::update(text, fields, body).expect("what was read can be updated")
    };
    let again = |text: &str| item::parse(id, text).expect("what was updated can be read");

    let kept = update(&[], None);
    assert!(kept == text || text.contains('\r') || kept == format!("{text}\n"), "bytes changed: {kept:?}");
    assert_eq!(again(&kept), read);

    for state in State::ALL {
        let moved = again(&update(&[(Field::State, Value::Text(state.word().to_owned()))], None)).ticket;
        assert_eq!(moved, Ticket { state, ..read.ticket.clone() });
    }

    let rewritten = again(&update(&values(&read.ticket), None)).ticket;
    assert_eq!(values(&rewritten), values(&read.ticket));

    let title = read.ticket.body.lines().next().unwrap_or_default().to_owned();
    let fields = [
        (Field::Title, Value::Text(title.clone())),
        (Field::Assignee, Value::Absent),
        (Field::Labels, Value::List(vec!["a, b".to_owned(), "it's".to_owned()])),
    ];
    let expected = Ticket {
        title,
        assignee: None,
        labels: vec!["a, b".to_owned(), "it's".to_owned()],
        body: "---\nnew\n".to_owned(),
        ..read.ticket
    };
    assert_eq!(again(&update(&fields, Some("---\nnew"))).ticket, expected);
});

/// The fields that hold people's words, as they would be written; the items of lists are written trimmed.
fn values(ticket: &Ticket) -> [(Field, Value); 4] {
    let text = |text: &Option<String>| text.clone().map_or(Value::Absent, Value::Text);
    let list = |words: &[String]| Value::List(words.iter().map(|word| word.trim().to_owned()).collect());
    [
        (Field::Title, Value::Text(ticket.title.clone())),
        (Field::Assignee, text(&ticket.assignee)),
        (Field::Labels, list(&ticket.labels)),
        (Field::RiskFlags, list(&ticket.risk_flags)),
    ]
}
