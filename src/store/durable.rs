//! What git does with a file after writing it, and gix doesn't: flushing to disk when `core.fsync` asks
//! for it, and permissions when `core.sharedRepository` does.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{ObjectId, Store, StoreError};

/// What the repository's settings ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Durability {
    flush_objects: bool,
    flush_packs: bool,
    flush_ref: bool,
    shared: Shared,
}

/// Who besides the owner may use the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shared {
    /// Nobody but whom the umask lets.
    Umask,
    /// These bits are added.
    Added(u32),
    /// Exactly these bits.
    Exactly(u32),
}

impl Store {
    pub(super) fn durability(&self) -> Durability {
        let config = self.repo.config_snapshot();
        let text = |key: &str| config.string(key).map(|value| value.to_string());
        let legacy = config.boolean("core.fsyncObjectFiles").unwrap_or(false);
        let (objects, packs, reference) = flushed(text("core.fsync").as_deref(), legacy);
        let shared = shared(text("core.sharedRepository").as_deref());
        Durability { flush_objects: objects, flush_packs: packs, flush_ref: reference, shared }
    }

    /// How loose objects are compressed, if the settings say that.
    pub(super) fn loose_level(&self) -> Option<gix::zlib::Compression> {
        let config = self.repo.config_snapshot();
        let is_set = |key: &str| config.string(key).is_some();
        (is_set("core.looseCompression") || is_set("core.compression")).then(|| self.repo.loose_compression())
    }

    /// Whether an object is there as a loose file, made as young as a new one: `git gc` prunes old objects
    /// that nothing points at, and nothing may point at this one yet. An object in a pack is written
    /// again rather than trusted to stay.
    pub(super) fn freshen(&self, id: &ObjectId) -> bool {
        let path = loose_path(self.repo.objects.store_ref().path(), id);
        File::open(path).is_ok_and(|file| file.set_modified(SystemTime::now()).is_ok())
    }

    /// Flushes and shares the objects just written, before anything points at them.
    pub(super) fn settle_objects(&self, written: &[ObjectId], wanted: Durability) -> Result<(), StoreError> {
        if !wanted.flush_objects && wanted.shared == Shared::Umask {
            return Ok(());
        }
        let folder = self.repo.objects.store_ref().path().to_owned();
        for id in written {
            let path = loose_path(&folder, id);
            if path.exists() {
                settle(&path, wanted.flush_objects, wanted.shared)?;
                share_folder(path.parent(), wanted.shared);
            }
        }
        Ok(())
    }

    /// Makes a pack or its index as lasting and as read-only as git does, before it has its name.
    pub(super) fn settle_pack(&self, file: &File) -> io::Result<()> {
        let mut permissions = file.metadata()?.permissions();
        permissions.set_readonly(true);
        file.set_permissions(permissions)?;
        if self.durability().flush_packs { file.sync_data() } else { Ok(()) }
    }

    /// Lets those use a pack whom the settings name.
    pub(super) fn share_pack(&self, path: &Path) {
        let shared = self.durability().shared;
        share(path, shared, false);
        share_folder(path.parent(), shared);
    }

    /// Flushes and shares the ref just moved, and its log.
    pub(super) fn settle_ref(&self, wanted: Durability) -> Result<(), StoreError> {
        let common = self.common_dir();
        for path in [common.join(&self.tickets), common.join("logs").join(&self.tickets)] {
            if path.exists() {
                settle(&path, wanted.flush_ref, wanted.shared)?;
                path.ancestors().skip(1).take_while(|folder| *folder != common).for_each(|folder| {
                    share_folder(Some(folder), wanted.shared);
                });
            }
        }
        Ok(())
    }
}

/// Whether loose objects, packs and refs are flushed. git's default is packs only.
fn flushed(setting: Option<&str>, legacy: bool) -> (bool, bool, bool) {
    let (mut objects, mut packs, mut reference) = (legacy, true, false);
    for word in setting.unwrap_or_default().split(',').map(str::trim) {
        let (word, value) = word.strip_prefix('-').map_or((word, true), |word| (word, false));
        match word {
            "loose-object" => objects = value,
            "pack" => packs = value,
            "reference" => reference = value,
            "objects" | "committed" | "added" => (objects, packs) = (value, value),
            "all" => (objects, packs, reference) = (value, value, value),
            "none" => (objects, packs, reference) = (false, false, false),
            _ => {}
        }
    }
    (objects, packs, reference)
}

fn shared(setting: Option<&str>) -> Shared {
    match setting.unwrap_or("umask") {
        "group" | "true" | "yes" | "on" | "1" | "" => Shared::Added(0o660),
        "all" | "world" | "everybody" | "2" => Shared::Added(0o664),
        octal if octal.starts_with('0') && octal.len() > 1 => {
            u32::from_str_radix(octal, 8).map_or(Shared::Umask, |mode| Shared::Exactly(mode & 0o666))
        }
        _ => Shared::Umask,
    }
}

pub(super) fn loose_path(folder: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    folder.join(&hex[..2]).join(&hex[2..])
}

fn settle(path: &Path, flush: bool, shared: Shared) -> Result<(), StoreError> {
    let doing = format!("can't settle '{}'", path.display());
    if flush {
        File::open(path)
            .and_then(|file| file.sync_data())
            .map_err(|error| StoreError::from_io(&doing, &error))?;
    }
    share(path, shared, false);
    Ok(())
}

fn share_folder(path: Option<&Path>, shared: Shared) {
    if let Some(path) = path {
        share(path, shared, true);
    }
}

/// Adds the bits as git does: no write bit on read-only files, search bits and setgid on folders.
/// A file of somebody else keeps its mode; its owner's git has set it.
#[cfg(unix)]
fn share(path: &Path, shared: Shared, is_folder: bool) {
    use std::os::unix::fs::PermissionsExt;
    let (bits, keep) = match shared {
        Shared::Umask => return,
        Shared::Added(bits) => (bits, 0o7777),
        Shared::Exactly(bits) => (bits, 0o7000),
    };
    let Ok(metadata) = fs::metadata(path) else { return };
    let mode = metadata.permissions().mode();
    let mut bits = if mode & 0o200 == 0 { bits & !0o222 } else { bits };
    if is_folder {
        bits |= (bits & 0o444) >> 2 | 0o2000;
    }
    let wanted = (mode & keep) | bits;
    if wanted != mode & 0o7777 {
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(wanted));
    }
}

/// Other systems have no such bits.
#[cfg(not(unix))]
fn share(_path: &Path, _shared: Shared, _is_folder: bool) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_settings_name_is_flushed() {
        assert_eq!(flushed(None, false), (false, true, false));
        assert_eq!(flushed(None, true), (true, true, false));
        assert_eq!(flushed(Some("committed,-loose-object"), false), (false, true, false));
        assert_eq!(flushed(Some("committed"), false), (true, true, false));
        assert_eq!(flushed(Some("added"), false), (true, true, false));
        assert_eq!(flushed(Some("all"), false), (true, true, true));
        assert_eq!(flushed(Some("all,-reference"), false), (true, true, false));
        assert_eq!(flushed(Some("-pack"), false), (false, false, false));
        assert_eq!(flushed(Some("none"), false), (false, false, false));
    }

    #[test]
    fn sharing_is_read_as_git_reads_it() {
        assert_eq!(shared(None), Shared::Umask);
        assert_eq!(shared(Some("group")), Shared::Added(0o660));
        assert_eq!(shared(Some("2")), Shared::Added(0o664));
        assert_eq!(shared(Some("0640")), Shared::Exactly(0o640));
        assert_eq!(shared(Some("0")), Shared::Umask);
    }
}
