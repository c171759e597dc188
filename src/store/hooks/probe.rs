//! Trying whether a hook file can be run, before git has to.
//!
//! Up to git 2.53 a push waits for ever for a hook that can't be started.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(5);
const BREATH: Duration = Duration::from_millis(2);

/// Runs a file that has a first line and a block and nothing else: the block does nothing then. Says what
/// goes wrong.
pub(super) fn fault(path: &Path) -> Option<String> {
    let child = Command::new(path)
        .env("YOI_HOOK_PROBE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match child.and_then(wait) {
        Err(error) => Some(format!("it can't be run: {error}")),
        Ok(None) => Some(format!("it was not done after {} seconds", PATIENCE.as_secs())),
        Ok(Some(status)) => (!status.success()).then(|| format!("it can't be run: {status}")),
    }
}

/// How the program ended; nothing when it had to be stopped.
fn wait(mut child: Child) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(BREATH);
    }
}
