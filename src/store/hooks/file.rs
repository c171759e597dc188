//! One hook file: what is in it, putting the block in, taking it out.
//!
//! A file is written beside its place, tried, and then renamed, so git sees the old or the new one. One
//! that this program can't read in full and write again is left alone.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::Path;

use gix::bstr::ByteSlice;

use super::text::{self, Block, Origin};
use super::{Event, Hook, How, advice, folder, probe};
use crate::store::StoreError;

/// No script of a person is longer.
const LONGEST: u64 = 1 << 20;
const MODE: u32 = 0o755;
/// How the end of a name begins that a hook has before it is complete; the number of a process follows.
const BESIDE: &str = "git-yoi-";

/// What is at the place of a hook file.
enum Found {
    Nothing,
    /// Something no block can be put in, or taken out of.
    Strange(String),
    Script(Script),
}

struct Script {
    bytes: Vec<u8>,
    mode: u32,
    blocks: Vec<Block>,
}

impl Script {
    /// Whether it does something beside our block.
    fn has_more(&self) -> bool {
        text::does_something(&text::without(&self.bytes, &self.blocks))
    }

    /// What was there before us: no file, when nobody has written anything into it since.
    fn is_ours(&self) -> bool {
        self.blocks.iter().any(|block| block.origin != Origin::Foreign) && !self.has_more()
    }

    /// What was there before the block; somebody's file when there is no block.
    fn origin(&self) -> Origin {
        self.blocks.first().map_or(Origin::Foreign, |block| block.origin)
    }

    fn is_executable(&self) -> bool {
        self.mode & 0o111 != 0
    }
}

fn look(path: &Path) -> io::Result<Found> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        other => other?,
    };
    // Writing through a link would write somewhere else, and renaming would cut it.
    let strange = if metadata.is_symlink() {
        "it is a link"
    } else if !metadata.is_file() {
        "it is no plain file"
    } else if metadata.len() > LONGEST {
        "it is too long for a script"
    } else {
        let bytes = fs::read(path)?;
        return Ok(match text::blocks(&bytes) {
            Ok(blocks) => Found::Script(Script { bytes, mode: mode(&metadata), blocks }),
            Err(text::Unclosed) => Found::Strange("the end of the block in it is missing".to_owned()),
        });
    };
    Ok(Found::Strange(strange.to_owned()))
}

/// What a file holds, if it is of a size that can be looked through.
pub(super) fn content(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// What all hook files of a folder have in common.
pub(super) struct Writer<'a> {
    /// The program a block falls back on.
    pub(super) program: &'a [u8],
    pub(super) is_folder_new: bool,
    /// The number of this process, to name files of its own.
    pub(super) id: u32,
}

/// Puts the block in, or renews it. Answers why it has no place there, when the file is not ours to write.
pub(super) fn install(
    path: &Path,
    event: Event,
    writer: &Writer,
) -> Result<Result<Hook, String>, StoreError> {
    let found = look(path).map_err(|error| fail("read", path, &error))?;
    let script = match found {
        Found::Strange(why) => return Ok(Err(why)),
        Found::Script(script) if !script.is_ours() => script,
        other => {
            return own(path, &other, event, writer).map(Ok);
        }
    };
    if let Some(why) = fault(&script) {
        return Ok(Err(why));
    }
    let block = text::render(event, script.origin(), script.has_more(), writer.program);
    let bytes = text::with(&script.bytes, &script.blocks, &block);
    let end = script.bytes.iter().position(|byte| *byte == b'\n').unwrap_or(script.bytes.len());
    let trial = [&script.bytes[..end], b"\n", &block, b"\n"].concat();
    if bytes != script.bytes {
        write(path, &bytes, Some(&trial), script.mode, writer.id)?;
    }
    let hook = Hook::new(event, How::File, path).with_version(text::VERSION);
    Ok(Ok(match advice::tool(&script.bytes) {
        Some(tool) => hook.because(format!("{tool} drops the block when it writes this file anew")),
        None => hook,
    }))
}

/// Why no block is put into somebody's script.
fn fault(script: &Script) -> Option<String> {
    if let Some(why) = text::first_line_fault(&script.bytes) {
        return Some(why.to_owned());
    }
    if script.bytes.contains(&0) {
        return Some("it is no text".to_owned());
    }
    // Making it executable would switch on what somebody has switched off.
    (!script.is_executable()).then(|| "it is not executable, so git passes it over".to_owned())
}

/// Writes a file that holds nothing but the block.
fn own(path: &Path, found: &Found, event: Event, writer: &Writer) -> Result<Hook, StoreError> {
    let origin = match found {
        Found::Script(script) => script.origin(),
        _ if writer.is_folder_new => Origin::Folder,
        _ => Origin::File,
    };
    let block = text::render(event, origin, false, writer.program);
    let bytes = [text::FIRST_LINE, &block, b"\n"].concat();
    let is_there =
        matches!(found, Found::Script(script) if script.bytes == bytes && script.mode & 0o777 == MODE);
    if !is_there {
        write(path, &bytes, Some(&bytes), MODE, writer.id)?;
    }
    Ok(Hook::new(event, How::File, path).with_version(text::VERSION))
}

/// Writes a file beside its place and renames it. What can be tried without harm is tried there first.
fn write(path: &Path, bytes: &[u8], trial: Option<&[u8]>, mode: u32, id: u32) -> Result<(), StoreError> {
    // git takes no such name for a hook.
    let beside = path.with_extension(format!("{BESIDE}{id}"));
    clear_beside(path);
    let outcome = trial.map_or(Ok(()), |trial| attempt(path, &beside, trial, mode)).and_then(|()| {
        let written = fill(&beside, bytes, mode)
            .inspect(|()| crate::host::failpoint::step("a hook is written beside its place"))
            .and_then(|()| fs::rename(&beside, path));
        written.map_err(|error| fail("write", path, &error))
    });
    if outcome.is_err() {
        // There may be none, and nothing reads it.
        let _ = fs::remove_file(&beside);
    }
    outcome
}

/// Removes what was to become this hook and is of one that was killed: writers of hooks take turns.
fn clear_beside(path: &Path) {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
    let is_left = |entry: &fs::DirEntry| {
        let file = entry.file_name();
        let rest = file.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
        rest.is_some_and(|rest| rest.starts_with_str(format!(".{BESIDE}")))
    };
    for left in fs::read_dir(folder).into_iter().flatten().flatten().filter(is_left) {
        // Nothing reads it.
        let _ = fs::remove_file(left.path());
    }
}

fn attempt(path: &Path, beside: &Path, trial: &[u8], mode: u32) -> Result<(), StoreError> {
    fill(beside, trial, mode).map_err(|error| fail("write", path, &error))?;
    probe::fault(beside).map_or(Ok(()), |why| {
        Err(StoreError::Unsupported(format!("a hook at '{}' would not work: {why}", path.display())))
    })
}

fn fill(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // What is there was left by a process of the same number, or is the trial.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    set_mode(&file, mode)?;
    file.sync_all()
}

fn fail(doing: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::from_io(&format!("can't {doing} '{}'", path.display()), error)
}

/// What pre-commit and lefthook add to the name of a hook file that they put theirs in place of.
const MOVED: [&str; 2] = [".legacy", ".old"];

/// Takes the blocks out of a folder's hook files. Tells of each that was there.
pub(super) fn clear(folder: &Path, id: u32) -> Vec<Hook> {
    let places = || Event::ALL.into_iter().map(|event| (event, folder.join(event.name())));
    let is_own_folder = places().any(|(_, path)| {
        let found = look(&path);
        matches!(found, Ok(Found::Script(script)) if script.is_ours() && script.origin() == Origin::Folder)
    });
    let mut cleared: Vec<Hook> = places().filter_map(|(event, path)| clear_file(event, &path, id)).collect();
    cleared.extend(clear_moved(folder, id));
    if is_own_folder {
        folder::remove_empty(folder);
    }
    cleared
}

/// Takes the blocks out of hook files that another tool has moved aside.
pub(super) fn clear_moved(folder: &Path, id: u32) -> Vec<Hook> {
    let places = Event::ALL.into_iter().flat_map(|event| MOVED.map(|end| (event, end)));
    places
        .filter_map(|(event, end)| clear_file(event, &folder.join(format!("{}{end}", event.name())), id))
        .collect()
}

fn clear_file(event: Event, path: &Path, id: u32) -> Option<Hook> {
    let failed = |why: String| Some(Hook::new(event, How::Failed, path).because(why));
    match look(path) {
        Ok(Found::Script(script)) if !script.blocks.is_empty() => match remove(path, &script, id) {
            Ok(()) => Some(Hook::new(event, How::Removed, path)),
            Err(error) => failed(error.to_string()),
        },
        Ok(Found::Strange(why)) if has_mark(path) => failed(why),
        Err(error) if error.kind() != io::ErrorKind::NotADirectory => {
            failed(fail("read", path, &error).to_string())
        }
        _ => None,
    }
}

/// Whether a plain file has half of a block in it.
fn has_mark(path: &Path) -> bool {
    let is_plain = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_plain && content(path).is_some_and(|bytes| text::blocks(&bytes).is_err())
}

fn remove(path: &Path, script: &Script, id: u32) -> Result<(), StoreError> {
    if script.is_ours() {
        return fs::remove_file(path).map_err(|error| fail("remove", path, &error));
    }
    let bytes = text::without(&script.bytes, &script.blocks);
    write(path, &bytes, None, script.mode, id)
}

/// How a hook file is; or why no block has a place in it, when it has none.
pub(super) fn judge(path: &Path, event: Event) -> Result<Hook, String> {
    let hook = |how| Hook::new(event, how, path);
    let script = match look(path) {
        Err(error) => return Ok(hook(How::Damaged).because(fail("read", path, &error).to_string())),
        Ok(Found::Nothing) => return Ok(hook(How::Missing)),
        Ok(Found::Strange(why)) if has_mark(path) => return Ok(hook(How::Damaged).because(why)),
        Ok(Found::Strange(why)) => return Err(why),
        Ok(Found::Script(script)) => script,
    };
    let Some(block) = script.blocks.first() else {
        return fault(&script).map_or(Ok(hook(How::Missing)), Err);
    };
    let written = &script.bytes[block.text.clone()];
    let hook = |how| hook(how).with_version(block.version);
    Ok(if written.contains_str("\r\n") {
        hook(How::Damaged).because("its lines end in carriage returns")
    } else if let Some(why) = fault(&script) {
        hook(How::Damaged).because(why)
    } else if let Some(program) = text::program_of(written, event, block.origin, script.has_more()) {
        with_program(hook(How::File), &program, block.version)
    } else {
        hook(How::Outdated).because("its text is not as this version writes it")
    })
}

/// A hook that is as it should be, if the program that it falls back on is there.
pub(super) fn with_program(hook: Hook, program: &[u8], version: u32) -> Hook {
    let hook = hook.with_version(version);
    match gix::path::from_bstr(program.as_bstr()) {
        Ok(path) if !path.as_os_str().is_empty() && !path.is_file() => {
            let why = format!("'{}', which it falls back on, is gone", path.display());
            Hook { how: How::Outdated, ..hook.because(why) }
        }
        _ => hook,
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// Other systems have no such bits: every file can be run.
#[cfg(not(unix))]
fn mode(_metadata: &Metadata) -> u32 {
    MODE
}

/// Other systems have no such bits.
#[cfg(not(unix))]
fn set_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}
