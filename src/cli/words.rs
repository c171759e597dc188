//! Words that would be taken for options, told apart before they are read.
//!
//! In `list` and `search`, `-label:x` excludes what `label:x` finds: it becomes `not:label:x`, which is no option.
//!
//! The words after `log` are git's.
//!
//! A few of them are ours wherever they stand before `--`, as with every command: `--json`, `--porcelain`,
//! `-z`, `--no-pager`, colour, help. `-C` is ours before `log` and git's behind it.

use std::ffi::{OsStr, OsString};

use crate::model::query::parse;

/// Our options that stand before a command and take the next word with them.
const WITH_VALUE: [&str; 3] = ["-C", "--actor", "--color"];
/// The commands that ask for tickets, and their options that take the next word with them.
const QUESTIONS: [&str; 3] = ["list", "ls", "search"];
const QUESTION_WITH_VALUE: [&str; 7] = ["-C", "--actor", "--color", "--state", "--sort", "-n", "--format"];
/// Our options among git's words.
const OURS: [&str; 6] = ["--json", "--porcelain", "-z", "--no-pager", "-h", "--help"];

/// The command line, with git's words behind `--` where the command is `log`.
pub fn sorted(arguments: &[OsString]) -> Vec<OsString> {
    match command(arguments) {
        Some(at) if arguments[at] == "log" => {
            let (front, words) = arguments.split_at(at + 1);
            let (ours, git) = parted(words);
            [front, &ours, &["--".into()], &git].concat()
        }
        Some(at) if QUESTIONS.iter().any(|command| arguments[at] == *command) => {
            let (front, words) = arguments.split_at(at + 1);
            [front, &excluding(words)].concat()
        }
        _ => arguments.to_vec(),
    }
}

/// The words of a question, each `-key:value` as `not:key:value`.
fn excluding(words: &[OsString]) -> Vec<OsString> {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let mut found = words.to_vec();
    for at in 0..end {
        let is_value = at > 0 && QUESTION_WITH_VALUE.iter().any(|option| words[at - 1] == *option);
        if let Some(text) = words[at].to_str().filter(|text| !is_value && parse::is_exclusion(text)) {
            found[at] = format!("not:{}", &text[1..]).into();
        }
    }
    found
}

/// Where the command stands.
pub(super) fn command(arguments: &[OsString]) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = arguments.get(at).map(|word| word.to_string_lossy()) {
        match word.as_ref() {
            option if WITH_VALUE.contains(&option) => at += 2,
            "--" => return None,
            option if option.starts_with('-') => at += 1,
            _ => return Some(at),
        }
    }
    None
}

/// Our words, and git's.
fn parted(words: &[OsString]) -> (Vec<OsString>, Vec<OsString>) {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let (mut ours, mut git) = (Vec::new(), Vec::new());
    for word in &words[..end] {
        match own(word) {
            Some(own) => ours.push(own),
            None => git.push(word.clone()),
        }
    }
    git.extend_from_slice(&words[end..]);
    (ours, git)
}

fn own(word: &OsStr) -> Option<OsString> {
    let text = word.to_str()?;
    match text {
        // As git has them.
        "--color" => Some("--color=always".into()),
        "--no-color" => Some("--color=never".into()),
        _ => (OURS.contains(&text) || text.starts_with("--color=")).then(|| word.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, expected: &str) {
        let words: Vec<OsString> = typed.split(' ').map(OsString::from).collect();
        let joined: Vec<String> =
            sorted(&words).iter().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(joined.join(" "), expected);
    }

    #[test]
    fn words_after_log_are_gits_but_for_a_few() {
        check("git-yoi log", "git-yoi log --");
        check("git-yoi -C log log -C --stat", "git-yoi -C log log -- -C --stat");
        check("git-yoi log --stat --json a..b -- --json", "git-yoi log --json -- --stat a..b -- --json");
        check("git-yoi --json log --color -1", "git-yoi --json log --color=always -- -1");
        check("git-yoi log --no-color -h", "git-yoi log --color=never -h --");
    }

    #[test]
    fn what_a_question_excludes_is_no_option() {
        check("git-yoi list -label:x -n 3", "git-yoi list not:label:x -n 3");
        check("git-yoi search w -is:open -- -is:open", "git-yoi search w not:is:open -- -is:open");
        check("git-yoi ls -lable:x -z", "git-yoi ls not:lable:x -z");
        check("git-yoi list --format -is:open -C a:b", "git-yoi list --format -is:open -C a:b");
        check("git-yoi show -label:x", "git-yoi show -label:x");
    }

    #[test]
    fn other_commands_stay_as_they_are() {
        for typed in ["git-yoi", "git-yoi show log", "git-yoi --actor log show x", "git-yoi -- log -1"] {
            check(typed, typed);
        }
    }
}
