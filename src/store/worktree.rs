//! Branches and linked worktrees: made, looked at and removed by git.
//!
//! Names and paths that come here were checked; they are handed to git as words of their own, behind `--`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Store, StoreError, git};

/// What git tells its children about where they are, and would mislead one that is run elsewhere.
const PLACE: [&str; 5] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"];

/// Files that git keeps in a worktree's own folder while something is going on, and what.
const BUSY: [(&str, &str); 6] = [
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("BISECT_LOG", "a bisection"),
];

/// A folder with a work tree of this repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// The branch that is checked out, without `refs/heads/`.
    pub branch: Option<String>,
    /// It is the main one.
    pub is_main: bool,
    /// It has no files: the repository is bare.
    pub is_bare: bool,
    /// Somebody locked it.
    pub is_locked: bool,
    /// Its folder is gone.
    pub is_gone: bool,
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    /// A branch; `true` while it has no commit.
    Branch(String, bool),
    /// A commit.
    Detached(String),
}

impl Store {
    /// The folder that paths of worktrees are relative to: the main work tree, or a bare repository's own.
    pub fn main_folder(&self) -> PathBuf {
        let main = self.repo.main_repo().ok();
        let top = main.as_ref().and_then(|repo| repo.workdir()).unwrap_or(self.repo.common_dir());
        top.canonicalize().unwrap_or_else(|_| self.cwd.join(top))
    }

    /// Every worktree, the main one first.
    ///
    /// # Errors
    /// When git fails.
    pub fn worktrees(&self) -> Result<Vec<Worktree>, StoreError> {
        let output = git::output(&self.cwd, ["worktree", "list", "--porcelain", "-z"], None)?;
        if !output.status.success() {
            return Err(git::failed(&output));
        }
        let mut found: Vec<Worktree> = Vec::new();
        for line in output.stdout.split(|byte| *byte == 0) {
            let (word, value) = match line.iter().position(|byte| *byte == b' ') {
                Some(space) => (&line[..space], &line[space + 1..]),
                None => (line, &line[line.len()..]),
            };
            match (word, found.last_mut()) {
                (b"worktree", _) => found.push(Worktree {
                    path: PathBuf::from(OsStr::from_bytes(value)),
                    branch: None,
                    is_main: found.is_empty(),
                    is_bare: false,
                    is_locked: false,
                    is_gone: false,
                }),
                (b"branch", Some(last)) => {
                    let name = String::from_utf8_lossy(value).into_owned();
                    last.branch = Some(name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned());
                }
                (b"bare", Some(last)) => last.is_bare = true,
                (b"locked", Some(last)) => last.is_locked = true,
                (b"prunable", Some(last)) => last.is_gone = true,
                _ => {}
            }
        }
        Ok(found)
    }

    /// What is checked out here; `None` in a repository that is broken in a way git tells better.
    pub fn checked_out(&self) -> Option<Head> {
        match self.branch() {
            Some(name) => {
                let is_unborn = !matches!(self.branch_tip(&name), Ok(Some(_)));
                Some(Head::Branch(name, is_unborn))
            }
            None => {
                let text = git::run(&self.cwd, ["rev-parse", "--verify", "--quiet", "HEAD"]).ok()?;
                Some(Head::Detached(text.trim_end().to_owned()))
            }
        }
    }

    /// The last commit of a branch here.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn branch_tip(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.read_ref(&format!("refs/heads/{name}"))?.map(|tip| tip.to_string()))
    }

    /// Makes a branch at a commit. It follows no other.
    ///
    /// # Errors
    /// When there is one, or git refuses.
    pub fn make_branch(&self, name: &str, commit: &str) -> Result<(), StoreError> {
        git::run(&self.cwd, ["branch", "--quiet", "--no-track", "--", name, commit]).map(drop)
    }

    /// Removes a branch, merged or not. `main` is the [`Store::main_folder`], asked for before a worktree was
    /// removed in which the user stands.
    ///
    /// # Errors
    /// When it is checked out somewhere, or git refuses.
    pub fn remove_branch(&self, main: &Path, name: &str) -> Result<(), StoreError> {
        good(&elsewhere(main, &["branch", "--quiet", "-D", "--", name].map(OsStr::new))?)
    }

    /// Checks a branch out here. What is changed and not committed stays.
    ///
    /// # Errors
    /// When git refuses, because files that changed differ there, say.
    pub fn switch_to(&self, head: &Head) -> Result<(), StoreError> {
        let words = match head {
            Head::Branch(name, true) => {
                let reference = format!("refs/heads/{name}");
                return git::run(&self.cwd, ["symbolic-ref", "HEAD", &reference]).map(drop);
            }
            Head::Branch(name, false) => ["switch", "--quiet", "--no-guess", name.as_str()],
            Head::Detached(commit) => ["switch", "--quiet", "--detach", commit.as_str()],
        };
        git::run(&self.cwd, words).map(drop)
    }

    /// Makes a worktree in which a branch is checked out, in a folder that is new or empty.
    ///
    /// # Errors
    /// When the folder holds something, or git refuses.
    pub fn add_worktree(&self, path: &Path, branch: &str) -> Result<(), StoreError> {
        let words = ["worktree", "add", "--quiet", "--"].map(OsStr::new);
        let words = words.into_iter().chain([path.as_os_str(), OsStr::new(branch)]);
        git::run(&self.cwd, words).map(drop).inspect_err(|_| {
            // A git that fails takes away what it made; one that is killed leaves it, locked.
            let words = ["worktree", "remove", "--force", "--force", "--"].map(OsStr::new);
            let words: Vec<&OsStr> = words.into_iter().chain([path.as_os_str()]).collect();
            drop(elsewhere(self.common_dir(), &words));
        })
    }

    /// Removes a worktree. With `is_new`, what hooks left in one that was just made goes along.
    ///
    /// # Errors
    /// When something in it would be lost, or git refuses.
    pub fn remove_worktree(&self, path: &Path, is_new: bool) -> Result<(), StoreError> {
        let mut words = ["worktree", "remove"].map(OsStr::new).to_vec();
        words.extend(is_new.then_some(OsStr::new("--force")));
        words.extend([OsStr::new("--"), path.as_os_str()]);
        good(&elsewhere(self.common_dir(), &words)?)
    }

    /// Forgets worktrees whose folders are gone.
    ///
    /// # Errors
    /// When git fails.
    pub fn forget_gone_worktrees(&self) -> Result<(), StoreError> {
        good(&elsewhere(self.common_dir(), &["worktree", "prune"].map(OsStr::new))?)
    }

    /// What in a worktree would be lost with it, in words; nothing when nothing would be.
    ///
    /// # Errors
    /// When git can't look.
    pub fn unsaved(&self, path: &Path) -> Result<Option<String>, StoreError> {
        let own = elsewhere(path, &["rev-parse", "--absolute-git-dir"].map(OsStr::new))?;
        good(&own)?;
        let own = PathBuf::from(OsStr::from_bytes(own.stdout.trim_ascii_end()));
        if let Some((_, what)) = BUSY.iter().find(|(name, _)| own.join(name).exists()) {
            return Ok(Some(format!("{what} is going on in it")));
        }
        let words = [
            "--no-optional-locks",
            "status",
            "--porcelain",
            "-z",
            "--untracked-files=all",
            "--ignore-submodules=none",
        ];
        let status = elsewhere(path, &words.map(OsStr::new))?;
        good(&status)?;
        let rows: Vec<&[u8]> = status.stdout.split(|byte| *byte == 0).filter(|row| row.len() > 3).collect();
        let Some(first) = rows.first() else { return Ok(None) };
        let what = if first.starts_with(b"??") { "not tracked" } else { "not committed" };
        let more = if rows.len() > 1 { format!(" and {} more", rows.len() - 1) } else { String::new() };
        Ok(Some(format!("'{}' is {what}{more}", String::from_utf8_lossy(&first[3..]).escape_debug())))
    }

    /// The commits of a branch that are on none of the others, the newest first; each with the
    /// time at which it was committed, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When git fails.
    pub fn own_commits(&self, tip: &str, others: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
        let input: String = std::iter::once(format!("{tip}\n"))
            .chain(others.iter().map(|other| format!("^{other}\n")))
            .collect();
        let words = ["rev-list", "--no-commit-header", "--format=%H %ct", "--stdin"];
        let output = git::output(&self.cwd, words, Some(&input))?;
        good(&output)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let rows = text.lines().filter_map(|line| line.split_once(' '));
        Ok(rows.map(|(id, time)| (id.to_owned(), time.trim().parse().unwrap_or(i64::MAX))).collect())
    }
}

/// Runs git in another folder than the user's.
fn elsewhere(folder: &Path, words: &[&OsStr]) -> Result<Output, StoreError> {
    let mut command = Command::new("git");
    command.args(words).current_dir(folder).stdin(Stdio::null());
    for name in PLACE {
        command.env_remove(name);
    }
    let output = command.output().map_err(StoreError::NoGit);
    crate::host::failpoint::step("a git has run");
    output
}

fn good(output: &Output) -> Result<(), StoreError> {
    if output.status.success() { Ok(()) } else { Err(git::failed(output)) }
}
