//! `git yoi list`

use clap::{Args, ValueEnum};

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::render;
use crate::model::query::{Query, Sort, Term};
use crate::model::state::State;
use crate::ops::list;
use crate::view::list::{ListView, RowView};

/// List tickets, the last changed first.
///
/// Words must stand in the title or the id. state:x, label:x, assignee:x, priority:x, readiness:x and risk:x
/// look at those fields. All conditions must hold. With --porcelain rows are: id, state, title.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Conditions
    pub query: Vec<String>,
    /// Which tickets, and in which order.
    #[command(flatten)]
    pub pick: PickArgs,
    /// In which order
    #[arg(long, value_enum, value_name = "key", default_value = "updated")]
    pub sort: SortKey,
    /// The other way round
    #[arg(long)]
    pub reverse: bool,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Which tickets to look at.
#[derive(Debug, Clone, Args)]
pub struct PickArgs {
    /// States to show, comma-separated: planning, ready, queued, inprogress, done, closed; active (all but closed) or all
    #[arg(long, value_name = "states", default_value = "active")]
    pub state: String,
    /// Show at most <count>
    #[arg(short = 'n', value_name = "count")]
    pub most: Option<usize>,
}

/// The word for every state but closed.
const ACTIVE: &str = "active";

/// The order of a list, as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SortKey {
    /// The last changed first
    Updated,
    /// The newest first
    Created,
    /// By id, the oldest first
    Id,
    /// By title
    Title,
    /// By state, in the order of the workflow
    State,
    /// By priority
    Priority,
}

impl SortKey {
    fn order(self) -> Sort {
        match self {
            SortKey::Updated => Sort::Updated,
            SortKey::Created => Sort::Created,
            SortKey::Id => Sort::Id,
            SortKey::Title => Sort::Title,
            SortKey::State => Sort::State,
            SortKey::Priority => Sort::Priority,
        }
    }
}

/// The states somebody typed; empty stands for the active ones.
///
/// # Errors
/// When a word is no state.
pub fn states(words: &str) -> Result<Vec<State>, UsageError> {
    match words {
        ACTIVE => return Ok(Vec::new()),
        "all" => return Ok(State::ALL.to_vec()),
        _ => {}
    }
    words.split(',').map(|word| super::state::parse(word.trim()).map_err(UsageError)).collect()
}

/// Why a list is empty.
fn nothing(known: usize, is_active_only: bool) -> String {
    match (known, is_active_only) {
        (0, _) => "no tickets yet".to_owned(),
        (known, true) => format!("no tickets match; --state all looks at all {known}"),
        (_, false) => "no tickets match".to_owned(),
    }
}

/// Runs the command.
///
/// # Errors
/// When the tickets can't be listed.
pub fn run(context: &Context, args: &ListArgs) -> anyhow::Result<Exit> {
    let terms: Vec<Term> = args.query.iter().map(|word| Term::parse(word)).collect();
    let names_state = terms.iter().any(|term| matches!(term, Term::State(_)));
    let query = Query {
        // Who asks for `state:closed` means all, not the active ones among them.
        states: states(if names_state && args.pick.state == ACTIVE { "all" } else { &args.pick.state })?,
        terms,
        sort: args.sort.order(),
        reverse: args.reverse,
        most: args.pick.most,
    };
    let session = context.session()?;
    let listed = list::list(&session, &query)?;
    if context.global.json {
        context.json(&ListView::new(&listed))?;
        return Ok(Exit::Done);
    }
    if context.wants_rows(&args.rows) {
        let rows: Vec<RowView> = listed.tickets.iter().map(RowView::new).collect();
        context.rows(&args.rows, &rows, &RowView::ATOMS, &["id", "state", "title"])?;
    } else {
        context.page(&render::list(&listed.tickets, &context.painter(), context.width()))?;
    }
    if listed.tickets.len() < listed.total {
        context.note(&format!("{} of {} shown", listed.tickets.len(), listed.total));
    } else if listed.total == 0 && !context.is_machine() {
        context.note(&nothing(listed.known, query.states.is_empty()));
    }
    context.tell_unreadable(&listed.unreadable, &listed.damaged);
    Ok(Exit::Done)
}
