//! `git yoi artifact`

use std::fs;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::model::limit;
use crate::model::refusal::Refusal;
use crate::ops::{Problem, artifact};
use crate::ui::sanitize;
use crate::view::history::ArtifactsView;

/// Keep files with a ticket.
#[derive(Debug, Args)]
pub struct ArtifactArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
}

/// What can be done with artifacts.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Keep a file with a ticket
    Add {
        /// The ticket
        id: String,
        /// The file
        file: PathBuf,
        /// Its name among the artifacts, with / for folders; else the file's own name
        #[arg(long, value_name = "name", allow_hyphen_values = true)]
        name: Option<String>,
        /// Replace an artifact of that name; the old one stays in the history
        #[arg(long)]
        replace: bool,
    },
    /// Print an artifact, or write it to a new file
    Get {
        /// The ticket
        id: String,
        /// Its name
        name: String,
        /// Write it to <file>, which must not exist
        #[arg(short = 'o', long = "output", value_name = "file")]
        output: Option<PathBuf>,
    },
    /// List the artifacts of a ticket; porcelain rows are: name, size in bytes
    List {
        /// The ticket
        id: String,
        /// How rows are printed.
        #[command(flatten)]
        rows: RowArgs,
    },
}

/// Runs the command.
///
/// # Errors
/// When ticket or artifact don't exist, a name is refused, or a file can't be read or written.
pub fn run(context: &Context, args: &ArtifactArgs) -> anyhow::Result<Exit> {
    match &args.action {
        Action::Add { id, file, name, replace } => add(context, id, file, name.as_deref(), *replace),
        Action::Get { id, name, output } => get(context, id, name, output.as_ref()),
        Action::List { id, rows } => list(context, id, rows),
    }
}

fn add(
    context: &Context,
    id: &str,
    file: &PathBuf,
    name: Option<&str>,
    replace: bool,
) -> anyhow::Result<Exit> {
    let path = context.host.cwd.join(file);
    let fail = |error: std::io::Error| Problem::File { path: path.clone(), why: error.to_string() };
    let own = path.file_name().and_then(|name| name.to_str());
    let name =
        name.or(own).ok_or_else(|| UsageError("the file has no name that can be kept; --name".to_owned()))?;
    artifact::checked_name(name)?;
    let metadata = fs::metadata(&path).map_err(fail)?;
    if !metadata.is_file() {
        return Err(Problem::File { path: path.clone(), why: "it is no plain file".to_owned() }.into());
    }
    if metadata.len() > limit::ARTIFACT as u64 {
        let size = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        return Err(Refusal::TooLong { what: "artifact", size, most: limit::ARTIFACT }.into());
    }
    let bytes = fs::read(&path).map_err(fail)?;
    context.echo(&artifact::add(&context.session()?, id, name, &bytes, replace)?)
}

fn get(context: &Context, id: &str, name: &str, output: Option<&PathBuf>) -> anyhow::Result<Exit> {
    let bytes = artifact::get(&context.session()?, id, name)?;
    match output {
        Some(file) => {
            let path = context.host.cwd.join(file);
            let write =
                fs::File::create_new(&path).and_then(|mut file| std::io::Write::write_all(&mut file, &bytes));
            write.map_err(|error| Problem::File { path: path.clone(), why: error.to_string() })?;
        }
        None if context.host.terminal.stdout => {
            context.page(&sanitize::block(&String::from_utf8_lossy(&bytes)))?;
        }
        None => {
            let mut out = context.host.stdout.borrow_mut();
            out.write_all(&bytes)?;
            out.flush()?;
        }
    }
    Ok(Exit::Done)
}

fn list(context: &Context, id: &str, rows: &RowArgs) -> anyhow::Result<Exit> {
    let view = ArtifactsView::new(&artifact::list(&context.session()?, id)?);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(rows) {
        context.rows(rows, &view.artifacts, &["name", "size"], &["name", "size"])?;
    } else {
        let lines = view
            .artifacts
            .iter()
            .map(|file| format!("{} ({} bytes)\n", sanitize::line(&file.name), file.size));
        context.page(&lines.collect::<String>())?;
        if view.artifacts.is_empty() {
            context.note("no artifacts");
        }
    }
    Ok(Exit::Done)
}
