//! The process as a value: arguments, environment, working directory, clock, randomness and streams.
//!
//! Nothing else in the crate asks the operating system for these, so a test can run any command
//! with a fixed clock, fixed randomness and captured output. A host is made once, in `main` or in a
//! test, and handed down.

pub mod failpoint;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The operating system's clock.
    System,
    /// A clock that starts at a moment (milliseconds since 1970) and moves on by `step` at each reading.
    Stepping {
        /// The next reading, in milliseconds since 1970-01-01T00:00:00Z.
        next: Rc<Cell<u64>>,
        /// Milliseconds added after each reading.
        step: u64,
    },
}

impl Clock {
    /// A clock for tests: it reads `start`, then `start + step`, and so on (milliseconds).
    pub fn stepping(start: u64, step: u64) -> Self {
        Clock::Stepping { next: Rc::new(Cell::new(start)), step }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn now_millis(&self) -> u64 {
        match self {
            Clock::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            }
            Clock::Stepping { next, step } => {
                let now = next.get();
                next.set(now.saturating_add(*step));
                now
            }
        }
    }
}

/// Where random bits come from.
#[derive(Debug, Clone)]
pub enum Entropy {
    /// The operating system's generator.
    System,
    /// A counter, for tests: each reading is one more than the one before.
    Counting(Rc<Cell<u64>>),
}

impl Entropy {
    /// Randomness for tests: 1, 2, 3 and so on.
    pub fn counting() -> Self {
        Entropy::Counting(Rc::new(Cell::new(0)))
    }

    /// 128 random bits.
    ///
    /// Without a working system generator the clock and the process id stand in: the bits keep
    /// two processes apart, nothing secret is made of them.
    pub fn bits(&self) -> u128 {
        match self {
            Entropy::System => {
                let mut bytes = [0u8; 16];
                if getrandom::fill(&mut bytes).is_ok() {
                    u128::from_le_bytes(bytes)
                } else {
                    (u128::from(Clock::System.now_millis()) << 32) | u128::from(std::process::id())
                }
            }
            Entropy::Counting(counter) => {
                counter.set(counter.get() + 1);
                u128::from(counter.get())
            }
        }
    }
}

/// So many bytes of an answer are gathered before they are written.
const STDOUT: usize = 1 << 16;

/// Which of the three streams are terminals, and how wide the screen is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal {
    /// Standard input is a terminal: a person can be asked.
    pub stdin: bool,
    /// Standard output is a terminal: a person reads the answer.
    pub stdout: bool,
    /// Standard error is a terminal: progress may be shown.
    pub stderr: bool,
    /// Width of the screen in columns, where there is one.
    pub width: Option<usize>,
}

/// The process: everything a command may ask of its surroundings.
pub struct Host {
    /// The command line, program name first.
    pub args: Vec<OsString>,
    /// The environment.
    pub env: BTreeMap<OsString, OsString>,
    /// The number of the process, to name files of its own.
    pub id: u32,
    /// Where this program is installed, if that can be told.
    pub program: Option<PathBuf>,
    /// The working directory, absolute.
    pub cwd: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// The source of randomness.
    pub entropy: Entropy,
    /// What is a terminal.
    pub terminal: Terminal,
    /// Standard input.
    pub stdin: RefCell<Box<dyn Read>>,
    /// Standard output: the answer.
    pub stdout: RefCell<Box<dyn Write>>,
    /// Standard error: all other words.
    pub stderr: RefCell<Box<dyn Write>>,
}

impl Host {
    /// The real process.
    ///
    /// # Errors
    /// When the working directory can't be told (it was removed).
    pub fn process() -> std::io::Result<Self> {
        let terminal = Terminal {
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
            width: terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)),
        };
        Ok(Host {
            args: std::env::args_os().collect(),
            env: std::env::vars_os().collect(),
            id: std::process::id(),
            program: std::env::current_exe().ok(),
            cwd: std::env::current_dir()?,
            clock: Clock::System,
            entropy: Entropy::System,
            terminal,
            stdin: RefCell::new(Box::new(std::io::stdin())),
            stdout: RefCell::new(Box::new(std::io::BufWriter::with_capacity(STDOUT, std::io::stdout()))),
            stderr: RefCell::new(Box::new(std::io::stderr())),
        })
    }

    /// The command lines of the processes above this one, the nearest first; empty where the system doesn't
    /// show them.
    pub fn commands_above(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let mut process = self.id;
        for _ in 0..4 {
            let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { break };
            // The name, in brackets, may hold anything; state and parent follow it.
            let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1));
            let Some(parent) = parent.and_then(|parent| parent.parse().ok()).filter(|parent| *parent > 1)
            else {
                break;
            };
            process = parent;
            let Ok(line) = std::fs::read(format!("/proc/{process}/cmdline")) else { break };
            let words = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
            found.push(words.collect());
        }
        found
    }

    /// Goes to another folder, as `-C` asks for: git's own variables may hold relative paths, and programs
    /// started from here start there.
    ///
    /// # Errors
    /// When there is no such folder.
    pub fn change_folder(&mut self, folder: &Path) -> std::io::Result<()> {
        std::env::set_current_dir(self.cwd.join(folder))?;
        self.cwd = std::env::current_dir()?;
        Ok(())
    }

    /// An environment variable as text; unset, empty and undecodable values are `None`.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.var_os(name).and_then(OsStr::to_str).filter(|value| !value.is_empty())
    }

    /// An environment variable as the system has it, empty values included.
    pub fn var_os(&self, name: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}
