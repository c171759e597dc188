//! `git yoi state` and `git yoi queue`

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::{self, Draft};
use crate::cli::failure::Exit;
use crate::model::state::State;
use crate::ops::Session;
use crate::ops::transition::{self, Request};

/// Move a ticket to another state.
///
/// planning -> ready needs an intake summary; going back needs a reason: give it with -m, -F or in your
/// editor. ready -> queued and queued -> inprogress are refused while other tickets have to be done
/// first. Closing and reopening have commands of their own.
#[derive(Debug, Args)]
pub struct StateArgs {
    /// The ticket
    pub id: String,
    /// Where to: planning, ready, queued, inprogress or done
    #[arg(value_parser = parse)]
    pub state: State,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = parse)]
    pub from: Option<State>,
    /// Why.
    #[command(flatten)]
    pub text: TextArgs,
}

/// Queue a ready ticket: somebody may take it.
///
/// Refused while another ticket that is neither queued nor in progress has to be done first.
#[derive(Debug, Args)]
pub struct QueueArgs {
    /// The ticket
    pub id: String,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = parse)]
    pub from: Option<State>,
    /// Why.
    #[command(flatten)]
    pub text: TextArgs,
}

/// Reads a state.
///
/// # Errors
/// When the word is none.
pub fn parse(word: &str) -> Result<State, String> {
    let all: Vec<&str> = State::ALL.into_iter().map(State::word).collect();
    State::parse(word)
        .ok_or_else(|| format!("'{}' is no state; there are {}", word.escape_debug(), all.join(", ")))
}

/// Runs `state`.
///
/// # Errors
/// When the table has no such move, a guard refuses, or the repository can't be written.
pub fn run(context: &Context, args: &StateArgs) -> anyhow::Result<Exit> {
    let request = Request { to: args.state, expected: args.from, only_from: None, words: None, takes: false };
    make_move(context, &args.id, request, &args.text)
}

/// Runs `queue`.
///
/// # Errors
/// As [`run`].
pub fn queue(context: &Context, args: &QueueArgs) -> anyhow::Result<Exit> {
    // A ticket in progress goes back to the queue by `state queued`, with a reason.
    let only_from = Some(State::Ready);
    let request = Request { to: State::Queued, expected: args.from, only_from, words: None, takes: false };
    make_move(context, &args.id, request, &args.text)
}

fn make_move(context: &Context, id: &str, request: Request, text: &TextArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let given = draft::given(context, text)?;
    let is_asked = given.is_none() && needs_words(&session, id, &request)?;
    let echo = if text.edit || is_asked {
        let what = if request.to == State::Ready { "intake summary" } else { "reason" };
        let draft = Draft::obtain(context, &session, text, what, "")?;
        draft.used_for(context, |words| {
            transition::make_move(&session, id, &Request { words: Some(words), ..request.clone() })
        })?
    } else {
        transition::make_move(&session, id, &Request { words: given.as_deref(), ..request.clone() })?
    };
    context.echo(&echo)
}

/// Whether a legal move needs words; an illegal one is refused before anybody is asked for them.
fn needs_words(session: &Session, id: &str, request: &Request) -> anyhow::Result<bool> {
    let snapshot = session.snapshot()?;
    let (from, to) = (session.find(&snapshot, id)?.ticket.state, request.to);
    let goes_back = matches!(
        (from, to),
        (_, State::Planning) | (State::InProgress, State::Queued) | (State::Done, State::InProgress)
    );
    let wanted = [request.expected, request.only_from];
    let is_from_there = wanted.iter().flatten().all(|state| *state == from);
    let is_legal = from.may_become(to) && from != State::Closed && is_from_there;
    Ok(is_legal && (goes_back || to == State::Ready))
}
