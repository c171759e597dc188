//! Texts from people: `-m`, `-F`, standard input, or their editor.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::model::limit;
use crate::model::refusal::Refusal;
use crate::ops::{Problem, Session};
use crate::ui::{editor, sanitize};

use super::args::TextArgs;
use super::context::Context;
use super::failure::UsageError;

/// A text, and the editor's file while it is not stored yet.
pub struct Draft {
    /// The text.
    pub text: String,
    path: Option<PathBuf>,
}

impl Draft {
    /// Gets the text a command needs. Without `-m` and `-F` the editor is opened, on a terminal; `initial`
    /// is what it starts with, `instructions` what it says below the scissors.
    ///
    /// # Errors
    /// When there is no text, a file can't be read or is not UTF-8, or the editor fails.
    pub fn obtain(
        context: &Context,
        session: &Session,
        args: &TextArgs,
        what: &str,
        initial: &str,
    ) -> anyhow::Result<Self> {
        let given = given(context, args)?;
        if let Some(text) = given.as_ref().filter(|_| !args.edit) {
            return Ok(Draft { text: text.clone(), path: None });
        }
        let terminal = context.host.terminal;
        if !(args.edit || terminal.stdin && terminal.stdout) {
            let flags = "give it with -m <text>, -F <file>, or -F - for standard input";
            return Err(UsageError(format!("the {what} is missing; {flags}")).into());
        }
        edit(context, session, what, given.as_deref().unwrap_or(initial))
    }

    /// Runs what the text is for. The editor's file goes when that works; else it stays and is named.
    ///
    /// # Errors
    /// What the operation says.
    pub fn used_for<T>(
        self,
        context: &Context,
        operation: impl FnOnce(&str) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let outcome = operation(&self.text);
        if let Some(path) = &self.path {
            match &outcome {
                Ok(_) => editor::discard(path)?,
                Err(_) if self.text.trim().is_empty() => editor::discard(path)?,
                Err(_) => context.note(&format!("note: your text is kept in '{}'", path.display())),
            }
        }
        outcome
    }
}

/// The text of `-m` or `-F`, if either was given.
///
/// # Errors
/// When a file can't be read or is not UTF-8.
pub fn given(context: &Context, args: &TextArgs) -> anyhow::Result<Option<String>> {
    if !args.message.is_empty() {
        return Ok(Some(args.message.join("\n\n")));
    }
    args.file.as_deref().map(|path| file(context, path)).transpose()
}

fn file(context: &Context, path: &Path) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    // One byte more than fits tells a text that is too long from one that just fits, and a device that
    // never ends from a file.
    let most = limit::TEXT as u64 + 1;
    if path == Path::new("-") {
        context.host.stdin.borrow_mut().by_ref().take(most).read_to_end(&mut bytes)?;
    } else {
        let path = context.host.cwd.join(path);
        let read = File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes));
        read.map_err(|error| Problem::File { path: path.clone(), why: error.to_string() })?;
    }
    if bytes.len() > limit::TEXT {
        return Err(Refusal::TooLong { what: "text", size: bytes.len(), most: limit::TEXT }.into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let why = format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to());
        Refusal::BadText { what: "text", why }.into()
    })
}

fn edit(context: &Context, session: &Session, what: &str, initial: &str) -> anyhow::Result<Draft> {
    let program = crate::store::git::run(&context.host.cwd, ["var", "GIT_EDITOR"])?;
    let name = format!("{}_EDITMSG-{}.md", what.to_uppercase().replace(' ', "_"), context.host.id);
    let path = session.store.own_dir().join(name);
    let instructions = format!(
        "Write the {what} above this line. Everything below it is dropped.\nAn empty text changes nothing."
    );
    let outcome = editor::edit(context.host, program.trim_end(), &path, initial, &instructions)?;
    if let Some(earlier) = outcome.earlier {
        context.note(&format!(
            "note: an earlier text is kept in '{}'",
            sanitize::line(&earlier.to_string_lossy())
        ));
    }
    Ok(Draft { text: outcome.text, path: Some(path) })
}
