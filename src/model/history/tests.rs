//! Small histories, each for one signal or one thing that is none.

use super::super::commit::{AuthorKey, Commit, Mentions, Undo};
use super::*;

const RED: &str = "00001KVZKSV6C";
const BLUE: &str = "00001KVZKSV6D";

fn ticket_id(text: &str) -> TicketId {
    TicketId::parse(text).unwrap()
}

/// A commit; ids are words, times are minutes.
fn commit(id: &str, parents: &[&str], minute: i64, subject: &str) -> Commit {
    Commit {
        id: id.to_owned(),
        parents: parents.iter().map(|parent| (*parent).to_owned()).collect(),
        key: AuthorKey { mail: String::new(), seconds: 60 * minute, subject: subject.to_owned() },
        author: String::new(),
        committed: 60 * minute,
        message: subject.to_owned(),
        mentions: Mentions::default(),
    }
}

/// A ticket that was worked on from minute 10 to minute 20.
fn facts(id: &str) -> Facts {
    Facts {
        id: ticket_id(id),
        title: String::new(),
        created: 0,
        started: Some(600),
        done: Some(1200),
        closed: None,
        planned: Vec::new(),
        named: Vec::new(),
        citations: Vec::new(),
    }
}

fn planned(id: &str, branch: &str) -> Facts {
    Facts { planned: vec![branch.to_owned()], ..facts(id) }
}

fn citing(id: &str, digits: &str) -> Facts {
    let citation = Citation { digits: digits.to_owned(), kind: Kind::Review };
    Facts { citations: vec![citation], ..facts(id) }
}

/// `base`, a `work` commit of minute 12 beside a `main` commit, and their merge `m` of minute 19.
fn one_merge(subject: &str) -> Vec<Commit> {
    vec![
        commit("base", &[], 1, "begin"),
        commit("main", &["base"], 11, "other"),
        commit("work", &["base"], 12, "do it"),
        commit("m", &["main", "work"], 19, subject),
    ]
}

fn tips(tips: &[(&str, &str)]) -> Vec<Tip> {
    tips.iter().map(|(name, commit)| Tip { name: (*name).to_owned(), commit: (*commit).to_owned() }).collect()
}

fn look(commits: &[Commit], branches: &[(&str, &str)], tickets: &[Facts]) -> Vec<Finding> {
    let tip = &commits[commits.len() - 1].id;
    look_beside(commits, tip, branches, &[], tickets)
}

fn look_beside(
    commits: &[Commit],
    tip: &str,
    branches: &[(&str, &str)],
    records: &[&str],
    tickets: &[Facts],
) -> Vec<Finding> {
    let (targets, branches) = (tips(&[("main", tip)]), tips(branches));
    let records: BTreeSet<String> = records.iter().map(|id| (*id).to_owned()).collect();
    let (targets, branches, records) = (&targets, &branches, &records);
    let found = find(&History { commits, targets, branches, records }, tickets);
    let backwards: Vec<Commit> = commits.iter().rev().cloned().collect();
    let again = find(&History { commits: &backwards, targets, branches, records }, tickets);
    assert_eq!(found, again, "the order of the commits changes nothing");
    found
}

/// The landing of the first ticket: commit, how, brought commits, confidence and signal.
fn landing(commits: &[Commit], tickets: &[Facts]) -> Option<String> {
    told(&look(commits, &[], tickets), tickets[0].id)
}

fn told(findings: &[Finding], id: TicketId) -> Option<String> {
    let finding = findings.iter().find(|finding| finding.ticket_id == id)?;
    let found = finding.landing.as_ref()?;
    let brought = found.brought.join("+");
    Some(format!(
        "{} {} [{brought}] {}: {}",
        found.commit,
        found.how.word(),
        found.confidence.word(),
        found.signal.words()
    ))
}

fn told_is(commits: &[Commit], tickets: &[Facts], expected: &str) {
    let last = &commits[commits.len() - 1].key.subject;
    assert_eq!(landing(commits, tickets).as_deref(), Some(expected), "{last}");
}

#[test]
fn a_merge_that_names_the_id_is_the_landing() {
    let branch = format!("Merge branch 'work/{RED}-red-hat'");
    let request = format!("Merge pull request #3 from someone/work/{RED}-red-hat");
    for subject in [branch, request] {
        told_is(&one_merge(&subject), &[facts(RED)], "m merge [work] high: id in branch name");
    }
    let free = format!("merge: {RED} hats");
    told_is(&one_merge(&free), &[facts(RED)], "m merge [work] high: id in merge subject");
    // Several tickets can be named by one merge.
    let both = one_merge(&format!("merge: {RED} and {BLUE}"));
    let found = look(&both, &[], &[facts(RED), facts(BLUE)]);
    assert!(found.iter().all(|finding| finding.landing.is_some()) && found.len() == 2);
}

#[test]
fn a_branch_that_still_exists_names_what_was_merged() {
    let name = format!("work/{RED}-red-hat");
    let told = |tip: &str| told(&look(&one_merge("x"), &[(&name, tip)], &[facts(RED)]), ticket_id(RED));
    assert_eq!(told("work").as_deref(), Some("m merge [work] high: id in branch name"));
    // A branch without commits of its own tells nothing; the times do.
    assert_eq!(told("base").as_deref(), Some("m merge [work] low: time window"));
}

#[test]
fn commits_that_name_the_ticket_lead_to_their_merge() {
    let mut commits = one_merge("x");
    commits[2].mentions.tickets.push(ticket_id(RED));
    told_is(&commits, &[facts(RED)], "m merge [work] high: id in commit message");
}

#[test]
fn commits_on_the_target_itself_are_a_landing_when_they_name_the_ticket() {
    let subject = format!("hats ({RED})");
    let mut commits = vec![commit("base", &[], 1, "begin"), commit("one", &["base"], 12, &subject)];
    told_is(&commits, &[facts(RED)], "one squash [one] high: id in commit message");
    commits.push(commit("two", &["one"], 13, &subject));
    told_is(&commits, &[facts(RED)], "two ff [one+two] high: id in commit message");
    commits[1].key.seconds -= 5;
    told_is(&commits, &[facts(RED)], "two rebase [one+two] high: id in commit message");
}

#[test]
fn cited_commits_lead_to_the_merge() {
    let mut commits = one_merge("x");
    commits[2].id = "abcdef1234".to_owned();
    commits[3].id = "1234567890".to_owned();
    commits[3].parents[1] = "abcdef1234".to_owned();
    told_is(&commits, &[citing(RED, "1234567")], "1234567890 merge [abcdef1234] high: cited merge");
    told_is(&commits, &[citing(RED, "abcdef1")], "1234567890 merge [abcdef1234] high: cited commit");
    // What was there before the work began is no evidence, nor are digits of several commits.
    commits[3].committed = 60 * 5;
    assert_eq!(landing(&commits, &[citing(RED, "1234567")]), None);
    commits[3].committed = 60 * 19;
    commits[1].id = "1234567fff".to_owned();
    commits[3].parents[0] = "1234567fff".to_owned();
    let ambiguous = landing(&commits, &[citing(RED, "1234567")]);
    assert_eq!(ambiguous.as_deref(), Some("1234567890 merge [abcdef1234] low: time window"));
}

#[test]
fn a_cited_commit_that_no_merge_brought_is_linked() {
    let commits = [commit("base", &[], 1, "begin"), commit("abcdef1", &["base"], 12, "hats")];
    let found = look(&commits, &[], &[citing(RED, "abcdef1")]);
    let link =
        Link { commit: "abcdef1".to_owned(), confidence: Confidence::High, signal: Signal::CitedCommit };
    assert_eq!(found, [Finding { ticket_id: ticket_id(RED), landing: None, links: vec![link] }]);
}

#[test]
fn the_words_of_the_recorded_branch_are_the_landing() {
    let slug = "m merge [work] high: branch slug";
    for subject in ["merge: red hat rack", "merge: the red hat rack for all", "Merge branch 'red-hat-rack'"] {
        told_is(&one_merge(subject), &[planned(RED, "work/red-hat-rack")], slug);
    }
    let named = Facts { named: vec!["red-hat-rack".to_owned()], ..facts(RED) };
    told_is(&one_merge("merge: red hat rack"), &[named], slug);
    told_is(&one_merge("merge: sync engine"), &[planned(RED, "work/sync-engine")], slug);
    // Other words: another merge would be as good.
    let other = planned(RED, "work/blue-hat-shelf");
    told_is(&one_merge("merge: red hat rack"), &[other], "m merge [work] low: time window");
}

#[test]
fn similar_words_and_times_give_low_confidence() {
    let title = Facts { title: "A rack for red hats".to_owned(), ..facts(RED) };
    told_is(&one_merge("merge: red hat shelf"), &[title], "m merge [work] low: similar words");
    told_is(&one_merge("merge: something"), &[facts(RED)], "m merge [work] low: time window");
    let late = Facts { done: Some(60 * 13), ..facts(RED) };
    assert_eq!(landing(&one_merge("merge: something"), &[late]), None);
    // Closing alone says nothing about when the work came in.
    let closed = Facts { done: None, closed: Some(1200), ..facts(RED) };
    assert_eq!(landing(&one_merge("merge: something"), &[closed]), None);
}

#[test]
fn of_several_merges_the_last_before_done_counts_and_the_others_are_linked() {
    let subject = format!("Merge branch 'work/{RED}-red-hat'");
    let commits = [
        commit("base", &[], 1, "begin"),
        commit("one", &["base"], 11, "first part"),
        commit("m1", &["base", "one"], 12, &subject),
        commit("two", &["one"], 13, "second part"),
        commit("m2", &["m1", "two"], 14, &subject),
        commit("three", &["two"], 30, "later"),
        commit("m3", &["m2", "three"], 31, &subject),
    ];
    let found = look(&commits, &[], &[facts(RED)]);
    assert_eq!(told(&found, ticket_id(RED)).as_deref(), Some("m2 merge [two] high: id in branch name"));
    let links: Vec<&str> = found[0].links.iter().map(|link| link.commit.as_str()).collect();
    assert_eq!(links, ["two", "one"]);
}

#[test]
fn lists_of_conflicts_and_commits_that_keep_tickets_are_no_evidence() {
    let mut commits = one_merge("merge: something");
    commits[3].message = format!("merge: something\n\n# Conflicts:\n#\t.yoi/tickets/{RED}/thread.md\n");
    commits[1].key.subject = format!("ticket: queue {RED}");
    let idle = Facts { started: None, done: None, ..facts(RED) };
    assert_eq!(landing(&commits, std::slice::from_ref(&idle)), None);
    let mut undone =
        vec![commit("base", &[], 1, "begin"), commit("one", &["base"], 12, &format!("Revert \"{RED}\""))];
    undone[1].mentions.reverted_subject = Some(Undo::Revert(RED.to_owned()));
    assert_eq!(landing(&undone, &[idle]), None);
}

#[test]
fn merges_that_bring_up_to_date_are_no_evidence() {
    for subject in [
        format!("merge: sync collected before queue {RED}"),
        format!("Merge branch 'main' into work/{RED}-red-hat"),
        format!("Merge branch 'work/{RED}' of host:repo into work/{RED}"),
        format!("ticket: sync {RED}"),
    ] {
        assert_eq!(landing(&one_merge(&subject), &[facts(RED)]), None, "{subject}");
    }
}

/// A work branch is merged where work is collected, with a note of its own, and that is merged into main.
fn collected(subject: &str, outer: &str) -> Vec<Commit> {
    vec![
        commit("base", &[], 1, "begin"),
        commit("note", &["base"], 11, "ticket: note"),
        commit("work", &["base"], 12, "do it"),
        commit("inner", &["note", "work"], 13, subject),
        commit("main", &["base"], 14, "other"),
        commit("m", &["main", "inner"], 19, outer),
    ]
}

#[test]
fn work_that_was_collected_landed_where_it_was_first_merged() {
    let (branch, slug) = ("work/red-hat", "inner merge [work] high: branch slug");
    told_is(&collected("merge: red hat", "merge: collected"), &[planned(RED, branch)], slug);
    told_is(&collected("merge: red hat", "merge: red hat"), &[planned(RED, branch)], slug);
    let outer = collected("merge: one", "merge: collected");
    told_is(&outer, &[facts(RED)], "inner merge [work] low: time window");
    // Named by its id, the outer merge is a landing of all that it collected.
    let named = collected("merge: one", &format!("Merge branch 'merge/{RED}-red'"));
    told_is(&named, &[facts(RED)], "m merge [work] high: id in branch name");
}

#[test]
fn work_merged_into_the_branch_of_another_ticket_lands_with_it() {
    let commits = [
        commit("base", &[], 1, "begin"),
        commit("red", &["base"], 11, "red work"),
        commit("blue", &["base"], 12, "blue work"),
        commit("inner", &["blue", "red"], 13, &format!("Merge branch 'work/{RED}' into work/{BLUE}")),
        commit("main", &["base"], 14, "other"),
        commit("m", &["main", "inner"], 19, &format!("Merge branch 'work/{BLUE}'")),
    ];
    let found = look(&commits, &[], &[facts(RED), facts(BLUE)]);
    assert_eq!(told(&found, ticket_id(RED)).as_deref(), Some("m merge [red] high: id in branch name"));
    assert_eq!(told(&found, ticket_id(BLUE)).as_deref(), Some("m merge [blue] high: id in branch name"));
}

#[test]
fn a_branch_that_was_joined_with_its_own_copy_is_one_line() {
    let commits = [
        commit("base", &[], 1, "begin"),
        commit("mine", &["base"], 11, "mine"),
        commit("theirs", &["base"], 12, "theirs"),
        commit("pull", &["mine", "theirs"], 13, "Merge branch 'red-hat' of host:repo into red-hat"),
        commit("main", &["base"], 14, "other"),
        commit("m", &["main", "pull"], 19, "Merge branch 'red-hat'"),
    ];
    told_is(&commits, &[facts(RED)], "m merge [mine+theirs] low: time window");
}

#[test]
fn a_merge_goes_to_the_ticket_with_the_best_evidence() {
    let commits = [
        commit("base", &[], 1, "begin"),
        commit("one", &["base"], 11, "one"),
        commit("m1", &["base", "one"], 18, "merge: something"),
        commit("two", &["base"], 12, "two"),
        commit("m2", &["m1", "two"], 19, "merge: blue hat"),
    ];
    let found = look(&commits, &[], &[facts(RED), planned(BLUE, "work/blue-hat")]);
    assert_eq!(told(&found, ticket_id(BLUE)).as_deref(), Some("m2 merge [two] high: branch slug"));
    assert_eq!(told(&found, ticket_id(RED)).as_deref(), Some("m1 merge [one] low: time window"));
    // A merge that names a ticket is not given to another, not even when that ticket is not at hand.
    let named = one_merge(&format!("merge: {BLUE} red hat"));
    assert_eq!(landing(&named, &[planned(RED, "work/red-hat")]), None);
}

#[test]
fn main_merged_into_the_work_is_not_what_the_merge_brought() {
    let commits = [
        commit("base", &[], 1, "begin"),
        commit("main", &["base"], 11, "other"),
        commit("one", &["base"], 12, "one"),
        commit("up", &["one", "main"], 13, "Merge branch 'main' into red-hat"),
        commit("two", &["up"], 14, "two"),
        commit("m", &["main", "two"], 19, "merge: red hat"),
    ];
    told_is(&commits, &[planned(RED, "work/red-hat")], "m merge [one+two] high: branch slug");
}

#[test]
fn a_history_that_is_cut_off_is_read_as_far_as_it_goes() {
    let mut commits = one_merge(&format!("merge: {RED} red hat"));
    commits.drain(..2);
    told_is(&commits, &[facts(RED)], "m merge [work] high: id in merge subject");
    assert_eq!(look_beside(&[], "m", &[], &[], &[facts(RED)]), []);
}

#[test]
fn a_commit_that_changed_only_tickets_is_no_work_whatever_it_is_called() {
    let subject = format!("sync: bring {RED} up to date");
    let commits = [commit("base", &[], 1, "begin"), commit("kept", &["base"], 12, &subject)];
    assert_eq!(look(&commits, &[], &[facts(RED)]).len(), 1);
    assert_eq!(look_beside(&commits, "kept", &[], &["kept"], &[facts(RED)]), []);
    let mut merged = one_merge("Merge branch 'red'");
    merged[2].key.subject = subject;
    assert_eq!(look(&merged, &[], &[facts(RED)])[0].landing.as_ref().unwrap().signal, Signal::CommitMessage);
    let found = look_beside(&merged, "m", &[], &["work"], &[facts(RED)]);
    assert!(found.iter().all(|finding| finding.landing.as_ref().unwrap().signal > Signal::CitedCommit));
}
