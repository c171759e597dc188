//! `git yoi verify` walks the whole history of the ref: what honest tools don't make is found, planted with
//! plain git, however much was written after it.

use crate::plant::{self, REF, path, tip};
use crate::verifying::Bench;
use crate::world::{World, gits};

/// What verify says is wrong: the commit and why.
fn faults(world: &World) -> Vec<(String, String)> {
    let mut command = world.yoi_command(["verify", "--json"]);
    command.env("LC_ALL", "C.UTF-8");
    let answer = world.run(command);
    let json: serde_json::Value = serde_json::from_str(&answer.out).expect(&answer.err);
    let found: Vec<(String, String)> = json["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            (fault["commit"].as_str().unwrap().to_owned(), fault["why"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(answer.code, i32::from(!found.is_empty()), "{answer:?}");
    let commits = world.git(["rev-list", "--count", REF]).ok();
    assert_eq!(json["commits"].to_string(), commits.trim_end());
    found
}

/// After what was planted life goes on: verify still finds that one commit and no other.
#[track_caller]
fn finds_only(bench: &Bench, why: &str) {
    let planted = tip(&bench.world);
    bench.world.yoi(["comment", &bench.id, "-m", "written after it"]).ok();
    let found = faults(&bench.world);
    assert_eq!(found.len(), 1, "{why}: {found:?}");
    assert!(found[0].0 == planted && found[0].1.contains(why), "{why}: {found:?}");
    let told = bench.world.yoi(["verify"]);
    let line = format!("fault     commit {}: ", &planted[..8]);
    assert!(told.code == 1 && told.out.contains(&line) && told.out.contains(why), "{told:?}");
    let rows = bench.world.yoi(["verify", "--porcelain"]);
    assert!(rows.err.starts_with(&format!("error: commit {}: ", &planted[..8])), "{rows:?}");
    plant::point(&bench.world, &bench.good);
}

/// A repository whose history is sound.
fn sound(git: &std::path::Path) -> Bench {
    let world = World::with_git(git);
    world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
    world.yoi(["init", "--no-hooks"]).ok();
    let id = world.create("one");
    world.yoi(["comment", &id, "-m", "said first"]).ok();
    world.yoi(["--actor", "yoi-coder", "comment", &id, "-m", "said by an agent"]).ok();
    plant::import(&world, &[(&plant::id(1), "imported")]);
    let good = tip(&world);
    Bench { world, id, good }
}

#[test]
fn an_honest_history_has_no_faults() {
    for git in gits() {
        let bench = sound(&git);
        let (world, id) = (&bench.world, bench.id.as_str());
        // Two sides, merged by the program; a landing; everything people do.
        world.git(["clone", "-q", ".", "../clone"]).ok();
        let clone = world.root().join("clone");
        plant::yoi_in(world, &clone, &["init", "origin", "--no-hooks"]).ok();
        plant::yoi_in(world, &clone, &["comment", id, "-m", "over there"]).ok();
        world.yoi(["comment", id, "-m", "over here"]).ok();
        for words in [["state", id, "ready", "-m", "clear"].as_slice(), &["queue", id]] {
            world.yoi(words).ok();
        }
        plant::git_in(world, &clone, &["fetch", "-q"]).ok();
        plant::yoi_in(world, &clone, &["list"]).ok();
        world.git(["fetch", "-q", "../clone", &format!("{REF}:refs/yoi/remotes/x/tickets")]).ok();
        world.yoi(["list"]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", &format!("work\n\nCloses: {id}")]).ok();
        world.yoi(["land"]).ok();
        world.yoi(["close", id, "-m", "done"]).ok();
        assert_eq!(faults(world), []);
        let merges = world.git(["rev-list", "--count", "--merges", REF]).ok();
        assert_ne!(merges.trim_end(), "0", "a merge is among what was looked at");
        assert!(world.yoi(["verify"]).ok().contains(" commits checked: 0 bad\n"));
    }
}

#[test]
fn a_dropped_an_edited_and_a_forged_event_are_found() {
    for git in gits() {
        let bench = sound(&git);
        let thread = bench.thread();
        let at = thread.rfind("\n<!-- event: comment").unwrap();
        bench.put(".thread.md", &thread.as_bytes()[..at]);
        finds_only(&bench, "is gone or changed");
        bench.put(".thread.md", thread.replace("said first", "said otherwise").as_bytes());
        finds_only(&bench, "is gone or changed");
        bench.remove(&path(&bench.id, ".thread.md"));
        finds_only(&bench, "is gone");
        // An event in the name of somebody who did not make the commit.
        let event = "\n<!-- event: comment author: Mallory at: 2026-01-02T03:04:05Z id: 01KVZKSTSR8Z0M5W3V9T4QHB6N -->\n\n## Comment\n\nI approve.\n\n---\n";
        bench.put(".thread.md", format!("{thread}{event}").as_bytes());
        finds_only(&bench, "is by 'Mallory', and the commit by 'Tess Ter'");
    }
}

#[test]
fn an_evil_merge_is_found() {
    for git in gits() {
        let bench = sound(&git);
        let world = &bench.world;
        world.yoi(["comment", &bench.id, "-m", "ours"]).ok();
        let ours = tip(world);
        plant::point(world, &bench.good);
        world.yoi(["comment", &bench.id, "-m", "theirs"]).ok();
        let theirs = tip(world);
        // A merge that keeps one side only, by a person and in the name of git-yoi.
        bench.merge(&ours, [&ours, &theirs]);
        finds_only(&bench, "is gone or changed");
        let mut command = world.command("git", &world.repo());
        let tree = format!("{ours}^{{tree}}");
        command.args(["commit-tree", &tree, "-m", "merge", "-p", &ours, "-p", &theirs]);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "git-yoi");
            command.env(format!("GIT_{who}_EMAIL"), "git-yoi@localhost");
        }
        plant::point(world, world.run(command).ok().trim_end());
        finds_only(&bench, "is gone or changed");
    }
}
