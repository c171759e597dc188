//! Running whole processes: how long they take and how much memory they need.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What a process used, its own children included.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Of all processors.
    pub(crate) cpu: Duration,
    /// At its peak, in bytes.
    pub(crate) memory: u64,
}

/// A command line and where it runs.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    words: Vec<String>,
    folder: std::path::PathBuf,
    stdin: Option<std::path::PathBuf>,
}

impl Task {
    /// A program and its arguments, to run in a folder.
    pub(crate) fn new<S: AsRef<str>>(folder: &Path, words: impl IntoIterator<Item = S>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_owned()).collect();
        Task { words, folder: folder.to_owned(), stdin: None }
    }

    /// With a file to read.
    pub(crate) fn reading(mut self, file: &Path) -> Self {
        self.stdin = Some(file.to_owned());
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        let stdin = self.stdin.as_ref().map(|file| Stdio::from(File::open(file).expect("it was written")));
        command
            .args(&self.words[1..])
            .current_dir(&self.folder)
            .stdin(stdin.unwrap_or_else(Stdio::null))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .env("GIT_PAGER", "cat");
        command
    }

    /// Runs it.
    pub(crate) fn run(&self) -> Result<Usage, String> {
        let started = Instant::now();
        let child = self.command().spawn().map_err(|error| format!("{}: {error}", self.words[0]))?;
        let used = child.wait4().map_err(|error| error.to_string())?;
        let wall = started.elapsed();
        if !used.status.success() {
            return Err(format!("`{}` failed", self.words.join(" ")));
        }
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Usage { wall, cpu, memory: used.rusage.maxrss })
    }

    /// Whether it runs at all; its first words of complaint, if not.
    pub(crate) fn probe(&self) -> Result<(), String> {
        let output = self.command().stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.success() {
            true => Ok(()),
            false => Err(said.lines().next().unwrap_or("it fails").to_owned()),
        }
    }

    /// Its memory at the peak, in bytes. A process counts what its parent had when it was started, so that has
    /// to be a small one: this program itself, started anew.
    pub(crate) fn peak(&self) -> Result<u64, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(own);
        command.arg(PEAK).args(&self.words).current_dir(&self.folder);
        let output = command.output().map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim().parse().map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The word that makes this program tell what another needs.
pub(crate) const PEAK: &str = "--peak-of";

/// Runs the words and gives the memory they need at the peak.
pub(crate) fn tell_peak(words: &[String]) -> Result<u64, String> {
    Task::new(Path::new("."), words).run().map(|usage| usage.memory)
}

/// The fewest runs, however long they take.
const FEWEST: usize = 3;

/// What two commands used, run by turns.
#[derive(Debug, Default)]
pub(crate) struct Pair {
    pub(crate) ours: Vec<Usage>,
    pub(crate) floor: Vec<Usage>,
}

impl Pair {
    /// Runs both by turns, so that both see the same noise. When that takes longer than there is patience for,
    /// what was measured by then is enough, but for the fewest runs that have a median worth the name.
    pub(crate) fn alternate(
        runs: usize,
        patience: Duration,
        mut ours: impl FnMut(usize) -> Result<Usage, String>,
        mut floor: impl FnMut(usize) -> Result<Usage, String>,
    ) -> Result<Self, String> {
        let mut pair = Pair::default();
        let started = Instant::now();
        for run in 0..runs {
            if run >= FEWEST && started.elapsed() > patience {
                break;
            }
            pair.ours.push(ours(run)?);
            pair.floor.push(floor(run)?);
        }
        Ok(pair)
    }
}

/// The median.
pub(crate) fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}
