//! The tickets that are measured: the same bytes on every machine and in every run.
//!
//! Each has a body of 600 bytes and three comments of 300; one in four is open, in all states of the workflow, the
//! others are closed; one in five has a relation to an earlier one, an open one to an open one; one in ten is
//! Japanese. The words come from a made-up vocabulary and are as uneven as those of a language, so that
//! compression and search meet something like real text.

use std::fmt::Write as _;

/// Part of the name of the folder that repositories are kept in: raised when the tickets change.
pub(crate) const VERSION: u32 = 2;

/// A word that stands in three tickets of every repository.
pub(crate) const RARE: &str = "quokka";

/// An event in every ticket, and three comments; closed ones have one more.
pub(crate) const fn events(tickets: usize) -> usize {
    tickets * 4 + (tickets - tickets / OPEN_EACH)
}

/// One in so many is open.
const OPEN_EACH: usize = 4;

/// After so many tickets states come again.
const ROUND: usize = 80;

/// So many of a round are open and in planning.
const PLANNED: usize = 12;

const BODY: usize = 600;
const COMMENT: usize = 300;
const TIME: &str = "2026-01-02T03:04:05Z";
const SYLLABLES: [&str; 24] = [
    "ka", "to", "ren", "mi", "so", "lu", "per", "an", "di", "vor", "es", "tal", "qui", "no", "be", "stra",
    "ge", "on", "fi", "ur", "cha", "mo", "li", "ed",
];
const JAPANESE: [&str; 24] = [
    "設計",
    "実行",
    "環境",
    "変更",
    "確認",
    "必要",
    "処理",
    "情報",
    "機能",
    "検索",
    "の",
    "を",
    "に",
    "は",
    "が",
    "する",
    "した",
    "これ",
    "ファイル",
    "テスト",
    "エラー",
    "ユーザー",
    "画面",
    "、",
];

/// A ticket's files, by their names in its folder.
pub(crate) struct Ticket {
    pub(crate) id: String,
    pub(crate) files: Vec<(&'static str, String)>,
}

/// The ticket of that number in a repository of so many.
pub(crate) fn ticket(number: usize, tickets: usize) -> Ticket {
    let mut words = Words::new(number);
    let is_open = number.is_multiple_of(OPEN_EACH);
    let state = state(number);
    let title = words.text(40);
    let mut body = words.text(BODY - 16);
    if number % tickets.div_ceil(3) == 7 {
        body = format!("{RARE} {body}");
    }
    let item = format!(
        "---\ntitle: '{title} {number}'\nstate: '{state}'\ncreated_at: '{TIME}'\nupdated_at: '{}'\nassignee: {}\n\
         labels: ['{}']\npriority: '{}'\n{}---\n\n## Background\n\n{body}\n",
        updated(number),
        assignee(number),
        ["bug", "design", "speed", "docs", "sync"][number % 5],
        ["P0", "P1", "P2", "P3"][number % 11 % 4],
        queued(number),
    );
    let mut thread = event("create", "", "## Created\n\nCreated by the benchmark.");
    for _ in 0..3 {
        thread.push('\n');
        thread.push_str(&event("comment", "", &format!("## Comment\n\n{}", words.text(COMMENT))));
    }
    let mut files = vec![("artifacts/.gitkeep", String::new())];
    if !is_open {
        thread.push('\n');
        thread.push_str(&event("close", " status: closed", "## Closed\n\nIt works."));
        files.push(("resolution.md", "It works.\n".to_owned()));
    }
    if number % 5 == 4 {
        files.push(("artifacts/relations.json", relation(number)));
    }
    files.push(("item.md", item));
    files.push(("thread.md", thread));
    Ticket { id: id(number), files }
}

/// Where it stands: of twenty open ones twelve are in planning, three ready, two queued, two in progress, one done.
fn state(number: usize) -> &'static str {
    match number % ROUND / OPEN_EACH {
        _ if !number.is_multiple_of(OPEN_EACH) => "closed",
        ..PLANNED => "planning",
        12..=14 => "ready",
        15..=16 => "queued",
        17..=18 => "inprogress",
        _ => "done",
    }
}

/// The number of the n-th ticket in planning from the middle on.
pub(crate) fn planned(nth: usize, tickets: usize) -> usize {
    let middle = tickets / 2 / ROUND * ROUND;
    (middle + nth / PLANNED * ROUND + nth % PLANNED * OPEN_EACH) % (tickets / ROUND * ROUND)
}

/// Nobody has what is queued.
fn assignee(number: usize) -> &'static str {
    match state(number) {
        "queued" => "null",
        _ => ["null", "'ada'", "'ben'", "'yoi-coder'"][number % 7 % 4],
    }
}

fn queued(number: usize) -> String {
    match state(number) {
        "queued" | "inprogress" => format!("queued_by: 'bench'\nqueued_at: '{}'\n", updated(number)),
        _ => String::new(),
    }
}

/// What somebody else adds to a thread.
pub(crate) fn remark(number: usize) -> String {
    format!("\n{}", event("comment", "", &format!("## Comment\n\n{}", comment(number))))
}

/// The text of a comment.
pub(crate) fn comment(number: usize) -> String {
    Words::new(number + 7).text(COMMENT)
}

/// The id of the ticket of that number: a time in milliseconds, in Crockford's base 32.
pub(crate) fn id(number: usize) -> String {
    let millis = 1_750_000_000_000 + number as u64 * 61_001;
    let digit = |place: u32| {
        let value = (millis >> (5 * place)) & 31;
        char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value as usize])
    };
    (0..13).rev().map(digit).collect()
}

/// Where a file of a ticket is on the ref.
pub(crate) fn path(id: &str, name: &str) -> String {
    let (first, second) = (&id[11..12], &id[12..13]);
    match name.strip_prefix("artifacts/") {
        Some(artifact) => format!("tickets/{first}/{second}/{id}/{artifact}"),
        None => format!("tickets/{first}/{second}/{id}.{name}"),
    }
}

fn updated(number: usize) -> String {
    let (day, hour, minute) = (number % 28 + 1, number / 28 % 24, number / 672 % 60);
    format!("2026-01-{day:02}T{hour:02}:{minute:02}:05Z")
}

fn event(kind: &str, attributes: &str, text: &str) -> String {
    format!("<!-- event: {kind} author: bench at: {TIME}{attributes} -->\n\n{text}\n\n---\n")
}

/// Related to, or waiting for, the one three or four before it.
fn relation(number: usize) -> String {
    let before = if number.is_multiple_of(OPEN_EACH) { OPEN_EACH } else { 3 };
    let (own, target) = (id(number), id(number - before));
    let kind = if number.is_multiple_of(2) { "depends_on" } else { "related" };
    format!(
        "{{\n  \"version\": 1,\n  \"relations\": [\n    {{\n      \"ticket_id\": \"{own}\",\n      \"kind\": \"{kind}\",\n      \
         \"target\": \"{target}\",\n      \"note\": \"It builds on that.\",\n      \"author\": \"bench\",\n      \
         \"at\": \"{TIME}\"\n    }}\n  ]\n}}\n"
    )
}

/// Words that follow from a number.
struct Words {
    state: u64,
    is_japanese: bool,
}

impl Words {
    fn new(number: usize) -> Self {
        let state = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Words { state, is_japanese: number % 10 == 3 }
    }

    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 11
    }

    /// Text of exactly so many bytes, ended with a full stop.
    fn text(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 32);
        while text.len() < bytes {
            // The product of two even numbers is uneven: some words come often, most seldom.
            let rank = (self.random() % 60) * (self.random() % 60);
            if self.is_japanese {
                text.push_str(JAPANESE[rank as usize % JAPANESE.len()]);
            } else {
                word(rank, &mut text);
                text.push(' ');
            }
        }
        let end = (0..bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        while text.len() < bytes {
            text.push('.');
        }
        text
    }
}

fn word(rank: u64, text: &mut String) {
    let mut rest = rank as usize + 1;
    while rest > 0 {
        // A string takes whatever is written to it.
        let _ = text.write_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
}
