//! `git yoi export`

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::export;
use crate::ops::problem::count;
use crate::ui::sanitize;
use crate::view::change::ExportView;

/// Write tickets to a directory, one folder for each, as yoi has them.
///
/// What was imported comes out byte for byte.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The directory: a new one, or an empty one
    pub directory: PathBuf,
    /// Only these tickets
    pub ids: Vec<String>,
    /// Pass over tickets that can't be read instead of writing nothing; exits with 1 if there were any
    #[arg(long)]
    pub keep_going: bool,
}

/// Runs the command.
///
/// # Errors
/// When the directory holds something or can't be written, or a ticket can't be read.
pub fn run(context: &Context, args: &ExportArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let mut meter = context.meter("Writing tickets");
    let mut tell = |done, total| meter.tick(done, total);
    let directory = context.host.cwd.join(&args.directory);
    let exported = export::export(&session, &directory, &args.ids, args.keep_going, &mut tell)?;
    meter.finish();
    if context.global.json {
        context.json(&ExportView::new(&exported))?;
    } else if context.global.porcelain {
        context.answer(&format!("tickets\t{}\nfiles\t{}\n", exported.tickets, exported.files))?;
    } else {
        let (tickets, files) = (count(exported.tickets, "ticket"), count(exported.files, "file"));
        context.answer(&format!("{tickets} exported in {files}\n"))?;
    }
    for folder in exported.left_behind.iter().filter(|_| !context.global.json) {
        let folder = sanitize::line(&folder.to_string_lossy()).into_owned();
        context.note(&format!("note: '{folder}' is left of an export that was interrupted; nobody needs it"));
    }
    Ok(context.tell_skipped(&exported.skipped))
}
