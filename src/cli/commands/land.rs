//! `git yoi land`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::landing::{self, Effort, Entry, Looked};
use crate::ops::problem::count;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::land::LandView;

/// Find out which tickets' work reached a target branch, and record it.
///
/// Every command does this first, so it is rarely needed. Work is found again however it came: by a merge or
/// fast-forward, squashed, rebased, cherry-picked, by somebody else, or with edits. A ticket in progress
/// becomes done, unless the project's settings hold it back; a revert takes it back to inprogress. Target
/// branches are those of `target_branches` in .yoi/workspace.toml or yoi.targetBranches, else the remote's
/// main branch, else the one init.defaultBranch names, else main or master, else the only branch that is no
/// ticket's.
///
/// With --porcelain rows are: id, what was found, target, commit, how, state before, state after.
#[derive(Debug, Args)]
pub struct LandArgs {
    /// Only say what would be recorded
    #[arg(short = 'n', long)]
    pub dry_run: bool,
    /// Look back at all of history, also where this program was never used: for ids in merges and branches,
    /// recorded branches, cited commits, and at last for times. No state changes; each finding tells how sure
    /// it is and what it comes from
    #[arg(long)]
    pub history: bool,
    /// With --history: leave out what has low confidence
    #[arg(long, requires = "history")]
    pub sure: bool,
}

/// Runs the command.
///
/// # Errors
/// When the repository can't be read, or something was found and can't be written.
pub fn run(context: &Context, args: &LandArgs) -> anyhow::Result<Exit> {
    let session = context.session_as_it_is()?;
    session.snapshot()?;
    if !args.dry_run {
        context.merge_fetched(&session);
    }
    let (looked, is_cut) = match args.history {
        true => {
            let found = landing::look_back(&session, args.sure, args.dry_run)?;
            context.tell_unreadable(&found.unreadable, &found.damaged);
            (found.looked, found.is_cut)
        }
        false => (landing::catch_up(&session, Effort::COMMAND, args.dry_run)?, false),
    };
    let without_target = landing::without_target(&session)?;
    let view = LandView::new(&looked, args.dry_run, is_cut);
    if context.global.json {
        context.json(&view)?;
    } else if context.global.porcelain {
        let rows = view.found.iter().map(|entry| {
            let fields =
                [&entry.id, entry.what, &entry.target, &entry.commit, &entry.how, entry.from, entry.to];
            fields.map(sanitize::line).join("\t") + "\n"
        });
        context.answer(&rows.collect::<String>())?;
    } else {
        context.page(&words(&looked, args.dry_run, &context.painter()))?;
        if is_cut {
            context.note("note: the history goes further back than was looked at");
        }
        if let Some(why) = without_target {
            context.note(&format!("note: {}", sanitize::line(&why)));
            context.note("hint: git config yoi.targetBranches <branch>");
        }
    }
    Ok(Exit::Done)
}

fn words(looked: &Looked, is_dry: bool, painter: &Painter) -> String {
    if looked.entries.is_empty() {
        return format!("nothing new has landed ({} looked at)\n", count(looked.commits, "commit"));
    }
    let mut out: String = looked.entries.iter().map(|entry| line(entry, painter)).collect();
    if is_dry {
        out.push_str("nothing was written\n");
    }
    out
}

/// What was found about a ticket, in one line; and what can go on.
pub(in crate::cli) fn line(entry: &Entry, painter: &Painter) -> String {
    let id = painter.paint(Style::Identifier, entry.finding.ticket.as_str());
    let mut out =
        format!("{id} \"{}\": {}\n", sanitize::line(&entry.title), sanitize::line(&entry.sentence()));
    for (id, title) in &entry.unblocked {
        let label = painter.paint(Style::Good, "unblocked:");
        out.push_str(&format!("{label} {id} \"{}\"\n", sanitize::line(title)));
    }
    out
}
