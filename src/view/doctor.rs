//! What `doctor` found: `yoi.doctor/1`.

use serde::Serialize;

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
    /// The findings, in order of ticket, file and line.
    pub findings: Vec<FindingView>,
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
            findings: report.findings.iter().map(FindingView::new).collect(),
        }
    }
}
