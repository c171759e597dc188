//! What to add by hand, and where: to a script, or to the settings of the tool that writes the hooks.

use std::path::{Path, PathBuf};

use super::{Event, file, text};

/// The settings files of lefthook, in the order it looks for them.
const LEFTHOOK: [&str; 4] = ["lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml"];
const PRE_COMMIT: &str = ".pre-commit-config.yaml";

/// What somebody adds by hand.
pub(super) struct Advice {
    /// The file it belongs in.
    pub(super) place: PathBuf,
    pub(super) line: String,
    /// It is there.
    pub(super) is_done: bool,
}

/// The advice for a hook file that is not ours to write.
pub(super) fn of(event: Event, path: &Path, work_dir: Option<&Path>) -> Advice {
    let (place, line) = place_and_line(event, path, work_dir);
    let is_done = file::content(&place).is_some_and(|bytes| text::calls(&bytes, event));
    Advice { place, line, is_done }
}

fn place_and_line(event: Event, path: &Path, work_dir: Option<&Path>) -> (PathBuf, String) {
    if let Some(script) = husky(event, path) {
        return (script, text::by_hand(event));
    }
    let written_by = |tool: &str| file::content(path).is_some_and(|bytes| mentions(&bytes, tool));
    match work_dir {
        Some(top) if written_by("lefthook") => {
            let settings = LEFTHOOK.iter().map(|name| top.join(name)).find(|path| path.is_file());
            (settings.unwrap_or_else(|| top.join(LEFTHOOK[0])), lefthook(event))
        }
        Some(top) if written_by("pre-commit") => (top.join(PRE_COMMIT), pre_commit(event)),
        _ => (path.to_owned(), text::by_hand(event)),
    }
}

/// The tool that writes this hook file anew now and then, if there is one.
pub(super) fn tool(bytes: &[u8]) -> Option<&'static str> {
    ["lefthook", "pre-commit"].into_iter().find(|tool| mentions(bytes, tool))
}

fn mentions(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}

/// husky writes `.husky/_` itself and runs the scripts in `.husky`.
fn husky(event: Event, path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    let above = folder.parent()?;
    let is_husky = folder.ends_with("_") && above.ends_with(".husky");
    is_husky.then(|| above.join(event.name()))
}

/// The settings of an event with one job.
fn lefthook(event: Event) -> String {
    let (name, call) = (event.name(), guarded(event, "{0} >&2"));
    let input = if event.has_input() { ", use_stdin: true" } else { "" };
    format!("{name}: {{jobs: [{{name: git-yoi, run: \"{call}\"{input}}}]}}")
}

/// A local hook below `repos:`. pre-commit reads standard input itself and hands on in variables what the
/// hook was called with.
fn pre_commit(event: Event) -> String {
    let words = match event {
        Event::CommitMsg => r#"\"$1\""#,
        Event::PostCommit => "",
        Event::PostMerge => r#"\"$PRE_COMMIT_IS_SQUASH_MERGE\""#,
        Event::PostRewrite => r#"\"$PRE_COMMIT_REWRITE_COMMAND\""#,
        Event::PrePush => r#"\"$PRE_COMMIT_REMOTE_NAME\" \"$PRE_COMMIT_REMOTE_URL\""#,
    };
    let (name, call) = (event.name(), guarded(event, words));
    let passes = event == Event::CommitMsg;
    format!(
        "- {{repo: local, hooks: [{{id: git-yoi-{name}, name: git-yoi, language: system, stages: [{name}], \
         always_run: true, pass_filenames: {passes}, entry: \"sh -c '{call}' git-yoi\"}}]}}"
    )
}

/// A call for settings that are shared with those who have no git-yoi.
fn guarded(event: Event, words: &str) -> String {
    let call = format!("git-yoi hook {} {words}", event.name());
    format!("command -v git-yoi >/dev/null && {} || :", call.trim_end())
}
