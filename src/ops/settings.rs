//! Settings: what is in force and where it comes from; writing them to git's configuration.

use std::fmt;

use crate::format::language::Language;
use crate::format::setting::{self, Kind, Named};
use crate::host::Host;
use crate::store::config::{self, DROPPED, Origins, Scope};

use super::session::Session;
use super::{landing, sending};

/// The origin of what holds where nothing is set.
const DEFAULT: &str = "default";

/// The name under which the acting person or agent is listed: it can be looked at, not set.
const ACTOR: &str = "actor";

/// A setting as it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Its key in git's configuration.
    pub key: String,
    /// Its key in the shared file, if it can stand there.
    pub shared: Option<&'static str>,
    /// The value, unless nothing is set and there is no default.
    pub value: Option<String>,
    /// Where the value comes from: git's word for it, a variable, the shared file, or `default`.
    pub origin: Option<String>,
    /// What it says, in a few words.
    pub about: &'static str,
}

/// What was asked for wrongly.
#[derive(Debug)]
pub enum Fault {
    /// There is no setting of that name.
    Unknown {
        /// What was typed.
        typed: String,
        /// What may have been meant.
        near: Option<&'static str>,
    },
    /// The value can't stand there.
    BadValue {
        /// The setting.
        key: String,
        /// The value.
        value: String,
        /// What may stand there.
        why: String,
    },
    /// The actor is named in other ways.
    Actor,
    /// It is not set where it should be taken out.
    NotSet {
        /// The setting.
        key: String,
        /// Where.
        scope: Scope,
    },
}

impl Fault {
    /// A stable word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Unknown { .. } => "unknown_setting",
            Fault::BadValue { .. } => "bad_setting",
            Fault::Actor => "usage",
            Fault::NotSet { .. } => "not_set",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unknown { typed, .. } => write!(f, "'{}' is no setting of git yoi", typed.escape_debug()),
            Fault::BadValue { key, value, why } => {
                write!(f, "{key} can't be '{}': {why}", value.escape_debug())
            }
            Fault::Actor => write!(f, "the actor is named by --actor, GIT_YOI_ACTOR or user.name"),
            Fault::NotSet { key, scope: Scope::Local } => write!(f, "{key} is not set in this repository"),
            Fault::NotSet { key, scope: Scope::Global } => {
                write!(f, "{key} is not set in your global configuration")
            }
        }
    }
}

impl std::error::Error for Fault {}

fn named(typed: &str) -> Result<Named, Fault> {
    let unknown = || Fault::Unknown { typed: typed.to_owned(), near: setting::nearest(typed) };
    setting::find(typed).ok_or_else(unknown)
}

/// Every setting as it is in force: those of the project, the personal ones, those of remotes that are set, and
/// who acts. `flag` is the name that `--actor` gave.
///
/// # Errors
/// When git can't read its configuration.
pub fn all(session: &Session, flag: Option<&str>) -> anyhow::Result<Vec<InForce>> {
    let origins = config::origins(&session.host.cwd)?;
    let whole = setting::ALL.iter().map(|setting| Named { key: setting.key.to_owned(), setting });
    let remotes = origins.keys().filter(|key| setting::of_remote(key).is_some());
    let remotes = remotes.filter_map(|key| setting::find(key));
    let mut found: Vec<InForce> =
        whole.chain(remotes).map(|named| in_force(session, &origins, &named)).collect();
    found.push(actor(session, &origins, flag));
    Ok(found)
}

/// One setting as it is in force.
///
/// # Errors
/// When there is none of that name, or git can't read its configuration.
pub fn one(session: &Session, typed: &str, flag: Option<&str>) -> anyhow::Result<InForce> {
    if typed.eq_ignore_ascii_case(ACTOR) {
        return Ok(actor(session, &config::origins(&session.host.cwd)?, flag));
    }
    let named = named(typed)?;
    Ok(in_force(session, &config::origins(&session.host.cwd)?, &named))
}

/// Writes a setting to git's configuration. Gives its key and the value that was written.
///
/// # Errors
/// When there is none of that name, the value can't stand there, or git can't write.
pub fn set(host: &Host, scope: Scope, typed: &str, value: &str) -> anyhow::Result<(String, String)> {
    let named = writable(typed)?;
    let bad = |why| Fault::BadValue { key: named.key.clone(), value: value.to_owned(), why };
    let value = config::check(named.setting, value).map_err(bad)?;
    config::write(&host.cwd, scope, &named.key, &value)?;
    Ok((named.key, value))
}

/// Takes a setting out of git's configuration. Gives its key.
///
/// # Errors
/// When there is none of that name, it is not set there, or git can't write.
pub fn unset(host: &Host, scope: Scope, typed: &str) -> anyhow::Result<String> {
    let key = writable(typed)?.key;
    match config::remove(&host.cwd, scope, &key)? {
        true => Ok(key),
        false => Err(Fault::NotSet { key, scope }.into()),
    }
}

fn writable(typed: &str) -> Result<Named, Fault> {
    if typed.eq_ignore_ascii_case(ACTOR) { Err(Fault::Actor) } else { named(typed) }
}

/// A key as git prints it: small letters, but for the name of a remote.
fn printed(key: &str) -> String {
    match setting::of_remote(key) {
        Some((remote, last)) => format!("remote.{remote}.{}", last.to_ascii_lowercase()),
        None => key.to_ascii_lowercase(),
    }
}

fn in_force(session: &Session, origins: &Origins, named: &Named) -> InForce {
    let set = origins.get(&printed(&named.key));
    let is_dropped = |value: &str| match named.setting.kind {
        Kind::Switch => setting::switch(value).is_none(),
        _ => config::check(named.setting, value).is_err(),
    };
    let set = set.filter(|(value, _)| !(DROPPED.contains(&named.setting.key) && is_dropped(value)));
    let found = |value: String, origin: &str| (Some(value), Some(origin.to_owned()));
    let (value, origin) = match (named.key.as_str(), set) {
        ("pager.yoi", _) => pager(session, origins),
        ("yoi.targetBranches", Some((value, _))) if value.trim_matches([',', ' ']).is_empty() => {
            (value_of(session, named, None), Some(DEFAULT.to_owned()))
        }
        (_, Some((value, origin))) => (value_of(session, named, Some(value)), Some(origin.clone())),
        ("color.yoi", None) => match origins.get("color.ui") {
            Some((value, origin)) => found(value.clone(), origin),
            None => (value_of(session, named, None), Some(DEFAULT.to_owned())),
        },
        (_, None) => {
            let is_shared = named.setting.shared.iter().any(|key| session.settings.from_file.contains(key));
            let origin = if is_shared { session.store.shared_origin() } else { DEFAULT.to_owned() };
            (value_of(session, named, None), Some(origin))
        }
    };
    InForce {
        key: named.key.clone(),
        shared: named.setting.shared.first().copied(),
        origin: origin.filter(|_| value.is_some()),
        value,
        about: named.setting.about,
    }
}

/// The value that commands go by; `set` is what git's configuration says.
fn value_of(session: &Session, named: &Named, set: Option<&String>) -> Option<String> {
    let settings = &session.settings;
    Some(match named.key.as_str() {
        "yoi.language" => match settings.language {
            Language::English => "English".to_owned(),
            Language::Japanese => "Japanese".to_owned(),
        },
        "yoi.targetBranches" => {
            let targets = landing::targets(session).unwrap_or_default();
            let names: Vec<String> = targets.into_iter().map(|target| target.name).collect();
            return Some(names.join(",")).filter(|names| !names.is_empty());
        }
        "yoi.branchTemplate" => settings.branch_template.clone(),
        "yoi.worktreeDir" => settings.worktree_dir.clone(),
        "yoi.trailer" => settings.trailer.clone(),
        "yoi.requireReview" => settings.policy.require_review.to_string(),
        "yoi.requireLanding" => settings.policy.require_landing.to_string(),
        "yoi.catchUp" => settings.catch_up.to_string(),
        "yoi.autoJoin" => (session.store.switch("yoi.autoJoin") == Some(true)).to_string(),
        "yoi.pushTimeout" => sending::limit(session).as_secs_f64().to_string(),
        "yoi.ref" => session.store.reference().to_owned(),
        "yoi.remoteRef" => set.cloned().unwrap_or_else(|| session.store.reference().to_owned()),
        _ => match (named.setting.kind, set) {
            (Kind::Switch, Some(value)) => setting::switch(value).unwrap_or(false).to_string(),
            (_, set) => return set.cloned().or_else(|| named.setting.default.map(str::to_owned)),
        },
    })
}

/// The pager, by the rules of git: `pager.yoi` may be a truth value or a command.
fn pager(session: &Session, origins: &Origins) -> (Option<String>, Option<String>) {
    let own = origins.get("pager.yoi");
    let is_on = own.and_then(|(value, _)| setting::switch(value));
    let variable = |name: &str| {
        let value = session.host.var_os(name)?.to_str()?.to_owned();
        Some((value, format!("environment:{name}")))
    };
    let chosen = match is_on {
        Some(false) => own.map(|(_, origin)| ("false".to_owned(), origin.clone())),
        _ => variable("GIT_PAGER")
            .or_else(|| own.filter(|_| is_on.is_none()).cloned())
            .or_else(|| origins.get("core.pager").cloned())
            .or_else(|| variable("PAGER")),
    };
    chosen.map_or((None, None), |(value, origin)| (Some(value), Some(origin)))
}

fn actor(session: &Session, origins: &Origins, flag: Option<&str>) -> InForce {
    let value = session.actor().ok();
    let variable = |name: &str| session.host.var(name).map(|_| format!("environment:{name}"));
    let set =
        |key: &str| origins.get(key).filter(|(value, _)| !value.is_empty()).map(|(_, origin)| origin.clone());
    let origin = flag
        .map(|_| "command line:".to_owned())
        .or_else(|| variable("GIT_YOI_ACTOR"))
        .or_else(|| variable("GIT_COMMITTER_NAME"))
        .or_else(|| set("committer.name"))
        .or_else(|| set("user.name"))
        .filter(|_| value.is_some());
    InForce { key: ACTOR.to_owned(), shared: None, value, origin, about: "who acts" }
}
