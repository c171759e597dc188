//! Objects that are stored as a difference to another one: git's gitformat-pack(5) describes them.

use super::LARGEST;

/// The object that a difference makes of its base; nothing when it is damaged, or the object is large.
pub(super) fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let mut rest = delta;
    if size(&mut rest)? != base.len() {
        return None;
    }
    let wanted = size(&mut rest).filter(|wanted| *wanted <= LARGEST)?;
    let mut out = Vec::with_capacity(wanted);
    while let Some((command, after)) = rest.split_first() {
        rest = after;
        let piece = if command & 0x80 != 0 {
            let start = number(*command, 4, &mut rest)?;
            let length = number(command >> 4 & 7, 3, &mut rest)?;
            let length = if length == 0 { 1 << 16 } else { length };
            base.get(start..start.checked_add(length)?)?
        } else {
            // Zero is kept for what doesn't exist yet.
            let length = Some(usize::from(*command)).filter(|length| *length > 0)?;
            let (piece, after) = rest.split_at_checked(length)?;
            rest = after;
            piece
        };
        if out.len() + piece.len() > wanted {
            return None;
        }
        out.extend_from_slice(piece);
    }
    (out.len() == wanted).then_some(out)
}

/// A number, seven bits a byte, the lowest first.
fn size(bytes: &mut &[u8]) -> Option<usize> {
    let (mut value, mut shift) = (0usize, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= usize::from(byte & 0x7f).checked_shl(shift)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        if shift > 35 {
            return None;
        }
    }
}

/// A number of those of its bytes that are there, which the lowest bits of a command tell.
fn number(command: u8, bytes: u32, rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0;
    for at in (0..bytes).filter(|at| command >> at & 1 != 0) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= usize::from(*byte) << (8 * at);
    }
    Some(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_the_base_and_new_ones_follow_each_other() {
        let base = b"0123456789abcdef";
        // 16 bytes to 9: four from the tenth on, two new ones, three from the start.
        let delta = [16, 9, 0x91, 10, 4, 2, b'x', b'y', 0x90, 3];
        assert_eq!(apply(base, &delta).unwrap(), b"abcdxy012");
        assert_eq!(apply(base, &[16, 0]).unwrap(), b"");
    }

    #[test]
    fn sixty_four_thousand_bytes_are_written_as_none() {
        let base = vec![7; 1 << 16];
        let delta = [0x80, 0x80, 0x04, 0x80, 0x80, 0x04, 0x80];
        assert_eq!(apply(&base, &delta).unwrap(), base);
    }

    #[test]
    fn what_is_damaged_makes_nothing() {
        let base = b"0123456789abcdef";
        let whole = [16, 9, 0x91, 10, 4, 2, b'x', b'y', 0x90, 3];
        for end in 0..whole.len() {
            assert_eq!(apply(base, &whole[..end]), None, "the first {end} bytes");
        }
        for (what, delta) in [
            ("another base", &[15, 1, 0x90, 1][..]),
            ("more than it says", &[16, 1, 0x90, 2]),
            ("less than it says", &[16, 3, 0x90, 2]),
            ("beyond the base", &[16, 4, 0x91, 14, 4]),
            ("a command that is none", &[16, 1, 0, 1]),
            ("a size without end", &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]),
            ("a huge object", &[16, 0xff, 0xff, 0xff, 0x7f, 0x90, 1]),
        ] {
            assert_eq!(apply(base, delta), None, "{what}");
        }
    }
}
