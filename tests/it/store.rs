//! What a write leaves in the repository: one commit of a known shape, and nothing else anywhere.

use std::os::unix::fs::PermissionsExt;

use crate::plant::{self, REF, commits, content, git_in, tip};
use crate::world::{Answer, World};

/// A value of `git log` for the newest commit on the ref.
fn newest(world: &World, format: &str) -> String {
    let said = world.git(["log", "-1", &format!("--format={format}"), REF]).ok();
    said.trim_end().to_owned()
}

fn trailers(world: &World, key: &str) -> Vec<String> {
    let said = newest(world, &format!("%(trailers:key={key},valueonly)"));
    said.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

/// Every write there is, on a ticket in planning, each with what its commit's subject says.
fn writes<'a>(id: &'a str, other: &'a str, file: &'a str) -> Vec<(Vec<&'a str>, &'a str)> {
    vec![
        (vec!["comment", id, "-m", "words"], "commented"),
        (vec!["comment", id, "-m", "words", "--as", "plan"], "plan added"),
        (vec!["edit", id, "--title", "another title"], "edit"),
        (vec!["edit", id, "-m", "another body"], "edit"),
        (vec!["relate", id, "related", other], "related"),
        (vec!["unrelate", id, "related", other], "related"),
        (vec!["artifact", "add", id, file], "artifact"),
        (vec!["link", id, "HEAD"], "linked"),
        (vec!["unlink", id, "HEAD"], "unlinked"),
        (vec!["state", id, "ready", "-m", "clear"], "planning -> ready"),
        (vec!["queue", id], "ready -> queued"),
        (vec!["state", id, "inprogress"], "queued -> inprogress"),
        (vec!["review", id, "--approve", "-m", "good"], "review: approve"),
        (vec!["state", id, "done"], "inprogress -> done"),
        (vec!["reopen", id, "-m", "not yet"], "done -> inprogress"),
        (vec!["close", id, "-m", "over"], "closed"),
    ]
}

#[test]
fn init_makes_the_ref_with_a_log_and_a_second_init_changes_nothing() {
    let world = World::new();
    assert_eq!(tip(&world), "");
    let answer = world.json(["init"]);
    assert_eq!(answer["created"], true);
    assert_eq!(answer["reflog"], true);
    let first = tip(&world);
    assert_eq!(newest(&world, "%P"), "");
    assert_eq!(content(&world, "format"), "yoi-tickets 1\n");
    let log = || world.git(["reflog", "show", "--format=%H %gs", REF]).ok();
    assert_eq!(log(), format!("{first} yoi: tickets: created\n"));
    let answer = world.json(["init"]);
    assert_eq!(answer["created"], false);
    assert_eq!(tip(&world), first);
    assert_eq!(log().lines().count(), 1);
}

#[test]
fn inits_at_once_end_with_one_root_and_no_error() {
    let world = World::new();
    let answers = plant::at_once((0..12).map(|_| world.yoi_command(["init", "--porcelain"])));
    let said: Vec<String> = answers.into_iter().map(Answer::ok).collect();
    let ending = |end: &str| said.iter().filter(|said| said.ends_with(end)).count();
    assert_eq!((ending("\tcreated\n"), ending("\tpresent\n")), (1, 11), "{said:?}");
    assert_eq!(commits(&world), 1);
}

#[test]
fn first_tickets_at_once_without_init_end_with_one_root() {
    let world = World::new();
    let create = |number| world.yoi_command(["create", &format!("t{number}"), "--porcelain"]);
    for answer in plant::at_once((0..8).map(create)) {
        answer.ok();
    }
    assert_eq!(world.git(["rev-list", "--max-parents=0", "--count", REF]).ok(), "1\n");
    assert_eq!(commits(&world), 8);
    assert_eq!(world.json(["list"])["total"], 8);
    assert_eq!(content(&world, "format"), "yoi-tickets 1\n");
}

#[test]
fn every_write_is_one_commit_that_names_its_ticket_and_events() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    let other = world.create("other");
    let id = world.create("one");
    assert_eq!(newest(&world, "%s"), format!("{id}: created: one"));
    let file = world.write("notes.md", "notes\n");
    for (words, subject) in writes(&id, &other, file.to_str().unwrap()) {
        let (before, number) = (tip(&world), commits(&world));
        let answer = world.json(&words);
        assert_eq!(commits(&world), number + 1, "{words:?}");
        assert_eq!(newest(&world, "%P"), before, "{words:?}");
        assert_eq!(answer["commit"], tip(&world), "{words:?}");
        let said = newest(&world, "%s");
        assert!(said.starts_with(&format!("{id}: ")) && said.contains(subject), "{words:?}: {said}");
        assert_eq!(trailers(&world, "Ticket"), [id.as_str()], "{words:?}");
        let events: Vec<String> = answer["events"]
            .as_array()
            .map(|events| events.iter().map(event_trailer).collect())
            .unwrap_or_default();
        assert_eq!(events.is_empty(), words[0] == "artifact", "{words:?}");
        assert_eq!(trailers(&world, "Event"), events, "{words:?}");
    }
    let shown = world.json(["show", &id]);
    let all = world.git(["log", "--format=%(trailers:key=Event,valueonly)", REF]).ok();
    for event in shown["events"].as_array().unwrap() {
        assert!(all.contains(&event_trailer(event)), "{event} is in no trailer");
    }
}

fn event_trailer(event: &serde_json::Value) -> String {
    format!("{} {}", event["id"].as_str().unwrap(), event["kind"].as_str().unwrap())
}

#[test]
fn reading_writes_nothing() {
    let world = World::new();
    let id = world.create("one");
    let state = || (tip(&world), world.git(["count-objects", "-v"]).ok());
    let before = state();
    for words in [
        vec!["list"],
        vec!["list", "--json"],
        vec!["show", &id],
        vec!["show", &id, "--raw"],
        vec!["search", "one"],
        vec!["history", "-p"],
        vec!["commits", &id],
        vec!["artifact", "list", &id],
        vec!["init"],
        vec!["export", "../out"],
    ] {
        world.yoi(&words).ok();
        assert_eq!(state(), before, "{words:?}");
    }
}

#[test]
fn the_author_is_the_actor_and_the_committer_the_user() {
    let world = World::new();
    let id = world.create("one");
    let names = |world: &World| newest(world, "%an|%cn|%ae|%ce");
    let user = "Tess Ter|tess@example.org|tess@example.org";
    assert_eq!(names(&world), format!("Tess Ter|{user}"));
    let comment = |actor: Option<&str>, variable: Option<&str>| {
        let mut command = world.yoi_command(["comment", &id, "-m", "words"]);
        command.args(actor.into_iter().flat_map(|actor| ["--actor", actor]));
        command.envs(variable.map(|value| ("GIT_YOI_ACTOR", value)));
        world.run(command).ok();
        let shown = world.json(["show", &id]);
        let author = shown["events"].as_array().unwrap().last().unwrap()["author"].clone();
        (names(&world), author.as_str().unwrap().to_owned())
    };
    for (actor, variable, expected) in [
        (None, None, "Tess Ter"),
        (None, Some("yoi-coder"), "yoi-coder"),
        (Some("yoi-reviewer"), None, "yoi-reviewer"),
        (Some("yoi-reviewer"), Some("yoi-coder"), "yoi-reviewer"),
        (None, Some(""), "Tess Ter"),
    ] {
        assert_eq!(comment(actor, variable), (format!("{expected}|{user}"), expected.to_owned()));
    }
}

#[test]
fn the_committer_is_whom_git_would_name() {
    let world = World::new();
    let mut command = world.yoi_command(["create", "one", "--actor", "agent"]);
    command.env("GIT_COMMITTER_NAME", "Con Mitter").env("GIT_COMMITTER_EMAIL", "con@example.org");
    command.env("GIT_COMMITTER_DATE", "@1700000000 +0200");
    world.run(command).ok();
    let expected = "agent|Con Mitter|con@example.org|2023-11-15 00:13:20 +0200";
    assert_eq!(newest(&world, "%an|%cn|%ce|%ci"), expected);
    world.git(["config", "committer.name", "Set Ting"]).ok();
    world.create("two");
    assert_eq!(newest(&world, "%cn|%ce"), "Set Ting|tess@example.org");
}

#[test]
fn nothing_appears_in_the_work_tree_or_the_index() {
    let world = World::new();
    world.write("repo/staged.txt", "staged\n");
    world.write("repo/loose.txt", "loose\n");
    world.git(["add", "staged.txt"]).ok();
    let index = || std::fs::read(world.repo().join(".git/index")).unwrap();
    let status = || world.git(["status", "--porcelain", "--ignored", "--untracked-files=all"]).ok();
    let heads = || world.git(["for-each-ref", "refs/heads"]).ok();
    let before = (index(), status(), heads());
    let id = world.create("one");
    world.yoi(["comment", &id, "-m", "words"]).ok();
    world.yoi(["close", &id, "-m", "over"]).ok();
    assert_eq!((index(), status(), heads()), before);
    assert_eq!(before.1, "A  staged.txt\n?? loose.txt\n");
}

#[test]
fn a_ticket_is_filed_under_the_end_of_its_id() {
    let world = World::new();
    let (a, b) = ("00001KVZKSV6C", "00001KVZKSV60");
    plant::import(&world, &[(a, "a"), (b, "b")]);
    let file = world.write("notes.md", "notes\n");
    world.yoi(["artifact", "add", a, file.to_str().unwrap(), "--name", "sub/notes.md"]).ok();
    world.yoi(["close", b, "-m", "over"]).ok();
    world.yoi(["relate", b, "related", a]).ok();
    let listed = world.git(["ls-tree", "-r", REF]).ok();
    let listed: Vec<(&str, &str)> =
        listed.lines().map(|row| (&row[..12], row.split_once('\t').unwrap().1)).collect();
    let expected = [
        "format",
        "tickets/6/0/00001KVZKSV60.item.md",
        "tickets/6/0/00001KVZKSV60.resolution.md",
        "tickets/6/0/00001KVZKSV60.thread.md",
        "tickets/6/0/00001KVZKSV60/relations.json",
        "tickets/6/C/00001KVZKSV6C.item.md",
        "tickets/6/C/00001KVZKSV6C.thread.md",
        "tickets/6/C/00001KVZKSV6C/sub/notes.md",
    ];
    assert_eq!(listed, expected.map(|path| ("100644 blob ", path)));
    assert_eq!(content(&world, "tickets/6/C/00001KVZKSV6C/sub/notes.md"), "notes\n");
}

/// What `git fsck --strict` complains about, dangling objects aside.
fn fsck(world: &World) -> String {
    let answer = world.git(["fsck", "--strict", "--no-progress", "--no-dangling"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    let complaints = answer.err.lines().filter(|line| !line.starts_with("notice: "));
    answer.out.clone() + &complaints.collect::<String>()
}

#[test]
fn fsck_finds_nothing_wrong_and_gc_loses_nothing() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    let (other, id) = (world.create("other"), world.create("one"));
    let file = world.write("notes.md", "notes\n");
    for (words, _) in writes(&id, &other, file.to_str().unwrap()) {
        world.yoi(words).ok();
    }
    assert_eq!(fsck(&world), "");
    let state = || (world.yoi(["show", &id, "--json"]).ok(), world.yoi(["history", "--json", "-p"]).ok());
    let before = state();
    world.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    world.git(["gc", "-q", "--prune=now"]).ok();
    world.git(["pack-refs", "--all"]).ok();
    assert!(!world.repo().join(".git").join(REF).exists());
    assert_eq!(state(), before);
    world.yoi(["comment", &other, "-m", "after packing"]).ok();
    assert!(world.yoi(["show", &other]).ok().contains("after packing"));
    assert_eq!(fsck(&world), "");
}

#[test]
fn a_shared_repository_gets_the_permissions_that_git_gives() {
    for shared in ["umask", "group", "all", "0640"] {
        let world = World::new();
        world.git(["config", "core.sharedRepository", shared]).ok();
        let careful = |program: &str, words: &[&str]| {
            let mut command = world.command("sh", &world.repo());
            command.args(["-c", "umask 077; exec \"$0\" \"$@\"", program]).args(words);
            world.run(command).ok()
        };
        let program = env!("CARGO_BIN_EXE_git-yoi");
        let id = careful(program, &["create", "one", "--porcelain"]);
        careful(program, &["comment", id.trim_end(), "-m", "words"]);
        careful("git", &["commit", "-q", "--allow-empty", "-m", "by git"]);
        careful("git", &["update-ref", "--create-reflog", "refs/git/theirs", "HEAD"]);
        let mode = |path: &str| {
            let metadata = world.repo().join(".git").join(path).metadata().unwrap();
            format!("{:o}", metadata.permissions().mode() & 0o7777)
        };
        let object = |revision: &str| {
            let id = world.git(["rev-parse", revision]).ok();
            format!("objects/{}/{}", &id[..2], id[2..].trim_end())
        };
        let theirs = object("HEAD");
        for revision in [REF, &format!("{REF}:format"), &format!("{REF}^{{tree}}"), &format!("{REF}:tickets")]
        {
            let ours = object(revision);
            assert_eq!(mode(&ours), mode(&theirs), "{shared}: {revision}");
            assert_eq!(mode(&ours[..10]), mode(&theirs[..10]), "{shared}: {revision}");
        }
        for (ours, theirs) in [
            ("refs/yoi", "refs/git"),
            ("refs/yoi/tickets", "refs/git/theirs"),
            ("logs/refs/yoi", "logs/refs/git"),
            ("logs/refs/yoi/tickets", "logs/refs/git/theirs"),
        ] {
            assert_eq!(mode(ours), mode(theirs), "{shared}: {ours}");
        }
    }
}

#[test]
fn flushing_everything_to_disk_works() {
    for setting in ["all", "committed", "none", "all,-reference"] {
        let world = World::new();
        world.git(["config", "core.fsync", setting]).ok();
        world.git(["config", "core.fsyncMethod", "fsync"]).ok();
        let id = world.create("one");
        world.yoi(["comment", &id, "-m", "words"]).ok();
        assert_eq!(world.json(["show", &id])["events"].as_array().unwrap().len(), 2, "{setting}");
    }
}

/// What one comment costs among that many tickets: new loose objects, new reachable objects, and the
/// bytes of the folder the ticket is in.
fn cost(tickets: u64) -> (usize, usize, usize) {
    let world = World::new();
    world.git(["config", "gc.auto", "0"]).ok();
    let ids: Vec<String> = (0..tickets).map(|after| plant::id(after * 7919)).collect();
    let tickets: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "one of many")).collect();
    plant::import(&world, &tickets);
    assert_eq!(commits(&world), 1, "an import is one commit");
    let loose = || {
        let said = world.git(["count-objects"]).ok();
        said.split(' ').next().unwrap().parse::<usize>().unwrap()
    };
    let (tip, before) = (tip(&world), loose());
    world.yoi(["comment", &ids[3], "-m", "words"]).ok();
    let range = format!("{tip}..{REF}");
    let new = git_in(&world, &world.repo(), &["rev-list", "--objects", &range]).ok().lines().count();
    let size = world.git(["cat-file", "-s", &format!("{REF}:{}", plant::leaf(&ids[3]))]).ok();
    (loose() - before, new, size.trim_end().parse().unwrap())
}

#[test]
fn a_write_costs_the_same_with_ten_tickets_and_with_two_thousand() {
    let (few, many) = (cost(10), cost(2000));
    // The commit, item.md, thread.md, and the trees: root, tickets, two shards.
    assert_eq!((few.0, few.1), (7, 7));
    assert_eq!((many.0, many.1), (7, 7));
    assert!(many.2 < 20 * few.2, "a folder of {} bytes", many.2);
}
