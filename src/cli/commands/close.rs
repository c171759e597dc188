//! `git yoi close` and `git yoi reopen`

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::Draft;
use crate::cli::failure::Exit;
use crate::model::state::State;
use crate::ops::transition::{self, Ending};

/// Close a ticket with a resolution.
///
/// Any ticket can be closed. Says which tickets that waited for it can go on.
#[derive(Debug, Args)]
pub struct CloseArgs {
    /// The ticket
    pub id: String,
    /// The resolution.
    #[command(flatten)]
    pub text: TextArgs,
    /// How it ended: done, wontfix, duplicate-of=<id> or superseded-by=<id>
    #[arg(long = "as", value_name = "how", value_parser = ending)]
    pub ending: Option<Ending>,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = super::state::parse)]
    pub from: Option<State>,
}

/// Open a ticket again: done goes back to inprogress, closed to planning.
#[derive(Debug, Args)]
pub struct ReopenArgs {
    /// The ticket
    pub id: String,
    /// Why.
    #[command(flatten)]
    pub text: TextArgs,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = super::state::parse)]
    pub from: Option<State>,
}

fn ending(word: &str) -> Result<Ending, String> {
    match word.split_once('=') {
        None if word == "done" => Ok(Ending::Done),
        None if word == "wontfix" => Ok(Ending::WontFix),
        Some(("duplicate-of", id)) => Ok(Ending::DuplicateOf(id.to_owned())),
        Some(("superseded-by", id)) => Ok(Ending::SupersededBy(id.to_owned())),
        _ => Err("it is done, wontfix, duplicate-of=<id> or superseded-by=<id>".to_owned()),
    }
}

/// Runs `close`.
///
/// # Errors
/// When it is closed already, there is no resolution, or the repository can't be written.
pub fn run(context: &Context, args: &CloseArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let draft = Draft::obtain(context, &session, &args.text, "resolution", "")?;
    let ending = args.ending.as_ref();
    let echo =
        draft.used_for(context, |words| transition::close(&session, &args.id, words, ending, args.from))?;
    context.echo(&echo)
}

/// Runs `reopen`.
///
/// # Errors
/// When it is neither done nor closed, there is no reason, or the repository can't be written.
pub fn reopen(context: &Context, args: &ReopenArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let draft = Draft::obtain(context, &session, &args.text, "reason", "")?;
    let echo = draft.used_for(context, |words| transition::reopen(&session, &args.id, words, args.from))?;
    context.echo(&echo)
}
