//! What is fetched is looked at before it becomes ours: bad commits are refused by name, good ones are not.

use crate::plant::{self, REF, git_in, path, tip, yoi_in};
use crate::world::{World, gits};

/// Where tickets fetched from a remote `x` are kept.
const FETCHED: &str = "refs/yoi/remotes/x/tickets";

/// A repository with a ticket of two events and artifacts.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) id: String,
    pub(crate) good: String,
}

impl Bench {
    pub(crate) fn new(git: &std::path::Path) -> Self {
        let world = World::with_git(git);
        world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
        world.yoi(["init", "--no-hooks"]).ok();
        let id = world.create("one");
        let other = world.create("two");
        world.yoi(["comment", &id, "-m", "said"]).ok();
        world.yoi(["relate", &id, "depends-on", &other]).ok();
        plant::file(&world, &path(&id, "/work.jsonl"), b"{\"at\":\"a\"}\n{\"at\":\"b\"}\n");
        plant::file(&world, "aliases", b"00001KVZKSV6A 01KVZKSTSR8Z0M5W3V9T4QHB6N 00001KVZKSV6B\n");
        let good = tip(&world);
        Bench { world, id, good }
    }

    pub(crate) fn thread(&self) -> String {
        plant::content(&self.world, &path(&self.id, ".thread.md"))
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        plant::file(&self.world, &path(&self.id, name), bytes);
    }

    pub(crate) fn entry(&self, mode: &str, at: &str) {
        let object = match mode {
            "160000" => self.good.clone(),
            _ => plant::blob(&self.world, b"format"),
        };
        plant::entries(&self.world, &[(mode, at, &object)]);
    }

    /// Commits the tree without what stands at a path.
    pub(crate) fn remove(&self, at: &str) {
        let (above, name) = at.rsplit_once('/').unwrap_or(("", at));
        let rows = self.world.git(["ls-tree", &format!("{REF}:{above}")]).ok();
        let kept: String = rows
            .lines()
            .filter(|row| !row.ends_with(&format!("\t{name}")))
            .map(|row| format!("{row}\n"))
            .collect();
        let tree = plant::tree(&self.world, &kept);
        plant::graft(&self.world, above, tree);
    }

    /// Commits the tree of a commit with these parents.
    pub(crate) fn merge(&self, tree_of: &str, parents: [&str; 2]) {
        let tree = format!("{tree_of}^{{tree}}");
        let words = ["commit-tree", &tree, "-m", "merge", "-p", parents[0], "-p", parents[1]];
        plant::point(&self.world, self.world.git(words).ok().trim_end());
    }

    /// Takes what stands on the ref for something that was fetched, puts the ref back, and gives what the next
    /// command says.
    fn fetched(&self) -> String {
        let theirs = tip(&self.world);
        plant::point(&self.world, &self.good);
        self.world.git(["update-ref", FETCHED, &theirs]).ok();
        let listed = self.world.yoi(["list"]);
        assert_eq!(listed.code, 0, "{listed:?}");
        listed.err
    }

    /// What was planted must be refused in these words.
    #[track_caller]
    fn refuses(&self, words: &str) {
        let theirs = tip(&self.world);
        let told = self.fetched();
        let start = "warning: tickets of 'x' are not merged: commit ";
        assert!(told.starts_with(start) && told.contains(words), "{words}: {told:?}");
        assert_eq!(tip(&self.world), self.good, "{words}");
        // Once is enough, and doctor still knows.
        assert_eq!(self.world.yoi(["list"]).err, "", "{words}");
        let doctor = self.world.yoi(["doctor"]);
        let said = format!("{}{}", doctor.out, doctor.err);
        assert!(doctor.code == 1 && said.contains("fetched tickets of 'x' are refused"), "{said}");
        let short = &theirs[..8];
        assert!(said.contains(words) && (told.contains(short) || words.contains("newer")), "{said}");
    }

    /// What was planted must be taken over.
    #[track_caller]
    fn takes(&self, what: &str) {
        let theirs = tip(&self.world);
        assert_eq!(self.fetched(), "tickets of 'x' taken over\n", "{what}");
        assert_eq!(tip(&self.world), theirs, "{what}");
        plant::point(&self.world, &self.good);
    }
}

#[test]
fn what_takes_something_away_is_refused_by_name() {
    for git in gits() {
        let bench = Bench::new(&git);
        let (id, thread) = (bench.id.clone(), bench.thread());
        let second = thread.match_indices("<!-- event").nth(1).unwrap().0;
        bench.put(".thread.md", &thread.as_bytes()[..second]);
        bench.refuses(&format!("{id}: the event "));
        bench.put(".thread.md", thread.replace("said", "not said").as_bytes());
        bench.refuses("comment is gone or changed");
        bench.put(".thread.md", b"\xff\xfe");
        bench.refuses(&format!("{id}: thread.md can't be read"));
        bench.put(".item.md", b"nothing");
        bench.refuses(&format!("{id}: item.md can't be read"));
        bench.put("/work.jsonl", b"{\"at\":\"b\"}\n");
        bench.refuses("a line of artifacts/work.jsonl is gone or changed");
        bench.put("/relations.json", b"[]");
        bench.refuses("artifacts/relations.json can't be read");
        bench.remove(&path(&id, ".item.md"));
        bench.refuses(&format!("{id}: '{}': is gone", path(&id, ".item.md")));
        bench.remove(&path(&id, ""));
        bench.refuses("is gone");
        bench.remove("tickets");
        bench.refuses("'tickets': is gone");
        plant::file(&bench.world, "aliases", b"");
        bench.refuses("the alias '00001KVZKSV6A");
        plant::file(&bench.world, "format", b"yoi-tickets 0\n");
        bench.refuses("format 0 is older");
    }
}

#[test]
fn what_may_not_stand_there_is_refused_by_name() {
    for git in gits() {
        let bench = Bench::new(&git);
        let id = bench.id.clone();
        for (mode, at, why) in [
            ("100644", "README.md".to_owned(), "nothing of tickets belongs there"),
            ("100644", "tickets/README.md".to_owned(), "nothing of tickets belongs there"),
            ("100644", path(&id, ".x").replace("tickets/", "other/"), "nothing of tickets belongs there"),
            ("120000", path(&id, "/link"), "its mode is 120000"),
            ("100755", path(&id, "/run"), "its mode is 100755"),
            ("160000", path(&id, "/module"), "its mode is 160000"),
            ("120000", path(&id, ".item.md"), "its mode is 120000"),
            ("100644", plant::elsewhere(&id, ".item.md"), "that is the folder of other tickets"),
            ("100644", path(&id, "/Work.jsonl"), "differs in case only"),
            ("100644", path(&id, "/a\\b"), "it is no plain name"),
        ] {
            bench.entry(mode, &at);
            bench.refuses(why);
        }
        for name in [".git", ".."] {
            let blob = plant::blob(&bench.world, b"x");
            let tree = plant::raw_tree(&bench.world, "100644", name, &blob);
            plant::graft(&bench.world, &path(&id, "/deep"), tree);
            bench.refuses(&format!("deep/{name}'"));
        }
    }
}

#[test]
fn what_is_too_large_or_of_the_future_is_refused_by_name() {
    let bench = Bench::new(&gits()[0]);
    let large = vec![0; git_yoi::model::limit::ARTIFACT + 1];
    bench.put("/large.bin", &large);
    bench.refuses("it has 67108865 bytes; at most 67108864 may be there");
    // A commit in between counts like the last one.
    plant::file(&bench.world, "format", b"yoi-tickets 2\n");
    plant::file(&bench.world, "format", b"yoi-tickets 1\n");
    bench.refuses("format 2 is newer than this program");
}

#[test]
fn a_merge_that_drops_what_one_side_said_is_refused_and_an_honest_one_is_not() {
    for git in gits() {
        let bench = Bench::new(&git);
        bench.world.yoi(["comment", &bench.id, "-m", "from one side"]).ok();
        let one = tip(&bench.world);
        plant::point(&bench.world, &bench.good);
        bench.world.yoi(["comment", &bench.id, "-m", "from the other"]).ok();
        let other = tip(&bench.world);
        bench.merge(&one, [&one, &other]);
        bench.refuses("comment is gone or changed");
        // Words and name of git-yoi make no merge of git-yoi.
        let mut command = bench.world.command("git", &bench.world.repo());
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "git-yoi");
            command.env(format!("GIT_{role}_EMAIL"), "git-yoi@localhost");
        }
        let tree = format!("{one}^{{tree}}");
        command.args(["commit-tree", &tree, "-m", "merge a b", "-p", &one, "-p", &other]);
        plant::point(&bench.world, bench.world.run(command).ok().trim_end());
        bench.refuses("comment is gone or changed");
        plant::point(&bench.world, &one);
        bench.world.git(["update-ref", FETCHED, &other]).ok();
        bench.world.yoi(["list"]).ok();
        let merged = tip(&bench.world);
        bench.takes("the merge that git-yoi makes");
        // By hand, in the words of somebody else, and complete.
        bench.merge(&merged, [&one, &other]);
        bench.takes("a merge by hand");
    }
}

#[test]
fn a_merge_that_moves_a_ticket_is_made_again_and_believed() {
    for git in gits() {
        let bench = Bench::new(&git);
        let id = plant::id(7);
        plant::import(&bench.world, &[(&id, "one of two")]);
        let one = tip(&bench.world);
        plant::point(&bench.world, &bench.good);
        plant::folder(&bench.world, "again", &id, "two of two");
        let thread = bench.world.root().join(format!("again/{id}/thread.md"));
        let text = std::fs::read_to_string(&thread).unwrap().replace("2026-01-02", "2026-01-03");
        std::fs::write(&thread, text).unwrap();
        bench.world.yoi(["import", "yoi", "../again"]).ok();
        bench.world.git(["update-ref", FETCHED, &one]).ok();
        let told = bench.world.yoi(["list"]).err;
        assert!(told.contains("tickets of 'x' merged"), "{told}");
        assert_eq!(bench.world.yoi(["list", "--state", "all", "--porcelain"]).ok().lines().count(), 4);
        bench.takes("a merge that moved a ticket");
    }
}

#[test]
fn what_people_do_is_taken_over() {
    let bench = Bench::new(&gits()[0]);
    let world = &bench.world;
    let id = bench.id.as_str();
    for words in [
        ["edit", id, "--title", "another title", "--add-label", "x", "-m", "another body"].as_slice(),
        &["state", id, "ready", "-m", "clear"],
        &["close", id, "-m", "over"],
        &["reopen", id, "-m", "not over"],
        &["create", "three", "-m", "body"],
        &["--actor", "an agent", "comment", id, "-m", "said by an agent"],
    ] {
        world.yoi(words).ok();
    }
    let file = world.write("shot.bin", b"\0\x01");
    world.yoi(["artifact", "add", id, file.to_str().unwrap()]).ok();
    world.write("shot.bin", b"\0\x02");
    world.yoi(["artifact", "add", id, file.to_str().unwrap(), "--replace"]).ok();
    plant::import(world, &[(&plant::id(9), "imported")]);
    bench.takes("a day of work");
    // Fields without an event, as an older tool would write them.
    let item = plant::content(world, &path(id, ".item.md")).replace("title: 'one'", "title: 'ONE'");
    bench.put(".item.md", item.as_bytes());
    bench.takes("a field");
}

#[test]
fn a_remote_that_was_put_back_is_no_fault_and_loses_us_nothing() {
    let bench = Bench::new(&gits()[0]);
    let world = &bench.world;
    let before = world.git(["rev-parse", &format!("{REF}~4")]).ok();
    plant::point(world, before.trim());
    world.yoi(["comment", &bench.id, "-m", "on an older version"]).ok();
    assert_eq!(bench.fetched(), "tickets of 'x' merged\n");
    let raw = world.yoi(["show", &bench.id, "--raw"]).ok();
    assert!(raw.contains("\nsaid\n") && raw.contains("on an older version"), "{raw}");
    world.git(["update-ref", FETCHED, before.trim()]).ok();
    assert_eq!(world.yoi(["list"]).err, "");
}

#[test]
fn a_clone_that_joins_looks_at_the_whole_version() {
    let bench = Bench::new(&gits()[0]);
    let world = &bench.world;
    bench.entry("120000", &path(&bench.id, "/link"));
    let folder = world.root().join("joiner");
    git_in(world, world.root(), &["init", "-q", "joiner"]).ok();
    let spec = format!("+{REF}:{FETCHED}");
    let from = world.repo();
    git_in(world, &folder, &["fetch", "-q", from.to_str().unwrap(), &spec]).ok();
    let told = yoi_in(world, &folder, &["list"]);
    assert!(told.err.contains("its mode is 120000"), "{told:?}");
    let refs = git_in(world, &folder, &["for-each-ref", REF]).ok();
    assert_eq!(refs, "");
}
