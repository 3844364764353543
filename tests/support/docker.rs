//! Containers of images made here, of given files and nothing else: no
//! registry is asked. Images and containers go with the values that stand for
//! them; each has the label [`LABEL`], should a killed test leave one.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// On everything that is made here.
const LABEL: &str = "loopshim-test=1";

/// Whether an engine answers: without one, tests that need it are skipped.
pub fn is_here() -> bool {
    let asked = Command::new("docker").args(["info", "--format", "{{.ServerVersion}}"]).output();
    asked.is_ok_and(|answer| answer.status.success() && !answer.stdout.trim_ascii().is_empty())
}

/// The root of an image to be.
pub struct Files(tempfile::TempDir);

impl Files {
    /// Nothing at all.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("permissions");
        Self(folder)
    }

    /// Makes a directory and those above it.
    pub fn make_directory(&self, path: &str) {
        fs::create_dir_all(self.path(path)).expect("a directory");
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// Sets a file's permissions.
    pub fn permit(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), PermissionsExt::from_mode(mode)).expect("permissions");
    }

    /// Puts a file of this machine there, executable; what it links to, not links.
    pub fn install(&self, path: &str, from: &Path) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::copy(from, &path).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("permissions");
    }

    /// Puts a program of this machine in its own place, with the libraries
    /// that its loader needs.
    pub fn install_with_libraries(&self, program: &Path) {
        self.install(program.to_str().expect("in UTF-8"), program);
        let told = Command::new("ldd").arg(program).output().expect("ldd");
        // `NAME => PATH (ADDRESS)`, or `PATH (ADDRESS)` for the loader.
        let told = String::from_utf8(told.stdout).expect("text");
        for library in told.split_whitespace().filter(|word| word.starts_with('/')) {
            self.install(library, Path::new(library));
        }
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }
}

/// An image, for as long as this value lives.
pub struct Image(String);

impl Image {
    /// Of the files in a folder, with their owners; what is the kernel's is left
    /// out. `changes` are lines as of a Dockerfile, `ENV PATH=/bin`.
    pub fn of(folder: &Path, changes: &[&str]) -> Self {
        let mut tar = Command::new("tar")
            .args(["--numeric-owner", "--exclude=./proc/*", "--exclude=./sys/*", "-cf", "-", "-C"])
            .arg(folder)
            .arg(".")
            .stdout(Stdio::piped())
            .spawn()
            .expect("tar");
        let mut import = Command::new("docker");
        import.args(["import", "--change", &format!("LABEL {LABEL}")]);
        for change in changes {
            import.args(["--change", change]);
        }
        let output = import.arg("-").stdin(tar.stdout.take().expect("a pipe")).output().expect("docker");
        assert!(tar.wait().expect("an end").success());
        Self(said(&output))
    }

    /// Its number without the kind, as a remote shell's host.
    pub fn host(&self) -> &str {
        self.0.rsplit(':').next().expect("a number")
    }

    /// Runs a command in a container of its own, which goes when it ends.
    /// `options` are those of `docker run`.
    pub fn run(&self, options: &[&str], command: &[&str]) -> Output {
        let mut docker = Command::new("docker");
        docker.args(["run", "--rm", "--label", LABEL]).args(options).arg(&self.0).args(command);
        docker.stdin(Stdio::null()).output().expect("docker")
    }

    /// Starts a container and does not wait for it.
    pub fn start(&self, options: &[&str], command: &[&str]) -> Container {
        let mut docker = Command::new("docker");
        docker.args(["run", "--detach", "--label", LABEL]).args(options).arg(&self.0).args(command);
        Container(said(&docker.output().expect("docker")))
    }

    /// Makes a container and does not start it.
    pub fn create(&self, options: &[&str], command: &[&str]) -> Container {
        let mut docker = Command::new("docker");
        docker.args(["create", "--label", LABEL]).args(options).arg(&self.0).args(command);
        Container(said(&docker.output().expect("docker")))
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        remove(&["rmi", "--force", &self.0]);
    }
}

/// A container, for as long as this value lives.
pub struct Container(String);

impl Container {
    /// Puts a file of this machine into it.
    pub fn copy_to(&self, from: &Path, path: &str) {
        let to = format!("{}:{path}", self.0);
        let done = Command::new("docker").arg("cp").arg(from).arg(to).output().expect("docker");
        assert!(done.status.success(), "docker cp: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Runs a command in it, which is started. `options` are those of `docker exec`.
    pub fn run(&self, options: &[&str], command: &[&str]) -> Output {
        let mut docker = Command::new("docker");
        docker.arg("exec").args(options).arg(&self.0).args(command);
        docker.stdin(Stdio::null()).output().expect("docker")
    }

    /// Its files as seen from here, while it runs; `None` where its engine is on
    /// another machine.
    pub fn root(&self) -> Option<PathBuf> {
        let asked = Command::new("docker").args(["inspect", "--format", "{{.State.Pid}}", &self.0]).output();
        let root = PathBuf::from(format!("/proc/{}/root", said(&asked.expect("docker"))));
        root.join("etc/os-release").exists().then_some(root)
    }

    /// Starts it and waits for its command.
    pub fn attach(&self) -> Output {
        Command::new("docker").args(["start", "--attach", &self.0]).output().expect("docker")
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        remove(&["rm", "--force", "--volumes", &self.0]);
    }
}

/// Removes what is ours. A failing test is not to fail twice over: it says so.
fn remove(arguments: &[&str]) {
    let done = Command::new("docker").args(arguments).output();
    if !done.is_ok_and(|done| done.status.success()) {
        super::say::say(format_args!("could not docker {}", arguments.join(" ")));
    }
}

/// What a command that must succeed says on one line.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "docker: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
