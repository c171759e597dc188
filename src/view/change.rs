//! What writes answer: `yoi.change/1`, `yoi.import/1`, `yoi.export/1`, `yoi.init/1`.

use serde::Serialize;

use crate::ops::export::Exported;
use crate::ops::hooks::Report;
use crate::ops::import::Imported;
use crate::ops::init::{Connected, Setup, Undone};
use crate::ops::problem::BadTicket;
use crate::ops::session::Echo;

/// What a write did to a ticket.
#[derive(Debug, Serialize)]
pub struct ChangeView {
    /// `yoi.change/1`.
    pub schema: &'static str,
    /// The ticket.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands now.
    pub state: &'static str,
    /// What changed.
    pub what: String,
    /// The events that were written.
    pub events: Vec<WrittenView>,
    /// The ids of the records that the orchestration plan gained.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
    /// The commit on the ref.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Tickets that can go on now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unblocked: Vec<String>,
}

/// A written event.
#[derive(Debug, Serialize)]
pub struct WrittenView {
    /// Its id, a ULID.
    pub id: String,
    /// What it records.
    pub kind: String,
}

impl ChangeView {
    /// From what a write answers.
    pub fn new(echo: &Echo) -> Self {
        let events = echo.events.iter();
        ChangeView {
            schema: "yoi.change/1",
            id: echo.id.to_string(),
            title: echo.title.clone(),
            state: echo.state.word(),
            what: echo.summary.clone(),
            events: events
                .map(|(id, kind)| WrittenView { id: id.to_string(), kind: kind.to_string() })
                .collect(),
            records: echo.records.clone(),
            commit: echo.commit.clone(),
            unblocked: echo.unblocked.iter().map(|(id, _)| id.to_string()).collect(),
        }
    }
}

/// A ticket that was passed over.
#[derive(Debug, Serialize)]
pub struct SkippedView {
    /// The name of its folder.
    pub name: String,
    /// Why.
    pub why: String,
}

fn skipped(tickets: &[BadTicket]) -> Vec<SkippedView> {
    tickets.iter().map(|bad| SkippedView { name: bad.name.clone(), why: bad.why.clone() }).collect()
}

/// What an import did.
#[derive(Debug, Serialize)]
pub struct ImportView {
    /// `yoi.import/1`.
    pub schema: &'static str,
    /// How many tickets are new.
    pub imported: usize,
    /// How many were there already.
    pub unchanged: usize,
    /// Those passed over.
    pub skipped: Vec<SkippedView>,
    /// Things in the directory that are no tickets.
    pub ignored: Vec<String>,
    /// The commit on the ref.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

impl ImportView {
    /// From what `import` answers.
    pub fn new(imported: &Imported) -> Self {
        ImportView {
            schema: "yoi.import/1",
            imported: imported.new,
            unchanged: imported.unchanged,
            skipped: skipped(&imported.skipped),
            ignored: imported.ignored.clone(),
            commit: imported.commit.clone(),
        }
    }
}

/// What an export did.
#[derive(Debug, Serialize)]
pub struct ExportView {
    /// `yoi.export/1`.
    pub schema: &'static str,
    /// How many tickets were written.
    pub tickets: usize,
    /// How many files.
    pub files: usize,
    /// Those passed over.
    pub skipped: Vec<SkippedView>,
}

impl ExportView {
    /// From what `export` answers.
    pub fn new(exported: &Exported) -> Self {
        ExportView {
            schema: "yoi.export/1",
            tickets: exported.tickets,
            files: exported.files,
            skipped: skipped(&exported.skipped),
        }
    }
}

/// What `init` found and did.
#[derive(Debug, Serialize)]
pub struct InitView {
    /// `yoi.init/1`.
    pub schema: &'static str,
    /// The ref.
    #[serde(rename = "ref")]
    pub reference: String,
    /// It was made now.
    pub created: bool,
    /// The remote whose tickets it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<String>,
    /// How many tickets are on it.
    pub tickets: usize,
    /// Former values of the ref are kept.
    pub reflog: bool,
    /// How git's hooks are: the `how` of `yoi.hooks/1`, or `failed`. Absent when none were to be installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hooks: Option<&'static str>,
    /// The remote, if there is one to carry tickets to and from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<ConnectedView>,
}

/// How a remote is set up.
#[derive(Debug, Serialize)]
pub struct ConnectedView {
    /// Its name.
    pub name: String,
    /// The ref that holds tickets there, where it is another than here.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Something about it was changed now.
    pub changed: bool,
    /// An ordinary fetch brings its tickets.
    pub fetches: bool,
    /// An ordinary push sends tickets there, where hooks are installed.
    pub opted_in: bool,
    /// Whether it has tickets; absent when it was not asked or gave no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_tickets: Option<bool>,
    /// Why it gave no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}

impl ConnectedView {
    fn new(remote: &Connected) -> Self {
        ConnectedView {
            name: remote.name.clone(),
            reference: remote.elsewhere.clone(),
            changed: remote.is_new,
            fetches: remote.fetches(),
            opted_in: remote.is_opted_in,
            has_tickets: remote.has_tickets.as_ref().and_then(|answer| answer.as_ref().ok().copied()),
            unreachable: remote.has_tickets.as_ref().and_then(|answer| answer.as_ref().err().cloned()),
        }
    }
}

impl InitView {
    /// From what `init` answers.
    pub fn new(setup: &Setup) -> Self {
        InitView {
            schema: "yoi.init/1",
            reference: setup.reference.clone(),
            created: setup.is_new,
            joined: setup.joined.clone(),
            tickets: setup.tickets,
            reflog: setup.has_reflog,
            hooks: setup.hooks.as_ref().map(|done| done.as_ref().map_or("failed", Report::summary)),
            remote: setup.remote.as_ref().map(ConnectedView::new),
        }
    }
}

/// What `deinit` undid.
#[derive(Debug, Serialize)]
pub struct DeinitView {
    /// `yoi.deinit/1`.
    pub schema: &'static str,
    /// There was something to undo.
    pub changed: bool,
    /// The remotes that carry no tickets any more.
    pub remotes: Vec<String>,
    /// What was done with the hooks: the `how` of `yoi.hooks/1`.
    pub hooks: &'static str,
    /// How many tickets stay.
    pub tickets: usize,
}

impl DeinitView {
    /// From what `deinit` answers.
    pub fn new(undone: &Undone) -> Self {
        DeinitView {
            schema: "yoi.deinit/1",
            changed: undone.is_anything(),
            remotes: undone.remotes.clone(),
            hooks: undone.hooks.summary(),
            tickets: undone.tickets,
        }
    }
}
