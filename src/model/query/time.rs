//! Times as people type them, as spans: a day is the whole day, `2w` is the last two weeks.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone};

use crate::model::moment::Moment;

use super::term::Span;

/// A span of time as somebody typed it.
///
/// `2026-06-25`, `2026-06` and `2026` are a day, a month, a year of the person's calendar, `today` and
/// `yesterday` likewise; `2w`, `3 days ago`, `12.hours.ago` reach from then until now; a time of RFC 3339 is
/// that second. `<x`, `<=x`, `>x`, `>=x`, `x..y`, `x..` and `..y` are made of them. `None` for anything else.
pub fn span<Z: TimeZone>(typed: &str, now: Moment, zone: &Z) -> Option<Span> {
    let typed = typed.trim();
    let one = |text: &str| single(text.trim(), now, zone);
    if let Some((from, to)) = typed.split_once("..") {
        let from = if from.is_empty() { None } else { one(from)?.from };
        let before = if to.is_empty() { None } else { end(one(to)?) };
        return (from.is_some() || before.is_some()).then_some(Span { from, before });
    }
    if let Some(text) = typed.strip_prefix("<=") {
        return Some(Span { from: None, before: end(one(text)?) });
    }
    if let Some(text) = typed.strip_prefix(">=") {
        return Some(Span { from: one(text)?.from, before: None });
    }
    if let Some(text) = typed.strip_prefix('<') {
        return Some(Span { from: None, before: one(text)?.from });
    }
    if let Some(text) = typed.strip_prefix('>') {
        return Some(Span { from: end(one(text)?), before: None });
    }
    one(typed)
}

/// Where a span ends; one that reaches until now, `2w`, stands for the moment it begins with here.
fn end(span: Span) -> Option<Moment> {
    span.before.or(span.from)
}

fn single<Z: TimeZone>(text: &str, now: Moment, zone: &Z) -> Option<Span> {
    let lower = text.to_lowercase();
    let today = local(now, zone)?;
    let days = |date: NaiveDate, next: Option<NaiveDate>| {
        Some(Span { from: Some(start(date, zone)?), before: Some(start(next?, zone)?) })
    };
    match lower.as_str() {
        "now" => return Some(Span { from: Some(now), before: None }),
        "today" => return days(today, today.succ_opt()),
        "yesterday" => return days(today.pred_opt()?, Some(today)),
        _ => {}
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        let seconds = moment.timestamp();
        return Some(Span {
            from: Some(Moment::from_seconds(seconds)),
            before: Some(Moment::from_seconds(seconds.checked_add(1)?)),
        });
    }
    if let Some(date) = date(text) {
        return days(date, date.succ_opt());
    }
    if let Some(first) = date(&format!("{text}-01")) {
        return days(first, first.checked_add_months(Months::new(1)));
    }
    if let Some(first) = date(&format!("{text}-01-01")) {
        return days(first, first.checked_add_months(Months::new(12)));
    }
    ago(&lower, now, zone).map(|from| Span { from: Some(from), before: None })
}

/// `YYYY-MM-DD`, nothing shorter or longer.
fn date(text: &str) -> Option<NaiveDate> {
    let is_form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_form.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// `2w`, `2 weeks ago`, `2.weeks.ago`.
fn ago<Z: TimeZone>(text: &str, now: Moment, zone: &Z) -> Option<Moment> {
    let text = text.replace(['.', '_'], " ");
    let text = text.trim().strip_suffix("ago").unwrap_or(&text).trim();
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let number: u32 = text[..digits].parse().ok()?;
    let unit = text[digits..].trim();
    let seconds = match unit {
        "s" | "sec" | "second" | "seconds" => 1,
        "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
        "mo" | "month" | "months" => return months_ago(now, number, zone),
        "y" | "year" | "years" => return months_ago(now, number.checked_mul(12)?, zone),
        _ => return None,
    };
    let moment = now.seconds().checked_sub(i64::from(number).checked_mul(seconds)?)?;
    DateTime::from_timestamp(moment, 0).map(|_| Moment::from_seconds(moment))
}

fn months_ago<Z: TimeZone>(now: Moment, months: u32, zone: &Z) -> Option<Moment> {
    let here = DateTime::from_timestamp(now.seconds(), 0)?.with_timezone(zone);
    let then = here.checked_sub_months(Months::new(months))?;
    (then.year() >= 0).then(|| Moment::from_seconds(then.timestamp()))
}

fn local<Z: TimeZone>(moment: Moment, zone: &Z) -> Option<NaiveDate> {
    let utc = DateTime::from_timestamp(moment.seconds(), 0)?;
    // The last days of the calendar have no local time.
    (-9999..=9999).contains(&utc.year()).then(|| utc.with_timezone(zone).date_naive())
}

/// When a day begins. Where clocks skip midnight it begins after the gap.
fn start<Z: TimeZone>(date: NaiveDate, zone: &Z) -> Option<Moment> {
    if !(-9000..=9999).contains(&date.year()) {
        return None;
    }
    let midnight = date.and_time(NaiveTime::MIN);
    let begin = zone.from_local_datetime(&midnight).earliest().or_else(|| {
        let before = zone.from_local_datetime(&(date.checked_sub_days(Days::new(1))?).and_hms_opt(12, 0, 0)?);
        Some(before.earliest()? + TimeDelta::hours(12))
    })?;
    Some(Moment::from_seconds(begin.timestamp()))
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;

    use super::*;

    /// The spans as seen in Tokyo at nine in the morning.
    #[track_caller]
    fn check(typed: &str, from: &str, before: &str) {
        let now = Moment::parse("2026-06-25T00:00:00Z").unwrap();
        let zone = FixedOffset::east_opt(9 * 60 * 60).unwrap();
        let span = span(typed, now, &zone).unwrap_or_else(|| panic!("{typed} is no time"));
        let told = |moment: Option<Moment>| moment.map(|moment| moment.to_string()).unwrap_or_default();
        assert_eq!((told(span.from).as_str(), told(span.before).as_str()), (from, before), "{typed}");
    }

    #[test]
    fn days_months_and_years_are_whole_ones_of_the_persons_calendar() {
        check("2026-06-20", "2026-06-19T15:00:00Z", "2026-06-20T15:00:00Z");
        check("2026-02", "2026-01-31T15:00:00Z", "2026-02-28T15:00:00Z");
        check("2026", "2025-12-31T15:00:00Z", "2026-12-31T15:00:00Z");
        check("today", "2026-06-24T15:00:00Z", "2026-06-25T15:00:00Z");
        check("Yesterday", "2026-06-23T15:00:00Z", "2026-06-24T15:00:00Z");
        check("2026-06-20T10:00:00+02:00", "2026-06-20T08:00:00Z", "2026-06-20T08:00:01Z");
    }

    #[test]
    fn a_number_of_units_reaches_until_now() {
        check("2w", "2026-06-11T00:00:00Z", "");
        check("36h", "2026-06-23T12:00:00Z", "");
        check("3 days ago", "2026-06-22T00:00:00Z", "");
        check("1.month.ago", "2026-05-25T00:00:00Z", "");
        check("2y", "2024-06-25T00:00:00Z", "");
        check("90min", "2026-06-24T22:30:00Z", "");
        check("now", "2026-06-25T00:00:00Z", "");
    }

    #[test]
    fn spans_are_open_or_have_two_ends() {
        check("<2026-06-20", "", "2026-06-19T15:00:00Z");
        check("<=2026-06-20", "", "2026-06-20T15:00:00Z");
        check(">2026-06-20", "2026-06-20T15:00:00Z", "");
        check(">=2026-06-20", "2026-06-19T15:00:00Z", "");
        check("2026-06..2026-06-20", "2026-05-31T15:00:00Z", "2026-06-20T15:00:00Z");
        check("2w..1w", "2026-06-11T00:00:00Z", "2026-06-18T00:00:00Z");
        check("..yesterday", "", "2026-06-24T15:00:00Z");
        check("2026-06-20..", "2026-06-19T15:00:00Z", "");
        check("<2w", "", "2026-06-11T00:00:00Z");
        check(">2w", "2026-06-11T00:00:00Z", "");
    }

    #[test]
    fn anything_else_is_no_time() {
        let now = Moment::parse("2026-06-25T00:00:00Z").unwrap();
        for bad in [
            "",
            "..",
            "soon",
            "2",
            "w",
            "2x",
            "2026-13",
            "2026-02-30",
            "26-01-01",
            "20260101",
            "2026-6-1",
            "99999999999w",
            "4294967295y",
            "<",
            "2026-06-20..soon",
            "-1w",
            "9999999",
            "２w",
            "9999-12-31..x",
        ] {
            assert_eq!(span(bad, now, &chrono::Utc), None, "{bad}");
        }
    }
}
