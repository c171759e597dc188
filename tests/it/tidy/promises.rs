//! Each promise of `SECURITY.md` names what tests it, and that is there.

use std::fs;

use super::project;

/// What tests something when no test by name does.
const OTHERS: &[&str] = &["the compiler", ".ci/run"];

/// The last cells of the table of promises, below its head.
fn cells(page: &str) -> Vec<&str> {
    let rows = page.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.filter_map(|line| line.trim_end().strip_suffix('|')?.rsplit_once('|').map(|(_, cell)| cell.trim()))
        .collect()
}

/// The names of tests in a cell; of each, whether it stands in the library.
fn names(cell: &str) -> Vec<(&str, bool)> {
    let parts: Vec<&str> = cell.split('`').collect();
    let name = |index: usize| {
        let is_inside = parts.get(index + 1).is_some_and(|after| after.starts_with(" (library)"));
        (parts[index], is_inside)
    };
    (1..parts.len()).step_by(2).map(name).filter(|(name, _)| name.contains("::")).collect()
}

/// Whether there is a module with tests of that name or, where the last part is none, a test whose name starts so.
fn is_there(name: &str, is_inside: bool) -> bool {
    let folder = project().join(if is_inside { "src" } else { "tests/it" });
    let (parts, test) = match name.strip_suffix("::") {
        Some(module) => (module, None),
        None => (name, name.rsplit_once("::")),
    };
    let read = |module: &str| fs::read_to_string(folder.join(format!("{}.rs", module.replace("::", "/"))));
    let has_tests =
        |module: &str| read(module).is_ok_and(|text| text.contains("#[test]") || text.contains("\nmod "));
    let has_test = |(module, test): (&str, &str)| {
        let begin = format!("\nfn {}", test.trim_end_matches('…'));
        read(module).is_ok_and(|text| text.contains(&begin))
    };
    has_tests(parts) || test.is_some_and(has_test)
}

#[test]
fn each_promise_names_tests_that_are_there() {
    let page = fs::read_to_string(project().join("SECURITY.md")).unwrap();
    let cells = cells(&page);
    assert!(cells.len() >= 15, "{cells:?}");
    for cell in cells {
        let names = names(cell);
        let is_by_others = OTHERS.iter().any(|other| cell.contains(other));
        assert!(!names.is_empty() || is_by_others, "no test is named: {cell}");
        for (name, is_inside) in names {
            assert!(is_there(name, is_inside), "SECURITY.md names {name}, which is not there");
        }
    }
}

#[test]
fn a_promise_without_its_test_is_told() {
    let row = "| a | b | c |\n|---|---|---|\n| p | h | `crash::`, `merge::laws` (library), `x` |\n";
    // The head's rule begins otherwise.
    assert_eq!(cells(row), ["`crash::`, `merge::laws` (library), `x`"]);
    assert_eq!(names(cells(row)[0]), [("crash::", false), ("merge::laws", true)]);
    assert!(
        is_there("crash::", false) && is_there("merge::laws", true) && is_there("hostile::commands::", false)
    );
    assert!(is_there("tidy::promises::a_promise_without…", false));
    assert!(!is_there("tidy::promises::a_promise_with_nothing…", false) && !is_there("crashes::", false));
}
