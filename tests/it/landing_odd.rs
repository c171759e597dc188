//! Landings where history is odd: what must not be taken for one, and what must be the same for everybody.

use std::path::Path;

use crate::landing::{Story, landings, queued, state};
use crate::world::gits;

fn here(story: &Story) -> Vec<String> {
    story.world.yoi(["list"]).ok();
    landings(&story.world, &story.world.repo(), &story.id)
}

const NONE: [&str; 0] = [];

#[test]
fn a_revert_within_the_work_takes_nothing_back() {
    for how in ["--no-ff", "--ff-only", "--squash"] {
        let story = Story::begin(&gits()[0]);
        story.work();
        story.git(&["revert", "--no-edit", "HEAD"]);
        story.git(&["revert", "--no-edit", "HEAD"]);
        story.share();
        story.git(&["merge", "-q", how, "--no-edit", &story.branch]);
        if how == "--squash" {
            story.git(&["commit", "-q", "--no-edit"]);
        }
        assert_eq!(here(&story).len(), 1, "{how}: {:?}", here(&story));
        assert_eq!(story.state(), "done", "{how}");
    }
}

#[test]
fn work_that_came_to_nothing_lands_by_its_commits_only() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.git(&["revert", "--no-edit", "HEAD~3..HEAD"]);
    story.share();
    story.edit(25, "main moved", "main: moved");
    // The difference of all the work is nothing: that main has it says nothing.
    assert_eq!(here(&story), NONE);
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert_eq!(here(&story), ["land merge"]);
}

#[test]
fn a_merge_that_names_a_branch_without_commits_lands_nothing() {
    let story = Story::begin(&gits()[0]);
    story.git(&["switch", "-q", "-c", &story.branch]);
    story.git(&["switch", "-q", "main"]);
    story.edit(25, "main moved", "main: moved");
    let name = format!("Merge branch '{}'", story.branch);
    story.forge(&["commit", "-q", "--allow-empty", "-m", &name]);
    let tree = story.git(&["write-tree"]);
    let merge = story.git(&["commit-tree", tree.trim(), "-p", "HEAD", "-p", "HEAD~2", "-m", &name]);
    story.git(&["merge", "-q", "--ff-only", merge.trim()]);
    assert_eq!((here(&story), story.state().as_str()), (Vec::new(), "queued"));
}

#[test]
fn other_tickets_work_in_a_branch_lands_with_it_and_is_not_its_own() {
    for git in gits() {
        let story = Story::begin(&git);
        let other = queued(&story.world, "Other");
        let others = format!("work/{other}-o");
        story.git(&["switch", "-q", "-c", &others]);
        story.edit(20, "other", "other: one");
        story.git(&["switch", "-q", "main"]);
        story.work();
        story.git(&["merge", "-q", "--no-edit", &others]);
        story.share();
        story.edit(25, "main moved", "main: moved");
        // The other ticket's commit alone is not this ticket's work.
        story.git(&["cherry-pick", &others]);
        assert_eq!(here(&story), NONE);
        assert_eq!(state(&story.world, &other), "done");
        story.git(&["merge", "-q", "--no-edit", &story.branch]);
        assert_eq!(here(&story), ["land merge"]);
        let raw = story.world.yoi(["show", &story.id, "--raw"]).ok();
        let brought = raw.split("## Landed\n\n").nth(1).and_then(|rest| rest.split("\n\n").next());
        assert!(!brought.expect("a landing").contains("other: one"), "{raw}");
    }
}

#[test]
fn one_commit_for_two_tickets_lands_those_it_says_it_closes() {
    let story = Story::begin(&gits()[0]);
    let other = queued(&story.world, "Other");
    story.work();
    story.git(&["switch", "-q", "-c", &format!("work/{other}-o"), "main"]);
    story.edit(20, "other", "other: one");
    story.git(&["switch", "-q", "main"]);
    story.forge(&["merge", "-q", "--squash", &story.branch]);
    story.forge(&["commit", "-q", "-m", "x"]);
    story.git(&["reset", "-q", "--soft", "HEAD~1"]);
    story.set(20, "other");
    let body = format!("Closes: {}, {other}", story.id);
    story.forge(&["commit", "-q", "-a", "-m", "Both", "-m", &body]);
    story.world.yoi(["list"]).ok();
    assert_eq!((state(&story.world, &story.id), state(&story.world, &other)), ("done".into(), "done".into()));
}

#[test]
fn the_work_of_a_ticket_that_is_merged_with_ours_is_landed_as_git_says() {
    // Its commits are in the history, whatever became of their content: somebody decided that.
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
    story.git(&["merge", "-q", "-s", "ours", "--no-edit", &story.branch]);
    assert_eq!(here(&story), ["land merge"]);
}

#[test]
fn landings_seen_one_by_one_or_all_at_once_are_the_same_bytes() {
    for git in gits() {
        let story = Story::begin(&git);
        let other = queued(&story.world, "Other");
        story.work();
        story.git(&["push", "-q", "origin", &story.branch]);
        story.git(&["switch", "-q", "-c", &format!("work/{other}-o"), "main"]);
        story.edit(20, "other", "other: one");
        story.git(&["push", "-q", "origin", &format!("work/{other}-o")]);
        story.share_tickets();
        // A third clone that looks only once, at the end.
        let late = story.world.root().join("late");
        clone(&story, &late);
        let step = |words: &[&str]| {
            story.git(words);
            story.world.yoi(["list"]).ok();
            story.git(&["push", "-q", "--no-verify", "origin", "main"]);
            story.bob_git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
            story.bob_yoi(&["list"]).ok();
        };
        step(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
        step(&["merge", "-q", "--no-ff", "--no-edit", &format!("work/{other}-o")]);
        step(&["revert", "-m1", "--no-edit", "HEAD~1"]);
        step(&["revert", "--no-edit", "HEAD"]);
        step(&["revert", "--no-edit", "HEAD"]);
        let yoi = |words: &[&str]| {
            let mut command = story.world.command(env!("CARGO_BIN_EXE_git-yoi"), &late);
            command.args(words);
            story.world.run(command)
        };
        let mut pull = story.world.command("git", &late);
        pull.args(["pull", "-q", "--ff-only", "origin", "main"]);
        story.world.run(pull).ok();
        yoi(&["list"]).ok();
        let seen = landings(&story.world, &late, &story.id);
        assert_eq!(seen, ["land merge", "revert commit", "reland commit", "revert commit"]);
        let thread = story.thread(&story.world.repo());
        assert_eq!(story.thread(&story.bob()), thread);
        assert_eq!(story.thread(&late), thread);
        let tip = |folder: &Path| {
            let mut command = story.world.command("git", folder);
            command.args(["rev-parse", "refs/yoi/tickets"]);
            story.world.run(command).ok()
        };
        assert_eq!(tip(&late), tip(&story.bob()), "one commit for each commit of the code");
        assert_eq!(tip(&late), tip(&story.world.repo()));
    }
}

fn clone(story: &Story, folder: &Path) {
    let origin = story.world.root().join("origin.git");
    let words = ["clone", "-q", "--single-branch", "-b", "main"];
    let (origin, target) = (origin.to_str().expect("UTF-8"), folder.to_str().expect("UTF-8"));
    story.git(&[&words[..], &[origin, target]].concat());
    for words in [&["init", "origin", "--no-hooks"][..], &["land"]] {
        let mut command = story.world.command(env!("CARGO_BIN_EXE_git-yoi"), folder);
        command.args(words);
        story.world.run(command).ok();
    }
}

#[test]
fn a_landing_that_comes_in_by_a_merge_the_wrong_way_round_is_the_same() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.world.yoi(["list"]).ok();
    story.git(&["push", "-q", "--no-verify", "origin", "main"]);
    // Bob has a commit of his own and merges main into it: for him it comes from the side.
    let commit =
        ["-c", "user.name=Bob", "-c", "user.email=b@x", "commit", "-q", "--allow-empty", "-m", "bob"];
    story.bob_git(&commit).ok();
    let pull = [
        "-c",
        "user.name=Bob",
        "-c",
        "user.email=b@x",
        "pull",
        "-q",
        "--no-rebase",
        "--no-edit",
        "origin",
        "main",
    ];
    story.bob_git(&pull).ok();
    story.bob_yoi(&["list"]).ok();
    assert_eq!(story.thread(&story.bob()), story.thread(&story.world.repo()));
    // And Tess, when his main comes back to her.
    story.bob_git(&["push", "-q", "origin", "main"]).ok();
    story.git(&["pull", "-q", "--ff-only", "origin", "main"]);
    assert_eq!(here(&story), ["land merge"]);
}

#[test]
fn a_ticket_that_is_reopened_lands_again_with_new_work() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.world.yoi(["reopen", &story.id, "-m", "not enough"]).ok();
    assert_eq!((here(&story), story.state().as_str()), (vec!["land merge".to_owned()], "inprogress"));
    story.git(&["switch", "-q", &story.branch]);
    story.edit(18, "more", "work: four");
    story.git(&["push", "-q", "origin", &story.branch]);
    story.git(&["switch", "-q", "main"]);
    assert_eq!((here(&story), story.state().as_str()), (vec!["land merge".to_owned()], "inprogress"));
    story.git(&["merge", "-q", "--squash", &story.branch]);
    story.forge(&["commit", "-q", "-m", "More"]);
    let both = ["land merge", "land squash"].map(str::to_owned).to_vec();
    assert_eq!((here(&story), story.state().as_str()), (both, "done"));
}

#[test]
fn a_branch_that_was_amended_after_its_push_lands_as_it_is() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["switch", "-q", &story.branch]);
    story.set(15, "work: three, better");
    story.git(&["commit", "-q", "-a", "--amend", "-m", "work: three, better"]);
    story.git(&["push", "-q", "-f", "origin", &story.branch]);
    story.share_tickets();
    story.git(&["switch", "-q", "main"]);
    story.edit(25, "main moved", "main: moved");
    story.forge(&["merge", "-q", "--squash", &story.branch]);
    story.forge(&["commit", "-q", "-m", "Everything"]);
    let (here, there) = story.seen();
    assert_eq!((here, there), (vec!["land squash".to_owned()], vec!["land squash".to_owned()]));
}

#[test]
fn commits_of_main_that_a_branch_was_begun_on_are_not_its_work() {
    // Main moved on unseen, the branch stands on top of that and holds one commit; then main moves again.
    let story = Story::begin(&gits()[0]);
    story.forge(&["commit", "-q", "--allow-empty", "-m", "main: unseen"]);
    story.git(&["switch", "-q", "-c", &story.branch]);
    story.forge(&["commit", "-q", "--allow-empty", "-m", "work: one"]);
    story.git(&["switch", "-q", "main"]);
    story.forge(&["commit", "-q", "--allow-empty", "-m", "main: again"]);
    assert_eq!((here(&story), story.state().as_str()), (Vec::new(), "queued"));
}

#[test]
fn many_processes_that_look_at_once_record_a_landing_once() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.forge(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    let mut children: Vec<_> = (0..8)
        .map(|number| {
            let words = match number % 2 {
                0 => vec!["list".to_owned()],
                _ => vec!["comment".to_owned(), story.id.clone(), "-m".to_owned(), format!("word {number}")],
            };
            story.world.yoi_command(words).stdout(std::process::Stdio::null()).spawn().expect("it starts")
        })
        .collect();
    assert!(children.iter_mut().all(|child| child.wait().expect("it ends").success()));
    assert_eq!(here(&story), ["land merge"]);
    let raw = story.world.yoi(["show", &story.id, "--raw"]).ok();
    assert_eq!((raw.matches("\nword ").count(), raw.matches("to: done").count()), (4, 1), "{raw}");
    assert_eq!(story.world.yoi(["doctor"]).code, 0);
}

#[test]
fn a_hook_ends_in_time_when_git_hangs_and_leaves_no_lock() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.git(&["switch", "-q", "main"]);
    story.forge(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    // A git that hangs for whoever looks through history.
    let real = gits()[0].display().to_string();
    let script = format!("#!/bin/sh\ncase $1 in rev-list) exec sleep 60;; esac\nexec '{real}' \"$@\"\n");
    let fake = story.world.write("hanging/git", script);
    let mut chmod = story.world.command("chmod", story.world.root());
    chmod.arg("+x").arg(&fake);
    story.world.run(chmod).ok();
    let mut command = story.world.yoi_command(["hook", "post-merge", "0"]);
    let folder = fake.parent().expect("a folder").display().to_string();
    command.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
    let started = std::time::Instant::now();
    let answer = story.world.run(command);
    assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{answer:?}");
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    assert!(!story.world.repo().join(".git/refs/yoi/tickets.lock").exists());
    assert_eq!(here(&story), ["land merge"]);
}

#[test]
fn a_landing_held_back_by_another_ticket_makes_it_done_once_it_can_start() {
    let story = Story::begin(&gits()[0]);
    let first = story.world.create("First");
    story.world.yoi(["relate", &story.id, "depends-on", &first]).ok();
    story.work();
    story.share();
    let merged = story.world.git(["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert!(merged.err.contains("still queued: tickets it waits for are not done"), "{merged:?}");
    let shown = story.world.yoi(["show", &story.id]).ok();
    assert!(shown.contains("attention:  landed on main, but it is still queued"), "{shown}");
    story.world.yoi(["close", &first, "-m", "Not needed."]).ok();
    let started = story.world.yoi(["state", &story.id, "inprogress"]).ok();
    assert!(started.contains("queued -> inprogress -> done: its work has landed"), "{started}");
    assert_eq!(story.state(), "done");
    assert!(!story.world.yoi(["show", &story.id]).ok().contains("attention"));
    assert_eq!(story.world.yoi(["doctor"]).code, 0);
}

#[test]
fn a_fast_forward_that_vanished_comes_back_without_its_branch() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.git(&["switch", "-q", "main"]);
    story.git(&["merge", "-q", "--ff-only", &story.branch]);
    story.git(&["branch", "-q", "-D", &story.branch]);
    let tip = story.git(&["rev-parse", "HEAD"]).trim().to_owned();
    story.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!((here(&story).len(), story.state().as_str()), (2, "inprogress"));
    story.git(&["reset", "-q", "--hard", &tip]);
    let told = story.world.yoi(["list"]).err;
    assert!(told.contains("landed again on main"), "{told}");
    assert_eq!(story.state(), "done");
}

#[test]
fn commits_that_came_one_by_one_are_all_in_the_landing_and_a_revert_has_a_ticket() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
    for commit in ["~2", "~1", ""] {
        story.forge(&["cherry-pick", &format!("{}{commit}", story.branch)]);
        story.world.yoi(["list"]).ok();
    }
    let raw = story.world.yoi(["show", &story.id, "--raw"]).ok();
    let brought =
        raw.split("## Landed\n\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a landing");
    let subjects: Vec<&str> = brought.lines().map(|line| &line[11..]).collect();
    assert_eq!(subjects, ["work: one", "work: two", "work: three"]);
    story.git(&["revert", "--no-edit", "HEAD"]);
    story.world.yoi(["list"]).ok();
    let missing = story.world.yoi(["commits", "--missing", "HEAD~1..HEAD"]);
    assert_eq!(missing.code, 0, "{missing:?}");
}

#[test]
fn a_branch_of_a_ticket_that_is_not_here_is_told() {
    let story = Story::begin(&gits()[0]);
    story.git(&["switch", "-q", "-c", "work/00001ZZZZZZZZ-x"]);
    let commit = story.world.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert!(
        commit.err.contains("warning: the message names '00001ZZZZZZZZ': that is no ticket here"),
        "{commit:?}"
    );
    let shown = story.world.yoi(["show", "@"]).fails(1);
    assert!(shown.contains("no ticket '00001ZZZZZZZZ'"), "{shown}");
}

#[test]
fn an_empty_branch_that_is_brought_up_to_date_is_no_work() {
    for how in ["--ff-only", "--rebase"] {
        let story = Story::begin(&gits()[0]);
        story.world.yoi(["state", &story.id, "inprogress"]).ok();
        story.git(&["switch", "-q", "-c", &story.branch]);
        let bob =
            ["-c", "user.name=Bob", "-c", "user.email=b@x", "commit", "-q", "--allow-empty", "-m", "bob"];
        story.bob_git(&bob).ok();
        story.bob_git(&["push", "-q", "origin", "main"]).ok();
        story.git(&["pull", "-q", how, "origin", "main"]);
        assert_eq!((here(&story), story.state().as_str()), (Vec::new(), "inprogress"), "{how}");
    }
}

#[test]
fn content_that_came_before_is_not_found_again() {
    // Reverted, or reopened: then a commit that has nothing to do with it changes the same file.
    for undo in ["revert", "reopen"] {
        for how in ["--no-ff", "--squash"] {
            let story = Story::begin(&gits()[0]);
            story.work();
            story.share();
            story.git(&["merge", "-q", how, "--no-edit", &story.branch]);
            if how == "--squash" {
                story.git(&["commit", "-q", "-m", "Everything"]);
            }
            match (undo, how) {
                ("reopen", _) => drop(story.world.yoi(["reopen", &story.id, "-m", "not enough"]).ok()),
                (_, "--no-ff") => drop(story.git(&["revert", "-m1", "--no-edit", "HEAD"])),
                _ => drop(story.git(&["revert", "--no-edit", "HEAD"])),
            }
            let before = here(&story);
            story.edit(28, "something else", "main: something else");
            assert_eq!((here(&story), story.state().as_str()), (before, "inprogress"), "{undo} {how}");
        }
    }
}

#[test]
fn a_clone_with_an_older_snapshot_writes_the_same_bytes() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["switch", "-q", &story.branch]);
    story.edit(18, "more", "work: four");
    story.git(&["push", "-q", "origin", &story.branch]);
    story.git(&["switch", "-q", "main"]);
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.seen();
    let brought = |folder: &Path| {
        let thread = story.thread(folder);
        thread.split("## Landed\n\n").nth(1).and_then(|rest| rest.split("\n\n").next()).map(str::to_owned)
    };
    let all = brought(&story.world.repo()).expect("a landing");
    assert_eq!(all.lines().count(), 4, "{all}");
    assert_eq!(brought(&story.bob()), Some(all));
}

#[test]
fn one_of_several_like_named_commits_is_not_all_of_them() {
    let story = Story::begin(&gits()[0]);
    story.git(&["switch", "-q", "-c", &story.branch]);
    for line in [5, 10, 15] {
        story.set(line, "wip");
        let mut command = story.world.command("git", &story.world.repo());
        command.args(["commit", "-q", "-a", "-m", "wip"]).env("GIT_AUTHOR_DATE", "1790000000 +0000");
        story.world.run(command).ok();
    }
    story.git(&["switch", "-q", "main"]);
    story.edit(25, "main moved", "main: moved");
    story.git(&["cherry-pick", &story.branch]);
    assert_eq!((here(&story), story.state().as_str()), (Vec::new(), "inprogress"));
}

#[test]
fn a_revert_older_than_a_landing_is_of_something_else() {
    let story = Story::begin(&gits()[0]);
    story.edit(2, "fixed", "Fix dates");
    story.edit(2, "line 2", "Revert \"Fix dates\"");
    story.git(&["switch", "-q", "-c", &story.branch]);
    story.edit(3, "fixed", "Fix dates");
    story.git(&["switch", "-q", "main"]);
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert_eq!(here(&story), ["land merge"]);
    std::fs::remove_file(story.world.repo().join(".git/yoi/cursors")).expect("the cursors");
    assert_eq!((here(&story), story.state().as_str()), (vec!["land merge".to_owned()], "done"));
}

#[test]
fn a_revert_that_goes_away_takes_nothing_back() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.git(&["revert", "-m1", "--no-edit", "HEAD"]);
    assert_eq!((here(&story).len(), story.state().as_str()), (2, "inprogress"));
    story.git(&["reset", "-q", "--hard", "HEAD~1"]);
    here(&story);
    assert_eq!(story.state(), "done");
}

#[test]
fn squashed_reverted_and_squashed_again_is_landed_also_when_it_comes_at_once() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    for _ in 0..2 {
        story.forge(&["merge", "-q", "--squash", &story.branch]);
        story.forge(&["commit", "-q", "-m", "Everything"]);
        story.forge(&["revert", "--no-edit", "HEAD"]);
    }
    story.forge(&["merge", "-q", "--squash", &story.branch]);
    story.forge(&["commit", "-q", "-m", "Everything, at last"]);
    let (here, there) = story.seen();
    assert_eq!(here, there);
    assert_eq!((here.last().map(String::as_str), story.state().as_str()), (Some("land squash"), "done"));
}

#[test]
fn hooks_and_commands_record_the_same_sign() {
    // More commits than a hook hashes, and a message that would do as a weaker sign.
    let land = |is_hooked: bool| {
        let story = Story::begin(&gits()[0]);
        story.work();
        story.share();
        story.bob_git(&["switch", "-q", "main"]).ok();
        story.forge(&["merge", "-q", "--squash", &story.branch]);
        let body = format!("* work: one\n* work: two\n* work: three\n\nTicket: {}", story.id);
        story.forge(&["commit", "-q", "-m", "Do it (#3)", "-m", &body]);
        for number in 0..15 {
            story.forge(&["commit", "-q", "--allow-empty", "-m", &format!("main: {number}")]);
        }
        story.git(&["push", "-q", "--no-verify", "origin", "main"]);
        if is_hooked {
            crate::landing::hook(&story.world, &story.bob());
        }
        story.bob_git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
        story.bob_yoi(&["list"]).ok();
        landings(&story.world, &story.bob(), &story.id)
    };
    assert_eq!(land(true), land(false));
    assert_eq!(land(true), ["land squash"]);
}

#[test]
fn a_guess_about_old_history_is_no_obstacle_to_what_is_seen() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.forge(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.world.yoi(["--no-catch-up", "land", "--history"]).ok();
    assert_eq!(state_as_it_is(&story), "inprogress");
    story.world.yoi(["land"]).ok();
    assert_eq!(story.state(), "done");
    assert_eq!(story.world.yoi(["doctor"]).code, 0);
}

fn state_as_it_is(story: &Story) -> String {
    let shown = story.world.json(["--no-catch-up", "show", &story.id]);
    shown["state"].as_str().expect("a state").to_owned()
}

#[test]
fn an_empty_branch_on_top_of_another_lands_nothing_with_it() {
    let story = Story::begin(&gits()[0]);
    story.git(&["switch", "-q", "-c", "feature/x"]);
    story.forge(&["commit", "-q", "--allow-empty", "-m", "feature: one"]);
    story.git(&["switch", "-q", "-c", &story.branch]);
    story.git(&["switch", "-q", "main"]);
    story.edit(25, "main moved", "main: moved");
    story.git(&["merge", "-q", "--no-ff", "--no-edit", "feature/x"]);
    assert_eq!((here(&story), story.state().as_str()), (Vec::new(), "queued"));
}
