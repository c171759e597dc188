//! `git yoi route`

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::Draft;
use crate::cli::failure::{Exit, UsageError};
use crate::format::routing;
use crate::model::refusal::Refusal;
use crate::model::routing::{Classification, Packet, WORDS};
use crate::ops::Session;
use crate::ops::route::{self, Request};
use crate::ui::sanitize;

/// Record a routing decision.
///
/// The words are requirements_sync_needed, return_to_planning, spike_needed, implementation_ready,
/// review_needed, blocked_by_dependency_or_missing_authority, close_ready and closed_or_noop. Variants begin
/// like one of them, or with blocked, waiting, hold or defer: implementation_ready_parallel,
/// blocked_on_legal, waiting_capacity. No decision moves a ticket.
///
/// implementation_ready takes an IntentPacket, the contract for those who implement and review. Its sections
/// are lines with a label and a colon: Intent, Binding decisions / invariants, Requirements / acceptance
/// criteria, Implementation latitude, Escalate if, Validation, Current code map, Critical risks / reviewer
/// focus. Latitude, code map and risks may be left out. On a terminal the editor opens with all of them.
///
/// blocked and its variants also record in the plan which tickets hold this one back: those it waits for and
/// those of --on, or that it waits if there are none. waiting, hold and defer do so with after.
#[derive(Debug, Args)]
pub struct RouteArgs {
    /// The ticket
    pub id: String,
    /// What was decided
    #[arg(value_parser = classification)]
    pub classification: Classification,
    /// Why; may be repeated, one point each
    #[arg(long, value_name = "text", allow_hyphen_values = true, required = true)]
    pub reason: Vec<String>,
    /// What was looked at; may be repeated
    #[arg(long, value_name = "text", allow_hyphen_values = true)]
    pub evidence: Vec<String>,
    /// What comes next; may be repeated
    #[arg(long, value_name = "text", allow_hyphen_values = true)]
    pub next: Vec<String>,
    /// When to come back and ask; may be repeated, joins the packet's own
    #[arg(long, value_name = "text", allow_hyphen_values = true)]
    pub escalate: Vec<String>,
    /// Read the IntentPacket from <file>; - is standard input
    #[arg(long, value_name = "file")]
    pub packet: Option<PathBuf>,
    /// Write the IntentPacket in your editor
    #[arg(short = 'e', long = "edit", conflicts_with = "packet")]
    pub edit: bool,
    /// A ticket that holds this one back; may be repeated
    #[arg(long = "on", value_name = "id")]
    pub on: Vec<String>,
}

fn classification(typed: &str) -> Result<Classification, String> {
    Classification::parse(typed).ok_or_else(|| {
        let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
        format!(
            "there are {}; variants begin like one of them, or with blocked, waiting, hold, defer",
            words.join(", ")
        )
    })
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket, the packet is not complete, or the repository can't be written.
pub fn run(context: &Context, args: &RouteArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let wants_packet = args.edit || args.packet.is_some() || route::needs_packet(&args.classification);
    let (echo, blockers) = if wants_packet {
        let draft = draft(context, &session, args)?;
        draft.used_for(context, |text| {
            let packet = packet(text, args.packet.is_none())?;
            route::route(&session, &args.id, &request(args, Some(packet)))
        })?
    } else {
        route::route(&session, &args.id, &request(args, None))?
    };
    let exit = context.echo(&echo)?;
    if route::needs_packet(&args.classification) && !context.is_machine() {
        for blocker in blockers {
            let state = blocker.state.map_or("missing", |state| state.word());
            context
                .note(&format!("note: it still waits for {} ({state})", sanitize::line(blocker.id.as_str())));
        }
    }
    Ok(exit)
}

fn request(args: &RouteArgs, packet: Option<Packet>) -> Request<'_> {
    Request {
        classification: args.classification.clone(),
        reasons: &args.reason,
        evidence: &args.evidence,
        next: &args.next,
        escalate: &args.escalate,
        packet,
        on: &args.on,
    }
}

/// The packet's text: from a file, or the editor.
fn draft(context: &Context, session: &Session, args: &RouteArgs) -> anyhow::Result<Draft> {
    const WHAT: &str = "IntentPacket";
    let terminal = context.host.terminal;
    if args.packet.is_none() && !args.edit && !(terminal.stdin && terminal.stdout) {
        let words =
            format!("the {WHAT} is missing; give it with --packet <file>, or --packet - for standard input");
        return Err(UsageError(words).into());
    }
    let text = TextArgs { file: args.packet.clone(), edit: args.packet.is_none(), ..TextArgs::default() };
    let initial = if text.edit { route::draft(session, &args.id)? } else { String::new() };
    Draft::obtain(context, session, &text, WHAT, &format!("{initial}\n"))
}

/// The packet in a text. Of what the editor began with, sections that may be left out go when nobody filled them.
fn packet(text: &str, is_edited: bool) -> Result<Packet, Refusal> {
    let bad = |fault: crate::format::fault::Fault| Refusal::BadText {
        what: "IntentPacket",
        why: fault.to_string(),
    };
    let mut packet = routing::packet(text).map_err(bad)?;
    if is_edited {
        for part in packet.empty().into_iter().filter(|part| !part.is_required()) {
            packet.sections.remove(&part);
        }
    }
    Ok(packet)
}
