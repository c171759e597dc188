//! The program: the real process as a host, one command, its exit code.

use std::process::ExitCode;

use git_yoi::cli;
use git_yoi::host::Host;

fn main() -> ExitCode {
    let Ok(mut host) = Host::process() else { return ExitCode::from(128) };
    let code = cli::run(&mut host);
    ExitCode::from(u8::try_from(code).unwrap_or(128))
}
