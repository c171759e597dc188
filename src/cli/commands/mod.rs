//! One file for each command or family of commands: its words, then what it does.

pub mod artifact;
pub mod blame;
pub mod close;
pub mod comment;
pub mod commits;
pub mod config;
pub mod create;
pub mod deinit;
pub mod diff;
pub mod doctor;
pub mod edit;
pub mod export;
pub mod graph;
pub mod guide;
pub mod history;
pub mod hook;
pub mod hooks;
pub mod import;
pub mod index;
pub mod init;
pub mod land;
pub mod link;
pub mod list;
pub mod log;
pub mod next;
pub mod plan;
pub mod relate;
pub mod report;
pub mod review;
pub mod route;
pub mod search;
pub mod show;
pub mod start;
pub mod state;
pub mod status;
pub mod sync;
pub mod undo;
pub mod verify;
pub mod verify_push;

use super::args::Command;
use super::context::Context;
use super::failure::Exit;
use crate::ops::sync::Way;

/// Runs a command.
///
/// # Errors
/// What the command says.
pub(crate) fn run(context: &Context, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Status(args) => status::run(context, &args),
        Command::Index(args) => index::run(context, &args),
        Command::Init(args) => init::run(context, &args),
        Command::Deinit(args) => deinit::run(context, &args),
        Command::Create(args) => create::run(context, args),
        Command::List(args) => list::run(context, &args),
        Command::Show(args) => show::run(context, &args),
        Command::Edit(args) => edit::run(context, args),
        Command::Comment(args) => comment::run(context, &args),
        Command::Search(args) => search::run(context, &args),
        Command::State(args) => state::run(context, &args),
        Command::Queue(args) => state::queue(context, &args),
        Command::Start(args) => start::run(context, &args),
        Command::Release(args) => start::release(context, &args),
        Command::Done(args) => start::done(context, &args),
        Command::Report(args) => report::run(context, &args),
        Command::Review(args) => review::run(context, &args),
        Command::Close(args) => close::run(context, &args),
        Command::Reopen(args) => close::reopen(context, &args),
        Command::Relate(args) => relate::run(context, &args),
        Command::Unrelate(args) => relate::remove(context, &args),
        Command::Graph(args) => graph::run(context, &args),
        Command::Next(args) => next::run(context, &args),
        Command::Route(args) => route::run(context, &args),
        Command::Plan(args) => plan::run(context, &args),
        Command::Commits(args) => commits::run(context, &args),
        Command::Link(args) => link::run(context, &args, true),
        Command::Unlink(args) => link::run(context, &args.link, false),
        Command::Land(args) => land::run(context, &args),
        Command::Hook(args) => hook::run(context, &args),
        Command::Log(args) => log::run(context, args),
        Command::Blame(args) => blame::run(context, &args),
        Command::Sync(args) => sync::run(context, &args, Way::Both),
        Command::Push(args) => sync::run(context, &args.sync, Way::Push),
        Command::Fetch(args) => sync::run(context, &args.sync, Way::Fetch),
        Command::Undo(args) => undo::run(context, &args),
        Command::Diff(args) => diff::run(context, &args),
        Command::History(args) => history::run(context, &args),
        Command::Config(args) => config::run(context, &args),
        Command::Hooks(args) => hooks::run(context, &args),
        Command::Artifact(args) => artifact::run(context, &args),
        Command::Import(args) => import::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Doctor(args) => doctor::run(context, &args),
        Command::Verify(args) => verify::run(context, &args),
        Command::VerifyPush(args) => verify_push::run(context, &args),
        Command::Completions(args) => guide::completions(context, &args),
        Command::Man(args) => guide::man(context, &args),
        Command::Help(args) => guide::help(context, &args),
    }
}
