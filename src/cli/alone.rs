//! The words of one command alone: making those of all commands costs more than most commands do.

use clap::{Args, Command as Words};

use super::args::{Cli, Global};
use super::commands::*;

/// Adds a command's words.
type Augment = fn(Words) -> Words;

/// The words of `git yoi` with no command but the one of that name, to read a command line that names it. What it
/// can't read is to be read by all words: they know what to say about it.
pub(super) fn words(typed: &str) -> Option<Words> {
    let (name, alias, augment) = command(typed)?;
    let command = augment(Words::new(name)).visible_aliases(alias);
    let words = Global::augment_args(Words::new(Cli::NAME).disable_help_subcommand(true));
    Some(words.bin_name(Cli::BIN_NAME).subcommand_required(true).subcommand(command))
}

/// The command that somebody means: its name, another one it has, and its words.
fn command(typed: &str) -> Option<(&'static str, Option<&'static str>, Augment)> {
    let found: (&str, _, Augment) = match typed {
        "init" => ("init", None, init::InitArgs::augment_args),
        "deinit" => ("deinit", None, deinit::DeinitArgs::augment_args),
        "create" | "new" => ("create", Some("new"), create::CreateArgs::augment_args),
        "list" | "ls" => ("list", Some("ls"), list::ListArgs::augment_args),
        "show" | "view" => ("show", Some("view"), show::ShowArgs::augment_args),
        "edit" => ("edit", None, edit::EditArgs::augment_args),
        "comment" => ("comment", None, comment::CommentArgs::augment_args),
        "search" => ("search", None, search::SearchArgs::augment_args),
        "state" => ("state", None, state::StateArgs::augment_args),
        "queue" => ("queue", None, state::QueueArgs::augment_args),
        "start" => ("start", None, start::StartArgs::augment_args),
        "release" => ("release", None, start::ReleaseArgs::augment_args),
        "done" => ("done", None, start::DoneArgs::augment_args),
        "report" => ("report", None, report::ReportArgs::augment_args),
        "review" => ("review", None, review::ReviewArgs::augment_args),
        "close" => ("close", None, close::CloseArgs::augment_args),
        "reopen" => ("reopen", None, close::ReopenArgs::augment_args),
        "relate" => ("relate", None, relate::RelateArgs::augment_args),
        "unrelate" => ("unrelate", None, relate::UnrelateArgs::augment_args),
        "graph" => ("graph", None, graph::GraphArgs::augment_args),
        "next" => ("next", None, next::NextArgs::augment_args),
        "route" => ("route", None, route::RouteArgs::augment_args),
        "plan" => ("plan", None, plan::PlanArgs::augment_args),
        "commits" => ("commits", None, commits::CommitsArgs::augment_args),
        "link" => ("link", None, link::LinkArgs::augment_args),
        "unlink" => ("unlink", None, link::UnlinkArgs::augment_args),
        "log" => ("log", None, log::LogArgs::augment_args),
        "blame" => ("blame", None, blame::BlameArgs::augment_args),
        "land" => ("land", None, land::LandArgs::augment_args),
        "status" => ("status", None, status::StatusArgs::augment_args),
        "index" => ("index", None, index::IndexArgs::augment_args),
        "hook" => ("hook", None, hook::HookArgs::augment_args),
        "sync" => ("sync", None, sync::SyncArgs::augment_args),
        "push" => ("push", None, sync::PushArgs::augment_args),
        "fetch" => ("fetch", None, sync::FetchArgs::augment_args),
        "undo" => ("undo", None, undo::UndoArgs::augment_args),
        "diff" => ("diff", None, diff::DiffArgs::augment_args),
        "history" => ("history", None, history::HistoryArgs::augment_args),
        "config" => ("config", None, config::ConfigArgs::augment_args),
        "hooks" => ("hooks", None, hooks::HooksArgs::augment_args),
        "artifact" => ("artifact", None, artifact::ArtifactArgs::augment_args),
        "import" => ("import", None, import::ImportArgs::augment_args),
        "export" => ("export", None, export::ExportArgs::augment_args),
        "doctor" => ("doctor", None, doctor::DoctorArgs::augment_args),
        "verify" => ("verify", None, verify::VerifyArgs::augment_args),
        "verify-push" => ("verify-push", None, verify_push::VerifyPushArgs::augment_args),
        "completions" => ("completions", None, guide::CompletionsArgs::augment_args),
        "man" => ("man", None, guide::ManArgs::augment_args),
        "help" => ("help", None, guide::HelpArgs::augment_args),
        _ => return None,
    };
    Some(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn each_command_alone_has_the_words_it_has_among_all() {
        let mut all = Cli::words();
        all.build();
        for wanted in all.get_subcommands() {
            for name in std::iter::once(wanted.get_name()).chain(wanted.get_all_aliases()) {
                let mut alone = words(name).unwrap_or_else(|| panic!("{name} is missing"));
                alone.build();
                let found = alone.find_subcommand(name).unwrap();
                assert_eq!(found.get_name(), wanted.get_name());
                let told = |command: &Words| command.clone().render_long_help().to_string();
                assert_eq!(told(found), told(wanted), "{name}");
            }
        }
        assert!(words("nothing").is_none());
        assert_eq!(Cli::command().get_name(), Cli::NAME);
    }
}
