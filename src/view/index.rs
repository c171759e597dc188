//! The index: `yoi.index/1`.

use serde::Serialize;

use crate::ops::indexing::{Found, Version};

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
    /// The part that is made when somebody asks for what threads tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<PartView>,
}

/// A part of the index.
#[derive(Debug, Serialize)]
pub struct PartView {
    /// Whether it tells of the tickets as they are now; if not, whoever asks brings it along.
    pub fresh: bool,
    /// How many tickets it knows.
    pub tickets: usize,
    /// The size of the file in bytes.
    pub bytes: u64,
}

impl PartView {
    fn new(version: &Version) -> Self {
        PartView { fresh: version.is_fresh, tickets: version.tickets, bytes: version.bytes }
    }
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
            threads: found.threads.as_ref().map(PartView::new),
        }
    }
}
