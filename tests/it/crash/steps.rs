//! Kills at every step that the program names itself, in a build with the feature `failpoints`: where nobody may trace,
//! and in whichever process of a command passes the step, such as a hook that a push of ours starts.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::scenes::{End, Scene};
use crate::plant::{REF, say, tip};
use crate::world::{World, gits};

fn at_every_step(scene: &Scene, name: &str) {
    let log = scene.root().join("steps");
    let run = |last: Option<usize>| {
        scene.put_back();
        drop(fs::remove_file(&log));
        let line = scene.line();
        let mut command = scene.command(&line[0]);
        command.args(&line[1..]).env("YOI_FAILPOINTS", &log);
        if let Some(last) = last {
            command.env("YOI_FAILPOINT", last.to_string());
        }
        scene.run(command)
    };
    let answer = run(None);
    assert_eq!(answer.code, 0, "{name}: {answer:?}");
    let steps: Vec<String> = fs::read_to_string(&log).unwrap().lines().map(str::to_owned).collect();
    assert!(!steps.is_empty(), "{name} passes no step");
    for (index, step) in steps.iter().enumerate() {
        let answer = run(Some(index + 1));
        let end = if answer.code == 0 { End::Done } else { End::Killed };
        scene.judge(end, &format!("{name}, step {}: {step}", index + 1), true);
    }
    say(&format!("{name}: killed at each of {} steps", steps.len()));
}

#[test]
fn a_comment_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::comment(), "comment");
}

#[test]
fn a_comment_in_a_linked_worktree_of_a_bare_repository_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::comment_in_worktree(), "comment_in_worktree");
}

#[test]
fn a_move_that_the_index_follows_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::indexed_move(), "indexed_move");
}

#[test]
fn the_making_of_an_index_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::index(), "index");
}

#[test]
fn an_import_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::import(), "import");
}

#[test]
fn a_sync_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::sync(), "sync");
}

#[test]
fn a_start_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::start(), "start");
}

#[test]
fn a_landing_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::land(), "land");
}

#[test]
fn setting_up_a_clone_is_done_or_not_whichever_step_is_its_last() {
    at_every_step(&Scene::init(), "init");
}

/// A `git gc --prune=now` begins while a commit is signed: the files it comes with are written by then, and nothing
/// points at them. It looks which objects are reachable before the ref moves, and removes the others after the writer
/// was killed, right after it moved the ref.
#[test]
fn who_is_killed_right_after_the_ref_moved_loses_nothing_to_a_gc_that_looked_before() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = world.create("one");
        let pid = format!("{} $(cat /proc/sys/kernel/hostname)", std::process::id());
        let collector = world.repo().join(".git/gc.pid");
        let script = format!(
            "#!/bin/sh\ncat >/dev/null\necho \"{pid}\" >'{}'\necho '[GNUPG:] SIG_CREATED ' >&2\n{}\n",
            collector.display(),
            "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'"
        );
        let program = world.write("sign", script);
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        for (key, value) in [("commit.gpgSign", "true"), ("gpg.program", program.to_str().unwrap())] {
            world.git(["config", key, value]).ok();
        }
        let run = |text: &str, last: &str| {
            drop(fs::remove_file(&collector));
            let mut command = world.yoi_command(["comment", &id, "-m", text]);
            // Which number a step has depends on what is there already.
            command.env("YOI_FAILPOINTS", world.root().join("steps")).env("YOI_FAILPOINT", last);
            world.run(command)
        };
        run("said before", "none").ok();
        // What is reachable for a gc is what the ref and its log say.
        let places = [REF.to_owned(), format!("logs/{REF}")].map(|name| world.repo().join(".git").join(name));
        let read = || places.clone().map(|place| fs::read(place).unwrap());
        let write = |texts: &[Vec<u8>; 2]| {
            places.iter().zip(texts).for_each(|(place, text)| fs::write(place, text).unwrap());
        };
        let before = read();
        assert_ne!(run("said at last", "the ref is moved").code, 0);
        let after = read();
        write(&before);
        world.git(["gc", "--quiet", "--force", "--prune=now"]).ok();
        drop(fs::remove_file(&collector));
        // The gc has packed the ref as it was; the file goes before that.
        write(&after);
        let thread = world.yoi(["show", &id]).ok();
        assert!(thread.contains("said before") && thread.contains("said at last"), "{thread}");
        world.git(["fsck", "--strict"]).ok();
        assert_eq!(tip(&world), String::from_utf8_lossy(&after[0]).trim());
        world.git(["config", "commit.gpgSign", "false"]).ok();
        world.yoi(["comment", &id, "-m", "said after"]).ok();
        assert!(world.yoi(["show", &id]).ok().contains("said after"));
    }
}
