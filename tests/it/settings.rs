//! What a project and a person can set: language, policies, and what is not understood.

use crate::fixture::{THREAD, folder, id, import, item, shown, text, tip};
use crate::world::World;

const SHARED: &str = "repo/.yoi/workspace.toml";

/// A world with a ticket in progress, already imported.
fn in_progress() -> World {
    let world = World::new();
    folder(&world, 1, &item("'T'", "inprogress", ""), THREAD);
    import(&world);
    world
}

#[track_caller]
fn is_not_done(world: &World, why: &str) {
    let before = tip(world);
    let err = world.yoi(["state", &id(1), "done"]).fails(2);
    assert!(err.contains(why), "{why:?} is not in {err}");
    assert_eq!(tip(world), before);
}

#[test]
fn a_project_can_require_that_the_last_review_approves() {
    let world = in_progress();
    world.write(SHARED, "[yoi]\nrequire_review = true\n");
    let why = "requires that the last review approves";
    is_not_done(&world, why);
    world.yoi(["review", &id(1), "--approve", "-m", "x"]).ok();
    world.yoi(["review", &id(1), "--request-changes", "-m", "x"]).ok();
    is_not_done(&world, why);
    world.yoi(["comment", &id(1), "-m", "Approved, I think."]).ok();
    is_not_done(&world, why);
    world.yoi(["review", &id(1), "--approve", "-m", "x"]).ok();
    world.yoi(["state", &id(1), "done"]).ok();
}

#[test]
fn a_project_can_require_that_the_work_is_on_a_target_branch() {
    let world = in_progress();
    world.write(SHARED, "[yoi]\nrequire_landing = true\n");
    is_not_done(&world, "requires that its work is on a target branch");
    let event = |kind: &str, id: &str| {
        format!(
            "\n<!-- event: {kind} author: git-yoi at: 2026-01-03T00:00:00Z commit: abc target: main id: {id} -->\n\n## Landed\n\nx\n\n---\n"
        )
    };
    let landed = format!("{THREAD}{}", event("land", "01KE0V4W000000000000000001"));
    let reverted = format!("{landed}{}", event("revert", "01KE0V4W000000000000000002"));
    folder(&world, 2, &item("'T'", "inprogress", ""), &landed);
    folder(&world, 3, &item("'T'", "inprogress", ""), &reverted);
    import(&world);
    world.yoi(["state", &id(2), "done"]).ok();
    world.yoi(["state", &id(3), "done"]).fails(2);
    world.yoi(["close", &id(1), "-m", "A policy never keeps a ticket open."]).ok();
}

#[test]
fn what_git_is_told_wins_over_the_shared_file() {
    let world = in_progress();
    world.write(
        SHARED,
        "[yoi]\nrequire_review = true\nrequire_landing = false\n[ticket]\nlanguage = \"ja\"\n",
    );
    world.git(["config", "yoi.requireReview", "false"]).ok();
    world.git(["config", "yoi.requireLanding", "yes"]).ok();
    world.git(["config", "yoi.language", "English"]).ok();
    is_not_done(&world, "on a target branch");
    let mut command = world.command("git", &world.repo());
    command.args(["-c", "yoi.requireLanding=false", "yoi", "state", &id(1), "done"]);
    world.run(command).ok();
    let id = world.create("a");
    assert_eq!(text(&shown(&world, &id)["events"][0]["heading"]), "Created");
}

/// What `list` says on stderr.
fn warnings(world: &World) -> String {
    let answer = world.yoi(["list", "--porcelain"]);
    assert_eq!(answer.code, 0, "{answer:?}");
    answer.err
}

#[test]
fn settings_that_are_not_understood_are_warned_about_and_open_no_guard() {
    let world = in_progress();
    let known = "workspace_id = 'x'\n[ticket]\nlanguage = 'en'\n[ticket.backend]\nroot = 'x'\n[ticket.orchestration]\nbranch = 'o'\nworktree_dir = 'w'\nworktree_name = 'n'\n[ticket.roles.coder]\nprofile = 'p'\n[yoi]\ntarget_branches = ['main']\nbranch_template = 'b'\nworktree_dir = 'w'\nrequire_review = true\nrequire_landing = true\ntrailer = 'T'\n";
    world.write(SHARED, known);
    assert_eq!(warnings(&world), "");
    world.write(SHARED, "[ticket]\nlang = 'ja'\n[yoi]\nrequire_reviews = true\nrequire_review = 'yes'\n");
    let expected = "warning: .yoi/workspace.toml: unknown key 'ticket.lang'; did you mean 'ticket.language'?\nwarning: .yoi/workspace.toml: unknown key 'yoi.require_reviews'; did you mean 'yoi.require_review'?\nwarning: .yoi/workspace.toml: 'yoi.require_review' is neither true nor false; taken for true\n";
    assert_eq!(warnings(&world), expected);
    world.yoi(["state", &id(1), "done"]).fails(2);
    world.write(SHARED, "[ticket\n");
    let said = warnings(&world);
    assert!(
        said.starts_with("warning: .yoi/workspace.toml is ignored: ") && said.lines().count() == 1,
        "{said}"
    );
    world.write(SHARED, b"\xff\xfe");
    let said = warnings(&world);
    assert!(
        said.starts_with("warning: .yoi/workspace.toml is ignored: ") && said.lines().count() == 1,
        "{said}"
    );
}

#[test]
fn an_unknown_key_of_the_orchestration_is_warned_about() {
    let world = in_progress();
    world.write(SHARED, "[ticket.orchestration]\nworktree_dirs = 'x'\n");
    assert!(warnings(&world).contains("ticket.orchestration.worktree_dirs"));
}

#[test]
fn a_personal_setting_that_is_not_understood_is_warned_about() {
    let world = in_progress();
    world.git(["config", "yoi.requireReview", "maybe"]).ok();
    assert!(
        warnings(&world).to_lowercase().contains("yoi.requirereview"),
        "a policy must not vanish silently"
    );
    world.git(["config", "--unset", "yoi.requireReview"]).ok();
    world.git(["config", "yoi.requireReviews", "true"]).ok();
    assert_eq!(
        warnings(&world),
        "warning: unknown setting yoi.requireReviews; did you mean yoi.requireReview?\n"
    );
    world.git(["config", "--unset", "yoi.requireReviews"]).ok();
    for (key, value) in [
        ("yoi.catchUp", "maybe"),
        ("yoi.autoJoin", "maybe"),
        ("yoi.pushTimeout", "soon"),
        ("yoi.prompt", "sometimes"),
        ("yoi.trailer", "a b"),
    ] {
        world.git(["config", key, value]).ok();
        let said = warnings(&world);
        assert!(said.contains(&format!("{key} is '{value}', which is not used: it is ")), "{said}");
        world.git(["config", "--unset", key]).ok();
    }
    assert_eq!(warnings(&world), "");
}

#[test]
fn a_shared_file_that_can_not_be_taken_is_warned_about() {
    let world = in_progress();
    world.write(&format!("{SHARED}/in-a-folder"), "x");
    assert!(warnings(&world).contains(".yoi/workspace.toml"), "a folder stands in its place");
    std::fs::remove_dir_all(world.root().join(SHARED)).unwrap();
    world.write(SHARED, format!("[yoi]\nrequire_review = true\n#{}\n", "x".repeat(1024 * 1024)));
    assert!(warnings(&world).contains(".yoi/workspace.toml"), "a policy must not vanish silently");
}

#[test]
fn a_bare_repository_takes_the_shared_settings_of_its_head() {
    let world = World::new();
    world.write(SHARED, "[ticket]\nlanguage = \"Japanese\"\n");
    world.git(["add", "-A"]).ok();
    world.git(["commit", "-q", "-m", "settings"]).ok();
    let bare = world.root().join("bare.git");
    world.git(["clone", "-q", "--bare", ".", bare.to_str().unwrap()]).ok();
    let run = |words: &[&str]| {
        let mut command = world.command(env!("CARGO_BIN_EXE_git-yoi"), &bare);
        command.args(words);
        world.run(command).ok()
    };
    let id = run(&["create", "題", "--porcelain"]);
    assert!(run(&["show", id.trim_end(), "--raw"]).contains("\n## 背景\n"));
}
