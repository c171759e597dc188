//! `git yoi plan`

use clap::{Args, Subcommand};

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::render;
use crate::model::plan::{Accepted, Kind};
use crate::ops::plans::{self, Request};
use crate::view::plan::{PlansView, RecordView};

/// Keep the orchestration plan: in which order tickets are worked on, and how.
///
/// A record is stored with its ticket and changes no state. `next` and `start` heed conflicts_with and
/// do_not_parallelize, from either of the two tickets: none starts while the other is in progress. The other
/// kinds are advice that `next --explain` shows.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with plans.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Record something about a ticket's place in the plan
    Add {
        /// The ticket
        id: String,
        /// before, after, blocked_by, blocks, conflicts_with, do_not_parallelize or waiting_capacity_note
        #[arg(long, value_parser = kind)]
        kind: Kind,
        /// The other ticket; every kind but waiting_capacity_note needs one
        #[arg(long = "on", value_name = "id")]
        on: Option<String>,
        /// Why; waiting_capacity_note needs it
        #[arg(long, value_name = "text", allow_hyphen_values = true)]
        note: Option<String>,
    },
    /// Record how a ticket will be worked on
    Accept {
        /// The ticket
        id: String,
        /// What will be done
        #[arg(long, value_name = "text", allow_hyphen_values = true)]
        summary: String,
        /// On which branch
        #[arg(long, value_name = "branch")]
        branch: Option<String>,
        /// In which worktree; stored relative to the main work tree
        #[arg(long, value_name = "path")]
        worktree: Option<String>,
        /// Who does what
        #[arg(long, value_name = "text", allow_hyphen_values = true)]
        role_plan: Option<String>,
        /// Why now
        #[arg(long, value_name = "text", allow_hyphen_values = true)]
        note: Option<String>,
    },
    /// List records: of one ticket all, else those that are not over; porcelain rows are: name, ticket, kind, other ticket, author, time
    List {
        /// The ticket
        id: Option<String>,
        /// Also records that are over
        #[arg(long)]
        all: bool,
        /// How rows are printed.
        #[command(flatten)]
        rows: RowArgs,
    },
}

fn kind(word: &str) -> Result<Kind, String> {
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::AcceptedPlan);
    match Kind::parse(&word.replace('-', "_")) {
        Some(Kind::AcceptedPlan) => Err("that is recorded by git yoi plan accept".to_owned()),
        Some(kind) => Ok(kind),
        None => Err(format!("there are {}", kinds.map(Kind::word).collect::<Vec<_>>().join(", "))),
    }
}

/// Runs the command.
///
/// # Errors
/// When a ticket doesn't exist, a part is missing, or the repository can't be read or written.
pub fn run(context: &Context, args: &PlanArgs) -> anyhow::Result<Exit> {
    match &args.action {
        Action::Add { id, kind, on, note } => {
            complete(*kind, on.as_deref(), note.as_deref())?;
            let (related, note) = (on.as_deref(), note.as_deref());
            let request = Request { kind: *kind, related, note, accepted: None };
            context.echo(&plans::add(&context.session()?, id, &request)?)
        }
        Action::Accept { id, summary, branch, worktree, role_plan, note } => {
            let accepted = Accepted {
                summary: summary.clone(),
                branch: branch.clone(),
                worktree: worktree.clone(),
                role_plan: role_plan.clone(),
            };
            let kind = Kind::AcceptedPlan;
            let request = Request { kind, related: None, note: note.as_deref(), accepted: Some(accepted) };
            context.echo(&plans::add(&context.session()?, id, &request)?)
        }
        Action::List { id, all, rows } => list(context, id.as_deref(), *all, rows),
    }
}

/// Names the option that is missing or too many, before anything is opened.
fn complete(kind: Kind, on: Option<&str>, note: Option<&str>) -> Result<(), UsageError> {
    let fault = match (kind.needs_related(), on) {
        (true, None) => Some(format!("{kind} is about another ticket: --on <id>")),
        (false, Some(_)) => Some(format!("{kind} is about this ticket alone: without --on")),
        _ if kind == Kind::WaitingCapacityNote && note.is_none() => {
            Some(format!("{kind} needs a note: --note <text>"))
        }
        _ => None,
    };
    fault.map_or(Ok(()), |fault| Err(UsageError(fault)))
}

fn list(context: &Context, id: Option<&str>, is_all: bool, rows: &RowArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let plans = plans::list(&session, id, id.is_none() && !is_all)?;
    let view = PlansView::new(&plans);
    if context.global.json {
        context.json(&view)?;
        return Ok(Exit::Done);
    }
    if context.wants_rows(rows) {
        let porcelain = ["name", "ticket_id", "kind", "related_ticket", "author", "at"];
        context.rows(rows, &view.records, &RecordView::ATOMS, &porcelain)?;
    } else {
        context.page(&render::plan::list(&plans.records, &context.painter()))?;
        if plans.records.is_empty() {
            context.note(if is_all || id.is_some() { "no records" } else { "no records that are not over" });
        }
    }
    context.tell_unreadable(&plans.unreadable, &[]);
    Ok(Exit::Done)
}
