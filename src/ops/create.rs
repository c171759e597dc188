//! Making tickets.

use crate::format::{item, layout, relations as relations_file, thread};
use crate::model::change::{Draft, Stamp};
use crate::model::id::TicketId;
use crate::model::relation::{self, Relation, Ways};
use crate::model::rule::{self, NewTicket, Target};
use crate::model::state::State;
use crate::store::publish::{Judged, Proposal};
use crate::store::snapshot::Snapshot;

use super::session::{Echo, Session, edit, trailers};
use super::{Problem, relations, resolve};

/// How many milliseconds are tried for a free id.
const PROBES: u64 = 1000;

/// Makes a ticket, and the ref with it when there is none.
///
/// # Errors
/// When a text can't be stored, a ticket it depends on doesn't exist or keeps it from being queued, or
/// the repository can't be written.
pub fn create(session: &Session, new: NewTicket, depends_on: &[String]) -> anyhow::Result<Echo> {
    let new = new.checked()?;
    let judge = |snapshot: &Snapshot| -> anyhow::Result<Judged<Echo>> {
        let stamp = session.stamp()?;
        let id = free_id(snapshot, stamp.millis)?;
        let created = rule::created(new.state);
        let (drafts, relations) = dependencies(session, snapshot, id, (created, depends_on), &stamp)?;
        if new.state == State::Queued {
            let blockers = relations::blockers(snapshot, id, &relations);
            rule::refuse_blocked(id, State::Queued, &blockers)?;
        }
        let language = session.settings.language;
        let body = new.body.clone().unwrap_or_else(|| language.default_body().to_owned());
        let random = || session.host.entropy.bits();
        let (thread, ids) = thread::append("", &drafts, &stamp, language, random);
        let item = item::write(&new.fields(&stamp), &body);
        let mut edits = vec![edit(&id, layout::ITEM, item), edit(&id, layout::THREAD, thread)];
        if !relations.is_empty() {
            let text = relations_file::write(None, &relations)?;
            edits.push(edit(&id, layout::RELATIONS, text));
        }
        let events: Vec<_> = ids.into_iter().zip(drafts.into_iter().map(|draft| draft.kind)).collect();
        let proposal = Proposal {
            edits,
            subject: format!("{id}: created: {}", new.title),
            trailers: trailers([(&id, events.as_slice())]),
            actor: stamp.actor,
            millis: stamp.millis,
            is_derived: false,
        };
        let echo = Echo {
            id,
            title: new.title.clone(),
            state: new.state,
            summary: "created".to_owned(),
            events,
            records: Vec::new(),
            commit: None,
            unblocked: Vec::new(),
        };
        Ok(Judged::Publish(proposal, echo))
    };
    let (mut echo, commit) = session.store.publish(session.host, judge)?;
    echo.commit = commit;
    session.keep_index();
    Ok(echo)
}

/// The id of this millisecond, or of the next one that is free.
fn free_id(snapshot: &Snapshot, millis: u64) -> anyhow::Result<TicketId> {
    for later in 0..PROBES {
        let id = TicketId::from_millis(millis.saturating_add(later));
        if snapshot.ticket(&id)?.is_none() {
            return Ok(id);
        }
    }
    Err(Problem::NoFreeId.into())
}

fn dependencies(
    session: &Session,
    snapshot: &Snapshot,
    id: TicketId,
    (created, depends_on): (Draft, &[String]),
    stamp: &Stamp,
) -> anyhow::Result<(Vec<Draft>, Vec<Relation>)> {
    let mut drafts = vec![created];
    let mut relations = Vec::new();
    for typed in depends_on {
        let target = resolve::resolve(&session.store, snapshot, typed)?.id;
        let target = Target { id: target, title: relations::title(snapshot, &target) };
        let wanted = (relation::Kind::DependsOn, &target, None);
        // A ticket that is just being made can't be part of a circle.
        let change = rule::relate(id, &relations, &mut Ways::default(), wanted, stamp)?;
        drafts.extend(change.events);
        relations = change.relations.unwrap_or_default();
    }
    Ok((drafts, relations))
}
