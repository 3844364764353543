//! One call of a program and what it said.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use regex::Regex;

use super::subject::{Pair, Subject};
use super::tree::Owner;

/// How long a call may take before it counts as hanging, in seconds.
const LIMIT: &str = "60";

/// Who runs what, for one run of a case.
pub struct Surroundings {
    /// The folder in which calls are made; the remote shell starts there too.
    pub folder: PathBuf,
    /// A folder on another file system, where there is one.
    pub elsewhere: PathBuf,
    /// Where [`install`] put the programs and the remote shell.
    pub programs: PathBuf,
    /// Client and server.
    pub pair: Pair,
    /// Who runs them: nobody, or root where that is `(0, 0)`.
    pub user: Owner,
    /// Options for each call of `rsync`.
    pub options: String,
}

/// What a call did, but for what it left on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The exit status; 128 and the signal where a signal ended it.
    pub status: i32,
    /// Standard output, without what differs between runs.
    pub stdout: String,
    /// Standard error, the same, its lines sorted: several processes write it.
    pub stderr: Vec<String>,
}

/// A remote shell that stays on this machine: `lsh [-l USER] HOST COMMAND...`
/// runs COMMAND in $HOME, where `rsync` is the server of the pair. A daemon gets
/// the settings.
const REMOTE_SHELL: &str = "#!/bin/sh\n\
    while [ \"$1\" != lh ]; do\n\
    \x20   [ $# -gt 0 ] || { echo \"lsh: no host\" >&2; exit 255; }\n\
    \x20   shift\n\
    done\n\
    shift\n\
    cd \"$HOME\" && PATH=$SERVER_PATH\n\
    [ \"$3\" != --daemon ] || set -- \"$1 $2 $3 --config=${0%/*}/settings .\"\n\
    exec sh -c \"$*\"\n";

/// What a daemon serves that the remote shell starts: the folder of the calls.
const SETTINGS: &str =
    "[here]\npath = %HOME%\nread only = no\nuse chroot = no\nmunge symlinks = no\nuid = 0\ngid = 0\n";

/// Puts the programs and the remote shell into `folder`; copies of them where
/// an ordinary user is to run them, who may not reach the originals.
pub fn install(folder: &Path, as_user: bool) {
    for subject in [Subject::Theirs, Subject::Ours] {
        let place = folder.join(subject.name());
        std::fs::create_dir(&place).expect("a folder");
        if as_user {
            std::fs::copy(subject.program(), place.join("rsync")).expect("a copy");
        } else {
            std::os::unix::fs::symlink(subject.program(), place.join("rsync")).expect("a link");
        }
    }
    write_script(&folder.join("lsh"), REMOTE_SHELL);
    std::fs::write(folder.join("settings"), SETTINGS).expect("settings");
}

/// Writes an executable script.
pub fn write_script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).expect("a script");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}

impl Surroundings {
    /// Runs a line of shell in which `rsync` is the client.
    pub fn run(&self, line: &str) -> Said {
        let function = format!("rsync() {{ command rsync {} \"$@\"; }}\n{line}", self.options);
        let mut command = Command::new("/usr/bin/timeout");
        command.args(["-k", "5", LIMIT, "/bin/sh", "-c", &function]);
        let path = |subject: Subject| {
            format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.programs.join(subject.name()).display())
        };
        command
            .env_clear()
            .env("PATH", path(self.pair.client))
            .env("SERVER_PATH", path(self.pair.server))
            .env("HOME", &self.folder)
            .env("X", &self.elsewhere)
            .env("RSYNC_RSH", self.programs.join("lsh"))
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        if self.user != (0, 0) {
            use std::os::unix::process::CommandExt;
            command.uid(self.user.0).gid(self.user.1);
        }
        let output = command.output().expect("a shell");
        use std::os::unix::process::ExitStatusExt;
        let status = output.status.code().or(output.status.signal().map(|signal| 128 + signal));
        let mut stderr: Vec<String> = self.steady(&output.stderr).lines().map(str::to_owned).collect();
        stderr.sort();
        Said { status: status.expect("an end"), stdout: self.steady(&output.stdout), stderr }
    }

    /// Text without what differs from run to run: our folders, amounts and
    /// rates of the wire, random names, the program's own line numbers.
    fn steady(&self, bytes: &[u8]) -> String {
        static CHANGES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
            [
                (
                    r"sent [0-9.,KMGT]+ bytes  received [0-9.,KMGT]+ bytes  [0-9.,KMGT]+ bytes/sec",
                    "sent N bytes  received N bytes  N bytes/sec",
                ),
                (
                    r"sent [0-9.,]+ bytes  received [0-9.,]+ bytes  total size",
                    "sent N bytes  received N bytes  total size",
                ),
                (r"speedup is [0-9.,]+", "speedup is N"),
                // Left out where they come to nothing, which the machine's load decides.
                (r"File list (?:generation|transfer) time: [0-9.,]+ seconds\n", ""),
                (r"(Total bytes (?:sent|received)): [0-9.,]+[KMGT]?", "$1: N"),
                // Of a short list nothing goes out while it is made.
                (r"(File list size): [1-9][0-9.,]*[KMGT]?", "$1: N"),
                (r" +[0-9.,]+[kKMG]?B/s +[0-9:]+", " RATE TIME"),
                (r"\.[A-Za-z0-9]{6}(\W)", ".XXXXXX$1"),
                (r" at [a-z0-9_]+\.(?:c|rs)\([0-9]+\) \[(\w+)=[^\]]+\]", " at FILE(LINE) [$1=VERSION]"),
            ]
            .map(|(pattern, text)| (Regex::new(pattern).expect("a pattern"), text))
            .into()
        });
        let text = String::from_utf8_lossy(bytes).into_owned();
        let text = text.replace(self.folder.to_str().expect("in UTF-8"), "{run}");
        let mut text = text.replace(self.elsewhere.to_str().expect("in UTF-8"), "{other}");
        for (pattern, with) in CHANGES.iter() {
            text = pattern.replace_all(&text, *with).into_owned();
        }
        text
    }
}

/// Differences between what the judge said and what another did.
pub fn differences(expected: &Said, got: &Said) -> Vec<String> {
    let mut lines = Vec::new();
    if expected.status != got.status {
        lines.push(format!("status: expected {}, got {}", expected.status, got.status));
    }
    for teller in [Teller::Deleter, Teller::Remarker, Teller::Lister] {
        compare("stdout", &lines_of(expected, teller), &lines_of(got, teller), &mut lines);
    }
    compare("stderr", &expected.stderr, &got.stderr, &mut lines);
    lines
}

/// Who of the original's processes tells a line. They do not wait for one
/// another, so that only the order within each is the same in each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Teller {
    /// Deletions.
    Deleter,
    /// What was passed over, and why.
    Remarker,
    /// What was transferred.
    Lister,
}

fn teller(line: &str) -> Teller {
    const BEGINS: [&str; 10] = [
        "backed up ",
        "skipping ",
        "ignoring ",
        "not creating ",
        "[generator] ",
        "[sender] ",
        "[Receiver] ",
        "delta-transmission ",
        "cannot delete ",
        "IO error ",
    ];
    const ENDS: [&str; 6] = [
        " is over max-size",
        " is under min-size",
        " exists",
        " is newer",
        " is uptodate",
        " is not at destination",
    ];
    if line.starts_with("deleting ") || line.starts_with("*deleting ") {
        Teller::Deleter
    } else if BEGINS.iter().any(|begin| line.starts_with(begin)) || ENDS.iter().any(|end| line.ends_with(end))
    {
        Teller::Remarker
    } else {
        Teller::Lister
    }
}

fn lines_of(said: &Said, wanted: Teller) -> Vec<String> {
    said.stdout.lines().filter(|line| teller(line) == wanted).map(str::to_owned).collect()
}

fn compare(stream: &str, expected: &[String], got: &[String], lines: &mut Vec<String>) {
    if expected != got {
        lines.push(format!("{stream}: expected {expected:#?}\n    got {got:#?}"));
    }
}
