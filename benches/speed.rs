//! How long whole commands take, as ratios to git's own in the same run.
//!
//! `cargo bench` prints a Markdown table; `cargo bench -- comment` runs the rows whose name holds that
//! word. Each row runs the program and git's counterpart alternately, so that both see the same noise;
//! what counts is the ratio of the medians. `YOI_BENCH_RUNS` sets the number of runs (31). In the rows about
//! hooks git itself runs on both sides, with git-yoi's hooks and without.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A repository with so many tickets, and a note to append to.
struct Ground {
    _root: TempDir,
    repo: PathBuf,
    id: String,
}

/// A row of the table: a command and git's counterpart.
struct Row {
    name: &'static str,
    tickets: usize,
    ours: &'static [&'static str],
    floor: &'static [&'static str],
}

const ROWS: [Row; 7] = [
    Row { name: "comment", tickets: 200, ours: &["comment", "ID", "-m", "text"], floor: &NOTE },
    Row { name: "comment", tickets: 20_000, ours: &["comment", "ID", "-m", "text"], floor: &NOTE },
    Row { name: "show", tickets: 200, ours: &["show", "ID", "--raw"], floor: &CAT },
    Row { name: "show", tickets: 20_000, ours: &["show", "ID", "--raw"], floor: &CAT },
    Row { name: "hook with nothing to do", tickets: 20_000, ours: &["hook", "post-commit"], floor: &HEAD },
    Row { name: "hooks of a commit", tickets: 20_000, ours: &HOOKED, floor: &COMMIT },
    Row {
        name: "hooks of a commit on a ticket's branch",
        tickets: 20_000,
        ours: &HOOKED_TICKET,
        floor: &COMMIT,
    },
];
const HEAD: [&str; 2] = ["rev-parse", "HEAD"];
const COMMIT: [&str; 5] = ["commit", "-q", "--allow-empty", "-m", "text"];
/// The words of git where it runs with hooks; the branch is checked out before.
const HOOKED: [&str; 8] =
    ["git", "-c", "core.hooksPath=.git/own-hooks", "commit", "-q", "--allow-empty", "-m", "text"];
const HOOKED_TICKET: [&str; 9] =
    ["git", "BRANCH", "-c", "core.hooksPath=.git/own-hooks", "commit", "-q", "--allow-empty", "-m", "text"];
const NOTE: [&str; 4] = ["notes", "append", "-m", "text"];
const CAT: [&str; 3] = ["cat-file", "-p", "HEAD"];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let runs = std::env::var("YOI_BENCH_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(31);
    let git = Command::new("git").arg("--version").output().expect("git runs");
    let mut table = format!(
        "{} runs each, alternating; {}\n\n| command | tickets | git's counterpart | ms | git's ms | ratio |\n|---|--:|---|--:|--:|--:|\n",
        runs,
        String::from_utf8_lossy(&git.stdout).trim()
    );
    let mut ground: Option<(usize, Ground)> = None;
    let mut rows: Vec<&Row> = ROWS.iter().filter(|row| is_wanted(row, &wanted)).collect();
    rows.sort_by_key(|row| row.tickets);
    for row in rows {
        if ground.as_ref().is_none_or(|(tickets, _)| *tickets != row.tickets) {
            ground = Some((row.tickets, prepare(row.tickets)));
        }
        let (_, ground) = ground.as_ref().expect("just made");
        let (ours, floor) = measure(row, ground, runs);
        table.push_str(&format!(
            "| `{}` | {} | `git {}` | {:.2} | {:.2} | **{:.2}×** |\n",
            row.name,
            row.tickets,
            row.floor.join(" "),
            millis(ours),
            millis(floor),
            ours.as_secs_f64() / floor.as_secs_f64()
        ));
    }
    say(&table);
}

fn is_wanted(row: &Row, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|word| row.name.contains(word.as_str()))
}

fn say(text: &str) {
    std::io::stdout().write_all(text.as_bytes()).expect("standard output is there");
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Medians of the program and of git.
fn measure(row: &Row, ground: &Ground, runs: usize) -> (Duration, Duration) {
    let mut times = [Vec::with_capacity(runs), Vec::with_capacity(runs)];
    let (program, words) = match row.ours.split_first() {
        Some((&"git", words)) => (Path::new("git"), words),
        _ => (Path::new(env!("CARGO_BIN_EXE_git-yoi")), row.ours),
    };
    let branch = if words.contains(&"BRANCH") { format!("work/{}-x", ground.id) } else { "other".to_owned() };
    run(ground, Path::new("git"), ["switch", "-q", "-C", &branch].into_iter());
    for _ in 0..runs {
        let arguments = words.iter().filter(|word| **word != "BRANCH");
        let arguments = arguments.map(|word| if *word == "ID" { ground.id.as_str() } else { word });
        times[0].push(run(ground, program, arguments));
        times[1].push(run(ground, Path::new("git"), row.floor.iter().copied()));
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    (median(&mut times[0]), median(&mut times[1]))
}

fn run<'a>(ground: &Ground, program: &Path, arguments: impl Iterator<Item = &'a str>) -> Duration {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&ground.repo).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let status = command.status().expect("the program starts");
    let taken = started.elapsed();
    assert!(status.success(), "{program:?} failed");
    taken
}

/// Makes a repository with one commit, imports so many tickets and packs everything, as `git gc` would.
fn prepare(tickets: usize) -> Ground {
    let root = tempfile::tempdir().expect("a temporary folder");
    let (repo, source) = (root.path().join("repo"), root.path().join("source"));
    fs::create_dir_all(&repo).expect("a folder");
    let ids: Vec<String> = (0..tickets).map(|number| write_ticket(&source, number)).collect();
    let git = |arguments: &[&str]| {
        let status = Command::new("git").args(arguments).current_dir(&repo).status();
        assert!(status.expect("git runs").success(), "git {arguments:?} failed");
    };
    git(&["init", "-q"]);
    for (key, value) in [("user.name", "Bench"), ("user.email", "bench@example.org"), ("gc.auto", "0")] {
        git(&["config", key, value]);
    }
    git(&["commit", "-q", "--allow-empty", "-m", "start"]);
    let import = Command::new(env!("CARGO_BIN_EXE_git-yoi"))
        .args(["import", "yoi"])
        .arg(&source)
        .current_dir(&repo)
        .stdout(Stdio::null())
        .status();
    assert!(import.expect("the program starts").success(), "the import failed");
    git(&["gc", "-q"]);
    // The hooks as they are installed, in a folder that only some runs look into.
    let hooks = Command::new(env!("CARGO_BIN_EXE_git-yoi"))
        .args(["hooks", "install"])
        .current_dir(&repo)
        .stdout(Stdio::null())
        .status();
    assert!(hooks.expect("the program starts").success(), "the hooks can't be installed");
    fs::rename(repo.join(".git/hooks"), repo.join(".git/own-hooks")).expect("the hooks are files");
    Ground { _root: root, repo, id: ids[tickets / 2].clone() }
}

/// Writes a ticket with a 600-byte body and three 300-byte comments, and gives its id.
fn write_ticket(source: &Path, number: usize) -> String {
    let id = id(1_750_000_000_000 + number as u64 * 61_001);
    let folder = source.join(&id);
    fs::create_dir_all(folder.join("artifacts")).expect("a folder");
    fs::write(folder.join("artifacts/.gitkeep"), "").expect("a file");
    let time = "2026-01-02T03:04:05Z";
    let body = format!("## Background\n\n{}\n", "Words about ticket. ".repeat(29));
    let item = format!(
        "---\ntitle: 'Ticket number {number}'\nstate: 'planning'\ncreated_at: '{time}'\nupdated_at: '{time}'\nassignee: null\n---\n\n{body}"
    );
    fs::write(folder.join("item.md"), item).expect("a file");
    let mut thread =
        format!("<!-- event: create author: bench at: {time} -->\n\n## Created\n\nCreated.\n\n---\n");
    for comment in 0..3 {
        let text = format!("Remark {number} {comment}. ").repeat(14);
        thread.push_str(&format!(
            "\n<!-- event: comment author: bench at: {time} -->\n\n## Comment\n\n{text}\n\n---\n"
        ));
    }
    fs::write(folder.join("thread.md"), thread).expect("a file");
    id
}

fn id(millis: u64) -> String {
    git_yoi::model::id::TicketId::from_millis(millis).to_string()
}
