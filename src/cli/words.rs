//! The words after `log` are git's: they are set apart before the others are read.
//!
//! A few of them are ours wherever they stand before `--`, as with every command: `--json`, `--porcelain`,
//! `-z`, `--no-pager`, colour, help. `-C` is ours before `log` and git's behind it.

use std::ffi::{OsStr, OsString};

/// Our options that stand before a command and take the next word with them.
const WITH_VALUE: [&str; 3] = ["-C", "--actor", "--color"];
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
        _ => arguments.to_vec(),
    }
}

/// Where the command stands.
fn command(arguments: &[OsString]) -> Option<usize> {
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
    fn other_commands_stay_as_they_are() {
        for typed in ["git-yoi", "git-yoi show log", "git-yoi --actor log show x", "git-yoi -- log -1"] {
            check(typed, typed);
        }
    }
}
