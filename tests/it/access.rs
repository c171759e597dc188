//! No repository, nobody to name, no permission, somebody else's repository: each is told, with what to
//! do about it, and what needs none of them still works.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use crate::bad_input::{refused, refuses};
use crate::plant::{REF, git_in, say, tip};
use crate::world::World;

/// A user who owns nothing, as a number and as `setpriv` takes it.
const NOBODY: u32 = 65534;
const AS_NOBODY: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];

#[test]
fn without_a_repository_or_tickets_it_says_what_to_do() {
    let world = World::new();
    let outside = || {
        let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), world.root());
        command.arg("list");
        command
    };
    let said = refuses(&world, outside, 128, "no_repository");
    assert!(said.contains(world.root().to_str().unwrap()) && said.contains("hint: git init"), "{said}");
    for words in [
        ["list"].as_slice(),
        &["show", "0000"],
        &["comment", "0000", "-m", "x"],
        &["history"],
        &["search", "x"],
        &["export", "../out"],
    ] {
        let said = refused(&world, words, 128, "not_initialised");
        assert!(said.contains("hint: git yoi init"), "{said}");
    }
    assert_eq!(tip(&world), "");
}

#[test]
fn without_an_identity_reading_works_and_writing_says_what_to_set() {
    let world = World::new();
    let id = world.create("one");
    let anonymous = |words: &[&str]| {
        let mut command = world.yoi_command(words);
        command.env("HOME", world.root().join("nowhere"));
        command
    };
    for words in [
        ["create", "two"].as_slice(),
        &["comment", &id, "-m", "words"],
        &["comment", &id, "-m", "words", "--actor", "agent"],
    ] {
        let said = refuses(&world, || anonymous(words), 128, "no_identity");
        assert!(said.contains("user.name") && said.contains("hint: git config user.name"), "{said}");
    }
    world.run(anonymous(&["list"])).ok();
    world.run(anonymous(&["show", &id])).ok();
    let named = |name: &str| {
        let mut command = anonymous(&["comment", &id, "-m", "words"]);
        command.env("GIT_COMMITTER_NAME", name);
        command
    };
    let said = refuses(&world, || named("Con Mitter"), 128, "no_identity");
    assert!(said.contains("user.email"), "{said}");
    let reachable = |name: &str| {
        let mut command = named(name);
        command.env("EMAIL", "con@example.org");
        command
    };
    refuses(&world, || reachable(" <> "), 128, "no_identity");
    world.run(reachable("Con Mitter")).ok();
}

#[test]
fn variables_that_move_objects_or_refs_elsewhere_are_refused_by_name() {
    let world = World::new();
    let id = world.create("one");
    for name in
        ["GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_NAMESPACE"]
    {
        for words in [["list"].as_slice(), &["comment", &id, "-m", "words"], &["init"]] {
            let make = || {
                let mut command = world.yoi_command(words);
                command.env(name, world.root().join("elsewhere"));
                command
            };
            let said = refuses(&world, make, 128, "unsupported_repository");
            assert!(said.contains(name), "{said}");
        }
        let mut command = world.yoi_command(["list"]);
        command.env(name, "");
        world.run(command).ok();
    }
    assert!(!world.root().join("elsewhere").exists());
}

/// Whether root runs the tests, who owns what they write.
fn is_root() -> bool {
    tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0
}

/// Changes everything below a folder, and the folder last; links are not followed.
fn each(folder: &Path, change: &dyn Fn(&Path)) {
    if folder.is_dir() && !folder.is_symlink() {
        for entry in fs::read_dir(folder).unwrap() {
            each(&entry.unwrap().path(), change);
        }
    }
    change(folder);
}

/// The program run by somebody whom permissions keep out; nothing when nobody like that can be had.
fn kept_out(world: &World, words: &[&str]) -> Option<Command> {
    if !is_root() {
        return Some(world.yoi_command(words));
    }
    let as_nobody = |words: &[&str]| {
        let mut command = world.command("setpriv", &world.repo());
        command.args(AS_NOBODY).arg(env!("CARGO_BIN_EXE_git-yoi")).args(words);
        command
    };
    let can = as_nobody(&["--version"]).output().is_ok_and(|output| output.status.success());
    if !can {
        say("skipped: nobody here whom permissions keep out can run the program");
    }
    can.then(|| as_nobody(words))
}

#[test]
fn a_repository_that_can_not_be_written_is_read_and_says_so() {
    let world = World::new();
    let id = world.create("one");
    if is_root() {
        each(world.root(), &|path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap());
    }
    if kept_out(&world, &["list"]).is_none() {
        return;
    }
    let let_write = |is_let: bool| {
        each(&world.repo().join(".git"), &|path| {
            let old = fs::metadata(path).unwrap().permissions().mode();
            let new = if is_let { old | 0o200 } else { old & !0o222 };
            fs::set_permissions(path, fs::Permissions::from_mode(new)).unwrap();
        });
    };
    let run = |words: &[&str]| world.run(kept_out(&world, words).unwrap());
    run(&["comment", &id, "-m", "while it can be written"]).ok();
    let state = || fs::read(world.repo().join(".git").join(REF)).unwrap();
    let before = state();
    let_write(false);
    for words in [["comment", &id, "-m", "words"].as_slice(), &["create", "two"], &["close", &id, "-m", "x"]]
    {
        let said = run(&[words, &["--json"]].concat()).fails(128);
        assert!(said.contains("\"code\":\"denied\""), "{said}");
        let said = run(words).fails(128);
        assert!(said.starts_with("error: can't write to the repository: "), "{said}");
    }
    run(&["list"]).ok();
    run(&["show", &id]).ok();
    let answer = run(&["init"]);
    assert!(answer.err.contains("the hooks are not installed: "), "{answer:?}");
    assert_eq!(answer.code, 0, "the tickets can do without");
    let said = run(&["hooks", "install", "--json"]).fails(128);
    assert!(said.contains("\"code\":\"denied\"") || said.contains("\"code\":\"git_failed\""), "{said}");
    let_write(true);
    assert_eq!(state(), before);
    run(&["comment", &id, "-m", "now it can"]).ok();
}

#[test]
fn a_repository_of_somebody_else_is_refused_unless_it_is_called_safe() {
    if !is_root() {
        say("skipped: only root can give a repository away");
        return;
    }
    let world = World::new();
    world.create("one");
    each(&world.repo(), &|path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap());
    for words in [["list", "--json"].as_slice(), &["create", "two", "--json"]] {
        let said = world.yoi(words).fails(128);
        assert!(said.contains("\"untrusted_repository\"") && said.contains("safe.directory"), "{said}");
    }
    let repo = world.repo();
    let words = ["config", "--global", "--add", "safe.directory", repo.to_str().unwrap()];
    git_in(&world, world.root(), &words).ok();
    world.yoi(["list"]).ok();
    world.create("two");
}
