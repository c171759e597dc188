//! `orchestration-plan.jsonl`: each record is read as it was written, and appending changes no line.
#![no_main]

use git_yoi::format::orchestration;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = orchestration::parse(text);
    assert!(lines.windows(2).all(|pair| pair[0].0 < pair[1].0));
    let Some(record) = lines.iter().find_map(|(_, record)| record.as_ref().ok()) else { return };
    let alone = orchestration::append("", record).expect("what was read can be written");
    assert_eq!(orchestration::parse(&alone), [(1, Ok(record.clone()))]);
    let longer = orchestration::append(text, record).expect("what was read can be written");
    assert!(longer.starts_with(text));
    let mut again = orchestration::parse(&longer);
    assert_eq!(again.pop().map(|(_, record)| record), Some(Ok(record.clone())));
    assert_eq!(again, lines);
});
