//! The orchestration plan: notes on the order in which tickets are worked on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::event::{self, Event};
use super::id::TicketId;
use super::refusal::Refusal;
use super::state::State;
use super::{limit, text, undo};

/// What a record of the plan says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Before the related ticket.
    Before,
    /// After the related ticket.
    After,
    /// Waits for the related ticket.
    BlockedBy,
    /// The related ticket waits for it.
    Blocks,
    /// Touches the same places as the related ticket.
    ConflictsWith,
    /// Not at the same time as the related ticket.
    DoNotParallelize,
    /// Waits until somebody is free.
    WaitingCapacityNote,
    /// Accepted, with a branch and a plan.
    AcceptedPlan,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 8] = [
        Kind::Before,
        Kind::After,
        Kind::BlockedBy,
        Kind::Blocks,
        Kind::ConflictsWith,
        Kind::DoNotParallelize,
        Kind::WaitingCapacityNote,
        Kind::AcceptedPlan,
    ];

    /// The word on the ref.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Before => "before",
            Kind::After => "after",
            Kind::BlockedBy => "blocked_by",
            Kind::Blocks => "blocks",
            Kind::ConflictsWith => "conflicts_with",
            Kind::DoNotParallelize => "do_not_parallelize",
            Kind::WaitingCapacityNote => "waiting_capacity_note",
            Kind::AcceptedPlan => "accepted_plan",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a record of this kind names another ticket.
    pub fn needs_related(self) -> bool {
        !matches!(self, Kind::WaitingCapacityNote | Kind::AcceptedPlan)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What will be done.
    pub summary: String,
    /// On which branch.
    pub branch: Option<String>,
    /// In which worktree.
    pub worktree: Option<String>,
    /// Who does what.
    pub role_plan: Option<String>,
}

/// One record of a ticket's orchestration plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `orch-plan-YYYYMMDD-HHMMSS-N`.
    pub id: String,
    /// The ticket it is stored with.
    pub ticket_id: TicketId,
    /// What it says.
    pub kind: Kind,
    /// The other ticket, which may not exist.
    pub related_ticket: Option<String>,
    /// Why.
    pub note: Option<String>,
    /// What was accepted; only with [`Kind::AcceptedPlan`].
    pub accepted_plan: Option<Accepted>,
    /// Who said so.
    pub author: String,
    /// When, as the file says it.
    pub at: String,
}

impl Record {
    /// Whether it still says something about what to do next: `own` is where its ticket stands, `related` where
    /// the other one does; `None` where there is no such ticket.
    pub fn is_open(&self, own: Option<State>, related: Option<State>) -> bool {
        let is_over = |state: Option<State>| state.is_some_and(State::is_resolved);
        let waits = matches!(own, Some(State::Planning | State::Ready | State::Queued));
        match self.kind {
            Kind::BlockedBy | Kind::After => waits && !is_over(related),
            Kind::Blocks | Kind::Before => {
                !is_over(own) && matches!(related, Some(State::Planning | State::Ready | State::Queued))
            }
            Kind::ConflictsWith | Kind::DoNotParallelize => !is_over(own) && !is_over(related),
            Kind::WaitingCapacityNote => waits,
            Kind::AcceptedPlan => !is_over(own),
        }
    }
}

/// The records that still count. The plan that was accepted with a start says nothing once that start was taken back:
/// it was written by the same person in the same second.
pub fn standing(mut records: Vec<Record>, events: &[Event]) -> Vec<Record> {
    let retracted = undo::retracted(events);
    let is_start = |event: &&Event| {
        event.kind == event::Kind::StateChanged
            && event.attribute("to") == Some(State::InProgress.word())
            && !undo::compensates(event)
    };
    let of = |is_wanted: bool| {
        let is_retracted = |event: &Event| event.id.is_some_and(|id| retracted.contains_key(&id));
        let starts = events.iter().filter(is_start).filter(move |event| is_retracted(event) == is_wanted);
        starts.map(|event| (event.author.as_str(), event.at.as_str())).collect::<BTreeSet<_>>()
    };
    let (undone, counting) = (of(true), of(false));
    records.retain(|record| {
        let key = (record.author.as_str(), record.at.as_str());
        record.kind != Kind::AcceptedPlan || !undone.contains(&key) || counting.contains(&key)
    });
    records
}

/// What a new record shall say; its id, ticket, author and time come with the write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub kind: Kind,
    /// The other ticket.
    pub related_ticket: Option<TicketId>,
    /// Why.
    pub note: Option<String>,
    /// What was accepted; only with [`Kind::AcceptedPlan`].
    pub accepted_plan: Option<Accepted>,
}

/// The names of a file's records: their ids, and `~2`, `~3` behind those that stood there before.
///
/// Two clones that each append in one second give two records one id. A merge keeps both, in the same order
/// everywhere, so these names are the same everywhere too.
pub fn names<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<String> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let name = |record: &'a Record| {
        let count = seen.entry(&record.id).or_default();
        *count += 1;
        if *count == 1 { record.id.clone() } else { format!("{}~{count}", record.id) }
    };
    records.into_iter().map(name).collect()
}

/// The path of a worktree as a record has it: relative to `root`, the folder of the main work tree, with `/`
/// between names. An absolute path is taken where it leads into that folder or beside it: what is recorded
/// goes to other machines, which have no such paths.
///
/// # Errors
/// When the path is absolute and leads elsewhere, is the work tree itself, or can't be stored.
pub fn worktree(path: &str, root: Option<&str>) -> Result<String, Refusal> {
    const WHAT: &str = "path of the worktree";
    let path = text::line(WHAT, path)?;
    let bad = |why: &str| Refusal::BadText { what: WHAT, why: why.to_owned() };
    let elsewhere = || bad("an absolute path stays on this machine; give one relative to the work tree");
    let is_foreign = path.starts_with(['~', '\\']) || path.as_bytes().get(1) == Some(&b':');
    let relative = match (path.strip_prefix('/'), root) {
        _ if is_foreign => return Err(elsewhere()),
        (None, _) => names_of(&path),
        (Some(_), None) => return Err(elsewhere()),
        (Some(_), Some(root)) => {
            let (path, root) = (names_of(&path), names_of(root));
            let (name, above) = root.split_last().ok_or_else(elsewhere)?;
            let inside = path.strip_prefix(above).ok_or_else(elsewhere)?;
            match inside.split_first() {
                Some((first, rest)) if first == name => rest.to_vec(),
                _ => [&[".."], inside].concat(),
            }
        }
    };
    if relative.iter().all(|name| *name == "..") {
        return Err(bad("it holds the work tree itself"));
    }
    if relative.iter().skip(1).any(|name| *name == "..") {
        return Err(bad("it leads out of the folder that holds the work tree"));
    }
    Ok(relative.join("/"))
}

/// The names in a path; `.` goes, and `..` takes the name before it along.
fn names_of(path: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/').filter(|name| !name.is_empty() && *name != ".") {
        match names.last() {
            Some(last) if name == ".." && *last != ".." => {
                names.pop();
            }
            _ => names.push(name),
        }
    }
    names
}

impl Accepted {
    /// The same, with every text checked; `root` as in [`worktree`].
    ///
    /// # Errors
    /// When a text is empty, too long or can't be stored.
    pub fn checked(self, root: Option<&str>) -> Result<Accepted, Refusal> {
        let branch = self.branch.map(|branch| text::line("branch", &branch)).transpose()?;
        let worktree = self.worktree.map(|path| worktree(&path, root)).transpose()?;
        let role_plan = self.role_plan.map(|plan| text::prose("role plan", &plan, limit::SUMMARY));
        Ok(Accepted {
            summary: text::prose("summary", &self.summary, limit::SUMMARY)?,
            branch,
            worktree,
            role_plan: role_plan.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str) -> Record {
        Record {
            id: id.to_owned(),
            ticket_id: TicketId::from_millis(1),
            kind: Kind::WaitingCapacityNote,
            related_ticket: None,
            note: Some("later".to_owned()),
            accepted_plan: None,
            author: "a".to_owned(),
            at: String::new(),
        }
    }

    #[test]
    fn records_with_one_id_are_told_apart() {
        let records = ["a-1", "a-1", "b-3", "a-1"].map(record);
        assert_eq!(names(&records), ["a-1", "a-1~2", "b-3", "a-1~3"]);
    }

    #[test]
    fn a_record_is_over_when_what_it_is_about_is() {
        let open = |kind, own, related| Record { kind, ..record("a") }.is_open(Some(own), related);
        assert!(open(Kind::BlockedBy, State::Queued, Some(State::InProgress)));
        assert!(open(Kind::After, State::Queued, None));
        assert!(!open(Kind::BlockedBy, State::Queued, Some(State::Done)));
        assert!(!open(Kind::After, State::InProgress, Some(State::Queued)));
        assert!(open(Kind::Before, State::InProgress, Some(State::Queued)));
        assert!(!open(Kind::Blocks, State::Done, Some(State::Queued)));
        assert!(open(Kind::ConflictsWith, State::InProgress, Some(State::Queued)));
        assert!(!open(Kind::DoNotParallelize, State::Queued, Some(State::Closed)));
        assert!(!open(Kind::WaitingCapacityNote, State::InProgress, None));
        assert!(open(Kind::AcceptedPlan, State::InProgress, None));
    }

    #[test]
    fn the_path_of_a_worktree_is_relative_to_the_work_tree() {
        let root = Some("/home/ada/repo");
        for (path, expected) in [
            (".worktree/x", ".worktree/x"),
            ("./a//b/../c/", "a/c"),
            ("../x", "../x"),
            ("/home/ada/repo/.worktree/x", ".worktree/x"),
            ("/home/ada/other", "../other"),
            ("/home/ada/repo/../other", "../other"),
        ] {
            assert_eq!(worktree(path, root), Ok(expected.to_owned()), "{path}");
        }
        for path in [
            "",
            ".",
            "..",
            "../..",
            "../../x",
            "a/../..",
            "~/x",
            "C:\\x",
            "\\\\x\\y",
            "/tmp/x",
            "/home/ada",
            "/",
            "/home/ada/repo",
            "a\nb",
        ] {
            assert!(worktree(path, root).is_err(), "{path}");
        }
        assert!(worktree("/home/ada/repo/x", None).is_err());
    }
}
