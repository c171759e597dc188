//! How things stand: `yoi.status/1`.

use serde::Serialize;

use crate::model::moment::Moment;
use crate::model::state::State;
use crate::ops::status::{Contact, Current, Item, Role, Section, Status};

use super::UnreadableView;
use super::list::RowView;

/// How things stand.
#[derive(Debug, Serialize)]
pub struct StatusView {
    /// `yoi.status/1`.
    pub schema: &'static str,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The role that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// The branch that is checked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The ticket the branch's name says, be it there or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch_ticket: Option<String>,
    /// That ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<ItemView>,
    /// How many tickets there are.
    pub known: usize,
    /// The sections.
    pub sections: Vec<SectionView>,
    /// The remotes that take part.
    pub remotes: Vec<RemoteView>,
    /// Tickets that can't be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<UnreadableView>,
}

/// A section.
#[derive(Debug, Serialize)]
pub struct SectionView {
    /// Its word.
    pub section: &'static str,
    /// Whom it concerns.
    pub roles: Vec<&'static str>,
    /// How many tickets are in it.
    pub total: usize,
    /// Whether fewer are shown.
    pub truncated: bool,
    /// What to type to see all.
    pub command: String,
    /// Those shown.
    pub tickets: Vec<ItemView>,
}

/// A ticket in a section.
#[derive(Debug, Serialize)]
pub struct ItemView {
    /// The fields, as in a list.
    #[serde(flatten)]
    pub row: RowView,
    /// What can be done next.
    pub gate: &'static str,
    /// The tickets it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_by: Vec<BlockerView>,
    /// The word of the last routing decision; of those that can start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routing: Option<String>,
    /// What somebody should look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
}

/// A ticket that keeps another one waiting.
#[derive(Debug, Serialize)]
pub struct BlockerView {
    /// The ticket.
    pub id: String,
    /// `depends_on` or `blocked_by`.
    pub via: &'static str,
    /// Where it stands; absent when there is no such ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
}

/// A remote that takes part.
#[derive(Debug, Serialize)]
pub struct RemoteView {
    /// Its name.
    pub name: String,
    /// `same`, `ahead`, `behind`, `apart` or `unknown`.
    pub standing: &'static str,
    /// What it lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<AmountView>,
    /// What it has that is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind: Option<AmountView>,
    /// When it was last met, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_contact: Option<String>,
    /// Why it took no tickets the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What one side has that the other has not.
#[derive(Debug, Serialize)]
pub struct AmountView {
    /// Events.
    pub events: usize,
    /// Tickets that differ.
    pub tickets: usize,
}

/// A row for programs.
#[derive(Debug, Serialize)]
pub struct StatusRowView {
    /// The section; `current` for the ticket of the branch, `remote` for a remote.
    pub section: &'static str,
    /// The ticket; of a remote its name.
    pub id: String,
    /// Where it stands; of a remote how our tickets stand to its.
    pub state: &'static str,
    /// What can be done next.
    pub gate: &'static str,
    /// What it is about.
    pub title: String,
    /// Who works on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// How urgent it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// The tickets it waits for.
    pub blocked_by: Vec<String>,
    /// What somebody should look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
}

impl ItemView {
    fn new(item: &Item) -> Self {
        let open = item.ticket.blockers.iter().filter(|blocker| blocker.is_unresolved());
        let blocker = |blocker: &crate::model::readiness::Blocker| BlockerView {
            id: blocker.id.to_string(),
            via: blocker.via.word(),
            state: blocker.state.map(State::word),
        };
        ItemView {
            row: RowView::new(&item.ticket),
            gate: item.ticket.gate.word(),
            blocked_by: open.map(blocker).collect(),
            routing: item.routing.as_ref().and_then(|routing| routing.word.clone()),
            attention: item.attention.clone(),
        }
    }
}

impl SectionView {
    fn new(section: &Section) -> Self {
        SectionView {
            section: section.part.word(),
            roles: section.part.roles().iter().map(|role| role.word()).collect(),
            total: section.total,
            truncated: section.items.len() < section.total,
            command: section.command.clone(),
            tickets: section.items.iter().map(ItemView::new).collect(),
        }
    }
}

impl RemoteView {
    fn new(contact: &Contact) -> Self {
        RemoteView {
            name: contact.name.clone(),
            standing: contact.standing.word(),
            ahead: contact.ahead.map(|more| AmountView { events: more.events, tickets: more.tickets }),
            behind: contact.behind.map(|more| AmountView { events: more.events, tickets: more.tickets }),
            last_contact: contact.met.map(|millis| Moment::from_millis(millis).to_string()),
            refused: contact.refused.clone(),
        }
    }
}

impl StatusView {
    /// From what `status` answers.
    pub fn new(status: &Status, role: Option<Role>) -> Self {
        let Current { branch, named, item } = &status.current;
        StatusView {
            schema: "yoi.status/1",
            actor: status.actor.clone(),
            role: role.map(Role::word),
            branch: branch.clone(),
            branch_ticket: named.map(|id| id.to_string()),
            current: item.as_ref().map(ItemView::new),
            known: status.known,
            sections: status.sections.iter().map(SectionView::new).collect(),
            remotes: status.remotes.iter().map(RemoteView::new).collect(),
            unreadable: UnreadableView::all(&status.unreadable, &status.damaged),
        }
    }
}

impl StatusRowView {
    /// The names of the fields, for `--format`.
    pub const ATOMS: [&'static str; 9] =
        ["section", "id", "state", "gate", "title", "assignee", "priority", "blocked_by", "attention"];

    /// All rows: the ticket of the branch, the sections, the remotes.
    pub fn all(status: &Status) -> Vec<Self> {
        let row = |section: &'static str, item: &Item| {
            let open = item.ticket.blockers.iter().filter(|blocker| blocker.is_unresolved());
            StatusRowView {
                section,
                id: item.ticket.id.to_string(),
                state: item.ticket.state.word(),
                gate: item.ticket.gate.word(),
                title: item.ticket.title.clone(),
                assignee: item.ticket.assignee.clone(),
                priority: item.ticket.priority.clone(),
                blocked_by: open.map(|blocker| blocker.id.to_string()).collect(),
                attention: item.attention.clone(),
            }
        };
        let current = status.current.item.iter().map(|item| row("current", item));
        let sections = status.sections.iter();
        let tickets =
            sections.flat_map(|section| section.items.iter().map(move |item| row(section.part.word(), item)));
        let remotes = status.remotes.iter().map(|contact| StatusRowView {
            section: "remote",
            id: contact.name.clone(),
            state: contact.standing.word(),
            gate: "",
            title: String::new(),
            assignee: None,
            priority: None,
            blocked_by: Vec::new(),
            attention: contact.refused.clone(),
        });
        current.chain(tickets).chain(remotes).collect()
    }
}
