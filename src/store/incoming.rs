//! What a push brings, before the server takes it: as `update` and `pre-receive` hooks see it.
//!
//! While `pre-receive` runs, the new objects are in a folder of their own, which git names in the environment
//! and removes when the push is refused. Nothing is written to the repository here, and what a push could
//! bring to change an answer is not used: refs that replace objects, and other refs with the same commits.

use std::path::PathBuf;

use gix::odb::memory::Proxy;

use crate::host::Host;
use crate::model::limit;

use super::verify::Judge;
use super::{ObjectId, Store, StoreError, git, place};

/// A repository that is being pushed to.
pub struct Incoming {
    /// The repository, with the objects that are coming.
    pub store: Store,
    /// A folder of objects that holds nothing itself and names the others.
    folder: PathBuf,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What stays behind is of no use and in nobody's way.
        let _ = std::fs::remove_dir_all(&self.folder);
        let _ = std::fs::remove_dir(self.store.own_dir());
    }
}

/// The ref that holds the tickets where a hook runs. Less is needed for that than for opening the repository,
/// which a push of code must not depend on.
///
/// # Errors
/// When git can't be asked.
pub fn reference(host: &Host) -> Result<String, StoreError> {
    let output = git::output(&host.cwd, ["config", "--get", "yoi.ref"], None)?;
    match output.status.code() {
        Some(0) => Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned()),
        Some(1) => Ok(place::DEFAULT.to_owned()),
        _ => Err(git::failed(&output)),
    }
}

/// A ref that shall move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The whole name of the ref.
    pub reference: String,
    /// What it points at, as hexadecimal digits; zeros when there is no such ref.
    pub old: String,
    /// What it shall point at; zeros when it shall go.
    pub new: String,
}

/// Why a ref may not move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barred {
    /// It would be deleted.
    Deleted,
    /// It would point at something else than a commit.
    NoCommit,
    /// What it points at now would be left out.
    Rewound,
    /// More commits than are looked at.
    TooMany(usize),
}

impl Incoming {
    /// Opens the repository a hook runs in.
    ///
    /// # Errors
    /// When there is none that can be used.
    pub fn open(host: &Host) -> Result<Self, StoreError> {
        let store = Store::open_to_receive(host)?;
        let name = format!("incoming-{}-{:016x}", store.process, host.entropy.bits() >> 64);
        let mut incoming = Incoming { folder: store.own_dir().join(name), store };
        incoming.look_everywhere(host)?;
        Ok(incoming)
    }

    /// Makes objects be looked for where git looks for them, and written nowhere.
    fn look_everywhere(&mut self, host: &Host) -> Result<(), StoreError> {
        let own = self.store.repo.objects.store_ref().path().to_owned();
        let mut folders = Vec::new();
        if let Some(first) = host.var_os("GIT_OBJECT_DIRECTORY") {
            folders.push(host.cwd.join(first));
        }
        if let Some(more) = host.var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            let more = std::env::split_paths(more).filter(|folder| !folder.as_os_str().is_empty());
            folders.extend(more.map(|folder| host.cwd.join(folder)));
        }
        folders.push(host.cwd.join(own));
        let mut lines = String::new();
        for folder in &folders {
            let text = folder.to_str().filter(|text| !text.contains(['\n', '"', '#']));
            let odd = || StoreError::Unsupported(format!("objects in '{}'", folder.display()));
            lines.push_str(text.ok_or_else(odd)?);
            lines.push('\n');
        }
        let fail = |error: std::io::Error| StoreError::from_io("can't look at what is pushed", &error);
        let info = self.folder.join("info");
        std::fs::create_dir_all(&info).map_err(fail)?;
        std::fs::write(info.join("alternates"), lines).map_err(fail)?;
        let kind = self.store.repo.object_hash();
        let options = gix::odb::store::init::Options::default();
        let objects = gix::odb::at_opts(&self.folder, kind, None, options).map_err(fail)?;
        self.store.repo.objects = Proxy::from(objects);
        Ok(())
    }

    /// Looks at what a ref gains, and asks a judge about each commit. Says why it may not move at all.
    ///
    /// What other refs hold already is looked at too: nobody looked at it when it came.
    ///
    /// # Errors
    /// [`StoreError::BadCommit`] for what honest tools don't make, and others when something can't be read.
    pub fn examine(
        &self,
        update: &Update,
        most: usize,
        judge: &mut Judge,
    ) -> Result<Option<Barred>, StoreError> {
        let id = |hex: &str| {
            let bad = |_| StoreError::UnknownRevision(hex.to_owned());
            ObjectId::from_hex(hex.as_bytes()).map_err(bad)
        };
        let (old, new) = (id(&update.old)?, id(&update.new)?);
        if new.is_null() {
            return Ok(Some(Barred::Deleted));
        }
        let is_commit = |header: gix::odb::find::Header| header.kind() == gix::objs::Kind::Commit;
        if !self.store.repo.find_header(new).is_ok_and(is_commit) {
            return Ok(Some(Barred::NoCommit));
        }
        let old = Some(old).filter(|old| !old.is_null());
        if old.is_some_and(|old| !self.is_ahead(old, new)) {
            return Ok(Some(Barred::Rewound));
        }
        let Some(commits) = self.store.new_commits(old, new, most)? else {
            return Ok(Some(Barred::TooMany(most)));
        };
        self.store.verify_commits(&commits, judge)?;
        Ok(None)
    }

    fn is_ahead(&self, old: ObjectId, new: ObjectId) -> bool {
        let (old, new) = (old.to_string(), new.to_string());
        let words = ["--no-replace-objects", "merge-base", "--is-ancestor", &old, &new];
        git::output(&self.store.cwd, words, None).is_ok_and(|output| output.status.success())
    }
}

/// The most commits a push may bring when nobody says otherwise.
pub const MOST: usize = limit::COMMITS;
