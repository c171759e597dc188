//! `git yoi help`, `git yoi man` and `git yoi completions`

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::Shell;

use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::guide;
use crate::host::Host;
use crate::ops::Problem;

/// Print a completion script for a shell.
///
/// In ~/.bashrc: source <(git yoi completions bash)
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    pub shell: Shell,
}

/// Print or install the manual pages.
///
/// Installed pages are opened by `git help yoi`, `git yoi --help` and `man git-yoi-<command>`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The page to print, such as git-yoi-create; else git-yoi
    #[arg(conflicts_with = "install")]
    pub page: Option<String>,
    /// Write all pages where `man` looks: beside the folder this program is in
    #[arg(long)]
    pub install: bool,
    /// Write them to <folder> instead
    #[arg(long, value_name = "folder", requires = "install")]
    pub to: Option<PathBuf>,
}

/// Show help; -a lists every command.
#[derive(Debug, Args)]
pub struct HelpArgs {
    /// The command to tell about
    pub command: Option<String>,
    /// List every command
    #[arg(short = 'a', long)]
    pub all: bool,
}

/// Runs `help`.
///
/// # Errors
/// When there is no such command.
pub fn help(context: &Context, args: &HelpArgs) -> anyhow::Result<Exit> {
    let text = match &args.command {
        None => guide::overview(args.all),
        Some(name) => guide::long_help(name)
            .ok_or_else(|| UsageError(format!("no command '{}'", name.escape_debug())))?,
    };
    context.page(&text)?;
    Ok(Exit::Done)
}

/// Runs `completions`.
///
/// # Errors
/// When standard output can't be written.
pub fn completions(context: &Context, args: &CompletionsArgs) -> anyhow::Result<Exit> {
    context.answer(&guide::completions(args.shell))?;
    Ok(Exit::Done)
}

/// Runs `man`.
///
/// # Errors
/// When there is no such page, or the pages can't be written.
pub fn man(context: &Context, args: &ManArgs) -> anyhow::Result<Exit> {
    let pages = guide::pages()?;
    if args.install {
        let folder = match &args.to {
            Some(folder) => context.host.cwd.join(folder),
            None => default_folder(context.host),
        };
        install(&pages, &folder)?;
        context.answer(&format!("{} manual pages in {}\n", pages.len(), folder.display()))?;
        return Ok(Exit::Done);
    }
    let name = args.page.as_deref().unwrap_or("git-yoi");
    let wanted = format!("{}.1", name.trim_end_matches(".1"));
    let page = pages.iter().find(|(file, _)| *file == wanted || *file == format!("git-yoi-{wanted}"));
    let (_, text) = page.ok_or_else(|| UsageError(format!("no manual page '{}'", name.escape_debug())))?;
    context.answer(text)?;
    Ok(Exit::Done)
}

/// `<prefix>/share/man/man1` for a program in `<prefix>/bin`: where `man` looks for it.
fn default_folder(host: &Host) -> PathBuf {
    let prefix = host.program.as_deref().and_then(Path::parent).and_then(Path::parent);
    prefix.unwrap_or(Path::new("/usr/local")).join("share/man/man1")
}

fn install(pages: &[(String, String)], folder: &Path) -> Result<(), Problem> {
    let fail = |error: std::io::Error| Problem::File { path: folder.to_owned(), why: error.to_string() };
    fs::create_dir_all(folder).map_err(fail)?;
    pages.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text).map_err(fail))
}
