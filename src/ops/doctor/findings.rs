//! Collecting findings: escaped, bounded, in order.

use std::collections::BTreeMap;

use super::{Finding, Severity};
use crate::model::id::TicketId;

/// How many findings of one code a ticket may have before the others are only counted.
const MOST: usize = 50;
/// How long a message may be, in characters.
const LONGEST: usize = 1000;
/// How much of a text from a ticket a message quotes, in characters.
const LONGEST_QUOTE: usize = 80;

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    counts: BTreeMap<(Option<TicketId>, &'static str), (usize, Severity)>,
}

impl Findings {
    /// For findings about the ref, or about what has this path on it.
    pub(super) fn on_ref(&mut self, path: Option<&str>) -> InFile<'_> {
        InFile { findings: self, id: None, file: path.map(clean) }
    }

    /// For findings about a ticket as a whole.
    pub(super) fn on_ticket(&mut self, id: TicketId) -> InFile<'_> {
        InFile { findings: self, id: Some(id), file: None }
    }

    /// For findings about a file of a ticket.
    pub(super) fn in_file(&mut self, id: TicketId, name: &str) -> InFile<'_> {
        InFile { findings: self, id: Some(id), file: Some(clean(name)) }
    }

    fn push(&mut self, finding: Finding) {
        let (count, _) = self.counts.entry((finding.id, finding.code)).or_insert((0, finding.severity));
        *count += 1;
        if *count <= MOST {
            self.found.push(finding);
        }
    }

    /// Everything, in order of id, file and line. What was only counted is told at the end of its ticket.
    pub(super) fn into_sorted(self) -> Vec<Finding> {
        let mut found: Vec<(bool, Finding)> = self.found.into_iter().map(|one| (false, one)).collect();
        for ((id, code), (count, severity)) in self.counts {
            if count > MOST {
                let message = format!("and {} more of this kind", count - MOST);
                found.push((true, Finding { severity, code, id, file: None, line: None, message }));
            }
        }
        found.sort_by(|(a_counts, a), (b_counts, b)| {
            (a.id, a_counts, &a.file, a.line).cmp(&(b.id, b_counts, &b.file, b.line))
        });
        found.into_iter().map(|(_, finding)| finding).collect()
    }
}

/// Where findings are added: a file of a ticket, a path on the ref, or neither.
pub(super) struct InFile<'f> {
    findings: &'f mut Findings,
    id: Option<TicketId>,
    file: Option<String>,
}

impl InFile<'_> {
    /// Something that readers stumble over.
    pub(super) fn error(&mut self, code: &'static str, line: Option<usize>, message: String) {
        self.push(Severity::Error, code, line, &message);
    }

    /// Something that readers can live with.
    pub(super) fn warning(&mut self, code: &'static str, line: Option<usize>, message: String) {
        self.push(Severity::Warning, code, line, &message);
    }

    fn push(&mut self, severity: Severity, code: &'static str, line: Option<usize>, message: &str) {
        let (id, file) = (self.id, self.file.clone());
        let message = clipped(clean(message), LONGEST);
        self.findings.push(Finding { severity, code, id, file, line, message });
    }
}

/// Text from a ticket, in quotes, escaped, and not too much of it.
pub(super) fn quoted(text: &str) -> String {
    let start: String = text.chars().take(LONGEST_QUOTE + 1).collect();
    format!("'{}'", clipped(start.escape_debug().to_string(), LONGEST_QUOTE))
}

/// The text with everything escaped that doesn't show: messages of lower layers quote tickets too.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\'' | '"' | '\\') {
            out.push(letter);
        } else {
            out.extend(letter.escape_debug());
        }
    }
    out
}

fn clipped(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_a_message_unescaped() {
        assert_eq!(quoted("a'b\u{1b}[2J\u{202e}日本"), "'a\\'b\\u{1b}[2J\\u{202e}日本'");
        assert_eq!(quoted(&"x".repeat(1_000_000)), format!("'{}…'", "x".repeat(80)));
        let mut findings = Findings::default();
        findings.on_ref(Some("a\nb")).error("x", None, format!("said \"\u{7}\" {}", "y".repeat(2000)));
        let found = findings.into_sorted();
        assert_eq!(found[0].file.as_deref(), Some("a\\nb"));
        assert!(found[0].message.starts_with("said \"\\u{7}\" y") && found[0].message.ends_with("y…"));
    }

    #[test]
    fn what_is_too_much_to_list_is_counted() {
        let mut findings = Findings::default();
        let id = TicketId::from_millis(7);
        for line in (1..=MOST + 3).rev() {
            findings.in_file(id, "thread.md").warning("x", Some(line), "odd".to_owned());
        }
        findings.in_file(id, "thread.md").warning("y", Some(1_000), "odd".to_owned());
        let found = findings.into_sorted();
        assert_eq!(found.len(), MOST + 2);
        assert_eq!((found[0].line, found[MOST].code), (Some(4), "y"));
        assert_eq!(found[MOST + 1].message, "and 3 more of this kind");
    }
}
