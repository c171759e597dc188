//! `doctor --fix`: what can be repaired without guessing is, in one commit; what can't is named.

use std::fs;
use std::path::PathBuf;

use crate::plant::{self, REF, blob, commits, content, file, object, path, tip, tree};
use crate::syncing::Two;
use crate::world::{World, gits};

/// The rows of `doctor --fix --porcelain`: code and outcome.
fn rows(answer: &str) -> Vec<(String, String)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 8, "{line}");
        (cells[1].to_owned(), cells[6].to_owned())
    };
    answer.lines().map(row).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(code, outcome)| ((*code).to_owned(), (*outcome).to_owned())).collect()
}

/// A closed ticket of which every field is damaged, and events that nothing ends.
fn damaged(world: &World) -> String {
    let id = world.create("to be damaged");
    for words in [
        ["state", &id, "ready", "-m", "clear"].as_slice(),
        &["queue", &id],
        &["state", &id, "inprogress", "-m", "go"],
        &["comment", &id, "-m", "words"],
        &["close", &id, "-m", "over"],
    ] {
        world.yoi(words).ok();
    }
    let item = content(world, &path(&id, ".item.md"));
    let item: String = item
        .lines()
        .filter(|line| !line.starts_with("queued_by") && !line.starts_with("updated_at"))
        .map(|line| match line {
            "state: 'closed'" => "state: 'inprogress'\n".to_owned(),
            line if line.starts_with("created_at") => {
                format!("{line}\nlabels: [1, 'a']\npriority: 7\npriority: 8\n")
            }
            other => format!("{other}\n"),
        })
        .collect();
    let thread = content(world, &path(&id, ".thread.md"));
    let thread = thread.replace("words\n\n---\n", "words\n").trim_end_matches("---\n").to_owned();
    file(world, &path(&id, ".item.md"), item.as_bytes());
    file(world, &path(&id, ".thread.md"), thread.as_bytes());
    file(world, &path(&id, ".resolution.md"), b"something else\n");
    id
}

/// The kinds of events in a thread, in order.
fn kinds(world: &World, id: &str) -> Vec<String> {
    let shown = world.json(["show", id]);
    let events = shown["events"].as_array().unwrap();
    events.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_ticket_is_made_again_from_its_events_in_one_commit_that_undo_takes_back() {
    for git in gits() {
        let world = World::with_git(&git);
        let other = world.create("nothing wrong");
        let id = damaged(&world);
        let (before, number, events) = (tip(&world), commits(&world), kinds(&world, &id));
        let would = world.yoi(["doctor", "--fix", "-n", "--porcelain"]).ok();
        assert_eq!(tip(&world), before);
        let expected = [
            ("duplicate_key", "repaired"),
            ("missing_field", "repaired"),
            ("queued_mismatch", "repaired"),
            ("resolution_mismatch", "repaired"),
            ("state_mismatch", "repaired"),
            ("unterminated_event", "repaired"),
            ("unterminated_event", "repaired"),
            ("wrong_type", "repaired"),
            ("wrong_type", "repaired"),
        ];
        let mut would = rows(&would);
        would.sort();
        assert_eq!(would, pairs(&expected));
        let done = world.json(["doctor", "--fix"]);
        assert_eq!(
            (&done["errors"], &done["warnings"], &done["fix"]["total"]),
            (&0.into(), &0.into(), &9.into())
        );
        assert_eq!(
            (tip(&world), commits(&world)),
            (done["fix"]["commit"].as_str().unwrap().to_owned(), number + 1)
        );
        let shown = world.json(["show", &id]);
        assert_eq!((&shown["state"], &shown["priority"]), (&"closed".into(), &"8".into()));
        assert_eq!(
            (&shown["labels"], &shown["resolution"]),
            (&serde_json::json!(["1", "a"]), &"over\n".into())
        );
        assert_eq!(kinds(&world, &id), events, "no event is written for it");
        assert_eq!(world.yoi(["doctor"]).ok(), "2 tickets checked: 0 errors, 0 warnings\n");
        // Once more there is nothing to do, and nothing is written.
        assert_eq!(
            world.yoi(["doctor", "--fix"]).ok(),
            "0 repaired\nleft: 2 tickets checked: 0 errors, 0 warnings\n"
        );
        assert_eq!(commits(&world), number + 1);
        // What was changed is told as any other operation, and only what it was about.
        let log = world.git(["log", "-1", "--format=%s%n%(trailers:key=Ticket)", REF]).ok();
        assert!(log.starts_with(&format!("{id}: repaired duplicate_key, missing_field, ")), "{log}");
        assert!(log.contains(&format!("Ticket: {id}\n")) && !log.contains(&other), "{log}");
        verified(&world, &before, &tip(&world));
        world.yoi(["undo"]).ok();
        let back = world.json(["show", &id]);
        assert_eq!((&back["state"], &back["resolution"]), (&"inprogress".into(), &"something else\n".into()));
        assert_eq!(kinds(&world, &id)[events.len()..], ["undo", "state_changed"]);
        world.yoi(["undo"]).ok();
        assert_eq!(world.json(["show", &id])["state"], "closed");
        verified(&world, &before, &tip(&world));
    }
}

/// What a server's guard and `verify` say of what came since.
fn verified(world: &World, old: &str, new: &str) {
    world.yoi(["verify-push", REF, old, new]).ok();
    world.yoi(["verify"]).ok();
}

#[test]
fn what_can_not_be_known_is_left_with_the_reason() {
    let world = World::new();
    let [no_item, bad_state, chain, fine] = ["a", "b", "c", "d"].map(|title| world.create(title));
    file(&world, &path(&no_item, ".item.md"), b"no front matter\n");
    let item = content(&world, &path(&bad_state, ".item.md"));
    file(&world, &path(&bad_state, ".item.md"), item.replace("'planning'", "'eaten'").as_bytes());
    let item = content(&world, &path(&fine, ".item.md")).replace("updated_at:", "updated_at: '' #");
    file(&world, &path(&fine, ".item.md"), item.as_bytes());
    let thread = content(&world, &path(&chain, ".thread.md"));
    let odd = "\n<!-- event: review author: a at: 2026-01-02T03:04:05Z -->\n\nfine\n\n---\n";
    file(&world, &path(&chain, ".thread.md"), format!("{thread}{odd}").as_bytes());
    let answer = world.yoi(["doctor", "--fix"]);
    assert_eq!(answer.code, 1, "{answer:?}");
    for words in [
        format!("repaired: {fine}/item.md:5: 'updated_at' is missing or empty\n"),
        format!(
            "error: {no_item}/item.md: the first line is not '---'\n  unreadable_item: its events don't tell"
        ),
        format!("error: {bad_state}/item.md:3: unknown state 'eaten'\n  invalid_state: no event"),
        "review without a verdict\n  review_without_verdict: kept: what was said is never changed".to_owned(),
        "left: 4 tickets checked: 2 errors, 1 warning\n".to_owned(),
        "1 repaired; git yoi undo --op ".to_owned(),
    ] {
        assert!(answer.out.contains(&words), "{words}\n{}", answer.out);
    }
    let left = rows(&world.yoi(["doctor", "--fix", "--porcelain"]).out);
    assert_eq!(
        left,
        pairs(&[("unreadable_item", "left"), ("invalid_state", "left"), ("review_without_verdict", "left")])
    );
    world.yoi(["doctor", "-n"]).fails(129);
}

#[test]
fn a_ticket_that_could_not_be_read_is_read_again_and_stays_so() {
    let world = World::new();
    let id = damaged(&world);
    let item = content(&world, &path(&id, ".item.md")).replace("state: 'inprogress'", "state: 'eaten");
    file(&world, &path(&id, ".item.md"), item.as_bytes());
    world.yoi(["show", &id]).fails(128);
    world.yoi(["doctor", "--fix"]).ok();
    assert_eq!(world.json(["show", &id])["state"], "closed");
    // Nobody can say what it was before; what is known goes back.
    world.yoi(["undo"]).ok();
    assert_eq!(world.json(["show", &id])["state"], "closed");
    world.yoi(["doctor"]).ok();
}

#[test]
fn a_file_that_is_marked_as_a_program_is_none_any_more() {
    let world = World::new();
    let id = world.create("one");
    let notes = world.write("notes.md", "notes\n");
    world.yoi(["artifact", "add", &id, notes.to_str().unwrap()]).ok();
    let names = [path(&id, "/notes.md"), path(&id, ".item.md")];
    let objects = names.each_ref().map(|name| object(&world, name));
    let entries = [0, 1].map(|index| ("100755", names[index].as_str(), objects[index].as_str()));
    plant::entries(&world, &entries);
    assert!(world.git(["ls-tree", "-r", REF]).ok().contains("100755"));
    let found = rows(&world.yoi(["doctor", "--fix", "--porcelain"]).ok());
    assert_eq!(found, pairs(&[("executable_file", "repaired"), ("executable_file", "repaired")]));
    assert!(!world.git(["ls-tree", "-r", REF]).ok().contains("100755"));
    assert_eq!(world.yoi(["doctor"]).ok(), "1 ticket checked: 0 errors, 0 warnings\n");
    world.yoi(["undo"]).ok();
}

#[test]
fn many_tickets_are_one_commit_and_clones_that_repair_apart_meet_without_a_conflict() {
    let two = Two::begin(&gits()[0]);
    let world = &two.world;
    let ids: Vec<String> = (0..20).map(|number| world.create(&format!("ticket {number}"))).collect();
    for id in &ids {
        world.yoi(["state", id, "ready", "-m", "clear"]).ok();
    }
    for id in &ids {
        let item = content(world, &path(id, ".item.md")).replace("'ready'", "'planning'");
        file(world, &path(id, ".item.md"), item.as_bytes());
        let thread = content(world, &path(id, ".thread.md"));
        file(world, &path(id, ".thread.md"), thread.trim_end_matches("---\n").as_bytes());
    }
    two.git("repo", &["push", "-q", "--no-verify", "origin", REF]).ok();
    two.yoi("clone", &["sync"]).ok();
    let number = commits(world);
    two.yoi("repo", &["doctor", "--fix"]).ok();
    assert_eq!(commits(world), number + 1);
    assert!(world.git(["log", "-1", "--format=%s", REF]).ok().starts_with("20 tickets: repaired "));
    // The other one says something meanwhile, and repairs on its own.
    two.yoi("clone", &["comment", &ids[0], "-m", "meanwhile"]).ok();
    two.yoi("clone", &["doctor", "--fix"]).ok();
    two.yoi("repo", &["sync"]).ok();
    two.yoi("clone", &["sync"]).ok();
    two.yoi("repo", &["sync"]).ok();
    for folder in ["repo", "clone"] {
        let told = two.yoi(folder, &["doctor"]).ok();
        assert!(told.ends_with("21 tickets checked: 0 errors, 0 warnings\n"), "{told}");
        two.yoi(folder, &["verify"]).ok();
        assert!(two.yoi(folder, &["show", &ids[0]]).ok().contains("meanwhile"));
    }
}

#[test]
fn what_lies_around_the_tickets_is_made_again() {
    for git in gits() {
        let two = Two::begin(&git);
        let world = &two.world;
        world.create("one");
        two.yoi("repo", &["sync"]).ok();
        let own = world.repo().join(".git/yoi");
        two.yoi("repo", &["index", "--rebuild"]).ok();
        let clean = two.yoi("repo", &["doctor"]).ok();
        assert_eq!(clean, "2 tickets checked: 0 errors, 0 warnings\n");
        fs::write(own.join("index.db"), "no database, and long enough to be taken for one").unwrap();
        fs::write(own.join("cursors"), "nonsense\n").unwrap();
        let hook = |name: &str| -> PathBuf { world.repo().join(".git/hooks").join(name) };
        fs::remove_file(hook("post-commit")).unwrap();
        let twice = "+refs/yoi/tickets*:refs/yoi/remotes/origin/tickets*";
        two.git("repo", &["config", "--add", "remote.origin.fetch", twice]).ok();
        let expected = [
            ("missing_hook", "repaired"),
            ("many_refspecs", "repaired"),
            ("damaged_cursors", "repaired"),
            ("damaged_index", "repaired"),
        ];
        let would = rows(&two.yoi("repo", &["--no-catch-up", "doctor", "--fix", "-n", "--porcelain"]).ok());
        assert_eq!(would, pairs(&expected));
        assert!(!hook("post-commit").exists() && own.join("cursors").exists());
        let before = tip(world);
        let done = rows(&two.yoi("repo", &["--no-catch-up", "doctor", "--fix", "--porcelain"]).ok());
        assert_eq!(done, pairs(&expected));
        assert_eq!(tip(world), before, "nothing on the ref was to be mended");
        assert!(hook("post-commit").exists() && !own.join("cursors").exists());
        let refspecs = two.git("repo", &["config", "--get-all", "remote.origin.fetch"]).ok();
        assert_eq!(refspecs.matches("refs/yoi/tickets").count(), 1, "{refspecs}");
        assert_eq!(two.yoi("repo", &["doctor"]).ok(), clean);
        two.git("repo", &["config", "--unset-all", "remote.origin.fetch", "yoi/tickets"]).ok();
        let done = rows(&two.yoi("repo", &["doctor", "--fix", "--porcelain"]).ok());
        assert_eq!(done, pairs(&[("no_refspec", "repaired")]));
        assert_eq!(two.git("repo", &["config", "--get-all", "remote.origin.fetch"]).ok(), refspecs);
    }
}

#[test]
fn hooks_are_missed_by_those_who_had_them_and_sending_is_for_people_to_allow() {
    let two = Two::begin(&gits()[0]);
    two.world.create("one");
    two.yoi("repo", &["sync"]).ok();
    let hooks = two.world.repo().join(".git/hooks");
    let all = ["commit-msg", "post-commit", "post-merge", "post-rewrite", "pre-push"];
    for name in all {
        fs::remove_file(hooks.join(name)).unwrap();
    }
    assert_eq!(two.yoi("repo", &["doctor", "--porcelain"]).ok().matches("\tmissing_hook\t").count(), 5);
    two.yoi("repo", &["doctor", "--fix"]).ok();
    assert!(all.iter().all(|name| hooks.join(name).is_file()));
    // Of another version, or not to be run.
    let path = hooks.join("pre-push");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("git-yoi hook v", "git-yoi hook v9")).unwrap();
    let mut command = two.world.command("chmod", two.world.root());
    command.arg("-x").arg(hooks.join("commit-msg"));
    two.world.run(command).ok();
    let found = rows(&two.yoi("repo", &["doctor", "--fix", "--porcelain"]).ok());
    assert_eq!(found, pairs(&[("damaged_hook", "repaired"), ("outdated_hook", "repaired")]));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // Who took them out misses none.
    two.yoi("repo", &["hooks", "uninstall"]).ok();
    assert!(!two.yoi("repo", &["doctor"]).ok().contains("hook"));
    two.yoi("repo", &["doctor", "--fix"]).ok();
    assert!(!hooks.join("pre-push").exists());
    // An opt-in that is gone is told; it comes back where the remote is named.
    two.git("repo", &["config", "--unset", "remote.origin.yoi"]).ok();
    let left = rows(&two.yoi("repo", &["doctor", "--fix", "--porcelain"]).ok());
    assert_eq!(left, pairs(&[("not_opted_in", "left")]));
    let done = two.yoi("repo", &["doctor", "--fix", "--remote=origin", "--porcelain"]).ok();
    assert!(done.contains("\tnot_opted_in\t") && done.contains("\trepaired\t"), "{done}");
    assert_eq!(two.git("repo", &["config", "remote.origin.yoi"]).ok(), "true\n");
}

#[test]
fn an_index_that_says_other_things_is_made_again() {
    let world = World::new();
    let id = world.create("bumblebee");
    world.yoi(["index", "--rebuild"]).ok();
    let database = world.repo().join(".git/yoi/index.db");
    let text = fs::read(&database).unwrap();
    let at = text.windows(9).position(|bytes| bytes == b"bumblebee").unwrap();
    let mut other = text.clone();
    other[at..at + 9].copy_from_slice(b"dragonfly");
    drop(fs::remove_file(database.with_extension("db-wal")));
    fs::write(&database, other).unwrap();
    let found = rows(&world.yoi(["doctor", "--fix", "--porcelain"]).ok());
    assert_eq!(found, pairs(&[("damaged_index", "repaired")]));
    assert_eq!(world.json(["show", &id])["title"], "bumblebee");
    assert!(world.yoi(["list"]).ok().contains("bumblebee"));
}

#[test]
fn a_repair_that_can_not_be_written_is_told_and_leaves_all_as_it_was() {
    let world = World::new();
    let id = damaged(&world);
    // Of a newer format: nothing is written, everything is told.
    file(&world, "format", b"yoi-tickets 2\n");
    let before = tip(&world);
    let answer = world.yoi(["doctor", "--fix"]);
    assert_eq!((answer.code, tip(&world)), (1, before), "{answer:?}");
    assert!(
        answer.out.contains("install a newer git-yoi") && answer.out.contains("0 repaired\n"),
        "{answer:?}"
    );
    assert!(answer.out.contains(&id));
    let empty = tree(&world, &format!("100644 blob {}\tformat\n", blob(&world, b"yoi-tickets 1\n")));
    plant::commit(&world, &empty);
    world.yoi(["doctor", "--fix"]).ok();
}

#[test]
fn what_was_taken_back_is_no_contradiction() {
    let world = World::new();
    let id = world.create("one");
    let clean = "1 ticket checked: 0 errors, 0 warnings\n";
    let step = |words: &[&str]| {
        world.yoi(words).ok();
        assert_eq!(world.yoi(["doctor"]).ok(), clean, "{words:?}");
    };
    step(&["close", &id, "-m", "first"]);
    step(&["undo"]);
    step(&["undo"]);
    step(&["reopen", &id, "-m", "again"]);
    step(&["close", &id, "-m", "second"]);
    // The text of the first close is the resolution again, and then the second.
    step(&["undo"]);
    step(&["undo"]);
    step(&["reopen", &id, "-m", "once more"]);
    step(&["state", &id, "ready", "-m", "clear"]);
    step(&["queue", &id]);
    step(&["undo"]);
    step(&["undo"]);
    step(&["state", &id, "planning", "-m", "back"]);
    step(&["undo"]);
    assert_eq!(commits(&world), 15);
}
