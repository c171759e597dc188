//! Help in all its forms: overviews, each command's words, manual pages, completion scripts.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use git_yoi::cli::args::Cli;
use git_yoi::cli::guide;

use crate::world::World;

/// The words of every command, subcommands of commands included.
fn commands() -> Vec<Vec<String>> {
    fn collect(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
        for inner in command.get_subcommands() {
            let path = [path, &[inner.get_name().to_owned()]].concat();
            collect(inner, &path, found);
            found.push(path);
        }
    }
    let mut found = Vec::new();
    collect(&Cli::command(), &[], &mut found);
    found
}

fn said(world: &World, words: &[&str]) -> String {
    let answer = world.yoi(words);
    assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{words:?} {answer:?}");
    answer.out
}

#[test]
fn the_manual_pages_in_the_project_are_those_the_program_has() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let pages: BTreeMap<String, String> = guide::pages().unwrap().into_iter().collect();
    if std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1") {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        pages.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    }
    let entries = fs::read_dir(&folder).expect("man/ is there; UPDATE_EXPECT=1 writes it");
    let paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let kept: BTreeMap<String, String> =
        paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect();
    assert_eq!(
        kept.keys().collect::<Vec<_>>(),
        pages.keys().collect::<Vec<_>>(),
        "UPDATE_EXPECT=1 renews man/"
    );
    for (name, page) in &pages {
        assert!(&kept[name] == page, "{name} is outdated; UPDATE_EXPECT=1 renews it");
    }
}

#[test]
fn every_command_has_a_manual_page_with_name_synopsis_and_description() {
    let pages: BTreeMap<String, String> = guide::pages().unwrap().into_iter().collect();
    assert_eq!(pages.len(), commands().len() + 1);
    for command in commands() {
        let name = format!("git-yoi-{}", command.join("-"));
        let page = &pages[&format!("{name}.1")];
        assert!(page.contains(&format!(".TH {} 1", name.to_uppercase())), "{name}: {page}");
        for section in [".SH NAME\n", ".SH SYNOPSIS\n", ".SH DESCRIPTION\n"] {
            assert!(page.contains(section), "{name} has no {section:?}");
        }
        let synopsis = page.split(".SH SYNOPSIS\n").nth(1).unwrap().lines().next().unwrap();
        let words = synopsis.replace('\\', "").replace("fB", "").replace("fR", "");
        assert!(words.starts_with(&format!("git yoi {}", command.join(" "))), "{name}: {synopsis}");
    }
}

#[test]
fn the_overview_lists_commands_that_exist_and_all_lists_every_one() {
    let world = World::new();
    let top: Vec<String> =
        commands().into_iter().filter(|path| path.len() == 1).map(|path| path[0].clone()).collect();
    let listed = |text: &str| -> Vec<String> {
        let rows = text.lines().filter_map(|line| line.strip_prefix("   "));
        rows.map(|row| row.split(' ').next().unwrap().to_owned()).collect()
    };
    let short = said(&world, &["-h"]);
    assert!(short.starts_with("usage: git yoi <command> [<args>]\n"), "{short}");
    let everyday = listed(&short);
    assert!(everyday.len() >= 15 && everyday.iter().all(|name| top.contains(name)), "{everyday:?}");
    assert_eq!(listed(&said(&world, &["help", "-a"])), top);
    for line in said(&world, &["help", "-a"]).lines().filter(|line| line.starts_with("   ")) {
        assert!(line.trim().contains(' ') && line.len() <= 100, "{line:?} says nothing, or too much");
    }
    assert_eq!(said(&world, &["help"]), short);
    assert_eq!(said(&world, &["--help"]), short, "without a terminal there is no man");
    assert_eq!(said(&world, &[]), short);
}

#[test]
fn every_command_tells_about_itself() {
    let world = World::bare_folder(&crate::world::gits()[0]);
    for command in commands() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        let short = said(&world, &[&words[..], &["-h"]].concat());
        assert!(short.contains(&format!("Usage: git yoi {}", command.join(" "))), "{command:?} {short}");
        let long = said(&world, &[&words[..], &["--help"]].concat());
        assert!(long.len() >= short.len() && long.contains("Usage: git yoi "), "{command:?} {long}");
        if let [name] = words[..] {
            let help = said(&world, &["help", name]);
            assert!(help.contains(&format!("Usage: git yoi {name}")), "{help}");
        }
    }
    for alias in ["new", "ls", "view"] {
        said(&world, &[alias, "-h"]);
    }
    for words in [
        &["help", "frobnicate"][..],
        &["man", "git-yoi-frobnicate"],
        &["completions", "tcsh"],
        &["frobnicate", "-h"],
    ] {
        assert_eq!(world.yoi(words).code, 129, "{words:?}");
    }
    assert_eq!(said(&world, &["--version"]), format!("git-yoi {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_long_help_and_the_manual_tell_more_than_the_short_help() {
    let world = World::new();
    let pages: BTreeMap<String, String> = guide::pages().unwrap().into_iter().collect();
    let told = [
        ("create", "It starts in planning"),
        ("list", "label:x"),
        ("search", "Quote words"),
        ("state", "needs an intake summary"),
        ("commits", "With --porcelain rows are"),
        ("import-yoi", "Every byte is kept"),
    ];
    for (name, words) in told {
        let command: Vec<&str> = name.split('-').collect();
        let joined = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let long = joined(said(&world, &[&command[..], &["--help"]].concat()));
        assert!(long.contains(words), "{words:?} is not in {long}");
        assert!(
            !joined(said(&world, &[&command[..], &["-h"]].concat())).contains(words),
            "{name} -h is short"
        );
        let page = joined(pages[&format!("git-yoi-{name}.1")].replace('\\', ""));
        assert!(page.contains(words), "{words:?} is not in {page}");
    }
}

#[test]
fn help_of_an_alias_is_that_of_its_command() {
    let world = World::new();
    for (alias, name) in [("new", "create"), ("ls", "list"), ("view", "show")] {
        assert_eq!(said(&world, &["help", alias]), said(&world, &["help", name]));
    }
}

#[test]
fn a_word_that_is_nearly_a_command_is_set_right() {
    let world = World::new();
    let err = world.yoi(["craete", "x"]).fails(129);
    assert!(err.starts_with("error: ") && err.contains("'create'"), "{err}");
    let err = world.yoi(["create", "x", "--labels", "y"]).fails(129);
    assert!(err.contains("'--label'"), "{err}");
}

#[test]
fn completions_name_every_command_and_bash_can_read_them() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&world, &["completions", shell]);
        for command in commands() {
            assert!(script.contains(command.last().unwrap()), "{shell} doesn't know {command:?}");
        }
    }
    let path = world.write("completion", said(&world, &["completions", "bash"]));
    let mut bash = world.command("bash", world.root());
    bash.arg("-n").arg(&path);
    assert_eq!(world.run(bash).ok(), "");
    let mut bash = world.command("bash", world.root());
    let complete = "source ./completion; COMP_WORDS=(git yoi comm); COMP_CWORD=2; _git_yoi; echo \"${COMPREPLY[*]}\"; \
                    COMP_WORDS=(git -C x yoi artifact a); COMP_CWORD=5; _git_yoi; echo \"${COMPREPLY[*]}\"";
    bash.args(["-c", complete]);
    assert_eq!(world.run(bash).ok(), "comment commits\nadd\n");
}

#[test]
fn installed_pages_can_be_read_with_man() {
    let world = World::new();
    let answer = said(&world, &["man", "--install", "--to", "../share/man/man1"]);
    let folder = world.root().join("share/man/man1");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), guide::pages().unwrap().len());
    assert!(answer.starts_with(&format!("{} manual pages in ", guide::pages().unwrap().len())), "{answer}");
    assert_eq!(
        said(&world, &["man", "git-yoi-create"]),
        fs::read_to_string(folder.join("git-yoi-create.1")).unwrap()
    );
    let mut man = world.command("man", world.root());
    man.arg("-M").arg(world.root().join("share/man")).arg("git-yoi-create").env("MANWIDTH", "200");
    if man.output().is_err() {
        writeln!(std::io::stdout().lock(), "skipped: no man").unwrap();
        return;
    }
    let page = world.run(man);
    if page.out.contains("has been minimized") {
        writeln!(std::io::stdout().lock(), "skipped: man shows no pages here").unwrap();
        return;
    }
    let page = page.ok();
    assert!(page.contains("git-yoi-create") && page.contains("--depends-on"), "{page}");
}
