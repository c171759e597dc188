//! The guard of a server: a real push into a bare repository whose hook calls the program.

use std::path::{Path, PathBuf};

use crate::plant::{self, REF, path, tip};
use crate::verifying::Bench;
use crate::world::{Answer, World, gits};

/// A clone, and a server with a guard.
struct Guarded {
    bench: Bench,
    server: PathBuf,
}

impl Guarded {
    fn new(git: &Path, hook: &str, options: &str) -> Self {
        let bench = Bench::new(git);
        let server = bench.world.root().join("server.git");
        bench.world.git(["init", "-q", "--bare", server.to_str().unwrap()]).ok();
        let guarded = Guarded { bench, server };
        guarded.guard(hook, options);
        guarded.push(REF).ok();
        guarded
    }

    fn guard(&self, hook: &str, options: &str) {
        guard(&self.server, hook, options);
    }

    fn push(&self, spec: &str) -> Answer {
        self.bench.world.git(["push", self.server.to_str().unwrap(), spec])
    }

    fn tip(&self) -> String {
        let mut command = self.bench.world.command("git", &self.server);
        command.args(["for-each-ref", "--format=%(objectname)", REF]);
        self.bench.world.run(command).ok().trim_end().to_owned()
    }

    /// What was planted is refused in these words, and the clone goes back.
    #[track_caller]
    fn refuses(&self, words: &str) {
        let said = self.push(REF).fails(1);
        assert!(said.contains("yoi: tickets are refused: ") && said.contains(words), "{words}: {said}");
        assert_eq!(self.tip(), self.bench.good, "{words}");
        plant::point(&self.bench.world, &self.bench.good);
    }

    /// What was planted is taken.
    #[track_caller]
    fn takes(&mut self, what: &str) {
        let answer = self.push(REF);
        assert_eq!(answer.code, 0, "{what}: {answer:?}");
        self.bench.good = tip(&self.bench.world);
        assert_eq!(self.tip(), self.bench.good, "{what}");
        assert!(!self.server.join("yoi").exists(), "something was left behind");
    }

    /// Commits the tree of the ref again, on the good tip, under another name.
    fn by(&self, name: &str, mail: &str) {
        let world = &self.bench.world;
        let mut command = world.command("git", &world.repo());
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), mail);
        }
        let tree = format!("{REF}^{{tree}}");
        command.args(["commit-tree", &tree, "-m", "forged", "-p", &self.bench.good]);
        plant::point(world, world.run(command).ok().trim_end());
    }
}

/// Installs the two lines of docs/server.md.
pub(crate) fn guard(server: &Path, hook: &str, options: &str) {
    let file = server.join("hooks").join(hook);
    std::fs::write(&file, format!("#!/bin/sh\nexec git-yoi verify-push {options} \"$@\"\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Both hooks, with every git.
fn guards() -> Vec<(PathBuf, &'static str)> {
    gits().into_iter().flat_map(|git| ["update", "pre-receive"].map(|hook| (git.clone(), hook))).collect()
}

#[test]
fn what_takes_something_away_is_not_let_in() {
    for (git, hook) in guards() {
        let guarded = Guarded::new(&git, hook, "");
        let bench = &guarded.bench;
        let thread = bench.thread();
        let second = thread.match_indices("<!-- event").nth(1).unwrap().0;
        bench.put(".thread.md", &thread.as_bytes()[..second]);
        guarded.refuses("the event ");
        bench.put(".thread.md", thread.replace("said", "not said").as_bytes());
        guarded.refuses("comment is gone or changed");
        bench.remove(&path(&bench.id, ".item.md"));
        guarded.refuses("is gone");
        bench.remove("tickets");
        guarded.refuses("is gone");
        plant::point(&bench.world, &format!("{}~1", bench.good));
        bench.world.yoi(["comment", &bench.id, "-m", "on an older version"]).ok();
        let said = guarded.push(&format!("+{REF}")).fails(1);
        assert!(said.contains("it lacks tickets that are here"), "{said}");
        let said = guarded.push(&format!(":{REF}")).fails(1);
        assert!(said.contains("refs/yoi/tickets is not deleted"), "{said}");
        assert_eq!(guarded.tip(), bench.good);
    }
}

#[test]
fn what_may_not_stand_there_is_not_let_in() {
    for (git, hook) in guards() {
        let guarded = Guarded::new(&git, hook, "");
        let bench = &guarded.bench;
        for (mode, at, why) in [
            ("100644", "README.md".to_owned(), "nothing of tickets belongs there"),
            ("120000", path(&bench.id, "/link"), "its mode is 120000"),
            ("100755", path(&bench.id, "/run"), "its mode is 100755"),
            ("160000", path(&bench.id, "/module"), "its mode is 160000"),
            ("100644", plant::elsewhere(&bench.id, ".item.md"), "that is the folder of other tickets"),
        ] {
            bench.entry(mode, &at);
            guarded.refuses(why);
        }
        plant::file(&bench.world, "format", b"yoi-tickets 2\n");
        guarded.refuses("format 2 is newer than this program");
        // A ticket of one file.
        plant::file(&bench.world, &path(&plant::id(3), "/a.md"), b"x");
        guarded.refuses("item.md or thread.md is missing");
        for (spec, why) in [
            (format!("{REF}:refs/yoi/remotes/x/tickets"), "is a ref of one clone"),
            (format!("{REF}^{{tree}}:{REF}"), "would point at no commit"),
        ] {
            let said = guarded.push(&format!("+{spec}")).fails(1);
            assert!(said.contains(why), "{said}");
        }
        assert_eq!(guarded.tip(), bench.good);
    }
}

#[test]
fn what_is_too_large_or_too_much_is_not_let_in() {
    let guarded = Guarded::new(&gits()[0], "pre-receive", "--most 100");
    let bench = &guarded.bench;
    bench.put("/large.bin", &vec![0; git_yoi::model::limit::ARTIFACT + 1]);
    guarded.refuses("at most 67108864 may be there");
    guarded.guard("pre-receive", "--most 2");
    for _ in 0..3 {
        bench.world.yoi(["comment", &bench.id, "-m", "more"]).ok();
    }
    guarded.refuses("more than 2 commits at once");
}

#[test]
fn events_and_merges_of_others_are_not_forged() {
    for (git, hook) in guards() {
        let guarded = Guarded::new(&git, hook, "");
        let bench = &guarded.bench;
        let world = &bench.world;
        world.yoi(["comment", &bench.id, "-m", "words of Tess"]).ok();
        guarded.by("Bob", "bob@example.org");
        guarded.refuses("is by 'Tess Ter', and the commit by 'Bob'");
        world.yoi(["comment", &bench.id, "-m", "words of Tess"]).ok();
        guarded.by("git-yoi", "git-yoi@localhost");
        guarded.refuses("an event 'comment' like this is not derived");
        // Nobody made such a claim: the id doesn't follow from it.
        let event = "\n<!-- event: claim author: git-yoi at: 2026-01-02T03:04:05Z id: 01KDYP4VPRFZGTYYAHQ3J31113 \
                     of: 01KDYP4VPRFZGTYYAHQ3J31112 -->\n\n## Claim\n\nx\n\n---\n";
        bench.put(".thread.md", format!("{}{event}", bench.thread()).as_bytes());
        guarded.by("git-yoi", "git-yoi@localhost");
        guarded.refuses("an event 'claim' like this is not derived");
        world.yoi(["edit", &bench.id, "--title", "another"]).ok();
        let item = plant::content(world, &path(&bench.id, ".item.md"));
        plant::point(world, &bench.good);
        bench.put(".item.md", item.as_bytes());
        guarded.by("git-yoi", "git-yoi@localhost");
        guarded.refuses("git-yoi derives no other fields");
        guarded.by("git-yoi", "tess@example.org");
        guarded.refuses("git-yoi is nobody's name");
        let event = "\n<!-- event: comment author: \"Tess Ter\" at: 2026-01-02T03:04:05Z -->\n\nx\n\n---\n";
        bench.put(".thread.md", format!("{}{event}", bench.thread()).as_bytes());
        guarded.refuses("has no id");
        world.yoi(["comment", &bench.id, "-m", "from one side"]).ok();
        let one = tip(world);
        plant::point(world, &bench.good);
        world.yoi(["comment", &bench.id, "-m", "from the other"]).ok();
        let other = tip(world);
        bench.merge(&one, [&one, &other]);
        guarded.refuses("comment is gone or changed");
        // What no guard looked at when it came under another name is looked at now.
        bench.put(".thread.md", b"");
        guarded.push(&format!("{REF}:refs/heads/smuggled")).ok();
        guarded.refuses("is gone or changed");
    }
}

#[test]
fn what_people_do_is_let_in() {
    for (git, hook) in guards() {
        let mut guarded = Guarded::new(&git, hook, "");
        let id = guarded.bench.id.clone();
        let yoi = |guarded: &Guarded, words: &[&str]| guarded.bench.world.yoi(words).ok();
        for words in [
            ["edit", &id, "--title", "another title", "--add-label", "x", "-m", "another body"].as_slice(),
            &["state", &id, "ready", "-m", "clear"],
            &["--actor", "an agent.", "comment", &id, "-m", "said by an agent"],
            &["create", "three", "-m", "body"],
            &["close", &id, "-m", "over"],
            &["reopen", &id, "-m", "not over"],
        ] {
            yoi(&guarded, words);
        }
        guarded.takes("a day of work");
        guarded.push("HEAD:refs/heads/main").ok();
        // Two sides that are merged.
        let before = tip(&guarded.bench.world);
        yoi(&guarded, &["comment", &id, "-m", "from one side"]);
        let one = tip(&guarded.bench.world);
        plant::point(&guarded.bench.world, &before);
        yoi(&guarded, &["edit", &id, "-m", "the body from the other"]);
        guarded.bench.world.git(["update-ref", "refs/yoi/remotes/x/tickets", &one]).ok();
        yoi(&guarded, &["list"]);
        guarded.takes("a merge by git-yoi");
        // A landing.
        let ready = guarded.bench.world.create("to do");
        yoi(&guarded, &["state", &ready, "ready", "-m", "clear"]);
        yoi(&guarded, &["queue", &ready]);
        let message = format!("work\n\nCloses: {ready}");
        guarded.bench.world.git(["commit", "-q", "--allow-empty", "-m", &message]).ok();
        let told = yoi(&guarded, &["land"]);
        assert!(told.contains(&ready), "{told}");
        guarded.takes("a landing");
    }
}

#[test]
fn imports_are_let_in_where_the_server_says_so() {
    for (git, hook) in guards() {
        let mut guarded = Guarded::new(&git, hook, "");
        let (first, second) = (plant::id(1), plant::id(2));
        plant::import(&guarded.bench.world, &[(&first, "of others"), (&second, "also")]);
        let imported = tip(&guarded.bench.world);
        guarded.refuses("--allow-import lets tickets of others in");
        guarded.guard(hook, "--allow-import");
        plant::point(&guarded.bench.world, &imported);
        guarded.takes("an import");
        let bench = &guarded.bench;
        bench.world.yoi(["comment", &first, "-m", "words of Tess"]).ok();
        guarded.by("Bob", "bob@example.org");
        guarded.refuses("is by 'Tess Ter', and the commit by 'Bob'");
    }
}

/// Makes an ssh key; nothing where there is no ssh-keygen, which is said in a line.
pub(crate) fn ssh_key(world: &World, name: &str) -> Option<(String, String)> {
    let file = world.root().join(name);
    let mut command = world.command("ssh-keygen", world.root());
    command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file.to_str().unwrap()]);
    let Ok(output) = command.output() else {
        plant::say("skipped: signatures: no ssh-keygen");
        return None;
    };
    assert!(output.status.success(), "{output:?}");
    let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
    Some((file.to_str().unwrap().to_owned(), public))
}

#[test]
fn a_server_that_wants_signatures_takes_the_authors_only() {
    for (git, hook) in guards() {
        let mut guarded = Guarded::new(&git, hook, "");
        let Some((ours, public)) = ssh_key(&guarded.bench.world, "ours") else { return };
        let Some((theirs, other)) = ssh_key(&guarded.bench.world, "theirs") else { return };
        let Some((nobodys, _)) = ssh_key(&guarded.bench.world, "nobodys") else { return };
        let signers = format!("tess@example.org {public}bob@example.org {other}");
        let signers = guarded.bench.world.write("signers", signers);
        guarded.guard(hook, &format!("--require-signed --allowed-signers {}", signers.display()));
        // The pusher's own settings and files count for nothing.
        guarded.bench.world.git(["config", "gpg.ssh.allowedSignersFile", "/dev/null"]).ok();
        let world = &guarded.bench.world;
        let signed = |key: &str| {
            world.yoi(["comment", &guarded.bench.id, "-m", "words"]).ok();
            let tree = format!("{REF}^{{tree}}");
            let (format, key) = ("gpg.format=ssh", format!("user.signingKey={key}"));
            let words = ["-c", format, "-c", &key, "commit-tree", "-S", &tree, "-m", "x", "-p"];
            let made = world.git(words.into_iter().chain([guarded.bench.good.as_str()])).ok();
            plant::point(world, made.trim_end());
        };
        world.yoi(["comment", &guarded.bench.id, "-m", "words"]).ok();
        guarded.refuses("it is not signed");
        signed(&theirs);
        guarded.refuses("bob@example.org signed what tess@example.org is the author of");
        signed(&nobodys);
        guarded.refuses("a key that is not known here");
        signed(&ours);
        guarded.takes("what its author signed");
        // The server's own configuration will do.
        guarded.guard(hook, "--require-signed");
        let world = &guarded.bench.world;
        let mut command = world.command("git", &guarded.server);
        command.args(["config", "gpg.ssh.allowedSignersFile", signers.to_str().unwrap()]);
        world.run(command).ok();
        world.yoi(["comment", &guarded.bench.id, "-m", "unsigned"]).ok();
        guarded.refuses("it is not signed");
        // And the program signs by itself.
        let world = &guarded.bench.world;
        for (key, value) in [("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("user.signingKey", &ours)] {
            world.git(["config", key, value]).ok();
        }
        world.yoi(["comment", &guarded.bench.id, "-m", "signed"]).ok();
        world.yoi(["--actor", "an agent", "comment", &guarded.bench.id, "-m", "signed too"]).ok();
        guarded.takes("what the program signed");
    }
}
