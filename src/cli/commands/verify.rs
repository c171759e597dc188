//! `git yoi verify`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::model::commit::short;
use crate::ops::Session;
use crate::ops::problem::count;
use crate::ops::verify::{self, Fault, Row, Walk};
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::verify::{SignedView, VerifyView};

/// Prove the history of the tickets, and tell who signed each event.
///
/// Without a ticket every commit on the tickets' ref is looked at: whatever only grows is still there against
/// each parent, an event is by the author of the commit that brought it, a merge is the one that git-yoi makes of
/// its parents (it is made again), names and sizes are those that may be. What is wrong is told by commit.
///
/// An event has the signature of the commit that brought it, made when commit.gpgSign is on, as for any commit.
/// Merges and landings by git-yoi are not signed. Words: good; other, a good signature of somebody else than the
/// author; unsigned; unknown, expired, revoked and bad, what git says; unchecked, a key or program is missing;
/// unnamed, no commit names the event, as in imports. Exits with 1 when a signature is other, revoked or
/// bad, or the history is not sound. With --porcelain rows are: status, ticket, event, kind, commit, signer, author.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The ticket; all when none is named
    pub id: Option<String>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or the history can't be read.
pub fn run(context: &Context, args: &VerifyArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let walk = match &args.id {
        Some(_) => None,
        None => Some(walk(context, &session)?),
    };
    let rows = verify::verify(&session, args.id.as_deref())?;
    let view = VerifyView::new(&rows, walk.as_ref());
    let faults = walk.as_ref().map(|walk| walk.faults.as_slice()).unwrap_or_default();
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(&args.rows) {
        let known = SignedView::ATOMS;
        context.rows(&args.rows, &view.events, &known, &known)?;
        for fault in faults {
            context.note(&format!("error: {}", fault_words(fault)));
        }
    } else {
        let painter = context.painter();
        let mut out: String = rows.iter().map(|row| words(row, &painter)).collect();
        for fault in faults {
            out.push_str(&format!("{} {}\n", painter.paint(Style::Bad, "fault    "), fault_words(fault)));
        }
        if let Some(walk) = &walk {
            out.push_str(&format!("{} checked: {} bad\n", count(walk.commits, "commit"), faults.len()));
        }
        out.push_str(&format!("{} checked: {} bad\n", count(rows.len(), "event"), view.bad));
        context.page(&out)?;
    }
    Ok(if view.bad > 0 || !faults.is_empty() { Exit::No } else { Exit::Done })
}

fn walk(context: &Context, session: &Session) -> anyhow::Result<Walk> {
    let mut meter = context.meter("Looking at commits");
    let walk = verify::walk(session, &mut |done, total| meter.tick(done, total));
    meter.finish();
    walk
}

fn fault_words(fault: &Fault) -> String {
    let ticket = fault.ticket.map(|id| format!("{id}: ")).unwrap_or_default();
    sanitize::line(&format!("commit {}: {ticket}{}", short(&fault.commit), fault.why)).into_owned()
}

fn words(row: &Row, painter: &Painter) -> String {
    let style = match row.status {
        "good" => Style::Good,
        _ if row.is_bad() => Style::Bad,
        _ => Style::Dim,
    };
    let commit = row.commit.as_deref().map(short).unwrap_or("-");
    let mut out = format!(
        "{} {} {} {} by {}",
        painter.paint(style, &format!("{:<9}", row.status)),
        painter.paint(Style::Identifier, row.ticket.as_str()),
        painter.paint(Style::Code, commit),
        sanitize::line(&row.kind),
        sanitize::line(&row.author)
    );
    if let Some(signer) = &row.signer {
        out.push_str(&format!(", signed by {}", sanitize::line(signer)));
    }
    out.push('\n');
    out
}
