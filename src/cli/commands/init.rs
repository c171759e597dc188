//! `git yoi init`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::init::{self, Setup};
use crate::view::change::InitView;

/// Set this repository up for tickets.
///
/// Makes the ref that holds them, refs/yoi/tickets, with a log of its former values. Run again, it
/// changes nothing. Tickets live on that ref only: nothing appears in the work tree.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Install no git hooks; this version installs none anyway
    #[arg(long)]
    pub no_hooks: bool,
}

/// Runs the command.
///
/// # Errors
/// When the repository can't be written.
pub fn run(context: &Context, _args: &InitArgs) -> anyhow::Result<Exit> {
    let setup = init::init(&context.session()?)?;
    if context.global.json {
        context.json(&InitView::new(&setup))?;
    } else if context.global.porcelain {
        context.answer(&format!(
            "{}\t{}\n",
            setup.reference,
            if setup.is_new { "created" } else { "present" }
        ))?;
    } else {
        context.answer(&words(&setup))?;
    }
    Ok(Exit::Done)
}

fn words(setup: &Setup) -> String {
    if setup.is_new {
        return format!("tickets are kept on {}\nnext: git yoi create \"<title>\"\n", setup.reference);
    }
    format!("tickets are kept on {} already ({} of them)\n", setup.reference, setup.tickets)
}
