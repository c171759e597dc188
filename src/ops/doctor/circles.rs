//! Tickets that wait for each other in a circle, so that none of them can ever start; and tickets that take each
//! other's place in a circle, so that none of them is the one to go on with. No command here makes one; merges and
//! imports can bring one, and so can who takes back that a relation was taken away.

use std::collections::VecDeque;

use super::findings::Findings;
use crate::format::layout;
use crate::model::id::TicketId;
use crate::model::relation::{Order, Relation};

/// How many circles are told one by one.
const MOST: usize = 32;
/// How many tickets of one circle are named.
const LONGEST: usize = 32;

/// Looks for circles among the relations of all tickets.
pub(super) fn check(relations: &[Relation], findings: &mut Findings) {
    let (circles, left_out) = circles(relations);
    tell("dependency_cycle", "wait for each other", circles, left_out, findings);
    let (circles, left_out) = circles_in(Order::Replacing, relations);
    tell("replacement_cycle", "take each other's place", circles, left_out, findings);
}

fn tell(
    code: &'static str,
    what: &str,
    circles: Vec<Vec<TicketId>>,
    left_out: usize,
    findings: &mut Findings,
) {
    for circle in circles {
        let mut names: Vec<String> = circle.iter().map(TicketId::to_string).collect();
        if names.len() > LONGEST {
            let hidden = names.len() - LONGEST;
            names.splice(LONGEST - 1..names.len() - 1, [format!("({hidden} more)")]);
        }
        let why = format!("tickets {what} in a circle: {}", names.join(" -> "));
        findings.in_file(circle[0], layout::RELATIONS).warning(code, None, why);
    }
    if left_out > 0 {
        let why = format!("and {left_out} more circles of tickets that {what}");
        findings.on_ref(None).warning(code, None, why);
    }
}

/// For each group of tickets that wait for each other a shortest way round, from its smallest id back to
/// it; and how many groups more there are.
pub(in crate::ops) fn circles(relations: &[Relation]) -> (Vec<Vec<TicketId>>, usize) {
    circles_in(Order::Waiting, relations)
}

fn circles_in(order: Order, relations: &[Relation]) -> (Vec<Vec<TicketId>>, usize) {
    let relations = relations.iter().filter(|relation| relation.kind.order() == Some(order));
    let graph = Graph::new(
        relations.filter_map(|relation| relation.kind.leads(relation.ticket_id, relation.target)).collect(),
    );
    let group = graph.groups();
    let mut sizes = vec![0_usize; group.len()];
    group.iter().for_each(|group| sizes[*group] += 1);
    let mut found = Vec::new();
    let mut left_out = 0;
    for start in 0..graph.ids.len() {
        // The first of a group to be met has its smallest id; a group is told once.
        if std::mem::take(&mut sizes[group[start]]) < 2 {
            continue;
        }
        if found.len() < MOST {
            found.push(graph.way_round(start, &group));
        } else {
            left_out += 1;
        }
    }
    (found, left_out)
}

/// Who waits for whom, or gives way to whom; tickets by their place in the order of ids.
struct Graph {
    ids: Vec<TicketId>,
    waits_for: Vec<Vec<usize>>,
    waited_for_by: Vec<Vec<usize>>,
}

impl Graph {
    fn new(pairs: Vec<(TicketId, TicketId)>) -> Self {
        let mut ids: Vec<TicketId> = pairs.iter().flat_map(|(from, to)| [*from, *to]).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut waits_for = vec![Vec::new(); ids.len()];
        let mut waited_for_by = vec![Vec::new(); ids.len()];
        for (from, to) in &pairs {
            if let (Ok(from), Ok(to)) = (ids.binary_search(from), ids.binary_search(to)) {
                waits_for[from].push(to);
                waited_for_by[to].push(from);
            }
        }
        Graph { ids, waits_for, waited_for_by }
    }

    /// For each ticket the number of its group: those that reach each other (Kosaraju's two passes, without
    /// recursion: chains may be long).
    fn groups(&self) -> Vec<usize> {
        let mut is_seen = vec![false; self.ids.len()];
        let mut finished = Vec::with_capacity(self.ids.len());
        for start in 0..self.ids.len() {
            let mut open = vec![(start, 0)];
            if std::mem::replace(&mut is_seen[start], true) {
                continue;
            }
            while let Some((here, next)) = open.pop() {
                match self.waits_for[here].get(next) {
                    None => finished.push(here),
                    Some(&there) => {
                        open.push((here, next + 1));
                        if !std::mem::replace(&mut is_seen[there], true) {
                            open.push((there, 0));
                        }
                    }
                }
            }
        }
        let mut group: Vec<Option<usize>> = vec![None; self.ids.len()];
        for &start in finished.iter().rev() {
            let mut open = vec![start];
            while let Some(here) = open.pop() {
                if group[here].is_none() {
                    group[here] = Some(start);
                    open.extend(self.waited_for_by[here].iter().filter(|there| group[**there].is_none()));
                }
            }
        }
        group.into_iter().enumerate().map(|(index, group)| group.unwrap_or(index)).collect()
    }

    /// A shortest way from a ticket back to it, inside its group.
    fn way_round(&self, start: usize, group: &[usize]) -> Vec<TicketId> {
        let mut came_from: Vec<Option<usize>> = vec![None; self.ids.len()];
        let mut open = VecDeque::from([start]);
        while let Some(here) = open.pop_front() {
            for &next in &self.waits_for[here] {
                if group[next] == group[start] && came_from[next].is_none() {
                    came_from[next] = Some(here);
                    open.push_back(next);
                }
            }
        }
        let mut way = vec![self.ids[start]];
        let mut here = start;
        while let Some(previous) = came_from[here] {
            way.push(self.ids[previous]);
            here = previous;
            if here == start {
                break;
            }
        }
        way.reverse();
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::relation::Kind;

    fn relation(from: u64, kind: Kind, to: u64) -> Relation {
        let id = TicketId::from_millis;
        let (author, at) = ("a".to_owned(), "2026-06-25T14:44:03Z".to_owned());
        Relation { ticket_id: id(from), kind, target: id(to), note: None, author, at }
    }

    fn ways(relations: &[Relation]) -> Vec<Vec<u64>> {
        let millis = |way: &Vec<TicketId>| way.iter().map(TicketId::millis).collect();
        circles(relations).0.iter().map(millis).collect()
    }

    #[test]
    fn every_circle_is_told_once_by_its_shortest_way_round() {
        let depends = |from, to| relation(from, Kind::DependsOn, to);
        let chain = [depends(1, 2), depends(2, 3), relation(1, Kind::Related, 3), depends(9, 1)];
        assert_eq!(ways(&chain), Vec::<Vec<u64>>::new());
        let closed = [&chain[..], &[depends(3, 1), relation(3, Kind::Blocks, 1), depends(2, 1)]].concat();
        assert_eq!(ways(&closed), [[1, 2, 1]]);
        let two = [depends(5, 4), relation(5, Kind::Blocks, 4), depends(7, 8), depends(4, 7), depends(8, 7)];
        assert_eq!(ways(&two), [[4, 5, 4], [7, 8, 7]]);
    }

    #[test]
    fn tickets_that_take_each_others_place_are_told_by_themselves() {
        let relations = [
            relation(1, Kind::Supersedes, 2),
            relation(2, Kind::Supersedes, 3),
            relation(3, Kind::DuplicateOf, 4),
            relation(4, Kind::DependsOn, 1),
        ];
        let found = |relations: &[Relation]| {
            let mut findings = Findings::default();
            check(relations, &mut findings);
            findings.into_sorted().into_iter().map(|one| (one.code, one.message)).collect::<Vec<_>>()
        };
        assert_eq!(found(&relations), []);
        let closed = [&relations[..], &[relation(4, Kind::DuplicateOf, 3), relation(3, Kind::Supersedes, 1)]];
        let way = |numbers: &[u64]| {
            let names: Vec<String> =
                numbers.iter().map(|one| TicketId::from_millis(*one).to_string()).collect();
            format!("tickets take each other's place in a circle: {}", names.join(" -> "))
        };
        assert_eq!(found(&closed.concat()), [("replacement_cycle", way(&[1, 3, 2, 1]))]);
    }

    #[test]
    fn long_chains_and_circles_are_walked_in_one_go() {
        let last = 200_000;
        let mut relations: Vec<Relation> =
            (0..last).map(|number| relation(number, Kind::DependsOn, number + 1)).collect();
        assert_eq!(ways(&relations), Vec::<Vec<u64>>::new());
        relations.push(relation(last, Kind::DependsOn, 0));
        let mut findings = Findings::default();
        check(&relations, &mut findings);
        let message = &findings.into_sorted()[0].message;
        assert!(message.contains("(199970 more) -> 0000000000000"), "{message}");
    }

    #[test]
    fn more_circles_than_can_be_told_are_counted() {
        let pair = |number: u64| {
            let (left, right) = (2 * number, 2 * number + 1);
            [relation(left, Kind::DependsOn, right), relation(right, Kind::DependsOn, left)]
        };
        let relations: Vec<Relation> = (0..40).flat_map(pair).collect();
        let (told, left_out) = circles(&relations);
        assert_eq!((told.len(), left_out), (32, 8));
    }
}
