//! What is run: a command, what has to be put right before each run, and where.

use std::fs;
use std::path::Path;

use crate::ground::{self, Ground, Scratch};
use crate::measure::{Task, Usage};

/// The run before all others, which is not measured.
const WARM_UP: usize = 999;

/// A command that can be run again and again.
pub(crate) struct Subject {
    /// Puts things right; what it does is not measured.
    before: Box<dyn FnMut(usize) -> Result<(), String>>,
    task: Box<dyn Fn(usize) -> Task>,
    _scratch: Option<Scratch>,
}

impl Subject {
    /// Runs it for the n-th time.
    pub(crate) fn run(&mut self, run: usize) -> Result<Usage, String> {
        (self.before)(run)?;
        (self.task)(run).run()
    }

    /// The same for its memory only, in bytes.
    pub(crate) fn peak(&mut self, run: usize) -> Result<u64, String> {
        (self.before)(run)?;
        (self.task)(run).peak()
    }

    /// Runs it once to warm it up; what it complains about, if it fails.
    pub(crate) fn probe(&mut self) -> Result<(), String> {
        (self.before)(WARM_UP)?;
        (self.task)(WARM_UP).probe()
    }

    fn steady(task: Task) -> Self {
        Subject { before: Box::new(|_| Ok(())), task: Box::new(move |_| task.clone()), _scratch: None }
    }
}

/// git, in the repository.
pub(crate) fn git(ground: &Ground, words: &[&str]) -> Result<Subject, String> {
    Ok(Subject::steady(Task::new(&ground.repo(), [&["git"], words].concat())))
}

/// The program, in the repository; `ID` stands for a ticket.
pub(crate) fn read(ground: &Ground, words: &[&str]) -> Result<Subject, String> {
    let id = ground.open_ticket(0);
    Ok(Subject::steady(own(&ground.repo(), words, &id)))
}

fn own(repo: &Path, words: &[&str], id: &str) -> Task {
    let words = words.iter().map(|word| if *word == "ID" { id } else { word });
    Task::new(repo, std::iter::once(ground::program()).chain(words))
}

/// git, in a copy of the repository.
pub(crate) fn git_write(ground: &Ground, words: &[&str]) -> Result<Subject, String> {
    let scratch = ground.copy("git")?;
    let task = Task::new(&scratch.repo(), [&["git"], words].concat());
    Ok(Subject { _scratch: Some(scratch), ..Subject::steady(task) })
}

/// The program, in a copy of the repository, with a ticket of its own for each run. What it derives is up to
/// date before, as after a `list`.
pub(crate) fn write(ground: &Ground, words: &'static [&'static str]) -> Result<Subject, String> {
    let scratch = ground.copy("own")?;
    let repo = scratch.repo();
    let warm = own(&repo, &["list", "-n", "1"], "");
    warm.probe()?;
    let ids: Vec<String> = (0..1000).map(|number| ground.open_ticket(number)).collect();
    Ok(Subject {
        before: Box::new(move |_| warm.run().map(drop)),
        task: Box::new(move |run| own(&repo, words, &ids[run % ids.len()])),
        _scratch: Some(scratch),
    })
}

/// git with hooks on a branch: with the program's hooks, or without.
pub(crate) fn commit(ground: &Ground, is_hooked: bool, is_on_ticket: bool) -> Result<Subject, String> {
    let scratch = ground.copy(if is_hooked { "own" } else { "git" })?;
    let repo = scratch.repo();
    let branch = match is_on_ticket {
        true => format!("work/{}-x", ground.open_ticket(0)),
        false => "other".to_owned(),
    };
    ground::run(&repo, "git", &["switch", "-q", "-C", &branch])?;
    let hooks = if is_hooked { "core.hooksPath=.git/own-hooks" } else { "core.hooksPath=.git/no-hooks" };
    let words = ["git", "-c", hooks, "commit", "-q", "--allow-empty", "-m", "text"];
    Ok(Subject { _scratch: Some(scratch), ..Subject::steady(Task::new(&repo, words)) })
}

/// `list` where everything derived is missing.
pub(crate) fn first_list(ground: &Ground) -> Result<Subject, String> {
    let scratch = ground.copy("own")?;
    let repo = scratch.repo();
    let derived = repo.join(".git/yoi");
    Ok(Subject {
        before: Box::new(move |_| ground::clear(&derived)),
        task: Box::new(move |_| own(&repo, &["list"], "")),
        _scratch: Some(scratch),
    })
}

/// git reads every `item.md`.
pub(crate) fn cat_items(ground: &Ground) -> Result<Subject, String> {
    let task = Task::new(&ground.repo(), ["git", "cat-file", "--batch"]).reading(&ground.items());
    Ok(Subject::steady(task))
}

/// `list` after others changed tickets: what is derived is of the version before.
pub(crate) fn stale_list(ground: &Ground) -> Result<Subject, String> {
    let scratch = ground.copy("own")?;
    let repo = scratch.repo();
    own(&repo, &["list"], "").probe()?;
    let (derived, kept) = (repo.join(".git/yoi"), scratch.folder().join("derived"));
    ground::copy(&derived, &kept)?;
    ground::run(&repo, "git", &["update-ref", "refs/yoi/tickets", "refs/bench/elsewhere"])?;
    Ok(Subject {
        before: Box::new(move |_| {
            ground::clear(&derived)?;
            ground::copy(&kept, &derived)
        }),
        task: Box::new(move |_| own(&repo, &["list"], "")),
        _scratch: Some(scratch),
    })
}

/// Everything is imported into a new repository.
pub(crate) fn import(ground: &Ground) -> Result<Subject, String> {
    let source = ground.source().display().to_string();
    into_new(ground, "own", move |repo| Task::new(repo, [ground::program(), "import", "yoi", &source]))
}

/// The same by `git fast-import`.
pub(crate) fn fast_import(ground: &Ground) -> Result<Subject, String> {
    let stream = ground.stream();
    into_new(ground, "git", move |repo| Task::new(repo, ["git", "fast-import", "--quiet"]).reading(&stream))
}

fn into_new(ground: &Ground, name: &str, task: impl Fn(&Path) -> Task + 'static) -> Result<Subject, String> {
    let scratch = ground.scratch(name)?;
    let (repo, emptied) = (scratch.folder().join("repo"), scratch.folder().join("repo"));
    Ok(Subject {
        before: Box::new(move |_| {
            ground::clear(&emptied)?;
            ground::new_repository(&emptied)
        }),
        task: Box::new(move |_| task(&repo)),
        _scratch: Some(scratch),
    })
}

/// Everything is exported.
pub(crate) fn export(ground: &Ground) -> Result<Subject, String> {
    let repo = ground.repo();
    out(ground, "own", move |folder| {
        Task::new(&repo, [ground::program(), "export", &folder.display().to_string()])
    })
}

/// The same by git and tar.
pub(crate) fn archive(ground: &Ground) -> Result<Subject, String> {
    let repo = ground.repo();
    out(ground, "git", move |folder| {
        let folder = folder.display();
        let line = format!("mkdir '{folder}' && git archive refs/yoi/tickets | tar x -C '{folder}'");
        Task::new(&repo, ["sh", "-c", &line])
    })
}

/// Into a new folder each time, in memory where there is room: files by the hundred thousand take a disk longer to
/// remove than to write, and what the disk does is not what is measured.
fn out(ground: &Ground, name: &str, task: impl Fn(&Path) -> Task + 'static) -> Result<Subject, String> {
    let scratch = ground.scratch_in_memory(name)?;
    let (folder, emptied) = (scratch.folder().join("out"), scratch.folder().join("out"));
    Ok(Subject {
        before: Box::new(move |_| match fs::exists(&emptied) {
            Ok(false) => Ok(()),
            _ => ground::clear(&emptied),
        }),
        task: Box::new(move |_| task(&folder)),
        _scratch: Some(scratch),
    })
}
