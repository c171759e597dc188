//! Running the `git` program, for what gix can't do.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::host::failpoint;

use super::{StoreError, leftover};

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
    text(output.stdout)
}

/// Runs git with more in its environment, and gives what it printed.
///
/// # Errors
/// As [`run`].
pub fn run_with<A: AsRef<OsStr>, V: AsRef<OsStr>>(
    cwd: &Path,
    environment: impl IntoIterator<Item = (&'static str, V)>,
    arguments: impl IntoIterator<Item = A>,
) -> Result<String, StoreError> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(cwd).envs(environment).stdin(Stdio::null());
    let output = command.output().map_err(StoreError::NoGit)?;
    failpoint::step("a git has run");
    if !output.status.success() {
        return Err(failed(&output));
    }
    text(output.stdout)
}

/// Runs git with something to read, and another git on what it prints; gives what the second printed.
///
/// # Errors
/// When one of them can't be started or exits with a failure.
pub fn pipe(cwd: &Path, first: &[&str], input: String, second: &[&str]) -> Result<String, StoreError> {
    let spawn = |arguments: &[&str], stdin: Stdio| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(cwd).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(StoreError::NoGit)
    };
    let mut source = spawn(first, Stdio::piped())?;
    let between = source.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let sink = spawn(second, between)?;
    let stdin = source.stdin.take();
    let (answer, said) = std::thread::scope(|scope| {
        // The first may stop reading only after the second has read: so both are served at once.
        let feeder = scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        let answer = sink.wait_with_output();
        let said = source.wait_with_output();
        // A git that stops reading early says why on stderr.
        let _ = feeder.join();
        (answer, said)
    });
    let (said, answer) = (said.map_err(StoreError::NoGit)?, answer.map_err(StoreError::NoGit)?);
    match [said, answer] {
        [said, _] if !said.status.success() => Err(failed(&said)),
        [_, answer] if !answer.status.success() => Err(failed(&answer)),
        [_, answer] => text(answer.stdout),
    }
}

fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(|_| StoreError::GitFailed("it printed what is not UTF-8".to_owned()))
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
    output_with(cwd, std::iter::empty::<(&str, &str)>(), arguments, input)
}

/// The same with more in its environment.
///
/// # Errors
/// When git can't be started.
pub fn output_with<A: AsRef<OsStr>, V: AsRef<OsStr>>(
    cwd: &Path,
    environment: impl IntoIterator<Item = (&'static str, V)>,
    arguments: impl IntoIterator<Item = A>,
    input: Option<&str>,
) -> Result<Output, StoreError> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(cwd).envs(environment);
    talk(command, |stdin| stdin.write_all(input.unwrap_or_default().as_bytes()))
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
    let mut command = Command::new("git");
    command.args(arguments).current_dir(cwd);
    talk(command, write)
}

fn talk(
    mut command: Command,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<Output, StoreError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StoreError::NoGit)?;
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| write(&mut stdin));
    let output = child.wait_with_output().map_err(StoreError::NoGit)?;
    failpoint::step("a git has run");
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
    if let Some(lock) = leftover::told(&said) {
        return StoreError::Locked(lock);
    }
    let line = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    StoreError::GitFailed(if line.is_empty() { output.status.to_string() } else { line })
}
