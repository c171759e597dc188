//! Reading the ref, and swapping it for another value.

use std::collections::HashMap;

use gix::bstr::ByteSlice;

use super::{ObjectId, Store, StoreError, git};

/// How a repository keeps its refs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Backend {
    /// As files, which gix reads and writes.
    Files,
    /// As anything else: gix would see no refs and write files that git never looks at, so git does it.
    Git,
}

impl Backend {
    pub(super) fn of(repo: &gix::Repository) -> Result<Self, StoreError> {
        let storage = repo.config_snapshot().string("extensions.refStorage");
        match storage.as_ref().map(|name| name.to_string()) {
            None => Ok(Backend::Files),
            Some(name) if name == "files" => Ok(Backend::Files),
            Some(name) if name == "reftable" => Ok(Backend::Git),
            Some(name) => Err(StoreError::Unsupported(format!(
                "the repository keeps its refs as '{name}', which is not supported"
            ))),
        }
    }
}

/// How a swap ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Swap {
    /// The ref has the new value.
    Done,
    /// Somebody else moved it, or holds its lock: read again.
    Lost(String),
}

impl Store {
    /// The commit a ref points at; `None` when there is no such ref.
    pub(super) fn read_ref(&self, name: &str) -> Result<Option<ObjectId>, StoreError> {
        match self.backend {
            Backend::Files => self.read_ref_file(name),
            Backend::Git => self.read_ref_with_git(name),
        }
    }

    /// The commits that refs point at, of those that exist.
    pub(super) fn read_refs<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
    ) -> Result<HashMap<String, ObjectId>, StoreError> {
        if let Backend::Git = self.backend {
            let arguments = ["for-each-ref", "--format=%(refname) %(objectname)"];
            let text = git::run(&self.cwd, arguments.into_iter().chain(names))?;
            let pairs = text.lines().filter_map(|line| line.split_once(' '));
            let known = pairs
                .filter_map(|(name, hex)| Some((name.to_owned(), ObjectId::from_hex(hex.as_bytes()).ok()?)));
            return Ok(known.collect());
        }
        let mut found = HashMap::new();
        for name in names {
            // A name no ref can have, or a symbolic ref, is no branch of a target.
            if let Ok(Some(tip)) = self.read_ref_file(name) {
                found.insert(name.to_owned(), tip);
            }
        }
        Ok(found)
    }

    /// The refs whose names begin like that, with the commits they point at.
    pub(super) fn refs_below(&self, prefix: &str) -> Result<Vec<(String, ObjectId)>, StoreError> {
        if let Backend::Git = self.backend {
            let arguments =
                ["for-each-ref", "--format=%(refname) %(objectname)", prefix.trim_end_matches('/')];
            let text = git::run(&self.cwd, arguments)?;
            let pairs = text.lines().filter_map(|line| line.split_once(' '));
            let known = pairs
                .filter_map(|(name, hex)| Some((name.to_owned(), ObjectId::from_hex(hex.as_bytes()).ok()?)));
            return Ok(known.collect());
        }
        let fail = |error: gix::Error| StoreError::from_gix(&format!("can't list {prefix}"), &error);
        let platform = self.repo.references().map_err(fail)?;
        let mut found = Vec::new();
        // A ref that can't be read is git's to complain about.
        for reference in platform.prefixed(prefix).map_err(fail)?.flatten() {
            let tip = reference.target().try_id().map(|id| id.to_owned());
            if let (Some(tip), Ok(name)) = (tip, reference.name().as_bstr().to_str()) {
                found.push((name.to_owned(), tip));
            }
        }
        Ok(found)
    }

    pub(super) fn read_ref_file(&self, name: &str) -> Result<Option<ObjectId>, StoreError> {
        let doing = format!("can't read {name}");
        let found =
            self.repo.try_find_reference(name).map_err(|error| StoreError::from_gix(&doing, &error))?;
        let Some(reference) = found else { return Ok(None) };
        // Not peeled: that would open the object, and with it every pack.
        match reference.target().try_id() {
            Some(id) => Ok(Some(id.to_owned())),
            None => Err(StoreError::Unsupported(format!("{name} is a symbolic ref"))),
        }
    }

    fn read_ref_with_git(&self, name: &str) -> Result<Option<ObjectId>, StoreError> {
        let answer = git::run(&self.cwd, ["for-each-ref", "--format=%(refname) %(objectname)", name])?;
        let found = answer.lines().filter_map(|line| line.split_once(' ')).find(|(found, _)| *found == name);
        let Some((_, hex)) = found else { return Ok(None) };
        let bad = || StoreError::GitFailed(format!("'{hex}' is no object id"));
        ObjectId::from_hex(hex.as_bytes()).map(Some).map_err(|_| bad())
    }

    /// Whether the tickets' ref has a log of its former values.
    pub fn has_reflog(&self) -> bool {
        match self.backend {
            Backend::Files => self.common_dir().join("logs").join(&self.tickets).is_file(),
            Backend::Git => git::run(&self.cwd, ["reflog", "exists", &self.tickets]).is_ok(),
        }
    }

    /// Swaps the tickets' ref: it must have the old value, or not exist when that is `None`. A reflog is
    /// kept from the first value on.
    pub(super) fn swap_ref(
        &self,
        old: Option<ObjectId>,
        new: ObjectId,
        message: &str,
        committer: &gix::actor::Signature,
    ) -> Result<Swap, StoreError> {
        match self.backend {
            Backend::Files => self.swap_ref_file(old, new, message, committer),
            Backend::Git => self.swap_ref_with_git(old, new, message),
        }
    }

    fn swap_ref_with_git(
        &self,
        old: Option<ObjectId>,
        new: ObjectId,
        message: &str,
    ) -> Result<Swap, StoreError> {
        let old_hex = old.unwrap_or_else(|| ObjectId::null(self.repo.object_hash()));
        let input = format!("update {} {new} {old_hex}\n", self.tickets);
        let arguments = ["update-ref", "--create-reflog", "-m", message, "--stdin"];
        let output = git::output(&self.cwd, arguments, Some(&input))?;
        if output.status.success() {
            return Ok(Swap::Done);
        }
        let told = git::failed(&output);
        if self.read_ref(&self.tickets)? != old || told.to_string().contains("lock") {
            return Ok(Swap::Lost(told.to_string()));
        }
        Err(told)
    }
}
