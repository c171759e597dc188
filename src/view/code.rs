//! Commits of the code with their tickets: `yoi.log/1`, `yoi.blame/1`, `yoi.missing/1`.

use serde::Serialize;

use crate::model::commit::Commit;
use crate::model::moment::Moment;
use crate::ops::blame::{Blamed, Line};
use crate::ops::links::Held;
use crate::ops::log::{Logged, Told};
use crate::ops::missing::{Missing, Ticketless};

use super::UnreadableView;

/// A ticket that a commit belongs to.
#[derive(Debug, Serialize)]
pub struct HeldView {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How the commit came to it: `linked`, `trailer`, `work`, `landed`, `branch`.
    pub via: Vec<&'static str>,
}

impl HeldView {
    fn all(tickets: &[Held]) -> Vec<Self> {
        let view = |held: &Held| HeldView {
            id: held.id.to_string(),
            title: held.title.clone(),
            via: held.via.iter().map(|via| via.word()).collect(),
        };
        tickets.iter().map(view).collect()
    }
}

/// The ids of tickets in one field of a row, separated by commas.
fn ids(tickets: &[Held]) -> String {
    tickets.iter().map(|held| held.id.as_str()).collect::<Vec<_>>().join(",")
}

fn at(commit: &Commit) -> String {
    Moment::from_seconds(commit.key.seconds).to_string()
}

/// A commit with its tickets.
#[derive(Debug, Serialize)]
pub struct LoggedView {
    /// Its full id.
    pub commit: String,
    /// Its author.
    pub author: String,
    /// When it was written, UTC.
    pub at: String,
    /// The first line of its message.
    pub subject: String,
    /// The tickets it belongs to.
    pub tickets: Vec<HeldView>,
}

impl LoggedView {
    fn new(commit: &Commit, tickets: &[Held]) -> Self {
        LoggedView {
            commit: commit.id.clone(),
            author: commit.author.clone(),
            at: at(commit),
            subject: commit.key.subject.clone(),
            tickets: HeldView::all(tickets),
        }
    }
}

/// A commit with its tickets, as a row.
#[derive(Debug, Serialize)]
pub struct LoggedRow {
    /// Its full id.
    pub commit: String,
    /// Ids of the tickets it belongs to, separated by commas.
    pub tickets: String,
    /// The first line of its message.
    pub subject: String,
}

impl LoggedRow {
    /// The fields of a porcelain row.
    pub const FIELDS: [&'static str; 3] = ["commit", "tickets", "subject"];

    /// From a commit of the log.
    pub fn new(logged: &Logged) -> Self {
        LoggedRow {
            commit: logged.commit.id.clone(),
            tickets: ids(&logged.tickets),
            subject: logged.commit.key.subject.clone(),
        }
    }
}

/// The log of the code.
#[derive(Debug, Serialize)]
pub struct LogView {
    /// `yoi.log/1`.
    pub schema: &'static str,
    /// How many commits there are.
    pub total: usize,
    /// Always false: git was told how many are wanted.
    pub truncated: bool,
    /// The commits, in git's order.
    pub commits: Vec<LoggedView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

impl LogView {
    /// From the commits of the log and what is to be told besides.
    pub fn new(logged: &[Logged], told: &Told) -> Self {
        let commits: Vec<LoggedView> =
            logged.iter().map(|logged| LoggedView::new(&logged.commit, &logged.tickets)).collect();
        let unreadable = UnreadableView::all(&told.unreadable, &told.damaged);
        LogView { schema: "yoi.log/1", total: commits.len(), truncated: false, commits, unreadable }
    }
}

/// A line of a file.
#[derive(Debug, Serialize)]
pub struct LineView {
    /// Its number, from 1.
    pub line: usize,
    /// The commit that wrote it; absent when it is not committed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The line may be older than the commit: nothing older was looked at.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub boundary: bool,
    /// Ids of the tickets it was written for.
    pub tickets: Vec<String>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Its text.
    pub text: String,
}

impl LineView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 7] = ["line", "commit", "boundary", "tickets", "author", "at", "text"];

    /// From a line.
    pub fn new(blamed: &Blamed, line: &Line) -> Self {
        let commit = blamed.commit(line);
        LineView {
            line: line.number,
            commit: line.commit.clone(),
            boundary: line.is_boundary,
            tickets: blamed.tickets(line).iter().map(|held| held.id.to_string()).collect(),
            author: commit.map(|commit| commit.author.clone()),
            at: commit.map(at),
            text: line.text.clone(),
        }
    }
}

/// A line of a file, as a row.
#[derive(Debug, Serialize)]
pub struct LineRow {
    /// Its number, from 1.
    pub line: usize,
    /// The commit that wrote it; empty when it is not committed.
    pub commit: String,
    /// Ids of the tickets it was written for, separated by commas.
    pub tickets: String,
    /// Its text.
    pub text: String,
}

impl LineRow {
    /// The fields of a porcelain row.
    pub const FIELDS: [&'static str; 4] = ["line", "commit", "tickets", "text"];

    /// From a line.
    pub fn new(blamed: &Blamed, line: &Line) -> Self {
        LineRow {
            line: line.number,
            commit: line.commit.clone().unwrap_or_default(),
            tickets: ids(blamed.tickets(line)),
            text: line.text.clone(),
        }
    }
}

/// A file, line by line.
#[derive(Debug, Serialize)]
pub struct BlameView {
    /// `yoi.blame/1`.
    pub schema: &'static str,
    /// The file, as it was named.
    pub file: String,
    /// How many lines there are.
    pub total: usize,
    /// Always false: every line that was asked for is there.
    pub truncated: bool,
    /// The lines.
    pub lines: Vec<LineView>,
    /// The commits that wrote them, with their tickets, in order of first use.
    pub commits: Vec<LoggedView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

impl BlameView {
    /// From what `blame` answers.
    pub fn new(file: &str, blamed: &Blamed) -> Self {
        let mut seen = std::collections::HashSet::new();
        let used = blamed.lines.iter().filter_map(|line| line.commit.as_ref());
        let used = used.filter(|id| seen.insert(*id)).filter_map(|id| blamed.commits.get(id));
        BlameView {
            schema: "yoi.blame/1",
            file: file.to_owned(),
            total: blamed.lines.len(),
            truncated: false,
            commits: used.map(|(commit, tickets)| LoggedView::new(commit, tickets)).collect(),
            lines: blamed.lines.iter().map(|line| LineView::new(blamed, line)).collect(),
            unreadable: UnreadableView::all(&blamed.unreadable, &blamed.damaged),
        }
    }
}

/// A commit without a ticket.
#[derive(Debug, Serialize)]
pub struct TicketlessView {
    /// Its full id.
    pub commit: String,
    /// The first line of its message.
    pub subject: String,
    /// Its author.
    pub author: String,
    /// When it was written, UTC.
    pub at: String,
    /// What its message names and is no ticket.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
}

impl TicketlessView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 5] = ["commit", "subject", "author", "at", "named"];

    /// From a commit without a ticket.
    pub fn new(found: &Ticketless) -> Self {
        let unknown = found.unknown.iter().map(ToString::to_string);
        TicketlessView {
            commit: found.commit.id.clone(),
            subject: found.commit.key.subject.clone(),
            author: found.commit.author.clone(),
            at: at(&found.commit),
            named: unknown.chain(found.strange.iter().cloned()).collect(),
        }
    }
}

/// The commits of a range that belong to no ticket.
#[derive(Debug, Serialize)]
pub struct MissingView {
    /// `yoi.missing/1`.
    pub schema: &'static str,
    /// The range, as it was typed.
    pub range: String,
    /// How many commits were looked at, merges left out.
    pub looked_at: usize,
    /// How many have no ticket.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// Those without a ticket, the newest first.
    pub commits: Vec<TicketlessView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

impl MissingView {
    /// From what was found.
    pub fn new(missing: &Missing) -> Self {
        MissingView {
            schema: "yoi.missing/1",
            range: missing.range.clone(),
            looked_at: missing.looked_at,
            total: missing.commits.len(),
            truncated: false,
            commits: missing.commits.iter().map(TicketlessView::new).collect(),
            unreadable: UnreadableView::all(&missing.unreadable, &missing.damaged),
        }
    }
}
