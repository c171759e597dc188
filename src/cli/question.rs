//! What somebody asks of tickets, from words: the language that `list` and `search` share.

use crate::model::moment::Moment;
use crate::model::query::parse::{self, Asked, Asker};
use crate::model::query::{Clause, Query, Sort};
use crate::model::state::State;
use crate::ops::Session;
use crate::ui::moment;

use super::context::Context;
use super::failure::UsageError;

/// The word for every state but closed.
pub const ACTIVE: &str = "active";

/// Reads words as a question.
///
/// # Errors
/// When a key, a value or a time is unknown, or a quote stays open.
pub fn ask(context: &Context, session: &Session, words: &[String]) -> anyhow::Result<Asked> {
    let now = Moment::from_millis(context.host.clock.now_millis());
    let me = || session.actor().ok();
    Ok(parse::parse(words, &Asker { now, zone: moment::zone(), me: &me })?)
}

/// The tickets that fulfil the conditions, in the order asked for.
///
/// # Errors
/// When a word of `--state` is no state.
pub fn query(
    state: &str,
    clauses: Vec<Clause>,
    sort: Sort,
    reverse: bool,
    most: Option<usize>,
) -> Result<Query, UsageError> {
    // Who asks for `state:closed` means all, not the active ones among them.
    let names_state = state == ACTIVE && clauses.iter().any(Clause::names_state);
    let states = states(if names_state { "all" } else { state })?;
    Ok(Query { states, clauses, sort, reverse, most })
}

/// The states somebody typed; empty stands for the active ones.
fn states(words: &str) -> Result<Vec<State>, UsageError> {
    match words {
        ACTIVE => return Ok(Vec::new()),
        "all" => return Ok(State::ALL.to_vec()),
        _ => {}
    }
    words.split(',').map(|word| super::commands::state::parse(word.trim()).map_err(UsageError)).collect()
}
