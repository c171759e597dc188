//! Names of a repository that mean something to a shell, and what a clone's work tree brings along for git.

use std::path::Path;

use crate::plant::{git_in, yoi_in};
use crate::world::{World, gits};

/// Names of branches and folders that a shell would take for more than names.
const NAMES: [&str; 6] = [
    "$(touch${IFS}ran)",
    "`touch${IFS}ran`",
    "a;touch${IFS}ran",
    "a|touch${IFS}ran",
    "'\"&&touch${IFS}ran",
    "-x",
];

fn ran(world: &World) -> bool {
    let is_there = |folder: &Path| folder.join("ran").exists();
    is_there(&world.repo()) || is_there(world.root()) || is_there(&world.root().join("home"))
}

#[test]
fn a_branch_with_a_name_for_a_shell_is_a_name_through_a_tickets_whole_life() {
    for git in gits() {
        for name in NAMES {
            let world = World::with_git(&git);
            world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
            git_in(&world, world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
            world.git(["remote", "add", "origin", "../remote.git"]).ok();
            world.git(["push", "-q", "origin", "main"]).ok();
            world.yoi(["init"]).ok();
            let id = world.create("one");
            world.yoi(["state", &id, "ready", "-m", "x"]).ok();
            world.yoi(["queue", &id]).ok();
            let branch = format!("work/{id}-{name}");
            world.git(["switch", "-q", "-c", &branch]).ok();
            for words in [
                ["status"].as_slice(),
                &["status", "-s"],
                &["start", &id],
                &["show", "@"],
                &["commits"],
                &["next"],
            ] {
                let answer = world.yoi(words);
                assert!([0, 1, 2, 129].contains(&answer.code), "{name} {words:?}: {answer:?}");
            }
            world.write("repo/file", "x\n");
            world.git(["add", "file"]).ok();
            world.git(["commit", "-q", "-m", "work"]).ok();
            world.git(["push", "-q", "origin", &format!("HEAD:refs/heads/{branch}")]).ok();
            world.git(["commit", "-q", "--amend", "-m", "work, amended"]).ok();
            world.git(["switch", "-q", "main"]).ok();
            world.git(["merge", "-q", "--no-ff", "-m", "merge it", &format!("refs/heads/{branch}")]).ok();
            world.git(["push", "-q", "origin", "main"]).ok();
            for words in [
                ["land"].as_slice(),
                &["log"],
                &["blame", "file"],
                &["show", &id],
                &["done", &id, "--clean"],
                &["close", &id, "-m", "x"],
                &["history", "-p"],
                &["sync"],
                &["doctor"],
            ] {
                let answer = world.yoi(words);
                assert!([0, 1, 2].contains(&answer.code), "{name} {words:?}: {answer:?}");
            }
            assert!(!ran(&world), "{name}");
        }
    }
}

#[test]
fn a_worktree_in_a_folder_with_a_name_for_a_shell_is_a_folder() {
    for name in NAMES {
        let world = World::new();
        world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
        world.yoi(["init"]).ok();
        let id = world.create("one");
        world.yoi(["state", &id, "ready", "-m", "x"]).ok();
        world.yoi(["queue", &id]).ok();
        let folder = world.root().join(name);
        world.git(["worktree", "add", "-q", "--detach", "--", folder.to_str().unwrap()]).ok();
        yoi_in(&world, &folder, &["status"]).ok();
        yoi_in(&world, &folder, &["start", &id]).ok();
        git_in(&world, &folder, &["commit", "-q", "--allow-empty", "-m", "work"]).ok();
        yoi_in(&world, &folder, &["show", "@"]).ok();
        yoi_in(&world, &folder, &["report", "@", "-m", "done"]).ok();
        let answer = world.yoi(["done", &id, "-m", "x", "--clean"]);
        assert!([0, 1, 2].contains(&answer.code), "{name}: {answer:?}");
        assert!(!ran(&world) && !folder.join("ran").exists(), "{name}");
    }
}

/// core.hooksPath that leads into the work tree belongs to those who write there: nothing is put into it, and what
/// lies in it is not run by us. Nor is any other file that a clone brings along.
#[test]
fn what_a_clone_brings_along_for_git_is_neither_run_nor_written_to() {
    for git in gits() {
        let world = World::with_git(&git);
        let mark = world.root().join("ran");
        let run = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
        let hooks = [
            "commit-msg",
            "post-commit",
            "post-merge",
            "post-rewrite",
            "reference-transaction",
            "post-checkout",
        ];
        for name in hooks {
            world.write(&format!("repo/hooks/{name}"), &run);
        }
        world.write("repo/.gitattributes", "* filter=evil diff=evil merge=evil\n");
        world.write(
            "repo/.gitmodules",
            "[submodule \"x\"]\n\tpath = x\n\turl = ../x\n\tupdate = !touch ran\n",
        );
        world.write("repo/.mailmap", "Evil <evil@x> <tess@example.org>\n");
        world.write("repo/git", &run);
        world.write("repo/git-yoi", &run);
        let mut command = world.command("chmod", &world.repo());
        command.args(["-R", "+x", "hooks", "git", "git-yoi"]);
        world.run(command).ok();
        world.git(["add", "-A"]).ok();
        world.git(["commit", "-q", "-m", "brought along"]).ok();
        let before = world.git(["status", "--porcelain"]).ok();
        world.yoi(["init"]).ok();
        let id = world.create("one");
        for words in [
            ["comment", &id, "-m", "x"].as_slice(),
            &["state", &id, "ready", "-m", "x"],
            &["queue", &id],
            &["start", &id],
            &["status"],
            &["doctor", "--fix"],
            &["log"],
            &["blame", "git"],
            &["history", "-p"],
            &["hooks", "install"],
        ] {
            world.yoi(words).ok();
        }
        assert_eq!(world.git(["status", "--porcelain"]).ok(), before);
        assert!(!mark.exists());
        // The person of this machine has it so: then git runs them, and nothing of ours is put there.
        world.git(["config", "core.hooksPath", "hooks"]).ok();
        world.yoi(["hooks", "install"]);
        world.yoi(["doctor", "--fix"]);
        assert_eq!(world.git(["status", "--porcelain"]).ok(), before);
    }
}
