//! The rules for landings, row by row.

use super::record::{self, Effect};
use super::*;
use crate::model::commit::{Mentions, Undo};
use crate::model::event::{Event, Kind};
use crate::model::work::WorkCommit;

fn ticket() -> TicketId {
    TicketId::from_millis(1_782_398_643_212)
}

/// A commit whose subject and time are its name's.
fn commit(name: &str, parents: &[&str]) -> Commit {
    Commit {
        id: name.to_owned(),
        parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
        key: key(name),
        author: "A".to_owned(),
        committed: 0,
        message: format!("subject {name}\n"),
        mentions: Mentions::default(),
    }
}

fn key(name: &str) -> AuthorKey {
    AuthorKey { mail: "a@example.org".to_owned(), seconds: 7, subject: format!("subject {name}") }
}

fn work(names: &[&str]) -> Work {
    let commits = names.iter().map(|name| WorkCommit {
        id: (*name).to_owned(),
        patch_id: Some(format!("patch {name}")),
        key: key(name),
    });
    Work {
        branch: "work/x".to_owned(),
        base: None,
        tip: names.last().map(|name| (*name).to_owned()).unwrap_or_default(),
        range_patch_id: Some("whole".to_owned()),
        commits: commits.collect(),
    }
}

/// A graph of commits given oldest first; the last is the tip.
fn graph(mut commits: Vec<Commit>) -> Graph {
    let tip = commits.last().map(|commit| commit.id.clone()).unwrap_or_default();
    commits.reverse();
    Graph::new(commits, &tip)
}

fn landing(how: How, commit: &str, brought: &[&str]) -> Landing {
    let brought = brought.iter().map(|name| (*name).to_owned()).collect();
    Landing { how, commit: commit.to_owned(), brought }
}

fn patches(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(id, patch)| ((*id).to_owned(), (*patch).to_owned())).collect()
}

#[test]
fn what_a_merge_brought_belongs_to_the_merge_on_the_line_of_first_parents() {
    let graph = graph(vec![
        commit("a", &["old"]),
        commit("w", &["old"]),
        commit("inner", &["w", "x"]),
        commit("m", &["a", "inner"]),
        commit("b", &["m"]),
    ]);
    assert_eq!(graph.line(), ["a", "m", "b"]);
    let carriers: Vec<Option<&str>> =
        ["a", "w", "inner", "m", "b", "other"].iter().map(|id| graph.carrier(id)).collect();
    assert_eq!(carriers, [Some("a"), Some("m"), Some("m"), Some("m"), Some("b"), None]);
}

#[test]
fn ancestry_tells_fast_forwards_from_merges_and_an_empty_branch_is_nothing() {
    let forward = graph(vec![commit("w1", &["old"]), commit("w2", &["w1"]), commit("later", &["w2"])]);
    let found = by_ancestry(ticket(), &[work(&["w1", "w2"])], &forward);
    assert_eq!(found, [landing(How::FastForward, "w2", &["w1", "w2"])]);
    let mut empty = work(&["w2"]);
    empty.commits.clear();
    assert_eq!(by_ancestry(ticket(), &[empty], &forward), []);
    let mut other = commit("o", &["old"]);
    other.mentions.tickets = vec![TicketId::from_millis(5)];
    let merged = graph(vec![other, commit("w1", &["o"]), commit("a", &["old"]), commit("m", &["a", "w1"])]);
    let found = by_ancestry(ticket(), &[work(&["w1"])], &merged);
    assert_eq!(found, [landing(How::Merge, "m", &["w1"])], "another ticket's commit is not brought by this");
}

#[test]
fn a_merge_that_names_the_branch_lands_work_nobody_recorded() {
    let mut merge = commit("m", &["a", "w2"]);
    merge.mentions.merged = vec![ticket()];
    let commits = vec![commit("w1", &["old"]), commit("w2", &["w1"]), commit("a", &["old"]), merge.clone()];
    assert_eq!(by_ancestry(ticket(), &[], &graph(commits)), [landing(How::Merge, "m", &["w1", "w2"])]);
    merge.parents = vec!["a".to_owned(), "old".to_owned()];
    assert_eq!(by_ancestry(ticket(), &[], &graph(vec![commit("a", &["old"]), merge])), []);
}

#[test]
fn copies_are_known_by_author_time_and_subject_or_by_their_difference() {
    let work = [work(&["w1", "w2"])];
    let copy = |id: &str, of: &str, parent: &str| Commit { key: key(of), ..commit(id, &[parent]) };
    let both = graph(vec![copy("c1", "w1", "old"), copy("c2", "w2", "c1"), commit("b", &["c2"])]);
    let whole = Match::Whole(vec![landing(How::Rebase, "c2", &["c1", "c2"])]);
    assert_eq!(by_commits(&work, &both, &HashMap::new()), whole);
    let one = graph(vec![copy("c1", "w1", "old"), commit("c2", &["c1"])]);
    assert_eq!(by_commits(&work, &one, &HashMap::new()), Match::Part);
    assert_eq!(by_commits(&work, &one, &patches(&[("c2", "patch w2")])), whole);
    let none = graph(vec![commit("c1", &["old"])]);
    assert_eq!(by_commits(&work, &none, &patches(&[("c1", "else")])), Match::None);
}

#[test]
fn one_commit_with_the_difference_of_one_commit_is_a_squash() {
    let graph = graph(vec![commit("c", &["old"])]);
    let same = patches(&[("c", "patch w1")]);
    let squash = landing(How::Squash, "c", &["c"]);
    assert_eq!(by_commits(&[work(&["w1"])], &graph, &same), Match::Whole(vec![squash.clone()]));
    let whole = patches(&[("c", "whole")]);
    assert_eq!(by_whole_difference(&[work(&["w1", "w2"])], &graph, &whole), [squash]);
    assert_eq!(by_whole_difference(&[work(&["w1", "w2"])], &graph, &same), []);
}

#[test]
fn words_land_work_when_they_name_all_of_it_or_close_the_ticket() {
    let mut squash = commit("c", &["old"]);
    squash.message = "Title\n\n* subject w1\n\n    subject w2\n".to_owned();
    let with = |commit: &Commit| by_words(ticket(), &[work(&["w1", "w2"])], &graph(vec![commit.clone()]));
    assert_eq!(with(&squash), None, "it doesn't name the ticket");
    squash.mentions.tickets = vec![ticket()];
    assert_eq!(with(&squash), Some(landing(How::SquashMessage, "c", &["c"])));
    squash.message = "Title\n\n* subject w1\n".to_owned();
    assert_eq!(with(&squash), None, "one of two is a link, no landing");
    squash.mentions.closes = vec![ticket()];
    assert_eq!(with(&squash), Some(landing(How::Closes, "c", &["c"])));
}

fn event(kind: Kind, attributes: &[(&str, &str)], body: &str) -> Event {
    Event {
        kind,
        author: "git-yoi".to_owned(),
        at: String::new(),
        id: None,
        attributes: attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        heading: None,
        body: body.to_owned(),
    }
}

#[test]
fn each_landing_stands_until_something_takes_back_that_one() {
    let land = |commit: &str| {
        let body = if commit == "m" { "`aaaa` one\nand 3 more" } else { "`bbbb` other" };
        event(Kind::Land, &[("commit", commit), ("target", "main"), ("how", "merge")], body)
    };
    let revert = event(Kind::Revert, &[("commit", "r"), ("target", "main"), (record::LANDING, "m")], "");
    let back = event(Kind::Reland, &[("commit", "q"), ("target", "main"), (record::LANDING, "m")], "");
    let mut events = vec![land("m"), land("n"), revert];
    let stands = |events: &[Event]| -> Vec<bool> {
        record::records(events).iter().map(|record| record.stands).collect()
    };
    assert_eq!(stands(&events), [false, true]);
    assert_eq!(record::records(&events)[0].reverts, ["r"]);
    assert_eq!(record::records(&events)[0].subjects, ["one"]);
    assert!(record::stands(&events, Some("main")) && !record::stands(&events, Some("other")));
    events.push(back);
    assert_eq!(stands(&events), [true, true]);
}

#[test]
fn a_revert_is_known_by_the_id_it_names_or_by_the_subject_alone() {
    let land = event(Kind::Land, &[("commit", "m0000000"), ("target", "main")], "`w1000000` subject w1");
    let standing = record::records(std::slice::from_ref(&land)).remove(0);
    let mut commit = commit("r", &["m0000000"]);
    assert_eq!(record::effect(&standing, &commit, &[]), None);
    commit.mentions.reverts = vec!["w1000000ffff".to_owned()];
    assert_eq!(record::effect(&standing, &commit, &[]), Some(Effect::Revert));
    commit.mentions.reverts.clear();
    commit.mentions.reverted_subject = Some(Undo::Revert("the title".to_owned()));
    assert_eq!(record::effect(&standing, &commit, &[]), None);
    assert_eq!(record::effect(&standing, &commit, &["the title".to_owned()]), Some(Effect::Revert));
    let undone = record::Record { stands: false, reverts: vec!["r".to_owned()], ..standing.clone() };
    assert_eq!(record::effect(&undone, &commit, &["the title".to_owned()]), None);
    commit.mentions = Mentions { reverts: vec!["r".to_owned()], ..Mentions::default() };
    assert_eq!(record::effect(&undone, &commit, &[]), Some(Effect::Reland));
    let brought = Commit { id: "w1000000ffff".to_owned(), ..commit };
    assert_eq!(record::effect(&undone, &brought, &[]), None, "a commit of the work itself undoes nothing");
}

#[test]
fn one_commit_never_stands_for_two_and_what_came_twice_landed_twice() {
    let mut twins = work(&["w1", "w2"]);
    twins.commits[1].key = key("w1");
    let copy = |id: &str, parent: &str| Commit { key: key("w1"), ..commit(id, &[parent]) };
    let one = graph(vec![copy("c1", "old")]);
    assert_eq!(by_commits(std::slice::from_ref(&twins), &one, &HashMap::new()), Match::Part);
    let two = graph(vec![copy("c1", "old"), copy("c2", "c1")]);
    let whole = Match::Whole(vec![landing(How::Rebase, "c2", &["c1", "c2"])]);
    assert_eq!(by_commits(&[twins], &two, &HashMap::new()), whole);
    let again = Match::Whole(vec![landing(How::Rebase, "c1", &["c1"]), landing(How::Rebase, "c2", &["c2"])]);
    assert_eq!(by_commits(&[work(&["w1"])], &two, &HashMap::new()), again);
    let squashed = patches(&[("c1", "whole"), ("c2", "whole")]);
    assert_eq!(by_whole_difference(&[work(&["w1"])], &two, &squashed).len(), 2);
}

#[test]
fn an_older_snapshot_finds_all_that_the_merge_brought() {
    let commits =
        vec![commit("w1", &["old"]), commit("w2", &["w1"]), commit("a", &["old"]), commit("m", &["a", "w2"])];
    assert_eq!(
        by_ancestry(ticket(), &[work(&["w1"])], &graph(commits)),
        [landing(How::Merge, "m", &["w1", "w2"])]
    );
}
