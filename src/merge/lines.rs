//! Files of records, one a line: the union of all lines.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::note::What;

/// A line, and how often it stood before in the same file.
type Line<'a> = (&'a [u8], usize);

/// The lines of the base that a side still has, in their order, then the new ones by (`at`, bytes).
///
/// Says also what was done, when both sides had a part in it.
pub(super) fn merge(base: &[u8], one: &[u8], other: &[u8]) -> (Vec<u8>, Option<What>) {
    let [old, left, right] = [base, one, other].map(lines);
    let [known, left, right] =
        [&old, &left, &right].map(|lines| lines.iter().copied().collect::<BTreeSet<_>>());
    let (kept_left, kept_right) = (known.is_subset(&left), known.is_subset(&right));
    if one == other || (other == base && kept_left) {
        return (one.to_vec(), None);
    }
    if one == base && kept_right {
        return (other.to_vec(), None);
    }
    let mut out = Vec::with_capacity(one.len() + other.len());
    let mut push = |line: &[u8]| {
        out.extend_from_slice(line);
        out.push(b'\n');
    };
    old.iter().filter(|line| left.contains(line) || right.contains(line)).for_each(|(line, _)| push(line));
    let mut new: Vec<(Option<String>, Line)> =
        left.union(&right).filter(|line| !known.contains(line)).map(|line| (at(line.0), *line)).collect();
    new.sort();
    new.iter().for_each(|(_, (line, _))| push(line));
    (out, Some(if kept_left && kept_right { What::Joined } else { What::Restored }))
}

/// The lines that are not blank.
fn lines(text: &[u8]) -> Vec<Line<'_>> {
    let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let numbered = lines.map(|line| {
        let count = seen.entry(line).or_default();
        *count += 1;
        (line, *count - 1)
    });
    numbered.collect()
}

/// The time a record names.
fn at(line: &[u8]) -> Option<String> {
    let record: Value = serde_json::from_slice(line).ok()?;
    record.get("at")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(base: &str, one: &str, other: &str) -> (String, Option<What>) {
        let merged = merge(base.as_bytes(), one.as_bytes(), other.as_bytes());
        assert_eq!(merged, merge(base.as_bytes(), other.as_bytes(), one.as_bytes()));
        (String::from_utf8(merged.0).unwrap(), merged.1)
    }

    #[test]
    fn new_lines_follow_the_old_ones_by_time_then_bytes() {
        let merged =
            both_ways("b\na", "b\na\n{\"at\":\"2\"}\n", "b\na\nodd\n{\"at\":\"1\"}\n{\"at\":\"2\"}\n");
        assert_eq!(merged, ("b\na\nodd\n{\"at\":\"1\"}\n{\"at\":\"2\"}\n".to_owned(), Some(What::Joined)));
    }

    #[test]
    fn a_line_that_stands_twice_stays_twice() {
        assert_eq!(both_ways("a\n", "a\na\n", "a\nb\n").0, "a\na\nb\n");
    }

    #[test]
    fn a_line_one_side_lacks_is_restored() {
        assert_eq!(both_ways("a\nb\n", "b\n", "a\nb\n"), ("a\nb\n".to_owned(), Some(What::Restored)));
        assert_eq!(both_ways("a\nb\n", "b\n", "b\n"), ("b\n".to_owned(), None));
        assert_eq!(both_ways("a\n\n", "a\n\n", "a\n\nb").0, "a\n\nb");
    }
}
