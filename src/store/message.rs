//! What git keeps in its folder while somebody commits: messages, and what kind of commit it will be.

use std::path::{Path, PathBuf};

use super::{Store, StoreError, git};

impl Store {
    /// A file in the folder of this work tree; linked work trees have their own.
    fn own_file(&self, name: &str) -> PathBuf {
        self.repo.git_dir().join(name)
    }

    /// Whether a merge is being committed.
    pub fn is_merging(&self) -> bool {
        self.own_file("MERGE_HEAD").exists()
    }

    /// The messages of the commits that are being squashed, if some are.
    pub fn squash_message(&self) -> Option<String> {
        let bytes = std::fs::read(self.own_file("SQUASH_MSG")).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The template of a message, by its path as the settings have it.
    pub fn template(&self, path: &str) -> Option<String> {
        let path = match path.strip_prefix("~/") {
            Some(rest) => gix::path::env::home_dir()?.join(rest),
            None => self.work_dir().unwrap_or(&self.cwd).join(path),
        };
        let bytes = std::fs::read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Adds trailers to the message in a file: below others, above git's own comments, not twice.
    ///
    /// # Errors
    /// When git can't write the file.
    pub fn add_trailers(&self, file: &Path, trailers: &[String]) -> Result<(), StoreError> {
        let fixed = ["interpret-trailers", "--in-place", "--no-divider", "--where=end"];
        let mut arguments: Vec<std::ffi::OsString> = fixed.iter().map(std::ffi::OsString::from).collect();
        arguments.extend(["--if-exists=addIfDifferent", "--if-missing=add"].map(std::ffi::OsString::from));
        arguments.extend(trailers.iter().flat_map(|trailer| ["--trailer".into(), trailer.into()]));
        arguments.push(file.into());
        git::run(&self.cwd, arguments).map(drop)
    }
}
