//! Looking a few objects up with few system calls.
//!
//! gix maps packs into memory, and checks the whole index of a pack when it opens it: right for thousands of objects,
//! and most of the time and memory of a command that reads ten. Here a lookup reads the few kilobytes it needs. It sits
//! in front of gix as its cache of objects: whatever is not found here, or is unusual (large objects, many packs, packs
//! of other versions, objects of another repository), is looked for by gix, so no answer differs.
//!
//! Objects that were read are remembered: a write asks for the same folders several times.

mod delta;
mod packed;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use gix::objs::Kind;
use gix::zlib::{Inflate, Status};

use super::{ObjectId, durable};

use packed::Packed;

/// Larger objects are left to gix, which knows limits.
const LARGEST: usize = 1 << 20;

/// So many bytes of objects are remembered, and no object that is larger than the other.
const REMEMBERED: usize = 1 << 20;
const SMALL: usize = 1 << 16;

/// After so many lookups gix is the faster one.
const LOOKUPS: usize = 1_000;

/// With more packs than this, too.
const PACKS: usize = 32;

/// Where objects are looked up; handles of the same repository on other threads have their own.
#[derive(Clone)]
pub(super) struct Lookup(Arc<Mutex<Objects>>);

/// The objects of one folder.
struct Objects {
    folder: PathBuf,
    hash: gix::hash::Kind,
    packs: Option<Vec<Packed>>,
    known: HashMap<ObjectId, (Kind, Vec<u8>)>,
    /// The bytes of what is known.
    held: usize,
    /// Lookups left.
    left: usize,
    inflate: Inflate,
}

impl Lookup {
    /// Puts a lookup of its own in front of a repository's objects.
    pub(super) fn install(repo: &mut gix::Repository) -> Self {
        let lookup = Lookup::of(repo);
        let own = lookup.clone();
        repo.objects.set_object_cache(move || Box::new(own.clone()));
        lookup
    }

    /// One that looks nothing up, and nothing in front of a repository's objects.
    pub(super) fn without(repo: &mut gix::Repository) -> Self {
        repo.objects.unset_object_cache();
        let lookup = Lookup::of(repo);
        lookup.stop();
        lookup
    }

    fn of(repo: &gix::Repository) -> Self {
        let store = repo.objects.store_ref();
        // Whoever asks for a replaced object gets another one.
        let is_plain = store.replacements().next().is_none();
        let objects = Objects {
            folder: store.path().to_owned(),
            hash: store.object_hash(),
            packs: None,
            known: HashMap::new(),
            held: 0,
            left: if is_plain { LOOKUPS } else { 0 },
            inflate: Inflate::default(),
        };
        Lookup(Arc::new(Mutex::new(objects)))
    }

    /// Looks nothing up any more: thousands of objects will be read.
    pub(super) fn stop(&self) {
        self.with(|objects| objects.left = 0);
    }

    /// The kind of an object and its size in bytes, if it is found here.
    pub(super) fn header(&self, id: &ObjectId) -> Option<(Kind, u64)> {
        self.with(|objects| objects.find(id).map(|(kind, content)| (kind, content.len() as u64)))
    }

    /// Whether an object is found here, whatever its size.
    pub(super) fn has(&self, id: &ObjectId) -> bool {
        self.with(|objects| objects.has(id))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Objects) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl gix::odb::pack::cache::Object for Lookup {
    fn put(&mut self, id: ObjectId, kind: Kind, data: &[u8]) {
        self.with(|objects| objects.remember(id, kind, data));
    }

    fn get(&mut self, id: &ObjectId, out: &mut Vec<u8>) -> Option<Kind> {
        self.with(|objects| {
            let (kind, content) = objects.find(id)?;
            out.clear();
            out.extend_from_slice(&content);
            Some(kind)
        })
    }
}

impl Objects {
    fn find(&mut self, id: &ObjectId) -> Option<(Kind, std::borrow::Cow<'_, [u8]>)> {
        if self.known.contains_key(id) {
            let (kind, content) = self.known.get(id)?;
            return Some((*kind, content.into()));
        }
        self.left = self.left.checked_sub(1)?;
        let (kind, content) = match self.loose(id) {
            Some(found) => found,
            None => self.packed(id)?,
        };
        self.remember(*id, kind, &content);
        Some((kind, content.into()))
    }

    fn has(&mut self, id: &ObjectId) -> bool {
        if self.known.contains_key(id) {
            return true;
        }
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        durable::loose_path(&self.folder, id).exists() || self.pack_of(id).is_some()
    }

    fn remember(&mut self, id: ObjectId, kind: Kind, content: &[u8]) {
        let is_short = content.len() <= SMALL && self.held + content.len() <= REMEMBERED;
        if is_short && self.left > 0 && self.known.insert(id, (kind, content.to_vec())).is_none() {
            self.held += content.len();
        }
    }

    /// The object in a file of its own: kind, size and content, compressed.
    fn loose(&mut self, id: &ObjectId) -> Option<(Kind, Vec<u8>)> {
        let mut bytes = Vec::with_capacity(4096);
        let file = File::open(durable::loose_path(&self.folder, id)).ok()?;
        // Compressed it is hardly ever larger.
        file.take(LARGEST as u64).read_to_end(&mut bytes).ok()?;
        let mut start = [0; 32];
        self.inflate.reset();
        let (_, taken, written) = self.inflate.prefix(&bytes, &mut start).ok()?;
        let start = start.get(..written)?;
        let end = start.iter().position(|byte| *byte == 0)?;
        let (kind, size) = std::str::from_utf8(start.get(..end)?).ok()?.split_once(' ')?;
        let kind = Kind::from_bytes(kind.as_bytes()).ok()?;
        let size: usize = size.parse().ok().filter(|size| *size <= LARGEST)?;
        let mut content = Vec::new();
        // One more, to see whether there is more than it says.
        let length = size.checked_add(1)?.max(written - end - 1);
        let length = self.inflate.rest(bytes.get(taken..)?, start, end + 1, &mut content, length).ok()?;
        (length == size).then_some((kind, content))
    }

    fn packed(&mut self, id: &ObjectId) -> Option<(Kind, Vec<u8>)> {
        let offset = self.pack_of(id)?;
        self.packs.as_ref()?.first()?.read(offset, &mut self.inflate)
    }

    /// Where an object is in a pack, which is the first one from then on: what is asked for next is probably beside it.
    fn pack_of(&mut self, id: &ObjectId) -> Option<u64> {
        if self.packs.is_none() {
            self.packs = Some(self.open_packs().unwrap_or_else(|| {
                self.left = 0;
                Vec::new()
            }));
        }
        let packs = self.packs.as_mut()?;
        let (at, offset) = packs.iter().enumerate().find_map(|(at, pack)| Some((at, pack.offset(id)?)))?;
        packs.swap(0, at);
        Some(offset)
    }

    /// The packs; nothing where there are many, or odd ones.
    fn open_packs(&self) -> Option<Vec<Packed>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(self.folder.join("pack")).ok()?.flatten() {
            let path = entry.path();
            let is_index = path.extension().is_some_and(|end| end == "idx");
            let is_pack = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"pack-"));
            if is_index && is_pack {
                found.push(path);
            }
            if found.len() > PACKS {
                return None;
            }
        }
        found.iter().map(|path| Packed::open(path, self.hash)).collect()
    }
}

/// Decompresses what has to be just so many bytes.
fn inflate(inflate: &mut Inflate, input: &[u8], size: usize) -> Option<Vec<u8>> {
    // One more, to see whether there is more.
    let mut out = vec![0; size.checked_add(1)?];
    inflate.reset();
    let (status, _, written) = inflate.once(input, &mut out).ok()?;
    out.truncate(size);
    (status == Status::StreamEnd && written == size).then_some(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use gix::odb::pack::cache::Object;

    use super::*;

    fn git(folder: &Path, line: &str) -> Vec<u8> {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "gc.auto=0"])
            .args(line.split(' '))
            .envs(["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"].map(|name| (name, "2024-01-01T00:00:00Z")))
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// A repository with a file that grows from commit to commit, so that packs hold differences.
    fn repository(hash: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &format!("init -q --object-format={hash}"));
        let mut text = String::new();
        for number in 0..40 {
            (0..20).for_each(|line| text.push_str(&format!("{number} {line} {}\n", number * 7919 + line)));
            fs::write(folder.path().join("file"), &text).unwrap();
            fs::write(folder.path().join(format!("{number}")), "").unwrap();
            git(folder.path(), "add .");
            git(folder.path(), &format!("commit -qm {number}"));
        }
        fs::write(folder.path().join("large"), "x".repeat(LARGEST + 1)).unwrap();
        git(folder.path(), "add .");
        git(folder.path(), "tag -a -m text tag");
        folder
    }

    fn lookup(folder: &Path) -> Lookup {
        let mut repo = gix::open(folder).unwrap();
        Lookup::install(&mut repo)
    }

    /// Every object, and how many of them were found here, each as git knows it.
    fn found(folder: &Path) -> (usize, usize) {
        let mut lookup = lookup(folder);
        let all = String::from_utf8(git(
            folder,
            "cat-file --batch-all-objects --batch-check=%(objectname)_%(objecttype)_%(objectsize)",
        ))
        .unwrap();
        let mut content = Vec::new();
        let is_found = |line: &&str| {
            let [id, kind, size] = line.split('_').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let id = ObjectId::from_hex(id.as_bytes()).unwrap();
            let Some(found) = lookup.get(&id, &mut content) else { return false };
            assert_eq!(
                (found.to_string().as_str(), content.len().to_string().as_str()),
                (kind, size),
                "{id}"
            );
            assert_eq!(gix::objs::compute_hash(id.kind(), found, &content).unwrap(), id);
            true
        };
        (all.lines().count(), all.lines().filter(is_found).count())
    }

    #[test]
    fn objects_in_files_and_in_packs_are_as_git_knows_them() {
        for hash in ["sha1", "sha256"] {
            let folder = repository(hash);
            let (all, loose) = found(folder.path());
            // The large one is left to gix.
            assert_eq!((all, loose), (123, 122), "{hash}");
            git(folder.path(), "repack -adq --depth=40 --window=50");
            let verified =
                git(folder.path(), "rev-parse --git-path objects/pack").strip_suffix(b"\n").unwrap().to_vec();
            let packs = folder.path().join(String::from_utf8(verified).unwrap());
            let mut index = fs::read_dir(packs).unwrap().map(|entry| entry.unwrap().path());
            let index = index.find(|path| path.extension().is_some_and(|end| end == "idx")).unwrap();
            let told = git(folder.path(), &format!("verify-pack -v {}", index.display()));
            assert!(String::from_utf8(told).unwrap().contains("chain length = 3"), "{hash}");
            let (all, packed) = found(folder.path());
            assert_eq!((all, packed), (123, 122), "{hash}");
        }
    }

    #[test]
    fn what_was_read_is_remembered_and_what_is_much_is_left_to_others() {
        let folder = repository("sha1");
        let mut lookup = lookup(folder.path());
        let id = String::from_utf8(git(folder.path(), "rev-parse HEAD")).unwrap();
        let id = ObjectId::from_hex(id.trim().as_bytes()).unwrap();
        let mut content = Vec::new();
        assert_eq!(lookup.get(&id, &mut content), Some(Kind::Commit));
        assert_eq!(lookup.header(&id), Some((Kind::Commit, content.len() as u64)));
        assert!(lookup.has(&id));
        fs::remove_dir_all(folder.path().join(".git/objects")).unwrap();
        assert_eq!(lookup.get(&id, &mut content), Some(Kind::Commit));
        lookup.with(|objects| objects.left = 0);
        let other = ObjectId::null(gix::hash::Kind::Sha1);
        assert_eq!(lookup.get(&other, &mut content), None);
        lookup.put(other, Kind::Blob, b"text");
        assert_eq!(lookup.get(&other, &mut content), None);
    }

    #[test]
    fn a_replaced_object_is_left_to_gix() {
        let folder = repository("sha1");
        git(folder.path(), "replace HEAD HEAD~1");
        let id = String::from_utf8(git(folder.path(), "rev-parse HEAD")).unwrap();
        let id = ObjectId::from_hex(id.trim().as_bytes()).unwrap();
        assert_eq!(lookup(folder.path()).get(&id, &mut Vec::new()), None);
    }

    #[test]
    fn damaged_files_are_left_to_gix() {
        let folder = repository("sha1");
        git(folder.path(), "repack -adq");
        let packs = folder.path().join(".git/objects/pack");
        let id = ObjectId::from_hex(&git(folder.path(), "rev-parse HEAD")[..40]).unwrap();
        let paths: Vec<_> = fs::read_dir(&packs).unwrap().map(|entry| entry.unwrap().path()).collect();
        let mut seen = 0;
        for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end != "rev")) {
            let whole = fs::read(path).unwrap();
            fs::remove_file(path).unwrap();
            let mut damaged: Vec<Vec<u8>> =
                (0..64).map(|part| whole[..whole.len() * part / 64].to_vec()).collect();
            damaged.extend((0..whole.len()).step_by(whole.len() / 300).map(|at| {
                let mut other = whole.clone();
                other[at] ^= 0x55;
                other
            }));
            for bytes in damaged {
                fs::write(path, bytes).unwrap();
                let mut content = Vec::new();
                // Whatever is found is whole: the checksum of what is compressed sees to that.
                if lookup(folder.path()).get(&id, &mut content).is_some() {
                    assert_eq!(gix::objs::compute_hash(id.kind(), Kind::Commit, &content).unwrap(), id);
                    seen += 1;
                }
            }
            fs::write(path, whole).unwrap();
        }
        assert!(seen > 0);
    }
}
