//! Colours Markdown for reading on a terminal.
//!
//! This module owns which lines and spans of Markdown get which style. It promises to be light:
//! every character of the (cleaned) text stays, in its place, markers included, so what is read is
//! what was written; only SGR sequences are added. It works line by line in time linear in the text,
//! and is no full parser: Setext headings, indented code and fences within quotes get no colour.

use std::collections::HashMap;
use std::ops::Range;

use super::color::{Painter, Style};
use super::sanitize;

/// The Markdown, cleaned with [`sanitize::block`] and painted.
///
/// With a plain painter the result is the cleaned text byte for byte.
pub fn render(markdown: &str, painter: &Painter) -> String {
    let text = sanitize::block(markdown);
    if !painter.enabled() {
        return text.into_owned();
    }
    let mut rendered = String::with_capacity(text.len() * 2);
    let mut open_fence: Option<Fence> = None;
    for line in text.split_inclusive('\n') {
        let words = line.strip_suffix('\n').unwrap_or(line);
        let fence = Fence::read(words);
        match (&open_fence, fence) {
            (Some(open), Some(fence)) if fence.closes(open) => {
                open_fence = None;
                rendered.push_str(&painter.paint(Style::Dim, words));
            }
            (Some(_), _) => rendered.push_str(&painter.paint(Style::Code, words)),
            (None, Some(fence)) if fence.can_open() => {
                open_fence = Some(fence);
                rendered.push_str(&painter.paint(Style::Dim, words));
            }
            (None, _) => render_line(&mut rendered, words, painter),
        }
        rendered.push_str(&line[words.len()..]);
    }
    rendered
}

/// A line that could open or close a code block.
struct Fence<'t> {
    marker: char,
    length: usize,
    info: &'t str,
}

impl<'t> Fence<'t> {
    /// The fence this line is, indented as deep as it likes: in lists it stands far to the right.
    fn read(line: &'t str) -> Option<Self> {
        let line = line.trim_start();
        let marker = line.chars().next().filter(|first| matches!(first, '`' | '~'))?;
        let info = line.trim_start_matches(marker);
        let length = line.len() - info.len();
        (length >= 3).then_some(Fence { marker, length, info })
    }

    /// Whether the line opens a block: one with backticks behind the fence is a code span instead.
    fn can_open(&self) -> bool {
        self.marker == '~' || !self.info.contains('`')
    }

    /// Whether the line ends the block that `open` began.
    fn closes(&self, open: &Fence<'_>) -> bool {
        self.marker == open.marker && self.length >= open.length && self.info.trim().is_empty()
    }
}

/// Adds a line outside of code blocks.
fn render_line(rendered: &mut String, line: &str, painter: &Painter) {
    if is_heading(line) {
        rendered.push_str(&painter.paint(Style::Heading, line));
    } else if is_quote(line) {
        rendered.push_str(&painter.paint(Style::Quote, line));
    } else {
        render_spans(rendered, line, painter);
    }
}

/// The line without the up to three blanks that Markdown allows in front of a marker.
fn without_indent(line: &str) -> &str {
    let indent = line.bytes().take(3).take_while(|byte| *byte == b' ').count();
    &line[indent..]
}

/// Whether the line is a heading: one to six `#`, then a blank or nothing.
fn is_heading(line: &str) -> bool {
    let marker = without_indent(line);
    let title = marker.trim_start_matches('#');
    let level = marker.len() - title.len();
    (1..=6).contains(&level) && (title.is_empty() || title.starts_with([' ', '\t']))
}

/// Whether the line is part of a block quote.
fn is_quote(line: &str) -> bool {
    without_indent(line).starts_with('>')
}

/// What a piece of a line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Words,
    Code,
    Stars,
}

/// A piece of a line; the pieces of a line follow each other without a gap.
struct Piece {
    kind: Kind,
    range: Range<usize>,
}

/// Adds a line with its code spans and bold words painted.
fn render_spans(rendered: &mut String, line: &str, painter: &Painter) {
    let pieces = split(line);
    // Once a `**` finds no partner, no later one does: looking again would make a line of lone
    // markers cost the square of its length.
    let mut is_bold_possible = true;
    let mut index = 0;
    while let Some(piece) = pieces.get(index) {
        let text = &line[piece.range.clone()];
        index += 1;
        match piece.kind {
            Kind::Words => rendered.push_str(text),
            Kind::Code => rendered.push_str(&painter.paint(Style::Code, text)),
            Kind::Stars => {
                let is_opener = is_bold_possible && !blank_at(line[piece.range.end..].chars().next());
                let close = is_opener.then(|| closing_stars(line, &pieces, index)).flatten();
                is_bold_possible &= close.is_some() || !is_opener;
                if let Some(close) = close {
                    let bold = &line[piece.range.start..pieces[close].range.end];
                    rendered.push_str(&painter.paint(Style::Emphasis, bold));
                    index = close + 1;
                } else {
                    rendered.push_str(text);
                }
            }
        }
    }
}

/// The first marker after `from`, the piece behind an opening marker, that can end bold words.
fn closing_stars(line: &str, pieces: &[Piece], from: usize) -> Option<usize> {
    (from + 1..pieces.len()).find(|index| {
        let piece = &pieces[*index];
        piece.kind == Kind::Stars && !blank_at(line[..piece.range.start].chars().next_back())
    })
}

/// Whether the neighbour of a marker is a blank or the end of the line.
fn blank_at(neighbour: Option<char>) -> bool {
    neighbour.is_none_or(char::is_whitespace)
}

/// Splits a line into words, code spans and bold markers.
fn split(line: &str) -> Vec<Piece> {
    let last_runs = last_backtick_runs(line);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while let Some(character) = line[at..].chars().next() {
        let (kind, length) = match character {
            // A backslash takes the meaning from the marker behind it.
            '\\' => (Kind::Words, 1 + usize::from(line[at + 1..].starts_with(['\\', '`', '*']))),
            '`' => code_span(line, at, &last_runs),
            '*' => {
                let length = run_length(line, at, b'*');
                (if matches!(length, 2 | 3) { Kind::Stars } else { Kind::Words }, length)
            }
            _ => (Kind::Words, character.len_utf8()),
        };
        let range = at..at + length;
        at = range.end;
        match pieces.last_mut() {
            Some(last) if kind == Kind::Words && last.kind == kind => last.range.end = at,
            _ => pieces.push(Piece { kind, range }),
        }
    }
    pieces
}

/// Where the last run of backticks of each length starts.
///
/// It tells an unpaired run without a search through the rest of the line.
fn last_backtick_runs(line: &str) -> HashMap<usize, usize> {
    let mut last = HashMap::new();
    let mut at = 0;
    while let Some(found) = line[at..].find('`') {
        let length = run_length(line, at + found, b'`');
        last.insert(length, at + found);
        at += found + length;
    }
    last
}

/// The code span that starts with the backticks at `start`, or those backticks as words.
fn code_span(line: &str, start: usize, last_runs: &HashMap<usize, usize>) -> (Kind, usize) {
    let length = run_length(line, start, b'`');
    if last_runs.get(&length).is_none_or(|last| *last <= start) {
        return (Kind::Words, length);
    }
    let mut at = start + length;
    while let Some(found) = line[at..].find('`') {
        let closing = run_length(line, at + found, b'`');
        at += found + closing;
        if closing == length {
            return (Kind::Code, at - start);
        }
    }
    (Kind::Words, length)
}

/// How often `byte` stands in a row at `start`.
fn run_length(line: &str, start: usize, byte: u8) -> usize {
    line.as_bytes()[start..].iter().take_while(|other| **other == byte).count()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ui::testing::without_color;

    /// The rendering with each style as a letter in brackets, easier to read than SGR codes.
    fn tagged(markdown: &str) -> String {
        let painter = Painter::new(true);
        let mut text = render(markdown, &painter);
        for (style, tag) in [
            (Style::Heading, "[H:"),
            (Style::Code, "[C:"),
            (Style::Dim, "[D:"),
            (Style::Quote, "[Q:"),
            (Style::Emphasis, "[B:"),
        ] {
            let start = painter.paint(style, "x").split_once('x').unwrap().0.to_owned();
            text = text.replace(&start, tag);
        }
        text.replace("\u{1b}[m", "]")
    }

    /// Inputs that strain the renderer.
    fn nasty() -> Vec<String> {
        let mut inputs: Vec<String> = [
            "",
            "\n",
            "\n\n\n",
            "# ",
            "#",
            "#######",
            "# Título 漢字\r\n## x",
            "```",
            "```rust\nlet a = `b`;\n",
            "~~~\n```\n~~~~\nafter",
            "````\n```\n`````  \n**x**",
            "  - item\n    ```sh\n    ls\n    ```\n  - next",
            "> quote `a` **b**\n>\n>> deep\n> ```\n> x",
            "`",
            "``",
            "a ` b `` c ` d ``` e",
            "`a``b`",
            "``a`b``",
            "**",
            "****",
            "** a **",
            "**a",
            "**漢字** and ***both*** and **`co**de`** x",
            "\\`a\\` \\**b\\**",
            "\\",
            "x\\",
            "漢\\字",
            "\u{1b}[31mred\u{1b}[0m `\u{1b}]0;x\u{7}`",
            "a\u{202e}b\rc\r\nd",
            "* a\n- b\n+ c\n1. d",
            "```a`b\nnot code",
            "~~~ ~~~\nx\n~~~ y\n~~~",
            "\t# no\n    # no\n   # yes",
            "👩\u{200d}💻`👩\u{200d}💻`",
            "**a `b** c` d**",
            "`a\nb`",
            "no end",
            "\u{2028}**x\u{200b}**",
        ]
        .map(str::to_owned)
        .into();
        // And pseudo-random texts of the signs that mean something, the same at every run.
        let alphabet = ['`', '*', '\\', '\n', '#', '>', '~', ' ', 'a', '漢', '\r', '\u{1b}'];
        let mut state = 1u64;
        for _ in 0..3000 {
            let mut text = String::new();
            for _ in 0..24 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.push(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]);
            }
            inputs.push(text);
        }
        inputs
    }

    #[test]
    fn without_colour_the_text_is_only_cleaned() {
        for input in nasty() {
            assert_eq!(render(&input, &Painter::plain()), sanitize::block(&input));
        }
    }

    #[test]
    fn no_character_is_lost_or_moved() {
        for input in nasty() {
            let rendered = render(&input, &Painter::new(true));
            assert_eq!(without_color(&rendered), sanitize::block(&input), "{input:?}");
        }
    }

    #[test]
    fn headings_are_painted() {
        assert_eq!(tagged("# A\n   ###### B\n#\n"), "[H:# A]\n[H:   ###### B]\n[H:#]\n");
        assert_eq!(tagged("#tag\n    # deep\n####### seven"), "#tag\n    # deep\n####### seven");
    }

    #[test]
    fn fenced_code_is_painted_between_dimmed_fences() {
        assert_eq!(tagged("```rust\n# **x**\n\n```\n# y"), "[D:```rust]\n[C:# **x**]\n\n[D:```]\n[H:# y]");
        assert_eq!(tagged("~~~\n```\n~~~"), "[D:~~~]\n[C:```]\n[D:~~~]");
        assert_eq!(tagged("````\n```\n````` \nx"), "[D:````]\n[C:```]\n[D:````` ]\nx");
        assert_eq!(tagged("```\nnever closed"), "[D:```]\n[C:never closed]");
    }

    #[test]
    fn backticks_behind_a_fence_make_it_a_span() {
        assert_eq!(tagged("```a``` b\n# c"), "[C:```a```] b\n[H:# c]");
    }

    #[test]
    fn code_spans_pair_runs_of_equal_length() {
        assert_eq!(tagged("a `b` c"), "a [C:`b`] c");
        assert_eq!(tagged("``a`b`` `"), "[C:``a`b``] `");
        assert_eq!(tagged("`` a ` b"), "`` a ` b");
        assert_eq!(tagged("\\`a `b`"), "\\`a [C:`b`]");
    }

    #[test]
    fn bold_words_keep_their_markers() {
        assert_eq!(tagged("a **b c** d **e**"), "a [B:**b c**] d [B:**e**]");
        assert_eq!(tagged("***a***"), "[B:***a***]");
        assert_eq!(tagged("**a `b** c` d**"), "[B:**a `b** c` d**]");
        assert_eq!(tagged("** a ** and **b"), "** a ** and **b");
        assert_eq!(tagged("\\**a\\**"), "\\**a\\**");
        assert_eq!(tagged("**********"), "**********");
    }

    #[test]
    fn quotes_and_lists_are_recognised() {
        assert_eq!(tagged("> a `b`\n>> c\nd"), "[Q:> a `b`]\n[Q:>> c]\nd");
        assert_eq!(tagged("* a\n- `b`\n1. c"), "* a\n- [C:`b`]\n1. c");
    }

    #[test]
    fn a_long_line_of_lone_markers_takes_linear_time() {
        // With a search per marker this would take minutes instead of milliseconds.
        let stars = "**a ".repeat(200_000);
        assert_eq!(render(&stars, &Painter::new(true)), stars);
        let ticks: String = (1..1000).map(|length| "`".repeat(length) + " ").collect();
        assert_eq!(render(&format!("a {ticks}"), &Painter::new(true)), format!("a {ticks}"));
    }
}
