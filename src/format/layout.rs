//! Where things are on the ref, and in an exported directory.
//!
//! ```text
//! format                               "yoi-tickets 1"
//! tickets/<s>/<t>/<ID>.item.md         <s> and <t>: the id's last two characters
//!                 <ID>.thread.md
//!                 <ID>.resolution.md   closed tickets
//!                 <ID>.<name>          any other file of the ticket's folder
//!                 <ID>/<path>          its artifacts
//! ```
//!
//! A ticket's files have the names they have in an exported directory: `item.md`, `artifacts/x`. The
//! `artifacts/.gitkeep` that nearly every exported ticket has is not stored, its absence is, as
//! [`NO_GITKEEP`]: a folder for each ticket would double the cost of every push.

use super::fault::Fault;
use crate::model::id::{LENGTH, TicketId};

/// The highest version of the format that this program writes.
pub const VERSION: u32 = 1;
/// The path of the file that names the version.
pub const FORMAT: &str = "format";
/// The path of the file that names the new ids of tickets that had to move.
pub const ALIASES: &str = "aliases";
/// The folder that holds the tickets.
pub const TICKETS: &str = "tickets";
/// A ticket's fields and body.
pub const ITEM: &str = "item.md";
/// A ticket's events.
pub const THREAD: &str = "thread.md";
/// How a ticket ended.
pub const RESOLUTION: &str = "resolution.md";
/// The folder of a ticket's artifacts, in its exported directory.
pub const ARTIFACTS: &str = "artifacts/";
/// A ticket's relations.
pub const RELATIONS: &str = "artifacts/relations.json";
/// A ticket's orchestration plan.
pub const PLAN: &str = "artifacts/orchestration-plan.jsonl";
/// The snapshots of a ticket's work.
pub const WORK: &str = "artifacts/work.jsonl";
/// The empty file that keeps an exported artifacts folder in git.
pub const GITKEEP: &str = "artifacts/.gitkeep";
/// Stands on the ref for a ticket whose directory had no [`GITKEEP`].
pub const NO_GITKEEP: &str = "artifacts/.no-gitkeep";

/// The first line of the `format` file.
pub fn format_line() -> String {
    format!("yoi-tickets {VERSION}\n")
}

/// The version a `format` file names.
///
/// # Errors
/// When it names none.
pub fn parse_format(text: &str) -> Result<u32, Fault> {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("yoi-tickets ")
        .and_then(|number| number.trim().parse().ok())
        .ok_or(Fault::BadFormatLine)
}

/// The folder a ticket is filed in.
pub fn folder(id: &TicketId) -> String {
    let (first, second) = id.shard();
    format!("{TICKETS}/{first}/{second}")
}

/// The path on the ref of a file of a ticket.
pub fn path(id: &TicketId, name: &str) -> String {
    match name.strip_prefix(ARTIFACTS) {
        Some(artifact) => format!("{}/{id}/{artifact}", folder(id)),
        None => format!("{}/{id}.{name}", folder(id)),
    }
}

/// What an entry of a shard folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A file of a ticket, with its name in the exported directory.
    File(TicketId, &'a str),
    /// The folder of a ticket's artifacts.
    Artifacts(TicketId),
    /// Nothing of ours.
    Foreign,
}

/// Reads the name of an entry of a shard folder.
pub fn entry(name: &str, is_folder: bool) -> Entry<'_> {
    let Some(id) = name.get(..LENGTH).and_then(TicketId::parse) else { return Entry::Foreign };
    match (&name[LENGTH..], is_folder) {
        ("", true) => Entry::Artifacts(id),
        (rest, false) if rest.len() > 1 && rest.starts_with('.') => Entry::File(id, &rest[1..]),
        _ => Entry::Foreign,
    }
}

/// Why one part of a path could leave its folder or mean something to git, or `None` when it can't.
pub fn unsafe_fault(part: &str) -> Option<&'static str> {
    let lower = part.to_lowercase();
    if part.is_empty() || part == "." || part == ".." || part.contains(['/', '\\']) {
        return Some("it is no plain name");
    }
    if part.contains(char::is_control) {
        return Some("it holds a control character");
    }
    if lower == ".git" || lower.starts_with("git~") {
        return Some("git would take it for something else");
    }
    None
}

/// [`unsafe_fault`] for every part of a path.
pub fn unsafe_path_fault(path: &str) -> Option<&'static str> {
    path.split('/').find_map(unsafe_fault)
}

/// Why somebody can't give an artifact that name, or `None` when they can.
///
/// A name is a path below the ticket's artifacts. Besides what is unsafe it may hold nothing that some
/// file system can't store: what one clone adds, every clone can export.
pub fn artifact_fault(name: &str) -> Option<&'static str> {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    if let Some(why) = unsafe_path_fault(name) {
        return Some(why);
    }
    if name.len() > 512 {
        return Some("it is longer than 512 bytes");
    }
    if name.contains([':', '*', '?', '"', '<', '>', '|']) {
        return Some("it holds a character that not every file system can store");
    }
    for part in name.split('/') {
        if part.len() > 255 {
            return Some("a part of it is longer than 255 bytes");
        }
        let lower = part.to_lowercase();
        let stem = lower.split('.').next().unwrap_or_default();
        if part.ends_with(['.', ' ']) || part.starts_with(' ') {
            return Some("it begins or ends with what some file systems drop");
        }
        if DEVICES.contains(&stem.trim_end_matches(|digit: char| digit.is_ascii_digit())) {
            return Some("it is the name of a device on some systems");
        }
    }
    None
}

/// Whether an artifact is one of those that git-yoi itself keeps, or some file system takes it for one.
pub fn is_own_artifact(name: &str) -> bool {
    let name = name.to_lowercase();
    [RELATIONS, PLAN, WORK, GITKEEP, NO_GITKEEP].iter().any(|own| own.strip_prefix(ARTIFACTS) == Some(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_has_one_place_and_is_found_there() {
        let id = TicketId::parse("00001KVZKSV6C").unwrap();
        assert_eq!(path(&id, ITEM), "tickets/6/C/00001KVZKSV6C.item.md");
        assert_eq!(path(&id, "artifacts/a/b.md"), "tickets/6/C/00001KVZKSV6C/a/b.md");
        assert_eq!(entry("00001KVZKSV6C.item.md", false), Entry::File(id, "item.md"));
        assert_eq!(entry("00001KVZKSV6C", true), Entry::Artifacts(id));
        for (name, is_folder) in
            [("00001KVZKSV6C", false), ("00001KVZKSV6C.", false), ("x", true), ("00001KVZKSV6Cé", false)]
        {
            assert_eq!(entry(name, is_folder), Entry::Foreign, "{name}");
        }
    }

    #[test]
    fn names_that_could_leave_the_folder_are_no_artifacts() {
        for bad in [
            "", "/a", "a//b", "../a", "a/..", ".", "a\\b", "c:x", "a\nb", ".git/x", ".GIT", "git~1", "nul",
            "com1.txt", "a.", "a ",
        ] {
            assert!(artifact_fault(bad).is_some(), "{bad}");
        }
        for good in ["a", "a/b.md", ".gitkeep", "日本語.md", "..a", "console.log", "comma"] {
            assert_eq!(artifact_fault(good), None, "{good}");
        }
    }

    #[test]
    fn the_format_file_names_its_version() {
        assert_eq!(parse_format(&format_line()), Ok(VERSION));
        assert_eq!(parse_format("yoi-tickets 12\nmore\n"), Ok(12));
        assert_eq!(parse_format("yoi 1"), Err(Fault::BadFormatLine));
    }
}
