//! `git yoi doctor`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::ops::doctor::{self, Finding, Severity};
use crate::ops::problem::count;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::doctor::{DoctorView, FindingView};

/// Check every ticket.
///
/// Shows errors, which keep something from being read, and warnings, which are odd but harmless. Changes
/// nothing. Exits with 1 when there are errors. With --porcelain rows are: severity, code, id, file, line,
/// message.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When the repository can't be read at all.
pub fn run(context: &Context, args: &DoctorArgs) -> anyhow::Result<Exit> {
    let report = doctor::doctor(&context.session()?)?;
    let view = DoctorView::new(&report);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(&args.rows) {
        let known = FindingView::ATOMS;
        context.rows(&args.rows, &view.findings, &known, &known)?;
    } else {
        let painter = context.painter();
        let mut out: String = report.findings.iter().map(|finding| words(finding, &painter)).collect();
        let (errors, warnings) = (count(report.errors(), "error"), count(report.warnings(), "warning"));
        out.push_str(&format!("{} checked: {errors}, {warnings}\n", count(report.tickets, "ticket")));
        context.page(&out)?;
    }
    Ok(if report.errors() > 0 { Exit::No } else { Exit::Done })
}

fn words(finding: &Finding, painter: &Painter) -> String {
    let severity = match finding.severity {
        Severity::Error => painter.paint(Style::Bad, "error:"),
        Severity::Warning => painter.paint(Style::Warning, "warning:"),
    };
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
    format!("{severity} {place}{gap}{}\n", sanitize::line(&finding.message))
}
