//! Finding tickets again: lists, searches, the history of operations.

use crate::fixture::{THREAD, commits, folder, import, item, one_in_each_state, put, shown, stored, text};
use crate::world::{Answer, World};

/// The titles of porcelain rows.
fn titles(answer: Answer) -> Vec<String> {
    let rows = answer.ok();
    rows.lines().map(|row| row.rsplit('\t').next().unwrap().to_owned()).collect()
}

fn list(world: &World, arguments: &[&str]) -> Vec<String> {
    titles(world.yoi([&["list", "--porcelain"], arguments].concat()))
}

fn search(world: &World, arguments: &[&str]) -> Vec<String> {
    titles(world.yoi([&["search", "--porcelain"], arguments].concat()))
}

/// Four tickets whose fields put them in another order each.
fn four(world: &World) {
    let times = |item: String, created: &str, updated: &str| {
        item.replacen("2026-01-02T03:04:05Z", created, 1).replacen("2026-01-02T03:04:05Z", updated, 1)
    };
    let tickets = [
        (
            "Beta café",
            "done",
            "priority: 'P2'\nlabels: ['ui', 'Web']\n",
            "2026-01-04T00:00:00Z",
            "2026-02-01T00:00:00Z",
        ),
        ("alpha", "planning", "assignee: 'Kim Li'\n", "2026-01-03T00:00:00Z", "2026-02-04T00:00:00Z"),
        (
            "Delta",
            "queued",
            "priority: 'P1'\nrisk_flags: ['data loss']\n",
            "2026-01-02T00:00:00Z",
            "2026-02-03T00:00:00Z",
        ),
        (
            "gamma 検索",
            "closed",
            "readiness: 'blocked'\nlabels: ['ui']\n",
            "2026-01-01T00:00:00Z",
            "2026-02-02T00:00:00Z",
        ),
    ];
    for (index, (title, state, more, created, updated)) in tickets.into_iter().enumerate() {
        let text = item(&format!("'{title}'"), state, more).replace("assignee: null\nassignee", "assignee");
        folder(world, 1 + index as u64, &times(text, created, updated), THREAD);
    }
    import(world);
}

#[test]
fn a_list_is_sorted_by_each_key_and_the_other_way_round() {
    let world = World::new();
    four(&world);
    let orders = [
        ("updated", ["alpha", "Delta", "gamma 検索", "Beta café"]),
        ("created", ["Beta café", "alpha", "Delta", "gamma 検索"]),
        ("id", ["Beta café", "alpha", "Delta", "gamma 検索"]),
        ("title", ["alpha", "Beta café", "Delta", "gamma 検索"]),
        ("state", ["alpha", "Delta", "Beta café", "gamma 検索"]),
        ("priority", ["Delta", "Beta café", "alpha", "gamma 検索"]),
    ];
    for (key, expected) in orders {
        assert_eq!(list(&world, &["--state", "all", "--sort", key]), expected, "{key}");
        let mut reversed = expected;
        reversed.reverse();
        assert_eq!(list(&world, &["--state", "all", "--sort", key, "--reverse"]), reversed, "{key}");
    }
    assert_eq!(list(&world, &["--state", "all"]), orders[0].1, "the last changed first");
}

#[test]
fn a_list_shows_what_fulfils_every_condition() {
    let world = World::new();
    four(&world);
    let cases: [(&[&str], &[&str]); 15] = [
        (&[], &["alpha", "Delta", "Beta café"]),
        (&["--state", "active"], &["alpha", "Delta", "Beta café"]),
        (&["--state", "closed"], &["gamma 検索"]),
        (&["--state", "done,planning"], &["alpha", "Beta café"]),
        (&["--state", "all", "label:ui"], &["gamma 検索", "Beta café"]),
        (&["label:web"], &["Beta café"]),
        (&["label:we"], &[]),
        (&["assignee:kim li"], &["alpha"]),
        (&["priority:p1"], &["Delta"]),
        (&["risk:data loss"], &["Delta"]),
        (&["state:closed"], &["gamma 検索"]),
        (&["--state", "all", "readiness:blocked"], &["gamma 検索"]),
        (&["--state", "all", "A", "検索"], &["gamma 検索"]),
        (&["CAFÉ"], &["Beta café"]),
        (&["000002"], &["alpha"]),
    ];
    for (conditions, expected) in cases {
        assert_eq!(list(&world, conditions), expected, "{conditions:?}");
    }
    let answer = world.yoi(["list", "nothing like it"]);
    assert_eq!(
        (answer.code, answer.out.as_str(), answer.err.as_str()),
        (0, "", "no tickets match; --state all looks at all 4\n")
    );
    let answer = world.yoi(["list", "--state", "open"]);
    assert!(
        answer.code == 129 && answer.err.contains("planning, ready, queued, inprogress, done, closed"),
        "{answer:?}"
    );
}

#[test]
fn the_stressed_end_of_an_id_names_the_ticket_whatever_is_listed() {
    let world = World::new();
    for (number, state) in [(10_1234, "closed"), (20_1234, "planning"), (1, "ready")] {
        folder(&world, number, &item("'T'", state, ""), THREAD);
    }
    import(&world);
    for conditions in [&["--state", "all"][..], &[], &["-n", "1"], &["--state", "planning"]] {
        let rows = world.yoi([&["list", "--color=always"], conditions].concat()).ok();
        for row in rows.lines() {
            let (_, stressed) = row.split_once("\u{1b}[m").unwrap();
            let end = stressed.split(['m', '\u{1b}']).nth(2).unwrap();
            assert!(end.len() >= 4 && world.yoi(["show", end]).code == 0, "{conditions:?} {row:?} {end:?}");
        }
    }
}

#[test]
fn a_list_that_is_cut_short_says_so() {
    let world = World::new();
    four(&world);
    let answer = world.yoi(["list", "-n", "2", "--state", "all"]);
    assert_eq!((answer.code, answer.out.lines().count(), answer.err.as_str()), (0, 2, "2 of 4 shown\n"));
    let document = world.json(["list", "-n", "2", "--state", "all"]);
    assert_eq!((document["total"].as_u64(), document["truncated"].as_bool()), (Some(4), Some(true)));
    assert_eq!(document["tickets"].as_array().unwrap().len(), 2);
    let document = world.json(["list", "-n", "4", "--state", "all"]);
    assert_eq!((document["total"].as_u64(), document["truncated"].as_bool()), (Some(4), Some(false)));
    let document = world.json(["list", "-n", "0"]);
    assert_eq!((document["total"].as_u64(), document["truncated"].as_bool()), (Some(3), Some(true)));
}

#[test]
fn a_ticket_that_can_not_be_read_hides_no_other() {
    let world = World::new();
    let good = world.create("good");
    let bad = world.create("bad");
    put(&world, &bad, "item.md", "---\nno front matter\n");
    for words in [&["list", "--porcelain"][..], &["search", "--porcelain", "background"]] {
        let answer = world.yoi(words);
        assert_eq!((answer.code, answer.out), (0, format!("{good}\tplanning\tgood\n")), "{words:?}");
        assert!(answer.err.starts_with(&format!("warning: {bad} is left out: ")), "{words:?} {}", answer.err);
    }
    assert_eq!(world.json(["list"])["unreadable"][0]["id"].as_str(), Some(bad.as_str()));
    let answer = world.yoi(["show", &bad]);
    assert!(answer.code == 128 && answer.err.contains(&format!("{bad}/item.md can't be read")), "{answer:?}");
    assert!(world.yoi(["show", &bad, "--raw"]).ok().starts_with("---\nno front matter\n"));
}

/// Tickets that hold words in title, body, thread and artifacts.
fn library(world: &World) -> String {
    let id =
        world.yoi(["create", "Sort the Registry", "-m", "Keep the catalogue\nin order.", "--porcelain"]).ok();
    let id = id.trim_end().to_owned();
    world.yoi(["comment", &id, "-m", "予算の見直しを行う。", "--as", "plan"]).ok();
    world.yoi(["comment", &id, "-m", "The Quick brown fox"]).ok();
    let notes = world.write("notes.txt", "zeppelin\n");
    world.yoi(["artifact", "add", &id, notes.to_str().unwrap(), "--name", "log/notes.txt"]).ok();
    let other = world.create("Another registry");
    world.yoi(["close", &other, "-m", "Brown, then quick."]).ok();
    id
}

#[test]
fn a_search_finds_all_its_words_whatever_their_case() {
    let world = World::new();
    library(&world);
    let both = ["Another registry", "Sort the Registry"];
    let sorted = |arguments: &[&str]| {
        let mut found = search(&world, arguments);
        found.sort();
        found
    };
    assert_eq!(sorted(&["REGISTRY"]), both);
    assert_eq!(sorted(&["quick", "brown"]), both);
    assert_eq!(sorted(&["quick brown"]), ["Sort the Registry"]);
    assert_eq!(sorted(&["registry", "catalogue", "ORDER"]), ["Sort the Registry"]);
    assert_eq!(sorted(&["見直"]), ["Sort the Registry"]);
    assert_eq!(sorted(&["zeppelin"]), ["Sort the Registry"]);
    assert_eq!(sorted(&["registry", "--state", "closed"]), ["Another registry"]);
    assert_eq!(sorted(&["registry", "--state", "active"]), ["Sort the Registry"]);
    assert_eq!(world.yoi(["search", "registry", "-n", "1"]).err, "1 of 2 shown\n");
}

#[test]
fn a_word_is_found_by_itself_in_every_script() {
    let world = World::new();
    for word in ["ΟΔΟΣ", "ΣΟΦΟΣ ΑΝΗΡ", "Straße", "İstanbul", "ДОМ", "ｶﾀｶﾅ", "ﬁn"]
    {
        world.create(word);
        assert_eq!(search(&world, &[word]), [word]);
    }
}

#[test]
fn a_search_tells_where_each_word_is() {
    let world = World::new();
    let id = library(&world);
    let found = world.yoi(["search", "registry", "catalogue", "見直", "zeppelin", "fox"]).ok();
    let ticket = shown(&world, &id);
    let at = |number: usize| text(&ticket["events"][number - 1]["at"]).to_owned();
    let minute = |number: usize| at(number)[..16].replace('T', " ");
    let day = &text(&ticket["updated_at"])[..10];
    let expected = format!(
        "{id}  planning  {day}  Sort the Registry\n    title: Sort the Registry\n    body: Keep the catalogue\n    event 2 plan by Tess Ter, {}: 予算の見直しを行う。\n    artifacts/log/notes.txt: zeppelin\n    event 3 comment by Tess Ter, {}: The Quick brown fox\n",
        minute(2),
        minute(3)
    );
    assert_eq!(found, expected);
    let places =
        world.json(["search", "見直", "zeppelin", "fox", "quick brown"])["hits"][0]["places"].clone();
    let event = |number: usize, kind: &str| serde_json::json!({"number": number, "kind": kind, "author": "Tess Ter", "at": at(number)});
    let expected = serde_json::json!([
        {"place": "event 2 plan", "event": event(2, "plan"), "snippet": "予算の見直しを行う。", "highlights": [[3, 5]]},
        {"place": "artifacts/log/notes.txt", "snippet": "zeppelin", "highlights": [[0, 8]]},
        {"place": "event 3 comment", "event": event(3, "comment"), "snippet": "The Quick brown fox", "highlights": [[4, 15], [16, 19]]},
    ]);
    assert_eq!(places, expected);
    let painted = world.yoi(["search", "fox", "quick", "--color=always"]).ok();
    assert!(painted.contains("\u{1b}[1mQuick\u{1b}[m brown \u{1b}[1mfox\u{1b}[m\n"), "{painted:?}");
}

#[test]
fn a_search_looks_where_it_is_told_to() {
    let world = World::new();
    let id = library(&world);
    let one = ["Sort the Registry"];
    for (words, expected) in [
        (&["title:registry", "catalogue"][..], &one[..]),
        (&["title:catalogue"], &[]),
        (&["in:body", "catalogue"], &one),
        (&["in:thread", "catalogue"], &[]),
        (&["in:thread,body", "catalogue"], &one),
        (&["in:artifact", "zeppelin"], &one),
        (&["in:thread", "quick", "not:zeppelin"], &["Sort the Registry", "Another registry"]),
        (&["quick", "not:zeppelin"], &["Another registry"]),
        (&["zepp*"], &one),
        (&["zepp"], &[]),
        (&["\"quick brown\" fox"], &one),
        (&["見直しを行う"], &one),
        (&["予"], &one),
        (&["直し 行う"], &[]),
    ] {
        let answer = world.yoi([&["search", "--porcelain"], words].concat());
        assert_eq!(answer.code, i32::from(expected.is_empty()), "{words:?} {answer:?}");
        let mut found: Vec<&str> = answer.out.lines().map(|row| row.rsplit('\t').next().unwrap()).collect();
        let mut expected = expected.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{words:?}");
    }
    world.git(["commit", "-q", "--allow-empty", "-m", "Tame the walrus"]).ok();
    world.yoi(["link", &id, "HEAD"]).ok();
    assert_eq!(search(&world, &["walrus", "in:commits"]), one);
    assert!(world.yoi(["search", "walrus", "in:commits"]).ok().contains("Tame the walrus\n"));
}

#[test]
fn a_person_is_shown_the_best_hits_and_told_of_more() {
    let world = World::new();
    for number in 0..60 {
        folder(&world, number, &item("'Many'", "ready", ""), THREAD);
    }
    folder(&world, 60, &item("'Elsewhere'", "ready", ""), THREAD);
    import(&world);
    let answer = world.yoi(["search", "elsewhere"]);
    assert_eq!(answer.err, "50 of 61 shown; -n <count> shows more\n");
    assert!(answer.out.lines().next().unwrap().ends_with("Elsewhere"), "{}", answer.out);
    assert_eq!(search(&world, &["elsewhere"]).len(), 61);
    assert_eq!(world.json(["search", "elsewhere"])["hits"].as_array().unwrap().len(), 61);
}

#[test]
fn a_search_without_an_answer_exits_with_1() {
    let world = World::new();
    library(&world);
    let answer = world.yoi(["search", "fox", "unicorn"]);
    assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (1, "", "nothing found\n"));
    let answer = world.yoi(["search", "fox", "unicorn", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((answer.code, document["total"].as_u64(), answer.err.as_str()), (1, Some(0), ""));
    assert_eq!(world.yoi(["search", " "]).code, 129);
    assert_eq!(world.yoi(["search"]).code, 129);
}

#[test]
fn the_history_tells_every_operation_the_newest_first() {
    let world = World::new();
    let first = world.create("first");
    let second = world.create("second");
    world.yoi(["comment", &first, "-m", "x", "--actor", "yoi-coder"]).ok();
    let subjects = |arguments: &[&str]| -> Vec<String> {
        let rows = world.yoi([&["history", "--porcelain"], arguments].concat()).ok();
        rows.lines().map(|row| row.split('\t').nth(3).unwrap().to_owned()).collect()
    };
    let said = [
        format!("{first}: commented"),
        format!("{second}: created: second"),
        format!("{first}: created: first"),
    ];
    assert_eq!(subjects(&[]), said);
    assert_eq!(subjects(&[&first]), [said[0].clone(), said[2].clone()]);
    assert_eq!(subjects(&["-n", "2"]), said[..2]);
    assert_eq!(commits(&world), 3);
    let log = world.git([
        "log",
        "--format=%H%x09%cd%x09%an%x09%s",
        "--date=format:%Y-%m-%dT%H:%M:%SZ",
        "refs/yoi/tickets",
    ]);
    assert_eq!(world.yoi(["history", "--porcelain"]).ok(), log.ok());
    let rows = world.yoi(["history", "-n", "1"]).ok();
    assert!(rows.contains(" yoi-coder ") && rows.ends_with(&format!(" {first}: commented\n")), "{rows}");
}

#[test]
fn the_history_shows_what_changed_in_the_files() {
    let world = World::new();
    let id = world.create("first");
    let other = world.create("other");
    let before = stored(&world, &id, "thread.md");
    world.yoi(["close", &id, "-m", "Gone.", "--as", &format!("superseded-by={other}")]).ok();
    let seen = world.yoi(["history", &id, "-p", "-n", "1"]).ok();
    let path = format!("tickets/{}/{}/{id}", &id[11..12], &id[12..]);
    for part in [
        format!("    {path}.item.md\n"),
        "    state: [-'planning'-]{+'closed'+}\n".to_owned(),
        format!("    {path}.resolution.md (new)\n    {{+Gone.+}}\n"),
        "    {+Ticket closed.+}\n".to_owned(),
    ] {
        assert!(seen.contains(&part), "{part:?} is not in {seen}");
    }
    assert!(!seen.contains(&format!("{other}.item.md")), "{seen}");
    let patches = world.json(["history", &id, "-p"])["operations"].clone();
    let thread =
        patches[1]["patches"].as_array().unwrap().iter().find(|one| text(one).contains(".thread.md"));
    let added: String =
        text(thread.unwrap()).lines().skip(3).map(|line| format!("{}\n", &line[1..])).collect();
    assert_eq!(added, before);
}

#[test]
fn a_ticket_in_every_state_is_listed_with_that_state() {
    let world = World::new();
    for (state, id) in one_in_each_state(&world) {
        let rows = world.yoi(["list", "--state", state, "--porcelain"]).ok();
        assert_eq!(rows, format!("{id}\t{state}\tOne that is {state}\n"));
    }
}
