//! `sync`, `push` and `fetch`: what they carry, what they say, and remotes that lost something.

use super::Two;
use crate::plant::{REF, git_in, say, yoi_in};
use crate::world::{World, gits};

/// Two clones that both wrote since they last met.
fn parted() -> (Two, String) {
    let two = Two::begin(&gits()[0]);
    let id = two.yoi("repo", &["list", "--porcelain"]).ok()[..13].to_owned();
    two.yoi("clone", &["comment", &id, "-m", "from there"]).ok();
    two.yoi("clone", &["edit", &id, "--title", "theirs"]).ok();
    two.yoi("clone", &["push"]).ok();
    two.yoi("repo", &["comment", &id, "-m", "from here"]).ok();
    two.yoi("repo", &["edit", &id, "--title", "ours"]).ok();
    two.yoi("repo", &["create", "new"]).ok();
    (two, id)
}

#[test]
fn a_sync_says_what_came_what_went_and_by_which_rule_it_merged() {
    let (two, id) = parted();
    let said = two.yoi("repo", &["sync"]).ok();
    let tip = two.tip("repo");
    let expected = [
        "'origin': came: 2 events in 1 ticket; went: 3 events in 2 tickets, 1 of them new".to_owned(),
        format!("merged: {id}: item.md: both set title; the later counts"),
        format!("merged: {id}: thread.md: both changes are in it"),
        format!("'origin' has the same tickets as this clone ({})", &tip[..8]),
    ];
    for line in &expected {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    assert!(two.is_sent("repo"));
    let again = two.yoi("repo", &["sync", "--json"]).ok();
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    let nothing = serde_json::json!({"events": 0, "tickets": 0, "new_tickets": 0});
    assert_eq!(again["schema"], "yoi.sync/1");
    assert_eq!(
        again["remotes"][0],
        serde_json::json!({
            "remote": "origin", "done": true, "dry_run": false, "came": nothing, "went": nothing,
            "commit": tip.trim(), "same": true,
        })
    );
    let row = two.yoi("clone", &["sync", "--porcelain"]).ok();
    assert_eq!(row, format!("origin\tsame\t3\t2\t0\t0\t{tip}"));
}

#[test]
fn what_is_only_tried_changes_nothing() {
    let (two, _) = parted();
    let (here, there) = (two.tip("repo"), two.tip("remote.git"));
    let kept = || two.git("repo", &["for-each-ref", "refs/yoi/remotes"]).ok();
    let before = kept();
    for (words, expected) in [
        (["sync", "-n"], "'origin': has something to fetch, and something would be sent\nnothing was done\n"),
        (["fetch", "-n"], "'origin': has something to fetch\nnothing was done\n"),
        (["push", "-n"], "'origin': would be sent\nnothing was done\n"),
    ] {
        assert_eq!(two.yoi("repo", &words).ok(), expected);
    }
    assert_eq!((two.tip("repo"), two.tip("remote.git"), kept()), (here, there, before));
    two.yoi("repo", &["fetch"]).ok();
    let said = two.yoi("repo", &["push", "--dry-run"]).ok();
    assert!(said.starts_with("'origin': would be sent: 3 events in 2 tickets, 1 of them new\n"), "{said}");
}

#[test]
fn fetch_only_fetches_and_push_merges_first_what_it_must() {
    let (two, _) = parted();
    let there = two.tip("remote.git");
    let said = two.yoi("repo", &["fetch"]).ok();
    assert!(said.starts_with("'origin': came: 2 events in 1 ticket\nmerged: "), "{said}");
    assert_eq!(two.tip("remote.git"), there);
    let said = two.yoi("repo", &["push"]).ok();
    assert_eq!(said, "'origin': went: 3 events in 2 tickets, 1 of them new\n");
    assert!(two.is_sent("repo"));
    two.yoi("clone", &["create", "more"]).ok();
    let said = two.yoi("clone", &["push"]).ok();
    assert!(
        said.starts_with("'origin': came: 3 events in 2 tickets, 1 of them new; went: 1 event"),
        "{said}"
    );
    assert!(two.is_sent("clone"));
}

#[test]
fn a_remote_that_lost_went_back_or_was_rewritten_gets_everything_again() {
    for (loss, said) in [
        ("gone", "had lost its tickets"),
        ("rewound", "was back at an earlier version of its tickets"),
        ("rewritten", "had rewritten the history of its tickets"),
    ] {
        let two = Two::begin(&gits()[0]);
        two.yoi("repo", &["create", "two"]).ok();
        two.yoi("repo", &["push"]).ok();
        two.yoi("clone", &["fetch"]).ok();
        match loss {
            "gone" => two.git("remote.git", &["update-ref", "-d", REF]).ok(),
            "rewound" => two.git("remote.git", &["update-ref", REF, &format!("{REF}~1")]).ok(),
            _ => {
                let tree = two.git("remote.git", &["rev-parse", &format!("{REF}~1^{{tree}}")]).ok();
                let words =
                    ["-c", "user.name=x", "-c", "user.email=x", "commit-tree", "-m", "x", tree.trim()];
                let other = two.git("remote.git", &words).ok();
                two.git("remote.git", &["update-ref", REF, other.trim()]).ok()
            }
        };
        // Somebody heard of it by an ordinary fetch already.
        two.git("repo", &["fetch", "-q"]).ok();
        let told = two.yoi("clone", &["sync"]).ok();
        assert!(told.starts_with(&format!("'origin' {said}; everything here stays\n")), "{loss}: {told}");
        two.yoi("repo", &["sync"]).ok();
        for name in ["clone", "repo"] {
            assert_eq!(two.yoi(name, &["list", "--porcelain"]).ok().lines().count(), 2, "{loss}");
        }
        assert!(two.is_sent("repo"), "{loss}");
        two.yoi("clone", &["sync"]).ok();
        assert_eq!(two.tip("clone"), two.tip("repo"), "{loss}");
    }
}

#[test]
fn remotes_are_those_that_take_part_unless_one_is_named() {
    let two = Two::begin(&gits()[0]);
    git_in(&two.world, two.world.root(), &["init", "-q", "--bare", "second.git"]).ok();
    two.git("repo", &["remote", "add", "second", "../second.git"]).ok();
    two.yoi("repo", &["create", "two"]).ok();
    two.yoi("repo", &["sync"]).ok();
    assert_eq!(two.tip("second.git"), "");
    two.yoi("repo", &["sync", "second"]).ok();
    assert_eq!(two.tip("second.git"), two.tip("repo"));
    two.yoi("repo", &["init", "second"]).ok();
    two.git("repo", &["remote", "set-url", "second", "../missing.git"]).ok();
    two.yoi("repo", &["create", "three"]).ok();
    let said = two.yoi("repo", &["sync"]);
    assert!(
        said.code == 1
            && said.out.contains("'origin' has the same")
            && said.err.contains("error: 'second': ")
    );
    assert!(two.is_sent("repo"));
    two.git("repo", &["config", "--unset", "remote.second.yoi"]).ok();
    two.git("repo", &["config", "--unset", "remote.origin.yoi"]).ok();
    let said = two.yoi("repo", &["sync"]).fails(128);
    assert_eq!(said, "error: no remote takes part in carrying tickets\nhint: git yoi init origin\n");
    let said = two.yoi("repo", &["push", "nowhere", "--json"]).fails(1);
    assert!(said.contains("unknown_remote"), "{said}");
}

#[test]
fn shallow_and_partial_clones_and_worktrees_carry_tickets_whole() {
    for git in gits() {
        let two = Two::begin(&git);
        let url = format!("file://{}", two.folder("remote.git").display());
        two.git("remote.git", &["config", "uploadpack.allowFilter", "true"]).ok();
        for (name, option) in [("shallow", "--depth=1"), ("partial", "--filter=blob:none")] {
            git_in(&two.world, two.world.root(), &["clone", "-q", option, &url, name]).ok();
            two.yoi(name, &["init"]).ok();
            two.yoi(name, &["create", name]).ok();
            two.yoi("repo", &["create", "meanwhile"]).ok();
            two.yoi("repo", &["sync"]).ok();
            two.yoi(name, &["sync"]).ok();
            assert!(two.is_sent(name), "{name}");
            let count = |folder: &str| two.git(folder, &["rev-list", "--count", REF]).ok();
            assert_eq!(count(name), count("remote.git"), "{name}");
            two.git(name, &["fsck", "--no-progress"]).ok();
        }
        two.git("repo", &["worktree", "add", "-q", "../tree", "-b", "tree"]).ok();
        two.yoi("tree", &["create", "in a tree"]).ok();
        two.git("tree", &["push", "-q", "origin", "tree"]).ok();
        two.yoi("repo", &["sync"]).ok();
        assert!(two.is_sent("repo"));
    }
}

#[test]
fn other_kinds_of_repositories_carry_tickets_as_well() {
    for git in gits() {
        for option in ["--object-format=sha256", "--ref-format=reftable"] {
            let world = World::bare_folder(&git);
            let run = |folder: &str, words: &[&str]| git_in(&world, &world.root().join(folder), words);
            if run("repo", &["init", "-q", option, "."]).code != 0 {
                say(&format!("skipped: this git has no {option}"));
                continue;
            }
            run(".", &["init", "-q", "--bare", option, "remote.git"]).ok();
            run("repo", &["remote", "add", "origin", "../remote.git"]).ok();
            run("repo", &["commit", "-q", "--allow-empty", "-m", "x"]).ok();
            world.yoi(["init"]).ok();
            world.create("one");
            run("repo", &["push", "-q", "origin", "main"]).ok();
            let mut clone = vec!["clone", "-q", "remote.git", "clone"];
            if option.contains("reftable") {
                clone.insert(1, option);
            }
            run(".", &clone).ok();
            let folder = world.root().join("clone");
            let said = yoi_in(&world, &folder, &["init"]).ok();
            assert!(said.starts_with("1 ticket of 'origin' taken over"), "{option}: {said}");
            yoi_in(&world, &folder, &["create", "two"]).ok();
            world.create("three");
            run("clone", &["push", "-q"]).ok();
            let said = world.yoi(["sync"]).ok();
            assert!(said.contains("'origin' has the same tickets"), "{option}: {said}");
            yoi_in(&world, &folder, &["sync"]).ok();
            let tip = |folder: &str| run(folder, &["rev-parse", REF]).ok();
            assert_eq!((tip("repo"), tip("clone")), (tip("remote.git"), tip("remote.git")), "{option}");
            let undone = world.yoi(["deinit"]).ok();
            assert!(undone.ends_with(&format!("3 tickets stay on {REF}\n")), "{undone}");
        }
    }
}
