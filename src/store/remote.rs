//! Remotes as git's configuration has them: which take part, and where their tickets are kept after a fetch.
//!
//! Reading is gix's. Writing is done by `git config`, in the repository's own file, and touches two keys
//! only: one more `fetch` and `yoi` of a remote.

use gix::bstr::ByteSlice;

use super::unite::FETCHED;
use super::{Store, StoreError, git, place};

/// A remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remote {
    /// Its name.
    pub name: String,
    /// `remote.<name>.yoi`; `None` when it is not set.
    pub opt_in: Option<bool>,
    /// Pushes to it are mirrors: they carry every ref, or take it away.
    pub is_mirror: bool,
    /// The ref that holds tickets there.
    pub reference: String,
    /// Why that ref can't be used, if somebody misspelt it: then tickets go nowhere.
    fault: Option<String>,
    /// Where its refspecs say that fetched tickets go.
    tracking: Option<String>,
    /// Whether it has refspecs at all: without any, adding one would change what `git fetch` brings.
    has_refspecs: bool,
}

impl Remote {
    /// Whether tickets go there with an ordinary push.
    pub fn takes_part(&self) -> bool {
        self.opt_in == Some(true) && !self.is_mirror && self.fault.is_none()
    }

    /// Whether there is nothing to set up.
    pub fn is_set_up(&self) -> bool {
        self.opt_in.is_some() && (self.tracking.is_some() || !self.has_refspecs)
    }

    /// Whether an ordinary fetch brings tickets.
    pub fn brings_tickets(&self) -> bool {
        self.tracking.is_some()
    }

    /// The ref that holds its tickets as they were fetched.
    pub fn tracking(&self) -> String {
        self.tracking.clone().unwrap_or_else(|| usual(&self.name))
    }
}

/// What became of a remote's refspec for tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refspec {
    /// It was added.
    Added,
    /// It was there, in some form and scope.
    Present,
    /// The remote has none at all, and stays so.
    LeftOut,
}

/// How a remote was set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registered {
    /// The refspec.
    pub refspec: Refspec,
    /// It was opted in now.
    pub is_new: bool,
    /// It is opted in.
    pub is_opted_in: bool,
}

fn usual(name: &str) -> String {
    format!("{FETCHED}{name}/tickets")
}

/// Where a refspec puts the tickets of a remote, if it fetches them to a place of their own.
fn destination(refspec: &str, reference: &str) -> Option<String> {
    let (source, target) = refspec.trim_start_matches('+').split_once(':')?;
    let found = match source.split_once('*') {
        None => (source == reference).then(|| target.to_owned())?,
        Some((front, back)) => {
            let middle = reference.strip_prefix(front)?.strip_suffix(back)?;
            target.replacen('*', middle, 1)
        }
    };
    // Anywhere else nobody would look for them; and over our own they must never go.
    (found.starts_with(FETCHED) && found.ends_with("/tickets")).then_some(found)
}

impl Store {
    /// The remotes that have an address, in order of name.
    pub fn remotes(&self) -> Vec<Remote> {
        let names = self.repo.remote_names();
        let names = names.iter().filter_map(|name| name.to_str().ok());
        names.filter(|name| self.has_address(name)).map(|name| self.remote_named(name)).collect()
    }

    fn has_address(&self, name: &str) -> bool {
        ["url", "pushurl"].iter().any(|key| self.setting(&format!("remote.{name}.{key}")).is_some())
    }

    /// The remote of that name.
    ///
    /// # Errors
    /// When there is none, or its tickets are said to be on a ref that can't be used.
    pub fn remote(&self, name: &str) -> Result<Remote, StoreError> {
        if !self.has_address(name) {
            return Err(StoreError::UnknownRemote(name.to_owned()));
        }
        let remote = self.remote_named(name);
        match remote.fault {
            None => Ok(remote),
            Some(fault) => Err(StoreError::Unsupported(fault)),
        }
    }

    /// The remote that is meant where none is named: `origin`, else the only one.
    pub fn main_remote(&self) -> Option<Remote> {
        let mut remotes = self.remotes();
        match remotes.iter().position(|remote| remote.name == "origin") {
            Some(at) => Some(remotes.swap_remove(at)),
            None if remotes.len() == 1 => remotes.pop(),
            None => None,
        }
    }

    fn remote_named(&self, name: &str) -> Remote {
        let key = format!("remote.{name}.fetch");
        let config = self.repo.config_snapshot();
        let refspecs = config.plumbing().strings(key.as_str()).unwrap_or_default();
        let mut readable = refspecs.iter().filter_map(|value| value.to_str().ok());
        let (reference, fault) = match self.reference_on(name) {
            Ok(reference) => (reference, None),
            Err(error) => (place::DEFAULT.to_owned(), Some(error.to_string())),
        };
        Remote {
            name: name.to_owned(),
            opt_in: self.switch(&format!("remote.{name}.yoi")),
            is_mirror: self.switch(&format!("remote.{name}.mirror")) == Some(true),
            tracking: readable.find_map(|refspec| destination(refspec, &reference)),
            reference,
            fault,
            has_refspecs: !refspecs.is_empty(),
        }
    }

    /// The remote of a push, by the name and address git gives its hook.
    pub fn pushed_remote(&self, name: &str, address: &str) -> Option<Remote> {
        if self.has_address(name) {
            return Some(self.remote_named(name));
        }
        // Only git knows which of its settings rewrite an address.
        self.remotes().into_iter().filter(Remote::takes_part).find(|remote| {
            let asked = git::run(&self.cwd, ["remote", "get-url", "--push", "--all", "--", &remote.name]);
            asked.is_ok_and(|urls| urls.lines().any(|url| url == address))
        })
    }

    /// Makes `git fetch` bring the tickets of a remote and `git push` send ours there. What is there in any
    /// form stays. An opt-in that somebody turned off is turned on only when `is_named`.
    ///
    /// # Errors
    /// When the configuration can't be written.
    pub fn register(&self, remote: &Remote, is_named: bool) -> Result<Registered, StoreError> {
        // Two of us must not both find it missing.
        let _turn = self.turn();
        let name = &remote.name;
        let refspecs = self.values(&format!("remote.{name}.fetch"))?;
        let brings = |refspec: &String| destination(refspec, &remote.reference).is_some();
        let refspec = if refspecs.iter().any(brings) {
            Refspec::Present
        } else if refspecs.is_empty() {
            Refspec::LeftOut
        } else {
            self.drop_former(name)?;
            let refspec = format!("+{}*:{}*", remote.reference, self.free_tracking(name));
            git::run(&self.cwd, ["config", "--local", "--add", &format!("remote.{name}.fetch"), &refspec])?;
            Refspec::Added
        };
        let is_on = remote.opt_in == Some(true);
        let is_new = !is_on && (is_named || remote.opt_in.is_none());
        if is_new {
            git::run(&self.cwd, ["config", "--local", &format!("remote.{name}.yoi"), "true"])?;
        }
        Ok(Registered { refspec, is_new, is_opted_in: is_on || is_new })
    }

    /// Takes out the refspec for another ref that held the tickets before, and what it fetched.
    fn drop_former(&self, name: &str) -> Result<(), StoreError> {
        let key = format!("remote.{name}.fetch");
        let local = git::output(&self.cwd, ["config", "--local", "--null", "--get-all", &key], None)?;
        let text = String::from_utf8_lossy(&local.stdout).into_owned();
        for refspec in text.split_terminator('\0').filter(|refspec| is_ours(refspec)) {
            let pattern = format!("^{}$", quoted(refspec));
            git::run(&self.cwd, ["config", "--local", "--unset-all", &key, &pattern])?;
            let target = refspec.rsplit(':').next().unwrap_or_default().trim_end_matches('*');
            if let Some(tip) = self.read_ref(target)? {
                git::run(&self.cwd, ["update-ref", "-d", target, &tip.to_string()])?;
            }
        }
        Ok(())
    }

    /// Says for good which ref of a remote holds the tickets.
    ///
    /// # Errors
    /// When the configuration can't be written.
    pub fn settle_place(&self, remote: &mut Remote, reference: &str) -> Result<(), StoreError> {
        let key = format!("remote.{}.yoiRef", remote.name);
        git::run(&self.cwd, ["config", "--local", &key, reference])?;
        reference.clone_into(&mut remote.reference);
        remote.tracking = None;
        Ok(())
    }

    /// A place for fetched tickets that is no other remote's: one that was renamed keeps the place of its old
    /// name.
    fn free_tracking(&self, name: &str) -> String {
        let others = self.remotes().into_iter().filter(|other| other.name != name);
        let taken: Vec<String> = others.filter_map(|other| other.tracking).collect();
        let mut place = usual(name);
        let mut number = 1;
        while taken.contains(&place) {
            number += 1;
            place = usual(&format!("{name}-{number}"));
        }
        place
    }

    /// Every value of a key, in every scope, as git reads it now.
    fn values(&self, key: &str) -> Result<Vec<String>, StoreError> {
        let output = git::output(&self.cwd, ["config", "--null", "--get-all", key], None)?;
        match output.status.code() {
            Some(0) => {}
            Some(1) => return Ok(Vec::new()),
            _ => return Err(git::failed(&output)),
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.split_terminator('\0').map(str::to_owned).collect())
    }

    /// How many refspecs of a remote fetch its tickets, in every scope.
    ///
    /// # Errors
    /// When git can't be asked.
    pub fn refspecs_for_tickets(&self, remote: &Remote) -> Result<usize, StoreError> {
        let refspecs = self.values(&format!("remote.{}.fetch", remote.name))?;
        let ours = refspecs.iter().filter(|refspec| destination(refspec, &remote.reference).is_some());
        Ok(ours.count())
    }

    /// Brings the refspecs of a remote that takes part back to one that fetches its tickets: one is added where there
    /// is none, and of several those are taken out that this program wrote, but for the one that is kept. What
    /// others wrote, and what stands in other files than the repository's own, stays.
    ///
    /// # Errors
    /// When the configuration can't be written.
    pub fn mend_refspecs(&self, remote: &Remote) -> Result<(), StoreError> {
        self.register(remote, false)?;
        let _turn = self.turn();
        let key = format!("remote.{}.fetch", remote.name);
        let brings = |refspec: &String| destination(refspec, &remote.reference).is_some();
        let all: Vec<String> = self.values(&key)?.into_iter().filter(brings).collect();
        if all.len() < 2 {
            return Ok(());
        }
        let local = git::output(&self.cwd, ["config", "--local", "--null", "--get-all", &key], None)?;
        let local = String::from_utf8_lossy(&local.stdout).into_owned();
        let own: Vec<&str> =
            local.split_terminator('\0').filter(|one| is_ours(one) && brings(&(*one).to_owned())).collect();
        // Somebody else's does as well; else the first stays, which is where fetched tickets are looked for.
        let keeps_own = own.len() == all.len();
        for refspec in own.iter().collect::<std::collections::BTreeSet<_>>() {
            let pattern = format!("^{}$", quoted(refspec));
            git::run(&self.cwd, ["config", "--local", "--unset-all", &key, &pattern])?;
        }
        if let Some(first) = own.first().filter(|_| keeps_own) {
            git::run(&self.cwd, ["config", "--local", "--add", &key, first])?;
        }
        Ok(())
    }

    /// Takes out what [`Store::register`] put in, of every remote, and the tickets that were fetched. Gives
    /// the remotes that were changed.
    ///
    /// # Errors
    /// When the configuration or a ref can't be written.
    pub fn unregister(&self) -> Result<Vec<String>, StoreError> {
        let _turn = self.turn();
        let question = ["config", "--local", "--null", "--get-regexp", r"^remote\..*\.(fetch|yoi|yoiref)$"];
        let output = git::output(&self.cwd, question, None)?;
        if !output.status.success() && output.status.code() != Some(1) {
            return Err(git::failed(&output));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut changed = Vec::new();
        for entry in text.split_terminator('\0') {
            let (key, value) = entry.split_once('\n').unwrap_or((entry, "true"));
            let Some((name, last)) = key.strip_prefix("remote.").and_then(|rest| rest.rsplit_once('.'))
            else {
                continue;
            };
            let own = match last {
                "fetch" if is_ours(value) => Some(format!("^{}$", quoted(value))),
                "yoi" | "yoiref" => None,
                _ => continue,
            };
            let words = ["config", "--local", "--unset-all", key].into_iter().chain(own.as_deref());
            let output = git::output(&self.cwd, words, None)?;
            // 5: an entry before took it out already.
            if !output.status.success() && output.status.code() != Some(5) {
                return Err(git::failed(&output));
            }
            if !changed.iter().any(|known| known == name) {
                changed.push(name.to_owned());
            }
        }
        self.drop_fetched()?;
        Ok(changed)
    }

    fn drop_fetched(&self) -> Result<(), StoreError> {
        let input: String =
            self.refs_below(FETCHED)?.iter().map(|(name, tip)| format!("delete {name} {tip}\n")).collect();
        if input.is_empty() {
            return Ok(());
        }
        let output = git::output(&self.cwd, ["update-ref", "--stdin"], Some(&input))?;
        if output.status.success() { Ok(()) } else { Err(git::failed(&output)) }
    }

    /// Removes this program's own folder.
    ///
    /// # Errors
    /// When it can't be removed.
    pub fn remove_own_dir(&self) -> Result<(), StoreError> {
        match std::fs::remove_dir_all(self.own_dir()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::from_io("can't remove the folder of git-yoi", &error))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a refspec is one that this program writes; the name in it may be one the remote had before.
fn is_ours(refspec: &str) -> bool {
    let parts = refspec.strip_prefix('+').and_then(|rest| rest.split_once("*:"));
    parts.is_some_and(|(source, target)| {
        let is_one_ref = place::is_usable(source);
        is_one_ref && target.starts_with(FETCHED) && target.ends_with("/tickets*")
    })
}

/// A text as a pattern that fits it alone.
fn quoted(text: &str) -> String {
    let escape = |letter: char| match letter {
        '.' | '+' | '*' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' | '|' | '\\' => {
            vec!['\\', letter]
        }
        _ => vec![letter],
    };
    text.chars().flat_map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refspec_that_brings_tickets_is_known_in_every_form() {
        let here = Some("refs/yoi/remotes/origin/tickets".to_owned());
        for refspec in [
            "+refs/yoi/tickets*:refs/yoi/remotes/origin/tickets*",
            "refs/yoi/tickets:refs/yoi/remotes/origin/tickets",
            "+refs/yoi/*:refs/yoi/remotes/origin/*",
            "+refs/yoi/t*s:refs/yoi/remotes/origin/t*s",
        ] {
            assert_eq!(destination(refspec, place::DEFAULT), here, "{refspec}");
        }
        for refspec in [
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/*:refs/*",
            "+refs/yoi/tickets:refs/yoi/tickets",
            "^refs/yoi/tickets",
            "refs/yoi/tickets",
            "+refs/yoi/tickets:refs/remotes/origin/yoi/tickets",
        ] {
            assert_eq!(destination(refspec, place::DEFAULT), None, "{refspec}");
        }
        let refspec = "+refs/heads/yoi/tickets*:refs/yoi/remotes/origin/tickets*";
        assert_eq!(destination(refspec, place::BRANCH), here);
        assert_eq!(destination(refspec, place::DEFAULT), None);
        assert_eq!(destination("+refs/heads/*:refs/remotes/origin/*", place::BRANCH), None);
    }

    #[test]
    fn only_our_own_refspec_is_taken_out() {
        assert!(is_ours("+refs/yoi/tickets*:refs/yoi/remotes/before/tickets*"));
        assert!(is_ours("+refs/heads/yoi/tickets*:refs/yoi/remotes/before/tickets*"));
        assert!(!is_ours("+refs/yoi/*:refs/yoi/remotes/origin/*"));
        assert!(!is_ours("+refs/heads/*:refs/remotes/origin/*"));
        assert_eq!(quoted("+a.b*"), r"\+a\.b\*");
    }
}
