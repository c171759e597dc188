//! A session: the opened repository, its settings, the acting person; and the one way to change tickets.

use std::cell::RefCell;

use ulid::Ulid;

use crate::format::settings::Settings;
use crate::format::{item, layout, orchestration, relations, thread};
use crate::host::Host;
use crate::index::Ahead;
use crate::model::change::{Change, Stamp};
use crate::model::event::Kind;
use crate::model::id::TicketId;
use crate::model::state::State;
use crate::model::text;
use crate::model::ticket::{Field, Value};
use crate::store::publish::{Batch, Edit, Judged, Proposal};
use crate::store::snapshot::Snapshot;
use crate::store::{Store, StoreError};

use super::indexing::Shelf;
use super::resolve;
use super::stored::{self, Stored};

/// What a user works with.
pub struct Session<'h> {
    /// The process.
    pub host: &'h Host,
    /// The repository.
    pub store: Store,
    /// What project and person agreed on.
    pub settings: Settings,
    /// What in the settings was not understood.
    pub warnings: Vec<String>,
    actor: Option<String>,
    can_write: bool,
    pub(super) index: RefCell<Shelf<'h>>,
}

/// What a write did, to tell the user.
#[derive(Debug, Clone)]
pub struct Echo {
    /// The ticket.
    pub id: TicketId,
    /// Its title.
    pub title: String,
    /// Where it stands now.
    pub state: State,
    /// What changed.
    pub summary: String,
    /// The events that were written, with their kinds.
    pub events: Vec<(Ulid, Kind)>,
    /// The ids of the records that the orchestration plan gained.
    pub records: Vec<String>,
    /// The commit on the ref.
    pub commit: Option<String>,
    /// Tickets that can go on now.
    pub unblocked: Vec<(TicketId, String)>,
}

/// A ticket and what shall change in it.
pub type Planned = (Stored, Change);

/// What takes a ticket and its change.
pub(super) type Take<'t> = dyn FnMut(Stored, Change) -> anyhow::Result<()> + 't;

/// What says how a ticket shall change.
pub(super) type Rule<'r> = dyn FnMut(&Snapshot, Stored, &Stamp) -> anyhow::Result<Vec<Planned>> + 'r;

impl<'h> Session<'h> {
    /// Opens the repository here. The actor is the one given, else `GIT_YOI_ACTOR`, else `user.name`.
    ///
    /// # Errors
    /// When there is no repository that can be used, or the actor can't be written down.
    pub fn open(host: &'h Host, actor: Option<&str>) -> anyhow::Result<Self> {
        let actor = actor.or_else(|| host.var("GIT_YOI_ACTOR"));
        let actor = actor.map(|name| text::header_value("actor", name)).transpose()?;
        let store = Store::open(host)?;
        let (settings, mut warnings) = store.settings()?;
        // A ref that can't be read at all is told about by whoever reads it.
        let format = match store.snapshot() {
            Ok(snapshot) if snapshot.tip() == store.cursors().tip => layout::VERSION,
            snapshot => snapshot.and_then(|snapshot| snapshot.format()).unwrap_or(layout::VERSION),
        };
        if format > layout::VERSION {
            warnings.push(format!("the tickets have format {format}, newer than this program: read-only"));
        }
        let can_write = format <= layout::VERSION;
        let index = RefCell::default();
        Ok(Session { host, store, settings, warnings, actor, can_write, index })
    }

    /// The same session on the repository as it is now: settings are read once.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn again(&self) -> anyhow::Result<Self> {
        Session::open(self.host, self.actor.as_deref())
    }

    /// The acting person or agent.
    ///
    /// # Errors
    /// When nobody can be named.
    pub fn actor(&self) -> anyhow::Result<String> {
        match &self.actor {
            Some(actor) => Ok(actor.clone()),
            None => Ok(text::header_value("actor", &self.store.identity(self.host)?.name)?),
        }
    }

    /// Whether the tickets are of a format this program writes.
    pub fn can_write(&self) -> bool {
        self.can_write
    }

    /// Who acts, and when: now.
    ///
    /// # Errors
    /// When nobody can be named.
    pub fn stamp(&self) -> anyhow::Result<Stamp> {
        Ok(Stamp { actor: self.actor()?, millis: self.host.clock.now_millis() })
    }

    /// The tickets as they are now.
    ///
    /// # Errors
    /// When there are none, or the ref can't be read.
    pub fn snapshot(&self) -> anyhow::Result<Snapshot<'_>> {
        let snapshot = self.store.snapshot()?;
        if !snapshot.exists() {
            return Err(StoreError::NotInitialised.into());
        }
        Ok(snapshot)
    }

    /// A ticket by whatever the user typed for it.
    ///
    /// # Errors
    /// When there is none, several, or it can't be read.
    pub fn find(&self, snapshot: &Snapshot, typed: &str) -> anyhow::Result<Stored> {
        let files = resolve::resolve(&self.store, snapshot, typed)?;
        stored::read(snapshot, &files)
    }

    /// Changes one ticket. The rule is asked again when the write loses a race.
    ///
    /// # Errors
    /// What the rule refuses, and everything that keeps the repository from being written.
    pub fn change(
        &self,
        typed: &str,
        mut rule: impl FnMut(&Snapshot, &Stored, &Stamp) -> anyhow::Result<Change>,
    ) -> anyhow::Result<Echo> {
        self.change_several(typed, |snapshot, stored, stamp| {
            let change = rule(snapshot, &stored, stamp)?;
            Ok(vec![(stored, change)])
        })
    }

    /// Changes one ticket and others with it, in one commit; the first is the one that is told about.
    ///
    /// # Errors
    /// As [`Session::change`].
    pub fn change_several(
        &self,
        typed: &str,
        mut rule: impl FnMut(&Snapshot, Stored, &Stamp) -> anyhow::Result<Vec<Planned>>,
    ) -> anyhow::Result<Echo> {
        let mut ahead = None;
        let judge = |snapshot: &Snapshot| self.judge_ahead(snapshot, typed, &mut rule, &mut ahead);
        let (mut echo, commit) = self.store.publish(self.host, judge)?;
        if let Some(commit) = &commit {
            self.keep_index_of(ahead, commit);
        }
        echo.commit = commit;
        Ok(echo)
    }

    /// Changes any number of tickets in one commit. The rule gives each with its change; files are written as they
    /// come, into a pack that is in the repository only when the rule is done, so that memory is bounded by the
    /// number of tickets and not by their size. Gives the commit.
    ///
    /// # Errors
    /// As [`Session::change`].
    pub(super) fn change_many(
        &self,
        mut rule: impl FnMut(&Snapshot, &Stamp, &mut Take) -> anyhow::Result<()>,
    ) -> anyhow::Result<Option<String>> {
        let mut batch = self.store.batch(self.host)?;
        let ((), commit) = self.store.publish_batch(self.host, &mut batch, |snapshot, batch| {
            if !snapshot.exists() {
                return Err(StoreError::NotInitialised.into());
            }
            // What was written for a version that is not the last one any more is no use.
            batch.renew(self.host)?;
            self.judge_many(snapshot, batch, &mut rule)
        })?;
        self.keep_index();
        Ok(commit)
    }

    fn judge_many(
        &self,
        snapshot: &Snapshot,
        batch: &mut Batch,
        rule: &mut dyn FnMut(&Snapshot, &Stamp, &mut Take) -> anyhow::Result<()>,
    ) -> anyhow::Result<Judged<()>> {
        let stamp = self.stamp()?;
        let (mut trailers, mut first) = (Vec::new(), None);
        rule(snapshot, &stamp, &mut |stored, change| {
            let written = self.write_down(snapshot, &stored, &change, &stamp)?;
            first.get_or_insert_with(|| format!("{}: {}", written.id, change.summary));
            trailers.extend(self::trailers([(&written.id, written.events.as_slice())]));
            Ok(batch.write(written.id, written.edits)?)
        })?;
        let Some(first) = first else { return Ok(Judged::Nothing(())) };
        let subject = subject(batch.ids().count(), first);
        let (edits, actor, millis) = (Vec::new(), stamp.actor, stamp.millis);
        Ok(Judged::Publish(Proposal { edits, subject, trailers, actor, millis, is_derived: false }, ()))
    }

    /// What a rule wants written about the present version, as bytes.
    ///
    /// # Errors
    /// As [`Session::change`].
    pub(super) fn judge(
        &self,
        snapshot: &Snapshot,
        typed: &str,
        rule: &mut Rule,
    ) -> anyhow::Result<Judged<Echo>> {
        self.judge_ahead(snapshot, typed, rule, &mut None)
    }

    /// The same, and what an index is to take over when it is written.
    fn judge_ahead(
        &self,
        snapshot: &Snapshot,
        typed: &str,
        rule: &mut Rule,
        ahead: &mut Option<Ahead>,
    ) -> anyhow::Result<Judged<Echo>> {
        if !snapshot.exists() {
            return Err(StoreError::NotInitialised.into());
        }
        let stamp = self.stamp()?;
        let stored = self.find(snapshot, typed)?;
        let planned = rule(snapshot, stored, &stamp)?;
        if planned.iter().all(|(_, change)| change.is_empty()) {
            let (_, echo) = propose(planned, Vec::new(), stamp);
            return Ok(Judged::Nothing(echo));
        }
        let mut written = Vec::with_capacity(planned.len());
        for (stored, change) in &planned {
            written.push(self.write_down(snapshot, stored, change, &stamp)?);
        }
        *ahead = self
            .has_index()
            .then(|| {
                let edited = planned.iter().zip(&written);
                Ahead::of(
                    snapshot,
                    edited.map(|((stored, _), written)| (&stored.files, written.edits.as_slice())),
                )
            })
            .flatten();
        let (proposal, echo) = propose(planned, written, stamp);
        Ok(Judged::Publish(proposal, echo))
    }

    /// Turns a change into bytes: the thread gains events, `item.md` changes in the lines that change.
    fn write_down(
        &self,
        snapshot: &Snapshot,
        stored: &Stored,
        change: &Change,
        stamp: &Stamp,
    ) -> anyhow::Result<Written> {
        let id = stored.files.id;
        let mut fields = change.fields.clone();
        fields.push((Field::UpdatedAt, Value::Text(stamp.moment().to_string())));
        let item = item::update(&stored.item_text, &fields, change.body.as_deref())
            .map_err(|fault| stored::bad(id, layout::ITEM, fault))?;
        let random = || self.host.entropy.bits();
        let language = self.settings.language;
        let (thread, ids) = thread::append(&stored.thread_text, &change.events, stamp, language, random);
        let mut edits = vec![edit(&id, layout::ITEM, item), edit(&id, layout::THREAD, thread)];
        if let Some(resolution) = &change.resolution {
            edits.push(edit(&id, layout::RESOLUTION, format!("{resolution}\n")));
        }
        if let Some(wanted) = &change.relations {
            let old = stored::text(snapshot, &stored.files, layout::RELATIONS)?;
            let text = relations::write(old.as_deref(), wanted)
                .map_err(|fault| stored::bad(id, layout::RELATIONS, fault))?;
            edits.push(edit(&id, layout::RELATIONS, text));
        }
        let mut records = Vec::new();
        if !change.plan.is_empty() {
            let mut text = stored::text(snapshot, &stored.files, layout::PLAN)?.unwrap_or_default();
            for entry in &change.plan {
                let record = orchestration::record_of(&text, id, entry, stamp);
                text = orchestration::append(&text, &record)
                    .map_err(|fault| stored::bad(id, layout::PLAN, fault))?;
                records.push(record.id);
            }
            edits.push(edit(&id, layout::PLAN, text));
        }
        if let Some((name, content)) = &change.artifact {
            edits.push(edit(&id, &format!("{}{name}", layout::ARTIFACTS), content.clone()));
        }
        let kinds = change.events.iter().map(|draft| draft.kind.clone());
        Ok(Written { id, edits, events: ids.into_iter().zip(kinds).collect(), records })
    }
}

/// The bytes and events of one changed ticket.
struct Written {
    id: TicketId,
    edits: Vec<Edit>,
    events: Vec<(Ulid, Kind)>,
    records: Vec<String>,
}

/// An edit of a ticket's file.
pub(super) fn edit(id: &TicketId, name: &str, content: impl Into<Vec<u8>>) -> Edit {
    Edit { path: layout::path(id, name), content: content.into() }
}

/// The trailers of a commit on the ref: which tickets, which events.
pub(super) fn trailers<'a>(
    tickets: impl IntoIterator<Item = (&'a TicketId, &'a [(Ulid, Kind)])>,
) -> Vec<(&'static str, String)> {
    let mut trailers = Vec::new();
    for (id, events) in tickets {
        trailers.push(("Ticket", id.to_string()));
        trailers.extend(events.iter().map(|(event, kind)| ("Event", format!("{event} {kind}"))));
    }
    trailers
}

fn propose(planned: Vec<Planned>, written: Vec<Written>, stamp: Stamp) -> (Proposal, Echo) {
    let trailers = trailers(written.iter().map(|ticket| (&ticket.id, ticket.events.as_slice())));
    let events = written.iter().flat_map(|ticket| ticket.events.clone()).collect();
    let (first, change) = &planned[0];
    let subject = subject(written.len(), format!("{}: {}", first.files.id, change.summary));
    let echo = Echo {
        id: first.files.id,
        title: change.title().unwrap_or(&first.ticket.title).to_owned(),
        state: change.state().unwrap_or(first.ticket.state),
        summary: change.summary.clone(),
        events,
        records: written.iter().flat_map(|ticket| ticket.records.clone()).collect(),
        commit: None,
        unblocked: Vec::new(),
    };
    let edits = written.into_iter().flat_map(|ticket| ticket.edits).collect();
    let (actor, millis) = (stamp.actor, stamp.millis);
    (Proposal { edits, subject, trailers, actor, millis, is_derived: false }, echo)
}

/// The first line of a commit that changes so many tickets; this is what the first of them says.
fn subject(tickets: usize, first: String) -> String {
    match tickets {
        1 => first,
        more => format!("{more} tickets: {first}"),
    }
}
