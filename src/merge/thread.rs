//! `thread.md`: every event of either side, once.
//!
//! An event is known by its bytes without the blank lines and the terminator at its end. Those of the base
//! keep its order and its bytes. New ones with an id follow by (id, bytes). New ones without an id, from
//! older tools, stay behind the event they followed; where both sides have some there, they are joined by
//! time, and each side's keep their order.
//!
//! That last order has a trick to it. For each such event only one thing is remembered: the nearest event
//! before it that is greater, an event of the base or with an id being greater than all without. The order
//! of a file can be read back from that alone, so joining two files is choosing, for each event, the
//! greater of at most two: this is what makes it associative.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use ulid::Ulid;

use super::conflict;
use super::note::What;
use super::register::decide;
use super::stamp;
use crate::format::thread::parse;
use crate::model::event::Event;
use crate::model::moment::Moment;

/// An event as a file has it.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub(super) event: Event,
    /// Its bytes up to the end of its text.
    pub(super) core: &'a str,
    /// Its bytes up to the next event.
    pub(super) raw: &'a str,
    is_terminated: bool,
    /// How many events of the same bytes stand before it.
    nth: usize,
}

/// A thread cut into its events.
#[derive(Debug, Clone)]
pub(super) struct Thread<'a> {
    text: &'a str,
    /// The text before the first event.
    pub(super) preamble: &'a str,
    pub(super) pieces: Vec<Piece<'a>>,
}

/// An event, however often its file is copied.
type Name<'a> = (&'a str, usize);

impl<'a> Thread<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let entries = parse(text);
        let preamble = &text[..entries.first().map_or(text.len(), |first| first.bytes.start)];
        let pieces = entries.into_iter().map(|entry| {
            let raw = &text[entry.bytes];
            let core = core(raw, entry.is_terminated);
            let count = seen.entry(core).or_default();
            *count += 1;
            Piece { event: entry.event, core, raw, is_terminated: entry.is_terminated, nth: *count - 1 }
        });
        let pieces = pieces.collect();
        Thread { text, preamble, pieces }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    fn names(&self) -> impl Iterator<Item = Name<'a>> + '_ {
        self.pieces.iter().map(Piece::name)
    }

    /// The events that the base doesn't have.
    pub(super) fn since<'s>(
        &'s self,
        base: &Thread<'a>,
    ) -> impl Iterator<Item = &'s Piece<'a>> + use<'s, 'a> {
        let known: HashSet<Name> = base.names().collect();
        self.pieces.iter().filter(move |piece| !known.contains(&piece.name()))
    }

    fn keeps(&self, base: &Thread<'a>) -> bool {
        let own: HashSet<Name> = self.names().collect();
        base.names().all(|name| own.contains(&name))
    }
}

impl<'a> Piece<'a> {
    fn name(&self) -> Name<'a> {
        (self.core, self.nth)
    }
}

/// The bytes of an event without blank lines and terminator at its end.
fn core(raw: &str, is_terminated: bool) -> &str {
    let core = without_blank_end(raw);
    if !is_terminated {
        return core;
    }
    let last = core.rfind('\n').map_or(0, |end| end + 1);
    without_blank_end(&core[..last])
}

/// The text up to the end of its last line that is not blank.
fn without_blank_end(text: &str) -> &str {
    let mut end = text.len();
    for line in text.split_inclusive('\n').rev() {
        if !line.trim().is_empty() {
            break;
        }
        end -= line.len();
    }
    text[..end].strip_suffix('\n').unwrap_or(&text[..end])
}

/// Where an event belongs. The order of these is the order of the file, events without id aside: they are
/// less than all others, and stand behind their parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    /// A new event without an id.
    Loose(Option<Moment>, &'a str, usize),
    /// The start of the file, which is no event.
    Start,
    /// An event of the base.
    Base(usize),
    /// A new event with an id.
    Own(Ulid, &'a str, usize),
}

impl Place<'_> {
    fn is_loose(self) -> bool {
        matches!(self, Place::Loose(..))
    }
}

/// What the sides have.
#[derive(Debug, Default)]
struct Joined<'a> {
    /// The events that have their place by themselves.
    fixed: BTreeSet<Place<'a>>,
    /// The others, each with the nearest greater one before it.
    parents: BTreeMap<Place<'a>, Place<'a>>,
}

impl<'a> Joined<'a> {
    fn add(&mut self, side: &Thread<'a>, known: &HashMap<Name<'a>, usize>) {
        // The events that may still be a parent: each less than the one before it, the first not loose.
        let mut open = vec![Place::Start];
        for piece in &side.pieces {
            let place = match (known.get(&piece.name()), piece.event.id) {
                (Some(index), _) => Place::Base(*index),
                (None, Some(id)) => Place::Own(id, piece.core, piece.nth),
                (None, None) => Place::Loose(piece.event.moment(), piece.core, piece.nth),
            };
            if place.is_loose() {
                while open.last().is_some_and(|last| *last < place) {
                    open.pop();
                }
                let parent = open.last().copied().unwrap_or(Place::Start);
                let present = self.parents.entry(place).or_insert(parent);
                *present = parent.max(*present);
            } else {
                self.fixed.insert(place);
                open.clear();
            }
            open.push(place);
        }
    }

    fn in_order(&self) -> Vec<Place<'a>> {
        let mut children: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
        for (place, parent) in self.parents.iter().rev() {
            children.entry(*parent).or_default().push(*place);
        }
        let mut order = Vec::with_capacity(self.fixed.len() + self.parents.len());
        for start in std::iter::once(Place::Start).chain(self.fixed.iter().copied()) {
            let mut open = vec![start];
            while let Some(place) = open.pop() {
                order.push(place);
                open.extend(children.get(&place).into_iter().flatten());
            }
        }
        order.retain(|place| *place != Place::Start);
        order
    }
}

/// A merged thread, and what there is to say about it.
pub(super) type Outcome = (String, Vec<What>);

/// Every event of either side and the derived ones, once.
pub(super) fn merge(
    base: &Thread,
    one: &Thread,
    other: &Thread,
    preamble: &str,
    derived: &[String],
) -> Outcome {
    let present: HashSet<&str> = one.pieces.iter().chain(&other.pieces).map(|piece| piece.core).collect();
    let derived: Vec<Thread> = derived.iter().map(|text| Thread::read(text)).collect();
    let is_new = |thread: &&Thread| thread.pieces.iter().any(|piece| !present.contains(piece.core));
    let derived: Vec<&Thread> = derived.iter().filter(is_new).collect();
    let (kept_one, kept_other) = (one.keeps(base), other.keeps(base));
    if let Some(text) = unmixed(base, one, other).filter(|_| derived.is_empty()) {
        return (text.to_owned(), Vec::new());
    }
    let known: HashMap<Name, usize> = base.names().enumerate().map(|(index, name)| (name, index)).collect();
    let mut joined = Joined::default();
    for side in [one, other].into_iter().chain(derived) {
        joined.add(side, &known);
    }
    let order = joined.in_order();
    let mut text = write(preamble, base, &order, false);
    if !holds(&text, preamble, base, &order) {
        text = write(preamble, base, &order, true);
    }
    let mut notes: Vec<What> = twins(base, &order).into_iter().map(|id| What::SameId { id }).collect();
    notes.extend((!(kept_one && kept_other)).then_some(What::Restored));
    let is_joined = one.since(base).next().is_some() && other.since(base).next().is_some();
    notes.extend(is_joined.then_some(What::Joined));
    (text, notes)
}

/// The thread as it stands, when only one side changed which events it has.
fn unmixed<'a>(base: &Thread<'a>, one: &Thread<'a>, other: &Thread<'a>) -> Option<&'a str> {
    let says_nothing = |side: &Thread<'a>| {
        side.pieces.len() == base.pieces.len() && side.keeps(base) && side.preamble == base.preamble
    };
    match [says_nothing(one), says_nothing(other)] {
        _ if one.text == other.text => Some(one.text),
        // Other blank lines, or another order.
        [true, true] => Some(decide(&base.text, (None::<()>, one.text), (None, other.text)).kept()),
        [true, false] if other.keeps(base) => Some(other.text),
        [false, true] if one.keeps(base) => Some(one.text),
        _ => None,
    }
}

fn core_of<'a>(place: Place<'a>, base: &Thread<'a>) -> &'a str {
    match place {
        Place::Start => "",
        Place::Base(index) => base.pieces[index].core,
        Place::Loose(_, core, _) | Place::Own(_, core, _) => core,
    }
}

fn id_of(place: Place, base: &Thread) -> Option<Ulid> {
    match place {
        Place::Start | Place::Loose(..) => None,
        Place::Base(index) => base.pieces[index].event.id,
        Place::Own(id, ..) => Some(id),
    }
}

fn write<'a>(preamble: &str, base: &Thread<'a>, order: &[Place<'a>], is_guarded: bool) -> String {
    let mut out = preamble.to_owned();
    if !out.is_empty() && !out.ends_with('\n') && !order.is_empty() {
        out.push('\n');
    }
    for (index, place) in order.iter().enumerate() {
        let next = order.get(index + 1);
        let core = core_of(*place, base);
        if let Place::Base(index) = *place {
            let piece = &base.pieces[index];
            out.push_str(piece.raw);
            // The last of the base has nothing behind it yet.
            if index + 1 == base.pieces.len() && next.is_some() {
                close(&mut out, piece.is_terminated);
            }
        } else {
            out.push_str(core);
            out.push_str("\n\n---\n");
            out.push_str(if next.is_some() { "\n" } else { "" });
        }
        let is_open = id_of(*place, base).is_none();
        if is_guarded && is_open && next.is_some_and(|next| id_of(*next, base).is_none()) {
            close(&mut out, true);
            out.push_str(&conflict::barrier(core, time_of(*place, base)));
            out.push('\n');
        }
    }
    out
}

fn time_of(place: Place, base: &Thread) -> u64 {
    match place {
        Place::Base(index) => stamp::millis(&base.pieces[index].event),
        Place::Loose(moment, ..) => stamp::since_epoch(moment),
        Place::Start | Place::Own(..) => 0,
    }
}

/// Ends the last event as an append does.
fn close(out: &mut String, is_terminated: bool) {
    if !out.ends_with('\n') {
        out.push('\n');
    }
    if !is_terminated {
        out.push_str("\n---\n");
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
}

/// Whether a reader of the text finds just these events: a code fence that one event leaves open could be
/// closed by another that it now stands before.
fn holds<'a>(text: &str, preamble: &str, base: &Thread<'a>, order: &[Place<'a>]) -> bool {
    let read = Thread::read(text);
    let cores = order.iter().map(|place| core_of(*place, base));
    read.preamble.trim_end() == preamble.trim_end() && read.pieces.iter().map(|piece| piece.core).eq(cores)
}

/// The ids that events with different bytes have.
fn twins<'a>(base: &Thread<'a>, order: &[Place<'a>]) -> BTreeSet<Ulid> {
    let mut seen: HashMap<Ulid, &str> = HashMap::new();
    let mut twins = BTreeSet::new();
    for place in order {
        let Some(id) = id_of(*place, base) else { continue };
        let core = core_of(*place, base);
        if *seen.entry(id).or_insert(core) != core {
            twins.insert(id);
        }
    }
    twins
}
