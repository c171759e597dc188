//! What this clone remembers about its remotes: whether one was asked for tickets, what was said last.
//!
//! A file in this program's own folder, replaced as a whole. It can be deleted at any time: then a remote is
//! asked once more, or a line is said once more. So a damaged line counts as none.

use std::collections::BTreeMap;

use super::Store;

/// What is remembered about a remote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Whether it has tickets.
    Tickets,
    /// Why it did not take tickets the last time.
    Refusal,
    /// When its tickets were read or written.
    Met,
}

impl About {
    fn word(self) -> &'static str {
        match self {
            About::Tickets => "tickets",
            About::Refusal => "refusal",
            About::Met => "met",
        }
    }
}

/// Something remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// When it was written down, in milliseconds since 1970-01-01T00:00:00Z.
    pub millis: u64,
    /// What it was.
    pub what: String,
}

type Lines = BTreeMap<(String, String), Remembered>;

impl Store {
    /// What is remembered about a remote.
    pub fn remembered(&self, about: About, remote: &str) -> Option<Remembered> {
        self.memory().remove(&(about.word().to_owned(), remote.to_owned()))
    }

    /// Remembers something about a remote instead of what was; `None` forgets it. What can't be written is
    /// not remembered, and that is no fault.
    pub fn remember(&self, about: About, remote: &str, what: Option<Remembered>) {
        let mut lines = self.memory();
        let key = (about.word().to_owned(), remote.to_owned());
        let before = lines.get(&key).cloned();
        if before == what {
            return;
        }
        match what {
            Some(what) => drop(lines.insert(key, what)),
            None => drop(lines.remove(&key)),
        }
        let folder = self.own_dir();
        let temporary = folder.join(format!("remotes.{}", self.process));
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&temporary, write(&lines)))
            .inspect(|()| crate::host::failpoint::step("what is remembered is written beside its place"))
            .and_then(|()| std::fs::rename(&temporary, folder.join("remotes")));
        if written.is_err() {
            // Nothing may be there to be removed.
            let _ = std::fs::remove_file(&temporary);
        }
    }

    fn memory(&self) -> Lines {
        let text = std::fs::read_to_string(self.own_dir().join("remotes")).unwrap_or_default();
        text.lines().filter_map(read).collect()
    }
}

fn read(line: &str) -> Option<((String, String), Remembered)> {
    let mut fields = line.splitn(4, '\t');
    let (about, remote) = (fields.next()?.to_owned(), fields.next()?.to_owned());
    let (millis, what) = (fields.next()?.parse().ok()?, fields.next()?.to_owned());
    Some(((about, remote), Remembered { millis, what }))
}

fn write(lines: &Lines) -> String {
    let line = |((about, remote), remembered): (&(String, String), &Remembered)| {
        let what = remembered.what.replace(['\n', '\r'], " ");
        format!("{about}\t{remote}\t{}\t{what}\n", remembered.millis)
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_damaged_lines_are_passed_over() {
        let what = Remembered { millis: 7, what: "refused:\ta b".to_owned() };
        let lines = Lines::from([(("refusal".to_owned(), "origin".to_owned()), what)]);
        let text = format!("nonsense\nrefusal\tx\tsoon\ty\n{}", write(&lines));
        assert_eq!(text.lines().filter_map(read).collect::<Lines>(), lines);
    }
}
