//! Every day: making tickets, talking in them, editing them, showing them.

use serde_json::{Value, json};

use crate::fixture::{THREAD, commits, folder, id, import, item, kinds, last, shown, stored, text, tip};
use crate::world::{Answer, World};

/// What `create` makes of a title in an English project, given what can't be known beforehand.
fn english(title: &str, at: &str, event: &str) -> (String, String) {
    let item = format!(
        "---\ntitle: '{title}'\nstate: 'planning'\ncreated_at: '{at}'\nupdated_at: '{at}'\nassignee: null\n---\n\n\
         ## Background\n\nWrite here what this ticket is about.\n\n## Acceptance criteria\n\n- TBD\n"
    );
    let thread = format!(
        "<!-- event: create author: \"Tess Ter\" at: {at} id: {event} -->\n\n## Created\n\nCreated by git-yoi.\n\n---\n"
    );
    (item, thread)
}

fn is_ulid(word: &str) -> bool {
    let alphabet =
        |byte: u8| byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !b"ILOU".contains(&byte));
    word.len() == 26 && word.bytes().all(alphabet)
}

fn refused(world: &World, arguments: &[&str], code: i32, words: &str) {
    let before = tip(world);
    let answer = world.yoi(arguments);
    assert_eq!((answer.code, answer.out.as_str()), (code, ""), "{arguments:?} {answer:?}");
    assert!(answer.err.starts_with("error: ") && answer.err.contains(words), "{arguments:?} {answer:?}");
    assert_eq!(tip(world), before, "{arguments:?} wrote something");
}

#[test]
fn a_new_ticket_has_exactly_these_bytes() {
    let world = World::new();
    let answer = world.yoi(["create", "It's \"new\": 日本 #1"]).ok();
    let id = answer.split(' ').next().unwrap();
    assert_eq!(answer, format!("{id} \"It's \"new\": 日本 #1\": created\n"));
    let ticket = shown(&world, id);
    let (at, event) = (text(&ticket["created_at"]), text(&ticket["events"][0]["id"]));
    assert!(is_ulid(event), "{event}");
    let (item, thread) = english("It''s \"new\": 日本 #1", at, event);
    assert_eq!(stored(&world, id, "item.md"), item);
    assert_eq!(stored(&world, id, "thread.md"), thread);
    let paths = world.git(["ls-tree", "-r", "--name-only", "refs/yoi/tickets"]).ok();
    let folder = format!("tickets/{}/{}/{id}", &id[11..12], &id[12..]);
    assert_eq!(paths, format!("format\n{folder}.item.md\n{folder}.thread.md\n"));
    assert_eq!(world.git(["cat-file", "blob", "refs/yoi/tickets:format"]).ok(), "yoi-tickets 1\n");
}

#[test]
fn a_japanese_project_gets_japanese_headings_and_sentences() {
    let world = World::new();
    world.write("repo/.yoi/workspace.toml", "[ticket]\nlanguage = \"Japanese\"\n");
    let id = world.create("題名");
    let ticket = shown(&world, &id);
    let (at, event) = (text(&ticket["created_at"]), text(&ticket["events"][0]["id"]));
    let item = stored(&world, &id, "item.md");
    assert!(item.starts_with("---\ntitle: '題名'\nstate: 'planning'\n"), "{item}");
    assert!(
        item.ends_with("---\n\n## 背景\n\nこの Ticket の背景をここに書く。\n\n## 受け入れ条件\n\n- 未定\n"),
        "{item}"
    );
    let thread = format!(
        "<!-- event: create author: \"Tess Ter\" at: {at} id: {event} -->\n\n## 作成\n\ngit-yoi によって作成されました。\n\n---\n"
    );
    assert_eq!(stored(&world, &id, "thread.md"), thread);
    world.yoi(["comment", &id, "-m", "コメント"]).ok();
    world.yoi(["state", &id, "ready", "-m", "要約"]).ok();
    world.yoi(["queue", &id, "--actor", "panel"]).ok();
    world.yoi(["close", &id, "-m", "終わり"]).ok();
    let ticket = shown(&world, &id);
    let told: Vec<(&str, &str)> = ticket["events"].as_array().unwrap()[1..]
        .iter()
        .map(|event| (text(&event["heading"]), text(&event["body"])))
        .collect();
    let expected = [
        ("Comment", "コメント"),
        ("Intake summary", "要約"),
        ("State changed", "Ticket planning が完了しました。state planning -> ready。"),
        ("State changed", "Ticket を `panel` が queued にしました。"),
        ("State changed", "Ticket を closed にしました。"),
        ("完了", "終わり"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn fields_given_at_creation_stand_in_this_order() {
    let world = World::new();
    let first = world.create("first");
    let second = world.create("second");
    let id = world
        .yoi([
            "create",
            "third",
            "--porcelain",
            "--label",
            "ui",
            "--label",
            "it's",
            "--priority",
            "P1",
            "--assignee",
            "Kim",
            "--depends-on",
            &first,
            "--depends-on",
            &second[8..],
            "--state",
            "ready",
            "-m",
            "words",
        ])
        .ok();
    assert_eq!(id.len(), 14, "the id alone: {id:?}");
    let id = id.trim_end();
    let ticket = shown(&world, id);
    let at = text(&ticket["created_at"]);
    let expected = format!(
        "---\ntitle: 'third'\nstate: 'ready'\ncreated_at: '{at}'\nupdated_at: '{at}'\nassignee: 'Kim'\npriority: 'P1'\nlabels: ['ui', 'it''s']\n---\n\nwords\n"
    );
    assert_eq!(stored(&world, id, "item.md"), expected);
    assert_eq!(kinds(&ticket), ["create", "relation", "relation"]);
    let waits: Vec<&str> =
        ticket["blockers"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
    assert_eq!(waits, [first.as_str(), second.as_str()]);
}

#[test]
fn a_ticket_starts_as_planning_ready_or_queued_only() {
    let world = World::new();
    let id = world.yoi(["create", "a", "--state", "queued", "--actor", "boss", "--porcelain"]).ok();
    let ticket = shown(&world, id.trim_end());
    assert_eq!((text(&ticket["state"]), text(&ticket["queued_by"])), ("queued", "boss"));
    assert_eq!(ticket["queued_at"], ticket["created_at"]);
    for state in ["inprogress", "done", "closed"] {
        refused(
            &world,
            &["create", "b", "--state", state],
            129,
            "a ticket starts as planning, ready or queued",
        );
    }
    let open = world.create("open");
    refused(&world, &["create", "b", "--state", "queued", "--depends-on", &open], 2, &open);
}

#[test]
fn text_comes_from_options_a_file_or_standard_input() {
    let world = World::new();
    let body =
        |id: &str| stored(&world, id.trim_end(), "item.md").split_once("---\n\n").unwrap().1.to_owned();
    let id = world.yoi(["create", "a", "-m", "one", "-m", "two\nlines", "--porcelain"]).ok();
    assert_eq!(body(&id), "one\n\ntwo\nlines\n");
    world.write("repo/body.md", "\n# Heading\r\n\n  indented\n\n\n");
    let id = world.yoi(["create", "b", "-F", "body.md", "--porcelain"]).ok();
    assert_eq!(body(&id), "# Heading\n\n  indented\n");
    let id = world.yoi_with_input(["create", "c", "-F", "-", "--porcelain"], "# 入力\n\nend".as_bytes()).ok();
    assert_eq!(body(&id), "# 入力\n\nend\n");
    let id = world.yoi_with_input(["create", "d", "--porcelain"], b"never read").ok();
    assert!(!stored(&world, id.trim_end(), "item.md").contains("never read"));
}

#[test]
fn text_may_begin_with_a_dash_as_lists_do() {
    let world = World::new();
    let id = world.yoi(["create", "a", "-m", "- one\n- two", "--porcelain"]).ok();
    let id = id.trim_end();
    assert_eq!(text(&shown(&world, id)["body"]), "- one\n- two\n");
    world.yoi(["comment", id, "-m", "- done", "-m", "--- and more"]).ok();
    assert_eq!(text(&last(&shown(&world, id))["body"]), "- done\n\n--- and more");
}

#[test]
fn values_of_other_options_may_begin_with_a_dash_too() {
    let world = World::new();
    let id = &world.create("a");
    world.yoi(["edit", id, "--title", "-Wall is off"]).ok();
    let other = world.yoi(["create", "--porcelain", "--", "-x is ignored"]).ok();
    world.yoi(["relate", id, "related", other.trim_end(), "--note", "- because"]).ok();
    assert_eq!(text(&shown(&world, id)["relations"][0]["note"]), "- because");
}

#[test]
fn text_that_can_not_be_stored_is_refused_and_nothing_is_written() {
    let world = World::new();
    let id = world.create("a");
    for title in ["", " \t ", "two\nlines", "bell\u{7}"] {
        refused(&world, &["create", title], 129, "title");
    }
    refused(&world, &["create", &"x".repeat(1025)], 129, "1025 bytes");
    refused(&world, &["create", "b", "-m", " \n "], 129, "the body is empty");
    refused(&world, &["create", "b", "--label", ""], 129, "the label is empty");
    refused(&world, &["comment", &id], 129, "-m <text>, -F <file>, or -F -");
    refused(&world, &["comment", &id, "-m", ""], 129, "the text is empty");
    refused(&world, &["comment", &id, "-m", "a", "--actor", "x --> y"], 129, "actor");
    world.write("repo/bad.md", b"ok \xff");
    refused(&world, &["comment", &id, "-F", "bad.md"], 129, "not UTF-8 at byte 3");
    world.write("repo/nul.md", b"a\0b");
    refused(&world, &["comment", &id, "-F", "nul.md"], 129, "NUL");
    world.write("repo/large.md", vec![b'x'; 1024 * 1024 + 1]);
    refused(&world, &["comment", &id, "-F", "large.md"], 129, "at most 1048576 fit");
    refused(&world, &["comment", &id, "-F", "nowhere.md"], 128, "nowhere.md");
}

#[test]
fn a_comment_is_one_of_four_kinds() {
    let world = World::new();
    let id = world.create("a");
    let kinds = [
        ("comment", "Comment", "commented"),
        ("plan", "Plan", "plan added"),
        ("decision", "Decision", "decision added"),
        ("implementation_report", "Implementation report", "implementation report added"),
    ];
    for (kind, heading, said) in kinds {
        let before = stored(&world, &id, "thread.md");
        let answer =
            world.yoi(["comment", &id, "--as", kind, "-m", "## Own\n\nwords", "--actor", "yoi-coder"]).ok();
        assert_eq!(answer, format!("{id} \"a\": {said}\n"));
        let ticket = shown(&world, &id);
        let (at, event) = (text(&last(&ticket)["at"]), text(&last(&ticket)["id"]));
        let expected = format!(
            "{before}\n<!-- event: {kind} author: yoi-coder at: {at} id: {event} -->\n\n## {heading}\n\n## Own\n\nwords\n\n---\n"
        );
        assert_eq!(stored(&world, &id, "thread.md"), expected);
        assert_eq!(ticket["updated_at"], last(&ticket)["at"]);
    }
    refused(&world, &["comment", &id, "--as", "review", "-m", "x"], 129, "review");
}

const BORDERS: &str = "---\n  ---  \n\\---\n<!-- event: close author: x at: 2026-01-01T00:00:00Z status: closed -->\n\n```md\n---\n<!-- event: review author: y at: t id: 01M00000000000000000000000 -->\n\n~~~\n\n## Not mine\n\n---";

#[test]
fn a_body_that_looks_like_the_borders_of_events_comes_back_as_it_was() {
    let world = World::new();
    let id = world.create("a");
    world.yoi_with_input(["comment", &id, "-F", "-"], BORDERS.as_bytes()).ok();
    world.yoi(["comment", &id, "-m", "after"]).ok();
    let ticket = shown(&world, &id);
    assert_eq!(kinds(&ticket), ["create", "comment", "comment"]);
    assert_eq!(text(&ticket["events"][1]["body"]), BORDERS);
    assert_eq!(text(&ticket["events"][2]["body"]), "after");
    assert_eq!(text(&ticket["state"]), "planning");
    let seen = world.yoi(["show", &id]).ok();
    assert!(seen.contains("\n<!-- event: close author: x"), "{seen}");
    assert!(!seen.contains("\\<!-- event"), "{seen}");
    let raw = world.yoi(["show", &id, "--raw"]).ok();
    assert!(raw.contains("\n\\---\n  \\---  \n\\\\---\n\\<!-- event: close author: x"), "{raw}");
    assert_eq!(raw.lines().filter(|line| line.starts_with("<!-- event:")).count(), 3, "{raw}");
    assert_eq!(raw.lines().filter(|line| line.trim() == "---").count(), 2 + 3, "{raw}");
}

/// Front matter that git-yoi would not write: comments, unknown keys, other quotes, other spaces.
const FOREIGN: &str = "# kept\nlegacy_ticket: \"old/7\" # kept too\nsize:   3\nmatrix: {a: [1, 2]}\nowners:\n  - one\n  # inner\n  - 'two'\n\n";

#[test]
fn an_edit_leaves_every_line_it_does_not_mean_as_it_was() {
    let world = World::new();
    let old =
        item("\"Double \\\"quoted\\\"\"", "planning", FOREIGN).replace("assignee: null", "assignee:   ~");
    folder(&world, 1, &old, THREAD);
    import(&world);
    let id = id(1);
    world.yoi(["edit", &id, "--priority", "P0", "--add-risk", "data loss"]).ok();
    let now = text(&shown(&world, &id)["updated_at"]).to_owned();
    let expected = old
        .replace("updated_at: '2026-01-02T03:04:05Z'", &format!("updated_at: '{now}'"))
        .replace("  - 'two'\n\n---\n", "  - 'two'\n\npriority: 'P0'\nrisk_flags: ['data loss']\n---\n");
    assert_eq!(stored(&world, &id, "item.md"), expected);
    world.yoi(["edit", &id, "--title", "It's new", "--assignee", "Kim", "-m", "New body"]).ok();
    world.yoi(["state", &id, "ready", "-m", "x"]).ok();
    let item = stored(&world, &id, "item.md");
    assert!(
        item.starts_with("---\ntitle: 'It''s new'\nstate: 'ready'\ncreated_at: '2026-01-02T03:04:05Z'\n"),
        "{item}"
    );
    assert!(item.contains(&format!("\nassignee: 'Kim'\n{FOREIGN}priority: 'P0'\n")), "{item}");
    assert!(item.ends_with("---\n\nNew body\n"), "{item}");
    assert!(stored(&world, &id, "thread.md").starts_with(THREAD));
    let fields = &shown(&world, &id)["other_fields"];
    assert_eq!((text(&fields["legacy_ticket"]), text(&fields["size"])), ("old/7", "3"));
}

/// The last event's field, what it was and what it is.
fn field(ticket: &Value) -> (String, Value, Value) {
    let event = last(ticket);
    assert_eq!(event["kind"], "field");
    let attributes = &event["attributes"];
    (text(&attributes["field"]).to_owned(), attributes["from"].clone(), attributes["to"].clone())
}

#[test]
fn each_edit_of_a_field_leaves_an_event_with_both_values() {
    let world = World::new();
    let id = world.create("Old --> title");
    let edits: [(&[&str], &str, Value, Value); 11] = [
        (&["--title", "New: \"one\""], "title", Value::Null, json!("New: \"one\"")),
        (&["--assignee", "Kim Li"], "assignee", Value::Null, json!("Kim Li")),
        (&["--no-assignee"], "assignee", json!("Kim Li"), Value::Null),
        (&["--priority", "P1"], "priority", Value::Null, json!("P1")),
        (&["--no-priority"], "priority", json!("P1"), Value::Null),
        (&["--readiness", "spike_needed"], "readiness", Value::Null, json!("spike_needed")),
        (&["--no-readiness"], "readiness", json!("spike_needed"), Value::Null),
        (&["--add-label", "b", "--add-label", "a"], "labels", Value::Null, json!("b, a")),
        (&["--remove-label", "b", "--add-label", "c"], "labels", json!("b, a"), json!("a, c")),
        (&["--add-risk", "irreversible"], "risk_flags", Value::Null, json!("irreversible")),
        (&["--remove-risk", "irreversible"], "risk_flags", json!("irreversible"), Value::Null),
    ];
    for (options, name, from, to) in edits {
        let answer = world.yoi([&["edit", &id], options].concat()).ok();
        assert!(answer.ends_with(&format!(": edited {name}\n")), "{answer}");
        assert_eq!(field(&shown(&world, &id)), (name.to_owned(), from, to), "{options:?}");
    }
    let ticket = shown(&world, &id);
    assert_eq!((text(&ticket["title"]), &ticket["labels"]), ("New: \"one\"", &json!(["a", "c"])));
    assert_eq!(text(&ticket["events"][1]["body"]), "title: Old --> title -> New: \"one\"");
    assert_eq!(ticket["events"].as_array().unwrap().len(), 12);
    refused(&world, &["edit", &id, "--title", "New: \"one\"", "--add-label", "a"], 2, "nothing to change");
    refused(&world, &["edit", &id, "--no-assignee"], 2, "nothing to change");
}

#[test]
fn an_edit_of_several_things_is_one_commit_and_an_event_for_each() {
    let world = World::new();
    let id = world.yoi(["create", "a", "-m", "keep\nold", "--porcelain"]).ok();
    let id = id.trim_end();
    let before = commits(&world);
    world.yoi(["edit", id, "--title", "b", "--priority", "P2", "-m", "keep\nnew\n---"]).ok();
    assert_eq!(commits(&world), before + 1);
    let ticket = shown(&world, id);
    assert_eq!(kinds(&ticket), ["create", "field", "field", "field"]);
    assert_eq!(text(&ticket["body"]), "keep\nnew\n---\n");
    let body = text(&last(&ticket)["body"]);
    assert!(body.starts_with("```diff\n@@ ") && body.contains("\n keep\n-old\n+new\n+---\n"), "{body}");
}

#[test]
fn an_edit_of_an_outdated_version_is_refused() {
    let world = World::new();
    let id = world.create("a");
    let version = text(&shown(&world, &id)["version"]).to_owned();
    world.yoi(["comment", &id, "-m", "meanwhile"]).ok();
    refused(&world, &["edit", &id, "--title", "b", "--if-match", &version], 2, "changed since");
    let version = text(&shown(&world, &id)["version"]).to_owned();
    world.yoi(["edit", &id, "--title", "b", "--if-match", &version]).ok();
    assert_eq!(text(&shown(&world, &id)["title"]), "b");
}

#[test]
fn showing_tells_fields_body_and_thread_and_raw_the_bytes() {
    let world = World::new();
    let id = world.yoi(["create", "A title", "-m", "The body.", "--label", "x", "--porcelain"]).ok();
    let id = id.trim_end();
    world.yoi(["comment", id, "-m", "A remark.", "--actor", "Kim"]).ok();
    world.yoi(["state", id, "ready", "-m", "Summed up."]).ok();
    let ticket = shown(&world, id);
    let minute = text(&ticket["created_at"])[..16].replace('T', " ");
    let seen = world.yoi(["show", id]).ok();
    assert!(
        seen.starts_with(&format!("{id} A title\nstate:   ready (needs queue)\ncreated: {minute}\n")),
        "{seen}"
    );
    for part in [
        "\nlabels:  x\n",
        "\nThe body.\n",
        "── 2 ── Comment · Kim · ",
        "\nA remark.\n",
        " · planning → ready\n",
    ] {
        assert!(seen.contains(part), "{part:?} is not in {seen}");
    }
    let raw = world.yoi(["show", id, "--raw"]).ok();
    let whole = format!("{}\n{}", stored(&world, id, "item.md"), stored(&world, id, "thread.md"));
    assert_eq!(raw, whole);
    let row = world.yoi(["show", id, "--porcelain"]).ok();
    assert_eq!(row, format!("{id}\tready\tA title\n"));
}

#[test]
fn a_ticket_is_named_by_its_end_in_any_case_and_by_the_branch() {
    let world = World::new();
    for (number, title) in [(10_1234, "first"), (20_1234, "second")] {
        folder(&world, number, &item(&format!("'{title}'"), "planning", ""), THREAD);
    }
    import(&world);
    let title = |typed: &str| text(&shown(&world, typed)["title"]).to_owned();
    assert_eq!(
        (title("101234"), title("201234"), title(&id(101234))),
        ("first".into(), "second".into(), "first".into())
    );
    assert_eq!(title("iO1234"), "first", "I and O are read as 1 and 0");
    let answer = world.yoi(["show", "1234"]);
    let candidates = format!("  {} first\n  {} second\n", id(101234), id(201234));
    assert!(answer.code == 1 && answer.err.contains(&candidates), "{answer:?}");
    for unknown in ["9999", "234", "", "1234567890ABCDE", "@"] {
        assert_eq!(world.yoi(["show", unknown]).code, 1, "{unknown}");
    }
    world.git(["checkout", "-q", "-b", &format!("work/{}-slug", id(201234).to_lowercase())]).ok();
    assert_eq!(title("@"), "second");
    world.git(["commit", "-q", "--allow-empty", "-m", "x"]).ok();
    world.git(["checkout", "-q", "--detach"]).ok();
    let answer = world.yoi(["show", "@"]);
    assert!(answer.code == 1 && answer.err.contains("no branch is checked out"), "{answer:?}");
}

#[test]
fn who_acts_is_the_option_then_the_environment_then_the_user() {
    let world = World::new();
    let id = world.create("a");
    let author = |answer: Answer| {
        answer.ok();
        text(&last(&shown(&world, &id))["author"]).to_owned()
    };
    assert_eq!(author(world.yoi(["comment", &id, "-m", "x"])), "Tess Ter");
    let with_environment = |more: &[&str]| {
        let mut command = world.yoi_command([&["comment", &id, "-m", "x"], more].concat());
        command.env("GIT_YOI_ACTOR", "yoi-coder");
        world.run(command)
    };
    assert_eq!(author(with_environment(&[])), "yoi-coder");
    assert_eq!(author(with_environment(&["--actor", "a \"b\" \\c"])), "a \"b\" \\c");
    let people = world.git(["log", "-1", "--format=%an|%cn|%ce", "refs/yoi/tickets"]).ok();
    assert_eq!(people, "a \"b\" \\c|Tess Ter|tess@example.org\n");
}

#[test]
fn every_write_is_one_commit_that_names_ticket_and_events() {
    let world = World::new();
    let id = world.create("Subject of it");
    world.yoi(["state", &id, "ready", "-m", "x"]).ok();
    let ticket = shown(&world, &id);
    let event = |index: usize| text(&ticket["events"][index]["id"]).to_owned();
    let message = world.git(["log", "-1", "--format=%B", "refs/yoi/tickets"]).ok();
    let expected = format!(
        "{id}: planning -> ready\n\nTicket: {id}\nEvent: {} intake_summary\nEvent: {} state_changed\n\n",
        event(1),
        event(2)
    );
    assert_eq!(message, expected);
    let message = world.git(["log", "--skip=1", "--format=%B", "refs/yoi/tickets"]).ok();
    assert_eq!(
        message,
        format!("{id}: created: Subject of it\n\nTicket: {id}\nEvent: {} create\n\n", event(0))
    );
    assert_eq!(world.git(["status", "--porcelain"]).ok(), "", "nothing appears in the work tree");
}
