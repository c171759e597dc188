//! Every setting there is: its names, what may stand there, and what holds without it.

use super::language::Language;
use crate::model::id::TicketId;
use crate::model::near::near;
use crate::model::refusal::Refusal;
use crate::model::{branch, plan, text};

/// The most seconds that sending may take: git waits, and servers drop whoever is silent.
pub const MOST_SECONDS: f64 = 300.0;

/// An id to try a template of branches with.
const SAMPLE: &str = "00001KVZKSV6C";

/// What may stand in a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The name of a language.
    Language,
    /// True or false.
    Switch,
    /// A template for names of branches.
    Template,
    /// A folder, from the top of the main work tree.
    Folder,
    /// The key of a trailer.
    Trailer,
    /// Names of branches, separated by commas or blanks.
    Branches,
    /// A number of seconds.
    Seconds,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// The full name of a ref.
    Reference,
    /// Any text.
    Text,
}

/// A setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key in git's configuration; of one for each remote only the last part.
    pub key: &'static str,
    /// Its keys in the shared file, the one that wins first; empty for a personal one.
    pub shared: &'static [&'static str],
    /// What may stand there.
    pub kind: Kind,
    /// What holds where nothing is set, if that is always the same.
    pub default: Option<&'static str>,
    /// What it says, in a few words.
    pub about: &'static str,
}

const fn setting(
    key: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    about: &'static str,
) -> Setting {
    Setting { key, shared: &[], kind, default, about }
}

const fn shared(keys: &'static [&'static str], setting: Setting) -> Setting {
    Setting { shared: keys, ..setting }
}

/// The words of `color.yoi`.
const COLORS: &[&str] = &["always", "never", "auto", "true", "false"];

/// Every setting but those of a remote.
pub static ALL: [Setting; 15] = [
    shared(
        &["ticket.language"],
        setting(
            "yoi.language",
            Kind::Language,
            Some("English"),
            "the language of headings and fixed sentences",
        ),
    ),
    shared(
        &["yoi.target_branches"],
        setting("yoi.targetBranches", Kind::Branches, None, "where work lands, the deciding branch first"),
    ),
    shared(
        &["yoi.branch_template"],
        setting(
            "yoi.branchTemplate",
            Kind::Template,
            Some("work/{id}-{slug}"),
            "the name of a ticket's branch",
        ),
    ),
    shared(
        &["yoi.worktree_dir", "ticket.orchestration.worktree_dir"],
        setting("yoi.worktreeDir", Kind::Folder, Some(".worktree"), "where worktrees go"),
    ),
    shared(
        &["yoi.require_review"],
        setting("yoi.requireReview", Kind::Switch, Some("false"), "done only if the last review approves"),
    ),
    shared(
        &["yoi.require_landing"],
        setting("yoi.requireLanding", Kind::Switch, Some("false"), "done only if a landing is recorded"),
    ),
    shared(
        &["yoi.trailer"],
        setting(
            "yoi.trailer",
            Kind::Trailer,
            Some("Ticket"),
            "the key that names a ticket in a commit's message",
        ),
    ),
    setting("yoi.catchUp", Kind::Switch, Some("true"), "commands record what landed since the last one"),
    setting("yoi.autoJoin", Kind::Switch, Some("false"), "new clones join the tickets of their remote"),
    setting("yoi.pushTimeout", Kind::Seconds, None, "the most seconds that a push waits for tickets"),
    setting("yoi.prompt", Kind::Word(&["ask", "never"]), None, "whether git may ask for a password"),
    setting("yoi.ref", Kind::Reference, Some("refs/yoi/tickets"), "the ref that holds the tickets here"),
    setting("yoi.remoteRef", Kind::Reference, None, "the ref that holds the tickets on remotes"),
    setting("pager.yoi", Kind::Text, None, "whether there is a pager, or its command"),
    setting("color.yoi", Kind::Word(COLORS), Some("auto"), "when to use colour"),
];

/// The settings of one remote, below `remote.<name>.`.
pub static OF_REMOTES: [Setting; 2] = [
    setting("yoi", Kind::Switch, None, "whether the remote takes part"),
    setting("yoiRef", Kind::Reference, None, "the ref that holds the tickets on this remote"),
];

/// A setting with its whole key in git's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The key, as git writes it.
    pub key: String,
    /// The setting.
    pub setting: &'static Setting,
}

/// The setting that somebody means who types its key as git or as the shared file has it, in any case.
pub fn find(typed: &str) -> Option<Named> {
    let plain = |word: &str| word.replace('_', "").to_ascii_lowercase();
    if let Some((remote, last)) = of_remote(typed) {
        let setting = OF_REMOTES.iter().find(|setting| setting.key.eq_ignore_ascii_case(last))?;
        return Some(Named { key: format!("remote.{remote}.{}", setting.key), setting });
    }
    let wanted = plain(typed);
    let is_meant = |name: &str| {
        let name = plain(name);
        name == wanted || name.strip_prefix("yoi.") == Some(&wanted)
    };
    let setting = ALL.iter().find(|one| is_meant(one.key) || one.shared.iter().any(|name| is_meant(name)))?;
    Some(Named { key: setting.key.to_owned(), setting })
}

/// The name of a remote and the last part, of a key of git's `remote` section.
pub fn of_remote(key: &str) -> Option<(&str, &str)> {
    let rest = key.get(..7).filter(|start| start.eq_ignore_ascii_case("remote.")).map(|_| &key[7..])?;
    rest.rsplit_once('.').filter(|(remote, _)| !remote.is_empty())
}

/// The key that somebody may have meant who typed an unknown one.
pub fn nearest(typed: &str) -> Option<&'static str> {
    let whole = || ALL.iter().flat_map(|one| std::iter::once(one.key).chain(one.shared.iter().copied()));
    if typed.contains('.') {
        return near(typed, whole());
    }
    near(typed, whole().filter_map(|name| name.strip_prefix("yoi.").or_else(|| name.strip_prefix("ticket."))))
}

/// A value that git takes for true or false.
pub fn switch(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" | "" => Some(false),
        number => number.parse::<i64>().ok().map(|number| number != 0),
    }
}

impl Setting {
    /// The value as it is written, or what may stand there instead. Names of refs and branches are told to be
    /// text here only: git knows more about them.
    ///
    /// # Errors
    /// In words, what may stand there.
    pub fn check(&self, value: &str) -> Result<String, String> {
        let value = text::line("value", value).map_err(|refusal| why(&refusal))?;
        let is_fine = match self.kind {
            Kind::Language => Language::is_known(&value),
            Kind::Switch => {
                return match switch(&value).filter(|_| !value.is_empty()) {
                    Some(is_on) => Ok(is_on.to_string()),
                    None => Err("it is true or false".to_owned()),
                };
            }
            Kind::Template => return template(&value),
            Kind::Folder => return folder(&value),
            Kind::Trailer => is_trailer(&value),
            Kind::Seconds => {
                value.trim().parse::<f64>().is_ok_and(|seconds| seconds > 0.0 && seconds <= MOST_SECONDS)
            }
            Kind::Word(words) => words.contains(&value.as_str()),
            Kind::Branches | Kind::Reference | Kind::Text => !value.trim().is_empty(),
        };
        if is_fine { Ok(value) } else { Err(self.expected()) }
    }

    /// What may stand there.
    pub fn expected(&self) -> String {
        match self.kind {
            Kind::Language => "it is English or Japanese".to_owned(),
            Kind::Switch => "it is true or false".to_owned(),
            Kind::Template => "it is the name of a branch with {id}, and {slug} if you like".to_owned(),
            Kind::Folder => "it is a folder, relative to the top of the work tree".to_owned(),
            Kind::Trailer => "it is letters, digits and hyphens, such as Ticket".to_owned(),
            Kind::Branches => "it is names of branches, separated by commas".to_owned(),
            Kind::Seconds => format!("it is seconds, more than 0 and at most {MOST_SECONDS}"),
            Kind::Word(words) => format!("it is one of {}", words.join(", ")),
            Kind::Reference => "it is the full name of a ref, such as refs/heads/yoi/tickets".to_owned(),
            Kind::Text => "it is some text".to_owned(),
        }
    }
}

/// Whether a text can be the key of a trailer: git writes and finds no other, and nothing else gets into a
/// message with it.
pub fn is_trailer(value: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    value.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && value.chars().all(is_part)
}

fn template(value: &str) -> Result<String, String> {
    if !value.contains("{id}") {
        return Err("it needs {id}, by which hooks know the ticket".to_owned());
    }
    let Some(id) = TicketId::parse(SAMPLE) else { return Ok(value.to_owned()) };
    for slug in ["a", ""] {
        branch::name(value, id, slug).map_err(|refusal| why(&refusal))?;
    }
    Ok(value.to_owned())
}

fn folder(value: &str) -> Result<String, String> {
    let below = plan::worktree(&format!("{value}/x"), None).map_err(|refusal| why(&refusal))?;
    match below.split('/').any(|part| part.starts_with('-') || part.eq_ignore_ascii_case(".git")) {
        true => Err("a part of it is '.git' or begins with '-'".to_owned()),
        false => Ok(value.to_owned()),
    }
}

fn why(refusal: &Refusal) -> String {
    match refusal {
        Refusal::BadText { why, .. } => why.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_as_git_and_as_the_file_has_it() {
        let key = |typed| find(typed).map(|named| named.key);
        for typed in ["require_review", "requireReview", "yoi.requirereview", "YOI.REQUIRE_REVIEW"] {
            assert_eq!(key(typed).as_deref(), Some("yoi.requireReview"), "{typed}");
        }
        assert_eq!(key("ticket.language").as_deref(), Some("yoi.language"));
        assert_eq!(key("ticket.orchestration.worktree_dir").as_deref(), Some("yoi.worktreeDir"));
        assert_eq!(key("Remote.a.B.YOIREF").as_deref(), Some("remote.a.B.yoiRef"));
        for typed in [
            "",
            "yoi",
            "yoi.",
            "user.name",
            "core.pager",
            "pager",
            "remote.x.url",
            "remote..yoi",
            "remote.yoi",
            "日本語日本語",
        ] {
            assert_eq!(key(typed), None, "{typed}");
        }
        assert_eq!(nearest("require_reviews"), Some("require_review"));
        assert_eq!(nearest("yoi.requireReviews"), Some("yoi.requireReview"));
        assert_eq!(nearest("zzzzzzzz"), None);
    }

    #[test]
    fn defaults_can_be_set_and_what_readers_refuse_can_not() {
        for one in &ALL {
            assert!(one.default.is_none_or(|value| one.check(value).is_ok()), "{one:?}");
        }
        let check = |key: &str, value: &str| find(key).unwrap().setting.check(value);
        assert_eq!(check("require_review", "YES"), Ok("true".to_owned()));
        assert_eq!(check("require_review", "0"), Ok("false".to_owned()));
        for (key, value) in [
            ("require_review", "maybe"),
            ("require_review", ""),
            ("language", "Klingon"),
            ("branch_template", "work/{slug}"),
            ("branch_template", "$(x)/{id}"),
            ("branch_template", "{id}/{other}"),
            ("worktree_dir", "/tmp"),
            ("worktree_dir", "../../x"),
            ("worktree_dir", "a/.git"),
            ("worktree_dir", "-x"),
            ("worktree_dir", "~/x"),
            ("trailer", "a: b"),
            ("trailer", "-a"),
            ("trailer", "a\nb"),
            ("trailer", ""),
            ("pushTimeout", "0"),
            ("pushTimeout", "301"),
            ("pushTimeout", "NaN"),
            ("pushTimeout", "soon"),
            ("prompt", "Ask"),
            ("targetBranches", " "),
        ] {
            assert!(check(key, value).is_err(), "{key} {value:?}");
        }
        for (key, value) in [("worktree_dir", "../trees"), ("worktree_dir", "."), ("pushTimeout", "0.5")] {
            assert!(check(key, value).is_ok(), "{key} {value:?}");
        }
    }
}
