//! Starting tickets: branch, worktree, plan and claim together or not at all; giving back; done and clean.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::fixture::{kinds, last, shown, text, tip};
use crate::plant::{git_in, say, yoi_in};
use crate::world::{World, gits};

/// A repository with a commit and a queued ticket.
fn begin(git: &Path) -> (World, String) {
    let world = World::with_git(git);
    world.write("repo/code.txt", "one\n");
    world.git(["add", "."]).ok();
    world.git(["commit", "-q", "-m", "code"]).ok();
    let id = queued(&world, "Backend: RuntimeRegistry を整理する");
    (world, id)
}

fn queued(world: &World, title: &str) -> String {
    world.yoi(["create", title, "--state", "queued", "--porcelain"]).ok().trim_end().to_owned()
}

/// The records of a ticket's plan.
fn plan(world: &World, id: &str) -> Vec<Value> {
    let path =
        format!("refs/yoi/tickets:tickets/{}/{}/{id}/orchestration-plan.jsonl", &id[11..12], &id[12..]);
    let text = world.git(["cat-file", "blob", &path]);
    text.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn branches(world: &World) -> String {
    world.git(["for-each-ref", "--format=%(refname:short)", "refs/heads"]).ok()
}

fn worktrees(world: &World) -> usize {
    world.git(["worktree", "list"]).ok().lines().count()
}

#[test]
fn a_start_makes_branch_worktree_plan_and_claim_in_one_commit() {
    for git in gits() {
        let (world, id) = begin(&git);
        let before = crate::fixture::commits(&world);
        let said = world.yoi(["start", &id, "--worktree", "--actor", "yoi-coder"]).ok();
        let name = format!("{id}-backend-runtimeregistry");
        assert!(said.contains(&format!("branch work/{name}, new")), "{said}");
        assert_eq!(crate::fixture::commits(&world), before + 1);
        let folder = world.repo().join(".worktree").join(&name);
        assert_eq!(git_in(&world, &folder, &["branch", "--show-current"]).ok(), format!("work/{name}\n"));
        assert_eq!(world.git(["status", "--porcelain"]).ok(), "");
        assert_eq!(world.git(["branch", "--show-current"]).ok(), "main\n");
        let ticket = shown(&world, &id);
        assert_eq!((text(&ticket["state"]), text(&ticket["assignee"])), ("inprogress", "yoi-coder"));
        assert_eq!(kinds(&ticket), ["create", "state_changed"]);
        assert_eq!(text(&last(&ticket)["attributes"]["assignee"]), "yoi-coder");
        let plan = plan(&world, &id);
        assert_eq!(plan.len(), 1);
        assert_eq!(text(&plan[0]["accepted_plan"]["branch"]), format!("work/{name}"));
        assert_eq!(text(&plan[0]["accepted_plan"]["worktree"]), format!(".worktree/{name}"));
        // A commit there is the ticket's.
        git_in(&world, &folder, &["commit", "-q", "--allow-empty", "-m", "work"]).ok();
        let message = git_in(&world, &folder, &["log", "-1", "--format=%B"]).ok();
        assert!(!message.contains("Ticket:"), "no hooks are installed here: {message}");
        world.yoi(["init"]).ok();
        git_in(&world, &folder, &["commit", "-q", "--allow-empty", "-m", "more"]).ok();
        let message = git_in(&world, &folder, &["log", "-1", "--format=%B"]).ok();
        assert!(message.contains(&format!("Ticket: {id}")), "{message}");
    }
}

#[test]
fn a_start_without_a_worktree_switches_here_and_keeps_what_is_not_committed() {
    for git in gits() {
        let (world, id) = begin(&git);
        world.write("repo/code.txt", "changed\n");
        fs::create_dir(world.repo().join("sub")).unwrap();
        yoi_in(&world, &world.repo().join("sub"), &["start", &id, "--slug", "registry"]).ok();
        assert_eq!(world.git(["branch", "--show-current"]).ok(), format!("work/{id}-registry\n"));
        assert_eq!(world.git(["status", "--porcelain"]).ok(), " M code.txt\n");
        assert_eq!(text(&shown(&world, "@")["state"]), "inprogress");
    }
}

#[test]
fn a_ticket_that_can_not_start_gets_no_branch() {
    let (world, id) = begin(&gits()[0]);
    let other = world.create("must be first");
    world.yoi(["relate", &id, "depends-on", &other]).ok();
    let tickets = tip(&world);
    for words in [["--worktree"].as_slice(), &[], &["--no-branch"]] {
        let said = world.yoi([["start", &id].as_slice(), words].concat()).fails(2);
        assert!(said.contains(&format!("{other} via depends_on")), "{said}");
    }
    let said = world.yoi(["start", &other, "--worktree"]).fails(2);
    assert!(said.contains("is planning"), "{said}");
    assert_eq!((branches(&world), worktrees(&world), tip(&world)), ("main\n".to_owned(), 1, tickets));
    assert!(!world.repo().join(".worktree").exists());
}

#[test]
fn tickets_that_the_plan_keeps_apart_do_not_start_beside_each_other() {
    let (world, id) = begin(&gits()[0]);
    let other = queued(&world, "touches the same");
    world.yoi(["start", &other, "--no-branch"]).ok();
    let record = format!(
        "{{\"id\":\"orch-plan-20260613-141646-1\",\"ticket_id\":\"{other}\",\"kind\":\"conflicts_with\",\"related_ticket\":\"{id}\",\"author\":\"o\",\"at\":\"2026-06-13T14:16:46Z\"}}\n"
    );
    crate::fixture::put(&world, &other, "artifacts/orchestration-plan.jsonl", &record);
    let said = world.yoi(["start", &id, "--worktree"]).fails(2);
    assert!(said.contains(&format!("conflicts_with {other}")), "{said}");
    assert_eq!(branches(&world), "main\n");
    world.yoi(["release", &other, "-m", "later"]).ok();
    world.yoi(["start", &id, "--worktree"]).ok();
}

#[test]
fn what_was_made_goes_away_when_a_part_fails_and_what_was_there_stays() {
    for git in gits() {
        let (world, id) = begin(&git);
        // The tickets can't be written while their lock is there.
        let lock = world.write("repo/.git/refs/yoi/tickets.lock", "");
        for words in [["--worktree"].as_slice(), &[]] {
            world.yoi([["start", &id].as_slice(), words].concat()).fails(2);
            assert_eq!((branches(&world).as_str(), worktrees(&world)), ("main\n", 1), "{words:?}");
            assert_eq!(world.git(["branch", "--show-current"]).ok(), "main\n");
            assert!(!world.repo().join(".worktree").exists());
        }
        let branch = format!("work/{id}-mine");
        world.git(["branch", &branch]).ok();
        world.yoi(["start", &id, "--worktree"]).fails(2);
        assert_eq!((branches(&world), worktrees(&world)), (format!("main\n{branch}\n"), 1));
        fs::remove_file(lock).unwrap();
        // The branch that is there is taken.
        world.yoi(["start", &id, "--worktree"]).ok();
        assert!(world.repo().join(format!(".worktree/{id}-mine")).is_dir());
    }
}

#[test]
fn a_folder_that_holds_something_is_no_place_for_a_worktree() {
    let (world, id) = begin(&gits()[0]);
    world.write("repo/there/file", "precious");
    let said = world.yoi(["start", &id, "--worktree=there"]).fails(2);
    assert!(said.contains("is not empty"), "{said}");
    for (path, words) in [
        ("/tmp", "stays on this machine"),
        ("../../x", "stays on this machine"),
        (".", "holds the work tree"),
        (".git/x", "'.git'"),
        ("-x", "begins with '-'"),
        ("a\nb", "control character"),
    ] {
        let said = world.yoi(["start", &id, &format!("--worktree={path}")]).fails(129);
        assert!(said.contains(words), "{path}: {said}");
    }
    std::os::unix::fs::symlink("/tmp", world.repo().join("link")).unwrap();
    world.yoi(["start", &id, "--worktree=link/x"]).fails(129);
    assert_eq!(branches(&world), "main\n");
    // Beside the work tree is fine, and recorded without a path of this machine.
    world.yoi(["start", &id, "--worktree=../beside"]).ok();
    assert_eq!(text(&plan(&world, &id)[0]["accepted_plan"]["worktree"]), "../beside");
}

#[test]
fn odd_names_are_refused_wherever_they_come_from() {
    let (world, id) = begin(&gits()[0]);
    for (words, code) in [
        (vec!["--branch".to_owned(), "feature".to_owned()], 129),
        (vec!["--branch".to_owned(), format!("-{id}")], 129),
        (vec!["--branch".to_owned(), format!("work/{id};touch x")], 129),
        (vec!["--branch".to_owned(), format!("work/{id}$(touch x)")], 129),
        (vec!["--slug".to_owned(), "-x".to_owned()], 129),
        (vec!["--slug".to_owned(), "A b".to_owned()], 129),
        (vec!["--base".to_owned(), "nonesuch".to_owned()], 1),
        (vec!["--base=--all".to_owned()], 1),
    ] {
        let mut command = world.yoi_command(["start", &id, "--worktree"]);
        command.args(&words);
        let answer = world.run(command);
        assert_eq!(answer.code, code, "{words:?} {answer:?}");
    }
    // A project's settings come with a clone.
    for settings in [
        "branch_template = '--upload-pack={id}'",
        "branch_template = 'x-{slug}'",
        "worktree_dir = '../..'",
        "worktree_dir = '.git/hooks'",
    ] {
        world.write("repo/.yoi/workspace.toml", format!("[yoi]\n{settings}\n"));
        let answer = world.yoi(["start", &id, "--worktree"]);
        assert_eq!(answer.code, 129, "{settings}: {answer:?}");
    }
    world.write(
        "repo/.yoi/workspace.toml",
        "[yoi]\nbranch_template = 'impl/{id}_{slug}'\nworktree_dir = 'trees'\n",
    );
    // So does a plan: only a plain path and a good name are taken from it.
    let record = format!(
        "{{\"id\":\"orch-plan-20260613-141646-1\",\"ticket_id\":\"{id}\",\"kind\":\"accepted_plan\",\"accepted_plan\":{{\"summary\":\"s\",\"branch\":\"-{id}\",\"worktree\":\"/etc/x\"}},\"author\":\"o\",\"at\":\"2026-06-13T14:16:46Z\"}}\n"
    );
    crate::fixture::put(&world, &id, "artifacts/orchestration-plan.jsonl", &record);
    world.yoi(["start", &id, "--worktree"]).ok();
    assert!(world.repo().join(format!("trees/{id}_backend-runtimeregistry")).is_dir());
}

#[test]
fn a_planned_worktree_without_a_branch_is_taken_and_one_elsewhere_is_named() {
    let (world, id) = begin(&gits()[0]);
    world.yoi(["plan", "accept", &id, "--summary", "s", "--worktree", "wt/planned"]).ok();
    world.yoi(["start", &id, "--worktree"]).ok();
    assert!(world.repo().join("wt/planned/code.txt").is_file());
    let (world, id) = begin(&gits()[0]);
    world.yoi(["plan", "accept", &id, "--summary", "s", "--worktree", "../beside"]).ok();
    let answer = world.yoi(["start", &id, "--worktree"]);
    assert!(
        answer.code == 0 && answer.err.contains("the plan's worktree '../beside' is not taken"),
        "{answer:?}"
    );
    assert!(!world.repo().join("../beside").exists());
}

#[test]
fn the_accepted_plan_names_branch_and_worktree() {
    let (world, id) = begin(&gits()[0]);
    let record = format!(
        "{{\"id\":\"orch-plan-20260613-141646-1\",\"ticket_id\":\"{id}\",\"kind\":\"accepted_plan\",\"accepted_plan\":{{\"summary\":\"s\",\"branch\":\"work/{id}-planned\",\"worktree\":\"wt/planned\"}},\"author\":\"o\",\"at\":\"2026-06-13T14:16:46Z\"}}\n"
    );
    crate::fixture::put(&world, &id, "artifacts/orchestration-plan.jsonl", &record);
    world.yoi(["start", &id, "--worktree"]).ok();
    assert!(world.repo().join("wt/planned/code.txt").is_file());
    assert!(branches(&world).contains(&format!("work/{id}-planned")));
    // It said so already.
    assert_eq!(plan(&world, &id).len(), 1);
}

#[test]
fn whoever_has_it_may_start_it_again_and_nobody_else() {
    let (world, id) = begin(&gits()[0]);
    world.yoi(["start", &id, "--no-branch", "--actor", "ada"]).ok();
    let said = world.yoi(["start", &id, "--worktree", "--actor", "bo", "--json"]).fails(2);
    assert!(said.contains("\"taken\"") && said.contains("ada has it since"), "{said}");
    assert_eq!(branches(&world), "main\n");
    world.yoi(["start", &id, "--worktree", "--actor", "ada"]).ok();
    assert_eq!((worktrees(&world), plan(&world, &id).len()), (2, 2));
    let before = tip(&world);
    let again = world.yoi(["start", &id, "--worktree", "--actor", "ada", "--json"]).ok();
    assert!(again.contains("inprogress already"), "{again}");
    assert_eq!(tip(&world), before);
    let elsewhere = world.yoi(["start", &id, "--actor", "ada"]).fails(2);
    assert!(elsewhere.contains("is checked out in"), "{elsewhere}");
}

#[test]
fn a_released_ticket_is_queued_and_nobodys() {
    let (world, id) = begin(&gits()[0]);
    world.yoi(["start", &id]).ok();
    world.yoi(["release", &id]).fails(129);
    world.yoi(["release", &id, "-m", "No time."]).ok();
    let ticket = shown(&world, &id);
    assert_eq!(text(&ticket["state"]), "queued");
    assert!(ticket.get("assignee").is_none(), "{ticket}");
    assert_eq!(text(&last(&ticket)["attributes"]["assignee"]), "");
    assert!(text(&last(&ticket)["body"]).contains("No time."));
    world.yoi(["release", &id, "-m", "x"]).fails(2);
    world.yoi(["doctor"]).ok();
    world.yoi(["start", &id, "--actor", "bo"]).ok();
    assert_eq!(text(&shown(&world, &id)["assignee"]), "bo");
}

#[test]
fn a_start_works_in_every_kind_of_place() {
    for git in gits() {
        let (world, id) = begin(&git);
        // Detached.
        world.git(["checkout", "-q", "--detach"]).ok();
        world.yoi(["start", &id]).ok();
        // From within a linked worktree the path still begins at the main one.
        let second = queued(&world, "second");
        git_in(&world, &world.repo(), &["worktree", "add", "-q", "-b", "side", "../linked"]).ok();
        yoi_in(&world, &world.root().join("linked"), &["start", &second, "--worktree"]).ok();
        assert!(world.repo().join(format!(".worktree/{second}-second")).is_dir());
        // Bare.
        let bare = world.root().join("bare.git");
        git_in(&world, world.root(), &["clone", "-q", "--bare", "repo", "bare.git"]).ok();
        git_in(&world, &bare, &["fetch", "-q", "origin", "refs/yoi/tickets:refs/yoi/tickets"]).ok();
        let third = yoi_in(&world, &bare, &["create", "third", "--state", "queued", "--porcelain"]).ok();
        let third = third.trim_end();
        let said = yoi_in(&world, &bare, &["start", third]).fails(2);
        assert!(said.contains("bare"), "{said}");
        yoi_in(&world, &bare, &["start", third, "--worktree=../tree"]).ok();
        assert!(world.root().join("tree/code.txt").is_file());
        yoi_in(&world, &world.root().join("tree"), &["done", "@", "--clean"]).ok();
        assert!(!world.root().join("tree").exists());
    }
}

#[test]
fn a_repository_without_a_commit_can_start_here_only() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = queued(&world, "first");
        let said = world.yoi(["start", &id, "--worktree"]).fails(2);
        assert!(said.contains("no commit yet"), "{said}");
        world.yoi(["start", &id]).ok();
        assert_eq!(world.git(["symbolic-ref", "HEAD"]).ok(), format!("refs/heads/work/{id}-first\n"));
    }
}

#[test]
fn a_start_works_in_a_sha256_repository() {
    for git in gits() {
        let world = World::bare_folder(&git);
        if world.git(["init", "-q", "-b", "main", "--object-format=sha256", "."]).code != 0 {
            say(&format!("skipped: {} has no sha256", git.display()));
            continue;
        }
        world.git(["commit", "-q", "--allow-empty", "-m", "code"]).ok();
        let id = queued(&world, "one");
        world.yoi(["start", &id, "--worktree"]).ok();
        world.yoi(["review", &id, "--approve", "-m", "fine"]).ok();
        assert_eq!(text(&last(&shown(&world, &id))["attributes"]["commit"]).len(), 64);
        world.yoi(["done", &id, "--clean"]).ok();
        assert_eq!(worktrees(&world), 1);
    }
}

/// A ticket with a worktree in which a commit was made; the folder.
fn worked(world: &World, id: &str) -> PathBuf {
    world.yoi(["start", id, "--worktree", "--slug", "it"]).ok();
    let folder = world.repo().join(format!(".worktree/{id}-it"));
    fs::write(folder.join("new.txt"), "new\n").unwrap();
    git_in(world, &folder, &["add", "."]).ok();
    git_in(world, &folder, &["commit", "-q", "-m", "work", "--date=@1700000000 +0000"]).ok();
    folder
}

#[test]
fn done_and_clean_removes_what_is_merged_and_nothing_else() {
    for git in gits() {
        let (world, id) = begin(&git);
        let folder = worked(&world, &id);
        let refused = |words: &str| {
            let before = tip(&world);
            let said = world.yoi(["done", &id, "--clean"]).fails(2);
            assert!(said.contains(words), "{words}: {said}");
            assert!(folder.is_dir() && tip(&world) == before);
        };
        refused("is on no target branch");
        world.git(["merge", "-q", "--no-ff", "--no-edit", &format!("work/{id}-it")]).ok();
        fs::write(folder.join("scratch"), "precious").unwrap();
        world.yoi(["land"]).ok();
        refused("'scratch' is not tracked");
        fs::remove_file(folder.join("scratch")).unwrap();
        fs::write(folder.join("new.txt"), "changed\n").unwrap();
        refused("'new.txt' is not committed");
        git_in(&world, &folder, &["checkout", "-q", "."]).ok();
        fs::write(folder.join("later.txt"), "later\n").unwrap();
        git_in(&world, &folder, &["add", "."]).ok();
        git_in(&world, &folder, &["commit", "-q", "-m", "later"]).ok();
        refused("is on no target branch");
        git_in(&world, &folder, &["reset", "-q", "--hard", "HEAD~"]).ok();
        // git's own lock for worktrees counts.
        world.git(["worktree", "lock", folder.to_str().unwrap()]).ok();
        refused("is locked");
        world.git(["worktree", "unlock", folder.to_str().unwrap()]).ok();
        // From inside, it goes, and that is said.
        let answer = yoi_in(&world, &folder, &["done", "@", "--clean"]);
        assert_eq!(answer.code, 0, "{answer:?}");
        assert!(answer.err.contains("you stand in a folder that is gone"), "{answer:?}");
        assert_eq!((branches(&world).as_str(), worktrees(&world)), ("main\n", 1));
        assert!(!world.repo().join(".worktree").exists());
        assert_eq!(text(&shown(&world, &id)["state"]), "done");
        // Nothing left to do.
        world.yoi(["done", &id, "--clean"]).ok();
        world.yoi(["done", &id]).fails(2);
    }
}

#[test]
fn a_squashed_branch_counts_as_merged_once_its_landing_is_recorded() {
    for git in gits() {
        let (world, id) = begin(&git);
        let folder = worked(&world, &id);
        let branch = format!("work/{id}-it");
        // The squash is edited, so its content tells nothing.
        git_in(&world, &folder, &["commit", "-q", "--amend", "--no-edit"]).ok();
        world.git(["merge", "-q", "--squash", &branch]).ok();
        world.write("repo/new.txt", "edited\n");
        world.git(["add", "."]).ok();
        let later = "2033-05-18T03:33:20Z";
        let mut commit = world.command("git", &world.repo());
        commit.args(["commit", "-q", "-m", &format!("squashed\n\nTicket: {id}\nCloses: {id}")]);
        commit.env("GIT_COMMITTER_DATE", later);
        world.run(commit).ok();
        let unrecorded = world.yoi(["done", &id, "--clean", "--no-catch-up"]).fails(2);
        assert!(unrecorded.contains("is on no target branch"), "{unrecorded}");
        world.yoi(["land"]).ok();
        assert_eq!(text(&shown(&world, &id)["state"]), "done");
        // What came after it did not land with it.
        let mut commit = world.command("git", &folder);
        commit.args(["commit", "-q", "--allow-empty", "-m", "late"]);
        commit.env("GIT_COMMITTER_DATE", "2033-05-18T03:33:21Z");
        world.run(commit).ok();
        world.yoi(["done", &id, "--clean"]).fails(2);
        git_in(&world, &folder, &["reset", "-q", "--hard", "HEAD~"]).ok();
        world.yoi(["done", &id, "--clean"]).ok();
        assert_eq!(branches(&world), "main\n");
    }
}

#[test]
fn a_branch_that_is_checked_out_in_the_main_work_tree_is_not_taken_from_under_it() {
    let (world, id) = begin(&gits()[0]);
    world.yoi(["start", &id]).ok();
    let said = world.yoi(["done", &id, "--clean"]).fails(2);
    assert!(said.contains("switch to another branch"), "{said}");
    world.git(["switch", "-q", "main"]).ok();
    let answer = world.json(["done", &id, "--clean"]);
    assert_eq!(answer["removed_branches"].as_array().unwrap().len(), 1);
    assert_eq!(text(&answer["state"]), "done");
}

#[test]
fn done_asks_for_what_the_project_requires() {
    let (world, id) = begin(&gits()[0]);
    world.write("repo/.yoi/workspace.toml", "[yoi]\nrequire_review = true\n");
    world.yoi(["start", &id, "--no-branch"]).ok();
    let said = world.yoi(["done", &id]).fails(2);
    assert!(said.contains("requires that the last review approves"), "{said}");
    world.yoi(["review", &id, "--approve", "-m", "fine"]).ok();
    world.yoi(["done", &id, "-m", "All there."]).ok();
    assert_eq!(text(&shown(&world, &id)["state"]), "done");
}

#[test]
fn a_ticket_that_is_opened_again_is_nobodys_and_one_that_somebody_was_chosen_for_stays_theirs() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
    let assignee = |id: &str| world.json(["show", id])["assignee"].as_str().map(str::to_owned);
    let again = |id: &str| {
        world.yoi(["close", id, "-m", "Over."]).ok();
        world.yoi(["reopen", id, "-m", "There is more."]).ok();
    };
    let id = world.yoi(["create", "one", "--state", "queued", "--porcelain"]).ok().trim_end().to_owned();
    world.yoi(["--actor", "yoi-coder", "start", &id, "--no-branch"]).ok();
    assert_eq!(assignee(&id).as_deref(), Some("yoi-coder"));
    again(&id);
    assert_eq!(assignee(&id), None);
    world.yoi(["state", &id, "ready", "-m", "Clear."]).ok();
    world.yoi(["queue", &id]).ok();
    assert!(world.yoi(["--actor", "somebody", "next"]).ok().contains(&id));
    world.yoi(["--actor", "somebody", "start", &id, "--no-branch"]).ok();
    // Whoever was named by hand, and took nothing, is not forgotten.
    let other = world.create("two");
    world.yoi(["edit", &other, "--assignee", "Kim"]).ok();
    again(&other);
    assert_eq!(assignee(&other).as_deref(), Some("Kim"));
    // Taken back, the reopening gives the ticket back to who had it.
    let third = world.yoi(["create", "three", "--state", "queued", "--porcelain"]).ok().trim_end().to_owned();
    world.yoi(["--actor", "yoi-coder", "start", &third, "--no-branch"]).ok();
    again(&third);
    world.yoi(["undo", &third]).ok();
    let shown = world.json(["show", &third]);
    assert_eq!((&shown["state"], &shown["assignee"]), (&"closed".into(), &"yoi-coder".into()));
    world.yoi(["verify"]).ok();
    world.yoi(["doctor"]).ok();
}
