//! Writers that die, and what they or others leave behind.

mod calls;
mod scenes;
#[cfg(feature = "failpoints")]
mod steps;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::plant::{REF, commits, tip};
use crate::world::World;

/// Kills a program, with no chance to tidy up, unless it ends before the time is over. Says whether it
/// did what it was asked to.
fn killed_after(mut child: Child, time: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
    }
    child.kill().unwrap();
    child.wait().unwrap().success()
}

/// How often each comment stands in the thread.
fn said(world: &World, id: &str) -> BTreeMap<String, usize> {
    let shown = world.json(["show", id]);
    let mut said = BTreeMap::new();
    for event in shown["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "comment") {
        *said.entry(event["body"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    said
}

/// The comments of a thread that holds each once, in order of their words.
fn said_once(world: &World, id: &str) -> Vec<String> {
    let said = said(world, id);
    assert!(said.values().all(|times| *times == 1), "{said:?}");
    said.into_keys().collect()
}

/// The lock that git and this program take to move the ref.
fn lock(world: &World) -> PathBuf {
    world.repo().join(".git").join(format!("{REF}.lock"))
}

#[test]
fn a_writer_killed_at_any_moment_leaves_the_old_or_the_new_version() {
    let world = World::new();
    let id = world.create("one");
    let whole = {
        let started = Instant::now();
        world.yoi(["comment", &id, "-m", "the first"]).ok();
        started.elapsed()
    };
    let rounds = 48;
    let (mut finished, mut killed) = (0, 0);
    for round in 0..rounds {
        let words = format!("round {round}");
        let (before, number) = (tip(&world), commits(&world));
        let mut command = world.yoi_command(["comment", &id, "-m", &words]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The last rounds get time enough to end by themselves.
        let is_finished = killed_after(child, if round < 44 { whole * round / 40 } else { whole * 1000 });
        let said = said(&world, &id);
        let times = said.get(&words).copied().unwrap_or_default();
        assert!(times == 1 || (times == 0 && !is_finished), "{words}: {times} times");
        assert_eq!(commits(&world), number + times, "{words}");
        assert_eq!(tip(&world) == before, times == 0, "{words}");
        assert!(said.values().all(|times| *times == 1), "{said:?}");
        finished += usize::from(is_finished);
        killed += usize::from(!is_finished);
    }
    assert!(killed > 0 && finished > 0, "{killed} killed, {finished} finished");
    world.yoi(["comment", &id, "-m", "the last"]).ok();
    assert!(said_once(&world, &id).contains(&"the last".to_owned()));
    world.git(["fsck", "--strict", "--no-progress"]).ok();
}

#[test]
fn a_lock_that_was_left_behind_is_named_and_nothing_is_lost() {
    let world = World::new();
    let id = world.create("one");
    let before = tip(&world);
    std::fs::write(lock(&world), "").unwrap();
    // Reading needs no lock.
    assert_eq!(world.json(["show", &id])["title"], "one");
    let said = world.yoi(["comment", &id, "-m", "words", "--json"]).fails(2);
    let error: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(error["code"], "busy");
    let place = lock(&world).canonicalize().unwrap();
    assert!(error["message"].as_str().unwrap().contains(place.to_str().unwrap()), "{said}");
    assert!(lock(&world).exists(), "somebody else's lock was taken away");
    assert_eq!(tip(&world), before);
    std::fs::remove_file(lock(&world)).unwrap();
    world.yoi(["comment", &id, "-m", "words"]).ok();
    assert_eq!(said_once(&world, &id), ["words"]);
}

#[test]
fn a_lock_that_goes_away_is_waited_for() {
    let world = World::new();
    let id = world.create("one");
    let objects = || world.git(["count-objects"]).ok();
    let before = objects();
    std::fs::write(lock(&world), "").unwrap();
    let mut command = world.yoi_command(["comment", &id, "-m", "words"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    while objects() == before {
        assert_eq!(child.try_wait().unwrap(), None, "it gave up at once");
    }
    std::fs::remove_file(lock(&world)).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(said_once(&world, &id), ["words"]);
}

#[test]
fn the_programs_own_lock_blocks_nobody_for_ever() {
    let world = World::new();
    let id = world.create("one");
    let folder = world.repo().join(".git/yoi");
    let own = folder.join("lock");
    assert!(own.is_file());
    // Without the folder, with something else in its place, and with a lock nobody gives back.
    std::fs::remove_dir_all(&folder).unwrap();
    world.yoi(["comment", &id, "-m", "without"]).ok();
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    world.yoi(["comment", &id, "-m", "in the way"]).ok();
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    let file = std::fs::File::create(&own).unwrap();
    file.lock().unwrap();
    world.yoi(["comment", &id, "-m", "held"]).ok();
    drop(file);
    assert_eq!(said_once(&world, &id), ["held", "in the way", "without"]);
}

#[test]
fn half_written_objects_of_a_crash_are_not_in_the_way() {
    let world = World::new();
    let id = world.create("one");
    world.write("repo/.git/objects/tmp_obj_abandoned", "half");
    world.write("repo/.git/objects/pack/tmp_pack_abandoned", "half");
    world.write("repo/.git/objects/17/tmp_obj_abandoned", "half");
    world.yoi(["comment", &id, "-m", "words"]).ok();
    assert_eq!(said_once(&world, &id), ["words"]);
}
