//! `git yoi search`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::render;
use crate::model::query::{Query, Sort};
use crate::ops::search::{self, Place};
use crate::ui::color::{Painter, Style};
use crate::ui::sanitize;
use crate::view::list::RowView;
use crate::view::search::SearchView;

use super::list::{self, PickArgs};

/// Find words in titles, bodies, threads and artifacts.
///
/// Shows the tickets that hold every word, whatever the case of letters, and where. Quote words to find
/// them together. Looks at all states unless --state says otherwise. Exits with 1 when nothing is found.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The words
    #[arg(required = true)]
    pub words: Vec<String>,
    /// States to look at, comma-separated; active (all but closed) or all
    #[arg(long, value_name = "states", default_value = "all")]
    pub state: String,
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
/// When the tickets can't be listed.
pub fn run(context: &Context, args: &SearchArgs) -> anyhow::Result<Exit> {
    if args.words.iter().any(|word| word.trim().is_empty()) {
        return Err(UsageError("a word to search for is empty".to_owned()).into());
    }
    let pick = PickArgs { state: args.state.clone(), most: args.most };
    let query = Query {
        states: list::states(&pick.state)?,
        terms: Vec::new(),
        sort: Sort::Updated,
        reverse: false,
        most: pick.most,
    };
    let session = context.session()?;
    let found = search::search(&session, &args.words, &query)?;
    if context.global.json {
        context.json(&SearchView::new(&found))?;
    } else if context.wants_rows(&args.rows) {
        let rows: Vec<RowView> = found.hits.iter().map(|hit| RowView::new(&hit.ticket)).collect();
        context.rows(&args.rows, &rows, &RowView::ATOMS, &["id", "state", "title"])?;
    } else {
        let painter = context.painter();
        let mut out = String::new();
        for hit in &found.hits {
            out.push_str(&render::list(std::slice::from_ref(&hit.ticket), &painter, context.width()));
            hit.places.iter().for_each(|place| out.push_str(&words(place, &painter)));
        }
        context.page(&out)?;
        if found.total == 0 {
            context.note("nothing found");
        }
    }
    if found.hits.len() < found.total && !context.global.json {
        context.note(&format!("{} of {} shown", found.hits.len(), found.total));
    }
    if !context.global.json {
        context.tell_unreadable(&found.unreadable, &found.damaged);
    }
    Ok(if found.total == 0 { Exit::No } else { Exit::Done })
}

fn words(place: &Place, painter: &Painter) -> String {
    let (from, to) = place.found;
    let text = &place.snippet;
    format!(
        "    {} {}{}{}\n",
        painter.paint(Style::Dim, &format!("{}:", sanitize::line(&place.name))),
        sanitize::line(text[..from].trim_start()),
        painter.paint(Style::Emphasis, &sanitize::line(&text[from..to])),
        sanitize::line(text[to..].trim_end())
    )
}
