//! The log and the lines of the code, with their tickets.

use std::path::Path;

use serde_json::{Value, json};

use crate::commits::{begun, commit, head};
use crate::fixture::text;
use crate::world::{Answer, World, gits};

/// Runs the program in another folder.
fn yoi_in(world: &World, folder: &Path, words: &[&str]) -> Answer {
    let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), folder);
    command.args(words);
    world.run(command)
}

fn git_in(world: &World, folder: &Path, words: &[&str]) -> String {
    let mut command = world.command("git", folder);
    command.args(words);
    world.run(command).ok()
}

/// The day a commit was written.
fn day(world: &World, commit: &str) -> String {
    world
        .git(["log", "-1", "--format=%ad", "--date=format-local:%Y-%m-%d", commit])
        .ok()
        .trim_end()
        .to_owned()
}

/// The line of the log for a commit of ours.
fn line(world: &World, commit: &str, words: &str) -> String {
    format!("{} {} Tess Ter {words}\n", &commit[..8], day(world, commit))
}

#[test]
fn the_log_shows_commits_with_their_tickets() {
    let (world, ticket) = begun();
    let other = world.create("other");
    let base = head(&world);
    let one = commit(&world, "a", "1\n", &format!("first\n\nTicket: {ticket}, {other}"));
    let suffixes = |id: &str| id[id.len() - 4..].to_owned();
    assert_ne!(suffixes(&ticket), suffixes(&other), "four characters tell them apart");
    let tickets = format!("first  [{} one] [{} other]", suffixes(&ticket), suffixes(&other));
    let expected = format!("{}{}", line(&world, &one, &tickets), line(&world, &base, "base"));
    assert_eq!(world.yoi(["log"]).ok(), expected);
    assert_eq!(world.yoi(["log", "--oneline", "-1"]).ok(), line(&world, &one, &tickets));
    assert_eq!(world.yoi(["log", "HEAD~1"]).ok(), line(&world, &base, "base"));
    assert_eq!(world.yoi(["log", "--", "base"]).ok(), line(&world, &base, "base"));
    assert_eq!(world.yoi(["log", "--reverse", "--author=nobody"]).ok(), "");
    let stat = world.yoi(["log", "-1", "--stat", "--graph"]).ok();
    let graph =
        format!("* {}| \n|  a | 1 +\n|  1 file changed, 1 insertion(+)\n", line(&world, &one, &tickets));
    assert_eq!(stat, graph);
    let patch = world.yoi(["log", "-p", "-1"]).ok();
    assert!(
        patch.starts_with(&line(&world, &one, &tickets)) && patch.ends_with("@@ -0,0 +1 @@\n+1\n"),
        "{patch}"
    );
    let sides = world.yoi(["log", "--left-right", "HEAD...HEAD~1"]).ok();
    assert_eq!(sides, format!("< {}", line(&world, &one, &tickets)));
}

#[test]
fn the_log_is_there_for_programs() {
    let (world, ticket) = begun();
    let base = head(&world);
    let one = commit(&world, "a", "1\n", &format!("fir\tst\n\nTicket: {ticket}"));
    let rows = format!("{one}\t{ticket}\tfir^Ist\n{base}\t\tbase\n");
    for words in [
        ["log", "--porcelain"].as_slice(),
        &["--porcelain", "log"],
        &["log", "-p", "--stat", "--graph", "--porcelain"],
        &["log", "--porcelain", "--", "."],
    ] {
        assert_eq!(world.yoi(words).ok(), rows, "{words:?}");
    }
    assert_eq!(world.yoi(["log", "-z"]).ok(), rows.replace('\n', "\0"));
    let document = world.json(["log", "-1", "-p"]);
    let at = world.git(["log", "-1", "--format=%ad", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"]).ok();
    let held = json!({"id": ticket, "title": "one", "via": ["trailer"]});
    let row = json!({
        "commit": one, "author": "Tess Ter", "at": at.trim_end(), "subject": "fir\tst", "tickets": [held],
    });
    let expected = json!({"schema": "yoi.log/1", "total": 1, "truncated": false, "commits": [row]});
    assert_eq!(document, expected);
}

#[test]
fn what_the_log_can_not_do_is_refused() {
    let (world, _) = begun();
    for words in [
        ["log", "--format=%H"].as_slice(),
        &["log", "--pretty"],
        &["log", "--pretty=oneline"],
        &["log", "--color-words"],
        &["log", "-p", "--output=../out"],
        &["log", "--word-diff=color"],
        &["log", "--color=sometimes"],
    ] {
        let answer = world.yoi(words);
        assert_eq!((answer.code, answer.out.as_str()), (129, ""), "{words:?} {answer:?}");
    }
    for words in [
        ["log", "nowhere"].as_slice(),
        &["log", "--no-such-option"],
        &["log", "-n"],
        &["log", "a..b", "--json"],
    ] {
        let answer = world.yoi(words);
        assert_eq!((answer.code, answer.out.as_str()), (128, ""), "{words:?} {answer:?}");
        assert_eq!(answer.err.lines().count(), 1, "{answer:?}");
    }
    let empty = World::new();
    empty.create("one");
    assert!(empty.yoi(["log"]).fails(128).contains("does not have any commits"));
    let strange = World::new();
    commit(&strange, "a", "1", "one");
    assert!(strange.yoi(["log"]).fails(128).contains("no tickets yet"));
}

#[test]
fn nothing_in_a_commit_or_a_file_reaches_the_terminal_or_makes_up_a_commit() {
    let (world, ticket) = begun();
    let base = head(&world);
    world.yoi(["edit", &ticket, "--title", "ti\u{202e}tle"]).ok();
    let nasty =
        format!("\u{1b}[8mhidden\u{1b}[m\u{7}\n\u{1e}>{base}\u{1f}\n\u{1e}{}>{base}\u{1f}\n", "0".repeat(32));
    let message = format!("sub\u{1b}]0;x\u{7}ject\u{1e}{base}\u{1f}\n\nTicket: {ticket}");
    world.git(["config", "user.name", "who\u{1b}[2J"]).ok();
    commit(&world, "f", &nasty, &message);
    for words in [
        ["log", "-p"].as_slice(),
        &["log", "-p", "--color=always"],
        &["log", "-p", "--color", "--graph"],
        &["log", "--porcelain"],
        &["log", "--json"],
        &["blame", "f"],
        &["blame", "f", "--porcelain"],
        &["blame", "f", "--json"],
        &["commits", &ticket],
        &["commits", "--missing", "HEAD"],
    ] {
        let answer = world.yoi(words);
        let painted = ["[m", "[2m", "[31m", "[32m", "[33m", "[36m"].map(|code| format!("\u{1b}{code}"));
        let said = painted.iter().fold(answer.out, |text, code| text.replace(code, ""));
        let is_harmless = !said.contains(|letter: char| {
            (letter.is_control() && !matches!(letter, '\n' | '\t')) || letter == '\u{202e}'
        });
        assert!(is_harmless, "{words:?}: {said:?}");
    }
    let log = world.yoi(["log", "-p", "-1"]).ok();
    assert_eq!(log.lines().filter(|line| line.starts_with(&base[..8])).count(), 0, "{log}");
    assert!(log.contains("+^[[8mhidden") && log.contains("ti<U+202E>tle]"), "{log}");
}

#[test]
fn the_log_and_the_lines_are_there_wherever_git_finds_a_repository() {
    let (world, ticket) = begun();
    let one = commit(&world, "deep/er/file", "text\n", &format!("one\n\nTicket: {ticket}"));
    let row = format!("{one}\t{ticket}\tone\n");
    let lines = format!("1\t{one}\t{ticket}\ttext\n");
    let inside = world.repo().join("deep/er");
    assert_eq!(yoi_in(&world, &inside, &["log", "--porcelain", "file"]).ok(), row);
    assert_eq!(yoi_in(&world, &inside, &["blame", "--porcelain", "file"]).ok(), lines);
    assert_eq!(yoi_in(&world, world.root(), &["-C", "repo", "log", "--porcelain", "-1"]).ok(), row);
    assert_eq!(
        yoi_in(&world, world.root(), &["-C", "repo/deep", "blame", "er/file", "--porcelain"]).ok(),
        lines
    );
    world.git(["worktree", "add", "-q", "../linked", "HEAD"]).ok();
    let linked = world.root().join("linked/deep");
    assert_eq!(yoi_in(&world, &linked, &["log", "--porcelain", "-1", "."]).ok(), row);
    assert_eq!(yoi_in(&world, &linked, &["blame", "--porcelain", "er/file"]).ok(), lines);
    git_in(&world, world.root(), &["clone", "-q", "--bare", "repo", "bare"]);
    let bare = world.root().join("bare");
    yoi_in(&world, &bare, &["init", "origin"]).ok();
    assert_eq!(yoi_in(&world, &bare, &["log", "--porcelain", "-1"]).ok(), row);
    assert_eq!(yoi_in(&world, &bare, &["blame", "--porcelain", "HEAD", "--", "deep/er/file"]).ok(), lines);
    assert_eq!(yoi_in(&world, &bare, &["blame", "--porcelain", "deep/er/file", "HEAD"]).ok(), lines);
    assert_eq!(yoi_in(&world, &bare, &["blame", "--porcelain", "deep/er/file"]).ok(), lines);
    assert_eq!(yoi_in(&world, &bare, &["commits", &ticket]).ok(), format!("{} one [trailer]\n", &one[..8]));
}

#[test]
fn a_partial_clone_fetches_what_blame_needs() {
    let (world, ticket) = begun();
    let one = commit(&world, "f", "text\n", &format!("one\n\nTicket: {ticket}"));
    commit(&world, "f", "text\nmore\n", "two");
    world.git(["config", "uploadpack.allowFilter", "true"]).ok();
    world.git(["config", "uploadpack.allowAnySHA1InWant", "true"]).ok();
    let url = format!("file://{}", world.repo().display());
    world.git(["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "../partial"]).ok();
    let partial = world.root().join("partial");
    yoi_in(&world, &partial, &["init", "origin"]).ok();
    assert_eq!(yoi_in(&world, &partial, &["commits", &ticket, "--porcelain"]).ok(), format!("{one}\tone\n"));
    let lines = yoi_in(&world, &partial, &["blame", "--porcelain", "-L1,1", "HEAD", "--", "f"]).ok();
    assert_eq!(lines, format!("1\t{one}\t{ticket}\ttext\n"));
}

#[test]
fn other_kinds_of_repositories_are_read_as_well() {
    for git in gits() {
        for option in ["--object-format=sha256", "--ref-format=reftable"] {
            let world = World::bare_folder(&git);
            if world.git(["init", "-q", "-b", "main", option, "."]).code != 0 {
                // This git is too old for it.
                continue;
            }
            let ticket = world.create("one");
            let one = commit(&world, "f", "text\n", &format!("one\n\nTicket: {ticket}"));
            assert_eq!(world.yoi(["commits", &ticket, "--porcelain"]).ok(), format!("{one}\tone\n"));
            assert_eq!(world.yoi(["log", "--porcelain"]).ok(), format!("{one}\t{ticket}\tone\n"));
            assert_eq!(world.yoi(["blame", "f", "--porcelain"]).ok(), format!("1\t{one}\t{ticket}\ttext\n"));
            world.yoi(["commits", "--missing", "HEAD"]).ok();
        }
    }
}

#[test]
fn a_message_in_another_encoding_is_read() {
    let (world, ticket) = begun();
    let message = world.write("message", [b"gr\xfcn\n\nTicket: ".as_slice(), ticket.as_bytes()].concat());
    let file = message.to_str().unwrap();
    world.git(["-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-F", file]).ok();
    let row = format!("{}\t{ticket}\tgrün\n", head(&world));
    assert_eq!(world.yoi(["log", "-1", "--porcelain"]).ok(), row);
    assert!(world.yoi(["commits", &ticket]).ok().ends_with(" grün [trailer]\n"));
}

#[test]
fn a_line_shows_its_commit_and_its_ticket() {
    let (world, ticket) = begun();
    let base = head(&world);
    let one = commit(&world, "base", "base\nten\n\ttab\n", &format!("one\n\nTicket: {ticket}"));
    world.write("repo/base", "base\nten\n\ttab\r\n\n");
    let (suffix, day) = (&ticket[9..], day(&world, &one));
    let expected = format!(
        "{}  -     (Tess Ter       {day}  1) base\n{}  {suffix}  (Tess Ter       {day}  2) ten\n00000000  -     (not committed              3) \ttab\n00000000  -     (not committed              4)\n",
        &base[..8],
        &one[..8]
    );
    assert_eq!(world.yoi(["blame", "base"]).ok(), expected);
    let rows = format!("2\t{one}\t{ticket}\tten\n3\t\t\t^Itab^M\n");
    assert_eq!(world.yoi(["blame", "-L", "2,3", "base", "--porcelain"]).ok(), rows);
    assert_eq!(world.yoi(["blame", "-L2,3", "base", "-z"]).ok(), rows.replace('\n', "\0"));
    assert_eq!(world.yoi(["blame", "-L/te/,+1", "base", "--format=%(line) %(author)"]).ok(), "2 Tess Ter\n");
    assert_eq!(world.yoi(["blame", "-L1,1", "-L3,3", "base", "--format=%(line)"]).ok(), "1\n3\n");
    for words in [["base", "HEAD~1"], ["HEAD~1", "base"]] {
        assert_eq!(
            world.yoi(["blame", words[0], words[1], "--porcelain"]).ok(),
            format!("1\t{base}\t\tbase\n")
        );
    }
    let document = world.json(["blame", "-L", "2,2", "base"]);
    assert_eq!((text(&document["schema"]), text(&document["file"])), ("yoi.blame/1", "base"));
    let at = &document["commits"][0]["at"];
    let row = json!({
        "line": 2, "commit": one, "tickets": [ticket], "author": "Tess Ter", "at": at, "text": "ten",
    });
    assert_eq!(document["lines"], json!([row]));
    assert_eq!(
        document["commits"][0]["tickets"],
        json!([{"id": ticket, "title": "one", "via": ["trailer"]}])
    );
    let document: Value = world.json(["blame", "base"]);
    assert_eq!(document["lines"][3], json!({"line": 4, "tickets": [], "text": ""}));
    world.git(["commit", "-q", "--allow-empty", "-m", "later"]).ok();
    commit(&world, "base", "base\nten\nend\n", "end");
    let range = world.yoi(["blame", "HEAD~1..HEAD", "--", "base"]).ok();
    let starts: Vec<&str> = range.lines().map(|line| line.get(..9).unwrap()).collect();
    assert!(starts[0].starts_with('^') && starts[0] == starts[1] && !starts[2].starts_with('^'), "{range}");
    assert!(!range.contains(suffix), "a line that may be older has no ticket: {range}");
}

#[test]
fn a_file_that_can_not_be_blamed_is_named() {
    let (world, _) = begun();
    commit(&world, "bin", "a\0b\n", "binary");
    commit(&world, "HEAD~0", "x\n", "looks like a commit");
    for (words, code, said) in [
        (["blame", "nothing"].as_slice(), 128, "no such path 'nothing'"),
        (&["blame"], 129, "name a file"),
        (&["blame", "bin"], 128, "'bin' is a binary file"),
        (&["blame", "-L", "7,9", "base"], 128, "has only 1 line"),
        (&["blame", "-L", "x", "base"], 129, "'x' is no range of lines"),
        (&["blame", "nowhere", "base"], 1, "neither 'nowhere' nor 'base' names a commit"),
        (&["blame", "HEAD", "main"], 129, "both name a commit"),
        (&["blame", "nowhere", "--", "base"], 128, "nowhere"),
        (&["blame", "a", "b", "c"], 129, "'c'"),
        (&["blame", "a", "b", "--", "c"], 129, "one file"),
        (&["blame", "--nonsense", "base"], 129, "--nonsense"),
        (&["blame", "no\u{1b}[2J"], 128, "no such path"),
        (&["blame", "."], 128, "no such path"),
    ] {
        let answer = world.yoi(words);
        assert_eq!((answer.code, answer.out.as_str()), (code, ""), "{words:?} {answer:?}");
        assert!(answer.err.contains(said) && !answer.err.contains('\u{1b}'), "{words:?} {answer:?}");
    }
    assert!(world.yoi(["blame", "HEAD~0"]).ok().ends_with(" x\n"));
    let odd = "a b\n\"ä\t";
    commit(&world, odd, "odd\n", "odd");
    assert!(world.yoi(["blame", odd]).ok().ends_with(" odd\n"));
    assert!(world.yoi(["blame", "HEAD", "--", odd]).ok().ends_with(" odd\n"));
    let dashed = world.write("repo/-x", "x\n");
    assert!(dashed.exists());
    assert!(world.yoi(["blame", "--", "-x"]).fails(128).contains("no such path '-x' in HEAD"));
}
