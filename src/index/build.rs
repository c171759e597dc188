//! Making an index from nothing: every ticket is read once, by several threads.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use crate::model::id::{self, TicketId};
use crate::model::readiness::{self, Blocker, Gate, Via};
use crate::model::relation::{Kind, Relation};
use crate::model::state::State;
use crate::store::snapshot::Snapshot;

use super::ticket::{self, Read};
use super::{key, pass, row, schema, start, title, word};

/// Reads every ticket of a version and writes a new file. `None` when a ticket's files can't be had, or the file
/// can't be written: then there is no index.
pub(super) fn build(path: &Path, snapshot: &Snapshot, progress: &dyn Fn(usize, usize)) -> Option<()> {
    let (version, mut tickets) = pass::read_all(snapshot, ticket::read, progress)?;
    tickets.sort_unstable_by_key(|ticket| key::number(&ticket.id));
    let fill = |transaction: &Transaction| {
        transaction.execute_batch(schema::TABLES)?;
        transaction.execute_batch(start::TABLES)?;
        transaction.execute_batch(title::TABLES)?;
        write_tickets(transaction, &tickets)?;
        write_relations(transaction, &tickets)?;
        transaction.execute_batch(schema::ORDERS)?;
        transaction.execute_batch(start::ORDERS)
    };
    pass::write(path, &super::TICKETS, &version, fill).ok()
}

fn write_tickets(connection: &Connection, tickets: &[Read]) -> rusqlite::Result<()> {
    let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id).collect();
    let suffixes = id::shortest_suffixes(&ids);
    let readable = tickets.iter().filter_map(|ticket| Some((ticket.id, ticket.fields.as_ref()?.state)));
    let states: HashMap<TicketId, State> = readable.collect();
    let waiting = waiting(tickets);
    let mut place = connection.prepare("INSERT INTO place VALUES(?1, ?2, ?3, ?4)")?;
    let mut rows = Vec::with_capacity(tickets.len());
    let mut words = Vec::new();
    let mut line = Vec::new();
    let mut amounts: HashMap<(u8, u8), i64> = HashMap::new();
    for (ticket, suffix) in tickets.iter().zip(suffixes) {
        let number = key::number(&ticket.id);
        ticket.notes.insert(connection, number)?;
        let Some(fields) = &ticket.fields else {
            place.execute(params![number, key::backwards(&ticket.id), None::<u8>, None::<i64>])?;
            connection.execute("INSERT INTO unreadable VALUES(?1)", [number])?;
            continue;
        };
        let (state, age) = (row::state_code(fields.state), fields.age);
        place.execute(params![number, key::backwards(&ticket.id), state, age])?;
        let blockers: Vec<Blocker> = waiting
            .get(&ticket.id)
            .into_iter()
            .flatten()
            .map(|(id, via)| Blocker { id: *id, via: *via, state: states.get(id).copied() })
            .collect();
        let gate = match fields.state {
            State::InProgress => fields.gate,
            state => readiness::gate(state, &blockers, &[]),
        };
        let key = (state, age, number);
        words.extend(fields.words.iter().map(|(kind, word)| (*kind, word.as_str(), key)));
        words.extend(word::of_gate(gate).map(|(kind, word)| (kind, word, key)));
        line.extend(fields.turn.as_ref().filter(|_| gate == Gate::CanStart).map(|turn| (turn, number)));
        *amounts.entry((state, row::gate_code(gate))).or_default() += 1;
        rows.push((key, row::head(suffix, gate, fields.verdict, &blockers), &fields.tail));
    }
    rows.sort_unstable_by_key(|(key, ..)| *key);
    let mut insert = connection.prepare("INSERT INTO row VALUES(?1, ?2, ?3, ?4)")?;
    let mut whole = Vec::new();
    for ((state, age, number), head, tail) in &rows {
        whole.clear();
        whole.extend_from_slice(head);
        whole.extend_from_slice(tail);
        insert.execute(params![state, age, number, whole])?;
    }
    line.sort_unstable();
    line.into_iter().try_for_each(|(turn, number)| turn.insert(connection, number))?;
    title::fill(connection, tickets)?;
    words.sort_unstable();
    let mut insert = connection.prepare("INSERT INTO word VALUES(?1, ?2, ?3, ?4, ?5)")?;
    for (kind, word, (state, age, number)) in words {
        insert.execute(params![kind, word, state, age, number])?;
    }
    let mut insert = connection.prepare("INSERT INTO amount VALUES(?1, ?2, ?3)")?;
    for ((state, gate), number) in amounts {
        insert.execute(params![state, gate, number])?;
    }
    Ok(())
}

fn write_relations(connection: &Connection, tickets: &[Read]) -> rusqlite::Result<()> {
    for ticket in tickets {
        insert_relations(connection, &ticket.id, &ticket.relations)?;
    }
    Ok(())
}

/// Writes the relations of a ticket's file.
pub(super) fn insert_relations(
    connection: &Connection,
    owner: &TicketId,
    relations: &[Relation],
) -> rusqlite::Result<()> {
    if relations.is_empty() {
        return Ok(());
    }
    let mut insert =
        connection.prepare_cached("INSERT INTO relation VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    for (position, relation) in relations.iter().enumerate() {
        insert.execute(params![
            key::number(owner),
            i64::try_from(position).unwrap_or(i64::MAX),
            key::number(&relation.ticket_id),
            ticket::kind_code(relation.kind),
            key::number(&relation.target),
            relation.note,
            relation.author,
            relation.at,
        ])?;
    }
    Ok(())
}

/// Who waits for whom: targets of `depends_on`, sources of `blocks`.
fn waiting(tickets: &[Read]) -> HashMap<TicketId, BTreeSet<(TicketId, Via)>> {
    let mut found: HashMap<TicketId, BTreeSet<(TicketId, Via)>> = HashMap::new();
    for relation in tickets.iter().flat_map(|ticket| &ticket.relations) {
        let (waiter, blocker) = match relation.kind {
            Kind::DependsOn => (relation.ticket_id, (relation.target, Via::DependsOn)),
            Kind::Blocks => (relation.target, (relation.ticket_id, Via::BlockedBy)),
            Kind::Related | Kind::Supersedes | Kind::DuplicateOf => continue,
        };
        found.entry(waiter).or_default().insert(blocker);
    }
    found
}
