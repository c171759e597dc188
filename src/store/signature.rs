//! Signatures of commits: git and the programs it is set up with make and check them.

use std::collections::HashMap;
use std::path::Path;

use gix::bstr::ByteSlice;

use crate::format::layout;
use crate::model::id::TicketId;

use super::{ObjectId, Store, StoreError, git};

/// What git says about the signature of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// There is none.
    Unsigned,
    /// Made with a key that is known to belong to the signer.
    Good,
    /// Made with a key that nobody here vouches for.
    Unknown,
    /// It doesn't fit the commit.
    Bad,
    /// The signature or its key has expired.
    Expired,
    /// The key was revoked.
    Revoked,
    /// It can't be checked here: a key or a program is missing.
    Unchecked,
}

impl Verdict {
    fn of(letter: &str) -> Self {
        match letter {
            "N" => Verdict::Unsigned,
            "G" => Verdict::Good,
            "U" => Verdict::Unknown,
            "B" => Verdict::Bad,
            "X" | "Y" => Verdict::Expired,
            "R" => Verdict::Revoked,
            _ => Verdict::Unchecked,
        }
    }

    /// A stable word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Unsigned => "unsigned",
            Verdict::Good => "good",
            Verdict::Unknown => "unknown",
            Verdict::Bad => "bad",
            Verdict::Expired => "expired",
            Verdict::Revoked => "revoked",
            Verdict::Unchecked => "unchecked",
        }
    }
}

/// The signature of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// What git says.
    pub verdict: Verdict,
    /// Whose key it is, as far as git knows.
    pub signer: String,
    /// The address of the commit's author.
    pub mail: String,
}

impl Signature {
    /// Whether a known key of the author made it. git itself compares signer and author nowhere.
    pub fn is_of_author(&self) -> bool {
        let own = self.address().unwrap_or_default();
        self.verdict == Verdict::Good && !own.is_empty() && own.eq_ignore_ascii_case(&self.mail)
    }

    /// The address of whose key it is: `Ada <ada@example.org>` with OpenPGP, `/CN=Ada/EMail=ada@example.org`
    /// with X.509, where slashes in values are escaped, and nothing but the address with ssh.
    fn address(&self) -> Option<&str> {
        if let Some(name) = self.signer.strip_prefix('/') {
            let mut addresses = name.split('/').filter_map(|part| part.strip_prefix("EMail="));
            return addresses.next().filter(|_| addresses.next().is_none());
        }
        match self.signer.strip_suffix('>') {
            Some(named) => named.rsplit_once('<').map(|(_, address)| address),
            None => Some(&self.signer),
        }
    }
}

impl Store {
    /// Whether the user signs commits.
    pub(super) fn signs(&self) -> bool {
        self.switch("commit.gpgSign") == Some(true)
    }

    /// Writes a commit, signed by whatever git is set up with. Its tree must be in the repository.
    pub(super) fn signed(&self, commit: &gix::objs::Commit) -> Result<ObjectId, StoreError> {
        let date = |time: gix::date::Time| {
            let minutes = time.offset.abs() / 60;
            let sign = if time.offset < 0 { '-' } else { '+' };
            format!("@{} {sign}{:02}{:02}", time.seconds, minutes / 60, minutes % 60)
        };
        let (author, committer) = (&commit.author, &commit.committer);
        let environment = [
            ("GIT_AUTHOR_NAME", author.name.to_string()),
            ("GIT_AUTHOR_EMAIL", author.email.to_string()),
            ("GIT_AUTHOR_DATE", date(author.time)),
            ("GIT_COMMITTER_NAME", committer.name.to_string()),
            ("GIT_COMMITTER_EMAIL", committer.email.to_string()),
            ("GIT_COMMITTER_DATE", date(committer.time)),
        ];
        let (tree, parents) = (commit.tree.to_string(), commit.parents.iter().map(ToString::to_string));
        let mut words: Vec<String> = ["-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S"]
            .map(str::to_owned)
            .into_iter()
            .chain([tree])
            .collect();
        parents.for_each(|parent| words.extend(["-p".to_owned(), parent]));
        let output = git::output_with(&self.cwd, environment, words, Some(&commit.message.to_str_lossy()))?;
        if !output.status.success() {
            let StoreError::GitFailed(said) = git::failed(&output) else {
                return Err(git::failed(&output));
            };
            return Err(StoreError::NotSigned(said));
        }
        ObjectId::from_hex(output.stdout.trim())
            .map_err(|_| StoreError::GitFailed("commit-tree printed no object id".to_owned()))
    }

    /// Whether a commit brought some words to a ticket's thread: they are there, and in none of its parents.
    ///
    /// # Errors
    /// When one of the versions can't be read.
    pub fn brought(
        &self,
        commit: &str,
        parents: &[String],
        id: &TicketId,
        words: &str,
    ) -> Result<bool, StoreError> {
        let has = |hex: &String| -> Result<bool, StoreError> {
            let bad = |_| StoreError::UnknownRevision(hex.clone());
            let commit = ObjectId::from_hex(hex.as_bytes()).map_err(bad)?;
            let snapshot = self.snapshot_at(Some(commit))?;
            let Some(files) = snapshot.ticket_files(id)? else { return Ok(false) };
            let thread = snapshot.read(&files, layout::THREAD)?.unwrap_or_default();
            Ok(thread.find(words.as_bytes()).is_some())
        };
        if !has(&commit.to_owned())? {
            return Ok(false);
        }
        for parent in parents.iter().filter(|parent| self.has(parent)) {
            if has(parent)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The signatures of commits, by full id. `allowed` names a file of allowed signers for ssh keys in place of
    /// the one that git is set up with.
    ///
    /// # Errors
    /// When git fails.
    pub fn signatures(
        &self,
        commits: &[String],
        allowed: Option<&Path>,
    ) -> Result<HashMap<String, Signature>, StoreError> {
        if commits.is_empty() {
            return Ok(HashMap::new());
        }
        let mut words: Vec<std::ffi::OsString> = Vec::new();
        if let Some(file) = allowed {
            let mut setting = std::ffi::OsString::from("gpg.ssh.allowedSignersFile=");
            setting.push(file);
            words.extend(["-c".into(), setting]);
        }
        // Not rev-list: that of git 2.39 reads no settings for signatures.
        let fixed = [
            "-c",
            "log.showSignature=false",
            "--no-replace-objects",
            "log",
            "--no-walk=unsorted",
            "--no-color",
            "--encoding=UTF-8",
            "--format=%H%x00%G?%x00%GS%x00%ae",
            "--stdin",
        ];
        words.extend(fixed.map(Into::into));
        let input: String = commits.iter().map(|commit| format!("{commit}\n")).collect();
        let output = git::output(&self.cwd, words, Some(&input))?;
        if !output.status.success() {
            return Err(git::failed(&output));
        }
        let mut found = HashMap::new();
        for line in output.stdout.lines() {
            let fields: Vec<_> = line.split(|byte| *byte == 0).map(|field| field.to_str_lossy()).collect();
            let [commit, letter, signer, mail] = fields.as_slice() else { continue };
            if ObjectId::from_hex(commit.as_bytes()).is_ok() {
                let signature = Signature {
                    verdict: Verdict::of(letter),
                    signer: signer.to_string(),
                    mail: mail.to_string(),
                };
                found.insert(commit.to_string(), signature);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_signature_of_somebody_else_is_not_the_authors() {
        let made = |verdict, signer: &str| Signature {
            verdict,
            signer: signer.to_owned(),
            mail: "ada@example.org".to_owned(),
        };
        for signer in [
            "ada@example.org",
            "Ada L <ada@example.org>",
            "ADA@example.org",
            "/CN=Ada L/O=Org/C=JP/EMail=ada@example.org",
        ] {
            assert!(made(Verdict::Good, signer).is_of_author(), "{signer}");
            assert!(!made(Verdict::Unknown, signer).is_of_author(), "{signer}");
        }
        for signer in [
            "bob@example.org",
            "ada@example.org <bob@example.org>",
            "",
            "Ada <>",
            "/CN=ada@example.org",
            "/CN=Bob/EMail=ada@example.org/EMail=bob@example.org",
            "/CN=Bob\\x2fEMail=ada@example.org/EMail=bob@example.org",
            "/CN=Bob\\x2fEMail=ada@example.org",
            "[Error - invalid DN]",
        ] {
            assert!(!made(Verdict::Good, signer).is_of_author(), "{signer}");
        }
    }
}
