//! Asking a remote for its tickets, fetching them and pushing ours. Network and credentials are git's.

use crate::host::Host;

use super::remote::Remote;
use super::talk::Terms;
use super::unite::Fetched;
use super::{ObjectId, Store, StoreError, git, leftover, place};

/// How a push ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The remote has it.
    Done,
    /// The remote has something we don't have, or somebody else was writing: fetch, unite, try again.
    Behind,
    /// The remote takes no tickets.
    Refused(String),
}

impl Store {
    /// The tickets a remote has now: the id of their commit.
    ///
    /// # Errors
    /// When it can't be asked.
    pub fn ask(&self, host: &Host, remote: &Remote, terms: Terms) -> Result<Option<String>, StoreError> {
        let mut found = self.ask_for(host, remote, &[&remote.reference], terms)?;
        Ok(found.pop().map(|(_, tip)| tip))
    }

    /// The same for a clone that may not know yet which ref holds them there, with the name of that ref: in one
    /// question also for the branch that hosts get which keep no other refs.
    ///
    /// # Errors
    /// When it can't be asked.
    pub fn ask_anywhere(
        &self,
        host: &Host,
        remote: &Remote,
        terms: Terms,
    ) -> Result<Option<(String, String)>, StoreError> {
        let mut names = vec![remote.reference.as_str()];
        names.extend((remote.reference == place::DEFAULT).then_some(place::BRANCH));
        let found = self.ask_for(host, remote, &names, terms)?;
        let usual = found.iter().find(|(name, _)| *name == remote.reference);
        Ok(usual.or(found.first()).cloned())
    }

    /// The refs with these names that a remote has, and what they point at.
    pub(super) fn ask_for(
        &self,
        host: &Host,
        remote: &Remote,
        names: &[&str],
        terms: Terms,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let words = ["ls-remote", "--quiet", "--", &remote.name].into_iter().chain(names.iter().copied());
        let answer = self.talk(host, terms, words)?;
        if !answer.is_good {
            return Err(failed(&answer.err));
        }
        let pairs = answer.out.lines().filter_map(|line| line.split_once('\t'));
        // git's patterns fit the end of a name, too.
        let wanted = pairs.filter(|(_, name)| names.contains(name));
        Ok(wanted.map(|(tip, name)| (name.to_owned(), tip.to_owned())).collect())
    }

    /// Fetches the tickets of a remote to where they are kept; `None` when it has none now.
    ///
    /// # Errors
    /// When it can't be fetched from.
    pub fn bring(&self, host: &Host, remote: &Remote, terms: Terms) -> Result<Option<Fetched>, StoreError> {
        let reference = remote.tracking();
        let before = self.read_ref(&reference)?;
        let was_collecting = self.is_collecting();
        // A pattern, because git fails when an exact ref is not on the remote.
        let refspec = format!("+{}*:{reference}*", remote.reference);
        // Beside a gc that spares nothing only packs are safe.
        let mut words = if was_collecting { vec!["-c", "fetch.unpackLimit=1"] } else { Vec::new() };
        words.extend(["fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--refmap=", "--prune"]);
        words.extend(["--no-recurse-submodules", "--no-auto-maintenance"]);
        if self.promisor().is_some() {
            words.push("--no-filter");
        }
        words.extend(["--", &remote.name, &refspec]);
        let answer = self.talk(host, terms, words)?;
        if !answer.is_good {
            return Err(failed(&answer.err));
        }
        let kept = self.kept(remote)?;
        match &kept {
            Some(kept) if !was_collecting && self.is_collecting() => self.save_fetched(kept, before)?,
            _ => {}
        }
        Ok(kept)
    }

    /// Packs what was just fetched: a `git gc` that began meanwhile may take it for garbage. What is gone already is
    /// forgotten, so that it is fetched again.
    fn save_fetched(&self, kept: &Fetched, before: Option<ObjectId>) -> Result<(), StoreError> {
        let known = before.map(|id| id.to_string()).filter(|id| self.has(id));
        if known.as_ref() == Some(&kept.tip) {
            return Ok(());
        }
        let mut wanted = format!("{}\n", kept.tip);
        if let Some(known) = known {
            wanted.push_str(&format!("--not\n{known}\n"));
        }
        let mut path = self.repo.objects.store_ref().path().join("pack/pack").into_os_string();
        if let Ok(whole) = std::path::Path::new(&path).parent().unwrap_or(self.common_dir()).canonicalize() {
            path = whole.join("pack").into_os_string();
        }
        let words = ["pack-objects", "--quiet", "--non-empty", "--revs"].map(std::ffi::OsString::from);
        let output = git::output(&self.cwd, words.into_iter().chain([path]), Some(&wanted))?;
        if output.status.success() {
            return Ok(());
        }
        git::run(&self.cwd, ["update-ref", "-d", &kept.reference])?;
        Err(StoreError::GitFailed("a git gc took away what was fetched; it will be fetched again".to_owned()))
    }

    /// The tickets of a remote as they were fetched last.
    ///
    /// # Errors
    /// When the ref can't be read.
    pub fn kept(&self, remote: &Remote) -> Result<Option<Fetched>, StoreError> {
        let reference = remote.tracking();
        let tip = self.read_ref(&reference)?;
        Ok(tip.map(|tip| Fetched { reference, remote: remote.name.clone(), tip: tip.to_string() }))
    }

    /// Pushes a version of our tickets, and notes that the remote has it.
    ///
    /// # Errors
    /// When git can't be run, or is not done in time.
    pub fn send(&self, host: &Host, remote: &Remote, tip: &str, terms: Terms) -> Result<Sent, StoreError> {
        // Not by the ref's name: it may move on meanwhile, and what is noted is what was sent.
        let sent = self.push_one(host, remote, &format!("{tip}:{}", remote.reference), terms)?;
        if sent == Sent::Done {
            self.note_sent(remote, tip)?;
        }
        Ok(sent)
    }

    /// Pushes one refspec and nothing else, whatever the settings for pushes are.
    pub(super) fn push_one(
        &self,
        host: &Host,
        remote: &Remote,
        refspec: &str,
        terms: Terms,
    ) -> Result<Sent, StoreError> {
        let mirror = format!("remote.{}.mirror=false", remote.name);
        let mut words = vec!["-c", "push.pushOption=", "-c", &mirror, "push", "--porcelain", "--no-verify"];
        words.extend(["--no-signed", "--no-follow-tags", "--recurse-submodules=no", "--"]);
        words.extend([remote.name.as_str(), refspec]);
        let answer = self.talk(host, terms, words)?;
        if answer.is_good {
            return Ok(Sent::Done);
        }
        Ok(match answer.out.lines().find(|line| line.starts_with('!')) {
            Some(line) if is_behind(line) => Sent::Behind,
            Some(line) => Sent::Refused(refusal(line, &answer.err)),
            None => return Err(failed(&answer.err)),
        })
    }

    /// git notes what it pushed only where a refspec of the remote tells it to.
    fn note_sent(&self, remote: &Remote, tip: &str) -> Result<(), StoreError> {
        let reference = remote.tracking();
        let known = self.read_ref(&reference)?.map(|known| known.to_string());
        if known.as_deref() != Some(tip) {
            git::run(&self.cwd, ["update-ref", &reference, tip])?;
        }
        Ok(())
    }
}

/// Whether a line of `git push --porcelain` says that the remote moved on, or was being written.
fn is_behind(line: &str) -> bool {
    let lost = ["lock", "reference already exists", "failed to update ref", "incorrect old value"];
    line.contains("\t[rejected]") || lost.iter().any(|words| line.contains(words))
}

/// Why a remote did not take a ref, with the first thing it said itself.
fn refusal(line: &str, said: &str) -> String {
    let why = line.rsplit('\t').next().unwrap_or(line);
    let why = why.trim_start_matches("[remote rejected]").trim().trim_matches(['(', ')']);
    let own = said.lines().filter_map(|line| line.strip_prefix("remote:")).map(str::trim);
    match own.into_iter().find(|line| !line.is_empty()) {
        Some(own) => format!("refused: {why}; it says: {own}"),
        None => format!("refused: {why}"),
    }
}

fn failed(said: &str) -> StoreError {
    leftover::told(said).map_or_else(|| StoreError::GitFailed(fault(said)), StoreError::Locked)
}

/// What a git that failed said, in one line: the fault itself rather than what it said around it.
fn fault(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().next();
    // This one only says that ssh, or whoever spoke before, has told why.
    let is_bare = |line: &str| line.ends_with("Could not read from remote repository.");
    let is_fault = |line: &&str| line.starts_with("fatal:") && !is_bare(line);
    let line = lines.find(is_fault).or(first).unwrap_or("it said nothing");
    line.trim_start_matches("fatal: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_that_moved_on_is_told_from_one_that_refuses() {
        for line in [
            "!\tab:refs/yoi/tickets\t[rejected] (fetch first)",
            "!\tab:refs/yoi/tickets\t[rejected] (non-fast-forward)",
            "!\tab:refs/yoi/tickets\t[remote rejected] (failed to update ref)",
            "!\tab:refs/yoi/tickets\t[remote rejected] (cannot lock ref 'refs/yoi/tickets': is at b)",
        ] {
            assert!(is_behind(line), "{line}");
        }
        let line = "!\tab:refs/yoi/tickets\t[remote rejected] (hook declined)";
        assert!(!is_behind(line));
        assert_eq!(
            refusal(line, "remote: \nremote: no tickets \n"),
            "refused: hook declined; it says: no tickets"
        );
    }

    #[test]
    fn the_fault_is_told_rather_than_what_stands_around_it() {
        assert_eq!(fault("warning: x\nfatal: can't read\n\nPlease make sure\n"), "can't read");
        assert_eq!(fault("odd\n"), "odd");
        let said = "tess@host: Permission denied.\nfatal: Could not read from remote repository.\n\nPlease\n";
        assert_eq!(fault(said), "tess@host: Permission denied.");
    }
}
