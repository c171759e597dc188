//! `git yoi start`, `git yoi release` and `git yoi done`

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::{self, Draft};
use crate::cli::failure::Exit;
use crate::model::commit::short;
use crate::model::state::State;
use crate::ops::claiming::Known;
use crate::ops::cleaning::{self, Cleaned};
use crate::ops::start::{self, Place, Started, Wanted};
use crate::ops::transition::{self, Request};
use crate::ui::sanitize;
use crate::view::start::{DoneView, StartView};

/// Take a queued ticket: its branch, a worktree if wanted, and the claim.
///
/// Makes the branch and switches to it, or checks it out in a worktree of its own; records where the work
/// goes on; and moves the ticket to inprogress with you as assignee. All of it, or nothing: what was made
/// is taken away when a part fails. Where a remote takes part, it is asked first and has the claim before
/// you do, so nobody else can have it too. Where it can't be reached, the claim is made here only; the next
/// sync tells if somebody was faster.
///
/// A ticket that is yours already can be started again, for a worktree in another clone, say.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// The ticket
    pub id: String,
    /// Check the branch out in a worktree of its own, at <path> or below .worktree
    #[arg(long, value_name = "path", num_args = 0..=1, require_equals = true)]
    pub worktree: Option<Option<PathBuf>>,
    /// The branch; its name must hold the ticket's whole id
    #[arg(long, value_name = "branch", allow_hyphen_values = true)]
    pub branch: Option<String>,
    /// The commit a new branch begins at; else the tip of the target branch
    #[arg(long, value_name = "rev")]
    pub base: Option<String>,
    /// The short name in the branch; else made from the title
    #[arg(long, value_name = "slug", conflicts_with = "branch", allow_hyphen_values = true)]
    pub slug: Option<String>,
    /// Only take the ticket
    #[arg(long, conflicts_with_all = ["worktree", "branch", "base", "slug"])]
    pub no_branch: bool,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = super::state::parse)]
    pub from: Option<State>,
    /// What will be done.
    #[command(flatten)]
    pub text: TextArgs,
}

/// Give a ticket back: it is queued again, and nobody's.
///
/// Its branch and its worktree stay as they are.
#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// The ticket
    pub id: String,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = super::state::parse)]
    pub from: Option<State>,
    /// Why.
    #[command(flatten)]
    pub text: TextArgs,
}

/// Say that a ticket is done.
///
/// Refused where the project requires an approving review or a landing first. Says which tickets that waited
/// for it can go on.
#[derive(Debug, Args)]
pub struct DoneArgs {
    /// The ticket
    pub id: String,
    /// Remove its worktrees and branches here, also of a ticket that is done or closed already; refused
    /// while anything in them is not committed, not tracked, or on no target branch
    #[arg(long)]
    pub clean: bool,
    /// Only if it is in <state> now
    #[arg(long, value_name = "state", value_parser = super::state::parse)]
    pub from: Option<State>,
    /// Why.
    #[command(flatten)]
    pub text: TextArgs,
}

/// Runs `start`.
///
/// # Errors
/// When a gate refuses, somebody else has the ticket, or branch or worktree can't be made.
pub fn run(context: &Context, args: &StartArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let start = |words: Option<&str>| {
        let place = match &args.worktree {
            _ if args.no_branch => Place::Nothing,
            Some(path) => Place::Worktree(path.clone()),
            None => Place::Here,
        };
        let wanted = Wanted {
            place,
            branch: args.branch.as_deref(),
            base: args.base.as_deref(),
            slug: args.slug.as_deref(),
            words,
            expected: args.from,
        };
        start::start(&session, &args.id, &wanted)
    };
    let started = match args.text.edit {
        true => Draft::obtain(context, &session, &args.text, "summary", "")?
            .used_for(context, |words| start(Some(words)))?,
        false => start(draft::given(context, &args.text)?.as_deref())?,
    };
    tell(context, &started)
}

/// Tells what a start did.
///
/// # Errors
/// When it can't be written.
pub fn tell(context: &Context, started: &Started) -> anyhow::Result<Exit> {
    if context.global.json {
        context.json(&StartView::new(started))?;
        return Ok(Exit::Done);
    }
    context.echo(&started.echo)?;
    if context.global.porcelain {
        return Ok(Exit::Done);
    }
    if let Some((branch, base)) = &started.branch {
        let branch = sanitize::line(branch);
        let from = base.as_deref().map(|base| format!(", new, from {}", short(base))).unwrap_or_default();
        let here = if started.is_switched { ", checked out here" } else { "" };
        context.answer(&format!("branch {branch}{from}{here}\n"))?;
    }
    if let Some((path, _, is_new)) = &started.worktree {
        let new = if *is_new { ", new" } else { "" };
        context.answer(&format!("worktree {}{new}\n", sanitize::line(&path.to_string_lossy())))?;
    }
    if let Some(path) = &started.passed_over {
        let path = sanitize::line(path);
        context.note(&format!(
            "note: the plan's worktree '{path}' is not taken: it isn't below the main work tree"
        ));
        context.note("hint: git yoi start <id> --worktree=<path> names one anywhere");
    }
    if let Known::Local(remote, why) = &started.known {
        let (remote, why) = (sanitize::line(remote), sanitize::line(why));
        context.note(&format!("warning: claimed here only, '{remote}' doesn't know: {why}"));
        context.note("hint: git yoi sync, which tells if somebody was faster");
    }
    Ok(Exit::Done)
}

/// Runs `release`.
///
/// # Errors
/// When it is not in progress, there is no reason, or the repository can't be written.
pub fn release(context: &Context, args: &ReleaseArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let only_from = Some(State::InProgress);
    let draft = Draft::obtain(context, &session, &args.text, "reason", "")?;
    let echo = draft.used_for(context, |words| {
        let words = Some(words);
        let request = Request { to: State::Queued, expected: args.from, only_from, words, takes: false };
        transition::make_move(&session, &args.id, &request)
    })?;
    context.echo(&echo)
}

/// Runs `done`.
///
/// # Errors
/// When it is not in progress, a policy refuses, something would be lost by `--clean`, or the repository can't
/// be written.
pub fn done(context: &Context, args: &DoneArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let done = |words: Option<&str>| match args.clean {
        true => cleaning::done_and_clean(&session, &args.id, words, args.from),
        false => {
            cleaning::done(&session, &args.id, words, args.from).map(|echo| (Some(echo), Cleaned::default()))
        }
    };
    let (echo, cleaned) = match args.text.edit {
        true => Draft::obtain(context, &session, &args.text, "reason", "")?
            .used_for(context, |words| done(Some(words)))?,
        false => done(draft::given(context, &args.text)?.as_deref())?,
    };
    if context.global.json {
        context.json(&DoneView::new(echo.as_ref(), &cleaned))?;
        return Ok(Exit::Done);
    }
    if let Some(echo) = &echo {
        context.echo(echo)?;
    }
    if !context.global.porcelain {
        for path in &cleaned.worktrees {
            context.answer(&format!("removed worktree {}\n", sanitize::line(&path.to_string_lossy())))?;
        }
        for (branch, tip) in &cleaned.branches {
            context.answer(&format!("removed branch {} (was {})\n", sanitize::line(branch), short(tip)))?;
        }
        if args.clean && cleaned.worktrees.is_empty() && cleaned.branches.is_empty() {
            context.note("note: it has no branch and no worktree here");
        }
    }
    if let Some(main) = &cleaned.stood_in {
        let main = main.to_string_lossy();
        context.note(&format!("warning: you stand in a folder that is gone; cd {}", sanitize::line(&main)));
    }
    Ok(Exit::Done)
}
