//! `orchestration-plan.jsonl` and `work.jsonl`: line by line.

use super::findings::{InFile, quoted};
use crate::format::{orchestration, work};
use crate::model::id::TicketId;
use crate::model::moment::Moment;

/// Looks at the snapshots of a ticket's work.
pub(super) fn check_work(text: &str, out: &mut InFile) {
    for (number, record) in work::lines(text) {
        if let Err(fault) = record {
            out.error(
                "bad_work_line",
                Some(number),
                fault.to_string().replace(" at line 1 column ", " at column "),
            );
        }
    }
}

/// Looks at a ticket's orchestration plan. Nothing hangs on a record, so a target that doesn't exist is
/// no error.
pub(super) fn check(id: TicketId, text: &str, exists: &dyn Fn(&TicketId) -> bool, out: &mut InFile) {
    for (number, record) in orchestration::parse(text) {
        let line = Some(number);
        let record = match record {
            Ok(record) => record,
            Err(fault) => {
                // What reads the JSON sees one line and counts from there.
                let why = fault.to_string().replace(" at line 1 column ", " at column ");
                out.error("bad_plan_line", line, why);
                continue;
            }
        };
        if record.ticket_id != id {
            out.error("foreign_plan_record", line, format!("a record of {}", record.ticket_id));
        }
        if Moment::parse(&record.at).is_none() {
            let why = format!("'at' is {}, not of the form YYYY-MM-DDTHH:MM:SSZ", quoted(&record.at));
            out.warning("bad_time", line, why);
        }
        if let Some(target) = record.related_ticket
            && !TicketId::parse(&target).is_some_and(|target| exists(&target))
        {
            let why = format!("{} {}, which does not exist", record.kind, quoted(&target));
            out.warning("dangling_plan_target", line, why);
        }
    }
}
