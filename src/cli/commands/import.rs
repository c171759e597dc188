//! `git yoi import`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::import;
use crate::ops::problem::count;
use crate::ui::sanitize;
use crate::view::change::ImportView;

/// Take over tickets from a directory, in one commit.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// From what.
    #[command(subcommand)]
    pub source: Source,
}

/// From what tickets can be imported.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// A directory in yoi's layout: one folder for each ticket, with item.md and thread.md
    ///
    /// Every byte is kept. Importing the same again changes nothing; tickets that are here already and
    /// differ are refused, never overwritten.
    Yoi {
        /// The directory, such as .yoi/tickets
        directory: PathBuf,
        /// Pass over tickets that can't be imported instead of importing none; exits with 1 if there were any
        #[arg(long)]
        keep_going: bool,
    },
}

/// Runs the command.
///
/// # Errors
/// When the directory can't be read, a ticket is bad, or the repository can't be written.
pub fn run(context: &Context, args: &ImportArgs) -> anyhow::Result<Exit> {
    let Source::Yoi { directory, keep_going } = &args.source;
    let session = context.session()?;
    let mut meter = context.meter("Reading tickets");
    let mut tell = |done, total| meter.tick(done, total);
    let imported = import::import(&session, &context.host.cwd.join(directory), *keep_going, &mut tell)?;
    meter.finish();
    if context.global.json {
        context.json(&ImportView::new(&imported))?;
    } else if context.global.porcelain {
        context.answer(&format!("imported\t{}\nunchanged\t{}\n", imported.new, imported.unchanged))?;
    } else {
        context.answer(&format!(
            "{} imported, {} unchanged\n",
            count(imported.new, "ticket"),
            imported.unchanged
        ))?;
    }
    let exit = context.tell_skipped(&imported.skipped);
    for name in imported.ignored.iter().filter(|_| !context.global.json) {
        context.note(&format!("note: '{}' is no ticket", sanitize::line(name)));
    }
    Ok(exit)
}
