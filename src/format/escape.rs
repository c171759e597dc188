//! Escapes that keep a body from being taken for the borders of events.
//!
//! A line that would end an event (`---`) or start one (`<!-- event:`) gets one backslash before its
//! first character that is no space. A line that already looks like an escaped one gets one more, so
//! what is read is always what was written.

use std::borrow::Cow;

const RULE: &str = "---";
/// How every event header begins.
pub const OPENER: &str = "<!-- event:";

/// The body as it is written.
pub fn escape(body: &str) -> Cow<'_, str> {
    rewrite(body, |line| {
        let indent = line.len() - line.trim_start().len();
        is_border(line.trim_start().trim_start_matches('\\'))
            .then(|| format!("{}\\{}", &line[..indent], &line[indent..]))
    })
}

/// The body as it was meant: the inverse of [`escape`].
pub fn unescape(body: &str) -> Cow<'_, str> {
    rewrite(body, |line| {
        let indent = line.len() - line.trim_start().len();
        let bare = line[indent..].strip_prefix('\\')?;
        is_border(bare.trim_start_matches('\\')).then(|| format!("{}{bare}", &line[..indent]))
    })
}

fn is_border(rest: &str) -> bool {
    rest.trim_end() == RULE || rest.starts_with(OPENER)
}

fn rewrite(body: &str, change: impl Fn(&str) -> Option<String>) -> Cow<'_, str> {
    if !body.contains(RULE) && !body.contains(OPENER) {
        return Cow::Borrowed(body);
    }
    let mut out = String::with_capacity(body.len() + 8);
    for (index, line) in body.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match change(line) {
            Some(changed) => out.push_str(&changed),
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn borders_get_one_backslash_and_other_lines_none() {
        let body = "---\n  ---  \n<!-- event: close -->\n----\n- - -\n\\---\n\\\\<!-- event: x\ntext ---";
        let written =
            "\\---\n  \\---  \n\\<!-- event: close -->\n----\n- - -\n\\\\---\n\\\\\\<!-- event: x\ntext ---";
        assert_eq!(escape(body), written);
        assert_eq!(unescape(written), body);
    }

    proptest! {
        #[test]
        fn what_comes_back_is_what_was_written(lines in proptest::collection::vec(
            "[ \\t]{0,2}\\\\{0,3}(---|<!-- event:|<!-- event: a -->|x|)[ \\r]{0,2}", 0..8)) {
            let body = lines.join("\n");
            let written = escape(&body).into_owned();
            prop_assert_eq!(unescape(&written).into_owned(), body);
            for line in written.split('\n') {
                prop_assert!(line.trim() != "---" && !line.trim_start().starts_with(OPENER));
            }
        }
    }
}
