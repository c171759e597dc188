//! Says when something happened.
//!
//! This module owns the two ways a moment is shown to a person: by the local clock, and relative to
//! now in git's words. It promises an answer for every number. Dates for machines are left to the
//! formats that hold them.

use std::collections::HashMap;
use std::fmt::Write;

use chrono::{DateTime, Datelike, Local, Offset, TimeZone};

/// The zone of the local clock.
pub fn zone() -> Local {
    Local
}

/// The moment by the local clock, such as "2026-06-25 16:31".
///
/// A moment beyond the calendar is shown in seconds since 1970, as "@9223372036854775807".
pub fn local(unix_seconds: i64) -> String {
    match DateTime::from_timestamp(unix_seconds, 0) {
        // The last representable days have no local time west or east of Greenwich.
        Some(moment) if (-9999..=9999).contains(&chrono::Datelike::year(&moment)) => {
            moment.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string()
        }
        _ => format!("@{unix_seconds}"),
    }
}

/// Days by the local clock, for very many moments: what the zone of the machine says is asked once a day.
#[derive(Debug, Default)]
pub struct Days {
    /// The distance of the local clock from Greenwich in seconds, by days at Greenwich; none on days on which it
    /// changes.
    offsets: HashMap<i64, Option<i64>>,
    /// The last of them that was asked for.
    offset: Option<(i64, Option<i64>)>,
    /// The last day that was asked for, by its number.
    last: Option<i64>,
    text: String,
}

/// The seconds of a day.
const DAY: i64 = 24 * 60 * 60;

impl Days {
    /// How wide a day is shown.
    pub const WIDTH: usize = 10;

    /// The day of a moment, as [`local`] begins.
    pub fn of(&mut self, unix_seconds: i64) -> &str {
        let day = unix_seconds.div_euclid(DAY);
        // Thousands of years around now; the rest of time is nobody's hurry.
        let offset = match self.offset.filter(|(known, _)| *known == day) {
            Some((_, offset)) => offset,
            None if (-1_000_000..1_000_000).contains(&day) => {
                *self.offsets.entry(day).or_insert_with(|| offset_on(day))
            }
            None => None,
        };
        self.offset = Some((day, offset));
        let here = offset.map(|offset| (unix_seconds + offset).div_euclid(DAY));
        if here.is_none() || here != self.last {
            self.last = here;
            self.text.clear();
            let date = here.and_then(|here| DateTime::from_timestamp(here * DAY, 0));
            match date.filter(|date| (0..=9999).contains(&date.year())) {
                Some(date) => {
                    let (year, month, day) = (date.year(), date.month(), date.day());
                    // A string takes whatever is written to it.
                    let _ = write!(self.text, "{year:04}-{month:02}-{day:02}");
                }
                None => {
                    self.last = None;
                    let text = local(unix_seconds);
                    self.text.push_str(text.get(..Days::WIDTH).unwrap_or(&text));
                }
            }
        }
        &self.text
    }
}

/// The distance of the local clock from Greenwich on a day, if it is the same from its beginning to its end.
fn offset_on(day: i64) -> Option<i64> {
    let at = |seconds: i64| {
        let moment = Local.timestamp_opt(seconds, 0).single()?;
        Some(i64::from(moment.offset().fix().local_minus_utc()))
    };
    let (first, last) = (at(day * DAY)?, at(day * DAY + DAY - 1)?);
    (first == last).then_some(first)
}

/// The moment as seen from `now`, in the words and with the rounding of `git log --date=relative`.
pub fn relative(unix_seconds: i64, now: i64) -> String {
    let Ok(seconds) = u64::try_from(now.saturating_sub(unix_seconds)) else {
        return "in the future".to_owned();
    };
    if seconds < 90 {
        return ago(seconds, "second");
    }
    let minutes = (seconds + 30) / 60;
    if minutes < 90 {
        return ago(minutes, "minute");
    }
    let hours = (minutes + 30) / 60;
    if hours < 36 {
        return ago(hours, "hour");
    }
    days_ago((hours + 12) / 24)
}

/// A distance of days, in the largest fitting unit.
fn days_ago(days: u64) -> String {
    match days {
        0..14 => ago(days, "day"),
        14..70 => ago((days + 3) / 7, "week"),
        70..365 => ago((days + 15) / 30, "month"),
        365..1825 => {
            let months = (days * 12 * 2 + 365) / (365 * 2);
            match (months / 12, months % 12) {
                (years, 0) => ago(years, "year"),
                (years, rest) => format!("{}, {}", count(years, "year"), ago(rest, "month")),
            }
        }
        _ => ago((days + 183) / 365, "year"),
    }
}

/// "1 day ago", "2 days ago".
fn ago(number: u64, unit: &str) -> String {
    count(number, unit) + " ago"
}

/// "1 day", "2 days".
fn count(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;

    #[test]
    fn days_are_those_of_the_local_clock() {
        let mut days = Days::default();
        let far = [i64::MIN, i64::MAX, -62_167_219_201, -62_167_219_200, 253_402_300_799, 253_402_300_800];
        // Every eleven hours for some years: also where clocks are set forward and back.
        for seconds in (1_700_000_000..1_800_000_000).step_by(11 * 3600 + 7).chain(far) {
            let text = local(seconds);
            assert_eq!(days.of(seconds), text.get(..Days::WIDTH).unwrap_or(&text), "{seconds}");
        }
    }

    #[test]
    fn distances_are_told_in_the_words_of_git() {
        for (distance, words) in [
            (0, "0 seconds ago"),
            (1, "1 second ago"),
            (89, "89 seconds ago"),
            (90, "2 minutes ago"),
            (3 * MINUTE, "3 minutes ago"),
            (89 * MINUTE, "89 minutes ago"),
            (90 * MINUTE, "2 hours ago"),
            (35 * HOUR, "35 hours ago"),
            (36 * HOUR, "2 days ago"),
            (13 * DAY, "13 days ago"),
            (14 * DAY, "2 weeks ago"),
            (69 * DAY, "10 weeks ago"),
            (70 * DAY, "2 months ago"),
            (364 * DAY, "12 months ago"),
            (365 * DAY, "1 year ago"),
            (396 * DAY, "1 year, 1 month ago"),
            (800 * DAY, "2 years, 2 months ago"),
            (1824 * DAY, "5 years ago"),
            (3650 * DAY, "10 years ago"),
        ] {
            assert_eq!(relative(1_000_000_000 - distance, 1_000_000_000), words);
        }
    }

    #[test]
    fn what_is_still_to_come_is_in_the_future() {
        assert_eq!(relative(11, 10), "in the future");
        assert_eq!(relative(i64::MAX, i64::MIN), "in the future");
    }

    #[test]
    fn every_number_has_an_answer() {
        assert!(relative(i64::MIN, i64::MAX).ends_with(" years ago"));
        assert_eq!(local(i64::MAX), "@9223372036854775807");
        assert_eq!(local(i64::MIN), "@-9223372036854775808");
        for seconds in [8_210_266_876_799, -8_334_601_228_800, 253_402_300_799, -377_705_116_800] {
            assert!(!local(seconds).is_empty());
        }
    }

    #[test]
    fn the_local_clock_is_shown_to_the_minute() {
        // The zone of the machine is unknown; the form and the calendar's neighbourhood are not.
        let shown = local(1_782_405_060);
        let form: String = shown.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
        assert_eq!(form, "0000-00-00 00:00");
        assert!(shown.starts_with("2026-06-2"), "{shown}");
    }
}
