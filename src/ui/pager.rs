//! Shows a long answer through a pager, as git does.
//!
//! This module owns which pager runs and how. It promises that a reader who quits early is no error,
//! and that a pager which can't be started is one, so the caller can show the text without it.
//! Whether an answer is worth paging, and reading `pager.yoi` and `core.pager`, is left to the
//! caller. A pager that `git -p yoi` started is none of ours: standard output is no terminal then.
//!
//! Known limit: an interrupt (Ctrl-C) while the pager runs ends this process before the pager.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::host::Host;

/// The pager if nobody chose one.
const DEFAULT: &str = "less";

/// What a pager gets unless the person has set it: quit if it fits, pass colours, leave the screen.
const DEFAULT_ENVIRONMENT: [(&str, &str); 2] = [("LESS", "FRX"), ("LV", "-c")];

/// The pager command to use, if any.
///
/// `configured` is the command in `pager.yoi`, else `core.pager`; `enabled` is `pager.yoi` (or a
/// flag) as a boolean. `GIT_PAGER` comes before the configuration, `PAGER` behind it. There is no
/// pager unless standard output is a terminal; an empty command or `cat` means none as well.
pub fn program(host: &Host, configured: Option<&str>, enabled: Option<bool>) -> Option<String> {
    if !host.terminal.stdout || enabled == Some(false) {
        return None;
    }
    // Unlike `Host::var` an empty value counts: `GIT_PAGER= git yoi list` asks for no pager.
    let variable = |name| host.var_os(name).and_then(OsStr::to_str);
    let chosen = variable("GIT_PAGER").or(configured).or_else(|| variable("PAGER")).unwrap_or(DEFAULT);
    let is_none = matches!(chosen.trim(), "" | "cat");
    (!is_none).then(|| chosen.to_owned())
}

/// Shows the text through the pager and waits until the person leaves it.
///
/// # Errors
/// When the pager can't be started or waited for, or when writing to it fails for another reason
/// than that it was quit. A command that the shell doesn't find or may not run is
/// [`ErrorKind::NotFound`] or [`ErrorKind::PermissionDenied`]; the text hasn't been seen then.
pub fn page(host: &Host, program: &str, text: &str) -> io::Result<()> {
    let pager = Pager::open(host, program)?;
    let written = pager.pipe().write_all(text.as_bytes());
    pager.close()?;
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// A pager that runs, for an answer that comes bit by bit.
#[derive(Debug)]
pub struct Pager {
    child: Child,
    program: String,
}

impl Pager {
    /// Starts the pager.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn open(host: &Host, program: &str) -> io::Result<Self> {
        // What was said before has to be on the screen before the pager takes it over.
        host.stdout.borrow_mut().flush()?;
        Ok(Pager { child: start(host, program)?, program: program.to_owned() })
    }

    /// Where to write to. Writing fails with [`ErrorKind::BrokenPipe`] once the person has left.
    pub fn pipe(&self) -> impl Write + '_ {
        self.child.stdin.as_ref().expect("the child was started with a pipe as its standard input")
    }

    /// Says that all is written, and waits until the person leaves.
    ///
    /// Also to be called when writing failed: the pager owns the terminal until it ends.
    ///
    /// # Errors
    /// When it can't be waited for, or was never there: as [`page`].
    pub fn close(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        check_started(&self.program, self.child.wait()?)
    }
}

/// Starts the pager with a pipe to it.
fn start(host: &Host, program: &str) -> io::Result<Child> {
    let mut command = Command::new("sh");
    command.arg("-c").arg(program).current_dir(&host.cwd).stdin(Stdio::piped());
    command.env_clear().envs(&host.env).env("GIT_PAGER_IN_USE", "1");
    for (name, value) in DEFAULT_ENVIRONMENT {
        if host.var_os(name).is_none() {
            command.env(name, value);
        }
    }
    command.spawn()
}

/// Tells a command that the shell couldn't run from one that ran; how that one ended doesn't matter.
fn check_started(program: &str, status: ExitStatus) -> io::Result<()> {
    let kind = match status.code() {
        Some(126) => ErrorKind::PermissionDenied,
        Some(127) => ErrorKind::NotFound,
        _ => return Ok(()),
    };
    Err(io::Error::new(kind, format!("cannot run the pager '{}'", program.escape_debug())))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ui::testing;
    use std::path::Path;

    /// A host on a terminal with these variables.
    fn terminal(variables: &[(&str, &str)]) -> Host {
        let (mut host, _, _) = testing::host(Path::new("/"));
        host.terminal.stdout = true;
        host.env.extend(variables.iter().map(|(name, value)| (name.into(), value.into())));
        host
    }

    #[test]
    fn there_is_no_pager_without_a_terminal_or_when_turned_off() {
        let mut host = terminal(&[("GIT_PAGER", "more")]);
        assert_eq!(program(&host, Some("less"), Some(false)), None);
        host.terminal.stdout = false;
        assert_eq!(program(&host, Some("less"), Some(true)), None);
    }

    #[test]
    fn the_pager_is_chosen_in_the_order_of_git() {
        let both = terminal(&[("GIT_PAGER", "first"), ("PAGER", "third")]);
        assert_eq!(program(&both, Some("second"), None).as_deref(), Some("first"));
        let one = terminal(&[("PAGER", "third")]);
        assert_eq!(program(&one, Some("second"), None).as_deref(), Some("second"));
        assert_eq!(program(&one, None, Some(true)).as_deref(), Some("third"));
        assert_eq!(program(&terminal(&[]), None, None).as_deref(), Some("less"));
    }

    #[test]
    fn an_empty_command_or_cat_means_no_pager() {
        assert_eq!(program(&terminal(&[("GIT_PAGER", "")]), Some("less"), None), None);
        assert_eq!(program(&terminal(&[("PAGER", "cat")]), None, None), None);
        assert_eq!(program(&terminal(&[("PAGER", "more")]), Some("cat"), None), None);
        assert_eq!(program(&terminal(&[("PAGER", "more")]), Some(""), None), None);
    }

    #[test]
    fn the_pager_gets_the_whole_text_and_an_environment_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let (mut host, stdout, _) = testing::host(directory.path());
        host.env.insert("LV".into(), "mine".into());
        page(&host, "cat >text; echo $LESS,$LV,$GIT_PAGER_IN_USE,$HOME >env", "a\nb 漢\n").unwrap();
        assert_eq!(std::fs::read_to_string(directory.path().join("text")).unwrap(), "a\nb 漢\n");
        assert_eq!(std::fs::read_to_string(directory.path().join("env")).unwrap(), "FRX,mine,1,\n");
        assert_eq!(stdout.flushes(), 1);
    }

    #[test]
    fn a_reader_who_quits_early_is_no_error() {
        let directory = tempfile::tempdir().unwrap();
        let (host, _, _) = testing::host(directory.path());
        page(&host, "exit 0", &"x".repeat(1 << 20)).unwrap();
        page(&host, "exit 3", &"x".repeat(1 << 20)).unwrap();
    }

    #[test]
    fn a_pager_that_does_not_exist_is_an_error() {
        let directory = tempfile::tempdir().unwrap();
        let (host, _, _) = testing::host(directory.path());
        let error = page(&host, "exec 2>/dev/null; no-such-pager-at-all", "text").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains("no-such-pager-at-all"));
    }
}
