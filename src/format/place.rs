//! Which paths may stand on the ref, and how large the files there may be.
//!
//! Readers pass over what they don't know. This is for those who must say no: to what was fetched, and to
//! what is pushed.

use super::layout;
use crate::model::id::TicketId;
use crate::model::limit;

/// Whose a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A file of a ticket, with its name in the exported directory, or a folder of its artifacts.
    Ticket(TicketId, &'a str),
    /// A file at the top, or a folder that holds tickets.
    Ref,
}

/// Whose a path is.
///
/// # Errors
/// Why nothing may stand there.
pub fn owner(path: &str, is_folder: bool) -> Result<Owner<'_>, &'static str> {
    const FOREIGN: &str = "nothing of tickets belongs there";
    if path.len() > limit::PATH {
        return Err("its path is too long");
    }
    if let Some(why) = path.rsplit('/').next().and_then(layout::unsafe_fault) {
        return Err(why);
    }
    let parts: Vec<&str> = path.splitn(5, '/').collect();
    match (parts.as_slice(), is_folder) {
        ([layout::FORMAT | layout::ALIASES], false) | ([layout::TICKETS], true) => Ok(Owner::Ref),
        ([layout::TICKETS, first], true) if is_digit(first) => Ok(Owner::Ref),
        ([layout::TICKETS, first, second], true) if is_digit(first) && is_digit(second) => Ok(Owner::Ref),
        ([layout::TICKETS, first, second, name, rest @ ..], _) => {
            let (id, file) = match layout::entry(name, is_folder || !rest.is_empty()) {
                layout::Entry::File(id, file) => (id, file),
                layout::Entry::Artifacts(id) => (id, rest.first().copied().unwrap_or_default()),
                layout::Entry::Foreign => return Err(FOREIGN),
            };
            match id.shard() == (first, second) {
                true => Ok(Owner::Ticket(id, file)),
                false => Err("that is the folder of other tickets"),
            }
        }
        _ => Err(FOREIGN),
    }
}

/// The name in the exported directory of the file at a path that [`owner`] gives to a ticket.
pub fn name(path: &str, file: &str) -> String {
    match path.splitn(5, '/').count() {
        5 => format!("{}{file}", layout::ARTIFACTS),
        _ => file.to_owned(),
    }
}

/// The most bytes a file may have, by its name in the exported directory. Those that only grow may grow to
/// what a reader takes.
pub fn most_bytes(name: &str) -> u64 {
    match name.strip_prefix(layout::ARTIFACTS) {
        Some(artifact) if !layout::is_own_artifact(artifact) => limit::ARTIFACT as u64,
        _ => limit::READ,
    }
}

fn is_digit(name: &str) -> bool {
    name.len() == 1 && TicketId::parse(&format!("000000000000{name}")).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_tickets_has_an_owner() {
        let id = TicketId::parse("00001KVZKSV6C").expect("an id");
        for (path, is_folder, owned) in [
            ("format", false, Owner::Ref),
            ("aliases", false, Owner::Ref),
            ("tickets", true, Owner::Ref),
            ("tickets/6", true, Owner::Ref),
            ("tickets/6/C", true, Owner::Ref),
            ("tickets/6/C/00001KVZKSV6C.item.md", false, Owner::Ticket(id, "item.md")),
            ("tickets/6/C/00001KVZKSV6C", true, Owner::Ticket(id, "")),
            ("tickets/6/C/00001KVZKSV6C/a", true, Owner::Ticket(id, "a")),
            ("tickets/6/C/00001KVZKSV6C/a/b.md", false, Owner::Ticket(id, "a/b.md")),
        ] {
            assert_eq!(owner(path, is_folder), Ok(owned), "{path}");
        }
        assert_eq!(name("tickets/6/C/00001KVZKSV6C/a/b.md", "a/b.md"), "artifacts/a/b.md");
        assert_eq!(name("tickets/6/C/00001KVZKSV6C.item.md", "item.md"), "item.md");
    }

    #[test]
    fn nothing_else_has() {
        for (path, is_folder) in [
            ("README.md", false),
            ("format", true),
            ("Format", false),
            ("tickets", false),
            ("tickets/6", false),
            ("tickets/U", true),
            ("tickets/66", true),
            ("tickets/6/C/x.md", false),
            ("tickets/6/C/00001KVZKSV6C", false),
            ("tickets/6/C/00001KVZKSV6C.", false),
            ("tickets/6/C/00001KVZKSV6C.item.md", true),
            ("tickets/C/6/00001KVZKSV6C.item.md", false),
            ("tickets/6/C/00001KVZKSV6D/a", false),
            ("tickets/6/C/00001KVZKSV6C/.git", true),
            ("tickets/6/C/00001KVZKSV6C/a\\b", false),
            ("tickets/6/C/00001KVZKSV6C/..", true),
        ] {
            assert!(owner(path, is_folder).is_err(), "{path}");
        }
        let long = format!("tickets/6/C/00001KVZKSV6C/{}", "a/".repeat(limit::PATH / 2));
        assert!(owner(&long, true).is_err());
    }

    #[test]
    fn artifacts_of_people_are_smaller_than_what_grows() {
        assert_eq!(most_bytes("artifacts/x.png"), limit::ARTIFACT as u64);
        for grows in ["thread.md", "item.md", "artifacts/work.jsonl", "artifacts/relations.json"] {
            assert_eq!(most_bytes(grows), limit::READ, "{grows}");
        }
    }
}
