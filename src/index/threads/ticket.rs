//! Reading a ticket's thread, and the record of its work, for the index.

use crate::format::{fault, layout, thread, work};
use crate::model::commit::AuthorKey;
use crate::model::event::Event;
use crate::model::id::TicketId;
use crate::model::link;
use crate::model::moment::Moment;
use crate::model::summary;
use crate::model::work::latest;
use crate::store::StoreError;
use crate::store::snapshot::{Files, Snapshot};

/// How many digits of a commit's id are kept: threads name what landed by as many.
const DIGITS: usize = 8;

/// What is kept of a ticket.
pub(super) struct Read {
    pub(super) id: TicketId,
    /// Who made it.
    pub(super) creator: Option<String>,
    /// The seconds in which its events were written, each once, ascending.
    pub(super) times: Vec<i64>,
    /// How the ids of the commits begin that it names: [`start`]. Each once, ascending.
    pub(super) starts: Vec<i64>,
    /// The changes they make, where that is known: [`change`]. Each once, ascending.
    pub(super) changes: Vec<i64>,
    /// Full ids of those that this clone doesn't have, and of which the ticket doesn't tell who wrote them when. Each
    /// once, ascending.
    pub(super) missing: Vec<String>,
    /// A file can't be understood, or a commit it names can't be read.
    pub(super) is_faulty: bool,
}

/// How a commit's id begins, as a number; `None` for what can't be the id of a commit.
pub(super) fn start(commit: &str) -> Option<i64> {
    let digits = commit.get(..DIGITS).filter(|digits| link::is_hexadecimal(digits))?;
    i64::from_str_radix(digits, 16).ok()
}

/// A number that is the same for the same author, second and subject: FNV-1a.
pub(super) fn change(key: &AuthorKey) -> i64 {
    let seconds = key.seconds.to_le_bytes();
    let parts = [key.mail.as_bytes(), &[0], &seconds, key.subject.as_bytes()];
    let hash = parts.into_iter().flatten().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash as i64
}

/// Reads a ticket.
///
/// # Errors
/// When a file can't be had now: what will be there another time must not be remembered as missing.
pub(super) fn read(snapshot: &Snapshot, files: &Files) -> Result<Read, StoreError> {
    let mut is_faulty = false;
    let mut text = |name: &str| match snapshot.read(files, name) {
        Ok(Some(bytes)) if fault::utf8(&bytes).is_ok() => Ok(String::from_utf8(bytes).unwrap_or_default()),
        Ok(None) => Ok(String::new()),
        Ok(Some(_)) | Err(StoreError::TooLarge { .. }) => {
            is_faulty = true;
            Ok(String::new())
        }
        Err(error) => Err(error),
    };
    let events = thread::events(&text(layout::THREAD)?);
    let work = text(layout::WORK)?;
    let times = events.iter().filter_map(|event| Moment::parse(&event.at)).map(Moment::seconds);
    let mut read = Read {
        id: files.id,
        creator: summary::creator(&events),
        times: sorted(times.collect()),
        starts: Vec::new(),
        changes: Vec::new(),
        missing: Vec::new(),
        is_faulty,
    };
    read.commits(snapshot, &events, &work);
    Ok(read)
}

impl Read {
    fn commits(&mut self, snapshot: &Snapshot, events: &[Event], work: &str) {
        // Also what was taken back, or unlinked: whoever reads the ticket judges.
        self.starts.extend(link::decisions(events).iter().filter_map(|decision| start(&decision.commit)));
        for named in link::named(events, &latest(work::parse(work))) {
            self.starts.extend(start(&named.commit));
            let is_full = named.is_full();
            match named.key {
                Some(key) => self.changes.push(change(&key)),
                None if is_full => match snapshot.author_key(&named.commit) {
                    Ok(Some(key)) => self.changes.push(change(&key)),
                    Ok(None) => self.missing.push(named.commit),
                    Err(_) => self.is_faulty = true,
                },
                None => {}
            }
        }
        self.starts = sorted(std::mem::take(&mut self.starts));
        self.changes = sorted(std::mem::take(&mut self.changes));
        self.missing = sorted(std::mem::take(&mut self.missing));
    }
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_commit_has_a_number() {
        assert_eq!(start(&"0".repeat(40)), Some(0));
        assert_eq!(start("ffffffff"), Some(0xffff_ffff));
        for text in ["", "abc", "--all", "nothexatall", "ABCDEF01", "é2345678", "+1234567"] {
            assert_eq!(start(text), None, "{text}");
        }
    }

    #[test]
    fn changes_differ_in_each_part() {
        let key = |mail: &str, seconds, subject: &str| {
            change(&AuthorKey { mail: mail.to_owned(), seconds, subject: subject.to_owned() })
        };
        let all = [key("a", 1, "s"), key("b", 1, "s"), key("a", 2, "s"), key("a", 1, "t"), key("", 1, "as")];
        assert_eq!(sorted(all.to_vec()).len(), all.len());
        assert_eq!(key("a", 1, "s"), all[0]);
    }
}
