//! The lines of a file, the commits that wrote them, and the tickets of those.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};

use crate::model::commit::Commit;
use crate::model::id::TicketId;
use crate::store::StoreError;

use super::Problem;
use super::links::{Held, Links};
use super::session::Session;

/// How far into its lines a NUL byte makes a file binary.
const BINARY: usize = 8000;

/// What to look at.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The file, from where the user stands.
    pub file: OsString,
    /// As of this commit, or within this range; `None` is the work tree.
    pub revision: Option<String>,
    /// Only these lines, as `git blame -L` takes them.
    pub ranges: Vec<String>,
}

/// A file, line by line.
#[derive(Debug, Clone)]
pub struct Blamed {
    /// The commits that wrote the lines, by id, with their tickets.
    pub commits: HashMap<String, (Commit, Vec<Held>)>,
    /// The lines that were asked for, in order.
    pub lines: Vec<Line>,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// The full id of the commit that wrote it; `None` when it is not committed.
    pub commit: Option<String>,
    /// Whether it is at least as old as that commit, and nothing older was looked at.
    pub is_boundary: bool,
    /// Its text; what is not UTF-8 in it is replaced.
    pub text: String,
}

/// Finds out who wrote the lines of a file, for which tickets.
///
/// # Errors
/// When there is no such file or range of lines, the file is binary, or the tickets can't be read.
pub fn blame(session: &Session, wanted: &Wanted) -> anyhow::Result<Blamed> {
    let snapshot = session.snapshot()?;
    let ranges = &wanted.ranges;
    let output = session.store.blame(&wanted.file, wanted.revision.as_deref(), ranges).map_err(|error| {
        match error {
            // All git has to say of a range it doesn't understand.
            StoreError::GitFailed(why) if why.starts_with("usage: ") && !ranges.is_empty() => {
                Problem::BadLines(ranges.clone()).into()
            }
            other => anyhow::Error::from(other),
        }
    })?;
    if output.iter().take(BINARY).any(|byte| *byte == 0) {
        return Err(Problem::Binary(wanted.file.clone().into()).into());
    }
    let mut lines = read(&output);
    let mut links = Links::read(session, &snapshot, true)?;
    let mut commits = HashMap::new();
    for id in lines.iter().filter_map(|line| line.commit.as_ref()) {
        if !commits.contains_key(id)
            && let Some(commit) = session.store.look_up(id, &session.settings.trailer)?
        {
            let tickets = links.of(&commit)?;
            commits.insert(id.clone(), (commit, tickets));
        }
    }
    let edges = session.store.shallow_edges();
    for line in &mut lines {
        let Some(id) = &line.commit else { continue };
        // git takes the first commit of all for a boundary, too, and with a setting none.
        let has_parents = commits.get(id).is_some_and(|(commit, _)| !commit.parents.is_empty());
        line.is_boundary = has_parents && (line.is_boundary || edges.contains(id));
    }
    Ok(Blamed { commits, lines, unreadable: links.unreadable, damaged: links.damaged })
}

impl Blamed {
    /// The commit that wrote a line.
    pub fn commit(&self, line: &Line) -> Option<&Commit> {
        self.commits.get(line.commit.as_ref()?).map(|(commit, _)| commit)
    }

    /// The tickets a line was written for: none where its commit may be an older one.
    pub fn tickets(&self, line: &Line) -> &[Held] {
        let known = line.commit.as_ref().filter(|_| !line.is_boundary).and_then(|id| self.commits.get(id));
        known.map_or(&[], |(_, tickets)| tickets)
    }
}

/// Reads what `git blame --porcelain` prints.
fn read(output: &[u8]) -> Vec<Line> {
    let mut found = Vec::new();
    let mut boundaries: HashMap<String, bool> = HashMap::new();
    let mut present: Option<(String, usize)> = None;
    for line in output.split(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        match (&present, text.strip_prefix('\t')) {
            (Some((id, number)), Some(content)) => {
                let is_committed = id.bytes().any(|digit| digit != b'0');
                found.push(Line {
                    number: *number,
                    commit: is_committed.then(|| id.clone()),
                    is_boundary: boundaries.get(id).copied().unwrap_or(false),
                    text: content.to_owned(),
                });
                present = None;
            }
            (Some((id, _)), None) if text == "boundary" => drop(boundaries.insert(id.clone(), true)),
            (Some(_), None) => {}
            (None, _) => {
                let mut words = text.split(' ');
                let id = words.next().unwrap_or_default().to_owned();
                let number = words.nth(1).and_then(|number| number.parse().ok());
                present = number.map(|number| (id, number));
            }
        }
    }
    found
}

/// Tells the file from the commit where both are given without `--` between them.
///
/// # Errors
/// When neither or both of them name a commit.
pub fn tell_apart(session: &Session, one: &OsStr, other: &OsStr) -> anyhow::Result<(OsString, String)> {
    let commit = |word: &OsStr| {
        let word = word.to_str()?;
        session.store.commit(word).ok().map(|_| word.to_owned())
    };
    match (commit(one), commit(other)) {
        (Some(revision), None) => Ok((other.to_owned(), revision)),
        (None, Some(revision)) => Ok((one.to_owned(), revision)),
        (found, _) => {
            let words = [one, other].map(|word| word.to_string_lossy().into_owned());
            Err(Problem::WhichFile { words, are_commits: found.is_some() }.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_with_their_commits_and_numbers() {
        let (one, none) = ("1".repeat(40), "0".repeat(40));
        let text = format!(
            "{one} 1 1 2\nauthor A\nsummary 1 2 3\nboundary\nfilename f\n\tfirst\n{one} 2 2\n\t\ttab\n{none} 3 3 1\nauthor Not\nfilename f\n\t\n"
        );
        let line = |number, commit: Option<&String>, is_boundary, text: &str| Line {
            number,
            commit: commit.cloned(),
            is_boundary,
            text: text.to_owned(),
        };
        let expected = [
            line(1, Some(&one), true, "first"),
            line(2, Some(&one), true, "\ttab"),
            line(3, None, false, ""),
        ];
        assert_eq!(read(text.as_bytes()), expected);
        assert!(read(b"").is_empty());
    }
}
