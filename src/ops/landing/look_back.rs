//! Recording landings and commits of a history that was written without this program.

use std::collections::HashMap;

use crate::model::commit::{self, Commit};
use crate::model::history::{Confidence, Finding as Found, Tip};
use crate::model::id::TicketId;
use crate::model::rule::landing::{Discovery, Finding, Guess};
use crate::ops::land_history;
use crate::ops::session::Session;

use super::{Looked, publish, targets};

/// What a look back brought.
#[derive(Debug, Clone, Default)]
pub struct LookedBack {
    /// What was found.
    pub looked: Looked,
    /// Whether the history goes further back than was looked at.
    pub is_cut: bool,
    /// Tickets that can't be read, and why.
    pub unreadable: Vec<(TicketId, String)>,
    /// What is wrong with folders of tickets that can't be read at all.
    pub damaged: Vec<String>,
}

/// Looks through all of the target branches' history for landings and commits of every ticket, and records
/// them in one operation. With `is_sure` what has low confidence is left out; with `is_dry` nothing is written.
///
/// # Errors
/// When the repository can't be read, or something was found and can't be written.
pub fn look_back(session: &Session, is_sure: bool, is_dry: bool) -> anyhow::Result<LookedBack> {
    let targets = targets(session)?;
    let mut tips: Vec<Tip> = Vec::new();
    for target in &targets {
        for (_, commit) in &target.refs {
            tips.push(Tip { name: target.name.clone(), commit: commit.clone() });
        }
    }
    let material = land_history::gather(session, &tips)?;
    let found = land_history::among(&material, &tips);
    let commits: HashMap<&str, &Commit> =
        material.commits.iter().map(|commit| (commit.id.as_str(), commit)).collect();
    let target = targets.first().map(|target| target.name.as_str()).unwrap_or_default();
    let mut findings = Vec::new();
    for ticket in &found {
        findings.extend(findings_of(ticket, &commits, target, is_sure));
    }
    let snapshot = session.snapshot()?;
    let mut entries = Vec::new();
    for of_one in findings.chunk_by(|one, other| one.ticket == other.ticket) {
        let Some(mut stored) = super::readable(&snapshot, &of_one[0].ticket) else { continue };
        for finding in of_one {
            entries.extend(super::apply(session, &snapshot, &mut stored, finding)?);
        }
    }
    if !is_dry && !entries.is_empty() {
        entries = publish::publish(session, entries)?;
    }
    Ok(LookedBack {
        looked: Looked { entries, is_complete: true, commits: material.commits.len() },
        is_cut: material.is_cut,
        unreadable: material.unreadable,
        damaged: material.damaged,
    })
}

/// The landing of a ticket, then its commits that no landing brought.
fn findings_of(found: &Found, commits: &HashMap<&str, &Commit>, target: &str, is_sure: bool) -> Vec<Finding> {
    let finding =
        |id: &str, discovery: Discovery, how: &str, confidence: Confidence, signal: &'static str| {
            let commit = commits.get(id)?;
            Some(Finding {
                ticket: found.ticket_id,
                discovery,
                target: target.to_owned(),
                is_first_target: true,
                commit: commit.id.clone(),
                subject: commit.key.subject.clone(),
                committed: commit.committed,
                how: how.to_owned(),
                guess: Some(Guess { confidence: confidence.word(), signal }),
            })
        };
    let is_wanted = |confidence: Confidence| !is_sure || confidence == Confidence::High;
    let mut findings = Vec::new();
    if let Some(landing) = found.landing.as_ref().filter(|landing| is_wanted(landing.confidence)) {
        let line = |id: &String| {
            let subject = commits.get(id.as_str()).map(|commit| commit.key.subject.clone());
            (commit::short(id).to_owned(), subject.unwrap_or_default())
        };
        let brought = landing.brought.iter().map(line).collect();
        let (how, signal) = (landing.how.word(), landing.signal.words());
        findings.extend(finding(&landing.commit, Discovery::Land(brought), how, landing.confidence, signal));
    }
    for link in found.links.iter().filter(|link| is_wanted(link.confidence)) {
        let is_brought = found.landing.as_ref().is_some_and(|landing| {
            is_wanted(landing.confidence)
                && (landing.commit == link.commit || landing.brought.contains(&link.commit))
        });
        if !is_brought {
            findings.extend(finding(
                &link.commit,
                Discovery::Link,
                "link",
                link.confidence,
                link.signal.words(),
            ));
        }
    }
    findings
}
