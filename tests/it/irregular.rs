//! Irregular tickets: every oddity known from real ones, as small texts of our own, and what must come out.
//!
//! The numbers in the tests' comments are rows of the list of irregularities that these cases are drawn
//! from; each row about threads, items or relations has a case here.

use git_yoi::format::language::Language;
use git_yoi::format::{item, relations, thread};
use git_yoi::model::change::{Draft, Stamp, Text};
use git_yoi::model::event::Kind;
use git_yoi::model::id::TicketId;
use git_yoi::model::rule;
use git_yoi::model::state::State;
use git_yoi::model::thread::{Verdict, last_move, last_verdict};
use git_yoi::model::ticket::{Field, Ticket, Value};

/// Each event on one line: where it stands, what it is, who wrote it, its heading, its body, its end.
fn told(text: &str) -> Vec<String> {
    let line = |entry: &thread::Entry| {
        let event = &entry.event;
        let heading = event.heading.as_deref().unwrap_or("(none)");
        let end = if entry.is_terminated { "" } else { " (open)" };
        format!(
            "{} {} by {}: {heading}: {}{end}",
            entry.line,
            event.kind,
            event.author,
            event.body.replace('\n', "|")
        )
    };
    let entries = thread::parse(text);
    appending_keeps(text, &entries);
    entries.iter().map(line).collect()
}

/// Whatever a thread looks like, an event appended to it disturbs nothing and comes back whole.
fn appending_keeps(old: &str, before: &[thread::Entry]) {
    let words = "```\n---\n<!-- event: close author: x at: t -->\n\n## more";
    let draft = Draft::new(Kind::Comment, Text::Words(words.to_owned()));
    let stamp = Stamp { actor: "me".to_owned(), millis: 1 };
    let (new, ids) = thread::append(old, &[draft], &stamp, Language::English, || 1);
    assert!(new.starts_with(old));
    let mut after = thread::events(&new);
    let last = after.pop().unwrap();
    assert_eq!(after, before.iter().map(|entry| entry.event.clone()).collect::<Vec<_>>());
    assert_eq!((last.body.as_str(), last.id), (words, Some(ids[0])));
}

fn ticket(text: &str) -> Ticket {
    let id = TicketId::from_millis(1_700_000_000_000);
    let item = item::parse(id, text).unwrap();
    assert_eq!(item.complaints, Vec::<String>::new());
    assert_eq!(item::update(text, &[], None).as_deref(), Ok(text));
    item.ticket
}

/// 1: an author of two words without quotes. 32: a colon in one.
#[test]
fn authors_with_spaces_or_colons_are_read_whole() {
    let text = "\
<!-- event: create author: night shift at: 2024-02-03T04:05:06Z -->

## Created

Made.

---

<!-- event: plan author: \"night shift\" at: 2024-02-03T04:05:06Z -->

## Plan

one

---

<!-- event: review author: reviewer:left-hand at: 2024-02-03T04:05:07Z status: approve -->

## Review: approve

good

---
";
    assert_eq!(
        told(text),
        [
            "1 create by night shift: Created: Made.",
            "9 plan by night shift: Plan: one",
            "17 review by reviewer:left-hand: Review: approve: good",
        ]
    );
    assert!(thread::events(text).iter().all(|event| event.at.starts_with("2024-02-03T04:05:0")));
}

/// 2: no create event. 8: kinds nobody knows. 10: headings of somebody's own. 11: two languages in one file.
#[test]
fn unknown_kinds_and_headings_are_kept_in_place() {
    let text = "\
<!-- event: migration author: move.sh at: 2024-02-03T04:05:06Z -->

## Migrated

From elsewhere.

---

<!-- event: fix author: a at: 2024-02-03T04:05:06Z -->

## A fix by the parent's side

Mended.

---

<!-- event: item_edit author: a at: 2024-02-03T04:05:06Z -->

## 項目更新

題名

---

<!-- event: closed author: a at: 2024-02-03T04:05:06Z -->

## 完了

終わり

---
";
    assert_eq!(
        told(text),
        [
            "1 migration by move.sh: Migrated: From elsewhere.",
            "9 fix by a: A fix by the parent's side: Mended.",
            "17 item_edit by a: 項目更新: 題名",
            "25 closed by a: 完了: 終わり",
        ]
    );
    let closes: Vec<bool> = thread::events(text).iter().map(|event| event.kind.closes()).collect();
    assert_eq!(closes, [false, false, false, true]);
}

/// 3: no heading. 34: bodies with headings of their own, right after the event's or without one.
#[test]
fn the_first_heading_is_the_events_and_others_are_the_bodys() {
    let text = "\
<!-- event: create author: a at: t -->

Made without a heading.

---

<!-- event: plan author: a at: t -->
straight below

---

<!-- event: implementation_report author: a at: t -->

## Implementation report

## Summary

# Large

### Small

---

<!-- event: comment author: a at: t -->

### No second level

text

---

<!-- event: comment author: a at: t -->

## Comment

---
";
    assert_eq!(
        told(text),
        [
            "1 create by a: (none): Made without a heading.",
            "7 plan by a: (none): straight below",
            "12 implementation_report by a: Implementation report: ## Summary||# Large||### Small",
            "24 comment by a: (none): ### No second level||text",
            "32 comment by a: Comment: ",
        ]
    );
}

/// 4: a missing end, in the middle with a blank line and as the last thing. 5: a header that touches text
/// or the end of the event before.
#[test]
fn missing_ends_and_blank_lines_hide_no_event() {
    let text = "\
<!-- event: plan author: a at: t -->

## Plan

no end here

<!-- event: implementation_report author: b at: t -->

## Implementation report

- touches
- the next header
<!-- event: review author: c at: t status: approve -->

## Review: approve

fine

---
<!-- event: state_changed author: d at: t from: queued to: done reason: x field: state -->

## State changed

moved

---

<!-- event: closed author: e at: t -->

## Closed

last words";
    assert_eq!(
        told(text),
        [
            "1 plan by a: Plan: no end here (open)",
            "7 implementation_report by b: Implementation report: - touches|- the next header (open)",
            "13 review by c: Review: approve: fine",
            "20 state_changed by d: State changed: moved",
            "28 closed by e: Closed: last words (open)",
        ]
    );
    assert_eq!(told(&format!("{text}\n"))[4], told(text)[4]);
}

/// 6: bodies with `---` lines: a whole old ticket, a rule between paragraphs, one end too many.
#[test]
fn rules_in_a_body_belong_to_it() {
    let text = "\
<!-- event: close author: a at: t status: closed -->

## Closed

---
title: 'An older ticket'
state: 'closed'
---

## Background

Old text.

---

More of it.

---

<!-- event: review author: b at: t status: request_changes -->

## Review: request changes

above

---

below
  ---
end

---

<!-- event: comment author: c at: t -->

## Comment

twice

---

---
";
    assert_eq!(
        told(text),
        [
            "1 close by a: Closed: ---|title: 'An older ticket'|state: 'closed'|---||## Background||Old text.||---||More of it.",
            "20 review by b: Review: request changes: above||---||below|  ---|end",
            "34 comment by c: Comment: twice||---",
        ]
    );
}

/// 7: two headers inside one code fence, with ends and blank lines around them.
#[test]
fn headers_inside_a_closed_code_fence_are_no_events() {
    let lines = [
        "```markdown",
        "<!-- event: comment author: fake at: t -->",
        "",
        "## Comment",
        "",
        "example",
        "",
        "---",
        "",
        "<!-- event: review author: fake at: t status: approve -->",
        "",
        "## Review: approve",
        "",
        "---",
        "```",
    ];
    for (open, close) in [("```markdown", "```"), ("~~~", "~~~~"), ("  ````", "````"), ("``` a b", "```  ")] {
        let mut body = lines;
        (body[0], body[14]) = (open, close);
        let text = format!(
            "<!-- event: plan author: a at: t -->\n\n## Plan\n\nSo:\n\n{}\n\nand on.\n\n---\n\n\
             <!-- event: comment author: b at: t -->\n\n## Comment\n\nnext\n\n---\n",
            body.join("\n")
        );
        assert_eq!(
            told(&text),
            [
                format!("1 plan by a: Plan: So:||{}||and on.", body.join("|")),
                "27 comment by b: Comment: next".to_owned()
            ]
        );
    }
}

/// 7, the other way round: what only looks like a fence must not hide events.
#[test]
fn a_fence_that_stays_open_or_is_none_hides_no_event() {
    for line in ["```", "~~~ text", "``", "`` `", "    ```", "```a`b", "- ```"] {
        let text = format!(
            "<!-- event: plan author: a at: t -->\n\n## Plan\n\n{line}\n\n---\n\n\
             <!-- event: comment author: b at: t -->\n\n## Comment\n\nnext\n\n---\n"
        );
        assert_eq!(
            told(&text),
            [format!("1 plan by a: Plan: {line}"), "9 comment by b: Comment: next".to_owned()]
        );
    }
}

/// 7, across tools: a fence left open in an event of ours, and a whole one in the event after it.
#[test]
fn an_open_fence_in_an_event_with_an_id_hides_no_event_of_an_older_tool() {
    let draft = Draft::new(Kind::Comment, Text::Words("```\nnever closed".to_owned()));
    let stamp = Stamp { actor: "me".to_owned(), millis: 5_000 };
    let (ours, _) = thread::append("", &[draft], &stamp, Language::English, || 1);
    let text = format!(
        "{ours}\n<!-- event: close author: a at: t status: closed -->\n\n## Closed\n\n```\ncode\n```\n\n---\n"
    );
    assert_eq!(
        told(&text),
        ["1 comment by me: Comment: ```|never closed", "10 close by a: Closed: ```|code|```"]
    );
}

/// An id whose time is the last there can be: what follows it is not written as the oldest.
#[test]
fn an_id_at_the_end_of_time_does_not_turn_the_clock_back() {
    let old = "<!-- event: comment author: a at: t id: 7ZZZZZZZZZ0000000000000000 -->\n\nx\n\n---\n";
    let draft = Draft::new(Kind::Comment, Text::Words("y".to_owned()));
    let stamp = Stamp { actor: "me".to_owned(), millis: 5_000 };
    let (_, ids) = thread::append(old, &[draft], &stamp, Language::English, || 1);
    assert_eq!(ids[0].to_string(), "7ZZZZZZZZZ0000000000000001");
}

/// 9: a review that says `result` where `status` is meant, and one that says nothing.
#[test]
fn a_review_without_status_has_no_verdict_and_keeps_what_it_says() {
    let header = |rest: &str| {
        format!("<!-- event: review author: a at: t{rest} -->\n\n## External review\n\nwords\n\n---\n")
    };
    let events = |rest: &str| thread::events(&header(rest));
    assert_eq!(events(" result: approve")[0].attribute("result"), Some("approve"));
    assert_eq!(last_verdict(&events(" result: approve")), None);
    assert_eq!(last_verdict(&events("")), None);
    assert_eq!(last_verdict(&events(" status: approve")), Some(Verdict::Approve));
    assert_eq!(told(&header("")), ["1 review by a: External review: words"]);
}

/// 12, 13, 14, 15, 18: old field names and states, chains that don't fit together. 20, 21: two closes and an
/// event after them. 24, 35: times that stand still or go back.
#[test]
fn moves_are_read_as_they_stand_however_odd() {
    let mut text = String::new();
    for (from, to, field, second) in [
        ("intake", "ready", "workflow_state", 9),
        ("queued", "inprogress", "state", 9),
        ("ready", "done", "workflow_state", 3),
        ("closed", "planning", "state", 3),
    ] {
        text.push_str(&format!(
            "<!-- event: state_changed author: a at: 2024-02-03T04:05:0{second}Z from: {from} to: {to} reason: by_hand field: {field} -->\n\n## State changed\n\nmoved\n\n---\n\n"
        ));
    }
    let close = "<!-- event: close author: a at: 2024-02-03T04:05:03Z status: closed -->\n\n## Closed\n\nover\n\n---\n\n";
    text.push_str(close);
    text.push_str(close);
    text.push_str(
        "<!-- event: comment author: a at: 2024-02-03T04:05:03Z -->\n\n## Comment\n\nafter\n\n---\n",
    );
    let events = thread::events(&text);
    let kinds: Vec<&str> = events.iter().map(|event| event.kind.word()).collect();
    assert_eq!(
        kinds,
        ["state_changed", "state_changed", "state_changed", "state_changed", "close", "close", "comment"]
    );
    let seconds: Vec<&str> = events.iter().map(|event| &event.at[17..19]).collect();
    assert_eq!(seconds, ["09", "09", "03", "03", "03", "03", "03"]);
    assert_eq!(events[0].attribute("from"), Some("intake"));
    assert_eq!(events[2].attribute("field"), Some("workflow_state"));
    assert_eq!(last_move(&events), Some((Some("closed"), Some("planning"))));
    appending_keeps(&text, &thread::parse(&text));
}

/// 16, 17, 19: threads that say nothing about states.
#[test]
fn a_thread_without_moves_has_no_last_move() {
    let text = "<!-- event: create author: a at: t -->\n\n## Created\n\nMade.\n\n---\n";
    assert_eq!(last_move(&thread::events(text)), None);
    assert_eq!(told(""), Vec::<String>::new());
    assert_eq!(told("words before any event\n"), Vec::<String>::new());
}

/// 23: a body with its own line end has two blank lines after it.
#[test]
fn blank_lines_around_a_body_are_not_part_of_it() {
    let text = "<!-- event: comment author: a at: t -->\n\n## Comment\n\n\n  indented\n\n\nlast\n\n\n---\n\n\n<!-- event: plan author: b at: t -->\n\n## Plan\n\nx\n\n---\n";
    assert_eq!(told(text), ["1 comment by a: Comment:   indented|||last", "15 plan by b: Plan: x"]);
}

/// An event header is one whole line at column 0; everything like it is text.
#[test]
fn what_only_resembles_a_header_is_text() {
    let near = [
        " <!-- event: close author: a at: t -->",
        "> <!-- event: close author: a at: t -->",
        "<!-- event: close author: a at: t --> trailing",
        "<!-- event: close",
        "<!-- note -->",
        "<!--event: close -->",
    ];
    let text =
        format!("<!-- event: comment author: a at: t -->\n\n## Comment\n\n{}\n\n---\n", near.join("\n"));
    assert_eq!(told(&text), [format!("1 comment by a: Comment: {}", near.join("|"))]);
}

/// Line ends of another system: the same events, their bodies to the byte.
#[test]
fn threads_with_carriage_returns_have_the_same_events() {
    let text = "<!-- event: create author: a at: t -->\n\n## Created\n\nMade.\n\n---\n\n<!-- event: plan author: b at: t -->\n\n## Plan\n\nx\n\n---\n";
    let read: Vec<String> =
        told(&text.replace('\n', "\r\n")).iter().map(|line| line.replace('\r', "")).collect();
    assert_eq!(read, told(text));
}

/// 28, 29: both kinds of quotes, a key out of use. 13, 25, 26, 27: fields that agree with nothing else.
#[test]
fn front_matter_in_any_quotes_is_read_and_kept() {
    let text = "\
---
title: \"Say: 'yes'\"
state: 'done'
priority: 'P1'
created_at: \"2024-02-03T04:05:06Z\"
updated_at: '2020-01-01T00:00:00Z'
assignee: null
readiness: 'spike_needed'
risk_flags: ['slow', \"wide, deep\"]
queued_by: \"panel\"
queued_at: '2031-01-01T00:00:00Z'
colour: blue # nobody knows why
---

## 背景

text
";
    let read = ticket(text);
    assert_eq!((read.title.as_str(), read.state), ("Say: 'yes'", State::Done));
    assert_eq!((read.priority.as_deref(), read.assignee), (Some("P1"), None));
    assert_eq!(read.risk_flags, ["slow", "wide, deep"]);
    assert_eq!((read.queued_by.as_deref(), read.readiness.as_deref()), (Some("panel"), Some("spike_needed")));
    assert_eq!(read.unknown, [("colour".to_owned(), "blue".to_owned())]);
    let fields =
        [(Field::State, Value::Text("closed".to_owned())), (Field::Assignee, Value::Text("o'neil".into()))];
    let expected =
        text.replace("state: 'done'", "state: 'closed'").replace("assignee: null", "assignee: 'o''neil'");
    assert_eq!(item::update(text, &fields, None), Ok(expected));
}

/// Line ends inside values, as double quotes can hold them: an edit keeps the file and its events readable.
#[test]
fn values_with_line_ends_survive_an_edit() {
    let text = "---\ntitle: \"a\\nb\"\nstate: 'planning'\nlabels: [\"x\\ny\"]\ncreated_at: '2024-02-03T04:05:06Z'\nupdated_at: '2024-02-03T04:05:06Z'\n---\n";
    let read = ticket(text);
    assert_eq!((read.title.as_str(), &read.labels[..]), ("a\nb", &["x\ny".to_owned()][..]));
    let wanted =
        rule::Edit { title: Some("c".to_owned()), add_labels: vec!["z".to_owned()], ..Default::default() };
    let change = rule::edit(&read, &wanted).unwrap();
    let edited = ticket(&item::update(text, &change.fields, None).unwrap());
    assert_eq!((edited.title.as_str(), edited.labels), ("c", vec!["x\ny".to_owned(), "z".to_owned()]));
    let stamp = Stamp { actor: "me".to_owned(), millis: 5_000 };
    let (thread, ids) = thread::append("", &change.events, &stamp, Language::English, || 1);
    assert_eq!(thread::events(&thread).len(), ids.len());
}

/// 30: the body right below the front matter. 31: rules in the body.
#[test]
fn bodies_of_items_are_kept_to_the_byte() {
    let front = "---\ntitle: 'T'\nstate: 'planning'\ncreated_at: '2024-02-03T04:05:06Z'\nupdated_at: '2024-02-03T04:05:06Z'\n---\n";
    for (body, read) in [
        ("## Below\n\ntext\n", "## Below\n\ntext\n"),
        ("\nabove\n\n---\n\nbelow\n---\ntitle: 'x'\n---\n", "above\n\n---\n\nbelow\n---\ntitle: 'x'\n---\n"),
        ("\nno line end", "no line end"),
        ("\n\n\ntwo more\n\n\n", "\n\ntwo more\n\n\n"),
        ("", ""),
    ] {
        let text = format!("{front}{body}");
        assert_eq!(ticket(&text).body, read);
        let fields = [(Field::QueuedBy, Value::Text("me".to_owned()))];
        let expected = format!("{}queued_by: 'me'\n---\n{body}", front.strip_suffix("---\n").unwrap());
        assert_eq!(item::update(&text, &fields, None), Ok(expected));
    }
}

/// Keys of older forms of the file: read where the newer key is missing, and never touched.
#[test]
fn keys_of_older_forms_stand_in_and_stay() {
    let id = TicketId::from_millis(1);
    let state =
        |lines: &str| item::parse(id, &format!("---\ntitle: 't'\n{lines}---\n")).unwrap().ticket.state;
    assert_eq!(state("workflow_state: 'queued'\nstatus: 'closed'\n"), State::Queued);
    assert_eq!(state("status: \"closed\"\n"), State::Closed);
    assert_eq!(state("status: open\n"), State::Planning);
    assert_eq!(state("slug: a-b\n"), State::Planning);
    assert!(item::parse(id, "---\ntitle: 't'\nstate: 'intake'\n---\n").is_err());
}

/// 33: relations that are not in the order they would be written in.
#[test]
fn relations_out_of_order_stay_where_they_are() {
    let row = |kind: &str, target: &str| {
        format!(
            "    {{\n      \"ticket_id\": \"00001KTTTTTTT\",\n      \"kind\": \"{kind}\",\n      \"target\": \"{target}\",\n      \"author\": \"a\",\n      \"at\": \"t\"\n    }}"
        )
    };
    let rows = [
        row("related", "00001KTTTTTT0"),
        row("depends_on", "00001KTTTTTT2"),
        row("depends_on", "00001KTTTTTT1"),
    ];
    let text = format!("{{\n  \"version\": 1,\n  \"relations\": [\n{}\n  ]\n}}\n", rows.join(",\n"));
    let read = relations::parse(&text).unwrap();
    assert_eq!(read.relations.len(), 3);
    assert_eq!(relations::write(Some(&text), &read.relations), Ok(text));
}

/// Two relations with the same kind and target, as somebody's hand may leave them: each keeps its own keys.
#[test]
fn unknown_keys_stay_with_the_relation_they_stood_with() {
    let row = |key: &str| {
        format!(
            "    {{\n      \"ticket_id\": \"00001KTTTTTTT\",\n      \"kind\": \"related\",\n      \"target\": \"00001KTTTTTT0\",\n      \"author\": \"a\",\n      \"at\": \"t\",\n      \"{key}\": 1.5\n    }}"
        )
    };
    let rows = [row("first"), row("second")].join(",\n");
    let text = format!("{{\n  \"version\": 1,\n  \"relations\": [\n{rows}\n  ]\n}}\n");
    let read = relations::parse(&text).unwrap();
    assert_eq!(relations::write(Some(&text), &read.relations), Ok(text));
}
