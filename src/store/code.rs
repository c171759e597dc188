//! Looking up commits of the code: by id, by the digits an id begins with, by what their messages and
//! authors say, by a range somebody typed.
//!
//! Single commits are read here, without a process. What walks history is left to git, as in
//! [`super::graph`].

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::Path;

use gix::bstr::ByteSlice;

use crate::format::message;
use crate::model::commit::{AuthorKey, Commit};

use super::graph::{FORMAT, Range, read_commits};
use super::reference::Backend;
use super::snapshot::Snapshot;
use super::{ObjectId, Store, StoreError, git};

/// The trailer of messages when nobody asks what they say.
const NO_MATTER: &str = "Ticket";

/// The most commits that are read here before git, which reads them faster, is asked: starting it takes as long.
const SHORT_WALK: usize = 200;

/// What a walk over everything that can be reached looks for.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// Commits with this text in their message, whatever the case of letters.
    Saying(&'a str),
    /// Commits of authors with these addresses.
    By(&'a [&'a str]),
}

impl Snapshot<'_> {
    /// Who wrote a commit of the code when and with what subject; `None` when this clone doesn't have it.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn author_key(&self, hex: &str) -> Result<Option<AuthorKey>, StoreError> {
        Ok(self.store().look_up(hex, NO_MATTER)?.map(|commit| commit.key))
    }
}

impl Store {
    /// Where the history that counts begins: the tips of all branches, and HEAD, which may be on none.
    ///
    /// # Errors
    /// When the refs can't be listed.
    pub fn tips(&self) -> Result<Vec<String>, StoreError> {
        let mut tips: Vec<String> = self.branches()?.into_iter().map(|branch| branch.tip).collect();
        tips.extend(self.head());
        tips.sort_unstable();
        tips.dedup();
        Ok(tips)
    }

    /// The commit that is checked out.
    fn head(&self) -> Option<String> {
        match self.backend {
            Backend::Files => self.repo.head_id().ok().map(|id| id.to_string()),
            Backend::Git => {
                let answer = git::run(&self.cwd, ["rev-parse", "--verify", "--quiet", "HEAD"]).ok()?;
                Some(answer.trim_end().to_owned())
            }
        }
    }

    /// A commit of the code with what its message says; `None` when this clone doesn't have it.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn look_up(&self, hex: &str, trailer: &str) -> Result<Option<Commit>, StoreError> {
        let Ok(id) = ObjectId::from_hex(hex.as_bytes()) else { return Ok(None) };
        let fail = |error: gix::Error| StoreError::from_gix(&format!("can't read {hex}"), &error);
        let Some(object) = self.look_for(id).map_err(fail)? else { return Ok(None) };
        if object.kind != gix::objs::Kind::Commit {
            return Ok(None);
        }
        let object = object.into_commit();
        let commit = object.decode().map_err(fail)?;
        let is_utf8 =
            |name: &gix::bstr::BStr| matches!(name.to_ascii_lowercase().as_slice(), b"utf-8" | b"utf8");
        if commit.encoding.is_some_and(|name| !is_utf8(name)) {
            // git knows how to turn other encodings into UTF-8.
            return self.code_commit(hex, trailer);
        }
        let author = commit.author().map_err(|error| damaged(hex, &error))?;
        let committer = commit.committer().map_err(|error| damaged(hex, &error))?;
        let message = commit.message.to_str_lossy().trim_end_matches('\n').to_owned();
        Ok(Some(Commit {
            id: hex.to_owned(),
            parents: commit.parents().map(|parent| parent.to_string()).collect(),
            key: AuthorKey {
                mail: author.email.to_str_lossy().into_owned(),
                seconds: author.seconds(),
                subject: message::subject(&message),
            },
            author: author.name.to_str_lossy().into_owned(),
            committed: committer.seconds(),
            mentions: message::read(&message, trailer),
            message,
        }))
    }

    /// The commits that can be reached from `tips`, committed since then, and are wanted, the newest first.
    ///
    /// # Errors
    /// When git fails.
    pub fn reachable(
        &self,
        tips: &[String],
        since: i64,
        wanted: Wanted,
        trailer: &str,
    ) -> Result<Vec<Commit>, StoreError> {
        let is_silent = match wanted {
            Wanted::Saying(text) => self.says_nowhere(tips, since, text) == Some(true),
            Wanted::By(_) => false,
        };
        if tips.is_empty() || is_silent {
            return Ok(Vec::new());
        }
        let mut options = vec!["--fixed-strings".to_owned()];
        if since > 0 {
            // Without a zone git takes small numbers for something else than seconds.
            options.push(format!("--since=@{since} +0000"));
        }
        match wanted {
            Wanted::Saying(text) => {
                options.push("--regexp-ignore-case".to_owned());
                options.push(format!("--grep={text}"));
            }
            Wanted::By(mails) => options.extend(mails.iter().map(|mail| format!("--author={mail}"))),
        }
        let mut arguments = vec!["rev-list", "--no-commit-header", "--encoding=UTF-8", FORMAT];
        arguments.extend(options.iter().map(String::as_str));
        arguments.push("--stdin");
        let output = git::output(&self.cwd, arguments, Some(&lines(tips)))?;
        if !output.status.success() {
            return Err(git::failed(&output));
        }
        read_commits(&output.stdout, trailer)
    }

    /// Whether no commit that can be reached, committed since then, has the text in its message, whatever the case
    /// of letters. `None` where that takes more than a short walk, or only git can tell: in a shallow or partial
    /// clone, with grafts, and in messages that are not UTF-8.
    fn says_nowhere(&self, tips: &[String], since: i64, text: &str) -> Option<bool> {
        let has_file = |name: &str| self.repo.common_dir().join(name).exists();
        if self.is_shallow() || has_file("info/grafts") || self.promisor().is_some() {
            return None;
        }
        let mut open: Vec<ObjectId> =
            tips.iter().map(|tip| ObjectId::from_hex(tip.as_bytes()).ok()).collect::<Option<_>>()?;
        let mut seen: HashSet<ObjectId> = open.iter().copied().collect();
        let text = text.to_ascii_lowercase();
        let mut left = SHORT_WALK;
        while let Some(id) = open.pop() {
            left = left.checked_sub(1)?;
            let object = self.look_for(id).ok()??.try_into_commit().ok()?;
            let commit = object.decode().ok()?;
            if commit.committer().ok()?.seconds() < since {
                continue;
            }
            if commit.encoding.is_some() {
                return None;
            }
            if commit.message.to_ascii_lowercase().contains_str(&text) {
                return Some(false);
            }
            open.extend(commit.parents().filter(|parent| seen.insert(*parent)));
        }
        Some(true)
    }

    /// Those of the commits that can be reached from none of the tips.
    ///
    /// # Errors
    /// When git fails.
    pub fn unreachable(&self, ids: &[&str], tips: &[String]) -> Result<HashSet<String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let excluded = tips.iter().map(|tip| format!("^{tip}\n"));
        let input: String = ids.iter().map(|id| format!("{id}\n")).chain(excluded).collect();
        let output = git::output(&self.cwd, ["rev-list", "--stdin"], Some(&input))?;
        if !output.status.success() {
            return Err(git::failed(&output));
        }
        let found = String::from_utf8_lossy(&output.stdout);
        let found: HashSet<&str> = found.lines().collect();
        Ok(ids.iter().filter(|id| found.contains(*id)).map(|id| (*id).to_owned()).collect())
    }

    /// The full ids of the commits that begin with these digits; those that stand for none, or for
    /// several, are left out.
    ///
    /// # Errors
    /// When git can't be run.
    pub fn full_ids(&self, starts: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let arguments = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
        let full = |line: &str| line.strip_suffix(" commit").map(str::to_owned);
        let mut found = HashMap::new();
        // git answers line by line: so many answers fit into a pipe.
        for starts in starts.chunks(256) {
            let input: String = starts.iter().map(|start| format!("{start}^{{commit}}\n")).collect();
            let output = git::output(&self.cwd, arguments, Some(&input))?;
            let answers = String::from_utf8_lossy(&output.stdout);
            let pairs = starts.iter().zip(answers.lines());
            found.extend(pairs.filter_map(|(start, line)| Some(((*start).to_owned(), full(line)?))));
        }
        Ok(found)
    }

    /// The commits of a range as somebody typed it, merges left out, the newest first.
    ///
    /// # Errors
    /// When it is no range of commits that this clone has.
    pub fn typed_range(&self, range: &str, trailer: &str) -> Result<Range, StoreError> {
        let arguments = [
            "rev-list",
            "--no-commit-header",
            "--encoding=UTF-8",
            FORMAT,
            "--no-merges",
            "--end-of-options",
            range,
            "--",
        ];
        let output = git::output(&self.cwd, arguments, None)?;
        if !output.status.success() {
            return Err(git::failed(&output));
        }
        let commits = read_commits(&output.stdout, trailer)?;
        if commits.is_empty() && !self.names_commits(range) {
            return Err(StoreError::GitFailed("it names something else".to_owned()));
        }
        Ok(Range { commits, is_cut: false })
    }

    /// Whether the ends of a range are commits: git passes over others in silence.
    fn names_commits(&self, range: &str) -> bool {
        let Ok(text) = git::run(&self.cwd, ["rev-parse", "--revs-only", range, "--"]) else { return false };
        let ends: Vec<&str> = text.lines().map(|line| line.trim_start_matches('^')).collect();
        let kind = |end: &&str| self.repo.find_header(ObjectId::from_hex(end.as_bytes()).ok()?).ok();
        let is_commit = |end: &str| {
            kind(&end)
                .is_some_and(|header| matches!(header.kind(), gix::objs::Kind::Commit | gix::objs::Kind::Tag))
        };
        !ends.is_empty() && ends.into_iter().all(is_commit)
    }

    /// Who wrote the lines of a file, as `git blame --porcelain` tells it.
    ///
    /// # Errors
    /// When git fails: there is no such file, commit or range of lines.
    pub fn blame(
        &self,
        file: &OsStr,
        revision: Option<&str>,
        ranges: &[String],
    ) -> Result<Vec<u8>, StoreError> {
        let mut arguments = ["blame", "--porcelain", "--encoding=UTF-8"].map(OsString::from).to_vec();
        arguments.extend(ranges.iter().map(|range| format!("-L{range}").into()));
        arguments.extend(revision.map(OsString::from));
        arguments.extend(["--".into(), file.to_owned()]);
        let output = git::output(&self.cwd, arguments, None)?;
        if output.status.success() { Ok(output.stdout) } else { Err(git::failed(&output)) }
    }

    /// Where the user stands.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// The commits at which the history of a shallow clone ends although they have parents.
    pub fn shallow_edges(&self) -> HashSet<String> {
        let edges = self.repo.shallow_commits().ok().flatten();
        edges.map(|edges| edges.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }
}

fn damaged(hex: &str, error: &dyn std::error::Error) -> StoreError {
    StoreError::Damaged(format!("commit {hex}: {error}"))
}

fn lines(ids: &[String]) -> String {
    ids.iter().map(|id| format!("{id}\n")).collect()
}
