//! The whole way of a ticket, as `docs/story.sh` tells it: the script runs, and the thread it leaves has these
//! kinds of events in this order.

use std::path::Path;

use crate::world::World;

/// From intake to closed. `relation` and `land` are written by git-yoi itself.
const KINDS: [&str; 17] = [
    "create",
    "decision",
    "relation",
    "intake_summary",
    "state_changed planning ready",
    "state_changed ready queued",
    "decision",
    "decision",
    "state_changed queued inprogress",
    "implementation_report",
    "review request_changes",
    "implementation_report",
    "review approve",
    "land",
    "state_changed inprogress done",
    "implementation_report",
    "state_changed done closed",
];

/// The kind of an event, with what tells moves and reviews apart, from its header.
fn kind(header: &str) -> String {
    let words: Vec<&str> = header.split_whitespace().collect();
    let value = |key: &str| {
        let place = words.iter().position(|word| *word == key)?;
        words.get(place + 1).copied()
    };
    let kind = value("event:").unwrap();
    match kind {
        "state_changed" => format!("{kind} {} {}", value("from:").unwrap(), value("to:").unwrap()),
        "review" => format!("{kind} {}", value("status:").unwrap()),
        _ => kind.to_owned(),
    }
}

#[test]
fn the_story_runs_and_its_thread_has_the_expected_kinds_in_order() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/story.sh");
    let world = World::new();
    let mut command = world.command("sh", world.root());
    command.arg(script);
    let answer = world.run(command);
    assert_eq!(answer.code, 0, "{answer:?}");
    let thread = answer.out.rsplit_once(".thread.md\n").unwrap().1;
    let kinds: Vec<String> =
        thread.lines().filter(|line| line.starts_with("<!-- event: ")).map(kind).collect();
    let expected: Vec<&str> = KINDS.into_iter().chain(["close"]).collect();
    assert_eq!(kinds, expected, "{thread}");
    for words in [
        "Routing decision: blocked_by_dependency_or_missing_authority",
        "Routing decision: implementation_ready",
        "IntentPacket:",
        "\"kind\":\"blocked_by\"",
        "\"kind\":\"accepted_plan\"",
        "\"worktree\":\".worktree/",
        "nothing is missing",
    ] {
        assert!(answer.out.contains(words), "{words}: {}", answer.out);
    }
    assert!(!thread.contains("\"worktree\":\"/"), "{thread}");
}
