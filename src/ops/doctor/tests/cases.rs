//! What is wrong, case by case, and what is found.

use super::Change::{self, Bytes, Damage, Move, Put, Remove, Replace, SetMode};
use crate::format::layout;
use crate::store::snapshot::Mode;

/// Changes to the ref, and everything that is found then, a line each.
pub(super) type Case = (&'static [Change], &'static str);

/// Every case.
pub(super) const ALL: [&[Case]; 5] =
    [ON_THE_REF, IN_THE_ITEM, IN_THE_THREAD, BETWEEN_FILES, IN_THE_ARTIFACTS];

/// Names, places, modes, objects.
const ON_THE_REF: &[Case] = &[
    (&[Remove("format")], "warning no_format format missing: nothing says of which format the tickets are"),
    (
        &[Put("format", "tickets 1\n")],
        "error bad_format format:1 the first line is not 'yoi-tickets <number>'",
    ),
    (
        &[Put("format", "yoi-tickets 2\n")],
        "error newer_format format:1 version 2 is newer than this program, which writes 1",
    ),
    (
        &[SetMode("format", Mode::Link)],
        "error symbolic_link format a symbolic link, which no reader follows\n\
             warning no_format format missing: nothing says of which format the tickets are",
    ),
    (
        &[Put("tickets/0/0/00001KSRGJM00.thread.md", "nothing\n")],
        "warning no_events 00001KSRGJM00 thread.md no event in it\n\
             warning closed_without_event 00001KSRGJM00 thread.md the state is closed, but no event closed the ticket",
    ),
    (
        &[
            Put("aliases", ""),
            Put("notes", "x"),
            Put("old/x", "x"),
            Put("link", "x"),
            SetMode("link", Mode::Link),
        ],
        "error symbolic_link link a symbolic link, which no reader follows\n\
         warning unknown_root_entry notes unknown to this program, which keeps it as it is\n\
         warning unknown_root_entry old unknown to this program, which keeps it as it is",
    ),
    (
        &[
            Put("tickets/open/x", "x"),
            Put("tickets/0/readme", "x"),
            Put("tickets/0/0/draft.md", "x"),
            Put("tickets/0/0/\u{1b}[2J\n", "x"),
        ],
        "error foreign_entry tickets/0/0/\\u{1b}[2J\\n neither a ticket's file nor a folder of tickets\n\
             error foreign_entry tickets/0/0/draft.md neither a ticket's file nor a folder of tickets\n\
             error foreign_entry tickets/0/readme neither a ticket's file nor a folder of tickets\n\
             error foreign_entry tickets/open neither a ticket's file nor a folder of tickets",
    ),
    (
        &[
            Move("tickets/0/0/00001KSRGJM00.item.md", "tickets/0/1/00001KSRGJM00.item.md"),
            Move("tickets/0/0/00001KSRGJM00.thread.md", "tickets/0/1/00001KSRGJM00.thread.md"),
            Move("tickets/0/0/00001KSRGJM00.resolution.md", "tickets/0/1/00001KSRGJM00.resolution.md"),
        ],
        "error wrong_shard 00001KSRGJM00 filed in 'tickets/0/1' instead of tickets/0/0\n\
             error duplicate_id 00001KSRGJM00 the id stands in 'tickets/0/1' and in another place\n\
             error no_item 00001KSRGJM00 item.md missing\n\
             error no_thread 00001KSRGJM00 thread.md missing",
    ),
    (
        &[Put("tickets/A/B/00001KSRGJM00.item.md", "x"), Put("tickets/A/B/00001KSRGJM00.thread.md", "x")],
        "error wrong_shard 00001KSRGJM00 filed in 'tickets/A/B' instead of tickets/0/0\n\
             error duplicate_id 00001KSRGJM00 the id stands in 'tickets/A/B' and in another place",
    ),
    (
        &[Put("tickets/0/0/00001KSRGJM00.a�", "x")],
        "error name_not_utf8 tickets/0/0 the name '00001KSRGJM00.a�' is not UTF-8, so no reader looks at it",
    ),
    (&[Damage("tickets/0/1")], "error damaged_object tickets/0/1 an object is missing or damaged: gone"),
    (
        &[Bytes("tickets/0/0/00001KSRGJM00.thread.md", b"a\xff")],
        "error not_utf8 00001KSRGJM00 thread.md not UTF-8 at byte 1",
    ),
    (&[Put("tickets", "x")], "error foreign_entry tickets neither a ticket's file nor a folder of tickets"),
    (&[Damage("tickets/0/0")], "error damaged_object tickets/0/0 an object is missing or damaged: gone"),
    (
        &[
            Damage("tickets/0/0/00001KSRGJM00.thread.md"),
            Damage("tickets/0/0/00001KSRGJM00/notes"),
            Damage("tickets/0/0/00001KSRGJM00/relations.json"),
        ],
        "error damaged_object 00001KSRGJM00 artifacts/notes/ an object is missing or damaged: gone\n\
             error damaged_object 00001KSRGJM00 artifacts/relations.json an object is missing or damaged: gone\n\
             error damaged_object 00001KSRGJM00 thread.md an object is missing or damaged: gone",
    ),
    (
        &[SetMode("tickets/0/0/00001KSRGJM00.item.md", Mode::Link)],
        "error symbolic_link 00001KSRGJM00 item.md a symbolic link, which no reader follows",
    ),
    (
        &[
            SetMode("tickets/0/0/00001KSRGJM00.thread.md", Mode::Submodule),
            SetMode("tickets/0/0/00001KSRGJM00/notes/a.md", Mode::Executable),
        ],
        "warning executable_file 00001KSRGJM00 artifacts/notes/a.md marked as a program, which nothing here is\n\
             error submodule 00001KSRGJM00 thread.md a commit of another repository, not a file",
    ),
    (
        &[Put("tickets/0/0/00001KSRGJM00/big", "large")],
        "error too_large 00001KSRGJM00 artifacts/big 9 bytes, of which no reader takes more than 8",
    ),
    (
        &[Put("tickets/0/0/00001KSRGJM00.notes.md", "x")],
        "warning unknown_file 00001KSRGJM00 notes.md unknown to this program, which keeps it as it is",
    ),
    (
        &[Put("tickets/0/0/00001KSRGJM00/.git/hooks", "x"), Put("tickets/0/0/00001KSRGJM00/a\\b", "x")],
        "error unsafe_path 00001KSRGJM00 artifacts/.git the name '.git' is unsafe: git would take it for something else\n\
             error unsafe_path 00001KSRGJM00 artifacts/a\\b the name 'a\\\\b' is unsafe: it is no plain name",
    ),
];

/// `item.md` by itself.
const IN_THE_ITEM: &[Case] = &[
    (&[Remove("tickets/0/0/00001KSRGJM00.item.md")], "error no_item 00001KSRGJM00 item.md missing"),
    (
        &[Replace(layout::ITEM, "---\n", "")],
        "error unreadable_item 00001KSRGJM00 item.md the first line is not '---'",
    ),
    (
        &[Replace(layout::ITEM, "title: 'T'", "title: 'T")],
        "error unreadable_item 00001KSRGJM00 item.md:2 'title' is a quote that is not closed",
    ),
    (
        &[Replace(layout::ITEM, "state: 'closed'", "state: 'clo\u{1b}[2Jsed'")],
        "error invalid_state 00001KSRGJM00 item.md:3 unknown state 'clo\\u{1b}[2Jsed'",
    ),
    (
        &[
            Replace(layout::ITEM, "title: 'T'", "title: ''"),
            Replace(layout::ITEM, "updated_at: '2026-05-29T00:01:44Z'\n", ""),
        ],
        "error missing_field 00001KSRGJM00 item.md 'updated_at' is missing or empty\n\
             error missing_field 00001KSRGJM00 item.md:2 'title' is missing or empty",
    ),
    (
        &[Replace(layout::ITEM, "state: 'closed'", "status: closed")],
        "error missing_field 00001KSRGJM00 item.md 'state' is missing or empty\n\
             error obsolete_key 00001KSRGJM00 item.md:3 'status' is not used any more",
    ),
    (
        &[Replace(layout::ITEM, "title: 'T'", "title: 7"), Replace(layout::ITEM, "['a']", "[1]")],
        "error wrong_type 00001KSRGJM00 item.md:2 'title' is not a string; put the value in quotes\n\
             error wrong_type 00001KSRGJM00 item.md:8 'labels' is not a list of strings; put the value in quotes",
    ),
    (
        &[Replace(layout::ITEM, "title: 'T'", "title: 'T'\ntitle: 'U'\nslug: x")],
        "error duplicate_key 00001KSRGJM00 item.md:3 'title' stands on line 2 too; the last one counts\n\
             error obsolete_key 00001KSRGJM00 item.md:4 'slug' is not used any more",
    ),
    (
        &[Replace(layout::ITEM, "created_at: '2026-05-29T00:01:36Z'", "created_at: '2026-05-29'")],
        "warning bad_time 00001KSRGJM00 item.md:4 'created_at' is '2026-05-29', not of the form YYYY-MM-DDTHH:MM:SSZ",
    ),
    (
        &[Replace(layout::ITEM, "created_at: '2026-05-29T00:01:36Z'", "created_at: '2026-05-29T00:11:36Z'")],
        "warning created_at_mismatch 00001KSRGJM00 item.md:4 created at 2026-05-29T00:11:36Z, but the id stands for 2026-05-29T00:01:36Z",
    ),
];

/// `thread.md` by itself.
const IN_THE_THREAD: &[Case] = &[
    (&[Remove("tickets/0/0/00001KSRGJM00.thread.md")], "error no_thread 00001KSRGJM00 thread.md missing"),
    (
        &[Replace(layout::THREAD, "<!-- event: create", "\n words\n<!-- event: create")],
        "warning text_before_events 00001KSRGJM00 thread.md:2 text before the first event",
    ),
    (
        &[Replace(layout::THREAD, "<!-- event: create", "<!-- event: create -->\n<!-- event: comment")],
        "error event_without_at 00001KSRGJM00 thread.md:1 create without 'at'\n\
             warning unterminated_event 00001KSRGJM00 thread.md:1 create is not ended by a '---' line\n\
             warning event_without_author 00001KSRGJM00 thread.md:1 create without 'author'",
    ),
    (
        &[Replace(layout::THREAD, "Created.", "<!-- event: plan author: me at: now\n\n<!-- event: x --> y")],
        "error broken_header 00001KSRGJM00 thread.md:5 begins like an event's header and is none, so no reader sees an event here\n\
             error broken_header 00001KSRGJM00 thread.md:7 begins like an event's header and is none, so no reader sees an event here",
    ),
    (
        &[
            Replace(layout::THREAD, " at: 2026-05-29T00:01:36Z", ""),
            Replace(layout::THREAD, "at: 2026-05-29T00:01:37Z", "at: yesterday"),
        ],
        "error event_without_at 00001KSRGJM00 thread.md:1 create without 'at'\n\
             warning bad_time 00001KSRGJM00 thread.md:9 'at' is 'yesterday', not of the form YYYY-MM-DDTHH:MM:SSZ",
    ),
    (
        &[Replace(layout::THREAD, "create author: me", "create")],
        "warning event_without_author 00001KSRGJM00 thread.md:1 create without 'author'",
    ),
    (
        &[
            Replace(layout::THREAD, "intake_summary author: me", "intake_summary"),
            Replace(layout::THREAD, "Clear.", ""),
        ],
        "error incomplete_intake_summary 00001KSRGJM00 thread.md:9 intake_summary without 'author'\n\
             error incomplete_intake_summary 00001KSRGJM00 thread.md:9 intake_summary without text",
    ),
    (
        &[Replace(layout::THREAD, " status: approve", "")],
        "warning review_without_verdict 00001KSRGJM00 thread.md:41 review without a verdict",
    ),
    (
        &[Replace(layout::THREAD, "status: approve", "status: fine")],
        "warning review_without_verdict 00001KSRGJM00 thread.md:41 the verdict 'fine' is neither approve nor request_changes",
    ),
    (
        &[
            Replace(layout::THREAD, "state_changed author: me", "state_changed"),
            Replace(layout::THREAD, " reason: why", ""),
        ],
        "error incomplete_state_change 00001KSRGJM00 thread.md:17 state_changed without 'reason'\n\
             error incomplete_state_change 00001KSRGJM00 thread.md:17 state_changed without 'author'",
    ),
    (
        &[
            Replace(layout::THREAD, "from: planning", "from: intake"),
            Replace(layout::THREAD, "to: done", "to: finished"),
        ],
        "warning unknown_state 00001KSRGJM00 thread.md:51 'to' is 'finished', which is no state\n\
             warning broken_chain 00001KSRGJM00 thread.md:59 from 'done', but the change before led to 'finished'",
    ),
    (
        &[Replace(layout::THREAD, "to: ready", "to: planning")],
        "warning forbidden_move 00001KSRGJM00 thread.md:17 no ticket may go from planning to planning\n\
             warning broken_chain 00001KSRGJM00 thread.md:25 from 'ready', but the change before led to 'planning'",
    ),
    (
        &[Replace(layout::THREAD, "from: done to: closed", "from: inprogress to: closed")],
        "warning broken_chain 00001KSRGJM00 thread.md:59 from 'inprogress', but the change before led to 'done'",
    ),
    (
        &[Replace(layout::THREAD, "Clear.\n\n---\n", "Clear.\n")],
        "warning unterminated_event 00001KSRGJM00 thread.md:9 intake_summary is not ended by a '---' line",
    ),
    (
        &[
            Replace(layout::THREAD, "event: close ", "event: closed "),
            Replace(layout::THREAD, "event: create", "event: made\u{202e}"),
        ],
        "warning unknown_kind 00001KSRGJM00 thread.md:1 unknown kind 'made\\u{202e}'\n\
             warning unknown_kind 00001KSRGJM00 thread.md:67 unknown kind 'closed', which is read as 'close'",
    ),
    (
        &[Replace(layout::THREAD, "01KSRGJM010000", "01KSRGJM000000")],
        "error conflicting_events 00001KSRGJM00 thread.md:9 another event with the id 01KSRGJM00000000000000000E is on line 1",
    ),
    (
        &[Replace(
            layout::THREAD,
            "\n<!-- event: intake_summary",
            "\n<!-- event: create author: me at: 2026-05-29T00:01:36Z id: 01KSRGJM00000000000000000E -->\n\n## Heading\n\nCreated.\n\n---\n\n<!-- event: intake_summary",
        )],
        "warning duplicate_event 00001KSRGJM00 thread.md:9 the same event as on line 1",
    ),
    (
        &[Replace(layout::THREAD, "01KSRGJM010000", "01KSRGJK010000")],
        "warning ids_backwards 00001KSRGJM00 thread.md:9 the id 01KSRGJK01000000000000000E is earlier than that of an event before it",
    ),
];

/// Files that don't agree.
const BETWEEN_FILES: &[Case] = &[
    (
        &[Replace(layout::ITEM, "'closed'", "'done'")],
        "warning state_mismatch 00001KSRGJM00 item.md the state is done, but the thread led to closed",
    ),
    (
        &[
            Replace(
                layout::THREAD,
                "from: done to: closed reason: why field: state ",
                "from: done to: closed reason: why ",
            ),
            Replace(layout::THREAD, "event: close ", "event: comment "),
        ],
        "warning closed_without_event 00001KSRGJM00 thread.md the state is closed, but no event closed the ticket",
    ),
    (
        &[Replace(layout::ITEM, "updated_at: '2026-05-29T00:01:44Z'", "updated_at: '2026-05-29T00:01:43Z'")],
        "warning stale_updated_at 00001KSRGJM00 item.md updated at 2026-05-29T00:01:43Z, but the newest event is of 2026-05-29T00:01:44Z",
    ),
    (
        &[
            Replace(layout::ITEM, "queued_by: 'me'\n", ""),
            Replace(layout::ITEM, "queued_at: '2026-05-29T00:01:39Z'", "queued_at: '2026-05-29T00:01:40Z'"),
        ],
        "warning queued_mismatch 00001KSRGJM00 item.md 'queued_by' is missing, but the thread says 'me'\n\
             warning queued_mismatch 00001KSRGJM00 item.md 'queued_at' is '2026-05-29T00:01:40Z', but the thread says '2026-05-29T00:01:39Z'",
    ),
    (
        &[Remove("tickets/0/0/00001KSRGJM00.resolution.md")],
        "warning closed_without_resolution 00001KSRGJM00 resolution.md missing, though the ticket is closed",
    ),
    (
        &[Replace(layout::RESOLUTION, "over", "out")],
        "warning resolution_mismatch 00001KSRGJM00 resolution.md differs from the text of the last close",
    ),
    (
        &[Put("tickets/0/1/00001KSRGJM01.resolution.md", "x")],
        "warning resolution_without_close 00001KSRGJM01 resolution.md the ticket is planning, and no event closed it",
    ),
];

/// Relations, plan, artifacts.
const IN_THE_ARTIFACTS: &[Case] = &[
    (
        &[
            Remove("tickets/0/0/00001KSRGJM00/notes/a.md"),
            Remove("tickets/0/0/00001KSRGJM00/relations.json"),
            Remove("tickets/0/0/00001KSRGJM00/orchestration-plan.jsonl"),
            Put("tickets/0/0/00001KSRGJM00/.no-gitkeep", ""),
        ],
        "warning no_artifacts_folder 00001KSRGJM00 artifacts/ missing: the directory this ticket was imported from had no such folder",
    ),
    (
        &[Replace(layout::RELATIONS, "\"version\": 1", "\"version\": 2")],
        "error bad_relations 00001KSRGJM00 artifacts/relations.json version 2 instead of 1",
    ),
    (
        &[Replace(layout::RELATIONS, "\"kind\"", "\"weight\": 1,\n      \"kind\"")],
        "warning unknown_key 00001KSRGJM00 artifacts/relations.json unknown key 'weight'",
    ),
    (
        &[Replace(layout::RELATIONS, "\"ticket_id\": \"00001KSRGJM00\"", "\"ticket_id\": \"00001KSRGJM01\"")],
        "error foreign_relation 00001KSRGJM00 artifacts/relations.json depends_on 00001KSRGJM01 is a relation of 00001KSRGJM01",
    ),
    (
        &[
            Replace(layout::RELATIONS, "00001KSRGJM01", "00001KSRGJM02"),
            Replace(layout::RELATIONS, "00:01:37Z", "00:01Z"),
        ],
        "warning bad_time 00001KSRGJM00 artifacts/relations.json 'at' is '2026-05-29T00:01Z', not of the form YYYY-MM-DDTHH:MM:SSZ\n\
             error dangling_relation 00001KSRGJM00 artifacts/relations.json depends_on 00001KSRGJM02, which does not exist",
    ),
    (
        &[Replace(layout::RELATIONS, "00001KSRGJM01", "00001KSRGJM00")],
        "error self_relation 00001KSRGJM00 artifacts/relations.json depends_on the ticket itself",
    ),
    (
        &[Replace(
            layout::RELATIONS,
            "\n  ]",
            ",\n    {\"ticket_id\": \"00001KSRGJM00\", \"kind\": \"depends_on\", \"target\": \"00001KSRGJM01\", \"author\": \"me\", \"at\": \"2026-05-29T00:01:37Z\"}\n  ]",
        )],
        "error duplicate_relation 00001KSRGJM00 artifacts/relations.json depends_on 00001KSRGJM01 stands twice",
    ),
    (
        &[Replace(
            layout::RELATIONS,
            "\n  ]",
            ",\n    {\"ticket_id\": \"00001KSRGJM00\", \"kind\": \"blocks\", \"target\": \"00001KSRGJM01\", \"author\": \"me\", \"at\": \"2026-05-29T00:01:37Z\"}\n  ]",
        )],
        "warning dependency_cycle 00001KSRGJM00 artifacts/relations.json tickets wait for each other in a circle: 00001KSRGJM00 -> 00001KSRGJM01 -> 00001KSRGJM00",
    ),
    (
        &[Replace(
            layout::RELATIONS,
            "\n  ]",
            ",\n    {\"ticket_id\": \"00001KSRGJM00\", \"kind\": \"supersedes\", \"target\": \"00001KSRGJM01\", \"author\": \"me\", \"at\": \"2026-05-29T00:01:37Z\"},\n    {\"ticket_id\": \"00001KSRGJM00\", \"kind\": \"duplicate_of\", \"target\": \"00001KSRGJM01\", \"author\": \"me\", \"at\": \"2026-05-29T00:01:37Z\"}\n  ]",
        )],
        "warning replacement_cycle 00001KSRGJM00 artifacts/relations.json tickets take each other's place in a circle: 00001KSRGJM00 -> 00001KSRGJM01 -> 00001KSRGJM00",
    ),
    (
        &[Put("tickets/0/0/00001KSRGJM00/work.jsonl", "{}\n")],
        "error bad_work_line 00001KSRGJM00 artifacts/work.jsonl:1 missing field `at` at column 2",
    ),
    (
        &[Replace(layout::PLAN, "{", "{}\n{")],
        "error bad_plan_line 00001KSRGJM00 artifacts/orchestration-plan.jsonl:1 missing field `id` at column 2",
    ),
    (
        &[
            Replace(layout::PLAN, "\"ticket_id\":\"00001KSRGJM00\"", "\"ticket_id\":\"00001KSRGJM01\""),
            Replace(layout::PLAN, "00001KSRGJM01\",\"author", "../../x\",\"author"),
            Replace(layout::PLAN, "T00:01:37Z", ""),
        ],
        "error foreign_plan_record 00001KSRGJM00 artifacts/orchestration-plan.jsonl:1 a record of 00001KSRGJM01\n\
             warning bad_time 00001KSRGJM00 artifacts/orchestration-plan.jsonl:1 'at' is '2026-05-29', not of the form YYYY-MM-DDTHH:MM:SSZ\n\
             warning dangling_plan_target 00001KSRGJM00 artifacts/orchestration-plan.jsonl:1 after '../../x', which does not exist",
    ),
];
