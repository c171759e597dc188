//! What was taken back, on a screen.

use crate::model::change::Draft;
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
        for event in taken.events.iter().filter(|event| is_dry && event.kind != Kind::Undo) {
            out.push_str(&format!("    {}\n", line(&words(event))));
        }
    }
    out
}

fn words(event: &Draft) -> String {
    let attribute =
        |name: &str| event.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
    let mut out = event.kind.word().replace('_', " ");
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
