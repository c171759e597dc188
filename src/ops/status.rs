//! How things stand: the ticket of the branch, what waits for whom, and what remotes have not got.
//!
//! Nothing here asks a remote, and no more threads are read than there are rows to show and tickets with recorded
//! work that may have to be looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::format::layout;
use crate::index::Look;
use crate::model::claim;
use crate::model::commit::ticket_of_branch;
use crate::model::event::Kind;
use crate::model::fold::fold;
use crate::model::id::TicketId;
use crate::model::query::{Clause, Pattern, Query, Sort, Term};
use crate::model::readiness::Gate;
use crate::model::state::State;
use crate::model::summary::Summary;
use crate::store::amount::Amount;
use crate::store::memory::About;
use crate::store::remote::Remote;
use crate::store::snapshot::Snapshot;

use super::next::{self, Routing};
use super::session::Session;
use super::survey;
use super::{show, stored};

/// The most tickets with recorded work that are looked at for what needs attention, the newest first.
const WORKS: usize = 100;

/// The most files that may differ from a remote's for the events among them to be counted.
const COUNTED: usize = 2000;

/// What somebody is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Clarifies what is to be done.
    Intake,
    /// Decides what is done, and when.
    Orchestrator,
    /// Does it.
    Coder,
    /// Judges it.
    Reviewer,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 4] = [Role::Intake, Role::Orchestrator, Role::Coder, Role::Reviewer];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Intake => "intake",
            Role::Orchestrator => "orchestrator",
            Role::Coder => "coder",
            Role::Reviewer => "reviewer",
        }
    }
}

/// A section of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Somebody should look at it: a landing held back, a claim that came too late.
    Attention,
    /// In progress and mine, to be reported or mended.
    Work,
    /// Mine too, and not resolved.
    Assigned,
    /// Reported, not reviewed.
    AwaitingReview,
    /// Approved, not landed.
    AwaitingLanding,
    /// Held back once, by what is over now.
    RouteAgain,
    /// Ready, to be queued.
    NeedsQueue,
    /// To be clarified.
    NeedsIntake,
    /// In progress, whoever has it.
    Running,
    /// Queued, free, and nothing in its way.
    CanStart,
    /// Ready or queued, and waiting for other tickets.
    Blocked,
    /// Done, not closed.
    AwaitingClose,
}

impl Part {
    /// All sections, in the order they are told.
    pub const ALL: [Part; 12] = [
        Part::Attention,
        Part::Work,
        Part::Assigned,
        Part::AwaitingReview,
        Part::AwaitingLanding,
        Part::RouteAgain,
        Part::NeedsQueue,
        Part::NeedsIntake,
        Part::Running,
        Part::CanStart,
        Part::Blocked,
        Part::AwaitingClose,
    ];

    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Part::Attention => "attention",
            Part::Work => "work",
            Part::Assigned => "assigned",
            Part::AwaitingReview => "awaiting_review",
            Part::AwaitingLanding => "awaiting_landing",
            Part::RouteAgain => "route_again",
            Part::NeedsQueue => "needs_queue",
            Part::NeedsIntake => "needs_intake",
            Part::Running => "running",
            Part::CanStart => "can_start",
            Part::Blocked => "blocked",
            Part::AwaitingClose => "awaiting_close",
        }
    }

    /// Whom it concerns.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Part::Attention | Part::CanStart => &[Role::Orchestrator, Role::Coder],
            Part::Work => &[Role::Coder],
            Part::Assigned => &Role::ALL,
            Part::AwaitingReview => &[Role::Reviewer],
            Part::NeedsIntake => &[Role::Intake],
            Part::AwaitingLanding
            | Part::RouteAgain
            | Part::NeedsQueue
            | Part::Running
            | Part::Blocked
            | Part::AwaitingClose => &[Role::Orchestrator],
        }
    }

    /// The tickets in it, the last changed first; nothing where they are found in another way, or by nobody's
    /// name.
    fn query(self, me: Option<&str>, most: Option<usize>) -> Option<Query> {
        let gate = |gate| Some(vec![Clause::of(Term::Gate(gate))]);
        let mine = || Some(Clause::of(Term::Assignee(Pattern::Is(fold(me?)))));
        let work = |is_excluded| {
            let any = vec![Term::Gate(Gate::AwaitingReport), Term::Gate(Gate::ChangesRequested)];
            Clause { is_excluded, any }
        };
        let (states, clauses): (&[State], _) = match self {
            Part::Attention | Part::RouteAgain | Part::CanStart => return None,
            Part::Work => (&[State::InProgress], vec![mine()?, work(false)]),
            Part::Assigned => {
                let open = &[State::Planning, State::Ready, State::Queued, State::InProgress];
                (open, vec![mine()?, work(true)])
            }
            Part::AwaitingReview => (&[State::InProgress], gate(Gate::AwaitingReview)?),
            Part::AwaitingLanding => (&[State::InProgress], gate(Gate::AwaitingLanding)?),
            Part::NeedsQueue => (&[State::Ready], gate(Gate::NeedsQueue)?),
            Part::NeedsIntake => (&[State::Planning], Vec::new()),
            Part::Running => (&[State::InProgress], Vec::new()),
            Part::Blocked => (&[State::Ready, State::Queued], gate(Gate::Blocked)?),
            Part::AwaitingClose => (&[State::Done], Vec::new()),
        };
        Some(Query { states: states.to_vec(), clauses, sort: Sort::Updated, reverse: false, most })
    }

    /// What to type to see all that is in it.
    fn command(self, total: usize) -> String {
        let list = |conditions: &str| {
            // A table of a list has so many rows.
            let all = if total > 50 { " -n all" } else { "" };
            format!("git yoi list {conditions}{all}")
        };
        match self {
            Part::Attention | Part::RouteAgain => "git yoi status --role orchestrator -n all".to_owned(),
            Part::Work => list("assignee:me gate:awaiting_report,changes_requested"),
            Part::Assigned => list("assignee:me -is:resolved -gate:awaiting_report,changes_requested"),
            Part::AwaitingReview => list("gate:awaiting_review"),
            Part::AwaitingLanding => list("gate:awaiting_landing"),
            Part::NeedsQueue => list("gate:needs_queue"),
            Part::NeedsIntake => list("gate:needs_intake"),
            Part::Running => list("state:inprogress"),
            Part::CanStart => format!("git yoi next -n {total}"),
            Part::Blocked => list("gate:blocked"),
            Part::AwaitingClose => list("state:done"),
        }
    }
}

/// A ticket in a section.
#[derive(Debug, Clone)]
pub struct Item {
    /// The ticket at a glance.
    pub ticket: Summary,
    /// What was decided about it, where that was looked up: of those that can start.
    pub routing: Option<Routing>,
    /// What somebody should look at.
    pub attention: Option<String>,
}

/// A section.
#[derive(Debug, Clone)]
pub struct Section {
    /// Which.
    pub part: Part,
    /// How many tickets are in it, shown or not.
    pub total: usize,
    /// Those shown.
    pub items: Vec<Item>,
    /// What to type to see all.
    pub command: String,
}

/// The branch that is checked out, and its ticket.
#[derive(Debug, Clone, Default)]
pub struct Current {
    /// The branch; `None` when there is none, as with a detached HEAD.
    pub branch: Option<String>,
    /// The ticket its name says.
    pub named: Option<TicketId>,
    /// That ticket, where there is one that can be read.
    pub item: Option<Item>,
}

/// How our tickets stand to what a remote had when it was last met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing of it was ever fetched or sent.
    Unknown,
    /// It has the same.
    Same,
    /// It lacks something.
    Ahead,
    /// It has something that is not merged here.
    Behind,
    /// Both.
    Apart,
}

impl Standing {
    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Unknown => "unknown",
            Standing::Same => "same",
            Standing::Ahead => "ahead",
            Standing::Behind => "behind",
            Standing::Apart => "apart",
        }
    }
}

/// A remote that takes part.
#[derive(Debug, Clone)]
pub struct Contact {
    /// Its name.
    pub name: String,
    /// How our tickets stand to its.
    pub standing: Standing,
    /// What it lacks; `None` where that is nothing, or too much to count.
    pub ahead: Option<Amount>,
    /// What it has that is not here, likewise.
    pub behind: Option<Amount>,
    /// When it was last met, in milliseconds since 1970-01-01T00:00:00Z.
    pub met: Option<u64>,
    /// Why it took no tickets the last time.
    pub refused: Option<String>,
}

/// How things stand.
#[derive(Debug, Clone)]
pub struct Status {
    /// Who asks, where that is known.
    pub actor: Option<String>,
    /// The branch and its ticket.
    pub current: Current,
    /// The sections asked for, empty ones too.
    pub sections: Vec<Section>,
    /// The remotes that take part.
    pub remotes: Vec<Contact>,
    /// How many tickets there are.
    pub known: usize,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Says how things stand: what concerns a role, or everybody. At most `most` tickets in a section.
///
/// # Errors
/// When there are no tickets here or they can't be listed; one that can't be read hides no other.
pub fn status(session: &Session, role: Option<Role>, most: Option<usize>) -> anyhow::Result<Status> {
    let snapshot = session.snapshot()?;
    let actor = session.actor().ok();
    let parts: Vec<Part> =
        Part::ALL.into_iter().filter(|part| role.is_none_or(|role| part.roles().contains(&role))).collect();
    let (branch, named) = branch(session);
    let working = working(session, &snapshot);
    let most_shown = most.unwrap_or(usize::MAX);
    let wants = |part: Part| parts.contains(&part);
    let next = match wants(Part::CanStart) {
        true => next::from_index(session, &snapshot, most_shown)?,
        false => None,
    };
    let due = if wants(Part::RouteAgain) { next::due_from_index(session, &snapshot) } else { None };
    let is_told = (next.is_some() || !wants(Part::CanStart)) && (due.is_some() || !wants(Part::RouteAgain));
    let candidates = if is_told { among(None) } else { next::candidates() };
    let mut queries = vec![among(named), among(working), candidates];
    let asked: Vec<(Part, Query)> =
        parts.iter().filter_map(|part| Some((*part, part.query(actor.as_deref(), most)?))).collect();
    queries.extend(asked.iter().map(|(_, query)| query.clone()));
    let mut answers = survey::select_all(session, &snapshot, &queries)?.into_iter();
    let mut answer = || answers.next().unwrap_or_default();
    let (own, working, candidates) = (answer(), answer(), answer());
    let (known, unreadable, damaged) =
        (candidates.known, candidates.unreadable.clone(), candidates.damaged.clone());
    let mut seen = Seen { session, snapshot: &snapshot, known: BTreeMap::new() };
    let mut filled: Vec<Section> = Vec::new();
    for (part, _) in &asked {
        let found = answer();
        let items = found.tickets.into_iter().map(|ticket| seen.item(ticket)).collect();
        filled.push(section(*part, found.total, items));
    }
    if wants(Part::RouteAgain) {
        let due = match due {
            Some(due) => due,
            None => next::due_among(&snapshot, &candidates.tickets)?,
        };
        let total = due.len();
        let items = due.into_iter().take(most.unwrap_or(usize::MAX)).map(|ticket| seen.item(ticket));
        filled.push(section(Part::RouteAgain, total, items.collect()));
    }
    if wants(Part::CanStart) {
        let next = match next {
            Some(next) => next,
            None => next::among(session, &snapshot, candidates, most_shown)?,
        };
        let item = |candidate: next::Candidate| Item {
            routing: Some(candidate.routing),
            ..seen.item(candidate.ticket)
        };
        filled.push(section(Part::CanStart, next.total, next.tickets.into_iter().map(item).collect()));
    }
    let item = own.tickets.into_iter().next().map(|ticket| seen.item(ticket));
    if parts.contains(&Part::Attention) {
        filled.push(attention(&mut seen, working.tickets, &filled, item.as_ref(), most));
    }
    let place = |part: Part| Part::ALL.iter().position(|other| *other == part);
    filled.sort_by_key(|section| place(section.part));
    let current = Current { branch, named: named.into_iter().next(), item };
    session.keep_looks(&snapshot);
    let remotes = remotes(session, snapshot.tip().as_deref());
    Ok(Status { actor, current, sections: filled, remotes, known, unreadable, damaged })
}

fn section(part: Part, total: usize, items: Vec<Item>) -> Section {
    Section { part, total, items, command: part.command(total) }
}

/// The branch, and the ticket it is named for.
fn branch(session: &Session) -> (Option<String>, Option<TicketId>) {
    let branch = session.store.branch();
    let named = branch.as_deref().and_then(ticket_of_branch);
    (branch, named)
}

fn among(ids: impl IntoIterator<Item = TicketId>) -> Query {
    let clauses = vec![Clause::of(Term::Among(ids.into_iter().collect()))];
    Query { clauses, ..Query::in_states(&State::ALL) }
}

/// The newest tickets with recorded work, where that is known of this version without looking.
fn working(session: &Session, snapshot: &Snapshot) -> BTreeSet<TicketId> {
    let cursors = session.store.cursors();
    if cursors.working.is_empty() {
        return BTreeSet::new();
    }
    let is_same = || cursors.tree.is_some() && cursors.tree == session.store.tickets_tree(snapshot);
    let is_known = (cursors.tip.is_some() && cursors.tip == snapshot.tip()) || is_same();
    cursors.working.into_iter().rev().take(if is_known { WORKS } else { 0 }).collect()
}

/// What was found of tickets that were looked at more closely.
struct Seen<'s, 'h, 'p> {
    session: &'s Session<'h>,
    snapshot: &'s Snapshot<'p>,
    known: BTreeMap<TicketId, Option<String>>,
}

impl Seen<'_, '_, '_> {
    fn item(&mut self, ticket: Summary) -> Item {
        let attention = self.attention(ticket.id);
        Item { ticket, routing: None, attention }
    }

    /// What somebody should look at in a ticket; one that can't be read says nothing.
    fn attention(&mut self, id: TicketId) -> Option<String> {
        let (session, snapshot) = (self.session, self.snapshot);
        if session.ask_index(snapshot, |index| index.look(&id)?).is_some_and(|look| look.is_calm) {
            return None;
        }
        let look = || {
            let files = snapshot.ticket(&id).ok()??;
            let thread = stored::text(snapshot, &files, layout::THREAD).ok()??;
            let stored = stored::read(snapshot, &files).ok()?;
            session.note_look(id, Look::of(&stored.ticket, &stored.events));
            // It is about claims, which are moves, and landings: most threads have neither word.
            if ![Kind::StateChanged, Kind::Land].iter().any(|kind| thread.contains(kind.word())) {
                return None;
            }
            show::attention(session, &stored, &claim::claims(&stored.events))
        };
        self.known.entry(id).or_insert_with(look).clone()
    }
}

/// Tickets that somebody should look at: among those shown, and those with recorded work.
fn attention(
    seen: &mut Seen,
    working: Vec<Summary>,
    sections: &[Section],
    current: Option<&Item>,
    most: Option<usize>,
) -> Section {
    let shown = sections.iter().flat_map(|section| &section.items).chain(current);
    let shown = shown.map(|item| item.ticket.clone());
    let all: BTreeMap<TicketId, Summary> = shown.chain(working).map(|ticket| (ticket.id, ticket)).collect();
    let mut items: Vec<Item> = all.into_values().map(|ticket| seen.item(ticket)).collect();
    items.retain(|item| item.attention.is_some());
    let total = items.len();
    items.truncate(most.unwrap_or(usize::MAX));
    section(Part::Attention, total, items)
}

/// How our tickets stand to those of the remotes that take part, as far as this clone knows.
fn remotes(session: &Session, ours: Option<&str>) -> Vec<Contact> {
    let remotes = session.store.remotes().into_iter().filter(Remote::takes_part);
    remotes.map(|remote| contact(session, &remote, ours)).collect()
}

fn contact(session: &Session, remote: &Remote, ours: Option<&str>) -> Contact {
    let store = &session.store;
    let theirs = store.kept(remote).ok().flatten().map(|fetched| fetched.tip);
    let standing = standing(session, ours, theirs.as_deref());
    let more = |is_more: bool, before: Option<&str>, after: Option<&str>| {
        let amount = is_more.then(|| store.amount_within(before, after, COUNTED));
        amount.transpose().ok().flatten().flatten()
    };
    let (is_ahead, is_behind) = match standing {
        Standing::Unknown | Standing::Same => (false, false),
        Standing::Ahead => (true, false),
        Standing::Behind => (false, true),
        Standing::Apart => (true, true),
    };
    Contact {
        standing,
        ahead: more(is_ahead, theirs.as_deref(), ours),
        behind: more(is_behind, ours, theirs.as_deref()),
        met: store.remembered(About::Met, &remote.name).map(|met| met.millis),
        refused: store.remembered(About::Refusal, &remote.name).map(|refusal| refusal.what),
        name: remote.name.clone(),
    }
}

fn standing(session: &Session, ours: Option<&str>, theirs: Option<&str>) -> Standing {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return Standing::Unknown };
    let holds = |new: &str, old: &str| session.store.is_ancestor(old, new) == Some(true);
    match ours == theirs {
        true => Standing::Same,
        false if holds(ours, theirs) => Standing::Ahead,
        false if holds(theirs, ours) => Standing::Behind,
        false => Standing::Apart,
    }
}

/// How things stand, in as few words as a prompt has room for.
#[derive(Debug, Clone, Default)]
pub struct Short {
    /// The ticket of the branch.
    pub current: Option<Summary>,
    /// How many tickets wait for what.
    pub numbers: BTreeMap<Gate, usize>,
    /// A remote that takes part had something else when it was last met.
    pub is_unsynced: bool,
}

/// Says in short how things stand. Reads no thread where an index tells.
///
/// # Errors
/// As [`status`].
pub fn short(session: &Session) -> anyhow::Result<Short> {
    let snapshot = session.snapshot()?;
    let named: Vec<TicketId> = branch(session).1.into_iter().collect();
    let (mut numbers, found) = survey::amounts(session, &snapshot, &named)?;
    // What is somebody else's, or kept apart by a plan, can't be started.
    if numbers.remove(&Gate::CanStart).is_some() {
        let total = next::total(session, &snapshot)?;
        numbers.extend((total > 0).then_some((Gate::CanStart, total)));
    }
    let ours = snapshot.tip();
    let differs = |remote: Remote| {
        let kept = session.store.kept(&remote).ok().flatten();
        kept.map(|fetched| fetched.tip) != ours
    };
    let is_unsynced = session.store.remotes().into_iter().filter(Remote::takes_part).any(differs);
    Ok(Short { current: found.into_iter().next(), numbers, is_unsynced })
}
