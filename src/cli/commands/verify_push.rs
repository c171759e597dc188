//! `git yoi verify-push`

use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::guard::{self, Policy};
use crate::store::incoming::{MOST, Update};
use crate::ui::sanitize;

/// Guard a server: refuse pushes that take tickets' events away or forge them.
///
/// It is called by an `update` hook, with what git gives it, or by a `pre-receive` hook, and reads then what git
/// writes to it. Refs that are not below refs/yoi/ are let through. Exits with 1 and says why when a push is
/// refused; the pusher sees it. docs/server.md has the two lines that install it.
#[derive(Debug, Args)]
pub struct VerifyPushArgs {
    /// What git gives an `update` hook: <ref> <old> <new>
    #[arg(num_args = 3, value_names = ["ref", "old", "new"])]
    pub update: Vec<String>,
    /// Let in new tickets that hold events of others, as imports do
    #[arg(long)]
    pub allow_import: bool,
    /// Let in only what its author signed, merges and landings by git-yoi aside
    #[arg(long)]
    pub require_signed: bool,
    /// The ssh keys that may sign; else gpg.ssh.allowedSignersFile of this repository
    #[arg(long, value_name = "file", requires = "require_signed")]
    pub allowed_signers: Option<PathBuf>,
    /// The most commits in one push
    #[arg(long, value_name = "count", default_value_t = MOST)]
    pub most: usize,
}

/// Runs the command.
///
/// # Errors
/// When what is pushed can't be looked at; it is refused then too.
pub fn run(context: &Context, args: &VerifyPushArgs) -> anyhow::Result<Exit> {
    let updates = match args.update.as_slice() {
        [reference, old, new] => {
            vec![Update { reference: reference.clone(), old: old.clone(), new: new.clone() }]
        }
        _ => {
            let mut text = String::new();
            context.host.stdin.borrow_mut().read_to_string(&mut text)?;
            text.lines().filter_map(update).collect()
        }
    };
    let policy = Policy {
        allow_import: args.allow_import,
        require_signed: args.require_signed,
        // git may run where this program does not.
        allowed_signers: args.allowed_signers.as_ref().map(|file| context.host.cwd.join(file)),
        most: args.most,
    };
    match guard::refusal(context.host, &updates, &policy)? {
        None => Ok(Exit::Done),
        Some(why) => {
            context.note(&format!("yoi: tickets are refused: {}", sanitize::line(&why)));
            Ok(Exit::No)
        }
    }
}

/// A line as git writes it to a `pre-receive` hook.
fn update(line: &str) -> Option<Update> {
    let mut words = line.splitn(3, ' ').map(str::to_owned);
    let (old, new) = (words.next()?, words.next()?);
    Some(Update { reference: words.next()?, old, new })
}
