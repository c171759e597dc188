//! How urgent a ticket is: free words, in an order.

/// Words that people use for priorities, with their place.
const WORDS: [(&str, u32); 12] = [
    ("critical", 0),
    ("urgent", 0),
    ("blocker", 0),
    ("highest", 0),
    ("high", 1),
    ("medium", 2),
    ("normal", 2),
    ("default", 2),
    ("low", 3),
    ("minor", 3),
    ("lowest", 4),
    ("trivial", 4),
];

/// The place of a priority: the smaller, the more urgent. `P0`, `P1` … and plain numbers are their number, `high` and
/// its like stand beside them, other words come after, and no priority last.
pub fn rank(priority: Option<&str>) -> (u32, String) {
    const OTHER: u32 = u32::MAX - 1;
    let Some(priority) = priority else { return (u32::MAX, String::new()) };
    let word = priority.trim().to_lowercase();
    let number = word.strip_prefix('p').unwrap_or(&word).parse::<u32>().ok();
    let known = WORDS.iter().find(|(known, _)| *known == word).map(|(_, place)| *place);
    match number.or(known) {
        Some(place) => (place.min(OTHER - 1), String::new()),
        None => (OTHER, word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urgent_come_first_and_those_without_priority_last() {
        let mut words =
            [None, Some("someday"), Some("P10"), Some("low"), Some("p2"), Some("HIGH"), Some("P0")];
        words.sort_by_key(|word| rank(*word));
        let expected =
            [Some("P0"), Some("HIGH"), Some("p2"), Some("low"), Some("P10"), Some("someday"), None];
        assert_eq!(words, expected);
    }
}
