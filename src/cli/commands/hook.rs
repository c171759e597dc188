//! `git yoi hook`: what git's hooks call

use std::ffi::OsString;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::hook;

/// Do what one of git's hooks is for; called by the hooks themselves.
///
/// It never fails and writes to standard error only: git's own command must end as it would have ended
/// without it. `git yoi hooks install` makes git call it.
#[derive(Debug, Args)]
pub struct HookArgs {
    /// The hook: commit-msg, post-commit, post-merge, post-rewrite or pre-push
    pub name: String,
    /// What git gives the hook
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
}

/// Runs the command.
///
/// # Errors
/// Never: a hook has nothing to refuse.
pub fn run(context: &Context, args: &HookArgs) -> anyhow::Result<Exit> {
    hook::run(context.host, &args.name, &args.arguments);
    Ok(Exit::Done)
}
