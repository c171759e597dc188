//! `git yoi blame`

use std::ffi::OsString;

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::render::code;
use crate::ops::Session;
use crate::ops::blame::{self, Wanted};
use crate::view::code::{BlameView, LineRow, LineView};

/// Show who wrote each line of a file, and for which ticket.
///
/// As git blame: the file as it is in the work tree, or as of a commit. A line shows its commit, the end of
/// its ticket's id (- for none), author, day and number. ^ marks a commit behind which nothing was looked at,
/// in a range or in a shallow clone: the line may be older, so no ticket is named.
///
/// With --porcelain rows are: line number, full id of the commit (empty: not committed), ids of tickets
/// separated by commas, text.
#[derive(Debug, Args)]
pub struct BlameArgs {
    /// Only these lines, as git blame takes them: <start>,<end>, <start>,+<count>, :<function>; may be repeated
    #[arg(short = 'L', value_name = "range", allow_hyphen_values = true)]
    pub ranges: Vec<String>,
    /// The file; a commit may stand before or behind it
    #[arg(value_name = "file", num_args = 0..=2)]
    pub words: Vec<OsString>,
    /// The file, when it could be taken for a commit or is not in the work tree
    #[arg(last = true, value_name = "path", num_args = 0..=1)]
    pub path: Option<OsString>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such file, commit or range of lines, or the tickets can't be read.
pub fn run(context: &Context, args: &BlameArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let wanted = wanted(&session, args)?;
    let blamed = blame::blame(&session, &wanted)?;
    let file = wanted.file.to_string_lossy();
    if context.global.json {
        context.json(&BlameView::new(&file, &blamed))?;
    } else if args.rows.format.is_some() {
        let rows: Vec<LineView> = blamed.lines.iter().map(|line| LineView::new(&blamed, line)).collect();
        context.rows(&args.rows, &rows, &LineView::ATOMS, &LineRow::FIELDS)?;
    } else if context.wants_rows(&args.rows) {
        let rows: Vec<LineRow> = blamed.lines.iter().map(|line| LineRow::new(&blamed, line)).collect();
        context.rows(&args.rows, &rows, &LineRow::FIELDS, &LineRow::FIELDS)?;
    } else {
        context.page(&code::blamed(&blamed, &context.painter()))?;
    }
    if !context.global.json {
        context.tell_unreadable(&blamed.unreadable, &blamed.damaged);
    }
    Ok(Exit::Done)
}

/// What was asked for: `<file>`, `<file> <commit>`, `<commit> <file>` or `<commit> -- <file>`.
fn wanted(session: &Session, args: &BlameArgs) -> anyhow::Result<Wanted> {
    let (file, revision) = match (args.words.as_slice(), &args.path) {
        ([file], None) => (file.clone(), None),
        ([one, other], None) => {
            let (file, revision) = blame::tell_apart(session, one, other)?;
            (file, Some(revision))
        }
        ([], Some(file)) => (file.clone(), None),
        ([revision], Some(file)) => (file.clone(), Some(revision.to_string_lossy().into_owned())),
        ([], None) => return Err(UsageError("name a file".to_owned()).into()),
        (_, _) => return Err(UsageError("one file, and at most one commit".to_owned()).into()),
    };
    if let Some(revision) = revision.as_ref().filter(|revision| revision.starts_with('-')) {
        return Err(UsageError(format!("'{}' is no commit", revision.escape_debug())).into());
    }
    Ok(Wanted { file, revision, ranges: args.ranges.clone() })
}
