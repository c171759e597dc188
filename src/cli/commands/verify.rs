//! `git yoi verify`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::model::commit::short;
use crate::ops::problem::count;
use crate::ops::verify::{self, Row};
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::verify::{SignedView, VerifyView};

/// Tell who signed each event.
///
/// An event has the signature of the commit that brought it, made when commit.gpgSign is on, as for any commit.
/// Merges and landings by git-yoi are not signed. Words: good; other, a good signature of somebody else than the
/// author; unsigned; unknown, expired, revoked and bad, what git says; unchecked, a key or program is missing;
/// unnamed, no commit names the event, as in imports. Exits with 1 when a signature is other, revoked or
/// bad. With --porcelain rows are: status, ticket, event, kind, commit, signer, author.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The ticket; all when none is named
    pub id: Option<String>,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or the history can't be read.
pub fn run(context: &Context, args: &VerifyArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let rows = verify::verify(&session, args.id.as_deref())?;
    let view = VerifyView::new(&rows);
    if context.global.json {
        context.json(&view)?;
    } else if context.wants_rows(&args.rows) {
        let known = SignedView::ATOMS;
        context.rows(&args.rows, &view.events, &known, &known)?;
    } else {
        let painter = context.painter();
        let mut out: String = rows.iter().map(|row| words(row, &painter)).collect();
        out.push_str(&format!("{} checked: {} bad\n", count(rows.len(), "event"), view.bad));
        context.page(&out)?;
    }
    Ok(if view.bad > 0 { Exit::No } else { Exit::Done })
}

fn words(row: &Row, painter: &Painter) -> String {
    let style = match row.status {
        "good" => Style::Good,
        _ if row.is_bad() => Style::Bad,
        _ => Style::Dim,
    };
    let commit = row.commit.as_deref().map(short).unwrap_or("-");
    let mut out = format!(
        "{} {} {} {} by {}",
        painter.paint(style, &format!("{:<9}", row.status)),
        painter.paint(Style::Identifier, row.ticket.as_str()),
        painter.paint(Style::Code, commit),
        sanitize::line(&row.kind),
        sanitize::line(&row.author)
    );
    if let Some(signer) = &row.signer {
        out.push_str(&format!(", signed by {}", sanitize::line(signer)));
    }
    out.push('\n');
    out
}
