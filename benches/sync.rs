//! What carrying tickets costs beside git alone: pushes with our hook and without, a sync, a merge.
//!
//! `cargo bench --bench sync` prints a Markdown table; `-- merge` runs the rows whose name holds that word. Both
//! sides run alternately on the same repositories, with a bare remote on the same disk; what counts is the ratio
//! of the medians. `YOI_BENCH_RUNS` sets the number of runs (15), `YOI_BENCH_TICKETS` the greatest number of
//! tickets (100000), `YOI_BENCH_PROGRAM` another program to measure.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const REF: &str = "refs/yoi/tickets";

/// How many tickets two clones change apart before they merge.
const APART: usize = 1_000;

/// Two clones with so many tickets, and their remote.
struct Ground {
    _root: TempDir,
    repo: PathBuf,
    other: PathBuf,
    tickets: usize,
}

/// Medians of both sides.
struct Row {
    name: String,
    tickets: usize,
    floor: &'static str,
    ours: Duration,
    git: Duration,
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word.as_str()));
    let number =
        |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (runs, most) = (number("YOI_BENCH_RUNS", 15), number("YOI_BENCH_TICKETS", 100_000));
    let git = Command::new("git").arg("--version").output().expect("git runs");
    let mut table = format!(
        "{runs} runs each, alternating; {}\n\n| what | tickets | beside | ms | git's ms | ratio |\n|---|--:|---|--:|--:|--:|\n",
        String::from_utf8_lossy(&git.stdout).trim()
    );
    let sizes = [1_000, most];
    for tickets in sizes {
        let ground = Ground::new(tickets);
        let mut rows = Vec::new();
        if is_wanted("push") {
            rows.extend(pushes(&ground, runs));
        }
        if is_wanted("sync") {
            rows.push(sync(&ground, runs));
        }
        if is_wanted("merge") {
            rows.push(merge(&ground, runs.min(7)));
        }
        for row in rows {
            table.push_str(&format!(
                "| {} | {} | {} | {:.1} | {:.1} | **{:.2}×** |\n",
                row.name,
                row.tickets,
                row.floor,
                millis(row.ours),
                millis(row.git),
                row.ours.as_secs_f64() / row.git.as_secs_f64()
            ));
        }
    }
    std::io::stdout().write_all(table.as_bytes()).expect("standard output is there");
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn pushes(ground: &Ground, runs: usize) -> Vec<Row> {
    let row = |name: &str, floor, (ours, git)| Row {
        name: name.to_owned(),
        tickets: ground.tickets,
        floor,
        ours,
        git,
    };
    let push = ["push", "-q", "origin", "HEAD"];
    let bare = ["push", "-q", "--no-verify", "origin", "HEAD"];
    let both: [&[&str]; 2] = [&bare, &["push", "-q", "--no-verify", "origin", REF]];
    let nothing = ground.measure(runs, &|| {}, &|| ground.git(&push), &|| ground.git(&bare));
    let comment = || ground.comment(&ground.repo, 0);
    // What the side without hooks leaves behind is sent before the next turn.
    let clean = || {
        ground.yoi(&ground.repo, &["push"]);
        comment();
    };
    let one = ground.measure(runs, &clean, &|| ground.git(&push), &|| ground.git(&bare));
    let two = ground
        .measure(runs, &clean, &|| ground.git(&push), &|| both.iter().map(|words| ground.git(words)).sum());
    vec![
        row("`git push` with hooks, nothing new", "`git push --no-verify`", nothing),
        row("`git push` with hooks, one event", "`git push --no-verify`, which sends no event", one),
        row("`git push` with hooks, one event", "`git push --no-verify`, and one of the ref", two),
    ]
}

fn sync(ground: &Ground, runs: usize) -> Row {
    let spec = format!("+{REF}*:refs/yoi/remotes/origin/tickets*");
    let fetch = ["fetch", "-q", "--no-tags", "--refmap=", "origin", &spec];
    let (ours, git) = ground.measure(
        runs,
        &|| ground.comment(&ground.repo, 0),
        &|| ground.yoi(&ground.repo, &["sync"]),
        &|| ground.git(&fetch) + ground.git(&["push", "-q", "--no-verify", "origin", REF]),
    );
    let floor = "`git fetch` and `git push` of the ref";
    Row { name: "`git yoi sync`, one event".to_owned(), tickets: ground.tickets, floor, ours, git }
}

/// Both clones change the same tickets; then one of them merges, again and again.
fn merge(ground: &Ground, runs: usize) -> Row {
    let apart = APART.min(ground.tickets);
    for number in 0..apart {
        ground.comment(&ground.repo, number);
        ground.comment(&ground.other, number);
    }
    ground.yoi(&ground.other, &["push"]);
    ground.git(&["fetch", "-q", "origin"]);
    let tip = ground.read(&["rev-parse", REF]);
    let theirs = ground.read(&["rev-parse", "refs/yoi/remotes/origin/tickets"]);
    let back = || {
        ground.git(&["update-ref", REF, &tip]);
        drop(fs::remove_file(ground.repo.join(".git/yoi/cursors")));
    };
    // git's own merge finds the same files, and gives up on each thread.
    let plain =
        || timed(Command::new("git").args(["merge-tree", "--write-tree", &tip, &theirs]), &ground.repo, 1);
    // The other clone may have merged before it pushed.
    let beyond = [format!("^{tip}"), format!("^{theirs}")];
    let merges = || ground.read(&["rev-list", "--min-parents=2", "--count", REF, &beyond[0], &beyond[1]]);
    let (ours, git) = ground.measure(runs, &back, &|| ground.yoi(&ground.repo, &["list", "-n", "1"]), &plain);
    ground.yoi(&ground.repo, &["list", "-n", "1"]);
    assert_eq!(merges(), "1", "nothing was merged");
    let floor = "`git merge-tree` of both, which ends in conflicts";
    Row {
        name: format!("merge of {apart} tickets changed on both sides"),
        tickets: ground.tickets,
        floor,
        ours,
        git,
    }
}

/// Runs a command that may end like that besides well, and gives the time it took.
fn timed(command: &mut Command, folder: &Path, allowed: i32) -> Duration {
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let status = command.status().expect("the program starts");
    let taken = started.elapsed();
    assert!(status.success() || status.code() == Some(allowed), "{command:?} failed");
    taken
}

impl Ground {
    fn new(tickets: usize) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| root.path().join(name);
        let git = |folder: &Path, words: &[&str]| timed(Command::new("git").args(words), folder, 0);
        git(root.path(), &["init", "-q", "--bare", "remote.git"]);
        git(root.path(), &["init", "-q", "-b", "main", "repo"]);
        let repo = path("repo");
        settle(&repo);
        git(&repo, &["commit", "-q", "--allow-empty", "-m", "code"]);
        plant(&repo, tickets);
        git(&repo, &["repack", "-adq"]);
        git(&repo, &["remote", "add", "origin", "../remote.git"]);
        git(&repo, &["push", "-q", "origin", "main", REF]);
        git(root.path(), &["clone", "-q", "remote.git", "other"]);
        settle(&path("other"));
        let ground = Ground { other: path("other"), repo, tickets, _root: root };
        ground.yoi(&ground.repo, &["init"]);
        ground.yoi(&ground.other, &["init"]);
        ground
    }

    /// Medians of two deeds, done in turn, each after the same preparation.
    fn measure(
        &self,
        runs: usize,
        before: &dyn Fn(),
        ours: &dyn Fn() -> Duration,
        floor: &dyn Fn() -> Duration,
    ) -> (Duration, Duration) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            before();
            left.push(ours());
            before();
            right.push(floor());
        }
        left.sort_unstable();
        right.sort_unstable();
        (left[runs / 2], right[runs / 2])
    }

    fn git(&self, words: &[&str]) -> Duration {
        timed(Command::new("git").args(words), &self.repo, 0)
    }

    fn yoi(&self, folder: &Path, words: &[&str]) -> Duration {
        timed(Command::new(program()).args(words), folder, 0)
    }

    fn comment(&self, folder: &Path, number: usize) {
        self.yoi(folder, &["comment", &id(number), "-m", "text", "--no-catch-up"]);
    }

    fn read(&self, words: &[&str]) -> String {
        let output = Command::new("git").args(words).current_dir(&self.repo).output().expect("git runs");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

fn program() -> PathBuf {
    let other = std::env::var_os("YOI_BENCH_PROGRAM").map(PathBuf::from);
    other.unwrap_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_git-yoi")))
}

fn settle(repo: &Path) {
    for (key, value) in [("user.name", "Bench"), ("user.email", "bench@example.org"), ("gc.auto", "0")] {
        timed(Command::new("git").args(["config", key, value]), repo, 0);
    }
}

/// Puts so many tickets on the ref, each with a 600-byte body and three 300-byte comments.
fn plant(repo: &Path, tickets: usize) {
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(repo)
        .stdin(Stdio::piped())
        .spawn()
        .expect("git starts");
    let mut out = std::io::BufWriter::new(child.stdin.take().expect("a pipe"));
    let time = "2026-01-02T03:04:05Z";
    let mut feed = |text: &str| out.write_all(text.as_bytes()).expect("git reads");
    feed(&format!("commit {REF}\ncommitter Bench <bench@example.org> 1767323045 +0000\ndata 5\nbegin\n"));
    feed("M 100644 inline format\ndata 14\nyoi-tickets 1\n\n");
    for number in 0..tickets {
        let id = id(number);
        let (front, last) = id.split_at(id.len() - 1);
        let folder = format!("tickets/{}/{last}", &front[front.len() - 1..]);
        let body = "Words about ticket. ".repeat(29);
        let item = format!(
            "---\ntitle: 'Ticket number {number}'\nstate: 'planning'\ncreated_at: '{time}'\nupdated_at: '{time}'\nassignee: null\n---\n\n## Background\n\n{body}\n"
        );
        let mut thread =
            format!("<!-- event: create author: bench at: {time} -->\n\n## Created\n\nCreated.\n\n---\n");
        for comment in 0..3 {
            let text = format!("Remark {number} {comment}. ").repeat(14);
            thread.push_str(&format!(
                "\n<!-- event: comment author: bench at: {time} -->\n\n## Comment\n\n{text}\n\n---\n"
            ));
        }
        for (name, text) in [("item", item), ("thread", thread)] {
            let size = text.len();
            feed(&format!("M 100644 inline {folder}/{id}.{name}.md\ndata {size}\n{text}\n"));
        }
    }
    drop(out);
    assert!(child.wait().expect("git ends").success(), "the tickets can't be planted");
}

fn id(number: usize) -> String {
    git_yoi::model::id::TicketId::from_millis(1_750_000_000_000 + number as u64 * 61_001).to_string()
}
