//! What the subject of a merge says: which branch, into which, and in which words.

use super::super::commit::ticket_of_branch;
use super::super::id::TicketId;

/// Branches that are merged into others to bring them up to date, besides the targets themselves.
const TRUNKS: [&str; 4] = ["main", "master", "trunk", "develop"];
/// Words that begin the subject of a merge that only brings something up to date.
const SYNC: [&str; 6] = ["sync", "syncs", "synchronize", "synchronise", "resync", "backmerge"];
/// Areas that say that a commit only keeps tickets.
const RECORD: [&str; 2] = ["ticket", "tickets"];
/// Words before an id in a branch name that say nothing about the work.
const BRANCH_KINDS: [&str; 8] = ["ticket", "work", "impl", "feature", "feat", "fix", "bug", "issue"];

/// Words that tell nothing apart.
const SMALL_WORDS: [&str; 15] = [
    "a",
    "an",
    "the",
    "of",
    "for",
    "to",
    "in",
    "on",
    "and",
    "with",
    "from",
    "by",
    "add",
    "implement",
    "integrate",
];

/// The subject of a merge, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// The branch it names as merged, where it names one.
    pub(super) branch: Option<String>,
    /// The branch it names as merged into.
    pub(super) into: Option<String>,
    /// Its words about the work, in small letters: those of the branch, or of the sentence.
    pub(super) words: Vec<String>,
    /// The tickets it names as merged; none in the subject of a commit that keeps tickets.
    pub(super) ids: Vec<TicketId>,
    /// Whether it begins as merges do that bring something up to date.
    pub(super) is_sync: bool,
}

impl Subject {
    /// Takes a subject apart. `is_target` knows the names of the target branches.
    pub(super) fn read(subject: &str, is_target: impl Fn(&str) -> bool) -> Self {
        let (_, rest) = area(subject);
        let rest = after_verb(rest);
        let (what, into) = match rest.rsplit_once(" into ") {
            Some((what, into)) => (what, Some(unquoted(into).to_owned())),
            None => (rest, None),
        };
        let branch = branch(what);
        let words = match &branch {
            Some(branch) => slug(branch),
            None => words(what),
        };
        let names_trunk = |name: &str| {
            let inner = name.split_once('/').map_or(name, |(_, inner)| inner);
            [name, inner].iter().any(|name| TRUNKS.contains(name) || is_target(name))
        };
        let is_sync_word = |word: &str| SYNC.iter().any(|sync| word.eq_ignore_ascii_case(sync));
        let first = what.split(' ').next().unwrap_or_default();
        let from = what.rsplit(' ').next().unwrap_or_default();
        let is_from = into.is_some() || what.ends_with(&format!(" from {from}"));
        let is_sync = match &branch {
            // Whoever asks for a merge may have worked on the main branch of a copy.
            Some(_) if what.starts_with("pull request #") => false,
            Some(branch) => names_trunk(branch) || is_sync_word(branch),
            None => is_sync_word(first) || is_from && names_trunk(from),
        };
        let ids = if is_record(subject) { Vec::new() } else { ids(what) };
        Subject { branch, into, words, ids, is_sync }
    }

    /// Whether it was merged into the branch of a ticket, or of the same name: the work is not in yet.
    pub(super) fn is_inner(&self) -> bool {
        self.receiving_ticket().is_some() || (self.into.is_some() && self.into == self.branch)
    }

    /// The ticket into whose branch it was merged.
    pub(super) fn receiving_ticket(&self) -> Option<TicketId> {
        self.into.as_deref().and_then(ticket_of_branch)
    }

    /// Whether it joins two states of one branch: what it brought is still of the same line.
    pub(super) fn is_of_one_branch(&self) -> bool {
        self.is_inner() && self.ids.iter().all(|id| self.receiving_ticket() == Some(*id))
    }
}

/// Whether a commit that is no merge says that it only keeps tickets.
pub(super) fn is_record(subject: &str) -> bool {
    area(subject).0.is_some_and(|area| RECORD.iter().any(|word| area.eq_ignore_ascii_case(word)))
}

/// The area before the first colon, `fix` or `fix(ui)`, and the rest.
fn area(subject: &str) -> (Option<&str>, &str) {
    let is_area = |letter: char| letter.is_ascii_alphanumeric() || "()-_/!".contains(letter);
    match subject.split_once(": ") {
        Some((area, rest)) if !area.is_empty() && area.chars().all(is_area) => (Some(area), rest.trim()),
        _ => (None, subject.trim()),
    }
}

/// Leaves out `Merge`, `Merged` and the like at the start.
fn after_verb(text: &str) -> &str {
    match text.split_once(' ') {
        Some((first, rest))
            if ["merge", "merged", "merges", "merging"]
                .iter()
                .any(|verb| first.eq_ignore_ascii_case(verb)) =>
        {
            rest.trim()
        }
        _ => text,
    }
}

/// The branch in the forms of git and of forges, or the only word there is.
fn branch(text: &str) -> Option<String> {
    let quoted = ["branch '", "branches '", "remote-tracking branch '"];
    if let Some(rest) = quoted.iter().find_map(|start| text.strip_prefix(start)) {
        return rest.split_once('\'').map(|(name, _)| name.to_owned());
    }
    if let Some((_, from)) = text.strip_prefix("pull request #").and_then(|rest| rest.split_once(" from ")) {
        return from.split(' ').next().map(str::to_owned);
    }
    if let Some((name, _)) = text.strip_prefix("in ").and_then(|rest| rest.split_once(" (pull request #")) {
        return Some(name.to_owned());
    }
    let text = unquoted(text);
    (!text.is_empty() && !text.contains(' ')).then(|| text.to_owned())
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(|letter| matches!(letter, '\'' | '"' | '`'))
}

/// The full ids in a text, in any case of letters.
fn ids(text: &str) -> Vec<TicketId> {
    let parts = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let mut found: Vec<TicketId> =
        parts.filter_map(|part| TicketId::parse(&part.to_ascii_uppercase())).collect();
    found.sort();
    found.dedup();
    found
}

/// The tickets that the subject of a commit names.
pub(super) fn named(subject: &str) -> Vec<TicketId> {
    if is_record(subject) { Vec::new() } else { ids(subject) }
}

/// The words of a text that tell what it is about, in small letters, without ids, small words and plural.
pub(super) fn words(text: &str) -> Vec<String> {
    let parts = text.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty());
    let kept = parts.filter(|part| TicketId::parse(&part.to_ascii_uppercase()).is_none());
    let small = kept.map(str::to_lowercase).filter(|word| !SMALL_WORDS.contains(&word.as_str()));
    small.map(|word| singular(&word)).collect()
}

fn singular(word: &str) -> String {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() >= 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// The words of a branch or worktree that tell what it is about: of its last part, without the id and what
/// stands before it.
pub(super) fn slug(name: &str) -> Vec<String> {
    let last = name.rsplit('/').next().unwrap_or(name);
    let parts: Vec<&str> = last.split(|letter: char| !letter.is_alphanumeric()).collect();
    let id = parts.iter().position(|part| TicketId::parse(&part.to_ascii_uppercase()).is_some());
    let is_kind = |part: &&str| BRANCH_KINDS.contains(&part.to_ascii_lowercase().as_str());
    match id {
        Some(id) if parts[..id].iter().all(is_kind) => words(&parts[id + 1..].join(" ")),
        _ => words(last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00001KVZKSV6C";

    fn read(subject: &str) -> Subject {
        Subject::read(subject, |name| name == "release")
    }

    #[test]
    fn a_subject_is_taken_apart_in_the_forms_of_git_forges_and_people() {
        for (subject, branch, into, words) in [
            (
                "Merge branch 'work/00001KVZKSV6C-red-hats'",
                Some("work/00001KVZKSV6C-red-hats"),
                None,
                "red hat",
            ),
            ("Merge branch 'red' of host:repo into 'main'", Some("red"), Some("main"), "red"),
            ("Merge remote-tracking branch 'origin/red-hat'", Some("origin/red-hat"), None, "red hat"),
            ("Merge pull request #3 from someone/red-hat", Some("someone/red-hat"), None, "red hat"),
            ("Merged in feature/red-hat (pull request #4)", Some("feature/red-hat"), None, "red hat"),
            ("merge: red-hat", Some("red-hat"), None, "red hat"),
            ("merge: the red hats", None, None, "red hat"),
            ("feat(ui): merge red hats into develop", None, Some("develop"), "red hat"),
            ("Merge ticket 00001KVZKSV6C red hats", None, None, "ticket red hat"),
        ] {
            let read = read(subject);
            assert_eq!((read.branch.as_deref(), read.into.as_deref()), (branch, into), "{subject}");
            assert_eq!(read.words.join(" "), words, "{subject}");
            assert!(!read.is_sync, "{subject}");
        }
    }

    #[test]
    fn a_merge_that_brings_up_to_date_is_told_from_work() {
        for subject in [
            "Merge branch 'main' into work/red",
            "Merge remote-tracking branch 'origin/develop' into develop",
            "Merge branch 'release' into work/red",
            "merge: sync collected before queue 00001KVZKSV6C",
            "chore: merge current develop into work/red",
            "chore: update sources from master",
        ] {
            assert!(read(subject).is_sync, "{subject}");
        }
        for subject in [
            "Merge pull request #3 from someone/main",
            "Merge branch 'sync-engine'",
            "merge: 00001KVZKSV6C sync engine",
            "merge: words for the main window",
            "sync: red clocks",
            "merge: update red clocks",
        ] {
            assert!(!read(subject).is_sync, "{subject}");
        }
    }

    #[test]
    fn ids_are_read_from_what_was_merged_only() {
        let id = TicketId::parse(ID).unwrap();
        assert_eq!(read("merge: 00001kvzksv6c red").ids, [id]);
        assert_eq!(read("Merge branch 'red' into work/00001KVZKSV6C-blue").ids, []);
        assert_eq!(read("ticket: merge 00001KVZKSV6C").ids, []);
        assert_eq!(
            (named("fix: red (00001KVZKSV6C)"), named("ticket: queue 00001KVZKSV6C")),
            (vec![id], vec![])
        );
    }

    #[test]
    fn the_slug_is_what_follows_the_id() {
        for name in
            ["work/00001KVZKSV6C-red-hat", "ticket-00001KVZKSV6C-red-hat", "/a/b/red-hat", "impl/red_hat"]
        {
            assert_eq!(slug(name), ["red", "hat"], "{name}");
        }
        assert_eq!(slug("fix-red-hat"), ["fix", "red", "hat"]);
    }
}
