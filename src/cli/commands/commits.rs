//! `git yoi commits`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::problem::count;
use crate::ops::resolve::CURRENT;
use crate::ops::{commits, missing};
use crate::ui::sanitize;
use crate::view::code::{MissingView, TicketlessView};
use crate::view::history::CommitsView;
use crate::view::ticket::CommitView;

/// List the commits of a ticket, or those that have none.
///
/// A commit belongs to a ticket when it was linked by hand, when a line of its message names the ticket, such
/// as "Ticket: <id>", when a snapshot of the ticket's work has it, when a landing brought it to a target
/// branch, or when it is on the ticket's branch only. A commit that was rebased is listed once, with what it
/// was rewritten as.
///
/// --missing lists the commits of a range that belong to no ticket, and exits with 1 if there are any: a check
/// for each push. A range is what git log takes, such as origin/main..HEAD; one name stands for everything
/// that can be reached from it. Merges are left out, and the name of a branch doesn't count.
///
/// With --porcelain rows are: full id, subject.
#[derive(Debug, Args)]
pub struct CommitsArgs {
    /// The ticket; that of the current branch when none is named
    pub id: Option<String>,
    /// List the commits of <range> that belong to no ticket
    #[arg(long, value_name = "range", conflicts_with = "id", allow_hyphen_values = true)]
    pub missing: Option<String>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When the ticket can't be read, or the range names no commits of this clone.
pub fn run(context: &Context, args: &CommitsArgs) -> anyhow::Result<Exit> {
    match &args.missing {
        Some(range) => missing(context, range, &args.rows),
        None => list(context, args.id.as_deref().unwrap_or(CURRENT), &args.rows),
    }
}

fn list(context: &Context, id: &str, rows: &RowArgs) -> anyhow::Result<Exit> {
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

fn missing(context: &Context, range: &str, rows: &RowArgs) -> anyhow::Result<Exit> {
    let missing = missing::missing(&context.session()?, range)?;
    let view = MissingView::new(&missing);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(rows) {
        context.rows(rows, &view.commits, &TicketlessView::ATOMS, &["commit", "subject"])?;
    } else {
        let painter = context.painter();
        let lines = missing.commits.iter().map(|commit| render::code::ticketless(commit, &painter) + "\n");
        context.page(&lines.collect::<String>())?;
        let (range, number) = (sanitize::line(range), missing.looked_at);
        context.note(&match (number, missing.commits.len()) {
            (0, _) => format!("no commits in {range}"),
            (1, 0) => format!("the one commit in {range} has a ticket"),
            (number, 0) => format!("all {number} commits in {range} have a ticket"),
            (number, without) => {
                format!("{without} of {} in {range} without a ticket", count(number, "commit"))
            }
        });
    }
    if !context.global.json {
        context.tell_unreadable(&missing.unreadable, &missing.damaged);
    }
    Ok(if missing.commits.is_empty() { Exit::Done } else { Exit::No })
}
