//! Crowds: many processes that write all kinds of things at once, while git tidies up and spares nothing. Every event is
//! there afterwards, once.
//!
//! `YOI_TEST_CROWD=32x50` sets how many processes write how often; what runs without it is small enough for every day.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::plant::{REF, git_in, say, yoi_in};
use crate::world::{World, gits};

/// How many processes write how often.
fn size() -> (usize, usize) {
    let told = std::env::var("YOI_TEST_CROWD").unwrap_or_default();
    let numbers =
        told.split_once('x').and_then(|(one, other)| Some((one.parse().ok()?, other.parse().ok()?)));
    numbers.unwrap_or((8, 8))
}

/// What a crowd was told is written.
struct Crowd<'w> {
    world: &'w World,
    tickets: Vec<String>,
    file: PathBuf,
    events: Mutex<Vec<String>>,
    others: AtomicUsize,
}

impl<'w> Crowd<'w> {
    /// Some tickets in a folder, for everybody to write to.
    fn gather(world: &'w World, folder: &Path) -> Self {
        let create = |number: usize| {
            let title = format!("ticket {number}");
            yoi_in(world, folder, &["create", &title, "--porcelain"]).ok().trim_end().to_owned()
        };
        let tickets = (0..6).map(create).collect();
        let file = world.write("notes.md", "notes\n");
        Crowd { world, tickets, file, events: Mutex::default(), others: AtomicUsize::new(0) }
    }

    /// One write of some kind; nobody may be refused what is not done yet.
    fn write(&self, folder: &Path, writer: usize, number: usize) {
        let id = self.tickets[(writer + number) % self.tickets.len()].as_str();
        let other = self.tickets[(writer + number + 1) % self.tickets.len()].as_str();
        let text = format!("{writer} writes {number}");
        let name = format!("{writer}-{number}.md");
        let words: Vec<&str> = match (writer + number) % 8 {
            0..=2 => vec!["comment", id, "-m", &text],
            3 => vec!["create", &text],
            4 => vec!["edit", id, "--title", &text],
            5 => vec!["edit", id, "--add-label", &name],
            6 => vec!["artifact", "add", id, self.file.to_str().unwrap(), "--name", &name],
            _ => vec!["relate", id, "related", other],
        };
        let answer = yoi_in(self.world, folder, &[words.as_slice(), &["--json"]].concat());
        if words[0] == "relate" && answer.err.contains("already_related") {
            return;
        }
        assert_eq!(answer.code, 0, "{words:?}: {answer:?}");
        let told: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
        match told["events"].as_array() {
            Some(events) if !events.is_empty() => {
                let ids = events.iter().map(|event| event["id"].as_str().unwrap().to_owned());
                self.events.lock().unwrap().extend(ids);
            }
            _ => drop(self.others.fetch_add(1, Ordering::Relaxed)),
        }
    }

    /// Every event is on a ref once, and nothing is wrong with it.
    fn judge(&self, folder: &Path, name: &str) {
        let written = self.events.lock().unwrap();
        let expected: BTreeSet<&str> = written.iter().map(String::as_str).collect();
        assert_eq!(expected.len(), written.len(), "{name}: an id was given twice");
        let lines =
            git_in(self.world, folder, &["grep", "-h", "^<!-- event: ", REF, "--", "*.thread.md"]).ok();
        let found: Vec<&str> =
            lines.lines().filter_map(|line| line.split(" id: ").nth(1)?.split(' ').next()).collect();
        let once: BTreeSet<&str> = found.iter().copied().collect();
        let lost: Vec<_> = expected.difference(&once).collect();
        assert!(
            lost.is_empty() && once.len() == found.len(),
            "{name}: lost {lost:?}, {} doubled",
            found.len() - once.len()
        );
        let report: serde_json::Value =
            serde_json::from_str(&yoi_in(self.world, folder, &["doctor", "--json"]).ok()).unwrap();
        let mut findings = report["findings"].as_array().unwrap().iter();
        // What two clones say at once may be told in another order than it was said.
        let is_known =
            |code: &serde_json::Value| ["loose_objects", "ids_backwards"].iter().any(|known| code == known);
        assert!(findings.all(|finding| is_known(&finding["code"])), "{name}: {report}");
        git_in(self.world, folder, &["fsck", "--strict", "--no-progress"]).ok();
        yoi_in(self.world, folder, &["verify"]).ok();
    }
}

/// Lets git tidy up in folders, by turns, until the others are done. Gives how often that went well.
fn tidying(world: &World, folders: &[PathBuf], is_over: &AtomicBool) -> usize {
    let mut went_well = 0;
    let mut turn = 0;
    while !is_over.load(Ordering::Relaxed) || turn == 0 {
        let words: &[&str] = match turn % 3 {
            2 => &[
                "maintenance",
                "run",
                "--quiet",
                "--task=gc",
                "--task=loose-objects",
                "--task=incremental-repack",
            ],
            _ => &["gc", "--quiet", "--prune=now"],
        };
        // A ref that moves while it is looked at makes git give up, which is no fault of ours.
        went_well += usize::from(git_in(world, &folders[turn % folders.len()], words).code == 0);
        turn += 1;
    }
    went_well
}

/// Lets a crowd write, writers spread over folders, beside a git that tidies up.
fn beside_tidying(
    crowd: &Crowd,
    folders: &[PathBuf],
    tidied: &[PathBuf],
    name: &str,
    turn: impl Fn(&Path, usize) + Sync,
) {
    let (writers, writes) = size();
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let went_well = thread::scope(|scope| {
        let tidier = scope.spawn(|| tidying(crowd.world, tidied, &is_over));
        let hands: Vec<_> = (0..writers)
            .map(|writer| {
                let (folder, turn) = (&folders[writer % folders.len()], &turn);
                scope.spawn(move || {
                    for number in 0..writes {
                        crowd.write(folder, writer, number);
                        turn(folder, number);
                    }
                })
            })
            .collect();
        let ends: Vec<_> = hands.into_iter().map(thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        for end in ends {
            end.unwrap();
        }
        tidier.join().unwrap()
    });
    let events = crowd.events.lock().unwrap().len();
    let others = crowd.others.load(Ordering::Relaxed);
    say(&format!(
        "{name}: {writers} processes x {writes} writes, {events} events and {others} writes without one, tidied up {went_well} times, {:.1} s",
        began.elapsed().as_secs_f64()
    ));
    assert!(went_well > 0, "{name}: git never tidied up");
}

#[test]
fn a_crowd_in_one_clone_loses_nothing_to_a_gc_that_spares_nothing() {
    for git in gits() {
        let world = World::with_git(&git);
        let folders = [world.repo()];
        let crowd = Crowd::gather(&world, &folders[0]);
        let before = crate::plant::commits(&world);
        beside_tidying(&crowd, &folders, &folders, "one clone", |_, _| {});
        crowd.judge(&folders[0], "one clone");
        let (writers, writes) = size();
        let unrelated = crate::plant::commits(&world) - before;
        // What was related already is not written again.
        assert!(unrelated <= writers * writes, "{unrelated}");
    }
}

#[test]
fn a_crowd_in_four_linked_worktrees_loses_nothing_to_a_gc_that_spares_nothing() {
    let world = World::with_git(&gits()[gits().len() - 1]);
    world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
    let crowd = Crowd::gather(&world, &world.repo());
    let folders: Vec<PathBuf> = (0..4).map(|number| world.root().join(format!("tree-{number}"))).collect();
    for folder in &folders {
        world.git(["worktree", "add", "-q", "--detach", folder.to_str().unwrap()]).ok();
    }
    beside_tidying(&crowd, &folders, &[world.repo()], "four worktrees", |_, _| {});
    crowd.judge(&folders[0], "four worktrees");
}

#[test]
fn a_crowd_in_eight_clones_and_a_remote_loses_nothing_to_a_gc_that_spares_nothing() {
    let world = crate::setting_up::shared(&gits()[0]);
    let crowd = Crowd::gather(&world, &world.repo());
    yoi_in(&world, &world.repo(), &["sync"]).ok();
    let folders: Vec<PathBuf> = (0..8).map(|number| world.root().join(format!("clone-{number}"))).collect();
    for folder in &folders {
        git_in(&world, world.root(), &["clone", "-q", "remote.git", folder.to_str().unwrap()]).ok();
        yoi_in(&world, folder, &["init"]).ok();
    }
    let sync = |folder: &Path, number: usize| {
        if number % 4 == 3 {
            // Others may be faster each time; the next one carries it.
            let answer = yoi_in(&world, folder, &["sync"]);
            assert!(matches!(answer.code, 0..=2), "{answer:?}");
        }
    };
    beside_tidying(&crowd, &folders, &folders, "eight clones", sync);
    // Once to gather everything, once to hand it out.
    for folder in folders.iter().chain(&folders) {
        yoi_in(&world, folder, &["sync"]).ok();
    }
    crowd.judge(&folders[0], "eight clones");
    let tip = |folder: &Path| git_in(&world, folder, &["rev-parse", REF]).ok();
    assert!(folders.iter().all(|folder| tip(folder) == tip(&world.root().join("remote.git"))));
}
