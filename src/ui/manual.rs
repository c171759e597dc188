//! Opens an installed manual page with `man`.
//!
//! It promises to say whether it did, and to print nothing when it did not.

use std::process::{Command, Stdio};

use crate::host::Host;

/// Shows a page when there is a terminal, a `man`, and the page is installed. Says whether it did.
pub fn open(host: &Host, page: &str) -> bool {
    if !host.terminal.stdout {
        return false;
    }
    let man = || {
        let mut man = Command::new("man");
        man.env_clear().envs(&host.env);
        man
    };
    // Asked first, so that a page that isn't installed prints no error of man's.
    let found = man().args(["-w", page]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
        && man().arg(page).status().is_ok_and(|status| status.success())
}
