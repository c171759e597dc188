//! One ticket: each of its files, and what they say together.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::Findings;
use super::{agreement, item, plan, relations, thread};
use crate::format::layout;
use crate::model::id::TicketId;
use crate::model::relation::Relation;

/// The files that are looked into.
pub(super) const TEXTS: [&str; 6] =
    [layout::ITEM, layout::THREAD, layout::RESOLUTION, layout::RELATIONS, layout::PLAN, layout::WORK];

/// A ticket as it was found.
pub(super) struct Ticket<'a> {
    pub(super) id: TicketId,
    /// The names of all its files, readable or not.
    pub(super) names: BTreeSet<&'a str>,
    /// Those of [`TEXTS`] that could be read.
    pub(super) texts: BTreeMap<&'static str, String>,
}

impl Ticket<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }
}

/// Looks at a ticket's files. Gives its own relations.
pub(super) fn check(
    ticket: &Ticket,
    exists: &dyn Fn(&TicketId) -> bool,
    findings: &mut Findings,
) -> Vec<Relation> {
    let id = ticket.id;
    names(ticket, findings);
    let fields = ticket
        .text(layout::ITEM)
        .and_then(|text| item::check(id, text, &mut findings.in_file(id, layout::ITEM)));
    let entries = ticket
        .text(layout::THREAD)
        .map(|text| thread::check(text, &mut findings.in_file(id, layout::THREAD)));
    if let (Some(fields), Some(entries)) = (&fields, &entries) {
        let resolution = match ticket.names.contains(layout::RESOLUTION) {
            false => agreement::Resolution::Missing,
            true => ticket
                .text(layout::RESOLUTION)
                .map_or(agreement::Resolution::Unreadable, agreement::Resolution::Text),
        };
        agreement::check(fields, entries, resolution, findings);
    }
    if let Some(text) = ticket.text(layout::PLAN) {
        plan::check(id, text, exists, &mut findings.in_file(id, layout::PLAN));
    }
    if let Some(text) = ticket.text(layout::WORK) {
        plan::check_work(text, &mut findings.in_file(id, layout::WORK));
    }
    let text = ticket.text(layout::RELATIONS);
    text.map(|text| relations::check(id, text, exists, &mut findings.in_file(id, layout::RELATIONS)))
        .unwrap_or_default()
}

/// Files that are missing, and files that nobody knows.
fn names(ticket: &Ticket, findings: &mut Findings) {
    let id = ticket.id;
    for (name, code) in [(layout::ITEM, "no_item"), (layout::THREAD, "no_thread")] {
        if !ticket.names.contains(name) {
            findings.in_file(id, name).error(code, None, "missing".to_owned());
        }
    }
    let is_artifact = |name: &str| name.starts_with(layout::ARTIFACTS);
    if ticket.names.contains(layout::NO_GITKEEP)
        && !ticket.names.iter().any(|name| is_artifact(name) && *name != layout::NO_GITKEEP)
    {
        let why = "missing: the directory this ticket was imported from had no such folder".to_owned();
        findings.in_file(id, layout::ARTIFACTS).warning("no_artifacts_folder", None, why);
    }
    for name in ticket.names.iter().filter(|name| !is_artifact(name) && !TEXTS.contains(name)) {
        let why = "unknown to this program, which keeps it as it is".to_owned();
        findings.in_file(id, name).warning("unknown_file", None, why);
    }
}
