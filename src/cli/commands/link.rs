//! `git yoi link` and `git yoi unlink`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::commits;

/// Link a commit to a ticket.
///
/// The commit is named in any way git knows. The link is an event in the thread: full id, subject, note, and
/// who wrote the commit when, which finds it again after a rebase.
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// The ticket
    pub id: String,
    /// The commit
    pub commit: String,
    /// Why
    #[arg(long, value_name = "text", allow_hyphen_values = true)]
    pub note: Option<String>,
}

/// Remove the link between a commit and a ticket.
///
/// Whatever made the link: a commit that names the ticket, or landed with it, can be taken away, too. A
/// commit that this clone doesn't have any more is named by its id, or by four or more digits it begins with.
#[derive(Debug, Args)]
pub struct UnlinkArgs {
    /// The link.
    #[command(flatten)]
    pub link: LinkArgs,
}

/// Runs `link` and `unlink`.
///
/// # Errors
/// When ticket or commit don't exist, the link is refused, or the repository can't be written.
pub fn run(context: &Context, args: &LinkArgs, add: bool) -> anyhow::Result<Exit> {
    let session = context.session()?;
    context.echo(&commits::link(&session, &args.id, &args.commit, add, args.note.as_deref())?)
}
