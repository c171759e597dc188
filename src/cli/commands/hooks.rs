//! `git yoi hooks`

use clap::{Args, Subcommand};

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::hooks::{self, Action, Report};
use crate::ui::sanitize;
use crate::view::hooks::{HookView, HooksView};

/// Install, remove or check git's hooks.
///
/// The hooks link commits to tickets and notice landings while you work with git. None of them makes git
/// fail, and what they miss is caught up later. With --porcelain rows are: event, how, where.
#[derive(Debug, Args)]
pub struct HooksArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Do,
}

/// What can be done with hooks.
#[derive(Debug, Subcommand)]
pub enum Do {
    /// Install the hooks, or renew them
    ///
    /// From git 2.54 on they stand in the repository's own configuration, before as a block in each hook
    /// file; what else is in a file stays. Where hook files are not this repository's alone, as in a work
    /// tree, nothing is written: the lines to add by hand are shown instead.
    Install {
        /// How rows are printed.
        #[command(flatten)]
        rows: RowArgs,
    },
    /// Remove the hooks; other hooks stay as they were
    Uninstall {
        /// How rows are printed.
        #[command(flatten)]
        rows: RowArgs,
    },
    /// Tell how each hook is; exits with 1 if one is missing or damaged
    Status {
        /// How rows are printed.
        #[command(flatten)]
        rows: RowArgs,
    },
}

/// Runs the command.
///
/// # Errors
/// When there is no repository, git can't be asked, or nothing can be written.
pub fn run(context: &Context, args: &HooksArgs) -> anyhow::Result<Exit> {
    let (action, rows) = match &args.action {
        Do::Install { rows } => (Action::Install, rows),
        Do::Uninstall { rows } => (Action::Uninstall, rows),
        Do::Status { rows } => (Action::Status, rows),
    };
    let report = hooks::run(&context.session_as_it_is()?, action)?;
    let view = HooksView::new(&report);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(rows) {
        context.rows(rows, &view.hooks, &HookView::ATOMS, &HookView::PORCELAIN)?;
    } else {
        context.answer(&words(&view))?;
        if action == Action::Status && view.hooks.iter().any(is_mended_by_install) {
            context.note("hint: git yoi hooks install");
        }
    }
    Ok(if report.is_fine() { Exit::Done } else { Exit::No })
}

fn is_mended_by_install(hook: &HookView) -> bool {
    matches!(hook.how, "missing" | "outdated" | "damaged") && hook.line.is_none()
}

fn words(view: &HooksView) -> String {
    let mut out = format!("hooks: {}\n", view.how);
    for hook in &view.hooks {
        let version = hook.version.map(|version| format!(" (version {version})")).unwrap_or_default();
        let why = hook.why.as_deref().map(|why| format!(": {}", sanitize::line(why))).unwrap_or_default();
        let place = sanitize::line(&hook.place);
        out.push_str(&format!("{:<13} {:<9} {place}{version}{why}\n", hook.event, hook.how));
        if let Some(line) = &hook.line {
            out.push_str(&format!("{:<13} add       {}\n", "", sanitize::line(line)));
        }
    }
    out
}

/// What `init` says about the hooks.
pub fn line(report: &Report) -> String {
    let said = match report.summary() {
        "file" => "installed as files",
        "config" => "installed in git's configuration",
        "manual" => "manual; git yoi hooks install says what to add",
        "off" => "not installed, because core.hooksPath switches all hooks off",
        _ => "some are not installed; git yoi hooks status tells which",
    };
    format!("hooks: {said}\n")
}
