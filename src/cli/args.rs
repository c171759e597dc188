//! The words of the command line. What a command's doc comment says is its help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::ui::color::When;

use super::commands;

/// Tickets as Markdown threads on a git ref.
#[derive(Debug, Parser)]
#[command(
    name = "git-yoi",
    bin_name = "git yoi",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    subcommand_required = true
)]
pub struct Cli {
    /// Options every command has.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options every command has.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Run as if started in <path>
    #[arg(short = 'C', value_name = "path", global = true, help_heading = "Common options")]
    pub run_in: Option<PathBuf>,
    /// Act as <name>; else GIT_YOI_ACTOR, else user.name
    #[arg(long, value_name = "name", global = true, help_heading = "Common options")]
    pub actor: Option<String>,
    /// Answer with one JSON document; errors too, on stderr
    #[arg(long, global = true, help_heading = "Common options")]
    pub json: bool,
    /// Answer with tab-separated rows that never change their form
    #[arg(long, global = true, conflicts_with = "json", help_heading = "Common options")]
    pub porcelain: bool,
    /// When to use colour: always, never or auto
    #[arg(long, value_name = "when", global = true, help_heading = "Common options")]
    pub color: Option<When>,
    /// Don't use a pager
    #[arg(long, global = true, help_heading = "Common options")]
    pub no_pager: bool,
}

/// How rows are printed.
#[derive(Debug, Clone, Default, Args)]
pub struct RowArgs {
    /// Print each row as <format>, with %(name) for its fields
    #[arg(long, value_name = "format", conflicts_with_all = ["json", "porcelain"])]
    pub format: Option<String>,
    /// End rows with NUL instead of a newline; without --format, as --porcelain
    #[arg(short = 'z')]
    pub nul: bool,
}

/// Where a text comes from.
#[derive(Debug, Clone, Default, Args)]
pub struct TextArgs {
    /// The text; several make paragraphs
    #[arg(short = 'm', long = "message", value_name = "text", allow_hyphen_values = true)]
    pub message: Vec<String>,
    /// Read the text from <file>; - is standard input
    #[arg(short = 'F', long = "file", value_name = "file", conflicts_with = "message")]
    pub file: Option<PathBuf>,
    /// Write the text in your editor
    #[arg(short = 'e', long = "edit")]
    pub edit: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set this repository up for tickets
    Init(commands::init::InitArgs),
    /// Make a ticket
    #[command(visible_alias = "new")]
    Create(commands::create::CreateArgs),
    /// List tickets
    #[command(visible_alias = "ls")]
    List(commands::list::ListArgs),
    /// Show a ticket with its thread
    #[command(visible_alias = "view")]
    Show(commands::show::ShowArgs),
    /// Change title, body or fields of a ticket
    Edit(commands::edit::EditArgs),
    /// Say something in a ticket's thread
    Comment(commands::comment::CommentArgs),
    /// Find words in titles, bodies, threads and artifacts
    Search(commands::search::SearchArgs),
    /// Move a ticket to another state
    State(commands::state::StateArgs),
    /// Queue a ready ticket
    Queue(commands::state::QueueArgs),
    /// Approve the work on a ticket, or ask for changes
    Review(commands::review::ReviewArgs),
    /// Close a ticket with a resolution
    Close(commands::close::CloseArgs),
    /// Open a done or closed ticket again
    Reopen(commands::close::ReopenArgs),
    /// Relate a ticket to another
    Relate(commands::relate::RelateArgs),
    /// Remove a relation
    Unrelate(commands::relate::UnrelateArgs),
    /// List the commits linked to a ticket
    Commits(commands::link::CommitsArgs),
    /// Link a commit to a ticket
    Link(commands::link::LinkArgs),
    /// Remove the link between a commit and a ticket
    Unlink(commands::link::LinkArgs),
    /// Show what happened, operation by operation
    History(commands::history::HistoryArgs),
    /// Keep files with a ticket
    Artifact(commands::artifact::ArtifactArgs),
    /// Take over tickets from a directory
    Import(commands::import::ImportArgs),
    /// Write tickets to a directory
    Export(commands::export::ExportArgs),
    /// Check every ticket
    Doctor(commands::doctor::DoctorArgs),
    /// Print a completion script for a shell
    Completions(commands::guide::CompletionsArgs),
    /// Print or install the manual pages
    Man(commands::guide::ManArgs),
    /// Show help; -a lists every command
    Help(commands::guide::HelpArgs),
}
