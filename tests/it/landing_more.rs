//! Landings in more than the plain case: several tickets, several targets, rewritten branches, cut-off
//! clones, what a project demands besides, and the switches.

use std::fs;

use crate::landing::{Story, hook, landings, queued, state};
use crate::world::{World, gits};

fn here(story: &Story) -> Vec<String> {
    story.world.yoi(["list"]).ok();
    landings(&story.world, &story.world.repo(), &story.id)
}

#[test]
fn an_octopus_and_a_merge_of_stacked_branches_land_every_ticket_in_them() {
    for git in gits() {
        let story = Story::begin(&git);
        let other = queued(&story.world, "Another");
        story.work();
        story.git(&["switch", "-q", "-c", &format!("work/{other}-x"), "main"]);
        story.edit(20, "another", "another: one");
        story.git(&["switch", "-q", "main"]);
        story.edit(25, "moved", "main: moved");
        story.git(&["merge", "-q", "--no-edit", &story.branch, &format!("work/{other}-x")]);
        let show = |id: &str| {
            let thread = story.world.yoi(["show", id, "--raw"]).ok();
            thread.split("## Landed\n\n").nth(1).expect("a landing").split("\n---").next().map(str::to_owned)
        };
        let (first, second) = (show(&story.id).expect("a body"), show(&other).expect("a body"));
        let subjects =
            |body: &str| -> Vec<String> { body.trim().lines().map(|line| line[11..].to_owned()).collect() };
        assert_eq!(subjects(&first), ["work: one", "work: two", "work: three"]);
        assert_eq!(subjects(&second), ["another: one"]);
        assert_eq!(
            (state(&story.world, &story.id), state(&story.world, &other)),
            ("done".into(), "done".into())
        );
        // Stacked: the second branch stands on the first.
        let (below, above) = (queued(&story.world, "Below"), queued(&story.world, "Above"));
        story.git(&["switch", "-q", "-c", &format!("work/{below}-b")]);
        story.edit(1, "below", "below: one");
        story.git(&["switch", "-q", "-c", &format!("work/{above}-a")]);
        story.edit(2, "above", "above: one");
        story.git(&["switch", "-q", "main"]);
        story.git(&["merge", "-q", "--no-ff", "--no-edit", &format!("work/{above}-a")]);
        assert_eq!(subjects(&show(&below).expect("a body")), ["below: one"]);
        assert_eq!(subjects(&show(&above).expect("a body")), ["above: one"]);
    }
}

#[test]
fn the_first_target_decides_and_others_are_recorded() {
    let story = Story::begin(&gits()[0]);
    story.git(&["config", "yoi.targetBranches", "main,release"]);
    story.git(&["branch", "release"]);
    story.work();
    story.share();
    story.git(&["switch", "-q", "release"]);
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert_eq!((here(&story), story.state()), (vec!["land merge".to_owned()], "inprogress".to_owned()));
    story.git(&["switch", "-q", "main"]);
    story.edit(25, "main moved", "main: moved");
    story.git(&["cherry-pick", &format!("main..{}", story.branch)]);
    assert_eq!(here(&story), ["land merge", "land rebase"].map(str::to_owned));
    assert_eq!(story.state(), "done");
}

#[test]
fn a_landing_that_is_pushed_away_is_taken_back_and_comes_back_with_the_branch() {
    for git in gits() {
        let story = Story::begin(&git);
        story.work();
        story.share();
        story.edit(25, "main moved", "main: moved");
        story.git(&["merge", "-q", "--no-edit", &story.branch]);
        let merged = story.git(&["rev-parse", "HEAD"]).trim().to_owned();
        assert_eq!((here(&story), story.state()), (vec!["land merge".to_owned()], "done".to_owned()));
        story.git(&["push", "-q", "origin", "main"]);
        story.git(&["reset", "-q", "--hard", "HEAD~1"]);
        assert_eq!(here(&story), ["land merge"], "the remote still has it");
        story.git(&["push", "-q", "-f", "--no-verify", "origin", "main"]);
        assert_eq!(here(&story), ["land merge", "unland rewritten"]);
        assert_eq!(story.state(), "inprogress");
        story.git(&["reset", "-q", "--hard", &merged]);
        assert_eq!(here(&story), ["land merge", "unland rewritten", "reland merge"]);
        assert_eq!(story.state(), "done");
        story.git(&["push", "-q", "origin", "main"]);
        story.git(&["reset", "-q", "--hard", "HEAD~1"]);
        story.git(&["push", "-q", "-f", "--no-verify", "origin", "main"]);
        assert_eq!(here(&story).last().map(String::as_str), Some("unland rewritten-2"));
        assert_eq!(story.world.yoi(["doctor"]).code, 0);
    }
}

#[test]
fn a_rewritten_main_that_still_has_the_work_leaves_the_ticket_done() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
    story.git(&["merge", "-q", "--no-edit", &story.branch]);
    assert_eq!(here(&story), ["land merge"]);
    story.git(&["reset", "-q", "--hard", "HEAD~1"]);
    story.git(&["commit", "-q", "--amend", "-m", "main: moved, in other words"]);
    story.git(&["merge", "-q", "--no-edit", &story.branch]);
    here(&story);
    assert_eq!(story.state(), "done");
}

#[test]
fn copies_that_come_one_by_one_land_with_the_last() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
    for commit in ["~2", "~1"] {
        story.forge(&["cherry-pick", &format!("{}{commit}", story.branch)]);
        assert_eq!(here(&story), [""; 0]);
    }
    story.forge(&["cherry-pick", &story.branch]);
    let (here, there) = story.seen();
    assert_eq!((here, there), (vec!["land rebase".to_owned()], vec!["land rebase".to_owned()]));
}

#[test]
fn work_that_comes_to_be_known_after_its_landing_is_found() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.git(&["push", "-q", "origin", &story.branch]);
    story.git(&["switch", "-q", "main"]);
    story.git(&["merge", "-q", "--squash", &story.branch]);
    story.forge(&["commit", "-q", "-m", "Everything"]);
    story.git(&["push", "-q", "--no-verify", "origin", "main"]);
    // Bob sees the code first, the tickets later; Tess's own finding never reaches him.
    story.bob_git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
    story.bob_yoi(&["list"]).ok();
    let bob = || landings(&story.world, &story.bob(), &story.id);
    assert_eq!(bob(), [""; 0]);
    story.git(&["push", "-q", "--no-verify", "origin", "refs/yoi/tickets"]);
    story.bob_git(&["fetch", "-q", "origin", "refs/yoi/tickets:refs/yoi/tickets"]).ok();
    story.bob_yoi(&["list"]).ok();
    assert_eq!(bob(), ["land squash"]);
}

#[test]
fn a_branch_that_was_deleted_lands_by_its_snapshot() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.forge(&["merge", "-q", "--squash", &story.branch]);
    story.forge(&["commit", "-q", "-m", "Everything"]);
    story.git(&["branch", "-q", "-D", &story.branch]);
    story.git(&["push", "-q", "--no-verify", "origin", &format!(":{}", story.branch)]);
    story.git(&["reflog", "expire", "--expire=now", "--all"]);
    story.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(here(&story), ["land squash"]);
}

#[test]
fn work_that_was_never_pushed_lands_by_its_branch() {
    for how in ["merge --no-edit", "merge --ff-only", "merge --squash"] {
        let story = Story::begin(&gits()[0]);
        story.work();
        story.git(&["switch", "-q", "main"]);
        if !how.contains("ff") {
            story.edit(25, "main moved", "main: moved");
        }
        let mut words: Vec<&str> = how.split(' ').collect();
        words.extend(["-q", &story.branch]);
        story.forge(&words);
        if how.contains("squash") {
            story.forge(&["commit", "-q", "-m", "Everything"]);
        }
        assert_eq!(here(&story).len(), 1, "{how}");
        assert_eq!(story.state(), "done", "{how}");
    }
}

#[test]
fn a_shallow_clone_finds_what_it_can_and_takes_nothing_back() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.edit(25, "main moved", "main: moved");
    story.git(&["merge", "-q", "--no-edit", &story.branch]);
    story.git(&["push", "-q", "--no-verify", "origin", "main"]);
    let origin = format!("file://{}", story.world.root().join("origin.git").display());
    let clone = |name: &str, how: &str| {
        let folder = story.world.root().join(name);
        let target = folder.to_str().expect("UTF-8").to_owned();
        story.world.git(["clone", "-q", how, &origin, &target]).ok();
        let yoi = |words: &[&str]| {
            let mut command = story.world.command(env!("CARGO_BIN_EXE_git-yoi"), &folder);
            command.args(words);
            story.world.run(command)
        };
        yoi(&["init", "origin", "--no-hooks"]).ok();
        let listed = yoi(&["list"]);
        assert!(listed.code == 0 && !listed.err.contains("warning"), "{name} {how}: {listed:?}");
        folder
    };
    let shallow = clone("shallow", "--depth=1");
    let none: [&str; 0] = [];
    assert_eq!(landings(&story.world, &shallow, &story.id), none, "what it has may not be all");
    let partial = clone("partial", "--filter=blob:none");
    assert_eq!(landings(&story.world, &partial, &story.id), ["land merge"]);
    // What a shallow clone doesn't have has not vanished.
    story.git(&["reset", "-q", "--hard", "HEAD~1"]);
    story.git(&["push", "-q", "-f", "--no-verify", "origin", "main"]);
    let mut fetch = story.world.command("git", &shallow);
    fetch.args(["fetch", "-q", "--depth=1", "origin"]);
    story.world.run(fetch).ok();
    let after = landings(&story.world, &shallow, &story.id);
    assert!(!after.iter().any(|event| event.starts_with("unland")), "{after:?}");
}

#[test]
fn what_a_project_demands_holds_a_landing_back_until_it_is_met() {
    let story = Story::begin(&gits()[0]);
    story.git(&["config", "yoi.requireReview", "true"]);
    story.work();
    story.share();
    let merged = story.world.git(["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert!(merged.err.contains("still inprogress: the last review has to approve first"), "{merged:?}");
    assert_eq!((here(&story), story.state()), (vec!["land merge".to_owned()], "inprogress".to_owned()));
    let shown = story.world.yoi(["show", &story.id]).ok();
    assert!(shown.contains("attention: landed on main, but the last review has to approve first"), "{shown}");
    let review = story.world.yoi(["review", &story.id, "--approve", "-m", "Good."]).ok();
    assert!(review.contains("review: approve of ") && review.contains("; inprogress -> done"), "{review}");
    assert_eq!(story.state(), "done");
    let raw = story.world.yoi(["show", &story.id, "--raw"]).ok();
    assert!(raw.contains("from: inprogress to: done reason: merged_reviewed"), "{raw}");
    assert!(!story.world.yoi(["show", &story.id]).ok().contains("attention"));
}

#[test]
fn a_landing_after_an_approval_says_so() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.world.yoi(["review", &story.id, "--approve", "-m", "Good."]).ok();
    story.share();
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    let raw = story.world.yoi(["show", &story.id, "--raw"]).ok();
    assert!(raw.contains("reason: merged_reviewed"), "{raw}");
}

#[test]
fn what_landed_unblocks_what_waited_for_it() {
    let story = Story::begin(&gits()[0]);
    let waiting = queued(&story.world, "Waits");
    story.world.yoi(["relate", &waiting, "depends-on", &story.id]).ok();
    story.work();
    story.share();
    let merged = story.world.git(["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert!(merged.err.contains(&format!("yoi: unblocked: {waiting} \"Waits\"")), "{merged:?}");
}

#[test]
fn a_revert_of_closed_work_is_recorded_and_raised() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    here(&story);
    story.world.yoi(["close", &story.id, "-m", "Over."]).ok();
    story.git(&["revert", "-m1", "--no-edit", "HEAD"]);
    assert_eq!(
        (here(&story), story.state()),
        (vec!["land merge".to_owned(), "revert commit".to_owned()], "closed".to_owned())
    );
    let shown = story.world.yoi(["show", &story.id]).ok();
    assert!(shown.contains("attention: closed, but its work was reverted"), "{shown}");
}

#[test]
fn a_queued_ticket_whose_work_landed_unseen_was_started() {
    let story = Story::begin(&gits()[0]);
    fs::remove_dir_all(story.world.repo().join(".git/hooks")).expect("the hooks");
    story.work();
    story.git(&["switch", "-q", "main"]);
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    assert_eq!(here(&story), ["land merge"]);
    let moves = story.world.json(["show", &story.id]);
    let moves: Vec<String> = moves["events"]
        .as_array()
        .expect("events")
        .iter()
        .filter(|event| event["kind"] == "state_changed")
        .map(|event| {
            format!("{} {}", event["attributes"]["to"], event["attributes"]["reason"]).replace('"', "")
        })
        .collect();
    assert_eq!(moves, ["ready intake_ready", "queued queued", "inprogress accepted", "done merged"]);
}

#[test]
fn two_clones_that_find_the_same_make_the_same_commit() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.seen();
    let tip = |folder: &std::path::Path| {
        let mut command = story.world.command("git", folder);
        command.args(["rev-parse", "refs/yoi/tickets"]);
        story.world.run(command).ok()
    };
    assert_eq!(tip(&story.world.repo()), tip(&story.bob()));
}

#[test]
fn looking_again_from_nothing_finds_nothing_new() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    story.git(&["revert", "-m1", "--no-edit", "HEAD"]);
    let before = (here(&story), story.git(&["rev-parse", "refs/yoi/tickets"]));
    for damage in ["", "yoi-cursors 1\nref refs/heads/main", "\u{0}"] {
        fs::write(story.world.repo().join(".git/yoi/cursors"), damage).expect("a file");
        assert_eq!((here(&story), story.git(&["rev-parse", "refs/yoi/tickets"])), before, "{damage:?}");
    }
    fs::remove_dir_all(story.world.repo().join(".git/yoi")).expect("the folder");
    assert_eq!((here(&story), story.git(&["rev-parse", "refs/yoi/tickets"])), before);
}

#[test]
fn catch_up_can_be_switched_off_and_land_looks_on_demand() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.git(&["config", "yoi.catchUp", "false"]);
    story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    let none: [&str; 0] = [];
    assert_eq!(here(&story), none);
    story.git(&["config", "yoi.catchUp", "true"]);
    let world = &story.world;
    world.yoi(["list", "--no-catch-up"]).ok();
    let show = world.yoi(["show", &story.id, "--raw", "--no-catch-up"]).ok();
    assert!(!show.contains("event: land"), "{show}");
    let tip = story.git(&["rev-parse", "refs/yoi/tickets"]);
    let commit = story.git(&["rev-parse", "--short=8", "HEAD"]);
    let expected = format!(
        "{} \"Do it\": landed on main with {} (merge, 3 commits); inprogress -> done\n",
        story.id,
        commit.trim()
    );
    assert_eq!(world.yoi(["land", "-n"]).ok(), format!("{expected}nothing was written\n"));
    assert_eq!(story.git(&["rev-parse", "refs/yoi/tickets"]), tip);
    assert_eq!(world.json(["land", "-n"])["found"][0]["how"], "merge");
    assert_eq!(world.yoi(["land"]).ok(), expected);
    assert_eq!(world.yoi(["land"]).ok(), "nothing new has landed (0 commits looked at)\n");
    assert_eq!(here(&story), ["land merge"]);
}

#[test]
fn a_repository_that_can_not_be_written_still_answers() {
    let story = Story::begin(&gits()[0]);
    story.work();
    story.share();
    story.forge(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
    let objects = story.world.repo().join(".git/refs/yoi/tickets.lock");
    fs::write(&objects, "").expect("a lock");
    let listed = story.world.yoi(["list"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.err.contains("warning: what landed can't be recorded now"), "{listed:?}");
    fs::remove_file(&objects).expect("the lock");
    assert_eq!(here(&story), ["land merge"]);
}

#[test]
fn a_repository_without_commits_or_targets_is_no_fault() {
    let world = World::new();
    world.yoi(["init", "--no-hooks"]).ok();
    hook(&world, &world.repo());
    assert_eq!(world.yoi(["land"]).ok(), "nothing new has landed (0 commits looked at)\n");
    world.git(["config", "yoi.targetBranches", "nowhere"]).ok();
    let commit = world.git(["commit", "-q", "--allow-empty", "-m", "first"]);
    assert_eq!((commit.code, commit.err.as_str()), (0, ""));
}

#[test]
fn work_lands_on_the_only_branch_that_is_no_tickets_whatever_it_is_called() {
    for git in gits() {
        let world = World::with_git(&git);
        world.git(["config", "yoi.catchUp", "true"]).ok();
        world.git(["checkout", "-q", "--orphan", "trunk"]).ok();
        world.yoi(["init", "--no-hooks"]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
        let id = queued(&world, "Do it");
        let branch = format!("work/{id}");
        world.git(["switch", "-q", "-c", &branch]).ok();
        world.write("repo/file", "x\n");
        world.git(["add", "file"]).ok();
        world.git(["commit", "-q", "-m", "work"]).ok();
        world.git(["switch", "-q", "trunk"]).ok();
        world.git(["merge", "-q", "--no-ff", "--no-edit", &branch]).ok();
        // Two branches that could be meant: it is said, not guessed.
        world.git(["branch", "other", "HEAD~1"]).ok();
        let land = world.yoi(["land"]);
        assert_eq!((land.code, land.out.as_str()), (0, "nothing new has landed (0 commits looked at)\n"));
        let hint = "hint: git config yoi.targetBranches <branch>\n";
        assert_eq!(land.err, format!("note: which branch work lands on is not known\n{hint}"));
        let doctor = world.json(["doctor"]);
        assert_eq!(doctor["findings"][0]["code"], "no_target_branch", "{doctor}");
        world.git(["branch", "-q", "-D", "other"]).ok();
        let land = world.yoi(["land"]).ok();
        assert!(land.contains("landed on trunk"), "{land}");
        assert_eq!((state(&world, &id).as_str(), world.yoi(["doctor"]).code), ("done", 0));
        world.git(["config", "yoi.targetBranches", "nowhere"]).ok();
        let land = world.yoi(["land"]);
        assert_eq!(land.err, format!("note: no target branch is here: 'nowhere'\n{hint}"));
    }
}

#[test]
fn the_main_branch_of_a_bare_repository_is_the_one_its_head_names() {
    for git in gits() {
        let story = Story::begin(&git);
        let origin = story.world.root().join("origin.git");
        story.git(&["branch", "develop"]);
        story.work();
        story.share();
        story.git(&["switch", "-q", "develop"]);
        story.git(&["merge", "-q", "--no-ff", "--no-edit", &story.branch]);
        story.git(&["push", "-q", "--no-verify", "origin", "develop"]);
        let at_origin = |program: &str, words: &[&str]| {
            let mut command = story.world.command(program, &origin);
            command.args(words);
            story.world.run(command).ok()
        };
        at_origin("git", &["symbolic-ref", "HEAD", "refs/heads/develop"]);
        let land = at_origin(env!("CARGO_BIN_EXE_git-yoi"), &["land"]);
        assert!(land.contains("landed on develop"), "{land}");
    }
}
