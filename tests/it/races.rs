//! Many writers at once: each write is there exactly once afterwards, or was refused.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::plant::{REF, at_once, commits, tip};
use crate::world::World;

/// The bodies and the ids of a ticket's events, in the order of the thread.
fn events(world: &World, id: &str) -> Vec<(String, String)> {
    let shown = world.json(["show", id]);
    let text = |event: &serde_json::Value, key: &str| event[key].as_str().unwrap().to_owned();
    let events = shown["events"].as_array().unwrap().iter();
    events.map(|event| (text(event, "body"), text(event, "id"))).collect()
}

#[test]
fn four_hundred_comments_of_sixteen_processes_are_all_there_once() {
    let world = World::new();
    let id = world.create("one");
    let before = commits(&world);
    thread::scope(|scope| {
        for writer in 0..16 {
            let (world, id) = (&world, &id);
            scope.spawn(move || {
                for number in 0..25 {
                    world.yoi(["comment", id, "-m", &format!("{writer} says {number}")]).ok();
                }
            });
        }
    });
    assert_eq!(commits(&world), before + 400);
    let events = events(&world, &id);
    let said: Vec<&str> = events.iter().skip(1).map(|(body, _)| body.as_str()).collect();
    assert_eq!(said.len(), 400);
    let expected: BTreeSet<String> =
        (0..16).flat_map(|writer| (0..25).map(move |number| format!("{writer} says {number}"))).collect();
    assert_eq!(said.iter().map(|body| (*body).to_owned()).collect::<BTreeSet<_>>(), expected);
    // What one process says stands in the order it was said.
    for writer in 0..16 {
        let mine = said.iter().filter(|body| body.starts_with(&format!("{writer} says ")));
        let numbers: Vec<u32> = mine.map(|body| body.rsplit(' ').next().unwrap().parse().unwrap()).collect();
        assert!(numbers.is_sorted(), "{writer}: {numbers:?}");
    }
    let out_of_order: Vec<_> = events.windows(2).filter(|pair| pair[0].1 >= pair[1].1).collect();
    assert!(out_of_order.is_empty(), "{out_of_order:?}");
    assert_eq!(world.git(["rev-list", "--merges", "--count", REF]).ok(), "0\n");
    assert_eq!(world.git(["reflog", "show", "--format=%H", REF]).ok().lines().count(), before + 400);
    world.git(["fsck", "--strict", "--no-progress"]).ok();
}

#[test]
fn tickets_created_at_once_all_have_an_id_of_their_own() {
    let world = World::new();
    world.yoi(["init"]).ok();
    let mut made = BTreeSet::new();
    for round in 0..4 {
        let create = |number| world.yoi_command(["create", &format!("{round} {number}"), "--porcelain"]);
        made.extend(at_once((0..8).map(create)).into_iter().map(|answer| answer.ok().trim_end().to_owned()));
    }
    assert_eq!(made.len(), 32);
    let listed = world.yoi(["list", "--porcelain"]).ok();
    let listed: BTreeSet<String> =
        listed.lines().map(|row| row.split('\t').next().unwrap().to_owned()).collect();
    assert_eq!(listed, made);
    assert_eq!(commits(&world), 33);
}

#[test]
fn of_many_who_take_a_ticket_one_gets_it_and_the_others_are_told() {
    let world = World::new();
    let id = world.create("wanted by many");
    world.yoi(["state", &id, "ready", "-m", "clear"]).ok();
    world.yoi(["queue", &id]).ok();
    let before = commits(&world);
    let take = |number| {
        let actor = format!("agent-{number}");
        world.yoi_command(["state", &id, "inprogress", "--from", "queued", "--actor", &actor])
    };
    let answers = at_once((0..12).map(take));
    assert_eq!(answers.iter().filter(|answer| answer.code == 0).count(), 1, "{answers:?}");
    for loser in answers.into_iter().filter(|answer| answer.code != 0) {
        let said = loser.fails(2);
        assert!(said.starts_with(&format!("error: {id} is inprogress, not queued")), "{said}");
        assert!(said.contains(&format!("hint: git yoi show {id}")), "{said}");
    }
    assert_eq!(commits(&world), before + 1);
    let shown = world.json(["show", &id]);
    assert_eq!(shown["state"], "inprogress");
    let events = shown["events"].as_array().unwrap().iter();
    assert_eq!(events.filter(|event| event["attributes"]["to"] == "inprogress").count(), 1);
}

#[test]
fn different_commands_at_once_do_not_undo_each_other() {
    let world = World::new();
    let ids: Vec<String> = (0..4).map(|number| world.create(&format!("t{number}"))).collect();
    let file = world.write("notes.md", "notes\n");
    let mut commands = Vec::new();
    for id in &ids {
        commands.push(world.yoi_command(["edit", id, "--title", "renamed"]));
        commands.push(world.yoi_command(["edit", id, "--add-label", "l1"]));
        commands.push(world.yoi_command(["edit", id, "--add-label", "l2"]));
        commands.push(world.yoi_command(["artifact", "add", id, file.to_str().unwrap()]));
        commands.push(world.yoi_command(["relate", id, "related", &ids[0]]));
        commands.push(world.yoi_command(["state", id, "ready", "-m", "clear"]));
    }
    // The first ticket can't be related to itself; everything else goes through.
    let codes: Vec<i32> = at_once(commands.into_iter()).iter().map(|answer| answer.code).collect();
    assert_eq!(codes.iter().filter(|code| **code == 129).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == 0).count(), 23, "{codes:?}");
    for id in &ids {
        let shown = world.json(["show", id]);
        assert_eq!((shown["title"].as_str(), shown["state"].as_str()), (Some("renamed"), Some("ready")));
        let labels = shown["labels"].as_array().unwrap().iter();
        let labels: BTreeSet<&str> = labels.map(|label| label.as_str().unwrap()).collect();
        assert_eq!(labels, BTreeSet::from(["l1", "l2"]));
        assert_eq!(shown["artifacts"].as_array().unwrap().len(), 1, "{shown}");
    }
}

#[test]
fn somebody_who_moves_the_ref_with_plain_git_undoes_nothing_and_is_not_undone() {
    let world = World::new();
    let id = world.create("one");
    let before = commits(&world);
    let is_over = AtomicBool::new(false);
    let move_it = || {
        let mut moved = 0;
        while !is_over.load(Ordering::Relaxed) || moved == 0 {
            let old = tip(&world);
            let tree = format!("{old}^{{tree}}");
            let new = world.git(["commit-tree", &tree, "-p", &old, "-m", "by plain git"]).ok();
            moved += usize::from(world.git(["update-ref", REF, new.trim_end(), &old]).code == 0);
        }
        moved
    };
    let moved = thread::scope(|scope| {
        let mover = scope.spawn(move_it);
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let (world, id) = (&world, &id);
                scope.spawn(move || {
                    for number in 0..12 {
                        world.yoi(["comment", id, "-m", &format!("{writer} says {number}")]).ok();
                    }
                })
            })
            .collect();
        let ends: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(Result::is_ok));
        mover.join().unwrap()
    });
    assert_eq!(commits(&world), before + 36 + moved);
    let said: BTreeSet<String> = events(&world, &id).into_iter().map(|(body, _)| body).collect();
    assert_eq!(said.len(), 37, "{said:?}");
    world.git(["fsck", "--strict", "--no-progress"]).ok();
}

#[test]
fn readers_never_see_half_a_write() {
    let world = World::new();
    let ids: Vec<String> = (0..3).map(|number| world.create(&format!("t{number}"))).collect();
    let is_over = AtomicBool::new(false);
    let read = || {
        let (mut reads, mut last) = (0, 0);
        while !is_over.load(Ordering::Relaxed) || reads == 0 {
            assert_eq!(world.json(["list"])["total"], 3);
            let shown = world.json(["show", &ids[0]]);
            let number = shown["events"].as_array().unwrap().len();
            assert!(number >= last, "{number} events after {last}");
            (last, reads) = (number, reads + 1);
        }
    };
    let write = || {
        for number in 0..20 {
            world.yoi(["comment", &ids[number % 3], "-m", "words"]).ok();
            if number == 10 {
                world.git(["gc", "-q", "--prune=now"]).ok();
            }
        }
    };
    thread::scope(|scope| {
        let reader = scope.spawn(read);
        let written = scope.spawn(write).join();
        is_over.store(true, Ordering::Relaxed);
        reader.join().unwrap();
        written.unwrap();
    });
    assert_eq!(commits(&world), 23);
}

/// git removes folders of loose objects it has just emptied: also one that a write is about to use.
#[test]
fn housekeeping_beside_many_writes_makes_none_of_them_fail() {
    let world = World::new();
    let id = world.create("one");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                world.git(["repack", "-d", "-q"]).ok();
                world.git(["prune-packed", "-q"]).ok();
            }
        });
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (world, id) = (&world, &id);
                scope.spawn(move || {
                    let comment = |number| world.yoi(["comment", id, "-m", &format!("{writer} {number}")]);
                    (0..40).map(comment).filter(|answer| answer.code != 0).collect::<Vec<_>>()
                })
            })
            .collect();
        let failed: Vec<_> = writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect();
        done.store(true, Ordering::Relaxed);
        assert!(failed.is_empty(), "{failed:?}");
    });
    assert_eq!(events(&world, &id).len(), 161);
}
