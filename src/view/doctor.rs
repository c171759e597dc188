//! What `doctor` found: `yoi.doctor/1`.

use serde::Serialize;

use crate::ops::doctor::fix::Fixed;
use crate::ops::doctor::remotes::{Examined, Standing};
use crate::ops::doctor::{self, Finding, Report, Severity};

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
    /// What was mended; absent without --fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<FixView>,
    /// The findings, in order of ticket, file and line; with --fix those that are left.
    pub findings: Vec<FindingView>,
}

/// What was mended, or would be.
#[derive(Debug, Serialize)]
pub struct FixView {
    /// Nothing was written.
    pub dry_run: bool,
    /// The commit on the ref; absent when nothing was written there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// How many findings were mended.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// The findings that were mended.
    pub repaired: Vec<FindingView>,
    /// Why something could not be mended now.
    pub failed: Vec<String>,
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
    /// `repaired` or `left`; absent without --fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'static str>,
    /// Why it is left and what can be done by hand; absent without --fix, and where it was mended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<&'static str>,
}

impl FindingView {
    /// The names of the fields, for `--format` and porcelain.
    pub const ATOMS: [&'static str; 6] = ["severity", "code", "id", "file", "line", "message"];

    /// The same with what --fix adds.
    pub const FIX_ATOMS: [&'static str; 8] =
        ["severity", "code", "id", "file", "line", "message", "outcome", "advice"];

    fn repaired(finding: &Finding) -> Self {
        FindingView { outcome: Some("repaired"), ..FindingView::new(finding) }
    }

    fn left(finding: &Finding) -> Self {
        let advice = Some(doctor::advice(finding.code));
        FindingView { outcome: Some("left"), advice, ..FindingView::new(finding) }
    }

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
            outcome: None,
            advice: None,
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
            fix: None,
            findings: report.findings.iter().map(FindingView::new).collect(),
        }
    }

    /// From what `doctor --fix` answers.
    pub fn of_fix(fixed: &Fixed) -> Self {
        let fix = FixView {
            dry_run: fixed.is_dry,
            commit: fixed.commit.clone(),
            total: fixed.repaired.len(),
            truncated: false,
            repaired: fixed.repaired.iter().map(FindingView::repaired).collect(),
            failed: fixed.failed.clone(),
        };
        let left = fixed.left.findings.iter().map(FindingView::left).collect();
        DoctorView { fix: Some(fix), findings: left, ..DoctorView::new(&fixed.left) }
    }
}
