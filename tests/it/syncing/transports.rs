//! Every way git talks to a remote: a push through the hook, a fetch, a sync.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Two;
use crate::plant::say;
use crate::world::gits;

/// A server that ends with the test.
pub(super) struct Server(pub(super) Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// Tickets go there and come from there.
pub(super) fn carries(two: &Two, url: &str, prepare: impl Fn(&mut Command)) {
    let run = |program: &str, name: &str, words: &[&str]| {
        let program = if program == "yoi" { env!("CARGO_BIN_EXE_git-yoi") } else { program };
        let mut command = two.world.command(program, &two.folder(name));
        command.args(words);
        prepare(&mut command);
        two.world.run(command)
    };
    for name in ["repo", "clone"] {
        two.git(name, &["remote", "set-url", "origin", url]).ok();
    }
    two.work("repo", "first");
    let pushed = run("git", "repo", &["push", "-q"]);
    assert_eq!((pushed.code, pushed.err.as_str()), (0, ""), "{url}");
    assert!(two.is_sent("repo"), "{url}");
    run("git", "clone", &["pull", "-q"]).ok();
    assert_eq!(two.yoi("clone", &["list", "--porcelain"]).ok().lines().count(), 2);
    two.yoi("clone", &["create", "there"]).ok();
    two.yoi("repo", &["create", "here"]).ok();
    run("git", "clone", &["push", "-q", "origin", "HEAD:refs/heads/there"]).ok();
    let said = run("yoi", "repo", &["sync"]).ok();
    assert!(said.contains("'origin' has the same tickets as this clone"), "{said}");
    assert!(two.is_sent("repo"), "{url}");
    assert_eq!(two.yoi("repo", &["list", "--porcelain"]).ok().lines().count(), 4);
    // A third clone joins over the same way.
    run("git", ".", &["clone", "-q", url, "third"]).ok();
    assert!(run("yoi", "third", &["init"]).ok().starts_with("4 tickets of 'origin' taken over"), "{url}");
}

#[test]
fn by_a_path_and_by_a_file_address() {
    for git in gits() {
        for front in ["", "file://"] {
            let two = Two::begin(&git);
            carries(&two, &format!("{front}{}", two.folder("remote.git").display()), |_| {});
        }
    }
}

pub(super) fn wait_for(port: u16) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "nobody listens at {port}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn by_the_protocol_of_git() {
    for git in gits() {
        let two = Two::begin(&git);
        let folder = two.git("repo", &["--exec-path"]).ok();
        let daemon = Path::new(folder.trim()).join("git-daemon");
        if !daemon.is_file() {
            say("skipped: this git has no daemon");
            continue;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = two.world.command(daemon, two.world.root());
        command.args(["--reuseaddr", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1"]);
        command.arg(format!("--port={port}")).arg(format!("--base-path={}", two.world.root().display()));
        let _server = Server(command.stderr(Stdio::null()).spawn().unwrap());
        wait_for(port);
        carries(&two, &format!("git://127.0.0.1:{port}/remote.git"), |_| {});
    }
}

/// Runs `git http-backend` for each request; tells its port first.
const HTTP: &str = r#"
import os, subprocess, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def answer(self):
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while True:
                size = int(self.rfile.readline(), 16)
                body += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    break
        else:
            body = self.rfile.read(length)
        env = dict(os.environ, GIT_PROJECT_ROOT=sys.argv[1], GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
                   QUERY_STRING=query, REQUEST_METHOD=self.command, REMOTE_USER="tess",
                   CONTENT_TYPE=self.headers.get("Content-Type", ""), CONTENT_LENGTH=str(len(body)),
                   HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
                   GIT_PROTOCOL=self.headers.get("Git-Protocol", ""))
        out = subprocess.run(["git", "http-backend"], input=body, env=env, stdout=subprocess.PIPE).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = [value for key, value in lines if key == "Status"]
        self.send_response(int(status[0].split()[0]) if status else 200)
        for key, value in lines:
            if key != "Status":
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(rest)
    do_GET = do_POST = answer
    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
"#;

#[test]
fn by_http() {
    for git in gits() {
        let two = Two::begin(&git);
        let script = two.world.write("server.py", HTTP);
        let mut command = two.world.command("python3", two.world.root());
        command.arg(script).arg(two.world.root()).stdout(Stdio::piped());
        let Ok(mut child) = command.spawn() else { return say("skipped: there is no python3") };
        let mut port = String::new();
        let stdout = child.stdout.take().unwrap();
        let server = Server(child);
        BufReader::new(stdout).read_line(&mut port).unwrap();
        let url = format!("http://127.0.0.1:{}/remote.git", port.trim());
        if two.git("repo", &["ls-remote", &url]).code != 0 {
            return say("skipped: this git has no http");
        }
        carries(&two, &url, |_| {});
        drop(server);
    }
}

#[test]
fn a_password_for_one_command_serves_the_tickets_too() {
    let two = Two::begin(&gits()[0]);
    let check = "    def answer(self):\n        if self.headers.get('X-Key') != 'y':\n            self.send_error(403)\n            return\n";
    let script = two.world.write("server.py", HTTP.replace("    def answer(self):\n", check));
    let mut command = two.world.command("python3", two.world.root());
    command.arg(script).arg(two.world.root()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else { return say("skipped: there is no python3") };
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let _server = Server(child);
    let url = format!("http://127.0.0.1:{}/remote.git", port.trim());
    two.git("repo", &["remote", "set-url", "origin", &url]).ok();
    two.work("repo", "first");
    let pushed = two.git("repo", &["-c", "http.extraHeader=X-Key: y", "push", "-q"]);
    if pushed.err.contains("not a git command") {
        return say("skipped: this git has no http");
    }
    assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
    assert!(two.is_sent("repo"));
    let said = two.yoi("repo", &["sync"]).fails(1);
    assert!(said.contains("403"), "{said}");
}

#[test]
fn nobody_is_asked_a_second_time_unless_it_is_wanted() {
    let two = Two::begin(&gits()[0]);
    let ssh = two.script(
        "bin/ssh",
        "case \"$*\" in *BatchMode=yes*) echo 'tess@somewhere: Permission denied.' >&2; exit 255;; esac\nfor word; do last=$word; done\nexec sh -c \"$last\"",
    );
    let url = format!("ssh://somewhere{}", two.folder("remote.git").display());
    two.git("repo", &["remote", "set-url", "origin", &url]).ok();
    two.git("repo", &["config", "ssh.variant", "ssh"]).ok();
    two.git("repo", &["config", "core.sshCommand", ssh.to_str().unwrap()]).ok();
    two.work("repo", "first");
    let pushed = two.git("repo", &["push", "-q"]);
    assert_eq!(pushed.code, 0, "{pushed:?}");
    assert!(
        pushed.err.starts_with(
            "yoi: tickets not sent to 'origin' (git failed: tess@somewhere: Permission denied.);"
        ),
        "{pushed:?}"
    );
    assert!(!two.is_sent("repo"));
    two.git("repo", &["config", "yoi.prompt", "ask"]).ok();
    let pushed = two.git("repo", &["push", "-q"]);
    assert_eq!((pushed.code, pushed.err.as_str()), (0, ""));
    assert!(two.is_sent("repo"));
}

#[test]
fn by_ssh() {
    for git in gits() {
        let two = Two::begin(&git);
        // What ssh is told to run is run here; what it is told beside that is written down.
        let log = two.folder("ssh.log");
        let ssh = two.script(
            "bin/ssh",
            &format!(
                "echo \"$*\" >> '{}'\nfor word; do last=$word; done\nexec sh -c \"$last\"",
                log.display()
            ),
        );
        let url = format!("ssh://somewhere{}", two.folder("remote.git").display());
        let command = ssh.display().to_string();
        carries(&two, &url, |git| {
            git.env("GIT_SSH_COMMAND", &command).env("GIT_SSH_VARIANT", "ssh");
        });
        let told = std::fs::read_to_string(log).unwrap();
        assert!(
            told.lines().any(|line| line.contains("BatchMode=yes") && line.contains("receive-pack")),
            "{told}"
        );
        assert!(told.lines().any(|line| !line.contains("BatchMode=yes")), "git itself may ask: {told}");
    }
}
