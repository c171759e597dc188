//! Writing one object as a file of its own, the way git keeps most new ones.
//!
//! gix can do that, but a process that is killed leaves its half-written file under a name that git never clears away.
//! Here the file has no name until it is complete ([`super::nameless`]).

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use gix::objs::Kind;
use gix::zlib::stream::deflate::{Compress, FlushCompress};
use gix::zlib::{Compression, Status};

use super::StoreError;
use super::nameless::Nameless;

/// How often an object is tried while somebody tidies its folder away.
const TRIES: usize = 10;

/// What writes loose objects, one after another.
pub(super) struct Writer {
    compress: Compress,
    /// What tells passing names of this one from those of others.
    name: String,
}

impl Writer {
    pub(super) fn new(level: Compression, name: u128) -> Self {
        Writer { compress: Compress::new(level), name: format!("{name:032x}") }
    }

    /// Writes an object to its place. One that is there already stays.
    ///
    /// `git gc` removes folders it has just emptied, also the one that was just made for this object: then it is made
    /// again, as git does.
    pub(super) fn write(&mut self, kind: Kind, content: &[u8], path: &Path) -> Result<(), StoreError> {
        let bytes = self.deflate(kind, content)?;
        let mut tries = 0;
        loop {
            tries += 1;
            match place(&bytes, &self.name, path) {
                Err(error) if tries < TRIES && error.kind() == io::ErrorKind::NotFound => {}
                outcome => {
                    return outcome.map_err(|error| StoreError::from_io("can't write an object", &error));
                }
            }
        }
    }

    /// The whole file: kind, size and content, compressed.
    fn deflate(&mut self, kind: Kind, content: &[u8]) -> Result<Vec<u8>, StoreError> {
        let head = format!("{kind} {}\0", content.len());
        let plain = [head.as_bytes(), content].concat();
        // zlib's own bound for one whole stream, and room to spare.
        let mut bytes = vec![0; plain.len() + plain.len() / 1000 + 64];
        self.compress.reset();
        let fail = |error: gix::Error| StoreError::from_gix("can't compress an object", &error);
        let status = self.compress.compress(&plain, &mut bytes, FlushCompress::Finish).map_err(fail)?;
        if status != Status::StreamEnd {
            return Err(StoreError::Other("can't compress an object: it doesn't fit its bound".to_owned()));
        }
        bytes.truncate(usize::try_from(self.compress.total_out()).unwrap_or(0));
        Ok(bytes)
    }
}

fn place(bytes: &[u8], name: &str, path: &Path) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut file = match Nameless::loose(folder, name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder)?;
            Nameless::loose(folder, name)?
        }
        file => file?,
    };
    file.write_all(bytes)?;
    file.publish(path)
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        outcome => outcome,
    }
}
