//! How git's hooks are: `yoi.hooks/1`.

use serde::Serialize;

use crate::ops::hooks::Report;

/// How the hooks are, or what was done with them.
#[derive(Debug, Serialize)]
pub struct HooksView {
    /// `yoi.hooks/1`.
    pub schema: &'static str,
    /// `install`, `uninstall` or `status`.
    pub action: &'static str,
    /// The word that all hooks have, or `mixed`.
    pub how: &'static str,
    /// How many hooks there are.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// Each hook.
    pub hooks: Vec<HookView>,
}

/// One hook.
#[derive(Debug, Serialize)]
pub struct HookView {
    /// git's name of it.
    pub event: &'static str,
    /// How it is there, or what was done with it.
    pub how: &'static str,
    /// The file, or the name in git's configuration.
    #[serde(rename = "where")]
    pub place: String,
    /// The version of its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What to add by hand, there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

impl HookView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 6] = ["event", "how", "where", "version", "why", "line"];
    /// The fields of porcelain rows.
    pub const PORCELAIN: [&'static str; 3] = ["event", "how", "where"];
}

impl HooksView {
    /// From what `hooks` answers.
    pub fn new(report: &Report) -> Self {
        let hooks = report.hooks.iter().map(|hook| HookView {
            event: hook.event.name(),
            how: hook.how.word(),
            place: hook.place.clone(),
            version: hook.version,
            why: hook.why.clone(),
            line: hook.line.clone(),
        });
        HooksView {
            schema: "yoi.hooks/1",
            action: report.action.word(),
            how: report.summary(),
            total: report.hooks.len(),
            truncated: false,
            hooks: hooks.collect(),
        }
    }
}
