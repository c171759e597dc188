//! What a ticket's own records say about its work: times, branches, commits.

use super::super::derived::AUTHOR;
use super::super::event::{Event, Kind};
use super::super::plan;
use super::super::state::State;
use super::super::ticket::Ticket;
use super::{Citation, Facts};

/// The fewest digits that are taken for a commit.
const FEWEST_DIGITS: usize = 7;

impl Facts {
    /// Reads a ticket's thread and plan.
    pub fn read(ticket: &Ticket, events: &[Event], plan: &[plan::Record]) -> Self {
        let created = i64::try_from(ticket.id.millis() / 1000).unwrap_or(i64::MAX);
        let mut facts = Facts {
            id: ticket.id,
            title: ticket.title.clone(),
            created: ticket.created_at.map_or(created, |moment| moment.seconds().min(created)),
            started: None,
            done: None,
            closed: None,
            planned: Vec::new(),
            named: Vec::new(),
            citations: Vec::new(),
        };
        for event in events {
            facts.read_move(event);
            // What this program found out itself is no evidence for what it finds out now.
            if event.author != AUTHOR {
                facts.read_text(event);
            }
        }
        for accepted in plan.iter().filter_map(|record| record.accepted_plan.as_ref()) {
            for name in accepted.branch.iter().chain(&accepted.worktree) {
                push_new(&mut facts.planned, name.clone());
            }
        }
        facts
    }

    fn read_move(&mut self, event: &Event) {
        let Some(at) = event.moment().map(|moment| moment.seconds()) else { return };
        let state = |name: &str| event.attribute(name).and_then(State::parse);
        if event.kind.closes() {
            self.closed = Some(at);
        } else if event.kind == Kind::StateChanged {
            match (state("from"), state("to")) {
                (_, Some(State::InProgress)) => self.started = self.started.or(Some(at)),
                (Some(State::InProgress), Some(State::Done)) => self.done = Some(at),
                (_, Some(State::Closed)) => self.closed = Some(at),
                _ => {}
            }
        }
    }

    fn read_text(&mut self, event: &Event) {
        for (before, code) in code_spans(&event.body) {
            if is_branch_next(before) && is_branch(code) {
                push_new(&mut self.named, code.to_owned());
            }
            for digits in commits(code) {
                if !self.citations.iter().any(|known| known.digits == digits) {
                    self.citations.push(Citation { digits: digits.to_owned(), kind: event.kind.clone() });
                }
            }
        }
    }
}

fn push_new(list: &mut Vec<String>, name: String) {
    if !list.contains(&name) {
        list.push(name);
    }
}

/// What stands in backticks on a line, each with the text before it.
fn code_spans(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().flat_map(|line| {
        let parts: Vec<&str> = line.split('`').collect();
        let closed = parts.len().saturating_sub(1) / 2;
        (0..closed).map(move |index| (parts[2 * index], parts[2 * index + 1])).collect::<Vec<_>>()
    })
}

/// Whether a text ends so that a branch's name comes next: `branch`, `Branch:`.
fn is_branch_next(before: &str) -> bool {
    let end = before.trim_end().trim_end_matches([':', '*']).trim_end();
    let start = end.len().checked_sub("branch".len());
    start.and_then(|start| end.get(start..)).is_some_and(|word| word.eq_ignore_ascii_case("branch"))
}

fn is_branch(code: &str) -> bool {
    let is_fine = |letter: char| letter.is_alphanumeric() || "/-_.".contains(letter);
    code.len() >= 3 && code.chars().all(is_fine) && commits(code).next().is_none()
}

/// What can be the start of a commit's id, in small letters.
fn commits(code: &str) -> impl Iterator<Item = String> {
    let words = code.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let fitting =
        words.filter(move |word| (FEWEST_DIGITS..=64).contains(&word.len()) && word.bytes().all(is_digit));
    fitting.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::super::id::TicketId;
    use super::super::super::moment::Moment;
    use super::*;

    fn event(kind: Kind, minute: u32, attributes: &[(&str, &str)], body: &str) -> Event {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Event {
            kind,
            author: "someone".to_owned(),
            at: format!("2026-01-02T03:{minute:02}:00Z"),
            id: None,
            attributes: attributes.collect(),
            heading: None,
            body: body.to_owned(),
        }
    }

    fn read(events: &[Event], plan: &[plan::Record]) -> Facts {
        let ticket = Ticket {
            id: TicketId::parse("00001KVZKSV6C").unwrap(),
            title: "Red hats".to_owned(),
            state: State::Done,
            created_at: None,
            updated_at: None,
            assignee: None,
            readiness: None,
            risk_flags: Vec::new(),
            queued_by: None,
            queued_at: None,
            priority: None,
            labels: Vec::new(),
            unknown: Vec::new(),
            body: String::new(),
        };
        Facts::read(&ticket, events, plan)
    }

    fn minute(facts: Option<i64>) -> Option<i64> {
        let start = Moment::parse("2026-01-02T03:00:00Z").unwrap().seconds();
        facts.map(|seconds| (seconds - start) / 60)
    }

    #[test]
    fn work_begins_once_and_is_over_at_the_last_done_that_was_worked_for() {
        let change = |minute, from, to| event(Kind::StateChanged, minute, &[("from", from), ("to", to)], "");
        let facts = read(
            &[
                change(1, "queued", "inprogress"),
                change(2, "inprogress", "done"),
                change(3, "done", "inprogress"),
                change(4, "inprogress", "done"),
                change(5, "ready", "done"),
                event(Kind::Close, 6, &[], ""),
            ],
            &[],
        );
        assert_eq!(
            (minute(facts.started), minute(facts.done), minute(facts.closed)),
            (Some(1), Some(4), Some(6))
        );
        assert_eq!(facts.ended(), facts.done);
        let migrated = read(&[change(5, "ready", "done"), event(Kind::Close, 6, &[], "")], &[]);
        assert_eq!((migrated.done, minute(migrated.ended())), (None, Some(6)));
    }

    #[test]
    fn branches_come_from_plans_and_from_what_threads_call_one() {
        let body = "Branch: `work/red-hats`, on branch `blue`; not a branch name `none`, `other/file.rs`";
        let plan = plan::Record {
            id: "orch-plan-20260102-030405-1".to_owned(),
            ticket_id: TicketId::parse("00001KVZKSV6C").unwrap(),
            kind: plan::Kind::AcceptedPlan,
            related_ticket: None,
            note: None,
            accepted_plan: Some(plan::Accepted {
                summary: String::new(),
                branch: Some("impl/green".to_owned()),
                worktree: Some("/trees/green".to_owned()),
                role_plan: None,
            }),
            author: "someone".to_owned(),
            at: "2026-01-02T03:04:05Z".to_owned(),
        };
        let facts = read(&[event(Kind::Decision, 1, &[], body)], &[plan]);
        assert_eq!(facts.named, ["work/red-hats", "blue"]);
        assert_eq!(facts.planned, ["impl/green", "/trees/green"]);
    }

    #[test]
    fn what_stands_in_backticks_and_looks_like_a_commit_is_cited() {
        let body =
            "at `abcdef1`, `git show 1234567..89abcde`, `ABCDEF1`, abcdef2, `abcde`\n`abcdef1` again `open";
        let facts = read(&[event(Kind::Review, 1, &[], body)], &[]);
        let digits: Vec<&str> = facts.citations.iter().map(|citation| citation.digits.as_str()).collect();
        assert_eq!(digits, ["abcdef1", "1234567", "89abcde"]);
        assert!(facts.citations.iter().all(|citation| citation.kind == Kind::Review));
    }
}
