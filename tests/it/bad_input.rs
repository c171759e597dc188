//! Words that can't be used: each is refused by name with a stable code, and nothing is written.

use std::process::Command;

use crate::plant::{self, import, path};
use crate::world::World;

/// A command that must be refused, in words and under `--json`: with that exit code, that stable code,
/// nothing on standard output and every ref as it was. Gives what the person reads.
#[track_caller]
pub(crate) fn refuses(world: &World, make: impl Fn() -> Command, exit: i32, code: &str) -> String {
    // Not the type of the objects: they may be missing.
    let refs = || world.git(["for-each-ref", "--format=%(refname) %(objectname)"]).ok();
    let before = refs();
    let mut as_json = make();
    as_json.arg("--json");
    let answer = world.run(as_json);
    assert_eq!(answer.out, "", "{answer:?}");
    let said = answer.fails(exit);
    let (warnings, object) = said.trim_end().rsplit_once('\n').unwrap_or(("", &said));
    assert!(warnings.lines().all(|line| line.starts_with("warning: ")), "{said}");
    let object: serde_json::Value = serde_json::from_str(object).unwrap();
    assert_eq!(object["schema"], "yoi.error/1", "{said}");
    assert_eq!(object["code"], code, "{said}");
    assert!(object["message"].as_str().is_some_and(|message| !message.is_empty()), "{said}");
    let answer = world.run(make());
    assert_eq!(answer.out, "", "{answer:?}");
    let said = answer.fails(exit);
    let errors = said.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(refs(), before, "a ref moved");
    said
}

/// [`refuses`] for words in the repository.
#[track_caller]
pub(crate) fn refused(world: &World, words: &[&str], exit: i32, code: &str) -> String {
    refuses(world, || world.yoi_command(words), exit, code)
}

#[test]
fn every_command_refuses_a_ticket_that_is_not_there() {
    let world = World::new();
    let (id, gone) = (world.create("one"), "0000000000000");
    for words in [
        ["show", gone].as_slice(),
        &["show", "00000000"],
        &["comment", gone, "-m", "words"],
        &["edit", gone, "--title", "words"],
        &["edit", gone, "-m", "words"],
        &["state", gone, "ready", "-m", "words"],
        &["queue", gone],
        &["close", gone, "-m", "words"],
        &["close", &id, "-m", "words", "--as", "duplicate-of=0000000000000"],
        &["reopen", gone, "-m", "words"],
        &["review", gone, "--approve", "-m", "words"],
        &["relate", gone, "related", &id],
        &["relate", &id, "related", gone],
        &["create", "title", "--depends-on", gone],
        &["history", gone],
        &["commits", gone],
        &["artifact", "list", gone],
        &["artifact", "get", gone, "x"],
        &["export", "../out", gone],
    ] {
        let said = refused(&world, words, 1, "unknown_ticket");
        assert!(said.contains("no ticket '0000"), "{words:?}: {said}");
        assert!(said.contains("hint: git yoi list --state all"), "{words:?}: {said}");
    }
    assert!(!world.root().join("out").exists());
}

#[test]
fn words_that_are_no_id_are_refused_and_reach_no_path() {
    let world = World::new();
    world.create("one");
    world.write("repo/secret", "secret");
    let (long, endless) = ("0".repeat(14), "0".repeat(100_000));
    for bad in [
        "",
        "abc",
        "../../../secret",
        "tickets/6/C",
        "a/bcd",
        "....",
        "@{0}",
        "@@",
        "HEAD~1",
        "ab cd",
        "-",
        "%00%00",
        "ａｂｃｄ",
        "ÀBCD",
        "U0U0",
        "*",
        "0000\n0000",
        "\u{1b}[31m",
        &long,
        &endless,
    ] {
        for words in
            [["show", bad].as_slice(), &["comment", bad, "-m", "words"], &["artifact", "get", bad, "x"]]
        {
            let said = refused(&world, words, 1, "bad_ticket_name");
            assert!(said.starts_with("error: no ticket '"), "{bad}: {said}");
            assert!(!said.contains(['\u{1b}', '\0']), "{bad}: {said}");
        }
    }
}

#[test]
fn an_ambiguous_end_lists_the_candidates_with_their_titles() {
    let world = World::new();
    let (a, b, c) = ("00001KVZKSV6C", "00001KVZ0SV6C", "00001KVZKSV6D");
    import(&world, &[(a, "the first"), (b, "the second"), (c, "another")]);
    let said = refused(&world, &["comment", "sv6c", "-m", "words"], 1, "ambiguous_ticket");
    assert!(said.contains(&format!("{a} the first")) && said.contains(&format!("{b} the second")), "{said}");
    assert!(!said.contains("another"), "{said}");
    let answer = world.yoi(["show", "SV6C", "--json"]).fails(1);
    let object: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(object["candidates"], serde_json::json!([b, a]));
    for (typed, id) in [("KSV6C", a), ("0sv6c", b), ("OSV6C", b), ("osv6c", b), ("sv6d", c), (a, a)] {
        assert!(world.yoi(["show", typed, "--porcelain"]).ok().starts_with(id), "{typed}");
    }
}

#[test]
fn letters_that_look_like_digits_are_read_as_those() {
    let world = World::new();
    import(&world, &[("00001KVZK0110", "the one")]);
    for typed in ["0110", "OIlo", "oLiO", "kOllO", "OOOOlKVZKoiLo"] {
        assert_eq!(world.json(["show", typed])["title"], "the one", "{typed}");
    }
    refused(&world, &["show", "0111"], 1, "unknown_ticket");
}

#[test]
fn the_branch_names_its_ticket_or_there_is_none() {
    let world = World::new();
    let (one, gone) = (world.create("one"), "0000000000000");
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    let said = refused(&world, &["show", "@"], 1, "no_branch_ticket");
    assert!(said.contains("'main' has none in its name"), "{said}");
    for branch in [format!("work/{one}-it"), one.to_lowercase(), format!("a/b/{one}")] {
        world.git(["switch", "-q", "-c", &branch]).ok();
        assert_eq!(world.json(["show", "@"])["title"], "one", "{branch}");
    }
    world.yoi(["comment", "@", "-m", "words"]).ok();
    world.git(["switch", "-q", "-c", &format!("work/{gone}-it")]).ok();
    refused(&world, &["comment", "@", "-m", "words"], 1, "unknown_ticket");
    world.git(["switch", "-q", "--detach"]).ok();
    let said = refused(&world, &["show", "@"], 1, "no_branch_ticket");
    assert!(said.contains("no branch is checked out"), "{said}");
    world.git(["switch", "-q", "--orphan", &format!("unborn-{one}")]).ok();
    assert_eq!(world.json(["show", "@"])["title"], "one");
}

#[test]
fn an_illegal_move_names_the_legal_ones() {
    let world = World::new();
    let id = world.create("one");
    let illegal = |to: &str, legal: &str| {
        let said = refused(&world, &["state", &id, to, "-m", "words"], 2, "illegal_move");
        assert!(said.contains(&format!("can't become {to}; legal moves: {legal}")), "{said}");
    };
    illegal("done", "ready (state ready), closed (close)");
    illegal("queued", "ready (state ready), closed (close)");
    illegal("closed", "ready (state ready), closed (close)");
    refused(&world, &["state", &id, "planning", "-m", "words"], 2, "same_state");
    refused(&world, &["reopen", &id, "-m", "words"], 2, "illegal_move");
    let said = refused(&world, &["state", &id, "finished"], 129, "usage");
    assert!(said.contains("planning, ready, queued, inprogress, done, closed"), "{said}");
    world.yoi(["close", &id, "-m", "over"]).ok();
    illegal("ready", "planning (reopen)");
    illegal("planning", "planning (reopen)");
    let said = refused(&world, &["close", &id, "-m", "again"], 2, "same_state");
    assert!(said.contains(&format!("{id} is closed already")), "{said}");
    assert_eq!(plant::content(&world, &path(&id, ".resolution.md")), "over\n");
}

#[test]
fn a_caller_who_read_something_older_is_told() {
    let world = World::new();
    let id = world.create("one");
    let version = || world.json(["show", &id])["version"].as_str().unwrap().to_owned();
    let before = version();
    world.yoi(["edit", &id, "--title", "two", "--if-match", &before]).ok();
    let now = version();
    let said = refused(&world, &["edit", &id, "--title", "three", "--if-match", &before], 2, "stale");
    assert!(said.contains(&before) && said.contains(&now), "{said}");
    assert!(said.contains(&format!("hint: git yoi show {id}")), "{said}");
    refused(&world, &["edit", &id, "-m", "body", "--if-match", &before], 2, "stale");
    for words in [["state", &id, "ready", "-m", "words"].as_slice(), &["close", &id, "-m", "words"]] {
        let words = [words, &["--from", "queued"]].concat();
        let said = refused(&world, &words, 2, "state_moved");
        assert!(said.contains("is planning, not queued"), "{said}");
    }
    assert_eq!(world.json(["show", &id])["title"], "two");
}

#[test]
fn titles_that_can_not_be_stored_are_refused() {
    let world = World::new();
    let id = world.create("one");
    let (long, fits) = ("é".repeat(513), "é".repeat(512));
    for (title, code) in [
        ("", "empty_text"),
        (" \t ", "empty_text"),
        ("\u{3000}", "empty_text"),
        ("two\nlines", "bad_text"),
        ("two\rlines", "bad_text"),
        ("a\ttab", "bad_text"),
        ("\u{1b}[31mred", "bad_text"),
        ("\u{9b}31mred", "bad_text"),
        ("del\u{7f}", "bad_text"),
        (&long, "too_long"),
    ] {
        for words in [["create", title].as_slice(), &["edit", &id, "--title", title]] {
            let said = refused(&world, words, 129, code);
            assert!(said.contains("the title"), "{said}");
            assert!(!said.contains(['\u{1b}', '\u{9b}', '\u{7f}', '\r']), "{said:?}");
        }
    }
    let id = world.create(&fits);
    assert_eq!(world.json(["show", &id])["title"], fits);
    for odd in [
        "-",
        "--- #",
        "'quoted' \"twice\"",
        "null",
        "a: b # c",
        "\\n",
        "[x]",
        "{}",
        "!",
        "日本語 👩\u{200d}💻",
    ] {
        let id = world.yoi(["create", "--porcelain", "--", odd]).ok();
        assert_eq!(world.json(["show", id.trim_end()])["title"], odd);
    }
}

#[test]
fn fields_and_actors_that_can_not_be_stored_are_refused() {
    let world = World::new();
    let id = world.create("one");
    for option in ["--assignee", "--priority", "--add-label", "--add-risk", "--readiness"] {
        for (value, code) in [("", "empty_text"), ("a\nb", "bad_text"), ("\u{1b}[0m", "bad_text")] {
            refused(&world, &["edit", &id, option, value], 129, code);
        }
    }
    for (actor, code) in [(" ", "empty_text"), ("a\nb", "bad_text"), ("a --> b", "bad_text")] {
        refused(&world, &["comment", &id, "-m", "words", "--actor", actor], 129, code);
        let named = || {
            let mut command = world.yoi_command(["comment", &id, "-m", "words"]);
            command.env("GIT_YOI_ACTOR", actor);
            command
        };
        refuses(&world, named, 129, code);
    }
    refused(&world, &["edit", &id, "--remove-label", "none"], 2, "nothing_to_change");
    refused(&world, &["relate", &id, "related", &id], 129, "self_relation");
    refused(&world, &["create", "done already", "--state", "done"], 129, "bad_text");
}

#[test]
fn texts_that_can_not_be_stored_are_refused() {
    let world = World::new();
    let id = world.create("one");
    let most = 1024 * 1024;
    for (name, bytes, code) in [
        ("empty", Vec::new(), "empty_text"),
        ("blank", b" \n\r\n\t\n".to_vec(), "empty_text"),
        ("long", vec![b'x'; most + 1], "too_long"),
        ("latin", b"caf\xe9".to_vec(), "bad_text"),
        ("surrogate", b"\xed\xa0\x80".to_vec(), "bad_text"),
        ("nul", b"a\0b".to_vec(), "bad_text"),
    ] {
        let file = world.write(name, &bytes);
        let file = file.to_str().unwrap();
        for words in [["comment", &id].as_slice(), &["close", &id], &["edit", &id], &["create", "two"]] {
            refused(&world, &[words, &["-F", file]].concat(), 129, code);
        }
        let from_stdin = || {
            let mut command = world.yoi_command(["comment", &id, "-F", "-"]);
            command.stdin(std::fs::File::open(file).unwrap());
            command
        };
        refuses(&world, from_stdin, 129, code);
    }
    refused(&world, &["comment", &id, "-m", ""], 129, "empty_text");
    refused(&world, &["comment", &id, "-m", " ", "-m", "\n"], 129, "empty_text");
    refused(&world, &["comment", &id], 129, "usage");
    refused(&world, &["comment", &id, "-m", "a", "-F", "b"], 129, "usage");
    for path in [&world.root().join("missing"), world.root()] {
        let said = refused(&world, &["comment", &id, "-F", path.to_str().unwrap()], 128, "file_error");
        assert!(said.contains(path.to_str().unwrap()), "{said}");
    }
    world.yoi_with_input(["comment", &id, "-F", "-"], &vec![b'x'; most]).ok();
    let shown = world.json(["show", &id]);
    assert_eq!(shown["events"][1]["body"].as_str().unwrap().len(), most);
}

#[test]
fn what_looks_like_the_files_own_marks_comes_back_as_it_was_written() {
    let world = World::new();
    let id = world.create("one");
    let text = "---\n<!-- event: close author: x at: 2026-01-01T00:00:00Z id: 01M82JK8PTTD85GVKKNDZTTWW3 -->\n\
                ```\n---\n\\---\n  \\<!-- event: x -->\n# heading\n```\n````\nopen";
    world.yoi_with_input(["comment", &id, "-F", "-"], text.as_bytes()).ok();
    world.yoi(["comment", &id, "-m", "after"]).ok();
    world.yoi_with_input(["edit", &id, "-F", "-"], text.as_bytes()).ok();
    let shown = world.json(["show", &id]);
    let comments: Vec<_> =
        shown["events"].as_array().unwrap().iter().filter(|event| event["kind"] == "comment").collect();
    assert_eq!((comments.len(), &comments[0]["body"]), (2, &serde_json::json!(text)));
    assert_eq!(shown["body"], format!("{text}\n"));
    assert_eq!(shown["state"], "planning");
}

#[test]
fn a_text_may_begin_with_a_hyphen() {
    let world = World::new();
    let id = world.create("one");
    world.yoi(["comment", &id, "-m", "- a list\n- of two"]).ok();
    world.yoi(["edit", &id, "--title", "-x does nothing"]).ok();
    world.yoi(["close", &id, "-m", "---"]).ok();
    let shown = world.json(["show", &id]);
    assert_eq!(shown["events"][1]["body"], "- a list\n- of two");
    assert_eq!(shown["title"], "-x does nothing");
    assert_eq!(shown["resolution"], "---\n");
}

#[test]
fn standard_error_holds_one_object_under_json_whatever_there_is_to_warn_of() {
    let world = World::new();
    let id = world.create("one");
    world.write("repo/.yoi/workspace.toml", "[yoi]\nunheard_of = 1\n");
    let warned = world.yoi(["list"]);
    assert!(warned.err.starts_with("warning: "), "{warned:?}");
    let said = world.yoi(["state", &id, "done", "--json"]).fails(2);
    assert!(serde_json::from_str::<serde_json::Value>(&said).is_ok(), "{said}");
}

#[test]
fn unknown_words_and_options_are_usage_errors() {
    let world = World::new();
    world.create("one");
    for words in [
        ["frob"].as_slice(),
        &["list", "--frob"],
        &["list", "--state", "finished"],
        &["list", "--sort", "size"],
        &["list", "-n", "-1"],
        &["list", "-n", "many"],
        &["list", "--color", "sometimes"],
        &["show"],
        &["create"],
        &["create", "a", "b"],
        &["state", "0000"],
        &["close", "0000", "--as", "eaten"],
        &["relate", "0000", "eats", "0000"],
        &["artifact"],
        &["artifact", "eat", "0000"],
        &["import", "jira", "."],
    ] {
        refused(&world, words, 129, "usage");
    }
    let both = world.yoi(["list", "--json", "--porcelain"]).fails(129);
    assert!(both.contains("\"usage\""), "{both}");
    assert!(world.yoi(["list", "--format", "%(nonsense)"]).fails(129).starts_with("error: "));
}

#[test]
fn arguments_that_are_not_utf8_are_refused_without_a_panic() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    world.create("one");
    let odd = std::ffi::OsStr::from_bytes(b"caf\xe9");
    for words in [["create"].as_slice(), &["show"], &["list"], &["comment", "0000", "-m"]] {
        let make = || {
            let mut command = world.yoi_command(words);
            command.arg(odd);
            command
        };
        refuses(&world, make, 129, "usage");
    }
}

#[test]
fn names_that_could_leave_the_folder_are_refused_for_artifacts() {
    let world = World::new();
    let id = world.create("one");
    let file = world.write("notes.md", "notes\n");
    let add = |name: &str, exit: i32, code: &str| {
        refused(&world, &["artifact", "add", &id, file.to_str().unwrap(), "--name", name], exit, code)
    };
    for name in [
        "",
        "..",
        ".",
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "a\\b",
        ".git/config",
        "a/.GIT/x",
        "git~1",
        "c:x",
        "a\nb",
        "nul",
        "relations.json",
        ".gitkeep",
        "work.jsonl",
    ] {
        let said = add(name, 129, "bad_artifact_name");
        assert!(said.contains("can't be the name of an artifact"), "{said}");
    }
    world.yoi(["artifact", "add", &id, file.to_str().unwrap(), "--name", "a/b"]).ok();
    add("a/b", 2, "artifact_exists");
    for name in ["A/B", "a", "A", "a/b/c"] {
        add(name, 2, "artifact_clash");
    }
    for name in ["../x", "missing", "a", "/etc/passwd", "a/b/"] {
        refused(&world, &["artifact", "get", &id, name], 1, "no_artifact");
    }
    refused(&world, &["artifact", "add", &id, world.root().to_str().unwrap()], 128, "file_error");
    let there = world.write("there", "kept");
    refused(&world, &["artifact", "get", &id, "a/b", "-o", there.to_str().unwrap()], 128, "file_error");
    assert_eq!(std::fs::read_to_string(there).unwrap(), "kept");
}
