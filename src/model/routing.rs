//! Routing decisions: what an orchestrator decided about a ticket, and the IntentPacket it hands to a coder.

use std::collections::BTreeMap;
use std::fmt;

/// What a decision comes to, whatever word it used for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// What is asked for is not clear yet.
    RequirementsSync,
    /// It goes back to planning.
    ReturnToPlanning,
    /// Something has to be tried out first.
    Spike,
    /// Somebody can work on it.
    ImplementationReady,
    /// Work waits for a review.
    Review,
    /// Something else has to happen first: another ticket, or somebody's word.
    Blocked,
    /// It can be closed.
    CloseReady,
    /// There is nothing to do.
    ClosedOrNoop,
    /// It could start, and is held back for now.
    Waiting,
    /// None of these: an older word, or a sentence.
    Other,
}

/// The eight words of the workflow, with what they come to.
pub const WORDS: [(&str, Class); 8] = [
    ("requirements_sync_needed", Class::RequirementsSync),
    ("return_to_planning", Class::ReturnToPlanning),
    ("spike_needed", Class::Spike),
    ("implementation_ready", Class::ImplementationReady),
    ("review_needed", Class::Review),
    ("blocked_by_dependency_or_missing_authority", Class::Blocked),
    ("close_ready", Class::CloseReady),
    ("closed_or_noop", Class::ClosedOrNoop),
];

/// How words begin that come to something without being one of the eight.
const PREFIXES: [(&str, Class); 5] = [
    ("blocked", Class::Blocked),
    ("wait", Class::Waiting),
    ("still_waiting", Class::Waiting),
    ("hold", Class::Waiting),
    ("defer", Class::Waiting),
];

impl Class {
    /// What a word comes to, by how it begins: half of the words in use are variants.
    pub fn of(word: &str) -> Self {
        let begins = |(start, _): &&(&str, Class)| word.starts_with(start);
        WORDS.iter().chain(&PREFIXES).find(begins).map_or(Class::Other, |(_, class)| *class)
    }

    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Class::Waiting => "waiting",
            Class::Other => "other",
            named => WORDS.iter().find(|(_, class)| *class == named).map_or("other", |(word, _)| word),
        }
    }

    /// Whether the decision was to leave the ticket where it is until something else has happened.
    pub fn holds_back(self) -> bool {
        matches!(self, Class::Blocked | Class::Waiting)
    }
}

/// The word of a decision that shall be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classification(String);

impl Classification {
    /// Reads one of the eight words or a variant: a word that begins like one of them, or with `blocked`,
    /// `waiting`, `hold` or `defer`. Hyphens stand for underscores.
    pub fn parse(typed: &str) -> Option<Self> {
        let word = typed.trim().replace('-', "_");
        let is_word = word.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_'));
        (is_word && word.len() <= 100 && Class::of(&word) != Class::Other).then_some(Classification(word))
    }

    /// The word.
    pub fn word(&self) -> &str {
        &self.0
    }

    /// What it comes to.
    pub fn class(&self) -> Class {
        Class::of(&self.0)
    }
}

impl fmt::Display for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A section of an IntentPacket, in the order they are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// What shall be reached.
    Intent,
    /// What must hold whatever is done.
    Binding,
    /// What must be there at the end.
    Requirements,
    /// What the coder may decide.
    Latitude,
    /// When to come back and ask.
    Escalate,
    /// How it is checked.
    Validation,
    /// Where to look in the code.
    CodeMap,
    /// What may go wrong, and what reviewers look at.
    Risks,
}

impl Part {
    /// All sections, in the order they are written.
    pub const ALL: [Part; 8] = [
        Part::Intent,
        Part::Binding,
        Part::Requirements,
        Part::Latitude,
        Part::Escalate,
        Part::Validation,
        Part::CodeMap,
        Part::Risks,
    ];

    /// The label that begins it, without its colon.
    pub fn label(self) -> &'static str {
        match self {
            Part::Intent => "Intent",
            Part::Binding => "Binding decisions / invariants",
            Part::Requirements => "Requirements / acceptance criteria",
            Part::Latitude => "Implementation latitude",
            Part::Escalate => "Escalate if",
            Part::Validation => "Validation",
            Part::CodeMap => "Current code map",
            Part::Risks => "Critical risks / reviewer focus",
        }
    }

    /// A stable word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Part::Intent => "intent",
            Part::Binding => "binding_decisions",
            Part::Requirements => "requirements",
            Part::Latitude => "implementation_latitude",
            Part::Escalate => "escalate_if",
            Part::Validation => "validation",
            Part::CodeMap => "current_code_map",
            Part::Risks => "critical_risks",
        }
    }

    /// Whether no packet is written without it: those that at least four in five of the packets written so far
    /// have. Latitude has 76 % of them, risks 64 %, a code map 39 %.
    pub fn is_required(self) -> bool {
        match self {
            Part::Intent | Part::Binding | Part::Requirements | Part::Escalate | Part::Validation => true,
            Part::Latitude | Part::CodeMap | Part::Risks => false,
        }
    }
}

/// An IntentPacket: the contract between who routes a ticket and who implements and reviews it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packet {
    /// The sections that are there; Markdown without blank lines at either end.
    pub sections: BTreeMap<Part, String>,
}

impl Packet {
    /// The sections it must not be without and is.
    pub fn missing(&self) -> Vec<Part> {
        let lacks = |part: &Part| part.is_required() && !self.sections.contains_key(part);
        Part::ALL.into_iter().filter(lacks).collect()
    }

    /// The sections that are there and say nothing.
    pub fn empty(&self) -> Vec<Part> {
        let says_nothing = |text: &str| text.lines().all(|line| matches!(line.trim(), "" | "-" | "*"));
        self.sections.iter().filter(|(_, text)| says_nothing(text)).map(|(part, _)| *part).collect()
    }
}

/// A routing decision as a thread has it. Texts are Markdown without blank lines at either end, and empty
/// where the decision says nothing of the kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// The word, or the sentence that stands in its place; empty when there is only a packet.
    pub word: String,
    /// Why.
    pub reason: String,
    /// What was looked at.
    pub evidence: String,
    /// What comes next.
    pub next: String,
    /// When to come back and ask; with a packet, that has them.
    pub escalate: String,
    /// The contract.
    pub packet: Option<Packet>,
}

impl Decision {
    /// What it comes to.
    pub fn class(&self) -> Class {
        Class::of(&self.word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_to_something_by_how_they_begin() {
        for (word, class) in WORDS {
            assert_eq!((Class::of(word), class.word()), (class, word));
        }
        for (word, class) in [
            ("implementation_ready_parallel", Class::ImplementationReady),
            ("blocked_pending_dependency", Class::Blocked),
            ("waiting_capacity", Class::Waiting),
            ("wait_do_not_parallelize_with_sidebar", Class::Waiting),
            ("hold_for_release", Class::Waiting),
            ("defer_pending_policy_merge", Class::Waiting),
            ("preflight_needed", Class::Other),
            ("accept for implementation", Class::Other),
            ("", Class::Other),
        ] {
            assert_eq!(Class::of(word), class, "{word}");
        }
    }

    #[test]
    fn what_is_no_word_of_the_workflow_is_not_written() {
        let read = |typed: &str| Classification::parse(typed).map(|word| word.word().to_owned());
        assert_eq!(read(" implementation-ready "), Some("implementation_ready".to_owned()));
        assert_eq!(read("blocked_on_legal"), Some("blocked_on_legal".to_owned()));
        for bad in
            ["", "ready", "implementation ready", "blocked: x", "Implementation_ready", "blocked\u{301}"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_packet_says_what_it_lacks() {
        let section = |part, text: &str| (part, text.to_owned());
        let sections =
            [section(Part::Intent, "- x"), section(Part::Validation, "-\n\n *"), section(Part::Risks, "")];
        let packet = Packet { sections: sections.into() };
        assert_eq!(packet.missing(), [Part::Binding, Part::Requirements, Part::Escalate]);
        assert_eq!(packet.empty(), [Part::Validation, Part::Risks]);
    }
}
