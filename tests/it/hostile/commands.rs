//! Every command that shows something of a ticket, a commit or a plan, where all of it is hostile.

use std::collections::BTreeSet;
use std::fs;

use super::{MEANT, TITLE, is_harmless};
use crate::plant::{self, REF, path};
use crate::world::{Answer, World};

/// A link that names one place and leads to another, the clipboard, letters turned round and letters without width.
const NASTY: &str = "\u{1b}]8;;http://evil/\u{1b}\\click\u{1b}]8;;\u{1b}\\\u{1b}]52;c;b3du\u{7}\u{202e}\u{2066}\u{200b}\u{200f}\u{feff}\u{9b}31m\u{0}\u{85}\u{2028}z";
/// The same where a file is YAML between double quotes.
const QUOTED: &str = "\\e]8;;http://evil/\\e\\\\click\\e]52;c;b3du\\a\\u202e\\u2066\\u200b\\u200f\\ufeff\\x9b31m\\0\\x85\\u2028z";

struct Stage {
    world: World,
    id: String,
    blocker: String,
}

/// Two tickets of which every field, event, relation and record is hostile, one waiting for the other; commits, a
/// branch and a file besides.
fn stage() -> Stage {
    let world = World::new();
    world.write("repo/code.txt", format!("line {NASTY}\nline\n"));
    world.git(["add", "-A"]).ok();
    let author = format!("user.name=who{}", NASTY.replace('\0', ""));
    let subject = format!("subject {}", NASTY.replace('\0', ""));
    world.git(["-c", &author, "commit", "-q", "-m", &subject]).ok();
    world.yoi(["init"]).ok();
    let (id, blocker) = (world.create("one"), world.create("two"));
    for ticket in [&id, &blocker] {
        world.yoi(["state", ticket, "ready", "-m", "clear"]).ok();
        world.yoi(["queue", ticket]).ok();
    }
    world.yoi(["relate", &id, "depends-on", &blocker]).ok();
    world.yoi(["link", &id, "HEAD"]).ok();
    world.yoi(["plan", "add", &id, "--kind", "after", "--on", &blocker, "--note", "note"]).ok();
    world.yoi(["start", &blocker]).ok();
    for ticket in [&id, &blocker] {
        poison(&world, ticket);
    }
    let name = format!("tickets/{}", ticket_file(&blocker));
    let blob = plant::blob(&world, format!("artifact {NASTY}").as_bytes());
    plant::entries(&world, &[("100644", &name, &blob)]);
    Stage { world, id, blocker }
}

/// Where an artifact with a name full of letters that turn round lies.
fn ticket_file(id: &str) -> String {
    let place = path(id, "/notes\u{202e}\u{200b}.md");
    place.strip_prefix("tickets/").unwrap().to_owned()
}

fn poison(world: &World, id: &str) {
    let item = plant::content(world, &path(id, ".item.md"));
    let more = format!(
        "priority: \"P1{QUOTED}\"\nreadiness: \"r{QUOTED}\"\nlabels: [\"l{QUOTED}\"]\nrisk_flags: [\"f{QUOTED}\"]\nodd: \"o{QUOTED}\"\n---\n"
    );
    let fields: Vec<&str> = item.splitn(3, "---\n").collect();
    let kept = fields[1].lines().filter(|line| !line.starts_with("title") && !line.starts_with("queued_by"));
    let kept: String = kept.map(|line| format!("{line}\n")).collect();
    let item = format!(
        "---\ntitle: \"{TITLE}{QUOTED}\"\nqueued_by: \"q{QUOTED}\"\n{kept}{more}\nbody {NASTY}\n{}",
        fields[2]
    );
    plant::file(world, &path(id, ".item.md"), item.as_bytes());
    let flat = NASTY.replace(['\u{2028}', '\u{85}'], "");
    let mut thread = plant::content(world, &path(id, ".thread.md"));
    for (kind, more) in [
        ("comment", String::new()),
        (
            "decision",
            "\nRouting decision: blocked_NASTY\nReason: NASTY\n\nIntentPacket:\n\nIntent:\n- NASTY\n"
                .replace("NASTY", NASTY),
        ),
        ("implementation_report", format!("\n- `validate {NASTY}`: pass\n")),
        ("review", String::new()),
        (&format!("odd{flat}"), String::new()),
    ] {
        let author = "author: \"who FLAT\" status: \"request_changes\" commit: \"FLAT\" branch: \"b FLAT\""
            .replace("FLAT", &flat);
        thread.push_str(&format!(
            "\n<!-- event: {kind} {author} at: 2026-01-02T03:04:05Z -->\n\n## head {NASTY}\n\nwords {NASTY}\n{more}\n---\n"
        ));
    }
    plant::file(world, &path(id, ".thread.md"), thread.as_bytes());
    let json = serde_json::to_string(NASTY).unwrap();
    let at = path(id, "/relations.json");
    if world.git(["cat-file", "-e", &format!("{REF}:{at}")]).code == 0 {
        let note = format!("\"note\": {json},\n      \"author\": {json}");
        let relations = plant::content(world, &at).replace("\"author\": \"Tess Ter\"", &note);
        assert!(relations.contains(&note));
        plant::file(world, &at, relations.as_bytes());
    }
    let accepted = format!(
        "{{\"id\":{json},\"ticket_id\":\"{id}\",\"kind\":\"accepted_plan\",\"note\":{json},\"accepted_plan\":{{\"summary\":{json},\"branch\":{json},\"worktree\":{json},\"role_plan\":{json}}},\"author\":{json},\"at\":{json}}}\n"
    );
    plant::file(world, &path(id, "/orchestration-plan.jsonl"), accepted.as_bytes());
    plant::file(
        world,
        &path(id, "/work.jsonl"),
        format!("{{\"at\":{json},\"branch\":{json},\"tip\":{json},\"commits\":[]}}\n").as_bytes(),
    );
    plant::file(world, &path(id, ".resolution.md"), format!("resolution {NASTY}\n").as_bytes());
}

#[track_caller]
fn harmless(words: &[&str], answer: &Answer) {
    assert!((0..=2).contains(&answer.code) || [128, 129].contains(&answer.code), "{words:?}: {answer:?}");
    for text in [answer.out.replace('\t', " "), answer.err.replace('\t', " ")] {
        let odd: BTreeSet<char> = text.chars().filter(|letter| !is_harmless(&letter.to_string())).collect();
        assert!(
            odd.is_empty(),
            "{words:?}: {odd:?} in {}",
            text.lines().find(|line| !is_harmless(line)).unwrap_or_default().escape_debug()
        );
        assert!(
            !text.chars().any(|letter| "\u{200f}\u{feff}\u{2028}".contains(letter)),
            "{words:?}: {text:?}"
        );
    }
}

/// The words of every command that shows something. `show --raw` gives bytes to a pipe; what it shows on a terminal
/// is looked at there.
fn shown<'w>(id: &'w str, blocker: &'w str) -> Vec<Vec<&'w str>> {
    let reading: &[&[&str]] = &[
        &["list", "-n", "all"],
        &["list", "--sort", "title"],
        &["show", id],
        &["show", id, "--evidence"],
        &["show", id, "--packet"],
        &["show", id, "--at", "HEAD"],
        &["show", blocker, "--evidence"],
        &["search", "words"],
        &["search", "subject"],
        &["search", "artifact"],
        &["status"],
        &["status", "-s"],
        &["next"],
        &["next", "--explain", id],
        &["graph"],
        &["graph", "--dot"],
        &["graph", "--mermaid"],
        &["graph", id, "-a"],
        &["plan", "list"],
        &["plan", "list", id],
        &["commits", id],
        &["commits"],
        &["commits", "--missing", "HEAD"],
        &["log"],
        &["blame", "code.txt"],
        &["history"],
        &["history", "-p"],
        &["history", "-p", id],
        &["diff", id, "refs/yoi/tickets~5", "refs/yoi/tickets"],
        &["artifact", "list", blocker],
        &["artifact", "get", blocker, "no\u{1b}such"],
        &["land", "-n"],
        &["undo", "-n"],
        &["undo", "-n", id],
        &["verify"],
        &["verify", id],
        &["doctor"],
        &["doctor", "--fix", "-n"],
        &["config"],
        &["index"],
        &["hooks", "status"],
    ];
    reading.iter().map(|words| words.to_vec()).collect()
}

#[test]
fn every_command_that_shows_a_ticket_shows_hostile_text_by_name() {
    let Stage { world, id, blocker } = stage();
    let mut with_text = 0;
    for words in shown(&id, &blocker) {
        for more in [None, Some("--json"), Some("--porcelain")] {
            let mut words = words.clone();
            words.extend(more);
            let answer = world.yoi(&words);
            harmless(&words, &answer);
            let both = format!("{}{}", answer.out, answer.err);
            with_text +=
                usize::from(both.contains("^[") || both.contains("\\u001b") || both.contains("\\u{1b}"));
        }
    }
    assert!(with_text > 50, "{with_text} answers had anything hostile to show");
    assert!(world.json(["show", &id])["title"].as_str().unwrap().starts_with(MEANT));
}

#[test]
fn every_command_that_writes_to_a_ticket_answers_by_name() {
    let Stage { world, id, blocker } = stage();
    let notes = world.write("notes\u{1b}[2J.md", "x");
    let packet = world.write("packet", "nonsense \u{1b}[2J\n");
    let (notes, packet) = (notes.to_str().unwrap(), packet.to_str().unwrap());
    let writing: &[&[&str]] = &[
        &["start", &id],
        &["queue", &id],
        &["state", &id, "inprogress", "-m", "x"],
        &["state", &id, "no\u{1b}[2Jstate"],
        &["comment", &id, "-m", "x\u{1b}[2J"],
        &["edit", &id, "--add-label", "a"],
        &["edit", &id, "--priority", "p\u{1b}"],
        &["route", &id, "blocked_x", "--reason", "r\u{202e}", "--on", &blocker],
        &["route", &id, "implementation_ready", "--reason", "r", "--packet", packet],
        &["plan", "accept", &id, "--summary", "s\u{202e}"],
        &["report", &blocker, "-m", "x"],
        &["review", &blocker, "--approve", "-m", "x"],
        &["relate", &blocker, "depends-on", &id],
        &["unrelate", &id, "depends-on", &blocker],
        &["artifact", "add", &id, notes],
        &["link", &id, "HEAD"],
        &["unlink", &id, "HEAD"],
        &["done", &blocker, "-m", "x"],
        &["land"],
        &["close", &blocker, "-m", "over"],
        &["reopen", &blocker, "-m", "again"],
        &["release", &blocker],
        &["undo"],
        &["undo", "--op", "no\u{1b}[2J"],
        &["doctor", "--fix"],
        &["export", "../out"],
        &["import", "yoi", "../out"],
        &["import", "yoi", "../no\u{1b}[2Jfolder"],
    ];
    for words in writing {
        let answer = world.yoi(*words);
        harmless(words, &answer);
    }
    // What git's hooks say comes out of git.
    world.git(["switch", "-q", "main"]).ok();
    for words in [
        ["commit", "-q", "--allow-empty", "-m", &format!("more\n\nTicket: {id}")].as_slice(),
        &["commit", "-q", "--allow-empty", "-m", &format!("more\n\nTicket: {}", &id[8..])],
        &["commit", "-q", "--allow-empty", "-m", "more\n\nTicket: no\u{1b}[2Jid"],
        &["switch", "-q", "-c", &format!("work/{id}-\u{202e}x")],
        &["commit", "-q", "--allow-empty", "-m", "on a branch"],
        &["switch", "-q", "main"],
        &["merge", "-q", "--no-ff", "-m", "landing", &format!("work/{id}-\u{202e}x")],
    ] {
        let answer = world.git(words);
        assert_eq!(answer.code, 0, "{words:?}: {answer:?}");
        harmless(words, &Answer { out: String::new(), ..answer });
    }
    let exported = world.root().join("out");
    assert!(fs::read_dir(exported).unwrap().count() == 2);
}
