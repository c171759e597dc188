//! `git yoi next`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::next;
use crate::view::next::{CandidateView, ExplainView, NextView, ReasonView};

/// How many tickets are shown when nobody says how many.
const MOST: usize = 10;

/// List what can start now: queued tickets that wait for nothing and are nobody else's.
///
/// The most urgent come first (P0, P1, … and critical, high, medium, low), then those queued longest. A ticket
/// that the plan keeps from running beside one in progress is left out. Marked are tickets nobody has routed yet,
/// and those to route again: they were held back, and everything that held them is over. Porcelain rows are: id,
/// priority, title.
#[derive(Debug, Args)]
pub struct NextArgs {
    /// Show at most <count>; else 10
    #[arg(short = 'n', value_name = "count", conflicts_with = "explain")]
    pub most: Option<usize>,
    /// Say why a ticket can start or can't; exits with 1 if it can't. Porcelain rows are: reason, other ticket, its state
    #[arg(long, value_name = "id")]
    pub explain: Option<String>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or the tickets can't be listed.
pub fn run(context: &Context, args: &NextArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    if let Some(typed) = &args.explain {
        let explained = next::explain(&session, typed)?;
        let view = ExplainView::new(&explained);
        if context.global.json {
            context.json(&view)?;
        } else if context.wants_rows(&args.rows) {
            context.rows(&args.rows, &view.reasons, &ReasonView::ATOMS, &["reason", "id", "state"])?;
        } else {
            context.page(&render::next::explained(&explained, &context.painter()))?;
        }
        return Ok(if view.can_start { Exit::Done } else { Exit::No });
    }
    let found = next::next(&session, args.most.unwrap_or(MOST))?;
    let view = NextView::new(&found);
    if context.global.json {
        context.json(&view)?;
        return Ok(Exit::Done);
    }
    if context.wants_rows(&args.rows) {
        context.rows(&args.rows, &view.tickets, &CandidateView::ATOMS, &["id", "priority", "title"])?;
    } else {
        context.page(&render::next::list(&found.tickets, &context.painter(), context.width()))?;
    }
    if found.tickets.len() < found.total {
        context.note(&format!("{} of {} shown", found.tickets.len(), found.total));
    } else if found.total == 0 && !context.is_machine() {
        context.note(&match found.queued {
            0 => "nothing is queued".to_owned(),
            queued => {
                format!("nothing can start now; of {queued} queued, git yoi next --explain <id> says why")
            }
        });
    }
    context.tell_unreadable(&found.unreadable, &found.damaged);
    Ok(Exit::Done)
}
