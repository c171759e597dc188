//! `relations.json`: what was read is written, and read again as the same.
#![no_main]

use git_yoi::format::relations;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(read) = relations::parse(text) else { return };
    let written = relations::write(Some(text), &read.relations).expect("what was read can be written");
    assert_eq!(relations::parse(&written).as_ref(), Ok(&read));
    assert_eq!(relations::write(Some(&written), &read.relations), Ok(written));
    let bare = relations::write(None, &read.relations).expect("relations can always be written");
    assert_eq!(relations::parse(&bare).map(|again| again.relations), Ok(read.relations));
});
