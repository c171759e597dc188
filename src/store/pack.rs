//! Writing many objects at once: as one pack, where thousands of loose files would be slow to make and
//! slow to tidy away.
//!
//! Objects are spooled to a file of our own first, because a pack says at its start how many there are;
//! `git index-pack` then takes the pack over, checks it, flushes it and gives it its name. Until that is
//! done nothing of it is in the object database, and nothing points at it until the ref is swapped.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::PathBuf;

use gix::objs::{Kind, Write as _, WriteTo};
use gix::zlib::Status;
use gix::zlib::stream::deflate::{Compress, FlushCompress};

use super::{ObjectId, Store, StoreError, git};

/// Fewer objects than this are written loose, as git itself does with what it fetches.
const FEWEST: usize = 200;
/// How often a loose object is tried while somebody tidies its folder away.
const TRIES: usize = 10;

/// Takes new objects, loose or for a pack.
pub(super) struct Sink<'s> {
    store: &'s Store,
    pack: Option<Pack>,
    /// Nothing is written: only the names are wanted.
    is_dry: bool,
    /// The objects that were written, in order.
    pub(super) written: Vec<ObjectId>,
}

/// A pack that is being gathered.
struct Pack {
    spool: Spool,
    compress: Compress,
    buffer: Vec<u8>,
    known: HashSet<ObjectId>,
    count: u32,
}

impl<'s> Sink<'s> {
    /// A sink for about so many objects; the name tells its spool from others.
    pub(super) fn new(store: &'s Store, name: u128, expected: usize) -> Result<Self, StoreError> {
        let pack = (expected >= FEWEST).then(|| Pack::new(store, name)).transpose()?;
        Ok(Sink { store, pack, is_dry: false, written: Vec::new() })
    }

    /// A sink that only tells which names objects would have.
    pub(super) fn dry(store: &'s Store) -> Self {
        Sink { store, pack: None, is_dry: true, written: Vec::new() }
    }

    /// Writes a blob.
    pub(super) fn blob(&mut self, content: &[u8]) -> Result<ObjectId, StoreError> {
        self.object(Kind::Blob, content)
    }

    /// Writes a tree or a commit.
    pub(super) fn value(&mut self, value: &dyn WriteTo) -> Result<ObjectId, StoreError> {
        let mut content = Vec::new();
        value.write_to(&mut content).map_err(|error| io_error(&error))?;
        self.object(value.kind(), &content)
    }

    fn object(&mut self, kind: Kind, content: &[u8]) -> Result<ObjectId, StoreError> {
        let repo = &self.store.repo;
        let fail = |error: gix::Error| StoreError::from_gix("can't write an object", &error);
        let id = gix::objs::compute_hash(repo.object_hash(), kind, content).map_err(fail)?;
        if self.is_dry || self.store.freshen(&id) {
            return Ok(id);
        }
        match &mut self.pack {
            Some(pack) => pack.add(id, kind, content)?,
            None => {
                write_loose(repo, kind, content, id).map_err(fail)?;
                self.written.push(id);
            }
        }
        Ok(id)
    }

    /// Hands the objects over to the repository; before this, those of a pack are in nobody's way.
    pub(super) fn finish(self) -> Result<Vec<ObjectId>, StoreError> {
        match self.pack {
            Some(pack) if pack.count > 0 => pack.finish(self.store)?,
            _ => {}
        }
        Ok(self.written)
    }
}

/// Writes a loose object. `git gc` removes folders it has just emptied, also the one that was just made
/// for this object: then it is made again, as git does.
fn write_loose(repo: &gix::Repository, kind: Kind, content: &[u8], id: ObjectId) -> gix::Result<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        match repo.objects.write_buf_with_known_id(kind, content, id) {
            Err(error) if tries < TRIES && is_folder_gone(&error) => {}
            outcome => return outcome.map(drop),
        }
    }
}

fn is_folder_gone(error: &gix::Error) -> bool {
    let is_gone = |error: &(dyn std::error::Error + 'static)| {
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
    };
    error.is_not_found() || error.iter_errors().any(is_gone)
}

impl Pack {
    fn new(store: &Store, name: u128) -> Result<Self, StoreError> {
        let level = store.repo.pack_compression().unwrap_or_default();
        Ok(Pack {
            spool: Spool::create(store.own_dir().join(format!("spool-{name:032x}")))?,
            compress: Compress::new(level),
            buffer: Vec::new(),
            known: HashSet::new(),
            count: 0,
        })
    }

    fn add(&mut self, id: ObjectId, kind: Kind, content: &[u8]) -> Result<(), StoreError> {
        if !self.known.insert(id) {
            return Ok(());
        }
        self.count += 1;
        let mut head = entry_head(kind, content.len());
        self.deflate(content)?;
        head.append(&mut self.buffer);
        self.spool.file.write_all(&head).map_err(|error| io_error(&error))
    }

    fn deflate(&mut self, content: &[u8]) -> Result<(), StoreError> {
        // zlib's own bound for one whole stream, and room to spare.
        self.buffer.resize(content.len() + content.len() / 1000 + 64, 0);
        self.compress.reset();
        let fail = |error: gix::Error| StoreError::from_gix("can't compress an object", &error);
        let status =
            self.compress.compress(content, &mut self.buffer, FlushCompress::Finish).map_err(fail)?;
        if status != Status::StreamEnd {
            return Err(StoreError::Other("can't compress an object: it doesn't fit its bound".to_owned()));
        }
        let length = usize::try_from(self.compress.total_out()).unwrap_or(0);
        self.buffer.truncate(length);
        Ok(())
    }

    fn finish(mut self, store: &Store) -> Result<(), StoreError> {
        self.spool.file.flush().map_err(|error| io_error(&error))?;
        let mut spooled = File::open(&self.spool.path).map_err(|error| io_error(&error))?;
        let hash = store.repo.object_hash();
        let count = self.count;
        let output = git::feed(&store.cwd, ["index-pack", "--stdin"], |stdin| {
            let mut out = Hashing { inner: BufWriter::new(stdin), hasher: gix::hash::hasher(hash) };
            out.write_all(b"PACK\0\0\0\x02")?;
            out.write_all(&count.to_be_bytes())?;
            spooled.rewind()?;
            io::copy(&mut BufReader::new(Read::by_ref(&mut spooled)), &mut out)?;
            let trailer = out.hasher.try_finalize().map_err(|error| io::Error::other(error.to_string()))?;
            out.inner.write_all(trailer.as_slice())?;
            out.inner.flush()
        })?;
        if output.status.success() { Ok(()) } else { Err(git::failed(&output)) }
    }
}

/// The head of an entry of a pack: kind and size, seven bits a byte after the first four.
fn entry_head(kind: Kind, size: usize) -> Vec<u8> {
    let number = match kind {
        Kind::Commit => 1u8,
        Kind::Tree => 2,
        Kind::Blob => 3,
        Kind::Tag => 4,
    };
    let mut bytes = vec![(number << 4) | (size & 15) as u8];
    let mut rest = size >> 4;
    while rest > 0 {
        if let Some(last) = bytes.last_mut() {
            *last |= 0x80;
        }
        bytes.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    bytes
}

fn io_error(error: &io::Error) -> StoreError {
    StoreError::from_io("can't write a pack", error)
}

/// A file that goes when it is dropped.
struct Spool {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Spool {
    fn create(path: PathBuf) -> Result<Self, StoreError> {
        let file = File::create_new(&path).map_err(|error| io_error(&error))?;
        Ok(Spool { path, file: BufWriter::new(file) })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What stays behind here is in nobody's way: the folder can be deleted at any time.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Passes bytes on and keeps their hash.
struct Hashing<W> {
    inner: W,
    hasher: gix::hash::Hasher,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_seven_bits_a_byte() {
        assert_eq!(entry_head(Kind::Blob, 5), [0x35]);
        assert_eq!(entry_head(Kind::Tree, 16), [0xa0, 0x01]);
        assert_eq!(entry_head(Kind::Commit, 15 + (0x7f << 4) + (1 << 11)), [0x9f, 0xff, 0x01]);
    }
}
