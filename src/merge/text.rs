//! Texts, three-way by lines.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines of the base, and what a side has in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hunk<'a> {
    at: Range<usize>,
    lines: Vec<&'a str>,
}

/// The base with the changes of both sides, or `None` when they touch each other.
///
/// Changes that are the same on both sides are one change; those of different sides must have an unchanged
/// line between them. The result must show exactly these changes against the base: only then can a later
/// merge with the same base see them, and merging is associative.
pub(super) fn merge(base: &str, one: &str, other: &str) -> Option<String> {
    let lines = split(base);
    let (one, other) = (split(one), split(other));
    let wanted = joined(hunks(&lines, &one), hunks(&lines, &other))?;
    let mut merged: Vec<&str> = Vec::new();
    let mut done = 0;
    for hunk in &wanted {
        merged.extend(&lines[done..hunk.at.start]);
        merged.extend(&hunk.lines);
        done = hunk.at.end;
    }
    merged.extend(&lines[done..]);
    let text = merged.concat();
    (hunks(&lines, &split(&text)) == wanted).then_some(text)
}

fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What turns the base into a side, in order; between two of them a line of the base stays.
fn hunks<'a>(base: &[&str], side: &[&'a str]) -> Vec<Hunk<'a>> {
    let mut hunks: Vec<Hunk> = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, base, side) {
        if matches!(op, DiffOp::Equal { .. }) {
            continue;
        }
        let lines = &side[op.new_range()];
        match hunks.last_mut().filter(|last| last.at.end == op.old_range().start) {
            Some(last) => {
                last.at.end = op.old_range().end;
                last.lines.extend(lines);
            }
            None => hunks.push(Hunk { at: op.old_range(), lines: lines.to_vec() }),
        }
    }
    hunks
}

/// The changes of both, in order, or `None` when two of them touch.
fn joined<'a>(one: Vec<Hunk<'a>>, other: Vec<Hunk<'a>>) -> Option<Vec<Hunk<'a>>> {
    let mut all = one;
    all.extend(other);
    all.sort_by_key(|hunk| (hunk.at.start, hunk.at.end));
    all.dedup();
    let is_apart = |pair: &[Hunk]| pair[0].at.end < pair[1].at.start;
    all.windows(2).all(is_apart).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::derived::content_name;

    fn both_ways(base: &str, one: &str, other: &str) -> Option<String> {
        let merged = merge(base, one, other);
        assert_eq!(merged, merge(base, other, one));
        merged
    }

    #[test]
    fn changes_apart_from_each_other_are_joined() {
        let merged = both_ways("a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "a\nb\nc\nd\ne\nf\n");
        assert_eq!(merged.as_deref(), Some("a\nB\nc\nd\ne\nf\n"));
        let same = both_ways("a\nb\nc\n", "a\nx\nc\n", "a\nx\nc\nd\n");
        assert_eq!(same.as_deref(), Some("a\nx\nc\nd\n"));
        assert_eq!(both_ways("a\nb\nc", "a\r\nb\nc", "a\nb\nd").as_deref(), Some("a\r\nb\nd"));
    }

    /// Clones with different versions of this program must merge alike. Where changes lie is told by the
    /// package `similar`; when a new version of it fails here, it must not be taken.
    #[test]
    fn what_is_merged_never_changes() {
        let mut state = 1u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let (mut all, mut joined) = (String::new(), 0);
        for _ in 0..3000 {
            let base: Vec<u64> = (0..next(30)).map(|_| next(8)).collect();
            let mut side = || {
                let mut lines = base.clone();
                for _ in 0..1 + next(2) {
                    let at = usize::try_from(next(30)).unwrap().min(lines.len());
                    match next(3) {
                        0 => lines.insert(at, next(8)),
                        1 => lines.truncate(at.max(lines.len().saturating_sub(1))),
                        _ => lines.iter_mut().skip(at).take(2).for_each(|line| *line = next(8)),
                    }
                }
                lines.iter().map(|line| format!("{line}\n")).collect::<String>()
            };
            let (one, other) = (side(), side());
            let base: String = base.iter().map(|line| format!("{line}\n")).collect();
            let merged = both_ways(&base, &one, &other);
            joined += usize::from(merged.is_some());
            all.push_str(&format!("{merged:?}\n"));
        }
        let hash = "a53c89efd46451db848e46980eba100465ff2daa2291559c667855f88e92ac73";
        assert_eq!((joined, content_name(all.as_bytes()).as_str()), (2229, hash));
    }

    #[test]
    fn changes_that_touch_are_not() {
        assert_eq!(both_ways("a\nb\nc\n", "a\nx\nc\n", "a\ny\nc\n"), None);
        assert_eq!(both_ways("a\nb\nc\n", "x\nb\nc\n", "a\ny\nc\n"), None);
        assert_eq!(both_ways("a\n", "a\nb\n", "a\nc\n"), None);
        assert_eq!(both_ways("a\nb\n", "", "a\nc\n"), None);
        assert_eq!(both_ways("", "a\n", "b\n"), None);
    }
}
