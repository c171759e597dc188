//! `git yoi log`

use std::cell::RefCell;
use std::ffi::OsString;
use std::io::Write;

use clap::Args;

use crate::cli::atoms;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::render::code;
use crate::ops::Session;
use crate::ops::log::{self, Line, Logged, Told};
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::code::{LogView, LoggedRow};

/// Show the log of the code, each commit with its tickets.
///
/// Words after "log" are those of git log: ranges, paths, -p, --stat, --graph, -n, --author and so on. How a
/// commit is printed is not theirs to say: --format and --pretty are refused, --oneline changes nothing.
///
/// With --json and --porcelain commits alone are printed, whatever else git was asked for. With --porcelain
/// rows are: full id, ids of tickets separated by commas, subject; -z ends them with NUL.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// End rows with NUL instead of a newline; as --porcelain
    #[arg(short = 'z')]
    pub nul: bool,
    /// What git log takes
    #[arg(value_name = "git log args", allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}

/// Options of git that change what this program has to read, or take it away.
const REFUSED: [&str; 4] = ["--format", "--pretty", "--color-words", "--output"];

/// Runs the command.
///
/// # Errors
/// When git fails or the tickets can't be read.
pub fn run(context: &Context, args: LogArgs) -> anyhow::Result<Exit> {
    let words = checked(args.words)?;
    let session = context.session()?;
    if context.global.json {
        let mut found: Vec<Logged> = Vec::new();
        let told = log::log(&session, &words, |line| {
            if let Line::Commit { logged, .. } = line {
                found.push(*logged);
            }
            Ok(())
        })?;
        context.json(&LogView::new(&found, &told))?;
        return Ok(Exit::Done);
    }
    if context.global.porcelain || args.nul {
        let mut out = context.host.stdout.borrow_mut();
        tell(context, &print_rows(&session, &words, if args.nul { '\0' } else { '\n' }, &mut **out)?);
        return Ok(Exit::Done);
    }
    let told = RefCell::new(Told::default());
    let painter = context.painter();
    context.page_bit_by_bit(|out| {
        told.replace(print(&session, &words, &painter, out)?);
        Ok(())
    })?;
    tell(context, &told.into_inner());
    Ok(Exit::Done)
}

fn tell(context: &Context, told: &Told) {
    told.warnings.iter().for_each(|warning| context.note(&sanitize::line(warning)));
    context.tell_unreadable(&told.unreadable, &told.damaged);
}

/// git's words, without those that mean nothing here.
fn checked(words: Vec<OsString>) -> Result<Vec<OsString>, UsageError> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    for word in words[..end].iter().filter_map(|word| word.to_str()) {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        if REFUSED.contains(&name) || word == "--word-diff=color" {
            let instead = if word.contains("word") { "--word-diff" } else { "git log" };
            return Err(UsageError(format!("'{}' can't be used here; use {instead}", word.escape_debug())));
        }
    }
    let mut words = words;
    let mut at = 0;
    words.retain(|word| {
        at += 1;
        at > end || word != "--oneline"
    });
    Ok(words)
}

fn print(
    session: &Session,
    words: &[OsString],
    painter: &Painter,
    out: &mut dyn Write,
) -> anyhow::Result<Told> {
    log::log(session, words, |line| {
        match line {
            Line::Commit { before, logged, side, after } => {
                let (before, after) = (sanitize::block(&before), sanitize::block(&after));
                // A graph has the side already.
                let side = Some(side).filter(|side| *side != '>' && before.is_empty());
                let side = side.map(|side| format!("{side} ")).unwrap_or_default();
                writeln!(out, "{before}{side}{}{after}", code::logged(&logged, painter))?;
            }
            Line::Other(text) => writeln!(out, "{}", difference(&text, painter))?,
            Line::Pause => out.flush()?,
        }
        Ok(())
    })
}

/// A line of a difference in its colour; any other as it is.
fn difference(text: &str, painter: &Painter) -> String {
    let clean = sanitize::block(text);
    let style = match clean.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Style::Dim,
        [b'+', ..] => Style::Good,
        [b'-', ..] => Style::Bad,
        [b'@', b'@', ..] => Style::Code,
        _ => return clean.into_owned(),
    };
    painter.paint(style, &clean)
}

fn print_rows(session: &Session, words: &[OsString], end: char, out: &mut dyn Write) -> anyhow::Result<Told> {
    let format = atoms::porcelain(&LoggedRow::FIELDS);
    log::log(session, words, |line| {
        match line {
            Line::Commit { logged, .. } => {
                let row = serde_json::to_value(LoggedRow::new(&logged))?;
                write!(out, "{}{end}", atoms::fill(&format, &row))?;
            }
            Line::Other(_) => {}
            Line::Pause => out.flush()?,
        }
        Ok(())
    })
}
