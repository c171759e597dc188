//! What an import refuses, what it passes over, and that it writes all or nothing.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::fixture::{THREAD, commits, folder, id, import, item, shown, stored, text, tip};
use crate::world::{World, gits};

/// The id of the ticket that each test breaks.
const BAD: &str = "00001K0000002";

/// Spoils a ticket's folder, and what the refusal then says of it.
type Spoiler = (fn(&Path), &'static str);

const SPOILERS: [Spoiler; 19] = [
    (|folder| fs::remove_file(folder.join("thread.md")).unwrap(), "thread.md is missing"),
    (|folder| write(folder, "item.md", b"title: T\n"), "item.md: "),
    (|folder| write(folder, "item.md", b"---\ntitle: T\n"), "item.md: "),
    (|folder| write(folder, "item.md", b"---\ntitle: 'T\n---\n"), "line 2"),
    (|folder| write(folder, "item.md", b"---\ntitle: T\nstate: intake\n---\n"), "intake"),
    (|folder| write(folder, "item.md", b"---\ntitle: T\nlabels: {a: b}\n---\n"), "line 3"),
    (|folder| write(folder, "item.md", b"---\nstate: planning\n---\n"), "'title' is missing or empty"),
    (|folder| write(folder, "item.md", b"---\ntitle: '\xff'\n---\n"), "UTF-8"),
    (|folder| write(folder, "thread.md", b"\xe6\x97"), "UTF-8"),
    (|folder| link(folder, "item.md"), "item.md is neither a plain file"),
    (|folder| link(folder, "thread.md"), "thread.md is neither a plain file"),
    (|folder| link(folder, "artifacts/link"), "artifacts/link is neither a plain file"),
    (|folder| fs::create_dir(folder.join("more")).unwrap(), "more is neither a plain file nor"),
    (large, "artifacts/large has 67108865 bytes; at most 67108864 fit"),
    (|folder| write(folder, "artifacts/a\\b", b"x"), "no plain name"),
    (|folder| write(folder, "artifacts/a\nb", b"x"), "control character"),
    (|folder| write(folder, "artifacts/.GIT", b"x"), "git would take it for something else"),
    (not_utf8, "not UTF-8"),
    (pipe, "artifacts/pipe is neither a plain file"),
];

fn write(folder: &Path, name: &str, content: &[u8]) {
    fs::write(folder.join(name), content).unwrap();
}

/// Puts a link to a file with the same content in a file's place.
fn link(folder: &Path, name: &str) {
    let path = folder.join(name);
    let aside = folder.parent().unwrap().parent().unwrap().join("aside");
    fs::write(&aside, fs::read(&path).unwrap_or_default()).unwrap();
    let _ = fs::remove_file(&path);
    symlink(aside, path).unwrap();
}

fn large(folder: &Path) {
    let file = fs::File::create(folder.join("artifacts/large")).unwrap();
    file.set_len(64 * 1024 * 1024 + 1).unwrap();
}

fn not_utf8(folder: &Path) {
    fs::write(folder.join("artifacts").join(OsStr::from_bytes(b"\xff")), "x").unwrap();
}

fn pipe(folder: &Path) {
    let path = folder.join("artifacts/pipe");
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Imports a good ticket and a bad one: first all or nothing, then passing over what is bad.
#[track_caller]
fn is_passed_over(world: &World, name: &str, why: &str) {
    let answer = world.yoi(["import", "yoi", "../from"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{why}: {answer:?}");
    let rest = answer.err.strip_prefix("error: 1 ticket can't be taken, so nothing was written\n  ");
    let rest = rest.and_then(|rest| rest.strip_prefix(name)).unwrap_or_else(|| panic!("{why}: {answer:?}"));
    assert!(
        rest.contains(why) && rest.ends_with("\nhint: --keep-going passes them over\n"),
        "{why}: {answer:?}"
    );
    assert_eq!(tip(world), "", "{why}");
    let answer = world.yoi(["import", "yoi", "../from", "--keep-going"]);
    assert_eq!(
        (answer.code, answer.out.as_str()),
        (1, "1 ticket imported, 0 unchanged\n"),
        "{why}: {answer:?}"
    );
    assert!(answer.err.starts_with(&format!("warning: {name} is left out: ")), "{why}: {answer:?}");
    assert!(answer.err.contains(why), "{why}: {answer:?}");
    assert_eq!(world.yoi(["list", "--porcelain"]).ok(), format!("{}\tplanning\tgood\n", id(1)), "{why}");
}

#[test]
fn a_bad_ticket_is_named_and_keeps_all_from_being_imported() {
    for (spoil, why) in SPOILERS {
        let world = World::new();
        folder(&world, 1, &item("good", "planning", ""), THREAD);
        spoil(&folder(&world, 2, &item("bad", "planning", ""), THREAD));
        is_passed_over(&world, BAD, why);
    }
}

#[test]
fn a_folder_whose_name_is_no_id_is_a_bad_ticket() {
    for name in ["not-an-id", "00001k0000002", "ZZZZZZZZZZZZZ", "00001K000000I", "00001K00000020", "日本"] {
        let world = World::new();
        folder(&world, 1, &item("good", "planning", ""), THREAD);
        world.write(&format!("from/{name}/item.md"), item("bad", "planning", ""));
        world.write(&format!("from/{name}/thread.md"), THREAD);
        is_passed_over(&world, name, "the folder's name is no ticket id");
    }
}

#[test]
fn what_is_no_ticket_is_told_and_left() {
    let world = World::new();
    folder(&world, 1, &item("good", "planning", ""), THREAD);
    world.write("from/README.md", "x");
    world.write("from/.ticket-backend.lock", "");
    world.write("from/.hidden/item.md", "x");
    world.write(&format!("from/{}/thread.md", id(3)), THREAD);
    let answer = world.yoi(["import", "yoi", "../from"]);
    let notes = format!("note: '{}' is no ticket\nnote: 'README.md' is no ticket\n", id(3));
    assert_eq!((answer.code, answer.err), (0, notes));
    assert_eq!(world.json(["list"])["total"], 1);
}

#[test]
fn a_folder_without_tickets_or_none_at_all_is_an_error() {
    let world = World::new();
    world.write("from/x/y", "");
    assert!(world.yoi(["import", "yoi", "../from"]).fails(1).contains("no tickets in '"));
    assert!(world.yoi(["import", "yoi", "../nowhere"]).fails(128).contains("nowhere"));
    assert!(world.yoi(["import", "yoi", "../from/x/y"]).fails(128).contains("/y'"));
    assert_eq!(tip(&world), "");
}

#[test]
fn a_ticket_that_is_here_and_differs_is_refused_and_kept() {
    let world = World::new();
    let changed = folder(&world, 1, &item("'here'", "planning", ""), THREAD);
    import(&world);
    folder(&world, 2, &item("'new'", "planning", ""), THREAD);
    let spoilers: [fn(&Path); 5] = [
        |folder| write(folder, "item.md", item("'there'", "planning", "").as_bytes()),
        |folder| write(folder, "thread.md", THREAD.replace("Made", "Done").as_bytes()),
        |folder| write(folder, "artifacts/new.md", b"x"),
        |folder| write(folder, "resolution.md", b"x"),
        |folder| write(folder, "artifacts/.gitkeep", b"x"),
    ];
    let before = tip(&world);
    for spoil in spoilers {
        spoil(&changed);
        let err = world.yoi(["import", "yoi", "../from"]).fails(1);
        assert!(err.contains(&format!("\n  {}: it is here already and differs", id(1))), "{err}");
        assert_eq!(tip(&world), before);
        fs::remove_dir_all(&changed).unwrap();
        folder(&world, 1, &item("'here'", "planning", ""), THREAD);
    }
    write(&changed, "item.md", item("'there'", "planning", "").as_bytes());
    let answer = world.yoi(["import", "yoi", "../from", "--keep-going"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, "1 ticket imported, 0 unchanged\n"), "{answer:?}");
    assert_eq!(text(&shown(&world, &id(1))["title"]), "here");
    assert_eq!(text(&shown(&world, &id(2))["title"]), "new");
}

#[test]
fn a_ticket_that_went_on_here_is_not_imported_again() {
    let world = World::new();
    folder(&world, 1, &item("'T'", "planning", ""), THREAD);
    import(&world);
    world.yoi(["edit", &id(1), "--title", "Newer"]).ok();
    let file = world.write("f", "x");
    world.yoi(["artifact", "add", &id(1), file.to_str().unwrap()]).ok();
    let before = tip(&world);
    assert_eq!(world.yoi(["import", "yoi", "../from"]).ok(), "0 tickets imported, 1 unchanged\n");
    assert_eq!(tip(&world), before);
}

#[test]
fn a_new_file_beside_a_ticket_that_went_on_here_is_not_dropped_silently() {
    let world = World::new();
    let source = folder(&world, 1, &item("'T'", "planning", ""), THREAD);
    import(&world);
    world.yoi(["comment", &id(1), "-m", "Goes on."]).ok();
    write(&source, "artifacts/report.md", b"written meanwhile");
    let answer = world.yoi(["import", "yoi", "../from"]);
    let differs = format!("{}: it is here already and differs", id(1));
    assert!(answer.code == 1 && answer.err.contains(&differs), "{answer:?}");
}

#[test]
fn a_title_changed_by_hand_in_the_folder_is_not_dropped_silently() {
    let world = World::new();
    let source = folder(&world, 1, &item("'T'", "planning", ""), THREAD);
    import(&world);
    world.yoi(["comment", &id(1), "-m", "Goes on."]).ok();
    write(&source, "item.md", item("'Another'", "planning", "").as_bytes());
    let differs = format!("{}: it is here already and differs", id(1));
    let err = world.yoi(["import", "yoi", "../from"]).fails(1);
    assert!(err.contains(&differs), "{err}");
    // An edit here explains the difference.
    write(&source, "item.md", item("'T'", "planning", "").as_bytes());
    world.yoi(["edit", &id(1), "--title", "Edited here"]).ok();
    assert_eq!(world.yoi(["import", "yoi", "../from"]).ok(), "0 tickets imported, 1 unchanged\n");
}

#[test]
fn a_link_in_place_of_a_ticket_is_a_bad_ticket() {
    let world = World::new();
    folder(&world, 1, &item("'T'", "planning", ""), THREAD);
    std::os::unix::fs::symlink(id(1), world.root().join("from").join(id(2))).unwrap();
    let err = world.yoi(["import", "yoi", "../from"]).fails(1);
    assert!(err.contains(&format!("{}: it is a link, not a folder", id(2))), "{err}");
    world.yoi(["list"]).fails(128);
}

#[test]
fn hundreds_of_tickets_are_one_commit() {
    let world = World::new();
    world.create("before");
    for number in 1..=500 {
        let title = format!("'Ticket {number}'");
        folder(
            &world,
            number,
            &item(&title, "planning", ""),
            &THREAD.replace("Made", &format!("{number} made")),
        );
    }
    assert_eq!(world.yoi(["import", "yoi", "../from"]).ok(), "500 tickets imported, 0 unchanged\n");
    assert_eq!(commits(&world), 2);
    let people = world.git(["log", "-1", "--format=%s|%an|%cn", "refs/yoi/tickets"]).ok();
    assert_eq!(people, "500 tickets: imported|Tess Ter|Tess Ter\n");
    assert_eq!(world.json(["list"])["total"], 501);
    assert!(stored(&world, &id(377), "thread.md").contains("377 made elsewhere"));
    assert_eq!(packs(&world), ["idx", "pack"]);
    for git in gits() {
        let mut command = world.command(git, &world.repo());
        command.args(["fsck", "--strict", "--full"]);
        assert_eq!(world.run(command).ok(), "");
    }
    let pack = fs::read_dir(world.repo().join(".git/objects/pack")).unwrap().next().unwrap().unwrap().path();
    assert!(fs::metadata(&pack).unwrap().permissions().readonly(), "{pack:?}");
    let verified = world.git([OsStr::new("verify-pack"), pack.with_extension("idx").as_os_str()]);
    assert_eq!(verified.ok(), "");
}

/// The kinds of files in the folder of packs.
fn packs(world: &World) -> Vec<String> {
    let entries = fs::read_dir(world.repo().join(".git/objects/pack")).unwrap();
    let extension = |entry: fs::DirEntry| Some(entry.path().extension()?.to_str()?.to_owned());
    let mut kinds: Vec<String> = entries.filter_map(|entry| extension(entry.unwrap())).collect();
    kinds.sort();
    kinds
}

#[test]
fn an_import_killed_at_any_moment_leaves_nothing_or_everything() {
    let world = World::new();
    for number in 1..=200 {
        folder(&world, number, &item(&format!("'Ticket {number}'"), "planning", ""), THREAD);
    }
    let (mut killed, mut finished) = (0, 0);
    for round in 0..24u32 {
        fs::remove_dir_all(world.repo().join(".git")).unwrap();
        world.git(["init", "-q"]).ok();
        let mut command = world.yoi_command(["import", "yoi", "../from"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        let signal = ["INT", "TERM", "KILL"][round as usize % 3];
        // The last rounds get all the time they need.
        let time = if round < 21 { Duration::from_millis(u64::from(round) * 12) } else { Duration::MAX };
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break status,
                None if started.elapsed() >= time => {
                    let line = format!("kill -{signal} {}", child.id());
                    world.run({
                        let mut kill = world.command("sh", world.root());
                        kill.args(["-c", &line]);
                        kill
                    });
                    break child.wait().unwrap();
                }
                None => {}
            }
        };
        match tip(&world).is_empty() {
            true => killed += 1,
            false => finished += 1,
        }
        assert!(!tip(&world).is_empty() || !status.success(), "round {round}");
        // The mark of a pack that nothing pointed at yet may be left, and the pack that it was to have an index for.
        let mut left = packs(&world);
        let is_marked = left.iter().any(|kind| kind == "keep");
        left.retain(|kind| kind != "keep");
        let is_half = is_marked && left == ["pack"];
        assert!(left.is_empty() || left == ["idx", "pack"] || is_half, "{left:?} in round {round}");
        assert!(!tip(&world).is_empty() || loose(&world) == 0, "round {round}");
        let lock = world.repo().join(".git/refs/yoi/tickets.lock");
        if lock.exists() {
            fs::remove_file(lock).unwrap();
        }
        let answer = world.yoi(["import", "yoi", "../from"]).ok();
        assert!(
            answer.starts_with("200 tickets imported") || answer.ends_with("200 unchanged\n"),
            "{answer}"
        );
        world.git(["fsck", "--strict"]).ok();
        world.create("the next write");
        assert!(is_half || !packs(&world).contains(&"keep".to_owned()), "in round {round}");
    }
    assert!(killed > 0 && finished > 0, "{killed} killed, {finished} finished");
}

/// How many objects are loose files.
fn loose(world: &World) -> usize {
    let counted = world.git(["count-objects"]).ok();
    counted.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_bad_ticket_among_hundreds_leaves_nothing_behind() {
    let world = World::new();
    for number in 1..=300 {
        folder(&world, number, &item(&format!("'Ticket {number}'"), "planning", ""), THREAD);
    }
    fs::remove_file(world.root().join("from").join(id(150)).join("thread.md")).unwrap();
    let err = world.yoi(["import", "yoi", "../from"]).fails(1);
    assert!(err.contains(&format!("{}: thread.md is missing", id(150))), "{err}");
    assert_eq!((tip(&world).as_str(), loose(&world), packs(&world).len()), ("", 0, 0));
    let answer = world.yoi(["import", "yoi", "../from", "--keep-going"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, "299 tickets imported, 0 unchanged\n"));
    assert_eq!(
        world.yoi(["import", "yoi", "../from", "--keep-going"]).out,
        "0 tickets imported, 299 unchanged\n"
    );
}

#[test]
fn doctor_suggests_maintenance_when_loose_objects_pile_up_and_names_what_is_left_behind() {
    let world = World::new();
    world.create("one");
    let objects = world.repo().join(".git/objects");
    assert!(!world.yoi(["doctor"]).ok().contains("piled up"));
    fs::create_dir_all(objects.join("17")).unwrap();
    for number in 0..28 {
        fs::write(objects.join("17").join(format!("{number:038x}")), "").unwrap();
    }
    fs::create_dir_all(objects.join("pack")).unwrap();
    fs::write(objects.join("pack/tmp_pack_yoi_1"), "").unwrap();
    let answer = world.yoi(["doctor"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let said = format!("{}{}", answer.out, answer.err);
    assert!(said.contains("loose objects have piled up: git maintenance run"), "{answer:?}");
    assert!(said.contains("tmp_pack_yoi_1' is left of a write that was killed"), "{answer:?}");
}
