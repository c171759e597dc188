//! Landings found in a real history that was written without the tool, measured against what is known of it.
//!
//! Measured are the tickets that really became done: the last move to done came from inprogress. A landing is
//! right when it is the merge that the table names as the ticket's own; where the table names none, when it
//! brought a commit that the table calls the ticket's work. Precision: right ones of those given, so that what
//! can't be judged counts as wrong. Recall: right ones of the tickets whose own merge the table names.
//!
//! The history's commits have other ids than those that the threads cite. Once the tickets are taken as they
//! are, so that no citation leads anywhere; once the cited ids are translated first, as they would stand in the
//! repository the tickets came from. The table itself was made from citations: with them the measure is
//! lenient, without them it is not. Skipped in one line where the corpus is not at hand.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use git_yoi::host::{Clock, Entropy, Host, Terminal};
use git_yoi::model::history::{self, Confidence, Finding, History, Signal, Tip};
use git_yoi::model::id::TicketId;
use git_yoi::ops::land_history::{self, Material};
use git_yoi::ops::{Session, import};

use crate::corpus;
use crate::world::{World, gits};

/// The branch on which the corpus' work landed.
const TARGET: &str = "develop";
/// What must be reached, in per cent.
const PRECISION: usize = 97;
const RECALL: usize = 95;

/// A table of the corpus: each row by the names of its columns.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let row = |line: &str| {
        let cells = line.split('\t').map(str::to_owned);
        names.iter().map(|name| (*name).to_owned()).zip(cells).collect()
    };
    lines.map(row).collect()
}

/// Which published id stands for which id in the repository that was built.
struct Translation(BTreeMap<String, String>);

impl Translation {
    fn read(published: &Path, marks: &Path) -> Self {
        let pairs = |path: &Path| -> BTreeMap<String, String> {
            let text = fs::read_to_string(path).unwrap();
            let pairs = text.lines().filter_map(|line| line.trim_start_matches(':').split_once([' ', '\t']));
            pairs.map(|(mark, id)| (mark.to_owned(), id.to_owned())).collect()
        };
        let new = pairs(marks);
        let named = pairs(published).into_iter();
        Translation(named.filter_map(|(mark, old)| Some((old, new.get(&mark)?.clone()))).collect())
    }

    /// The new id for the start of a published one, cut to the same length; `None` when it is no such start.
    fn of(&self, digits: &str) -> Option<&str> {
        let mut fitting = self.0.range(digits.to_owned()..).take_while(|(old, _)| old.starts_with(digits));
        let (_, new) = fitting.next()?;
        if fitting.next().is_some() { None } else { new.get(..digits.len()) }
    }

    /// A text with every published id of seven digits or more translated.
    fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for part in text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric()) {
            let word = part.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
            let is_long = (7..=40).contains(&word.len());
            let is_hex = word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            out.push_str(
                Some(word).filter(|_| is_long && is_hex).and_then(|word| self.of(word)).unwrap_or(word),
            );
            out.push_str(&part[word.len()..]);
        }
        out
    }
}

/// The process, as this program would find it in the repository.
fn host(world: &World) -> Host {
    let path = std::env::var_os("PATH").unwrap();
    let env =
        [("PATH", path), ("HOME", world.root().join("home").into()), ("GIT_CONFIG_NOSYSTEM", "1".into())];
    Host {
        args: Vec::new(),
        env: env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        id: 1,
        program: None,
        cwd: world.repo(),
        clock: Clock::stepping(1_790_000_000_000, 1),
        entropy: Entropy::counting(),
        terminal: Terminal::default(),
        stdin: RefCell::new(Box::new(io::empty())),
        stdout: RefCell::new(Box::new(io::sink())),
        stderr: RefCell::new(Box::new(io::sink())),
    }
}

/// Builds the history, imports the tickets, and gives what there is to look at, with the truth about it.
fn gather(corpus: &Path, is_translated: bool) -> (Material, Vec<Tip>, Truth) {
    let world = World::new();
    let marks = world.root().join("marks");
    let mut git = world.command("git", &world.repo());
    git.args(["fast-import", "--quiet"]).arg(format!("--export-marks={}", marks.display()));
    git.stdin(fs::File::open(corpus.join("history/yoi.fi")).unwrap());
    world.run(git).ok();
    let translation = Translation::read(&corpus.join("history/yoi.fi.map"), &marks);
    for (id, folder) in corpus::tickets(corpus) {
        for name in ["item.md", "thread.md", "artifacts/orchestration-plan.jsonl"] {
            let Ok(text) = fs::read_to_string(folder.join(name)) else { continue };
            let text = if is_translated { translation.text(&text) } else { text };
            world.write(&format!("from/{id}/{name}"), text);
        }
        world.write(&format!("from/{id}/artifacts/.gitkeep"), "");
    }
    world.yoi(["init"]).ok();
    let host = host(&world);
    let session = Session::open(&host, Some("somebody")).unwrap();
    import::import(&session, &world.root().join("from"), false, &mut |_, _| {}).unwrap();
    let tip = world.git(["rev-parse", TARGET]).ok().trim_end().to_owned();
    let targets = vec![Tip { name: TARGET.to_owned(), commit: tip }];
    let material = land_history::gather(&session, &targets).unwrap();
    assert!(!material.is_cut && material.unreadable.is_empty() && material.damaged.is_empty());
    let found = land_history::find(&session, &targets).unwrap();
    assert_eq!(found.findings, find(&material, &targets), "the same again");
    (material, targets, Truth::read(corpus, &translation))
}

fn find(material: &Material, targets: &[Tip]) -> Vec<Finding> {
    let (commits, branches, records) = (&material.commits, &material.branches, &material.records);
    let history = History { commits, targets, branches, records };
    history::find(&history, &material.tickets)
}

/// What is known of the tickets that really became done.
struct Truth {
    /// The own merge of each, where it is known.
    merges: BTreeMap<TicketId, Option<String>>,
    /// Commits that are known to be the work of each ticket.
    work: BTreeMap<TicketId, BTreeSet<String>>,
}

impl Truth {
    fn read(corpus: &Path, translation: &Translation) -> Self {
        let id = |row: &BTreeMap<String, String>| TicketId::parse(&row["ticket"]).unwrap();
        let tickets = table(&corpus.join("truth/tickets.tsv")).into_iter();
        let done = tickets.filter(|row| row["done_from"].rsplit(';').next() == Some("inprogress"));
        let merges = done.map(|row| (id(&row), translation.0.get(&row["own_merge"]).cloned())).collect();
        let mut work: BTreeMap<TicketId, BTreeSet<String>> = BTreeMap::new();
        for row in table(&corpus.join("truth/links.tsv")).iter().filter(|row| row["role"] == "work") {
            work.entry(id(row)).or_default().insert(translation.0[&row["sha"]].clone());
        }
        Truth { merges, work }
    }
}

/// What a look was worth.
#[derive(Default)]
struct Score {
    /// Tickets whose own merge is known.
    due: usize,
    /// Landings given.
    given: usize,
    /// Right ones among them.
    right: usize,
    /// Right ones of tickets whose own merge is known.
    recalled: usize,
}

impl Score {
    fn of(truth: &Truth, findings: &[Finding], counts: impl Fn(&Finding) -> bool, half: Option<u8>) -> Self {
        let mut score = Score::default();
        for (id, merge) in truth.merges.iter().filter(|(id, _)| half.is_none_or(|half| half_of(id) == half)) {
            score.due += usize::from(merge.is_some());
            let finding = findings.iter().find(|finding| finding.ticket_id == *id && counts(finding));
            let Some(landing) = finding.and_then(|finding| finding.landing.as_ref()) else { continue };
            score.given += 1;
            let work = truth.work.get(id);
            let brings_work = || landing.brought.iter().any(|id| work.is_some_and(|work| work.contains(id)));
            let is_right = merge.as_ref().map_or_else(brings_work, |merge| *merge == landing.commit);
            score.right += usize::from(is_right);
            score.recalled += usize::from(is_right && merge.is_some());
        }
        score
    }

    fn say(&self, what: &str) {
        let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
        let Score { due, given, right, recalled } = self;
        corpus::say(&format!(
            "{what}: precision {:.1} % ({right} of {given}), recall {:.1} % ({recalled} of {due})",
            share(*right, *given),
            share(*recalled, *due)
        ));
    }

    #[track_caller]
    fn must_reach(&self) {
        assert!(self.due > 0 && self.given > 0, "nothing was measured");
        assert!(100 * self.right >= PRECISION * self.given, "{} of {} right", self.right, self.given);
        assert!(100 * self.recalled >= RECALL * self.due, "{} of {} found", self.recalled, self.due);
    }
}

/// One of two halves, by a sum over the id: what holds in one must hold in the other.
fn half_of(id: &TicketId) -> u8 {
    id.as_str().bytes().fold(0u8, u8::wrapping_add) % 2
}

fn confidence(finding: &Finding) -> Option<Confidence> {
    finding.landing.as_ref().map(|landing| landing.confidence)
}

/// Tells what all findings are worth, and each half, each confidence and each signal of them.
fn judge(what: &str, truth: &Truth, findings: &[Finding]) {
    let all = Score::of(truth, findings, |_| true, None);
    all.say(what);
    all.must_reach();
    for half in [0, 1] {
        let score = Score::of(truth, findings, |_| true, Some(half));
        score.say(&format!("  half {half}"));
        score.must_reach();
    }
    for sure in [Confidence::High, Confidence::Low] {
        let score = Score::of(truth, findings, |finding| confidence(finding) == Some(sure), None);
        score.say(&format!("  {} confidence", sure.word()));
        assert!(sure == Confidence::Low || 100 * score.right >= PRECISION * score.given);
    }
    for signal in Signal::ALL {
        let is_it = |finding: &Finding| finding.landing.as_ref().is_some_and(|found| found.signal == signal);
        let score = Score::of(truth, findings, is_it, None);
        if score.given > 0 {
            corpus::say(&format!("  {}: {} of {} right", signal.words(), score.right, score.given));
        }
    }
    judge_links(truth, findings);
}

/// No commit is linked that is known to be another ticket's work, and nearly all known work is linked.
fn judge_links(truth: &Truth, findings: &[Finding]) {
    let (mut known, mut linked, mut wrong, mut unknown) = (0, 0, 0, 0);
    let is_work = |commit: &str| truth.work.values().any(|work| work.contains(commit));
    for id in truth.merges.iter().filter(|(_, merge)| merge.is_some()).map(|(id, _)| id) {
        let work = truth.work.get(id).cloned().unwrap_or_default();
        let links = findings.iter().filter(|finding| finding.ticket_id == *id);
        let links: BTreeSet<String> =
            links.flat_map(|finding| &finding.links).map(|link| link.commit.clone()).collect();
        known += work.len();
        linked += links.intersection(&work).count();
        let others: Vec<&String> = links.difference(&work).collect();
        wrong += others.iter().filter(|commit| is_work(commit)).count();
        unknown += others.iter().filter(|commit| !is_work(commit)).count();
    }
    corpus::say(&format!(
        "  links: {linked} of {known} known commits, {wrong} of other tickets, {unknown} not known"
    ));
    assert!(100 * linked >= RECALL * known && wrong == 0);
}

#[test]
fn landings_of_a_history_without_the_tool_are_found() {
    let Some(corpus) = corpus::find() else { return };
    let (mut material, targets, truth) = gather(&corpus, false);
    judge("no citation leads anywhere", &truth, &find(&material, &targets));

    // Tickets that are not at hand have merges all the same: none of them may be taken for another's.
    let all = material.tickets.clone();
    for half in [0, 1] {
        material.tickets = all.iter().filter(|facts| half_of(&facts.id) == half).cloned().collect();
        let score = Score::of(&truth, &find(&material, &targets), |_| true, Some(half));
        score.say(&format!("only half {half} of the tickets is there"));
        score.must_reach();
    }

    // What is left when nobody wrote a branch or an id down: for whoever reads, nothing is promised.
    let bare =
        |facts: &history::Facts| history::Facts { planned: Vec::new(), named: Vec::new(), ..facts.clone() };
    material.branches.clear();
    material.tickets = all.iter().map(bare).collect();
    for commit in &mut material.commits {
        for id in material.tickets.iter().map(|facts| facts.id) {
            commit.key.subject = commit.key.subject.replace(id.as_str(), "it");
        }
    }
    Score::of(&truth, &find(&material, &targets), |_| true, None).say("titles and times alone");
    for facts in &mut material.tickets {
        facts.title.clear();
    }
    let findings = find(&material, &targets);
    Score::of(&truth, &findings, |_| true, None).say("times alone");
    assert!(findings.iter().all(|finding| confidence(finding) != Some(Confidence::High)));
}

#[test]
fn cited_commits_lead_to_the_same_landings() {
    let Some(corpus) = corpus::find() else { return };
    let (material, targets, truth) = gather(&corpus, true);
    judge("citations lead to commits", &truth, &find(&material, &targets));
}

#[test]
fn what_a_commit_changed_tells_work_from_records_of_older_tools() {
    for git in gits() {
        let world = World::with_git(&git);
        world.yoi(["init", "--no-hooks"]).ok();
        let (kept, worked) = (world.create("Only kept"), world.create("Worked on"));
        let commit = |path: &str, subject: &str| {
            world.write(&format!("repo/{path}"), subject);
            world.git(["add", "-A"]).ok();
            world.git(["commit", "-q", "-m", subject]).ok();
        };
        commit("code", "begin");
        commit(&format!(".yoi/tickets/{kept}/thread.md"), &format!("sync: tickets {kept}"));
        commit(&format!(".yoi/tickets/{kept}/item.md"), &format!("chore: update {kept}"));
        world.write(&format!("repo/.yoi/tickets/{worked}/item.md"), "x");
        commit("code", &format!("sync: clocks ({worked})"));
        let found = world.json(["land", "--history", "-n"]);
        let found = found["found"].as_array().unwrap();
        let ids: Vec<&str> = found.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [worked.as_str()], "{found:?}");
    }
}
