//! `git yoi search`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::{question, render};
use crate::model::moment::Moment;
use crate::model::query::Sort;
use crate::model::query::parse::Asked;
use crate::model::search::hit::{Snippet, Sought, Wanted};
use crate::model::search::needle::Needle;
use crate::model::search::passage::{Part, Place};
use crate::ops::search::{self, Found, Request};
use crate::ui::color::{Painter, Style};
use crate::ui::{moment, sanitize};
use crate::view::list::RowView;
use crate::view::search::SearchView;

use super::list::SortKey;

/// Hits a person is shown who doesn't say how many.
const SHOWN: usize = 50;

/// Find words in titles, bodies, threads, artifacts and subjects of commits.
///
/// Shows the tickets that hold every word, whatever the case of letters, and where; those with more of the words
/// in their title come first, then the last changed. A word is found whole, or as a part of a nameLikeThis;
/// word* finds what begins like that. Quote words to find them in a row. Japanese, Chinese, Korean and Thai words
/// are found wherever they stand. not:word excludes; title:word looks at titles only; in:body, in:thread,
/// in:artifacts, in:commits and in:title say where to look. The conditions of list, such as label:x or since:2w,
/// pick the tickets. Looks at all states unless --state or a condition says otherwise. Exits with 1 when nothing
/// is found. With --porcelain rows are: id, state, title.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// The words, and conditions
    #[arg(required = true)]
    pub words: Vec<String>,
    /// States to look at, comma-separated; active (all but closed) or all
    #[arg(long, value_name = "states", default_value = "all")]
    pub state: String,
    /// Show at most <count>; 50 for people, all for programs
    #[arg(short = 'n', value_name = "count")]
    pub most: Option<usize>,
    /// In which order, rather than the best first
    #[arg(long, value_enum, value_name = "key")]
    pub sort: Option<SortKey>,
    /// The other way round
    #[arg(long)]
    pub reverse: bool,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When the words are not understood or the tickets can't be listed.
pub fn run(context: &Context, args: &SearchArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let asked = question::ask(context, &session, &args.words)?;
    let sought = sought(&asked)?;
    let is_for_people = !context.global.json && !context.wants_rows(&args.rows);
    let most = args.most.or(is_for_people.then_some(SHOWN));
    let sort = args.sort.map_or(Sort::Updated, SortKey::order);
    let query = question::query(&args.state, asked.clauses, sort, args.reverse, most)?;
    let request = Request {
        sought,
        query,
        is_ranked: args.sort.is_none(),
        wants_snippets: context.global.json || is_for_people,
        wants_total: !is_for_people,
    };
    let mut meter = context.meter("indexing texts");
    let found = search::search(&session, &request, &mut |done, total| meter.tick(done, total))?;
    meter.finish();
    if context.global.json {
        context.json(&SearchView::new(&found))?;
    } else if is_for_people {
        show(context, &found)?;
    } else {
        let rows: Vec<RowView> = found.hits.iter().map(|hit| RowView::new(&hit.ticket)).collect();
        context.rows(&args.rows, &rows, &RowView::ATOMS, &["id", "state", "title"])?;
    }
    if !context.global.json {
        rest(&found, args.most.is_none()).iter().for_each(|rest| context.note(rest));
    }
    if !context.global.json {
        context.tell_unreadable(&found.unreadable, &found.damaged);
    }
    Ok(if found.total == 0 { Exit::No } else { Exit::Done })
}

/// What is not shown.
fn rest(found: &Found, is_usual: bool) -> Option<String> {
    let shown = found.hits.len();
    let told = match found.has_more {
        true => format!("{shown} shown, there may be more"),
        false if shown < found.total => format!("{shown} of {} shown", found.total),
        false => return None,
    };
    Some(if is_usual { told + "; -n <count> shows more" } else { told })
}

/// What is looked for.
fn sought(asked: &Asked) -> Result<Sought, UsageError> {
    let mut sought = Sought::default();
    for text in &asked.texts {
        let needle = Needle::new(&text.text, text.is_open)
            .ok_or_else(|| UsageError(format!("'{}' has no word to look for", text.text.escape_debug())))?;
        let parts = if text.is_in_title { vec![Part::Title] } else { asked.parts.clone() };
        let list = if text.is_excluded { &mut sought.unwanted } else { &mut sought.wanted };
        list.push(Wanted { needle, parts });
    }
    match sought.wanted.as_slice() {
        [] => Err(UsageError("no word to look for; git yoi list finds tickets by their fields".to_owned())),
        _ => Ok(sought),
    }
}

fn show(context: &Context, found: &Found) -> anyhow::Result<()> {
    let painter = context.painter();
    let mut out = String::new();
    for hit in &found.hits {
        out.push_str(&render::list(std::slice::from_ref(&hit.ticket), &painter, context.width()));
        hit.snippets.iter().for_each(|snippet| out.push_str(&line(snippet, &painter)));
    }
    context.page(&out)?;
    if found.total == 0 {
        context.note("nothing found");
    }
    Ok(())
}

/// Where something was found, and the line.
fn line(snippet: &Snippet, painter: &Painter) -> String {
    let mut place = snippet.place.to_string();
    if let Place::Event { author, at, .. } = &snippet.place {
        let when = Moment::parse(at).map_or_else(|| at.clone(), |at| moment::local(at.seconds()));
        place.push_str(&format!(" by {author}, {when}"));
    }
    let mut out = format!("    {} ", painter.paint(Style::Dim, &format!("{}:", sanitize::line(&place))));
    let mut done = 0;
    for found in &snippet.found {
        out.push_str(&sanitize::line(&snippet.text[done..found.start]));
        out.push_str(&painter.paint(Style::Emphasis, &sanitize::line(&snippet.text[found.clone()])));
        done = found.end;
    }
    out.push_str(&sanitize::line(&snippet.text[done..]));
    out.push('\n');
    out
}
