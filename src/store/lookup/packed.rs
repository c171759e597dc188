//! One pack and its index, of which only what is asked for is read: git's gitformat-pack(5) describes both.

use std::fs::File;
use std::io;
use std::path::Path;

use gix::objs::Kind;
use gix::zlib::Inflate;

use super::super::ObjectId;
use super::{LARGEST, delta};

/// The head of an index: its signature, its version, and for each first byte how many ids are up to there.
const HEAD: usize = 8 + 256 * 4;
const SIGNATURE: &[u8; 8] = b"\xfftOc\0\0\0\x02";

/// So many ids of one first byte are read at once.
const IDS: u64 = 1 << 12;

/// The most differences that stand between an object and one that is whole: git makes chains of 50.
const CHAIN: usize = 64;

/// Most objects are no longer, compressed.
const USUAL: usize = 4096;

/// A pack that is open.
pub(super) struct Packed {
    index: File,
    pack: File,
    hash: gix::hash::Kind,
    head: Box<[u8; HEAD]>,
    count: u64,
}

/// What an entry of a pack holds.
enum Entry {
    Whole(Kind),
    /// A difference to the object at another offset.
    Delta(u64),
}

impl Packed {
    /// Opens the pack of an index; nothing when one of them is not as git writes it today.
    pub(super) fn open(path: &Path, hash: gix::hash::Kind) -> Option<Self> {
        let index = File::open(path).ok()?;
        let pack = File::open(path.with_extension("pack")).ok()?;
        let mut head = Box::new([0; HEAD]);
        read_exact_at(&index, &mut head[..], 0).ok()?;
        let mut packed = Packed { index, pack, hash, head, count: 0 };
        packed.count = packed.upto(255)?;
        let entry = hash.len_in_bytes() as u64 + 8;
        let least = HEAD as u64 + packed.count * entry + 2 * hash.len_in_bytes() as u64;
        let is_whole = packed.index.metadata().ok()?.len() >= least;
        (packed.head.starts_with(SIGNATURE) && is_whole).then_some(packed)
    }

    /// How many ids begin with this byte or a smaller one.
    fn upto(&self, byte: u8) -> Option<u64> {
        let start = 8 + 4 * usize::from(byte);
        let bytes = self.head.get(start..start + 4)?.try_into().ok()?;
        Some(u64::from(u32::from_be_bytes(bytes)))
    }

    /// Where in the pack an object is.
    pub(super) fn offset(&self, id: &ObjectId) -> Option<u64> {
        let first = id.first_byte();
        let mut low = first.checked_sub(1).map_or(Some(0), |before| self.upto(before))?;
        let mut high = self.upto(first).filter(|high| *high <= self.count)?;
        let length = self.hash.len_in_bytes();
        let place = |number: u64| HEAD as u64 + number * length as u64;
        let mut bytes = vec![0; length];
        while high.checked_sub(low)? > IDS {
            let middle = low + (high - low) / 2;
            read_exact_at(&self.index, &mut bytes, place(middle)).ok()?;
            if bytes.as_slice() <= id.as_slice() { low = middle } else { high = middle }
        }
        bytes.resize(usize::try_from(high - low).ok()? * length, 0);
        read_exact_at(&self.index, &mut bytes, place(low)).ok()?;
        let ids: Vec<&[u8]> = bytes.chunks_exact(length).collect();
        let number = low + ids.binary_search(&id.as_slice()).ok()? as u64;
        let mut offset = [0; 4];
        // Between ids and offsets are the checksums.
        read_exact_at(&self.index, &mut offset, place(self.count) + 4 * (self.count + number)).ok()?;
        let offset = u32::from_be_bytes(offset);
        // Beyond two gigabytes they stand elsewhere.
        (offset & 0x8000_0000 == 0).then_some(u64::from(offset))
    }

    /// The object at an offset.
    pub(super) fn read(&self, mut offset: u64, inflate: &mut Inflate) -> Option<(Kind, Vec<u8>)> {
        let mut deltas = Vec::new();
        loop {
            let (entry, content) = self.entry(offset, inflate)?;
            match entry {
                Entry::Whole(kind) => {
                    let apply = |base: Vec<u8>, delta: Vec<u8>| delta::apply(&base, &delta);
                    return Some((kind, deltas.into_iter().rev().try_fold(content, apply)?));
                }
                Entry::Delta(base) if deltas.len() < CHAIN => {
                    deltas.push(content);
                    offset = base;
                }
                Entry::Delta(_) => return None,
            }
        }
    }

    /// What an entry holds, decompressed.
    fn entry(&self, offset: u64, inflate: &mut Inflate) -> Option<(Entry, Vec<u8>)> {
        let bytes = self.bytes(offset, USUAL)?;
        let mut rest = bytes.as_slice();
        let (number, size) = head(&mut rest)?;
        let entry = match number {
            1 => Entry::Whole(Kind::Commit),
            2 => Entry::Whole(Kind::Tree),
            3 => Entry::Whole(Kind::Blob),
            4 => Entry::Whole(Kind::Tag),
            6 => Entry::Delta(offset.checked_sub(distance(&mut rest)?)?),
            7 => {
                let (base, after) = rest.split_at_checked(self.hash.len_in_bytes())?;
                rest = after;
                Entry::Delta(self.offset(&ObjectId::try_from(base).ok()?)?)
            }
            _ => return None,
        };
        if let Some(content) = super::inflate(inflate, rest, size) {
            return Some((entry, content));
        }
        // It is longer than most, or damaged. zlib's own bound for one whole stream.
        let start = bytes.len() - rest.len();
        let bytes = self.bytes(offset, start + size + size / 1000 + 64)?;
        Some((entry, super::inflate(inflate, bytes.get(start..)?, size)?))
    }

    /// So many bytes of the pack, or what is there of them.
    fn bytes(&self, offset: u64, most: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; most];
        let length = read_at(&self.pack, &mut bytes, offset).ok()?;
        bytes.truncate(length);
        Some(bytes)
    }
}

/// The head of an entry: what it is, and its size, seven bits a byte after the first four.
fn head(bytes: &mut &[u8]) -> Option<(u8, usize)> {
    let (first, mut rest) = bytes.split_first()?;
    let (mut byte, mut size, mut shift) = (first, usize::from(first & 15), 4);
    while byte & 0x80 != 0 {
        (byte, rest) = rest.split_first()?;
        size |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if shift > 32 {
            return None;
        }
    }
    *bytes = rest;
    (size <= LARGEST).then_some((first >> 4 & 7, size))
}

/// How far before an entry its base is: seven bits a byte, the highest first, and one added for each further byte.
fn distance(bytes: &mut &[u8]) -> Option<u64> {
    let (first, mut rest) = bytes.split_first()?;
    let (mut byte, mut value) = (first, u64::from(first & 0x7f));
    while byte & 0x80 != 0 {
        (byte, rest) = rest.split_first()?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(u64::from(byte & 0x7f))?;
    }
    *bytes = rest;
    Some(value).filter(|value| *value > 0)
}

/// Reads what is there from a place on, at most as much as there is room for.
fn read_at(file: &File, mut out: &mut [u8], mut offset: u64) -> io::Result<usize> {
    let mut length = 0;
    while !out.is_empty() {
        match read_some(file, out, offset) {
            Ok(0) => break,
            Ok(read) => {
                (length, offset) = (length + read, offset + read as u64);
                out = out.get_mut(read..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

fn read_exact_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<()> {
    let wanted = out.len();
    let is_whole = read_at(file, out, offset)? == wanted;
    if is_whole { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

#[cfg(unix)]
fn read_some(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, offset)
}

#[cfg(not(unix))]
fn read_some(mut file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    use io::{Read, Seek};
    file.seek(io::SeekFrom::Start(offset))?;
    file.read(out)
}
