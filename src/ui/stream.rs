//! Writes answers and notes to the streams of the host.
//!
//! This module owns the rule that standard output carries the answer and standard error all other
//! words. It promises that an answer is out, or an error is known, when the call returns. A reader
//! that went away shows as [`std::io::ErrorKind::BrokenPipe`], which the caller turns into silence.
//! Cleaning and colouring the text is left to the caller.

use std::io::{self, Write};

use crate::host::Host;

/// Writes the text, as it is, to standard output and flushes it.
///
/// # Errors
/// When writing fails; with kind [`io::ErrorKind::BrokenPipe`] if nobody reads any more.
pub fn answer(host: &Host, text: &str) -> io::Result<()> {
    let mut stdout = host.stdout.borrow_mut();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Writes one line to standard error; the newline is added.
///
/// A note that can't be written has nowhere to be reported, so that is ignored.
pub fn note(host: &Host, line: &str) {
    let mut stderr = host.stderr.borrow_mut();
    // One write for the whole line keeps it whole next to those of other processes.
    let _ = stderr.write_all(format!("{line}\n").as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ui::testing;
    use std::cell::RefCell;
    use std::path::Path;

    #[test]
    fn an_answer_goes_to_standard_output_and_is_flushed() {
        let (host, stdout, stderr) = testing::host(Path::new("/"));
        answer(&host, "a\nb").unwrap();
        assert_eq!((stdout.text().as_str(), stdout.flushes()), ("a\nb", 1));
        assert_eq!(stderr.text(), "");
    }

    #[test]
    fn a_note_is_a_line_on_standard_error() {
        let (host, stdout, stderr) = testing::host(Path::new("/"));
        note(&host, "careful");
        assert_eq!((stderr.text().as_str(), stdout.text().as_str()), ("careful\n", ""));
    }

    #[test]
    fn a_reader_that_went_away_is_a_broken_pipe() {
        let (mut host, _, _) = testing::host(Path::new("/"));
        host.stdout = RefCell::new(Box::new(io::BufWriter::new(testing::Broken)));
        host.stderr = RefCell::new(Box::new(testing::Broken));
        assert_eq!(answer(&host, "text").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        note(&host, "nobody hears this");
    }
}
