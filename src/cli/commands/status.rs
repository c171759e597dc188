//! `git yoi status`

use clap::{Args, ValueEnum};

use super::list::{Most, most};
use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::status::{self, Role};
use crate::view::status::{StatusRowView, StatusView};

/// How many tickets a section has when nobody says how many.
const MOST: usize = 5;

/// Show how things stand, and what needs you.
///
/// First comes the ticket of the branch. Sections are: attention (a landing held back, a claim that came too late), work (yours, to be reported or
/// mended), assigned (also yours), awaiting_review, awaiting_landing, route_again, needs_queue, needs_intake,
/// running, can_start, blocked and awaiting_close (done, not closed). Each has its number and the command that shows
/// all of it; on a screen, empty ones are left out. Then come the remotes that take part: what they lack or have
/// besides, and when they were last met. No remote is asked. Porcelain rows are: section (also current, for the ticket
/// of the branch, and remote), id, state, gate, title; of a remote: its name, and same, ahead, behind, apart or
/// unknown.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Show what concerns that role only
    #[arg(long, value_enum, value_name = "role")]
    pub role: Option<RoleName>,
    /// Show at most <count> tickets in each section, or all; else 5, or what fits on a screen
    #[arg(short = 'n', value_name = "count|all", value_parser = most)]
    pub most: Option<Most>,
    /// Say it in one line, for a prompt; nothing is recorded or merged first
    #[arg(short, long, conflicts_with_all = ["role", "most", "format", "nul", "json", "porcelain"])]
    pub short: bool,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// A role, as typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    /// Clarifies what is to be done
    Intake,
    /// Decides what is done, and when
    Orchestrator,
    /// Does it
    Coder,
    /// Judges it
    Reviewer,
}

impl RoleName {
    fn role(self) -> Role {
        match self {
            RoleName::Intake => Role::Intake,
            RoleName::Orchestrator => Role::Orchestrator,
            RoleName::Coder => Role::Coder,
            RoleName::Reviewer => Role::Reviewer,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When there are no tickets here, or they can't be listed.
pub fn run(context: &Context, args: &StatusArgs) -> anyhow::Result<Exit> {
    if args.short {
        let session = context.session_as_it_is()?;
        let line = render::status::short(&status::short(&session)?);
        context.answer(&line)?;
        return Ok(Exit::Done);
    }
    let session = context.session()?;
    let role = args.role.map(RoleName::role);
    let most = args.most.unwrap_or(Most::Count(MOST)).count();
    let found = status::status(&session, role, most)?;
    if context.global.json {
        context.json(&StatusView::new(&found, role))?;
        return Ok(Exit::Done);
    }
    if context.wants_rows(&args.rows) {
        let fields = ["section", "id", "state", "gate", "title"];
        context.rows(&args.rows, &StatusRowView::all(&found), &StatusRowView::ATOMS, &fields)?;
    } else {
        let now = context.host.clock.now_millis();
        let painter = context.painter();
        let words = render::status::status(&found, args.most.is_none(), now, &painter, context.width());
        context.page(&words)?;
    }
    context.tell_unreadable(&found.unreadable, &found.damaged);
    Ok(Exit::Done)
}
