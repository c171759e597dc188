//! `item.md`: field by field, and the body by lines.

use std::collections::{BTreeMap, BTreeSet};

use super::conflict::Dropped;
use super::note::What;
use super::register::{Decision, decide};
use super::stamp::{News, Stamp};
use super::text;
use crate::format::front_matter::FrontMatter;
use crate::format::item;
use crate::format::yaml::{self, Scalar};
use crate::model::moment::Moment;
use crate::model::ticket::{Field, Value};

/// The name of the body in `field` and `conflict` events.
pub(super) const BODY: &str = "body";

/// A key of the front matter, and how many of the same name stand before it.
type Key<'a> = (&'a str, usize);

/// A file cut into its parts.
#[derive(Debug, Default)]
struct Cut<'a> {
    /// Comments before the first key.
    head: String,
    order: Vec<Key<'a>>,
    blocks: BTreeMap<Key<'a>, String>,
    body: &'a str,
}

impl<'a> Cut<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let front = FrontMatter::parse(text).ok()?;
        let (head, blocks) = front.blocks();
        let mut cut = Cut { head, body: front.body, ..Cut::default() };
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, block) in blocks {
            let count = seen.entry(name).or_default();
            cut.order.push((name, *count));
            cut.blocks.insert((name, *count), block);
            *count += 1;
        }
        Some(cut)
    }

    fn block<'s>(&'s self, key: Key<'s>) -> Option<&'s str> {
        self.blocks.get(&key).map(String::as_str)
    }
}

/// Whether this version can read the file's front matter.
pub(super) fn is_readable(text: &str) -> bool {
    FrontMatter::parse(text).is_ok()
}

/// A side's file, and what its new events say.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub(super) text: &'a str,
    pub(super) news: &'a News,
}

/// A merged file.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) text: String,
    pub(super) notes: Vec<What>,
    pub(super) dropped: Vec<Dropped>,
}

/// The fields and bodies of both, or `None` when a front matter can't be read.
pub(super) fn merge(base: Option<&str>, one: Side, other: Side) -> Option<Outcome> {
    let old = base.and_then(Cut::read).unwrap_or_default();
    let sides = [(Cut::read(one.text)?, one.news), (Cut::read(other.text)?, other.news)];
    let mut out = Outcome::default();
    out.text.push_str("---\n");
    let [head_one, head_other] = [0, 1].map(|side| (None::<Stamp>, sides[side].0.head.as_str()));
    let head = decide(&old.head.as_str(), head_one, head_other);
    let head = out.settle("front_matter", head, |head| Some((*head).to_owned()));
    out.text.push_str(head);
    for key in keys(&old, &sides) {
        let block = out.field(key, &old, &sides);
        out.text.push_str(&block.unwrap_or_default());
    }
    out.text.push_str("---\n");
    out.body(&old, &sides);
    out.notes.dedup();
    Some(out)
}

/// The keys of the base in its order, then new ones: those that are known in their order, then by name.
fn keys<'a>(base: &Cut<'a>, sides: &[(Cut<'a>, &News); 2]) -> Vec<Key<'a>> {
    let place =
        |name: &str| Field::ALL.iter().position(|field| field.key() == name).unwrap_or(Field::ALL.len());
    let new: BTreeSet<(usize, Key)> = sides
        .iter()
        .flat_map(|(cut, _)| &cut.order)
        .filter(|key| !base.blocks.contains_key(*key))
        .map(|key| (place(key.0), *key))
        .collect();
    base.order.iter().copied().chain(new.into_iter().map(|(_, key)| key)).collect()
}

impl Outcome {
    fn field(&mut self, key: Key, base: &Cut, sides: &[(Cut, &News); 2]) -> Option<String> {
        let old = base.block(key);
        let own = [0, 1].map(|side| sides[side].0.block(key));
        let told = [0, 1].map(|side| told(key, own[side], old, sides[side].1));
        let blocks = [told[0].as_deref(), told[1].as_deref()];
        let field = Field::ALL.into_iter().find(|field| field.key() == key.0);
        match field {
            Some(Field::UpdatedAt) => later(old, blocks, |side| moment(blocks[side])),
            Some(Field::QueuedBy | Field::QueuedAt) => {
                // Who queued it and when go together.
                let when = (Field::QueuedAt.key(), key.1);
                let is_queued = |side: usize| sides[side].0.block(when) != base.block(when);
                later(old, blocks, |side| moment(sides[side].0.block(when)).filter(|_| is_queued(side)))
            }
            Some(Field::Labels | Field::RiskFlags) => match words(old, blocks) {
                Some(Words::Other(words)) => {
                    self.notes.push(What::Joined);
                    Some(format!("{}: {}\n", key.0, yaml::write(&Value::List(words))))
                }
                Some(Words::OfSide(side)) => blocks[side].map(str::to_owned),
                // Other bytes, the same words.
                Some(Words::OfBase) => {
                    decide(&old, (None::<()>, blocks[0]), (None, blocks[1])).kept().map(str::to_owned)
                }
                None => self.decided(key, old, blocks, sides),
            },
            _ => self.decided(key, old, blocks, sides),
        }
    }

    /// The block of the later event; the other is kept in an event of its own when it has none.
    fn decided(
        &mut self,
        key: Key,
        old: Option<&str>,
        blocks: [Option<&str>; 2],
        sides: &[(Cut, &News); 2],
    ) -> Option<String> {
        let [one, other] = [0, 1].map(|side| (sides[side].1.of(key.0), blocks[side]));
        let decision = decide(&old, one, other);
        let has_event = matches!(&decision, Decision::Contested { dropped: (Some(_), _), .. });
        if has_event {
            let is_state = key.0 == Field::State.key();
            let field = key.0.to_owned();
            self.notes.push(if is_state { What::MovedApart } else { What::Decided { field } });
            return decision.kept().map(str::to_owned);
        }
        self.settle(key.0, decision, |block| block.map(str::to_owned)).map(str::to_owned)
    }

    fn body(&mut self, base: &Cut, sides: &[(Cut, &News); 2]) {
        let [one, other] = [0, 1].map(|side| (sides[side].1.of(BODY), sides[side].0.body));
        let decision = decide(&base.body, one.clone(), other.clone());
        if matches!(decision, Decision::Contested { .. })
            && let Some(merged) = text::merge(base.body, one.1, other.1)
        {
            self.notes.push(What::Joined);
            self.text.push_str(&merged);
            return;
        }
        let body = self.settle(BODY, decision, |body| Some((*body).to_owned()));
        self.text.push_str(body);
    }

    /// The value that counts; the other goes into an event.
    fn settle<T>(
        &mut self,
        field: &str,
        decision: Decision<Stamp, T>,
        text: impl Fn(&T) -> Option<String>,
    ) -> T {
        if let Decision::Contested { dropped: (stamp, value), .. } = &decision {
            self.notes.push(What::Overlapped { field: field.to_owned() });
            let millis = stamp.as_ref().map(|stamp| stamp.millis);
            let dropped = text(value).map(|text| Dropped { field: field.to_owned(), text, millis });
            self.dropped.extend(dropped);
        }
        decision.kept()
    }
}

/// A side's block, or what it would be without claims that don't count.
fn told(key: Key, own: Option<&str>, old: Option<&str>, news: &News) -> Option<String> {
    let kept = || own.map(str::to_owned);
    match news.instead(key.0).filter(|_| key.1 == 0) {
        None => kept(),
        Some(None) => old.map(str::to_owned),
        Some(Some(value)) if own.and_then(value_of).as_ref() == Some(value) => kept(),
        Some(Some(value)) => Some(format!("{}: {}\n", key.0, yaml::write(value))),
    }
}

fn value_of(block: &str) -> Option<Value> {
    let text = alone(block);
    let front = FrontMatter::parse(&text).ok()?;
    let scalar = item::scalar(front.keys.first()?).ok()?;
    Some(scalar.text().map_or(Value::Absent, Value::Text))
}

/// The later of two times, where both sides changed it; nothing about it is worth telling.
fn later(
    old: Option<&str>,
    blocks: [Option<&str>; 2],
    when: impl Fn(usize) -> Option<Moment>,
) -> Option<String> {
    let [one, other] = [0, 1].map(|side| (when(side).filter(|_| blocks[side] != old), blocks[side]));
    decide(&old, one, other).kept().map(str::to_owned)
}

/// The front matter of one block, to read its value.
fn alone(block: &str) -> String {
    format!("---\n{block}---\n")
}

fn moment(block: Option<&str>) -> Option<Moment> {
    let text = alone(block?);
    let front = FrontMatter::parse(&text).ok()?;
    let scalar = item::scalar(front.keys.first()?).ok()?;
    Moment::parse(&scalar.text()?)
}

/// A joined list.
enum Words {
    /// Neither side added or removed a word.
    OfBase,
    /// Only one side did, or both the same in the same way.
    OfSide(usize),
    /// The words of the base without those a side removed, then the added ones by name.
    Other(Vec<String>),
}

fn words(base: Option<&str>, sides: [Option<&str>; 2]) -> Option<Words> {
    let old = list(base)?;
    let [one, other] = [list(sides[0])?, list(sides[1])?];
    let as_set = |words: &[String]| words.iter().cloned().collect::<BTreeSet<String>>();
    let set = as_set(&old);
    match [set == as_set(&one), set == as_set(&other)] {
        [true, true] => return Some(Words::OfBase),
        [true, false] => return Some(Words::OfSide(1)),
        [false, true] => return Some(Words::OfSide(0)),
        [false, false] if sides[0] == sides[1] => return Some(Words::OfSide(0)),
        [false, false] => {}
    }
    let mut seen = BTreeSet::new();
    let kept = old.iter().filter(|word| one.contains(word) && other.contains(word));
    let mut words: Vec<String> = kept.filter(|word| seen.insert((*word).clone())).cloned().collect();
    let added: BTreeSet<&String> = one.iter().chain(&other).filter(|word| !set.contains(*word)).collect();
    words.extend(added.into_iter().cloned());
    Some(Words::Other(words))
}

/// The words of a list, as the writer would write them; `None` when it is none.
fn list(block: Option<&str>) -> Option<Vec<String>> {
    let Some(block) = block else { return Some(Vec::new()) };
    let text = alone(block);
    let front = FrontMatter::parse(&text).ok()?;
    let items = item::list(front.keys.first()?).ok()?;
    Some(items.into_iter().filter_map(Scalar::text).map(|word| word.trim().to_owned()).collect())
}
