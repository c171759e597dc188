//! The words git-yoi itself writes into tickets, in English or Japanese.

use super::routing;
use crate::model::change::{Heading, Text};
use crate::model::event::Kind;
use crate::model::state::State;
use crate::model::thread::Verdict;
use crate::model::ticket::Field;

/// The language of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, the default.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// From the setting `[ticket] language`: `japanese`, `ja`, `ja-JP` or anything with 日本語 is Japanese.
    pub fn from_setting(value: &str) -> Self {
        let named = ["japanese", "ja", "ja-jp"].contains(&value.to_ascii_lowercase().as_str());
        if named || value.contains("日本語") { Language::Japanese } else { Language::English }
    }

    /// Whether the setting names one of the two languages.
    pub fn is_known(value: &str) -> bool {
        let lower = value.to_ascii_lowercase();
        Language::from_setting(value) == Language::Japanese
            || lower == "english"
            || lower.split('-').next() == Some("en")
    }

    fn pick(self, english: &'static str, japanese: &'static str) -> &'static str {
        match self {
            Language::English => english,
            Language::Japanese => japanese,
        }
    }

    /// The body of a ticket that was created without one.
    pub fn default_body(self) -> &'static str {
        self.pick(
            "## Background\n\nWrite here what this ticket is about.\n\n## Acceptance criteria\n\n- TBD",
            "## 背景\n\nこの Ticket の背景をここに書く。\n\n## 受け入れ条件\n\n- 未定",
        )
    }

    /// The heading of an event, without `## `.
    pub fn heading(self, heading: Heading, kind: &Kind) -> String {
        match heading {
            Heading::Created => self.pick("Created", "作成").to_owned(),
            Heading::Closed => self.pick("Closed", "完了").to_owned(),
            Heading::Review(Verdict::Approve) => "Review: approve".to_owned(),
            Heading::Review(Verdict::RequestChanges) => "Review: request changes".to_owned(),
            Heading::FieldChanged => self.pick("Field changed", "項目変更").to_owned(),
            Heading::RelationAdded => self.pick("Relation added", "関連追加").to_owned(),
            Heading::RelationRemoved => self.pick("Relation removed", "関連削除").to_owned(),
            Heading::CommitLinked => self.pick("Commit linked", "コミット関連付け").to_owned(),
            Heading::CommitUnlinked => self.pick("Commit unlinked", "コミット関連解除").to_owned(),
            // Derived events are the same in every clone, whatever its language.
            Heading::Landed => "Landed".to_owned(),
            Heading::Reverted => "Reverted".to_owned(),
            Heading::Relanded => "Landed again".to_owned(),
            Heading::Unlanded => "Landing vanished".to_owned(),
            Heading::CommitFound => "Commit found".to_owned(),
            Heading::Undone { is_redo: false } => self.pick("Undone", "取り消し").to_owned(),
            Heading::Undone { is_redo: true } => self.pick("Redone", "やり直し").to_owned(),
            Heading::OfKind => capitalised(kind.word()),
        }
    }

    /// The text of an event.
    pub fn text(self, text: &Text) -> String {
        match text {
            Text::Words(words) => words.clone(),
            Text::Created => self.pick("Created by git-yoi.", "git-yoi によって作成されました。").to_owned(),
            Text::Closed => self.pick("Ticket closed.", "Ticket を closed にしました。").to_owned(),
            Text::Ready => self
                .pick(
                    "Ticket planning complete; state planning -> ready.",
                    "Ticket planning が完了しました。state planning -> ready。",
                )
                .to_owned(),
            Text::Queued(actor) => match self {
                Language::English => "Ticket queued for Orchestrator routing.".to_owned(),
                Language::Japanese => format!("Ticket を `{actor}` が queued にしました。"),
            },
            Text::Became(state) => became(*state),
            Text::FieldChanged { field, from, to } => {
                self.field_changed(*field, from.as_deref(), to.as_deref())
            }
            Text::Undone { what, is_redo, note } => {
                let word = match is_redo {
                    true => self.pick("Taken back again", "取り消しを取り消しました"),
                    false => self.pick("Taken back", "取り消しました"),
                };
                with_note(&format!("{word}: {what}"), note.as_deref())
            }
            Text::BodyChanged(diff) => fenced("diff", diff),
            Text::Relation { kind, target, note } => {
                with_note(&format!("`{kind}` {target}"), note.as_deref())
            }
            Text::Commit { short, subject, note } => {
                with_note(&format!("`{short}` {subject}"), note.as_deref())
            }
            // Never localised: readers look for its labels.
            Text::Routing(decision) => routing::write(decision),
            Text::Commits { lines, more } => commit_lines(lines, *more),
        }
    }

    fn field_changed(self, field: Field, from: Option<&str>, to: Option<&str>) -> String {
        let nothing = self.pick("(nothing)", "(なし)");
        format!("{}: {} -> {}", field.key(), from.unwrap_or(nothing), to.unwrap_or(nothing))
    }
}

/// Never localised, as in the existing tickets.
fn became(state: State) -> String {
    format!("State changed to `{state}`.")
}

fn commit_lines(lines: &[(String, String)], more: usize) -> String {
    let mut out: Vec<String> = lines.iter().map(|(short, subject)| format!("`{short}` {subject}")).collect();
    if more > 0 {
        out.push(format!("and {more} more"));
    }
    out.join("\n")
}

fn with_note(line: &str, note: Option<&str>) -> String {
    note.map_or_else(|| line.to_owned(), |note| format!("{line}\n\n{note}"))
}

fn capitalised(word: &str) -> String {
    let words = word.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Text inside a code fence that is longer than any run of backticks in it.
fn fenced(info: &str, text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{info}\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn japanese_is_named_in_several_ways() {
        for word in ["Japanese", "ja", "JA-jp", "日本語", "日本語 (ja)"] {
            assert_eq!(Language::from_setting(word), Language::Japanese, "{word}");
        }
        for word in ["", "en", "java", "English"] {
            assert_eq!(Language::from_setting(word), Language::English, "{word}");
        }
    }

    #[test]
    fn headings_follow_kind_and_language() {
        let heading = |language: Language, heading, kind| language.heading(heading, &kind);
        assert_eq!(heading(Language::English, Heading::OfKind, Kind::StateChanged), "State changed");
        assert_eq!(heading(Language::Japanese, Heading::OfKind, Kind::StateChanged), "State changed");
        assert_eq!(heading(Language::Japanese, Heading::Closed, Kind::Close), "完了");
        assert_eq!(fenced("diff", "a\n````\n"), "`````diff\na\n````\n`````");
    }
}
