//! What changed in a text, line by line and word by word, bounded for texts of any size.

use std::time::Duration;

use similar::{ChangeTag, DiffOp, TextDiff};

use crate::store::history::FileChange;

/// How many lines without a change are shown around one.
const AROUND: usize = 3;

/// The most lines that are shown of one file.
const MOST_LINES: usize = 300;

/// The longest replaced text whose words are compared, in bytes; longer ones are shown whole.
const MOST_BYTES: usize = 32 * 1024;

/// How long a comparison may look for the shortest difference before it takes the one it has.
const PATIENCE: Duration = Duration::from_millis(200);

/// What became of a part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is in both versions.
    Kept,
    /// It is gone.
    Removed,
    /// It came.
    Added,
}

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Lines that are the same were left out before the next one; its number in the new version.
    Gap(usize),
    /// A line in its parts, without its end.
    Words(Vec<(Change, String)>),
}

/// What changed in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// Its path on the ref.
    pub path: String,
    /// The file was not there before.
    pub is_new: bool,
    /// The file is not there any more.
    pub is_gone: bool,
    /// It holds what is no text; then there are no lines.
    pub is_binary: bool,
    /// The lines that changed, with what is around them.
    pub lines: Vec<Line>,
    /// How many more lines there are.
    pub omitted: usize,
    /// The difference as unified diff, bounded likewise.
    pub unified: String,
}

/// Compares two versions of a file.
pub fn patch(change: &FileChange) -> Patch {
    let text = |side: &Option<Vec<u8>>| String::from_utf8(side.clone().unwrap_or_default()).ok();
    let mut patch = Patch {
        path: change.path.clone(),
        is_new: change.before.is_none(),
        is_gone: change.after.is_none(),
        is_binary: false,
        lines: Vec::new(),
        omitted: 0,
        unified: String::new(),
    };
    let (before, after) = (name(change, true), name(change, false));
    match (text(&change.before), text(&change.after)) {
        (Some(old), Some(new)) => {
            let mut lines = lines(&old, &new);
            patch.omitted = lines.len().saturating_sub(MOST_LINES);
            lines.truncate(MOST_LINES);
            patch.lines = lines;
            patch.unified = unified(&old, &new, &before, &after);
        }
        _ => {
            patch.is_binary = true;
            patch.unified = format!("Binary files {before} and {after} differ\n");
        }
    }
    patch
}

fn name(change: &FileChange, is_old: bool) -> String {
    let (side, letter) = if is_old { (&change.before, 'a') } else { (&change.after, 'b') };
    side.as_ref().map_or_else(|| "/dev/null".to_owned(), |_| format!("{letter}/{}", change.path))
}

fn unified(old: &str, new: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    diff.unified_diff().context_radius(AROUND).header(before, after).to_string()
}

/// The lines that changed, with three around each group of them.
pub fn lines(old: &str, new: &str) -> Vec<Line> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let mut found = Vec::new();
    let mut shown_to = 0;
    for group in diff.grouped_ops(AROUND) {
        let first = group.first().map_or(0, |op| op.new_range().start);
        if first > shown_to {
            found.push(Line::Gap(first + 1));
        }
        for op in &group {
            shown_to = op.new_range().end;
            push(&mut found, &diff, op);
        }
    }
    found
}

fn push(found: &mut Vec<Line>, diff: &TextDiff<'_, '_, str>, op: &DiffOp) {
    let join = |is_old: bool| -> String {
        let range = if is_old { op.old_range() } else { op.new_range() };
        let get = |index| if is_old { diff.old_slice(index) } else { diff.new_slice(index) };
        range.filter_map(get).collect()
    };
    let whole = |change: Change, text: &str| -> Vec<Line> {
        text.lines().map(|line| Line::Words(vec![(change, line.to_owned())])).collect()
    };
    match op {
        DiffOp::Equal { .. } => found.extend(whole(Change::Kept, &join(false))),
        DiffOp::Delete { .. } => found.extend(whole(Change::Removed, &join(true))),
        DiffOp::Insert { .. } => found.extend(whole(Change::Added, &join(false))),
        DiffOp::Replace { .. } => {
            let (old, new) = (join(true), join(false));
            match words(&old, &new) {
                Some(lines) => found.extend(lines),
                None => {
                    found.extend(whole(Change::Removed, &old));
                    found.extend(whole(Change::Added, &new));
                }
            }
        }
    }
}

/// Replaced lines word by word; `None` when the two have little in common, or are long.
fn words(old: &str, new: &str) -> Option<Vec<Line>> {
    if old.len() + new.len() > MOST_BYTES {
        return None;
    }
    let diff = TextDiff::configure().timeout(PATIENCE).diff_words(old, new);
    if !has_much_in_common(&diff) {
        return None;
    }
    let (mut lines, mut line) = (Vec::new(), Vec::new());
    for part in diff.iter_all_changes() {
        let change = match part.tag() {
            ChangeTag::Equal => Change::Kept,
            ChangeTag::Delete => Change::Removed,
            ChangeTag::Insert => Change::Added,
        };
        let mut pieces = part.value().split('\n');
        add(&mut line, change, pieces.next().unwrap_or_default());
        for piece in pieces {
            // The end of a line that is gone ends no line of the new version, but words on both sides of it
            // must not run together.
            lines.push(Line::Words(std::mem::take(&mut line)));
            add(&mut line, change, piece);
        }
    }
    if !line.is_empty() {
        lines.push(Line::Words(line));
    }
    Some(lines)
}

/// Whether two fifths of the letters or more are in both. What stands between words is in every text.
fn has_much_in_common(diff: &TextDiff<'_, '_, str>) -> bool {
    let (mut all, mut kept) = (0, 0);
    for part in diff.iter_all_changes() {
        let letters = part.value().chars().filter(|letter| !letter.is_whitespace()).count();
        let (of_all, of_kept) = if part.tag() == ChangeTag::Equal { (2, 2) } else { (1, 0) };
        all += letters * of_all;
        kept += letters * of_kept;
    }
    kept * 5 >= all * 2
}

fn add(line: &mut Vec<(Change, String)>, change: Change, piece: &str) {
    match line.last_mut() {
        _ if piece.is_empty() => {}
        Some((last, text)) if *last == change => text.push_str(piece),
        _ => line.push((change, piece.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> Vec<String> {
        let line = |line: &Line| match line {
            Line::Gap(number) => format!("@{number}"),
            Line::Words(parts) => parts
                .iter()
                .map(|(change, text)| match change {
                    Change::Kept => text.clone(),
                    Change::Removed => format!("[-{text}-]"),
                    Change::Added => format!("{{+{text}+}}"),
                })
                .collect(),
        };
        lines(old, new).iter().map(line).collect()
    }

    #[test]
    fn words_that_changed_are_told_and_lines_far_from_them_left_out() {
        let old = "a\nb\nc\nd\ne\nthe title is old\nf\n";
        let new = "a\nb\nc\nd\ne\nthe title is new\nf\ng\n";
        assert_eq!(shown(old, new), ["@3", "c", "d", "e", "the title is [-old-]{+new+}", "f", "{+g+}"]);
        assert_eq!(shown("x y z\n", "1 2 3\n"), ["[-x y z-]", "{+1 2 3+}"]);
        assert_eq!(shown("", "one\ntwo\n"), ["{+one+}", "{+two+}"]);
        assert!(shown("same\n", "same\n").is_empty());
    }

    #[test]
    fn a_text_of_any_size_is_told_in_bounded_lines() {
        let text = |salt: usize| -> Vec<u8> {
            (0..40_000).map(|number| format!("line {}\n", number * salt)).collect::<String>().into_bytes()
        };
        let change = FileChange { path: "tickets/x".to_owned(), before: Some(text(3)), after: Some(text(7)) };
        let patch = patch(&change);
        assert_eq!(patch.lines.len(), MOST_LINES);
        assert!(patch.omitted > 1000, "{}", patch.omitted);
    }
}
