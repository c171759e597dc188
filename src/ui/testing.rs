//! A host for the tests of this layer: fixed clock, captured streams, nothing a terminal.
//!
//! It owns the captured bytes; what the tests do with them is theirs.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use crate::host::{Clock, Entropy, Host, Terminal};

/// Bytes written by the code under test, readable while the writer is still held by the host.
#[derive(Clone, Default)]
pub(crate) struct Captured {
    bytes: Rc<RefCell<Vec<u8>>>,
    flushes: Rc<Cell<usize>>,
}

impl Captured {
    /// What was written so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.borrow()).into_owned()
    }

    /// How often it was flushed.
    pub(crate) fn flushes(&self) -> usize {
        self.flushes.get()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes.set(self.flushes.get() + 1);
        Ok(())
    }
}

/// A stream whose reader has gone.
pub(crate) struct Broken;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

/// A host in `cwd` and what it captures of standard output and standard error.
///
/// The environment holds `PATH` only, so that `sh` is found.
pub(crate) fn host(cwd: &Path) -> (Host, Captured, Captured) {
    let (stdout, stderr) = (Captured::default(), Captured::default());
    let env: BTreeMap<_, _> = std::env::vars_os().filter(|(name, _)| name == "PATH").collect();
    let host = Host {
        args: Vec::new(),
        env,
        id: 1,
        program: None,
        cwd: cwd.to_path_buf(),
        clock: Clock::stepping(0, 0),
        entropy: Entropy::counting(),
        terminal: Terminal::default(),
        stdin: RefCell::new(Box::new(io::empty())),
        stdout: RefCell::new(Box::new(stdout.clone())),
        stderr: RefCell::new(Box::new(stderr.clone())),
    };
    (host, stdout, stderr)
}

/// The text without its SGR (colour) sequences.
pub(crate) fn without_color(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        kept.push_str(before);
        rest = after.split_once('m').map_or("", |(_, tail)| tail);
    }
    kept + rest
}
