//! `git yoi report`

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::Draft;
use crate::cli::failure::Exit;
use crate::ops::evidence;

/// Report the work on a ticket: what was done, on which commits, and what was run.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The ticket
    pub id: String,
    /// A commit it is about, the last one last; else the tip of the ticket's branch
    #[arg(long, value_name = "rev")]
    pub commit: Vec<String>,
    /// A command that was run, and how it ended: "<command>=pass" or "<command>=fail"
    #[arg(long, value_name = "command=end", value_parser = validation)]
    pub validation: Vec<(String, bool)>,
    /// What was done.
    #[command(flatten)]
    pub text: TextArgs,
}

fn validation(text: &str) -> Result<(String, bool), String> {
    match text.rsplit_once('=') {
        Some((command, "pass")) if !command.trim().is_empty() => Ok((command.to_owned(), true)),
        Some((command, "fail")) if !command.trim().is_empty() => Ok((command.to_owned(), false)),
        _ => Err("it is <command>=pass or <command>=fail".to_owned()),
    }
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or commit, no text, or the repository can't be written.
pub fn run(context: &Context, args: &ReportArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let draft = Draft::obtain(context, &session, &args.text, "report", "")?;
    let echo = draft.used_for(context, |words| {
        evidence::report(&session, &args.id, words, &args.commit, &args.validation)
    })?;
    context.echo(&echo)
}
