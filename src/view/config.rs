//! Settings and where they come from: `yoi.config/1`.

use serde::Serialize;

use crate::ops::settings::InForce;

/// Settings as they are in force.
#[derive(Debug, Serialize)]
pub struct ConfigView {
    /// `yoi.config/1`.
    pub schema: &'static str,
    /// How many are answered.
    pub total: usize,
    /// Always false: all are shown.
    pub truncated: bool,
    /// The settings.
    pub settings: Vec<SettingView>,
}

/// A setting as it is in force.
#[derive(Debug, Serialize)]
pub struct SettingView {
    /// Its key in git's configuration.
    pub key: String,
    /// Its key in the shared file; absent for a personal one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_key: Option<&'static str>,
    /// The value; absent where nothing is set and there is no default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Where it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What it says, in a few words.
    pub about: &'static str,
}

impl SettingView {
    /// The plain fields of a row.
    pub const ATOMS: [&'static str; 5] = ["key", "shared_key", "value", "origin", "about"];
}

impl ConfigView {
    /// From settings in force.
    pub fn new(found: &[InForce]) -> Self {
        let view = |one: &InForce| SettingView {
            key: one.key.clone(),
            shared_key: one.shared,
            value: one.value.clone(),
            origin: one.origin.clone(),
            about: one.about,
        };
        ConfigView {
            schema: "yoi.config/1",
            total: found.len(),
            truncated: false,
            settings: found.iter().map(view).collect(),
        }
    }
}
