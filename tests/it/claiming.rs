//! Claims that hold: of many who take a ticket in their clones, one has it, and everybody sees the same one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use serde_json::Value;

use crate::fixture::text;
use crate::guarding::guard;
use crate::plant::{git_in, say};
use crate::syncing::Two;
use crate::world::gits;

/// So many queued tickets that the remote has.
fn queue(two: &Two, number: usize) -> Vec<String> {
    let create = |number| {
        two.yoi("repo", &["create", &format!("ticket {number}"), "--state", "queued", "--porcelain"])
    };
    let ids = (0..number).map(|number| create(number).ok().trim_end().to_owned()).collect();
    two.yoi("repo", &["sync"]).ok();
    ids
}

fn show(two: &Two, name: &str, id: &str) -> Value {
    serde_json::from_str(&two.yoi(name, &["show", id, "--json"]).ok()).unwrap()
}

fn unplug(two: &Two) -> (PathBuf, PathBuf) {
    let (there, away) = (two.folder("remote.git"), two.folder("away.git"));
    std::fs::rename(&there, &away).unwrap();
    (there, away)
}

fn plug(ends: (PathBuf, PathBuf)) {
    std::fs::rename(ends.1, ends.0).unwrap();
}

#[test]
fn a_claim_is_on_the_remote_before_it_is_here() {
    for git in gits() {
        let two = Two::begin(&git);
        let id = queue(&two, 1).remove(0);
        two.yoi("clone", &["fetch"]).ok();
        let answer = two.yoi("repo", &["start", &id, "--worktree", "--actor", "ada", "--json"]).ok();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(
            (text(&answer["claim"]["standing"]), text(&answer["claim"]["remote"])),
            ("shared", "origin")
        );
        assert!(two.is_sent("repo"));
        // The other clone hasn't heard of it yet; it is asked before anything is made.
        let said = two.yoi("clone", &["start", &id, "--worktree", "--actor", "bo"]).fails(2);
        assert!(said.contains("ada has it since"), "{said}");
        assert_eq!(two.git("clone", &["worktree", "list"]).ok().lines().count(), 1);
        assert_eq!(text(&show(&two, "clone", &id)["assignee"]), "ada");
    }
}

#[test]
fn offline_claims_are_marked_and_the_first_that_is_accepted_holds() {
    for git in gits() {
        let two = Two::begin(&git);
        let id = queue(&two, 1).remove(0);
        two.yoi("clone", &["fetch"]).ok();
        let ends = unplug(&two);
        // bo is earlier, ada is accepted first.
        let said = two.yoi("clone", &["start", &id, "--no-branch", "--actor", "bo"]);
        assert!(said.code == 0 && said.err.contains("claimed here only"), "{said:?}");
        two.yoi("repo", &["start", &id, "--no-branch", "--actor", "ada"]).ok();
        assert_eq!(show(&two, "repo", &id)["claim"]["pending"], true);
        plug(ends);
        two.yoi("repo", &["sync"]).ok();
        assert!(two.is_sent("repo"));
        assert_eq!(show(&two, "repo", &id)["claim"]["pending"], false);
        let told = two.yoi("clone", &["sync"]).ok();
        assert!(told.contains("ada has it; bo took it too, and was later"), "{told}");
        two.yoi("repo", &["sync"]).ok();
        for name in ["repo", "clone"] {
            let ticket = show(&two, name, &id);
            assert_eq!((text(&ticket["assignee"]), text(&ticket["state"])), ("ada", "inprogress"), "{name}");
            assert!(text(&ticket["attention"]).contains("bo took it too"), "{ticket}");
            assert_eq!(text(&ticket["claim"]["by"]), "ada");
        }
        assert_eq!(two.tip("repo"), two.tip("clone"));
        // Whoever lost it can't speak for it.
        for words in
            [["done", &id, "--actor", "bo"].as_slice(), &["release", &id, "-m", "x", "--actor", "bo"]]
        {
            let said = two.yoi("clone", words).fails(2);
            assert!(said.contains("is ada's, whose claim was accepted first"), "{said}");
        }
        two.yoi("repo", &["doctor"]).ok();
    }
}

#[test]
fn a_claim_made_offline_loses_against_work_that_is_done_and_undoes_none_of_it() {
    let two = Two::begin(&gits()[0]);
    let id = queue(&two, 1).remove(0);
    two.yoi("clone", &["fetch"]).ok();
    two.yoi("repo", &["start", &id, "--no-branch", "--actor", "ada"]).ok();
    two.yoi("repo", &["report", &id, "-m", "Done.", "--actor", "ada"]).ok();
    two.yoi("repo", &["done", &id, "--actor", "ada"]).ok();
    let ends = unplug(&two);
    two.yoi("clone", &["start", &id, "--no-branch", "--actor", "bo"]).ok();
    plug(ends);
    two.yoi("repo", &["sync"]).ok();
    two.yoi("clone", &["sync"]).ok();
    two.yoi("repo", &["sync"]).ok();
    for name in ["repo", "clone"] {
        let ticket = show(&two, name, &id);
        assert_eq!((text(&ticket["assignee"]), text(&ticket["state"])), ("ada", "done"), "{name}");
        assert!(text(&ticket["attention"]).contains("bo took it too"), "{ticket}");
    }
}

#[test]
fn a_push_by_a_hook_accepts_claims_too() {
    let two = Two::begin(&gits()[0]);
    let id = queue(&two, 1).remove(0);
    two.yoi("clone", &["fetch"]).ok();
    let ends = unplug(&two);
    two.yoi("clone", &["start", &id, "--no-branch", "--actor", "bo"]).ok();
    two.yoi("repo", &["start", &id, "--no-branch", "--actor", "ada"]).ok();
    plug(ends);
    two.work("repo", "code");
    two.git("repo", &["push", "-q"]).ok();
    two.yoi("clone", &["sync"]).ok();
    assert_eq!(text(&show(&two, "clone", &id)["assignee"]), "ada");
}

#[test]
fn a_server_with_a_guard_takes_claims_that_were_made_offline() {
    for git in gits() {
        let two = Two::begin(&git);
        let id = queue(&two, 1).remove(0);
        two.yoi("clone", &["fetch"]).ok();
        guard(&two.folder("remote.git"), "update", "");
        let ends = unplug(&two);
        two.yoi("clone", &["start", &id, "--no-branch", "--actor", "bo"]).ok();
        two.yoi("repo", &["start", &id, "--no-branch", "--actor", "ada"]).ok();
        plug(ends);
        two.work("repo", "code");
        let said = two.git("repo", &["push", "-q"]);
        assert!(said.code == 0 && said.err.is_empty(), "{said:?}");
        assert!(two.is_sent("repo"));
        two.yoi("clone", &["sync"]).ok();
        two.yoi("repo", &["sync"]).ok();
        assert_eq!(two.tip("repo"), two.tip("clone"));
        assert_eq!(text(&show(&two, "clone", &id)["assignee"]), "ada");
        two.yoi("clone", &["verify"]).ok();
    }
}

#[test]
fn a_server_that_takes_no_tickets_leaves_the_claim_here() {
    let two = Two::begin(&gits()[0]);
    let id = queue(&two, 1).remove(0);
    two.script("remote.git/hooks/update", "case $1 in refs/yoi/*) echo no tickets; exit 1;; esac");
    let answer = two.yoi("repo", &["start", &id, "--no-branch"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.err.contains("claimed here only") && answer.err.contains("no tickets"), "{answer:?}");
}

/// Clones that take all tickets at once, each on its own; what each was told it has, by ticket.
fn race(two: &Two, clones: usize, ids: &[String]) -> (BTreeMap<String, Vec<String>>, usize) {
    let names: Vec<String> = (0..clones).map(|number| format!("racer-{number}")).collect();
    for name in &names {
        git_in(&two.world, two.world.root(), &["clone", "-q", "remote.git", name]).ok();
        two.yoi(name, &["init"]).ok();
    }
    let mut owners: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut refused = 0;
    thread::scope(|scope| {
        let racers = names.iter().enumerate().map(|(number, name)| {
            scope.spawn(move || {
                let mut taken = Vec::new();
                let mut refused = 0;
                // Each begins somewhere else, as people do, but near enough to meet.
                for step in 0..ids.len() {
                    let id = &ids[(step + number / 2) % ids.len()];
                    let answer = two.yoi(name, &["start", id, "--worktree", "--actor", name]);
                    match answer.code {
                        0 => taken.push(id.clone()),
                        2 => refused += 1,
                        _ => panic!("{answer:?}"),
                    }
                }
                (name.clone(), taken, refused)
            })
        });
        for racer in racers.collect::<Vec<_>>() {
            let (name, taken, lost) = racer.join().unwrap();
            refused += lost;
            for id in taken {
                owners.entry(id).or_default().push(name.clone());
            }
        }
    });
    for name in names.iter().chain(&names) {
        two.yoi(name, &["sync"]).ok();
    }
    for name in &names {
        assert_eq!(two.tip(name), two.tip("remote.git"), "{name}");
        // What was made for a claim that was lost is gone.
        let own = owners.values().filter(|owners| owners.contains(name)).count();
        assert_eq!(two.git(name, &["worktree", "list"]).ok().lines().count(), 1 + own, "{name}");
        assert_eq!(two.git(name, &["branch"]).ok().lines().count(), 1 + own, "{name}");
    }
    (owners, refused)
}

#[test]
fn of_clones_that_race_for_tickets_each_ticket_has_one() {
    let is_full = std::env::var_os("YOI_FULL_RACE").is_some();
    let (clones, tickets) = if is_full { (8, 50) } else { (4, 4) };
    let two = Two::begin(&gits()[0]);
    let ids = queue(&two, tickets);
    let began = Instant::now();
    let (owners, refused) = race(&two, clones, &ids);
    let took = began.elapsed();
    assert_eq!(owners.len(), tickets);
    for (id, owners) in &owners {
        assert_eq!(owners.len(), 1, "{id}: {owners:?}");
        let ticket = show(&two, "racer-0", id);
        assert_eq!((text(&ticket["assignee"]), text(&ticket["state"])), (owners[0].as_str(), "inprogress"));
        let starts = ticket["events"].as_array().unwrap().iter();
        assert_eq!(starts.filter(|event| event["kind"] == "state_changed").count(), 1, "{id}");
    }
    assert_eq!(refused, clones * tickets - tickets);
    if is_full {
        say(&format!("{clones} clones, {tickets} tickets: {refused} refused, {} ms", took.as_millis()));
    }
}

#[test]
fn whoever_asks_for_the_next_ticket_gets_one_that_nobody_else_got() {
    let two = Two::begin(&gits()[0]);
    let ids = queue(&two, 6);
    let take = |name: &'static str| {
        let two = &two;
        move || {
            let mut taken = Vec::new();
            loop {
                let answer = two.yoi(name, &["next", "--claim", "--no-branch", "--actor", name, "--json"]);
                match answer.code {
                    0 => {
                        let answer: Value = serde_json::from_str(&answer.out).unwrap();
                        taken.push(text(&answer["id"]).to_owned());
                    }
                    1 => return taken,
                    _ => panic!("{answer:?}"),
                }
            }
        }
    };
    let taken = thread::scope(|scope| {
        let racers = ["repo", "clone"].map(|name| scope.spawn(take(name)));
        racers.map(|racer| racer.join().unwrap())
    });
    let mut all = taken.concat();
    all.sort_unstable();
    assert_eq!(all, ids, "{taken:?}");
    let said = two.yoi("repo", &["next", "--claim", "--worktree"]).fails(1);
    assert!(said.contains("no ticket can be started now"), "{said}");
}
