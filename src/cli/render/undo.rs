//! What was taken back, on a screen.

use crate::model::commit::short;
use crate::model::event::Kind;
use crate::ops::undo::Undone;
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize::line;

/// The operation that was taken back, or would be, and what that means for each ticket.
pub fn undone(undone: &Undone, is_dry: bool, painter: &Painter) -> String {
    let mut out = String::new();
    if is_dry {
        let commit = painter.paint(Style::Code, short(&undone.operation.commit));
        out.push_str(&format!("would take back {commit} {}\n", line(&undone.operation.subject)));
    }
    for taken in &undone.tickets {
        let id = painter.paint(Style::Identifier, taken.id.as_str());
        out.push_str(&format!("{id} \"{}\": {}\n", line(&taken.title), line(&taken.summary)));
        for (kind, attributes) in taken.events.iter().filter(|(kind, _)| is_dry && *kind != Kind::Undo) {
            out.push_str(&format!("    {}\n", line(&words(kind, attributes))));
        }
    }
    out
}

fn words(kind: &Kind, attributes: &[(&'static str, String)]) -> String {
    let attribute = |name: &str| attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    let mut out = kind.word().replace('_', " ");
    for name in ["field", "op", "kind", "target"] {
        if let Some(value) = attribute(name) {
            out.push_str(&format!(" {value}"));
        }
    }
    match (attribute("from"), attribute("to")) {
        (None, None) => out,
        (from, to) => {
            let word = |value: Option<&String>| value.map_or("(nothing)", String::as_str).to_owned();
            format!("{out}: {} -> {}", word(from), word(to))
        }
    }
}
