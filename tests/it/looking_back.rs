//! Tickets as they were: `history -p`, `show --at`, `diff`.

use crate::world::{World, gits};

/// A ticket that was made and edited, each operation at a time of its own.
fn edited(world: &World) -> String {
    let at = |minute: u32, arguments: &[&str]| {
        let mut command = world.command("git-yoi", &world.repo());
        let time = format!("2026-03-04T05:{minute:02}:00Z");
        command.args(arguments).env("GIT_AUTHOR_DATE", &time).env("GIT_COMMITTER_DATE", &time);
        world.run(command).ok()
    };
    at(0, &["init", "--no-hooks"]);
    let id = at(1, &["create", "--porcelain", "Old name of it", "-m", "Body."]).trim().to_owned();
    let other = at(2, &["create", "--porcelain", "Another", "-m", "Body."]).trim().to_owned();
    at(3, &["relate", &id, "depends-on", &other]);
    at(4, &["edit", &id, "--title", "New name of it"]);
    at(5, &["unrelate", &id, "depends-on", &other]);
    id
}

#[test]
fn a_ticket_is_shown_as_it_was_at_a_time_and_in_a_commit() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = edited(&world);
        let then = world.json(["show", &id, "--at", "2026-03-04T05:03:30Z"]);
        assert_eq!(then["title"], "Old name of it");
        assert_eq!(then["relations"].as_array().unwrap().len(), 1);
        assert_eq!(then["blockers"].as_array().unwrap().len(), 1);
        assert_eq!(then["events"].as_array().unwrap().len(), 2);
        assert_eq!(then["as_of"]["at"], "2026-03-04T05:03:00Z");
        for words in ["2026-03-04", "yesterday", "2 hours ago", "@{now}"] {
            // The clock of the machine may be before these times or after them; either way there is an answer.
            let answer = world.yoi(["show", &id, "--at", words, "--porcelain"]);
            assert!([0, 1].contains(&answer.code), "{words}: {answer:?}");
        }
        assert!(world.yoi(["show", &id, "--at", "2026-03-04"]).ok().contains("New name of it"));
        let commit = then["as_of"]["commit"].as_str().unwrap();
        for name in [commit, &commit[..9], "refs/yoi/tickets~2"] {
            let shown = world.yoi(["show", &id, "--at", name, "--porcelain"]).ok();
            assert!(shown.ends_with("Old name of it\n"), "{name}: {shown}");
        }
        let raw = world.yoi(["show", &id, "--raw", "--at", commit]).ok();
        assert!(raw.contains("title: 'Old name of it'"), "{raw}");
        assert!(world.json(["show", &id])["as_of"].is_null());
        assert!(world.json(["show", &id])["relations"].as_array().unwrap().is_empty());
    }
}

#[test]
fn what_is_no_version_is_told() {
    let world = World::new();
    let id = edited(&world);
    world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
    for word in ["soon", "HEAD", "2 apples ago", "12345", "", "--all", "2026-02-31 x"] {
        let error = world.yoi(["show", &id, "--at", word]).fails(1);
        assert!(error.contains("neither a commit of the tickets nor a time"), "{word}: {error}");
    }
    let error = world.yoi(["show", &id, "--at", "2026-03-03", "--json"]).fails(1);
    assert!(error.contains("\"unknown_revision\"") && error.contains("no tickets yet"), "{error}");
    let error = world.yoi(["show", &id, "--at", "2026-03-04T05:00:30Z"]).fails(1);
    assert!(error.contains("no ticket"), "{error}");
}

#[test]
fn a_history_with_patches_tells_the_words_that_changed() {
    let world = World::new();
    let id = edited(&world);
    let words = world.yoi(["history", "-p", &id]).ok();
    assert!(words.contains("title: [-'Old-]{+'New+} name of it'"), "{words}");
    assert!(words.contains("{+body+}") || words.contains("{+Body.+}"), "{words}");
    let colored = world.yoi(["history", "-p", &id, "--color", "always"]).ok();
    assert!(colored.contains("\u{1b}[31m'Old\u{1b}[m\u{1b}[32m'New\u{1b}[m name"), "{colored:?}");
    assert!(!colored.contains("[-'Old-]"));
    let document = world.json(["history", "-p", &id, "-n", "2"]);
    let files = document["operations"][1]["files"].as_array().unwrap();
    assert_eq!((files.len(), &files[0]["change"], &files[0]["omitted"]), (2, &"changed".into(), &0.into()));
    assert!(document["operations"][1]["patches"][0].as_str().unwrap().starts_with("--- a/tickets/"));
    let diff = world.yoi(["diff", &id, "2026-03-04T05:02:00Z"]).ok();
    assert!(diff.contains("title: [-'Old-]{+'New+} name of it'"), "{diff}");
    let rows = world.yoi(["diff", &id, "2026-03-04T05:01:00Z", "2026-03-04T05:03:00Z", "--porcelain"]).ok();
    assert_eq!(rows.lines().filter(|row| row.starts_with("new\t")).count(), 1, "{rows}");
    assert_eq!(world.json(["diff", &id, "2026-03-04T05:04:00Z"])["schema"], "yoi.diff/1");
}

#[test]
fn text_of_tickets_moves_no_cursor_in_a_patch() {
    let world = World::new();
    world.yoi(["init", "--no-hooks"]).ok();
    let id = world.yoi(["create", "--porcelain", "x", "-m", "red \u{1b}[2J\u{202e}end"]).ok();
    let words = world.yoi(["history", "-p", id.trim()]).ok();
    assert!(words.contains("red ^[[2J<U+202E>end"), "{words}");
}
