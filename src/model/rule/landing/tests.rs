//! What findings become, row by row.

use super::*;
use crate::model::readiness::Via;

const COMMIT: &str = "9b2cae32aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn ticket(state: State) -> Ticket {
    Ticket {
        id: TicketId::from_millis(1_782_398_643_212),
        title: "Do it".to_owned(),
        state,
        created_at: None,
        updated_at: Moment::parse("2026-01-02T00:00:00Z"),
        assignee: None,
        readiness: None,
        risk_flags: Vec::new(),
        queued_by: None,
        queued_at: None,
        priority: None,
        labels: Vec::new(),
        unknown: Vec::new(),
        body: String::new(),
    }
}

fn finding(discovery: Discovery) -> Finding {
    Finding {
        ticket: ticket(State::Planning).id,
        discovery,
        target: "main".to_owned(),
        is_first_target: true,
        commit: COMMIT.to_owned(),
        subject: "merge it".to_owned(),
        committed: 1_782_398_643,
        how: "merge".to_owned(),
        guess: None,
    }
}

fn land() -> Finding {
    finding(Discovery::Land(vec![("aaaaaaaa".to_owned(), "one".to_owned())]))
}

fn event(kind: Kind, attributes: &[(&str, &str)]) -> Event {
    Event {
        kind,
        author: AUTHOR_FOR_TESTS.to_owned(),
        at: String::new(),
        id: None,
        attributes: attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        heading: None,
        body: "`aaaaaaaa` one".to_owned(),
    }
}

const AUTHOR_FOR_TESTS: &str = "somebody";

fn landed() -> Event {
    event(Kind::Land, &[("commit", COMMIT), ("target", "main"), ("how", "merge")])
}

fn derived_with(state: State, events: &[Event], finding: &Finding, policy: Policy) -> Option<Derivation> {
    derive(&ticket(state), events, finding, policy, Vec::new)
}

/// Kinds, and moves with their reasons, of what is derived.
fn told(derivation: &Derivation) -> Vec<String> {
    let attribute = |event: &Derived, name: &str| {
        let found = event.draft.attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let events = derivation.events.iter().map(|event| match event.draft.kind {
        Kind::StateChanged => {
            format!(
                "{} -> {} {}",
                attribute(event, "from"),
                attribute(event, "to"),
                attribute(event, "reason")
            )
        }
        _ => format!("{} {}", event.draft.kind, attribute(event, "how")),
    });
    events.collect()
}

#[test]
fn a_landing_moves_a_ticket_on_from_where_it_is() {
    let rows = [
        (State::InProgress, &["land merge", "inprogress -> done merged"][..], None),
        (
            State::Queued,
            &["land merge", "queued -> inprogress accepted", "inprogress -> done merged"][..],
            None,
        ),
        (State::Ready, &["land merge"][..], Some(HeldBack::NotQueued)),
        (State::Planning, &["land merge"][..], Some(HeldBack::NotQueued)),
        (State::Done, &["land merge"][..], None),
        (State::Closed, &["land merge"][..], None),
    ];
    for (state, expected, held_back) in rows {
        let derivation = derived_with(state, &[], &land(), Policy::default()).unwrap();
        assert_eq!(
            (told(&derivation), derivation.held_back),
            (expected.iter().map(|told| (*told).to_owned()).collect(), held_back),
            "{state}"
        );
    }
}

#[test]
fn ids_and_times_come_from_the_commit_and_never_change() {
    let derivation = derived_with(State::InProgress, &[], &land(), Policy::default()).unwrap();
    let ids: Vec<String> = derivation.events.iter().map(|event| event.id.to_string()).collect();
    // Bytes on the ref: what an earlier version derived must be derived again.
    assert_eq!(ids, ["01KVZKSTSRXAJ2167V44D6DRG5", "01KVZKSTSS9R6SMWSAK6T6M9HC"]);
    assert_eq!(derivation.events[1].at.to_string(), "2026-06-25T14:44:03Z");
    let other = Finding { target: "release".to_owned(), ..land() };
    let other = derived_with(State::InProgress, &[], &other, Policy::default()).unwrap();
    assert_ne!(other.events[0].id, derivation.events[0].id);
}

#[test]
fn what_the_thread_says_already_is_not_said_again() {
    let say = |events: &[Event], finding: &Finding| {
        derived_with(State::Done, events, finding, Policy::default()).map(|derivation| told(&derivation))
    };
    assert_eq!(say(&[landed()], &land()), None);
    let elsewhere = Finding { commit: "1".repeat(40), ..land() };
    assert_eq!(say(&[landed()], &elsewhere), None, "the same commits, seen by another merge");
    let revert = Finding {
        commit: "2".repeat(40),
        how: "commit".to_owned(),
        ..finding(Discovery::Revert(COMMIT.to_owned()))
    };
    assert_eq!(say(&[], &revert), None, "nothing landed");
    assert_eq!(say(&[landed()], &revert).unwrap(), ["revert commit", "done -> inprogress reverted"]);
    let reverted = event(Kind::Revert, &[("commit", &revert.commit), ("target", "main"), (LANDING, COMMIT)]);
    let events = [landed(), reverted];
    assert_eq!(say(&events, &revert), None);
    assert_eq!(say(&events, &land()), None, "looking again doesn't bring it back");
    let back = Finding {
        commit: "3".repeat(40),
        how: "commit".to_owned(),
        ..finding(Discovery::Reland(COMMIT.to_owned()))
    };
    let again = derived_with(State::InProgress, &events, &back, Policy::default()).unwrap();
    assert_eq!(told(&again), ["reland commit", "inprogress -> done merged"]);
}

#[test]
fn a_branch_that_goes_back_and_forth_is_told_each_time() {
    let gone = |times: usize| {
        let unland = event(Kind::Unland, &[("commit", COMMIT), ("target", "main"), (LANDING, COMMIT)]);
        let reland = event(Kind::Reland, &[("commit", COMMIT), ("target", "main"), (LANDING, COMMIT)]);
        let mut events = vec![landed()];
        for _ in 0..times {
            events.extend([unland.clone(), reland.clone()]);
        }
        events
    };
    let unland = Finding { how: "rewritten".to_owned(), ..finding(Discovery::Unland(COMMIT.to_owned())) };
    for (times, how) in [(0, "unland rewritten"), (1, "unland rewritten-2"), (2, "unland rewritten-3")] {
        let derivation = derived_with(State::Done, &gone(times), &unland, Policy::default()).unwrap();
        assert_eq!(told(&derivation), [how, "done -> inprogress unlanded"]);
    }
    let away = &gone(1)[..2];
    let derivation = derived_with(State::InProgress, away, &land(), Policy::default()).unwrap();
    assert_eq!(told(&derivation), ["reland merge", "inprogress -> done merged"]);
}

#[test]
fn policy_blockers_guesses_and_other_targets_hold_the_state() {
    let policy = Policy { require_review: true, require_landing: true };
    let derivation = derived_with(State::InProgress, &[], &land(), policy).unwrap();
    assert_eq!(
        (told(&derivation), derivation.held_back),
        (vec!["land merge".to_owned()], Some(HeldBack::Review))
    );
    let approved = event(Kind::Review, &[("status", "approve")]);
    let derivation = derived_with(State::InProgress, &[approved], &land(), policy).unwrap();
    assert_eq!(told(&derivation), ["land merge", "inprogress -> done merged_reviewed"]);
    let blocker = Blocker { id: TicketId::from_millis(5), via: Via::DependsOn, state: None };
    let blocked = derive(&ticket(State::Queued), &[], &land(), Policy::default(), || vec![blocker]).unwrap();
    assert_eq!((told(&blocked), blocked.held_back), (vec!["land merge".to_owned()], Some(HeldBack::Blocked)));
    let other = Finding { is_first_target: false, ..land() };
    let guess = Finding { guess: Some(Guess { confidence: "low", signal: "time window" }), ..land() };
    for finding in [other, guess] {
        let derivation = derived_with(State::InProgress, &[], &finding, Policy::default()).unwrap();
        assert_eq!(told(&derivation), ["land merge"]);
    }
}

#[test]
fn a_ticket_never_looks_older_for_a_landing_found_late() {
    let early = Finding { committed: 1_700_000_000, ..land() };
    let derivation = derived_with(State::InProgress, &[], &early, Policy::default()).unwrap();
    let done = Value::Text("done".to_owned());
    assert_eq!(fields(&ticket(State::InProgress), &derivation), [(Field::State, done)]);
}

#[test]
fn landings_that_need_somebody_are_raised() {
    let policy = Policy { require_review: true, ..Policy::default() };
    let say = |state: State, events: &[Event]| attention(&ticket(state), events, policy);
    let started = event(Kind::StateChanged, &[("from", "queued"), ("to", "inprogress")]);
    let reverted = event(Kind::Revert, &[("commit", "r"), ("target", "main"), (LANDING, COMMIT)]);
    let held_back = "landed on main, but the last review has to approve first";
    assert_eq!(say(State::InProgress, &[started.clone(), landed()]).as_deref(), Some(held_back));
    let done = event(Kind::StateChanged, &[("from", "inprogress"), ("to", "done")]);
    assert_eq!(say(State::InProgress, &[landed(), done, started]), None, "reopened since");
    assert_eq!(say(State::Done, &[landed()]), None);
    assert_eq!(say(State::Closed, &[landed()]), None);
    let closed = "closed, but its work was reverted";
    assert_eq!(say(State::Closed, &[landed(), reverted]).as_deref(), Some(closed));
    assert_eq!(say(State::Ready, &[landed()]).as_deref(), Some("landed on main, but it was never started"));
}
