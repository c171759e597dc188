//! The hooks beside those of real tools, where the tools are on PATH.

use super::*;

/// A tool on the PATH the tests were started with, or nothing after saying so.
fn tool(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if found.is_none() {
        say(&format!("skipped: {name} is not on PATH"));
    }
    found
}

/// Runs a tool in the repository, with the PATH the tests were started with behind its own.
fn run_tool(world: &World, tool: &Path, words: &[&str]) -> Answer {
    let mut command = world.command(tool, &world.repo());
    let own = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = tool.parent().map(Path::to_owned).into_iter();
    let folders = folders.chain(std::env::split_paths(&own)).chain(std::env::split_paths(&rest));
    command.env("PATH", std::env::join_paths(folders).unwrap()).args(words);
    world.run(command)
}

/// Commits with the tool and a program that writes down its calls on PATH, and gives the calls.
fn calls_of_a_commit(world: &World, git: &Path, tool: &Path) -> String {
    let log = world.root().join("called");
    let program =
        world.write("fake/git-yoi", format!("#!/bin/sh\necho \"$1 $2\" >>'{}'\nexit 1\n", log.display()));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = world.command("/usr/bin/timeout", &world.repo());
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = [program.parent().unwrap(), tool.parent().unwrap()].map(Path::to_owned).into_iter();
    command.env("PATH", std::env::join_paths(folders.chain(std::env::split_paths(&rest))).unwrap());
    command.arg("120").arg(git).args(["commit", "-q", "--allow-empty", "-m", "words"]);
    world.run(command).ok();
    let said = fs::read_to_string(&log).unwrap_or_default();
    let _ = fs::remove_file(log);
    said
}

const BOTH: &str = "hook commit-msg\nhook post-commit\n";

#[test]
fn husky_runs_the_lines_that_are_printed() {
    let (Some(husky), Some(git)) = (tool("husky"), old_gits().pop()) else { return };
    let world = World::with_git(&git);
    run_tool(&world, &husky, &[]).ok();
    let document = world.json(["hooks", "install"]);
    assert_eq!(document["how"], "manual", "{document}");
    for event in EVENTS {
        let (_, row) = row(&document, event);
        fs::write(row["where"].as_str().unwrap(), format!("{}\n", row["line"].as_str().unwrap())).unwrap();
    }
    assert_eq!(status(&world).0, 0);
    assert_eq!(calls_of_a_commit(&world, &git, &husky), BOTH);
}

#[test]
fn a_block_in_a_file_of_lefthook_is_run_and_comes_out_again() {
    let (Some(lefthook), Some(git)) = (tool("lefthook"), old_gits().pop()) else { return };
    let world = World::with_git(&git);
    let settings = "commit-msg:\n  jobs:\n    - run: echo ran >> ../lefthook\n";
    world.write("repo/lefthook.yml", settings);
    run_tool(&world, &lefthook, &["install"]).ok();
    let before = tree(&world.repo().join(".git/hooks"));
    let document = world.json(["hooks", "install"]);
    let (how, told) = row(&document, "commit-msg");
    assert!(how == "file" && told["why"].as_str().unwrap().starts_with("lefthook drops"), "{document}");
    assert_eq!(calls_of_a_commit(&world, &git, &lefthook), BOTH);
    assert_eq!(fs::read_to_string(world.root().join("lefthook")).unwrap(), "ran\n");
    hooks(&world, &["uninstall"]).ok();
    assert_eq!(tree(&world.repo().join(".git/hooks")), before);
}

#[test]
fn a_block_in_a_file_of_pre_commit_is_run_and_so_is_ours_when_pre_commit_comes_later() {
    let (Some(pre_commit), Some(git)) = (tool("pre-commit"), old_gits().pop()) else { return };
    let world = World::with_git(&git);
    let settings = "repos:\n- repo: local\n  hooks:\n  - {id: own, name: own, language: system, \
                    entry: sh -c 'echo ran >> ../pre-commit', stages: [commit-msg], always_run: true}\n";
    world.write("repo/.pre-commit-config.yaml", settings);
    world.git(["add", "."]).ok();
    let install = ["install", "--hook-type", "commit-msg"];
    run_tool(&world, &pre_commit, &install).ok();
    let before = tree(&world.repo().join(".git/hooks"));
    assert_eq!(row(&world.json(["hooks", "install"]), "commit-msg").0, "file");
    assert_eq!(calls_of_a_commit(&world, &git, &pre_commit), BOTH);
    assert_eq!(fs::read_to_string(world.root().join("pre-commit")).unwrap(), "ran\n");
    hooks(&world, &["uninstall"]).ok();
    assert_eq!(tree(&world.repo().join(".git/hooks")), before);
    // The other way round it moves our file aside, and runs it.
    fs::remove_file(hook_path(&world, "commit-msg")).unwrap();
    hooks(&world, &["install"]).ok();
    run_tool(&world, &pre_commit, &install).ok();
    assert_eq!(calls_of_a_commit(&world, &git, &pre_commit), BOTH);
    // Once more, and it moves into the new file: there is no second call.
    hooks(&world, &["install"]).ok();
    assert_eq!(calls_of_a_commit(&world, &git, &pre_commit), BOTH);
    hooks(&world, &["uninstall"]).ok();
    assert_eq!(tree(&world.repo().join(".git/hooks")), before);
}

#[test]
fn a_block_in_a_file_of_git_lfs_is_run_with_it_and_comes_out_again() {
    let (Some(lfs), Some(git)) = (tool("git-lfs"), old_gits().pop()) else { return };
    let world = World::with_git(&git);
    run_tool(&world, &lfs, &["install", "--local"]).ok();
    let before = tree(&world.repo().join(".git/hooks"));
    assert!(before.contains_key(&hook_path(&world, "post-commit")));
    assert_eq!(world.json(["hooks", "install"])["how"], "file");
    assert_eq!(calls_of_a_commit(&world, &git, &lfs), BOTH);
    hooks(&world, &["uninstall"]).ok();
    assert_eq!(tree(&world.repo().join(".git/hooks")), before);
}
