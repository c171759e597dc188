//! Differences on a screen, word by word.

use crate::ops::patch::{Change, Line, Patch};
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::history::marked;

/// What changed in one file, indented. `commit` names where the rest of a long one can be seen.
pub fn patch(patch: &Patch, painter: &Painter, commit: Option<&str>) -> String {
    let what = match patch {
        Patch { is_binary: true, .. } => " (binary)",
        Patch { is_new: true, .. } => " (new)",
        Patch { is_gone: true, .. } => " (gone)",
        Patch { .. } => "",
    };
    let title = format!("{}{what}", sanitize::line(&patch.path));
    let mut out = format!("    {}\n", painter.paint(Style::Dim, &title));
    for line in &patch.lines {
        match line {
            Line::Gap(number) => {
                out.push_str(&format!("    {}\n", painter.paint(Style::Code, &format!("@@ {number} @@"))));
            }
            Line::Words(parts) => {
                let parts: String = parts.iter().map(|(change, text)| part(*change, text, painter)).collect();
                out.push_str(format!("    {parts}").trim_end());
                out.push('\n');
            }
        }
    }
    if patch.omitted > 0 {
        let path = sanitize::line(&patch.path);
        let rest = match commit {
            Some(commit) => format!(": git show {} -- '{path}'", commit.get(..12).unwrap_or(commit)),
            None => String::new(),
        };
        let words = format!("... {} more lines{rest}", patch.omitted);
        out.push_str(&format!("    {}\n", painter.paint(Style::Dim, &words)));
    }
    out
}

fn part(change: Change, text: &str, painter: &Painter) -> String {
    // A tab only lays the text out; every other control character is made visible.
    let text = sanitize::block(text).replace('\n', "^J");
    match change {
        Change::Kept => text,
        Change::Removed if painter.enabled() => painter.paint(Style::Bad, &text),
        Change::Added if painter.enabled() => painter.paint(Style::Good, &text),
        Change::Removed | Change::Added => marked(change, &text),
    }
}
