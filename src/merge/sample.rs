//! Tickets for tests: made and changed by the format's own writers, as people in several clones would.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Files;
use crate::format::language::Language;
use crate::format::thread::{append, append_derived, ended, events};
use crate::format::{item, layout, orchestration, relations};
use crate::model::change::{Draft, Stamp, Text};
use crate::model::event::{Event, Kind};
use crate::model::id::TicketId;
use crate::model::moment::Moment;
use crate::model::relation::{self, Relation};
use crate::model::rule::landing::Derived;
use crate::model::ticket::{Field, Value};
use crate::model::{claim, derived, plan, undo};

/// When the first event happens.
pub(super) const START: u64 = 1_782_398_643_000;
/// How many lines a new body has.
pub(super) const BODY_LINES: usize = 12;

/// Something somebody does to a ticket.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    Comment(String),
    /// An event as older tools write it: no id, nothing escaped.
    Old(String),
    Title(String),
    State(&'static str),
    Queue,
    Labels {
        add: String,
        remove: String,
    },
    Line {
        number: usize,
        text: String,
    },
    Body(String),
    Close(String),
    Relate(relation::Kind, u64),
    Unrelate,
    Plan(String),
    Keep {
        name: &'static str,
        content: Vec<u8>,
    },
    /// A key of another tool, set without an event.
    Weight(u8),
    /// Somebody takes the ticket, as a start does, and may have been the first at a remote.
    Take {
        is_accepted: bool,
    },
    /// The ticket is given back.
    Release,
    /// The last so many events are taken back; fields are set back by an event.
    Undo(usize),
    /// What `doctor --fix` does: events that nothing ends are ended, without an event.
    Mend,
}

/// A ticket in one clone.
#[derive(Debug, Clone)]
pub(super) struct Copy {
    pub(super) files: Files,
    pub(super) id: TicketId,
    pub(super) who: String,
    pub(super) millis: u64,
    count: u64,
}

impl Copy {
    pub(super) fn create(id: TicketId, who: &str) -> Self {
        let mut copy = Copy { files: Files::new(), id, who: who.to_owned(), millis: START, count: 0 };
        let body: Vec<String> = (0..BODY_LINES).map(|number| format!("line {number}")).collect();
        let fields = [
            (Field::Title, Value::Text("first".to_owned())),
            (Field::State, Value::Text("planning".to_owned())),
            (Field::UpdatedAt, Value::Text(copy.stamp().moment().to_string())),
            (Field::Labels, Value::List(vec!["a".to_owned(), "b".to_owned()])),
        ];
        copy.set(layout::ITEM, item::write(&fields, &body.join("\n")));
        copy.say(Draft::new(Kind::Create, Text::Created));
        copy
    }

    /// The same ticket in another clone, so much later.
    pub(super) fn by(&self, who: &str, later: u64) -> Self {
        Copy { who: who.to_owned(), millis: self.millis + later, ..self.clone() }
    }

    pub(super) fn after(mut self, deeds: &[(u64, Deed)]) -> Self {
        for (later, deed) in deeds {
            self.millis += later;
            self.deed(deed);
        }
        self
    }

    pub(super) fn text(&self, name: &str) -> &str {
        std::str::from_utf8(self.files.get(name).map_or(&[], Vec::as_slice)).unwrap()
    }

    fn set(&mut self, name: &str, content: impl Into<Vec<u8>>) {
        self.files.insert(name.to_owned(), content.into());
    }

    fn stamp(&self) -> Stamp {
        Stamp { actor: self.who.clone(), millis: self.millis }
    }

    fn say(&mut self, draft: Draft) {
        self.count += 1;
        let id = derived::event_id(0, &[&self.who, &self.millis.to_string(), &self.count.to_string()]);
        let (thread, _) =
            append(self.text(layout::THREAD), &[draft], &self.stamp(), Language::English, || id.random());
        self.set(layout::THREAD, thread);
    }

    fn update(&mut self, fields: &[(Field, Value)], body: Option<&str>) {
        let mut fields = fields.to_vec();
        fields.push((Field::UpdatedAt, Value::Text(self.stamp().moment().to_string())));
        let item = item::update(self.text(layout::ITEM), &fields, body).unwrap();
        self.set(layout::ITEM, item);
    }

    fn field(&mut self, field: Field, value: Value) {
        self.say(Draft::new(Kind::Field, Text::Words("new".to_owned())).with("field", field.key()));
        self.update(&[(field, value)], None);
    }

    fn body(&mut self, body: &str) {
        self.say(Draft::new(Kind::Field, Text::BodyChanged("+".to_owned())).with("field", "body"));
        self.update(&[], Some(body));
    }

    fn deed(&mut self, deed: &Deed) {
        let words = |text: &str| Text::Words(text.to_owned());
        match deed {
            Deed::Comment(text) => self.say(Draft::new(Kind::Comment, words(text))),
            Deed::Old(text) => self.old(text),
            Deed::Title(text) => self.field(Field::Title, Value::Text(text.clone())),
            Deed::State(state) => self.moved(state, &[]),
            Deed::Queue => {
                let by = Value::Text(self.who.clone());
                let at = Value::Text(self.stamp().moment().to_string());
                self.moved("queued", &[(Field::QueuedBy, by), (Field::QueuedAt, at)]);
            }
            Deed::Labels { add, remove } => {
                let mut labels = item::parse(self.id, self.text(layout::ITEM)).unwrap().ticket.labels;
                labels.retain(|label| label != remove && label != add);
                labels.push(add.clone());
                self.field(Field::Labels, Value::List(labels));
            }
            Deed::Line { number, text } => {
                let body = item::parse(self.id, self.text(layout::ITEM)).unwrap().ticket.body;
                let mut lines: Vec<&str> = body.lines().collect();
                if let Some(line) = lines.get_mut(*number) {
                    *line = text;
                }
                self.body(&lines.join("\n"));
            }
            Deed::Body(text) => self.body(text),
            Deed::Close(text) => {
                self.moved("closed", &[]);
                self.say(Draft::new(Kind::Close, words(text)).with("status", "closed"));
                self.set(layout::RESOLUTION, format!("{text}\n"));
            }
            Deed::Relate(kind, target) => self.relate(*kind, TicketId::from_millis(*target)),
            Deed::Unrelate => {
                let mut relations = self.relations();
                if relations.pop().is_some() {
                    self.relations_are(&relations);
                }
            }
            Deed::Plan(note) => self.plan(note),
            Deed::Keep { name, content } => {
                // A tree has no file where it has a folder.
                let inside = |outer: &str, inner: &str| inner.starts_with(&format!("{outer}/"));
                if !self.files.keys().any(|other| inside(other, name) || inside(name, other)) {
                    self.set(name, content.clone());
                }
            }
            Deed::Take { is_accepted } => self.take(*is_accepted),
            Deed::Release => self.release(),
            Deed::Undo(number) => self.undo(*number),
            Deed::Mend => {
                if let Some(text) = ended(self.text(layout::THREAD)) {
                    self.set(layout::THREAD, text);
                }
            }
            Deed::Weight(weight) => {
                let old = self.text(layout::ITEM);
                let lines: String =
                    old.split_inclusive('\n').filter(|line| !line.starts_with("weight:")).collect();
                let text = lines.replacen("\n---\n", &format!("\nweight: {weight}\n---\n"), 1);
                self.set(layout::ITEM, text);
            }
        }
    }

    fn state(&self) -> String {
        item::parse(self.id, self.text(layout::ITEM)).unwrap().ticket.state.word().to_owned()
    }

    fn take(&mut self, is_accepted: bool) {
        // Only what is queued is taken.
        if self.state() != "queued" {
            self.moved("queued", &[]);
        }
        let draft = Draft::new(Kind::StateChanged, Text::Words("taken".to_owned()));
        let draft = draft.with("from", "queued").with("to", "inprogress").with("field", "state");
        self.say(draft.with(claim::ASSIGNEE, self.who.as_str()));
        let fields = [
            (Field::State, Value::Text("inprogress".to_owned())),
            (Field::Assignee, Value::Text(self.who.clone())),
        ];
        self.update(&fields, None);
        let all = claim::claims(&events(self.text(layout::THREAD)));
        if let Some(taken) = all.who().filter(|_| is_accepted) {
            let draft = Draft::new(Kind::Claim, Text::Words("accepted".to_owned()));
            let derived = Derived {
                draft: draft.with("by", taken.by.as_str()).with(claim::OF, taken.id.to_string()),
                id: claim::acceptance(&self.id, taken.id),
                at: Moment::from_millis(taken.id.timestamp_ms() + 1),
            };
            let thread = append_derived(self.text(layout::THREAD), &[derived]);
            self.set(layout::THREAD, thread);
        }
    }

    /// Nobody gives back what nobody has.
    fn release(&mut self) {
        if self.state() != "inprogress" {
            return;
        }
        let draft = Draft::new(Kind::StateChanged, Text::Words("given back".to_owned()));
        let draft = draft.with("from", "inprogress").with("to", "queued").with("field", "state");
        self.say(draft.with(claim::ASSIGNEE, ""));
        let state = Value::Text("queued".to_owned());
        self.update(&[(Field::State, state), (Field::Assignee, Value::Absent)], None);
    }

    fn undo(&mut self, number: usize) {
        let words = || Text::Words("taken back".to_owned());
        let known = events(self.text(layout::THREAD));
        let last: Vec<&Event> = known.iter().filter(|event| event.id.is_some()).rev().take(number).collect();
        let ids: Vec<String> = last.iter().filter_map(|event| Some(event.id?.to_string())).collect();
        let moves = last.iter().any(|event| event.kind == Kind::StateChanged);
        let takes = last.iter().any(|event| event.attribute(claim::ASSIGNEE).is_some());
        let back = |kind| Draft::new(kind, words()).with(undo::UNDOES, "0".repeat(40));
        self.say(back(Kind::Undo).with(undo::EVENTS, ids.join(",")));
        if moves {
            let moved = back(Kind::StateChanged).with("from", self.state());
            self.say(moved.with("to", "ready").with("field", "state"));
            self.update(&[(Field::State, Value::Text("ready".to_owned()))], None);
        }
        if takes {
            self.say(back(Kind::Field).with("field", Field::Assignee.key()));
            self.update(&[(Field::Assignee, Value::Absent)], None);
        }
    }

    fn moved(&mut self, to: &str, more: &[(Field, Value)]) {
        let draft = Draft::new(Kind::StateChanged, Text::Words("moved".to_owned()));
        self.say(draft.with("from", self.state()).with("to", to).with("field", "state"));
        let mut fields = vec![(Field::State, Value::Text(to.to_owned()))];
        fields.extend(more.iter().cloned());
        self.update(&fields, None);
    }

    fn old(&mut self, text: &str) {
        let mut thread = self.text(layout::THREAD).to_owned();
        let at = self.stamp().moment();
        // Some of them ended nothing.
        let end = if text.len() == 1 { "" } else { "\n---\n" };
        thread.push_str(&format!("\n<!-- event: comment author: {} at: {at} -->\n\n{text}\n{end}", self.who));
        self.set(layout::THREAD, thread);
    }

    pub(super) fn relations(&self) -> Vec<Relation> {
        match self.files.contains_key(layout::RELATIONS) {
            true => relations::parse(self.text(layout::RELATIONS)).unwrap().relations,
            false => Vec::new(),
        }
    }

    fn relations_are(&mut self, relations: &[Relation]) {
        let old = self.files.contains_key(layout::RELATIONS).then(|| self.text(layout::RELATIONS));
        let text = relations::write(old, relations).unwrap();
        self.set(layout::RELATIONS, text);
    }

    pub(super) fn relate(&mut self, kind: relation::Kind, target: TicketId) {
        let mut relations = self.relations();
        relations.retain(|relation| (relation.kind, relation.target) != (kind, target));
        let (ticket_id, author) = (self.id, self.who.clone());
        let at = self.stamp().moment().to_string();
        relations.push(Relation { ticket_id, kind, target, note: None, author, at });
        relation::sort(&mut relations);
        self.relations_are(&relations);
        let draft = Draft::new(Kind::Relation, Text::Words(format!("`{kind}` {target} title")));
        self.say(draft.with("op", "add").with("kind", kind.word()).with("target", target.as_str()));
    }

    fn plan(&mut self, note: &str) {
        let (old, at) = (self.text(layout::PLAN).to_owned(), self.stamp().moment());
        let record = plan::Record {
            id: orchestration::next_id(&old, at),
            ticket_id: self.id,
            kind: plan::Kind::WaitingCapacityNote,
            related_ticket: None,
            note: Some(note.to_owned()),
            accepted_plan: None,
            author: self.who.clone(),
            at: at.to_string(),
        };
        self.set(layout::PLAN, orchestration::append(&old, &record).unwrap());
    }
}

/// How often each event stands in a thread.
pub(super) fn counted(files: &Files) -> BTreeMap<String, (usize, Event)> {
    let text = String::from_utf8_lossy(files.get(layout::THREAD).map_or(&[], Vec::as_slice)).into_owned();
    let mut counted = BTreeMap::new();
    for piece in super::thread::Thread::read(&text).pieces {
        counted.entry(piece.core.to_owned()).or_insert((0, piece.event)).0 += 1;
    }
    counted
}

/// Events of older tools and fences, headers and borders, in any order.
pub(super) fn wild_thread() -> impl Strategy<Value = String> {
    let id = |number: u64| derived::event_id(START + number % 3, &[&number.to_string()]);
    let line = prop_oneof![
        (0u64..5)
            .prop_map(move |number| format!("<!-- event: comment author: a at: t id: {} -->", id(number))),
        (0i64..20).prop_map(|at| {
            format!("<!-- event: plan author: b at: {} -->", Moment::from_seconds(1_700_000_000 + at))
        }),
        "(<!-- event: [a-c] -->|```|~~~|````|---|## h|text|more|<!-- event: x|\\\\---|| )",
    ];
    (prop::collection::vec(line, 0..14), prop::sample::select(vec!["\n", "", "\r\n"]))
        .prop_map(|(lines, end)| lines.join("\n") + end)
}

/// What people do, except to the body.
pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let word = || prop::sample::select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned);
    let kind = prop::sample::select(relation::Kind::ALL.to_vec());
    let name = prop::sample::select(vec!["artifacts/x", "artifacts/y", "artifacts/x/z", "odd.md"]);
    let state = prop::sample::select(vec!["ready", "inprogress", "done"]);
    prop_oneof![
        "[a-c]{1,3}(\n---)?".prop_map(Deed::Comment),
        "[a-c]{1,3}".prop_map(Deed::Old),
        "[a-c]{1,2}".prop_map(Deed::Title),
        state.prop_map(Deed::State),
        Just(Deed::Queue),
        (word(), word()).prop_map(|(add, remove)| Deed::Labels { add, remove }),
        "[a-c]{1,2}".prop_map(Deed::Close),
        (kind, 0u64..3).prop_map(|(kind, target)| Deed::Relate(kind, target)),
        Just(Deed::Unrelate),
        "[a-c]".prop_map(Deed::Plan),
        // Not text: two versions are kept whole, whatever they share.
        (name, 0u8..4).prop_map(|(name, content)| Deed::Keep { name, content: vec![0, content] }),
        (0u8..4).prop_map(Deed::Weight),
        any::<bool>().prop_map(|is_accepted| Deed::Take { is_accepted }),
        Just(Deed::Release),
        (0usize..4).prop_map(Deed::Undo),
        Just(Deed::Mend),
    ]
}

/// Some deeds, each so many milliseconds after the one before.
pub(super) fn deeds(of: impl Strategy<Value = Deed>) -> impl Strategy<Value = Vec<(u64, Deed)>> {
    prop::collection::vec((prop::sample::select(vec![0, 1, 400, 1700]), of), 0..6)
}
