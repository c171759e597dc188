//! The tickets as they were: at a time, or in a commit of their ref.

use crate::store::Store;
use crate::store::history::Operation;
use crate::store::snapshot::Snapshot;

use super::Problem;
use super::session::Session;

/// The version somebody means: a commit of the tickets, by its id or any other name git knows, else a time in
/// one of git's forms. A day alone means its end.
///
/// # Errors
/// When the word is neither, or there were no tickets yet.
pub fn find<'s>(session: &'s Session, typed: &str) -> anyhow::Result<(Operation, Snapshot<'s>)> {
    session.snapshot()?;
    let store = &session.store;
    let operation = match store.ticket_commit(typed)? {
        Some(operation) => operation,
        None => {
            let seconds = seconds(store, typed)?.ok_or_else(|| Problem::NoVersion(typed.to_owned()))?;
            store.ticket_commit_at(seconds)?.ok_or_else(|| Problem::NoTicketsYet(typed.to_owned()))?
        }
    };
    let snapshot = store.snapshot_of(&operation)?;
    Ok((operation, snapshot))
}

fn seconds(store: &Store, typed: &str) -> anyhow::Result<Option<i64>> {
    let typed = typed.trim();
    if is_day(typed) {
        return Ok(store.git_time(&format!("{typed} 23:59:59"))?);
    }
    if is_clock(typed) || is_relative(typed) || Store::is_fixed_time(typed) {
        return Ok(store.git_time(typed)?);
    }
    Ok(None)
}

/// `2026-06-25`.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str, length: usize| part.len() == length && number(part).is_some();
    match parts.as_slice() {
        [year, month, day] => {
            is_number(year, 4)
                && is_number(month, 2)
                && is_number(day, 2)
                && number(month).is_some_and(|month| (1..=12).contains(&month))
                && number(day).is_some_and(|day| (1..=31).contains(&day))
        }
        _ => false,
    }
}

/// `2026-06-25 14:44`, with seconds and a `Z` or without, with a `T` or a space.
fn is_clock(text: &str) -> bool {
    let Some((day, time)) = text.split_once(['T', ' ']) else { return false };
    let time = time.strip_suffix('Z').unwrap_or(time);
    let parts: Vec<&str> = time.split(':').collect();
    let most = [23, 59, 60];
    let is_part =
        |(part, most): (&&str, &u32)| part.len() == 2 && number(part).is_some_and(|number| number <= *most);
    is_day(day) && (2..=3).contains(&parts.len()) && parts.iter().zip(&most).all(is_part)
}

/// `yesterday`, `2 weeks ago`, `3.days.2.hours.ago`.
fn is_relative(text: &str) -> bool {
    const UNITS: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];
    let lower = text.to_ascii_lowercase();
    if ["now", "today", "yesterday", "noon", "midnight"].contains(&lower.as_str()) {
        return true;
    }
    let words: Vec<&str> =
        lower.split([' ', '.', ',']).filter(|word| !word.is_empty() && *word != "ago").collect();
    let is_unit = |word: &str| UNITS.contains(&word.strip_suffix('s').unwrap_or(word));
    let is_pair = |pair: &[&str]| match pair {
        [count, unit] => (number(count).is_some() || *count == "last") && is_unit(unit),
        _ => false,
    };
    !words.is_empty() && words.chunks(2).all(is_pair)
}

fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_words() {
        for text in ["2026-06-25", "2024-02-29"] {
            assert!(is_day(text), "{text}");
        }
        for text in ["2026-06-25T14:44:03Z", "2026-06-25 14:44", "2026-06-25T14:44:03"] {
            assert!(is_clock(text), "{text}");
        }
        for text in ["yesterday", "2 weeks ago", "3.days.2.hours.ago", "last month", "1 hour"] {
            assert!(is_relative(text), "{text}");
        }
        for text in ["", "soon", "2 apples ago", "ago", "2026", "2026-13-01", "2026-06-25 25:00", "days 2"] {
            assert!(!(is_day(text) || is_clock(text) || is_relative(text)), "{text}");
        }
    }
}
