//! `git yoi relate` and `git yoi unrelate`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::model::relation::Kind;
use crate::ops::relate;

/// Relate a ticket to another.
///
/// depends-on and blocks make a ticket wait; related, supersedes and duplicate-of only inform. Circles are refused:
/// tickets that would wait for each other, or take each other's place, whichever of the kinds say so.
#[derive(Debug, Args)]
pub struct RelateArgs {
    /// The ticket
    pub id: String,
    /// depends-on, blocks, related, supersedes or duplicate-of
    #[arg(value_parser = kind)]
    pub kind: Kind,
    /// The other ticket
    pub target: String,
    /// Why
    #[arg(long, value_name = "text", allow_hyphen_values = true)]
    pub note: Option<String>,
}

/// Remove a relation.
#[derive(Debug, Args)]
pub struct UnrelateArgs {
    /// The ticket
    pub id: String,
    /// depends-on, blocks, related, supersedes or duplicate-of
    #[arg(value_parser = kind)]
    pub kind: Kind,
    /// The other ticket
    pub target: String,
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::parse(word)
        .ok_or_else(|| "there are depends-on, blocks, related, supersedes and duplicate-of".to_owned())
}

/// Runs `relate`.
///
/// # Errors
/// When a ticket doesn't exist, the relation is refused, or the repository can't be written.
pub fn run(context: &Context, args: &RelateArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let echo = relate::relate(&session, &args.id, args.kind, &args.target, args.note.as_deref())?;
    context.echo(&echo)
}

/// Runs `unrelate`.
///
/// # Errors
/// When there is no such relation or the repository can't be written.
pub fn remove(context: &Context, args: &UnrelateArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    context.echo(&relate::unrelate(&session, &args.id, args.kind, &args.target)?)
}
