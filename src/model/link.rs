//! Which commits belong to a ticket: what its thread and the snapshots of its work say.
//!
//! Only what is recorded with the ticket is read here. Commits whose messages name the ticket are found in
//! the repository, and so is what became of a commit that was rebased.

use super::commit::{self, AuthorKey};
use super::event::{Event, Kind};
use super::rule;
use super::undo;
use super::work::Work;

/// How it is known that a commit belongs to a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Via {
    /// Somebody linked it.
    Linked,
    /// Its message names the ticket.
    Trailer,
    /// A snapshot of the ticket's work has it.
    Work,
    /// A landing brought it to a target branch.
    Landed,
    /// It reverted a landing.
    Reverted,
    /// It is on the ticket's branch only.
    Branch,
}

impl Via {
    /// The word for programs and people.
    pub fn word(self) -> &'static str {
        match self {
            Via::Linked => "linked",
            Via::Trailer => "trailer",
            Via::Work => "work",
            Via::Landed => "landed",
            Via::Reverted => "reverted",
            Via::Branch => "branch",
        }
    }
}

/// A commit as a ticket names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its full id, or the digits it begins with: landings name what they brought like that.
    pub commit: String,
    /// How it is known; `None` for one that was unlinked.
    pub via: Option<Via>,
    /// What the ticket says of it, as Markdown: a short id and a subject.
    pub recorded: String,
    /// Who wrote what when, where the ticket says so.
    pub key: Option<AuthorKey>,
    /// What its difference hashes to, where the ticket says so.
    pub patch_id: Option<String>,
}

impl Named {
    /// Whether the whole id is known.
    pub fn is_full(&self) -> bool {
        is_full_id(&self.commit)
    }

    /// The subject in what the ticket says of it.
    pub fn subject(&self) -> &str {
        let words = self.recorded.strip_prefix('`').and_then(|rest| rest.split_once('`'));
        words.map_or(self.recorded.as_str(), |(_, subject)| subject).trim()
    }
}

/// Whether a text is the whole id of an object.
pub fn is_full_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hexadecimal(text)
}

/// Whether a text holds nothing but the digits of an id.
pub fn is_hexadecimal(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The commits that a thread and the last snapshots of each branch name: those linked by hand in the order
/// in which they were linked, then those unlinked, landed and worked on.
pub fn named(events: &[Event], work: &[Work]) -> Vec<Named> {
    let standing = undo::standing(events);
    let events = &*standing;
    let linked = rule::linked_commits(events);
    let removed = decisions(events).into_iter().filter(|decision| !decision.is_linked);
    let by_hand = linked
        .into_iter()
        .map(|commit| (commit, Some(Via::Linked)))
        .chain(removed.map(|decision| (decision.commit, None)));
    let mut found: Vec<Named> = by_hand.map(|(commit, via)| linked_by_hand(events, commit, via)).collect();
    for event in events {
        match event.kind {
            Kind::Land | Kind::Reland => found.extend(landed(event, Via::Landed)),
            Kind::Revert => found.extend(landed(event, Via::Reverted)),
            _ => {}
        }
    }
    let worked = work.iter().flat_map(|work| &work.commits);
    found.extend(worked.filter(|commit| is_full_id(&commit.id)).map(|commit| Named {
        commit: commit.id.clone(),
        via: Some(Via::Work),
        recorded: format!("`{}` {}", commit::short(&commit.id), commit.key.subject),
        key: Some(commit.key.clone()),
        patch_id: commit.patch_id.clone(),
    }));
    found
}

fn linked_by_hand(events: &[Event], commit: String, via: Option<Via>) -> Named {
    let mut links = events.iter().rev().filter(|event| event.kind == Kind::CommitLink);
    let event = links.find(|event| event.attribute("commit") == Some(&commit));
    let recorded = event.and_then(|event| event.body.lines().next()).unwrap_or_default().to_owned();
    let mut named = Named { commit, via, recorded, key: None, patch_id: None };
    named.key = event.and_then(|event| {
        let mail = event.attribute("mail")?.to_owned();
        let seconds = event.attribute("time")?.parse().ok()?;
        Some(AuthorKey { mail, seconds, subject: named.subject().to_owned() })
    });
    named
}

/// The commit that did it, and those the body says it brought, a line each: `` `9b2cae32` subject ``.
fn landed(event: &Event, via: Via) -> Vec<Named> {
    let named = |commit: &str, recorded: &str| Named {
        commit: commit.to_owned(),
        via: Some(via),
        recorded: recorded.to_owned(),
        key: None,
        patch_id: None,
    };
    let whole = event.attribute("commit").filter(|commit| is_full_id(commit));
    let mut found: Vec<Named> = whole.map(|commit| named(commit, "")).into_iter().collect();
    for line in event.body.lines().map(str::trim) {
        let digits = line.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(digits, _)| digits);
        let Some(digits) = digits.filter(|digits| digits.len() >= 8 && is_hexadecimal(digits)) else {
            continue;
        };
        match found.first_mut().filter(|first| whole.is_some() && first.commit.starts_with(digits)) {
            Some(first) => first.recorded = line.to_owned(),
            None => found.push(named(digits, line)),
        }
    }
    found
}

/// The last word of people about a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The full id, as written.
    pub commit: String,
    /// Linked, or unlinked.
    pub is_linked: bool,
}

/// The last word about each commit that was linked or unlinked by hand, in the order in which they fell.
pub fn decisions(events: &[Event]) -> Vec<Decision> {
    let mut found: Vec<Decision> = Vec::new();
    for event in events.iter().filter(|event| event.kind == Kind::CommitLink) {
        let Some(commit) = event.attribute("commit") else { continue };
        found.retain(|known| known.commit != commit);
        let is_linked = event.attribute("op") != Some("remove");
        found.push(Decision { commit: commit.to_owned(), is_linked });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::work::WorkCommit;

    fn event(kind: Kind, attributes: &[(&str, &str)], body: &str) -> Event {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Event {
            kind,
            author: String::new(),
            at: String::new(),
            id: None,
            attributes: attributes.collect(),
            heading: None,
            body: body.to_owned(),
        }
    }

    fn link(op: &str, commit: &str) -> Event {
        event(Kind::CommitLink, &[("op", op), ("commit", commit)], "")
    }

    #[test]
    fn the_last_word_about_a_commit_counts() {
        let events = [link("add", "a"), link("remove", "b"), link("remove", "a"), link("add", "b")];
        let last: Vec<(String, bool)> =
            decisions(&events).into_iter().map(|decision| (decision.commit, decision.is_linked)).collect();
        assert_eq!(last, [("a".to_owned(), false), ("b".to_owned(), true)]);
        let named: Vec<(String, Option<Via>)> =
            named(&events, &[]).into_iter().map(|named| (named.commit, named.via)).collect();
        assert_eq!(named, [("b".to_owned(), Some(Via::Linked)), ("a".to_owned(), None)]);
    }

    #[test]
    fn a_link_tells_who_wrote_the_commit_when() {
        let attributes = [("op", "add"), ("commit", "a"), ("mail", "m@x"), ("time", "-7")];
        let named = named(&[event(Kind::CommitLink, &attributes, "`abcd` the `subject`\n\nwhy")], &[]);
        let key = AuthorKey { mail: "m@x".to_owned(), seconds: -7, subject: "the `subject`".to_owned() };
        assert_eq!(named[0].key, Some(key));
    }

    #[test]
    fn a_landing_names_its_commit_and_what_it_brought() {
        let whole = "0123456789abcdef0123456789abcdef01234567";
        let body = "`01234567` merge\n`9b2cae32` one\nand 57 more\n`nothex00` x\n`9b2` short";
        let land = event(Kind::Land, &[("commit", whole), ("target", "main")], body);
        let found = named(&[land], &[]);
        let told: Vec<(&str, &str)> =
            found.iter().map(|named| (named.commit.as_str(), named.subject())).collect();
        assert_eq!(told, [(whole, "merge"), ("9b2cae32", "one")]);
        assert!(found[0].is_full() && !found[1].is_full());
        let strange = event(Kind::Land, &[("commit", "--all")], "");
        assert!(named(&[strange], &[]).is_empty());
        assert!(named(&[event(Kind::Unland, &[("commit", whole)], "")], &[]).is_empty());
        let reverted = named(&[event(Kind::Revert, &[("commit", whole)], "")], &[]);
        assert_eq!(reverted.iter().map(|named| named.via).collect::<Vec<_>>(), [Some(Via::Reverted)]);
    }

    #[test]
    fn a_snapshot_names_its_commits_with_all_that_finds_them_again() {
        let key = AuthorKey { mail: "m@x".to_owned(), seconds: 5, subject: "s".to_owned() };
        let commit =
            |id: &str| WorkCommit { id: id.to_owned(), patch_id: Some("p".to_owned()), key: key.clone() };
        let id = "f".repeat(40);
        let work = Work {
            branch: "b".to_owned(),
            base: None,
            tip: id.clone(),
            range_patch_id: None,
            commits: vec![commit(&id), commit("../x")],
        };
        let found = named(&[], &[work]);
        assert_eq!(found.len(), 1, "what is no id is passed over");
        assert_eq!((found[0].recorded.as_str(), found[0].via), ("`ffffffff` s", Some(Via::Work)));
        assert_eq!((&found[0].key, found[0].patch_id.as_deref()), (&Some(key), Some("p")));
    }
}
