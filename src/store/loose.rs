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

/// Up to here an object is not compressed, unless the settings say how: it is as many blocks of a disk, or one or two
/// more, until git packs it, and setting a compressor up takes longer than all the rest.
const STORED: usize = 12 << 10;

/// What writes loose objects, one after another.
pub(super) struct Writer {
    level: Option<Compression>,
    compress: Option<Compress>,
    /// What tells passing names of this one from those of others.
    name: String,
}

impl Writer {
    /// One that compresses as the settings say, or as is best.
    pub(super) fn new(level: Option<Compression>, name: u128) -> Self {
        Writer { level, compress: None, name: format!("{name:032x}") }
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
        if self.level.is_none() && plain.len() <= STORED {
            return Ok(stored(&plain));
        }
        // zlib's own bound for one whole stream, and room to spare.
        let mut bytes = vec![0; plain.len() + plain.len() / 1000 + 64];
        let compress = self.compress.get_or_insert_with(|| Compress::new(self.level.unwrap_or_default()));
        compress.reset();
        let fail = |error: gix::Error| StoreError::from_gix("can't compress an object", &error);
        let status = compress.compress(&plain, &mut bytes, FlushCompress::Finish).map_err(fail)?;
        if status != Status::StreamEnd {
            return Err(StoreError::Other("can't compress an object: it doesn't fit its bound".to_owned()));
        }
        bytes.truncate(usize::try_from(compress.total_out()).unwrap_or(0));
        Ok(bytes)
    }
}

/// A zlib stream (RFC 1950) of one block that is not compressed (RFC 1951).
fn stored(plain: &[u8]) -> Vec<u8> {
    // Never more than [`STORED`].
    let length = u16::try_from(plain.len()).unwrap_or(u16::MAX);
    let mut bytes = Vec::with_capacity(plain.len() + 11);
    bytes.extend_from_slice(&[0x78, 0x01, 0x01]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&(!length).to_le_bytes());
    bytes.extend_from_slice(plain);
    bytes.extend_from_slice(&adler32(plain).to_be_bytes());
    bytes
}

fn adler32(bytes: &[u8]) -> u32 {
    const MOST: u32 = 65_521;
    let (mut one, mut two) = (1u32, 0u32);
    // So many sums fit a number.
    for part in bytes.chunks(5_552) {
        for byte in part {
            one += u32::from(*byte);
            two += one;
        }
        (one, two) = (one % MOST, two % MOST);
    }
    two << 16 | one
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::process::Command;

    use super::super::durable::loose_path;
    use super::*;

    #[test]
    fn git_reads_what_is_compressed_and_what_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let output = Command::new("git").args(arguments).current_dir(folder.path()).output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        git(&["init", "-q"]);
        let objects = folder.path().join(".git/objects");
        for level in [None, Some(Compression::default())] {
            let mut writer = Writer::new(level, 1);
            for size in [0, 1, 4_000, 5_552, 5_553, STORED - 12, STORED - 10, STORED, 70_000] {
                let content: Vec<u8> = (0..size).map(|at| (at * at % 251) as u8).collect();
                let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Blob, &content).unwrap();
                let path = loose_path(&objects, &id);
                writer.write(Kind::Blob, &content, &path).unwrap();
                assert_eq!(git(&["cat-file", "blob", &id.to_string()]), content, "{level:?} {size}");
                let plain = size + format!("blob {size}\0").len();
                let is_stored = fs::metadata(&path).unwrap().len() == plain as u64 + 11;
                assert_eq!(is_stored, level.is_none() && plain <= STORED, "{level:?} {size}");
            }
            git(&["fsck", "--strict"]);
            fs::remove_dir_all(&objects).unwrap();
            git(&["init", "-q"]);
        }
    }
}
