//! The rules of the house, read off the sources: layers, owners of packages, sizes, docs, what is not written.
//!
//! Each rule has a snippet below that breaks it, so that a rule that went blind fails here.

mod layers;
mod processes;
mod promises;
mod source;

use std::fs;
use std::path::{Path as FilePath, PathBuf};

use layers::ROOT;
use source::{Path, Source};

const LONGEST_FILE: usize = 800;
const LONGEST_FUNCTION: usize = 70;
/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "helper", "helpers", "common", "manager", "managers", "types", "misc"];
/// The one lint that tests may allow.
const ALLOWED_LINT: [&str; 3] = ["clippy", "::", "unwrap_used"];

/// What a file does against the rules: line and reason.
type Fault = (usize, String);

fn check(source: &Source) -> Vec<Fault> {
    let mut faults = shape(source);
    faults.extend(words(source));
    if let Some(place) = source.name.strip_prefix("src/") {
        let layer = place.split_once('/').map_or(place, |(layer, _)| layer);
        let layer = match layer.strip_suffix(".rs").unwrap_or(layer) {
            "main" | "lib" => ROOT,
            layer => layer,
        };
        let modules = modules(place);
        faults.extend(source.paths().iter().filter_map(|path| {
            Some((path.line, import(layer, &modules, path).or_else(|| package(layer, path))?))
        }));
    }
    faults.sort();
    faults
}

/// Name, docs and sizes.
fn shape(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let name = source.name.strip_suffix(".rs").unwrap_or(&source.name);
    if let Some(part) = name.split('/').find(|part| EMPTY_NAMES.contains(part)) {
        faults.push((1, format!("'{part}' says nothing about what is inside")));
    }
    if !source.text.starts_with("//! ") {
        faults.push((1, "no '//!' docs in the first line".to_owned()));
    }
    let lines = source.text.lines().count();
    if lines > LONGEST_FILE {
        faults.push((LONGEST_FILE + 1, format!("{lines} lines; {LONGEST_FILE} are the limit")));
    }
    for (name, first, last) in source.functions() {
        let lines = last + 1 - first;
        if lines > LONGEST_FUNCTION {
            faults.push((first, format!("fn {name} has {lines} lines; {LONGEST_FUNCTION} are the limit")));
        }
    }
    faults
}

/// Macros, calls and attributes that are not written here.
fn words(source: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, token) in source.tokens.iter().enumerate() {
        let is_test = source.is_test(index);
        let is_macro = source.has(index + 1, &["!"]) && !source.has(index + 2, &["="]);
        let reason = match token.text.as_str() {
            "todo" | "unimplemented" | "dbg" if is_macro => Some(format!("{}!", token.text)),
            "print" | "println" | "eprint" | "eprintln" if is_macro && !is_test => {
                Some(format!("{}! outside tests", token.text))
            }
            "." if !is_test && source.has(index + 1, &["unwrap", "(", ")"]) => {
                Some(".unwrap() outside tests".to_owned())
            }
            "::" if !is_test && source.has(index + 1, &["unwrap"]) => {
                Some("::unwrap outside tests".to_owned())
            }
            "allow" | "expect" if is_attribute(source, index) => {
                let is_the_one = source.has(index + 2, &ALLOWED_LINT) && source.has(index + 5, &[")"]);
                (!is_test || !is_the_one).then(|| format!("#[{}] of a lint", token.text))
            }
            _ => None,
        };
        faults.extend(reason.map(|reason| (token.line, reason)));
    }
    faults
}

fn is_attribute(source: &Source, index: usize) -> bool {
    let opens = |back: usize, words: &[&str]| index >= back && source.has(index - back, words);
    source.has(index + 1, &["("]) && (opens(2, &["#", "["]) || opens(3, &["#", "!", "["]))
}

/// The modules that a file below `src/` stands for: `model/rule/moves.rs` is `model`, `rule`, `moves`.
fn modules(place: &str) -> Vec<String> {
    let stem = place.strip_suffix(".rs").unwrap_or(place);
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    if matches!(stem, "main" | "lib") {
        return Vec::new();
    }
    stem.split('/').map(str::to_owned).collect()
}

/// Why a path that stays in the crate must not stand in this layer.
fn import(layer: &str, modules: &[String], path: &Path) -> Option<String> {
    let mut parts = path.parts.iter().map(String::as_str).peekable();
    match *parts.peek()? {
        "crate" | "git_yoi" => {
            let to = parts.nth(1)?;
            if to == "self" { None } else { layers::import_fault(layer, to) }
        }
        "super" => {
            let mut place: Vec<&str> = modules.iter().chain(&path.inside).map(String::as_str).collect();
            while parts.next_if_eq(&"super").is_some() {
                place.pop();
            }
            let to = place.first().copied().or_else(|| parts.next())?;
            (to != "*").then(|| layers::import_fault(layer, to)).flatten()
        }
        _ => None,
    }
}

/// Why a path that leaves the crate must not stand in this layer; tests may use what they like.
fn package(layer: &str, path: &Path) -> Option<String> {
    if path.is_test { None } else { layers::package_fault(layer, &path.parts) }
}

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, in order.
fn rust_files(folder: &FilePath) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let below = |path: PathBuf| match path.is_dir() {
        true => rust_files(&path),
        false if path.extension().is_some_and(|end| end == "rs") => vec![path],
        false => Vec::new(),
    };
    paths.into_iter().flat_map(below).collect()
}

/// The files that a source declares as modules for tests only.
fn test_files(source: &Source) -> Vec<String> {
    let stem = source.name.strip_suffix(".rs").unwrap_or(&source.name);
    let folder = ["/mod", "/lib", "/main"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    source.test_modules().iter().map(|module| format!("{folder}/{module}.rs")).collect()
}

/// All sources of the project's folder of that name.
fn sources(folder: &str) -> Vec<Source> {
    let top = project();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&top).unwrap().to_str().unwrap().replace('\\', "/");
        Source::new(&name, &fs::read_to_string(&path).unwrap(), folder != "src")
    };
    let read: Vec<Source> = rust_files(&top.join(folder)).into_iter().map(read).collect();
    let tests: Vec<String> = read.iter().flat_map(test_files).collect();
    let again = |source: Source| match tests.contains(&source.name) {
        true => Source::new(&source.name, &source.text, true),
        false => source,
    };
    read.into_iter().map(again).collect()
}

#[test]
fn every_source_keeps_the_rules_of_the_house() {
    let mut offenders = Vec::new();
    for (folder, least) in [("src", 30), ("tests", 3), ("benches", 0), ("fuzz/fuzz_targets", 0)] {
        let sources = sources(folder);
        assert!(sources.len() >= least, "{folder}: {} sources", sources.len());
        for source in &sources {
            let line = |(line, reason): Fault| format!("{}:{line} {reason}", source.name);
            offenders.extend(check(source).into_iter().map(line));
        }
    }
    assert!(offenders.is_empty(), "{} offenders:\n{}", offenders.len(), offenders.join("\n"));
}

#[test]
fn every_dependency_has_an_owner_and_a_reason() {
    let manifest = fs::read_to_string(project().join("Cargo.toml")).unwrap();
    let reasons = fs::read_to_string(project().join("docs/decisions/0002-dependencies.md")).unwrap();
    let section = |name: &str| {
        let lines = manifest.lines().skip_while(move |line| *line != format!("[{name}]")).skip(1);
        lines
            .take_while(|line| !line.starts_with('['))
            .filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()))
            .collect::<Vec<String>>()
    };
    let (used, development) = (section("dependencies"), section("dev-dependencies"));
    assert!(!used.is_empty() && !development.is_empty());
    for package in &used {
        assert!(layers::owners(&package.replace('-', "_")).is_some(), "{package} has no owner");
    }
    for package in used.iter().chain(&development) {
        assert!(
            reasons.contains(&format!("| `{package}` |")),
            "{package} has no line in 0002-dependencies.md"
        );
    }
}

/// The complaints about a snippet that begins with its docs, as it would stand at that place.
fn complaints(name: &str, code: &str) -> Vec<String> {
    let source = Source::new(name, &format!("//! Docs.\n{code}"), !name.starts_with("src/"));
    check(&source).into_iter().map(|(line, reason)| format!("{line} {reason}")).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn an_import_against_the_layers_is_told() {
    for (place, code, told) in [
        ("src/model/event.rs", "use crate::format::thread;", "2 model must not import format"),
        ("src/format/item.rs", "\nuse crate::{model::id, host::Host};", "3 format must not import host"),
        ("src/format/mod.rs", "use super::store;", "2 format must not import store"),
        ("src/model/rule/moves.rs", "use super::super::super::ops::list;", "2 model must not import ops"),
        ("src/model/id.rs", "mod tests { use super::super::super::{ui}; }", "2 model must not import ui"),
        ("src/ui/table.rs", "fn f() -> crate::model::id::Id { x }", "2 ui must not import model"),
        ("src/view/ticket.rs", "type A = super::super::store::A;", "2 view must not import store"),
        ("src/web/page.rs", "use crate::mcp;", "2 web must not import mcp"),
        ("src/hook/push.rs", "use git_yoi::cli::run;", "2 hook must not import cli"),
        ("src/odd/push.rs", "use crate::model;", "2 'odd' is in no layer"),
        ("src/cli/run.rs", "use crate::odd::x;", "2 'odd' is in no layer"),
    ] {
        assert_eq!(complaints(place, code), [told], "{place} {code}");
    }
}

#[test]
fn an_import_along_the_layers_is_not() {
    for (place, code) in [
        ("src/format/item.rs", "use super::yaml; use crate::model::{id::TicketId, state};"),
        ("src/model/rule/moves.rs", "use super::super::event; use super::*; use self::x;"),
        ("src/model/event.rs", "mod tests { use super::*; use super::super::id; }"),
        (
            "src/model/event.rs",
            "// use crate::format;\n/* crate::ops::x */ const A: &str = \"crate::ui::x\";",
        ),
        ("src/cli/run.rs", "use crate::{store, ops::{list, show}, host::Host as Process};"),
        ("src/main.rs", "fn main() { git_yoi::cli::main() }"),
    ] {
        assert_eq!(complaints(place, code), NONE, "{place} {code}");
    }
}

#[test]
fn a_package_outside_its_owners_layer_is_told() {
    for (place, code, told) in [
        ("src/ops/list.rs", "use gix::ObjectId;", "gix belongs to store"),
        ("src/ops/list.rs", "fn f() { gix_hash::Kind::Sha1; }", "gix_hash belongs to store"),
        ("src/ops/list.rs", "use clap::Parser;", "clap belongs to cli"),
        ("src/main.rs", "use clap_mangen as m;", "clap_mangen belongs to cli"),
        ("src/model/id.rs", "use serde::Serialize;", "serde belongs to format, view, index, mcp, cli"),
        (
            "src/store/id.rs",
            "#[derive(serde::Serialize)] struct A;",
            "serde belongs to format, view, index, mcp, cli",
        ),
        ("src/cli/a.rs", "use toml;", "toml belongs to format, store"),
        ("src/format/a.rs", "use similar::TextDiff;", "similar belongs to merge, ops, ui"),
        ("src/store/a.rs", "use ulid::Ulid;", "ulid belongs to model, format, merge, ops, view"),
        (
            "src/store/a.rs",
            "type R = anyhow::Result<()>;",
            "anyhow belongs to ops, view, ui, hook, tui, web, mcp, cli, main",
        ),
        ("src/ops/a.rs", "use {chrono::Utc};", "chrono belongs to model, ui, store"),
        ("src/ui/a.rs", "use terminal_size::Width;", "terminal_size belongs to host"),
        ("src/store/a.rs", "fn f() { getrandom::fill(x); }", "getrandom belongs to host"),
        ("src/ops/a.rs", "use std::{fmt, process::{Command}};", "std::process::Command belongs to store, ui"),
        ("src/cli/a.rs", "use std::process;", "std::process belongs to store, ui"),
        ("src/ops/a.rs", "fn f() { std::process::id(); }", "std::process::id belongs to host"),
        ("src/cli/a.rs", "fn f() { std::process::exit(1); }", "std::process::exit belongs to main, hook"),
    ] {
        assert_eq!(complaints(place, code), [format!("2 {told}")], "{place} {code}");
    }
}

#[test]
fn a_package_with_its_owner_or_in_a_test_is_not() {
    for (place, code) in [
        ("src/store/open.rs", "use gix::open; use std::process::Command;"),
        ("src/main.rs", "use std::process::ExitCode;"),
        ("src/cli/a.rs", "use clap::{Args, Parser}; use std::process::ExitCode;"),
        ("src/ops/a.rs", "#[cfg(test)]\nmod tests { use std::process::Command; use gix::open; }"),
        ("src/ops/a.rs", "fn f() { x.gix; self.toml(); } // gix::open"),
        ("src/ops/a.rs", "use crate::store::gix; use std::io;"),
    ] {
        assert_eq!(complaints(place, code), NONE, "{place} {code}");
    }
}

#[test]
fn missing_docs_and_empty_names_are_told() {
    let told = |name: &str, text: &str| check(&Source::new(name, text, false)).len();
    assert_eq!(told("src/ops/a.rs", "//! Docs.\n"), 0);
    for text in ["", "\n//! Docs.\n", "// Docs.\n", "/// Docs.\nfn f() {}\n", "//!\n"] {
        assert_eq!(told("src/ops/a.rs", text), 1, "{text}");
    }
    for name in ["src/ops/utils.rs", "src/helpers/a.rs", "tests/common/mod.rs", "src/ops/types.rs"] {
        assert!(!shape(&Source::new(name, "//! Docs.\n", false)).is_empty(), "{name}");
    }
    assert_eq!(shape(&Source::new("src/ui/typesetting.rs", "//! Docs.\n", false)), []);
}

#[test]
fn long_files_and_functions_are_told() {
    let file = |lines: usize| complaints("tests/a.rs", &"// x\n".repeat(lines - 1));
    assert_eq!(file(800), NONE);
    assert_eq!(file(801), ["801 801 lines; 800 are the limit"]);
    let function = |lines: usize| {
        let odd =
            "// {\n    let a = \"{\"; let b = '{'; let c = r#\"{\"{\"#; let d = '\\''; /* { /* { */ */\n";
        let body = format!("{odd}{}", "    a();\n".repeat(lines - 4));
        let code = format!(
            "trait T {{ fn t(); }}\nfn long<'a>(x: [u8; 4]) -> &'a str {{\n{body}}}\nfn after() {{}}\n"
        );
        complaints("src/ops/a.rs", &code)
    };
    assert_eq!(function(70), NONE);
    assert_eq!(function(71), ["3 fn long has 71 lines; 70 are the limit"]);
}

#[test]
fn words_that_are_not_written_here_are_told() {
    for (code, told) in [
        ("fn f() { println!(\"x\"); }", "println! outside tests"),
        ("fn f() { eprint!(\"x\"); }", "eprint! outside tests"),
        ("fn f() { dbg!(x); }", "dbg!"),
        ("#[cfg(test)]\nmod tests { fn f() { todo!() } }", "todo!"),
        ("fn f() { unimplemented!() }", "unimplemented!"),
        ("fn f() { x\n.unwrap() }", ".unwrap() outside tests"),
        ("fn f() { x.map(Option::unwrap) }", "::unwrap outside tests"),
        ("#[allow(dead_code)]\nfn f() {}", "#[allow] of a lint"),
        ("#![allow(clippy::unwrap_used)]", "#[allow] of a lint"),
        ("#[cfg(test)]\n#[allow(clippy::unwrap_used, dead_code)]\nmod tests {}", "#[allow] of a lint"),
        ("#[expect(unused)]\nfn f() {}", "#[expect] of a lint"),
        ("#[cfg(test)]\nmod tests {}\nfn f() { x.unwrap() }", ".unwrap() outside tests"),
        ("#[cfg(test)]\nmod testing;\nfn f() { x.unwrap() }", ".unwrap() outside tests"),
    ] {
        let found = complaints("src/ops/a.rs", code);
        assert!(found.len() == 1 && found[0].ends_with(told), "{code}: {found:?}");
    }
}

#[test]
fn words_in_texts_and_tests_are_not() {
    for code in [
        "// println!(x) dbg!(y) .unwrap()\nconst A: &str = \"todo!() .unwrap()\";",
        "fn f() { x.unwrap_or(1); x.expect(\"why\"); writeln!(out, \"x\"); print(x); }",
        "#[allow(clippy::unwrap_used)]\n#[cfg(test)]\nmod tests { fn f() { x.unwrap(); println!(); } }",
        "#[cfg(test)]\nfn f() -> [u8; 2] { x.unwrap() }",
        "fn f() { if dbg != 1 {} }",
    ] {
        assert_eq!(complaints("src/ops/a.rs", code), NONE, "{code}");
    }
    assert_eq!(complaints("tests/it/a.rs", "#![allow(clippy::unwrap_used)]\nfn f() { x.unwrap() }"), NONE);
}

#[test]
fn modules_for_tests_in_files_of_their_own_are_found() {
    let declared =
        |name: &str| test_files(&Source::new(name, "#[cfg(test)]\nmod testing;\nmod other;", false));
    assert_eq!(declared("src/ui/mod.rs"), ["src/ui/testing.rs"]);
    assert_eq!(declared("src/lib.rs"), ["src/testing.rs"]);
    assert_eq!(declared("src/model/rule.rs"), ["src/model/rule/testing.rs"]);
}
