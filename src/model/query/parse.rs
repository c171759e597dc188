//! The language in which people ask for tickets: `state:queued -label:wip,draft since:2w words`.
//!
//! Each argument of a command is a word of it; one with double quotes in it is cut at the blanks outside of
//! them. `key:value` is a condition, commas part alternatives, `-` or `not:` in front excludes. What is in
//! double quotes has no special letters. Everything else is text to look for.

use std::fmt;

use chrono::TimeZone;

use crate::model::fold::fold;
use crate::model::moment::Moment;
use crate::model::near::near;
use crate::model::readiness::Gate;
use crate::model::search::passage::Part;
use crate::model::state::State;

use super::term::{Clause, Pattern, Span, Term};
use super::time;

/// Who asks, and when: what relative words stand for.
pub struct Asker<'a, Z> {
    /// The present moment.
    pub now: Moment,
    /// The zone whose days are meant.
    pub zone: Z,
    /// Who is meant by `me`; asked only when somebody says so.
    pub me: &'a dyn Fn() -> Option<String>,
}

/// What somebody asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Conditions on fields, all of which must hold.
    pub clauses: Vec<Clause>,
    /// Texts to look for.
    pub texts: Vec<Text>,
    /// The parts of tickets to look for the texts in; none stands for all.
    pub parts: Vec<Part>,
}

/// A text to look for, or to exclude.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What was typed, without quotes.
    pub text: String,
    /// It must not be there.
    pub is_excluded: bool,
    /// Its last word may go on.
    pub is_open: bool,
    /// Only the title is looked at.
    pub is_in_title: bool,
}

/// Why words are no question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no such key.
    UnknownKey {
        /// The whole word.
        word: String,
        /// The key.
        key: String,
        /// The known key that is most like it.
        near: Option<&'static str>,
    },
    /// A key has no such value.
    UnknownValue {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
        /// The known value that is most like it.
        near: Option<&'static str>,
        /// All known values.
        known: Vec<&'static str>,
    },
    /// What should be a time is none.
    BadTime {
        /// The key.
        key: &'static str,
        /// The value.
        value: String,
    },
    /// A key without a value.
    NoValue(&'static str),
    /// A text without anything in it.
    Empty,
    /// A double quote that nothing closes.
    OpenQuote(String),
    /// `me`, and nobody knows who that is.
    Nobody(&'static str),
    /// A condition on parts, asked of something that looks at fields alone.
    NoParts,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::UnknownKey { word, key, .. } => {
                write!(f, "'{}' has no key that is known: '{}:'", word.escape_debug(), key.escape_debug())
            }
            Fault::UnknownValue { key, value, known, .. } => {
                write!(f, "'{key}:{}': there are {}", value.escape_debug(), known.join(", "))
            }
            Fault::BadTime { key, value } => write!(f, "'{key}:{}' is no time", value.escape_debug()),
            Fault::NoValue(key) => write!(f, "'{key}:' lacks a value"),
            Fault::Empty => write!(f, "a word to look for is empty"),
            Fault::OpenQuote(word) => write!(f, "'{}' has an open double quote", word.escape_debug()),
            Fault::Nobody(key) => write!(f, "'{key}:me': nobody knows who you are"),
            Fault::NoParts => {
                write!(f, "a list looks at titles and fields, not at texts: 'in:' is for searches")
            }
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// What to type instead.
    pub fn hint(&self) -> Option<String> {
        match self {
            Fault::UnknownKey { near: Some(near), .. } => Some(format!("did you mean '{near}:'?")),
            Fault::UnknownKey { word, near: None, .. } => {
                Some(format!("'\"{}\"' in double quotes is text to look for", word.escape_debug()))
            }
            Fault::UnknownValue { key, near: Some(near), .. } => {
                Some(format!("did you mean '{key}:{near}'?"))
            }
            Fault::BadTime { .. } => Some(
                "such as 2026-06-25, 2026-06, today, yesterday, 2w, '3 days ago', 2026-06-01..2026-06-25"
                    .to_owned(),
            ),
            Fault::NoParts => Some("git yoi search <words>".to_owned()),
            Fault::Nobody(_) => Some("git config user.name <name>".to_owned()),
            Fault::UnknownValue { near: None, .. }
            | Fault::NoValue(_)
            | Fault::Empty
            | Fault::OpenQuote(_) => None,
        }
    }
}

/// A key somebody may type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    State,
    Is,
    Gate,
    Label,
    Assignee,
    Author,
    Priority,
    Readiness,
    Risk,
    Created,
    Updated,
    Event,
    Since,
    Until,
    Title,
    In,
}

impl Key {
    const ALL: [(&'static str, Key); 16] = [
        ("state", Key::State),
        ("is", Key::Is),
        ("gate", Key::Gate),
        ("label", Key::Label),
        ("assignee", Key::Assignee),
        ("author", Key::Author),
        ("priority", Key::Priority),
        ("readiness", Key::Readiness),
        ("risk", Key::Risk),
        ("created", Key::Created),
        ("updated", Key::Updated),
        ("event", Key::Event),
        ("since", Key::Since),
        ("until", Key::Until),
        ("title", Key::Title),
        ("in", Key::In),
    ];

    fn word(self) -> &'static str {
        Key::ALL.iter().find(|(_, key)| *key == self).map_or("", |(word, _)| word)
    }

    fn parse(word: &str) -> Option<Self> {
        Key::ALL.iter().find(|(known, _)| *known == word).map(|(_, key)| *key)
    }
}

/// Whether a word that begins with `-` is a condition to exclude rather than an option: it has a key, or what
/// may be a mistyped one.
pub fn is_exclusion(word: &str) -> bool {
    let key = word.strip_prefix('-').and_then(key_of);
    key.is_some_and(|(key, _)| near(&key, Key::ALL.iter().map(|(word, _)| *word)).is_some())
}

/// Reads what somebody asks.
///
/// # Errors
/// When a key, a value or a time is unknown, or a quote stays open.
pub fn parse<Z: TimeZone>(arguments: &[String], asker: &Asker<Z>) -> Result<Asked, Fault> {
    let mut asked = Asked::default();
    for argument in arguments {
        for word in words(argument)? {
            read(&word, asker, &mut asked)?;
        }
    }
    Ok(asked)
}

impl Asked {
    /// Conditions on fields alone: texts are looked for in titles and ids.
    ///
    /// # Errors
    /// When parts of tickets are named.
    pub fn into_clauses(self) -> Result<Vec<Clause>, Fault> {
        if !self.parts.is_empty() {
            return Err(Fault::NoParts);
        }
        let mut clauses = self.clauses;
        clauses.extend(self.texts.into_iter().map(|text| {
            let folded = fold(&text.text);
            let term = if text.is_in_title { Term::Title(folded) } else { Term::Text(folded) };
            Clause { is_excluded: text.is_excluded, any: vec![term] }
        }));
        Ok(clauses)
    }
}

/// A word, with the letters that stood in quotes marked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Word {
    letters: Vec<(char, bool)>,
}

impl Word {
    fn text(&self) -> String {
        self.letters.iter().map(|(letter, _)| letter).collect()
    }

    /// Without the first so many letters.
    fn from(&self, start: usize) -> Self {
        Word { letters: self.letters[start..].to_vec() }
    }

    /// Whether this part of it is there without quotes.
    fn begins(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(index, letter)| self.letters.get(index) == Some(&(letter, false)))
    }

    /// The alternatives: what commas part that are not in quotes.
    fn alternatives(&self) -> Vec<Word> {
        self.letters
            .split(|letter| *letter == (',', false))
            .map(|part| Word { letters: part.to_vec() })
            .collect()
    }

    /// The text, and whether a star outside of quotes ends it.
    fn open_end(&self) -> (String, bool) {
        let text = self.text();
        match self.letters.last() {
            Some(('*', false)) => (text[..text.len() - 1].to_owned(), true),
            _ => (text, false),
        }
    }

    /// Whether nothing of it stood in quotes.
    fn is_plain(&self) -> bool {
        self.letters.iter().all(|(_, is_quoted)| !is_quoted)
    }
}

/// An argument as words: one, unless it has double quotes in it.
fn words(argument: &str) -> Result<Vec<Word>, Fault> {
    if !argument.contains('"') {
        return Ok(vec![Word { letters: argument.chars().map(|letter| (letter, false)).collect() }]);
    }
    let (mut found, mut word, mut is_quoted, mut is_begun) = (Vec::new(), Word::default(), false, false);
    for letter in argument.chars() {
        match letter {
            '"' => (is_quoted, is_begun) = (!is_quoted, true),
            blank if blank.is_whitespace() && !is_quoted => {
                if std::mem::take(&mut is_begun) {
                    found.push(std::mem::take(&mut word));
                }
            }
            other => {
                word.letters.push((other, is_quoted));
                is_begun = true;
            }
        }
    }
    if is_quoted {
        return Err(Fault::OpenQuote(argument.to_owned()));
    }
    found.extend(is_begun.then_some(word));
    Ok(found)
}

/// The key a word begins with, and how long it is with its colon. Addresses, paths, times and names of modules
/// have none.
fn key_of(text: &str) -> Option<(String, usize)> {
    let (key, rest) = text.split_once(':')?;
    let is_key = key.len() >= 2 && key.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_value = !rest.starts_with([':', '/', '\\']) && !rest.starts_with(char::is_whitespace);
    (is_key && is_value).then(|| (key.to_ascii_lowercase(), key.len() + 1))
}

fn read<Z: TimeZone>(word: &Word, asker: &Asker<Z>, asked: &mut Asked) -> Result<(), Fault> {
    let (word, is_excluded) = match word {
        word if word.begins("not:") => (word.from(4), true),
        word if word.begins("-") && word.letters.len() > 1 => (word.from(1), true),
        word => (word.clone(), false),
    };
    let whole = word.text();
    let key = key_of(&whole).filter(|(key, _)| word.begins(&whole[..key.len() + 1]));
    let Some((typed, length)) = key else {
        let (text, is_open) = word.open_end();
        return push_text(asked, Text { text, is_excluded, is_open, is_in_title: false });
    };
    let value = word.from(length);
    let Some(key) = Key::parse(&typed) else {
        let near = near(&typed, Key::ALL.iter().map(|(word, _)| *word));
        return Err(Fault::UnknownKey { word: whole, key: typed, near });
    };
    if value.letters.is_empty() && value.is_plain() {
        return Err(Fault::NoValue(key.word()));
    }
    match key {
        Key::Title => {
            let (text, is_open) = value.open_end();
            return push_text(asked, Text { text, is_excluded, is_open, is_in_title: true });
        }
        Key::In => {
            for value in value.alternatives() {
                asked.parts.push(part(&value.text())?);
            }
            return Ok(());
        }
        _ => {}
    }
    let mut any = Vec::new();
    for value in value.alternatives() {
        if value.letters.is_empty() {
            return Err(Fault::NoValue(key.word()));
        }
        any.extend(terms(key, &value, asker)?);
    }
    asked.clauses.push(Clause { is_excluded, any });
    Ok(())
}

fn push_text(asked: &mut Asked, text: Text) -> Result<(), Fault> {
    if text.text.trim().is_empty() {
        return Err(Fault::Empty);
    }
    asked.texts.push(text);
    Ok(())
}

/// The conditions of a key and one value: of which one must hold.
fn terms<Z: TimeZone>(key: Key, value: &Word, asker: &Asker<Z>) -> Result<Vec<Term>, Fault> {
    let text = value.text();
    let time = |typed: &str| {
        time::span(typed, asker.now, &asker.zone)
            .ok_or_else(|| Fault::BadTime { key: key.word(), value: text.clone() })
    };
    let term = match key {
        Key::State => return states(&text),
        Key::Is => is(&text)?,
        Key::Gate => Term::Gate(gate(&text)?),
        Key::Label => Term::Label(pattern(value)),
        Key::Assignee => Term::Assignee(person(key, value, asker)?),
        Key::Author => Term::Author(person(key, value, asker)?),
        Key::Priority => Term::Priority(pattern(value)),
        Key::Readiness => Term::Readiness(pattern(value)),
        Key::Risk => Term::Risk(pattern(value)),
        Key::Created => Term::Created(time(&text)?),
        Key::Updated => Term::Updated(time(&text)?),
        Key::Event => Term::Event(time(&text)?),
        Key::Since => Term::Updated(Span { before: None, ..time(&text)? }),
        Key::Until => Term::Updated(time(&format!("..{text}"))?),
        // Read before: their values are no conditions on fields.
        Key::Title | Key::In => return Ok(Vec::new()),
    };
    Ok(vec![term])
}

fn states(text: &str) -> Result<Vec<Term>, Fault> {
    let lower = text.to_lowercase();
    match lower.as_str() {
        "all" => return Ok(State::ALL.into_iter().map(Term::State).collect()),
        "active" => return Ok(vec![Term::Open]),
        _ => {}
    }
    let known = || State::ALL.into_iter().map(State::word).chain(["active", "all"]).collect();
    State::parse(&lower)
        .map(|state| vec![Term::State(state)])
        .ok_or_else(|| unknown(Key::State, text, known()))
}

fn is(text: &str) -> Result<Term, Fault> {
    Ok(match text.to_lowercase().as_str() {
        "open" => Term::Open,
        "closed" => Term::State(State::Closed),
        "resolved" => Term::Resolved,
        "blocked" => Term::Blocked,
        "assigned" => Term::Assignee(Pattern::Any),
        "unassigned" => Term::Assignee(Pattern::Absent),
        _ => {
            let known = vec!["open", "closed", "resolved", "blocked", "assigned", "unassigned"];
            return Err(unknown(Key::Is, text, known));
        }
    })
}

fn gate(text: &str) -> Result<Gate, Fault> {
    let lower = text.to_lowercase().replace('-', "_");
    let found = Gate::ALL.into_iter().find(|gate| gate.word() == lower);
    found.ok_or_else(|| unknown(Key::Gate, text, Gate::ALL.into_iter().map(Gate::word).collect()))
}

fn part(text: &str) -> Result<Part, Fault> {
    let lower = text.to_lowercase();
    let found = Part::ALL.into_iter().find(|part| {
        let word = part.word();
        word == lower || word.strip_suffix('s') == Some(&lower)
    });
    found.ok_or_else(|| unknown(Key::In, text, Part::ALL.into_iter().map(Part::word).collect()))
}

fn pattern(value: &Word) -> Pattern {
    let text = value.text();
    match (value.is_plain(), text.to_lowercase().as_str()) {
        (true, "any") => return Pattern::Any,
        (true, "none") => return Pattern::Absent,
        _ => {}
    }
    match value.open_end() {
        (text, true) => Pattern::Begins(fold(&text)),
        (text, false) => Pattern::Is(fold(&text)),
    }
}

fn person<Z>(key: Key, value: &Word, asker: &Asker<Z>) -> Result<Pattern, Fault> {
    let is_me = value.is_plain() && matches!(value.text().to_lowercase().as_str(), "me" | "@me");
    if !is_me {
        return Ok(pattern(value));
    }
    (asker.me)().map(|name| Pattern::Is(fold(&name))).ok_or(Fault::Nobody(key.word()))
}

fn unknown(key: Key, value: &str, known: Vec<&'static str>) -> Fault {
    let near = near(&value.to_lowercase(), known.iter().copied());
    Fault::UnknownValue { key: key.word(), value: value.to_owned(), near, known }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Asked, Fault> {
        let now = Moment::parse("2026-06-25T00:00:00Z").unwrap();
        let me = || Some("Kim Li".to_owned());
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        parse(&words, &Asker { now, zone: chrono::Utc, me: &me })
    }

    #[track_caller]
    fn check(words: &[&str], expected: &[Clause]) {
        assert_eq!(parsed(words).unwrap().clauses, expected, "{words:?}");
    }

    #[track_caller]
    fn texts(words: &[&str], expected: &str) {
        let show = |text: Text| {
            let sign = if text.is_excluded { "-" } else { "" };
            let title = if text.is_in_title { "title:" } else { "" };
            let star = if text.is_open { "*" } else { "" };
            format!("{sign}{title}<{}>{star}", text.text)
        };
        let asked = parsed(words).unwrap();
        assert!(asked.clauses.is_empty(), "{asked:?}");
        let shown: Vec<String> = asked.texts.into_iter().map(show).collect();
        assert_eq!(shown.join(" "), expected, "{words:?}");
    }

    fn one(term: Term) -> Clause {
        Clause::of(term)
    }

    fn is(text: &str) -> Pattern {
        Pattern::Is(text.to_owned())
    }

    #[test]
    fn keys_and_values_are_conditions() {
        check(&["state:queued"], &[one(Term::State(State::Queued))]);
        check(&["State:Done"], &[one(Term::State(State::Done))]);
        check(&["is:blocked", "gate:can_start"], &[one(Term::Blocked), one(Term::Gate(Gate::CanStart))]);
        check(&["gate:awaiting-review"], &[one(Term::Gate(Gate::AwaitingReview))]);
        check(&["risk:data loss"], &[one(Term::Risk(is("data loss")))]);
        check(&["label:area/*"], &[one(Term::Label(Pattern::Begins("area/".to_owned())))]);
        check(
            &["assignee:none", "label:any"],
            &[one(Term::Assignee(Pattern::Absent)), one(Term::Label(Pattern::Any))],
        );
        check(
            &["assignee:me", "author:@me"],
            &[one(Term::Assignee(is("kim li"))), one(Term::Author(is("kim li")))],
        );
        check(&["label:ＵＩ"], &[one(Term::Label(is("ui")))]);
        let from = |text: &str| Span { from: Moment::parse(text), before: None };
        check(&["since:2w"], &[one(Term::Updated(from("2026-06-11T00:00:00Z")))]);
        check(
            &["event:2026-06"],
            &[one(Term::Event(Span {
                from: Moment::parse("2026-06-01T00:00:00Z"),
                before: Moment::parse("2026-07-01T00:00:00Z"),
            }))],
        );
        check(&["since:2026-06-01"], &[one(Term::Updated(from("2026-06-01T00:00:00Z")))]);
        check(
            &["until:2026-06-01"],
            &[one(Term::Updated(Span { from: None, before: Moment::parse("2026-06-02T00:00:00Z") }))],
        );
    }

    #[test]
    fn commas_part_alternatives_and_a_minus_excludes() {
        let any = vec![Term::Label(is("ui")), Term::Label(is("web"))];
        check(&["label:ui,web"], &[Clause { is_excluded: false, any: any.clone() }]);
        check(&["-label:ui,web"], &[Clause { is_excluded: true, any: any.clone() }]);
        check(&["not:label:ui,web"], &[Clause { is_excluded: true, any }]);
    }

    #[test]
    fn what_is_in_quotes_is_only_what_it_is() {
        check(&["label:\"a,b\""], &[one(Term::Label(is("a,b")))]);
        check(
            &["label:\"none\"", "assignee:\"me\""],
            &[one(Term::Label(is("none"))), one(Term::Assignee(is("me")))],
        );
        check(&["label:\"x*\""], &[one(Term::Label(is("x*")))]);
        check(
            &["label:\"needs info\" risk:b"],
            &[one(Term::Label(is("needs info"))), one(Term::Risk(is("b")))],
        );
        texts(&["\"state:queued\""], "<state:queued>");
        texts(&["\"orchestrator routing\" fox*"], "<orchestrator routing> <fox>*");
        texts(&["\"-fox\"", "\"fox*\""], "<-fox> <fox*>");
    }

    #[test]
    fn other_words_are_text() {
        texts(&["quick brown", "fox"], "<quick brown> <fox>");
        texts(&["rout*", "not:fox", "-fox", "-"], "<rout>* -<fox> -<fox> <->");
        texts(&["title:設計", "-title:x*"], "title:<設計> -title:<x>*");
        texts(
            &["std::path", "https://example.org", "C:\\x", "12:30", "fix: it", "設計:x"],
            "<std::path> <https://example.org> <C:\\x> <12:30> <fix: it> <設計:x>",
        );
        assert_eq!(parsed(&["x", "in:thread,artifact"]).unwrap().parts, [Part::Thread, Part::Artifacts]);
    }

    #[test]
    fn what_is_not_understood_is_named_with_what_is_near() {
        let told = |word: &str| {
            let fault = parsed(&[word]).unwrap_err();
            format!("{fault} | {}", fault.hint().unwrap_or_default())
        };
        for (word, expected) in [
            ("lable:x", "'lable:x' has no key that is known: 'lable:' | did you mean 'label:'?"),
            (
                "foo:bar",
                "'foo:bar' has no key that is known: 'foo:' | '\"foo:bar\"' in double quotes is text to look for",
            ),
            (
                "state:que",
                "'state:que': there are planning, ready, queued, inprogress, done, closed, active, all | did you mean 'state:queued'?",
            ),
            (
                "is:blokced",
                "'is:blokced': there are open, closed, resolved, blocked, assigned, unassigned | did you mean 'is:blocked'?",
            ),
            ("in:nowhere", "'in:nowhere': there are title, body, thread, artifacts, commits | "),
            ("label:", "'label:' lacks a value | "),
            ("label:a,", "'label:' lacks a value | "),
            ("\"open", "'\\\"open' has an open double quote | "),
            ("\"\"", "a word to look for is empty | "),
        ] {
            assert_eq!(told(word), expected);
        }
        assert!(told("since:soon").starts_with("'since:soon' is no time | such as 2026-06-25"));
    }

    #[test]
    fn an_exclusion_is_told_from_an_option() {
        for word in ["-label:x", "-lable:x", "-is:open", "-in:body"] {
            assert!(is_exclusion(word), "{word}");
        }
        for word in ["-n", "-n5", "-z", "-Cx:y", "-n:x", "--label:x", "-C:x", "label:x", "-", "-fox"] {
            assert!(!is_exclusion(word), "{word}");
        }
    }
}
