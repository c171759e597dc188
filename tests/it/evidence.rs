//! Reports, reviews and what a ticket has to show for its work.

use serde_json::Value;

use crate::fixture::{last, shown, text};
use crate::world::World;

/// A ticket that is worked on, on a branch with a commit.
fn begin() -> (World, String) {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
    let id = world.yoi(["create", "one", "--state", "queued", "--porcelain"]).ok().trim_end().to_owned();
    world.yoi(["start", &id]).ok();
    work(&world, "work");
    (world, id)
}

fn work(world: &World, words: &str) {
    world.write(&format!("repo/{words}.txt"), words);
    world.git(["add", "."]).ok();
    world.git(["commit", "-q", "-m", words]).ok();
}

fn head(world: &World) -> String {
    world.git(["rev-parse", "HEAD"]).ok().trim_end().to_owned()
}

/// The status of each criterion.
fn statuses(world: &World, id: &str) -> Vec<(String, String)> {
    let shown = world.json(["show", id, "--evidence"]);
    assert_eq!(text(&shown["schema"]), "yoi.evidence/1");
    let rows = shown["evidence"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["criterion"]).to_owned(), text(&row["status"]).to_owned())).collect()
}

fn expect(statuses: [&str; 4]) -> Vec<(String, String)> {
    let names = ["report", "review", "validation", "landing"];
    names.into_iter().zip(statuses).map(|(name, status)| (name.to_owned(), status.to_owned())).collect()
}

#[test]
fn a_report_names_commits_and_what_was_run() {
    let (world, id) = begin();
    assert_eq!(statuses(&world, &id), expect(["missing"; 4]));
    let words = ["report", &id, "-m", "Did it.", "--validation", "cargo test --locked=pass"];
    world
        .yoi(
            [
                words.as_slice(),
                &["--validation", "make `x` a=b=fail", "--commit", "HEAD~", "--commit", "HEAD"],
            ]
            .concat(),
        )
        .ok();
    let ticket = shown(&world, &id);
    let event = last(&ticket);
    assert_eq!(text(&event["kind"]), "implementation_report");
    assert_eq!(text(&event["attributes"]["commit"]), head(&world));
    let body = text(&event["body"]);
    for line in ["Did it.", "work", "- `cargo test --locked`: pass", "- ``make `x` a=b``: fail"] {
        assert!(body.contains(line), "{line}: {body}");
    }
    assert_eq!(statuses(&world, &id), expect(["good", "missing", "failed", "missing"]));
    world.yoi(["report", "@", "-m", "Again.", "--validation", "make=pass"]).ok();
    assert_eq!(statuses(&world, &id), expect(["good", "missing", "good", "missing"]));
    world.yoi(["report", &id, "-m", "x", "--validation", "make"]).fails(129);
    world.yoi(["report", &id, "-m", "x", "--validation", "a --> b=pass"]).fails(129);
    world.yoi(["report", &id, "-m", "x", "--commit", "nonesuch"]).fails(1);
    world.yoi(["report", &id]).fails(129);
    world.yoi(["doctor"]).ok();
}

#[test]
fn a_review_is_tied_to_what_it_looked_at_and_goes_stale() {
    let (world, id) = begin();
    let first = head(&world);
    world.yoi(["review", &id, "--request-changes", "-m", "Not yet."]).ok();
    assert_eq!(text(&last(&shown(&world, &id))["attributes"]["commit"]), first);
    assert_eq!(statuses(&world, &id)[1].1, "changes_requested");
    world.yoi(["review", &id, "--approve", "-m", "Good."]).ok();
    assert_eq!(statuses(&world, &id)[1].1, "good");
    work(&world, "more");
    assert_eq!(statuses(&world, &id)[1].1, "stale");
    let text = world.yoi(["show", &id]).ok();
    assert!(text.contains("stale: it approves"), "{text}");
    let table = world.yoi(["show", &id, "--evidence"]).ok();
    assert!(table.contains("stale") && table.contains("missing: report, review"), "{table}");
    world.yoi(["review", &id, "--approve", "-m", "Old one.", "--commit", &first]).ok();
    assert_eq!(statuses(&world, &id)[1].1, "stale");
    world.yoi(["review", &id, "--approve", "-m", "This one."]).ok();
    assert_eq!(statuses(&world, &id)[1].1, "good");
}

#[test]
fn a_rebase_to_the_same_change_leaves_a_review_as_it_is() {
    let (world, id) = begin();
    world.yoi(["review", &id, "--approve", "-m", "Good."]).ok();
    world.git(["switch", "-q", "main"]).ok();
    work(&world, "beside");
    world.git(["switch", "-q", "-"]).ok();
    world.git(["rebase", "-q", "main"]).ok();
    assert_eq!(statuses(&world, &id)[1].1, "good");
    world.write("repo/work.txt", "other");
    world.git(["commit", "-q", "-a", "--amend", "--no-edit"]).ok();
    assert_eq!(statuses(&world, &id)[1].1, "stale");
}

#[test]
fn a_landing_is_the_last_criterion_and_the_next_round_begins_anew() {
    let (world, id) = begin();
    let branch = world.git(["branch", "--show-current"]).ok().trim_end().to_owned();
    world.yoi(["report", &id, "-m", "Done.", "--validation", "make=pass"]).ok();
    world.yoi(["review", &id, "--approve", "-m", "Good."]).ok();
    world.git(["switch", "-q", "main"]).ok();
    world.git(["merge", "-q", "--no-ff", "--no-edit", &branch]).ok();
    assert_eq!(statuses(&world, &id), expect(["good"; 4]));
    let shown = world.json(["show", &id, "--evidence"]);
    assert_eq!(shown["missing"].as_array().map(Vec::len), Some(0));
    assert!(world.yoi(["show", &id, "--evidence"]).ok().contains("nothing is missing"));
    assert_eq!(text(&shown["evidence"][3]["commit"]), head(&world));
    world.yoi(["reopen", &id, "-m", "There is more."]).ok();
    assert_eq!(statuses(&world, &id)[..3], expect(["missing"; 4])[..3]);
}

#[test]
fn what_the_project_requires_is_marked() {
    let (world, id) = begin();
    world.write("repo/.yoi/workspace.toml", "[yoi]\nrequire_review = true\n");
    let rows = world.json(["show", &id])["evidence"].clone();
    let required: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["required"]).collect();
    assert_eq!(required, [false, true, false, false]);
    assert!(world.yoi(["show", &id, "--evidence"]).ok().contains("review (required)"));
}

#[test]
fn what_was_taken_back_speaks_for_nothing() {
    let (world, id) = begin();
    let make = ["report", &id, "-m", "Done.", "--validation", "make=pass"];
    world.yoi(make).ok();
    world.yoi(["undo", &id]).ok();
    assert_eq!(statuses(&world, &id), expect(["missing"; 4]));
    world.yoi(["undo", &id]).ok();
    assert_eq!(statuses(&world, &id), expect(["good", "missing", "good", "missing"]));
    world.yoi(["review", &id, "--request-changes", "-m", "Not yet."]).ok();
    world.yoi(["review", &id, "--approve", "-m", "Good."]).ok();
    world.yoi(["undo", &id]).ok();
    assert_eq!(statuses(&world, &id)[1].1, "changes_requested");
    let table = world.yoi(["show", &id, "--evidence"]).ok();
    assert!(table.ends_with("missing: review, landing\n"), "{table}");
    world.yoi(["-C", ".", "done", &id]).ok();
    // A state that is set back begins no new round.
    world.yoi(["undo", &id]).ok();
    assert_eq!(statuses(&world, &id)[0].1, "good");
}
