//! Routing decisions and IntentPackets: written in one form, found in every form.

use std::collections::BTreeMap;

use git_yoi::format::{routing, thread};
use git_yoi::model::event::Kind;
use git_yoi::model::routing::{Class, Part};
use serde_json::{Value, json};

use crate::corpus;
use crate::fixture::{kinds, last, refused, shown, stored, text};
use crate::world::World;

/// A queued ticket.
fn queued(world: &World, title: &str) -> String {
    world.yoi(["create", title, "--state", "queued", "--porcelain"]).ok().trim_end().to_owned()
}

const PACKET: &str = "IntentPacket:\n\nIntent:\n- Say hello.\n\nBinding decisions / invariants:\n- English.\n\nRequirements:\n- A greeting.\n\nEscalate if:\n- It needs a network.\n\nValidation plan:\n- cargo test\n";

#[test]
fn a_ready_decision_carries_its_packet_in_the_form_of_older_tools() {
    let world = World::new();
    let id = queued(&world, "a");
    let arguments = [
        "route",
        &id,
        "implementation_ready",
        "--reason",
        "nothing waits",
        "--reason",
        "two\nlines",
        "--evidence",
        "body",
        "--evidence",
        "relations",
        "--next",
        "start it",
        "--escalate",
        "it grows",
        "--packet",
        "-",
    ];
    let said = world.yoi_with_input(arguments, PACKET.as_bytes()).ok();
    assert_eq!(said, format!("{id} \"a\": routing decision: implementation_ready\n"));
    let ticket = shown(&world, &id);
    assert_eq!((kinds(&ticket), text(&ticket["state"])), (vec!["create", "decision"], "queued"));
    let packet = "Intent:\n- Say hello.\n\nBinding decisions / invariants:\n- English.\n\nRequirements / acceptance criteria:\n- A greeting.\n\nEscalate if:\n- It needs a network.\n- it grows\n\nValidation:\n- cargo test\n";
    let body = format!(
        "Routing decision: implementation_ready\n\nReason:\n- nothing waits\n- two\n  lines\n\nEvidence checked:\n- body\n- relations\n\nIntentPacket:\n\n{packet}\nNext action:\n- start it"
    );
    assert_eq!(text(&last(&ticket)["body"]), body);
    assert!(stored(&world, &id, "thread.md").ends_with(&format!("## Decision\n\n{body}\n\n---\n")));
    assert_eq!(world.yoi(["show", &id, "--packet"]).ok(), packet);
    let routing = &ticket["routing"];
    assert_eq!(
        (
            text(&routing["classification"]),
            text(&routing["class"]),
            &routing["event"],
            text(&routing["next"])
        ),
        ("implementation_ready", "implementation_ready", &json!(2), "- start it")
    );
    let alone = world.json(["show", &id, "--packet"]);
    assert_eq!((text(&alone["schema"]), text(&alone["id"])), ("yoi.packet/1", id.as_str()));
    assert_eq!(alone["sections"], ticket["packet"]["sections"]);
    assert_eq!(
        alone["sections"][1],
        json!({"section": "binding_decisions", "label": "Binding decisions / invariants", "text": "- English."})
    );
    let seen = world.yoi(["show", &id]).ok();
    assert!(seen.contains("implementation_ready (event 2; IntentPacket in event 2)"), "{seen}");
}

#[test]
fn a_decision_that_is_not_complete_is_refused() {
    let world = World::new();
    let (id, other) = (queued(&world, "a"), queued(&world, "b"));
    let ready = ["route", &id, "implementation_ready", "--reason", "x"];
    let with = |packet: &str| {
        world.write("packet", packet);
        [&ready[..], &["--packet", "../packet"]].concat()
    };
    refused(&world, &ready, 129, "--packet <file>");
    refused(
        &world,
        &with("Intent:\n- x\n\nValidation:\n- \n"),
        129,
        "it lacks 'Binding decisions / invariants:', 'Requirements / acceptance criteria:', 'Escalate if:', and has nothing below 'Validation:'",
    );
    refused(
        &world,
        &with(&format!("{PACKET}\nCurrent code map:\n")),
        129,
        "nothing below 'Current code map:'",
    );
    refused(
        &world,
        &with(&format!("{PACKET}\nIntent:\n- again\n")),
        129,
        "line 18: 'Intent' stands there a second time",
    );
    refused(&world, &with(&format!("{PACKET}\nNext action:\n- go\n")), 129, "its own options");
    refused(&world, &with(""), 129, "lacks 'Intent:'");
    refused(&world, &[&ready[..], &["--packet", "../none"]].concat(), 128, "none");
    refused(&world, &["route", &id, "ready", "--reason", "x"], 129, "closed_or_noop");
    refused(&world, &["route", &id, "spike_needed"], 129, "--reason");
    refused(&world, &["route", &id, "spike_needed", "--reason", " "], 129, "reason is empty");
    refused(&world, &["route", &id, "spike_needed", "--reason", "- a\nIntent:\n- b"], 129, "another section");
    refused(&world, &["route", &id, "spike_needed", "--reason", "x", "--on", &other], 129, "doesn't hold");
    refused(&world, &["route", &id, "blocked_x", "--reason", "x", "--on", &id], 129, "itself");
    refused(&world, &["route", "ZZZZZ", "spike_needed", "--reason", "x"], 1, "ZZZZZ");
    refused(&world, &["show", &id, "--packet"], 1, "has no IntentPacket");
}

/// Kind, other ticket and note of each record of a ticket's plan.
fn plan(world: &World, id: &str) -> Vec<(String, String, String)> {
    let answer = world.json(["plan", "list", id]);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = answer["records"].as_array().unwrap().iter();
    all.map(|one| (word(&one["kind"]), word(&one["related_ticket"]), word(&one["note"]))).collect()
}

#[test]
fn a_decision_that_holds_a_ticket_back_is_in_the_plan_too_in_one_commit() {
    let world = World::new();
    let [a, b, c] = ["a", "b", "c"].map(|title| queued(&world, title));
    world.yoi(["relate", &a, "depends-on", &b]).ok();
    let before = crate::fixture::commits(&world);
    world
        .yoi(["route", &a, "blocked-by-dependency", "--reason", "first", "--reason", "second", "--on", &c])
        .ok();
    assert_eq!(crate::fixture::commits(&world), before + 1);
    let row = |kind: &str, other: &str, note: &str| (kind.to_owned(), other.to_owned(), note.to_owned());
    let note = "first\nsecond";
    assert_eq!(plan(&world, &a), [row("blocked_by", &b, note), row("blocked_by", &c, note)]);
    let ticket = shown(&world, &a);
    assert_eq!(
        (text(&ticket["state"]), text(&ticket["routing"]["class"])),
        ("queued", "blocked_by_dependency_or_missing_authority")
    );
    assert!(ticket.get("packet").is_none());
    // Where no ticket holds it back, the plan says that it waits.
    world.yoi(["route", &b, "blocked_by_dependency_or_missing_authority", "--reason", "no word yet"]).ok();
    assert_eq!(plan(&world, &b), [row("waiting_capacity_note", "", "no word yet")]);
    world.yoi(["route", &c, "waiting_capacity", "--reason", "two run"]).ok();
    world.yoi(["route", &c, "defer_x", "--reason", "after a", "--on", &a]).ok();
    assert_eq!(plan(&world, &c), [row("waiting_capacity_note", "", "two run"), row("after", &a, "after a")]);
    // The others leave it alone.
    world.yoi(["route", &c, "return_to_planning", "--reason", "unclear"]).ok();
    assert_eq!(plan(&world, &c).len(), 2);
    assert_eq!(text(&shown(&world, &c)["state"]), "queued");
}

#[test]
fn the_editor_starts_with_every_section_or_the_packet_there_is() {
    let world = World::new();
    let id = queued(&world, "a");
    let route = |script: &str| {
        world.write("editor", format!("#!/bin/sh\ncp \"$1\" ../seen.md\n{script}"));
        let mut command =
            world.yoi_command(["route", &id, "implementation_ready", "--reason", "x", "--edit"]);
        command.env("GIT_EDITOR", "sh ../editor");
        world.run(command)
    };
    let err = route("true").fails(129);
    assert!(err.contains("nothing below 'Intent:'"), "{err}");
    let seen = std::fs::read_to_string(world.root().join("seen.md")).unwrap();
    for part in Part::ALL {
        assert!(seen.contains(&format!("{}:\n- \n", part.label())), "{seen}");
    }
    // What may be left out may stay as it was.
    let fill = "for word in Intent Binding Requirements Escalate 'Validation:'; do sed -i \"/^$word/{n;s/- /- done/}\" \"$1\"; done";
    route(fill).ok();
    let packet = world.yoi(["show", &id, "--packet"]).ok();
    assert_eq!(packet.matches("- done").count(), 5, "{packet}");
    assert!(!packet.contains("code map"), "{packet}");
    route("sed -i 's/- done/- again/' \"$1\"").ok();
    assert_eq!(world.yoi(["show", &id, "--packet"]).ok(), packet.replace("- done", "- again"));
}

/// How many there are of each.
fn count<T: Ord>(all: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    all.into_iter().for_each(|one| *counts.entry(one).or_default() += 1);
    counts
}

#[test]
fn decisions_and_packets_of_real_threads_are_found() {
    let Some(root) = corpus::find() else { return };
    let (mut faults, mut words, mut packets) = (Vec::new(), Vec::new(), 0);
    let (mut same, mut lines, mut named) = (0, 0, 0);
    let mut parts = Vec::new();
    for (id, folder) in corpus::tickets(&root) {
        let events = thread::events(&std::fs::read_to_string(folder.join("thread.md")).unwrap());
        let routed = routing::of_thread(&events);
        for (number, event) in events.iter().enumerate().map(|(index, event)| (index + 1, event)) {
            let found = routed.iter().find(|routed| routed.number == number).map(|routed| &routed.decision);
            let says = event.body.lines().any(|line| line.starts_with("Routing decision:"));
            let has_packet = event.body.lines().any(|line| line == "IntentPacket:");
            lines += usize::from(says);
            named += usize::from(has_packet && event.kind != Kind::Close);
            if says && found.is_none() {
                faults.push(format!("{id} event {number}: a decision that is not found"));
            }
            if has_packet
                && event.kind != Kind::Close
                && found.is_none_or(|decision| decision.packet.is_none())
            {
                faults.push(format!("{id} event {number}: a packet that is not found"));
            }
            let Some(decision) = found else { continue };
            words
                .extend(Some((decision.class(), decision.word.clone())).filter(|(_, word)| !word.is_empty()));
            if let Some(packet) = &decision.packet {
                packets += 1;
                parts.extend(packet.sections.keys().copied());
                let again = routing::packet(&routing::write_packet(packet));
                if again.as_ref() != Ok(packet) {
                    faults.push(format!("{id} event {number}: the packet is written otherwise"));
                }
                same += usize::from(routing::write(decision) == event.body);
            }
        }
    }
    let classes = count(words.iter().map(|(class, _)| *class));
    corpus::say(&format!(
        "{} decisions of {lines} lines, {packets} packets ({named} named so), {same} of them byte for byte",
        words.len()
    ));
    corpus::say(&format!("{classes:?} {:?}", count(parts)));
    assert!(faults.is_empty(), "{faults:?}");
    assert!(classes[&Class::ImplementationReady] * 2 > words.len());
}
