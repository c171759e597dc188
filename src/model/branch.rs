//! Names of branches and folders for the work on a ticket.
//!
//! Templates, flags and records of others are text that nobody checked: what comes out of here begins with
//! no hyphen, holds nothing that a shell or git would read as something else, and names its ticket.

use super::commit::ticket_of_branch;
use super::id::TicketId;
use super::limit;
use super::refusal::Refusal;

/// The most letters of a slug that is made from a title.
const SLUG: usize = 40;
/// The most words of one.
const WORDS: usize = 6;
/// What a branch's name may hold besides letters and digits.
const MARKS: &str = "._-/+@#=,";

/// A short name in ASCII from a title; empty when there is no ASCII word in it.
pub fn slug(title: &str) -> String {
    let is_part = |letter: char| letter.is_alphanumeric();
    let words = title.split(|letter| !is_part(letter)).filter(|word| !word.is_empty());
    // Other scripts stand right beside ASCII words: these are told apart, a word with an accent is not.
    let pieces = words.flat_map(ascii_pieces);
    let mut slug = String::new();
    for word in pieces.take(WORDS) {
        if slug.len() + 1 + word.len() > SLUG {
            break;
        }
        slug.push_str(if slug.is_empty() { "" } else { "-" });
        slug.push_str(&word.to_ascii_lowercase());
    }
    slug
}

/// The ASCII words in a run of letters: none where another alphabet's letters are part of the word.
fn ascii_pieces(run: &str) -> Vec<&str> {
    // From here on scripts are written without spaces.
    let is_spaceless = |letter: char| letter >= '\u{2E80}';
    let pieces = run.split(is_spaceless).filter(|piece| !piece.is_empty());
    pieces.filter(|piece| piece.is_ascii()).collect()
}

/// A slug that somebody typed.
///
/// # Errors
/// When it is something else than words of small ASCII letters and digits with hyphens between them.
pub fn checked_slug(slug: &str) -> Result<&str, Refusal> {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
    };
    if slug.len() <= SLUG && slug.split('-').all(is_word) {
        return Ok(slug);
    }
    let why = format!("it is a-z, 0-9 and single hyphens, at most {SLUG} letters");
    Err(Refusal::BadText { what: "slug", why })
}

/// The branch of a ticket, from a template with `{id}` and `{slug}`. Without a slug the mark before it goes.
///
/// # Errors
/// When that is no name of a branch, or doesn't name the ticket.
pub fn name(template: &str, id: TicketId, slug: &str) -> Result<String, Refusal> {
    let mut template = template.to_owned();
    if slug.is_empty() {
        for mark in ["-", "_", ".", "/"] {
            template = template.replace(&format!("{mark}{{slug}}"), "");
        }
        template = template.replace("{slug}-", "").replace("{slug}/", "");
    }
    let name = template.replace("{id}", id.as_str()).replace("{slug}", slug);
    checked(&name, id)
}

/// The name of a ticket's branch.
///
/// # Errors
/// When it is none that can be used, or doesn't hold the ticket's whole id, by which hooks know it.
pub fn checked(name: &str, id: TicketId) -> Result<String, Refusal> {
    let bad = |why: &str| Err(Refusal::BadText { what: "name of the branch", why: why.to_owned() });
    let is_known = |letter: char| letter.is_alphanumeric() || MARKS.contains(letter);
    if name.is_empty() || name.len() > limit::LINE {
        return bad("it is empty or too long");
    }
    if let Some(odd) = name.chars().find(|letter| !is_known(*letter)) {
        return bad(&format!("it holds {odd:?}"));
    }
    let is_bad_part = |part: &str| {
        part.is_empty() || part.starts_with(['-', '.']) || part.ends_with('.') || part.ends_with(".lock")
    };
    if name == "@" || name.contains("..") || name.contains("@{") || name.split('/').any(is_bad_part) {
        return bad("a part of it is empty, begins with '-' or '.', or ends in '.' or '.lock'");
    }
    if ticket_of_branch(name) != Some(id) {
        return bad(&format!("it doesn't hold the whole id {id}, by which hooks know the ticket"));
    }
    Ok(name.to_owned())
}

/// Whether a worktree that somebody recorded is a plain path below a folder: relative, and nowhere up.
pub fn is_plain_path(path: &str) -> bool {
    let is_plain_part = |part: &str| {
        !part.is_empty()
            && !matches!(part, "." | "..")
            && !part.eq_ignore_ascii_case(".git")
            && !part.starts_with('-')
            && !part.contains(|letter: char| letter.is_control() || letter == '\\')
    };
    path.split('/').all(is_plain_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> TicketId {
        TicketId::parse("00001KVZKSV6C").unwrap()
    }

    #[test]
    fn a_slug_has_the_ascii_words_of_a_title() {
        for (title, expected) in [
            ("Backend: RuntimeRegistry foundation", "backend-runtimeregistry-foundation"),
            ("Backend RuntimeRegistry を整理する", "backend-runtimeregistry"),
            ("FSストアを分離する", "fs"),
            ("予定を整理する", ""),
            ("Café au lait", "au-lait"),
            ("Страница настроек", ""),
            ("$(rm -rf ~); `x`", "rm-rf-x"),
            ("One two three four five six seven", "one-two-three-four-five-six"),
            ("Supercalifragilisticexpialidocious and more", "supercalifragilisticexpialidocious-and"),
            ("-- --", ""),
        ] {
            assert_eq!(slug(title), expected, "{title}");
            assert!(expected.is_empty() || checked_slug(expected).is_ok());
        }
    }

    #[test]
    fn a_branch_without_a_slug_has_no_mark_at_its_end() {
        let named = |template, slug| name(template, id(), slug).unwrap();
        assert_eq!(named("work/{id}-{slug}", "a-b"), "work/00001KVZKSV6C-a-b");
        assert_eq!(named("work/{id}-{slug}", ""), "work/00001KVZKSV6C");
        assert_eq!(named("{slug}/{id}", ""), "00001KVZKSV6C");
        assert_eq!(named("t/{id}/{slug}", ""), "t/00001KVZKSV6C");
    }

    #[test]
    fn odd_names_are_refused() {
        for bad in ["A", "-a", "a--", "a b", "a_b", "", "é"] {
            assert!(checked_slug(bad).is_err(), "{bad}");
        }
        for bad in [
            "work/{slug}",
            "-{id}",
            "work/-{id}",
            "work/{id} x",
            "work/{id}$(x)",
            "work/{id};x",
            "work//{id}",
            "work/{id}.lock",
            "work/{id}/..",
            "work/{id}@{1}",
            "work/{id}\u{7}",
            "~/{id}",
            "work/00001KVZKSV6D-{id}",
        ] {
            assert!(name(bad, id(), "a").is_err(), "{bad}");
        }
        for bad in ["/a", "../a", "a/../b", "a//b", ".git/x", "a/.GIT", "-a", "a\nb", "", "a\\b"] {
            assert!(!is_plain_path(bad), "{bad}");
        }
        assert!(is_plain_path(".worktree/00001KVZKSV6C-a"));
    }
}
