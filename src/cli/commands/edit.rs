//! `git yoi edit`

use clap::Args;

use crate::cli::args::TextArgs;
use crate::cli::context::Context;
use crate::cli::draft::Draft;
use crate::cli::failure::Exit;
use crate::model::rule::Edit;
use crate::model::text;
use crate::ops::edit;

/// Change title, body or fields of a ticket.
///
/// Each change leaves an event in the thread. Without any option the body is opened in your editor.
#[derive(Debug, Args)]
pub struct EditArgs {
    /// The ticket
    pub id: String,
    /// The new title
    #[arg(long, value_name = "title", allow_hyphen_values = true)]
    pub title: Option<String>,
    /// The new body.
    #[command(flatten)]
    pub text: TextArgs,
    /// Who works on it
    #[arg(long, value_name = "name", allow_hyphen_values = true)]
    pub assignee: Option<String>,
    /// Nobody works on it
    #[arg(long, conflicts_with = "assignee")]
    pub no_assignee: bool,
    /// How urgent it is
    #[arg(long, value_name = "priority", allow_hyphen_values = true)]
    pub priority: Option<String>,
    /// It has no priority
    #[arg(long, conflicts_with = "priority")]
    pub no_priority: bool,
    /// What intake thinks of it, such as implementation_ready
    #[arg(long, value_name = "word", allow_hyphen_values = true)]
    pub readiness: Option<String>,
    /// Intake thinks nothing of it
    #[arg(long, conflicts_with = "readiness")]
    pub no_readiness: bool,
    /// Add a label; may be repeated
    #[arg(long = "add-label", value_name = "label", allow_hyphen_values = true)]
    pub add_labels: Vec<String>,
    /// Remove a label; may be repeated
    #[arg(long = "remove-label", value_name = "label", allow_hyphen_values = true)]
    pub remove_labels: Vec<String>,
    /// Add a risk flag; may be repeated
    #[arg(long = "add-risk", value_name = "flag", allow_hyphen_values = true)]
    pub add_risks: Vec<String>,
    /// Remove a risk flag; may be repeated
    #[arg(long = "remove-risk", value_name = "flag", allow_hyphen_values = true)]
    pub remove_risks: Vec<String>,
    /// Only if the ticket still has this version, as `show --json` names it
    #[arg(long, value_name = "version")]
    pub if_match: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// When nothing would change, a text can't be stored, or the repository can't be written.
pub fn run(context: &Context, args: EditArgs) -> anyhow::Result<Exit> {
    let session = context.session()?;
    let wanted = wanted(&args);
    let has_text = !args.text.message.is_empty() || args.text.file.is_some() || args.text.edit;
    let if_match = args.if_match.as_deref();
    let echo = if has_text || is_nothing(&wanted) {
        let snapshot = session.snapshot()?;
        let stored = session.find(&snapshot, &args.id)?;
        // What the person sees in the editor is what must still be there when it is replaced.
        let seen = stored.files.version();
        let is_given = !args.text.edit && has_text;
        let expected = if_match.or((!is_given).then_some(seen.as_str()));
        let initial = format!("{}\n", text::trim_blank_lines(&stored.ticket.body));
        let draft = Draft::obtain(context, &session, &args.text, "body", &initial)?;
        draft.used_for(context, |body| edit::edit(&session, &args.id, &wanted, Some(body), expected))?
    } else {
        edit::edit(&session, &args.id, &wanted, None, if_match)?
    };
    context.echo(&echo)
}

fn wanted(args: &EditArgs) -> Edit {
    let optional = |value: &Option<String>, is_none: bool| match (value, is_none) {
        (Some(value), _) => Some(Some(value.clone())),
        (None, true) => Some(None),
        (None, false) => None,
    };
    Edit {
        title: args.title.clone(),
        body: None,
        assignee: optional(&args.assignee, args.no_assignee),
        priority: optional(&args.priority, args.no_priority),
        readiness: optional(&args.readiness, args.no_readiness),
        add_labels: args.add_labels.clone(),
        remove_labels: args.remove_labels.clone(),
        add_risks: args.add_risks.clone(),
        remove_risks: args.remove_risks.clone(),
    }
}

fn is_nothing(wanted: &Edit) -> bool {
    let Edit {
        title,
        body,
        assignee,
        priority,
        readiness,
        add_labels,
        remove_labels,
        add_risks,
        remove_risks,
    } = wanted;
    let lists = [add_labels, remove_labels, add_risks, remove_risks];
    title.is_none()
        && body.is_none()
        && [assignee, priority, readiness].iter().all(|field| field.is_none())
        && lists.iter().all(|list| list.is_empty())
}
