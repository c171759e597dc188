//! Hooks in git's configuration, which git runs since 2.54.

use super::*;

/// A git that runs configured hooks: the one that `YOI_TEST_GIT_NEW` names, or one on PATH.
fn new_git() -> Option<PathBuf> {
    let named = std::env::var_os("YOI_TEST_GIT_NEW").map(PathBuf::from).into_iter();
    let found = named.chain(gits()).find(|git| version(git) >= CONFIGURED_SINCE);
    if found.is_none() {
        say("skipped: no git here runs configured hooks; YOI_TEST_GIT_NEW can name one");
    }
    found
}

fn config(world: &World) -> String {
    fs::read_to_string(world.repo().join(".git/config")).unwrap()
}

/// A git command that sees a program of that text, or none.
fn git_with(world: &World, git: &Path, program: Option<&str>, words: &[&str]) -> Answer {
    let folder = world.root().join("fake");
    let _ = fs::remove_dir_all(&folder);
    if let Some(text) = program {
        let path = world.write("fake/git-yoi", format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = world.command("/usr/bin/timeout", &world.repo());
    let path = std::env::join_paths([&folder, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    command.env("PATH", path).arg("30").arg(git).args(words);
    world.run(command)
}

#[test]
fn a_new_git_gets_its_hooks_in_its_configuration_and_loses_them_again() {
    let Some(git) = new_git() else { return };
    let world = World::with_git(&git);
    let before = (config(&world), tree(&world.repo().join(".git/hooks")));
    hooks(&world, &["install"]).ok();
    let installed = config(&world);
    let rows = hooks(&world, &["status", "--porcelain"]).ok();
    let expected: String =
        EVENTS.iter().map(|event| format!("{event}\tconfig\thook.yoi-{event}\n")).collect();
    assert_eq!(rows, expected);
    hooks(&world, &["install"]).ok();
    assert_eq!(config(&world), installed);
    assert_eq!(tree(&world.repo().join(".git/hooks")), before.1);
    let shown = git_in(&world, &world.repo(), &["hook", "list", "pre-push"]).ok();
    assert_eq!(shown, "yoi-pre-push\n");
    assert_eq!(
        hooks(&world, &["uninstall", "--porcelain"]).ok(),
        expected.replace("\tconfig\t", "\tremoved\t")
    );
    assert_eq!((config(&world), tree(&world.repo().join(".git/hooks"))), before);
    assert_eq!(hooks(&world, &["status"]).code, 1);
}

#[test]
fn configured_hooks_replace_blocks_and_blocks_replace_configured_hooks() {
    let Some(git) = new_git() else { return };
    for old in old_gits() {
        let world = World::with_git(&old);
        let script = plant(&world, "pre-push", "#!/bin/sh\ntrue\n", 0o755);
        let before = (config(&world), tree(&world.repo().join(".git/hooks")));
        let with = |git: &Path, action: &str| {
            let mut command = world.yoi_command(["hooks", action, "--json"]);
            let own = Path::new(env!("CARGO_BIN_EXE_git-yoi")).parent().unwrap();
            let folders = [git.parent().unwrap(), own, Path::new("/usr/bin"), Path::new("/bin")];
            command.env("PATH", std::env::join_paths(folders).unwrap());
            serde_json::from_str::<serde_json::Value>(&world.run(command).out).unwrap()
        };
        assert_eq!(with(&old, "install")["how"], "file");
        assert_eq!(with(&git, "status")["how"], "file", "a new git runs these too");
        assert_eq!(with(&git, "install")["how"], "config");
        assert_eq!(tree(&world.repo().join(".git/hooks")), before.1);
        let unread = with(&old, "status");
        assert_eq!(unread["how"], "missing");
        assert!(
            row(&unread, "pre-push").1["why"].as_str().unwrap().contains("doesn't read hook.yoi-pre-push")
        );
        assert_eq!(with(&old, "install")["how"], "file");
        assert_eq!(config(&world), before.0);
        with(&git, "uninstall");
        assert_eq!(fs::read_to_string(script).unwrap(), "#!/bin/sh\ntrue\n");
        assert_eq!(tree(&world.repo().join(".git/hooks")), before.1);
    }
}

#[test]
fn configured_hooks_call_the_program_beside_the_hooks_of_others() {
    let Some(git) = new_git() else { return };
    let world = World::with_git(&git);
    git_in(&world, world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
    // As husky has it: no hook file of ours would be run, and none could be written.
    let other =
        world.write("repo/.husky/_/pre-push", "#!/bin/sh\necho \"other $1\" >>../called\ncat >>../called\n");
    fs::set_permissions(other, fs::Permissions::from_mode(0o755)).unwrap();
    world.git(["config", "core.hooksPath", ".husky/_"]).ok();
    let (code, document) = status(&world);
    let (how, told) = row(&document, "pre-push");
    assert_eq!((code, how, told["where"].as_str()), (1, "missing", Some("hook.yoi-pre-push")), "{document}");
    assert!(told.get("line").is_none(), "install can do it: {told}");
    hooks(&world, &["install"]).ok();
    assert_eq!(status(&world).0, 0);
    let log = world.root().join("called");
    let program = format!("{{ echo \"$@\"; cat; }} >>'{}'; echo loud", log.display());
    let run = |words: &[&str]| git_with(&world, &git, Some(&program), words).ok();
    let called = || {
        let said = fs::read_to_string(&log).unwrap();
        fs::remove_file(&log).unwrap();
        said
    };
    run(&["commit", "-q", "--allow-empty", "-m", "one"]);
    assert_eq!(called(), "hook commit-msg .git/COMMIT_EDITMSG\nhook post-commit\n");
    let pushed = run(&["push", "--porcelain", "../remote.git", "main"]);
    assert!(pushed.starts_with("To ../remote.git\n"), "{pushed}");
    let head = world.git(["rev-parse", "HEAD"]).ok();
    let line = format!("refs/heads/main {} refs/heads/main {}\n", head.trim_end(), "0".repeat(40));
    let expected = format!("hook pre-push ../remote.git ../remote.git\n{line}other ../remote.git\n{line}");
    assert_eq!(called(), expected);
}

#[test]
fn configured_hooks_never_make_git_fail() {
    let Some(git) = new_git() else { return };
    let world = World::with_git(&git);
    git_in(&world, world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
    hooks(&world, &["install"]).ok();
    let text = config(&world).replace(env!("CARGO_BIN_EXE_git-yoi"), "/nowhere/git-yoi");
    fs::write(world.repo().join(".git/config"), text).unwrap();
    assert_eq!(status(&world).1["how"], "outdated");
    for program in [None, Some("exit 1"), Some("kill -9 $$"), Some("exec 0<&-; exit 2")] {
        for words in [
            ["commit", "-q", "--allow-empty", "-m", "one"].as_slice(),
            &["commit", "-q", "--allow-empty", "--amend", "-m", "two"],
            &["push", "-q", "-f", "../remote.git", "main"],
        ] {
            let answer = git_with(&world, &git, program, words);
            assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{program:?} {words:?} {answer:?}");
        }
    }
}

#[test]
fn a_configured_hook_that_is_switched_off_stays_so() {
    let Some(git) = new_git() else { return };
    let world = World::with_git(&git);
    world.git(["config", "hook.yoi-pre-push.enabled", "false"]).ok();
    let before = config(&world);
    hooks(&world, &["install"]).ok();
    let (code, document) = status(&world);
    assert_eq!((code, row(&document, "pre-push").0, row(&document, "commit-msg").0), (0, "off", "config"));
    world.git(["config", "--unset", "hook.yoi-post-merge.command"]).ok();
    assert_eq!(row(&status(&world).1, "post-merge").0, "damaged");
    hooks(&world, &["uninstall"]).ok();
    assert_eq!(config(&world), before);
}
