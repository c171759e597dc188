//! Tickets that travel with ordinary pushes, and what becomes of the pushes when they can't.

mod command;
mod many;
mod ssh;
mod storm;
mod transports;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::plant::{REF, git_in, yoi_in};
use crate::world::{Answer, World, gits};

/// Two people and a remote: `repo` and `clone`, both set up with hooks, and `remote.git`.
pub(crate) struct Two {
    pub(crate) world: World,
}

impl Two {
    pub(crate) fn begin(git: &Path) -> Self {
        let world = crate::setting_up::shared(git);
        yoi_in(&world, &world.root().join("clone"), &["init"]).ok();
        Two { world }
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.world.root().join(name)
    }

    pub(crate) fn git(&self, name: &str, words: &[&str]) -> Answer {
        git_in(&self.world, &self.folder(name), words)
    }

    pub(crate) fn yoi(&self, name: &str, words: &[&str]) -> Answer {
        yoi_in(&self.world, &self.folder(name), words)
    }

    /// The tip of the tickets; nothing where there are none.
    pub(crate) fn tip(&self, name: &str) -> String {
        self.git(name, &["for-each-ref", "--format=%(objectname)", REF]).ok()
    }

    /// A new commit of code, and a new ticket.
    pub(crate) fn work(&self, name: &str, title: &str) {
        self.git(name, &["commit", "-q", "--allow-empty", "-m", title]).ok();
        self.yoi(name, &["create", title]).ok();
    }

    pub(crate) fn is_sent(&self, name: &str) -> bool {
        self.tip(name) == self.tip("remote.git")
    }

    /// Makes a script that can be run.
    pub(crate) fn script(&self, path: &str, text: &str) -> PathBuf {
        let file = self.world.write(path, format!("#!/bin/sh\n{text}\n"));
        git_in(&self.world, self.world.root(), &["--version"]).ok();
        let mut command = self.world.command("chmod", self.world.root());
        command.arg("+x").arg(&file);
        self.world.run(command).ok();
        file
    }
}

#[test]
fn a_push_carries_tickets_and_a_fetch_and_a_pull_bring_them() {
    for git in gits() {
        let two = Two::begin(&git);
        two.work("repo", "first");
        let pushed = two.git("repo", &["push", "-q"]);
        assert_eq!((pushed.code, pushed.out.as_str(), pushed.err.as_str()), (0, "", ""));
        assert!(two.is_sent("repo"));
        two.git("clone", &["pull", "-q"]).ok();
        assert_eq!(two.yoi("clone", &["list", "--porcelain"]).ok().lines().count(), 2);
        assert_eq!(two.tip("clone"), two.tip("repo"));
        // Only tickets are new: a push that has nothing else to do carries them, too.
        two.yoi("clone", &["create", "second"]).ok();
        two.git("clone", &["push", "-q"]).ok();
        assert!(two.is_sent("clone"));
        two.git("repo", &["fetch", "-q"]).ok();
        assert_eq!(two.yoi("repo", &["list"]).err, "tickets of 'origin' taken over\n");
    }
}

#[test]
fn a_push_with_nothing_new_asks_nobody() {
    for git in gits() {
        let two = Two::begin(&git);
        two.work("repo", "first");
        two.git("repo", &["push", "-q"]).ok();
        let traced = |words: &[&str]| {
            let mut command = two.world.command("git", &two.folder("repo"));
            let log = two.folder("trace");
            command.args(words).env("GIT_TRACE", &log);
            two.world.run(command).ok();
            let text = fs::read_to_string(&log).unwrap();
            fs::remove_file(log).unwrap();
            text.lines().filter(|line| line.contains("built-in: git push")).count()
        };
        assert_eq!(traced(&["push", "-q"]), 1);
        two.yoi("repo", &["create", "second"]).ok();
        assert_eq!(traced(&["push", "-q"]), 2);
    }
}

#[test]
fn a_remote_that_lost_its_tickets_unseen_is_noticed_once_a_day() {
    let two = Two::begin(&gits()[0]);
    two.work("repo", "first");
    two.git("repo", &["push", "-q"]).ok();
    two.git("remote.git", &["update-ref", "-d", REF]).ok();
    // It was met just now, so nobody asks.
    two.git("repo", &["push", "-q"]).ok();
    assert_eq!(two.tip("remote.git"), "");
    let memory = two.folder("repo/.git/yoi/remotes");
    let text = fs::read_to_string(&memory).unwrap();
    let is_met = |line: &&str| line.starts_with("met\torigin\t");
    assert_eq!(text.lines().filter(is_met).count(), 1, "{text}");
    fs::write(&memory, "met\torigin\t1700000000000\t\n").unwrap();
    let pushed = two.git("repo", &["push", "-q"]);
    assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
    assert!(two.is_sent("repo"));
    // One that only moved on is left to a fetch.
    two.git("clone", &["pull", "-q"]).ok();
    two.work("clone", "theirs");
    two.git("clone", &["push", "-q"]).ok();
    let there = two.tip("remote.git");
    fs::write(&memory, "met\torigin\t1700000000000\t\n").unwrap();
    two.git("repo", &["push", "-q", "origin", "HEAD:refs/heads/side"]).ok();
    assert_eq!(two.tip("remote.git"), there);
}

#[test]
fn tickets_of_others_are_merged_on_the_way_and_that_is_said() {
    for git in gits() {
        let two = Two::begin(&git);
        two.git("repo", &["config", "push.default", "nothing"]).ok();
        two.work("clone", "theirs");
        two.git("clone", &["push", "-q"]).ok();
        two.yoi("repo", &["create", "ours"]).ok();
        two.git("repo", &["branch", "-q", "side"]).ok();
        let head = fs::read_to_string(two.folder("repo/.git/FETCH_HEAD")).unwrap_or_default();
        let pushed = two.git("repo", &["push", "-q", "origin", "side"]);
        let told = "yoi: tickets sent to 'origin', merged with those it had\n";
        assert_eq!((pushed.code, pushed.err.as_str()), (0, told));
        assert_eq!(fs::read_to_string(two.folder("repo/.git/FETCH_HEAD")).unwrap_or_default(), head);
        assert!(two.is_sent("repo"));
        assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 3);
    }
}

#[test]
fn tickets_that_began_apart_unite_on_the_way() {
    for git in gits() {
        let two = Two::begin(&git);
        let clone = two.folder("clone");
        two.git("clone", &["update-ref", "-d", REF]).ok();
        two.git("clone", &["update-ref", "-d", "refs/yoi/remotes/origin/tickets"]).ok();
        fs::remove_dir_all(clone.join(".git/yoi")).unwrap();
        two.yoi("clone", &["create", "apart"]).ok();
        two.git("clone", &["push", "-q"]).ok();
        assert!(two.is_sent("clone"));
        assert_eq!(two.yoi("clone", &["list", "--porcelain"]).ok().lines().count(), 2);
    }
}

#[test]
fn nothing_is_sent_where_nobody_asked_for_it() {
    for git in gits() {
        let two = Two::begin(&git);
        two.work("repo", "first");
        let before = two.tip("remote.git");
        let path = two.folder("remote.git");
        let path = path.to_str().unwrap();
        let refused = |words: &[&str]| {
            let pushed = two.git("repo", words);
            assert_eq!((pushed.code, pushed.err.as_str()), (0, ""), "{words:?}");
            assert_eq!(two.tip("remote.git"), before, "{words:?}");
        };
        refused(&["push", "-q", "--dry-run"]);
        refused(&["push", "-q", "-n", "origin", "main"]);
        refused(&["push", "-q", "--no-verify"]);
        refused(&["push", "-q", ".", "HEAD:refs/heads/other"]);
        two.git("repo", &["remote", "add", "deploy", path]).ok();
        refused(&["push", "-q", "deploy", "main"]);
        refused(&["push", "-q", path, "main"]);
        two.git("repo", &["config", "remote.origin.yoi", "false"]).ok();
        refused(&["push", "-q"]);
        two.git("repo", &["config", "remote.origin.yoi", "true"]).ok();
        // By address, as far as it is that of a remote that takes part.
        two.git("repo", &["push", "-q", "../remote.git", "main"]).ok();
        assert!(two.is_sent("repo"));
        assert_eq!(two.git("repo", &["rev-parse", "refs/yoi/remotes/origin/tickets"]).ok(), two.tip("repo"));
    }
}

#[test]
fn whoever_pushes_the_ref_or_a_mirror_is_left_alone() {
    for git in gits() {
        let two = Two::begin(&git);
        two.work("repo", "first");
        let pushed = two.git("repo", &["push", "-q", "origin", "main", REF]);
        assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
        assert!(two.is_sent("repo"));
        two.work("repo", "second");
        two.git("repo", &["push", "-q", "--mirror", "origin"]).ok();
        assert!(two.is_sent("repo"));
        // A mirror without the ref takes it away; any clone brings it back.
        git_in(&two.world, two.world.root(), &["clone", "-q", "remote.git", "plain"]).ok();
        two.git("plain", &["push", "-q", "--mirror", "origin"]).ok();
        assert_eq!(two.tip("remote.git"), "");
        let said = two.yoi("clone", &["sync"]).ok();
        assert!(said.starts_with("'origin' had lost its tickets; everything here stays\n"), "{said}");
        two.git("repo", &["config", "remote.origin.mirror", "true"]).ok();
        two.yoi("repo", &["create", "third"]).ok();
        let tip = two.tip("remote.git");
        two.git("repo", &["push", "-q", "origin"]).ok();
        assert_ne!(two.tip("remote.git"), tip, "the mirror carried it");
    }
}

#[test]
fn a_force_push_forces_code_and_no_ticket() {
    for git in gits() {
        let two = Two::begin(&git);
        two.yoi("clone", &["create", "theirs"]).ok();
        two.git("clone", &["push", "-q"]).ok();
        two.git("repo", &["commit", "-q", "--amend", "--allow-empty", "-m", "other"]).ok();
        two.yoi("repo", &["create", "ours"]).ok();
        for force in ["--force", "--force-with-lease"] {
            two.git("repo", &["push", "-q", force]).ok();
            assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 3, "{force}");
            assert!(two.is_sent("repo"));
        }
    }
}

#[test]
fn a_remote_that_refuses_is_told_once_a_day_and_the_push_goes_on() {
    for git in gits() {
        let two = Two::begin(&git);
        two.script("remote.git/hooks/update", "case $1 in refs/yoi/*) echo no tickets here; exit 1;; esac");
        two.work("repo", "first");
        let pushed = two.git("repo", &["push", "-q"]);
        let told = "yoi: tickets not sent to 'origin' (refused: hook declined; it says: no tickets here); \
                    the push itself goes on; git yoi sync tries again\n";
        assert_eq!((pushed.code, pushed.err.as_str()), (0, told));
        two.work("repo", "second");
        let again = two.git("repo", &["push", "-q"]);
        assert_eq!((again.code, again.err.as_str()), (0, ""));
        assert_eq!(
            two.git("remote.git", &["rev-parse", "main"]).ok(),
            two.git("repo", &["rev-parse", "main"]).ok()
        );
        let said = two.yoi("repo", &["sync"]).fails(1);
        assert!(said.contains("error: 'origin': refused: hook declined"), "{said}");
        let said = two.yoi("repo", &["push", "--json"]).fails(1);
        assert_eq!(said, "");
        // A day later, and after something else went wrong, it is told again.
        let memory = two.folder("repo/.git/yoi/remotes");
        let text = fs::read_to_string(&memory).unwrap();
        let old: Vec<String> = text
            .lines()
            .map(|line| {
                line.split('\t')
                    .enumerate()
                    .map(|(at, field)| if at == 2 { "1" } else { field })
                    .collect::<Vec<_>>()
                    .join("\t")
                    + "\n"
            })
            .collect();
        fs::write(&memory, old.concat()).unwrap();
        two.work("repo", "third");
        assert_eq!(two.git("repo", &["push", "-q"]).err, told);
        fs::remove_file(two.folder("remote.git/hooks/update")).unwrap();
        two.git("repo", &["push", "-q"]).ok();
        assert!(two.is_sent("repo"));
        assert!(!fs::read_to_string(memory).unwrap().contains("refusal"));
    }
}

#[test]
fn hidden_refs_and_a_remote_that_is_not_there_stop_no_push() {
    for git in gits() {
        let two = Two::begin(&git);
        two.work("repo", "first");
        two.git("remote.git", &["config", "transfer.hideRefs", "refs/yoi"]).ok();
        let pushed = two.git("repo", &["push", "-q"]);
        assert!(pushed.code == 0 && pushed.err.contains("deny updating a hidden ref"), "{pushed:?}");
        // Offline git itself fails before the hook, and says what it always says.
        two.git("repo", &["remote", "set-url", "origin", "../missing.git"]).ok();
        let offline = two.git("repo", &["push", "-q"]);
        assert!(offline.code == 128 && !offline.err.contains("yoi:"), "{offline:?}");
        assert_eq!(two.yoi("repo", &["sync", "--json"]).code, 1);
    }
}

/// Nobody is left running: every process of the script has written its number down.
fn all_gone(two: &Two) {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(two.folder("running")).unwrap();
        let is_there = |id: &str| {
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        let left: Vec<&str> = text.lines().filter(|id| is_there(id)).collect();
        if left.is_empty() {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{left:?} still run");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_server_that_hangs_is_left_in_time_and_nobody_stays_behind() {
    for git in gits() {
        let two = Two::begin(&git);
        // Code goes through; whoever pushes from within a hook waits for ever.
        let running = two.folder("running");
        let pack = two.script(
            "receive",
            &format!(
                "if [ -n \"$YOI_IN_HOOK\" ]; then echo $$ >> '{}'; sleep 60 & echo $! >> '{0}'; wait; fi\nexec git-receive-pack \"$@\"",
                running.display()
            ),
        );
        two.git("repo", &["config", "remote.origin.receivepack", pack.to_str().unwrap()]).ok();
        two.git("repo", &["config", "yoi.pushTimeout", "0.4"]).ok();
        two.work("repo", "first");
        let began = Instant::now();
        let pushed = two.git("repo", &["push", "-q"]);
        assert!(pushed.code == 0 && pushed.err.contains("(no answer within 0.4 s)"), "{pushed:?}");
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert_eq!(
            two.git("remote.git", &["rev-parse", "main"]).ok(),
            two.git("repo", &["rev-parse", "main"]).ok()
        );
        all_gone(&two);
    }
}

#[test]
fn a_push_that_is_ended_takes_its_company_along() {
    let two = Two::begin(&gits()[0]);
    let running = two.folder("running");
    let pack = two.script(
        "receive",
        &format!(
            "if [ -n \"$YOI_IN_HOOK\" ]; then echo $$ >> '{}'; sleep 60; fi\nexec git-receive-pack \"$@\"",
            running.display()
        ),
    );
    two.git("repo", &["config", "remote.origin.receivepack", pack.to_str().unwrap()]).ok();
    two.git("repo", &["config", "yoi.pushTimeout", "30"]).ok();
    two.work("repo", "first");
    let mut command = two.world.command(env!("CARGO_BIN_EXE_git-yoi"), &two.folder("repo"));
    command.args(["hook", "pre-push", "origin", "../remote.git"]);
    let mut hook = command.spawn().unwrap();
    while fs::read_to_string(&running).unwrap_or_default().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    hook.kill().unwrap();
    hook.wait().unwrap();
    all_gone(&two);
}

#[test]
fn two_addresses_of_one_remote_both_get_the_tickets() {
    for git in gits() {
        let two = Two::begin(&git);
        git_in(&two.world, two.world.root(), &["init", "-q", "--bare", "second.git"]).ok();
        for url in ["../remote.git", "../second.git"] {
            two.git("repo", &["config", "--add", "remote.origin.pushurl", url]).ok();
        }
        two.work("repo", "first");
        let pushed = two.git("repo", &["push", "-q"]);
        assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
        assert_eq!(two.tip("second.git"), two.tip("remote.git"));
        assert!(two.is_sent("repo"));
    }
}

#[test]
fn a_remote_without_tickets_or_with_another_name_is_no_hindrance() {
    for git in gits() {
        let two = Two::begin(&git);
        two.git("remote.git", &["update-ref", "-d", REF]).ok();
        two.git("repo", &["fetch"]).ok();
        two.git("repo", &["pull", "-q"]).ok();
        two.git("repo", &["remote", "rename", "origin", "upstream"]).ok();
        two.work("repo", "first");
        let pushed = two.git("repo", &["push", "-q", "upstream", "main"]);
        assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
        assert!(two.is_sent("repo"));
        two.yoi("clone", &["create", "theirs"]).ok();
        two.yoi("clone", &["push"]).ok();
        two.git("repo", &["fetch", "-q"]).ok();
        two.yoi("repo", &["list"]).ok();
        assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 3);
    }
}

#[test]
fn hooks_that_somebody_else_replaced_stop_nothing_and_a_command_sends() {
    let two = Two::begin(&gits()[0]);
    two.git("repo", &["config", "core.hooksPath", ".husky/_"]).ok();
    two.work("repo", "first");
    two.git("repo", &["push", "-q"]).ok();
    if !two.is_sent("repo") {
        two.yoi("repo", &["push"]).ok();
    }
    assert!(two.is_sent("repo"));
}

#[test]
fn settings_of_the_push_around_it_do_not_leak_in() {
    for git in gits() {
        for (key, value) in [
            ("push.recurseSubmodules", "only"),
            ("push.followTags", "true"),
            ("push.gpgSign", "if-asked"),
            ("fetch.prune", "true"),
            ("remote.origin.tagOpt", "--tags"),
            ("push.useForceIfIncludes", "true"),
        ] {
            let two = Two::begin(&git);
            two.git("repo", &["config", key, value]).ok();
            two.git("repo", &["tag", "-a", "-m", "v1", "v1"]).ok();
            two.yoi("clone", &["create", "theirs"]).ok();
            two.git("clone", &["push", "-q"]).ok();
            two.yoi("repo", &["create", "ours"]).ok();
            two.git("repo", &["push", "-q", "--no-follow-tags", "origin", "main"]).ok();
            assert!(two.is_sent("repo"), "{key}");
            assert_eq!(two.git("remote.git", &["tag"]).ok(), "", "{key}");
        }
    }
}

#[test]
fn an_environment_that_names_the_repository_is_understood() {
    for git in gits() {
        let two = Two::begin(&git);
        two.yoi("clone", &["create", "theirs"]).ok();
        two.git("clone", &["push", "-q"]).ok();
        two.work("repo", "ours");
        let mut command = two.world.command("git", &two.folder("repo"));
        command.args(["push", "-q"]).env("GIT_DIR", ".git").env("GIT_WORK_TREE", ".");
        command.env("GIT_INDEX_FILE", ".git/index").env("GIT_REFLOG_ACTION", "odd").env("GIT_PREFIX", "x/");
        let pushed = two.world.run(command);
        assert_eq!(pushed.code, 0, "{pushed:?}");
        assert!(two.is_sent("repo"), "{pushed:?}");
        let mut command = two.world.command("git", &two.folder("repo"));
        command.args(["-c", "http.extraHeader=X: y", "push", "-q"]);
        two.yoi("repo", &["create", "more"]).ok();
        two.world.run(command).ok();
        assert!(two.is_sent("repo"));
    }
}

/// What a bare `git push` does at each value of push.default, on a branch whose upstream has another name.
#[test]
fn a_bare_push_behaves_the_same_with_and_without_us() {
    for git in gits() {
        for value in ["nothing", "current", "upstream", "simple", "matching"] {
            let outcome = |is_ours: bool| {
                let two = Two::begin(&git);
                if !is_ours {
                    two.yoi("repo", &["deinit"]).ok();
                }
                two.git("repo", &["switch", "-q", "-c", "feature", "--track", "origin/main"]).ok();
                two.git("repo", &["config", "push.default", value]).ok();
                two.work("repo", "first");
                let pushed = two.git("repo", &["push", "--porcelain"]);
                let branches = two
                    .git(
                        "remote.git",
                        &["for-each-ref", "--format=%(refname) %(subject)", "refs/heads", "refs/tags"],
                    )
                    .ok();
                let own: Vec<String> = pushed
                    .out
                    .lines()
                    .map(|line| {
                        line.split("..")
                            .next()
                            .unwrap_or_default()
                            .rsplit_once('\t')
                            .map_or(line, |(front, _)| front)
                            .to_owned()
                    })
                    .collect();
                (pushed.code, own, branches)
            };
            assert_eq!(outcome(true), outcome(false), "{value}");
        }
    }
}
