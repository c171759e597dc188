//! The graph of tickets: as a tree, for programs that draw, as JSON.

use serde_json::json;

use crate::fixture::{THREAD, folder, id, import, item, text};
use crate::world::World;

/// A ticket that waits for others, as another tool could have left it.
fn waiting(world: &World, number: u64, state: &str, title: &str, on: &[u64]) {
    let path = folder(world, number, &item(title, state, ""), THREAD);
    let row = |other: &u64| json!({"ticket_id": id(number), "kind": "depends_on", "target": id(*other), "author": "a", "at": "2026-01-02T03:04:05Z"});
    let file = json!({"version": 1, "relations": on.iter().map(row).collect::<Vec<_>>()});
    if !on.is_empty() {
        std::fs::write(path.join("artifacts/relations.json"), file.to_string()).unwrap();
    }
}

#[test]
fn the_tree_has_states_and_says_what_is_blocked() {
    let world = World::new();
    world.yoi(["init"]).ok();
    waiting(&world, 1, "queued", "top", &[2, 3]);
    waiting(&world, 2, "queued", "middle", &[3, 8]);
    waiting(&world, 3, "inprogress", "bottom", &[4]);
    waiting(&world, 4, "done", "over", &[]);
    waiting(&world, 5, "closed", "old", &[4]);
    waiting(&world, 6, "planning", "alone", &[]);
    import(&world);
    world.yoi(["relate", &id(1), "related", &id(6)]).ok();
    let line = |number: u64| id(number);
    let expected = format!(
        "{} queued (blocked) top\n├─ depends on {} queued (blocked) middle\n│  ├─ depends on {} inprogress bottom\n│  │  └─ depends on {} done over\n│  └─ depends on {} missing\n├─ depends on {} inprogress bottom (see above)\n└─ related {} planning alone\n",
        line(1),
        line(2),
        line(3),
        line(4),
        line(8),
        line(3),
        line(6)
    );
    assert_eq!(world.yoi(["graph"]).ok(), expected);
    assert!(world.yoi(["graph", "--all"]).ok().contains(&format!(
        "{} closed old\n└─ depends on {} done over\n",
        id(5),
        id(4)
    )));
    assert!(world.yoi(["graph", &id(5)]).ok().contains("top"), "everything that hangs together");
    assert_eq!(
        world.yoi(["graph", &id(6)]).ok(),
        format!("{} queued (blocked) top\n└─ related {} planning alone\n", id(1), id(6))
    );
    let answer = world.json(["graph"]);
    assert_eq!(
        (text(&answer["schema"]), &answer["total"], &answer["circles"]),
        ("yoi.graph/1", &json!(6), &json!([]))
    );
    assert_eq!(answer["nodes"][1]["blocked_by"], json!([id(3), id(8)]));
    assert_eq!((text(&answer["nodes"][1]["gate"]), answer["nodes"][5].get("state")), ("blocked", None));
    assert_eq!(answer["edges"][0], json!({"from": id(1), "kind": "depends_on", "to": id(2)}));
    let rows = world.yoi(["graph", "--porcelain"]).ok();
    assert_eq!(rows.lines().next(), Some(format!("{}\tdepends_on\t{}", id(1), id(2)).as_str()));
    assert_eq!(rows.lines().count(), 6);
    world.yoi(["graph", "ZZZZZ"]).fails(1);
}

#[test]
fn a_circle_that_others_made_is_drawn_once_and_told() {
    let world = World::new();
    world.yoi(["init"]).ok();
    waiting(&world, 1, "queued", "a", &[2]);
    waiting(&world, 2, "queued", "b", &[3]);
    waiting(&world, 3, "queued", "c", &[1]);
    import(&world);
    let answer = world.yoi(["graph"]);
    let expected = format!(
        "{} queued (blocked) a\n└─ depends on {} queued (blocked) b\n   └─ depends on {} queued (blocked) c\n      └─ depends on {} queued (blocked) a (circle: it waits for this one too)\n",
        id(1),
        id(2),
        id(3),
        id(1)
    );
    assert_eq!((answer.code, answer.out), (0, expected));
    let way = [1, 2, 3, 1].map(id).join(" -> ");
    assert_eq!(answer.err, format!("warning: tickets wait for each other in a circle: {way}\n"));
    assert_eq!(world.json(["graph"])["circles"], json!([[id(1), id(2), id(3), id(1)]]));
    // Whoever would make one by hand is refused, with the way round.
    let (a, b) = (world.create("d"), world.create("e"));
    world.yoi(["relate", &a, "depends-on", &b]).ok();
    let err = world.yoi(["relate", &a, "blocks", &b]).fails(2);
    assert!(err.contains(&format!("{b} -> {a} -> {b}")), "{err}");
}

#[test]
fn a_title_breaks_out_of_no_diagram() {
    let world = World::new();
    world.yoi(["init"]).ok();
    waiting(&world, 1, "queued", "'\"]; x --> y; \\ <script> | #quot; 日本 \u{202e}'", &[2]);
    import(&world);
    let dot = world.yoi(["graph", "--dot"]).ok();
    let label = format!(
        "label=\"{}\\nqueued (blocked)\\n\\\"]; x --> y; \\\\ <script> | #quot; 日本 <U+202E>\", color=red];",
        id(1)
    );
    assert!(dot.starts_with("digraph tickets {\n") && dot.ends_with("}\n") && dot.contains(&label), "{dot}");
    assert!(dot.contains(&format!("\"{}\" -> \"{}\" [label=\"depends_on\"];", id(1), id(2))), "{dot}");
    let mermaid = world.yoi(["graph", "--mermaid"]).ok();
    let label = format!(
        "  t{}[\"{}<br/>queued (blocked)<br/>#34;#93;#59; x --#62; y#59; #92; #60;script#62; #124; #35;quot#59; 日本 #60;U#43;202E#62;\"]:::blocked\n",
        id(1),
        id(1)
    );
    assert!(mermaid.starts_with("flowchart LR\n") && mermaid.contains(&label), "{mermaid}");
    assert!(mermaid.contains(&format!("  t{} -->|depends_on| t{}\n", id(1), id(2))), "{mermaid}");
}
