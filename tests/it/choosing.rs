//! What can start next, and why the rest can't.

use serde_json::{Value, json};

use crate::fixture::{folder, id, import, item, text};
use crate::world::World;

/// A queued ticket.
fn queued(world: &World, title: &str, more: &[&str]) -> String {
    let arguments = [&["create", title, "--state", "queued", "--porcelain"][..], more].concat();
    world.yoi(arguments).ok().trim_end().to_owned()
}

/// The titles `next` lists.
fn titles(world: &World) -> Vec<String> {
    let rows = world.yoi(["next", "--porcelain"]).ok();
    rows.lines().map(|row| row.split('\t').nth(2).unwrap().to_owned()).collect()
}

/// The reasons why a ticket can't start: the word and the other ticket.
fn reasons(world: &World, ticket: &str) -> Vec<(String, String)> {
    let answer = world.yoi(["next", "--explain", ticket, "--porcelain"]);
    assert_eq!(answer.code, i32::from(!answer.out.is_empty()), "{answer:?}");
    let row = |row: &str| {
        let fields: Vec<&str> = row.split('\t').collect();
        assert_eq!(fields.len(), 3, "{row}");
        (fields[0].to_owned(), fields[1].to_owned())
    };
    answer.out.lines().map(row).collect()
}

#[test]
fn the_most_urgent_come_first_then_those_queued_longest() {
    let world = World::new();
    for (number, title, priority, at) in [
        (1, "late", "", "2026-01-05T00:00:00Z"),
        (2, "early", "", "2026-01-04T00:00:00Z"),
        (3, "low", "priority: 'low'\n", "2026-01-01T00:00:00Z"),
        (4, "first", "priority: 'P0'\n", "2026-01-09T00:00:00Z"),
        (5, "someday", "priority: 'someday'\n", "2026-01-01T00:00:00Z"),
        (6, "second", "priority: high\n", "2026-01-07T00:00:00Z"),
        (7, "older second", "priority: P1\n", "2026-01-06T00:00:00Z"),
    ] {
        let thread =
            "<!-- event: create author: someone at: 2026-01-01T00:00:00Z -->\n\n## Created\n\nx\n\n---\n";
        let more = format!("{priority}queued_by: 'a'\nqueued_at: '{at}'\n");
        folder(&world, number, &item(title, "queued", &more), thread);
    }
    world.yoi(["init"]).ok();
    import(&world);
    assert_eq!(titles(&world), ["first", "older second", "second", "low", "someday", "early", "late"]);
    let answer = world.json(["next", "-n", "2"]);
    assert_eq!(
        (&answer["total"], &answer["truncated"], &answer["queued"]),
        (&json!(7), &json!(true), &json!(7))
    );
    assert_eq!(answer["tickets"].as_array().unwrap().len(), 2);
    let answer = world.yoi(["next", "-n", "2"]);
    assert_eq!((answer.out.lines().count(), answer.err.as_str()), (2, "2 of 7 shown\n"));
    assert!(answer.out.contains(&id(4)) && answer.out.contains("not routed"), "{answer:?}");
}

#[test]
fn every_reason_why_a_ticket_can_not_start_is_told() {
    let world = World::new();
    let answer = world.yoi(["init"]);
    assert_eq!(answer.code, 0);
    assert_eq!(world.yoi(["next"]).err, "nothing is queued\n");
    let planning = world.create("planning");
    let [a, b, c] = ["a", "b", "c"].map(|title| queued(&world, title, &[]));
    let taken = queued(&world, "taken", &["--assignee", "somebody else"]);
    queued(&world, "mine", &["--assignee", "Tess Ter"]);
    let of = |reason: &str, other: &str| (reason.to_owned(), other.to_owned());
    world.yoi(["relate", &a, "depends-on", &b]).ok();
    world.yoi(["relate", &planning, "blocks", &a]).ok();
    world.yoi(["plan", "add", &c, "--kind", "conflicts_with", "--on", &a, "--note", "one file"]).ok();
    assert_eq!(titles(&world), ["b", "c", "mine"]);
    assert_eq!(reasons(&world, &a), [of("blocked", &planning), of("blocked", &b)]);
    assert_eq!(reasons(&world, &planning), [of("needs_intake", "")]);
    assert_eq!(reasons(&world, &taken), [of("assigned", "")]);
    assert_eq!(reasons(&world, &c), []);
    assert!(
        world
            .yoi(["next", "--explain", &c])
            .ok()
            .contains("can start now\n  nobody has routed it yet\n  plan: conflicts with")
    );
    world.yoi(["state", &b, "inprogress"]).ok();
    assert_eq!(reasons(&world, &b), [of("in_progress", "")]);
    world.yoi(["state", &b, "done"]).ok();
    world.yoi(["close", &planning, "-m", "x"]).ok();
    assert_eq!(reasons(&world, &planning), [of("closed", "")]);
    world.yoi(["state", &a, "inprogress"]).ok();
    assert_eq!(titles(&world), ["mine"]);
    assert_eq!(reasons(&world, &c), [of("kept_apart", &a)]);
    let seen = world.yoi(["next", "--explain", &c]);
    assert_eq!(seen.code, 1);
    assert!(
        seen.out.contains(&format!("  conflicts with {a}, which is in progress: one file\n")),
        "{seen:?}"
    );
    let answer = world.yoi(["--actor", "nobody", "next"]);
    assert!(answer.err.contains("of 3 queued, git yoi next --explain <id> says why"), "{answer:?}");
    // What takes its place keeps nobody from starting, and is told.
    let mine = queued(&world, "again", &[]);
    world.yoi(["relate", &c, "supersedes", &mine]).ok();
    world.yoi(["relate", &mine, "duplicate-of", &planning]).ok();
    let seen = world.yoi(["next", "--explain", &mine]).ok();
    let notes = [
        format!("  note: superseded by {c} (queued)\n"),
        format!("  note: duplicate of {planning} (closed)\n"),
    ];
    assert!(notes.iter().all(|note| seen.contains(note)), "{seen}");
    let notices = &world.json(["next", "--explain", &mine])["notices"];
    assert_eq!(notices.as_array().unwrap().len(), 2, "{notices}");
    world.yoi(["next", "--explain", "ZZZZZ"]).fails(1);
}

#[test]
fn a_ticket_that_was_held_back_is_to_be_routed_again_when_that_is_over() {
    let world = World::new();
    let [a, b] = ["a", "b"].map(|title| queued(&world, title, &[]));
    let again = |ticket: &str| {
        let shown = world.json(["show", ticket]);
        let mut command = world.yoi_command(["next", "--explain", ticket, "--json"]);
        command.arg("--no-catch-up");
        let explained: Value = serde_json::from_str(&world.run(command).out).unwrap();
        let is_due = explained["route_again"] == true;
        assert_eq!(shown["route_again"] == true, is_due, "every surface says the same");
        is_due
    };
    world.yoi(["route", &a, "blocked_by_dependency", "--reason", "b first", "--on", &b]).ok();
    assert!(!again(&a));
    // A closed blocker, whoever closed it and however.
    world.yoi(["state", &b, "inprogress"]).ok();
    world.yoi(["state", &b, "done"]).ok();
    assert!(again(&a));
    assert!(world.yoi(["next"]).ok().contains("route again"));
    assert!(world.yoi(["show", &a]).ok().contains("route again: what held it back is over"));
    // Not any more when the blocker is taken up again, and when somebody has decided.
    world.yoi(["reopen", &b, "-m", "not yet"]).ok();
    assert!(!again(&a));
    world.yoi(["state", &b, "done"]).ok();
    assert!(again(&a));
    world.yoi(["route", &a, "spike_needed", "--reason", "who knows"]).ok();
    assert!(!again(&a));
    let answer = world.json(["next"]);
    assert_eq!(
        (text(&answer["tickets"][0]["routing"]), &answer["tickets"][0]["route_again"]),
        ("spike_needed", &json!(false))
    );
    // What no ticket holds back waits for somebody's word.
    world.yoi(["route", &a, "blocked_on_legal", "--reason", "no answer"]).ok();
    assert!(again(&a), "the plan still names the ticket that is done");
    let c = queued(&world, "c", &[]);
    world.yoi(["route", &c, "blocked_on_legal", "--reason", "no answer"]).ok();
    assert!(!again(&c));
}
