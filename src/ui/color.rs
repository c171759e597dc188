//! Whether to colour, and how each kind of text looks.
//!
//! This module owns the colour decision (made the way git makes it) and the closed set of styles
//! with their SGR codes. It promises that a disabled painter returns text byte for byte. Reading
//! `color.yoi` and `color.ui` is left to the caller, and so is cleaning the text: paint what went
//! through [`super::sanitize`], or escape sequences in it stay alive.

use std::fmt;
use std::str::FromStr;

use crate::host::Host;

/// When to colour, as `--color` and git's configuration say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Even into a file.
    Always,
    /// Not at all.
    Never,
    /// When a person reads it: on a terminal, or through a pager.
    Auto,
}

/// A word that is none of git's colour settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWhen(String);

impl fmt::Display for UnknownWhen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "'{}' is not a colour setting: use always, never or auto", self.0.escape_debug())
    }
}

impl std::error::Error for UnknownWhen {}

impl FromStr for When {
    type Err = UnknownWhen;

    /// Reads git's values in any case; as in git, a plain "true" means auto and an empty value "false".
    fn from_str(value: &str) -> Result<Self, UnknownWhen> {
        match value.to_ascii_lowercase().as_str() {
            "always" => Ok(When::Always),
            "never" | "false" | "no" | "off" | "0" | "" => Ok(When::Never),
            "auto" | "true" | "yes" | "on" | "1" => Ok(When::Auto),
            _ => Err(UnknownWhen(value.to_owned())),
        }
    }
}

/// Whether the answer on standard output is to be coloured.
///
/// The flag wins over `config` (`color.yoi`, else `color.ui`); with neither, or with a `config` that
/// can't be read, it is [`When::Auto`]. A non-empty `NO_COLOR` turns off all but "always".
/// `pager_in_use` says that a pager of ours stands between us and the terminal.
pub fn decide(host: &Host, flag: Option<When>, config: Option<&str>, pager_in_use: bool) -> bool {
    let configured = || config.and_then(|value| value.parse().ok());
    match flag.or_else(configured).unwrap_or(When::Auto) {
        When::Always => true,
        When::Never => false,
        When::Auto if host.var("NO_COLOR").is_some() => false,
        When::Auto => {
            let read_by_person = host.terminal.stdout || pager_in_use || git_pager_in_use(host);
            read_by_person && !is_dumb(host)
        }
    }
}

/// Whether git started a pager for us: then standard output is a pipe, yet a person reads it.
fn git_pager_in_use(host: &Host) -> bool {
    host.var("GIT_PAGER_IN_USE")
        .is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0"))
}

/// Whether the terminal can't colour. Like git, a terminal of no name counts as one that can't.
fn is_dumb(host: &Host) -> bool {
    host.var_os("TERM").is_none_or(|name| name == "dumb")
}

/// What a piece of text is, which decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// A title above other text.
    Heading,
    /// An identifier.
    Identifier,
    /// The end of an identifier, which is enough to type.
    IdentifierSuffix,
    /// Something less important than its surroundings.
    Dim,
    /// Success.
    Good,
    /// Failure.
    Bad,
    /// Something to look at before going on.
    Warning,
    /// Code, in a block or within a line.
    Code,
    /// Words of somebody else.
    Quote,
    /// Words to stress.
    Emphasis,
    /// Something being worked on.
    Active,
    /// Something waiting for somebody.
    Waiting,
    /// Something that doesn't count any more.
    Struck,
}

impl Style {
    /// The parameters of the SGR sequence that starts the style.
    ///
    /// Only the basic colours: people have chosen those to be readable on their background.
    fn codes(self) -> &'static str {
        match self {
            Style::Heading => "1;4",
            Style::Identifier => "33",
            Style::IdentifierSuffix => "1;33",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "31",
            Style::Warning => "1;33",
            Style::Code => "36",
            Style::Quote => "3",
            Style::Emphasis => "1",
            Style::Active => "1;32",
            Style::Waiting => "35",
            Style::Struck => "2;9",
        }
    }
}

/// Puts colour around text, or leaves it alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Painter {
    enabled: bool,
}

impl Painter {
    /// A painter that leaves every text as it is.
    pub fn plain() -> Self {
        Painter::new(false)
    }

    /// A painter that colours if `enabled`.
    pub fn new(enabled: bool) -> Self {
        Painter { enabled }
    }

    /// Whether this painter colours.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// The text in a style, each line painted on its own.
    ///
    /// A pager that jumps into the middle of a long text then still shows it in the right colours.
    /// Painting what is already painted isn't supported: the inner reset would end the outer style.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if !self.enabled {
            return text.to_owned();
        }
        let mut painted = String::with_capacity(text.len() + 16);
        self.paint_to(&mut painted, style, text);
        painted
    }

    /// The same, added to another text.
    pub fn paint_to(&self, painted: &mut String, style: Style, text: &str) {
        if !self.enabled {
            return painted.push_str(text);
        }
        for line in text.split_inclusive('\n') {
            let words = line.strip_suffix('\n').unwrap_or(line);
            if !words.is_empty() {
                painted.extend(["\u{1b}[", style.codes(), "m", words, "\u{1b}[m"]);
            }
            painted.push_str(&line[words.len()..]);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ui::testing;
    use std::path::Path;

    /// A host with a terminal (or not) and these variables.
    fn host(stdout: bool, variables: &[(&str, &str)]) -> Host {
        let (mut host, _, _) = testing::host(Path::new("/"));
        host.terminal.stdout = stdout;
        host.env = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        host
    }

    const COLOR_TERMINAL: (&str, &str) = ("TERM", "xterm");

    #[test]
    fn git_values_are_understood_in_any_case() {
        for (value, when) in [
            ("always", When::Always),
            ("Never", When::Never),
            ("off", When::Never),
            ("0", When::Never),
            ("", When::Never),
            ("TRUE", When::Auto),
            ("on", When::Auto),
            ("auto", When::Auto),
        ] {
            assert_eq!(value.parse(), Ok(when), "{value}");
        }
        assert!("sometimes".parse::<When>().unwrap_err().to_string().contains("'sometimes'"));
    }

    #[test]
    fn auto_colours_a_terminal_and_not_a_file() {
        assert!(decide(&host(true, &[COLOR_TERMINAL]), None, None, false));
        assert!(!decide(&host(false, &[COLOR_TERMINAL]), None, None, false));
        assert!(decide(&host(true, &[COLOR_TERMINAL]), None, Some("true"), false));
        assert!(!decide(&host(false, &[COLOR_TERMINAL]), None, Some("true"), false));
        assert!(!decide(&host(false, &[COLOR_TERMINAL]), None, Some("nonsense"), false));
    }

    #[test]
    fn a_pager_counts_as_a_terminal() {
        assert!(decide(&host(false, &[COLOR_TERMINAL]), None, None, true));
        assert!(decide(&host(false, &[COLOR_TERMINAL, ("GIT_PAGER_IN_USE", "true")]), None, None, false));
        assert!(!decide(&host(false, &[COLOR_TERMINAL, ("GIT_PAGER_IN_USE", "0")]), None, None, false));
    }

    #[test]
    fn a_dumb_or_nameless_terminal_is_not_coloured_unless_told_always() {
        for variables in [&[("TERM", "dumb")][..], &[]] {
            assert!(!decide(&host(true, variables), None, None, true));
            assert!(!decide(&host(true, variables), Some(When::Auto), None, true));
            assert!(decide(&host(true, variables), None, Some("always"), false));
        }
    }

    #[test]
    fn the_flag_wins_over_the_configuration() {
        assert!(decide(&host(false, &[]), Some(When::Always), Some("never"), false));
        assert!(!decide(&host(true, &[COLOR_TERMINAL]), Some(When::Never), Some("always"), false));
        assert!(!decide(&host(false, &[COLOR_TERMINAL]), Some(When::Auto), Some("always"), false));
    }

    #[test]
    fn no_color_turns_off_all_but_always() {
        let variables = [COLOR_TERMINAL, ("NO_COLOR", "1")];
        assert!(!decide(&host(true, &variables), None, None, false));
        assert!(!decide(&host(true, &variables), Some(When::Auto), Some("true"), false));
        assert!(decide(&host(true, &variables), Some(When::Always), None, false));
        assert!(decide(&host(true, &variables), None, Some("always"), false));
        assert!(decide(&host(true, &[COLOR_TERMINAL, ("NO_COLOR", "")]), None, None, false));
    }

    #[test]
    fn a_plain_painter_returns_the_text_unchanged() {
        assert_eq!(Painter::plain().paint(Style::Bad, "a\nb"), "a\nb");
        assert!(!Painter::plain().enabled());
    }

    #[test]
    fn each_line_is_painted_and_reset_on_its_own() {
        let painter = Painter::new(true);
        assert_eq!(painter.paint(Style::Bad, "a"), "\u{1b}[31ma\u{1b}[m");
        assert_eq!(painter.paint(Style::Good, "a\n\nb\n"), "\u{1b}[32ma\u{1b}[m\n\n\u{1b}[32mb\u{1b}[m\n");
        assert_eq!(painter.paint(Style::Good, ""), "");
    }
}
