//! Taking operations back: by new events, never by removing old ones.

use crate::fixture::{THREAD, folder, import, item, stored};
use crate::world::{World, gits};

/// A repository with a ticket.
fn begun(world: &World) -> String {
    world.yoi(["init", "--no-hooks"]).ok();
    world.yoi(["create", "--porcelain", "A ticket", "-m", "Body."]).ok().trim().to_owned()
}

fn field(world: &World, id: &str, name: &str) -> serde_json::Value {
    world.json(["show", id])[name].clone()
}

/// Nothing that was on the ref is gone: what a server that only lets history grow says.
fn is_grown(world: &World, before: &str) {
    let tip = world.git(["rev-parse", "refs/yoi/tickets"]).ok();
    let line = format!("refs/yoi/tickets {} {}", before.trim(), tip.trim());
    let mut words = vec!["verify-push".to_owned()];
    words.extend(line.split(' ').map(str::to_owned));
    world.yoi(words).ok();
    world.yoi(["doctor"]).ok();
}

fn tip(world: &World) -> String {
    world.git(["rev-parse", "refs/yoi/tickets"]).ok().trim().to_owned()
}

#[test]
fn every_kind_of_operation_is_taken_back_and_done_again() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = begun(&world);
        let other = world.yoi(["create", "--porcelain", "Other", "-m", "x"]).ok().trim().to_owned();
        world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
        let operations: [(&[&str], &str); 9] = [
            (&["state", &id, "ready", "-m", "Clear."], "state"),
            (&["edit", &id, "--title", "Another title"], "title"),
            (&["edit", &id, "-m", "Another body."], "body"),
            (&["edit", &id, "--add-label", "ui", "--assignee", "Kim"], "labels"),
            (&["edit", &id, "--priority", "P1"], "priority"),
            (&["relate", &id, "depends-on", &other, "--note", "needs it"], "relations"),
            (&["link", &id, "HEAD"], "commits"),
            (&["close", &id, "-m", "Over.", "--as", "wontfix"], "state"),
            (&["reopen", &id, "-m", "Not yet."], "state"),
        ];
        for (words, name) in operations {
            let before = field(&world, &id, name);
            world.yoi(words).ok();
            let after = field(&world, &id, name);
            assert_ne!(before, after, "{words:?}");
            let old = tip(&world);
            let dry = world.yoi(["undo", "-n"]).ok();
            assert!(dry.starts_with("would take back "), "{dry}");
            assert_eq!(tip(&world), old, "-n writes nothing");
            let said = world.yoi(["undo"]).ok();
            assert!(said.contains(": undone: "), "{said}");
            assert_eq!(field(&world, &id, name), before, "{words:?}");
            is_grown(&world, &old);
            assert!(world.yoi(["undo"]).ok().contains(": redone: "));
            let strip = |value: serde_json::Value| {
                let mut value = value;
                if let Some(rows) = value.as_array_mut() {
                    rows.iter_mut().filter_map(|row| row.as_object_mut()).for_each(|row| {
                        row.remove("at");
                    });
                }
                value
            };
            assert_eq!(strip(field(&world, &id, name)), strip(after), "{words:?}");
        }
        is_grown(&world, &world.git(["rev-list", "--max-parents=0", "refs/yoi/tickets"]).ok());
    }
}

#[test]
fn words_that_were_taken_back_stay_and_count_no_more() {
    let world = World::new();
    let id = begun(&world);
    world.yoi(["state", &id, "ready", "-m", "Clear."]).ok();
    world.yoi(["queue", &id]).ok();
    world.yoi(["state", &id, "inprogress"]).ok();
    world.yoi(["comment", &id, "--as", "implementation_report", "-m", "Done it."]).ok();
    world.yoi(["review", &id, "--request-changes", "-m", "Not so."]).ok();
    assert_eq!(field(&world, &id, "gate"), "changes_requested");
    world.yoi(["undo", "-m", "wrong ticket"]).ok();
    assert_eq!(field(&world, &id, "gate"), "awaiting_review");
    let shown = world.yoi(["show", &id]).ok();
    assert!(shown.contains("· undone") && shown.contains("~~Not so.~~"), "{shown}");
    assert!(shown.contains("wrong ticket"), "{shown}");
    let events = field(&world, &id, "events");
    let events = events.as_array().unwrap();
    let (review, undo) = (&events[events.len() - 2], &events[events.len() - 1]);
    assert_eq!((&review["kind"], &review["undone_by"]), (&"review".into(), &undo["id"]));
    // The state goes back without beginning a new round of work: the report still stands.
    world.yoi(["review", &id, "--approve", "-m", "Good."]).ok();
    world.yoi(["state", &id, "done"]).ok();
    let error = world.yoi(["undo", "--op", "refs/yoi/tickets~1"]).fails(2);
    assert!(error.contains("depends on it: state changed by Tess Ter"), "{error}");
    world.yoi(["undo"]).ok();
    assert_eq!(field(&world, &id, "gate"), "awaiting_landing");
}

#[test]
fn what_later_events_depend_on_is_refused_with_the_reason() {
    let world = World::new();
    let id = begun(&world);
    let other = world.yoi(["create", "--porcelain", "Other", "-m", "x"]).ok().trim().to_owned();
    let refused = |operation: &str, why: &str| {
        let old = tip(&world);
        let error = world.yoi(["undo", "--op", operation, "--json"]).fails(2);
        assert!(error.contains("\"not_undoable\"") && error.contains(why), "{error}");
        assert_eq!(tip(&world), old);
    };
    world.yoi(["edit", &id, "--title", "One"]).ok();
    world.yoi(["edit", &id, "--title", "Two"]).ok();
    refused("refs/yoi/tickets~1", "title was set again since");
    world.yoi(["state", &id, "ready", "-m", "Clear."]).ok();
    world.yoi(["queue", &id]).ok();
    refused("refs/yoi/tickets~1", "moved it on to queued");
    refused("refs/yoi/tickets~5", "went on since");
    world.write("note.txt", "x");
    world.yoi(["artifact", "add", &id, "../note.txt"]).ok();
    refused("refs/yoi/tickets", "a file stays with its ticket");
    world.yoi(["relate", &id, "depends-on", &other]).ok();
    world.yoi(["unrelate", &id, "depends-on", &other]).ok();
    world.yoi(["relate", &other, "depends-on", &id]).ok();
    let error = world.yoi(["undo", "--op", "refs/yoi/tickets~1"]).fails(2);
    assert!(error.contains("wait for each other"), "{error}");
    for (words, code) in [(&["undo", "--op", "HEAD"][..], 1), (&["--actor", "nobody", "undo"], 1)] {
        world.yoi(words).fails(code);
    }
    world.yoi(["undo", &id, "--op", "HEAD"]).fails(129);
}

#[test]
fn a_ticket_that_was_made_is_closed_and_an_import_too() {
    let world = World::new();
    let id = begun(&world);
    world.yoi(["undo"]).ok();
    assert_eq!(field(&world, &id, "state"), "closed");
    assert!(world.yoi(["list"]).ok().is_empty());
    world.yoi(["undo"]).ok();
    assert_eq!(field(&world, &id, "state"), "planning");
    folder(&world, 1, &item("'One'", "queued", ""), THREAD);
    folder(&world, 2, &item("'Two'", "closed", ""), THREAD);
    import(&world);
    let old = tip(&world);
    let said = world.yoi(["undo", "--porcelain"]).ok();
    assert_eq!(said.lines().count(), 2, "{said}");
    let one = crate::fixture::id(1);
    assert_eq!(field(&world, &one, "state"), "closed");
    assert!(stored(&world, &one, "thread.md").starts_with(THREAD));
    is_grown(&world, &old);
    world.yoi(["undo"]).ok();
    assert_eq!(field(&world, &one, "state"), "queued");
}

#[test]
fn an_operation_on_many_tickets_is_taken_back_as_one_or_not_at_all() {
    for git in gits() {
        let world = World::with_git(&git);
        world.yoi(["init", "--no-hooks"]).ok();
        let many = 150;
        for number in 1..=many {
            folder(&world, number, &item(&format!("'Number {number}'"), "queued", ""), THREAD);
        }
        import(&world);
        let old = tip(&world);
        let shown = world.yoi(["undo", "-n", "--porcelain"]).ok();
        assert_eq!(tip(&world), old);
        // One that goes on, and the last one: all others were written down by then.
        let last = crate::fixture::id(many);
        world.yoi(["comment", &last, "-m", "More."]).ok();
        let (refused_at, objects) = (tip(&world), world.git(["count-objects", "-v"]).ok());
        let said = world.yoi(["undo", "--op", &old]).fails(2);
        assert!(said.contains(&format!("{last} went on since: comment")), "{said}");
        assert_eq!(tip(&world), refused_at);
        assert_eq!(world.git(["count-objects", "-v"]).ok(), objects);
        world.yoi(["undo", &last]).ok();
        let before = tip(&world);
        assert_eq!(world.yoi(["undo", "--op", &old, "--porcelain"]).ok(), shown);
        assert_eq!(shown.lines().count(), 150);
        assert_eq!(
            world.git(["rev-list", "--count", &format!("{before}..refs/yoi/tickets")]).ok().trim(),
            "1"
        );
        let message = world.git(["log", "-1", "--format=%B", "refs/yoi/tickets"]).ok();
        let first = crate::fixture::id(1);
        assert!(
            message.starts_with(&format!("150 tickets: {first}: undone: 150 tickets: imported")),
            "{message}"
        );
        assert_eq!(message.lines().filter(|line| line.starts_with("Ticket: ")).count(), 150);
        assert!(world.yoi(["list"]).ok().is_empty());
        for id in [&first, &last] {
            assert_eq!(field(&world, id, "state"), "closed");
        }
        is_grown(&world, &before);
        world.yoi(["undo"]).ok();
        assert_eq!(field(&world, &first, "state"), "queued");
        is_grown(&world, &before);
    }
}

#[test]
fn what_others_went_on_from_after_a_push_stays_and_no_merge_brings_back_what_was_undone() {
    for git in gits() {
        let world = World::with_git(&git);
        world.git(["init", "-q", "--bare", "../hub.git"]).ok();
        world.git(["remote", "add", "origin", "../hub.git"]).ok();
        let id = begun(&world);
        world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
        world.git(["push", "-q", "origin", "main"]).ok();
        world.yoi(["init", "origin", "--no-hooks"]).ok();
        world.yoi(["edit", &id, "--add-label", "ui", "--priority", "P1"]).ok();
        world.yoi(["comment", &id, "-m", "First words."]).ok();
        world.yoi(["sync"]).ok();
        world.git(["clone", "-q", "../hub.git", "../other"]).ok();
        let there = |words: &[&str]| {
            let mut command = world.command("git-yoi", &world.root().join("other"));
            command.args(["--actor", "Bo"]).args(words);
            world.run(command)
        };
        there(&["init", "origin", "--no-hooks"]).ok();
        there(&["edit", &id, "--add-label", "web"]).ok();
        // Bo knows the comment and the label; he has not seen that they are taken back.
        world.yoi(["undo"]).ok();
        world.yoi(["undo", "--op", "refs/yoi/tickets~2"]).ok();
        world.yoi(["sync"]).ok();
        there(&["sync"]).ok();
        world.yoi(["sync"]).ok();
        for document in
            [world.json(["show", &id]), serde_json::from_str(&there(&["show", &id, "--json"]).ok()).unwrap()]
        {
            assert_eq!(document["labels"], serde_json::json!(["web"]));
            assert!(document["priority"].is_null());
            let undone = document["events"].as_array().unwrap().iter();
            assert_eq!(undone.filter(|event| !event["undone_by"].is_null()).count(), 3);
        }
        // Now Bo builds on what was pushed.
        world.yoi(["edit", &id, "--assignee", "Kim"]).ok();
        world.yoi(["sync"]).ok();
        there(&["sync"]).ok();
        there(&["comment", &id, "-m", "Kim, please."]).ok();
        there(&["sync"]).ok();
        world.yoi(["sync"]).ok();
        let error = world.yoi(["undo"]).fails(2);
        assert!(error.contains("it was pushed to 'origin', and Bo went on from it"), "{error}");
    }
}

#[test]
fn a_closed_ticket_is_opened_again_with_both_its_relations_set_back() {
    let world = World::new();
    let id = begun(&world);
    let other = world.yoi(["create", "--porcelain", "Other", "-m", "x"]).ok().trim().to_owned();
    let ending = format!("superseded-by={other}");
    world.yoi(["close", &id, "-m", "See there.", "--as", &ending]).ok();
    assert_eq!(field(&world, &other, "relations").as_array().unwrap().len(), 1);
    let document = world.json(["undo"]);
    assert_eq!((&document["schema"], &document["total"]), (&"yoi.undo/1".into(), &2.into()));
    assert_eq!(field(&world, &id, "state"), "planning");
    assert!(field(&world, &other, "relations").as_array().unwrap().is_empty());
}

#[test]
fn the_answer_names_the_title_that_a_ticket_has_then() {
    let world = World::new();
    let id = begun(&world);
    world.yoi(["edit", &id, "--title", "Another"]).ok();
    let said = world.yoi(["undo"]).ok();
    assert_eq!(said, format!("{id} \"A ticket\": undone: edited title\n"));
    let said = world.yoi(["undo"]).ok();
    assert_eq!(said, format!("{id} \"Another\": redone: edited title\n"));
    let (old, said) = (tip(&world), world.json(["undo", "-n"]));
    assert_eq!((&said["tickets"][0]["title"], tip(&world)), (&"A ticket".into(), old));
}

#[test]
fn whoever_takes_a_release_back_does_not_take_the_ticket() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
    world.yoi(["init", "--no-hooks"]).ok();
    let id = world.yoi(["create", "--porcelain", "A", "--state", "queued"]).ok().trim().to_owned();
    world.yoi(["start", &id, "--no-branch", "--actor", "ada"]).ok();
    world.yoi(["release", &id, "--actor", "ada", "-m", "Later."]).ok();
    world.yoi(["undo", "--op", "refs/yoi/tickets", "--actor", "bo"]).ok();
    assert_eq!(field(&world, &id, "assignee"), "ada");
    assert_eq!(field(&world, &id, "claim")["by"], "ada");
    let error = world.yoi(["start", &id, "--no-branch", "--actor", "bo"]).fails(2);
    assert!(error.contains("ada has it"), "{error}");
}

#[test]
fn the_plan_of_a_start_that_was_taken_back_says_nothing() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
    let id = world.create("one");
    world.yoi(["state", &id, "ready", "-m", "clear"]).ok();
    world.yoi(["queue", &id]).ok();
    world.yoi(["start", &id, "--branch", &format!("work/{id}-other")]).ok();
    let is_told = || world.yoi(["next", "--explain", &id]).out.contains("accepted");
    let is_open = || world.yoi(["plan", "list"]).ok().contains("accepted");
    assert!(is_told() && is_open());
    world.yoi(["undo"]).ok();
    assert!(!is_told() && !is_open());
    assert!(world.yoi(["plan", "list", "--all"]).ok().contains("accepted"), "it stays on record");
    world.yoi(["undo"]).ok();
    assert!(is_told() && is_open());
    world.yoi(["undo"]).ok();
    world.git(["switch", "-q", "main"]).ok();
    world.git(["branch", "-q", "-D", &format!("work/{id}-other")]).ok();
    // Started anew, it is the branch of the template.
    world.yoi(["start", &id]).ok();
    assert!(is_told());
    assert!(world.git(["branch", "--show-current"]).ok().contains(&format!("work/{id}-one")));
}

#[test]
fn a_relation_that_would_close_a_circle_by_now_is_not_done_again() {
    let world = World::new();
    let (one, other) = (world.create("one"), world.create("other"));
    for kind in ["supersedes", "duplicate-of", "depends-on"] {
        world.yoi(["relate", &one, kind, &other]).ok();
        world.yoi(["undo"]).ok();
        let undone = world.git(["rev-parse", "refs/yoi/tickets"]).ok();
        world.yoi(["relate", &other, kind, &one]).ok();
        let said = world.yoi(["undo", "--op", undone.trim()]).fails(2);
        // Who is superseded is the one that gives way.
        let (from, to) = if kind == "supersedes" { (&other, &one) } else { (&one, &other) };
        assert!(said.contains(&format!("{from} -> {to} -> {from}")), "{kind}: {said}");
        world.yoi(["unrelate", &other, kind, &one]).ok();
        world.yoi(["undo", "--op", undone.trim()]).ok();
        world.yoi(["unrelate", &one, kind, &other]).ok();
    }
    assert_eq!(world.yoi(["doctor"]).ok(), "2 tickets checked: 0 errors, 0 warnings\n");
}
