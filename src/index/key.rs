//! Tickets and times as the integers that order the tables.

use crate::model::id::{LENGTH, TicketId};
use crate::model::moment::Moment;

/// The half of all numbers: ids are unsigned, the numbers of a table are not.
const SIGN: u64 = 1 << 63;

/// The number of a ticket. The newest ticket has the smallest, so that lists are read forwards.
pub(super) fn number(id: &TicketId) -> i64 {
    !((id.millis() ^ SIGN) as i64)
}

/// The ticket of a number.
pub(super) fn id(number: i64) -> TicketId {
    TicketId::from_millis((!number) as u64 ^ SIGN)
}

/// A number by which tickets are ordered that orders them by their ids read from the end.
pub(super) fn backwards(id: &TicketId) -> i64 {
    let millis = id.millis();
    // Twelve digits of five bits from the end, then the first one, which has four.
    let ends = (0..LENGTH - 1).fold(0, |value: u64, index| (value << 5) | ((millis >> (5 * index)) & 31));
    (((ends << 4) | (millis >> 60)) ^ SIGN) as i64
}

/// The age of what nobody knows the last change of.
pub(super) const NEVER: i64 = i64::MAX;

/// The number of a last change: the latest first, none at the end.
pub(super) fn age(updated_at: Option<Moment>) -> i64 {
    updated_at.map_or(NEVER, |at| -at.seconds())
}

/// The last change of such a number.
pub(super) fn updated_at(age: i64) -> Option<Moment> {
    (age != NEVER).then(|| Moment::from_seconds(-age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_order_tickets_as_their_ids_do_the_newest_first() {
        let millis = [0, 1, 31, 32, 1_782_398_643_212, (1 << 63) - 1, 1 << 63, u64::MAX];
        for pair in millis.windows(2) {
            let (older, newer) = (TicketId::from_millis(pair[0]), TicketId::from_millis(pair[1]));
            assert!(number(&older) > number(&newer));
            assert_eq!(id(number(&older)), older);
            assert_eq!(id(number(&newer)), newer);
        }
    }

    #[test]
    fn ids_read_from_the_end_are_ordered_by_their_last_letters() {
        let mut ids: Vec<TicketId> = [3, 1 << 60, (1 << 60) + 32, 40, u64::MAX, 1_782_398_643_212]
            .into_iter()
            .map(TicketId::from_millis)
            .collect();
        let mut by_text = ids.clone();
        by_text.sort_by_key(|id| id.as_str().chars().rev().collect::<String>());
        ids.sort_by_key(backwards);
        assert_eq!(ids, by_text);
    }

    #[test]
    fn the_last_changed_comes_first_and_what_has_no_time_last() {
        let at = |seconds| Some(Moment::from_seconds(seconds));
        assert!(age(at(2)) < age(at(1)) && age(at(-5)) < age(None));
        assert_eq!((updated_at(age(at(7))), updated_at(age(None))), (at(7), None));
    }
}
