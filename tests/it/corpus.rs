//! Real tickets: every file of the shared corpus is read without loss and written back as it was.
//!
//! The corpus is not part of this project. Its folder is `../shared/corpus` beside the project or what
//! `YOI_CORPUS` says; where it is absent these tests say so in one line and check nothing.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use git_yoi::format::language::Language;
use git_yoi::format::{item, orchestration, relations, thread};
use git_yoi::model::change::{Draft, Stamp, Text};
use git_yoi::model::event::{Event, Kind};
use git_yoi::model::id::TicketId;
use git_yoi::model::plan;
use sha2::{Digest, Sha256};

/// The ticket whose thread the project started from.
const SEED_TICKET: &str = "00001KVZKSV6C";

/// One line for whoever watches, also of a test that passes: the harness keeps what `println!` prints.
pub(crate) fn say(line: &str) {
    writeln!(io::stdout().lock(), "{line}").unwrap();
}

/// The corpus, or `None` after saying that it isn't there.
pub(crate) fn find() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let root = std::env::var_os("YOI_CORPUS").map_or_else(default, PathBuf::from);
    if root.join("truth/events.tsv").is_file() {
        return Some(root);
    }
    say(&format!("skipped: no corpus at {}", root.display()));
    None
}

/// Every ticket's id and directory, in the order of ids; never none.
pub(crate) fn tickets(corpus: &Path) -> Vec<(TicketId, PathBuf)> {
    let entries = fs::read_dir(corpus.join("yoi/.yoi/tickets")).unwrap();
    let directories = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<(TicketId, PathBuf)> = directories
        .filter(|directory| directory.join("item.md").is_file())
        .map(|directory| {
            (TicketId::parse(directory.file_name().unwrap().to_str().unwrap()).unwrap(), directory)
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no tickets in {}", corpus.display());
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of each ticket that has such a file, with the ticket's id; never none.
fn files(corpus: &Path, name: &str) -> Vec<(TicketId, String)> {
    let paths = tickets(corpus).into_iter().map(|(id, directory)| (id, directory.join(name)));
    let found: Vec<(TicketId, String)> =
        paths.filter(|(_, path)| path.is_file()).map(|(id, path)| (id, read(&path))).collect();
    assert!(!found.is_empty(), "no {name} in {}", corpus.display());
    found
}

fn comment(words: &str) -> Draft {
    Draft::new(Kind::Comment, Text::Words(words.to_owned()))
}

fn stamp() -> Stamp {
    Stamp { actor: "somebody else".to_owned(), millis: 1_790_000_000_000 }
}

/// Ends a test: a count on one line, or every fault.
fn conclude(what: &str, good: usize, checked: usize, faults: &[String]) {
    say(&format!("{good} of {checked} {what}"));
    assert!(checked > 0, "nothing was checked: no {what}");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// An event as a row of `truth/events.tsv` tells it: the columns from `n` to `body_sha256_16`.
fn row(number: usize, entry: &thread::Entry) -> Vec<String> {
    let event = &entry.event;
    let attribute = |name: &str| event.attribute(name).unwrap_or_default().to_owned();
    let hash = Sha256::digest(event.body.as_bytes());
    vec![
        number.to_string(),
        entry.line.to_string(),
        event.kind.word().to_owned(),
        event.author.clone(),
        event.at.clone(),
        attribute("status"),
        attribute("from"),
        attribute("to"),
        attribute("reason"),
        attribute("field"),
        event.heading.clone().unwrap_or_default(),
        usize::from(entry.is_terminated).to_string(),
        event.body.chars().count().to_string(),
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
    ]
}

/// The author a header names. The table's own column has it as an older reader saw it, which took a bare
/// author with spaces for its first word.
fn author(columns: &[&str]) -> String {
    let named = columns[17].split_once("author: ").map_or("", |(_, rest)| rest);
    let bare = named.split_once(" at: ").map_or("", |(author, _)| author);
    if bare.starts_with('"') { columns[5].to_owned() } else { bare.to_owned() }
}

#[test]
fn every_event_of_every_thread_is_read_as_the_table_says() {
    let Some(corpus) = find() else { return };
    let threads = files(&corpus, "thread.md");
    let rows = |(id, text): &(TicketId, String)| {
        let entries = thread::parse(text);
        let row = |(number, entry)| [vec![id.to_string()], row(number, entry)].concat().join("\t");
        entries.iter().enumerate().map(row).collect::<Vec<String>>()
    };
    let found: Vec<String> = threads.iter().flat_map(rows).collect();
    let table = read(&corpus.join("truth/events.tsv"));
    let expected: Vec<String> = table
        .lines()
        .skip(1)
        .map(|line| {
            let mut columns: Vec<&str> = line.split('\t').collect();
            let author = author(&columns);
            columns[5] = &author;
            columns.truncate(16);
            columns.remove(1);
            columns.join("\t")
        })
        .collect();
    let missing = expected.iter().filter(|row| !found.contains(row)).map(|row| format!("missing {row}"));
    let extra = found.iter().filter(|row| !expected.contains(row)).map(|row| format!("extra   {row}"));
    let faults: Vec<String> = missing.chain(extra).collect();
    let good = found.iter().filter(|row| expected.contains(row)).count();
    conclude("events", good, expected.len(), &faults);
    assert_eq!(found, expected, "the same events in another order");
}

#[test]
fn every_item_is_read_without_fault_and_kept_when_nothing_changes() {
    let Some(corpus) = find() else { return };
    let items = files(&corpus, "item.md");
    let fault = |(id, text): &(TicketId, String)| match item::parse(*id, text) {
        Err(fault) => Some(format!("{id}: {fault}")),
        Ok(item) if !item.complaints.is_empty() => Some(format!("{id}: {}", item.complaints.join("; "))),
        Ok(_) if item::update(text, &[], None).as_ref() != Ok(text) => Some(format!("{id}: bytes changed")),
        Ok(_) => None,
    };
    let faults: Vec<String> = items.iter().filter_map(fault).collect();
    conclude("items", items.len() - faults.len(), items.len(), &faults);
}

#[test]
fn every_file_of_relations_is_written_as_it_was_read() {
    let Some(corpus) = find() else { return };
    let all = files(&corpus, "artifacts/relations.json");
    let fault = |(id, text): &(TicketId, String)| match relations::parse(text) {
        Err(fault) => Some(format!("{id}: {fault}")),
        Ok(read) if !read.complaints.is_empty() => Some(format!("{id}: {}", read.complaints.join("; "))),
        Ok(read) if read.relations.iter().any(|relation| relation.ticket_id != *id) => {
            Some(format!("{id}: a relation of another ticket"))
        }
        Ok(read) => {
            let rewrites =
                [relations::write(Some(text), &read.relations), relations::write(None, &read.relations)];
            rewrites
                .iter()
                .any(|rewrite| rewrite.as_ref() != Ok(text))
                .then(|| format!("{id}: bytes changed"))
        }
    };
    let faults: Vec<String> = all.iter().filter_map(fault).collect();
    conclude("files of relations", all.len() - faults.len(), all.len(), &faults);
}

#[test]
fn every_plan_grows_again_from_its_records() {
    let Some(corpus) = find() else { return };
    let plans = files(&corpus, "artifacts/orchestration-plan.jsonl");
    let (mut records, mut good) = (0, 0);
    let mut faults = Vec::new();
    for (id, text) in &plans {
        let lines = orchestration::parse(text);
        records += lines.len();
        let read: Vec<&plan::Record> = lines.iter().filter_map(|(_, record)| record.as_ref().ok()).collect();
        good += read.len();
        let bad = lines.iter().filter_map(|(line, record)| Some((line, record.as_ref().err()?)));
        faults.extend(bad.map(|(line, fault)| format!("{id} line {line}: {fault}")));
        let again = read.iter().try_fold(String::new(), |text, record| orchestration::append(&text, record));
        if again.as_ref() != Ok(text) {
            faults.push(format!("{id}: bytes changed"));
        }
    }
    say(&format!("{} plans", plans.len()));
    conclude("records of plans", good, records, &faults);
}

/// An event with the number of its lines for its body: the page lost blank lines, indents and some signs.
fn with_lines_counted(event: &Event) -> Event {
    let lines = event.body.lines().filter(|line| !line.trim().is_empty()).count();
    Event { body: lines.to_string(), ..event.clone() }
}

#[test]
fn the_text_the_project_started_from_gives_the_events_of_its_ticket() {
    let Some(corpus) = find() else { return };
    let Ok(entries) = fs::read_dir(corpus.join("../seed")) else {
        say(&format!("skipped: no seed beside {}", corpus.display()));
        return;
    };
    let pages: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect();
    assert!(!pages.is_empty(), "the seed's folder holds no text");
    let whole = thread::events(&read(&corpus.join("yoi/.yoi/tickets").join(SEED_TICKET).join("thread.md")));
    let kinds = ["create", "decision", "intake_summary", "state_changed", "state_changed"];
    let kinds = [&kinds[..], &["decision", "decision", "state_changed"]].concat();
    for page in pages {
        let seen = thread::events(&read(&page));
        assert_eq!(seen.iter().map(|event| event.kind.word()).collect::<Vec<_>>(), kinds);
        for (seen, event) in seen.iter().zip(&whole) {
            assert_eq!(with_lines_counted(seen), with_lines_counted(event));
        }
    }
}

#[test]
fn an_event_appended_to_any_thread_leaves_the_old_bytes_and_events_alone() {
    let Some(corpus) = find() else { return };
    let threads = files(&corpus, "thread.md");
    let words = "---\ntext\n<!-- event: close author: x at: t -->\n```\n\\---";
    let mut faults = Vec::new();
    for (id, old) in &threads {
        let (new, ids) = thread::append(old, &[comment(words)], &stamp(), Language::Japanese, || 1);
        let before = thread::events(old);
        let mut after = thread::events(&new);
        let last = after.pop();
        if !new.starts_with(old.as_str()) {
            faults.push(format!("{id}: old bytes changed"));
        } else if after != before {
            faults.push(format!("{id}: old events changed"));
        } else if last.is_none_or(|event| event.body != words || event.id != ids.first().copied()) {
            faults.push(format!("{id}: the new event is not what was appended"));
        }
    }
    conclude("threads", threads.len() - faults.len(), threads.len(), &faults);
}
