//! Event headers: any line can be read, and checked values come back as they were written. The parts
//! between NULs are the values; the whole is the line.
#![no_main]

use git_yoi::format::header;
use git_yoi::model::text;
use libfuzzer_sys::fuzz_target;

const KEYS: [&str; 6] = ["event", "author", "at", "status", "reason", "id"];

fuzz_target!(|data: &[u8]| {
    let Ok(line) = std::str::from_utf8(data) else { return };
    let read = header::attributes(line);
    assert!(header::is_header(line) || read.is_empty());

    let values = line.split('\0').filter_map(|value| text::header_value("value", value).ok());
    let pairs: Vec<(String, String)> =
        KEYS.iter().zip(values).map(|(key, value)| ((*key).to_owned(), value)).collect();
    if pairs.is_empty() {
        return;
    }
    let written = header::write(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    assert!(header::is_header(&written), "{written:?}");
    assert_eq!(written.lines().count(), 1);
    assert_eq!(header::attributes(&written), pairs);
});
