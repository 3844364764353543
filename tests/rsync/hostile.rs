//! Peers that lie: each attack is bytes as a real peer could send them, given
//! to a client as what its remote shell says, or to a server as its input.
//! Whatever they say: nothing beside the destination changes, memory stays
//! bounded, and the end comes soon and with the original's status, which is
//! attacked as well, so that an attack that is none is noticed.

mod bytes;
mod frames;
mod names;
mod options;
mod races;
mod requests;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::call::write_script;
use super::golden::plays;
use super::pending;
use super::snapshot::{self, Scope, Snapshot};
use super::subject::Subject;
use super::tree::{self, Entry};
use crate::support::skip::skip;

/// What a process may have of its own memory, in bytes: the original needs a
/// tenth of it.
const MEMORY: u64 = 256 << 20;

/// Seconds until an attack counts as a success: it keeps its victim busy.
const PATIENCE: &str = "30";

/// Whom an attack is on.
#[derive(Clone, Copy)]
enum Victim {
    /// The client, called with these arguments and a remote shell that plays.
    Client(&'static str),
    /// The server, called with these.
    Server(&'static str),
}

/// An attack.
struct Attack {
    /// What is lied about.
    name: &'static str,
    victim: Victim,
    /// What was there before; `to` is the destination, `from` a source.
    tree: &'static str,
    /// What the peer says.
    script: Vec<u8>,
    /// How it ends.
    ends: Ends,
    /// What may not exist afterwards; with `!` before it, what must.
    after: &'static [&'static str],
}

/// The status that an attack ends with.
#[derive(Clone, Copy)]
enum Ends {
    /// The same, whoever is attacked.
    With(i32),
    /// The original's, and what ours may end with.
    Apart(i32, &'static [i32]),
}

impl Ends {
    fn allows(self, subject: Subject, status: i32) -> bool {
        match (self, subject) {
            (Self::With(only), _) | (Self::Apart(only, _), Subject::Theirs) => status == only,
            (Self::Apart(_, ours), Subject::Ours) => ours.contains(&status),
        }
    }
}

/// A script comes all at once. The original takes what it has not asked for yet,
/// and misses the rest of the session. Ours refuses it, unless it has asked by
/// then; and a session that has said goodbye has no rest.
const EARLY: Ends = Ends::Apart(12, &[0, 2, 12]);

/// What is in the folder of every attack, and must be there afterwards.
const BESIDE: &str = "f victim/secret =secret\nf victim/sub/deeper =secret too\nd to\n";

fn attack(attacks: Vec<Attack>) {
    if !Subject::Theirs.program().exists() {
        return skip("hostile peers", "rsync (a package of that name)");
    }
    let case = std::thread::current().name().expect("a test").rsplit("::").next().expect("a name").to_owned();
    let mut failures = Vec::new();
    for attack in &attacks {
        for subject in [Subject::Theirs, Subject::Ours] {
            let found = attack.run(subject);
            if found.is_empty() {
                continue;
            }
            let found = format!("{} {}: {}", attack.name, subject.name(), found.join("\n  "));
            assert!(subject == Subject::Ours, "the original fell for it: {found}");
            failures.push((attack.name.to_owned(), found));
        }
    }
    pending::settle(&case, &failures);
}

impl Attack {
    /// What went wrong for that victim.
    fn run(&self, subject: Subject) -> Vec<String> {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
        let root = folder.path();
        let entries: Vec<Entry> = format!("{BESIDE}{}", self.tree).lines().map(Entry::parse).collect();
        tree::build(root, &entries, (0, 0));
        let script = root.join("said");
        fs::write(&script, &self.script).expect("a script");
        write_script(&root.join("shell"), &plays(Path::new("said")));
        let before = beside(root);
        let output = self.call(&subject.program(), root, &script);
        let mut found = snapshot::differences(&before, &beside(root));
        let status = output.status.code().or(output.status.signal().map(|signal| -signal)).unwrap_or(-1);
        if !self.ends.allows(subject, status) {
            found.push(format!("ended with {status}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        for path in self.after {
            let (path, wanted) = path.strip_prefix('!').map_or((*path, false), |path| (path, true));
            if fs::symlink_metadata(root.join(path)).is_ok() != wanted {
                found.push(format!("{path} {}", if wanted { "is gone" } else { "was made" }));
            }
        }
        found
    }

    fn call(&self, program: &Path, root: &Path, script: &Path) -> Output {
        let mut command = Command::new("/usr/bin/prlimit");
        command.arg(format!("--data={MEMORY}")).args(["timeout", "-s", "KILL", PATIENCE]).arg(program);
        match self.victim {
            Victim::Client(arguments) => {
                command.arg("--rsh=./shell").args(arguments.split(' ')).stdin(Stdio::null());
            }
            Victim::Server(arguments) => {
                let said = fs::File::open(script).expect("the script");
                command.arg("--server").args(arguments.split(' ')).stdin(said);
            }
        }
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir(root);
        command.output().expect("a run")
    }
}

/// Everything that is not the destination.
fn beside(root: &Path) -> Snapshot {
    let scope = Scope { now: i64::MAX, access_times: false };
    let mut all = snapshot::take(root, scope);
    all.retain(|path, _| path != "to" && !path.starts_with("to/") && path != "said");
    all
}
