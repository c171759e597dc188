//! Clones that write, push, fetch and are killed at random, all at the same time: every event arrives, once.
//!
//! `YOI_TEST_STORM=16x500` sets how many clones make how many changes, `YOI_TEST_RACES=200` how many times two
//! clones race. What runs without them is small enough for every day.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use super::Two;
use super::many::{Numbers, clones};
use crate::plant::{REF, at_once, say};
use crate::world::gits;

/// What somebody was told is written.
#[derive(Default)]
struct Written {
    events: Vec<String>,
    tickets: Vec<String>,
    killed: usize,
}

/// Runs a write and takes down the events it tells of; nothing when it was refused.
fn write(two: &Two, name: &str, words: &[&str], written: &Mutex<Written>) {
    let words = [words, &["--json"]].concat();
    let answer = two.yoi(name, &words);
    assert!(answer.code == 0 || answer.code == 2, "{words:?}: {answer:?}");
    if answer.code == 2 {
        return;
    }
    let told: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    let mut written = written.lock().unwrap();
    let events = told["events"].as_array().unwrap_or_else(|| panic!("{told}"));
    written.events.extend(events.iter().map(|event| event["id"].as_str().unwrap().to_owned()));
    if words[0] == "create" {
        written.tickets.push(told["id"].as_str().unwrap().to_owned());
    }
}

/// Starts a sync and ends it, git and all, after some time.
fn killed_sync(two: &Two, name: &str, after: Duration) -> bool {
    let mut command = two.world.command(env!("CARGO_BIN_EXE_git-yoi"), &two.folder(name));
    command.arg("sync").stdout(Stdio::null()).stderr(Stdio::null());
    let (mut child, began) = (command.spawn().unwrap(), Instant::now());
    while began.elapsed() < after && child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    child.kill().is_ok() && !child.wait().unwrap().success()
}

fn live(two: &Two, name: &str, seed: u64, changes: usize, written: &Mutex<Written>) {
    let mut numbers = Numbers(seed);
    let mut made = 0;
    while made < changes {
        let tickets = written.lock().unwrap().tickets.clone();
        // Others' tickets may not have come here yet.
        let listed = two.yoi(name, &["list", "--state", "all", "--porcelain"]).ok();
        let here: Vec<&String> = tickets.iter().filter(|id| listed.contains(id.as_str())).collect();
        let what = numbers.below(12);
        let id = here.get(numbers.below(here.len().max(1))).map_or("", |id| id.as_str());
        let text = format!("{made} of {name}");
        match what {
            _ if id.is_empty() => write(two, name, &["create", &text], written),
            0..=3 => write(two, name, &["comment", id, "-m", &text], written),
            4 => write(two, name, &["create", &text], written),
            5 => write(two, name, &["edit", id, "--title", &text], written),
            6 => write(two, name, &["edit", id, "--add-label", name], written),
            7 => drop(two.git(name, &["fetch", "-q"])),
            8 => drop(two.git(name, &["push", "-q", "origin", &format!("HEAD:refs/heads/{name}")])),
            9 => drop(two.yoi(name, &["push"])),
            10 => drop(two.yoi(name, &["sync"])),
            _ => {
                let after = Duration::from_millis(numbers.below(400) as u64);
                written.lock().unwrap().killed += usize::from(killed_sync(two, name, after));
            }
        }
        made += usize::from(what < 7 || id.is_empty());
    }
}

/// The ids of all events in a clone, with how often each is there, and whose id nobody was told.
fn events(two: &Two, name: &str) -> Vec<String> {
    let lines = two.git(name, &["grep", "-h", "^<!-- event: ", REF, "--", "*.thread.md"]).ok();
    let id = |line: &str| {
        line.split(" id: ").nth(1).map(|rest| rest.split(' ').next().unwrap_or_default().to_owned())
    };
    lines.lines().filter_map(id).collect()
}

fn told(size: &str) -> Option<(usize, usize)> {
    let (clones, changes) = size.split_once('x')?;
    Some((clones.parse().ok()?, changes.parse().ok()?))
}

#[test]
fn clones_that_write_push_and_are_killed_at_random_end_with_the_same_and_every_event_once() {
    let wanted = std::env::var("YOI_TEST_STORM").ok().and_then(|size| told(&size));
    let (number, changes) = wanted.unwrap_or((4, 12));
    for git in gits() {
        let (two, began) = (Two::begin(&git), Instant::now());
        let names = clones(&two, number);
        let written = Mutex::new(Written::default());
        thread::scope(|scope| {
            for (seed, name) in names.iter().enumerate() {
                let (two, written) = (&two, &written);
                scope.spawn(move || live(two, name, 17 + seed as u64 * 1_000_003, changes, written));
            }
        });
        // Once to gather everything, once to hand it out.
        for name in names.iter().chain(&names) {
            two.yoi(name, &["sync"]).ok();
        }
        let written = written.into_inner().unwrap();
        let expected: BTreeSet<&String> = written.events.iter().collect();
        assert_eq!(expected.len(), written.events.len(), "an id was given twice");
        let tree = |name: &str| two.git(name, &["rev-parse", &format!("{REF}^{{tree}}")]).ok();
        for name in &names {
            assert_eq!(two.tip(name), two.tip("remote.git"), "{name}");
            assert_eq!(tree(name), tree(&names[0]), "{name}");
        }
        let found = events(&two, &names[0]);
        let once: BTreeSet<&String> = found.iter().collect();
        let lost = expected.difference(&once).count();
        let doubled = found.len() - once.len();
        say(&format!(
            "{number} clones, {changes} changes each, {} syncs killed: {} events written, {lost} lost, {doubled} doubled, {} there in all, {:.1} s",
            written.killed,
            expected.len(),
            found.len(),
            began.elapsed().as_secs_f64()
        ));
        assert_eq!((lost, doubled), (0, 0));
        two.git("remote.git", &["fsck", "--no-progress"]).ok();
        two.yoi(&names[0], &["doctor"]).ok();
    }
}

#[test]
fn two_clones_that_race_lose_nothing_and_agree_each_time() {
    let rounds = std::env::var("YOI_TEST_RACES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10);
    let two = Two::begin(&gits()[gits().len() - 1]);
    let id = two.yoi("repo", &["list", "--porcelain"]).ok()[..13].to_owned();
    let written = Mutex::new(Written::default());
    let names = ["repo", "clone"];
    let (mut merges, began) = (0, Instant::now());
    for round in 0..rounds {
        for name in names {
            let text = format!("{round} by {name}");
            write(&two, name, &["comment", &id, "-m", &text], &written);
            match round % 3 {
                0 => write(&two, name, &["create", &text], &written),
                1 => write(&two, name, &["edit", &id, "--title", &text], &written),
                _ => write(&two, name, &["edit", &id, "--add-label", &format!("{name}{round}")], &written),
            }
        }
        let commands = names.iter().map(|name| {
            let by_push = (round + usize::from(*name == "repo")) % 2 == 0;
            let program = if by_push { "git" } else { env!("CARGO_BIN_EXE_git-yoi") };
            let mut command = two.world.command(program, &two.folder(name));
            let branch = format!("HEAD:refs/heads/{name}");
            command.args(if by_push { vec!["push", "-q", "origin", &branch] } else { vec!["sync"] });
            command
        });
        for answer in at_once(commands) {
            assert_eq!(answer.code, 0, "{round}: {answer:?}");
        }
        // Both merge what the race left apart: they make the same commit, whoever is first.
        for name in ["repo", "clone", "repo"] {
            two.yoi(name, &["sync"]).ok();
        }
        assert_eq!(two.tip("repo"), two.tip("clone"), "{round}");
        assert_eq!(two.tip("repo"), two.tip("remote.git"), "{round}");
        merges += 1;
    }
    let written = written.into_inner().unwrap();
    let found = events(&two, "clone");
    let once: BTreeSet<&String> = found.iter().collect();
    let lost = written.events.iter().filter(|id| !once.contains(id)).count();
    say(&format!(
        "{merges} races of two clones: {} events written, {lost} lost, {} doubled, {:.1} s",
        written.events.len(),
        found.len() - once.len(),
        began.elapsed().as_secs_f64()
    ));
    assert_eq!((lost, found.len() - once.len()), (0, 0));
}
