//! Merges of one ticket: the order of the sides doesn't matter, the result merges with itself to itself,
//! and no event of either side is lost. The input is cut at bytes 0xFF into base, one side and the other; each of
//! these at bytes 0xFE into its files.
#![no_main]

use std::collections::BTreeMap;

use git_yoi::format::{layout, thread};
use git_yoi::merge::{Files, ticket};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 6] =
    [layout::THREAD, layout::ITEM, layout::RESOLUTION, layout::RELATIONS, layout::PLAN, "artifacts/notes.md"];

fuzz_target!(|data: &[u8]| {
    let mut parts = data.splitn(3, |byte| *byte == 0xFF).map(files);
    let [base, one, other] = [0; 3].map(|_| parts.next().unwrap_or_default());
    let (merged, notes) = ticket(&base, &one, &other);
    assert_eq!((&merged, &notes), (&ticket(&base, &other, &one).0, &ticket(&base, &other, &one).1));
    assert_eq!(ticket(&base, &merged, &merged), (merged.clone(), Vec::new()));
    let now = events(&merged);
    for (event, count) in events(&one).iter().chain(&events(&other)) {
        assert!(now.get(event).is_some_and(|found| found >= count), "lost: {event}");
    }
});

fn files(data: &[u8]) -> Files {
    let named = NAMES.iter().zip(data.split(|byte| *byte == 0xFE));
    let present = named.filter(|(_, content)| !content.is_empty());
    present.map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect()
}

/// The events of every file that is or was a thread, and how often each is there.
fn events(files: &Files) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for (_, content) in files.iter().filter(|(name, _)| name.starts_with(layout::THREAD)) {
        let Ok(text) = std::str::from_utf8(content) else { continue };
        for event in thread::events(text) {
            *counted.entry(format!("{event:?}")).or_default() += 1;
        }
    }
    counted
}
