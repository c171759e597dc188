//! `git yoi doctor`

use std::collections::BTreeSet;

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::model::commit::short;
use crate::ops::doctor::fix::{self, Fixed};
use crate::ops::doctor::remotes::{Examined, Standing};
use crate::ops::doctor::{self, Finding, Report, Severity, Which};
use crate::ops::problem::count;
use crate::store::place;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::doctor::{DoctorView, FindingView};

/// Check every ticket, and repair what can be repaired.
///
/// Shows errors, which keep something from being read, and warnings, which are odd but harmless: in tickets, and in
/// what lies around them (hooks that went missing, settings of remotes, the index). Changes nothing without --fix.
/// Exits with 1 when there are errors. With --porcelain rows are: severity, code, id, file, line, message.
///
/// With --fix repairs what can be repaired without guessing: fields of a ticket that its events tell (state, times,
/// who queued it, the resolution), bare values that lack their quotes, keys that stand twice, events that nothing ends, files marked
/// as programs. That is one commit, and git yoi undo takes it back. Events stay as they are. Hooks, refspecs, index
/// and cursors are made again. With --remote=<name> that remote is opted in. What is left is shown with the reason and what can be
/// done by hand; exits with 1 when errors are left. Rows then have two columns more: repaired or left, and the advice. -n shows
/// what would be repaired.
///
/// With --remote also looks at remotes: pushes a ref beside the tickets' own, reads it back and removes it, which
/// shows whether the host keeps such refs; compares its tickets with those here, and looks at what init set up.
/// This needs no tickets yet. Where a host keeps branches and tags only, git config yoi.remoteRef
/// refs/heads/yoi/tickets and then git yoi init put tickets on a branch there.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Look at each remote that takes part, or at the one named
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub remote: Option<String>,
    /// Repair what can be repaired without guessing
    #[arg(long)]
    pub fix: bool,
    /// With --fix: only show what would be repaired
    #[arg(short = 'n', long, requires = "fix")]
    pub dry_run: bool,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When the repository can't be read at all.
pub fn run(context: &Context, args: &DoctorArgs) -> anyhow::Result<Exit> {
    let which = match args.remote.as_deref() {
        None => Which::None,
        Some("") => Which::Each,
        Some(name) => Which::One(name),
    };
    let session = match which {
        Which::None => context.session()?,
        Which::Each | Which::One(_) => context.session_as_it_is()?,
    };
    if args.fix {
        return repair(context, args, &fix::fix(&session, which, args.dry_run)?);
    }
    let report = doctor::doctor(&session, which)?;
    let view = DoctorView::new(&report);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(&args.rows) {
        let known = FindingView::ATOMS;
        context.rows(&args.rows, &view.findings, &known, &known)?;
    } else {
        let painter = context.painter();
        let mut out: String = report.findings.iter().map(|finding| words(finding, &painter)).collect();
        out.extend(report.remotes.iter().map(remote));
        out.push_str(&format!("{}\n", numbers(&report)));
        context.page(&out)?;
        hints(&report).iter().for_each(|hint| context.note(hint));
    }
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    if report.errors() > 0 { Exit::No } else { Exit::Done }
}

fn numbers(report: &Report) -> String {
    let (errors, warnings) = (count(report.errors(), "error"), count(report.warnings(), "warning"));
    format!("{} checked: {errors}, {warnings}", count(report.tickets, "ticket"))
}

/// Tells what was repaired, and what is left and why.
fn repair(context: &Context, args: &DoctorArgs, fixed: &Fixed) -> anyhow::Result<Exit> {
    let view = DoctorView::of_fix(fixed);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(&args.rows) {
        let known = FindingView::FIX_ATOMS;
        let repaired = view.fix.into_iter().flat_map(|fix| fix.repaired);
        let rows: Vec<FindingView> = repaired.chain(view.findings).collect();
        context.rows(&args.rows, &rows, &known, &known)?;
    } else {
        let painter = context.painter();
        let done = if fixed.is_dry { "would repair:" } else { "repaired:" };
        let done = painter.paint(Style::Good, done);
        let mut out = String::new();
        for finding in &fixed.repaired {
            out.push_str(&format!("{done} {}\n", place(finding)));
        }
        let mut told = BTreeSet::new();
        for finding in &fixed.left.findings {
            out.push_str(&words(finding, &painter));
            if told.insert(finding.code) {
                out.push_str(&format!("  {}: {}\n", finding.code, doctor::advice(finding.code)));
            }
        }
        out.extend(fixed.left.remotes.iter().map(remote));
        out.push_str(&summary(fixed));
        context.page(&out)?;
    }
    for why in fixed.failed.iter().filter(|_| !context.global.json) {
        context.note(&format!("warning: {}", sanitize::line(why)));
    }
    Ok(exit(&fixed.left))
}

fn summary(fixed: &Fixed) -> String {
    let number = fixed.repaired.len();
    let done = match (&fixed.commit, fixed.is_dry) {
        (_, true) => format!("{number} would be repaired"),
        (Some(commit), false) => {
            format!("{number} repaired; git yoi undo --op {} takes it back", short(commit))
        }
        (None, false) => format!("{number} repaired"),
    };
    format!("{done}\nleft: {}\n", numbers(&fixed.left))
}

/// What a remote is like, in a line or two.
fn remote(examined: &Examined) -> String {
    let name = sanitize::line(&examined.name);
    let mut out = String::new();
    if examined.keeps == Some(true) {
        let (reference, probe) = (sanitize::line(&examined.reference), sanitize::line(&examined.probe));
        let removed = if examined.is_removed { ", read back and removed" } else { " and read back" };
        out.push_str(&format!("'{name}' keeps refs such as {reference}: {probe} was pushed{removed}\n"));
    }
    match examined.tickets {
        Some(Standing::Same) => out.push_str(&format!("'{name}' has the same tickets as this clone\n")),
        Some(Standing::HasMore) => out.push_str(&format!("'{name}' has tickets that are not here yet\n")),
        Some(Standing::None | Standing::Lacks | Standing::Apart) | None => {}
    }
    out
}

/// What to do about remotes.
fn hints(report: &Report) -> Vec<String> {
    let mut hints = Vec::new();
    for examined in &report.remotes {
        let name = sanitize::line(&examined.name);
        if !examined.is_set_up && examined.keeps != Some(false) {
            hints.push(format!("hint: git yoi init {name}"));
        }
        if examined.keeps == Some(false) && examined.reference == place::DEFAULT {
            let place = place::BRANCH;
            hints.push(format!("hint: git config remote.{name}.yoiRef {place}, then git yoi init {name}"));
        }
        let is_behind = matches!(examined.tickets, Some(Standing::Lacks | Standing::Apart | Standing::None));
        if examined.is_set_up && is_behind {
            hints.push(format!("hint: git yoi sync {name}"));
        }
    }
    if report.findings.iter().any(|finding| finding.code == "no_push_hook") {
        hints.push("hint: git yoi hooks install".to_owned());
    }
    hints
}

fn words(finding: &Finding, painter: &Painter) -> String {
    let severity = match finding.severity {
        Severity::Error => painter.paint(Style::Bad, "error:"),
        Severity::Warning => painter.paint(Style::Warning, "warning:"),
    };
    format!("{severity} {}\n", place(finding))
}

/// Where something is, and what it is.
fn place(finding: &Finding) -> String {
    let mut place = String::new();
    if let Some(id) = finding.id {
        place.push_str(id.as_str());
    }
    if let Some(file) = &finding.file {
        let slash = if place.is_empty() { "" } else { "/" };
        place.push_str(&format!("{slash}{}", sanitize::line(file)));
    }
    if let Some(line) = finding.line {
        place.push_str(&format!(":{line}"));
    }
    let gap = if place.is_empty() { "" } else { ": " };
    format!("{place}{gap}{}", sanitize::line(&finding.message))
}
