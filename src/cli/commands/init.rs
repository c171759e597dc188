//! `git yoi init`

use clap::Args;

use crate::cli::commands::hooks;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::init::{self, Connected, Setup};
use crate::ops::problem::count;
use crate::store::unite::United;
use crate::ui::sanitize;
use crate::view::change::InitView;

/// Set this repository up for tickets, or join those of its remote.
///
/// Makes the ref that holds them, refs/yoi/tickets, with a log of its former values; where the remote has
/// tickets, starts from those. Adds one refspec to the remote, so that git fetch brings tickets, and opts it in
/// (remote.<name>.yoi), so that git push sends them. The remote is the one named, else origin, else the only
/// one. Run again, it changes nothing; git yoi deinit undoes it.
///
/// Installs git's hooks, as `git yoi hooks install` does; hooks that are there go on as before. Tickets live
/// on their ref only: nothing appears in the work tree.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The remote to carry tickets to and from
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
    let setup = init::init(&context.session_as_it_is()?, args.remote.as_deref(), !args.no_hooks)?;
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
    notes(&setup).iter().for_each(|note| context.note(note));
    Ok(Exit::Done)
}

/// What was done, in a few lines.
pub(in crate::cli) fn words(setup: &Setup) -> String {
    let reference = sanitize::line(&setup.reference);
    let tickets = count(setup.tickets, "ticket");
    let mut out = match &setup.joined {
        Some(remote) => format!("{tickets} of '{}' taken over to {reference}\n", sanitize::line(remote)),
        None if setup.is_new => format!("tickets are kept on {reference}\n"),
        None => format!("tickets are kept on {reference} already ({} of them)\n", setup.tickets),
    };
    out.extend(setup.remote.iter().map(|remote| connection(remote, setup.hooks.is_some())));
    out.extend(setup.hooks.iter().flatten().map(hooks::line));
    if setup.is_new && setup.tickets == 0 {
        out.push_str("next: git yoi create \"<title>\"\n");
    }
    out
}

/// How a remote is connected, in a line.
fn connection(remote: &Connected, has_hooks: bool) -> String {
    let name = sanitize::line(&remote.name);
    if remote.is_mirror {
        return format!("'{name}' is a mirror and stays as it is: git yoi sync {name}\n");
    }
    if !remote.is_opted_in {
        return format!("'{name}' takes no part, as remote.{name}.yoi says: git yoi init {name}\n");
    }
    let fetch = if remote.fetches() { "git fetch" } else { "git yoi fetch" };
    let push = if has_hooks { "git push" } else { "git yoi push" };
    let already = if remote.is_new { "" } else { " already" };
    let united = match &remote.united {
        Some(United::Merged { .. }) => "; its tickets were merged with those here",
        Some(United::Known | United::Forward) | None => "",
    };
    let place = remote.elsewhere.as_ref().map(|place| format!(", on {}", sanitize::line(place)));
    let place = place.unwrap_or_default();
    format!("'{name}': {fetch} brings its tickets, {push} sends them{place}{already}{united}\n")
}

/// What went less well.
pub(in crate::cli) fn notes(setup: &Setup) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(Connected { name, has_tickets: Some(Err(why)), .. }) = &setup.remote {
        let (name, why) = (sanitize::line(name), sanitize::line(why));
        notes.push(format!("note: '{name}' can't be asked for tickets now: {why}"));
        notes.push(format!("hint: git yoi sync {name}, when it can"));
    }
    if !setup.choices.is_empty() {
        let names = setup.choices.join(", ");
        notes.push(format!("note: none of several remotes was set up: {}", sanitize::line(&names)));
        notes.push("hint: git yoi init <remote>".to_owned());
    }
    if let Some(Err(why)) = &setup.hooks {
        notes.push(format!("warning: the hooks are not installed: {}", sanitize::line(why)));
    }
    notes
}
