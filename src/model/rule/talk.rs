//! What is said about the work: reports and reviews, with the commits they are about.

use super::{Change, CommitName, Draft, Heading, Kind, Refusal, Text, Verdict, limit, text};
use crate::model::evidence::{COMMIT, VALIDATION};

/// Says what was done, on which commits, and how commands that were run ended.
///
/// # Errors
/// When a text is empty, too long or can't be stored.
pub fn report(
    words: &str,
    commits: &[CommitName],
    validations: &[(String, bool)],
) -> Result<Change, Refusal> {
    let mut body = text::prose("report", words, limit::TEXT)?;
    let mut draft = Draft::new(Kind::ImplementationReport, Text::Words(String::new()));
    if !commits.is_empty() {
        body.push_str("\n\nCommits:\n");
    }
    for commit in commits {
        body.push_str(&format!("\n- `{}` {}", commit.short, commit.subject));
        draft = draft.with(COMMIT, commit.full.as_str());
    }
    if !validations.is_empty() {
        body.push_str("\n\nValidation:\n");
    }
    for (command, passed) in validations {
        let command = text::header_value("command", command)?;
        let end = if *passed { "pass" } else { "fail" };
        let fence = if command.contains('`') { "``" } else { "`" };
        body.push_str(&format!("\n- {fence}{command}{fence}: {end}"));
        draft = draft.with(VALIDATION, format!("{command}={end}"));
    }
    draft.text = Text::Words(text::prose("report", &body, limit::TEXT)?);
    Ok(Change { events: vec![draft], summary: "implementation report added".to_owned(), ..Change::default() })
}

/// Reviews the work as of a commit, if there is one.
///
/// # Errors
/// When the text is empty, too long or can't be stored.
pub fn review(verdict: Verdict, words: &str, commit: Option<&CommitName>) -> Result<Change, Refusal> {
    let words = text::prose("review", words, limit::TEXT)?;
    let mut draft = Draft::new(Kind::Review, Text::Words(words))
        .headed(Heading::Review(verdict))
        .with("status", verdict.word());
    if let Some(commit) = commit {
        draft = draft.with(COMMIT, commit.full.as_str());
    }
    let what = match verdict {
        Verdict::Approve => "review: approve",
        Verdict::RequestChanges => "review: request changes",
    };
    let of = commit.map(|commit| format!(" of {}", commit.short)).unwrap_or_default();
    Ok(Change { events: vec![draft], summary: format!("{what}{of}"), ..Change::default() })
}
