//! What a thread says about landings: which stand, and what took others back.

use super::super::commit::{Commit, Undo};
use super::super::event::{Event, Kind};

/// A landing that a thread records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The target branch.
    pub target: String,
    /// The commit that brought the work.
    pub commit: String,
    /// How it came.
    pub how: String,
    /// The commits it brought, by their first eight digits.
    pub brought: Vec<String>,
    /// Their subjects.
    pub subjects: Vec<String>,
    /// Whether nothing took it back.
    pub stands: bool,
    /// The commits that reverted it, in order.
    pub reverts: Vec<String>,
    /// The commits that brought it back, in order.
    pub relands: Vec<String>,
    /// Where in the thread it last came to stand.
    pub place: usize,
    /// It was guessed from old history.
    pub is_guess: bool,
}

impl Record {
    /// Whether a commit is the one that brought the work, or one of those it brought.
    pub fn holds(&self, id: &str) -> bool {
        self.commit == id || self.brought.iter().any(|short| !short.is_empty() && id.starts_with(short))
    }
}

/// The attribute of a revert, reland or unland that names the landing.
pub const LANDING: &str = "landing";

/// The landings a thread records, in its order.
pub fn records(events: &[Event]) -> Vec<Record> {
    let mut found: Vec<Record> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let attribute = |name| event.attribute(name).unwrap_or_default();
        let (target, landing) = (attribute("target"), event.attribute(LANDING));
        // Two clones can see one landing at two commits: what takes one back takes back the same commits.
        let same = found.iter().find(|record| Some(record.commit.as_str()) == landing);
        let same = same.map(|record| record.brought.clone());
        let same = same.filter(|brought| !brought.is_empty() && event.kind != Kind::Unland);
        let is_meant = |record: &Record| {
            (target.is_empty() || record.target == target)
                && landing
                    .is_none_or(|landing| record.commit == landing || same.as_ref() == Some(&record.brought))
        };
        match event.kind {
            Kind::Land => {
                let (brought, subjects) = lines(&event.body);
                found.retain(|record| record.commit != attribute("commit") || record.target != target);
                found.push(Record {
                    target: target.to_owned(),
                    commit: attribute("commit").to_owned(),
                    how: attribute("how").to_owned(),
                    brought,
                    subjects,
                    stands: true,
                    reverts: Vec::new(),
                    relands: Vec::new(),
                    place,
                    is_guess: event.attribute("confidence").is_some(),
                });
            }
            Kind::Revert | Kind::Unland => {
                for record in found.iter_mut().filter(|record| is_meant(record)) {
                    record.stands = false;
                    if event.kind == Kind::Revert {
                        record.reverts.push(attribute("commit").to_owned());
                    }
                }
            }
            Kind::Reland => {
                for record in found.iter_mut().filter(|record| is_meant(record)) {
                    record.stands = true;
                    record.relands.push(attribute("commit").to_owned());
                    record.place = place;
                }
            }
            _ => {}
        }
    }
    found
}

/// Reads the lines of a `land` event: a short id in backticks, then the subject.
fn lines(body: &str) -> (Vec<String>, Vec<String>) {
    let named = body.lines().filter_map(|line| line.strip_prefix('`')?.split_once('`'));
    named.map(|(short, subject)| (short.to_owned(), subject.trim().to_owned())).unzip()
}

/// What a commit does to a recorded landing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It takes it back.
    Revert,
    /// It brings it back.
    Reland,
}

/// Whether a commit takes a landing back, or brings one back that was taken back. `titles` are what a revert
/// may call the landing's commit: its subject, and what a forge put below it.
pub fn effect(record: &Record, commit: &Commit, titles: &[String]) -> Option<Effect> {
    if record.holds(&commit.id) {
        return None;
    }
    let mentions = &commit.mentions;
    let is_single = record.subjects.len() == 1;
    let is_titled = |title: &String| titles.contains(title) || (is_single && record.subjects.contains(title));
    if record.stands {
        let is_named = mentions.reverts.iter().any(|id| record.holds(id) || record.relands.contains(id));
        // A sentence with an id is more than a subject: it may speak of another commit.
        let is_called = mentions.reverts.is_empty()
            && matches!(&mentions.reverted_subject, Some(Undo::Revert(title)) if is_titled(title));
        return (is_named || is_called).then_some(Effect::Revert);
    }
    let is_named = mentions.reverts.iter().any(|id| record.reverts.contains(id));
    let is_called = mentions.reverts.is_empty()
        && matches!(&mentions.reverted_subject, Some(Undo::Reapply(title)) if is_titled(title));
    let is_undone = !record.reverts.is_empty() && (is_named || is_called);
    is_undone.then_some(Effect::Reland)
}

/// Whether work landed and the ticket was never done since: something held it back.
pub fn is_pending(events: &[Event]) -> bool {
    let landed = records(events).iter().filter(|record| record.stands).map(|record| record.place).max();
    let done = events.iter().rposition(|event| {
        event.kind == Kind::StateChanged && matches!(event.attribute("to"), Some("done" | "closed"))
    });
    landed.is_some_and(|landed| done.is_none_or(|done| done < landed))
}

/// Whether a thread's landings say that the work is on the target branch; on any, for `None`.
pub fn stands(events: &[Event], target: Option<&str>) -> bool {
    let on_target = |record: &Record| target.is_none_or(|target| record.target == target);
    records(events).iter().any(|record| record.stands && on_target(record))
}
