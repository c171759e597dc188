//! Files kept with tickets.

use std::fs;

use crate::fixture::{commits, refused, shown, stored, text, tip};
use crate::world::World;

/// A world with a ticket, and a file `f` beside the repository.
fn prepared() -> (World, String) {
    let world = World::new();
    let id = world.create("a");
    world.write("f", "content\n");
    (world, id)
}

#[test]
fn a_file_comes_back_as_it_was_kept() {
    let (world, id) = prepared();
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    world.write("repo/deep/data.bin", &bytes);
    let before = commits(&world);
    let answer = world.yoi(["artifact", "add", &id[8..], "deep/data.bin"]).ok();
    assert_eq!(answer, format!("{id} \"a\": artifact data.bin added\n"));
    world.yoi(["artifact", "add", &id, "../f", "--name", "日本/x y.md"]).ok();
    world.write("empty", "");
    world.yoi(["artifact", "add", &id, "../empty"]).ok();
    assert_eq!(commits(&world), before + 3);
    let listed = world.yoi(["artifact", "list", &id]).ok();
    assert_eq!(listed, "data.bin (70000 bytes)\nempty (0 bytes)\n日本/x y.md (8 bytes)\n");
    let mut command = world.yoi_command(["artifact", "get", &id, "data.bin"]);
    assert!(command.output().unwrap().stdout == bytes);
    world.yoi(["artifact", "get", &id, "data.bin", "-o", "../copy"]).ok();
    assert!(fs::read(world.root().join("copy")).unwrap() == bytes);
    assert_eq!(world.yoi(["artifact", "get", &id, "日本/x y.md"]).ok(), "content\n");
    let subject = world.git(["log", "-1", "--format=%B", "refs/yoi/tickets"]).ok();
    assert_eq!(subject, format!("{id}: artifact empty added\n\nTicket: {id}\n\n"));
}

#[test]
fn an_artifact_is_replaced_only_when_asked_for() {
    let (world, id) = prepared();
    world.yoi(["artifact", "add", &id, "../f"]).ok();
    world.write("f", "newer\n");
    let before = tip(&world);
    let err = world.yoi(["artifact", "add", &id, "../f"]).fails(2);
    assert!(
        err.contains(&format!("{id} has an artifact 'f' already\nhint: ")) && err.contains("--replace"),
        "{err}"
    );
    assert_eq!(tip(&world), before);
    let answer = world.yoi(["artifact", "add", &id, "../f", "--replace"]).ok();
    assert_eq!(answer, format!("{id} \"a\": artifact f replaced\n"));
    assert_eq!(stored(&world, &id, "artifacts/f"), "newer\n");
    let old = format!("refs/yoi/tickets~1:tickets/{}/{}/{id}/f", &id[11..12], &id[12..]);
    assert_eq!(world.git(["cat-file", "blob", &old]).ok(), "content\n");
}

#[test]
fn names_that_can_not_be_kept_everywhere_are_refused() {
    let (world, id) = prepared();
    let add = |name: &str| {
        let words = ["artifact", "add", &id, "../f", "--name", name];
        refused(&world, &words, 129, "can't be the name of an artifact");
    };
    for name in ["", ".", "..", "/f", "../f", "a/../f", "a//b", "a/", "a\\b", "a:b", "a?", "a\nb", "\u{1b}"] {
        add(name);
    }
    for name in [".git/config", ".GIT", "git~1", "CON", "nul.txt", "lpt9", "a.", "a ", " a", "x/aux.c", "a|b"]
    {
        add(name);
    }
    add(&"x".repeat(513));
    for name in ["relations.json", "orchestration-plan.jsonl", "work.jsonl", ".gitkeep", ".no-gitkeep"] {
        add(name);
    }
}

#[test]
fn names_of_our_own_files_are_refused_in_any_case() {
    let (world, id) = prepared();
    for name in ["Relations.json", "ORCHESTRATION-PLAN.JSONL", "Work.jsonl", ".GitKeep", ".No-Gitkeep"] {
        let answer = world.yoi(["artifact", "add", &id, "../f", "--name", name]);
        assert_eq!(answer.code, 129, "some file systems take {name} for our own file: {answer:?}");
    }
}

#[test]
fn names_that_some_file_systems_take_for_the_same_are_refused() {
    let (world, id) = prepared();
    world.yoi(["artifact", "add", &id, "../f", "--name", "Notes/Été.md"]).ok();
    for (name, other) in [
        ("notes/été.md", "Notes/Été.md"),
        ("Notes", "Notes/Été.md"),
        ("Notes/Été.md/x", "Notes/Été.md"),
        ("NOTES", "Notes/Été.md"),
    ] {
        let words = ["artifact", "add", &id, "../f", "--name", name];
        refused(&world, &words, 2, &format!("has an artifact '{other}', and not every file system"));
        refused(
            &world,
            &[&words[..], &["--replace"]].concat(),
            2,
            &format!("has an artifact '{other}', and not every file system"),
        );
    }
    world.yoi(["artifact", "add", &id, "../f", "--name", "Notes/other.md"]).ok();
}

#[test]
fn a_refusal_does_not_advise_what_was_just_refused() {
    let (world, id) = prepared();
    world.yoi(["artifact", "add", &id, "../f", "--name", "Notes.md"]).ok();
    let err = world.yoi(["artifact", "add", &id, "../f", "--name", "notes.md", "--replace"]).fails(2);
    assert!(!err.contains("--replace"), "{err}");
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let (world, id) = prepared();
    world.yoi(["artifact", "add", &id, "../f"]).ok();
    world.write("mine", "mine");
    let answer = world.yoi(["artifact", "get", &id, "f", "-o", "../mine"]);
    assert!(answer.code == 128 && answer.err.contains("mine") && answer.err.contains("exists"), "{answer:?}");
    assert_eq!(fs::read_to_string(world.root().join("mine")).unwrap(), "mine");
    std::os::unix::fs::symlink("nowhere", world.root().join("link")).unwrap();
    assert_eq!(world.yoi(["artifact", "get", &id, "f", "-o", "../link"]).code, 128);
    assert!(!world.root().join("nowhere").exists());
}

#[test]
fn what_is_not_there_or_no_plain_file_is_named() {
    let (world, id) = prepared();
    refused(&world, &["artifact", "get", &id, "nope"], 1, &format!("{id} has no artifact 'nope'"));
    refused(&world, &["artifact", "get", &id, "../item.md"], 1, "has no artifact");
    refused(&world, &["artifact", "get", "00001K0000000", "f"], 1, "no ticket");
    refused(&world, &["artifact", "add", &id, "../nope"], 128, "nope");
    refused(&world, &["artifact", "add", &id, "../home"], 128, "no plain file");
    refused(&world, &["artifact", "add", "00001K0000000", "../f"], 1, "no ticket");
    let large = fs::File::create(world.root().join("large")).unwrap();
    large.set_len(64 * 1024 * 1024 + 1).unwrap();
    refused(&world, &["artifact", "add", &id, "../large"], 129, "at most 67108864 fit");
    assert_eq!(world.yoi(["artifact", "list", &id]).ok(), "");
}

#[test]
fn relations_are_listed_among_the_artifacts_and_shown_apart() {
    let (world, id) = prepared();
    let other = world.create("b");
    world.yoi(["relate", &id, "related", &other]).ok();
    world.yoi(["artifact", "add", &id, "../f"]).ok();
    let names = world.yoi(["artifact", "list", &id, "--format", "%(name)"]).ok();
    assert_eq!(names, "f\nrelations.json\n");
    let ticket = shown(&world, &id);
    assert_eq!(
        (ticket["artifacts"].as_array().unwrap().len(), text(&ticket["artifacts"][0]["name"])),
        (1, "f")
    );
    let file = world.yoi(["artifact", "get", &id, "relations.json"]).ok();
    assert_eq!(file, stored(&world, &id, "artifacts/relations.json"));
}
