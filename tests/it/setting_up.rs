//! `init` and `deinit` with a remote: what they write, that they write it once, and what they leave alone.

use std::path::Path;

use crate::plant::{REF, git_in, yoi_in};
use crate::world::{World, gits};

const REFSPEC: &str = "+refs/yoi/tickets*:refs/yoi/remotes/origin/tickets*";

/// A repository with a commit and a ticket, its bare remote `remote.git` with both, and a clone of that.
pub(crate) fn shared(git: &Path) -> World {
    let world = World::with_git(git);
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    git_in(&world, world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
    world.git(["remote", "add", "origin", "../remote.git"]).ok();
    world.git(["push", "-q", "-u", "origin", "main"]).ok();
    world.yoi(["init"]).ok();
    world.create("one");
    world.git(["push", "-q", "--no-verify", "origin", REF]).ok();
    git_in(&world, world.root(), &["clone", "-q", "remote.git", "clone"]).ok();
    world
}

fn config(world: &World, folder: &Path) -> String {
    git_in(world, folder, &["config", "--local", "--list"]).ok()
}

fn fetches(world: &World, folder: &Path) -> Vec<String> {
    let all = git_in(world, folder, &["config", "--get-all", "remote.origin.fetch"]).ok();
    all.lines().map(str::to_owned).collect()
}

#[test]
fn a_clone_is_set_up_by_one_command_and_a_second_changes_nothing() {
    for git in gits() {
        let world = shared(&git);
        let clone = world.root().join("clone");
        let before = config(&world, &clone);
        let said = yoi_in(&world, &clone, &["init"]).ok();
        let mut lines = said.lines();
        assert_eq!(lines.next(), Some(format!("1 ticket of 'origin' taken over to {REF}").as_str()));
        assert_eq!(lines.next(), Some("'origin': git fetch brings its tickets, git push sends them"));
        assert!(lines.next().is_some_and(|line| line.starts_with("hooks: installed")), "{said}");
        assert_eq!(fetches(&world, &clone), ["+refs/heads/*:refs/remotes/origin/*", REFSPEC]);
        let after = config(&world, &clone);
        let added: Vec<&str> =
            after.lines().filter(|line| !before.contains(line) && !line.starts_with("hook.yoi-")).collect();
        assert_eq!(added, [format!("remote.origin.fetch={REFSPEC}").as_str(), "remote.origin.yoi=true"]);
        git_in(&world, &clone, &["reflog", "exists", REF]).ok();
        assert!(!clone.join(".git/FETCH_HEAD").exists());
        // Again: nobody is asked, nothing changes.
        git_in(&world, &clone, &["remote", "set-url", "origin", "../nowhere.git"]).ok();
        let after = config(&world, &clone);
        let again = yoi_in(&world, &clone, &["init"]);
        assert_eq!((again.code, again.err.as_str()), (0, ""), "{again:?}");
        assert!(again.out.contains("'origin': git fetch brings its tickets, git push sends them already\n"));
        assert_eq!(config(&world, &clone), after);
        let told = yoi_in(&world, &clone, &["init", "--json"]).ok();
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let remote =
            serde_json::json!({"name": "origin", "changed": false, "fetches": true, "opted_in": true});
        assert_eq!((&told["created"], &told["remote"]), (&serde_json::json!(false), &remote));
        assert_eq!(yoi_in(&world, &clone, &["init", "--porcelain"]).ok(), format!("{REF}\tpresent\n"));
    }
}

#[test]
fn tickets_that_were_here_before_are_merged_with_those_of_the_remote() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    yoi_in(&world, &clone, &["create", "two", "--no-catch-up"]).ok();
    let said = yoi_in(&world, &clone, &["init"]).ok();
    assert!(said.contains("already (2 of them)\n") && said.contains("; its tickets were merged"), "{said}");
}

#[test]
fn a_refspec_is_not_added_where_one_is_in_any_form_or_scope() {
    for (scope, refspec) in [
        ("--local", "+refs/yoi/*:refs/yoi/remotes/origin/*"),
        ("--local", "refs/yoi/tickets:refs/yoi/remotes/origin/tickets"),
        ("--global", REFSPEC),
    ] {
        let world = shared(&gits()[0]);
        let clone = world.root().join("clone");
        git_in(&world, &clone, &["config", scope, "--add", "remote.origin.fetch", refspec]).ok();
        let before = fetches(&world, &clone);
        yoi_in(&world, &clone, &["init"]).ok();
        assert_eq!(fetches(&world, &clone), before, "{scope} {refspec}");
        assert_eq!(git_in(&world, &clone, &["config", "remote.origin.yoi"]).ok(), "true\n");
    }
}

#[test]
fn a_remote_that_can_not_be_asked_is_told_and_set_up_anyway() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    git_in(&world, &clone, &["remote", "set-url", "origin", "../missing.git"]).ok();
    let said = yoi_in(&world, &clone, &["init"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.starts_with("note: 'origin' can't be asked for tickets now: "), "{said:?}");
    assert!(said.err.contains("hint: git yoi sync origin"), "{said:?}");
    assert_eq!(fetches(&world, &clone).len(), 2);
    git_in(&world, &clone, &["remote", "set-url", "origin", "../remote.git"]).ok();
    yoi_in(&world, &clone, &["sync"]).ok();
    assert_eq!(yoi_in(&world, &clone, &["list"]).ok().lines().count(), 1);
}

#[test]
fn which_remote_is_meant_is_origin_else_the_only_one_else_nobodys_guess() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    git_in(&world, &clone, &["remote", "rename", "origin", "upstream"]).ok();
    assert!(yoi_in(&world, &clone, &["init"]).ok().contains("\n'upstream': git fetch brings"));
    git_in(&world, &clone, &["remote", "add", "fork", "../fork.git"]).ok();
    let said = yoi_in(&world, &clone, &["init"]);
    assert!(said.err.contains("note: none of several remotes was set up: fork, upstream\n"), "{said:?}");
    assert!(!config(&world, &clone).contains("remote.fork.yoi"));
}

#[test]
fn mirrors_remotes_without_refspecs_and_those_switched_off_stay_as_they_are() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    git_in(&world, &clone, &["config", "remote.origin.yoi", "false"]).ok();
    assert!(yoi_in(&world, &clone, &["init"]).ok().contains("'origin' takes no part"));
    assert_eq!(git_in(&world, &clone, &["config", "remote.origin.yoi"]).ok(), "false\n");
    yoi_in(&world, &clone, &["init", "origin"]).ok();
    assert_eq!(git_in(&world, &clone, &["config", "remote.origin.yoi"]).ok(), "true\n");
    git_in(&world, world.root(), &["clone", "-q", "--mirror", "remote.git", "mirror.git"]).ok();
    let mirror = world.root().join("mirror.git");
    let before = config(&world, &mirror);
    assert!(yoi_in(&world, &mirror, &["init", "--no-hooks"]).ok().contains("'origin' is a mirror"));
    assert_eq!(config(&world, &mirror), before);
    git_in(&world, world.root(), &["clone", "-q", "--bare", "remote.git", "bare.git"]).ok();
    let bare = world.root().join("bare.git");
    let said = yoi_in(&world, &bare, &["init", "--no-hooks"]).ok();
    assert!(said.contains("'origin': git yoi fetch brings its tickets, git yoi push sends them"), "{said}");
    git_in(&world, &bare, &["config", "remote.origin.fetch"]).fails(1);
}

#[test]
fn deinit_takes_back_everything_but_the_tickets() {
    for git in gits() {
        let world = shared(&git);
        let clone = world.root().join("clone");
        let (before, hooks) = (config(&world, &clone), || {
            let listed = std::fs::read_dir(clone.join(".git/hooks")).map(|files| files.count());
            listed.unwrap_or_default()
        });
        let files = hooks();
        yoi_in(&world, &clone, &["init"]).ok();
        let tip = git_in(&world, &clone, &["rev-parse", REF]).ok();
        let said = yoi_in(&world, &clone, &["deinit"]).ok();
        assert!(said.starts_with("'origin': git fetch and git push leave tickets alone\n"), "{said}");
        assert!(said.ends_with(&format!("hooks: removed\n1 ticket stay on {REF}\n")), "{said}");
        assert_eq!((config(&world, &clone), hooks()), (before, files));
        assert_eq!(
            git_in(&world, &clone, &["for-each-ref", "--format=%(refname)", "refs/yoi"]).ok(),
            format!("{REF}\n")
        );
        assert_eq!(git_in(&world, &clone, &["rev-parse", REF]).ok(), tip);
        assert!(!clone.join(".git/yoi").exists());
        let again = yoi_in(&world, &clone, &["deinit", "--json"]).ok();
        assert!(again.contains("\"changed\": false"), "{again}");
        assert_eq!(yoi_in(&world, &clone, &["deinit", "--porcelain"]).ok(), format!("{REF}\tabsent\n"));
    }
}

#[test]
fn the_first_command_in_a_fresh_clone_says_once_how_to_join() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    let said = yoi_in(&world, &clone, &["list"]).fails(128);
    assert!(said.ends_with("\nhint: git yoi init origin, which has tickets\n"), "{said}");
    // The answer is remembered: no remote is there to be asked any more.
    git_in(&world, &clone, &["remote", "set-url", "origin", "../missing.git"]).ok();
    let said = yoi_in(&world, &clone, &["list", "--json"]).fails(128);
    let error: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(error["hint"], "git yoi init origin, which has tickets");
    let made = yoi_in(&world, &clone, &["create", "two"]);
    assert_eq!(made.err, "note: 'origin' has tickets; git yoi init origin joins them\n");
    assert_eq!(yoi_in(&world, &clone, &["list"]).err, "");
}

#[test]
fn a_fresh_clone_joins_by_itself_where_that_is_wanted() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    git_in(&world, &clone, &["config", "--global", "yoi.autoJoin", "true"]).ok();
    let listed = yoi_in(&world, &clone, &["list", "--porcelain"]);
    assert_eq!((listed.code, listed.out.lines().count(), listed.err.as_str()), (0, 1, ""), "{listed:?}");
    assert_eq!(fetches(&world, &clone).len(), 2);
}

#[test]
fn a_remote_with_the_name_that_another_had_gets_a_place_of_its_own() {
    let world = shared(&gits()[0]);
    git_in(&world, world.root(), &["clone", "-q", "--mirror", "remote.git", "second.git"]).ok();
    let repo = world.repo();
    let git = |words: &[&str]| git_in(&world, &repo, words).ok();
    git(&["remote", "rename", "origin", "upstream"]);
    git(&["remote", "add", "origin", "../second.git"]);
    world.yoi(["init", "origin"]).ok();
    assert_eq!(
        fetches(&world, &repo)[1],
        "+refs/yoi/tickets*:refs/yoi/remotes/origin-2/tickets*",
        "{:?}",
        fetches(&world, &repo)
    );
    world.create("two");
    assert_eq!(world.yoi(["sync", "--porcelain"]).ok().lines().count(), 2);
    git(&["fetch", "-q", "--all"]);
    assert_eq!(world.yoi(["list"]).err, "");
    world.yoi(["deinit"]).ok();
    assert_eq!(git(&["config", "--get-all", "remote.origin.fetch"]).lines().count(), 1);
}

#[test]
fn inits_at_once_add_one_refspec() {
    let world = shared(&gits()[0]);
    let clone = world.root().join("clone");
    let command = || {
        let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &clone);
        command.args(["init", "--no-hooks"]);
        command
    };
    for answer in crate::plant::at_once((0..6).map(|_| command())) {
        assert_eq!(answer.code, 0, "{answer:?}");
    }
    assert_eq!(fetches(&world, &clone).len(), 2);
}
