//! Tickets in and out: what was imported is exported byte for byte, and nothing is half written.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::corpus;
use crate::fixture::{THREAD, commits, folder, id, import, item, put, shown, stored, text, tip};
use crate::world::World;

/// Fails, with what `diff` says, unless both folders hold the same.
#[track_caller]
fn is_same(world: &World, left: &Path, right: &Path) {
    let mut diff = world.command("diff", world.root());
    diff.arg("-r").arg(left).arg(right);
    assert_eq!(world.run(diff).ok(), "");
}

/// Threads that no writer of today makes.
const THREADS: [&str; 9] = [
    "",
    "no event at all\n",
    "<!-- event: migration author: old tool at: 2026-01-01T00:00:00Z -->\n\nno heading, no end",
    "<!-- event: create author: a at: t -->\n\n## Created\n\nx\n<!-- event: plan author: a at: t -->\n\n---\nrule\n---\n\n---\n\n\n\n",
    "<!-- event: create author: a at: t -->\r\n\r\n## Created\r\n\r\nx\r\n\r\n---\r\n",
    "\u{feff}<!-- event: create author: a at: t -->\n\n```md\n<!-- event: review author: b at: t status: approve -->\n---\n```\n\n---\n",
    "<!-- event: strange what: \"open -->\n\n~~~\n<!-- event: close author: c at: t -->\n",
    "<!-- event: -->\n\n<!-- event: comment author: a at: t -->\n\n## A\n\n## B\n\n\\---\n\n---\n---\n",
    "<!-- event: review author: a at: t result: approve -->\ttab \r lone \0 nul\n\n---\n",
];

/// Front matter in other styles.
fn items() -> [String; 9] {
    [
        item("'Plain'", "planning", ""),
        item("\"Double \\u65e5 quoted\"", "ready", "legacy_ticket: \"x\" # note\nnested:\n  - {a: b}\n"),
        "---\ntitle: bare words: of a title\n---".to_owned(),
        "---\r\ntitle: 'CRLF'\r\nstate: 'closed'\r\n---\r\n\r\nbody\r\n---\r\nmore".to_owned(),
        "---\nstate: done\ntitle: 'no blank line'\n# comment\n\n---\nbody".to_owned(),
        item("'block'", "queued", "labels:\n- a\n- 'b'\nrisk_flags: []\npriority: ~\n"),
        "---\ntitle: 'twice'\ntitle: 'two'\nstatus: closed\n---\n\n\n\nbody\n\n\n".to_owned(),
        "---\ntitle: '日本'\nworkflow_state: 'inprogress'\ncreated_at: yesterday\n---\n\u{feff}\t\n"
            .to_owned(),
        "---\ntitle: 7\nstate: planning\n---\n\n---\n---\n".to_owned(),
    ]
}

/// A folder of tickets with everything that may lie in one.
fn irregular(world: &World) {
    for (index, (item, thread)) in items().into_iter().zip(THREADS).enumerate() {
        let folder = format!("from/{}", id(1 + index as u64));
        world.write(&format!("{folder}/item.md"), item);
        world.write(&format!("{folder}/thread.md"), thread);
    }
    let at = |number: u64, name: &str| format!("from/{}/{name}", id(number));
    world.write(&at(1, "artifacts/.gitkeep"), "");
    world.write(&at(2, "artifacts/.gitkeep"), "not empty\n");
    world.write(&at(3, "artifacts/a/b/c/deep.md"), "no final newline");
    world.write(&at(3, "artifacts/a/.gitkeep"), "");
    world.write(&at(4, "artifacts/binary.bin"), (0..=255).rev().chain(0..=255).collect::<Vec<u8>>());
    world.write(&at(4, "artifacts/日本 語's \"file\".md"), "\r\n");
    world.write(&at(5, "artifacts/item.md"), "not the item");
    world.write(&at(5, "artifacts/empty"), "");
    world.write(&at(6, "artifacts/relations.json"), "{ \"version\": 1, \"relations\": [ ] }");
    world.write(&at(6, "artifacts/orchestration-plan.jsonl"), "not json\n\n");
    world.write(&at(7, "resolution.md"), "---\nno final newline");
    world.write(&at(7, "notes.txt"), [0, 159, 146, 150]);
    world.write(&at(7, ".hidden"), "x");
    world.write(&at(7, "item.md.bak"), "x");
    world.write(&at(8, "artifacts"), "a file where a folder should be");
    let tool = world.write(&at(9, "artifacts/tool.sh"), "#!/bin/sh\n");
    fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn whatever_is_imported_is_exported_byte_for_byte() {
    let world = World::new();
    irregular(&world);
    let answer = world.yoi(["import", "yoi", "../from"]);
    assert_eq!(
        (answer.out.as_str(), answer.err.as_str()),
        ("9 tickets imported, 0 unchanged\n", ""),
        "{answer:?}"
    );
    assert_eq!(commits(&world), 1);
    let before = tip(&world);
    assert_eq!(world.yoi(["import", "yoi", "../from"]).ok(), "0 tickets imported, 9 unchanged\n");
    assert_eq!(tip(&world), before);
    world.yoi(["export", "../to"]).ok();
    is_same(&world, &world.root().join("from"), &world.root().join("to"));
    let tool = world.root().join(format!("to/{}/artifacts/tool.sh", id(9)));
    assert_eq!(fs::metadata(tool).unwrap().permissions().mode() & 0o111, 0, "what is exported can't be run");
    for number in 1..=9 {
        world.yoi(["comment", &id(number), "-m", "Goes on."]).ok();
        let thread = stored(&world, &id(number), "thread.md");
        assert!(thread.starts_with(THREADS[number as usize - 1]), "{number}");
        assert_eq!(
            shown(&world, &id(number))["events"].as_array().unwrap().last().unwrap()["body"],
            "Goes on."
        );
    }
    assert_eq!(world.yoi(["import", "yoi", "../from"]).ok(), "0 tickets imported, 9 unchanged\n");
}

#[test]
fn a_marker_of_our_own_that_lies_in_a_folder_is_not_lost() {
    let world = World::new();
    folder(&world, 1, &item("'T'", "planning", ""), THREAD);
    world.write(&format!("from/{}/artifacts/.no-gitkeep", id(1)), "");
    let answer = world.yoi(["import", "yoi", "../from"]);
    if answer.code == 0 {
        world.yoi(["export", "../to"]).ok();
        is_same(&world, &world.root().join("from"), &world.root().join("to"));
    } else {
        assert!(answer.code == 1 && answer.err.contains(".no-gitkeep"), "{answer:?}");
    }
}

#[test]
fn a_ticket_made_here_is_exported_as_yoi_has_it() {
    let world = World::new();
    let (a, b) = (world.create("a"), world.create("b"));
    world.yoi(["relate", &a, "related", &b]).ok();
    world.yoi(["close", &b, "-m", "x"]).ok();
    let answer = world.yoi(["export", "../to"]).ok();
    assert_eq!(answer, "2 tickets exported in 8 files\n");
    let files = |id: &str| {
        let mut find = world.command("find", &world.root().join("to").join(id));
        find.args([".", "-type", "f"]);
        let mut names: Vec<String> = world.run(find).ok().lines().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(files(&a), ["./artifacts/.gitkeep", "./artifacts/relations.json", "./item.md", "./thread.md"]);
    assert_eq!(files(&b), ["./artifacts/.gitkeep", "./item.md", "./resolution.md", "./thread.md"]);
    let other = World::new();
    let folder = world.root().join("to");
    other.yoi(["import".as_ref(), "yoi".as_ref(), folder.as_os_str()]).ok();
    let raw = |world: &World| world.yoi(["show", &a, "--raw"]).ok();
    assert_eq!(raw(&world), raw(&other));
}

#[test]
fn an_export_takes_a_new_or_an_empty_folder_and_no_other() {
    let world = World::new();
    let id = world.create("a");
    world.write("full/x", "kept");
    let err = world.yoi(["export", "../full"]).fails(2);
    assert!(err.contains("is not empty") && err.contains("hint: name a new or an empty folder\n"), "{err}");
    assert_eq!(fs::read_dir(world.root().join("full")).unwrap().count(), 1);
    assert_eq!(world.yoi(["export", "../full/x"]).code, 128);
    assert_eq!(fs::read_to_string(world.root().join("full/x")).unwrap(), "kept");
    let empty = world.root().join("empty");
    fs::create_dir(&empty).unwrap();
    let inode = fs::metadata(&empty).unwrap().ino();
    world.yoi(["export", "../empty/"]).ok();
    assert_eq!(fs::metadata(&empty).unwrap().ino(), inode, "somebody may stand in it");
    assert!(empty.join(&id).join("item.md").is_file());
    world.yoi(["export", "../new/deeper"]).ok();
    is_same(&world, &empty, &world.root().join("new/deeper"));
    fs::create_dir(world.repo().join("sub")).unwrap();
    world.yoi(["-C", "sub", "export", "third"]).ok();
    is_same(&world, &empty, &world.repo().join("sub/third"));
}

#[test]
fn an_export_of_named_tickets_writes_each_of_them_once() {
    let world = World::new();
    let ids = ["a", "b", "c"].map(|title| world.create(title));
    world.yoi(["export", "../to", &ids[0], &ids[2][8..]]).ok();
    let mut names: Vec<String> = fs::read_dir(world.root().join("to"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [ids[0].clone(), ids[2].clone()]);
    assert_eq!(world.yoi(["export", "../none", &ids[0], "00001K0000000"]).code, 1);
    assert!(!world.root().join("none").exists());
    let answer = world.yoi(["export", "../twice", &ids[0], &ids[0], "--keep-going"]);
    assert_eq!(answer.clone().ok(), "1 ticket exported in 3 files\n", "{answer:?}");
    assert!(world.root().join("twice").join(&ids[0]).join("item.md").is_file());
}

#[test]
fn an_export_that_fails_leaves_nothing_behind() {
    let world = World::new();
    let (good, bad) = (world.create("good"), world.create("bad"));
    put(&world, &bad, "artifacts/a\\b", "x");
    let folder = world.root().join("parent");
    fs::create_dir(&folder).unwrap();
    let answer = world.yoi(["export", "../parent/to"]);
    assert!(answer.code == 1 && answer.err.contains(&format!("  {bad}: ")), "{answer:?}");
    assert!(answer.err.contains("hint: --keep-going passes them over\n"), "{answer:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "a partial folder is left");
    let answer = world.yoi(["export", "../parent/to", "--keep-going"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, "1 ticket exported in 3 files\n"), "{answer:?}");
    assert!(answer.err.starts_with(&format!("warning: {bad} is left out: ")), "{answer:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    let names = fs::read_dir(folder.join("to")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), [good.as_str()]);
}

#[test]
fn an_item_without_a_final_newline_is_shown_raw_with_a_blank_line_after_it() {
    let world = World::new();
    folder(&world, 1, "---\ntitle: T\n---\n\nbody", THREAD);
    import(&world);
    assert_eq!(world.yoi(["show", &id(1), "--raw"]).ok(), format!("---\ntitle: T\n---\n\nbody\n\n{THREAD}"));
}

#[test]
fn real_tickets_are_exported_as_they_were_and_only_commented_ones_change() {
    let Some(corpus) = corpus::find() else { return };
    let world = World::new();
    let tickets = corpus::tickets(&corpus);
    let source = corpus.join("yoi/.yoi/tickets").canonicalize().unwrap();
    let source = source.to_str().unwrap();
    let answer = world.yoi(["import", "yoi", source]).ok();
    assert_eq!(answer, format!("{} tickets imported, 0 unchanged\n", tickets.len()));
    assert_eq!(commits(&world), 1);
    let rows = world.yoi(["list", "--state", "all", "--porcelain"]).ok();
    assert_eq!((rows.lines().count(), tickets.len()), (207, 207));
    world.yoi(["export", "../to"]).ok();
    is_same(&world, Path::new(source), &world.root().join("to"));
    let before = tip(&world);
    world.yoi(["import", "yoi", source]).ok();
    assert_eq!(tip(&world), before);
    let is_commented = |index: usize| index.is_multiple_of(10);
    for (index, (id, _)) in tickets.iter().enumerate().filter(|(index, _)| is_commented(*index)) {
        let words = format!("---\nComment {index}.\n<!-- event: close author: x at: t -->");
        world.yoi_with_input(["comment", id.as_str(), "-F", "-"], words.as_bytes()).ok();
    }
    world.yoi(["export", "../after"]).ok();
    for (index, (id, old)) in tickets.iter().enumerate() {
        let new = world.root().join("after").join(id.as_str());
        if !is_commented(index) {
            is_same(&world, old, &new);
            continue;
        }
        let (old, new) = (fs::read(old.join("thread.md")).unwrap(), fs::read(new.join("thread.md")).unwrap());
        assert!(new.len() > old.len() && new.starts_with(&old), "{id}: old bytes changed");
        let ticket = shown(&world, id.as_str());
        let last = ticket["events"].as_array().unwrap().last().unwrap();
        assert!(text(&last["body"]).starts_with(&format!("---\nComment {index}.\n<!--")), "{id}");
    }
}
