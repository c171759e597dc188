//! `git yoi graph`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::Exit;
use crate::cli::render;
use crate::ops::graph;
use crate::ui::sanitize;
use crate::view::graph::{EdgeView, GraphView};

/// Draw who waits for whom, and other relations.
///
/// Each ticket stands above those it waits for, in full once. Tickets that wait for each other in a circle (two
/// clones can make one) are drawn once and marked. Without a ticket, relations of tickets that are done or
/// closed are left out; with one, everything that hangs together with it is drawn. Porcelain rows are: source,
/// relation, target.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// The ticket to draw the graph around
    pub id: Option<String>,
    /// Also relations of tickets that are done or closed
    #[arg(short = 'a', long, conflicts_with = "id")]
    pub all: bool,
    /// Write it in the language of Graphviz
    #[arg(long, conflicts_with_all = ["mermaid", "json", "porcelain"])]
    pub dot: bool,
    /// Write it as a Mermaid flowchart
    #[arg(long, conflicts_with_all = ["json", "porcelain"])]
    pub mermaid: bool,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such ticket or the tickets can't be listed.
pub fn run(context: &Context, args: &GraphArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let drawn = graph::graph(&session, args.id.as_deref(), args.all)?;
    if context.global.json {
        context.json(&GraphView::new(&drawn))?;
        return Ok(Exit::Done);
    }
    if args.dot {
        context.answer(&render::diagram::dot(&drawn.graph))?;
    } else if args.mermaid {
        context.answer(&render::diagram::mermaid(&drawn.graph))?;
    } else if context.wants_rows(&args.rows) {
        let view = GraphView::new(&drawn);
        context.rows(&args.rows, &view.edges, &EdgeView::ATOMS, &EdgeView::ATOMS)?;
    } else {
        context.page(&render::graph::tree(&drawn.graph, &context.painter()))?;
        if drawn.graph.nodes.is_empty() {
            context.note(if args.all { "no relations" } else { "no relations that matter; -a draws all" });
        }
    }
    for way in &drawn.circles {
        let names: Vec<&str> = way.iter().map(|id| id.as_str()).collect();
        let names = sanitize::line(&names.join(" -> ")).into_owned();
        context.note(&format!("warning: tickets wait for each other in a circle: {names}"));
    }
    if drawn.more_circles > 0 {
        context.note(&format!("warning: and {} more circles", drawn.more_circles));
    }
    context.tell_unreadable(&drawn.unreadable, &drawn.damaged);
    Ok(Exit::Done)
}
