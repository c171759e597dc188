//! Kills at every system call that changes something: the program as it is, stopped from outside.
//!
//! A call is refused its start, so what is there is what all calls before it made: the states a kill at any moment can
//! leave.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;

use super::scenes::{End, Scene};
use crate::plant::say;
use crate::world::Answer;

/// What changes files or starts programs. Not every machine has each.
const CALLS: [&str; 30] = [
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "copy_file_range",
    "sendfile",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "fsync",
    "fdatasync",
    "ftruncate",
    "fchmod",
    "fchmodat",
    "chmod",
    "utimensat",
    "clone",
    "clone3",
    "fork",
    "vfork",
    "exit_group",
];

/// At so many calls, evenly spread, a command is killed every day; `YOI_TEST_CALLS=all` kills it at each.
const FEW: usize = 12;

fn has_strace() -> bool {
    let mut command = std::process::Command::new("strace");
    command.args(["-qq", "-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null());
    let has = command.status().is_ok_and(|status| status.success());
    if !has {
        say("skipped: no strace here, or nobody may be traced");
    }
    has
}

/// One of a process's calls: which, and the how manieth of these.
type Call = (String, usize);

/// Traces a command; that call, of any of its processes with `all`, is its last.
fn traced(scene: &Scene, last: Option<&Call>, all: bool) -> Answer {
    scene.put_back();
    let mut command = scene.command("strace");
    let known = CALLS.map(|call| format!("?{call}")).join(",");
    command.args(["-qq", "-e", "signal=none", "-e", &format!("trace={known}"), "-o"]);
    command.arg(scene.root().join("calls"));
    if let Some((name, number)) = last {
        command.args(["-e", &format!("inject={name}:signal=SIGKILL:when={number}")]);
    }
    if all {
        command.arg("-f");
    }
    command.args(scene.line());
    scene.run(command)
}

/// The calls that were traced, in order; each once, however many processes made it.
fn calls(scene: &Scene) -> Vec<Call> {
    let text = fs::read_to_string(scene.root().join("calls")).unwrap();
    let mut made: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in text.lines() {
        // With many processes each line begins with the number of one.
        let process = line.split(' ').next().filter(|word| word.parse::<u32>().is_ok()).unwrap_or_default();
        let Some((name, _)) = line[process.len()..].trim_start().split_once('(') else { continue };
        let number = made.entry((process, name)).or_default();
        *number += 1;
        let call = (name.to_owned(), *number);
        if CALLS.contains(&name) && !calls.contains(&call) {
            calls.push(call);
        }
    }
    calls
}

/// Kills a command at its calls in turn; with `all` also the processes that it starts, each at its own calls.
fn at_every_call(scene: &Scene, name: &str, all: bool) {
    if !has_strace() {
        return;
    }
    let answer = traced(scene, None, all);
    assert_eq!(answer.code, 0, "{name}: {answer:?}");
    let calls = calls(scene);
    let is_whole = std::env::var("YOI_TEST_CALLS").is_ok_and(|calls| calls == "all");
    let most = if is_whole { calls.len() } else { FEW.min(calls.len()) };
    let mut killed = 0;
    for number in 1..=most {
        let last = &calls[number * calls.len() / most - 1];
        let answer = traced(scene, Some(last), all);
        // A tracer ends as what it traced did.
        let is_killed = matches!(answer.code, -1 | 137) || (all && answer.code != 0);
        killed += usize::from(is_killed);
        let end = if is_killed { End::Killed } else { End::Done };
        scene.judge(end, &format!("{name}, {} {}", last.0, last.1), !all);
    }
    say(&format!("{name}: {killed} kills, at {most} of {} calls", calls.len()));
    // With several processes a kill may hit one that nobody waits for.
    assert!(killed * 4 >= most * 3 || (all && killed > 0), "{name}: {killed} kills at {most} calls");
}

#[test]
fn a_comment_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::comment(), "comment", false);
}

#[test]
fn a_comment_in_a_linked_worktree_of_a_bare_repository_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::comment_in_worktree(), "comment_in_worktree", false);
}

#[test]
fn a_move_that_the_index_follows_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::indexed_move(), "indexed_move", false);
}

#[test]
fn the_making_of_an_index_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::index(), "index", false);
}

#[test]
fn a_search_that_brings_its_index_along_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::search(), "search", false);
}

#[test]
fn an_import_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::import(), "import", false);
}

#[test]
fn a_sync_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::sync(), "sync", false);
}

#[test]
fn a_start_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::start(), "start", false);
}

#[test]
fn a_landing_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::land(), "land", false);
}

#[test]
fn setting_up_a_clone_is_done_or_not_whichever_call_is_its_last() {
    at_every_call(&Scene::init(), "init", false);
}

#[test]
fn a_sync_loses_nothing_whichever_of_its_processes_is_killed() {
    at_every_call(&Scene::sync(), "sync, any process", true);
}

#[test]
fn a_start_loses_nothing_whichever_of_its_processes_is_killed() {
    at_every_call(&Scene::start(), "start, any process", true);
}
