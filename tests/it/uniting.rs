//! Merging fetched tickets: whatever two people did apart comes together by itself, and the same everywhere.

use std::path::{Path, PathBuf};

use crate::world::{Answer, World, gits};

/// Clones with a remote between them. Tickets travel by plain git.
struct Clones {
    world: World,
}

impl Clones {
    /// Two clones, `repo` and `other`, that started from the same tickets.
    fn begin(git: &Path) -> Self {
        let world = World::with_git(git);
        let origin = world.root().join("origin.git");
        world.git(["init", "-q", "--bare", origin.to_str().expect("UTF-8")]).ok();
        world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
        world.git(["remote", "add", "origin", origin.to_str().expect("UTF-8")]).ok();
        let clones = Clones { world };
        clones.yoi("repo", &["init", "--no-hooks"]).ok();
        clones
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.world.root().join(name)
    }

    fn git(&self, name: &str, words: &[&str]) -> Answer {
        let mut command = self.world.command("git", &self.folder(name));
        command.args(words);
        self.world.run(command)
    }

    fn yoi(&self, name: &str, words: &[&str]) -> Answer {
        let mut command = self.world.command(env!("CARGO_BIN_EXE_git-yoi"), &self.folder(name));
        command.args(words);
        self.world.run(command)
    }

    /// Another clone, with the tickets that are on the remote.
    fn add(&self, name: &str) {
        let (origin, folder) = (self.folder("origin.git"), self.folder(name));
        self.world
            .git(["clone", "-q", origin.to_str().expect("UTF-8"), folder.to_str().expect("UTF-8")])
            .ok();
        self.yoi(name, &["init", "origin", "--no-hooks"]).ok();
    }

    /// Sends the tickets; a clone that is behind merges first, as a person would.
    fn send(&self, name: &str) {
        self.receive(name);
        self.git(name, &["push", "-q", "origin", "refs/yoi/tickets"]).ok();
    }

    /// Fetches, and lets the next command merge; gives what that said.
    fn receive(&self, name: &str) -> String {
        self.git(name, &["fetch", "-q", "origin", "+refs/yoi/tickets*:refs/yoi/remotes/origin/tickets*"])
            .ok();
        let listed = self.yoi(name, &["list", "--state", "all"]);
        assert_eq!(listed.code, 0, "{listed:?}");
        listed.err
    }

    fn create(&self, name: &str, title: &str) -> String {
        self.yoi(name, &["create", title, "-m", "one\n\ntwo\n\nthree", "--porcelain"]).ok().trim().to_owned()
    }

    fn tip(&self, name: &str) -> String {
        self.git(name, &["rev-parse", "refs/yoi/tickets"]).ok().trim().to_owned()
    }

    fn raw(&self, name: &str, id: &str) -> String {
        self.yoi(name, &["show", id, "--raw", "--no-catch-up"]).ok()
    }
}

#[test]
fn what_two_clones_did_apart_comes_together_in_one_commit_both_make() {
    for git in gits() {
        let clones = Clones::begin(&git);
        let id = clones.create("repo", "Shared");
        clones.send("repo");
        clones.add("other");
        clones.yoi("repo", &["comment", &id, "-m", "from the first"]).ok();
        clones.yoi("repo", &["edit", &id, "--title", "Shared, renamed"]).ok();
        let first = clones.create("repo", "First");
        clones.yoi("other", &["comment", &id, "-m", "from the second"]).ok();
        clones.yoi("other", &["edit", &id, "--add-label", "both", "--priority", "P1"]).ok();
        let second = clones.create("other", "Second");
        // Each has what the other did, before either sent a merge.
        let (here, there) = (clones.tip("repo"), clones.tip("other"));
        for (name, other) in [("repo", &there), ("other", &here)] {
            let from = clones.folder(if name == "repo" { "other" } else { "repo" });
            let from = from.to_str().expect("UTF-8");
            let spec = "+refs/yoi/tickets:refs/yoi/remotes/peer/tickets";
            clones.git(name, &["fetch", "-q", from, spec]).ok();
            if name == "repo" {
                assert_eq!(
                    clones.git(name, &["rev-parse", "refs/yoi/remotes/peer/tickets"]).ok().trim(),
                    other
                );
            }
        }
        // The second fetch saw the first clone before it merged: nothing ran there meanwhile.
        let told = clones.yoi("repo", &["list"]).err;
        assert_eq!(told, "tickets of 'peer' merged\n");
        clones.yoi("other", &["list"]).ok();
        assert_eq!(clones.tip("repo"), clones.tip("other"));
        let raw = clones.raw("repo", &id);
        for words in ["from the first", "from the second", "title: 'Shared, renamed'", "labels: ['both']"] {
            assert_eq!(raw.matches(words).count(), 1, "{words}: {raw}");
        }
        for id in [&first, &second] {
            clones.yoi("other", &["show", id]).ok();
        }
        let message = clones.git("repo", &["log", "-1", "--format=%an <%ae>|%s|%p", "refs/yoi/tickets"]).ok();
        let mut parents = [&here[..8], &there[..8]];
        parents.sort_unstable();
        assert!(
            message.starts_with(&format!("git-yoi <git-yoi@localhost>|merge {} {}|", parents[0], parents[1])),
            "{message}"
        );
        assert!(clones.git("repo", &["fsck", "--strict"]).code == 0);
        assert_eq!(clones.yoi("repo", &["doctor"]).code, 0);
        // Nothing more to do: the next look reads one ref.
        assert_eq!(clones.yoi("repo", &["list"]).err, "");
    }
}

#[test]
fn a_clone_that_did_nothing_itself_moves_on_and_one_that_is_ahead_stays() {
    let clones = Clones::begin(&gits()[0]);
    let id = clones.create("repo", "Shared");
    clones.send("repo");
    clones.add("other");
    clones.yoi("repo", &["comment", &id, "-m", "more"]).ok();
    clones.send("repo");
    assert_eq!(clones.receive("other"), "tickets of 'origin' taken over\n");
    assert_eq!(clones.tip("repo"), clones.tip("other"));
    clones.yoi("other", &["comment", &id, "-m", "ahead"]).ok();
    let ahead = clones.tip("other");
    assert_eq!(clones.receive("other"), "");
    assert_eq!(clones.tip("other"), ahead);
}

#[test]
fn tickets_that_began_apart_unite() {
    for git in gits() {
        let clones = Clones::begin(&git);
        let first = clones.create("repo", "First");
        let folder = clones.folder("other");
        let origin = clones.folder("origin.git");
        clones.world.git(["clone", "-q", origin.to_str().expect("UTF-8"), folder.to_str().expect("UTF-8")]);
        clones.yoi("other", &["init", "--no-hooks"]).ok();
        let second = clones.create("other", "Second");
        clones.send("repo");
        assert_eq!(clones.receive("other"), "tickets of 'origin' merged\n");
        for id in [&first, &second] {
            clones.yoi("other", &["show", id]).ok();
        }
        clones.send("other");
        assert_eq!(clones.receive("repo"), "tickets of 'origin' taken over\n");
        assert_eq!(clones.tip("repo"), clones.tip("other"));
    }
}

#[test]
fn a_true_conflict_keeps_both_texts_and_is_told() {
    let clones = Clones::begin(&gits()[0]);
    let id = clones.create("repo", "Shared");
    clones.send("repo");
    clones.add("other");
    clones.yoi("repo", &["edit", &id, "-m", "one\n\nTWO from the first\n\nthree"]).ok();
    clones.yoi("other", &["edit", &id, "-m", "one\n\nTWO from the second\n\nthree"]).ok();
    clones.send("repo");
    let told = clones.receive("other");
    assert!(told.contains(&format!("  {id}: item.md: two versions of body")), "{told}");
    let raw = clones.raw("other", &id);
    assert!(raw.contains("TWO from the first") && raw.contains("TWO from the second"), "{raw}");
    assert!(raw.contains("event: conflict author: git-yoi"), "{raw}");
    assert!(!raw.contains("<<<<<<<"), "{raw}");
    clones.send("other");
    clones.receive("repo");
    assert_eq!(clones.tip("repo"), clones.tip("other"));
}

#[test]
fn what_can_not_be_merged_is_refused_by_name_and_changes_nothing() {
    let clones = Clones::begin(&gits()[0]);
    clones.create("repo", "Ours");
    let tip = clones.tip("repo");
    // A commit of the code, and a format of the future.
    clones.git("repo", &["update-ref", "refs/yoi/remotes/odd/tickets", "HEAD"]).ok();
    let told = clones.yoi("repo", &["list"]).err;
    let expected =
        "warning: tickets of 'odd' are not merged: refs/yoi/remotes/odd/tickets holds no tickets\n";
    assert_eq!((told.as_str(), clones.tip("repo")), (expected, tip.clone()));
    let blob = clones.world.write("newer", "yoi-tickets 2\n");
    let blob = clones.git("repo", &["hash-object", "-w", blob.to_str().expect("UTF-8")]).ok();
    let rows = clones.world.write("rows", format!("100644 blob {}\tformat\n", blob.trim()));
    let mut command = clones.world.command("git", &clones.folder("repo"));
    command.arg("mktree").stdin(std::fs::File::open(rows).expect("a file"));
    let tree = clones.world.run(command).ok();
    let commit = clones.git("repo", &["commit-tree", "-m", "x", tree.trim()]).ok();
    clones.git("repo", &["update-ref", "refs/yoi/remotes/future/tickets", commit.trim()]).ok();
    let told = clones.yoi("repo", &["list"]);
    assert!(told.code == 0 && told.err.contains("warning: tickets of 'future' are not merged: "), "{told:?}");
    assert_eq!(clones.tip("repo"), tip);
    assert_eq!(clones.yoi("repo", &["list"]).out.lines().count(), 1);
    assert_eq!(clones.yoi("repo", &["list", "--no-catch-up"]).err, "");
}

#[test]
fn four_clones_end_with_the_same_tickets_whatever_the_order() {
    let clones = Clones::begin(&gits()[0]);
    let id = clones.create("repo", "Shared");
    clones.send("repo");
    let names = ["repo", "b", "c", "d"];
    for name in &names[1..] {
        clones.add(name);
    }
    for round in 0..3 {
        for (index, name) in names.iter().enumerate() {
            clones.yoi(name, &["comment", &id, "-m", &format!("word {round} {index}")]).ok();
            clones.create(name, &format!("ticket {round} {index}"));
            if (round + index) % 2 == 0 {
                clones.send(name);
            }
        }
    }
    for _ in 0..2 {
        for name in names {
            clones.send(name);
        }
    }
    for name in names {
        clones.receive(name);
    }
    let raw = clones.raw("repo", &id);
    for round in 0..3 {
        for index in 0..names.len() {
            assert_eq!(raw.matches(&format!("word {round} {index}\n")).count(), 1, "{raw}");
        }
    }
    for name in names {
        assert_eq!(clones.tip(name), clones.tip("repo"), "{name}");
        assert_eq!(clones.yoi(name, &["list", "--state", "all", "--porcelain"]).ok().lines().count(), 13);
        assert_eq!(clones.yoi(name, &["doctor"]).code, 0);
    }
}

#[test]
fn two_tickets_with_one_id_both_live_and_the_old_name_tells_of_the_other() {
    let clones = Clones::begin(&gits()[0]);
    clones.send("repo");
    clones.add("other");
    let id = "00001KVZKSV6C";
    for (name, title, event) in
        [("repo", "First", "01KVZKSTSR00000000000000A1"), ("other", "Second", "01KVZKSTSR00000000000000A2")]
    {
        let time = "2026-06-25T14:44:03Z";
        let item = format!(
            "---\ntitle: '{title}'\nstate: 'planning'\ncreated_at: '{time}'\nupdated_at: '{time}'\n---\n\nBody.\n"
        );
        let thread = format!(
            "<!-- event: create author: a at: {time} id: {event} -->\n\n## Created\n\n{title}.\n\n---\n"
        );
        clones.world.write(&format!("source-{name}/{id}/item.md"), item);
        clones.world.write(&format!("source-{name}/{id}/thread.md"), thread);
        let source = clones.folder(&format!("source-{name}"));
        clones.yoi(name, &["import", "yoi", source.to_str().expect("UTF-8")]).ok();
    }
    clones.send("repo");
    let told = clones.receive("other");
    assert!(told.contains(&format!("two tickets had the id {id}; one is ")), "{told}");
    clones.send("other");
    clones.receive("repo");
    assert_eq!(clones.tip("repo"), clones.tip("other"));
    let listed = clones.yoi("repo", &["list", "--porcelain"]).ok();
    let second = listed.lines().find(|line| line.ends_with("Second")).expect("the second").split('\t').next();
    let second = second.expect("an id").to_owned();
    assert!(listed.contains(&format!("{id}\tplanning\tFirst")), "{listed}");
    let shown = clones.world.json(["show", id]);
    assert_eq!(
        shown["warnings"][0],
        format!("another ticket had the id {id} until a merge; it is {second} now")
    );
    assert_eq!(clones.yoi("repo", &["doctor"]).code, 0);
}

#[test]
fn a_fetched_version_that_drops_tickets_or_events_loses_us_nothing() {
    for git in gits() {
        let clones = Clones::begin(&git);
        let id = clones.create("repo", "Ours");
        clones.yoi("repo", &["comment", &id, "-m", "ours too"]).ok();
        let raw = clones.raw("repo", &id);
        // It goes on from ours, and holds nothing but the format.
        let rows = clones.git("repo", &["ls-tree", "refs/yoi/tickets", "format"]).ok();
        let rows = clones.world.write("rows", rows);
        let mut command = clones.world.command("git", &clones.folder("repo"));
        command.arg("mktree").stdin(std::fs::File::open(rows).expect("a file"));
        let tree = clones.world.run(command).ok();
        let words = ["commit-tree", "-m", "x", "-p", "refs/yoi/tickets", tree.trim()];
        let commit = clones.git("repo", &words).ok();
        clones.git("repo", &["update-ref", "refs/yoi/remotes/evil/tickets", commit.trim()]).ok();
        let told = clones.yoi("repo", &["list"]).err;
        assert!(told.starts_with("warning: tickets of 'evil' are not merged: "), "{told}");
        assert_eq!(clones.raw("repo", &id), raw);
        let doctor = clones.yoi("repo", &["doctor"]);
        assert!(doctor.out.contains("refused") && doctor.out.contains("1 error,"), "{doctor:?}");
    }
}
