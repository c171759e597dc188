//! Every place where a program is started stands in `docs/processes.md`, with where its words come from.

use std::collections::BTreeSet;
use std::fs;

use super::source::Source;
use super::{project, sources};

/// The functions of a source that start a program, tests aside.
fn starts(source: &Source) -> BTreeSet<(String, String)> {
    let functions = source.functions();
    let calls = (0..source.tokens.len())
        .filter(|index| source.has(*index, &["Command", "::", "new"]) && !source.is_test(*index));
    let function = |index: usize| {
        let line = source.tokens[index].line;
        let around = functions.iter().filter(|(_, first, last)| (*first..=*last).contains(&line));
        // The innermost one begins last.
        let name = around.max_by_key(|(_, first, _)| *first).map(|(name, ..)| name.clone());
        (source.name.clone(), name.unwrap_or_default())
    };
    calls.map(function).collect()
}

/// The first two columns of the table.
fn listed() -> BTreeSet<(String, String)> {
    let page = fs::read_to_string(project().join("docs/processes.md")).unwrap();
    let cell = |cell: Option<&str>| cell.map(|cell| cell.trim().trim_matches('`').to_owned());
    let rows = page.lines().filter(|line| line.starts_with("| `src/"));
    rows.filter_map(|line| {
        let mut cells = line.trim_matches('|').split('|');
        Some((cell(cells.next())?, cell(cells.next())?))
    })
    .collect()
}

#[test]
fn every_place_that_starts_a_program_is_listed_and_no_other() {
    let found: BTreeSet<_> = sources("src").iter().flat_map(starts).collect();
    assert!(found.len() >= 10, "{found:?}");
    let listed = listed();
    let missing: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in docs/processes.md: {missing:?}; gone: {gone:?}");
}

#[test]
fn a_place_that_starts_a_program_is_found_wherever_it_is_written() {
    let found = |code: &str| starts(&Source::new("src/store/a.rs", code, false));
    let row = |name: &str| ("src/store/a.rs".to_owned(), name.to_owned());
    assert_eq!(found("fn f() { Command::new(\"x\"); }"), [row("f")].into());
    assert_eq!(found("fn f() { fn g() { std::process::Command::new(p); } }"), [row("g")].into());
    assert_eq!(found("fn f() { h(Command::new) }\nfn g() {}"), [row("f")].into());
    assert_eq!(found("#[cfg(test)]\nmod tests { fn f() { Command::new(\"x\"); } }"), [].into());
    assert_eq!(found("// Command::new(x)\nfn f() { \"Command::new\"; }"), [].into());
}
