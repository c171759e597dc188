//! Locks that somebody else holds, or left behind: what needs them says which one is in the way, how old it is and what to
//! do, and loses nothing; what needs none goes on.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::plant::{REF, tip, yoi_in};
use crate::world::{World, gits};

/// A lock of that name, made so many seconds ago.
fn locked(world: &World, name: &str, age: u64) -> PathBuf {
    let path = world.repo().join(".git").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = fs::File::create(&path).unwrap();
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(age)).unwrap();
    path
}

/// What an error says of a lock that is in the way.
fn names(said: &str, name: &str) {
    assert!(said.contains("a lock is in the way: '"), "{said}");
    assert!(said.contains(&format!("{name}' has been there for ")), "{said}");
    let what = "of an unknown process; if no git is at work in this repository, remove that file";
    assert!(said.contains(what), "{said}");
}

/// The codes of what doctor finds.
fn found(world: &World) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&world.yoi(["doctor", "--json"]).ok()).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|finding| format!("{} {}", finding["code"], finding["message"])).collect()
}

#[test]
fn a_lock_on_the_tickets_is_named_with_its_age_and_owner_and_what_to_do() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = world.create("one");
        let before = tip(&world);
        let lock = locked(&world, &format!("{REF}.lock"), 4000);
        let said = world.yoi(["comment", &id, "-m", "words"]).fails(2);
        names(&said, "tickets.lock");
        assert!(said.contains("for 400"), "{said}");
        let said = world.yoi(["comment", &id, "-m", "words", "--json"]).fails(2);
        assert!(said.contains("\"code\":\"busy\""), "{said}");
        let found = found(&world);
        assert!(found.len() == 1 && found[0].starts_with("\"stale_lock\" "), "{found:?}");
        assert!(lock.exists() && tip(&world) == before);
        fs::remove_file(lock).unwrap();
        world.yoi(["comment", &id, "-m", "words"]).ok();
    }
}

#[test]
fn a_lock_that_a_dead_writer_left_is_taken_away_and_that_is_said_once() {
    let world = World::new();
    let id = world.create("one");
    let value = tip(&world);
    let note =
        |value: &str| fs::write(world.repo().join(".git/yoi/lock"), format!("4194303\n{value}\n")).unwrap();
    let leave = |value: &str| {
        fs::write(world.repo().join(".git").join(format!("{REF}.lock")), format!("{value}\n")).unwrap();
    };
    note(&value);
    leave(&value);
    let log = world.repo().join(".git/logs").join(REF);
    let whole = fs::read_to_string(&log).unwrap();
    fs::write(&log, format!("{whole}{value} {value} Tess")).unwrap();
    let answer = world.yoi(["comment", &id, "-m", "words"]);
    let said = "left by a git-yoi that was killed (process 4194303)\n";
    assert!(
        answer.code == 0 && answer.err.starts_with("warning: removed '") && answer.err.ends_with(said),
        "{answer:?}"
    );
    assert_eq!(world.yoi(["comment", &id, "-m", "more"]).err, "");
    let log = fs::read_to_string(&log).unwrap();
    assert!(log.starts_with(&whole) && log.lines().count() == whole.lines().count() + 2, "{log}");
    // One for another value is somebody's at work, whatever the note says.
    note(&value);
    leave(&value.chars().rev().collect::<String>());
    names(&world.yoi(["comment", &id, "-m", "words"]).fails(2), "tickets.lock");
}

#[test]
fn packed_refs_that_somebody_locks_keep_nobody_from_writing() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = world.create("one");
        world.git(["pack-refs", "--all"]).ok();
        let lock = locked(&world, "packed-refs.lock", 60);
        world.yoi(["comment", &id, "-m", "words"]).ok();
        world.yoi(["create", "two"]).ok();
        assert!(found(&world)[0].contains("packed-refs.lock"), "{:?}", found(&world));
        fs::remove_file(lock).unwrap();
        assert_eq!(found(&world), [""; 0]);
    }
}

#[test]
fn settings_that_somebody_locks_are_named_and_set_up_later() {
    for git in gits() {
        let world = crate::setting_up::shared(&git);
        let clone = world.root().join("clone");
        let lock = clone.join(".git/config.lock");
        fs::write(&lock, "").unwrap();
        let config = fs::read_to_string(clone.join(".git/config")).unwrap();
        let answer = yoi_in(&world, &clone, &["init"]);
        assert_ne!(answer.code, 0, "{answer:?}");
        names(&answer.err, "config.lock");
        assert_eq!(fs::read_to_string(clone.join(".git/config")).unwrap(), config);
        fs::remove_file(lock).unwrap();
        yoi_in(&world, &clone, &["init"]).ok();
        assert_eq!(yoi_in(&world, &clone, &["list", "--porcelain"]).ok().lines().count(), 1);
    }
}

#[test]
fn what_was_fetched_last_and_is_locked_is_named_and_fetched_later() {
    let world = crate::setting_up::shared(&gits()[0]);
    let clone = world.root().join("clone");
    yoi_in(&world, &clone, &["init"]).ok();
    let id = yoi_in(&world, &clone, &["list", "--porcelain"]).ok()[..13].to_owned();
    yoi_in(&world, &clone, &["comment", &id, "-m", "from elsewhere"]).ok();
    yoi_in(&world, &clone, &["sync"]).ok();
    let before = tip(&world);
    let lock = locked(&world, "refs/yoi/remotes/origin/tickets.lock", 5);
    let answer = world.yoi(["sync"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    names(&answer.err, "origin/tickets.lock");
    assert_eq!(tip(&world), before);
    assert!(found(&world)[0].contains("origin/tickets.lock"));
    fs::remove_file(lock).unwrap();
    world.yoi(["sync"]).ok();
    assert!(world.yoi(["show", &id]).ok().contains("from elsewhere"));
}

#[test]
fn an_index_that_somebody_writes_to_keeps_nobody_waiting() {
    let world = World::new();
    let id = world.create("one");
    world.yoi(["index", "--rebuild"]).ok();
    let index = rusqlite::Connection::open(world.repo().join(".git/yoi/index.db")).unwrap();
    index.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    world.yoi(["comment", &id, "-m", "words"]).ok();
    world.yoi(["create", "two"]).ok();
    let listed = world.yoi(["list", "--porcelain"]).ok();
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    index.execute_batch("ROLLBACK").unwrap();
    world.yoi(["list"]).ok();
    assert_eq!(found(&world), [""; 0]);
}
