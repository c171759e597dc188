//! Rows of cells, aligned by the width they have on the screen.
//!
//! This module owns column widths, padding and shortening. It promises that columns line up for
//! wide (CJK) characters too, that no line ends in blanks, and that without a screen width nothing
//! is ever shortened. Cells are cleaned with [`super::sanitize::line`], so a row is always one line.
//! What the columns mean, and their order, is left to the caller.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::color::{Painter, Style};
use super::sanitize;

/// The blanks between two columns.
pub const GAP: usize = 2;

/// What stands for the part of a cell that had no room.
const ELLIPSIS: &str = "…";

/// One entry of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    text: String,
    look: Look,
}

/// How a cell looks when colour is on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Look {
    Plain,
    Styled(Style),
    Painted(String),
}

impl Cell {
    /// A cell without colour.
    pub fn plain(text: &str) -> Self {
        Cell { text: clean(text), look: Look::Plain }
    }

    /// A cell in one style.
    pub fn styled(text: &str, style: Style) -> Self {
        Cell { text: clean(text), look: Look::Styled(style) }
    }

    /// A cell of several styles: its text, and the same text painted.
    ///
    /// `painted` is trusted: without its SGR sequences it must equal `plain`, which must be clean.
    pub fn painted(plain: String, painted: String) -> Self {
        Cell { text: plain, look: Look::Painted(painted) }
    }

    /// How many columns of the screen the cell takes.
    fn width(&self) -> usize {
        width(&self.text)
    }

    /// The cell as it is shown in at most `room` columns; `None` is room enough.
    fn show(&self, painter: &Painter, room: Option<usize>) -> String {
        let room = room.filter(|room| self.width() > *room);
        let fit = |text| room.map_or(Cow::Borrowed(text), |room| Cow::Owned(shorten(text, room)));
        match &self.look {
            Look::Painted(painted) if painter.enabled() => fit(painted).into_owned(),
            Look::Styled(style) => painter.paint(*style, &fit(&self.text)),
            Look::Plain | Look::Painted(_) => fit(&self.text).into_owned(),
        }
    }
}

/// How many columns of the screen a clean text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The text as a cell holds it: one line that doesn't end in blanks.
fn clean(text: &str) -> String {
    sanitize::line(text.trim_end()).into_owned()
}

/// Rows of cells to be aligned.
#[derive(Debug, Clone, Default)]
pub struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new() -> Self {
        Table::default()
    }

    /// Adds a row below the others; rows may differ in their number of cells.
    pub fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, one a line, each ended by a newline.
    ///
    /// With a screen `width` the last cell of a row is shortened so that the row fits. Where the
    /// columns before it already fill the screen, only the ellipsis remains of it.
    pub fn render(&self, painter: &Painter, width: Option<usize>) -> String {
        let columns = self.column_widths();
        let mut lines = String::new();
        for row in &self.rows {
            render_row(&mut lines, row, &columns, painter, width);
            lines.push('\n');
        }
        lines
    }

    /// The width of each column: that of its widest cell.
    fn column_widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.rows.iter().map(Vec::len).max().unwrap_or(0)];
        for row in &self.rows {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = cell.width().max(*widest);
            }
        }
        widths
    }
}

/// Adds one row, without a newline.
fn render_row(lines: &mut String, row: &[Cell], columns: &[usize], painter: &Painter, width: Option<usize>) {
    // Where the cell starts, and where the text so far ends. Blanks are added only once a cell that
    // shows something follows, so a line never ends in them.
    let (mut start, mut end) = (0, 0);
    for (index, (cell, column)) in row.iter().zip(columns).enumerate() {
        if !cell.text.is_empty() {
            let is_last = index + 1 == row.len();
            let room = width.filter(|_| is_last).map(|width| width.saturating_sub(start));
            lines.extend(std::iter::repeat_n(' ', start - end));
            lines.push_str(&cell.show(painter, room));
            end = start + cell.width();
        }
        start += column + GAP;
    }
}

/// The text cut to `room` columns, an ellipsis included, which is there even without room for it.
///
/// Every SGR sequence stays, also those behind the cut, so a painted text is still reset.
pub fn shorten(text: &str, room: usize) -> String {
    let room = room.saturating_sub(ELLIPSIS.width());
    let (mut short, mut used, mut is_cut) = (String::new(), 0, false);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let sequence = sequence_length(rest);
        let length = sequence.unwrap_or(character.len_utf8());
        let (piece, tail) = rest.split_at(length);
        rest = tail;
        if sequence.is_none() {
            used += widest(character);
            if used > room && !is_cut {
                is_cut = true;
                trim_for_ellipsis(&mut short);
                short.push_str(ELLIPSIS);
            }
            if is_cut {
                continue;
            }
        }
        short.push_str(piece);
    }
    short
}

/// Takes blanks, and a joiner that lost its partner, off the place where the ellipsis goes.
fn trim_for_ellipsis(short: &mut String) {
    let kept = short.trim_end_matches(|last: char| last.is_whitespace() || last == '\u{200d}').len();
    short.truncate(kept);
}

/// The length of the SGR sequence the text starts with, if it starts with one.
fn sequence_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|character: char| !matches!(character, '0'..='9' | ';' | ':'))?;
    parameters[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// The most columns a character can add to a text.
///
/// A variation selector has no width of its own but can make the character before it a wide one.
fn widest(character: char) -> usize {
    match character {
        '\u{fe00}'..='\u{fe0f}' => 1,
        _ => character.width().unwrap_or(1),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ui::testing::without_color;

    /// A table of plain cells.
    fn table(rows: &[&[&str]]) -> Table {
        let mut table = Table::new();
        for row in rows {
            table.push(row.iter().map(|text| Cell::plain(text)).collect());
        }
        table
    }

    fn plain(rows: &[&[&str]], width: Option<usize>) -> String {
        table(rows).render(&Painter::plain(), width)
    }

    #[test]
    fn an_empty_table_renders_as_nothing() {
        assert_eq!(plain(&[], Some(80)), "");
        assert!(Table::new().is_empty());
    }

    #[test]
    fn columns_line_up_by_display_width() {
        assert_eq!(plain(&[&["漢字", "x"], &["abc", "y"], &["é", "z"]], None), "漢字  x\nabc   y\né     z\n");
    }

    #[test]
    fn no_line_ends_in_blanks() {
        assert_eq!(
            plain(&[&["a", "long", ""], &["bb", "", "c"], &["", "", ""]], None),
            "a   long\nbb        c\n\n"
        );
        assert_eq!(plain(&[&["a", "b  "]], None), "a  b\n");
    }

    #[test]
    fn the_last_cell_is_shortened_to_the_screen() {
        assert_eq!(plain(&[&["id", "a long title"]], Some(12)), "id  a long…\n");
        assert_eq!(plain(&[&["id", "a long title"]], Some(16)), "id  a long title\n");
        assert_eq!(plain(&[&["id", "漢字漢字"]], Some(10)), "id  漢字…\n");
        assert_eq!(plain(&[&["id", "漢字漢字"], &["longer", "x"]], Some(10)), "id      …\nlonger  x\n");
    }

    #[test]
    fn a_screen_without_room_still_gets_an_ellipsis() {
        assert_eq!(plain(&[&["identifier", "title"]], Some(4)), "identifier  …\n");
    }

    #[test]
    fn without_a_screen_nothing_is_shortened() {
        let title = "long ".repeat(100) + "end";
        assert_eq!(plain(&[&["id", &title]], None), format!("id  {title}\n"));
    }

    #[test]
    fn a_cell_is_one_line_whatever_its_text() {
        assert_eq!(plain(&[&["a\nb\u{1b}[2J", "c"]], None), "a^Jb^[[2J  c\n");
    }

    #[test]
    fn colour_does_not_move_the_columns() {
        let mut table = Table::new();
        let painter = Painter::new(true);
        let identifier = painter.paint(Style::Identifier, "ab") + &painter.paint(Style::Dim, "cd");
        table.push(vec![Cell::painted("abcd".into(), identifier), Cell::styled("open", Style::Good)]);
        table.push(vec![Cell::styled("x", Style::Bad), Cell::plain("closed")]);
        let painted = table.render(&painter, Some(9));
        let plain = table.render(&Painter::plain(), Some(9));
        assert_eq!(plain, "abcd  op…\nx     cl…\n");
        assert_eq!(without_color(&painted), plain);
        assert!(painted.contains("\u{1b}[32mop…\u{1b}[m"));
    }

    #[test]
    fn a_shortened_painted_cell_keeps_its_colours_and_its_reset() {
        let painter = Painter::new(true);
        let text = painter.paint(Style::Emphasis, "bold") + " " + &painter.paint(Style::Code, "code");
        let cell = Cell::painted("bold code".into(), text);
        assert_eq!(cell.show(&painter, Some(7)), "\u{1b}[1mbold\u{1b}[m \u{1b}[36mc…\u{1b}[m");
        assert_eq!(cell.show(&Painter::plain(), Some(7)), "bold c…");
    }

    #[test]
    fn a_shortened_cell_is_never_wider_than_its_room() {
        for text in [
            "❤\u{fe0f}❤\u{fe0f}❤\u{fe0f}",
            "👩\u{200d}💻👩\u{200d}💻",
            "🇩🇪🇫🇷🇯🇵",
            "e\u{301}e\u{301}x",
            "‘\u{fe01}’\u{fe01}a",
        ] {
            for room in 1..text.width() {
                let short = Cell::plain(text).show(&Painter::plain(), Some(room));
                assert!(short.width() <= room, "{short:?} in {room}");
                assert!(short.ends_with('…') && !short.contains("\u{200d}…"));
            }
        }
    }
}
