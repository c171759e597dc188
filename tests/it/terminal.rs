//! On a real terminal: colours, widths, pager, editor, and text that would like to do more than be read.
//!
//! Each test runs a script in a tmux session of its own and reads the screen. Where tmux is missing the
//! tests say so in one line and check nothing.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::fixture::{THREAD, folder, id, import, item, kinds, last, shown, text, tip};
use crate::world::World;

/// What a script says when it is through.
const END: &str = "[end of the script]";
/// How long a script may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with a script running on it.
struct Screen<'w> {
    world: &'w World,
    socket: PathBuf,
}

impl<'w> Screen<'w> {
    /// Runs a script in the repository on a terminal of 80 columns, to its end; `None` without tmux.
    fn run(world: &'w World, script: &str) -> Option<Self> {
        let screen = Screen { world, socket: world.root().join("tmux") };
        if world.command("tmux", world.root()).arg("-V").output().is_err() {
            writeln!(std::io::stdout().lock(), "skipped: no tmux").unwrap();
            return None;
        }
        let script = format!("tmux wait-for begin\n{script}\nprintf '\\n%s\\n' '{END}'\nexec cat\n");
        let path = world.write("script", script);
        let start = format!("sh '{}'", path.display());
        screen.tmux(&["new-session", "-d", "-x", "80", "-y", "50", &start]);
        screen.tmux(&["set-option", "-g", "set-clipboard", "on"]);
        let bytes = world.write("bytes", "");
        screen.tmux(&["pipe-pane", &format!("cat >'{}'", bytes.display())]);
        screen.tmux(&["wait-for", "-S", "begin"]);
        wait_for(END, || screen.text());
        Some(screen)
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux = self.world.command("tmux", &self.world.repo());
        tmux.args(["-u", "-f", "/dev/null", "-S"]).arg(&self.socket).args(arguments);
        self.world.run(tmux).ok()
    }

    /// What is on the screen, without colours; a line that was wrapped is several.
    fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// What is on the screen, with colours.
    fn painted(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e"])
    }

    /// Everything that was sent to the screen.
    fn bytes(&self) -> String {
        let read =
            || String::from_utf8_lossy(&fs::read(self.world.root().join("bytes")).unwrap()).into_owned();
        wait_for(END, read);
        read()
    }

    /// The lines before the end of the script, trailing blank ones aside.
    fn lines(&self) -> Vec<String> {
        let text = self.text();
        text.split(END).next().unwrap().trim_end().lines().map(str::to_owned).collect()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.world.root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// Reads until the words are there.
fn wait_for(words: &str, read: impl Fn() -> String) {
    let started = Instant::now();
    while !read().contains(words) {
        assert!(started.elapsed() < PATIENCE, "{words:?} does not appear in\n{}", read());
        std::thread::yield_now();
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        let mut tmux = self.world.command("tmux", self.world.root());
        // Already gone when the server never came up.
        let _ = tmux.arg("-S").arg(&self.socket).arg("kill-server").output();
    }
}

/// Tickets whose titles are too long for a line.
fn long_titles(world: &World) -> usize {
    let titles = [
        "short".to_owned(),
        "A title of many words that goes on and on ".repeat(6),
        "日本語の長い題名が続く".repeat(12),
        format!("x{}", "日本語の長い題名が続く".repeat(12)),
        "Ångström e\u{301}e\u{301} ｶﾀｶﾅ 한국어 ✓✓ ".repeat(8),
        "nospaces".repeat(40),
    ];
    for (number, title) in (1..).zip(&titles) {
        folder(world, number, &item(&format!("'{title}'"), "planning", "labels: ['one', 'two']\n"), THREAD);
    }
    import(world);
    titles.len()
}

#[test]
fn a_list_has_one_line_for_each_ticket_however_long_its_title() {
    let world = World::new();
    let count = long_titles(&world);
    let Some(screen) = Screen::run(&world, "GIT_PAGER=cat git yoi list --sort id") else { return };
    let lines = screen.lines();
    assert_eq!(lines.len(), count, "{lines:#?}");
    for (number, line) in (1..).zip(&lines) {
        assert!(line.starts_with(&format!("{}  planning  2026-01-02  ", id(number))), "{line}");
        assert_eq!(line.ends_with('…'), number > 1, "{line}");
    }
    assert_eq!(lines[0], format!("{}  planning  2026-01-02  short [one, two]", id(1)));
}

#[test]
fn a_list_is_coloured_and_the_end_of_ids_stressed() {
    let world = World::new();
    long_titles(&world);
    let Some(screen) = Screen::run(&world, "GIT_PAGER=cat git yoi list --sort id") else { return };
    let painted = screen.painted();
    let first = painted.lines().next().unwrap();
    let (front, rest) = first.split_once("00001K000").unwrap();
    assert_eq!(front, "\u{1b}[2m", "{first:?}");
    let (style, _) = rest.split_once("0001").unwrap();
    assert!(style.starts_with("\u{1b}[") && style.contains("1m"), "{first:?}");
    assert!(first.contains("\u{1b}[35mplanning"), "{first:?}");
}

#[test]
fn colours_are_turned_off_as_git_turns_them_off() {
    let world = World::new();
    world.create("a");
    let script = "export GIT_PAGER=cat\nNO_COLOR=1 git yoi list\ngit -c color.ui=never yoi list\ngit -c color.yoi=false yoi list\n\
                  git yoi list --color=never\nTERM=dumb git yoi list\ngit yoi list --porcelain\ngit yoi list | cat\necho [border]\n\
                  NO_COLOR=1 git yoi list --color=always\ngit -c color.ui=always yoi list | cat\ngit -c color.ui=never -c color.yoi=auto yoi list\n";
    let Some(screen) = Screen::run(&world, script) else { return };
    let painted = screen.painted();
    let (plain, rest) = painted.split_once("[border]").unwrap();
    assert_eq!((plain.matches("planning").count(), plain.matches('\u{1b}').count()), (7, 0), "{plain:?}");
    assert_eq!(rest.matches("\u{1b}[35mplanning").count(), 3, "{rest:?}");
}

#[test]
fn a_ticket_goes_through_the_pager_that_git_would_use() {
    let world = World::new();
    let id = world.create("Paged title");
    world.git(["config", "core.pager", "cat >../seen; echo [configured $GIT_PAGER_IN_USE $LESS]"]).ok();
    let script = format!("git yoi show {id}\nGIT_PAGER='cat >../other; echo [variable]' git yoi list");
    let Some(screen) = Screen::run(&world, &script) else { return };
    assert_eq!(screen.lines(), ["[configured 1 FRX]", "[variable]"]);
    let seen = screen.file("seen");
    assert!(
        seen.starts_with("\u{1b}[") && seen.contains("Paged title") && seen.contains("Created by git-yoi."),
        "{seen}"
    );
    assert!(screen.file("other").contains("\u{1b}[35mplanning"));
}

#[test]
fn the_pager_is_left_out_when_nobody_wants_it() {
    let world = World::new();
    let id = world.create("Title");
    world.git(["config", "core.pager", "cat >../seen; echo [paged]"]).ok();
    let script = format!(
        "git yoi show {id} --no-pager\ngit -c pager.yoi=false yoi show {id}\nGIT_PAGER= git yoi show {id}\n\
         git yoi show {id} --porcelain\ngit yoi show {id} --json\ngit yoi show {id} | cat"
    );
    let Some(screen) = Screen::run(&world, &script) else { return };
    let seen = screen.tmux(&["capture-pane", "-p", "-S", "-"]);
    assert_eq!(
        (seen.matches(&format!("{id} Title\n")).count(), seen.matches("[paged]").count()),
        (4, 0),
        "{seen}"
    );
    assert!(!world.root().join("seen").exists());
}

#[test]
fn a_pager_that_can_not_be_run_does_not_hide_the_answer() {
    let world = World::new();
    let id = world.create("Title");
    let script = format!(
        "GIT_PAGER=no-such-pager git yoi show {id} 2>../err; echo [$?]\ngit -c pager.yoi='echo [own]' yoi list"
    );
    let Some(screen) = Screen::run(&world, &script) else { return };
    let text = screen.text();
    assert!(text.contains(&format!("{id} Title\n")) && text.contains("[0]\n[own]\n"), "{text}");
    assert!(screen.file("err").contains("warning: can't run the pager 'no-such-pager'"));
}

/// An editor that keeps what it was given and puts some text above it.
const EDITOR: &str = "#!/bin/sh\ncp \"$1\" ../given\n{ printf '# A heading\\n#tag\\n\\ntext\\n\\n'; cat \"$1\"; } >../mixed\ncp ../mixed \"$1\"\n";

/// Files in the folder of the program's own that an editor may have left.
fn drafts(world: &World) -> Vec<PathBuf> {
    let folder = world.repo().join(".git/yoi");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.to_string_lossy().contains("EDITMSG")).collect()
}

#[test]
fn the_editor_is_opened_where_no_text_is_given_and_lines_with_a_hash_stay() {
    let world = World::new();
    let id = world.create("a");
    world.write("editor", EDITOR);
    let script =
        format!("export GIT_EDITOR='sh ../editor'\ngit yoi comment {id}\ngit yoi close {id} -m 'Given.' -e");
    let Some(screen) = Screen::run(&world, &script) else { return };
    let ticket = shown(&world, &id);
    assert_eq!(kinds(&ticket), ["create", "comment", "state_changed", "close"], "{}", screen.text());
    assert_eq!(text(&ticket["events"][1]["body"]), "# A heading\n#tag\n\ntext");
    assert_eq!(text(&last(&ticket)["body"]), "# A heading\n#tag\n\ntext\n\nGiven.");
    let given = screen.file("given");
    assert!(
        given.starts_with("Given.\n# ------------------------ >8 ------------------------\n# "),
        "{given}"
    );
    assert_eq!(drafts(&world), Vec::<PathBuf>::new(), "a stored text leaves no file");
}

#[test]
fn an_editor_that_fails_leaves_the_text_in_a_file_that_is_named() {
    let world = World::new();
    let id = world.create("a");
    let before = tip(&world);
    world.write("editor", "echo precious >\"$1\"\nexit 3\n");
    let script = format!("GIT_EDITOR='sh ../editor' git yoi comment {id} 2>../err; echo [$?]");
    let Some(screen) = Screen::run(&world, &script) else { return };
    assert!(screen.text().contains("[128]"), "{}", screen.text());
    assert_eq!(tip(&world), before);
    let [draft] = &drafts(&world)[..] else { panic!("{:?}", drafts(&world)) };
    assert_eq!(fs::read_to_string(draft).unwrap(), "precious\n");
    let err = screen.file("err");
    assert!(err.contains(draft.file_name().unwrap().to_str().unwrap()), "{err}");
}

#[test]
fn a_text_that_is_refused_after_editing_is_kept_and_named() {
    let world = World::new();
    let (id, other) = (world.create("a"), world.create("b"));
    world.write("editor", "printf 'a\\0b\\n' >\"$1\"\n");
    world.write("empty", ": >\"$1\"\n");
    let script = format!(
        "GIT_EDITOR='sh ../editor' git yoi comment {id} 2>../err\nGIT_EDITOR='sh ../empty' git yoi comment {other} 2>../err2; echo [$?]"
    );
    let Some(screen) = Screen::run(&world, &script) else { return };
    let err = screen.file("err");
    let kept = drafts(&world).into_iter().find(|path| fs::read(path).unwrap() == b"a\0b\n");
    let kept = kept.unwrap_or_else(|| panic!("{err}"));
    assert!(err.contains(&format!("note: your text is kept in '{}'", kept.display())), "{err}");
    assert!(screen.text().contains("[129]") && screen.file("err2").contains("the text is empty"));
    assert_eq!(kinds(&shown(&world, &id)), ["create"]);
}

#[test]
fn an_edit_that_is_overtaken_in_the_editor_is_refused_and_kept() {
    let world = World::new();
    let id = world.yoi(["create", "a", "-m", "Old body", "--porcelain"]).ok();
    let id = id.trim_end();
    world.write("editor", format!("git yoi comment {id} -m meanwhile >../echo\n{{ echo New; cat \"$1\"; }} >../mixed\ncp ../mixed \"$1\"\n"));
    let script = format!("GIT_EDITOR='sh ../editor' git yoi edit {id} 2>../err; echo [$?]");
    let Some(screen) = Screen::run(&world, &script) else { return };
    assert!(screen.text().contains("[2]"), "{}", screen.text());
    assert_eq!(text(&shown(&world, id)["body"]), "Old body\n");
    let [draft] = &drafts(&world)[..] else { panic!("{:?}", drafts(&world)) };
    assert!(fs::read_to_string(draft).unwrap().starts_with("New\nOld body\n"));
    assert!(screen.file("err").contains(&format!("kept in '{}'", draft.display())));
}

/// Text that clears the screen, sets the clipboard, rings, reorders, hides.
const HOSTILE: &str = "evil\u{1b}[2J\u{1b}]52;c;aGFja2Vk\u{7}\u{202e}bidi\u{9b}31m\u{8}\u{200b}end";
/// The same as a person must see it.
const VISIBLE: &str = "evil^[[2J^[]52;c;aGFja2Vk^G<U+202E>bidi<U+009B>31m^H";

/// A ticket that is hostile wherever text can be.
fn hostile(world: &World) -> String {
    let escaped: String = HOSTILE
        .chars()
        .map(|one| {
            if one.is_control() || one == '\u{202e}' {
                format!("\\U{:08x}", one as u32)
            } else {
                one.to_string()
            }
        })
        .collect();
    let more = format!("labels: [\"{escaped}\"]\nassignee: \"{escaped}\"\nreadiness: \"{escaped}\"\n");
    let item = item(&format!("\"{escaped}\""), "planning", &more).replace("assignee: null\n", "");
    let thread = format!(
        "{THREAD}\n<!-- event: comment author: \"{HOSTILE}\" at: {HOSTILE} -->\n\n## {HOSTILE}\n\n# {HOSTILE}\n\n- {HOSTILE}\n\n```\n{HOSTILE}\n```\n\n> `{HOSTILE}` **{HOSTILE}**\n\n---\n"
    );
    let path = folder(world, 1, &format!("{item}{HOSTILE}\n"), &thread);
    fs::write(path.join("artifacts").join(format!("{}.md", "\u{202e}name")), HOSTILE).unwrap();
    fs::write(path.join("artifacts/file"), HOSTILE).unwrap();
    import(world);
    id(1)
}

/// The text without the sequences that set colours.
fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('m') {
            Some((codes, rest)) if codes.chars().all(|one| one.is_ascii_digit() || one == ';') => {
                out.push_str(rest)
            }
            _ => out.push_str(&format!("\u{1b}[{piece}")),
        }
    }
    out
}

/// Runs a script over a hostile ticket: nothing in it reaches the terminal but as text, so many times.
fn is_harmless(script: &str, times: usize) {
    let world = World::new();
    let id = hostile(&world);
    world.write("hostile", HOSTILE);
    let script = format!("export GIT_PAGER=cat ID={id}\necho [before]\n{script}");
    let Some(screen) = Screen::run(&world, &script) else { return };
    let sent = without_colours(&screen.bytes()).replace("\r\n", "\n");
    let alive =
        sent.find(|one: char| one.is_control() && !"\n\t".contains(one) || "\u{202e}\u{200b}".contains(one));
    assert_eq!(alive.map(|at| &sent[at..]), None, "something is not shown but obeyed");
    assert_eq!(sent.matches(VISIBLE).count(), times, "{sent}");
    let all = screen.tmux(&["capture-pane", "-p", "-S", "-"]);
    assert!(all.starts_with("[before]\n"), "the screen was cleared: {all}");
    let mut buffer = world.command("tmux", world.root());
    buffer.arg("-S").arg(&screen.socket).arg("show-buffer");
    assert!(!world.run(buffer).out.contains("hacked"), "the clipboard was set");
}

#[test]
fn a_hostile_ticket_is_only_text_where_it_is_shown() {
    is_harmless("git yoi show $ID", 13);
    is_harmless("git yoi list; git yoi list --porcelain; git yoi list --format='%(assignee)%09%(labels)'", 3);
}

#[test]
fn a_hostile_ticket_is_only_text_in_its_stored_form() {
    is_harmless("git yoi show $ID --raw", 9);
    is_harmless("git yoi artifact get $ID file; git yoi artifact list $ID", 1);
}

#[test]
fn a_hostile_ticket_is_only_text_in_echoes_and_searches() {
    is_harmless("git yoi search end evil 52", 1);
    is_harmless("git yoi comment $ID -m x; git yoi comment $ID -m x --porcelain", 1);
    let waiting = "OTHER=$(git yoi create other --porcelain)\ngit yoi relate $ID depends-on $OTHER\ngit yoi close $OTHER -m x";
    is_harmless(waiting, 2);
}

#[test]
fn a_hostile_commit_is_only_text() {
    is_harmless("git commit -q --allow-empty -F ../hostile\ngit yoi link $ID HEAD\ngit yoi commits $ID", 2);
    is_harmless(
        "git commit -q --allow-empty -F ../hostile\ngit yoi link $ID HEAD >../said\ngit yoi history $ID -p",
        14,
    );
}

#[test]
fn json_on_a_terminal_holds_nothing_that_a_terminal_obeys() {
    is_harmless("git yoi show $ID --json", 0);
}

#[test]
fn a_log_goes_through_the_pager_and_a_reader_may_leave_early() {
    let (world, ticket) = crate::commits::begun();
    let large = "a line of a large file\n".repeat(100_000);
    crate::commits::commit(&world, "large", &large, &format!("large\n\nTicket: {ticket}"));
    let script = "GIT_PAGER='cat >../seen; echo [paged]' git yoi log\nGIT_PAGER='head -n 1' git yoi log -p; echo [$?]\n\
                  GIT_PAGER=no-such-pager git yoi log -1 2>../err; echo [$?]\ngit yoi log -p --no-pager | head -n 1; echo [$?]";
    let Some(screen) = Screen::run(&world, script) else { return };
    let text = screen.text();
    let shown = format!("large  [{} one]", &ticket[9..]);
    assert!(text.starts_with("[paged]\n"), "{text}");
    assert_eq!((text.matches(&shown).count(), text.matches("[0]\n").count()), (3, 3), "{text}");
    let seen = screen.file("seen");
    assert!(
        seen.starts_with("\u{1b}[36m") && seen.contains(" base\n") && seen.contains("\u{1b}[33m"),
        "{seen}"
    );
    assert!(screen.file("err").contains("warning: can't run the pager 'no-such-pager'"));
    assert!(!text.contains("error"), "{text}");
}
