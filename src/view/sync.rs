//! What was carried to and from remotes: `yoi.sync/1`.

use serde::Serialize;

use crate::ops::sync::{Carried, Synced};

/// What `sync`, `push` or `fetch` did.
#[derive(Debug, Serialize)]
pub struct SyncView {
    /// `yoi.sync/1`.
    pub schema: &'static str,
    /// How many remotes there are.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// Each remote.
    pub remotes: Vec<RemoteView>,
}

/// What was carried to and from one remote.
#[derive(Debug, Serialize)]
pub struct RemoteView {
    /// Its name.
    pub remote: String,
    /// It went well.
    pub done: bool,
    /// Nothing was written, only looked.
    pub dry_run: bool,
    /// What is here now and was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub came: Option<AmountView>,
    /// What the remote has now and had not; absent when nothing was to be sent, or it can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub went: Option<AmountView>,
    /// Only looked: the remote has something that is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_fetch: Option<bool>,
    /// Only looked: something here is not on the remote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_push: Option<bool>,
    /// What merging did.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<MergedView>,
    /// `gone`, `rewound` or `rewritten`: what happened to the tickets of the remote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loss: Option<&'static str>,
    /// The commit of the tickets here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The remote was read again and has the same.
    pub same: bool,
    /// A stable word for what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Events and tickets.
#[derive(Debug, Serialize)]
pub struct AmountView {
    /// Events.
    pub events: usize,
    /// Tickets that differ.
    pub tickets: usize,
    /// Tickets among them that were not there.
    pub new_tickets: usize,
}

/// What merging did to a file.
#[derive(Debug, Serialize)]
pub struct MergedView {
    /// The ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The file.
    pub file: String,
    /// The rule, a stable word.
    pub rule: &'static str,
    /// What it did, in words.
    pub words: String,
    /// Somebody should look.
    pub attention: bool,
}

impl SyncView {
    /// From what was carried; `merged` puts into words what merging did.
    pub fn new(synced: &[Synced], merged: impl Fn(&Carried) -> Vec<MergedView>) -> Self {
        let remotes: Vec<RemoteView> = synced.iter().map(|one| RemoteView::new(one, &merged)).collect();
        SyncView { schema: "yoi.sync/1", total: remotes.len(), truncated: false, remotes }
    }
}

impl RemoteView {
    fn new(synced: &Synced, merged: impl Fn(&Carried) -> Vec<MergedView>) -> Self {
        let carried = synced.outcome.as_ref().ok();
        let failed = synced.outcome.as_ref().err();
        let preview = carried.and_then(|carried| carried.preview);
        let amount = |events, tickets, new_tickets| AmountView { events, tickets, new_tickets };
        let came = carried.filter(|_| preview.is_none()).map(|carried| carried.came);
        let went = carried.and_then(|carried| carried.went);
        RemoteView {
            remote: synced.remote.clone(),
            done: carried.is_some(),
            dry_run: preview.is_some(),
            came: came.map(|came| amount(came.events, came.tickets, came.new_tickets)),
            went: went.map(|went| amount(went.events, went.tickets, went.new_tickets)),
            would_fetch: preview.map(|preview| preview.would_fetch),
            would_push: preview.map(|preview| preview.would_push),
            merged: carried.map(merged).unwrap_or_default(),
            loss: carried.and_then(|carried| carried.loss).map(|loss| loss.word()),
            commit: carried.and_then(|carried| carried.tip.clone()),
            same: carried.is_some_and(|carried| carried.is_equal),
            code: failed.map(|failed| failed.code),
            message: failed.map(|failed| failed.message.clone()),
        }
    }
}
