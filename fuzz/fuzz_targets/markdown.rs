//! Markdown on a terminal: colours are all that is added. Without them the text is the cleaned one, so that every
//! character is there and none can move a cursor; every line ends in the plain style; and cleaning is done
//! once and for all.
#![no_main]

use git_yoi::ui::color::Painter;
use git_yoi::ui::{markdown, sanitize};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let clean = sanitize::block(&text);
    assert_eq!(sanitize::block(&clean), clean);
    assert!(clean.lines().all(|line| sanitize::is_clean(&line.replace('\t', ""))));
    assert!(sanitize::is_clean(&sanitize::line(&text)));
    assert_eq!(markdown::render(&text, &Painter::plain()), clean);

    let painted = markdown::render(&text, &Painter::new(true));
    let mut plain = String::with_capacity(clean.len());
    for line in painted.split_inclusive('\n') {
        let mut is_painted = false;
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            let (codes, after) =
                after.strip_prefix('[').and_then(|after| after.split_once('m')).expect("it is a colour");
            assert!(codes.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{codes:?}");
            assert_eq!(is_painted, codes.is_empty(), "styles are not put into each other");
            is_painted = !codes.is_empty();
            rest = after;
        }
        assert!(!is_painted, "{line:?} ends in colour");
        plain.push_str(rest);
    }
    assert_eq!(plain, clean);
});
