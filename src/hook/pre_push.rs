//! `pre-push`: records what pushed branches of tickets hold, so that every clone can find where it lands; then
//! sends the tickets to the remote, if it takes part.

use std::ffi::OsString;
use std::io::Read;
use std::time::Instant;

use crate::ops::Session;
use crate::ops::landing;
use crate::ops::sending::{self, Outcome};

use super::Watch;

/// The longest list of refs that is read.
const MOST: u64 = 16 * 1024 * 1024;

/// Records the work on pushed branches of tickets, and sends the tickets.
pub(super) fn run(session: &Session, arguments: &[OsString], watch: &Watch) -> anyhow::Result<()> {
    let mut text = String::new();
    session.host.stdin.borrow_mut().by_ref().take(MOST).read_to_string(&mut text)?;
    let here = session.store.branch();
    let pushed: Vec<(String, String)> =
        text.lines().filter_map(|line| pushed(line, here.as_deref())).collect();
    if is_only_tried(session) {
        return Ok(());
    }
    let recorded = match pushed.is_empty() {
        true => Ok(()),
        false => landing::record_work(session, &pushed).map(|_| ()),
    };
    send(session, arguments, &text, watch);
    recorded
}

fn send(session: &Session, arguments: &[OsString], pushed: &str, watch: &Watch) {
    let word = |at: usize| arguments.get(at).and_then(|word| word.to_str()).unwrap_or_default();
    let began = Instant::now();
    let Some(remote) = sending::wanted(session, word(0), word(1), began) else { return };
    // Whoever pushes the ref sends it; a mirror may even take it away.
    let mut names = pushed.lines().filter_map(|line| line.split(' ').nth(2));
    if names.any(|name| sending::carries_tickets(session, &remote, name)) {
        return;
    }
    let limit = sending::limit(session);
    // The process ends at the limit in any case; sending ends itself a little earlier, to say so.
    watch.end_at(began + limit + super::LOCAL);
    let told = match sending::send(session, &remote, began, limit) {
        Outcome::Sent { is_merged: true } => {
            Some(format!("tickets sent to '{}', merged with those it had", remote.name))
        }
        Outcome::NotSent { why, is_news: true } => Some(format!(
            "tickets not sent to '{}' ({why}); the push itself goes on; git yoi sync tries again",
            remote.name
        )),
        Outcome::Sent { is_merged: false } | Outcome::NotSent { is_news: false, .. } => None,
    };
    if let Some(line) = told {
        super::note(session.host, &line);
    }
}

/// The branch and its commit in a line of git's: `<local ref> <local id> <remote ref> <remote id>`.
fn pushed(line: &str, here: Option<&str>) -> Option<(String, String)> {
    let mut words = line.split(' ');
    let (local, tip, remote) = (words.next()?, words.next()?, words.next()?);
    if tip.bytes().all(|digit| digit == b'0') {
        return None;
    }
    let here = here.filter(|_| local == "HEAD");
    let branches = [remote, local].into_iter().filter_map(|name| name.strip_prefix("refs/heads/"));
    let named = branches.chain(here).find(|name| landing::names_ticket(name));
    Some((named?.to_owned(), tip.to_owned()))
}

/// Whether this is `git push --dry-run`, which hooks are not told: the command line of the process above says
/// so, where the system shows it.
fn is_only_tried(session: &Session) -> bool {
    let above = session.host.commands_above();
    let push = above.iter().find(|words| words.iter().any(|word| word == "push"));
    push.is_some_and(|words| words.iter().any(|word| word == "--dry-run" || is_dry(word)))
}

/// Whether a word is `-n`, or short flags with `n` among them.
fn is_dry(word: &str) -> bool {
    let flags = word.strip_prefix('-').unwrap_or_default();
    // The value of `-o` may follow it directly, and hold any letter.
    flags.bytes().all(|letter| b"nfqvud46".contains(&letter)) && flags.contains('n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_git_name_the_branch_of_a_ticket() {
        let line = "refs/heads/x ab refs/heads/work/00001KVZKSV6C-a 00";
        assert_eq!(pushed(line, None), Some(("work/00001KVZKSV6C-a".to_owned(), "ab".to_owned())));
        let line = "HEAD ab refs/heads/review/1 00";
        let here = Some("work/00001KVZKSV6C-a");
        assert_eq!(pushed(line, here), Some(("work/00001KVZKSV6C-a".to_owned(), "ab".to_owned())));
        let line = "refs/heads/work/00001KVZKSV6C-a ab refs/heads/review 00";
        assert_eq!(pushed(line, None), Some(("work/00001KVZKSV6C-a".to_owned(), "ab".to_owned())));
        for line in ["", "refs/heads/x ab refs/heads/x 00", "(delete) 00 refs/heads/work/00001KVZKSV6C-a ab"]
        {
            assert_eq!(pushed(line, here), None, "{line}");
        }
    }

    #[test]
    fn a_push_that_is_only_tried_is_known_by_its_flags() {
        for word in ["-n", "-fn", "-nv"] {
            assert!(is_dry(word), "{word}");
        }
        for word in ["-f", "--no-verify", "-onothing", "n", "-"] {
            assert!(!is_dry(word), "{word}");
        }
    }
}
