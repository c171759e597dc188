//! The repositories that are measured, made once and kept in the target folder.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tickets::{self, Ticket};

/// The tickets somebody else changes.
pub(crate) const CHANGED: usize = 1000;

/// What a small file takes of a disk.
const BLOCK: u64 = 4096;

/// A repository with so many tickets, packed as `git gc` does, and what it was made of.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) tickets: usize,
    folder: PathBuf,
}

/// A copy of a repository to write to; it goes when it is dropped.
pub(crate) struct Scratch(PathBuf);

impl Ground {
    /// The kept one, or a new one.
    pub(crate) fn of(tickets: usize) -> Result<Self, String> {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("speed-{}", tickets::VERSION));
        let ground = Ground { tickets, folder: kept.join(tickets.to_string()) };
        if !ground.folder.join("complete").exists() {
            crate::note(&format!("making a repository of {tickets} tickets\n"));
            ground
                .make()
                .map_err(|error| format!("can't make a repository of {tickets} tickets: {error}"))?;
        }
        Ok(ground)
    }

    /// The repository.
    pub(crate) fn repo(&self) -> PathBuf {
        self.folder.join("repo")
    }

    /// The tickets as folders, to import.
    pub(crate) fn source(&self) -> PathBuf {
        self.folder.join("source")
    }

    /// The same for `git fast-import`.
    pub(crate) fn stream(&self) -> PathBuf {
        self.folder.join("stream")
    }

    /// The objects of all `item.md`, one a line.
    pub(crate) fn items(&self) -> PathBuf {
        self.folder.join("items")
    }

    /// The bytes of the packs after `git gc`.
    pub(crate) fn packed(&self) -> u64 {
        fs::read_to_string(self.folder.join("packed")).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    /// A ticket in planning.
    pub(crate) fn open_ticket(&self, number: usize) -> String {
        tickets::id(tickets::planned(number, self.tickets))
    }

    /// A folder for passing use.
    pub(crate) fn scratch(&self, name: &str) -> Result<Scratch, String> {
        let path = self.folder.join(format!("scratch-{name}"));
        clear(&path)?;
        fs::create_dir_all(&path).map_err(|error| error.to_string())?;
        Ok(Scratch(path))
    }

    /// The same in memory, where the system has a folder there with room for three times all files.
    pub(crate) fn scratch_in_memory(&self, name: &str) -> Result<Scratch, String> {
        let needed = self.tickets as u64 * 4 * BLOCK * 3;
        let folder = Path::new("/dev/shm");
        let printed = read_from("df", Path::new("."), &["-Pk", &folder.display().to_string()]);
        let free = printed
            .ok()
            .and_then(|text| text.lines().nth(1)?.split_ascii_whitespace().nth(3)?.parse::<u64>().ok());
        if free.is_none_or(|free| free * 1024 < needed) {
            return self.scratch(name);
        }
        let path = folder.join(format!("git-yoi-speed-{name}-{}", std::process::id()));
        clear(&path)?;
        fs::create_dir_all(&path).map_err(|error| error.to_string())?;
        Ok(Scratch(path))
    }

    /// A copy of the repository, in a folder for passing use.
    pub(crate) fn copy(&self, name: &str) -> Result<Scratch, String> {
        let scratch = self.scratch(name)?;
        copy(&self.repo(), &scratch.0.join("repo"))?;
        Ok(scratch)
    }

    fn make(&self) -> Result<(), String> {
        clear(&self.folder)?;
        let text = |error: std::io::Error| error.to_string();
        let repo = self.repo();
        fs::create_dir_all(&repo).map_err(text)?;
        let mut stream = BufWriter::new(File::create(self.stream()).map_err(text)?);
        begin(&mut stream, "refs/yoi/tickets", None).map_err(text)?;
        write!(stream, "M 100644 inline format\ndata 14\nyoi-tickets 1\n\n").map_err(text)?;
        for number in 0..self.tickets {
            let ticket = tickets::ticket(number, self.tickets);
            self.write(&ticket, &mut stream).map_err(text)?;
        }
        stream.write_all(b"done\n").and_then(|()| stream.flush()).map_err(text)?;
        new_repository(&repo)?;
        run(&repo, "git", &["config", "gc.auto", "0"])?;
        run(&repo, program(), &["import", "yoi", &self.source().display().to_string()])?;
        run(&repo, "git", &["gc", "-q"])?;
        let packed = folder_size(&repo.join(".git/objects/pack"), |path| path.ends_with(".pack"));
        fs::write(self.folder.join("packed"), packed.to_string()).map_err(text)?;
        self.change_elsewhere()?;
        self.name_items()?;
        // No branch that anything lands on.
        run(&repo, "git", &["switch", "-q", "-c", "other"])?;
        // The hooks as they are installed, in a folder that only some runs look into.
        run(&repo, program(), &["hooks", "install"])?;
        fs::rename(repo.join(".git/hooks"), repo.join(".git/own-hooks")).map_err(text)?;
        fs::write(self.folder.join("complete"), "").map_err(text)
    }

    fn write(&self, ticket: &Ticket, stream: &mut impl Write) -> std::io::Result<()> {
        let folder = self.source().join(&ticket.id);
        fs::create_dir_all(folder.join("artifacts"))?;
        for (name, content) in &ticket.files {
            fs::write(folder.join(name), content)?;
            if *name != "artifacts/.gitkeep" {
                file(stream, &tickets::path(&ticket.id, name), content)?;
            }
        }
        Ok(())
    }

    /// A version on which somebody else has commented on so many tickets: `refs/bench/elsewhere`.
    fn change_elsewhere(&self) -> Result<(), String> {
        let text = |error: std::io::Error| error.to_string();
        let path = self.folder.join("changes");
        let mut stream = BufWriter::new(File::create(&path).map_err(text)?);
        begin(&mut stream, "refs/bench/elsewhere", Some("refs/yoi/tickets^0")).map_err(text)?;
        let changed = CHANGED.min(self.tickets);
        for number in (0..self.tickets).step_by(self.tickets / changed).take(changed) {
            let ticket = tickets::ticket(number, self.tickets);
            for (name, content) in &ticket.files {
                let content = match *name {
                    "thread.md" => content.clone() + &tickets::remark(number),
                    "item.md" => content.replace("updated_at: '2026-01", "updated_at: '2026-02"),
                    _ => continue,
                };
                file(&mut stream, &tickets::path(&ticket.id, name), &content).map_err(text)?;
            }
        }
        stream.write_all(b"done\n").and_then(|()| stream.flush()).map_err(text)?;
        feed(&self.repo(), &["fast-import", "--quiet", "--done"], &path)?;
        fs::remove_file(path).map_err(text)
    }

    fn name_items(&self) -> Result<(), String> {
        let listed = read(&self.repo(), &["ls-tree", "-r", "refs/yoi/tickets"])?;
        let items = listed.lines().filter(|line| line.ends_with(".item.md"));
        let objects = items.filter_map(|line| line.split_ascii_whitespace().nth(2));
        let text: String = objects.map(|object| format!("{object}\n")).collect();
        fs::write(self.items(), text).map_err(|error| error.to_string())
    }
}

impl Scratch {
    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.0
    }

    /// The copy of the repository.
    pub(crate) fn repo(&self) -> PathBuf {
        self.0.join("repo")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is cleared away by whoever needs the place next.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program that is measured: this package's own, or the one that `YOI_BENCH_PROGRAM` names.
pub(crate) fn program() -> &'static str {
    static PROGRAM: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PROGRAM.get_or_init(|| {
        std::env::var("YOI_BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_git-yoi").to_owned())
    })
}

/// An empty repository with one commit.
pub(crate) fn new_repository(repo: &Path) -> Result<(), String> {
    fs::create_dir_all(repo).map_err(|error| error.to_string())?;
    run(repo, "git", &["init", "-q", "--template="])?;
    run(repo, "git", &["config", "user.name", "Bench"])?;
    run(repo, "git", &["config", "user.email", "bench@example.org"])?;
    run(repo, "git", &["commit", "-q", "--allow-empty", "-m", "start"])?;
    fs::create_dir_all(repo.join(".git/hooks")).map_err(|error| error.to_string())
}

/// Runs a program that must succeed.
pub(crate) fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    checked(command, program, arguments).map(drop)
}

/// What git prints.
pub(crate) fn read(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    read_from("git", folder, arguments)
}

fn read_from(program: &str, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    checked(command, program, arguments)
}

fn feed(folder: &Path, arguments: &[&str], stdin: &Path) -> Result<(), String> {
    let mut command = Command::new("git");
    let stdin = File::open(stdin).map_err(|error| error.to_string())?;
    command.args(arguments).current_dir(folder).stdin(stdin);
    checked(command, "git", arguments).map(drop)
}

fn checked(mut command: Command, program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{program} {}: {}", arguments.join(" "), said.trim())),
    }
}

fn begin(stream: &mut impl Write, reference: &str, parent: Option<&str>) -> std::io::Result<()> {
    let who = "Bench <bench@example.org> 1767323045 +0000";
    write!(stream, "commit {reference}\nauthor {who}\ncommitter {who}\ndata 6\nbench\n\n")?;
    parent.map_or(Ok(()), |parent| writeln!(stream, "from {parent}"))
}

fn file(stream: &mut impl Write, path: &str, content: &str) -> std::io::Result<()> {
    write!(stream, "M 100644 inline {path}\ndata {}\n{content}\n", content.len())
}

/// Removes a folder, if it is there.
pub(crate) fn clear(path: &Path) -> Result<(), String> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Copies a folder and all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let words = ["-a", &from.display().to_string(), &to.display().to_string()];
    run(Path::new("."), "cp", &words)
}

/// The bytes of the files below a folder that are wanted, by their paths.
pub(crate) fn folder_size(folder: &Path, is_wanted: impl Fn(&str) -> bool + Copy) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => folder_size(&entry.path(), is_wanted),
        Ok(metadata) if is_wanted(&entry.path().display().to_string()) => metadata.len(),
        _ => 0,
    };
    entries.map(size).sum()
}
