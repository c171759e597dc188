//! Editing a ticket's fields and body.

use similar::TextDiff;

use crate::model::refusal::Refusal;
use crate::model::rule::{self, Edit};
use crate::model::text;

use super::session::{Echo, Session};

/// Changes fields and body. With `if_match`, only if the ticket still has that version.
///
/// # Errors
/// When nothing would change, a text can't be stored, the version is another, or as [`Session::change`].
pub fn edit(
    session: &Session,
    typed: &str,
    wanted: &Edit,
    body: Option<&str>,
    if_match: Option<&str>,
) -> anyhow::Result<Echo> {
    session.change(typed, |_, stored, _| {
        let found = stored.files.version();
        if let Some(expected) = if_match.filter(|expected| *expected != found) {
            return Err(Refusal::Stale { id: stored.files.id, expected: expected.to_owned(), found }.into());
        }
        let mut wanted = wanted.clone();
        if let Some(body) = body {
            wanted.body = Some((body.to_owned(), body_diff(&stored.ticket.body, body)));
        }
        Ok(rule::edit(&stored.ticket, &wanted)?)
    })
}

/// The difference of two bodies, as unified diff without file names.
fn body_diff(old: &str, new: &str) -> String {
    let old = format!("{}\n", text::trim_blank_lines(old));
    let new = format!("{}\n", text::trim_blank_lines(&new.replace("\r\n", "\n")));
    TextDiff::from_lines(&old, &new).unified_diff().context_radius(2).to_string()
}
