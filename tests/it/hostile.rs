//! What somebody hostile could put on the ref: it moves no cursor, leaves no folder, and names no path.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::bad_input::refused;
use crate::plant::{self, REF, import, path};
use crate::world::{World, gits};

mod commands;
mod extremes;
mod repository;

/// A title as YAML has it between double quotes, what it stands for, and how it must be shown.
const TITLE: &str = "\\e]0;owned\\a\\e[2J\\u202eevil\\u2066\\x9b31m\\r\\ttab\\x7f \\u200b.";
const MEANT: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}evil\u{2066}\u{9b}31m\r\ttab\u{7f} \u{200b}.";
const SHOWN: &str = "^[]0;owned^G^[[2J<U+202E>evil<U+2066><U+009B>31m^M^Itab^? <U+200B>.";
/// Two tickets that end alike.
const TWO: [&str; 2] = ["00001KVZKSV6C", "00001KVZ0SV6C"];

/// Whether a text holds nothing that could move a cursor or turn the order of letters.
fn is_harmless(text: &str) -> bool {
    let turns =
        |letter: char| matches!(letter, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text.chars().any(|letter| (letter.is_control() && letter != '\n') || turns(letter))
}

#[test]
fn a_hostile_title_is_shown_by_name_wherever_it_appears() {
    let world = World::new();
    let [a, b] = TWO;
    import(&world, &[(a, TITLE), (b, TITLE)]);
    world.yoi(["relate", a, "depends-on", b]).ok();
    for words in [
        ["list", "-n", "all"].as_slice(),
        &["list", "--porcelain"],
        &["list", "--format", "%(id) %(title)"],
        &["show", a],
        &["show", a, "--porcelain"],
        &["search", "owned"],
        &["search", "owned", "--format", "%(title)"],
        &["comment", a, "-m", "words"],
        &["edit", a, "--priority", "P1"],
        &["history", "--patch"],
    ] {
        let answer = world.yoi(words);
        // Tabs part the fields of rows.
        let said = format!("{}{}", answer.out.replace('\t', " "), answer.err.replace('\t', "^I"));
        assert!(is_harmless(&said), "{words:?}: {said:?}");
        assert!(said.contains(SHOWN) || words[0] == "history", "{words:?}: {said}");
    }
    let said = refused(&world, &["show", "sv6c"], 1, "ambiguous_ticket");
    assert!(is_harmless(&said) && said.contains("<U+202E>evil<U+2066>"), "{said:?}");
    assert_eq!(world.json(["show", a])["title"], MEANT);
}

#[test]
fn a_title_of_several_lines_stays_on_one_and_forges_no_hint() {
    let world = World::new();
    let [a, b] = TWO;
    let title = "evil\\nhint: run this\\nerror: forged";
    import(&world, &[(a, title), (b, title)]);
    world.yoi(["relate", a, "depends-on", b]).ok();
    let is_forged = |line: &str| line.starts_with("hint: run") || line == "error: forged";
    for words in [
        ["list", "-n", "all"].as_slice(),
        &["list", "--porcelain"],
        &["show", a],
        &["search", "evil"],
        &["comment", a, "-m", "words"],
        &["close", b, "-m", "words"],
    ] {
        let answer = world.yoi(words);
        let said = format!("{}{}", answer.out, answer.err);
        assert!(said.contains("evil^Jhint: run this^Jerror: forged"), "{words:?}: {said}");
        // What is said in a thread may have any lines; what the program says has not.
        assert!(!answer.err.lines().any(is_forged), "{words:?}: {said}");
    }
    let said = refused(&world, &["show", "sv6c"], 1, "ambiguous_ticket");
    assert!(said.contains("hint: run this") && !said.lines().any(is_forged), "{said}");
}

#[test]
fn a_title_forges_no_event_in_the_thread_of_another_ticket() {
    let world = World::new();
    let [a, b] = TWO;
    let forged = "<!-- event: close author: x at: 2026-01-01T00:00:00Z id: 01M82JK8PTTD85GVKKNDZTTWW3 -->";
    import(&world, &[(a, &format!("x\\n---\\n\\n{forged}\\n\\n## Closed\\n")), (b, "another")]);
    world.yoi(["relate", b, "depends-on", a]).ok();
    world.yoi(["unrelate", b, "depends-on", a]).ok();
    world.yoi(["close", b, "-m", "over", "--as", &format!("duplicate-of={a}")]).ok();
    let shown = world.json(["show", b]);
    let kinds: Vec<&str> =
        shown["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["create", "relation", "relation", "relation", "state_changed", "close"]);
}

#[test]
fn json_names_letters_that_could_move_a_cursor_by_number() {
    let world = World::new();
    let [a, b] = TWO;
    import(&world, &[(a, TITLE), (b, TITLE)]);
    for words in [["list", "--json"].as_slice(), &["show", a, "--json"], &["show", "sv6c", "--json"]] {
        let answer = world.yoi(words);
        let said = format!("{}{}", answer.out, answer.err);
        assert!(is_harmless(&said), "{words:?}: {said:?}");
        assert!(said.contains("\\u202e") && said.contains("\\u009b"), "{words:?}: {said}");
    }
}

#[test]
fn hostile_bodies_authors_and_names_are_shown_by_name() {
    let world = World::new();
    let id = world.create("one");
    let nasty = "\u{1b}]52;c;b3duZWQ=\u{7}\u{202e}\u{9d}";
    world.yoi_with_input(["comment", &id, "-F", "-"], format!("body {nasty}").as_bytes()).ok();
    let thread = plant::content(&world, &path(&id, ".thread.md"));
    let event = format!(
        "<!-- event: odd{nasty} author: \"who {nasty}\" at: {nasty} -->\n\n## head {nasty}\n\nx\n\n---\n"
    );
    plant::file(&world, &path(&id, ".thread.md"), format!("{thread}\n{event}").as_bytes());
    let blob = plant::blob(&world, b"x");
    let folder = plant::tree(&world, &format!("100644 blob {blob}\ta\u{1b}[2Jb\n"));
    plant::artifacts(&world, &id, &folder);
    for words in [
        ["show", &id].as_slice(),
        &["artifact", "list", &id],
        &["artifact", "list", &id, "--porcelain"],
        &["search", "body"],
        &["search", "body", "--porcelain"],
        &["history", "-p"],
        &["history", "--porcelain"],
    ] {
        let answer = world.yoi(words);
        assert_eq!(answer.code, 0, "{answer:?}");
        let rows = answer.out.replace('\t', " ");
        assert!(is_harmless(&rows) && is_harmless(&answer.err), "{words:?}: {answer:?}");
    }
    let shown = world.yoi(["show", &id]).ok();
    for part in ["body ^[]52;c;b3duZWQ=^G<U+202E><U+009D>", "who ^[", "head ^[", "a^[[2Jb"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn a_hostile_commit_or_branch_is_shown_by_name() {
    let world = World::new();
    let id = world.create("one");
    let nasty = "sub\u{1b}[2Jject\u{202e}";
    world.git(["-c", "user.name=who\u{1b}[2J", "commit", "-q", "--allow-empty", "-m", nasty]).ok();
    world.yoi(["link", &id, "HEAD"]).ok();
    world.git(["switch", "-q", "-c", "bran\u{202e}ch"]).ok();
    for (words, shown) in [
        (["show", &id].as_slice(), "sub^[[2Jject<U+202E>"),
        (&["commits", &id], "sub^[[2Jject<U+202E>"),
        (&["show", "@"], "bran\\u{202e}ch"),
        (&["link", &id, "no\u{1b}[2Jcommit"], "no\\u{1b}[2Jcommit"),
    ] {
        let answer = world.yoi(words);
        let said = format!("{}{}", answer.out, answer.err);
        assert!(is_harmless(&said) && said.contains(shown), "{words:?}: {said:?}");
    }
}

/// Every path below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Exports into `safe/out` of the world; gives the exit code and the paths that appeared outside of it.
fn exported(world: &World, more: &[&str]) -> (i32, Vec<PathBuf>) {
    let inside = world.root().join("safe/out");
    std::fs::create_dir_all(world.root().join("safe")).unwrap();
    drop(std::fs::remove_dir_all(&inside));
    // What the program keeps for itself is no ticket's file.
    let own = world.repo().join(".git/yoi/cursors");
    let outside = || -> Vec<PathBuf> {
        below(world.root()).into_iter().filter(|path| !path.starts_with(&inside) && *path != own).collect()
    };
    let before = outside();
    let answer = world.yoi([&["export", "../safe/out"], more].concat());
    (answer.code, outside().into_iter().filter(|path| !before.contains(path)).collect())
}

/// Folders of artifacts with a name in them that means something to a file system or to git.
fn hostile_folders(world: &World) -> Vec<(&'static str, String)> {
    let blob = plant::blob(world, b"owned");
    let evil = plant::tree(world, &format!("100644 blob {blob}\tevil\n"));
    let folder = |name| (name, plant::raw_tree(world, "40000", name, &evil));
    let file = |name| (name, plant::raw_tree(world, "100644", name, &blob));
    vec![
        folder(".."),
        folder("."),
        folder(".git"),
        folder(".GIT"),
        folder("git~1"),
        file(".."),
        file("../../../evil"),
        file("/evil"),
        file("a\\..\\..\\b"),
    ]
}

#[test]
fn no_name_on_the_ref_leaves_the_folder_of_an_export() {
    let world = World::new();
    let (id, good) = (world.create("one"), world.create("good"));
    let clean = plant::tip(&world);
    for (name, folder) in hostile_folders(&world) {
        plant::point(&world, &clean);
        plant::artifacts(&world, &id, &folder);
        assert_eq!(exported(&world, &[]), (1, Vec::new()), "{name}");
        assert!(!world.root().join("safe/out").exists(), "{name}");
        let said = refused(&world, &["export", "../safe/refused"], 1, "bad_tickets");
        assert!(said.contains(&id), "{name}: {said}");
        assert_eq!(exported(&world, &["--keep-going"]), (1, Vec::new()), "{name}");
        let written = below(&world.root().join("safe/out"));
        let is_good = |path: &PathBuf| path.starts_with(world.root().join("safe/out").join(&good));
        assert!(written.len() == 5 && written.iter().all(is_good), "{name}: {written:?}");
        // The ticket can still be read and written.
        world.yoi(["show", &id]).ok();
        world.yoi(["comment", &id, "-m", "words"]).ok();
    }
}

#[test]
fn a_ticket_file_with_a_hostile_name_leaves_no_folder_either() {
    let world = World::new();
    let id = world.create("one");
    let clean = plant::tip(&world);
    let blob = plant::blob(&world, b"owned");
    for name in [format!("{id}..."), format!("{id}..git"), format!("{id}.a\\..\\b"), format!("{id}.con\u{1}")]
    {
        plant::point(&world, &clean);
        let rows = world.git(["ls-tree", &format!("{REF}:{}", plant::leaf(&id))]).ok();
        let leaf = plant::tree(&world, &format!("{rows}100644 blob {blob}\t{name}\n"));
        plant::graft(&world, &plant::leaf(&id), leaf);
        assert_eq!(exported(&world, &[]), (1, Vec::new()), "{name:?}");
        assert_eq!(exported(&world, &["--keep-going"]), (1, Vec::new()), "{name:?}");
        world.yoi(["show", &id]).ok();
    }
}

#[test]
fn links_and_submodules_on_the_ref_are_passed_over() {
    let world = World::new();
    let id = world.create("one");
    let secret = world.write("secret", "owned");
    let link = plant::blob(&world, secret.to_str().unwrap().as_bytes());
    let commit = plant::tip(&world);
    let blob = plant::blob(&world, b"plain");
    let (fake, sub) = (plant::id(1), plant::id(2));
    let planted = [
        ("120000", path(&fake, ".item.md"), &link),
        ("120000", path(&fake, ".thread.md"), &link),
        ("160000", path(&sub, ".item.md"), &commit),
        ("160000", path(&sub, ""), &commit),
        ("120000", path(&id, "/link"), &link),
        ("160000", path(&id, "/module"), &commit),
        ("100755", path(&id, "/plain"), &blob),
        ("120000", path(&id, ".resolution.md"), &link),
        ("120000", "tickets/z".to_owned(), &link),
        ("160000", "tickets/y".to_owned(), &commit),
        ("120000", "aliases".to_owned(), &link),
    ];
    let planted: Vec<(&str, &str, &str)> =
        planted.iter().map(|(mode, path, object)| (*mode, path.as_str(), object.as_str())).collect();
    plant::entries(&world, &planted);
    assert_eq!(world.json(["list", "--state", "all"])["total"], 1);
    for gone in [fake, sub] {
        refused(&world, &["show", &gone], 1, "unknown_ticket");
    }
    assert_eq!(world.yoi(["artifact", "list", &id, "--porcelain"]).ok(), "plain\t5\n");
    refused(&world, &["artifact", "get", &id, "link"], 1, "no_artifact");
    refused(&world, &["artifact", "get", &id, "module"], 1, "no_artifact");
    assert_eq!(exported(&world, &[]), (0, Vec::new()));
    let written = below(&world.root().join("safe/out"));
    assert!(written.iter().all(|path| !path.is_symlink()), "{written:?}");
    assert!(!written.iter().any(|path| path.ends_with("link") || path.ends_with("module")), "{written:?}");
    assert_eq!(world.yoi(["search", "owned"]).fails(1), "nothing found\n");
    world.yoi(["comment", &id, "-m", "words"]).ok();
    assert_eq!(std::fs::read_to_string(secret).unwrap(), "owned");
}

#[test]
fn a_link_among_what_is_imported_is_refused() {
    let world = World::new();
    let secret = world.write("secret", "owned");
    let id = plant::id(1);
    for place in ["item.md", "thread.md", "artifacts/link", "artifacts"] {
        drop(std::fs::remove_dir_all(world.root().join("incoming")));
        plant::folder(&world, "incoming", &id, "title");
        let link = world.root().join("incoming").join(&id).join(place);
        if link.is_dir() {
            std::fs::remove_dir_all(&link).unwrap();
        } else {
            drop(std::fs::remove_file(&link));
        }
        std::os::unix::fs::symlink(&secret, &link).unwrap();
        let said = refused(&world, &["import", "yoi", "../incoming"], 1, "bad_tickets");
        assert!(said.contains(&id) && said.contains(place), "{said}");
    }
}

#[test]
fn settings_and_texts_that_a_clone_brings_along_run_nothing() {
    let world = World::new();
    let mark = world.root().join("ran");
    let run = format!("touch '{}'", mark.display());
    let settings = format!(
        "[ticket]\nlanguage = \"{run}\"\n[yoi]\neditor = \"{run}\"\npager = \"{run}\"\n\
         branch_template = \"$({run})\"\nworktree_dir = \"`{run}`\"\n[pager]\nyoi = \"{run}\"\n[core]\npager = \"{run}\"\n"
    );
    world.write("repo/.yoi/workspace.toml", settings);
    let id = world.create("$(touch ran)");
    for words in
        [["list"].as_slice(), &["show", &id], &["comment", &id, "-m", "`touch ran`"], &["search", "touch"]]
    {
        world.yoi(words).ok();
    }
    assert!(!mark.exists() && !world.repo().join("ran").exists());
}

/// A ticket that can be started, in a repository with a commit that brings these files along.
fn queued_beside(world: &World, files: &[(&str, &str)]) -> String {
    for (path, content) in files {
        world.write(&format!("repo/{path}"), content);
    }
    world.git(["add", "-A", "-f"]).ok();
    world.git(["commit", "-q", "--allow-empty", "-m", "brought along"]).ok();
    let id = world.create("$(touch ran) `touch ran`; touch ran");
    world.yoi(["state", &id, "ready", "-m", "x"]).ok();
    world.yoi(["queue", &id]).ok();
    id
}

#[test]
fn no_setting_of_a_clone_is_run_by_a_start() {
    let world = World::new();
    let mark = world.root().join("ran");
    let run = format!("touch '{}'", mark.display());
    let id = queued_beside(
        &world,
        &[
            (".gitattributes", "* filter=evil diff=evil merge=evil\n"),
            (".gitconfig", &format!("[core]\n\thooksPath = hooks\n[filter \"evil\"]\n\tsmudge = {run}\n")),
            (".gitmodules", &format!("[submodule \"x\"]\n\tpath = x\n\turl = x\n\tupdate = !{run}\n")),
            ("hooks/post-checkout", &format!("#!/bin/sh\n{run}\n")),
        ],
    );
    for template in [format!("$({run})/{{id}}"), "--exec={id}".to_owned(), "../{id}".to_owned()] {
        let settings = format!("[yoi]\nbranch_template = \"{template}\"\ntrailer = \"x; {run}\"\n");
        world.write("repo/.yoi/workspace.toml", settings);
        let before = world.git(["for-each-ref"]).ok();
        for place in ["--worktree", "--base=HEAD"] {
            let answer = world.yoi(["start", &id, place]);
            assert_eq!(answer.code, 129, "{template}: {answer:?}");
        }
        assert_eq!(world.git(["for-each-ref"]).ok(), before, "{template}");
        let told = world.yoi(["doctor"]).ok();
        assert!(told.contains("warning: yoi.branch_template is '"), "{told}");
    }
    world.write("repo/.yoi/workspace.toml", format!("[yoi]\ntrailer = \"x; {run}\"\n"));
    world.yoi(["start", &id, "--worktree"]).ok();
    world.yoi(["done", &id, "-m", "x"]).ok();
    assert!(!mark.exists() && !world.repo().join("ran").exists());
}

/// The trailer that a clone asks for names what the user has set up for trailers of their own.
#[test]
fn no_trailer_of_a_clone_runs_what_the_user_set_up_for_trailers() {
    for git in gits() {
        let world = World::with_git(&git);
        let mark = world.root().join("ran");
        let run = format!("touch '{}'; echo forged", mark.display());
        for (scope, key) in [("--global", "trailer.sign.command"), ("--local", "trailer.seen.cmd")] {
            world.git(["config", scope, key, &run]).ok();
        }
        world.git(["config", "trailer.named.key", "Other-Name: "]).ok();
        world.git(["config", "core.commentChar", ";"]).ok();
        let id = queued_beside(&world, &[]);
        world.yoi(["init"]).ok();
        world.git(["switch", "-q", "-c", &format!("work/{id}-x")]).ok();
        for key in ["Sign", "Seen", "S", "Named", "Ticket"] {
            world.write("repo/.yoi/workspace.toml", format!("[yoi]\ntrailer = \"{key}\"\n"));
            let mut command = world.command("git", &world.repo());
            command.args(["-c", &format!("trailer.ticket.cmd={run}"), "commit", "-q", "--allow-empty"]);
            command.args(["-m", "some work\n\n; no comment here"]);
            world.run(command).ok();
            let message = world.git(["log", "-1", "--format=%B"]).ok();
            assert!(message.contains(&format!("\n{key}: {id}\n")), "{key}: {message}");
            assert!(!mark.exists(), "{key}");
        }
    }
}

#[test]
fn a_worktree_goes_nowhere_that_a_clone_chooses_outside() {
    let world = World::new();
    let id = queued_beside(&world, &[]);
    let outside = world.root().join("away");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink("/tmp", world.repo().join("link")).unwrap();
    let before = below(world.root()).into_iter().filter(|path| !path.starts_with(world.repo())).count();
    for folder in ["../../x", "/tmp/yoi-hostile", "link", "link/x", ".git/hooks", "-x", "a/../../../x", "~/x"]
    {
        world.write("repo/.yoi/workspace.toml", format!("[yoi]\nworktree_dir = \"{folder}\"\n"));
        let answer = world.yoi(["start", &id, "--worktree"]);
        assert_eq!(answer.code, 129, "{folder}: {answer:?}");
        let told = world.yoi(["doctor"]).ok();
        assert!(told.contains("warning: yoi.worktree_dir is '"), "{folder}: {told}");
        assert_eq!(world.git(["worktree", "list"]).ok().lines().count(), 1, "{folder}");
    }
    let after = below(world.root()).into_iter().filter(|path| !path.starts_with(world.repo())).count();
    assert_eq!(after, before);
    assert_eq!(world.json(["show", &id])["state"], "queued");
}

#[test]
fn a_reader_that_leaves_early_is_no_fault() {
    let world = World::new();
    let long = "x".repeat(1000);
    let ids: Vec<String> = (0..300).map(plant::id).collect();
    let tickets: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), long.as_str())).collect();
    import(&world, &tickets);
    world.yoi_with_input(["comment", &ids[0], "-F", "-"], "word \n".repeat(100_000).as_bytes()).ok();
    for words in [
        ["list", "-n", "all"].as_slice(),
        &["list", "--porcelain"],
        &["list", "--json"],
        &["show", &ids[0]],
        &["show", &ids[0], "--raw"],
        &["show", &ids[0], "--json"],
        &["history", "-p"],
    ] {
        let mut command = world.yoi_command(words);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = [0];
        // The pipe holds less than what is to come, and closes here.
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    }
}
