//! Running the `git` program, for what gix can't do.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::StoreError;

/// Runs git and gives what it printed.
///
/// # Errors
/// When git can't be started, exits with a failure, or prints what is not UTF-8.
pub fn run<A: AsRef<OsStr>>(
    cwd: &Path,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String, StoreError> {
    let output = output(cwd, arguments, None)?;
    if !output.status.success() {
        return Err(failed(&output));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| StoreError::GitFailed("it printed what is not UTF-8".to_owned()))
}

/// Runs git with something to read, and gives its whole answer, whatever its exit code.
///
/// # Errors
/// When git can't be started.
pub fn output<A: AsRef<OsStr>>(
    cwd: &Path,
    arguments: impl IntoIterator<Item = A>,
    input: Option<&str>,
) -> Result<Output, StoreError> {
    feed(cwd, arguments, |stdin| stdin.write_all(input.unwrap_or_default().as_bytes()))
}

/// Runs git while something writes to its standard input, and gives its whole answer, whatever its exit
/// code. git must not answer more than a pipe holds before it has read all.
///
/// # Errors
/// When git can't be started, or what should be written can't be.
pub fn feed<A: AsRef<OsStr>>(
    cwd: &Path,
    arguments: impl IntoIterator<Item = A>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Output, StoreError> {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(cwd)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StoreError::NoGit)?;
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| write(&mut stdin));
    let output = child.wait_with_output().map_err(StoreError::NoGit)?;
    match written {
        // A git that stops reading early says why on stderr.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(StoreError::from_io("can't feed git", &error))
        }
        _ => Ok(output),
    }
}

/// What a failed git said, in one line.
pub fn failed(output: &Output) -> StoreError {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    StoreError::GitFailed(if line.is_empty() { output.status.to_string() } else { line })
}
