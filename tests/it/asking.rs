//! The language in which lists and searches are asked.

use crate::fixture::{THREAD, folder, import, item, put, shown};
use crate::world::World;

/// The titles of the tickets a command lists, in order.
fn titles(world: &World, command: &str, words: &[&str]) -> Vec<String> {
    let answer = world.yoi([&[command, "--porcelain"], words].concat());
    assert!(answer.code == 0 || (command == "search" && answer.code == 1), "{words:?} {answer:?}");
    answer.out.lines().map(|row| row.rsplit('\t').next().unwrap().to_owned()).collect()
}

#[track_caller]
fn check(world: &World, words: &[&str], expected: &[&str]) {
    let mut found = titles(world, "list", words);
    found.sort();
    assert_eq!(found, expected, "{words:?}");
}

/// Imported tickets with fields of every kind; `c` waits for `a`.
fn world() -> World {
    let world = World::new();
    let thread = |author: &str| THREAD.replace("author: someone", &format!("author: {author}"));
    let item = |title: &str, state: &str, day: &str, more: &str| {
        let text = item(&format!("'{title}'"), state, more).replace("assignee: null\nassignee", "assignee");
        text.replacen("2026-01-02T03:04:05Z", &format!("2026-01-{day}T12:00:00Z"), 1).replacen(
            "2026-01-02T03:04:05Z",
            &format!("2026-03-{day}T12:00:00Z"),
            1,
        )
    };
    let fields = "assignee: 'Kim Li'\nlabels: ['ui', 'area/web']\npriority: 'P1'\n";
    folder(&world, 1, &item("a", "queued", "01", fields), &thread("Kim Li"));
    let fields = "labels: ['UI', 'needs, info']\nreadiness: 'blocked'\nrisk_flags: ['data loss']\n";
    folder(&world, 2, &item("b", "planning", "02", fields), &thread("Tess Ter"));
    folder(&world, 3, &item("c", "queued", "03", "priority: 'P2'\n"), &thread("Tess Ter"));
    folder(&world, 4, &item("d", "closed", "04", "labels: ['ui']\n"), &thread("robot"));
    folder(&world, 5, &item("e 設計", "done", "05", "assignee: 'Tess Ter'\n"), &thread("robot"));
    import(&world);
    put(
        &world,
        "00001K0000003",
        "artifacts/relations.json",
        r#"{"version":1,"relations":[{"ticket_id":"00001K0000003","kind":"depends_on","target":"00001K0000001","author":"x","at":"2026-01-01T00:00:00Z"}]}"#,
    );
    world
}

#[test]
fn a_list_is_narrowed_by_each_key() {
    let world = world();
    assert!(!shown(&world, "00001K0000003")["blockers"].as_array().unwrap().is_empty());
    check(&world, &["state:queued,done"], &["a", "c", "e 設計"]);
    check(&world, &["state:all"], &["a", "b", "c", "d", "e 設計"]);
    check(&world, &["is:closed"], &["d"]);
    check(&world, &["is:resolved"], &["d", "e 設計"]);
    check(&world, &["is:open"], &["a", "b", "c", "e 設計"]);
    check(&world, &["is:blocked"], &["c"]);
    check(&world, &["is:unassigned"], &["b", "c"]);
    check(&world, &["gate:can_start"], &["a"]);
    check(&world, &["gate:blocked"], &["c"]);
    check(&world, &["gate:closed"], &["d"]);
    check(&world, &["gate:needs-intake,awaiting_close"], &["b", "e 設計"]);
    check(&world, &["assignee:kim li"], &["a"]);
    check(&world, &["assignee:me"], &["e 設計"]);
    check(&world, &["assignee:me", "--actor", "Kim Li"], &["a"]);
    check(&world, &["author:me"], &["b", "c"]);
    check(&world, &["author:ROBOT", "--state", "all"], &["d", "e 設計"]);
    check(&world, &["label:ui"], &["a", "b"]);
    check(&world, &["label:area/*"], &["a"]);
    check(&world, &["label:\"needs, info\""], &["b"]);
    check(&world, &["label:none"], &["c", "e 設計"]);
    check(&world, &["priority:p1,p2"], &["a", "c"]);
    check(&world, &["readiness:any"], &["b"]);
    check(&world, &["risk:data*"], &["b"]);
    check(&world, &["title:設"], &["e 設計"]);
}

#[test]
fn times_are_days_spans_and_distances() {
    let world = world();
    check(&world, &["created:2026-01-02"], &["b"]);
    check(&world, &["created:2026-01-02..2026-01-03"], &["b", "c"]);
    check(&world, &["created:<2026-01-02"], &["a"]);
    check(&world, &["updated:2026-03"], &["a", "b", "c", "e 設計"]);
    check(&world, &["since:2026-03-03"], &["c", "e 設計"]);
    check(&world, &["until:2026-03-02T12:00:00Z"], &["a", "b"]);
    check(&world, &["since:1h"], &[]);
    world.create("new");
    check(&world, &["since:1h"], &["new"]);
    check(&world, &["created:today,2026-01-01"], &["a", "new"]);
    check(&world, &["updated:<1h", "label:ui"], &["a", "b"]);
}

#[test]
fn what_is_excluded_is_left_out() {
    let world = world();
    check(&world, &["-label:ui"], &["c", "e 設計"]);
    check(&world, &["not:label:ui", "-state:done"], &["c"]);
    check(&world, &["-n", "9", "-is:assigned", "--", "-c"], &["b"]);
    check(&world, &["-state:queued,planning", "--state", "all"], &["d", "e 設計"]);
    check(&world, &["--", "-設"], &["a", "b", "c"]);
}

#[test]
fn searches_are_narrowed_by_the_same_keys() {
    let world = world();
    let search = |words: &[&str]| {
        let mut found = titles(&world, "search", &[&["elsewhere"], words].concat());
        found.sort();
        found
    };
    assert_eq!(search(&["label:ui"]), ["a", "b", "d"]);
    assert_eq!(search(&["label:ui", "--state", "active"]), ["a", "b"]);
    assert_eq!(search(&["-label:ui", "is:open"]), ["c", "e 設計"]);
    assert_eq!(search(&["gate:blocked"]), ["c"]);
    assert_eq!(search(&["author:robot", "created:>2026-01-04"]), ["e 設計"]);
    assert_eq!(titles(&world, "search", &["elsewhere", "--sort", "priority", "-n", "2"]), ["a", "c"]);
    assert_eq!(titles(&world, "search", &["elsewhere", "--sort", "id", "--reverse", "-n", "1"]), ["e 設計"]);
}

#[test]
fn a_question_that_is_not_understood_is_an_error_that_names_what_is_near() {
    let world = world();
    for command in ["list", "search"] {
        for (word, error, hint) in [
            ("lable:ui", "'lable:ui' has no key that is known: 'lable:'", "did you mean 'label:'?"),
            ("-lable:ui", "'lable:ui' has no key that is known: 'lable:'", "did you mean 'label:'?"),
            (
                "state:qeued",
                "'state:qeued': there are planning, ready, queued",
                "did you mean 'state:queued'?",
            ),
            ("gate:open", "'gate:open': there are can_start, needs_intake", ""),
            ("since:soon", "'since:soon' is no time", "such as 2026-06-25"),
            ("label:", "'label:' lacks a value", ""),
            ("\"x", "has an open double quote", ""),
            ("", "a word to look for is empty", ""),
        ] {
            let answer = world.yoi([command, word]);
            assert_eq!((answer.code, answer.out.as_str()), (129, ""), "{command} {word} {answer:?}");
            assert!(answer.err.contains(error) && answer.err.contains(hint), "{command} {word} {answer:?}");
        }
    }
    let answer = world.yoi(["list", "in:body", "x"]);
    assert!(answer.code == 129 && answer.err.contains("hint: git yoi search"), "{answer:?}");
    for word in ["label:ui", "not:fox", "=>"] {
        let answer = world.yoi(["search", word]);
        assert!(answer.code == 129 && answer.err.contains("word to look for"), "{answer:?}");
    }
    let answer = world.yoi(["list", "foo:bar", "--json"]);
    let error: serde_json::Value = serde_json::from_str(&answer.err).unwrap();
    assert_eq!(error["code"], "usage");
    assert_eq!(error["hint"], "'\"foo:bar\"' in double quotes is text to look for");
    assert_eq!(titles(&world, "list", &["\"foo:bar\""]), Vec::<String>::new());
}
