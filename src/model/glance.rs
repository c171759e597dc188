//! A row of a table of tickets, and who takes one row after another.

use super::id::TicketId;
use super::moment::Moment;
use super::state::State;
use super::summary::Summary;

/// What a table shows of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Glance<'a> {
    /// Its id.
    pub id: TicketId,
    /// How many characters of its id's end tell it from every other ticket.
    pub suffix: usize,
    /// Where it stands.
    pub state: State,
    /// When it last changed, where the file says so in the known form.
    pub updated_at: Option<Moment>,
    /// What it is about.
    pub title: &'a str,
    /// Free words.
    pub labels: Labels<'a>,
}

/// The labels of a row, wherever they are.
#[derive(Debug, Clone, Copy)]
pub enum Labels<'a> {
    /// Words that are in memory.
    Words(&'a [String]),
    /// So many words, one after another; a function reads the next one and gives the rest.
    Packed(usize, &'a [u8], Unpack<'a>),
}

/// Reads a word off the beginning of packed ones, and gives the rest.
pub type Unpack<'a> = fn(&'a [u8]) -> Option<(&'a str, &'a [u8])>;

impl<'a> Labels<'a> {
    /// The words in order.
    pub fn each(self) -> impl Iterator<Item = &'a str> {
        let (words, mut packed) = match self {
            Labels::Words(words) => (words, None),
            Labels::Packed(number, bytes, read) => (&[][..], Some((number, bytes, read))),
        };
        let next = move || {
            let (number, bytes, read) = packed.as_mut()?;
            *number = number.checked_sub(1)?;
            let (word, rest) = read(bytes)?;
            *bytes = rest;
            Some(word)
        };
        words.iter().map(String::as_str).chain(std::iter::from_fn(next))
    }
}

impl PartialEq for Labels<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.each().eq(other.each())
    }
}

impl<'a> From<&'a Summary> for Glance<'a> {
    fn from(summary: &'a Summary) -> Self {
        Glance {
            id: summary.id,
            suffix: summary.suffix,
            state: summary.state,
            updated_at: summary.updated_at,
            title: &summary.title,
            labels: Labels::Words(&summary.labels),
        }
    }
}

/// What is known of all rows before the first one is told: how wide columns have to be follows from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The states of the tickets.
    pub states: Vec<State>,
    /// One of them says when it last changed.
    pub has_times: bool,
}

impl Columns {
    /// Of rows that are all there.
    pub fn of(tickets: &[Summary]) -> Self {
        let mut states: Vec<State> = tickets.iter().map(|ticket| ticket.state).collect();
        states.sort_unstable();
        states.dedup();
        Columns { states, has_times: tickets.iter().any(|ticket| ticket.updated_at.is_some()) }
    }
}

/// Takes a table row by row.
pub trait Taker {
    /// Hears what the rows have in common, before the first one; says whether it wants any.
    fn begin(&mut self, columns: &Columns) -> bool;

    /// Takes a row; says whether it wants more.
    fn take(&mut self, row: &Glance) -> bool;
}
