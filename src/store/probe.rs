//! A ref to try a remote with: a host may refuse refs that are no branches, or lose them.
//!
//! It points at the same empty commit wherever it is made, so that a guard on a server knows it by its name.

use gix::objs::Tree;

use crate::host::Host;

use super::incoming::Update;
use super::pack::Sink;
use super::remote::Remote;
use super::talk::Terms;
use super::transport::Sent;
use super::{ObjectId, Store, StoreError, identity};

/// Where such refs are beside the usual one for tickets.
pub const FOLDER: &str = "refs/yoi/probe/";

/// Its commit has one time everywhere: 2001-09-09T01:46:40Z, a number of seconds no host takes for damage.
const MILLIS: u64 = 1_000_000_000_000;

/// What a remote did with such a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// It kept it, and let it go again.
    Kept,
    /// It did not take it, and said why.
    Refused(String),
    /// It said that it took it, and has none.
    Lost,
    /// It kept it, and does so still; why, if it said that.
    Stays(Option<String>),
}

/// The name of such a ref beside that of the tickets.
fn name(reference: &str, chance: u128) -> String {
    let folder = reference.rsplit_once('/').map_or("refs/yoi", |(folder, _)| folder);
    // Branches of that name could be somebody's, but for those in a folder that is ours.
    let own = if folder.rsplit('/').next() == Some("yoi") { "probe" } else { "yoi-probe" };
    format!("{folder}/{own}/{:016x}", chance >> 64)
}

fn commit(sink: &mut Sink) -> Result<ObjectId, StoreError> {
    let tree = sink.value(&Tree::empty())?;
    let (author, committer) = identity::derived(MILLIS);
    sink.value(&gix::objs::Commit {
        tree,
        parents: Default::default(),
        author,
        committer,
        encoding: None,
        message: "probe\n\nWhether this host keeps such refs. It can be deleted.\n".into(),
        extra_headers: Vec::new(),
    })
}

/// Whether a push does no more than a probe does.
pub fn is_harmless(store: &Store, update: &Update) -> bool {
    let is_probe = |hex: &str| {
        let zero = hex.bytes().all(|digit| digit == b'0');
        zero || commit(&mut Sink::dry(store))
            .is_ok_and(|commit| ObjectId::from_hex(hex.as_bytes()).is_ok_and(|id| id == commit))
    };
    update.reference.starts_with(FOLDER) && is_probe(&update.old) && is_probe(&update.new)
}

impl Store {
    /// Pushes a ref beside the tickets' own, reads it back, and removes it. Gives its name, too.
    ///
    /// # Errors
    /// When the remote can't be reached.
    pub fn probe(&self, host: &Host, remote: &Remote, terms: Terms) -> Result<(String, Probed), StoreError> {
        let name = name(&remote.reference, host.entropy.bits());
        let mut sink = Sink::new(self, 0, 0)?;
        let commit = commit(&mut sink)?;
        sink.finish()?;
        match self.push_one(host, remote, &format!("{commit}:{name}"), terms)? {
            Sent::Done => {}
            Sent::Refused(why) => return Ok((name, Probed::Refused(why))),
            Sent::Behind => return Ok((name, Probed::Refused("refused: the ref is locked".to_owned()))),
        }
        let is_there = || Ok::<_, StoreError>(!self.ask_for(host, remote, &[&name], terms)?.is_empty());
        if !is_there()? {
            return Ok((name, Probed::Lost));
        }
        let removed = self.push_one(host, remote, &format!(":{name}"), terms)?;
        let still = is_there()?;
        let outcome = match removed {
            Sent::Refused(why) if still => Probed::Stays(Some(why)),
            Sent::Done | Sent::Behind | Sent::Refused(_) if still => Probed::Stays(None),
            Sent::Done | Sent::Behind | Sent::Refused(_) => Probed::Kept,
        };
        Ok((name, outcome))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::place;

    #[test]
    fn a_probe_stands_beside_the_tickets_and_on_nobodys_branch() {
        let chance = 7 << 64;
        assert_eq!(name(place::DEFAULT, chance), format!("{FOLDER}0000000000000007"));
        assert_eq!(name(place::BRANCH, chance), "refs/heads/yoi/probe/0000000000000007");
        assert_eq!(name("refs/heads/tickets", chance), "refs/heads/yoi-probe/0000000000000007");
    }
}
