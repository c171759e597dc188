//! Ticket ids and the abbreviations people type for them.
//!
//! An id is the Unix time in milliseconds as thirteen characters of Crockford's base 32, so ids sort
//! by time. Its front is a date that neighbours share; its end tells tickets apart, which is why
//! abbreviations are suffixes.

use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters in an id.
pub const LENGTH: usize = 13;
/// The fewest characters of an id's end that name a ticket.
pub const SHORTEST_SUFFIX: usize = 4;

/// The id of a ticket: thirteen upper-case Crockford base 32 characters, a time in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketId([u8; LENGTH]);

impl TicketId {
    /// Reads a full id exactly as it is written on the ref: upper case, no look-alike letters.
    ///
    /// `None` for anything else, also for a value that does not fit in 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LENGTH] = text.as_bytes().try_into().ok()?;
        let mut value: u128 = 0;
        for byte in bytes {
            let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
            value = (value << 5) | digit as u128;
        }
        (value <= u128::from(u64::MAX)).then_some(TicketId(bytes))
    }

    /// The id of a moment, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn from_millis(millis: u64) -> Self {
        let mut bytes = [b'0'; LENGTH];
        let mut rest = millis;
        for byte in bytes.iter_mut().rev() {
            *byte = ALPHABET[(rest & 31) as usize];
            rest >>= 5;
        }
        TicketId(bytes)
    }

    /// The moment an id stands for, in milliseconds since 1970-01-01T00:00:00Z.
    pub fn millis(&self) -> u64 {
        self.0.iter().fold(0, |value, byte| {
            let digit = ALPHABET.iter().position(|letter| letter == byte).unwrap_or(0);
            (value << 5) | digit as u64
        })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("an id holds ASCII letters only")
    }

    /// The two folder names an id is filed under: its last two characters, in order.
    pub fn shard(&self) -> (&str, &str) {
        let text = self.as_str();
        (&text[LENGTH - 2..LENGTH - 1], &text[LENGTH - 1..])
    }
}

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What somebody typed for a ticket: a full id or the end of one, in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suffix(String);

/// Why some text can't name a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuffixFault {
    /// Fewer than [`SHORTEST_SUFFIX`] characters.
    TooShort,
    /// More than [`LENGTH`] characters.
    TooLong,
    /// A character that no id contains.
    ForeignCharacter(char),
}

impl fmt::Display for SuffixFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SuffixFault::TooShort => {
                write!(f, "an id is named by at least {SHORTEST_SUFFIX} characters of its end")
            }
            SuffixFault::TooLong => write!(f, "an id has {LENGTH} characters"),
            SuffixFault::ForeignCharacter(letter) => {
                write!(f, "'{}' never stands in an id", letter.escape_default())
            }
        }
    }
}

impl Suffix {
    /// Reads what somebody typed: case is ignored, and I, L and O are taken for 1, 1 and 0.
    ///
    /// # Errors
    /// When no id could end like that.
    pub fn parse(text: &str) -> Result<Self, SuffixFault> {
        let mut normal = String::with_capacity(LENGTH);
        for letter in text.chars() {
            let upper = match letter.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            if !upper.is_ascii() || !ALPHABET.contains(&(upper as u8)) {
                return Err(SuffixFault::ForeignCharacter(letter));
            }
            normal.push(upper);
        }
        match normal.len() {
            length if length < SHORTEST_SUFFIX => Err(SuffixFault::TooShort),
            length if length > LENGTH => Err(SuffixFault::TooLong),
            _ => Ok(Suffix(normal)),
        }
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The full id, when that is what was typed.
    pub fn full(&self) -> Option<TicketId> {
        TicketId::parse(&self.0)
    }

    /// Whether an id ends with this.
    pub fn matches(&self, id: &TicketId) -> bool {
        id.as_str().ends_with(&self.0)
    }

    /// The two folder names every match is filed under.
    pub fn shard(&self) -> (&str, &str) {
        let end = self.0.len();
        (&self.0[end - 2..end - 1], &self.0[end - 1..])
    }
}

/// Length of the shortest end that tells each id from all others of the same list, at least
/// [`SHORTEST_SUFFIX`]; one number for each id, in the order given.
pub fn shortest_suffixes(ids: &[TicketId]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..ids.len()).collect();
    let backwards = |index: &usize| {
        let mut bytes = ids[*index].0;
        bytes.reverse();
        bytes
    };
    order.sort_by_cached_key(backwards);
    let mut lengths = vec![SHORTEST_SUFFIX; ids.len()];
    for pair in order.windows(2) {
        let shared = shared_suffix(&ids[pair[0]], &ids[pair[1]]);
        for index in pair {
            lengths[*index] = lengths[*index].max((shared + 1).min(LENGTH));
        }
    }
    lengths
}

/// Length of the shortest end that tells an id from others, at least [`SHORTEST_SUFFIX`]. Of all ids those
/// suffice that stand beside it when ids are ordered by their letters read from the end.
pub fn suffix_beside(id: &TicketId, others: &[TicketId]) -> usize {
    let needed = others.iter().map(|other| (shared_suffix(id, other) + 1).min(LENGTH));
    needed.max().unwrap_or(0).max(SHORTEST_SUFFIX)
}

fn shared_suffix(left: &TicketId, right: &TicketId) -> usize {
    left.0.iter().rev().zip(right.0.iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_time_and_back() {
        for millis in [0, 1, 31, 32, 1_782_398_643_212, u64::MAX] {
            let id = TicketId::from_millis(millis);
            assert_eq!(id.millis(), millis);
            assert_eq!(TicketId::parse(id.as_str()), Some(id));
        }
    }

    #[test]
    fn only_the_exact_form_is_an_id() {
        for bad in [
            "",
            "00001KVZKSV6",
            "00001KVZKSV6CC",
            "00001kvzksv6c",
            "00001KVZKSV6I",
            "ZZZZZZZZZZZZZ",
            "00001KVZKSV6é",
        ] {
            assert_eq!(TicketId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_people_type_is_forgiven() {
        let id = TicketId::parse("00001KVZ0SV1C");
        let typed = Suffix::parse("osvlc").map(|suffix| suffix.as_str().to_owned());
        assert_eq!(typed, Ok("0SV1C".to_owned()));
        assert!(Suffix::parse("OsViC").is_ok_and(|suffix| id.is_some_and(|id| suffix.matches(&id))));
        assert_eq!(Suffix::parse("v6c"), Err(SuffixFault::TooShort));
        assert_eq!(Suffix::parse("../V6C"), Err(SuffixFault::ForeignCharacter('.')));
        assert_eq!(Suffix::parse("000001KVZKSV6C"), Err(SuffixFault::TooLong));
    }

    #[test]
    fn the_shortest_suffix_tells_every_id_from_the_others() {
        let ids: Vec<TicketId> = ["00001KVZKSV6C", "00001KVZTSV6C", "00001KVZKSV6D", "00001KVZKSV6C"]
            .iter()
            .filter_map(|text| TicketId::parse(text))
            .collect();
        assert_eq!(shortest_suffixes(&ids), [13, 5, 4, 13]);
        assert_eq!(shortest_suffixes(&ids[1..3]), [4, 4]);
    }
}
