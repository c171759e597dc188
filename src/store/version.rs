//! Versions of the tickets that people name: a commit on the ref, or a time.

use crate::format::layout;
use crate::model::id::TicketId;

use super::history::Operation;
use super::identity;
use super::snapshot::{Snapshot, damaged};
use super::{ObjectId, Store, StoreError, git};

impl Store {
    /// The commit of the tickets that somebody names in any way git knows; `None` when the name stands for no
    /// commit that the tickets come from.
    ///
    /// # Errors
    /// When git or the commit can't be asked.
    pub fn ticket_commit(&self, name: &str) -> Result<Option<Operation>, StoreError> {
        let commit = match self.commit(name) {
            Ok(commit) => commit,
            Err(StoreError::UnknownRevision(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let arguments = ["merge-base", "--is-ancestor", &commit.full, &self.tickets];
        if !git::output(&self.cwd, arguments, None)?.status.success() {
            return Ok(None);
        }
        self.operation_by_id(&commit.full).map(Some)
    }

    /// The newest commit of the tickets that is not later than that, in seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the history can't be read.
    pub fn ticket_commit_at(&self, seconds: i64) -> Result<Option<Operation>, StoreError> {
        let fail = |error: gix::Error| damaged("the history of the tickets", &error);
        let Some(tip) = self.read_ref(&self.tickets)? else { return Ok(None) };
        let newest = gix::revision::walk::Sorting::ByCommitTime(Default::default());
        for info in self.repo.rev_walk([tip]).sorting(newest).all().map_err(fail)? {
            let info = info.map_err(fail)?;
            if info.commit_time.is_some_and(|time| time <= seconds) {
                return self.operation_by_id(&info.id().to_string()).map(Some);
            }
        }
        Ok(None)
    }

    /// The tickets as a commit of the ref has them.
    ///
    /// # Errors
    /// When the commit can't be read.
    pub fn snapshot_of(&self, operation: &Operation) -> Result<Snapshot<'_>, StoreError> {
        self.snapshot_at(Some(id(&operation.commit)?))
    }

    /// The tickets as they were before a commit of the ref.
    ///
    /// # Errors
    /// When the commit can't be read.
    pub fn snapshot_before(&self, operation: &Operation) -> Result<Snapshot<'_>, StoreError> {
        let id = id(&operation.commit)?;
        let commit = self.commit_object(id)?;
        self.snapshot_at(self.known_parents(commit.parent_ids().map(gix::Id::detach)).first().copied())
    }

    /// Where a commit of the ref comes from.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn origin(&self, operation: &Operation) -> Result<Origin, StoreError> {
        let id = id(&operation.commit)?;
        let fail = |error: gix::Error| damaged(&format!("commit {id}"), &error);
        let commit = self.commit_object(id)?;
        let author = commit.author().map_err(fail)?;
        let (name, mail) = identity::DERIVED;
        let is_derived = author.name == name && author.email == mail;
        Ok(Origin { parents: commit.parent_ids().count(), is_derived })
    }

    /// The newest operation of an actor, on one ticket or on any: neither a merge nor derived.
    ///
    /// # Errors
    /// When the history can't be read.
    pub fn last_operation_of(
        &self,
        actor: &str,
        only: Option<&TicketId>,
    ) -> Result<Option<Operation>, StoreError> {
        let (author, path) = (identity::plain(actor), only.map(pathspec));
        let mut skip = 0;
        // The name is looked for as a text, and may be part of another one.
        loop {
            let name = format!("--author={author} <");
            let skipped = format!("--skip={skip}");
            let mut words = vec!["rev-list", "--fixed-strings", "--no-merges", "-n", "100", &name, &skipped];
            words.extend([&self.tickets, "--"]);
            words.extend(path.as_deref());
            let said = git::run(&self.cwd, words)?;
            for commit in said.lines() {
                let operation = self.operation_by_id(commit)?;
                if operation.author == author && self.changes_tickets(&operation)? {
                    return Ok(Some(operation));
                }
            }
            if said.lines().count() < 100 {
                return Ok(None);
            }
            skip += 100;
        }
    }

    fn changes_tickets(&self, operation: &Operation) -> Result<bool, StoreError> {
        let (before, after) = (self.snapshot_before(operation)?, self.snapshot_of(operation)?);
        let paths = super::history::changed_paths(&after, before.root()?, after.root()?)?;
        Ok(paths.iter().any(|path| path.starts_with("tickets/")))
    }

    /// The operations that went on from one and changed one of these tickets, the newest first.
    ///
    /// # Errors
    /// When git can't be asked.
    pub fn operations_after(
        &self,
        operation: &Operation,
        tickets: &[TicketId],
    ) -> Result<Vec<Operation>, StoreError> {
        let range = format!("{}..{}", operation.commit, self.tickets);
        // More tickets than a command line takes come from an import alone.
        let paths: Vec<String> = match tickets.len() {
            0..=500 => tickets.iter().map(pathspec).collect(),
            _ => Vec::new(),
        };
        let mut words = vec!["rev-list", "--ancestry-path", "--no-merges", &range, "--"];
        words.extend(paths.iter().map(String::as_str));
        let said = git::run(&self.cwd, words)?;
        said.lines().map(|commit| self.operation_by_id(commit)).collect()
    }

    /// The remote whose tickets, as they were last seen, hold a commit.
    ///
    /// # Errors
    /// When git can't be asked.
    pub fn remote_with(&self, commit: &str) -> Result<Option<String>, StoreError> {
        let contains = format!("--contains={commit}");
        for remote in self.remotes() {
            let reference = remote.tracking();
            let said =
                git::output(&self.cwd, ["for-each-ref", "--format=%(refname)", &contains, &reference], None)?;
            if said.status.success() && !said.stdout.is_empty() {
                return Ok(Some(remote.name));
            }
        }
        Ok(None)
    }

    /// A time in one of git's forms, as git reads it, in seconds since 1970-01-01T00:00:00Z. git takes any
    /// words for a time: whoever asks makes sure that these are some.
    ///
    /// # Errors
    /// When git can't be asked.
    pub fn git_time(&self, text: &str) -> Result<Option<i64>, StoreError> {
        let said = git::run(&self.cwd, ["rev-parse", &format!("--since={text}")])?;
        Ok(said.trim().strip_prefix("--max-age=").and_then(|seconds| seconds.parse().ok()))
    }

    /// Whether a text is a time in one of the fixed forms that git writes: ISO 8601, RFC 2822, its own, a
    /// number of seconds.
    pub fn is_fixed_time(text: &str) -> bool {
        gix::date::parse(text, None).is_ok()
    }
}

/// Where a commit of the ref comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// How many parents it has.
    pub parents: usize,
    /// Every clone would make it alike.
    pub is_derived: bool,
}

/// What git calls the files of a ticket on the ref.
fn pathspec(id: &TicketId) -> String {
    format!(":(top){}/{id}*", layout::folder(id))
}

pub(super) fn id(hex: &str) -> Result<ObjectId, StoreError> {
    ObjectId::from_hex(hex.as_bytes()).map_err(|_| StoreError::UnknownRevision(hex.to_owned()))
}
