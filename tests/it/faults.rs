//! What can go wrong around the program: a full disk, a file system that can't be written, a git that is
//! missing or dies, a remote that leaves in the middle. The error is clear, the exit code right, nothing lost.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use crate::plant::{say, tip};
use crate::world::{Answer, World, gits};

/// Runs a shell script in which a small file system of its own is mounted at `$ROOM`; nothing where
/// nobody may mount. `$YOI` is the program, `$GIT` git.
fn in_a_room(world: &World, options: &str, script: &str) -> Option<Answer> {
    let room = world.root().join("room");
    fs::create_dir_all(&room).unwrap();
    let prepare = format!("mount -t tmpfs -o {options} tmpfs \"$ROOM\" && cd \"$ROOM\" || exit 99\n");
    let mut command = world.command("unshare", world.root());
    command.args(["-Urm", "sh", "-c", &format!("{prepare}{script}")]);
    command.env("ROOM", &room).env("YOI", env!("CARGO_BIN_EXE_git-yoi"));
    let output = command.output();
    let Some(output) = output.ok().filter(|output| !matches!(output.status.code(), Some(99 | 1))) else {
        say("skipped: nobody may mount a file system here");
        return None;
    };
    Some(Answer {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// A repository with one ticket in the room, and how to fill the room up to so many blocks of 4 KiB.
const FULL: &str = r#"
git init -q repo && cd repo || exit 98
id=$("$YOI" create one --porcelain) || exit 98
fill() {
    cat /dev/zero >"$ROOM/fill" 2>/dev/null
    size=$(stat -c %s "$ROOM/fill")
    rest=$((size - $1 * 4096))
    [ "$rest" -gt 0 ] || rest=0
    truncate -s "$rest" "$ROOM/fill"
}
try() {
    name=$1
    shift
    said=$("$@" 2>&1 >/dev/null)
    echo "$name $? $said" | head -n 1
}
empty() {
    rm -f "$ROOM/fill"
    find .git -name '*.lock' -exec echo left {} \;
    git fsck --strict --no-dangling 2>&1 | sed 's/^/fsck /' | grep -v 'unborn branch'
}
"#;

/// The rows `name code words` of a script.
fn rows(answer: &Answer) -> Vec<(String, i32, String)> {
    let row = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let name = words.next().unwrap_or_default().to_owned();
        let code = words.next().and_then(|code| code.parse().ok()).unwrap_or(-1);
        (name, code, words.next().unwrap_or_default().to_owned())
    };
    answer.out.lines().map(row).collect()
}

#[test]
fn a_full_disk_loses_nothing_and_is_told_at_every_step_of_a_write() {
    let world = World::new();
    let script = format!(
        r#"{FULL}
for blocks in $(seq 0 15); do
    fill $blocks
    try write "$YOI" comment "$id" -m "comment $blocks"
    try read "$YOI" list
    empty
done
try after "$YOI" comment "$id" -m "comment after"
"$YOI" show "$id" | sed -n 's/^comment /said 0 /p'
try doctor "$YOI" doctor
"#
    );
    let Some(answer) = in_a_room(&world, "size=3m,nr_inodes=4000", &script) else { return };
    let rows = rows(&answer);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(!rows.iter().any(|(name, ..)| name == "left" || name == "fsck"), "{answer:?}");
    let codes = |wanted: &str| -> Vec<i32> {
        rows.iter().filter(|(name, ..)| name == wanted).map(|(_, code, _)| *code).collect()
    };
    let writes: Vec<_> = rows.iter().filter(|(name, ..)| name == "write").collect();
    assert_eq!(writes.len(), 16);
    for (_, code, said) in &writes {
        match code {
            0 => assert_eq!(said, ""),
            _ => {
                assert_eq!(*code, 128, "{said}");
                assert!(said.starts_with("error: can't write to the repository: "), "{said}");
                assert!(said.contains("No space left on device"), "{said}");
            }
        }
    }
    let went_well = writes.iter().filter(|(_, code, _)| *code == 0).count();
    assert!(went_well > 0 && went_well < 16, "both must be seen: {answer:?}");
    assert!(codes("read").iter().all(|code| *code == 0), "{answer:?}");
    assert_eq!(codes("after"), [0]);
    assert_eq!(codes("doctor"), [0]);
    assert_eq!(codes("said").len(), went_well + 1, "{answer:?}");
}

#[test]
fn a_full_disk_stops_an_import_and_an_export_as_a_whole() {
    let world = World::new();
    let script = format!(
        r#"{FULL}
for number in $(seq 10 60); do
    folder="$ROOM/incoming/00001M8M1A5$number"
    mkdir -p "$folder"
    printf -- "---\ntitle: 'Number $number'\nstate: 'planning'\ncreated_at: '2026-01-02T03:04:05Z'\nupdated_at: '2026-01-02T03:04:05Z'\nassignee: null\n---\n\n%s\n" "$(head -c 1500 /dev/urandom | od -An -tx1)" >"$folder/item.md"
    printf -- "<!-- event: create author: a at: 2026-01-02T03:04:05Z -->\n\n## Created\n\nCreated.\n\n---\n" >"$folder/thread.md"
done
for blocks in 1 8 16; do
    fill $blocks
    try import "$YOI" import yoi "$ROOM/incoming"
    empty
    echo "count $("$YOI" list --porcelain | wc -l) tickets"
done
try whole "$YOI" import yoi "$ROOM/incoming"
echo "count $("$YOI" list --porcelain | wc -l) tickets"
fill 20
try export "$YOI" export "$ROOM/out"
test -e "$ROOM/out" && echo "left $ROOM/out"
empty
try exported "$YOI" export "$ROOM/out"
"#
    );
    let Some(answer) = in_a_room(&world, "size=8m,nr_inodes=8000", &script) else { return };
    let rows = rows(&answer);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(!rows.iter().any(|(name, ..)| name == "left" || name == "fsck"), "{answer:?}");
    let told: Vec<(&str, i32)> = rows.iter().map(|(name, code, _)| (name.as_str(), *code)).collect();
    let expected = [
        ("import", 128),
        ("count", 1),
        ("import", 128),
        ("count", 1),
        ("import", 128),
        ("count", 1),
        ("whole", 0),
        ("count", 52),
        ("export", 128),
        ("exported", 0),
    ];
    assert_eq!(told, expected, "{answer:?}");
}

/// What is done on a full disk: its name, what goes before while there is room, the command, and a line that says
/// whether all of it was done in the end.
const SCENES: [[&str; 4]; 4] = [
    [
        "sync",
        r#""$YOI" comment "$id" -m "here $blocks"; (cd "$ROOM/../other" && "$YOI" comment "$id" -m "there $blocks" && "$YOI" sync)"#,
        r#""$YOI" sync"#,
        r#"git -C "$ROOM/../remote.git" grep -hF "re $blocks" refs/yoi/tickets | tr '\n' ' '"#,
    ],
    [
        "start",
        r#"new=$("$YOI" create "number $blocks" --porcelain) && "$YOI" state "$new" ready -m x && "$YOI" queue "$new""#,
        r#""$YOI" start "$new" --worktree"#,
        r#""$YOI" show "$new" | sed -n 's/^state *//p'; git -C .worktree/"$new"* rev-parse --abbrev-ref HEAD | cut -c 1-4"#,
    ],
    [
        "land",
        r#"new=$("$YOI" create "number $blocks" --porcelain) && git -c core.hooksPath=/dev/null commit -q --allow-empty -m "work

Closes: $new""#,
        r#""$YOI" land"#,
        r#"git grep -l "^<!-- event: land" refs/yoi/tickets | grep -c "$new""#,
    ],
    [
        "init",
        r#"cd "$ROOM" && rm -rf new && git clone -q ../remote.git new && cd new"#,
        r#""$YOI" init"#,
        r#""$YOI" list --porcelain | wc -l; ls .git/hooks | grep -c post-commit; git config --get-all remote.origin.fetch | wc -l"#,
    ],
];

#[test]
fn a_full_disk_stops_what_takes_several_steps_and_nothing_has_to_be_tidied_up() {
    for [name, before, command, done] in SCENES {
        let world = World::new();
        let script = format!(
            r#"{FULL}
export GIT_TERMINAL_PROMPT=0
git config gc.auto 0
git commit -q --allow-empty -m base && git branch -M main || exit 98
git init -q --bare ../../remote.git && git --git-dir ../../remote.git symbolic-ref HEAD refs/heads/main || exit 98
git remote add origin "$ROOM/../remote.git" && git push -q origin main || exit 98
("$YOI" init && "$YOI" sync && git clone -q ../../remote.git ../../other && cd ../../other && "$YOI" init) >/dev/null || exit 98
for blocks in 0 1 2 3 4 5 6 8 10 12 14 16 20 24 32 48; do
    {{ {before}
    }} >/dev/null || exit 97
    fill $blocks
    try full {command}
    try read "$YOI" list
    empty
    try again {command}
    echo "done 0 $( ( {done} ) | tr '\n' ' ')"
    try doctor "$YOI" doctor
done
"#
        );
        let Some(answer) = in_a_room(&world, "size=16m,nr_inodes=20000", &script) else { return };
        let rows = rows(&answer);
        assert_eq!(answer.code, 0, "{name}: {answer:?}");
        assert!(!rows.iter().any(|(row, ..)| row == "left" || row == "fsck"), "{name}: {answer:?}");
        let of = |wanted: &str| rows.iter().filter(|(row, ..)| row == wanted).collect::<Vec<_>>();
        // Before a clone is set up there may be nothing to read.
        let is_fine =
            |(row, code, _): &&(String, i32, String)| *code == 0 || (name, row.as_str()) == ("init", "read");
        assert!(of("read").into_iter().chain(of("doctor")).all(|row| is_fine(&row)), "{name}: {answer:?}");
        let full = of("full");
        for (_, code, said) in full.iter().filter(|(_, code, _)| *code != 0) {
            // A remote that can't be reached is an answer; what can't be written here is fatal.
            assert_eq!(*code, if name == "sync" { 1 } else { 128 }, "{name}: {said}");
            assert!(said.starts_with("error: "), "{name}: {said}");
        }
        let went_well = full.iter().filter(|(_, code, _)| *code == 0).count();
        assert!(full.len() == 16 && (1..16).contains(&went_well), "{name}: both must be seen: {answer:?}");
        // Done again with room it is done as a whole, or was done already.
        assert!(of("again").iter().all(|(_, code, _)| [0, 2].contains(code)), "{name}: {answer:?}");
        for (_, _, said) in of("done") {
            let is_done = match name {
                "sync" => said.contains("here ") && said.contains("there "),
                "start" => said.contains("inprogress") && said.contains(" work"),
                "land" => said.trim() == "1",
                _ => said.split_whitespace().eq(["1", "1", "2"]),
            };
            assert!(is_done, "{name}: {said}: {answer:?}");
        }
    }
}

#[test]
fn on_a_file_system_that_can_not_be_written_everything_is_read_and_writes_are_refused() {
    let world = World::new();
    let script = r#"
git init -q repo && cd repo || exit 98
id=$("$YOI" create one --porcelain) || exit 98
"$YOI" comment "$id" -m words >/dev/null
cd / && mount -o remount,ro "$ROOM" && cd "$ROOM/repo" || exit 99
for words in list status "show $id" "search words" history doctor "comment $id -m more" "create two" "state $id ready -m x"; do
    said=$("$YOI" $words 2>&1 >/dev/null)
    echo "${words%% *} $? $said" | head -n 1
done
"#;
    let Some(answer) = in_a_room(&world, "size=8m", script) else { return };
    for (name, code, said) in rows(&answer) {
        match name.as_str() {
            "comment" | "create" | "state" => {
                assert_eq!(code, 128, "{name}: {said}");
                assert!(said.starts_with("error: can't write to the repository: "), "{name}: {said}");
            }
            "status" if code == 129 => {}
            _ => assert_eq!((code, said.as_str()), (0, ""), "{name}"),
        }
    }
}

#[test]
fn without_git_everything_that_needs_none_works_and_the_rest_says_so() {
    let world = World::new();
    let id = world.create("one");
    // Which commits name a ticket is asked of git where some do.
    world.git(["commit", "-q", "--allow-empty", "-m", &format!("x\n\nTicket: {id}")]).ok();
    let run = |words: &[&str]| {
        let mut command = world.yoi_command(words);
        command.env("PATH", world.root().join("home"));
        world.run(command)
    };
    for words in [["list"].as_slice(), &["show", &id], &["search", "one"], &["history"], &["doctor"]] {
        run(words).ok();
    }
    run(&["comment", &id, "-m", "without git"]).ok();
    for words in [["log"].as_slice(), &["blame", "x"], &["commits", &id], &["verify"], &["land"]] {
        let said = run(words).fails(128);
        assert!(said.contains("error: can't start git: "), "{words:?}: {said}");
    }
    let said = run(&["verify", "--json"]).fails(128);
    assert!(said.contains("\"code\":\"no_git\""), "{said}");
    assert!(world.yoi(["show", &id]).ok().contains("without git"));
}

/// A git that does what the real one does until it is asked for a word: then it kills itself.
fn dying_git(world: &World, git: &Path, word: &str) {
    let script = format!(
        "#!/bin/sh\nfor word in \"$@\"; do\n    [ \"$word\" != {word} ] || kill -KILL $$\ndone\nexec {} \"$@\"\n",
        git.display()
    );
    let path = world.write("dying/git", script);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_git_that_is_killed_loses_nothing() {
    for git in gits() {
        let world = World::with_git(&git);
        let id = world.create("one");
        world.git(["init", "-q", "--bare", "../remote.git"]).ok();
        world.git(["remote", "add", "origin", "../remote.git"]).ok();
        world.yoi(["init"]).ok();
        world.yoi(["sync"]).ok();
        world.yoi(["comment", &id, "-m", "not sent yet"]).ok();
        let before = tip(&world);
        for (word, words) in [("push", ["sync"].as_slice()), ("fetch", &["sync"]), ("push", &["push"])] {
            dying_git(&world, &git, word);
            let mut command = world.yoi_command(words);
            let path = std::env::join_paths([world.root().join("dying"), "/usr/bin".into(), "/bin".into()]);
            command.env("PATH", path.unwrap());
            let answer = world.run(command);
            assert_ne!(answer.code, 0, "{word}: {answer:?}");
            assert!(answer.err.contains("error: "), "{word}: {answer:?}");
            assert_eq!(tip(&world), before);
        }
        world.yoi(["sync"]).ok();
        let sent = world.git(["ls-remote", "origin", "refs/yoi/tickets"]).ok();
        assert!(sent.starts_with(&tip(&world)), "{sent}");
    }
}

#[test]
fn a_remote_that_leaves_in_the_middle_loses_nothing() {
    let world = World::new();
    let id = world.create("one");
    world.git(["init", "-q", "--bare", "../remote.git"]).ok();
    world.git(["remote", "add", "origin", "../remote.git"]).ok();
    world.yoi(["init"]).ok();
    world.yoi(["sync"]).ok();
    world.yoi(["comment", &id, "-m", "not sent yet"]).ok();
    let before = tip(&world);
    // Takes each call, reads a little, says half a line and hangs up.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/remote.git", server.local_addr().unwrap());
    thread::spawn(move || {
        for (number, call) in server.incoming().enumerate() {
            let Ok(mut call) = call else { break };
            let mut request = [0; 64];
            let read = call.read(&mut request).unwrap_or(0);
            if number % 2 == 1 && read > 0 {
                drop(std::io::Write::write_all(&mut call, b"00a8half a li"));
            }
        }
    });
    world.git(["remote", "set-url", "origin", &url]).ok();
    for words in [["sync"].as_slice(), &["push"], &["fetch"], &["sync"]] {
        let answer = world.yoi(words);
        assert_eq!(answer.code, 1, "{words:?}: {answer:?}");
        assert!(answer.err.contains("origin"), "{words:?}: {answer:?}");
        assert_eq!(tip(&world), before, "{words:?}");
    }
    assert!(world.yoi(["show", &id]).ok().contains("not sent yet"));
    world.git(["remote", "set-url", "origin", "../remote.git"]).ok();
    world.yoi(["sync"]).ok();
    let sent = world.git(["ls-remote", "origin", "refs/yoi/tickets"]).ok();
    assert!(sent.starts_with(&before), "{sent}");
}
