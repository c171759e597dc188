//! Tells a waiting person how far a long task is.
//!
//! This module owns the one line on standard error that is rewritten in place. It promises silence
//! unless standard error is a terminal and the task takes longer than a second, and at most ten
//! updates a second after that. Counting is left to the caller; failing to write is ignored, since
//! no task should fail for its progress.

use std::io::Write;

use super::sanitize;
use crate::host::Host;

/// How long a task may take before anything is shown, in milliseconds.
const PATIENCE: u64 = 1000;

/// The shortest time between two updates, in milliseconds.
const INTERVAL: u64 = 100;

/// The progress of one task.
///
/// Dropping it without [`Progress::finish`], as an error on the way does, ends the line it has begun.
pub struct Progress<'h> {
    host: &'h Host,
    label: String,
    total: Option<u64>,
    done: u64,
    /// When the next update may be shown.
    due: u64,
    is_shown: bool,
}

impl<'h> Progress<'h> {
    /// Starts a task; `total` is how many steps it has, if that is known.
    pub fn new(host: &'h Host, label: &str, total: Option<u64>) -> Self {
        let due = if host.terminal.stderr { host.clock.now_millis().saturating_add(PATIENCE) } else { 0 };
        Progress { host, label: sanitize::line(label).into_owned(), total, done: 0, due, is_shown: false }
    }

    /// Says that `done` steps are done by now.
    pub fn tick(&mut self, done: u64) {
        self.done = done;
        // The clock is asked last: without a terminal a tick costs nothing.
        if !self.host.terminal.stderr {
            return;
        }
        let now = self.host.clock.now_millis();
        if now >= self.due {
            self.due = now.saturating_add(INTERVAL);
            self.is_shown = true;
            self.say(&format!("\r{}", self.line()));
        }
    }

    /// Ends the task: the last count and "done", if anything was shown before.
    pub fn finish(mut self) {
        if self.is_shown {
            self.say(&format!("\r{}, done.\n", self.line()));
            self.is_shown = false;
        }
    }

    /// The line as it stands.
    fn line(&self) -> String {
        let Progress { label, done, .. } = self;
        match self.total {
            Some(total) => format!("{label}: {:3}% ({done}/{total})", percent(*done, total)),
            None => format!("{label}: {done}"),
        }
    }

    /// Writes to standard error.
    fn say(&self, text: &str) {
        let mut stderr = self.host.stderr.borrow_mut();
        // Progress that can't be shown is no reason to stop the task.
        let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.is_shown {
            self.say("\n");
        }
    }
}

/// Which part is done, rounded down so that 100 means all of it.
fn percent(done: u64, total: u64) -> u128 {
    match total {
        0 => 100,
        _ => u128::from(done) * 100 / u128::from(total),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::host::Clock;
    use crate::ui::testing::{self, Captured};
    use std::path::Path;

    /// A host whose clock moves on by `step` milliseconds at each reading.
    fn host(terminal: bool, step: u64) -> (Host, Captured) {
        let (mut host, _, stderr) = testing::host(Path::new("/"));
        host.terminal.stderr = terminal;
        host.clock = Clock::stepping(5000, step);
        (host, stderr)
    }

    #[test]
    fn nothing_is_shown_without_a_terminal() {
        let (host, stderr) = host(false, 10_000);
        let mut progress = Progress::new(&host, "Importing tickets", Some(2));
        progress.tick(1);
        progress.finish();
        assert_eq!(stderr.text(), "");
    }

    #[test]
    fn nothing_is_shown_within_the_first_second() {
        let (host, stderr) = host(true, 99);
        let mut progress = Progress::new(&host, "Importing tickets", Some(10));
        (1..=10).for_each(|done| progress.tick(done));
        progress.finish();
        assert_eq!(stderr.text(), "");
    }

    #[test]
    fn a_long_task_shows_its_line_and_ends_it() {
        let (host, stderr) = host(true, 1000);
        let mut progress = Progress::new(&host, "Importing tickets", Some(200));
        progress.tick(84);
        progress.tick(200);
        progress.finish();
        let expected = "\rImporting tickets:  42% (84/200)\rImporting tickets: 100% (200/200)\
                        \rImporting tickets: 100% (200/200), done.\n";
        assert_eq!(stderr.text(), expected);
    }

    #[test]
    fn updates_come_at_most_every_tenth_of_a_second() {
        let (host, stderr) = host(true, 50);
        let mut progress = Progress::new(&host, "Reading", None);
        (1..=24).for_each(|done| progress.tick(done));
        assert_eq!(stderr.text(), "\rReading: 20\rReading: 22\rReading: 24");
    }

    #[test]
    fn a_task_that_fails_leaves_the_cursor_on_a_line_of_its_own() {
        let (host, stderr) = host(true, 1000);
        let mut progress = Progress::new(&host, "Reading", None);
        progress.tick(7);
        drop(progress);
        assert_eq!(stderr.text(), "\rReading: 7\n");
    }

    #[test]
    fn extreme_counts_have_a_percentage() {
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(199, 200), 99);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }

    #[test]
    fn a_stream_that_is_gone_does_not_stop_the_task() {
        let (mut host, _) = host(true, 1000);
        host.stderr = std::cell::RefCell::new(Box::new(testing::Broken));
        let mut progress = Progress::new(&host, "Reading", None);
        progress.tick(1);
        progress.finish();
    }
}
