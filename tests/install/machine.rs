//! Small machines in a folder, entered by chroot: one of busybox alone, one
//! with Debian's shell, tools and package manager, copied from this machine.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::programs;
use crate::support::skip::skip;

/// What Debian's machine is made of, besides the libraries these need.
const DEBIAN_PROGRAMS: &str = "basename cat chmod chown chroot cksum cmp cp cut dd diff dirname dpkg dpkg-deb dpkg-divert \
    dpkg-query dpkg-split env flock grep head id ldconfig ln ls mkdir mv od printf readlink rm rmdir sed sleep sort \
    start-stop-daemon stat sync tar touch tr true uname";

/// A machine of its own below a temporary folder.
pub(crate) struct Machine {
    root: tempfile::TempDir,
}

/// What a command did.
pub(crate) struct Done {
    /// Its status; 137 when it was killed.
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Done {
    /// This, after making sure that it succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, 0, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// This, after making sure that it failed with one line that holds `words`.
    #[track_caller]
    pub(crate) fn one_line(self, status: i32, words: &str) -> Self {
        assert_eq!(self.status, status, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(self.stderr.contains(words), "no {words:?} in: {}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "more than a line: {}", self.stderr);
        self
    }
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;
        let signalled = output.status.signal().map(|signal| 128 + signal);
        Self {
            status: output.status.code().or(signalled).unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Machine {
    /// Busybox and nothing else, not even a package manager. `None`, loudly,
    /// where it cannot be had.
    pub(crate) fn of_busybox() -> Option<Self> {
        let busybox = find_program("busybox").filter(|program| is_static(program));
        let Some(busybox) = busybox.filter(|_| is_root()) else {
            skip("install.sh on a busybox machine", "root and package busybox-static");
            return None;
        };
        let machine = Self::empty();
        machine.copy_program(&busybox, "/bin/busybox");
        machine.sh_by(&["/bin/busybox", "--install", "-s", "/bin"]).ok();
        Some(machine)
    }

    /// As [`Self::of_busybox`], with the traces of RPM and an `rpm` that says
    /// each file in /usr/bin whose name is in /owned belongs to a package.
    pub(crate) fn of_rpm() -> Option<Self> {
        let machine = Self::of_busybox()?;
        machine.folder("/var/lib/rpm");
        machine.write("/bin/rpm", 0o755, b"#!/bin/sh\nwhile [ $# -gt 1 ]; do case $1 in -qf) grep -qx \"$2\" /owned 2>/dev/null; exit;; -Vf) exit 0;; esac; shift; done\nexit 1\n");
        Some(machine)
    }

    /// Debian's dash, coreutils and dpkg, with an empty package database.
    pub(crate) fn of_debian() -> Option<Self> {
        let programs: Option<Vec<PathBuf>> = DEBIAN_PROGRAMS.split_whitespace().map(find_program).collect();
        let (Some(programs), Some(dash), true) = (programs, find_program("dash"), is_root()) else {
            skip("install.sh on a Debian machine", "root, dpkg and dash");
            return None;
        };
        let machine = Self::empty();
        fs::remove_dir(machine.path("/bin")).expect("an empty folder");
        for folder in ["bin", "sbin", "lib", "lib64"] {
            machine.folder(&format!("/usr/{folder}"));
            symlink(format!("usr/{folder}"), machine.path(&format!("/{folder}"))).expect("a link");
        }
        for program in programs {
            let name = program.file_name().expect("a program's name").to_str().expect("in UTF-8");
            machine.copy_dynamic(&program, &format!("/usr/bin/{name}"));
        }
        machine.copy_dynamic(&dash, "/usr/bin/sh");
        for folder in ["/var/lib/dpkg/info", "/var/lib/dpkg/updates", "/var/lib/dpkg/triggers", "/var/log"] {
            machine.folder(folder);
        }
        for file in ["status", "available", "diversions"] {
            machine.write(&format!("/var/lib/dpkg/{file}"), 0o644, b"");
        }
        Some(machine)
    }

    fn empty() -> Self {
        let machine = Self { root: tempfile::tempdir().expect("a temporary folder") };
        fs::set_permissions(machine.root.path(), Permissions::from_mode(0o755)).expect("a folder's mode");
        for folder in ["/bin", "/dev", "/etc", "/tmp", "/usr/bin", "/usr/sbin", "/var/lib", "/src"] {
            machine.folder(folder);
        }
        let null = machine.path("/dev/null");
        run(Command::new("mknod").args(["-m", "666"]).arg(&null).args(["c", "1", "3"])).ok();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/install.sh");
        machine.copy_program(Path::new(script), "/src/install.sh");
        run(Command::new("cp").arg("-r").arg(programs::folder()).arg(machine.path("/src/sets"))).ok();
        // The host tool as it would have been built there.
        let built = programs::built();
        let triple =
            built.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a target");
        let place = format!("/src/target/{triple}/release");
        machine.folder(&place);
        machine.copy_program(&built.join("loopshim"), &format!("{place}/loopshim"));
        machine
    }

    /// A path of the machine as seen from outside.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path.trim_start_matches('/'))
    }

    /// Makes a folder and those above it.
    pub(crate) fn folder(&self, path: &str) {
        fs::create_dir_all(self.path(path)).expect("a folder");
    }

    /// Writes a file, in place of any before it. Never through a link: an
    /// absolute one would lead out of the machine.
    pub(crate) fn write(&self, path: &str, mode: u32, bytes: &[u8]) {
        let path = self.path(path);
        if path.symlink_metadata().is_ok() {
            fs::remove_file(&path).expect("an old file removed");
        }
        if mode & 0o111 == 0 {
            fs::write(&path, bytes).expect("a file's bytes");
        } else {
            write_program(&path, bytes);
        }
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
    }

    /// An original with everything a file can have: another owner, an odd
    /// mode, an old time with nanoseconds, an extended attribute.
    pub(crate) fn write_original(&self, path: &str, answer: &str) {
        self.write(path, 0o4751, format!("#!/bin/sh\necho {answer}\n").as_bytes());
        chown(self.path(path), Some(12), Some(34)).expect("an owner");
        fs::set_permissions(self.path(path), Permissions::from_mode(0o4751)).expect("a mode");
        let time = std::time::UNIX_EPOCH + std::time::Duration::new(1_000_000_000, 123_456_789);
        fs::File::open(self.path(path)).and_then(|file| file.set_modified(time)).expect("a time");
        if let Some(setfattr) = find_program("setfattr") {
            run(Command::new(setfattr).args(["-n", "user.note", "-v", answer]).arg(self.path(path))).ok();
        } else {
            skip("extended attributes of originals", "package attr");
        }
    }

    /// Runs `script` by the machine's own shell.
    pub(crate) fn sh(&self, script: &str) -> Done {
        self.sh_by(&["/bin/sh", "-c", script])
    }

    fn sh_by(&self, words: &[&str]) -> Done {
        run(self.command("chroot").arg(self.root.path()).args(words))
    }

    /// Runs `script` as an ordinary user whose home is /home/user.
    pub(crate) fn sh_as_user(&self, script: &str) -> Done {
        self.folder("/home/user");
        chown(self.path("/home/user"), Some(1000), Some(1000)).expect("an owner");
        let mut command = self.command("chroot");
        command.env("HOME", "/home/user").args(["--userspec", "1000:1000"]);
        run(command.arg(self.root.path()).args(["/bin/sh", "-c", script]))
    }

    /// Runs `script` where `mounts` (run before, with the machine's folder as
    /// `$1`) hold, in a mount namespace that ends with it.
    pub(crate) fn sh_with_mounts(&self, mounts: &str, script: &str) -> Done {
        let outer = format!("{mounts}\nexec chroot \"$1\" /bin/sh -c \"$2\"");
        let mut command = self.command("unshare");
        command.args(["--mount", "sh", "-ec", &outer, "sh"]).arg(self.root.path()).arg(script);
        run(&mut command)
    }

    /// Runs install.sh on the machine.
    pub(crate) fn install(&self, options: &str) -> Done {
        self.sh(&format!("/src/install.sh {options}"))
    }

    /// As [`Self::install`], ended as by a power cut after so many durable operations.
    pub(crate) fn install_stopped(&self, options: &str, steps: u32) -> Done {
        self.sh(&format!("LOOPSHIM_HOST_STOP_AFTER={steps} exec /bin/sh /src/install.sh {options}"))
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("HOME", "/root")
            .stdin(Stdio::null());
        command
    }

    /// By another process: one that a test starts meanwhile would hold this one's
    /// handle for a moment, and what is open for writing cannot be run, nor what it
    /// interprets.
    fn copy_program(&self, from: &Path, to: &str) {
        let mut copy = Command::new("cp");
        run(copy.args(["--dereference", "--preserve=mode"]).arg(from).arg(self.path(to))).ok();
    }

    /// Copies a program or library, and the libraries it needs.
    pub(crate) fn copy_dynamic(&self, program: &Path, to: &str) {
        self.copy_program(program, to);
        let libraries = run(Command::new("ldd").arg(program)).stdout;
        for library in libraries.split_whitespace().filter(|word| word.starts_with('/')) {
            let inside = library.replacen("/usr/", "/", 1);
            let there = self.path(&inside);
            if !there.exists() {
                fs::create_dir_all(there.parent().expect("a folder")).expect("a folder");
                self.copy_program(Path::new(library), &inside);
            }
        }
    }

    /// Everything on the machine but our own sources, extended attributes included.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::of(self.root.path(), &["src", "dev", "var/log"]);
        if let Some(getfattr) = find_program("getfattr") {
            let attributes = run(Command::new(getfattr)
                .args(["-R", "-h", "-d", "-m", "^user", "."])
                .current_dir(self.root.path()));
            for block in attributes.stdout.split("\n\n").filter(|block| !block.is_empty()) {
                let (path, values) = block.split_once('\n').unwrap_or((block, ""));
                let line = format!("{} attributes", path.trim_start_matches("# file: "));
                snapshot.0.insert(line, values.to_owned());
            }
        }
        snapshot
    }
}

/// Writes what is to be run, by another process, as programs are copied.
fn write_program(path: &Path, bytes: &[u8]) {
    let mut writer = Command::new("sh");
    writer.args(["-c", "cat >\"$0\""]).arg(path).stdin(Stdio::piped());
    let mut writer = writer.spawn().expect("a shell");
    writer.stdin.take().expect("a pipe").write_all(bytes).expect("a program's bytes");
    assert!(writer.wait().expect("an end").success(), "{} cannot be written", path.display());
}

fn walk(root: &Path, folder: &Path, left_out: &[&str], lines: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.strip_prefix(root).expect("a path inside").to_str().expect("in UTF-8").to_owned();
        let books = name.starts_with("var/lib/dpkg/") && !name.ends_with("/diversions");
        if left_out.contains(&name.as_str()) || books {
            continue;
        }
        let found = path.symlink_metadata().expect("metadata");
        let mut line = format!("{:o} {}:{}", found.mode(), found.uid(), found.gid());
        if found.is_dir() {
            walk(root, &path, left_out, lines);
        } else {
            let dated = !name.ends_with("/diversions");
            if dated {
                write!(line, " {}.{:09}", found.mtime(), found.mtime_nsec()).expect("text");
            }
            write!(line, " links {} {}", found.nlink(), content(&path, found.is_symlink())).expect("text");
        }
        lines.insert(name, line);
    }
}

fn content(path: &Path, is_link: bool) -> String {
    if is_link {
        return format!("-> {}", fs::read_link(path).expect("a link").display());
    }
    let mut hasher = DefaultHasher::new();
    fs::read(path).expect("a file").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// A machine's files at one moment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Snapshot(BTreeMap<String, String>);

impl Snapshot {
    /// Everything below `root` but some folders: a line of type, mode, owner,
    /// time, links and content for each path. A folder's time is left out (a
    /// rename changes it), and so is dpkg's own book-keeping.
    pub(crate) fn of(root: &Path, left_out: &[&str]) -> Self {
        let mut lines = BTreeMap::new();
        walk(root, root, left_out, &mut lines);
        Self(lines)
    }

    /// Fails, naming each path that differs, when `self` is not `before`.
    #[track_caller]
    pub(crate) fn assert_is(&self, before: &Self, when: &str) {
        let mut differences = String::new();
        for path in self.0.keys().chain(before.0.keys().filter(|path| !self.0.contains_key(*path))) {
            let (was, is) = (before.0.get(path), self.0.get(path));
            if was != is {
                writeln!(differences, "{path}\n  was {was:?}\n  is  {is:?}").expect("text");
            }
        }
        assert!(differences.is_empty(), "{when}:\n{differences}");
    }

    /// The same without the times of files below some folders, such as a
    /// fabricated `/proc`, where writing a value back is all that can be done.
    pub(crate) fn undated_below(mut self, folders: &[&str]) -> Self {
        for (path, line) in &mut self.0 {
            if folders.iter().any(|folder| path.starts_with(folder)) {
                let words: Vec<&str> = line.split(' ').collect();
                *line = words.into_iter().filter(|word| !word.contains('.')).collect::<Vec<_>>().join(" ");
            }
        }
        self
    }

    /// The same without some folders and all in them.
    pub(crate) fn without(mut self, folders: &[&str]) -> Self {
        let is_in = |path: &str, folder: &&str| {
            let name = path.split(' ').next().unwrap_or(path);
            name.strip_prefix(*folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.0.retain(|path, _| !folders.iter().any(|folder| is_in(path, folder)));
        self
    }

    /// The same without the times of what install.sh itself writes.
    pub(crate) fn undated(mut self) -> Self {
        for (path, line) in &mut self.0 {
            let ours = path.ends_with("usr/bin/ipmitool") || path.ends_with("loopshim/originals");
            if let Some(start) = line.find(' ').filter(|_| ours) {
                let rest: Vec<&str> = line[start..].split(' ').filter(|word| !word.contains('.')).collect();
                *line = format!("{}{}", &line[..start], rest.join(" "));
            }
        }
        self
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Done {
    command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")).into()
}

/// Whether these tests may enter another root.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A program of this machine.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(|folder| Path::new(folder).join(name));
    places.into_iter().find(|place| place.exists())
}

fn is_static(program: &Path) -> bool {
    run(Command::new("ldd").arg(program)).status != 0
}
