//! `pre-push`: records what pushed branches of tickets hold, so that every clone can find where it lands.

use std::io::Read;

use crate::ops::Session;
use crate::ops::landing;

/// The longest list of refs that is read.
const MOST: u64 = 16 * 1024 * 1024;

/// Records the work on pushed branches of tickets.
pub(super) fn run(session: &Session) -> anyhow::Result<()> {
    let mut text = String::new();
    session.host.stdin.borrow_mut().by_ref().take(MOST).read_to_string(&mut text)?;
    let here = session.store.branch();
    let pushed: Vec<(String, String)> =
        text.lines().filter_map(|line| pushed(line, here.as_deref())).collect();
    if pushed.is_empty() || is_only_tried(session) {
        return Ok(());
    }
    landing::record_work(session, &pushed)?;
    Ok(())
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
