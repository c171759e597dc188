//! The way of a ticket: every move, its guards, closing and reopening, what a project demands.

use serde_json::json;

use crate::fixture::{
    THREAD, commits, folder, id, import, item, kinds, last, one_in_each_state, refused, shown, stored, text,
    tip,
};
use crate::world::{Answer, World};

const STATES: [&str; 6] = ["planning", "ready", "queued", "inprogress", "done", "closed"];

/// Where a ticket may go from each state, by whatever command.
const TABLE: [(&str, &[&str]); 6] = [
    ("planning", &["ready", "closed"]),
    ("ready", &["planning", "queued", "closed"]),
    ("queued", &["planning", "inprogress", "closed"]),
    ("inprogress", &["planning", "queued", "done", "closed"]),
    ("done", &["inprogress", "closed"]),
    ("closed", &["planning"]),
];

fn targets(from: &str) -> &'static [&'static str] {
    TABLE.iter().find(|(state, _)| *state == from).unwrap().1
}

/// The states a refusal calls legal, in the order of the workflow.
fn legal_moves(answer: &Answer) -> Vec<&'static str> {
    let named = answer.err.lines().next().unwrap().split_once("legal moves: ").map_or("", |(_, moves)| moves);
    let words: Vec<&str> = named.split(", ").map(|one| one.split(' ').next().unwrap()).collect();
    STATES.into_iter().filter(|state| words.contains(state)).collect()
}

fn state(world: &World, id: &str) -> String {
    text(&shown(world, id)["state"]).to_owned()
}

/// Every pair of states with a ticket of its own, in the first of them.
fn pairs(world: &World) -> Vec<(&'static str, &'static str, String)> {
    let both = STATES.into_iter().flat_map(|from| STATES.map(|to| (from, to)));
    let pairs: Vec<_> = (1..).zip(both).map(|(number, (from, to))| (from, to, number)).collect();
    for (from, _, number) in &pairs {
        folder(world, *number, &item("'T'", from, ""), THREAD);
    }
    import(world);
    pairs.into_iter().map(|(from, to, number)| (from, to, id(number))).collect()
}

#[test]
fn state_makes_every_move_of_the_table_but_closing_and_reopening() {
    let world = World::new();
    for (from, to, id) in pairs(&world) {
        let before = tip(&world);
        let answer = world.yoi(["state", &id, to, "-m", "because"]);
        let is_legal = targets(from).contains(&to) && to != "closed" && from != "closed";
        if is_legal {
            assert_eq!(answer.ok(), format!("{id} \"T\": {from} -> {to}\n"));
            let ticket = shown(&world, &id);
            let attributes = &last(&ticket)["attributes"];
            assert_eq!((text(&attributes["from"]), text(&attributes["to"])), (from, to));
            assert_eq!(text(&ticket["state"]), to);
            continue;
        }
        assert_eq!((answer.code, tip(&world)), (2, before), "{from} {to} {answer:?}");
        if from == to {
            assert!(answer.err.contains(&format!("is {from} already")), "{answer:?}");
        } else {
            assert_eq!(legal_moves(&answer), targets(from), "{from} {to} {answer:?}");
        }
    }
}

#[test]
fn a_move_to_closed_or_away_from_it_hints_at_the_command_for_it() {
    let world = World::new();
    for (from, id) in one_in_each_state(&world) {
        let (to, hint) = match from {
            "closed" => ("planning", format!("hint: git yoi reopen {id} -m <why>\n")),
            _ => ("closed", format!("hint: git yoi close {id} -m <resolution>\n")),
        };
        let answer = world.yoi(["state", &id, to, "-m", "x"]);
        assert!(answer.code == 2 && answer.err.ends_with(&hint), "{answer:?}");
    }
}

#[test]
fn queue_is_for_ready_tickets_and_says_where_others_can_go() {
    let world = World::new();
    for (from, id) in one_in_each_state(&world) {
        let answer = world.yoi(["queue", &id]);
        if from == "ready" {
            assert_eq!(answer.ok(), format!("{id} \"One that is ready\": ready -> queued\n"));
            continue;
        }
        assert_eq!((answer.code, state(&world, &id)), (2, from.to_owned()), "{answer:?}");
        assert!(!answer.err.contains("somebody moved it"), "nobody did: {answer:?}");
        if from != "queued" {
            assert_eq!(legal_moves(&answer), targets(from), "{answer:?}");
        }
    }
}

#[test]
fn every_ticket_but_a_closed_one_can_be_closed() {
    let world = World::new();
    for (from, id) in one_in_each_state(&world) {
        if from == "closed" {
            refused(&world, &["close", &id, "-m", "again"], 2, "is closed already");
            continue;
        }
        assert_eq!(
            world.yoi(["close", &id, "-m", "x"]).ok(),
            format!("{id} \"One that is {from}\": {from} -> closed\n")
        );
        assert_eq!(stored(&world, &id, "resolution.md"), "x\n");
    }
}

#[test]
fn done_and_closed_tickets_are_reopened_and_no_others() {
    let world = World::new();
    for (from, id) in one_in_each_state(&world) {
        let to = match from {
            "done" => "inprogress",
            "closed" => "planning",
            _ => {
                let answer = world.yoi(["reopen", &id, "-m", "x"]);
                assert_eq!((answer.code, legal_moves(&answer)), (2, targets(from).to_vec()), "{answer:?}");
                continue;
            }
        };
        refused(&world, &["reopen", &id], 129, "-m <text>");
        refused(&world, &["reopen", &id, "-m", " "], 129, "the reason is empty");
        world.yoi(["reopen", &id, "-m", "It came back."]).ok();
        let ticket = shown(&world, &id);
        assert_eq!(text(&ticket["state"]), to);
        assert_eq!(text(&last(&ticket)["body"]), "It came back.");
        let attributes = json!({"field": "state", "from": from, "reason": "reopened", "to": to});
        assert_eq!(last(&ticket)["attributes"], attributes);
    }
}

#[test]
fn ready_needs_an_intake_summary_which_comes_first_in_the_thread() {
    let world = World::new();
    let id = world.create("a");
    refused(&world, &["state", &id, "ready"], 129, "the intake summary is missing");
    refused(&world, &["state", &id, "ready", "-m", "\n"], 129, "the intake summary is empty");
    refused(&world, &["state", &id, "ready", "-m", &"x".repeat(16 * 1024 + 1)], 129, "at most 16384 fit");
    world.yoi(["state", &id, "ready", "-m", "Clear enough.", "--actor", "intake"]).ok();
    let ticket = shown(&world, &id);
    assert_eq!(kinds(&ticket), ["create", "intake_summary", "state_changed"]);
    let bodies = ["Clear enough.", "Ticket planning complete; state planning -> ready."];
    for (event, body) in ticket["events"].as_array().unwrap()[1..].iter().zip(bodies) {
        assert_eq!((text(&event["author"]), text(&event["body"])), ("intake", body));
    }
    assert_eq!(text(&ticket["events"][2]["attributes"]["reason"]), "intake_ready");
}

#[test]
fn going_back_needs_a_reason_and_going_on_does_not() {
    let world = World::new();
    let needed = [
        ("ready", "planning"),
        ("queued", "planning"),
        ("inprogress", "planning"),
        ("inprogress", "queued"),
        ("done", "inprogress"),
    ];
    for (number, (from, to)) in (1..).zip(needed) {
        folder(&world, number, &item("'T'", from, ""), THREAD);
        if number == 1 {
            folder(&world, 101, &item("'T'", "queued", ""), THREAD);
        }
        import(&world);
        refused(&world, &["state", &id(number), to], 129, "the reason is missing");
        refused(&world, &["state", &id(number), to, "-m", ""], 129, "the reason is empty");
        world.yoi(["state", &id(number), to, "-m", "Not yet decided: X."]).ok();
        assert_eq!(text(&last(&shown(&world, &id(number)))["body"]), "Not yet decided: X.");
    }
    world.yoi(["state", &id(101), "inprogress"]).ok();
    assert_eq!(text(&last(&shown(&world, &id(101)))["body"]), "State changed to `inprogress`.");
    world.yoi(["state", &id(101), "done", "-m", "Merged."]).ok();
    assert_eq!(text(&last(&shown(&world, &id(101)))["body"]), "Merged.");
}

#[test]
fn a_move_from_another_state_than_expected_is_refused() {
    let world = World::new();
    let id = world.create("a");
    refused(&world, &["state", &id, "ready", "--from", "ready", "-m", "x"], 2, "is planning, not ready");
    refused(&world, &["close", &id, "--from", "done", "-m", "x"], 2, "is planning, not done");
    refused(&world, &["reopen", &id, "--from", "closed", "-m", "x"], 2, "is planning, not closed");
    refused(&world, &["queue", &id, "--from", "inprogress"], 2, "is planning, not inprogress");
    world.yoi(["state", &id, "ready", "--from", "planning", "-m", "x"]).ok();
    world.yoi(["close", &id, "--from", "ready", "-m", "x"]).ok();
    world.yoi(["reopen", &id, "--from", "closed", "-m", "x"]).ok();
    assert_eq!(state(&world, &id), "planning");
}

#[test]
fn queueing_records_by_whom_and_when() {
    let world = World::new();
    let id = world.create("a");
    world.yoi(["state", &id, "ready", "-m", "x"]).ok();
    world.yoi(["queue", &id, "--actor", "workspace-panel"]).ok();
    let ticket = shown(&world, &id);
    assert_eq!(text(&ticket["queued_by"]), "workspace-panel");
    assert_eq!(ticket["queued_at"], last(&ticket)["at"]);
    assert_eq!(text(&last(&ticket)["body"]), "Ticket queued for Orchestrator routing.");
    assert_eq!(text(&last(&ticket)["attributes"]["reason"]), "queued");
    world.yoi(["state", &id, "planning", "-m", "x"]).ok();
    let again = shown(&world, &id);
    assert_eq!((&again["queued_by"], &again["queued_at"]), (&ticket["queued_by"], &ticket["queued_at"]));
}

/// What keeps a ready ticket from the queue and a queued one from being started, by the blocker's state.
const GUARDS: [(&str, bool, bool); 6] = [
    ("planning", false, false),
    ("ready", false, false),
    ("queued", true, false),
    ("inprogress", true, false),
    ("done", true, true),
    ("closed", true, true),
];

#[test]
fn a_blocker_keeps_from_the_queue_until_it_is_queued_and_from_starting_until_it_is_done() {
    let world = World::new();
    let cases = || {
        (1..).step_by(10).zip(GUARDS.into_iter().flat_map(|guard| [("blocks", guard), ("depends-on", guard)]))
    };
    for (number, (_, (blocker, ..))) in cases() {
        for (offset, state) in [(0, "ready"), (1, "queued"), (2, blocker)] {
            folder(&world, number + offset, &item("'T'", state, ""), THREAD);
        }
    }
    import(&world);
    for (number, (kind, (state, may_queue, may_start))) in cases() {
        let blocker = id(number + 2);
        let via = if kind == "blocks" { "blocked_by" } else { "depends_on" };
        let waits =
            format!("it waits for {blocker} via {via} (state: {state})\nhint: git yoi show {blocker}\n");
        for (waiting, to, is_free) in
            [(id(number), "queued", may_queue), (id(number + 1), "inprogress", may_start)]
        {
            match kind {
                "blocks" => world.yoi(["relate", &blocker, kind, &waiting]).ok(),
                _ => world.yoi(["relate", &waiting, kind, &blocker]).ok(),
            };
            if is_free {
                world.yoi(["state", &waiting, to]).ok();
            } else {
                refused(&world, &["state", &waiting, to], 2, &format!("can't become {to}, {waits}"));
            }
        }
    }
}

#[test]
fn a_ticket_that_does_not_exist_blocks_and_other_relations_do_not() {
    let world = World::new();
    for number in [1, 2] {
        folder(&world, number, &item("'T'", "ready", ""), THREAD);
        let kind = if number == 1 { "depends_on" } else { "related" };
        let file = format!(
            "{{\"version\": 1, \"relations\": [{{\"ticket_id\": \"{}\", \"kind\": \"{kind}\", \"target\": \"{}\", \"author\": \"x\", \"at\": \"t\"}}]}}",
            id(number),
            id(9)
        );
        world.write(&format!("from/{}/artifacts/relations.json", id(number)), file);
    }
    import(&world);
    refused(
        &world,
        &["queue", &id(1)],
        2,
        &format!("it waits for {} via depends_on (state: missing)", id(9)),
    );
    assert_eq!(text(&shown(&world, &id(1))["gate"]), "blocked");
    world.yoi(["queue", &id(2)]).ok();
    world.yoi(["state", &id(2), "inprogress"]).ok();
}

#[test]
fn a_ticket_whose_relations_can_not_be_read_is_not_moved_as_if_it_had_none() {
    let world = World::new();
    folder(&world, 1, &item("'T'", "ready", ""), THREAD);
    world.write(&format!("from/{}/artifacts/relations.json", id(1)), "{\"version\": 2, \"relations\": []}");
    import(&world);
    refused(&world, &["queue", &id(1)], 128, "artifacts/relations.json can't be read");
    world.yoi(["comment", &id(1), "-m", "still usable"]).ok();
}

#[test]
fn closing_writes_the_move_then_the_resolution() {
    let world = World::new();
    let id = world.create("a");
    refused(&world, &["close", &id], 129, "the resolution is missing");
    refused(&world, &["close", &id, "-m", ""], 129, "the resolution is empty");
    let before = (stored(&world, &id, "thread.md"), commits(&world));
    world.yoi_with_input(["close", &id, "-F", "-"], b"---\nall of it\n\nend").ok();
    assert_eq!(commits(&world), before.1 + 1);
    assert_eq!(stored(&world, &id, "resolution.md"), "---\nall of it\n\nend\n");
    let ticket = shown(&world, &id);
    let (moved, closed) = (&ticket["events"][1], &ticket["events"][2]);
    let expected = format!(
        "{}\n<!-- event: state_changed author: \"Tess Ter\" at: {at} from: planning to: closed reason: closed field: state id: {} -->\n\n## State changed\n\nTicket closed.\n\n---\n\n<!-- event: close author: \"Tess Ter\" at: {at} status: closed id: {} -->\n\n## Closed\n\n\\---\nall of it\n\nend\n\n---\n",
        before.0,
        text(&moved["id"]),
        text(&closed["id"]),
        at = text(&moved["at"])
    );
    assert_eq!(stored(&world, &id, "thread.md"), expected);
    world.yoi(["reopen", &id, "-m", "no"]).ok();
    world.yoi(["close", &id, "-m", "second"]).ok();
    assert_eq!(stored(&world, &id, "resolution.md"), "second\n");
}

#[test]
fn closing_as_something_records_it_and_relates_the_tickets() {
    let world = World::new();
    let other = world.create("other");
    for (ending, word) in [("done", "done"), ("wontfix", "wontfix")] {
        let id = world.create("a");
        world.yoi(["close", &id, "-m", "x", "--as", ending]).ok();
        assert_eq!(last(&shown(&world, &id))["attributes"], json!({"resolution": word, "status": "closed"}));
        assert_eq!(shown(&world, &id)["relations"], json!([]));
    }
    let id = world.create("copy");
    world.yoi(["close", &id, "-m", "x", "--as", &format!("duplicate-of={}", &other[8..])]).ok();
    let ticket = shown(&world, &id);
    assert_eq!(kinds(&ticket), ["create", "relation", "state_changed", "close"]);
    assert_eq!(text(&last(&ticket)["attributes"]["resolution"]), "duplicate");
    assert_eq!(
        (text(&ticket["relations"][0]["kind"]), text(&ticket["relations"][0]["id"])),
        ("duplicate_of", other.as_str())
    );
    let id = world.create("old");
    let before = commits(&world);
    world.yoi(["close", &id, "-m", "x", "--as", &format!("superseded-by={other}")]).ok();
    assert_eq!(commits(&world), before + 1, "both tickets change in one commit");
    let ticket = shown(&world, &id);
    assert_eq!(kinds(&ticket), ["create", "state_changed", "close"]);
    assert_eq!(
        (text(&ticket["relations"][0]["kind"]), text(&ticket["relations"][0]["id"])),
        ("superseded_by", other.as_str())
    );
    assert_eq!(
        last(&shown(&world, &other))["attributes"],
        json!({"kind": "supersedes", "op": "add", "target": id})
    );
    let open = world.create("open");
    refused(&world, &["close", &open, "-m", "x", "--as", &format!("duplicate-of={open}")], 129, "itself");
    refused(&world, &["close", &open, "-m", "x", "--as", "duplicate-of=00001K0000000"], 1, "no ticket");
    refused(&world, &["close", &open, "-m", "x", "--as", "obsolete"], 129, "wontfix");
}

#[test]
fn whoever_resolves_a_ticket_is_told_what_can_go_on_now() {
    let world = World::new();
    let states =
        [(1, "inprogress"), (2, "queued"), (3, "ready"), (4, "queued"), (5, "closed"), (6, "planning")];
    for (number, state) in states {
        folder(&world, number, &item(&format!("'T{number}'"), state, ""), THREAD);
    }
    import(&world);
    for (source, kind, target) in [
        (2, "depends-on", 1),
        (1, "blocks", 3),
        (4, "depends-on", 1),
        (4, "depends-on", 6),
        (5, "depends-on", 1),
    ] {
        world.yoi(["relate", &id(source), kind, &id(target)]).ok();
    }
    let answer = world.yoi(["state", &id(1), "done"]).ok();
    let expected = format!(
        "{} \"T1\": inprogress -> done\nunblocked: {} \"T2\"\nunblocked: {} \"T3\"\n",
        id(1),
        id(2),
        id(3)
    );
    assert_eq!(answer, expected);
    let document = world.json(["close", &id(6), "-m", "x"]);
    assert_eq!(document["unblocked"], json!([id(4)]));
}

#[test]
fn closing_a_done_ticket_unblocks_nothing_more() {
    let world = World::new();
    for (number, state) in [(1, "done"), (2, "queued")] {
        folder(&world, number, &item("'T'", state, ""), THREAD);
    }
    import(&world);
    world.yoi(["relate", &id(2), "depends-on", &id(1)]).ok();
    let document = world.json(["close", &id(1), "-m", "x"]);
    assert_eq!((&document["what"], document.get("unblocked")), (&json!("done -> closed"), None));
}

#[test]
fn one_word_says_what_a_ticket_waits_for() {
    let world = World::new();
    let id = world.create("a");
    let gate = |arguments: &[&str]| {
        world.yoi(arguments).ok();
        text(&shown(&world, &id)["gate"]).to_owned()
    };
    assert_eq!(gate(&["list"]), "needs_intake");
    assert_eq!(gate(&["state", &id, "ready", "-m", "x"]), "needs_queue");
    assert_eq!(gate(&["queue", &id]), "can_start");
    assert_eq!(gate(&["state", &id, "inprogress"]), "awaiting_report");
    assert_eq!(gate(&["comment", &id, "--as", "implementation_report", "-m", "x"]), "awaiting_review");
    assert_eq!(gate(&["review", &id, "--request-changes", "-m", "x"]), "changes_requested");
    assert_eq!(gate(&["comment", &id, "--as", "implementation_report", "-m", "x"]), "awaiting_review");
    assert_eq!(gate(&["review", &id, "--approve", "-m", "x"]), "awaiting_landing");
    assert_eq!(gate(&["state", &id, "done"]), "awaiting_close");
    assert_eq!(gate(&["close", &id, "-m", "x"]), "closed");
    let seen = world.yoi(["show", &id]).ok();
    assert!(seen.lines().any(|line| line.starts_with("state:") && line.ends_with(" closed")), "{seen}");
}

#[test]
fn a_review_approves_or_asks_for_changes() {
    let world = World::new();
    let id = world.create("a");
    for (option, word, heading) in [
        ("--approve", "approve", "Review: approve"),
        ("--request-changes", "request_changes", "Review: request changes"),
    ] {
        let answer = world.yoi(["review", &id, option, "-m", "Looked at it."]).ok();
        assert_eq!(answer, format!("{id} \"a\": {}\n", heading.to_lowercase()));
        let ticket = shown(&world, &id);
        assert_eq!(last(&ticket)["attributes"], json!({"status": word}));
        assert_eq!(
            (text(&last(&ticket)["heading"]), text(&last(&ticket)["body"])),
            (heading, "Looked at it.")
        );
    }
    refused(&world, &["review", &id, "-m", "x"], 129, "--approve");
    refused(
        &world,
        &["review", &id, "--approve", "--request-changes", "-m", "x"],
        129,
        "cannot be used with",
    );
    refused(&world, &["review", &id, "--approve"], 129, "the review is missing");
}
