//! Who writes: names and addresses from git's own settings, times from the clock.

use chrono::{Local, Offset, TimeZone};

use crate::host::Host;

use super::{Store, StoreError};

/// The person at the keyboard, as git would name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl Store {
    /// The committer: `GIT_COMMITTER_NAME` and `_EMAIL`, else `committer.*`, else `user.*`, else `EMAIL`.
    ///
    /// # Errors
    /// When no name or no address is to be had.
    pub fn identity(&self, host: &Host) -> Result<Identity, StoreError> {
        let config = self.repo.config_snapshot();
        let setting =
            |key: &str| config.string(key).map(|value| value.to_string()).filter(|value| !value.is_empty());
        let variable = |name: &str| host.var(name).map(str::to_owned);
        let name = variable("GIT_COMMITTER_NAME")
            .or_else(|| setting("committer.name"))
            .or_else(|| setting("user.name"))
            .map(|name| plain(&name))
            .filter(|name| !name.is_empty())
            .ok_or(StoreError::NoIdentity("user.name"))?;
        let email = variable("GIT_COMMITTER_EMAIL")
            .or_else(|| setting("committer.email"))
            .or_else(|| setting("user.email"))
            .or_else(|| variable("EMAIL"))
            .map(|email| plain(&email))
            .ok_or(StoreError::NoIdentity("user.email"))?;
        Ok(Identity { name, email })
    }
}

/// Author and committer of a commit on the ref: the actor by name, and the user.
pub(super) fn signatures(
    host: &Host,
    user: &Identity,
    actor: &str,
    millis: u64,
) -> (gix::actor::Signature, gix::actor::Signature) {
    let seconds = i64::try_from(millis / 1000).unwrap_or(0);
    let signature = |name: &str, date: &str| gix::actor::Signature {
        // A name of nothing but what git drops would leave the commit without an author.
        name: Some(plain(name)).filter(|name| !name.is_empty()).unwrap_or_else(|| user.name.clone()).into(),
        email: user.email.as_str().into(),
        time: forced_time(host, date).unwrap_or_else(|| local_time(seconds)),
    };
    (signature(actor, "GIT_AUTHOR_DATE"), signature(&user.name, "GIT_COMMITTER_DATE"))
}

/// The name and the address that stand for nobody in particular.
pub(super) const DERIVED: (&str, &str) = ("git-yoi", "git-yoi@localhost");

/// Author and committer of a commit that every clone would make alike.
pub(super) fn derived(millis: u64) -> (gix::actor::Signature, gix::actor::Signature) {
    let seconds = i64::try_from(millis / 1000).unwrap_or(0);
    let signature = gix::actor::Signature {
        name: DERIVED.0.into(),
        email: DERIVED.1.into(),
        time: gix::date::Time::new(seconds, 0),
    };
    (signature.clone(), signature)
}

/// The time git's own variables force on commits, as git reads it.
fn forced_time(host: &Host, variable: &str) -> Option<gix::date::Time> {
    gix::date::parse(host.var(variable)?, None).ok()
}

fn local_time(seconds: i64) -> gix::date::Time {
    let offset =
        Local.timestamp_opt(seconds, 0).single().map_or(0, |time| time.offset().fix().local_minus_utc());
    gix::date::Time::new(seconds, offset)
}

/// Without what would break the line a name stands in, as git itself drops it.
pub(super) fn plain(text: &str) -> String {
    let kept: String =
        text.chars().filter(|letter| !matches!(letter, '<' | '>' | '\n' | '\r' | '\0')).collect();
    kept.trim_matches(|letter: char| letter.is_whitespace() || ".,:;\"\\'".contains(letter)).to_owned()
}
