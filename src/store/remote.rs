//! Taking over the tickets of a remote. Network and credentials are git's.

use gix::bstr::ByteSlice;

use crate::host::Host;

use super::reference::Swap;
use super::{REF, Store, StoreError, git, identity};

impl Store {
    /// Starts this clone's tickets from those of a remote. Says whether the remote has any; what is here
    /// already stays as it is.
    ///
    /// # Errors
    /// When there is no such remote, it can't be fetched from, or the ref can't be made.
    pub fn join(&self, host: &Host, remote: &str, actor: &str) -> Result<bool, StoreError> {
        let known = self.repo.remote_names();
        if !known.iter().any(|name| name.to_str().is_ok_and(|name| name == remote)) {
            return Err(StoreError::UnknownRemote(remote.to_owned()));
        }
        let tracking = format!("refs/yoi/remotes/{remote}/tickets");
        // A pattern, because git fails when an exact ref is not on the remote.
        let refspec = format!("+{REF}*:{tracking}*");
        let quiet = ["--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--refmap="];
        git::run(&self.cwd, ["fetch"].into_iter().chain(quiet).chain(["--", remote, &refspec]))?;
        let Some(tip) = self.read_ref(&tracking)? else { return Ok(false) };
        // Read before it is taken: a ref that holds something else is refused by name.
        self.snapshot_at(Some(tip))?.format()?;
        let (_, committer) =
            identity::signatures(host, &self.identity(host)?, actor, host.clock.now_millis());
        match self.swap_ref(None, tip, &format!("yoi: joined {remote}"), &committer)? {
            Swap::Done => Ok(true),
            Swap::Lost(said) => Err(StoreError::Busy(said)),
        }
    }
}
