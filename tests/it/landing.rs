//! Landings: every way in which work reaches a target branch, seen by whoever did it and by a clone that
//! never had the work's branch.

use std::path::{Path, PathBuf};

use crate::world::{Answer, World, gits};

/// Two people and a remote: Tess works in `repo`, Bob has a clone of main alone.
pub(crate) struct Story {
    pub(crate) world: World,
    pub(crate) id: String,
    pub(crate) branch: String,
}

impl Story {
    /// A ticket that is queued, a base commit, a remote, and Bob's clone.
    pub(crate) fn begin(git: &Path) -> Self {
        let world = World::with_git(git);
        world.git(["config", "yoi.catchUp", "true"]).ok();
        hook(&world, &world.repo());
        world.yoi(["init", "--no-hooks"]).ok();
        let lines: String = (1..=30).map(|number| format!("line {number}\n")).collect();
        world.write("repo/file", lines);
        world.git(["add", "file"]).ok();
        world.git(["commit", "-q", "-m", "base"]).ok();
        let id = queued(&world, "Do it");
        let branch = format!("work/{id}-do-it");
        let story = Story { world, id, branch };
        let origin = story.world.root().join("origin.git");
        story.world.git(["init", "-q", "--bare", "-b", "main", path(&origin)]).ok();
        story.world.git(["remote", "add", "origin", path(&origin)]).ok();
        story.world.git(["push", "-q", "origin", "main", "refs/yoi/tickets"]).ok();
        let bob = story.bob();
        let clone = ["clone", "-q", "--single-branch", "-b", "main", path(&origin), path(&bob)];
        story.world.git(clone).ok();
        story.bob_yoi(&["init", "origin", "--no-hooks"]).ok();
        story.bob_yoi(&["land"]).ok();
        story
    }

    /// Bob's folder.
    pub(crate) fn bob(&self) -> PathBuf {
        self.world.root().join("bob")
    }

    pub(crate) fn bob_git(&self, words: &[&str]) -> Answer {
        let mut command = self.world.command("git", &self.bob());
        command.args(words);
        self.world.run(command)
    }

    pub(crate) fn bob_yoi(&self, words: &[&str]) -> Answer {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_git-yoi"), &self.bob());
        command.args(words);
        self.world.run(command)
    }

    /// Runs git for Tess; it must go well.
    #[track_caller]
    pub(crate) fn git(&self, words: &[&str]) -> String {
        self.world.git(words).ok()
    }

    /// Replaces a line of the file and commits; later than every commit before.
    pub(crate) fn edit(&self, line: usize, text: &str, message: &str) {
        self.set(line, text);
        self.git(&["commit", "-q", "-a", "-m", message]);
    }

    /// Replaces a line of the file.
    pub(crate) fn set(&self, line: usize, text: &str) {
        let file = self.world.repo().join("file");
        let old = std::fs::read_to_string(&file).expect("the file is there");
        let mut lines: Vec<&str> = old.lines().collect();
        lines[line - 1] = text;
        std::fs::write(file, lines.join("\n") + "\n").expect("a file");
    }

    /// Three commits on the ticket's branch.
    pub(crate) fn work(&self) {
        self.git(&["switch", "-q", "-c", &self.branch]);
        for (line, message) in [(5, "work: one"), (10, "work: two"), (15, "work: three")] {
            self.edit(line, &format!("{message} done"), message);
        }
    }

    /// Pushes the branch and the tickets, then goes back to main.
    pub(crate) fn share(&self) {
        self.git(&["push", "-q", "origin", &self.branch]);
        self.share_tickets();
        self.git(&["switch", "-q", "main"]);
    }

    /// Sends the tickets to Bob, as they are now.
    pub(crate) fn share_tickets(&self) {
        self.git(&["push", "-q", "origin", "refs/yoi/tickets"]);
        self.bob_git(&["fetch", "-q", "origin", "refs/yoi/tickets:refs/yoi/tickets"]).ok();
        if !self.git(&["branch", "--show-current"]).starts_with("main") {
            self.git(&["switch", "-q", "main"]);
        }
    }

    /// Runs git for Tess as a forge would have done it: no hook runs.
    pub(crate) fn forge(&self, words: &[&str]) {
        self.git(&[&["-c", "core.hooksPath=/dev/null"], words].concat());
    }

    /// What the thread says about landings, for Tess; then for Bob, who only fetches main.
    pub(crate) fn seen(&self) -> (Vec<String>, Vec<String>) {
        self.world.yoi(["list"]).ok();
        self.git(&["push", "-q", "-f", "--no-verify", "origin", "main"]);
        self.bob_git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
        self.bob_yoi(&["list"]).ok();
        (landings(&self.world, &self.world.repo(), &self.id), landings(&self.world, &self.bob(), &self.id))
    }

    /// The bytes of the ticket's thread.
    pub(crate) fn thread(&self, folder: &Path) -> String {
        let mut command = self.world.command("git", folder);
        let (first, second) = (&self.id[11..12], &self.id[12..]);
        command.args(["show", &format!("refs/yoi/tickets:tickets/{first}/{second}/{}.thread.md", self.id)]);
        self.world.run(command).ok()
    }

    /// The state of the ticket, for Tess.
    pub(crate) fn state(&self) -> String {
        state(&self.world, &self.id)
    }
}

pub(crate) fn state(world: &World, id: &str) -> String {
    world.json(["show", id])["state"].as_str().expect("a state").to_owned()
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A ticket that is queued.
pub(crate) fn queued(world: &World, title: &str) -> String {
    let id = world.create(title);
    world.yoi(["state", &id, "ready", "-m", "clear"]).ok();
    world.yoi(["queue", &id]).ok();
    id
}

/// Hooks as short as they can be.
pub(crate) fn hook(world: &World, folder: &Path) {
    for name in ["commit-msg", "post-commit", "post-merge", "post-rewrite", "pre-push"] {
        let file = world.write("hook", format!("#!/bin/sh\ngit-yoi hook {name} \"$@\" >&2 || :\n"));
        let place = folder.join(".git/hooks").join(name);
        std::fs::create_dir_all(place.parent().expect("a parent")).expect("a folder");
        std::fs::copy(file, &place).expect("a hook");
        let mut command = world.command("chmod", folder);
        command.arg("+x").arg(place);
        world.run(command).ok();
    }
}

/// The events about landings in a ticket's thread: kind and how, in order.
pub(crate) fn landings(world: &World, folder: &Path, id: &str) -> Vec<String> {
    let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), folder);
    command.args(["show", id, "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&world.run(command).ok()).expect("JSON");
    let events = shown["events"].as_array().expect("events").clone();
    let about = events.iter().filter(|event| {
        ["land", "revert", "reland", "unland"].contains(&event["kind"].as_str().unwrap_or_default())
    });
    let told = about.map(|event| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} {}", text(&event["kind"]), text(&event["attributes"]["how"]))
    });
    told.collect()
}

/// A row of the table: what somebody does, what is then known to whoever did it, and to a clone that never
/// had the branch, where that differs.
struct Row {
    name: &'static str,
    act: fn(&Story),
    seen: &'static [&'static str],
    elsewhere: Option<&'static [&'static str]>,
    state: &'static str,
}

const fn row(name: &'static str, act: fn(&Story), seen: &'static [&'static str], state: &'static str) -> Row {
    Row { name, act, seen, elsewhere: None, state }
}

fn usual(story: &Story) {
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
}

fn squash(story: &Story) {
    story.git(&["merge", "-q", "--squash", &story.branch]);
}

const ROWS: &[Row] = &[
    row(
        "fast-forward",
        |story| {
            story.work();
            story.share();
            story.git(&["merge", "-q", "--ff-only", &story.branch]);
        },
        &["land ff"],
        "done",
    ),
    row(
        "true merge",
        |story| {
            usual(story);
            story.git(&["merge", "-q", "--no-edit", &story.branch]);
        },
        &["land merge"],
        "done",
    ),
    row(
        "squash, default message",
        |story| {
            usual(story);
            squash(story);
            story.git(&["commit", "-q", "--no-edit"]);
        },
        &["land squash"],
        "done",
    ),
    row(
        "squash with a message of its own",
        |story| {
            usual(story);
            squash(story);
            story.git(&["commit", "-q", "-m", "Everything"]);
        },
        &["land squash"],
        "done",
    ),
    row(
        "squash with a message of its own, without hooks",
        |story| {
            usual(story);
            squash(story);
            story.forge(&["commit", "-q", "-m", "Everything"]);
        },
        &["land squash"],
        "done",
    ),
    row(
        "squash as a forge does it",
        |story| {
            usual(story);
            squash(story);
            let body = format!(
                "* work: one\n\nTicket: {0}\n\n* work: two\n\nTicket: {0}\n\n* work: three",
                story.id
            );
            story.forge(&["commit", "-q", "-m", "Do it (#3)", "-m", &body, "-m", "Co-authored-by: x <x@y>"]);
        },
        &["land squash"],
        "done",
    ),
    row(
        "rebase and fast-forward",
        |story| {
            usual(story);
            story.git(&["switch", "-q", "-c", "copy", &story.branch]);
            story.git(&["rebase", "-q", "main"]);
            story.git(&["switch", "-q", "main"]);
            story.git(&["merge", "-q", "--ff-only", "copy"]);
        },
        &["land rebase"],
        "done",
    ),
    row(
        "one of three cherry-picked",
        |story| {
            usual(story);
            story.git(&["cherry-pick", &format!("{}~1", story.branch)]);
        },
        &[],
        "inprogress",
    ),
    row(
        "three of three cherry-picked",
        |story| {
            usual(story);
            story.git(&["cherry-pick", &format!("main..{}", story.branch)]);
        },
        &["land rebase"],
        "done",
    ),
    Row {
        name: "squash with a conflict",
        act: |story| {
            story.work();
            story.share();
            story.edit(10, "main has another two", "main: moved");
            story.world.git(["merge", "-q", "--squash", &story.branch]);
            story.git(&["checkout", "-q", "--theirs", "file"]);
            story.git(&["add", "file"]);
            story.forge(&["commit", "-q", "-m", "Everything"]);
        },
        seen: &["land content"],
        // The work's commits are needed to try the merge.
        elsewhere: Some(&[]),
        state: "done",
    },
    row(
        "rebase with edits for conflicts",
        |story| {
            story.work();
            story.share();
            story.edit(10, "main has another two", "main: moved");
            story.git(&["switch", "-q", "-c", "copy", &story.branch]);
            story.world.git(["rebase", "-q", "main"]);
            let file = story.world.repo().join("file");
            let text = std::fs::read_to_string(&file).expect("the file");
            let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with(['<', '=', '>'])).collect();
            std::fs::write(&file, kept.join("\n") + "\n").expect("the file");
            story.git(&["add", "file"]);
            story.git(&["-c", "core.editor=true", "rebase", "--continue"]);
            story.git(&["switch", "-q", "main"]);
            story.git(&["merge", "-q", "--ff-only", "copy"]);
        },
        &["land rebase"],
        "done",
    ),
    row(
        "squash with an edit and a message of its own: no sign is left",
        |story| {
            usual(story);
            squash(story);
            story.set(10, "edited on the way");
            story.git(&["add", "file"]);
            story.forge(&["commit", "-q", "-m", "Everything"]);
        },
        &[],
        "inprogress",
    ),
    row(
        "squash, then main edits the same line",
        |story| {
            usual(story);
            squash(story);
            story.forge(&["commit", "-q", "-m", "Everything"]);
            story.set(10, "later");
            story.forge(&["commit", "-q", "-a", "-m", "main: later"]);
        },
        &["land squash"],
        "done",
    ),
    row(
        "merge, then reverted",
        |story| {
            usual(story);
            story.git(&["merge", "-q", "--no-edit", &story.branch]);
            story.git(&["revert", "-m1", "--no-edit", "HEAD"]);
        },
        &["land merge", "revert commit"],
        "inprogress",
    ),
    row(
        "merge, reverted, and the revert reverted",
        |story| {
            usual(story);
            story.git(&["merge", "-q", "--no-edit", &story.branch]);
            story.git(&["revert", "-m1", "--no-edit", "HEAD"]);
            story.git(&["revert", "--no-edit", "HEAD"]);
        },
        &["land merge", "revert commit", "reland commit"],
        "done",
    ),
    row(
        "squash, then reverted",
        |story| {
            usual(story);
            squash(story);
            story.git(&["commit", "-q", "--no-edit"]);
            story.git(&["revert", "--no-edit", "HEAD"]);
        },
        &["land squash", "revert commit"],
        "inprogress",
    ),
    row(
        "squash, reverted by a forge that names the subject only",
        |story| {
            usual(story);
            squash(story);
            story.forge(&["commit", "-q", "-m", "Everything (#3)"]);
            story.forge(&["revert", "--no-commit", "HEAD"]);
            story.forge(&[
                "commit",
                "-q",
                "-m",
                "Revert \"Everything (#3)\" (#4)",
                "-m",
                "Reverts team/repo#3",
            ]);
        },
        &["land squash", "revert subject"],
        "inprogress",
    ),
    row(
        "an empty branch",
        |story| {
            story.git(&["switch", "-q", "-c", &story.branch]);
            story.share();
            story.edit(25, "main moved", "main: moved");
        },
        &[],
        "queued",
    ),
    row(
        "an empty branch made where main has moved to",
        |story| {
            story.forge(&["commit", "-q", "--allow-empty", "-m", "main: unseen"]);
            story.git(&["switch", "-q", "-c", &story.branch]);
            story.share();
            story.edit(25, "main moved", "main: moved");
        },
        &[],
        "queued",
    ),
    row("not landed", usual, &[], "inprogress"),
    row(
        "main merged into the work, then squashed",
        |story| {
            usual(story);
            story.git(&["switch", "-q", &story.branch]);
            story.git(&["merge", "-q", "--no-edit", "main"]);
            story.share();
            squash(story);
            story.forge(&["commit", "-q", "-m", "Everything"]);
        },
        &["land squash"],
        "done",
    ),
    row(
        "main merged into the work, then fast-forwarded",
        |story| {
            usual(story);
            story.git(&["switch", "-q", &story.branch]);
            story.git(&["merge", "-q", "--no-edit", "main"]);
            story.share();
            story.git(&["merge", "-q", "--ff-only", &story.branch]);
        },
        &["land ff"],
        "done",
    ),
    row(
        "a merge by a forge that names the branch",
        |story| {
            usual(story);
            let subject = format!("Merge pull request #3 from team/{}", story.branch);
            story.forge(&["merge", "-q", "--no-ff", "-m", &subject, "-m", "Do it", &story.branch]);
        },
        &["land merge"],
        "done",
    ),
    row(
        "a commit that says it closes the ticket",
        |story| {
            story.work();
            story.share();
            let body = format!("Closes: {}", story.id);
            story.forge(&["commit", "-q", "--allow-empty", "-m", "main: another way", "-m", &body]);
        },
        &["land closes"],
        "done",
    ),
];

/// Goes through every row of a part of the table, with every git.
fn check(part: usize) {
    let mut wrong = Vec::new();
    for git in gits() {
        for row in ROWS.iter().skip(part).step_by(4) {
            let story = Story::begin(&git);
            (row.act)(&story);
            let (here, there) = story.seen();
            let elsewhere = row.elsewhere.unwrap_or(row.seen);
            let state = story.state();
            let is_same = story.thread(&story.world.repo()) == story.thread(&story.bob());
            if row.elsewhere.is_none() && !is_same {
                wrong.push(format!("{} ({}): the threads differ", row.name, git.display()));
            }
            if here != row.seen || there != elsewhere || state != row.state {
                wrong.push(format!(
                    "{} ({}): {here:?} {state}, elsewhere {there:?}",
                    row.name,
                    git.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

// In four parts, which run side by side.
#[test]
fn every_way_to_land_is_found_by_whoever_did_it_and_by_a_clone_without_the_branch_1() {
    check(0);
}

#[test]
fn every_way_to_land_is_found_by_whoever_did_it_and_by_a_clone_without_the_branch_2() {
    check(1);
}

#[test]
fn every_way_to_land_is_found_by_whoever_did_it_and_by_a_clone_without_the_branch_3() {
    check(2);
}

#[test]
fn every_way_to_land_is_found_by_whoever_did_it_and_by_a_clone_without_the_branch_4() {
    check(3);
}
