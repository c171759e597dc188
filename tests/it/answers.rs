//! Answers for programs: JSON documents, porcelain rows, formats, errors.

use serde_json::{Value, json};

use crate::fixture::{THREAD, folder, id, import, item, shown, stored, text, tip};
use crate::world::{Answer, World};

/// A ticket with every field and one with none but the required ones.
fn rich_and_poor(world: &World) {
    let more = "readiness: 'implementation_ready'\nrisk_flags: ['data loss', 'slow']\nqueued_by: 'panel'\nqueued_at: '2026-01-03T00:00:00Z'\npriority: 'P1'\nlabels: ['ui', 'a, b']\nlegacy: 7\n";
    let rich = item("'Rich'", "queued", more).replace("assignee: null", "assignee: 'Kim'");
    folder(world, 1, &rich, THREAD);
    folder(world, 2, "---\ntitle: Poor\nstate: planning\n---\n", THREAD);
    import(world);
}

fn rich() -> Value {
    json!({
        "id": id(1), "state": "queued", "title": "Rich", "created_at": "2026-01-02T03:04:05Z",
        "updated_at": "2026-01-02T03:04:05Z", "assignee": "Kim", "priority": "P1", "labels": ["ui", "a, b"],
        "readiness": "implementation_ready", "risk_flags": ["data loss", "slow"], "queued_by": "panel",
        "queued_at": "2026-01-03T00:00:00Z",
    })
}

fn poor() -> Value {
    json!({"id": id(2), "state": "planning", "title": "Poor", "labels": [], "risk_flags": []})
}

/// One object with the keys of both.
fn merged(mut left: Value, right: Value) -> Value {
    left.as_object_mut().unwrap().extend(right.as_object().unwrap().clone());
    left
}

#[test]
fn a_list_as_json_has_exactly_these_fields() {
    let world = World::new();
    rich_and_poor(&world);
    let expected =
        json!({"schema": "yoi.list/1", "total": 2, "truncated": false, "tickets": [rich(), poor()]});
    assert_eq!(world.json(["list", "--sort", "id"]), expected);
    let expected = json!({"schema": "yoi.list/1", "total": 0, "truncated": false, "tickets": []});
    assert_eq!(world.json(["list", "--state", "done"]), expected);
}

#[test]
fn a_ticket_as_json_has_exactly_these_fields() {
    let world = World::new();
    rich_and_poor(&world);
    let event = json!({
        "number": 1, "kind": "create", "author": "someone", "at": "2026-01-02T03:04:05Z",
        "heading": "Created", "body": "Made elsewhere.",
    });
    let missing = |criterion: &str| json!({"criterion": criterion, "status": "missing", "required": false});
    let evidence: Vec<Value> =
        ["report", "review", "validation", "landing"].into_iter().map(missing).collect();
    let found = shown(&world, &id(1));
    let rest = json!({
        "schema": "yoi.ticket/1", "version": found["version"], "gate": "can_start",
        "other_fields": {"legacy": "7"}, "body": "## Background\n\nWritten elsewhere.\n", "events": [event],
        "blockers": [], "relations": [], "commits": [], "artifacts": [], "evidence": evidence,
    });
    assert_eq!(found, merged(rich(), rest));
    let found = shown(&world, &id(2));
    let rest = json!({
        "schema": "yoi.ticket/1", "version": found["version"], "gate": "needs_intake", "body": "",
        "events": [event], "blockers": [], "relations": [], "commits": [], "artifacts": [],
        "evidence": evidence,
    });
    assert_eq!(found, merged(poor(), rest));
    assert!(text(&found["version"]).len() == 16, "{found}");
}

#[test]
fn everything_that_belongs_to_a_ticket_is_in_its_json() {
    let world = World::new();
    let (a, b) = (world.create("a"), world.create("b"));
    world.yoi(["relate", &a, "depends-on", &b, "--note", "why"]).ok();
    world.git(["commit", "-q", "--allow-empty", "-m", "work"]).ok();
    world.yoi(["link", &a, "HEAD"]).ok();
    let file = world.write("notes", "12345");
    world.yoi(["artifact", "add", &a, file.to_str().unwrap(), "--name", "x/y"]).ok();
    world.yoi(["close", &a, "-m", "Over.", "--as", "done"]).ok();
    let ticket = shown(&world, &a);
    let commit = world.git(["rev-parse", "HEAD"]).ok().trim_end().to_owned();
    let relation = json!({
        "kind": "depends_on", "direction": "outgoing", "id": b, "title": "b", "state": "planning", "note": "why",
        "author": "Tess Ter", "at": ticket["events"][1]["at"],
    });
    assert_eq!(ticket["relations"], json!([relation]));
    assert_eq!(
        ticket["blockers"],
        json!([{"id": b, "via": "depends_on", "state": "planning", "unresolved": true}])
    );
    let at = world.git(["log", "-1", "--format=%ad", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"]).ok();
    let linked = json!({
        "commit": commit, "present": true, "subject": "work", "author": "Tess Ter", "at": at.trim_end(),
        "recorded": format!("`{}` work", &commit[..8]), "via": ["linked"], "reachable": true,
    });
    assert_eq!(ticket["commits"], json!([linked]));
    assert_eq!(ticket["artifacts"], json!([{"name": "x/y", "size": 5}]));
    assert_eq!(ticket["resolution"], "Over.\n");
    let documents = world.json(["commits", &a]);
    let expected = json!({"schema": "yoi.commits/1", "total": 1, "truncated": false, "commits": [linked]});
    assert_eq!(documents, expected);
    let size = stored(&world, &a, "artifacts/relations.json").len();
    let files = json!([{"name": "relations.json", "size": size}, {"name": "x/y", "size": 5}]);
    let expected = json!({"schema": "yoi.artifacts/1", "total": 2, "truncated": false, "artifacts": files});
    assert_eq!(world.json(["artifact", "list", &a]), expected);
}

#[test]
fn what_was_found_and_what_happened_have_exactly_these_fields() {
    let world = World::new();
    rich_and_poor(&world);
    let place = json!({"place": "body", "snippet": "Written elsewhere.", "highlights": [[0, 7]]});
    let hit = merged(rich(), json!({"places": [place]}));
    let expected = json!({"schema": "yoi.search/1", "total": 1, "truncated": false, "hits": [hit]});
    assert_eq!(world.json(["search", "WRITTEN"]), expected);
    let at =
        world.git(["log", "-1", "--format=%cd", "--date=format:%Y-%m-%dT%H:%M:%SZ", "refs/yoi/tickets"]).ok();
    let operation = json!({"commit": tip(&world), "author": "Tess Ter", "at": at.trim_end(), "subject": "2 tickets: imported"});
    let expected =
        json!({"schema": "yoi.history/1", "total": 1, "truncated": false, "operations": [operation]});
    assert_eq!(world.json(["history"]), expected);
}

#[test]
fn a_history_that_is_cut_short_says_so_and_a_whole_one_does_not() {
    let world = World::new();
    let id = world.create("a");
    world.yoi(["comment", &id, "-m", "x"]).ok();
    let document = world.json(["history", "-n", "1"]);
    assert_eq!((&document["total"], &document["truncated"]), (&json!(2), &json!(true)), "{document}");
    assert_eq!(world.json(["history", "-n", "2"])["truncated"], false, "all are shown");
}

#[test]
fn a_write_as_json_names_ticket_change_events_and_commit() {
    let world = World::new();
    let document = world.json(["init"]);
    let expected = json!({
        "schema": "yoi.init/1", "ref": "refs/yoi/tickets", "created": true, "tickets": 0, "reflog": true,
        "hooks": world.json(["hooks", "status"])["how"],
    });
    assert_eq!(document, expected);
    assert_eq!(world.json(["init"])["created"], false);
    let document = world.json(["create", "A \"title\"", "--state", "ready"]);
    let events = json!([{"id": document["events"][0]["id"], "kind": "create"}]);
    let expected = json!({
        "schema": "yoi.change/1", "id": document["id"], "title": "A \"title\"", "state": "ready", "what": "created",
        "events": events, "commit": tip(&world),
    });
    assert_eq!(document, expected);
    let id = text(&document["id"]);
    let document = world.json(["edit", id, "--title", "B"]);
    assert_eq!((text(&document["title"]), text(&document["what"])), ("B", "edited title"));
    let document = world.json(["close", id, "-m", "x"]);
    assert_eq!((text(&document["state"]), text(&document["what"])), ("closed", "ready -> closed"));
    assert_eq!(document["events"].as_array().unwrap().len(), 2);
    let file = world.write("f", "x");
    let document = world.json(["artifact", "add", id, file.to_str().unwrap()]);
    assert_eq!((&document["events"], text(&document["what"])), (&json!([]), "artifact f added"));
}

#[test]
fn moving_in_and_out_has_exactly_these_fields() {
    let world = World::new();
    rich_and_poor(&world);
    folder(&world, 3, &item("'T'", "planning", ""), THREAD);
    world.write("from/README.md", "x");
    world.write("from/nonsense/item.md", "x");
    let answer = world.yoi(["import", "yoi", "../from", "--keep-going", "--json"]);
    let document: Value = serde_json::from_str(&answer.out).unwrap();
    let expected = json!({
        "schema": "yoi.import/1", "imported": 1, "unchanged": 2,
        "skipped": [{"name": "nonsense", "why": "the folder's name is no ticket id"}],
        "ignored": ["README.md"], "commit": tip(&world),
    });
    assert_eq!((answer.code, document), (1, expected));
    std::fs::remove_dir_all(world.root().join("from/nonsense")).unwrap();
    let document = world.json(["import", "yoi", "../from"]);
    let expected = json!({
        "schema": "yoi.import/1", "imported": 0, "unchanged": 3, "skipped": [], "ignored": ["README.md"],
    });
    assert_eq!(document, expected);
    let document = world.json(["export", "../to"]);
    assert_eq!(document, json!({"schema": "yoi.export/1", "tickets": 3, "files": 9, "skipped": []}));
}

/// The error object, which must be all there is on stderr, on one line.
fn error(answer: Answer) -> (i32, Value) {
    assert_eq!(answer.out, "", "{answer:?}");
    assert_eq!(answer.err.lines().count(), 1, "{answer:?}");
    (answer.code, serde_json::from_str(&answer.err).unwrap())
}

#[test]
fn an_error_as_json_is_one_object_with_a_stable_code() {
    let world = World::new();
    rich_and_poor(&world);
    world.write("repo/full/x", "x");
    let one = id(1);
    let cases: [(&[&str], i32, &str); 23] = [
        (&["show", "ZZZZ"], 1, "unknown_ticket"),
        (&["show", "ZZZ"], 1, "bad_ticket_name"),
        (&["show", "@"], 1, "no_branch_ticket"),
        (&["state", &one, "done"], 2, "illegal_move"),
        (&["state", &one, "queued"], 2, "same_state"),
        (&["state", &one, "inprogress", "--from", "ready"], 2, "state_moved"),
        (&["edit", &one, "--title", "x", "--if-match", "0"], 2, "stale"),
        (&["edit", &one, "--title", "Rich"], 2, "nothing_to_change"),
        (&["create", ""], 129, "empty_text"),
        (&["create", &"x".repeat(2000)], 129, "too_long"),
        (&["create", "a\nb"], 129, "bad_text"),
        (&["relate", &one, "related", &one], 129, "self_relation"),
        (&["unrelate", &one, "related", &id(2)], 2, "not_related"),
        (&["unlink", &one, &"0".repeat(40)], 2, "not_linked"),
        (&["link", &one, "nowhere"], 1, "unknown_revision"),
        (&["artifact", "get", &one, "x"], 1, "no_artifact"),
        (&["artifact", "add", &one, "full/x", "--name", "../x"], 129, "bad_artifact_name"),
        (&["artifact", "add", &one, "gone"], 128, "file_error"),
        (&["export", "full"], 2, "not_empty"),
        (&["import", "yoi", "full"], 1, "nothing_to_import"),
        (&["comment", &one], 129, "usage"),
        (&["frobnicate"], 129, "usage"),
        (&["list", "--state", "nope"], 129, "usage"),
    ];
    for (words, code, word) in cases {
        let (found, document) = error(world.yoi([words, &["--json"]].concat()));
        assert_eq!((found, text(&document["code"])), (code, word), "{words:?} {document}");
        assert_eq!(text(&document["schema"]), "yoi.error/1");
        assert!(!text(&document["message"]).is_empty(), "{words:?}");
        assert!(document.as_object().unwrap().values().all(|value| !value.is_null()), "{document}");
    }
    let (_, document) = error(world.yoi(["show", "@", "--json"]));
    assert_eq!((document.get("hint"), document.get("candidates")), (None, None));
    let other = World::bare_folder(&crate::world::gits()[0]);
    assert_eq!(text(&error(other.yoi(["list", "--json"])).1["code"]), "no_repository");
    let other = World::new();
    assert_eq!(text(&error(other.yoi(["list", "--json"])).1["code"]), "not_initialised");
}

#[test]
fn an_ambiguous_name_lists_the_candidates_in_json_too() {
    let world = World::new();
    for number in [10_1234, 20_1234] {
        folder(&world, number, &item("\"x\\n  y\"", "planning", ""), THREAD);
    }
    import(&world);
    let (code, document) = error(world.yoi(["show", "1234", "--json"]));
    assert_eq!((code, text(&document["code"])), (1, "ambiguous_ticket"));
    assert_eq!(document["candidates"], json!([id(10_1234), id(20_1234)]));
    let err = world.yoi(["show", "1234"]).fails(1);
    assert_eq!(err.lines().count(), 4, "a title of two lines makes no row of its own: {err}");
}

#[test]
fn a_warning_does_not_stand_before_the_error_object() {
    let world = World::new();
    rich_and_poor(&world);
    world.write("repo/.yoi/workspace.toml", "[yoi]\nunknown = 1\n");
    let (code, document) = error(world.yoi(["show", "ZZZZ", "--json"]));
    assert_eq!((code, text(&document["code"])), (1, "unknown_ticket"));
}

#[test]
fn porcelain_rows_have_exactly_these_fields() {
    let world = World::new();
    rich_and_poor(&world);
    let said = |words: &[&str]| world.yoi([words, &["--porcelain"]].concat()).ok();
    let (one, two) = (id(1), id(2));
    assert_eq!(said(&["init"]), "refs/yoi/tickets\tpresent\n");
    assert_eq!(said(&["list", "--sort", "id"]), format!("{one}\tqueued\tRich\n{two}\tplanning\tPoor\n"));
    assert_eq!(said(&["search", "written"]), format!("{one}\tqueued\tRich\n"));
    assert_eq!(said(&["show", &two]), format!("{two}\tplanning\tPoor\n"));
    assert_eq!(said(&["comment", &one, "-m", "x"]), format!("{one}\tcommented\n"));
    assert_eq!(said(&["state", &one, "inprogress"]), format!("{one}\tqueued -> inprogress\n"));
    assert_eq!(said(&["relate", &one, "related", &two]), format!("{one}\trelated {two} added\n"));
    assert_eq!(said(&["import", "yoi", "../from"]), "imported\t0\nunchanged\t2\n");
    assert_eq!(said(&["export", "../to"]), "tickets\t2\nfiles\t7\n");
    let file = world.write("f", "xyz");
    assert_eq!(
        said(&["artifact", "add", &two, file.to_str().unwrap()]),
        format!("{two}\tartifact f added\n")
    );
    assert_eq!(said(&["artifact", "list", &two]), "f\t3\n");
    assert_eq!(said(&["commits", &one]), "");
    assert_eq!(said(&["history"]).lines().next().unwrap().split('\t').count(), 4);
}

#[test]
fn rows_can_end_with_nul() {
    let world = World::new();
    rich_and_poor(&world);
    let said = |words: &[&str]| world.yoi(words).ok();
    let rows = said(&["list", "--sort", "id", "--porcelain", "-z"]);
    assert_eq!(rows, format!("{}\tqueued\tRich\0{}\tplanning\tPoor\0", id(1), id(2)));
    assert_eq!(said(&["list", "--sort", "id", "-z", "--format=%(title)"]), "Rich\0Poor\0");
    assert_eq!(said(&["history", "-z", "--format", "%(subject)"]), "2 tickets: imported\0");
    assert_eq!(said(&["search", "-z", "written", "--porcelain"]), format!("{}\tqueued\tRich\0", id(1)));
}

#[test]
fn a_format_fills_in_every_field() {
    let world = World::new();
    rich_and_poor(&world);
    let said = |format: &str| world.yoi(["list", "--sort", "id", "--format", format]).ok();
    assert_eq!(
        said("%(id)%09%(title)%%%(state)%0a."),
        format!("{}\tRich%queued\n.\n{}\tPoor%planning\n.\n", id(1), id(2))
    );
    let rest = "%(created_at)|%(updated_at)|%(assignee)|%(priority)|%(labels)|%(readiness)|%(risk_flags)|%(queued_by)|%(queued_at)";
    let expected = "2026-01-02T03:04:05Z|2026-01-02T03:04:05Z|Kim|P1|ui, a, b|implementation_ready|data loss, slow|panel|2026-01-03T00:00:00Z\n||||||||\n";
    assert_eq!(said(rest), expected);
    assert_eq!(said("日本"), "日本\n日本\n");
    for bad in ["%(nope)", "%(id", "%", "%zz", "%ff", "%(ID)"] {
        let answer = world.yoi(["list", "--format", bad]);
        assert_eq!((answer.code, answer.out.as_str()), (129, ""), "{bad} {answer:?}");
    }
    let answer = world.yoi(["list", "--format", "%(nope)"]);
    assert!(answer.err.contains("'nope'") && answer.err.contains("queued_at"), "{answer:?}");
    for pair in [["--json", "--porcelain"], ["--json", "--format=x"], ["--porcelain", "--format=x"]] {
        assert_eq!(world.yoi([&["list"], &pair[..]].concat()).code, 129, "{pair:?}");
    }
}

#[test]
fn a_title_of_several_lines_and_columns_stays_one_row() {
    let world = World::new();
    folder(&world, 1, &item("\"a\\tb\\nc\\r\\0\\e[1m\"", "planning", "labels: [\"x\\ty\"]\n"), THREAD);
    import(&world);
    let row = format!("{}\tplanning\ta^Ib^Jc^M^@^[[1m\n", id(1));
    for words in [&["list"][..], &["search", "background"], &["show", &id(1)]] {
        assert_eq!(world.yoi([words, &["--porcelain"]].concat()).ok(), row, "{words:?}");
    }
    assert_eq!(world.yoi(["list", "--format", "%(title)%09%(labels)"]).ok(), "a^Ib^Jc^M^@^[[1m\tx^Iy\n");
    let seen = world.yoi(["list"]).ok();
    assert_eq!(seen, format!("{}  planning  2026-01-02  a^Ib^Jc^M^@^[[1m [x^Iy]\n", id(1)));
    let echo = world.yoi(["comment", &id(1), "-m", "x"]).ok();
    assert_eq!(echo, format!("{} \"a^Ib^Jc^M^@^[[1m\": commented\n", id(1)));
    assert_eq!(world.json(["list"])["tickets"][0]["title"], "a\tb\nc\r\0\u{1b}[1m");
}

#[test]
fn nothing_is_cut_where_no_terminal_is() {
    let world = World::new();
    let title = "長い title ".repeat(60);
    let id = world.create(&title);
    let mut command = world.yoi_command(["list"]);
    command.env("COLUMNS", "40").env("TERM", "xterm-256color");
    let seen = world.run(command).ok();
    assert!(seen.ends_with(&format!("  {}\n", title.trim())), "{seen}");
    assert!(seen.starts_with(&format!("{id}  planning  ")) && !seen.contains('\u{1b}'), "{seen}");
    let painted = world.yoi(["list", "--color", "always"]).ok();
    assert!(painted.contains("\u{1b}[") && painted.contains(title.trim()), "{painted}");
    assert!(!world.yoi(["list", "--color=always", "--porcelain"]).ok().contains('\u{1b}'));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let world = World::new();
    let body = format!("{}\n", "x".repeat(120)).repeat(4000);
    world.yoi_with_input(["create", "long", "-F", "-"], body.as_bytes()).ok();
    let id = world.yoi(["list", "--format", "%(id)"]).ok();
    let mut command = world.command("sh", &world.repo());
    let script = format!("{{ git yoi show {}; echo $? >../code; }} 2>../err | head -n 1", id.trim_end());
    command.arg("-c").arg(script);
    assert!(world.run(command).ok().ends_with(" long\n"));
    let read = |name: &str| std::fs::read_to_string(world.root().join(name)).unwrap();
    assert_eq!((read("code").as_str(), read("err").as_str()), ("0\n", ""));
}
