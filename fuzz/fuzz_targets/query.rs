//! What people type to find tickets: no words make the reader panic, refusals are one clean line, each
//! argument is read by itself, what stands in double quotes is text and nothing else, an excluded condition holds where
//! the condition does not, and what a text is looked for with is found in that text, by its tokens too. Each line is
//! an argument.
#![no_main]

use chrono::{FixedOffset, Utc};
use git_yoi::format::item;
use git_yoi::model::id::TicketId;
use git_yoi::model::moment::Moment;
use git_yoi::model::query::parse::{Asked, Asker, Fault, is_exclusion, parse};
use git_yoi::model::search::needle::Needle;
use git_yoi::model::search::segment;
use git_yoi::model::summary::Summary;
use git_yoi::ui::sanitize;
use libfuzzer_sys::fuzz_target;

const TICKET: &str = "---\nid: 00001KVZKSV6A\ntitle: 'Café: 検索 of straße'\nstate: queued\ncreated_at: \
                      2026-06-25T10:00:00Z\nupdated_at: 2026-06-26T10:00:00Z\nassignee: Tess\npriority: P1\n---\nx\n";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let arguments: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let whole = read(&arguments);
    let parts: Vec<_> = arguments.iter().map(|one| read(std::slice::from_ref(one))).collect();
    match (&whole, parts.into_iter().collect::<Result<Vec<_>, _>>()) {
        (Ok(whole), Ok(parts)) => assert_eq!(*whole, join(parts)),
        (Err(whole), Err(first)) => assert_eq!(*whole, first),
        (whole, parts) => panic!("{whole:?} is not {parts:?}"),
    }
    for argument in &arguments {
        is_exclusion(argument);
        quoted(argument);
    }
    if let Ok(asked) = whole {
        holds(asked);
    }
});

fn read(arguments: &[String]) -> Result<Asked, Fault> {
    let now = Moment::parse("2026-06-25T00:00:00Z").expect("it is a moment");
    let me = || Some("Tess".to_owned());
    let here = parse(
        arguments,
        &Asker { now, zone: FixedOffset::east_opt(9 * 3600).expect("it is a zone"), me: &me },
    );
    let there = parse(arguments, &Asker { now, zone: Utc, me: &me });
    assert_eq!(here.is_ok(), there.is_ok(), "a zone makes no word wrong");
    if let Err(fault) = &here {
        for said in [Some(fault.to_string()), fault.hint()].into_iter().flatten() {
            assert!(!said.contains(char::is_control), "{said:?}");
        }
    }
    here
}

fn join(parts: Vec<Asked>) -> Asked {
    parts.into_iter().fold(Asked::default(), |mut all, part| {
        all.clauses.extend(part.clauses);
        all.texts.extend(part.texts);
        all.parts.extend(part.parts);
        all
    })
}

/// What stands in double quotes is one text.
fn quoted(argument: &str) {
    let inner = argument.replace('"', "");
    match read(&[format!("\"{inner}\"")]) {
        Ok(asked) => {
            assert!(asked.clauses.is_empty() && asked.parts.is_empty(), "{asked:?}");
            let [text] = asked.texts.as_slice() else { panic!("{asked:?}") };
            assert!(text.text == inner && !text.is_excluded && !text.is_open, "{text:?}");
        }
        Err(fault) => assert!(fault == Fault::Empty && inner.trim().is_empty(), "{fault:?}"),
    }
}

fn holds(asked: Asked) {
    let id = TicketId::parse("00001KVZKSV6A").expect("it is an id");
    let ticket = item::parse(id, TICKET).expect("it is a ticket");
    let summary = Summary::of(&ticket.ticket);
    for text in &asked.texts {
        finds(&text.text, text.is_open);
    }
    for mut clause in asked.into_clauses().unwrap_or_default() {
        let before = clause.holds(&summary);
        clause.is_excluded = !clause.is_excluded;
        assert_ne!(before, clause.holds(&summary), "{clause:?}");
    }
}

/// A text is found in itself, in its own bytes.
fn finds(text: &str, is_open: bool) {
    let Some(needle) = Needle::new(text, is_open) else { return };
    let found = needle.find(text);
    assert!(!found.is_empty(), "{text:?} is not in itself");
    assert!(found.iter().all(|place| text.get(place.clone()).is_some()), "{found:?}");
    let mut tokens = Vec::new();
    segment::tokens(text, |token| tokens.push(token.to_owned()));
    for token in needle.tokens() {
        let fits = |known: &String| {
            if token.is_prefix { known.starts_with(&token.text) } else { *known == token.text }
        };
        assert!(tokens.iter().any(fits), "{token:?} of {text:?}");
    }
    assert!(sanitize::is_clean(&sanitize::line(text)));
}
