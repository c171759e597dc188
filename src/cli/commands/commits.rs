//! `git yoi commits`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::commits;
use crate::ops::resolve::CURRENT;
use crate::view::history::CommitsView;
use crate::view::ticket::CommitView;

/// List the commits of a ticket.
///
/// A commit belongs to a ticket when it was linked by hand, when a line of its message names the ticket, such
/// as "Ticket: <id>", when a snapshot of the ticket's work has it, when a landing brought it to a target
/// branch, or when it is on the ticket's branch only. A commit that was rebased is listed once, with what it
/// was rewritten as.
///
/// With --porcelain rows are: full id, subject.
#[derive(Debug, Args)]
pub struct CommitsArgs {
    /// The ticket; that of the current branch when none is named
    pub id: Option<String>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When the ticket can't be read.
pub fn run(context: &Context, args: &CommitsArgs) -> anyhow::Result<Exit> {
    let (id, rows) = (args.id.as_deref().unwrap_or(CURRENT), &args.rows);
    let linked = commits::list(&context.session()?, id)?;
    let view = CommitsView::new(&linked);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(rows) {
        context.rows(rows, &view.commits, &CommitView::ATOMS, &["commit", "subject"])?;
    } else {
        let painter = context.painter();
        let lines = linked.iter().map(|commit| render::commit_line(commit, &painter) + "\n");
        context.page(&lines.collect::<String>())?;
        if linked.is_empty() {
            context.note("no commits are linked");
        }
    }
    Ok(Exit::Done)
}
