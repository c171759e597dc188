//! The index: whatever is asked of it, the ref answers the same; and nothing that is wrong with it is felt.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use git_yoi::host::Host;
use git_yoi::model::id::TicketId;
use git_yoi::model::moment::Moment;
use git_yoi::model::query::{Clause, Pattern, Query, Sort, Span, Term};
use git_yoi::model::readiness::Gate;
use git_yoi::model::relation::{Order, Ways};
use git_yoi::model::state::State;
use git_yoi::ops::survey::{self, Survey};
use git_yoi::ops::{Session, next, plans, relations, status};

use crate::fixture::{THREAD, folder, id, import, item, put, put_all, put_bytes, tip};
use crate::plant::{REF, at_once};
use crate::world::{World, gits};

/// Who asks.
const ME: &str = "Tess Ter";

/// Numbers that are the same at every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.throw(from.len())]
    }
}

fn index_file(world: &World) -> PathBuf {
    world.repo().join(".git/yoi/index.db")
}

/// A session in this process, in the world's repository.
pub(crate) fn host(world: &World) -> Host {
    let mut host = Host::process().unwrap();
    host.cwd = world.repo();
    host
}

fn queries() -> Vec<Query> {
    let is = |word: &str| Pattern::Is(word.to_owned());
    let of = |terms: Vec<Term>| terms.into_iter().map(Clause::of).collect::<Vec<Clause>>();
    let not = |term: Term| Clause { is_excluded: true, any: vec![term] };
    let event = |from: &str, before: &str| {
        Term::Event(Span { from: Moment::parse(from), before: Moment::parse(before) })
    };
    let seldom = vec![
        Term::Author(is("someone else")),
        event("2026-03-01T00:00:00Z", ""),
        Term::Label(is("bug")),
        Term::Among(BTreeSet::from([TicketId::parse(&id(2)).unwrap()])),
    ];
    let either = vec![Term::State(State::Queued), Term::Resolved];
    let asked: [Vec<Clause>; 17] = [
        Vec::new(),
        of(vec![Term::State(State::Queued)]),
        of(vec![Term::Label(is("ui"))]),
        of(vec![Term::Label(is("ui")), Term::Label(is("bug"))]),
        of(vec![Term::Priority(is("p1")), Term::Label(is("ui"))]),
        of(vec![Term::Assignee(Pattern::Absent), Term::Text("t".to_owned())]),
        of(vec![Term::Readiness(is("ok")), Term::Risk(is("r")), Term::Open]),
        of(vec![Term::Blocked]),
        vec![not(Term::Label(is("ui"))), Clause { is_excluded: false, any: either.clone() }],
        vec![
            Clause { is_excluded: true, any: either },
            Clause::of(Term::Label(Pattern::Begins("l".to_owned()))),
        ],
        of(vec![Term::Author(is("someone"))]),
        of(vec![Term::Author(Pattern::Begins("te".to_owned())), Term::Label(is("ui"))]),
        of(vec![Term::Author(Pattern::Absent)]),
        vec![not(Term::Author(Pattern::Any))],
        of(vec![event("2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z")]),
        vec![not(event("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")), Clause::of(Term::Open)],
        vec![Clause { is_excluded: false, any: seldom }],
    ];
    let sorts = [Sort::Updated, Sort::Created, Sort::Id, Sort::Title, Sort::State, Sort::Priority];
    let states: [&[State]; 3] = [&[], &State::ALL, &[State::Ready, State::Closed]];
    let mut found = Vec::new();
    for (index, clauses) in asked.into_iter().enumerate() {
        let mut clauses = clauses;
        for (number, sort) in sorts.into_iter().enumerate() {
            let turn = index + number;
            if turn % 5 == 4 {
                clauses.push(Clause::of(Term::Gate(Gate::ALL[turn % Gate::ALL.len()])));
            }
            let most = [None, Some(0), Some(2), Some(100)][turn % 4];
            let (states, clauses) = (states[turn % 3].to_vec(), clauses.clone());
            found.push(Query { states, clauses, sort, reverse: turn % 3 == 1, most });
        }
    }
    found
}

/// The index answers queries as the ref does.
fn same_lists(session: &Session, step: &str) -> Survey {
    let snapshot = session.snapshot().unwrap();
    for query in queries() {
        let told = survey::select(session, &snapshot, &query).unwrap();
        let read = survey::from_snapshot(&snapshot, &query).unwrap();
        assert_eq!(told, read, "{step}: {query:?}");
    }
    survey::from_snapshot(&snapshot, &Query::in_states(&State::ALL)).unwrap()
}

/// The index answers every question as the ref does.
fn same(world: &World, step: &str) -> Survey {
    let host = host(world);
    let session = Session::open(&host, Some(ME)).unwrap();
    let snapshot = session.snapshot().unwrap();
    let all = same_lists(&session, step);
    let found = session.find_index().unwrap().version.unwrap_or_else(|| panic!("{step}: no index"));
    assert!(found.is_fresh, "{step}");
    let threads = session.find_index().unwrap().threads;
    assert_eq!(threads.map(|found| (found.is_fresh, found.tickets)), Some((true, all.known)), "{step}");
    assert_eq!(found.tickets, all.known, "{step}");
    let blind = without_index(world);
    let other_host = host_in(&blind, world);
    let other = Session::open(&other_host, Some(ME)).unwrap();
    assert_eq!(in_line(&session), in_line(&other), "{step}");
    let version = other.snapshot().unwrap();
    assert_eq!(
        relations::all(&session, &snapshot).unwrap(),
        relations::all(&other, &version).unwrap(),
        "{step}"
    );
    for ticket in &all.tickets {
        let id = ticket.id;
        let sorted = |mut relations: Vec<git_yoi::model::relation::Relation>| {
            relations.sort_by_key(|relation| (relation.ticket_id, relation.kind, relation.target));
            relations
        };
        let touching = relations::touching(&session, &snapshot, id).unwrap();
        assert_eq!(
            sorted(touching),
            sorted(relations::touching(&other, &version, id).unwrap()),
            "{step}: {id}"
        );
        let unblocked = relations::unblocked_by(&session, &snapshot, id).unwrap();
        assert_eq!(unblocked, relations::unblocked_by(&other, &version, id).unwrap(), "{step}: {id}");
        for order in [Order::Waiting, Order::Replacing] {
            let known = relations::ways_from(&session, &snapshot, order, id).unwrap();
            let read = relations::ways_from(&other, &version, order, id).unwrap();
            for target in &all.tickets {
                let there = |ways: &Ways| ways.path(order, id, target.id).is_some();
                assert_eq!(there(&known), there(&read), "{step}: {id} {}", target.id);
            }
        }
    }
    all
}

/// What can start, what is to be decided again, what is planned, and how things stand.
fn in_line(session: &Session) -> [String; 5] {
    let told = [next::next(session, usize::MAX), next::next(session, 2)];
    let [all, first] = told.map(|next| format!("{:#?}", next.unwrap()));
    let due = format!("{:#?}", next::due(session).unwrap());
    let standing = format!("{:#?}", status::status(session, None, Some(4)).unwrap().sections);
    [all, first, due, format!("{:#?}", plans::list(session, None, false).unwrap()), standing]
}

/// A clone at the same version that has no index and makes none.
fn without_index(world: &World) -> PathBuf {
    let clone = world.root().join("blind");
    let _ = fs::remove_dir_all(&clone);
    world.git(["clone", "-q", "--mirror", ".", clone.to_str().unwrap()]).ok();
    clone
}

fn host_in(folder: &std::path::Path, world: &World) -> Host {
    Host { cwd: folder.to_owned(), ..host(world) }
}

/// Front matters that nobody can read.
const BAD_ITEMS: [&str; 3] =
    ["no front matter", "---\ntitle: x\nstate: odd\n---\n", "---\ntitle: t\nlabels: x\n---\n"];

/// Does something at random; it may be refused.
fn step(world: &World, dice: &mut Dice, ids: &mut Vec<String>, tips: &[String]) -> String {
    let one = dice.pick(ids).clone();
    let other = dice.pick(ids).clone();
    let kind = *dice.pick(&["depends-on", "blocks", "related", "supersedes"]);
    let words: Vec<&str> = match dice.throw(26) {
        0 => vec!["comment", &one, "-m", "words"],
        1 | 2 => vec!["state", &one, "ready", "-m", "clear"],
        3 | 4 => vec!["queue", &one],
        5 | 6 => vec!["state", &one, "inprogress"],
        7 => vec!["state", &one, "done"],
        8 => vec!["close", &one, "-m", "over"],
        9 => vec!["reopen", &one, "-m", "again"],
        10 | 11 => vec!["relate", &one, kind, &other],
        12 => vec!["unrelate", &one, kind, &other],
        13 => vec!["review", &one, "--approve", "-m", "good"],
        14 => vec!["comment", &one, "--as", "implementation_report", "-m", "made"],
        21 => {
            let kind = *dice.pick(&["conflicts-with", "do-not-parallelize", "after", "blocked-by"]);
            vec!["plan", "add", &one, "--kind", kind, "--on", &other]
        }
        22 => vec!["route", &one, *dice.pick(&["waiting", "blocked", "ready_for_queue"]), "--reason", "r"],
        23 => vec!["edit", &one, "--assignee", *dice.pick(&[ME, "Other", ""])],
        24 => {
            let damage: &[u8] = *dice.pick(&[b"{ no JSON\n", b"\xff\n\n\n\n\n\n\n\n\n"]);
            put_bytes(world, &one, "artifacts/orchestration-plan.jsonl", damage);
            return format!("damage the plan of {one}");
        }
        15 => {
            let made = world.create("another t");
            ids.push(made.clone());
            return format!("create {made}");
        }
        16 => {
            put(world, &one, "item.md", BAD_ITEMS[dice.throw(3)]);
            return format!("damage {one}");
        }
        17 => {
            let more = "labels: ['ui', 'UI', 'bug']\npriority: 'P1'\nreadiness: 'ok'\nrisk_flags: ['r']\n";
            let state = *dice.pick(&["planning", "queued", "queued", "inprogress", "closed"]);
            let queued = *dice.pick(&["", "queued_at: '2026-01-05T00:00:00Z'\n", "queued_at: 'soon'\n"]);
            put(world, &one, "item.md", &item("'mended T'", state, &format!("{more}{queued}")));
            return format!("mend {one}");
        }
        19 => {
            let author = *dice.pick(&["someone else", "Ｔess", "", "\u{1}"]);
            let at = *dice.pick(&["2026-03-04T00:00:00Z", "2026-01-02T03:04:05Z", "yesterday"]);
            let thread = format!("<!-- event: create author: \"{author}\" at: {at} -->\n\nx\n\n---\n");
            put(world, &one, "thread.md", &thread);
            return format!("another thread of {one}");
        }
        20 => {
            put_bytes(world, &one, "thread.md", b"<!-- event: create author: a at: b -->\n\n\xff\n");
            return format!("damage the thread of {one}");
        }
        18 => {
            put(world, &one, "artifacts/relations.json", "{ this is no JSON");
            return format!("damage the relations of {one}");
        }
        _ => {
            let tip = dice.pick(tips).clone();
            world.git(["update-ref", REF, &tip]).ok();
            return format!("to {tip}");
        }
    };
    let answer = world.yoi(&words);
    assert!(matches!(answer.code, 0 | 1 | 2 | 128 | 129), "{words:?} {answer:?}");
    words.join(" ")
}

#[test]
fn whatever_happened_the_index_answers_as_the_ref_does() {
    for seed in 1..=2 {
        let world = World::new();
        let mut ids = Vec::new();
        for number in 0..9 {
            // Ids that share many of their last letters.
            let number = if number < 5 { number } else { (number << 20) | 0x21 };
            let more = format!("priority: 'P{}'\nlabels: ['ui', 'l{number}']\n", number % 3);
            let state = ["planning", "ready", "queued", "inprogress", "done", "closed"][number as usize % 6];
            folder(&world, number, &item(&format!("'T{number}'"), state, &more), THREAD);
            ids.push(id(number));
        }
        import(&world);
        world.yoi(["index", "--rebuild"]).ok();
        let mut dice = Dice(seed);
        let mut tips = vec![tip(&world)];
        let mut taken = vec![format!("seed {seed}")];
        same(&world, "at first");
        for turn in 0..30 {
            taken.push(step(&world, &mut dice, &mut ids, &tips));
            tips.push(tip(&world));
            // Sometimes several changes are taken over at once.
            if turn % 3 == 0 {
                same(&world, &taken.join("\n"));
            }
        }
    }
}

/// A thread with a routing decision.
fn decided(word: &str) -> String {
    let body = format!("Routing decision: {word}\n\nReason:\n\n- r");
    format!(
        "{THREAD}\n<!-- event: decision author: a at: 2026-01-03T00:00:00Z -->\n\n## Decision\n\n{body}\n\n---\n"
    )
}

/// A thread in which two took a ticket; those who are one and the same took it once.
fn claimed(rival: &str) -> String {
    let claim = |id: char, by: &str| {
        format!(
            "\n<!-- event: state_changed author: {by} at: 2026-01-03T00:00:00Z id: 01K0000000000000000000000{id} \
             from: queued to: inprogress assignee: {by} -->\n\n## State changed\n\nTaken.\n\n---\n"
        )
    };
    format!("{THREAD}{}{}", claim('1', "ada"), claim('2', rival))
}

/// Does something at random to when a ticket may start; it may be refused.
fn line_up(world: &World, dice: &mut Dice, ids: &[String]) -> String {
    let one = dice.pick(ids).clone();
    let other = dice.pick(ids).clone();
    let words: Vec<&str> = match dice.throw(18) {
        0..=2 => {
            let state = *dice.pick(&["queued", "queued", "queued", "inprogress", "closed", "ready"]);
            let priority = *dice.pick(&["P1", "high", "someday", "zoo", "Äh"]);
            let queued = *dice.pick(&["", "queued_at: '2026-01-05T00:00:00Z'\n", "queued_at: 'soon'\n"]);
            let more = format!("priority: '{priority}'\n{queued}");
            put(world, &one, "item.md", &item("'In line'", state, &more));
            return format!("{one} {state} {more}");
        }
        3 => vec!["relate", &one, "depends-on", &other],
        4 => vec!["unrelate", &one, "depends-on", &other],
        5 | 6 => {
            let kind = *dice.pick(&["conflicts-with", "do-not-parallelize", "after", "blocked-by", "before"]);
            vec!["plan", "add", &one, "--kind", kind, "--on", &other]
        }
        7 => {
            let word = *dice.pick(&["waiting", "blocked", "waiting", "implementation_ready"]);
            put(world, &one, "thread.md", &decided(word));
            return format!("{one} is decided: {word}");
        }
        14..=17 => {
            let rival = *dice.pick(&["ada", "bo", "bo"]);
            put(world, &one, "thread.md", &claimed(rival));
            return format!("{one} is taken by ada and {rival}");
        }
        8 => vec!["edit", &one, "--assignee", *dice.pick(&[ME, "Other", ""])],
        9 => vec!["close", &one, "-m", "over"],
        10 => vec!["state", &one, "inprogress"],
        11 => vec!["undo"],
        12 => {
            let damage = [b"{ no JSON\n".as_slice(), b"\xff"][dice.throw(2)];
            put_bytes(world, &one, "artifacts/orchestration-plan.jsonl", damage);
            return format!("damage the plan of {one}");
        }
        _ => vec!["comment", &one, "-m", "words"],
    };
    let answer = world.yoi(&words);
    assert!(matches!(answer.code, 0 | 1 | 2 | 128 | 129), "{words:?} {answer:?}");
    words.join(" ")
}

#[test]
fn whatever_is_planned_the_index_lines_up_as_the_ref_does() {
    let mut most = (0, 0, 0);
    let (mut rivals, mut calm) = (0, 0);
    for seed in 1..=2 {
        let world = World::new();
        for number in 0..8 {
            folder(&world, number, &item(&format!("'T{number}'"), "queued", ""), &decided("waiting"));
        }
        import(&world);
        world.yoi(["index", "--rebuild"]).ok();
        for number in 0..2 {
            world.yoi(["relate", &id(number), "depends-on", &id(7 - number)]).ok();
            world.yoi(["close", &id(7 - number), "-m", "over"]).ok();
        }
        world.yoi(["plan", "add", &id(2), "--kind", "conflicts-with", "--on", &id(3)]).ok();
        world.yoi(["plan", "add", &id(3), "--kind", "do-not-parallelize", "--on", &id(4)]).ok();
        world.yoi(["state", &id(3), "inprogress"]).ok();
        let ids: Vec<String> = (0..8).map(id).collect();
        let mut dice = Dice(seed);
        let mut taken = vec![format!("seed {seed}")];
        for turn in 0..45 {
            taken.push(line_up(&world, &mut dice, &ids));
            if turn % 3 > 0 {
                continue;
            }
            let blind = without_index(&world);
            let hosts = [host(&world), host_in(&blind, &world)];
            let [here, there] = hosts.each_ref().map(|host| Session::open(host, Some(ME)).unwrap());
            assert_eq!(in_line(&here), in_line(&there), "{}", taken.join("\n"));
            assert!(here.find_index().unwrap().version.is_some_and(|found| found.is_fresh));
            let sections = status::status(&here, None, None).unwrap().sections;
            let attention = sections.iter().find(|section| section.part == status::Part::Attention);
            match attention.map_or(0, |section| section.total) {
                0 => calm += 1,
                _ => rivals += 1,
            }
            let (next, due) = (next::next(&here, 0).unwrap(), next::due(&here).unwrap());
            let free = survey::select(&here, &here.snapshot().unwrap(), &free_to_start()).unwrap().total;
            let kept = free - next.total;
            most = (most.0.max(next.total), most.1.max(due.len()), most.2.max(kept));
        }
    }
    let is_enough = most.0 > 3 && most.1 > 0 && most.2 > 0 && rivals > 3 && calm > 1;
    assert!(is_enough, "little was tried: {most:?}, {rivals}, {calm}");
}

/// The tickets that can start but for the plan.
fn free_to_start() -> Query {
    let mine = vec![Term::Assignee(Pattern::Is(ME.to_lowercase())), Term::Assignee(Pattern::Absent)];
    let clauses = vec![Clause::of(Term::Gate(Gate::CanStart)), Clause { is_excluded: false, any: mine }];
    Query { clauses, ..Query::in_states(&[State::Queued]) }
}

#[test]
fn an_index_is_made_where_there_are_many_tickets_and_follows_merges() {
    let world = World::new();
    let ids: Vec<String> = (0..600)
        .map(|number| TicketId::from_millis(1_750_000_000_000 + number * 61_001).to_string())
        .collect();
    for id in &ids {
        world.write(
            &format!("from/{id}/item.md"),
            item(&format!("'Ticket {id}'"), "queued", "labels: ['x']\n"),
        );
        world.write(&format!("from/{id}/thread.md"), THREAD);
    }
    import(&world);
    assert!(!index_file(&world).exists());
    world.yoi(["list"]).ok();
    assert!(index_file(&world).exists());
    same(&world, "made by a list");
    let remote = world.root().join("remote.git");
    world.git(["init", "-q", "--bare", remote.to_str().unwrap()]).ok();
    world.git(["remote", "add", "origin", remote.to_str().unwrap()]).ok();
    world.yoi(["init", "origin"]).ok();
    world.yoi(["sync"]).ok();
    let clone = world.root().join("clone");
    world.git(["clone", "-q", remote.to_str().unwrap(), clone.to_str().unwrap()]).ok();
    crate::plant::yoi_in(&world, &clone, &["init", "origin"]).ok();
    crate::plant::yoi_in(&world, &clone, &["close", &ids[3], "-m", "over"]).ok();
    crate::plant::yoi_in(&world, &clone, &["sync"]).ok();
    world.yoi(["comment", &ids[4], "-m", "words"]).ok();
    world.yoi(["sync"]).ok();
    let all = same(&world, "merged");
    let closed: Vec<TicketId> =
        all.tickets.iter().filter(|ticket| ticket.state == State::Closed).map(|ticket| ticket.id).collect();
    assert_eq!(closed.iter().map(TicketId::to_string).collect::<Vec<_>>(), [ids[3].clone()]);
    // So many that several threads read them, and pieces of lists are split and emptied.
    let many: Vec<&str> = ids.iter().skip(7).step_by(2).map(String::as_str).collect();
    let changed = item("'All the same'", "ready", "labels: ['x', 'y']\n");
    put_all(&world, &many, "item.md", changed.as_bytes());
    let host = host(&world);
    let all = same_lists(&Session::open(&host, Some(ME)).unwrap(), "many changed elsewhere");
    let ready = all.tickets.iter().filter(|ticket| ticket.state == State::Ready).count();
    assert_eq!(ready, many.len());
}

/// A few tickets with an index.
fn indexed(world: &World) {
    for number in 0..6 {
        folder(world, number, &item(&format!("'T{number}'"), "queued", ""), THREAD);
    }
    import(world);
    world.yoi(["index", "--rebuild"]).ok();
}

/// Each process reads the whole log of writes.
#[test]
fn the_log_of_the_index_stays_short_over_many_writes() {
    let world = World::new();
    indexed(&world);
    let log = world.repo().join(".git/yoi/index.db-wal");
    let sizes: Vec<u64> = (0..120)
        .map(|number| {
            world.yoi(["comment", &id(1), "-m", &format!("{number}")]).ok();
            fs::metadata(&log).unwrap().len()
        })
        .collect();
    let longest = *sizes.iter().max().unwrap();
    assert!((400_000..500_000).contains(&longest), "{sizes:?}");
    assert!(sizes.windows(2).any(|pair| pair[1] < pair[0]), "{sizes:?}");
    world.yoi(["doctor"]).ok();
}

#[test]
fn a_damaged_index_is_no_fault_and_is_made_anew() {
    let world = World::new();
    indexed(&world);
    let whole = fs::read(index_file(&world)).unwrap();
    let mut other_version = whole.clone();
    // Where SQLite keeps `user_version`.
    other_version[60..64].copy_from_slice(&77_u32.to_be_bytes());
    let mut torn = whole.clone();
    torn[8192..].fill(0xa5);
    let damages: [(&str, Vec<u8>); 6] = [
        ("empty", Vec::new()),
        ("no database", b"this is no database".to_vec()),
        ("cut off", whole[..whole.len() / 2].to_vec()),
        ("cut off early", whole[..100].to_vec()),
        ("torn", torn),
        ("another version", other_version),
    ];
    for (how, bytes) in damages {
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(world.repo().join(format!(".git/yoi/index.db{end}")));
        }
        let answer = world.yoi(["list"]).ok();
        fs::write(index_file(&world), bytes).unwrap();
        for _ in 0..2 {
            let listed = world.yoi(["list"]);
            assert_eq!(
                (listed.code, listed.out.as_str(), listed.err.as_str()),
                (0, answer.as_str(), ""),
                "{how}"
            );
        }
        world.yoi(["comment", &id(1), "-m", "words"]).ok();
        assert_eq!(world.json(["list"])["total"], 6, "{how}");
        world.yoi(["index", "--rebuild"]).ok();
        same(&world, how);
    }
}

#[test]
fn an_index_that_can_not_be_written_is_read_or_passed_over() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    indexed(&world);
    let folder = world.repo().join(".git/yoi");
    let set = |mode: u32| {
        for entry in fs::read_dir(&folder).unwrap() {
            let _ = fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(mode & 0o666));
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
    };
    let answer = world.yoi(["list"]).ok();
    set(0o555);
    assert_eq!(world.yoi(["list"]).ok(), answer);
    // Another program moves the tickets on: the index can't follow.
    set(0o755);
    fs::rename(&folder, world.root().join("kept")).unwrap();
    world.yoi(["comment", &id(2), "-m", "words"]).ok();
    world.yoi(["close", &id(1), "-m", "over"]).ok();
    let _ = fs::remove_dir_all(&folder);
    fs::rename(world.root().join("kept"), &folder).unwrap();
    set(0o555);
    let listed = world.yoi(["list"]);
    set(0o755);
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
    assert!(!listed.out.contains("T1"), "{listed:?}");
    same(&world, "writable again");
}

#[test]
fn an_index_can_be_removed_while_others_read_and_write() {
    for git in gits() {
        let world = World::with_git(&git);
        indexed(&world);
        let commands = (0..24).map(|number| match number % 4 {
            0 => world.yoi_command(["index", "--remove"]),
            1 => world.yoi_command(["comment", &id(number % 6), "-m", "words"]),
            2 => world.yoi_command(["index", "--rebuild"]),
            _ => world.yoi_command(["list", "--porcelain"]),
        });
        for answer in at_once(commands) {
            let is_list = answer.out.lines().count() == 6;
            assert!(answer.err.is_empty() && (is_list || matches!(answer.code, 0 | 1)), "{answer:?}");
        }
        let _ = world.yoi(["index", "--rebuild"]);
        same(&world, "after all");
        let left: Vec<String> = fs::read_dir(world.repo().join(".git/yoi"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name.starts_with("index.db."))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn all_worktrees_share_one_index() {
    let world = World::new();
    world.git(["commit", "-q", "--allow-empty", "-m", "start"]).ok();
    indexed(&world);
    let tree = world.root().join("tree");
    world.git(["worktree", "add", "-q", tree.to_str().unwrap()]).ok();
    let said = crate::plant::yoi_in(&world, &tree, &["index"]).ok();
    assert!(said.contains("6 tickets, up to date") && said.contains(".git/yoi/index.db"), "{said}");
}
