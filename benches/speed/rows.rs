//! The rows: what is run against what, and how much it may cost.

use crate::ground::Ground;
use crate::subject::{self, Subject};
use crate::tickets::RARE;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Time from start to end.
    Time,
    /// Memory at the peak.
    Memory,
}

/// Makes the repository ready and gives what is to be run there.
pub(crate) type Make = Box<dyn Fn(&Ground) -> Result<Subject, String>>;

/// One row.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: Unit,
    /// The repository of the command.
    pub(crate) tickets: usize,
    /// The repository of its counterpart.
    pub(crate) floor_tickets: usize,
    pub(crate) ours: Make,
    pub(crate) floor: Make,
    pub(crate) floor_name: String,
    /// The largest ratio it may have.
    pub(crate) bound: f64,
}

/// A command that is compared in every size, and may grow so much from 10,000 to 100,000.
struct Command {
    name: &'static str,
    ours: Ours,
    floor: &'static [&'static str],
    bound: f64,
    /// How much more 100,000 tickets may cost than 10,000.
    growth: f64,
}

#[derive(Clone, Copy)]
enum Ours {
    Read(&'static [&'static str]),
    Write(&'static [&'static str]),
}

/// No bound was set.
const FREE: f64 = f64::INFINITY;

const SMALL: usize = 1_000;
const MIDDLE: usize = 10_000;
const LARGE: usize = 100_000;

const HEAD: &[&str] = &["rev-parse", "HEAD"];
const NOTE: &[&str] = &["notes", "append", "-m", "text"];
const CAT: &[&str] = &["cat-file", "-p", "HEAD"];
const SORTED: &[&str] = &["list", "--state", "all", "label:design", "--sort", "title"];
const FILTERED: &[&str] = &["list", "--state", "all", "label:design", "assignee:ada"];
const ALL_OPEN: &[&str] = &["list", "-n", "all"];
const SCREEN: &[&str] = &["list"];

const COMMANDS: [Command; 11] = [
    Command { name: "show", ours: Ours::Read(&["show", "ID"]), floor: CAT, bound: 2.0, growth: 1.3 },
    Command { name: "list", ours: Ours::Read(SCREEN), floor: HEAD, bound: 3.0, growth: FREE },
    Command { name: "status", ours: Ours::Read(&["status"]), floor: HEAD, bound: 3.0, growth: 1.3 },
    Command { name: "next", ours: Ours::Read(&["next"]), floor: HEAD, bound: 3.0, growth: FREE },
    Command { name: "list, filter and sort", ours: Ours::Read(SORTED), floor: HEAD, bound: 6.0, growth: 3.0 },
    Command { name: "list, two filters", ours: Ours::Read(FILTERED), floor: HEAD, bound: 6.0, growth: FREE },
    Command { name: "list, all open", ours: Ours::Read(ALL_OPEN), floor: HEAD, bound: 12.0, growth: FREE },
    Command { name: "search", ours: Ours::Read(&["search", RARE]), floor: HEAD, bound: 5.0, growth: FREE },
    Command {
        name: "comment",
        ours: Ours::Write(&["comment", "ID", "-m", "text"]),
        floor: NOTE,
        bound: 2.0,
        growth: 1.3,
    },
    Command {
        name: "state",
        ours: Ours::Write(&["state", "ID", "ready", "-m", "text"]),
        floor: NOTE,
        bound: 2.0,
        growth: 1.3,
    },
    Command {
        name: "hook, nothing to do",
        ours: Ours::Read(&["hook", "post-commit"]),
        floor: HEAD,
        bound: 2.0,
        growth: FREE,
    },
];

/// Every row, in the order of the table.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for command in &COMMANDS {
        for tickets in [SMALL, MIDDLE, LARGE] {
            rows.push(Row {
                name: command.name.to_owned(),
                unit: Unit::Time,
                tickets,
                floor_tickets: tickets,
                ours: command.ours.make(),
                floor: command.floor(),
                floor_name: format!("git {}", command.floor.join(" ")),
                bound: command.bound,
            });
        }
    }
    rows.extend(bulk());
    rows.extend(hooks());
    rows.extend(growth());
    rows.extend(memory());
    rows
}

impl Ours {
    fn make(self) -> Make {
        match self {
            Ours::Read(words) => Box::new(move |ground| subject::read(ground, words)),
            Ours::Write(words) => Box::new(move |ground| subject::write(ground, words)),
        }
    }
}

impl Command {
    fn floor(&self) -> Make {
        let words = self.floor;
        match self.ours {
            Ours::Read(_) => Box::new(move |ground| subject::git(ground, words)),
            Ours::Write(_) => Box::new(move |ground| subject::git_write(ground, words)),
        }
    }
}

fn row(name: &str, tickets: usize, ours: Make, floor: Make, floor_name: &str, bound: f64) -> Row {
    Row {
        name: name.to_owned(),
        unit: Unit::Time,
        tickets,
        floor_tickets: tickets,
        ours,
        floor,
        floor_name: floor_name.to_owned(),
        bound,
    }
}

/// What takes longer: everything is read or written.
fn bulk() -> Vec<Row> {
    let mut rows = Vec::new();
    for tickets in [MIDDLE, LARGE] {
        let contents: Make = Box::new(subject::cat_items);
        let first: Make = Box::new(subject::first_list);
        rows.push(row("first list, no index", tickets, first, contents, "git cat-file --batch", 2.0));
        let differences: Make = Box::new(|ground| {
            subject::git(ground, &["diff-tree", "-r", "refs/yoi/tickets", "refs/bench/elsewhere"])
        });
        let stale: Make = Box::new(subject::stale_list);
        rows.push(row("list, 1,000 changed elsewhere", tickets, stale, differences, "git diff-tree -r", 4.0));
        let (import, fast): (Make, Make) = (Box::new(subject::import), Box::new(subject::fast_import));
        rows.push(row("import", tickets, import, fast, "git fast-import", 0.8));
        let (export, archive): (Make, Make) = (Box::new(subject::export), Box::new(subject::archive));
        rows.push(row("export", tickets, export, archive, "git archive | tar x", 2.0));
    }
    rows
}

/// Whole commits of git, with the hooks and without; no bound was set for these.
fn hooks() -> Vec<Row> {
    let rows = [("hooks of a commit", false), ("hooks of a commit on a ticket's branch", true)];
    let made = rows.map(|(name, is_on_ticket)| {
        let ours: Make = Box::new(move |ground| subject::commit(ground, true, is_on_ticket));
        let floor: Make = Box::new(move |ground| subject::commit(ground, false, is_on_ticket));
        row(name, LARGE, ours, floor, "git commit --allow-empty", f64::INFINITY)
    });
    made.into()
}

/// The same command with ten times as many tickets.
fn growth() -> Vec<Row> {
    let rows = COMMANDS.iter().map(|command| Row {
        floor_tickets: MIDDLE,
        floor: command.ours.make(),
        ..row(
            &format!("growth: {}", command.name),
            LARGE,
            command.ours.make(),
            command.ours.make(),
            "the same at 10,000",
            command.growth,
        )
    });
    rows.collect()
}

/// The memory of everything that only reads, and of import and export.
fn memory() -> Vec<Row> {
    let head: fn() -> Make = || Box::new(|ground| subject::git(ground, HEAD));
    let reads = COMMANDS.iter().filter(|command| matches!(command.ours, Ours::Read(_)));
    let mut rows: Vec<Row> = reads
        .map(|command| {
            let name = format!("memory: {}", command.name);
            row(&name, LARGE, command.ours.make(), head(), "git rev-parse HEAD", 4.0)
        })
        .collect();
    rows.push(row(
        "memory: first list, no index",
        LARGE,
        Box::new(subject::first_list),
        head(),
        "git rev-parse HEAD",
        4.0,
    ));
    for row in &mut rows {
        row.unit = Unit::Memory;
    }
    rows
}
