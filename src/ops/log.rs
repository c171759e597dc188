//! The log of the code, with the tickets of its commits.
//!
//! git writes the log, so that every option of `git log` works; each commit's line is a mark that is
//! replaced here. The mark holds random digits: no file and no message can hold it by chance or by intent.

use std::ffi::OsString;

use crate::model::commit::Commit;
use crate::model::id::TicketId;
use crate::store::stream::{self, Heard};

use super::links::{Held, Links};
use super::session::Session;

/// A commit with its tickets.
#[derive(Debug, Clone)]
pub struct Logged {
    /// The commit.
    pub commit: Commit,
    /// The tickets it belongs to.
    pub tickets: Vec<Held>,
}

/// A part of the log.
#[derive(Debug, Clone)]
pub enum Line {
    /// A commit, with what git drew before and behind it.
    Commit {
        /// What stands before it: the lines of a graph.
        before: String,
        /// The commit.
        logged: Box<Logged>,
        /// git's mark for its side or a boundary: `>` unless there is more to say.
        side: char,
        /// What stands behind it.
        after: String,
    },
    /// Anything else: differences, names of files, lines of a graph.
    Other(String),
    /// Nothing more for the moment.
    Pause,
}

/// What is to be told besides the log.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What git warned of.
    pub warnings: Vec<String>,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Runs `git log` with these words and gives its lines one after the other.
///
/// # Errors
/// When git fails, the tickets can't be read, or `show` says so.
pub fn log(
    session: &Session,
    words: &[OsString],
    mut show: impl FnMut(Line) -> anyhow::Result<()>,
) -> anyhow::Result<Told> {
    let snapshot = session.snapshot()?;
    let mut links = Links::read(session, &snapshot, true)?;
    let nonce = format!("{:032x}", session.host.entropy.bits());
    let start = format!("\u{1e}{nonce}");
    let format = format!("--format=%x1e{nonce}%m%H%x1f");
    let own = ["log", "--no-color", "--encoding=UTF-8", &format].map(OsString::from);
    let arguments = own.iter().chain(words);
    let said = stream::lines(session.store.cwd(), arguments, |heard| {
        let Heard::Line(line) = heard else { return show(Line::Pause) };
        let text = String::from_utf8_lossy(line);
        let Some((before, side, id, after)) = marked(&text, &start) else {
            return show(Line::Other(text.into_owned()));
        };
        match session.store.look_up(id, &session.settings.trailer)? {
            Some(commit) => {
                let logged = Box::new(Logged { tickets: links.of(&commit)?, commit });
                show(Line::Commit { before: before.to_owned(), logged, side, after: after.to_owned() })
            }
            None => show(Line::Other(format!("{before}{id}{after}"))),
        }
    })?;
    Ok(Told {
        warnings: said.lines().map(str::to_owned).collect(),
        unreadable: links.unreadable,
        damaged: links.damaged,
    })
}

/// What stands before a mark, its side, its commit, and what stands behind it.
fn marked<'t>(line: &'t str, start: &str) -> Option<(&'t str, char, &'t str, &'t str)> {
    let (before, rest) = line.split_once(start)?;
    let (mark, after) = rest.split_once('\u{1f}')?;
    let side = mark.chars().next()?;
    Some((before, side, &mark[side.len_utf8()..], after))
}
