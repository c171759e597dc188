//! Help in all its forms: the overview, one command's help, manual pages, completion scripts.

use std::ffi::OsString;
use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::host::Host;
use crate::ui::manual;

use super::args::Cli;

/// The everyday commands, in groups.
const GROUPS: [(&str, &[&str]); 8] = [
    ("start here", &["init", "create", "list", "show", "config"]),
    ("say something", &["comment", "edit", "report", "review", "artifact"]),
    ("move a ticket on", &["state", "queue", "start", "release", "done", "close", "reopen"]),
    ("decide what comes next", &["status", "next", "route", "plan", "graph"]),
    ("relate tickets and commits", &["relate", "unrelate", "link", "commits", "land"]),
    ("look back", &["search", "history", "diff", "undo", "log", "blame", "doctor"]),
    ("carry tickets to and from remotes", &["sync", "push", "fetch"]),
    ("move in and out", &["import", "export"]),
];

/// What `git yoi -h` says; with `all`, every command.
pub fn overview(all: bool) -> String {
    let cli = Cli::words();
    let about = |name: &str| {
        let found = cli.find_subcommand(name).and_then(clap::Command::get_about);
        found.map(ToString::to_string).unwrap_or_default()
    };
    let mut out =
        String::from("usage: git yoi <command> [<args>]\n\nTickets as Markdown threads on a git ref.\n");
    if all {
        out.push_str("\nevery command\n");
        for command in cli.get_subcommands() {
            let aliases: Vec<&str> = command.get_visible_aliases().collect();
            let also =
                if aliases.is_empty() { String::new() } else { format!(" (also {})", aliases.join(", ")) };
            out.push_str(&format!("   {:<12} {}{also}\n", command.get_name(), about(command.get_name())));
        }
    } else {
        for (title, names) in GROUPS {
            out.push_str(&format!("\n{title}\n"));
            for name in names {
                out.push_str(&format!("   {name:<12} {}\n", about(name)));
            }
        }
    }
    out.push_str(
        "\nA ticket is named by its id, by the last four or more characters of it, or by @, the ticket\n",
    );
    out.push_str(
        "of the current branch. git yoi <command> -h tells about a command, git yoi help -a lists all.\n",
    );
    out
}

/// Everything about one command.
pub fn long_help(name: &str) -> Option<String> {
    let mut cli = Cli::words();
    cli.build();
    Some(cli.find_subcommand_mut(name)?.render_long_help().to_string())
}

/// The manual pages: file names and texts.
///
/// # Errors
/// When a page can't be rendered.
pub fn pages() -> io::Result<Vec<(String, String)>> {
    let mut cli = Cli::words();
    cli.build();
    let mut pages = Vec::new();
    add_pages(&cli, "git-yoi", &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &clap::Command, name: &str, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    let page = command.clone().display_name(name.to_owned());
    let mut text = Vec::new();
    let usage = page.clone().render_usage().to_string();
    let man =
        clap_mangen::Man::new(page).title(name.to_uppercase()).manual("git-yoi manual").source("git-yoi");
    man.render_title(&mut text)?;
    man.render_name_section(&mut text)?;
    // The generated synopsis names every option without its value.
    writeln!(text, ".SH SYNOPSIS\n{}", usage.trim_start_matches("Usage: ").replace('-', "\\-"))?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut text)?;
    }
    pages.push((format!("{name}.1"), String::from_utf8_lossy(&text).into_owned()));
    command
        .get_subcommands()
        .try_for_each(|inner| add_pages(inner, &format!("{name}-{}", inner.get_name()), pages))
}

/// Shows the installed manual page of a command, if there is one. Says whether it did.
pub fn open_manual(host: &Host, command: Option<&OsString>) -> bool {
    match command.and_then(|name| name.to_str()) {
        Some(name) => manual::open(host, &format!("git-yoi-{name}")),
        None => manual::open(host, "git-yoi"),
    }
}

/// A completion script. For bash it also serves `git yoi …`, which git's own completion asks for.
pub fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    let mut cli = Cli::command();
    clap_complete::generate(shell, &mut cli, "git-yoi", &mut text);
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if shell == Shell::Bash {
        // The generator takes the program's own hyphen for a subcommand in half of its labels.
        text = text.replace("git__subcmd__yoi", "git__yoi");
        let function =
            text.split_whitespace().find(|word| word.ends_with("()")).map(|word| word.replace("()", ""));
        text.push_str(&BASH_UNDER_GIT.replace("FUNCTION", &function.unwrap_or_default()));
    }
    text
}

/// git's bash completion calls `_git_yoi` for `git yoi <TAB>`; the generated function wants the words as
/// if `git-yoi` had been typed.
const BASH_UNDER_GIT: &str = r#"
_git_yoi() {
    local at=1
    while [ "${COMP_WORDS[at]}" != yoi ] && [ "$at" -lt "$COMP_CWORD" ]; do at=$((at + 1)); done
    local COMP_WORDS=(git-yoi "${COMP_WORDS[@]:at+1}")
    local COMP_CWORD=$((COMP_CWORD - at))
    FUNCTION git-yoi "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
}
"#;
