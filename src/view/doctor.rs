//! What `doctor` found: `yoi.doctor/1`.

use serde::Serialize;

use crate::ops::doctor::remotes::{Examined, Standing};
use crate::ops::doctor::{Finding, Report, Severity};

/// What was found.
#[derive(Debug, Serialize)]
pub struct DoctorView {
    /// `yoi.doctor/1`.
    pub schema: &'static str,
    /// How many tickets were checked.
    pub tickets: usize,
    /// How many findings are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many findings there are.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// The remotes that were looked at; absent without --remote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<ExaminedView>,
    /// The findings, in order of ticket, file and line.
    pub findings: Vec<FindingView>,
}

/// A remote that was looked at.
#[derive(Debug, Serialize)]
pub struct ExaminedView {
    /// Its name.
    pub name: String,
    /// The ref that holds tickets there.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Ordinary pushes and fetches carry its tickets.
    pub set_up: bool,
    /// Whether it keeps such refs; absent when it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keeps: Option<bool>,
    /// Its tickets beside those here: `same`, `none`, `lacks`, `has_more` or `apart`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets: Option<&'static str>,
}

impl ExaminedView {
    fn new(examined: &Examined) -> Self {
        ExaminedView {
            name: examined.name.clone(),
            reference: examined.reference.clone(),
            set_up: examined.is_set_up,
            keeps: examined.keeps,
            tickets: examined.tickets.map(Standing::word),
        }
    }
}

/// One finding.
#[derive(Debug, Serialize)]
pub struct FindingView {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// A stable word.
    pub code: &'static str,
    /// The ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The file in the ticket's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in the file, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl FindingView {
    /// The names of the fields, for `--format` and porcelain.
    pub const ATOMS: [&'static str; 6] = ["severity", "code", "id", "file", "line", "message"];

    fn new(finding: &Finding) -> Self {
        FindingView {
            severity: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: finding.code,
            id: finding.id.map(|id| id.to_string()),
            file: finding.file.clone(),
            line: finding.line,
            message: finding.message.clone(),
        }
    }
}

impl DoctorView {
    /// From what `doctor` answers.
    pub fn new(report: &Report) -> Self {
        DoctorView {
            schema: "yoi.doctor/1",
            tickets: report.tickets,
            errors: report.errors(),
            warnings: report.warnings(),
            total: report.findings.len(),
            truncated: false,
            remotes: report.remotes.iter().map(ExaminedView::new).collect(),
            findings: report.findings.iter().map(FindingView::new).collect(),
        }
    }
}
