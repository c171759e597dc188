//! The folder git runs hooks from, wherever that is: written to only where it is this repository's alone.

use super::*;

fn local(world: &World, path: &str) {
    world.git(["config", "core.hooksPath", path]).ok();
}

/// Everything of the repository that could have been written to, but for the lock of writers.
fn everything(world: &World) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = tree(world.root());
    found.retain(|path, _| !path.starts_with(world.repo().join(".git/yoi")));
    found
}

/// Nothing is written, all are to be added by hand, and that is no error.
fn is_manual(world: &World, why: &str, place: &str) {
    let before = everything(world);
    let said = hooks(world, &["install"]).ok();
    assert!(said.starts_with("hooks: manual\n") && said.contains(why), "{said}");
    for event in EVENTS {
        assert!(said.contains(&format!("{place}/{event}: ")), "{said}");
        let line = format!("git-yoi hook {event} \"$@\" >&2 || :; fi\n");
        assert_eq!(said.matches(&line).count(), 1, "{said}");
    }
    assert_eq!(everything(world), before);
    let said = world.yoi(["init"]).ok();
    assert!(said.contains("\nhooks: manual; "), "{said}");
    hooks(world, &["status"]).fails(1);
}

#[test]
fn a_folder_in_a_work_tree_is_never_written_to() {
    for git in old_gits() {
        for path in [".githooks", ".", "a/b"] {
            let world = World::with_git(&git);
            world.write("repo/.githooks/pre-push", "#!/bin/sh\n");
            local(&world, path);
            is_manual(&world, &format!("core.hooksPath is '{path}', in a work tree"), "");
        }
        let world = World::with_git(&git);
        git_in(&world, world.root(), &["init", "-q", "dotfiles"]).ok();
        local(&world, world.root().join("dotfiles/hooks").to_str().unwrap());
        is_manual(&world, "in a work tree", "dotfiles/hooks");
        // The usual folder, linked to one that is tracked.
        let world = World::with_git(&git);
        let folder = world.repo().join(".git/hooks");
        fs::remove_dir_all(&folder).unwrap();
        world.write("repo/tracked/pre-push", "#!/bin/sh\n");
        symlink("../tracked", &folder).unwrap();
        is_manual(&world, "in a work tree", "repo/tracked");
        hooks(&world, &["uninstall"]).ok();
    }
}

#[test]
fn a_folder_for_other_repositories_too_is_never_written_to() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let folder = world.root().join("all-hooks");
        fs::create_dir(&folder).unwrap();
        world.git(["config", "--global", "core.hooksPath", folder.to_str().unwrap()]).ok();
        is_manual(&world, "for other repositories too", folder.to_str().unwrap());
        world.git(["config", "--global", "--unset", "core.hooksPath"]).ok();
        let setting = format!("core.hooksPath={}", folder.display());
        let said = world.git(["-c", &setting, "yoi", "hooks", "install"]).ok();
        assert!(said.starts_with("hooks: manual\n") && said.contains("for this one command"), "{said}");
        assert!(tree(&folder).is_empty());
    }
}

#[test]
fn husky_gets_its_lines_where_it_reads_them() {
    for git in old_gits() {
        let world = World::with_git(&git);
        world.write("repo/.husky/_/pre-push", "#!/usr/bin/env sh\n. \"${0%/*}/h\"\n");
        local(&world, ".husky/_");
        is_manual(&world, "in a work tree", "repo/.husky");
        for event in EVENTS {
            world.write(&format!("repo/.husky/{event}"), format!("git-yoi hook {event} \"$@\" || :\n"));
        }
        let (code, document) = status(&world);
        assert_eq!((code, document["how"].as_str()), (0, Some("manual")), "{document}");
    }
}

#[test]
fn a_folder_of_this_repository_alone_is_written_to() {
    for git in old_gits() {
        for outside in [true, false] {
            let world = World::with_git(&git);
            let folder = if outside { world.root().join("own") } else { world.repo().join(".git/own") };
            local(&world, folder.to_str().unwrap());
            hooks(&world, &["install"]).ok();
            assert_eq!(tree(&folder).len(), EVENTS.len());
            assert!(!hook_path(&world, "pre-push").exists());
            assert_eq!(status(&world).0, 0);
            hooks(&world, &["uninstall"]).ok();
            assert!(!folder.exists());
        }
        let world = World::with_git(&git);
        local(&world, world.root().join("missing/deep").to_str().unwrap());
        let said = hooks(&world, &["install", "--json"]).fails(128);
        assert!(said.contains("can't make") && said.contains("missing/deep"), "{said}");
        assert!(!world.root().join("missing").exists());
    }
}

#[test]
fn hooks_of_before_somebody_set_another_folder_are_taken_out_too() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let before = tree(&world.repo().join(".git/hooks"));
        hooks(&world, &["install"]).ok();
        local(&world, ".husky/_");
        hooks(&world, &["status"]).fails(1);
        hooks(&world, &["uninstall"]).ok();
        assert_eq!(tree(&world.repo().join(".git/hooks")), before);
    }
}

#[test]
fn hooks_that_are_switched_off_stay_off() {
    for git in old_gits() {
        let world = World::with_git(&git);
        local(&world, "/dev/null");
        let before = everything(&world);
        let said = hooks(&world, &["install"]).ok();
        assert!(said.starts_with("hooks: off\n"), "{said}");
        assert_eq!(everything(&world), before);
        assert_eq!(status(&world).0, 0);
        assert!(world.yoi(["init"]).ok().contains("\nhooks: not installed, because core.hooksPath"));
        local(&world, "");
        assert_eq!(hooks(&world, &["status", "--porcelain"]).ok().matches("\toff\t").count(), EVENTS.len());
    }
}

#[test]
fn linked_worktrees_share_the_hooks() {
    for git in old_gits() {
        let world = World::with_git(&git);
        world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
        world.git(["worktree", "add", "-q", "../linked"]).ok();
        let linked = world.root().join("linked");
        yoi_in(&world, &linked, &["hooks", "install"]).ok();
        assert!(hook_path(&world, "pre-push").is_file());
        assert_eq!(status(&world).0, 0);
        fs::create_dir(world.repo().join("sub")).unwrap();
        yoi_in(&world, &world.repo().join("sub"), &["hooks", "uninstall"]).ok();
        yoi_in(&world, &linked, &["hooks", "status"]).fails(1);
        // A folder in the main work tree is as little ours as one in this.
        local(&world, world.repo().join("shared").to_str().unwrap());
        let said = yoi_in(&world, &linked, &["hooks", "install"]).ok();
        assert!(said.starts_with("hooks: manual\n"), "{said}");
    }
}

#[test]
fn bare_repositories_submodules_and_those_named_by_git_dir_have_hooks_too() {
    for git in old_gits() {
        let world = World::with_git(&git);
        world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
        git_in(&world, world.root(), &["init", "-q", "--bare", "bare.git"]).ok();
        yoi_in(&world, &world.root().join("bare.git"), &["hooks", "install"]).ok();
        assert!(world.root().join("bare.git/hooks/pre-push").is_file());
        git_in(&world, world.root(), &["init", "-q", "outer"]).ok();
        let outer = world.root().join("outer");
        let source = world.repo();
        git_in(&world, &outer, &["submodule", "add", "-q", source.to_str().unwrap(), "inner"]).ok();
        yoi_in(&world, &outer.join("inner"), &["hooks", "install"]).ok();
        assert!(outer.join(".git/modules/inner/hooks/pre-push").is_file());
        assert!(!outer.join(".git/hooks/pre-push").exists());
        for git_dir in [world.repo().join(".git"), PathBuf::from("repo/.git")] {
            let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), world.root());
            command.env("GIT_DIR", git_dir).args(["hooks", "install"]);
            world.run(command).ok();
            assert_eq!(status(&world).0, 0);
            hooks(&world, &["uninstall"]).ok();
        }
    }
}

#[test]
fn a_reftable_repository_has_hooks_too() {
    for git in old_gits() {
        let world = World::bare_folder(&git);
        if world.git(["init", "-q", "--ref-format=reftable", "."]).code != 0 {
            say(&format!("skipped: {} has no reftable", git.display()));
            continue;
        }
        hooks(&world, &["install"]).ok();
        assert_eq!(status(&world).0, 0);
    }
}
