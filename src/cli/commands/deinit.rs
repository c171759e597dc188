//! `git yoi deinit`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::init::{self, Undone};
use crate::ops::problem::count;
use crate::ui::sanitize;
use crate::view::change::DeinitView;

/// Undo what init did; the tickets stay.
///
/// Takes out the refspec and the opt-in of every remote, git's hooks, what was fetched of other tickets, and
/// the folder of git-yoi in the git dir. refs/yoi/tickets and its log are not touched, and no remote is asked.
/// Run again, it changes nothing.
#[derive(Debug, Args)]
pub struct DeinitArgs {}

/// Runs the command.
///
/// # Errors
/// When the repository can't be written.
pub fn run(context: &Context, _: &DeinitArgs) -> anyhow::Result<Exit> {
    let undone = init::deinit(&context.session_as_it_is()?)?;
    if context.global.json {
        context.json(&DeinitView::new(&undone))?;
    } else if context.global.porcelain {
        let what = if undone.is_anything() { "undone" } else { "absent" };
        context.answer(&format!("{}\t{what}\n", undone.reference))?;
    } else {
        context.answer(&words(&undone))?;
    }
    Ok(Exit::Done)
}

fn words(undone: &Undone) -> String {
    let mut out = String::new();
    if !undone.is_anything() {
        out.push_str("nothing to undo\n");
    }
    for remote in &undone.remotes {
        let remote = sanitize::line(remote);
        out.push_str(&format!("'{remote}': git fetch and git push leave tickets alone\n"));
    }
    match undone.hooks.summary() {
        "missing" => {}
        "removed" => out.push_str("hooks: removed\n"),
        _ => out.push_str("hooks: some stay; git yoi hooks status tells which\n"),
    }
    out.push_str(&format!("{} stay on {}\n", count(undone.tickets, "ticket"), undone.reference));
    out
}
