//! A whole ticket: `yoi.ticket/1`.

use std::collections::BTreeMap;

use serde::Serialize;
use ulid::Ulid;

use crate::model::claim::Claims;
use crate::model::event::Event;
use crate::model::moment::Moment;
use crate::model::readiness::Blocker;
use crate::model::relation::Relation;
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::model::undo;
use crate::ops::commits::Linked;
use crate::ops::show::{self, Other, Shown};

use super::evidence::CriterionView;
use super::list::RowView;
use super::routing::{PacketView, RoutingView};

/// A ticket and everything that belongs to it.
#[derive(Debug, Serialize)]
pub struct TicketView {
    /// `yoi.ticket/1`.
    pub schema: &'static str,
    /// The fields, as in a list.
    #[serde(flatten)]
    pub row: RowView,
    /// The version that is shown, when it is not the present one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<AsOf>,
    /// Changes with the ticket; for `edit --if-match`.
    pub version: String,
    /// What can be done next: one of the readiness words.
    pub gate: &'static str,
    /// Keys of the front matter that this version doesn't know.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other_fields: BTreeMap<String, String>,
    /// The body, Markdown.
    pub body: String,
    /// The thread.
    pub events: Vec<EventView>,
    /// Tickets it waits for, resolved ones included.
    pub blockers: Vec<BlockerView>,
    /// Relations, stored here and elsewhere.
    pub relations: Vec<RelationView>,
    /// Commits that belong to it.
    pub commits: Vec<CommitView>,
    /// Free artifacts.
    pub artifacts: Vec<ArtifactView>,
    /// The last routing decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<RoutingView>,
    /// Whether it was held back and everything that held it is over, so that somebody has to decide again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub route_again: bool,
    /// The last IntentPacket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packet: Option<PacketView>,
    /// Who took it, while it is in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim: Option<ClaimView>,
    /// What it has to show for its work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<CriterionView>,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// What somebody should look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Who took a ticket.
#[derive(Debug, Serialize)]
pub struct ClaimView {
    /// Who has it.
    pub by: String,
    /// Since when, UTC.
    pub at: String,
    /// Whether others don't know of it yet.
    pub pending: bool,
    /// Who took it too, and was later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<String>,
}

impl ClaimView {
    fn new(claims: &Claims) -> Option<Self> {
        let holder = claims.holder.as_ref()?;
        Some(ClaimView {
            by: holder.by.clone(),
            at: holder.at.clone(),
            pending: holder.is_pending(),
            lost: claims.lost.iter().map(|claim| claim.by.clone()).collect(),
        })
    }
}

/// An event.
#[derive(Debug, Serialize)]
pub struct EventView {
    /// Its number in the thread, from 1.
    pub number: usize,
    /// What it records.
    pub kind: String,
    /// Who wrote it.
    pub author: String,
    /// When, UTC.
    pub at: String,
    /// Its own id, a ULID; absent in events of older tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The other attributes of its header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Its text, Markdown.
    pub body: String,
    /// The event that took it back; what was taken back doesn't count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<String>,
}

/// A ticket that another waits for.
#[derive(Debug, Serialize)]
pub struct BlockerView {
    /// The ticket waited for.
    pub id: String,
    /// `depends_on` or `blocked_by`.
    pub via: &'static str,
    /// Where it stands; absent when there is no such ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Whether it still has to be waited for.
    pub unresolved: bool,
}

/// A relation, seen from the ticket.
#[derive(Debug, Serialize)]
pub struct RelationView {
    /// `depends_on` and so on, or the inverse for relations stored with the other ticket.
    pub kind: &'static str,
    /// `outgoing` or `incoming`.
    pub direction: &'static str,
    /// The other ticket.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it stands; absent when there is no such ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Why they are related.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who said so.
    pub author: String,
    /// When, UTC.
    pub at: String,
}

/// A commit that belongs to a ticket.
#[derive(Debug, Serialize)]
pub struct CommitView {
    /// Its full id; the eight digits it begins with where the ticket names no more.
    pub commit: String,
    /// Whether this clone has it.
    pub present: bool,
    /// The first line of its message, when this clone has it or what it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Its author, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was written, UTC, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What the ticket recorded of it, Markdown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub recorded: String,
    /// How it came to the ticket: `linked`, `trailer`, `work`, `landed`, `branch`.
    pub via: Vec<&'static str>,
    /// Whether it is on a branch of this clone.
    pub reachable: bool,
    /// The commit on a branch that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewritten_as: Option<String>,
    /// Other commits that make the same change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// An artifact.
#[derive(Debug, Serialize)]
pub struct ArtifactView {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

impl ArtifactView {
    /// From names and sizes.
    pub fn all(artifacts: &BTreeMap<String, u64>) -> Vec<Self> {
        artifacts.iter().map(|(name, size)| ArtifactView { name: name.clone(), size: *size }).collect()
    }
}

/// A version of the tickets.
#[derive(Debug, Serialize)]
pub struct AsOf {
    /// The commit on the ref.
    pub commit: String,
    /// When it was written, UTC.
    pub at: String,
}

impl TicketView {
    /// From what `show` answers.
    pub fn new(shown: &Shown) -> Self {
        let outgoing = shown.outgoing.iter().map(|(relation, other)| relation_view(relation, other, true));
        let incoming = shown.incoming.iter().map(|(relation, other)| relation_view(relation, other, false));
        let retracted = undo::retracted(&shown.events);
        TicketView {
            schema: "yoi.ticket/1",
            row: RowView::new(&Summary::of(&shown.ticket)),
            as_of: shown.as_of.as_ref().map(|operation| AsOf {
                commit: operation.commit.clone(),
                at: Moment::from_seconds(operation.seconds).to_string(),
            }),
            version: shown.version.clone(),
            gate: shown.gate.word(),
            other_fields: shown.ticket.unknown.iter().cloned().collect(),
            body: shown.ticket.body.clone(),
            events: shown
                .events
                .iter()
                .enumerate()
                .map(|(index, event)| event_view(index + 1, event, &retracted))
                .collect(),
            blockers: shown.blockers.iter().map(blocker_view).collect(),
            relations: outgoing.chain(incoming).collect(),
            commits: shown.commits.iter().map(CommitView::new).collect(),
            artifacts: ArtifactView::all(&shown.artifacts),
            routing: RoutingView::last(shown),
            route_again: shown.is_due,
            packet: PacketView::last(shown),
            claim: ClaimView::new(&shown.claims),
            evidence: shown.evidence.iter().map(CriterionView::new).collect(),
            attention: shown.attention.clone(),
            resolution: shown.resolution.clone(),
            warnings: shown.warnings.clone(),
        }
    }
}

impl CommitView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 10] = [
        "commit",
        "present",
        "subject",
        "author",
        "at",
        "recorded",
        "via",
        "reachable",
        "rewritten_as",
        "also",
    ];

    /// From a commit of a ticket.
    pub fn new(linked: &Linked) -> Self {
        let known = linked.known();
        CommitView {
            commit: linked.full.clone(),
            present: linked.commit.is_some(),
            subject: known.map(|commit| commit.key.subject.clone()),
            author: known.map(|commit| commit.author.clone()),
            at: known.map(|commit| Moment::from_seconds(commit.key.seconds).to_string()),
            recorded: linked.recorded.clone(),
            via: linked.via.iter().map(|via| via.word()).collect(),
            reachable: linked.is_reachable,
            rewritten_as: linked.rewritten_as.as_ref().map(|commit| commit.id.clone()),
            also: linked.also.clone(),
        }
    }
}

fn event_view(number: usize, event: &Event, retracted: &BTreeMap<Ulid, Ulid>) -> EventView {
    EventView {
        number,
        kind: event.kind.word().to_owned(),
        author: event.author.clone(),
        at: event.at.clone(),
        id: event.id.map(|id| id.to_string()),
        attributes: event.attributes.iter().cloned().collect(),
        heading: event.heading.clone(),
        body: event.body.clone(),
        undone_by: event.id.and_then(|id| retracted.get(&id)).map(Ulid::to_string),
    }
}

fn blocker_view(blocker: &Blocker) -> BlockerView {
    BlockerView {
        id: blocker.id.to_string(),
        via: blocker.via.word(),
        state: blocker.state.map(State::word),
        unresolved: blocker.is_unresolved(),
    }
}

fn relation_view(relation: &Relation, other: &Other, is_outgoing: bool) -> RelationView {
    let id = if is_outgoing { relation.target } else { relation.ticket_id };
    RelationView {
        kind: show::label(relation, is_outgoing),
        direction: if is_outgoing { "outgoing" } else { "incoming" },
        id: id.to_string(),
        title: other.title.clone(),
        state: other.state.map(State::word),
        note: relation.note.clone(),
        author: relation.author.clone(),
        at: relation.at.clone(),
    }
}
