//! `git yoi comment`

use clap::{Args, ValueEnum};

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::Draft;
use crate::cli::failure::Exit;
use crate::model::event::Kind;
use crate::ops::talk;

/// Say something in a ticket's thread.
///
/// The text is Markdown and may hold anything: lines that look like the borders of events are escaped
/// when they are stored and shown as they were written.
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// The ticket
    pub id: String,
    /// The text.
    #[command(flatten)]
    pub text: TextArgs,
    /// What it is
    #[arg(long = "as", value_enum, value_name = "kind", default_value = "comment")]
    pub kind: Role,
}

/// What a comment is.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Role {
    /// A remark
    Comment,
    /// How it shall be done
    Plan,
    /// What was decided
    Decision,
    /// What was done
    ImplementationReport,
}

impl Role {
    fn kind(self) -> Kind {
        match self {
            Role::Comment => Kind::Comment,
            Role::Plan => Kind::Plan,
            Role::Decision => Kind::Decision,
            Role::ImplementationReport => Kind::ImplementationReport,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket, no text, or the repository can't be written.
pub fn run(context: &Context, args: &CommentArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let kind = args.kind.kind();
    let what = kind.word().replace('_', " ");
    let draft = Draft::obtain(context, &session, &args.text, &what, "")?;
    let echo = draft.used_for(context, |words| talk::comment(&session, &args.id, &kind, words))?;
    context.echo(&echo)
}
