//! Full-text searches: the answers with the index are those without it, whatever happens to the index.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use git_yoi::host::{Clock, Entropy, Host, Terminal};
use git_yoi::model::id::TicketId;
use git_yoi::model::query::{Query, Sort};
use git_yoi::model::search::hit::{Sought, Wanted};
use git_yoi::model::search::needle::Needle;
use git_yoi::model::search::passage::Part;
use git_yoi::model::state::State;
use git_yoi::ops::Session;
use git_yoi::ops::search::{self, Found, Request};

use crate::corpus;
use crate::fixture::{THREAD, folder, import, item, put};
use crate::world::{World, gits};

/// The process, as this program would find it in the repository.
fn host(world: &World) -> Host {
    let path = std::env::var_os("PATH").unwrap();
    let env =
        [("PATH", path), ("HOME", world.root().join("home").into()), ("GIT_CONFIG_NOSYSTEM", "1".into())];
    Host {
        args: Vec::new(),
        env: env.into_iter().map(|(name, value)| (name.into(), value)).collect(),
        id: 1,
        program: None,
        cwd: world.repo(),
        clock: Clock::stepping(1_790_000_000_000, 1),
        entropy: Entropy::counting(),
        terminal: Terminal::default(),
        stdin: RefCell::new(Box::new(io::empty())),
        stdout: RefCell::new(Box::new(io::sink())),
        stderr: RefCell::new(Box::new(io::sink())),
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// So many words, with something between them.
    fn text(&mut self, words: usize) -> String {
        let gaps = [" ", " ", " ", "\n", "\n\n", ", ", "_", "-", ""];
        (0..words).map(|_| self.pick(&WORDS).to_owned() + self.pick(&gaps)).collect()
    }

    fn wanted(&mut self) -> Wanted {
        let words = 1 + self.below(3);
        let mut text = self.text(words).trim().to_owned();
        if self.below(4) == 0 {
            text = text.chars().skip(self.below(2)).take(1 + self.below(4)).collect();
        }
        let parts = if self.below(4) == 0 { vec![Part::ALL[self.below(5)]] } else { Vec::new() };
        match Needle::new(&text, self.below(3) == 0) {
            Some(needle) => Wanted { needle, parts },
            None => self.wanted(),
        }
    }

    fn request(&mut self) -> Request {
        let wanted = (0..=self.below(3)).map(|_| self.wanted()).collect();
        let unwanted = (0..self.below(4) / 2).map(|_| self.wanted()).collect();
        let mut query = Query::in_states(&State::ALL);
        query.most = [None, Some(3), Some(0)][self.below(3)];
        query.sort = [Sort::Title, Sort::Updated][self.below(2)];
        Request {
            sought: Sought { wanted, unwanted },
            query,
            is_ranked: self.below(2) == 0,
            wants_snippets: true,
            wants_total: true,
        }
    }
}

const WORDS: [&str; 22] = [
    "the",
    "Registry",
    "RuntimeRegistry",
    "registries",
    "queue",
    "Queued",
    "fox",
    "設計",
    "再設計書",
    "設",
    "実行環境",
    "の",
    "ガイド",
    "ｶﾞｲﾄﾞ",
    "Straße",
    "CAFÉ",
    "cafe\u{301}",
    "a",
    "orchestrator routing",
    "v2",
    "한국어",
    "list.rs",
];

/// Fills a folder with tickets of such words.
fn plant(world: &World, dice: &mut Dice, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let title = dice.text(3).replace('\n', " ");
        let body = dice.text(12);
        let text = item(&format!("'x {}'", title.trim()), "ready", "").replace("Written elsewhere.", &body);
        let comment = "\n<!-- event: comment author: robot at: 2026-01-03T00:00:00Z -->\n\n## Comment\n\n";
        let thread = format!("{THREAD}{comment}{}\n\n---\n", dice.text(10).trim());
        let place = folder(world, number, &text, &thread);
        if number.is_multiple_of(3) {
            fs::write(place.join("artifacts/notes.txt"), dice.text(8)).unwrap();
        }
    }
    import(world);
    fs::remove_dir_all(world.root().join("from")).unwrap();
}

/// Asks for many things in both ways; gives how many were found in all.
#[track_caller]
fn agree(world: &World, dice: &mut Dice, times: usize) -> usize {
    let host = host(world);
    let session = Session::open(&host, Some("somebody")).unwrap();
    let mut total = 0;
    for _ in 0..times {
        let request = dice.request();
        let with = search::search(&session, &request, &mut |_, _| {}).unwrap();
        let without = search::search_all(&session, &request).unwrap();
        assert_eq!(with, without, "{request:?}");
        total += with.total;
    }
    total
}

fn index(world: &World) -> PathBuf {
    world.repo().join(".git/yoi/text.db")
}

#[test]
fn answers_with_the_index_are_those_without() {
    let world = World::new();
    let mut dice = Dice(0x9e37_79b9);
    plant(&world, &mut dice, 0..25);
    let found = agree(&world, &mut dice, 120);
    assert!(found > 120 && index(&world).exists(), "{found}");
    let id = "00001K0000007";
    world.yoi(["comment", id, "-m", "A 設計 for the fox"]).ok();
    world.yoi(["edit", "00001K0000008", "--title", "orchestrator v2"]).ok();
    world.yoi(["close", "00001K0000009", "-m", "The queue is a registry."]).ok();
    let created = world.create("設計 of the RuntimeRegistry");
    agree(&world, &mut dice, 40);
    plant(&world, &mut dice, 100..110);
    put(&world, &created, "item.md", "---\nno front matter\n");
    put(&world, "00001K0000003", "thread.md", "fox \u{0} registry");
    agree(&world, &mut dice, 40);
    let tip = world.git(["rev-parse", "refs/yoi/tickets~4"]).ok();
    world.git(["update-ref", "refs/yoi/tickets", tip.trim_end()]).ok();
    agree(&world, &mut dice, 40);
}

#[test]
fn an_index_in_any_doubt_is_made_anew() {
    let world = World::new();
    let mut dice = Dice(7);
    plant(&world, &mut dice, 0..12);
    agree(&world, &mut dice, 10);
    let whole = fs::read(index(&world)).unwrap();
    let mut torn = whole.clone();
    for at in (4096..torn.len()).step_by(7) {
        torn[at] ^= 0x5a;
    }
    let mut newer = whole.clone();
    newer[60..64].copy_from_slice(&99_u32.to_be_bytes());
    let cases: [(&str, &[u8]); 5] = [
        ("cut", &whole[..whole.len() / 2]),
        ("no database", b"not a database at all, and longer than a header would have to be to be read"),
        ("empty", b""),
        ("torn", &torn),
        ("newer", &newer),
    ];
    for (name, bytes) in cases {
        fs::write(index(&world), bytes).unwrap();
        agree(&world, &mut dice, 4);
        let size = fs::read(index(&world)).unwrap().len();
        assert!(size > 4096, "{name} {size}");
    }
    // A folder where the file should be.
    fs::remove_file(index(&world)).unwrap();
    fs::create_dir_all(index(&world).join("x")).unwrap();
    agree(&world, &mut dice, 10);
}

#[test]
fn a_git_folder_that_can_not_be_written_is_searched_as_well() {
    let world = World::new();
    let mut dice = Dice(11);
    plant(&world, &mut dice, 0..12);
    // As root nothing is denied, so a file stands in the way instead.
    fs::remove_dir_all(world.repo().join(".git/yoi")).unwrap();
    fs::write(world.repo().join(".git/yoi"), "in the way").unwrap();
    agree(&world, &mut dice, 10);
    let found = world.yoi(["search", "robot", "--porcelain"]);
    assert_eq!((found.code, found.err.as_str()), (1, ""), "{found:?}");
    let found = world.yoi(["search", "elsewhere", "--porcelain"]);
    assert_eq!((found.code, found.out.lines().count()), (0, 12), "{found:?}");
}

#[test]
fn searches_at_the_same_time_build_one_index() {
    let world = World::new();
    let mut dice = Dice(13);
    plant(&world, &mut dice, 0..60);
    let start = || {
        let mut command = world.yoi_command(["search", "made", "elsewhere", "--porcelain"]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let running: Vec<_> = (0..6).map(|_| start()).collect();
    for child in running {
        let output = child.wait_with_output().unwrap();
        let rows = String::from_utf8(output.stdout).unwrap();
        assert_eq!((rows.lines().count(), output.stderr.as_slice()), (60, &b""[..]));
    }
    agree(&world, &mut dice, 10);
}

#[test]
fn every_git_and_every_worktree_shares_the_index() {
    for git in gits() {
        let world = World::with_git(&git);
        world.create("shared words");
        world.git(["commit", "-q", "--allow-empty", "-m", "x"]).ok();
        world.git(["worktree", "add", "-q", "../other"]).ok();
        let mut command = world.yoi_command(["search", "shared", "--porcelain"]);
        command.current_dir(world.root().join("other"));
        assert_eq!(world.run(command).ok().lines().count(), 1);
        assert!(index(&world).exists());
    }
}

/// The best of what the corpus has for some words, and how many there are.
fn ask(session: &Session, text: &str, parts: &[Part]) -> Found {
    let needle = Needle::new(text, false).unwrap();
    let wanted = vec![Wanted { needle, parts: parts.to_vec() }];
    let request = Request {
        sought: Sought { wanted, unwanted: Vec::new() },
        query: Query::in_states(&State::ALL),
        is_ranked: true,
        wants_snippets: true,
        wants_total: true,
    };
    let found = search::search(session, &request, &mut |_, _| {}).unwrap();
    assert_eq!(found, search::search_all(session, &request).unwrap(), "{text}");
    found
}

#[test]
fn real_tickets_are_found_by_japanese_and_english_words() {
    let Some(corpus) = corpus::find() else { return };
    let world = World::new();
    world.yoi(["import", "yoi", corpus.join("yoi/.yoi/tickets").to_str().unwrap()]).ok();
    let host = host(&world);
    let session = Session::open(&host, Some("somebody")).unwrap();
    let texts: HashMap<TicketId, String> = corpus::tickets(&corpus)
        .into_iter()
        .map(|(id, folder)| {
            let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
            (id, read("item.md") + &read("thread.md"))
        })
        .collect();
    let own = [Part::Title, Part::Body, Part::Thread];
    for word in ["設計", "実行環境", "計", "権限"] {
        let mut found: Vec<TicketId> =
            ask(&session, word, &own).hits.iter().map(|hit| hit.ticket.id).collect();
        found.sort();
        let mut expected: Vec<TicketId> =
            texts.iter().filter(|(_, text)| text.contains(word)).map(|(id, _)| *id).collect();
        expected.sort();
        assert_eq!(found, expected, "{word}");
    }
    for phrase in ["orchestrator routing", "IntentPacket", "src/main.rs", "no such phrase here"] {
        let found = ask(&session, phrase, &own);
        for hit in &found.hits {
            let folded = git_yoi::model::fold::fold(&texts[&hit.ticket.id]);
            let first = git_yoi::model::fold::fold(phrase.split([' ', '/']).next().unwrap());
            assert!(folded.contains(&first), "{phrase} {}", hit.ticket.id);
            let snippet = &hit.snippets[0];
            assert!(!snippet.found.is_empty() && snippet.text.len() > 3, "{snippet:?}");
        }
        assert_eq!(found.total == 0, phrase.starts_with("no such"), "{phrase}");
    }
}
