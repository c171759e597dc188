//! Hosts that keep no refs but branches: `doctor --remote` tells them, and `yoi.remoteRef` and `yoi.ref` put
//! tickets on a branch there.

use std::fs;

use crate::plant::{REF, git_in, yoi_in};
use crate::setting_up::shared;
use crate::syncing::Two;
use crate::world::{World, gits};

const BRANCH: &str = "refs/heads/yoi/tickets";

/// A server that takes branches and tags only.
const ONLY_BRANCHES: &str = "case $1 in refs/heads/*|refs/tags/*) exit 0;; esac
echo 'only branches and tags here' >&2; exit 1";

fn refs(two: &Two, name: &str) -> Vec<String> {
    let all = two.git(name, &["for-each-ref", "--format=%(refname)"]).ok();
    all.lines().map(str::to_owned).collect()
}

/// A new remote without tickets that takes branches and tags only, and a repository with a ticket and code.
fn picky(git: &std::path::Path) -> Two {
    let two = Two { world: World::with_git(git) };
    git_in(&two.world, two.world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
    two.script("remote.git/hooks/update", ONLY_BRANCHES);
    two.git("repo", &["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    two.git("repo", &["remote", "add", "origin", "../remote.git"]).ok();
    two.git("repo", &["push", "-q", "-u", "origin", "main"]).ok();
    two.yoi("repo", &["init"]).ok();
    two.yoi("repo", &["create", "one"]).ok();
    two
}

#[test]
fn a_host_that_keeps_the_ref_is_told_by_a_probe_that_leaves_nothing() {
    for git in gits() {
        let two = Two::begin(&git);
        let before = refs(&two, "remote.git");
        let told = two.yoi("repo", &["doctor", "--remote"]);
        assert_eq!((told.code, told.err.as_str()), (0, ""), "{told:?}");
        let lines: Vec<&str> = told.out.lines().collect();
        assert!(
            lines[0].starts_with(&format!("'origin' keeps refs such as {REF}: refs/yoi/probe/")),
            "{told:?}"
        );
        assert!(lines[0].ends_with(" was pushed, read back and removed"), "{told:?}");
        assert_eq!(
            lines[1..],
            ["'origin' has the same tickets as this clone", "1 ticket checked: 0 errors, 0 warnings"]
        );
        assert_eq!(refs(&two, "remote.git"), before);
        let json = two.yoi("repo", &["doctor", "--remote=origin", "--json"]).ok();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            json["remotes"],
            serde_json::json!([{"name": "origin", "ref": REF, "keeps": true, "tickets": "same", "set_up": true}])
        );
        // A clone without tickets may ask before it has any.
        git_in(&two.world, two.world.root(), &["clone", "-q", "remote.git", "third"]).ok();
        let told = two.yoi("third", &["doctor", "--remote"]);
        assert!(told.out.contains("'origin' has tickets that are not here yet\n"), "{told:?}");
        assert_eq!((told.code, told.err.as_str()), (0, "hint: git yoi init origin\n"));
    }
}

#[test]
fn a_host_that_refuses_loses_or_keeps_what_it_should_not_is_told() {
    let two = picky(&gits()[0]);
    let told = two.yoi("repo", &["doctor", "--remote"]);
    assert_eq!(told.code, 1, "{told:?}");
    let why = "refused: hook declined; it says: only branches and tags here";
    assert!(told.out.starts_with("error: 'origin' does not take refs/yoi/probe/") && told.out.contains(why));
    assert!(told.out.contains("warning: 'origin' has no tickets on refs/yoi/tickets\n"), "{told:?}");
    let hint = format!("hint: git config remote.origin.yoiRef {BRANCH}, then git yoi init origin\n");
    assert!(told.err.starts_with(&hint), "{told:?}");
    let rows = two.yoi("repo", &["doctor", "--remote", "--porcelain"]);
    assert!(rows.out.starts_with("error\tremote_refuses\t"), "{rows:?}");
    // Taken, and dropped.
    two.script("remote.git/hooks/update", "exit 0");
    let drop = "git for-each-ref --format='delete %(refname)' refs/yoi | git update-ref --stdin";
    two.script("remote.git/hooks/post-receive", drop);
    let told = two.yoi("repo", &["doctor", "--remote", "--porcelain"]);
    assert!(told.code == 1 && told.out.starts_with("error\tremote_loses\t"), "{told:?}");
    // Kept for ever.
    fs::remove_file(two.folder("remote.git/hooks/post-receive")).unwrap();
    two.script("remote.git/hooks/update", "case $3 in *[!0]*) exit 0;; esac; echo 'refs stay' >&2; exit 1");
    let told = two.yoi("repo", &["doctor", "--remote", "--porcelain"]);
    assert!(told.code == 0 && told.out.contains("warning\tprobe_stays\t"), "{told:?}");
    assert!(told.out.contains("it says: refs stay"), "{told:?}");
    // Not there at all.
    two.git("repo", &["remote", "set-url", "origin", "../missing.git"]).ok();
    let told = two.yoi("repo", &["doctor", "--remote", "--porcelain"]);
    assert!(told.code == 1 && told.out.starts_with("error\tremote_unreachable\t"), "{told:?}");
    assert!(two.yoi("repo", &["doctor", "--remote=nowhere"]).fails(1).contains("no remote 'nowhere'"));
    two.git("repo", &["remote", "remove", "origin"]).ok();
    assert!(two.yoi("repo", &["doctor", "--remote"]).fails(128).contains("this repository has no remote"));
}

#[test]
fn what_init_set_up_and_others_took_away_is_told() {
    let two = Two::begin(&gits()[0]);
    let codes = || {
        let told = two.yoi("repo", &["doctor", "--remote", "--porcelain"]);
        told.ok().lines().map(|line| line.split('\t').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(codes().is_empty());
    two.yoi("repo", &["create", "two"]).ok();
    assert_eq!(codes(), ["not_sent"]);
    two.yoi("repo", &["sync"]).ok();
    two.yoi("repo", &["hooks", "uninstall"]).ok();
    assert_eq!(codes(), ["no_push_hook"]);
    two.git("repo", &["config", "--unset", "remote.origin.fetch", "yoi/tickets"]).ok();
    assert_eq!(codes(), ["no_push_hook", "no_refspec"]);
    two.yoi("repo", &["init"]).ok();
    let twice = "+refs/yoi/tickets*:refs/yoi/remotes/origin/tickets*";
    two.git("repo", &["config", "--add", "remote.origin.fetch", twice]).ok();
    assert_eq!(codes(), ["many_refspecs"]);
    two.git("repo", &["config", "remote.origin.yoi", "false"]).ok();
    assert_eq!(codes(), ["not_opted_in"]);
}

#[test]
fn a_guarded_server_lets_a_probe_in_and_nothing_that_only_looks_like_one() {
    let two = Two::begin(&gits()[0]);
    two.script(
        "remote.git/hooks/update",
        &format!("exec {} verify-push \"$@\"", env!("CARGO_BIN_EXE_git-yoi")),
    );
    let told = two.yoi("repo", &["doctor", "--remote"]);
    assert!(told.code == 0 && told.out.contains("pushed, read back and removed"), "{told:?}");
    let pushed = two.git("repo", &["push", "-q", "--no-verify", "origin", "HEAD:refs/yoi/probe/x"]);
    assert!(pushed.fails(1).contains("refs/yoi/probe/x is a ref of one clone"));
}

#[test]
fn tickets_on_a_branch_of_the_host_travel_like_others_and_clones_find_them_there() {
    for git in gits() {
        let two = picky(&git);
        two.git("repo", &["push", "-q"]).ok();
        assert_eq!(refs(&two, "remote.git"), ["refs/heads/main"]);
        two.git("repo", &["config", "yoi.remoteRef", BRANCH]).ok();
        let said = two.yoi("repo", &["init"]).ok();
        assert!(
            said.contains(&format!(
                "'origin': git fetch brings its tickets, git push sends them, on {BRANCH}\n"
            )),
            "{said}"
        );
        let fetch = two.git("repo", &["config", "--get-all", "remote.origin.fetch"]).ok();
        let ours = "+refs/heads/yoi/tickets*:refs/yoi/remotes/origin/tickets*";
        assert_eq!(fetch.lines().collect::<Vec<_>>(), ["+refs/heads/*:refs/remotes/origin/*", ours]);
        let pushed = two.git("repo", &["push", "-q"]);
        assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
        assert_eq!(refs(&two, "remote.git"), ["refs/heads/main", BRANCH]);
        let told = two.yoi("repo", &["doctor", "--remote"]);
        assert!(told.code == 0 && told.out.contains("refs/heads/yoi/probe/"), "{told:?}");
        assert_eq!(refs(&two, "remote.git"), ["refs/heads/main", BRANCH]);
        // A fresh clone knows nothing of the setting, and finds them.
        git_in(&two.world, two.world.root(), &["clone", "-q", "remote.git", "clone"]).ok();
        let said = two.yoi("clone", &["list"]).fails(128);
        assert!(said.ends_with("hint: git yoi init origin, which has tickets\n"), "{said}");
        two.yoi("clone", &["init"]).ok();
        assert_eq!(two.git("clone", &["config", "remote.origin.yoiRef"]).ok().trim_end(), BRANCH);
        two.yoi("clone", &["create", "two"]).ok();
        two.git("clone", &["commit", "-q", "--allow-empty", "-m", "more code"]).ok();
        two.git("clone", &["push", "-q"]).ok();
        two.git("repo", &["pull", "-q"]).ok();
        assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 2);
        two.yoi("repo", &["create", "three"]).ok();
        two.yoi("clone", &["create", "four"]).ok();
        two.yoi("repo", &["sync"]).ok();
        two.yoi("clone", &["sync"]).ok();
        two.yoi("repo", &["sync"]).ok();
        assert_eq!(two.tip("repo"), two.tip("clone"));
        assert_eq!(refs(&two, "remote.git"), ["refs/heads/main", BRANCH]);
        // Nothing of it is a branch here; what git itself fetched of the branch is.
        assert!(!refs(&two, "repo").iter().any(|name| name == BRANCH));
        two.yoi("clone", &["deinit"]).ok();
        let left = two.git("clone", &["config", "--local", "--list"]).ok();
        let own = |line: &&str| line.contains("yoi") && !line.starts_with("remote.origin.url");
        assert!(!left.lines().any(|line| own(&line)), "{left}");
    }
}

#[test]
fn tickets_that_moved_to_another_ref_of_the_remote_leave_no_refspec_behind() {
    let two = Two::begin(&gits()[0]);
    two.git("repo", &["config", "remote.origin.yoiRef", BRANCH]).ok();
    two.yoi("repo", &["init"]).ok();
    let fetch = two.git("repo", &["config", "--get-all", "remote.origin.fetch"]).ok();
    assert_eq!(fetch.lines().count(), 2, "{fetch}");
    two.git("repo", &["push", "-q"]).ok();
    assert_eq!(refs(&two, "remote.git"), ["refs/heads/main", BRANCH, REF]);
    two.git("repo", &["fetch", "-q"]).ok();
    two.git("repo", &["fetch", "-q", "--prune"]).ok();
    assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 1);
}

#[test]
fn the_ref_of_a_repository_can_be_a_branch_too() {
    for git in gits() {
        let two = Two::begin(&git);
        two.git("repo", &["config", "yoi.ref", BRANCH]).ok();
        // It begins with what there was.
        let said = two.yoi("repo", &["init"]).ok();
        assert!(said.starts_with(&format!("tickets are kept on {BRANCH} already (1 of them)\n")), "{said}");
        two.yoi("repo", &["create", "two"]).ok();
        two.yoi("repo", &["comment", "@{none}", "-m", "x"]).fails(1);
        two.git("repo", &["push", "-q"]).ok();
        assert_eq!(refs(&two, "remote.git"), ["refs/heads/main", BRANCH, REF]);
        let tip = |name: &str, reference: &str| two.git(name, &["rev-parse", reference]).ok();
        assert_eq!(tip("repo", BRANCH), tip("remote.git", BRANCH));
        assert_ne!(tip("repo", BRANCH), tip("repo", REF));
        two.git("repo", &["reflog", "exists", BRANCH]).ok();
        assert_eq!(two.yoi("repo", &["doctor"]).code, 0);
        // A push of all branches carries it without us.
        two.yoi("repo", &["create", "three"]).ok();
        let pushed = two.git("repo", &["push", "-q", "--all"]);
        assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
        assert_eq!(tip("repo", BRANCH), tip("remote.git", BRANCH));
        let said = two.yoi("repo", &["deinit"]).ok();
        assert!(said.ends_with(&format!("3 tickets stay on {BRANCH}\n")), "{said}");
    }
}

#[test]
fn a_guard_looks_at_the_branch_that_the_server_names() {
    let two = Two::begin(&gits()[0]);
    two.script(
        "remote.git/hooks/update",
        &format!("exec {} verify-push \"$@\"", env!("CARGO_BIN_EXE_git-yoi")),
    );
    two.git("remote.git", &["config", "yoi.ref", BRANCH]).ok();
    two.git("repo", &["config", "yoi.remoteRef", BRANCH]).ok();
    two.yoi("repo", &["init"]).ok();
    two.git("repo", &["push", "-q"]).ok();
    assert!(refs(&two, "remote.git").iter().any(|name| name == BRANCH));
    let pushed = two.git("repo", &["push", "-q", "--no-verify", "origin", &format!(":{BRANCH}")]);
    assert!(pushed.fails(1).contains(&format!("{BRANCH} is not deleted")));
    let pushed = two.git("repo", &["push", "-q", "--no-verify", "origin", &format!("{REF}~1:{REF}"), "-f"]);
    assert!(pushed.fails(1).contains(&format!("{BRANCH} alone is pushed")));
}

#[test]
fn a_ref_that_can_not_hold_tickets_is_refused_by_name() {
    let world = shared(&gits()[0]);
    for (key, value) in
        [("yoi.ref", "tickets"), ("yoi.remoteRef", "refs/tags/x"), ("yoi.ref", "refs/yoi/remotes/a")]
    {
        let setting = format!("{key}={value}");
        let said = git_in(&world, &world.repo(), &["-c", &setting, "yoi", "list"]).fails(128);
        assert!(said.contains(&format!("{key} is '{value}': ")), "{said}");
    }
    // A branch of code is never written to.
    let before = world.git(["rev-parse", "main"]).ok();
    for words in [["create", "x"].as_slice(), &["list"], &["init"]] {
        let words = [&["-c", "yoi.ref=refs/heads/main", "yoi"], words].concat();
        let said = git_in(&world, &world.repo(), &words).fails(128);
        assert!(said.contains("refs/heads/main holds no tickets: yoi.ref names it"), "{said}");
    }
    assert_eq!(world.git(["rev-parse", "main"]).ok(), before);
    // One remote whose setting is wrong takes no part; the others do.
    world.git(["config", "remote.origin.yoiRef", "nonsense"]).ok();
    let said = yoi_in(&world, &world.repo(), &["sync", "origin"]).fails(128);
    assert!(said.contains("remote.origin.yoiRef is 'nonsense'"), "{said}");
    world.git(["push", "-q"]).ok();
}
