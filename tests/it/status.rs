//! How things stand: by section, by role, in one line, and towards remotes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::fixture::{folder, id, import, item, text, tip};
use crate::plant::yoi_in;
use crate::syncing::Two;
use crate::world::{World, gits};

/// The rows of `status --porcelain`: section, id, state, gate.
fn rows(world: &World, more: &[&str]) -> Vec<(String, String, String, String)> {
    let out = world.yoi([&["status", "--porcelain"][..], more].concat()).ok();
    let row = |row: &str| {
        let fields: Vec<&str> = row.split('\t').collect();
        assert_eq!(fields.len(), 5, "{row}");
        (fields[0].to_owned(), fields[1].to_owned(), fields[2].to_owned(), fields[3].to_owned())
    };
    out.lines().map(row).collect()
}

fn row(section: &str, id: &str, state: &str, gate: &str) -> (String, String, String, String) {
    (section.to_owned(), id.to_owned(), state.to_owned(), gate.to_owned())
}

fn section<'v>(status: &'v Value, name: &str) -> &'v Value {
    let sections = status["sections"].as_array().unwrap();
    sections
        .iter()
        .find(|section| section["section"] == name)
        .unwrap_or_else(|| panic!("no {name}: {status}"))
}

fn made(world: &World, title: &str, more: &[&str]) -> String {
    world.yoi([&["create", title, "--porcelain"][..], more].concat()).ok().trim_end().to_owned()
}

/// A repository with a commit and without tickets.
fn begun() -> World {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "first"]).ok();
    world.yoi(["init"]).ok();
    world
}

#[test]
fn each_role_sees_what_it_has_to_do_and_the_rest_is_told_to_all() {
    let world = begun();
    let intake = made(&world, "intake", &[]);
    let ready = made(&world, "ready", &["--state", "ready"]);
    let free = made(&world, "free", &["--state", "queued"]);
    let taken = made(&world, "taken", &["--state", "queued", "--assignee", "somebody else"]);
    let blocked = made(&world, "blocked", &["--state", "queued", "--depends-on", &free]);
    let mine = made(&world, "mine", &["--state", "queued"]);
    let theirs = made(&world, "theirs", &["--state", "queued"]);
    let done = made(&world, "done", &["--state", "queued"]);
    let closed = made(&world, "closed", &[]);
    world.yoi(["close", &closed, "-m", "no"]).ok();
    world.yoi(["state", &done, "inprogress", "--actor", "x"]).ok();
    world.yoi(["state", &done, "done"]).ok();
    world.yoi(["start", &theirs, "--no-branch", "--actor", "Ann"]).ok();
    world.yoi(["report", &theirs, "-m", "all of it", "--actor", "Ann"]).ok();
    world.yoi(["start", &mine]).ok();
    let queued = made(&world, "queued for me", &["--state", "queued", "--assignee", "Tess Ter"]);

    let current = row("current", &mine, "inprogress", "awaiting_report");
    let own = row("assigned", &queued, "queued", "can_start");
    let work = row("work", &mine, "inprogress", "awaiting_report");
    let review = row("awaiting_review", &theirs, "inprogress", "awaiting_review");
    let wants_intake = row("needs_intake", &intake, "planning", "needs_intake");
    let can =
        [row("can_start", &free, "queued", "can_start"), row("can_start", &queued, "queued", "can_start")];
    assert_eq!(rows(&world, &["--role", "intake"]), [current.clone(), own.clone(), wants_intake.clone()]);
    assert_eq!(rows(&world, &["--role", "reviewer"]), [current.clone(), own.clone(), review.clone()]);
    let coder = [vec![current.clone(), work.clone(), own.clone()], can.to_vec()].concat();
    assert_eq!(rows(&world, &["--role", "coder"]), coder);
    let orchestrator = rows(&world, &["--role", "orchestrator"]);
    let all = rows(&world, &[]);
    for wanted in [
        row("needs_queue", &ready, "ready", "needs_queue"),
        row("running", &mine, "inprogress", "awaiting_report"),
        row("running", &theirs, "inprogress", "awaiting_review"),
        row("blocked", &blocked, "queued", "blocked"),
        row("awaiting_close", &done, "done", "awaiting_close"),
        can[0].clone(),
    ] {
        assert!(orchestrator.contains(&wanted) && all.contains(&wanted), "{wanted:?} {orchestrator:?}");
    }
    for wanted in [work, own, review, wants_intake] {
        assert!(all.contains(&wanted), "{wanted:?} {all:?}");
    }
    assert!(!all.iter().any(|row| row.1 == closed || row.0 == "can_start" && row.1 == taken), "{all:?}");
    assert!(world.yoi(["status", "--role", "king"]).fails(129).contains("orchestrator"));

    let answer = world.json(["status"]);
    assert_eq!((&answer["actor"], &answer["known"]), (&json!("Tess Ter"), &json!(10)));
    assert_eq!((&answer["branch_ticket"], &answer["current"]["id"]), (&json!(mine), &json!(mine)));
    let waits = &section(&answer, "blocked")["tickets"][0]["blocked_by"];
    assert_eq!(*waits, json!([{"id": free, "via": "depends_on", "state": "queued"}]));
    let screen = world.yoi(["status"]).ok();
    let first = screen.lines().next().unwrap();
    assert!(first.contains(&mine) && first.ends_with("inprogress, awaiting report, yours"), "{screen}");
    assert!(screen.contains(&format!("waits for {free} (queued)")), "{screen}");
    assert!(screen.contains("Ann, awaiting review"), "{screen}");
    assert!(screen.lines().count() <= 23, "{screen}");
    let short = world.yoi(["status", "-s"]).ok();
    assert!(short.starts_with('@') && mine.ends_with(&short[1..short.find(':').unwrap()]), "{short}");
    assert!(short.ends_with(":awaiting_report start:2 review:1 queue:1 intake:1 close:1\n"), "{short}");
}

#[test]
fn every_command_that_is_named_shows_all_of_its_section() {
    let world = World::new();
    for number in 0..60 {
        let (state, more) = [
            ("planning", ""),
            ("ready", ""),
            ("queued", ""),
            ("inprogress", ""),
            ("done", ""),
            ("queued", "priority: 'P1'\n"),
        ][number as usize % 6];
        folder(&world, number, &item("'One of many'", state, more), crate::fixture::THREAD);
    }
    world.yoi(["init"]).ok();
    import(&world);
    let answer = world.json(["status"]);
    for section in answer["sections"].as_array().unwrap() {
        let (total, shown) =
            (section["total"].as_u64().unwrap(), section["tickets"].as_array().unwrap().len());
        assert_eq!(shown as u64, total.min(5), "{section}");
        assert_eq!(section["truncated"], total > 5);
        let command = text(&section["command"]).strip_prefix("git yoi ").unwrap();
        if !command.starts_with("status") {
            let listed = world.json(command.split(' '));
            assert_eq!(listed["tickets"].as_array().unwrap().len() as u64, total, "{section}");
        }
    }
    assert_eq!((&section(&answer, "can_start")["total"], &answer["known"]), (&json!(20), &json!(60)));
    let screen = world.yoi(["status"]).ok();
    assert!(screen.lines().count() <= 23 && screen.contains("of 20)"), "{screen}");
    assert_eq!(
        section(&world.json(["status", "-n", "2"]), "running")["tickets"].as_array().unwrap().len(),
        2
    );
    let all = world.yoi(["status", "-n", "all"]).ok();
    assert!(all.contains("can start (20)") && all.matches(&id(2)).count() == 1, "{all}");
}

#[test]
fn the_index_and_the_ref_answer_alike() {
    let world = World::new();
    for number in 0..40 {
        let state = ["planning", "ready", "queued", "inprogress", "done", "closed"][number as usize % 6];
        folder(&world, number, &item("'One of many'", state, ""), crate::fixture::THREAD);
    }
    world.yoi(["init"]).ok();
    import(&world);
    world.yoi(["index", "--remove"]).ok();
    let (long, short) = (world.json(["status"]), world.yoi(["status", "-s"]).ok());
    world.yoi(["index", "--rebuild"]).ok();
    assert_eq!((world.json(["status"]), world.yoi(["status", "-s"]).ok()), (long, short));
}

#[test]
fn what_was_held_back_by_what_is_over_is_to_be_routed_again() {
    let world = begun();
    let [first, second, by_plan] =
        ["first", "second", "by plan"].map(|title| made(&world, title, &["--state", "queued"]));
    world.yoi(["relate", &second, "depends-on", &first]).ok();
    for held in [&second, &by_plan] {
        let words = [
            "route",
            held,
            "blocked_by_dependency_or_missing_authority",
            "--reason",
            "later",
            "--on",
            &first,
        ];
        world.yoi(words).ok();
    }
    assert_eq!(section(&world.json(["status"]), "route_again")["total"], 0);
    world.yoi(["state", &first, "inprogress"]).ok();
    world.yoi(["state", &first, "done"]).ok();
    let answer = world.json(["status", "--role", "orchestrator"]);
    let found = section(&answer, "route_again");
    assert_eq!((&found["total"], &found["tickets"][1]["id"]), (&json!(2), &json!(by_plan)), "{found}");
    assert!(world.yoi(["status"]).ok().contains("route again (2)"));
}

#[test]
fn work_that_landed_and_is_held_back_needs_attention() {
    let world = begun();
    let id = made(&world, "too early", &[]);
    world.git(["checkout", "-q", "-b", &format!("work/{id}-x")]).ok();
    world.write("repo/file", "text\n");
    world.git(["add", "file"]).ok();
    world.git(["commit", "-q", "-m", "work"]).ok();
    world.git(["checkout", "-q", "main"]).ok();
    world.git(["merge", "-q", "--no-edit", "--no-ff", &format!("work/{id}-x")]).ok();
    let answer = world.json(["status"]);
    let found = section(&answer, "attention");
    assert_eq!((&found["total"], &found["tickets"][0]["id"]), (&json!(1), &json!(id)), "{answer}");
    assert!(text(&found["tickets"][0]["attention"]).starts_with("landed on main, but"), "{found}");
    assert!(world.yoi(["status"]).ok().contains("needs attention (1)"));
}

#[test]
fn nothing_is_an_answer_and_no_repository_or_no_tickets_are_errors() {
    let world = World::bare_folder(&gits()[0]);
    world.yoi(["status"]).fails(128);
    world.git(["init", "-q", "-b", "main", "."]).ok();
    for words in [&["status"][..], &["status", "-s"]] {
        assert!(world.yoi(words).fails(128).contains("git yoi init"));
    }
    world.yoi(["init"]).ok();
    assert_eq!(world.yoi(["status"]).ok(), "on main: no ticket\nno tickets yet: git yoi create <title>\n");
    let answer = world.yoi(["status", "-s"]);
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (0, "", ""));
    assert_eq!(world.yoi(["status", "--porcelain"]).ok(), "");
    world.git(["commit", "-q", "--allow-empty", "-m", "x"]).ok();
    world.git(["checkout", "-q", "--detach"]).ok();
    assert!(world.yoi(["status"]).ok().starts_with("on no branch: no ticket\n"));
    assert!(world.json(["status"]).get("branch").is_none());
    world.git(["checkout", "-q", "-b", "work/00001KVZKSV6C-gone"]).ok();
    assert!(world.yoi(["status"]).ok().contains("its ticket 00001KVZKSV6C is not here"));
    assert_eq!(world.json(["status"])["branch_ticket"], "00001KVZKSV6C");
    assert_eq!(world.yoi(["status", "-s"]).ok(), "");
    world.yoi(["status", "-s", "--role", "coder"]).fails(129);
}

/// Every file below a folder: when it was last written, and what it holds.
fn everything(folder: &Path) -> BTreeMap<PathBuf, (SystemTime, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let written = path.metadata().unwrap().modified().unwrap();
                found.insert(path.clone(), (written, std::fs::read(path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn looking_writes_nothing_and_titles_can_not_break_out() {
    let world = begun();
    let hostile = item("\"a\\u202eb \\e[31m\"", "ready", "");
    folder(&world, 1, &hostile, crate::fixture::THREAD);
    import(&world);
    let before = tip(&world);
    for words in [&["status"][..], &["status", "--porcelain"], &["status", "-z"], &["status", "-s"]] {
        let out = world.yoi(words).ok();
        assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out:?}");
    }
    assert_eq!(world.yoi(["status", "--format", "%(section):%(state)"]).ok(), "needs_queue:ready\n");
    assert_eq!(tip(&world), before);
    // Nothing at all is written, whoever runs it: a folder that may not be written proves nothing to root.
    let world = begun();
    crate::fixture::folder(&world, 1, &item("'x'", "ready", ""), crate::fixture::THREAD);
    import(&world);
    let git_dir = world.repo().join(".git");
    // The first look remembers where branches stand; with that it has nothing left to find.
    for first in [&["status", "-s"][..], &["--no-catch-up", "status"], &["status"]] {
        let before = everything(&git_dir);
        world.yoi(first).ok();
        let now = everything(&git_dir);
        let changed: Vec<_> = now.iter().filter(|(path, file)| before.get(*path) != Some(file)).collect();
        let is_own = |path: &PathBuf| path.starts_with(git_dir.join("yoi"));
        assert!(
            changed.iter().all(|(path, _)| first == ["status"] && is_own(path)),
            "{first:?}: {changed:?}"
        );
        assert!(before.keys().all(|path| now.contains_key(path)), "{first:?}");
    }
    let before = everything(&git_dir);
    for words in [&["status"][..], &["status", "--json"], &["status", "--role", "coder"], &["status", "-s"]] {
        world.yoi(words).ok();
        assert_eq!(everything(&git_dir), before, "{words:?}");
    }
    // A repository that can't be written is read all the same.
    let mut command = world.command("chmod", &world.repo());
    command.args(["-R", "a-w", ".git"]);
    world.run(command).ok();
    assert_eq!(rows(&world, &[]), [row("needs_queue", &id(1), "ready", "needs_queue")]);
    let mut command = world.command("chmod", &world.repo());
    command.args(["-R", "u+w", ".git"]);
    world.run(command).ok();
}

#[test]
fn remotes_are_told_as_they_were_last_met_without_asking_them() {
    for git in gits() {
        let two = Two::begin(&git);
        let at = |name: &str, more: &[&str]| {
            let words = [&["status", "--json"][..], more].concat();
            let answer: Value = serde_json::from_str(&two.yoi(name, &words).ok()).unwrap();
            answer["remotes"][0].clone()
        };
        two.yoi("repo", &["sync"]).ok();
        two.yoi("clone", &["sync"]).ok();
        assert_eq!(at("clone", &[])["standing"], "same");
        assert!(text(&at("clone", &[])["last_contact"]).ends_with('Z'));
        let made = two.yoi("clone", &["create", "there", "--porcelain"]).ok();
        two.yoi("clone", &["comment", made.trim_end(), "-m", "words"]).ok();
        std::fs::rename(two.folder("remote.git"), two.folder("away.git")).unwrap();
        let remote = at("clone", &[]);
        assert_eq!(
            (&remote["standing"], &remote["ahead"]),
            (&json!("ahead"), &json!({"events": 2, "tickets": 1}))
        );
        assert!(two.yoi("clone", &["status", "-s"]).ok().ends_with(" unsynced\n"));
        let screen = two.yoi("clone", &["status"]).ok();
        assert!(screen.contains("2 events in 1 ticket not sent: git yoi sync (last met "), "{screen}");
        std::fs::rename(two.folder("away.git"), two.folder("remote.git")).unwrap();
        two.yoi("repo", &["create", "here"]).ok();
        two.yoi("repo", &["push"]).ok();
        two.git("clone", &["fetch", "-q"]).ok();
        let remote = at("clone", &["--no-catch-up"]);
        assert_eq!(
            (&remote["standing"], &remote["behind"]["events"]),
            (&json!("apart"), &json!(1)),
            "{remote}"
        );
        two.yoi("clone", &["sync"]).ok();
        assert!(!two.yoi("clone", &["status", "-s"]).ok().contains("unsynced"));
        let rows = yoi_in(&two.world, &two.folder("clone"), &["status", "--porcelain"]).ok();
        assert!(rows.ends_with("remote\torigin\tsame\t\t\n"), "{rows}");
    }
}
