//! Kills at every step that the program names itself, in a build with the feature `failpoints`: where nobody may trace,
//! and in whichever process of a command passes the step, such as a hook that a push of ours starts.

use std::fs;

use super::scenes::{End, Scene};
use crate::plant::say;

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
