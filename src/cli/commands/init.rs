//! `git yoi init`

use clap::Args;

use crate::cli::commands::hooks;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::init::{self, Setup};
use crate::ops::problem::count;
use crate::ui::sanitize;
use crate::view::change::InitView;

/// Set this repository up for tickets.
///
/// Makes the ref that holds them, refs/yoi/tickets, with a log of its former values. Run again, it
/// changes nothing. Tickets live on that ref only: nothing appears in the work tree. In a clone, name the
/// remote whose tickets you want to go on with; tickets that are here already stay as they are.
///
/// Installs git's hooks, as `git yoi hooks install` does; hooks that are there go on as before.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Start from the tickets of this remote, if it has any
    pub remote: Option<String>,
    /// Install no git hooks
    #[arg(long)]
    pub no_hooks: bool,
}

/// Runs the command.
///
/// # Errors
/// When the repository can't be written.
pub fn run(context: &Context, args: &InitArgs) -> anyhow::Result<Exit> {
    let setup = init::init(&context.session()?, args.remote.as_deref(), !args.no_hooks)?;
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
        if !setup.is_new && args.remote.is_some() {
            context.note("note: they stay as they are; this version doesn't merge tickets of a remote");
        }
    }
    if let Some(Err(why)) = &setup.hooks {
        context.note(&format!("warning: the hooks are not installed: {}", sanitize::line(why)));
    }
    Ok(Exit::Done)
}

fn words(setup: &Setup) -> String {
    let hooks = setup.hooks.iter().flatten().map(hooks::line).collect::<String>();
    if let Some(remote) = &setup.joined {
        let tickets = count(setup.tickets, "ticket");
        return format!(
            "{tickets} of '{}' taken over to {}\n{hooks}",
            sanitize::line(remote),
            setup.reference
        );
    }
    if setup.is_new {
        return format!("tickets are kept on {}\n{hooks}next: git yoi create \"<title>\"\n", setup.reference);
    }
    format!("tickets are kept on {} already ({} of them)\n{hooks}", setup.reference, setup.tickets)
}
