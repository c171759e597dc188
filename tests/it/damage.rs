//! Objects, files and refs that are damaged or were moved by hand: what can be read is read, and nothing
//! is made worse.

use std::fs;
use std::path::Path;

use crate::bad_input::refused;
use crate::plant::{self, REF, blob, content, file, leaf, loose, object, path, point, tip, tree};
use crate::world::World;

/// Three tickets, the first of which can be damaged; all objects are loose.
fn three(world: &World) -> [String; 3] {
    [world.create("to be damaged"), world.create("second"), world.create("third")]
}

/// The tickets that are not damaged are listed, found, shown and written; the damaged one is named.
fn others_go_on(world: &World, ids: &[String; 3]) {
    let listed = world.yoi(["list", "--porcelain", "--sort", "id"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert_eq!(listed.out, format!("{}\tplanning\tsecond\n{}\tplanning\tthird\n", ids[1], ids[2]));
    assert!(listed.err.contains(&format!("warning: {} is left out: ", ids[0])), "{listed:?}");
    let listed = world.json(["list"]);
    assert_eq!((&listed["total"], listed["tickets"].as_array().unwrap().len()), (&2.into(), 2));
    assert!(listed["unreadable"].to_string().contains(&ids[0]), "{listed}");
    let found = world.yoi(["search", "third", "--porcelain"]);
    assert_eq!(found.code, 0, "{found:?}");
    assert!(found.out.contains(&ids[2]) && found.err.contains(&ids[0]), "{found:?}");
    for (id, title) in [(&ids[1], "second"), (&ids[2], "third")] {
        assert_eq!(world.json(["show", id])["title"], title);
        world.yoi(["comment", id, "-m", "words"]).ok();
        world.yoi(["state", id, "ready", "-m", "clear"]).ok();
        world.yoi(["queue", id]).ok();
        world.yoi(["state", id, "planning", "-m", "back"]).ok();
    }
    world.yoi(["relate", &ids[1], "depends-on", &ids[2]]).ok();
    world.yoi(["unrelate", &ids[1], "depends-on", &ids[2]]).ok();
}

type Damage = (&'static str, fn(&Path));

/// Ways to damage the file of an object.
const DAMAGES: [Damage; 4] = [
    ("missing", |path| fs::remove_file(path).unwrap()),
    ("empty", |path| replace(path, b"")),
    ("garbage", |path| replace(path, b"this is no zlib stream")),
    ("cut off", |path| {
        let bytes = fs::read(path).unwrap();
        replace(path, &bytes[..bytes.len() / 2]);
    }),
];

fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_file_of_one_ticket_hides_no_other() {
    for (how, damage) in DAMAGES {
        for name in [".item.md", ".thread.md"] {
            let world = World::new();
            let ids = three(&world);
            damage(&loose(&world, &object(&world, &path(&ids[0], name))));
            world.yoi(["show", &ids[0], "--raw"]).fails(128);
            for words in [["show", &ids[0]].as_slice(), &["comment", &ids[0], "-m", "words"]] {
                let said = refused(&world, words, 128, "damaged");
                assert!(said.contains(&ids[0]) && said.contains("hint: git fsck"), "{how} {name}: {said}");
            }
            if name == ".item.md" {
                others_go_on(&world, &ids);
            } else {
                // A list reads no threads.
                assert_eq!(world.json(["list"])["total"], 3, "{how}");
                let found = world.yoi(["search", "third"]);
                assert!(found.code == 0 && found.err.contains(&ids[0]), "{how}: {found:?}");
            }
        }
    }
}

#[test]
fn a_damaged_tree_or_commit_is_told_and_not_written_over() {
    for (how, damage) in DAMAGES {
        let world = World::new();
        let ids = three(&world);
        for revision in [format!("{REF}:{}", leaf(&ids[0])), format!("{REF}^{{tree}}"), REF.to_owned()] {
            let id = world.git(["rev-parse", &revision]).ok().trim_end().to_owned();
            let place = loose(&world, &id);
            let bytes = fs::read(&place).unwrap();
            damage(&place);
            for words in [
                ["show", &ids[0]].as_slice(),
                &["comment", &ids[0], "-m", "words"],
                &["close", &ids[0], "-m", "words"],
            ] {
                let said = refused(&world, words, 128, "damaged");
                assert!(said.contains("hint: git fsck"), "{how} {revision}: {said}");
            }
            drop(fs::remove_file(&place));
            fs::write(&place, bytes).unwrap();
        }
        world.yoi(["comment", &ids[0], "-m", "repaired"]).ok();
    }
}

#[test]
fn a_damaged_folder_of_tickets_hides_no_other() {
    let world = World::new();
    let tickets = [("00001KVZKSV6C", "lost"), ("00001KVZKSV6D", "second"), ("00001KVZKSV6E", "third")];
    plant::import(&world, &tickets);
    plant::unpack(&world);
    let lost = leaf(tickets[0].0);
    fs::remove_file(loose(&world, &object(&world, &lost))).unwrap();
    let listed = world.yoi(["list", "--porcelain", "--sort", "id"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert_eq!(listed.out, "00001KVZKSV6D\tqueued\tsecond\n00001KVZKSV6E\tqueued\tthird\n");
    assert!(listed.err.contains(&lost), "{listed:?}");
    world.yoi(["show", tickets[1].0]).ok();
    world.yoi(["comment", tickets[1].0, "-m", "words"]).ok();
}

#[test]
fn a_file_that_is_not_what_it_should_be_hides_no_other_ticket() {
    for (bytes, why) in [
        (b"---\ntitle: caf\xe9\n---\n".as_slice(), "not UTF-8 at byte 14"),
        (b"", "the first line is not '---'"),
        (b"no front matter\n", "the first line is not '---'"),
        (b"---\ntitle: 'a'\n", "no closing '---' line"),
        (b"---\ntitle: 'open\nstate: 'ready'\n---\n", "line 2: "),
        (b"---\ntitle: a\nstate: eaten\n---\n", "unknown state 'eaten'"),
        (b"\0\0\0", "the first line is not '---'"),
    ] {
        let world = World::new();
        let ids = three(&world);
        file(&world, &path(&ids[0], ".item.md"), bytes);
        for words in [
            ["show", &ids[0]].as_slice(),
            &["comment", &ids[0], "-m", "words"],
            &["edit", &ids[0], "--title", "words"],
            &["state", &ids[0], "ready", "-m", "words"],
            &["close", &ids[0], "-m", "words"],
        ] {
            let said = refused(&world, words, 128, "bad_file");
            assert!(said.contains(&format!("{}/item.md", ids[0])) && said.contains(why), "{said}");
        }
        others_go_on(&world, &ids);
        let raw = world.yoi(["show", &ids[0], "--raw"]).ok();
        assert!(raw.contains("<!-- event: create"), "{raw}");
        world.yoi(["export", "../out"]).ok();
        assert_eq!(fs::read(world.root().join("out").join(&ids[0]).join("item.md")).unwrap(), bytes);
    }
}

#[test]
fn odd_threads_and_relations_hide_no_other_ticket() {
    let world = World::new();
    let ids = three(&world);
    world.yoi(["relate", &ids[1], "depends-on", &ids[2]]).ok();
    file(&world, &path(&ids[0], "/relations.json"), b"{ no json");
    file(&world, &path(&ids[0], "/orchestration-plan.jsonl"), b"\xff\n{}\n");
    let shown = world.yoi(["show", &ids[0]]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(shown.err.contains("warning: ") && shown.err.contains("relations.json"), "{shown:?}");
    assert_eq!(world.json(["show", &ids[1]])["relations"][0]["id"], ids[2].as_str());
    world.yoi(["comment", &ids[0], "-m", "words"]).ok();
    world.yoi(["state", &ids[0], "ready", "-m", "clear"]).ok();
    // It is not moved as if it waited for nothing, and what can't be read is not written over.
    refused(&world, &["queue", &ids[0]], 128, "bad_file");
    refused(&world, &["relate", &ids[0], "related", &ids[1]], 128, "bad_file");
    assert_eq!(content(&world, &path(&ids[0], "/relations.json")), "{ no json");
    world.yoi(["state", &ids[2], "ready", "-m", "clear"]).ok();
    world.yoi(["queue", &ids[2]]).ok();
    file(&world, &path(&ids[0], ".thread.md"), b"\xff<!-- event: create author: x at: y -->\n");
    refused(&world, &["show", &ids[0]], 128, "bad_file");
    refused(&world, &["comment", &ids[0], "-m", "words"], 128, "bad_file");
    assert_eq!(world.json(["list"])["total"], 3);
}

#[test]
fn tickets_of_a_newer_format_are_read_and_never_written() {
    let world = World::new();
    let ids = three(&world);
    file(&world, "format", b"yoi-tickets 2\nwith more to say\n");
    file(&world, "novelty/file", b"kept");
    assert_eq!(world.json(["list"])["total"], 3);
    assert_eq!(world.json(["show", &ids[0]])["title"], "to be damaged");
    world.yoi(["search", "third"]).ok();
    world.yoi(["history"]).ok();
    world.yoi(["init"]).ok();
    world.yoi(["export", "../out"]).ok();
    let notes = world.write("notes.md", "notes\n");
    plant::folder(&world, "incoming", &plant::id(1), "imported");
    for words in [
        ["create", "new"].as_slice(),
        &["comment", &ids[0], "-m", "words"],
        &["edit", &ids[0], "--title", "words"],
        &["state", &ids[0], "ready", "-m", "words"],
        &["close", &ids[0], "-m", "words"],
        &["review", &ids[0], "--approve", "-m", "words"],
        &["relate", &ids[0], "related", &ids[1]],
        &["artifact", "add", &ids[0], notes.to_str().unwrap()],
        &["import", "yoi", "../incoming"],
    ] {
        let said = refused(&world, words, 128, "newer_format");
        assert!(said.contains("format 2") && said.contains("hint: install a newer git-yoi"), "{said}");
    }
}

#[test]
fn a_format_that_is_no_format_is_not_written_to() {
    let world = World::new();
    let id = world.create("one");
    for bytes in [
        b"yoi-tickets".as_slice(),
        b"",
        b"something else 1\n",
        b"yoi-tickets -1\n",
        b"yoi-tickets 99999999999\n",
        b"\xff\n",
    ] {
        file(&world, "format", bytes);
        refused(&world, &["comment", &id, "-m", "words"], 128, "unsupported_repository");
        assert_eq!(world.json(["show", &id])["title"], "one");
    }
}

#[test]
fn a_ref_that_was_pointed_at_no_commit_is_told_and_left_alone() {
    let world = World::new();
    let id = world.create("one");
    world.git(["tag", "-a", "-m", "a tag", "tagged", REF]).ok();
    let find = |revision: &str| world.git(["rev-parse", revision]).ok().trim_end().to_owned();
    let (good, tag, root) = (tip(&world), find("refs/tags/tagged"), find(&format!("{REF}^{{tree}}")));
    for (what, object) in [("a blob", blob(&world, b"no commit")), ("a tag", tag), ("a tree", root)] {
        point(&world, &object);
        for words in [
            ["list"].as_slice(),
            &["show", &id],
            &["create", "two"],
            &["comment", &id, "-m", "words"],
            &["init"],
            &["history"],
        ] {
            let said = refused(&world, words, 128, "damaged");
            assert!(said.contains(&object), "{what} {words:?}: {said}");
        }
    }
    point(&world, &good);
    world.git(["symbolic-ref", REF, "refs/heads/main"]).ok();
    let said = refused(&world, &["list"], 128, "unsupported_repository");
    assert!(said.contains("symbolic"), "{said}");
    refused(&world, &["create", "two"], 128, "unsupported_repository");
    let place = world.repo().join(".git").join(REF);
    fs::write(&place, "no object id\n").unwrap();
    for words in [["list", "--json"].as_slice(), &["create", "two", "--json"]] {
        let said = world.yoi(words).fails(128);
        assert!(said.contains("\"yoi.error/1\"") && said.contains(REF), "{said}");
    }
    assert_eq!(fs::read_to_string(&place).unwrap(), "no object id\n");
}

#[test]
fn a_ref_with_a_foreign_tree_keeps_what_is_in_it() {
    let world = World::new();
    let places = ["README", "tickets/README", "tickets/6/README"];
    for place in places {
        world.write(&format!("repo/{place}"), "code\n");
    }
    world.git(["add", "."]).ok();
    world.git(["commit", "-q", "-m", "some code"]).ok();
    point(&world, "HEAD");
    assert_eq!(world.json(["list"])["total"], 0);
    let id = world.create("one");
    world.yoi(["comment", &id, "-m", "words"]).ok();
    for place in places {
        assert_eq!(content(&world, place), "code\n");
    }
    assert_eq!(world.json(["list"])["total"], 1);
    // A file where the tickets should be.
    let foreign = tree(&world, &format!("100644 blob {}\ttickets\n", blob(&world, b"a file")));
    plant::commit(&world, &foreign);
    assert_eq!(world.json(["list"])["total"], 0);
    refused(&world, &["show", &id], 1, "unknown_ticket");
}

#[test]
fn a_ref_that_was_pointed_at_code_is_never_written_to_and_nothing_is_merged_into_it() {
    let world = World::new();
    world.create("fetched");
    world.git(["update-ref", "refs/yoi/remotes/x/tickets", REF]).ok();
    world.write("repo/README", "code\n");
    world.git(["add", "."]).ok();
    world.git(["commit", "-q", "-m", "some code"]).ok();
    point(&world, "HEAD");
    let before = tip(&world);
    let listed = world.yoi(["list"]);
    assert!(listed.err.contains("holds no tickets"), "{listed:?}");
    let said = refused(&world, &["create", "two"], 128, "unsupported_repository");
    assert!(said.contains("refs/yoi/tickets holds no tickets"), "{said}");
    assert_eq!(tip(&world), before);
    // Away with it: the fetched ones are there again.
    world.git(["update-ref", "-d", REF]).ok();
    assert!(world.yoi(["list"]).ok().contains("fetched"));
}

#[test]
fn unknown_files_of_a_ticket_stay() {
    let world = World::new();
    let id = world.create("one");
    let (stray, alone) = (path(&id, ".novelty.bin"), path(&plant::id(5), ".thread.md"));
    file(&world, &stray, b"\xff\0kept");
    file(&world, &alone, b"a thread without a ticket");
    let objects = || (object(&world, &stray), object(&world, &alone));
    let before = objects();
    world.yoi(["comment", &id, "-m", "words"]).ok();
    world.yoi(["close", &id, "-m", "over"]).ok();
    assert_eq!(objects(), before);
    assert_eq!(world.json(["list", "--state", "all"])["total"], 1);
    refused(&world, &["show", &plant::id(5)], 1, "unknown_ticket");
}
