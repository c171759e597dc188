//! What threads tell of many tickets: the index answers as the ref does, and is made by nobody who doesn't ask.

use std::fs;
use std::path::PathBuf;

use git_yoi::model::commit::Commit;
use git_yoi::model::id::TicketId;
use git_yoi::ops::Session;
use git_yoi::ops::links::{Held, Links};

use crate::commits::{commit, head, snapshot};
use crate::fixture::{THREAD, folder, id, import, item, put, put_bytes, tip};
use crate::indexing::{Dice, host};
use crate::plant::{REF, at_once};
use crate::world::{World, gits};

fn file(world: &World) -> PathBuf {
    world.repo().join(".git/yoi/threads.db")
}

/// What is told of a commit.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    commit: String,
    tickets: Vec<Held>,
    unknown: Vec<TicketId>,
}

type Answer = (Vec<Told>, Vec<(TicketId, String)>, Vec<String>);

/// What is told of every commit there is, on a branch or not.
fn told(world: &World, all: &[Commit], branches: bool) -> Answer {
    let host = host(world);
    let session = Session::open(&host, None).unwrap();
    let snapshot = session.snapshot().unwrap();
    let mut links = Links::read(&session, &snapshot, branches).unwrap();
    let tell = |commit: &Commit| {
        let tickets = links.of(commit).unwrap();
        Told { commit: commit.id.clone(), tickets, unknown: links.unknown(commit) }
    };
    let told = all.iter().map(tell).collect();
    (told, links.unreadable, links.damaged)
}

fn everything(world: &World) -> Vec<Commit> {
    let host = host(world);
    let session = Session::open(&host, None).unwrap();
    let all =
        world.git(["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"]).ok();
    let commits = all.lines().filter_map(|line| line.strip_suffix(" commit"));
    commits.filter_map(|id| session.store.look_up(id, "Ticket").unwrap()).collect()
}

/// The index tells of every commit what the ref tells.
#[track_caller]
fn same(world: &World, step: &str) -> Answer {
    let all = everything(world);
    let answers = [true, false].map(|branches| told(world, &all, branches));
    let yoi = world.repo().join(".git/yoi");
    assert!(file(world).exists(), "{step}: no index");
    let aside = world.root().join("aside");
    fs::rename(&yoi, &aside).unwrap();
    let read = [true, false].map(|branches| told(world, &all, branches));
    assert!(!file(world).exists(), "{step}: an index was made of few tickets");
    let _ = fs::remove_dir_all(&yoi);
    fs::rename(&aside, &yoi).unwrap();
    for (told, read) in answers.iter().zip(&read) {
        assert_eq!(told, read, "{step}");
    }
    let [answer, _] = answers;
    answer
}

/// A thread with a landing that names its commit and one that it brought.
fn landing(full: &str, brought: &str, subject: &str) -> String {
    format!(
        "{THREAD}\n<!-- event: land author: git-yoi at: 2026-01-03T00:00:00Z commit: {full} target: main how: merge -->\n\n## Landed\n\n`{}` {subject}\n\n---\n",
        &brought[..8]
    )
}

/// Does something at random to tickets and code; it may be refused.
fn step(world: &World, dice: &mut Dice, tickets: &[String], tips: &[String]) -> String {
    let one = dice.pick(tickets).clone();
    let all = everything(world);
    let named = dice.pick(&all).clone();
    let other = dice.pick(&all).clone();
    let full = named.id.as_str();
    let words: Vec<&str> = match dice.throw(16) {
        0 => {
            let message = format!("named {}\n\nTicket: {one}", dice.throw(3));
            commit(world, "a", &format!("{}", dice.throw(1000)), &message);
            return message;
        }
        1 => {
            world.git(["switch", "-q", "-C", &format!("work/{one}-x")]).ok();
            commit(world, "a", &format!("{}", dice.throw(1000)), "on a branch");
            world.git(["switch", "-q", "main"]).ok();
            return format!("work on {one}");
        }
        2 => {
            world.write("repo/b", format!("{}", dice.throw(1000)));
            world.git(["add", "b"]).ok();
            world.git(["commit", "-q", "--amend", "--no-edit"]).ok();
            return "amended".to_owned();
        }
        3 => {
            world.git(["commit", "-q", "--allow-empty", "-m", "nobody's\n\nTicket: 00001ZZZZZZZZ"]).ok();
            return "named in vain".to_owned();
        }
        4 | 5 => vec!["link", &one, full],
        6 => vec!["unlink", &one, full],
        7 => vec!["undo"],
        8 | 9 => {
            put(world, &one, "thread.md", &landing(full, &other.id, &other.key.subject));
            return format!("{one} landed with {full}, brought {}", other.id);
        }
        10 => {
            put(world, &one, "artifacts/work.jsonl", &snapshot(world, &[full, &other.id]));
            return format!("{one} has {full} and {}", other.id);
        }
        11 => {
            put_bytes(world, &one, "thread.md", b"<!-- event: land author: a at: b -->\n\n\xff\n");
            return format!("damage the thread of {one}");
        }
        12 => {
            put_bytes(world, &one, "artifacts/work.jsonl", b"\xff");
            return format!("damage the work of {one}");
        }
        13 => {
            let text = "<!-- event: commit_link author: a at: b op: add commit: abc -->\n\nx\n";
            put(world, &one, "thread.md", &format!("{THREAD}{text}"));
            return format!("half a commit in {one}");
        }
        14 => vec!["comment", &one, "-m", "words"],
        _ => {
            let tip = dice.pick(tips).clone();
            world.git(["update-ref", REF, &tip]).ok();
            return format!("to {tip}");
        }
    };
    let answer = world.yoi(&words);
    assert!(matches!(answer.code, 0 | 1 | 2 | 128), "{words:?} {answer:?}");
    words.join(" ")
}

/// Some tickets and commits, with an index.
fn begun() -> (World, Vec<String>) {
    let world = World::new();
    commit(&world, "base", "base\n", "base");
    for number in 0..5 {
        // Ids that share many of their last letters.
        let number = if number < 3 { number } else { (number << 20) | 0x21 };
        folder(&world, number, &item(&format!("'T{number}'"), "inprogress", ""), THREAD);
    }
    import(&world);
    world.yoi(["index", "--rebuild"]).ok();
    let ids = fs::read_dir(world.root().join("from")).unwrap();
    let mut ids: Vec<String> =
        ids.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    ids.sort();
    (world, ids)
}

#[test]
fn whatever_happened_commits_have_the_tickets_that_the_ref_gives_them() {
    for seed in 1..=2 {
        let (world, tickets) = begun();
        let mut dice = Dice(seed);
        let mut tips = vec![tip(&world)];
        let mut taken = vec![format!("seed {seed}")];
        let mut named = 0;
        for turn in 0..36 {
            taken.push(step(&world, &mut dice, &tickets, &tips));
            tips.push(tip(&world));
            if turn % 3 == 0 {
                let (told, ..) = same(&world, &taken.join("\n"));
                named = named.max(told.iter().filter(|told| !told.tickets.is_empty()).count());
            }
        }
        assert!(named > 3, "little was tried: {named}\n{}", taken.join("\n"));
    }
}

#[test]
fn a_commit_that_is_fetched_later_is_known_as_what_another_one_was() {
    let (world, tickets) = begun();
    let first = commit(&world, "a", "1", "a change");
    let clone = world.root().join("clone");
    world.git(["clone", "-q", ".", clone.to_str().unwrap()]).ok();
    let in_clone = |words: &[&str]| {
        let mut git = world.command("git", &clone);
        git.args(words);
        world.run(git).ok()
    };
    fs::write(clone.join("b"), "b").unwrap();
    in_clone(&["add", "b"]);
    in_clone(&["commit", "-q", "--amend", "--no-edit"]);
    let amended = in_clone(&["rev-parse", "HEAD"]).trim_end().to_owned();
    put(&world, &tickets[1], "thread.md", &landing(&amended, &amended, "a change"));
    let tickets_of = |(told, ..): Answer| {
        let of = told.into_iter().find(|told| told.commit == first).unwrap().tickets;
        of.into_iter().map(|held| held.id.to_string()).collect::<Vec<_>>()
    };
    assert!(tickets_of(same(&world, "not here yet")).is_empty());
    world.git(["fetch", "-q", clone.to_str().unwrap(), "HEAD"]).ok();
    assert_eq!(tickets_of(same(&world, "fetched")), [tickets[1].clone()]);
}

#[test]
fn neither_lists_nor_writes_wait_for_threads() {
    let world = World::new();
    commit(&world, "base", "base\n", "base");
    let ids: Vec<String> = (0..600)
        .map(|number| TicketId::from_millis(1_750_000_000_000 + number * 61_001).to_string())
        .collect();
    for (number, id) in ids.iter().enumerate() {
        let author = if number % 100 == 7 { "rare" } else { "someone" };
        world.write(&format!("from/{id}/item.md"), item(&format!("'Ticket {id}'"), "queued", ""));
        world.write(&format!("from/{id}/thread.md"), THREAD.replace("someone", author));
    }
    import(&world);
    world.yoi(["list"]).ok();
    world.yoi(["status"]).ok();
    world.yoi(["comment", &ids[0], "-m", "words"]).ok();
    assert!(!file(&world).exists());
    assert_eq!(world.json(["list", "author:rare"])["total"], 6);
    assert!(file(&world).exists());
    assert_eq!(world.json(["list", "event:2026-01-02"])["total"], 600);
    assert_eq!(world.json(["list", "event:2027.."])["total"], 0);
    let fresh = || world.json(["index"])["threads"]["fresh"].clone();
    assert_eq!(fresh(), true);
    world.yoi(["comment", &ids[1], "-m", "words"]).ok();
    world.yoi(["list"]).ok();
    assert_eq!(fresh(), false, "a write brought threads along");
    let today = world.json(["list", "event:today..", "--sort", "id"])["tickets"].clone();
    let today: Vec<&str> = today.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(today, [&ids[0], &ids[1]]);
    assert_eq!(fresh(), true);
    commit(&world, "a", "1", &format!("x\n\nTicket: {}", ids[2]));
    world.yoi(["link", &ids[3], "HEAD~1"]).ok();
    let logged = world.json(["log"]);
    let held = |row: usize| logged["commits"][row]["tickets"][0]["id"].clone();
    assert_eq!((held(0), held(1)), (ids[2].as_str().into(), ids[3].as_str().into()));
    same_size_again(&world);
    world.yoi(["index", "--remove"]).ok();
    assert!(!file(&world).exists());
}

/// What a patched file holds is what a new one holds.
fn same_size_again(world: &World) {
    let asked = [vec!["list", "author:rare,none"], vec!["list", "event:2026..", "-n", "all"], vec!["log"]];
    let answers = || asked.clone().map(|words| world.yoi(words).ok());
    let before = answers();
    world.yoi(["index", "--rebuild"]).ok();
    assert_eq!(answers(), before);
}

#[test]
fn damaged_threads_are_no_fault_and_are_made_anew() {
    let (world, tickets) = begun();
    commit(&world, "a", "1", "linked");
    world.yoi(["link", &tickets[0], "HEAD"]).ok();
    same(&world, "whole");
    world.yoi(["index", "--rebuild"]).ok();
    let whole = fs::read(file(&world)).unwrap();
    let mut other_version = whole.clone();
    // Where SQLite keeps `user_version`.
    other_version[60..64].copy_from_slice(&77_u32.to_be_bytes());
    let mut torn = whole.clone();
    torn[8192..].fill(0xa5);
    let damages: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("no database", b"this is no database".to_vec()),
        ("cut off", whole[..whole.len() / 2].to_vec()),
        ("cut off early", whole[..100].to_vec()),
        ("torn", torn),
        ("another version", other_version),
    ];
    let asked = [vec!["list", "author:someone"], vec!["list", "event:2026-01-02"], vec!["log"]];
    let answers = || asked.clone().map(|words| world.yoi(words)).map(|told| (told.code, told.out, told.err));
    let expected = answers();
    assert!(expected[2].1.contains(&tickets[0][9..]), "{expected:?}");
    for (how, bytes) in damages {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(world.repo().join(format!(".git/yoi/threads.db{end}")));
        }
        fs::write(file(&world), bytes).unwrap();
        for _ in 0..2 {
            assert_eq!(answers(), expected, "{how}");
        }
        world.yoi(["index", "--rebuild"]).ok();
        same(&world, how);
    }
}

#[test]
fn threads_that_can_not_be_written_are_read_or_passed_over() {
    use std::os::unix::fs::PermissionsExt;
    let (world, tickets) = begun();
    let folder = world.repo().join(".git/yoi");
    let set = |mode: u32| {
        for entry in fs::read_dir(&folder).unwrap() {
            let _ = fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(mode & 0o666));
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    let answer = world.yoi(["list", "author:someone"]).ok();
    set(0o555);
    assert_eq!(world.yoi(["list", "author:someone"]).ok(), answer);
    set(0o755);
    world.yoi(["link", &tickets[2], "HEAD"]).ok();
    // Nobody asked since: it is of an earlier version.
    set(0o555);
    let log = world.yoi(["log"]);
    let listed = world.yoi(["list", "event:today.."]);
    set(0o755);
    assert!(log.out.contains(&tickets[2][9..]) && log.err.is_empty(), "{log:?}");
    assert!(listed.out.contains(&tickets[2]) && listed.err.is_empty(), "{listed:?}");
    same(&world, "writable again");
}

#[test]
fn threads_can_be_removed_while_others_read_and_write() {
    for git in gits() {
        let world = World::with_git(&git);
        commit(&world, "base", "base\n", "base");
        for number in 0..6 {
            folder(&world, number, &item(&format!("'T{number}'"), "queued", ""), THREAD);
        }
        import(&world);
        world.yoi(["index", "--rebuild"]).ok();
        let full = head(&world);
        let commands = (0..25).map(|number| match number % 5 {
            0 => world.yoi_command(["index", "--remove"]),
            1 => world.yoi_command(["link", &id(number % 6), &full]),
            2 => world.yoi_command(["index", "--rebuild"]),
            3 => world.yoi_command(["log", "--porcelain"]),
            _ => world.yoi_command(["list", "author:someone", "--porcelain"]),
        });
        for answer in at_once(commands) {
            let lines = answer.out.lines().count();
            let is_right = answer.err.is_empty() && (lines == 6 || matches!(answer.code, 0 | 1));
            // A second link of the same commit is refused.
            assert!(is_right || answer.code == 2, "{answer:?}");
        }
        let _ = world.yoi(["index", "--rebuild"]);
        same(&world, "after all");
    }
}
