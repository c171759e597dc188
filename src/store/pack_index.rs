//! The index beside a pack, version 2: git's gitformat-pack(5) describes it.

use std::io::{self, Write};

use super::ObjectId;

/// Where an object is in a pack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) id: ObjectId,
    /// Of the entry's bytes in the pack, CRC-32.
    pub(super) checksum: u32,
    /// From the start of the pack.
    pub(super) offset: u64,
}

/// Offsets from here on stand in a table of their own, and this bit says so.
const LARGE: u64 = 0x8000_0000;

/// Writes the index of a pack whose last bytes are `trailer`; the entries are in order of their ids.
pub(super) fn write(
    out: impl Write,
    hash: gix::hash::Kind,
    entries: &[Entry],
    trailer: ObjectId,
) -> io::Result<()> {
    let mut out = Hashing { inner: out, hasher: gix::hash::hasher(hash) };
    out.write_all(b"\xfftOc\0\0\0\x02")?;
    let mut upto = 0u32;
    for first in 0..=255u8 {
        let rest = entries.get(upto as usize..).unwrap_or_default();
        upto += rest.iter().take_while(|entry| entry.id.first_byte() == first).map(|_| 1u32).sum::<u32>();
        out.write_all(&upto.to_be_bytes())?;
    }
    for entry in entries {
        out.write_all(entry.id.as_slice())?;
    }
    for entry in entries {
        out.write_all(&entry.checksum.to_be_bytes())?;
    }
    let mut large = Vec::new();
    for entry in entries {
        let value = match u32::try_from(entry.offset) {
            Ok(offset) if entry.offset < LARGE => offset,
            _ => {
                large.push(entry.offset);
                (LARGE as u32) | (large.len() - 1) as u32
            }
        };
        out.write_all(&value.to_be_bytes())?;
    }
    for offset in large {
        out.write_all(&offset.to_be_bytes())?;
    }
    out.write_all(trailer.as_slice())?;
    let own = out.hasher.try_finalize().map_err(|error| io::Error::other(error.to_string()))?;
    out.inner.write_all(own.as_slice())?;
    out.inner.flush()
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
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn offsets_beyond_two_gibibytes_stand_in_a_table_of_their_own() {
        let id = |byte: u8| ObjectId::from_bytes_or_panic(&[byte; 20]);
        let offsets = [12, LARGE - 1, LARGE, 1 << 40];
        let entries: Vec<Entry> = offsets
            .iter()
            .zip([1, 1, 7, 255])
            .map(|(offset, byte)| Entry { id: id(byte), checksum: 0x0102_0304, offset: *offset })
            .collect();
        let mut bytes = Vec::new();
        write(&mut bytes, gix::hash::Kind::Sha1, &entries, id(9)).unwrap();
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        let fan = |byte: usize| number(8 + 4 * byte);
        assert_eq!([fan(0), fan(1), fan(6), fan(7), fan(254), fan(255)], [0, 2, 2, 3, 3, 4]);
        let offsets = 8 + 1024 + 4 * 20 + 4 * 4;
        let small = [0, 4, 8, 12].map(|at| number(offsets + at));
        assert_eq!(small, [12, 0x7fff_ffff, 0x8000_0000, 0x8000_0001]);
        let large = [16, 20, 24, 28].map(|at| number(offsets + at));
        assert_eq!(large, [0, 0x8000_0000, 0x100, 0]);
        assert_eq!(bytes.len(), offsets + 32 + 40);
    }
}
