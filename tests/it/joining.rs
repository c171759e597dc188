//! A clone that starts from the tickets of a remote.

use crate::plant::{REF, git_in, yoi_in};
use crate::world::World;

/// A repository with a ticket, pushed to a bare remote, and a clone of that remote.
fn clone_of_a_remote(with_tickets: bool) -> World {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    git_in(&world, world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
    world.git(["push", "-q", "../remote.git", "main"]).ok();
    world.create("one");
    if with_tickets {
        world.git(["push", "-q", "../remote.git", REF]).ok();
    }
    git_in(&world, world.root(), &["clone", "-q", "remote.git", "clone"]).ok();
    world
}

#[test]
fn a_clone_goes_on_with_the_tickets_of_the_remote_it_names() {
    let world = clone_of_a_remote(true);
    let clone = world.root().join("clone");
    let said = yoi_in(&world, &clone, &["list"]).fails(128);
    assert!(said.contains("git yoi init origin"), "{said}");
    let said = yoi_in(&world, &clone, &["init", "origin"]).ok();
    let first = format!("1 ticket of 'origin' taken over to {REF}\n");
    assert!(said.starts_with(&first) && said[first.len()..].starts_with("'origin': "), "{said}");
    let tip = |folder: &std::path::Path| git_in(&world, folder, &["rev-parse", REF]).ok();
    assert_eq!(tip(&clone), tip(&world.repo()));
    let log = git_in(&world, &clone, &["reflog", "show", "--format=%gs", REF]).ok();
    assert_eq!(log, "yoi: merged origin\n");
    assert!(!clone.join(".git/FETCH_HEAD").exists(), "the user's FETCH_HEAD is not ours");
    yoi_in(&world, &clone, &["create", "two"]).ok();
    git_in(&world, &clone, &["push", "-q", "origin", REF]).ok();
    assert!(yoi_in(&world, &clone, &["init", "origin"]).ok().contains("(2 of them)"));
}

#[test]
fn a_remote_without_tickets_starts_an_empty_ref_and_an_unknown_one_none() {
    let world = clone_of_a_remote(false);
    let clone = world.root().join("clone");
    let said = yoi_in(&world, &clone, &["init", "elsewhere", "--json"]).fails(1);
    assert!(said.contains("\"unknown_remote\""), "{said}");
    git_in(&world, &clone, &["rev-parse", "--verify", "-q", REF]).fails(1);
    assert!(yoi_in(&world, &clone, &["init", "origin"]).ok().starts_with("tickets are kept on"));
    git_in(&world, &clone, &["remote", "set-url", "origin", "../missing.git"]).ok();
    git_in(&world, &clone, &["update-ref", "-d", REF]).ok();
    // One that can't be asked hinders nothing.
    let said = yoi_in(&world, &clone, &["init", "origin", "--no-hooks", "--json"]).ok();
    assert!(said.contains("\"created\": true"), "{said}");
    git_in(&world, &clone, &["config", "--unset", "remote.origin.yoi"]).ok();
    let said = yoi_in(&world, &clone, &["init", "origin", "--no-hooks", "--json"]).ok();
    assert!(said.contains("\"unreachable\": "), "{said}");
}
