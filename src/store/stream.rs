//! Reading what git prints while it still prints it: the first page of a long log is there at once.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use super::{StoreError, git};

/// What is heard of a git that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A line without its end.
    Line(&'a [u8]),
    /// Nothing more for the moment: what was made of the lines so far can be shown.
    Pause,
}

/// Runs git and hands on each line it prints. When `take` fails, git is stopped. Gives what git said beside
/// its answer: warnings.
///
/// # Errors
/// What `take` says; or when git can't be started or exits with a failure.
pub fn lines<A: AsRef<OsStr>, E: From<StoreError>>(
    cwd: &Path,
    arguments: impl IntoIterator<Item = A>,
    take: impl FnMut(Heard) -> Result<(), E>,
) -> Result<String, E> {
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(cwd)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StoreError::NoGit)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        // git may say more on standard error than a pipe holds before it is done.
        let said = scope.spawn(move || {
            let mut text = Vec::new();
            // What can't be read of it is no reason to fail.
            let _ = stderr.map(|mut stderr| stderr.read_to_end(&mut text));
            text
        });
        let heard = stdout.map_or(Ok(()), |stdout| hear(stdout, take));
        if heard.is_err() {
            // It may have ended by itself.
            let _ = child.kill();
        }
        let status = wait(&mut child)?;
        let stderr = said.join().unwrap_or_default();
        heard?;
        if status.success() {
            return Ok(String::from_utf8_lossy(&stderr).into_owned());
        }
        Err(git::failed(&Output { status, stdout: Vec::new(), stderr }).into())
    })
}

fn wait(child: &mut Child) -> Result<std::process::ExitStatus, StoreError> {
    child.wait().map_err(StoreError::NoGit)
}

fn hear<E: From<StoreError>>(
    stdout: ChildStdout,
    mut take: impl FnMut(Heard) -> Result<(), E>,
) -> Result<(), E> {
    let mut reader = BufReader::with_capacity(1 << 16, stdout);
    let mut line = Vec::new();
    loop {
        if reader.buffer().is_empty() {
            take(Heard::Pause)?;
        }
        line.clear();
        let read = reader.read_until(b'\n', &mut line);
        if read.map_err(|error| StoreError::from_io("can't read what git prints", &error))? == 0 {
            return take(Heard::Pause);
        }
        take(Heard::Line(line.strip_suffix(b"\n").unwrap_or(&line)))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(arguments: &[&str]) -> Result<Vec<String>, StoreError> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut found = Vec::new();
        lines(folder.path(), arguments, |heard| {
            if let Heard::Line(line) = heard {
                found.push(String::from_utf8_lossy(line).into_owned());
            }
            Ok::<(), StoreError>(())
        })?;
        Ok(found)
    }

    #[test]
    fn every_line_is_heard_and_a_failure_told() {
        assert!(
            heard(&["version"]).is_ok_and(|lines| lines.len() == 1 && lines[0].starts_with("git version"))
        );
        let told = heard(&["no-such-command-at-all"]).map_err(|error| error.to_string());
        assert!(told.as_ref().is_err_and(|text| text.contains("no-such-command-at-all")), "{told:?}");
    }

    #[test]
    fn a_listener_who_has_enough_stops_git() {
        let folder = tempfile::tempdir().expect("a folder");
        let enough = || StoreError::Other("enough".to_owned());
        let stopped = lines(folder.path(), ["help", "-a"], |heard| match heard {
            Heard::Line(_) => Err(enough()),
            Heard::Pause => Ok(()),
        });
        assert!(stopped.is_err_and(|error| error.to_string() == "enough"));
    }
}
