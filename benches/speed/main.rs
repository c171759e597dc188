//! How long whole commands take, as ratios to git's own in the same run.
//!
//! `cargo bench` measures everything and prints two Markdown tables; `cargo bench -- comment` does so for the
//! rows whose name holds that word, `--size 10000` for those of one size, `--runs 50` with so many runs
//! (otherwise 21), `--patience 600` lets each row take so many seconds (otherwise 60: rows of long commands have
//! fewer runs, at least three), `--write` also puts the tables into `docs/performance.md`, `--list` only names the
//! rows.
//!
//! Each row runs the program and its counterpart alternately, so that both see the same noise; what counts is
//! the ratio of the medians. The repositories are made by the first run that wants them and kept in the target
//! folder; rows that write do so in a copy.

mod amounts;
mod ground;
mod measure;
mod report;
mod rows;
mod subject;
mod tickets;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use amounts::{Amount, COUNTS};
use ground::Ground;
use measure::{Pair, Usage};
use report::Measured;
use rows::{Row, Unit};

/// What is asked for.
struct Wish {
    words: Vec<String>,
    size: Option<usize>,
    runs: usize,
    patience: Duration,
    is_written: bool,
    is_list: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == measure::PEAK) {
        return told(measure::tell_peak(&words[1..]).map(|peak| say(&format!("{peak}\n"))));
    }
    told(wish(words).and_then(|wish| bench(&wish)))
}

fn told(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            note(&format!("error: {why}\n"));
            ExitCode::FAILURE
        }
    }
}

fn wish(words: Vec<String>) -> Result<Wish, String> {
    let mut wish = Wish {
        words: Vec::new(),
        size: None,
        runs: 21,
        patience: Duration::from_secs(60),
        is_written: false,
        is_list: false,
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let mut number = || {
            let text = words.next().unwrap_or_default();
            text.parse::<usize>().map_err(|_| format!("{word} needs a number"))
        };
        match word.as_str() {
            "--size" => wish.size = Some(number()?),
            "--runs" => wish.runs = number()?.max(1),
            "--patience" => wish.patience = Duration::from_secs(number()? as u64),
            "--write" => wish.is_written = true,
            "--list" => wish.is_list = true,
            // cargo itself says this.
            "--bench" => {}
            option if option.starts_with('-') => return Err(format!("there is no option {option}")),
            _ => wish.words.push(word),
        }
    }
    Ok(wish)
}

impl Wish {
    fn wants(&self, name: &str, tickets: usize) -> bool {
        let is_named = self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()));
        is_named && self.size.is_none_or(|size| size == tickets)
    }
}

fn bench(wish: &Wish) -> Result<(), String> {
    let rows = rows::rows().into_iter().filter(|row| wish.wants(&row.name, row.tickets));
    let counts = COUNTS.iter().filter(|(name, tickets, _)| wish.wants(name, *tickets));
    if wish.is_list {
        rows.for_each(|row| say(&format!("{} {}\n", row.tickets, row.name)));
        counts.for_each(|(name, tickets, _)| say(&format!("{tickets} {name}\n")));
        return Ok(());
    }
    let mut measured = Vec::new();
    for row in rows {
        note(&format!("{}, {} tickets\n", row.name, row.tickets));
        let outcome = compare(&row, wish);
        let row = Measured { row, outcome };
        note(&row.line());
        measured.push(row);
    }
    let mut amounts: Vec<Amount> = Vec::new();
    for (name, tickets, count) in counts {
        note(&format!("{name}, {tickets} tickets\n"));
        count(&Ground::of(*tickets)?, &mut amounts)?;
    }
    let tables = report::tables(wish.runs, &measured, &amounts);
    say(&tables);
    if wish.is_written { report::write(&tables) } else { Ok(()) }
}

/// Runs a row; a command that fails is a row that says so.
fn compare(row: &Row, wish: &Wish) -> Result<Pair, String> {
    let mut ours = (row.ours)(&Ground::of(row.tickets)?)?;
    let mut floor = (row.floor)(&Ground::of(row.floor_tickets)?)?;
    ours.probe()?;
    floor.probe()?;
    match row.unit {
        Unit::Time => Pair::alternate(wish.runs, wish.patience, |run| ours.run(run), |run| floor.run(run)),
        Unit::Memory => {
            let usage = |memory: u64| Usage { memory, ..Usage::default() };
            let (ours, floor) = (|run| ours.peak(run).map(usage), |run| floor.peak(run).map(usage));
            Pair::alternate(wish.runs.min(5), wish.patience, ours, floor)
        }
    }
}

fn say(text: &str) {
    std::io::stdout().write_all(text.as_bytes()).expect("standard output is there");
}

/// Says how far it is.
fn note(text: &str) {
    // Nobody has to listen.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
