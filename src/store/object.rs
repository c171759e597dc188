//! Objects that ought to be there, but are not where one looks first.
//!
//! `git repack` moves objects from loose files to packs: a reader that looked for the pack a moment too
//! early and for the file a moment too late finds neither, and looks again.
//!
//! In a partial clone objects were left behind on the remote and are fetched when they are needed. gix
//! knows nothing of that; git would fetch them one by one, so the first miss fetches every missing file of
//! the tickets at once, with the request git itself makes.

use std::fmt::Write;
use std::thread;
use std::time::Duration;

use gix::objs::tree::EntryKind;

use super::snapshot::damaged;
use super::{ObjectId, Store, StoreError, git};

/// How often an object is looked for again, and how long to wait in between.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(2);

/// The object database for a tree editor, which looks up trees by itself.
pub(super) struct Patient<'s, F>(pub(super) &'s F);

impl<F: gix::objs::Find> gix::objs::Find for Patient<'_, F> {
    fn try_find<'a>(
        &self,
        id: &gix::oid,
        buffer: &'a mut Vec<u8>,
    ) -> gix::Result<Option<gix::objs::Data<'a>>> {
        for look in 0..=LOOKS {
            if look > 0 {
                thread::sleep(PAUSE);
            }
            // What was seen once is not looked for a second time: it may be on its way by then.
            if let Some(kind) = self.0.try_find(id, buffer)?.map(|data| data.kind) {
                return Ok(Some(gix::objs::Data::new(buffer, kind, id.kind())));
            }
        }
        Ok(None)
    }
}

impl Store {
    /// An object that ought to be there; in a partial clone it is fetched if need be.
    pub(super) fn object(&self, what: &str, id: ObjectId) -> Result<gix::Object<'_>, StoreError> {
        let error = match self.repo.find_object(id) {
            Ok(object) => return Ok(object),
            Err(error) if !error.is_not_found() => return Err(damaged(what, &error)),
            Err(error) => error,
        };
        if let Some(remote) = self.promisor() {
            self.fetch_missing(&remote, id)?;
        }
        for _ in 0..LOOKS {
            match self.repo.find_object(id) {
                Ok(object) => return Ok(object),
                Err(error) if !error.is_not_found() => return Err(damaged(what, &error)),
                Err(_) => thread::sleep(PAUSE),
            }
        }
        Err(damaged(what, &error))
    }

    /// A commit that ought to be there.
    pub(super) fn commit_object(&self, id: ObjectId) -> Result<gix::Commit<'_>, StoreError> {
        let what = format!("commit {id}");
        self.object(&what, id)?.try_into_commit().map_err(|error| damaged(&what, &error))
    }

    /// An object that may not be there.
    pub(super) fn look_for(&self, id: ObjectId) -> gix::Result<Option<gix::Object<'_>>> {
        match self.repo.try_find_object(id)? {
            Some(object) => Ok(Some(object)),
            // It may be on its way from a file to a pack.
            None => self.repo.try_find_object(id),
        }
    }

    /// Whether this clone has an object.
    pub(super) fn is_there(&self, id: &gix::oid) -> bool {
        self.lookup.has(&id.to_owned()) || self.repo.has_object(id)
    }

    /// The size of such an object in bytes.
    pub(super) fn object_size(&self, what: &str, id: ObjectId) -> Result<u64, StoreError> {
        if let Some((_, size)) = self.lookup.header(&id) {
            return Ok(size);
        }
        match self.repo.find_header(id) {
            Ok(header) => Ok(header.size()),
            Err(_) => Ok(self.object(what, id)?.data.len() as u64),
        }
    }

    /// The remote that has what this clone left behind.
    pub(super) fn promisor(&self) -> Option<String> {
        let config = self.repo.config_snapshot();
        let remotes = config.plumbing().sections_by_name("remote").into_iter().flatten();
        let mut names = remotes.filter_map(|section| Some(section.header().subsection_name()?.to_string()));
        let is_promisor = |name: &String| self.switch(&format!("remote.{name}.promisor")) == Some(true);
        self.setting("extensions.partialClone").or_else(|| names.find(is_promisor))
    }

    fn fetch_missing(&self, remote: &str, first: ObjectId) -> Result<(), StoreError> {
        let mut wanted = format!("{first}\n");
        for id in self.missing_files().unwrap_or_default() {
            if id != first {
                let _ = writeln!(wanted, "{id}");
            }
        }
        let arguments = [
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--recurse-submodules=no",
            "--filter=blob:none",
            "--stdin",
            "--",
            remote,
        ];
        let output = git::output(&self.cwd, arguments, Some(&wanted))?;
        if output.status.success() {
            return Ok(());
        }
        let said = git::failed(&output);
        Err(StoreError::GitFailed(format!(
            "files of tickets are on '{remote}' and could not be fetched: {said}"
        )))
    }

    /// Every file on the tickets' ref that this clone doesn't have.
    fn missing_files(&self) -> Option<Vec<ObjectId>> {
        let commit = self.repo.find_commit(self.read_ref(&self.tickets).ok()??).ok()?;
        let mut open = vec![commit.tree_id().ok()?.detach()];
        let mut missing = Vec::new();
        while let Some(tree) = open.pop() {
            let tree = self.repo.find_tree(tree).ok()?;
            for entry in &tree.decode().ok()?.entries {
                match entry.mode.kind() {
                    EntryKind::Tree => open.push(entry.oid.to_owned()),
                    EntryKind::Blob if !self.repo.has_object(entry.oid) => missing.push(entry.oid.to_owned()),
                    _ => {}
                }
            }
        }
        Some(missing)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::Cell;

    use gix::objs::{Data, Find, Kind};

    use super::*;

    /// Finds an object at some looks, and at others not: it is moved from a file to a pack.
    struct Moving {
        looks: Cell<u32>,
        is_seen: fn(u32) -> bool,
    }

    impl Find for Moving {
        fn try_find<'a>(&self, id: &gix::oid, buffer: &'a mut Vec<u8>) -> gix::Result<Option<Data<'a>>> {
            let look = self.looks.get();
            self.looks.set(look + 1);
            if !(self.is_seen)(look) {
                return Ok(None);
            }
            *buffer = b"text".to_vec();
            Ok(Some(Data::new(buffer, Kind::Blob, id.kind())))
        }
    }

    #[test]
    fn an_object_that_is_on_its_way_into_a_pack_is_found() {
        let id = ObjectId::null(gix::hash::Kind::Sha1);
        let found = |is_seen| {
            let moving = Moving { looks: Cell::new(0), is_seen };
            let mut buffer = Vec::new();
            let found = Patient(&moving).try_find(&id, &mut buffer).unwrap();
            found.map(|data| (data.kind, data.data.to_vec()))
        };
        let there = Some((Kind::Blob, b"text".to_vec()));
        // Seen as a file, which is gone at the next look.
        assert_eq!(found(|look| look != 1), there);
        assert_eq!(found(|look| look % 2 == 0), there);
        assert_eq!(found(|look| look == 0), there);
        assert_eq!(found(|look| look == LOOKS), there);
        assert_eq!(found(|_| false), None);
    }
}
