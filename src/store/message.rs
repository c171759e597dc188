//! What git keeps in its folder while somebody commits: messages, and what kind of commit it will be.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Store, StoreError, git};

/// What git has to know to tell the text of a message from comments and trailers.
const LOOKS: [&str; 3] = ["core.commentChar", "core.commentString", "trailer.separators"];

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
    /// The name of a trailer may come with a clone, and what a person set up for trailers (`trailer.<name>.command`)
    /// runs programs. So git is told nothing of that here, only how comments and trailers look.
    ///
    /// # Errors
    /// When git can't write the file.
    pub fn add_trailers(&self, file: &Path, trailers: &[String]) -> Result<(), StoreError> {
        let mut arguments: Vec<OsString> = Vec::new();
        for key in LOOKS {
            let value = self.setting(key);
            arguments
                .extend(value.into_iter().flat_map(|value| ["-c".into(), format!("{key}={value}").into()]));
        }
        let fixed = ["interpret-trailers", "--in-place", "--no-divider", "--where=end"];
        arguments.extend(fixed.iter().map(OsString::from));
        arguments.extend(["--if-exists=addIfDifferent", "--if-missing=add"].map(OsString::from));
        arguments.extend(trailers.iter().flat_map(|trailer| ["--trailer".into(), trailer.into()]));
        arguments.push(file.into());
        // No repository is there: none has settings then.
        let nowhere = self.own_dir().join("nowhere").into_os_string();
        let nothing = || OsString::from(if cfg!(windows) { "NUL" } else { "/dev/null" });
        let environment = [
            ("GIT_DIR", nowhere),
            ("GIT_CONFIG_GLOBAL", nothing()),
            ("GIT_CONFIG_SYSTEM", nothing()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_PARAMETERS", OsString::new()),
            ("GIT_CONFIG_COUNT", "0".into()),
        ];
        git::run_with(&self.cwd, environment, arguments).map(drop)
    }
}
