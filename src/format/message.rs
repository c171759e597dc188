//! Messages of commits: what they say about tickets, and where git's own comments begin.
//!
//! Trailers are looked for on every line, not only in the last paragraph: a squash carries the messages of
//! its commits along indented or as a list, and some forges put them in the middle.

use ulid::Ulid;

use crate::model::commit::{Mentions, Undo, ticket_of_branch};
use crate::model::id::TicketId;
use crate::model::text::trim_blank_lines;

/// Words that say a commit finishes a ticket.
const CLOSING: [&str; 3] = ["closes", "fixes", "ticket-done"];

/// Reads a message. `trailer` is the key that names a commit's ticket.
pub fn read(message: &str, trailer: &str) -> Mentions {
    let mut found = Mentions::default();
    for line in message.lines() {
        let line = line.trim();
        let line = line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")).unwrap_or(line).trim_start();
        if let Some((key, value)) = line.split_once(':') {
            let key = key.trim_end();
            let plain = key.get(..4).filter(|start| start.eq_ignore_ascii_case("yoi-"));
            let key = plain.map_or(key, |_| &key[4..]);
            if key.eq_ignore_ascii_case(trailer) {
                add(&mut found.tickets, ids(value));
            } else if CLOSING.iter().any(|word| key.eq_ignore_ascii_case(word)) {
                add(&mut found.closes, ids(value));
            }
        }
        found.reverts.extend(reverted(line));
    }
    let subject = subject(message);
    found.reverted_subject = undo(&subject);
    found.merged = merged_tickets(&subject);
    found
}

fn add(list: &mut Vec<TicketId>, ids: Vec<TicketId>) {
    for id in ids {
        if !list.contains(&id) {
            list.push(id);
        }
    }
}

/// The events that a commit on the tickets' ref names: the ticket, the event's id, its kind.
pub fn events(message: &str) -> Vec<(TicketId, Ulid, String)> {
    let mut found = Vec::new();
    let mut ticket = None;
    for line in message.lines() {
        if let Some(id) = line.strip_prefix("Ticket: ") {
            ticket = TicketId::parse(id.trim());
        } else if let (Some(id), Some(value)) = (ticket, line.strip_prefix("Event: ")) {
            let (event, kind) = value.split_once(' ').unwrap_or((value, ""));
            found.extend(Ulid::from_string(event).ok().map(|event| (id, event, kind.trim().to_owned())));
        }
    }
    found
}

/// The full ids a trailer's value holds, separated by commas or blanks; nothing when it holds anything else.
fn ids(value: &str) -> Vec<TicketId> {
    let words = value.split(|letter: char| letter == ',' || letter.is_whitespace());
    let words = words.filter(|word| !word.is_empty());
    words
        .map(|word| TicketId::parse(&word.to_ascii_uppercase()))
        .collect::<Option<Vec<_>>>()
        .unwrap_or_default()
}

/// Words of a trailer's values that are no full id: what somebody meant for a ticket, perhaps.
pub fn strange_names(message: &str, trailer: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in message.lines() {
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        if key.trim_end().eq_ignore_ascii_case(trailer) && ids(value).is_empty() {
            found.push(value.trim().to_owned());
        }
    }
    found
}

/// A message as git will keep it: without what follows a scissors line, without comments, without blank
/// lines at its ends.
pub fn without_comments(text: &str, comment: &str) -> String {
    let scissors = format!("{comment} ------------------------ >8 ------------------------");
    let lines = text.lines().take_while(|line| *line != scissors);
    let kept: Vec<&str> = lines.filter(|line| !line.starts_with(comment)).map(str::trim_end).collect();
    trim_blank_lines(&kept.join("\n")).to_owned()
}

/// The subject as git tells it: the lines of the first paragraph, joined.
pub fn subject(message: &str) -> String {
    let lines = message.lines().map(str::trim_end).skip_while(|line| line.is_empty());
    lines.take_while(|line| !line.is_empty()).map(str::trim).collect::<Vec<_>>().join(" ")
}

/// The commit in git's sentence about reverts.
fn reverted(line: &str) -> Option<String> {
    let rest = line.strip_prefix("This reverts commit ")?;
    let end = rest.find(|letter: char| !letter.is_ascii_hexdigit()).unwrap_or(rest.len());
    matches!(end, 40 | 64).then(|| rest[..end].to_ascii_lowercase())
}

fn undo(subject: &str) -> Option<Undo> {
    if let Some(inner) = quoted(subject, "Reapply \"") {
        return Some(Undo::Reapply(inner.to_owned()));
    }
    let inner = quoted(subject, "Revert \"")?;
    Some(match quoted(inner, "Revert \"") {
        Some(innermost) => Undo::Reapply(innermost.to_owned()),
        None => Undo::Revert(inner.to_owned()),
    })
}

/// The text between a prefix and the last quotation mark; a forge may put `(#12)` behind it.
fn quoted<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(prefix)?;
    let (inner, after) = rest.rsplit_once('"')?;
    let after = after.trim();
    let is_number = after.strip_prefix("(#").is_some_and(|rest| rest.ends_with(')'));
    (after.is_empty() || is_number).then_some(inner)
}

/// The branch a merge's subject names as the one that was merged: git's own form and those of forges.
pub fn merged_branch(subject: &str) -> Option<String> {
    for prefix in ["Merge branch '", "Merge remote-tracking branch '", "Merged branch '"] {
        if let Some(rest) = subject.strip_prefix(prefix) {
            return rest.split_once('\'').map(|(name, _)| name.to_owned());
        }
    }
    let request = subject.strip_prefix("Merge pull request #")?;
    let (_, name) = request.split_once(" from ")?;
    Some(name.split(' ').next().unwrap_or(name).to_owned())
}

/// The tickets whose branches a merge's subject names; several in an octopus merge.
fn merged_tickets(subject: &str) -> Vec<TicketId> {
    let mut found = Vec::new();
    let several = ["Merge branches '", "Merge remote-tracking branches '"];
    if let Some(rest) = several.iter().find_map(|prefix| subject.strip_prefix(prefix)) {
        // What follows the last quotation mark is where it was merged into.
        let names = rest.rsplit_once('\'').map_or(rest, |(names, _)| names);
        let names = names.split(" into '").next().unwrap_or(names);
        found.extend(names.split('\'').filter_map(ticket_of_branch));
    } else if let Some(branch) = merged_branch(subject) {
        found.extend(ticket_of_branch(&branch));
    }
    found.dedup();
    // A branch that is brought up to date from its own copy elsewhere has not gone anywhere.
    let into = subject.rsplit_once(" into ").and_then(|(_, into)| ticket_of_branch(into));
    found.retain(|id| Some(*id) != into);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00001KVZKSV6C";
    const OTHER: &str = "00001KVZKSV6D";

    fn id(text: &str) -> TicketId {
        TicketId::parse(text).unwrap()
    }

    #[test]
    fn tickets_are_named_on_any_line() {
        let message = format!(
            "Squashed\n\n    Ticket: {ID}\n\n* one\n* Ticket: {OTHER}\n- yoi-ticket:00001kvzksv6c\nTicket: {ID} later\nTicket: KSV6C\nTickets: {OTHER}\n"
        );
        assert_eq!(read(&message, "Ticket").tickets, [id(ID), id(OTHER)]);
        assert_eq!(strange_names(&message, "Ticket"), [format!("{ID} later"), "KSV6C".to_owned()]);
        let both = read(&format!("a\n\nCloses: {ID}, {OTHER}\nRefs: {ID}\n"), "Refs");
        assert_eq!((both.closes, both.tickets), (vec![id(ID), id(OTHER)], vec![id(ID)]));
    }

    #[test]
    fn reverts_are_read_in_all_their_forms() {
        let hex = "0123456789abcdef0123456789abcdef01234567";
        let reverting = |line: &str| read(&format!("x\n\n{line}\n"), "Ticket").reverts;
        assert_eq!(reverting(&format!("This reverts commit {hex}.")), [hex]);
        assert_eq!(
            reverting(&format!("This reverts commit {hex}, reversing\nchanges made to {hex}.")),
            [hex]
        );
        assert!(reverting("This reverts commit 0123456.").is_empty());
        let undo = |subject: &str| read(subject, "Ticket").reverted_subject;
        assert_eq!(undo("Revert \"a \"b\"\""), Some(Undo::Revert("a \"b\"".to_owned())));
        assert_eq!(undo("Revert \"a\" (#12)"), Some(Undo::Revert("a".to_owned())));
        assert_eq!(undo("Reapply \"a\""), Some(Undo::Reapply("a".to_owned())));
        assert_eq!(undo("Revert \"Revert \"a\"\""), Some(Undo::Reapply("a".to_owned())));
        assert_eq!(undo("Revert a"), None);
    }

    #[test]
    fn a_merge_names_what_was_merged_and_not_where_to() {
        for (subject, branch) in [
            ("Merge branch 'work/x'", Some("work/x")),
            ("Merge branch 'main' into work/x", Some("main")),
            ("Merge branch 'work/x' of ssh://host/repo into 'main'", Some("work/x")),
            ("Merge remote-tracking branch 'origin/work/x'", Some("origin/work/x")),
            ("Merge pull request #3 from someone/work/x", Some("someone/work/x")),
            ("merge: words", None),
        ] {
            assert_eq!(merged_branch(subject).as_deref(), branch, "{subject}");
        }
        let octopus = format!("Merge branches 'work/{ID}-a' and 'work/{OTHER}-b' into main");
        assert_eq!(merged_tickets(&octopus), [id(ID), id(OTHER)]);
        assert!(merged_tickets(&format!("Merge branch 'main' into work/{ID}-a")).is_empty());
        assert_eq!(merged_tickets(&format!("Merge branch 'work/{ID}-a'")), [id(ID)]);
        let own = format!("Merge branch 'work/{ID}-a' of host:repo into work/{ID}-a");
        assert!(merged_tickets(&own).is_empty());
    }

    #[test]
    fn events_belong_to_the_ticket_named_before_them() {
        let event = "01KVZKSTSR8Z0M5W3V9T4QHB6N";
        let message = format!(
            "x\n\nEvent: {event} close\nTicket: {ID}\nEvent: {event} close\nEvent: odd close\nTicket: {OTHER}\nEvent: {event} land\n"
        );
        let found: Vec<String> =
            events(&message).iter().map(|(id, event, kind)| format!("{id} {event} {kind}")).collect();
        assert_eq!(found, [format!("{ID} {event} close"), format!("{OTHER} {event} land")]);
    }

    #[test]
    fn the_subject_is_the_first_paragraph() {
        assert_eq!(subject("\n a\nb \n\nc"), "a b");
        assert_eq!(subject(""), "");
    }
}
