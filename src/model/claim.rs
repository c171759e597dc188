//! Claims: who took a ticket, and whose claim counts when several took it at once.
//!
//! A claim is a move from queued to inprogress. One that was made known to others in the moment it was made
//! is *shared*: it was pushed before it was written here, so there is no other of its round. One that could
//! not be, is *local* until a later push carries it; a `claim` event then says that it was accepted. When
//! claims meet in a merge, a shared or accepted one counts more than a local one, and an earlier one more
//! than a later. It follows from the thread alone, so everybody sees the same one.

use std::collections::BTreeSet;

use ulid::Ulid;

use super::derived;
use super::event::{Event, Kind};
use super::id::TicketId;
use super::state::State;

/// The attribute of a move that says how well it is known.
pub const CLAIM: &str = "claim";
/// The attribute of a move that names who has the ticket from then on; empty when nobody has.
pub const ASSIGNEE: &str = "assignee";
/// The attribute of a `claim` event that names the move it accepts.
pub const OF: &str = "of";

/// How well others know of a claim when it is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was pushed first.
    Shared,
    /// It could not be pushed; a later push decides.
    Local,
}

impl Standing {
    /// The word in the header.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Shared => "shared",
            Standing::Local => "local",
        }
    }
}

/// A claim as a thread records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The event that made it.
    pub id: Ulid,
    /// Who took the ticket.
    pub by: String,
    /// Who wrote that.
    pub author: String,
    /// When, as the header says it.
    pub at: String,
    /// It was pushed first, or accepted since.
    pub is_known: bool,
    /// It was marked as one that others don't know of yet.
    pub is_marked: bool,
}

impl Claim {
    /// The one that counts is the smaller.
    fn rank(&self) -> (bool, Ulid) {
        (!self.is_known, self.id)
    }

    /// Whether it still has to be made known.
    pub fn is_pending(&self) -> bool {
        self.is_marked && !self.is_known
    }
}

/// What a thread says about who has the ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Whose claim counts now; `None` when nobody works on the ticket, or nobody claimed it.
    pub holder: Option<Claim>,
    /// The claims of the present round that lost against another.
    pub lost: Vec<Claim>,
    /// The moves that don't count: claims that lost, and what their makers did to give them up.
    pub void: BTreeSet<Ulid>,
    /// Whose claim counted when the ticket was last in progress.
    last: Option<Claim>,
    state: Option<State>,
}

/// The id of the event that accepts a claim: it follows from the claim, so whoever carries it makes the same.
pub fn acceptance(ticket: &TicketId, claim: Ulid) -> Ulid {
    derived::event_id(claim.timestamp_ms() + 1, &[Kind::Claim.word(), ticket.as_str(), &claim.to_string()])
}

/// Whether an event of a ticket accepts a claim as [`acceptance`] has it.
pub fn is_acceptance(ticket: &TicketId, event: &Event) -> bool {
    let claim = event.attribute(OF).and_then(|of| of.parse().ok());
    event.kind == Kind::Claim && event.id.is_some() && event.id == claim.map(|of| acceptance(ticket, of))
}

/// Reads the claims of a thread, in its order.
pub fn claims(events: &[Event]) -> Claims {
    let accepted: BTreeSet<Ulid> = events
        .iter()
        .filter(|event| event.kind == Kind::Claim)
        .filter_map(|event| event.attribute(OF)?.parse().ok())
        .collect();
    let mut claims = Claims::default();
    for event in events.iter().filter(|event| event.kind == Kind::StateChanged) {
        match claim(event, &accepted) {
            Some(claim) => claims.meet(claim),
            None => claims.follow(event),
        }
    }
    claims
}

/// Whether a move takes a ticket, and nothing but the commits made it.
pub fn is_claim(event: &Event) -> bool {
    claim(event, &BTreeSet::new()).is_some()
}

fn claim(event: &Event, accepted: &BTreeSet<Ulid>) -> Option<Claim> {
    let is_move = event.kind == Kind::StateChanged
        && state(event, "from") == Some(State::Queued)
        && state(event, "to") == Some(State::InProgress);
    // Events of older tools have no place among those that are made at once.
    let id = event.id.filter(|_| is_move && event.author != derived::AUTHOR)?;
    let word = event.attribute(CLAIM);
    let by = event.attribute(ASSIGNEE).filter(|name| !name.is_empty()).unwrap_or(&event.author);
    Some(Claim {
        id,
        by: by.to_owned(),
        author: event.author.clone(),
        at: event.at.clone(),
        is_known: word == Some(Standing::Shared.word()) || accepted.contains(&id),
        is_marked: word == Some(Standing::Local.word()),
    })
}

fn state(event: &Event, name: &str) -> Option<State> {
    event.attribute(name).and_then(State::parse)
}

impl Claims {
    /// Whose claim counts or, when the ticket is no more in progress, counted last.
    pub fn who(&self) -> Option<&Claim> {
        self.holder.as_ref().or(self.last.as_ref())
    }

    /// The claim of an actor that lost against another's, unless the actor has the ticket besides.
    pub fn lost_by(&self, actor: &str) -> Option<&Claim> {
        let is_holder = self.holder.as_ref().is_some_and(|claim| claim.by == actor || claim.author == actor);
        let mut lost = self.lost.iter().filter(|_| !is_holder);
        lost.find(|claim| claim.by == actor || claim.author == actor)
    }

    /// What those should know who took it and were later, in words.
    pub fn attention(&self) -> Option<String> {
        let by = &self.who()?.by;
        let lost: Vec<&str> = self.lost.iter().map(|claim| claim.by.as_str()).collect();
        let were = if lost.len() == 1 { "was" } else { "were" };
        (!lost.is_empty()).then(|| format!("{by} has it; {} took it too, and {were} later", lost.join(", ")))
    }

    fn meet(&mut self, claim: Claim) {
        let is_new_round = self.state.is_none_or(|state| state == State::Queued);
        let rival = match &self.holder {
            Some(holder) => Some(holder.clone()),
            // It was taken from the queue, where the ticket was no more: somebody had been faster.
            None => self.last.clone().filter(|_| !is_new_round),
        };
        let Some(rival) = rival else {
            self.lost.clear();
            self.holder = Some(claim);
            self.state = Some(State::InProgress);
            return;
        };
        let is_better = claim.rank() < rival.rank();
        let (winner, loser) = if is_better { (claim, rival) } else { (rival, claim) };
        self.void.insert(loser.id);
        if loser.by != winner.by {
            self.lost.push(loser);
        }
        if is_better || self.holder.is_some() {
            self.holder = Some(winner);
            self.state = Some(State::InProgress);
        }
    }

    fn follow(&mut self, event: &Event) {
        let (from, to) = (state(event, "from"), state(event, "to"));
        if (from, to) == (Some(State::InProgress), Some(State::Queued))
            && let (Some(id), Some(holder)) = (event.id, &self.holder)
            && holder.author != event.author
            && let Some(place) = self.lost.iter().position(|lost| lost.author == event.author)
        {
            self.lost.remove(place);
            self.void.insert(id);
            return;
        }
        match to {
            Some(State::InProgress) if from == Some(State::Done) => self.holder = self.last.clone(),
            Some(State::InProgress) => {}
            Some(_) | None => {
                if self.holder.is_some() {
                    self.last = self.holder.take();
                    self.lost.clear();
                }
            }
        }
        self.state = to.or(self.state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(millis: u64, author: &str, from: State, to: State, word: Option<&str>) -> Event {
        let mut attributes = vec![("from".to_owned(), from.word()), ("to".to_owned(), to.word())];
        attributes.extend(word.map(|word| (CLAIM.to_owned(), word)));
        Event {
            kind: Kind::StateChanged,
            author: author.to_owned(),
            at: String::new(),
            id: Some(Ulid::from_parts(millis, 1)),
            attributes: attributes.into_iter().map(|(key, value)| (key, value.to_owned())).collect(),
            heading: None,
            body: String::new(),
        }
    }

    fn take(millis: u64, author: &str, word: Option<&str>) -> Event {
        moved(millis, author, State::Queued, State::InProgress, word)
    }

    fn told(events: &[Event]) -> (String, Vec<String>, usize) {
        let claims = claims(events);
        let lost = claims.lost.iter().map(|claim| claim.by.clone()).collect();
        (claims.holder.map(|claim| claim.by).unwrap_or_default(), lost, claims.void.len())
    }

    fn expect(holder: &str, lost: &[&str], void: usize) -> (String, Vec<String>, usize) {
        (holder.to_owned(), lost.iter().map(|name| (*name).to_owned()).collect(), void)
    }

    #[test]
    fn a_claim_that_was_pushed_counts_more_than_an_earlier_one_that_was_not() {
        let (local, shared) = (take(3, "bo", Some("local")), take(5, "al", Some("shared")));
        assert_eq!(told(std::slice::from_ref(&local)), expect("bo", &[], 0));
        assert_eq!(told(&[local.clone(), shared.clone()]), expect("al", &["bo"], 1));
        assert_eq!(told(&[local, take(5, "al", Some("local"))]), expect("bo", &["al"], 1));
        // The same person twice is nobody's loss.
        assert_eq!(told(&[take(3, "al", Some("local")), shared]), expect("al", &[], 1));
    }

    #[test]
    fn a_local_claim_that_was_accepted_holds_against_an_earlier_one() {
        let mut accepted = take(6, "git-yoi", None);
        accepted.kind = Kind::Claim;
        accepted.attributes = vec![(OF.to_owned(), Ulid::from_parts(5, 1).to_string())];
        let both = [take(3, "bo", Some("local")), take(5, "al", Some("local")), accepted];
        assert_eq!(told(&both), expect("al", &["bo"], 1));
        assert!(claims(&both[..1]).holder.is_some_and(|claim| claim.is_pending()));
        assert!(claims(&both).holder.is_some_and(|claim| !claim.is_pending()));
    }

    #[test]
    fn what_was_done_meanwhile_is_not_undone_by_a_claim_that_came_too_late() {
        let done = moved(7, "al", State::InProgress, State::Done, None);
        let late = [take(5, "al", Some("shared")), done, take(9, "bo", Some("local"))];
        assert_eq!(told(&late), expect("", &["bo"], 1));
        let released = moved(7, "al", State::InProgress, State::Queued, None);
        let free = [take(5, "al", Some("shared")), released, take(9, "bo", Some("local"))];
        assert_eq!(told(&free), expect("bo", &[], 0));
    }

    #[test]
    fn whoever_lost_gives_up_only_their_own_claim() {
        let given_up = moved(7, "bo", State::InProgress, State::Queued, None);
        let events = [take(5, "al", Some("shared")), take(6, "bo", Some("local")), given_up];
        assert_eq!(told(&events), expect("al", &[], 2));
        let released = moved(7, "al", State::InProgress, State::Queued, None);
        let events = [take(5, "al", Some("shared")), take(6, "bo", Some("local")), released];
        assert_eq!(told(&events), expect("", &[], 1));
    }
}
