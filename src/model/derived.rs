//! Ids and names that follow from content: whoever derives one gets the same, on every machine.

use sha2::{Digest, Sha256};
use ulid::Ulid;

/// The author of what follows from something else, and of no person's words.
pub const AUTHOR: &str = "git-yoi";
/// The latest time an id can hold: 48 bits of milliseconds.
const LAST_MILLIS: u64 = (1 << 48) - 1;

/// The id of a derived event: its time, and the first 80 bits of SHA-256 over the parts, each followed by a
/// NUL byte.
pub fn event_id(millis: u64, parts: &[&str]) -> Ulid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let random = hash.finalize().iter().take(10).fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    Ulid::from_parts(millis.min(LAST_MILLIS), random)
}

/// The SHA-256 of some content, in hexadecimal.
pub fn content_name(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_derived_never_changes() {
        let id = event_id(1_700_000_000_000, &["conflict", "body", "text"]);
        assert_eq!(id.timestamp_ms(), 1_700_000_000_000);
        // First 80 bits of: printf 'conflict\0body\0text\0' | sha256sum
        assert_eq!(format!("{:020x}", id.random()), "f4b198e1754adc4efc01");
        assert_ne!(event_id(1, &["ab", "c"]), event_id(1, &["a", "bc"]));
        assert_eq!(event_id(u64::MAX, &[]).timestamp_ms(), LAST_MILLIS);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(content_name(b""), empty);
    }
}
