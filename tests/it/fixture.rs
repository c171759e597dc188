//! Tickets as another tool left them, ready to be imported, and the bytes that are on the ref.

use std::path::PathBuf;

use serde_json::Value;

use crate::world::World;

/// An id of which the last characters count up.
pub(crate) fn id(number: u64) -> String {
    format!("00001K{number:07}")
}

/// An `item.md` in the style of older tools, with more lines in its front matter.
pub(crate) fn item(title: &str, state: &str, more: &str) -> String {
    format!(
        "---\ntitle: {title}\nstate: '{state}'\ncreated_at: '2026-01-02T03:04:05Z'\nupdated_at: '2026-01-02T03:04:05Z'\nassignee: null\n{more}---\n\n## Background\n\nWritten elsewhere.\n"
    )
}

/// A thread that says that a ticket was made.
pub(crate) const THREAD: &str = "<!-- event: create author: someone at: 2026-01-02T03:04:05Z -->\n\n## Created\n\nMade elsewhere.\n\n---\n";

/// Writes a ticket's folder below `from`.
pub(crate) fn folder(world: &World, number: u64, item: &str, thread: &str) -> PathBuf {
    let folder = format!("from/{}", id(number));
    world.write(&format!("{folder}/thread.md"), thread);
    world.write(&format!("{folder}/artifacts/.gitkeep"), "");
    let path = world.write(&format!("{folder}/item.md"), item);
    path.parent().unwrap().to_owned()
}

/// Imports what is below `from`.
pub(crate) fn import(world: &World) {
    world.yoi(["import", "yoi", "../from"]).ok();
}

/// Imports one ticket for each state, in the order of the workflow, and gives their ids.
pub(crate) fn one_in_each_state(world: &World) -> Vec<(&'static str, String)> {
    let states = ["planning", "ready", "queued", "inprogress", "done", "closed"];
    let tickets = states.into_iter().enumerate().map(|(index, state)| {
        let number = 1 + index as u64;
        folder(world, number, &item(&format!("'One that is {state}'"), state, ""), THREAD);
        (state, id(number))
    });
    let tickets = tickets.collect();
    import(world);
    tickets
}

/// Where a ticket's file is on the ref.
fn path(id: &str, name: &str) -> String {
    let folder = format!("tickets/{}/{}", &id[11..12], &id[12..13]);
    match name.strip_prefix("artifacts/") {
        Some(artifact) => format!("{folder}/{id}/{artifact}"),
        None => format!("{folder}/{id}.{name}"),
    }
}

/// The bytes of a ticket's file on the ref, as git has them.
pub(crate) fn stored(world: &World, id: &str, name: &str) -> String {
    world.git(["cat-file", "blob", &format!("refs/yoi/tickets:{}", path(id, name))]).ok()
}

/// Puts a ticket's file on the ref with plain git, as another program could.
pub(crate) fn put(world: &World, id: &str, name: &str, content: &str) {
    put_bytes(world, id, name, content.as_bytes());
}

/// The same with content that may be no text.
pub(crate) fn put_bytes(world: &World, id: &str, name: &str, content: &[u8]) {
    put_all(world, &[id], name, content);
}

/// The same for several tickets in one commit.
pub(crate) fn put_all(world: &World, ids: &[&str], name: &str, content: &[u8]) {
    let file = world.write("blob", content);
    let blob = world.git(["hash-object", "-w", file.to_str().unwrap()]).ok();
    let run = |arguments: &[&str]| {
        let mut git = world.command("git", &world.repo());
        git.args(arguments).env("GIT_INDEX_FILE", world.root().join("index"));
        world.run(git).ok().trim_end().to_owned()
    };
    run(&["read-tree", "refs/yoi/tickets"]);
    let entry = |id: &&str| format!("100644,{},{}", blob.trim_end(), path(id, name));
    let entries: Vec<String> = ids.iter().map(entry).collect();
    let each = entries.iter().flat_map(|entry| ["--cacheinfo", entry]);
    run(&["update-index", "--add"].into_iter().chain(each).collect::<Vec<&str>>());
    let tree = run(&["write-tree"]);
    let commit = run(&["commit-tree", &tree, "-p", "refs/yoi/tickets", "-m", "by hand"]);
    run(&["update-ref", "refs/yoi/tickets", &commit]);
}

/// The commit the tickets are at; empty when there is none.
pub(crate) fn tip(world: &World) -> String {
    world.git(["for-each-ref", "--format=%(objectname)", "refs/yoi/tickets"]).ok().trim_end().to_owned()
}

/// How many commits the ref has.
pub(crate) fn commits(world: &World) -> usize {
    world.git(["rev-list", "--count", "refs/yoi/tickets"]).ok().trim_end().parse().unwrap()
}

/// The ticket as `show --json` has it.
pub(crate) fn shown(world: &World, id: &str) -> Value {
    world.json(["show", id])
}

/// The kinds of a ticket's events, in order.
pub(crate) fn kinds(ticket: &Value) -> Vec<&str> {
    ticket["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

/// The last event of a ticket.
pub(crate) fn last(ticket: &Value) -> &Value {
    ticket["events"].as_array().unwrap().last().unwrap()
}

/// The words of a JSON value that must be a string.
#[track_caller]
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no string: {value}"))
}

/// Runs the program, which must refuse with that code and those words, and write nothing.
#[track_caller]
pub(crate) fn refused(world: &World, arguments: &[&str], code: i32, words: &str) {
    let before = tip(world);
    let answer = world.yoi(arguments);
    assert_eq!((answer.code, answer.out.as_str()), (code, ""), "{arguments:?} {answer:?}");
    assert!(answer.err.contains(words), "{arguments:?}: {words:?} is not in {answer:?}");
    assert_eq!(tip(world), before, "{arguments:?} wrote something");
}
