//! The command line: words in, words out, exit codes. No rules about tickets.

mod alone;
pub mod args;
pub mod atoms;
pub mod commands;
pub mod context;
pub mod draft;
pub mod failure;
pub mod guide;
pub mod question;
pub mod render;
pub mod words;

use std::ffi::OsString;
use std::io;

use clap::error::ErrorKind;

use crate::host::Host;
use crate::store::StoreError;
use crate::ui::stream;

use args::Cli;
use context::Context;
use failure::{Exit, Failure};

/// Runs one command and gives the exit code of the process.
pub fn run(host: &mut Host) -> i32 {
    let is_json = host.args.iter().any(|argument| argument == "--json");
    let cli = match Cli::read(&host.args) {
        Ok(cli) => cli,
        Err(error) => return not_understood(host, &error, is_json) as i32,
    };
    for folder in &cli.global.run_in {
        if host.change_folder(folder).is_err() {
            let failure = Failure::of(&StoreError::NoRepository(host.cwd.join(folder)).into());
            failure::print(host, &failure, cli.global.json);
            return failure.exit as i32;
        }
    }
    let context = Context::new(host, cli.global);
    let outcome = commands::run(&context, cli.command);
    context.tell_warnings(outcome.is_err());
    let exit = match outcome {
        Ok(exit) => {
            context.tell_joinable(None);
            exit
        }
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            let mut failure = Failure::of(&error);
            context.tell_joinable(Some(&mut failure));
            context.fail(&failure);
            failure.exit
        }
    };
    exit as i32
}

/// A reader that left early is no fault.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

fn not_understood(host: &Host, error: &clap::Error, is_json: bool) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let wants_everything = host.args.iter().any(|argument| argument == "--help");
            let command: Option<&OsString> =
                host.args.iter().skip(1).find(|argument| !argument.to_string_lossy().starts_with('-'));
            let is_help = error.kind() == ErrorKind::DisplayHelp;
            if is_help && wants_everything && guide::open_manual(host, command) {
                return Exit::Done;
            }
            let text = match command {
                None if is_help => guide::overview(false),
                _ => error.to_string(),
            };
            // Nobody reads on: nothing to say.
            let _ = stream::answer(host, &text);
            Exit::Done
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if host.args.len() < 2 => {
            let _ = stream::answer(host, &guide::overview(false));
            Exit::Done
        }
        _ => {
            let failure = Failure::usage(error);
            failure::print(host, &failure, is_json);
            failure.exit
        }
    }
}
