//! The shared settings, `.yoi/workspace.toml`: what a project agrees on. Nothing in it runs a program.

use toml::{Table, Value};

use super::fault::Fault;
use super::language::Language;
use super::setting;
use crate::model::near::near;
use crate::model::rule::Policy;

/// Where the shared settings are, from the top of the work tree.
pub const PATH: &str = ".yoi/workspace.toml";

/// What a project agrees on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The language of headings and fixed sentences.
    pub language: Language,
    /// Branches on which work has landed; empty means the remote's main branch.
    pub target_branches: Vec<String>,
    /// The name of a ticket's branch, with `{id}` and `{slug}`.
    pub branch_template: String,
    /// Where worktrees go, from the top of the work tree.
    pub worktree_dir: String,
    /// What a ticket needs before it is done.
    pub policy: Policy,
    /// The trailer that names a commit's ticket.
    pub trailer: String,
    /// Whether commands and hooks record what they find out about landings; personal.
    pub catch_up: bool,
    /// The keys that the shared file sets, in a form that is understood: `yoi.trailer`.
    pub from_file: Vec<&'static str>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            language: Language::English,
            target_branches: Vec::new(),
            branch_template: "work/{id}-{slug}".to_owned(),
            worktree_dir: ".worktree".to_owned(),
            policy: Policy::default(),
            trailer: "Ticket".to_owned(),
            catch_up: true,
            from_file: Vec::new(),
        }
    }
}

const TICKET_KEYS: [&str; 4] = ["language", "backend", "orchestration", "roles"];
const ORCHESTRATION_KEYS: [&str; 3] = ["branch", "worktree_dir", "worktree_name"];
const YOI_KEYS: [&str; 6] =
    ["target_branches", "branch_template", "worktree_dir", "require_review", "require_landing", "trailer"];

/// Reads the shared settings; what it doesn't know it names in the second part, as warnings.
///
/// # Errors
/// When the text is no TOML.
pub fn parse(text: &str) -> Result<(Settings, Vec<String>), Fault> {
    let table: Table =
        text.parse().map_err(|error: toml::de::Error| Fault::BadSettings(one_line(error.message())))?;
    let mut reader = Reader { warnings: Vec::new(), found: Vec::new() };
    let mut settings = Settings::default();
    let ticket = reader.table(&table, "ticket", &TICKET_KEYS);
    if let Some(language) = reader.string(&ticket, "ticket.language") {
        settings.language = Language::from_setting(&language);
        if !Language::is_known(&language) {
            reader.warn(format!("unknown language '{}'; English is used", language.escape_debug()));
        }
    }
    let orchestration = reader.inner_table(&ticket, "ticket", "orchestration", &ORCHESTRATION_KEYS);
    if let Some(folder) = reader.string(&orchestration, "ticket.orchestration.worktree_dir") {
        settings.worktree_dir = folder;
    }
    let own = reader.table(&table, "yoi", &YOI_KEYS);
    settings.target_branches = reader.strings(&own, "yoi.target_branches");
    if let Some(template) = reader.string(&own, "yoi.branch_template") {
        settings.branch_template = template;
    }
    if let Some(folder) = reader.string(&own, "yoi.worktree_dir") {
        settings.worktree_dir = folder;
    }
    if let Some(trailer) = reader.string(&own, "yoi.trailer") {
        // It gets into commit messages, and git is asked to write it there.
        if setting::is_trailer(&trailer) {
            settings.trailer = trailer;
        } else {
            reader.found.retain(|key| *key != "yoi.trailer");
            reader
                .warn(format!("'{}' can't be the key of a trailer; Ticket is used", trailer.escape_debug()));
        }
    }
    settings.policy.require_review = reader.boolean(&own, "yoi.require_review");
    settings.policy.require_landing = reader.boolean(&own, "yoi.require_landing");
    settings.from_file = reader.found;
    Ok((settings, reader.warnings))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Reader {
    warnings: Vec<String>,
    found: Vec<&'static str>,
}

impl Reader {
    fn warn(&mut self, what: String) {
        self.warnings.push(format!("{PATH}: {what}"));
    }

    fn table(&mut self, parent: &Table, name: &str, known: &[&'static str]) -> Table {
        self.inner_table(parent, "", name, known)
    }

    fn inner_table(&mut self, parent: &Table, outer: &str, key: &str, known: &[&'static str]) -> Table {
        let name = if outer.is_empty() { key.to_owned() } else { format!("{outer}.{key}") };
        let table = match parent.get(key) {
            None => return Table::new(),
            Some(Value::Table(table)) => table.clone(),
            Some(_) => {
                self.warn(format!("'{name}' is no table"));
                return Table::new();
            }
        };
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            let meant = near(key, known.iter().copied());
            let meant = meant.map(|key| format!("; did you mean '{name}.{key}'?")).unwrap_or_default();
            self.warn(format!("unknown key '{name}.{}'{meant}", key.escape_debug()));
        }
        table
    }

    fn string(&mut self, table: &Table, path: &'static str) -> Option<String> {
        match table.get(last(path))? {
            Value::String(text) => {
                self.found.push(path);
                Some(text.clone())
            }
            _ => {
                self.warn(format!("'{path}' is no string"));
                None
            }
        }
    }

    fn strings(&mut self, table: &Table, path: &'static str) -> Vec<String> {
        let strings = |values: &Vec<Value>| {
            values.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
        };
        let Some(value) = table.get(last(path)) else { return Vec::new() };
        match value.as_array().and_then(strings) {
            Some(found) => {
                self.found.extend((!found.is_empty()).then_some(path));
                found
            }
            None => {
                self.warn(format!("'{path}' is no list of strings"));
                Vec::new()
            }
        }
    }

    fn boolean(&mut self, table: &Table, path: &'static str) -> bool {
        let Some(value) = table.get(last(path)) else { return false };
        self.found.push(path);
        value.as_bool().unwrap_or_else(|| {
            // A guard that somebody asked for and misspelt is better kept than dropped.
            self.warn(format!("'{path}' is neither true nor false; taken for true"));
            true
        })
    }
}

/// The key itself, without the tables it stands in.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_settings_are_read_and_unknown_ones_named() {
        let text = "workspace_id = 'x'\n[ticket]\nlanguage = 'Japanese'\nextra = 1\n[ticket.roles.coder]\nprofile = 'p'\n[yoi]\ntarget_branches = ['main']\nrequire_review = true\nrequire_landing = 'yes'\nhook = 'rm'\n";
        let (settings, warnings) = parse(text).unwrap();
        assert_eq!(settings.language, Language::Japanese);
        assert_eq!(settings.target_branches, ["main"]);
        let found = ["ticket.language", "yoi.target_branches", "yoi.require_review", "yoi.require_landing"];
        assert_eq!(settings.from_file, found);
        assert_eq!(settings.policy, Policy { require_review: true, require_landing: true });
        assert_eq!(
            warnings,
            [
                ".yoi/workspace.toml: unknown key 'ticket.extra'",
                ".yoi/workspace.toml: unknown key 'yoi.hook'",
                ".yoi/workspace.toml: 'yoi.require_landing' is neither true nor false; taken for true"
            ]
        );
    }

    #[test]
    fn a_trailer_that_would_forge_lines_of_a_message_is_not_used() {
        for bad in ["", "a b", "Ticket: x\\nSigned-off-by", "-x", "a="] {
            let (settings, warnings) = parse(&format!("[yoi]\ntrailer = \"{bad}\"\n")).unwrap();
            assert_eq!((settings.trailer.as_str(), warnings.len()), ("Ticket", 1), "{bad}");
            assert!(settings.from_file.is_empty());
        }
    }

    #[test]
    fn what_is_no_toml_is_an_error() {
        assert!(matches!(parse("[ticket\n"), Err(Fault::BadSettings(_))));
        assert_eq!(parse("").unwrap(), (Settings::default(), vec![]));
    }
}
