//! `git yoi index`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::indexing::{Found, Version};
use crate::ops::problem::count;
use crate::ui::sanitize;
use crate::view::index::IndexView;

/// Tell how the index is, make it anew or remove it.
///
/// The index makes lists fast where there are many tickets. It is made and kept up to date by itself, holds nothing
/// that the tickets' ref doesn't, and can be removed at any time. What only threads tell (who made a ticket, when its
/// events were written, which commits it names) is a part of its own, made when somebody asks for it. Exits with 1
/// when there is none.
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
        context.answer(&words(&found))?;
    }
    // Whoever removed it got what they asked for.
    Ok(if found.version.is_some() || args.remove { Exit::Done } else { Exit::No })
}

fn words(found: &Found) -> String {
    let path = found.path.display().to_string();
    let path = sanitize::line(&path);
    let Some(version) = &found.version else { return format!("no index at {path}\n") };
    let threads = found.threads.as_ref().map(|threads| format!("  threads of {}\n", size(threads)));
    format!("{}: {path}\n{}", size(version), threads.unwrap_or_default())
}

fn size(version: &Version) -> String {
    let age = if version.is_fresh { "up to date" } else { "of an earlier version" };
    format!("{}, {age}, {} KiB", count(version.tickets, "ticket"), version.bytes.div_ceil(1024))
}
