//! `git yoi create`

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::{self, Draft};
use crate::cli::failure::Exit;
use crate::model::rule::NewTicket;
use crate::model::state::State;
use crate::model::text;
use crate::ops::Session;
use crate::ops::create;
use crate::ops::session::Echo;

/// Make a ticket.
///
/// It starts in planning unless --state says otherwise. Without -m, -F or -e it gets a body with
/// headings to fill in. With --porcelain the new id is printed alone.
#[derive(Debug, Args)]
pub struct CreateArgs {
    /// What it is about, one line
    pub title: String,
    /// Its body.
    #[command(flatten)]
    pub text: TextArgs,
    /// Give it a label; may be repeated
    #[arg(long = "label", value_name = "label", allow_hyphen_values = true)]
    pub labels: Vec<String>,
    /// How urgent it is, such as P1
    #[arg(long, value_name = "priority", allow_hyphen_values = true)]
    pub priority: Option<String>,
    /// Who works on it
    #[arg(long, value_name = "name", allow_hyphen_values = true)]
    pub assignee: Option<String>,
    /// A ticket that has to be done first; may be repeated
    #[arg(long = "depends-on", value_name = "id")]
    pub depends_on: Vec<String>,
    /// Where it starts: planning, ready or queued
    #[arg(long, value_name = "state", value_parser = super::state::parse, default_value = "planning")]
    pub state: State,
}

/// Runs the command.
///
/// # Errors
/// When a text can't be stored or the repository can't be written.
pub fn run(context: &Context, args: CreateArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    // Before the editor opens: nobody should write a body for a title that is refused.
    text::line("title", &args.title)?;
    let echo = if args.text.edit {
        let initial = session.settings.language.default_body();
        let draft = Draft::obtain(context, &session, &args.text, "body", initial)?;
        draft.used_for(context, |body| make(&session, args, Some(body.to_owned())))?
    } else {
        let body = draft::given(context, &args.text)?;
        make(&session, args, body)?
    };
    if context.global.porcelain {
        context.answer(&format!("{}\n", echo.id))?;
        return Ok(Exit::Done);
    }
    context.echo(&echo)
}

fn make(session: &Session, args: CreateArgs, body: Option<String>) -> anyhow::Result<Echo> {
    let new = NewTicket {
        title: args.title,
        state: args.state,
        assignee: args.assignee,
        priority: args.priority,
        labels: args.labels,
        body,
    };
    create::create(session, new, &args.depends_on)
}
