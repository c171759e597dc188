//! Commits on the tickets' ref are signed when the user signs commits, with real keys; and told apart.

use crate::guarding::ssh_key;
use crate::plant::{self, REF, tip};
use crate::world::{World, gits};

/// The status and the signer of each event of a ticket.
fn signed(world: &World, id: &str) -> Vec<(String, String)> {
    let mut command = world.yoi_command(["verify", id, "--porcelain"]);
    command.env("LC_ALL", "C");
    let rows = world.run(command).out;
    let field = |row: &str, index: usize| row.split('\t').nth(index).unwrap().to_owned();
    rows.lines().map(|row| (field(row, 0), field(row, 5))).collect()
}

fn set(world: &World, settings: &[(&str, &str)]) {
    for (key, value) in settings {
        world.git(["config", key, value]).ok();
    }
}

fn pair(status: &str, signer: &str) -> (String, String) {
    (status.to_owned(), signer.to_owned())
}

#[test]
fn commits_are_signed_with_ssh_when_the_user_signs() {
    for git in gits() {
        let world = World::with_git(&git);
        let Some((key, public)) = ssh_key(&world, "key") else { return };
        let signers = world.write("signers", format!("tess@example.org {public}"));
        let signers = signers.to_str().unwrap();
        world.git(["commit", "-q", "--allow-empty", "-m", "base"]).ok();
        world.yoi(["init", "--no-hooks"]).ok();
        let id = world.create("one");
        set(&world, &[("commit.gpgSign", "true"), ("gpg.format", "ssh"), ("user.signingKey", &key)]);
        world.yoi(["--actor", "Änne", "comment", &id, "-m", "signed, with wörds"]).ok();
        // Nobody's keys are known yet.
        assert_eq!(signed(&world, &id)[0].0, "unsigned");
        assert_ne!(signed(&world, &id)[1].0, "good");
        set(&world, &[("gpg.ssh.allowedSignersFile", signers)]);
        world.git(["verify-commit", REF]).ok();
        let expected = [pair("unsigned", ""), pair("good", "tess@example.org")];
        assert_eq!(signed(&world, &id), expected);
        let message = world.git(["log", "-1", "--format=%an <%ae> %cn|%s|%e", REF]).ok();
        assert_eq!(message, format!("Änne <tess@example.org> Tess Ter|{id}: commented|\n"));
        let json = world.json(["verify"]);
        assert_eq!(
            (&json["schema"], &json["total"], &json["bad"]),
            (&"yoi.verify/1".into(), &2.into(), &0.into())
        );
        assert_eq!(json["events"][1]["author"], "Änne");
        world.git(["fsck", "--strict"]).ok();
        // A good signature, and not of the author.
        set(&world, &[("user.email", "bob@example.org")]);
        world.yoi(["comment", &id, "-m", "in the name of Bob"]).ok();
        assert_eq!(signed(&world, &id)[2], pair("other", "tess@example.org"));
        let told = world.yoi(["verify"]);
        assert!(told.code == 1 && told.out.ends_with("3 events checked: 1 bad\n"), "{told:?}");
        // Landings are nobody's.
        let message = format!("work\n\nCloses: {id}");
        for words in [["state", &id, "ready", "-m", "clear"].as_slice(), &["queue", &id]] {
            world.yoi(words).ok();
        }
        world.git(["commit", "-q", "--no-gpg-sign", "--allow-empty", "-m", &message]).ok();
        world.yoi(["land"]).ok();
        assert_eq!(signed(&world, &id).last().unwrap().0, "unsigned");
    }
}

#[test]
fn what_can_not_be_signed_is_not_written() {
    for git in gits() {
        let world = World::with_git(&git);
        world.yoi(["init", "--no-hooks"]).ok();
        let id = world.create("one");
        let before = tip(&world);
        let none = world.root().join("no-such-key");
        let program = world.root().join("no-such-program");
        for settings in [
            [("gpg.format", "ssh"), ("user.signingKey", none.to_str().unwrap())],
            [("gpg.format", "openpgp"), ("gpg.program", program.to_str().unwrap())],
            [("gpg.format", "x509"), ("gpg.x509.program", program.to_str().unwrap())],
        ] {
            set(&world, &[("commit.gpgSign", "true")]);
            set(&world, &settings);
            let said = world.yoi(["comment", &id, "-m", "words"]).fails(128);
            let start = "error: nothing was written, because the commit can't be signed: ";
            assert!(said.starts_with(start) && said.contains("hint: git -c commit.gpgSign=false"), "{said}");
            assert_eq!(tip(&world), before);
        }
        let json = world.yoi(["comment", &id, "-m", "words", "--json"]).fails(128);
        assert!(json.contains("\"code\":\"not_signed\""), "{json}");
        world.git(["-c", "commit.gpgSign=false", "yoi", "comment", &id, "-m", "words"]).ok();
    }
}

#[test]
fn a_commit_that_only_names_an_event_stands_for_nothing() {
    let world = World::new();
    world.yoi(["init", "--no-hooks"]).ok();
    let id = world.create("one");
    let first = tip(&world);
    let event = world.json(["show", &id])["events"][0]["id"].as_str().unwrap().to_owned();
    let message = format!("x\n\nTicket: {id}\nEvent: {event} create");
    let words = ["commit-tree", &format!("{REF}^{{tree}}"), "-m", &message, "-p", REF];
    plant::point(&world, world.git(words).ok().trim_end());
    assert_eq!(world.json(["verify", &id])["events"][0]["commit"], first.as_str());
    plant::import(&world, &[(&plant::id(1), "imported")]);
    assert_eq!(signed(&world, &plant::id(1)), [pair("unnamed", "")]);
}

/// Runs a program of GnuPG that asks nobody, in the folder of keys of the world; `None` where it is not there or
/// says no.
fn gnupg(world: &World, program: &str, words: &[&str]) -> Option<String> {
    let mut command = world.command(program, world.root());
    let answer = command.args(["--batch", "--quiet"]).args(words).output().ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// An empty folder of keys.
fn keys(world: &World) -> std::path::PathBuf {
    let home = world.root().join("home/.gnupg");
    std::fs::create_dir_all(&home).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    home
}

/// Ends the agent that holds keys; one that is gone already is as good.
fn end_agent(world: &World) {
    let _ = world.command("gpgconf", world.root()).args(["--kill", "gpg-agent"]).output();
}

#[test]
fn commits_are_signed_with_openpgp_when_the_user_signs() {
    let world = World::new();
    keys(&world);
    let words = ["--pinentry-mode", "loopback", "--passphrase", "", "--quick-generate-key"];
    let words = [words.as_slice(), &["Tess Ter <tess@example.org>", "ed25519", "sign", "never"]].concat();
    if gnupg(&world, "gpg", &words).is_none() {
        plant::say("skipped: signatures with OpenPGP: no gpg that makes keys");
        return;
    }
    set(&world, &[("commit.gpgSign", "true")]);
    world.yoi(["init", "--no-hooks"]).ok();
    let id = world.create("one");
    assert_eq!(signed(&world, &id), [pair("good", "Tess Ter <tess@example.org>")]);
    end_agent(&world);
}

#[test]
fn commits_are_signed_with_x509_when_the_user_signs() {
    let world = World::new();
    let home = keys(&world);
    let wanted = "Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign, cert\nSerial: random\nNot-After: 2099-01-01\n\
                  Name-DN: CN=Tess Ter,O=Org,EMail=tess@example.org\nName-Email: tess@example.org\n";
    let wanted = world.write("wanted", wanted);
    let made = world.root().join("made");
    let (wanted, made) = (wanted.to_str().unwrap(), made.to_str().unwrap());
    let empty =
        ["--pinentry-mode", "loopback", "--passphrase-fd", "0", "--generate-key", "--output", made, wanted];
    let certificate = gnupg(&world, "gpgsm", &empty)
        .and_then(|_| gnupg(&world, "gpgsm", &["--import", made]))
        .and_then(|_| gnupg(&world, "gpgsm", &["--with-colons", "--list-keys"]));
    let Some(certificate) = certificate else {
        plant::say("skipped: signatures with X.509: no gpgsm that makes certificates");
        return;
    };
    let fingerprint = certificate.lines().find(|row| row.starts_with("fpr:")).unwrap();
    let key = fingerprint.split(':').nth(9).unwrap().to_owned();
    std::fs::write(home.join("trustlist.txt"), format!("{key} S relax\n")).unwrap();
    std::fs::write(home.join("gpgsm.conf"), "disable-crl-checks\ndisable-dirmngr\n").unwrap();
    set(&world, &[("commit.gpgSign", "true"), ("gpg.format", "x509"), ("user.signingKey", &key)]);
    world.yoi(["init", "--no-hooks"]).ok();
    let id = world.create("one");
    let signer = "/CN=Tess Ter/O=Org/EMail=tess@example.org";
    assert_eq!(signed(&world, &id), [pair("good", signer)]);
    set(&world, &[("user.email", "bob@example.org")]);
    world.yoi(["comment", &id, "-m", "in the name of Bob"]).ok();
    assert_eq!(signed(&world, &id)[1], pair("other", signer));
    end_agent(&world);
}
