//! What can be wrong with a file of a ticket.

use std::fmt;

/// Why a file can't be read as what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Not UTF-8; the offset of the first bad byte.
    NotUtf8(usize),
    /// `item.md` does not begin with a `---` line.
    NoOpener,
    /// The front matter has no closing `---` line.
    NoCloser,
    /// A line of the front matter is no `key: value`; its number and why.
    BadLine(usize, String),
    /// `state` is none of the six.
    UnknownState(String),
    /// JSON that can't be read, or that says the wrong thing.
    BadJson(String),
    /// The first line of `format` is not `yoi-tickets <number>`.
    BadFormatLine,
    /// Settings that can't be read.
    BadSettings(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotUtf8(offset) => write!(f, "not UTF-8 at byte {offset}"),
            Fault::NoOpener => write!(f, "the first line is not '---'"),
            Fault::NoCloser => write!(f, "the front matter has no closing '---' line"),
            Fault::BadLine(line, why) => write!(f, "line {line}: {why}"),
            Fault::UnknownState(word) => write!(f, "unknown state '{}'", word.escape_debug()),
            Fault::BadJson(why) => write!(f, "{why}"),
            Fault::BadFormatLine => write!(f, "the first line is not 'yoi-tickets <number>'"),
            Fault::BadSettings(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for Fault {}

/// The bytes as text.
///
/// # Errors
/// When they are not UTF-8.
pub fn utf8(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| Fault::NotUtf8(error.valid_up_to()))
}
