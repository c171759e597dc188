//! Commands that are killed, each in a place of its own that is put back before every kill; and what must hold after it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::plant::{REF, git_in, yoi_in};
use crate::world::{Answer, World, gits};

/// A command that is going to be killed.
pub(crate) struct Scene {
    world: World,
    /// The folder it runs in, below the root of the world.
    folder: &'static str,
    /// Its words.
    words: Vec<String>,
    /// A ticket that is there before.
    id: String,
    /// What it says about itself when it has done its work; that must be there once then, and never twice.
    does: Box<dyn Fn(&Scene) -> usize>,
    /// Whether it may be done again after it was killed, and does what is left to do.
    is_repeated: bool,
    /// The ref before.
    before: String,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It was killed.
    Killed,
    /// It came to its end.
    Done,
}

/// The words of a command, as strings.
fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// How often a line of that kind is in a ticket's thread.
fn times(scene: &Scene, id: &str, line: &str) -> usize {
    let thread = yoi_in(&scene.world, &scene.folder(), &["show", id, "--raw"]).ok();
    thread.lines().filter(|found| found.contains(line)).count()
}

impl Scene {
    fn new(world: World, id: &str, command: &[&str], does: impl Fn(&Scene) -> usize + 'static) -> Self {
        let (id, does) = (id.to_owned(), Box::new(does));
        let mut scene = Scene {
            world,
            folder: "repo",
            words: words(command),
            id,
            does,
            is_repeated: true,
            before: String::new(),
        };
        scene.before = scene.tip();
        scene.keep();
        scene
    }

    /// A comment on a ticket.
    pub(crate) fn comment() -> Self {
        let world = World::with_git(&gits()[0]);
        let id = world.create("one");
        let of = id.clone();
        let does = move |scene: &Scene| times(scene, &of, "what is said");
        let mut scene = Scene::new(world, &id, &["comment", &id, "-m", "what is said"], does);
        scene.is_repeated = false;
        scene
    }

    /// The same through a linked worktree of a bare repository.
    pub(crate) fn comment_in_worktree() -> Self {
        let world = World::with_git(&gits()[0]);
        world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
        let id = world.create("one");
        fs::rename(world.repo().join(".git"), world.root().join("remote.git")).unwrap();
        fs::remove_dir_all(world.repo()).unwrap();
        let bare = world.root().join("remote.git");
        git_in(&world, &bare, &["config", "core.bare", "true"]).ok();
        git_in(&world, &bare, &["worktree", "add", "-q", "../repo", "-b", "linked"]).ok();
        let of = id.clone();
        let does = move |scene: &Scene| times(scene, &of, "what is said");
        let mut scene = Scene::new(world, &id, &["comment", &id, "-m", "what is said"], does);
        scene.is_repeated = false;
        scene
    }

    /// A move of a ticket where there is an index to be brought along.
    pub(crate) fn indexed_move() -> Self {
        let world = World::with_git(&gits()[0]);
        let id = world.create("one");
        world.yoi(["index", "--rebuild"]).ok();
        let of = id.clone();
        let does = move |scene: &Scene| times(scene, &of, "to: ready");
        Scene::new(world, &id, &["state", &id, "ready", "-m", "clear"], does)
    }

    /// Making the index.
    pub(crate) fn index() -> Self {
        let world = World::with_git(&gits()[0]);
        let id = world.create("one");
        for number in 0..5 {
            world.create(&format!("more {number}"));
        }
        let does = |scene: &Scene| {
            let said = scene.yoi(&["list", "--state", "all", "--porcelain"]).ok();
            assert_eq!(said.lines().count(), 6, "{said}");
            1
        };
        Scene::new(world, &id, &["index", "--rebuild"], does)
    }

    /// A search, which makes and brings along the index of texts.
    pub(crate) fn search() -> Self {
        let world = World::with_git(&gits()[0]);
        let id = world.create("one that is sought");
        world.yoi(["search", "sought"]).ok();
        world.yoi(["comment", &id, "-m", "late words"]).ok();
        let does = |scene: &Scene| {
            let said = scene.yoi(&["search", "late", "--porcelain"]).ok();
            assert!(said.contains(&scene.id), "{said}");
            1
        };
        Scene::new(world, &id, &["search", "late"], does)
    }

    /// An import of several tickets.
    pub(crate) fn import() -> Self {
        let world = World::with_git(&gits()[0]);
        let id = world.create("one");
        for number in 1..6 {
            let item = crate::fixture::item(&format!("number {number}"), "queued", "");
            crate::fixture::folder(&world, number, &item, crate::fixture::THREAD);
        }
        let does = |scene: &Scene| {
            let said = scene.yoi(&["list", "--state", "all", "--porcelain"]).ok();
            match said.lines().count() {
                1 => 0,
                6 => 1,
                other => panic!("half an import: {other} tickets"),
            }
        };
        Scene::new(world, &id, &["import", "yoi", "../from"], does)
    }

    /// Two people who both said something, and one who syncs.
    pub(crate) fn sync() -> Self {
        let world = crate::setting_up::shared(&gits()[0]);
        let id = world.create("one");
        world.yoi(["sync"]).ok();
        let clone = world.root().join("clone");
        yoi_in(&world, &clone, &["init"]).ok();
        yoi_in(&world, &clone, &["comment", &id, "-m", "said elsewhere"]).ok();
        yoi_in(&world, &clone, &["sync"]).ok();
        world.yoi(["comment", &id, "-m", "said here"]).ok();
        let of = id.clone();
        let does = move |scene: &Scene| {
            assert_eq!(times(scene, &of, "said here"), 1);
            times(scene, &of, "said elsewhere")
        };
        Scene::new(world, &id, &["sync"], does)
    }

    /// A start with a worktree, which the remote is asked about.
    pub(crate) fn start() -> Self {
        let world = crate::setting_up::shared(&gits()[0]);
        let id = world.yoi(["create", "one", "--state", "queued", "--porcelain"]).ok().trim_end().to_owned();
        world.yoi(["sync"]).ok();
        let of = id.clone();
        let does = move |scene: &Scene| times(scene, &of, "to: inprogress");
        Scene::new(world, &id, &["start", &id, "--worktree", "--actor", "agent"], does)
    }

    /// Finding what landed.
    pub(crate) fn land() -> Self {
        let world = World::with_git(&gits()[0]);
        world.write("repo/code.txt", "one\n");
        world.git(["add", "."]).ok();
        world.git(["commit", "-q", "-m", "code"]).ok();
        let id = world.yoi(["create", "one", "--state", "queued", "--porcelain"]).ok().trim_end().to_owned();
        world.yoi(["start", &id]).ok();
        world.write("repo/code.txt", "two\n");
        world.git(["commit", "-q", "-am", "work"]).ok();
        world.git(["switch", "-q", "main"]).ok();
        world.git(["merge", "-q", "--no-ff", "--no-edit", "-"]).ok();
        let of = id.clone();
        let does = move |scene: &Scene| times(scene, &of, "event: land");
        Scene::new(world, &id, &["land"], does)
    }

    /// Setting up a clone whose remote has tickets: settings, hooks, and the first fetch.
    pub(crate) fn init() -> Self {
        let world = crate::setting_up::shared(&gits()[0]);
        let id = world.create("one");
        world.yoi(["sync"]).ok();
        let does = |scene: &Scene| {
            let refspecs =
                git_in(&scene.world, &scene.folder(), &["config", "--get-all", "remote.origin.fetch"]);
            let ours = refspecs.out.lines().filter(|line| line.contains(REF)).count();
            let status = scene.yoi(&["hooks", "status", "--porcelain"]);
            if status.code == 0 { ours } else { 0 }
        };
        let mut scene = Scene::new(world, &id, &["init"], does);
        scene.folder = "clone";
        scene.before = String::new();
        scene
    }

    /// The folder that everything is in.
    pub(crate) fn root(&self) -> &Path {
        self.world.root()
    }

    fn folder(&self) -> PathBuf {
        self.world.root().join(self.folder)
    }

    fn yoi(&self, words: &[&str]) -> Answer {
        yoi_in(&self.world, &self.folder(), words)
    }

    fn git(&self, words: &[&str]) -> Answer {
        git_in(&self.world, &self.folder(), words)
    }

    fn tip(&self) -> String {
        self.git(&["for-each-ref", "--format=%(objectname)", REF]).ok().trim_end().to_owned()
    }

    fn copy(&self, from: &Path, to: &Path) {
        let mut command = self.world.command("cp", self.world.root());
        command.arg("-a").arg(from).arg(to);
        self.world.run(command).ok();
    }

    /// The folders that a command may change.
    fn places(&self) -> Vec<&'static str> {
        let places = ["repo", "clone", "remote.git", "from"];
        places.into_iter().filter(|place| self.world.root().join(place).exists()).collect()
    }

    fn keep(&self) {
        let kept = self.world.root().join("kept");
        fs::create_dir(&kept).unwrap();
        for place in self.places() {
            self.copy(&self.world.root().join(place), &kept.join(place));
        }
    }

    /// Puts everything back as it was before the command.
    pub(crate) fn put_back(&self) {
        for place in self.places() {
            fs::remove_dir_all(self.world.root().join(place)).unwrap();
        }
        for entry in fs::read_dir(self.world.root().join("kept")).unwrap() {
            let kept = entry.unwrap();
            self.copy(&kept.path(), &self.world.root().join(kept.file_name()));
        }
    }

    /// The program and its words.
    pub(crate) fn line(&self) -> Vec<String> {
        let mut line = vec![env!("CARGO_BIN_EXE_git-yoi").to_owned()];
        line.extend(self.words.iter().cloned());
        line
    }

    /// A program where the command runs.
    pub(crate) fn command(&self, program: &str) -> Command {
        self.world.command(program, &self.folder())
    }

    pub(crate) fn run(&self, command: Command) -> Answer {
        self.world.run(command)
    }

    /// What must hold however the command ended, `mine` if no other process than ours was killed.
    pub(crate) fn judge(&self, end: End, at: &str, is_mine: bool) {
        let tip = self.tip();
        let done = if tip == self.before && !self.before.is_empty() { 0 } else { (self.does)(self) };
        assert!(done <= 1, "{at}: done {done} times");
        assert!(end == End::Killed || (self.does)(self) == 1, "{at}: it came to its end and did nothing");
        self.goes_on(at, is_mine);
        if self.is_repeated {
            let again: Vec<&str> = self.words.iter().map(String::as_str).collect();
            let mut answer = without_locks(is_mine, || self.yoi(&again));
            if !is_mine && ["is not empty", "missing but locked"].iter().any(|why| answer.err.contains(why)) {
                // A git that was killed left half a worktree, which a person takes away.
                let path = answer.err.split('\'').nth(1).unwrap();
                self.git(&["worktree", "unlock", path]);
                drop(fs::remove_dir_all(path));
                self.git(&["worktree", "prune"]).ok();
                answer = self.yoi(&again);
            }
            // What is done already may be refused.
            assert!(answer.code == 0 || (answer.code == 2 && done == 1), "{at}: again: {answer:?}");
            assert_eq!((self.does)(self), 1, "{at}: after doing it again");
        }
        self.is_clean(at, is_mine);
    }

    /// The next command works, and says what it did once.
    fn goes_on(&self, at: &str, is_mine: bool) {
        let next = || match self.folder {
            // Not set up yet: that comes with doing it again.
            "clone" => self.yoi(&["hooks", "status"]),
            _ => self.yoi(&["comment", &self.id, "-m", "after it"]),
        };
        let answer = without_locks(is_mine, next);
        assert!(answer.code == 0 || self.folder == "clone", "{at}: the next command: {answer:?}");
        let known = |line: &str| {
            line.is_empty() || line.starts_with("warning: removed '") || !line.starts_with("warning")
        };
        assert!(answer.err.lines().all(known), "{at}: {answer:?}");
        if self.folder != "clone" {
            assert_eq!(times(self, &self.id, "after it"), 1, "{at}");
            self.has_events_once(at);
        }
    }

    /// Each line of the ref's log is one.
    fn has_whole_log(&self, at: &str) {
        let common = self.git(&["rev-parse", "--git-common-dir"]).ok();
        let log = self.folder().join(common.trim_end()).join("logs").join(REF);
        let text = fs::read_to_string(log).unwrap_or_default();
        let is_whole = |line: &str| {
            let (front, words) = line.split_once('\t').unwrap_or_default();
            front
                .split_once('<')
                .is_some_and(|(ids, _)| ids.split(' ').filter(|id| id.len() == 40).count() == 2)
                && !words.is_empty()
                && front.matches('>').count() == 1
        };
        assert!(text.is_empty() || text.ends_with('\n'), "{at}: {text}");
        assert!(text.lines().all(is_whole), "{at}: {text}");
    }

    fn has_events_once(&self, at: &str) {
        let lines = self.git(&["grep", "-h", "^<!-- event: ", REF, "--", "*.thread.md"]).ok();
        let mut found: BTreeMap<&str, usize> = BTreeMap::new();
        for id in lines.lines().filter_map(|line| line.split(" id: ").nth(1)) {
            *found.entry(id.split(' ').next().unwrap()).or_default() += 1;
        }
        assert!(found.values().all(|times| *times == 1), "{at}: {found:?}");
    }

    /// Nothing is damaged, and nothing lies about that isn't known.
    fn is_clean(&self, at: &str, is_mine: bool) {
        let told = self.yoi(&["doctor", "--json"]);
        let report: serde_json::Value =
            serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{at}: {told:?}"));
        // Imported tickets have other dates than their ids, and a git that was killed leaves its locks.
        let mut findings = report["findings"].as_array().unwrap().iter();
        let is_known =
            |code: &serde_json::Value| code == "created_at_mismatch" || (!is_mine && code == "stale_lock");
        assert!(findings.all(|finding| is_known(&finding["code"])), "{at}: {report}");
        self.git(&["fsck", "--strict", "--no-progress"]).ok();
        self.has_whole_log(at);
        for place in self.places().into_iter().filter(|place| *place != "from") {
            let mut left = Vec::new();
            gather(&self.world.root().join(place), &mut left);
            let is_junk = |path: &&PathBuf| {
                let name = path.file_name().unwrap().to_string_lossy();
                let is_lock = name.ends_with(".lock") && !path.parent().unwrap().ends_with("yoi");
                // A pack that never got its index goes with its mark when it is old.
                let is_half = path.with_extension("pack").exists() && !path.with_extension("idx").exists();
                let is_mark = name.ends_with(".keep") && !is_half;
                let is_passing = name.starts_with(".tmp") || name.starts_with("tmp_") || is_mark;
                (is_lock || is_passing || name.contains(".git-yoi-")) && is_mine
            };
            let junk: Vec<_> = left.iter().filter(is_junk).collect();
            assert!(junk.is_empty(), "{at}: {junk:?}");
        }
    }
}

/// A git that was killed leaves its lock, which a person takes away as they are told.
fn without_locks(is_mine: bool, run: impl Fn() -> Answer) -> Answer {
    let answer = run();
    let told = answer.err.split_once("a lock is in the way: '").map(|(_, rest)| rest.to_owned());
    let Some(lock) = told.filter(|_| !is_mine) else { return answer };
    assert!(
        lock.contains("of an unknown process; if no git is at work in this repository, remove that file"),
        "{lock}"
    );
    fs::remove_file(lock.split('\'').next().unwrap()).unwrap();
    without_locks(is_mine, run)
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            gather(&path, files);
        } else {
            files.push(path);
        }
    }
}
