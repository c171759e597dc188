//! One pack and its index, of which only what is asked for is read: git's gitformat-pack(5) describes both.

use std::cmp::Ordering;
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

/// So many ids are read at once where an id should be, as ids are spread evenly; and this many where it wasn't there.
const NEAR: u64 = 96;
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
        let number = self.number(id)?;
        let mut offset = [0; 4];
        // Between ids and offsets are the checksums.
        let start = self.place(self.count) + 4 * (self.count + number);
        read_exact_at(&self.index, &mut offset, start).ok()?;
        let offset = u32::from_be_bytes(offset);
        // Beyond two gigabytes they stand elsewhere.
        (offset & 0x8000_0000 == 0).then_some(u64::from(offset))
    }

    /// Where in the index the id of that number is.
    fn place(&self, number: u64) -> u64 {
        HEAD as u64 + number * self.hash.len_in_bytes() as u64
    }

    /// Which of the ids, which are in order, is this one.
    fn number(&self, id: &ObjectId) -> Option<u64> {
        let first = id.first_byte();
        let low = first.checked_sub(1).map_or(Some(0), |before| self.upto(before))?;
        let high = self.upto(first).filter(|high| *high <= self.count)?;
        let part = u64::from(u32::from_be_bytes(id.as_slice().get(1..5)?.try_into().ok()?));
        let near = low + ((high.checked_sub(low)? * part) >> 32);
        let from = near.saturating_sub(NEAR / 2).max(low);
        let to = (from + NEAR).min(high);
        match self.among(id, from, to)? {
            Ok(number) => Some(number),
            Err(at) if (at > from || from == low) && (at < to || to == high) => None,
            Err(at) => self.search(id, if at > from { (to, high) } else { (low, from) }),
        }
    }

    fn search(&self, id: &ObjectId, (mut low, mut high): (u64, u64)) -> Option<u64> {
        while high.checked_sub(low)? > IDS {
            let middle = low + (high - low) / 2;
            match self.among(id, middle, middle + 1)? {
                Ok(number) => return Some(number),
                Err(at) if at > middle => low = middle + 1,
                Err(_) => high = middle,
            }
        }
        self.among(id, low, high)?.ok()
    }

    /// Looks among some of the ids: which one it is, or before which one it would be.
    fn among(&self, id: &ObjectId, from: u64, to: u64) -> Option<Result<u64, u64>> {
        let length = self.hash.len_in_bytes();
        let mut bytes = vec![0; usize::try_from(to.checked_sub(from)?).ok()? * length];
        read_exact_at(&self.index, &mut bytes, self.place(from)).ok()?;
        let (mut low, mut high) = (0, bytes.len() / length);
        while low < high {
            let middle = low + (high - low) / 2;
            match bytes.get(middle * length..(middle + 1) * length)?.cmp(id.as_slice()) {
                Ordering::Equal => return Some(Ok(from + middle as u64)),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        Some(Err(from + low as u64))
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
        if size <= rest.len()
            && let Some(content) = super::inflate(inflate, rest, size)
        {
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::super::pack_index;
    use super::*;

    /// An index of ids that are made of numbers, all of one first byte, and an empty pack.
    fn packed(folder: &Path, ids: &[ObjectId]) -> Packed {
        let path = folder.join("pack-1.idx");
        let entries: Vec<_> = (0u32..)
            .zip(ids)
            .map(|(number, id)| pack_index::Entry { id: *id, checksum: 0, offset: u64::from(number) + 12 })
            .collect();
        let trailer = ObjectId::null(gix::hash::Kind::Sha1);
        pack_index::write(File::create(&path).unwrap(), gix::hash::Kind::Sha1, &entries, trailer).unwrap();
        File::create(path.with_extension("pack")).unwrap();
        Packed::open(&path, gix::hash::Kind::Sha1).unwrap()
    }

    fn id(place: u32) -> ObjectId {
        let mut bytes = [7; 20];
        bytes[1..5].copy_from_slice(&place.to_be_bytes());
        ObjectId::from_bytes_or_panic(&bytes)
    }

    #[test]
    fn ids_are_found_however_they_are_spread() {
        let even = |number: u32| number * 400_000;
        let crowded_first = |number: u32| number * 3;
        let crowded_last = |number: u32| u32::MAX - 10_000 * 3 + number * 3;
        for (what, place) in [
            ("evenly", &even as &dyn Fn(u32) -> u32),
            ("at the start", &crowded_first),
            ("at the end", &crowded_last),
        ] {
            for count in [0, 1, 2, 95, 96, 97, 300, 10_000] {
                let folder = tempfile::tempdir().unwrap();
                let ids: Vec<_> = (0..count).map(|number| id(place(number))).collect();
                let packed = packed(folder.path(), &ids);
                for number in (0..count).step_by(if count > 1_000 { 97 } else { 1 }) {
                    let offset = u64::from(number) + 12;
                    assert_eq!(
                        packed.offset(&id(place(number))),
                        Some(offset),
                        "{what}, {number} of {count}"
                    );
                    assert_eq!(packed.offset(&id(place(number) + 1)), None, "{what}, {number} of {count}");
                }
                assert_eq!(packed.offset(&ObjectId::null(gix::hash::Kind::Sha1)), None);
                assert_eq!(packed.offset(&ObjectId::from_bytes_or_panic(&[0xff; 20])), None);
            }
        }
    }
}
