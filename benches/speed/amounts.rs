//! What is counted rather than timed: bytes on disk, and memory that has a limit of its own.

use std::fs;
use std::path::Path;

use crate::ground::{self, Ground};
use crate::subject::{self, Subject};
use crate::tickets;

/// A line of the second table.
pub(crate) struct Amount {
    pub(crate) name: &'static str,
    pub(crate) tickets: usize,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// The most it may be, where a limit was set.
    pub(crate) bound: Option<f64>,
}

type Count = fn(&Ground, &mut Vec<Amount>) -> Result<(), String>;

/// What can be counted: a name to ask for it, the size of the repository, and how.
pub(crate) const COUNTS: [(&str, usize, Count); 7] = [
    ("memory: import", 10_000, imported),
    ("memory: import", 100_000, imported),
    ("memory: export", 10_000, exported),
    ("memory: export", 100_000, exported),
    ("disk", 1_000, on_disk),
    ("disk", 10_000, on_disk),
    ("disk", 100_000, on_disk),
];

const MEBIBYTE: f64 = 1024.0 * 1024.0;
const COMMENTS: usize = 200;

fn imported(ground: &Ground, amounts: &mut Vec<Amount>) -> Result<(), String> {
    peak("memory of import", subject::import(ground)?, ground, Some(300.0), amounts)
}

fn exported(ground: &Ground, amounts: &mut Vec<Amount>) -> Result<(), String> {
    peak("memory of export", subject::export(ground)?, ground, None, amounts)
}

fn peak(
    name: &'static str,
    mut subject: Subject,
    ground: &Ground,
    bound: Option<f64>,
    amounts: &mut Vec<Amount>,
) -> Result<(), String> {
    let value = subject.peak(0)? as f64 / MEBIBYTE;
    amounts.push(Amount { name, tickets: ground.tickets, value, unit: "MiB at the peak", bound });
    Ok(())
}

/// Bytes after the import, and what comments of 300 bytes add: loose, and after `git gc`.
fn on_disk(ground: &Ground, amounts: &mut Vec<Amount>) -> Result<(), String> {
    let mut tell = |name, value, unit| {
        amounts.push(Amount { name, tickets: ground.tickets, value, unit, bound: None });
    };
    let (packed, tickets) = (ground.packed() as f64, ground.tickets as f64);
    tell("packed by git gc", packed / tickets, "bytes a ticket");
    tell("packed by git gc", packed / tickets::events(ground.tickets) as f64, "bytes an event");
    let scratch = ground.copy("own")?;
    let (repo, objects) = (scratch.repo(), scratch.repo().join(".git/objects"));
    // The version of somebody else is no part of this.
    ground::run(&repo, "git", &["update-ref", "-d", "refs/bench/elsewhere"])?;
    for number in 0..COMMENTS {
        let text = tickets::comment(number);
        let words = ["comment", &ground.open_ticket(number), "-m", &text];
        ground::run(&repo, ground::program(), &words)?;
    }
    let is_loose = |path: &str| !path.contains("/pack/") && !path.contains("/info/");
    let comments = COMMENTS as f64;
    tell("a comment, loose", ground::folder_size(&objects, is_loose) as f64 / comments, "bytes");
    tell("a comment, loose, in blocks of the disk", blocks(&objects) as f64 / comments, "bytes");
    tell("a comment, loose", loose(&objects) as f64 / comments, "objects");
    ground::run(&repo, "git", &["gc", "-q", "--prune=now"])?;
    let after = ground::folder_size(&objects, |path| path.ends_with(".pack")) as f64;
    tell("a comment, packed by git gc", (after - packed) / comments, "bytes");
    let derived = ground::folder_size(&repo.join(".git/yoi"), |_| true) as f64;
    tell("what is derived (`.git/yoi`)", derived / tickets, "bytes a ticket");
    Ok(())
}

/// The files of the 256 folders of loose objects.
fn loose_files(objects: &Path) -> impl Iterator<Item = fs::Metadata> {
    let folders = fs::read_dir(objects).into_iter().flatten().flatten();
    let folders = folders.filter(|folder| folder.file_name().len() == 2);
    folders
        .flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten())
        .filter_map(|file| file.metadata().ok())
}

fn loose(objects: &Path) -> usize {
    loose_files(objects).count()
}

#[cfg(unix)]
fn blocks(objects: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    loose_files(objects).map(|file| file.blocks() * 512).sum()
}

/// Elsewhere the bytes of the files stand in.
#[cfg(not(unix))]
fn blocks(objects: &Path) -> u64 {
    loose_files(objects).map(|file| file.len()).sum()
}
