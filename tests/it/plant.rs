//! Things on the tickets' ref that this program would never write, put there with plain git; and
//! folders of tickets to import.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::world::{Answer, World};

/// The ref that holds the tickets.
pub(crate) const REF: &str = "refs/yoi/tickets";

/// One line for whoever watches, also of a test that passes.
pub(crate) fn say(line: &str) {
    writeln!(io::stdout().lock(), "{line}").unwrap();
}

/// Runs git in some folder.
pub(crate) fn git_in(world: &World, folder: &Path, arguments: &[&str]) -> Answer {
    let mut command = world.command("git", folder);
    command.args(arguments);
    world.run(command)
}

/// Runs the program in some folder.
pub(crate) fn yoi_in(world: &World, folder: &Path, arguments: &[&str]) -> Answer {
    let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), folder);
    command.args(arguments);
    world.run(command)
}

/// Starts all programs before waiting for the first.
pub(crate) fn at_once(commands: impl Iterator<Item = Command>) -> Vec<Answer> {
    let start = |mut command: Command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let children: Vec<_> = commands.map(start).collect();
    let outputs = children.into_iter().map(|child| child.wait_with_output().unwrap());
    outputs
        .map(|output| Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
        .collect()
}

/// Runs git in the repository with something to read, and gives its answer without the line's end.
fn feed(world: &World, arguments: &[&str], input: &[u8]) -> String {
    let file = world.write("fed", input);
    let mut command = world.command("git", &world.repo());
    command.args(arguments).stdin(std::fs::File::open(file).unwrap());
    world.run(command).ok().trim_end().to_owned()
}

/// The commit on the ref, or nothing when there is no ref.
pub(crate) fn tip(world: &World) -> String {
    world.git(["for-each-ref", "--format=%(objectname)", REF]).ok().trim_end().to_owned()
}

/// How many commits are on the ref.
pub(crate) fn commits(world: &World) -> usize {
    world.git(["rev-list", "--count", REF]).ok().trim_end().parse().unwrap()
}

/// Where a ticket's file is on the ref.
pub(crate) fn path(id: &str, name: &str) -> String {
    let (front, last) = id.split_at(id.len() - 1);
    format!("tickets/{}/{last}/{id}{name}", &front[front.len() - 1..])
}

/// The folder on the ref in which a ticket's files are.
pub(crate) fn leaf(id: &str) -> String {
    path(id, "").rsplit_once('/').unwrap().0.to_owned()
}

/// Where a ticket's file has no business: in the folder of tickets whose ids end otherwise.
pub(crate) fn elsewhere(id: &str, name: &str) -> String {
    let last = if id.ends_with('0') { '1' } else { '0' };
    format!("tickets/0/{last}/{id}{name}")
}

/// The object a path of the ref stands for.
pub(crate) fn object(world: &World, path: &str) -> String {
    world.git(["rev-parse", &format!("{REF}:{path}")]).ok().trim_end().to_owned()
}

/// What a path of the ref holds.
pub(crate) fn content(world: &World, path: &str) -> String {
    world.git(["show", &format!("{REF}:{path}")]).ok()
}

/// Writes a blob.
pub(crate) fn blob(world: &World, bytes: &[u8]) -> String {
    feed(world, &["hash-object", "-w", "--stdin"], bytes)
}

/// Writes a tree from rows as `git ls-tree` prints them; names may be anything but hold a slash.
pub(crate) fn tree(world: &World, rows: &str) -> String {
    feed(world, &["mktree", "--missing"], rows.as_bytes())
}

/// Writes a tree with one entry without any check.
pub(crate) fn raw_tree(world: &World, mode: &str, name: &str, object: &str) -> String {
    let mut bytes = format!("{mode} {name}\0").into_bytes();
    let digits = |index: usize| &object[index * 2..index * 2 + 2];
    bytes.extend((0..object.len() / 2).map(|index| u8::from_str_radix(digits(index), 16).unwrap()));
    feed(world, &["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], &bytes)
}

/// Points the ref at an object, whatever it is.
pub(crate) fn point(world: &World, object: &str) {
    world.git(["update-ref", REF, object]).ok();
}

/// Commits a tree on top of the ref.
pub(crate) fn commit(world: &World, tree: &str) -> String {
    let before = tip(world);
    let mut words = vec!["commit-tree", tree, "-m", "planted"];
    if !before.is_empty() {
        words.extend(["-p", before.as_str()]);
    }
    let commit = world.git(words).ok().trim_end().to_owned();
    point(world, &commit);
    commit
}

/// Commits entries on top of the ref: mode, path and object of each. git checks the paths.
pub(crate) fn entries(world: &World, entries: &[(&str, &str, &str)]) -> String {
    let index = world.root().join("planting");
    let git = |words: &[&str]| {
        let mut command = world.command("git", &world.repo());
        command.env("GIT_INDEX_FILE", &index).args(words);
        world.run(command).ok()
    };
    match tip(world).as_str() {
        "" => git(&["read-tree", "--empty"]),
        tip => git(&["read-tree", tip]),
    };
    for (mode, path, object) in entries {
        git(&["update-index", "--replace", "--add", "--cacheinfo", &format!("{mode},{object},{path}")]);
    }
    let tree = git(&["write-tree", "--missing-ok"]);
    commit(world, tree.trim_end())
}

/// Commits a file on top of the ref.
pub(crate) fn file(world: &World, path: &str, bytes: &[u8]) -> String {
    let blob = blob(world, bytes);
    entries(world, &[("100644", path, &blob)])
}

/// Commits, on top of the ref, a tree as the folder of a ticket's artifacts.
pub(crate) fn artifacts(world: &World, id: &str, folder: &str) -> String {
    let mut below = world.git(["ls-tree", &format!("{REF}:{}", leaf(id))]).ok();
    below.push_str(&format!("040000 tree {folder}\t{id}\n"));
    graft(world, &leaf(id), tree(world, &below))
}

/// Commits, on top of the ref, a tree in the place of another one.
pub(crate) fn graft(world: &World, at: &str, new: String) -> String {
    let (mut at, mut new) = (at.to_owned(), new);
    while !at.is_empty() {
        let (above, name) = at.rsplit_once('/').unwrap_or(("", &at));
        let rows = world.git(["ls-tree", &format!("{REF}:{above}")]).ok();
        let kept = rows.lines().filter(|row| !row.ends_with(&format!("\t{name}")));
        let mut rows: String = kept.map(|row| format!("{row}\n")).collect();
        rows.push_str(&format!("040000 tree {new}\t{name}\n"));
        (at, new) = (above.to_owned(), tree(world, &rows));
    }
    commit(world, &new)
}

/// Writes a ticket's folder below `folder` of the world, in the layout that can be imported. The title
/// is written as it stands, between double quotes.
pub(crate) fn folder(world: &World, folder: &str, id: &str, title: &str) {
    let item = format!(
        "---\ntitle: \"{title}\"\nstate: 'queued'\ncreated_at: '2026-01-02T03:04:05Z'\n\
         updated_at: '2026-01-02T03:04:05Z'\nassignee: null\n---\n\nBody of {id}.\n"
    );
    let thread =
        "<!-- event: create author: somebody at: 2026-01-02T03:04:05Z -->\n\n## Created\n\nMade.\n\n---\n";
    world.write(&format!("{folder}/{id}/item.md"), item);
    world.write(&format!("{folder}/{id}/thread.md"), thread);
    world.write(&format!("{folder}/{id}/artifacts/.gitkeep"), "");
}

/// Writes and imports tickets with these ids and titles.
pub(crate) fn import(world: &World, tickets: &[(&str, &str)]) {
    for (id, title) in tickets {
        folder(world, "incoming", id, title);
    }
    let said = world.yoi(["import", "yoi", "../incoming", "--porcelain"]).ok();
    assert_eq!(said, format!("imported\t{}\nunchanged\t0\n", tickets.len()));
}

/// The id that many milliseconds after a fixed moment.
pub(crate) fn id(after: u64) -> String {
    git_yoi::model::id::TicketId::from_millis(1_760_000_000_000 + after).to_string()
}

/// The loose file of an object.
pub(crate) fn loose(world: &World, object: &str) -> PathBuf {
    world.repo().join(".git/objects").join(&object[..2]).join(&object[2..])
}

/// Makes a loose object of everything in packs.
pub(crate) fn unpack(world: &World) {
    let packs = world.repo().join(".git/objects/pack");
    for entry in std::fs::read_dir(&packs).unwrap() {
        let pack = entry.unwrap().path();
        if pack.extension().is_some_and(|end| end == "pack") {
            let bytes = std::fs::read(&pack).unwrap();
            for end in ["pack", "idx"] {
                std::fs::remove_file(pack.with_extension(end)).unwrap();
            }
            feed(world, &["unpack-objects", "-q"], &bytes);
        }
    }
}
