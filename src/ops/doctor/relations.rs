//! `relations.json`: each relation by itself.

use std::collections::BTreeSet;

use super::findings::{InFile, quoted};
use crate::format::relations;
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::relation::Relation;

/// Looks at a ticket's relations. Gives those that are its own, once each.
pub(super) fn check(
    id: TicketId,
    text: &str,
    exists: &dyn Fn(&TicketId) -> bool,
    out: &mut InFile,
) -> Vec<Relation> {
    let read = match relations::parse(text) {
        Ok(read) => read,
        Err(fault) => {
            out.error("bad_relations", None, fault.to_string());
            return Vec::new();
        }
    };
    for complaint in read.complaints {
        out.warning("unknown_key", None, complaint);
    }
    let mut seen = BTreeSet::new();
    let mut own = Vec::new();
    for relation in read.relations {
        let (kind, target) = (relation.kind, relation.target);
        if relation.ticket_id != id {
            let why = format!("{kind} {target} is a relation of {}", relation.ticket_id);
            out.error("foreign_relation", None, why);
            continue;
        }
        if Moment::parse(&relation.at).is_none() {
            let why = format!("'at' is {}, not of the form YYYY-MM-DDTHH:MM:SSZ", quoted(&relation.at));
            out.warning("bad_time", None, why);
        }
        if !seen.insert((kind, target)) {
            out.error("duplicate_relation", None, format!("{kind} {target} stands twice"));
            continue;
        }
        if target == id {
            out.error("self_relation", None, format!("{kind} the ticket itself"));
            continue;
        }
        if !exists(&target) {
            out.error("dangling_relation", None, format!("{kind} {target}, which does not exist"));
        }
        own.push(relation);
    }
    own
}
