//! `git yoi undo`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::undo::{self, Request};
use crate::ui::sanitize;
use crate::view::undo::UndoView;

/// Take back what an operation did.
///
/// Without --op it is the last operation of yours, with a ticket the last of yours that changed it. History only
/// grows: what was done is taken back by a new commit, and shown as undone. States, fields, labels, relations
/// and links are set back; words stay and are struck out; a ticket that was made is closed. Undoing an undo does
/// it again. It is refused when something later depends on it, or when it was pushed and others went on from it.
/// With --porcelain rows are: id, what changed.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The ticket
    #[arg(conflicts_with = "operation")]
    pub id: Option<String>,
    /// The operation: a commit on refs/yoi/tickets, as `history` lists it
    #[arg(long = "op", value_name = "commit")]
    pub operation: Option<String>,
    /// Why
    #[arg(short = 'm', long = "message", value_name = "text", allow_hyphen_values = true)]
    pub message: Option<String>,
    /// Show what would be done, and do nothing
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Runs the command.
///
/// # Errors
/// When it is refused or the repository can't be written.
pub fn run(context: &Context, args: &UndoArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let request = Request {
        operation: args.operation.as_deref(),
        ticket: args.id.as_deref(),
        why: args.message.as_deref(),
        is_dry: args.dry_run,
    };
    let undone = undo::undo(&session, &request)?;
    if context.global.json {
        context.json(&UndoView::new(&undone, args.dry_run))?;
    } else if context.global.porcelain {
        let row = |taken: &undo::Taken| format!("{}\t{}\n", taken.id, sanitize::line(&taken.summary));
        context.answer(&undone.tickets.iter().map(row).collect::<String>())?;
    } else {
        context.answer(&render::undo::undone(&undone, args.dry_run, &context.painter()))?;
    }
    Ok(Exit::Done)
}
