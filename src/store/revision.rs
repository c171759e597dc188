//! Commits of the code that people name.

use gix::bstr::ByteSlice;

use super::{ObjectId, Store, StoreError, git};

/// A commit of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full id.
    pub full: String,
    /// An id just long enough to be unique here, at least eight characters.
    pub short: String,
    /// The first line of its message.
    pub subject: String,
    /// Its author's name.
    pub author: String,
    /// When it was written, in seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
}

impl Store {
    /// The commit somebody names in any way git knows.
    ///
    /// # Errors
    /// When the name stands for none, or for several.
    pub fn commit(&self, name: &str) -> Result<Commit, StoreError> {
        let unknown = || StoreError::UnknownRevision(name.to_owned());
        let wanted = format!("{name}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let output = git::output(&self.cwd, arguments, None)?;
        let hex = String::from_utf8_lossy(&output.stdout);
        let hex = hex.lines().next().filter(|_| output.status.success()).ok_or_else(unknown)?;
        self.commit_by_id(hex)?.ok_or_else(unknown)
    }

    /// The commit with that full id; `None` when this clone doesn't have it.
    ///
    /// # Errors
    /// When it is there and can't be read.
    pub fn commit_by_id(&self, hex: &str) -> Result<Option<Commit>, StoreError> {
        let Ok(id) = ObjectId::from_hex(hex.as_bytes()) else { return Ok(None) };
        let fail = |error: gix::Error| StoreError::from_gix(&format!("can't read {hex}"), &error);
        let Some(object) = self.look_for(id).map_err(fail)? else { return Ok(None) };
        if object.kind != gix::objs::Kind::Commit {
            return Ok(None);
        }
        let commit = object.into_commit();
        let author = commit.author().map_err(fail)?;
        Ok(Some(Commit {
            full: hex.to_owned(),
            short: self.short_id(&id),
            subject: commit.message().map_err(fail)?.summary().to_str_lossy().into_owned(),
            author: author.name.to_str_lossy().into_owned(),
            seconds: author.seconds(),
        }))
    }

    fn short_id(&self, id: &ObjectId) -> String {
        let shortest = gix::prelude::ObjectIdExt::attach(*id, &self.repo).shorten_or_id().to_string();
        let length = shortest.len().max(8);
        id.to_string()[..length].to_owned()
    }
}
