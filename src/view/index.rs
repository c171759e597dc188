//! The index: `yoi.index/1`.

use serde::Serialize;

use crate::ops::indexing::Found;

/// How the index is.
#[derive(Debug, Serialize)]
pub struct IndexView {
    /// `yoi.index/1`.
    pub schema: &'static str,
    /// Its file, be it there or not.
    pub path: String,
    /// Whether there is one that can be used.
    pub exists: bool,
    /// Whether it tells of the tickets as they are now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh: Option<bool>,
    /// How many tickets it knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tickets: Option<usize>,
    /// The size of the file in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl IndexView {
    /// From what was found.
    pub fn new(found: &Found) -> Self {
        let version = found.version.as_ref();
        IndexView {
            schema: "yoi.index/1",
            path: found.path.display().to_string(),
            exists: version.is_some(),
            fresh: version.map(|version| version.is_fresh),
            tickets: version.map(|version| version.tickets),
            bytes: version.map(|version| version.bytes),
        }
    }
}
