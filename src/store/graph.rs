//! The commits of the code: ranges of history, branches, and what a difference hashes to.
//!
//! git itself walks: it knows shallow and partial clones, grafts, commit graphs and clocks that lie. Options
//! are fixed, so that no setting of the user changes an answer.

use std::collections::{BTreeSet, HashMap, HashSet};

use gix::bstr::ByteSlice;

use crate::format::message;
use crate::model::commit::{AuthorKey, Commit};

use super::reference::Backend;
use super::{ObjectId, Store, StoreError, git};

/// A range of history.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// Its commits, the newest first.
    pub commits: Vec<Commit>,
    /// Whether the walk ended at the limit, not at the end of the range.
    pub is_cut: bool,
}

/// Where a walk ends besides at what is excluded.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The most commits.
    pub most: usize,
    /// Nothing committed before, in seconds since 1970-01-01T00:00:00Z.
    pub since: Option<i64>,
}

/// A branch, local or of a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The whole name of the ref.
    pub reference: String,
    /// The remote; `None` for a local branch.
    pub remote: Option<String>,
    /// The name without `refs/heads/` or `refs/remotes/<remote>/`.
    pub name: String,
    /// The commit it points at.
    pub tip: String,
}

/// Fields of a commit as git prints them, each ended by NUL.
pub(super) const FORMAT: &str = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ct%x00%B%x00";
const FIELDS: usize = 7;

/// What makes a difference the same text in every clone, whatever its settings and attributes.
const PLAIN_DIFFERENCE: [&str; 13] = [
    "-p",
    "--root",
    "--no-renames",
    "-U3",
    "--inter-hunk-context=0",
    "--full-index",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--text",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--submodule=short",
];

impl Store {
    /// The commits that can be reached from `tips` and not from `excluded`, the newest first.
    ///
    /// # Errors
    /// When one of them is not in this clone, or git fails otherwise.
    pub fn range(
        &self,
        tips: &[&str],
        excluded: &[&str],
        limit: Limit,
        trailer: &str,
    ) -> Result<Range, StoreError> {
        let most = format!("--max-count={}", limit.most + 1);
        let since = limit.since.map(|seconds| format!("--since=@{seconds}"));
        let mut arguments = vec!["rev-list", "--no-commit-header", "--encoding=UTF-8", FORMAT, &most];
        arguments.extend(since.as_deref());
        arguments.push("--stdin");
        let excluded = excluded.iter().map(|id| format!("^{id}\n"));
        let input: String = tips.iter().map(|id| format!("{id}\n")).chain(excluded).collect();
        let output = git::output(&self.cwd, arguments, Some(&input))?;
        if !output.status.success() {
            return Err(git::failed(&output));
        }
        let mut commits = read_commits(&output.stdout, trailer)?;
        let is_cut = commits.len() > limit.most;
        commits.truncate(limit.most);
        Ok(Range { commits, is_cut })
    }

    /// One commit, with what its message says; `None` when this clone doesn't have it.
    ///
    /// # Errors
    /// When git can't be run.
    pub fn code_commit(&self, id: &str, trailer: &str) -> Result<Option<Commit>, StoreError> {
        if !self.has(id) {
            return Ok(None);
        }
        let limit = Limit { most: 1, since: None };
        Ok(self.range(&[id], &[], limit, trailer).ok().and_then(|range| range.commits.into_iter().next()))
    }

    /// Whether this clone has the object.
    pub fn has(&self, id: &str) -> bool {
        ObjectId::from_hex(id.as_bytes()).is_ok_and(|id| self.is_there(&id))
    }

    /// Whether the history of the code ends early here.
    pub fn is_shallow(&self) -> bool {
        self.repo.is_shallow().unwrap_or(false)
    }

    /// The commits whose parents a shallow clone left behind.
    pub fn shallow_ends(&self) -> HashSet<String> {
        let commits = self.repo.shallow_commits().ok().flatten();
        commits.iter().flat_map(|commits| commits.iter()).map(ToString::to_string).collect()
    }

    /// Whether `old` can be reached from `new`; `None` when this clone can't tell.
    pub fn is_ancestor(&self, old: &str, new: &str) -> Option<bool> {
        let output =
            git::output(&self.cwd, ["merge-base", "--is-ancestor", "--end-of-options", old, new], None)
                .ok()?;
        match output.status.code() {
            Some(0) => Some(true),
            Some(1) if !self.is_shallow() => Some(false),
            _ => None,
        }
    }

    /// The best common ancestor of a commit and of what a merge of some others would be.
    pub fn merge_base(&self, one: &str, others: &[String]) -> Option<String> {
        if others.is_empty() {
            return None;
        }
        let others = others.iter().map(String::as_str);
        let answer =
            git::run(&self.cwd, ["merge-base", "--end-of-options", one].into_iter().chain(others)).ok()?;
        answer.lines().next().map(str::to_owned)
    }

    /// Where the lines of first parents of two commits part, if that is among the last `most` of each.
    pub fn parted(&self, one: &str, other: &str, most: usize) -> Option<String> {
        let most = format!("--max-count={most}");
        let line =
            |tip: &str| git::run(&self.cwd, ["rev-list", "--first-parent", &most, "--end-of-options", tip]);
        let (one, other) = (line(one).ok()?, line(other).ok()?);
        let known: HashSet<&str> = one.lines().collect();
        other.lines().find(|id| known.contains(id)).map(str::to_owned)
    }

    /// The best common ancestor of all of some commits.
    pub fn common_base(&self, commits: &BTreeSet<String>) -> Option<String> {
        if commits.len() < 2 {
            return commits.first().cloned();
        }
        let commits = commits.iter().map(String::as_str);
        let arguments = ["merge-base", "--octopus", "--end-of-options"].into_iter().chain(commits);
        git::run(&self.cwd, arguments).ok()?.lines().next().map(str::to_owned)
    }

    /// Former values of a branch from its log, and why it moved there, the newest first; none where no log is
    /// kept.
    pub fn former_tips(&self, reference: &str) -> Vec<(String, String)> {
        let format = ["log", "--walk-reflogs", "--no-show-signature", "--no-color", "--format=%H %gs"];
        let words = format.into_iter().chain(["--end-of-options", reference, "--"]);
        let text = git::run(&self.cwd, words).unwrap_or_default();
        let entries = text.lines().filter_map(|line| line.split_once(' '));
        entries.map(|(id, why)| (id.to_owned(), why.to_owned())).collect()
    }

    /// Every local branch and every branch of a remote.
    ///
    /// # Errors
    /// When the refs can't be listed.
    pub fn branches(&self) -> Result<Vec<Branch>, StoreError> {
        let mut found = Vec::new();
        for prefix in ["refs/heads/", "refs/remotes/"] {
            let named = self.refs_below(prefix)?;
            found.extend(named.iter().filter_map(|(name, tip)| self.branch_of(name, &tip.to_string())));
        }
        Ok(found)
    }

    /// The branches of these names, local and of every remote.
    ///
    /// # Errors
    /// When a ref can't be read.
    pub fn branches_named(&self, names: &[String]) -> Result<Vec<Branch>, StoreError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let remotes = self.repo.remote_names();
        let remotes: Vec<&str> = remotes.iter().filter_map(|name| name.to_str().ok()).collect();
        let mut wanted: Vec<(String, Option<&str>, &String)> = Vec::new();
        for name in names {
            wanted.push((format!("refs/heads/{name}"), None, name));
            wanted.extend(
                remotes.iter().map(|remote| (format!("refs/remotes/{remote}/{name}"), Some(*remote), name)),
            );
        }
        wanted.sort_unstable();
        wanted.dedup();
        let tips = self.read_refs(wanted.iter().map(|(reference, ..)| reference.as_str()))?;
        let found = wanted.into_iter().filter_map(|(reference, remote, name)| {
            let tip = tips.get(&reference)?.to_string();
            Some(Branch { reference, remote: remote.map(str::to_owned), name: name.clone(), tip })
        });
        Ok(found.collect())
    }

    fn branch_of(&self, reference: &str, tip: &str) -> Option<Branch> {
        let (reference, tip) = (reference.to_owned(), tip.to_owned());
        if let Some(name) = reference.strip_prefix("refs/heads/") {
            let name = name.to_owned();
            return Some(Branch { reference, remote: None, name, tip });
        }
        let rest = reference.strip_prefix("refs/remotes/")?;
        let remotes = self.repo.remote_names();
        // The name of a remote may itself hold a slash: the longest that fits.
        let known = remotes.iter().filter_map(|name| name.to_str().ok());
        let fitting = known.filter(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
        let remote = fitting.max_by_key(|name| name.len()).or_else(|| rest.split('/').next())?.to_owned();
        let name = rest.strip_prefix(&remote)?.strip_prefix('/')?.to_owned();
        Some(Branch { reference, remote: Some(remote), name, tip })
    }

    /// The branch a remote calls its main one, where this clone knows: `origin` first, else the only remote.
    pub fn remote_main_branch(&self) -> Option<String> {
        let remotes = self.repo.remote_names();
        let names: Vec<&str> = remotes.iter().filter_map(|name| name.to_str().ok()).collect();
        let remote = names.iter().find(|name| **name == "origin").or(match names.len() {
            1 => names.first(),
            _ => None,
        })?;
        let head = format!("refs/remotes/{remote}/HEAD");
        let target = match self.backend {
            Backend::Git => {
                git::run(&self.cwd, ["symbolic-ref", "--quiet", &head]).ok()?.trim_end().to_owned()
            }
            Backend::Files => {
                let reference = self.repo.try_find_reference(head.as_str()).ok()??;
                reference.target().try_name()?.as_bstr().to_str().ok()?.to_owned()
            }
        };
        target.strip_prefix(&format!("refs/remotes/{remote}/")).map(str::to_owned)
    }

    /// The paths that differ between two commits, between nothing and one where there is no first; `None` when
    /// this clone can't tell.
    pub fn changed_paths(&self, before: Option<&str>, after: &str) -> Option<HashSet<String>> {
        let id = |hex: &str| ObjectId::from_hex(hex.as_bytes()).ok().filter(|id| self.is_there(id));
        let before = match before {
            Some(before) => Some(self.tree_of(id(before)?).ok()?),
            None => None,
        };
        let after = self.tree_of(id(after)?).ok()?;
        let walker = self.snapshot_at(None).ok()?;
        let paths = super::history::changed_paths(&walker, before, Some(after)).ok()?;
        Some(paths.into_iter().collect())
    }

    /// What the differences of commits to their parents hash to: equal wherever the same change is made.
    /// Merges and commits that change nothing have none.
    ///
    /// # Errors
    /// When git fails.
    pub fn patch_ids(&self, commits: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        if commits.is_empty() {
            return Ok(HashMap::new());
        }
        let input: String = commits.iter().map(|id| format!("{id}\n")).collect();
        let text = self.hash_differences(&["--stdin"], input)?;
        let pairs = text.lines().filter_map(|line| line.split_once(' '));
        Ok(pairs.map(|(patch, commit)| (commit.to_owned(), patch.to_owned())).collect())
    }

    /// What the whole difference between two commits hashes to, as that of a single commit would.
    ///
    /// # Errors
    /// When git fails.
    pub fn range_patch_id(&self, base: &str, tip: &str) -> Result<Option<String>, StoreError> {
        let text = self.hash_differences(&["--end-of-options", base, tip], String::new())?;
        Ok(text.lines().next().and_then(|line| line.split(' ').next()).map(str::to_owned))
    }

    fn hash_differences(&self, what: &[&str], input: String) -> Result<String, StoreError> {
        let mut arguments = vec!["-c", "core.quotePath=true", "diff-tree"];
        arguments.extend(PLAIN_DIFFERENCE);
        arguments.extend(what);
        git::pipe(&self.cwd, &arguments, input, &["patch-id", "--stable"])
    }

    /// Whether merging `tip` into `target` would change nothing there. `None` when this clone can't tell.
    pub fn is_contained(&self, target: &str, tip: &str) -> Option<bool> {
        let own_tree = git::run(&self.cwd, ["rev-parse", "--verify", &format!("{target}^{{tree}}")]).ok()?;
        let merged = self.merged_tree(target, tip)?;
        Some(merged.lines().next()? == own_tree.trim_end())
    }

    /// The tree of a merge, made in a folder of its own: a look must leave nothing behind in the repository.
    fn merged_tree(&self, target: &str, tip: &str) -> Option<String> {
        let objects = self.repo.objects.store_ref().path().to_owned();
        let folder = self.own_dir().join(format!("merge-{}", self.process));
        std::fs::create_dir_all(&folder).ok()?;
        let environment = [
            ("GIT_OBJECT_DIRECTORY", folder.as_os_str()),
            ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_os_str()),
        ];
        let answer = git::run_with(&self.cwd, environment, ["merge-tree", "--write-tree", target, tip]);
        // What stays behind is taken away with the folder of this program.
        let _ = std::fs::remove_dir_all(&folder);
        answer.ok()
    }
}

pub(super) fn read_commits(bytes: &[u8], trailer: &str) -> Result<Vec<Commit>, StoreError> {
    let bad = || StoreError::GitFailed("rev-list printed something else than commits".to_owned());
    let mut fields = bytes.split(|byte| *byte == 0).map(|field| field.to_str_lossy());
    let mut found = Vec::new();
    loop {
        let id = fields.next().unwrap_or_default().trim().to_owned();
        if id.is_empty() {
            return Ok(found);
        }
        let record: Vec<_> = fields.by_ref().take(FIELDS - 1).collect();
        let [parents, author, mail, written, committed, text] = record.as_slice() else { return Err(bad()) };
        let seconds = |field: &str| field.parse::<i64>().unwrap_or(0);
        let message = text.trim_end_matches('\n').to_owned();
        found.push(Commit {
            id,
            parents: parents.split_whitespace().map(str::to_owned).collect(),
            key: AuthorKey {
                mail: mail.to_string(),
                seconds: seconds(written),
                subject: message::subject(&message),
            },
            author: author.to_string(),
            committed: seconds(committed),
            mentions: message::read(&message, trailer),
            message,
        });
    }
}
