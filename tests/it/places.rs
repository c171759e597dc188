//! Every kind of repository, and every way of naming one: the tickets are the same from everywhere.

use std::path::Path;

use crate::plant::{self, REF, git_in, say, yoi_in};
use crate::world::{Answer, World, gits};

/// The ids that `list` gives in some folder.
fn listed(world: &World, folder: &Path) -> Vec<String> {
    rows(yoi_in(world, folder, &["list", "--porcelain", "--sort", "id"]))
}

fn rows(answer: Answer) -> Vec<String> {
    answer.ok().lines().map(|row| row.split('\t').next().unwrap().to_owned()).collect()
}

fn created(world: &World, folder: &Path, title: &str) -> String {
    yoi_in(world, folder, &["create", title, "--porcelain"]).ok().trim_end().to_owned()
}

/// Creates, comments, lists, shows, moves and checks with git, all in one folder: three writes.
fn works(world: &World, folder: &Path) {
    let id = created(world, folder, "made here");
    yoi_in(world, folder, &["comment", &id, "-m", "said here"]).ok();
    yoi_in(world, folder, &["state", &id, "ready", "-m", "clear"]).ok();
    assert_eq!(listed(world, folder), [id.as_str()]);
    let shown = yoi_in(world, folder, &["show", &id]).ok();
    assert!(shown.contains("made here") && shown.contains("said here"), "{shown}");
    let history = yoi_in(world, folder, &["history", &id, "--porcelain"]).ok();
    assert_eq!(history.lines().count(), 3, "{history}");
    let seen = git_in(world, folder, &["for-each-ref", "--format=%(refname) %(objecttype)", "refs/yoi"]).ok();
    assert_eq!(seen, format!("{REF} commit\n"));
    git_in(world, folder, &["fsck", "--strict", "--no-progress"]).ok();
}

/// How many values of the ref its log knows.
fn logged(world: &World, folder: &Path) -> usize {
    git_in(world, folder, &["reflog", "show", "--format=%gs", REF]).ok().lines().count()
}

#[test]
fn every_git_on_the_machine_runs_it() {
    for git in gits() {
        let world = World::with_git(&git);
        works(&world, &world.repo());
        assert_eq!(logged(&world, &world.repo()), 3);
        let rows = rows(world.git(["yoi", "list", "--porcelain"]));
        assert_eq!(rows, listed(&world, &world.repo()), "{}", git.display());
    }
}

#[test]
fn a_subdirectory_shows_the_same_tickets() {
    let world = World::new();
    let folder = world.repo().join("src/deep");
    std::fs::create_dir_all(&folder).unwrap();
    works(&world, &folder);
    assert_eq!(listed(&world, &world.repo()), listed(&world, &folder));
}

#[test]
fn a_linked_worktree_shares_the_tickets_both_ways() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    let linked = world.root().join("linked");
    let here = world.create("made in the main one");
    world.git(["worktree", "add", "-q", "../linked", "-b", &format!("work/{here}-it")]).ok();
    let there = created(&world, &linked, "made in the linked one");
    let both = [here.clone(), there];
    assert_eq!(listed(&world, &world.repo()), both);
    assert_eq!(listed(&world, &linked), both);
    yoi_in(&world, &linked, &["comment", &here, "-m", "from the linked one"]).ok();
    assert!(world.yoi(["show", &here]).ok().contains("from the linked one"));
    // Each has a branch of its own, so `@` differs.
    let shown = yoi_in(&world, &linked, &["show", "@", "--porcelain"]).ok();
    assert!(shown.starts_with(&here), "{shown}");
    world.yoi(["show", "@"]).fails(1);
    assert_eq!(git_in(&world, &linked, &["status", "--porcelain"]).ok(), "");
}

#[test]
fn a_bare_repository_takes_its_settings_from_head() {
    let world = World::new();
    let bare = world.root().join("bare.git");
    git_in(&world, world.root(), &["init", "-q", "--bare", "bare.git"]).ok();
    works(&world, &bare);
    let english = created(&world, &bare, "in English");
    world.write("repo/.yoi/workspace.toml", "[ticket]\nlanguage = \"Japanese\"\n");
    world.git(["add", "."]).ok();
    world.git(["commit", "-q", "-m", "settings"]).ok();
    world.git(["push", "-q", bare.to_str().unwrap(), "main"]).ok();
    let japanese = created(&world, &bare, "in Japanese");
    let raw = |id: &str| yoi_in(&world, &bare, &["show", id, "--raw"]).ok();
    assert!(raw(&english).is_ascii());
    assert!(raw(&japanese).contains("作成"), "{}", raw(&japanese));
}

#[test]
fn the_ref_has_a_log_also_where_git_keeps_none_by_default() {
    let world = World::new();
    git_in(&world, world.root(), &["init", "-q", "--bare", "bare.git"]).ok();
    world.git(["config", "core.logAllRefUpdates", "false"]).ok();
    for folder in [world.repo(), world.root().join("bare.git")] {
        yoi_in(&world, &folder, &["init"]).ok();
        works(&world, &folder);
        assert_eq!(logged(&world, &folder), 4, "{}", folder.display());
    }
}

#[test]
fn git_dir_names_the_repository_from_elsewhere() {
    let world = World::new();
    let id = world.create("one");
    let elsewhere = world.root().join("elsewhere");
    std::fs::create_dir_all(&elsewhere).unwrap();
    let absolute = world.repo().join(".git");
    for git_dir in [absolute.as_path(), Path::new("../repo/.git")] {
        let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &elsewhere);
        command.env("GIT_DIR", git_dir).args(["list", "--porcelain"]);
        assert_eq!(rows(world.run(command)), [id.as_str()], "{}", git_dir.display());
        let option = format!("--git-dir={}", git_dir.display());
        let answer = git_in(&world, &elsewhere, &[&option, "yoi", "list", "--porcelain"]);
        assert_eq!(rows(answer), [id.as_str()], "{option}");
    }
    let missing = git_in(&world, &elsewhere, &["yoi", "list", "--json"]).fails(128);
    assert!(missing.contains("\"no_repository\""), "{missing}");
}

#[test]
fn a_folder_can_be_named_to_git_and_to_the_program() {
    let world = World::new();
    std::fs::create_dir_all(world.repo().join("sub")).unwrap();
    let id = world.create("one");
    for words in [
        ["-C", "repo", "yoi", "list", "--porcelain"].as_slice(),
        &["-C", "repo", "-C", "sub", "yoi", "list", "--porcelain"],
        &["yoi", "-C", "repo/sub", "list", "--porcelain"],
        &["yoi", "list", "-C", "repo", "--porcelain"],
        &["-C", "repo", "yoi", "-C", "sub", "list", "--porcelain"],
    ] {
        assert_eq!(rows(git_in(&world, world.root(), words)), [id.as_str()], "{words:?}");
    }
    let said = yoi_in(&world, world.root(), &["-C", "missing", "list", "--json"]).fails(128);
    assert!(said.contains("\"no_repository\"") && said.contains("missing"), "{said}");
}

#[test]
fn a_relative_git_dir_starts_at_the_folder_that_is_named() {
    let world = World::new();
    let here = world.create("here");
    git_in(&world, world.root(), &["init", "-q", "other"]).ok();
    let there = created(&world, &world.root().join("other"), "there");
    let list = |program: &str, words: &[&str]| {
        let mut command = world.command(program, &world.repo());
        command.env("GIT_DIR", ".git").args(words);
        rows(world.run(command))
    };
    // As a hook has it that looks into another repository.
    assert_eq!(list("git", &["-C", "../other", "yoi", "list", "--porcelain"]), [there.as_str()]);
    assert_eq!(list("git-yoi", &["list", "--porcelain"]), [here.as_str()]);
    assert_eq!(list("git-yoi", &["-C", "../other", "list", "--porcelain"]), [there.as_str()]);
}

#[test]
fn a_submodule_has_tickets_of_its_own() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    let outer = world.root().join("outer");
    git_in(&world, world.root(), &["init", "-q", "outer"]).ok();
    let source = world.repo();
    git_in(&world, &outer, &["submodule", "add", "-q", source.to_str().unwrap(), "inner"]).ok();
    works(&world, &outer.join("inner"));
    let answer = yoi_in(&world, &outer, &["list", "--json"]).fails(128);
    assert!(answer.contains("\"not_initialised\""), "{answer}");
    assert!(outer.join(".git/modules/inner").join(REF).is_file());
    let staged = git_in(&world, &outer, &["status", "--porcelain"]).ok();
    assert_eq!(staged, "A  .gitmodules\nA  inner\n");
}

#[test]
fn a_sha256_repository_works() {
    for git in gits() {
        let world = World::bare_folder(&git);
        let made = world.git(["init", "-q", "--object-format=sha256", "."]);
        if made.code != 0 {
            say(&format!("skipped: {} has no sha256", git.display()));
            continue;
        }
        works(&world, &world.repo());
        assert_eq!(plant::tip(&world).len(), 64);
    }
}

#[test]
fn settings_on_gits_command_line_count() {
    let world = World::new();
    let who = || world.git(["log", "-1", "--format=%an|%cn|%ce", REF]).ok();
    world.git(["-c", "user.name=X 'Y' Z!", "-c", "user.email=x@example.org", "yoi", "create", "one"]).ok();
    assert_eq!(who(), "X 'Y' Z!|X 'Y' Z!|x@example.org\n");
    world.git(["-c", "yoi.language=ja", "yoi", "create", "two"]).ok();
    assert!(!world.yoi(["search", "作成", "--porcelain"]).ok().is_empty());
    let mut command = world.yoi_command(["create", "three"]);
    let pairs =
        [("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "user.name"), ("GIT_CONFIG_VALUE_0", "Con Fig")];
    command.envs(pairs);
    world.run(command).ok();
    assert_eq!(who(), "Con Fig|Con Fig|tess@example.org\n");
}

#[test]
fn aliases_and_hooks_are_no_obstacle() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    for name in ["pre-commit", "commit-msg", "post-commit", "reference-transaction", "prepare-commit-msg"] {
        let hook = world.write(&format!("hooks/{name}"), "#!/bin/sh\nexit 1\n");
        std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    world.git(["config", "core.hooksPath", world.root().join("hooks").to_str().unwrap()]).ok();
    for (alias, command) in [("yoi", "!exit 7"), ("rev-parse", "!exit 7"), ("t", "yoi list --porcelain")] {
        world.git(["config", &format!("alias.{alias}"), command]).ok();
    }
    works(&world, &world.repo());
    assert_eq!(rows(world.git(["yoi", "list", "--porcelain"])), listed(&world, &world.repo()));
    assert_eq!(rows(world.git(["t"])), listed(&world, &world.repo()));
}

/// A repository whose refs are tables, or nothing after saying that no git here can make one.
fn with_tables() -> Option<World> {
    let made = gits().into_iter().find_map(|git| {
        let world = World::bare_folder(&git);
        let made = world.git(["init", "-q", "--ref-format=reftable", "."]);
        (made.code == 0).then_some(world)
    });
    if made.is_none() {
        say("skipped: no git here knows reftable");
    }
    made
}

#[test]
fn a_reftable_repository_works() {
    let Some(world) = with_tables() else { return };
    works(&world, &world.repo());
    assert_eq!(logged(&world, &world.repo()), 3);
    assert!(!world.repo().join(".git").join(REF).exists());
    world.git(["commit", "-q", "--allow-empty", "-m", "some code"]).ok();
    world.git(["worktree", "add", "-q", "../linked"]).ok();
    let linked = world.root().join("linked");
    assert_eq!(listed(&world, &linked), listed(&world, &world.repo()));
    let id = created(&world, &linked, "made in the linked one");
    world.git(["switch", "-q", "-c", &format!("work/{id}-it")]).ok();
    let shown = world.yoi(["show", "@", "--porcelain"]).ok();
    assert!(shown.starts_with(&id), "{shown}");
}

#[test]
fn writers_at_once_in_a_reftable_repository_lose_nothing() {
    let Some(world) = with_tables() else { return };
    let id = world.create("one");
    let comment = |number| world.yoi_command(["comment", &id, "-m", &format!("said {number}")]);
    let answers = plant::at_once((0..12).map(comment));
    assert!(answers.iter().all(|answer| answer.code == 0), "{answers:?}");
    assert_eq!(plant::commits(&world), 13);
    assert_eq!(world.json(["show", &id])["events"].as_array().unwrap().len(), 13);
}

#[test]
fn init_tells_of_the_log_that_a_reftable_repository_keeps() {
    let Some(world) = with_tables() else { return };
    assert_eq!(world.json(["init"])["reflog"], true);
    world.git(["reflog", "exists", REF]).ok();
}

#[test]
fn refs_kept_in_an_unknown_way_are_refused_by_name() {
    let world = World::new();
    world.create("one");
    world.git(["config", "core.repositoryFormatVersion", "1"]).ok();
    let path = world.repo().join(".git/config");
    let mut config = std::fs::read_to_string(&path).unwrap();
    config.push_str("[extensions]\n\trefStorage = papyrus\n");
    std::fs::write(&path, config).unwrap();
    for words in [["list", "--json"].as_slice(), &["create", "two", "--json"], &["init", "--json"]] {
        let said = world.yoi(words).fails(128);
        assert!(said.contains("\"unsupported_repository\"") && said.contains("papyrus"), "{said}");
    }
}
