//! Making an index from nothing: every ticket is read once, by several threads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::Path;

use rusqlite::{Connection, Transaction, params};

use crate::model::id::{self, TicketId};
use crate::model::readiness::{self, Blocker, Gate, Via};
use crate::model::relation::Relation;
use crate::model::state::State;
use crate::model::thread::Verdict;
use crate::store::snapshot::Snapshot;

use super::posting::{self, Writer};
use super::start::{Notes, Turn};
use super::ticket::{self, Read};
use super::{key, look, pass, row, schema, start, title, word};

/// Reads every ticket of a version and writes a new file. `None` when a ticket's files can't be had, or the file
/// can't be written: then there is no index.
pub(super) fn build(path: &Path, snapshot: &Snapshot, progress: &dyn Fn(usize, usize)) -> Option<()> {
    let mut gathered = Gathered::default();
    let version = pass::read_all(snapshot, ticket::read, |read| gathered.take(read), progress)?;
    gathered.tickets.sort_unstable_by_key(|ticket| ticket.number);
    let fill = |transaction: &Transaction| {
        transaction.execute_batch(schema::TABLES)?;
        for tables in [posting::TABLES, start::TABLES, look::TABLES, title::TABLES] {
            transaction.execute_batch(tables)?;
        }
        gathered.write(transaction)?;
        for orders in [schema::ORDERS, look::ORDERS, start::ORDERS] {
            transaction.execute_batch(orders)?;
        }
        Ok(())
    };
    pass::write(path, &super::TICKETS, &version, fill).ok()
}

/// All tickets, in little memory: texts one after another, each word once.
#[derive(Default)]
struct Gathered {
    tickets: Vec<Packed>,
    /// Of each ticket that can be read the tail of its row, then the beginning of its title.
    bytes: Vec<u8>,
    /// The words of each ticket, as numbers of `names`.
    words: Vec<u32>,
    names: BTreeMap<(u8, String), u32>,
    notes: Vec<(i64, Notes)>,
    turns: HashMap<i64, Turn>,
    relations: BTreeMap<i64, Vec<Relation>>,
}

/// A ticket, less its texts.
struct Packed {
    number: i64,
    /// None when it can't be read.
    fields: Option<Fields>,
}

struct Fields {
    state: State,
    gate: Gate,
    verdict: Option<Verdict>,
    age: i64,
    /// Where in the bytes its tail begins, how long that is, and how long the title after it.
    begin: usize,
    tail: u32,
    title: u32,
    /// Where its words begin, and how many it has.
    words: u32,
    count: u32,
}

impl Fields {
    fn tail(&self) -> Range<usize> {
        self.begin..self.begin + self.tail as usize
    }

    fn title(&self) -> Range<usize> {
        let begin = self.tail().end;
        begin..begin + self.title as usize
    }

    fn words(&self) -> Range<usize> {
        self.words as usize..self.words as usize + self.count as usize
    }
}

/// A number that no repository makes too large: whatever was too much would be found missing when it is read.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Where a ticket is in the table of rows, and in the list of all.
type Place = (u8, i64, usize);

impl Gathered {
    fn take(&mut self, read: Read) {
        let number = key::number(&read.id);
        if read.notes != Notes::default() {
            self.notes.push((number, read.notes));
        }
        if !read.relations.is_empty() {
            self.relations.insert(number, read.relations);
        }
        let fields = read.fields.map(|fields| {
            let (begin, words, count) =
                (self.bytes.len(), small(self.words.len()), small(fields.words.len()));
            self.bytes.extend_from_slice(&fields.tail);
            self.bytes.extend_from_slice(&fields.title);
            let (tail, title) = (small(fields.tail.len()), small(fields.title.len()));
            fields.words.into_iter().for_each(|name| self.add_word(name));
            self.turns.extend(fields.turn.map(|turn| (number, turn)));
            let (state, gate, verdict, age) = (fields.state, fields.gate, fields.verdict, fields.age);
            Fields { state, gate, verdict, age, begin, tail, title, words, count }
        });
        self.tickets.push(Packed { number, fields });
    }

    fn add_word(&mut self, name: (u8, String)) {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.words.push(*self.names.entry(name).or_insert(next));
    }

    /// Writes the tables, each in its order.
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        for (number, notes) in &self.notes {
            notes.insert(connection, *number)?;
        }
        for (number, relations) in &self.relations {
            insert_relations(connection, &key::id(*number), relations)?;
        }
        self.write_places(connection)?;
        let gates = self.write_rows(connection)?;
        self.write_line(connection, &gates)?;
        self.write_titles(connection)
    }

    fn write_places(&self, connection: &Connection) -> rusqlite::Result<()> {
        let mut place = connection.prepare("INSERT INTO place VALUES(?1, ?2, ?3, ?4)")?;
        for ticket in &self.tickets {
            let (state, age) = match &ticket.fields {
                Some(fields) => (Some(row::state_code(fields.state)), Some(fields.age)),
                None => {
                    connection.execute("INSERT INTO unreadable VALUES(?1)", [ticket.number])?;
                    (None, None)
                }
            };
            let backwards = key::backwards(&key::id(ticket.number));
            place.execute(params![ticket.number, backwards, state, age])?;
        }
        Ok(())
    }

    /// Writes the rows, their words and their numbers; tells the tickets that can start.
    fn write_rows(&self, connection: &Connection) -> rusqlite::Result<Vec<i64>> {
        let ids: Vec<TicketId> = self.tickets.iter().map(|ticket| key::id(ticket.number)).collect();
        let suffixes = id::shortest_suffixes(&ids);
        let waiting = self.waiting();
        let mut insert = connection.prepare("INSERT INTO row VALUES(?1, ?2, ?3, ?4)")?;
        let (mut free, mut gates) = (Vec::new(), Vec::new());
        let mut amounts: BTreeMap<(u8, u8), i64> = BTreeMap::new();
        let mut whole = Vec::new();
        let places = self.places();
        for (state, age, at) in &places {
            let (Packed { number, fields: Some(fields) }, suffix) = (&self.tickets[*at], suffixes[*at])
            else {
                continue;
            };
            let blockers = waiting.get(number).map_or(&[][..], Vec::as_slice);
            let gate = match fields.state {
                State::InProgress => fields.gate,
                state => readiness::gate(state, blockers, &[]),
            };
            whole.clear();
            whole.extend(row::head(suffix, gate, fields.verdict, blockers));
            whole.extend_from_slice(&self.bytes[fields.tail()]);
            insert.execute(params![state, age, number, whole])?;
            *amounts.entry((*state, row::gate_code(gate))).or_default() += 1;
            free.extend((gate == Gate::CanStart).then_some(*number));
            gates.push(gate);
        }
        self.write_words(connection, &places, &gates)?;
        let mut insert = connection.prepare("INSERT INTO amount VALUES(?1, ?2, ?3)")?;
        for ((state, gate), number) in amounts {
            insert.execute(params![state, gate, number])?;
        }
        Ok(free)
    }

    /// Where the tickets that can be read are, in order.
    fn places(&self) -> Vec<Place> {
        let place = |(at, ticket): (usize, &Packed)| {
            let fields = ticket.fields.as_ref()?;
            Some((row::state_code(fields.state), fields.age, at))
        };
        let mut places: Vec<Place> = self.tickets.iter().enumerate().filter_map(place).collect();
        // Tickets are in order of their numbers.
        places.sort_unstable();
        places
    }

    fn write_words(&self, connection: &Connection, places: &[Place], gates: &[Gate]) -> rusqlite::Result<()> {
        // In the order of the places each list comes out in order.
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); self.names.len()];
        let mut of_gates: BTreeMap<(u8, &str), Vec<u32>> = BTreeMap::new();
        for (index, (_, _, at)) in places.iter().enumerate() {
            let place = u32::try_from(index).unwrap_or(u32::MAX);
            let words = self.tickets[*at].fields.as_ref().map(Fields::words);
            for word in &self.words[words.unwrap_or_default()] {
                lists[*word as usize].push(place);
            }
            if let Some(name) = word::of_gate(gates[index]) {
                of_gates.entry(name).or_default().push(place);
            }
        }
        let mut writer = Writer::new(connection)?;
        let named =
            self.names.iter().map(|((kind, word), list)| ((*kind, word.as_str()), &lists[*list as usize]));
        let mut all: BTreeMap<(u8, &str), &Vec<u32>> = named.collect();
        all.extend(of_gates.iter().map(|(name, list)| (*name, list)));
        for ((kind, word), list) in all {
            for in_state in list.chunk_by(|one, other| places[*one as usize].0 == places[*other as usize].0) {
                let state = places[in_state[0] as usize].0;
                let spots = in_state.iter().map(|place| {
                    let (_, age, at) = places[*place as usize];
                    (age, self.tickets[at].number)
                });
                writer.list((kind, word, state), spots)?;
            }
        }
        Ok(())
    }

    /// Lines up those that can start.
    fn write_line(&self, connection: &Connection, free: &[i64]) -> rusqlite::Result<()> {
        let mut line: Vec<(&Turn, i64)> =
            free.iter().filter_map(|number| Some((self.turns.get(number)?, *number))).collect();
        line.sort_unstable();
        line.into_iter().try_for_each(|(turn, number)| turn.insert(connection, number))
    }

    fn write_titles(&self, connection: &Connection) -> rusqlite::Result<()> {
        let title = |ticket: &Packed| {
            let fields = ticket.fields.as_ref()?;
            Some((&self.bytes[fields.title()], ticket.number))
        };
        let mut titles: Vec<(&[u8], i64)> = self.tickets.iter().filter_map(title).collect();
        titles.sort_unstable();
        title::fill(connection, &titles)
    }

    /// What each ticket waits for, and where that stands: targets of `depends_on`, sources of `blocks`.
    fn waiting(&self) -> HashMap<i64, Vec<Blocker>> {
        let mut found: HashMap<i64, BTreeSet<(TicketId, Via)>> = HashMap::new();
        for (waiter, awaited, via) in self.relations.values().flatten().filter_map(readiness::waits) {
            found.entry(key::number(&waiter)).or_default().insert((awaited, via));
        }
        let state = |id: TicketId| {
            let number = key::number(&id);
            let at = self.tickets.binary_search_by_key(&number, |ticket| ticket.number).ok()?;
            Some(self.tickets[at].fields.as_ref()?.state)
        };
        let blocker = |(id, via): (TicketId, Via)| Blocker { id, via, state: state(id) };
        found.into_iter().map(|(id, waits)| (id, waits.into_iter().map(blocker).collect())).collect()
    }
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
