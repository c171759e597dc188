//! Asks a person for text in their editor.
//!
//! This module owns the draft file from its creation to what is read back from it. It promises never
//! to lose what somebody wrote: the draft stays on disk until the caller, having stored the text,
//! calls [`discard`]; every error names the file; and a draft left over from an earlier failure is
//! moved aside to `<name>.old-1` (`-2` and so on), never overwritten. Choosing the editor, a path
//! that no other process uses, and what to do with empty text are left to the caller.
//!
//! Lines that start with `#` are headings of Markdown here, not comments, so they stay. Only what
//! follows git's scissors line is cut. The last such line counts: one that somebody wrote or pasted
//! above it is part of their text.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use crate::host::Host;

/// The line that separates the text from the instructions; git's own, so editors know it.
const SCISSORS: &str = "# ------------------------ >8 ------------------------";

/// What came back from the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The text above the scissors line, as saved: line ends and blanks at its end are untouched.
    pub text: String,
    /// Whether the text differs from the initial one by more than blanks at its ends.
    pub changed: bool,
    /// Where an earlier draft was moved to, if there was one: the person should be told.
    pub earlier: Option<PathBuf>,
}

/// Why no text came back. The draft is still in its file.
#[derive(Debug)]
pub enum EditError {
    /// The draft couldn't be written, read or moved aside.
    File {
        /// The file in question.
        path: PathBuf,
        /// What was tried, such as "write".
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// The shell that runs the editor couldn't be started.
    Start {
        /// The draft.
        path: PathBuf,
        /// The editor command.
        editor: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The editor ended with an error, which is how a person says "never mind".
    Exit {
        /// The draft.
        path: PathBuf,
        /// The editor command.
        editor: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// The draft isn't valid UTF-8.
    NotUtf8 {
        /// The draft.
        path: PathBuf,
        /// The first line that can't be read, counted from 1.
        line: usize,
    },
}

impl fmt::Display for EditError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::File { path, action, source } => {
                write!(formatter, "cannot {action} {}: {source}", path.display())
            }
            EditError::Start { path, editor, source } => {
                write!(formatter, "cannot start the editor '{editor}' for {}: {source}", path.display())
            }
            EditError::Exit { path, editor, status } => {
                let path = path.display();
                write!(formatter, "the editor '{editor}' failed ({status}); the draft is kept in {path}")
            }
            EditError::NotUtf8 { path, line } => {
                let path = path.display();
                write!(formatter, "line {line} is not valid UTF-8; the draft is kept in {path}")
            }
        }
    }
}

impl std::error::Error for EditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            EditError::File { source, .. } | EditError::Start { source, .. } => Some(source),
            EditError::Exit { .. } | EditError::NotUtf8 { .. } => None,
        }
    }
}

impl EditError {
    /// Names the file and what was tried with it.
    fn file(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| EditError::File { path, action, source }
    }
}

/// Lets the person edit `initial` and returns what they saved.
///
/// The draft is the file at `path` (relative to the working directory of the host); its directory is
/// made if need be. `editor_command` goes to `sh`, so it may hold arguments. `instructions` are
/// shown below the scissors line. The file is left in place: see [`discard`].
///
/// # Errors
/// When the draft can't be written or read, the editor can't be started or fails, or the saved text
/// isn't valid UTF-8. The draft is kept in all these cases.
pub fn edit(
    host: &Host,
    editor_command: &str,
    path: &Path,
    initial: &str,
    instructions: &str,
) -> Result<Outcome, EditError> {
    let path = host.cwd.join(path);
    let earlier = move_aside(&path).map_err(EditError::file(&path, "move aside"))?;
    write_new(&path, &draft(initial, instructions)).map_err(EditError::file(&path, "write"))?;
    run(host, editor_command, &path)?;
    let text = above_scissors(&read(&path)?).to_owned();
    let changed = text.trim() != initial.trim();
    Ok(Outcome { text, changed, earlier })
}

/// Removes a draft whose text is stored elsewhere by now; one that is gone already is fine.
///
/// # Errors
/// When the file is there but can't be removed.
pub fn discard(path: &Path) -> Result<(), EditError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(EditError::file(path, "remove")(error)),
        _ => Ok(()),
    }
}

/// The content of a fresh draft. Without initial text there is an empty line to type on.
fn draft(initial: &str, instructions: &str) -> String {
    let mut draft = initial.to_owned();
    if !draft.ends_with('\n') {
        draft.push('\n');
    }
    draft.push_str(SCISSORS);
    draft.push('\n');
    for line in instructions.lines() {
        draft.push_str(format!("# {line}").trim_end());
        draft.push('\n');
    }
    draft
}

/// Moves an existing file to the first free `<name>.old-N` and tells which that was.
fn move_aside(path: &Path) -> io::Result<Option<PathBuf>> {
    if !path.try_exists()? {
        return Ok(None);
    }
    for number in 1u32.. {
        let mut name = OsString::from(path);
        name.push(format!(".old-{number}"));
        let aside = PathBuf::from(name);
        // Creating the file first makes the name ours: a bare rename would replace a file that
        // another process put there in between.
        match File::create_new(&aside) {
            Ok(_) => return fs::rename(path, &aside).map(|()| Some(aside)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Writes a file that must not exist yet.
fn write_new(path: &Path, content: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content.as_bytes())
}

/// Runs the editor on the draft, on the terminal of this process.
fn run(host: &Host, editor: &str, path: &Path) -> Result<(), EditError> {
    // Words still in a buffer would otherwise appear in the middle of the editor's screen.
    let flushed = host.stdout.borrow_mut().flush();
    // The shell sees the path as an argument of its own, so nothing in it needs quoting.
    let started = flushed.and_then(|()| {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(path);
        command.current_dir(&host.cwd).env_clear().envs(&host.env).status()
    });
    match started {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(EditError::Exit { path: path.to_path_buf(), editor: editor.to_owned(), status }),
        Err(source) => Err(EditError::Start { path: path.to_path_buf(), editor: editor.to_owned(), source }),
    }
}

/// Reads the draft back, without the byte order mark that some editors put in front.
fn read(path: &Path) -> Result<String, EditError> {
    let bytes = fs::read(path).map_err(EditError::file(path, "read"))?;
    match str::from_utf8(&bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            Err(EditError::NotUtf8 { path: path.to_path_buf(), line })
        }
    }
}

/// The text above the last scissors line; all of it if somebody removed that line.
fn above_scissors(content: &str) -> &str {
    let mut start = 0;
    let mut cut = content.len();
    for line in content.split_inclusive('\n') {
        if line.trim_end() == SCISSORS {
            cut = start;
        }
        start += line.len();
    }
    &content[..cut]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ui::testing;
    use tempfile::TempDir;

    /// A directory and a host in it.
    fn place() -> (TempDir, Host) {
        let directory = tempfile::tempdir().unwrap();
        let (host, _, _) = testing::host(directory.path());
        (directory, host)
    }

    /// Edits `initial` in the file `draft` with a shell command that gets the path as `$1`.
    fn edited(host: &Host, command: &str, initial: &str) -> Result<Outcome, EditError> {
        let editor = format!("f() {{ {command}; }}; f");
        edit(host, &editor, Path::new("draft"), initial, "Say what.\n\nLines here are dropped.")
    }

    #[test]
    fn the_draft_holds_the_text_the_scissors_and_the_instructions() {
        let (directory, host) = place();
        edited(&host, "cp \"$1\" seen", "Title\n").unwrap();
        let seen = fs::read_to_string(directory.path().join("seen")).unwrap();
        assert_eq!(seen, format!("Title\n{SCISSORS}\n# Say what.\n#\n# Lines here are dropped.\n"));
        assert!(draft("", "x").starts_with("\n# ---"));
    }

    #[test]
    fn text_that_was_not_touched_comes_back_unchanged() {
        let (_directory, host) = place();
        for initial in ["", "Title\n\nbody", "# Heading\n#comment\n"] {
            let outcome = edited(&host, ":", initial).unwrap();
            assert!(!outcome.changed);
            assert_eq!(outcome.text.trim_end(), initial.trim_end());
        }
    }

    #[test]
    fn new_text_is_returned_and_lines_with_a_hash_are_kept() {
        let (directory, host) = place();
        let outcome =
            edited(&host, "{ printf '# One\\n#two\\n'; cat \"$1\"; } >n && mv n \"$1\"", "old\n").unwrap();
        assert_eq!(outcome, Outcome { text: "# One\n#two\nold\n".into(), changed: true, earlier: None });
        assert!(directory.path().join("draft").exists(), "the caller removes it");
        discard(&directory.path().join("draft")).unwrap();
        assert!(!directory.path().join("draft").exists());
        discard(&directory.path().join("draft")).unwrap();
    }

    #[test]
    fn only_the_last_scissors_line_of_its_own_cuts() {
        assert_eq!(
            above_scissors(&format!("a\n{SCISSORS}\nb\n{SCISSORS}\r\n# x\n")),
            format!("a\n{SCISSORS}\nb\n")
        );
        assert_eq!(
            above_scissors(&format!("a {SCISSORS}\n{SCISSORS} b\n")),
            format!("a {SCISSORS}\n{SCISSORS} b\n")
        );
        assert_eq!(above_scissors("all\n# mine"), "all\n# mine");
        assert_eq!(above_scissors(SCISSORS), "");
    }

    #[test]
    fn an_editor_that_fails_leaves_the_draft_and_names_it() {
        let (directory, host) = place();
        let error = edited(&host, "echo precious >\"$1\"; return 3", "x").unwrap_err();
        let path = directory.path().join("draft");
        assert!(matches!(&error, EditError::Exit { status, .. } if status.code() == Some(3)));
        assert!(error.to_string().contains(path.to_str().unwrap()));
        assert_eq!(fs::read_to_string(path).unwrap(), "precious\n");
    }

    #[test]
    fn bytes_that_are_not_text_are_an_error_that_names_the_line() {
        let (directory, host) = place();
        let error = edited(&host, "printf 'ok\\n\\377\\n' >\"$1\"", "x").unwrap_err();
        assert!(matches!(&error, EditError::NotUtf8 { line: 2, .. }));
        assert!(error.to_string().contains(directory.path().to_str().unwrap()));
        assert_eq!(fs::read(directory.path().join("draft")).unwrap(), b"ok\n\xff\n");
    }

    #[test]
    fn a_draft_the_editor_removed_is_an_error() {
        let (_directory, host) = place();
        let error = edited(&host, "rm \"$1\"", "x").unwrap_err();
        assert!(matches!(error, EditError::File { action: "read", .. }));
    }

    #[test]
    fn an_earlier_draft_is_moved_aside_and_never_overwritten() {
        let (directory, host) = place();
        let at = |name: &str| directory.path().join(name);
        fs::write(at("draft"), "first").unwrap();
        assert_eq!(edited(&host, ":", "x").unwrap().earlier, Some(at("draft.old-1")));
        fs::write(at("draft"), "second").unwrap();
        assert_eq!(edited(&host, ":", "x").unwrap().earlier, Some(at("draft.old-2")));
        assert_eq!(fs::read_to_string(at("draft.old-1")).unwrap(), "first");
        assert_eq!(fs::read_to_string(at("draft.old-2")).unwrap(), "second");
    }

    #[test]
    fn paths_with_blanks_and_quotes_reach_the_editor_whole() {
        let (_directory, host) = place();
        let path = Path::new("new dir/it's $HOME \"x\".md");
        let outcome = edit(&host, "sh -c 'echo new >\"$1\"' -", path, "", "").unwrap();
        assert_eq!(outcome.text, "new\n");
    }

    #[test]
    fn a_byte_order_mark_is_taken_off() {
        let (_directory, host) = place();
        assert_eq!(edited(&host, "printf '\\357\\273\\277a\\n' >\"$1\"", "").unwrap().text, "a\n");
    }
}
