//! Why `--fix` leaves something, and what people can do.

/// What there is to say about what is left, by the code of the finding.
pub fn advice(code: &str) -> &'static str {
    on_the_ref(code)
        .or_else(|| in_a_ticket(code))
        .or_else(|| around(code))
        .unwrap_or("nothing is known that would mend it without guessing")
}

/// Names, places and objects.
fn on_the_ref(code: &str) -> Option<&'static str> {
    Some(match code {
        "damaged_object" => {
            "an object can't be made again: git fsck names it, and a clone or remote that has it gives it back"
        }
        "no_format" | "bad_format" => {
            "no reader takes this for tickets: git reflog refs/yoi/tickets tells of versions that were"
        }
        "newer_format" => "install a newer git-yoi",
        "unknown_root_entry" | "unknown_file" => {
            "kept: nothing is taken off the ref, and newer versions may know it"
        }
        "foreign_entry" | "wrong_shard" | "duplicate_id" | "duplicate_entry" | "name_not_utf8"
        | "unsafe_path" | "symbolic_link" | "submodule" => {
            "kept: nothing is taken off the ref, and readers don't follow it; put a ticket that lies there in its place \
             with git, by a commit of your own"
        }
        "executable_file" => "it can't be read, so it can't be written again",
        "too_large" | "too_many_artifacts" => "kept: nothing is taken off the ref, and no reader goes so far",
        "not_utf8" => "kept byte for byte: write its words again as UTF-8, in a comment or an artifact",
        "dependency_cycle" | "replacement_cycle" => {
            "only people know which relation is wrong: git yoi unrelate"
        }
        _ => return None,
    })
}

/// Files of a ticket.
fn in_a_ticket(code: &str) -> Option<&'static str> {
    Some(match code {
        "no_item" | "no_thread" | "unreadable_item" => {
            "its events don't tell all of it: git yoi history <id> names commits that had it, git show brings it back"
        }
        "invalid_state"
        | "missing_field"
        | "state_mismatch"
        | "stale_updated_at"
        | "queued_mismatch"
        | "closed_without_resolution"
        | "resolution_mismatch" => {
            "no event that can be read tells it: git yoi edit and git yoi state set what is meant"
        }
        "wrong_type" | "duplicate_key" => "the file as a whole can't be read",
        "obsolete_key" => "kept: nothing reads it, and the tool that wrote it may",
        "created_at_mismatch" => "kept: only people know which of the two is right",
        "unterminated_event" => {
            "ending it would change what readers take for an event: an open code fence stands there"
        }
        "bad_time"
        | "text_before_events"
        | "no_events"
        | "broken_header"
        | "event_without_at"
        | "event_without_author"
        | "review_without_verdict"
        | "incomplete_state_change"
        | "incomplete_intake_summary"
        | "unknown_kind"
        | "unknown_state"
        | "duplicate_event"
        | "conflicting_events"
        | "ids_backwards"
        | "broken_chain"
        | "forbidden_move"
        | "closed_without_event" => {
            "kept: what was said is never changed; say it again where it matters (git yoi comment, git yoi state)"
        }
        "resolution_without_close" => "kept: somebody wrote it; git yoi close says it with an event",
        "dangling_relation" | "self_relation" | "duplicate_relation" | "foreign_relation" => {
            "only people know what was meant: git yoi unrelate takes a relation of the ticket away"
        }
        "bad_relations" => {
            "it is no list of relations any more: git yoi history <id> names commits that had one, git show brings it back"
        }
        "unknown_key" => "kept: newer versions may know it",
        "bad_plan_line" | "bad_work_line" | "foreign_plan_record" | "dangling_plan_target" => {
            "kept: lines are only ever added; git yoi plan add says what holds now"
        }
        "no_artifacts_folder" => "kept: an export makes the directory as it was",
        _ => return None,
    })
}

/// What lies around the tickets.
fn around(code: &str) -> Option<&'static str> {
    Some(match code {
        "refused_tickets" => "theirs to mend: git yoi verify in the clone they come from names the commit",
        "settings" => "only people know what was meant: git yoi config --show-origin",
        "no_reflog" => "the next write starts one",
        "loose_objects" => "git's own work, and it may take long: git maintenance run",
        "left_behind" => "it can't be removed: look at its owner and its folder",
        "stale_lock" => "somebody may be at work: if no git is, remove the file",
        "no_target_branch" => "only people know: git config yoi.targetBranches <branch>",
        "missing_hook" | "damaged_hook" | "outdated_hook" | "no_push_hook" => {
            "git yoi hooks status has the reason; git yoi hooks install tries again"
        }
        "damaged_index" | "damaged_cursors" => "it can't be removed: look at its owner and its folder",
        "no_refspec" | "many_refspecs" => {
            "not ours alone, so it stays: git config --show-origin --get-all remote.<name>.fetch"
        }
        "not_opted_in" => {
            "sending is for people to allow: git yoi init <name>, or doctor --fix --remote=<name>"
        }
        "remote_unreachable" | "remote_refuses" | "remote_loses" | "probe_stays" => {
            "the remote's to mend; git yoi help init tells of hosts that keep branches only"
        }
        "not_sent" => "git yoi sync sends it",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_something_to_say_about_every_code() {
        let mut codes = 0;
        for source in super::super::tests::SOURCES {
            for code in super::super::tests::codes(source) {
                let known = on_the_ref(code).or(in_a_ticket(code)).or(around(code));
                assert!(known.is_some(), "{code}");
                codes += 1;
            }
        }
        assert!(codes > 70, "{codes}");
        assert!(advice("no such code").starts_with("nothing is known"));
    }
}
