//! Who may use what: the layers of the house, and the owner of each package.

/// The layers, each with those it may import.
const LAYERS: [(&str, &[&str]); 14] = [
    ("model", &[]),
    ("format", &["model"]),
    ("merge", &["model", "format"]),
    ("host", &[]),
    ("store", &["model", "format", "merge", "host"]),
    ("index", &["model", "format", "store", "host"]),
    ("ops", &["model", "format", "merge", "store", "index", "host"]),
    ("view", &["model", "ops"]),
    ("ui", &["host"]),
    ("hook", &["ops", "ui", "host", "model"]),
    ("tui", &["ops", "view", "model", "host"]),
    ("web", &["ops", "view", "model", "host"]),
    ("mcp", &["ops", "view", "model", "host"]),
    (
        "cli",
        &[
            "model", "format", "merge", "host", "store", "index", "ops", "view", "ui", "hook", "tui", "web",
            "mcp",
        ],
    ),
];

/// `ops` and what stands on it or beside it.
const UPPER: &[&str] = &["ops", "view", "ui", "hook", "tui", "web", "mcp", "cli", ROOT];

/// The files at the top of the source folder.
pub(crate) const ROOT: &str = "";

/// The packages, each with the layers that may name it; a name that ends in `*` stands for a family.
const OWNERS: [(&str, &[&str]); 18] = [
    ("anyhow", UPPER),
    ("chrono", &["model", "ui", "store"]),
    ("clap*", &["cli"]),
    ("crc32fast", &["store"]),
    ("getrandom", &["host"]),
    ("gix*", &["store"]),
    ("serde", &["format", "view", "index", "mcp", "cli"]),
    ("serde_json", &["format", "merge", "view", "index", "mcp", "web", "cli"]),
    ("sha2", &["model"]),
    ("similar", &["merge", "ops", "ui"]),
    ("strsim", &["model"]),
    ("terminal_size", &["host"]),
    ("toml", &["format", "store"]),
    ("ulid", &["model", "format", "merge", "ops", "view"]),
    ("unicode_normalization", &["model"]),
    ("unicode_width", &["ui"]),
    ("rusqlite", &["index"]),
    ("rustix", &["store", "host"]),
];

/// What `std::process` has for the process itself rather than for running programs, and who may use it.
const PROCESS: [(&str, &[&str]); 4] =
    [("abort", &["host"]), ("id", &["host"]), ("ExitCode", &[ROOT, "cli"]), ("exit", &[ROOT, "hook"])];

/// Who may run programs.
const RUNNERS: &[&str] = &["store", "ui"];

/// Why code in the layer `from` must not name the top module `to`.
pub(crate) fn import_fault(from: &str, to: &str) -> Option<String> {
    let layer = |name: &str| LAYERS.iter().find(|(layer, _)| *layer == name);
    if layer(to).is_none() {
        return Some(format!("'{to}' is in no layer"));
    }
    if from == to || from == ROOT {
        return None;
    }
    match layer(from) {
        None => Some(format!("'{from}' is in no layer")),
        Some((_, may)) if may.contains(&to) => None,
        Some(_) => Some(format!("{from} must not import {to}")),
    }
}

/// The layers that may name a package; `None` for a name that is no package of ours.
pub(crate) fn owners(package: &str) -> Option<&'static [&'static str]> {
    let is_named = |owned: &str| match owned.strip_suffix('*') {
        Some(family) => package == family || package.starts_with(&format!("{family}_")),
        None => package == owned,
    };
    OWNERS.iter().find(|(owned, _)| is_named(owned)).map(|(_, layers)| *layers)
}

/// Why code in the layer `from` must not name this path, which starts at a package or at `std`.
pub(crate) fn package_fault(from: &str, path: &[String]) -> Option<String> {
    let first = path.first()?.as_str();
    if first == "std" && path.get(1).is_some_and(|part| part == "process") {
        let item = path.get(2).map_or("", String::as_str);
        let own = PROCESS.iter().find(|(name, _)| *name == item).map(|(_, layers)| *layers);
        let may = own.unwrap_or(RUNNERS);
        return (!may.contains(&from)).then(|| format!("{} belongs to {}", path.join("::"), told(may)));
    }
    let may = owners(first)?;
    (!may.contains(&from)).then(|| format!("{first} belongs to {}", told(may)))
}

fn told(layers: &[&str]) -> String {
    let name = |layer: &&str| if *layer == ROOT { "main".to_owned() } else { (*layer).to_owned() };
    layers.iter().map(name).collect::<Vec<String>>().join(", ")
}
