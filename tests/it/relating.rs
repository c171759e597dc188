//! What belongs to a ticket: relations to other tickets, commits.

use serde_json::{Value, json};

use crate::fixture::{THREAD, commits, folder, id, import, item, kinds, last, shown, stored, text, tip};
use crate::plant;
use crate::world::{World, gits};

fn refused(world: &World, arguments: &[&str], code: i32, words: &str) {
    let before = tip(world);
    let answer = world.yoi(arguments);
    assert_eq!(answer.code, code, "{arguments:?} {answer:?}");
    assert!(answer.err.contains(words), "{arguments:?} {answer:?}");
    assert_eq!(tip(world), before, "{arguments:?} wrote something");
}

/// Kind, direction and other end of each relation of a ticket.
fn relations(world: &World, id: &str) -> Vec<(String, String, String)> {
    let ticket = shown(world, id);
    let word = |value: &Value| text(value).to_owned();
    let all = ticket["relations"].as_array().unwrap().iter();
    all.map(|one| (word(&one["kind"]), word(&one["direction"]), word(&one["id"]))).collect()
}

const KINDS: [(&str, &str, &str); 5] = [
    ("depends-on", "depends_on", "dependency_of"),
    ("blocks", "blocks", "blocked_by"),
    ("related", "related", "related"),
    ("supersedes", "supersedes", "superseded_by"),
    ("duplicate-of", "duplicate_of", "duplicated_by"),
];

#[test]
fn each_relation_is_seen_from_both_ends() {
    for (typed, stored, inverse) in KINDS {
        let world = World::new();
        let (a, b) = (world.create("Side A"), world.create("Side B"));
        let answer = world.yoi(["relate", &a, typed, &b[9..], "--note", "since\nthen"]).ok();
        assert_eq!(answer, format!("{a} \"Side A\": {stored} {b} added\n"));
        assert_eq!(relations(&world, &a), [(stored.to_owned(), "outgoing".to_owned(), b.clone())]);
        assert_eq!(relations(&world, &b), [(inverse.to_owned(), "incoming".to_owned(), a.clone())]);
        let ticket = shown(&world, &a);
        assert_eq!(text(&ticket["relations"][0]["note"]), "since\nthen");
        let event = last(&ticket);
        assert_eq!(event["attributes"], json!({"kind": stored, "op": "add", "target": b}));
        assert_eq!(text(&event["body"]), format!("`{stored}` {b} Side B\n\nsince\nthen"));
        let seen = world.yoi(["show", &b]).ok();
        assert!(seen.contains(&format!("{}: {a} Side A (planning)\n", inverse.replace('_', " "))), "{seen}");
        let answer = world.yoi(["unrelate", &a, typed, &b]).ok();
        assert_eq!(answer, format!("{a} \"Side A\": {stored} {b} removed\n"));
        assert_eq!((relations(&world, &a), relations(&world, &b)), (vec![], vec![]));
        assert_eq!(last(&shown(&world, &a))["attributes"]["op"], "remove");
        assert_eq!(kinds(&shown(&world, &b)), ["create"], "nothing is written at the other end");
    }
}

#[test]
fn relations_are_stored_in_the_order_of_kinds_and_with_these_bytes() {
    let world = World::new();
    let ids: Vec<String> = ["a", "b", "c"].map(|title| world.create(title)).into();
    world.yoi(["relate", &ids[0], "related", &ids[1], "--note", "日本"]).ok();
    world.yoi(["relate", &ids[0], "depends_on", &ids[2]]).ok();
    let ticket = shown(&world, &ids[0]);
    let at = |index: usize| text(&ticket["events"][index]["at"]).to_owned();
    let row = |kind: &str, target: &str, note: &str, at: &str| {
        format!(
            "    {{\n      \"ticket_id\": \"{}\",\n      \"kind\": \"{kind}\",\n      \"target\": \"{target}\",\n{note}      \"author\": \"Tess Ter\",\n      \"at\": \"{at}\"\n    }}",
            ids[0]
        )
    };
    let expected = format!(
        "{{\n  \"version\": 1,\n  \"relations\": [\n{},\n{}\n  ]\n}}\n",
        row("depends_on", &ids[2], "", &at(2)),
        row("related", &ids[1], "      \"note\": \"日本\",\n", &at(1))
    );
    assert_eq!(stored(&world, &ids[0], "artifacts/relations.json"), expected);
}

#[test]
fn relations_that_make_no_sense_are_refused_by_name() {
    let world = World::new();
    let (a, b) = (world.create("a"), world.create("b"));
    world.yoi(["relate", &a, "related", &b]).ok();
    refused(&world, &["relate", &a, "related", &b], 2, &format!("{a} related {b} already"));
    refused(&world, &["relate", &a, "related", &a], 129, "can't be related to itself");
    refused(&world, &["relate", &a, "related", "00001K0000000"], 1, "no ticket '00001K0000000'");
    refused(&world, &["relate", "00001K0000000", "related", &a], 1, "no ticket");
    refused(&world, &["relate", &a, "parent-of", &b], 129, "depends-on, blocks, related, supersedes");
    refused(&world, &["unrelate", &a, "blocks", &b], 2, &format!("no relation {a} blocks {b}"));
    refused(&world, &["unrelate", &b, "related", &a], 2, "no relation");
}

#[test]
fn tickets_that_would_wait_for_each_other_are_refused_with_the_way_round() {
    let world = World::new();
    let ids: Vec<String> = ["a", "b", "c"].map(|title| world.create(title)).into();
    let [a, b, c] = [&ids[0], &ids[1], &ids[2]].map(String::as_str);
    world.yoi(["relate", a, "depends-on", b]).ok();
    world.yoi(["relate", c, "blocks", b]).ok();
    refused(&world, &["relate", c, "depends-on", a], 2, &format!("{c} -> {a} -> {b} -> {c}"));
    refused(&world, &["relate", a, "blocks", c], 2, &format!("{c} -> {a} -> {b} -> {c}"));
    refused(&world, &["relate", b, "depends-on", a], 2, &format!("{b} -> {a} -> {b}"));
    world.yoi(["relate", c, "related", a]).ok();
    world.yoi(["unrelate", c, "blocks", b]).ok();
    world.yoi(["relate", c, "depends-on", a]).ok();
}

#[test]
fn a_relation_to_a_ticket_that_is_gone_is_shown_and_can_be_removed() {
    let world = World::new();
    let gone = id(7);
    let file = format!(
        "{{\"version\": 1, \"relations\": [{{\"ticket_id\": \"{}\", \"kind\": \"depends_on\", \"target\": \"{gone}\", \"author\": \"x\", \"at\": \"2026-01-02T03:04:05Z\", \"weight\": 3}}], \"more\": [1]}}",
        id(1)
    );
    folder(&world, 1, &item("'a'", "planning", ""), THREAD);
    world.write(&format!("from/{}/artifacts/relations.json", id(1)), &file);
    import(&world);
    let b = world.create("b");
    let ticket = shown(&world, &id(1));
    assert_eq!(ticket["relations"][0].get("state"), None);
    let blocker = json!([{"id": gone, "via": "depends_on", "unresolved": true}]);
    assert_eq!(ticket["blockers"], blocker);
    let seen = world.yoi(["show", &id(1)]).ok();
    assert!(seen.lines().any(|line| line.contains(&gone) && line.ends_with(" (missing)")), "{seen}");
    world.yoi(["relate", &id(1), "related", &b]).ok();
    let file = stored(&world, &id(1), "artifacts/relations.json");
    let file: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(
        (&file["more"], &file["relations"][0]["weight"]),
        (&json!([1]), &json!(3)),
        "unknown keys stay"
    );
    world.yoi(["unrelate", &id(1), "depends-on", &gone]).ok();
    assert_eq!(relations(&world, &id(1)), [("related".to_owned(), "outgoing".to_owned(), b)]);
}

/// Makes a commit in the work tree and gives its full id.
fn commit(world: &World, subject: &str) -> String {
    world.git(["commit", "-q", "--allow-empty", "-m", subject]).ok();
    world.git(["rev-parse", "HEAD"]).ok().trim_end().to_owned()
}

#[test]
fn a_commit_is_linked_by_any_name_and_listed_with_its_subject() {
    let world = World::new();
    let id = world.create("a");
    let (first, second) = (commit(&world, "fix: the first"), commit(&world, "日本\tsecond"));
    let before = commits(&world);
    let answer = world.yoi(["link", &id, "HEAD~1", "--note", "why"]).ok();
    assert_eq!(answer, format!("{id} \"a\": commit {} linked\n", &first[..8]));
    world.yoi(["link", &id, &second[..7]]).ok();
    assert_eq!(commits(&world), before + 2);
    let rows = format!("{first}\tfix: the first\n{second}\t日本^Isecond\n");
    assert_eq!(world.yoi(["commits", &id, "--porcelain"]).ok(), rows);
    let ticket = shown(&world, &id);
    let time = world.git(["log", "-1", "--format=%at", &first]).ok();
    let attributes =
        json!({"commit": first, "op": "add", "mail": "tess@example.org", "time": time.trim_end()});
    assert_eq!(ticket["events"][1]["attributes"], attributes);
    assert_eq!(text(&ticket["events"][1]["body"]), format!("`{}` fix: the first\n\nwhy", &first[..8]));
    assert_eq!(text(&ticket["commits"][0]["subject"]), "fix: the first");
    refused(&world, &["link", &id, "HEAD"], 2, "is linked to");
    refused(&world, &["link", &id, "no-such-branch"], 1, "no-such-branch");
    refused(&world, &["link", &id, "--", "--all"], 1, "--all");
    world.yoi(["unlink", &id, &first[..9]]).ok();
    assert_eq!(world.yoi(["commits", &id, "--porcelain"]).ok(), format!("{second}\t日本^Isecond\n"));
    refused(&world, &["unlink", &id, &first], 2, "is not linked");
    world.yoi(["link", &id, &first]).ok();
    assert_eq!(world.yoi(["commits", &id, "--format", "%(commit)"]).ok(), format!("{second}\n{first}\n"));
}

#[test]
fn a_linked_commit_that_this_clone_does_not_have_is_still_told_of() {
    let world = World::new();
    let id = world.create("a");
    let kept = commit(&world, "kept");
    let gone = commit(&world, "gone for good");
    world.yoi(["link", &id, &gone]).ok();
    world.git(["reset", "-q", "--hard", &kept]).ok();
    world.git(["reflog", "expire", "--expire=now", "--all"]).ok();
    world.git(["gc", "-q", "--prune=now"]).ok();
    let row = &world.json(["commits", &id])["commits"][0];
    assert_eq!(row["present"], false);
    assert_eq!((row.get("subject"), text(&row["commit"])), (None, gone.as_str()));
    assert_eq!(text(&row["recorded"]), format!("`{}` gone for good", &gone[..8]));
    let seen = world.yoi(["commits", &id]).ok();
    assert_eq!(seen, format!("{} gone for good (not in this clone) [linked]\n", &gone[..8]));
    world.yoi(["unlink", &id, &gone]).ok();
    assert_eq!(world.json(["commits", &id])["total"], 0);
}

/// A refused circle: the error names the way round.
#[track_caller]
fn goes_round(world: &World, words: &[&str], way: &[&String]) {
    let error = world.yoi(words).fails(2);
    let names: Vec<&str> = way.iter().map(|id| id.as_str()).collect();
    let told = format!("take each other's place: {}", names.join(" -> "));
    assert!(error.contains(&told), "{words:?}: {error}, not {told}");
}

#[test]
fn two_tickets_do_not_take_each_others_place() {
    let world = World::new();
    for typed in ["supersedes", "duplicate-of"] {
        let [a, b, c] = ["a", "b", "c"].map(|title| world.create(title));
        world.yoi(["relate", &a, typed, &b]).ok();
        world.yoi(["relate", &b, typed, &c]).ok();
        // Who is superseded gives way, and who is a duplicate.
        let (short, long) = match typed {
            "supersedes" => (vec![&a, &b, &a], vec![&a, &c, &b, &a]),
            _ => (vec![&b, &a, &b], vec![&c, &a, &b, &c]),
        };
        goes_round(&world, &["relate", &b, typed, &a], &short);
        goes_round(&world, &["relate", &c, typed, &a], &long);
        // Other orders are no matter: who is related may be so both ways.
        world.yoi(["relate", &a, "related", &b]).ok();
        world.yoi(["relate", &b, "related", &a]).ok();
        world.yoi(["relate", &c, "depends-on", &a]).ok();
    }
}

#[test]
fn a_ticket_does_not_take_the_place_of_one_that_it_repeats() {
    let world = World::new();
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|title| world.create(title));
    // Both say that b gives way to a.
    world.yoi(["relate", &a, "supersedes", &b]).ok();
    world.yoi(["relate", &b, "duplicate-of", &a]).ok();
    world.yoi(["relate", &b, "supersedes", &c]).ok();
    for _ in ["by the files", "by the index"] {
        goes_round(&world, &["relate", &a, "duplicate-of", &b], &[&a, &b, &a]);
        goes_round(&world, &["relate", &b, "supersedes", &a], &[&a, &b, &a]);
        goes_round(&world, &["relate", &a, "duplicate-of", &c], &[&a, &c, &b, &a]);
        let words = ["close", &a, "-m", "x", "--as", &format!("duplicate-of={c}")];
        goes_round(&world, &words, &[&a, &c, &b, &a]);
        let words = ["close", &a, "-m", "x", "--as", &format!("superseded-by={c}")];
        goes_round(&world, &words, &[&a, &c, &b, &a]);
        world.yoi(["index", "--rebuild"]).ok();
    }
    let error = world.yoi(["relate", &a, "duplicate-of", &b, "--json"]).fails(2);
    assert!(error.contains("\"cycle\""), "{error}");
    assert_eq!(text(&shown(&world, &a)["state"]), "planning");
    // Taken back and then done again, it is looked at as well.
    world.yoi(["relate", &a, "duplicate-of", &d]).ok();
    world.yoi(["undo"]).ok();
    let undone = world.git(["rev-parse", "refs/yoi/tickets"]).ok();
    world.yoi(["relate", &a, "supersedes", &d]).ok();
    goes_round(&world, &["undo", "--op", undone.trim()], &[&a, &d, &a]);
    assert_eq!(world.yoi(["doctor"]).ok(), "4 tickets checked: 0 errors, 0 warnings\n");
}

#[test]
fn tickets_that_take_each_others_place_by_a_merge_are_told_by_doctor() {
    for git in gits() {
        let world = World::with_git(&git);
        let [a, b] = ["a", "b"].map(|title| world.create(title));
        let base = tip(&world);
        world.yoi(["relate", &a, "supersedes", &b]).ok();
        let theirs = tip(&world);
        plant::point(&world, &base);
        world.yoi(["relate", &a, "duplicate-of", &b]).ok();
        world.git(["update-ref", "refs/yoi/remotes/there/tickets", &theirs]).ok();
        let told = world.yoi(["doctor"]);
        let way = format!("take each other's place in a circle: {a} -> {b} -> {a}");
        assert!(told.code == 0 && told.out.contains(&way), "{told:?}");
        world.yoi(["unrelate", &a, "duplicate-of", &b]).ok();
        assert_eq!(world.yoi(["doctor"]).ok(), "2 tickets checked: 0 errors, 0 warnings\n");
    }
}
