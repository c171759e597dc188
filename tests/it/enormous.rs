//! Tickets made to be too much: each is refused or shown, in bounded memory and time.

use crate::plant::{self, REF, path, tip};
use crate::world::{Answer, World};

/// Where tickets fetched from a remote `x` are kept.
const FETCHED: &str = "refs/yoi/remotes/x/tickets";
const ITEM: &str = "---\ntitle: 'x'\nstate: 'queued'\ncreated_at: '2026-01-02T03:04:05Z'\nupdated_at: '2026-01-02T03:04:05Z'\nassignee: null\n---\n\nbody\n";
const THREAD: &str =
    "<!-- event: create author: a at: 2026-01-02T03:04:05Z -->\n\n## Created\n\nCreated.\n\n---\n";
/// What the program may take: KiB of address space, seconds. Who asks for more than usual gives more time.
const ROOM: (u64, u64) = (1_500_000, 120);

/// A number that the environment may raise.
fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

/// Runs the program with the usual room.
fn run(world: &World, words: &[&str]) -> Answer {
    run_in(ROOM.0, world, words)
}

/// Runs the program with that much memory, in KiB. A program that wants more dies, which is no answer.
fn run_in(memory: u64, world: &World, words: &[&str]) -> Answer {
    let mut command = world.command("sh", &world.repo());
    let seconds = number("YOI_TEST_SECONDS", ROOM.1);
    command.args(["-c", &format!("ulimit -v {memory}; exec timeout {seconds} \"$@\""), "sh"]);
    command.arg(env!("CARGO_BIN_EXE_git-yoi")).args(words);
    let answer = world.run(command);
    assert!(
        (0..=2).contains(&answer.code) || answer.code == 128,
        "{words:?}: {} {}",
        answer.code,
        answer.err
    );
    answer
}

/// A stream for `git fast-import` that makes one commit with these files on a ref.
fn import(world: &World, to: &str, files: &[(String, Vec<u8>)]) {
    let mut stream = format!("commit {to}\ncommitter a <a@x> 1700000000 +0000\ndata 1\nx\n").into_bytes();
    let format = ("format".to_owned(), b"yoi-tickets 1\n".to_vec());
    for (path, content) in std::iter::once(&format).chain(files) {
        stream.extend(format!("M 100644 inline {path}\ndata {}\n", content.len()).into_bytes());
        stream.extend(content);
        stream.push(b'\n');
    }
    let mut command = world.command("git", &world.repo());
    command.args(["fast-import", "--quiet", "--force"]);
    command.stdin(std::fs::File::open(world.write("stream", stream)).unwrap());
    world.run(command).ok();
}

/// A ticket's two files.
fn ticket(id: &str, thread: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    vec![(path(id, ".item.md"), ITEM.into()), (path(id, ".thread.md"), thread)]
}

#[test]
fn a_thread_of_millions_of_lines_is_shown_and_searched() {
    let world = World::new();
    let id = plant::id(1);
    let mut thread = THREAD.as_bytes().to_vec();
    thread.extend(b"\n<!-- event: comment author: a at: 2026-01-02T03:04:05Z -->\n\n");
    let lines = usize::try_from(number("YOI_TEST_LINES", 2_000_000)).unwrap();
    thread.extend(b"line\n".repeat(lines));
    thread.extend(b"needle\n\n---\n");
    import(&world, REF, &ticket(&id, thread));
    assert!(run(&world, &["list"]).ok().contains(&id));
    assert!(run(&world, &["show", &id]).ok().contains("needle"));
    assert!(run(&world, &["search", "needle"]).ok().contains(&id));
    run(&world, &["comment", &id, "-m", "more"]).ok();
    run(&world, &["doctor"]);
}

#[test]
fn a_search_in_a_long_text_keeps_no_multiple_of_it() {
    let world = World::new();
    // Four million bytes: many words, one word of many parts, and one run that has a word everywhere.
    let texts = ["line\n".repeat(800_000), "aB".repeat(2_000_000), "設計".repeat(600_000)];
    let ids: Vec<String> = (1..=3).map(plant::id).collect();
    let mut files = Vec::new();
    for (id, text) in ids.iter().zip(texts) {
        let comment = "\n<!-- event: comment author: a at: 2026-01-02T03:04:05Z -->\n\n";
        files.extend(ticket(
            id,
            format!("{THREAD}{comment}{}\nneedle\n\n---\n", text.trim_end()).into_bytes(),
        ));
    }
    import(&world, REF, &files);
    // The first makes the index; without one, and with one, the texts are read.
    for words in
        [["search", "needle"].as_slice(), &["search", "needle"], &["search", "--", "needle", "-nothing"]]
    {
        let found = run_in(110_000, &world, words);
        let all = ids.iter().all(|id| found.out.contains(id));
        assert!(all && found.out.matches("needle").count() == 3, "{words:?}: {found:?}");
    }
    for (words, id, shown) in [
        ("\"line line\"", &ids[0], "line\n"),
        ("\"line needle\"", &ids[0], "line"),
        ("設計設", &ids[2], "設計設"),
    ] {
        let found = run_in(110_000, &world, &["search", words]);
        assert!(found.out.contains(id.as_str()) && found.out.contains(shown.trim()), "{words}: {found:?}");
        assert!(found.out.len() < 1000, "{words}: {}", found.out.len());
    }
}

#[test]
fn an_operation_on_many_long_tickets_is_taken_back_one_by_one() {
    let world = World::new();
    let comment = "\n<!-- event: comment author: a at: 2026-01-02T03:04:05Z -->\n\n";
    let thread = format!("{THREAD}{comment}{}---\n", "line\n".repeat(40_000));
    // Twenty megabytes in all.
    let files = (1..=110).flat_map(|number| ticket(&plant::id(number), thread.clone().into_bytes()));
    import(&world, REF, &files.collect::<Vec<_>>());
    let undone = run_in(100_000, &world, &["undo", "--op", REF, "--porcelain"]);
    assert!(undone.code == 0 && undone.out.lines().count() == 110, "{undone:?}");
    assert!(run(&world, &["list"]).ok().is_empty());
}

#[test]
fn fifty_thousand_events_in_one_thread_are_read() {
    let world = World::new();
    let id = plant::id(1);
    let mut thread = THREAD.to_owned();
    thread.push_str(
        &"\n<!-- event: comment author: a at: 2026-01-02T03:04:05Z -->\n\nx\n\n---\n".repeat(50_000),
    );
    import(&world, REF, &ticket(&id, thread.into_bytes()));
    assert!(run(&world, &["show", &id, "--json"]).ok().len() > 50_000);
    run(&world, &["comment", &id, "-m", "more"]).ok();
    run(&world, &["list"]).ok();
}

#[test]
fn brackets_without_end_are_no_relations_and_stop_nothing() {
    let world = World::new();
    let id = plant::id(1);
    let mut files = ticket(&id, THREAD.into());
    files.push((path(&id, "/relations.json"), b"[".repeat(5_000_000)));
    files.push((path(&id, "/orchestration-plan.jsonl"), b"{\"a\":".repeat(1_000_000)));
    files.push((path(&id, "/work.jsonl"), b"[".repeat(5_000_000)));
    import(&world, REF, &files);
    run(&world, &["list"]).ok();
    let shown = run(&world, &["show", &id]);
    assert!(shown.code == 0 && shown.err.contains("relations.json can't be read"), "{shown:?}");
    assert_eq!(run(&world, &["doctor"]).code, 1);
    run(&world, &["comment", &id, "-m", "more"]).ok();
}

#[test]
fn ten_thousand_tickets_that_wait_for_each_other_in_one_circle_are_told() {
    let world = World::new();
    let number = number("YOI_TEST_CIRCLE", 10_000);
    let id = |index: u64| plant::id(index % number);
    let mut files = Vec::new();
    for index in 0..number {
        let (own, next) = (id(index), id(index + 1));
        files.extend(ticket(&own, THREAD.into()));
        let relation = format!(
            "{{\n  \"version\": 1,\n  \"relations\": [\n    {{\n      \"ticket_id\": \"{own}\",\n      \"kind\": \"depends_on\",\n      \"target\": \"{next}\",\n      \"author\": \"a\",\n      \"at\": \"2026-01-02T03:04:05Z\"\n    }}\n  ]\n}}\n"
        );
        files.push((path(&own, "/relations.json"), relation.into_bytes()));
    }
    import(&world, REF, &files);
    let listed = run(&world, &["list", "--porcelain"]).ok().lines().count();
    assert_eq!(u64::try_from(listed).unwrap(), number);
    assert!(run(&world, &["show", &id(1)]).ok().contains("blocked"));
    let moved = run(&world, &["state", &id(1), "inprogress"]);
    assert!(moved.code == 2 && moved.err.contains(&id(2)), "{moved:?}");
    for words in
        [["graph"].as_slice(), &["graph", "--dot"], &["next"], &["status"], &["next", "--explain", &id(1)]]
    {
        assert!(run(&world, words).code <= 1, "{words:?}");
    }
    let refused = run(&world, &["relate", &id(2), "depends-on", &id(1)]);
    assert!(refused.code == 2 && refused.err.contains("wait for each other"), "{}", refused.err);
    for words in [["doctor"].as_slice(), &["doctor", "--fix"]] {
        let doctor = run(&world, words);
        assert!(doctor.out.contains("circle"), "{words:?}: {}", doctor.err);
    }
}

#[test]
fn a_file_that_is_too_large_to_read_hides_no_other_and_is_not_taken_over() {
    let world = World::new();
    let (large, small) = (plant::id(1), plant::id(2));
    let content = vec![b' '; usize::try_from(git_yoi::model::limit::READ).unwrap() + 1];
    let mut files = ticket(&large, content);
    files.extend(ticket(&small, THREAD.into()));
    import(&world, REF, &files);
    run(&world, &["list"]).ok();
    run(&world, &["show", &small]).ok();
    let said = run(&world, &["show", &large]).fails(128);
    assert!(said.contains("thread.md' has 268435457 bytes; at most 268435456 are read"), "{said}");
    let theirs = tip(&world);
    world.git(["update-ref", "-d", REF]).ok();
    world.yoi(["init", "--no-hooks"]).ok();
    let before = tip(&world);
    world.git(["update-ref", FETCHED, &theirs]).ok();
    let told = run(&world, &["list"]).err;
    assert!(told.contains("tickets of 'x' are not merged") && told.contains("268435457 bytes"), "{told}");
    assert_eq!(tip(&world), before);
}

#[test]
fn a_thread_of_more_events_than_memory_holds_is_not_taken_over() {
    let world = World::new();
    let most = git_yoi::model::limit::EVENTS;
    let events = |count: usize| {
        let id = plant::id(1);
        import(&world, FETCHED, &ticket(&id, "<!-- event: x -->\n".repeat(count).into_bytes()));
        (tip(&world), run_in(700_000, &world, &["list"]))
    };
    world.yoi(["init", "--no-hooks"]).ok();
    let before = tip(&world);
    let (_, answer) = events(most + 1);
    assert_eq!((answer.code, tip(&world)), (0, before), "{answer:?}");
    let why = format!("thread.md': it has more than {most} events");
    assert!(answer.err.contains("tickets of 'x' are not merged") && answer.err.contains(&why), "{answer:?}");
    let (before, answer) = events(most);
    assert!(answer.code == 0 && answer.out.contains(&plant::id(1)), "{answer:?}");
    assert_ne!(tip(&world), before);
}

#[test]
fn folders_without_end_are_refused() {
    let world = World::new();
    let id = world.create("one");
    let before = tip(&world);
    let mut files = ticket(&id, THREAD.into());
    files.push((path(&id, &format!("/{}x", "d/".repeat(4500))), b"x".to_vec()));
    import(&world, FETCHED, &files);
    let told = run(&world, &["list"]).err;
    assert!(told.contains("tickets of 'x' are not merged: commit "), "{told}");
    assert!(told.contains("… (8193 bytes)': its path is too long") && told.len() < 1000, "{told}");
    assert_eq!(tip(&world), before);
    // Somebody may have put it there with plain git.
    world.git(["update-ref", REF, FETCHED]).ok();
    for words in [["list"].as_slice(), &["show", &id], &["doctor"], &["search", "x"]] {
        run(&world, words);
    }
}

#[test]
fn a_few_small_trees_that_stand_for_a_million_files_are_refused() {
    let world = World::new();
    let id = world.create("one");
    let before = tip(&world);
    let blob = plant::blob(&world, b"x");
    let rows = |mode: &str, kind: &str, object: &str| -> String {
        (0..100).map(|index| format!("{mode} {kind} {object}\tn{index}\n")).collect()
    };
    let mut tree = plant::tree(&world, &rows("100644", "blob", &blob));
    for _ in 0..4 {
        tree = plant::tree(&world, &rows("040000", "tree", &tree));
    }
    plant::artifacts(&world, &id, &tree);
    let theirs = tip(&world);
    plant::point(&world, &before);
    world.git(["update-ref", FETCHED, &theirs]).ok();
    let told = run(&world, &["list"]).err;
    assert!(told.contains("tickets of 'x' are not merged: commit "), "{told}");
    assert_eq!(tip(&world), before);
}
