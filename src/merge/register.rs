//! One value that both sides may have set: the later one counts.

/// What became of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision<S, T> {
    /// Both have it, or only one side changed it.
    Agreed(T),
    /// Both changed it.
    Contested {
        /// The value that counts.
        kept: T,
        /// When the other was set, where an event says so, and the other.
        dropped: (Option<S>, T),
    },
}

impl<S, T> Decision<S, T> {
    pub(super) fn kept(self) -> T {
        match self {
            Decision::Agreed(kept) | Decision::Contested { kept, .. } => kept,
        }
    }
}

/// Chooses between two values, each with the event that set it since the base, if one did.
///
/// A side that set nothing, or has the value of the base and no event about it, has no say. Between two,
/// the later event decides, any event counts more than none, and at last the greater value does.
pub(super) fn decide<S: Ord, T: Ord>(base: &T, one: (Option<S>, T), other: (Option<S>, T)) -> Decision<S, T> {
    let is_unchanged = |side: &(Option<S>, T)| side.0.is_none() && side.1 == *base;
    if one.1 == other.1 || is_unchanged(&other) {
        return Decision::Agreed(one.1);
    }
    if is_unchanged(&one) {
        return Decision::Agreed(other.1);
    }
    let (kept, dropped) = if one > other { (one, other) } else { (other, one) };
    // Going back to what was there before is no version of its own.
    if dropped.1 == *base {
        return Decision::Agreed(kept.1);
    }
    Decision::Contested { kept: kept.1, dropped }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both_ways(base: u8, one: (Option<u8>, u8), other: (Option<u8>, u8)) -> Decision<u8, u8> {
        let decision = decide(&base, one, other);
        assert_eq!(decision, decide(&base, other, one));
        decision
    }

    #[test]
    fn a_side_that_set_nothing_has_no_say() {
        assert_eq!(both_ways(1, (None, 1), (None, 2)), Decision::Agreed(2));
        assert_eq!(both_ways(1, (None, 1), (Some(5), 2)), Decision::Agreed(2));
        assert_eq!(both_ways(1, (None, 2), (Some(5), 2)), Decision::Agreed(2));
    }

    #[test]
    fn the_later_event_decides_then_the_greater_value() {
        let contested = |kept, dropped| Decision::Contested { kept, dropped };
        assert_eq!(both_ways(1, (Some(6), 2), (Some(5), 3)), contested(2, (Some(5), 3)));
        assert_eq!(both_ways(1, (Some(5), 2), (None, 3)), contested(2, (None, 3)));
        assert_eq!(both_ways(1, (Some(5), 2), (Some(5), 3)), contested(3, (Some(5), 2)));
        assert_eq!(both_ways(1, (None, 2), (None, 3)), contested(3, (None, 2)));
    }

    #[test]
    fn going_back_later_wins_and_going_back_earlier_is_nothing_to_keep() {
        assert_eq!(
            both_ways(1, (Some(6), 1), (Some(5), 3)),
            Decision::Contested { kept: 1, dropped: (Some(5), 3) }
        );
        assert_eq!(both_ways(1, (Some(4), 1), (Some(5), 3)), Decision::Agreed(3));
    }
}
