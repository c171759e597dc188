//! Times, keys, ids and sizes at the ends of what can be written.

use std::process::Stdio;

use crate::bad_input::refused;
use crate::plant::{self, REF, path};
use crate::world::World;

/// The commands that read a ticket in one way or another.
fn reads(world: &World, id: &str) {
    for words in [
        ["list", "-n", "all"].as_slice(),
        &["list", "--json"],
        &["list", "since:2020-01-01"],
        &["show", id],
        &["show", id, "--json"],
        &["search", "x"],
        &["status"],
        &["next"],
        &["next", "--explain", id],
        &["graph"],
        &["graph", "--json"],
        &["history", "-p"],
        &["plan", "list"],
        &["commits"],
        &["doctor"],
        &["doctor", "--fix", "-n"],
        &["index", "--rebuild"],
        &["list", "-n", "all"],
    ] {
        let answer = world.yoi(words);
        assert!((0..=2).contains(&answer.code) || answer.code == 128, "{words:?}: {answer:?}");
        assert!(!answer.err.contains("panicked"), "{words:?}: {answer:?}");
    }
}

#[test]
fn dates_at_the_ends_of_time_are_read_and_written_after() {
    for at in [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "9999-99-99T99:99:99Z",
        "-262143-01-01T00:00:00Z",
        "+262142-12-31T23:59:59Z",
        "2026-02-30T00:00:00Z",
        "2026-12-31T23:59:60Z",
        "1970-01-01T00:00:00+99:99",
        "999999999999999999999999999999999999999",
        "",
    ] {
        let world = World::new();
        let id = world.create("x");
        world.yoi(["state", &id, "ready", "-m", "x"]).ok();
        world.yoi(["queue", &id]).ok();
        let item = plant::content(&world, &path(&id, ".item.md"));
        let change = |line: &str| match line.split_once(": '") {
            Some((key, _)) if key.ends_with("_at") => format!("{key}: '{at}'\n"),
            _ => format!("{line}\n"),
        };
        let item: String = item.lines().map(change).collect();
        plant::file(&world, &path(&id, ".item.md"), item.as_bytes());
        let thread = plant::content(&world, &path(&id, ".thread.md"));
        let event = format!(
            "\n<!-- event: comment author: a at: \"{at}\" id: 7ZZZZZZZZZZZZZZZZZZZZZZZZZ -->\n\nx\n\n---\n"
        );
        plant::file(&world, &path(&id, ".thread.md"), format!("{thread}{event}").as_bytes());
        let plan = format!(
            "{{\"id\":\"p\",\"ticket_id\":\"{id}\",\"kind\":\"waiting_capacity_note\",\"author\":\"a\",\"at\":\"{at}\"}}\n"
        );
        plant::file(&world, &path(&id, "/orchestration-plan.jsonl"), plan.as_bytes());
        reads(&world, &id);
        world.yoi(["comment", &id, "-m", "after"]).ok();
        world.yoi(["edit", &id, "--title", "y"]).ok();
        world.yoi(["start", &id, "--no-branch"]).ok();
        world.yoi(["undo"]).ok();
        let shown = world.json(["show", &id]);
        assert_eq!(shown["title"], "y", "{at}");
        assert!(shown["events"].to_string().contains("after"), "{at}");
    }
}

#[test]
fn tickets_with_ids_at_the_ends_are_tickets_like_others() {
    let world = World::new();
    world.yoi(["init", "--no-hooks"]).ok();
    for id in ["0000000000000", "7ZZZZZZZZZZZZ", "ZZZZZZZZZZZZZ"] {
        plant::folder(&world, "incoming", id, "at the end");
    }
    let answer = world.yoi(["import", "yoi", "../incoming", "--keep-going"]);
    assert!((0..=1).contains(&answer.code), "{answer:?}");
    for row in world.yoi(["list", "--porcelain", "-n", "all"]).ok().lines() {
        let id = row.split('\t').next().unwrap();
        reads(&world, id);
        world.yoi(["comment", id, "-m", "after"]).ok();
    }
    world.create("still");
}

#[test]
fn keys_that_stand_twice_have_one_value_and_json_has_it_too() {
    let world = World::new();
    let (id, other) = (world.create("x"), world.create("other"));
    let item = plant::content(&world, &path(&id, ".item.md"));
    let item = item.replacen("---\n", "---\ntitle: 'first'\nstate: 'closed'\nstate: 'done'\n", 1);
    plant::file(&world, &path(&id, ".item.md"), item.as_bytes());
    let thread = plant::content(&world, &path(&id, ".thread.md"));
    let event = "\n<!-- event: comment author: \"a\" author: \"b\" at: \"2026-01-02T03:04:05Z\" at: \"2026-01-02T03:04:06Z\" -->\n\nx\n\n---\n";
    plant::file(&world, &path(&id, ".thread.md"), format!("{thread}{event}").as_bytes());
    let relation = |target: &str| {
        format!(
            "{{\"ticket_id\":\"{id}\",\"kind\":\"related\",\"kind\":\"depends_on\",\"target\":\"{target}\",\"author\":\"a\",\"at\":\"2026-01-02T03:04:05Z\"}}"
        )
    };
    let relations =
        format!("{{\"version\":1,\"version\":1,\"relations\":[],\"relations\":[{}]}}", relation(&other));
    plant::file(&world, &path(&id, "/relations.json"), relations.as_bytes());
    reads(&world, &id);
    let shown = world.json(["show", &id]);
    assert_eq!((&shown["title"], &shown["state"]), (&"x".into(), &"planning".into()));
    let event = shown["events"].as_array().unwrap().last().unwrap();
    assert_eq!((&event["author"], &event["at"]), (&"b".into(), &"2026-01-02T03:04:06Z".into()));
    // Two readers of JSON could read two things; here nobody reads any.
    assert!(world.yoi(["show", &id]).err.contains("relations.json"));
}

#[test]
fn nul_and_bytes_that_are_no_text_hide_no_other_ticket() {
    let world = World::new();
    let (id, other) = (world.create("x"), world.create("other"));
    let thread = plant::content(&world, &path(&id, ".thread.md"));
    let event = "\n<!-- event: comment author: \"a\0b\" at: 2026-01-02T03:04:05Z -->\n\nbe\0fore\n\n---\n";
    plant::file(&world, &path(&id, ".thread.md"), format!("{thread}{event}").as_bytes());
    reads(&world, &id);
    let shown = world.yoi(["show", &id]).ok();
    assert!(shown.contains("be^@fore") && shown.contains("a^@b"), "{shown}");
    world.yoi(["comment", &id, "-m", "after"]).ok();
    plant::file(&world, &path(&id, ".thread.md"), b"\xff\xfe\0\0");
    plant::file(&world, &path(&id, ".item.md"), b"\xc3\x28\0");
    reads(&world, &other);
    refused(&world, &["show", &id], 128, "bad_file");
    world.yoi(["show", &other]).ok();
}

/// A gigabyte of nothing, a megabyte packed: in the place of each of a ticket's files in turn.
#[test]
fn a_gigabyte_that_packs_into_a_megabyte_is_never_unpacked() {
    let world = World::new();
    let (id, other) = (world.create("x"), world.create("other"));
    let mut zeros = world.command("sh", &world.repo());
    zeros.args(["-c", "head -c 1073741824 /dev/zero | git hash-object -w --stdin"]).stdin(Stdio::null());
    let bomb = world.run(zeros).ok().trim_end().to_owned();
    let good = plant::tip(&world);
    let run = |words: &[&str]| {
        let mut command = world.command("sh", &world.repo());
        command.args([
            "-c",
            "ulimit -v 700000; exec timeout 120 \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_git-yoi"),
        ]);
        command.args(words);
        let answer = world.run(command);
        assert!((0..=2).contains(&answer.code) || answer.code == 128, "{words:?}: {answer:?}");
        answer
    };
    for name in [
        ".item.md",
        ".thread.md",
        ".resolution.md",
        "/relations.json",
        "/orchestration-plan.jsonl",
        "/work.jsonl",
        "/big",
    ] {
        plant::point(&world, &good);
        plant::entries(&world, &[("100644", &path(&id, name), &bomb)]);
        let theirs = plant::tip(&world);
        assert!(run(&["list"]).ok().contains(&other), "{name}");
        run(&["show", &other]).ok();
        for words in [
            ["show", &id].as_slice(),
            &["search", "x"],
            &["status"],
            &["next"],
            &["graph"],
            &["plan", "list"],
            &["history", "-p"],
            &["artifact", "get", &id, "big"],
            &["comment", &id, "-m", "x"],
            &["export", "../out"],
        ] {
            run(words);
        }
        drop(std::fs::remove_dir_all(world.root().join("out")));
        assert!(run(&["doctor"]).code <= 1, "{name}");
        // Fetched, it doesn't become ours.
        plant::point(&world, &good);
        world.git(["update-ref", "refs/yoi/remotes/x/tickets", &theirs]).ok();
        let told = run(&["list"]).err;
        assert!(told.contains("tickets of 'x' are not merged"), "{name}: {told}");
        assert_eq!(plant::tip(&world), good, "{name}");
        world.git(["update-ref", "-d", "refs/yoi/remotes/x/tickets"]).ok();
    }
    world.git(["rev-parse", REF]).ok();
}
