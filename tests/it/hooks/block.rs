//! What the block in a hook file does when git runs it: it calls the program, and nothing else is different.

use std::process::{Command, Stdio};

use super::*;

const INPUT: &str =
    "refs/heads/a 1 refs/heads/b2$(touch${IFS}PWNED) 2\nrefs/heads/\u{3042} 3 `x` \\n \"q\" 4\n";

/// Puts a program of that text in front of the real one, and gives its folder.
fn fake(world: &World, text: &str) -> PathBuf {
    let path = world.write("fake/git-yoi", format!("#!/bin/sh\n{text}"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path.parent().unwrap().to_owned()
}

/// Notes how it was called, in `called` in the root folder.
fn noting(world: &World) -> PathBuf {
    let log = world.root().join("called");
    fake(world, &format!("{{ echo \"$@\"; cat; }} >>'{}'; echo loud; echo louder >&2\n", log.display()))
}

fn called(world: &World) -> String {
    let said = fs::read_to_string(world.root().join("called")).unwrap_or_default();
    let _ = fs::remove_file(world.root().join("called"));
    said
}

/// A command whose PATH has these folders and the system's, but not the real program's.
fn without_own(world: &World, program: &Path, folder: &Path, first: &[PathBuf]) -> Command {
    let mut command = world.command(program, folder);
    let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
    command.env("PATH", std::env::join_paths(first.iter().cloned().chain(system)).unwrap());
    command
}

fn run_hook(world: &World, event: &str, first: &[PathBuf], input: Option<&str>, words: &[&str]) -> Answer {
    let mut command = without_own(world, &hook_path(world, event), &world.repo(), first);
    command.args(words).stdin(Stdio::null());
    if let Some(input) = input {
        command.stdin(fs::File::open(world.write("input", input)).unwrap());
    }
    world.run(command)
}

/// Lets the blocks fall back on a program that isn't there.
fn forget_program(world: &World) {
    for event in EVENTS {
        let path = hook_path(world, event);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(env!("CARGO_BIN_EXE_git-yoi")), "{text}");
        fs::write(&path, text.replace(env!("CARGO_BIN_EXE_git-yoi"), "/nowhere/git-yoi")).unwrap();
    }
}

/// First lines of scripts for the shells that are here.
fn shells() -> Vec<String> {
    let lines = [
        ("/bin/sh", ""),
        ("/bin/sh", " -e"),
        ("/bin/dash", " -eu"),
        ("/bin/bash", " -eu"),
        ("/bin/bash", " --posix"),
        ("/usr/bin/env", " -S bash -eu -o pipefail"),
        ("/usr/bin/zsh", ""),
        ("/usr/bin/ksh", " -eu"),
        ("/usr/bin/mksh", " -e"),
        ("/bin/busybox", " sh"),
    ];
    let here = lines.into_iter().filter(|(shell, _)| Path::new(shell).is_file());
    here.map(|(shell, words)| format!("#!{shell}{words}")).collect()
}

/// What git says on standard input of a hook.
fn inputs(event: &str) -> &'static [&'static str] {
    if matches!(event, "post-rewrite" | "pre-push") { &[INPUT, "one line\n", ""] } else { &[""] }
}

#[test]
fn the_program_is_called_and_the_rest_of_the_script_goes_on_as_before() {
    let Some(git) = old_gits().pop() else { return };
    for shell in shells() {
        let world = World::with_git(&git);
        for event in EVENTS {
            plant(&world, event, format!("{shell}\ncat\necho \"rest $1\"\nexit 3\n"), 0o755);
        }
        hooks(&world, &["install"]).ok();
        let path = [noting(&world)];
        for event in EVENTS {
            for input in inputs(event) {
                let answer = run_hook(&world, event, &path, Some(input), &["a b", "*"]);
                let expected = (3, format!("{input}rest a b\n"), "loud\nlouder\n".to_owned());
                assert_eq!((answer.code, answer.out, answer.err), expected, "{shell} {event}");
                assert_eq!(called(&world), format!("hook {event} a b *\n{input}"), "{shell} {event}");
            }
        }
        assert!(!world.repo().join("PWNED").exists());
    }
}

#[test]
fn a_program_that_is_missing_fails_or_reads_nothing_changes_nothing() {
    let Some(git) = old_gits().pop() else { return };
    for shell in shells() {
        let world = World::with_git(&git);
        for event in EVENTS {
            plant(&world, event, format!("{shell}\ncat\necho rest\n"), 0o755);
        }
        hooks(&world, &["install"]).ok();
        forget_program(&world);
        let many = INPUT.repeat(5000);
        let none = Vec::new();
        for text in [None, Some("exit 1"), Some("exit 128"), Some("kill -9 $$"), Some("exec 0<&-; exit 2")] {
            let path = text.map_or_else(|| none.clone(), |text| vec![fake(&world, text)]);
            for event in EVENTS {
                for input in inputs(event).iter().copied().chain((event == "pre-push").then_some(&*many)) {
                    let answer = run_hook(&world, event, &path, Some(input), &[]);
                    let ended = (answer.code, answer.out == format!("{input}rest\n"));
                    assert_eq!(ended, (0, true), "{shell} {event} {text:?} {}", answer.err);
                    let is_quiet = answer.err.is_empty() || text == Some("kill -9 $$");
                    assert!(is_quiet, "{shell} {event} {text:?} {}", answer.err);
                }
            }
        }
    }
}

#[test]
fn a_file_of_our_own_gives_the_program_all_of_standard_input_and_ends_well() {
    for git in old_gits() {
        let world = World::with_git(&git);
        hooks(&world, &["install"]).ok();
        let path = [noting(&world)];
        for event in EVENTS {
            for input in inputs(event) {
                let answer = run_hook(&world, event, &path, Some(input), &["x"]);
                assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{event}");
                assert_eq!(called(&world), format!("hook {event} x\n{input}"));
            }
        }
        forget_program(&world);
        for path in [vec![], vec![fake(&world, "exit 7")]] {
            for event in EVENTS {
                let answer = run_hook(&world, event, &path, None, &[]);
                assert_eq!((answer.code, answer.out + &answer.err), (0, String::new()), "{event}");
            }
        }
    }
}

#[test]
fn a_variable_switches_the_hooks_off_and_standard_input_is_left_alone() {
    let Some(git) = old_gits().pop() else { return };
    let world = World::with_git(&git);
    plant(&world, "pre-push", "#!/bin/sh -eu\ncat\n", 0o755);
    hooks(&world, &["install"]).ok();
    let path = [noting(&world)];
    for (name, value, is_off) in
        [("YOI_HOOKS_OFF", "1", true), ("YOI_HOOK_PROBE", "1", true), ("YOI_HOOKS_OFF", "", false)]
    {
        let mut command = without_own(&world, &hook_path(&world, "pre-push"), &world.repo(), &path);
        command.env(name, value).stdin(fs::File::open(world.write("input", INPUT)).unwrap());
        assert_eq!(world.run(command).ok(), INPUT);
        assert_eq!(called(&world).is_empty(), is_off, "{name}={value}");
    }
}

#[test]
fn the_program_is_found_where_it_was_installed_when_path_does_not_have_it() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let folder = world.root().join("it's a \"$HOME\" `x`\nfolder");
        fs::create_dir(&folder).unwrap();
        let program = folder.join("git-yoi");
        let own = env!("CARGO_BIN_EXE_git-yoi");
        if fs::hard_link(own, &program).is_err() {
            fs::copy(own, &program).unwrap();
        }
        let mut command = world.command(&program, &world.repo());
        command.args(["hooks", "install"]);
        world.run(command).ok();
        assert_eq!(status(&world).0, 0);
        let text = "#!/bin/sh\necho \"$@\" >>../called\n";
        fs::remove_file(&program).unwrap();
        fs::write(&program, text).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        run_hook(&world, "post-commit", &[], None, &[]).ok();
        assert_eq!(called(&world), "hook post-commit\n");
    }
}

/// A repository with a remote, and hooks whose program writes down how it is called, or is gone.
fn with_remote(git: &Path, is_program_there: bool) -> (World, Vec<PathBuf>) {
    let world = World::with_git(git);
    git_in(&world, world.root(), &["init", "-q", "--bare", "remote.git"]).ok();
    world.git(["remote", "add", "origin", "../remote.git"]).ok();
    hooks(&world, &["install"]).ok();
    forget_program(&world);
    let path = if is_program_there { vec![noting(&world)] } else { Vec::new() };
    (world, path)
}

/// Runs a git command; one that hangs is stopped, and fails.
fn git_with(world: &World, git: &Path, path: &[PathBuf], words: &[&str]) -> Answer {
    let mut command = without_own(world, Path::new("/usr/bin/timeout"), &world.repo(), path);
    command.arg("30").arg(git).args(words);
    world.run(command)
}

#[test]
fn git_calls_the_program_for_each_event() {
    for git in old_gits() {
        let (world, path) = with_remote(&git, true);
        let run = |words: &[&str]| git_with(&world, &git, &path, words).ok();
        let head = || world.git(["rev-parse", "HEAD"]).ok().trim_end().to_owned();
        run(&["commit", "-q", "--allow-empty", "-m", "one"]);
        assert_eq!(called(&world), "hook commit-msg .git/COMMIT_EDITMSG\nhook post-commit\n");
        let one = head();
        run(&["commit", "-q", "--allow-empty", "--amend", "-m", "two"]);
        let two = head();
        let amended = "hook commit-msg .git/COMMIT_EDITMSG\nhook post-commit\nhook post-rewrite amend\n";
        assert_eq!(called(&world), format!("{amended}{one} {two}\n"));
        run(&["switch", "-q", "-c", "side"]);
        run(&["commit", "-q", "--allow-empty", "-m", "three"]);
        run(&["switch", "-q", "main"]);
        called(&world);
        run(&["merge", "-q", "side"]);
        assert_eq!(called(&world), "hook post-merge 0\n");
        let pushed = run(&["push", "--porcelain", "origin", "main"]);
        assert!(pushed.starts_with("To ../remote.git\n"), "{pushed}");
        let (three, none) = (head(), "0".repeat(40));
        let line = format!("refs/heads/main {three} refs/heads/main {none}\n");
        assert_eq!(called(&world), format!("hook pre-push origin ../remote.git\n{line}"));
    }
}

#[test]
fn git_goes_on_without_the_program() {
    for git in old_gits() {
        let (world, path) = with_remote(&git, false);
        for words in [
            ["commit", "-q", "--allow-empty", "-m", "one"].as_slice(),
            &["commit", "-q", "--allow-empty", "--amend", "-m", "two"],
            &["switch", "-q", "-c", "side"],
            &["commit", "-q", "--allow-empty", "-m", "three"],
            &["switch", "-q", "main"],
            &["merge", "-q", "side"],
            &["push", "-q", "origin", "main"],
            &["push", "-q", "origin", "main"],
        ] {
            let answer = git_with(&world, &git, &path, words);
            assert_eq!((answer.code, answer.out + &answer.err), (0, String::new()), "{words:?}");
        }
        assert_eq!(
            git_in(&world, &world.root().join("remote.git"), &["rev-list", "--count", "main"]).ok(),
            "2\n"
        );
    }
}
