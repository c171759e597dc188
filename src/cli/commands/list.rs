//! `git yoi list`

use std::cell::RefCell;

use clap::{Args, ValueEnum};

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::{question, render};
use crate::model::query::{Query, Sort};
use crate::ops::survey::Survey;
use crate::ops::{Session, list};
use crate::view::list::{ListView, RowView};

/// List tickets, the last changed first.
///
/// A table has the first 50 tickets unless -n says otherwise; rows for programs (--json, --porcelain, --format)
/// are all there.
///
/// Words must stand in the title or the id. state:, label:, assignee:, author:, priority:, readiness:, risk: and
/// title: look at those fields; gate: at what comes next, such as gate:can_start; is: at open, closed, resolved,
/// blocked, assigned and unassigned; since:, until:, updated:, created: and event: at times, such as since:2w,
/// created:2026-06 or updated:2026-06-01..yesterday. Commas part alternatives, a star at the end stands for
/// anything, none and any for whether there is one, me for you. -label:x or not:label:x excludes. Double quotes
/// keep blanks, commas and colons as they are. All conditions must hold. With --porcelain rows are: id, state,
/// title.
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
    /// Show at most <count>, or all
    #[arg(short = 'n', value_name = "count|all", value_parser = most)]
    pub most: Option<Most>,
}

/// How many tickets are shown at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    /// So many.
    Count(usize),
    /// As many as there are.
    All,
}

impl Most {
    /// The most, if there is one.
    pub fn count(self) -> Option<usize> {
        match self {
            Most::Count(count) => Some(count),
            Most::All => None,
        }
    }
}

/// Reads a number of rows, or `all`.
pub(super) fn most(text: &str) -> Result<Most, String> {
    match text {
        "all" => Ok(Most::All),
        number => number.parse().map(Most::Count).map_err(|_| "it is neither a number nor 'all'".to_owned()),
    }
}

/// How many rows a table has when nobody says how many: what a person can look through.
const ROWS_OF_A_TABLE: usize = 50;

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
    /// The order itself.
    pub fn order(self) -> Sort {
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
    let session = context.session()?;
    let clauses = question::ask(context, &session, &args.query)?.into_clauses()?;
    let is_for_programs = context.global.json || context.wants_rows(&args.rows);
    let preset = if is_for_programs { Most::All } else { Most::Count(ROWS_OF_A_TABLE) };
    let most = args.pick.most.unwrap_or(preset).count();
    let query = question::query(&args.pick.state, clauses, args.sort.order(), args.reverse, most)?;
    if !is_for_programs && query.most.is_none() {
        return told(context, &session, &query);
    }
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
        let hint = if args.pick.most.is_some() { "" } else { "; -n all shows every one" };
        context.note(&format!("{} of {} shown{hint}", listed.tickets.len(), listed.total));
    }
    end(context, &listed, &query);
    Ok(Exit::Done)
}

/// The whole table, row by row.
fn told(context: &Context, session: &Session, query: &Query) -> anyhow::Result<Exit> {
    let painter = context.painter();
    let listed = RefCell::default();
    context.page_bit_by_bit(|out| {
        let mut rows = render::list::Rows::new(out, &painter, context.width());
        *listed.borrow_mut() = list::each(session, query, &mut rows)?;
        Ok(rows.finish()?)
    })?;
    end(context, &listed.into_inner(), query);
    Ok(Exit::Done)
}

/// What is to be said below a list.
fn end(context: &Context, listed: &Survey, query: &Query) {
    if listed.total == 0 && !context.is_machine() {
        context.note(&nothing(listed.known, query.states.is_empty()));
    }
    context.tell_unreadable(&listed.unreadable, &listed.damaged);
}
