//! `git yoi review`

use clap::{ArgGroup, Args};

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::Draft;
use crate::cli::failure::Exit;
use crate::model::thread::Verdict;
use crate::ops::evidence;

/// Approve the work on a ticket, or ask for changes.
///
/// The review is tied to the commit that was looked at. When the branch goes on, it is shown as stale.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("verdict").required(true).args(["approve", "request_changes"])))]
pub struct ReviewArgs {
    /// The ticket
    pub id: String,
    /// The work may land
    #[arg(long)]
    pub approve: bool,
    /// The work must change first
    #[arg(long)]
    pub request_changes: bool,
    /// The commit you looked at; else the tip of the ticket's branch
    #[arg(long, value_name = "rev")]
    pub commit: Option<String>,
    /// What you found.
    #[command(flatten)]
    pub text: TextArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket, no text, or the repository can't be written.
pub fn run(context: &Context, args: &ReviewArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let verdict = if args.approve { Verdict::Approve } else { Verdict::RequestChanges };
    let draft = Draft::obtain(context, &session, &args.text, "review", "")?;
    let commit = args.commit.as_deref();
    let echo =
        draft.used_for(context, |words| evidence::review(&session, &args.id, verdict, words, commit))?;
    context.echo(&echo)
}
