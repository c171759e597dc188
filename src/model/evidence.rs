//! Evidence: what a ticket has to show for its work, criterion by criterion, and what is missing.
//!
//! It is about the present round: what was reported and reviewed since the ticket was last taken.

use super::commit::short;
use super::event::{Event, Kind};
use super::landing::record;
use super::rule::Policy;
use super::thread::{self, Verdict};
use super::undo;

/// The attribute of a report or a review that names a commit; a report may have several.
pub const COMMIT: &str = "commit";
/// The attribute of a report that says how a command ended: `<command>=pass` or `<command>=fail`.
pub const VALIDATION: &str = "validation";

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// Somebody said what was done.
    Report,
    /// Somebody else looked at it.
    Review,
    /// Commands that were run, and how they ended.
    Validation,
    /// The work is on a target branch.
    Landing,
}

impl Criterion {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Criterion::Report => "report",
            Criterion::Review => "review",
            Criterion::Validation => "validation",
            Criterion::Landing => "landing",
        }
    }
}

/// How a criterion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As it should be.
    Good,
    /// There is nothing.
    Missing,
    /// A command failed.
    Failed,
    /// The last review asked for changes.
    ChangesRequested,
    /// The branch went on since the review.
    Stale,
    /// The landing was taken back.
    Reverted,
}

impl Status {
    /// The word shown.
    pub fn word(self) -> &'static str {
        match self {
            Status::Good => "good",
            Status::Missing => "missing",
            Status::Failed => "failed",
            Status::ChangesRequested => "changes_requested",
            Status::Stale => "stale",
            Status::Reverted => "reverted",
        }
    }
}

/// How a commit that was looked at stands to the ticket's branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Freshness {
    /// It is the branch's last one, or makes the same change.
    Fresh,
    /// The branch is here by now: a full id.
    Stale(String),
    /// This clone has no branch to compare it with.
    Unknown,
}

/// A criterion and what speaks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What is looked for.
    pub criterion: Criterion,
    /// How it stands.
    pub status: Status,
    /// Whether the project demands it before a ticket is done.
    pub is_required: bool,
    /// Who said so.
    pub by: Option<String>,
    /// When, as the thread says it.
    pub at: Option<String>,
    /// The full id of the commit it is about.
    pub commit: Option<String>,
    /// More, in words.
    pub words: String,
}

/// The table, in the order of the work; what was taken back speaks for nothing. `freshness` says how a reviewed commit stands to the branch.
pub fn evidence(events: &[Event], policy: Policy, freshness: impl FnOnce(&str) -> Freshness) -> Vec<Row> {
    let standing = undo::standing(events);
    let round = if thread::has_started(&standing) { thread::since_start(&standing) } else { &standing };
    let last = |kind: Kind| round.iter().rev().find(|event| event.kind == kind);
    let report = last(Kind::ImplementationReport);
    let validated =
        round.iter().rev().find(|event| event.attributes.iter().any(|(key, _)| key == VALIDATION));
    vec![
        row(Criterion::Report, report.map(|event| (Status::Good, event, commits_in_words(event)))),
        Row { is_required: policy.require_review, ..review(last(Kind::Review), freshness) },
        row(Criterion::Validation, validated.map(validation)),
        Row { is_required: policy.require_landing, ..landing(events) },
    ]
}

fn row(criterion: Criterion, found: Option<(Status, &Event, String)>) -> Row {
    let missing = Row {
        criterion,
        status: Status::Missing,
        is_required: false,
        by: None,
        at: None,
        commit: None,
        words: String::new(),
    };
    let Some((status, event, words)) = found else { return missing };
    Row {
        status,
        by: Some(event.author.clone()),
        at: Some(event.at.clone()),
        commit: event.attribute(COMMIT).map(str::to_owned),
        words,
        ..missing
    }
}

fn commits_in_words(event: &Event) -> String {
    match event.attributes.iter().filter(|(key, _)| key == COMMIT).count() {
        0 | 1 => String::new(),
        more => format!("{more} commits"),
    }
}

fn review(event: Option<&Event>, freshness: impl FnOnce(&str) -> Freshness) -> Row {
    let Some(event) = event else { return row(Criterion::Review, None) };
    let verdict = event.attribute("status").and_then(Verdict::parse);
    let (status, words) = match (verdict, event.attribute(COMMIT).map(freshness)) {
        (None, _) => (Status::Missing, "the last review has no verdict".to_owned()),
        (Some(Verdict::RequestChanges), Some(Freshness::Stale(tip))) => {
            (Status::ChangesRequested, format!("the branch is at {} since", short(&tip)))
        }
        (Some(Verdict::RequestChanges), _) => (Status::ChangesRequested, String::new()),
        (Some(Verdict::Approve), Some(Freshness::Stale(tip))) => {
            (Status::Stale, format!("the branch is at {} since", short(&tip)))
        }
        (Some(Verdict::Approve), None) => (Status::Good, "of no commit in particular".to_owned()),
        (Some(Verdict::Approve), Some(_)) => (Status::Good, String::new()),
    };
    row(Criterion::Review, Some((status, event, words)))
}

/// The commands of a report and whether they passed.
pub fn validations(event: &Event) -> Vec<(&str, bool)> {
    let values = event.attributes.iter().filter(|(key, _)| key == VALIDATION);
    let pairs = values.filter_map(|(_, value)| value.rsplit_once('='));
    pairs.map(|(command, end)| (command, end == "pass")).collect()
}

fn validation(event: &Event) -> (Status, &Event, String) {
    let all = validations(event);
    let failed: Vec<&str> = all.iter().filter(|(_, passed)| !passed).map(|(command, _)| *command).collect();
    match failed.is_empty() {
        true => (Status::Good, event, format!("{} passed", all.len())),
        false => (Status::Failed, event, format!("failed: {}", failed.join(", "))),
    }
}

fn landing(events: &[Event]) -> Row {
    let records = record::records(events);
    let Some(last) = records.iter().rev().find(|record| record.stands).or(records.last()) else {
        return row(Criterion::Landing, None);
    };
    let words = match (last.stands, last.how.as_str()) {
        (true, "") => format!("on {}", last.target),
        (true, how) => format!("on {}, {how}", last.target),
        (false, _) => format!("it was on {}", last.target),
    };
    let status = if last.stands { Status::Good } else { Status::Reverted };
    let event = events.get(last.place);
    Row {
        commit: Some(last.commit.clone()),
        ..row(Criterion::Landing, event.map(|event| (status, event, words)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: Kind, attributes: &[(&str, &str)]) -> Event {
        Event {
            kind,
            author: "ada".to_owned(),
            at: String::new(),
            id: None,
            attributes: attributes
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            heading: None,
            body: String::new(),
        }
    }

    fn words(events: &[Event], tip: &str) -> Vec<&'static str> {
        let freshness = |commit: &str| match commit == tip {
            true => Freshness::Fresh,
            false => Freshness::Stale(tip.to_owned()),
        };
        evidence(events, Policy::default(), freshness).iter().map(|row| row.status.word()).collect()
    }

    #[test]
    fn each_criterion_is_met_by_the_last_word_of_the_round() {
        let taken = event(Kind::StateChanged, &[("from", "queued"), ("to", "inprogress")]);
        let report = event(
            Kind::ImplementationReport,
            &[("commit", "aa"), ("validation", "make=x=pass"), ("validation", "test=fail")],
        );
        let review = |word| event(Kind::Review, &[("status", word), ("commit", "aa")]);
        let land = event(Kind::Land, &[("commit", "cc"), ("target", "main"), ("how", "merge")]);
        let none = ["missing"; 4];
        assert_eq!(words(&[], "aa"), none);
        assert_eq!(words(&[report.clone(), taken.clone(), event(Kind::Comment, &[])], "aa"), none);
        let mut all = vec![taken, report.clone(), review("request_changes")];
        assert_eq!(words(&all, "aa"), ["good", "changes_requested", "failed", "missing"]);
        all.extend([review("approve"), land]);
        assert_eq!(words(&all, "aa"), ["good", "good", "failed", "good"]);
        assert_eq!(words(&all, "bb"), ["good", "stale", "failed", "good"]);
        assert_eq!(validations(&report), [("make=x", true), ("test", false)]);
    }
}
