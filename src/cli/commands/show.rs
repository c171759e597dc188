//! `git yoi show`

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::format::routing;
use crate::model::commit;
use crate::ops::Problem;
use crate::ops::show::{self, Shown};
use crate::ui::{moment, sanitize};
use crate::view::evidence::EvidenceView;
use crate::view::routing::PacketView;
use crate::view::ticket::TicketView;

/// Show a ticket with its thread.
///
/// A ticket is named by its id, by the last four or more characters of it, or by @, the ticket of the
/// current branch.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The ticket
    pub id: String,
    /// Print the Markdown as it is stored: item.md, a blank line, thread.md
    #[arg(long, conflicts_with_all = ["json", "porcelain"])]
    pub raw: bool,
    /// Print the IntentPacket of the last decision that has one
    #[arg(long, conflicts_with_all = ["raw", "porcelain"])]
    pub packet: bool,
    /// Show what the ticket has to show for its work, and what is missing
    #[arg(long, conflicts_with_all = ["raw", "porcelain"])]
    pub evidence: bool,
    /// Show the ticket as it was: at a time in one of git's forms ("2026-06-25 14:44", "2 weeks ago"; a day alone
    /// means its end), or in a commit on refs/yoi/tickets
    #[arg(long, value_name = "when", allow_hyphen_values = true)]
    pub at: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or it can't be read.
pub fn run(context: &Context, args: &ShowArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    if args.raw {
        raw(context, &show::raw(&session, &args.id, args.at.as_deref())?)?;
        return Ok(Exit::Done);
    }
    let shown = match &args.at {
        Some(at) => show::show_at(&session, &args.id, at)?,
        None => show::show(&session, &args.id)?,
    };
    if args.packet {
        return packet(context, &shown);
    }
    if args.evidence {
        match context.global.json {
            true => context.json(&EvidenceView::new(&shown))?,
            false => {
                context.page(&render::evidence::table(&shown, &context.painter(), context.width()))?;
            }
        }
        return Ok(Exit::Done);
    }
    if context.global.json {
        context.json(&TicketView::new(&shown))?;
        return Ok(Exit::Done);
    }
    if context.global.porcelain {
        let ticket = &shown.ticket;
        context.answer(&format!("{}\t{}\t{}\n", ticket.id, ticket.state, sanitize::line(&ticket.title)))?;
        return Ok(Exit::Done);
    }
    if let Some(version) = &shown.as_of {
        let when = moment::local(version.seconds);
        context.note(&format!("as of {when}, commit {}", commit::short(&version.commit)));
    }
    context.page(&render::ticket(&shown, &context.painter()))?;
    for warning in &shown.warnings {
        context.note(&format!("warning: {}", sanitize::line(warning)));
    }
    Ok(Exit::Done)
}

/// The contract that counts now.
fn packet(context: &Context, shown: &Shown) -> anyhow::Result<Exit> {
    let Some((number, packet)) = shown.last_packet() else {
        return Err(Problem::NoPacket(shown.ticket.id).into());
    };
    if context.global.json {
        context.json(&PacketView::of(shown, number, packet))?;
        return Ok(Exit::Done);
    }
    context.page(&format!("{}\n", sanitize::block(&routing::write_packet(packet))))?;
    Ok(Exit::Done)
}

/// A pipe gets the bytes as they are; a terminal never gets what could move its cursor.
fn raw(context: &Context, bytes: &[u8]) -> anyhow::Result<()> {
    if context.host.terminal.stdout {
        return context.page(&sanitize::block(&String::from_utf8_lossy(bytes)));
    }
    let mut out = context.host.stdout.borrow_mut();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}
