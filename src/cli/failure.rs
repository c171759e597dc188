//! Errors as words, hints and exit codes.

use clap::error::ErrorKind;

use crate::host::Host;
use crate::model::query::parse;
use crate::model::readiness::Via;
use crate::model::refusal::Refusal;
use crate::model::state::State;
use crate::ops::{Problem, settings};
use crate::store::StoreError;
use crate::ui::editor::EditError;
use crate::ui::{sanitize, stream};
use crate::view::ErrorView;

/// The exit code of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// The answer is no.
    No = 1,
    /// Refused, or somebody else was faster: read again, then retry.
    Refused = 2,
    /// Nothing can be done here.
    Fatal = 128,
    /// The words were not understood or can't be used.
    Usage = 129,
}

/// An error, ready to be told.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// A stable word for programs.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// More of it, each on a line of its own on a screen.
    pub details: Vec<String>,
    /// What to type next.
    pub hint: Option<String>,
    /// The tickets an ambiguous name could be.
    pub candidates: Vec<String>,
}

/// The words themselves were wrong in a way clap can't see.
#[derive(Debug)]
pub struct UsageError(pub String);

impl std::fmt::Display for UsageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

impl Failure {
    /// What an error means for the user.
    pub fn of(error: &anyhow::Error) -> Self {
        let mut failure = Failure {
            exit: Exit::Fatal,
            code: "error".to_owned(),
            message: format!("{error:#}"),
            details: Vec::new(),
            hint: None,
            candidates: Vec::new(),
        };
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            failure.code = refusal.code().to_owned();
            failure.exit = if refusal.is_bad_input() { Exit::Usage } else { Exit::Refused };
            failure.hint = refusal_hint(refusal);
        } else if let Some(problem) = error.downcast_ref::<Problem>() {
            failure.code = problem.code().to_owned();
            (failure.exit, failure.hint) = problem_exit(problem);
            failure.candidates = candidates(problem);
            failure.details = details(problem);
        } else if let Some(fault) = error.downcast_ref::<StoreError>() {
            failure.code = fault.code().to_owned();
            (failure.exit, failure.hint) = store_exit(fault);
        } else if let Some(fault) = error.downcast_ref::<settings::Fault>() {
            failure.code = fault.code().to_owned();
            (failure.exit, failure.hint) = settings_exit(fault);
        } else if let Some(fault) = error.downcast_ref::<parse::Fault>() {
            failure.code = "usage".to_owned();
            (failure.exit, failure.hint) = (Exit::Usage, fault.hint());
        } else if error.downcast_ref::<UsageError>().is_some() {
            failure.code = "usage".to_owned();
            failure.exit = Exit::Usage;
        } else if error.downcast_ref::<EditError>().is_some() {
            failure.code = "editor".to_owned();
        }
        failure
    }

    /// Words that clap did not understand.
    pub fn usage(error: &clap::Error) -> Self {
        let text = error.to_string();
        let message = match error.kind() {
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => format!("a word is missing\n\n{text}"),
            _ => text.strip_prefix("error: ").unwrap_or(&text).to_owned(),
        };
        let message = message.trim_end().to_owned();
        Failure {
            exit: Exit::Usage,
            code: "usage".to_owned(),
            message,
            details: Vec::new(),
            hint: None,
            candidates: Vec::new(),
        }
    }
}

fn refusal_hint(refusal: &Refusal) -> Option<String> {
    Some(match refusal {
        Refusal::IllegalMove { id, from, to: State::Closed } if *from != State::Closed => {
            format!("git yoi close {id} -m <resolution>")
        }
        Refusal::IllegalMove { id, from: State::Closed, .. } => format!("git yoi reopen {id} -m <why>"),
        Refusal::StateMoved { id, .. } | Refusal::Stale { id, .. } => format!("git yoi show {id}"),
        Refusal::Blocked { id, blockers, .. } => {
            let first = blockers.first()?;
            match (first.state, first.via) {
                (None, Via::DependsOn) => format!("git yoi unrelate {id} depends-on {}", first.id),
                _ => format!("git yoi show {}", first.id),
            }
        }
        Refusal::Apart { clashes, .. } => format!("git yoi show {}", clashes.first()?.id),
        Refusal::Taken { id, .. } => format!("git yoi show {id}"),
        Refusal::ReviewRequired { id } => format!("git yoi review {id} --approve -m <text>"),
        Refusal::ArtifactExists { id, .. } => format!("git yoi artifact add {id} <file> --replace"),
        _ => return None,
    })
}

fn problem_exit(problem: &Problem) -> (Exit, Option<String>) {
    let hint = |text: &str| Some(text.to_owned());
    match problem {
        Problem::UnknownTicket(_) | Problem::BadTicketName { .. } => {
            (Exit::No, hint("git yoi list --state all"))
        }
        Problem::AmbiguousTicket { .. } => (Exit::No, hint("type more characters of the id's end")),
        Problem::NoBranchTicket(_) => (Exit::No, None),
        Problem::NoOperation(_)
        | Problem::NothingOf(_)
        | Problem::NoVersion(_)
        | Problem::NoTicketsYet(_) => (Exit::No, hint("git yoi history")),
        Problem::BadFile { .. } => (Exit::Fatal, hint("git yoi doctor")),
        Problem::NoArtifact { id, .. } => (Exit::No, Some(format!("git yoi artifact list {id}"))),
        Problem::NoPacket(id) => (
            Exit::No,
            Some(format!("git yoi route {id} implementation_ready --reason <text> --packet <file>")),
        ),
        Problem::BadArtifactName { .. } | Problem::BadLines(_) => (Exit::Usage, None),
        Problem::File { .. } | Problem::NoFreeId => (Exit::Fatal, None),
        Problem::CheckedOut { .. } => (Exit::Refused, hint("--worktree goes on there")),
        Problem::NotClean { .. } => (Exit::Refused, None),
        Problem::BranchExists(_) => (Exit::Refused, hint("without --base it is taken as it is")),
        Problem::NoWorkTree => (Exit::Refused, hint("--worktree makes one; --no-branch does without")),
        Problem::NothingToStart => (Exit::No, hint("git yoi next --explain <id>")),
        Problem::NoCommit => (Exit::Refused, hint("git commit --allow-empty -m <text>")),
        Problem::NotEmpty(_) => (Exit::Refused, hint("name a new or an empty folder")),
        Problem::NoRemote(names) => (
            Exit::Fatal,
            Some(match names.first() {
                Some(name) => format!("git yoi init {name}"),
                None => "git remote add origin <url>".to_owned(),
            }),
        ),
        Problem::NothingToImport(_) => {
            (Exit::No, hint("name the folder that holds one folder for each ticket, such as .yoi/tickets"))
        }
        Problem::BadTickets(_) => (Exit::No, hint("--keep-going passes them over")),
        // Not 1: that says that a range was looked at.
        Problem::BadRange { is_shallow: true, .. } | Problem::ShallowRange(_) => {
            (Exit::Fatal, hint("git fetch --unshallow"))
        }
        Problem::BadRange { is_shallow: false, .. } | Problem::Binary(_) => (Exit::Fatal, None),
        Problem::WhichFile { are_commits: true, .. } => {
            (Exit::Usage, hint("git yoi blame <commit> -- <file>"))
        }
        Problem::WhichFile { are_commits: false, .. } => (Exit::No, None),
    }
}

fn details(problem: &Problem) -> Vec<String> {
    match problem {
        Problem::AmbiguousTicket { candidates, .. } => {
            candidates.iter().map(|(id, title)| format!("{id} {title}")).collect()
        }
        Problem::NotClean { why, .. } => why.clone(),
        Problem::BadTickets(bad) => bad.iter().map(|bad| format!("{}: {}", bad.name, bad.why)).collect(),
        _ => Vec::new(),
    }
}

fn candidates(problem: &Problem) -> Vec<String> {
    match problem {
        Problem::AmbiguousTicket { candidates, .. } => {
            candidates.iter().map(|(id, _)| id.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

fn settings_exit(fault: &settings::Fault) -> (Exit, Option<String>) {
    match fault {
        settings::Fault::Unknown { near: Some(near), .. } => {
            (Exit::Usage, Some(format!("did you mean '{near}'?")))
        }
        settings::Fault::Unknown { near: None, .. } => {
            (Exit::Usage, Some("git yoi config lists every setting".to_owned()))
        }
        settings::Fault::BadValue { .. } => (Exit::Usage, None),
        settings::Fault::Actor => (Exit::Usage, Some("git config user.name <name>".to_owned())),
        settings::Fault::NotSet { .. } => (Exit::No, Some("git yoi config --show-origin".to_owned())),
    }
}

fn store_exit(error: &StoreError) -> (Exit, Option<String>) {
    let hint = |text: String| Some(text);
    match error {
        StoreError::NoRepository(_) => (Exit::Fatal, hint("git init".to_owned())),
        StoreError::Untrusted(path) => {
            (Exit::Fatal, hint(format!("git config --global --add safe.directory '{}'", path.display())))
        }
        StoreError::NoIdentity(what) => {
            (Exit::Fatal, hint(format!("git config {what} <{}>", what.trim_start_matches("user."))))
        }
        StoreError::NotInitialised => (
            Exit::Fatal,
            hint("git yoi init; or git yoi init <remote>, where a remote has tickets".to_owned()),
        ),
        StoreError::NewerFormat(_) => (Exit::Fatal, hint("install a newer git-yoi".to_owned())),
        StoreError::Damaged(_) => (Exit::Fatal, hint("git fsck".to_owned())),
        StoreError::NotSigned(_) => {
            (Exit::Fatal, hint("git -c commit.gpgSign=false yoi ... writes without a signature".to_owned()))
        }
        StoreError::Busy(_) | StoreError::Locked(_) => (Exit::Refused, None),
        StoreError::UnknownRevision(_) => (Exit::No, None),
        StoreError::UnknownRemote(_) => (Exit::No, hint("git remote".to_owned())),
        StoreError::Unsupported(_)
        | StoreError::Denied(_)
        | StoreError::TooLarge { .. }
        | StoreError::NoAnswer(_)
        | StoreError::BadCommit { .. }
        | StoreError::NoGit(_)
        | StoreError::GitFailed(_)
        | StoreError::Other(_) => (Exit::Fatal, None),
    }
}

/// Tells an error on stderr: as words, or as one JSON object.
pub fn print(host: &Host, failure: &Failure, is_json: bool) {
    if is_json {
        let view = ErrorView {
            schema: "yoi.error/1",
            code: failure.code.clone(),
            message: [vec![failure.message.clone()], failure.details.clone()].concat().join("\n  "),
            hint: failure.hint.clone(),
            candidates: failure.candidates.clone(),
        };
        let document = serde_json::to_string(&view).unwrap_or_else(|error| error.to_string());
        stream::note(host, &sanitize::json(&document));
        return;
    }
    stream::note(host, &format!("error: {}", sanitize::block(&failure.message)));
    for detail in &failure.details {
        stream::note(host, &format!("  {}", sanitize::line(detail)));
    }
    if let Some(hint) = &failure.hint {
        stream::note(host, &format!("hint: {}", sanitize::line(hint)));
    }
}
