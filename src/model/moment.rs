//! Moments as the ref writes them: UTC, to the second.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

const FORM: &str = "%Y-%m-%dT%H:%M:%SZ";

/// A moment to the second, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// From seconds since 1970-01-01T00:00:00Z; moments chrono can't name become the epoch.
    pub fn from_seconds(seconds: i64) -> Self {
        Moment(if DateTime::<Utc>::from_timestamp(seconds, 0).is_some() { seconds } else { 0 })
    }

    /// From milliseconds since 1970-01-01T00:00:00Z, rounded down.
    pub fn from_millis(millis: u64) -> Self {
        Moment::from_seconds(i64::try_from(millis / 1000).unwrap_or(0))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Reads `YYYY-MM-DDTHH:MM:SSZ`, the only form on the ref.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 20 || !text.is_ascii() {
            return None;
        }
        let naive = plain(text.as_bytes()).or_else(|| NaiveDateTime::parse_from_str(text, FORM).ok())?;
        Some(Moment(naive.and_utc().timestamp()))
    }

    /// The digits of date and time, as in the ids of plan records: `20260625-163206`.
    pub fn compact(self) -> String {
        self.utc().format("%Y%m%d-%H%M%S").to_string()
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::<Utc>::from_timestamp(self.0, 0).unwrap_or_default()
    }
}

/// Reads the form as all write it: digits in their places. Anything odder is left to chrono, which takes ten times as
/// long.
fn plain(text: &[u8]) -> Option<NaiveDateTime> {
    let number = |from: usize, to: usize| {
        text[from..to].iter().try_fold(0, |number: u32, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    };
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if text.len() != 20 || signs.iter().any(|(at, sign)| text[*at] != *sign) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
    date.and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.utc().format(FORM))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_it_is_written() {
        let text = "2026-06-25T14:44:03Z";
        assert_eq!(Moment::parse(text).map(|moment| moment.to_string()), Some(text.to_owned()));
        assert_eq!(Moment::parse(text).map(Moment::compact), Some("20260625-144403".to_owned()));
    }

    #[test]
    fn the_short_way_reads_what_chrono_reads() {
        for text in [
            "2026-06-25T14:44:03Z",
            "0000-01-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
            "2023-02-29T00:00:00Z",
            "2026-06-25T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2026-00-25T14:44:03Z",
            "2026-06-25t14:44:03Z",
            "+026-06-25T14:44:03Z",
        ] {
            let slow = NaiveDateTime::parse_from_str(text, FORM).ok();
            assert!(plain(text.as_bytes()).is_none_or(|fast| Some(fast) == slow), "{text}");
            let slow = slow.map(|naive| Moment(naive.and_utc().timestamp()));
            assert_eq!(Moment::parse(text), slow, "{text}");
        }
    }

    #[test]
    fn other_forms_are_no_moment() {
        for bad in
            ["", "2026-06-25", "2026-06-25T14:44:03+09:00", "2026-13-25T14:44:03Z", "+026-06-25T14:44:03Z "]
        {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }
}
