//! Running git where it talks to a remote: bounded in time, and without questions unless they are welcome.
//!
//! A git that may not ask runs in a group of processes of its own, with a guard in it that holds a pipe of
//! ours. When time is over, or this process ends however it ends, the pipe closes and the guard ends the
//! whole group: nobody's ssh is left running. A git that may ask stays with the terminal, where ctrl-c
//! reaches it.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::host::{Host, failpoint};

use super::{Store, StoreError};

/// What belongs to the git command that called us and not to the one we start.
const DROPPED: [&str; 7] = [
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_REFLOG_ACTION",
    "GIT_QUARANTINE_PATH",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_EDITOR",
];

/// Tells our own hooks, should git call one, that they are inside us.
const INSIDE: &str = "YOI_IN_HOOK";

/// Starts git with a guard beside it. The guard leaves when it is told a word; when the pipe just closes it
/// ends the group, which git hears first as a request: then it takes its locks away.
const GUARD: &str = "exec 3<&0
(read -r word <&3 && exit; trap '' TERM; kill -TERM 0; sleep 1; kill -KILL 0) >/dev/null 2>&1 &
exec \"$@\" 3<&- </dev/null";

/// How long git has to take its locks away before it is ended.
const GRACE: Duration = Duration::from_millis(500);

/// How long to wait for the rest of what was said: an ssh that stays for later calls keeps the pipe.
const REST: Duration = Duration::from_millis(200);

/// The most that is kept of what is said: a remote may say anything.
const MOST: usize = 1024 * 1024;

/// How git may talk to a remote.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    limit: Option<(Instant, Duration)>,
    may_ask: bool,
}

impl Terms {
    /// So long and no longer, counted from now.
    pub fn within(limit: Duration, may_ask: bool) -> Self {
        Terms::since(Instant::now(), limit, may_ask)
    }

    /// The same, counted from when it began.
    pub fn since(began: Instant, limit: Duration, may_ask: bool) -> Self {
        Terms { limit: Some((began + limit, limit)), may_ask }
    }

    /// As long as it takes.
    pub fn patient(may_ask: bool) -> Self {
        Terms { limit: None, may_ask }
    }

    /// Whether git may ask somebody for a password.
    pub fn may_ask(&self) -> bool {
        self.may_ask
    }

    /// Whether the time is over.
    pub fn is_over(&self) -> bool {
        self.limit.is_some_and(|(until, _)| Instant::now() >= until)
    }
}

/// What git answered.
pub(super) struct Answer {
    pub(super) is_good: bool,
    pub(super) out: String,
    pub(super) err: String,
}

impl Store {
    /// Runs git on these terms.
    ///
    /// # Errors
    /// When it can't be started, or is not done in time.
    pub(super) fn talk<A: AsRef<OsStr>>(
        &self,
        host: &Host,
        terms: Terms,
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Answer, StoreError> {
        let mut command = match terms.may_ask {
            true => Command::new("git"),
            false => guarded(),
        };
        command.args(arguments).current_dir(&self.cwd).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in DROPPED {
            command.env_remove(name);
        }
        // What git says is read by this program.
        command.env(INSIDE, "1").env("LC_ALL", "C");
        if terms.may_ask {
            command.stdin(Stdio::null());
        } else {
            self.forbid_questions(host, &mut command);
        }
        let mut child = command.spawn().map_err(StoreError::NoGit)?;
        failpoint::step("a git that talks to a remote is started");
        let guard = child.stdin.take();
        let streams = (gather(child.stdout.take()), gather(child.stderr.take()));
        let status = wait(&mut child, terms.limit.map(|(until, _)| until))?;
        let Some(status) = status else {
            drop(guard);
            end(&mut child);
            let limit = terms.limit.map(|(_, limit)| limit).unwrap_or_default();
            return Err(StoreError::NoAnswer(limit));
        };
        if let Some(mut guard) = guard {
            // A guard that is gone needs no word.
            let _ = guard.write_all(b"done\n");
        }
        failpoint::step("a git that talks to a remote has ended");
        Ok(Answer { is_good: status.success(), out: streams.0.text(), err: streams.1.text() })
    }

    /// Makes git, ssh and credential helpers fail rather than ask. What answers by itself, an agent or a
    /// helper, still does.
    fn forbid_questions(&self, host: &Host, command: &mut Command) {
        command.env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never");
        command.env("SSH_ASKPASS_REQUIRE", "never").env_remove("SSH_ASKPASS");
        let own = host.var("GIT_SSH_COMMAND").map(str::to_owned).or_else(|| self.setting("core.sshCommand"));
        if let Some(ssh) = unasking(own.as_deref(), host.var_os("GIT_SSH").is_some()) {
            command.env("GIT_SSH_COMMAND", ssh);
        }
    }
}

/// The command for ssh with the option not to ask, where it is known to be one that has this option.
fn unasking(own: Option<&str>, has_program: bool) -> Option<String> {
    match own {
        Some(own) => {
            let program = own.split_whitespace().next().unwrap_or_default().trim_matches(['"', '\'']);
            let is_openssh = Path::new(program).file_name().is_some_and(|name| name == "ssh");
            is_openssh.then(|| format!("{own} -o BatchMode=yes"))
        }
        None if has_program => None,
        None => Some("ssh -o BatchMode=yes".to_owned()),
    }
}

fn guarded() -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "sh", "git"]).process_group(0).stdin(Stdio::piped());
    command
}

/// Waits for a child; nothing when it is not done in time.
fn wait(child: &mut Child, until: Option<Instant>) -> Result<Option<ExitStatus>, StoreError> {
    let fail = |error| StoreError::from_io("can't wait for git", &error);
    let Some(until) = until else { return child.wait().map(Some).map_err(fail) };
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().map_err(fail)? {
            return Ok(Some(status));
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Ends a child that was asked to end, if it has not.
fn end(child: &mut Child) {
    if !matches!(wait(child, Some(Instant::now() + GRACE)), Ok(Some(_))) {
        // What can't be ended can't be waited for either.
        let _ = child.kill().and_then(|()| child.wait());
    }
}

/// What a stream said so far, and word of its end.
struct Heard {
    bytes: Arc<Mutex<Vec<u8>>>,
    end: Receiver<()>,
}

impl Heard {
    fn text(&self) -> String {
        // Either it ends, or what was said so far is what there is.
        let _ = self.end.recv_timeout(REST);
        self.bytes.lock().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

fn gather(stream: Option<impl Read + Send + 'static>) -> Heard {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    let (sender, end) = mpsc::channel();
    let kept = Arc::clone(&bytes);
    thread::spawn(move || {
        let mut piece = [0; 8192];
        let mut stream = stream;
        while let Some(Ok(read @ 1..)) = stream.as_mut().map(|stream| stream.read(&mut piece)) {
            let Ok(mut kept) = kept.lock() else { break };
            let room = MOST.saturating_sub(kept.len());
            kept.extend_from_slice(&piece[..read.min(room)]);
        }
        // Nobody may be listening any more.
        let _ = sender.send(());
    });
    Heard { bytes, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ssh_is_told_not_to_ask_and_what_is_no_ssh_is_left_as_it_is() {
        let told = |own: Option<&str>| unasking(own, false);
        assert_eq!(told(None).as_deref(), Some("ssh -o BatchMode=yes"));
        assert_eq!(
            told(Some("/usr/bin/ssh -i key")).as_deref(),
            Some("/usr/bin/ssh -i key -o BatchMode=yes")
        );
        assert_eq!(told(Some("plink -batch")), None);
        assert_eq!(unasking(None, true), None);
    }
}
