//! What the hooks do when git calls them: trailers, starting by committing, snapshots of work, landings; and
//! that git itself goes on as if they were not there.

use std::fs;
use std::path::Path;

use crate::landing::{Story, hook, landings, queued, state};
use crate::world::{Answer, World, gits};

/// A repository with hooks, a base commit and a queued ticket whose branch is checked out.
fn on_a_branch(git: &Path) -> (World, String) {
    let world = World::with_git(git);
    world.yoi(["init", "--no-hooks"]).ok();
    world.write("repo/file", "one\n");
    world.git(["add", "file"]).ok();
    world.git(["commit", "-q", "-m", "base"]).ok();
    hook(&world, &world.repo());
    let id = queued(&world, "Do it");
    world.git(["switch", "-q", "-c", &format!("work/{id}-do-it")]).ok();
    (world, id)
}

fn message(world: &World) -> String {
    world.git(["log", "-1", "--format=%B"]).ok().trim_end().to_owned()
}

fn change(world: &World, text: &str) {
    fs::write(world.repo().join("file"), format!("{text}\n")).expect("a file");
}

fn with_editor(world: &World, script: &str, words: &[&str]) -> Answer {
    let editor = world.write("editor", format!("#!/bin/sh\n{script}\n"));
    let mut chmod = world.command("chmod", &world.repo());
    chmod.arg("+x").arg(&editor);
    world.run(chmod).ok();
    let mut command = world.command("git", &world.repo());
    command.args(words).env("GIT_EDITOR", &editor);
    world.run(command)
}

#[test]
fn a_commit_on_the_branch_of_a_ticket_names_it_once_below_what_was_written() {
    for git in gits() {
        let (world, id) = on_a_branch(&git);
        let trailer = format!("Ticket: {id}");
        let commit = |words: &[&str]| {
            world.git([&["commit", "-q", "--allow-empty"], words].concat()).ok();
            message(&world)
        };
        assert_eq!(commit(&["-m", "plain"]), format!("plain\n\n{trailer}"));
        assert_eq!(
            commit(&["-m", "a", "-m", "body\n---\nmore"]),
            format!("a\n\nbody\n---\nmore\n\n{trailer}")
        );
        assert_eq!(commit(&["-m", "a", "-m", "Fixes: #3"]), format!("a\n\nFixes: #3\n{trailer}"));
        assert_eq!(commit(&["-m", "a", "-m", &trailer]), format!("a\n\n{trailer}"));
        assert_eq!(
            commit(&["--trailer", "Reviewed-by: x", "-m", "a"]),
            format!("a\n\nReviewed-by: x\n{trailer}")
        );
        world.git(["commit", "-q", "--amend", "--no-edit", "--allow-empty"]).ok();
        assert_eq!(message(&world), format!("a\n\nReviewed-by: x\n{trailer}"));
        let edited =
            with_editor(&world, "sed -i '1s/^/typed/' \"$1\"", &["commit", "-q", "--allow-empty", "-v"]);
        assert_eq!((edited.code, message(&world)), (0, format!("typed\n\n{trailer}")), "{edited:?}");
        world.git(["config", "core.commentChar", ";"]).ok();
        let edited = with_editor(&world, "sed -i '1s/^/typed/' \"$1\"", &["commit", "-q", "--allow-empty"]);
        assert_eq!((edited.code, message(&world)), (0, format!("typed\n\n{trailer}")), "{edited:?}");
    }
}

#[test]
fn what_git_would_refuse_or_make_itself_gets_no_trailer() {
    for git in gits() {
        let (world, id) = on_a_branch(&git);
        // Nothing typed: git still refuses.
        let empty = with_editor(&world, "true", &["commit", "-q", "--allow-empty"]);
        assert!(empty.code != 0 && empty.err.contains("empty commit message"), "{empty:?}");
        let template = world.write("template", "Summary\n\n# explain\n");
        world.git(["config", "commit.template", template.to_str().expect("UTF-8")]).ok();
        let untouched = with_editor(&world, "true", &["commit", "-q", "--allow-empty"]);
        assert!(untouched.code != 0 && untouched.err.contains("did not edit the message"), "{untouched:?}");
        world.git(["config", "--unset", "commit.template"]).ok();
        for word in ["fixup!", "squash!", "amend!"] {
            world.git(["commit", "-q", "--allow-empty", "-m", &format!("{word} base")]).ok();
            assert_eq!(message(&world), format!("{word} base"));
        }
        // Bringing main into the work is no work.
        world.git(["switch", "-q", "main"]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", "main"]).ok();
        assert_eq!(message(&world), "main");
        world.git(["switch", "-q", "-"]).ok();
        world.git(["merge", "-q", "--no-edit", "main"]).ok();
        assert!(!message(&world).contains("Ticket:"), "{}", message(&world));
        world.git(["commit", "-q", "-n", "--allow-empty", "-m", "hooks passed by"]).ok();
        assert_eq!(message(&world), "hooks passed by");
        world.git(["switch", "-q", "--detach"]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", "nowhere"]).ok();
        assert_eq!(message(&world), "nowhere");
        world.git(["switch", "-q", "-c", &format!("{id}/other/form")]).ok();
        world.git(["config", "yoi.trailer", "Refs"]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", "x"]).ok();
        assert_eq!(message(&world), format!("x\n\nRefs: {id}"));
    }
}

#[test]
fn a_squash_takes_the_tickets_of_what_it_squashes_along() {
    for git in gits() {
        let (world, id) = on_a_branch(&git);
        change(&world, "two");
        world.git(["commit", "-q", "-a", "-m", "one"]).ok();
        world.git(["switch", "-q", "main"]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", "main"]).ok();
        world.git(["merge", "-q", "--squash", &format!("work/{id}-do-it")]).ok();
        world.git(["commit", "-q", "-m", "Everything"]).ok();
        assert_eq!(message(&world), format!("Everything\n\nTicket: {id}"));
    }
}

#[test]
fn names_that_stand_for_no_ticket_are_told_and_kept() {
    let (world, id) = on_a_branch(&gits()[0]);
    world.git(["switch", "-q", "main"]).ok();
    let commit = |trailer: &str| world.git(["commit", "-q", "--allow-empty", "-m", "x", "-m", trailer]);
    let unknown = commit("Ticket: 00001KVZKSV6C");
    let told = "yoi: warning: the message names '00001KVZKSV6C': that is no ticket here\n";
    assert_eq!((unknown.code, unknown.err.as_str()), (0, told));
    assert_eq!(message(&world), "x\n\nTicket: 00001KVZKSV6C");
    let short = commit(&format!("Ticket: {}", &id[8..]));
    let told =
        format!("yoi: warning: the message names '{}': a trailer needs the whole id, {id}\n", &id[8..]);
    assert_eq!((short.code, short.err), (0, told));
    assert_eq!(commit(&format!("Closes: {id}")).code, 0);
}

#[test]
fn the_first_commit_on_the_branch_of_a_queued_ticket_starts_it() {
    for git in gits() {
        let (world, id) = on_a_branch(&git);
        assert_eq!(state(&world, &id), "queued");
        let commit = world.git(["commit", "-q", "--allow-empty", "-m", "one"]);
        assert_eq!(commit.err, format!("yoi: {id} \"Do it\": queued -> inprogress\n"));
        assert_eq!(state(&world, &id), "inprogress");
        assert_eq!(world.git(["commit", "-q", "--allow-empty", "-m", "two"]).err, "");
    }
}

#[test]
fn a_gate_that_refuses_is_a_warning_and_never_a_failed_commit() {
    let (world, id) = on_a_branch(&gits()[0]);
    let first = world.create("First");
    world.yoi(["relate", &id, "depends-on", &first]).ok();
    let commit = world.git(["commit", "-q", "--allow-empty", "-m", "one"]);
    assert_eq!(commit.code, 0);
    assert!(commit.err.starts_with(&format!("yoi: warning: not started: {id}")), "{commit:?}");
    assert_eq!(state(&world, &id), "queued");
    for wanted in ["planning", "ready"] {
        let id = world.create(wanted);
        if wanted == "ready" {
            world.yoi(["state", &id, "ready", "-m", "clear"]).ok();
        }
        world.git(["switch", "-q", "-c", &format!("work/{id}")]).ok();
        assert_eq!(world.git(["commit", "-q", "--allow-empty", "-m", "x"]).err, "");
        assert_eq!(state(&world, &id), wanted);
    }
}

#[test]
fn a_push_records_what_the_branch_holds() {
    for git in gits() {
        let story = Story::begin(&git);
        story.work();
        story.git(&["push", "-q", "origin", &story.branch]);
        let snapshot = || -> Vec<serde_json::Value> {
            let shown = story.world.yoi(["artifact", "get", &story.id, "work.jsonl"]).ok();
            shown.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let first = snapshot();
        let hex = |words: &[&str]| story.git(words).trim().to_owned();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0]["branch"], story.branch);
        assert_eq!(first[0]["base"], hex(&["rev-parse", "main"]));
        assert_eq!(first[0]["tip"], hex(&["rev-parse", &story.branch]));
        let commits = first[0]["commits"].as_array().expect("commits").clone();
        assert_eq!(commits.len(), 3);
        assert_eq!(commits[0]["subject"], "work: one");
        assert_eq!(commits[0]["mail"], "tess@example.org");
        assert_eq!(commits[2]["commit"], first[0]["tip"]);
        let patch = |what: &str| what.len() == 40 && what.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(commits.iter().all(|commit| patch(commit["patch_id"].as_str().expect("a patch id"))));
        assert!(patch(first[0]["range_patch_id"].as_str().expect("a patch id")));
        // The same again is nothing new; an amended branch is.
        let tip = story.git(&["rev-parse", "refs/yoi/tickets"]);
        story.git(&["push", "-q", "origin", &story.branch]);
        assert_eq!(story.git(&["rev-parse", "refs/yoi/tickets"]), tip);
        story.git(&["commit", "-q", "--amend", "-m", "work: three, better"]);
        story.git(&["push", "-q", "-f", "origin", &story.branch]);
        assert_eq!(snapshot().len(), 2);
        // Settings of whoever pushes change no hash.
        for (key, value) in
            [("diff.noprefix", "true"), ("diff.context", "9"), ("color.ui", "always"), ("core.abbrev", "5")]
        {
            story.git(&["config", key, value]);
        }
        story.world.write("repo/.gitattributes", "file -diff\n");
        story.git(&["push", "-q", "origin", &format!(":{}", story.branch)]);
        story.git(&["commit", "-q", "--amend", "-m", "work: three, better still"]);
        story.git(&["push", "-q", "-f", "origin", &story.branch]);
        let last = snapshot();
        assert_eq!(last.len(), 3);
        assert_eq!(last[2]["range_patch_id"], first[0]["range_patch_id"]);
        assert_eq!(last[2]["commits"][2]["patch_id"], commits[2]["patch_id"]);
    }
}

#[test]
fn a_push_that_is_only_tried_records_nothing() {
    let story = Story::begin(&gits()[0]);
    story.work();
    let tip = story.git(&["rev-parse", "refs/yoi/tickets"]);
    for words in [["push", "-q", "--dry-run", "origin"], ["push", "-q", "-n", "origin"]] {
        story.git(&[&words[..], &[story.branch.as_str()]].concat());
        assert_eq!(story.git(&["rev-parse", "refs/yoi/tickets"]), tip);
    }
    story.git(&["push", "-q", "origin", "main", &format!("{}:feature", story.branch)]);
    assert_ne!(story.git(&["rev-parse", "refs/yoi/tickets"]), tip);
}

/// The work reaches main on the remote, and Tess has not heard of it.
fn by_somebody_else(story: &Story) {
    let origin = story.world.root().join("origin.git");
    story.git(&["push", "-q", origin.to_str().expect("UTF-8"), &format!("{}:main", story.branch)]);
}

/// Each of git's ways to move the target branch, and whether a hook saw the landing at once.
#[test]
fn hooks_see_landings_where_git_calls_them() {
    for git in gits() {
        let seen = |act: &dyn Fn(&Story) -> Answer| {
            let story = Story::begin(&git);
            story.work();
            story.git(&["switch", "-q", "main"]);
            let answer = act(&story);
            assert_eq!(answer.out, "", "a hook never writes to standard output: {answer:?}");
            answer.err.contains("landed on main")
        };
        let run = |story: &Story, words: &[&str]| story.world.git(words);
        assert!(seen(&|story| run(story, &["merge", "-q", "--ff-only", &story.branch])), "fast-forward");
        assert!(seen(&|story| run(story, &["merge", "-q", "--no-ff", "--no-edit", &story.branch])), "merge");
        assert!(
            seen(&|story| {
                run(story, &["merge", "-q", "--squash", &story.branch]);
                run(story, &["commit", "-q", "-m", "Everything"])
            }),
            "squash"
        );
        assert!(
            seen(&|story| {
                story.edit(10, "main has another two", "main: moved");
                run(story, &["merge", "-q", "--no-edit", &story.branch]);
                run(story, &["checkout", "-q", "--theirs", "file"]);
                run(story, &["commit", "-q", "-a", "--no-edit"])
            }),
            "conflicted merge, finished by commit"
        );
        assert!(
            seen(&|story| {
                by_somebody_else(story);
                run(story, &["pull", "-q", "--rebase", "origin", "main"])
            }),
            "pull --rebase with nothing local"
        );
        assert!(
            seen(&|story| {
                by_somebody_else(story);
                story.edit(25, "main has moved", "main: moved");
                run(story, &["pull", "-q", "--rebase", "origin", "main"])
            }),
            "pull --rebase"
        );
        // No hook at all: the next command sees it.
        assert!(!seen(&|story| run(story, &["reset", "-q", "--hard", &story.branch])));
        assert!(!seen(&|story| run(story, &["rebase", "-q", &story.branch])), "nothing is rewritten");
    }
}

#[test]
fn rebasing_and_amending_a_branch_start_nothing_twice_and_break_nothing() {
    for git in gits() {
        let story = Story::begin(&git);
        story.work();
        story.git(&["switch", "-q", "main"]);
        story.edit(25, "main moved", "main: moved");
        story.git(&["switch", "-q", &story.branch]);
        story.git(&["rebase", "-q", "main"]);
        story.git(&["commit", "-q", "--amend", "-m", "work: three, better"]);
        story.git(&["-c", "sequence.editor=sed -i 2s/pick/fixup/", "rebase", "-q", "-i", "main"]);
        let messages = story.git(&["log", "--format=%(trailers:key=Ticket,valueonly)", "main.."]);
        assert_eq!(messages.matches(&story.id).count(), 2, "{messages}");
        let moves = story.world.yoi(["show", &story.id, "--raw"]).ok().matches("to: inprogress").count();
        assert_eq!((moves, story.state()), (1, "inprogress".to_owned()));
        let none: [&str; 0] = [];
        assert_eq!(landings(&story.world, &story.world.repo(), &story.id), none);
    }
}

#[test]
fn hooks_work_in_linked_worktrees_and_submodules() {
    for git in gits() {
        let story = Story::begin(&git);
        let tree = story.world.root().join("tree");
        story.git(&["worktree", "add", "-q", "-b", &story.branch, tree.to_str().expect("UTF-8")]);
        let in_tree = |words: &[&str]| {
            let mut command = story.world.command("git", &tree);
            command.args(words);
            story.world.run(command)
        };
        fs::write(tree.join("new"), "x\n").expect("a file");
        in_tree(&["add", "new"]).ok();
        let commit = in_tree(&["commit", "-q", "-m", "one"]);
        assert_eq!((commit.code, story.state().as_str()), (0, "inprogress"), "{commit:?}");
        assert!(in_tree(&["log", "-1", "--format=%B"]).ok().contains(&format!("Ticket: {}", story.id)));
        // A submodule is a repository of its own: its commits have nothing to do with these tickets.
        let inner = World::with_git(&git);
        inner.git(["commit", "-q", "--allow-empty", "-m", "inner"]).ok();
        let source = inner.repo();
        story.git(&["submodule", "--quiet", "add", source.to_str().expect("UTF-8"), "sub"]);
        let sub = story.world.repo().join("sub");
        let mut command = story.world.command("git", &sub);
        command.args(["switch", "-q", "-c", &story.branch]);
        story.world.run(command).ok();
        let hooks = story.world.repo().join(".git/hooks");
        let mut command = story.world.command("git", &sub);
        command.arg("-c").arg(format!("core.hooksPath={}", hooks.display()));
        command.args(["commit", "-q", "--allow-empty", "-m", "in the submodule"]);
        assert_eq!(story.world.run(command).err, "");
    }
}

#[test]
fn a_hook_that_meets_trouble_lets_git_go_on() {
    let (world, _) = on_a_branch(&gits()[0]);
    let commit = |world: &World| world.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    let tickets = world.repo().join(".git/refs/yoi/tickets");
    let good = fs::read_to_string(&tickets).expect("the ref");
    for bad in ["0123456789012345678901234567890123456789\n", "nonsense\n", "ref: refs/heads/main\n", ""] {
        fs::write(&tickets, bad).expect("a file");
        let answer = commit(&world);
        assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{bad:?}: {answer:?}");
    }
    fs::write(&tickets, good).expect("a file");
    fs::create_dir_all(world.repo().join(".yoi")).expect("a folder");
    fs::write(world.repo().join(".yoi/workspace.toml"), "[yoi\n").expect("a file");
    assert_eq!(commit(&world).code, 0);
    for variable in ["YOI_HOOKS_OFF", "YOI_IN_HOOK", "YOI_HOOK_PROBE"] {
        let mut command = world.command("git", &world.repo());
        command.args(["commit", "-q", "--allow-empty", "-m", "off"]).env(variable, "1");
        world.run(command).ok();
        assert_eq!(message(&world), "off", "{variable}");
    }
    for words in [&["hook", "nothing"][..], &["hook", "commit-msg"], &["hook", "commit-msg", "/nowhere"]] {
        let answer = world.yoi(words);
        assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{words:?}");
    }
}

#[test]
fn a_hook_outside_a_repository_with_tickets_says_nothing() {
    let world = World::new();
    hook(&world, &world.repo());
    let answer = world.git(["commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (0, "", ""));
}
