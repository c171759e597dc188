//! A small ref in memory, one thing wrong with it at a time, and what is found.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::format::{item, orchestration, relations as relations_file};
use crate::model::plan;
use crate::model::relation;
use crate::model::ticket::{Field, Value};
use crate::store::snapshot::Mode;

/// Made 2026-05-29T00:01:36Z; closed, with everything a ticket can have.
const FULL: &str = "00001KSRGJM00";
/// A bare one in planning, which the full one depends on.
const BARE: &str = "00001KSRGJM01";

/// The files of a ref by path. A path that begins with `!` can't be read.
type Paths = BTreeMap<String, (Mode, Vec<u8>)>;

/// What is done to the ref before it is looked at.
enum Change {
    /// In a file of the full ticket: this text becomes that.
    Replace(&'static str, &'static str, &'static str),
    /// A file at this path has this content.
    Put(&'static str, &'static str),
    /// A file at this path has these bytes.
    Bytes(&'static str, &'static [u8]),
    /// The file at this path has another mode.
    SetMode(&'static str, Mode),
    /// The object at this path is damaged.
    Damage(&'static str),
    /// There is nothing at this path.
    Remove(&'static str),
    /// The file at the first path is at the second.
    Move(&'static str, &'static str),
}

use Change::{Bytes, Damage, Move, Put, Remove, Replace, SetMode};

mod cases;

fn id(text: &str) -> TicketId {
    TicketId::parse(text).unwrap()
}

fn event(number: u32, header: &str, body: &str) -> String {
    let (kind, rest) = header.split_once(' ').unwrap_or((header, ""));
    let gap = if rest.is_empty() { "" } else { " " };
    let at = format!("author: me at: 2026-05-29T00:01:{:02}Z", 36 + number);
    format!(
        "<!-- event: {kind} {at}{gap}{rest} id: 01KSRGJM{number:02}000000000000000E -->\n\n## Heading\n\n{body}\n\n---\n"
    )
}

fn thread() -> String {
    let moved = |number: u32, from: &str, to: &str| {
        event(number, &format!("state_changed from: {from} to: {to} reason: why field: state"), "Moved.")
    };
    // Of an older tool: only there a header in a fence is text.
    let review = event(5, "review status: approve", "```\n<!-- event: no header\n```");
    [
        event(0, "create", "Created."),
        event(1, "intake_summary", "Clear."),
        moved(2, "planning", "ready"),
        moved(3, "ready", "queued"),
        moved(4, "queued", "inprogress"),
        review.replace(" id: 01KSRGJM05000000000000000E", ""),
        moved(6, "inprogress", "done"),
        moved(7, "done", "closed"),
        event(8, "close status: closed", "It is\n\\---\nover."),
    ]
    .join("\n")
}

fn clean() -> Paths {
    let text = |text: &str| Value::Text(text.to_owned());
    let fields = |state: &str, updated: &str| {
        vec![
            (Field::Title, text("T")),
            (Field::State, text(state)),
            (Field::CreatedAt, text("2026-05-29T00:01:36Z")),
            (Field::UpdatedAt, text(updated)),
        ]
    };
    let mut full = fields("closed", "2026-05-29T00:01:44Z");
    full.extend([(Field::QueuedBy, text("me")), (Field::QueuedAt, text("2026-05-29T00:01:39Z"))]);
    full.extend([(Field::Labels, Value::List(vec!["a".to_owned()])), (Field::Priority, text("P1"))]);
    let relation = Relation {
        ticket_id: id(FULL),
        kind: relation::Kind::DependsOn,
        target: id(BARE),
        note: None,
        author: "me".to_owned(),
        at: "2026-05-29T00:01:37Z".to_owned(),
    };
    let record = plan::Record {
        id: "orch-plan-20260529-000137-1".to_owned(),
        ticket_id: id(FULL),
        kind: plan::Kind::After,
        related_ticket: Some(BARE.to_owned()),
        note: None,
        accepted_plan: None,
        author: "me".to_owned(),
        at: "2026-05-29T00:01:37Z".to_owned(),
    };
    let full_files = [
        (layout::ITEM, item::write(&full, "Body.")),
        (layout::THREAD, thread()),
        (layout::RESOLUTION, "It is\n---\nover.\n\n".to_owned()),
        (layout::RELATIONS, relations_file::write(None, &[relation]).unwrap()),
        (layout::PLAN, orchestration::append("", &record).unwrap()),
        ("artifacts/notes/a.md", "a".to_owned()),
    ];
    let bare_files = [
        (layout::ITEM, item::write(&fields("planning", "2026-05-29T00:01:36Z"), "Body.")),
        (layout::THREAD, event(0, "create", "Created.")),
    ];
    let full_files = full_files.map(|(name, text)| (layout::path(&id(FULL), name), text));
    let bare_files = bare_files.map(|(name, text)| (layout::path(&id(BARE), name), text));
    let format = (layout::FORMAT.to_owned(), layout::format_line());
    let all = full_files.into_iter().chain(bare_files).chain([format]);
    all.map(|(path, text)| (path, (Mode::File, text.into_bytes()))).collect()
}

fn apply(paths: &mut Paths, change: &Change) {
    match *change {
        Replace(name, from, to) => {
            let (_, bytes) = paths.get_mut(&layout::path(&id(FULL), name)).unwrap();
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            assert!(text.contains(from), "{from}");
            *bytes = text.replacen(from, to, 1).into_bytes();
        }
        Put(path, content) => drop(paths.insert(path.to_owned(), (Mode::File, content.into()))),
        Bytes(path, content) => drop(paths.insert(path.to_owned(), (Mode::File, content.into()))),
        SetMode(path, mode) => paths.get_mut(path).unwrap().0 = mode,
        Damage(path) => drop(paths.insert(format!("!{path}"), (Mode::File, Vec::new()))),
        Remove(path) => drop(paths.remove(path).unwrap()),
        Move(from, to) => {
            let file = paths.remove(from).unwrap();
            paths.insert(to.to_owned(), file);
        }
    }
}

/// Folders and files by object; nothing stands for what is damaged.
#[derive(Default)]
struct Memory {
    folders: BTreeMap<ObjectId, Vec<Listed>>,
    files: BTreeMap<ObjectId, Vec<u8>>,
    count: u32,
}

impl Memory {
    fn object(&mut self) -> ObjectId {
        self.count += 1;
        let number = self.count.to_be_bytes();
        ObjectId::from_bytes_or_panic(&[number, number, number, number, number].concat())
    }

    fn folder(&mut self, paths: &Paths, prefix: &str) -> ObjectId {
        let below = |path: &String| Some(path.strip_prefix(prefix)?.split('/').next()?.to_owned());
        let names: BTreeSet<String> = paths.keys().filter_map(below).collect();
        let mut listed = Vec::new();
        for name in names.into_iter().filter(|name| !name.starts_with('!')) {
            let path = format!("{prefix}{name}");
            let is_damaged = paths.contains_key(&format!("!{path}"));
            let (mode, object) = match paths.get(&path) {
                Some((mode, bytes)) => {
                    let object = self.object();
                    self.files.insert(object, bytes.clone());
                    (*mode, object)
                }
                None => (Mode::Folder, self.folder(paths, &format!("{path}/"))),
            };
            if is_damaged {
                self.folders.remove(&object);
                self.files.remove(&object);
            }
            listed.push(Listed { is_utf8: !name.contains('\u{fffd}'), name, mode, object });
        }
        let object = self.object();
        self.folders.insert(object, listed);
        object
    }
}

/// What is found, a line each.
fn found(paths: &Paths) -> Vec<String> {
    let mut memory = Memory::default();
    let root = memory.folder(paths, "");
    let damaged = || StoreError::Damaged("gone".to_owned());
    let list =
        |folder: Option<ObjectId>| memory.folders.get(&folder.unwrap_or(root)).cloned().ok_or_else(damaged);
    let read = |what: &str, blob: ObjectId| match memory.files.get(&blob) {
        Some(bytes) if bytes == b"large" => {
            Err(StoreError::TooLarge { what: what.to_owned(), size: 9, most: 8 })
        }
        Some(bytes) => Ok(bytes.clone()),
        None => Err(damaged()),
    };
    let mut findings = Findings::default();
    examine(&Reader { list: &list, read: &read }, &mut findings, None);
    findings.into_sorted().iter().map(shown).collect()
}

fn shown(finding: &Finding) -> String {
    let id = finding.id.map(|id| format!(" {id}")).unwrap_or_default();
    let file = finding.file.as_ref().map(|file| format!(" {file}")).unwrap_or_default();
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let code = finding.code;
    format!("{word} {code}{id}{file}{line} {}", finding.message)
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert_eq!(found(&clean()), Vec::<String>::new());
}

#[test]
fn everything_that_is_wrong_is_found_and_nothing_else() {
    for (changes, expected) in cases::ALL.into_iter().flatten() {
        let mut paths = clean();
        changes.iter().for_each(|change| apply(&mut paths, change));
        assert_eq!(found(&paths).join("\n"), *expected);
    }
}

#[test]
fn settings_and_a_missing_log_are_told() {
    let mut findings = Findings::default();
    surroundings(&[".yoi/workspace.toml: unknown key 'yoi.hook'".to_owned()], true, &mut findings);
    let found: Vec<String> = findings.into_sorted().iter().map(shown).collect();
    let expected = [
        "warning settings .yoi/workspace.toml: unknown key 'yoi.hook'",
        "warning no_reflog no log of the ref's former values is kept; the next write starts one",
    ];
    assert_eq!(found, expected);
}

#[test]
fn work_that_can_land_nowhere_is_told() {
    let mut findings = Findings::default();
    without_target(Some("no target branch is here: 'a'".to_owned()), &mut findings);
    without_target(None, &mut findings);
    let found: Vec<String> = findings.into_sorted().iter().map(shown).collect();
    let expected =
        "warning no_target_branch no target branch is here: 'a': git config yoi.targetBranches <branch>";
    assert_eq!(found, [expected]);
}

#[test]
fn loose_objects_and_what_a_killed_write_left_are_told() {
    let mut findings = Findings::default();
    clutter(Some(7000), &[PathBuf::from("pack/a\x1b")], &mut findings);
    let found: Vec<String> = findings.into_sorted().iter().map(shown).collect();
    let expected = [
        "warning loose_objects about 7000 loose objects have piled up: git maintenance run",
        "warning left_behind 'pack/a\\u{1b}' is left of a write that was killed; the next write clears it away",
    ];
    assert_eq!(found, expected);
    let mut findings = Findings::default();
    clutter(None, &[], &mut findings);
    assert_eq!(findings.into_sorted().len(), 0);
}

#[test]
fn a_lock_that_nobody_seems_to_hold_is_told_with_what_to_do() {
    use crate::store::leftover::Owner;
    let mut findings = Findings::default();
    let lock = |owner| Lock { path: "a.lock".into(), age: std::time::Duration::from_secs(7), owner };
    locks(&[lock(Owner::Unknown)], &mut findings);
    let found: Vec<String> = findings.into_sorted().iter().map(shown).collect();
    let expected = "warning stale_lock 'a.lock' has been there for 7 s, of an unknown process; if no git is at work \
                    in this repository, remove that file";
    assert_eq!(found, [expected]);
}

#[test]
fn fetched_tickets_that_are_refused_are_told_again() {
    let mut findings = Findings::default();
    refusals(&[("a\x1b".to_owned(), "commit 1: why".to_owned())], &mut findings);
    let found: Vec<String> = findings.into_sorted().iter().map(shown).collect();
    let expected = "error refused_tickets fetched tickets of 'a\\u{1b}' are refused: commit 1: why";
    assert_eq!(found, [expected]);
}

#[test]
fn folders_that_hold_themselves_or_a_name_twice_come_to_an_end() {
    let object = |number: u8| ObjectId::from_bytes_or_panic(&[number; 20]);
    let folder = |name: &str, number| Listed {
        name: name.to_owned(),
        is_utf8: true,
        mode: Mode::Folder,
        object: object(number),
    };
    // Folder 4 holds itself; folder 3 stands for all folders of tickets.
    let list = |wanted: Option<ObjectId>| match wanted {
        None => Ok(vec![folder("tickets", 1)]),
        Some(found) if found == object(1) => Ok(vec![folder("0", 2), folder("1", 2)]),
        Some(found) if found == object(2) => Ok(vec![folder("0", 3), folder("1", 3), folder("1", 3)]),
        Some(found) if found == object(3) => Ok(vec![folder(FULL, 4)]),
        Some(_) => Ok(vec![folder("again", 4)]),
    };
    let read = |_: &str, _: ObjectId| Err(StoreError::Damaged("gone".to_owned()));
    let mut findings = Findings::default();
    examine(&Reader { list: &list, read: &read }, &mut findings, None);
    let places = |finding: &Finding| format!("{} {}", finding.code, finding.file.clone().unwrap_or_default());
    let found: Vec<String> = findings.into_sorted().iter().map(places).collect();
    let expected = [
        "no_format format",
        "duplicate_entry tickets/0",
        "foreign_entry tickets/0/1",
        "foreign_entry tickets/0/1",
        "duplicate_entry tickets/1",
        "foreign_entry tickets/1/0",
        "foreign_entry tickets/1/1",
        "foreign_entry tickets/1/1",
        "too_many_artifacts artifacts/",
        "no_item item.md",
        "no_thread thread.md",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_thread_of_nothing_but_faults_is_read_in_one_go_and_told_briefly() {
    let mut paths = clean();
    let faults = "<!-- event: x\n<!-- event: state_changed from: a to: b -->\n```x\n".repeat(20_000);
    paths.insert(layout::path(&id(FULL), layout::THREAD), (Mode::File, faults.into_bytes()));
    let found = found(&paths);
    assert!(found.len() < 500, "{}", found.len());
    let counted = "error event_without_at 00001KSRGJM00 and 19950 more of this kind";
    assert!(found.iter().any(|line| line == counted), "{found:?}");
}

/// Where codes are given.
pub(super) const SOURCES: [&str; 12] = [
    include_str!("../doctor.rs"),
    include_str!("agreement.rs"),
    include_str!("around.rs"),
    include_str!("circles.rs"),
    include_str!("item.rs"),
    include_str!("moves.rs"),
    include_str!("plan.rs"),
    include_str!("relations.rs"),
    include_str!("remotes.rs"),
    include_str!("thread.rs"),
    include_str!("ticket.rs"),
    include_str!("tree.rs"),
];

/// The codes of a source.
pub(super) fn codes(source: &'static str) -> impl Iterator<Item = &'static str> {
    let calls = source.split(".error(").flat_map(|part| part.split(".warning(")).skip(1);
    calls.filter_map(|call| call.trim_start().strip_prefix('"')?.split('"').next())
}

#[test]
fn every_code_is_tried() {
    let tried = [
        include_str!("tests.rs"),
        include_str!("tests/cases.rs"),
        include_str!("../../../tests/it/hosting.rs"),
        include_str!("../../../tests/it/mending.rs"),
    ]
    .concat();
    let mut count = 0;
    for code in SOURCES.into_iter().flat_map(codes) {
        let ends = [[" ", " "], ["\"", " "], ["\"", "\""], ["\\t", "\\t"]];
        let is_tried = ends.iter().any(|[before, after]| tried.contains(&format!("{before}{code}{after}")));
        assert!(is_tried, "{code}");
        count += 1;
    }
    assert!(count > 60, "{count}");
}
