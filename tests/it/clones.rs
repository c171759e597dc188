//! Clones that hold only a part of what there is, or borrow it; and which repositories and settings git
//! itself would take.

use std::path::{Path, PathBuf};

use crate::plant::{REF, git_in, yoi_in};
use crate::world::World;

/// A repository with a commit of code and a ticket that was written three times.
fn source() -> (World, String) {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    let id = world.create("one");
    world.yoi(["comment", &id, "-m", "first words"]).ok();
    world.yoi(["comment", &id, "-m", "second words"]).ok();
    (world, id)
}

/// A clone made with an option, into which the tickets were fetched.
fn cloned(world: &World, option: &str, depth: &[&str]) -> PathBuf {
    world.git(["config", "uploadpack.allowFilter", "true"]).ok();
    let source = format!("file://{}", world.repo().display());
    git_in(world, world.root(), &["clone", "-q", option, &source, "clone"]).ok();
    let clone = world.root().join("clone");
    let refspec = format!("{REF}:{REF}");
    git_in(world, &clone, &[["fetch", "-q"].as_slice(), depth, &["origin", &refspec]].concat()).ok();
    clone
}

/// Reads and writes a ticket that was cloned.
fn works(world: &World, clone: &Path, id: &str) {
    let listed = yoi_in(world, clone, &["list", "--porcelain"]);
    assert_eq!((listed.out, listed.err), (format!("{id}\tplanning\tone\n"), String::new()));
    let shown = yoi_in(world, clone, &["show", id]).ok();
    assert!(shown.contains("first words") && shown.contains("second words"), "{shown}");
    yoi_in(world, clone, &["comment", id, "-m", "third words"]).ok();
    let shown = yoi_in(world, clone, &["show", id]).ok();
    assert!(shown.contains("second words") && shown.contains("third words"), "{shown}");
    git_in(world, clone, &["fsck", "--strict", "--no-progress"]).ok();
}

#[test]
fn a_clone_that_borrows_objects_works() {
    let (world, id) = source();
    git_in(&world, world.root(), &["clone", "-q", "--shared", "repo", "clone"]).ok();
    let clone = world.root().join("clone");
    git_in(&world, &clone, &["fetch", "-q", "origin", &format!("{REF}:{REF}")]).ok();
    works(&world, &clone, &id);
}

#[test]
fn a_clone_without_blobs_fetches_those_it_needs() {
    let (world, id) = source();
    let clone = cloned(&world, "--filter=blob:none", &[]);
    works(&world, &clone, &id);
}

#[test]
fn a_shallow_clone_works() {
    let (world, id) = source();
    let clone = cloned(&world, "--depth=1", &["--depth=1"]);
    works(&world, &clone, &id);
}

#[test]
fn the_history_of_a_shallow_clone_goes_as_far_as_it_goes() {
    let (world, id) = source();
    let clone = cloned(&world, "--depth=1", &["--depth=1"]);
    yoi_in(&world, &clone, &["comment", &id, "-m", "third words"]).ok();
    for words in [["history", "--porcelain"].as_slice(), &["history", &id, "--porcelain"]] {
        assert_eq!(yoi_in(&world, &clone, words).ok().lines().count(), 2, "{words:?}");
    }
    yoi_in(&world, &clone, &["history", "-p"]).ok();
    yoi_in(&world, &clone, &["history", "-p", &id]).ok();
}

#[test]
fn a_bare_repository_that_git_would_not_open_is_not_opened() {
    let world = World::new();
    world.create("one");
    git_in(&world, &world.repo(), &["init", "-q", "--bare", "embedded"]).ok();
    let embedded = world.repo().join("embedded");
    yoi_in(&world, &embedded, &["create", "two"]).ok();
    git_in(&world, world.root(), &["config", "--global", "safe.bareRepository", "explicit"]).ok();
    git_in(&world, &embedded, &["rev-parse", "--git-dir"]).fails(128);
    // Named explicitly it is fine.
    let option = format!("--git-dir={}", embedded.display());
    git_in(&world, &embedded, &[&option, "yoi", "list"]).ok();
    yoi_in(&world, &embedded, &["list", "--json"]).fails(128);
    yoi_in(&world, &embedded, &["create", "three", "--json"]).fails(128);
}

#[test]
fn the_search_for_a_repository_stops_where_gits_does() {
    let world = World::new();
    world.create("one");
    let below = world.repo().join("below");
    std::fs::create_dir_all(&below).unwrap();
    yoi_in(&world, &below, &["list"]).ok();
    let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &below);
    command.env("GIT_CEILING_DIRECTORIES", world.repo()).args(["list", "--json"]);
    let said = world.run(command).fails(128);
    assert!(said.contains("\"no_repository\""), "{said}");
}

#[test]
fn settings_come_from_every_file_that_git_reads() {
    let world = World::new();
    let git_dir = world.repo().join(".git").canonicalize().unwrap();
    let config = format!(
        "[user]\n\tname = Tess Ter\n\temail = tess@example.org\n[includeIf \"gitdir:{}\"]\n\tpath = of-this.inc\n",
        git_dir.display()
    );
    world.write("home/.gitconfig", config);
    world.write("home/of-this.inc", "[user]\n\tname = In Clude\n");
    let who = || world.git(["log", "-1", "--format=%an|%ae", REF]).ok();
    world.create("one");
    assert_eq!(who(), "In Clude|tess@example.org\n");
    world.git(["config", "extensions.worktreeConfig", "true"]).ok();
    world.git(["config", "--worktree", "user.email", "tree@example.org"]).ok();
    world.create("two");
    assert_eq!(who(), "In Clude|tree@example.org\n");
    let global = world.write("elsewhere", "[user]\n\tname = Else Where\n\temail = else@example.org\n");
    let mut command = world.yoi_command(["create", "three"]);
    command.env("GIT_CONFIG_GLOBAL", global);
    world.run(command).ok();
    assert_eq!(who(), "Else Where|tree@example.org\n");
}
