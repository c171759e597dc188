//! The commits of a ticket: how they came to it, what became of them, and commits that have no ticket.

use serde_json::{Value, json};

use crate::fixture::{THREAD, folder, id, import, item, kinds, put, refused, shown, text};
use crate::world::World;

/// Commits a file of that name with that content, and gives the full id.
pub(crate) fn commit(world: &World, file: &str, content: &str, message: &str) -> String {
    world.write(&format!("repo/{file}"), content);
    world.git(["add", "--", file]).ok();
    world.git(["commit", "-q", "-m", message]).ok();
    head(world)
}

pub(crate) fn head(world: &World) -> String {
    world.git(["rev-parse", "HEAD"]).ok().trim_end().to_owned()
}

/// A repository with a commit on main and a ticket.
pub(crate) fn begun() -> (World, String) {
    let world = World::new();
    commit(&world, "base", "base\n", "base");
    let ticket = world.create("one");
    (world, ticket)
}

/// Throws away every object that no ref needs.
fn forget(world: &World) {
    world.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    world.git(["gc", "-q", "--prune=now"]).ok();
}

fn rows(world: &World, ticket: &str) -> Vec<Value> {
    world.json(["commits", ticket])["commits"].as_array().unwrap().clone()
}

fn listed(world: &World, ticket: &str) -> String {
    world.yoi(["commits", ticket]).ok()
}

/// A snapshot of work as a line of `work.jsonl`, with these commits.
pub(crate) fn snapshot(world: &World, commits: &[&str]) -> String {
    let rows: Vec<Value> = commits
        .iter()
        .map(|commit| {
            let field =
                |format: &str| world.git(["log", "-1", format, commit]).ok().trim_end().to_owned();
            let seconds: i64 = field("--format=%at").parse().unwrap();
            json!({"commit": commit, "mail": field("--format=%ae"), "time": seconds, "subject": field("--format=%s")})
        })
        .collect();
    let row = json!({
        "at": "2026-01-01T00:00:00Z", "author": "a", "branch": "work/x", "tip": commits[commits.len() - 1],
        "commits": rows,
    });
    format!("{row}\n")
}

/// A ticket whose thread has a landing.
fn landed(world: &World, number: u64, commit: &str, body: &str) -> String {
    let land = format!(
        "{THREAD}\n<!-- event: land author: git-yoi at: 2026-01-03T00:00:00Z commit: {commit} target: main how: merge -->\n\n## Landed\n\n{body}\n\n---\n"
    );
    folder(world, number, &item("Landed", "done", ""), &land);
    import(world);
    id(number)
}

#[test]
fn a_commit_says_how_it_came_to_the_ticket() {
    let (world, ticket) = begun();
    world.git(["switch", "-q", "-c", &format!("work/{ticket}-x")]).ok();
    let trailer =
        commit(&world, "a", "1", &format!("named\n\nwords\n\n  * ticket: {}\n\nmore", ticket.to_lowercase()));
    let worked = commit(&world, "b", "1", "worked on");
    let branch = commit(&world, "c", "1", "on the branch");
    let closing = commit(&world, "d", "1", &format!("closing\n\nCloses: {ticket}"));
    put(&world, &ticket, "artifacts/work.jsonl", &snapshot(&world, &[&trailer, &worked]));
    world.yoi(["link", &ticket, "main"]).ok();
    let expected = format!(
        "{} base [linked]\n{} named [trailer, work]\n{} worked on [work, branch]\n{} on the branch [branch]\n{} closing [trailer]\n",
        &world.git(["rev-parse", "main"]).ok()[..8],
        &trailer[..8],
        &worked[..8],
        &branch[..8],
        &closing[..8]
    );
    let mut seen: Vec<String> = listed(&world, &ticket).lines().map(str::to_owned).collect();
    let mut wanted: Vec<String> = expected.lines().map(str::to_owned).collect();
    assert_eq!(seen[0], wanted[0], "those linked by hand come first");
    // Commits of one second have no order among themselves.
    seen.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(seen, wanted);
    let row = rows(&world, &ticket).into_iter().find(|row| row["commit"] == json!(trailer)).unwrap();
    let at =
        world.git(["log", "-1", "--format=%ad", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", &trailer]).ok();
    let expected = json!({
        "commit": trailer, "present": true, "subject": "named", "author": "Tess Ter", "at": at.trim_end(),
        "recorded": format!("`{}` named", &trailer[..8]), "via": ["trailer", "work"], "reachable": true,
    });
    assert_eq!(row, expected);
    assert_eq!(shown(&world, &ticket)["commits"], json!(rows(&world, &ticket)));
    assert!(world.yoi(["show", &ticket]).ok().contains("named [trailer, work]\n"));
    assert_eq!(world.yoi(["commits"]).ok(), listed(&world, "@"), "the branch's ticket is meant");
    assert_eq!(listed(&world, &ticket[9..]), listed(&world, &ticket));
}

#[test]
fn words_that_only_look_like_a_trailer_bring_no_commit() {
    let (world, ticket) = begun();
    for message in [
        format!("x\n\nTicket {ticket}"),
        format!("Ticket: {}", &ticket[8..]),
        format!("see {ticket}"),
        format!("x\n\nSee-Also: {ticket}"),
    ] {
        world.git(["commit", "-q", "--allow-empty", "-m", &message]).ok();
    }
    assert_eq!(listed(&world, &ticket), "");
    world.write("repo/.yoi/workspace.toml", "[yoi]\ntrailer = \"See-Also\"\n");
    assert_eq!(rows(&world, &ticket).len(), 1, "the project says which trailer it is");
}

#[test]
fn a_linked_commit_is_found_again_after_a_rebase_even_when_the_old_one_is_gone() {
    let (world, ticket) = begun();
    world.git(["switch", "-q", "-c", "topic"]).ok();
    let old = commit(&world, "a", "1", "the change");
    world.yoi(["link", &ticket, "HEAD"]).ok();
    world.git(["switch", "-q", "main"]).ok();
    commit(&world, "b", "1", "elsewhere");
    world.git(["rebase", "-q", "main", "topic"]).ok();
    let new = head(&world);
    let expected = format!("{} the change (rewritten as {}) [linked]\n", &old[..8], &new[..8]);
    assert_eq!(listed(&world, &ticket), expected);
    let row = &rows(&world, &ticket)[0];
    assert_eq!((&row["present"], &row["reachable"]), (&json!(true), &json!(false)));
    assert_eq!((text(&row["commit"]), text(&row["rewritten_as"])), (old.as_str(), new.as_str()));
    forget(&world);
    assert_eq!(listed(&world, &ticket), expected);
    let row = &rows(&world, &ticket)[0];
    assert_eq!((&row["present"], text(&row["subject"])), (&json!(false), "the change"));
    let log = world.yoi(["log", "--porcelain", "-1"]).ok();
    assert_eq!(log, format!("{new}\t{ticket}\tthe change\n"), "the log knows it, too");
    let porcelain = world.yoi(["commits", &ticket, "--porcelain"]).ok();
    assert_eq!(porcelain, format!("{old}\tthe change\n"));
}

#[test]
fn a_commit_whose_message_was_changed_is_known_by_its_difference() {
    let (world, ticket) = begun();
    let old = commit(&world, "a", "1", "befor");
    world.yoi(["link", &ticket, "HEAD"]).ok();
    world.git(["commit", "-q", "--amend", "-m", "before"]).ok();
    let new = head(&world);
    let expected = format!("{} befor (rewritten as {}) [linked]\n", &old[..8], &new[..8]);
    assert_eq!(listed(&world, &ticket), expected);
}

#[test]
fn a_change_that_is_on_several_branches_is_listed_once() {
    let (world, ticket) = begun();
    world.git(["switch", "-q", "-c", "topic"]).ok();
    let first = commit(&world, "a", "1", &format!("the change\n\nTicket: {ticket}"));
    world.yoi(["link", &ticket, "HEAD"]).ok();
    world.git(["switch", "-q", "main"]).ok();
    commit(&world, "b", "1", "elsewhere");
    world.git(["cherry-pick", &first]).ok();
    let picked = head(&world);
    assert_eq!(listed(&world, &ticket), format!("{} the change [linked, trailer]\n", &first[..8]));
    assert_eq!(rows(&world, &ticket)[0]["also"], json!([picked]));
}

#[test]
fn two_changes_that_look_alike_are_both_listed_when_one_is_made_on_the_other() {
    let (world, ticket) = begun();
    let dated = |content: &str| {
        world.write("repo/a", content);
        world.git(["add", "a"]).ok();
        let mut git = world.command("git", &world.repo());
        git.args(["commit", "-q", "-m", &format!("again\n\nTicket: {ticket}")]);
        git.env("GIT_AUTHOR_DATE", "2030-01-01T00:00:00Z");
        world.run(git).ok();
    };
    dated("1");
    dated("2");
    assert_eq!(rows(&world, &ticket).len(), 2);
}

#[test]
fn work_that_was_squashed_is_told_of_when_its_branch_is_gone() {
    let (world, ticket) = begun();
    world.git(["switch", "-q", "-c", "topic"]).ok();
    let one = commit(&world, "a", "1", "first part");
    let two = commit(&world, "b", "1", "second part");
    put(&world, &ticket, "artifacts/work.jsonl", &snapshot(&world, &[&one, &two]));
    world.git(["switch", "-q", "main"]).ok();
    world.git(["merge", "-q", "--squash", "topic"]).ok();
    world.git(["commit", "-q", "-m", &format!("all of it\n\n    Ticket: {ticket}")]).ok();
    let squashed = head(&world);
    world.git(["branch", "-q", "-D", "topic"]).ok();
    let seen = listed(&world, &ticket);
    assert!(seen.contains(&format!("{} first part (on no branch) [work]\n", &one[..8])), "{seen}");
    forget(&world);
    let seen = listed(&world, &ticket);
    for line in [
        format!("{} first part (not in this clone) [work]\n", &one[..8]),
        format!("{} second part (not in this clone) [work]\n", &two[..8]),
        format!("{} all of it [trailer]\n", &squashed[..8]),
    ] {
        assert!(seen.contains(&line), "{line} is not in {seen}");
    }
    let gone = rows(&world, &ticket).into_iter().find(|row| row["commit"] == json!(one)).unwrap();
    assert_eq!(
        (&gone["present"], &gone["reachable"], gone.get("subject")),
        (&json!(false), &json!(false), None)
    );
}

#[test]
fn a_landing_brings_its_commits_by_the_digits_they_begin_with() {
    let (world, _) = begun();
    let one = commit(&world, "a", "1", "first part");
    let other = commit(&world, "b", "1", "something else");
    let lines = [
        format!("`{}` first part", &one[..8]),
        format!("`{}` not what it says", &other[..8]),
        "`00000000` gone".to_owned(),
        "and 57 more".to_owned(),
    ];
    let ticket = landed(&world, 1, &one, &lines.join("\n"));
    let expected = format!(
        "{} first part [landed]\n{} not what it says (not in this clone) [landed]\n00000000 gone (not in this clone) [landed]\n",
        &one[..8],
        &other[..8]
    );
    assert_eq!(listed(&world, &ticket), expected);
    let log = world.yoi(["log", "--porcelain", "-2"]).ok();
    assert_eq!(log, format!("{other}\t\tsomething else\n{one}\t{ticket}\tfirst part\n"));
    world.yoi(["unlink", &ticket, "00000000"]).ok();
    world.yoi(["unlink", &ticket, &one]).ok();
    let seen = listed(&world, &ticket);
    assert!(!seen.contains("gone") && !seen.contains("first part"), "{seen}");
    assert_eq!(world.yoi(["log", "--porcelain", "-1", &one]).ok(), format!("{one}\t\tfirst part\n"));
}

#[test]
fn what_was_unlinked_where_only_its_first_digits_were_known_is_unlinked_everywhere() {
    let (world, _) = begun();
    let one = commit(&world, "a", "1", "first part");
    let unlink = format!(
        "`{0}` first part\n\n---\n\n<!-- event: commit_link author: a at: 2026-01-04T00:00:00Z op: remove commit: {0} -->\n\n## Commit unlinked\n\n`{0}` first part",
        &one[..8]
    );
    let ticket = landed(&world, 1, &"1".repeat(40), &unlink);
    assert!(!listed(&world, &ticket).contains("first part"), "{}", listed(&world, &ticket));
    assert_eq!(world.yoi(["log", "--porcelain", "-1"]).ok(), format!("{one}\t\tfirst part\n"));
}

#[test]
fn a_commit_is_unlinked_whatever_linked_it_and_stays_so_after_a_rebase() {
    let (world, ticket) = begun();
    world.git(["switch", "-q", "-c", "topic"]).ok();
    let old = commit(&world, "a", "1", &format!("not mine\n\nTicket: {ticket}"));
    refused(&world, &["unlink", &ticket, "main"], 2, "is not linked");
    let answer = world.yoi(["unlink", &ticket, &old[..6], "--note", "by mistake"]).ok();
    assert!(answer.ends_with(&format!("commit {} unlinked\n", &old[..8])), "{answer}");
    let event = &shown(&world, &ticket)["events"][1];
    assert_eq!((text(&event["kind"]), text(&event["attributes"]["op"])), ("commit_link", "remove"));
    assert_eq!(text(&event["attributes"]["commit"]), old);
    assert_eq!(listed(&world, &ticket), "");
    refused(&world, &["unlink", &ticket, &old], 2, "is not linked");
    assert_eq!(world.yoi(["log", "--porcelain", "-1"]).ok(), format!("{old}\t\tnot mine\n"));
    world.yoi(["commits", "--missing", "main..topic"]).fails(1);
    world.git(["switch", "-q", "main"]).ok();
    commit(&world, "b", "1", "elsewhere");
    world.git(["rebase", "-q", "main", "topic"]).ok();
    forget(&world);
    assert_eq!(listed(&world, &ticket), "");
    assert_eq!(world.yoi(["log", "--porcelain", "-1"]).ok(), format!("{}\t\tnot mine\n", head(&world)));
    world.yoi(["link", &ticket, "HEAD"]).ok();
    assert!(listed(&world, &ticket).ends_with(" [linked, trailer]\n"), "the last word counts");
    assert_eq!(kinds(&shown(&world, &ticket)), ["create", "commit_link", "commit_link"]);
    assert_eq!(
        world.yoi(["log", "--porcelain", "-1"]).ok(),
        format!("{}\t{ticket}\tnot mine\n", head(&world))
    );
}

#[test]
fn a_rewritten_commit_is_unlinked_under_either_id() {
    let (world, ticket) = begun();
    commit(&world, "a", "1", "one");
    world.yoi(["link", &ticket, "HEAD"]).ok();
    world.git(["commit", "-q", "--amend", "-C", "HEAD", "--allow-empty"]).ok();
    commit(&world, "b", "1", "two");
    world.git(["rebase", "-q", "--force-rebase", "HEAD~2"]).ok();
    world.yoi(["unlink", &ticket, "HEAD~1"]).ok();
    assert_eq!(listed(&world, &ticket), "");
}

#[test]
fn commits_of_other_clones_and_detached_ones_are_found() {
    let (world, ticket) = begun();
    world.git(["commit", "-q", "--allow-empty", "-m", &format!("shared\n\nTicket: {ticket}")]).ok();
    let shared = head(&world);
    world.git(["clone", "-q", "--no-local", ".", "../clone"]).ok();
    let clone = world.root().join("clone");
    let yoi = |words: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &clone);
        command.args(words);
        world.run(command)
    };
    yoi(&["init", "origin"]).ok();
    for words in [
        ["switch", "-q", "--detach"].as_slice(),
        &["branch", "-q", "-D", "main"],
        &["remote", "remove", "origin"],
    ] {
        let mut git = world.command("git", &clone);
        git.args(words);
        world.run(git).ok();
    }
    assert_eq!(yoi(&["commits", &ticket]).ok(), format!("{} shared [trailer]\n", &shared[..8]));
    let said = yoi(&["commits"]).fails(1);
    assert!(said.contains("no branch is checked out"), "{said}");
}

#[test]
fn a_ticket_is_shown_also_when_its_commits_can_not_be_looked_for() {
    let (world, ticket) = begun();
    world.write("repo/.git/refs/heads/broken", format!("{}\n", "1".repeat(40)));
    let answer = world.yoi(["show", &ticket]);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.err.contains("warning: its commits can't be listed"), "{answer:?}");
    world.yoi(["commits", &ticket]).fails(128);
    world.yoi(["log", "-1"]).ok();
    world.yoi(["blame", "base"]).ok();
}

#[test]
fn commits_without_a_ticket_are_listed_and_the_exit_code_says_so() {
    let (world, ticket) = begun();
    world.git(["switch", "-q", "-c", &format!("work/{ticket}-x")]).ok();
    let named = commit(&world, "a", "1", &format!("named\n\nTicket: {ticket}"));
    let answer = world.yoi(["commits", "--missing", "main..HEAD"]);
    assert_eq!((answer.code, answer.out.as_str()), (0, ""));
    assert_eq!(answer.err, "the one commit in main..HEAD has a ticket\n");
    let bare = commit(&world, "b", "1", "bare");
    let vain = commit(&world, "c", "1", "vain\n\nTicket: 0000000000001");
    let short = commit(&world, "d", "1", &format!("short\n\nTicket: {}", &ticket[9..]));
    world.git(["switch", "-q", "main"]).ok();
    commit(&world, "e", "1", "elsewhere");
    world.git(["switch", "-q", "-"]).ok();
    world.git(["merge", "-q", "-m", "a merge", "main"]).ok();
    let answer = world.yoi(["commits", "--missing", "main..HEAD"]);
    let expected = format!(
        "{} short (names '{}': no full id)\n{} vain (names 0000000000001: no such ticket)\n{} bare\n",
        &short[..8],
        &ticket[9..],
        &vain[..8],
        &bare[..8]
    );
    assert_eq!((answer.code, answer.out.as_str()), (1, expected.as_str()), "{answer:?}");
    assert_eq!(answer.err, "3 of 4 commits in main..HEAD without a ticket\n");
    let answer = world.yoi(["commits", "--missing", "main..HEAD", "--porcelain"]);
    assert_eq!((answer.code, answer.err.as_str()), (1, ""));
    assert_eq!(answer.out, format!("{short}\tshort\n{vain}\tvain\n{bare}\tbare\n"));
    let answer = world.yoi(["commits", "--missing", "main..HEAD", "--json"]);
    let document: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((answer.code, &document["total"], &document["looked_at"]), (1, &json!(3), &json!(4)));
    assert_eq!((text(&document["schema"]), text(&document["range"])), ("yoi.missing/1", "main..HEAD"));
    assert_eq!(document["commits"][1]["named"], json!(["0000000000001"]));
    put(&world, &ticket, "artifacts/work.jsonl", &snapshot(&world, &[&bare, &vain]));
    world.yoi(["link", &ticket, &short]).ok();
    world.yoi(["commits", "--missing", "main..HEAD"]).ok();
    let answer = world.yoi(["commits", "--missing", &named, "--format", "%(subject)|%(author)"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, "base|Tess Ter\n"), "one name is all it can reach");
    let answer = world.yoi(["commits", "--missing", "HEAD..HEAD"]);
    assert_eq!((answer.code, answer.err.as_str()), (0, "no commits in HEAD..HEAD\n"));
}

#[test]
fn a_range_that_is_none_is_refused_with_another_code_than_commits_without_a_ticket() {
    let (world, ticket) = begun();
    for range in ["nowhere..HEAD", "", "--all", "-1", "HEAD --all", "a\u{1b}[2Jb", "main:base"] {
        let answer = world.yoi(["commits", "--missing", range]);
        assert_eq!((answer.code, answer.out.as_str()), (128, ""), "{range}: {answer:?}");
        assert!(
            answer.err.contains("is no range of commits") && !answer.err.contains('\u{1b}'),
            "{answer:?}"
        );
        assert_eq!(answer.err.lines().count(), 1, "{answer:?}");
    }
    assert_eq!(world.yoi(["commits", &ticket, "--missing", "HEAD"]).code, 129);
    assert_eq!(world.yoi(["commits", "--missing"]).code, 129);
    let bare = World::new();
    commit(&bare, "a", "1", "one");
    let said = bare.yoi(["commits", "--missing", "HEAD"]).fails(128);
    assert!(said.contains("no tickets yet") && said.contains("hint: git yoi init"), "{said}");
}

#[test]
fn a_shallow_clone_says_what_it_can_not_tell() {
    let (world, ticket) = begun();
    for number in 0..4 {
        commit(&world, "a", &number.to_string(), &format!("{number}\n\nTicket: {ticket}"));
    }
    let url = format!("file://{}", world.repo().display());
    world.git(["clone", "-q", "--depth=2", &url, "../shallow"]).ok();
    let folder = world.root().join("shallow");
    let yoi = |words: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &folder);
        command.args(words);
        world.run(command)
    };
    yoi(&["init", "origin"]).ok();
    yoi(&["commits", "--missing", "HEAD~1..HEAD"]).ok();
    for (range, words) in [("HEAD~2..HEAD", "is no range of commits"), ("HEAD", "goes further back")] {
        let said = yoi(&["commits", "--missing", range]).fails(128);
        assert!(said.contains(words) && said.contains("hint: git fetch --unshallow"), "{range}: {said}");
    }
    assert_eq!(yoi(&["commits", &ticket]).ok().lines().count(), 2);
    let said = yoi(&["blame", "base"]).ok();
    assert!(
        said.starts_with('^') && said.contains("  -  (Tess Ter"),
        "the line is older than what is here: {said}"
    );
    assert!(!world.yoi(["blame", "base"]).ok().starts_with('^'), "the first commit of all is no boundary");
}
