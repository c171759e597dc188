//! `git yoi sync`, `push` and `fetch`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::merge::Note;
use crate::model::commit::short;
use crate::model::id::TicketId;
use crate::ops::problem::count;
use crate::ops::sync::{self, Carried, Loss, Synced, Way};
use crate::store::amount::Amount;
use crate::ui::sanitize;
use crate::view::sync::{MergedView, SyncView};

/// Carry tickets to and from a remote, and look whether both have the same.
///
/// Fetches, merges, pushes, and tries again when others were faster; then reads the remote's ref once more.
/// Without a name every remote that takes part has its turn. git asks for a password where a terminal is
/// there, unless yoi.prompt is never. A remote that lost tickets gets them back; none is ever removed here.
/// Exits with 1 if a remote could not be reached or refused.
///
/// With --porcelain rows are: remote, outcome (same, fetched, sent, tried or failed), events that came, tickets
/// that came, events that went, tickets that went, commit.
#[derive(Debug, Args)]
pub struct SyncArgs {
    /// The remote; else each that takes part
    pub remote: Option<String>,
    /// Only say what would be carried
    #[arg(short = 'n', long)]
    pub dry_run: bool,
}

/// Send tickets to a remote.
///
/// What the remote has besides is merged first. git push does the same on its way, for remotes that take part;
/// this command also sends to others that are named. Rows and exit codes are those of git yoi sync.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// What and how.
    #[command(flatten)]
    pub sync: SyncArgs,
}

/// Fetch the tickets of a remote, and merge them.
///
/// git fetch and git pull bring them too, and the next command merges them. This one also works where the
/// remote has no refspec for tickets. Rows and exit codes are those of git yoi sync.
#[derive(Debug, Args)]
pub struct FetchArgs {
    /// What and how.
    #[command(flatten)]
    pub sync: SyncArgs,
}

/// Runs one of the commands.
///
/// # Errors
/// When there is no such remote, none takes part, or there are no tickets.
pub fn run(context: &Context, args: &SyncArgs, way: Way) -> anyhow::Result<Exit> {
    let session = context.session_as_it_is()?;
    if !args.dry_run {
        context.merge_fetched(&session);
    }
    let synced = sync::run(&session, args.remote.as_deref(), way, args.dry_run)?;
    if context.global.json {
        let merged = |carried: &Carried| carried.notes.iter().map(merged).collect();
        context.json(&SyncView::new(&synced, merged))?;
    } else if context.global.porcelain {
        context.answer(&synced.iter().map(|one| row(one, way)).collect::<String>())?;
    } else {
        for one in &synced {
            match &one.outcome {
                Ok(carried) => context.answer(&words(&one.remote, carried, way))?,
                Err(failed) => {
                    let (remote, why) = (sanitize::line(&one.remote), sanitize::line(&failed.message));
                    context.note(&format!("error: '{remote}': {why}"));
                }
            }
        }
    }
    Ok(if synced.iter().all(|one| one.outcome.is_ok()) { Exit::Done } else { Exit::No })
}

fn merged((id, note): &(Option<TicketId>, Note)) -> MergedView {
    MergedView {
        id: id.map(|id| id.to_string()),
        file: note.file.clone(),
        rule: render::rule(&note.what),
        words: render::merged(&note.what),
        attention: note.what.needs_attention(),
    }
}

fn row(synced: &Synced, way: Way) -> String {
    let outcome = match (&synced.outcome, way) {
        (Err(_), _) => "failed",
        (Ok(carried), _) if carried.preview.is_some() => "tried",
        (Ok(_), Way::Fetch) => "fetched",
        (Ok(_), Way::Push) => "sent",
        (Ok(_), Way::Both) => "same",
    };
    let carried = synced.outcome.as_ref().ok().cloned().unwrap_or_default();
    let (came, went) = (carried.came, carried.went.unwrap_or_default());
    let numbers = [came.events, came.tickets, went.events, went.tickets].map(|number| number.to_string());
    let tip = carried.tip.unwrap_or_default();
    format!("{}\t{outcome}\t{}\t{tip}\n", sanitize::line(&synced.remote), numbers.join("\t"))
}

fn words(remote: &str, carried: &Carried, way: Way) -> String {
    let remote = sanitize::line(remote);
    let mut out = String::new();
    if let Some(preview) = carried.preview {
        let amount = carried.went.map(|went| format!(": {}", amount(&went))).unwrap_or_default();
        let sentence =
            match (preview.would_fetch && way != Way::Push, preview.would_push && way != Way::Fetch) {
                (false, false) if preview.would_fetch => {
                    "has tickets that are not here; nothing to send".to_owned()
                }
                (false, false) => "nothing to carry".to_owned(),
                (true, false) => "has something to fetch".to_owned(),
                (false, true) => format!("would be sent{amount}"),
                (true, true) => "has something to fetch, and something would be sent".to_owned(),
            };
        return format!("'{remote}': {sentence}\nnothing was done\n");
    }
    if let Some(loss) = carried.loss {
        let what = match loss {
            Loss::Gone => "had lost its tickets",
            Loss::Rewound => "was back at an earlier version of its tickets",
            Loss::Rewritten => "had rewritten the history of its tickets",
        };
        out.push_str(&format!("'{remote}' {what}; everything here stays\n"));
    }
    let mut parts = Vec::new();
    if way != Way::Push || !carried.came.is_nothing() {
        parts.push(format!("came: {}", amount(&carried.came)));
    }
    parts.extend(carried.went.map(|went| format!("went: {}", amount(&went))));
    out.push_str(&format!("'{remote}': {}\n", parts.join("; ")));
    for (id, note) in &carried.notes {
        let id = id.map(|id| format!("{id}: ")).unwrap_or_default();
        let mark = if note.what.needs_attention() { "attention: " } else { "merged: " };
        let (file, what) = (sanitize::line(&note.file), render::merged(&note.what));
        out.push_str(&format!("{mark}{id}{file}: {}\n", sanitize::line(&what)));
    }
    if carried.is_equal {
        let tip = carried.tip.as_deref().unwrap_or_default();
        out.push_str(&format!("'{remote}' has the same tickets as this clone ({})\n", short(tip)));
    }
    out
}

fn amount(amount: &Amount) -> String {
    if amount.is_nothing() {
        return "nothing".to_owned();
    }
    let new = match amount.new_tickets {
        0 => String::new(),
        number => format!(", {number} of them new"),
    };
    format!("{} in {}{new}", count(amount.events, "event"), count(amount.tickets, "ticket"))
}
