//! `git yoi config`

use clap::Args;

use crate::cli::args::RowArgs;
use crate::cli::context::Context;
use crate::cli::failure::{Exit, UsageError};
use crate::cli::render;
use crate::ops::Session;
use crate::ops::settings::{self, InForce};
use crate::store::config::Scope;
use crate::ui::sanitize;
use crate::view::config::{ConfigView, SettingView};

/// Show settings and where they come from, and write personal ones.
///
/// Without words every setting is listed with the value in force; with a key, its value is printed, and the exit
/// code is 1 if nothing is set and there is no default. With a value, it is checked and written to git's
/// configuration, which wins over what the project shares in .yoi/workspace.toml: that file is yours to edit and
/// is never written. A key is typed as in git's configuration (yoi.requireReview) or as in that file
/// (require_review). Porcelain rows are: key, value, origin.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// The setting, such as yoi.trailer, require_review or remote.origin.yoi
    pub key: Option<String>,
    /// The value to write
    #[arg(conflicts_with = "unset")]
    pub value: Option<String>,
    /// Show where each value comes from: a file, the command line, a variable, the shared file, or default
    #[arg(long, conflicts_with_all = ["value", "unset"])]
    pub show_origin: bool,
    /// Take the setting out of git's configuration
    #[arg(long, requires = "key")]
    pub unset: bool,
    /// Write to your own configuration instead of this repository's
    #[arg(long)]
    pub global: bool,
    /// How rows are printed.
    #[command(flatten)]
    pub rows: RowArgs,
}

/// Runs the command.
///
/// # Errors
/// When there is no such setting, the value can't stand there, or git's configuration can't be read or written.
pub fn run(context: &Context, args: &ConfigArgs) -> anyhow::Result<Exit> {
    let scope = if args.global { Scope::Global } else { Scope::Local };
    match (&args.key, &args.value) {
        (Some(key), Some(value)) => {
            let (key, value) = settings::set(context.host, scope, key, value)?;
            told(context, args, &key, Some(&value))
        }
        (Some(key), None) if args.unset => {
            let key = settings::unset(context.host, scope, key)?;
            told(context, args, &key, None)
        }
        _ if args.global => {
            Err(UsageError("--global is for writing: it needs a value or --unset".to_owned()).into())
        }
        (Some(key), None) => {
            let session = context.session_as_it_is()?;
            let found = settings::one(&session, key, context.global.actor.as_deref())?;
            let is_set = found.value.is_some();
            one(context, args, &found)?;
            Ok(if is_set { Exit::Done } else { Exit::No })
        }
        (None, _) => {
            let session = context.session_as_it_is()?;
            let found = settings::all(&session, context.global.actor.as_deref())?;
            if context.global.json || context.wants_rows(&args.rows) {
                machine(context, args, &found)?;
            } else {
                let (painter, width) = (context.painter(), context.width());
                context.page(&render::config::list(&found, args.show_origin, &painter, width))?;
            }
            Ok(Exit::Done)
        }
    }
}

fn machine(context: &Context, args: &ConfigArgs, found: &[InForce]) -> anyhow::Result<()> {
    let view = ConfigView::new(found);
    if context.global.json {
        return context.json(&view);
    }
    context.rows(&args.rows, &view.settings, &SettingView::ATOMS, &["key", "value", "origin"])
}

fn one(context: &Context, args: &ConfigArgs, found: &InForce) -> anyhow::Result<()> {
    if context.global.json || context.wants_rows(&args.rows) {
        return machine(context, args, std::slice::from_ref(found));
    }
    let Some(value) = &found.value else {
        context.note(&format!("{} is not set", sanitize::line(&found.key)));
        return Ok(());
    };
    let origin = found.origin.as_deref().filter(|_| args.show_origin);
    let origin = origin.map(|origin| format!("{}\t", sanitize::line(origin))).unwrap_or_default();
    context.answer(&format!("{origin}{}\n", sanitize::line(value)))
}

/// Says what is in force after something was written.
fn told(context: &Context, args: &ConfigArgs, key: &str, written: Option<&str>) -> anyhow::Result<Exit> {
    // Where there is no repository, or its settings can't be used yet, there is nothing in force.
    let session = Session::open(context.host, context.global.actor.as_deref()).ok();
    let found = session.and_then(|session| settings::one(&session, key, None).ok());
    if context.global.json || context.wants_rows(&args.rows) {
        machine(context, args, found.as_slice())?;
        return Ok(Exit::Done);
    }
    let shown = sanitize::line(key);
    match written {
        Some(value) => context.answer(&format!("{shown} is set to {}\n", sanitize::line(value)))?,
        None => context.answer(&format!("{shown} is taken out\n"))?,
    }
    if let Some(InForce { value: Some(value), origin: Some(origin), .. }) = &found
        && written != Some(value)
    {
        let (value, origin) = (sanitize::line(value), sanitize::line(origin));
        context.note(&format!("note: in force is {value}, from {origin}"));
    }
    Ok(Exit::Done)
}
