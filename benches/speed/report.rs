//! What was measured, as Markdown.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::amounts::Amount;
use crate::measure::{Pair, Usage, median};
use crate::rows::{Row, Unit};

/// Where the tables go in the document.
const BEGIN: &str = "<!-- tables of cargo bench: begin -->";
const END: &str = "<!-- tables of cargo bench: end -->";

/// A row that was measured, or why it could not be.
pub(crate) struct Measured {
    pub(crate) row: Row,
    pub(crate) outcome: Result<Pair, String>,
}

const HEAD: &str = "| command | tickets | counterpart | ours | counterpart's | ratio | processor time | runs | bound | |\n\
                    |---|--:|---|--:|--:|--:|--:|--:|--:|---|\n";

impl Measured {
    /// The row as a line of the table.
    pub(crate) fn line(&self) -> String {
        let Row { name, tickets, floor_name, bound, unit, .. } = &self.row;
        let bound_text = if bound.is_finite() { format!("{bound}×") } else { "–".to_owned() };
        let pair = match &self.outcome {
            Ok(pair) => pair,
            Err(why) => {
                let why = why.replace('|', "\\|");
                return format!(
                    "| {name} | {tickets} | `{floor_name}` | {why} | | | | | {bound_text} | red |\n"
                );
            }
        };
        let wall = |usage: &Usage| usage.wall.as_secs_f64();
        let cpu = |usage: &Usage| usage.cpu.as_secs_f64();
        let memory = |usage: &Usage| usage.memory as f64;
        let (ours, floor, cpu_ratio) = match unit {
            Unit::Time => {
                let (ours, floor) = (middle(&pair.ours, wall), middle(&pair.floor, wall));
                let ratio = middle(&pair.ours, cpu) / middle(&pair.floor, cpu);
                (ours, floor, format!("{ratio:.2}×"))
            }
            Unit::Memory => (middle(&pair.ours, memory), middle(&pair.floor, memory), "–".to_owned()),
        };
        let shown = |value: f64| match unit {
            Unit::Time if value >= 1.0 => format!("{value:.2} s"),
            Unit::Time => format!("{:.2} ms", value * 1000.0),
            Unit::Memory => format!("{:.1} MiB", value / 1024.0 / 1024.0),
        };
        let ratio = ours / floor;
        let verdict = verdict(ratio, bound.is_finite().then_some(*bound));
        let (ours, floor, runs) = (shown(ours), shown(floor), pair.ours.len());
        format!(
            "| {name} | {tickets} | `{floor_name}` | {ours} | {floor} | **{ratio:.2}×** | {cpu_ratio} | {runs} | {bound_text} | {verdict} |\n"
        )
    }
}

fn middle(usages: &[Usage], value: impl Fn(&Usage) -> f64) -> f64 {
    // Whole nanoseconds and bytes can be ordered.
    let scaled = usages.iter().map(|usage| (value(usage) * 1e9) as u128);
    median(scaled).map_or(f64::NAN, |value| value as f64 / 1e9)
}

fn verdict(value: f64, bound: Option<f64>) -> &'static str {
    match bound {
        None => "",
        Some(bound) if value <= bound => "green",
        Some(_) => "red",
    }
}

/// Both tables, and on what they were measured.
pub(crate) fn tables(runs: usize, rows: &[Measured], amounts: &[Amount]) -> String {
    let mut text = format!("{}\n\n", machine(runs));
    if !rows.is_empty() {
        text.push_str(HEAD);
        rows.iter().for_each(|row| text.push_str(&row.line()));
    }
    if !amounts.is_empty() {
        text.push_str("\n| what | tickets | amount | | bound | |\n|---|--:|--:|---|--:|---|\n");
        for Amount { name, tickets, value, unit, bound } in amounts {
            let limit = bound.map_or("–".to_owned(), |bound| bound.to_string());
            let verdict = verdict(*value, *bound);
            text.push_str(&format!("| {name} | {tickets} | {value:.1} | {unit} | {limit} | {verdict} |\n"));
        }
    }
    text
}

/// Puts the tables into the document, in the place of the former ones.
pub(crate) fn write(tables: &str) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let fail = |error: std::io::Error| format!("{}: {error}", path.display());
    let text = fs::read_to_string(&path).map_err(fail)?;
    let (Some(begin), Some(end)) = (text.find(BEGIN), text.find(END)) else {
        return Err(format!("{} has no place for the tables: {BEGIN} and {END}", path.display()));
    };
    let (before, after) = (&text[..begin + BEGIN.len()], &text[end..]);
    fs::write(&path, format!("{before}\n\n{tables}\n{after}")).map_err(fail)
}

fn machine(runs: usize) -> String {
    let said = |program: &str, words: &[&str]| {
        let output = Command::new(program).args(words).output().ok();
        let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        text.filter(|text| !text.is_empty()).unwrap_or_else(|| format!("no {program}"))
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processor", |(_, name)| name);
    format!(
        "Up to {runs} runs each, by turns; medians. {processors} × {model}; {}; {}; {}; {}.",
        said("uname", &["-srm"]),
        said("git", &["--version"]),
        said("rustc", &["--version"]),
        said(crate::ground::program(), &["--version"]),
    )
}
