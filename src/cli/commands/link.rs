//! `git yoi link`, `git yoi unlink` and `git yoi commits`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::commits;
use crate::view::history::CommitsView;

/// Link a commit to a ticket.
///
/// The commit is named in any way git knows. The link is an event in the thread: full id, subject, note.
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
/// A commit that this clone doesn't have any more is named by its full id.
#[derive(Debug, Args)]
pub struct UnlinkArgs {
    /// The link.
    #[command(flatten)]
    pub link: LinkArgs,
}

/// List the commits linked to a ticket.
///
/// With --porcelain rows are: full id, subject.
#[derive(Debug, Args)]
pub struct CommitsArgs {
    /// The ticket
    pub id: String,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs `link` and `unlink`.
///
/// # Errors
/// When ticket or commit don't exist, the link is refused, or the repository can't be written.
pub fn run(context: &Context, args: &LinkArgs, add: bool) -> anyhow::Result<Exit> {
    let session = context.session()?;
    context.echo(&commits::link(&session, &args.id, &args.commit, add, args.note.as_deref())?)
}

/// Runs `commits`.
///
/// # Errors
/// When the ticket can't be read.
pub fn list(context: &Context, args: &CommitsArgs) -> anyhow::Result<Exit> {
    let linked = commits::list(&context.session()?, &args.id)?;
    let view = CommitsView::new(&linked);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(&args.rows) {
        let known = ["commit", "present", "subject", "author", "recorded"];
        context.rows(&args.rows, &view.commits, &known, &["commit", "subject"])?;
    } else {
        let painter = context.painter();
        let lines = linked.iter().map(|commit| render::commit_line(commit, &painter) + "\n");
        context.page(&lines.collect::<String>())?;
        if linked.is_empty() {
            context.note("no commits are linked");
        }
    }
    Ok(Exit::Done)
}
