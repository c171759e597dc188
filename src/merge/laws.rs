//! The laws of merging, on tickets that were changed at random.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::sample::{BODY_LINES, Copy, Deed, counted, deed, deeds, wild_thread};
use super::{Files, Note, Tree, What, ticket, tree};
use crate::format::{item, layout};
use crate::model::derived;
use crate::model::event::{Event, Kind};
use crate::model::id::TicketId;
use crate::model::relation;
use crate::model::state::State;

fn id() -> TicketId {
    TicketId::from_millis(super::sample::START)
}

/// Merges, and checks what always holds: the order of the sides doesn't matter, no event is lost or comes
/// twice, and merging the result again changes nothing.
fn merged(base: &Files, one: &Files, other: &Files) -> (Files, Vec<Note>) {
    let (files, notes) = ticket(base, one, other);
    assert_eq!((&files, &notes), (&ticket(base, other, one).0, &ticket(base, other, one).1), "symmetric");
    assert_eq!(ticket(base, &files, &files), (files.clone(), Vec::new()), "idempotent");
    let [left, right, now] = [one, other, &files].map(counted);
    for (core, (count, event)) in &now {
        let before = [&left, &right].map(|side| side.get(core).map_or(0, |(count, _)| *count));
        let is_derived = event.author == derived::AUTHOR && event.kind == Kind::Conflict;
        assert!(before.contains(count) || is_derived, "{core}: {count} instead of {before:?}");
    }
    for (core, (count, _)) in left.iter().chain(&right) {
        let found = now.get(core).map_or(0, |(count, _)| *count);
        assert!(found >= *count, "{found} instead of {count} times {core}");
    }
    (files, notes)
}

fn is_overlapped(notes: &[Note]) -> bool {
    notes.iter().any(|note| matches!(&note.what, What::Overlapped { field } if field == "body"))
}

/// A base and three sides that made these deeds.
fn sides(deeds: [&[(u64, Deed)]; 4]) -> [Copy; 4] {
    let base = Copy::create(id(), "base").after(deeds[0]);
    let side = |who, deeds| base.by(who, 1).after(deeds);
    [base.clone(), side("a", deeds[1]), side("b", deeds[2]), side("c", deeds[3])]
}

/// Both ways to merge three sides give the same, byte for byte.
fn associate(copies: &[Copy; 4]) {
    let [base, a, b, c] = copies.each_ref().map(|copy| &copy.files);
    let left = merged(base, &merged(base, a, b).0, c).0;
    let right = merged(base, a, &merged(base, b, c).0).0;
    assert_eq!(shown(&left), shown(&right));
}

fn shown(files: &Files) -> String {
    files.iter().map(|(name, bytes)| format!("== {name}\n{}\n", String::from_utf8_lossy(bytes))).collect()
}

/// Deeds with changes of single lines; a side changes lines of its own.
fn apart(side: usize) -> impl Strategy<Value = Vec<(u64, Deed)>> {
    let line = (0..2usize, "[a-z]{1,3}")
        .prop_map(move |(line, text)| Deed::Line { number: side * BODY_LINES / 3 + line, text });
    deeds(prop_oneof![6 => deed(), 1 => line])
}

/// Deeds with whole new bodies, each side's others than the other sides'.
fn anew(side: &'static str) -> impl Strategy<Value = Vec<(u64, Deed)>> {
    let body = "[a-c\n]{1,9}".prop_map(move |text| Deed::Body(format!("{text}{side}")));
    deeds(prop_oneof![6 => deed(), 1 => body])
}

/// Deeds of all kinds.
fn any_deeds() -> impl Strategy<Value = Vec<(u64, Deed)>> {
    let line = (0..BODY_LINES, "[a-z\n]{0,5}").prop_map(|(number, text)| Deed::Line { number, text });
    let body = "[a-c\n]{0,9}".prop_map(Deed::Body);
    deeds(prop_oneof![6 => deed(), 2 => line, 1 => body])
}

/// As many cases as `PROPTEST_CASES` says; each is many merges.
fn cases() -> ProptestConfig {
    let told = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(told.unwrap_or(64)) }
}

#[test]
fn a_close_counts_though_the_claim_before_it_lost() {
    let take = |after| (after, Deed::Take { is_accepted: false });
    let late = [take(1700), (400, Deed::Close("over".to_owned()))];
    let [base, one, other, _] = sides([&[], &late, &[take(0)], &[]]);
    let files = merged(&base.files, &one.files, &other.files).0;
    let text = std::str::from_utf8(&files[layout::ITEM]).unwrap();
    assert_eq!(item::parse(id(), text).unwrap().ticket.state, State::Closed, "{}", shown(&files));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_side_that_changed_nothing_has_no_say(old in any_deeds(), new in any_deeds()) {
        let [base, side, ..] = sides([&old, &new, &[], &[]]);
        prop_assert_eq!(ticket(&base.files, &base.files, &side.files), (side.files.clone(), vec![]));
        prop_assert_eq!(ticket(&base.files, &side.files, &side.files), (side.files, vec![]));
    }

    #[test]
    fn two_sides_merge_alike_whoever_merges(old in any_deeds(), left in any_deeds(), right in any_deeds()) {
        let [base, one, other, _] = sides([&old, &left, &right, &[]]);
        let (files, notes) = merged(&base.files, &one.files, &other.files);
        // What was merged is merged already, unless a text was set aside on the way.
        for side in [&one.files, &other.files] {
            prop_assert_eq!(shown(&merged(&base.files, side, &files).0), shown(&files));
        }
        let text = std::str::from_utf8(&files[layout::ITEM]).unwrap();
        let read = item::parse(id(), text).unwrap().ticket;
        let [one, other] = [&one, &other].map(|copy| item::parse(id(), copy.text(layout::ITEM)).unwrap().ticket);
        prop_assert!(read.title == one.title || read.title == other.title);
        prop_assert!(read.state == one.state || read.state == other.state);
        prop_assert_eq!(read.updated_at, one.updated_at.max(other.updated_at));
        if is_overlapped(&notes) {
            prop_assert!(read.body == one.body || read.body == other.body);
        }
    }

    #[test]
    fn unrelated_copies_of_a_ticket_merge(left in any_deeds(), right in any_deeds()) {
        let [_, one, other, _] = sides([&[], &left, &right, &[]]);
        merged(&Files::new(), &one.files, &other.files);
    }

    #[test]
    fn merging_is_associative_while_bodies_change_apart(
        old in deeds(deed()), a in apart(0), b in apart(1), c in apart(2)) {
        associate(&sides([&old, &a, &b, &c]));
    }

    #[test]
    fn merging_is_associative_while_bodies_change_wholly(
        old in deeds(deed()), a in anew("x"), b in anew("y"), c in anew("z")) {
        associate(&sides([&old, &a, &b, &c]));
    }

    #[test]
    fn merging_is_associative_wherever_bodies_change_without_touching(
        old in any_deeds(), a in any_deeds(), b in any_deeds(), c in any_deeds()) {
        let copies = sides([&old, &a, &b, &c]);
        let [base, a, b, c] = copies.each_ref().map(|copy| &copy.files);
        let ((ab, first), (bc, second)) = (ticket(base, a, b), ticket(base, b, c));
        let steps = [&first, &second, &ticket(base, &ab, c).1, &ticket(base, a, &bc).1];
        if !steps.into_iter().any(|notes| is_overlapped(notes)) {
            associate(&copies);
        }
    }

    #[test]
    fn a_side_that_goes_on_merges_as_if_it_had_not_been_merged(
        old in deeds(deed()), a in apart(0), b in apart(1), more in apart(0)) {
        let [base, one, other, _] = sides([&old, &a, &b, &[]]);
        let later = one.by("a", 5000).after(&more);
        let halfway = merged(&base.files, &one.files, &other.files).0;
        // What no event set is dated by the base, and the base is another.
        let is_said = |event: &Event| event.kind != Kind::Conflict;
        let events = |files: &Files| {
            counted(files).into_iter().filter(|(_, (_, event))| is_said(event)).map(|(core, _)| core).collect::<Vec<_>>()
        };
        prop_assert_eq!(
            events(&merged(&one.files, &halfway, &later.files).0),
            events(&merged(&base.files, &later.files, &other.files).0)
        );
    }

    #[test]
    fn threads_of_any_shape_lose_no_event(base in wild_thread(), one in wild_thread(), other in wild_thread(), cut in any::<bool>()) {
        let file = |text: String| Files::from([(layout::THREAD.to_owned(), text.into_bytes())]);
        let side = |text: &str| file(if cut { text.to_owned() } else { format!("{base}\n{text}") });
        merged(&file(base.clone()), &side(&one), &side(&other));
    }

    #[test]
    fn threads_of_any_shape_are_associative(texts in prop::collection::vec(wild_thread(), 4)) {
        // No code fence left open, and no event without an id twice.
        let quiet = |text: &str| format!("<!-- event: create -->\n{}", text.replace(['`', '~'], "f"));
        let file = |text: String| Files::from([(layout::THREAD.to_owned(), text.into_bytes())]);
        let base = file(quiet(&texts[0]));
        let sides = [1, 2, 3].map(|side| file(quiet(&texts[side])));
        let is_twice = |files: &Files| counted(files).into_values().any(|(count, event)| count > 1 && event.id.is_none());
        if sides.iter().any(is_twice) {
            return Ok(());
        }
        let [a, b, c] = &sides;
        let left = merged(&base, &merged(&base, a, b).0, c).0;
        let right = merged(&base, a, &merged(&base, b, c).0).0;
        prop_assert_eq!(shown(&left), shown(&right));
    }

    #[test]
    fn tickets_made_with_the_same_id_all_find_a_place(made in prop::collection::vec(made(), 3)) {
        let base = Tree::default();
        let merge = |one: &Tree, other: &Tree| {
            let merged = tree(&base, one, other, |_| false);
            assert_eq!(merged, tree(&base, other, one, |_| false), "symmetric");
            assert_eq!(tree(&base, &merged.tree, &merged.tree, |_| false).tree, merged.tree, "idempotent");
            merged.tree
        };
        let sides: Vec<Tree> = ["a", "b", "c"].into_iter().zip(&made).map(|(who, ids)| all_made(who, ids)).collect();
        let left = merge(&merge(&sides[0], &sides[1]), &sides[2]);
        let right = merge(&sides[0], &merge(&sides[1], &sides[2]));
        prop_assert_eq!(left.tickets.len(), made.iter().map(BTreeSet::len).sum::<usize>());
        prop_assert_eq!(left, right);
    }

    #[test]
    fn bytes_of_any_kind_merge_alike(files in prop::collection::vec(wild_files(), 3)) {
        merged(&files[0], &files[1], &files[2]);
    }
}

/// Files that hold anything.
fn wild_files() -> impl Strategy<Value = Files> {
    let names = [
        layout::ITEM,
        layout::THREAD,
        layout::RESOLUTION,
        layout::RELATIONS,
        layout::PLAN,
        "artifacts/x",
        "odd",
    ];
    let line = "(---|title: [a-c]|labels: \\[[a-c, ]{0,5}\\]|- x|state: done|# c|\\{\"version\":1,\"relations\":\\[\\]\\}|<!-- event: a -->|text|\\{\"at\":\"1\"\\}|)";
    let text = prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n").into_bytes());
    let front = prop::collection::vec(line, 0..5)
        .prop_map(|lines| format!("---\n{}\n---\nbody\n", lines.join("\n")).into_bytes());
    let content = prop_oneof![text, front, prop::collection::vec(any::<u8>(), 0..20)];
    prop::collection::btree_map(prop::sample::select(names.to_vec()).prop_map(str::to_owned), content, 0..7)
}

/// Which ids a side takes for its own tickets.
fn made() -> impl Strategy<Value = BTreeSet<u64>> {
    prop::collection::btree_set(0u64..4, 0..4)
}

/// Tickets that somebody made, each naming the one before it.
fn all_made(who: &str, ids: &BTreeSet<u64>) -> Tree {
    let mut tree = Tree::default();
    let mut before = None;
    for number in ids {
        let id = TicketId::from_millis(super::sample::START + number);
        let mut copy = Copy::create(id, &format!("{who}{number}"));
        if let Some(target) = before.replace(id) {
            copy.relate(relation::Kind::DependsOn, target);
        }
        tree.tickets.insert(id, copy.files);
    }
    tree
}
