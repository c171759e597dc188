//! `commit-msg`: names the branch's ticket in the message.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context;

use crate::ops::Session;
use crate::ops::naming::{self, Named, Unknown};

/// Adds the trailer where one belongs, and says which names in the message stand for no ticket.
pub(super) fn run(session: &Session, arguments: &[OsString]) -> anyhow::Result<()> {
    let file = arguments.first().context("git named no file")?;
    let file = session.host.cwd.join(Path::new(file));
    let Named { unknown, .. } = naming::name_tickets(session, &file)?;
    for Unknown { name, meant } in unknown {
        let hint = match meant {
            Some(id) => format!("a trailer needs the whole id, {id}"),
            None => "that is no ticket here".to_owned(),
        };
        super::note(session.host, &format!("warning: the message names '{name}': {hint}"));
    }
    Ok(())
}
