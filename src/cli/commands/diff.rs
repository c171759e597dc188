//! `git yoi diff`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::history;
use crate::ui::sanitize;
use crate::view::history::{DiffView, FileView};

/// Show what changed in a ticket between two versions.
///
/// A version is a commit on refs/yoi/tickets, by its id or a part of it, or a time in one of git's forms:
/// "2026-06-25", "2026-06-25 14:44", "yesterday", "2 weeks ago". A day alone means its end. Without a second
/// version the ticket is compared with how it is now. With --porcelain rows are: change, path.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The ticket
    pub id: String,
    /// The earlier version
    pub from: String,
    /// The later version; now, when none is named
    pub to: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or version.
pub fn run(context: &Context, args: &DiffArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let patches = history::diff(&session, &args.id, &args.from, args.to.as_deref())?;
    if context.global.json {
        context.json(&DiffView::new(&patches))?;
    } else if context.global.porcelain {
        let row = |file: FileView| format!("{}\t{}\n", file.change, sanitize::line(&file.path));
        context.answer(&patches.iter().map(FileView::new).map(row).collect::<String>())?;
    } else {
        let painter = context.painter();
        context.page(
            &patches.iter().map(|patch| render::patch::patch(patch, &painter, None)).collect::<String>(),
        )?;
        if patches.is_empty() {
            context.note("nothing changed between them");
        }
    }
    Ok(Exit::Done)
}
