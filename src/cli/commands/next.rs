//! `git yoi next`

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::start::{self, Place, Wanted};
use crate::ops::{Problem, Session, next};
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
    /// Start the first one that can be had, as git yoi start does: if somebody is faster, the one after it
    #[arg(long, conflicts_with_all = ["explain", "most", "format", "nul"])]
    pub claim: bool,
    /// With --claim: check its branch out in a worktree of its own, at <path> or below .worktree
    #[arg(long, value_name = "path", num_args = 0..=1, require_equals = true, requires = "claim")]
    pub worktree: Option<Option<PathBuf>>,
    /// With --claim: only take it
    #[arg(long, requires = "claim", conflicts_with = "worktree")]
    pub no_branch: bool,
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
    if args.claim {
        return claim(context, &session, args);
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

/// Starts the first ticket that can be had.
fn claim(context: &Context, session: &Session, args: &NextArgs) -> anyhow::Result<Exit> {
    let place = match &args.worktree {
        _ if args.no_branch => Place::Nothing,
        Some(path) => Place::Worktree(path.clone()),
        None => Place::Here,
    };
    let wanted = Wanted { place, branch: None, base: None, slug: None, words: None, expected: None };
    match start::start_next(session, &wanted)? {
        Some(started) => super::start::tell(context, &started),
        None => Err(Problem::NothingToStart.into()),
    }
}
