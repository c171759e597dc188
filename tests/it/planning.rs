//! The orchestration plan: what is recorded, what it says to start, how two clones' records stand together.

use serde_json::{Value, json};

use crate::fixture::{kinds, refused, shown, stored, text};
use crate::world::World;

/// A queued ticket.
fn queued(world: &World, title: &str) -> String {
    world.yoi(["create", title, "--state", "queued", "--porcelain"]).ok().trim_end().to_owned()
}

fn records(world: &World, arguments: &[&str]) -> Vec<Value> {
    let answer = world.json([&["plan", "list"][..], arguments].concat());
    assert_eq!(text(&answer["schema"]), "yoi.plan/1");
    answer["records"].as_array().unwrap().clone()
}

#[test]
fn a_record_is_one_line_in_the_form_of_older_tools_and_no_event() {
    let world = World::new();
    let (a, b) = (queued(&world, "a"), queued(&world, "b"));
    let answer = world.json(["plan", "add", &a, "--kind", "blocked-by", "--on", &b, "--note", "its types"]);
    let id = text(&answer["records"][0]).to_owned();
    assert_eq!(text(&answer["what"]), format!("plan: blocked_by {b}"));
    let record: Value =
        serde_json::from_str(&stored(&world, &a, "artifacts/orchestration-plan.jsonl")).unwrap();
    let at = text(&record["at"]).to_owned();
    let digits: String = at.replace('T', "-").chars().filter(|c| c.is_ascii_digit()).collect();
    assert_eq!(id, format!("orch-plan-{}-{}-1", &digits[..8], &digits[8..]));
    let line = format!(
        "{{\"id\":\"{id}\",\"ticket_id\":\"{a}\",\"kind\":\"blocked_by\",\"related_ticket\":\"{b}\",\"note\":\"its types\",\"author\":\"Tess Ter\",\"at\":\"{at}\"}}\n"
    );
    assert_eq!(stored(&world, &a, "artifacts/orchestration-plan.jsonl"), line);
    assert_eq!(kinds(&shown(&world, &a)), ["create"]);
    let said = world.yoi(["plan", "add", &a, "--kind", "waiting_capacity_note", "--note", "two run"]).ok();
    assert_eq!(said, format!("{a} \"a\": plan: waiting_capacity_note\n"));
    let rows = world.yoi(["plan", "list", "--porcelain"]).ok();
    let rows: Vec<Vec<&str>> = rows.lines().map(|row| row.split('\t').collect()).collect();
    assert_eq!((rows.len(), &rows[0][..5]), (2, &[id.as_str(), &a, "blocked_by", &b, "Tess Ter"][..]));
    assert!(rows[1][0].ends_with("-2"), "{rows:?}");
    // What is over is listed on demand only.
    world.yoi(["close", &b, "-m", "done"]).ok();
    let open: Vec<Value> = records(&world, &[]).iter().map(|record| record["kind"].clone()).collect();
    assert_eq!(open, ["waiting_capacity_note"]);
    let all = records(&world, &[&a]);
    assert_eq!((&all[0]["open"], text(&all[0]["related_state"])), (&json!(false), "closed"));
    let seen = world.yoi(["plan", "list", "--all"]).ok();
    assert!(
        seen.contains(&format!("blocked by {b} (closed) (over)  {id} by Tess Ter\n    its types\n")),
        "{seen}"
    );
    world.yoi(["doctor"]).ok();
}

#[test]
fn an_accepted_plan_has_no_path_of_this_machine() {
    let world = World::new();
    let a = queued(&world, "a");
    let inside = world.repo().canonicalize().unwrap().join(".worktree/a-x");
    world.git(["commit", "-q", "--allow-empty", "-m", "x"]).ok();
    world.git(["worktree", "add", "-q", "../linked"]).ok();
    let accept = |folder: &str, path: &str| {
        let mut command = world.yoi_command(["-C", folder, "plan", "accept", &a, "--summary", "do it"]);
        command.args(["--branch", "work/a-x", "--role-plan", "me", "--note", "now", "--worktree", path]);
        world.run(command)
    };
    for folder in [".", "../linked"] {
        accept(folder, inside.to_str().unwrap()).ok();
    }
    accept(".", "../beside").ok();
    let plans: Vec<Value> = records(&world, &[&a]).iter().map(|one| one["accepted_plan"].clone()).collect();
    let expected =
        |path: &str| json!({"summary": "do it", "branch": "work/a-x", "worktree": path, "role_plan": "me"});
    assert_eq!(plans, [".worktree/a-x", ".worktree/a-x", "../beside"].map(expected));
    for path in ["/tmp/x", "~/x", ".", "../../x", ""] {
        accept(".", path).fails(129);
    }
    assert_eq!(records(&world, &[&a]).len(), 3);
    let seen = world.yoi(["plan", "list", &a]).ok();
    assert!(
        seen.contains(
            "    do it\n    branch: work/a-x\n    worktree: .worktree/a-x\n    roles: me\n    now\n"
        ),
        "{seen}"
    );
}

#[test]
fn a_record_that_makes_no_sense_is_refused() {
    let world = World::new();
    let (a, b) = (queued(&world, "a"), queued(&world, "b"));
    refused(&world, &["plan", "add", &a, "--kind", "after"], 129, "--on <id>");
    refused(&world, &["plan", "add", &a, "--kind", "after", "--on", &a], 129, "itself");
    refused(&world, &["plan", "add", &a, "--kind", "after", "--on", "ZZZZZ"], 1, "ZZZZZ");
    refused(&world, &["plan", "add", &a, "--kind", "waiting_capacity_note"], 129, "--note <text>");
    refused(&world, &["plan", "add", &a, "--kind", "waiting_capacity_note", "--on", &b], 129, "without --on");
    refused(&world, &["plan", "add", &a, "--kind", "accepted_plan"], 129, "plan accept");
    refused(&world, &["plan", "add", &a, "--kind", "sometime"], 129, "do_not_parallelize");
    refused(&world, &["plan", "add", &a, "--kind", "after", "--on", &b, "--note", " "], 129, "note is empty");
    refused(&world, &["plan", "accept", &a, "--summary", ""], 129, "summary is empty");
    refused(&world, &["plan", "accept", &a], 129, "--summary");
}

#[test]
fn tickets_that_the_plan_keeps_apart_do_not_start_beside_each_other() {
    for kind in ["conflicts_with", "do_not_parallelize"] {
        let world = World::new();
        let (a, b) = (queued(&world, "a"), queued(&world, "b"));
        world.yoi(["plan", "add", &a, "--kind", kind, "--on", &b, "--note", "one file"]).ok();
        world.yoi(["state", &b, "inprogress"]).ok();
        let words = format!("{a} can't start now, by the plan: {kind} {b}, which is in progress");
        refused(&world, &["state", &a, "inprogress"], 2, &words);
        world.yoi(["state", &b, "queued", "-m", "later"]).ok();
        world.yoi(["state", &a, "inprogress"]).ok();
        // Told from the other side too.
        refused(&world, &["state", &b, "inprogress"], 2, &format!("{kind} {a}"));
        world.yoi(["state", &a, "done"]).ok();
        world.yoi(["state", &b, "inprogress"]).ok();
    }
}
