//! A real ssh server on this machine: who is let in, how often it asks, and what becomes of tickets when it may not.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::Two;
use super::transports::{Server, carries, wait_for};
use crate::plant::say;
use crate::world::gits;

/// A server, its port, and how a client has to be called.
struct Ssh {
    _server: Server,
    url: String,
    command: String,
    log: PathBuf,
}

fn run(two: &Two, program: &str, words: &[&str]) -> crate::world::Answer {
    let mut command = two.world.command(program, two.world.root());
    command.args(words);
    two.world.run(command)
}

/// Starts a server for whoever runs the tests, with a key of its own; nothing where there is none.
fn serve(two: &Two, passphrase: &str) -> Option<Ssh> {
    let sshd =
        ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].map(Path::new).into_iter().find(|path| path.is_file());
    let Some(sshd) = sshd else {
        say("skipped: there is no sshd on this machine");
        return None;
    };
    let user = run(two, "id", &["-un"]).ok().trim().to_owned();
    if user == "root" {
        // Where the package was not started yet, the folder it wants is missing.
        fs::create_dir_all("/run/sshd").unwrap();
    }
    for (name, secret) in [("host", ""), ("user", passphrase)] {
        run(two, "ssh-keygen", &["-q", "-t", "ed25519", "-N", secret, "-f", name]).ok();
    }
    let root = two.world.root().display();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = two.world.command("x", two.world.root());
    let path =
        path.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_str().unwrap().to_owned();
    let settings = format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {root}/host\nAuthorizedKeysFile {root}/user.pub\n\
         StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n\
         SetEnv PATH={path} GIT_CONFIG_NOSYSTEM=1 HOME={root}/home\n"
    );
    let settings = two.world.write("sshd_config", settings);
    let log = two.folder("sshd.log");
    let mut command = two.world.command(sshd, two.world.root());
    command
        .args(["-D", "-e", "-f"])
        .arg(settings)
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log).unwrap());
    let server = Server(command.spawn().unwrap());
    wait_for(port);
    let command = format!(
        "ssh -F /dev/null -p {port} -i {root}/user -o IdentitiesOnly=yes -o IdentityAgent=none \
         -o UserKnownHostsFile={root}/known -o StrictHostKeyChecking=accept-new -o LogLevel=ERROR"
    );
    let url = format!("ssh://{user}@127.0.0.1{}", two.folder("remote.git").display());
    Some(Ssh { _server: server, url, command, log })
}

fn let_in(ssh: &Ssh) -> usize {
    fs::read_to_string(&ssh.log).unwrap().matches("Accepted publickey").count()
}

#[test]
fn by_a_real_ssh_server() {
    for git in gits() {
        let two = Two::begin(&git);
        let Some(ssh) = serve(&two, "") else { return };
        carries(&two, &ssh.url, |git| {
            git.env("GIT_SSH_COMMAND", &ssh.command);
        });
        let before = let_in(&ssh);
        two.git("repo", &["config", "core.sshCommand", &ssh.command]).ok();
        two.git("repo", &["push", "-q"]).ok();
        assert_eq!(let_in(&ssh), before + 1, "nothing new: one connection, git's own");
        two.yoi("repo", &["create", "more"]).ok();
        two.git("repo", &["push", "-q"]).ok();
        assert_eq!(let_in(&ssh), before + 3, "one more for the tickets");
        assert!(two.is_sent("repo"));
        let told = two.yoi("repo", &["doctor", "--remote"]).ok();
        assert!(told.contains("was pushed, read back and removed"), "{told}");
    }
}

#[test]
fn a_passphrase_is_asked_for_once_and_the_tickets_wait() {
    let two = Two::begin(&gits()[0]);
    let Some(ssh) = serve(&two, "a long secret") else { return };
    let asked = two.folder("asked");
    let script = format!("echo \"$*\" >> '{}'\necho 'a long secret'", asked.display());
    let answer = two.script("bin/answer", &script);
    two.git("repo", &["remote", "set-url", "origin", &ssh.url]).ok();
    two.git("repo", &["config", "core.sshCommand", &ssh.command]).ok();
    two.work("repo", "first");
    let mut command = two.world.command("git", &two.folder("repo"));
    command
        .args(["push", "-q"])
        .env("SSH_ASKPASS", &answer)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env("DISPLAY", ":9");
    let pushed = two.world.run(command);
    assert_eq!(pushed.code, 0, "{pushed:?}");
    assert_eq!(pushed.err.lines().count(), 1, "{pushed:?}");
    assert!(
        pushed.err.starts_with("yoi: tickets not sent to 'origin' (")
            && pushed.err.contains("ermission denied")
    );
    assert_eq!(fs::read_to_string(&asked).unwrap().lines().count(), 1, "git's own push asked");
    let head = two.git("repo", &["rev-parse", "HEAD"]).ok();
    assert_eq!(two.git("remote.git", &["rev-parse", "main"]).ok(), head);
    assert!(!two.is_sent("repo"));
}
