//! The rules of merging, row by row.

use super::sample::{Copy, Deed, START};
use super::{Files, Note, Tree, What, only_adds, renames, ticket, tree};
use crate::format::{item, layout, orchestration, thread};
use crate::model::event::{Event, Kind};
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::ticket::Ticket;
use crate::model::{plan, relation};

fn id() -> TicketId {
    TicketId::from_millis(START)
}

fn deed(later: u64, deed: Deed) -> Vec<(u64, Deed)> {
    vec![(later, deed)]
}

/// A ticket that two people went on with.
struct Fork {
    base: Copy,
    one: Copy,
    other: Copy,
}

impl Fork {
    fn new(one: &[(u64, Deed)], other: &[(u64, Deed)]) -> Self {
        let base = Copy::create(id(), "base");
        let (one, other) = (base.by("ada", 1000).after(one), base.by("bob", 1000).after(other));
        Fork { base, one, other }
    }

    /// The merged files, the same both ways.
    fn merged(&self) -> (Files, Vec<What>) {
        let merged = ticket(&self.base.files, &self.one.files, &self.other.files);
        assert_eq!(merged, ticket(&self.base.files, &self.other.files, &self.one.files));
        (merged.0, merged.1.into_iter().map(|note| note.what).collect())
    }
}

fn fork(one: Deed, later: u64, other: Deed) -> Fork {
    Fork::new(&deed(0, one), &deed(later, other))
}

fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    std::str::from_utf8(&files[name]).unwrap()
}

fn read(files: &Files) -> Ticket {
    item::parse(id(), text(files, layout::ITEM)).unwrap().ticket
}

fn events(files: &Files) -> Vec<Event> {
    thread::events(text(files, layout::THREAD))
}

fn said(files: &Files) -> Vec<String> {
    events(files)
        .into_iter()
        .map(|event| format!("{} {}: {}", event.author, event.kind, event.body))
        .collect()
}

#[test]
fn new_events_follow_the_old_ones_by_id() {
    let fork = Fork::new(
        &[(0, Deed::Comment("a1".into())), (500, Deed::Comment("a2".into()))],
        &[(200, Deed::Comment("b1".into())), (500, Deed::Comment("b2".into()))],
    );
    let (files, what) = fork.merged();
    let expected = [
        "base create: Created by git-yoi.",
        "ada comment: a1",
        "bob comment: b1",
        "ada comment: a2",
        "bob comment: b2",
    ];
    assert_eq!(said(&files), expected);
    assert!(text(&files, layout::THREAD).starts_with(fork.base.text(layout::THREAD)));
    assert!(text(&files, layout::THREAD).ends_with("b2\n\n---\n"));
    assert_eq!(what, [What::Joined]);
}

#[test]
fn events_without_an_id_stay_behind_the_event_they_followed() {
    let comment = |words: &str| Deed::Comment(words.into());
    let fork = Fork::new(
        &[(0, Deed::Old("a1".into())), (0, comment("a2")), (3000, Deed::Old("a3".into()))],
        &[(1000, Deed::Old("b1".into())), (0, Deed::Old("a0".into())), (9000, comment("b2"))],
    );
    let order: Vec<String> = events(&fork.merged().0).into_iter().map(|event| event.body).collect();
    assert_eq!(order[1..], ["a1", "b1", "a0", "a2", "a3", "b2"]);
}

#[test]
fn a_fence_left_open_swallows_no_event_of_the_other_side() {
    let fork = fork(Deed::Old("```\nopen".into()), 1000, Deed::Old("```\nalso open".into()));
    let (files, _) = fork.merged();
    let expected = [
        "base create: Created by git-yoi.",
        "ada comment: ```\nopen",
        "git-yoi conflict: The event before this one leaves a code fence open.",
        "bob comment: ```\nalso open",
    ];
    assert_eq!(said(&files), expected);
}

#[test]
fn old_events_that_a_side_took_away_or_edited_stay() {
    let mut fork = fork(Deed::Comment("new".into()), 0, Deed::Comment("more".into()));
    let edited = fork.one.text(layout::THREAD).replace("Created by git-yoi.", "Edited.");
    fork.one.files.insert(layout::THREAD.into(), edited.into_bytes());
    let (files, what) = fork.merged();
    assert_eq!(said(&files)[..2], ["base create: Created by git-yoi.", "base create: Edited."]);
    let id = events(&files)[0].id.unwrap();
    assert_eq!(what, [What::Joined, What::Restored, What::SameId { id }]);
    // Also when the other side changed nothing.
    fork.other = fork.base.clone();
    assert_eq!(said(&fork.merged().0)[0], "base create: Created by git-yoi.");
}

#[test]
fn the_later_event_decides_a_field() {
    let (files, what) = fork(Deed::Title("early".into()), 500, Deed::Title("later".into())).merged();
    assert_eq!(read(&files).title, "later");
    assert_eq!(what, [What::Decided { field: "title".into() }, What::Joined]);
    let (files, _) = fork(Deed::Title("z".into()), 500, Deed::Title("a".into())).merged();
    assert_eq!(read(&files).title, "a");
}

#[test]
fn moves_that_exclude_each_other_are_told() {
    let (files, what) = fork(Deed::Close("no".into()), 500, Deed::State("inprogress")).merged();
    assert_eq!(read(&files).state.word(), "inprogress");
    assert_eq!(what, [What::MovedApart, What::Joined]);
    assert!(what[0].needs_attention() && !what[1].needs_attention());
    assert!(said(&files).contains(&"ada close: no".to_owned()));
}

#[test]
fn fields_of_both_sides_stand_together_and_times_are_the_later() {
    let (files, _) = fork(Deed::Queue, 5000, Deed::Title("new".into())).merged();
    let ticket = read(&files);
    assert_eq!((ticket.title.as_str(), ticket.state.word()), ("new", "queued"));
    assert_eq!(ticket.updated_at.unwrap().to_string(), "2026-06-25T14:44:09Z");
    let (files, _) = fork(Deed::Queue, 2000, Deed::Queue).merged();
    let ticket = read(&files);
    assert_eq!(ticket.queued_by.as_deref(), Some("bob"));
    assert_eq!(ticket.queued_at.as_deref(), Some("2026-06-25T14:44:06Z"));
}

#[test]
fn lists_take_adds_and_removes_of_both() {
    let labels = |add: &str, remove: &str| Deed::Labels { add: add.into(), remove: remove.into() };
    let (files, _) = fork(labels("d", "a"), 0, labels("c", "x")).merged();
    assert_eq!(read(&files).labels, ["b", "c", "d"]);
}

#[test]
fn of_a_key_nobody_knows_both_values_are_kept() {
    let (files, what) = fork(Deed::Weight(1), 0, Deed::Weight(2)).merged();
    assert_eq!(read(&files).unknown, [("weight".to_owned(), "2".to_owned())]);
    assert_eq!(what, [What::Overlapped { field: "weight".into() }]);
    assert_eq!(said(&files)[1], "git-yoi conflict: weight: 1");
}

#[test]
fn bodies_are_joined_by_lines() {
    let line = |number, text: &str| Deed::Line { number, text: text.into() };
    let (files, what) = fork(line(1, "ada"), 10, line(5, "bob")).merged();
    assert!(read(&files).body.starts_with("line 0\nada\nline 2\nline 3\nline 4\nbob\nline 6\n"));
    assert_eq!(what, [What::Joined, What::Joined]);
}

#[test]
fn of_bodies_that_overlap_the_later_stays_and_the_other_stands_in_an_event() {
    let fork = fork(Deed::Body("ada\n---\nthree".into()), 10, Deed::Body("bob".into()));
    let (files, what) = fork.merged();
    assert_eq!(read(&files).body, "bob\n");
    assert_eq!(what, [What::Overlapped { field: "body".into() }, What::Joined]);
    let kept = events(&files).into_iter().find(|event| event.kind == Kind::Conflict).unwrap();
    assert_eq!((kept.author.as_str(), kept.body.as_str()), ("git-yoi", "ada\n---\nthree"));
    assert_eq!(kept.attribute("field"), Some("body"));
    let set = events(&files).into_iter().find(|event| event.author == "ada").unwrap();
    assert_eq!(kept.id.unwrap().timestamp_ms(), set.id.unwrap().timestamp_ms() + 1);
    // Whoever merges it again writes no second one.
    let again = ticket(&fork.base.files, &fork.one.files, &files).0;
    assert_eq!(again, files);
}

#[test]
fn records_of_a_plan_with_one_number_stay_two_and_are_told_apart() {
    let fork = fork(Deed::Plan("ada".into()), 0, Deed::Plan("bob".into()));
    let read = |files: &Files| -> Vec<plan::Record> {
        let lines = orchestration::parse(text(files, layout::PLAN));
        lines.into_iter().map(|(_, record)| record.unwrap()).collect()
    };
    let (files, what) = fork.merged();
    let records = read(&files);
    let notes: Vec<&str> = records.iter().filter_map(|record| record.note.as_deref()).collect();
    assert_eq!(notes, ["ada", "bob"]);
    assert_eq!(records[0].id, records[1].id);
    assert_eq!(plan::names(&records), [records[0].id.clone(), format!("{}~2", records[0].id)]);
    assert_eq!(what, [What::Joined]);
    // The next record has a number of its own, and merging again changes nothing.
    let moment = Moment::parse(&records[0].at).unwrap();
    assert!(orchestration::next_id(text(&files, layout::PLAN), moment).ends_with("-3"));
    assert_eq!(ticket(&fork.base.files, &fork.one.files, &files).0, files);
}

#[test]
fn the_later_close_has_the_resolution() {
    let (files, what) = fork(Deed::Close("ada".into()), 500, Deed::Close("bob".into())).merged();
    assert_eq!(text(&files, layout::RESOLUTION), "bob\n");
    assert_eq!(what, [What::Decided { field: "resolution".into() }, What::Joined]);
    assert!(said(&files).contains(&"ada close: ada".to_owned()));
}

#[test]
fn an_artifact_that_is_no_text_is_kept_twice() {
    let keep = |content: &[u8]| Deed::Keep { name: "artifacts/a.bin", content: content.to_vec() };
    let (files, what) = fork(keep(b"\0a"), 0, keep(b"\0b")).merged();
    let second = format!("artifacts/a.bin.{}", &crate::model::derived::content_name(b"\0a")[..12]);
    assert_eq!((files["artifacts/a.bin"].as_slice(), files[&second].as_slice()), (&b"\0b"[..], &b"\0a"[..]));
    assert_eq!(what, [What::KeptBoth { second }]);
}

#[test]
fn a_file_gives_way_to_a_folder_of_its_name() {
    let keep = |name, content: &[u8]| Deed::Keep { name, content: content.to_vec() };
    let (files, _) = fork(keep("artifacts/x", b"file"), 0, keep("artifacts/x/z", b"inside")).merged();
    assert_eq!(files["artifacts/x/z"], b"inside");
    assert!(files.keys().any(|name| name.starts_with("artifacts/x.")) && !files.contains_key("artifacts/x"));
}

#[test]
fn a_file_that_cannot_be_read_gives_way_to_one_that_can() {
    let mut fork = fork(Deed::Title("new".into()), 0, Deed::Comment("b".into()));
    fork.other.files.insert(layout::ITEM.into(), b"zzz".to_vec());
    let (files, _) = fork.merged();
    assert_eq!(read(&files).title, "new");
    assert!(files.keys().any(|name| name.starts_with("item.md.")));
}

#[test]
fn a_thread_that_cannot_be_read_replaces_none_that_can() {
    let mut fork = fork(Deed::Comment("a".into()), 0, Deed::Comment("b".into()));
    fork.one = fork.base.clone();
    let broken = [fork.other.text(layout::THREAD).as_bytes(), b"\xff"].concat();
    fork.other.files.insert(layout::THREAD.into(), broken.clone());
    let (files, what) = fork.merged();
    assert_eq!(said(&files), ["base create: Created by git-yoi."]);
    let [What::KeptBoth { second }] = &what[..] else { panic!("{what:?}") };
    assert_eq!(files[second], broken);
}

#[test]
fn a_side_that_took_something_away_is_not_taken_as_it_is() {
    let base = Copy::create(id(), "base").after(&deed(0, Deed::Old("```\nopen".into())));
    let base = base.after(&deed(0, Deed::Old("next".into()))).after(&deed(0, Deed::Plan("a".into())));
    let side = base.by("ada", 1000).after(&deed(0, Deed::Comment("b".into())));
    assert!(only_adds(&base.files, &side.files) && only_adds(&base.files, &base.files));
    let with = |name: &str, content: &str| {
        let mut files = side.files.clone();
        files.insert(name.into(), content.into());
        files
    };
    // The fence is closed below an event, which is text now.
    assert!(!only_adds(&base.files, &with(layout::THREAD, &format!("{}\n```\n", base.text(layout::THREAD)))));
    assert!(!only_adds(&base.files, &with(layout::PLAN, "")));
    let mut less = side.files.clone();
    less.remove(layout::ITEM);
    assert!(!only_adds(&base.files, &less));
}

#[test]
fn a_missing_file_is_restored() {
    let mut fork = fork(Deed::Comment("a".into()), 0, Deed::Title("b".into()));
    fork.one.files.remove(layout::ITEM);
    let (files, what) = fork.merged();
    assert_eq!(read(&files).title, "b");
    assert_eq!(what, [What::Restored, What::Joined]);
    fork.other.files.remove(layout::ITEM);
    assert!(!fork.merged().0.contains_key(layout::ITEM));
}

fn one_ticket(copy: &Copy) -> Tree {
    Tree { tickets: [(copy.id, copy.files.clone())].into(), files: Files::new() }
}

/// Two people who made a ticket in the same millisecond; the second also one that waits for it.
fn twins() -> (Tree, Tree, TicketId) {
    let (early, mut late) = (Copy::create(id(), "ada"), Copy::create(id(), "bob"));
    late.millis += 1;
    late.files = Copy::create(id(), "bob").by("bob", 0).files;
    let shifted = late.text(layout::THREAD).replace("01KVZKSTSR", "01KVZKSTST");
    late.files.insert(layout::THREAD.into(), shifted.into_bytes());
    let late = late.after(&deed(0, Deed::Plan("mine".into())));
    let waits = TicketId::from_millis(START + 90);
    let mut waiting = Copy::create(waits, "bob");
    waiting.relate(relation::Kind::DependsOn, id());
    let mut other = one_ticket(&late);
    other.tickets.insert(waits, waiting.files);
    (one_ticket(&early), other, waits)
}

#[test]
fn of_two_tickets_with_one_id_the_younger_moves_and_what_names_it_follows() {
    let (one, other, waits) = twins();
    let base = Tree::default();
    let nobody = |_: &TicketId| false;
    let moved = renames(&base, &one, &other, nobody);
    assert_eq!(moved, renames(&base, &other, &one, nobody));
    let [(from, to)] = moved[..] else { panic!("{moved:?}") };
    assert!(from == id() && to > from);
    let merged = tree(&base, &one, &other, nobody);
    assert_eq!(merged, tree(&base, &other, &one, nobody));
    assert_eq!(merged.tree.tickets.keys().copied().collect::<Vec<_>>().len(), 3);
    assert_eq!(merged.tree.tickets[&id()], one.tickets[&id()]);
    let old = id().to_string();
    for there in [to, waits] {
        for (name, content) in &merged.tree.tickets[&there] {
            assert!(!String::from_utf8_lossy(content).contains(&old), "{there} {name}");
        }
    }
    let relations = text(&merged.tree.tickets[&waits], layout::RELATIONS);
    assert!(relations.contains(&format!("\"target\": \"{to}\"")));
    let aliases = text(&merged.tree.files, layout::ALIASES);
    let creation = thread::events(text(&other.tickets[&id()], layout::THREAD))[0].id.unwrap();
    assert_eq!(aliases, format!("{old} {creation} {to}\n"));
    let what = What::Moved { from: old, to: to.to_string() };
    assert!(merged.notes.contains(&(Some(to), Note { file: layout::ALIASES.into(), what })));
}

#[test]
fn a_side_that_does_not_know_of_a_move_follows_it() {
    let (one, other, waits) = twins();
    let nobody = |_: &TicketId| false;
    let merged = tree(&Tree::default(), &one, &other, nobody).tree;
    let [(_, to)] = renames(&Tree::default(), &one, &other, nobody)[..] else { panic!() };
    // Bob went on with his ticket under the old id.
    let mut later = other.clone();
    let mut bob = Copy::create(id(), "bob");
    bob.files = other.tickets[&id()].clone();
    later.tickets.insert(id(), bob.by("bob", 9000).after(&deed(0, Deed::Comment("more".into()))).files);
    let again = tree(&other, &merged, &later, nobody);
    assert_eq!(again.tree, tree(&other, &later, &merged, nobody).tree);
    assert_eq!(again.tree.tickets[&id()], one.tickets[&id()]);
    assert_eq!(said(&again.tree.tickets[&to]).last().map(String::as_str), Some("bob comment: more"));
    assert_eq!(again.tree.tickets[&waits], merged.tickets[&waits]);
    assert_eq!(again.tree.files, merged.files);
    assert_eq!(tree(&Tree::default(), &merged, &merged, nobody).tree, merged);
}

#[test]
fn the_same_ticket_brought_in_twice_is_one_ticket() {
    let fork = fork(Deed::Comment("a".into()), 10, Deed::Comment("b".into()));
    let merged = tree(&Tree::default(), &one_ticket(&fork.one), &one_ticket(&fork.other), |_| false).tree;
    assert_eq!(said(&merged.tickets[&id()]).len(), 3);
    assert_eq!((merged.tickets.len(), merged.files.len()), (1, 0));
}

#[test]
fn the_higher_format_and_every_other_file_at_the_top_stay() {
    let top = |format: &str, note: &str| Tree {
        files: [("format", format), ("note", note)].map(|(name, text)| (name.to_owned(), text.into())).into(),
        ..Tree::default()
    };
    let (base, one, other) = (
        top("yoi-tickets 1\n", "a\nb\nc\n"),
        top("yoi-tickets 10\n", "A\nb\nc\n"),
        top("yoi-tickets 2\n", "a\nb\nC\n"),
    );
    let merged = tree(&base, &one, &other, |_| false);
    assert_eq!(merged, tree(&base, &other, &one, |_| false));
    assert_eq!(merged.tree, top("yoi-tickets 10\n", "A\nb\nC\n"));
}
