//! `git yoi index`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::indexing::Found;
use crate::ops::problem::count;
use crate::ui::sanitize;
use crate::view::index::IndexView;

/// Tell how the index is, make it anew or remove it.
///
/// The index makes lists fast where there are many tickets. It is made and kept up to date by itself, holds nothing
/// that the tickets' ref doesn't, and can be removed at any time. Exits with 1 when there is none.
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// Make it anew, however few tickets there are
    #[arg(long, conflicts_with = "remove")]
    pub rebuild: bool,
    /// Remove it; it is made again when it is worth it
    #[arg(long)]
    pub remove: bool,
}

/// Runs the command.
///
/// # Errors
/// When there are no tickets.
pub fn run(context: &Context, args: &IndexArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let found = match (args.rebuild, args.remove) {
        (true, _) => session.make_index()?,
        (_, true) => session.remove_index()?,
        (false, false) => session.find_index()?,
    };
    if context.global.json {
        context.json(&IndexView::new(&found))?;
    } else {
        context.answer(&format!("{}\n", sanitize::line(&words(&found))))?;
    }
    // Whoever removed it got what they asked for.
    Ok(if found.version.is_some() || args.remove { Exit::Done } else { Exit::No })
}

fn words(found: &Found) -> String {
    let Some(version) = &found.version else { return format!("no index at {}", found.path.display()) };
    let age = if version.is_fresh { "up to date" } else { "of an earlier version" };
    let tickets = count(version.tickets, "ticket");
    format!("{tickets}, {age}, {} KiB: {}", version.bytes.div_ceil(1024), found.path.display())
}
