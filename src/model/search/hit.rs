//! Whether a ticket is one that was looked for, and the lines that show it.

use std::ops::{ControlFlow, Range};

use super::needle::{Needle, scan};
use super::passage::{Part, Passage, Place};

/// Letters of a line shown on each side of what was found.
const AROUND: usize = 60;

/// What is looked for in the texts of tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// What must be there.
    pub wanted: Vec<Wanted>,
    /// What must not be there.
    pub unwanted: Vec<Wanted>,
}

/// One thing that is looked for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What.
    pub needle: Needle,
    /// In which parts; none stands for all.
    pub parts: Vec<Part>,
}

impl Wanted {
    /// Whether a passage is where this is looked for.
    fn looks_into(&self, place: &Place) -> bool {
        self.parts.is_empty() || self.parts.contains(&place.part())
    }

    /// Whether the tokens of all texts of a ticket together tell whether this is there.
    pub fn is_told_by_tokens(&self) -> bool {
        self.parts.is_empty() && self.needle.is_told_by_tokens()
    }
}

/// A line in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// Where the line stands.
    pub place: Place,
    /// The line, or the part of it around what was found.
    pub text: String,
    /// What was found in it, in bytes, in order, apart from each other.
    pub found: Vec<Range<usize>>,
}

/// The first line of each thing that is looked for; `None` when something is missing or unwanted.
pub fn look(passages: &[Passage], sought: &Sought) -> Option<Vec<Snippet>> {
    let mut firsts: Vec<Option<(usize, Range<usize>)>> = vec![None; sought.wanted.len()];
    for (index, passage) in passages.iter().enumerate() {
        // What is unwanted anywhere is looked for everywhere; what is wanted, until it is found.
        let unwanted = sought.unwanted.iter().filter(|wanted| wanted.looks_into(&passage.place));
        let mut needles: Vec<&Needle> = unwanted.map(|wanted| &wanted.needle).collect();
        let unwanted = needles.len();
        let open = |at: &usize| firsts[*at].is_none() && sought.wanted[*at].looks_into(&passage.place);
        let wanted: Vec<usize> = (0..firsts.len()).filter(open).collect();
        needles.extend(wanted.iter().map(|at| &sought.wanted[*at].needle));
        if needles.is_empty() {
            continue;
        }
        let (mut is_unwanted, mut left) = (false, wanted.len());
        scan(&passage.text, &needles, |needle, place| {
            let Some(at) = needle.checked_sub(unwanted) else {
                is_unwanted = true;
                return ControlFlow::Break(());
            };
            let first = &mut firsts[wanted[at]];
            if first.is_none() {
                *first = Some((index, place));
                left -= 1;
            }
            match unwanted == 0 && left == 0 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        if is_unwanted {
            return None;
        }
    }
    let firsts: Option<Vec<(usize, Range<usize>)>> = firsts.into_iter().collect();
    let mut snippets: Vec<Snippet> = Vec::new();
    for (index, place) in firsts? {
        let snippet = snippet(&passages[index], &place, sought);
        if !snippets.contains(&snippet) {
            snippets.push(snippet);
        }
    }
    Some(snippets)
}

/// How many of the things looked for are in a title: the more, the better the hit.
pub fn in_title(title: &str, sought: &Sought) -> usize {
    let is_in = |wanted: &&Wanted| wanted.looks_into(&Place::Title) && wanted.needle.is_in(title);
    sought.wanted.iter().filter(is_in).count()
}

/// The line around a place, with all that is looked for marked in it.
fn snippet(passage: &Passage, place: &Range<usize>, sought: &Sought) -> Snippet {
    let text = passage.text.as_str();
    let from = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at);
    let start = from + before(&text[from..place.start]);
    let end = place.end + after(&text[place.end..to]);
    let (start, end) = trimmed(text, start, end);
    let lead = if start > from && text[from..start].trim() != "" { "…" } else { "" };
    let tail = if end < to && text[end..to].trim() != "" { "…" } else { "" };
    let wanted = sought.wanted.iter().filter(|wanted| wanted.looks_into(&passage.place));
    let needles: Vec<&Needle> = wanted.map(|wanted| &wanted.needle).collect();
    let mut found = vec![place.clone()];
    scan(&text[from..to], &needles, |_, place| {
        let place = from + place.start..from + place.end;
        found.extend((start <= place.start && place.end <= end).then_some(place));
        ControlFlow::Continue(())
    });
    found.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for found in found {
        match apart.last_mut() {
            Some(last) if found.start < last.end => last.end = last.end.max(found.end),
            _ => apart.push(found),
        }
    }
    let shift = |at: usize| at - start + lead.len();
    Snippet {
        place: passage.place.clone(),
        text: format!("{lead}{}{tail}", &text[start..end]),
        found: apart.into_iter().map(|found| shift(found.start)..shift(found.end)).collect(),
    }
}

/// Where the letters shown before something begin.
fn before(text: &str) -> usize {
    text.char_indices().rev().take(AROUND).last().map_or(text.len(), |(at, _)| at)
}

/// Where the letters shown behind something end.
fn after(text: &str) -> usize {
    text.char_indices().nth(AROUND).map_or(text.len(), |(at, _)| at)
}

/// Without blanks at either end.
fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let part = &text[start..end];
    let start = start + (part.len() - part.trim_start().len());
    (start, start + part.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str, parts: &[Part]) -> Wanted {
        Wanted { needle: Needle::new(text, false).unwrap(), parts: parts.to_vec() }
    }

    fn passages() -> Vec<Passage> {
        let passage = |place, text: &str| Passage { place, text: text.to_owned() };
        vec![
            passage(Place::Title, "Sort the Registry"),
            passage(Place::Body, "Keep the registry\n  in order, the whole order.  \n"),
            passage(Place::Artifact("a".to_owned()), "zeppelin"),
        ]
    }

    #[track_caller]
    fn check(wanted: Vec<Wanted>, unwanted: Vec<Wanted>, expected: Option<&[&str]>) {
        let found = look(&passages(), &Sought { wanted, unwanted });
        let shown: Option<Vec<String>> = found.map(|snippets| {
            let show = |snippet: Snippet| {
                let mut text = snippet.text;
                for found in snippet.found.iter().rev() {
                    text.insert(found.end, '>');
                    text.insert(found.start, '<');
                }
                format!("{}: {text}", snippet.place)
            };
            snippets.into_iter().map(show).collect()
        });
        let expected = expected.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(shown, expected);
    }

    #[test]
    fn each_thing_is_shown_where_it_stands_first() {
        check(
            vec![wanted("registry", &[]), wanted("order", &[])],
            vec![],
            Some(&["title: Sort the <Registry>", "body: in <order>, the whole <order>."]),
        );
        check(vec![wanted("registry", &[Part::Body])], vec![], Some(&["body: Keep the <registry>"]));
        check(vec![wanted("registry", &[]), wanted("nothing", &[])], vec![], None);
        check(vec![wanted("registry", &[])], vec![wanted("zeppelin", &[])], None);
        check(
            vec![wanted("order", &[])],
            vec![wanted("zeppelin", &[Part::Thread])],
            Some(&["body: in <order>, the whole <order>."]),
        );
        check(
            vec![wanted("the registry", &[]), wanted("registry", &[])],
            vec![],
            Some(&["title: Sort <the Registry>"]),
        );
    }

    #[test]
    fn a_long_line_is_shown_around_what_was_found() {
        let text = format!("{} Registryの基盤 {}", "x".repeat(80), "y ".repeat(80));
        let passage = Passage { place: Place::Body, text };
        let sought = Sought { wanted: vec![wanted("の基", &[])], unwanted: vec![] };
        let snippet = look(&[passage], &sought).unwrap().remove(0);
        assert_eq!(&snippet.text[snippet.found[0].clone()], "の基");
        assert!(snippet.text.starts_with("…x") && snippet.text.ends_with("y…"), "{}", snippet.text);
        assert!(snippet.text.chars().count() <= 2 * AROUND + 4);
    }
}
