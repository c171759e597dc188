//! `git yoi config`: what is in force, where it comes from, and writing it.

use crate::bad_input::refused;
use crate::world::{World, gits};

const SHARED: &str = "repo/.yoi/workspace.toml";

/// The rows `key value origin`, for one key or for all.
fn row(world: &World, key: &str) -> String {
    world.yoi(["config", key, "--porcelain"]).ok().trim_end_matches('\n').to_owned()
}

#[test]
fn every_setting_that_the_readme_tells_of_is_listed_and_no_other() {
    let world = World::new();
    world.git(["remote", "add", "origin", "x"]).ok();
    let readme = include_str!("../../README.md");
    let (_, part) = readme.split_once("\n## Settings\n").unwrap();
    let part = part.split("\n## ").next().unwrap();
    let listed = world.json(["config"]);
    assert_eq!(listed["schema"], "yoi.config/1");
    assert_eq!(listed["total"], 16);
    let rows = listed["settings"].as_array().unwrap();
    for row in rows.iter().filter(|row| row["key"] != "actor") {
        let key = row["key"].as_str().unwrap();
        assert!(part.contains(&format!("`{key}`")), "README doesn't tell of {key}");
        let Some(shared) = row["shared_key"].as_str() else { continue };
        let name = shared.rsplit('.').next().unwrap();
        assert!(part.contains(&format!("\n{name} = ")), "README doesn't tell of {name}");
    }
    let is_key = |word: &&str| word.starts_with("yoi.") || word.ends_with(".yoi");
    for word in part.split('`').filter(is_key) {
        let word = word.split('=').next().unwrap();
        let is_listed = rows.iter().any(|row| row["key"] == word);
        assert!(is_listed || word.starts_with("remote."), "{word} is not listed");
    }
}

#[test]
fn the_value_in_force_is_told_with_its_origin() {
    for git in gits() {
        let world = World::with_git(&git);
        assert_eq!(row(&world, "trailer"), "yoi.trailer\tTicket\tdefault");
        assert_eq!(row(&world, "yoi.pushTimeout"), "yoi.pushTimeout\t5\tdefault");
        let own = "[ticket]\nlanguage = 'ja'\n[yoi]\ntrailer = 'Refs'\nrequire_review = true\ntarget_branches = ['a', 'b']\n[ticket.orchestration]\nworktree_dir = 'w'\n";
        world.write(SHARED, own);
        let shared = "file:.yoi/workspace.toml";
        assert_eq!(row(&world, "trailer"), format!("yoi.trailer\tRefs\t{shared}"));
        assert_eq!(row(&world, "ticket.language"), format!("yoi.language\tJapanese\t{shared}"));
        assert_eq!(row(&world, "target_branches"), format!("yoi.targetBranches\ta,b\t{shared}"));
        assert_eq!(row(&world, "worktree_dir"), format!("yoi.worktreeDir\tw\t{shared}"));
        world.git(["config", "yoi.trailer", "Task"]).ok();
        assert_eq!(row(&world, "TRAILER"), "yoi.trailer\tTask\tfile:.git/config");
        let mut command = world.command("git", &world.repo());
        command.args(["-c", "yoi.trailer=Mine", "yoi", "config", "--show-origin", "trailer"]);
        assert_eq!(world.run(command).ok(), "command line:\tMine\n");
        assert_eq!(world.yoi(["config", "require_review"]).ok(), "true\n");
        // A value that is not used leaves what is below it in force.
        world.git(["config", "yoi.trailer", "no trailer"]).ok();
        assert_eq!(row(&world, "trailer"), format!("yoi.trailer\tRefs\t{shared}"));
        let mut command = world.yoi_command(["config", "actor", "--porcelain"]);
        command.env("GIT_YOI_ACTOR", "robot");
        assert_eq!(world.run(command).ok(), "actor\trobot\tenvironment:GIT_YOI_ACTOR\n");
    }
}

#[test]
fn a_bare_repository_names_the_blob_of_its_head() {
    let world = World::new();
    world.write(SHARED, "[yoi]\ntrailer = 'Refs'\n");
    world.git(["add", "-A"]).ok();
    world.git(["commit", "-q", "-m", "settings"]).ok();
    let bare = world.root().join("bare.git");
    world.git(["clone", "-q", "--bare", ".", bare.to_str().unwrap()]).ok();
    let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &bare);
    command.args(["config", "--show-origin", "trailer"]);
    assert_eq!(world.run(command).ok(), "blob:HEAD:.yoi/workspace.toml\tRefs\n");
}

#[test]
fn a_value_is_checked_and_written_to_gits_configuration_only() {
    let world = World::new();
    let shared = "[yoi]\nrequire_review = false\n";
    let path = world.write(SHARED, shared);
    let said = world.yoi(["config", "require_review", "YES"]).ok();
    assert_eq!(said, "yoi.requireReview is set to true\n");
    assert_eq!(world.git(["config", "yoi.requireReview"]).ok(), "true\n");
    world.git(["config", "--add", "yoi.requireReview", "false"]).ok();
    world.yoi(["config", "yoi.requirereview", "true"]).ok();
    assert_eq!(world.git(["config", "--get-all", "yoi.requireReview"]).ok(), "true\n");
    world.yoi(["config", "--unset", "REQUIRE_REVIEW"]).ok();
    assert_eq!(row(&world, "require_review"), "yoi.requireReview\tfalse\tfile:.yoi/workspace.toml");
    refused(&world, &["config", "--unset", "require_review"], 1, "not_set");
    world.yoi(["config", "--global", "trailer", "Task"]).ok();
    assert_eq!(world.git(["config", "--global", "yoi.trailer"]).ok(), "Task\n");
    world.yoi(["config", "trailer", "Mine"]).ok();
    let answer = world.yoi(["config", "--global", "trailer", "Yours"]);
    assert!(answer.err.contains("in force is Mine, from file:.git/config"), "{answer:?}");
    world.yoi(["config", "--global", "--unset", "trailer"]).ok();
    world.yoi(["config", "target_branches", "main, next"]).ok();
    assert_eq!(world.git(["config", "yoi.targetBranches"]).ok(), "main,next\n");
    world.yoi(["config", "remote.origin.yoi", "off"]).ok();
    assert_eq!(row(&world, "remote.origin.yoi"), "remote.origin.yoi\tfalse\tfile:.git/config");
    assert!(world.yoi(["config"]).ok().contains("remote.origin.yoi"));
    assert_eq!(std::fs::read_to_string(path).unwrap(), shared);
}

#[test]
fn what_readers_would_not_take_is_not_written() {
    let world = World::new();
    let before = std::fs::read(world.repo().join(".git/config")).unwrap();
    for (key, value, why) in [
        ("require_review", "maybe", "true or false"),
        ("language", "Klingon", "English or Japanese"),
        ("branch_template", "work/{slug}", "{id}"),
        ("branch_template", "$(touch x)/{id}", "it holds '$'"),
        ("worktree_dir", "../../x", "leads out"),
        ("worktree_dir", "/tmp/x", "absolute"),
        ("trailer", "a: b", "letters"),
        ("pushTimeout", "soon", "seconds"),
        ("prompt", "often", "ask, never"),
        ("ref", "refs/tags/x", "for other refs"),
        ("remoteRef", "main", "no full name"),
        ("target_branches", "a..b", "no name of a branch"),
        ("remote.origin.yoiRef", "x", "no full name"),
        ("color.yoi", "blue", "always"),
    ] {
        let said = refused(&world, &["config", key, value], 129, "bad_setting");
        assert!(said.contains(why), "{key} {value}: {said}");
    }
    for key in ["user.name", "core.pager", "core.hooksPath", "remote.origin.url", "yoi.editor", ""] {
        refused(&world, &["config", key, "x"], 129, "unknown_setting");
        refused(&world, &["config", key], 129, "unknown_setting");
    }
    let said = refused(&world, &["config", "require_reviews"], 129, "unknown_setting");
    assert!(said.contains("did you mean 'require_review'?"), "{said}");
    refused(&world, &["config", "actor", "x"], 129, "usage");
    refused(&world, &["config", "--global"], 129, "usage");
    assert_eq!(std::fs::read(world.repo().join(".git/config")).unwrap(), before);
}

#[test]
fn what_is_not_set_and_has_no_default_is_no_answer() {
    let world = World::new();
    let answer = world.yoi(["config", "prompt"]);
    assert_eq!((answer.code, answer.out.as_str()), (1, ""), "{answer:?}");
    let shown = world.yoi(["config", "prompt", "--json"]);
    assert_eq!(shown.code, 1);
    assert!(!shown.out.contains("\"value\""), "{shown:?}");
}

#[test]
fn a_setting_that_keeps_everything_else_from_working_can_be_mended() {
    let world = World::new();
    world.git(["config", "yoi.ref", "nonsense"]).ok();
    world.yoi(["list"]).fails(128);
    world.yoi(["config", "--unset", "ref"]).ok();
    world.create("it works");
    // Outside of a repository there is one's own configuration.
    let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), world.root());
    command.args(["config", "--global", "autoJoin", "true"]);
    world.run(command).ok();
    assert_eq!(row(&world, "autoJoin").split('\t').nth(1), Some("true"));
}
