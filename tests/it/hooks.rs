//! git's hooks: put in, taken out, looked at; whatever was there before stays as it was.

mod beside;
mod block;
mod configured;
mod folders;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::plant::{git_in, say, yoi_in};
use crate::world::{Answer, World, gits};

const EVENTS: [&str; 5] = ["commit-msg", "post-commit", "post-merge", "post-rewrite", "pre-push"];

/// The first version of git that runs hooks named in its configuration.
const CONFIGURED_SINCE: (u32, u32) = (2, 54);

fn version(git: &Path) -> (u32, u32) {
    let output = std::process::Command::new(git).arg("--version").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut numbers = said.trim_start_matches("git version ").split('.');
    let mut next = || numbers.next().unwrap().trim().parse().unwrap_or(0);
    (next(), next())
}

/// The gits that know hook files only.
fn old_gits() -> Vec<PathBuf> {
    let found: Vec<PathBuf> = gits().into_iter().filter(|git| version(git) < CONFIGURED_SINCE).collect();
    if found.is_empty() {
        say("skipped: every git here is newer than 2.53");
    }
    found
}

/// Writes a hook file.
fn plant(world: &World, event: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
    let path = world.write(&format!("repo/.git/hooks/{event}"), content);
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn hook_path(world: &World, event: &str) -> PathBuf {
    world.repo().join(".git/hooks").join(event)
}

/// Everything in a folder: mode and bytes of each file, where a link leads.
fn tree(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let bytes = if metadata.is_symlink() {
            fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
        } else if metadata.is_dir() {
            found.extend(tree(&path));
            Vec::new()
        } else {
            fs::read(&path).unwrap()
        };
        found.insert(path, (metadata.permissions().mode(), bytes));
    }
    found
}

fn hooks(world: &World, words: &[&str]) -> Answer {
    world.yoi([&["hooks"], words].concat())
}

/// The word for an event in a JSON answer, and the rest of what is said about it.
fn row<'a>(document: &'a serde_json::Value, event: &str) -> (&'a str, &'a serde_json::Value) {
    let rows = document["hooks"].as_array().unwrap();
    let row = rows.iter().find(|row| row["event"] == event).unwrap();
    (row["how"].as_str().unwrap(), row)
}

fn status(world: &World) -> (i32, serde_json::Value) {
    let answer = hooks(world, &["status", "--json"]);
    (answer.code, serde_json::from_str(&answer.out).unwrap_or_else(|_| panic!("{answer:?}")))
}

#[test]
fn hooks_go_in_for_five_events_stay_the_same_and_come_out_without_a_trace() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let before = tree(&world.repo().join(".git/hooks"));
        let rows = |how: &str, place: &dyn Fn(&str) -> PathBuf| -> String {
            EVENTS.iter().map(|event| format!("{event}\t{how}\t{}\n", place(event).display())).collect()
        };
        let place = |event: &str| hook_path(&world, event);
        assert_eq!(hooks(&world, &["status", "--porcelain"]).fails(1), "");
        assert_eq!(hooks(&world, &["install", "--porcelain"]).ok(), rows("file", &place));
        let installed = tree(&world.repo().join(".git/hooks"));
        assert_eq!(installed.len(), before.len() + EVENTS.len());
        for event in EVENTS {
            let (mode, bytes) = &installed[&place(event)];
            assert_eq!(mode & 0o777, 0o755);
            assert!(bytes.starts_with(b"#!/bin/sh\n# >>> git-yoi hook v1") && !bytes.contains(&b'\r'));
        }
        for _ in 0..2 {
            hooks(&world, &["install"]).ok();
            assert_eq!(tree(&world.repo().join(".git/hooks")), installed);
        }
        assert_eq!(hooks(&world, &["status", "--porcelain"]).ok(), rows("file", &place));
        assert_eq!(hooks(&world, &["uninstall", "--porcelain"]).ok(), rows("removed", &place));
        assert_eq!(tree(&world.repo().join(".git/hooks")), before);
        assert_eq!(hooks(&world, &["uninstall", "--porcelain"]).ok(), rows("missing", &place));
    }
}

#[test]
fn a_hook_folder_that_was_made_goes_again() {
    for git in old_gits() {
        let world = World::bare_folder(&git);
        world.git(["init", "-q", "--template=", "."]).ok();
        let folder = world.repo().join(".git/hooks");
        assert!(!folder.exists());
        hooks(&world, &["install"]).ok();
        assert_eq!(tree(&folder).len(), EVENTS.len());
        hooks(&world, &["install"]).ok();
        hooks(&world, &["uninstall"]).ok();
        assert!(!folder.exists());
        // Somebody put something in: it stays, and so does the folder.
        hooks(&world, &["install"]).ok();
        plant(&world, "pre-commit", "#!/bin/sh\n", 0o755);
        hooks(&world, &["uninstall"]).ok();
        assert_eq!(tree(&folder).into_keys().collect::<Vec<_>>(), [folder.join("pre-commit")]);
    }
}

/// Hook files of others that a block goes into.
const SCRIPTS: [(&[u8], u32); 16] = [
    (b"#!/bin/sh\n", 0o755),
    (b"#!/bin/sh", 0o700),
    (b"#!/bin/sh\n\n", 0o755),
    (b"#!/bin/sh\necho hello\nexit 0\n", 0o755),
    (b"#!/bin/sh\nexit 0", 0o750),
    (b"#!/bin/sh -e\nexec true \"$@\"", 0o755),
    (b"#! /bin/sh -eu\nset -x\n", 0o555),
    (b"#!/bin/bash\necho a\r\necho b\r\n", 0o755),
    (b"#!/usr/bin/env bash\n# \xff\xfe not UTF-8 \xc3\necho\n", 0o775),
    (b"#!/usr/bin/env -S bash -eu -o pipefail\ntrue\n", 0o755),
    (b"#!/bin/sh\n\n\n\ncat <<EOF\n$1\nEOF\n\n\n", 0o711),
    (b"#!/bin/sh\n# >>> other tool >>>\ntrue\n# <<< other tool <<<\n", 0o755),
    (b"#!/bin/sh\n# <<< git-yoi hook v1 <<<\ntrue\n", 0o755),
    (b"#!/bin/bash --posix\nif true; then\n  exit 1\nfi", 0o755),
    (b"#!/bin/sh\n\xef\xbb\xbftrue\n", 0o755),
    (b"#!/bin/sh\n  \t \n", 0o755),
];

#[test]
fn a_block_goes_behind_the_first_line_of_somebodys_script_and_comes_out_again() {
    let events = ["pre-push", "post-commit"];
    for git in old_gits() {
        for (content, mode) in SCRIPTS {
            let world = World::with_git(&git);
            let paths = events.map(|event| plant(&world, event, content, mode));
            let before = tree(&world.repo().join(".git/hooks"));
            let told = content.escape_ascii();
            let document = world.json(["hooks", "install"]);
            assert_eq!(events.map(|event| row(&document, event).0), ["file", "file"], "{told}");
            let first = content.split(|byte| *byte == b'\n').next().unwrap();
            let installed = paths.each_ref().map(|path| fs::read(path).unwrap());
            for bytes in &installed {
                assert!(bytes.starts_with(&[first, b"\n# >>> git-yoi hook v1 >>>\n"].concat()), "{told}");
                assert!(bytes.ends_with(&content[first.len()..]), "{told}");
            }
            hooks(&world, &["install"]).ok();
            hooks(&world, &["install"]).ok();
            assert_eq!(paths.each_ref().map(|path| fs::read(path).unwrap()), installed, "{told}");
            for path in &paths {
                assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o7777, mode, "{told}");
            }
            assert_eq!(status(&world).0, 0, "{told}");
            hooks(&world, &["uninstall"]).ok();
            assert_eq!(tree(&world.repo().join(".git/hooks")), before, "{told}");
        }
    }
}

#[test]
fn what_is_no_shell_script_is_left_alone_and_the_line_is_printed() {
    for git in old_gits() {
        for (content, mode, why) in [
            (b"#!/usr/bin/env python3\nprint()\n".as_slice(), 0o755, "no shell script"),
            (b"#!/usr/bin/env node\n", 0o755, "no shell script"),
            (b"\x7fELF\x02\x01\x01\x00\x00", 0o755, "doesn't begin with '#!'"),
            (b"#!/bin/sh\nexec tail -n +3 \"$0\"\n\x00\x01", 0o755, "no text"),
            (b"echo no first line\n", 0o755, "doesn't begin with '#!'"),
            (b"", 0o755, "doesn't begin with '#!'"),
            (b"#!/bin/sh\r\necho\r\n", 0o755, "carriage return"),
            (b"#!/bin/sh\necho switched off\n", 0o644, "not executable"),
        ] {
            let world = World::with_git(&git);
            let path = plant(&world, "pre-push", content, mode);
            let before = tree(&world.repo().join(".git/hooks"));
            let said = hooks(&world, &["install"]).ok();
            let line =
                "if command -v git-yoi >/dev/null 2>&1; then git-yoi hook pre-push \"$@\" >&2 || :; fi";
            assert!(said.starts_with("hooks: mixed\n") && said.contains(why), "{said}");
            assert!(said.lines().any(|said| said.ends_with(line)), "{said}");
            assert_eq!(fs::read(&path).unwrap(), content);
            let (code, document) = status(&world);
            assert_eq!((code, row(&document, "pre-push").0), (1, "missing"), "{document}");
            assert_eq!(row(&document, "commit-msg").0, "file");
            hooks(&world, &["uninstall"]).ok();
            assert_eq!(tree(&world.repo().join(".git/hooks")), before);
        }
    }
}

#[test]
fn a_line_added_by_hand_counts() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let script = "#!/usr/bin/env python3\nimport os\nos.system('git yoi hook pre-push origin')\n";
        let path = plant(&world, "pre-push", script, 0o755);
        let shell = plant(&world, "post-merge", "#!/bin/sh\ngit-yoi hook post-merge \"$@\"\n", 0o755);
        let document = world.json(["hooks", "install"]);
        for (event, path) in [("pre-push", &path), ("post-merge", &shell)] {
            let (how, row) = row(&document, event);
            assert_eq!((how, row["where"].as_str(), row.get("line")), ("manual", path.to_str(), None));
        }
        let (code, document) = status(&world);
        assert_eq!(
            (code, row(&document, "pre-push").0, row(&document, "post-merge").0),
            (0, "manual", "manual")
        );
        let document = world.json(["hooks", "uninstall"]);
        assert_eq!(row(&document, "pre-push").0, "manual");
        assert_eq!(fs::read_to_string(path).unwrap(), script);
    }
}

#[test]
fn links_and_folders_in_place_of_a_hook_are_left_alone() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let tracked = world.write("repo/scripts/pre-push", "#!/bin/sh\necho\n");
        symlink("../../scripts/pre-push", hook_path(&world, "pre-push")).unwrap();
        symlink("nowhere", hook_path(&world, "post-merge")).unwrap();
        fs::create_dir(hook_path(&world, "commit-msg")).unwrap();
        let before = tree(&world.repo().join(".git/hooks"));
        let document = world.json(["hooks", "install"]);
        for event in ["pre-push", "post-merge", "commit-msg"] {
            let (how, row) = row(&document, event);
            assert_eq!(how, "manual", "{row}");
            let why = if event == "commit-msg" { "it is no plain file" } else { "it is a link" };
            assert_eq!(row["why"], why);
            assert!(row["line"].as_str().unwrap().contains(event), "{row}");
        }
        assert_eq!(fs::read_to_string(&tracked).unwrap(), "#!/bin/sh\necho\n");
        hooks(&world, &["uninstall"]).ok();
        assert_eq!(tree(&world.repo().join(".git/hooks")), before);
    }
}

#[test]
fn a_script_whose_shell_can_not_be_run_is_not_changed_and_the_others_are_installed() {
    for git in old_gits() {
        for script in ["#!/nowhere/bin/sh\necho\n", "#!/usr/bin/env -S PATH=/nowhere sh\necho\n"] {
            let world = World::with_git(&git);
            let path = plant(&world, "post-commit", script, 0o755);
            let answer = hooks(&world, &["install", "--json"]);
            assert_eq!(answer.code, 1, "{answer:?}");
            let document: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
            let (how, failed) = row(&document, "post-commit");
            assert_eq!(how, "failed");
            assert!(failed["why"].as_str().unwrap().contains("would not work: it can't be run"), "{failed}");
            for event in EVENTS.iter().filter(|event| **event != "post-commit") {
                assert_eq!(row(&document, event).0, "file", "{event}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), script);
            let names = tree(&world.repo().join(".git/hooks"));
            assert!(!names.keys().any(|path| path.to_str().unwrap().contains("git-yoi")), "{names:?}");
            assert_eq!(row(&status(&world).1, "post-commit").0, "missing");
        }
    }
}

#[test]
fn the_status_tells_missing_outdated_and_damaged_hooks_and_install_mends_them() {
    for git in old_gits() {
        let world = World::with_git(&git);
        hooks(&world, &["install"]).ok();
        let read = |event: &str| fs::read_to_string(hook_path(&world, event)).unwrap();
        let good = tree(&world.repo().join(".git/hooks"));
        fs::remove_file(hook_path(&world, "commit-msg")).unwrap();
        plant(&world, "post-commit", read("post-commit").replace("hook v1", "hook v0"), 0o755);
        plant(&world, "post-merge", read("post-merge").replace('\n', "\r\n"), 0o755);
        fs::set_permissions(hook_path(&world, "post-rewrite"), fs::Permissions::from_mode(0o644)).unwrap();
        let own = env!("CARGO_BIN_EXE_git-yoi");
        plant(&world, "pre-push", read("pre-push").replace(own, "/nowhere/git-yoi"), 0o755);
        let (code, document) = status(&world);
        assert_eq!(code, 1);
        let told = EVENTS.map(|event| row(&document, event).0);
        assert_eq!(told, ["missing", "outdated", "damaged", "damaged", "outdated"], "{document}");
        assert_eq!(row(&document, "post-commit").1["version"], 0);
        assert!(row(&document, "pre-push").1["why"].as_str().unwrap().contains("/nowhere/git-yoi"));
        hooks(&world, &["install"]).ok();
        assert_eq!(tree(&world.repo().join(".git/hooks")), good);
        // Lines that somebody added to a file of ours may want what git says on standard input.
        plant(&world, "pre-push", format!("{}wc -l\n", read("pre-push")), 0o755);
        let (code, document) = status(&world);
        assert_eq!((code, row(&document, "pre-push").0), (0, "outdated"));
        hooks(&world, &["install"]).ok();
        assert_eq!(row(&status(&world).1, "pre-push").0, "file");
        hooks(&world, &["uninstall"]).ok();
        assert_eq!(read("pre-push"), "#!/bin/sh\nwc -l\n");
    }
}

#[test]
fn a_block_without_its_end_is_told_and_left_alone() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let half = "#!/bin/sh\n# >>> git-yoi hook v1 >>>\necho mine\n";
        plant(&world, "pre-push", half, 0o755);
        let (code, document) = status(&world);
        assert_eq!((code, row(&document, "pre-push").0), (1, "damaged"));
        let answer = hooks(&world, &["install"]).ok();
        assert!(answer.contains("the end of the block in it is missing"), "{answer}");
        hooks(&world, &["uninstall"]).fails(1);
        assert_eq!(fs::read_to_string(hook_path(&world, "pre-push")).unwrap(), half);
    }
}

#[test]
fn files_that_another_tool_has_moved_aside_are_not_forgotten() {
    for git in old_gits() {
        let world = World::with_git(&git);
        let before = tree(&world.repo().join(".git/hooks"));
        plant(&world, "pre-push", "#!/bin/sh\ntrue\n", 0o755);
        hooks(&world, &["install"]).ok();
        for (event, end) in [("pre-push", "legacy"), ("commit-msg", "legacy"), ("post-merge", "old")] {
            fs::rename(hook_path(&world, event), hook_path(&world, &format!("{event}.{end}"))).unwrap();
        }
        let moved = tree(&world.repo().join(".git/hooks"));
        // Put in again, none of them is called a second time.
        hooks(&world, &["install"]).ok();
        assert!(!hook_path(&world, "commit-msg.legacy").exists() && hook_path(&world, "commit-msg").exists());
        moved.iter().for_each(|(path, (_, bytes))| fs::write(path, bytes).unwrap());
        hooks(&world, &["uninstall"]).ok();
        let after = tree(&world.repo().join(".git/hooks"));
        let (mode, bytes) = &after[&hook_path(&world, "pre-push.legacy")];
        assert_eq!((mode & 0o777, bytes.as_slice()), (0o755, b"#!/bin/sh\ntrue\n".as_slice()));
        assert_eq!(after.len(), before.len() + 1);
    }
}

#[test]
fn init_installs_the_hooks_unless_told_not_to() {
    let world = World::new();
    assert!(world.json(["init", "--no-hooks"]).get("hooks").is_none());
    assert_eq!(status(&world).0, 1);
    let said = world.yoi(["init"]).ok();
    assert_eq!(said.lines().filter(|line| line.starts_with("hooks: installed ")).count(), 1, "{said}");
    assert_eq!(status(&world).0, 0);
    let document = world.json(["init"]);
    assert_eq!(document["hooks"], status(&world).1["how"]);
    assert_eq!(world.yoi(["init", "--porcelain"]).ok(), "refs/yoi/tickets\tpresent\n");
}

#[test]
fn installing_at_once_leaves_whole_hooks_only() {
    let world = World::new();
    let answers = crate::plant::at_once((0..8).map(|_| world.yoi_command(["hooks", "install"])));
    assert!(answers.iter().all(|answer| answer.code == 0), "{answers:?}");
    assert_eq!(status(&world).0, 0);
    hooks(&world, &["uninstall"]).ok();
    assert_eq!(hooks(&world, &["status"]).code, 1);
}

#[test]
fn without_a_repository_or_an_action_it_says_so() {
    let world = World::new();
    for action in ["install", "uninstall", "status"] {
        let said = yoi_in(&world, world.root(), &["hooks", action, "--json"]).fails(128);
        assert!(said.contains("\"no_repository\""), "{said}");
    }
    for words in [["hooks"].as_slice(), &["hooks", "instal"], &["hooks", "install", "pre-push"]] {
        world.yoi(words).fails(129);
    }
    git_in(&world, &world.repo(), &["status"]).ok();
}
