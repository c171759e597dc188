//! Settings on a screen.

use crate::ops::settings::InForce;
use crate::ui::color::{Painter, Style};
use crate::ui::table::{Cell, Table};

/// A row for each setting: key, value and, if wanted, where it comes from.
pub fn list(found: &[InForce], shows_origin: bool, painter: &Painter, width: Option<usize>) -> String {
    let mut table = Table::new();
    for one in found {
        let value = match &one.value {
            Some(value) => Cell::plain(value),
            None => Cell::styled("(not set)", Style::Dim),
        };
        let mut row = vec![Cell::styled(&one.key, Style::Identifier), value];
        if shows_origin {
            row.push(Cell::styled(one.origin.as_deref().unwrap_or(""), Style::Dim));
        }
        table.push(row);
    }
    table.render(painter, width)
}
