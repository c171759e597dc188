//! `git yoi history`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::history::{self, Entry, Wanted};
use crate::ui::color::{Painter, Style};
use crate::ui::{moment, sanitize};
use crate::view::history::{HistoryView, OperationView};

/// Show what happened, operation by operation, the newest first.
///
/// Every operation is a commit on refs/yoi/tickets, so `git log refs/yoi/tickets` shows the same. With
/// --porcelain rows are: commit, time, author, subject.
///
/// With -p each operation is shown with what it changed, word by word: in colours on a terminal, elsewhere as
/// [-gone-] and {+new+}. Of each file at most 300 lines are shown.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The ticket; all when none is named
    pub id: Option<String>,
    /// Show what changed in the files, word by word
    #[arg(short = 'p', long = "patch")]
    pub patch: bool,
    /// Show at most <count>
    #[arg(short = 'n', value_name = "count")]
    pub most: Option<usize>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or the history can't be read.
pub fn run(context: &Context, args: &HistoryArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let wanted = Wanted { most: args.most, with_patches: args.patch, count_all: context.global.json };
    let history = history::history(&session, args.id.as_deref(), &wanted)?;
    let entries = &history.entries;
    if context.global.json {
        context.json(&HistoryView::new(&history))?;
    } else if context.wants_rows(&args.rows) {
        let rows: Vec<OperationView> = entries.iter().map(OperationView::new).collect();
        context.rows(&args.rows, &rows, &OperationView::ATOMS, &["commit", "at", "author", "subject"])?;
    } else {
        let painter = context.painter();
        context.page(&entries.iter().map(|entry| words(entry, &painter)).collect::<String>())?;
        if entries.len() < history.total {
            context.note(&format!("{} shown, there are more", entries.len()));
        }
    }
    Ok(Exit::Done)
}

fn words(entry: &Entry, painter: &Painter) -> String {
    let operation = &entry.operation;
    let mut out = format!(
        "{} {} {} {}\n",
        painter.paint(Style::Code, operation.commit.get(..8).unwrap_or(&operation.commit)),
        painter.paint(Style::Dim, &moment::local(operation.seconds)),
        sanitize::line(&operation.author),
        sanitize::line(&operation.subject)
    );
    for patch in &entry.patches {
        out.push_str(&render::patch::patch(patch, painter, Some(&operation.commit)));
    }
    out
}
