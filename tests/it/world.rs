//! Real repositories for tests: made with the real git, driven through the real program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder with a repository in it, and a home of its own.
pub(crate) struct World {
    root: TempDir,
    git: PathBuf,
}

/// What a program answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its exit code.
    pub(crate) code: i32,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

impl Answer {
    /// The standard output of a program that must have gone well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// The standard error of a program that must have exited with that code.
    #[track_caller]
    pub(crate) fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        self.err
    }
}

/// Every git on the machine that differs from the others, the first on PATH first.
pub(crate) fn gits() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let folders = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&folders) {
        let Ok(real) = folder.join("git").canonicalize() else { continue };
        if !found.contains(&real) {
            found.push(real);
        }
    }
    found
}

impl World {
    /// An empty repository, `repo`, made by the first git on PATH.
    pub(crate) fn new() -> Self {
        World::with_git(&gits()[0])
    }

    /// An empty repository made by that git, which the program will find first on its PATH.
    pub(crate) fn with_git(git: &Path) -> Self {
        let world = World::bare_folder(git);
        world.git(["init", "-q", "-b", "main", "."]).ok();
        world
    }

    /// A folder `repo` without a repository.
    pub(crate) fn bare_folder(git: &Path) -> Self {
        let root = tempfile::Builder::new().prefix("yoi-").tempdir().expect("a temporary folder");
        std::fs::create_dir_all(root.path().join("repo")).expect("a folder");
        std::fs::create_dir_all(root.path().join("home")).expect("a folder");
        let config = "[user]\n\tname = Tess Ter\n\temail = tess@example.org\n[init]\n\tdefaultBranch = main\n[protocol \"file\"]\n\tallow = always\n";
        std::fs::write(root.path().join("home/.gitconfig"), config).expect("a file");
        World { root, git: git.to_owned() }
    }

    /// The folder everything is in.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// The folder of the repository.
    pub(crate) fn repo(&self) -> PathBuf {
        self.root.path().join("repo")
    }

    /// Writes a file below the root folder.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(&path, content).expect("a file");
        path
    }

    /// A command in a folder, with nothing of this machine's settings in its environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = Command::new(program);
        let own = Path::new(env!("CARGO_BIN_EXE_git-yoi")).parent().expect("a folder").to_owned();
        let git = self.git.parent().expect("a folder").to_owned();
        let rest = ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from);
        let path = std::env::join_paths([own, git].into_iter().chain(rest)).expect("a PATH");
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.root.path().join("home"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        command
    }

    /// Runs a prepared command.
    pub(crate) fn run(&self, mut command: Command) -> Answer {
        let output = command.output().expect("the program starts");
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs git in the repository.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Answer {
        let mut command = self.command(&self.git, &self.repo());
        command.args(arguments);
        self.run(command)
    }

    /// The program, in the repository, ready to be given more.
    pub(crate) fn yoi_command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_git-yoi"), &self.repo());
        command.args(arguments);
        command
    }

    /// Runs the program in the repository.
    pub(crate) fn yoi<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Answer {
        self.run(self.yoi_command(arguments))
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn yoi_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Answer {
        let file = self.write("input", input);
        let mut command = self.yoi_command(arguments);
        command.stdin(std::fs::File::open(file).expect("a file"));
        self.run(command)
    }

    /// Makes a ticket and gives its id.
    pub(crate) fn create(&self, title: &str) -> String {
        self.yoi(["create", title, "--porcelain"]).ok().trim_end().to_owned()
    }

    /// The JSON a command answers.
    pub(crate) fn json<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> serde_json::Value {
        let mut command = self.yoi_command(arguments);
        command.arg("--json");
        serde_json::from_str(&self.run(command).ok()).expect("JSON")
    }
}
