//! Writing many objects at once: as one pack, where thousands of loose files would be slow to make and
//! slow to tidy away.
//!
//! Pack and index are written here, without deltas: `git gc` makes those. Both are files without a name until
//! they are complete; until then nothing of them is in the object database, and an interrupted writer leaves
//! nothing behind. Nothing points at the objects until the ref is swapped: so long a mark keeps `git gc` from
//! taking them for garbage.
//!
//! Objects can be compressed on other threads ([`Deflater`]) and handed over as they are done.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use gix::objs::{Kind, WriteTo};
use gix::zlib::stream::deflate::{Compress, FlushCompress};
use gix::zlib::{Compression, Status};

use crate::host::failpoint;

use super::nameless::{self, Nameless};
use super::pack_index::{self, Entry};
use super::{ObjectId, Store, StoreError, durable, loose};

pub(super) use super::nameless::Keep;

/// Fewer objects than this are written loose, as git itself does with what it fetches.
const FEWEST: usize = 200;

/// Takes new objects, loose or for a pack.
pub(super) struct Sink<'s> {
    store: &'s Store,
    name: u128,
    pack: Option<Pack>,
    loose: Option<loose::Writer>,
    /// Nothing is written: only the names are wanted.
    is_dry: bool,
    /// The loose objects that are there now, in order.
    pub(super) written: Vec<ObjectId>,
}

/// A pack that is being gathered.
struct Pack {
    file: BufWriter<Nameless>,
    deflater: Deflater,
    known: HashSet<ObjectId>,
    entries: Vec<Entry>,
    length: u64,
}

/// An object, compressed for a pack.
#[derive(Debug)]
pub struct Packed {
    pub(super) id: ObjectId,
    bytes: Vec<u8>,
    checksum: u32,
}

/// Compresses objects for a pack, on any thread.
pub struct Deflater {
    compress: Compress,
    hash: gix::hash::Kind,
}

impl<'s> Sink<'s> {
    /// A sink for about so many objects; the name tells its files from others.
    pub(super) fn new(store: &'s Store, name: u128, expected: usize) -> Result<Self, StoreError> {
        let is_packed = expected >= FEWEST || store.is_collecting();
        let pack = is_packed.then(|| Pack::new(store, name)).transpose()?;
        Ok(Sink { store, name, pack, loose: None, is_dry: false, written: Vec::new() })
    }

    /// A sink that makes a pack, however few objects there will be: nothing is left of it unless it is finished.
    pub(super) fn packing(store: &'s Store, name: u128) -> Result<Self, StoreError> {
        Sink::new(store, name, FEWEST)
    }

    /// A sink that only tells which names objects would have.
    pub(super) fn dry(store: &'s Store) -> Self {
        Sink { store, name: 0, pack: None, loose: None, is_dry: true, written: Vec::new() }
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

    /// Takes an object that was compressed elsewhere; only a sink that makes a pack can.
    pub(super) fn packed(&mut self, packed: Packed) -> Result<(), StoreError> {
        match &mut self.pack {
            Some(pack) => pack.add(packed),
            None => Err(StoreError::Other("can't write a pack: objects are written loose".to_owned())),
        }
    }

    fn object(&mut self, kind: Kind, content: &[u8]) -> Result<ObjectId, StoreError> {
        let repo = &self.store.repo;
        let fail = |error: gix::Error| StoreError::from_gix("can't write an object", &error);
        let id = gix::objs::compute_hash(repo.object_hash(), kind, content).map_err(fail)?;
        if self.is_dry {
            return Ok(id);
        }
        if let Some(pack) = &mut self.pack {
            let packed = pack.deflater.pack(id, kind, content)?;
            pack.add(packed)?;
            return Ok(id);
        }
        if !self.store.freshen(&id) {
            let path = durable::loose_path(repo.objects.store_ref().path(), &id);
            let new = || loose::Writer::new(self.store.loose_level(), self.name);
            self.loose.get_or_insert_with(new).write(kind, content, &path)?;
            failpoint::step("an object is written");
        }
        self.written.push(id);
        Ok(id)
    }

    /// Takes a commit that was made elsewhere, by its bytes.
    pub(super) fn commit(&mut self, content: &[u8]) -> Result<ObjectId, StoreError> {
        self.object(Kind::Commit, content)
    }

    /// Hands the objects over to the repository; before this, those of a pack are in nobody's way.
    pub(super) fn finish(self) -> Result<Vec<ObjectId>, StoreError> {
        match self.pack {
            Some(pack) if !pack.entries.is_empty() => pack.finish(self.store)?,
            _ => {}
        }
        Ok(self.written)
    }
}

impl Deflater {
    fn new(hash: gix::hash::Kind, level: Compression) -> Self {
        Deflater { compress: Compress::new(level), hash }
    }

    /// Names and compresses a blob.
    ///
    /// # Errors
    /// When it can't be named or compressed.
    pub fn blob(&mut self, content: &[u8]) -> Result<Packed, StoreError> {
        let id = gix::objs::compute_hash(self.hash, Kind::Blob, content)
            .map_err(|error| StoreError::from_gix("can't write an object", &error))?;
        self.pack(id, Kind::Blob, content)
    }

    fn pack(&mut self, id: ObjectId, kind: Kind, content: &[u8]) -> Result<Packed, StoreError> {
        let mut bytes = entry_head(kind, content.len());
        let head = bytes.len();
        // zlib's own bound for one whole stream, and room to spare.
        bytes.resize(head + content.len() + content.len() / 1000 + 64, 0);
        self.compress.reset();
        let fail = |error: gix::Error| StoreError::from_gix("can't compress an object", &error);
        let status =
            self.compress.compress(content, &mut bytes[head..], FlushCompress::Finish).map_err(fail)?;
        if status != Status::StreamEnd {
            return Err(StoreError::Other("can't compress an object: it doesn't fit its bound".to_owned()));
        }
        bytes.truncate(head + usize::try_from(self.compress.total_out()).unwrap_or(0));
        bytes.shrink_to_fit();
        let checksum = crc32fast::hash(&bytes);
        Ok(Packed { id, bytes, checksum })
    }
}

impl Store {
    /// What compresses objects for a pack of this repository.
    pub fn deflater(&self) -> Deflater {
        Deflater::new(self.repo.object_hash(), self.repo.pack_compression().unwrap_or_default())
    }
}

/// The signature and version at the start of a pack; the number of objects comes after it.
const SIGNATURE: &[u8; 8] = b"PACK\0\0\0\x02";

impl Pack {
    fn new(store: &Store, name: u128) -> Result<Self, StoreError> {
        let folder = pack_folder(store)?;
        let mut file = BufWriter::with_capacity(1 << 16, Nameless::create(&folder, &format!("{name:032x}"))?);
        // How many objects there are is known at the end.
        file.write_all(SIGNATURE).and_then(|()| file.write_all(&[0; 4])).map_err(|error| io_error(&error))?;
        let (known, entries) = (HashSet::new(), Vec::new());
        Ok(Pack { file, deflater: store.deflater(), known, entries, length: 12 })
    }

    fn add(&mut self, packed: Packed) -> Result<(), StoreError> {
        if !self.known.insert(packed.id) {
            return Ok(());
        }
        self.entries.push(Entry { id: packed.id, checksum: packed.checksum, offset: self.length });
        self.length += packed.bytes.len() as u64;
        self.file.write_all(&packed.bytes).map_err(|error| io_error(&error))
    }

    fn finish(self, store: &Store) -> Result<(), StoreError> {
        let fail = |error: io::Error| io_error(&error);
        let Pack { file, known, mut entries, .. } = self;
        // The set and the index would be in memory together otherwise.
        drop(known);
        let mut pack = file.into_inner().map_err(|error| io_error(error.error()))?;
        let count = u32::try_from(entries.len())
            .map_err(|_| StoreError::Other("can't write a pack: too many objects".to_owned()))?;
        let hash = store.repo.object_hash();
        let trailer = close(&mut pack.file, count, hash).map_err(fail)?;
        let folder = pack_folder(store)?;
        let index = Nameless::create(&folder, &format!("{trailer}"))?;
        entries.sort_unstable_by_key(|entry| entry.id);
        pack_index::write(BufWriter::new(&index.file), hash, &entries, trailer).map_err(fail)?;
        let name = |extension: &str| folder.join(format!("pack-{trailer}.{extension}"));
        store.settle_pack(&pack.file).and_then(|()| store.settle_pack(&index.file)).map_err(fail)?;
        // The mark is there before the pack is, which is looked for by its index: that comes last.
        let keep = Keep::mark(name(nameless::KEEP), store.process).map_err(fail)?;
        store.keeps.borrow_mut().extend(keep);
        failpoint::step("a pack is marked");
        for (file, path) in [(pack, name("pack")), (index, name("idx"))] {
            file.publish(&path).map_err(fail)?;
            failpoint::step("a part of a pack is named");
            store.share_pack(&path);
        }
        Ok(())
    }
}

/// The folder of packs; `git init` makes it, but nothing keeps it there.
fn pack_folder(store: &Store) -> Result<std::path::PathBuf, StoreError> {
    let folder = store.repo.objects.store_ref().path().join("pack");
    make(&folder).map_err(|error| io_error(&error))?;
    Ok(folder)
}

fn make(folder: &Path) -> io::Result<()> {
    if folder.is_dir() { Ok(()) } else { std::fs::create_dir_all(folder) }
}

/// Writes the number of objects to the start and the hash of everything to the end, and gives that hash.
fn close(file: &mut File, count: u32, hash: gix::hash::Kind) -> io::Result<ObjectId> {
    file.seek(SeekFrom::Start(SIGNATURE.len() as u64))?;
    file.write_all(&count.to_be_bytes())?;
    file.rewind()?;
    let mut hasher = gix::hash::hasher(hash);
    let mut reader = BufReader::with_capacity(1 << 16, Read::by_ref(file));
    loop {
        let bytes = io::BufRead::fill_buf(&mut reader)?;
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        hasher.update(bytes);
        io::BufRead::consume(&mut reader, length);
    }
    let trailer = hasher.try_finalize().map_err(|error| io::Error::other(error.to_string()))?;
    file.seek(SeekFrom::End(0))?;
    file.write_all(trailer.as_slice())?;
    Ok(trailer)
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
