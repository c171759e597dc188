//! The words of the command line. What a command's doc comment says is its help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::ui::color::When;

use super::{alone, commands, words};

/// Tickets as Markdown threads on a git ref.
#[derive(Debug, Parser)]
#[command(
    name = Cli::NAME,
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
    pub(crate) command: Command,
}

impl Cli {
    /// The name of the program.
    pub(super) const NAME: &str = "git-yoi";
    /// How it is called.
    pub(super) const BIN_NAME: &str = "git yoi";

    /// The words as `git yoi` has them, for parsing and for help.
    pub fn words() -> clap::Command {
        Cli::command().bin_name(Cli::BIN_NAME)
    }

    /// Reads a command line, program name first.
    ///
    /// # Errors
    /// When it is not understood, or asks for help.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let sorted = words::sorted(arguments);
        let command = words::command(&sorted).and_then(|at| sorted[at].to_str());
        let matches = command.and_then(alone::words).map(|words| words.try_get_matches_from(&sorted));
        if let Some(Ok(matches)) = matches
            && let Ok(cli) = Cli::from_arg_matches(&matches)
        {
            return Ok(cli);
        }
        let matches = Cli::words().try_get_matches_from(&sorted)?;
        Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::words()))
    }
}

/// Options every command has.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Run as if started in <path>
    #[arg(short = 'C', value_name = "path", global = true, help_heading = "Common options")]
    pub run_in: Vec<PathBuf>,
    /// Act as <name>; else GIT_YOI_ACTOR, else user.name
    #[arg(
        long,
        value_name = "name",
        global = true,
        help_heading = "Common options",
        allow_hyphen_values = true
    )]
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
    /// Don't record landings first; yoi.catchUp=false makes that the default
    #[arg(long, global = true, help_heading = "Common options")]
    pub no_catch_up: bool,
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

// The words of each command are documented where they are defined: a comment here would hide them.
/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(commands::init::InitArgs),
    Deinit(commands::deinit::DeinitArgs),
    #[command(visible_alias = "new")]
    Create(commands::create::CreateArgs),
    #[command(visible_alias = "ls")]
    List(commands::list::ListArgs),
    #[command(visible_alias = "view")]
    Show(commands::show::ShowArgs),
    Edit(commands::edit::EditArgs),
    Comment(commands::comment::CommentArgs),
    Search(commands::search::SearchArgs),
    State(commands::state::StateArgs),
    Queue(commands::state::QueueArgs),
    Start(commands::start::StartArgs),
    Release(commands::start::ReleaseArgs),
    Done(commands::start::DoneArgs),
    Report(commands::report::ReportArgs),
    Review(commands::review::ReviewArgs),
    Close(commands::close::CloseArgs),
    Reopen(commands::close::ReopenArgs),
    Relate(commands::relate::RelateArgs),
    Unrelate(commands::relate::UnrelateArgs),
    Graph(commands::graph::GraphArgs),
    Next(commands::next::NextArgs),
    Route(commands::route::RouteArgs),
    Plan(commands::plan::PlanArgs),
    Commits(commands::commits::CommitsArgs),
    Link(commands::link::LinkArgs),
    Unlink(commands::link::UnlinkArgs),
    Log(commands::log::LogArgs),
    Blame(commands::blame::BlameArgs),
    Land(commands::land::LandArgs),
    Status(commands::status::StatusArgs),
    Index(commands::index::IndexArgs),
    #[command(hide = true)]
    Hook(commands::hook::HookArgs),
    Sync(commands::sync::SyncArgs),
    Push(commands::sync::PushArgs),
    Fetch(commands::sync::FetchArgs),
    Undo(commands::undo::UndoArgs),
    Diff(commands::diff::DiffArgs),
    History(commands::history::HistoryArgs),
    Config(commands::config::ConfigArgs),
    Hooks(commands::hooks::HooksArgs),
    Artifact(commands::artifact::ArtifactArgs),
    Import(commands::import::ImportArgs),
    Export(commands::export::ExportArgs),
    Doctor(commands::doctor::DoctorArgs),
    Verify(commands::verify::VerifyArgs),
    VerifyPush(commands::verify_push::VerifyPushArgs),
    Completions(commands::guide::CompletionsArgs),
    Man(commands::guide::ManArgs),
    Help(commands::guide::HelpArgs),
}
