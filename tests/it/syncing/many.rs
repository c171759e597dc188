//! Many clones that write at once and in any order: nothing is lost, nothing is doubled.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use git_yoi::host::{Clock, Entropy, Host, Terminal};

use super::Two;
use crate::plant::{REF, at_once, git_in};
use crate::world::gits;

/// A stream of numbers that is the same each time.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// So many clones that are set up, by their names.
pub(super) fn clones(two: &Two, number: usize) -> Vec<String> {
    let names: Vec<String> = (0..number).map(|number| format!("clone-{number}")).collect();
    for name in &names {
        git_in(&two.world, two.world.root(), &["clone", "-q", "remote.git", name]).ok();
        two.yoi(name, &["init"]).ok();
    }
    names
}

#[test]
fn eight_clones_that_write_and_push_in_any_order_end_with_the_same() {
    for (git, seed) in gits().iter().zip([11, 42]) {
        let two = Two::begin(git);
        let id = two.yoi("repo", &["list", "--porcelain"]).ok()[..13].to_owned();
        let names = clones(&two, 8);
        let mut numbers = Numbers(seed);
        let (mut words, mut tickets) = (Vec::new(), 1);
        for step in 0..96 {
            let name = names[numbers.below(names.len())].as_str();
            match numbers.below(8) {
                0..=2 => {
                    words.push(format!("word {step} of {name}"));
                    two.yoi(name, &["comment", &id, "-m", &words[words.len() - 1]]).ok();
                }
                3 => {
                    tickets += 1;
                    two.yoi(name, &["create", &format!("ticket {step}")]).ok();
                }
                4 => drop(two.yoi(name, &["edit", &id, "--title", &format!("title {step}")]).ok()),
                5 => drop(two.git(name, &["fetch", "-q"]).ok()),
                6 => {
                    two.git(name, &["commit", "-q", "--allow-empty", "-m", "code"]).ok();
                    two.git(name, &["push", "-q", "origin", &format!("HEAD:refs/heads/{name}")]).ok();
                }
                _ => drop(two.yoi(name, &["sync"]).ok()),
            }
        }
        for name in names.iter().chain(&names) {
            two.yoi(name, &["sync"]).ok();
        }
        let raw = two.yoi("clone-0", &["show", &id, "--raw"]).ok();
        for word in &words {
            assert_eq!(raw.matches(&format!("{word}\n")).count(), 1, "{word}");
        }
        for name in &names {
            assert_eq!(two.tip(name), two.tip("remote.git"), "{name}");
            let listed = two.yoi(name, &["list", "--state", "all", "--porcelain"]).ok();
            assert_eq!(listed.lines().count(), tickets);
        }
        two.yoi("clone-0", &["doctor"]).ok();
    }
}

#[test]
fn clones_that_push_at_the_same_time_all_get_through() {
    let two = Two::begin(&gits()[0]);
    let names = clones(&two, 6);
    for name in &names {
        two.work(name, &format!("by {name}"));
    }
    let pushes = names.iter().map(|name| {
        let mut command = two.world.command("git", &two.folder(name));
        command.args(["push", "-q", "origin", &format!("HEAD:refs/heads/{name}")]);
        command
    });
    for pushed in at_once(pushes) {
        assert_eq!(pushed.code, 0, "{pushed:?}");
    }
    // Who lost every race in the time of a push is told to use this.
    let syncs = names.iter().map(|name| {
        let mut command = two.world.command(env!("CARGO_BIN_EXE_git-yoi"), &two.folder(name));
        command.arg("sync");
        command
    });
    for synced in at_once(syncs) {
        assert_eq!(synced.code, 0, "{synced:?}");
    }
    two.yoi("repo", &["sync"]).ok();
    assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 7);
}

/// Makes a ticket at a moment.
fn create_at(two: &Two, name: &str, millis: u64, title: &str) {
    let folder = two.folder(name);
    let word = |words: &[&str]| words.iter().map(Into::into).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut host = Host {
        args: word(&["git-yoi", "create", title, "--no-catch-up"]),
        env: BTreeMap::from([("PATH".into(), path), ("GIT_YOI_ACTOR".into(), name.into())]),
        id: 1,
        program: None,
        cwd: Path::new(&folder).to_owned(),
        clock: Clock::stepping(millis, 0),
        entropy: Entropy::System,
        terminal: Terminal::default(),
        stdin: RefCell::new(Box::new(io::empty())),
        stdout: RefCell::new(Box::new(io::sink())),
        stderr: RefCell::new(Box::new(io::sink())),
    };
    assert_eq!(git_yoi::cli::run(&mut host), 0);
}

#[test]
fn tickets_made_in_the_same_millisecond_both_stay_and_both_are_found() {
    let two = Two::begin(&gits()[0]);
    for name in ["repo", "clone"] {
        for (key, value) in [("user.name", name), ("user.email", "x@example.org")] {
            two.git(name, &["config", key, value]).ok();
        }
        create_at(&two, name, 1_800_000_000_000, &format!("by {name}"));
    }
    let listed = |name: &str| two.yoi(name, &["list", "--porcelain", "--sort", "id"]).ok();
    let id = |name: &str| {
        listed(name).lines().find(|row| row.ends_with(&format!("by {name}"))).unwrap()[..13].to_owned()
    };
    assert_eq!(id("repo"), id("clone"), "the same id in two clones");
    let same = id("repo");
    two.yoi("repo", &["sync"]).ok();
    let said = two.yoi("clone", &["sync"]).ok();
    assert!(said.contains(&format!("two tickets had the id {same}")), "{said}");
    two.yoi("repo", &["sync"]).ok();
    assert_eq!(listed("repo"), listed("clone"));
    assert_eq!(listed("repo").lines().count(), 3);
    for name in ["repo", "clone"] {
        assert_eq!(listed(name).matches(&format!("\tby {}\n", name)).count(), 1);
        assert_eq!(
            two.tip(name),
            two.git("remote.git", &["for-each-ref", "--format=%(objectname)", REF]).ok()
        );
    }
    two.yoi("repo", &["doctor"]).ok();
}

#[test]
fn a_sync_that_is_killed_at_any_moment_loses_and_doubles_nothing() {
    let two = Two::begin(&gits()[0]);
    let id = two.yoi("repo", &["list", "--porcelain"]).ok()[..13].to_owned();
    let names = ["repo", "clone"];
    let whole = {
        let began = Instant::now();
        two.yoi("clone", &["sync"]).ok();
        began.elapsed() * 2
    };
    let (rounds, mut killed) = (40, 0);
    for round in 0..rounds {
        let name = names[usize::try_from(round).unwrap() % 2];
        two.yoi(name, &["comment", &id, "-m", &format!("round {round}")]).ok();
        let mut command = two.world.command(env!("CARGO_BIN_EXE_git-yoi"), &two.folder(name));
        command.arg("sync").stdout(Stdio::null()).stderr(Stdio::null());
        let (mut child, began) = (command.spawn().unwrap(), Instant::now());
        while began.elapsed() < whole * round / rounds && child.try_wait().unwrap().is_none() {}
        killed += usize::from(child.kill().is_ok() && !child.wait().unwrap().success());
        // Dying while the ref is moved leaves its lock, as with git itself. A person takes it away.
        drop(std::fs::remove_file(two.folder(name).join(format!(".git/{REF}.lock"))));
    }
    assert!(killed > 0, "nobody was killed");
    for name in ["repo", "clone", "repo"] {
        two.yoi(name, &["sync"]).ok();
    }
    let raw = two.yoi("clone", &["show", &id, "--raw"]).ok();
    for round in 0..rounds {
        assert_eq!(raw.matches(&format!("round {round}\n")).count(), 1, "{round}: {raw}");
    }
    assert!(two.is_sent("repo") && two.is_sent("clone"));
    two.git("remote.git", &["fsck", "--no-progress"]).ok();
}
